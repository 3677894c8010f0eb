"""AnkiConnect does what a sync asks, on the loopback's Anki and on the real one alike."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect_wire import MOST_BYTES, USUAL_BYTES
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    Rejected,
    Unavailable,
)
from stages.providers.package import Package
from stages.records.adoption import Adoption
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.note import Note, NoteType, Template, note_guid
from tests.providers.anki_running import WORDS, Running, made_up, note, notes, real, with_fields

LONG = "x" * 3000


@pytest.fixture(params=[made_up, real], ids=["made up", "real"])
def anki(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A running Anki with an empty profile."""
    with request.param(tmp_path) as running:
        yield running


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Running]:
    """The loopback's own, where the rule is about the way, not about Anki."""
    with made_up(tmp_path) as running:
        yield running


# Reading


def test_an_empty_profile_is_read_as_such(anki: Running) -> None:
    """Whose it is, is said; of other note types nothing is read."""
    state = anki.adapter().read()

    assert state == AnkiState()
    assert state.where == "the profile 'User 1' of Anki"
    assert not state.is_package


def test_what_is_put_is_read_back_the_same(anki: Running) -> None:
    """Note types, notes with their decks and tags, and what was wanted of them."""
    wanted = (note("uno"), note("dos", tags=("a", "ours"), deck="Español::A1"))
    anki.put(*wanted)

    state = anki.adapter().read()
    assert state.note_types == {"Words": WORDS}
    assert state.notes == {one.guid: one for one in wanted}
    assert state.pushed == state.notes
    assert state.pushed_types == {"Words": WORDS}


def test_new_cards_come_in_the_order_of_the_notes(anki: Running) -> None:
    """Those of a later sync after those of an earlier one."""
    anki.put(*notes("uno", "dos", "tres"))
    anki.put(*notes("uno", "dos", "tres", "siete", "seis"))

    assert [*anki.learner.notes] == ["uno", "dos", "tres", "siete", "seis"]


def test_a_card_id_may_have_any_letter(anki: Running) -> None:
    """As may the name of the note type and the deck: a search does not take them for patterns."""
    odd = attrs.evolve(WORDS, name="Wo_rd*s 'ñ' \\ a:b")
    wanted = attrs.evolve(
        note("lo_neutro &amp; *", deck="Ñandú &lt;1&gt;"),
        note_type=odd.name,
        guid=note_guid("es-419", odd.name, "lo_neutro & *"),
    )
    adapter = anki.adapter()
    adapter.read()
    adapter.put_note_types((odd,))
    adapter.put_notes((wanted,))
    adapter.remember((wanted,), (odd,))

    assert anki.adapter().read().notes == {wanted.guid: wanted}


# Nothing to do


def test_putting_the_same_again_changes_nothing(anki: Running) -> None:
    """Nothing is written, and no time of change moves."""
    picture = anki.picture("casa")
    wanted = note("casa", Picture=f'<img src="{picture.name}">')
    anki.adapter().put_media((picture,))
    anki.put(wanted)
    before, written = anki.learner.notes, anki.written

    adapter = anki.put(wanted)
    adapter.put_media((picture,))

    assert anki.learner.notes == before
    assert anki.written == written


def test_reading_is_one_request(anki: Running) -> None:
    """Also where thousands of notes are there; the first time their decks are asked for."""
    anki.put(*notes("uno", "dos"))
    before = len(anki.server.requests)
    anki.adapter().read()

    assert len(anki.server.requests) == before + 1


# Changing notes


def test_a_change_keeps_the_history(anki: Running) -> None:
    """And whatever the learner wrote into other fields, and tagged."""
    anki.put(*notes("uno", "dos", "tres"))
    anki.learner.study()
    history = anki.learner.history
    anki.learner.edit("uno", {"IPA": "[mine]"}, ("mine", "ours"))

    there = anki.adapter().read().notes[note("uno").guid]
    changed = with_fields(there, Word="otro")
    adapter = anki.adapter()
    adapter.read()
    adapter.put_notes((changed, *notes("dos", "tres")))

    assert anki.adapter().read().notes[changed.guid] == changed
    assert changed.fields["IPA"] == "[mine]"
    assert changed.tags == ("mine", "ours")
    assert history
    assert anki.learner.history == history


