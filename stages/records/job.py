"""A batch that was handed in to be answered later."""

from enum import StrEnum
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import Problem
from stages.records.usage import Usage


class JobState(StrEnum):
    """How far a job is."""

    IN_PROGRESS = "in_progress"
    CANCELING = "canceling"
    ENDED = "ended"
    """Its answers can be fetched, those that there are."""
    FETCHED = "fetched"
    """Its answers stand in the batch."""


@attrs.frozen(kw_only=True)
class Job:
    """
    A batch that was handed in to be answered later.

    Attributes:
        id: What the provider calls it.
        provider: Whom it was handed in to, such as "claude".
        manner: How its answers are asked for, such as {"model": "claude-haiku-5-5"}.
        words: The word that each request of it asks for, by the request's id.
        state: How far it is.
        counts: Of its requests by what became of them, such as {"succeeded": 3}.
        created: When it was handed in, as an ISO time; empty where the provider does not say.
        expires: When what is not answered by then is given up, as an ISO time.
    """

    id: str
    provider: str
    words: FrozenMap[str, str]
    manner: FrozenMap[str, str] = FrozenMap()
    state: JobState = JobState.IN_PROGRESS
    counts: FrozenMap[str, int] = FrozenMap()
    created: str = ""
    expires: str = ""


class JobOutcome(StrEnum):
    """What became of one request of a job."""

    SUCCEEDED = "succeeded"
    ERRORED = "errored"
    CANCELED = "canceled"
    EXPIRED = "expired"


@attrs.frozen(kw_only=True)
class JobResult:
    """
    What became of one word of a job.

    Attributes:
        word: As it stands in the batch.
        outcome: Whether there is an answer.
        entries: The meanings of the answer as they would be filled in, unchecked.
        problems: Why there is no answer, or what is wrong with it; `where` is inside of the word.
        usage: What the answer cost.
    """

    word: str
    outcome: JobOutcome
    entries: tuple[Any, ...] = ()
    problems: tuple[Problem, ...] = ()
    usage: Usage = Usage()
