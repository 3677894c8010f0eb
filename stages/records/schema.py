"""What the fields of a note type have to hold, as data."""

import re
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import Severity
from stages.records.note_types import VOCABULARY_NOTE


def _is_pattern(_: object, __: object, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r:.60} is no pattern: {error}") from None


@attrs.frozen(kw_only=True)
class Rule:
    r"""
    What a field has to hold.

    Attributes:
        required: Whether it may not be empty; that is an error always.
        pattern: A regular expression that the whole text has to match; empty where any may stand.
        most: So many characters it has at most; 0 where there is no limit.
        hint: What to do about a text that does not fit.
        severity: Of a text that does not fit.

    >>> Rule(pattern=r"\d{4}-\d\d").fault("May 2025")
    "it does not match '\\\\d{4}-\\\\d\\\\d': 'May 2025'"
    """

    required: bool = False
    pattern: str = attrs.field(default="", validator=_is_pattern)
    most: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    hint: str = ""
    severity: Severity = Severity.ERROR

    def fault(self, text: str) -> str:
        """Say what is wrong with a text that is there; empty where nothing is."""
        if self.pattern and not re.fullmatch(self.pattern, text):
            return f"it does not match {self.pattern!r}: {text!r:.60}"
        if 0 < self.most < len(text):
            return f"it has {len(text)} characters, and at most {self.most} are wanted"
        return ""


def _is_part(schema: "Schema", attribute: "attrs.Attribute[Any]", name: str) -> None:
    if name and name not in schema.fields:
        raise ValueError(f"{attribute.name} is {name!r}, and the schema has no such field")


def _part() -> Any:
    return attrs.field(default="", validator=_is_part)


@attrs.frozen(kw_only=True)
class Schema:
    """
    What the fields of a note type have to hold, and which part each of them plays.

    A part that no field plays is not checked. It is read from JSON as it stands:
    `{"note_type": "Verbs", "fields": {"Front": {"required": true}}, "gapped": "Sentence"}`.

    Attributes:
        note_type: The name of the note type.
        fields: By name; what else a card has may be anything.
        word: The field with the word that is learnt, with its article if it has one.
        context: The field with the sense in a word or two.
        definition: The field with the definition, in the language of the word.
        example: The field with the sentence.
        gapped: The field with the sentence, a gap in the place of the word.

    >>> Schema(note_type="Verbs", fields=FrozenMap(), gapped="Sentence")
    Traceback (most recent call last):
        ...
    ValueError: gapped is 'Sentence', and the schema has no such field
    """

    note_type: str
    fields: FrozenMap[str, Rule]
    word: str = _part()
    context: str = _part()
    definition: str = _part()
    example: str = _part()
    gapped: str = _part()


def _wanted(most: int) -> Rule:
    hint = "say it in fewer words"
    return Rule(required=True, most=most, hint=hint, severity=Severity.WARNING)


VOCABULARY_SCHEMA = Schema(
    note_type=VOCABULARY_NOTE.name,
    fields=FrozenMap(
        {
            "Word": _wanted(80),
            "Context": _wanted(100),
            "Definition": _wanted(400),
            "Example": _wanted(400),
            "Gapped": _wanted(400),
        }
    ),
    word="Word",
    context="Context",
    definition="Definition",
    example="Example",
    gapped="Gapped",
)
"""What a vocabulary card has to say; what is longer than its limits nobody reads at a glance."""
