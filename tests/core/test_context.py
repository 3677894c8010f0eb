"""The immutable record that passes from stage to stage."""

import copy
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import WORDS, Context, FrozenMap, Key, Problem, Severity, Status, run
from stages.core.context import bare, with_reports
from stages.core.frozen import freeze
from tests.core.strategies import names, problems, reports, valued, values
from tests.core.toys import NUMBER, increase


@given(valued, names, values)
def test_get_what_was_put(given_values: dict[str, Any], name: str, value: Any) -> None:
    """What is put, frozen, is what is read."""
    context = Context.of(given_values).put(Key(name, object), value)

    assert context[name] == freeze(value)
    assert context.get(name) == freeze(value)
    assert name in context


@given(valued, names, values, values)
def test_the_last_put_wins(given_values: dict[str, Any], name: str, one: Any, two: Any) -> None:
    """Putting twice is putting the second."""
    key = Key(name, object)
    context = Context.of(given_values)

    assert context.put(key, one).put(key, two) == context.put(key, two)


@given(valued, names)
def test_putting_what_is_there_changes_nothing(given_values: dict[str, Any], name: str) -> None:
    """Putting the value that a key has gives an equal context."""
    context = Context.of({**given_values, name: 1})

    assert context.put(Key(name, object), context[name]) == context


@given(valued, names, names, values)
def test_putting_leaves_all_else(
    given_values: dict[str, Any], name: str, other: str, value: Any
) -> None:
    """Only the key that is put has another value, and the context that was there is as it was."""
    context = Context.of(given_values)

    after = context.put(Key(name, object), value)

    assert after.without(name) == context.without(name)
    assert other == name or after.get(other) == context.get(other)
    assert context == Context.of(given_values)


@given(valued, st.sets(names))
def test_without_is_putting_undone(given_values: dict[str, Any], gone: set[str]) -> None:
    """What is taken out is not there, be it there before or not, and all else is."""
    context = Context.of(given_values).without(*gone)

    assert not any(name in context for name in gone)
    assert context == Context.of({k: v for k, v in given_values.items() if k not in gone})
    assert context.without(*gone) == context


@given(valued)
def test_equality_and_hash_are_by_value(given_values: dict[str, Any]) -> None:
    """Contexts with the same values are equal and hash alike, whatever the order they came in."""
    context = Context.of(given_values)
    turned = Context.of(dict(reversed(given_values.items())))

    assert context == turned
    assert hash(context) == hash(turned)
    assert context != context.put(Key("other", int), 1)


@given(valued, st.lists(reports, max_size=2))
def test_context_pickles_and_copies(given_values: dict[str, Any], made: list[Any]) -> None:
    """A context that went to another process and back is equal, its reports included."""
    context = with_reports(Context.of(given_values), made)

    assert pickle.loads(pickle.dumps(context)) == context
    assert copy.deepcopy(context) == context


def test_context_is_made_by_keys_or_names() -> None:
    """`of` takes values by name, by key, or both."""
    assert Context.of({WORDS: ["a"]}, number=1) == Context.of(words=("a",), number=1)
    assert Context.of().keys == ()
    assert Context.of(b=1, a=2).keys == ("b", "a")


def test_context_cannot_be_changed() -> None:
    """No attribute of a context can be set or deleted, and no item."""
    context: Any = Context.of(words=["casa"])

    with pytest.raises(AttributeError):
        context._values = {}
    with pytest.raises(AttributeError):
        context.words = 1
    with pytest.raises(AttributeError):
        del context._values
    with pytest.raises(TypeError):
        context["words"] = ()
    assert context == Context.of(words=["casa"])


def test_containers_are_frozen_as_they_come_in() -> None:
    """A change to what was put does not reach the context."""
    words, tags = ["casa"], {"casa": ["noun"]}
    context = Context.of(words=words).put(Key("tags", dict), tags)

    words.append("perro")
    tags["casa"].append("room")

    assert context[WORDS] == ("casa",)
    assert context["tags"] == FrozenMap({"casa": ("noun",)})


