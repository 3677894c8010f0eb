"""Sounds for words."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from stages import SOUNDS, Card, Context, MediaFile, Problem, Status, generate_audio, resume
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


def test_the_order_of_cards_does_not_say_how_a_word_is_spoken() -> None:
    """Of two cards of a word, the one of the least id does."""

    class Heard(MemoryAudio):
        def sound(self, card: Card) -> MediaFile:
            assert card.id == "ser_be"
            return super().sound(card)

    cards = [card("ser", "being"), card("ser", "be")]
    for order in (cards, cards[::-1]):
        outcome = generate_audio(audio_provider=Heard())(Context.of(cards=order))
        assert last(outcome).problems == ()


def test_examples_are_spoken_if_they_are_wanted() -> None:
    """After the words, each once; one that is a word already is that word."""
    cards = [card("casa", example="Mi casa."), card("ser", example="casa"), card("ir", example="")]
    cards += [card("dar", example="Mi casa.")]
    for examples, texts in ((False, []), (True, ["Mi casa."])):
        provider = MemoryAudio()
        one = generate_audio(audio_provider=provider, examples=examples)
        made = after(one(Context.of(cards=cards)))
        assert provider.history == ["casa", "ser", "ir", "dar", *texts]
        assert list(made[SOUNDS]) == provider.history


def test_an_example_is_not_spoken_by_the_ipa_of_its_word() -> None:
    """Its card has it as its word, and no IPA."""

    class Heard(MemoryAudio):
        def sound(self, card: Card) -> MediaFile:
            heard[card.word] = card.ipa
            return super().sound(card)

    heard: dict[str, str] = {}
    cards = [card("casa", example="Mi casa.")]
    generate_audio(audio_provider=Heard(), examples=True)(Context.of(cards=cards))
    assert heard == {"casa": "[ˈka.sa]", "Mi casa.": ""}


def test_what_is_not_as_it_might_be_is_a_warning() -> None:
    """`outdated` for what was there, `second-choice` for what was made; both are used."""
    old = attrs.evolve(sound("old"), outdated=True)

    class Choosy(MemoryAudio):
        def existing(self, cards: Sequence[Card]) -> dict[str, MediaFile]:  # noqa: ARG002  # any
            return {"ser": old}

        def sound(self, card: Card) -> MediaFile:
            return attrs.evolve(super().sound(card), reasons=("forvo: nobody said it",))

    outcome = generate_audio(audio_provider=Choosy())(Context.of(cards=CARDS))
    assert codes(outcome) == [("outdated", "sounds[ser]"), ("second-choice", "sounds[casa]")]
    assert last(outcome).status is Status.SUCCESS
    assert last(outcome).errors == ()
    assert after(outcome)[SOUNDS]["ser"] == old
    dry = generate_audio(audio_provider=Choosy(), dry_run=True)(Context.of(cards=CARDS))
    assert codes(dry) == [("outdated", "sounds[ser]")]


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
    check_stage(generate_audio(examples=True))
    check_stage(generate_audio(max_new=0), audio_provider=MemoryAudio(price=Decimal(1)))
    stopping = MemoryAudio(failures={"": NotFound("no"), "casa": QuotaExhausted("no")})
    check_stage(generate_audio, audio_provider=stopping)
