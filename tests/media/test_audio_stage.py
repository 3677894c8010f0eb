"""Sounds for words."""

from decimal import Decimal

from stages import SOUNDS, Context, Problem, Status, generate_audio, resume
from stages.providers.errors import NotFound, QuotaExhausted
from stages.testing import MemoryAudio, check_stage
from tests.making import after, card, codes, failed, last, sound

CARDS = [card("ser", "be"), card("casa", "home"), card("ser", "being")]


def test_every_word_gets_one_sound() -> None:
    """Cards of one word share it, and words come in the order of the cards."""
    provider = MemoryAudio()
    outcome = generate_audio(audio_provider=provider)(Context.of(cards=CARDS))
    assert provider.history == ["ser", "casa"]
    assert list(after(outcome)[SOUNDS]) == ["ser", "casa"]
    assert last(outcome).message == "made 2 of 2; 0 were there"


def test_no_cards_want_no_sounds() -> None:
    """It is skipped, and the key is there, empty."""
    outcome = generate_audio(audio_provider=MemoryAudio())(Context.of(cards=[]))
    assert after(outcome)[SOUNDS] == {}
    assert last(outcome).status is Status.SKIPPED


def test_a_sound_that_is_there_is_never_made_again() -> None:
    """Neither one of the context nor one that the provider made before."""
    provider = MemoryAudio()
    provider.sound(card("casa"))
    provider.history.clear()
    context = Context.of(cards=CARDS, sounds={"ser": sound("mine")})
    outcome = generate_audio(audio_provider=provider)(context)
    assert provider.history == []
    assert after(outcome)[SOUNDS]["ser"] == sound("mine")


def test_over_the_cap_nothing_is_spent() -> None:
    """`over-the-cap` counts words, not cards."""
    provider = MemoryAudio(price=Decimal("0.5"))
    outcome = generate_audio(audio_provider=provider, max_new=1)(Context.of(cards=CARDS))
    assert codes(outcome) == [("over-the-cap", "sounds")]
    assert "2 new, about $1.00" in failed(outcome).problems[0].why
    assert provider.history == []
    assert (
        last(generate_audio(audio_provider=provider, max_new=2)(Context.of(cards=CARDS))).status
        is Status.SUCCESS
    )


def test_a_dry_run_asks_for_nothing() -> None:
    """It plans a line a word."""
    provider = MemoryAudio()
    outcome = generate_audio(audio_provider=provider, dry_run=True)(Context.of(cards=CARDS))
    assert last(outcome).planned == ("ser", "casa")
    assert provider.history == []


def test_a_word_without_recording_leaves_the_others() -> None:
    """Its problem names the word."""
    provider = MemoryAudio(failures={"ser": NotFound("nobody said it")})
    outcome = generate_audio(audio_provider=provider)(Context.of(cards=CARDS))
    assert list(after(outcome)[SOUNDS]) == ["casa"]
    assert last(outcome).problems == (Problem("not-found", "sounds[ser]", "nobody said it"),)


def test_a_spent_quota_keeps_what_was_made() -> None:
    """`resume` makes only what is missing."""
    provider = MemoryAudio(failures={"casa": QuotaExhausted("no more")})
    failure = failed(generate_audio(audio_provider=provider)(Context.of(cards=CARDS)))
    again = MemoryAudio()
    outcome = resume(generate_audio(audio_provider=again), failure)
    assert again.history == ["casa"]
    assert list(after(outcome)[SOUNDS]) == ["ser", "casa"]


def test_it_keeps_the_laws() -> None:
    """Free, dear and failing providers alike."""
    check_stage(generate_audio)
    check_stage(generate_audio(max_new=0), audio_provider=MemoryAudio(price=Decimal(1)))
    stopping = MemoryAudio(failures={"": NotFound("no"), "casa": QuotaExhausted("no")})
    check_stage(generate_audio, audio_provider=stopping)
