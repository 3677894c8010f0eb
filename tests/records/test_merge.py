"""What a sync has to do: merged three ways, and nothing of the learner's lost unannounced."""

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages import FrozenMap
from stages.records.canonical import canonical_tags
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.difference import note_lines, type_lines
from stages.records.merge import (
    Conflicts,
    Kind,
    SyncPlan,
    Why,
    lost_in,
    planned,
    planned_types,
)
from stages.records.note import Note, NoteType, Template

FIELDS = ("Card ID", "Word", "Usage")
TYPE = NoteType(name="T", fields=FIELDS, templates=(Template("A", "{{Word}}", "{{Usage}}"),))
TEXTS = st.sampled_from(("", "a", "b", "<br>"))
TAGS = st.lists(st.sampled_from(("x", "X", "y", "mine", RETIRED_TAG)), max_size=3).map(
    lambda tags: canonical_tags(tuple(tags))
)
CONFLICTS = st.sampled_from(("theirs", "ours"))


def note(number: int, tags: tuple[str, ...] = (), deck: str = "D", **fields: str) -> Note:
    """Give a note."""
    texts = FrozenMap({"Card ID": f"c{number}", "Word": "", "Usage": "", **fields})
    return Note(guid=f"g{number}", note_type="T", deck=deck, fields=texts, tags=tags)


def notes(numbers: st.SearchStrategy[int] | None = None) -> st.SearchStrategy[FrozenMap[str, Note]]:
    """Give notes by guid, of which some are often those of others."""
    one = st.builds(
        note,
        st.integers(0, 3) if numbers is None else numbers,
        TAGS,
        st.sampled_from(("D", "E")),
        Word=TEXTS,
        Usage=TEXTS,
    )
    return st.lists(one, max_size=4).map(lambda found: FrozenMap({it.guid: it for it in found}))


def states() -> st.SearchStrategy[AnkiState]:
    """Give states of collections and of packages."""
    return st.builds(
        AnkiState,
        notes=notes(),
        pushed=notes(),
        note_types=st.just(FrozenMap({"T": TYPE})),
        is_package=st.booleans(),
        sees_edits=st.booleans(),
    )


WANTED = notes().map(lambda found: {it.fields["Card ID"]: it for it in found.values()})


def put(plan: SyncPlan, there: AnkiState, *, remember: bool = True) -> AnkiState:
    """Do what a plan says, as an honest collection does."""
    now = dict(there.notes)
    for one in plan.to_put:
        now[one.guid] = one
    pushed = dict(there.pushed)
    if remember:
        pushed |= {one.wanted.guid: one.wanted for one in plan.notes if one.kind is not Kind.GONE}
    return attrs.evolve(there, notes=FrozenMap(now), pushed=FrozenMap(pushed))


@given(wanted=WANTED, there=states(), conflicts=CONFLICTS, remember=st.booleans())
def test_what_was_put_leaves_nothing_to_put(
    wanted: Mapping[str, Note], there: AnkiState, conflicts: Conflicts, *, remember: bool
) -> None:
    """Also where the run was killed before anything was remembered."""
    plan = planned(wanted, there, conflicts=conflicts)
    after = put(plan, there, remember=remember)
    again = planned(wanted, after, conflicts=conflicts)
    assert [*lost_in(plan, after)] == []
    assert again.changed == ()
    assert again.to_put == plan.to_put
    if remember:
        assert again.texts(Why.CONFLICT) == ()
        assert [*note_lines(again.notes)] == []
        assert not any(one.adopted for one in again.notes)


@given(WANTED, states(), CONFLICTS)
def test_no_edit_of_the_learners_is_lost_unannounced(
    wanted: Mapping[str, Note], there: AnkiState, conflicts: Conflicts
) -> None:
    """
    A text that is not what we put last stands there afterwards as it is.

    Unless both changed it and ours shall win, or nobody knows who wrote it: then it is named.
    """
    plan = planned(wanted, there, conflicts=conflicts)
    for one in plan.notes:
        if one.note.guid not in there.notes:
            continue
        now, before = there.notes[one.note.guid], there.pushed.get(one.note.guid)
        told = {field.name: field for field in one.fields}
        for name, text in now.fields.items():
            is_edit = before is None or text != before.fields[name]
            if is_edit and one.note.fields[name] != text:
                assert told[name].there == text
                assert one.adopted or (told[name].why, conflicts) == (Why.CONFLICT, "ours")
            if name in told and told[name].why in (Why.KEPT, Why.PROTECTED):
                assert one.note.fields[name] == text
        if before and now.deck != before.deck:
            assert one.note.deck == now.deck


