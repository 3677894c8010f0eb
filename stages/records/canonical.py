"""What Anki makes of texts that it keeps: what is written so is read back the same."""

import re
import unicodedata
from functools import lru_cache

_CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127))


def canonical_text(text: str) -> str:
    r"""
    Give a field's value as Anki keeps it.

    >>> canonical_text("e\u0301\r\nx\x00")
    'é\nx'
    """
    kept = text if text.isprintable() else text.translate(_CONTROL)
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=4096)
def canonical_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """
    Give tags as Anki keeps them: split at blanks, one spelling each, sorted.

    >>> canonical_tags(("verb", "Food easy", "food", "::a"))
    ('blank::a', 'easy', 'Food', 'verb')
    """
    found: dict[str, str] = {}
    for tag in filter(None, re.split("[ \u3000]", " ".join(tags))):
        levels = re.sub("[\t\n]", "", canonical_text(tag)).split("::")
        name = "::".join(level or "blank" for level in levels)
        found.setdefault(name.casefold(), name)
    return tuple(found[key] for key in sorted(found))


def canonical_deck(name: str) -> str:
    """
    Give the name of a deck as Anki keeps it.

    >>> canonical_deck("Spanish :: A1::")
    'Spanish::A1::blank'
    """
    levels = re.sub("[\t\n]", "", canonical_text(name)).split("::")
    return "::".join(level.strip() or "blank" for level in levels)
