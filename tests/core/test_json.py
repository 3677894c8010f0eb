"""Values to JSON text and back, checked strictly at the door."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    BATCH,
    CARDS,
    IMAGES,
    MEANINGS,
    SYNC,
    VOCABULARY,
    WORDS,
    Batch,
    Brief,
    Card,
    Context,
    Credit,
    FrozenMap,
    Key,
    Meaning,
    MediaFile,
    SyncRecord,
    Vocabulary,
)
from stages.core.context import with_reports
from stages.core.json import from_json, parsed, to_json
from tests.core.strategies import reports

text = st.text(max_size=6)
few = st.lists(text, max_size=3).map(tuple)
meanings = st.builds(
    Meaning,
    **{field.name: text for field in attrs.fields(Meaning)},
)
cards = st.builds(
    Card,
    **{
        **{field.name: text for field in attrs.fields(Card)},
        "fields": st.dictionaries(text, text, max_size=2).map(FrozenMap),
        "tags": few,
    },
)
credits_ = st.none() | st.builds(Credit, author=text, licence=text, source=text)
files = st.builds(
    MediaFile,
    name=text,
    size=st.integers(),
    provider=text,
    credit=credits_,
    stand_in=st.booleans(),
    synthetic=st.booleans(),
)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)


class Pair(NamedTuple):
    """Two texts."""

    one: str
    other: str


ROWS = Key("rows", list[dict[str, int]], "a mutable type, and frozen all the same")
LETTERS = Key("letters", frozenset[str], "a set")
FILES = Key("files", frozenset[MediaFile], "a set of records")
BLOB = Key("blob", bytes, "bytes")
PRICE = Key("price", Decimal, "a price")
KEYS = (WORDS, MEANINGS, CARDS, IMAGES, VOCABULARY, SYNC, BATCH, ROWS, LETTERS, FILES, BLOB, PRICE)
held: dict[str, st.SearchStrategy[Any]] = {
    "words": few,
    "meanings": st.lists(meanings, max_size=2),
    "cards": st.lists(cards, max_size=2),
    "images": st.dictionaries(text, files, max_size=2),
    "vocabulary": st.builds(
        Vocabulary, meanings=st.lists(meanings, max_size=2).map(tuple), skipped=few
    ),
    "sync": st.builds(SyncRecord, created=few, unchanged=st.integers(), dry_run=st.booleans()),
    "batch": st.builds(
        Batch,
        words=few,
        entries=st.lists(plain_json, max_size=2).map(lambda e: Context.of(e=e)["e"]),
        skipped=few,
        brief=st.builds(Brief, language=text, native=text),
    ),
    "rows": st.lists(st.dictionaries(text, st.integers(), max_size=2), max_size=2),
    "letters": st.sets(text, max_size=3),
    "files": st.sets(files, max_size=3),
    "blob": st.binary(max_size=5),
    "price": st.decimals(allow_nan=False),
}


@given(st.fixed_dictionaries({}, optional=held), st.lists(reports, max_size=2))
def test_context_comes_back_equal(values: dict[str, Any], made: list[Any]) -> None:
    """A context saved to JSON and loaded back is equal, reports included, and saves alike."""
    context = with_reports(Context.of(values), made)

    back = Context.from_json(context.to_json(), *KEYS)

    assert back == context
    assert [r.errors for r in back.reports] == [r.errors for r in context.reports]
    assert hash(back) == hash(context)
    assert back.to_json() == context.to_json()


def test_json_is_for_people_too() -> None:
    """Saved text is indented, keeps its letters, and ends a line."""
    saved = Context.of({WORDS: ["niño"]}).to_json()

    assert saved.endswith("}\n")
    assert '"niño"' in saved
    assert json.loads(saved) == {"values": {"words": ["niño"]}, "reports": []}


@pytest.mark.parametrize(
    ("saved", "faults"),
    [
        pytest.param("", ["no JSON: Expecting value, line 1 column 1"], id="no text"),
        pytest.param("[" * 100_000, ["nested too deeply"], id="nested beyond reason"),
        pytest.param("[1]", ["no saved context"], id="a list"),
        pytest.param('{"values": {}}', ["no saved context"], id="no reports"),
        pytest.param('{"values": [1], "reports": []}', ["no saved context"], id="values in a list"),
        pytest.param('{"values": {}, "reports": {}}', ["no saved context"], id="reports in a map"),
        pytest.param(
            '{"values": {"a": 1, "a": 2}, "reports": []}',
            ["'a' stands twice in an object"],
            id="a key that stands twice",
        ),
        pytest.param(
            '{"values": {"nobody": 1}, "reports": []}',
            ["nobody said what 'nobody' holds; give its Key too"],
            id="a key that nobody gave",
        ),
        pytest.param(
            '{"values": {"words": "casa"}, "reports": []}',
            ["words: $: a list was expected, and 'casa' found"],
            id="a text is no list of letters",
        ),
        pytest.param(
            '{"values": {"words": {"casa": 1}}, "reports": []}',
            ["words: $: a list was expected, and {'casa': 1} found"],
            id="a map is no list of its keys",
        ),
        pytest.param(
            '{"values": {"words": [1, "a", null]}, "reports": []}',
            ["words: $[0]: a str was expected, and 1 found", "$[2]: a str was expected"],
            id="a number is no text",
        ),
        pytest.param(
            '{"values": {"images": ["a"], "words": 1, "x": 0}, "reports": [3]}',
            ["images: $: an object was expected", "words: $: a list", "'x' holds", "reports: $[0]"],
            id="every fault is named",
        ),
        pytest.param(
            '{"values": {"sync": {"createt": []}}, "reports": []}',
            ["sync: $: unknown 'createt'"],
            id="a field that is not known",
        ),
        pytest.param(
            '{"values": {"cards": [{"id": "a"}]}, "reports": []}',
            ["cards: $[0].note_type: 'note_type' is missing", "$[0].language: 'language'"],
            id="fields that are missing",
        ),
        pytest.param(
            '{"values": {"price": "much"}, "reports": []}',
            ["price: $: a number was expected, and 'much' found"],
            id="a price that is none",
        ),
        pytest.param(
            '{"values": {"blob": "?"}, "reports": []}', ["blob: $: "], id="bytes that are none"
        ),
        pytest.param(
            '{"values": {"batch": 3}, "reports": []}',
            ["batch: $: a staged batch is an object"],
            id="a record that reads itself",
        ),
        pytest.param(
            '{"values": {}, "reports": [{"stage": "a", "status": "fine"}]}',
            ["reports: $[0].status: 'fine' is not a valid Status"],
            id="a status that is none",
        ),
    ],
)
def test_bad_text_is_a_clear_value_error(saved: str, faults: list[str]) -> None:
    """What is no saved context is refused with a sentence for every fault, and where it is."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        Context.from_json(saved, *KEYS)
    for fault in faults:
        assert fault in str(caught.value)


