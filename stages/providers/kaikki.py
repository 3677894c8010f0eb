"""Meanings from a user's own extract of Wiktionary, as kaikki.org and wiktextract have it."""

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from stages.core.wording import counted
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    OtherLanguage,
    Unavailable,
)
from stages.providers.files import refusal, replacing
from stages.providers.kaikki_entries import (
    base_of,
    entry_in,
    foreign_definitions,
    nothing_usable,
    senses_of,
)
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.entry import tidied
from stages.records.meaning import Meaning
from stages.records.usage import Usage
from stages.records.word import is_whole

Progress: TypeAlias = Callable[[int, int], None]
"""Is told bytes done, and bytes in all."""


class Kaikki:
    """
    The `AnalysisProvider` that knows what an extract of Wiktionary knows, and invents nothing.

    An extract has one JSON object a line; kaikki.org has them for downloading. Take the one of the
    Wiktionary that is written in the language of the words: the others define in their own.

    The first time, every line is looked at, and where each word stands is kept in an index on disk,
    which is made again when the extract changes. Threads and processes may share both.
    """

    def __init__(
        self,
        path: Path | str,
        language: str = "es-419",
        *,
        index: Path | str | None = None,
        progress: Progress | None = None,
    ) -> None:
        """
        Find an extract, and index it if it is not indexed yet.

        Args:
            path: The extract, unpacked.
            language: Of the words that are looked up: a BCP 47 tag; its region does not matter here.
            index: The file that the index lies in; beside the extract where it is not said.
            progress: Is told how far indexing is, and nothing where the index is there already.

        Raises:
            BadAnswer: It has no entry of the language that could be read, or is packed.
            Misconfigured: The language is no language tag.
            NotFound: There is no such file.
            Denied: It may not be read, or the index not be written.
            Unavailable: The disk is full or broken.
        """
        self.language = language
        self._code = base_of(language)
        if not re.fullmatch("[a-z]{2,3}", self._code):
            raise Misconfigured(f"{language!r} is no language tag", "es-419 is one")
        self._path = Path(path)
        self._index = Path(index or f"{path}.{self._code}.index")
        self._progress = progress
        self._placed("")

    @property
    def skipped(self) -> int:
        """How many lines of the extract were no entries; none of the other languages is read."""
        return self._placed("")[0]

    def estimate(self, word: str, brief: Brief) -> Usage:  # noqa: ARG002  # it costs nothing
        """Say that it is free."""
        return Usage()

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """
        Give the senses of a word that have a definition and an example, in their order.

        Left out are those that are another word's form or spelling, and those of olden times.

        Problems:
            no-example: A sense has no example with a form of the word to hide (warning).
            foreign-definition: The extract defines in English (warning).
        """
        if base_of(brief.language) != self._code:
            raise OtherLanguage(
                f"this extract is read for {self.language}, and {brief.language} was asked for",
                "meanings in another language have to be filled in, in a staged batch",
            )
        entries = self._entries(word)
        if not entries:
            near = tidied(word).casefold()
            known = near != word and self._entries(near)
            hint = f"did you mean {near!r}?" if known else ""
            raise NotFound(f"{word!r} is not in {self._path.name}", hint)
        meanings: list[Meaning] = []
        problems = list(foreign_definitions(entries, self._code))
        gone = 0
        for one in senses_of(entries, word, brief.language):
            if isinstance(one, Meaning):
                meanings.append(one)
            else:
                problems.append(one)
                gone += 1
            if len(meanings) >= brief.most:
                break
        if not meanings:
            raise nothing_usable(entries, word, gone, self._path.name)
        return Analysis(meanings=tuple(meanings), problems=tuple(problems))

    def _entries(self, word: str) -> list[dict[str, Any]]:
        if not is_whole(word):
            return []
        _, places = self._placed(word)
        try:
            with self._path.open("rb") as extract:
                lines = [_line_at(extract, *place) for place in places]
        except OSError as error:
            raise refusal(error, str(self._path)) from None
        entries = [entry_in(line, self._code) for line in lines]
        return [one for one in entries if one and one["word"] == word]

    def _placed(self, word: str) -> tuple[int, list[tuple[int, int]]]:
        """Give the number of lines that are no entries, and where those of a word stand."""
        try:
            found = self._path.stat()
        except (OSError, ValueError) as error:
            raise refusal(error, str(self._path)) from None
        stamp = f"1 {self._code} {found.st_size} {found.st_mtime_ns}"
        placed = _looked_up(self._index, stamp, word)
        if placed is None:
            with _indexing:  # who waited here finds it made
                if _looked_up(self._index, stamp, word) is None:
                    self._make_index(stamp, found.st_size)
            placed = _looked_up(self._index, stamp, word)
        if placed is None:
            raise Unavailable(f"{self._index} cannot be read", _ELSEWHERE)
        return placed

    def _make_index(self, stamp: str, size: int) -> None:
        try:
            extract = self._path.open("rb")
        except OSError as error:
            raise refusal(error, str(self._path)) from None
        with extract:
            if extract.peek(len(_PACKED)).startswith(_PACKED):
                raise BadAnswer(f"{self._path.name} is packed", "unpack it first: gunzip does it")
            try:
                _spare(self._index)
                with replacing(self._index) as file, closing(sqlite3.connect(file.name)) as index:
                    self._fill(index, extract, stamp, size)
            except (Denied, Unavailable) as error:
                raise type(error)(error.why, _ELSEWHERE) from None
            except sqlite3.Error as error:
                raise Unavailable(f"{self._index} cannot be written: {error}", _ELSEWHERE) from None

    def _fill(self, index: sqlite3.Connection, extract: BinaryIO, stamp: str, size: int) -> None:
        told = self._progress or (lambda done, of: None)  # noqa: ARG005
        told(0, size)
        count: Counter[str] = Counter()
        index.executescript(_TABLES)
        places = _places(extract, self._code, count, lambda done: told(done, size))
        index.executemany("INSERT INTO entry VALUES (?, ?, ?)", places)
        if not count["entries"]:
            why = f"{self._path.name} has no entry of the language {self._code!r}"
            broken = (
                f": {counted(count['skipped'], 'line')} of it are none" if count["skipped"] else ""
            )
            raise BadAnswer(why + broken, "take an extract of kaikki.org as it is, unpacked")
        index.execute("CREATE INDEX by_word ON entry (word)")
        index.execute("INSERT INTO about VALUES (?, ?)", (stamp, count["skipped"]))
        index.commit()
        told(size, size)


