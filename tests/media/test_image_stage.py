"""Pictures for cards."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stages import IMAGES, Context, Problem, Status, Success, generate_images, resume, threads
from stages.providers.errors import QuotaExhausted, Refused
from stages.records.media import content_matches
from stages.testing import MemoryImages, check_stage
from tests.making import after, card, failed, last, picture

CASA, SER = card("casa"), card("ser", "be")


def test_every_card_gets_a_picture_by_its_id() -> None:
    """Its bytes lie in the folder, under a name that says what they are."""
    provider = MemoryImages()
    outcome = generate_images(image_provider=provider)(Context.of(cards=[SER, CASA]))
    images = after(outcome)[IMAGES]
    assert list(images) == ["ser_be", "casa_home"]
    assert provider.history == ["ser_be", "casa_home"]
    for file in images.values():
        assert content_matches(file.name, provider.media.read(file.name))
    assert last(outcome).counts == {"wanted": 2, "there": 0, "new": 2, "made": 2}


def test_no_cards_want_no_pictures() -> None:
    """It is skipped, and the key is there, empty."""
    outcome = generate_images(image_provider=MemoryImages())(Context.of(cards=[]))
    assert after(outcome)[IMAGES] == {}
    assert last(outcome).status is Status.SKIPPED


def test_a_picture_that_is_there_is_never_made_again() -> None:
    """Neither one of the context nor one that the provider made before."""
    provider = MemoryImages()
    provider.picture(SER)
    provider.history.clear()
    context = Context.of(cards=[SER, CASA], images={"casa_home": picture("mine")})
    outcome = generate_images(image_provider=provider)(context)
    assert provider.history == []
    assert after(outcome)[IMAGES]["casa_home"] == picture("mine")
    assert last(outcome).counts == {"wanted": 2, "there": 2, "new": 0, "made": 0}


def test_over_the_cap_nothing_is_spent() -> None:
    """`over-the-cap` says how many, for how much, and how to allow them."""
    provider = MemoryImages(price=Decimal("0.04"))
    one = generate_images(image_provider=provider, max_new=1)
    failure = failed(one(Context.of(cards=[SER, CASA])))
    assert provider.history == []
    assert failure.problems == (
        Problem(
            "over-the-cap",
            "images",
            "2 new, about $0.08, and at most 1 are allowed in one run",
            "allow them: max_new=2; or see them first: dry_run=True",
        ),
    )


def test_a_dry_run_spends_nothing() -> None:
    """It plans what a run would make, and what that would cost."""
    provider = MemoryImages(price=Decimal("0.04"))
    outcome = generate_images(image_provider=provider, dry_run=True)(Context.of(cards=[SER]))
    assert provider.history == []
    assert after(outcome)[IMAGES] == {}
    assert last(outcome).planned == ("ser_be",)
    assert last(outcome).message == "would make 1, about $0.04; 0 are there"


def test_a_refused_picture_leaves_the_others() -> None:
    """Its problem names the card."""
    provider = MemoryImages(failures={"ser_be": Refused("nothing to be seen")})
    outcome = generate_images(image_provider=provider)(Context.of(cards=[SER, CASA]))
    assert list(after(outcome)[IMAGES]) == ["casa_home"]
    assert last(outcome).problems == (Problem("refused", "images[ser_be]", "nothing to be seen"),)
    assert last(outcome).status is Status.PARTIAL


def test_a_spent_quota_keeps_what_was_paid_for() -> None:
    """Nothing more is asked; `resume` makes only what is missing."""
    provider = MemoryImages(failures={"casa_home": QuotaExhausted("come back tomorrow")})
    failure = failed(generate_images(image_provider=provider)(Context.of(cards=[SER, CASA])))
    assert list(failure.context[IMAGES]) == ["ser_be"]
    again = MemoryImages()
    outcome = resume(generate_images(image_provider=again), failure)
    assert again.history == ["casa_home"]
    assert list(after(outcome)[IMAGES]) == ["ser_be", "casa_home"]


IDS = st.lists(st.sampled_from("abcdef"), unique=True)


@given(IDS, IDS, IDS)
def test_only_what_is_missing_is_asked_for(
    wanted: list[str], there: list[str], bad: list[str]
) -> None:
    """What was there stays, what could be made is made, on any mapper, and a second run is free."""
    context = Context.of(
        cards=[card("casa", one) for one in wanted],
        images={f"casa_{one}": picture(one) for one in there},
    )
    failures = {f"casa_{one}": Refused("no") for one in bad}
    provider = MemoryImages(failures=failures)
    outcome = generate_images(image_provider=provider)(context)
    new = [one for one in wanted if one not in there]
    assert provider.history == [f"casa_{one}" for one in new]
    assert (
        generate_images(image_provider=MemoryImages(failures=failures), mapper=threads(3))(context)
        == outcome
    )
    if isinstance(outcome, Success):
        made = after(outcome)
        assert set(made[IMAGES]) == {
            f"casa_{o}" for o in (*there, *(n for n in new if n not in bad))
        }
        left = generate_images(image_provider=MemoryImages(), dry_run=True)(made)
        assert last(left).planned == tuple(f"casa_{one}" for one in new if one in bad)


def test_it_keeps_the_laws() -> None:
    """Free, dear and failing providers alike."""
    check_stage(generate_images)
    check_stage(generate_images, examples=50, image_provider=MemoryImages(price=Decimal(1)))
    check_stage(generate_images(max_new=0), image_provider=MemoryImages(price=Decimal(1)))
    stopping = MemoryImages(failures={"": Refused("no"), "casa_home": QuotaExhausted("no")})
    check_stage(generate_images, image_provider=stopping)
    check_stage(generate_images(dry_run=True), examples=50)
