"""A written package, read back and imported into the real Anki."""

import errno
import io
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anki.lang
import attrs
import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Denied, NotFound, Rejected, Unavailable
from stages.providers.package import Package
from stages.providers.package_tables import (
    BASE,
    Model,
    NoteRow,
    Tables,
    tables_for,
)
from stages.records.canonical import canonical_deck, canonical_tags, canonical_text
from stages.records.collection import AnkiState
from stages.records.media import MediaFile
from stages.records.merge import planned
from stages.records.note import Note, NoteType, Template

# Anki's own types allow None in most places, where a test knows better.
Anki = Any

VOCABULARY = NoteType(
    name="Vocabulary",
    fields=("Word", "IPA", "Picture", "Sound"),
    templates=(
        Template("Read", "{{Word}}", "{{FrontSide}}<hr>{{IPA}}{{Sound}}"),
        Template("Name", "{{#Picture}}{{Picture}}{{/Picture}}", "{{Word}}"),
        Template("Hear", "{{Sound}}", "{{Word}}"),
    ),
    css=".card { font-size: 24px; }",
)


def png() -> bytes:
    """Make a picture of one grey pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\0\x80")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )


MP3 = b"\xff\xfb\x10\xc4" + bytes(100)
"""One frame of silence: MPEG 1, layer 3, 32 kbit/s."""


def note(number: int, *, picture: bool = False, sound: bool = False, **changes: Any) -> Note:
    """Make a note that has its first card, and one more for a picture and for a sound."""
    fields = {
        "Word": f"niño {number}",
        "IPA": "[ni.ɲo]",
        "Picture": '<img src="a.png">' if picture else "",
        "Sound": "[sound:a.mp3]" if sound else "",
    }
    made = Note(
        guid=f"guid{number}",
        note_type="Vocabulary",
        deck="Spanish",
        fields=FrozenMap(fields),
        tags=("noun",),
    )
    return attrs.evolve(made, **changes)


def with_field(one: Note, name: str, value: str) -> Note:
    """Give a note with another value in a field."""
    return attrs.evolve(one, fields=one.fields.put(name, value))


class Writer:
    """Writes packages from one media folder, as a run of the library would."""

    def __init__(self, folder: Path) -> None:
        """Lay a picture and a sound into the media folder."""
        self.path = folder / "deck.apkg"
        self.media = folder / "media"
        self.media.mkdir()
        (self.media / "a.png").write_bytes(png())
        (self.media / "a.mp3").write_bytes(MP3)
        self.now = 1_700_000_000

    def package(
        self,
        *note_types: NoteType,
        media: tuple[str, ...] = ("a.png", "a.mp3"),
        path: Path | None = None,
    ) -> Package:
        """Give a package in which note types and media are put."""
        package = Package(path or self.path, self.media, lambda: self.now)
        package.put_note_types(note_types or (VOCABULARY,))
        package.put_media(tuple(MediaFile(name=name, size=1, provider="test") for name in media))
        return package

    def write(self, *notes: Note) -> AnkiState:
        """Write a package as a run of its own, and read it back as another."""
        self.package().put_notes(notes)
        return Package(self.path, self.media).read()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database in the package."""
        with zipfile.ZipFile(self.path) as package:
            database = sqlite3.connect(":memory:")
            database.deserialize(package.read("collection.anki2"))
            rows = database.execute(query).fetchall()
            database.close()
        return rows


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    """A writer in a folder of its own."""
    return Writer(tmp_path)


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Anki]:
    """An empty collection of the real Anki."""
    anki.lang.set_lang("en_US")
    (tmp_path / "anki").mkdir()
    opened = Collection(str(tmp_path / "anki" / "collection.anki2"))
    yield opened
    opened.close()


def imported(collection: Anki, path: Path) -> dict[str, int]:
    """Import a package as Anki does for a person, and count what became of its notes."""
    options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True)
    request = ImportAnkiPackageRequest(package_path=str(path), options=options)
    log = collection.import_anki_package(request).log
    # Anki keeps the old note types otherwise.
    collection.models._clear_cache()
    counts = {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate")}
    others = (log.conflicting, log.missing_notetype, log.missing_deck, log.empty_first_field)
    return counts | {"refused": sum(map(len, others))}


def study(collection: Anki, times: int) -> None:
    """Answer cards as a learner does."""
    for deck in collection.decks.all_names_and_ids():
        collection.decks.select(deck.id)
        for _ in range(times):
            card = collection.sched.getCard()
            if card:
                card.start_timer()
                collection.sched.answerCard(card, 3)


def history(collection: Anki) -> list[object]:
    """Give all that a learner's work consists of."""
    cards = "SELECT id, nid, ord, type, queue, ivl, factor, reps, lapses FROM cards ORDER BY id"
    return [*collection.db.all("SELECT * FROM revlog"), *collection.db.all(cards)]


def is_clean(collection: Anki) -> bool:
    """Run Anki's checks of the database, of the media and for empty cards."""
    told, _ = collection.fix_integrity()
    # What Anki always says, and what it makes of cards that are answered within a second.
    usual = ("Database rebuilt", "Added last review time")
    right = all(line.startswith(usual) for line in told.splitlines())
    media = collection.media.check()
    no_empty_cards = not collection.get_empty_cards().notes
    return right and not media.missing and not media.unused and no_empty_cards


def test_an_empty_state_where_no_file_is(writer: Writer) -> None:
    """Reading where nothing is yet gives an empty state and makes no file."""
    empty = AnkiState(is_package=True, sees_edits=False)
    assert empty == Package(writer.path, writer.media).read()
    assert not writer.path.exists()


def test_reads_back_what_was_put(writer: Writer) -> None:
    """A package read by another run gives the same notes in order, note types and media names."""
    notes = (note(2, picture=True), note(1, sound=True, deck="Spanish::A1"), note(3, tags=()))

    state = writer.write(*notes)

    assert list(notes) == list(state.notes.values())
    assert FrozenMap({"Vocabulary": VOCABULARY}) == state.note_types
    assert frozenset({"a.png", "a.mp3"}) == state.media


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.lists(TEXTS, max_size=3), TEXTS), max_size=4))
def test_reads_back_the_canonical_form_of_anything(
    cases: list[tuple[str, str, list[str], str]],
) -> None:
    """Any text comes back as Anki would keep it, and putting it again writes nothing."""
    notes = tuple(
        note(
            number,
            fields=FrozenMap(
                {"Word": f"w{word}", "IPA": ipa.replace("<", ""), "Picture": "", "Sound": ""},
            ),
            tags=tuple(tags),
            deck=deck,
        )
        for number, (word, ipa, tags, deck) in enumerate((*cases, ("", "", [], "d")))
    )
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder))
        state = writer.write(*notes)
        first = writer.path.stat()
        again = writer.write(*state.notes.values())

        assert state == again
        assert first == writer.path.stat()
    for given_note, read in zip(notes, state.notes.values(), strict=True):
        assert canonical_tags(given_note.tags) == read.tags
        for name, value in given_note.fields.items():
            assert canonical_text(value) == read.fields[name]


