"""Work for a provider, item by item."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Protocol

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    Context,
    FrozenMap,
    Key,
    Problem,
    Severity,
    Status,
    Work,
    api_stage,
    resume,
    threads,
)
from stages.core.mapping import Mapper, serial
from stages.core.problem import ProviderError
from stages.core.registry import restored
from stages.providers.errors import QuotaExhausted, Refused
from stages.testing import check_stage
from tests.making import after, codes, failed, last

NAMES = Key("names", tuple[str, ...], "whom to greet")
GREETINGS = Key("greetings", FrozenMap[str, str], "greetings, by name")


class Greeter(Protocol):
    """Greets."""

    def greet(self, name: str) -> str:
        """Greet one."""
        ...


@attrs.define
class Memory:
    """A greeter that remembers whom it was asked to greet."""

    failures: dict[str, ProviderError] = attrs.field(factory=dict)
    before: dict[str, str] = attrs.field(factory=dict)
    cost: Decimal = Decimal(0)
    history: list[str] = attrs.field(factory=list)

    def greet(self, name: str) -> str:
        """Greet, or fail as told."""
        self.history.append(name)
        if name in self.failures:
            raise self.failures[name]
        return f"Hello, {name}!"

    def price(self, _: str) -> Decimal:
        """Cost the same for all."""
        return self.cost

    def doubts(self, greeting: str) -> Iterator[Problem]:
        """Doubt what is shouted."""
        if re.search("[A-Z]{2}", greeting):
            yield Problem("loud", "", f"{greeting} is loud", severity=Severity.WARNING)


with restored():

    @api_stage(needs=[NAMES], gives=GREETINGS)
    def greet(
        context: Context,
        *,
        greeting_provider: Memory,
        mapper: Mapper = serial,
        max_new: int = 10,
        dry_run: bool = False,
    ) -> Work[str, str]:
        """Greet everybody who was not greeted yet."""
        return Work(
            wanted={name: name for name in context[NAMES]},
            make=greeting_provider.greet,
            existing=greeting_provider.before.get,
            price=greeting_provider.price,
            doubts=greeting_provider.doubts,
            mapper=mapper,
            max_new=max_new,
            dry_run=dry_run,
        )


def test_doubts_go_with_results_old_and_new() -> None:
    """Each at its item, behind the errors; a warning spoils nothing, and a dry run tells it too."""
    provider = Memory(before={"BO": "BO!", "ANA": "ANA!"}, failures={"x": Refused("no")})
    context = Context.of(names=["x", "BO", "NEW", "ok"], greetings={"ANA": "ANA!"})
    outcome = greet(greeting_provider=provider)(context)
    assert codes(outcome) == [
        ("refused", "greetings[x]"),
        ("loud", "greetings[BO]"),
        ("loud", "greetings[NEW]"),
    ]
    assert last(outcome).status is Status.PARTIAL
    dry = greet(greeting_provider=provider, dry_run=True)(context)
    assert codes(dry) == [("loud", "greetings[BO]")]
    assert last(dry).status is Status.SUCCESS


def test_it_gives_one_result_an_item() -> None:
    """Results are kept by id, in the order of the items, and the report counts them."""
    outcome = greet(greeting_provider=Memory())(Context.of(names=["Bo", "Ana"]))
    assert list(after(outcome)[GREETINGS].items()) == [("Bo", "Hello, Bo!"), ("Ana", "Hello, Ana!")]
    assert last(outcome).counts == {"wanted": 2, "there": 0, "new": 2, "made": 2}
    assert last(outcome).message == "made 2 of 2; 0 were there"


def test_what_the_context_has_is_neither_made_nor_changed() -> None:
    """Work that was done is not asked for again, and results of others stay."""
    provider = Memory()
    context = Context.of(names=["Ana", "Bo"], greetings={"Ana": "Hi!", "Cy": "Yo!"})
    outcome = greet(greeting_provider=provider)(context)
    assert provider.history == ["Bo"]
    assert after(outcome)[GREETINGS] == {"Ana": "Hi!", "Cy": "Yo!", "Bo": "Hello, Bo!"}


def test_what_was_made_before_is_taken_over() -> None:
    """What the provider kept from an earlier run costs nothing and is not made again."""
    provider = Memory(before={"Ana": "Hi!"}, cost=Decimal(1))
    outcome = greet(greeting_provider=provider, max_new=0)(Context.of(names=["Ana"]))
    assert after(outcome)[GREETINGS] == {"Ana": "Hi!"}
    assert provider.history == []


def test_nothing_wanted_is_skipped() -> None:
    """Without items nothing is asked, and the key is there, empty."""
    outcome = greet(greeting_provider=Memory())(Context.of(names=[]))
    assert after(outcome)[GREETINGS] == {}
    assert last(outcome).status is Status.SKIPPED


def test_a_dry_run_asks_nothing_and_tells_the_plan() -> None:
    """The plan has what would be made and what it would cost; what exists is given."""
    provider = Memory(before={"Cy": "Yo!"}, cost=Decimal("0.02"))
    context = Context.of(names=["Ana", "Bo", "Cy"], greetings={"Ana": "Hi!"})
    outcome = greet(greeting_provider=provider, dry_run=True)(context)
    assert provider.history == []
    assert after(outcome)[GREETINGS] == {"Ana": "Hi!", "Cy": "Yo!"}
    assert last(outcome).planned == ("Bo",)
    assert last(outcome).message == "would make 1, about $0.02; 2 are there"


def test_over_the_cap_nothing_is_asked() -> None:
    """More that costs than `max_new` allows is refused before anything is spent."""
    provider = Memory(cost=Decimal("0.04"))
    failure = failed(greet(greeting_provider=provider, max_new=1)(Context.of(names=["Ana", "Bo"])))
    assert provider.history == []
    assert failure.problems == (
        Problem(
            "over-the-cap",
            "greetings",
            "2 new, about $0.08, and at most 1 are allowed in one run",
            "allow them: max_new=2; or see them first: dry_run=True",
        ),
    )


def test_the_cap_is_for_what_costs() -> None:
    """Free items are made, however many there are."""
    outcome = greet(greeting_provider=Memory(), max_new=0)(Context.of(names=["Ana", "Bo"]))
    assert len(after(outcome)[GREETINGS]) == 2


def test_one_bad_item_does_not_stop_the_others() -> None:
    """Its problem says which; the outcome is partial."""
    provider = Memory(failures={"Ana": Refused("not her", "ask somebody else")})
    outcome = greet(greeting_provider=provider)(Context.of(names=["Ana", "Bo"]))
    assert after(outcome)[GREETINGS] == {"Bo": "Hello, Bo!"}
    assert last(outcome).status is Status.PARTIAL
    assert last(outcome).problems == (
        Problem("refused", "greetings[Ana]", "not her", "ask somebody else"),
    )


def test_where_every_item_fails_the_stage_fails() -> None:
    """With nothing made and nothing there, there is nothing to go on with."""
    provider = Memory(failures={"Ana": Refused("no"), "Bo": Refused("no")})
    failure = failed(greet(greeting_provider=provider)(Context.of(names=["Ana", "Bo"])))
    assert failure.message == "none of 2 could be made"
    assert len(failure.problems) == 2


@pytest.mark.parametrize("stop_at", ["Ana", "Bo", "Cy"])
def test_a_provider_that_stops_the_run_stops_it_and_all_done_is_kept(stop_at: str) -> None:
    """Nothing more is asked, what was made is in the failure, and `resume` makes only the rest."""
    names = ["Ana", "Bo", "Cy"]
    provider = Memory(failures={stop_at: QuotaExhausted("no more today")})
    failure = failed(greet(greeting_provider=provider)(Context.of(names=names)))
    done = names[: names.index(stop_at)]
    assert provider.history == [*done, stop_at]
    assert list(failure.context[GREETINGS]) == done
    assert [problem.code for problem in failure.problems] == ["quota-exhausted"]
    again = Memory()
    outcome = resume(greet(greeting_provider=again), failure)
    assert again.history == names[len(done) :]
    assert list(after(outcome)[GREETINGS]) == names


@pytest.mark.parametrize("mapper", [serial, threads(3)], ids=["one by one", "in threads"])
def test_the_mapper_changes_nothing_but_the_time(mapper: Mapper) -> None:
    """Results and problems come in the order of the items, wherever the work is done."""
    names = [f"n{number}" for number in range(20)]
    provider = Memory(failures={"n3": Refused("no"), "n7": Refused("no")})
    outcome = greet(greeting_provider=provider, mapper=mapper)(Context.of(names=names))
    assert list(after(outcome)[GREETINGS]) == [n for n in names if n not in ("n3", "n7")]
    assert codes(outcome) == [("refused", "greetings[n3]"), ("refused", "greetings[n7]")]


@given(
    names=st.lists(st.text(max_size=3), max_size=6),
    there=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4),
    bad=st.sets(st.text(max_size=3), max_size=3),
)
def test_plan_then_carry_out_leaves_an_empty_plan(
    names: list[str], there: dict[str, str], bad: set[str]
) -> None:
    """A dry run after a run plans just what failed, and the plan before was just what was asked."""
    context = Context.of(names=names, greetings=there)
    provider = Memory(failures={name: Refused("no") for name in bad})
    one = greet(greeting_provider=provider)
    planned = last(greet(greeting_provider=provider, dry_run=True)(context)).planned
    outcome = one(context)
    assert tuple(provider.history) == planned
    kept = outcome.map(lambda done: done).lash(_kept).unwrap()
    left = last(greet(greeting_provider=provider, dry_run=True)(kept)).planned
    assert set(left) == set(names) & bad - set(there)


def _kept(failure: Any) -> Any:
    from returns.result import Success

    return Success(failure.context)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Memory, id="free"),
        pytest.param(lambda: Memory(cost=Decimal(1)), id="dear"),
        pytest.param(lambda: Memory({"": Refused("no"), "casa": QuotaExhausted("no")}), id="fails"),
    ],
)
def test_it_keeps_the_laws(make: Callable[[], Memory]) -> None:
    """A stage made so keeps every promise, whatever its provider says."""
    check_stage(greet, examples=50, greeting_provider=make)
    check_stage(greet(max_new=1), examples=50, greeting_provider=make)
    check_stage(greet(dry_run=True), examples=20, greeting_provider=make)
