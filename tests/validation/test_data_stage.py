"""Are the cards whole and right?"""

import attrs
import pytest
from hypothesis import given

from stages import (
    CARDS,
    Card,
    Context,
    FrozenMap,
    Problem,
    Severity,
    Status,
    Success,
    validate_data,
)
from stages.testing import check_stage, values_of
from tests.making import after, card, codes, failed, last


def changed(**fields: str) -> Card:
    """Give a whole card with some fields changed."""
    one = card()
    return attrs.evolve(one, fields=FrozenMap({**one.fields, **fields}))


@pytest.mark.parametrize("cards", [[], [card()], [card(), card("ser", "be")]])
def test_whole_cards_pass_and_stay(cards: list[Card]) -> None:
    """With nothing wrong nothing changes, and there is nothing to remark."""
    outcome = validate_data(Context.of(cards=cards))
    assert after(outcome)[CARDS] == tuple(cards)
    assert last(outcome).problems == ()


@pytest.mark.parametrize("name", ["Word", "Context", "Definition", "Example", "Gapped"])
@pytest.mark.parametrize("text", ["", " \n"], ids=["empty", "blank"])
def test_a_required_field_is_missed(name: str, text: str) -> None:
    """`missing-field` names card and field."""
    failure = failed(validate_data(Context.of(cards=[changed(**{name: text})])))
    assert failure.message.startswith("Validation failed: ")
    assert (
        Problem("missing-field", f"cards[casa_home].{name}", "it is empty", "fill it in")
        in failure.problems
    )


def test_a_field_that_is_not_there_is_missed() -> None:
    """A card of no fields lacks them all."""
    outcome = validate_data(Context.of(cards=[attrs.evolve(card(), fields=FrozenMap())]))
    assert [code for code, _ in codes(outcome)] == ["missing-field"] * 5


@pytest.mark.parametrize(
    ("example", "gapped"),
    [
        pytest.param("Mi casa.", "Mi casa.", id="no gap"),
        pytest.param("Mi casa.", "Mi ___.", id="a short gap"),
        pytest.param("Una casa y una cosa.", "Una _____ y una _____.", id="two gaps, two forms"),
    ],
)
def test_a_sentence_without_one_gap_is_an_error(example: str, gapped: str) -> None:
    """`no-gap`: what is asked for cannot be told."""
    outcome = validate_data(Context.of(cards=[changed(Example=example, Gapped=gapped)]))
    assert codes(outcome) == [("no-gap", "cards[casa_home].Gapped")]
    assert failed(outcome).problems[0].severity is Severity.ERROR


WARNINGS: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "another sentence": (
        {"Example": "Mi casa.", "Gapped": "Tu _____."}, [("gap-misfit", "cards[casa_home].Gapped")]
    ),
    "the answer beside the gap": (
        {"Example": "Mi casa es tu casa.", "Gapped": "Mi _____ es tu casa."},
        [("answer-shown", "cards[casa_home].Gapped")],
    ),
    "another accent": (
        {"Example": "El hombre se cása.", "Gapped": "El hombre se _____."},
        [("other-accent", "cards[casa_home].Example")],
    ),
    "an example that is the definition": (
        {"Definition": "digo casa otra vez", "Example": "Digo casa otra vez."},
        [
            ("answer-shown", "cards[casa_home].Definition"),
            ("example-is-definition", "cards[casa_home].Example"),
        ],
    ),
    "a definition with the word": (
        {"Definition": "una casita, o sea una casa"}, [("answer-shown", "cards[casa_home].Definition")]
    ),
    "an element": ({"Definition": "<i>x</i>"}, [("markup", "cards[casa_home].Definition")]),
    "a line break": ({"Usage": "a<br>b"}, [("markup", "cards[casa_home].Usage")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", WARNINGS)
def test_a_doubt_is_a_warning(fault: str) -> None:
    """It names card and field, and the card stays, whatever is done about errors."""
    fields, problems = WARNINGS[fault]
    for on_problem in ("fail", "drop", "keep"):
        outcome = validate_data.bind(on_problem=on_problem)(Context.of(cards=[changed(**fields)]))
        assert after(outcome)[CARDS] == (changed(**fields),)
        assert sorted(codes(outcome)) == problems
        assert last(outcome).status is Status.SUCCESS


def test_a_form_that_hides_elsewhere_in_a_longer_word_is_not_shown() -> None:
    """Only whole words give the answer away."""
    one = changed(Example="La casa del casado.", Gapped="La _____ del casado.")
    assert last(validate_data(Context.of(cards=[one]))).problems == ()


def test_a_pair_that_hides_one_form_is_whole() -> None:
    """A paired conjunction has two gaps."""
    one = changed(Example="Ni té ni pan.", Gapped="_____ té _____ pan.")
    assert last(validate_data(Context.of(cards=[one]))).problems == ()


def test_one_example_for_two_cards_is_a_warning() -> None:
    """`same-example` names the first card too."""
    outcome = validate_data(Context.of(cards=[card(), card(id="household")]))
    assert codes(outcome) == [("same-example", "cards[casa_household].Example")]
    assert "casa_home" in last(outcome).problems[0].why


def test_two_cards_of_one_id_are_an_error() -> None:
    """`same-card`: the first one counts."""
    other = card("ser", "be")
    outcome = validate_data(on_problem="drop")(Context.of(cards=[card(), card(), other]))
    assert ("same-card", "cards[#1]") in codes(outcome)
    assert after(outcome)[CARDS] == (card(), other)


@given(values_of(tuple[Card, ...]))
def test_what_is_left_after_dropping_passes(cards: tuple[Card, ...]) -> None:
    """Dropping takes out every error at once, and no card without one."""
    dropped = validate_data(on_problem="drop")(Context.of(cards=cards))
    spoilt = {
        problem.where for problem in last(dropped).problems if problem.severity is Severity.ERROR
    }
    left = after(dropped)[CARDS] if isinstance(dropped, Success) else ()
    named = {
        one.id
        for one in cards
        if any(
            where == f"cards[{one.id}]" or where.startswith(f"cards[{one.id}].") for where in spoilt
        )
    }
    assert left == tuple(one for one in cards if one.id not in named)
    assert isinstance(validate_data(Context.of(cards=left)), Success)


def test_it_keeps_the_laws() -> None:
    """Whatever is done about problems."""
    for on_problem in ("fail", "drop", "keep"):
        check_stage(validate_data.bind(on_problem=on_problem), examples=50)
