"""The command line: it parses, calls the library and prints."""

import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, TextIO

import attrs
from cyclopts import App, Parameter
from returns.result import Failure
from rich.console import Console

from stages.base.file_stage import load_file
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.core.context import Context
from stages.core.json import from_json, to_json
from stages.core.mapping import threads
from stages.core.outcome import StageFailure
from stages.core.pipeline import compose, pipe, run
from stages.core.problem import Problem, ProviderError
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
from stages.records.batch import Batch
from stages.records.keys import BATCH, WORDS
from stages.records.word import is_whole, words_in
from stages.show.progress import TerminalProgress
from stages.show.summary import is_unknown_word, plan_of, summary_of, why_failed
from stages.validation.media_stage import validate_media


def _version() -> str:
    try:
        return version("fluent-stages")
    except PackageNotFoundError:
        return "fluent-stages is not installed; this is its source"


app = App(
    name="stages",
    help="Turn words into an Anki deck worth studying: one note for each distinct meaning.",
    result_action="return_value",
    version=_version,
)


@app.command
def build(
    *words: str,
    to: Annotated[Path, Parameter(name="--to")] = Path("deck.apkg"),
    from_batch: tuple[Path, ...] = (),
    language: str | None = None,
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
        from_batch: A staged batch that Claude or a person filled in; may be given again.
        language: The language of the words, as a BCP 47 tag; that of the batch, else es-419, where
            nothing is said.
        deck: The name of the deck in Anki.
        dry_run: Show all that would be made, and write nothing.

    Returns:
        0 when the deck is there as wanted, 1 when it is not.
    """
    try:
        spoken = language or _language_of(from_batch)
        return _Build(words, to, from_batch, spoken, deck, dry_run).run()
    except ProviderError as error:
        return _stopped(str(error.at("")))
    except KeyboardInterrupt:
        _say("Stopped. What was made is kept, and the same command goes on from there.", sys.stderr)
        return 130


@app.command(name="list")
def list_them() -> int:
    """List the stages, each with the first line of what it does."""
    for name in list_stages():
        _say(f"{name:<18}{stage_info(name).summary}")
    return 0


@app.command
def info(stage: str, /) -> int:
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
    from_batch: tuple[Path, ...]
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
        asked = _words(self.given) if self.given or self.from_batch else lexicon.words
        words = tuple(dict.fromkeys(map(lexicon.spelling, asked)))
        before = _stamp(self.to)
        making, providers, absent = self._media(media)
        # What a dry run does not make cannot be checked either.
        checks = () if self.dry_run else (validate_media,)
        pipeline = compose(*self._meanings(), checked_cards, *making, *checks, sync, name="build")
        with TerminalProgress(Console(stderr=True)) as progress:
            outcome = run(
                pipeline.bind(language=self.language, dry_run=self.dry_run),
                Context.of({WORDS: words} if words else {}),
                observers=[progress],
                analysis_provider=lexicon,
                anki_provider=package,
                deck=self.deck or _deck_name(self.language),
                mapper=threads(os.cpu_count() or 1),
                **providers,
                **({} if self.dry_run else {"media_provider": MediaFolder(media)}),
                **({"file_provider": Files()} if self.from_batch else {}),
            )
        if isinstance(outcome, Failure):
            return self._told_failure(outcome.failure(), absent)
        return self._told(outcome.unwrap(), absent, written=_stamp(self.to) != before)

    def _meanings(self) -> tuple[Stage[...], ...]:
        loaded = (load_file(key=BATCH, path=str(path)) for path in self.from_batch)
        return (*(part for load in loaded for part in (load, ingest_batch)), analyze_words)

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

    def _told_failure(self, failure: StageFailure, absent: list[str]) -> int:
        _say(f"No deck was made: {failure.message}.", sys.stderr)
        waiting = self._waiting(failure.context, failure.problems)
        _list([*why_failed(failure), *(absent if waiting else ()), *waiting], file=sys.stderr)
        if failure.trace:
            _say(failure.trace, sys.stderr)
        return 1

    def _told(self, context: Context, absent: list[str], *, written: bool) -> int:
        summary = summary_of(context)
        if self.dry_run:
            _list(plan_of(context.reports), indent="")
            _say(f"\n{self.to} would have:")
        else:
            _say(f"{self.to} {'is written' if written else 'is up to date'}:")
        _list(summary.made)
        problems = (problem for report in context.reports for problem in report.problems)
        missing = [*absent, *summary.missing, *self._waiting(context, problems)]
        if missing:
            _say("\nMissing or doubtful:")
            _list(missing)
        if not self.dry_run:
            _say(f"\nNext: import {self.to} into Anki (File > Import).")
        return 0

    def _waiting(self, context: Context, problems: Iterable[Problem]) -> list[str]:
        """Stage the words that have no meanings, and say how to go on with them."""
        if WORDS not in context:
            return []
        batch = pipe(context, prepare_batch(language=self.language)).unwrap()[BATCH]
        every = tuple(problems)
        left = {problem.where for problem in every if problem.code == "not-filled-in"}
        new = tuple(word for word in batch.words if f"{WORDS}[{word}]" not in left)
        lines = []
        if len(new) < len(batch.words):
            files = ", ".join(map(str, self.from_batch))
            words = ", ".join(word for word in batch.words if word not in new)
            lines.append(f"not filled in yet in {files}: {words}")
        return [*lines, *self._staged(attrs.evolve(batch, words=new), every)] if new else lines

    def _staged(self, batch: Batch, problems: Iterable[Problem]) -> list[str]:
        content = "\n".join((batch.language, *batch.words))
        file = self.to.parent / f"batch-{hashlib.sha256(content.encode()).hexdigest()[:8]}.json"
        hints = {problem.where: problem.hint for problem in problems if is_unknown_word(problem)}
        near = {
            word: f"to read the file of this name: ./{word}"
            if Files().exists(word)
            else hints.get(f"{WORDS}[{word}]")
            for word in batch.words
        }
        named = (f"{word} ({hint})" if hint else word for word, hint in near.items())
        line = f"no meanings known of {len(batch.words)}: {', '.join(named)}"
        if self.dry_run:
            return [line, f"they would be staged in {file}"]
        if not file.exists():
            Files().write(str(file), to_json(batch))
        return [line, f"fill in {file}, or give it to Claude; then: {self._again(file)}"]

    def _again(self, file: Path) -> str:
        """Give the command that goes on with a batch that was filled in."""
        batches = (word for one in (*self.from_batch, file) for word in ("--from-batch", str(one)))
        options = [*batches, "--to", str(self.to)]
        if self.language != _DEFAULT_LANGUAGE:
            options += ["--language", self.language]
        if self.deck:
            options += ["--deck", self.deck]
        words = ["--", *self.given] if any(w.startswith("-") for w in self.given) else self.given
        return f"{_program()} {shlex.join(['build', *options, *words])}"


def _program() -> str:
    """Give the program as it was called, so that what is shown can be typed."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m stages"
    return "stages" if shutil.which("stages") else shlex.quote(sys.argv[0])


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word for one in given for word in _words_of(one)))
    if given and not words:
        raise Rejected(
            f"no word was found in {shlex.join(given)}",
            "give words, or a file with a word on each line",
        )
    return words


