"""Composing stages, and running what was composed."""

import itertools
import random
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import toolz
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import flow

from stages import (
    BATCH,
    CARDS,
    MEANINGS,
    WORDS,
    Context,
    Failure,
    Key,
    Outcome,
    Pipeline,
    Problem,
    Report,
    Stage,
    Status,
    Success,
    WiringError,
    analyze_words,
    compose,
    generate_images,
    generate_media,
    ingest_batch,
    load_file,
    make_cards,
    pipe,
    pipelines,
    prepare_batch,
    resume,
    run,
    run_many,
    save_file,
    serial,
    stage,
    strict,
    sync_cards,
    threads,
    validate_data,
)
from tests.core import toys
from tests.core.toys import (
    LABEL,
    NOTE,
    NUMBER,
    NUMBERS,
    SQUARES,
    TOTAL,
    Ledger,
    Names,
    add_up,
    blunder,
    copy_key,
    double_number,
    halve,
    increase,
    name_total,
    named,
    square_all,
    summed,
)

PARTS: dict[str, Stage[...]] = {
    "+": increase,
    "+3": increase(by=3),
    "*": double_number,
    "/": halve,
    "!": blunder,
}
part_names = st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=6)


def composed(names: list[str]) -> Pipeline:
    return compose(*(PARTS[name] for name in names), name="p")


class TestComposing:
    """`compose(a, b, c, name=…)` is itself a stage."""

    def test_pipeline_is_a_stage(self) -> None:
        """What is composed has a name, needs, gives, providers and settings like any stage."""
        assert isinstance(named, Stage)
        assert named.name == "named"
        assert named.doc == "Square, add up, and name the total."
        assert named.needs == (NUMBERS,)
        assert named.uses == (NOTE,)
        assert named.gives == (SQUARES, TOTAL, LABEL)
        assert dict(named.providers) == {"name_provider": toys.NameProvider}
        assert dict(named.settings) == {"mapper": serial, "start": 0, "loud": False}
        assert named.unbound == ("name_provider",)

    def test_needs_are_what_no_earlier_part_gives(self) -> None:
        """What an earlier part gives is no need of the whole, and each other need stands once."""
        assert compose(make_cards, validate_data, name="p").needs == (MEANINGS,)
        assert compose(increase, double_number, name="p").needs == (NUMBER,)
        assert compose(add_up, increase, name="p").needs == (SQUARES, NUMBER)

    def test_pipeline_without_doc_says_what_it_does(self) -> None:
        """Where nothing is said, the doc names the parts."""
        assert summed.doc == "square_all → add_up"
        assert repr(summed) == "<pipeline summed: square_all → add_up>"

    def test_pipelines_nest(self) -> None:
        """A pipeline in a pipeline is its parts, in order."""
        assert [part.name for part in named.parts] == ["square_all", "add_up", "name_total"]

    @given(part_names, part_names, part_names, st.integers())
    def test_composing_is_associative(
        self, a: list[str], b: list[str], c: list[str], number: int
    ) -> None:
        """However parts are grouped, outcome and reports are those of all in a row."""
        one, two, three = composed(a), composed(b), composed(c)
        left = compose(compose(one, two, name="q"), three, name="p")
        right = compose(one, compose(two, three, name="q"), name="p")
        context = Context.of(number=number)

        assert left == right == composed(a + b + c)
        assert left(context) == right(context) == composed(a + b + c)(context)

    @given(part_names, st.integers())
    def test_composing_is_piping(self, names: list[str], number: int) -> None:
        """A composed run gives what the parts give one after the other, reports included."""
        context = Context.of(number=number)
        piped: Outcome = toolz.pipe(context, *(PARTS[name] for name in names))

        outcome = composed(names)(context)

        # Only the composed run knows how many parts had finished.
        assert outcome.alt(lambda failure: attrs.evolve(failure, done=0)) == piped

    def test_a_composed_stage_brings_the_reports_of_its_parts(self) -> None:
        """One report a part, in order, after those that were there."""
        context = pipe(Context.of(numbers=[2], number=1), increase, summed).unwrap()

        assert [report.stage for report in context.reports] == ["increase", "square_all", "add_up"]

    def test_pipeline_sees_no_reports(self) -> None:
        """What was reported before a pipeline is kept beside it."""
        context = run(increase, Context.of(number=2)).unwrap()

        assert context.reports == (Report("increase", message="increased"),)
        assert compose(halve, name="p")(context).failure().context.reports == context.reports

    def test_an_empty_pipeline_is_refused(self) -> None:
        """There is nothing to run in no stages."""
        with pytest.raises(WiringError, match="p does not fit together: it has no stages"):
            compose(name="p")


