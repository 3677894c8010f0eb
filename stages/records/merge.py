"""
What a sync has to do: what is wanted, what is there, and what was wanted last, merged three ways.

All is pure: a plan is made of three states and says what shall be there and why. What only we
changed is put, what only the learner changed stays, and where both did, the learner's stays and the
conflict is told.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Literal, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_tags
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.note import CSS, ID_FIELD, LANGUAGE_FIELD, Note, NoteType
from stages.records.template import SPECIAL, TemplateError, fields_in, is_blank

Conflicts: TypeAlias = Literal["theirs", "ours"]
"""Whose text stands in the end where both sides changed it."""

TAGS = "Tags"
"""What stands for the tags of a note where its fields are named."""


class Kind(StrEnum):
    """What becomes of a note or a note type."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    GONE = "gone"
    """It was put before and is not there: the learner deleted it, so it is not put."""
    WITHHELD = "withheld"
    """It has new fields or templates, and nobody consented to them."""


class Why(StrEnum):
    """Why a text that differs is put or stays."""

    UPDATE = "update"
    """Only ours changed, or nobody knows: ours is put."""
    KEPT = "kept"
    """Only the learner's changed: it stays."""
    CONFLICT = "conflict"
    """Both changed: the learner's stays, unless ours shall win."""
    PROTECTED = "protected"
    """The field is the learner's once the note is there."""


@attrs.frozen(kw_only=True)
class TextChange:
    """
    One text that differs: a field of a note, a side of a template, or the look of a note type.

    Attributes:
        name: The field; "css"; or the template and its side, such as "Recall.front".
        why: Why it is put or stays.
        there: What stands there now.
        ours: What is wanted.
        value: What shall stand there: one of the two.
    """

    name: str
    why: Why
    there: str
    ours: str
    value: str

    @property
    def is_put(self) -> bool:
        """Whether what is there is replaced."""
        return self.value != self.there


@attrs.frozen(kw_only=True)
class NoteChange:
    """
    What becomes of one note.

    Attributes:
        card: The id of its card.
        kind: Whether it is created, updated, or left.
        wanted: As it is wanted, with the fields that its note type has there.
        note: As it shall be: ours and the learner's merged.
        fields: Those that differ, in order; none where it is created.
        tags_added: Tags that it gets.
        tags_removed: Tags of ours that it loses.
        adopted: Whether it was there though nobody knows of having put it.
        returns: Whether it was retired before.
        left_out: Fields that have a text, and that the note type does not have there.
    """

    card: str
    kind: Kind
    wanted: Note
    note: Note
    fields: tuple[TextChange, ...] = ()
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    adopted: bool = False
    returns: bool = False
    left_out: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class TypeChange:
    """
    What becomes of one note type.

    Attributes:
        wanted: As it is wanted.
        kind: Whether it is created, updated, left, or may not be changed.
        note_type: As it shall be: in a collection also with the learner's fields and templates.
        texts: Sides of templates and the look that differ.
        fields_added: The names of new fields.
        templates_added: The names of new templates.
        fields_theirs: Fields that are there and not ours.
        adopted: Whether it was there though nobody knows of having put it.
    """

    wanted: NoteType
    kind: Kind
    note_type: NoteType
    texts: tuple[TextChange, ...] = ()
    fields_added: tuple[str, ...] = ()
    templates_added: tuple[str, ...] = ()
    fields_theirs: tuple[str, ...] = ()
    adopted: bool = False

    @property
    def name(self) -> str:
        """The name of the note type."""
        return self.wanted.name


