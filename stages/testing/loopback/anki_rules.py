"""What Anki makes of names, searches and first fields; the tests compare it with Anki itself."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from stages.records.note import MEDIA_TAG
from stages.records.rendering import plain_text

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\[\]^\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(?=\.|$)", re.IGNORECASE)
_LONGEST_NAME, _LONGEST_ENDING = 120, 10


def media_file_name(name: str) -> str:
    r"""
    Give the name under which Anki keeps a media file; empty where nothing is left of it.

    >>> media_file_name("CON.mp3"), media_file_name("a/b:c.png"), media_file_name("what. ")
    ('con_.mp3', 'abc.png', 'what. _')
    """
    composed = unicodedata.normalize("NFC", name).replace("\xa0", " ")
    kept = _NOT_IN_NAMES.sub("", composed).lower()
    kept = _DEVICE.sub(r"\1_", kept) if _DEVICE.match(kept) else kept
    if kept.endswith((" ", ".")):
        kept += "_"
    return _cut(kept) if len(kept.encode()) > _LONGEST_NAME else kept


def _cut(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    ending = _first_bytes(ending, _LONGEST_ENDING)
    return _first_bytes(stem, _LONGEST_NAME - 2 - len(ending.encode())) + dot + ending


def _first_bytes(text: str, number: int) -> str:
    return text.encode()[:number].decode("utf-8", "ignore")


@lru_cache(maxsize=1 << 16)
def compared(field: str) -> str:
    """
    Give a first field as Anki compares it: its text, and the names of its media.

    >>> compared('<b>casa</b> &amp; <img src="a.png">')
    'casa &  a.png '
    """
    named = MEDIA_TAG.sub(lambda tag: f" {tag[1] or tag[2] or tag[3]} ", field)
    return unicodedata.normalize("NFC", plain_text(named))


class SearchError(ValueError):
    """A search that Anki would refuse, or one that is not known here."""


_TERM = re.compile(r'(-?)"((?:\\.|[^"\\])*)"|(-?)((?:\\.|[^\s"\\])+)')
_KEY = re.compile(r"((?:\\.|[^:\\])*):(.*)", re.DOTALL)


def parsed_search(search: str) -> list[list[tuple[bool, str, str]]]:
    r"""
    Read a search: alternatives of terms that all have to fit, each with "not", key and pattern.

    >>> parsed_search('"note:My Type" -tag:old or nid:1,2')
    [[(False, 'note', 'My Type'), (True, 'tag', 'old')], [(False, 'nid', '1,2')]]
    """
    alternatives: list[list[tuple[bool, str, str]]] = [[]]
    done = 0
    for term in _TERM.finditer(search):
        if search[done : term.start()].strip():
            raise SearchError(f"Invalid search: {search[done : term.start()].strip()!r}")
        done = term.end()
        word = term[2] if term[2] is not None else term[4]
        if word.lower() == "or" and term[2] is None:
            alternatives.append([])
            continue
        if word.lower() == "and" and term[2] is None:
            continue
        key = _KEY.fullmatch(word)
        if key is None or (term[2] is None and re.search(r"[()]", word)):
            raise SearchError(f"Invalid search: only terms with a colon are known here: {word!r}")
        negated = bool(term[1] or term[3])
        alternatives[-1].append((negated, re.sub(r"\\(.)", r"\1", key[1]).lower(), key[2]))
    if search[done:].strip() or not all(alternatives):
        raise SearchError(f"Invalid search: {search!r}")
    return alternatives


def fits(pattern: str, value: str) -> bool:
    r"""
    Tell whether a value fits a pattern of a search, in which `*` and `_` stand for others.

    >>> fits("lo_neuter", "LOxneuter"), fits(r"lo\_neuter", "loxneuter")
    (True, False)
    """
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild: Mapping[str, str] = {"*": ".*", "_": "."}
    made = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    folded = unicodedata.normalize("NFC", value)
    return re.fullmatch(made, folded, re.IGNORECASE | re.DOTALL) is not None
