"""A batch handed in to be answered later."""

from collections.abc import Iterator
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    BATCH,
    MEANINGS,
    WORDS,
    Batch,
    Brief,
    Context,
    FrozenMap,
    Job,
    JobOutcome,
    JobResult,
    JobState,
    Status,
    Usage,
    cancel_batch,
    check_batch,
    fetch_batch,
    ingest_batch,
    pipe,
    prepare_batch,
    resume,
    submit_batch,
)
from stages.pipelines import batched
from stages.providers.errors import Unavailable
from stages.records.entry import entry_of
from stages.testing import MemoryBatches, check_stage, made_up
from tests.making import after, codes, failed, last, meaning

TWO = Context.of(batch=Batch(words=("casa", "ser")))


def test_it_is_handed_in_fetched_and_ingested() -> None:
    """The whole life: the answers become meanings in the order of the words."""
    provider = MemoryBatches()
    outcome = pipe(
        Context.of(words=["casa", "ser"]),
        prepare_batch,
        submit_batch(batch_provider=provider),
        check_batch(batch_provider=provider),
        fetch_batch(batch_provider=provider),
        ingest_batch,
    )
    assert after(outcome)[MEANINGS] == (*made_up("casa"), *made_up("ser"))
    assert [one.message for one in after(outcome).reports][1:4] == [
        "handed in 2 words as job-1, $0.00",
        "job-1 is ended: 2 succeeded",
        "fetched the answers to 2 of 2 words, $0.00",
    ]


def test_what_is_out_is_not_handed_in_again() -> None:
    """Only once its answers are fetched do the words that still wait make a new job."""
    provider = MemoryBatches(outcomes={"ser": JobOutcome.EXPIRED})
    submit, fetch = (one(batch_provider=provider) for one in (submit_batch, fetch_batch))
    once = after(submit(TWO))
    again = submit(once)
    assert last(again).status is Status.SKIPPED
    assert last(again).message == "handed in already as job-1"
    second = after(pipe(once, fetch, submit))
    assert second[BATCH].job == provider.jobs["job-2"]
    assert [*provider.jobs["job-2"].words.values()] == ["ser"]
    assert provider.history.count("submit") == 2


def test_a_word_without_answer_is_told_and_waits_again() -> None:
    """By what became of it; the others are filled in."""
    outcomes = {
        "b": JobOutcome.ERRORED,
        "c": JobOutcome.EXPIRED,
        "d": JobOutcome.CANCELED,
    }
    provider = MemoryBatches(outcomes=outcomes)
    context = Context.of(batch=Batch(words=("d", "c", "b", "a")))
    outcome = pipe(
        context, submit_batch(batch_provider=provider), fetch_batch(batch_provider=provider)
    )
    assert codes(outcome) == [
        ("canceled", "words[d]"),
        ("expired", "words[c]"),
        ("errored", "words[b]"),
    ]
    assert last(outcome).status is Status.PARTIAL
    assert after(outcome)[BATCH].waiting == ("d", "c", "b")


def test_where_nothing_was_answered_fetching_fails_and_the_batch_can_go_out_anew() -> None:
    """The failure keeps the batch, whose job is over."""
    provider = MemoryBatches(outcomes=dict.fromkeys(("casa", "ser"), JobOutcome.EXPIRED))
    handed_in = after(submit_batch(batch_provider=provider)(TWO))
    failure = failed(fetch_batch(batch_provider=provider)(handed_in))
    assert failure.message == "none of 2 words was answered"
    job = failure.context[BATCH].job
    assert job is not None
    assert job.state is JobState.FETCHED


def test_what_useless_answers_cost_is_told() -> None:
    """Also where nothing of the whole batch can be used."""
    provider = Useless()
    handed_in = after(submit_batch(batch_provider=provider)(TWO))
    failure = failed(fetch_batch(batch_provider=provider)(handed_in))
    assert failure.message == "none of 2 words was answered for $0.50"


class Useless(MemoryBatches):
    """Answers that were paid for, with nothing in them."""

    def results(self, job: Job, brief: Brief) -> Iterator[JobResult]:
        """Give the cost of each word, and no meaning."""
        for one in super().results(job, brief):
            yield attrs.evolve(one, entries=(), usage=Usage(requests=1, cost=Decimal("0.25")))


def test_answers_that_are_not_there_yet_are_fetched_later() -> None:
    """`not-ended`: the pipeline stops, and `resume` goes on from there without handing in again."""
    provider = MemoryBatches(polls=1)
    pipeline = batched(batch_provider=provider)
    failure = failed(pipeline(Context.of(words=["casa"])))
    assert failure.stage == "fetch_batch"
    assert [one.code for one in failure.problems] == ["not-ended"]
    outcome = resume(pipeline, failure)
    assert after(outcome)[MEANINGS] == made_up("casa")
    assert provider.history == ["submit", "status", "status", "results"]


