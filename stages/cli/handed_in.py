"""`stages batch submit`, `status`, `fetch` and `cancel`: a staged file to Claude and back."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number
from returns.result import Failure

from stages.claude.submission_stage import cancel_batch, check_batch, fetch_batch, submit_batch
from stages.cli.announced import AnnouncedBatches
from stages.cli.asking import batches_of
from stages.cli.batch import batch
from stages.cli.options import CLAUDE, FLAG, ClaudeOptions
from stages.cli.said import command, failed, say, say_doubts, say_each, stopped
from stages.cli.stored import calmly, load, next_after, save
from stages.core.outcome import StageFailure, Status
from stages.core.stage import Stage
from stages.providers.claude import ClaudeBatches
from stages.providers.protocols import BatchProvider
from stages.records.batch import Batch
from stages.records.job import JobState
from stages.records.keys import BATCH
from stages.show.summary import listed

_TRANSIENT = frozenset(("rate-limited", "unavailable"))


@batch.command(sort_key=2)
@calmly
def submit(
    file: Path,
    /,
    *,
    dry_run: Annotated[bool, FLAG] = False,
    options: ClaudeOptions = CLAUDE,
) -> int:
    """
    Hand the waiting words of a staged file in to Claude, at half the price of asking live.

    The estimate is said before. The answers come within a day, mostly within the hour. A file that
    was handed in is not handed in again before its answers are fetched.

    Args:
        file: The staged file; it keeps the id of what was handed in.
        dry_run: Say what it would cost, and hand nothing in.
        options: How Claude is asked.
    """
    claude = batches_of(file, options, asks=not dry_run)
    told = AnnouncedBatches(claude, options.model, partial(say, file=sys.stderr))
    stage = submit_batch(max_cost=options.max_cost, dry_run=dry_run)
    return _acted(file, stage, told)


@batch.command(sort_key=3)
@calmly
def status(file: Path, /) -> int:
    """
    Ask how far a batch is that was handed in.

    Args:
        file: The staged file.
    """
    return _acted(file, check_batch, _claude_of(file))


@batch.command(sort_key=4)
@calmly
def fetch(
    file: Path,
    /,
    *,
    wait: Annotated[bool, FLAG] = False,
    every: Annotated[float, Parameter(validator=Number(gt=0))] = 60.0,
) -> int:
    """
    Fill the answers of Claude into the staged file, once they are there.

    The file as it was before is kept beside it, as .bak. Fetching costs nothing.

    Args:
        file: The staged file.
        wait: Wait until they are there, for a day if need be; Ctrl-C does no harm.
        every: How many seconds to wait before asking again.
    """
    claude = _claude_of(file)
    if wait:
        _wait(file, claude, every)
    return _acted(file, fetch_batch, claude, backup=True)


@batch.command(sort_key=5)
@calmly
def cancel(file: Path, /) -> int:
    """
    Stop a batch that was handed in; what was answered by then can be fetched.

    Args:
        file: The staged file.
    """
    return _acted(file, cancel_batch, _claude_of(file))


def _claude_of(file: Path) -> ClaudeBatches:
    """Give the Claude to which a file was handed in."""
    job = load(BATCH, file)[BATCH].job
    model = job.manner.get("model", "") if job else ""
    return batches_of(file, attrs.evolve(CLAUDE, model=model) if model else CLAUDE)


def _acted(file: Path, act: Stage[...], provider: BatchProvider, *, backup: bool = False) -> int:
    """Do something with Claude and a staged file, keep what came of it, and say it."""
    before = load(BATCH, file)
    outcome = act(batch_provider=provider)(before)
    if isinstance(outcome, Failure):
        failure = outcome.failure()
        save(BATCH, file, failure.context, before, backup=backup)
        return failed(failure, file.parent, _how_to_go_on(file, failure))
    after = outcome.unwrap()
    save(BATCH, file, after, before, backup=backup)
    report, staged = after.reports[-1], after[BATCH]
    if report.status is Status.SKIPPED and not staged.job and staged.waiting:
        return stopped(
            f"{file}: {report.message} (hand it in: {command('batch', 'submit', str(file))})"
        )
    say(f"{file}: {report.message}{':' if report.planned else '.'}")
    say_each(report.planned)
    say_doubts(listed(report.problems))
    _say_next(file, staged)
    return 0


def _say_next(file: Path, staged: Batch) -> None:
    state = staged.job.state if staged.job else None
    look = f"read {file}, then: " if state is JobState.FETCHED else ""
    say(f"\nNext: {look}{next_after(file, staged)}")
    if state is JobState.IN_PROGRESS:
        say(f"It takes up to a day; how far it is: {command('batch', 'status', str(file))}")


def _how_to_go_on(file: Path, failure: StageFailure) -> list[str]:
    """Give the command that goes on where answers are not there yet."""
    late = any(problem.code == "not-ended" for problem in failure.problems)
    return [f"or wait for it: {command('batch', 'fetch', str(file), '--wait')}"] if late else []


def _wait(file: Path, claude: ClaudeBatches, every: float) -> None:
    """Wait until a batch has ended; what is out of reach for a moment is asked again."""
    shown = ""
    while True:
        before = load(BATCH, file)
        outcome = check_batch(batch_provider=claude)(before)
        if isinstance(outcome, Failure):
            problems = outcome.failure().problems
            if not all(problem.code in _TRANSIENT for problem in problems):
                return  # fetching says why
            message = outcome.failure().message
        else:
            after = outcome.unwrap()
            save(BATCH, file, after, before, backup=False)
            job = after[BATCH].job
            if not job or job.state not in (JobState.IN_PROGRESS, JobState.CANCELING):
                return
            message = after.reports[-1].message
        if message != shown:
            say(f"{file}: {message}; asked again every {every:g} seconds.", sys.stderr)
        shown = message
        time.sleep(every)