@attrs.frozen(kw_only=True)
class SyncPlan:
    """
    All that a sync has to do.

    Attributes:
        note_types: What becomes of each that is wanted.
        media: The names of files that are missing.
        notes: What becomes of each that is wanted, in the order of the new cards.
        orphans: Notes that are there, of the decks that are wanted, and that no card wants.
    """

    note_types: tuple[TypeChange, ...] = ()
    media: tuple[str, ...] = ()
    notes: tuple[NoteChange, ...] = ()
    orphans: tuple[Note, ...] = ()

    @property
    def changed(self) -> tuple[NoteChange, ...]:
        """What is created or updated."""
        return tuple(one for one in self.notes if one.kind in (Kind.CREATE, Kind.UPDATE))

    @property
    def to_put(self) -> tuple[Note, ...]:
        """Every note as it shall be, in order; those that the learner deleted are left out."""
        return tuple(one.note for one in self.notes if one.kind is not Kind.GONE)

    def cards(self, kind: Kind) -> tuple[str, ...]:
        """Give the ids of the cards whose notes are of a kind."""
        return tuple(one.card for one in self.notes if one.kind is kind)

    def texts(self, why: Why) -> tuple[str, ...]:
        """Name the fields of notes that are put or stay for a reason, such as "casa_home.Word"."""
        return tuple(
            f"{one.card}.{field.name}"
            for one in self.notes
            for field in one.fields
            if field.why is why
        )


def planned(
    wanted: Mapping[str, Note],
    there: AnkiState,
    *,
    note_types: Iterable[NoteType] = (),
    media: Iterable[str] = (),
    protected: Collection[str] = frozenset(),
    conflicts: Conflicts = "theirs",
    schema_changes: bool = False,
    recreate: bool = False,
) -> SyncPlan:
    """
    Plan a sync.

    Args:
        wanted: Notes by the id of their card, in the order in which new cards are shown.
        there: What the target holds, and what was wanted of it last.
        note_types: The note types that are wanted.
        media: The names of the files that are wanted.
        protected: Fields that are never put once their note is there.
        conflicts: Whose text stands where both sides changed it.
        schema_changes: Whether a collection may get new fields and templates.
        recreate: Whether what the learner deleted is put again.
    """
    types = planned_types(
        note_types, there, conflicts=conflicts, schema_changes=schema_changes, recreate=recreate
    )
    held = {one.name: one.note_type for one in types} if types else there.note_types
    fields = {} if there.is_package else {name: frozenset(one.fields) for name, one in held.items()}
    merging = _Merging(there, fields, frozenset(protected), conflicts, recreate)
    return SyncPlan(
        note_types=types,
        media=tuple(name for name in media if name not in there.media),
        notes=tuple(merging.change(card, note) for card, note in wanted.items()),
        orphans=tuple(_orphans(wanted, there)),
    )


def planned_types(
    wanted: Iterable[NoteType],
    there: AnkiState,
    *,
    conflicts: Conflicts = "theirs",
    schema_changes: bool = False,
    recreate: bool = False,
) -> tuple[TypeChange, ...]:
    """Plan what becomes of note types; as `planned`."""
    return tuple(
        _type_change(one, there, conflicts, consent=schema_changes, recreate=recreate)
        for one in wanted
    )


def lost_in(plan: SyncPlan, there: AnkiState) -> Iterator[tuple[str, str]]:
    """
    Name what was put and is not there now, by card and field; the field is empty for a whole note.

    Only what the plan changed is looked at: of all else the learner may be at work.
    """
    for one in plan.changed:
        now = there.notes.get(one.note.guid)
        if now is None:
            yield one.card, ""
            continue
        for name in _names_put(one):
            if now.fields.get(name) != one.note.fields[name]:
                yield one.card, name
        tags = {tag.casefold() for tag in now.tags}
        added = {tag.casefold() for tag in one.tags_added}
        if not added <= tags or any(tag.casefold() in tags for tag in one.tags_removed):
            yield one.card, TAGS


def _names_put(change: NoteChange) -> Iterable[str]:
    if change.kind is Kind.CREATE:
        return change.note.fields
    return [field.name for field in change.fields if field.is_put]