def test_anki_takes_everything(writer: Writer, collection: Anki) -> None:
    """Anki imports every note, card, deck and file, and all of its checks are clean."""
    notes = (
        note(1, picture=True, sound=True),
        note(2, picture=True, deck="Spanish::A1::Food"),
        note(3),
    )
    writer.write(*notes)

    assert imported(collection, writer.path) == {
        "new": 3,
        "updated": 0,
        "duplicate": 0,
        "refused": 0,
    }
    assert is_clean(collection)
    cards = collection.db.all(
        "SELECT guid, ord FROM cards JOIN notes ON nid = notes.id ORDER BY due, ord"
    )
    assert cards == [
        ["guid1", 0],
        ["guid1", 1],
        ["guid1", 2],
        ["guid2", 0],
        ["guid2", 1],
        ["guid3", 0],
    ]
    decks = {deck.name for deck in collection.decks.all_names_and_ids()}
    assert {"Default", "Spanish", "Spanish::A1", "Spanish::A1::Food"} == decks
    assert png() == Path(collection.media.dir(), "a.png").read_bytes()
    assert Path(collection.media.dir(), "a.mp3").read_bytes() == MP3


def test_a_note_type_comes_out_as_anki_makes_one(writer: Writer, collection: Anki) -> None:
    """An imported note type equals one made in Anki itself, up to ids, times and its name."""
    writer.write(note(1))
    imported(collection, writer.path)
    own = collection.models.new("Own")
    for name in VOCABULARY.fields:
        collection.models.add_field(own, collection.models.new_field(name))
    for one in VOCABULARY.templates:
        template = collection.models.new_template(one.name)
        template["qfmt"], template["afmt"] = one.front, one.back
        collection.models.add_template(own, template)
    own["css"] = VOCABULARY.css
    collection.models.add(own)

    assert plain(collection.models.by_name("Own")) == plain(collection.models.by_name("Vocabulary"))


def plain(model: Anki) -> object:
    """Leave out of a note type what differs from one to the next."""
    own = {"id", "name", "mod", "usn", "originalId", "originalStockKind"}
    parts = {
        key: [{name: value for name, value in part.items() if name != "id"} for part in model[key]]
        for key in ("flds", "tmpls")
    }
    return {key: value for key, value in model.items() if key not in own} | parts


FIRST_FIELDS = {
    "plain": "casa",
    "blanks": " casa ",
    "accents": "niño",
    "markup": "<b>la</b> <i>casa</i>",
    "a comment": "<!-- x -->casa",
    "style and script": "<STYLE a>x\n</STYLE>casa<script>y</script>",
    "entities": "&lt;casa&gt; &amp; &#233;",
    "a no-break space": "la&nbsp;casa",
    "an unknown entity": "&eacute;&nothing; casa",
    "a bare ampersand": "pan & agua &lt;",
    "a picture": "<img src='a.png'>",
    "a picture with more in it": '<img class=k src="a.png" alt="x">casa',
    "a sound": "[sound:a.mp3]",
    "a number": "12",
    "a comparison": "1 < 2 > 3",
    "a line break": "la<br>casa\n",
}


