"""What a package holds, and how it follows from the notes wanted and from what it held before."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.errors import Rejected
from stages.providers.package_export import Export, ExportedNote, ExportedType
from stages.records.canonical import canonical_deck, canonical_tags, canonical_text
from stages.records.collection import AnkiState
from stages.records.note import Note, NoteType, laid_over, media_in
from stages.records.template import filled_fields, is_blank, parse_side, shows_field

BASE = 1_577_836_800
"""
The modification time of everything that was never in the package before: 2020, in seconds.

A constant, so that a package built anew equals the first one, and older than any learner's edit.
"""

_FIRST_ID, _IDS = 1_262_304_000_000, 315_532_800_000
"""Ids are milliseconds in Anki; these lie in the ten years before `BASE`."""

DEFAULT_DECK = ("Default", 1)
"""The deck that every collection has: its name and id."""

_NOTE, _NOTE_TYPE = "note", "note type"


class Model(NamedTuple):
    """A note type as it lies in the package; `mod` in seconds."""

    id: int
    mod: int
    note_type: NoteType


class NoteRow(NamedTuple):
    """A note as it lies in the package; `mod` in seconds, `flds` with U+001F between fields."""

    id: int
    guid: str
    mid: int
    mod: int
    tags: str
    flds: str


class CardRow(NamedTuple):
    """A card as it lies in the package; `due` is its place among the new ones, from 1."""

    id: int
    nid: int
    did: int
    ord: int
    mod: int
    due: int


class LeftOut(NamedTuple):
    """
    What an earlier package held and this one does not.

    Attributes:
        kind: "note" or "note type".
        key: The guid, or the name.
        mod: As it was, in seconds.
        digest: Of what it said.
    """

    kind: str
    key: str
    mod: int
    digest: str


@attrs.frozen(kw_only=True)
class Tables:
    """
    All that a package holds.

    Attributes:
        models: By name.
        decks: Name and id.
        notes: In the order of their cards.
        cards: By `due`, then `ord`.
        media: Sorted names.
        left_out: Sorted.
        earlier: Sorted digests of the texts that were ours once and are not any more: so whoever
            reads an export knows them from what a learner wrote.
        theirs: By note type, the fields of a learner's own that lie in it, so that none is lost.
        guids: Ours by Anki's own, where that is another.
    """

    models: tuple[Model, ...] = ()
    decks: tuple[tuple[str, int], ...] = ()
    notes: tuple[NoteRow, ...] = ()
    cards: tuple[CardRow, ...] = ()
    media: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    earlier: tuple[str, ...] = ()
    theirs: FrozenMap[str, tuple[str, ...]] = FrozenMap()
    guids: FrozenMap[str, str] = FrozenMap()


def state_of(tables: Tables) -> AnkiState:
    """Say in the words of the deck what a package holds; a learner's own fields are left out."""
    types = {model.id: model.note_type for model in tables.models}
    deck_names = {number: name for name, number in tables.decks}
    decks = {card.nid: deck_names[card.did] for card in tables.cards}
    rows = ((row, _note(row, types[row.mid], decks[row.id])) for row in tables.notes)
    notes = ((tables.guids.get(row.guid, row.guid), note) for row, note in rows)
    state = AnkiState(
        note_types=FrozenMap({note_type.name: note_type for note_type in types.values()}),
        media=frozenset(tables.media),
        notes=FrozenMap(notes),
    )
    return _without_theirs(state, tables) if tables.theirs or tables.guids else state


def _without_theirs(state: AnkiState, tables: Tables) -> AnkiState:
    types = {}
    for name, note_type in state.note_types.items():
        theirs = tables.theirs.get(name, ())
        fields = tuple(field for field in note_type.fields if field not in theirs)
        types[name] = attrs.evolve(note_type, fields=fields)
    notes = {
        guid: attrs.evolve(
            note,
            guid=guid,
            fields=FrozenMap((name, note.fields[name]) for name in types[note.note_type].fields),
        )
        for guid, note in state.notes.items()
    }
    return attrs.evolve(state, note_types=FrozenMap(types), notes=FrozenMap(notes))


def text_digest(*place_and_text: str) -> str:
    """Know a text again at its place: the guid and the field of a note, or a type and its side."""
    said = "\x1f".join(place_and_text).encode()
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def _note(row: NoteRow, note_type: NoteType, deck: str) -> Note:
    return Note(
        guid=row.guid,
        note_type=note_type.name,
        deck=deck,
        fields=FrozenMap(_fields(row, note_type)),
        # A no-break space does not end a tag.
        tags=tuple(filter(None, row.tags.split(" "))),
    )


