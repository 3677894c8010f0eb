"""`stages sync`: what changed reaches Anki, what a learner did stays, and a person is told of it."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from stages import CONJUGATIONS, Conjugation, Conjugations, Vocabulary
from stages.cli import making
from stages.core.json import to_json
from stages.providers.package import Package
from stages.providers.source import Grade
from stages.testing.loopback import AnkiLoopback, Fault, Received
from stages.testing.loopback.anki_collection import KeptNote, KeptType
from tests.cli.playing import Person, Told, everything, person_in, started
from tests.making import meaning
from tests.providers.sources import Toy

WORDS = ("perro", "casa", "gato")
IDS = {"perro_dog", "casa_home", "gato_cat", "gato_car_jack"}
WRITES = {
    "addNote", "addTags", "createDeck", "createModel", "deleteMediaFile", "deleteNotes",
    "exportPackage", "importPackage", "modelFieldAdd", "modelTemplateAdd", "removeTags",
    "storeMediaFile", "suspend", "updateModelStyling", "updateModelTemplates", "updateNoteFields",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let toys draw and speak, since real ones take their time."""
    for name in ("ANKICONNECT_API_KEY", "ANKICONNECT_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    drawn = Toy("placeholder", grade=Grade.STAND_IN, local=True)
    spoken = Toy("kokoro", "sound", grade=Grade.STAND_IN, local=True)
    monkeypatch.setattr(making, "_drawn", lambda: (drawn,))
    monkeypatch.setattr(making, "_spoken", lambda _: (spoken,))


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """A person who types in an empty folder."""
    return person_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def anki(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnkiLoopback]:
    """Anki, which the person's shell knows where to find."""
    with AnkiLoopback(tick=0) as server:
        monkeypatch.setenv("ANKICONNECT_URL", server.url)
        yield server


def written(anki: AnkiLoopback) -> int:
    """Give how many things were written into Anki so far."""
    return sum(times for name, times in anki.done.items() if name in WRITES)


def card_ids(anki: AnkiLoopback) -> set[str]:
    """Name the notes of ours that are there."""
    return {
        one["Card ID"]
        for one in anki.collection.notes.values()
        if "Card ID" in one.note_type.fields
    }


def edited(anki: AnkiLoopback, card_id: str, **fields: str) -> KeptNote:
    """Edit a note as a learner does."""
    note = anki.collection.by_key(card_id)
    anki.collection.edit(note.id, fields)
    return note


def lexicon(folder: Path, **definitions: str) -> Path:
    """Write a lexicon of a person's own, with one meaning a word."""
    rows = [
        f"{word},one,uso,{definition},Hoy quiero {word} con calma.,Hoy quiero _____ con calma.,"
        for word, definition in definitions.items()
    ]
    head = "SpanishWord,MeaningID,MeaningContext,MonolingualDef,ExampleSentence,GappedSentence,IPA"
    path = folder / "own.csv"
    path.write_text("\n".join([head, *rows]), "utf-8")
    return path


def test_what_was_built_is_in_anki_and_then_there_is_nothing_to_do(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Notes, media and note type; the second time three looks at Anki find it all there."""
    built = person("build", *WORDS)
    first = person("sync")
    before, requests, disk = written(anki), len(anki.requests), everything(tmp_path)
    second = person("sync")

    assert (built.code, first.code, second.code) == (0, 0, 0)
    assert built.out.endswith("or while Anki runs: stages sync\n")
    assert card_ids(anki) == IDS
    assert len(anki.collection.media) == 7
    assert first.out.splitlines() == [
        "The profile 'User 1' of Anki, deck Español:",
        "  4 notes new, 0 changed, 0 unchanged",
        "  1 note type and 7 pictures and sounds put",
    ]
    assert second.out.splitlines() == [
        "The profile 'User 1' of Anki, deck Español:",
        "  0 notes new, 0 changed, 4 unchanged",
    ]
    assert first.err == second.err == ""
    assert len(anki.requests) - requests <= 3
    assert written(anki) == before
    assert everything(tmp_path) == disk


def test_words_make_the_same_notes_as_their_package(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Typed as they were built, with the pictures, sounds and credits that are there."""
    (tmp_path / "words.txt").write_text("\n".join(WORDS), "utf-8")
    person("build", "words.txt")
    person("sync")
    before = written(anki)

    told = person("sync", "words.txt")

    assert told.code == 0
    assert "0 notes new, 0 changed, 4 unchanged" in told.out
    assert written(anki) == before


def test_a_dry_run_shows_it_all_and_writes_nothing(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Neither into Anki nor onto the disk."""
    person("build", *WORDS)
    disk = everything(tmp_path)

    told = person("sync", "--dry-run")

    assert told.code == 0
    assert told.out.startswith("note type Stages Vocabulary\n7 new pictures and sounds: ")
    assert "\n4 new notes: perro_dog, casa_home, gato_cat, gato_car_jack\n" in told.out
    assert told.out.endswith(
        "\nThe profile 'User 1' of Anki, deck Español would have:\n"
        "  4 notes new, 0 changed, 0 unchanged\n"
        "  1 note type and 7 pictures and sounds to put\n"
    )
    assert max(map(len, told.out.splitlines())) <= 80
    assert written(anki) == 0
    assert everything(tmp_path) == disk


def test_an_edit_stays_and_a_conflict_is_told(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """What only we changed is put; where both did, the learner's stays, or ours with --ours."""
    own = str(lexicon(tmp_path, flaquear="perder la fuerza", trepar="subir con esfuerzo"))
    person("sync", "--lexicon", own)
    anki.collection.study(anki.collection.by_key("flaquear_one").id)
    history = anki.collection.history
    edited(anki, "flaquear_one", Definition="mío", Usage="nota mía")
    lexicon(tmp_path, flaquear="perder fuerza poco a poco", trepar="subir a un árbol")

    dry = person("sync", "--lexicon", own, "--dry-run")
    told = person("sync", "--lexicon", own)
    kept = anki.collection.by_key("flaquear_one")["Definition"]
    edited(anki, "flaquear_one", Definition="otra vez mío")
    lexicon(tmp_path, flaquear="ya no tener fuerza", trepar="subir a un árbol")
    ours = person("sync", "--lexicon", own, "--ours")

    assert "changed note trepar_one\n  Definition: " in dry.out
    assert '"subir con esfuerzo" → "subir a un árbol"' in dry.out
    assert "both were changed, and the learner's stays" in dry.out
    assert told.code == 0
    assert "0 notes new, 1 changed, 1 unchanged" in told.out
    assert "1 edit of yours stays: flaquear_one.Usage" in told.out
    assert "1 field changed on both sides: flaquear_one.Definition" in told.out
    assert "--ours lets ours win" in told.out
    assert anki.collection.by_key("trepar_one")["Definition"] == "subir a un árbol"
    assert kept == "mío"
    assert ours.code == 0
    assert anki.collection.by_key("flaquear_one")["Definition"] == "ya no tener fuerza"
    assert anki.collection.by_key("flaquear_one")["Usage"] == "nota mía"
    assert anki.collection.history == history


def test_a_protected_field_is_never_changed(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Once its note is there, whoever changed it."""
    own = str(lexicon(tmp_path, trepar="subir con esfuerzo"))
    person("sync", "--lexicon", own)
    lexicon(tmp_path, trepar="subir a un árbol")

    told = person("sync", "--lexicon", own, "--protect", "Definition")

    assert told.code == 0
    assert anki.collection.by_key("trepar_one")["Definition"] == "subir con esfuerzo"


def test_a_backup_is_made_before_the_first_change_and_its_place_is_said(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Of what is there; not before what changes nothing, and not where nobody wants it."""
    person("build", "perro")
    first = person("sync")
    person("build", "perro", "casa")
    second = person("sync")
    person("build", *WORDS)
    third = person("sync", "--no-backup")

    assert "Backed up" not in first.out + third.out
    place = second.out.splitlines()[0].removeprefix("Backed up before the first change: ")
    assert Path(place).is_file()
    assert Path(place).parent == tmp_path / ".stages" / "backups"
    order = [name for name in anki.done if name in {"exportPackage", "updateNoteFields"}]
    assert order == ["exportPackage"]


def test_a_deck_that_was_imported_by_hand_is_known(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Its edits stay, and what was rebuilt since it was imported is put."""
    own = str(lexicon(tmp_path, flaquear="perder la fuerza", trepar="subir con esfuerzo"))
    person("build", "--lexicon", own)
    asked(anki, "importPackage", path=str(tmp_path / "deck.apkg"))
    edited(anki, "flaquear_one", Definition="mío")
    lexicon(tmp_path, flaquear="perder la fuerza", trepar="subir a un árbol")
    person("build", "--lexicon", own)

    told = person("sync")
    (tmp_path / "deck.apkg").rename(tmp_path / "moved.apkg")
    again = person("sync", "moved.apkg")

    assert told.code == again.code == 0
    assert "1 edit of yours stays: flaquear_one.Definition" in told.out
    assert "0 notes new, 1 changed, 1 unchanged" in told.out
    assert "0 notes new, 0 changed, 2 unchanged" in again.out
    assert anki.collection.by_key("flaquear_one")["Definition"] == "mío"
    assert anki.collection.by_key("trepar_one")["Definition"] == "subir a un árbol"
    assert len(anki.collection.notes) == 2


def asked(anki: AnkiLoopback, action: str, **params: Any) -> Any:
    """Ask AnkiConnect, as another program does."""
    body = json.dumps({"action": action, "version": 6, "params": params}).encode()
    with urlopen(anki.url, body) as answer:
        told = json.loads(answer.read())
    assert told["error"] is None
    return told["result"]


def vocabulary_in(folder: Path, *words: str, **fields: Any) -> str:
    """Write a vocabulary."""
    path = folder / "vocabulary.json"
    meanings = tuple(meaning(word, "home", **fields) for word in words)
    path.write_text(to_json(Vocabulary(meanings=meanings)), "utf-8")
    return str(path)


def test_a_vocabulary_and_verb_forms_sync_together(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Each file is known by what is in it; both note types are made."""
    form = Conjugation(id="hablar_yo", form="hablo", infinitive="hablar", sentence="Yo _____.")
    (tmp_path / "verbs.json").write_text(to_json(Conjugations(forms=(form,))), "utf-8")
    typed = (vocabulary_in(tmp_path, "casa", "perro"), "verbs.json")

    first, second = person("sync", *typed), person("sync", *typed)

    assert CONJUGATIONS == "conjugations"
    assert (first.code, second.code) == (0, 0)
    assert "3 notes new, 0 changed, 0 unchanged\n  2 note types put" in first.out
    assert "0 notes new, 0 changed, 3 unchanged" in second.out
    assert card_ids(anki) == {"casa_home", "perro_home", "hablar_yo"}


def fluent_forever(anki: AnkiLoopback, *card_ids: str) -> KeptType:
    """Let Anki hold notes of the earlier system, studied."""
    fields = (
        "CardID", "SpanishWord", "IPA", "MeaningContext", "MonolingualDef", "ExampleSentence",
        "GappedSentence", "UsageNote", "ImageFile", "WordAudio", "PersonalMnemonic",
    )  # fmt: skip
    kept = KeptType(7, "Fluent Forever", list(fields), {"A": ("{{SpanishWord}}", "{{IPA}}")}, "")
    anki.collection.add_type(kept)
    for number, card_id in enumerate(card_ids, 100):
        texts = [card_id, card_id.partition("_")[0], "", "", "vieja", "", "", "", "", "", "mío"]
        note = KeptNote(number, f"guid-{number}", kept, texts, ("mine",), 1)
        anki.collection.add(note, anki.collection.deck_named("Old", make=True) or "")
        anki.collection.study(number)
    return kept


def test_the_earlier_systems_notes_are_adopted_with_their_history(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """They are updated where they are, no note is doubled, and it has to be said only once."""
    kept = fluent_forever(anki, "casa_home", "perro_home")
    history = anki.collection.history
    typed = vocabulary_in(tmp_path, "casa", "perro", "gato", definition="una definición nueva")

    dry = person("sync", typed, "--adopt", "Fluent Forever", "--dry-run")
    first = person("sync", typed, "--adopt", "Fluent Forever")
    before = written(anki)
    second = person("sync", typed)

    assert "changed note casa_home (there already)" in dry.out
    assert "2 notes that were there are adopted: casa_home, perro_home" in first.out
    for told in (dry, first):
        assert "1 note new, 2 changed, 0 unchanged" in told.out
    assert second.code == 0
    assert "0 notes new, 0 changed, 3 unchanged" in second.out
    assert written(anki) == before
    assert anki.collection.history == history
    assert len(anki.collection.notes) == 3
    note = anki.collection.notes[100]
    assert note.note_type is kept
    assert (note["MonolingualDef"], note["PersonalMnemonic"]) == ("una definición nueva", "mío")
    assert "mine" in note.tags


def test_a_deck_made_by_hand_is_adopted_by_its_fields(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Each of ours is named with the one of theirs; all others stay."""
    kept = KeptType(7, "Basic", ["Front", "Back", "Key"], {"A": ("{{Front}}", "{{Back}}")}, "")
    anki.collection.add_type(kept)
    note = KeptNote(100, "x", kept, ["casa", "house", "casa_home"], (), 1)
    anki.collection.add(note, anki.collection.deck_named("Mine", make=True) or "")
    fields = ("--adopt-field", "Word=Front", "--adopt-field", "Definition=Back")

    told = person(
        "sync", vocabulary_in(tmp_path, "casa"), "--adopt", "Basic", "--adopt-key", "Key", *fields
    )

    assert told.code == 0, told
    assert anki.collection.notes[100]["Back"] == meaning("casa", "home").definition
    assert len(anki.collection.notes) == 1


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("--adopt", "Nope"), "no note type 'Nope', which is to be adopted"),
        (("--adopt", "A", "--adopt-field", "Wrod=Front"), "did you mean 'Word'?"),
        (("--adopt", "A", "--adopt-field", "Word"), "as in --adopt-field Word=Front"),
        (("--adopt", "A", "--adopt-field", "Word=X", "--adopt-field", "IPA=X"), "each field"),
    ],
)
def test_an_adoption_that_cannot_be_is_an_error(
    person: Person, anki: AnkiLoopback, tmp_path: Path, typed: tuple[str, ...], why: str
) -> None:
    """Before anything is put: else each note would be there twice."""
    told = person("sync", vocabulary_in(tmp_path, "casa"), *typed)

    assert told.code == 1
    assert why in told.err
    assert written(anki) == 0
    assert not (tmp_path / ".stages").exists()


def test_other_notes_stay_unless_it_is_said_what_becomes_of_them(
    person: Person, anki: AnkiLoopback
) -> None:
    """They are listed; tagged or suspended on request; deleted only by their exact number."""
    person("build", *WORDS)
    person("sync")
    left = person("sync", "perro", "casa")
    tagged = person("sync", "perro", "casa", "--orphans", "tag")
    wrong = person("sync", "perro", "casa", "--delete", "3")
    there = card_ids(anki)
    dry = person("sync", "perro", "casa", "--delete", "2", "--dry-run")
    deleted = person("sync", "perro", "casa", "--delete", "2")

    assert (left.code, tagged.code, wrong.code, dry.code, deleted.code) == (0, 0, 1, 0, 0)
    assert "2 other notes in this deck stay: gato_cat, gato_car_jack" in left.out
    assert "2 other notes retired: gato_cat, gato_car_jack" in tagged.out
    assert "2 notes would be deleted" in wrong.err
    assert "--delete 2 deletes" in wrong.err
    assert there == IDS
    assert "2 notes to delete: gato_cat, gato_car_jack" in dry.out
    assert "2 other notes deleted: gato_cat, gato_car_jack" in deleted.out
    assert card_ids(anki) == {"perro_dog", "casa_home"}


def test_while_a_word_is_unknown_no_note_is_retired(person: Person, anki: AnkiLoopback) -> None:
    """Its notes may be among those that nothing makes, since nobody said where its meanings are."""
    person("build", *WORDS)
    person("sync")
    before = written(anki)

    plain = person("sync", "perro", "zzz")
    told = person("sync", "perro", "zzz", "--orphans", "suspend")
    none = person("sync", "zzz")

    assert plain.code == 0
    assert "no meanings known of 1: zzz" in plain.out
    assert told.code == none.code == 1
    assert "no meanings known of 1: zzz" in told.err
    assert "sync the deck as it was built: stages sync" in none.err
    assert written(anki) == before


def test_new_fields_wait_for_consent(person: Person, anki: AnkiLoopback) -> None:
    """The exit code says so, and the cure is the option."""
    person("build", "perro")
    person("sync")
    (kept,) = anki.collection.note_types.values()
    usage = kept.fields.index("Usage")
    for fields in (kept.fields, *(note.fields for note in anki.collection.notes.values())):
        del fields[usage]
    (state,) = Path(".stages").glob("anki.json")
    state.unlink()
    Path("deck.apkg").rename("other.apkg")

    waits = person("sync", "perro")
    done = person("sync", "perro", "--schema-changes")

    assert waits.code == 1
    assert "--schema-changes adds it" in waits.out
    assert done.code == 0
    assert "Usage" in kept.fields


def test_without_a_running_anki_a_line_and_a_cure(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to start and what to install; nothing is written."""
    with AnkiLoopback(tick=0) as gone:
        monkeypatch.setenv("ANKICONNECT_URL", gone.url)
    person("build", "perro")
    before = everything(Path.cwd())

    told = person("sync")

    assert (told.code, told.out) == (1, "")
    assert "Anki is not running, or it has no AnkiConnect" in told.err
    assert "2055492159" in told.err
    assert told.err.count("\n") <= 2
    assert everything(Path.cwd()) == before


def test_the_key_is_used_and_never_shown(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever goes well or wrong, and in no file."""
    with AnkiLoopback(tick=0, key="s3cret-key") as server:
        monkeypatch.setenv("ANKICONNECT_URL", server.url)
        person("build", "perro")
        told = [person("sync")]
        monkeypatch.setenv("ANKICONNECT_API_KEY", "wr0ng-key")
        told += [person("sync")]
        monkeypatch.setenv("ANKICONNECT_API_KEY", "s3cret-key")
        told += [person("sync"), person("sync", "--dry-run")]

    assert [one.code for one in told] == [1, 1, 0, 0]
    assert "set ANKICONNECT_API_KEY" in told[0].err
    assert "wants another key than the one given" in told[1].err
    said = "".join(one.out + one.err for one in told)
    files = b"".join(content for _, _, content in everything(tmp_path).values())
    for key in ("s3cret-key", "wr0ng-key"):
        assert key not in said
        assert key.encode() not in files


def test_another_profile_is_not_written_into(person: Person, anki: AnkiLoopback) -> None:
    """Unless it is asked for by name."""
    person("build", "perro")
    person("sync")
    before = written(anki)
    anki.actions.profile = "Ana"

    told = person("sync")

    assert told.code == 1
    assert "Anki has the profile 'Ana' open" in told.err
    assert "--profile 'Ana'" in told.err
    assert written(anki) == before
    assert person("sync", "--profile", "Ana").code == 0


def test_a_lost_update_is_told(person: Person, anki: AnkiLoopback, tmp_path: Path) -> None:
    """What Anki did not keep is put once more, and then said not to be there."""
    own = str(lexicon(tmp_path, trepar="subir con esfuerzo"))
    person("sync", "--lexicon", own)
    lexicon(tmp_path, trepar="subir a un árbol")
    anki.actions.losing[anki.collection.by_key("trepar_one").id] = 5

    told = person("sync", "--lexicon", own)
    anki.actions.losing.clear()
    again = person("sync", "--lexicon", own)

    assert told.code == 1
    assert "cards[trepar_one].Definition: it was put, and when it was read back" in told.out
    assert again.code == 0
    assert anki.collection.by_key("trepar_one")["Definition"] == "subir a un árbol"


def test_after_ctrl_c_the_same_command_goes_on(
    person: Person, anki: AnkiLoopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 130; nothing is doubled, and all is there in the end."""
    person("build", *WORDS)
    running: list[subprocess.Popen[bytes]] = []

    def interrupt(received: Received, _: int) -> Fault | None:
        if running and "storeMediaFile" in str(received.body):
            running.pop().send_signal(signal.SIGINT)
            time.sleep(0.5)
        return None

    monkeypatch.setattr(anki, "_fault", interrupt)
    process = started(tmp_path, "sync")
    running.append(process)
    out, err = process.communicate(timeout=60)
    again = person("sync")

    assert process.returncode == 130, (out, err)
    assert b"Stopped. What was put stays, and the same command goes on from there." in err
    assert b"Traceback" not in out + err
    assert again.code == 0
    assert card_ids(anki) == IDS
    assert len(anki.collection.notes) == 4


def test_when_anki_is_closed_half_way_the_next_sync_does_the_rest(
    person: Person, anki: AnkiLoopback
) -> None:
    """It is told in a line, wherever it happens."""
    person("build", *WORDS)
    for actions in range(5, 60, 9):
        anki.quit_after(actions)
        told = person("sync")
        anki.start_again()
        assert told.code in {0, 1}
        assert told.code == 0 or "Anki broke the connection off" in told.err

    assert person("sync").code == 0
    assert card_ids(anki) == IDS
    assert len(anki.collection.notes) == 4


def test_a_package_is_written_over_the_learners_export(
    person: Person, anki: AnkiLoopback, tmp_path: Path
) -> None:
    """Without Anki; the edits of the export stay in it."""
    plain = person("sync", "perro", "--to", "out.apkg")
    again = person("sync", "perro", "--to", "out.apkg")

    assert (plain.code, again.code) == (0, 0)
    assert plain.out.splitlines()[0] == "out.apkg, deck Español:"
    assert plain.out.endswith("\nNext: import out.apkg into Anki (File > Import).\n")
    assert "0 notes new, 0 changed, 1 unchanged" in again.out
    held = Package(tmp_path / "out.apkg", tmp_path).read().notes.values()
    assert [note.fields["Card ID"] for note in held] == ["perro_dog"]
    assert not anki.requests


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("--base", "a.apkg"), "add --to deck.apkg"),
        (("--to", "a.apkg", "--url", "http://127.0.0.1:1"), "--to asks none"),
        (("--to", "a.apkg", "--orphans", "tag"), "takes nothing away"),
        (("--to", "a.apkg", "--schema-changes"), "are for a running Anki"),
        (("--adopt-key", "X"), "say more of --adopt"),
        (("--orphans", "tag", "--delete", "1"), "give one"),
    ],
)
def test_what_cannot_be_meant_is_mistyped(person: Person, typed: tuple[str, ...], why: str) -> None:
    """Exit code 2, and what to type."""
    told = person("sync", *typed)

    assert told.code == 2
    assert why in told.err


def test_what_is_no_deck_is_an_error(person: Person, anki: AnkiLoopback, tmp_path: Path) -> None:
    """One line, with the cure."""
    (tmp_path / "batch.json").write_text('{"words": ["a"], "meanings": []}', "utf-8")
    (tmp_path / "odd.json").write_text('{"a": 1}', "utf-8")
    (tmp_path / "broken.json").write_text('{"a": ', "utf-8")
    (tmp_path / "odd.apkg").write_bytes(b"no package")
    wrong: dict[tuple[str, ...], str] = {
        (): "there is no deck.apkg here",
        ("no.apkg",): "no.apkg is not there",
        ("no.json",): "no.json is not there",
        ("no.txt",): "no.txt is not there",
        ("batch.json",): "--from-batch batch.json",
        ("odd.json",): "neither meanings nor verb forms",
        ("broken.json",): "line 1 column 7",
        ("odd.apkg",): "was not written by stages",
        ("odd.apkg", "casa"): "a package is synced alone",
        ("casa", "--to", "a.zip"): "let it end in .apkg",
    }

    for typed, why in wrong.items():
        told: Told = person("sync", *typed)
        assert (told.code, told.out) == (1, "")
        assert why in told.err
        assert told.err.count("\n") == 1
    assert not anki.requests
