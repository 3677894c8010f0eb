"""Law mode: a stage that breaks its promises is named at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
from returns.result import Failure, Result, Success

from stages.core.context import Context, _made
from stages.core.outcome import Outcome

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
    """
    before, mode.on = mode.on, on
    try:
        yield
    finally:
        mode.on = before


def judged(one: "Stage[...]", context: Context) -> Outcome:
    """Run a stage on a bare context and raise `LawBroken` at the first broken promise."""
    before = deepcopy(context._values)
    seen = _made(_Watched(context._values, one), ())
    try:
        outcome = one._call(seen)  # type: ignore[attr-defined]
    except LawBroken:
        raise
    except Exception as error:
        return one.raised(error, context)
    if context._values != before:
        _broken(one, f"changed its input: {_differing(before, context._values)}")
    if not isinstance(outcome, Result):
        _broken(one, f"returned a {type(outcome).__name__}, and a stage returns a Result")
    if isinstance(outcome, Failure):
        failure = outcome.failure()
        return Failure(attrs.evolve(failure, context=_plain(failure.context)))
    after = outcome.unwrap()
    if not isinstance(after, Context):
        _broken(one, f"succeeded with a {type(after).__name__}, and not with a Context")
    _check_given(one, before, after)
    return Success(_plain(after))


def _check_given(one: "Stage[...]", before: dict[str, object], after: Context) -> None:
    values = after._values
    changed = {key for key in {*before, *values} if not _same(key, before, values)}
    stray = sorted(changed - set(one.gives))
    if stray:
        _broken(one, f"changed what it does not give: {', '.join(stray)}")
    missing = [str(key) for key in one.gives if key not in values]
    if missing:
        _broken(one, f"did not give what it declares: {', '.join(missing)}")
    for key, value in values.items():
        mutable = _mutable_in(value) if key in changed else None
        if mutable:
            _broken(one, f"gave {key!r} holding a {mutable}, which can be changed later")
    if sum(not report.stage for report in after.reports) > 1:
        _broken(one, "reported more than once")


def _broken(one: "Stage[...]", what: str) -> NoReturn:
    raise LawBroken(f"{one.name} {what}")


def _same(key: str, before: dict[str, object], after: dict[str, object]) -> bool:
    return key in before and key in after and before[key] == after[key]


def _differing(before: dict[str, object], after: dict[str, object]) -> str:
    return ", ".join(sorted(key for key in {*before, *after} if not _same(key, before, after)))


def _mutable_in(value: object) -> str | None:
    """Name the kind of the first thing in a value that could still be changed."""
    if isinstance(value, list | dict | set | bytearray):
        return type(value).__name__
    if isinstance(value, tuple | frozenset):
        return next(filter(None, map(_mutable_in, value)), None)
    if isinstance(value, Mapping):
        return next(filter(None, map(_mutable_in, value.values())), None)
    kind: Any = type(value)
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    return next(filter(None, (_mutable_in(getattr(value, one.name)) for one in fields)), None)


def _plain(context: Context) -> Context:
    return _made(dict(context._values), context._reports)


class _Watched(dict[str, object]):
    """The values of a context as a judged stage sees them: it reads only what it declared."""

    def __init__(self, values: dict[str, object], one: "Stage[...]") -> None:
        super().__init__(values)
        self._one = one

    def _may_read(self, key: Any) -> None:
        one = self._one
        if key not in one.needs and key not in one.uses and key not in one.gives:
            _broken(one, f"read {str(key)!r}, which it does not declare")

    def __getitem__(self, key: str) -> object:
        self._may_read(key)
        return super().__getitem__(key)

    def get(self, key: str, default: object = None) -> object:
        self._may_read(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._may_read(key)
        return super().__contains__(key)
