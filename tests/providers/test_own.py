"""A person's own pictures and recordings: found by id or word, however their names are written."""

import os
import sys
import time
import unicodedata
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap
from stages.providers.errors import Misconfigured, NotFound, Rejected
from stages.providers.media import Pictures, Sounds
from stages.providers.own import Folder, _plain
from stages.providers.source import Grade
from stages.records.card import Card
from tests.making import card
from tests.providers.sources import Toy, png, wav


def of(word: str, id: str) -> Card:  # noqa: A002
    """Give a card that is called just so."""
    return attrs.evolve(card(word), id=id)


def put(folder: Path, *names: str) -> Folder:
    """Put pictures into a folder, each of its own, and give the source."""
    for name in names:
        (folder / name).write_bytes(png(name))
    return Folder(folder, "picture")


def files(folder: Folder, asked: Card) -> list[str]:
    """Name the files that a card gets."""
    request = folder.request(asked)
    made = folder.make(asked, 0) if request else ()
    assert request is None or request["file"] == "/".join(one.details["file"] for one in made)
    return [one.details["file"] for one in made]


@pytest.mark.parametrize(
    "name",
    ["niña_pequeña.png", "NIÑA pequeña.PNG", "niña--Pequeña .jpeg", "Niña_-pequeña.webp"],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_may_be_written_in_many_ways(tmp_path: Path, name: str, form: str) -> None:
    """Case, accents apart or not, blanks, hyphens and underscores do not matter."""
    written = unicodedata.normalize(form, name)  # type: ignore[arg-type]
    folder = put(tmp_path, written)
    for asked in (of("niña pequeña", "x"), of("x", "niña-pequeña")):
        for one in (asked, attrs.evolve(asked, word=unicodedata.normalize("NFD", asked.word))):
            assert files(folder, one) == [written]


def test_accents_do_matter(tmp_path: Path) -> None:
    """A year is something else."""
    assert files(put(tmp_path, "año.png"), of("ano", "x")) == []


def test_the_id_goes_before_the_word(tmp_path: Path) -> None:
    """One word may have many cards; the word serves those that have nothing of their own."""
    folder = put(
        tmp_path, "banco.png", "bench.png", ".bench.png", "bench", "bench.txt", "bench.mp3"
    )
    (tmp_path / "money.png").mkdir()
    assert files(folder, of("banco", "bench")) == ["bench.png"]
    assert files(folder, of("banco", "bank")) == ["banco.png"]
    assert files(folder, of("silla", "chair")) == []
    with pytest.raises(NotFound, match="chair"):
        folder.make(of("silla", "chair"), 0)


def test_numbered_ones_come_after(tmp_path: Path) -> None:
    """They are candidates; in the order of their numbers, unless an id is called so."""
    folder = put(tmp_path, "casa-10.png", "casa-2.png", "Casa.png", "casa 3.gif", "casa-x.png")
    assert files(folder, of("casa", "x")) == [
        "Casa.png",
        "casa-2.png",
        "casa 3.gif",
        "casa-10.png",
    ]
    assert files(folder, of("casa", "casa-2")) == ["casa-2.png"]


def test_it_is_best_and_asks_nobody(tmp_path: Path) -> None:
    """Its picture comes as soon as it is there, follows the file, and goes with it."""
    mine = tmp_path / "mine"
    mine.mkdir()
    folder = Folder(mine, "picture")
    assert (folder.grade, folder.local) == (Grade.OWN, True)
    assert folder.price(card(), 0) == 0
    pictures = Pictures(tmp_path / "media", folder, Toy())
    assert pictures.picture(card()).provider == "toy"
    names = set()
    for content in (png("a"), png("bb")):
        (mine / "casa.png").write_bytes(content)
        assert pictures.existing([card()]) == {}
        names.add(pictures.picture(card()).name)
        assert pictures.existing([card()])["casa_home"].provider == "own"
    assert len(names) == 2
    (mine / "casa.png").unlink()
    assert pictures.existing([card()]) == {}
    assert pictures.picture(card()).provider == "toy"


def test_recordings_are_all_played(tmp_path: Path) -> None:
    """And an example does not get that of its word, though it has the id of its card."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("home.wav", "home-2.wav", "home.png"):
        (mine / name).write_bytes(wav(name))
    sounds = Sounds(tmp_path / "media", Folder(mine, "sound"), Toy("toy", "sound"))
    word = attrs.evolve(of("casa", "home"), example="Mi casa.")
    assert len(sounds.sound(word).names) == 2
    sentence = attrs.evolve(word, word="Mi casa.")
    assert sounds.sound(sentence).provider == "toy"
    (mine / "Mi casa..wav").write_bytes(wav("sentence"))
    assert sounds.existing([sentence]) == {}
    assert sounds.sound(sentence).provider == "own"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", png("x")[:-900], b"ftypheic"],
    ids=["empty", "page", "half", "heic"],
)
def test_what_cannot_be_shown_is_said_by_name(tmp_path: Path, content: bytes) -> None:
    """It is left out where there is another, and refused where there is none."""
    folder = put(tmp_path, "casa-2.png")
    (tmp_path / "casa.png").write_bytes(content)
    (made,) = folder.make(of("casa", "x"), 0)
    assert made.details["file"] == "casa-2.png"
    assert "casa.png" in made.doubts[0]
    (tmp_path / "casa-2.png").unlink()
    with pytest.raises(Rejected, match=r"casa\.png cannot be used"):
        folder.make(of("casa", "x"), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="no such thing there")
def test_what_cannot_be_read_is_said_by_name(tmp_path: Path) -> None:
    """A link to nowhere is no file; a folder is not read."""
    folder = put(tmp_path)
    (tmp_path / "casa.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sol.png").mkdir()
    assert folder.request(of("casa", "x")) is None
    with pytest.raises(Rejected, match=r"casa\.png cannot be read"):
        folder.make(of("casa", "x"), 0)
    with pytest.raises(Rejected, match=r"sol\.png cannot be read"):
        folder.make(of("sol", "x"), 0)


def test_what_is_huge_is_not_read_whole(tmp_path: Path) -> None:
    """It would be on every device."""
    folder = put(tmp_path)
    with (tmp_path / "casa.png").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(Rejected, match=r"casa\.png is larger than 20 MB"):
        folder.make(of("casa", "x"), 0)


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    """It is found out at once; one that goes away later has nothing."""
    for path in (tmp_path / "nowhere", tmp_path / "a\0b", Path(__file__)):
        with pytest.raises(Misconfigured, match="there is no folder"):
            Folder(path, "picture")
    mine = tmp_path / "mine"
    mine.mkdir()
    folder = put(mine, "casa.png")
    (mine / "casa.png").unlink()
    mine.rmdir()
    assert folder.request(card()) is None


@pytest.mark.parametrize("word", ["", ".", "..", "../secret", "a/b", "a\0b", "\ud83d", "x" * 9999])
def test_no_word_leads_out_of_the_folder(tmp_path: Path, word: str) -> None:
    """A word is looked up, and is no path."""
    (tmp_path / "secret.png").write_bytes(png("secret"))
    mine = tmp_path / "mine"
    mine.mkdir()
    asked = attrs.evolve(card(), id=word, word=word)
    assert put(mine, "casa.png").request(asked) is None


@given(st.text(max_size=8))
def test_a_name_says_the_same_in_every_form(text: str) -> None:
    """However it is taken apart or written, and again."""
    said = _plain(text)
    assert _plain(said) == said
    assert _plain(unicodedata.normalize("NFD", text)) == said
    assert _plain(unicodedata.normalize("NFC", text)) == said


def test_ten_thousand_cards_take_one_listing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that come are seen at once all the same."""
    for number in range(2_000):
        (tmp_path / f"w{number}.png").touch()
    time.sleep(0.05)
    folder = Folder(tmp_path, "picture")
    listed: list[object] = []
    real = os.listdir

    def listdir(path: str) -> list[str]:
        listed.append(path)
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    cards = [
        Card(id=f"i{n}", note_type="", word=f"w{n}", language="es", fields=FrozenMap())
        for n in range(10_000)
    ]
    assert sum(folder.request(one) is not None for one in cards) == 2_000
    assert listed == []
    (tmp_path / "w9999.png").touch()
    assert folder.request(cards[-1]) is not None
    (tmp_path / "i0.png").touch()
    request = folder.request(cards[0])
    assert request is not None
    assert request["file"] == "i0.png"
