"""Turns of phrase that messages share."""

from collections.abc import Iterable

from returns.result import Result


def counted(number: int, noun: str, several: str = "") -> str:
    """
    Give a number with its noun.

    >>> counted(1, "word"), counted(0, "word"), counted(2, "entry", "entries")
    ('1 word', '0 words', '2 entries')
    """
    return f"{number} {noun if number == 1 else several or f'{noun}s'}"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """
    Ask whether the nearest of the known names was meant; empty where none is near.

    From 0 to 1 the cutoff says how alike they have to be.

    >>> nearest("cadrs", ["cards", "words"])
    "did you mean 'cards'?"
    """
    from difflib import get_close_matches

    near = get_close_matches(name, tuple(known), n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}?" if near else ""


def kind_of(value: object) -> str:
    """
    Name the type of a value, and of what a `Result` holds; never the value, which may be a secret.

    >>> from returns.result import Success
    >>> kind_of("hunter2"), kind_of(Success(3))
    ('str', 'Success of int')
    """
    kind = type(value).__name__
    return f"{kind} of {kind_of(value._inner_value)}" if isinstance(value, Result) else kind
