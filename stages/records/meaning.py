"""One distinct meaning of a word: one mental image, and so one card."""

import re

import attrs


@attrs.frozen(kw_only=True)
class Meaning:
    """
    One distinct meaning of a word, as a lexicon, a person or Claude gives it.

    Attributes:
        word: The word as it is looked up, without article.
        id: Names the meaning among those of its word, such as "home".
        context: The sense in a word or two of the language itself.
        definition: In the language itself, without the word.
        example: A sentence with one form of the word.
        gapped: The example with that form replaced by `GAP`.
        ipa: The pronunciation of the word alone, in square brackets.
        prompt: What a picture of it shows; empty where nobody said.
        emoji: One to three emoji that show it; empty where none does.
        article: Of a noun, such as "la"; empty for all else.
        note: A word on use; may be empty.
        language: A BCP 47 tag.
    """

    word: str
    id: str
    context: str
    definition: str
    example: str
    gapped: str
    ipa: str
    prompt: str = ""
    emoji: str = ""
    article: str = ""
    note: str = ""
    language: str = "es-419"

    @property
    def card_id(self) -> str:
        """
        Names the card of this meaning: the word and the meaning's id.

        >>> Meaning(word="tener que", id="must", context="", definition="", example="",
        ...         gapped="", ipa="").card_id
        'tener_que_must'
        """
        return f"{self.word.replace(' ', '_')}_{self.id}"


GAP = "_____"
"""What stands in a gapped sentence where the word was."""


def gapped_form(example: str, gapped: str) -> str:
    """
    Give the word form that the gap hides; empty where the gapped sentence does not fit the example.

    Several gaps fit if they all hide one form, as the two of a paired conjunction do.

    >>> gapped_form("Vivo en una casa azul.", "Vivo en una _____ azul.")
    'casa'
    >>> gapped_form("No quiero ni té ni pan.", "No quiero _____ té _____ pan.")
    'ni'
    >>> gapped_form("Vivo en una casa azul.", "Vivo en una casa azul.")
    ''
    """
    before, *after = map(re.escape, gapped.split(GAP))
    if not after:
        return ""
    again = "".join(rf"(?i:\1){part}" for part in after[1:])
    fits = re.fullmatch(rf"{before}(\S|\S.*\S){after[0]}{again}", example, re.DOTALL)
    return fits[1] if fits else ""
