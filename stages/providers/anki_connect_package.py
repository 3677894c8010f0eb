"""New notes as a package for a running Anki, so that they get the ids that a package file has."""

import io
import json
import zipfile
from collections.abc import Mapping

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.package_schema import database
from stages.providers.package_tables import DEFAULT_DECK, Tables, tables_for
from stages.records.note import ID_FIELD, Note, NoteType, media_in, note_guid

STAND_IN = "stages-note-type"
"""The card id of a note that brings its note type, and is deleted at once."""


def package_of(
    notes: tuple[Note, ...],
    note_types: Mapping[str, NoteType],
    ids: Mapping[str, int],
    places: Mapping[str, int],
) -> bytes:
    """
    Write a package of notes alone; their media are put otherwise.

    Args:
        notes: New ones, in the order of their cards.
        note_types: By name, as they are in Anki, so that nothing of them is changed.
        ids: Of the note types that are there, by name; the others get that of every package.
        places: Of the notes among all that are wanted, by guid, from 0: Anki shows new cards in
            this order, those of other packages among them.

    Raises:
        Rejected: A note cannot be written; the message names it.
    """
    used = {note.note_type for note in notes}
    types = {name: note_types[name] for name in sorted(used & note_types.keys())}
    whole = tuple(
        attrs.evolve(note, fields=_whole(note, types[note.note_type]))
        if note.note_type in types
        else note
        for note in notes
    )
    shown = {name for note in whole for text in note.fields.values() for name in media_in(text)}
    tables = tables_for(whole, types, shown, earlier=Tables(), now=0)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("collection.anki2", database(_fitted(tables, ids, places)))
        package.writestr("media", json.dumps({}))
    return written.getvalue()


def stand_in(note_type: NoteType) -> Note:
    """Give a note that brings its note type: a package without notes brings none."""
    fields = dict.fromkeys(note_type.fields, "")
    fields |= {note_type.fields[0]: STAND_IN, ID_FIELD: STAND_IN}
    return Note(
        guid=note_guid("", note_type.name, STAND_IN),
        note_type=note_type.name,
        deck=DEFAULT_DECK[0],
        fields=FrozenMap(fields),
    )


def _whole(note: Note, note_type: NoteType) -> FrozenMap[str, str]:
    """Give the fields that the note type has, those that the learner added among them."""
    added = {name: "" for name in note_type.fields if name not in note.fields}
    return FrozenMap({**note.fields, **added})


def _fitted(tables: Tables, ids: Mapping[str, int], places: Mapping[str, int]) -> Tables:
    """Give the note types the ids that they have in Anki: by another id they would be others."""
    new = {one.id: ids.get(one.note_type.name, one.id) for one in tables.models}
    place = {row.id: places[row.guid] + 1 for row in tables.notes}
    return attrs.evolve(
        tables,
        models=tuple(one._replace(id=new[one.id]) for one in tables.models),
        notes=tuple(row._replace(mid=new[row.mid]) for row in tables.notes),
        cards=tuple(card._replace(due=place[card.nid]) for card in tables.cards),
    )
