"""What a painter is told of a card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.pictures.prompt import STYLE, prompt_of, tidied
from tests.making import card


@pytest.mark.parametrize(
    ("prompt", "style", "told"),
    [
        ("A red house", "In ink", "In ink. A red house"),
        ("A red\n  house (not a barn)", "In ink. ", "In ink. A red house"),
        ("A man (old) with a hat [checked] (by Ana)", "", "A man (old) with a hat"),
        ("A house (with (deep) brackets).", "", "A house"),
        ("A house (never closed", "", "A house (never closed"),
        ("A house never opened)", "", "A house never opened)"),
        ("", "In ink", ""),
        (" [to do] ", "In ink", ""),
    ],
)
def test_the_style_stands_before_what_a_picture_shows(prompt: str, style: str, told: str) -> None:
    """Remarks at the end are for people; without anything to show there is nothing to ask for."""
    assert prompt_of(card(prompt=prompt), style) == told


def test_no_picture_has_text_in_it() -> None:
    """Unless somebody has another style: the word would give the answer away."""
    assert "without any text" in prompt_of(card(prompt="A red house"), STYLE)


@given(st.text(st.sampled_from("ab .()[]\n")))
def test_what_is_tidy_stays(prompt: str) -> None:
    """In one line, and it never grows."""
    tidy = tidied(prompt)

    assert tidied(tidy) == tidy
    assert len(tidy) <= len(prompt)
