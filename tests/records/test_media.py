"""Pictures and sounds: what a media file is, and how it is named."""

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.records.media import (
    PICTURES,
    SOUNDS,
    Credit,
    MediaFile,
    Recording,
    content_matches,
    extension,
    is_media_name,
    media_name,
)
from stages.testing import SAMPLE_MEDIA, texts

HEADS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff\xe0": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ": "webp",
    b"ID3\x04": "mp3",
    b"\xff\xfb\x90": "mp3",
    b"\xff\xf3\x90": "mp3",
    b"OggS": "ogg",
    b"RIFF\n\n\n\nWAVEfmt ": "wav",
}


@pytest.mark.parametrize("head", HEADS)
def test_the_first_bytes_tell_the_type(head: bytes) -> None:
    """Whatever the file was called, and whatever bytes stand for its length."""
    assert extension(head + b"rest") == HEADS[head]


@pytest.mark.parametrize(
    "content", [b"", b"\x89PN", b"<svg", b"<html>", b"RIFF1234AVI ", b"\xff\xd8"]
)
def test_what_anki_cannot_show_or_play_has_no_type(content: bytes) -> None:
    """It is refused by its first bytes."""
    with pytest.raises(ValueError, match="neither a picture nor a sound"):
        extension(content)


@given(texts(), st.sampled_from(sorted(HEADS)), st.binary(max_size=20))
def test_a_name_is_safe_on_every_system(stem: str, head: bytes, rest: bytes) -> None:
    """ASCII, lower case, short, and no name that a system keeps for itself."""
    name = media_name(stem, head + rest)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{16}\.[a-z0-9]+", name)
    assert len(name) <= 40 + 1 + 16 + 5
    assert content_matches(name, head + rest)


@given(texts(), texts(), st.binary(), st.binary())
def test_equal_names_are_equal_bytes(stem: str, other: str, one: bytes, two: bytes) -> None:
    """The bytes decide, and what people see in the name does not."""
    one, two = b"GIF89a" + one, b"GIF89a" + two
    names = media_name(stem, one), media_name(other, two)
    assert (names[0].split("-")[-1] == names[1].split("-")[-1]) is (one == two)
    assert content_matches(names[0], two) is (one == two)


@pytest.mark.parametrize("stem", ["con", "NUL", "aux", "家", "", "../../x", "." * 9, "a" * 300])
def test_a_stem_that_would_do_harm_does_none(stem: str) -> None:
    """'con' is a Spanish word, and no file on Windows may be called so."""
    base = media_name(stem, b"GIF89a").partition(".")[0]
    assert base not in {"con", "nul", "aux"}
    assert "/" not in base
    assert not base.startswith((".", "-"))


def test_bytes_that_are_no_media_match_no_name() -> None:
    """A file that was cut to nothing is not what its name says."""
    assert not content_matches(next(iter(SAMPLE_MEDIA)), b"")
    assert not content_matches("", b"GIF89a")


@given(texts(), st.binary(max_size=20))
def test_a_name_that_was_given_is_known_for_one(stem: str, rest: bytes) -> None:
    """By the kind of file that it names."""
    assert is_media_name(media_name(stem, b"GIF89a" + rest), PICTURES)
    assert not is_media_name(media_name(stem, b"GIF89a" + rest), SOUNDS)
    assert is_media_name(media_name(stem, b"OggS" + rest), SOUNDS)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "made.jsonl",
        "backup",
        "../x-610f5ae4d76e3326.gif",
        "/etc/x-610f5ae4d76e3326.gif",
        "x\\y-610f5ae4d76e3326.gif",
        "C:x-610f5ae4d76e3326.gif",
        "x-610f5ae4d76e3326.gif\n",
        "X-610f5ae4d76e3326.gif",
        "x-610f5ae4d76e3326.exe",
        "x-610f5ae4d76e332.gif",
    ],
)
def test_a_name_that_was_not_given_is_none(name: str) -> None:
    """What leads elsewhere, what a folder keeps for itself, and what nobody can play."""
    assert not is_media_name(name)


def test_a_file_knows_all_its_names_and_credits() -> None:
    """Those of its further recordings too, first things first."""
    one, two = Credit(author="Ana", licence="CC0"), Credit(author="Bo", licence="CC0")
    file = MediaFile(
        name="a",
        size=1,
        provider="x",
        credit=one,
        others=(Recording(name="b", size=1), Recording(name="c", size=1, credit=two)),
    )
    assert file.names == ("a", "b", "c")
    assert file.credits == (one, two)
    assert not file.lesser
    assert attrs.evolve(file, synthetic=True).lesser


def test_a_credit_is_one_line() -> None:
    """Who, and under which licence."""
    assert Credit(author="Ana", licence="CC0").line == "Ana · CC0"
