"""A deck as one `.apkg` file that Anki imports, written with the standard library alone."""

import hashlib
import json
import marshal
import os
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.errors import BadAnswer, NotFound, Rejected
from stages.providers.files import refusal, replacing
from stages.providers.package_edits import (
    Edits,
    edits_in,
    keep_edits,
    learners_media,
    while_put,
    with_edits,
    without_edits,
)
from stages.providers.package_export import (
    DAMAGED,
    Export,
    ExportedNote,
    ExportedType,
    read_export,
)
from stages.providers.package_schema import database, tables_in
from stages.providers.package_tables import Tables, changes_in, part_of, state_of, tables_for
from stages.providers.protocols import Retirement
from stages.records.collection import AnkiState
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType
from stages.records.template import note_type_problems

_WHOLE, _PART = b"stages package ", b"stages changes "
"""What marks a file as ours; with all that there is, or only with what changed."""

_COMMENT_SIZE = len(_WHOLE) + 64
_END_SIZE = 22
_FORMAT = "1"
_MAX_BYTES = 1 << 30
_COLLECTION, _MEDIA = "collection.anki2", "media"


class Package:
    """
    An `AnkiProvider` that writes an `.apkg` file.

    The file is the only state: what it holds already keeps its ids, and only what differs from it
    gets a newer modification time, so that importing it again leaves everything else in a learner's
    collection alone. The same input over the same file gives the same bytes on every machine.

    The package holds exactly what was put: note types and media are put in every run, also those
    that it had before, and a note that is not put any more is left out (a collection that has
    imported it keeps it). Its time and a digest of it stay behind, so that it is as old as it was
    when it comes back the same, and newer when it comes back changed.

    A note is changed if a field is, or if it has a tag that it lacked. A tag that it has no more is
    left out of the package and stays in collections: nobody can tell it from a learner's own there.

    Given the learner's own export of the deck as a base, it knows their edits: `read` gives them as
    what is there, so that a sync merges them, and what is written is newer than the collection
    exactly where it differs from it. Fields that the learner added keep what they say, and notes
    that Anki made keep its guids. What was wanted where an edit stays lies in `deck.apkg.edits.json`.

    With only what changed in the package, all that there is lies in `deck.apkg.state` beside it: what
    changed since the last run, or with a base what the collection lacks. What an earlier package of
    changes holds stays in it as long as that lies there, since nobody knows whether it was imported.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        media: str | os.PathLike[str],
        now: Callable[[], float] = time.time,
        *,
        base: str | os.PathLike[str] | None = None,
        only_changes: bool = False,
    ) -> None:
        """
        Make a package without touching any file.

        Args:
            path: The `.apkg` file; its folder is made where it is missing.
            media: The folder in which the media files lie.
            now: Gives the time in seconds since 1970; asked only when something may differ.
            base: An `.apkg` or `.colpkg` file that the learner has exported from Anki.
            only_changes: Whether the file is to hold only what is new or changed.
        """
        self._path = Path(path)
        self._beside = Path(f"{self._path}.state")
        self._edits_path = Path(f"{self._path}.edits.json")
        self._folder = Path(media)
        self._now = now
        self._base = None if base is None else Path(base)
        self._only_changes = only_changes
        self._note_types: dict[str, NoteType] = {}
        self._wanted_types: dict[str, NoteType] = {}
        self._media: set[str] = set()
        self._exported: tuple[tuple[int, int], Export] | None = None

    def __repr__(self) -> str:
        """Name the file and the media folder."""
        return f"Package({str(self._path)!r}, {str(self._folder)!r})"

    def read(self) -> AnkiState:
        """
        Give what the package holds, or what the export does; an empty state where there is no file.

        Raises:
            BadAnswer: The file was not written by a `Package`, or is damaged; or the export is.
            Denied: It may not be read, or is a folder.
            NotFound: The export is not there.
            Misconfigured: The export is of Anki's newest format, and what unpacks it is not
                installed.
        """
        return self._state(self._earlier(), edits_in(self._edits_path), self._export())

    def _state(self, tables: Tables, edits: Edits, export: Export | None) -> AnkiState:
        state = with_edits(tables, edits, export)
        where = f"{self._path.name} over {self._base.name}" if self._base else self._path.name
        return attrs.evolve(state, where=where, is_package=True)

    def within(self, there: AnkiState) -> AnkiState:
        """
        Say what of a collection was ours when it imported this package, and what is an edit.

        For a collection that is synced otherwise from then on, as another adapter has read it. What
        that remembers itself comes first.

        Raises:
            BadAnswer, Denied: As `read`.
        """
        # Nobody knows which package it imported last, so each note is as old as can be: then what
        # was ours at any time counts as ours.
        types = {
            name: ExportedType(id=0, mod=0, note_type=one) for name, one in there.note_types.items()
        }
        notes = {k: ExportedNote(guid=k, mod=0, note=one) for k, one in there.notes.items()}
        export = Export(note_types=types, notes=notes, media=there.media)
        known = with_edits(self._earlier(), edits_in(self._edits_path), export)
        return attrs.evolve(
            there,
            pushed=FrozenMap({**known.pushed, **there.pushed}),
            pushed_types=FrozenMap({**known.pushed_types, **there.pushed_types}),
        )

    def backup(self) -> str:
        """Say nothing: the file is written anew beside itself, and collections have their own."""
        return ""

    def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
        """
        Remember note types for the next `put_notes`.

        Raises:
            Rejected: Anki would refuse or rename something in them; the message names it all.
        """
        problems = [str(one) for note_type in note_types for one in note_type_problems(note_type)]
        if problems:
            raise Rejected("; ".join(problems), "mend the note type")
        self._note_types.update((note_type.name, note_type) for note_type in note_types)

    def put_media(self, files: tuple[MediaFile, ...]) -> None:
        """
        Remember files for the next `put_notes`; none is read here, and one put twice is put once.

        Raises:
            Rejected: A name is no plain file name: such a name would spoil the whole package.
        """
        names = {file.name for file in files}
        odd = [name for name in sorted(names) if re.search(r"^\.*$|[/\\:\x00-\x1f\x7f]", name)]
        if odd:
            raise Rejected(f"no plain file names: {', '.join(map(repr, odd))}")
        self._media |= names

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """
        Write the package with these notes, whole or not at all; nothing where nothing differs.

        What was put before is for these notes alone: what comes after is the next package.

        Raises:
            Rejected: There is no note, or one cannot be written as it is; the message says which.
            NotFound: Media files are not in their folder; the message lists them.
            BadAnswer: What is at the path is not ours, so it is not written over.
            Denied: The file may not be written, or is a folder.
            Unavailable: The disk is full or fails.
        """
        try:
            self._put(notes)
        finally:
            self._note_types, self._media, self._wanted_types = {}, set(), {}

    def retire(self, guids: tuple[str, ...], how: Retirement) -> None:
        """Do nothing: a package leaves out what is not put."""

    def remember(self, notes: tuple[Note, ...], note_types: tuple[NoteType, ...] = ()) -> None:
        """
        Keep what was wanted of these where the package holds the learner's edits.

        What was wanted of note types is kept when they are written, by `put_notes`.
        """
        self._wanted_types.update((one.name, one) for one in note_types)
        if not notes or not self._merges:
            return
        edits, held = edits_in(self._edits_path), state_of(self._earlier()).notes
        wanted = {**edits.notes, **{note.guid: note for note in notes}}
        differing = ((guid, one) for guid, one in wanted.items() if held.get(guid) != one)
        kept = FrozenMap((guid, one) for guid, one in differing if guid in held)
        keep_edits(self._edits_path, attrs.evolve(edits, notes=kept))

    @property
    def _merges(self) -> bool:
        """Whether edits of the learner's are in the package, or may be."""
        return self._base is not None or self._edits_path.exists()

    def _put(self, notes: tuple[Note, ...]) -> None:
        fingerprint = self._fingerprint(notes)
        if not self._base and fingerprint == _mark(self._whole()) and not self._is_behind():
            return
        earlier, export = self._earlier(), self._export()
        edits, state = Edits(), None
        if self._merges:
            edits = edits_in(self._edits_path)
            state = self._state(earlier, edits, export)
        tables = tables_for(
            notes,
            self._note_types,
            self._media,
            earlier=earlier,
            now=int(self._now()),
            export=export,
            pushed=self._ours(earlier, edits) if state else None,
            elsewhere=learners_media(state) if state else (),
        )
        if state:
            tables = without_edits(tables, notes, self._note_types.values(), state)
        differs = tables != earlier
        if differs or self._is_behind():
            self._check_files(tables.media)
        if state:
            types = self._note_types.values()
            seen = _seen(edits, state, export, {note.guid for note in notes})
            keep_edits(self._edits_path, while_put(notes, types, state, self._wanted_types, seen))
        if self._only_changes:
            if differs or export:
                self._write_changes(tables, earlier, export, fingerprint)
        elif differs or self._is_behind():
            self._write(self._path, tables, fingerprint)

    def _ours(self, earlier: Tables, edits: Edits) -> AnkiState:
        """Give what of the earlier package was ours."""
        held = with_edits(earlier, edits, None)
        return attrs.evolve(held, notes=held.pushed, note_types=held.pushed_types)

    def _export(self) -> Export | None:
        """Read the export, once as long as it stays the same file."""
        if self._base is None:
            return None
        try:
            found = self._base.stat()
        except OSError as error:
            raise refusal(error, str(self._base)) from None
        stamp = found.st_mtime_ns, found.st_size
        if self._exported is None or self._exported[0] != stamp:
            self._exported = stamp, read_export(self._base)
        return self._exported[1]

    def _fingerprint(self, notes: tuple[Note, ...]) -> bytes:
        """Digest all that was put; marshal's version 0 writes equal values alike."""
        # What many notes have in common is digested once.
        common: dict[tuple[object, ...], int] = {}
        rows = [
            (
                note.guid,
                common.setdefault(
                    (note.note_type, note.deck, tuple(sorted(note.tags)), *note.fields.keys()),
                    len(common),
                ),
                *note.fields.values(),
            )
            for note in notes
        ]
        types = [attrs.astuple(self._note_types[name]) for name in sorted(self._note_types)]
        content = marshal.dumps((_FORMAT, types, sorted(self._media), rows, [*common]), 0)
        return _WHOLE + hashlib.sha256(content).hexdigest().encode()

    def _is_behind(self) -> bool:
        """Tell whether the file is to hold all, and what lies beside it knows more."""
        return not self._only_changes and self._whole() != self._path

    def _whole(self) -> Path:
        """Give the file that has all that there is: of the package and what lies beside it, the newer."""
        if not (_mark(self._path) or b"").startswith(_WHOLE):
            return self._beside
        if _mark(self._beside) is None:
            return self._path
        return max(self._beside, self._path, key=lambda path: path.stat().st_mtime_ns)

    def _earlier(self) -> Tables:
        mark, whole = _mark(self._path), self._whole()
        if mark == b"":
            raise BadAnswer(
                f"{self._path} was not written by stages, so it is left as it is",
                "choose another path, or move this file away",
            )
        if _mark(whole) is None:
            if mark:
                raise BadAnswer(
                    f"{self._path} holds only what changed, and {whole.name} is not beside it",
                    "put that back, or move both away: a new package adds what Anki lacks, and"
                    " updates what changes from then on",
                )
            return Tables()
        return self._read(whole)

    def _read(self, path: Path) -> Tables:
        try:
            with zipfile.ZipFile(path) as package:
                names = json.loads(_stored(package, _MEDIA))
                return tables_in(_stored(package, _COLLECTION), tuple(sorted(names.values())))
        except (*DAMAGED, OSError) as error:
            raise BadAnswer(
                f"{path} is damaged: {error}",
                "put an intact copy back, or move it away: a new package adds what Anki lacks, and"
                " updates what changes from then on",
            ) from error

    def _check_files(self, names: tuple[str, ...]) -> None:
        folder = str(self._folder)  # as text: thousands of paths take a while to make
        missing = [name for name in names if not os.path.isfile(f"{folder}/{name}")]  # noqa: PTH113
        if missing:
            raise NotFound(f"{self._folder} lacks {', '.join(missing)}", "make the media again")

    def _write_changes(
        self, tables: Tables, earlier: Tables, export: Export | None, fingerprint: bytes
    ) -> None:
        mark = _mark(self._path) or b""
        there = self._read(self._path) if mark.startswith(_PART) else Tables()
        waiting = set() if export else {row.guid for row in there.notes}
        part = part_of(tables, changes_in(tables, earlier, export) | waiting)
        if part.notes and part != there:
            if self._whole() == self._path:
                # It is about to be replaced, and nothing else has all of it.
                self._write(self._beside, earlier, mark, files=False)
            self._write(self._path, part, _PART + fingerprint.removeprefix(_WHOLE))
        if tables != earlier:
            self._write(self._beside, tables, fingerprint, files=False)

    def _write(self, path: Path, tables: Tables, mark: bytes, *, files: bool = True) -> None:
        content = database(tables)
        with replacing(path) as file, zipfile.ZipFile(file, "w") as package:
            package.comment = mark
            _store(package, file, _COLLECTION, content)
            for number, name in enumerate(tables.media if files else ()):
                _store(package, file, str(number), self._bytes(name))
            _store(package, file, _MEDIA, json.dumps(dict(enumerate(tables.media))).encode())

    def _bytes(self, name: str) -> bytes:
        try:
            with open(f"{self._folder}/{name}", "rb", buffering=0) as file:  # noqa: PTH123
                return file.readall()
        except OSError as error:
            raise refusal(error, f"media file {name}") from error


