"""Sounds for words."""

from operator import attrgetter

import toolz

from stages.base.api_stage import MAX_NEW, Work, api_stage
from stages.core.context import Context
from stages.core.mapping import Mapper, serial
from stages.providers.protocols import AudioProvider
from stages.records.card import Card
from stages.records.keys import CARDS, SOUNDS
from stages.records.media import MediaFile


@api_stage(needs=[CARDS], gives=SOUNDS)
def generate_audio(
    context: Context,
    *,
    audio_provider: AudioProvider,
    mapper: Mapper = serial,
    max_new: int = MAX_NEW,
    dry_run: bool = False,
) -> Work[Card, MediaFile]:
    """
    Make the sound of every word that has none yet; cards of one word share it.

    Problems:
        over-the-cap: More would be made than `max_new` allows, and they cost; nothing was made.
    """
    return Work(
        wanted={card.word: card for card in toolz.unique(context[CARDS], key=attrgetter("word"))},
        make=audio_provider.sound,
        existing=audio_provider.existing,
        price=audio_provider.price,
        mapper=mapper,
        max_new=max_new,
        dry_run=dry_run,
    )
