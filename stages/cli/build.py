"""`stages build`: words to a deck."""

import os
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter
from returns.result import Failure

from stages.base.file_stage import load_file
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.cli.announced import Announced
from stages.cli.asking import Asking, claude_of, journal_in, say_broken_off
from stages.cli.call import Call, language_of
from stages.cli.given import words_of
from stages.cli.lexicons import is_extract
from stages.cli.making import Making, making_in
from stages.cli.options import (
    ASKED,
    CLAUDE,
    DEFAULT_LANGUAGE,
    FLAG,
    SEVERAL,
    Asked,
    ClaudeOptions,
)
from stages.cli.review import refuse_another_review, reviewed
from stages.cli.said import failed, interrupted, say, say_doubts, say_each, say_on, stopped
from stages.cli.waiting import staged, staged_after_failure
from stages.core.context import Context
from stages.core.mapping import threads
from stages.core.outcome import Outcome, StageFailure
from stages.core.pipeline import compose, run
from stages.core.problem import ProviderError
from stages.core.stage import Stage
from stages.pipelines import checked_cards, sync
from stages.providers.claude import ClaudeAnalysis
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.providers.lexicon import Lexicon
from stages.providers.media_folder import MediaFolder
from stages.providers.package import Package
from stages.records.keys import BATCH, MEANINGS, WORDS
from stages.show.progress import TerminalProgress
from stages.show.summary import plan_of, summary_of
from stages.validation.media_stage import validate_media

_CALLS = 16
"""So many words are asked for at once."""

_MISTYPED = 2


def build(
    *words: str,
    to: Annotated[Path, Parameter(name="--to")] = Path("deck.apkg"),
    from_batch: Annotated[tuple[Path, ...], SEVERAL] = (),
    lexicon: Annotated[tuple[Path, ...], SEVERAL] = (),
    language: str | None = None,
    asked: Asked = ASKED,
    deck: str | None = None,
    review: Annotated[bool, FLAG] = False,
    dry_run: Annotated[bool, FLAG] = False,
    claude: Annotated[bool, FLAG, Parameter(group="Claude")] = False,
    options: ClaudeOptions = CLAUDE,
) -> int:
    """
    Build an Anki deck from words, without network or key.

    With no words it builds the embedded example deck. Started again after a stop, it goes on with
    what is there; with the same words it rewrites nothing. Only with --claude does it cost anything:
    the estimate is said before, and what was answered is kept and never paid for again.

    Args:
        words: Words, or files with a word on each line; cards come in this order.
        to: The package to write.
        from_batch: A staged file that Claude or a person filled in, or a review; may be given again.
        lexicon: A lexicon of your own (JSON, CSV, TSV) or a Wiktionary extract of kaikki.org (JSONL),
            asked before the embedded one; may be given again. With no words, all of it is taken.
        language: The language of the words, as a BCP 47 tag; that of the files, else es-419, where
            nothing is said.
        asked: What is asked for.
        deck: The name of the deck in Anki.
        review: Stop at a file of the meanings, to be read, cut and edited before pictures are made.
        dry_run: Show all that would be made and asked for, and write nothing.
        claude: Ask Claude for the words that no lexicon knows; ANTHROPIC_API_KEY has the key.
        options: How Claude is asked.

    Returns:
        0 when the deck is there as wanted, 1 when it is not.
    """
    if options != CLAUDE and not claude:
        stopped(f"{' '.join(options.again())} is for Claude, which is not asked (add --claude)")
        return _MISTYPED
    try:
        known = claude_of(options, journal_in(to.parent), asks=not dry_run) if claude else None
        call = Call(
            given=words,
            to=to,
            from_batch=from_batch,
            lexicons=lexicon,
            language=language or language_of(from_batch) or _language_in(lexicon),
            asked=asked,
            claude=options if claude else None,
            deck=deck,
            dry_run=dry_run,
        )
        return _Build.of(call, known, review=review).run(review=review)
    except ProviderError as error:
        return stopped(str(error.at("")))
    except KeyboardInterrupt:
        kept = "What was made is kept, and the same command goes on from there."
        under_way = "\nAnswers that are under way are waited for; Ctrl-C again leaves them."
        return interrupted(kept + (under_way if claude else ""))


