"""Doing one thing for many items, and where it is done."""

import asyncio
import concurrent.futures
import itertools
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import (
    Context,
    Failure,
    Gathered,
    Mapper,
    Outcome,
    Problem,
    Success,
    compose,
    each,
    executor,
    law_mode,
    run,
    run_many,
    serial,
    stage,
    threads,
)
from stages.core.law import LawBroken
from tests.core import toys
from tests.core.toys import (
    NUMBERS,
    SQUARES,
    Ledger,
    Names,
    dies_at_three,
    named,
    slowly_square,
    square,
    square_all,
    summed,
)

numbers = st.lists(st.integers(-2, 9), max_size=8)


@attrs.define
class Counting(Executor):
    """An executor of one's own: threads, and a count of what is alive."""

    pool: ThreadPoolExecutor = attrs.field(factory=lambda: ThreadPoolExecutor(2))
    alive: int = 0
    most: int = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.alive += 1
        self.most = max(self.most, self.alive)
        future = self.pool.submit(fn, *args, **kwargs)
        future.add_done_callback(self._gone)
        return future

    def _gone(self, _: Future[Any]) -> None:
        self.alive -= 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        self.pool.shutdown(wait=wait, cancel_futures=cancel_futures)


@contextmanager
def processes(workers: int = 2) -> Iterator[Mapper]:
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        yield executor(pool)


@pytest.fixture(scope="module")
def mappers() -> Iterator[dict[str, Mapper]]:
    """Give every kind of mapper."""
    with ThreadPoolExecutor(3) as pool, processes() as apart, Counting() as own:
        yield {
            "serial": serial,
            "threads": threads(3),
            "one thread": threads(1),
            "a thread pool": executor(pool, window=2),
            "processes": apart,
            "an executor of one's own": executor(own),
        }


KINDS = [
    "serial",
    "threads",
    "one thread",
    "a thread pool",
    "processes",
    "an executor of one's own",
]
every_mapper = pytest.mark.parametrize("kind", KINDS)


