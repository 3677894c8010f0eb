"""A stage: a decorated pure function from a context to the outcome of a new context."""

import doctest
import inspect
import io
import os
import pickle
import pydoc
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import pytest
import toolz
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import flow
from returns.pointfree import bind as pointfree_bind

from stages import (
    CARDS,
    MEANINGS,
    VOCABULARY,
    WORDS,
    Context,
    Failure,
    FrozenMap,
    Key,
    Outcome,
    Problem,
    Report,
    Result,
    Stage,
    Status,
    Success,
    WiringError,
    compose,
    generate_images,
    generate_media,
    law_mode,
    load_file,
    make_cards,
    pipe,
    run,
    serial,
    stage,
    strict,
    sync_cards,
)
from tests.core import toys
from tests.core.toys import (
    LABEL,
    NOTE,
    NUMBER,
    TOTAL,
    Names,
    Refusal,
    add_in,
    blunder,
    copy_key,
    double_number,
    halve,
    increase,
    name_total,
    square_all,
)

UNBOUND: Stage[...] = name_total
BOUND = name_total(name_provider=Names())
bind: Any = pointfree_bind
misused: Any = increase
misusing: Any = stage
STEPS: dict[str, Stage[...]] = {"+": increase, "+3": increase(by=3), "*": double_number, "/": halve}


class TestRunning:
    """What a stage does with what it is given."""

    def test_stage_gives_a_new_context(self) -> None:
        """A stage gives a Success of a new context, and the one it was given is as it was."""
        context = Context.of(number=1)

        outcome = increase(context)

        assert isinstance(outcome, Success)
        assert outcome.unwrap()[NUMBER] == 2
        assert context == Context.of(number=1)

    def test_success_is_unwrapped(self) -> None:
        """A stage given the Success of a context runs on that context."""
        context = Context.of(number=1)

        assert increase(Success(context)) == increase(context)

    @pytest.mark.parametrize(
        "one",
        [
            pytest.param(increase, id="a single stage"),
            pytest.param(increase(by=2), id="with a setting"),
            pytest.param(name_total, id="with a provider missing"),
            pytest.param(BOUND, id="with its provider"),
            pytest.param(toys.named, id="a pipeline"),
            pytest.param(strict(increase), id="a strict stage"),
            pytest.param(partial(run, toys.named), id="by run"),
        ],
    )
    def test_failure_is_handed_on_untouched(self, one: Callable[[Outcome], Outcome]) -> None:
        """A stage given a failure gives the very same object."""
        failure = Context.of().fail("earlier")

        assert one(failure) is failure

    @pytest.mark.parametrize(
        "given_",
        [
            pytest.param(None, id="nothing"),
            pytest.param({"number": 1}, id="a dict"),
            pytest.param(Success(3), id="a success of something else"),
            pytest.param(increase, id="a stage"),
        ],
    )
    def test_anything_else_is_misuse(self, given_: Any) -> None:
        """What is neither a context nor an outcome is a TypeError that says so."""
        one: Any = increase

        with pytest.raises(TypeError, match="increase takes a Context or an Outcome, not "):
            one(given_)

    def test_more_than_one_is_misuse(self) -> None:
        """Providers and settings come by name."""
        one: Any = increase

        with pytest.raises(TypeError, match="increase takes providers and settings by name"):
            one(Context.of(number=1), 3)

    @pytest.mark.parametrize(
        ("slip", "named"),
        [
            pytest.param(lambda: misused(Names()), "not Names", id="given"),
            pytest.param(lambda: misused(Success(Names())), "not Success of Names", id="wrapped"),
            pytest.param(lambda: misused(Context.of(), Names()), "not Names", id="by position"),
            pytest.param(
                lambda: misusing(needs=[Names()])(halve.function), "not Names", id="as a key"
            ),
            pytest.param(
                lambda: stage()(toys.with_a_default_provider), "a_provider", id="as a default"
            ),
        ],
    )
    def test_misuse_shows_no_secret(self, slip: Callable[[], Any], named: str) -> None:
        """What was given in the wrong place is named by its type: a provider may hold a secret."""
        with pytest.raises(TypeError, match=named) as caught:
            slip()

        assert "hunter2" not in str(caught.value)

    def test_bindings_may_come_with_the_context(self) -> None:
        """Binding and running in one call is binding, then running."""
        context = Context.of(number=1)

        assert increase(context, by=4) == increase(by=4)(context)

    def test_stage_reports_once_with_its_name(self) -> None:
        """A stage's report carries its name, and one that said nothing has a plain report."""
        context = Context.of(number=1)

        assert increase(context).unwrap().reports == (Report("increase", message="increased"),)
        assert double_number(context).unwrap().reports == (Report("double_number"),)

    def test_no_stage_sees_reports(self) -> None:
        """What earlier stages reported is not in the context that a stage is given."""
        seen = []

        @stage(needs=[NUMBER])
        def look(context: Context) -> Outcome:
            seen.append(context.reports)
            return Success(context)

        for on in (True, False):
            with law_mode(on=on):
                pipe(Context.of(number=1), increase, look)
                run(compose(increase, look, name="p"), Context.of(number=1))

        assert seen == [()] * 4


