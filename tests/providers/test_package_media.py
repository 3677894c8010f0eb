"""The media of a package are checked where they are, whoever wrote it."""

import json
import random
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import FrozenMap, threads
from stages.core.problem import Problem, ProviderError
from stages.providers.errors import BadAnswer, Denied, NotFound
from stages.providers.package import Package
from stages.providers.package_media import PackageMedia
from stages.providers.protocols import MediaProvider
from stages.records.media import MediaFile, Recording, media_name
from stages.records.note import Note, NoteType, Template, note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.validation.media_stage import media_problems
from tests.making import card
from tests.providers.sources import png, wav

EXAMPLE = "Mi casa es azul."


def put(folder: Path, content: bytes, stem: str) -> MediaFile:
    """Write a file under the name that its content has."""
    folder.mkdir(parents=True, exist_ok=True)
    name = media_name(stem, content)
    (folder / name).write_bytes(content)
    return MediaFile(name=name, size=len(content), provider="test")


def deck(folder: Path) -> tuple[Path, dict[str, str]]:
    """Write a package of two notes, the second without media; give the names of its files."""
    media = folder / "media"
    picture, word, second, example, stray = (
        put(media, content, stem)
        for stem, content in (
            ("picture", png("casa")),
            ("word", wav("casa")),
            ("second", wav("second")),
            ("example", wav("example")),
            ("stray", png("stray")),
        )
    )
    spoken = attrs.evolve(word, others=(Recording(name=second.name, size=second.size),))
    house, silent = card(example=EXAMPLE), card("ser", "be", example="")
    house = attrs.evolve(house, fields=FrozenMap({**house.fields, "Example": EXAMPLE}))
    notes = (
        note_of(house, VOCABULARY_NOTE, "Deck", picture, spoken, example),
        note_of(silent, VOCABULARY_NOTE, "Deck", None, None),
    )
    files = (picture, word, second, example, stray)
    package = Package(folder / "deck.apkg", media)
    package.put_note_types((VOCABULARY_NOTE,))
    package.put_media(files)
    package.put_notes(notes)
    return folder / "deck.apkg", {file.name.split("-")[0]: file.name for file in files}


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Give what a check of a package finds."""
    media = PackageMedia(path)
    found = media_problems(media.uses(), media_provider=media, mapper=threads(2))
    return (*found, *media.lacking())


def rewritten(path: Path, **changed: bytes | None) -> Path:
    """Write a package again with other bytes in some of its entries, or without them."""
    other = path.with_name(f"{path.stem}-2.apkg")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for entry in old.infolist():
            content = changed.get(entry.filename, old.read(entry))
            if content is not None:
                new.writestr(entry.filename, content)
        for name in changed.keys() - set(old.namelist()):
            new.writestr(name, changed[name] or b"")
    return other


def with_database(path: Path, statement: str, *values: str) -> Path:
    """Write a package again after a change in its database."""
    with closing(sqlite3.connect(":memory:")) as db:
        with zipfile.ZipFile(path) as package:
            db.deserialize(package.read("collection.anki2"))
        db.execute(statement, values)
        db.commit()
        return rewritten(path, **{"collection.anki2": db.serialize()})


def number_of(path: Path, name: str) -> str:
    """Tell under which number a file lies in a package."""
    with zipfile.ZipFile(path) as package:
        listed = json.loads(package.read("media"))
    return next(str(number) for number, one in listed.items() if one == name)


def test_what_notes_show_is_known_with_what_is_spoken(tmp_path: Path) -> None:
    """All recordings of a word, and the sound of its example; each file by its name in the package."""
    path, names = deck(tmp_path)
    media: MediaProvider = PackageMedia(path)
    uses = {use.file.name: use for use in PackageMedia(path).uses()}
    assert {name: use.texts for name, use in uses.items()} == {
        names["picture"]: (),
        names["word"]: ("casa",),
        names["second"]: ("casa",),
        names["example"]: (EXAMPLE,),
    }
    assert media.read(names["picture"]) == png("casa")
    assert media.look(names["word"]).seconds == 0.5
    assert media.unused() == {names["stray"]: len(png("stray"))}
    with pytest.raises(NotFound, match=r"^media file x is not in the package$"):
        media.read("x")


def test_a_whole_deck_has_no_errors(tmp_path: Path) -> None:
    """What is unused, and what a note lacks, is a warning."""
    path, _ = deck(tmp_path)
    assert [(one.code, one.where, one.severity) for one in problems_of(path)] == [
        ("unused", "media", "warning"),
        ("no-picture", "notes[ser_be]", "warning"),
        ("no-sound", "notes[ser_be]", "warning"),
    ]


def test_what_is_broken_or_gone_is_an_error(tmp_path: Path) -> None:
    """A file of another hash, and one that a note shows and nobody packed."""
    path, names = deck(tmp_path)
    broken = rewritten(path, **{number_of(path, names["word"]): b"<html>"})
    (error,) = (one for one in problems_of(broken) if one.severity == "error")
    assert (error.code, error.where) == ("bad-answer", f"media[{names['word']}]")
    assert error.hint == "move the package away, and make it again"
    with zipfile.ZipFile(path) as package:
        listed = json.loads(package.read("media"))
    less = {number: name for number, name in listed.items() if name != names["picture"]}
    gone = rewritten(path, media=json.dumps(less).encode())
    (error,) = (one for one in problems_of(gone) if one.severity == "error")
    assert (error.code, error.where) == ("not-found", f"media[{names['picture']}]")


def test_a_deck_of_other_people_is_checked_too(tmp_path: Path) -> None:
    """Names as in fields, or as in addresses; what begins with an underline is for templates."""
    media = tmp_path / "media"
    media.mkdir()
    theirs = {
        "mi casa.png": png("a"),
        "_logo.png": png("b"),
        "latex-1.png": png("c"),
        "ni\u00f1o.mp3": wav("d"),
        "left.png": png("e"),
    }
    for name, content in theirs.items():
        (media / name).write_bytes(content)
    basic = NoteType(
        name="Basic",
        fields=("Front", "Back"),
        templates=(Template("Card 1", '<img src="_logo.png">{{Front}}', "{{Back}}"),),
    )
    shown = {"Front": '<img src="mi casa.png">', "Back": "[sound:ni\u00f1o.mp3]"}
    package = Package(tmp_path / "deck.apkg", media)
    package.put_note_types((basic,))
    package.put_media(tuple(MediaFile(name=name, size=1, provider="x") for name in theirs))
    package.put_notes((Note(guid="g", note_type="Basic", deck="Theirs", fields=FrozenMap(shown)),))
    fields = '<img src="mi%20casa.png">\x1fa long text [sound:nin\u0303o.mp3]'
    path = with_database(tmp_path / "deck.apkg", "UPDATE notes SET flds = ?", fields)
    media_in = PackageMedia(path)
    assert [(use.file.name, use.texts) for use in media_in.uses()] == [
        ("mi casa.png", ()),
        ("ni\u00f1o.mp3", ()),
    ]
    assert list(media_in.unused()) == ["left.png"]
    assert media_in.lacking() == ()
    assert [one.code for one in problems_of(path)] == ["other-type", "unused"]


NO_PACKAGES = {
    "text": b"casa\n",
    "empty": b"",
    "empty zip": b"PK\5\6" + bytes(18),
}


@pytest.mark.parametrize("kind", NO_PACKAGES)
def test_what_is_no_package_is_told(tmp_path: Path, kind: str) -> None:
    """With what to do."""
    path = tmp_path / "deck.apkg"
    path.write_bytes(NO_PACKAGES[kind])
    for ask in (PackageMedia.uses, PackageMedia.unused, PackageMedia.lacking):
        with pytest.raises(BadAnswer, match="is no package of Anki's, or damaged: ") as caught:
            ask(PackageMedia(path))
        assert caught.value.hint == "export it again, or make it again"


def test_a_package_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """It is not there, or it is a folder."""
    with pytest.raises(NotFound):
        PackageMedia(tmp_path / "deck.apkg").uses()
    with pytest.raises(Denied):
        PackageMedia(tmp_path).uses()


def test_the_newest_format_is_told(tmp_path: Path) -> None:
    """Anki itself writes the older one when it is asked to."""
    path, _ = deck(tmp_path)
    newest = rewritten(path, **{"collection.anki21b": b"(\xb5/\xfd"})
    with pytest.raises(
        BadAnswer, match=r"is of Anki's newest format, and its media are not read here$"
    ) as caught:
        PackageMedia(newest).uses()
    assert caught.value.hint == "export it with 'Support older Anki versions' chosen"


def test_a_view_in_the_place_of_a_table_is_refused(tmp_path: Path) -> None:
    """It could do anything when it is read."""
    path, _ = deck(tmp_path)
    path = with_database(path, "ALTER TABLE notes RENAME TO real")
    path = with_database(path, "CREATE VIEW notes AS SELECT * FROM real")
    with pytest.raises(BadAnswer, match="is no package of Anki's, or damaged: "):
        PackageMedia(path).uses()


def test_a_file_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    """Zeros pack well."""
    path, names = deck(tmp_path)
    number = number_of(path, names["picture"])
    bomb = path.with_name("bomb.apkg")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != number:
                new.writestr(entry.filename, old.read(entry))
        with new.open(number, "w", force_zip64=True) as file:
            for _ in range(200):
                file.write(bytes(1_000_000))
    (error,) = (one for one in problems_of(bomb) if one.severity == "error")
    assert (error.code, error.where) == ("bad-answer", f"media[{names['picture']}]")


@given(st.randoms(use_true_random=False))
def test_no_damage_breaks_a_check(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    """It is told, or found, or does no harm."""
    folder = tmp_path_factory.mktemp("deck")
    path, _ = deck(folder)
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.3:
        del content[chance.randrange(len(content)) :]
    path.write_bytes(content)
    with suppress(ProviderError):
        assert "bug" not in {one.code for one in problems_of(path)}


def test_anki_itself_exports_what_is_read(tmp_path: Path) -> None:
    """In the older format; the package is one that Anki has imported from ours."""
    from anki.collection import (
        Collection,
        ExportAnkiPackageOptions,
        ImportAnkiPackageOptions,
        ImportAnkiPackageRequest,
    )

    path, names = deck(tmp_path)
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions())
        )
        exported = tmp_path / "exported.apkg"
        options = ExportAnkiPackageOptions(with_media=True, legacy=True)
        collection.export_anki_package(out_path=str(exported), options=options, limit=None)
    finally:
        collection.close()
    theirs, ours = PackageMedia(exported), PackageMedia(path)
    assert [use.file.name for use in theirs.uses()] == [use.file.name for use in ours.uses()]
    assert [use.texts for use in theirs.uses()] == [use.texts for use in ours.uses()]
    assert theirs.read(names["word"]) == wav("casa")
    assert [one.code for one in problems_of(exported)] == ["no-picture", "no-sound"]