def test_records_are_taken_at_their_word() -> None:
    """What is no built-in container is kept as the very same object."""

    @attrs.frozen
    class Box:
        holds: tuple[int, ...]

    box = Box((1,))

    assert Context.of(box=box)["box"] is box


def test_context_is_not_iterable() -> None:
    """To iterate over a context is a slip, and is refused."""
    context: Any = Context.of(words=["casa"])

    with pytest.raises(TypeError, match="not iterable"):
        iter(context)


def test_missing_keys() -> None:
    """A key without value is a KeyError to read, and None or the default to get."""
    context = Context.of()

    with pytest.raises(KeyError, match="words"):
        context[WORDS]
    assert context.get(WORDS) is None
    assert context.get(WORDS, ()) == ()
    assert WORDS not in context


def test_context_is_not_called() -> None:
    """`Context(...)` says how a context is made."""
    make: Any = Context

    with pytest.raises(TypeError):
        make(words=["casa"])
    with pytest.raises(TypeError, match=r"Context\.of\(words="):
        make()


@pytest.mark.parametrize(
    ("values_given", "shown"),
    [
        pytest.param({}, "Context()", id="nothing"),
        pytest.param({"words": ["casa"]}, "Context(words=('casa',))", id="few values are shown"),
        pytest.param(
            {"words": ["a"] * 9}, "Context(words=<9 in a tuple>)", id="many are only counted"
        ),
        pytest.param(
            {"ages": dict.fromkeys("abcd", 1)},
            "Context(ages=<4 in a FrozenMap>)",
            id="a map is counted too",
        ),
        pytest.param(
            {"text": "x" * 500}, f"Context(text='{'x' * 118}…)", id="a long text is cut short"
        ),
    ],
)
def test_repr_is_readable(values_given: dict[str, Any], shown: str) -> None:
    """A context shows its keys, and as much of their values as fits."""
    assert repr(Context.of(values_given)) == shown


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param([], Status.SUCCESS, id="no problem: success"),
        pytest.param([Problem("c", "w", "y")], Status.PARTIAL, id="an error: partial"),
        pytest.param(
            [Problem("c", "w", "y", severity=Severity.WARNING)],
            Status.SUCCESS,
            id="a warning: success",
        ),
    ],
)
def test_report_says_how_it_went(found: list[Problem], status: Status) -> None:
    """A report's status follows from its problems where nothing is said."""
    (report,) = Context.of().report("done", problems=found, counts={"n": 1}, planned="ab").reports

    assert report.status is status
    assert (report.message, report.problems) == ("done", tuple(found))
    assert report.counts == {"n": 1}
    assert report.planned == ("a", "b")


def test_report_may_say_its_status() -> None:
    """A status that is given is the one that is reported."""
    (report,) = Context.of().report("nothing wanted", status=Status.SKIPPED).reports

    assert report.status is Status.SKIPPED


@given(st.lists(problems, max_size=3))
def test_fail_keeps_the_context(found: list[Problem]) -> None:
    """`fail` gives a failure with the message, the problems, and the context as it stands."""
    context = Context.of(words=["casa"])

    failure = context.fail("why", problems=found).failure()

    assert failure.message == "why"
    assert failure.problems == tuple(found)
    assert failure.context is context
    assert failure.status is Status.FAILURE


def test_values_do_not_depend_on_reports() -> None:
    """A context has values and reports apart from each other."""
    context = Context.of(number=1)
    after = run(increase, context).unwrap()

    assert [report.stage for report in after.reports] == ["increase"]
    assert bare(after) == Context.of(number=2)
    assert after != bare(after)
    assert after.put(NUMBER, 5).reports == after.reports
    assert after.without("number").reports == after.reports
    assert bare(context) is context