class TestFailing:
    """What comes out where a stage cannot go on."""

    def test_stage_that_cannot_go_on(self) -> None:
        """`context.fail` gives a failure with the stage's name and the context as it stood."""
        failure = pipe(Context.of(number=2), increase, halve).failure()

        assert failure.stage == "halve"
        assert failure.message == "an odd number cannot be halved"
        assert [problem.code for problem in failure.problems] == ["odd"]
        assert failure.context[NUMBER] == 3
        assert [report.stage for report in failure.context.reports] == ["increase"]
        assert failure.trace == ""

    def test_failure_keeps_the_items_that_were_done(self) -> None:
        """What a stage had put into its context when it failed is in the failure."""
        failure = square_all(Context.of(numbers=[2, -3, 4])).failure()

        assert failure.context["squares"] == (4,)
        assert [str(problem) for problem in failure.problems] == ["numbers[-3]: closed for today"]

    def test_exception_is_a_bug_with_its_trace(self) -> None:
        """An exception nobody expected becomes a failure that is marked and says where it was."""
        context = Context.of(number=7)

        failure = blunder(context).failure()

        assert failure.is_bug
        assert failure.message == "bug in blunder: ZeroDivisionError: 7 / 0"
        assert [(problem.code, problem.where) for problem in failure.problems] == [
            ("bug", "blunder")
        ]
        assert failure.trace.startswith("Traceback (most recent call last)")
        assert "toys.py" in failure.trace
        assert failure.trace.endswith("ZeroDivisionError: 7 / 0\n")
        assert failure.context == context

    def test_bugs_are_equal_by_value(self) -> None:
        """The same bug twice is the same failure, and it never holds the exception."""
        context = Context.of(number=7)

        assert blunder(context) == blunder(context)
        assert not any(
            isinstance(value, BaseException) for value in (*values_of(blunder(context).failure()),)
        )

    @pytest.mark.parametrize("stops", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("on", [True, False], ids=["law mode on", "law mode off"])
    def test_stopping_passes_through(self, stops: type[BaseException], on: bool) -> None:  # noqa: FBT001
        """KeyboardInterrupt and SystemExit pass through a stage and a pipeline."""

        @stage()
        def stop(_: Context) -> Outcome:
            raise stops

        with law_mode(on=on):
            for one in (stop, compose(stop, name="p"), strict(stop)):
                with pytest.raises(stops):
                    run(one, Context.of())

    def test_provider_error_is_no_bug(self) -> None:
        """What a provider raises in a stage's body is its failure, with the provider's code."""

        def refuse(_: int) -> int:
            raise Refusal("not that one", "take another")

        failure = add_in(number_provider=refuse)(Context.of(numbers=[1])).failure()

        assert not failure.is_bug
        assert failure.message == "not that one"
        assert failure.problems == (Problem("refusal", "add_in", "not that one", "take another"),)
        assert failure.trace == ""

    @pytest.mark.parametrize(
        ("returned", "found"),
        [
            pytest.param(None, "NoneType", id="nothing"),
            pytest.param(Context.of(), "Context", id="a bare context"),
            pytest.param(Success(3), "Success of int", id="a success of something else"),
            pytest.param(Failure("no"), "Failure of str", id="a failure of a text"),
        ],
    )
    def test_what_is_no_outcome_is_a_bug(self, returned: Any, found: str) -> None:
        """A stage that returns something else than an outcome fails, and does not raise."""

        @stage()
        def slip(_: Context) -> Outcome:
            result: Outcome = returned
            return result

        with law_mode(on=False):
            for one in (slip, compose(slip, name="p")):
                failure = one(Context.of()).failure()

                assert failure.is_bug
                assert failure.message == (
                    f"bug in slip: returned a {found}, and a stage returns an Outcome"
                )

    def test_failure_of_a_stage_within_a_stage(self) -> None:
        """A failure that a stage takes over is that stage's, with the reports of what it ran."""

        @stage(needs=[NUMBER], gives=[NUMBER])
        def outer(context: Context) -> Outcome:
            return pipe(context, increase, halve)

        failure = outer(Context.of(number=2)).failure()

        assert failure.stage == "outer"
        assert [report.stage for report in failure.context.reports] == ["increase"]


class TestNeeds:
    """What a stage must find, may read, and leaves behind."""

    def test_unmet_need_names_who_gives_it(self) -> None:
        """A stage whose needs are unmet fails, and says which stage would have met them."""
        failure = sync_cards.bind(anki_provider=object())(Context.of()).failure()

        assert failure.message.startswith(
            "sync_cards needs 'cards', and no earlier stage gives it; make_cards does"
        )
        assert failure.problems[0].code == "unmet-need"
        assert not failure.is_bug

    def test_every_unmet_need_is_named(self) -> None:
        """All needs that are unmet are in one failure, each a problem of its own."""
        one = Key("one_thing", int, "the first")
        two = Key("second", int)

        @stage(needs=[one, two])
        def want(context: Context) -> Outcome:
            return Success(context)

        failure = want(Context.of(one_think=1)).failure()

        assert [problem.why for problem in failure.problems] == [
            "want needs 'one_thing', and no earlier stage gives it; did you mean 'one_think'?",
            "want needs 'second', and no earlier stage gives it",
        ]
        assert [problem.hint for problem in failure.problems] == [
            "the first",
            "put it into the context before",
        ]

    def test_pipeline_names_the_part_that_needs(self) -> None:
        """A pipeline that is not given what a part needs says which part."""
        failure = run(compose(increase, double_number, name="p"), Context.of()).failure()

        assert failure.message.startswith("increase needs 'number', and no earlier stage gives it")

    def test_pipeline_asks_whether_a_key_of_an_earlier_part_was_meant(self) -> None:
        """The nearest key is looked for among those that earlier parts give, too."""

        @stage(needs=[Key("crads", tuple[int, ...])])
        def want(context: Context) -> Outcome:
            return Success(context)

        both = compose(copy_key(to=Key("cards", tuple[int, ...])), want, name="p")

        failure = both(Context.of(number=1)).failure()

        assert failure.message == (
            "want needs 'crads', and no earlier stage gives it; did you mean 'cards'?"
        )

    def test_uses_are_read_if_there(self) -> None:
        """A key that is used may be there or not."""
        context = Context.of(total=5)

        assert BOUND(context).unwrap()[LABEL] == "no. 5"
        assert BOUND(context.put(NOTE, "!")).unwrap()[LABEL] == "no. 5!"

    def test_keys_are_declared_by_key(self) -> None:
        """A need that is no Key is refused at definition."""
        with pytest.raises(TypeError, match="needs, uses and gives name Keys"):

            @stage(needs=["number"])  # type: ignore[list-item]
            def wrong(context: Context) -> Outcome:
                return Success(context)

    def test_settings_may_decide_on_keys_and_name(self) -> None:
        """Needs, gives and name are fixed the moment a setting is bound."""
        assert (copy_key.name, copy_key.needs, copy_key.gives) == (
            "copy_number",
            (NUMBER,),
            (NUMBER,),
        )
        bound = copy_key(key=TOTAL)
        assert (bound.name, bound.needs, bound.gives) == ("copy_total", (TOTAL,), (TOTAL,))
        assert bound(to=LABEL).gives == (LABEL,)

    def test_load_file_takes_the_name_of_its_key(self) -> None:
        """`load_file(key=CARDS)` is `load_cards`, and gives cards."""
        assert (load_file.name, load_file.gives) == ("load_file", (VOCABULARY,))
        assert load_file(key=CARDS).name == "load_cards"
        assert load_file(key=CARDS).gives == (CARDS,)
        assert load_file(path=WORDS).needs == (WORDS,)


class TestParameters:
    """Providers and settings: which is which, and how they are bound."""

    def test_providers_and_settings_are_told_apart(self) -> None:
        """A provider ends in `_provider` and has no default; a setting has one."""
        assert dict(name_total.providers) == {"name_provider": toys.NameProvider}
        assert dict(name_total.settings) == {"loud": False}

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(toys.with_a_mode, id="neither provider nor default"),
            pytest.param(toys.with_a_default_provider, id="a provider with a default"),
            pytest.param(toys.with_a_position, id="a setting by position"),
            pytest.param(toys.with_any_positions, id="any number of positions"),
            pytest.param(toys.with_any_names, id="any names"),
        ],
    )
    def test_what_is_neither_is_refused_at_definition(self, wrong: Any) -> None:
        """A parameter that is neither a provider nor a setting is a TypeError that says so."""
        with pytest.raises(TypeError, match=r"a stage takes providers .* and settings"):
            stage()(wrong)

    def test_calling_with_names_alone_binds(self) -> None:
        """A call without a context gives a stage."""
        bound = generate_images.bind(max_new=5)(image_provider=object())

        assert isinstance(bound, Stage)
        assert bound.unbound == ()
        assert generate_images.unbound == ("image_provider",)
        assert isinstance(increase(), Stage)

    def test_binding_changes_no_stage(self) -> None:
        """The stage that is bound stays as it was."""
        increase(by=5)

        assert increase.bound == {}
        assert increase(Context.of(number=1)).unwrap()[NUMBER] == 2

    @given(st.integers(), st.integers())
    def test_the_last_binding_wins(self, one: int, two: int) -> None:
        """Binding a setting again replaces what was bound."""
        assert increase(by=one)(by=two) == increase(by=two)

    def test_bind_takes_any_subset(self) -> None:
        """`.bind` binds some providers and leaves others for later."""
        half = generate_media.bind(image_provider=object())

        assert half.unbound == ("audio_provider",)
        assert half.bind(audio_provider=object(), max_new=2).unbound == ()

    def test_unknown_names_are_refused_together(self) -> None:
        """Every name that is neither provider nor setting is in one error, with the nearest."""
        with pytest.raises(WiringError) as caught:
            name_total.bind(nam_provider=1, lout=True, xyz=0)

        assert str(caught.value) == (
            "name_total takes no 'nam_provider'; did you mean 'name_provider'?; "
            "name_total takes no 'lout'; did you mean 'loud'?; "
            "name_total takes no 'xyz'"
        )

    def test_missing_provider_fails_when_it_is_reached(self) -> None:
        """In a plain pipe a stage without its provider fails, and says which it is."""
        failure = pipe(Context.of(number=1, cards=()), increase, generate_images.bind()).failure()

        assert failure.stage == "generate_images"
        assert failure.message == "Provider image_provider not available"
        assert [(problem.code, problem.why) for problem in failure.problems] == [
            ("missing-provider", "Provider image_provider not available")
        ]
        assert [report.stage for report in failure.context.reports] == ["increase"]

    def test_repr_shows_settings_and_never_a_provider(self) -> None:
        """Plain settings are shown, and of anything else only the type: it may hold a secret."""
        shown = repr(name_total(name_provider=Names(), loud=True))

        assert shown == "<stage name_total(name_provider=<Names>, loud=True)>"
        assert repr(name_total) == "<stage name_total>"
        assert repr(square_all(mapper=serial)) == "<stage square_all(mapper=<function>)>"


