"""Cards to Anki, as notes."""

from collections import Counter
from collections.abc import Iterator

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.providers.protocols import AnkiProvider
from stages.records.card import Card
from stages.records.keys import CARDS, IMAGES, SOUNDS, SYNC
from stages.records.note import NoteType, note_of
from stages.records.note_types import NOTE_TYPES
from stages.records.sync import SyncRecord, differences, media_of


@stage(needs=[CARDS], uses=[IMAGES, SOUNDS], gives=[SYNC])
def sync_cards(
    context: Context,
    *,
    anki_provider: AnkiProvider,
    deck: str = "Español",
    note_types: tuple[NoteType, ...] = NOTE_TYPES,
    dry_run: bool = False,
) -> Outcome:
    """
    Put a note for every card, new cards in this order; only notes that differ are touched.

    The note types and media that the notes refer to are put first, so no note points at nothing.
    Notes that are there and not among the cards stay in a collection; a package leaves them out.

    Problems:
        no-cards: There is nothing to put.
        unknown-note-type: A card is of a note type that was not given.
        same-card: Two cards have the same id.
    """
    cards = context[CARDS]
    types = {one.name: one for one in note_types}
    problems = tuple(_unfit(cards, types))
    if problems:
        return context.fail("these cards cannot be put", problems=problems)
    images, sounds = context.get(IMAGES, FrozenMap()), context.get(SOUNDS, FrozenMap())
    notes = {
        card.id: note_of(
            card,
            types[card.note_type],
            deck,
            images.get(card.id),
            sounds.get(card.word),
            sounds.get(card.example),
        )
        for card in cards
    }
    there = anki_provider.read().notes
    created, updated = differences(there, notes)
    if not dry_run:
        anki_provider.put_note_types(tuple(types[name] for name in {c.note_type: 0 for c in cards}))
        anki_provider.put_media(media_of(cards, images, sounds))
        anki_provider.put_notes(tuple(notes.values()))
    record = attrs.evolve(
        context.get(SYNC, SyncRecord()),
        created=created,
        updated=updated,
        unchanged=len(notes) - len(created) - len(updated),
        extra=len(there.keys() - {note.guid for note in notes.values()}),
        dry_run=dry_run,
    )
    counts = {"created": len(created), "updated": len(updated), "unchanged": record.unchanged}
    would = "would put" if dry_run else "put"
    message = f"{would} {len(created)} new and {len(updated)} changed of {len(notes)} notes"
    planned = [f"new note {name}" for name in created] + [
        f"changed note {name}" for name in updated
    ]
    return Success(
        context.put(SYNC, record).report(message, counts=counts, planned=planned if dry_run else ())
    )


def _unfit(cards: tuple[Card, ...], types: dict[str, NoteType]) -> Iterator[Problem]:
    if not cards:
        yield Problem("no-cards", str(CARDS), "it is empty", "give words with meanings")
    for card in cards:
        if card.note_type not in types:
            why = f"its note type {card.note_type!r} was not given"
            yield Problem("unknown-note-type", f"cards[{card.id}]", why, "note_types=(…, )")
    for name, number in Counter(card.id for card in cards).items():
        if number > 1:
            why = f"{number} cards have this id"
            yield Problem("same-card", f"cards[{name}]", why, "give each an id of its own")
