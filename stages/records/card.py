"""One card's worth of knowledge, before Anki: texts, and references to a picture and a sound."""

import attrs

from stages.core.frozen import FrozenMap


@attrs.frozen(kw_only=True)
class Card:
    """
    What one note says, as plain text, and what its picture and its sound are.

    The picture is looked up by `id` and the sound by `word`, since one word may have many cards.

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
    tags: tuple[str, ...] = ()
