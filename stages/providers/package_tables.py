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
    """

    models: tuple[Model, ...] = ()
    decks: tuple[tuple[str, int], ...] = ()
    notes: tuple[NoteRow, ...] = ()
    cards: tuple[CardRow, ...] = ()
    media: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def state_of(tables: Tables) -> AnkiState:
    """Say in the words of the deck what a package holds."""
    types = {model.id: model.note_type for model in tables.models}
    deck_names = {number: name for name, number in tables.decks}
    decks = {card.nid: deck_names[card.did] for card in tables.cards}
    notes = (_note(row, types[row.mid], decks[row.id]) for row in tables.notes)
    return AnkiState(
        note_types=FrozenMap({note_type.name: note_type for note_type in types.values()}),
        media=frozenset(tables.media),
        notes=FrozenMap((note.guid, note) for note in notes),
    )


def _note(row: NoteRow, note_type: NoteType, deck: str) -> Note:
    return Note(
        guid=row.guid,
        note_type=note_type.name,
        deck=deck,
        fields=FrozenMap(zip(note_type.fields, row.flds.split("\x1f"), strict=True)),
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
) -> Tables:
    """
    Lay out a package for notes.

    What equals the earlier package keeps its ids and its modification time; what differs is newer
    than it was there, so that Anki takes it over; what was never there is as old as `BASE`. What was
    left out and comes back counts as if it had stayed: were it as old as `BASE`, no change of it
    would reach a collection that has it, and were it new, it would replace a learner's edit.

    Args:
        notes: In the order of the new cards.
        note_types: By name.
        media: The names that go into the package.
        earlier: What the package holds already.
        now: In seconds.

    Raises:
        Rejected: Some note cannot be written; the message names it.
    """
    _check(notes, note_types)
    models = _models(note_types, earlier, now)
    rows = _note_rows(notes, models, earlier, now)
    _check_media(rows, media)
    decks = _decks(notes)
    return Tables(
        models=tuple(sorted(models.values(), key=lambda model: model.note_type.name)),
        decks=tuple(sorted({DEFAULT_DECK, *decks.values()})),
        notes=tuple(rows),
        cards=tuple(_card_rows(notes, rows, models, decks, earlier.cards)),
        media=tuple(sorted(media)),
        left_out=tuple(sorted(_left_out(earlier, rows, models))),
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
    for note in notes:
        if note.note_type not in note_types:
            raise Rejected(
                f"note {note.guid!r} has the unknown note type {note.note_type!r}",
                "run sync_templates before it",
            )
        fields = note_types[note.note_type].fields
        if set(note.fields) != set(fields):
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


def _models(note_types: Mapping[str, NoteType], earlier: Tables, now: int) -> dict[str, Model]:
    before = {model.note_type.name: model for model in earlier.models}
    gone = {one.key: one for one in earlier.left_out if one.kind == _NOTE_TYPE}
    taken = {model.id for model in earlier.models}
    models = {}
    for name in sorted(note_types):
        old = before.get(name)
        if old is None:
            new = Model(_new_id(name, taken), BASE, note_types[name])
            models[name] = new._replace(mod=_time(gone[name], new, now)) if name in gone else new
        elif old.note_type == note_types[name]:
            models[name] = old
        else:
            models[name] = Model(old.id, max(now, old.mod + 1), note_types[name])
    return models


def _note_rows(
    notes: tuple[Note, ...], models: Mapping[str, Model], earlier: Tables, now: int
) -> list[NoteRow]:
    before = {row.guid: row for row in earlier.notes}
    gone = {one.key: one for one in earlier.left_out if one.kind == _NOTE}
    types = {model.id: model.note_type for model in earlier.models}
    taken = {row.id for row in earlier.notes}
    rows = []
    for note in notes:
        model = models[note.note_type]
        flds = "\x1f".join(canonical_text(note.fields[name]) for name in model.note_type.fields)
        tags = "".join(f" {tag}" for tag in canonical_tags(note.tags))
        old = before.get(note.guid)
        number, mod = (old.id, old.mod) if old else (_new_id(note.guid, taken), BASE)
        row = NoteRow(number, note.guid, model.id, mod, f"{tags} " if tags else "", flds)
        if old is None:
            if note.guid in gone:
                row = row._replace(mod=_time(gone[note.guid], row, now))
        elif row != old:
            there = _note(old, types[old.mid], note.deck)
            if laid_over(there, _note(row, model.note_type, note.deck)) != there:
                row = row._replace(mod=max(now, old.mod + 1))
        rows.append(row)
    return rows


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
        names = models[note.note_type].note_type.fields
        fields = dict(zip(names, row.flds.split("\x1f"), strict=True))
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
