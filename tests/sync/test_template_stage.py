"""Note types and their templates to Anki."""

import attrs

from stages import SYNC, Context, FrozenMap, SyncRecord, sync_templates
from stages.providers.errors import Denied, Unavailable
from stages.records.collection import AnkiState
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing import MemoryAnki, check_stage
from tests.making import after, card, codes, last

NAME = VOCABULARY_NOTE.name


def holding(css: str = VOCABULARY_NOTE.css) -> MemoryAnki:
    """Give a collection that has our note type, with this look."""
    there = attrs.evolve(VOCABULARY_NOTE, css=css)
    return MemoryAnki(AnkiState(note_types=FrozenMap({NAME: there})))


def test_a_missing_note_type_is_put() -> None:
    """The record names it."""
    anki = MemoryAnki()
    outcome = sync_templates(anki_provider=anki)(Context.of(cards=[card()]))
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}
    assert after(outcome)[SYNC] == SyncRecord(note_types=(NAME,))
    assert last(outcome).message == "put 1 of 1 note types"


def test_one_that_differs_is_put() -> None:
    """A changed look is a difference."""
    anki = holding(css="old")
    sync_templates(anki_provider=anki)(Context.of(cards=[card()])).unwrap()
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}


def test_one_that_is_there_just_so_is_left_alone() -> None:
    """Putting it again would make Anki sync for nothing."""
    anki = holding()
    outcome = sync_templates(anki_provider=anki)(Context.of(cards=[card()]))
    assert anki.history == ["read"]
    assert after(outcome)[SYNC] == SyncRecord()


def test_without_cards_no_note_type_is_wanted() -> None:
    """Only note types that cards use are put."""
    anki = MemoryAnki()
    outcome = sync_templates(anki_provider=anki)(Context.of(cards=[]))
    assert anki.state == AnkiState()
    assert last(outcome).message == "put 0 of 0 note types"


def test_a_dry_run_only_reads() -> None:
    """Its plan has a line a note type."""
    anki = MemoryAnki()
    outcome = sync_templates(anki_provider=anki, dry_run=True)(Context.of(cards=[card()]))
    assert anki.history == ["read"]
    assert after(outcome)[SYNC] == SyncRecord(note_types=(NAME,), dry_run=True)
    assert last(outcome).planned == (f"note type {NAME}",)


def test_putting_leaves_nothing_to_put() -> None:
    """Plan after execution is empty."""
    anki = holding(css="old")
    context = Context.of(cards=[card()])
    sync_templates(anki_provider=anki)(context).unwrap()
    assert last(sync_templates(anki_provider=anki, dry_run=True)(context)).planned == ()


def test_what_other_stages_found_stays_in_the_record() -> None:
    """The record gathers what every sync stage did."""
    context = Context.of(cards=[card()], sync=SyncRecord(media=("x.png",)))
    record = after(sync_templates(anki_provider=MemoryAnki())(context))[SYNC]
    assert record == SyncRecord(note_types=(NAME,), media=("x.png",))


def test_an_anki_that_says_no_is_a_failure() -> None:
    """With the provider's code; no bug."""
    for method, error in (("read", Unavailable("is it open?")), ("put_note_types", Denied("no"))):
        anki = MemoryAnki(failures={method: error})
        outcome = sync_templates(anki_provider=anki)(Context.of(cards=[card()]))
        assert codes(outcome) == [(error.code, "sync_templates")]


def test_it_keeps_the_laws() -> None:
    """Also where Anki cannot be reached."""
    check_stage(sync_templates)
    check_stage(sync_templates(dry_run=True), examples=50)
    check_stage(sync_templates, anki_provider=MemoryAnki(failures={"read": Unavailable("no")}))