class TestComposing:
    """Plain function composition, whichever library's."""

    @given(st.integers(-9, 9), st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5))
    def test_every_way_of_composing_gives_the_same(self, number: int, names: list[str]) -> None:
        """toolz's pipe and compose_left and returns' flow, with and without bind, are our pipe."""
        steps = [STEPS[name] for name in names]
        context = Context.of(number=number)
        # With bind, a context comes out of each Success; it carries its reports with it.
        ways: list[Outcome] = [
            toolz.pipe(context, *steps),
            toolz.compose_left(*steps)(context),
            flow(context, *steps),
            flow(context, steps[0], *map(bind, steps[1:])),
            flow(Success(context), *map(bind, steps)),
        ]

        assert all(way == pipe(context, *steps) for way in ways)

    @given(st.lists(st.sampled_from(sorted(STEPS)), max_size=4))
    def test_a_failure_goes_through_any_pipe(self, names: list[str]) -> None:
        """The failure that a stage gave is the very same object at the end of the pipe."""
        failure = halve(Context.of(number=3))
        steps = [STEPS[name] for name in names]

        assert toolz.pipe(failure, *steps) is failure
        assert toolz.compose_left(*steps)(failure) is failure
        assert flow(failure, *steps) is failure
        assert flow(failure, *map(bind, steps)) is failure
        assert pipe(failure, increase, *steps) is failure

    def test_reports_come_in_order(self) -> None:
        """Each stage of a pipe leaves one report, in the order in which they ran."""
        context = pipe(Context.of(number=1), increase, double_number, halve).unwrap()

        assert [report.stage for report in context.reports] == [
            "increase",
            "double_number",
            "halve",
        ]