@attrs.frozen
class _Merging:
    """Merges notes with what is there."""

    there: AnkiState
    fields: Mapping[str, frozenset[str]]
    protected: frozenset[str]
    conflicts: Conflicts
    recreate: bool

    def change(self, card: str, whole: Note) -> NoteChange:
        wanted = self.fitting(whole)
        now = self.there.notes.get(wanted.guid)
        before = self.there.pushed.get(wanted.guid)
        left_out = () if wanted is whole else tuple(_texts_only_in(whole, wanted))
        if now is None:
            was_deleted = before and self.there.sees_edits and not self.recreate
            kind = Kind.GONE if was_deleted else Kind.CREATE
            return NoteChange(card=card, kind=kind, wanted=wanted, note=wanted, left_out=left_out)
        fields = tuple(self.differing(now, wanted, before))
        added, removed = _tags(now, wanted, before)
        # Importing a package never takes a tag away.
        untagged = removed and self.there.sees_edits
        is_put = added or untagged or any(field.is_put for field in fields)
        return NoteChange(
            card=card,
            kind=Kind.UPDATE if is_put else Kind.UNCHANGED,
            wanted=wanted,
            note=attrs.evolve(
                wanted,
                fields=FrozenMap({**wanted.fields, **{one.name: one.value for one in fields}}),
                deck=wanted.deck if before and before.deck == now.deck else now.deck,
                tags=_tagged(now, added, removed),
            ),
            fields=fields,
            tags_added=added,
            tags_removed=removed,
            adopted=before is None,
            returns=RETIRED_TAG in removed,
            left_out=left_out,
        )

    def fitting(self, wanted: Note) -> Note:
        """Leave fields out that the note type does not have there."""
        has = self.fields.get(wanted.note_type)
        if has is None or has.issuperset(wanted.fields):
            return wanted
        fields = {name: text for name, text in wanted.fields.items() if name in has}
        return attrs.evolve(wanted, fields=FrozenMap(fields))

    def differing(self, now: Note, wanted: Note, before: Note | None) -> Iterator[TextChange]:
        if now.fields == wanted.fields:
            return
        for name, ours in wanted.fields.items():
            there = now.fields.get(name, "")
            if there == ours:
                continue
            # A field that is new was empty before.
            base = before.fields.get(name, "") if before else None
            if name in self.protected:
                yield _text(name, Why.PROTECTED, there, ours)
            else:
                yield _decided(name, there, ours, base, self.conflicts)


def _texts_only_in(whole: Note, wanted: Note) -> Iterator[str]:
    return (
        name
        for name, text in whole.fields.items()
        if name not in wanted.fields and not is_blank(text)
    )


