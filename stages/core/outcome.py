"""What comes out of a stage: a report on what it did, or a failure that keeps what was done."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import attrs
from returns.result import Result

from stages.core.frozen import FrozenMap
from stages.core.problem import Problem, Severity

if TYPE_CHECKING:
    from stages.core.context import Context


class Status(StrEnum):
    """How a stage ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    """Some items have problems, and the run went on with the others."""
    SKIPPED = "skipped"
    """Nothing was wanted."""
    FAILURE = "failure"


@attrs.frozen
class Report:
    """
    What one stage did.

    Attributes:
        stage: Its name; stamped on by the stage itself.
        status: How it ended.
        message: One line for a person; may be empty.
        problems: In the order of the items.
        counts: Numbers by what they count, such as {"made": 3, "kept": 4}.
        planned: What a dry run would do, a line each.
    """

    stage: str
    status: Status = Status.SUCCESS
    message: str = ""
    problems: tuple[Problem, ...] = ()
    counts: FrozenMap[str, int] = FrozenMap()
    planned: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that spoil their item."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that are only worth a look."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


def status_of(problems: Iterable[Problem]) -> Status:
    """Give PARTIAL if any problem is an error, else SUCCESS: a warning spoils nothing."""
    spoilt = any(problem.severity is Severity.ERROR for problem in problems)
    return Status.PARTIAL if spoilt else Status.SUCCESS


@attrs.frozen
class StageFailure:
    """
    Why a stage could not go on, with everything that was done before.

    A plain record: it compares by value, pickles to any process and holds no live exception.

    Attributes:
        stage: The name of the stage that failed.
        message: One line for a person.
        problems: Every one that was found.
        context: As it stood, with the items that were already done and the reports so far.
        done: How many parts of the pipeline had finished; `resume` goes on from there.
        trace: The formatted traceback if the failure is a bug in the stage, else empty.
    """

    stage: str
    message: str
    problems: tuple[Problem, ...]
    context: "Context" = attrs.field(repr=False)
    done: int = 0
    trace: str = attrs.field(default="", eq=False, repr=False)

    @property
    def status(self) -> Status:
        """Always FAILURE, so that reports and failures are read alike."""
        return Status.FAILURE

    @property
    def is_bug(self) -> bool:
        """Whether the stage raised: a fault of the code, not of what it was given."""
        return any(problem.code == "bug" for problem in self.problems)

    @property
    def report(self) -> Report:
        """The failure as the report of its stage."""
        return Report(self.stage, Status.FAILURE, self.message, self.problems)


Outcome: TypeAlias = Result["Context", StageFailure]
"""What a stage gives."""
