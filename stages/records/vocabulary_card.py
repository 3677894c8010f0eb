"""The card of a meaning."""

from stages.core.frozen import FrozenMap
from stages.records.card import Card
from stages.records.meaning import Meaning
from stages.records.note_types import VOCABULARY_NOTE


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