@given(WANTED, states(), CONFLICTS)
def test_only_what_we_changed_differs(
    wanted: Mapping[str, Note], there: AnkiState, conflicts: Conflicts
) -> None:
    """Each text of the merged note is what is there or ours, and each that is put is listed."""
    for one in planned(wanted, there, conflicts=conflicts).notes:
        ours, now = wanted[one.card], there.notes.get(one.note.guid)
        if now is None:
            assert one.kind in (Kind.CREATE, Kind.GONE)
            assert one.note == ours
            continue
        put_fields = {field.name for field in one.fields if field.is_put}
        for name in FIELDS:
            changes = one.note.fields[name] != now.fields[name]
            assert changes is (name in put_fields)
            assert one.note.fields[name] in (now.fields[name], ours.fields[name])
        if one.kind is Kind.UNCHANGED:
            assert one.note.fields == now.fields


@given(WANTED, states(), CONFLICTS)
def test_only_tags_of_ours_come_and_go(
    wanted: Mapping[str, Note], there: AnkiState, conflicts: Conflicts
) -> None:
    """The learner's stay, and one of ours that the learner took away stays away."""
    for one in planned(wanted, there, conflicts=conflicts).notes:
        now, before = there.notes.get(one.note.guid), there.pushed.get(one.note.guid)
        if now is None:
            continue
        had, has, want = (
            {tag.casefold() for tag in it.tags} for it in (now, one.note, wanted[one.card])
        )
        base = {tag.casefold() for tag in before.tags} if before else set()
        assert has - had <= want
        assert had - has <= (base | {RETIRED_TAG}) - want
        assert (has & base) - had == set()
        assert want - base - has == set()


@given(WANTED, states(), st.sets(st.sampled_from(FIELDS)), CONFLICTS)
def test_protected_fields_never_change(
    wanted: Mapping[str, Note], there: AnkiState, protected: set[str], conflicts: Conflicts
) -> None:
    """Once the note is there; a new note has them all."""
    for one in planned(wanted, there, protected=protected, conflicts=conflicts).notes:
        now = there.notes.get(one.note.guid)
        for name in protected:
            expected = now or wanted[one.card]
            assert one.note.fields[name] == expected.fields[name]


@given(WANTED, states())
def test_every_note_is_in_one_place(wanted: Mapping[str, Note], there: AnkiState) -> None:
    """Each card has one change, in their order; of the others none is in it."""
    plan = planned(wanted, there)
    assert [one.card for one in plan.notes] == list(wanted)
    guids = {one.guid for one in wanted.values()}
    assert {one.guid for one in plan.orphans} <= there.notes.keys() - guids
    if not there.sees_edits:
        assert {one.guid for one in plan.orphans} == there.notes.keys() - guids
        assert plan.cards(Kind.GONE) == ()


@pytest.mark.parametrize(
    ("there", "pushed", "ours", "why", "stands"),
    [
        pytest.param("a", "a", "a", None, "a", id="all alike"),
        pytest.param("b", "a", "b", None, "b", id="both changed it alike"),
        pytest.param("a", "a", "b", Why.UPDATE, "b", id="ours"),
        pytest.param("a", "a", "", Why.UPDATE, "", id="ours, emptied"),
        pytest.param("b", "a", "a", Why.KEPT, "b", id="theirs"),
        pytest.param("", "a", "a", Why.KEPT, "", id="theirs, emptied"),
        pytest.param("b", "a", "c", Why.CONFLICT, "b", id="both"),
        pytest.param("b", None, "c", Why.UPDATE, "c", id="nobody knows"),
        pytest.param("b", None, "<br>", Why.KEPT, "b", id="nothing of ours"),
    ],
)
def test_three_ways(there: str, pushed: str | None, ours: str, why: Any, stands: str) -> None:
    """What is there, what was put last, what is wanted now."""
    before = {} if pushed is None else {"g1": note(1, Word=pushed)}
    state = AnkiState(notes=FrozenMap({"g1": note(1, Word=there)}), pushed=FrozenMap(before))
    (change,) = planned({"c1": note(1, Word=ours)}, state).notes
    assert [field.why for field in change.fields] == ([why] if why else [])
    assert change.note.fields["Word"] == stands


def test_a_new_field_counts_as_empty_before() -> None:
    """So it is put where it is empty there, and a text of the learner's in it stays."""
    before = attrs.evolve(note(1), fields=FrozenMap({"Card ID": "c1", "Word": ""}))
    for there, stands in (("", "ours"), ("theirs", "theirs")):
        state = AnkiState(
            notes=FrozenMap({"g1": note(1, Usage=there)}), pushed=FrozenMap({"g1": before})
        )
        (change,) = planned({"c1": note(1, Usage="ours")}, state).notes
        assert change.note.fields["Usage"] == stands


