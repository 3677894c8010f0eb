"""The laws: what keeps them passes, and what breaks one is named."""

import pickle
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from stages import Context, LawBroken, Outcome, Stage, get_stage, list_stages, pipelines, stage
from stages.core.law import mode
from stages.core.registry import restored
from stages.providers.errors import Refused
from stages.testing import MemoryImages, check_stage
from tests.testing import toys

OURS = [name for name in list_stages() if not name.startswith("_")]


@pytest.mark.parametrize("name", OURS)
def test_every_registered_stage_keeps_the_laws(name: str) -> None:
    """With the stand-ins that are there for every protocol of ours."""
    check_stage(get_stage(name), examples=50)


@pytest.mark.parametrize("one", [pipelines.checked_cards, pipelines.sync, pipelines.vocabulary])
def test_every_pipeline_keeps_the_laws(one: Stage[...]) -> None:
    """A pipeline is a stage."""
    check_stage(one, examples=50)


def test_a_stage_that_keeps_its_promises_passes() -> None:
    """And law mode is as it was afterwards."""
    before = mode.on
    check_stage(toys.counts)
    assert mode.on is before


BROKEN = {
    "raises": (toys.raises, "raised: ZeroDivisionError"),
    "raises in an item": (toys.raises_in_an_item, "raised: IndexError"),
    "gives no outcome": (toys.returns_nothing, "returned a NoneType"),
    "gives what it does not declare": (toys.gives_more, "changed what it does not give: count"),
    "does not give what it declares": (toys.gives_nothing, "did not give what it declares: count"),
    "takes away": (toys.takes_away, "changed what it does not give: names"),
    "reads what it does not declare": (toys.reads_more, "read 'others', which it does not declare"),
    "minds what else is there": (toys.minds_the_rest, "did not do the same twice"),
    "remembers": (toys.remembers, "did not do the same twice"),
    "gambles": (toys.gambles, "did not do the same twice"),
    "gives what JSON cannot hold": (toys.gives_a_map_of_numbers, "saved as JSON"),
    "gives what is never equal": (toys.gives_a_lump, "did not do the same twice"),
}


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_is_named(promise: str) -> None:
    """With the stage and the context on which it breaks."""
    one, named = BROKEN[promise]
    with pytest.raises(LawBroken) as caught:
        check_stage(one)
    assert str(caught.value).startswith(one.name)
    assert named in str(caught.value)
    assert "on Context(" in str(caught.value)


def test_the_context_is_the_smallest() -> None:
    """One empty name is enough to make it raise, and nothing else is shown."""
    with pytest.raises(LawBroken) as caught:
        check_stage(toys.raises)
    assert "on Context(names=('',))" in str(caught.value)


def test_a_stage_that_does_not_pickle_is_named() -> None:
    """One that is defined inside a function cannot travel."""
    with restored():

        @stage()
        def local(context: Context) -> Outcome:
            return Success(context)

    with pytest.raises(LawBroken, match="local does not pickle"):
        check_stage(local)


def test_a_failure_that_is_not_handed_on_is_named() -> None:
    """A stage that is made by hand may get that wrong."""

    class Copying(Stage[...]):
        def __call__(self, given: Any = None, /, *_: Any, **bindings: Any) -> Any:
            if isinstance(given, Failure):
                return Failure(attrs.evolve(given.failure()))
            return super().__call__(given, **bindings)

    with pytest.raises(LawBroken, match="did not hand a failure on"):
        check_stage(Copying(toys.counts.function, toys.counts.declared))


@attrs.define
class Counter:
    """Gives another number at each call."""

    calls: int = 0

    def name(self) -> int:
        """Count."""
        self.calls += 1
        return self.calls


def test_a_provider_is_as_new_in_every_run() -> None:
    """What it did in one run is not seen in the next, so answers can be the same."""
    provider = MemoryImages()
    check_stage(get_stage("generate_images"), examples=10, image_provider=provider)
    assert provider.history == []
    made = iter(range(1_000))

    def fresh() -> MemoryImages:
        next(made)
        return MemoryImages(price=Decimal(0), failures={"": Refused("no")})

    check_stage(get_stage("generate_images"), examples=10, image_provider=fresh)
    assert next(made) >= 20


def test_another_answer_in_the_second_run_is_another_outcome() -> None:
    """A factory that gives providers that differ breaks the law, and is meant to."""
    numbers = iter(range(10_000))

    def fresh() -> Any:
        number = next(numbers)
        return lambda: number

    with pytest.raises(LawBroken, match="did not do the same twice"):
        check_stage(toys.asks_twice, name_provider=fresh)


def test_a_provider_that_nothing_stands_in_for_has_to_be_given() -> None:
    """The message says which; so does it for one that is not taken."""
    with pytest.raises(TypeError, match="asks_twice cannot be checked: give it a name_provider"):
        check_stage(toys.asks_twice)
    with pytest.raises(TypeError, match="it takes no 'image_provider'"):
        check_stage(toys.counts, image_provider=MemoryImages())


def test_the_same_check_tries_the_same_contexts() -> None:
    """A check that passed passes again, on every machine."""

    def tried() -> Iterator[bytes]:
        seen: list[bytes] = []

        @attrs.frozen
        class Spy:
            def __call__(self) -> MemoryImages:
                return MemoryImages(failures=Recording(seen))

        check_stage(get_stage("generate_images"), examples=20, image_provider=Spy())
        yield from seen

    assert list(tried()) == list(tried())


class Recording(dict[str, Any]):
    """Notes what is looked up."""

    def __init__(self, seen: list[bytes]) -> None:
        super().__init__()
        self.seen = seen

    def __contains__(self, item: object) -> bool:
        self.seen.append(pickle.dumps(item))
        return False