def test_sorts_and_finds_duplicates_as_anki_does(writer: Writer, collection: Anki) -> None:
    """Sort field and checksum are those that Anki would compute from the same first field."""
    notes = [
        with_field(note(number), "Word", word) for number, word in enumerate(FIRST_FIELDS.values())
    ]
    writer.write(*notes)
    imported(collection, writer.path)
    ours = writer.rows("SELECT sfld, csum FROM notes JOIN cards ON nid = notes.id ORDER BY due")
    anki_has = []
    for one in notes:
        added = collection.new_note(collection.models.by_name("Vocabulary"))
        added["Word"] = one.fields["Word"]
        collection.add_note(added, collection.decks.id("Default"))
        query = "SELECT sfld, csum FROM notes WHERE id = ?"
        anki_has.append(tuple(collection.db.first(query, added.id)))

    assert dict(zip(FIRST_FIELDS, anki_has, strict=True)) == dict(
        zip(FIRST_FIELDS, ours, strict=True)
    )


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param(("b", "a"), id="out of order"),
        pytest.param(("x y", "z\u3000w"), id="blanks"),
        pytest.param(("a::", "::c", "d::::e"), id="empty levels"),
        pytest.param(("u\tv", "\x01c\x7f", "\n"), id="control characters"),
        pytest.param(("a\u00a0b",), id="a no-break space"),
        pytest.param(("A1::Food", "a1::food"), id="two spellings"),
        pytest.param(("e\u0301", "z", "A", "_"), id="letters of all kinds"),
    ],
)
def test_tags_are_kept_as_anki_keeps_them(collection: Anki, tags: tuple[str, ...]) -> None:
    """Tags get the form that Anki itself would give them."""
    added = collection.new_note(collection.models.by_name("Basic"))
    added.fields, added.tags = ["x", ""], list(tags)
    collection.add_note(added, collection.decks.id("Default"))

    assert tuple(collection.get_note(added.id).tags) == canonical_tags(tags)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Spanish :: A1", id="blanks"),
        pytest.param("x::::y", id="an empty level"),
        pytest.param("", id="no name"),
        pytest.param("a\x01\tb", id="control characters"),
        pytest.param("Espan\u0303ol", id="not composed"),
    ],
)
def test_deck_names_are_kept_as_anki_keeps_them(collection: Anki, name: str) -> None:
    """A deck gets the name that Anki itself would give it."""
    assert collection.decks.name(collection.decks.id(name)) == canonical_deck(name)


def test_fields_are_kept_as_anki_keeps_them(collection: Anki) -> None:
    """Of all characters Anki drops the control characters alone, and composes the rest."""
    text = "".join(map(chr, range(0x250))) + "\r\ne\u0301\u200d\u2028\ufeff"
    added = collection.new_note(collection.models.by_name("Basic"))
    added.fields = ["x", text]
    collection.add_note(added, collection.decks.id("Default"))

    assert collection.get_note(added.id).fields[1] == canonical_text(text)
    assert unicodedata.is_normalized("NFC", canonical_text(text))


def test_decks_that_differ_by_case_are_one(writer: Writer, collection: Anki) -> None:
    """Anki knows no two decks that differ by case, so the first spelling stands for both."""
    state = writer.write(note(1, deck="Spanish"), note(2, deck="SPANISH"), note(3, deck="default"))
    imported(collection, writer.path)

    assert [one.deck for one in state.notes.values()] == ["Spanish", "Spanish", "Default"]
    assert is_clean(collection)


def test_a_note_without_cards_gets_its_first(writer: Writer) -> None:
    """Where no template would make a card, the first one does, as in Anki."""
    pictures = attrs.evolve(
        VOCABULARY, templates=(Template("Name", "{{Picture}}", "{{Word}}"),), css=""
    )
    writer.package(pictures).put_notes((note(1),))

    assert writer.rows("SELECT ord FROM cards") == [(0,)]


def test_importing_the_same_again_changes_nothing(writer: Writer, collection: Anki) -> None:
    """A second import of an unchanged package leaves notes, cards and history as they are."""
    notes = [note(number, picture=True) for number in range(4)]
    writer.write(*notes)
    imported(collection, writer.path)
    study(collection, 6)
    before = history(collection)
    writer.now += 10_000
    writer.write(*notes)

    assert imported(collection, writer.path) == {
        "new": 0,
        "updated": 0,
        "duplicate": 4,
        "refused": 0,
    }
    assert before == history(collection)
    assert any(isinstance(row, list) and row[7] for row in before)


def test_only_a_changed_note_is_updated(writer: Writer, collection: Anki) -> None:
    """One changed note updates that note alone; what a learner wrote and did elsewhere stays."""
    notes = [note(number, picture=True) for number in range(4)]
    writer.write(*notes)
    imported(collection, writer.path)
    study(collection, 6)
    (edited,) = collection.find_notes('"Word:niño 1"')
    own = collection.get_note(edited)
    own["IPA"] = "my own hint"
    collection.update_note(own)
    before = history(collection)
    writer.now = int(time.time()) + 5
    writer.write(*notes[:3], with_field(notes[3], "Word", "niña"), note(9))

    counts = imported(collection, writer.path)

    assert counts == {"new": 1, "updated": 1, "duplicate": 3, "refused": 0}
    assert collection.find_notes("Word:niña")
    assert collection.get_note(edited)["IPA"] == "my own hint"
    assert before == [row for row in history(collection) if row in before]
    assert is_clean(collection)


def test_a_changed_note_type_keeps_history(writer: Writer, collection: Anki) -> None:
    """A new template and another look reach Anki; the cards that were there keep their history."""
    notes = [note(number) for number in range(3)]
    writer.write(*notes)
    imported(collection, writer.path)
    study(collection, 3)
    before = history(collection)
    more = attrs.evolve(
        VOCABULARY,
        templates=(*VOCABULARY.templates, Template("Speak", "{{IPA}}", "{{Word}}")),
        css=".card { color: navy; }",
    )
    writer.now = int(time.time()) + 5
    writer.package(more).put_notes(tuple(notes))
    imported(collection, writer.path)

    model = collection.models.by_name("Vocabulary")
    assert more.css == model["css"]
    assert [one["name"] for one in model["tmpls"]] == ["Read", "Name", "Hear", "Speak"]
    assert before == [row for row in history(collection) if row in before]
    assert len(before) + len(notes) == len(history(collection))
    assert is_clean(collection)


