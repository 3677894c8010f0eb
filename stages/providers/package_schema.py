"""The SQLite database in a package: Anki's schema 11, which every Anki since 2.0 reads."""

import hashlib
import html
import json
import re
import sqlite3
from contextlib import closing
from html.entities import name2codepoint
from typing import Any

from stages.providers.package_tables import BASE, CardRow, Model, NoteRow, Tables
from stages.records.note import NoteType, Template

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

_DEFAULT_DECK = 1
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
                json.dumps(_conf(len(tables.notes))),
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
        ValueError: It has another schema.
        sqlite3.Error: It is damaged.
    """
    with closing(sqlite3.connect(":memory:")) as db, closing(sqlite3.connect(":memory:")) as ours:
        db.deserialize(written)
        ours.executescript(_TABLES + _INDEXES)
        # Without this a view or a trigger in it could do anything.
        if _schema_of(db) != _schema_of(ours):
            raise ValueError("its database has another schema")
        models, decks = db.execute("SELECT models, decks FROM col").fetchone()
        notes = db.execute("SELECT id, guid, mid, mod, tags, flds FROM notes")
        cards = db.execute("SELECT id, nid, did, ord, mod, due FROM cards ORDER BY due, ord")
        by_id = {row.id: row for row in map(NoteRow._make, notes)}
        card_rows = tuple(map(CardRow._make, cards))
    return Tables(
        models=tuple(map(_model, json.loads(models).values())),
        decks=tuple((deck["name"], deck["id"]) for deck in json.loads(decks).values()),
        notes=tuple(by_id[nid] for nid in dict.fromkeys(card.nid for card in card_rows)),
        cards=card_rows,
        media=media,
    )


def _schema_of(db: sqlite3.Connection) -> list[Any]:
    return db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


_MARKUP = re.compile(
    r"<!--.*?-->|<style.*?>.*?</style>|<script.*?>.*?</script>|<.*?>", re.DOTALL | re.IGNORECASE
)
_MEDIA_TAG = re.compile(
    r"<(?:img|audio|video|source|object)\b[^>]*?\b(?:src|data)="
    r"""(?:"([^">]+)"[^>]*|'([^'>]+)'[^>]*|([^\s>'"]+)[^>]*)>""",
    re.IGNORECASE,
)


_ENTITY = re.compile(rf"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|apos|{'|'.join(name2codepoint)});")


def _sort_field(flds: str) -> tuple[str, int]:
    r"""
    Give the first field as Anki sorts by it, and the checksum that finds its duplicates.

    >>> _sort_field('<b>caf\u00e9</b> &amp; <img src="t-1.png">\x1fthe rest')
    ('café &  t-1.png ', 3886855586)
    """
    first = flds.partition("\x1f")[0]
    if "<" in first:
        first = _MEDIA_TAG.sub(lambda tag: f" {tag[1] or tag[2] or tag[3]} ", first)
        first = _MARKUP.sub("", first)
    # One faulty entity, and Anki decodes none.
    if "&" in first and first.count("&") == len(_ENTITY.findall(first)):
        first = html.unescape(first).replace("\xa0", " ")
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
    note_type = NoteType(
        name=model["name"],
        fields=tuple(field["name"] for field in model["flds"]),
        templates=tuple(
            Template(template["name"], template["qfmt"], template["afmt"])
            for template in model["tmpls"]
        ),
        css=model["css"],
    )
    return Model(model["id"], model["mod"], note_type)


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
        "conf": 1,
        "extendNew": 0,
        "extendRev": 0,
        **today,
    }


def _conf(notes: int) -> dict[str, Any]:
    return {
        "activeDecks": [_DEFAULT_DECK],
        "curDeck": _DEFAULT_DECK,
        "newSpread": 0,
        "collapseTime": 1200,
        "timeLim": 0,
        "estTimes": True,
        "dueCounts": True,
        "curModel": None,
        "nextPos": notes + 1,
        "sortType": "noteFld",
        "sortBackwards": False,
        "addToCur": True,
        "schedVer": 2,
    }


_DECK_CONFIG = {
    _DEFAULT_DECK: {
        "id": _DEFAULT_DECK,
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
