"""The immutable record that passes from stage to stage."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

import attrs
from returns.result import Failure

from stages.core.frozen import FrozenMap, freeze
from stages.core.key import Key
from stages.core.outcome import Outcome, Report, StageFailure, Status, status_of
from stages.core.problem import Problem

T = TypeVar("T")
D = TypeVar("D")


class Hidden:
    """Stands for a value that the stage at work does not declare; only law mode puts one."""

    __slots__ = ()


@attrs.frozen(init=False, repr=False)
class Context:
    """
    An immutable map of values, by key, and the reports of the stages that worked on it so far.

    Built-in containers are frozen as they come in (a list becomes a tuple); anything else must be a
    frozen record, and is taken at its word.

    >>> WORDS = Key("words", tuple[str, ...], "the words to learn, in order")
    >>> context = Context.of(words=["casa", "perro"])
    >>> context[WORDS]
    ('casa', 'perro')
    >>> context.put(WORDS, ("gato",))
    Context(words=('gato',))
    >>> context
    Context(words=('casa', 'perro'))
    """

    _values: dict[str, object]
    _reports: tuple[Report, ...]

    __iter__ = None  # a record, not a collection: iterating over it would be a slip

    @classmethod
    def of(cls, values: Mapping[str, object] = FrozenMap(), /, **named: object) -> "Context":
        """Make a context of values by key."""
        every = {**values, **named}
        return _made({key: freeze(value) for key, value in every.items()}, ())

    @overload
    def __getitem__(self, key: Key[T]) -> T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str) -> Any:
        """Give the value of a key; KeyError if it is not there."""
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __hash__(self) -> int:
        return hash((frozenset(self._values.items()), self._reports))

    @overload
    def get(self, key: Key[T], default: D) -> T | D: ...
    @overload
    def get(self, key: Key[T]) -> T | None: ...
    @overload
    def get(self, key: str, default: object = None) -> Any: ...
    def get(self, key: str, default: object = None) -> Any:
        """Give the value of a key, or the default if it is not there."""
        return self._values.get(key, default)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that have a value, in the order in which they came."""
        values = self._values.items()
        return tuple(key for key, value in values if not isinstance(value, Hidden))

    @property
    def reports(self) -> tuple[Report, ...]:
        """What the stages so far have reported, in order. No stage sees any."""
        return self._reports

    def put(self, key: Key[T], value: T) -> "Context":
        """Give a new context in which `key` has `value`."""
        context: Context = _new(Context)  # `_made` written out: this is the hottest line of all
        _set_values(context, {**self._values, key: freeze(value)})
        _set_reports(context, self._reports)
        return context

    def without(self, *keys: str) -> "Context":
        """Give a new context that lacks these keys, whether they were there or not."""
        kept = {key: value for key, value in self._values.items() if key not in keys}
        return _made(kept, self._reports)

    def report(
        self,
        message: str,
        *,
        problems: Iterable[Problem] = (),
        counts: Mapping[str, int] = FrozenMap(),
        planned: Iterable[str] = (),
        status: Status | None = None,
    ) -> "Context":
        """
        Give a new context that also reports what the stage did; once in each stage.

        Args:
            message: One line for a person.
            problems: In the order of the items.
            counts: Numbers by what they count.
            planned: What a dry run would do, a line each.
            status: PARTIAL if a problem is an error and SUCCESS else, where nothing is said.
        """
        found = tuple(problems)
        ended = status or status_of(found)
        report = Report("", ended, message, found, FrozenMap(counts), tuple(planned))
        return _made(self._values, (*self._reports, report))

    def fail(self, message: str, *, problems: Iterable[Problem] = ()) -> Outcome:
        """
        Give the failure of a stage that cannot go on; what this context holds is kept in it.

        >>> Context.of(words=[]).fail("no words given").failure().message
        'no words given'
        """
        return Failure(StageFailure("", message, tuple(problems), self))

    def to_json(self) -> str:
        """Give the values and the reports as JSON text that `from_json` reads back equal."""
        from stages.core.json import context_to_json

        return context_to_json(self._values, self._reports)

    @classmethod
    def from_json(cls, text: str, *keys: Key[Any]) -> "Context":
        """
        Read what `to_json` wrote; the keys say what each value is.

        Raises:
            ValueError: The text is no saved context, a value is not what its key holds, or no key
                was given for it; every fault is named.

        >>> WORDS = Key("words", tuple[str, ...])
        >>> Context.from_json(Context.of(words=["casa"]).to_json(), WORDS)
        Context(words=('casa',))
        """
        from stages.core.json import context_from_json

        return _made(*context_from_json(text, keys))

    def __repr__(self) -> str:
        values = (f"{key}={_short(value)}" for key, value in self._values.items())
        return f"Context({', '.join(values)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self._values, self._reports)

    def __init__(self) -> None:
        """Refuse: there is a way to make one that says what is in it."""
        raise TypeError("a context is made by Context.of(words=[...]) or Context.from_json(...)")


_MOST_SHOWN = 3
_LONGEST_SHOWN = 120


def _short(value: object) -> str:
    match value:
        case tuple() | frozenset() | FrozenMap() if len(value) > _MOST_SHOWN:
            return f"<{len(value)} in a {type(value).__name__}>"
        case _:
            text = repr(value)
            return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


# A context is made at every `put`. Setting the slots directly takes a third of the time that an
# attrs `__init__` takes, which goes through `object.__setattr__` by name.
_new: Any = object.__new__
_set_values = Context._values.__set__  # type: ignore[attr-defined]
_set_reports = Context._reports.__set__  # type: ignore[attr-defined]


def _made(values: dict[str, object], reports: tuple[Report, ...]) -> Context:
    context: Context = _new(Context)
    _set_values(context, values)
    _set_reports(context, reports)
    return context


def bare(context: Context) -> Context:
    """Give the context without its reports: what a stage sees."""
    return _made(context._values, ()) if context._reports else context


def with_reports(context: Context, reports: Iterable[Report]) -> Context:
    """Give the context with exactly these reports."""
    return _made(context._values, tuple(reports))
