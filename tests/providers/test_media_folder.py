"""The folder in which pictures and sounds are kept, and never made twice."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Context, generate_images, pipe, validate_media
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Denied, NotFound, Rejected
from stages.providers.media_folder import MediaFolder
from stages.records.media import Credit, MediaFile
from stages.testing import MemoryImages
from tests.making import card, last

GIF = b"GIF89a picture"


def never() -> bytes:
    """Fail if anything is made."""
    raise AssertionError("it was made again")


def test_a_file_is_made_once_and_found_ever_after(tmp_path: Path) -> None:
    """Also by another run: the record lies beside the files."""
    made = MediaFolder(tmp_path).kept(("draw", "casa"), "Casa", lambda: GIF)
    assert made.name.startswith("casa-")
    assert made == MediaFile(name=made.name, size=len(GIF), provider="draw")
    assert MediaFolder(tmp_path).read(made.name) == GIF
    assert MediaFolder(tmp_path).kept(("draw", "casa"), "Casa", never) == made
    assert MediaFolder(tmp_path).found(("draw", "casa")) == made


def test_what_is_known_of_a_file_is_kept(tmp_path: Path) -> None:
    """Whose work it is, and whether it only stands in."""
    credit = Credit(author="Ana", licence="CC BY 4.0", source="https://example.org")
    folder = MediaFolder(tmp_path)
    made = folder.kept(("x",), "x", lambda: GIF, credit=credit, stand_in=True, synthetic=True)
    found = folder.found(("x",))
    assert made == found
    assert found is not None
    assert (found.credit, found.stand_in, found.synthetic) == (credit, True, True)


def test_another_request_is_another_file(tmp_path: Path) -> None:
    """Whatever decides what comes out tells requests apart."""
    folder = MediaFolder(tmp_path)
    assert folder.found(("draw", "casa")) is None
    one = folder.kept(("draw", "casa"), "x", lambda: GIF)
    other = folder.kept(("draw", "ser"), "x", lambda: GIF + b"!")
    assert one != other
    assert {path.name for path in tmp_path.glob("*.gif")} == {one.name, other.name}


def test_equal_bytes_are_kept_once(tmp_path: Path) -> None:
    """Two requests may have one answer."""
    folder = MediaFolder(tmp_path)
    one = folder.kept(("draw", "a"), "x", lambda: GIF)
    assert folder.kept(("draw", "b"), "x", lambda: GIF) == one
    assert len(list(tmp_path.glob("*.gif"))) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"RIFF1234AVI "])
def test_what_is_no_media_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    """A provider's error page is no picture."""
    with pytest.raises(BadAnswer, match="draw made neither a picture nor a sound"):
        MediaFolder(tmp_path).kept(("draw", "x"), "x", lambda: content)
    assert list(tmp_path.rglob("*")) == []


def test_a_maker_that_says_no_leaves_nothing(tmp_path: Path) -> None:
    """And it is asked again the next time."""

    def refuse() -> bytes:
        raise Rejected("no")

    folder = MediaFolder(tmp_path)
    with pytest.raises(Rejected):
        folder.kept(("draw", "x"), "x", refuse)
    assert folder.kept(("draw", "x"), "x", lambda: GIF).size == len(GIF)


def damage_record(path: Path) -> None:
    """Leave half a record."""
    record = next((path / "made").iterdir())
    record.write_bytes(record.read_bytes()[:20])


def empty_file(path: Path) -> None:
    """Empty the file itself."""
    next(path.glob("*.gif")).write_bytes(b"")


def remove_file(path: Path) -> None:
    """Remove the file itself."""
    next(path.glob("*.gif")).unlink()


@pytest.mark.parametrize("damage", [damage_record, empty_file, remove_file])
def test_what_was_damaged_is_made_again(tmp_path: Path, damage: object) -> None:
    """A record alone, or a file cut short, counts as none."""
    folder = MediaFolder(tmp_path)
    made = folder.kept(("draw", "x"), "x", lambda: GIF)
    damage(tmp_path)  # type: ignore[operator]
    assert folder.found(("draw", "x")) is None
    assert folder.kept(("draw", "x"), "x", lambda: GIF) == made
    assert folder.read(made.name) == GIF


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(NotFound, match=r"media file x\.gif is not there"):
        MediaFolder(tmp_path).read("x.gif")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "made/x.json", "/etc/passwd", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """A name from outside is no path."""
    (tmp_path.parent / "x").write_text("outside")
    with pytest.raises((NotFound, Denied)):
        MediaFolder(tmp_path).read(name)


@given(st.text())
def test_any_name_is_answered(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A file is read or refused; nothing else is raised."""
    folder = MediaFolder(tmp_path_factory.getbasetemp())
    with pytest.raises(ProviderError):
        folder.read(name)


def test_the_stages_check_what_it_holds(tmp_path: Path) -> None:
    """What was damaged after it was made is found by `validate_media`."""
    folder = MediaFolder(tmp_path)
    images = MemoryImages()
    made = generate_images(image_provider=images)(Context.of(cards=[card()]))
    (name,) = images.media.files
    (tmp_path / name).write_bytes(images.media.files[name])
    assert [p.code for p in last(pipe(made, validate_media(media_provider=folder))).problems] == [
        "no-sound"
    ]
    (tmp_path / name).write_bytes(b"GIF89a")
    assert "bad-answer" in [
        problem.code for problem in last(pipe(made, validate_media(media_provider=folder))).problems
    ]
