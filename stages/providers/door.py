"""The door: what comes from outside as a picture or a sound is looked at before it is kept."""

import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stages.providers.errors import BadAnswer, Misconfigured
from stages.providers.vendor import line_of
from stages.records.media import extension
from stages.records.provenance import Kind

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


def demand_decoders(kind: Kind) -> None:
    """
    See that what comes can be looked at, before anybody is paid for it.

    Raises:
        Misconfigured: The library that decodes it is not installed.
    """
    if kind == "sound":
        _vendor("soundfile", "soundfile")
    else:
        _vendor("PIL.Image", "Pillow")


def check_picture(content: bytes) -> None:
    """
    Let a picture in that a card can show.

    Of one that moves, the first frame is looked at.

    Raises:
        BadAnswer: It is no picture, cannot be decoded, is of no sane size, or blank.
        Misconfigured: Pillow, which decodes pictures, is not installed.
    """
    kind = _typed(content, _PICTURES, "picture", _HEAVIEST_PICTURE)
    try:
        _look(content, kind)
    except (BadAnswer, Misconfigured):
        raise
    except Exception as error:  # decoders fail in every way there is
        raise _broken(f"{kind} picture", error) from None


def check_sound(content: bytes) -> None:
    """
    Let a sound in that a card can play.

    Raises:
        BadAnswer: It is no sound, cannot be decoded, is of no sane length, or silent.
        Misconfigured: soundfile, which decodes sounds, is not installed.
    """
    kind = _typed(content, _SOUNDS, "sound", _HEAVIEST_SOUND)
    try:
        _listen(content)
    except (BadAnswer, Misconfigured):
        raise
    except Exception as error:  # decoders fail in every way there is
        raise _broken(f"{kind} sound", error) from None


def _typed(content: bytes, kinds: frozenset[str], what: str, heaviest: int) -> str:
    """Give the true type of what is one of these kinds, and of no insane weight."""
    try:
        kind = extension(content)
    except ValueError as error:
        named = (it for form, it in _NO_MEDIA if re.match(form, content[:_BEGINNING], re.DOTALL))
        raise BadAnswer(f"what came is {next(named, error)}", _offered(kinds)) from None
    if kind not in kinds:
        raise BadAnswer(f"what came is no {what}, but {kind}", _offered(kinds))
    if len(content) > heaviest:
        found = f"{len(content) / _MEGABYTE:.1f} MB"
        raise BadAnswer(
            f"the {what} has {found}: it may have up to {heaviest // _MEGABYTE} MB",
            "give a smaller one: each device that learns with it keeps a copy",
        )
    return kind


def _look(content: bytes, kind: str) -> None:
    """Decode a picture, once its size is known to be sane."""
    with _opened(content, kind) as image:
        if not all(_NARROWEST <= side <= _WIDEST for side in image.size):
            width, height = image.size
            raise BadAnswer(
                f"the picture has {width} x {height} pixels: "
                f"each side may have from {_NARROWEST} to {_WIDEST}"
            )
        image.verify()  # the checksums of a PNG; whoever was verified cannot be loaded any more
    with _opened(content, kind) as image:
        image.load()
        # A pixel may be seen through; what a palette has says nothing of which colours are shown.
        coloured = image.has_transparency_data or image.mode == "P"
        shown = image.convert("RGBA") if coloured else image
        bands = _bands(shown.getextrema())
    if shown.mode == "RGBA" and bands[3][1] == 0:
        raise BadAnswer("the picture is blank: all of it is transparent")
    if all(most - least <= _ONE_SHADE for least, most in bands):
        raise BadAnswer("the picture is blank: all of it has one colour")


def _bands(extrema: Any) -> tuple[tuple[float, float], ...]:
    """Give least and most of every band, also of a picture that has one."""
    return extrema if isinstance(extrema[0], tuple) else (extrema,)


def _opened(content: bytes, kind: str) -> "ImageFile":
    """
    Open a picture with the decoder of its true type alone.

    `Image.open` would ask every decoder, and warn of large pictures instead of telling.
    """
    module, name = _DECODERS[kind]
    decoder: type[ImageFile] = getattr(_vendor(f"PIL.{module}", "Pillow"), name)
    return decoder(io.BytesIO(content))


