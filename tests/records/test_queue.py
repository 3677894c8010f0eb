"""The words that are still to do, in a person's file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Queue
from stages.records.word import words_in

LIST = """\
# Word queue
## PENDING
casa - a home\r
  perro
tener que, must

## SKIPPED WORDS
casa
"""


def test_a_list_loses_the_lines_of_done_words_and_nothing_else() -> None:
    """Remarks, blanks, line ends, and what stands under skipped words stay to the letter."""
    queue = Queue(LIST)
    assert queue.words == ("casa", "perro", "tener que")
    left = queue.without({"casa", "tener que"})
    assert left.text == LIST.replace("casa - a home\r\n", "").replace("tener que, must\n", "")


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_json_keeps_its_form(indent: int | None) -> None:
    """Its other fields, its order and its indentation; the count is made anew."""
    saved = {"metadata": {"source": "ñ", "total_words": 9}, "words": ["casa", "perro"]}
    queue = Queue(json.dumps(saved, indent=indent, ensure_ascii=False) + "\n")
    left = {"metadata": {"source": "ñ", "total_words": 1}, "words": ["perro"]}
    wanted = json.dumps(left, indent=indent, ensure_ascii=False) + "\n"
    assert queue.words == ("casa", "perro")
    assert queue.without({"casa"}).text == wanted


def test_a_file_without_done_words_stays_as_it_is() -> None:
    """To the letter, whatever its form."""
    for text in (LIST, '["a",\n   "b" ]', '{"words":["a"]}'):
        assert Queue(text).without({"x"}).text == text


@pytest.mark.parametrize("text", ['{"words": 1}', "[1]", "{}", '["a"', '{"a": 1, "a": 2}'])
def test_what_is_no_queue_says_so(text: str) -> None:
    """JSON that is broken or holds no list of words."""
    with pytest.raises(ValueError, match=r"JSON|no word queue"):
        Queue.from_text(text)


@given(st.text(), st.sets(st.text(max_size=3)))
def test_what_is_left_are_the_other_words(text: str, done: set[str]) -> None:
    """In their order; taking words off twice is taking them off once."""
    try:
        queue = Queue.from_text(text)
    except ValueError:
        return
    every = done | set(queue.words[::2])
    left = queue.without(every)
    assert left.words == tuple(word for word in queue.words if word not in every)
    assert left.without(every) == left
    assert Queue.from_text(left.to_text()) == left


@given(st.lists(st.text(), max_size=5), st.booleans())
def test_a_json_list_has_the_words_of_a_list(words: list[str], as_object: bool) -> None:  # noqa: FBT001
    """Written the same way, they are read the same way."""
    saved: object = {"words": words} if as_object else words
    assert Queue(json.dumps(saved)).words == words_in("\n".join(words))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param('["\\ud800"]', "half a character", id="half a character"),
        pytest.param('{"words": [], "x": "\\ud800"}', "half a character", id="beside the words"),
        pytest.param("a" + "\u0316\u0301" * 99, "more than 30 accents", id="accents in a list"),
        pytest.param('["a%s"]' % ("\\u0316\\u0301" * 99), "more than 30 accents", id="in JSON"),
    ],
)
def test_what_could_not_be_written_again_is_no_queue(text: str, why: str) -> None:
    """It is told when it is read, and not when all is done and the file is to be saved."""
    with pytest.raises(ValueError, match=why):
        Queue.from_text(text)


def test_byte_order_marks_are_no_part_of_it() -> None:
    """However many stand there: what is written is read back the same."""
    assert Queue("\ufeff\ufeff[]") == Queue("[]")
    assert Queue.from_text("\ufeff\ufeffcasa\n").words == ("casa",)
