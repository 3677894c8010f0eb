"""What is written into a running Anki: note types, media, notes, in as few requests as may be."""

import logging
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect_notes import (
    Change,
    Kept,
    search_of,
    stand_ins_in,
    type_changes,
)
from stages.providers.anki_connect_package import package_of, stand_in
from stages.providers.anki_connect_session import Session
from stages.providers.anki_connect_wire import MOST_BYTES, Action
from stages.providers.errors import BadAnswer, Rejected
from stages.providers.files import refusal, write_whole
from stages.records.note import Note, NoteType

_LARGEST_PACKAGE = MOST_BYTES * 7 // 10
"""Bytes of a package that fit into a body, where Anki cannot see our files."""

_IN_ITS_FOLDER = "_stages-import.apkg"

_log = logging.getLogger(__name__)


class Writer:
    """Writes into the profile of a session."""

    def __init__(self, session: Session, media: Path, settles: float) -> None:
        """Write nothing yet; see `AnkiConnect` for the arguments."""
        self._session = session
        self._media = media
        self._settles = settles
        self._sees_media = True
        self._sees_packages = True

    def put_types(self, wanted: tuple[NoteType, ...]) -> None:
        """Make note types be there, and look whether they are."""
        there = self._session.read().types
        missing = tuple(one for one in wanted if one.name not in there)
        if missing:
            self._make_types(missing)
        changes = [
            action
            for one in wanted
            if one.name in there
            for action in type_changes(there[one.name], one)
        ]
        self._session.write_all(changes)
        if missing or changes:
            self._session.forget()
            now = self._session.read_types([one.name for one in wanted])
            for one in wanted:
                _demand_taken(one, now.get(one.name))

    def _make_types(self, missing: tuple[NoteType, ...]) -> None:
        """Bring note types by a note each, which is deleted at once."""
        types = {one.name: one for one in missing}
        try:
            brought = tuple(map(stand_in, missing))
            self._import(brought, types, {note.guid: 0 for note in brought})
        except Rejected as error:
            _log.warning("%s; Anki makes the note types, with numbers of its own", error.why)
            self._session.write_all(map(_creation_of, missing))
            return
        (told,) = self._session.asked([("notesInfo", {"query": search_of(types)})])
        self._session.write_all([("deleteNotes", {"notes": stand_ins_in(told)})])

    def put_media(self, names: Sequence[str]) -> None:
        """Put files that are missing: as paths where Anki sees our folder, else as bytes."""
        unseen = self._put_paths(names) if self._sees_media else names
        for batch in self._session.wire.batches(map(self._as_bytes, unseen)):
            _demand_names(batch, self._session.wire.all(batch))

    def _put_paths(self, names: Sequence[str]) -> Sequence[str]:
        """Let Anki copy files from our folder; give the names of those that it does not see."""
        done = 0
        for batch in self._session.wire.batches(map(self._as_path, names)):
            told = self._session.wire.each(batch)
            errors = [error for _, error in told if error]
            if errors and not all("[Errno" in error for error in errors):
                raise self._session.wire.refusal("storeMediaFile", errors[0])
            if errors:
                # It sees none of the others, either.
                self._sees_media = False
                return names[done:]
            _demand_names(batch, [name for name, _ in told])
            done += len(batch)
        return ()

    def _as_path(self, name: str) -> Action:
        return "storeMediaFile", {**_stored(name), "path": str((self._media / name).absolute())}

    def _as_bytes(self, name: str) -> Action:
        try:
            content = (self._media / name).read_bytes()
        except OSError as error:
            raise refusal(error, f"media file {name}") from None
        return "storeMediaFile", {**_stored(name), "data": b64encode(content).decode()}

    def create(self, notes: tuple[Note, ...], places: Mapping[str, int]) -> None:
        """
        Add new notes: by a package, or by themselves where Anki takes no package.

        Args:
            notes: In the order of their cards.
            places: Theirs among all notes that are wanted, by guid.
        """
        there, decks = self._session.there, self._session.remembered.decks
        placed = tuple(_placed(note, decks, there.decks) for note in notes)
        try:
            self._import(placed, there.types, places)
        except Rejected as error:
            _log.warning("%s; the notes are added by Anki, with guids of its own", error.why)
            self._add(placed)
        if there.left_behind:
            self._session.write_all([("deleteNotes", {"notes": there.left_behind})])

    def _import(
        self, notes: tuple[Note, ...], types: Mapping[str, NoteType], places: Mapping[str, int]
    ) -> None:
        """Let Anki import a package: from our folder, or from its own where it does not see ours."""
        wire, ids = self._session.wire, self._session.there.type_ids

        def package(some: tuple[Note, ...]) -> bytes:
            return package_of(some, types, ids, places)

        whole = package(notes)
        (folder,) = self._session.asked([("getMediaDirPath", {})])
        if self._sees_packages:
            path = self._session.state.path.absolute()
            path = path.with_name(f".{path.name}.{_IN_ITS_FOLDER}")
            write_whole(path, whole, sync=False)
            try:
                ((_, error),) = wire.each([("importPackage", {"path": str(path)})])
            finally:
                path.unlink(missing_ok=True)
            if not error:
                return
            self._sees_packages = False
        for content in _pieces(notes, whole, package):
            data = b64encode(content).decode()
            wire.all(
                [
                    ("storeMediaFile", {"filename": _IN_ITS_FOLDER, "data": data}),
                    ("importPackage", {"path": f"{folder}/{_IN_ITS_FOLDER}"}),
                    ("deleteMediaFile", {"filename": _IN_ITS_FOLDER}),
                ]
            )

    def _add(self, notes: tuple[Note, ...]) -> None:
        """
        Add notes, many in a request.

        None is tried again: where a connection broke nobody knows which are there, and the next
        sync looks.
        """
        decks = dict.fromkeys(note.deck for note in notes)
        self._session.write_all(("createDeck", {"deck": deck}) for deck in decks)
        self._session.write_all(map(_addition_of, notes))

    def update(self, changes: Sequence[Change]) -> None:
        """Put what differs; a note that was changed in Anki since it was read is left alone."""
        if not changes:
            return
        now = self._session.read_notes(one.kept for one in changes)
        current = [one for one in changes if _is_as_read(one.kept, now.get(one.kept.id))]
        if len(current) < len(changes):
            number = len(changes) - len(current)
            _log.warning("%d notes were changed in Anki meanwhile: they are left alone", number)
        self._write(current)
        if not current:
            return
        now = self._session.read_notes(one.kept for one in current)
        lost = [one for one in current if one.kept.id in now and one.missed(now[one.kept.id])]
        if lost:
            _log.warning("%d notes did not keep what was put: it is put once more", len(lost))
            time.sleep(self._settles)
            self._write(lost)

    def _write(self, changes: Sequence[Change]) -> None:
        added, removed = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        fields: list[Action] = []
        for one in changes:
            if put := one.fields:
                fields.append(("updateNoteFields", {"note": {"id": one.kept.id, "fields": put}}))
            for tags, by_tag in zip(one.tags, (added, removed), strict=True):
                for tag in tags:
                    by_tag[tag].append(one.kept.id)
        adding = (("addTags", {"notes": ids, "tags": tag}) for tag, ids in added.items())
        removing = (("removeTags", {"notes": ids, "tags": tag}) for tag, ids in removed.items())
        self._session.write_all([*fields, *adding, *removing])


