"""Watching a run: stages that start and end, items that finish."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from returns.result import Success

from stages.core.outcome import Outcome, Report

if TYPE_CHECKING:
    import logging

    from stages.core.context import Context
    from stages.core.stage import Stage


class Observer(Protocol):
    """
    Is told what happens during a run, in the thread in which it happens.

    What it raises is logged and changes nothing: a broken progress bar stops no run.
    """

    def stage_started(self, stage: str) -> None:
        """Hear that a stage starts."""
        ...

    def item_done(self, stage: str, done: int, total: int) -> None:
        """Hear that one more item of a stage is finished, well or not: `done` of `total`."""
        ...

    def stage_ended(self, report: Report) -> None:
        """Hear how a stage ended; of a composed one each part is told."""
        ...


_observers: ContextVar[Sequence[Observer]] = ContextVar("observers", default=())
_stage: ContextVar[str] = ContextVar("stage", default="")


def watching() -> bool:
    """Tell whether anybody observes the run."""
    return bool(_observers.get())


@contextmanager
def observed_by(observers: Sequence[Observer]) -> Iterator[None]:
    """Let these observers also watch what runs inside."""
    token = _observers.set((*_observers.get(), *observers))
    try:
        yield
    finally:
        _observers.reset(token)


def watched(part: "Stage[...]", context: "Context") -> Outcome:
    """Run one stage on a bare context and tell the observers of it."""
    token = _stage.set(part.name)
    try:
        tell("stage_started", part.name)
        outcome = part.apply(context)
        if isinstance(outcome, Success):
            # A stage that runs others hands on their reports too; those were told already.
            own = [r for r in part.stamped(outcome.unwrap()) if r.stage == part.name]
            tell("stage_ended", own[0] if own else Report(part.name))
        else:
            tell("stage_ended", part.failed(outcome.failure(), ()).report)
        return outcome
    finally:
        _stage.reset(token)


def item_done(done: int, total: int) -> None:
    """Tell the observers that the running stage has finished one more item."""
    if watching():
        tell("item_done", _stage.get(), done, total)


def tell(event: str, *facts: object) -> None:
    """Tell every observer; one that raises is logged."""
    for observer in _observers.get():
        try:
            getattr(observer, event)(*facts)
        except Exception:
            import logging

            logging.getLogger("stages").exception("an observer failed at %s", event)


class LogObserver:
    """
    Writes to a logger how each stage ended: name, status, counts, codes and places, never values.

    >>> import logging
    >>> observer = LogObserver(logging.getLogger("my deck"))
    """

    def __init__(self, logger: "logging.Logger") -> None:
        """Write to this logger: INFO for a good end, WARNING for a partial one, ERROR else."""
        self._logger = logger

    def stage_started(self, stage: str) -> None:
        """Log at DEBUG."""
        self._logger.debug("%s started", stage)

    def item_done(self, stage: str, done: int, total: int) -> None:
        """Log at DEBUG."""
        self._logger.debug("%s %d/%d", stage, done, total)

    def stage_ended(self, report: Report) -> None:
        """Log the stage, its status and counts, then each problem's code and place."""
        levels = {"failure": 40, "partial": 30}
        level = levels.get(report.status, 20)
        self._logger.log(level, "%s %s %s", report.stage, report.status, dict(report.counts))
        for problem in report.problems:
            self._logger.log(level, "%s %s at %s", report.stage, problem.code, problem.where)