def test_only_what_differs_is_sent(fake: Running) -> None:
    """One field of one note, however many there are."""
    fake.put(*notes("uno", "dos"))
    fake.server.done.clear()
    before = len(fake.server.requests)
    fake.put(with_fields(note("uno"), Word="otro"), note("dos"))

    sent = [a for r in fake.server.requests[before:] for a in r.body["params"]["actions"]]
    updates = [one["params"]["note"] for one in sent if one["action"] == "updateNoteFields"]
    assert updates == [{"id": fake.learner.number("uno"), "fields": {"Word": "otro"}}]


def test_tags_become_as_they_are_given(anki: Running) -> None:
    """What is not given goes, whatever its case; the fields are not touched."""
    anki.put(note("uno", tags=("a", "b")), note("dos", tags=("a", "b")))
    anki.put(note("uno", tags=("b", "c")), note("dos", tags=("A", "c")))

    read = anki.adapter().read().notes
    assert read[note("uno").guid].tags == ("b", "c")
    assert read[note("dos").guid].tags == ("a", "c")


def test_what_was_edited_meanwhile_is_left_alone(anki: Running) -> None:
    """A learner who writes into a note between our look and our writing loses nothing."""
    anki.put(*notes("uno", "dos"))
    adapter = anki.adapter()
    adapter.read()
    anki.learner.edit("uno", {"IPA": "[mine]"})
    adapter.put_notes(
        (with_fields(note("uno"), Word="otro"), with_fields(note("dos"), Word="otro"))
    )

    read = anki.adapter().read().notes
    assert read[note("uno").guid].fields["IPA"] == "[mine]"
    assert read[note("uno").guid].fields["Word"] == "el uno"
    assert read[note("dos").guid].fields["Word"] == "otro"


def test_a_note_that_was_deleted_meanwhile_stays_deleted(anki: Running) -> None:
    """It is not made again, and the others get what is theirs."""
    anki.put(*notes("uno", "dos"))
    adapter = anki.adapter()
    adapter.read()
    anki.actions.deleteNotes([anki.learner.number("uno")])
    adapter.put_notes(
        (with_fields(note("uno"), Word="otro"), with_fields(note("dos"), Word="otro"))
    )

    assert [one.fields["Word"] for one in anki.adapter().read().notes.values()] == ["otro"]


def test_what_the_browser_loses_is_put_once_more(fake: Running) -> None:
    """Its learner has just opened the note: Anki says that all went well, and nothing did."""
    fake.put(*notes("uno", "dos"))
    fake.actions.losing[fake.learner.number("uno")] = 1
    fake.put(with_fields(note("uno"), Word="otro"), note("dos"))

    assert fake.adapter().read().notes[note("uno").guid].fields["Word"] == "otro"
    assert fake.server.done["updateNoteFields"] == 2


def test_what_is_lost_twice_shows_when_it_is_read(fake: Running) -> None:
    """It is not put for ever: the stage reads it back and says so."""
    fake.put(*notes("uno"))
    fake.actions.losing[fake.learner.number("uno")] = 9
    fake.put(with_fields(note("uno"), Word="otro"))

    assert fake.adapter().read().notes[note("uno").guid].fields["Word"] == "el uno"
    assert fake.server.done["updateNoteFields"] == 2


