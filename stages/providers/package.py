"""A deck as one `.apkg` file that Anki imports, written with the standard library alone."""

import hashlib
import json
import marshal
import os
import re
import sqlite3
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import attrs

from stages.providers.errors import BadAnswer, NotFound, Rejected
from stages.providers.files import refusal, replacing
from stages.providers.package_schema import database, tables_in
from stages.providers.package_tables import Tables, state_of, tables_for
from stages.records.collection import AnkiState
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType
from stages.records.template import note_type_problems

_MARK = b"stages package "
_COMMENT_SIZE = len(_MARK) + 64
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
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        media: str | os.PathLike[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Make a package without touching any file.

        Args:
            path: The `.apkg` file; its folder is made where it is missing.
            media: The folder in which the media files lie.
            now: Gives the time in seconds since 1970; asked only when something differs.
        """
        self._path = Path(path)
        self._folder = Path(media)
        self._now = now
        self._note_types: dict[str, NoteType] = {}
        self._media: set[str] = set()

    def __repr__(self) -> str:
        """Name the file and the media folder."""
        return f"Package({str(self._path)!r}, {str(self._folder)!r})"

    def read(self) -> AnkiState:
        """
        Give what the package holds; an empty state where there is no file.

        Raises:
            BadAnswer: The file was not written by a `Package`, or is damaged.
            Denied: It may not be read, or is a folder.
        """
        return state_of(self._earlier())

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
            self._note_types, self._media = {}, set()

    def _put(self, notes: tuple[Note, ...]) -> None:
        fingerprint = self._fingerprint(notes)
        if fingerprint == self._mark():
            return
        earlier = self._earlier()
        tables = tables_for(
            notes, self._note_types, self._media, earlier=earlier, now=int(self._now())
        )
        if tables != earlier:
            self._check_files(tables.media)
            self._write(tables, fingerprint)

    def _fingerprint(self, notes: tuple[Note, ...]) -> bytes:
        """Digest all that was put; marshal's version 0 writes equal values alike."""
        # What many notes have in common is digested once.
        common: dict[tuple[object, ...], int] = {}
        rows = [
            (
                note.guid,
                common.setdefault(
                    (note.note_type, note.deck, tuple(sorted(note.tags)), *note.fields),
                    len(common),
                ),
                *map(note.fields.__getitem__, note.fields),
            )
            for note in notes
        ]
        types = [attrs.astuple(self._note_types[name]) for name in sorted(self._note_types)]
        content = marshal.dumps((_FORMAT, types, sorted(self._media), rows, [*common]), 0)
        return _MARK + hashlib.sha256(content).hexdigest().encode()

    def _mark(self) -> bytes | None:
        """Give the comment of the file; it is empty where that is not ours, None without a file."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _COMMENT_SIZE - _END_SIZE))
                end = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise refusal(error, str(self._path)) from error
        ours = end.startswith(b"PK\5\6") and end[_END_SIZE:].startswith(_MARK)
        return end[_END_SIZE:] if ours else b""

    def _earlier(self) -> Tables:
        mark = self._mark()
        if mark is None:
            return Tables()
        if not mark:
            raise BadAnswer(
                f"{self._path} was not written by stages, so it is left as it is",
                "choose another path, or move this file away",
            )
        try:
            with zipfile.ZipFile(self._path) as package:
                names = json.loads(_stored(package, _MEDIA))
                return tables_in(_stored(package, _COLLECTION), tuple(sorted(names.values())))
        # What a damaged archive, database or JSON makes of these libraries.
        except (
            zipfile.BadZipFile,
            sqlite3.Error,
            ArithmeticError,
            AttributeError,
            EOFError,
            LookupError,
            OSError,
            RuntimeError,
            TypeError,
            ValueError,
            struct.error,
        ) as error:
            raise BadAnswer(
                f"{self._path} is damaged: {error}",
                "put an intact copy back, or move it away: a new package adds what Anki lacks, and"
                " updates what changes from then on",
            ) from error

    def _check_files(self, names: tuple[str, ...]) -> None:
        missing = [name for name in names if not (self._folder / name).is_file()]
        if missing:
            raise NotFound(f"{self._folder} lacks {', '.join(missing)}", "make the media again")

    def _write(self, tables: Tables, fingerprint: bytes) -> None:
        content = database(tables)
        with replacing(self._path) as file, zipfile.ZipFile(file, "w") as package:
            package.comment = fingerprint
            package.writestr(_entry(_COLLECTION), content)
            for number, name in enumerate(tables.media):
                package.writestr(_entry(str(number)), self._bytes(name))
            package.writestr(_entry(_MEDIA), json.dumps(dict(enumerate(tables.media))))

    def _bytes(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise refusal(error, f"media file {name}") from error


def _entry(name: str) -> zipfile.ZipInfo:
    """Name an entry alike on every system and at any time; it is stored as it is."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _stored(package: zipfile.ZipFile, name: str) -> bytes:
    """Read an entry that nobody packed small, so that it cannot be larger than its file."""
    entry = package.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > _MAX_BYTES:
        raise ValueError(f"{name} is packed, or too large")
    return package.read(entry)
