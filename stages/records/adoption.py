"""A deck that exists already, made by hand or by another program, read as if it were ours."""

import re

import attrs

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_text
from stages.records.note import ID_FIELD, LANGUAGE_FIELD, PICTURE_FIELD, SOUND_FIELD, media_in
from stages.records.note_types import VOCABULARY_NOTE


@attrs.frozen(kw_only=True)
class Adoption:
    """
    How the notes of another note type are ours: they keep that type, their cards and their history.

    Attributes:
        note_type: The name of theirs.
        key: The field of theirs that holds the id of our card, such as "casa_home".
        fields: Theirs, by our field that they hold; what no field holds is not shown on their cards.
        language: Of all their notes; a BCP 47 tag.
        ours: The name of our note type that they are read as.
        bare: Those of our fields whose counterpart holds the mere name of a file.
    """

    note_type: str
    key: str
    fields: FrozenMap[str, str]
    language: str
    ours: str = VOCABULARY_NOTE.name
    bare: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        """
        Refuse what would write over the key.

        Raises:
            ValueError: The key is among the fields, or two of ours share one of theirs.
        """
        theirs = [*self.fields.values(), self.key]
        if len({*theirs}) < len(theirs) or {ID_FIELD, LANGUAGE_FIELD} & self.fields.keys():
            raise ValueError(
                "each field of theirs holds one of ours, and the key holds the id alone"
            )

    def read(self, theirs: dict[str, str]) -> dict[str, str]:
        """
        Give what their fields say in ours, the id and the language among them.

        >>> adoption = Adoption(note_type="FF", key="ID", language="es-419", bare={"Picture"},
        ...     fields=FrozenMap({"Word": "SpanishWord", "Picture": "ImageFile"}))
        >>> adoption.read({"ID": "casa_home", "SpanishWord": "casa", "ImageFile": "casa.png"})
        {'Card ID': 'casa_home', 'Language': 'es-419', 'Word': 'casa', 'Picture': '<img src="casa.png">'}
        """
        ours = {ID_FIELD: theirs[self.key].strip(), LANGUAGE_FIELD: self.language}
        for name, their_name in self.fields.items():
            text = theirs[their_name]
            ours[name] = _tag(text) if name in self.bare else text
        return ours

    def written(self, name: str, text: str) -> str:
        """Give what a field of theirs says for one of ours."""
        if name not in self.bare:
            return text
        return canonical_text(next(media_in(text), ""))


def _tag(text: str) -> str:
    """Give the tag that shows a picture whose mere name stands there."""
    if not text.strip() or re.search(r"<|\[sound:", text):
        return text
    return f'<img src="{text.strip()}">'


FLUENT_FOREVER = Adoption(
    note_type="Fluent Forever",
    key="CardID",
    language="es-419",
    fields=FrozenMap(
        {
            "Word": "SpanishWord",
            "IPA": "IPA",
            "Context": "MeaningContext",
            "Definition": "MonolingualDef",
            "Example": "ExampleSentence",
            "Gapped": "GappedSentence",
            "Usage": "UsageNote",
            PICTURE_FIELD: "ImageFile",
            SOUND_FIELD: "WordAudio",
        }
    ),
    bare=frozenset({PICTURE_FIELD}),
)
"""The decks of the earlier system, whose pictures were shown by their mere names."""