@given(plain_json.map(json.dumps) | st.text(max_size=20))
def test_any_text_gives_a_value_or_a_value_error(saved: str) -> None:
    """Whatever a file holds, reading it gives a context or a ValueError."""
    for around in (
        "%s",
        '{"values": %s, "reports": []}',
        '{"values": {"cards": %s}, "reports": []}',
    ):
        with suppress(ValueError):
            assert isinstance(Context.from_json(around % saved, *KEYS), Context)


@pytest.mark.parametrize(
    ("saved", "holds"),
    [
        pytest.param("true", int, id="true is no number"),
        pytest.param("1", bool, id="1 is not true"),
        pytest.param("1.5", int, id="no rounding"),
        pytest.param('"1"', int, id="a text is no number"),
        pytest.param("null", str, id="nothing is no text"),
        pytest.param('{"a": 1}', FrozenMap[str, str], id="values of maps are looked at"),
        pytest.param('[["a", 1]]', FrozenMap[str, int], id="pairs are no map"),
        pytest.param("[1, 2]", tuple[int, str], id="places of tuples are looked at"),
        pytest.param('"ab"', tuple[str, str], id="a text is no pair of letters"),
        pytest.param('"ab"', Pair, id="nor a named pair"),
        pytest.param("NaN", float, id="no number"),
        pytest.param("1e999", float, id="a number beyond all bounds"),
    ],
)
def test_nothing_is_turned_into_what_it_is_not(saved: str, holds: Any) -> None:
    """A value is of the type that was said, or is refused."""
    with pytest.raises(ValueError, match="expected"):
        from_json(saved, holds)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        pytest.param(2.0, float, id="a whole float"),
        pytest.param((1, "a"), tuple[int, str], id="a tuple of places"),
        pytest.param(Pair("a", "b"), Pair, id="a named tuple"),
        pytest.param(frozenset({3, 1, 2}), frozenset[int], id="a set of numbers"),
        pytest.param(FrozenMap({"a": (1,)}), FrozenMap[str, tuple[int, ...]], id="a map of tuples"),
        pytest.param(None, type(None), id="nothing"),
    ],
)
def test_plain_values_come_back_equal(value: Any, holds: Any) -> None:
    """A value that is written and read is equal, and of the same type."""
    back = from_json(to_json(value), holds)

    assert back == value
    assert type(back) is type(value)


