"""Words to meanings."""

from collections.abc import Iterable
from functools import partial

from returns.result import Success

from stages.core.context import Context
from stages.core.mapping import Mapper, each, serial
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.protocols import AnalysisProvider
from stages.records.keys import MEANINGS, VOCABULARY, WORDS
from stages.records.meaning import Meaning
from stages.records.vocabulary import Vocabulary


@stage(needs=[WORDS], uses=[VOCABULARY], gives=[MEANINGS])
def analyze_words(
    context: Context,
    *,
    analysis_provider: AnalysisProvider,
    language: str = "es-419",
    mapper: Mapper = serial,
) -> Outcome:
    """
    Ask for the distinct meanings of every word; one bad word does not stop the others.

    Words that the vocabulary knows or skips are not asked for, nor are words that have meanings in
    the context already. Meanings come in the order of the words.

    Problems:
        no-words: There is nothing to analyse.
        blank-word: Nothing but blanks.
        not-found: The provider does not know the word.
    """
    words = tuple(dict.fromkeys(context[WORDS]))
    if not words:
        return context.fail(
            "No words provided for analysis",
            problems=[Problem("no-words", str(WORDS), "it is empty", "give at least one word")],
        )
    there = context.get(MEANINGS, ())
    vocabulary = context.get(VOCABULARY) or Vocabulary()
    settled = vocabulary.settled.union(one.word for one in there)
    known = [w for w in words if w in settled]
    wanted = [w for w in words if w.strip() and w not in settled]
    gathered = each(
        partial(analysis_provider.meanings, language=language),
        wanted,
        mapper=mapper,
        where=lambda word: f"{WORDS}[{word}]",
    )
    problems = (*_blanks(words), *gathered.problems)
    found = tuple(one for meanings in gathered.values for one in meanings)
    meanings = in_order((*there, *found), words)
    context = context.put(MEANINGS, meanings)
    counts = {
        "words": len(words),
        "known": len(known),
        "analysed": len(gathered.done),
        "meanings": len(found),
    }
    if gathered.stopped:
        return context.fail(
            f"stopped after {len(gathered.done)} of {counted(len(wanted), 'word')}",
            problems=problems,
        )
    if problems and not found and not known:
        return context.fail(
            f"none of {counted(len(words), 'word')} could be analysed", problems=problems
        )
    message = f"found {counted(len(found), 'meaning')} of {counted(len(gathered.done), 'word')}"
    return Success(context.report(message, problems=problems, counts=counts))


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


def _blanks(words: Iterable[str]) -> Iterable[Problem]:
    for number, word in enumerate(words):
        if not word.strip():
            yield Problem("blank-word", f"{WORDS}[{number}]", "it is blank", "leave it out")