def _seen(
    edits: Edits, state: AnkiState, export: Export | None, put: Collection[str]
) -> dict[str, str]:
    """Say which notes an export had, and in which deck; what is put anew is to be seen yet."""
    if export is None:
        return dict(edits.seen)
    there = {guid: state.notes[guid].deck for guid in export.notes if guid in state.notes}
    before = {guid: deck for guid, deck in edits.seen.items() if guid not in put}
    return dict(sorted((before | there).items()))


def _mark(path: Path) -> bytes | None:
    """Give the comment of a file; it is empty where that is not ours, None without a file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _COMMENT_SIZE - _END_SIZE))
            end = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusal(error, str(path)) from error
    ours = end.startswith(b"PK\5\6") and end[_END_SIZE:].startswith((_WHOLE, _PART))
    return end[_END_SIZE:] if ours else b""


def _store(package: zipfile.ZipFile, file: BinaryIO, name: str, content: bytes) -> None:
    """
    Add an entry, alike on every system and at any time, and stored as it is.

    `writestr` gives the same bytes, but goes back to write each header once more: with thousands of
    files that takes longer than all else about the archive.
    """
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    entry.file_size = entry.compress_size = len(content)
    entry.CRC = zlib.crc32(content)
    entry.header_offset = package.start_dir
    header = entry.FileHeader()
    file.write(header)
    file.write(content)
    package.filelist.append(entry)
    package.NameToInfo[name] = entry
    package.start_dir += len(header) + len(content)


def _stored(package: zipfile.ZipFile, name: str) -> bytes:
    """Read an entry that nobody packed small, so that it cannot be larger than its file."""
    entry = package.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > _MAX_BYTES:
        raise ValueError(f"{name} is packed, or too large")
    return package.read(entry)
