"""What a sync would do, and what it did."""

from collections.abc import Mapping
from operator import attrgetter

import attrs
import toolz

from stages.core.frozen import FrozenMap
from stages.records.card import Card
from stages.records.media import MediaFile
from stages.records.note import Note, laid_over


@attrs.frozen(kw_only=True)
class SyncRecord:
    """
    What the sync stages found to do, by name; with a dry run nothing of it was done.

    Attributes:
        note_types: Names of those that were new or differed.
        media: Names of files that were not there.
        created: Card ids of notes that were not there.
        updated: Card ids of notes that differed.
        unchanged: How many notes were there just so.
        extra: How many notes are there that are not among the cards.
        dry_run: Whether it is only a plan.
    """

    note_types: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: int = 0
    extra: int = 0
    dry_run: bool = False


def media_of(
    cards: tuple[Card, ...], images: Mapping[str, MediaFile], sounds: Mapping[str, MediaFile]
) -> tuple[MediaFile, ...]:
    """Give each file that the cards refer to, by name; of two records of one name, the first."""
    pictures = (images[card.id] for card in cards if card.id in images)
    texts = (text for card in cards for text in (card.word, card.example or card.word))
    spoken = [sounds[text] for text in texts if text in sounds]
    further = (
        MediaFile(name=one.name, size=one.size, provider=file.provider, credit=one.credit)
        for file in spoken
        for one in file.others
    )
    name = attrgetter("name")
    return tuple(sorted(toolz.unique((*pictures, *spoken, *further), key=name), key=name))


def differences(
    there: FrozenMap[str, Note], notes: Mapping[str, Note]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Name the notes, given by card id, that are not there and those that differ.

    A note differs if its fields do, or if the one that is there lacks a tag of it: another deck and
    more tags may be the learner's own.
    """
    created = tuple(name for name, note in notes.items() if note.guid not in there)
    updated = tuple(
        name
        for name, note in notes.items()
        if note.guid in there and laid_over(there[note.guid], note) != there[note.guid]
    )
    return created, updated
