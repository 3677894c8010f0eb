"""The note types of the decks made here."""

import re

import pytest

from stages.records.note import (
    CREDIT_FIELD,
    ID_FIELD,
    LANGUAGE_FIELD,
    PICTURE_FIELD,
    SOUND_FIELD,
    NoteType,
)
from stages.records.note_types import CONJUGATION_NOTE, NOTE_TYPES, VOCABULARY_NOTE
from tests.making import card

SIDES = [
    (one, f"{template.name} {side}", getattr(template, side))
    for one in NOTE_TYPES
    for template in one.templates
    for side in ("front", "back")
]
FIELD = re.compile(r"{{([#/^]?)(?:[a-z]+:)*([^}]+)}}")


@pytest.mark.parametrize("one", NOTE_TYPES, ids=lambda one: one.name)
def test_the_first_field_names_the_card(one: NoteType) -> None:
    """Anki takes notes with one first field for duplicates."""
    assert one.fields[0] == ID_FIELD
    assert len(set(one.fields)) == len(one.fields)
    assert {PICTURE_FIELD, SOUND_FIELD, CREDIT_FIELD, LANGUAGE_FIELD} <= set(one.fields)


def test_names_are_unique() -> None:
    """Of note types, and of the cards of each."""
    assert len({one.name for one in NOTE_TYPES}) == len(NOTE_TYPES)
    for one in NOTE_TYPES:
        assert len({template.name for template in one.templates}) == len(one.templates)


@pytest.mark.parametrize(("one", "side", "text"), SIDES, ids=[side for _, side, _ in SIDES])
def test_a_side_is_right_on_every_device(one: NoteType, side: str, text: str) -> None:
    """Known fields, closed sections, a direction and a language, and nothing from elsewhere."""
    used = FIELD.findall(text)
    assert {name for _, name in used} <= {*one.fields, "FrontSide"}, side
    opened = [name for mark, name in used if mark in ("#", "^")]
    assert sorted(opened) == sorted(name for mark, name in used if mark == "/")
    assert 'dir="auto"' in text
    assert 'lang="{{Language}}"' in text
    assert not re.search(r"<script|https?:|//|onload", text)
    assert text.count("<div") == text.count("</div>")


def shown(side: str) -> set[str]:
    """Name the fields that a side shows or asks about."""
    return {name for _, name in FIELD.findall(side)}


def test_no_front_shows_the_word() -> None:
    """What is asked for stands on the back alone."""
    for template in VOCABULARY_NOTE.templates:
        assert not {"Word", "Example", ID_FIELD} & shown(template.front)
        assert "Word" in shown(template.back)


def test_a_verb_form_is_asked_for_in_both_directions() -> None:
    """The form by its infinitive and a gap; and what it is, where that is wanted."""
    production, recognition = CONJUGATION_NOTE.templates
    assert not {"Form", "Example", "Sound", ID_FIELD} & shown(production.front)
    assert {"Form", "Example", "Sound"} <= shown(production.back)
    assert not {"Infinitive", "Extra", "Picture", ID_FIELD} & shown(recognition.front)
    assert {"Infinitive", "Extra"} <= shown(recognition.back)
    assert recognition.front.startswith("{{#Add Reverse}}")


def test_recall_does_not_play_the_word() -> None:
    """Hearing it would give it away; comprehension begins with it."""
    fronts = {template.name: template.front for template in VOCABULARY_NOTE.templates}
    assert "{{Sound}}" in fronts["Comprehension"]
    assert "{{Sound}}" not in fronts["Recall"]


def test_the_look_minds_the_night_and_loads_nothing() -> None:
    """Every client's name for night mode, pictures that fit, and no remote font."""
    css = VOCABULARY_NOTE.css
    assert all(name in css for name in (".nightMode", ".night_mode", "max-width: 100%"))
    assert not re.search(r"@import|url\(|https?:", css)
    assert css.count("{") == css.count("}")


def test_a_vocabulary_card_fits_its_note_type() -> None:
    """No field of the card is lost."""
    assert set(card().fields) <= set(VOCABULARY_NOTE.fields)
    assert card().note_type == VOCABULARY_NOTE.name
