"""What media a deck wants: which files are there, and which would be made, by whom, at what cost."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from stages.core.frozen import FrozenMap
from stages.core.wording import counted
from stages.records.media import MediaFile
from stages.records.usage import at_most, dollars


@attrs.frozen
class Offer:
    """
    Who would make a file, and what that costs.

    Attributes:
        provider: Who would be asked: the first, and those after it that cost.
        cost: The most that it is estimated to cost, in US dollars; 0 where it is free.
    """

    provider: str
    cost: Decimal = Decimal(0)


def _by_name(files: Mapping[str, object]) -> FrozenMap[str, object]:
    return FrozenMap(sorted(files.items()))


@attrs.frozen(kw_only=True)
class Plan:
    """
    The files of one kind that are wanted, sorted by the id of what they are for.

    Attributes:
        there: Those that exist.
        new: Those that would be made.
    """

    there: FrozenMap[str, MediaFile] = attrs.field(default=FrozenMap(), converter=_by_name)
    new: FrozenMap[str, Offer] = attrs.field(default=FrozenMap(), converter=_by_name)

    @property
    def cost(self) -> Decimal:
        """What the new ones are estimated to cost, in US dollars."""
        return sum((offer.cost for offer in self.new.values()), Decimal(0))

    @property
    def outdated(self) -> tuple[str, ...]:
        """Those that were made of another prompt or style; they are remade when it is asked for."""
        return tuple(name for name, file in self.there.items() if file.outdated)

    def summary(self, what: str) -> str:
        """
        Say how many are there and to make, and what that costs.

        >>> Plan(new={"casa": Offer("openai", Decimal("0.01"))}).summary("picture")
        '0 pictures there, 1 to make, at most $0.01'
        """
        cost = f", {at_most(self.cost)}" if self.cost else ""
        return f"{counted(len(self.there), what)} there, {len(self.new)} to make{cost}"

    def told(self, what: str) -> Iterator[str]:
        """Tell it, a line for each that is new or outdated."""
        yield self.summary(what)
        for name, offer in self.new.items():
            price = f", {dollars(offer.cost)}" if offer.cost else ""
            yield f"  make {name}: {offer.provider}{price}"
        for name in self.outdated:
            yield f"  outdated {name}: {self.there[name].name}"


@attrs.frozen(kw_only=True)
class MediaPlan:
    """
    All media that a deck wants; nothing is made or asked for to know it.

    Attributes:
        pictures: By card id.
        sounds: By what is spoken.
    """

    pictures: Plan = Plan()
    sounds: Plan = Plan()

    @property
    def cost(self) -> Decimal:
        """What all that is new is estimated to cost, in US dollars."""
        return self.pictures.cost + self.sounds.cost

    @property
    def summary(self) -> str:
        """Say in a line how many are there and to make, and what that costs."""
        return f"{self.pictures.summary('picture')}; {self.sounds.summary('sound')}"

    def __bool__(self) -> bool:
        """Whether there is anything to make."""
        return bool(self.pictures.new or self.sounds.new)

    def __str__(self) -> str:
        """
        Tell it, a file a line.

        >>> print(MediaPlan(sounds=Plan(new={"casa": Offer("forvo"), "año": Offer("forvo")})))
        0 pictures there, 0 to make
        0 sounds there, 2 to make
          make año: forvo
          make casa: forvo
        """
        return "\n".join((*self.pictures.told("picture"), *self.sounds.told("sound")))
