"""Note types and their templates to Anki."""

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.providers.protocols import AnkiProvider
from stages.records.keys import CARDS, SYNC
from stages.records.note import NoteType
from stages.records.note_types import NOTE_TYPES
from stages.records.sync import SyncRecord


@stage(needs=[CARDS], gives=[SYNC])
def sync_templates(
    context: Context,
    *,
    anki_provider: AnkiProvider,
    note_types: tuple[NoteType, ...] = NOTE_TYPES,
    dry_run: bool = False,
) -> Outcome:
    """Put the note types of the cards where they are missing or differ: fields, templates, look."""
    used = {card.note_type for card in context[CARDS]}
    there = anki_provider.read().note_types
    changed = tuple(one for one in note_types if one.name in used and there.get(one.name) != one)
    if changed and not dry_run:
        anki_provider.put_note_types(changed)
    names = tuple(one.name for one in changed)
    record = attrs.evolve(context.get(SYNC, SyncRecord()), note_types=names, dry_run=dry_run)
    message = f"{'would put' if dry_run else 'put'} {len(changed)} of {len(used)} note types"
    planned = tuple(f"note type {name}" for name in names) if dry_run else ()
    return Success(context.put(SYNC, record).report(message, planned=planned))
