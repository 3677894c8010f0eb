"""Verb forms to learn, and the file in which they lie."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given

from stages import Conjugation, Conjugations, FrozenMap
from stages.core.json import from_json, to_json
from stages.testing import values_of

ENTRY = {
    "CardID": "hablar_yo",
    "Front": "hablo",
    "Back": "hablar",
    "Add Reverse": "1",
    "Sentence": "Yo _____ mucho.",
    "Extra": "presente",
    "Picture": "hablo.png",
}


def reading(**fields: object) -> Conjugations:
    """Read a file of one form, with other fields; None leaves one out."""
    entry = {name: one for name, one in {**ENTRY, **fields}.items() if one is not None}
    text = json.dumps({"conjugations": {"hablar_yo": entry}})
    read: Conjugations = from_json(text, Conjugations)
    return read


def test_a_file_of_the_earlier_system_is_read() -> None:
    """With all that it holds beside what a card shows."""
    text = json.dumps(
        {
            "conjugations": {"hablar_yo": ENTRY},
            "metadata": {"created": "2024", "total_cards": 1},
            "more": [1],
        }
    )
    read = from_json(text, Conjugations)
    assert read == Conjugations(
        forms=(
            Conjugation(
                id="hablar_yo",
                form="hablo",
                infinitive="hablar",
                sentence="Yo _____ mucho.",
                hint="presente",
                reverse=True,
                others=FrozenMap({"Picture": "hablo.png"}),
            ),
        ),
        metadata=FrozenMap({"created": "2024"}),
        others=FrozenMap({"more": (1,)}),
    )
    assert json.loads(to_json(read)) == json.loads(text)


@given(values_of(Conjugations))
def test_forms_are_loaded_as_they_were_saved(conjugations: Conjugations) -> None:
    """And their count is right."""
    text = to_json(conjugations)
    assert from_json(text, Conjugations) == conjugations
    assert json.loads(text)["metadata"]["total_cards"] == len(conjugations.forms)


@pytest.mark.parametrize(
    ("marked", "reverse"),
    [("1", True), ("x", True), (True, True), ("", False), (" ", False), (None, False)],
)
def test_any_mark_asks_for_the_reverse(marked: Any, reverse: Any) -> None:
    """As in Anki, where a field is filled or not."""
    (one,) = reading(**{"Add Reverse": marked}).forms
    assert one.reverse is reverse


def test_what_may_be_left_out() -> None:
    """The id stands before the entry too; a hint is a help, and the language is the usual one."""
    (one,) = reading(CardID=None, Extra=None, Picture=None).forms
    assert (one.id, one.hint, one.language) == ("hablar_yo", "", "es-419")
    assert reading(Language="es-ES").forms[0].language == "es-ES"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"Front": None}, "Front: it is missing"),
        ({"Back": " "}, "Back: it is empty"),
        ({"Sentence": 3}, "Sentence: a text was expected, and 3 found"),
        ({"Extra": []}, "Extra: a text was expected"),
        ({"CardID": "other"}, "CardID: it is 'other'"),
        ({"Add Reverse": 1}, "Add Reverse: '1' or '' was expected, and 1 found"),
        ({"Extra": "\ud83d"}, "Extra: it holds half a character"),
        ({"Picture": "\ud83d"}, "a text of it holds half a character"),
    ],
)
def test_a_fault_is_named_with_its_path(fields: dict[str, object], fault: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(ValueError, match="no verb forms") as error:
        reading(**fields)
    assert "conjugations.hablar_yo" in str(error.value)
    assert fault in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    """The first few of them, and the others are counted."""
    file = {"conjugations": {"": {}, "b": 3, **{str(n): {} for n in range(3)}}, "metadata": 1}
    with pytest.raises(ValueError, match=r"and \d+ more") as error:
        Conjugations.from_saved(file)
    assert str(error.value).count(";") == 5


@pytest.mark.parametrize("saved", [[], {}, {"conjugations": []}, None])
def test_what_is_no_such_file_is_refused(saved: object) -> None:
    """In one sentence."""
    with pytest.raises(ValueError, match="no object with an object 'conjugations'"):
        Conjugations.from_saved(saved)


def test_texts_beside_the_forms_are_whole() -> None:
    """Half a character could not be written again."""
    for beside in ({"metadata": {"a": "\ud83d"}}, {"more": ["\ud83d"]}, {"metadata": 3}):
        with pytest.raises(ValueError, match=r"metadata|beside"):
            Conjugations.from_saved({"conjugations": {}, **beside})


def test_each_id_stands_once() -> None:
    """The first one counts."""
    one = reading().forms[0]
    assert Conjugations(forms=(one, attrs.evolve(one, form="x"))).forms == (one,)


@pytest.mark.parametrize(
    ("sentence", "gapped", "example"),
    [
        ("Yo _____ mucho.", "Yo _____ mucho.", "Yo hablo mucho."),
        ("Yo __ y yo __.", "Yo _____ y yo _____.", "Yo hablo y yo hablo."),
        ("¿_____ yo?", "¿_____ yo?", "¿Hablo yo?"),
        ("Yo Hablo mucho.", "Yo _____ mucho.", "Yo hablo mucho."),
        ("Nada de eso.", "", "Nada de eso."),
    ],
)
def test_a_sentence_has_its_gap_and_its_form(sentence: str, gapped: str, example: str) -> None:
    """With a capital where it begins, and made where the form can be seen."""
    (one,) = reading(Sentence=sentence).forms
    assert (one.gapped, one.example) == (gapped, example)
