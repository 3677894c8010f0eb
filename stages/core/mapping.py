"""Doing one thing for many items: `each`, and the mappers that say where the work is done."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs
from returns.result import Failure, Result, Success

from stages.core import observe
from stages.core.law import LawBroken
from stages.core.problem import Problem, ProviderError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

I = TypeVar("I")
R = TypeVar("R")


class Mapper(Protocol):
    """
    Says where work is done.

    Gives what the function gives for each item, lazily and in the order of the items. The function
    never raises. An item whose worker died gives a `Failure` of a `Problem`.
    """

    def __call__(self, function: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
        """Map the function over the items."""
        ...


def serial(function: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
    """Do one item after the other, here."""
    return map(function, items)


@attrs.frozen
class _Threads:
    workers: int

    def __call__(self, function: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(self.workers)
        try:
            yield from _windowed(pool, function, items, 2 * self.workers)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def threads(workers: int) -> Mapper:
    """
    Give a mapper that works on so many items at once, in threads: for work that waits.

    Raises:
        ValueError: Fewer than one.
    """
    if workers < 1:
        raise ValueError(f"threads takes one worker or more, not {workers}")
    return _Threads(workers)


@attrs.frozen(eq=False)
class _InExecutor:
    pool: "Executor"
    window: int

    def __call__(self, function: Callable[[Any], Any], items: Iterable[Any], /) -> Iterator[Any]:
        if _place(self.pool) in _working_in.get():
            raise RuntimeError(
                "an executor is used inside one of its own tasks, which waits for ever once all"
                " its workers wait; give the inner work a mapper of its own, such as serial"
            )
        yield from _windowed(self.pool, function, items, self.window)


def executor(pool: "Executor", *, window: int = 64) -> Mapper:
    """
    Give a mapper that works in any `concurrent.futures.Executor`: processes, Dask, loky.

    The function and the items must pickle where the workers are other processes.

    Args:
        pool: Stays open; whoever made it shuts it down.
        window: How many items are handed over at once.
    """
    return _InExecutor(pool, window)


_working_in: ContextVar[frozenset[tuple[int, int]]] = ContextVar("working_in", default=frozenset())


def _place(pool: "Executor") -> tuple[int, int]:
    """Name a pool among those of all processes."""
    return os.getpid(), id(pool)


@attrs.frozen
class _Task:
    """A function as a pool's workers call it: what it calls in turn knows where it works."""

    function: Callable[[Any], Any]
    working_in: frozenset[tuple[int, int]]

    def __call__(self, item: Any) -> Any:
        token = _working_in.set(self.working_in)
        try:
            return self.function(item)
        finally:
            _working_in.reset(token)


def _windowed(
    pool: "Executor", function: Callable[[Any], Any], items: Iterable[Any], window: int
) -> Iterator[Any]:
    """Keep at most `window` futures alive; when nobody takes more, cancel what has not started."""
    alive: deque[Future[Any]] = deque()
    task = _Task(function, _working_in.get() | {_place(pool)})
    try:
        for item in items:
            alive.append(_submitted(pool, task, item))
            if len(alive) >= window:
                yield _result(alive.popleft())
        while alive:
            yield _result(alive.popleft())
    finally:
        for future in alive:
            future.cancel()


def _submitted(pool: "Executor", task: _Task, item: Any) -> "Future[Any]":
    """Threads see the context variables of the caller; other processes and interpreters cannot."""
    from concurrent import futures

    try:
        # From Python 3.14 on there is a pool of interpreters, a pool of threads only by descent.
        apart = getattr(futures, "InterpreterPoolExecutor", ())
        if isinstance(pool, futures.ThreadPoolExecutor) and not isinstance(pool, apart):
            return pool.submit(copy_context().run, task, item)
        return pool.submit(task, item)
    except RuntimeError as error:  # a pool that broke takes nothing more; each item says so
        future: Future[Any] = futures.Future()
        future.set_exception(error)
        return future


def _result(future: "Future[Any]") -> Any:
    try:
        return future.result()
    except LawBroken:
        raise
    except Exception as error:
        why = f"the worker gave nothing back: {type(error).__name__}: {error}"
        return Failure(Problem("worker-lost", "", why, "run again; what is done is kept"))


