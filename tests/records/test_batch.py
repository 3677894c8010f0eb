"""A staged batch: a file that Claude or a person fills in."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given

from stages import Batch, Brief, FrozenMap, Job
from stages.core.json import from_json, to_json
from stages.records.entry import told_fields
from stages.testing import values_of


@given(values_of(Batch))
def test_a_batch_is_loaded_as_it_was_saved(batch: Batch) -> None:
    """Whatever its entries are."""
    assert from_json(to_json(batch), Batch) == batch


def test_the_file_explains_itself() -> None:
    """Whoever opens it finds the words, what to do, and what stands in each field."""
    saved = json.loads(to_json(Batch(words=("casa", "niño"))))
    assert list(saved) == ["metadata", "words", "ipa", "meanings", "skipped_words"]
    assert saved["words"] == ["casa", "niño"]
    assert saved["meanings"] == saved["skipped_words"] == []
    assert saved["metadata"]["fields"] == told_fields("es-419")
    assert "skipped_words" in saved["metadata"]["instructions"]
    assert saved["metadata"]["language"] == "es-419"
    assert "at most 6" in saved["metadata"]["instructions"]


def test_what_is_known_already_stands_in_the_file() -> None:
    """How words are spoken, by rule or as was said; the word's field is called after its language."""
    batch = Batch(words=("casa", "jazz"), ipa=FrozenMap({"jazz": "[ʝas]"}))
    assert json.loads(to_json(batch))["ipa"] == {"casa": "[ˈka.sa]", "jazz": "[ʝas]"}
    assert from_json(to_json(batch), Batch) == batch
    german = json.loads(to_json(Batch(brief=Brief(language="de"))))
    assert next(iter(german["metadata"]["fields"])) == "Word"


def test_words_wait_until_they_have_an_entry_or_are_skipped() -> None:
    """Whatever the entry is worth; each word once, in order."""
    entries: tuple[object, ...] = (
        FrozenMap({"SpanishWord": " casa "}),
        FrozenMap({"Word": "ser"}),
        7,
        FrozenMap(),
    )
    batch = Batch(words=("un", "casa", "no", "ser", "un"), entries=entries, skipped=("no",))
    assert batch.waiting == ("un",)
    assert batch.cut == ()
    reviewed = attrs.evolve(batch, review=True)
    assert (reviewed.waiting, reviewed.cut) == ((), ("un",))


def test_a_file_for_review_says_so() -> None:
    """And is told from one to be filled in when it is read back."""
    batch = Batch(words=("casa",), review=True)
    saved = json.loads(to_json(batch))
    assert "delete" in saved["metadata"]["instructions"]
    assert from_json(to_json(batch), Batch).review


def test_the_job_stands_in_the_file() -> None:
    """So that a batch that was handed in is found again, whoever looks."""
    job = Job(id="b1", provider="claude", words=FrozenMap({"casa-1": "casa"}))
    assert from_json(to_json(Batch(words=("casa",), job=job)), Batch).job == job


def test_the_same_words_give_the_same_file() -> None:
    """No clock in it: a batch that was prepared again is left alone."""
    assert to_json(Batch(words=("casa",))) == to_json(Batch(words=("casa",)))


def test_a_file_of_an_earlier_system_is_read() -> None:
    """Other metadata do not matter, and skipped words may be missing."""
    saved: dict[str, Any] = {
        "metadata": {"created": "2025-01-01T00:00:00", "source": "elsewhere"},
        "words": ["casa"],
        "meanings": [{"SpanishWord": "casa"}],
    }
    entry = FrozenMap({"SpanishWord": "casa"})
    assert from_json(json.dumps(saved), Batch) == Batch(words=("casa",), entries=(entry,))
    del saved["metadata"]
    assert from_json(json.dumps(saved), Batch).words == ("casa",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[]", "a staged batch is an object, and this is a list", id="a list"),
        pytest.param('"casa"', "a staged batch is an object, and this is a str", id="a text"),
        pytest.param(
            "{}", "'words' has to be a list of words; 'meanings' has to be a list", id="{}"
        ),
        pytest.param('{"words": "casa", "meanings": []}', "'words' has to be", id="words as text"),
        pytest.param(
            '{"words": [3], "meanings": []}', "'words' has to be", id="a number for a word"
        ),
        pytest.param(
            '{"words": [], "meanings": {}}', "'meanings' has to be a list", id="an object"
        ),
        pytest.param(
            '{"words": [], "meanings": [], "skipped_words": null}', "'skipped_words'", id="null"
        ),
        pytest.param(
            '{"words": [], "meanings": [], "ipa": ["x"]}', "'ipa' has to be an object", id="ipa"
        ),
        pytest.param(
            '{"words": [], "meanings": [], "metadata": {"job": {"id": 7}}}',
            "'metadata.job' is no job: $.id: a str was expected",
            id="a job",
        ),
    ],
)
def test_what_is_no_batch_says_so(text: str, why: str) -> None:
    """Every fault of the frame at once."""
    with pytest.raises(ValueError, match="staged batch") as caught:
        from_json(text, Batch)
    assert why in str(caught.value)


def test_entries_are_taken_as_they_are() -> None:
    """Judging them is the stage's, so that one bad entry does not spoil a file."""
    text = '{"words": [], "meanings": [3, null, {"a": [1, {"b": 2}]}]}'
    batch = from_json(text, Batch)
    assert batch.entries == (3, None, FrozenMap({"a": (1, FrozenMap({"b": 2}))}))
    assert hash(batch) == hash(from_json(text, Batch))


def test_what_the_file_says_of_a_pronunciation_stays() -> None:
    """Against the rules too, and of words that are not listed; only what is missing is filled in."""
    text = json.dumps(
        {"words": ["casa", "perro"], "meanings": [], "ipa": {"casa": "[x]", "y": "[i]"}}
    )
    batch = from_json(text, Batch)
    assert batch.ipa == FrozenMap({"casa": "[x]", "perro": "[ˈpe.ro]", "y": "[i]"})
    assert batch.ipa_of("casa") == "[x]"
    assert from_json(to_json(batch), Batch) == batch


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"metadata": {"language": 3}}, "'metadata.language' has to be a text, and is 3"),
        ({"metadata": {"language": "\ud800"}}, "'metadata.language' has to be a text"),
        ({"metadata": {"most": True}}, "'metadata.most' has to be a number, and is True"),
        (
            {"words": ["a", "\ud800"]},
            "'\\ud800' is number 2 of them, and it holds half a character",
        ),
        ({"words": ["x" * 10**6]}, "it has 1000000 characters, and at most 4000 are read"),
        ({"words": ["a" + "\u0301\u0316" * 10**5]}, "characters, and at most 4000 are read"),
        (
            {"skipped_words": ["a" + "\u0316\u0301" * 99]},
            "more than 30 accents stand on one letter",
        ),
        ({"ipa": {"a" + "\u0316\u0301" * 99: ""}}, "more than 30 accents stand on one letter"),
    ],
)
def test_a_frame_that_could_not_be_kept_says_so(changes: dict[str, Any], why: str) -> None:
    """Which of many it is, and in a line that can be printed."""
    with pytest.raises(ValueError, match="no staged batch") as caught:
        from_json(json.dumps({"words": [], "meanings": [], **changes}), Batch)
    assert why in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_what_is_asked_for_may_be_null() -> None:
    """As where it was left out."""
    text = '{"metadata": {"language": null, "most": null}, "words": [], "meanings": []}'
    assert from_json(text, Batch) == Batch()
