"""Work for a provider, item by item: planned, capped, done, and kept."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.mapping import Mapper, each, serial
from stages.core.outcome import Outcome, Status
from stages.core.problem import Problem
from stages.core.stage import Stage, stage
from stages.records.usage import dollars

P = ParamSpec("P")
I = TypeVar("I")
R = TypeVar("R")

MAX_NEW = 10
"""How many items that cost may be made in one run, where nobody says otherwise."""


def free(_: object) -> Decimal:
    """Give the price of what costs nothing."""
    return Decimal(0)


def no_doubts(_: object) -> tuple[Problem, ...]:
    """Say that all is well with what was made."""
    return ()


def nothing_yet(_: object) -> None:
    """Say that nothing was made before."""


@attrs.frozen(kw_only=True)
class Work(Generic[I, R]):
    """
    What a provider is wanted for: one item in, one result out.

    Attributes:
        wanted: The items, by the id under which their results are kept.
        make: Gives the result of one item.
        existing: Gives the result of an item that was made before, or None; costs nothing.
        price: Estimates what one item costs, in US dollars.
        doubts: Gives the warnings that go with a result, old or new; their `where` is filled in.
        mapper: Where the work is done.
        max_new: The most items with a price that are made in one run.
        dry_run: Whether to end with the plan.
    """

    wanted: Mapping[str, I]
    make: Callable[[I], R]
    existing: Callable[[I], R | None] = nothing_yet
    price: Callable[[I], Decimal] = free
    doubts: Callable[[R], Iterable[Problem]] = no_doubts
    mapper: Mapper = serial
    max_new: int = MAX_NEW
    dry_run: bool = False


def api_stage(
    *, needs: Iterable[Key[Any]], gives: Key[FrozenMap[str, R]], uses: Iterable[Key[Any]] = ()
) -> Callable[[Callable[Concatenate[Context, P], Work[Any, R]]], Stage[P]]:
    """
    Make a registered stage of a function that says what a provider is wanted for.

    The stage skips what the context has already, refuses to make more than `max_new` items that
    cost, and makes the rest with the mapper. An item with a problem stops no other. A provider that
    stops the run fails the stage; all that was made is kept in the failure, and `resume` goes on.

    Args:
        needs: Keys that must have a value.
        gives: The map of results, by id.
        uses: Keys that are read if they have a value.

    >>> from stages import Context, FrozenMap, Key, Work, api_stage
    >>> NAMES = Key("names", tuple[str, ...])
    >>> GREETINGS = Key("greetings", FrozenMap[str, str])
    >>> @api_stage(needs=[NAMES], gives=GREETINGS)
    ... def greet(context, *, greeting_provider, dry_run=False):
    ...     wanted = {name: name for name in context[NAMES]}
    ...     return Work(wanted=wanted, make=greeting_provider.greet, dry_run=dry_run)
    >>> class English:
    ...     def greet(self, name):
    ...         return f"Hello, {name}!"
    >>> greet(greeting_provider=English())(Context.of(names=["Ana"])).unwrap()[GREETINGS]
    FrozenMap({'Ana': 'Hello, Ana!'})
    """

    def decorate(function: Callable[Concatenate[Context, P], Work[Any, R]]) -> Stage[P]:
        @functools.wraps(function)
        def carried_out(context: Context, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
            return carry_out(function(context, *args, **kwargs), gives, context)

        return stage(needs=needs, uses=uses, gives=[gives])(carried_out)

    return decorate


def carry_out(work: Work[Any, R], key: Key[FrozenMap[str, R]], context: Context) -> Outcome:
    """Do the work that is still to do and keep its results under a key of the context."""
    before: FrozenMap[str, R] = context.get(key, FrozenMap())
    found = {
        name: result
        for name, item in work.wanted.items()
        if name not in before and (result := work.existing(item)) is not None
    }
    have = FrozenMap({**before, **found})
    context = context.put(key, have)
    if not work.wanted:
        return Success(context.report("nothing is wanted", status=Status.SKIPPED))
    new = {name: item for name, item in work.wanted.items() if name not in have}
    costs = [price for item in new.values() if (price := work.price(item))]
    estimate = f", about {dollars(sum(costs))}" if costs else ""
    counts = {"wanted": len(work.wanted), "there": len(work.wanted) - len(new), "new": len(new)}
    doubts = tuple(_doubts(work, key, [name for name in work.wanted if name in have], have))
    if work.dry_run:
        plan = f"would make {len(new)}{estimate}; {counts['there']} are there"
        return Success(context.report(plan, problems=doubts, counts=counts, planned=new))
    if len(costs) > work.max_new:
        return context.fail(
            f"{key} would take {len(costs)} new that cost{estimate}, and max_new is {work.max_new}",
            problems=[
                Problem(
                    "over-the-cap",
                    str(key),
                    f"{len(costs)} new{estimate}, and at most {work.max_new} are allowed in one run",
                    f"allow them: max_new={len(costs)}; or see them first: dry_run=True",
                )
            ],
        )
    gathered = each(
        _Make(work.make), new.items(), mapper=work.mapper, where=lambda named: f"{key}[{named[0]}]"
    )
    made = {name: result for (name, _), result in gathered.done}
    context = context.put(key, FrozenMap({**have, **made}))
    problems = (*gathered.problems, *doubts, *_doubts(work, key, made, made))
    counts = {**counts, "made": len(made)}
    message = f"made {len(made)} of {len(new)}; {counts['there']} were there"
    if gathered.stopped:
        message = f"{message}; stopped, and {gathered.untried} were not tried"
        return context.fail(message, problems=problems)
    if gathered.nothing_done and not counts["there"]:
        return context.fail(f"none of {len(new)} could be made", problems=problems)
    return Success(context.report(message, problems=problems, counts=counts))


def _doubts(
    work: Work[Any, R], key: Key[FrozenMap[str, R]], names: Iterable[str], results: Mapping[str, R]
) -> Iterator[Problem]:
    for name in names:
        for problem in work.doubts(results[name]):
            yield attrs.evolve(problem, where=f"{key}[{name}]")


@attrs.frozen
class _Make:
    """Makes the result of a named item; travels to other processes, as a lambda would not."""

    make: Callable[[Any], Any]

    def __call__(self, named: tuple[str, Any]) -> Any:
        return self.make(named[1])
