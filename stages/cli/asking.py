"""Whom words are asked of: a person's own lexicons, the embedded one, Claude."""

import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path

import attrs
from rich.console import Console

from stages.cli.announced import Announced, broken_off
from stages.cli.call import Call
from stages.cli.lexicons import lexicon_in, spelled, words_in_all
from stages.cli.options import ClaudeOptions
from stages.cli.said import say, say_on
from stages.providers.chain import Chain
from stages.providers.claude import ClaudeAnalysis, ClaudeBatches
from stages.providers.journal import Journal, journaled
from stages.providers.lexicon import Lexicon
from stages.providers.protocols import AnalysisProvider


def journal_in(folder: Path) -> Journal:
    """Give the journal of a folder: what was paid for lies there."""
    return Journal(folder / ".stages" / "journal")


def claude_of(options: ClaudeOptions, journal: Journal, *, asks: bool = True) -> ClaudeAnalysis:
    """
    Give the Claude that keeps what it paid for.

    Args:
        options: How it is asked.
        journal: Keeps what it paid for.
        asks: Whether it is going to be asked: to estimate takes no key.

    Raises:
        Misconfigured: There is no key, or the library is missing.
    """
    key = None if asks else "no-key-is-needed"
    return journaled(
        ClaudeAnalysis(model=options.model, effort=options.effort, api_key=key), journal
    )


def batches_of(file: Path, options: ClaudeOptions, *, asks: bool = True) -> ClaudeBatches:
    """Give the Claude that answers a staged file later; raises as `claude_of` does."""
    journal = journal_in(file.parent)
    return ClaudeBatches(claude_of(options, journal, asks=asks), journal)


@attrs.frozen
class Asking:
    """
    Those who know words, in the order in which they are asked.

    Attributes:
        own: A person's own lexicons.
        claude: The one that is asked last; None where none is.
        console: Shows what costs, and how far things are.
    """

    own: tuple[AnalysisProvider, ...]
    claude: ClaudeAnalysis | None
    console: Console

    @classmethod
    def of(cls, call: Call, claude: ClaudeAnalysis | None) -> "Asking":
        """Open the lexicons that were named."""
        console = Console(stderr=True)
        own = tuple(lexicon_in(path, call.language, call.folder, console) for path in call.lexicons)
        return cls(own, claude, console)

    def words(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """Give the words as the lexicons have them; where none are given, all that they have."""
        if not given:
            return words_in_all(self.own or (Lexicon(),))
        known = [one for one in (*self.own, Lexicon()) if isinstance(one, Lexicon)]
        return tuple(dict.fromkeys(spelled(word, known) for word in given))

    def provider(self, *, dry_run: bool) -> AnalysisProvider:
        """Give whoever is asked."""
        free = (*self.own, Lexicon())
        if not self.claude:
            return Chain(*free)
        chain = Chain(*free, self.claude)
        if dry_run:  # nothing is asked that costs, and the plan says what it would
            return chain
        return Announced(chain, self.claude.manner.model, partial(say_on, self.console))


def say_broken_off(folder: Path, whom: Collection[str]) -> None:
    """Say what these were asked for when an earlier run was killed."""
    live = (one for one in journal_in(folder).in_flight() if one.provider in whom)
    told = broken_off(live)
    if told:
        say(told, sys.stderr)