class TestWiring:
    """All wiring faults are found at composition and reported together; nothing runs first."""

    def test_all_faults_are_in_one_error(self) -> None:
        """A need given only later and keys of different types are named at once."""
        other = Key("total", str, "not a number")

        @stage(needs=[other])
        def shout(context: Context) -> Outcome:
            return Success(context)

        with pytest.raises(WiringError) as caught:
            compose(name_total, shout, add_up, square_all, name="muddle")

        assert str(caught.value) == (
            "muddle does not fit together: "
            "name_total needs 'total', which only add_up gives, and later:"
            " put add_up before it; "
            "shout needs 'total', which only add_up gives, and later: put add_up before it; "
            "add_up needs 'squares', which only square_all gives, and later:"
            " put square_all before it; "
            "name_total and shout disagree about 'total': <class 'int'> and <class 'str'>"
        )

    def test_cards_before_they_are_made(self) -> None:
        """A need that only a later part gives names the part, the key and the cure."""
        with pytest.raises(
            WiringError,
            match="sync_cards needs 'cards', which only make_cards gives, and later: put make_cards",
        ):
            compose(sync_cards, make_cards, name="p")

    def test_a_part_that_changes_a_key_is_no_giver(self) -> None:
        """A later part that needs what it gives does not make an earlier need late."""
        assert compose(add_up, copy_key(key=TOTAL), name="p").needs == (SQUARES,)
        assert compose(name_total, copy_key(key=TOTAL), name="p").needs == (TOTAL,)

    def test_binding_a_setting_that_decides_on_keys_is_checked_too(self) -> None:
        """A setting that makes a pipeline not fit together is refused when it is bound."""
        fits = compose(copy_key, square_all, add_up, name="p")

        with pytest.raises(WiringError, match="copy_total needs 'total', which only add_up gives"):
            fits(key=TOTAL)

    def test_unknown_bindings_are_refused_together(self) -> None:
        """A provider or setting that no part takes is refused before anything runs, all at once."""
        ran = []

        @stage()
        def never(context: Context) -> Outcome:
            ran.append(1)
            return Success(context)

        whole = compose(never, named, name="p")
        expected = (
            "no stage of p takes 'nme_provider'; did you mean 'name_provider'?;"
            " no stage of p takes 'strat'; did you mean 'start'?"
        )

        for misuse in (
            lambda: whole.bind(nme_provider=1, strat=2),
            lambda: run(whole, Context.of(), nme_provider=1, strat=2),
            lambda: run_many(whole, [Context.of()], nme_provider=1, strat=2),
            lambda: resume(whole, halve(Context.of(number=1)).failure(), nme_provider=1, strat=2),
        ):
            with pytest.raises(WiringError) as caught:
                misuse()
            assert str(caught.value) == expected
        assert ran == []


class TestBinding:
    """Providers and settings reach every part that takes them."""

    def test_a_setting_reaches_all_parts_that_take_it(self) -> None:
        """One mapper, bound once, is every part's."""
        pool = threads(2)
        whole = compose(square_all, add_up, square_all, name="p")(mapper=pool)

        assert [part.bound.get("mapper") for part in whole.parts] == [pool, None, pool]

    def test_what_a_part_has_bound_it_keeps(self) -> None:
        """A part that was bound before it was composed keeps what it has."""
        whole = compose(increase(by=5), increase, name="p")

        assert whole(by=1)(Context.of(number=0)).unwrap()[NUMBER] == 6

    def test_binding_changes_no_pipeline(self) -> None:
        """The pipeline that is bound stays as it was, and binding in steps is binding at once."""
        provider = Names()

        assert named(name_provider=provider)(loud=True) == named(name_provider=provider, loud=True)
        assert named.unbound == ("name_provider",)
        assert named.bound == {}
        assert named(name_provider=provider).bound == {"name_provider": provider}


