"""What pictures and sounds are wanted for cards, and how a stage asks for them."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from stages.core.problem import Problem, Severity
from stages.records.card import Card
from stages.records.media import MediaFile


def pictured(cards: Iterable[Card]) -> dict[str, Card]:
    """Give the cards by id: each has a picture of its own."""
    return {card.id: card for card in cards}


def spoken(cards: tuple[Card, ...], *, examples: bool) -> dict[str, Card]:
    """
    Give a card for each text that is spoken: words first, then examples, each once.

    The card of an example has it as its word. Of several cards of one text it is that of the least
    id, wherever it stands: a deck in another order is spoken alike.
    """
    words = _by_text(cards)
    if examples:
        sentences = (
            attrs.evolve(card, word=card.example, ipa="") for card in cards if card.example
        )
        for text, card in _by_text(sentences).items():
            words.setdefault(text, card)
    return words


def _by_text(cards: Iterable[Card]) -> dict[str, Card]:
    found: dict[str, Card] = {}
    for card in cards:
        there = found.get(card.word)
        if there is None or card.id < there.id:
            found[card.word] = card
    return found


def doubts(file: MediaFile) -> Iterator[Problem]:
    """Say what is not as it might be with a file; it is used all the same."""
    if file.outdated:
        why = f"{file.name} was made when prompt, style or size were others"
        yield Problem("outdated", "", why, "it stays until it is forced", Severity.WARNING)
    for reason in file.reasons:
        yield Problem("second-choice", "", reason, severity=Severity.WARNING)


def missing(wanted: Mapping[str, Card], there: Mapping[str, MediaFile]) -> dict[str, Card]:
    """Give what is wanted and not there."""
    return {name: card for name, card in wanted.items() if name not in there}
