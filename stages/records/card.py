"""One card's worth of knowledge, before Anki: texts, and references to a picture and sounds."""

import attrs

from stages.core.frozen import FrozenMap


@attrs.frozen(kw_only=True)
class Card:
    """
    What one note says, as plain text, and what its picture and its sound are.

    The picture is looked up by `id` and the sounds by `word` and `example`, since one word may have
    many cards.

    Attributes:
        id: Unique in its language, and the same for ever.
        note_type: The name of the note type that shows it.
        word: What is spoken.
        ipa: How it is spoken, in square brackets; empty where nobody knows.
        language: A BCP 47 tag.
        fields: Plain text by field name of the note type; pictures and sounds are not among them.
        prompt: What the picture shows.
        emoji: One to three emoji that show it; empty where none does.
        caption: The sense in a word or two, for a picture that has to do without drawing.
        search: A few words, in English if possible, by which a picture of it is found.
        example: The sentence of the card, which may be spoken as well; one of its fields.
        tags: Without blanks.
    """

    id: str
    note_type: str
    word: str
    language: str
    fields: FrozenMap[str, str]
    ipa: str = ""
    prompt: str = ""
    emoji: str = ""
    caption: str = ""
    search: str = ""
    example: str = ""
    tags: tuple[str, ...] = ()
