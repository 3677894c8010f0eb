"""The plan: which pictures and sounds are wanted, which are there, what the rest would cost."""

from returns.result import Success

from stages.core.context import Context
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.media.wanted import missing, pictured, spoken
from stages.providers.protocols import AudioProvider, ImageProvider
from stages.records.keys import CARDS, MEDIA_PLAN
from stages.records.plan import MediaPlan, Plan


@stage(needs=[CARDS], gives=[MEDIA_PLAN])
def plan_media(
    context: Context,
    *,
    image_provider: ImageProvider,
    audio_provider: AudioProvider,
    examples: bool = False,
) -> Outcome:
    """Plan the pictures and sounds of the cards; nothing is made and nobody is asked."""
    cards = context[CARDS]
    wanted_pictures, wanted_sounds = pictured(cards), spoken(cards, examples=examples)
    pictures = image_provider.existing(tuple(wanted_pictures.values()))
    sounds = audio_provider.existing(tuple(wanted_sounds.values()))
    plan = MediaPlan(
        pictures=Plan(
            there=pictures,
            new={
                name: image_provider.offer(card)
                for name, card in missing(wanted_pictures, pictures).items()
            },
        ),
        sounds=Plan(
            there=sounds,
            new={
                name: audio_provider.offer(card)
                for name, card in missing(wanted_sounds, sounds).items()
            },
        ),
    )
    counts = {
        "pictures there": len(plan.pictures.there),
        "pictures to make": len(plan.pictures.new),
        "sounds there": len(plan.sounds.there),
        "sounds to make": len(plan.sounds.new),
    }
    return Success(context.put(MEDIA_PLAN, plan).report(plan.summary, counts=counts))
