"""Note types and their templates to Anki."""

import attrs

from stages import (
    SYNC,
    Context,
    FrozenMap,
    NoteType,
    Status,
    SyncRecord,
    Template,
    sync_templates,
)
from stages.providers.errors import Denied, Unavailable
from stages.records.collection import AnkiState
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing import MemoryAnki, check_stage
from tests.making import after, card, codes, last

NAME = VOCABULARY_NOTE.name


CONTEXT = Context.of(cards=[card()])
WIDER = attrs.evolve(
    VOCABULARY_NOTE,
    fields=(*VOCABULARY_NOTE.fields, "Mnemonic"),
    templates=(
        *VOCABULARY_NOTE.templates,
        Template("Spelling", "{{Definition}} {{Mnemonic}}", "{{Word}}"),
    ),
)


def holding(there: NoteType, pushed: NoteType | None = None) -> MemoryAnki:
    """Give a collection that has our note type so, and had it put so."""
    known = FrozenMap({NAME: pushed}) if pushed else FrozenMap[str, NoteType]()
    return MemoryAnki(AnkiState(note_types=FrozenMap({NAME: there}), pushed_types=known))


def looking(css: str) -> NoteType:
    """Give our note type with another look."""
    return attrs.evolve(VOCABULARY_NOTE, css=css)


def test_a_missing_note_type_is_put() -> None:
    """The record names it, and in the end it is remembered."""
    anki = MemoryAnki()
    outcome = sync_templates(anki_provider=anki)(CONTEXT)
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}
    assert anki.state.pushed_types == {NAME: VOCABULARY_NOTE}
    assert anki.history == ["read", "backup", "put_note_types", "read", "remember"]
    assert after(outcome)[SYNC] == SyncRecord(note_types=(NAME,))
    assert last(outcome).message == "put 1 of 1 note types"


def test_one_that_differs_is_put() -> None:
    """A changed look is a difference."""
    anki = holding(looking("old"), looking("old"))
    outcome = sync_templates(anki_provider=anki)(CONTEXT)
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}
    assert last(outcome).problems == ()


def test_a_look_that_nobody_knows_is_replaced_and_told() -> None:
    """`replaced`: it may have been the learner's."""
    anki = holding(looking("old"))
    outcome = sync_templates(anki_provider=anki)(CONTEXT)
    assert codes(outcome) == [("replaced", f"note_types[{NAME}]")]
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}
    assert codes(sync_templates(anki_provider=anki)(CONTEXT)) == []


def test_what_the_learner_changed_by_hand_stays() -> None:
    """As long as we do not change it; and if we do, a `conflict` is told and theirs stays."""
    anki = holding(looking("theirs"), VOCABULARY_NOTE)
    assert after(sync_templates(anki_provider=anki)(CONTEXT))[SYNC] == SyncRecord()
    assert anki.state.note_types[NAME].css == "theirs"
    for conflicts, css in (("theirs", "theirs"), ("ours", VOCABULARY_NOTE.css)):
        anki = holding(looking("theirs"), looking("old"))
        outcome = sync_templates.bind(anki_provider=anki, conflicts=conflicts)(CONTEXT)
        assert codes(outcome) == [("conflict", f"note_types[{NAME}].css")]
        assert anki.state.note_types[NAME].css == css
        assert codes(sync_templates(anki_provider=anki)(CONTEXT)) == []


def test_new_fields_and_templates_need_consent() -> None:
    """`needs-consent`: without it nothing of the note type is touched, and it is asked again."""
    anki = holding(looking("old"), looking("old"))
    one = sync_templates.bind(anki_provider=anki, note_types=(WIDER,))
    for outcome in (one(CONTEXT), one(CONTEXT)):
        assert codes(outcome) == [("needs-consent", f"note_types[{NAME}]")]
        assert "Mnemonic, Spelling" in last(outcome).problems[0].why
        assert "schema_changes=True" in last(outcome).problems[0].hint
        assert after(outcome)[SYNC] == SyncRecord(withheld=(NAME,))
    assert anki.state.note_types == {NAME: looking("old")}
    assert last(one.bind(dry_run=True)(CONTEXT)).planned == (
        f"note type {NAME} needs consent",
        "  new field Mnemonic",
        "  new template Spelling",
    )
    assert codes(one.bind(schema_changes=True)(CONTEXT)) == []
    assert anki.state.note_types == {NAME: WIDER}


def test_a_package_needs_no_consent() -> None:
    """It knows no AnkiWeb, and holds exactly what is put."""
    narrower = attrs.evolve(VOCABULARY_NOTE, fields=VOCABULARY_NOTE.fields[:-1])
    for there in (narrower, WIDER):
        state = AnkiState(note_types=FrozenMap({NAME: there}), is_package=True)
        anki = MemoryAnki(state)
        sync_templates(anki_provider=anki)(CONTEXT).unwrap()
        assert anki.state.note_types == {NAME: VOCABULARY_NOTE}


def test_nothing_is_taken_away_from_a_collection() -> None:
    """Fields and templates of the learner's stay, and those that are ours no more."""
    anki = holding(attrs.evolve(WIDER, css="old"), attrs.evolve(WIDER, css="old"))
    sync_templates(anki_provider=anki)(CONTEXT).unwrap()
    assert anki.state.note_types == {NAME: WIDER}


