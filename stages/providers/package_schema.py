"""The SQLite database in a package: Anki's schema 11, which every Anki since 2.0 reads."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from typing import Any

from stages.core.frozen import FrozenMap
from stages.providers.package_tables import (
    BASE,
    DEFAULT_DECK,
    CardRow,
    LeftOut,
    Model,
    NoteRow,
    Tables,
)
from stages.records.note import MEDIA_TAG, NoteType, Template
from stages.records.rendering import plain_text

_TABLES = """
CREATE TABLE col (id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL,
  scm integer NOT NULL, ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL,
  ls integer NOT NULL, conf text NOT NULL, models text NOT NULL, decks text NOT NULL,
  dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL,
  mod integer NOT NULL, usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL,
  sfld integer NOT NULL, csum integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL,
  ord integer NOT NULL, mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL,
  queue integer NOT NULL, due integer NOT NULL, ivl integer NOT NULL, factor integer NOT NULL,
  reps integer NOT NULL, lapses integer NOT NULL, left integer NOT NULL, odue integer NOT NULL,
  odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL,
  ease integer NOT NULL, ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL,
  time integer NOT NULL, type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
"""

_INDEXES = """
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_cid ON revlog (cid);
CREATE INDEX ix_notes_csum ON notes (csum);
"""

_PRESET = 1
"""The number of the only options that decks may have here."""

_NUMBERS = range(1 << 62)
"""What a number in a package may be: there is room to count on from it."""

_LATEX_PRE = (
    "\\documentclass[12pt]{article}\n\\special{papersize=3in,5in}\n\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amssymb,amsmath}\n\\pagestyle{empty}\n\\setlength{\\parindent}{0in}\n"
    "\\begin{document}\n"
)


def database(tables: Tables) -> bytes:
    """Write the database; the same tables give the same bytes whatever SQLite writes them."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        db.execute(
            "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
            (
                BASE,
                BASE * 1000,
                BASE * 1000,
                json.dumps(_conf(tables)),
                json.dumps({model.id: _model_json(model) for model in tables.models}),
                json.dumps({number: _deck_json(number, name) for name, number in tables.decks}),
                json.dumps(_DECK_CONFIG),
            ),
        )
        db.executemany(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            ((*row, *_sort_field(row.flds)) for row in sorted(tables.notes)),
        )
        db.executemany(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
            sorted(tables.cards),
        )
        db.commit()
        # Sorting once is faster than keeping twenty thousand rows in order.
        db.executescript(_INDEXES)
        written = bytearray(db.serialize())
    # SQLite notes its own version in its header (section 1.3.13 of its file format).
    written[96:100] = (3_040_000).to_bytes(4, "big")
    return bytes(written)


def tables_in(written: bytes, media: tuple[str, ...]) -> Tables:
    """
    Read a database back.

    Raises:
        ValueError: It has another schema, values of other types, or rows that do not belong together.
        sqlite3.Error: It is damaged.
        AttributeError, LookupError, TypeError: Its JSON has another form.
    """
    with closing(sqlite3.connect(":memory:")) as db, closing(sqlite3.connect(":memory:")) as ours:
        db.deserialize(written)
        ours.executescript(_TABLES + _INDEXES)
        # Without this a view or a trigger in it could do anything.
        if _schema_of(db) != _schema_of(ours):
            raise ValueError("its database has another schema")
        col = db.execute("SELECT conf, models, decks FROM col").fetchone()
        note_rows = db.execute("SELECT id, guid, mid, mod, tags, flds FROM notes")
        notes = tuple(map(NoteRow._make, note_rows))
        card_rows = db.execute("SELECT id, nid, did, ord, mod, due FROM cards ORDER BY due, ord")
        cards = tuple(map(CardRow._make, card_rows))
    conf, models, decks = map(json.loads, col)
    names = tuple((deck["name"], deck["id"]) for deck in decks.values())
    kept = conf.get("stages", {})
    left_out = tuple(map(LeftOut._make, kept.get("left_out", ())))
    earlier = tuple(kept.get("earlier", ()))
    theirs = [(name, *fields) for name, fields in kept.get("theirs", {}).items()]
    guids = tuple(kept.get("guids", {}).items())
    _demand(notes, int, str, int, int, str, str)
    _demand(cards, int, int, int, int, int, int)
    _demand(names, str, int)
    _demand(left_out, str, str, int, str)
    _demand([(name,) for name in (*media, *earlier)], str)
    _demand([(name,) for fields in theirs for name in fields], str)
    _demand(guids, str, str)
    by_id = {row.id: row for row in notes}
    nids = dict.fromkeys(card.nid for card in cards)
    if nids.keys() != by_id.keys():
        raise ValueError("its notes and its cards do not belong together")
    tables = Tables(
        models=tuple(map(_model, models.values())),
        decks=names,
        notes=tuple(map(by_id.__getitem__, nids)),
        cards=cards,
        media=media,
        left_out=left_out,
        earlier=earlier,
        theirs=FrozenMap((name, tuple(fields)) for name, *fields in theirs),
        guids=FrozenMap(guids),
    )
    _demand_what_is_pointed_at(tables)
    return tables


