"""What of a package is ours and what is the learner's, once their edits were merged into it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import from_json, to_json
from stages.providers.errors import BadAnswer, Denied
from stages.providers.files import refusal, write_whole
from stages.providers.package_export import Export, ExportedNote, ExportedType
from stages.providers.package_tables import Tables, state_of, text_digest
from stages.records.collection import AnkiState
from stages.records.note import ID_FIELD, LANGUAGE_FIELD, Note, NoteType, media_in

_FORMAT = 1


@attrs.frozen(kw_only=True)
class Edits:
    """
    What a package does not say itself.

    Attributes:
        notes: What was wanted, by guid, where the package holds something else: an edit that stays.
        note_types: The same of note types, by name.
        seen: The decks of notes that an export had, by guid: what is in no later export of the deck
            was deleted.
    """

    format: int = _FORMAT
    notes: FrozenMap[str, Note] = FrozenMap()
    note_types: FrozenMap[str, NoteType] = FrozenMap()
    seen: FrozenMap[str, str] = FrozenMap()


def edits_in(path: Path) -> Edits:
    """
    Read them; none where there is no file.

    Raises:
        BadAnswer: The file is damaged.
        Denied, Unavailable: It may not, or cannot be read.
    """
    try:
        edits: Edits = from_json(path.read_bytes().decode(), Edits)
    except FileNotFoundError:
        return Edits()
    except OSError as error:
        raise refusal(error, str(path)) from None
    except ValueError as error:
        raise BadAnswer(
            f"{path} is damaged: {error}",
            "put an intact copy back. Without it nobody knows what was edited in Anki: if you move it"
            " away, those edits count as ours",
        ) from None
    if edits.format != _FORMAT:
        raise Denied(
            f"{path} is of format {edits.format}, which a newer stages has written", "update stages"
        )
    return edits


def keep_edits(path: Path, edits: Edits) -> None:
    """Write them, whole or not at all; no file is made for none."""
    if edits != Edits() or path.exists():
        write_whole(path, to_json(edits).encode())


def with_edits(tables: Tables, edits: Edits, export: Export | None) -> AnkiState:
    """
    Say what there is and what of it was ours when it was last put.

    A learner may not have imported what was written last. So in a note that is older there than in
    the package, what was ours at any time counts as ours, and a note that no export ever had does
    not count as deleted.

    Args:
        tables: What the package holds.
        edits: What it does not say itself.
        export: What the collection has; without it there is what the package holds.
    """
    held = state_of(tables)
    pushed = {guid: edits.notes.get(guid, note) for guid, note in held.notes.items()}
    pushed_types = {
        name: edits.note_types.get(name, note_type) for name, note_type in held.note_types.items()
    }
    if export is None:
        return attrs.evolve(
            held, pushed=FrozenMap(pushed), pushed_types=FrozenMap(pushed_types), sees_edits=False
        )
    types = {
        name: _of_ours(one.note_type, held.note_types.get(name))
        for name, one in export.note_types.items()
        if name in held.note_types or {ID_FIELD, LANGUAGE_FIELD} <= set(one.note_type.fields)
    }
    notes = {guid: one.note for guid, one in export.notes.items() if one.note.note_type in types}
    before = _Before(tables)
    left_out = {one.key for one in tables.left_out}
    # What is in a deck that was not exported was not deleted.
    decks = {note.deck for note in notes.values()}
    deleted = {guid for guid, deck in edits.seen.items() if deck in decks and guid not in notes}
    return attrs.evolve(
        held,
        note_types=FrozenMap(types),
        media=held.media | export.media,
        notes=FrozenMap(notes),
        pushed=FrozenMap(
            (
                *((guid, pushed.get(guid) or _forgotten(guid)) for guid in sorted(deleted)),
                *(
                    (guid, before.note(note, export.notes[guid]))
                    for guid, note in pushed.items()
                    if guid in notes
                ),
                *(
                    (guid, before.left_out(one))
                    for guid, one in export.notes.items()
                    if guid in notes and guid not in pushed and one.guid in left_out
                ),
            )
        ),
        pushed_types=FrozenMap(
            (name, before.note_type(note_type, export.note_types[name]))
            for name, note_type in pushed_types.items()
            if name in types
        ),
        sees_edits=True,
    )


def _of_ours(there: NoteType, held: NoteType | None) -> NoteType:
    """Leave out what the learner added to a note type, and the order that they gave it."""
    if held is None:
        return there
    has = {template.name: template for template in there.templates}
    ours = tuple(has[template.name] for template in held.templates if template.name in has)
    fields = tuple(name for name in held.fields if name in there.fields)
    return attrs.evolve(there, fields=fields, templates=ours)


class _Before:
    """Knows what was ours when a collection last took a package over."""

    def __init__(self, tables: Tables) -> None:
        self._earlier = frozenset(tables.earlier)
        self._mods = {tables.guids.get(row.guid, row.guid): row.mod for row in tables.notes}
        self._type_mods = {model.note_type.name: model.mod for model in tables.models}

    def note(self, pushed: Note, there: ExportedNote) -> Note:
        """Give what was wanted of a note when the collection took it over."""
        if there.mod >= self._mods[pushed.guid]:
            return pushed
        texts = self._known(pushed.guid, pushed.fields, there.note.fields)
        return attrs.evolve(pushed, fields=FrozenMap(texts))

    def left_out(self, there: ExportedNote) -> Note:
        """Give what is known to be ours of a note that the package left out; the rest is an edit."""
        note = there.note
        ours = {
            name: text if text_digest(note.guid, name, text) in self._earlier else ""
            for name, text in note.fields.items()
        }
        return attrs.evolve(note, fields=FrozenMap(ours), tags=())

    def note_type(self, pushed: NoteType, there: ExportedType) -> NoteType:
        """Give what was wanted of a note type when the collection took it over."""
        if there.mod >= self._type_mods[pushed.name]:
            return pushed
        texts = self._known(pushed.name, pushed.texts, there.note_type.texts)
        return pushed.with_texts(texts)

    def _known(
        self, place: str, pushed: Mapping[str, str], there: Mapping[str, str]
    ) -> dict[str, str]:
        """Give the texts that are there where they were ours once, else those put last."""
        return {
            name: there[name]
            if there.get(name, text) != text
            and text_digest(place, name, there[name]) in self._earlier
            else text
            for name, text in pushed.items()
        }


def while_put(
    notes: Iterable[Note],
    note_types: Iterable[NoteType],
    state: AnkiState,
    wanted_types: Mapping[str, NoteType],
    seen: Mapping[str, str],
) -> Edits:
    """
    Say what was wanted of what is put now, before anybody tells.

    What is put just as it is there may be the learner's, so what was wanted before still is: if the
    run ends here, no edit passes for ours.

    Args:
        notes: As they are put.
        note_types: As they are put.
        state: What there is.
        wanted_types: What was wanted of note types, as far as it was told already.
        seen: The decks of notes that an export had, by guid.
    """
    kept = {}
    for note in notes:
        there, before = state.notes.get(note.guid), state.pushed.get(note.guid)
        if there is None:
            continue
        base = before.fields if before else {}
        wanted = attrs.evolve(
            note,
            fields=FrozenMap(_wanted(note.fields, there.fields, base)),
            tags=before.tags if before else (),
            deck=before.deck if before else note.deck,
        )
        if wanted != note:
            kept[note.guid] = wanted
    types = {}
    for one in note_types:
        known = wanted_types.get(one.name) or _wanted_type(one, state)
        if known != one:
            types[one.name] = known
    return Edits(notes=FrozenMap(kept), note_types=FrozenMap(types), seen=FrozenMap(seen))


def _forgotten(guid: str) -> Note:
    """Stand for a note that was put once, and of which the package knows nothing any more."""
    return Note(guid=guid, note_type="", deck="", fields=FrozenMap())


def without_edits(
    tables: Tables, notes: Iterable[Note], note_types: Iterable[NoteType], state: AnkiState
) -> Tables:
    """Forget that a text was ours once where it stands as the learner's now."""
    stand = set[str]()
    for note in notes:
        there, ours = state.notes.get(note.guid), state.pushed.get(note.guid)
        if there and ours and there.fields != ours.fields:
            stand.update(_standing(note.guid, note.fields, there.fields, ours.fields))
    for one in note_types:
        there_type, ours_type = state.note_types.get(one.name), state.pushed_types.get(one.name)
        if there_type and ours_type and there_type != ours_type:
            texts = (kind.texts for kind in (one, there_type, ours_type))
            stand.update(_standing(one.name, *texts))
    earlier = tuple(digest for digest in tables.earlier if digest not in stand)
    return attrs.evolve(tables, earlier=earlier)


def _standing(
    place: str, put: Mapping[str, str], there: Mapping[str, str], ours: Mapping[str, str]
) -> Iterator[str]:
    for name, text in put.items():
        if text == there.get(name) != ours.get(name):
            yield text_digest(place, name, text)


def learners_media(state: AnkiState) -> frozenset[str]:
    """Name the files that the learner's own texts show: a package need not have them."""
    names: set[str] = set()
    for guid, note in state.notes.items():
        before = state.pushed[guid].fields if guid in state.pushed else {}
        if note.fields != before:
            for field, text in note.fields.items():
                if text != before.get(field):
                    names.update(media_in(text))
    return frozenset(names)


def _wanted_type(put: NoteType, state: AnkiState) -> NoteType:
    there, before = state.note_types.get(put.name), state.pushed_types.get(put.name)
    if there is None:
        return put
    base = before.texts if before else {}
    return put.with_texts(_wanted(put.texts, there.texts, base))


def _wanted(
    put: Mapping[str, str], there: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, str]:
    return {
        name: before.get(name, "") if text == there.get(name) else text
        for name, text in put.items()
    }
