"""A batch handed in to be answered later: submitted, looked after, fetched, canceled."""

from decimal import Decimal

import attrs
from returns.result import Success

from stages.claude.analysis_stage import MAX_COST
from stages.core.context import Context
from stages.core.outcome import Outcome, Status
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.protocols import BatchProvider
from stages.records.batch import Batch
from stages.records.job import Job, JobOutcome, JobResult, JobState
from stages.records.keys import BATCH
from stages.records.usage import total


@stage(needs=[BATCH], gives=[BATCH])
def submit_batch(
    context: Context,
    *,
    batch_provider: BatchProvider,
    max_cost: float = MAX_COST,
    dry_run: bool = False,
) -> Outcome:
    """
    Hand in the words of the batch that wait, to be answered later and for less.

    A batch that was handed in already is not handed in again before its answers are fetched.

    Args:
        context: Has the batch; afterwards it holds the job.
        batch_provider: Answers it.
        max_cost: In US dollars; where the estimate is above it, nothing is handed in.
        dry_run: End with the estimate.

    Problems:
        over-the-cap: It would cost more than `max_cost`.
    """
    batch = context[BATCH]
    out = _out(batch)
    if out:
        message = f"handed in already as {out.id}"
        return Success(context.report(message, status=Status.SKIPPED))
    if not batch.waiting:
        return Success(context.report("no word waits for a meaning", status=Status.SKIPPED))
    estimate = batch_provider.estimate(batch)
    words = counted(len(batch.waiting), "word")
    if dry_run:
        message = f"would hand in {words}, {estimate}"
        return Success(context.report(message, planned=batch.waiting))
    if estimate.cost > Decimal(str(max_cost)):
        why = f"{words} to hand in, {estimate}, and max_cost is ${max_cost:g}"
        hint = f"allow it: max_cost={estimate.enough}; or see it first: dry_run=True"
        return context.fail(why, problems=[Problem("over-the-cap", str(BATCH), why, hint)])
    job = batch_provider.submit(batch)
    message = f"handed in {words} as {job.id}, {estimate}"
    return Success(_with_job(context, job).report(message, counts={"words": len(batch.waiting)}))


@stage(needs=[BATCH], gives=[BATCH])
def check_batch(context: Context, *, batch_provider: BatchProvider) -> Outcome:
    """Ask how far the batch is that was handed in."""
    job = _out(context[BATCH])
    if not job:
        return _nothing_out(context)
    job = batch_provider.status(job)
    return Success(_with_job(context, job).report(_how_far(job), counts=job.counts))


@stage(needs=[BATCH], gives=[BATCH])
def cancel_batch(context: Context, *, batch_provider: BatchProvider) -> Outcome:
    """Stop the batch that was handed in; what was answered by then can still be fetched."""
    job = _out(context[BATCH])
    if not job:
        return _nothing_out(context)
    job = batch_provider.cancel(job)
    return Success(_with_job(context, job).report(_how_far(job), counts=job.counts))


@stage(needs=[BATCH], gives=[BATCH])
def fetch_batch(context: Context, *, batch_provider: BatchProvider) -> Outcome:
    """
    Fill the answers of the batch in, once it has ended.

    They come in the order of the words. A word without an answer is a problem, and waits again.

    Problems:
        not-ended: The answers are not there yet.
        errored, canceled, expired: There is no answer to this word.
        others: What is wrong with an answer, such as `refused` or `bad-answer`.
    """
    job = _out(context[BATCH])
    if not job:
        return _nothing_out(context)
    job = batch_provider.status(job)
    context = _with_job(context, job)
    if job.state is not JobState.ENDED:
        problem = Problem("not-ended", str(BATCH), _how_far(job), "fetch it again later")
        return context.fail(f"not answered yet: {_how_far(job)}", problems=[problem])
    batch = context[BATCH]
    place = {word: number for number, word in enumerate(batch.words)}
    results = sorted(
        batch_provider.results(job, batch.brief),
        key=lambda result: (place.get(result.word, len(place)), result.word),
    )
    entries = tuple(entry for result in results for entry in result.entries)
    job = attrs.evolve(job, state=JobState.FETCHED)
    filled = attrs.evolve(batch, entries=(*batch.entries, *entries), job=job)
    context = context.put(BATCH, filled)
    problems = [problem for result in results for problem in _problems(result)]
    answered = sum(bool(result.entries) for result in results)
    paid = total(result.usage for result in results)
    if not answered:
        cost = f" for {paid}" if paid.requests else ""
        message = f"none of {counted(len(results), 'word')} was answered{cost}"
        return context.fail(message, problems=problems)
    message = f"fetched the answers to {answered} of {counted(len(results), 'word')}, {paid}"
    counts = {"answered": answered, "entries": len(entries), **paid.counts}
    return Success(context.report(message, problems=problems, counts=counts))


def _out(batch: Batch) -> Job | None:
    """Give the job whose answers are still to be fetched; None where there is none."""
    job = batch.job
    return job if job and job.state is not JobState.FETCHED else None


def _nothing_out(context: Context) -> Outcome:
    fetched = context[BATCH].job is not None
    message = "its answers were fetched already" if fetched else "the batch was not handed in yet"
    return Success(context.report(message, status=Status.SKIPPED))


def _with_job(context: Context, job: Job) -> Context:
    return context.put(BATCH, attrs.evolve(context[BATCH], job=job))


def _how_far(job: Job) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in job.counts.items() if number)
    return f"{job.id} is {job.state.replace('_', ' ')}" + (f": {counts}" if counts else "")


def _problems(result: JobResult) -> list[Problem]:
    """Give the problems of a word, named by it."""
    at = f"words[{result.word}]"
    found = [
        attrs.evolve(one, where=".".join(filter(None, (at, one.where)))) for one in result.problems
    ]
    if result.outcome is not JobOutcome.SUCCEEDED and not found:
        why = f"it was not answered: {result.outcome}"
        found.append(Problem(result.outcome.value, at, why, "hand it in again"))
    return found
