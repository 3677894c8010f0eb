"""What media a deck wants, as a value."""

from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from stages import MEDIA_PLAN, Context, MediaPlan, Offer, Plan
from stages.testing import values_of
from tests.making import picture


@given(values_of(MediaPlan))
def test_a_plan_is_sorted_and_lasts_in_json(plan: MediaPlan) -> None:
    """Whatever is there and to be made, costs to the last digit."""
    for one in (plan.pictures, plan.sounds):
        assert list(one.there) == sorted(one.there)
        assert list(one.new) == sorted(one.new)
    text = Context.of({MEDIA_PLAN: plan}).to_json()
    back = Context.from_json(text, MEDIA_PLAN)[MEDIA_PLAN]
    assert back == plan
    assert back.cost == plan.cost
    assert str(back) == str(plan)
    assert Context.of({MEDIA_PLAN: back}).to_json() == text


@given(st.dictionaries(st.text(), values_of(Offer), max_size=4), st.randoms())
def test_the_order_in_which_a_plan_was_made_is_not_in_it(
    new: dict[str, Offer], random: object
) -> None:
    """Equal plans print alike."""
    items = list(new.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert str(MediaPlan(sounds=Plan(new=dict(items)))) == str(MediaPlan(sounds=Plan(new=new)))


def test_a_plan_says_what_would_be_made_and_for_how_much() -> None:
    """A line for each that is new or outdated, and none for what is there."""
    there = picture("a")
    old = attrs.evolve(picture("b"), outdated=True)
    pictures = Plan(
        there={"casa_home": there, "ser_be": old},
        new={"ir_go": Offer("openai", Decimal("0.04")), "dar_give": Offer("openmoji")},
    )
    plan = MediaPlan(pictures=pictures, sounds=Plan(new={"ir": Offer("forvo")}))
    assert str(plan) == "\n".join(
        (
            "2 pictures there, 2 to make, at most $0.04",
            "  make dar_give: openmoji",
            "  make ir_go: openai, $0.04",
            f"  outdated ser_be: {old.name}",
            "0 sounds there, 1 to make",
            "  make ir: forvo",
        )
    )
    assert pictures.outdated == ("ser_be",)
    assert plan.cost == Decimal("0.04")


def test_a_plan_is_true_if_there_is_something_to_make() -> None:
    """What is there, be it outdated, is nothing to make."""
    there = {"a": attrs.evolve(picture("a"), outdated=True)}
    assert not MediaPlan()
    assert not MediaPlan(pictures=Plan(there=there))
    assert MediaPlan(pictures=Plan(new={"a": Offer("x")}))
    assert MediaPlan(sounds=Plan(new={"a": Offer("x")}))
