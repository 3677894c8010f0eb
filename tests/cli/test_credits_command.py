"""`stages credits`: whose work a deck shows, ready to be copied."""

from pathlib import Path

import attrs
import pytest

from stages.providers.media import Pictures, Sounds
from stages.records.media import Credit
from tests.cli.playing import Person
from tests.making import card
from tests.providers.sources import Toy

ANA = Credit(author="Ana", licence="CC BY 4.0", title="Red house", source="https://a.example/1")


def has(folder: Path, *credits_: tuple[str, Credit | None], kind: str = "picture") -> None:
    """Let the media of a deck have these credits, by the word of the card."""
    for word, credit in credits_:
        source = Toy(word, "picture" if kind == "picture" else "sound", credit=credit)
        if kind == "picture":
            Pictures(folder / ".stages" / "media", source).picture(card(word))
        else:
            Sounds(folder / ".stages" / "media", source).sound(card(word))


def test_credits_are_told_by_licence_and_author(person: Person, tmp_path: Path) -> None:
    """Sorted, with the address of the licence and of each work; what needs none is left out."""
    eva = Credit(author="eva", licence="CC BY-NC-SA 3.0", source="https://forvo.example")
    free = Credit(author="Ben", licence="CC0 1.0", licence_url="https://cc.example/zero")
    has(tmp_path, ("casa", ANA), ("perro", free), ("gato", None))
    has(tmp_path, ("agua", attrs.evolve(ANA, title="Blue house")))
    has(tmp_path, ("casa", eva), ("perro", eva), kind="sound")

    told = person("credits")

    assert told.code == 0
    assert told.err == ""
    assert told.out == (
        "CC BY 4.0\n"
        "  Ana (2 pictures)\n"
        "    Blue house: https://a.example/1\n"
        "    Red house: https://a.example/1\n"
        "CC BY-NC-SA 3.0\n"
        "  eva (2 sounds)\n"
        "    https://forvo.example\n"
        "CC0 1.0: https://cc.example/zero\n"
        "  Ben (1 picture)\n"
    )


def test_a_file_that_is_gone_needs_no_credit(person: Person, tmp_path: Path) -> None:
    """The folder of the deck that is named counts, and what lies in it."""
    (tmp_path / "other").mkdir()
    has(tmp_path / "other", ("casa", ANA))
    there = person("credits", "--to", "other/deck.apkg")
    for file in (tmp_path / "other" / ".stages" / "media").glob("*.png"):
        file.unlink()

    told = person("credits", "--to", "other/deck.apkg")

    assert "Ana (1 picture)" in there.out
    assert told.code == 0
    assert told.out == "No licence of what is in other/.stages/media asks for a credit.\n"


def test_a_folder_without_media_has_no_credits(person: Person, tmp_path: Path) -> None:
    """That is no error, and makes no folder."""
    told = person("credits")

    assert told.code == 0
    assert "asks for a credit" in told.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"\xff\xfe\n", b'{"kind": "picture"}\n', b"no JSON\n"])
def test_a_damaged_record_hides_no_other(person: Person, tmp_path: Path, damage: bytes) -> None:
    """What can be read is told."""
    has(tmp_path, ("casa", ANA))
    with (tmp_path / ".stages" / "media" / "made.jsonl").open("ab") as log:
        log.write(damage)

    told = person("credits")

    assert "Ana (1 picture)" in told.out
