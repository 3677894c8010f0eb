"""Law mode: a stage that breaks its promises is named at once."""

import pickle
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import attrs
import pytest

from stages import (
    Context,
    Failure,
    FrozenMap,
    Key,
    LawBroken,
    Outcome,
    Problem,
    StageFailure,
    Success,
    compose,
    each,
    law_mode,
    pipe,
    run,
    stage,
    strict,
)
from stages.core import law
from tests.core.toys import NOTE, NUMBER, TOTAL, double_number, increase


@attrs.frozen
class Box:
    """A frozen record that holds something."""

    holds: Any


@attrs.define
class Slate:
    """A record that is not frozen."""

    text: str = ""


@dataclass(frozen=True)
class Crate:
    """A frozen record of the standard library's."""

    holds: Any


class Sealed:
    """A value that compares by identity alone."""


BOX = Key("box", Box)
ANY = Key("anything", object)
GIVEN = Context.of(number=1, box=Box([1]), note="!", total=3)


def swallow(context: Context) -> Outcome:
    context[BOX].holds.append(2)
    return Success(context.put(NUMBER, 2))


def reach_in(context: Context) -> Outcome:
    context._values["number"] = 9
    return Success(context)


def stray(context: Context) -> Outcome:
    return Success(context.put(NUMBER, 2).put(TOTAL, 1))


def take_away(context: Context) -> Outcome:
    return Success(context.put(NUMBER, 2).without(TOTAL))


def stray_and_fail(context: Context) -> Outcome:
    return context.put(TOTAL, 1).fail("no")


def keep_back(context: Context) -> Outcome:
    return Success(context.without(NUMBER))


def read_it(context: Context) -> Outcome:
    return Success(context.put(NUMBER, context[TOTAL]))


def get_it(context: Context) -> Outcome:
    return Success(context.put(NUMBER, len(context.get(NOTE, ""))))


def look_for_it(context: Context) -> Outcome:
    return Success(context.put(NUMBER, int(NOTE in context)))


def read_it_later(context: Context) -> Outcome:
    context = context.put(NUMBER, 2)
    return Success(context.put(NUMBER, context[TOTAL] + 1))


def pass_it_on_later(context: Context) -> Outcome:
    context = context.put(NUMBER, 2)
    return Success(context.put(NUMBER, context[TOTAL]))


def wrap_it_up_later(context: Context) -> Outcome:
    context = context.put(NUMBER, 2)
    return Success(context.put(ANY, (context[TOTAL],)))


def read_it_in_an_item(context: Context) -> Outcome:
    gathered = each(lambda number: number + context[TOTAL], [1])
    return Success(context.put(NUMBER, sum(gathered.values)))


def save_it(context: Context) -> Outcome:
    return Success(context.put(NUMBER, len(context.to_json())))


def return_nothing(_: Context) -> Any:
    return None


def return_a_context(context: Context) -> Any:
    return context


def succeed_with_a_number(_: Context) -> Any:
    return Success(3)


def fail_with_a_text(_: Context) -> Any:
    return Failure("no")


def report_twice(context: Context) -> Outcome:
    return Success(context.report("one").report("two"))


def run_a_stray(context: Context) -> Outcome:
    return pipe(context, stage(needs=[NUMBER], gives=[NUMBER, TOTAL])(stray))


BREACHES: dict[Callable[[Context], Any], str] = {
    swallow: "changed its input: box",
    reach_in: "changed its input: number",
    stray: "changed what it does not give: total",
    take_away: "changed what it does not give: total",
    stray_and_fail: "changed what it does not give: total",
    run_a_stray: "read 'total', which it does not declare",
    keep_back: "did not give what it declares: number",
    read_it: "read 'total', which it does not declare",
    get_it: "read 'note', which it does not declare",
    look_for_it: "read 'note', which it does not declare",
    read_it_later: "read 'total', which it does not declare",
    pass_it_on_later: "read 'total', which it does not declare",
    wrap_it_up_later: "read 'total', which it does not declare",
    read_it_in_an_item: "read 'total', which it does not declare",
    save_it: "read 'note', which it does not declare",
    return_nothing: "returned a NoneType, and a stage returns an Outcome",
    return_a_context: "returned a Context, and a stage returns an Outcome",
    succeed_with_a_number: "returned a Success of int, and a stage returns an Outcome",
    fail_with_a_text: "returned a Failure of str, and a stage returns an Outcome",
    report_twice: "reported more than once",
}


