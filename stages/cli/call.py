"""One call of `stages build` or `stages media`, and the command that goes on from it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from stages.cli.lexicons import is_extract
from stages.cli.options import (
    CARDS_OF,
    DEFAULT_LANGUAGE,
    MEDIA,
    Asked,
    CardOptions,
    ClaudeOptions,
    MediaOptions,
)
from stages.cli.said import command
from stages.core.json import from_json
from stages.core.problem import ProviderError
from stages.providers.files import Files
from stages.providers.lexicon import Lexicon
from stages.records.batch import Batch


@attrs.frozen(kw_only=True)
class Call:
    """
    What was typed after `stages build` or `stages media`.

    Attributes:
        given: Words, and files of them.
        to: The package.
        from_batch: Staged files.
        lexicons: Files of a person's own.
        ipa: Lists of how words are spoken.
        language: Of the words.
        asked: What is asked for.
        media: Who makes pictures and sounds.
        claude: How Claude is asked; None where it is not.
        deck: What the deck is called in Anki; None for the usual name.
        dry_run: Whether nothing is to be written.
    """

    given: tuple[str, ...]
    to: Path
    from_batch: tuple[Path, ...]
    lexicons: tuple[Path, ...]
    ipa: tuple[Path, ...]
    language: str
    asked: Asked
    media: MediaOptions = MEDIA
    claude: ClaudeOptions | None = None
    deck: str | None = None
    dry_run: bool = False

    @classmethod
    def of(cls, given: Iterable[str], cards: CardOptions, **others: Any) -> "Call":
        """Take what was typed, and the language of the files where none was."""
        return cls(
            given=tuple(given),
            to=cards.to,
            from_batch=cards.from_batch,
            lexicons=cards.lexicon,
            ipa=cards.ipa,
            language=cards.language or language_of(cards.from_batch) or _language_in(cards.lexicon),
            asked=cards.asked,
            **others,
        )

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
        claude = ["--claude", *self.claude.again()] if self.claude else []
        return self._again((*self.from_batch, *batches), [*claude, *self._looked_up], self.given)

    def after_review(self, *batches: Path) -> str:
        """
        Give the command that makes the deck of what was reviewed, and of these staged files.

        Nothing is looked up any more: all that was found stands in the review.
        """
        options = [*_given_with("--ipa", self.ipa), *self.media.again()]
        return self._again((self.review, *batches), options, self.given if batches else ())

    def about_media(self, act: str, *given: str, allowed: int = 0, more: Iterable[str] = ()) -> str:
        """
        Give the `stages media` command that does something with these words or cards.

        Args:
            act: What it does, such as "make".
            given: Words, files of them, or ids of cards.
            allowed: So many that cost have to be allowed.
            more: Other options.
        """
        media = attrs.evolve(self.media, max_new=max(self.media.max_new, allowed))
        to = ["--to", str(self.to)] if self.to != CARDS_OF.to else []
        options = (*attrs.evolve(self, media=media)._looked_up, *more)
        batches = _given_with("--from-batch", self.from_batch)
        return command("media", act, *batches, *to, *options, *_dashed(given), *given)

    @property
    def _looked_up(self) -> list[str]:
        """The options that say where meanings and media are from."""
        language = ["--language", self.language] if self.language != DEFAULT_LANGUAGE else []
        lexicons = _given_with("--lexicon", self.lexicons)
        ipa = _given_with("--ipa", self.ipa)
        return [*lexicons, *ipa, *language, *self.asked.again(), *self.media.again()]

    def _again(
        self, batches: Iterable[Path], options: Iterable[str], given: tuple[str, ...]
    ) -> str:
        named = ["--deck", self.deck] if self.deck else []
        typed = (*_given_with("--from-batch", batches), "--to", str(self.to), *options, *named)
        return command("build", *typed, *_dashed(given), *given)


def _dashed(given: Iterable[str]) -> list[str]:
    return ["--"] if any(word.startswith("-") for word in given) else []


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


def _language_in(lexicons: tuple[Path, ...]) -> str:
    """Give the language of the first lexicon that says its own."""
    own = (Lexicon(path, DEFAULT_LANGUAGE) for path in lexicons if not is_extract(path))
    return next((one.language for one in own), DEFAULT_LANGUAGE)
