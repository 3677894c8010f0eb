"""Checks: a plain function from a value to its problems, made a stage."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar

import attrs
from returns.result import Success

from stages.base.mending import mended, size, texts_at, without
from stages.core.context import Context
from stages.core.key import Key
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import Stage, stage
from stages.core.wording import counted

P = ParamSpec("P")
T = TypeVar("T")

OnProblem: TypeAlias = Literal["fail", "drop", "keep"]
"""What to do about errors: fail, drop the items that have one, or keep all and report."""

_ROUNDS = 8
"""So often a value is mended and checked again; a fix that only calls for another ends there."""


def validation_stage(
    key: Key[T], *others: Key[Any], uses: Iterable[Key[Any]] = ()
) -> Callable[[Callable[Concatenate[T, P], Iterable[Problem]]], Stage[P]]:
    """
    Make a registered stage of a function that gives the problems of a value.

    The stage has two more settings. `on_problem` is "fail" (the default), "drop" or "keep"; warnings
    never fail and never drop. With `fix` the text of every `Problem.fix` is put at its `where`, and
    the value is checked again, until nothing is certain any more; each is reported as a warning.

    An item is named in `Problem.where` as `cards[ID]`: by its `id` in a tuple of records, by its key
    in a map, by its index else. `cards[#3]` names the item at index 3 whatever its id. What follows
    names an attribute of the item or one of its `fields`: `cards[ID].Gapped`. A fix at what says what
    an item is (its id, word, language) is a fault of the function.

    A function that yields its problems may return numbers by what they count: they stand in the
    report beside those of errors and warnings.

    Args:
        key: The value to check.
        others: Other keys that may be checked instead: the function then has a setting `key`, with
            the first as default, and is told which one it is.
        uses: Keys whose values the function also takes, as keyword arguments named like them, with
            None as default: what it gets where there is no value.

    >>> from stages import Context, Key, Problem, validation_stage
    >>> NAMES = Key("names", tuple[str, ...])
    >>> @validation_stage(NAMES)
    ... def validate_names(names):
    ...     return [Problem("blank", f"names[{i}]", "it is blank")
    ...             for i, name in enumerate(names) if not name.strip()]
    >>> validate_names(Context.of(names=["Ana", " "])).failure().message
    'Validation failed: 1 error'
    >>> validate_names(on_problem="drop")(Context.of(names=["Ana", " "])).unwrap()
    Context(names=('Ana',))
    """
    keys, also = (key, *others), tuple(uses)

    def decorate(check: Callable[Concatenate[T, P], Iterable[Problem]]) -> Stage[P]:
        judge = _Judge(check, keys, also)
        needs, gives = _needs(keys), _gives(keys)
        made: Stage[P] = stage(needs=needs, uses=also, gives=gives)(judge)  # type: ignore[arg-type]  # P lacks on_problem
        return made

    return decorate


def _needs(keys: tuple[Key[Any], ...]) -> Any:
    return (lambda key: (_chosen(keys, key),)) if len(keys) > 1 else keys


def _gives(keys: tuple[Key[Any], ...]) -> Callable[..., tuple[Key[Any], ...]]:
    def of_several(key: str, on_problem: str, *, fix: bool) -> tuple[Key[Any], ...]:
        return (_chosen(keys, key),) if fix or on_problem == "drop" else ()

    def of_one(on_problem: str, *, fix: bool) -> tuple[Key[Any], ...]:
        return of_several(keys[0], on_problem, fix=fix)

    return of_several if len(keys) > 1 else of_one


def _chosen(keys: tuple[Key[Any], ...], name: str) -> Key[Any]:
    """Give the one of these keys that was chosen by name."""
    found = next((key for key in keys if key == name), None)
    if found is None:
        known = ", ".join(map(repr, map(str, keys)))
        raise ValueError(f"{str(name)!r} cannot be checked here; {known} can")
    return found


@attrs.frozen(slots=False)
class _Judge:
    """The function of a validation stage."""

    check: Callable[..., Iterable[Problem]]
    keys: tuple[Key[Any], ...]
    also: tuple[Key[Any], ...]

    def __attrs_post_init__(self) -> None:
        vars(self).update(
            __name__=self.check.__name__,
            __qualname__=f"{self.check.__qualname__}.__wrapped__",  # as pickle finds it
            __module__=self.check.__module__,
            __doc__=self.check.__doc__,
            __wrapped_check__=self.check,
            __signature__=_signature(self.check, self.also),
        )

    def __call__(
        self,
        context: Context,
        *,
        on_problem: OnProblem = "fail",
        fix: bool = False,
        **bindings: Any,
    ) -> Outcome:
        key = _chosen(self.keys, bindings.get("key", self.keys[0]))
        told = {"key": key} if len(self.keys) > 1 else {}
        others = {str(other): context.get(other) for other in self.also}
        check = partial(self.check, **{**others, **bindings, **told})
        value, problems, fixed, counts = _mended(context[key], check, fix=fix)
        if fixed:
            context = context.put(key, value)
        counts |= {"fixed": len(fixed)} if fix else {}
        return _judged(context, key, on_problem, (problems, fixed), counts)


def _mended(
    value: Any, check: Callable[[Any], Iterable[Problem]], *, fix: bool
) -> tuple[Any, tuple[Problem, ...], tuple[Problem, ...], dict[str, int]]:
    """Give a value with what is certain put right, what is found in it then, and what was put right."""
    problems, counts = _found(check, value)
    fixed: list[Problem] = []
    for _ in range(_ROUNDS if fix else 0):
        fixes: dict[str, str] = {}
        for problem in problems:
            if problem.fix is not None:
                fixes.setdefault(problem.where, problem.fix)
        before = texts_at(value, fixes)
        fixes = {where: fixes[where] for where, text in before.items() if fixes[where] != text}
        if not fixes:
            break
        value = mended(value, fixes)
        fixed += [
            _told(problem, before[problem.where])
            for problem in problems
            if problem.fix is not None and problem.fix == fixes.get(problem.where)
        ]
        problems, counts = _found(check, value)
    return value, problems, tuple(fixed), counts


def _found(check: Callable[[Any], Any], value: Any) -> tuple[tuple[Problem, ...], dict[str, int]]:
    """Give the problems of a value, and the numbers that the check returns at its end, if any."""
    counts: dict[str, int] = {}

    def every() -> Iterator[Problem]:
        counts.update((yield from check(value)) or {})

    return tuple(every()), counts


def _told(problem: Problem, before: str) -> Problem:
    """Say what was mended; a long text is cut."""
    why = f"{problem.why}; it was {before!r:.200}, and is {problem.fix!r:.200} now"
    return Problem(problem.code, problem.where, why, severity=Severity.WARNING)


def _judged(
    context: Context,
    key: Key[Any],
    on_problem: OnProblem,
    found: tuple[tuple[Problem, ...], tuple[Problem, ...]],
    counts: dict[str, int],
) -> Outcome:
    """Pass, fail or drop for the problems that are left; what was fixed is told before them."""
    problems, fixed = found
    told = (*fixed, *problems)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    counts = {"errors": len(errors), "warnings": len(problems) - len(errors), **counts}
    also = f"; {len(fixed)} fixed" if fixed else ""
    if not errors:
        message = f"Validation passed{also}"
        return Success(context.report(message, problems=told, counts=counts))
    message = f"Validation failed: {counted(len(errors), 'error')}{also}"
    if on_problem == "fail":
        return context.fail(message, problems=told)
    if on_problem == "keep":
        return Success(context.report(message, problems=told, counts=counts))
    value = context[key]
    left = without(value, [problem.where for problem in errors])
    dropped = size(value) - size(left)
    if not size(left) or not dropped:
        why = "and nothing is left" if dropped else "and they name no item that could be dropped"
        return context.fail(f"{message}, {why}", problems=told)
    counts = {**counts, "dropped": dropped}
    message = f"{message}; {dropped} dropped"
    return Success(context.put(key, left).report(message, problems=told, counts=counts))


def _signature(check: Callable[..., Any], also: Iterable[str]) -> inspect.Signature:
    """Give the signature of the stage: the check's own settings, `on_problem` and `fix`."""
    _, *others = inspect.signature(check).parameters.values()
    settings = [one for one in others if one.name not in also]
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_ONLY, annotation=Context)
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=usual, annotation=kind)
        for name, usual, kind in (("on_problem", "fail", OnProblem), ("fix", False, bool))
    ]
    return inspect.Signature([first, *settings, *common], return_annotation=Outcome)
