"""A quiet picture that stands in until there is a better one."""

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]
Ink = tuple[int, int, int, int]  # how much it covers, last


def placeholder(seed: str, label: str, size: int = 512) -> bytes:
    """
    Draw a calm card that is told from others by its colours and shapes, with a label on it.

    Args:
        seed: Decides on colours and shapes, such as the id of a meaning.
        label: A few words, broken over lines as needed; empty for none. What does not fit is cut.
        size: Width and height in pixels, at least 32.

    Returns:
        A PNG with transparent corners; the same arguments give the same bytes.

    Raises:
        ValueError: A size too small.
        ImportError: Pillow is not installed.
    """
    from PIL import Image, ImageDraw

    check_size(size)
    # A text seeds alike in every process, unlike hash(); nothing here is a secret.
    chance = Random(seed)  # noqa: S311
    hue = 360 * chance.random()
    shapes = _MOTIFS[int(chance.random() * len(_MOTIFS))]

    corners = [_colour(0.95 - 0.025 * n, 0.045, hue + 14 * n) for n in range(4)]
    if round(chance.random()):  # the light falls from the other side
        corners = [corners[n] for n in (1, 0, 3, 2)]
    large = size * _FINER
    picture = _gradient(corners, large)
    shapes(ImageDraw.Draw(picture, "RGBA"), large, chance, _colour(0.72, 0.11, hue + 20))
    picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    _write(ImageDraw.Draw(picture), label, size, _colour(0.33, 0.06, hue))
    return framed(picture)


def check_size(size: int) -> None:
    """
    Make sure that there is room for a picture.

    Raises:
        ValueError: Fewer than 32 pixels.
    """
    if size < _SMALLEST:
        raise ValueError(f"a size of {size} pixels: a picture needs at least {_SMALLEST}")


def framed(picture: "Image") -> bytes:
    """Round the corners of a square picture and give it as a PNG."""
    from PIL import Image, ImageDraw

    size = picture.width
    large = size * _FINER
    mask = Image.new("L", (large, large))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, large - 1, large - 1), large * _CORNER, 255)
    picture.putalpha(mask.resize((size, size), Image.Resampling.LANCZOS))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _colour(lightness: float, chroma: float, hue: float, /) -> Colour:
    """
    Give the sRGB of an Oklch colour, in which all hues are equally light and equally strong.

    The matrices are those of Björn Ottosson's Oklab.
    """
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _channel(linear: float) -> int:
    linear = min(max(linear, 0.0), 1.0)
    straight, curved = 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * (straight if linear < _NEAR_BLACK else curved))