def tables_for(
    notes: tuple[Note, ...],
    note_types: Mapping[str, NoteType],
    media: Collection[str],
    *,
    earlier: Tables,
    now: int,
    export: Export | None = None,
    pushed: AnkiState | None = None,
    elsewhere: Collection[str] = (),
) -> Tables:
    """
    Lay out a package for notes.

    What equals the earlier package keeps its ids and its modification time; what differs is newer
    than it was there, so that Anki takes it over; what was never there is as old as `BASE`. What was
    left out and comes back counts as if it had stayed: were it as old as `BASE`, no change of it
    would reach a collection that has it, and were it new, it would replace a learner's edit.

    Where an export tells what the collection has, that decides: what is the same there is not newer
    than it is there, and what differs is.

    Args:
        notes: In the order of the new cards.
        note_types: By name.
        media: The names that go into the package.
        earlier: What the package holds already.
        now: In seconds.
        export: What the learner's collection has.
        pushed: What of the earlier package was ours; without it, all.
        elsewhere: The names of files that the collection has of its learner.

    Raises:
        Rejected: Some note cannot be written; the message names it.
    """
    _check(notes, note_types)
    theirs = _theirs(note_types, earlier, export)
    whole = {
        name: attrs.evolve(one, fields=(*one.fields, *theirs.get(name, ())))
        for name, one in note_types.items()
    }
    models = _models(whole, earlier, now, export.note_types if export else {})
    laying = _Laying(models, theirs, earlier, now, export.notes if export else {})
    rows = [laying.row(note) for note in notes]
    _check_media(rows, {*media, *elsewhere} if elsewhere else media)
    decks = _decks(notes)
    known = {*earlier.earlier, *_earlier_texts(earlier, rows, models, pushed)}
    if export:
        known.update(_replaced_texts(notes, note_types, export))
    return Tables(
        models=tuple(sorted(models.values(), key=lambda model: model.note_type.name)),
        decks=tuple(sorted({DEFAULT_DECK, *decks.values()})),
        notes=tuple(rows),
        cards=tuple(_card_rows(notes, rows, models, decks, earlier.cards)),
        media=tuple(sorted(media)),
        left_out=tuple(sorted(_left_out(earlier, rows, models))),
        earlier=tuple(sorted(known)),
        theirs=FrozenMap((name, fields) for name, fields in theirs.items() if fields),
        guids=FrozenMap(
            (row.guid, note.guid)
            for note, row in zip(notes, rows, strict=True)
            if note.guid != row.guid
        ),
    )


def changes_in(tables: Tables, earlier: Tables, export: Export | None) -> set[str]:
    """
    Name the notes, by Anki's guid, that bring what is new or changed since an earlier package.

    With an export it is what the collection lacks or has older. A note type that changed is brought
    by a note of it: a package without any note of it does not bring it.
    """
    if export:
        times = {one.guid: one.mod for one in export.notes.values()}
        type_times = {one.note_type.name: one.mod for one in export.note_types.values()}
    else:
        times = {row.guid: row.mod for row in earlier.notes}
        type_times = {model.note_type.name: model.mod for model in earlier.models}
    changed = {row.guid for row in tables.notes if times.get(row.guid, -1) < row.mod}
    for model in tables.models:
        rows = [row.guid for row in tables.notes if row.mid == model.id]
        if type_times.get(model.note_type.name, -1) < model.mod and changed.isdisjoint(rows):
            changed.update(rows[:1])
    return changed


def part_of(tables: Tables, guids: Collection[str]) -> Tables:
    """Give a package of these notes alone, with what they need; their places stay as they are."""
    notes = tuple(row for row in tables.notes if row.guid in guids)
    numbers = {row.id for row in notes}
    types = {row.mid for row in notes}
    cards = tuple(card for card in tables.cards if card.nid in numbers)
    decks = {card.did for card in cards} | {DEFAULT_DECK[1]}
    shown = {name for row in notes for name in media_in(row.flds)}
    return Tables(
        models=tuple(model for model in tables.models if model.id in types),
        decks=tuple(deck for deck in tables.decks if deck[1] in decks),
        notes=notes,
        cards=cards,
        # What begins with an underline is for templates.
        media=tuple(name for name in tables.media if name in shown or name.startswith("_")),
    )


