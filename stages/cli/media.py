"""`stages media plan`, `make` and `force`: pictures and sounds, planned before they are paid."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import attrs
from cyclopts import App, Parameter
from returns.result import Failure

from stages.claude.analysis_stage import analyze_words
from stages.cli.call import Call
from stages.cli.media_job import Job, Selected
from stages.cli.options import CARDS_OF, FLAG, MEDIA, CardOptions, MediaOptions
from stages.cli.planning import forced, planned, together, told, within_the_cap
from stages.cli.running import checked, looked_up
from stages.cli.said import interrupted, mistyped, say, say_doubts, say_each
from stages.cli.stored import calmly
from stages.core.context import Context
from stages.core.json import to_json
from stages.providers.errors import Rejected
from stages.records.card import Card
from stages.records.keys import CARDS
from stages.show.plan import offer_lines

media = App(
    name="media",
    help="Pictures and sounds of a deck: planned before they are paid, and never paid twice.",
    result_action="return_value",
)


@media.command(sort_key=1)
@calmly
def plan(
    *words: str,
    cards: CardOptions = CARDS_OF,
    options: MediaOptions = MEDIA,
    every: Annotated[bool, FLAG, Parameter(name="--all")] = False,
    json: Annotated[bool, FLAG] = False,
) -> int:
    """
    Show which pictures and sounds a deck wants, and what those that are missing would cost.

    Nothing is made and nobody is asked. The words and options are those of `stages build`.

    Args:
        words: Words, or files with a word on each line.
        cards: Which cards, and of which deck.
        options: Who makes or finds pictures and sounds, and how.
        every: Name every file.
        json: Print the whole plan as JSON.
    """
    if options.slip:
        return mistyped(options.slip)
    job = Job.of(Call.of(words, cards, media=options, dry_run=True))
    found = looked_up(job.call, job.asking, checked(job.call))
    if isinstance(found, Failure):
        return job.told_failure(found.failure(), "Nothing was planned")
    wanted = planned(job.call, job.making, found.unwrap())
    doubts = job.doubts(found.unwrap())
    if json:
        say(to_json(wanted).rstrip("\n"))
        say_each(doubts, indent="", file=sys.stderr)
        return 0
    say_each(told(wanted, job.making, every=every), indent="")
    say_doubts(doubts)
    job.say_outdated(wanted)
    job.say_next(wanted)
    return 0


@media.command(sort_key=2)
@calmly
def make(
    *words: str,
    cards: CardOptions = CARDS_OF,
    options: MediaOptions = MEDIA,
    outdated: Annotated[bool, FLAG] = False,
    dry_run: Annotated[bool, FLAG] = False,
) -> int:
    """
    Make the pictures and sounds that are missing.

    What is there stays; what was answered before is not paid for again. The words and options are
    those of `stages build`, which then finds all it needs.

    Args:
        words: Words, or files with a word on each line.
        cards: Which cards, and of which deck.
        options: Who makes or finds pictures and sounds, and how.
        outdated: Make anew as well what was made of another prompt, style or size.
        dry_run: Show what would be made, and make nothing.

    Returns:
        0 when all is there, 1 when it is not.
    """
    if options.slip:
        return mistyped(options.slip)
    call = Call.of(words, cards, media=options, dry_run=dry_run)
    job = Job.of(call)
    found = looked_up(call, job.asking, checked(call))
    if isinstance(found, Failure):
        return job.told_failure(found.failure(), "Nothing was made")
    context: Context = found.unwrap()
    wanted = planned(call, job.making, context)
    anew = Selected()
    if outdated:
        anew = Selected.outdated(wanted, context[CARDS], examples=options.examples)
        wanted = together(wanted, forced(job.making, anew.pictures, anew.sounds))
    doubts = job.doubts(context)
    if dry_run:
        say_each(told(wanted, job.making), indent="")
        say_doubts(doubts)
        return 0
    within_the_cap(wanted, options.max_new)
    job.discard(anew)
    return job.told(
        [job.made(context)],
        wanted,
        after=f"Next: {call.again()}",
        rest=call.about_media("make", *call.given),
        doubts=doubts,
    )


@media.command(sort_key=3)
@calmly
def force(
    *names: str,
    cards: CardOptions = CARDS_OF,
    options: MediaOptions = MEDIA,
    dry_run: Annotated[bool, FLAG] = False,
) -> int:
    """
    Make pictures and sounds anew that are there already.

    What they replace is kept in .stages/media/backup, and `stages media choose` brings it back.

    Args:
        names: The id of a card, such as casa_home, for its picture; a word for its sound.
        cards: Which cards, and of which deck.
        options: Who makes or finds pictures and sounds, and how.
        dry_run: Show what would be made anew and what it costs, and make nothing.

    Returns:
        0 when all of it was made anew, 1 when it was not.
    """
    if options.slip:
        return mistyped(options.slip)
    if not names:
        raise Rejected("nothing was named", "name cards, such as casa_home, or words")
    call = Call.of(_words_in(names), cards, media=options, dry_run=dry_run)
    job = Job.of(call)
    found = looked_up(call, job.asking, checked(call))
    if isinstance(found, Failure) and call.from_batch:  # no lexicon knows any of them
        found = looked_up(attrs.evolve(call, given=()), job.asking, checked(call))
    if isinstance(found, Failure) and found.failure().stage != analyze_words.name:
        return job.told_failure(found.failure(), "Nothing was made")
    known: tuple[Card, ...] = () if isinstance(found, Failure) else found.unwrap()[CARDS]
    chosen = Selected.called(names, known, job)
    anew = forced(job.making, chosen.pictures, chosen.sounds)
    job.demand_makers(anew)
    if not dry_run:
        within_the_cap(anew, options.max_new)
    say("Would make anew:" if dry_run else "Making anew:")
    say_each((*offer_lines(anew.pictures.new), *offer_lines(anew.sounds.new)), indent="")
    say_doubts([*job.making.absent, *job.replaced(anew)])
    if dry_run:
        return 0
    job.discard(chosen)
    rest = call.about_media("make", *chosen.words)
    try:
        made = job.made_anew(chosen)
    except KeyboardInterrupt:
        return interrupted(f"What was made is kept; to make the rest: {rest}")
    return job.told(made, anew, after="Next: build the deck again.", rest=rest)


def _words_in(names: Iterable[str]) -> Iterator[str]:
    """Give all words to which cards and sentences of these names may belong."""
    for name in names:
        yield name
        yield from name.split()
        parts = name.split("_")
        yield from (" ".join(parts[:end]) for end in range(1, len(parts)))
