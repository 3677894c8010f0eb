"""Looking into pictures and sounds: each is decoded here, once for the door and once for a check."""

import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import attrs

from stages.providers.errors import BadAnswer, Misconfigured
from stages.providers.vendor import line_of
from stages.records.look import CURE, LONGEST, Look
from stages.records.media import PICTURES, content_matches, extension, is_media_name
from stages.records.provenance import Kind

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile


def look_at(content: bytes) -> Look:
    """
    Decode a picture or a sound, and say what is in it.

    What its header says is believed only so far as it does no harm: a picture that would fill the
    memory is not decoded, and a sound is left after a minute. Of a picture that moves, the first
    frame is looked at.

    Raises:
        BadAnswer: It is neither, or cannot be decoded.
        Misconfigured: The library that decodes it is not installed.
    """
    try:
        kind = kind_of(content)
    except ValueError as error:
        raise BadAnswer(f"it is {error}") from None
    look = Look(kind=kind, what=_what(kind), size=len(content))
    try:
        return _seen(content, look) if look.what == "picture" else _heard(content, look)
    except Misconfigured:
        raise
    except Exception as error:  # decoders fail in every way there is
        # The text of what soundfile raises has the address of an object in it; this one has not.
        told = line_of(getattr(error, "error_string", str(error))) or type(error).__name__
        why = f"the {kind} {look.what} cannot be decoded: {told}"
        raise BadAnswer(why, "it may have been cut off on its way") from None


def looked_into(name: str, content: bytes, known: Look | None = None) -> Look:
    """
    Say what is in a file that lies under a name; one whose name has its hash has to be just that.

    Args:
        name: Of the file.
        content: Its bytes.
        known: What was seen in a file of this name before; it is so still if the name has its hash.

    Raises:
        BadAnswer: It is no picture or sound, cannot be decoded, or is not what its name says.
    """
    hashed = is_media_name(name)
    if hashed and not content_matches(name, content):
        why = f"{name} holds something else than its name says"
        raise BadAnswer(why, "delete it from the media folder, and it is made again")
    if hashed and known:
        return known
    try:
        return look_at(content)
    except Misconfigured as error:
        kind = kind_of(content)
        return Look(kind=kind, what=_what(kind), size=len(content), unseen=error.why)


def kind_of(content: bytes) -> str:
    """
    Give the true type of a picture or a sound.

    Raises:
        ValueError: It is none; the message names what it is, and repeats nothing of it.
    """
    try:
        return extension(content)
    except ValueError as error:
        named = (it for form, it in _NO_MEDIA if re.match(form, content[:_BEGINNING], re.DOTALL))
        raise ValueError(next(named, str(error))) from None


def demand_decoders(kind: Kind) -> None:
    """
    See that what comes can be looked at, before anybody is paid for it.

    Raises:
        Misconfigured: The library that does it is not installed.
    """
    if kind == "sound":
        _vendor("soundfile", "soundfile")
    else:
        _vendor("PIL.Image", "Pillow")


def _what(kind: str) -> Kind:
    return "picture" if kind in PICTURES else "sound"


def _seen(content: bytes, look: Look) -> Look:
    """Decode a picture, once its size is known to be sane."""
    with _opened(content, look.kind) as image:
        look = attrs.evolve(look, width=image.width, height=image.height)
        if not look.is_sane:
            return look
        image.verify()  # a PNG's checksums, which to load does not read; then it is opened anew
    with _opened(content, look.kind) as image:
        image.load()
        return attrs.evolve(look, blank=_blank(image))


def _blank(image: "Image") -> Literal["", "transparent", "one colour"]:
    # A pixel may be seen through; what a palette has says nothing of which colours are shown.
    coloured = image.has_transparency_data or image.mode == "P"
    shown = image.convert("RGBA") if coloured else image
    bands = _bands(shown.getextrema())
    if shown.mode == "RGBA" and bands[3][1] == 0:
        return "transparent"
    return "one colour" if all(most - least <= _ONE_SHADE for least, most in bands) else ""


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


def _heard(content: bytes, look: Look) -> Look:
    """Decode a sound, a piece at a time: its header may promise what it does not have."""
    soundfile = _vendor("soundfile", "soundfile")
    count, loudest, clipped = 0, 0.0, 0
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        look = attrs.evolve(look, channels=file.channels, rate=file.samplerate)
        if not look.is_sane:
            return look
        promised = _promised(content, look.kind, file.frames)
        for samples in _pieces(file):
            count += len(samples)
            loudest = max(loudest, _loudness(samples, look.rate))
            clipped += _clipped(samples)
            if count > LONGEST * look.rate:
                break
    return attrs.evolve(
        look,
        seconds=count / look.rate,
        promised=promised / look.rate,
        loudest=loudest,
        clipped=clipped / max(count, 1),
    )


def _promised(content: bytes, kind: str, frames: int) -> int:
    """
    Tell how many samples a sound says it has, where it says so for certain.

    Only an mp3 with a table of contents does: of others without one the length is a guess, and the
    decoder itself takes what there is of a wav or an ogg for all of it.
    """
    certain = kind == "mp3" and re.search(rb"Xing|Info", content[:_BEGINNING])
    return frames if certain else 0


def _pieces(file: Any) -> Iterator[Any]:
    """
    Give piece after piece of a sound, each a whole number of moments but for the last.

    `SoundFile.blocks` would go on to the length that the header says, over memory nobody wrote.
    """
    size = round(file.samplerate * _MOMENT) * _MOMENTS
    while len(samples := file.read(size, dtype="float32", always_2d=True)):
        yield samples


def _loudness(samples: Any, rate: int) -> float:
    """Give the RMS of the loudest moment."""
    import numpy as np

    moment = round(rate * _MOMENT)
    whole = len(samples) // moment * moment
    power = np.mean(samples[:whole].reshape(-1, moment * samples.shape[1]) ** 2, axis=1)
    return float(np.sqrt(np.nan_to_num(power).max(initial=0)))


def _clipped(samples: Any) -> int:
    """Count the samples at full scale that two others at full scale follow."""
    loud = (abs(samples) >= _FULL).any(axis=1)
    return int((loud[:-2] & loud[1:-1] & loud[2:]).sum())


def _vendor(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise Misconfigured(
            f"{name} looks at what came, and cannot be loaded ({error})", CURE
        ) from None


_DECODERS = {
    "png": ("PngImagePlugin", "PngImageFile"),
    "jpg": ("JpegImagePlugin", "JpegImageFile"),
    "gif": ("GifImagePlugin", "GifImageFile"),
    "webp": ("WebPImagePlugin", "WebPImageFile"),
}

# What a server sends in place of a file. None of it is repeated: it may hold an address with a key.
_BEGINNING = 1024
_NO_MEDIA = (
    (rb"\Z", "nothing: zero bytes"),
    (rb"(?:\xef\xbb\xbf)?\s*(?:<[?!].*?>\s*)*<svg", "an SVG drawing"),
    (rb"(?:\xef\xbb\xbf)?\s*<", "a web page"),
    (rb"(?:\xef\xbb\xbf)?\s*[{\[]", "a message in JSON"),
    (rb"[\t\r\n -~]{1,1024}\Z", "a text"),
)

_ONE_SHADE = 8  # of 255; a JPEG of one colour is not quite even
_MOMENT = 0.01  # seconds over which loudness is taken
_MOMENTS = 500  # that are decoded at a time
_FULL = 0.999  # the loudest that 16 bits have
