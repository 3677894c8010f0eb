"""`stages build`: words to a deck."""

from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter
from returns.result import Failure

from stages.claude.batch_stage import prepare_batch
from stages.cli.asking import Asking, claude_of, journal_in, say_broken_off
from stages.cli.call import Call
from stages.cli.making import Making, making_in
from stages.cli.options import (
    CARDS_OF,
    CLAUDE,
    FLAG,
    MEDIA,
    CardOptions,
    ClaudeOptions,
    MediaOptions,
)
from stages.cli.planning import planned, within_the_cap
from stages.cli.review import refuse_another_review, reviewed
from stages.cli.running import checked, looked_up, with_media
from stages.cli.said import (
    command,
    failed,
    interrupted,
    mistyped,
    say,
    say_doubts,
    say_each,
    stopped,
)
from stages.cli.waiting import staged, staged_after_failure
from stages.core.context import Context
from stages.core.outcome import Outcome, StageFailure
from stages.core.problem import ProviderError
from stages.core.stage import Stage
from stages.pipelines import sync
from stages.providers.claude import ClaudeAnalysis
from stages.providers.errors import Rejected
from stages.providers.media_folder import MediaFolder
from stages.providers.package import Package
from stages.records.keys import MEANINGS
from stages.show.summary import plan_of, summary_of
from stages.validation.media_stage import validate_media


def build(
    *words: str,
    cards: CardOptions = CARDS_OF,
    deck: str | None = None,
    review: Annotated[bool, FLAG] = False,
    dry_run: Annotated[bool, FLAG] = False,
    claude: Annotated[bool, FLAG, Parameter(group="Claude")] = False,
    options: ClaudeOptions = CLAUDE,
    media: MediaOptions = MEDIA,
) -> int:
    """
    Build an Anki deck from words, without network or key.

    With no words it builds the embedded example deck. Started again after a stop, it goes on with
    what is there; with the same words it rewrites nothing. Only --claude, --pictures and --sounds
    ask anybody: what costs is estimated before, and what was answered is never paid for again.

    Args:
        words: Words, or files with a word on each line; cards come in this order.
        cards: Which cards, and of which deck.
        deck: The name of the deck in Anki.
        review: Stop at a file of the meanings, to be read, cut and edited before pictures are made.
        dry_run: Show all that would be made and asked for, and write nothing.
        claude: Ask Claude for the words that no lexicon knows; ANTHROPIC_API_KEY has the key.
        options: How Claude is asked.
        media: Who makes or finds pictures and sounds, and how.

    Returns:
        0 when the deck is there as wanted, 1 when it is not.
    """
    if options != CLAUDE and not claude:
        said = " ".join(options.again())
        return mistyped(f"{said} is for Claude, which is not asked (add --claude)")
    if media.slip:
        return mistyped(media.slip)
    try:
        journal = journal_in(cards.to.parent)
        known = claude_of(options, journal, asks=not dry_run) if claude else None
        how = options if claude else None
        call = Call.of(words, cards, media=media, claude=how, deck=deck, dry_run=dry_run)
        return _Build.of(call, known, review=review).run(review=review)
    except ProviderError as error:
        return stopped(str(error.at("")))
    except KeyboardInterrupt:
        kept = "What was made is kept, and the same command goes on from there."
        under_way = "\nAnswers that are under way are waited for; Ctrl-C again leaves them."
        return interrupted(kept + (under_way if claude or media.pictures or media.sounds else ""))


@attrs.frozen
class _Build:
    """One call of `stages build`, once all that it needs is there."""

    call: Call
    package: Package
    making: Making
    asking: Asking

    @classmethod
    def of(cls, call: Call, claude: ClaudeAnalysis | None, *, review: bool) -> "_Build":
        """Refuse what cannot work before there is any work."""
        if call.to.suffix != ".apkg":
            raise Rejected(f"{call.to} is no name of a package", "let it end in .apkg")
        package = Package(call.to, call.folder / "media")
        package.read()  # a file that is no package of ours is refused
        if review:
            refuse_another_review(call)
        making = Making() if review else making_in(call, asks=not call.dry_run)
        return cls(call, package, making, Asking.of(call, claude))

    def run(self, *, review: bool) -> int:
        """Build the deck or its review, say what came of it, and give the exit code."""
        if review:
            outcome = self._looked_up(prepare_batch(review=True))
            if isinstance(outcome, Failure):
                return self._told_failure(outcome.failure(), (), "There is nothing to review")
            return reviewed(self.call, outcome.unwrap())
        before = _stamp(self.call.to)
        outcome = self._looked_up(checked(self.call)).bind(self._made)
        absent = self.making.absent
        if isinstance(outcome, Failure):
            failure = outcome.failure()
            if self.call.dry_run and not failure.context.get(MEANINGS, ()):
                plan = tuple(plan_of(failure.context.reports))
                if plan:  # there is no card before Claude was asked
                    say_each(plan, indent="")
                    return 0
            return self._told_failure(failure, absent, "No deck was made")
        written = _stamp(self.call.to) != before
        return self._told(outcome.unwrap(), absent, written=written)

    def _looked_up(self, then: Stage[...]) -> Outcome:
        call = self.call
        whom = {ClaudeAnalysis.name} if call.claude else set()
        if whom | self.making.asked:
            say_broken_off(call.to.parent, whom | self.making.asked)
        return looked_up(call, self.asking, then)

    def _made(self, cards: Context) -> Outcome:
        """Make the deck of the cards; where pictures or sounds would be too many, the old one stays."""
        call = self.call
        if self.making.asked and not call.dry_run:
            within_the_cap(planned(call, self.making, cards), call.media.max_new)
        folder = MediaFolder(call.folder / "media")
        # What a dry run does not make cannot be checked either.
        checks = () if call.dry_run else (validate_media,)
        return with_media(
            call,
            self.asking,
            self.making,
            cards,
            *self.making.stages,
            *checks,
            sync,
            anki_provider=self.package,
            deck=call.deck or deck_name(call.language),
            **({} if call.dry_run else {"media_provider": folder}),
        )

    def _told_failure(self, failure: StageFailure, absent: tuple[str, ...], what: str) -> int:
        waiting = staged_after_failure(self.call, failure)
        more = [*(absent if waiting else ()), *waiting]
        return failed(failure, self.call.to.parent, more, what)

    def _told(self, context: Context, absent: tuple[str, ...], *, written: bool) -> int:
        to = self.call.to
        summary = summary_of(context)
        if self.call.dry_run:
            say_each(plan_of(context.reports), indent="")
            say(f"\n{to} would have:")
        else:
            say(f"{to} {'is written' if written else 'is up to date'}:")
        say_each(summary.made)
        say_doubts([*absent, *summary.missing, *staged(self.call, context, self.call.again)])
        if not self.call.dry_run:
            open_too = command("sync", *([] if to == CARDS_OF.to else [str(to)]))
            say(f"\nNext: import {to} into Anki (File > Import), or while Anki runs: {open_too}")
        return 0


def deck_name(language: str) -> str:
    """Give the usual name of a deck in Anki."""
    return "Español" if language.startswith("es") else f"Vocabulary {language}"


def _stamp(file: Path) -> tuple[int, int] | None:
    """Tell one state of a file from the next."""
    if not file.exists():
        return None
    found = file.stat()
    return found.st_ino, found.st_mtime_ns
