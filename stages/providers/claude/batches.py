"""Claude asked in Message Batches: handed in, fetched within a day, at half the price."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import structured
from stages.core.problem import Problem, ProviderError
from stages.providers.claude.analysis import ClaudeAnalysis, check, told_where_kept
from stages.providers.claude.connection import in_our_words
from stages.providers.claude.wire import Manner, body_of, custom_id, estimated, read, spent
from stages.providers.errors import BadAnswer, NotFound, Rejected, Unavailable
from stages.providers.journal import Answer, Journal
from stages.providers.vendor import line_of
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.job import Job, JobOutcome, JobResult, JobState
from stages.records.usage import Usage, total

_NAME = "claude batch"
_PAGE = 100

_PATIENCE = 600.0
"""Seconds for handing in a batch: a second try would be a second batch."""

_MISSING = NotFound, "for some seconds a new batch is not known yet: ask again"
"""What a 404 is where a batch is asked for; one whose results are older than 29 days is gone."""


class ClaudeBatches:
    """
    The `BatchProvider` that asks Claude in Message Batches.

    Each request is, letter by letter, the one that the live Claude would send, and each answer that
    is fetched is kept in the journal as the answer to that one too. What the journal has already is
    not asked for.
    """

    def __init__(self, claude: ClaudeAnalysis, journal: Journal) -> None:
        """
        Ask as this Claude asks.

        Args:
            claude: Has the model, the manner of asking, and the connection.
            journal: Keeps the ids of what was handed in, and the answers.
        """
        self._claude = claude
        self._journal = journal

    def __repr__(self) -> str:
        return f"<ClaudeBatches {self._claude.manner.model}>"

    def estimate(self, batch: Batch) -> Usage:
        """Estimate what the words of a batch that wait will take; asks nobody."""
        bodies = (self._body(word, batch.brief) for word in batch.waiting)
        return total(
            estimated(body, batch.brief.most, batch=True)
            for body in bodies
            if not self._answered(body)
        )

    def submit(self, batch: Batch) -> Job:
        """Hand in the words of a batch that wait; the job's id lies on disk when this returns."""
        bodies = {}
        for word in batch.waiting:
            check(word)
            bodies[word] = self._body(word, batch.brief)
        words = FrozenMap({custom_id(word, body): word for word, body in bodies.items()})
        manner = attrs.asdict(self._claude.manner, value_serializer=lambda *given: str(given[-1]))
        job = Job(id="", provider=self._claude.name, words=words, manner=FrozenMap(manner))
        key = {"requests": sorted(words)}
        requests = [
            {"custom_id": name, "params": bodies[word]}
            for name, word in words.items()
            if not self._answered(bodies[word])
        ]
        job, new = self._handed_in(key, requests, job)
        if new:
            return job
        try:
            job = self.status(job)
        except NotFound:  # as happens for some seconds
            return job
        if requests and job.state is JobState.ENDED and not job.counts.get("succeeded"):
            self._journal.forget(_NAME, key)  # it gave nothing, so it is handed in anew
            job, _ = self._handed_in(key, requests, job)
        return job

    def status(self, job: Job) -> Job:
        """Give the job as it is now."""
        return _as_it_is(job, self._ask("retrieve", _id(job)))

    def cancel(self, job: Job) -> Job:
        """Stop answering; what was answered by then can be fetched once the job has ended."""
        return _as_it_is(job, self._ask("cancel", _id(job)))

    def results(self, job: Job, brief: Brief) -> Iterator[JobResult]:
        """Give what became of each word of a job that has ended, in any order."""
        if self.status(job).state is not JobState.ENDED:
            raise Rejected(f"{job.id} has not ended yet", "fetch it again later")
        waiting = dict(job.words)
        for line in self._lines(job):
            yield self._result(line, waiting, job, brief)
        for word in waiting.values():
            yield self._left_out(word, job, brief)

    def _body(self, word: str, brief: Brief, job: Job | None = None) -> dict[str, Any]:
        """Give the request for a word, as the job asked for it or as we would ask now."""
        return body_of(word, brief, _manner(job) if job else self._claude.manner)

    def _answered(self, body: Mapping[str, Any]) -> Answer | None:
        return self._journal.found(self._claude.name, body)

    def _ask(self, act: str, *given: str, **settings: Any) -> dict[str, Any]:
        """Ask the API something about batches, and give the object that comes."""
        client = self._claude.connection.client
        if act == "create":
            client = client.with_options(max_retries=0, timeout=_PATIENCE)
        with in_our_words(_MISSING):
            ask = getattr(client.messages.batches.with_raw_response, act)
            content = ask(*given, **settings).http_response.content
        return _object(content)

    def _lines(self, job: Job) -> list[bytes]:
        """
        Give the lines of a job's results.

        They are fetched from where the API is: the SDK would go, with the key, to whatever address
        it was told.
        """
        path = f"/v1/messages/batches/{_id(job)}/results"
        with in_our_words(_MISSING):
            content = self._claude.connection.client.get(path, cast_to=bytes)
        return bytes(content).splitlines()

    def _handed_in(
        self, key: Mapping[str, Any], requests: list[dict[str, Any]], job: Job
    ) -> tuple[Job, bool]:
        """Give the job as it is once it is handed in, and whether it was handed in now."""
        label = f"a batch of {len(requests)}"
        answer = self._journal.kept(_NAME, key, label, lambda _: self._create(key, requests))
        self._journal.forget(_NAME, _mark(key))
        return _as_it_is(job, _object(answer.content)), answer.paid

    def _create(self, key: Mapping[str, Any], requests: list[dict[str, Any]]) -> bytes:
        """
        Hand a batch in, once; where nobody knows whether that was done before, look for it first.

        When the newest batch of the account was made is noted before. If the run is killed or the
        answer is lost, the first one after that which is as large as ours, and not known as another,
        is ours.
        """
        noted = self._journal.found(_NAME, _mark(key))
        made = self._first_after(_object(noted.content), key) if noted else None
        made = made or self._made(key, requests)
        self._journal.keep(_NAME, {"job": made["id"]}, _owner(key))
        return json.dumps(made).encode()

    def _made(self, key: Mapping[str, Any], requests: list[dict[str, Any]]) -> dict[str, Any]:
        if not requests:
            why = "every answer that is wanted lies in the journal"
            raise Rejected(why, "ask for the words live: it costs nothing")
        newest = next(self._batches(), None)
        mark = {"after": newest and newest["created_at"], "size": len(requests)}
        self._journal.forget(_NAME, _mark(key))
        self._journal.keep(_NAME, _mark(key), json.dumps(mark).encode())
        try:
            made = self._ask("create", requests=requests)
            _as_it_is(_ANY, made)  # it is one
        except (Unavailable, BadAnswer) as error:
            found = self._first_after(mark, key)
            if not found:
                why = f"nobody knows whether the batch arrived: {error}"
                hint = "run it again: it is looked for before it is handed in again"
                raise Unavailable(why, hint) from None
            return found
        return made

    def _first_after(
        self, mark: Mapping[str, Any], key: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Give the oldest batch of a size that is newer than a mark, and not known as another."""
        found = None
        for one in self._batches():
            if mark["after"] and _made_at(one) <= _made_at({"created_at": mark["after"]}):
                break
            known = self._journal.found(_NAME, {"job": one["id"]})
            others = known and known.content != _owner(key)
            if _size(one) == mark["size"] and not others:
                found = one
        return found

    def _batches(self) -> Iterator[dict[str, Any]]:
        """Give the batches of the account, the newest first."""
        after: dict[str, Any] = {}
        while True:
            page = self._ask("list", limit=_PAGE, **after)
            every = page.get("data")
            if not isinstance(every, list):
                raise BadAnswer("what came is no list of batches of the API")
            for one in every:
                _as_it_is(_ANY, one)  # it is one
                _made_at(one)
                yield one
            if not page.get("has_more"):
                return
            after = {"after_id": page.get("last_id")}

    def _result(self, line: bytes, waiting: dict[str, str], job: Job, brief: Brief) -> JobResult:
        """Give what became of one word, which then waits no longer."""
        try:
            said = _object(line)
        except BadAnswer as error:
            return JobResult(word="", outcome=JobOutcome.ERRORED, problems=(error.at(""),))
        name, result = said.get("custom_id"), said.get("result")
        if not isinstance(name, str) or name not in waiting:
            why = f"{line_of(name)!r} is no request of {job.id}, or is there twice"
            problem = Problem("other-batch", "", why)
            return JobResult(word="", outcome=JobOutcome.ERRORED, problems=(problem,))
        word = waiting.pop(name)
        about = result if isinstance(result, dict) else {}
        match about.get("type"):
            case "succeeded":
                content = json.dumps(about.get("message"), ensure_ascii=False)
                return self._read(word, content.encode("utf-8", "surrogatepass"), job, brief)
            case "canceled" | "expired" as outcome:
                return JobResult(word=word, outcome=JobOutcome(outcome))
            case _:
                return _errored(word, f"Claude could not answer: {_reason(about)}")

    def _read(self, word: str, content: bytes, job: Job, brief: Brief) -> JobResult:
        """Read the answer to one word, and keep it as that of the live call."""
        body = self._body(word, brief, job)
        answer = Answer(content)
        if custom_id(word, body) in job.words:  # else it was asked for in another way
            answer = self._journal.keep(self._claude.name, body, content)
        return _answered(word, answer, spent(content, batch=True))

    def _left_out(self, word: str, job: Job, brief: Brief) -> JobResult:
        """Give what there is of a word of which the results say nothing."""
        answer = self._answered(self._body(word, brief, job))
        if answer:
            return _answered(word, answer, Usage())
        return _errored(word, f"the results of {job.id} say nothing of it")


_ANY = Job(id="", provider="", words=FrozenMap())


def _as_it_is(job: Job, saved: Mapping[str, Any]) -> Job:
    """Give a job as the API says that it is."""
    try:
        said = {
            "id": saved["id"],
            "state": saved["processing_status"],
            "counts": saved["request_counts"],
            "created": saved["created_at"],
            "expires": saved["expires_at"],
        }
        now: Job = structured({**attrs.asdict(_ANY), "words": {}, "manner": {}, **said}, Job)
    except (LookupError, TypeError, ValueError) as error:
        why = f"what came is no batch of the API: {line_of(str(error))}"
        raise BadAnswer(why) from None
    return attrs.evolve(now, provider=job.provider, words=job.words, manner=job.manner)


def _answered(word: str, answer: Answer, usage: Usage) -> JobResult:
    entries: tuple[Any, ...] = ()
    try:
        reading = read(answer.content, word)
        entries, problems = tuple(entry for _, entry in reading.entries), reading.problems
    except ProviderError as error:
        problems = (error.at(""),)
    return JobResult(
        word=word,
        outcome=JobOutcome.SUCCEEDED,
        entries=entries,
        problems=told_where_kept(problems, answer),
        usage=usage,
    )


def _errored(word: str, why: str) -> JobResult:
    problem = Problem("errored", "", why, "hand it in again")
    return JobResult(word=word, outcome=JobOutcome.ERRORED, problems=(problem,))


def _manner(job: Job) -> Manner:
    """Give the manner in which a job asked; the usual one where its file was changed."""
    try:
        told: dict[str, Any] = dict(job.manner)
        return Manner(**{**told, "max_tokens": int(told["max_tokens"])})
    except (LookupError, TypeError, ValueError, ProviderError):
        return Manner()


def _mark(key: Mapping[str, Any]) -> dict[str, Any]:
    """Name the note of what was the newest batch before."""
    return {"newest before": key}


def _owner(key: Mapping[str, Any]) -> bytes:
    """Tell those apart who handed batches in."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest().encode()


def _id(job: Job) -> str:
    """Give the id of a job, which becomes part of an address."""
    if not re.fullmatch(r"[\w-]+", job.id, re.ASCII):
        raise NotFound(f"{line_of(job.id)!r} is no id of a batch", "look at the file of the batch")
    return job.id


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadAnswer("what came is nothing that the API would say")
    return value


def _made_at(batch: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(batch["created_at"]).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadAnswer("what came is no batch of the API: its time is none") from None


def _size(batch: Mapping[str, Any]) -> int:
    counts: Mapping[str, int] = batch["request_counts"]
    return sum(counts.values())


def _reason(about: Mapping[str, Any]) -> str:
    try:
        return line_of(about["error"]["error"]["message"]) or "no reason was given"
    except (LookupError, TypeError):
        return "no reason was given"
