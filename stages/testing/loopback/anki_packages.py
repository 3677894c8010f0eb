"""Packages as Anki takes them in and gives them out: databases of schema 11, without encryption."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from stages.records.canonical import canonical_text
from stages.testing.loopback.anki_collection import (
    DEFAULT_DECK,
    AnkiCollection,
    KeptCard,
    KeptNote,
    KeptType,
)

_SCHEMA = """
CREATE TABLE col (models text, decks text);
CREATE TABLE notes (id integer, guid text, mid integer, mod integer, tags text, flds text);
CREATE TABLE cards (id integer, nid integer, did integer, ord integer, due integer, queue integer,
  reps integer, ivl integer);
CREATE TABLE revlog (id integer, cid integer, ease integer);
"""


def import_package(collection: AnkiCollection, content: bytes) -> None:
    """
    Take a package in: new notes are added, and a note that is there is replaced by a newer one.

    Raises:
        ValueError: It is no package.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names: dict[str, str] = json.loads(package.read("media"))
            media = {name: package.read(number) for number, name in names.items()}
            database = package.read("collection.anki2")
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"the package is not valid: {error}") from None
    if any("/" in name for name in media):
        raise ValueError("the package is not valid")
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(database)
        models, decks = map(json.loads, db.execute("SELECT models, decks FROM col").fetchone())
        notes = db.execute(
            "SELECT id, guid, mid, mod, tags, flds FROM notes ORDER BY id"
        ).fetchall()
        cards = db.execute(
            "SELECT id, nid, did, ord, due, queue, reps, ivl FROM cards ORDER BY due, ord"
        ).fetchall()
        answers = db.execute("SELECT id, cid, ease FROM revlog").fetchall()
    used = {note[2] for note in notes}
    types = {
        int(number): _merged(collection, _type(model))
        for number, model in models.items()
        if int(number) in used
    }
    places = {int(number): deck["name"] for number, deck in decks.items()}
    new = dict(_new_notes(collection, notes, types))
    numbers = {}
    for number, nid, did, *stand in cards:
        if nid in new:
            deck = collection.deck_named(places[did], make=True) or DEFAULT_DECK
            free = numbers[number] = collection.new_id(number, collection.cards)
            collection.keep(KeptCard(free, new[nid].id, stand.pop(0), deck, *stand))
    known = set(collection.reviews)
    answered = [(when, numbers[card], ease) for when, card, ease in answers if card in numbers]
    collection.reviews += [one for one in answered if one not in known]
    for name, held in media.items():
        collection.media.setdefault(name, held)


def _new_notes(
    collection: AnkiCollection, notes: list[Any], types: dict[int, KeptType]
) -> Iterator[tuple[int, KeptNote]]:
    """Give each note that was not there, by its id in the package; the others are replaced or left."""
    there = {note.guid: note for note in collection.notes.values()}
    for number, guid, mid, mod, tags, flds in notes:
        values = [canonical_text(value) for value in flds.split("\x1f")]
        kept_type = types[mid]
        values += [""] * (len(kept_type.fields) - len(values))
        spelt = collection.spelt(tuple(filter(None, tags.split(" "))))
        old = there.get(guid)
        if old is None:
            free = collection.new_id(number, collection.notes)
            note = KeptNote(free, guid, kept_type, values, spelt, mod)
            collection.notes[free] = note
            yield number, note
        elif old.note_type is kept_type and mod > old.mod:
            old.fields, old.tags, old.mod = values, spelt, mod
            collection.make_cards(old)


def _type(model: dict[str, Any]) -> KeptType:
    return KeptType(
        id=int(model["id"]),
        name=model["name"],
        fields=[field["name"] for field in model["flds"]],
        templates={one["name"]: (one["qfmt"], one["afmt"]) for one in model["tmpls"]},
        css=model["css"],
        mod=model["mod"],
    )


def _merged(collection: AnkiCollection, given: KeptType) -> KeptType:
    """Give the note type that the notes get: the one of this id, with what is new in the package."""
    kept = collection.note_types.get(given.id)
    if kept is None:
        collection.add_type(given)
        return given
    for name in given.fields:
        if name not in kept.fields:
            collection.add_field(kept, name)
    if given.mod > kept.mod:
        kept.templates = {**kept.templates, **given.templates}
        kept.css, kept.mod = given.css, given.mod
    else:
        kept.templates = {**given.templates, **kept.templates}
    return kept


def export_package(collection: AnkiCollection, deck: str, *, reviewed: bool) -> bytes:
    """Give a deck and those below it as a package that `import_package` takes in."""
    cards = [
        card
        for card in collection.cards.values()
        if card.deck == deck or card.deck.startswith(f"{deck}::")
    ]
    notes = [collection.notes[number] for number in dict.fromkeys(card.note for card in cards)]
    shown = {card.id for card in cards}
    models = {note.note_type.id: _model(note.note_type) for note in notes}
    decks = {collection.decks[name]: {"name": name} for name in {card.deck for card in cards}}
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_SCHEMA)
        db.execute("INSERT INTO col VALUES (?, ?)", (json.dumps(models), json.dumps(decks)))
        db.executemany(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?)",
            (
                (n.id, n.guid, n.note_type.id, n.mod, " ".join(n.tags), "\x1f".join(n.fields))
                for n in notes
            ),
        )
        db.executemany(
            "INSERT INTO cards VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (c.id, c.note, collection.decks[c.deck], c.template, c.due, *_stand(c, reviewed))
                for c in cards
            ),
        )
        answers = (one for one in collection.reviews if reviewed and one[1] in shown)
        db.executemany("INSERT INTO revlog VALUES (?, ?, ?)", answers)
        db.commit()
        database = db.serialize()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        package.writestr("collection.anki2", database)
        package.writestr("media", "{}")
    return written.getvalue()


def _stand(card: KeptCard, reviewed: bool) -> tuple[int, int, int]:  # noqa: FBT001
    return (card.queue, card.reps, card.interval) if reviewed else (0, 0, 0)


def _model(kept: KeptType) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "mod": kept.mod,
        "css": kept.css,
        "flds": [{"name": name} for name in kept.fields],
        "tmpls": [
            {"name": name, "qfmt": front, "afmt": back}
            for name, (front, back) in kept.templates.items()
        ],
    }
