"""Turns of phrase that messages share."""

from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """
    Give a number with its noun.

    >>> counted(1, "word"), counted(0, "word")
    ('1 word', '0 words')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def nearest(name: str, known: Iterable[str]) -> str:
    """
    Ask whether the nearest of the known names was meant; empty where none is near.

    >>> nearest("cadrs", ["cards", "words"])
    "did you mean 'cards'?"
    """
    from difflib import get_close_matches

    near = get_close_matches(name, tuple(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
