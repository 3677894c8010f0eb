"""The plan: what is wanted, what is there, what the rest would cost."""

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    MEDIA_PLAN,
    Card,
    Context,
    FrozenMap,
    MediaFile,
    MediaPlan,
    Offer,
    Plan,
    Status,
    generate_media,
    plan_media,
)
from stages.providers.errors import Denied
from stages.testing import MemoryAudio, MemoryImages, check_stage
from tests.making import after, card, codes, failed, last

CARDS = (card("ser", "be", example="Soy."), card("casa"), card("ser", "being", example="Soy."))


def planned(images: MemoryImages, audio: MemoryAudio, cards: tuple[Card, ...] = CARDS) -> MediaPlan:
    """Give the plan for some cards."""
    one = plan_media(image_provider=images, audio_provider=audio)
    return after(one(Context.of(cards=cards)))[MEDIA_PLAN]


def test_a_plan_has_a_picture_for_a_card_and_a_sound_for_a_word() -> None:
    """What is there, and for the rest who would make it and for how much; nobody is asked."""
    images, audio = MemoryImages(price=Decimal("0.04")), MemoryAudio()
    there = images.picture(CARDS[1])
    images.history.clear()
    plan = planned(images, audio)
    cents = Offer("memory", Decimal("0.04"))
    assert plan == MediaPlan(
        pictures=Plan(there={"casa_home": there}, new={"ser_be": cents, "ser_being": cents}),
        sounds=Plan(new={"casa": Offer("memory"), "ser": Offer("memory")}),
    )
    assert plan.cost == Decimal("0.08")
    assert images.history == audio.history == []


def test_the_report_says_it_in_a_line() -> None:
    """With numbers for programs."""
    one = plan_media(image_provider=MemoryImages(price=Decimal(1)), audio_provider=MemoryAudio())
    report = last(one(Context.of(cards=CARDS)))
    assert report.status is Status.SUCCESS
    assert report.message == (
        "0 pictures there, 3 to make, at most $3.00; 0 sounds there, 2 to make"
    )
    assert report.counts == {
        "pictures there": 0,
        "pictures to make": 3,
        "sounds there": 0,
        "sounds to make": 2,
    }


def test_examples_are_planned_if_they_are_wanted() -> None:
    """Each once."""
    one = plan_media(image_provider=MemoryImages(), audio_provider=MemoryAudio(), examples=True)
    plan = after(one(Context.of(cards=CARDS)))[MEDIA_PLAN]
    assert list(plan.sounds.new) == ["Digo casa otra vez.", "Soy.", "casa", "ser"]


def test_what_is_outdated_is_told() -> None:
    """It is there, and nothing to make."""

    class Old(MemoryImages):
        def existing(self, cards: object) -> dict[str, MediaFile]:  # noqa: ARG002  # any
            return {"casa_home": attrs.evolve(self.picture(CARDS[1]), outdated=True)}

    plan = planned(Old(), MemoryAudio(), CARDS[1:2])
    assert plan.pictures.outdated == ("casa_home",)
    assert plan.pictures.new == {}


def test_no_cards_want_nothing() -> None:
    """The plan is there, and empty."""
    assert planned(MemoryImages(), MemoryAudio(), ()) == MediaPlan()


@given(st.permutations(CARDS))
def test_a_plan_does_not_depend_on_the_order_of_cards(cards: list[Card]) -> None:
    """Not even its text does."""
    plan = planned(MemoryImages(), MemoryAudio(), tuple(cards))
    assert str(plan) == str(planned(MemoryImages(), MemoryAudio()))


@given(there=st.sets(st.sampled_from(range(len(CARDS)))), examples=st.booleans())
def test_what_was_planned_is_what_is_made(there: set[int], *, examples: bool) -> None:
    """No more and no less; after it the plan is empty."""
    images, audio = MemoryImages(), MemoryAudio()
    for place in there:
        images.picture(CARDS[place])
    images.history.clear()
    context = Context.of(cards=CARDS)
    providers: dict[str, Any] = {"image_provider": images, "audio_provider": audio}
    plan = after(plan_media(**providers, examples=examples)(context))[MEDIA_PLAN]
    after(generate_media(**providers, examples=examples)(context))
    assert sorted(images.history) == list(plan.pictures.new)
    assert sorted(audio.history) == list(plan.sounds.new)
    assert not after(plan_media(**providers, examples=examples)(context))[MEDIA_PLAN]


def test_a_folder_that_cannot_be_read_fails_the_plan() -> None:
    """With the provider's own words."""

    class Closed(MemoryImages):
        def existing(self, cards: object) -> dict[str, MediaFile]:  # noqa: ARG002  # any
            raise Denied("the folder may not be read", "choose another one")

    one = plan_media(image_provider=Closed(), audio_provider=MemoryAudio())
    outcome = one(Context.of(cards=CARDS))
    assert codes(outcome) == [("denied", "plan_media")]
    assert failed(outcome).message == "the folder may not be read"


def test_a_plan_is_saved_and_loaded() -> None:
    """Its sums to the last digit."""
    plan = planned(MemoryImages(price=Decimal("0.040")), MemoryAudio())
    text = Context.of({MEDIA_PLAN: plan}).to_json()
    assert Context.from_json(text, MEDIA_PLAN)[MEDIA_PLAN] == plan
    assert '"0.040"' in text
    assert isinstance(plan.pictures.new, FrozenMap)


def test_it_keeps_the_laws() -> None:
    """Free and dear alike, with examples and without."""
    check_stage(plan_media)
    check_stage(plan_media(examples=True), image_provider=MemoryImages(price=Decimal(1)))
