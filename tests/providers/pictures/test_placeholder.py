"""A quiet picture that stands in until there is a better one."""

import hashlib
import io
import os
import subprocess
import sys
import time

import pytest
from PIL import Image, ImageChops

from stages.providers.pictures.placeholder import placeholder


def opened(png: bytes, size: int) -> Image.Image:
    """Decode a picture of a size."""
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (size, size))
        image.load()
        return image


def written(label: str, size: int = 128) -> tuple[int, int, int, int] | None:
    """Give the box that a label takes in the picture; None where nothing is written."""
    bare, labelled = (opened(placeholder("x", text, size), size) for text in ("", label))
    return ImageChops.difference(bare.convert("RGB"), labelled.convert("RGB")).getbbox()


@pytest.mark.parametrize("size", [32, 100, 512])
def test_a_picture_has_the_size_asked_for_and_is_not_blank(size: int) -> None:
    """A PNG, full of soft colours, with transparent corners."""
    image = opened(placeholder("house", "building", size), size)
    colours = image.convert("RGB").getcolors(size * size)
    assert colours is not None
    assert len(colours) > 20
    covered = image.getchannel("A")
    assert covered.getextrema()[1] == 255
    assert covered.tobytes()[0] < 20


@pytest.mark.parametrize("size", [-1, 0, 31])
def test_a_size_too_small_is_refused(size: int) -> None:
    """The message names it."""
    with pytest.raises(ValueError, match=f"a size of {size} pixels"):
        placeholder("house", "building", size)


def test_a_picture_is_the_same_in_every_process() -> None:
    """Whatever seed its hashes have."""
    here = hashlib.sha256(placeholder("año", "¿año?", 64)).hexdigest()
    assert hashlib.sha256(placeholder("año", "¿año?", 64)).hexdigest() == here
    code = (
        "import hashlib; from stages.providers.pictures.placeholder import placeholder;"
        f"print(hashlib.sha256(placeholder({'año'!a}, {'¿año?'!a}, 64)).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_meanings_are_told_from_each_other() -> None:
    """By colours and shapes alone, all kinds of shapes among them."""
    pictures = {placeholder(f"meaning-{n}", "", 64) for n in range(60)}
    assert len(pictures) == 60


def test_labels_are_told_from_each_other() -> None:
    """The same colours, another text."""
    assert placeholder("x", "river bank", 64) != placeholder("x", "bank", 64)


@pytest.mark.parametrize("label", ["", "  ", "\n\t"])
def test_an_empty_label_writes_nothing(label: str) -> None:
    """Blanks are none either."""
    assert written(label) is None


@pytest.mark.parametrize("letter", "ñéüáíóú¿¡ÑÉÜäöß")
def test_letters_of_other_languages_are_drawn(letter: str) -> None:
    """Each is seen, and is neither its bare letter nor the box of a letter that lacks."""
    bare = {"¿": "?", "¡": "!", "ß": "B"}.get(letter) or "nNeEuUaioAO"
    others = {placeholder("x", other, 64) for other in (*bare, "\ue000")}
    assert placeholder("x", letter, 64) not in others
    assert written(letter) is not None


LONG = {
    "few words": "the side of a river",
    "many words": "a word beside another word " * 100,
    "one word": "x" * 5_000,
    "one long word among short ones": "a " + "Donaudampfschifffahrt" * 20 + " b",
    "narrow letters": "i" * 5_000,
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("size", [32, 256])
def test_a_long_label_fits(kind: str, size: int) -> None:
    """It is cut, stays clear of the edges, and is written without delay."""
    start = time.perf_counter()
    box = written(LONG[kind], size)
    assert time.perf_counter() - start < 5
    assert box is not None
    left, top, right, bottom = box
    assert min(left, top) >= 0.08 * size
    assert max(right, bottom) <= 0.92 * size


def test_what_is_cut_ends_in_dots() -> None:
    """As many letters as fit, and the dots."""
    cut = placeholder("x", "y" * 300, 64)
    assert cut in {placeholder("x", "y" * n + "…", 64) for n in range(10, 40)}


def test_short_labels_are_written_larger() -> None:
    """They take as much room as there is."""
    short, long = written("ir"), written("to go away from here for a long while")
    assert short is not None
    assert long is not None
    assert short[0] > long[0]
    assert long[3] - long[1] > short[3] - short[1]
