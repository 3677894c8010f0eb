"""Note types and their templates to Anki."""

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.providers.protocols import AnkiProvider
from stages.records.difference import type_lines
from stages.records.keys import CARDS, SYNC
from stages.records.merge import Conflicts, Kind, planned_types
from stages.records.note import NoteType
from stages.records.note_types import NOTE_TYPES
from stages.records.sync import SyncRecord
from stages.sync.doubts import type_doubts, unfit_types


@stage(needs=[CARDS], gives=[SYNC])
def sync_templates(
    context: Context,
    *,
    anki_provider: AnkiProvider,
    note_types: tuple[NoteType, ...] = NOTE_TYPES,
    conflicts: Conflicts = "theirs",
    schema_changes: bool = False,
    recreate: bool = False,
    backup: bool = True,
    dry_run: bool = False,
) -> Outcome:
    """
    Put the note types of the cards where they are missing or differ: fields, templates, look.

    Sides and look that the learner changed stay. Nothing is ever removed from a note type in a
    collection, and what would make Anki replace all that AnkiWeb has needs consent.

    Args:
        context: Has the cards.
        anki_provider: Where the note types go.
        note_types: Those that cards may have.
        conflicts: Whose text stands where the learner and we have changed it: "theirs" or "ours".
        schema_changes: Whether a note type in a collection may get new fields and templates.
        recreate: Whether a note type that was renamed or deleted by hand is made anew.
        backup: Whether what is there is backed up before the first change.
        dry_run: Whether to end with the plan.

    Problems:
        needs-consent: New fields or templates; the note type is left as it is.
        note-type-gone: It was put before, and was renamed or deleted by hand.
        conflict: Both sides changed a side or the look (warning).
        replaced: A note type was there, nobody knows whose, and ours replaced some of it (warning).
        not-kept: What was put was not there when it was read back.
        field-name, no-template, template-name, faulty-template, unknown-field,
        front-without-field, front-side-asked, same-front: Anki would refuse the note type.
    """
    used = {card.note_type for card in context[CARDS]}
    wanted = tuple(one for one in note_types if one.name in used)
    there = anki_provider.read()
    changes = planned_types(
        wanted, there, conflicts=conflicts, schema_changes=schema_changes, recreate=recreate
    )
    faults = tuple(unfit_types(wanted, changes))
    if faults:
        return context.fail("these note types cannot be put", problems=faults)
    problems = [problem for change in changes for problem in type_doubts(change)]
    changed = tuple(one for one in changes if one.kind in (Kind.CREATE, Kind.UPDATE))
    record = context.get(SYNC, SyncRecord())
    if not dry_run:
        if changed and backup:
            record = attrs.evolve(record, backup=anki_provider.backup() or record.backup)
        if changed:
            anki_provider.put_note_types(tuple(one.note_type for one in changed))
        lost: set[str] = set()
        if changed and not there.is_package:
            now = anki_provider.read().note_types
            lost = {one.name for one in changed if now.get(one.name) != one.note_type}
        problems += [_lost(name) for name in sorted(lost)]
        known = tuple(
            one.wanted
            for one in changes
            if one.kind is not Kind.WITHHELD
            and one.name not in lost
            and there.pushed_types.get(one.name) != one.wanted
        )
        if known:
            anki_provider.remember((), known)
    record = attrs.evolve(
        record,
        note_types=tuple(one.name for one in changed),
        withheld=tuple(one.name for one in changes if one.kind is Kind.WITHHELD),
        dry_run=dry_run,
    )
    message = f"{'would put' if dry_run else 'put'} {len(changed)} of {len(used)} note types"
    lines = type_lines(changes) if dry_run else ()
    return Success(context.put(SYNC, record).report(message, problems=problems, planned=lines))


def _lost(name: str) -> Problem:
    why = "it was put, and when it was read back it was something else"
    return Problem("not-kept", f"note_types[{name}]", why, "see in Anki what it is, and sync again")
