"""Staged files, vocabularies and queues on disk."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

from returns.result import Failure

from stages.base.file_stage import load_file, save_file
from stages.cli.said import command, interrupted, stopped
from stages.core.context import Context
from stages.core.key import Key
from stages.core.outcome import StageFailure
from stages.core.problem import ProviderError
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.records.batch import Batch
from stages.records.job import JobState

P = ParamSpec("P")


def calmly(act: Callable[P, int]) -> Callable[P, int]:
    """Say in a line what a provider refuses, and what Ctrl-C leaves."""

    @wraps(act)
    def acted(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return act(*args, **kwargs)
        except ProviderError as error:
            return stopped(str(error.at("")))
        except KeyboardInterrupt:
            return interrupted("The same command goes on from there.")

    return acted


def load(
    key: Key[Any], file: Path, context: Context | None = None, *, required: bool = True
) -> Context:
    """Load a key from a file into a context, or raise what is wrong with the file."""
    stage = load_file(key=key, path=str(file), required=required, file_provider=Files())
    outcome = stage(context or Context.of())
    if isinstance(outcome, Failure):
        raise _told(outcome.failure())
    return outcome.unwrap()


def save(
    key: Key[Any], file: Path, after: Context, before: Context | None = None, *, backup: bool = True
) -> bool:
    """Save a key where it is another than before; tell whether it is."""
    if before and before[key] == after[key]:
        return False
    stage = save_file(key=key, path=str(file), backup=backup, file_provider=Files())
    outcome = stage(after)
    if isinstance(outcome, Failure):
        raise _told(outcome.failure())
    return True


def _told(failure: StageFailure) -> Rejected:
    """Give the error that says what is wrong with a file, and what to do if one line can say it."""
    why = failure.message
    return Rejected(why, next((one.hint for one in failure.problems if one.why in why), ""))


def next_after(file: Path, staged: Batch) -> str:
    """Give the command with which a staged file goes on."""
    state = staged.job.state if staged.job else JobState.FETCHED
    match state:
        case JobState.IN_PROGRESS | JobState.CANCELING:
            return command("batch", "fetch", str(file), "--wait")
        case JobState.ENDED:
            return command("batch", "fetch", str(file))
        case _ if staged.waiting and not staged.entries:
            return command("batch", "submit", str(file))
        case _:
            return command("batch", "ingest", str(file))
