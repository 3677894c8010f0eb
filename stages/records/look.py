"""What is seen and heard in a media file, and what is wrong with that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

import attrs

from stages.core.problem import Problem, Severity
from stages.records.media import MediaFile
from stages.records.provenance import Kind

LONGEST = 60
"""More seconds than this of a sound are not heard."""

CURE = 'pip install "fluent-stages[offline]"'
"""What brings the libraries that decode pictures and sounds."""

WIDEST = 8192
"""A picture with more pixels than this on one side is not decoded: two of it fill a memory."""


@attrs.frozen(kw_only=True)
class Look:
    """
    What is in a picture or a sound once it is decoded.

    Attributes:
        kind: Its true type: "png", "mp3", ...
        what: Whether it is seen or heard.
        size: In bytes.
        width: In pixels; 0 of a sound.
        height: In pixels; 0 of a sound.
        blank: What all of a picture is; empty where there is something to see.
        seconds: How long a sound lasts, as far as it was heard; 0 of a picture.
        promised: How long its header says that it lasts; 0 where that is not said for certain.
        channels: Of a sound.
        rate: How many samples a second a sound has.
        loudest: The RMS of the loudest moment of a sound, full scale being 1.
        clipped: The share of a sound's samples that are as loud as can be, in runs of three or more.
        unseen: Why nobody could look inside, such as a library that is not installed.
    """

    kind: str
    what: Kind
    size: int
    width: int = 0
    height: int = 0
    blank: Literal["", "transparent", "one colour"] = ""
    seconds: float = 0.0
    promised: float = 0.0
    channels: int = 0
    rate: int = 0
    loudest: float = 0.0
    clipped: float = 0.0
    unseen: str = ""

    @property
    def is_sane(self) -> bool:
        """Whether what its header says can be decoded without harm."""
        if self.what == "picture":
            return max(self.width, self.height) <= WIDEST
        return 1 <= self.channels <= _MOST_CHANNELS and _LOWEST_RATE <= self.rate <= _HIGHEST_RATE


@attrs.frozen(kw_only=True)
class Use:
    """
    A file that is shown or played.

    Attributes:
        file: The file.
        texts: What is spoken in it, one for each text that it is played for; none where nobody knows.
    """

    file: MediaFile
    texts: tuple[str, ...] = ()


def uses_of(files: Iterable[MediaFile], spoken: Iterable[tuple[str, MediaFile]]) -> tuple[Use, ...]:
    """
    Give files with the texts that are spoken in them.

    Args:
        files: Each once.
        spoken: Texts, and the sound of each with its further recordings.
    """
    texts: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for text, sound in spoken:
        for name in sound.names:
            texts[name][text] = None
    return tuple(Use(file=file, texts=tuple(texts.get(file.name, ()))) for file in files)


def faults(look: Look) -> Iterator[Problem]:
    """
    Tell what keeps a picture or a sound from being of use; the places are yet to be said.

    What is an error cannot be seen or heard at all; what is a warning nobody would choose.

    >>> [str(one) for one in faults(Look(kind="png", what="picture", size=9, width=64, height=9))]
    ['the picture has 64 x 9 pixels: each side may have from 32 to 8192']
    """
    heaviest = _HEAVIEST[look.what]
    if look.size > heaviest:
        yield _warning(
            "too-heavy",
            f"the {look.what} has {how_large(look.size)}: "
            f"it may have up to {heaviest // _MEGABYTE} MB",
            "give a smaller one: each device that learns with it keeps a copy",
        )
    if look.unseen:
        return
    yield from _unseeable(look) if look.what == "picture" else _unhearable(look)


def how_large(size: int) -> str:
    """
    Say how many bytes something has.

    >>> how_large(1_234_567), how_large(12_345)
    ('1.2 MB', '12.3 kB')
    """
    return f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE / 10 else f"{size / 1000:.1f} kB"


def _unseeable(look: Look) -> Iterator[Problem]:
    size = (
        f"the picture has {look.width} x {look.height} pixels: "
        f"each side may have from {_NARROWEST} to {WIDEST}"
    )
    if not look.is_sane:
        yield Problem("too-large", "", size, "make it smaller")
    elif min(look.width, look.height) < _NARROWEST:
        yield _warning("too-small", size)
    if look.blank == "transparent":
        yield Problem("blank", "", "the picture is blank: all of it is transparent")
    elif look.blank:
        yield Problem("blank", "", "the picture is blank: all of it has one colour")


def _unhearable(look: Look) -> Iterator[Problem]:
    if not 1 <= look.channels <= _MOST_CHANNELS:
        why = f"the sound has {look.channels} channels: it may have one or two"
        yield _warning("odd-sound", why)
    elif not look.is_sane:
        yield _warning(
            "odd-sound",
            f"the sound has {look.rate} samples a second: "
            f"from {_LOWEST_RATE} to {_HIGHEST_RATE} are played everywhere",
        )
    elif look.seconds > LONGEST:
        why = f"the sound is longer than {LONGEST} s"
        yield _warning("too-long", why, "give the word or sentence alone")
    else:
        if look.seconds < _SHORTEST:
            why = f"the sound lasts {look.seconds:.3f} s: speech lasts {_SHORTEST} s or more"
            yield _warning("too-short", why)
        if not look.loudest > _QUIETEST:
            yield Problem(
                "silent",
                "",
                f"the sound is silent: its loudest moment has an RMS of {look.loudest:.4f}, "
                f"where speech has over {_QUIETEST}",
            )


def _warning(code: str, why: str, hint: str = "") -> Problem:
    return Problem(code, "", why, hint, Severity.WARNING)


_MEGABYTE = 1_000_000
_HEAVIEST = {"picture": 20 * _MEGABYTE, "sound": 10 * _MEGABYTE}
_NARROWEST = 32  # pixels
_SHORTEST = 0.15  # seconds
_QUIETEST = 0.005  # RMS, full scale being 1
_MOST_CHANNELS = 2
_LOWEST_RATE, _HIGHEST_RATE = 8_000, 96_000
