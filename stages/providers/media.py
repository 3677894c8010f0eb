"""Pictures and sounds: sources that are asked in turn, and a folder that keeps what they give."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import ClassVar, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.door import check_picture, check_sound
from stages.providers.errors import (
    BadAnswer,
    NotFound,
    QuotaExhausted,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.looking import demand_decoders
from stages.providers.media_folder import MediaFolder
from stages.providers.source import ASKED, Grade, Made, Source
from stages.records.card import Card
from stages.records.media import MediaFile, Recording
from stages.records.plan import Offer
from stages.records.provenance import Kind, Provenance, fingerprint_of

_SETTLED = (NotFound, Rejected, Refused, BadAnswer)
"""What a source will say again: it is not asked the same twice."""

_Errors: TypeAlias = list[tuple[str, ProviderError]]
"""Why sources gave nothing, by their names."""

_NOW = partial(datetime.now, UTC)


@attrs.frozen
class _Asking:
    """
    One source that may be asked for a card.

    Attributes:
        source: Who is asked.
        request: For what.
        fingerprint: Names both.
        take: How often the same was asked for anew.
        there: What answered just this before, if it is still there.
    """

    source: Source
    request: Mapping[str, str]
    fingerprint: str
    take: int
    there: Provenance | None


class _Sources(ABC):
    """
    What `Pictures` and `Sounds` share.

    A source that has nothing for a card, or refuses it, passes it on to the next, and so does one
    that cannot be reached or whose quota is spent; the reasons are kept with what the next one
    gives. What is there stays, unless it is a stand-in and a better source was not asked for it yet,
    or its source asks nobody and the card says now what makes another.
    """

    _kind: ClassVar[Kind]
    _key: ClassVar["attrgetter[tuple[str, str]]"]
    """Gives a card's language and what is asked for: its picture by its id, a sound by its text."""

    @staticmethod
    @abstractmethod
    def _check(content: bytes) -> None:
        """Raise `BadAnswer` for what is none."""

    def __init__(
        self,
        folder: MediaFolder | Path | str,
        *sources: Source,
        now: Callable[[], datetime] = _NOW,
    ) -> None:
        """
        Ask these sources in this order.

        Args:
            folder: Keeps what they give.
            sources: The preferred first; each has a name of its own.
            now: The clock, for provenance and backups.

        Raises:
            ValueError: There is no source, or two have one name.
        """
        names = [source.name for source in sources]
        if not names:
            raise ValueError(f"who gives a {self._kind}? at least one source is needed")
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"more than one source is called {twice.pop()!r}: whose is what?")
        self.folder = folder if isinstance(folder, MediaFolder) else MediaFolder(folder)
        self._sources = sources
        self._now = now
        self._spent: dict[str, QuotaExhausted] = {}
        self._unbettered = {
            (source.name, lesser): source.request
            for place, source in enumerate(sources)
            for lesser in (False, True)
            if not any(
                _betters(one, _worth(lesser=lesser), local=source.local) for one in sources[:place]
            )
        }

    def existing(self, cards: Sequence[Card]) -> dict[str, MediaFile]:
        """
        Give what was made before and stands, by what it is for.

        A run begins with it: a source whose quota was spent in an earlier one is asked again.
        """
        self._spent.clear()
        gone = self.folder.gone()
        found, unsure = self._plain(cards)
        latest = self.folder.latest(self._kind)
        for card in unsure:
            kept = latest.get(self._key(card))
            if kept and (file := self._standing(kept, card)):
                found[kept.of] = file
        if gone:
            found = {of: file for of, file in found.items() if gone.isdisjoint(file.names)}
        return found

    def offer(self, card: Card, *, anew: bool = False) -> Offer:
        """
        Say who is asked first, and what is paid if all that may be asked have to be paid.

        Args:
            card: For which.
            anew: What if it were discarded first.
        """
        kept = self._kept(card)
        if kept and anew:
            kept = attrs.evolve(kept, role="unwanted")
        asked = list(self._asked(card, kept))
        costs = {
            one.source.name: Decimal(0) if one.there else one.source.price(card, one.take)
            for one in asked
        }
        first, *later = costs or ("nobody",)
        names = (first, *(name for name in later if costs[name]))
        return Offer(" or ".join(names), sum(costs.values(), Decimal(0)))

    def candidates(self, card: Card) -> tuple[Provenance, ...]:
        """Give all that was ever made for a card and can still be chosen, each once, newest first."""
        every = {one.file.name: one for one in self._every(card)}
        return tuple(one for one in reversed(every.values()) if self.folder.has(one.file))

    def choose(self, card: Card, name: str) -> MediaFile:
        """
        Let a card have this one of its candidates from now on, whatever its sources say.

        Raises:
            NotFound: No candidate has this name.
        """
        for one in self.candidates(card):
            if one.file.name == name:
                self.folder.note(attrs.evolve(one, role="chosen"))
                return one.file
        raise NotFound(f"{name} is no candidate for {self._key(card)[1]!r}")

    def discard(self, cards: Sequence[Card]) -> None:
        """Let what these cards have be made anew; it stays until then, and in a backup after."""
        kept = {self._key(card): self._kept(card) for card in cards}
        self.folder.note(
            *(
                attrs.evolve(one, role="unwanted")
                for one in kept.values()
                if one and one.role != "unwanted"
            )
        )

    def _make(self, card: Card) -> MediaFile:
        kept = self._kept(card)
        passed = list(kept.passed) if kept and kept.role != "unwanted" else []
        errors: _Errors = []
        for asking in self._asked(card, kept):
            try:
                made = self._again(asking) or self._answered(card, asking)
            except ProviderError as error:
                if isinstance(error, QuotaExhausted):
                    self._spent[asking.source.name] = error
                elif error.stops_run:
                    raise
                elif isinstance(error, _SETTLED):
                    passed.append(asking.fingerprint)
                errors.append((asking.source.name, error))
            else:
                return self._noted(kept, made, tuple(dict.fromkeys(passed)), _told(errors))
        if kept and kept.role == "unwanted" and self.folder.has(kept.file, aside=False):
            return self._left(kept, errors)
        raise self._joined(errors, card)

    def _kept(self, card: Card) -> Provenance | None:
        return self.folder.latest(self._kind).get(self._key(card))

    def _every(self, card: Card) -> tuple[Provenance, ...]:
        return self.folder.every(self._kind, *self._key(card))

    def _standing(self, kept: Provenance, card: Card) -> MediaFile | None:
        """Give what a card has if it stands, marked if another would be made now."""
        file = kept.file
        if kept.role != "shown":
            return file if kept.role == "chosen" else None
        worth = _worth(lesser=file.lesser)
        local = any(one.local for one in self._sources if one.name == file.provider)
        for source in self._sources:
            request = source.request(card)
            if source.name == file.provider:
                if request is not None and _alike(kept.request, request):
                    return file
                if source.local:
                    return None
                return file if request is None else attrs.evolve(file, outdated=True)
            if request is None or not _betters(source, worth, local=local):
                continue
            if fingerprint_of(source.name, request) not in kept.passed:
                return None
        return file

    def _plain(self, cards: Sequence[Card]) -> tuple[dict[str, MediaFile], list[Card]]:
        """
        Give the files that stand at first sight, and the cards that ask for a second look.

        What stands here stands in `_standing`; thousands of cards take a quarter of the time.
        """
        found: dict[str, MediaFile] = {}
        unsure = []
        language = last = ask = None
        for card, (of_card, of) in zip(cards, map(self._key, cards), strict=True):
            if of_card != language:
                language = of_card
                shown = self.folder.shown(self._kind, language)
            if there := shown.get(of):
                by, request, file = there
                if by is not last:
                    last, ask = by, self._unbettered.get(by)
                if ask and request == ask(card):
                    found[of] = file
                    continue
            unsure.append(card)
        return found, unsure

    def _asked(self, card: Card, kept: Provenance | None) -> Iterator[_Asking]:
        """
        Give the sources that may be asked for a card, in order.

        None that has settled it is asked again. Where something is made anew, all are, but for those
        that give worse than what is there.
        """
        anew = kept is not None and kept.role == "unwanted"
        least = Grade.STAND_IN
        if kept and anew and self.folder.has(kept.file, aside=False):
            least = _worth(lesser=kept.file.lesser)
        passed = kept.passed if kept and not anew else ()
        every = self._every(card)
        for source in self._sources:
            request = source.request(card) if source.grade >= least else None
            if request is None:
                continue
            fingerprint = fingerprint_of(source.name, request)
            if fingerprint in passed:
                continue
            alike = [one for one in every if one.fingerprint == fingerprint]
            take = max(one.take for one in alike) + anew if alike else 0
            answers = (one for one in reversed(alike) if one.take == take)
            there = next((one for one in answers if self.folder.has(one.file)), None)
            yield _Asking(source, request, fingerprint, take, there)

    @staticmethod
    def _again(asking: _Asking) -> tuple[Provenance, ...]:
        there = asking.there
        return (attrs.evolve(there, cost=Decimal(0), reasons=()),) if there else ()

    def _answered(self, card: Card, asking: _Asking) -> tuple[Provenance, ...]:
        """Ask a source; what it gives is checked and kept, the best first."""
        name = asking.source.name
        if spent := self._spent.get(name):
            raise QuotaExhausted(spent.why, spent.hint)
        self.folder.demand_usable()
        demand_decoders(self._kind)
        good: list[Made] = []
        errors: _Errors = []
        for one in asking.source.make(card, asking.take):
            try:
                self._check(one.content)
            except BadAnswer as error:
                errors.append((name, error))
            else:
                good.append(one)
        if not good:
            raise errors[0][1] if errors else BadAnswer(f"{name} gave nothing")
        first = attrs.evolve(good[0], doubts=(*good[0].doubts, *_told(errors)))
        if self._kind == "sound":
            return (self._provenance(card, asking, first, good[1:]),)
        return tuple(self._provenance(card, asking, one, ()) for one in (first, *good[1:]))

    def _provenance(
        self, card: Card, asking: _Asking, made: Made, others: Sequence[Made]
    ) -> Provenance:
        language, of = self._key(card)
        lesser = asking.source.grade is Grade.STAND_IN
        file = MediaFile(
            name=self.folder.keep(made.stem or of, made.content),
            size=len(made.content),
            provider=asking.source.name,
            credit=made.credit,
            stand_in=lesser and self._kind == "picture",
            synthetic=lesser and self._kind == "sound",
            others=tuple(
                Recording(
                    name=self.folder.keep(one.stem or of, one.content),
                    size=len(one.content),
                    credit=one.credit,
                )
                for one in others
            ),
        )
        return Provenance(
            kind=self._kind,
            language=language,
            of=of,
            file=file,
            request=FrozenMap(asking.request),
            fingerprint=asking.fingerprint,
            made_at=self._now().astimezone(UTC).isoformat(timespec="seconds"),
            cost=sum((one.cost for one in (made, *others)), Decimal(0)),
            take=asking.take,
            reasons=made.doubts,
            details=made.details,
        )

    def _noted(
        self,
        kept: Provenance | None,
        made: tuple[Provenance, ...],
        passed: tuple[str, ...],
        reasons: tuple[str, ...],
    ) -> MediaFile:
        """Write down what was made or found again, and put aside what it replaces."""
        first, *spares = made
        reasons = (*first.reasons, *reasons)
        shown = attrs.evolve(first, role="shown", passed=passed, reasons=reasons)
        if not (kept and self._says(kept, shown)):
            self.folder.note(*(attrs.evolve(one, role="spare") for one in spares), shown)
        if kept and kept.file != shown.file:
            self.folder.put_aside(kept.file, self._now())
        return attrs.evolve(shown.file, reasons=reasons)

    def _says(self, kept: Provenance, shown: Provenance) -> bool:
        """Tell whether another line would say nothing new."""
        alike = attrs.evolve(shown, cost=kept.cost, reasons=kept.reasons) == kept
        return alike and self.folder.has(kept.file, aside=False)

    def _left(self, kept: Provenance, errors: _Errors) -> MediaFile:
        """Leave what is there since nothing took its place; for good where that is settled."""
        reasons = _told(errors)
        if all(isinstance(error, _SETTLED) for _, error in errors):
            self.folder.note(attrs.evolve(kept, role="shown", reasons=reasons))
        return attrs.evolve(kept.file, reasons=reasons)

    def _joined(self, errors: _Errors, card: Card) -> ProviderError:
        """
        Give one error that tells all; one that may pass, where there is such a one.

        A quota that is spent stops the run if no other source is left for other cards.
        """
        if not errors:
            return NotFound(f"no source has a {self._kind} for {self._key(card)[1]!r}")
        every = [error for _, error in errors]
        last = next((one for one in reversed(every) if not isinstance(one, _SETTLED)), every[-1])
        kind = type(last)
        if isinstance(last, QuotaExhausted) and len(self._spent) < len(self._sources):
            kind = Unavailable
        if len(errors) == 1:
            return kind(last.why, last.hint)
        return kind("; ".join(f"{name}: {error.why}" for name, error in errors), last.hint)


