"""Words that have no meaning yet: staged in a file, with the command that goes on from it."""

from collections.abc import Callable, Iterable, Iterator

import attrs

from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.cli.call import Call
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.json import to_json
from stages.core.outcome import StageFailure
from stages.core.pipeline import pipe
from stages.core.problem import Problem
from stages.providers.files import Files
from stages.records.batch import Batch
from stages.records.keys import BATCH, WORDS
from stages.show.summary import is_unknown_word

_LATER = frozenset(("rate-limited", "unavailable"))
"""A word with such a problem is not unknown: the same command asks for it again."""

_CURED = _LATER | {"over-the-cap", "denied", "quota-exhausted", "misconfigured"}
"""Where Claude could not be asked for one of these reasons, filling in a file is not the cure."""


def staged_after_failure(call: Call, failure: StageFailure) -> list[str]:
    """Stage the words that have no meanings, where that helps after this failure."""
    cured = any(problem.code in _CURED for problem in failure.problems)
    if call.claude and failure.stage == analyze_words.name and cured:
        return []
    return staged(call, failure.context, call.again, failure.problems)


def staged(
    call: Call, context: Context, again: Callable[..., str], problems: Iterable[Problem] = ()
) -> list[str]:
    """
    Stage the words that have no meanings, and say how to go on with them.

    Args:
        call: What was typed.
        context: As the build left it.
        again: Gives the command that goes on from a staged file.
        problems: What stands in no report.
    """
    if WORDS not in context:
        return []
    every = (*(one for report in context.reports for one in report.problems), *problems)
    batch = _unknown(call, context, every)
    left = {problem.where for problem in every if problem.code == "not-filled-in"}
    new = tuple(word for word in batch.words if _at(word) not in left)
    lines = []
    if len(new) < len(batch.words):
        files = ", ".join(map(str, call.from_batch))
        words = ", ".join(word for word in batch.words if word not in new)
        lines.append(f"not filled in yet in {files}: {words}")
    return [*lines, *_written(call, _of(batch, new), again, every)] if new else lines


def _at(word: str) -> str:
    return f"{WORDS}[{word}]"


def _unknown(call: Call, context: Context, problems: Iterable[Problem]) -> Batch:
    """Give a batch of the words that nobody knows."""
    later = {problem.where for problem in problems if problem.code in _LATER}
    planned = {
        word
        for report in context.reports
        if report.stage == analyze_words.name
        for word in report.planned
    }
    words = tuple(w for w in context[WORDS] if w not in planned and _at(w) not in later)
    prepare = prepare_batch(language=call.language, native=call.asked.native, most=call.asked.most)
    batch: Batch = pipe(context.put(WORDS, words), prepare).unwrap()[BATCH]
    return batch


def _of(batch: Batch, words: tuple[str, ...]) -> Batch:
    """Give the batch with these of its words alone."""
    ipa = FrozenMap({word: ipa for word, ipa in batch.ipa.items() if word in words})
    return attrs.evolve(batch, words=words, ipa=ipa)


def _written(
    call: Call, batch: Batch, again: Callable[..., str], problems: Iterable[Problem]
) -> Iterator[str]:
    file = call.staged(batch)
    hints = {problem.where: _hint(problem) for problem in problems if is_unknown_word(problem)}
    near = {
        word: f"to read the file of this name: ./{word}"
        if Files().exists(word)
        else hints.get(_at(word))
        for word in batch.words
    }
    named = (f"{word} ({hint})" if hint else word for word, hint in near.items())
    yield f"no meanings known of {len(batch.words)}: {', '.join(named)}"
    if call.dry_run:
        yield f"they would be staged in {file}"
        return
    if not file.exists():
        Files().write(str(file), to_json(batch))
    yield f"fill in {file}, or give it to Claude; then: {again(file)}"


def _hint(problem: Problem) -> str:
    """Give the hint without where an answer is kept: whoever fills the word in needs no answer."""
    return problem.hint.partition("the answer is kept in")[0].rstrip("; ")
