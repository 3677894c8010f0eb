"""What asking will cost, said before anything is sent; and what it did cost."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from stages.core.wording import counted
from stages.providers.journal import Intent
from stages.providers.media import Pictures, Sounds
from stages.providers.protocols import AnalysisProvider, BatchProvider
from stages.records.analysis import Analysis
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.card import Card
from stages.records.job import Job, JobResult
from stages.records.media import MediaFile
from stages.records.plan import Offer
from stages.records.provenance import Kind
from stages.records.usage import Usage, at_most, dollars, total

Say = Callable[[str], None]


class Announced:
    """
    The `AnalysisProvider` that says what asking another one will cost before it asks.

    A stage estimates all words before it asks for the first: so the sum is known by then.
    """

    def __init__(self, provider: AnalysisProvider, whom: str, say: Say) -> None:
        """Ask this one, which is called `whom`."""
        self._provider = provider
        self._whom = whom
        self._say = say
        self._lock = threading.Lock()
        self._estimates: dict[str, Usage] = {}
        self._announced = False
        self._paid: list[Usage] = []

    def estimate(self, word: str, brief: Brief) -> Usage:
        """Estimate what asking for a word takes."""
        usage = self._provider.estimate(word, brief)
        if usage.requests:
            self._estimates[word] = usage
        return usage

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """Give the distinct meanings of a word; the first time, say what all of them will cost."""
        with self._lock:
            if self._estimates and not self._announced:
                words = counted(len(self._estimates), "word")
                self._say(f"asking {self._whom} for {words}: {total(self._estimates.values())}")
            self._announced = True
        analysis = self._provider.meanings(word, brief)
        with self._lock:
            self._paid += [analysis.usage] if analysis.usage.requests else []
        return analysis

    def paid(self) -> str:
        """Say what it did cost; nothing where nothing was paid."""
        with self._lock:
            usage = total(self._paid)
        if not usage.requests:
            return ""
        words = counted(usage.requests, "word")
        return (
            f"{self._whom} has answered for {words}: {usage.input_tokens:,} tokens in and"
            f" {usage.output_tokens:,} out, {dollars(usage.cost)}"
        )


class AnnouncedBatches:
    """The `BatchProvider` that says what a batch will cost before another one hands it in."""

    def __init__(self, provider: BatchProvider, whom: str, say: Say) -> None:
        """Ask this one, which is called `whom`."""
        self._provider = provider
        self._whom = whom
        self._say = say

    def estimate(self, batch: Batch) -> Usage:
        """Estimate what the words of a batch that wait will take."""
        return self._provider.estimate(batch)

    def submit(self, batch: Batch) -> Job:
        """Say what it will cost, and hand the batch in."""
        usage = self.estimate(batch)
        if usage.requests:
            words = counted(usage.requests, "word")
            self._say(f"asking {self._whom} in a batch for {words}: {usage}")
        return self._provider.submit(batch)

    def status(self, job: Job) -> Job:
        """Give the job as it is now."""
        return self._provider.status(job)

    def results(self, job: Job, brief: Brief) -> Iterable[JobResult]:
        """Give what became of each word of a job that has ended."""
        return self._provider.results(job, brief)

    def cancel(self, job: Job) -> Job:
        """Stop answering."""
        return self._provider.cancel(job)


class AnnouncedMedia:
    """
    What both of the following share.

    A stage asks for all offers before it asks for the first file: so the sum is known by then.
    """

    def __init__(self, provider: Pictures | Sounds, kind: Kind, say: Say) -> None:
        """Ask this one, who gives this kind."""
        self._provider = provider
        self._kind: Kind = kind
        self._say = say
        self._lock = threading.Lock()
        self._offers: dict[tuple[str, str], Offer] = {}
        self._announced = False
        self._costs: list[Decimal] = []

    def existing(self, cards: Sequence[Card]) -> Mapping[str, MediaFile]:
        """Give what was made before."""
        return self._provider.existing(cards)

    def offer(self, card: Card) -> Offer:
        """Say who would be asked, and the most that costs."""
        offer = self._provider.offer(card)
        if offer.cost:
            self._offers[card.id, card.word] = offer
        return offer

    def paid(self) -> str:
        """Say what it did cost; nothing where nothing was paid."""
        with self._lock:
            costs = list(self._costs)
        if not costs:
            return ""
        return f"{counted(len(costs), self._kind)} came for {dollars(sum(costs))}"

    def _made(self, card: Card, of: str, make: Callable[[Card], MediaFile]) -> MediaFile:
        """Make one; the first time, say what all of them will cost."""
        with self._lock:
            if self._offers and not self._announced:
                whom = ", ".join(sorted({one.provider for one in self._offers.values()}))
                most = at_most(sum((one.cost for one in self._offers.values()), Decimal(0)))
                number = counted(len(self._offers), self._kind)
                self._say(f"asking {whom} for {number}: {most}")
            self._announced = True
        before = self._paid_for(card, of)
        try:
            return make(card)
        finally:
            cost = self._paid_for(card, of) - before
            with self._lock:
                self._costs += [cost] if cost else []

    def _paid_for(self, card: Card, of: str) -> Decimal:
        every = self._provider.folder.every(self._kind, card.language, of)
        return sum((one.cost for one in every), Decimal(0))


class AnnouncedPictures(AnnouncedMedia):
    """The `ImageProvider` that says what asking for pictures will cost before it asks."""

    def __init__(self, provider: Pictures, say: Say) -> None:
        """Ask this one."""
        super().__init__(provider, "picture", say)
        self._picture = provider.picture

    def picture(self, card: Card) -> MediaFile:
        """Give the picture of a card."""
        return self._made(card, card.id, self._picture)


class AnnouncedSounds(AnnouncedMedia):
    """The `AudioProvider` that says what asking for sounds will cost before it asks."""

    def __init__(self, provider: Sounds, say: Say) -> None:
        """Ask this one."""
        super().__init__(provider, "sound", say)
        self._sound = provider.sound

    def sound(self, card: Card) -> MediaFile:
        """Give the card's word as it is spoken."""
        return self._made(card, card.word, self._sound)


def broken_off(intents: Iterable[Intent]) -> str:
    """
    Say which words were asked for when an earlier run was stopped; nothing where none was.

    >>> broken_off([Intent("claude", word, "2026-03-01T12:00:00+00:00") for word in "ab"])
    'an earlier run was stopped while it asked for a, b: that may be charged for as well'
    """
    labels = [intent.label for intent in intents]
    if not labels:
        return ""
    shown = ", ".join(labels[:_SHOWN])
    rest = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return (
        f"an earlier run was stopped while it asked for {shown}{rest}:"
        " that may be charged for as well"
    )


_SHOWN = 16
"""So many are asked for at once."""
