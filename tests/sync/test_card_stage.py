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
    Note,
    Problem,
    Status,
    SyncRecord,
    sync_cards,
)
from stages.pipelines import sync
from stages.providers.errors import Denied, Unavailable
from stages.records.collection import RETIRED_TAG, AnkiState
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
    """With its note type and its media, which are put first; in the end all is remembered."""
    anki = MemoryAnki()
    outcome = sync_cards(anki_provider=anki)(CONTEXT)
    ser = note(SER, sound=sound("ser"))
    casa = note(CASA, image=picture("casa"), sound=sound("casa"))
    assert list(anki.state.notes.values()) == [ser, casa]
    assert anki.history == [
        "read",
        "backup",
        "put_note_types",
        "put_media",
        "put_notes",
        "read",
        "remember",
    ]
    assert anki.state.pushed == anki.state.notes
    assert anki.state.pushed_types == {VOCABULARY_NOTE.name: VOCABULARY_NOTE}
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


def test_a_sync_with_nothing_to_do_reads_once() -> None:
    """No backup, no second look, nothing to remember: what is put changes nothing."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    anki.history.clear()
    one(CONTEXT).unwrap()
    assert anki.history == ["read", "put_media", "put_notes"]


def test_tags_of_ours_come_and_go() -> None:
    """One that is gone from a card goes from its note; the learner's stay."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    tagged = attrs.evolve(CASA, tags=(*CASA.tags, "food"))
    one(CONTEXT).unwrap()
    edit(anki, CASA, tags=(*CASA.tags, "mine"))
    anki.touched.clear()
    outcome = one(CONTEXT.put(CARDS, (SER, tagged)))
    assert after(outcome)[SYNC] == SyncRecord(updated=("casa_home",), unchanged=1)
    assert anki.touched == [note(CASA).guid]
    assert set(anki.state.notes[note(CASA).guid].tags) == {*CASA.tags, "food", "mine"}
    dry = sync_cards(anki_provider=anki, dry_run=True)(CONTEXT)
    assert last(dry).planned == ("changed note casa_home", "  Tags: -food")
    assert after(one(CONTEXT))[SYNC].updated == ("casa_home",)
    assert set(anki.state.notes[note(CASA).guid].tags) == {*CASA.tags, "mine"}


def edit(anki: MemoryAnki, one: Card, tags: tuple[str, ...] | None = None, **fields: str) -> None:
    """Edit a note as a learner does."""
    there = anki.state.notes[note(one).guid]
    edited = attrs.evolve(
        there,
        fields=FrozenMap({**there.fields, **fields}),
        tags=there.tags if tags is None else tags,
    )
    anki.state = attrs.evolve(anki.state, notes=anki.state.notes.put(there.guid, edited))


def saying(one: Card, **fields: str) -> Card:
    """Give a card that says something else."""
    return attrs.evolve(one, fields=FrozenMap({**one.fields, **fields}))


def test_a_learners_edit_stays_and_is_counted() -> None:
    """Of a field that we did not change, however often we sync and whatever else we change."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    edit(anki, CASA, Definition="my own")
    changed = saying(CASA, Usage="new")
    for cards, updated in (((SER, CASA), 0), ((SER, changed), 1), ((SER, changed), 0)):
        outcome = one(CONTEXT.put(CARDS, cards))
        record = after(outcome)[SYNC]
        assert (len(record.updated), record.kept) == (updated, ("casa_home.Definition",))
        assert last(outcome).problems == ()
    there = anki.state.notes[note(CASA).guid].fields
    assert (there["Definition"], there["Usage"]) == ("my own", "new")
    assert last(outcome).message.endswith("; 1 edit of the learner's stay")


@pytest.mark.parametrize(("conflicts", "wins"), [("theirs", "my own"), ("ours", "ours now")])
def test_a_conflict_is_told_with_both_texts(conflicts: Any, wins: str) -> None:
    """`conflict`, once; the learner's stays unless ours shall win."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki, conflicts=conflicts)
    one(CONTEXT).unwrap()
    edit(anki, CASA, Definition="my own")
    ours = CONTEXT.put(CARDS, (SER, saying(CASA, Definition="ours now")))
    planned = last(one.bind(dry_run=True)(ours)).planned
    assert planned[0].endswith("note casa_home")
    outcome = one(ours)
    (told,) = last(outcome).problems
    assert (told.code, told.where) == ("conflict", "cards[casa_home].Definition")
    assert told.severity == "warning"
    assert '"my own"' in told.why
    assert '"ours now"' in told.why
    assert after(outcome)[SYNC].conflicts == ("casa_home.Definition",)
    assert anki.state.notes[note(CASA).guid].fields["Definition"] == wins
    anki.touched.clear()
    assert last(one(ours)).problems == ()
    assert anki.touched == []


