"""Cards to Anki, as notes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.protocols import AnkiProvider, Retirement
from stages.records.card import Card
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.difference import note_lines, retired_lines
from stages.records.keys import CARDS, IMAGES, SOUNDS, SYNC
from stages.records.media import MediaFile
from stages.records.merge import (
    Conflicts,
    Kind,
    SyncPlan,
    TypeChange,
    Why,
    lost_in,
    name_of,
    planned,
)
from stages.records.note import Note, NoteType, note_of
from stages.records.note_types import NOTE_TYPES
from stages.records.sync import SyncRecord, media_of
from stages.sync.doubts import (
    homeless_texts,
    miscounted,
    not_kept,
    note_doubts,
    unfit_types,
    unseen_edits,
)

Orphans: TypeAlias = Literal["leave"] | Retirement
"""What becomes of notes that no card wants."""


@stage(needs=[CARDS], uses=[IMAGES, SOUNDS], gives=[SYNC])
def sync_cards(
    context: Context,
    *,
    anki_provider: AnkiProvider,
    deck: str = "Español",
    note_types: tuple[NoteType, ...] = NOTE_TYPES,
    protected: tuple[str, ...] = (),
    conflicts: Conflicts = "theirs",
    orphans: Orphans = "leave",
    delete: int = 0,
    recreate: bool = False,
    backup: bool = True,
    dry_run: bool = False,
) -> Outcome:
    """
    Put a note for every card, new cards in this order; only notes that differ are touched.

    Of a note that is there only what we changed since the last sync is put: what the learner edited
    stays, and where both changed one field, the learner's stays and a warning says so. Deck and
    other tags are the learner's. What was put is read back.

    Note types and media that are missing are put first, so no note points at nothing. Notes that no
    card wants stay; a package leaves them out.

    Args:
        context: Has the cards, their pictures and their sounds.
        anki_provider: Where the notes go.
        deck: The full name of the deck of new notes.
        note_types: Those that cards may have.
        protected: Fields that are the learner's once a note is there.
        conflicts: Whose text stands where both sides changed a field: "theirs" or "ours".
        orphans: What becomes of notes in this deck that no card wants: "leave", "tag", "suspend",
            or "delete".
        delete: How many notes exactly may be deleted.
        recreate: Whether notes that the learner deleted are put again.
        backup: Whether what is there is backed up before the first change.
        dry_run: Whether to end with the plan.

    Problems:
        no-cards: There is nothing to put.
        unknown-note-type: A card is of a note type that was not given.
        same-card: Two cards have the same id.
        note-type-gone: A note type was put before, and was renamed or deleted by hand.
        wrong-count: Other than `delete` notes would be deleted; none is.
        no-such-field: The note type lacks a field there, so its texts are put nowhere.
        conflict: Both sides changed a field (warning).
        replaced: A note was there, nobody knows whose, and ours replaced some of it (warning).
        returned: A note that was retired is wanted again (warning).
        edits-unseen: A package cannot know what was edited in the notes that changed (warning).
        not-kept: What was put was not there when it was read back.
        field-name, no-template, template-name, faulty-template, unknown-field,
        front-without-field, front-side-asked, same-front: Anki would refuse the note type.
    """
    cards = context[CARDS]
    types = {one.name: one for one in note_types}
    faults = [*_unfit(cards, types)]
    if faults:
        return context.fail("these cards cannot be put", problems=faults)
    used = tuple(types[name] for name in dict.fromkeys(card.note_type for card in cards))
    images, sounds = context.get(IMAGES, FrozenMap()), context.get(SOUNDS, FrozenMap())
    files = media_of(cards, images, sounds)
    there, earlier = anki_provider.read(), context.get(SYNC, SyncRecord())
    # New fields that sync_templates has only planned would be there in earnest.
    fields_planned = dry_run and bool(earlier.note_types) and not earlier.withheld
    plan = planned(
        _notes(cards, types, deck, images, sounds),
        there,
        note_types=used,
        media=[file.name for file in files],
        protected=protected,
        conflicts=conflicts,
        schema_changes=fields_planned,
        recreate=recreate,
    )
    retired = _to_retire(plan, there, orphans)
    faults = [*unfit_types(used, plan.note_types)]
    if orphans == "delete":
        faults += miscounted(retired, delete)
    if faults and not dry_run:
        return context.fail("these cards cannot be put", problems=faults)
    problems = [*faults, *note_doubts(plan), *unseen_edits(plan, there)]
    problems += [one for one in homeless_texts(plan) if not _is_told(one, earlier)]
    done = _Done()
    if not dry_run:
        work = _Work(anki_provider, there, plan, files, retired, orphans, backup=backup)
        done = work.done()
        problems += not_kept(done.lost)
    record = _recorded(earlier, plan, retired, done, dry_run=dry_run)
    lines = (*note_lines(plan.notes), *retired_lines(retired, orphans)) if dry_run else ()
    return Success(
        context.put(SYNC, record).report(
            _message(record), problems=problems, counts=_counts(record), planned=lines
        )
    )


def _notes(
    cards: tuple[Card, ...],
    types: Mapping[str, NoteType],
    deck: str,
    images: Mapping[str, MediaFile],
    sounds: Mapping[str, MediaFile],
) -> dict[str, Note]:
    return {
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


@attrs.frozen
class _Done:
    """What came of the work."""

    lost: tuple[tuple[str, str], ...] = ()
    backup: str = ""


@attrs.frozen
class _Work:
    """What a sync does once it is planned, in an order in which it may be killed anywhere."""

    anki: AnkiProvider
    there: AnkiState
    plan: SyncPlan
    files: tuple[MediaFile, ...]
    retired: tuple[Note, ...]
    orphans: Orphans
    backup: bool = attrs.field(kw_only=True)

    def done(self) -> _Done:
        """Do it all, read it back, and let the provider remember what is there."""
        anki, plan, types = self.anki, self.plan, self.types
        changes = bool(self.retired or plan.media or plan.changed)
        changes |= any(one.kind is Kind.CREATE for one in types)
        backup = anki.backup() if changes and self.backup else ""
        if types:
            anki.put_note_types(tuple(one.note_type for one in types))
        anki.put_media(self.files)
        anki.put_notes(plan.to_put)
        if self.retired and self.orphans != "leave":
            anki.retire(tuple(note.guid for note in self.retired), self.orphans)
        lost = tuple(lost_in(plan, anki.read())) if plan.changed else ()
        known = self.known({card for card, _ in lost})
        new = tuple(one.wanted for one in types if one.kind is Kind.CREATE)
        if known or new:
            anki.remember(known, new)
        return _Done(lost, backup)

    @property
    def types(self) -> tuple[TypeChange, ...]:
        """A package holds what is put in one run; in a collection only what is missing is put."""
        every = self.plan.note_types
        return every if self.there.is_package else tuple(t for t in every if t.kind is Kind.CREATE)

    def known(self, without: set[str]) -> tuple[Note, ...]:
        """Give what was wanted of the notes that are there, where it is not remembered yet."""
        pushed = self.there.pushed
        return tuple(
            one.wanted
            for one in self.plan.notes
            if one.kind is not Kind.GONE
            and one.card not in without
            and pushed.get(one.wanted.guid) != one.wanted
        )


def _to_retire(plan: SyncPlan, there: AnkiState, orphans: Orphans) -> tuple[Note, ...]:
    """Give the notes to retire; those that were tagged so before are left."""
    if orphans == "leave" or there.is_package:
        return ()
    every = orphans == "delete"
    return tuple(note for note in plan.orphans if every or RETIRED_TAG not in note.tags)


def _is_told(problem: Problem, earlier: SyncRecord) -> bool:
    """Tell whether sync_templates has asked for consent to what is missing."""
    return any(problem.where.startswith(f"note_types[{name}]") for name in earlier.withheld)


def _recorded(
    earlier: SyncRecord, plan: SyncPlan, retired: tuple[Note, ...], done: _Done, *, dry_run: bool
) -> SyncRecord:
    return attrs.evolve(
        earlier,
        created=plan.cards(Kind.CREATE),
        updated=plan.cards(Kind.UPDATE),
        unchanged=len(plan.cards(Kind.UNCHANGED)),
        adopted=tuple(one.card for one in plan.notes if one.adopted),
        kept=plan.texts(Why.KEPT),
        conflicts=plan.texts(Why.CONFLICT),
        deleted=plan.cards(Kind.GONE),
        not_kept=tuple(".".join(filter(None, one)) for one in done.lost),
        orphans=tuple(map(name_of, plan.orphans)),
        retired=tuple(map(name_of, retired)),
        backup=done.backup or earlier.backup,
        dry_run=dry_run,
    )


def _counts(record: SyncRecord) -> dict[str, int]:
    more = {
        "adopted": len(record.adopted),
        "kept": len(record.kept),
        "conflicts": len(record.conflicts),
        "deleted": len(record.deleted),
        "orphans": len(record.orphans),
        "retired": len(record.retired),
        "not kept": len(record.not_kept),
    }
    return {
        "created": len(record.created),
        "updated": len(record.updated),
        "unchanged": record.unchanged,
        **{name: number for name, number in more.items() if number},
    }


def _message(record: SyncRecord) -> str:
    new, changed = len(record.created), len(record.updated)
    every = new + changed + record.unchanged + len(record.deleted)
    would = "would put" if record.dry_run else "put"
    parts = [f"{would} {new} new and {changed} changed of {every} notes"]
    if record.kept:
        parts.append(f"{counted(len(record.kept), 'edit')} of the learner's stay")
    if record.conflicts:
        parts.append(f"{counted(len(record.conflicts), 'field')} changed on both sides")
    if record.deleted:
        parts.append(f"{len(record.deleted)} that the learner deleted stay so")
    if record.orphans:
        parts.append(f"{len(record.orphans)} that no card wants")
    return "; ".join(parts)


def _unfit(cards: tuple[Card, ...], types: Mapping[str, NoteType]) -> Iterator[Problem]:
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