def _check(notes: tuple[Note, ...], note_types: Mapping[str, NoteType]) -> None:
    if not notes:
        raise Rejected(
            "a package without notes would import nothing, not even its note types",
            "give it a note at least",
        )
    repeated = [guid for guid, times in Counter(note.guid for note in notes).items() if times > 1]
    if repeated:
        raise Rejected(f"more than one note has the guid {', '.join(map(repr, repeated))}")
    for name, note_type in note_types.items():
        _demand_whole("note type", name, *note_type.fields, *note_type.texts.values())
    for note in notes:
        _demand_whole("note", note.guid, note.deck, *note.tags, *note.fields.values())
        if note.note_type not in note_types:
            raise Rejected(
                f"note {note.guid!r} has the unknown note type {note.note_type!r}",
                "run sync_templates before it",
            )
        fields = note_types[note.note_type].fields
        if note.fields.keys() != set(fields):
            wrong = ", ".join(sorted(note.fields.keys() ^ set(fields)))
            raise Rejected(
                f"note {note.guid!r} does not have the fields of {note.note_type!r}: see {wrong}",
                f"its fields are {', '.join(fields)}",
            )
        if is_blank(note.fields[fields[0]]):
            raise Rejected(
                f"note {note.guid!r} has an empty first field {fields[0]!r}",
                "Anki knows notes of one type apart by their first field",
            )


def _demand_whole(kind: str, name: str, *texts: str) -> None:
    try:
        f"{name}{''.join(texts)}".encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise Rejected(
            f"{kind} {name!r} has half a character: {half!r}", "mend it where it comes from"
        ) from None


def _theirs(
    note_types: Mapping[str, NoteType], earlier: Tables, export: Export | None
) -> dict[str, tuple[str, ...]]:
    """Give the fields that the collection has and we do not, by note type."""
    theirs = {}
    for name, wanted in note_types.items():
        there = export.note_types.get(name) if export else None
        fields = there.note_type.fields if there else earlier.theirs.get(name, ())
        known = {field.casefold() for field in wanted.fields}
        theirs[name] = tuple(field for field in fields if field.casefold() not in known)
    return theirs


def _earlier_texts(
    earlier: Tables,
    rows: Iterable[NoteRow],
    models: Mapping[str, Model],
    pushed: AnkiState | None,
) -> Iterator[str]:
    """Know again what was ours in the earlier package and does not stand there any more."""
    types = {model.id: model.note_type for model in earlier.models}
    types_now = {model.id: model.note_type for model in models.values()}
    before = {row.guid: row for row in earlier.notes}
    for row in rows:
        old = before.pop(row.guid, None)
        if old and old.flds != row.flds:
            guid = earlier.guids.get(old.guid, old.guid)
            was, now = _fields(old, types[old.mid]), _fields(row, types_now[row.mid])
            ours: Mapping[str, str] = pushed.notes[guid].fields if pushed else was
            yield from _given_up(guid, was, now, ours)
    for gone in before.values():
        guid = earlier.guids.get(gone.guid, gone.guid)
        texts = _fields(gone, types[gone.mid])
        yield from _given_up(guid, texts, {}, pushed.notes[guid].fields if pushed else texts)
    for old_model in earlier.models:
        name = old_model.note_type.name
        if name in models and models[name].note_type != old_model.note_type:
            sides = old_model.note_type.texts
            ours = pushed.note_types[name].texts if pushed else sides
            yield from _given_up(name, sides, models[name].note_type.texts, ours)


def _replaced_texts(
    notes: Iterable[Note], note_types: Mapping[str, NoteType], export: Export
) -> Iterator[str]:
    """Know again what ours replaces: the same export, given again, has it still."""
    for note in notes:
        there = export.notes.get(note.guid)
        if there and there.note.fields != note.fields:
            had = there.note.fields
            yield from _given_up(note.guid, had, {**had, **note.fields}, had)
    for name, note_type in note_types.items():
        if name in export.note_types:
            was = export.note_types[name].note_type.texts
            yield from _given_up(name, was, {**was, **note_type.texts}, was)


def _given_up(
    place: str, was: Mapping[str, str], now: Mapping[str, str], ours: Mapping[str, str]
) -> Iterator[str]:
    for name, text in was.items():
        if text != now.get(name) and text == ours.get(name):
            yield text_digest(place, name, text)