def test_protected_fields_are_the_learners_once_the_note_is_there() -> None:
    """They are put with the note and never again, whoever changed what."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki, protected=("Usage",))
    one(CONTEXT.put(CARDS, (saying(CASA, Usage="first"),))).unwrap()
    assert anki.state.notes[note(CASA).guid].fields["Usage"] == "first"
    outcome = one(CONTEXT.put(CARDS, (saying(CASA, Usage="second"),)))
    assert after(outcome)[SYNC].updated == ()
    assert anki.state.notes[note(CASA).guid].fields["Usage"] == "first"


def test_what_was_there_before_us_is_adopted() -> None:
    """`replaced`: ours stands, nothing of ours empties theirs, and the note is named."""
    theirs = saying(CASA, Definition="theirs", Usage="theirs")
    old = note(theirs)
    anki = MemoryAnki(AnkiState(notes=FrozenMap({old.guid: old})))
    outcome = sync_cards(anki_provider=anki)(CONTEXT.put(CARDS, (CASA,)))
    assert codes(outcome) == [("replaced", "cards[casa_home]")]
    assert "Definition" in last(outcome).problems[0].why
    record = after(outcome)[SYNC]
    assert (record.adopted, record.kept) == (("casa_home",), ("casa_home.Usage",))
    there = anki.state.notes[old.guid].fields
    assert (there["Definition"], there["Usage"]) == (CASA.fields["Definition"], "theirs")
    again = sync_cards(anki_provider=anki)(CONTEXT.put(CARDS, (CASA,)))
    assert after(again)[SYNC].adopted == ()
    assert last(again).problems == ()


def test_a_note_that_the_learner_deleted_stays_deleted() -> None:
    """It is counted, and put again only when that is asked for."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    notes = {guid: it for guid, it in anki.state.notes.items() if guid != note(CASA).guid}
    anki.state = attrs.evolve(anki.state, notes=FrozenMap(notes))
    outcome = one(CONTEXT)
    assert after(outcome)[SYNC] == SyncRecord(unchanged=1, deleted=("casa_home",))
    assert note(CASA).guid not in anki.state.notes
    assert after(one.bind(recreate=True)(CONTEXT))[SYNC].created == ("casa_home",)
    assert note(CASA).guid in anki.state.notes


class Forgetful(MemoryAnki):
    """An Anki that loses what is put into one note, as one does whose editor is open."""

    lost = note(CASA).guid

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """Put the others."""
        super().put_notes(tuple(one for one in notes if one.guid != self.lost))


def test_what_did_not_stick_is_told_and_put_again() -> None:
    """`not-kept`: a note or a field that is not there when it is read back is not remembered."""
    forgetful = Forgetful()
    outcome = sync_cards(anki_provider=forgetful)(CONTEXT)
    assert codes(outcome) == [("not-kept", "cards[casa_home]")]
    assert last(outcome).status is Status.PARTIAL
    assert after(outcome)[SYNC].not_kept == ("casa_home",)
    Forgetful.lost = ""
    assert after(sync_cards(anki_provider=forgetful)(CONTEXT))[SYNC].created == ("casa_home",)
    Forgetful.lost = note(CASA).guid
    changed = CONTEXT.put(CARDS, (SER, attrs.evolve(saying(CASA, Usage="x"), tags=("x",))))
    outcome = sync_cards(anki_provider=forgetful)(changed)
    assert after(outcome)[SYNC].not_kept == ("casa_home.Usage", "casa_home.Tags")
    Forgetful.lost = ""
    outcome = sync_cards(anki_provider=forgetful)(changed)
    assert (after(outcome)[SYNC].updated, codes(outcome)) == (("casa_home",), [])


