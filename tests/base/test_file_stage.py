"""Keys to and from JSON files."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from stages import (
    CARDS,
    QUEUE,
    VOCABULARY,
    WORDS,
    Context,
    Key,
    Meaning,
    Queue,
    law_mode,
    load_file,
    save_file,
)
from stages.core.outcome import Report, Status
from stages.core.problem import Problem
from stages.core.registry import list_stages
from stages.providers.errors import Denied
from stages.records.keys import BATCH, CONJUGATIONS, IMAGES, MEANINGS, SOUNDS, SYNC
from stages.testing import MemoryFiles, check_stage, values_for
from tests.making import after, codes, failed, last, meaning

OURS = (WORDS, VOCABULARY, BATCH, MEANINGS, CONJUGATIONS, CARDS, IMAGES, SOUNDS, SYNC)
PLACE = Key("place", str, "where the words lie")


def test_it_takes_the_name_of_the_key_it_is_bound_to() -> None:
    """A bound `load_file` gives that key and is named after it; the registry keeps the plain name."""
    assert load_file(key=CARDS).name == "load_cards"
    assert load_file(key=CARDS).gives == (CARDS,)
    assert save_file(key=CARDS).name == "save_cards"
    assert save_file(key=CARDS).needs == (CARDS,)
    assert "load_cards" not in list_stages()


@pytest.mark.parametrize("key", OURS)
def test_what_is_saved_is_loaded_back_equal(key: Key[Any]) -> None:
    """Every key of ours comes through a file unchanged, whatever it holds."""

    @given(values_for(key))
    def comes_back(value: Any) -> None:
        files = MemoryFiles()
        saved = save_file(file_provider=files, key=key)(Context.of({key: value}))
        assert last(saved) == Report(
            f"save_{key}" if key != VOCABULARY else "save_file", message=f"saved {key}.json"
        )
        loaded = load_file(file_provider=files, key=key)(Context.of())
        assert after(loaded)[key] == value

    comes_back()


def test_saving_changes_nothing_in_the_context_and_nothing_twice() -> None:
    """A save hands the context on as it was, and the same text is written once."""
    files = MemoryFiles()
    context = Context.of(words=["casa"])
    save_words = save_file(file_provider=files, key=WORDS)
    assert after(save_words(save_words(context)))[WORDS] == ("casa",)
    assert files.files == {"words.json": '[\n  "casa"\n]\n'}
    assert files.changed == ["words.json"]


def test_the_path_may_stand_in_the_context() -> None:
    """A path that is a key is needed, and read from the context."""
    files = MemoryFiles({"here.json": '["casa"]'})
    load = load_file(file_provider=files, key=WORDS, path=PLACE)
    assert load.needs == (PLACE,)
    assert after(load(Context.of(place="here.json")))[WORDS] == ("casa",)
    save = save_file(file_provider=files, key=WORDS, path=PLACE)
    assert save.needs == (WORDS, PLACE)
    save(Context.of(place="there.json", words=["casa"])).unwrap()
    assert files.changed == ["there.json"]


def test_a_missing_file_fails_where_it_is_required() -> None:
    """`not-found` says which file, and the context is kept."""
    failure = failed(load_file(file_provider=MemoryFiles(), key=WORDS)(Context.of(other=1)))
    assert failure.problems == (Problem("not-found", "load_words", "words.json is not there"),)
    assert failure.context["other"] == 1


def test_a_missing_file_is_skipped_where_it_is_not_required() -> None:
    """Nothing there and nothing wanted: what the context has stays, or an empty value stands in."""
    load = load_file(file_provider=MemoryFiles(), key=WORDS, required=False)
    outcome = load(Context.of(words=["casa"]))
    assert last(outcome).status is Status.SKIPPED
    assert after(outcome)[WORDS] == ("casa",)
    assert after(load(Context.of()))[WORDS] == ()


@pytest.mark.parametrize("key", OURS)
def test_every_key_of_ours_has_an_empty_value(key: Key[Any]) -> None:
    """A file that need not be there can be loaded into any of them."""
    load = load_file(file_provider=MemoryFiles(), key=key, required=False)
    assert after(load(Context.of()))[key] == key.holds()


@pytest.mark.parametrize(
    "holds", [Meaning, date, tuple[str, str], Status], ids=["record", "date", "pair", "enum"]
)
def test_what_cannot_be_empty_is_not_made_up(holds: Any) -> None:
    """With nothing to stand in for a missing file the outcome is a failure, and no bug."""
    load = load_file(file_provider=MemoryFiles(), key=Key("best", holds), required=False)
    failure = failed(load(Context.of(other=1)))
    why = "best.json is not there, and 'best' has no empty value"
    hint = "put 'best' into the context before"
    assert failure.problems == (Problem("not-found", "best.json", why, hint),)
    assert last(load(Context.of(best="there"))).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(date(2020, 1, 1), "a date cannot be saved as JSON: keep it as", id="a date"),
        pytest.param(float("nan"), "Out of range float", id="no number"),
        pytest.param("\ud83d", r"half a character, '\ud83d', stands after", id="half a letter"),
    ],
)
def test_what_cannot_be_saved_is_a_problem(value: object, why: str) -> None:
    """`bad-value` names the key and says what to do; the file is as it was."""
    files = MemoryFiles({"best.json": "1"})
    save = save_file(file_provider=files, key=Key("best", object))
    with law_mode(on=False):  # which compares, and NaN is not equal to itself
        failure = failed(save(Context.of(best=value)))
    assert [(problem.code, problem.where) for problem in failure.problems] == [
        ("bad-value", "best")
    ]
    assert failure.message.startswith(f"best cannot be saved: {why}")
    assert files.files == {"best.json": "1"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "no JSON: Expecting value, line 1 column 1", id="an empty file"),
        pytest.param("[", "no JSON: Expecting value, line 1 column 2", id="half a file"),
        pytest.param('["casa", 3]', "$[1]: a str was expected, and 3 found", id="a wrong item"),
        pytest.param('{"a": 1, "a": 2}', "stands twice", id="a key twice"),
        pytest.param(
            r'["ca\ud83d"]',
            r"$[0]: half a character, '\ud83d', stands after 'ca'",
            id="half a character",
        ),
        pytest.param("[" * 100_000, "nested too deeply", id="a bomb"),
    ],
)
def test_a_file_that_holds_something_else_is_a_problem(text: str, why: str) -> None:
    """`bad-file` names the file and the fault; nothing is loaded."""
    outcome = load_file(file_provider=MemoryFiles({"words.json": text}), key=WORDS)(Context.of())
    assert codes(outcome) == [("bad-file", "words.json")]
    assert why in last(outcome).problems[0].why
    assert WORDS not in failed(outcome).context


def test_every_fault_of_a_record_is_named() -> None:
    """A record that lacks fields and has wrong ones says all of it, with paths."""
    text = '[{"word": 3, "colour": "red"}]'
    files = MemoryFiles({"meanings.json": text})
    outcome = load_file(file_provider=files, key=MEANINGS)(Context.of())
    why = last(outcome).problems[0].why
    assert all(part in why for part in ("$[0].word", "definition", "colour"))


def test_a_text_of_a_form_of_its_own_is_loaded_and_saved_as_it_is() -> None:
    """A record that says so lies in a plain text file, such as the queue of words."""
    text = "casa - a home\r\nperro"
    files = MemoryFiles({"words.txt": text})
    loaded = after(load_file(file_provider=files, key=QUEUE, path="words.txt")(Context.of()))
    assert loaded[QUEUE] == Queue(text)
    save_file(file_provider=files, key=QUEUE, path="again.txt")(loaded).unwrap()
    assert files.files["again.txt"] == text
    broken = MemoryFiles({"words.txt": "[1]"})
    outcome = load_file(file_provider=broken, key=QUEUE, path="words.txt")(Context.of())
    assert codes(outcome) == [("bad-file", "words.txt")]


def test_what_is_replaced_can_be_kept() -> None:
    """The file before stays beside the new one; one that says the same is no new one."""
    files = MemoryFiles({"words.json": "[]"})
    save = save_file(file_provider=files, key=WORDS, backup=True)
    save(Context.of(words=["casa"])).unwrap()
    assert files.files["words.json.bak"] == "[]"
    save(Context.of(words=["casa"])).unwrap()
    assert files.files["words.json.bak"] == "[]"
    assert files.changed == ["words.json.bak", "words.json"]


def test_a_refused_write_is_a_failure_and_loses_nothing() -> None:
    """A provider's no is the failure, with its code and its hint."""
    files = MemoryFiles(failures={"words.json": Denied("it may not be written", "choose another")})
    failure = failed(save_file(file_provider=files, key=WORDS)(Context.of(words=["casa"])))
    assert failure.problems == (
        Problem("denied", "save_words", "it may not be written", "choose another"),
    )
    assert failure.context[WORDS] == ("casa",)
    assert not failure.is_bug


def test_records_are_readable_in_the_file() -> None:
    """Letters stay letters: people read these files."""
    files = MemoryFiles()
    save_file(file_provider=files, key=MEANINGS)(Context.of(meanings=[meaning("niño")])).unwrap()
    assert '"word": "niño"' in files.files["meanings.json"]


@pytest.mark.parametrize("key", [WORDS, BATCH, IMAGES])
def test_it_keeps_the_laws(key: Key[Any]) -> None:
    """Loading and saving keep every promise of a stage."""
    check_stage(load_file(key=key), examples=20)
    check_stage(save_file(key=key), examples=20)
    check_stage(load_file(key=key, required=False), examples=20)