@pytest.mark.parametrize("function", BREACHES, ids=lambda function: function.__name__)
@pytest.mark.parametrize(
    "run_it",
    [
        pytest.param(lambda one, context: one(context), id="alone"),
        pytest.param(
            lambda one, context: compose(increase, one, name="p")(context), id="as a part"
        ),
        pytest.param(lambda one, context: run(strict(one), context), id="strict"),
    ],
)
def test_a_breach_names_the_stage(
    function: Callable[[Context], Any], run_it: Callable[[Any, Context], Any]
) -> None:
    """A promise that is broken is raised, with the name of the stage and the promise."""
    context = pickle.loads(pickle.dumps(GIVEN))
    gives: list[Key[Any]] = [NUMBER, ANY] if function is wrap_it_up_later else [NUMBER]
    one = stage(needs=[NUMBER, BOX], gives=gives)(function)

    with pytest.raises(LawBroken) as caught:
        run_it(one, context)

    assert str(caught.value) == f"{function.__name__} {BREACHES[function]}"
    assert context == (GIVEN.put(BOX, Box([1, 2])) if function is swallow else GIVEN)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param(Box([1]), "list", id="a list in a record"),
        pytest.param((1, Box({1: 2})), "dict", id="a dict in a record in a tuple"),
        pytest.param(FrozenMap({"a": Box(set())}), "set", id="a set in a record in a map"),
        pytest.param(Crate(bytearray()), "bytearray", id="a bytearray in a dataclass"),
        pytest.param(Slate(), "Slate that is not frozen", id="a record that is not frozen"),
        pytest.param(Box(Slate()), "Slate that is not frozen", id="one in one that is"),
        pytest.param(deque([1]), "deque", id="a deque"),
        pytest.param((n for n in [1]), "generator", id="what can be read once only"),
    ],
)
def test_what_can_be_changed_later_is_not_given(value: Any, found: str) -> None:
    """A value that could be changed after it was given is a broken promise."""

    @stage(gives=[ANY])
    def give(context: Context) -> Outcome:
        return Success(context.put(ANY, value))

    with pytest.raises(LawBroken) as caught:
        give(Context.of())

    message = f"give gave 'anything' holding a {found}, which can be changed later"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([1, {2: {3}}], id="containers, which are frozen as they come in"),
        pytest.param(Box((1, Crate(FrozenMap()))), id="frozen records"),
        pytest.param(Sealed(), id="a plain object is taken at its word"),
        pytest.param(None, id="nothing"),
        pytest.param(print, id="a function"),
    ],
)
def test_what_cannot_be_changed_is_given(value: Any) -> None:
    """Whatever is frozen may be given, kept, and given again."""

    @stage(uses=[ANY], gives=[ANY])
    def give(context: Context) -> Outcome:
        return Success(context.put(ANY, value))

    assert pipe(Context.of(), give, give).unwrap()[ANY] == Context.of(a=value)["a"]


def test_a_stage_may_read_what_it_gives() -> None:
    """What a stage gives it may read, to skip what exists, be it there or not."""

    @stage(gives=[TOTAL])
    def once(context: Context) -> Outcome:
        return Success(context if TOTAL in context else context.put(TOTAL, 1))

    assert pipe(Context.of(), once, once).unwrap()[TOTAL] == 1


def test_what_a_stage_does_not_declare_stays_as_it_is() -> None:
    """Keys that a stage may not read go through it untouched, the very same objects."""
    box = Box([1])

    after = pipe(Context.of(box=box, number=1, total=3), increase, double_number).unwrap()

    assert after["box"] is box
    assert after.keys == ("box", "number", "total")
    assert (after[NUMBER], after[TOTAL]) == (4, 3)