class TestSeeingThrough:
    """A stage stays a good Python function."""

    def test_stage_looks_like_its_function(self) -> None:
        """Name, docstring, module and signature are the function's, which is at hand."""
        one: Any = increase

        assert one.__name__ == "increase"
        assert one.__qualname__ == "increase"
        assert one.__module__ == "tests.core.toys"
        assert one.__doc__.strip().startswith("Make the number greater.\n")
        assert one.doc.startswith("Make the number greater.\n\n>>> ")
        assert inspect.unwrap(one)(Context.of(number=1)).unwrap() == Context.of(number=2).report(
            "increased"
        )
        assert inspect.signature(one) == inspect.signature(one.__wrapped__)
        assert list(inspect.signature(one).parameters) == ["context", "by"]

    def test_help_shows_the_function(self) -> None:
        """`help(a_stage)` shows signature and docstring as of a function."""
        out = io.StringIO()

        pydoc.Helper(output=out).help(generate_images)

        shown = out.getvalue()
        signature = " ".join(shown.split()).replace("( ", "(")  # newer Pythons break it into lines
        assert (
            "generate_images(context: stages.core.context.Context, *, image_provider" in signature
        )
        assert generate_images.doc in pydoc.plain(shown).replace("\n    ", "\n")

    def test_doctests_of_stages_are_collected(self) -> None:
        """The examples in a stage's docstring are found and run."""
        found = {test.name: test for test in doctest.DocTestFinder().find(toys)}

        example = found["tests.core.toys.increase"].examples[0]
        assert example.source == "increase(by=2)(Context.of(number=1))\n"
        assert doctest.DocTestRunner().run(found["tests.core.toys.increase"]).failed == 0

    def test_stage_in_a_class_is_itself(self) -> None:
        """A stage that is kept as an attribute is not turned into a method."""

        class Kept:
            one = increase

        assert Kept().one is increase


