"""Verb forms to cards."""

from hypothesis import given

from stages import (
    CARDS,
    CONJUGATIONS,
    Card,
    Conjugation,
    Conjugations,
    Context,
    FrozenMap,
    Status,
    make_cards,
    make_conjugation_cards,
)
from stages.records.note_types import CONJUGATION_NOTE
from stages.records.template import makes_card
from stages.testing import check_stage, values_of
from tests.making import after, card, codes, last, meaning

HABLO = Conjugation(
    id="hablar_present_yo",
    form="hablo",
    infinitive="hablar",
    sentence="Yo ___ mucho.",
    hint="presente, yo",
    reverse=True,
)


def test_a_card_says_all_that_a_form_says() -> None:
    """The sentence with its gap and without, and whether it is asked the other way round."""
    outcome = make_conjugation_cards(Context.of(conjugations=Conjugations(forms=(HABLO,))))
    assert after(outcome)[CARDS] == (
        Card(
            id="hablar_present_yo",
            note_type="Stages Conjugation",
            word="hablo",
            language="es-419",
            caption="hablar",
            example="Yo hablo mucho.",
            fields=FrozenMap(
                {
                    "Form": "hablo",
                    "Infinitive": "hablar",
                    "Sentence": "Yo _____ mucho.",
                    "Example": "Yo hablo mucho.",
                    "Extra": "presente, yo",
                    "Add Reverse": "1",
                }
            ),
            tags=("fluent-stages", "conjugation"),
        ),
    )
    assert last(outcome).message == "made 1 cards"


def test_they_come_after_the_cards_of_words() -> None:
    """One deck may have both, and making them again doubles none."""
    context = Context.of(meanings=[meaning()], conjugations=Conjugations(forms=(HABLO,)))
    both = make_conjugation_cards(make_cards(context))
    assert [one.id for one in after(both)[CARDS]] == ["casa_home", "hablar_present_yo"]
    assert after(make_conjugation_cards(both))[CARDS] == after(both)[CARDS]


def test_a_sentence_without_a_gap_is_told() -> None:
    """`no-gap` warns; where the form can be seen in it, the gap is made."""
    seen = Conjugation(id="a", form="soy", infinitive="ser", sentence="Soy yo.")
    unseen = Conjugation(id="b", form="soy", infinitive="ser", sentence="Es ella.")
    outcome = make_conjugation_cards(Context.of(conjugations=Conjugations(forms=(seen, unseen))))
    assert codes(outcome) == [("no-gap", "conjugations[b].Sentence")]
    assert last(outcome).status is Status.SUCCESS
    assert [one.fields["Sentence"] for one in after(outcome)[CARDS]] == ["_____ yo.", ""]


@given(values_of(Conjugations), values_of(tuple[Card, ...]))
def test_there_is_one_card_a_form_in_their_order(
    conjugations: Conjugations, cards: tuple[Card, ...]
) -> None:
    """Each fits the note type, and only what is asked for is asked the other way round."""
    given = Context.of({CONJUGATIONS: conjugations, CARDS: cards})
    made = after(make_conjugation_cards(given))[CARDS]
    assert made[: len(cards)] == cards
    own = made[len(cards) :]
    assert [one.id for one in own] == [one.id for one in conjugations.forms]
    production, recognition = CONJUGATION_NOTE.templates
    for one, form in zip(own, conjugations.forms, strict=True):
        fields = {**dict.fromkeys(CONJUGATION_NOTE.fields, ""), **one.fields}
        assert set(one.fields) <= set(CONJUGATION_NOTE.fields)
        assert makes_card(production.front, fields)
        assert makes_card(recognition.front, fields) is form.reverse


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(make_conjugation_cards)
    assert card().note_type != CONJUGATION_NOTE.name
