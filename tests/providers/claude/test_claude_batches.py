"""Claude asked in Message Batches, over the real SDK, from the first word to the vocabulary."""

import itertools
import json
import math
import pickle
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from returns.pipeline import flow
from returns.pointfree import bind

import stages.providers.journal
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.claude.submission_stage import cancel_batch, check_batch, fetch_batch, submit_batch
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.json import to_json
from stages.core.outcome import Outcome, Status
from stages.core.problem import ProviderError
from stages.providers.claude import ClaudeAnalysis, ClaudeBatches
from stages.providers.claude.wire import body_of
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Journal, journaled
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.job import Job, JobOutcome, JobResult, JobState
from stages.records.keys import BATCH, MEANINGS, VOCABULARY
from stages.records.keys import WORDS as WORDS_KEY
from stages.records.usage import Usage
from stages.testing import made_up
from stages.testing.loopback import (
    BATCHES,
    MESSAGES,
    ClaudeLoopback,
    Fault,
    Reply,
    billing,
    dropped,
    not_found,
    overloaded,
    permission_denied,
    rate_limited,
    server_error,
    spend_limit,
    timeout,
    truncated,
)
from tests.making import after, codes, failed, last
from tests.providers.claude.answers import KEY, claude, entry, message, said, usual, word_in

WORDS = ("niño", "日本", "tener que", "l’été", "casa", "ñandú")
LIST = "GET /v1/messages/batches"
BRIEF = Brief()
AS_IT_IS = b"as the server says it"


class Server(ClaudeLoopback):
    """A loopback whose answers and outcomes are decided by word."""

    def __init__(self, **settings: Any) -> None:
        self.outcomes: dict[str, str] = {}
        self.says: dict[str, Any] = {}
        super().__init__(self._say, outcome=self._end, key=KEY, **settings)

    def _say(self, params: Any) -> Any:
        return self.says.get(word_in(params)) or usual(params)

    def _end(self, custom_id: str) -> Any:
        return self.outcomes.get(self.names[custom_id], "succeeded")

    @property
    def names(self) -> dict[str, str]:
        """The words of all requests in batches, by custom_id."""
        return {
            one["custom_id"]: word_in(one["params"]) for asked in self.handed_in for one in asked
        }

    @property
    def handed_in(self) -> list[list[dict[str, Any]]]:
        """The requests of each batch that somebody tried to hand in."""
        return [one.body["requests"] for one in self.requests if one.endpoint == BATCHES]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as loopback:
        yield loopback


def handed_in_elsewhere(server: ClaudeLoopback, *several: list[dict[str, Any]]) -> None:
    """Hand in batches of another program of the same account."""
    other = claude(server)
    for requests in several:
        other.connection.client.messages.batches.create(requests=requests)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.fixture
def batches(server: ClaudeLoopback, journal: Journal) -> ClaudeBatches:
    return ClaudeBatches(claude(server), journal)


def answered_by(batches: ClaudeBatches, batch: Batch) -> dict[str, JobResult]:
    """Hand a batch in, wait for it, and give its results by word."""
    job = batches.submit(batch)
    while batches.status(job).state is not JobState.ENDED:
        pass
    return {result.word: result for result in batches.results(job, batch.brief)}


# From words to the vocabulary


def test_words_come_back_as_meanings(server: Server, batches: ClaudeBatches) -> None:
    """In their order, whatever the order of the results; live Claude then asks nothing."""
    submitted: Outcome = flow(
        Context.of(words=WORDS), prepare_batch, bind(submit_batch(batch_provider=batches))
    )
    job = after(submitted)[BATCH].job
    assert job
    assert server.batches == (job.id,)
    assert last(submitted).message.startswith(f"handed in 6 words as {job.id}, about ")

    checked = submitted.bind(check_batch(batch_provider=batches))
    assert last(checked).message == f"{job.id} is in progress: 6 processing"
    early = Context.of(batch=attrs.evolve(after(submitted)[BATCH]))
    ended: Outcome = flow(
        early, check_batch(batch_provider=batches), bind(check_batch(batch_provider=batches))
    )
    assert last(ended).message == f"{job.id} is ended: 6 succeeded"

    ingested: Outcome = flow(ended, bind(fetch_batch(batch_provider=batches)), bind(ingest_batch))
    assert after(ingested)[MEANINGS] == tuple(one for word in WORDS for one in made_up(word))
    assert {one.word for one in after(ingested)[VOCABULARY].meanings} == set(WORDS)
    assert last(ended.bind(fetch_batch(batch_provider=batches))).counts["answered"] == 6


