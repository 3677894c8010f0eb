"""What a build made, in a few lines a person can read."""

import re
from collections.abc import Iterable, Iterator

import attrs

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Report, StageFailure
from stages.core.problem import Problem, Severity
from stages.core.wording import counted
from stages.records.keys import CARDS, IMAGES, MEANINGS, SOUNDS, SYNC, WORDS
from stages.records.note_types import NOTE_TYPES

MOST_SHOWN = 12
"""How many problems are listed before the rest is only counted."""

_MOST_NAMED = 4
_MOST_TOGETHER = 100
_ITEM = re.compile(rf"({WORDS}|{IMAGES}|{SOUNDS})\[([^\]]*)\]")
_TOLD_BEFORE = "asked-twice"
"""What an earlier run left under way is said before anything is asked."""
_OUTDATED = "outdated"

_MAKERS = {"no-picture": IMAGES, "no-sound": SOUNDS}


@attrs.frozen
class Summary:
    """
    What is said at the end of a build.

    Attributes:
        made: What there is now, one fact a line.
        missing: What is not there and why, one fact a line.
    """

    made: tuple[str, ...]
    missing: tuple[str, ...]


def summary_of(context: Context) -> Summary:
    """Say what a build made of its words and what is missing."""
    return Summary(tuple(_made(context)), tuple(_missing(context)))


def _made(context: Context) -> Iterator[str]:
    meanings = context.get(MEANINGS, ())
    cards = context.get(CARDS, ())
    words = len({card.word for card in cards})
    sides = {one.name: len(one.templates) for one in NOTE_TYPES}
    asked = sum(sides.get(card.note_type, 1) for card in cards)
    yield f"{counted(words, 'word')}, {counted(len(cards), 'meaning')}, {counted(asked, 'card')}"
    if len(meanings) > len(cards):
        yield f"{counted(len(meanings) - len(cards), 'meaning')} left out"
    sync = context.get(SYNC)
    if sync and sync.dry_run:
        return
    images = context.get(IMAGES, FrozenMap())
    sounds = context.get(SOUNDS, FrozenMap())
    drawn = sum(not images[card.id].stand_in for card in cards if card.id in images)
    standing_in = sum(images[card.id].stand_in for card in cards if card.id in images)
    spoken = len({card.word for card in cards if card.word in sounds})
    placeholders = f" and {counted(standing_in, 'placeholder')}" if standing_in else ""
    yield f"{counted(drawn, 'picture')}{placeholders}, {counted(spoken, 'sound')}"
    if sync:
        yield (
            f"{len(sync.created)} new, {len(sync.updated)} changed,"
            f" {sync.unchanged} unchanged since the deck was last written"
        )
        if sync.kept:
            edits = counted(len(sync.kept), "edit of yours stays", "edits of yours stay")
            yield f"{edits}: {_some([*sync.kept])}"


def _missing(context: Context) -> Iterator[str]:
    problems = [problem for report in context.reports for problem in report.problems]
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    yield from listed(problem for problem in errors if not is_unknown_word(problem))
    warnings = [
        problem
        for problem in problems
        if problem.severity is Severity.WARNING
        and _MAKERS.get(problem.code, CARDS) in context
        and problem.code not in (_TOLD_BEFORE, _OUTDATED)
    ]
    yield from listed(warnings, "warning: ")
    outdated = [_inner(problem.where) for problem in problems if problem.code == _OUTDATED]
    if outdated:
        yield f"{len(outdated)} made of another prompt, style or size, which stay: {_some(outdated)}"
    cards = context.get(CARDS, ())
    images = context.get(IMAGES, FrozenMap())
    standing_in = [card.id for card in cards if card.id in images and images[card.id].stand_in]
    if standing_in:
        yield f"{counted(len(standing_in), 'placeholder')} where no emoji fits: {_some(standing_in)}"
    sync = context.get(SYNC)
    if sync and sync.extra:
        yield f"{counted(sync.extra, 'note')} of the earlier deck left out; Anki keeps what it has"


def warnings_of(context: Context) -> Iterator[str]:
    """Give each warning of the stages so far a line, and each error that is no unknown word."""
    problems = [one for report in context.reports for one in report.problems]
    yield from listed(
        one for one in problems if not is_unknown_word(one) and one.code != _TOLD_BEFORE
    )


def why_failed(failure: StageFailure, most: int = MOST_SHOWN) -> Iterator[str]:
    """
    Give what the problems of a failure add to its message, in so many lines at most.

    Unknown words are told apart.
    """
    told = [problem for problem in failure.problems if not is_unknown_word(problem)]
    if len(told) == 1 and told[0].why in failure.message:
        yield from filter(None, [told[0].hint])
    else:
        yield from listed(told, most=most)


def is_unknown_word(problem: Problem) -> bool:
    """Tell whether a problem is that a word has no meaning: such words are staged, and told apart."""
    return problem.code in {"not-found", "not-filled-in"} and problem.where.startswith(f"{WORDS}[")


def listed(problems: Iterable[Problem], before: str = "", most: int = MOST_SHOWN) -> Iterator[str]:
    """
    Give each problem a line, the first dozen of them; the rest is counted.

    Words, pictures and sounds with the same problem share a line.

    >>> def expired(word):
    ...     return Problem("expired", f"words[{word}]", "it was not answered", "hand it in again")
    >>> list(listed(map(expired, ("casa", "perro"))))
    ['words[casa, perro]: it was not answered (hand it in again)']
    """
    every = _together(problems)
    shown = every if len(every) <= most else every[: max(most - 1, 1)]
    for problem in shown:
        yield f"{before}{problem}"
    if len(every) > len(shown):
        yield f"{before}and {len(every) - len(shown)} more like these"


def _together(problems: Iterable[Problem]) -> list[Problem]:
    """Give one problem for all items of a key that have the same."""
    found: dict[object, list[Problem]] = {}
    for one in problems:
        item = _ITEM.fullmatch(one.where)
        alike = (item[1], one.code, one.why, one.hint, one.severity) if item else (one, len(found))
        found.setdefault(alike, []).append(one)
    return [_one_of(alike) for alike in found.values()]


def _one_of(alike: list[Problem]) -> Problem:
    if len(alike) == 1:
        return alike[0]
    items = [item for one in alike if (item := _ITEM.fullmatch(one.where))]
    names = [item[2] for item in items]
    rest = f" and {len(names) - _MOST_TOGETHER} more" if len(names) > _MOST_TOGETHER else ""
    named = f"{items[0][1]}[{', '.join(names[:_MOST_TOGETHER])}{rest}]"
    return attrs.evolve(alike[0], where=named)


def plan_of(reports: Iterable[Report]) -> Iterator[str]:
    """Give what a dry run would do, stage by stage."""
    for report in reports:
        if report.planned:
            yield f"{report.stage}: {report.message}"
            yield from (f"  {line}" for line in report.planned)


def _inner(where: str) -> str:
    """Give what an item is called by."""
    item = _ITEM.fullmatch(where)
    return item[2] if item else where


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown}, …" if len(names) > _MOST_NAMED else shown