def test_a_set_is_always_written_alike() -> None:
    """A set is written sorted, whatever order it is walked in."""
    assert json.loads(to_json(frozenset("cab"))) == ["a", "b", "c"]


def test_a_map_that_is_saved_has_texts_as_keys() -> None:
    """A key that JSON would turn into a text is refused."""
    with pytest.raises(ValueError, match="a map that is saved has strings as keys, not 1"):
        to_json(FrozenMap({1: "a"}))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(
            date(2020, 1, 1), "a date cannot be saved as JSON: keep it as a text", id="a date"
        ),
        pytest.param({date(2020, 1, 1)}, "a date cannot be saved as JSON", id="a date in a set"),
        pytest.param([float("nan")], "Out of range float values", id="no number"),
        pytest.param(float("-inf"), "Out of range float values", id="the infinite"),
        pytest.param("ca\ud83dsa", r"half a character, '\ud83d', stands after", id="half a letter"),
        pytest.param({1: 2}, "a map that is saved has strings as keys", id="numbers as keys"),
    ],
)
def test_what_cannot_be_saved_is_named(value: object, why: str) -> None:
    """A value for which JSON has nothing is a ValueError with its key, and nothing is written."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        Context.of(words=["casa"], best=value, last=value).to_json()

    assert str(caught.value).startswith(f"best: {why}")
    assert f"; last: {why}" in str(caught.value)
    assert "words" not in str(caught.value)


@pytest.mark.parametrize(
    ("saved", "holds", "fault"),
    [
        pytest.param(
            r'["casa", "ma\ud83d"]',
            tuple[str, ...],
            r"$[1]: half a character, '\ud83d', stands after 'ma'",
            id="in a list",
        ),
        pytest.param(
            r'{"\udc00": 1}',
            FrozenMap[str, int],
            r"half a character, '\udc00', stands after ''",
            id="in a name",
        ),
        pytest.param('["a"]', tuple[str, str], "$: Not enough values in ['a']", id="a pair of one"),
    ],
)
def test_a_fault_says_where(saved: str, holds: Any, fault: str) -> None:
    """Half a character, which no file can hold, is refused where it stands."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        from_json(saved, holds)

    assert fault in str(caught.value)


def test_half_a_character_spoils_only_its_own_place() -> None:
    """JSON text may have one where no text was asked for: a staged batch looks at each entry."""
    assert from_json(r'["\ud83d", 1]', tuple[Any, ...]) == ("\ud83d", 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[NaN]", "a finite number was expected, and NaN found", id="no number"),
        pytest.param('{"a": -Infinity}', "and -Infinity found", id="an infinite one"),
        pytest.param("[1e999]", "a finite number was expected, and 1e999 found", id="a huge one"),
        pytest.param(f"[-{'9' * 10_000}]", "a number has 10000 digits", id="ten thousand digits"),
        pytest.param("[" * 51 + "]" * 51, "nested too deeply, and 50 levels are read", id="lists"),
        pytest.param('{"a":[' * 26 + "]}" * 26, "nested too deeply", id="objects and lists"),
    ],
)
def test_what_could_not_be_kept_is_no_json(text: str, why: str) -> None:
    """It could be parsed, and then be neither compared, nor shown, nor written again."""
    with pytest.raises(ValueError, match="no JSON") as caught:
        parsed(text)
    assert why in str(caught.value)
    assert "sys." not in str(caught.value)


def test_fifty_levels_are_read() -> None:
    """More than any file of ours has; what walks through them comes back."""
    value = parsed("[" * 50 + "]" * 50)
    assert parsed(to_json(value)) == value


def test_of_a_key_that_stands_twice_it_is_told_where() -> None:
    """In one of five thousand objects it would be looked for in vain; and no name makes it long."""
    with pytest.raises(ValueError, match=r"begins \{'word': 'casa', 'a': 2"):
        parsed('[{"a": 1}, {"word": "casa", "a": 1, "a": 2}]')
    with pytest.raises(ValueError, match="stands twice") as caught:
        parsed('{"%s": 1, "%s": 2}' % (("x" * 10**6,) * 2))
    assert len(str(caught.value)) < 300


def test_a_key_in_a_path_can_be_printed() -> None:
    """Whatever it is: a half character, a sign to the terminal, a million letters."""
    for name in ("\ud800", "\x1b[31m", "x" * 10**6):
        with pytest.raises(ValueError, match="was expected") as caught:
            from_json(json.dumps({name: "no number"}), FrozenMap[str, int])
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 300
