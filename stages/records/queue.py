"""The words that are still to do, in the file in which a person keeps them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from stages.records.entry import fault_of
from stages.records.word import lines_of, without_words, words_in


def _unmarked(text: str) -> str:
    """Give a text without byte order marks, which are none of it."""
    return text.lstrip("\ufeff")


@attrs.frozen
class Queue:
    r"""
    The words that are still to do, in the file in which a person keeps them.

    It is a list with a word on each line, with remarks and headings, or JSON: a list of words, or an
    object that has one under "words".

    Attributes:
        text: The file, as it is.

    >>> Queue("casa - a home\nperro\n").without({"casa"})
    Queue(text='perro\n')
    >>> Queue('["casa", "perro"]').words
    ('casa', 'perro')
    """

    text: str = attrs.field(default="", converter=_unmarked)

    def __attrs_post_init__(self) -> None:
        """
        Find what is no queue.

        Raises:
            ValueError: It is JSON and no list of words, or no text that could be written again.
        """
        plain = self.text
        if self._is_json:
            saved = _parsed(self.text)
            _listed(saved)
            plain = json.dumps(saved, ensure_ascii=False)
        why = fault_of(plain, most=len(plain))
        if why:
            raise ValueError(f"no word queue: {why}")

    @classmethod
    def from_text(cls, text: str) -> "Queue":
        """Read a file; a ValueError says what is wrong with it."""
        return cls(text)

    def to_text(self) -> str:
        """Give the file."""
        return self.text

    @property
    def words(self) -> tuple[str, ...]:
        """The words, each once, in order."""
        if not self._is_json:
            return words_in(self.text)
        return words_in("\n".join(_listed(_parsed(self.text))))

    @property
    def placed(self) -> Iterator[tuple[str, str]]:
        """Give where each word stands, such as "line 3" or "words[2]", and the word."""
        if not self._is_json:
            yield from ((f"line {n}", word) for n, (_, word) in _counted(self.text) if word)
            return
        for number, text in enumerate(_listed(_parsed(self.text))):
            yield from ((f"words[{number}]", word) for _, (_, word) in _counted(text) if word)

    def without(self, done: frozenset[str] | set[str]) -> "Queue":
        """Give the queue without these words; all else in the file stays as it is."""
        if done.isdisjoint(self.words):
            return self
        if not self._is_json:
            return Queue(without_words(self.text, done))
        saved = _parsed(self.text)
        left = [word for word in _listed(saved) if not set(words_in(word)) & done]
        if isinstance(saved, dict):
            saved["words"] = left
            metadata = saved.get("metadata")
            if isinstance(metadata, dict) and "total_words" in metadata:
                metadata["total_words"] = len(left)
        else:
            saved = left
        indent = re.search(r"\n([ \t]+)", self.text)
        text = json.dumps(saved, ensure_ascii=False, indent=indent[1] if indent else None)
        return Queue(text + self.text[len(self.text.rstrip()) :])

    @property
    def _is_json(self) -> bool:
        return self.text.lstrip(" \t\r\n").startswith(("{", "["))


def _counted(text: str) -> Iterator[tuple[int, tuple[str, str]]]:
    return enumerate(lines_of(text), 1)


def _parsed(text: str) -> Any:
    from stages.core.json import parsed  # it takes a while, and most queues are lists

    return parsed(text)


def _listed(saved: Any) -> list[str]:
    words = saved.get("words") if isinstance(saved, dict) else saved
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("no word queue: it is neither a list of words nor has one under 'words'")
    return words