def test_what_stays_keeps_ids_and_times(writer: Writer) -> None:
    """A rebuild keeps the ids of all and the times of what is the same, whatever the new order."""
    notes = [note(number, picture=True) for number in range(5)]
    writer.write(*notes)
    query = (
        "SELECT guid, notes.id, cards.id, ord, notes.mod FROM notes JOIN cards ON nid = notes.id"
    )
    before = set(writer.rows(query))
    writer.write(note(7), *reversed(notes[1:]))
    after = set(writer.rows(query))

    assert {row for row in before if row[0] != "guid0"} == after - {
        row for row in after if row[0] == "guid7"
    }
    assert {(BASE,)} == set(writer.rows("SELECT mod FROM notes"))
    order = writer.rows("SELECT guid FROM notes JOIN cards ON nid = notes.id GROUP BY due")
    assert [guid for (guid,) in order] == ["guid7", "guid4", "guid3", "guid2", "guid1"]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        pytest.param(1_800_000_000, [1_800_000_000, 1_800_000_001], id="a clock that stands"),
        pytest.param(0, [BASE + 1, BASE + 2], id="a clock that is behind"),
    ],
)
def test_every_change_is_newer(writer: Writer, clock: int, expected: list[int]) -> None:
    """A change is newer than what was there, even if the clock says otherwise."""
    writer.now = clock
    times = []
    for word in "one", "two", "three":
        writer.write(with_field(note(1), "Word", word))
        times += writer.rows("SELECT mod FROM notes")

    assert [BASE, *expected] == [time for (time,) in times]


def test_another_deck_alone_is_no_change_of_the_note(writer: Writer) -> None:
    """Anki leaves cards in their deck, so a new deck alone must not write over a learner's edit."""
    writer.write(note(1))
    state = writer.write(note(1, deck="Other"))

    assert state.notes["guid1"].deck == "Other"
    assert writer.rows("SELECT mod FROM notes") == [(BASE,)]


def edit(collection: Anki) -> None:
    """Edit a note as a learner does."""
    (number,) = collection.find_notes('"Word:niño 1"')
    own = collection.get_note(number)
    own["IPA"] = "my own hint"
    collection.update_note(own)


def is_edited(collection: Anki) -> bool:
    """Tell whether the learner's edit is still there."""
    (number,) = collection.find_notes('"Word:niño 1"')
    return bool(collection.get_note(number)["IPA"] == "my own hint")


@pytest.mark.parametrize(
    ("tags", "updated"),
    [
        pytest.param(("food", "noun"), 1, id="one more"),
        pytest.param(("verb",), 1, id="another"),
        pytest.param((), 0, id="none any more"),
        pytest.param(("Noun",), 0, id="another spelling"),
    ],
)
def test_a_new_tag_is_a_change_and_a_missing_one_is_none(
    writer: Writer, collection: Anki, tags: tuple[str, ...], updated: int
) -> None:
    """What the package makes of tags is what a sync reports; else a learner's edit stays."""
    there = writer.write(note(1))
    imported(collection, writer.path)
    edit(collection)
    writer.now = int(time.time()) + 5
    wanted = note(1, tags=tags)
    state = writer.write(wanted)

    assert len(planned({"it": wanted}, there).changed) == updated
    assert state.notes["guid1"].tags == tags
    assert imported(collection, writer.path)["updated"] == updated
    assert is_edited(collection) is (not updated)


def test_fields_in_another_order_are_no_change_of_the_note(
    writer: Writer, collection: Anki
) -> None:
    """Anki knows fields by name, so their order alone must not write over a learner's edit."""
    there = writer.write(note(1))
    imported(collection, writer.path)
    edit(collection)
    turned = attrs.evolve(VOCABULARY, fields=("Word", "Sound", "Picture", "IPA"))
    writer.now = int(time.time()) + 5
    writer.package(turned).put_notes((note(1),))

    assert planned({"it": note(1)}, there).changed == ()
    assert imported(collection, writer.path)["updated"] == 0
    assert is_edited(collection)
    assert is_clean(collection)


def test_a_note_that_comes_back_is_as_old_as_it_was(writer: Writer, collection: Anki) -> None:
    """Left out and put again as it was, it leaves a learner's edit alone."""
    notes = [note(1, picture=True), note(2)]
    writer.write(*notes)
    imported(collection, writer.path)
    edit(collection)
    writer.now = int(time.time()) + 5
    for put in (notes[1:], [note(3), notes[1]], notes):
        writer.write(*put)
        assert imported(collection, writer.path)["updated"] == 0

    assert is_edited(collection)
    assert is_clean(collection)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(with_field(note(1), "IPA", "[x]"), id="another field"),
        pytest.param(note(1, tags=("food", "noun")), id="another tag"),
    ],
)
def test_a_note_that_comes_back_changed_reaches_anki(
    writer: Writer, collection: Anki, changed: Note
) -> None:
    """It is newer than it ever was in the package, and than a collection that has it."""
    writer.write(note(1), note(2))
    imported(collection, writer.path)
    study(collection, 2)
    before = history(collection)
    writer.now = int(time.time()) + 5
    writer.write(note(2))
    writer.write(changed, note(2))

    assert imported(collection, writer.path)["updated"] == 1
    (number,) = collection.find_notes('"Word:niño 1"')
    here = collection.get_note(number)
    assert (here["IPA"], tuple(here.tags)) == (changed.fields["IPA"], changed.tags)
    assert before == history(collection)
    assert is_clean(collection)