class TestRunning:
    """`run(pipeline, context, providers…, observers…)`."""

    def test_run_injects_by_name(self) -> None:
        """Providers and settings are given to run by name."""
        outcome = run(named, Context.of(numbers=[1, 2]), name_provider=Names(), loud=True)

        assert outcome.unwrap()[LABEL] == "NO. 5"

    def test_run_lists_all_missing_providers_before_the_first_stage(self) -> None:
        """Nothing runs while a provider is missing, and all that are missing are named."""
        ledger = Ledger()

        failure = run(
            pipelines.vocabulary, Context.of(words=["casa"]), observers=[ledger]
        ).failure()

        missing = [
            "analysis_provider",
            "image_provider",
            "audio_provider",
            "media_provider",
            "anki_provider",
        ]
        assert [problem.why for problem in failure.problems] == [
            f"Provider {name} not available" for name in missing
        ]
        assert {problem.code for problem in failure.problems} == {"missing-provider"}
        assert failure.message == "; ".join(problem.why for problem in failure.problems)
        assert failure.context == Context.of(words=["casa"])
        assert ledger.events == []

    def test_missing_provider_says_exactly_this(self) -> None:
        """The words for one that is missing are the same in run and in a pipe."""
        failure = run(generate_images, Context.of(cards=())).failure()

        assert failure.message == "Provider image_provider not available"
        assert failure == generate_images.bind()(Context.of(cards=())).failure()

    def test_run_takes_an_outcome(self) -> None:
        """The outcome of one run is given to the next."""
        first = run(increase, Context.of(number=1))

        assert run(halve, first).unwrap()[NUMBER] == 1

    def test_a_bug_in_a_part(self) -> None:
        """A bug in a part is that part's, with what was done before it."""
        failure = run(compose(increase, blunder, halve, name="p"), Context.of(number=1)).failure()

        assert (failure.stage, failure.done, failure.is_bug) == ("blunder", 1, True)
        assert failure.context[NUMBER] == 2
        assert [report.stage for report in failure.context.reports] == ["increase"]
        assert "Traceback" in failure.trace

    @given(part_names, st.integers())
    def test_same_context_same_outcome(self, names: list[str], number: int) -> None:
        """Running twice gives the same, bit for bit."""
        context = Context.of(number=number)

        assert run(composed(names), context) == run(composed(names), context)

    def test_ways_of_running_a_pipeline(self) -> None:
        """Called, piped, flowed and run, a pipeline gives the same outcome."""
        context = Context.of(numbers=[3])

        assert (
            summed(context)
            == pipe(context, summed)
            == flow(context, summed)
            == toolz.compose_left(summed)(context)
            == run(summed, context)
            == pipe(context, square_all, add_up)
        )


class Mended:
    """A provider that fails until somebody mends it."""

    def __init__(self) -> None:
        self.works = False
        self.asked: list[int] = []

    def name(self, number: int) -> str:
        self.asked.append(number)
        if not self.works:
            raise toys.Closed("closed for today")
        return f"no. {number}"