def _demand(rows: Collection[Sequence[object]], *kinds: type[int] | type[str]) -> None:
    """Look at each column: neither SQLite nor JSON promises of what type its values are."""
    for index, kind in enumerate(kinds):
        column = [row[index] for row in rows]
        if {*map(type, column)} - {kind}:
            raise ValueError("it holds values of another type")
        if kind is int and not all(map(_NUMBERS.__contains__, column)):
            raise ValueError("it holds a number that is negative or far too large")


def _demand_what_is_pointed_at(tables: Tables) -> None:
    fields = {model.id: len(model.note_type.fields) for model in tables.models}
    for row in tables.notes:
        if fields.get(row.mid) != row.flds.count("\x1f") + 1:
            raise ValueError(f"the fields of note {row.guid!r} are not those of its note type")
    if not {card.did for card in tables.cards} <= {number for _, number in tables.decks}:
        raise ValueError("it has cards in a deck that it does not have")


def _schema_of(db: sqlite3.Connection) -> list[Any]:
    return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def _sort_field(flds: str) -> tuple[str, int]:
    r"""
    Give the first field as Anki sorts by it, and the checksum that finds its duplicates.

    >>> _sort_field('<b>caf\u00e9</b> &amp; <img src="t-1.png">\x1fthe rest')
    ('café &  t-1.png ', 3886855586)
    """
    first = flds.partition("\x1f")[0]
    if "<" in first:
        first = MEDIA_TAG.sub(lambda tag: f" {tag[1] or tag[2] or tag[3]} ", first)
    first = plain_text(first)
    # Anki's own choice; nothing is kept safe by it.
    digest = hashlib.sha1(first.encode(), usedforsecurity=False).hexdigest()
    return first, int(digest[:8], 16)


def _model_json(model: Model) -> dict[str, Any]:
    note_type = model.note_type
    return {
        "id": model.id,
        "name": note_type.name,
        "type": 0,
        "mod": model.mod,
        "usn": -1,
        "sortf": 0,
        "did": None,
        "tmpls": [
            {
                "name": template.name,
                "ord": index,
                "qfmt": template.front,
                "afmt": template.back,
                "bqfmt": "",
                "bafmt": "",
                "did": None,
                "bfont": "",
                "bsize": 0,
            }
            for index, template in enumerate(note_type.templates)
        ],
        "flds": [
            {
                "name": name,
                "ord": index,
                "sticky": False,
                "rtl": False,
                "font": "Arial",
                "size": 20,
            }
            for index, name in enumerate(note_type.fields)
        ],
        "css": note_type.css,
        "latexPre": _LATEX_PRE,
        "latexPost": "\\end{document}",
        "latexsvg": False,
        "req": [],
    }


def _model(model: dict[str, Any]) -> Model:
    number, mod, name, css = (model[key] for key in ("id", "mod", "name", "css"))
    fields = [(field["name"],) for field in model["flds"]]
    sides = [(one["name"], one["qfmt"], one["afmt"]) for one in model["tmpls"]]
    _demand([(number, mod, name, css)], int, int, str, str)
    _demand(fields, str)
    _demand(sides, str, str, str)
    note_type = NoteType(
        name=name,
        fields=tuple(field for (field,) in fields),
        templates=tuple(Template(*one) for one in sides),
        css=css,
    )
    return Model(number, mod, note_type)


def _deck_json(number: int, name: str) -> dict[str, Any]:
    today = dict.fromkeys(("lrnToday", "revToday", "newToday", "timeToday"), (0, 0))
    return {
        "id": number,
        "name": name,
        "mod": BASE,
        "usn": -1,
        "collapsed": False,
        "browserCollapsed": False,
        "desc": "",
        "dyn": 0,
        "conf": _PRESET,
        "extendNew": 0,
        "extendRev": 0,
        **today,
    }


def _conf(tables: Tables) -> dict[str, Any]:
    kept = {
        "left_out": tables.left_out,
        "earlier": tables.earlier,
        "theirs": {name: tables.theirs[name] for name in sorted(tables.theirs)},
        "guids": {guid: tables.guids[guid] for guid in sorted(tables.guids)},
    }
    return {
        "activeDecks": [DEFAULT_DECK[1]],
        "curDeck": DEFAULT_DECK[1],
        "newSpread": 0,
        "collapseTime": 1200,
        "timeLim": 0,
        "estTimes": True,
        "dueCounts": True,
        "curModel": None,
        "nextPos": len(tables.notes) + 1,
        "sortType": "noteFld",
        "sortBackwards": False,
        "addToCur": True,
        "schedVer": 2,
        # Importing, Anki takes no settings over.
        "stages": {name: value for name, value in kept.items() if value or name == "left_out"},
    }


_DECK_CONFIG = {
    _PRESET: {
        "id": _PRESET,
        "name": "Default",
        "mod": 0,
        "usn": 0,
        "maxTaken": 60,
        "autoplay": True,
        "timer": 0,
        "replayq": True,
        "dyn": False,
        "new": {
            "bury": False,
            "delays": [1, 10],
            "initialFactor": 2500,
            "ints": [1, 4, 0],
            "order": 1,
            "perDay": 20,
        },
        "rev": {
            "bury": False,
            "ease4": 1.3,
            "ivlFct": 1,
            "maxIvl": 36500,
            "perDay": 200,
            "hardFactor": 1.2,
        },
        "lapse": {"delays": [10], "leechAction": 1, "leechFails": 8, "minInt": 1, "mult": 0},
    },
}
