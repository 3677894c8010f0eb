"""A source: whoever makes or finds pictures or sounds, before they are checked and kept."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

import attrs

from stages.core.frozen import FrozenMap
from stages.records.card import Card
from stages.records.media import Credit

ASKED = "asked"
"""
The part of a request that says when it is asked, such as the month: what came to nothing then may be
asked for again later, and what came stays as good as it was.
"""


class Grade(IntEnum):
    """How good what a source gives is; the better replaces the worse as soon as it is there."""

    STAND_IN = 0
    """A placeholder picture, a voice that no person has."""
    WHOLE = 1
    OWN = 2
    """A person's own."""


@attrs.frozen(kw_only=True)
class Made:
    """
    What a source gave.

    Attributes:
        content: The bytes, not checked yet.
        cost: What it cost now, in US dollars; 0 for an answer that lay in the journal.
        credit: Whose work it is, where a licence asks.
        details: What is worth knowing of it, such as the seed or the speaker; no secret.
        stem: What people see in its name; what it was made for, where it is empty.
        doubts: What went wrong on its way, a sentence each.
    """

    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    cost: Decimal = Decimal(0)
    credit: Credit | None = None
    details: FrozenMap[str, str] = FrozenMap()
    stem: str = ""
    doubts: tuple[str, ...] = ()


class Source(Protocol):
    """
    Makes or finds pictures, or sounds.

    A card whose sound is wanted has as its `word` whatever is to be spoken: a word, or a sentence.
    """

    @property
    def name(self) -> str:
        """What plans and provenance call it, such as "openai"."""
        ...

    @property
    def grade(self) -> Grade:
        """How good what it gives is."""
        ...

    @property
    def local(self) -> bool:
        """Whether it asks nobody: then what it made follows its card without being asked to."""
        ...

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give all that decides what comes out; None where it has nothing for this card. Quick."""
        ...

    def price(self, card: Card, take: int) -> Decimal:
        """Estimate what the n-th asking for the same costs; 0 where it was answered before."""
        ...

    def make(self, card: Card, take: int) -> Sequence[Made]:
        """
        Give what answers the request, the best first; never nothing.

        Several are candidates for the one picture of a card; of sounds, all are played. Raises
        `NotFound`, `Rejected`, `Refused` or `BadAnswer` where this card gets none from here,
        `RateLimited` or `Unavailable` where it may later, and what stops the run where no card does.
        """
        ...


class Free:
    """What sources share that cost nothing."""

    def price(self, card: Card, take: int) -> Decimal:  # noqa: ARG002  # every card is free
        """Nothing."""
        return Decimal(0)
