"""Small stages, records and providers for the tests of the kernel; other processes import them."""

import os
import time
from collections.abc import Callable
from typing import Any, Protocol

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.key import Key
from stages.core.mapping import Mapper, each, serial
from stages.core.outcome import Outcome
from stages.core.pipeline import compose
from stages.core.problem import Problem, ProviderError, Severity
from stages.core.registry import restored
from stages.core.stage import stage

NUMBER = Key("number", int, "a number")
NUMBERS = Key("numbers", tuple[int, ...], "numbers, in order")
SQUARES = Key("squares", tuple[int, ...], "the squares of the numbers")
TOTAL = Key("total", int, "the sum of the squares")
LABEL = Key("label", str, "what people call the total")
NOTE = Key("note", str, "read where it is there")


class Refusal(ProviderError):
    """For this item only."""

    code = "refusal"


class Closed(ProviderError):
    """For the whole run."""

    code = "closed"
    stops_run = True


class NameProvider(Protocol):
    """Gives names to numbers."""

    def name(self, number: int) -> str:
        """Give the name; raises `Refusal` or `Closed`."""
        ...


@attrs.frozen
class Names:
    """A `NameProvider` with a prefix, and a secret that nobody should see."""

    prefix: str = "no. "
    secret: str = "hunter2"

    def name(self, number: int) -> str:
        return f"{self.prefix}{number}"


@attrs.define
class Ledger:
    """An observer that remembers everything it is told, and in which order."""

    events: list[tuple[Any, ...]] = attrs.field(factory=list)

    def stage_started(self, stage: str) -> None:
        self.events.append(("started", stage))

    def item_done(self, stage: str, done: int, total: int) -> None:
        self.events.append(("item", stage, done, total))

    def stage_ended(self, report: Any) -> None:
        self.events.append(("ended", report.stage, str(report.status)))


def square(number: int) -> int:
    """Square a number; odd ones of a size are refused, dropped or fatal."""
    if number == -1:
        raise Refusal("minus one is refused")
    if number == -2:
        raise ZeroDivisionError("minus two is a mistake")
    if number == -3:
        raise Closed("closed for today")
    return number * number


def slowly_square(number: int) -> int:
    time.sleep(0.002 * (number % 3))
    return square(number)


def dies_at_three(number: int) -> int:
    if number == 3:
        os._exit(9)
    return number


with restored():  # the registry of the other tests has none of these

    @stage(needs=[NUMBERS], gives=[SQUARES])
    def square_all(context: Context, *, mapper: Mapper = serial) -> Outcome:
        """Square every number."""
        gathered = each(square, context[NUMBERS], mapper=mapper, where=lambda n: f"numbers[{n}]")
        context = context.put(SQUARES, gathered.values)
        if gathered.stopped:
            return context.fail("stopped", problems=gathered.problems)
        return Success(context.report("squared", problems=gathered.problems, counts={"all": 1}))

    @stage(needs=[SQUARES], gives=[TOTAL])
    def add_up(context: Context, *, start: int = 0) -> Outcome:
        """Add the squares up."""
        return Success(context.put(TOTAL, sum(context[SQUARES], start)))

    @stage(needs=[TOTAL], uses=[NOTE], gives=[LABEL])
    def name_total(context: Context, *, name_provider: NameProvider, loud: bool = False) -> Outcome:
        """Give the total its name."""
        label = name_provider.name(context[TOTAL]) + context.get(NOTE, "")
        return Success(context.put(LABEL, label.upper() if loud else label).report("named"))

    @stage(needs=[NUMBER], gives=[NUMBER])
    def increase(context: Context, *, by: int = 1) -> Outcome:
        """
        Make the number greater.

        >>> increase(by=2)(Context.of(number=1))
        <Success: Context(number=3)>
        """
        return Success(context.put(NUMBER, context[NUMBER] + by).report("increased"))

    @stage(needs=[NUMBER], gives=[NUMBER])
    def double_number(context: Context) -> Outcome:
        """Double the number."""
        return Success(context.put(NUMBER, context[NUMBER] * 2))

    @stage(needs=[NUMBER], gives=[NUMBER])
    def halve(context: Context) -> Outcome:
        """Halve the number; an odd one is a failure, which keeps what was done by then."""
        number = context[NUMBER]
        problem = Problem("odd", "number", f"{number} is odd", "double it before")
        if number % 2:
            return context.fail("an odd number cannot be halved", problems=[problem])
        return Success(context.put(NUMBER, number // 2).report("halved", counts={"halves": 2}))

    @stage(needs=[NUMBER])
    def doubt(context: Context, *, severity: Severity = Severity.ERROR) -> Outcome:
        """Report a problem, and go on."""
        problem = Problem("doubtful", "number", "is it so?", severity=severity)
        return Success(context.report("doubted", problems=[problem]))

    @stage(needs=[NUMBER])
    def blunder(context: Context) -> Outcome:
        """Raise what nobody expected."""
        raise ZeroDivisionError(f"{context[NUMBER]} / 0")

    @stage(needs=[NUMBER])
    def die(context: Context) -> Outcome:
        """End the process at thirteen, without a word."""
        if context[NUMBER] == 13:
            os._exit(9)
        return Success(context)

    @stage(
        needs=lambda key: [key],
        gives=lambda key, to: [to or key],
        name=lambda key: f"copy_{key}",
    )
    def copy_key(
        context: Context, *, key: Key[Any] = NUMBER, to: Key[Any] | None = None
    ) -> Outcome:
        """Copy one key to another."""
        return Success(context.put(to or key, context[key]))

    @stage(needs=[NUMBERS], gives=[TOTAL])
    def add_in(context: Context, *, number_provider: Callable[[int], int]) -> Outcome:
        """Add numbers as a provider tells them."""
        return Success(context.put(TOTAL, sum(map(number_provider, context[NUMBERS]))))


summed = compose(square_all, add_up, name="summed")
named = compose(summed, name_total, name="named", doc="Square, add up, and name the total.")


def with_a_mode(context: Context, *, mode: str) -> Outcome:
    return context.fail(mode)


def with_a_default_provider(context: Context, *, a_provider: Any = Names()) -> Outcome:
    return context.fail(str(a_provider))


def with_a_position(context: Context, by: int = 1) -> Outcome:
    return context.fail(str(by))


def with_any_positions(context: Context, *rest: int) -> Outcome:
    return context.fail(str(rest))


def with_any_names(context: Context, **rest: int) -> Outcome:
    return context.fail(str(rest))
