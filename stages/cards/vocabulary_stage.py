"""Meanings to vocabulary cards."""

from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.records.card import Card
from stages.records.keys import CARDS, MEANINGS
from stages.records.meaning import Meaning
from stages.records.note_types import VOCABULARY_NOTE


@stage(needs=[MEANINGS], gives=[CARDS])
def make_cards(context: Context) -> Outcome:
    """Make one card of every meaning, in their order."""
    cards = tuple(card_of(meaning) for meaning in context[MEANINGS])
    return Success(context.put(CARDS, cards).report(f"made {len(cards)} cards"))


def card_of(meaning: Meaning) -> Card:
    """
    Say what the card of a meaning says.

    >>> card = card_of(Meaning(word="casa", id="home", context="vivienda", article="la", ipa="",
    ...     definition="donde vive una familia", example="Mi casa.", gapped="Mi _____."))
    >>> card.id, card.fields["Word"]
    ('casa_home', 'la casa')
    """
    return Card(
        id=meaning.card_id,
        note_type=VOCABULARY_NOTE.name,
        word=meaning.word,
        language=meaning.language,
        ipa=meaning.ipa,
        prompt=meaning.prompt,
        emoji=meaning.emoji,
        caption=meaning.context,
        search=meaning.id.replace("_", " "),
        example=meaning.example,
        fields=FrozenMap(
            {
                "Word": f"{meaning.article} {meaning.word}".strip(),
                "IPA": meaning.ipa,
                "Context": meaning.context,
                "Definition": meaning.definition,
                "Example": meaning.example,
                "Gapped": meaning.gapped,
                "Usage": meaning.note,
            }
        ),
        tags=("fluent-stages",),
    )
