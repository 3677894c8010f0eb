"""A learner's own export of a deck or of a whole collection: what there is in Anki, edits and all."""

import html
import json
import re
import sqlite3
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.errors import BadAnswer, Misconfigured
from stages.providers.files import refusal
from stages.records.note import ID_FIELD, LANGUAGE_FIELD, Note, NoteType, Template, note_guid

_NEWEST = "collection.anki21b"
_OLDER = ("collection.anki21", "collection.anki2")
_LARGEST = 1 << 29
"""How many bytes a database may have: a collection of a million notes has fewer."""

_LARGEST_LIST = 1 << 26
_LARGEST_FIELDS = 1 << 24

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    sqlite3.Error,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a damaged archive, database or JSON makes of the libraries that read it."""


class ExportedType(NamedTuple):
    """A note type as it is in the collection; `mod` in seconds."""

    id: int
    mod: int
    note_type: NoteType


class ExportedNote(NamedTuple):
    """
    A note as it is in the collection; `mod` in seconds.

    Attributes:
        guid: Anki's own, which is another than ours where Anki made the note.
    """

    guid: str
    mod: int
    note: Note


@attrs.frozen(kw_only=True)
class Export:
    """
    What a collection holds.

    Attributes:
        note_types: By name.
        notes: By our guid.
        media: The names of the files that came with it.
    """

    note_types: Mapping[str, ExportedType]
    notes: Mapping[str, ExportedNote]
    media: frozenset[str]


def read_export(path: Path) -> Export:
    """
    Read an `.apkg` or `.colpkg` file that Anki has exported, of any format since Anki 2.0.

    Raises:
        BadAnswer: It is none, is damaged, or would be larger than any collection is.
        Misconfigured: It is of the newest format, and what unpacks that is not installed.
        NotFound, Denied: It is not there, or may not be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            return _read(package)
    except DAMAGED as error:
        raise BadAnswer(
            f"{path} is no export of Anki's, or damaged: {error!s:.200}",
            "export the deck from Anki again: File > Export, as .apkg",
        ) from None
    except OSError as error:
        raise refusal(error, str(path)) from None


def _read(package: zipfile.ZipFile) -> Export:
    names = package.namelist()
    is_newest = _NEWEST in names
    # An older one lies in a new package too, with a note in it that asks for a newer Anki.
    name = next((one for one in (_NEWEST, *_OLDER) if one in names), "")
    if not name:
        raise ValueError("there is no collection in it")
    content = unpacked(package, package.getinfo(name), _LARGEST)
    listed = b""
    if "media" in names:
        listed = unpacked(package, package.getinfo("media"), _LARGEST_LIST)
    if is_newest:
        content, listed = _decompressed(content, _LARGEST), _decompressed(listed, _LARGEST_LIST)
    media = _names_in(listed) if is_newest else json.loads(listed or b"{}").values()
    with closing(sqlite3.connect(":memory:")) as db:
        # A database with a log beside it (section 1.3.3 of SQLite's file format) needs a disk.
        db.deserialize(content[:18] + b"\1\1" + content[20:])
        db.execute("PRAGMA trusted_schema = OFF")
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_FIELDS)
        tables = _tables_of(db)
        types = dict(_types_in_rows(db) if "notetypes" in tables else _types_in_json(db))
        decks = dict(_decks_in_rows(db) if "decks" in tables else _decks_in_json(db))
        notes: dict[str, ExportedNote] = {}
        for guid, one in _notes(db, types, decks):
            # What was copied in Anki has the same card id; the older note has the history.
            notes.setdefault(guid, one)
    return Export(
        note_types={one.note_type.name: one for one in types.values()},
        notes=notes,
        media=frozenset(map(str, media)),
    )


def unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int) -> bytes:
    """
    Read an entry of an archive that somebody else made.

    Raises:
        ValueError: It would have more bytes than that.
    """
    if entry.file_size > largest:
        raise ValueError(f"{entry.filename} would have {entry.file_size} bytes")
    with package.open(entry) as file:
        return file.read()


