"""One card's worth of knowledge, before Anki: texts, and references to a picture and sounds."""

from collections.abc import Mapping
from typing import Any

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

    def mended(self, texts: Mapping[str, str]) -> "Card":
        """
        Give the card with other texts in these fields, or in `prompt` and its like.

        What says the same as a field, as `example` does, goes on saying the same.
        """
        fields = {name: text for name, text in texts.items() if name in self.fields}
        others: dict[str, Any] = {n: text for n, text in texts.items() if n not in fields}
        alike: dict[str, Any] = {
            name: text
            for name in ("ipa", "caption", "example")
            for field, text in fields.items()
            if name not in others and getattr(self, name) == self.fields[field] != ""
        }
        return attrs.evolve(self, fields=FrozenMap({**self.fields, **fields}), **alike, **others)
