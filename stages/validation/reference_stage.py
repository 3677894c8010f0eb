"""How the words of the meanings are spoken, by those who know it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeAlias

from returns.result import Failure, Result, Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.mapping import Gathered, each
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.errors import OtherLanguage
from stages.providers.protocols import PronunciationProvider
from stages.records.keys import MEANINGS, REFERENCES
from stages.records.meaning import Meaning
from stages.records.verdict import Reference, all_told

_Known: TypeAlias = Mapping[str, tuple[Reference, ...]]


@stage(needs=[MEANINGS], gives=[REFERENCES])
def look_up_references(
    context: Context, *, pronunciation_provider: PronunciationProvider
) -> Outcome:
    """
    Look up how the words of the meanings are spoken, those of a language all at once.

    A word that the provider does not know is left out. References that the context has already are
    kept, and come first.

    Args:
        context: Has the meanings.
        pronunciation_provider: Knows how words are spoken; asked once a language.

    Problems:
        misconfigured: The provider does not have the language; those of others are looked up.
    """
    words = _by_language(context[MEANINGS])
    gathered: Gathered[str, _Known] = each(
        partial(_asked, pronunciation_provider, words),
        words,
        where=lambda language: f"{MEANINGS}[{language}]",
    )
    known = FrozenMap(all_told((context.get(REFERENCES, FrozenMap()), *gathered.values)))
    context = context.put(REFERENCES, known)
    wanted = {word for some in words.values() for word in some}
    found = len(wanted.intersection(known))
    message = f"found how {found} of {counted(len(wanted), 'word')} are spoken"
    if gathered.stopped or gathered.nothing_done:
        return context.fail(message, problems=gathered.problems)
    counts = {"words": len(wanted), "found": found}
    return Success(context.report(message, problems=gathered.problems, counts=counts))


def _by_language(meanings: Iterable[Meaning]) -> dict[str, tuple[str, ...]]:
    """Give the distinct words by language, in their order."""
    words: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one in meanings:
        words[one.language][one.word] = None
    return {language: tuple(some) for language, some in words.items()}


def _asked(
    provider: PronunciationProvider, words: Mapping[str, tuple[str, ...]], language: str
) -> Result[_Known, Problem]:
    """Ask for the words of a language; one that the provider does not have stops no other."""
    try:
        return Success(provider.references(words[language], language))
    except OtherLanguage as error:
        return Failure(error.at(""))
