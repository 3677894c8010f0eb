"""The command line: it parses, calls the library and prints."""

import hashlib
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import App, Parameter
from returns.result import Failure
from rich.console import Console

from stages.base.file_stage import load_file
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.core.context import Context
from stages.core.json import to_json
from stages.core.outcome import Outcome
from stages.core.pipeline import compose, pipe, run
from stages.core.problem import ProviderError
from stages.core.registry import list_stages, stage_info
from stages.core.stage import Stage
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.media_stage import generate_media
from stages.pipelines import checked_cards, sync
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.providers.lexicon import Lexicon
from stages.providers.media_folder import MediaFolder
from stages.providers.package import Package
from stages.providers.pictograms import Pictograms
from stages.providers.protocols import AudioProvider, ImageProvider
from stages.providers.voice import Voice
from stages.records.keys import BATCH, SYNC, WORDS
from stages.records.word import words_in
from stages.show.progress import TerminalProgress
from stages.show.summary import is_unknown_word, listed, plan_of, summary_of
from stages.validation.media_stage import validate_media

app = App(
    name="stages",
    help="Turn words into an Anki deck worth studying: one card for each distinct meaning.",
    result_action="return_value",
)

_out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@app.command
def build(
    *words: str,
    to: Annotated[Path, Parameter(name="--to")] = Path("deck.apkg"),
    from_batch: Path | None = None,
    language: str = "es-419",
    deck: str | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """
    Build an Anki deck from words, without network or key.

    With no words it builds the embedded example deck. Started again after a stop, it goes on with
    what is there; with the same words it rewrites nothing.

    Args:
        words: Words, or files with a word on each line; cards come in this order.
        to: The package to write.
        from_batch: A staged batch that Claude or a person filled in.
        language: The language of the words, as a BCP 47 tag.
        deck: The name of the deck in Anki.
        dry_run: Show all that would be made, and write nothing.

    Returns:
        0 when the deck is there as wanted, 1 when it is not.
    """
    try:
        return _Build(words, to, from_batch, language, deck, dry_run).run()
    except ProviderError as error:
        return _stopped(str(error.at("")))
    except KeyboardInterrupt:
        _say("Stopped. What was made is kept, and the same command goes on from there.")
        return 130


@app.command(name="list")
def list_them() -> int:
    """List the stages, each with the first line of what it does."""
    for name in list_stages():
        _say(f"{name:<18}{stage_info(name).summary}")
    return 0


@app.command
def info(stage: str) -> int:
    """
    Tell what a stage needs, gives and takes.

    Args:
        stage: Its name.
    """
    try:
        found = stage_info(stage)
    except ValueError as error:
        return _stopped(str(error))
    _say(f"{found.title}  ({found.where})\n\n{found.doc}\n")
    for what, names in (
        ("needs", found.needs),
        ("uses", found.uses),
        ("gives", found.gives),
        ("providers", found.providers),
        ("settings", [f"{name}={_shown(value)}" for name, value in found.settings.items()]),
    ):
        _say(f"{what + ':':<11}{', '.join(names) or 'none'}")
    return 0


@attrs.frozen
class _Build:
    """One call of `stages build`."""

    given: tuple[str, ...]
    to: Path
    from_batch: Path | None
    language: str
    deck: str | None
    dry_run: bool

    def run(self) -> int:
        """Build the deck, say what came of it, and give the exit code."""
        if self.to.suffix != ".apkg":
            raise Rejected(f"{self.to} is no name of a package", "let it end in .apkg")
        lexicon = Lexicon()
        media = self.to.parent / ".stages" / "media"
        package = Package(self.to, media)
        package.read()  # a file that is no package of ours is refused before any work
        words = _words(self.given) if self.given or self.from_batch else lexicon.words
        making, providers, absent = self._media(media)
        pipeline = compose(
            *self._meanings(), checked_cards, *making, validate_media, sync, name="build"
        )
        with TerminalProgress(Console(stderr=True)) as progress:
            outcome = run(
                pipeline.bind(language=self.language, dry_run=self.dry_run),
                Context.of({WORDS: words} if words else {}),
                observers=[progress],
                analysis_provider=lexicon,
                media_provider=MediaFolder(media),
                anki_provider=package,
                deck=self.deck or _deck_name(self.language),
                **providers,
                **({"file_provider": Files()} if self.from_batch else {}),
            )
        return self._told(outcome, absent)

    def _meanings(self) -> tuple[Stage[...], ...]:
        if not self.from_batch:
            return (analyze_words,)
        return (load_file(key=BATCH, path=str(self.from_batch)), ingest_batch, analyze_words)

    def _media(
        self, folder: Path
    ) -> tuple[tuple[Stage[...], ...], dict[str, ImageProvider | AudioProvider], list[str]]:
        """Give the stages that can make media here, their providers, and what cannot be made."""
        providers: dict[str, ImageProvider | AudioProvider] = {}
        absent = []
        try:
            providers["image_provider"] = Pictograms(folder)
        except ProviderError as error:
            absent.append(f"no pictures: {error.at('')}")
        try:
            providers["audio_provider"] = Voice(folder, self.language)
        except ProviderError as error:
            absent.append(f"no audio: {error.at('')}")
        match sorted(providers):
            case ["audio_provider", "image_provider"]:
                return (generate_media,), providers, absent
            case ["image_provider"]:
                return (generate_images,), providers, absent
            case ["audio_provider"]:
                return (generate_audio,), providers, absent
            case _:
                return (), providers, absent

    def _told(self, outcome: Outcome, absent: list[str]) -> int:
        failed = isinstance(outcome, Failure)
        context = outcome.failure().context if failed else outcome.unwrap()
        problems = [problem for report in context.reports for problem in report.problems]
        if isinstance(outcome, Failure):
            problems += outcome.failure().problems
        waiting = self._waiting(context, {p.where: p.hint for p in problems if p.hint})
        if isinstance(outcome, Failure):
            failure = outcome.failure()
            _say(f"No deck was made: {failure.message}.")
            _list([*listed(p for p in failure.problems if not is_unknown_word(p)), *waiting])
            if failure.trace:
                print(failure.trace, file=sys.stderr)
            return 1
        summary = summary_of(context)
        if self.dry_run:
            _list(plan_of(context.reports), indent="")
            _say(f"\n{self.to} would have:")
        else:
            record = context[SYNC]
            touched = record.created or record.updated or record.note_types
            _say(f"{self.to} {'is written' if touched else 'is up to date'}:")
        _list(summary.made)
        missing = [*absent, *summary.missing, *waiting]
        if missing:
            _say("\nMissing or doubtful:")
            _list(missing)
        if not self.dry_run:
            _say(f"\nNext: import {self.to} into Anki (File > Import).")
        return 0

    def _waiting(self, context: Context, hints: dict[str, str]) -> list[str]:
        """Stage the words that have no meanings, and say how to go on with them."""
        if WORDS not in context:
            return []
        batch = pipe(context, prepare_batch(language=self.language)).unwrap()[BATCH]
        there = context[BATCH].words if BATCH in context else ()
        new = tuple(word for word in batch.words if word not in there)
        lines = []
        if len(new) < len(batch.words):
            left = ", ".join(word for word in batch.words if word in there)
            lines.append(f"not filled in yet in {self.from_batch}: {left}")
        if not new:
            return lines
        name = hashlib.sha256("\n".join((self.language, *new)).encode()).hexdigest()[:8]
        file = self.to.parent / f"batch-{name}.json"
        near = {word: hints.get(f"{WORDS}[{word}]") for word in new}
        named = (f"{word} ({hint})" if hint else word for word, hint in near.items())
        lines.append(f"no meanings known of {len(new)}: {', '.join(named)}")
        if self.dry_run:
            return [*lines, f"they would be staged in {file}"]
        if not file.exists():
            Files().write(str(file), to_json(attrs.evolve(batch, words=new)))
        return [*lines, f"fill in {file}, or let Claude do it; then: {self._again(file)}"]

    def _again(self, file: Path) -> str:
        """Give the command that goes on with a batch that was filled in."""
        options = ["--from-batch", str(file), "--to", str(self.to)]
        if self.language != "es-419":
            options += ["--language", self.language]
        if self.deck:
            options += ["--deck", self.deck]
        return shlex.join(["stages", "build", *self.given, *options])


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    files = Files()
    words: list[str] = []
    for one in given:
        if files.exists(one) or Path(one).suffix in {".txt", ".csv", ".tsv", ".json"}:
            words += words_in(files.read(one))
        else:
            words += words_in(one)
    return tuple(dict.fromkeys(words))


def _deck_name(language: str) -> str:
    return "Español" if language.startswith("es") else f"Vocabulary {language}"


def _shown(value: object) -> str:
    return getattr(value, "__name__", None) or repr(value)


def _stopped(why: str) -> int:
    _say(f"Error: {why}")
    return 1


def _say(text: str) -> None:
    _out.print(text)


def _list(lines: Iterable[str], indent: str = "  ") -> None:
    for line in lines:
        _say(f"{indent}{line}")
