"""Meanings from a lexicon that lies on disk, the embedded example one among them."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from stages.core.json import parsed, structured
from stages.providers.errors import BadAnswer, Misconfigured, NotFound
from stages.records.meaning import Meaning

_EMBEDDED = {"es-419": Path(__file__).with_name("lexicon_es.json")}


class Lexicon:
    """The `AnalysisProvider` that knows what a lexicon file knows, and invents nothing."""

    def __init__(self, path: Path | str | None = None) -> None:
        """
        Read a lexicon: the embedded one of Latin American Spanish, or a file of the same form.

        Raises:
            BadAnswer: The file is no lexicon; every fault is named.
        """
        self.language, self._words = _read(Path(path) if path else _EMBEDDED["es-419"])

    @property
    def words(self) -> tuple[str, ...]:
        """Every word it knows, in its own order."""
        return tuple(self._words)

    def meanings(self, word: str, language: str) -> tuple[Meaning, ...]:
        """Give the distinct meanings of a word, the most common first."""
        if language != self.language:
            raise Misconfigured(
                f"this lexicon is of {self.language}, and {language} was asked for",
                "meanings in another language have to be filled in, in a staged batch",
            )
        if word not in self._words:
            near = get_close_matches(word.casefold(), self._words, n=1)
            hint = f"did you mean {near[0]!r}?" if near else ""
            raise NotFound(f"{word!r} is not in the lexicon", hint)
        return self._words[word]


@cache
def _read(path: Path) -> tuple[str, dict[str, tuple[Meaning, ...]]]:
    try:
        saved = parsed(path.read_text(encoding="utf-8"))
        language, words = saved["language"], saved["words"]
        return language, {
            word: tuple(_meaning({**one, "word": word, "language": language}) for one in senses)
            for word, senses in words.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadAnswer(f"{path.name} is no lexicon: {error}") from None


def _meaning(fields: dict[str, Any]) -> Meaning:
    made: Meaning = structured(fields, Meaning)
    return made
