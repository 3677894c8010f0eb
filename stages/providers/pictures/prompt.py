"""What a painter is told of a card."""

import re

from stages.records.card import Card

STYLE = (
    "A clear, friendly picture for a flashcard, in the manner of a photograph, with one subject in"
    " the middle, natural colours, soft light and a quiet background, and without any text, letters,"
    " numbers, captions or borders in it"
)
"""How pictures look unless somebody says otherwise: it stands before what they show."""


def prompt_of(card: Card, style: str) -> str:
    """
    Give what a painter is asked for: the style, then what the picture of this card shows.

    Remarks in brackets at the end are for people, and left out. It is empty for a card that does not
    say what its picture shows.
    """
    shows = tidied(card.prompt)
    return ". ".join(filter(None, (style.strip(" \t\n."), shows))) if shows else ""


def tidied(prompt: str) -> str:
    """
    Give a prompt without the remarks at its end, in one line.

    >>> tidied("A red  house (not a barn) [checked]"), tidied("[to do]")
    ('A red house', '')
    >>> tidied("A man (old) with a hat (as in (3)).")
    'A man (old) with a hat'
    """
    line = " ".join(prompt.split())
    while shorter := _without_remark(line):
        line = shorter[0]
    return line


_CLOSING = {")": "(", "]": "["}


def _without_remark(line: str) -> tuple[str] | None:
    """Give the line without the bracket at its end; None where there is none, or it is never opened."""
    end = re.sub(r"[\s.]+$", "", line)
    if not end or end[-1] not in _CLOSING:
        return None
    close, depth = end[-1], 0
    for place in range(len(end) - 1, -1, -1):
        depth += (end[place] == close) - (end[place] == _CLOSING[close])
        if not depth:
            return (end[:place].rstrip(),)
    return None
