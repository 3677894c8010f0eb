"""One distinct meaning of a word, and the gap in its sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.records.meaning import GAP, gapped_form
from tests.making import meaning

PIECES = st.text().filter(lambda text: "_" not in text)
FORMS = PIECES.map(str.strip).filter(bool)
SIDES = st.text("aáB .", max_size=4)


def test_a_card_is_named_by_word_and_meaning() -> None:
    """Blanks in a word become underscores."""
    assert meaning("casa", "home").card_id == "casa_home"
    assert meaning("tener que", "must").card_id == "tener_que_must"


@given(PIECES, FORMS, PIECES)
def test_what_was_gapped_is_found(before: str, form: str, after: str) -> None:
    """Putting a gap where a form stands and asking for the form gives it back."""
    assert gapped_form(before + form + after, before + GAP + after) == form


@given(PIECES, FORMS, PIECES, PIECES)
def test_a_pair_that_was_gapped_is_found(before: str, form: str, between: str, after: str) -> None:
    """Two gaps may hide one form; which one cannot always be told, but it fits."""
    example = before + form + between + form + after
    found = gapped_form(example, before + GAP + between + GAP + after)
    assert found
    assert (
        before + found + between + found + after == example or found.casefold() == form.casefold()
    )


@given(st.text("aáB .", max_size=9), st.lists(SIDES, min_size=1, max_size=4).map(GAP.join))
def test_a_form_that_is_found_fits(example: str, gapped: str) -> None:
    """Whatever the two texts are: put into the gaps it gives the example, but for case."""
    form = gapped_form(example, gapped)
    assert not form or gapped.replace(GAP, form).casefold() == example.casefold()


@pytest.mark.parametrize(
    ("example", "gapped"),
    [
        pytest.param("Mi casa.", "Mi casa.", id="no gap"),
        pytest.param("Mi casa.", "Mi ____.", id="a short gap"),
        pytest.param("Mi casa.", "Tu _____.", id="another sentence"),
        pytest.param("Mi casa.", "mi _____.", id="another case around it"),
        pytest.param("Mi casa", "Mi casa_____", id="nothing hidden"),
        pytest.param("Mi  casa", "Mi _____casa", id="only a blank hidden"),
        pytest.param("una casa y una cosa", "una _____ y una _____", id="two forms hidden"),
        pytest.param("", "", id="nothing at all"),
        pytest.param("", GAP, id="a gap in nothing"),
    ],
)
def test_what_does_not_fit_has_no_form(example: str, gapped: str) -> None:
    """Then the gapped sentence is not the example with a form replaced."""
    assert gapped_form(example, gapped) == ""


def test_a_long_text_takes_no_time() -> None:
    """Whoever fills in a batch cannot make the program hang."""
    assert gapped_form("a" * 20_000 + "b", f"{GAP}a{GAP}a{GAP}c") == ""