def _decompressed(content: bytes, largest: int) -> bytes:
    module = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        zstd: Any = import_module(module)
    except ImportError:
        raise Misconfigured(
            "it is of Anki's newest format, which needs a library to unpack",
            'pip install "fluent-stages[export]", or export again with “Support older Anki'
            " versions” ticked",
        ) from None
    unpacking = zstd.ZstdDecompressor()
    try:
        whole: bytes = unpacking.decompress(content, max_length=largest + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None
    if len(whole) > largest or not unpacking.eof:
        raise ValueError("it is cut off, or would be too large")
    return whole


def _tables_of(db: sqlite3.Connection) -> set[str]:
    """Name the tables; what is no plain table could do anything when it is read."""
    made = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, _, sql in made:
        plain = kind == "index" or (
            kind == "table" and re.match(r"CREATE\s+TABLE\b", str(sql), re.IGNORECASE)
        )
        if not plain:
            raise ValueError("its database has another schema")
    return {str(name) for kind, name, _ in made if kind == "table"}


def _types_in_json(db: sqlite3.Connection) -> Iterator[tuple[int, ExportedType]]:
    (models,) = db.execute("SELECT models FROM col").fetchone()
    for one in json.loads(models).values():
        note_type = NoteType(
            name=str(one["name"]),
            fields=tuple(str(field["name"]) for field in one["flds"]),
            templates=tuple(
                Template(str(t["name"]), str(t["qfmt"]), str(t["afmt"])) for t in one["tmpls"]
            ),
            css=str(one["css"]),
        )
        yield int(one["id"]), ExportedType(int(one["id"]), int(one["mod"]), note_type)


def _types_in_rows(db: sqlite3.Connection) -> Iterator[tuple[int, ExportedType]]:
    fields: dict[int, list[str]] = {}
    for number, name in db.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
        fields.setdefault(number, []).append(str(name))
    templates: dict[int, list[Template]] = {}
    sides = "SELECT ntid, name, config FROM templates ORDER BY ntid, ord"
    for number, name, config in db.execute(sides):
        parts = dict(_parts(config))
        one = Template(str(name), _text(parts.get(1)), _text(parts.get(2)))
        templates.setdefault(number, []).append(one)
    for number, name, mod, config in db.execute(
        "SELECT id, name, mtime_secs, config FROM notetypes"
    ):
        note_type = NoteType(
            name=str(name),
            fields=tuple(fields[number]),
            templates=tuple(templates[number]),
            css=_text(dict(_parts(config)).get(3)),
        )
        yield number, ExportedType(int(number), int(mod), note_type)


def _decks_in_json(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    (decks,) = db.execute("SELECT decks FROM col").fetchone()
    return ((int(one["id"]), str(one["name"])) for one in json.loads(decks).values())


def _decks_in_rows(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    rows = db.execute("SELECT id, name FROM decks")
    return ((int(number), str(name).replace("\x1f", "::")) for number, name in rows)


def _notes(
    db: sqlite3.Connection, types: Mapping[int, ExportedType], decks: Mapping[int, str]
) -> Iterator[tuple[str, ExportedNote]]:
    # A card that is in a filtered deck for now has its own in odid; the last one read is the first.
    homes = dict(
        db.execute(
            "SELECT nid, CASE odid WHEN 0 THEN did ELSE odid END FROM cards ORDER BY ord DESC"
        )
    )
    rows = db.execute("SELECT id, guid, mid, mod, tags, flds FROM notes ORDER BY id").fetchall()
    for number, guid, mid, mod, tags, flds in rows:
        note_type = types[mid].note_type
        values = zip(note_type.fields, str(flds).split("\x1f"), strict=True)
        fields = FrozenMap(values)
        ours = _our_guid(note_type.name, fields) or str(guid)
        note = Note(
            guid=ours,
            note_type=note_type.name,
            deck=decks.get(homes.get(number, 0), "Default"),
            fields=fields,
            # A no-break space does not end a tag.
            tags=tuple(filter(None, str(tags).split(" "))),
        )
        yield ours, ExportedNote(str(guid), int(mod), note)


def _our_guid(note_type: str, fields: Mapping[str, str]) -> str:
    """Give the guid that we would give; empty where the note does not say whose it is."""
    key, language = (
        html.unescape(fields.get(name, "")).strip() for name in (ID_FIELD, LANGUAGE_FIELD)
    )
    return note_guid(language, note_type, key) if key and language else ""


def _names_in(listed: bytes) -> Iterator[str]:
    """Name the files in the list of a package of the newest format."""
    for number, entry in _parts(listed):
        if number == 1:
            yield _text(dict(_parts(entry)).get(1))


def _text(part: object) -> str:
    return part.decode() if isinstance(part, bytes) else ""


_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_MOST_BYTES = 10


def _parts(message: object) -> Iterator[tuple[int, object]]:
    """Give number and value of each part of a Protocol Buffers message."""
    if not isinstance(message, bytes):
        raise TypeError("a part of it has another form")
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        size = {_FIXED_64: 8, _FIXED_32: 4}.get(key & 7)
        if key & 7 == _BYTES:
            size, at = _varint(message, at)
        if size is None or at + size > len(message):
            raise ValueError("a part of it is cut off")
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Give a number, and where it ends: seven bits a byte, the lowest first."""
    value = 0
    for index in range(_MOST_BYTES):
        byte = message[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    raise ValueError("a number in it has no end")