class TestEach:
    """`each(function, items, mapper=…)`."""

    @settings(max_examples=20)
    @given(numbers)
    def test_all_mappers_give_the_same(self, mappers: dict[str, Mapper], items: list[int]) -> None:
        """Values, problems and their order do not depend on where the work is done."""
        by_hand = each(square, items)

        for mapper in mappers.values():
            assert each(slowly_square, items, mapper=mapper) == by_hand

    @settings(max_examples=20)
    @given(st.lists(st.integers(0, 99), max_size=20))
    def test_order_is_kept(self, mappers: dict[str, Mapper], items: list[int]) -> None:
        """What comes of the items stands in the order of the items, for any mapper."""
        for kind in ("serial", "threads", "a thread pool", "an executor of one's own"):
            gathered = each(slowly_square, items, mapper=mappers[kind])

            assert gathered.done == tuple((item, item * item) for item in items)
            assert gathered.values == tuple(item * item for item in items)

    def test_no_item_stops_the_others(self) -> None:
        """An exception and a refusal are problems of their items, in order."""
        gathered = each(square, [1, -1, 2, -2, 3], where=lambda n: f"numbers[{n}]")

        assert gathered.values == (1, 4, 9)
        assert gathered.problems == (
            Problem("refusal", "numbers[-1]", "minus one is refused"),
            Problem("bug", "numbers[-2]", "ZeroDivisionError: minus two is a mistake"),
        )
        assert not gathered.stopped
        assert not gathered.nothing_done

    def test_an_item_is_named_by_its_place_where_nothing_is_said(self) -> None:
        """Without `where` a problem names the place among the items, and never the item."""
        gathered = each(square, [1, -1, -2])

        assert [problem.where for problem in gathered.problems] == ["[1]", "[2]"]

    def test_a_result_is_taken_as_one(self) -> None:
        """A function may give a Success, or a Failure of a problem that names its own place."""

        def halved(number: int) -> Any:
            if number % 2:
                return Failure(Problem("odd", f"places[{number}]" if number > 2 else "", "odd"))
            return Success(number // 2)

        gathered = each(halved, [1, 2, 3], where=lambda n: f"[{n}]")

        assert gathered.done == ((2, 1),)
        assert [problem.where for problem in gathered.problems] == ["[1]", "places[3]"]

    def test_a_failure_of_something_else_is_the_items_problem(self) -> None:
        """A Failure that holds no problem is a bug of its item, and stops no other."""

        def slip(number: int) -> Any:
            return Failure("no") if number == 2 else number

        gathered = each(slip, [1, 2, 3])

        assert gathered.values == (1, 3)
        assert [(problem.code, problem.where) for problem in gathered.problems] == [("bug", "[1]")]

    def test_no_items(self) -> None:
        """Nothing wanted is nothing done, and no trouble."""
        assert each(square, []) == Gathered((), ())
        assert not each(square, []).nothing_done

    def test_items_are_read_once(self) -> None:
        """Items may come from any iterable, an iterator too."""
        assert each(square, iter([1, 2])).values == (1, 4)

    def test_nothing_done(self) -> None:
        """Where there were items and none went well, it says so."""
        assert each(square, [-1, -2]).nothing_done

    @every_mapper
    @pytest.mark.parametrize("at", [0, 2, 4], ids=["at the first", "in the middle", "at the last"])
    def test_a_provider_stops_the_run(self, mappers: dict[str, Mapper], kind: str, at: int) -> None:
        """After an error that stops the run no item is started, and what was done is kept."""
        items = [1, 2, 3, 4, 5]
        items[at] = -3

        gathered = each(square, items, mapper=mappers[kind])

        assert gathered.stopped
        assert gathered.problems == (Problem("closed", f"[{at}]", "closed for today"),)
        # What was handed over and had not begun when the stop came is left alone too.
        squares = [item * item for item in items if item > 0]
        assert [value for value in squares if value in gathered.values] == list(gathered.values)
        assert len(gathered.done) + 1 + gathered.untried == len(items)

    def test_after_a_stop_nothing_more_is_asked(self) -> None:
        """A provider that stopped the run is not asked again."""
        asked = []

        def ask(number: int) -> int:
            asked.append(number)
            return square(number)

        each(ask, [1, -3, 2, 3])

        assert asked == [1, -3]

    @pytest.mark.parametrize("stops", [KeyboardInterrupt, SystemExit, LawBroken])
    @pytest.mark.parametrize("mapper", [serial, threads(2)], ids=["serial", "threads"])
    def test_stopping_passes_through(self, stops: type[BaseException], mapper: Mapper) -> None:
        """KeyboardInterrupt, SystemExit and a broken law are no item's problem."""

        def stop(_: int) -> int:
            raise stops

        with pytest.raises(stops):
            each(stop, [1, 2, 3], mapper=mapper)

    def test_observers_hear_of_every_item(self) -> None:
        """Each item that is finished, well or not, is told; those left alone are not."""
        ledger = Ledger()

        run(square_all, Context.of(numbers=[1, -1, -3, 4]), observers=[ledger])

        assert [event for event in ledger.events if event[0] == "item"] == [
            ("item", "square_all", 1, 4),
            ("item", "square_all", 2, 4),
            ("item", "square_all", 3, 4),
        ]


class TestMappers:
    """Where work happens."""

    @every_mapper
    def test_a_stage_never_sees_where(self, mappers: dict[str, Mapper], kind: str) -> None:
        """A stage gives the same outcome with any mapper."""
        context = Context.of(numbers=[3, -1, 2, -2])

        assert run(summed, context, mapper=mappers[kind]) == run(summed, context)

    @every_mapper
    def test_many_contexts_with_any_mapper(self, mappers: dict[str, Mapper], kind: str) -> None:
        """Many contexts give the same outcomes, in order, with any mapper."""
        contexts = [Context.of(numbers=[number]) for number in range(9)]

        outcomes = list(run_many(named, contexts, mapper=mappers[kind], name_provider=Names("#")))

        assert outcomes == [run(named, one, name_provider=Names("#")) for one in contexts]

    @pytest.mark.parametrize("workers", [0, -1])
    def test_threads_takes_at_least_one(self, workers: int) -> None:
        """Fewer than one worker is misuse."""
        with pytest.raises(ValueError, match=f"one worker or more, not {workers}"):
            threads(workers)

    def test_threads_work_at_the_same_time(self) -> None:
        """So many items are worked on at once as there are threads."""
        barrier = threading.Barrier(4)

        gathered = each(lambda _: barrier.wait(10) >= 0, range(4), mapper=threads(4))

        assert gathered.values == (True,) * 4

    def test_a_bounded_number_of_futures_is_alive(self) -> None:
        """However many items there are, no more than a window of them is handed over."""
        with Counting() as own:
            gathered = each(square, range(500), mapper=executor(own, window=7))

        assert len(gathered.values) == 500
        assert own.most <= 7

    def test_threads_hand_over_two_for_each_worker(self) -> None:
        """A thread pool takes items only a little ahead of what is wanted."""
        taken = []

        def items() -> Iterator[int]:
            for number in itertools.count():
                taken.append(number)
                yield number

        results = threads(2)(square, items())

        assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
        assert len(taken) <= 5 + 3

    def test_what_has_not_started_is_cancelled_when_nobody_wants_more(self) -> None:
        """A consumer that goes away leaves no work behind."""
        started = []
        go_on = threading.Event()

        def work(number: int) -> int:
            started.append(number)
            go_on.wait(10)
            return number

        mapped: Any = threads(1)(work, iter(range(10)))
        first = threading.Timer(0.05, go_on.set)
        first.start()
        next(mapped)
        mapped.close()
        first.join()
        time.sleep(0.05)

        assert len(started) <= 3

    def test_ctrl_c_outside_of_the_wait_leaves_no_work_behind(self) -> None:
        """Also where it strikes an observer and the traceback is kept, what waits is cancelled."""
        started = []
        go_on = threading.Event()

        def work(number: int) -> None:
            started.append(number)
            assert number == 0 or go_on.wait(10)

        class Struck(Ledger):
            def item_done(self, *_: object) -> None:
                raise KeyboardInterrupt

        with ThreadPoolExecutor(1) as pool:

            @stage()
            def work_on_all(context: Context) -> Outcome:
                each(work, range(9), mapper=executor(pool, window=5))
                return Success(context)

            with pytest.raises(KeyboardInterrupt) as caught:
                run(work_on_all, Context.of(), observers=[Struck()])
            go_on.set()

        assert caught.tb is not None
        assert set(started) <= {0, 1}

    def test_interpreters_are_handed_what_pickles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A pool of interpreters looks like one of threads, and shares as little as processes."""

        class Interpreters(ThreadPoolExecutor):
            def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
                fn, args = pickle.loads(pickle.dumps((fn, args)))
                return super().submit(fn, *args, **kwargs)

        module = concurrent.futures
        monkeypatch.setattr(module, "InterpreterPoolExecutor", Interpreters, raising=False)
        with Interpreters(2) as pool:
            gathered = each(square, [1, 2, 3], mapper=executor(pool))

        assert gathered.values == (1, 4, 9)

    def test_ctrl_c_cancels_what_has_not_started(self) -> None:
        """Ctrl-C while threads work ends the run at once, and no further item starts."""
        code = (
            "import os, signal, threading, time\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from stages import each, threads\n"
            "started = []\n"
            "def work(number):\n"
            "    started.append(number)\n"
            "    time.sleep(1)\n"
            "threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT]).start()\n"
            "begun = time.monotonic()\n"
            "try: each(work, range(1000), mapper=threads(2))\n"
            "except KeyboardInterrupt: print('stopped', time.monotonic() - begun < 0.9)\n"
            "for one in threading.enumerate()[1:]: one.join()\n"
            "print(len(started))\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

        assert done.stderr == ""
        assert done.stdout.split() == ["stopped", "True", "2"]

    def test_works_inside_a_running_event_loop(self) -> None:
        """In a notebook a loop is running already; every mapper works there all the same."""

        async def cell() -> list[Outcome]:
            context = Context.of(numbers=[1, 2, 3])
            return [run(summed, context, mapper=mapper) for mapper in (serial, threads(3))] + list(
                run_many(summed, [context], mapper=threads(2))
            )

        outcomes = asyncio.run(cell())

        assert [outcome.unwrap()["total"] for outcome in outcomes] == [14, 14, 14]

    def test_a_killed_worker_gives_problems(self) -> None:
        """A worker process that dies is a problem of its items, and not an exception."""
        with processes(1) as mapper:
            gathered = each(dies_at_three, range(6), mapper=mapper)

        assert len(gathered.done) + len(gathered.problems) == 6
        assert not {item for item, _ in gathered.done} & {3}
        assert {problem.code for problem in gathered.problems} == {"worker-lost"}
        assert all(
            problem.why.startswith("the worker gave nothing back: BrokenProcessPool")
            for problem in gathered.problems
        )
        assert [problem.where for problem in gathered.problems][-1] == "[5]"

    def test_a_killed_worker_fails_its_contexts(self) -> None:
        """A context whose worker died has a failure that keeps it, and the others go on."""
        contexts = [Context.of(number=number) for number in (1, 13, 2)]

        with processes(1) as mapper:
            outcomes = list(run_many(toys.die, contexts, mapper=mapper))

        assert len(outcomes) == 3
        failure = outcomes[1].failure()
        assert failure.context == contexts[1]
        assert failure.problems[0].code == "worker-lost"
        assert not failure.is_bug

    def test_what_cannot_travel_is_a_problem(self) -> None:
        """A function that does not pickle is a problem of each item, and not an exception."""
        with processes(1) as mapper:
            gathered = each(lambda number: number, [1, 2], mapper=mapper)

        assert [problem.code for problem in gathered.problems] == ["worker-lost"] * 2

    def test_a_closed_executor_is_a_problem(self) -> None:
        """An executor that was shut down is a problem of each item, and not an exception."""
        pool = ThreadPoolExecutor(1)
        pool.shutdown()

        gathered = each(square, [1, 2], mapper=executor(pool))

        assert [problem.code for problem in gathered.problems] == ["worker-lost"] * 2
        assert "shutdown" in gathered.problems[0].why

    def test_law_mode_reaches_threads(self) -> None:
        """A promise that is broken in a thread is raised, and not a problem of its context."""

        @stage(needs=[NUMBERS])
        def stray(context: Context) -> Outcome:
            return Success(context.put(SQUARES, ()))

        with pytest.raises(LawBroken, match="stray changed what it does not give"):
            list(run_many(stray, [Context.of(numbers=[1])], mapper=threads(2)))

    def test_threads_see_what_the_caller_sees(self) -> None:
        """Observers hear of stages that run in threads."""
        ledger = Ledger()

        @stage()
        def nested(context: Context) -> Outcome:
            contexts = [Context.of(numbers=[n]) for n in (1, 2)]
            list(run_many(square_all, contexts, mapper=threads(2)))
            return Success(context)

        run(nested, Context.of(), observers=[ledger])

        assert ledger.events.count(("started", "square_all")) == 2


def within(seconds: float, function: Callable[[], Any]) -> Any:
    """Call a function that could wait for ever."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert results, "it waits for ever"
    return results[0]


class TestInsideItself:
    """One executor is never used inside itself."""

    @pytest.mark.parametrize(
        "make",
        [partial(ThreadPoolExecutor, 1), Counting],
        ids=["a thread pool", "an executor of one's own"],
    )
    def test_it_is_refused(self, make: Callable[[], Executor]) -> None:
        """An executor that is used inside one of its tasks is refused with a clear message."""
        with make() as pool:
            mapper = executor(pool)

            outcomes = within(
                10,
                lambda: list(
                    run_many(square_all(mapper=mapper), [Context.of(numbers=[1])], mapper=mapper)
                ),
            )

        assert "an executor is used inside one of its own tasks" in outcomes[0].failure().message

    def test_it_is_refused_however_deep(self) -> None:
        """It is seen through another executor that stands between."""
        with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
            outer, between = executor(one), executor(two)

            def innermost(number: int) -> Any:
                return each(square, [number], mapper=outer).values

            def inner(number: int) -> Any:
                return each(innermost, [number], mapper=between).problems

            gathered = within(10, lambda: each(inner, [1], mapper=outer))

        ((problem,),) = gathered.values
        assert "inside one of its own tasks" in problem.why

    def test_another_executor_inside_is_fine(self) -> None:
        """Work inside may have an executor, or threads, of its own."""
        with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
            outcomes = within(
                10,
                lambda: (
                    list(
                        run_many(
                            square_all(mapper=executor(two)),
                            [Context.of(numbers=[n]) for n in (1, 2)],
                            mapper=executor(one),
                        )
                    )
                    + list(
                        run_many(
                            square_all(mapper=threads(1)),
                            [Context.of(numbers=[3])],
                            mapper=threads(1),
                        )
                    )
                ),
            )

        assert [outcome.unwrap()[SQUARES] for outcome in outcomes] == [(1,), (4,), (9,)]

    def test_one_after_the_other_is_fine(self) -> None:
        """An executor may be used as often as one likes, one after the other."""
        with ThreadPoolExecutor(1) as pool:
            mapper = executor(pool)

            twice = compose(square_all, square_all, name="p")(mapper=mapper)

            assert within(10, lambda: run(twice, Context.of(numbers=[2]))).unwrap()[SQUARES] == (4,)


def test_a_mapper_is_any_function_like_map() -> None:
    """Whoever maps lazily and in order is a mapper."""

    def announced(function: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
        for item in items:
            yield function(item)

    with law_mode(on=False):
        assert run(summed, Context.of(numbers=[2]), mapper=announced).unwrap()["total"] == 4
