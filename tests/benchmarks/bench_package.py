"""
Time `Package` against genanki, ankiforge and Anki's own exporter, and print what each takes.

Run: python tests/benchmarks/bench_package.py [notes] [media files]

Needs `genanki` and `anki`; `ankiforge` is left out where it is not installed. All write the same
notes of three cards each and the same files of 20 kB, in turn, five rounds; the best round counts.
The peak of memory is that of a process of its own, which makes the notes and writes them once.
"""

import hashlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


def main(count: int = 5_000, files: int = 2_000) -> None:
    """Print one line a writer: its time and memory, and how they stand to those of `Package`."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        media = make_media(here / "media", files)
        notes = make_notes(count, [file.name for file in media])
        again: dict[str, Callable[[], None]] = {
            "Package, one note changed": lambda: write_package(here, media, changed(here, notes)),
            "Package, unchanged": lambda: write_package(here, media, notes),
        }
        writers = {
            name: lambda write=write: write(here, media, notes) for name, write in WRITERS.items()
        }
        rounds: dict[str, list[float]] = {}
        for _ in range(5):
            for name, write in (*writers.items(), *again.items()):
                if name == SLOW and len(rounds.get(name, ())) == 2:
                    continue
                if name == "Package, unchanged":
                    write()
                rounds.setdefault(name, []).append(seconds(write))
        best = {name: min(times) for name, times in rounds.items()}
        peaks = {name: peak(name, here, count, files) for name in writers}
        base, base_peak = best[OURS], peaks[OURS]
        print(f"{count} notes, {files} files of 20 kB")
        for name, time_taken in best.items():
            line = f"{name:32} {time_taken:8.4f} s {time_taken / base:8.3f} x"
            if name in peaks:
                line += f" {peaks[name] / 1024:8.0f} MB {peaks[name] / base_peak:8.2f} x"
            print(line)
        times = base / best["Package, unchanged"]
        print(f"an unchanged rebuild is {times:.0f} times faster than a new file")


def peak(name: str, here: Path, count: int, files: int) -> int:
    """Write once in a process of its own, and give the most memory that it had, in kB."""
    command = [sys.executable, __file__, "--peak", name, str(here), str(count), str(files)]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def write_and_tell(name: str, folder: str, count: str, files: str) -> None:
    """Write with one writer, and print the most memory that this process had, in kB."""
    here = Path(folder)
    media = tuple(
        MediaFile(name=path.name, size=20_000, provider="bench")
        for path in sorted((here / "media").iterdir())
    )
    assert len(media) == int(files)
    notes = make_notes(int(count), [file.name for file in media])
    WRITERS[name](here, media, notes)
    # What getrusage tells is that of the process which started this one, if that had more.
    lines = Path("/proc/self/status").read_text().splitlines()
    (most,) = (line for line in lines if line.startswith("VmHWM"))
    print(most.split()[1])


def seconds(write: Callable[[], None]) -> float:
    """Time one call."""
    start = time.perf_counter()
    write()
    return time.perf_counter() - start


def make_media(folder: Path, count: int) -> tuple[MediaFile, ...]:
    """Lay files of 20 kB into a folder; of what is in them the first bytes are looked at at most."""
    folder.mkdir()
    dice = random.Random(7)
    files = []
    for number in range(count):
        content = JPEG + dice.randbytes(20_000 - len(JPEG))
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


def write_new(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Write with `Package`, where nothing was before."""
    (here / "ours.apkg").unlink(missing_ok=True)
    write_package(here, media, notes)


def write_package(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Write with `Package`."""
    package = Package(here / "ours.apkg", here / "media")
    package.put_note_types((VOCABULARY,))
    package.put_media(media)
    package.put_notes(notes)


def write_genanki(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Write with genanki."""
    import genanki  # type: ignore[import-not-found,import-untyped,unused-ignore]

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


def write_ankiforge(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Write with ankiforge; it names media by their content itself."""
    import ankiforge  # type: ignore[import-not-found,unused-ignore]

    paths = [here / "media" / file.name for file in media]
    kept = [ankiforge.Media.bytes(path.read_bytes(), "image/jpeg") for path in paths]
    pictures = {path.name: one.image() for path, one in zip(paths, kept, strict=True)}
    builder = ankiforge.NoteType.builder("vocabulary").name(VOCABULARY.name).css(VOCABULARY.css)
    for name in FIELDS:
        builder = builder.field(ankiforge.Field(name))
    for one in VOCABULARY.templates:
        builder = builder.template(ankiforge.Template(one.name, one.front, one.back))
    note_type = builder.build()
    project = ankiforge.Project("spanish", default_deck="Spanish")
    for number, note in enumerate(notes):
        added = note_type.note().deck(note.deck).tags(note.tags)
        for name in FIELDS:
            text = note.fields[name]
            picture = pictures[media[number % len(media)].name] if name == "Picture" else None
            added = added.field(name, picture or ankiforge.Content.html(text))
        project.add(note.guid, added)
    target = here / "ankiforge.apkg"
    target.unlink(missing_ok=True)
    project.build(ankiforge.BuildOptions.to(str(target)))


def write_anki(here: Path, media: tuple[MediaFile, ...], notes: tuple[Note, ...]) -> None:
    """Add the notes to a new collection of Anki, and let it export them."""
    from anki.collection import Collection, ExportAnkiPackageOptions

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


OURS, SLOW = "Package, new file", "anki, notes added and exported"
WRITERS: dict[str, Callable[[Path, tuple[MediaFile, ...], tuple[Note, ...]], None]] = {
    OURS: write_new,
    "genanki": write_genanki,
    **({"ankiforge": write_ankiforge} if importlib.util.find_spec("ankiforge") else {}),
    SLOW: write_anki,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        write_and_tell(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