def _listen(content: bytes) -> None:
    """Decode a sound, a piece at a time: its header may promise what it does not have."""
    soundfile = _vendor("soundfile", "soundfile")
    length, loudest = 0.0, 0.0
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        if not 1 <= file.channels <= _MOST_CHANNELS:
            raise BadAnswer(f"the sound has {file.channels} channels: it may have one or two")
        if not _LOWEST_RATE <= file.samplerate <= _HIGHEST_RATE:
            raise BadAnswer(
                f"the sound has {file.samplerate} samples a second: "
                f"from {_LOWEST_RATE} to {_HIGHEST_RATE} are played everywhere"
            )
        for count, loudness in _frames(file):
            length += count / file.samplerate
            loudest = max(loudest, loudness)
            if length > _LONGEST:
                raise BadAnswer(
                    f"the sound is longer than {_LONGEST} s", "give the word or sentence alone"
                )
    if length < _SHORTEST:
        raise BadAnswer(f"the sound lasts {length:.3f} s: speech lasts {_SHORTEST} s or more")
    if not loudest > _QUIETEST:
        raise BadAnswer(
            f"the sound is silent: its loudest moment has an RMS of {loudest:.4f}, "
            f"where speech has over {_QUIETEST}"
        )


def _frames(file: Any) -> Iterator[tuple[int, float]]:
    """Give piece after piece: how many samples, and the RMS of its loudest moment."""
    import numpy as np

    moment = round(file.samplerate * _MOMENT)
    for samples in file.blocks(moment * _MOMENTS, dtype="float32", always_2d=True):
        whole = len(samples) // moment * moment
        power = np.mean(samples[:whole].reshape(-1, moment * file.channels) ** 2, axis=1)
        yield len(samples), float(np.sqrt(np.nan_to_num(power).max(initial=0)))


def _broken(what: str, error: Exception) -> BadAnswer:
    # The text of what soundfile raises has the address of an object in it; this one has not.
    told = line_of(getattr(error, "error_string", str(error))) or type(error).__name__
    return BadAnswer(f"the {what} cannot be decoded: {told}", "it may have been cut off on its way")


def _offered(kinds: frozenset[str]) -> str:
    return f"one of {', '.join(sorted(kinds))} is shown or played on every device"


def _vendor(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise Misconfigured(
            f"{name} looks at what came, and cannot be loaded ({error})",
            'pip install "fluent-stages[offline]"',
        ) from None


_DECODERS = {
    "png": ("PngImagePlugin", "PngImageFile"),
    "jpg": ("JpegImagePlugin", "JpegImageFile"),
    "gif": ("GifImagePlugin", "GifImageFile"),
    "webp": ("WebPImagePlugin", "WebPImageFile"),
}
_PICTURES = frozenset(_DECODERS)
_SOUNDS = frozenset({"mp3", "ogg", "wav"})

# What a server sends in place of a file. None of it is repeated: it may hold an address with a key.
_BEGINNING = 1024
_NO_MEDIA = (
    (rb"\Z", "nothing: zero bytes"),
    (rb"(?:\xef\xbb\xbf)?\s*(?:<[?!].*?>\s*)*<svg", "an SVG drawing"),
    (rb"(?:\xef\xbb\xbf)?\s*<", "a web page"),
    (rb"(?:\xef\xbb\xbf)?\s*[{\[]", "a message in JSON"),
    (rb"[\t\r\n -~]{1,1024}\Z", "a text"),
)

_MEGABYTE = 1_000_000
_HEAVIEST_PICTURE = 20 * _MEGABYTE
_HEAVIEST_SOUND = 10 * _MEGABYTE
_NARROWEST, _WIDEST = 32, 8192  # pixels; both of the widest are fewer than Pillow warns of
_ONE_SHADE = 8  # of 255; a JPEG of one colour is not quite even
_SHORTEST, _LONGEST = 0.15, 60  # seconds
_QUIETEST = 0.005  # RMS, full scale being 1
_MOMENT = 0.01  # seconds over which loudness is taken
_MOMENTS = 500  # that are decoded at a time
_MOST_CHANNELS = 2
_LOWEST_RATE, _HIGHEST_RATE = 8_000, 96_000
