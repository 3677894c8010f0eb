"""What a sync sees and does: the state of an Anki collection, and a record of changes."""

import attrs

from stages.core.frozen import FrozenMap
from stages.records.note import Note, NoteType


@attrs.frozen(kw_only=True)
class AnkiState:
    """What a collection or a package holds, as far as our note types go."""

    note_types: FrozenMap[str, NoteType] = FrozenMap()
    media: frozenset[str] = frozenset()
    notes: FrozenMap[str, Note] = FrozenMap()
    """By guid, in the order in which new cards are shown."""
