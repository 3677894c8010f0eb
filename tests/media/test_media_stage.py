"""Pictures and sounds together."""

from decimal import Decimal

import attrs

from stages import CARDS as CARDS_KEY
from stages import (
    IMAGES,
    SOUNDS,
    Card,
    Context,
    MediaFile,
    Offer,
    Status,
    generate_media,
)
from stages.providers.errors import Misconfigured, Refused
from stages.records.media import Credit, Recording
from stages.testing import MemoryAudio, MemoryImages, MemoryMedia, check_stage
from tests.making import after, card, failed, picture, sound

CARDS = [card("casa"), card("ser", "be")]


def test_both_are_made_and_both_report() -> None:
    """One folder holds them, and each branch has its own report."""
    media = MemoryMedia()
    outcome = generate_media(image_provider=MemoryImages(media), audio_provider=MemoryAudio(media))(
        Context.of(cards=CARDS)
    )
    context = after(outcome)
    assert list(context[IMAGES]) == ["casa_home", "ser_be"]
    assert list(context[SOUNDS]) == ["casa", "ser"]
    assert [(report.stage, report.status) for report in context.reports] == [
        ("generate_images", Status.SUCCESS),
        ("generate_audio", Status.SUCCESS),
        ("generate_media", Status.SUCCESS),
    ]
    assert len(media.files) == 4


def test_no_cards_want_nothing() -> None:
    """Both branches are skipped."""
    one = generate_media(image_provider=MemoryImages(), audio_provider=MemoryAudio())
    context = after(one(Context.of(cards=[])))
    assert context[IMAGES] == context[SOUNDS] == {}
    assert {report.status for report in context.reports} == {Status.SKIPPED}


def test_what_is_there_is_left_alone() -> None:
    """With everything there nothing is asked."""
    images, audio = MemoryImages(), MemoryAudio()
    context = Context.of(
        cards=CARDS[:1], images={"casa_home": picture("a")}, sounds={"casa": sound("a")}
    )
    made = after(generate_media(image_provider=images, audio_provider=audio)(context))
    assert (made[IMAGES], made[SOUNDS]) == (context[IMAGES], context[SOUNDS])
    assert images.history == audio.history == []


def test_sounds_are_made_where_pictures_fail() -> None:
    """One branch that fails makes the outcome partial, with both reports."""
    images = MemoryImages(failures={"casa_home": Misconfigured("no key")})
    one = generate_media(image_provider=images, audio_provider=MemoryAudio())
    context = after(one(Context.of(cards=CARDS)))
    assert list(context[SOUNDS]) == ["casa", "ser"]
    assert context[IMAGES] == {}
    failure, success, both = context.reports
    assert (failure.stage, failure.status) == ("generate_images", Status.FAILURE)
    assert [problem.code for problem in failure.problems] == ["misconfigured"]
    assert (success.stage, success.status) == ("generate_audio", Status.SUCCESS)
    assert (both.stage, both.status) == ("generate_media", Status.PARTIAL)


class Broken(MemoryImages):
    """Has a fault in its code."""

    def offer(self, card: Card) -> Offer:
        """Divide by nothing."""
        return Offer("memory", Decimal(len(card.id) // 0))


def test_a_bug_in_a_branch_is_never_partial() -> None:
    """The other branch is made all the same, and the failure has the bug's traceback."""
    one = generate_media(image_provider=Broken(), audio_provider=MemoryAudio())
    failure = one(Context.of(cards=CARDS)).failure()
    assert failure.is_bug
    assert "ZeroDivisionError" in failure.trace
    assert failure.stage == "generate_media"
    assert list(failure.context[SOUNDS]) == ["casa", "ser"]


def test_pictures_are_kept_where_sounds_fail() -> None:
    """The other way round likewise, and what the failed branch had made is kept."""
    audio = MemoryAudio(failures={"ser": Misconfigured("no voice")})
    one = generate_media(image_provider=MemoryImages(), audio_provider=audio)
    context = after(one(Context.of(cards=CARDS)))
    assert list(context[IMAGES]) == ["casa_home", "ser_be"]
    assert list(context[SOUNDS]) == ["casa"]


def test_where_both_fail_the_stage_fails() -> None:
    """Both messages and all problems are in the failure, and what was made too."""
    images = MemoryImages(failures={"ser_be": Misconfigured("no key")})
    audio = MemoryAudio(failures={"casa": Refused("no"), "ser": Refused("no")})
    one = generate_media(image_provider=images, audio_provider=audio)
    failure = failed(one(Context.of(cards=CARDS)))
    assert failure.stage == "generate_media"
    assert failure.message == (
        "generate_images: made 1 of 2; 0 were there; stopped, and 0 were not tried; "
        "generate_audio: none of 2 could be made"
    )
    assert [problem.where for problem in failure.problems] == [
        "images[ser_be]",
        "sounds[casa]",
        "sounds[ser]",
    ]
    assert list(failure.context[IMAGES]) == ["casa_home"]


def test_the_cap_holds_for_each() -> None:
    """Dear pictures are refused, and free sounds are made all the same."""
    images = MemoryImages(price=Decimal(1))
    one = generate_media(image_provider=images, audio_provider=MemoryAudio(), max_new=1)
    context = after(one(Context.of(cards=CARDS)))
    assert images.history == []
    assert [problem.code for problem in context.reports[0].problems] == ["over-the-cap"]
    assert list(context[SOUNDS]) == ["casa", "ser"]


def test_a_dry_run_makes_neither() -> None:
    """Both plans are told."""
    images, audio = MemoryImages(), MemoryAudio()
    one = generate_media(image_provider=images, audio_provider=audio, dry_run=True)
    context = after(one(Context.of(cards=CARDS)))
    assert images.history == audio.history == []
    assert [report.planned for report in context.reports] == [
        ("casa_home", "ser_be"),
        ("casa", "ser"),
        (),
    ]


def test_examples_are_spoken_too() -> None:
    """If they are wanted."""
    audio = MemoryAudio()
    one = generate_media(image_provider=MemoryImages(), audio_provider=audio, examples=True)
    after(one(Context.of(cards=[card("casa", example="Mi casa.")])))
    assert audio.history == ["casa", "Mi casa."]


def test_what_was_made_is_loaded_back() -> None:
    """With credits, further recordings and reasons: a saved context goes on where it was."""
    credit = Credit(author="Ana", licence="CC0", title="Casa", source="https://e.org")
    other = Recording(name="b.mp3", size=3, credit=credit)

    class Told(MemoryAudio):
        def sound(self, card: Card) -> MediaFile:
            file = super().sound(card)
            return attrs.evolve(file, credit=credit, others=(other,), reasons=("x: no",))

    one = generate_media(image_provider=MemoryImages(), audio_provider=Told())
    made = after(one(Context.of(cards=CARDS)))
    back = Context.from_json(made.to_json(), CARDS_KEY, IMAGES, SOUNDS)
    assert back == made
    assert back[SOUNDS]["casa"].others == (other,)


def test_it_keeps_the_laws() -> None:
    """Also where a branch fails."""
    check_stage(generate_media)
    check_stage(generate_media(max_new=0), image_provider=MemoryImages(price=Decimal(1)))
