"""Watching a run: stages that start and end, items that finish."""

import logging
from typing import Any

import pytest

from stages import Context, LogObserver, Outcome, Report, compose, pipe, resume, run, stage, strict
from stages.core import observe
from tests.core.toys import (
    NUMBER,
    Ledger,
    Names,
    blunder,
    double_number,
    doubt,
    halve,
    increase,
    named,
    square_all,
)


class Broken:
    """An observer that raises whatever it is told."""

    def stage_started(self, stage: str) -> None:
        raise RuntimeError(stage)

    def item_done(self, stage: str, done: int, total: int) -> None:
        raise RuntimeError(f"{stage} {done} {total}")

    def stage_ended(self, report: Report) -> None:
        raise RuntimeError(report.stage)


def test_events_come_in_order() -> None:
    """Each part starts, finishes its items, and ends, before the next one starts."""
    ledger = Ledger()

    run(named, Context.of(numbers=[1, -1]), observers=[ledger], name_provider=Names())

    assert ledger.events == [
        ("started", "square_all"),
        ("item", "square_all", 1, 2),
        ("item", "square_all", 2, 2),
        ("ended", "square_all", "partial"),
        ("started", "add_up"),
        ("ended", "add_up", "success"),
        ("started", "name_total"),
        ("ended", "name_total", "success"),
    ]


@pytest.mark.parametrize(
    ("one", "end"),
    [
        pytest.param(increase, "success", id="a success"),
        pytest.param(doubt, "partial", id="a problem"),
        pytest.param(strict(doubt), "failure", id="a problem that is not let pass"),
        pytest.param(blunder, "failure", id="a bug"),
        pytest.param(halve, "failure", id="a failure"),
    ],
)
def test_every_end_is_told_once(one: Any, end: str) -> None:
    """However a stage ends, alone or as a part, observers hear of one start and one end."""
    for whole in (one, compose(one, name="p")):
        ledger = Ledger()

        run(whole, Context.of(number=3), observers=[ledger])

        assert ledger.events == [("started", one.name), ("ended", one.name, end)]


def test_the_end_is_told_as_it_is_reported() -> None:
    """What observers hear is the very report that stands in the context."""
    told: list[Report] = []

    class Listener(Ledger):
        def stage_ended(self, report: Report) -> None:
            told.append(report)

    outcome = run(
        compose(increase, doubt, double_number, name="p"),
        Context.of(number=1),
        observers=[Listener()],
    )

    assert tuple(told) == outcome.unwrap().reports


def test_after_a_failure_nothing_starts() -> None:
    """Observers hear of the failure, and of no later stage."""
    ledger = Ledger()

    run(compose(halve, increase, name="p"), Context.of(number=3), observers=[ledger])

    assert ledger.events == [("started", "halve"), ("ended", "halve", "failure")]


def test_an_observer_that_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises is logged; the outcome is the same, and the others are told."""
    ledger = Ledger()
    context = Context.of(numbers=[1, 2])

    outcome = run(square_all, context, observers=[Broken(), ledger])

    assert outcome == run(square_all, context)
    assert len(ledger.events) == 4
    assert caplog.messages == [
        "an observer failed at stage_started",
        "an observer failed at item_done",
        "an observer failed at item_done",
        "an observer failed at stage_ended",
    ]


def test_observers_change_no_outcome() -> None:
    """A run that is watched gives what it gives unwatched."""
    context = Context.of(numbers=[3, -1])

    watched = run(named, context, observers=[Ledger()], name_provider=Names())

    assert watched == run(named, context, name_provider=Names())


def test_observers_hear_nothing_after_the_run() -> None:
    """Who watched one run does not hear of the next, also where it failed."""
    ledger = Ledger()
    failure = run(halve, Context.of(number=3), observers=[ledger]).failure()
    told = len(ledger.events)

    run(increase, Context.of(number=1))
    pipe(Context.of(number=1), increase)

    assert len(ledger.events) == told
    assert not observe.watching()
    assert failure.stage == "halve"


def test_resume_is_watched_too() -> None:
    """Who watches a run that goes on hears of what is left."""
    ledger = Ledger()
    whole = compose(increase, halve, name="p")
    failure = run(whole, Context.of(number=2)).failure()

    resume(whole, failure, observers=[ledger])

    assert ledger.events == [("started", "halve"), ("ended", "halve", "failure")]


def test_stages_inside_a_stage_are_heard() -> None:
    """A stage that runs others is told as a stage, and they are told inside it."""
    ledger = Ledger()

    @stage(needs=[NUMBER], gives=[NUMBER])
    def outer(context: Context) -> Outcome:
        return pipe(context, increase, double_number)

    run(outer, Context.of(number=1), observers=[ledger])

    assert [event[:2] for event in ledger.events] == [
        ("started", "outer"),
        ("started", "increase"),
        ("ended", "increase"),
        ("started", "double_number"),
        ("ended", "double_number"),
        ("ended", "outer"),
    ]


def test_log_says_stage_status_counts_and_places(caplog: pytest.LogCaptureFixture) -> None:
    """A line for each stage, and one for each problem with its code and its place."""
    caplog.set_level(logging.DEBUG)
    observer = LogObserver(logging.getLogger("deck"))
    whole = compose(square_all, increase, halve, name="p")

    run(whole, Context.of(numbers=[2, -1], number=2), observers=[observer])

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("DEBUG", "square_all started"),
        ("DEBUG", "square_all 1/2"),
        ("DEBUG", "square_all 2/2"),
        ("WARNING", "square_all partial {'all': 1}"),
        ("WARNING", "square_all refusal at numbers[-1]"),
        ("DEBUG", "increase started"),
        ("INFO", "increase success {}"),
        ("DEBUG", "halve started"),
        ("ERROR", "halve failure {}"),
        ("ERROR", "halve odd at number"),
    ]


def test_log_never_has_a_value(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a value, nor a message that may hold one, nor a provider's secret is logged."""
    caplog.set_level(logging.DEBUG)
    observer = LogObserver(logging.getLogger("deck"))

    for number in (4141, 4142):
        context = Context.of(number=number, numbers=[4143])
        run(compose(increase, halve, name="p"), context, observers=[observer])
        run(blunder, context, observers=[observer])
        run(named, context, observers=[observer], name_provider=Names())

    assert "blunder bug at blunder" in caplog.text
    for secret in ("414", "hunter2", "odd number", "/ 0"):
        assert secret not in caplog.text
