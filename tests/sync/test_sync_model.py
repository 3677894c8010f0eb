"""
Any sequence of our edits, the learner's, syncs, and kills in the middle ends well.

No note is lost or doubled, no edit of the learner's is lost unannounced, history is untouched, and a
second sync does nothing.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest

from stages import FrozenMap
from stages.providers.protocols import AnkiProvider
from stages.records.canonical import canonical_tags
from stages.records.note import Note
from stages.testing import MemoryAnki
from stages.testing.loopback import AnkiCollection
from tests.providers.anki_running import made_up
from tests.sync.machine import machine_of


class MemoryTarget:
    """A collection in memory."""

    def __init__(self) -> None:
        self.anki = MemoryAnki()
        self.answers: dict[str, int] = {}

    def provider(self) -> AnkiProvider:
        return self.anki

    def notes(self) -> Iterable[Note]:
        return self.anki.state.notes.values()

    def edit(self, guid: str, field: str, text: str) -> None:
        fields = self.anki.state.notes[guid].fields.put(field, text)
        self._change(guid, fields=fields)

    def tag(self, guid: str, tags: tuple[str, ...]) -> None:
        self._change(guid, tags=canonical_tags(tags))

    def move(self, guid: str, deck: str) -> None:
        self._change(guid, deck=deck)

    def study(self, guid: str) -> None:
        self.answers[guid] = self.answers.get(guid, 0) + 1

    def delete(self, guid: str) -> None:
        notes = {one: it for one, it in self.anki.state.notes.items() if one != guid}
        self.answers.pop(guid, None)
        self.anki.state = attrs.evolve(self.anki.state, notes=FrozenMap(notes))

    def forget(self) -> None:
        self.anki.state = attrs.evolve(
            self.anki.state, pushed=FrozenMap(), pushed_types=FrozenMap()
        )

    def close(self) -> None:
        pass

    def history(self) -> Mapping[str, Any]:
        return dict(self.answers)

    def _change(self, guid: str, **values: Any) -> None:
        notes = self.anki.state.notes
        changed = notes.put(guid, attrs.evolve(notes[guid], **values))
        self.anki.state = attrs.evolve(self.anki.state, notes=changed)


class RunningTarget:
    """A running Anki, by AnkiConnect."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        folder = Path(self._closing.enter_context(TemporaryDirectory()))
        self.running = self._closing.enter_context(made_up(folder))
        self.collection: AnkiCollection = self.running.server.collection

    def provider(self) -> AnkiProvider:
        return self.running.adapter()

    def notes(self) -> Iterable[Note]:
        for kept in self.collection.notes.values():
            fields = zip(kept.note_type.fields, kept.fields, strict=True)
            yield Note(
                guid=self.collection.guid_of(kept.id),
                note_type=kept.note_type.name,
                deck=self.collection.cards_of(kept.id)[0].deck,
                fields=FrozenMap(fields),
                tags=kept.tags,
            )

    def edit(self, guid: str, field: str, text: str) -> None:
        self.collection.edit(self._number(guid), {field: text})

    def tag(self, guid: str, tags: tuple[str, ...]) -> None:
        self.collection.edit(self._number(guid), {}, tags)

    def move(self, guid: str, deck: str) -> None:
        name = self.collection.deck_named(deck, make=True)
        for one in self.collection.cards_of(self._number(guid)):
            one.deck = name or deck

    def study(self, guid: str) -> None:
        self.collection.study(self._number(guid))

    def delete(self, guid: str) -> None:
        self.collection.remove([self._number(guid)])

    def forget(self) -> None:
        (self.running.folder / "state.json").unlink(missing_ok=True)

    def close(self) -> None:
        self._closing.close()

    def history(self) -> Mapping[str, Any]:
        answers = {
            self.collection.guid_of(number): [
                (one.id, one.reps, one.interval) for one in self.collection.cards_of(number)
            ]
            for number in self.collection.notes
        }
        return {guid: stand for guid, stand in answers.items() if any(one[1] for one in stand)}

    def _number(self, guid: str) -> int:
        return next(one for one in self.collection.notes if self.collection.guid_of(one) == guid)


TestMemory = machine_of(MemoryTarget, examples=150, steps=40, seeded=True)
TestMemoryLong = pytest.mark.slow(machine_of(MemoryTarget, examples=1500, steps=50))
TestRunning = machine_of(RunningTarget, examples=8, steps=20, seeded=True)
TestRunningLong = pytest.mark.slow(machine_of(RunningTarget, examples=150, steps=40))
