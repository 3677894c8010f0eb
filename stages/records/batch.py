"""A staged batch: words to be given meanings by Claude or a person, in a file both can read."""

from collections.abc import Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap, freeze
from stages.records.word import is_whole

FIELDS = FrozenMap(
    {
        "SpanishWord": "the word, exactly as it stands under 'words'",
        "MeaningID": "names this meaning among those of the word: a short lower-case English name",
        "MeaningContext": "the sense in one to three words of the language",
        "MonolingualDef": "a simple definition in the language, without the word itself",
        "ExampleSentence": "a natural sentence with exactly one form of the word",
        "GappedSentence": "the example with that form replaced by _____",
        "IPA": "of the word alone, as [tɾa.ˈβa.xo]: brackets, dots, stress mark",
        "prompt": "one clear subject and one action for a picture, in English",
        "Article": "if the word is a noun, its article, such as la; else leave it out",
        "Emoji": "one to three emoji that show this meaning, if any do; else leave it out",
        "UsageNote": "a word on use, if one is needed; else leave it out",
    }
)
"""The fields of a meaning in a staged file, and what stands in each."""

_INSTRUCTIONS = (
    "Give every word in 'words' one entry in 'meanings' for each distinct meaning, that is for each"
    " distinct mental image, with the fields that are explained under 'fields'. Words that need no"
    " card go into 'skipped_words'."
)


_EXAMPLE = FrozenMap(
    {
        "SpanishWord": "casa",
        "MeaningID": "home",
        "MeaningContext": "vivienda",
        "MonolingualDef": "edificio donde vive una familia",
        "ExampleSentence": "Mi abuela vive en una casa pequeña cerca del río.",
        "GappedSentence": "Mi abuela vive en una _____ pequeña cerca del río.",
        "IPA": "[ˈka.sa]",
        "prompt": "A grandmother watering flowers in front of a small house by a river",
        "Article": "la",
        "Emoji": "🏠",
    }
)
"""One meaning as it is filled in."""


@attrs.frozen(kw_only=True)
class Batch:
    """
    Words that wait for meanings, and the meanings that were filled in so far.

    Attributes:
        words: In the order in which their cards will come.
        entries: As they were filled in, unchecked: `ingest_batch` makes meanings of them.
        skipped: Words that whoever filled it in wants no card for.
        language: A BCP 47 tag.
    """

    words: tuple[str, ...] = ()
    entries: tuple[Any, ...] = ()
    skipped: tuple[str, ...] = ()
    language: str = "es-419"

    def to_saved(self) -> dict[str, object]:
        """Give the staged file's form: plain JSON values."""
        return {
            "metadata": {
                "source": "stages",
                "language": self.language,
                "instructions": _INSTRUCTIONS,
                "fields": dict(FIELDS),
                "example": dict(_EXAMPLE),
            },
            "words": list(self.words),
            "meanings": [_thawed(entry) for entry in self.entries],
            "skipped_words": list(self.skipped),
        }

    @classmethod
    def from_saved(cls, saved: object) -> "Batch":
        """
        Read the staged file's form; entries are taken as they are.

        Raises:
            ValueError: It is no staged batch; every fault of its frame is named.
        """
        if not isinstance(saved, Mapping):
            raise ValueError(f"a staged batch is an object, and this is a {type(saved).__name__}")  # noqa: TRY004
        faults = [
            f"{name!r} has to be a list{' of words' if name != 'meanings' else ''}"
            for name in ("words", "meanings", "skipped_words")
            if not _is_list(saved.get(name, [] if name == "skipped_words" else None), name)
        ]
        if faults:
            raise ValueError("no staged batch: " + "; ".join(faults))
        metadata = saved.get("metadata")
        language = metadata.get("language") if isinstance(metadata, Mapping) else None
        return cls(
            words=tuple(saved["words"]),
            entries=tuple(freeze(entry) for entry in saved["meanings"]),
            skipped=tuple(saved.get("skipped_words", ())),
            language=language if isinstance(language, str) else "es-419",
        )


def _is_list(value: object, name: str) -> bool:
    if not isinstance(value, list | tuple):
        return False
    return name == "meanings" or all(isinstance(word, str) and is_whole(word) for word in value)


def _thawed(value: object) -> object:
    match value:
        case FrozenMap():
            return {key: _thawed(one) for key, one in value.items()}
        case tuple():
            return [_thawed(one) for one in value]
        case _:
            return value