def test_a_stage_sees_only_the_keys_that_it_declares() -> None:
    """The keys of a context are those that the stage may read, also after it put one."""
    seen = []

    @stage(needs=[NUMBER], uses=[BOX], gives=[NUMBER])
    def look(context: Context) -> Outcome:
        seen.append(context.keys)
        context = context.put(NUMBER, 2)
        seen.append(context.keys)
        return Success(context)

    assert look(GIVEN).unwrap().keys == GIVEN.keys
    assert seen == [("number", "box"), ("number", "box")]


@pytest.mark.parametrize("value", [Lock(), (n for n in [1])], ids=["lock", "generator"])
def test_what_cannot_be_copied_is_handed_on(value: Any) -> None:
    """A value that nothing can be compared with is judged by being the same object."""

    @stage(needs=[ANY, NUMBER], gives=[NUMBER])
    def keep(context: Context) -> Outcome:
        return Success(context.put(NUMBER, 2))

    @stage(needs=[ANY, NUMBER])
    def lose(context: Context) -> Outcome:
        return Success(context.put(ANY, None))

    context = Context.of(anything=value, number=1)

    assert keep(context).unwrap()[ANY] is value
    with pytest.raises(LawBroken, match="lose changed what it does not give: anything"):
        lose(context)


def test_a_failure_keeps_what_the_stage_could_not_read() -> None:
    """The context in a failure is whole."""

    @stage(needs=[NUMBER], gives=[NUMBER])
    def give_up(context: Context) -> Outcome:
        return context.put(NUMBER, 2).fail("enough")

    assert give_up(GIVEN).failure().context == GIVEN.put(NUMBER, 2)


def test_law_mode_changes_no_outcome() -> None:
    """A stage that keeps its promises gives the same in and out of law mode."""
    whole = compose(increase, double_number, name="p")

    with law_mode(on=False):
        out_of_it = whole(GIVEN)

    assert whole(GIVEN) == out_of_it


def test_a_stage_inside_a_stage_is_judged_too() -> None:
    """A stage that another one runs is held to its own promises, and the other to all it reads."""
    sums_up = stage(needs=[NUMBER], uses=[TOTAL], gives=[NUMBER])(read_it)

    @stage(needs=[NUMBER], gives=[NUMBER])
    def outer(context: Context) -> Outcome:
        return pipe(context, sums_up)

    @stage(needs=[NUMBER], gives=[NUMBER])
    def outer_later(context: Context) -> Outcome:
        return pipe(context, increase, sums_up)

    for one in (outer, outer_later):
        with pytest.raises(LawBroken, match=r"^outer(_later)? read 'total'"):
            one(GIVEN)


def test_a_bug_is_no_broken_promise() -> None:
    """An exception in a stage is the failure that it is outside of law mode."""

    @stage()
    def slip(_: Context) -> Outcome:
        raise ValueError("no")

    with law_mode(on=False):
        outside = slip(Context.of())

    assert slip(Context.of()) == outside
    assert slip(Context.of()).failure().is_bug


def test_law_mode_ends() -> None:
    """Outside, nobody is judged, and modes nest."""
    one = stage(needs=[NUMBER], gives=[NUMBER])(stray)

    assert law.mode.on
    with law_mode(on=False):
        assert not law.mode.on
        assert isinstance(one(GIVEN), Success)
        with law_mode():
            assert law.mode.on
        assert not law.mode.on
    assert law.mode.on


def test_a_broken_promise_survives_pickling() -> None:
    """A promise that is broken in another process is raised here, by name."""
    broken = pickle.loads(pickle.dumps(LawBroken("stray changed it")))

    assert isinstance(broken, LawBroken)
    assert isinstance(broken, AssertionError)
    assert str(broken) == "stray changed it"


def test_a_failure_is_judged_by_value() -> None:
    """A failure that a stage makes by hand is as good as one by `fail`."""

    @stage()
    def by_hand(context: Context) -> Outcome:
        return Failure(StageFailure("", "no", (Problem("c", "w", "y"),), context))

    assert by_hand(Context.of()).failure().stage == "by_hand"
