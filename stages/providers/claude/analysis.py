"""Claude asked live: one word, one request."""

from collections.abc import Iterable, Iterator

import attrs

from stages.core.problem import Problem, ProviderError, Severity
from stages.providers.claude.connection import Connection
from stages.providers.claude.wire import Manner, Reading, body_of, estimated, read, spent
from stages.providers.errors import BadAnswer, Rejected
from stages.providers.journal import Answer, Kept, Request, Send
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.entry import judged
from stages.records.meaning import Meaning
from stages.records.usage import Usage
from stages.records.word import is_whole


@attrs.frozen
class _Live:
    """Asks over a connection; the label is the journal's."""

    connection: Connection

    def __call__(self, request: Request, label: str) -> Answer:  # noqa: ARG002
        return Answer(self.connection.message(dict(request)))


class ClaudeAnalysis:
    """
    The `AnalysisProvider` that asks Claude: one word, one request, one paid answer.

    `journaled` makes one that keeps what it paid for. It may be asked from many threads at once.

    Attributes:
        name: What the journal calls it.
        manner: How Claude is asked.
        connection: Where.
        send: Takes a request and the word it is for, and gives the raw answer.
    """

    name = "claude"

    def __init__(
        self,
        *,
        model: str = Manner().model,
        effort: str = Manner().effort,
        max_tokens: int = Manner().max_tokens,
        cache: str = Manner().cache,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 300.0,
        retries: int = 3,
        longest_wait: float = 60.0,
    ) -> None:
        """
        Ask over the vendor's SDK.

        Args:
            model: Which Claude.
            effort: How long it thinks: "low", "medium", "high", "xhigh" or "max".
            max_tokens: The most that it may write of a word, its thinking among it.
            cache: How long the part that all requests share is cached, "5m" or "1h"; "" for not at
                all. The API leaves out what is shorter than its model's floor.
            api_key: The key; else that of the environment, in `ANTHROPIC_API_KEY`.
            base_url: Of the API, where it is not the usual one.
            timeout: Of one try, in seconds.
            retries: How often what failed for the moment is tried again.
            longest_wait: In seconds; if we are asked to wait longer, the word fails at once.

        Raises:
            Misconfigured: There is no key, or the library `anthropic` is missing.
        """
        self.manner = Manner(model=model, effort=effort, max_tokens=max_tokens, cache=cache)
        self.connection = Connection(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
            longest_wait=longest_wait,
        )
        self.send: Send = _Live(self.connection)

    def __repr__(self) -> str:
        return f"<ClaudeAnalysis {self.manner.model}>"

    def estimate(self, word: str, brief: Brief) -> Usage:
        """Estimate what asking for a word takes; nothing where the journal has the answer."""
        body = body_of(word, brief, self.manner)
        there = isinstance(self.send, Kept) and self.send.found(body)
        return Usage() if there else estimated(body, brief.most)

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """Give the distinct meanings of a word, the most common first."""
        check(word)
        answer = self.send(body_of(word, brief, self.manner), word)
        meanings: tuple[Meaning, ...] = ()
        try:
            meanings, problems = _judged(read(answer.content, word), brief)
        except ProviderError as error:
            problems = (error.at(""),)
        return Analysis(
            meanings=meanings,
            problems=(*_doubts(answer), *told_where_kept(problems, answer)),
            usage=spent(answer.content) if answer.paid else Usage(),
        )


def check(word: str) -> None:
    """
    Find a word that cannot be asked for.

    Raises:
        Rejected: It cannot be sent.
    """
    if not is_whole(word):
        raise Rejected(f"{word!r:.60} holds half a character", "type the word again")


def told_where_kept(problems: Iterable[Problem], answer: Answer) -> tuple[Problem, ...]:
    """Give the problems of an answer; the errors say where it can be read."""
    where = f"the answer is kept in {answer.kept_at}; delete that file to ask again"

    def told(problem: Problem) -> Problem:
        if not answer.kept_at or problem.severity is not Severity.ERROR:
            return problem
        return attrs.evolve(problem, hint="; ".join(filter(None, (problem.hint, where))))

    return tuple(map(told, problems))


def _judged(reading: Reading, brief: Brief) -> tuple[tuple[Meaning, ...], tuple[Problem, ...]]:
    """Give the meanings of an answer that can be used, and what is wrong with it."""
    meanings: dict[str, Meaning] = {}
    problems = [*reading.problems]
    for number, entry in reading.entries:
        where = f"meanings[{number}]"
        meaning, found = judged(entry, where, language=brief.language)
        problems += found
        if meaning and meaning.id in meanings:
            why = f"an earlier one is {meaning.id!r} already"
            problems.append(Problem("same-meaning", where, why))
        elif meaning and len(meanings) == brief.most:
            why = f"at most {brief.most} were asked for, and this is one more"
            problems.append(Problem("too-many", where, why, severity=Severity.WARNING))
        elif meaning:
            meanings[meaning.id] = meaning
    if not meanings:
        faults = [str(one) for one in problems if one.severity is Severity.ERROR]
        raise BadAnswer(f"no meaning of the answer can be used: {'; '.join(faults):.300}")
    return tuple(meanings.values()), tuple(problems)


def _doubts(answer: Answer) -> Iterator[Problem]:
    """Say what happened to the answer on its way."""
    if answer.interrupted:
        why = "an earlier run was stopped while this was asked, and may have been charged for it"
        yield Problem("asked-twice", "", why, severity=Severity.WARNING)
    if answer.not_kept:
        why = f"the answer could not be kept: {answer.not_kept}"
        hint = "mend that, or it will be asked and paid for again"
        yield Problem("not-kept", "", why, hint, Severity.WARNING)