class TestResuming:
    """`resume(pipeline, failure, …)` goes on from there."""

    def test_resume_equals_not_having_failed(self) -> None:
        """Failing, mending and going on gives what an unbroken run gives, reports included."""
        provider = Mended()
        context = Context.of(numbers=[1, 2])
        failure = run(named, context, name_provider=provider).failure()
        provider.works = True

        outcome = resume(named, failure, name_provider=provider)

        assert outcome == run(named, context, name_provider=Names())
        assert [r.stage for r in outcome.unwrap().reports] == ["square_all", "add_up", "name_total"]

    @given(part_names, st.integers())
    def test_resume_where_any_part_failed(self, names: list[str], number: int) -> None:
        """Wherever a run failed, going on with that part mended is the whole run so mended."""
        context = Context.of(number=number)
        outcome = run(composed(names), context)
        if not isinstance(outcome, Failure):
            return
        failure = outcome.failure()
        parts = [PARTS[name] for name in names]
        mended = [part if index != failure.done else increase for index, part in enumerate(parts)]
        renamed = attrs.evolve(failure, stage=mended[failure.done].name)
        whole = compose(*mended, name="p")

        again, at_once = resume(whole, renamed), run(whole, context)

        assert again == at_once
        assert again.map(lambda c: c.reports) == at_once.map(lambda c: c.reports)

    def test_what_was_done_is_not_done_again(self) -> None:
        """The parts that had finished do not run again."""
        ledger = Ledger()
        failure = run(
            compose(increase, halve, double_number, name="p"), Context.of(number=2)
        ).failure()

        resume(
            compose(increase, strict(halve), double_number, name="p"),
            attrs.evolve(failure, context=failure.context.put(NUMBER, 8)),
            observers=[ledger],
        )

        assert [event[1] for event in ledger.events if event[0] == "started"] == [
            "halve",
            "double_number",
        ]

    def test_resume_without_providers_keeps_its_place(self) -> None:
        """Going on with a provider missing fails, and one can still go on from the same place."""
        context = Context.of(numbers=[1, 2])
        closed = run(named, context, name_provider=Mended()).failure()

        missing = resume(named, closed).failure()

        assert missing.message == "Provider name_provider not available"
        assert (missing.done, missing.context) == (closed.done, closed.context)
        assert resume(named, missing, name_provider=Names()) == run(
            named, context, name_provider=Names()
        )

    def test_resume_after_missing_providers(self) -> None:
        """A run that never started for want of a provider starts when it is resumed with it."""
        context = Context.of(numbers=[1, 2])
        failure = run(named, context).failure()

        assert resume(named, failure, name_provider=Names()) == run(
            named, context, name_provider=Names()
        )

    def test_resume_a_stage_that_ran_others(self) -> None:
        """A failure that a part took over from a stage it ran is resumed at that part."""

        @stage(needs=[NUMBER], gives=[NUMBER])
        def outer(context: Context) -> Outcome:
            return pipe(context, halve)

        whole = compose(increase, outer, name="p")
        failure = run(whole, Context.of(number=2)).failure()

        assert (failure.stage, failure.done) == ("outer", 1)
        assert (
            resume(whole, attrs.evolve(failure, context=Context.of(number=4))).unwrap()[NUMBER] == 2
        )

    def test_resume_another_pipeline_is_refused(self) -> None:
        """A failure of a stage that does not stand there is misuse, and the message says so."""
        failure = run(compose(increase, halve, name="p"), Context.of(number=2)).failure()

        with pytest.raises(ValueError, match="the failure is of 'halve', and q has 'increase' in"):
            resume(compose(increase, increase, name="q"), failure)
        with pytest.raises(ValueError, match="and q has 'its end' in that place"):
            resume(compose(increase, name="q"), failure)

    def test_nothing_done_is_lost(self) -> None:
        """A failure in the last part has what each earlier part gave."""
        failure = run(named, Context.of(numbers=[2]), name_provider=Mended()).failure()

        assert failure.context[TOTAL] == 4
        assert (failure.stage, failure.done) == ("name_total", 2)