def _gradient(corners: Sequence[Colour], size: int) -> "Image":
    from PIL import Image

    four = Image.new("RGB", (2, 2))
    for n, colour in enumerate(corners):
        four.putpixel((n % 2, n // 2), colour)
    # From the middle of one pixel to the middle of the other: the whole run of colours.
    return four.resize((size, size), Image.Resampling.BILINEAR, (0.5, 0.5, 1.5, 1.5))


def _circle(
    draw: "ImageDraw", size: int, centre: tuple[float, float], radius: float, ink: Ink
) -> None:
    x, y, reach = centre[0] * size, centre[1] * size, radius * size
    draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=ink)


def _around(angle: float, away: float) -> tuple[float, float]:
    """Give the place so far from the middle of the picture, in that direction."""
    return 0.5 + away * math.cos(angle), 0.5 + away * math.sin(angle)


def _hills(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    _circle(draw, size, (0.2 + 0.6 * chance.random(), 0.2), 0.1, (*_WHITE, 150))
    for n in range(3):
        ground = 0.7 + 0.09 * n
        height = 0.03 + 0.04 * chance.random()
        waves = 0.8 + 0.9 * chance.random()
        start = math.tau * chance.random()
        line = [
            (x, size * (ground - height * math.sin(start + math.tau * waves * x / size)))
            for x in range(0, size + 1, 4)
        ]
        draw.polygon([*line, (size, size), (0, size)], fill=(*colour, 60))


def _rings(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    corner = round(chance.random()), round(chance.random())
    step = 0.15 + 0.05 * chance.random()
    for n in range(6, 0, -1):
        _circle(draw, size, corner, n * step, (*colour, 26) if n % 2 else (*_WHITE, 70))


def _bubbles(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    turn = math.tau * chance.random()
    for n in range(9):
        angle = turn + math.tau * n / 9
        away = 0.42 + 0.1 * chance.random()
        ink = (*colour, 60) if n % 3 else (*_WHITE, 120)
        _circle(draw, size, _around(angle, away), 0.05 + 0.11 * chance.random(), ink)


def _petals(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    count = 5 + int(4 * chance.random())
    turn = math.tau * chance.random()
    for n in range(count):
        angle = turn + math.tau * n / count
        _circle(draw, size, _around(angle, 0.27), 0.24, (*colour, 34))


def _ribbons(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    lean = (0.4 + 0.5 * chance.random()) * (1 if round(chance.random()) else -1)
    at = -1.0
    while at < 1 + abs(lean):
        width = 0.05 + 0.13 * chance.random()
        left, right = at * size, (at + width) * size
        slant = lean * size
        draw.polygon(
            [(left, 0), (right, 0), (right + slant, size), (left + slant, size)],
            fill=(*colour, 40),
        )
        at += width + 0.07 + 0.12 * chance.random()


def _facets(draw: "ImageDraw", size: int, chance: Random, colour: Colour) -> None:
    x, y = size * (0.25 + 0.5 * chance.random()), size * (0.25 + 0.5 * chance.random())
    step = math.tau / 7
    turn = step * chance.random()
    for n in range(7):
        sides = (turn + n * step, turn + (n + 1) * step)
        rim = [(x + 2 * size * math.cos(side), y + 2 * size * math.sin(side)) for side in sides]
        shade = 12 * (3 * n % 7)  # neighbours differ
        draw.polygon([(x, y), *rim], fill=(*colour, shade))


_MOTIFS: Sequence[Callable[["ImageDraw", int, Random, Colour], None]] = (
    _hills,
    _rings,
    _bubbles,
    _petals,
    _ribbons,
    _facets,
)


def _write(draw: "ImageDraw", label: str, size: int, ink: Colour) -> None:
    """Write the label in the middle, as large as it fits."""
    label = label.strip()[:_LONGEST]
    if not label:
        return
    room = size * _TEXT_WIDTH
    for share in _TEXT_HEIGHTS:
        font = _font(max(1, round(size * share)))
        lines = _wrapped(label, font, room)
        if len(lines) <= _MOST_LINES and all(font.getlength(line) <= room for line in lines):
            break
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], " ".join(lines[_MOST_LINES - 1 :])]
    leading = font.size * _LEADING
    top = size / 2 - leading * (len(lines) - 1) / 2
    for n, line in enumerate(lines):
        draw.text((size / 2, top + n * leading), _cut(line, font, room), ink, font, anchor="mm")


def _wrapped(label: str, font: "FreeTypeFont", room: float) -> list[str]:
    """Break a text into as few lines as hold it; a word too long has a line of its own."""
    words = label.split()
    lines = words[:1]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(line: str, font: "FreeTypeFont", room: float) -> str:
    """Shorten a line that is too long, even in the smallest letters."""
    if font.getlength(line) <= room:
        return line
    while line and font.getlength(f"{line}…") > room:
        line = line[:-1]
    return f"{line.rstrip()}…"


@cache
def _font(height: int) -> "FreeTypeFont":
    from PIL import ImageFont

    # Pillow's own font has no letter with an accent. The plain layout is the same on every machine.
    return ImageFont.truetype(_FONT, height, layout_engine=ImageFont.Layout.BASIC)


_FONT = Path(__file__).with_name("fonts") / "cabin-semibold.woff"

_NEAR_BLACK = 0.0031308  # below it, sRGB is straight
_WHITE = (255, 255, 255)
_SMALLEST = 32  # pixels
_FINER = 2  # shapes are drawn so many times as large, for smooth edges

# Of the width of the picture.
_CORNER = 0.09
_TEXT_WIDTH = 0.78
_TEXT_HEIGHTS = tuple(0.15 * 0.93**n for n in range(14))

_MOST_LINES = 4
_LONGEST = 400  # letters; far more than fit, and few enough to measure quickly
_LEADING = 1.16  # of the height of the letters
