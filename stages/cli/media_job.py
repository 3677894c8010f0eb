"""One call of `stages media`: what is there, what is wanted, and what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import attrs
from returns.result import Failure

from stages.cli.asking import Asking, say_broken_off
from stages.cli.call import Call
from stages.cli.making import KINDS, Making, making_in
from stages.cli.planning import dear
from stages.cli.running import with_media
from stages.cli.said import failed, say, say_doubts, say_each
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.outcome import Outcome, StageFailure
from stages.core.problem import Problem, Severity
from stages.core.wording import counted, nearest
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.wanted import pictured, spoken
from stages.providers.errors import Rejected
from stages.providers.lexicon import Lexicon
from stages.providers.media_folder import MediaFolder
from stages.records.card import Card
from stages.records.keys import CARDS, IMAGES, SOUNDS, WORDS
from stages.records.media import MediaFile
from stages.records.plan import MediaPlan, Plan
from stages.records.provenance import Kind, Provenance
from stages.show.plan import named
from stages.show.summary import is_unknown_word, listed

_MOST_TYPED = 12
"""So many names stand at most in a command that is shown."""


@attrs.frozen
class Selected:
    """
    What is to be made anew.

    Attributes:
        pictures: The cards whose pictures are.
        sounds: Cards that have as their word what is to be spoken anew.
        words: Those of the cards.
    """

    pictures: tuple[Card, ...] = ()
    sounds: tuple[Card, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def outdated(cls, plan: MediaPlan, cards: tuple[Card, ...], *, examples: bool) -> "Selected":
        """Select what a plan has that was made of another prompt, style or size."""
        pictures, sounds = pictured(cards), spoken(cards, examples=examples)
        return cls(
            tuple(pictures[name] for name in plan.pictures.outdated),
            tuple(sounds[text] for text in plan.sounds.outdated),
        )

    @classmethod
    def called(cls, names: Iterable[str], cards: tuple[Card, ...], job: "Job") -> "Selected":
        """
        Select the pictures of the cards and the sounds of the words that are called so.

        Raises:
            Rejected: Nothing is called so.
        """
        pictures, sounds = pictured(cards), spoken(cards, examples=job.call.media.examples)
        once = dict.fromkeys(names)
        for name in once:
            if name not in pictures and name not in sounds:
                raise job.unknown(name, (*pictures, *sounds))
        of = (card for card in cards if not once.keys().isdisjoint(_names_of(card)))
        return cls(
            tuple(pictures[name] for name in once if name in pictures),
            tuple(sounds[name] for name in once if name in sounds),
            tuple(dict.fromkeys(card.word for card in of)),
        )


@attrs.frozen
class Job:
    """
    One call of `stages media`.

    Attributes:
        call: What was typed.
        making: What can be made here.
        asking: Those who know words; Claude is not among them.
    """

    call: Call
    making: Making
    asking: Asking

    @classmethod
    def of(cls, call: Call) -> "Job":
        """Find out what can be made here."""
        return cls(call, making_in(call, asks=not call.dry_run), Asking.of(call, None))

    def discard(self, anew: Selected) -> None:
        """Let it be made anew, now or in a later run."""
        if self.making.pictures:
            self.making.pictures.discard(anew.pictures)
        if self.making.sounds:
            self.making.sounds.discard(anew.sounds)

    def made(self, cards: Context) -> Outcome:
        """Make what the cards lack."""
        self._say_broken_off()
        return with_media(self.call, self.asking, self.making, cards, *self.making.stages)

    def made_anew(self, anew: Selected) -> list[Outcome]:
        """Make what was discarded, and nothing else."""
        self._say_broken_off()
        alone = tuple(attrs.evolve(card, example="") for card in anew.sounds)
        return [
            with_media(self.call, self.asking, self.making, Context.of({CARDS: cards}), stage)
            for cards, stage, maker in (
                (anew.pictures, generate_images, self.making.pictures),
                (alone, generate_audio, self.making.sounds),
            )
            if cards and maker
        ]

    def _say_broken_off(self) -> None:
        if self.making.asked:
            say_broken_off(self.call.to.parent, self.making.asked)

    def doubts(self, context: Context) -> list[str]:
        """Give what is missing before any media are: makers, and meanings of words."""
        problems = [one for report in context.reports for one in report.problems]
        return [*self.making.absent, *unknown_words(problems)]

    def unknown(self, name: str, known: Iterable[str]) -> Rejected:
        """Give the error that nothing is called so, with the nearest that there is."""
        had = {of for kind in KINDS for of, _ in self._had(kind)}
        if name in had:
            why = f"{name} has media, but nothing that was given has its card"
            return Rejected(why, "give the file that has it: --from-batch FILE, or --lexicon FILE")
        lexicons = (*self.asking.own, Lexicon())
        words = (word for one in lexicons if isinstance(one, Lexicon) for word in one.words)
        near = nearest(name, dict.fromkeys((*known, *had, *words)))
        return Rejected(f"no card or word is called {name!r}", near or "see stages media plan")

    def demand_makers(self, anew: MediaPlan) -> None:
        """
        See that somebody makes all of it anew, before any of it is discarded.

        Raises:
            Rejected: Whoever is asked has nothing, or nothing as good as what is there.
        """
        new = {**anew.pictures.new, **anew.sounds.new}
        lost = [name for name, offer in new.items() if offer.provider == "nobody"]
        if lost:
            had = {of: one.file.provider for kind in KINDS for of, one in self._had(kind)}
            whom = ", ".join(sorted({had[name] for name in lost if name in had}))
            why = f"nobody who is asked makes {', '.join(lost)} anew"
            raise Rejected(why, f"it is by {whom}: name who is to be asked" if whom else "")

    def replaced(self, anew: MediaPlan) -> list[str]:
        """Say what is by somebody who was asked before, and is not asked now."""
        names = {one.name for sources in self.making.sources.values() for one in sources}
        by: defaultdict[str, list[str]] = defaultdict(list)
        for kind, plan in zip(KINDS, (anew.pictures, anew.sounds), strict=True):
            for of, one in self._had(kind):
                if of in plan.new and one.file.provider not in names:
                    by[one.file.provider].append(of)
        return [
            f"by {whom} so far, which is not asked: {', '.join(sorted(every))}"
            for whom, every in sorted(by.items())
        ]

    def _had(self, kind: Kind) -> Iterator[tuple[str, Provenance]]:
        for (_, of), one in self._folder.latest(kind).items():
            yield of, one

    def told_failure(self, failure: StageFailure, what: str) -> int:
        """Say why there are no cards, and give the exit code."""
        return failed(failure, self.call.to.parent, unknown_words(failure.problems), what)

    def say_outdated(self, plan: MediaPlan) -> None:
        """Say how what is outdated is made anew."""
        names = (*plan.pictures.outdated, *plan.sounds.outdated)
        if not names:
            return
        if len(names) <= _MOST_TYPED:
            cure = self.call.about_media("force", *names, allowed=len(names))
        else:
            cure = self.call.about_media(
                "make",
                *self.call.given,
                allowed=len(names) + max(dear(plan).values()),
                more=("--outdated",),
            )
        say(f"\nWhat is outdated stays until it is made anew: {cure}")

    def say_next(self, plan: MediaPlan) -> None:
        """Say how what is planned is made."""
        many, most = max(dear(plan).values()), self.call.media.max_new
        if many > most:
            say(f"\n{many} of a kind cost, and one run makes {most}: --max-new {many} allows them.")
        make = self.call.about_media("make", *self.call.given, allowed=many)
        say(f"\nNext: {make if plan else self.call.again()}")

    def told(
        self,
        outcomes: Sequence[Outcome],
        plan: MediaPlan,
        *,
        after: str,
        rest: str,
        doubts: Iterable[str] = (),
    ) -> int:
        """
        Say what was made, what was not and why, and give the exit code.

        Args:
            outcomes: What came of making it.
            plan: What was to be made.
            after: What comes next if all is well.
            rest: The command that makes what is still to be made.
            doubts: What else is missing.
        """
        for outcome in outcomes:
            if isinstance(outcome, Failure) and outcome.failure().is_bug:
                return failed(outcome.failure(), self.call.to.parent)
        problems = list(dict.fromkeys(one for outcome in outcomes for one in _problems(outcome)))
        parts = (
            _Came.of("picture", plan.pictures, IMAGES, outcomes, self._folder),
            _Came.of("sound", plan.sounds, SOUNDS, outcomes, self._folder),
        )
        say_each((str(part) for part in parts if part), indent="")
        errors = [one for one in problems if one.severity is Severity.ERROR]
        warnings = [one for one in problems if one.severity is Severity.WARNING]
        untold = [line for part in parts for line in part.untold(errors)]
        say_doubts([*doubts, *listed(errors), *listed(warnings, "warning: "), *untold])
        whole = not any(part.lacking for part in parts)
        say(f"\n{after}" if whole else f"\nTo make the rest: {rest}")
        return 0 if whole else 1

    @property
    def _folder(self) -> MediaFolder:
        return MediaFolder(self.call.folder / "media")


@attrs.frozen
class _Came:
    """What came of the files of one kind."""

    kind: Kind
    key: str
    made: int
    there: int
    lacking: tuple[str, ...]

    @classmethod
    def of(
        cls,
        kind: Kind,
        plan: Plan,
        key: Key[FrozenMap[str, MediaFile]],
        outcomes: Iterable[Outcome],
        folder: MediaFolder,
    ) -> "_Came":
        have = {name for one in outcomes for name in _context(one).get(key, FrozenMap())}
        # What could not be made anew is there, and waits.
        waits = {of for (_, of), one in folder.latest(kind).items() if one.role == "unwanted"}
        lacking = tuple(name for name in plan.new if name not in have or name in waits)
        return cls(kind, str(key), len(plan.new) - len(lacking), len(plan.there), lacking)

    def __bool__(self) -> bool:
        return bool(self.made or self.there or self.lacking)

    def __str__(self) -> str:
        there = f", {self.there} there before" if self.there else ""
        missing = f", {len(self.lacking)} not made" if self.lacking else ""
        return f"{counted(self.made, self.kind)} made{there}{missing}"

    def untold(self, errors: Iterable[Problem]) -> Iterator[str]:
        """Name those of which no error tells why."""
        told = {one.where for one in errors}
        names = [name for name in self.lacking if f"{self.key}[{name}]" not in told]
        if names:
            many = counted(len(names), self.kind)
            yield from (line.strip() for line in named(f"{many} not tried: ", names))


def unknown_words(problems: Iterable[Problem]) -> list[str]:
    """Say which words have no meaning yet, and who sees to it."""
    words = [one.where[len(f"{WORDS}[") : -1] for one in problems if is_unknown_word(one)]
    if not words:
        return []
    return [
        f"no meanings known of {len(words)}: {', '.join(words)}",
        "give them with --from-batch FILE, which stages build --review writes",
    ]


def _names_of(card: Card) -> tuple[str, ...]:
    return card.id, card.word, card.example


def _context(outcome: Outcome) -> Context:
    return outcome.failure().context if isinstance(outcome, Failure) else outcome.unwrap()


def _problems(outcome: Outcome) -> Iterator[Problem]:
    if isinstance(outcome, Failure):
        yield from outcome.failure().problems
    for report in _context(outcome).reports:
        # That something is outdated is said before, in the plan.
        yield from (one for one in report.problems if one.code != "outdated")
