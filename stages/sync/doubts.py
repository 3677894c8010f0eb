"""What a person should know of a sync: what was overruled, what could not be put, what is at stake."""

from collections.abc import Iterable, Iterator

from stages.core.problem import Problem, Severity
from stages.core.wording import counted
from stages.records.collection import AnkiState
from stages.records.difference import short
from stages.records.merge import (
    Kind,
    NoteChange,
    SyncPlan,
    TextChange,
    TypeChange,
    Why,
    name_of,
)
from stages.records.note import Note, NoteType
from stages.records.template import note_type_problems

_MOST_NAMED = 5


def unfit_types(note_types: Iterable[NoteType], changes: Iterable[TypeChange]) -> Iterator[Problem]:
    """Say why note types cannot be put: Anki would refuse them, or somebody took them away."""
    for one in note_types:
        yield from note_type_problems(one)
    for change in changes:
        if change.kind is Kind.GONE:
            why = "it was put before and is not there: it was renamed or deleted by hand"
            cure = "give it this name again, or recreate=True makes it anew"
            yield Problem("note-type-gone", _place(change), why, cure)


def type_doubts(change: TypeChange) -> Iterator[Problem]:
    """Say what became of a note type that a person should know."""
    if change.kind is Kind.WITHHELD:
        new = (*change.fields_added, *change.templates_added)
        why = (
            f"{_named(new)} would be new in it, and Anki then asks to replace all that AnkiWeb has;"
            " it is left as it is"
        )
        if change.fields_theirs:
            why += f" (its field {_named(change.fields_theirs)} is not ours: was one renamed?)"
        cure = "sync your devices first; then schema_changes=True adds it"
        yield Problem("needs-consent", _place(change), why, cure)
    for text in change.texts:
        if text.why is Why.CONFLICT:
            why = f"both sides changed it since the last sync; {_winner(text)}"
            yield _warning("conflict", f"{_place(change)}.{text.name}", why, _cure(text))
    replaced = tuple(text.name for text in change.texts if text.is_put)
    if change.adopted and replaced:
        why = f"{_named(replaced)} differed, and nobody knows whose it was; ours replaces it"
        yield _warning("replaced", _place(change), why, "dry_run=True shows the difference")


def note_doubts(plan: SyncPlan) -> Iterator[Problem]:
    """Say what became of notes that a person should know."""
    for change in plan.notes:
        yield from _note_doubts(change)


def homeless_texts(plan: SyncPlan) -> Iterator[Problem]:
    """Name the fields with texts that their note type does not have there."""
    first: dict[tuple[str, str], str] = {}
    for change in plan.notes:
        for field in change.left_out:
            first.setdefault((change.note.note_type, field), change.card)
    theirs = {one.name: one.fields_theirs for one in plan.note_types}
    for (name, field), card in first.items():
        why = f"there is no such field there, so what {card} says in it is put nowhere"
        if theirs.get(name):
            why += f" ({_named(theirs[name])} is not ours: was it renamed?)"
        cure = "give the field this name again, or let sync_templates add it"
        yield Problem("no-such-field", f"note_types[{name}].{field}", why, cure)


def unseen_edits(plan: SyncPlan, there: AnkiState) -> Iterator[Problem]:
    """Say that a package cannot know what a learner edited in the notes that changed."""
    changed = plan.cards(Kind.UPDATE)
    if changed and not there.sees_edits:
        why = (
            f"importing it replaces what a learner edited in the {counted(len(changed), 'note')}"
            f" that changed: {_named(changed)}; fields of their own are emptied there, unless an"
            " export showed them before; edits of all others stay"
        )
        cure = "give it the deck as exported from Anki, and edits are merged"
        yield _warning("edits-unseen", there.where or "sync", why, cure)


def miscounted(doomed: tuple[Note, ...], delete: int) -> Iterator[Problem]:
    """Say that other than so many notes would be deleted."""
    number = len(doomed)
    if number != delete:
        why = f"{counted(number, 'note')} would be deleted, with all that was learnt of them"
        names = _named(tuple(map(name_of, doomed)))
        cure = f"delete={number} deletes {names}" if doomed else "delete=0: there is none"
        yield Problem("wrong-count", "orphans", why, cure)


def not_kept(lost: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Say what was put and was not there when it was read back."""
    for card, field in lost:
        where = f"cards[{card}].{field}" if field else f"cards[{card}]"
        why = "it was put, and when it was read back it was not there"
        yield Problem("not-kept", where, why, "close the note in Anki's browser, and sync again")


def _note_doubts(change: NoteChange) -> Iterator[Problem]:
    where = f"cards[{change.card}]"
    for text in change.fields:
        if text.why is Why.CONFLICT:
            there, ours = short(text.there, text.ours), short(text.ours, text.there)
            why = f"it says {there} there and {ours} here, both changed; {_winner(text)}"
            yield _warning("conflict", f"{where}.{text.name}", why, _cure(text))
    replaced = tuple(text.name for text in change.fields if text.is_put)
    if change.adopted and replaced:
        why = f"it was there already and said something else; ours replaces {_named(replaced)}"
        yield _warning("replaced", where, why, "dry_run=True shows the difference")
    if change.returns:
        why = "it was retired and is wanted again"
        yield _warning("returned", where, why, "unsuspend its cards, if they were suspended")


def _winner(text: TextChange) -> str:
    return "ours replaces it" if text.is_put else "the learner's stays"


def _cure(text: TextChange) -> str:
    if text.is_put:
        return ""
    return "edit it in Anki if ours is right; the next time conflicts='ours' lets ours win"


def _place(change: TypeChange) -> str:
    return f"note_types[{change.name}]"


def _warning(code: str, where: str, why: str, hint: str) -> Problem:
    return Problem(code, where, why, hint, Severity.WARNING)


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
