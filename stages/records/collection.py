"""What a sync sees: the state of an Anki collection or of a package."""

import attrs

from stages.core.frozen import FrozenMap
from stages.records.note import Note, NoteType

RETIRED_TAG = "stages-retired"
"""What a note is tagged with that no card wants any more; it goes when a card wants it again."""


@attrs.frozen(kw_only=True)
class AnkiState:
    """
    What a collection or a package holds, as far as our note types go.

    Attributes:
        note_types: By name; with the fields and templates that a learner added.
        media: The names of the files.
        notes: By guid, in the order in which new cards are shown.
        pushed: By guid, what was wanted of each note when it was last put: what differs from it in
            `notes` is the learner's edit, what differs from it in ours is our own.
        pushed_types: By name, what was wanted of each note type when it was last put.
        where: What is read, for people: "the profile 'User 1' of Anki", "deck.apkg".
        is_package: Whether it holds just what we put. In a collection fields and templates stay
            that we have no more, and new ones need consent, since Anki then replaces all that
            AnkiWeb has.
        sees_edits: Whether `notes` is what a learner has, so that a note which was put and is gone
            was deleted; a package alone never sees it.
    """

    note_types: FrozenMap[str, NoteType] = FrozenMap()
    media: frozenset[str] = frozenset()
    notes: FrozenMap[str, Note] = FrozenMap()
    pushed: FrozenMap[str, Note] = FrozenMap()
    pushed_types: FrozenMap[str, NoteType] = FrozenMap()
    where: str = attrs.field(default="", eq=False)
    is_package: bool = False
    sees_edits: bool = True
