"""Meanings to vocabulary cards."""

from hypothesis import given

from stages import CARDS, Card, Context, FrozenMap, Meaning, Status, make_cards
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing import check_stage, values_of
from tests.making import after, last, meaning


def test_a_card_says_all_that_a_meaning_says() -> None:
    """Every field of the meaning is on the card, the article before the word."""
    one = meaning(article="la", prompt="A house", emoji="🏠", note="Uso común")
    outcome = make_cards(Context.of(meanings=[one]))
    assert after(outcome)[CARDS] == (
        Card(
            id="casa_home",
            note_type="Stages Vocabulary",
            word="casa",
            language="es-419",
            ipa="[ˈka.sa]",
            prompt="A house",
            emoji="🏠",
            caption="inventado",
            search="home",
            example="Digo casa otra vez.",
            fields=FrozenMap(
                {
                    "Word": "la casa",
                    "IPA": "[ˈka.sa]",
                    "Context": "inventado",
                    "Definition": "lo que se dice",
                    "Example": "Digo casa otra vez.",
                    "Gapped": "Digo _____ otra vez.",
                    "Usage": "Uso común",
                }
            ),
            tags=("fluent-stages",),
        ),
    )
    assert last(outcome).message == "made 1 cards"


def test_no_meanings_give_no_cards() -> None:
    """Nothing to do is no failure."""
    outcome = make_cards(Context.of(meanings=[]))
    assert after(outcome)[CARDS] == ()
    assert last(outcome).status is Status.SUCCESS


@given(values_of(tuple[Meaning, ...]))
def test_there_is_one_card_a_meaning_in_their_order(meanings: tuple[Meaning, ...]) -> None:
    """Whatever a meaning says, its card is known by it and fits the note type."""
    cards = after(make_cards(Context.of(meanings=meanings)))[CARDS]
    assert [card.id for card in cards] == [one.card_id for one in meanings]
    assert all(set(card.fields) <= set(VOCABULARY_NOTE.fields) for card in cards)


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(make_cards)
