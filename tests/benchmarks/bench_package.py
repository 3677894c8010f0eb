"""
Time `Package` against genanki and against Anki's own exporter, and print what each takes.

Run: python tests/benchmarks/bench_package.py [notes] [media files]

Needs `genanki` and `anki`. All write the same notes of three cards each and the same files of
20 kB, in turn, five rounds; the best round counts.
"""

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import genanki  # type: ignore[import-not-found,import-untyped,unused-ignore]
from anki.collection import Collection, ExportAnkiPackageOptions

from stages.core.frozen import FrozenMap
from stages.providers.package import Package
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType, Template, note_guid

FIELDS = ("Word", "IPA", "Sentence", "Gapped", "Picture", "Sound")
VOCABULARY = NoteType(
    name="Vocabulary",
    fields=FIELDS,
    templates=(
        Template("Read", "{{Word}}", "{{FrontSide}}<hr>{{IPA}}{{Sound}}"),
        Template("Picture", "{{#Picture}}{{Picture}}{{/Picture}}", "{{Word}}{{Sound}}"),
        Template("Gap", "{{#Gapped}}{{Gapped}}{{/Gapped}}", "{{Sentence}}{{Sound}}"),
    ),
    css=".card { font-size: 24px; }",
)


def main(count: int = 5_000, files: int = 2_000) -> None:
    """Print one line a writer, and how its time stands to that of `Package`."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        media = make_media(here / "media", files)
        notes = make_notes(count, [file.name for file in media])
        writers: dict[str, Callable[[], None]] = {
            "Package, new file": lambda: write_package(here, media, notes, new=True),
            "Package, one note changed": lambda: write_package(here, media, changed(here, notes)),
            "Package, unchanged": lambda: write_package(here, media, notes),
            "genanki": lambda: write_genanki(here, media, notes),
        }
        rounds: dict[str, list[float]] = {name: [] for name in writers}
        for _ in range(5):
            for name, write in writers.items():
                if name == "Package, unchanged":
                    write()
                rounds[name].append(seconds(write))
        rounds["anki, notes added and exported"] = [
            seconds(lambda: write_anki(here, media, notes)) for _ in range(2)
        ]
        base, unchanged = min(rounds["Package, new file"]), min(rounds["Package, unchanged"])
        lines = (
            f"{count} notes, {files} files of 20 kB",
            *(
                f"{name:32} {min(times):8.4f} s {min(times) / base:8.3f} x"
                for name, times in rounds.items()
            ),
            f"an unchanged rebuild is {base / unchanged:.0f} times faster than a new file",
        )
    sys.stdout.write("\n".join(lines) + "\n")


def seconds(write: Callable[[], None]) -> float:
    """Time one call."""
    start = time.perf_counter()
    write()
    return time.perf_counter() - start


def make_media(folder: Path, count: int) -> tuple[MediaFile, ...]:
    """Lay files of 20 kB into a folder; what is in them does not matter to any writer."""
    folder.mkdir()
    dice = random.Random(7)
    files = []
    for number in range(count):
        content = dice.randbytes(20_000)
        name = f"word-{number}-{hashlib.sha256(content).hexdigest()[:16]}.jpg"
        (folder / name).write_bytes(content)
        files.append(MediaFile(name=name, size=len(content), provider="bench"))
    return tuple(files)


def make_notes(count: int, names: list[str]) -> tuple[Note, ...]:
    """Make notes of three cards each."""
    return tuple(
        Note(
            guid=note_guid("es-419", "Vocabulary", f"word_{number}"),
            note_type="Vocabulary",
            deck=f"Spanish::Lesson {number % 20}",
            fields=FrozenMap(
                {
                    "Word": f"palabra número {number}",
                    "IPA": "[palaβɾa]",
                    "Sentence": f"Esta es la <b>palabra</b> número {number} del niño pequeño.",
                    "Gapped": f"Esta es la ____ número {number} del niño pequeño.",
                    "Picture": f'<img src="{names[number % len(names)]}">',
                    "Sound": "",
                },
            ),
            tags=("noun", "spanish"),
        )
        for number in range(count)
    )


def changed(here: Path, notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Give the notes with one that differs from whatever the package holds."""
    word = f"otra {(here / 'ours.apkg').stat().st_mtime_ns}"
    first = notes[0]
    other = Note(
        guid=first.guid,
        note_type=first.note_type,
        deck=first.deck,
        fields=first.fields.put("Word", word),
        tags=first.tags,
    )
    return (other, *notes[1:])


def write_package(
    here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...], *, new: bool = False
) -> None:
    """Write with `Package`."""
    if new:
        (here / "ours.apkg").unlink(missing_ok=True)
    package = Package(here / "ours.apkg", here / "media")
    package.put_note_types((VOCABULARY,))
    package.put_media(media)
    package.put_notes(notes)


def write_genanki(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Write with genanki."""
    model = genanki.Model(
        1_607_392_319,
        VOCABULARY.name,
        fields=[{"name": name} for name in FIELDS],
        templates=[
            {"name": one.name, "qfmt": one.front, "afmt": one.back} for one in VOCABULARY.templates
        ],
        css=VOCABULARY.css,
    )
    decks: dict[str, genanki.Deck] = {}
    for note in notes:
        deck = decks.setdefault(note.deck, genanki.Deck(2_059_400_110 + len(decks), note.deck))
        values = [note.fields[name] for name in FIELDS]
        deck.add_note(
            genanki.Note(model=model, fields=values, tags=list(note.tags), guid=note.guid),
        )
    package = genanki.Package(list(decks.values()))
    package.media_files = [str(here / "media" / file.name) for file in media]
    package.write_to_file(str(here / "genanki.apkg"))


def write_anki(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Add the notes to a new collection of Anki, and let it export them."""
    with tempfile.TemporaryDirectory(dir=here) as folder:
        # Its types allow None where there is none.
        collection: Any = Collection(str(Path(folder) / "collection.anki2"))
        model = collection.models.new(VOCABULARY.name)
        for name in FIELDS:
            collection.models.add_field(model, collection.models.new_field(name))
        for one in VOCABULARY.templates:
            template = collection.models.new_template(one.name)
            template["qfmt"], template["afmt"] = one.front, one.back
            collection.models.add_template(model, template)
        collection.models.add(model)
        model = collection.models.by_name(VOCABULARY.name)
        for file in media:
            collection.media.add_file(str(here / "media" / file.name))
        decks = {name: collection.decks.id(name) for name in {note.deck for note in notes}}
        for note in notes:
            added = collection.new_note(model)
            added.fields = [note.fields[name] for name in FIELDS]
            added.tags = list(note.tags)
            collection.add_note(added, decks[note.deck])
        options = ExportAnkiPackageOptions(with_media=True, legacy=True)
        collection.export_anki_package(
            out_path=str(here / "anki.apkg"), options=options, limit=None
        )
        collection.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
