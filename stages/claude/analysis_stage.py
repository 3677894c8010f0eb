"""Words to meanings."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.mapping import Gathered, Mapper, each, serial
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.protocols import AnalysisProvider
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.keys import MEANINGS, VOCABULARY, WORDS
from stages.records.meaning import Meaning
from stages.records.usage import Usage, total
from stages.records.vocabulary import Vocabulary

MAX_COST = 1.0
"""How many US dollars one run may spend on words, where nobody says otherwise."""


@stage(needs=[WORDS], uses=[VOCABULARY], gives=[MEANINGS])
def analyze_words(
    context: Context,
    *,
    analysis_provider: AnalysisProvider,
    language: str = "es-419",
    native: str = "en",
    most: int = 6,
    max_cost: float = MAX_COST,
    dry_run: bool = False,
    mapper: Mapper = serial,
) -> Outcome:
    """
    Ask for the distinct meanings of every word; one bad word does not stop the others.

    Words that the vocabulary knows or skips are not asked for, nor are words that have meanings in
    the context already. Meanings come in the order of the words. What asking will cost is estimated
    before anything is asked, and what it did cost is reported.

    Args:
        context: Has the words, and may have a vocabulary and meanings.
        analysis_provider: Knows meanings.
        language: Of the words, a BCP 47 tag; its region says whose usage counts.
        native: Of the learner, a BCP 47 tag: what describes a picture is written in it.
        most: The most meanings of one word.
        max_cost: In US dollars; where the estimate is above it, nothing is asked.
        dry_run: Ask only what is free, and end with the plan for the rest.
        mapper: Where the asking is done.

    Problems:
        no-words: There is nothing to analyse.
        blank-word: Nothing but blanks.
        bad-setting: `most` is below one.
        over-the-cap: Asking would cost more than `max_cost`.
        not-found: The provider does not know the word.
        refused, bad-answer: Nothing that the provider answered can be used.
        others: What the provider says of a single answer, such as `other-word` or `look-alike`.
    """
    words = tuple(dict.fromkeys(context[WORDS]))
    if not words:
        return context.fail(
            "No words provided for analysis",
            problems=[Problem("no-words", str(WORDS), "it is empty", "give at least one word")],
        )
    if most < 1:
        why = f"a word has at least one meaning, and most={most} was asked for"
        return context.fail(why, problems=[Problem("bad-setting", "most", why)])
    brief = Brief(language=language, native=native, most=most)
    wanted = _Wanted.of(context, words)
    context = context.put(MEANINGS, wanted.there)
    estimates = {word: analysis_provider.estimate(word, brief) for word in wanted.new}
    estimate = total(estimates.values())
    planned = [word for word in wanted.new if dry_run and estimates[word].requests]
    if not dry_run and estimate.cost > Decimal(str(max_cost)):
        return _over_the_cap(context, estimate, max_cost)
    gathered = each(
        partial(analysis_provider.meanings, brief=brief),
        [word for word in wanted.new if word not in planned],
        mapper=mapper,
        where=lambda word: f"{WORDS}[{word}]",
    )
    found = tuple(one for analysis in gathered.values for one in analysis.meanings)
    context = context.put(MEANINGS, in_order((*wanted.there, *found), words))
    problems = (*_blanks(words), *gathered.problems, *_doubts(gathered))
    analysed = sum(bool(analysis.meanings) for analysis in gathered.values)
    paid = total(analysis.usage for analysis in gathered.values)
    cost = f" for {paid}" if paid.requests else ""
    if gathered.stopped:
        message = f"stopped after {analysed} of {counted(len(wanted.new), 'word')}{cost}"
        return context.fail(message, problems=problems)
    if problems and not (found or planned or wanted.known or wanted.skipped):
        message = f"none of {counted(len(words), 'word')} could be analysed{cost}"
        return context.fail(message, problems=problems)
    message = f"found {counted(len(found), 'meaning')} of {counted(analysed, 'word')}{cost}"
    message += f"; would ask for {counted(len(planned), 'word')}, {estimate}" if planned else ""
    message += "".join(f"; {part}" for part in wanted.left_out())
    counts = {
        "words": len(words),
        "known": len(wanted.known),
        "analysed": analysed,
        "meanings": len(found),
        **({"skipped": len(wanted.skipped)} if wanted.skipped else {}),
        **paid.counts,
    }
    report = context.report(message, problems=problems, counts=counts, planned=planned)
    return Success(report)


@attrs.frozen
class _Wanted:
    """
    Which words are asked for.

    Attributes:
        there: The meanings that the context has.
        new: The words to ask for.
        known: Those that have meanings already.
        skipped: Those that need no card.
    """

    there: tuple[Meaning, ...]
    new: tuple[str, ...]
    known: tuple[str, ...]
    skipped: tuple[str, ...]

    @classmethod
    def of(cls, context: Context, words: tuple[str, ...]) -> "_Wanted":
        there = context.get(MEANINGS, ())
        vocabulary = context.get(VOCABULARY) or Vocabulary()
        unwanted = frozenset(vocabulary.skipped)
        settled = vocabulary.settled.union(one.word for one in there)
        return cls(
            there,
            new=tuple(word for word in words if word.strip() and word not in settled),
            known=tuple(word for word in words if word in settled - unwanted),
            skipped=tuple(word for word in words if word in unwanted),
        )

    def left_out(self) -> Iterator[str]:
        """Say how many words are not asked for."""
        if self.known:
            yield f"{len(self.known)} known already"
        if self.skipped:
            yield f"{len(self.skipped)} skipped"


def in_order(meanings: Iterable[Meaning], words: Iterable[str]) -> tuple[Meaning, ...]:
    """
    Give the meanings in the order of their words; those of other words come last.

    >>> def meaning(word):
    ...     return Meaning(word=word, id="", context="", definition="", example="", gapped="", ipa="")
    >>> [one.word for one in in_order(map(meaning, "abc"), "cb")]
    ['c', 'b', 'a']
    """
    place = {word: number for number, word in enumerate(words)}
    return tuple(sorted(meanings, key=lambda one: place.get(one.word, len(place))))


def _over_the_cap(context: Context, estimate: Usage, max_cost: float) -> Outcome:
    why = f"{counted(estimate.requests, 'word')} to ask for, {estimate}, and max_cost is ${max_cost:g}"
    hint = f"allow it: max_cost={estimate.enough}; or see it first: dry_run=True"
    return context.fail(why, problems=[Problem("over-the-cap", str(WORDS), why, hint)])


def _doubts(gathered: Gathered[str, Analysis]) -> Iterator[Problem]:
    """Give what is wrong with answers that could be used, named by their words."""
    for word, analysis in gathered.done:
        for problem in analysis.problems:
            where = ".".join(filter(None, (f"{WORDS}[{word}]", problem.where)))
            yield attrs.evolve(problem, where=where)


def _blanks(words: Iterable[str]) -> Iterator[Problem]:
    for number, word in enumerate(words):
        if not word.strip():
            yield Problem("blank-word", f"{WORDS}[{number}]", "it is blank", "leave it out")
