"""What a sync would do, and what it did."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from stages import FrozenMap
from stages.records.media import Credit, Recording
from stages.records.note import Note, note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.records.sync import differences, media_of
from tests.making import card, picture, sound


def note(word: str, **fields: str) -> Note:
    """Give the note of a word's card."""
    return note_of(card(word, **fields), VOCABULARY_NOTE, "D", None, None)


def test_a_note_is_new_or_changed_or_neither() -> None:
    """By guid, and by what its fields say."""
    there = FrozenMap({one.guid: one for one in (note("casa"), note("ser"))})
    notes = {"a": note("casa"), "b": note("ser", definition="otra"), "c": note("ir")}
    assert differences(there, notes) == (("c",), ("b",))


def test_deck_and_tags_are_the_learners() -> None:
    """A note that was moved or tagged does not differ; one that lacks a tag of ours does."""
    mine = attrs.evolve(note("casa"), deck="Mine", tags=("Food", "mine"))
    there = FrozenMap({mine.guid: mine})
    for tags, updated in (((), ()), (("food",), ()), (("food", "noun"), ("a",))):
        wanted = attrs.evolve(note("casa"), tags=tags)
        assert differences(there, {"a": wanted}) == ((), updated)


@given(st.sets(st.sampled_from("abcde")), st.sets(st.sampled_from("abcde")))
def test_every_note_is_in_one_place(there: set[str], wanted: set[str]) -> None:
    """What is there just so is in neither list, and the order is that of the notes."""
    notes = {word: note(word) for word in sorted(wanted)}
    held = FrozenMap({one.guid: one for one in map(note, sorted(there))})
    assert differences(held, notes) == (tuple(sorted(wanted - there)), ())


def test_files_stand_once_and_by_name() -> None:
    """Whichever cards share them; media of no card are left out."""
    cards = (card("casa"), card("casa", "household"), card("ser"))
    images = {"casa_home": picture("z"), "casa_household": picture("z"), "other": picture("y")}
    sounds = {"casa": sound("casa"), "ir": sound("ir")}
    assert media_of(cards, images, sounds) == (sound("casa"), picture("z"))
    assert media_of((), images, sounds) == ()


def test_all_that_is_played_is_there() -> None:
    """Further recordings and examples too, each with its credit."""
    second = sound("second")
    by = Credit(author="Bo", licence="CC0")
    other = Recording(name=second.name, size=second.size, credit=by)
    first = attrs.evolve(sound("casa"), others=(other,))
    cards = (card("casa", example="Mi casa."), card("ser", example=""))
    sounds = {"casa": first, "Mi casa.": sound("mi"), "": sound("nothing")}
    files = {file.name: file for file in media_of(cards, {}, sounds)}
    assert set(files) == {first.name, second.name, sound("mi").name}
    assert files[second.name].credit == by


def test_one_name_is_one_file_whatever_is_said_of_it() -> None:
    """Two records of one file, told apart by their credit alone, are the first one."""
    other = attrs.evolve(picture("a"), credit=Credit(author="Ana", licence="CC0"))
    cards = (card("casa"), card("ser", "be"))
    for first, second in ((picture("a"), other), (other, picture("a"))):
        assert media_of(cards, {"casa_home": first, "ser_be": second}, {}) == (first,)
