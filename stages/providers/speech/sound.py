"""What every offline voice shares: its parts are there, and its sound becomes an even mp3."""

import io
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VoiceMissing(Exception):
    """A voice cannot speak: something it needs is missing, damaged or of another machine."""


def require(module: str, extra: str) -> Any:
    """
    Import a vendor library that only an extra installs.

    Args:
        module: The name to import.
        extra: The extra of `fluent-stages` that brings it.

    Raises:
        VoiceMissing: It cannot be imported. The message keeps the loader's own words: a library
            built for another processor is "missing" as well, and only they tell.
    """
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise VoiceMissing(f"{module} cannot be loaded ({error}); {cure(extra)}") from error


def present(module: str, extra: str) -> None:
    """
    Make sure that a vendor library is installed, without running any of its code.

    Raises:
        VoiceMissing: It is not, or what is in its place is none.
    """
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise VoiceMissing(f"{module} cannot be loaded (it is not installed); {cure(extra)}")


def cure(extra: str) -> str:
    """
    Say how an extra is installed.

    >>> cure("offline")
    'pip install "fluent-stages[offline]"'
    """
    return f'pip install "fluent-stages[{extra}]"'


def joined(
    phrases: "Sequence[NDArray[np.float32]]", rate: int, pause: float = 0.2
) -> "NDArray[np.float32]":
    """
    Say one phrase after the other, with a pause of so many seconds between two.

    Raises:
        ValueError: There is no speech in one of them.
    """
    import numpy as np

    if len(phrases) == 1:
        return phrases[0]
    silence = np.zeros(round(rate * pause), np.float32)
    pieces = [piece for phrase in phrases for piece in (silence, _trim(phrase, rate))]
    return np.concatenate(pieces[1:])


def encode(samples: "NDArray[np.float32]", rate: int) -> bytes:
    """
    Make an mp3 of what is spoken: silence cut at both ends, as loud as everything else that is.

    The same samples give the same bytes.

    Args:
        samples: One channel, from -1 to 1.
        rate: Samples per second; one that mp3 knows, such as 22,050 or 24,000.

    Raises:
        ValueError: There is no speech in it: too quiet (RMS up to .005) or too short (up to .15 s).
        VoiceMissing: The library that writes mp3 is not installed.
    """
    writer = require("soundfile", "offline")
    speech = _level(_trim(samples, rate), rate)
    file = io.BytesIO()
    writer.write(file, speech, rate, format="MP3")
    return file.getvalue()


_SHORTEST = 0.15  # seconds
_QUIETEST = 0.005  # RMS, full scale being 1
_LOUDNESS = 0.08  # RMS that every word is brought to
_PEAK = 0.9  # an mp3 decoder may overshoot what was encoded by a little
_FRAME = 0.01  # seconds over which loudness is taken
_MARGIN = 0.04  # seconds kept around the speech
_FADE = 0.005  # seconds; a cut in the middle of a wave would click

# Of the loudest frame. A final [s] or [f] is far weaker than a vowel, so the cut is generous;
# loudness counts voiced sound only, or a word full of [s] would come out too loud.
_AUDIBLE = 0.01
_VOICED = 0.1


def _trim(samples: "NDArray[np.float32]", rate: int) -> "NDArray[np.float32]":
    import numpy as np

    loudness = _loudness(samples, rate)
    loudest = float(loudness.max(initial=0))
    if not loudest > _QUIETEST:
        raise ValueError(f"no sound: an RMS of {loudest:.4f}, where speech has over {_QUIETEST}")
    audible = np.flatnonzero(loudness > loudest * _AUDIBLE)
    frame = round(rate * _FRAME)
    first, last = int(audible[0]) * frame, (int(audible[-1]) + 1) * frame
    if not last - first > _SHORTEST * rate:
        raise ValueError(
            f"too short: {(last - first) / rate:.2f} s, where speech has over {_SHORTEST} s"
        )
    margin = round(rate * _MARGIN)
    speech = samples[max(0, first - margin) : last + margin].copy()
    fade = np.linspace(0, 1, round(rate * _FADE), dtype=np.float32)
    speech[: len(fade)] *= fade
    speech[-len(fade) :] *= fade[::-1]
    return speech


def _level(speech: "NDArray[np.float32]", rate: int) -> "NDArray[np.float32]":
    import numpy as np

    loudness = _loudness(speech, rate)
    voiced = loudness[loudness > loudness.max() * _VOICED]
    gain = min(_LOUDNESS / np.sqrt(np.mean(voiced**2)), _PEAK / np.abs(speech).max())
    return speech * np.float32(gain)


def _loudness(samples: "NDArray[np.float32]", rate: int) -> "NDArray[np.float32]":
    """Give the RMS of one frame after another; a part of a frame at the end is left out."""
    import numpy as np

    frame = round(rate * _FRAME)
    whole = len(samples) // frame * frame
    power: NDArray[np.float32] = np.mean(samples[:whole].reshape(-1, frame) ** 2, axis=1)
    return np.sqrt(power)
