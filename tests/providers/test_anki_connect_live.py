"""
The adapter against a real Anki with the real add-on.

Runs where `STAGES_ANKICONNECT_URL` says where it listens, and `ANKICONNECT_API_KEY` its key, if it
has one. Open a profile that may be thrown away: what is put is deleted again, note types stay.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect import AnkiConnect
from stages.providers.anki_connect_wire import Wire
from stages.providers.package import Package
from stages.records.collection import RETIRED_TAG
from stages.records.media import MediaFile, media_name
from stages.records.note import Note, Template, note_guid
from tests.providers.anki_running import PNG, WORDS, note, with_fields

URL = os.environ.get("STAGES_ANKICONNECT_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="STAGES_ANKICONNECT_URL is not set")


class Live:
    """A note type and a deck of its own in whatever profile is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"Stages test {time.time_ns()}"
        self.type = attrs.evolve(WORDS, name=self.name)
        self.wire = Wire(URL, None, 60.0)

    def adapter(self) -> AnkiConnect:
        media = self.folder / "media"
        media.mkdir(exist_ok=True)
        return AnkiConnect(URL, media=media, state=self.folder / "state.json")

    def note(self, key: str) -> Note:
        guid = note_guid("es-419", self.name, key)
        return attrs.evolve(note(key, deck=self.name), note_type=self.name, guid=guid)

    def put(self, *wanted: Note) -> None:
        adapter = self.adapter()
        adapter.read()
        adapter.put_note_types((self.type,))
        adapter.put_notes(wanted)
        adapter.remember(wanted, (self.type,))

    @property
    def notes(self) -> dict[str, Note]:
        read = self.adapter().read().notes
        return {guid: one for guid, one in read.items() if one.note_type == self.name}

    def told(self) -> dict[str, Any]:
        (told,) = self.wire.all([("notesInfo", {"query": f'"note:{self.name}"'})])
        return {one["fields"]["Card ID"]["value"]: one for one in told}

    def ask(self, action: str, **params: Any) -> Any:
        return self.wire.all([(action, params)])[0]


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Live]:
    """The Anki that runs, and what is put there deleted in the end."""
    live = Live(tmp_path)
    yield live
    live.ask("deleteNotes", notes=[one["noteId"] for one in live.told().values()])


def test_notes_come_and_go(anki: Live) -> None:
    """Put, read, put again without a change, changed with the learner's edit kept, retired."""
    wanted = [anki.note("uno"), anki.note("dos"), anki.note("lo_neutro")]
    anki.put(*wanted)
    assert anki.notes == {one.guid: one for one in wanted}
    before = {key: one["mod"] for key, one in anki.told().items()}
    anki.put(*wanted)
    assert {key: one["mod"] for key, one in anki.told().items()} == before

    number = anki.told()["uno"]["noteId"]
    anki.ask("updateNoteFields", note={"id": number, "fields": {"IPA": "[mine]"}})
    anki.ask("addTags", notes=[number], tags="mine")
    adapter = anki.adapter()
    there = adapter.read().notes[wanted[0].guid]
    adapter.put_notes((with_fields(there, Word="otro"), *wanted[1:]))
    fields = {name: one["value"] for name, one in anki.told()["uno"]["fields"].items()}
    assert (fields["Word"], fields["IPA"]) == ("otro", "[mine]")
    assert set(anki.told()["uno"]["tags"]) == {"mine", "ours"}

    adapter = anki.adapter()
    adapter.read()
    adapter.retire((wanted[1].guid,), "suspend")
    assert RETIRED_TAG in anki.told()["dos"]["tags"]
    assert anki.ask("suspended", card=anki.told()["dos"]["cards"][0])


def test_note_types_grow(anki: Live) -> None:
    """A field, a template, a side and the look."""
    anki.put(anki.note("uno"))
    grown = attrs.evolve(
        anki.type,
        fields=(*anki.type.fields, "Hint"),
        templates=(
            attrs.evolve(anki.type.templates[0], back="{{Hint}}"),
            anki.type.templates[1],
            Template("Say", "{{Hint}}", "{{Word}}"),
        ),
        css=".card {}",
    )
    adapter = anki.adapter()
    adapter.read()
    adapter.put_note_types((grown,))
    adapter.put_notes((with_fields(anki.note("uno"), Hint="x"), anki.note("dos")))

    assert anki.adapter().read().note_types[anki.name] == grown
    assert len(anki.told()) == 2


@pytest.mark.parametrize("sees", [True, False])
def test_media_come(anki: Live, *, sees: bool) -> None:
    """As paths or as bytes."""
    content = PNG + os.urandom(50)
    name = media_name("stages test", content)
    adapter = anki.adapter()
    (anki.folder / "media" / name).write_bytes(content)
    adapter._writer._sees_media = sees
    adapter.put_media((MediaFile(name=name, size=len(content), provider="test"),))

    assert name in anki.adapter().read().media
    anki.ask("deleteMediaFile", filename=name)


def test_notes_come_through_its_own_folder(anki: Live) -> None:
    """Where it does not see ours."""
    adapter = anki.adapter()
    adapter._writer._sees_packages = False
    adapter.read()
    adapter.put_note_types((anki.type,))
    adapter.put_notes((anki.note("uno"),))

    assert anki.notes.keys() == {anki.note("uno").guid}
    assert not [name for name in anki.adapter().read().media if name.startswith("_stages")]


def test_a_package_of_the_same_doubles_nothing(anki: Live) -> None:
    """Before or after."""
    anki.put(anki.note("uno"))
    path = anki.folder / "deck.apkg"
    package = Package(path, anki.folder / "media")
    package.put_note_types((anki.type,))
    package.put_notes((anki.note("uno"), anki.note("dos")))
    anki.ask("importPackage", path=str(path))
    anki.put(anki.note("uno"), anki.note("dos"), anki.note("tres"))

    assert len(anki.told()) == 3
    assert f"{anki.name}+" not in anki.ask("modelNames")


def test_a_backup_is_written(anki: Live) -> None:
    """With the date in its name."""
    anki.put(anki.note("uno"))
    adapter = anki.adapter()
    adapter.read()
    where = Path(adapter.backup())

    assert where.exists()


def test_a_search_for_our_notes_finds_them(anki: Live) -> None:
    """Without a memory, by their card ids alone."""
    anki.put(anki.note("uno"))
    (anki.folder / "state.json").unlink()

    assert anki.notes.keys() == {anki.note("uno").guid}
    assert anki.adapter().read().pushed == FrozenMap()