@attrs.frozen
class Gathered(Generic[I, R]):
    """
    What came of doing one thing for each item.

    Attributes:
        done: The items that went well with what each gave, in input order.
        problems: One for each item that did not, in input order.
        untried: How many items were left alone after a provider stopped the run.
        stopped: Whether a provider stopped the run, be it at the last item.
    """

    done: tuple[tuple[I, R], ...]
    problems: tuple[Problem, ...]
    untried: int = 0
    stopped: bool = False

    @property
    def values(self) -> tuple[R, ...]:
        """What the items that went well gave, in input order."""
        return tuple(value for _, value in self.done)

    @property
    def nothing_done(self) -> bool:
        """Whether there were items and none went well."""
        return not self.done and bool(self.problems)


def each(
    function: Callable[[I], R | Result[R, Problem]],
    items: Iterable[I],
    *,
    mapper: Mapper = serial,
    where: Callable[[I], str] | None = None,
) -> Gathered[I, R]:
    """
    Do one thing for each item, keep every problem, and let no item stop the others.

    An exception in an item is that item's problem. A `ProviderError` that stops the run leaves the
    items alone that have not started; what was done is kept.

    Args:
        function: Gives a value, or a `Result` of it.
        items: In any number; read once.
        mapper: Where the work is done.
        where: Gives the path that names an item in a problem; its place among the items, such as
            "[3]", where nothing is said.

    >>> from stages import each
    >>> gathered = each(lambda text: 10 // int(text), ["5", "0", "x"], where=lambda t: f"[{t}]")
    >>> gathered.values
    (2,)
    >>> [str(problem) for problem in gathered.problems]  # doctest: +NORMALIZE_WHITESPACE
    ['[0]: ZeroDivisionError: integer division or modulo by zero',
     "[x]: ValueError: invalid literal for int() with base 10: 'x'"]
    """
    wanted: Sequence[I] = tuple(items)
    attempt = _Attempt(function)
    done: list[tuple[I, R]] = []
    problems: list[Problem] = []

    def still_wanted() -> Iterator[I]:
        for item in wanted:
            if attempt.stopped:
                return
            yield item

    with _closing(mapper(attempt, still_wanted())) as results:
        for index, (item, result) in enumerate(zip(wanted, results, strict=False)):
            match result:
                case Success(value):
                    done.append((item, value))
                case Failure(_Untried()):
                    continue
                case Failure(problem):
                    attempt.stopped = attempt.stopped or isinstance(problem, _Stopping)
                    found = problem.problem if isinstance(problem, _Stopping) else problem
                    place = found.where or (where(item) if where else f"[{index}]")
                    problems.append(attrs.evolve(found, where=place))
            observe.item_done(len(done) + len(problems), len(wanted))
    untried = len(wanted) - len(done) - len(problems)
    return Gathered(tuple(done), tuple(problems), untried, attempt.stopped)


@contextmanager
def _closing(results: Iterator[R]) -> Iterator[Iterator[R]]:
    """Let a mapper clean up at once: a traceback that is kept would keep its iterator alive."""
    try:
        yield results
    finally:
        close = getattr(results, "close", None)
        if close:
            close()


@attrs.frozen
class _Stopping:
    """The problem of the item at which a provider stopped the run."""

    problem: Problem


@attrs.frozen
class _Untried:
    """Stands for an item that was left alone."""


@attrs.define
class _Attempt:
    """The function as mappers call it: it never raises, and does nothing once it was stopped."""

    function: Callable[[Any], Any]
    stopped: bool = False

    def __call__(self, item: Any) -> Result[Any, Any]:
        if self.stopped:
            return Failure(_Untried())
        try:
            given = self.function(item)
        except LawBroken:
            raise
        except ProviderError as error:
            problem = error.at("")
            self.stopped = self.stopped or error.stops_run
            return Failure(_Stopping(problem) if error.stops_run else problem)
        except Exception as error:
            return Failure(Problem("bug", "", f"{type(error).__name__}: {error}"))
        if isinstance(given, Failure) and not isinstance(given.failure(), Problem):
            why = (
                f"gave a Failure of {type(given.failure()).__name__}, and of a Problem it should be"
            )
            return Failure(Problem("bug", "", why))
        return given if isinstance(given, Result) else Success(given)
