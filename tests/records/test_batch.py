"""A staged batch: a file that Claude or a person fills in."""

import json
from typing import Any

import pytest
from hypothesis import given

from stages import Batch, FrozenMap
from stages.core.json import from_json, to_json
from stages.records.batch import FIELDS
from stages.testing import values_of


@given(values_of(Batch))
def test_a_batch_is_loaded_as_it_was_saved(batch: Batch) -> None:
    """Whatever its entries are."""
    assert from_json(to_json(batch), Batch) == batch


def test_the_file_explains_itself() -> None:
    """Whoever opens it finds the words, what to do, and what stands in each field."""
    saved = json.loads(to_json(Batch(words=("casa", "niño"))))
    assert list(saved) == ["metadata", "words", "meanings", "skipped_words"]
    assert saved["words"] == ["casa", "niño"]
    assert saved["meanings"] == saved["skipped_words"] == []
    assert saved["metadata"]["fields"] == dict(FIELDS)
    assert "skipped_words" in saved["metadata"]["instructions"]
    assert saved["metadata"]["language"] == "es-419"


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
