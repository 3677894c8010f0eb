"""Law mode: a stage that breaks its promises is named at once."""

import dataclasses
from collections.abc import (
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
)
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
from returns.result import Failure, Success

from stages.core.context import Context, Hidden, _made
from stages.core.outcome import Outcome, StageFailure
from stages.core.wording import kind_of

if TYPE_CHECKING:
    from stages.core.stage import Stage


class LawBroken(AssertionError):
    """
    A stage broke one of its promises; the message names the stage and the promise.

    It is raised, not returned: a failure could pass unnoticed.
    """


@attrs.define
class _Mode:
    on: bool = False


mode = _Mode()


@contextmanager
def law_mode(*, on: bool = True) -> Iterator[None]:
    """
    Hold every stage that runs inside to its promises, at about ten times the cost.

    A stage that changes what it was given, changes a key it does not give, does not give what it
    declares, reads a key it did not declare, reports twice or returns no `Result` raises
    `LawBroken`.

    The mode is one for the whole process: stages in other threads are judged too, for as long.
    """
    before, mode.on = mode.on, on
    try:
        yield
    finally:
        mode.on = before


def misshapen(outcome: object) -> str:
    """Say what is wrong with what a stage returned; empty where it is an `Outcome`."""
    match outcome:
        case Success(Context()) | Failure(StageFailure()):
            return ""
        case _:
            return f"returned a {kind_of(outcome)}, and a stage returns an Outcome"


def judged(one: "Stage[...]", context: Context) -> Outcome:
    """Run a stage on a bare context and raise `LawBroken` at the first broken promise."""
    given = context._values
    declared = frozenset((*one.needs, *one.uses, *one.gives))
    before = {key: _copied(given[key]) for key in declared if key in given}
    seen = _Watched(
        {
            key: value if key in declared else _Hidden(one, key, value)
            for key, value in given.items()
        },
        declared,
        one,
    )
    try:
        outcome = one._call(_made(seen, ()))  # type: ignore[attr-defined]
    except LawBroken:
        raise
    except Exception as error:
        return one.raised(error, context)
    changed = sorted(key for key, value in before.items() if not _same(_raw(seen, key), value))
    if changed:
        _broken(one, f"changed its input: {', '.join(changed)}")
    fault = misshapen(outcome)
    if fault:
        _broken(one, fault)
    if isinstance(outcome, Failure):
        failure = outcome.failure()
        _check_touched(one, seen, failure.context._values)
        return Failure(attrs.evolve(failure, context=_plain(failure.context)))
    after = outcome.unwrap()
    missing = [str(key) for key in one.gives if key not in after._values]
    if missing:
        _broken(one, f"did not give what it declares: {', '.join(missing)}")
    if sum(not report.stage for report in after.reports) > 1:
        _broken(one, "reported more than once")
    _check_touched(one, seen, after._values)
    return Success(_plain(after))


def _check_touched(one: "Stage[...]", seen: "_Watched", after: dict[str, object]) -> None:
    changed = {key for key in {*seen, *after} if not _same(_raw(seen, key), _raw(after, key))}
    stray = sorted(changed - set(one.gives))
    if stray:
        _broken(one, f"changed what it does not give: {', '.join(stray)}")
    for key in changed & {*after}:
        mutable = _mutable_in(_raw(after, key))
        if mutable:
            _broken(one, f"gave {str(key)!r} holding a {mutable}, which can be changed later")


def _broken(one: "Stage[...]", what: str) -> NoReturn:
    raise LawBroken(f"{one.name} {what}")


def _copied(value: object) -> object:
    """Give a copy to compare with later, where the value compares by what it holds."""
    try:
        copy = deepcopy(value)
        same = bool(copy == value)
    except LawBroken:
        raise
    except Exception:  # a lock, a generator: nothing can be compared with it but itself
        return value
    return copy if same else value


def _raw(values: dict[str, object], key: str) -> object:
    """Give what stands under a key, unwatched."""
    return dict.get(values, key, _ABSENT)


_ABSENT = object()


def _same(one: object, other: object) -> bool:
    return one is other or (not isinstance(one, _Hidden) and one == other)


def _mutable_in(value: object) -> str | None:
    """Name the kind of the first thing in a value that could still be changed."""
    kind: Any = type(value)
    if isinstance(value, _Hidden):
        value._read()
    if isinstance(value, MutableSequence | MutableMapping | MutableSet | Iterator):
        return str(kind.__name__)
    if isinstance(value, tuple | frozenset):
        return _first_mutable(value)
    if isinstance(value, Mapping):
        return _first_mutable(value.values())
    if attrs.has(kind):
        names = [one.name for one in attrs.fields(kind)]
    elif dataclasses.is_dataclass(kind):
        names = [one.name for one in dataclasses.fields(kind)]
    else:
        return None
    if names and _can_be_set(value, names[0]):
        return f"{kind.__name__} that is not frozen"
    return _first_mutable(getattr(value, name) for name in names)


def _first_mutable(values: Iterable[object]) -> str | None:
    return next(filter(None, map(_mutable_in, values)), None)


def _can_be_set(record: object, field: str) -> bool:
    try:
        setattr(record, field, getattr(record, field))
    except AttributeError:
        return False
    return True


def _plain(context: Context) -> Context:
    values = {
        key: value.value if isinstance(value, _Hidden) else value
        for key, value in context._values.items()
    }
    return _made(values, context._reports)


@attrs.frozen(eq=False, repr=False)
class _Hidden(Hidden):
    """
    Stands for a value that a stage does not declare: to do anything with it is to read it.

    A context that the stage itself makes has it too, and there nobody watches the keys.
    """

    one: "Stage[...]"
    key: str
    value: object

    def _read(self, *_: object) -> NoReturn:
        _broken(self.one, f"read {str(self.key)!r}, which it does not declare")

    __getattr__ = __getitem__ = __call__ = __iter__ = __len__ = __contains__ = _read
    __bool__ = __eq__ = __hash__ = __lt__ = __add__ = __radd__ = __repr__ = __reduce_ex__ = _read
    to_saved = _read


class _Watched(dict[str, object]):
    """The values of a context as a judged stage sees them: it reads only what it declared."""

    def __init__(
        self, values: dict[str, object], declared: frozenset[str], one: "Stage[...]"
    ) -> None:
        super().__init__(values)
        self._declared = declared
        self._one = one

    def _may_read(self, key: Any) -> None:
        if key not in self._declared:
            _broken(self._one, f"read {str(key)!r}, which it does not declare")

    def __getitem__(self, key: str) -> object:
        self._may_read(key)
        return super().__getitem__(key)

    def get(self, key: str, default: object = None) -> object:
        self._may_read(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._may_read(key)
        return super().__contains__(key)