def test_notes_of_other_cards_stay_and_are_named() -> None:
    """Nothing is deleted."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    outcome = one(CONTEXT.put(CARDS, (SER,)))
    assert set(anki.state.notes) == {note(SER).guid, note(CASA).guid}
    record = after(outcome)[SYNC]
    assert record == SyncRecord(unchanged=1, orphans=("casa_home",))
    assert record.extra == 1


def test_notes_of_another_deck_or_language_are_nobodys_orphans() -> None:
    """Two word lists may share a note type; a note that the learner moved is still of its list."""
    anki = MemoryAnki()
    sync_cards(anki_provider=anki, deck="Deutsch")(CONTEXT.put(CARDS, (CASA,))).unwrap()
    other = attrs.evolve(CASA, language="de")
    sync_cards(anki_provider=anki)(CONTEXT.put(CARDS, (other,))).unwrap()
    one = sync_cards(anki_provider=anki)
    assert after(one(CONTEXT.put(CARDS, (SER,))))[SYNC].orphans == ()
    moved = attrs.evolve(anki.state.notes[note(SER).guid], deck="Mine")
    anki.state = attrs.evolve(anki.state, notes=anki.state.notes.put(moved.guid, moved))
    ir = CONTEXT.put(CARDS, (card("ir"),))
    assert after(one(ir))[SYNC].orphans == ("ser_be",)


@pytest.mark.parametrize("how", ["tag", "suspend"])
def test_orphans_are_tagged_or_suspended_once(how: Any) -> None:
    """On request; one that is wanted again loses the tag, and a warning says so."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki, orphans=how)
    one(CONTEXT).unwrap()
    dry = one.bind(dry_run=True)(CONTEXT.put(CARDS, (SER,)))
    assert last(dry).planned == (f"{how} note casa_home",)
    assert after(one(CONTEXT.put(CARDS, (SER,))))[SYNC].retired == ("casa_home",)
    assert RETIRED_TAG in anki.state.notes[note(CASA).guid].tags
    assert (note(CASA).guid in anki.suspended) is (how == "suspend")
    again = one(CONTEXT.put(CARDS, (SER,)))
    assert after(again)[SYNC] == SyncRecord(unchanged=1, orphans=("casa_home",))
    back = one(CONTEXT)
    assert codes(back) == [("returned", "cards[casa_home]")]
    assert RETIRED_TAG not in anki.state.notes[note(CASA).guid].tags


