"""A running Anki for tests of its adapter: the loopback's own, and the real one behind a loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect import AnkiConnect
from stages.records.media import MediaFile, media_name
from stages.records.note import Note, NoteType, Template, note_guid
from stages.testing.loopback import Actions, AnkiCollection, AnkiLoopback
from tests.providers.real_actions import MadeUpLearner, RealActions, RealLearner

WORDS = NoteType(
    name="Words",
    fields=("Card ID", "Word", "IPA", "Picture", "Language"),
    templates=(
        Template("Read", "{{Word}}", "{{FrontSide}}<hr>{{IPA}}"),
        Template("Name", "{{#Picture}}{{Picture}}{{/Picture}}", "{{Word}}"),
    ),
    css=".card { font-size: 24px; }",
)

PNG = bytes.fromhex("89504e470d0a1a0a")


def note(
    key: str, *, tags: tuple[str, ...] = ("ours",), deck: str = "Español", **fields: str
) -> Note:
    """Make a note with two cards at most."""
    said = {"Card ID": key, "Word": f"el {key}", "IPA": f"[{key}]", "Picture": "", **fields}
    return Note(
        guid=note_guid("es-419", WORDS.name, key),
        note_type=WORDS.name,
        deck=deck,
        fields=FrozenMap({**said, "Language": "es-419"}),
        tags=tags,
    )


def notes(*keys: str) -> tuple[Note, ...]:
    """Make a note for each key."""
    return tuple(map(note, keys))


def with_fields(one: Note, **fields: str) -> Note:
    """Give a note that says something else."""
    return attrs.evolve(one, fields=FrozenMap({**one.fields, **fields}))


@attrs.frozen
class Running:
    """
    A running Anki.

    Attributes:
        server: Where it is asked.
        learner: Who works in it.
        folder: Where our files lie.
    """

    server: AnkiLoopback
    learner: Any
    folder: Path

    @property
    def actions(self) -> Any:
        """What it does."""
        return self.server.actions

    def adapter(self, **settings: Any) -> AnkiConnect:
        """Give a new adapter, as the next run has one."""
        places = {"media": self.folder / "media", "state": self.folder / "state.json"}
        return AnkiConnect(
            self.server.url, **{**places, "settles": 0.0, "timeout": 20.0, **settings}
        )

    def put(self, *wanted: Note, adapter: AnkiConnect | None = None) -> AnkiConnect:
        """Put notes as a sync does."""
        adapter = adapter or self.adapter()
        adapter.read()
        adapter.put_note_types((WORDS,))
        adapter.put_notes(wanted)
        adapter.remember(wanted, (WORDS,))
        return adapter

    def picture(self, about: str, size: int = 100) -> MediaFile:
        """Lay a picture into the folder."""
        content = PNG + about.encode() + bytes(size)
        name = media_name(about, content)
        (self.folder / "media").mkdir(exist_ok=True)
        (self.folder / "media" / name).write_bytes(content)
        return MediaFile(name=name, size=len(content), provider="test")

    @property
    def written(self) -> int:
        """How many actions that write were done so far."""
        reads = ("get", "model", "notesInfo", "find", "deckNames", "version")
        writes = ("modelFieldAdd", "modelTemplateAdd")
        return sum(
            times
            for name, times in self.server.done.items()
            if name in writes or not name.startswith(reads)
        )


@contextmanager
def made_up(folder: Path, **settings: Any) -> Iterator[Running]:
    """Run the loopback's own Anki."""
    with AnkiLoopback(Actions(AnkiCollection()), tick=0, **settings) as server:
        yield Running(server, MadeUpLearner(server.actions), folder)


@contextmanager
def real(folder: Path) -> Iterator[Running]:
    """Run the real one."""
    actions = RealActions(folder / "anki")
    try:
        with AnkiLoopback(actions, tick=0) as server:
            yield Running(server, RealLearner(actions), folder)
    finally:
        actions.close()
