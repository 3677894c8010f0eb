"""Cards to Anki, as notes."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    CARDS,
    SYNC,
    Card,
    Context,
    FrozenMap,
    Problem,
    SyncRecord,
    sync_cards,
)
from stages.providers.errors import Denied, Unavailable
from stages.records.collection import AnkiState
from stages.records.note import note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing import MemoryAnki, check_stage, values_of
from tests.making import after, card, codes, failed, last, picture, sound

CASA, SER = card("casa"), card("ser", "be")
CONTEXT = Context.of(
    cards=[SER, CASA],
    images={"casa_home": picture("casa")},
    sounds={"casa": sound("casa"), "ser": sound("ser")},
)


def note(one: Card, **media: Any) -> Any:
    """Give the note of a card in the deck that is there by default."""
    return note_of(one, VOCABULARY_NOTE, "Español", media.get("image"), media.get("sound"))


def test_every_card_becomes_a_note_in_its_order() -> None:
    """With its note type and its media, which are put first."""
    anki = MemoryAnki()
    outcome = sync_cards(anki_provider=anki)(CONTEXT)
    ser = note(SER, sound=sound("ser"))
    casa = note(CASA, image=picture("casa"), sound=sound("casa"))
    assert list(anki.state.notes.values()) == [ser, casa]
    assert anki.history == ["read", "put_note_types", "put_media", "put_notes"]
    assert after(outcome)[SYNC] == SyncRecord(created=("ser_be", "casa_home"))
    assert last(outcome).message == "put 2 new and 0 changed of 2 notes"
    assert last(outcome).counts == {"created": 2, "updated": 0, "unchanged": 0}


def test_only_notes_that_differ_are_touched() -> None:
    """The same cards again change nothing; a changed one changes its note alone."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    anki.touched.clear()
    again = one(CONTEXT)
    assert anki.touched == []
    assert after(again)[SYNC] == SyncRecord(unchanged=2)
    changed = attrs.evolve(CASA, fields=CASA.fields.put("Definition", "otra cosa"))
    outcome = one(CONTEXT.put(CARDS, (SER, changed)))
    assert anki.touched == [note(CASA).guid]
    assert after(outcome)[SYNC] == SyncRecord(updated=("casa_home",), unchanged=1)


def test_a_new_tag_is_reported_as_a_change() -> None:
    """What is touched is what the record names; a tag that is gone from a card touches nothing."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    tagged = attrs.evolve(CASA, tags=(*CASA.tags, "food"))
    one(CONTEXT).unwrap()
    anki.touched.clear()
    outcome = one(CONTEXT.put(CARDS, (SER, tagged)))
    assert after(outcome)[SYNC] == SyncRecord(updated=("casa_home",), unchanged=1)
    assert anki.touched == [note(CASA).guid]
    assert "food" in anki.state.notes[note(CASA).guid].tags
    anki.touched.clear()
    assert after(one(CONTEXT))[SYNC] == SyncRecord(unchanged=2)
    assert anki.touched == []


def test_notes_of_other_cards_stay_and_are_counted() -> None:
    """Nothing is deleted."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    outcome = one(CONTEXT.put(CARDS, (SER,)))
    assert set(anki.state.notes) == {note(SER).guid, note(CASA).guid}
    assert after(outcome)[SYNC] == SyncRecord(unchanged=1, extra=1)


def test_a_dry_run_only_reads() -> None:
    """Its plan has a line a note that is new or changed."""
    anki = MemoryAnki(
        AnkiState(notes=FrozenMap({note(SER).guid: note(card("ser", "be", definition="vieja"))}))
    )
    outcome = sync_cards(anki_provider=anki, dry_run=True)(CONTEXT)
    assert anki.history == ["read"]
    assert last(outcome).planned == ("new note casa_home", "changed note ser_be")
    assert last(outcome).message == "would put 1 new and 1 changed of 2 notes"
    assert after(outcome)[SYNC] == SyncRecord(
        created=("casa_home",), updated=("ser_be",), dry_run=True
    )