def test_the_last_time_of_what_is_left_out_is_remembered(writer: Writer) -> None:
    """Through any number of builds without it."""
    changed = with_field(note(1), "IPA", "[x]")
    writer.now = BASE
    for put in ([note(1), note(2)], [changed, note(2)], [note(2)], [note(3)], [changed, note(3)]):
        writer.write(*put)
    query = "SELECT guid, mod FROM notes ORDER BY guid"
    assert writer.rows(query) == [("guid1", BASE + 1), ("guid3", BASE)]
    writer.write(note(3))
    writer.write(note(1), note(3))
    assert writer.rows(query) == [("guid1", BASE + 2), ("guid3", BASE)]


def test_a_note_type_that_comes_back_changed_reaches_anki(writer: Writer, collection: Anki) -> None:
    """A run without notes of a type leaves it out; its next look is taken over all the same."""
    other = attrs.evolve(VOCABULARY, name="Other")
    navy = attrs.evolve(VOCABULARY, css=".card { color: navy; }")
    apart = note(2, note_type="Other")
    writer.package(VOCABULARY, other).put_notes((note(1), apart))
    imported(collection, writer.path)
    writer.now = int(time.time()) + 5
    writer.package(other).put_notes((apart,))
    writer.package(navy, other).put_notes((note(1), apart))
    imported(collection, writer.path)

    assert collection.models.by_name("Vocabulary")["css"] == navy.css
    assert is_clean(collection)


def test_what_was_left_out_is_no_part_of_the_package(writer: Writer) -> None:
    """Neither a reader nor whoever is given the file finds what it said."""
    writer.write(note(1), note(2))
    state = writer.write(note(2))

    assert list(state.notes) == ["guid2"]
    assert "niño 1".encode() not in writer.path.read_bytes()


def test_nothing_is_written_where_nothing_differs(writer: Writer) -> None:
    """An unchanged rebuild leaves the file alone, even when it is spelt differently."""
    writer.write(with_field(note(1), "Word", "niño\n"))
    before = writer.path.stat()
    writer.write(with_field(note(1), "Word", "nin\u0303o\r\n"))
    (writer.media / "a.png").unlink()
    writer.write(with_field(note(1), "Word", "niño\n"))

    assert before == writer.path.stat()


def test_putting_twice_in_one_run_is_putting_once(writer: Writer) -> None:
    """Note types and media put again change nothing, and neither do the notes."""
    package = writer.package()
    package.put_notes((note(1, picture=True),))
    before = writer.path.stat()
    package.put_note_types((VOCABULARY,))
    again = (MediaFile(name=name, size=1, provider="test") for name in ("a.png", "a.mp3"))
    package.put_media(tuple(again) * 2)
    package.put_notes((note(1, picture=True),))

    assert before == writer.path.stat()


def test_what_was_put_for_one_package_is_not_in_the_next(writer: Writer) -> None:
    """One writer that is used again does not ask for a file that was replaced since."""
    package = writer.package()
    package.put_notes((note(1, picture=True),))
    (writer.media / "a.mp3").unlink()
    package.put_note_types((VOCABULARY,))
    package.put_media((MediaFile(name="a.png", size=1, provider="test"),))
    package.put_notes((note(1, picture=True),))

    assert package.read().media == {"a.png"}


SCRIPT = """
import itertools, sys
from pathlib import Path
from stages.core.frozen import FrozenMap
from stages.providers.package import Package
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType, Template

folder, mode = Path(sys.argv[1]), sys.argv[2]
names = {f"{n}.png" for n in range(60)}
(folder / "media").mkdir(exist_ok=True)
for name in names:
    (folder / "media" / name).write_bytes(name.encode() * 5000)
templates = (Template("A", "{{A}}", "{{B}}"), Template("B", "{{B}}", "{{A}}"))
for turn in itertools.count() if mode == "for ever" else range(-1, 0):
    package = Package(folder / "deck.apkg", folder / "media", lambda: 1_700_000_000)
    package.put_note_types((NoteType(name="T", fields=("A", "B"), templates=templates),))
    package.put_media(tuple(MediaFile(name=name, size=1, provider="t") for name in names))
    package.put_notes(tuple(
        Note(guid=f"g{n}", note_type="T", deck=f"D{n % 3}", tags=tuple({"x", "y", f"t{n}"}),
             fields=FrozenMap({"A": f"{n} {turn}", "B": f'<img src="{n % 60}.png">'}))
        for n in range(300)
    ))
    print(turn, flush=True)
"""


def script(folder: Path, mode: str, seed: str = "0") -> subprocess.Popen[bytes]:
    """Write packages in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(folder), mode],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds in other folders write the same bytes."""
    written = []
    for seed in "1", "2":
        folder = tmp_path / seed
        folder.mkdir()
        script(folder, "once", seed).communicate()
        written.append((folder / "deck.apkg").read_bytes())

    assert written[0] == written[1]


