"""Meanings to vocabulary cards."""

from returns.result import Success

from stages.core.context import Context
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.records.keys import CARDS, MEANINGS
from stages.records.vocabulary_card import card_of


@stage(needs=[MEANINGS], gives=[CARDS])
def make_cards(context: Context) -> Outcome:
    """Make one card of every meaning, in their order."""
    cards = tuple(card_of(meaning) for meaning in context[MEANINGS])
    return Success(context.put(CARDS, cards).report(f"made {len(cards)} cards"))