def test_no_cards_is_a_failure() -> None:
    """`no-cards`: an empty deck helps nobody, and nothing is asked."""
    anki = MemoryAnki()
    failure = failed(sync_cards(anki_provider=anki)(Context.of(cards=[])))
    assert failure.problems == (
        Problem("no-cards", "cards", "it is empty", "give words with meanings"),
    )
    assert anki.history == []


def test_a_card_of_an_unknown_note_type_is_a_failure() -> None:
    """`unknown-note-type` names card and note type; nothing is put."""
    anki = MemoryAnki()
    outcome = sync_cards(anki_provider=anki)(
        Context.of(cards=[attrs.evolve(CASA, note_type="Other"), SER])
    )
    assert codes(outcome) == [("unknown-note-type", "cards[casa_home]")]
    assert anki.history == []


def test_two_cards_of_one_id_are_a_failure() -> None:
    """`same-card`: one would silently replace the other."""
    anki = MemoryAnki()
    outcome = sync_cards(anki_provider=anki)(Context.of(cards=[CASA, SER, CASA]))
    assert codes(outcome) == [("same-card", "cards[casa_home]")]
    assert anki.history == []


@pytest.mark.parametrize("method", ["read", "put_note_types", "put_media", "put_notes"])
def test_an_anki_that_says_no_is_a_failure(method: str) -> None:
    """With the provider's code, and the cards kept."""
    error = Unavailable("is it open?") if method == "read" else Denied("it may not be written")
    outcome = sync_cards(anki_provider=MemoryAnki(failures={method: error}))(CONTEXT)
    assert codes(outcome) == [(error.code, "sync_cards")]
    assert failed(outcome).context[CARDS] == (SER, CASA)


def test_a_deck_of_another_name() -> None:
    """New notes go there."""
    anki = MemoryAnki()
    sync_cards(anki_provider=anki, deck="Idiomas::Español")(CONTEXT).unwrap()
    assert {one.deck for one in anki.state.notes.values()} == {"Idiomas::Español"}


def test_a_learner_may_move_and_tag_notes() -> None:
    """What is the learner's own stays through a sync."""
    mine = attrs.evolve(note(CASA), deck="Mine", tags=("mine",))
    anki = MemoryAnki(AnkiState(notes=FrozenMap({mine.guid: mine})))
    sync_cards(anki_provider=anki)(CONTEXT).unwrap()
    kept = anki.state.notes[mine.guid]
    assert kept.deck == "Mine"
    assert "mine" in kept.tags


@given(
    st.lists(values_of(Card), min_size=1, max_size=5, unique_by=lambda one: one.id),
    st.lists(values_of(Card), min_size=1, max_size=5, unique_by=lambda one: one.id),
)
def test_putting_leaves_nothing_to_put(old: list[Card], new: list[Card]) -> None:
    """Plan after execution is empty, whatever the collection held and whatever the cards say."""
    cards, before = (
        [attrs.evolve(one, note_type=VOCABULARY_NOTE.name) for one in those] for those in (new, old)
    )
    anki = MemoryAnki()
    sync_cards(anki_provider=anki)(Context.of(cards=before)).unwrap()
    planned = last(sync_cards(anki_provider=anki, dry_run=True)(Context.of(cards=cards))).planned
    anki.touched.clear()
    sync_cards(anki_provider=anki)(Context.of(cards=cards)).unwrap()
    assert len(anki.touched) >= len(planned)
    left = sync_cards(anki_provider=anki, dry_run=True)(Context.of(cards=cards))
    assert last(left).planned == ()
    assert after(left)[SYNC].unchanged == len(cards)


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(sync_cards)
    check_stage(sync_cards(dry_run=True), examples=50)
    check_stage(sync_cards, examples=50, anki_provider=MemoryAnki(failures={"read": Denied("no")}))
