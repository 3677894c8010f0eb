"""One call of `stages build`, and the command that goes on from it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import attrs

from stages.cli.options import DEFAULT_LANGUAGE, Asked, ClaudeOptions
from stages.cli.said import command
from stages.core.json import from_json
from stages.core.problem import ProviderError
from stages.providers.files import Files
from stages.records.batch import Batch


@attrs.frozen(kw_only=True)
class Call:
    """
    What was typed after `stages build`.

    Attributes:
        given: Words, and files of them.
        to: The package.
        from_batch: Staged files.
        lexicons: Files of a person's own.
        language: Of the words.
        asked: What is asked for.
        claude: How Claude is asked; None where it is not.
        deck: What the deck is called in Anki; None for the usual name.
        dry_run: Whether nothing is to be written.
    """

    given: tuple[str, ...]
    to: Path
    from_batch: tuple[Path, ...]
    lexicons: tuple[Path, ...]
    language: str
    asked: Asked
    claude: ClaudeOptions | None
    deck: str | None
    dry_run: bool

    @property
    def folder(self) -> Path:
        """Where media, answers and indexes are kept."""
        return self.to.parent / ".stages"

    @property
    def review(self) -> Path:
        """The file in which meanings are read before pictures are made."""
        return self.to.with_name(f"{self.to.stem}-review.json")

    def staged(self, batch: Batch) -> Path:
        """Give the file into which words are staged."""
        return self.to.parent / name_of(batch)

    def again(self, *batches: Path) -> str:
        """Give the command that makes the same deck with these staged files as well."""
        options = [*_given_with("--lexicon", self.lexicons)]
        if self.claude:
            options += ["--claude", *self.claude.again()]
        if self.language != DEFAULT_LANGUAGE:
            options += ["--language", self.language]
        options += self.asked.again()
        return self._again((*self.from_batch, *batches), options, self.given)

    def after_review(self, *batches: Path) -> str:
        """
        Give the command that makes the deck of what was reviewed, and of these staged files.

        Nothing is looked up any more: all that was found stands in the review.
        """
        return self._again((self.review, *batches), (), self.given if batches else ())

    def _again(
        self, batches: Iterable[Path], options: Iterable[str], given: tuple[str, ...]
    ) -> str:
        named = ["--deck", self.deck] if self.deck else []
        dashed = ["--"] if any(word.startswith("-") for word in given) else []
        typed = (*_given_with("--from-batch", batches), "--to", str(self.to), *options, *named)
        return command("build", *typed, *dashed, *given)


def _given_with(option: str, files: Iterable[Path]) -> list[str]:
    return [word for file in dict.fromkeys(files) for word in (option, str(file))]


def name_of(batch: Batch) -> str:
    """Name the file of a batch for its words: the same words, the same file."""
    content = "\n".join((batch.language, *batch.words))
    return f"batch-{hashlib.sha256(content.encode()).hexdigest()[:8]}.json"


def language_of(batches: Iterable[Path]) -> str | None:
    """Give the language of the first batch that can be read; what is wrong with others is told later."""
    for path in batches:
        try:
            batch: Batch = from_json(Files().read(str(path)), Batch)
        except (ProviderError, ValueError):
            continue
        return batch.language
    return None