def _stored(name: str) -> dict[str, Any]:
    """Keep what is there: another content under the name gets another name, which is noticed."""
    return {"filename": name, "deleteExisting": False}


def _demand_names(batch: Sequence[Action], names: Sequence[Any]) -> None:
    for (_, params), name in zip(batch, names, strict=True):
        if name != params["filename"]:
            why = f"Anki keeps {params['filename']} as {name!r}, so no card would find it"
            raise BadAnswer(why, "another file may lie there under its name: look at it")


def _demand_taken(wanted: NoteType, now: NoteType | None) -> None:
    """Look whether Anki has taken a note type over: some things it ignores without a word."""
    left = [name for name, _ in type_changes(now, wanted)] if now else ["all of it"]
    if left:
        names = ", ".join(dict.fromkeys(left))
        raise Rejected(f"Anki did not take the note type {wanted.name!r} over: {names}")


def _creation_of(one: NoteType) -> Action:
    sides = [{"Name": t.name, "Front": t.front, "Back": t.back} for t in one.templates]
    fields = list(one.fields)
    return "createModel", {
        "modelName": one.name,
        "inOrderFields": fields,
        "cardTemplates": sides,
        "css": one.css,
    }


def _addition_of(note: Note) -> Action:
    return "addNote", {
        "note": {
            "modelName": note.note_type,
            "deckName": note.deck,
            "fields": dict(note.fields),
            "tags": list(note.tags),
            # Our notes differ by card id, whatever Anki thinks of their first field.
            "options": {"allowDuplicate": True},
        }
    }


def _placed(note: Note, ours: Mapping[str, int], there: Mapping[str, int]) -> Note:
    """Give the note with the name that its deck has now: its learner may have renamed it."""
    number = ours.get(note.deck)
    name = next((name for name, known in there.items() if known == number), note.deck)
    return attrs.evolve(note, deck=name)


def _pieces(
    notes: tuple[Note, ...], whole: bytes, package: Callable[[tuple[Note, ...]], bytes]
) -> Iterator[bytes]:
    """Give packages that each fit into a body, in order."""
    if len(whole) <= _LARGEST_PACKAGE or len(notes) == 1:
        yield whole
        return
    middle = len(notes) // 2
    for part in (notes[:middle], notes[middle:]):
        yield from _pieces(part, package(part), package)


def _is_as_read(read: Kept, now: Kept | None) -> bool:
    """Tell whether nobody has changed a note since; a field may have been added to all of them."""
    return (
        now is not None
        and now.note.tags == read.note.tags
        and all(now.note.fields.get(name) == text for name, text in read.note.fields.items())
    )


def beside(changes: Iterable[Change]) -> FrozenMap[str, FrozenMap[str, str]]:
    """Give what no field of the adopted notes holds, by guid, where it differs."""
    return FrozenMap(
        (one.kept.note.guid, FrozenMap(one.beside))
        for one in changes
        if not one.beside.items() <= dict(one.kept.note.fields).items()
    )
