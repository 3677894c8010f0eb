"""Pictures for cards."""

from stages.base.api_stage import MAX_NEW, Work, api_stage
from stages.core.context import Context
from stages.core.mapping import Mapper, serial
from stages.media.wanted import doubts, pictured
from stages.providers.protocols import ImageProvider
from stages.records.card import Card
from stages.records.keys import CARDS, IMAGES
from stages.records.media import MediaFile


@api_stage(needs=[CARDS], gives=IMAGES)
def generate_images(
    context: Context,
    *,
    image_provider: ImageProvider,
    mapper: Mapper = serial,
    max_new: int = MAX_NEW,
    dry_run: bool = False,
) -> Work[Card, MediaFile]:
    """
    Make a picture for every card that has none yet.

    Problems:
        over-the-cap: More would be made than `max_new` allows, and they cost; nothing was made.
        outdated: It was made of another prompt or style, and stays (warning).
        second-choice: Why an earlier source did not give it (warning).
    """
    wanted = pictured(context[CARDS])
    there = image_provider.existing(tuple(wanted.values()))
    return Work(
        wanted=wanted,
        make=image_provider.picture,
        existing=lambda card: there.get(card.id),
        price=lambda card: image_provider.offer(card).cost,
        doubts=doubts,
        mapper=mapper,
        max_new=max_new,
        dry_run=dry_run,
    )
