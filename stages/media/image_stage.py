"""Pictures for cards."""

from stages.base.api_stage import MAX_NEW, Work, api_stage
from stages.core.context import Context
from stages.core.mapping import Mapper, serial
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
    """
    return Work(
        wanted={card.id: card for card in context[CARDS]},
        make=image_provider.picture,
        existing=image_provider.existing,
        price=image_provider.price,
        mapper=mapper,
        max_new=max_new,
        dry_run=dry_run,
    )