def test_the_archive_is_as_the_standard_library_writes_one(writer: Writer) -> None:
    """The same entries added by `zipfile` itself give the same bytes."""
    writer.write(note(1, picture=True), note(2, sound=True))
    again = io.BytesIO()
    with zipfile.ZipFile(writer.path) as written, zipfile.ZipFile(again, "w") as archive:
        archive.comment = written.comment
        for old in written.infolist():
            entry = zipfile.ZipInfo(old.filename)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, written.read(old))

    assert again.getvalue() == writer.path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_a_whole_package(tmp_path: Path) -> None:
    """Whenever a run is killed, a reader finds a whole package or none; the next run sweeps."""
    dice = random.Random(11)
    for _ in range(8):
        process = script(tmp_path, "for ever")
        assert process.stdout
        process.stdout.readline()
        time.sleep(dice.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with zipfile.ZipFile(tmp_path / "deck.apkg") as package:
            assert package.testzip() is None
        state = Package(tmp_path / "deck.apkg", tmp_path / "media").read()
        assert (len(state.notes), len(state.media)) == (300, 60)

    script(tmp_path, "once").communicate()

    assert {"deck.apkg", "media"} == {path.name for path in tmp_path.iterdir()}


def full_disk(*_: object) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def not_allowed(*_: object, **__: object) -> None:
    """Fail as a folder does in which nothing may be written."""
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("call", "failure", "error"),
    [
        pytest.param("os.fsync", full_disk, Unavailable, id="a full disk"),
        pytest.param("os.replace", not_allowed, Denied, id="no permission"),
    ],
)
def test_a_failed_write_leaves_the_old_file(
    writer: Writer,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    failure: Callable[..., None],
    error: type[ProviderError],
) -> None:
    """A write that fails is told as a provider's error, and leaves the old file alone behind."""
    writer.write(note(1))
    before = writer.path.read_bytes()
    package = writer.package()
    with monkeypatch.context() as patch:
        patch.setattr(call, failure)
        with pytest.raises(error):
            package.put_notes((note(1), note(2)))

    assert before == writer.path.read_bytes()
    assert {"deck.apkg", "media"} == {path.name for path in writer.path.parent.iterdir()}


