"""Checks: a plain function from a value to its problems, made a stage."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Concatenate, Literal, ParamSpec, TypeAlias, TypeVar

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import Stage, stage
from stages.core.wording import counted

P = ParamSpec("P")
T = TypeVar("T")

OnProblem: TypeAlias = Literal["fail", "drop", "keep"]
"""What to do about errors: fail, drop the items that have one, or keep all and report."""


def validation_stage(
    key: Key[T], *, uses: Iterable[Key[Any]] = ()
) -> Callable[[Callable[Concatenate[T, P], Iterable[Problem]]], Stage[P]]:
    """
    Make a registered stage of a function that gives the problems of a value.

    The stage has one more setting, `on_problem`: "fail" (the default), "drop" or "keep". Warnings
    never fail and never drop.

    An item is named in `Problem.where` as `cards[ID]`: by its `id` in a tuple of records, by its key
    in a map, by its index else. `cards[#3]` names the item at index 3 whatever its id.

    Args:
        key: The value to check.
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
    also = tuple(uses)

    def decorate(check: Callable[Concatenate[T, P], Iterable[Problem]]) -> Stage[P]:
        judge = _Judge(check, key, also)
        made: Stage[P] = stage(needs=[key], uses=also, gives=_gives(key))(judge)  # type: ignore[arg-type]  # P lacks on_problem
        return made

    return decorate


def _gives(key: Key[Any]) -> Callable[[str], tuple[Key[Any], ...]]:
    return lambda on_problem: (key,) if on_problem == "drop" else ()


@attrs.frozen(slots=False)
class _Judge:
    """The function of a validation stage."""

    check: Callable[..., Iterable[Problem]]
    key: Key[Any]
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
        self, context: Context, *, on_problem: OnProblem = "fail", **bindings: Any
    ) -> Outcome:
        value = context[self.key]
        others = {str(key): context.get(key) for key in self.also}
        problems = tuple(self.check(value, **others, **bindings))
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        counts = {"errors": len(errors), "warnings": len(problems) - len(errors)}
        if not errors:
            return Success(context.report("Validation passed", problems=problems, counts=counts))
        message = f"Validation failed: {counted(len(errors), 'error')}"
        if on_problem == "fail":
            return context.fail(message, problems=problems)
        if on_problem == "keep":
            return Success(context.report(message, problems=problems, counts=counts))
        left = _without(value, [problem.where for problem in errors])
        dropped = len(value) - len(left)
        if not left or not dropped:
            why = (
                "and nothing is left" if dropped else "and they name no item that could be dropped"
            )
            return context.fail(f"{message}, {why}", problems=problems)
        return Success(
            context.put(self.key, left).report(
                f"{message}; {dropped} dropped",
                problems=problems,
                counts={**counts, "dropped": dropped},
            )
        )


def _signature(check: Callable[..., Any], also: Iterable[str]) -> inspect.Signature:
    """Give the signature of the stage: the check's own settings, and `on_problem`."""
    _, *others = inspect.signature(check).parameters.values()
    settings = [one for one in others if one.name not in also]
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_ONLY, annotation=Context)
    on_problem = inspect.Parameter(
        "on_problem", inspect.Parameter.KEYWORD_ONLY, default="fail", annotation=OnProblem
    )
    return inspect.Signature([first, *settings, on_problem], return_annotation=Outcome)


def _without(value: Any, wheres: Iterable[str]) -> Any:
    """Give a map or a tuple without the items that these paths name."""
    if isinstance(value, FrozenMap):
        spoilt = _named_by(wheres, set(map(str, value)))
        return FrozenMap({key: one for key, one in value.items() if str(key) not in spoilt})
    ids = [
        str(getattr(one, "card_id", getattr(one, "id", index))) for index, one in enumerate(value)
    ]
    places = [f"#{index}" for index in range(len(value))]
    spoilt = _named_by(wheres, {*ids, *places})
    return tuple(
        one for one, *names in zip(value, ids, places, strict=True) if spoilt.isdisjoint(names)
    )


def _named_by(wheres: Iterable[str], names: set[str]) -> set[str]:
    """
    Give the names that stand in brackets in these paths; a name may hold a bracket itself.

    >>> _named_by(["cards[a]b].Gapped", "cards[c].fields[Word]"], {"a", "a]b", "c"}) == {"a]b", "c"}
    True
    """
    return {next(filter(names.__contains__, _in_brackets(where)), where) for where in wheres}


def _in_brackets(where: str) -> Iterator[str]:
    """Give what may be the name in a path, the longest first."""
    rest = where.partition("[")[2]
    while "]" in rest:
        rest = rest.rpartition("]")[0]
        yield rest
