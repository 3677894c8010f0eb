"""What a person gave: words, and files of them."""

import os
import shlex
from pathlib import Path

from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.records.word import is_whole, words_in


def words_of(given: tuple[str, ...], json_by: str) -> tuple[str, ...]:
    """
    Give the words that were typed and those of the files that were named, each once.

    Args:
        given: Words, and files with a word on each line.
        json_by: How a file of JSON is given, such as "a staged batch is given with --from-batch".

    Raises:
        Rejected: There is none, or a file is no list of words.
    """
    words = tuple(dict.fromkeys(word for one in given for word in _words_of(one, json_by)))
    if given and not words:
        raise Rejected(
            f"no word was found in {shlex.join(given)}",
            "give words, or a file with a word on each line",
        )
    return words


def _words_of(given: str, json_by: str) -> tuple[str, ...]:
    """Take what looks like a path for a file of words, and all else for words."""
    if not is_whole(given):
        raise Rejected(f"{given!r} is no UTF-8 text", "type it in a terminal that writes UTF-8")
    path = Path(given)
    if path.suffix == ".json":
        cure = f"such a list has a word on each line; {json_by}"
        raise Rejected(f"{given} is no list of words", cure)
    if path.suffix in {".txt", ".csv", ".tsv"} or "/" in given or os.sep in given:
        if path.is_dir():
            raise Rejected(f"{given} is a folder", "give a file with a word on each line")
        return words_in(Files().read(given))
    return words_in(given.replace(",", "\n"))