def _words_of(given: str) -> tuple[str, ...]:
    """Take what looks like a path for a file of words, and all else for words."""
    if not is_whole(given):
        raise Rejected(f"{given!r} is no UTF-8 text", "type it in a terminal that writes UTF-8")
    path = Path(given)
    if path.suffix == ".json":
        raise Rejected(
            f"{given} is no list of words",
            "such a list has a word on each line; a staged batch is given with --from-batch",
        )
    if path.suffix in {".txt", ".csv", ".tsv"} or "/" in given or os.sep in given:
        if path.is_dir():
            raise Rejected(f"{given} is a folder", "give a file with a word on each line")
        return words_in(Files().read(given))
    return words_in(given.replace(",", "\n"))


_DEFAULT_LANGUAGE = "es-419"


def _language_of(batches: Iterable[Path]) -> str:
    """Give the language of the first batch that can be read; what is wrong with others is told later."""
    for path in batches:
        try:
            batch: Batch = from_json(Files().read(str(path)), Batch)
        except (ProviderError, ValueError):
            continue
        return batch.language
    return _DEFAULT_LANGUAGE


def _deck_name(language: str) -> str:
    return "Español" if language.startswith("es") else f"Vocabulary {language}"


def _shown(value: object) -> str:
    return getattr(value, "__name__", None) or repr(value)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Tell one state of a file from the next."""
    if not file.exists():
        return None
    found = file.stat()
    return found.st_ino, found.st_mtime_ns


def _stopped(why: str) -> int:
    _say(f"Error: {why}", sys.stderr)
    return 1


def _say(text: str, file: TextIO | None = None) -> None:
    Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True).print(text)


def _list(lines: Iterable[str], indent: str = "  ", file: TextIO | None = None) -> None:
    for line in lines:
        _say(f"{indent}{line}", file)
