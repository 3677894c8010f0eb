"""The lexicons that a person has: tables, JSON, and extracts of Wiktionary."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console

from stages.providers.errors import Denied, Rejected, Unavailable
from stages.providers.lexicon import Lexicon
from stages.providers.protocols import AnalysisProvider

if TYPE_CHECKING:
    from stages.providers.kaikki import Kaikki


def lexicon_in(path: Path, language: str, folder: Path, console: Console) -> AnalysisProvider:
    """
    Give what a file knows: a lexicon as JSON, CSV or TSV, or a Wiktionary extract as JSONL.

    Args:
        path: The file.
        language: Of its words, where it does not say it itself.
        folder: Where the index of an extract is kept if it cannot be kept beside it.
        console: Shows how far indexing is.
    """
    return (
        _extract(path, language, folder, console) if is_extract(path) else Lexicon(path, language)
    )


def is_extract(path: Path) -> bool:
    """Tell whether a file is an extract of Wiktionary, by its name or by how it begins."""
    if path.name.endswith((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")):
        return True
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST)
    except (OSError, ValueError):
        return False  # whoever reads it says why
    return first.startswith(b"{") and b'"lang_code"' in first


_LONGEST = 1 << 20


def words_in_all(lexicons: Iterable[AnalysisProvider]) -> tuple[str, ...]:
    """
    Give all the words of a person's own lexicons.

    Raises:
        Rejected: They are extracts of Wiktionary, whose words nobody wants all.
    """
    words = tuple(word for one in lexicons if isinstance(one, Lexicon) for word in one.words)
    if not words:
        raise Rejected(
            "no words were given, and an extract of Wiktionary has too many for a deck",
            "give words, or a file with a word on each line",
        )
    return words


def spelled(word: str, lexicons: Iterable[Lexicon]) -> str:
    """Give a word as the first lexicon has it that knows it."""
    for one in lexicons:
        spelling = one.spelling(word)
        if spelling in one.words:
            return spelling
    return word


def _extract(path: Path, language: str, folder: Path, console: Console) -> "Kaikki":
    from stages.providers.kaikki import Kaikki

    with _Indexing(path.name, console) as told:
        try:
            return Kaikki(path, language, progress=told)
        except (Denied, Unavailable):  # perhaps it lies where nobody may write
            index = folder / f"{path.name}.{language.partition('-')[0]}.index"
        try:
            return Kaikki(path, language, index=index, progress=told)
        except (Denied, Unavailable) as error:
            raise type(error)(error.why, "free some space, or choose another place") from None


class _Indexing:
    """Shows how far the indexing of an extract is, from the first that is told of it."""

    def __init__(self, name: str, console: Console) -> None:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(f"index {name}", total=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, size: int) -> None:
        self._bar.start()
        self._bar.update(self._task, completed=done, total=size)
