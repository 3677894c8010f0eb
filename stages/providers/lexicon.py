"""Meanings from a lexicon that lies on disk, the embedded example one among them."""

import re
from functools import cache
from pathlib import Path

from stages.core.json import parsed, structured
from stages.core.wording import nearest
from stages.providers.errors import BadAnswer, NotFound, OtherLanguage
from stages.providers.files import refusal
from stages.providers.lexicon_table import TABLES, senses_in
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.meaning import Meaning
from stages.records.usage import Usage

_ALIKE = 0.85
"""A slip of a letter or two is this alike; other words of a small lexicon are less so."""

_ARTICLE = re.compile(r"^(el|la|los|las|un|una|unos|unas) (?=\S)")


class Lexicon:
    """The `AnalysisProvider` that knows what a lexicon file knows, and invents nothing."""

    def __init__(self, path: Path | str | None = None, language: str = "es-419") -> None:
        """
        Read a lexicon: the embedded one of Latin American Spanish, or a user's own.

        That is JSON of the same form, or a table (.csv, .tsv, .txt) whose first row names its
        columns: word, definition and example have to be there; id, context, gapped, ipa, prompt,
        emoji, article, note and language may be. The names of the earlier system will do as well.
        An id that is missing is made of the context, and a gap of the word in the example.

        Args:
            path: The file; the embedded lexicon where there is none.
            language: Of a table that does not say it: a BCP 47 tag.

        Raises:
            BadAnswer: The file is no lexicon; every fault is named.
            NotFound: There is no such file.
            Denied: It may not be read.
        """
        self.language, self._words = _read(Path(path), language) if path else _embedded()

    @property
    def words(self) -> tuple[str, ...]:
        """Every word it knows, in its own order."""
        return tuple(self._words)

    def spelling(self, word: str) -> str:
        """
        Give a word as it stands here: with small letters and without article; as it is if unknown.

        >>> Lexicon().spelling("la Casa"), Lexicon().spelling("Roma")
        ('casa', 'Roma')
        """
        plain = word.casefold()
        ways = (word, plain, _ARTICLE.sub("", plain))
        return next(filter(self._words.__contains__, ways), word)

    def estimate(self, word: str, brief: Brief) -> Usage:  # noqa: ARG002  # it costs nothing
        """Say that it is free."""
        return Usage()

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """Give the distinct meanings of a word, the most common first."""
        if brief.language != self.language:
            raise OtherLanguage(
                f"this lexicon is of {self.language}, and {brief.language} was asked for",
                "meanings in another language have to be filled in, in a staged batch",
            )
        if word not in self._words:
            near = nearest(word.casefold(), self._words, cutoff=_ALIKE)
            raise NotFound(f"{word!r} is not in the lexicon", near)
        return Analysis(meanings=self._words[word][: brief.most])


@cache
def _embedded() -> tuple[str, dict[str, tuple[Meaning, ...]]]:
    return _read(Path(__file__).with_name("lexicon_es.json"), "")


def _read(path: Path, language: str) -> tuple[str, dict[str, tuple[Meaning, ...]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        why = f"{path.name} is no lexicon: line {line} is no UTF-8 text"
        raise BadAnswer(why, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise refusal(error, str(path)) from None
    try:
        if path.suffix.lower() in TABLES:
            return senses_in(text, language)
        saved = parsed(text)
    except ValueError as error:
        raise BadAnswer(f"{path.name} is no lexicon: {error}") from None
    match saved:
        case {"language": str(language), "words": dict(words)}:
            return language, _meanings(path, language, words)
        case _:
            why = f"{path.name} is no lexicon: it is no object with 'language' and 'words'"
            raise BadAnswer(why)


def _meanings(
    path: Path, language: str, words: dict[str, object]
) -> dict[str, tuple[Meaning, ...]]:
    known: dict[str, tuple[Meaning, ...]] = {}
    faults: list[str] = []
    for word, senses in words.items():
        try:
            known[word] = _senses(word, language, senses)
        except ValueError as error:
            faults.append(f"{word}: {error}")
    if faults:
        raise BadAnswer(f"{path.name} is no lexicon: {'; '.join(faults)}")
    return known


def _senses(word: str, language: str, saved: object) -> tuple[Meaning, ...]:
    objects = [one for one in saved if isinstance(one, dict)] if isinstance(saved, list) else []
    if not objects or objects != saved:
        raise ValueError("its meanings are no list of objects")
    whole = [{**one, "word": word, "language": language} for one in objects]
    made: tuple[Meaning, ...] = structured(whole, tuple[Meaning, ...])
    if len({one.id for one in made}) < len(made):
        raise ValueError("two of its meanings have one id")
    return made
