"""The pictures and sounds in a package, so that they can be checked where they are."""

import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import attrs

from stages.core.problem import Problem, Severity
from stages.providers.errors import BadAnswer, NotFound
from stages.providers.files import refusal
from stages.providers.looking import looked_into
from stages.providers.package_export import DAMAGED, unpacked
from stages.records.look import Look, Use, uses_of
from stages.records.media import MediaFile
from stages.records.note import ID_FIELD, PICTURE_FIELD, SOUND_FIELD, media_in
from stages.records.note_types import NOTE_TYPES


@attrs.frozen
class _Row:
    """A note of a package: the name of its note type, and its fields by name."""

    guid: str
    note_type: str
    fields: Mapping[str, str]

    @property
    def is_ours(self) -> bool:
        """Whether its fields mean what ours do."""
        return self.note_type in _OURS

    @property
    def text(self) -> str:
        """What its sound says, where that is known."""
        return _plain(self.fields.get("Word", "")) if self.is_ours else ""


class PackageMedia:
    """
    A `MediaProvider` of the files in an `.apkg` file, whoever wrote it.

    Nothing is written, and nothing unpacked. It is read when it is first asked something.
    """

    def __init__(self, path: Path | str) -> None:
        """Look into this file."""
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"PackageMedia({str(self.path)!r})"

    def read(self, name: str) -> bytes:
        """Give a file's bytes."""
        entry = self._files.get(name)
        if not entry:
            raise NotFound(f"media file {name} is not in the package")
        with self._calmly():
            return unpacked(self._package, entry, _LARGEST_FILE)

    def look(self, name: str) -> Look:
        """Decode a file and say what is in it."""
        try:
            return looked_into(name, self.read(name))
        except BadAnswer as error:
            raise BadAnswer(error.why, "move the package away, and make it again") from None

    def unused(self) -> dict[str, int]:
        """
        Give the size of each file that no note shows, by name.

        What begins with an underline is for templates, and LaTeX is drawn by Anki.
        """
        return {
            name: entry.file_size
            for name, entry in self._files.items()
            if name not in self._shown and not name.startswith(("_", "latex-"))
        }

    def uses(self) -> tuple[Use, ...]:
        """Give each file that a note shows or plays, by name; it need not be there."""
        sizes = {name: entry.file_size for name, entry in self._files.items()}
        files = {
            name: MediaFile(name=name, size=sizes.get(name, 0), provider="package")
            for name in sorted(self._shown)
        }
        spoken = [
            (text, files[name])
            for row in self._rows
            for text, field in self._spoken_by(row)
            for name in self._named_in(field)
        ]
        return uses_of(files.values(), spoken)

    def lacking(self) -> tuple[Problem, ...]:
        """Give a warning for each note of ours that has no picture, and for each without a sound."""
        return tuple(
            Problem(
                f"no-{what}",
                f"notes[{row.fields.get(ID_FIELD) or row.guid}]",
                f"it has no {what}",
                severity=Severity.WARNING,
            )
            for row in self._rows
            if row.is_ours
            for what, field in (("picture", PICTURE_FIELD), ("sound", SOUND_FIELD))
            if not [*media_in(row.fields.get(field, ""))]
        )

    def _shown_by(self, row: _Row) -> Iterator[str]:
        for field in row.fields.values():
            yield from self._named_in(field)

    def _spoken_by(self, row: _Row) -> Iterator[tuple[str, str]]:
        """Give the texts that a note has spoken, each with the field that has its sound."""
        if row.text:
            yield row.text, row.fields.get(SOUND_FIELD, "")
        if row.is_ours and (example := _plain(row.fields.get("Example", ""))):
            yield example, row.fields["Example"]

    def _named_in(self, field: str) -> Iterator[str]:
        """Name the files of a field as they are called in the package, if they are there."""
        for name in media_in(field):
            decoded = unquote(name)
            spelled = (name, decoded, unicodedata.normalize("NFC", decoded))
            yield next((one for one in spelled if one in self._files), name)

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(name for row in self._rows for name in self._shown_by(row))

    @cached_property
    def _package(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.path)
        except zipfile.BadZipFile as error:
            raise self._no_package(error) from None
        except (OSError, ValueError) as error:
            raise refusal(error, str(self.path)) from None

    @cached_property
    def _files(self) -> dict[str, zipfile.ZipInfo]:
        with self._calmly():
            if _NEWEST in self._package.namelist():
                raise BadAnswer(
                    f"{self.path} is of Anki's newest format, and its media are not read here",
                    "export it with 'Support older Anki versions' chosen",
                )
            listed = json.loads(unpacked(self._package, self._package.getinfo("media"), _LARGEST))
            entries = {entry.filename: entry for entry in self._package.infolist()}
            return {str(name): entries[number] for number, name in listed.items()}

    @cached_property
    def _rows(self) -> tuple[_Row, ...]:
        with self._calmly():
            names = self._package.namelist()
            name = next(one for one in _COLLECTIONS if one in names)
            return tuple(_rows_in(unpacked(self._package, self._package.getinfo(name), _LARGEST)))

    @contextmanager
    def _calmly(self) -> Iterator[None]:
        """Say in our words what a damaged archive, database or JSON makes of these libraries."""
        try:
            yield
        except (*DAMAGED, OSError, StopIteration) as error:
            raise self._no_package(error) from None

    def _no_package(self, error: Exception) -> BadAnswer:
        told = str(error).strip("'\"") or type(error).__name__
        return BadAnswer(
            f"{self.path} is no package of Anki's, or damaged: {told:.200}",
            "export it again, or make it again",
        )


def _rows_in(database: bytes) -> Iterator[_Row]:
    """Read the notes of a database of Anki's schema 11."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(database)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_FIELDS)
        # What is no plain table could do anything when it is read.
        for name in ("col", "notes"):
            (made,) = db.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
            ).fetchone()
            if not re.match(r"CREATE\s+TABLE\b", made, re.IGNORECASE):
                raise ValueError("its database has another schema")
        (models,) = db.execute("SELECT models FROM col").fetchone()
        types = {
            int(number): (str(one["name"]), [str(field["name"]) for field in one["flds"]])
            for number, one in json.loads(models).items()
        }
        for guid, mid, flds in db.execute("SELECT guid, mid, flds FROM notes"):
            name, fields = types[mid]
            yield _Row(str(guid), name, dict(zip(fields, flds.split("\x1f"), strict=False)))


def _plain(field: str) -> str:
    """
    Give the text of a field without its markup and its sounds.

    >>> _plain("Mi <b>casa</b> &amp; yo. [sound:a.mp3]")
    'Mi casa & yo.'
    """
    return unescape(re.sub(r"<[^>]*>|\[sound:[^\]]*\]", "", field)).strip()


_OURS = frozenset(one.name for one in NOTE_TYPES)
_COLLECTIONS = ("collection.anki21", "collection.anki2")
_NEWEST = "collection.anki21b"
_LARGEST = 1 << 29
_LARGEST_FILE = 1 << 27
_LARGEST_FIELDS = 1 << 24