def test_the_batch_survives_its_file(server: Server, batches: ClaudeBatches) -> None:
    """Its job lies in it, so another process goes on from there."""
    context = after(
        flow(Context.of(words=WORDS), prepare_batch, bind(submit_batch(batch_provider=batches)))
    )
    [batch_id] = server.batches
    server.finish(batch_id)

    again = Context.from_json(context.to_json(), BATCH, WORDS_KEY)
    assert again[BATCH] == context[BATCH]
    fetched = fetch_batch(again, batch_provider=batches)
    assert len(after(fetched)[BATCH].entries) == 6


def test_each_of_the_four_outcomes_is_told(server: Server, batches: ClaudeBatches) -> None:
    """The words without an answer wait; a second batch asks for them alone."""
    server.outcomes = {"日本": "errored", "l’été": "expired", "casa": "canceled"}
    context = after(
        flow(Context.of(words=WORDS), prepare_batch, bind(submit_batch(batch_provider=batches)))
    )
    server.finish(*server.batches)

    fetched = fetch_batch(context, batch_provider=batches)

    report = last(fetched)
    assert report.status is Status.PARTIAL
    assert codes(fetched) == [
        ("errored", "words[日本]"),
        ("expired", "words[l’été]"),
        ("canceled", "words[casa]"),
    ]
    assert "was told to fail" in report.problems[0].why
    batch = after(fetched)[BATCH]
    assert batch.waiting == ("日本", "l’été", "casa")

    server.outcomes = {}
    again = after(submit_batch(after(fetched), batch_provider=batches))
    assert [server.names[one["custom_id"]] for one in server.handed_in[1]] == list(batch.waiting)
    server.finish(server.batches[1])
    done = fetch_batch(again, batch_provider=batches)
    assert after(done)[BATCH].waiting == ()
    assert last(submit_batch(after(done), batch_provider=batches)).status is Status.SKIPPED
    assert len(server.batches) == 2


