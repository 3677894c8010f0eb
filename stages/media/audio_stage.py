"""Sounds for words, and for their examples."""

from stages.base.api_stage import MAX_NEW, Work, api_stage
from stages.core.context import Context
from stages.core.mapping import Mapper, serial
from stages.media.wanted import doubts, spoken
from stages.providers.protocols import AudioProvider
from stages.records.card import Card
from stages.records.keys import CARDS, SOUNDS
from stages.records.media import MediaFile


@api_stage(needs=[CARDS], gives=SOUNDS)
def generate_audio(
    context: Context,
    *,
    audio_provider: AudioProvider,
    examples: bool = False,
    mapper: Mapper = serial,
    max_new: int = MAX_NEW,
    dry_run: bool = False,
) -> Work[Card, MediaFile]:
    """
    Make the sound of every word that has none yet; cards of one word share it.

    Args:
        context: Has the cards.
        audio_provider: Speaks, or knows who spoke.
        examples: Whether the examples of the cards are spoken as well.
        mapper: Where it is done.
        max_new: The most sounds that cost and are made in one run.
        dry_run: End with the plan.

    Problems:
        over-the-cap: More would be made than `max_new` allows, and they cost; nothing was made.
        outdated: It was made of another text or voice, and stays (warning).
        second-choice: Why an earlier source did not give it (warning).
    """
    wanted = spoken(context[CARDS], examples=examples)
    there = audio_provider.existing(tuple(wanted.values()))
    return Work(
        wanted=wanted,
        make=audio_provider.sound,
        existing=lambda card: there.get(card.word),
        price=lambda card: audio_provider.offer(card).cost,
        doubts=doubts,
        mapper=mapper,
        max_new=max_new,
        dry_run=dry_run,
    )