def _fields(row: NoteRow, note_type: NoteType) -> dict[str, str]:
    return dict(zip(note_type.fields, row.flds.split("\x1f"), strict=True))


def _models(
    note_types: Mapping[str, NoteType],
    earlier: Tables,
    now: int,
    exported: Mapping[str, ExportedType],
) -> dict[str, Model]:
    before = {model.note_type.name: model for model in earlier.models}
    gone = {one.key: one for one in earlier.left_out if one.kind == _NOTE_TYPE}
    taken = {model.id for model in earlier.models} | {one.id for one in exported.values()}
    models = {}
    for name in sorted(note_types):
        old, there = before.get(name), exported.get(name)
        # By another id it would be another note type, and its notes would not be taken over.
        number = there.id if there else old.id if old else _new_id(name, taken)
        new = Model(number, BASE, note_types[name])
        kept = old.mod if old and old.note_type == new.note_type else None
        if there:
            is_there = _is_there(new.note_type, there.note_type)
            mod = _time_beside(there.mod, old and old.mod, kept, now, is_there=is_there)
        elif old is None:
            mod = _time(gone[name], new, now) if name in gone else BASE
        else:
            mod = kept or max(now, old.mod + 1)
        models[name] = new._replace(mod=mod)
    return models


def _is_there(note_type: NoteType, there: NoteType) -> bool:
    has = {template.name: template for template in there.templates}
    return (
        note_type.css == there.css
        and set(note_type.fields) <= set(there.fields)
        and all(has.get(template.name) == template for template in note_type.templates)
    )


def _time_beside(there: int, old: int | None, kept: int | None, now: int, *, is_there: bool) -> int:
    """
    Say how old something is that the collection has, too.

    Args:
        there: How old it is in the collection.
        old: How old it is in the earlier package, if it is in it.
        kept: The same, if it is there as it shall be.
        now: In seconds.
        is_there: Whether the collection has it as it shall be.
    """
    if is_there:
        return kept if kept is not None else max(there, old or 0)
    if kept is not None and kept > there:
        return kept
    return max(now, there + 1, (old or 0) + 1)


class _Laying:
    """Lays out the notes."""

    def __init__(
        self,
        models: Mapping[str, Model],
        theirs: Mapping[str, tuple[str, ...]],
        earlier: Tables,
        now: int,
        exported: Mapping[str, ExportedNote],
    ) -> None:
        self._models = models
        self._theirs = theirs
        self._now = now
        self._exported = exported
        self._guids = {ours: guid for guid, ours in earlier.guids.items()}
        self._before = {row.guid: row for row in earlier.notes}
        self._gone = {one.key: one for one in earlier.left_out if one.kind == _NOTE}
        self._types = {model.id: model.note_type for model in earlier.models}
        self._taken = {row.id for row in earlier.notes}

    def row(self, note: Note) -> NoteRow:
        """Give the row of a note."""
        there = self._exported.get(note.guid)
        guid = there.guid if there else self._guids.get(note.guid, note.guid)
        old = self._before.get(guid) or self._before.get(note.guid)
        number = old.id if old else _new_id(guid, self._taken)
        model = self._models[note.note_type]
        flds = "\x1f".join(self._texts(note, model.note_type, there, old))
        tags = "".join(f" {tag}" for tag in canonical_tags(note.tags))
        row = NoteRow(number, guid, model.id, BASE, f"{tags} " if tags else "", flds)
        if there or old:
            return row._replace(mod=self._mod(row, _note(row, model.note_type, ""), there, old))
        if guid in self._gone:
            return row._replace(mod=_time(self._gone[guid], row, self._now))
        return row

    def _texts(
        self, note: Note, note_type: NoteType, there: ExportedNote | None, old: NoteRow | None
    ) -> list[str]:
        """Give the text of each field; a learner's own fields say what they say there."""
        fields: Mapping[str, str] = note.fields
        if self._theirs[note.note_type]:
            said: Mapping[str, str] = {}
            if there:
                said = there.note.fields
            elif old:
                said = _fields(old, self._types[old.mid])
            fields = {**dict.fromkeys(note_type.fields, ""), **said, **note.fields}
        return [canonical_text(fields[name]) for name in note_type.fields]

    def _mod(
        self, row: NoteRow, wanted: Note, there: ExportedNote | None, old: NoteRow | None
    ) -> int:
        kept = old.mod if old and self._is_kept(row, old, wanted) else None
        if there:
            has = there.note.fields
            same = all(has.get(name) == text for name, text in wanted.fields.items())
            is_there = same and {*there.note.tags} == {*wanted.tags}
            return _time_beside(there.mod, old and old.mod, kept, self._now, is_there=is_there)
        return kept if kept is not None else max(self._now, old.mod + 1 if old else 0)

    def _is_kept(self, row: NoteRow, old: NoteRow, wanted: Note) -> bool:
        """Tell whether a collection that has the old one needs nothing of the new one."""
        there = self._types[old.mid]
        if (row.tags, row.flds) == (old.tags, old.flds) and (*wanted.fields,) == there.fields:
            return wanted.note_type == there.name
        before = _note(old._replace(guid=row.guid), there, "")
        return laid_over(before, wanted) == before