class Pictures(_Sources):
    """The `ImageProvider` that asks sources in turn; what else one gives is a candidate to choose."""

    _kind = "picture"
    _key = attrgetter("language", "id")
    _check = staticmethod(check_picture)

    def picture(self, card: Card) -> MediaFile:
        """Give the picture of a card."""
        return self._make(card)


class Sounds(_Sources):
    """The `AudioProvider` that asks sources in turn; all recordings that one gives are played."""

    _kind = "sound"
    _key = attrgetter("language", "word")
    _check = staticmethod(check_sound)

    def sound(self, card: Card) -> MediaFile:
        """Give the card's word as it is spoken."""
        return self._make(card)


def _worth(*, lesser: bool) -> Grade:
    """Give the grade that a source must have to give no worse, and to better it must pass."""
    return Grade.STAND_IN if lesser else Grade.WHOLE


def _betters(source: Source, worth: Grade, *, local: bool) -> bool:
    """Tell whether a source takes the place of one that comes later: it is better, or both ask nobody."""
    return source.grade > worth or (local and source.local and source.grade is worth)


def _alike(made_of: Mapping[str, str], request: Mapping[str, str]) -> bool:
    """Tell whether a request would make the same; when somebody was asked makes no difference."""
    return {**made_of, ASKED: ""} == {**request, ASKED: ""}


def _told(errors: _Errors) -> tuple[str, ...]:
    return tuple(f"{name}: {error.at('')}" for name, error in errors)
