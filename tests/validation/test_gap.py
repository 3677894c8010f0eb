"""Whether a gapped sentence is its example, with a gap where the word is and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.records.meaning import GAP
from stages.validation.data.answer import given_away, is_akin
from stages.validation.data.gap import gap_faults, hidden_forms

PARTS = st.text("ab .¿ñ", min_size=1, max_size=4)
FORMS = st.text("abñ", min_size=1, max_size=3)


@given(PARTS, FORMS, PARTS)
def test_one_gap_hides_what_was_there(before: str, form: str, after: str) -> None:
    """Whatever stands around it."""
    assert hidden_forms(before + form + after, before + GAP + after) == (form,)


@given(PARTS, FORMS, PARTS, FORMS, PARTS)
def test_what_several_gaps_hide_gives_the_example_again(
    before: str, one: str, between: str, other: str, after: str
) -> None:
    """Where there are several ways to fill them, one is given."""
    example = before + one + between + other + after
    forms = hidden_forms(example, before + GAP + between + GAP + after)
    assert not forms or before + forms[0] + between + forms[1] + after == example


def test_many_gaps_take_no_time() -> None:
    """They come from outside, and nobody has so many."""
    assert hidden_forms("a" * 20_000 + "b", f"{GAP}a{GAP}a{GAP}c") == ()
    assert hidden_forms("a" * 20_000, GAP * 2_000) == ()


FAULTS: dict[str, tuple[str, str, str, list[tuple[str, str | None]]]] = {
    "right": ("casa", "Mi casa.", "Mi _____.", []),
    "no word": ("", "Mi casa.", "Mi _____.", []),
    "a short gap": ("casa", "Mi casa.", "Mi ___.", [("no-gap", "Mi _____.")]),
    "a long gap": ("casa", "Mi casa.", "Mi ________.", [("gap-misfit", "Mi _____.")]),
    "no gap": ("casa", "Mi casa.", "Mi casa.", [("no-gap", "Mi _____.")]),
    "no gap, and the word twice": ("casa", "Mi casa y tu casa.", "Mi casa.", [("no-gap", None)]),
    "a form without gap": ("ser", "Soy yo.", "Soy yo.", [("no-gap", None)]),
    "another word": (
        "casa", "Mi abuela tiene una casa.", "Mi _____ tiene una casa.",
        [("gap-misfit", "Mi abuela tiene una _____."), ("answer-shown", None)],
    ),
    "signs": ("casa", "¿Mi casa?", "¿Mi _____", [("gap-misfit", "¿Mi _____?")]),
    "two words": ("casa", "La casa es una cosa.", "La _____ es una _____.", [("no-gap", None)]),
    "another accent": ("sólo", "Está solo.", "Está _____.", [("other-accent", None)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_and_its_fix(name: str) -> None:
    """A fix is there where it is certain, and with it nothing is wrong."""
    word, example, gapped, wanted = FAULTS[name]
    found = list(gap_faults(word, hidden_forms(example, gapped), example, gapped, "es"))
    assert [(one.code, one.fix) for one in found] == wanted
    for fix in filter(None, (one.fix for one in found)):
        assert list(gap_faults(word, hidden_forms(example, fix), example, fix, "es")) == []


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("soy", "ser"), ("fui", "ir"), ("huelo", "oler"), ("quepo", "caber"), ("yergue", "erguir"),
        ("hicimos", "hacer"), ("peor", "malo"), ("irons", "aller"), ("eurent", "avoir"),
        ("furono", "essere"), ("escono", "uscire"), ("warst", "sein"), ("gebracht", "bringen"),
        ("gegessen", "essen"), ("better", "good"), ("brought", "bring"), ("家", "家族"),
    ],
)  # fmt: skip
def test_forms_of_other_stems_are_akin(form: str, word: str) -> None:
    """What is rare is not wrong."""
    assert is_akin(form, word)


@pytest.mark.parametrize(
    ("text", "word", "form", "language", "found"),
    [
        ("tener una casa", "casa", "casa", "es", "casa"),
        ("tener casas", "casa", "casa", "es", "casas"),
        ("quien habla y hablan", "hablar", "hablo", "es", "hablan"),
        ("algo que hace hablarlo", "hablar", "hablo", "es", "hablarlo"),
        ("muchas luces", "luz", "luz", "es", "luces"),
        ("hay que tener que ir", "tener que", "tengo que", "es", "tener que"),
        ("de muy buena calidad", "bueno", "buena", "es", "buena"),
        ("viele Häuser", "Haus", "Häuser", "de", "häuser"),
        ("the cities of a land", "city", "city", "en", "cities"),
        ("家族が住む", "家族", "家族", "ja", "家族"),
        ("quien se casará", "casa", "casa", "es", ""),
        ("un manojo", "mano", "mano", "es", ""),
        ("de estados", "estar", "estoy", "es", ""),
        ("sin tocar nada", "nadar", "nadan", "es", ""),
        ("de la mesa", "de", "de", "es", ""),
        ("que te gusta", "té", "té", "es", ""),
        ("", "casa", "casa", "es", ""),
    ],
)
def test_what_gives_the_answer_away(
    text: str, word: str, form: str, language: str, found: str
) -> None:
    """The word or a clear form of it; not what merely begins alike, and no small word."""
    assert given_away(text, word, form, language) == found