def _time(gone: LeftOut, new: Model | NoteRow, now: int) -> int:
    """Say how old something is that was left out and comes back."""
    return gone.mod if gone.digest == _digest(new) else max(now, gone.mod + 1)


def _left_out(
    earlier: Tables, rows: Iterable[NoteRow], models: Mapping[str, Model]
) -> Iterator[LeftOut]:
    here = {_NOTE: {row.guid for row in rows}, _NOTE_TYPE: models.keys()}
    for one in earlier.left_out:
        if one.key not in here.get(one.kind, ()):
            yield one
    for row in earlier.notes:
        if row.guid not in here[_NOTE]:
            yield LeftOut(_NOTE, row.guid, row.mod, _digest(row))
    for model in earlier.models:
        if model.note_type.name not in models:
            yield LeftOut(_NOTE_TYPE, model.note_type.name, model.mod, _digest(model))


def _digest(one: Model | NoteRow) -> str:
    """Know again what something says, whatever its ids and its time."""
    said = (one.tags, one.flds) if isinstance(one, NoteRow) else attrs.astuple(one.note_type)
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()


def _card_rows(
    notes: tuple[Note, ...],
    rows: list[NoteRow],
    models: Mapping[str, Model],
    decks: Mapping[str, tuple[str, int]],
    earlier: tuple[CardRow, ...],
) -> Iterator[CardRow]:
    before = {(card.nid, card.ord): card.id for card in earlier}
    taken = set(before.values())
    fronts = {
        name: [parse_side(template.front) for template in model.note_type.templates]
        for name, model in models.items()
    }

    @cache
    def shown(note_type: str, filled: frozenset[str]) -> tuple[int, ...]:
        made = (
            index for index, front in enumerate(fronts[note_type]) if shows_field(front, filled)
        )
        # Anki makes the first card of a note that would have none.
        return tuple(made) or (0,)

    for due, (note, row) in enumerate(zip(notes, rows, strict=True), 1):
        fields = _fields(row, models[note.note_type].note_type)
        for index in shown(note.note_type, filled_fields(fields, row.tags)):
            number = before.get((row.id, index)) or _free(row.id + index, taken)
            yield CardRow(number, row.id, decks[note.deck][1], index, row.mod, due)


def _decks(notes: Iterable[Note]) -> dict[str, tuple[str, int]]:
    """Give name and id by the name as the notes have it; decks that differ by case are one."""
    taken = {DEFAULT_DECK[1]}
    known = {DEFAULT_DECK[0].casefold(): DEFAULT_DECK}
    decks = {}
    for given in dict.fromkeys(note.deck for note in notes):
        name = canonical_deck(given)
        if name.casefold() not in known:
            known[name.casefold()] = (name, _new_id(name, taken))
        decks[given] = known[name.casefold()]
    return decks


def _check_media(rows: Iterable[NoteRow], media: Collection[str]) -> None:
    missing = dict.fromkeys(
        f"{name} (note {row.guid})"
        for row in rows
        for name in media_in(row.flds)
        if name not in media
    )
    if missing:
        raise Rejected(
            f"notes show files that were not put into the package: {', '.join(missing)}",
            "run sync_media before it",
        )


def _new_id(key: str, taken: set[int]) -> int:
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return _free(_FIRST_ID + int.from_bytes(digest) % _IDS, taken)


def _free(number: int, taken: set[int]) -> int:
    """Take the first number from this one on that nothing has yet."""
    while number in taken:
        number += 1
    taken.add(number)
    return number