class TestManyContexts:
    """`run_many(pipeline, contexts, mapper=…)`."""

    def test_outcomes_come_in_the_order_of_the_contexts(self) -> None:
        """The outcomes of many contexts stand where their contexts stood."""
        contexts = [Context.of(numbers=[n]) for n in random.Random(0).sample(range(99), 40)]

        outcomes = list(run_many(summed, contexts, mapper=threads(4)))

        assert outcomes == [run(summed, context) for context in contexts]

    def test_it_is_lazy(self) -> None:
        """Contexts are taken as outcomes are wanted, also from an endless source."""
        taken = []

        def endless() -> Iterator[Context]:
            for number in itertools.count():
                taken.append(number)
                yield Context.of(number=number)

        few = list(itertools.islice(run_many(increase, endless()), 3))

        assert [outcome.unwrap()[NUMBER] for outcome in few] == [1, 2, 3]
        assert taken == [0, 1, 2]

    def test_an_endless_source_in_threads(self) -> None:
        """With threads, no more contexts are taken than a window ahead."""
        taken = []

        def endless() -> Iterator[Context]:
            for number in itertools.count():
                taken.append(number)
                yield Context.of(number=number)

        outcomes = run_many(increase, endless(), mapper=threads(2))
        few = [next(outcomes).unwrap()[NUMBER] for _ in range(10)]
        outcomes.close()  # type: ignore[attr-defined]

        assert few == list(range(1, 11))
        assert len(taken) <= 10 + 4

    def test_a_failure_stops_no_other(self) -> None:
        """One context's failure is its own outcome."""
        outcomes = list(run_many(halve, [Context.of(number=n) for n in (2, 3, 4)]))

        assert [isinstance(outcome, Success) for outcome in outcomes] == [True, False, True]

    def test_bindings_are_for_every_context(self) -> None:
        """Providers and settings are given once."""
        outcomes = run_many(
            named, [Context.of(numbers=[n]) for n in (1, 2)], name_provider=Names("#")
        )

        assert [outcome.unwrap()[LABEL] for outcome in outcomes] == ["#1", "#4"]

    def test_missing_providers_fail_each(self) -> None:
        """Where a provider is missing every context has the failure that says so."""
        (outcome,) = run_many(named, [Context.of(numbers=[1])])

        assert outcome == run(named, Context.of(numbers=[1]))

    def test_no_contexts_no_outcomes(self) -> None:
        """Nothing to run on gives nothing."""
        assert list(run_many(summed, [])) == []


class TestTypes:
    """Small promises of the composed value."""

    def test_pipelines_are_equal_by_name_and_parts(self) -> None:
        """The same parts under the same name are an equal pipeline."""
        again = compose(square_all, add_up, name="summed")

        assert again == summed
        assert hash(again) == hash(summed)
        assert compose(square_all, add_up, name="other") != summed
        assert summed != square_all

    def test_pipeline_has_a_signature(self) -> None:
        """The joint signature has the context, then providers, then settings."""
        import inspect

        parameters = inspect.signature(named).parameters

        assert list(parameters) == ["context", "name_provider", "mapper", "start", "loud"]
        wrapped: Any = named
        assert wrapped.__wrapped__(Context.of(numbers=[1]), name_provider=Names()) != summed

    def test_our_pipeline_needs_words_alone(self) -> None:
        """The vocabulary pipeline goes from words to a sync."""
        assert pipelines.vocabulary.needs == (WORDS,)
        assert CARDS in pipelines.vocabulary.gives
        assert analyze_words in pipelines.vocabulary.parts

    def test_problems_of_many_parts_stay_with_their_parts(self) -> None:
        """Each problem is in the report of the part that found it."""
        whole = compose(toys.doubt, increase, toys.doubt, name="p")

        reports = whole(Context.of(number=1)).unwrap().reports

        assert [len(report.problems) for report in reports] == [1, 0, 1]
        assert reports[0].status is Status.PARTIAL
        assert reports[0].problems == (Problem("doubtful", "number", "is it so?"),)


def test_a_stage_that_adds_to_a_key_may_stand_after_one_that_needs_it() -> None:
    """What uses a key and gives it back is not its origin: the key comes from outside."""
    there_and_back = compose(
        prepare_batch,
        save_file(key=BATCH, path="batch.json"),
        load_file(key=BATCH, path="batch.json"),
        ingest_batch,
        name="there and back",
    )

    assert there_and_back.needs == (WORDS,)


def test_a_call_that_binds_a_provider_binds_all() -> None:
    """What is still missing is named at once; `bind` takes some."""
    with pytest.raises(WiringError, match=r"generate_media lacks audio_provider"):
        generate_media(image_provider=object())  # type: ignore[call-overload]

    assert generate_media.bind(image_provider=object()).unbound == ("audio_provider",)
