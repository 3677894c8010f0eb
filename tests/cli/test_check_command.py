"""`stages check`: what a person is told of a file, and what a program reads of it."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages import Vocabulary
from stages.core.json import to_json
from stages.providers.errors import Misconfigured
from stages.providers.media import Pictures, Sounds
from tests.cli.playing import ENTRY, Person, Told, environment_with, everything
from tests.making import card, meaning
from tests.providers.sources import Toy

Written = Callable[[str, str | bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a file into the folder in which the person types."""

    def write(name: str, text: str | bytes) -> Path:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def batch_of(*entries: object, **others: object) -> str:
    """Give a staged file with these entries."""
    return json.dumps({"words": ["flaquear"], "meanings": entries, **others}, ensure_ascii=False)


def vocabulary_of(*words: str, **fields: Any) -> str:
    """Give the file of a vocabulary with one meaning a word."""
    return to_json(Vocabulary(meanings=tuple(meaning(word, **fields) for word in words)))


def lines_of(told: Told) -> list[dict[str, Any]]:
    """Give what a program reads, a line each."""
    return [json.loads(line) for line in told.out.splitlines()]


LISTED = {"words": "casa\nperro\n", "ipa": "casa\t[ˈka.sa]\n"}


def test_without_a_command_it_shows_what_there_is(person: Person) -> None:
    """Help, and no error."""
    told = person("check")

    assert told.code == 0
    for command in ("words", "batch", "vocabulary", "media", "ipa"):
        assert f" {command} " in told.out


@pytest.mark.parametrize("command", ["words", "batch", "vocabulary", "media", "ipa"])
def test_without_a_file_it_is_mistyped(person: Person, command: str) -> None:
    """Exit code 2, and what lacks."""
    told = person("check", command)

    assert told.code == 2
    assert "FILE" in told.err