def test_orphans_are_deleted_by_exact_count_alone() -> None:
    """`wrong-count`: nothing at all is done before the number is right; a dry run names them."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki, orphans="delete")
    one(CONTEXT).unwrap()
    left = CONTEXT.put(CARDS, (SER,))
    anki.history.clear()
    for delete in (0, 2):
        outcome = one.bind(delete=delete)(left)
        assert codes(outcome) == [("wrong-count", "orphans")]
        assert failed(outcome).problems[0].hint == "delete=1 deletes casa_home"
    dry = one.bind(dry_run=True)(left)
    assert last(dry).planned == ("delete note casa_home",)
    assert set(anki.history) == {"read"}
    assert after(one.bind(delete=1)(left))[SYNC].retired == ("casa_home",)
    assert list(anki.state.notes) == [note(SER).guid]
    assert note(CASA).guid not in anki.state.pushed
    assert after(one(CONTEXT))[SYNC].created == ("casa_home",)


def test_of_many_notes_to_delete_a_few_are_named() -> None:
    """`wrong-count`: the rest is counted; a dry run names each."""
    anki = MemoryAnki()
    every = tuple(card(f"c{number}") for number in range(9))
    one = sync_cards(anki_provider=anki, orphans="delete")
    one(Context.of(cards=every)).unwrap()
    hint = failed(one(Context.of(cards=every[:1]))).problems[0].hint
    assert hint == "delete=8 deletes c1_home, c2_home, c3_home, c4_home, c5_home and 3 more"
    dry = one.bind(dry_run=True)(Context.of(cards=every[:1]))
    assert len(last(dry).planned) == 8


def test_a_backup_is_made_before_the_first_change() -> None:
    """Where anything changes, unless it is not wanted; the record says where it lies."""

    class Careful(MemoryAnki):
        def backup(self) -> str:
            super().backup()
            return "backup.colpkg"

    anki = Careful()
    assert after(sync_cards(anki_provider=anki)(CONTEXT))[SYNC].backup == "backup.colpkg"
    assert after(sync_cards(anki_provider=anki)(CONTEXT))[SYNC].backup == ""
    bold = Careful()
    sync_cards(anki_provider=bold, backup=False)(CONTEXT).unwrap()
    assert "backup" not in bold.history


def test_a_package_says_that_it_does_not_see_edits() -> None:
    """`edits-unseen`: importing replaces what was edited in the notes that changed, so it is told."""
    anki = MemoryAnki(AnkiState(is_package=True, sees_edits=False, where="deck.apkg"))
    one = sync_cards(anki_provider=anki)
    assert codes(one(CONTEXT)) == []
    outcome = one(CONTEXT.put(CARDS, (SER, saying(CASA, Usage="x"))))
    assert codes(outcome) == [("edits-unseen", "deck.apkg")]
    assert "1 note that changed: casa_home" in last(outcome).problems[0].why
    assert "fields of their own are emptied" in last(outcome).problems[0].why


def test_texts_without_a_field_are_told() -> None:
    """`no-such-field`: a field that was renamed by hand gets nothing, and the others do."""
    anki = MemoryAnki()
    sync_cards(anki_provider=anki)(CONTEXT).unwrap()
    fields = tuple("Palabra" if name == "Word" else name for name in VOCABULARY_NOTE.fields)
    renamed = attrs.evolve(VOCABULARY_NOTE, fields=fields)
    anki.state = attrs.evolve(anki.state, note_types=FrozenMap({VOCABULARY_NOTE.name: renamed}))
    outcome = sync_cards(anki_provider=anki)(CONTEXT.put(CARDS, (SER, saying(CASA, Usage="x"))))
    assert codes(outcome) == [("no-such-field", f"note_types[{VOCABULARY_NOTE.name}].Word")]
    assert "Palabra" in last(outcome).problems[0].why
    assert after(outcome)[SYNC].updated == ("casa_home",)
    assert anki.state.note_types[VOCABULARY_NOTE.name] == renamed


def test_a_dry_run_counts_on_the_fields_that_were_consented_to() -> None:
    """They are not there yet, and what is put into them is shown and no doubt."""
    anki = MemoryAnki()
    sync.bind(anki_provider=anki)(CONTEXT).unwrap()
    wider = attrs.evolve(VOCABULARY_NOTE, fields=(*VOCABULARY_NOTE.fields, "Mnemonic"))
    context = CONTEXT.put(CARDS, (SER, saying(CASA, Mnemonic="x")))
    one = sync.bind(anki_provider=anki, note_types=(wider,))

    for consent, lines in (
        (True, ("changed note casa_home", '  Mnemonic: "" → "x"')),
        (False, ()),
    ):
        outcome = one.bind(schema_changes=consent, dry_run=True)(context)
        assert codes(outcome) == []
        assert last(outcome).planned == lines


def test_a_note_type_that_was_renamed_stops_the_sync() -> None:
    """`note-type-gone`: a second one beside it would double every note."""
    anki = MemoryAnki()
    one = sync_cards(anki_provider=anki)
    one(CONTEXT).unwrap()
    anki.state = attrs.evolve(anki.state, note_types=FrozenMap(), notes=FrozenMap())
    anki.history.clear()
    outcome = one(CONTEXT)
    assert codes(outcome) == [("note-type-gone", f"note_types[{VOCABULARY_NOTE.name}]")]
    assert anki.history == ["read"]
    assert after(one.bind(recreate=True)(CONTEXT))[SYNC].created == ("ser_be", "casa_home")


def test_a_dry_run_only_reads() -> None:
    """Its plan has a line a note that is new or changed, and below it what differs."""
    anki = MemoryAnki(
        AnkiState(notes=FrozenMap({note(SER).guid: note(card("ser", "be", definition="vieja"))}))
    )
    outcome = sync_cards(anki_provider=anki, dry_run=True)(CONTEXT)
    assert anki.history == ["read"]
    assert last(outcome).planned == (
        "changed note ser_be (there already)",
        '  Definition: "vieja" → "lo que se dice"',
        f'  Sound: "" → "[sound:{sound("ser").name}]"',
        "new note casa_home",
    )
    assert last(outcome).message == "would put 1 new and 1 changed of 2 notes"
    assert after(outcome)[SYNC] == SyncRecord(
        created=("casa_home",), updated=("ser_be",), adopted=("ser_be",), dry_run=True
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


@pytest.mark.parametrize(
    "method", ["read", "backup", "put_note_types", "put_media", "put_notes", "remember"]
)
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
    assert len(anki.touched) == len([line for line in planned if not line.startswith("  ")])
    left = sync_cards(anki_provider=anki, dry_run=True)(Context.of(cards=cards))
    assert last(left).planned == ()
    assert after(left)[SYNC].unchanged == len(cards)


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(sync_cards)
    check_stage(sync_cards(dry_run=True), examples=50)
    check_stage(sync_cards, examples=50, anki_provider=MemoryAnki(failures={"read": Denied("no")}))