def test_what_a_batch_brought_is_free_to_the_live_claude(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """And the same, bit for bit."""
    server.says = {"casa": said(entry("casa", MeaningID="a"), entry("casa", MeaningID="b"), 7)}
    context = after(
        flow(Context.of(words=WORDS), prepare_batch, bind(submit_batch(batch_provider=batches)))
    )
    server.finish(*server.batches)
    fetched = fetch_batch(context, batch_provider=batches)
    ingested = after(fetched.bind(ingest_batch))

    live = journaled(claude(server), journal)
    free = analyze_words(Context.of(words=WORDS), analysis_provider=live, max_cost=0)

    assert to_json(after(free)[MEANINGS]) == to_json(ingested[MEANINGS])
    assert len(after(free)[MEANINGS]) == 7
    assert "requests" not in last(free).counts
    assert MESSAGES not in server.counts


@given(words=st.sets(st.sampled_from(WORDS) | st.text(min_size=1), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_a_request_of_a_batch_is_that_of_the_live_claude(
    server: Server, tmp_path_factory: pytest.TempPathFactory, words: set[str]
) -> None:
    """Letter by letter, for any words, once each."""
    asked = claude(server)
    batches = ClaudeBatches(asked, Journal(tmp_path_factory.mktemp("journal")))
    before = len(server.handed_in)
    batch = Batch(words=tuple(sorted(words)))

    job = batches.submit(batch)

    [requests] = server.handed_in[before:]
    assert {one["custom_id"]: one["params"] for one in requests} == {
        name: body_of(word, BRIEF, asked.manner) for name, word in job.words.items()
    }
    assert sorted(job.words.values()) == sorted(batch.words)
    number = len(server.requests)
    asked.send(requests[0]["params"], "")
    assert server.requests[number].body == requests[0]["params"]


def test_a_batch_costs_half_and_says_so(server: Server, batches: ClaudeBatches) -> None:
    """Estimated before, told after; asking nobody for the estimate."""
    batch = Batch(words=WORDS)
    live = claude(server)
    estimate = batches.estimate(batch)
    assert server.requests == ()
    assert estimate.requests == 6
    assert estimate.cost * 2 == sum(live.estimate(word, BRIEF).cost for word in WORDS)

    results = answered_by(batches, batch)

    one = results["casa"].usage
    assert one.cost * 2 == live.meanings("casa", BRIEF).usage.cost
    assert sum(result.usage.cost for result in results.values()) < estimate.cost
    assert batches.estimate(batch) == Usage()


def test_over_the_cap_nothing_is_handed_in(server: Server, batches: ClaudeBatches) -> None:
    """Nor in a dry run."""
    context = Context.of(batch=Batch(words=WORDS))

    assert codes(submit_batch(context, batch_provider=batches, max_cost=0.001)) == [
        ("over-the-cap", "batch")
    ]
    assert last(submit_batch(context, batch_provider=batches, dry_run=True)).planned == WORDS
    assert server.requests == ()


# What an answer holds


def test_an_answer_that_cannot_be_used_is_kept_and_costs(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """The word waits, the problem names the file, and the others are filled in."""
    server.says = {
        "niño": Reply("No.", stop_reason="refusal", explanation="No."),
        "日本": "{",
        "casa": said(entry("perro")),
        "ñandú": said(remark="No such word."),
    }

    results = answered_by(batches, Batch(words=WORDS))

    bad = {word: result.problems[0] for word, result in results.items() if not result.entries}
    assert {word: problem.code for word, problem in bad.items()} == {
        "niño": "refused",
        "日本": "bad-answer",
        "casa": "bad-answer",
        "ñandú": "not-found",
    }
    assert all(f"is kept in {journal.folder}" in problem.hint for problem in bad.values())
    assert all(result.usage.cost for result in results.values())
    assert all(result.outcome is JobOutcome.SUCCEEDED for result in results.values())


def test_what_is_answered_is_not_asked_for_again(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """Be it that the live Claude was asked before; its answers are among the results, for nothing."""
    live = journaled(claude(server), journal)
    live.meanings("casa", BRIEF)
    live.meanings("niño", BRIEF)
    batch = Batch(words=WORDS)

    assert batches.estimate(batch).requests == 4
    results = answered_by(batches, batch)

    assert len(server.handed_in[0]) == 4
    assert set(results) == set(WORDS)
    assert all(result.entries for result in results.values())
    assert results["casa"].usage == Usage()
    assert results["日本"].usage.cost


def test_where_everything_is_answered_there_is_no_batch(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """Which is said, with the way to what there is."""
    journaled(claude(server), journal).meanings("casa", BRIEF)

    for words in (("casa",), ()):
        with pytest.raises(Rejected, match="lies in the journal") as caught:
            batches.submit(Batch(words=words))
        assert "live: it costs nothing" in caught.value.hint
    assert server.batches == ()
    assert journal.in_flight() == ()


def test_half_a_character_is_not_handed_in(server: Server, batches: ClaudeBatches) -> None:
    """The word is named."""
    with pytest.raises(Rejected, match=r"'a\\ud83d' holds half a character"):
        batches.submit(Batch(words=("casa", "a\ud83d")))
    assert server.requests == ()


def test_settings_that_changed_do_not_harm_what_comes(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """The answers are kept as those to what the job asked, and not to what would be asked now."""
    batch = Batch(words=WORDS)
    job = batches.submit(batch)
    server.finish(job.id)
    other = ClaudeBatches(claude(server, effort="high"), journal)

    results = {one.word: one for one in other.results(job, batch.brief)}

    assert set(results) == set(WORDS)
    assert all(result.entries for result in results.values())
    assert journaled(claude(server, effort="high"), journal).estimate("casa", BRIEF).requests == 1
    assert journaled(claude(server), journal).estimate("casa", BRIEF).requests == 0
    odd = attrs.evolve(job, manner=FrozenMap({"model": "x", "max_tokens": "many"}))
    assert {one.word for one in other.results(odd, batch.brief)} == set(WORDS)
    assert {one.word for one in batches.results(job, Brief(most=1))} == set(WORDS)


def test_the_results_of_another_batch_are_not_taken(server: Server, batches: ClaudeBatches) -> None:
    """Each of its lines is a problem, and each word that was wanted says that nothing came."""
    other = batches.submit(Batch(words=("perro", "gato")))
    mine = batches.submit(Batch(words=("casa",)))
    server.finish(other.id)

    results = list(batches.results(attrs.evolve(mine, id=other.id), BRIEF))

    assert [(one.word, [p.code for p in one.problems]) for one in results] == [
        ("", ["other-batch"]),
        ("", ["other-batch"]),
        ("casa", ["errored"]),
    ]
    assert not any(one.entries for one in results)


def test_fetching_twice_gives_the_same(server: Server, batches: ClaudeBatches) -> None:
    """From the server and from the journal."""
    job = batches.submit(Batch(words=WORDS))
    server.finish(job.id)

    assert list(batches.results(job, BRIEF)) == list(batches.results(job, BRIEF))


def test_before_the_end_there_are_no_results(batches: ClaudeBatches) -> None:
    """The stage says how far it is, and the batch keeps its job."""
    job = batches.submit(Batch(words=WORDS))

    with pytest.raises(Rejected, match=f"{job.id} has not ended yet"):
        list(batches.results(job, BRIEF))
    batch = Batch(words=WORDS, job=batches.submit(Batch(words=("otra",))))
    failure = failed(fetch_batch(Context.of(batch=batch), batch_provider=batches))
    assert [one.code for one in failure.problems] == ["not-ended"]
    assert failure.context[BATCH].job


def test_a_canceled_batch_ends(server: Server, batches: ClaudeBatches) -> None:
    """What was not answered by then waits, and can be handed in anew."""
    context = after(
        flow(Context.of(words=WORDS), prepare_batch, bind(submit_batch(batch_provider=batches)))
    )
    canceled = cancel_batch(context, batch_provider=batches)
    job = after(canceled)[BATCH].job
    assert job
    assert job.state is JobState.CANCELING
    server.finish(job.id)

    failure = failed(fetch_batch(after(canceled), batch_provider=batches))
    assert {one.code for one in failure.problems} == {"canceled"}
    assert failure.context[BATCH].waiting == WORDS
    again = after(submit_batch(failure.context, batch_provider=batches))
    assert again[BATCH].job != job
    assert len(server.batches) == 2
    with pytest.raises(Rejected, match="has ended and cannot be canceled"):
        batches.cancel(job)


# Handed in once


def test_handed_in_twice_it_is_one_batch(
    server: Server, batches: ClaudeBatches, journal: Journal
) -> None:
    """Whatever the order of the words; also in another process, and after the end."""
    batch = Batch(words=WORDS)
    job = batches.submit(batch)

    again = ClaudeBatches(claude(server), Journal(journal.folder)).submit(
        Batch(words=tuple(reversed(WORDS)))
    )
    assert again == attrs.evolve(job, words=again.words)
    assert again.words == job.words
    server.finish(job.id)
    assert batches.submit(batch).state is JobState.ENDED
    list(batches.results(job, BRIEF))
    assert batches.submit(batch).id == job.id
    assert server.batches == (job.id,)


def test_a_batch_that_gave_nothing_is_handed_in_anew(
    server: Server, batches: ClaudeBatches
) -> None:
    """All of it expired, so nothing was paid."""
    server.outcomes = dict.fromkeys(WORDS, "expired")
    batch = Batch(words=WORDS)
    job = batches.submit(batch)
    server.finish(job.id)

    assert batches.submit(batch).id == server.batches[1] != job.id
    assert batches.submit(batch).id == server.batches[1]
    assert len(server.batches) == 2


def test_a_batch_that_is_not_known_yet_is_the_same_batch(
    server: Server, batches: ClaudeBatches
) -> None:
    """As the API does not know it for some seconds."""
    batch = Batch(words=WORDS)
    job = batches.submit(batch)
    server.fail_next(not_found(), on=f"GET /v1/messages/batches/{job.id}")

    assert batches.submit(batch) == job
    server.fail_next(not_found(), on=f"GET /v1/messages/batches/{job.id}")
    with pytest.raises(NotFound, match="answered 404: Not found") as caught:
        batches.status(job)
    assert "ask again" in caught.value.hint
    assert batches.status(job).id == job.id


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(timeout(3), id="timed out"),
        pytest.param(dropped(done=True), id="dropped"),
        pytest.param(truncated(), id="cut off"),
        pytest.param(Fault(500, done=True), id="500"),
        pytest.param(Fault(529, headers={"x-should-retry": "true"}, done=True), id="529"),
    ],
)
def test_where_the_answer_is_lost_the_batch_is_found(
    server: Server,
    batches: ClaudeBatches,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By itself, and once: nothing is handed in again."""
    monkeypatch.setattr("stages.providers.claude.batches._PATIENCE", 0.2)
    batches.submit(Batch(words=(*WORDS[::-1], "earlier")))
    batches.submit(Batch(words=("one", "two")))
    server.fail_next(fault, on=BATCHES)

    job = batches.submit(Batch(words=("casa", "perro")))

    assert job.id == server.batches[2]
    assert len(server.handed_in) == 3
    server.finish(job.id)
    assert all(one.entries for one in batches.results(job, BRIEF))
    assert batches.submit(Batch(words=("casa", "perro"))).id == job.id


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("arrived", [True, False])
def test_where_nobody_knows_the_next_run_looks_first(
    server: Server, batches: ClaudeBatches, journal: Journal, *, before: int, arrived: bool
) -> None:
    """And hands it in only if it is not there, whatever stood there before or came since."""
    mine, other = Batch(words=("casa", "perro")), Batch(words=("gato", "ratón"))
    for number in range(before):
        batches.submit(Batch(words=(f"a{number}", f"b{number}")))
    server.fail_next(dropped(done=arrived), on=BATCHES)
    server.fail_next(Fault(), *[server_error(0.01)] * 4, on=LIST)

    with pytest.raises(Unavailable):
        batches.submit(mine)
    assert len(server.batches) == before + arrived
    assert [one.label for one in journal.in_flight()] == ["a batch of 2"]
    theirs = [{"custom_id": "a", "params": body_of("x", BRIEF, claude(server).manner)}]
    handed_in_elsewhere(server, theirs)
    others = batches.submit(other)
    job = ClaudeBatches(claude(server), Journal(journal.folder)).submit(mine)

    assert len(server.batches) == before + 3
    assert job.id == server.batches[before if arrived else -1] != others.id
    assert journal.in_flight() == ()
    for one in (job, others):
        server.finish(one.id)
        assert all(result.entries for result in batches.results(one, BRIEF))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_that_were_lost_each_is_found(
    server: Server, batches: ClaudeBatches, order: tuple[int, int]
) -> None:
    """In whatever order, though they are of one size; one of another size is another's."""
    lost = [Batch(words=("casa", "perro")), Batch(words=("gato", "ratón"))]
    theirs = [{"custom_id": "a", "params": body_of("x", BRIEF, claude(server).manner)}]
    ours = []
    for batch in lost:
        server.fail_next(dropped(done=True), on=BATCHES)
        server.fail_next(Fault(), *[server_error(0.01)] * 4, on=LIST)
        with pytest.raises(Unavailable):
            batches.submit(batch)
        ours.append(server.batches[-1])
        handed_in_elsewhere(server, theirs)

    jobs = {number: batches.submit(lost[number]) for number in order}

    assert [jobs[0].id, jobs[1].id] == ours
    assert len(server.batches) == 4
    for job in jobs.values():
        server.finish(job.id)
        assert all(result.entries for result in batches.results(job, BRIEF))


class Killed(BaseException):
    """Stands for a kill: nothing that was going on goes on."""


class Steps:
    """Kills at a step: before or after anything is written, removed, sent."""

    def __init__(self) -> None:
        self.left = math.inf

    def counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def done(*args: Any, **settings: Any) -> Any:
            self._step()
            given = act(*args, **settings)
            self._step()
            return given

        return done

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize(
    "every", [pytest.param(13, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_killed_at_any_two_steps_a_batch_is_made_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    """The first of any step, the second of some or all; the third run has its job."""
    steps = Steps()
    asked = claude(server)
    client = asked.connection.client._client
    monkeypatch.setattr(client, "send", steps.counted(client.send))
    for name in ("write_whole", "_remove"):
        act = getattr(stages.providers.journal, name)
        monkeypatch.setattr(f"stages.providers.journal.{name}", steps.counted(act))

    def killed(batch: Batch, journal: Journal, after: float) -> bool:
        steps.left = after
        with suppress(Killed):
            ClaudeBatches(asked, journal).submit(batch)
            return False
        return True

    def survived(first: int, second: float) -> bool:
        """Tell whether two kills came too late."""
        batch = Batch(words=(f"casa {first} {second}", f"perro {first} {second}"))
        journal = Journal(tmp_path / f"{first} {second}")
        before = len(server.batches)
        kills = [killed(batch, journal, after) for after in (first, second)]
        steps.left = math.inf
        job = ClaudeBatches(asked, journal).submit(batch)
        assert server.batches[before:] == (job.id,), (first, second)
        assert journal.in_flight() == ()
        return not all(kills)

    for first in itertools.count():
        if not killed(Batch(words=(f"once {first}",)), Journal(tmp_path / f"once {first}"), first):
            break
        survived(first, math.inf)
        next(second for second in itertools.count(first % every, every) if survived(first, second))
    assert first > 20


def test_a_batch_is_looked_for_over_many_pages(server: Server, batches: ClaudeBatches) -> None:
    """Others of the account may have come in between."""
    server.fail_next(dropped(done=True), on=BATCHES)
    server.fail_next(Fault(), *[server_error(0.01)] * 4, on=LIST)
    with pytest.raises(Unavailable):
        batches.submit(Batch(words=("casa", "perro")))
    requests = [{"custom_id": "a", "params": body_of("x", BRIEF, claude(server).manner)}]
    handed_in_elsewhere(server, *[requests] * 230)

    assert batches.submit(Batch(words=("casa", "perro"))).id == server.batches[0]
    assert len(server.batches) == 231


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (rate_limited(), RateLimited),
        (rate_limited(3600), RateLimited),
        (spend_limit(), QuotaExhausted),
        (billing(), QuotaExhausted),
        (permission_denied(), Denied),
        (Fault(400, "requests: too many"), Rejected),
        (not_found(), NotFound),
    ],
)
def test_where_it_was_not_taken_it_is_said_and_nothing_is_in_flight(
    server: Server,
    batches: ClaudeBatches,
    journal: Journal,
    fault: Fault,
    error: type[ProviderError],
) -> None:
    """It was tried once; the next time it is handed in."""
    server.fail_next(fault, on=BATCHES)

    with pytest.raises(error):
        batches.submit(Batch(words=WORDS))
    assert len(server.handed_in) == 1
    assert journal.in_flight() == ()
    assert batches.submit(Batch(words=WORDS)).id == server.batches[0]
    assert len(server.batches) == 1


def test_many_at_once_hand_one_batch_in(server: Server, journal: Journal) -> None:
    """Whoever comes first; the others get its job."""
    providers = [ClaudeBatches(claude(server), journal) for _ in range(6)]
    jobs: list[Job] = []
    work = [
        threading.Thread(target=lambda one=one: jobs.append(one.submit(Batch(words=WORDS))))
        for one in providers
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()

    assert {job.id for job in jobs} == set(server.batches)
    assert len(server.batches) == 1
    assert len(jobs) == 6


# What the API might say

BARE = {
    "id": "a",
    "processing_status": "ended",
    "request_counts": {},
    "created_at": "",
    "expires_at": "",
}


def with_answers(batches: ClaudeBatches, monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> None:
    """Let the client get these bodies instead of what the server says."""
    import httpx2

    left = list(answers)
    client = batches._claude.connection.client._client
    send = client.send

    def sent(request: Any, **settings: Any) -> Any:
        if left and request.method == "GET":
            content = left.pop(0)
            if content != AS_IT_IS:
                return httpx2.Response(200, content=content, request=request)
        return send(request, **settings)

    monkeypatch.setattr(client, "send", sent)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        json.dumps({**BARE, "id": 7}).encode(),
        json.dumps({**BARE, "processing_status": "gone"}).encode(),
        json.dumps({**BARE, "request_counts": [1]}).encode(),
        json.dumps({**BARE, "created_at": None}).encode(),
        b'{"data": 7}',
        b'{"data": [{"id": "a"}]}',
        json.dumps({"data": [{**BARE, "created_at": "soon"}]}).encode(),
    ],
)
def test_what_is_no_batch_is_said(
    server: Server, batches: ClaudeBatches, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """Whatever comes instead, where one is looked at and where they are listed."""
    job = batches.submit(Batch(words=WORDS))
    with_answers(batches, monkeypatch, content, content)

    with pytest.raises(BadAnswer, match="what came is no"):
        batches.status(job)
    with pytest.raises(BadAnswer, match="what came is no"):
        batches.submit(Batch(words=("otra",)))
    assert len(server.batches) == 1
    assert batches.submit(Batch(words=("otra",))).id == server.batches[-1] != job.id


def test_a_line_that_is_none_spoils_no_other(
    server: Server, batches: ClaudeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what is wrong with it; a word that stands there twice counts once."""
    job = batches.submit(Batch(words=("casa", "perro", "gato", "ratón", "pez")))
    server.finish(job.id)
    names = {word: name for name, word in job.words.items()}

    def line(name: object, **result: Any) -> bytes:
        return json.dumps({"custom_id": name, "result": result}).encode()

    good = json.loads(message(json.dumps(said(entry("casa")))))
    lines = [
        b"{",
        b"7",
        line(None, type="succeeded"),
        line("\ud83d", type="succeeded"),
        line(names["casa"], type="succeeded", message=good),
        line(names["casa"], type="succeeded", message=good),
        line(names["perro"], type="succeeded"),
        line(names["gato"], type="unheard-of"),
        line(names["ratón"], type="errored", error={"error": {"message": "\x1b[31m\ud83d no"}}),
        json.dumps({"custom_id": names["pez"], "result": 7}).encode(),
    ]
    with_answers(batches, monkeypatch, AS_IT_IS, b"\n".join(lines))

    results = list(batches.results(job, BRIEF))

    assert [(one.word, [problem.code for problem in one.problems]) for one in results] == [
        ("", ["bad-answer"]),
        ("", ["bad-answer"]),
        ("", ["other-batch"]),
        ("", ["other-batch"]),
        ("casa", []),
        ("", ["other-batch"]),
        ("perro", ["bad-answer"]),
        ("gato", ["errored"]),
        ("ratón", ["errored"]),
        ("pez", ["errored"]),
    ]
    assert results[8].problems[0].why == "Claude could not answer: [31m no"
    assert to_json(tuple(results))


jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("\ud83d"),
    lambda some: (
        st.lists(some, max_size=3)
        | st.dictionaries(
            st.text() | st.sampled_from(["type", "message", "error", "content", "usage"]),
            some,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_whatever_stands_in_the_results_each_word_gets_one(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """And never an exception."""
    batches = ClaudeBatches(ClaudeAnalysis(api_key=KEY), Journal(tmp_path_factory.mktemp("j")))
    words = FrozenMap({"a-1": "casa", "b-2": "perro"})
    job = Job(id="x", provider="claude", words=words)
    ids = st.sampled_from(["a-1", "b-2"]) | jsons
    results = jsons | st.fixed_dictionaries(
        {"type": st.sampled_from(["succeeded", "errored", "expired"])},
        optional={"message": jsons | st.just(json.loads(message("{}"))), "error": jsons},
    )
    lines = st.binary() | st.fixed_dictionaries({"custom_id": ids, "result": results}).map(
        lambda one: json.dumps(one).encode()
    )
    content = b"\n".join(data.draw(st.lists(lines, max_size=5)))
    waiting = dict(words)

    found = [batches._result(line, waiting, job, BRIEF) for line in content.splitlines()]
    found += [batches._left_out(word, job, BRIEF) for word in waiting.values()]

    named = [one.word for one in found if one.word]
    assert sorted(named) == ["casa", "perro"]
    assert to_json(tuple(attrs.evolve(one, entries=()) for one in found))


@pytest.mark.parametrize("batch_id", ["", "..", "../models", "a/b", "a?b", "\ud83d", "año"])
def test_what_is_no_id_is_not_asked_for(
    server: Server, batches: ClaudeBatches, batch_id: str
) -> None:
    """As it may stand in a file that somebody wrote."""
    job = Job(id=batch_id, provider="claude", words=FrozenMap())

    acts: list[Callable[[], object]] = [
        lambda: batches.status(job),
        lambda: batches.cancel(job),
        lambda: list(batches.results(job, BRIEF)),
    ]
    for act in acts:
        with pytest.raises(NotFound, match="is no id of a batch") as caught:
            act()
        assert str(caught.value).isprintable()
    assert server.requests == ()


def test_a_batch_that_is_gone_is_said(batches: ClaudeBatches) -> None:
    """As is one of another account."""
    job = batches.submit(Batch(words=WORDS))
    gone = attrs.evolve(job, id="msgbatch_gone")

    with pytest.raises(NotFound, match="there is no batch msgbatch_gone"):
        batches.status(gone)
    outcome = check_batch(Context.of(batch=Batch(words=WORDS, job=gone)), batch_provider=batches)
    assert [one.code for one in failed(outcome).problems] == ["not-found"]


def test_results_break_off_and_are_fetched_again(server: Server, batches: ClaudeBatches) -> None:
    """By the SDK, within its bound; then it is said."""
    job = batches.submit(Batch(words=WORDS))
    server.finish(job.id)
    results = f"GET /v1/messages/batches/{job.id}/results"
    server.fail_next(truncated(), dropped(), server_error(0.01), on=results)
    assert len(list(batches.results(job, BRIEF))) == 6
    server.fail_next(*[truncated()] * 4, on=results)
    with pytest.raises(Unavailable, match="broke off"):
        list(batches.results(job, BRIEF))


def test_the_key_goes_to_no_other_address(
    server: Server, batches: ClaudeBatches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever address the API names for the results, they are fetched from the API."""
    job = batches.submit(Batch(words=WORDS))
    server.finish(job.id)
    with ClaudeLoopback() as elsewhere:
        monkeypatch.setattr(server._batches, "_url", lambda: elsewhere.url)
        client = batches._claude.connection.client
        assert client.messages.batches.retrieve(job.id).results_url.startswith(elsewhere.url)

        assert len(list(batches.results(job, BRIEF))) == 6
        assert elsewhere.requests == ()


# How it is built


def test_it_keeps_its_secrets(
    server: Server, batches: ClaudeBatches, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a letter of the key in a repr, the journal, the batch's file or a pickle."""
    server.fail_next(Fault(401, KEY), on=BATCHES)
    with pytest.raises(Denied) as caught:
        batches.submit(Batch(words=WORDS))
    job = batches.submit(Batch(words=WORDS))
    server.finish(job.id)
    results = list(batches.results(job, BRIEF))
    seen = [batches, vars(batches), caught.value, caught.value.hint, job, results]
    seen += [to_json(Batch(words=WORDS, job=job)), pickle.dumps(batches)]
    seen += [file.read_bytes() for file in Path(journal.folder).rglob("*.answer")]

    assert repr(batches) == "<ClaudeBatches claude-sonnet-5-5>"
    assert [one for one in seen if "MARKED" in f"{one!r} {one!s}"] == []
    copy = pickle.loads(pickle.dumps(batches))
    with pytest.raises(Misconfigured):
        copy.status(job)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert copy.status(job).id == job.id


def test_random_lives_of_a_batch_end_in_one_answer_a_word(tmp_path: Path) -> None:
    """Whatever goes wrong on the way, nothing succeeds twice for a word."""
    for seed in range(2):
        chance = random.Random(seed)
        with Server() as server:
            journal = Journal(tmp_path / str(seed))
            context = Context.of(batch=Batch(words=WORDS))
            for _ in range(30):
                server.outcomes = {
                    word: chance.choice(["expired", "errored", "succeeded"]) for word in WORDS
                }
                if chance.random() < 0.5:
                    fault = chance.choice([dropped(done=True), overloaded(), rate_limited(3600)])
                    server.fail_next(fault, on=BATCHES)
                batches = ClaudeBatches(claude(server, retries=0), journal)
                outcome: Outcome = submit_batch(context, batch_provider=batches)
                for batch_id in server.batches:
                    server.finish(batch_id)
                outcome = outcome.bind(fetch_batch(batch_provider=batches))
                context = outcome.lash(_kept).unwrap()
                if not context[BATCH].waiting:
                    break
            assert context[BATCH].waiting == ()
            words = [one["Word"] for one in context[BATCH].entries]
            assert sorted(words) == sorted(WORDS)


def _kept(failure: Any) -> Outcome:
    from returns.result import Success

    return Success(failure.context)