def values_of(record: Any) -> list[Any]:
    return [getattr(record, name) for name in type(record).__slots__ if name != "__weakref__"]


STARTS = ["fork", "spawn", "forkserver"]


def _back(value: Any) -> Any:
    return value


TRAVELLERS = {
    "a context": Context.of(words=["casa"], number=1).put(TOTAL, 3),
    "a success": increase(Context.of(number=1)),
    "a failure": halve(Context.of(number=3)),
    "a bug": blunder(Context.of(number=3)),
    "a failure of wiring": UNBOUND(Context.of(total=3)),
    "a stage": increase,
    "a bound stage": increase(by=4),
    "a stage with a provider": BOUND,
    "a stage whose name a setting decides": copy_key(key=TOTAL, to=LABEL),
    "a stage of ours": generate_images,
    "a file stage": load_file(key=CARDS),
    "a pipeline": toys.named,
    "a bound pipeline": toys.named(name_provider=Names()),
    "a strict stage": strict(increase(by=2)),
    "a strict pipeline": strict(toys.named),
}


class TestTravelling:
    """Contexts, outcomes, stages and pipelines go to other processes and come back."""

    @pytest.mark.parametrize("start", STARTS)
    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_all_that_we_make_crosses_processes(self, start: str) -> None:
        """What went to another process and back is equal, and does the same there."""
        with ProcessPoolExecutor(1, mp_context=get_context(start)) as pool:
            back = list(pool.map(_back, TRAVELLERS.values(), timeout=60))
            there = pool.submit(increase(by=4), Context.of(number=1)).result(60)
            run_there = pool.submit(
                run, toys.named, Context.of(numbers=[1, 2]), name_provider=Names()
            ).result(60)

        assert dict(zip(TRAVELLERS, back, strict=True)) == TRAVELLERS
        assert there == increase(by=4)(Context.of(number=1))
        assert run_there == run(toys.named, Context.of(numbers=[1, 2]), name_provider=Names())

    @pytest.mark.parametrize(
        "one", [increase, make_cards, generate_images, load_file, toys.copy_key], ids=str
    )
    def test_stage_pickles_by_name(self, one: Any) -> None:
        """An unbound stage comes back as the very same object, and is small on the way."""
        assert pickle.loads(pickle.dumps(one)) is one
        assert len(pickle.dumps(one)) < 100

    @pytest.mark.parametrize(
        "one",
        [
            pytest.param(increase(by=4), id="a bound stage"),
            pytest.param(copy_key(key=TOTAL), id="keys decided by a setting"),
            pytest.param(strict(load_file(key=CARDS)), id="a strict stage, keys decided"),
            pytest.param(strict(copy_key)(key=TOTAL), id="bound after it was strict"),
            pytest.param(toys.named, id="a pipeline"),
        ],
    )
    def test_what_has_no_name_pickles_by_value(self, one: Any) -> None:
        """A bound or composed stage comes back equal, with the same name, needs and gives."""
        same = pickle.loads(pickle.dumps(one))

        assert same == one
        assert hash(same) == hash(one)
        assert (same.name, same.needs, same.gives) == (one.name, one.needs, one.gives)
        assert (same.bound, same.unbound) == (one.bound, one.unbound)

    def test_local_stage_travels_by_cloudpickle(self) -> None:
        """A stage that is defined in a function, its keys decided by a setting, goes by value."""

        @stage(needs=lambda key: [key], gives=lambda key: [key])
        def local(context: Context, *, key: Key[int] = NUMBER) -> Outcome:
            return Success(context.put(key, context[key] + 1))

        for one in (local, local(key=TOTAL), compose(local, increase, name="p"), strict(local)):
            same = pickle.loads(cloudpickle.dumps(one))

            context = Context.of(number=1, total=1)
            assert same(context) == one(context)
            assert (same.needs, same.gives) == (one.needs, one.gives)

    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_stages_of_a_script_travel(self, tmp_path: Any) -> None:
        """A stage of `__main__` goes to worker processes, and by cloudpickle to any other."""
        script = tmp_path / "script.py"
        script.write_text(SCRIPT)

        done = subprocess.run(
            [sys.executable, script],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

        assert done.stderr == ""
        assert done.stdout.split() == ["fork", "42", "spawn", "42", "forkserver", "42", "42"]


SCRIPT = """
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cloudpickle  # type: ignore[import-untyped]

from stages import Context, Key, Success, compose, executor, run_many, stage

NUMBER = Key("number", int)


@stage(needs=lambda key: [key], gives=lambda key: [key])
def add(context, *, by=1, key=NUMBER):
    return Success(context.put(key, context[key] + by))


if __name__ == "__main__":
    both = compose(add(by=20), add, name="both")
    for start in ("fork", "spawn", "forkserver"):
        with ProcessPoolExecutor(1, mp_context=get_context(start)) as pool:
            (outcome,) = run_many(both, [Context.of(number=21)], mapper=executor(pool))
            print(start, outcome.unwrap()[NUMBER])
    code = (
        "import pickle, sys; one, given = pickle.load(sys.stdin.buffer);"
        "print(one(given).unwrap()['number'])"
    )
    payload = cloudpickle.dumps((both, Context.of(number=21)))
    done = subprocess.run([sys.executable, "-c", code], input=payload, capture_output=True)
    print(done.stdout.decode(), done.stderr.decode())
"""


class TestEquality:
    """When two stages are the same."""

    def test_stages_are_equal_by_function_and_bindings(self) -> None:
        """The same function with the same bindings is an equal stage."""
        assert increase(by=2) == increase(by=2)
        assert hash(increase(by=2)) == hash(increase(by=2))
        assert increase(by=2) != increase
        assert increase != double_number
        assert increase != "increase"
        assert strict(increase) == strict(increase)
        assert strict(increase) != increase

    def test_a_stage_has_one_part(self) -> None:
        """A stage that is not composed is its own part."""
        assert increase.parts == (increase,)


class TestStrict:
    """`strict(a_stage)` turns any problem into a failure."""

    @pytest.mark.parametrize("severity", ["error", "warning"])
    def test_any_problem_is_a_failure(self, severity: str) -> None:
        """An error or a warning that a stage reports is the failure of the strict stage."""
        from stages import Severity

        one = toys.doubt(severity=Severity(severity))
        context = Context.of(number=1)

        failure = strict(one)(context).failure()

        assert failure.stage == "doubt"
        assert failure.message == "1 problem, and none is let pass"
        assert failure.problems == one(context).unwrap().reports[0].problems
        assert failure.context == context
        assert not failure.is_bug

    @given(st.integers())
    def test_without_problems_nothing_changes(self, number: int) -> None:
        """Where a stage reports no problem, or fails, the strict one gives the same outcome."""
        context = Context.of(number=number)

        assert strict(increase(by=3))(context) == increase(by=3)(context)
        assert strict(halve)(context) == halve(context)

    def test_strict_keeps_what_was_bound(self) -> None:
        """A provider that was bound before need not be bound again, and others can be."""
        context = Context.of(total=5)

        assert strict(BOUND).unbound == ()
        assert strict(BOUND)(context) == BOUND(context)
        assert strict(name_total)(name_provider=Names())(context) == BOUND(context)
        assert strict(name_total)(context) == UNBOUND(context)
        assert strict(copy_key)(key=TOTAL).name == "copy_total"

    def test_strict_keeps_what_was_done(self) -> None:
        """The failure of a strict stage has the items that went well."""
        failure = strict(square_all)(Context.of(numbers=[1, -1, 3])).failure()

        assert failure.context["squares"] == (1, 9)

    def test_strict_pipeline_is_strict_in_each_part(self) -> None:
        """A strict pipeline stops at the part that has a problem, and can be resumed there."""
        failure = run(strict(toys.summed), Context.of(numbers=[1, -1])).failure()

        assert (failure.stage, failure.done) == ("square_all", 0)
        assert strict(toys.summed).parts[1].name == "add_up"

    def test_a_dry_or_skipped_stage_is_let_pass(self) -> None:
        """No problem is no failure, whatever the status."""

        @stage()
        def skip(context: Context) -> Outcome:
            return Success(context.report("nothing wanted", status=Status.SKIPPED))

        assert strict(skip)(Context.of()) == skip(Context.of())


def test_settings_may_be_any_plain_value() -> None:
    """A frozen map, a tuple or a function is a setting as good as a number."""

    @stage(needs=[NUMBER], gives=[NUMBER])
    def look_up(
        context: Context,
        *,
        table: FrozenMap[int, int] = FrozenMap({1: 2}),  # noqa: B008
        then: Callable[[int], int] = abs,
    ) -> Outcome:
        return Success(context.put(NUMBER, then(table[context[NUMBER]])))

    assert look_up(Context.of(number=1)).unwrap()[NUMBER] == 2
    assert look_up(table=FrozenMap({1: -9}))(Context.of(number=1)).unwrap()[NUMBER] == 9


def test_outcome_is_a_result() -> None:
    """What a stage gives is a `Result`, with all that one can do with it."""
    outcome = increase(Context.of(number=1))

    assert isinstance(outcome, Result)
    assert outcome.map(lambda context: context[NUMBER]) == Success(2)
    assert MEANINGS not in outcome.unwrap()


def test_a_key_without_its_list_is_refused() -> None:
    """A key is a text, and would be taken for its letters."""
    with pytest.raises(TypeError, match=r"write \[words\]"):
        stage(needs=WORDS)(Success)  # type: ignore[arg-type]