def _tagged(now: Note, added: tuple[str, ...], removed: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(tag for tag in now.tags if tag not in removed)
    return canonical_tags((*kept, *added)) if added else kept


def _decided(
    name: str, there: str, ours: str, base: str | None, conflicts: Conflicts
) -> TextChange:
    """Decide between two texts, given what ours was when it was last put; None if it never was."""
    if base is None:
        why = Why.KEPT if is_blank(ours) else Why.UPDATE
    elif there == base:
        why = Why.UPDATE
    elif ours == base:
        why = Why.KEPT
    else:
        why = Why.CONFLICT
    return _text(name, why, there, ours, wins=why is Why.CONFLICT and conflicts == "ours")


def _text(name: str, why: Why, there: str, ours: str, *, wins: bool = False) -> TextChange:
    value = ours if wins or why is Why.UPDATE else there
    return TextChange(name=name, why=why, there=there, ours=ours, value=value)


def _tags(now: Note, wanted: Note, before: Note | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the tags to add and to remove: ours alone, and none that the learner took away."""
    if now.tags == wanted.tags:
        return (), ()
    has, wants = ({tag.casefold() for tag in one.tags} for one in (now, wanted))
    ours = {tag.casefold() for tag in before.tags} if before else set()
    added = tuple(tag for tag in wanted.tags if tag.casefold() not in has | ours)
    dropped = (ours | {RETIRED_TAG}) - wants
    return added, tuple(tag for tag in now.tags if tag.casefold() in dropped)


def _orphans(wanted: Mapping[str, Note], there: AnkiState) -> Iterator[Note]:
    """
    Give the notes that no card wants, in the decks and the languages of the cards.

    Another deck is another word list's, also where both have one note type.
    """
    guids = {note.guid for note in wanted.values()}
    kinds = {_kind(note) for note in wanted.values()}
    for guid, note in there.notes.items():
        if guid not in guids:
            origin = there.pushed.get(guid, note)
            if not there.sees_edits or _kind(attrs.evolve(note, deck=origin.deck)) in kinds:
                yield note


def _kind(note: Note) -> tuple[str, str, str]:
    return note.note_type, note.deck, note.fields.get(LANGUAGE_FIELD, "")


def name_of(note: Note) -> str:
    """Name a note for people: by the id of its card, or its guid where it has none."""
    return note.fields.get(ID_FIELD) or note.guid


def _type_change(
    wanted: NoteType, there: AnkiState, conflicts: Conflicts, *, consent: bool, recreate: bool
) -> TypeChange:
    now, before = there.note_types.get(wanted.name), there.pushed_types.get(wanted.name)
    if now is None:
        was_deleted = before and not there.is_package and not recreate
        kind = Kind.GONE if was_deleted else Kind.CREATE
        return TypeChange(wanted=wanted, kind=kind, note_type=wanted)
    if now == wanted:
        return TypeChange(wanted=wanted, kind=Kind.UNCHANGED, note_type=now, adopted=before is None)
    texts = tuple(_differing_texts(now, wanted, before, conflicts))
    if there.is_package:
        merged = wanted.with_texts(_standing(texts))
        kind = Kind.UNCHANGED if merged == now else Kind.UPDATE
        return TypeChange(wanted=wanted, kind=kind, note_type=merged, texts=texts)
    return _change_in_collection(wanted, now, before, texts, consent=consent)


def _change_in_collection(
    wanted: NoteType,
    now: NoteType,
    before: NoteType | None,
    texts: tuple[TextChange, ...],
    *,
    consent: bool,
) -> TypeChange:
    """Add what is new; what is ours no more stays, and what the learner removed stays away."""
    missing = (name for name in wanted.fields if name not in now.fields)
    fields = tuple(name for name in missing if not (before and name in before.fields))
    known = {one.name for one in (*now.templates, *(before.templates if before else ()))}
    templates = tuple(one for one in wanted.templates if one.name not in known)
    withheld = (fields or templates) and not consent
    grown = attrs.evolve(now, fields=(*now.fields, *fields), templates=(*now.templates, *templates))
    texts = tuple(_acceptable(one, grown.fields) for one in texts)
    merged = now if withheld else grown.with_texts(_standing(texts))
    changed = Kind.UNCHANGED if merged == now else Kind.UPDATE
    return TypeChange(
        wanted=wanted,
        kind=Kind.WITHHELD if withheld else changed,
        note_type=merged,
        texts=() if withheld else texts,
        fields_added=fields,
        templates_added=tuple(one.name for one in templates),
        fields_theirs=tuple(name for name in now.fields if name not in wanted.fields),
        adopted=before is None,
    )


def _acceptable(text: TextChange, fields: Collection[str]) -> TextChange:
    """Let a side stay that would ask for a field which is not there: Anki would refuse it."""
    if not text.is_put or text.name == CSS:
        return text
    try:
        unknown = fields_in(text.value) - set(fields) - SPECIAL
    except TemplateError:
        return text
    return attrs.evolve(text, why=Why.CONFLICT, value=text.there) if unknown else text


def _differing_texts(
    now: NoteType, wanted: NoteType, before: NoteType | None, conflicts: Conflicts
) -> Iterator[TextChange]:
    there, base = now.texts, before.texts if before else {}
    for name, ours in wanted.texts.items():
        if there.get(name, ours) != ours:
            yield _decided(name, there[name], ours, base.get(name), conflicts)


def _standing(texts: Iterable[TextChange]) -> dict[str, str]:
    return {one.name: one.value for one in texts}
