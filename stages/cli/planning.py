"""What media a deck wants, what of it costs, and whether so much may be made."""

from collections.abc import Iterable, Iterator

from stages.cli.call import Call
from stages.cli.making import Making, Nobody
from stages.core.context import Context
from stages.core.wording import counted
from stages.media.plan_stage import plan_media
from stages.providers.errors import Rejected
from stages.records.card import Card
from stages.records.keys import MEDIA_PLAN
from stages.records.plan import MediaPlan, Plan
from stages.records.usage import at_most
from stages.show.plan import plan_lines


def planned(call: Call, making: Making, cards: Context) -> MediaPlan:
    """Plan the media of the cards; what nobody can make here is not in it."""
    stage = plan_media(
        image_provider=making.pictures or Nobody(),  # type: ignore[arg-type]  # makes no picture
        audio_provider=making.sounds or Nobody(),  # type: ignore[arg-type]  # nor a sound
        examples=call.media.examples,
    )
    plan: MediaPlan = stage(cards).unwrap()[MEDIA_PLAN]
    return MediaPlan(
        pictures=plan.pictures if making.pictures else Plan(),
        sounds=plan.sounds if making.sounds else Plan(),
    )


def forced(making: Making, pictures: Iterable[Card], sounds: Iterable[Card]) -> MediaPlan:
    """Plan to make the pictures and the sounds of cards anew."""
    painter, speaker = making.pictures, making.sounds
    return MediaPlan(
        pictures=Plan(
            new={one.id: painter.offer(one, anew=True) for one in pictures} if painter else {}
        ),
        sounds=Plan(
            new={one.word: speaker.offer(one, anew=True) for one in sounds} if speaker else {}
        ),
    )


def together(plan: MediaPlan, more: MediaPlan) -> MediaPlan:
    """Give the plan in which the files of another one are made as well."""
    return MediaPlan(
        pictures=_both(plan.pictures, more.pictures), sounds=_both(plan.sounds, more.sounds)
    )


def _both(plan: Plan, more: Plan) -> Plan:
    there = {name: file for name, file in plan.there.items() if name not in more.new}
    return Plan(there=there, new={**plan.new, **more.new})


def within_the_cap(plan: MediaPlan, most: int) -> None:
    """
    Refuse what costs and is too much for one run.

    Raises:
        Rejected: It is too much; the hint says how to go on.
    """
    costs = dear(plan)
    if max(costs.values()) > most:
        many = " and ".join(counted(n, what) for what, n in costs.items() if n)
        raise Rejected(
            f"{many} would cost {at_most(plan.cost)}, and max_new is {most}",
            f"allow them: max_new={max(costs.values())}; or see them first: dry_run=True",
        )


def dear(plan: MediaPlan) -> dict[str, int]:
    """Count what costs."""
    kinds = {"picture": plan.pictures, "sound": plan.sounds}
    return {what: sum(bool(o.cost) for o in one.new.values()) for what, one in kinds.items()}


def told(plan: MediaPlan, making: Making, *, every: bool = False) -> Iterator[str]:
    """Tell a plan of what can be made here."""
    if making.pictures:
        yield from plan_lines(plan.pictures, "picture", every=every)
    if making.sounds:
        yield from plan_lines(plan.sounds, "sound", every=every)