def test_a_file_that_may_not_grow_is_told(writer: Writer) -> None:
    """A limit of the system in the middle of a write is told, and leaves the old file."""
    resource = pytest.importorskip("resource")
    writer.write(note(1))
    before = writer.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(Unavailable):
            writer.package().put_notes((note(1), note(2)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert before == writer.path.read_bytes()
    assert {"deck.apkg", "media"} == {path.name for path in writer.path.parent.iterdir()}


def zipped(**entries: str) -> bytes:
    """Make an archive that is no package of ours."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"dear diary", id="a text"),
        pytest.param(zipped(media="{}"), id="another program's package"),
        pytest.param(zipped(media="{}")[:-7], id="a broken archive"),
    ],
)
def test_what_is_not_ours_is_never_written_over(writer: Writer, content: bytes) -> None:
    """A file that no `Package` wrote is refused with a way out, and stays as it is."""
    writer.path.write_bytes(content)
    for act in writer.package().read, lambda: writer.package().put_notes((note(1),)):
        with pytest.raises(BadAnswer, match="was not written by stages") as raised:
            act()
        assert raised.value.hint == "choose another path, or move this file away"

    assert content == writer.path.read_bytes()


def test_a_folder_is_refused(writer: Writer) -> None:
    """A folder at the path is refused."""
    writer.path.mkdir()

    with pytest.raises(Denied):
        writer.package().put_notes((note(1),))


def rebuilt(path: Path, change: Callable[[dict[str, bytes]], None], packed: int = 0) -> None:
    """Write a package anew with other entries, under its own mark."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
        comment = old.comment
    change(entries)
    with zipfile.ZipFile(path, "w", compression=packed) as new:
        new.comment = comment
        for name, content in entries.items():
            new.writestr(name, content)


def other_schema(entries: dict[str, bytes]) -> None:
    """Put a view where a table was."""
    database = sqlite3.connect(":memory:")
    database.deserialize(entries["collection.anki2"])
    database.execute("ALTER TABLE notes RENAME TO hidden")
    database.execute("CREATE VIEW notes AS SELECT * FROM hidden")
    entries["collection.anki2"] = database.serialize()
    database.close()


@pytest.mark.parametrize(
    ("change", "packed"),
    [
        pytest.param(other_schema, zipfile.ZIP_STORED, id="another schema"),
        pytest.param(lambda _: None, zipfile.ZIP_DEFLATED, id="packed entries"),
        pytest.param(
            lambda entries: entries.pop("collection.anki2"), zipfile.ZIP_STORED, id="no database"
        ),
        pytest.param(
            lambda entries: entries.update({"collection.anki2": b"SQLite" * 999}),
            zipfile.ZIP_STORED,
            id="no SQLite",
        ),
        pytest.param(
            lambda entries: entries.update(media=b"[" * 99_999), zipfile.ZIP_STORED, id="deep JSON"
        ),
        pytest.param(
            lambda entries: entries.update(media=b'["a"]'), zipfile.ZIP_STORED, id="other JSON"
        ),
    ],
)
def test_a_forged_package_is_refused(
    writer: Writer, change: Callable[[dict[str, bytes]], None], packed: int
) -> None:
    """What carries our mark and is not ours does no harm: it is told to be damaged."""
    writer.write(note(1))
    rebuilt(writer.path, change, packed)

    with pytest.raises(BadAnswer, match="is damaged"):
        writer.package().read()


def in_database(*statements: str) -> Callable[[dict[str, bytes]], None]:
    """Run statements in the database of a package."""

    def change(entries: dict[str, bytes]) -> None:
        database = sqlite3.connect(":memory:")
        database.deserialize(entries["collection.anki2"])
        for statement in statements:
            database.execute(statement)
        database.commit()
        entries["collection.anki2"] = database.serialize()
        database.close()

    return change


def untyped_guid(entries: dict[str, bytes]) -> None:
    """Put a number where the schema would make it a text."""
    schema = "UPDATE sqlite_master SET sql = replace(sql, 'guid {}', 'guid {}')"
    writable = "PRAGMA writable_schema = 1"
    in_database(writable, schema.format("text", "blob"))(entries)
    in_database("UPDATE notes SET guid = 7", writable, schema.format("blob", "text"))(entries)


def in_models(path: str, value: str) -> Callable[[dict[str, bytes]], None]:
    """Change a place in the JSON of the only note type."""
    place = f"'$.' || (SELECT key FROM json_each(models)) || '{path}'"
    return in_database(f"UPDATE col SET models = json_set(models, {place}, {value})")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(in_database("UPDATE notes SET mid = 5"), id="an unknown note type"),
        pytest.param(in_database("UPDATE notes SET flds = 'one'"), id="too few fields"),
        pytest.param(in_database("UPDATE notes SET flds = x'00'"), id="a blob for fields"),
        pytest.param(in_database("UPDATE notes SET tags = x'00'"), id="a blob for tags"),
        pytest.param(in_database("UPDATE notes SET mod = 'x'"), id="a text for a time"),
        pytest.param(in_database("UPDATE notes SET mod = 1.5"), id="half a second"),
        pytest.param(in_database("UPDATE notes SET mod = -1"), id="a time before time"),
        pytest.param(in_database(f"UPDATE notes SET mod = {2**63 - 1}"), id="a time without end"),
        pytest.param(untyped_guid, id="a number for a guid"),
        pytest.param(in_database("UPDATE cards SET did = 5"), id="an unknown deck"),
        pytest.param(in_database("UPDATE cards SET nid = 5"), id="a card without a note"),
        pytest.param(in_database("UPDATE cards SET ord = 'x'"), id="a text for a template"),
        pytest.param(in_database("DELETE FROM cards"), id="a note without a card"),
        pytest.param(in_database("DELETE FROM col"), id="no row for the collection"),
        pytest.param(in_database("UPDATE col SET models = '[]'"), id="a list of note types"),
        pytest.param(in_database("UPDATE col SET models = '{}'"), id="no note types"),
        pytest.param(in_models(".id", "json('[]')"), id="a list for an id"),
        pytest.param(in_models(".mod", "'x'"), id="a text for a note type's time"),
        pytest.param(in_models(".name", "json('[]')"), id="a list for a name"),
        pytest.param(in_models(".css", "json('null')"), id="no look"),
        pytest.param(in_models(".flds", "'abcd'"), id="a text for fields"),
        pytest.param(in_models(".flds[0].name", "7"), id="a number for a field"),
        pytest.param(in_models(".tmpls[0].qfmt", "7"), id="a number for a front"),
        pytest.param(in_database("UPDATE col SET decks = '{\"1\": 1}'"), id="a number for a deck"),
        pytest.param(
            in_database("UPDATE col SET decks = json_set(decks, '$.1.id', json('{}'))"),
            id="an object for a deck's id",
        ),
        pytest.param(in_database("UPDATE col SET conf = '[]'"), id="a list of settings"),
        pytest.param(
            in_database("""UPDATE col SET conf = '{"stages": {"left_out": [[1, 2, 3, 4]]}}'"""),
            id="numbers for what was left out",
        ),
        pytest.param(
            in_database("""UPDATE col SET conf = '{"stages": {"left_out": "abcd"}}'"""),
            id="a text for what was left out",
        ),
        pytest.param(
            in_database("""UPDATE col SET conf = '{"stages": {"earlier": [1]}}'"""),
            id="numbers for earlier texts",
        ),
        pytest.param(
            in_database("""UPDATE col SET conf = '{"stages": {"theirs": {"Vocabulary": [1]}}}'"""),
            id="a number for a learner's field",
        ),
        pytest.param(
            in_database("""UPDATE col SET conf = '{"stages": {"guids": {"guid1": 1}}}'"""),
            id="a number for another guid",
        ),
        pytest.param(in_database("UPDATE col SET conf = '{\"stages\": []}'"), id="a list for ours"),
        pytest.param(
            lambda entries: entries.update(media=b'{"0": 7, "1": 8}'), id="numbers for files"
        ),
    ],
)
def test_an_inconsistent_package_is_damaged(
    writer: Writer, change: Callable[[dict[str, bytes]], None]
) -> None:
    """Values of other types and rows that do not belong together are told, and never replaced."""
    writer.write(note(1), note(2))
    rebuilt(writer.path, change)
    before = writer.path.read_bytes()

    for act in writer.package().read, lambda: writer.package().put_notes((note(1), note(3))):
        with pytest.raises(BadAnswer, match="is damaged: ") as raised:
            act()
        assert raised.value.hint
        assert "\n" not in raised.value.why
    assert before == writer.path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_told(data: st.DataObject) -> None:
    """Bytes changed or missing anywhere give a state or a BadAnswer, never anything else."""
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder))
        writer.write(note(1, picture=True))
        content = bytearray(writer.path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.sampled_from([0, 0, 1, 100]))
        writer.path.write_bytes(content[: len(content) - cut])
        try:
            state = writer.package().read()
        except BadAnswer:
            return

    assert isinstance(state, AnkiState)