def test_a_field_that_the_note_type_lacks_there_is_left_out() -> None:
    """Nothing is put into it, it is named if it has a text, and it is not remembered."""
    there = AnkiState(note_types=FrozenMap({"T": attrs.evolve(TYPE, fields=FIELDS[:2])}))
    one, two = planned({"c1": note(1, Usage="x"), "c2": note(2)}, there, note_types=[TYPE]).notes
    assert (one.left_out, two.left_out) == (("Usage",), ())
    assert set(one.note.fields) == set(one.wanted.fields) == set(FIELDS[:2])
    package = attrs.evolve(there, is_package=True)
    (whole,) = planned({"c1": note(1, Usage="x")}, package, note_types=[TYPE]).notes
    assert whole.note == note(1, Usage="x")


def test_the_difference_is_shown_where_it_is() -> None:
    """A long text is cut around it; what stays is said to stay, and why."""
    long = "una casa " * 20
    before = note(1, tags=("old",), Word=f"{long}azul {long}", Usage="a")
    there = attrs.evolve(before, fields=before.fields.put("Usage", "b"))
    ours = note(1, tags=("new",), Word=f"{long}verde {long}", Usage="c")
    state = AnkiState(notes=FrozenMap({"g1": there}), pushed=FrozenMap({"g1": before}))
    assert [*note_lines(planned({"c1": ours}, state).notes)] == [
        "changed note c1",
        '  Word: "…a casa una casa azul una casa una ca…" → "…a casa una casa verde una casa una ca…"',
        '  Usage: "b" (both were changed, and the learner\'s stays; ours: "c")',
        "  Tags: +new -old",
    ]


LOOKS = st.lists(st.sampled_from(("a", "b", "\n", "\r\n")), max_size=3).map("".join)


@given(old=LOOKS, new=LOOKS)
@example(old="a", new="a\n")
def test_any_two_looks_can_be_shown(old: str, new: str) -> None:
    """Those that differ in nothing but the ends of their lines among them."""
    before, ours = (NoteType(name="T", fields=(), templates=(), css=css) for css in (old, new))
    types = FrozenMap({"T": before})
    state = AnkiState(note_types=types, pushed_types=types)

    told = [*type_lines(planned_types([ours], state))]

    assert bool(told) is (old != new)
    only_ends = old != new and old.splitlines() == new.splitlines()
    assert ("  look: line ends changed" in told) is only_ends


SIDES = st.sampled_from(("{{Word}}", "{{Usage}}", "{{Word}} {{Usage}}"))


@st.composite
def note_types(draw: st.DrawFn) -> NoteType:
    """Give note types of one name, with some fields, templates and looks."""
    fields = (
        "Card ID",
        *draw(st.permutations(("Word", "Usage", "Own")))[: draw(st.integers(2, 3))],
    )
    names = draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True))
    templates = tuple(Template(name, draw(SIDES), draw(SIDES)) for name in names)
    return NoteType(name="T", fields=fields, templates=templates, css=draw(TEXTS))


@given(
    wanted=note_types(),
    now=note_types(),
    before=st.none() | note_types(),
    conflicts=CONFLICTS,
    consent=st.booleans(),
    is_package=st.booleans(),
)
def test_note_types_are_merged_as_notes_are(
    wanted: NoteType,
    now: NoteType,
    before: NoteType | None,
    conflicts: Conflicts,
    *,
    consent: bool,
    is_package: bool,
) -> None:
    """
    What is put leaves nothing to put; a collection keeps all it has, and gets no more unasked.

    A side that the learner changed stays, unless ours shall win or nobody knows whose it is.
    """
    pushed = FrozenMap({"T": before} if before else {})
    there = AnkiState(note_types=FrozenMap({"T": now}), pushed_types=pushed, is_package=is_package)

    def change_of(state: AnkiState) -> Any:
        (one,) = planned_types([wanted], state, conflicts=conflicts, schema_changes=consent)
        return one

    change = change_of(there)
    merged = change.note_type
    after = attrs.evolve(there, note_types=FrozenMap({"T": merged}))
    assert change_of(after).note_type == merged
    remembered = attrs.evolve(after, pushed_types=FrozenMap({"T": wanted}))
    if change.kind is not Kind.WITHHELD:
        assert change_of(remembered).kind is Kind.UNCHANGED
        assert [*type_lines([change_of(remembered)])] == []
    if is_package:
        assert (merged.fields, [one.name for one in merged.templates]) == (
            wanted.fields,
            [one.name for one in wanted.templates],
        )
        return
    assert merged.fields[: len(now.fields)] == now.fields
    assert [one.name for one in merged.templates][: len(now.templates)] == [
        one.name for one in now.templates
    ]
    if not consent:
        assert (merged.fields, len(merged.templates)) == (now.fields, len(now.templates))
    if before and conflicts == "theirs":
        sides = {one.name: one for one in before.templates}
        for old, new in zip(now.templates, merged.templates, strict=False):
            if old.name in sides and old.front != sides[old.name].front:
                assert new.front == old.front