def test_a_field_that_was_renamed_by_hand_is_an_error(fake: Running) -> None:
    """Anki would ignore what is put into it; nothing is put then."""
    fake.put(*notes("uno"))
    kept = fake.actions.collection.type_named("Words")
    kept.fields[kept.fields.index("IPA")] = "Sound of it"
    adapter = fake.adapter()
    adapter.read()

    with pytest.raises(Rejected, match="'Words' in Anki has no field 'IPA'") as caught:
        adapter.put_notes((with_fields(note("uno"), IPA="[x]"), note("dos")))

    assert "Sound of it" in caught.value.hint
    assert fake.server.done["importPackage"] == 2


def test_a_lost_key_field_is_an_error(fake: Running) -> None:
    """Else every note would be made a second time."""
    fake.put(*notes("uno"))
    fake.actions.collection.type_named("Words").fields[0] = "Id"

    with pytest.raises(BadAnswer, match="no field 'Card ID', by which its notes are known again"):
        fake.adapter().read()


def test_of_two_notes_with_one_card_id_the_older_is_ours(
    anki: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """The copy that the learner made of it is left alone."""
    anki.put(*notes("uno"))
    first = anki.learner.number("uno")
    anki.actions.addNote(
        {
            "modelName": "Words",
            "deckName": "Español",
            "fields": dict(note("uno", Word="copy").fields),
            "tags": [],
            "options": {"allowDuplicate": True},
        }
    )
    adapter = anki.put(with_fields(note("uno"), Word="otro"))
    told = anki.actions.notesInfo(query='"note:Words"')

    assert adapter.read().notes[note("uno").guid].fields["Word"] == "otro"
    words = {one["noteId"]: one["fields"]["Word"]["value"] for one in told}
    assert words.pop(first) == "otro"
    assert [*words.values()] == ["copy"]
    assert "uno" in caplog.text


# Guids and numbers


def test_guids_and_note_types_are_those_of_a_package(anki: Running, tmp_path: Path) -> None:
    """So a package of the same notes doubles nothing, before or after."""
    wanted = notes("uno", "dos")
    package = Package(tmp_path / "deck.apkg", tmp_path / "media")
    package.put_note_types((WORDS,))
    package.put_notes((*wanted, note("tres")))

    anki.put(*wanted)
    anki.actions.importPackage(str(tmp_path / "deck.apkg"))
    assert {key: guid for key, (guid, _) in anki.learner.notes.items()} == {
        key: note(key).guid for key in ("uno", "dos", "tres")
    }

    anki.put(*wanted, *notes("tres", "cuatro"))
    assert len(anki.learner.notes) == 4
    assert [name for name in anki.learner.types if name.startswith("Words")] == ["Words"]


def test_where_anki_does_not_see_our_files_notes_come_through_its_own_folder(
    anki: Running,
) -> None:
    """With the same guids, in bodies that it can bear, and nothing stays in its folder."""
    anki.actions.sees = lambda _: False
    wanted = tuple(note(f"palabra {number}", IPA=_noise(number)) for number in range(400))
    anki.put(*wanted)

    assert {guid for guid, _ in anki.learner.notes.values()} == {one.guid for one in wanted}
    assert [*anki.learner.notes] == [one.fields["Card ID"] for one in wanted]
    assert anki.adapter().read().media == frozenset()
    assert anki.server.largest <= MOST_BYTES
    assert anki.server.done["importPackage"] > 2


def _noise(number: int) -> str:
    """Give a text that cannot be packed small."""
    import random

    return random.Random(number).randbytes(1500).hex()


def test_where_anki_takes_no_package_it_adds_the_notes_itself(
    anki: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Many in a request; a warning says that their guids are others."""

    def refuse(path: str) -> Any:
        raise ValueError(f"nothing is imported: {path}")

    monkeypatch.setattr(anki.actions, "importPackage", refuse)
    wanted = tuple(note(f"palabra {number}") for number in range(120))
    anki.put(*wanted)

    assert anki.adapter().read().notes == {one.guid: one for one in wanted}
    assert anki.server.done["addNote"] == 120
    assert "guids of its own" in caplog.text


def test_a_note_type_that_was_made_otherwise_keeps_its_number(anki: Running) -> None:
    """The notes come as a package all the same, of just that note type."""
    sides = [{"Name": t.name, "Front": t.front, "Back": t.back} for t in WORDS.templates]
    anki.actions.createModel("Words", list(WORDS.fields), sides, WORDS.css)
    number = anki.learner.types["Words"]
    anki.put(*notes("uno", "dos"))

    assert [name for name in anki.learner.types if name.startswith("Words")] == ["Words"]
    assert anki.learner.types["Words"] == number
    assert anki.learner.notes["uno"][0] == note("uno").guid


# Note types


def test_a_note_type_comes_alone(anki: Running) -> None:
    """The note that brought it is gone."""
    anki.adapter().put_note_types((WORDS,))

    assert anki.learner.notes == {}
    anki.adapter().put_note_types((WORDS,))
    assert "Words" in anki.learner.types


def test_a_note_type_gets_what_it_lacks(anki: Running) -> None:
    """Fields, templates, sides and look; what the learner added stays, and so does the history."""
    anki.put(*notes("uno", "dos", "tres"))
    anki.learner.study()
    history = anki.learner.history
    anki.learner.add_field("Words", "Mine")
    new = Template("Say", "{{#Hint}}{{Hint}}{{/Hint}}", "{{Word}}")
    other = attrs.evolve(WORDS.templates[0], back="{{Word}} {{IPA}} {{Hint}}")
    grown = NoteType(
        name="Words",
        fields=(*WORDS.fields, "Mine", "Hint"),
        templates=(other, WORDS.templates[1], new),
        css=".card {}",
    )
    adapter = anki.adapter()
    adapter.read()
    adapter.put_note_types((grown,))
    adapter.put_notes((with_fields(note("uno"), Hint="a hint"), *notes("dos", "cuatro")))

    state = anki.adapter().read()
    assert state.note_types["Words"] == grown
    assert state.notes[note("uno").guid].fields["Hint"] == "a hint"
    assert state.notes[note("cuatro").guid].fields["Mine"] == ""
    assert len(anki.learner.notes) == 4
    assert anki.learner.history == history


def test_a_note_type_that_anki_would_refuse_is_refused_before(fake: Running) -> None:
    """Nobody is asked; nor for one whose notes could not be known again."""
    faulty = attrs.evolve(WORDS, templates=(Template("Read", "{{Wort}}", ""),))
    nameless = attrs.evolve(WORDS, fields=("Word", "IPA", "Picture"))

    with pytest.raises(Rejected, match="'Wort' is no field"):
        fake.adapter().put_note_types((faulty,))
    with pytest.raises(Rejected, match="no field 'Card ID', 'Language'"):
        fake.adapter().put_note_types((nameless,))
    with pytest.raises(Rejected, match="would rename a note type named"):
        fake.adapter().put_note_types((attrs.evolve(WORDS, name='"Words"'),))
    assert not fake.server.requests


def test_what_anki_does_not_take_over_is_an_error(fake: Running) -> None:
    """It ignores a side that is empty, without a word."""
    fake.put(*notes("uno"))
    emptied = attrs.evolve(
        WORDS, templates=(attrs.evolve(WORDS.templates[0], back=""), WORDS.templates[1])
    )

    with pytest.raises(Rejected, match="did not take the note type 'Words' over: updateModelTempl"):
        fake.adapter().put_note_types((emptied,))


# Media


@pytest.mark.parametrize("sees", [True, False])
def test_missing_media_are_put(anki: Running, *, sees: bool) -> None:
    """Byte for byte, as paths or as bytes; what is there is not put again."""
    anki.actions.sees = lambda _: sees
    files = tuple(anki.picture(f"word {number}") for number in range(120))
    anki.adapter().put_media(files[:60])
    put = anki.server.done["storeMediaFile"]
    anki.adapter().put_media(files)

    assert anki.adapter().read().media == {file.name for file in files}
    for file in files:
        assert anki.learner.media(file.name) == (anki.folder / "media" / file.name).read_bytes()
    tries = 0 if sees else 50
    assert (put, anki.server.done["storeMediaFile"]) == (60 + tries, 120 + 2 * tries)


def test_bodies_stay_small(fake: Running) -> None:
    """However much is put."""
    fake.actions.sees = lambda _: False
    files = tuple(fake.picture(f"word {number}", 150_000) for number in range(20))
    fake.adapter().put_media(files)
    fake.put(*(note(f"n {number}", Word=LONG) for number in range(600)))
    fake.put(*(note(f"n {number}", Word=f"{LONG} {number}") for number in range(600)))

    assert fake.adapter().read().media == {file.name for file in files}
    fake.adapter().put_media((fake.picture("large", 700_000),))
    assert USUAL_BYTES < fake.server.largest <= MOST_BYTES


def test_a_file_that_is_too_large_is_named(fake: Running) -> None:
    """Anki would stand still for seconds, were it sent; by its path it can be any size."""
    file = fake.picture("huge", 1_000_000)
    fake.actions.sees = lambda _: False
    with pytest.raises(Rejected, match=f"{file.name} takes 1.3 MB"):
        fake.adapter().put_media((file,))

    fake.actions.sees = lambda _: True
    fake.adapter().put_media((file,))
    assert fake.adapter().read().media == {file.name}


def test_a_file_that_is_missing_here_is_named(fake: Running) -> None:
    """Before anything is put."""
    files = fake.picture("casa"), attrs.evolve(fake.picture("perro"), name="gone-0.png")
    with pytest.raises(NotFound, match="lacks gone-0"):
        fake.adapter().put_media(files)

    assert not fake.server.done["storeMediaFile"]


def test_another_file_of_the_same_name_is_noticed(anki: Running) -> None:
    """It is not replaced: it is not ours."""
    file = anki.picture("casa")
    adapter = anki.adapter()
    adapter.read()
    anki.actions.storeMediaFile(file.name, "c29tZXRoaW5n")
    hidden = {**anki.server.done}
    monkey = anki.actions.getMediaFilesNames
    anki.actions.getMediaFilesNames = list
    with pytest.raises(BadAnswer, match=f"Anki keeps {file.name} as"):
        adapter.put_media((file,))
    anki.actions.getMediaFilesNames = monkey

    assert hidden
    assert anki.learner.media(file.name) == b"something"


# Retiring, backing up, remembering


def test_retired_notes_are_tagged(anki: Running) -> None:
    """And suspended, or deleted, as is asked; others are not touched."""
    adapter = anki.put(*notes("uno", "dos", "tres", "cuatro"))
    guids = {key: note(key).guid for key in ("uno", "dos", "tres", "cuatro")}
    cards = {one.fields["Card ID"]: guid for guid, one in adapter.read().notes.items()}
    assert cards == guids
    adapter.retire((guids["uno"],), "tag")
    adapter.retire((guids["dos"],), "suspend")
    adapter.retire((guids["tres"],), "delete")

    state = anki.adapter().read()
    tags = {one.fields["Card ID"]: one.tags for one in state.notes.values()}
    assert tags == {
        "uno": ("ours", RETIRED_TAG),
        "dos": ("ours", RETIRED_TAG),
        "cuatro": ("ours",),
    }
    assert guids["tres"] not in state.pushed
    suspended = {
        one["fields"]["Card ID"]["value"]: anki.actions.suspended(one["cards"][0])
        for one in anki.actions.notesInfo(query='"note:Words"')
    }
    assert suspended == {"uno": False, "dos": True, "cuatro": False}


def test_what_is_not_there_is_not_retired(fake: Running) -> None:
    """Nor is anything else of the same call."""
    adapter = fake.put(*notes("uno"))
    with pytest.raises(NotFound, match="no note x in Anki"):
        adapter.retire((note("uno").guid, "x"), "delete")

    assert "uno" in fake.learner.notes


def test_a_backup_holds_the_decks_of_our_notes(anki: Running, tmp_path: Path) -> None:
    """Once a sync, with their history; nothing where nothing is there."""
    assert anki.adapter().backup() == ""

    anki.put(note("uno"), note("dos", deck="Español::A1"))
    anki.learner.study()
    adapter = anki.adapter()
    adapter.read()
    where = Path(adapter.backup())

    assert where.is_file()
    assert where.parent == tmp_path / "backups"
    assert adapter.backup() == str(where)
    assert anki.server.done["exportPackage"] == 1

    kept, history = anki.learner.notes, anki.learner.history
    anki.actions.deleteNotes(anki.actions.findNotes('"note:Words"'))
    anki.actions.importPackage(str(where))
    assert anki.learner.notes.keys() == kept.keys()
    assert len(anki.learner.history) == len(history)


def test_where_anki_does_not_see_our_folder_the_backup_goes_to_its_own(
    fake: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that cannot be, either, a sync must not go on."""
    fake.put(*notes("uno"))
    fake.actions.sees = lambda _: False
    assert fake.adapter().backup().startswith("/anki/backups/español-")

    monkeypatch.setattr(fake.actions, "exportPackage", lambda **_: False)
    with pytest.raises(Unavailable, match="no backup could be written") as caught:
        fake.adapter().backup()
    assert "sync without one" in caught.value.hint


def test_a_renamed_deck_is_known_again(anki: Running) -> None:
    """New notes go where the others are."""
    anki.put(*notes("uno"))
    anki.put(*notes("uno", "dos"))
    anki.learner.rename_deck("Español", "Spanish")
    anki.put(*notes("uno", "dos", "tres"))

    assert anki.learner.deck_of("tres") == "Spanish"
    assert "Español" not in anki.actions.deckNamesAndIds()


def test_what_was_wanted_is_remembered_as_it_was(fake: Running) -> None:
    """Not what was put; of others what was kept before stays."""
    fake.put(*notes("uno", "dos"))
    adapter = fake.adapter()
    adapter.read()
    adapter.remember((with_fields(note("uno"), IPA="[wanted]"),))

    state = fake.adapter().read()
    assert state.pushed[note("uno").guid].fields["IPA"] == "[wanted]"
    assert state.notes[note("uno").guid].fields["IPA"] == "[uno]"
    assert state.pushed[note("dos").guid] == note("dos")


def test_each_profile_has_a_memory_of_its_own(fake: Running) -> None:
    """In the same file."""
    fake.put(*notes("uno"))
    fake.actions.profile = "Ana"
    adapter = fake.adapter(profile="Ana")

    assert adapter.read().pushed == {}
    adapter.remember(notes("dos"))
    fake.actions.profile = "User 1"
    assert fake.adapter(profile="User 1").read().pushed.keys() == {note("uno").guid}


# Adopting


THEIRS = {"CardID": "casa_home", "SpanishWord": "casa", "ImageFile": "casa.png", "Notes": "mine"}
ADOPTION = Adoption(
    note_type="Fluent Forever",
    key="CardID",
    language="es-419",
    ours="Words",
    fields=FrozenMap({"Word": "SpanishWord", "Picture": "ImageFile"}),
    bare=frozenset({"Picture"}),
)


@pytest.fixture
def old(anki: Running) -> Running:
    """A running Anki with a deck of the earlier system."""
    sides = [{"Name": "Card 1", "Front": "{{SpanishWord}}", "Back": "{{CardID}}"}]
    anki.actions.createModel("Fluent Forever", [*THEIRS], sides, "")
    anki.actions.createDeck("Fluent")
    made = {"modelName": "Fluent Forever", "deckName": "Fluent", "tags": ["old"]}
    anki.actions.addNote({**made, "fields": THEIRS})
    anki.learner.study()
    return anki


def adopted(running: Running) -> AnkiState:
    """Read with the adoption."""
    return running.adapter(adopt=ADOPTION).read()


def test_an_adopted_note_is_read_as_ours(old: Running) -> None:
    """By its key field, with the fields that hold ours; the note type is not among ours."""
    state = adopted(old)

    assert state.note_types == {}
    assert state.notes == {
        note("casa_home").guid: Note(
            guid=note("casa_home").guid,
            note_type="Words",
            deck="Fluent",
            fields=FrozenMap(
                {
                    "Card ID": "casa_home",
                    "Language": "es-419",
                    "Word": "casa",
                    "Picture": '<img src="casa.png">',
                }
            ),
            tags=("old",),
        )
    }


def test_an_adopted_note_is_updated_where_it_is(old: Running) -> None:
    """It keeps its note type, its other fields and its history, and is not made a second time."""
    history = old.learner.history
    wanted = note(
        "casa_home", Word="la casa", Picture='<img src="new-1.png">', tags=("old", "ours")
    )
    adapter = old.put(wanted, note("perro"), adapter=old.adapter(adopt=ADOPTION))

    (told,) = old.actions.notesInfo(query='"note:Fluent Forever"')
    assert {name: one["value"] for name, one in told["fields"].items()} == {
        "CardID": "casa_home",
        "SpanishWord": "la casa",
        "ImageFile": "new-1.png",
        "Notes": "mine",
    }
    assert told["tags"] == ["old", "ours"]
    assert old.learner.history == history or not history
    assert [*old.actions.findNotes('"note:Words"')] == [old.learner.number("perro")]
    read = adapter.read().notes[wanted.guid]
    assert (read.fields, read.tags) == (wanted.fields, wanted.tags)


def test_what_an_adopted_note_has_no_field_for_is_put_once(old: Running) -> None:
    """It is kept beside it, so the next sync has nothing to do."""
    wanted = note("casa_home", IPA="[ˈka.sa]")
    old.put(wanted, adapter=old.adapter(adopt=ADOPTION))
    written = old.written
    old.put(wanted, adapter=old.adapter(adopt=ADOPTION))

    assert adopted(old).notes[wanted.guid].fields == wanted.fields
    assert old.written == written


def test_an_adoption_that_names_no_field_is_an_error(old: Running) -> None:
    """It says which fields there are."""
    wrong = attrs.evolve(ADOPTION, fields=FrozenMap({"Word": "Wort"}), bare=frozenset())
    with pytest.raises(Misconfigured, match="no field 'Wort', which the adoption names") as caught:
        old.adapter(adopt=wrong).read()

    assert "SpanishWord" in caught.value.hint


def test_an_adoption_may_not_write_over_the_key() -> None:
    """Nor put two of ours into one field."""
    for fields in ({"Word": "CardID"}, {"Word": "A", "IPA": "A"}, {"Card ID": "A"}):
        with pytest.raises(ValueError, match="the key holds the id alone"):
            attrs.evolve(ADOPTION, fields=FrozenMap(fields))


# Secrets


def test_the_key_is_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is in each request, and in no text, file or log."""
    caplog.set_level(logging.DEBUG)
    with made_up(tmp_path, key="s3cret-key") as running:
        adapter = running.adapter(key="s3cret-key")
        running.put(*notes("uno"), adapter=adapter)
        texts = [repr(adapter), caplog.text, (tmp_path / "state.json").read_text()]
        with pytest.raises(Denied, match="another key") as caught:
            running.adapter(key="wr0ng-key").read()

    assert "s3cret" not in "".join(texts)
    assert "wr0ng" not in str(caught.value)
    bodies = json.dumps([one.body for one in running.server.requests])
    assert bodies.count("s3cret-key") > 20