def test_fetching_twice_fills_in_once() -> None:
    """What a person cut or changed since is not brought back."""
    provider = MemoryBatches()
    fetch = fetch_batch(batch_provider=provider)
    once = after(pipe(TWO, submit_batch(batch_provider=provider), fetch))
    again = fetch(once)
    assert last(again).status is Status.SKIPPED
    assert after(again)[BATCH] == once[BATCH]


def test_a_canceled_batch_ends_without_answers() -> None:
    """It is told, word by word, once it has ended."""
    provider = MemoryBatches()
    submit, cancel, fetch = (
        one(batch_provider=provider) for one in (submit_batch, cancel_batch, fetch_batch)
    )
    canceled = pipe(TWO, submit, cancel)
    assert last(canceled).message == "job-1 is canceling"
    assert codes(fetch(canceled)) == [("canceled", "words[casa]"), ("canceled", "words[ser]")]


@pytest.mark.parametrize("act", [check_batch, cancel_batch, fetch_batch])
def test_what_was_not_handed_in_is_left_alone(act: object) -> None:
    """Skipped, with nobody asked."""
    provider = MemoryBatches()
    outcome = act(batch_provider=provider)(TWO)  # type: ignore[operator]
    assert last(outcome).status is Status.SKIPPED
    assert last(outcome).message == "the batch was not handed in yet"
    assert provider.history == []


def test_what_would_cost_too_much_is_not_handed_in() -> None:
    """`over-the-cap` says how much it would be, and how to go on; a dry run only says it."""
    provider = MemoryBatches(price=Decimal("0.75"))
    failure = failed(submit_batch(batch_provider=provider)(TWO))
    assert failure.message == "2 words to hand in, $1.50, and max_cost is $1"
    assert failure.problems[0].hint == "allow it: max_cost=1.50; or see it first: dry_run=True"
    planned = submit_batch(batch_provider=provider, dry_run=True)(TWO)
    assert last(planned).message == "would hand in 2 words, $1.50"
    assert last(planned).planned == ("casa", "ser")
    assert after(planned)[BATCH] == TWO[BATCH]
    assert provider.history == []
    allowed = submit_batch(batch_provider=provider, max_cost=1.5)(TWO)
    assert after(allowed)[BATCH].job is not None


def test_with_no_word_waiting_nothing_is_handed_in() -> None:
    """Every word has an entry or is skipped."""
    entry = FrozenMap(entry_of(meaning("casa")))
    batch = Batch(words=("casa", "ser"), entries=(entry,), skipped=("ser",))
    outcome = submit_batch(batch_provider=MemoryBatches())(Context.of(batch=batch))
    assert last(outcome).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("act", "method"),
    [(submit_batch, "submit"), (check_batch, "status"), (fetch_batch, "results")],
)
def test_a_provider_that_cannot_be_reached_fails_the_stage(act: object, method: str) -> None:
    """With its reason; the batch is as it was."""
    provider = MemoryBatches()
    out = after(submit_batch(batch_provider=provider)(TWO))
    broken = MemoryBatches(failures={method: Unavailable("no line", "try again")})
    broken.jobs = provider.jobs
    failure = failed(act(batch_provider=broken)(TWO if method == "submit" else out))  # type: ignore[operator]
    assert [(one.code, one.why, one.hint) for one in failure.problems] == [
        ("unavailable", "no line", "try again")
    ]


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, unique=True),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(JobOutcome)),
)
def test_every_word_is_answered_or_told(words: list[str], outcomes: dict[str, JobOutcome]) -> None:
    """Whatever becomes of each; none is lost, and what waits afterwards is what was told."""
    provider = MemoryBatches(outcomes=outcomes)
    outcome = pipe(
        Context.of(words=words),
        prepare_batch,
        submit_batch(batch_provider=provider),
        fetch_batch(batch_provider=provider),
    )
    context = outcome.value_or(None) or failed(outcome).context
    told = [where.removeprefix("words[").removesuffix("]") for _, where in codes(outcome)]
    unanswered = JobOutcome.SUCCEEDED
    wanted = [word for word in words if outcomes.get(word, unanswered) is not unanswered]
    assert told == wanted
    assert [*context[BATCH].waiting] == wanted
    assert context[WORDS] == tuple(words)


@pytest.mark.parametrize("act", [submit_batch, check_batch, cancel_batch, fetch_batch])
def test_they_keep_the_laws(act: object) -> None:
    """For whatever stands in a batch, with a provider that has never seen it."""
    check_stage(act, examples=60)  # type: ignore[arg-type]