def test_a_template_that_the_learner_removed_stays_away() -> None:
    """It would bring cards back that nobody wants to see."""
    fewer = attrs.evolve(VOCABULARY_NOTE, templates=VOCABULARY_NOTE.templates[:1])
    anki = holding(fewer, VOCABULARY_NOTE)
    outcome = sync_templates(anki_provider=anki, schema_changes=True)(CONTEXT)
    assert after(outcome)[SYNC] == SyncRecord()
    assert anki.state.note_types == {NAME: fewer}


def test_a_side_that_asks_for_a_field_which_is_gone_is_not_put() -> None:
    """Anki would refuse it, so what stands there stays."""
    fields = tuple("Palabra" if name == "Word" else name for name in VOCABULARY_NOTE.fields)
    there = attrs.evolve(
        VOCABULARY_NOTE,
        fields=fields,
        templates=tuple(
            attrs.evolve(one, back=one.back.replace("{{Word}}", "{{Palabra}}"))
            for one in VOCABULARY_NOTE.templates
        ),
    )
    anki = holding(there, VOCABULARY_NOTE)
    ours = attrs.evolve(
        VOCABULARY_NOTE,
        templates=tuple(
            attrs.evolve(one, back=f"{one.back} new") for one in VOCABULARY_NOTE.templates
        ),
    )
    outcome = sync_templates(anki_provider=anki, note_types=(ours,), conflicts="ours")(CONTEXT)
    assert {code for code, _ in codes(outcome)} == {"conflict"}
    assert anki.state.note_types == {NAME: there}


def test_a_note_type_that_anki_would_refuse_is_a_failure() -> None:
    """Its placeholders are checked before anything is asked for."""
    wrong = attrs.evolve(VOCABULARY_NOTE, templates=(Template("A", "{{Wrod}}", "{{Word}}"),))
    anki = MemoryAnki()
    outcome = sync_templates(anki_provider=anki, note_types=(wrong,))(CONTEXT)
    assert [code for code, _ in codes(outcome)] == ["unknown-field"]
    assert anki.history == ["read"]


def test_a_note_type_that_was_renamed_is_a_failure() -> None:
    """`note-type-gone`: it is made anew only when that is asked for."""
    anki = MemoryAnki(AnkiState(pushed_types=FrozenMap({NAME: VOCABULARY_NOTE})))
    outcome = sync_templates(anki_provider=anki)(CONTEXT)
    assert codes(outcome) == [("note-type-gone", f"note_types[{NAME}]")]
    sync_templates(anki_provider=anki, recreate=True)(CONTEXT).unwrap()
    assert anki.state.note_types == {NAME: VOCABULARY_NOTE}


def test_what_did_not_stick_is_told_and_put_again() -> None:
    """`not-kept`: Anki ignores some of what it is given without a word."""

    class Deaf(MemoryAnki):
        def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
            super().put_note_types(tuple(attrs.evolve(one, css="old") for one in note_types))

    deaf = Deaf()
    for _ in range(2):
        outcome = sync_templates(anki_provider=deaf)(CONTEXT)
        assert ("not-kept", f"note_types[{NAME}]") in codes(outcome)
        assert last(outcome).status is Status.PARTIAL
    assert deaf.state.pushed_types == {}


def test_one_that_is_there_just_so_is_left_alone() -> None:
    """Putting it again would make Anki sync for nothing."""
    anki = holding(VOCABULARY_NOTE, VOCABULARY_NOTE)
    outcome = sync_templates(anki_provider=anki)(CONTEXT)
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
    anki = holding(looking("old"))
    dry = sync_templates(anki_provider=anki, dry_run=True)
    first = last(dry(CONTEXT)).planned
    assert first[0] == f"note type {NAME}"
    assert first[2] == "    -old"
    sync_templates(anki_provider=anki)(CONTEXT).unwrap()
    assert last(dry(CONTEXT)).planned == ()


def test_what_other_stages_found_stays_in_the_record() -> None:
    """The record gathers what every sync stage did."""
    context = Context.of(cards=[card()], sync=SyncRecord(media=("x.png",)))
    record = after(sync_templates(anki_provider=MemoryAnki())(context))[SYNC]
    assert record == SyncRecord(note_types=(NAME,), media=("x.png",))


def test_an_anki_that_says_no_is_a_failure() -> None:
    """With the provider's code; no bug."""
    for method, error in (
        ("read", Unavailable("is it open?")),
        ("backup", Denied("no")),
        ("put_note_types", Denied("no")),
    ):
        anki = MemoryAnki(failures={method: error})
        outcome = sync_templates(anki_provider=anki)(Context.of(cards=[card()]))
        assert codes(outcome) == [(error.code, "sync_templates")]


def test_it_keeps_the_laws() -> None:
    """Also where Anki cannot be reached."""
    check_stage(sync_templates)
    check_stage(sync_templates(dry_run=True), examples=50)
    check_stage(sync_templates, anki_provider=MemoryAnki(failures={"read": Unavailable("no")}))
