"""What comes out of a stage: a report, or a failure that keeps what was done."""

import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Context, Failure, Outcome, Problem, Report, Severity, StageFailure, Status
from stages.core.outcome import status_of
from tests.core.strategies import problems, reports, texts, valued
from tests.core.toys import blunder, halve

ERROR = Problem("bad", "words[0]", "it is bad")
WARNING = Problem("odd", "words[1]", "it is odd", severity=Severity.WARNING)

failures = st.builds(
    StageFailure,
    texts,
    texts,
    st.lists(problems, max_size=2).map(tuple),
    valued.map(Context.of),
    st.integers(0, 5),
    texts,
)


def test_the_four_ends_of_a_stage() -> None:
    """A stage ends well, partly, with nothing to do, or not at all."""
    assert [status.name for status in Status] == ["SUCCESS", "PARTIAL", "SKIPPED", "FAILURE"]


@given(st.lists(problems))
def test_one_error_makes_it_partial(found: list[Problem]) -> None:
    """Problems make a stage partial if any of them is an error, and warnings never do."""
    spoilt = any(problem.severity is Severity.ERROR for problem in found)

    assert status_of(found) is (Status.PARTIAL if spoilt else Status.SUCCESS)


def test_report_tells_errors_from_warnings() -> None:
    """Every problem of a report is an error or a warning."""
    report = Report("a", problems=(ERROR, WARNING))

    assert report.errors == (ERROR,)
    assert report.warnings == (WARNING,)


@given(reports)
def test_report_is_a_plain_value(report: Report) -> None:
    """A report compares by value, hashes, and survives pickling."""
    same = pickle.loads(pickle.dumps(report))

    assert same == report
    assert hash(same) == hash(report)


@given(failures)
def test_failure_is_a_plain_value(failure: StageFailure) -> None:
    """A failure survives pickling, also as an outcome, and compares by value."""
    outcome: Outcome = Failure(failure)
    same = pickle.loads(pickle.dumps(outcome))

    assert same == outcome
    assert hash(same.failure()) == hash(failure)
    assert same.failure().trace == failure.trace


@given(failures, texts)
def test_failures_are_equal_whatever_their_trace(failure: StageFailure, trace: str) -> None:
    """The trace names lines of code, and is left out of comparing and hashing."""
    other = attrs.evolve(failure, trace=trace)

    assert other == failure
    assert hash(other) == hash(failure)


def test_failure_has_the_status_failure() -> None:
    """Reports and failures are read alike."""
    failure = halve(Context.of(number=3)).failure()

    assert failure.status is Status.FAILURE
    assert failure.report == Report(
        "halve", Status.FAILURE, "an odd number cannot be halved", failure.problems
    )


def test_failure_that_a_stage_gives_is_no_bug() -> None:
    """Only what the code of a stage did not foresee is a bug."""
    assert not halve(Context.of(number=3)).failure().is_bug
    assert blunder(Context.of(number=3)).failure().is_bug


def test_failure_cannot_be_changed() -> None:
    """A failure is frozen."""
    failure = halve(Context.of(number=3)).failure()

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        failure.message = "fine"  # type: ignore[misc]


def test_failure_shows_no_values() -> None:
    """What a failure keeps, and the lines of its trace, are not in its repr."""
    shown = repr(blunder(Context.of(number=3, password="hunter2")).failure())

    assert "hunter2" not in shown
    assert "Traceback" not in shown