@pytest.mark.parametrize(
    ("notes", "named"),
    [
        pytest.param((), "without notes", id="no notes"),
        pytest.param((note(1), note(1)), "'guid1'", id="the same guid twice"),
        pytest.param((note(1, note_type="Verbs"),), "'Verbs'", id="an unknown note type"),
        pytest.param((with_field(note(1), "Word", "<br> "),), "'Word'", id="an empty first field"),
        pytest.param((with_field(note(1), "Wrod", "x"),), "Wrod", id="an unknown field"),
        pytest.param((note(1, fields=FrozenMap({"Word": "x"})),), "IPA", id="a missing field"),
        pytest.param(
            (with_field(note(1), "IPA", '<img class="x" src="b.png">[sound:c.mp3]'),),
            r"b\.png \(note guid1\), c\.mp3 \(note guid1\)",
            id="files that were not put",
        ),
    ],
)
def test_a_note_that_cannot_be_written_is_named(
    writer: Writer, notes: tuple[Note, ...], named: str
) -> None:
    """What cannot be written is refused by name, and nothing is written."""
    with pytest.raises(Rejected, match=named):
        writer.package().put_notes(notes)

    assert not writer.path.exists()


@pytest.mark.parametrize(
    "halved",
    [
        pytest.param(with_field(note(7), "IPA", "\ud800"), id="a field"),
        pytest.param(note(7, tags=("\ud800",)), id="a tag"),
        pytest.param(note(7, deck="\ud800"), id="a deck"),
    ],
)
def test_half_a_character_is_refused(writer: Writer, halved: Note) -> None:
    """What UTF-8 has nothing for is told with its note, and the package stays as it was."""
    writer.write(note(1))
    before = writer.path.read_bytes()
    with pytest.raises(Rejected, match="note 'guid7' has half a character"):
        writer.package().put_notes((note(1), halved))

    assert before == writer.path.read_bytes()
    with pytest.raises(Rejected, match="note type 'Vocabulary' has half a character"):
        writer.package(attrs.evolve(VOCABULARY, css="\ud800")).put_notes((note(1),))


def test_files_elsewhere_need_not_be_put(writer: Writer) -> None:
    """A picture from the web or inside the field itself is no file of the package."""
    web = '<img src="https://example.org/a.png"><img src="data:image/png;base64,AA==">'
    odd = '<img src="a.png"><IMG alt="x" SRC=a.png><audio src=\'a&#46;mp3\'></audio>'
    writer.write(with_field(note(1), "IPA", web + odd))

    assert writer.path.exists()


def test_missing_files_are_all_named(writer: Writer) -> None:
    """Files that are put and not in the media folder are listed, and nothing is written."""
    with pytest.raises(NotFound, match=r"x\.png, y\.png"):
        writer.package(media=("y.png", "x.png", "a.png")).put_notes((note(1),))

    assert not writer.path.exists()


def test_an_unreadable_file_is_named(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A media file that may not be read is named, and nothing is written."""
    package = writer.package()
    monkeypatch.setattr("stages.providers.package.open", not_allowed, raising=False)
    with pytest.raises(Denied, match=r"media file a\.mp3"):
        package.put_notes((note(1),))

    assert {"media"} == {path.name for path in writer.path.parent.iterdir()}


def test_an_id_that_is_taken_gives_the_next() -> None:
    """A new note whose id another one has gets the next free one."""

    def ids(earlier: Tables) -> list[int]:
        tables = tables_for((note(1),), {"Vocabulary": VOCABULARY}, (), earlier=earlier, now=0)
        return [row.id for row in tables.notes]

    (natural,) = ids(Tables())
    model = Model(1, BASE, VOCABULARY)
    flds = "x\x1f\x1f\x1f"
    others = tuple(NoteRow(natural + i, f"other{i}", 1, BASE, "", flds) for i in range(2))

    assert [natural + 2] == ids(Tables(models=(model,), notes=others))


@pytest.mark.parametrize("name", ["../secret.png", "a/b.png", "c:\\d.png", "..", "", "a\n.png"])
def test_only_plain_file_names_are_taken(writer: Writer, name: str) -> None:
    """A media name with a folder in it is refused, so nothing outside the folder is packed."""
    with pytest.raises(Rejected, match="no plain file names"):
        writer.package(media=(name,))


def test_a_faulty_note_type_is_refused(writer: Writer) -> None:
    """A note type that Anki would refuse is refused when it is put, with its place."""
    faulty = attrs.evolve(VOCABULARY, templates=(Template("Read", "{{Wrod}}", ""),))

    with pytest.raises(Rejected, match=r"templates\[Read\]\.front: 'Wrod' is no field"):
        writer.package(faulty)


def test_writes_through_a_link_into_a_new_folder(writer: Writer, tmp_path: Path) -> None:
    """Folders on the way are made, and a link goes on pointing to the package."""
    target = tmp_path / "decks" / "spanish.apkg"
    writer.path.symlink_to(target)
    state = writer.write(note(1))

    assert writer.path.is_symlink()
    assert state == Package(target, writer.media).read()


def test_says_what_it_is() -> None:
    """The repr names the file and the media folder."""
    assert repr(Package("d.apkg", "media")) == "Package('d.apkg', 'media')"