@attrs.frozen
class _Build:
    """One call of `stages build`, once all that it needs is there."""

    call: Call
    package: Package
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
        return cls(call, package, Asking.of(call, claude))

    def run(self, *, review: bool) -> int:
        """Build the deck or its review, say what came of it, and give the exit code."""
        if review:
            outcome = self._run((prepare_batch(review=True),))
            if isinstance(outcome, Failure):
                return self._told_failure(outcome.failure(), (), "There is nothing to review")
            return reviewed(self.call, outcome.unwrap())
        before = _stamp(self.call.to)
        making = making_in(self.call.folder / "media", self.call.language)
        outcome = self._made(making)
        if isinstance(outcome, Failure):
            failure = outcome.failure()
            if self.call.dry_run and not failure.context.get(MEANINGS, ()):
                plan = tuple(plan_of(failure.context.reports))
                if plan:  # there is no card before Claude was asked
                    say_each(plan, indent="")
                    return 0
            return self._told_failure(failure, making.absent, "No deck was made")
        written = _stamp(self.call.to) != before
        return self._told(outcome.unwrap(), making.absent, written=written)

    def _made(self, making: Making) -> Outcome:
        dry_run = self.call.dry_run
        # What a dry run does not make cannot be checked either.
        checks = () if dry_run else (validate_media,)
        return self._run(
            (checked_cards, *making.stages, *checks, sync),
            anki_provider=self.package,
            deck=self.call.deck or _deck_name(self.call.language),
            **making.providers,
            **({} if dry_run else {"media_provider": MediaFolder(self.call.folder / "media")}),
        )

    def _run(self, then: tuple[Stage[...], ...], **bindings: object) -> Outcome:
        """Find the meanings of the words, and do what comes then."""
        call, asking = self.call, self.asking
        given = words_of(call.given, "a staged batch is given with --from-batch")
        words = asking.words(given) if given or not call.from_batch else ()
        loaded = (load_file(key=BATCH, path=str(path)) for path in call.from_batch)
        ingested = (part for load in loaded for part in (load, ingest_batch(dry_run=False)))
        pipeline = compose(*ingested, analyze_words(mapper=threads(_CALLS)), *then, name="build")
        if call.claude:
            say_broken_off(call.to.parent)
        provider = asking.provider(dry_run=call.dry_run)
        brief = {"language": call.language, "native": call.asked.native, "most": call.asked.most}
        try:
            with TerminalProgress(asking.console) as progress:
                return run(
                    pipeline.bind(**brief),
                    Context.of({WORDS: words} if words else {}),
                    observers=[progress],
                    analysis_provider=provider,
                    **({"max_cost": call.claude.max_cost} if call.claude else {}),
                    **self._settings(pipeline, bindings),
                    **({"file_provider": Files()} if call.from_batch else {}),
                )
        finally:
            if isinstance(provider, Announced) and (paid := provider.paid()):
                say_on(asking.console, paid)

    def _settings(self, pipeline: Stage[...], bindings: dict[str, object]) -> dict[str, object]:
        usual = {"dry_run": self.call.dry_run, "mapper": threads(os.cpu_count() or 1)}
        return {**{k: v for k, v in usual.items() if k in pipeline.settings}, **bindings}

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
            say(f"\nNext: import {to} into Anki (File > Import).")
        return 0


def _language_in(lexicons: tuple[Path, ...]) -> str:
    """Give the language of the first lexicon that says its own."""
    own = (Lexicon(path, DEFAULT_LANGUAGE) for path in lexicons if not is_extract(path))
    return next((one.language for one in own), DEFAULT_LANGUAGE)


def _deck_name(language: str) -> str:
    return "Español" if language.startswith("es") else f"Vocabulary {language}"


def _stamp(file: Path) -> tuple[int, int] | None:
    """Tell one state of a file from the next."""
    if not file.exists():
        return None
    found = file.stat()
    return found.st_ino, found.st_mtime_ns