@pytest.mark.parametrize("command", ["words", "batch", "vocabulary", "ipa"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xff\xfec\x00a\x00", "is no UTF-8 text"),
        ("folder", "Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    person: Person, tmp_path: Path, command: str, content: bytes | str | None, why: str
) -> None:
    """On stderr, with exit code 1; nothing goes out that a program could take for an answer."""
    if content == "folder":
        (tmp_path / "a.json").mkdir()
    elif content is not None:
        (tmp_path / "a.json").write_bytes(content)  # type: ignore[arg-type]  # it is bytes here

    for options in ((), ("--json",)):
        told = person("check", command, "a.json", *options)

        assert (told.code, told.out) == (1, "")
        assert told.err.startswith("Error: ")
        assert why in told.err
        assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", ["words", "batch", "vocabulary", "ipa"])
def test_broken_json_is_told_with_line_and_column(
    person: Person, written: Written, command: str
) -> None:
    """Whoever wrote it by hand finds the comma."""
    written("a.json", '{"words": [\n  "casa",,\n]}')

    told = person("check", command, "a.json")

    assert told.code == 1
    assert "line 2 column 10" in told.err


@pytest.mark.parametrize(
    ("command", "content", "better"),
    [
        ("words", vocabulary_of("casa"), "vocabulary"),
        ("words", batch_of(ENTRY), "batch"),
        ("batch", vocabulary_of("casa"), "vocabulary"),
        ("batch", '["casa"]', "words"),
        ("vocabulary", batch_of(ENTRY), "batch"),
        ("ipa", '{"words": ["casa"]}', "words"),
        ("batch", b"PK\x03\x04", "media"),
        ("words", b"PK\x03\x04", "media"),
    ],
)
def test_another_kind_of_file_is_told_with_the_command_that_checks_it(
    person: Person, written: Written, command: str, content: str | bytes, better: str
) -> None:
    """It can be typed as it is shown."""
    written("a file", content)

    told = person("check", command, "a file")

    assert told.code == 1
    assert shlex.join(["stages", "check", better, "a file"]) in told.err


def test_a_clean_list_is_told_in_a_line(person: Person, written: Written) -> None:
    """With what comes next."""
    written("words.txt", "# animals\nperro - a dog\ngato\n## COMPLETED\ncasa\n")

    told = person("check", "words", "words.txt")

    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "words.txt: 2 words.\n\nNothing is wrong.\n\nNext: stages build words.txt\n"
    )


def test_what_is_wrong_with_words_is_told_with_its_line(person: Person, written: Written) -> None:
    """Errors first; the number of each line is that of an editor."""
    written("words.txt", "\ufeffcasa\n# a remark\nсasa\ncasa\n")

    told = person("check", "words", "words.txt", "--json")
    shown = person("check", "words", "words.txt")

    saved = json.loads(told.out)
    assert told.code == shown.code == 1
    assert (saved["file"], saved["checked"]) == ("words.txt", 3)
    assert (saved["errors"], saved["warnings"]) == (1, 1)
    assert [(one["code"], one["where"]) for one in saved["problems"]] == [
        ("look-alike", "line 3"),
        ("same-word", "line 4"),
    ]
    assert shown.out.splitlines()[2].startswith("1 error")
    assert "1 error, 1 warning in 2 words." in shown.out


def test_warnings_alone_are_not_wrong(person: Person, written: Written) -> None:
    """Exit code 0: a double does no harm."""
    written("queue.json", '{"words": ["casa", "casa"]}')

    told = person("check", "words", "queue.json")

    assert told.code == 0
    assert "words[1]" in told.out
    assert "Next: stages batch prepare --queue queue.json" in told.out


def test_words_of_another_language_are_checked_in_it(person: Person, written: Written) -> None:
    """The language decides about the letters."""
    written("words.txt", "дом\nкошка\n")

    assert person("check", "words", "words.txt").code == 1
    assert person("check", "words", "words.txt", "--language", "ru").code == 0


IPA = "# my list\ncasa\t[ˈka.sa]\n\nhaber\t[ˈaβeɾ]\nalgo\t[ˈal.go]\nno tab\n\t[a]\nperro\t\n"


def test_each_transcription_is_a_line_of_json(person: Person, written: Written) -> None:
    """In the order of the file, blank lines and remarks left out; no line is too odd for a verdict."""
    written("ipa.tsv", IPA.encode() + b"\xff\t[a]\r\n")

    told = person("check", "ipa", "ipa.tsv", "--json", "--no-espeak")

    assert (told.code, told.err) == (1, "")
    assert [(one["word"], one["verdict"]) for one in lines_of(told)] == [
        ("casa", "ok"),
        ("haber", "reject"),
        ("algo", "fixed"),
        ("no tab", "reject"),
        ("", "reject"),
        ("perro", "reject"),
        ("\ufffd", "reject"),
    ]
    wrong = lines_of(told)[1]
    assert list(wrong) == [
        "word",
        "ipa",
        "verdict",
        "reasons",
        "why",
        "suggestion",
        "normalised",
        "distance",
        "edits",
        "reference",
        "source",
    ]
    assert wrong["reasons"] == ["wrong-stress"]
    assert len(wrong["why"]) == 1
    assert lines_of(told)[2]["normalised"] == "[ˈal.ɡo]"
    assert "[ˈal.ɡo]" in told.out


def test_transcriptions_are_told_to_a_person_by_kind(person: Person, written: Written) -> None:
    """How many are right, which are not, and what they should be."""
    written("ipa.tsv", IPA)

    told = person("check", "ipa", "ipa.tsv", "--no-espeak")

    assert told.code == 1
    assert told.out.startswith(
        "ipa.tsv: 6 transcriptions: 1 right, 1 right but for the notation, 4 wrong.\n"
    )
    assert "line 4 (haber)" in told.out
    assert "4 errors, 1 warning in 6 transcriptions." in told.out


@pytest.mark.parametrize("content", [vocabulary_of("casa", ipa="[ˈpe.ro]"), batch_of(ENTRY)])
def test_a_file_of_meanings_has_transcriptions_too(
    person: Person, written: Written, content: str
) -> None:
    """What kind of file it is, is told from what stands in it; places are those of the file."""
    written("a", content)

    told = person("check", "ipa", "a", "--no-espeak", "--json")
    shown = person("check", "ipa", "a", "--no-espeak")

    (line,) = lines_of(told)
    assert line["word"] in ("casa", "flaquear")
    assert told.code == shown.code == (0 if line["word"] == "flaquear" else 1)
    if line["word"] == "casa":
        assert "words.casa.meanings[0].IPA" in shown.out


def test_what_is_piped_in_is_checked(tmp_path: Path) -> None:
    """A dash is the file; `--json` may stand before it or after."""
    for typed in (("-", "--json"), ("--json", "-")):
        ended = subprocess.run(
            [sys.executable, "-m", "stages", "check", "ipa", *typed],
            cwd=tmp_path,
            env=environment_with(),
            input="casa\t[ˈka.sa]\n".encode(),
            capture_output=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert json.loads(ended.stdout)["verdict"] == "ok"


def test_an_option_that_is_none_is_mistyped(person: Person) -> None:
    """Even where a dash may stand for a file."""
    assert person("check", "ipa", "--jsn").code == 2


def test_a_list_of_ones_own_is_right(person: Person, written: Written) -> None:
    """Whatever the rules of spelling say."""
    written("ipa.tsv", "casa\t[ˈpe.lo]\n")
    written("own.tsv", "casa\t[ˈpe.lo]\n")

    without = person("check", "ipa", "ipa.tsv", "--json", "--no-espeak")
    told = person("check", "ipa", "ipa.tsv", "--json", "--no-espeak", "--references", "own.tsv")

    assert lines_of(without)[0]["verdict"] != "ok"
    assert lines_of(told)[0]["verdict"] == "ok"
    assert lines_of(told)[0]["source"] == "own.tsv"


def test_a_missing_espeak_is_told_to_a_person_alone(
    person: Person, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and no word of it to a program; what can be judged without it is."""

    def missing(_: str) -> None:
        raise Misconfigured("eSpeak NG is not installed", "pip install it")

    monkeypatch.setattr("stages.providers.pronunciations.EspeakReferences", missing)
    written("ipa.tsv", LISTED["ipa"])

    told = person("check", "ipa", "ipa.tsv")
    as_json = person("check", "ipa", "ipa.tsv", "--json")

    assert told.code == 0
    assert "without eSpeak: eSpeak NG is not installed (pip install it)" in told.out
    assert as_json.err == ""
    assert lines_of(as_json)[0]["verdict"] == "ok"


def test_nothing_that_is_checked_is_changed(
    person: Person, written: Written, tmp_path: Path
) -> None:
    """Not a byte, not a time, unless it is to be mended."""
    written("words.txt", LISTED["words"])
    written("ipa.tsv", IPA)
    written("batch.json", batch_of(ENTRY))
    written("vocabulary.json", vocabulary_of("casa", ipa="[ˈka.sa:]"))
    before = everything(tmp_path)

    for command, file in (
        ("words", "words.txt"),
        ("ipa", "ipa.tsv"),
        ("batch", "batch.json"),
        ("vocabulary", "vocabulary.json"),
    ):
        person("check", command, file)

    assert everything(tmp_path) == before


def test_the_pictures_and_sounds_of_a_folder_are_checked(person: Person, tmp_path: Path) -> None:
    """The folder of a deck, or that of its media; what is wrong is told by its name."""
    folder = tmp_path / ".stages" / "media"
    Pictures(folder, Toy("casa", "picture")).picture(card("casa"))
    file = Sounds(folder, Toy("casa", "sound")).sound(card("casa"))
    whole = person("check", "media", ".")
    (folder / file.name).write_bytes(b"no sound")

    told = person("check", "media", str(folder))

    assert (whole.code, whole.err) == (0, "")
    assert whole.out.startswith(".: 2 pictures and sounds.")
    assert told.code == 1
    assert f"media[{file.name}]"[:20] in told.out


def test_a_folder_without_a_deck_is_no_clean_one(person: Person, tmp_path: Path) -> None:
    """Its own pictures are nobody's to call unused."""
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "beach.png").write_bytes(b"sand")

    told = person("check", "media", "holidays")

    assert (told.code, told.out) == (1, "")
    assert "holidays is no folder of a deck" in told.err
    assert told.err.count("\n") == 1


def test_what_is_no_package_is_told(person: Person, written: Written) -> None:
    """With the cure."""
    written("deck.apkg", b"no zip")

    told = person("check", "media", "deck.apkg")

    assert told.code == 1
    assert "deck.apkg" in told.err


LACKING = {**ENTRY, "MeaningID": "lose_heart", "MonolingualDef": "", "ExampleSentence": "Flaqueó."}
UNEVEN = {**ENTRY, "IPA": "[fla.ke.'aɾ]", "MonolingualDef": "perder\u200b la fuerza"}


def test_the_entries_of_a_batch_are_judged_as_they_would_be_ingested(
    person: Person, written: Written
) -> None:
    """All faults at once, each once, with its place; a word that waits is counted and not wrong."""
    content = batch_of(ENTRY, LACKING, 3, {**ENTRY, "Foo": "bar"}, words=["flaquear", "ceder"])
    written("b.json", content)

    told = person("check", "batch", "b.json", "--no-espeak", "--json")
    shown = person("check", "batch", "b.json", "--no-espeak")

    saved = json.loads(told.out)
    errors = {one["where"] for one in saved["problems"] if one["severity"] == "error"}
    places = [(one["severity"], one["where"]) for one in saved["problems"]]
    assert (told.code, shown.code) == (1, 1)
    assert errors >= {"meanings[1].MonolingualDef", "meanings[2]", "meanings[3]"}
    assert ("warning", "meanings[3].Foo") in places
    assert len(places) == len(set(places))
    assert shown.out.startswith("b.json: 4 entries of 2 words: 1 word to be filled in.")
    assert "Next: mend b.json, then check it again: stages check batch b.json" in shown.out


def test_a_batch_that_waits_is_not_wrong(person: Person, written: Written) -> None:
    """Nothing was filled in yet."""
    written("b.json", batch_of())

    told = person("check", "batch", "b.json")

    assert told.code == 0
    assert "b.json: 0 entries of 1 word: 1 word to be filled in." in told.out


def test_a_good_batch_leads_to_its_ingestion(person: Person, written: Written) -> None:
    """The command is shown."""
    written("b.json", batch_of(ENTRY))

    told = person("check", "batch", "b.json", "--no-espeak")

    assert (told.code, told.err) == (0, "")
    assert "Nothing is wrong.\n\nNext: stages batch ingest b.json\n" in told.out


def test_the_frame_of_a_batch_is_told_with_every_fault(person: Person, written: Written) -> None:
    """In a line, on stderr."""
    written("b.json", '{"words": "casa", "meanings": {}, "ipa": 3}')

    told = person("check", "batch", "b.json")

    assert (told.code, told.out) == (1, "")
    for name in ("words", "meanings", "ipa"):
        assert f"'{name}' has to be" in told.err


def test_what_is_certain_is_mended(person: Person, written: Written, tmp_path: Path) -> None:
    """Only that; the file as it was is kept, what else stands in it stays, and it is told."""
    written("b.json", batch_of(UNEVEN, metadata={"created": "today"}))
    before = (tmp_path / "b.json").read_bytes()
    first = person("check", "batch", "b.json", "--no-espeak")

    told = person("check", "batch", "b.json", "--no-espeak", "--fix")
    again = person("check", "batch", "b.json", "--no-espeak", "--fix")

    saved = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert "2 of these can be mended for certain: stages check batch b.json --fix" in first.out
    assert "2 texts mended in b.json; b.json.bak is the file as it was:" in told.out
    assert (tmp_path / "b.json.bak").read_bytes() == before
    assert saved["metadata"] == {"created": "today"}
    assert saved["meanings"] == [
        {**UNEVEN, "IPA": "[fla.ke.ˈaɾ]", "MonolingualDef": "perder la fuerza"}
    ]
    assert "mended" not in again.out
    assert "Nothing is wrong." in again.out


def test_a_program_is_told_what_was_mended(person: Person, written: Written) -> None:
    """Beside what is left."""
    written("b.json", batch_of(UNEVEN))

    told = person("check", "batch", "b.json", "--no-espeak", "--fix", "--json")

    saved = json.loads(told.out)
    assert [line.partition(":")[0] for line in saved["mended"]] == [
        "meanings[0].MonolingualDef",
        "meanings[0].IPA",
    ]
    assert saved["problems"] == []


def test_a_text_with_several_faults_is_told_once(person: Person, written: Written) -> None:
    """As it was and as it is, with all that was mended; what was not mended is no part of that."""
    definition = "una  casa\u200b"
    written("v.json", vocabulary_of("gato", ipa="ga'to:", definition=definition))

    told = person("check", "vocabulary", "v.json", "--no-espeak", "--fix", "--json")

    at = "words.gato.meanings[0]."
    saved = json.loads(told.out)
    assert saved["mended"] == [
        f"{at}MonolingualDef: it was {definition!r}, and is 'una casa' now (invisible, blanks)",
        f"{at}IPA: it was \"ga'to:\", and is '[ɡaˈtoː]' now (look-alike, no-brackets)",
    ]
    assert [one["code"] for one in saved["problems"]] == ["wrong-stress"]


def test_a_file_is_checked_again_with_what_was_typed(person: Person, written: Written) -> None:
    """But for what was to be done once; what comes next has the language, too."""
    written("mine.tsv", "gato\t[a]\n")
    written("v.json", vocabulary_of("casa", ipa="[ˈpe.ro]", definition="una  casa"))
    written("words.txt", "ca\u200bsa\n")
    written("whole.txt", "casa\n")
    written("queue.json", '["casa"]')
    how = ("--references", "mine.tsv", "--no-espeak")

    told = person("check", "vocabulary", "v.json", *how)
    fixed = person("check", "vocabulary", "v.json", *how, "--fix")
    in_spain = [
        person("check", "words", name, "--language", "es-ES").out.splitlines()[-1]
        for name in ("words.txt", "whole.txt", "queue.json")
    ]

    again = shlex.join(["stages", "check", "vocabulary", "v.json", *how])
    mend = shlex.join(["stages", "check", "vocabulary", "v.json", "--fix", *how])
    assert f"can be mended for certain: {mend}\n" in told.out
    assert told.out.endswith(f"check it again: {again}\n")
    assert fixed.out.endswith(f"check it again: {again}\n")
    assert in_spain == [
        "Next: mend words.txt, then check it again: stages check words words.txt --language es-ES",
        "Next: stages build whole.txt --language es-ES",
        "Next: stages batch prepare --queue queue.json --language es-ES",
    ]


def test_a_list_of_ipa_is_checked_again_with_what_was_typed(
    person: Person, written: Written
) -> None:
    """Else it might be judged as another language, or without the list that is right."""
    written("mine.tsv", "gato\t[a]\n")
    written("list.tsv", "casa\t[ˈpe.ro]\n")
    how = ("--language", "es-ES", "--references", "mine.tsv", "--no-espeak")

    told = person("check", "ipa", "list.tsv", *how)

    assert told.code == 1
    again = shlex.join(["stages", "check", "ipa", "list.tsv", *how])
    assert told.out.endswith(f"check it again: {again}\n")


def test_a_vocabulary_is_checked_with_its_counts(
    person: Person, written: Written, tmp_path: Path
) -> None:
    """Places are those of the file; a count that is wrong is certain, and mended."""
    saved = json.loads(vocabulary_of("casa", "perro", ipa="[ˈka.sa]"))
    saved["metadata"]["total_words"] = 7
    written("v.json", json.dumps(saved))

    told = person("check", "vocabulary", "v.json", "--no-espeak", "--json")
    mended = person("check", "vocabulary", "v.json", "--no-espeak", "--fix")

    found = [(one["code"], one["where"]) for one in json.loads(told.out)["problems"]]
    assert told.code == 1
    assert ("wrong-count", "metadata.total_words") in found
    assert "words.perro.meanings[0].IPA" in {where for _, where in found}
    assert mended.code == 1
    after = json.loads((tmp_path / "v.json").read_text("utf-8"))
    assert "metadata.total_words: " in mended.out
    assert "it was '7', and is '2' now" in mended.out
    assert after["metadata"]["total_words"] == 2


def test_the_fields_of_ones_own_note_type_are_checked(person: Person, written: Written) -> None:
    """A schema is a file of JSON; one that is none is told."""
    schema = {
        "note_type": "Stages Vocabulary",
        "fields": {"Usage": {"required": True}},
    }
    written("b.json", batch_of(ENTRY))
    written("schema.json", json.dumps(schema))
    written("broken.json", json.dumps({"note_type": "x", "fields": {"A": {"pattern": "("}}}))

    told = person("check", "batch", "b.json", "--schema", "schema.json", "--no-espeak")
    broken = person("check", "batch", "b.json", "--schema", "broken.json")

    assert told.code == 1
    assert "meanings[0].UsageNote" in told.out
    assert (broken.code, broken.out) == (1, "")
    assert "broken.json is no schema" in broken.err


def test_a_list_of_ones_own_counts_for_meanings_too(person: Person, written: Written) -> None:
    """What it says is right."""
    written("b.json", batch_of({**ENTRY, "IPA": "[fla.ke.ˈaθ]"}))
    written("own.tsv", "flaquear\t[fla.ke.ˈaθ]\n")

    without = person("check", "batch", "b.json", "--no-espeak")
    told = person("check", "batch", "b.json", "--no-espeak", "--references", "own.tsv")

    assert without.code == 1
    assert "Nothing is wrong." in told.out


def test_a_deck_is_built_by_a_list_of_ones_own(person: Person, written: Written) -> None:
    """`stages build --ipa FILE`: what it says is right; the commands that go on name it again."""
    written("b.json", batch_of({**ENTRY, "IPA": "[ˈka.sa]"}, words=["flaquear"]))
    written("own.tsv", "flaquear\t[ˈka.sa]\n")

    without = person("build", "--from-batch", "b.json", "zzz")
    told = person("build", "--from-batch", "b.json", "--ipa", "own.tsv", "zzz")
    bad = person("build", "casa", "--ipa", "b.json")

    assert without.code == 1
    assert "[fla.ke.ˈaɾ]" in without.err
    assert told.code == 0
    assert "1 word, 1 meaning" in told.out
    assert "--ipa own.tsv" in told.out
    assert (bad.code, bad.out) == (1, "")
    assert "b.json is no list of pronunciations" in bad.err