_indexing = threading.Lock()
"""One index is made at a time. Of the module: an object with a lock would reach no other process."""

_ELSEWHERE = "say with index= where else to keep it"

_PACKED = b"\x1f\x8b"

_OURS = 0x6B61696B
"""Marks an index in the head of its file."""

_TABLES = f"""
PRAGMA application_id = {_OURS};
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE about (stamp TEXT, skipped INTEGER);
CREATE TABLE entry (word TEXT, offset INTEGER, size INTEGER);
"""

_LONGEST = 1 << 23
"""Longer lines are read in pieces, which are no entries; the longest of Wiktionary is a tenth of it."""

_STEP = 1 << 24


def _looked_up(index: Path, stamp: str, word: str) -> tuple[int, list[tuple[int, int]]] | None:
    """Give what an index says; None where it is not there, not of this extract, or broken."""
    try:
        # Immutable: it is only ever replaced whole, so nobody needs to lock it.
        address = index.absolute().as_uri() + "?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as opened:
            about = opened.execute("SELECT stamp, skipped FROM about").fetchone()
            if not about or about[0] != stamp:
                return None
            places = opened.execute(
                "SELECT offset, size FROM entry WHERE word = ? ORDER BY offset", (word,)
            )
            return about[1], places.fetchall()
    except (sqlite3.Error, ValueError):
        return None


def _spare(index: Path) -> None:
    """Refuse to write over a file that is no index."""
    try:
        with index.open("rb") as file:
            head = file.read(72)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise refusal(error, str(index)) from None
    if head[68:] != _OURS.to_bytes(4, "big"):
        raise Denied(f"{index} is there, and is no index")


def _places(
    extract: BinaryIO, code: str, count: Counter[str], told: Callable[[int], None]
) -> Iterator[tuple[str, int, int]]:
    """Give word, offset and size of every entry of a language, counting what are none."""
    # Most lines of a whole Wiktionary are of other languages: reading those would take the longest.
    ours = re.compile(rb'"lang_code"\s*:\s*"%s"' % code.encode())
    offset = next_step = 0
    while line := extract.readline(_LONGEST):
        if ours.search(line):
            entry = entry_in(line, code)
            if entry:
                count["entries"] += 1
                yield entry["word"], offset, len(line)
            count["skipped"] += entry is None
        elif not line.startswith(b"{"):
            count["skipped"] += bool(line.strip())
        offset += len(line)
        if offset >= next_step + _STEP:
            next_step = offset
            told(offset)


def _line_at(extract: BinaryIO, offset: int, size: int) -> bytes:
    extract.seek(offset)
    return extract.read(size)
