"""What the fields of a note type have to hold, as data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import FrozenMap, Severity
from stages.core.json import from_json, structured, to_json
from stages.records.note_types import VOCABULARY_NOTE
from stages.records.schema import VOCABULARY_SCHEMA, Rule, Schema
from stages.testing import values_of

RULES = st.builds(
    Rule,
    required=st.booleans(),
    pattern=st.sampled_from(("", "[a-z]+", r"\d{4}", "(?i)ñ|é")),
    most=st.integers(0, 500),
    hint=values_of(str),
    severity=st.sampled_from(Severity),
)


@given(RULES)
def test_a_rule_is_saved_and_read_back(rule: Rule) -> None:
    """A schema is data: JSON says all of it."""
    schema = Schema(note_type="Verbs", fields=FrozenMap({"Front": rule}), word="Front")
    assert from_json(to_json(schema), Schema) == schema


def test_json_says_only_what_is_meant() -> None:
    """All but the note type and its fields may be left out."""
    saved = {"note_type": "Verbs", "fields": {"Front": {"required": True, "most": 9}}}
    assert structured([saved], tuple[Schema, ...]) == (
        Schema(note_type="Verbs", fields=FrozenMap({"Front": Rule(required=True, most=9)})),
    )


@pytest.mark.parametrize(
    ("saved", "why"),
    [
        ({"fields": {}}, "'note_type' is missing"),
        ({"note_type": "V", "fields": {"A": {"reqired": True}}}, r"\$\.fields\[A\]: unknown 'reqired'"),
        ({"note_type": "V", "fields": {"A": {"pattern": "("}}}, r"fields\[A\]: '\(' is no pattern"),
        ({"note_type": "V", "fields": {"A": {"most": -1}}}, r"fields\[A\]: 'most' must be"),
        ({"note_type": "V", "fields": {}, "gapped": "B"}, "gapped is 'B', and the schema has no such"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(saved: object, why: str) -> None:
    """A schema that cannot be meant so is refused, with the place and the reason."""
    with pytest.raises(ValueError, match=why):
        structured(saved, Schema)


@pytest.mark.parametrize(
    ("rule", "text", "why"),
    [
        (Rule(), "anything", ""),
        (Rule(pattern="[a-z]+"), "casa", ""),
        (Rule(pattern="[a-z]+"), "la casa", "it does not match '[a-z]+': 'la casa'"),
        (Rule(most=4), "casa", ""),
        (Rule(most=4), "casas", "it has 5 characters, and at most 4 are wanted"),
    ],
)
def test_what_does_not_fit_says_why(rule: Rule, text: str, why: str) -> None:
    """A pattern is of the whole text, a limit is the most that may be."""
    assert rule.fault(text) == why


def test_the_schema_of_the_vocabulary_is_of_its_note_type() -> None:
    """Its fields are there, and what is long is only worth a look."""
    assert VOCABULARY_SCHEMA.note_type == VOCABULARY_NOTE.name
    assert set(VOCABULARY_SCHEMA.fields) <= set(VOCABULARY_NOTE.fields)
    assert {rule.severity for rule in VOCABULARY_SCHEMA.fields.values()} == {Severity.WARNING}
