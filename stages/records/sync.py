"""What a sync would do, and what it did."""

from collections.abc import Mapping
from operator import attrgetter

import attrs
import toolz

from stages.records.card import Card
from stages.records.media import MediaFile


@attrs.frozen(kw_only=True)
class SyncRecord:
    """
    What the sync stages found to do, by name; with a dry run nothing of it was done.

    Attributes:
        note_types: Names of those that were new or differed.
        withheld: Names of those that were left, since nobody consented to new fields or templates.
        media: Names of files that were not there.
        created: Card ids of notes that were not there.
        updated: Card ids of notes that differed.
        unchanged: How many notes were there just so, or as the learner wants them.
        adopted: Card ids of notes that were there though nobody knew of having put them.
        kept: The learner's edits that stay, such as "casa_home.Definition".
        conflicts: What both sides changed, named alike.
        deleted: Card ids of notes that the learner deleted, and that stay so.
        not_kept: What was put and is not there, named alike; or card ids of whole notes.
        orphans: Notes that are there and not among the cards, by card id or guid.
        retired: Those of them that were tagged, suspended or deleted.
        backup: Where what was there before lies; empty where nothing could be lost.
        dry_run: Whether it is only a plan.
    """

    note_types: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: int = 0
    adopted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    backup: str = ""
    dry_run: bool = False

    @property
    def extra(self) -> int:
        """How many notes are there that are not among the cards."""
        return len(self.orphans)


def media_of(
    cards: tuple[Card, ...], images: Mapping[str, MediaFile], sounds: Mapping[str, MediaFile]
) -> tuple[MediaFile, ...]:
    """Give each file that the cards refer to, by name; of two records of one name, the first."""
    pictures = (images[card.id] for card in cards if card.id in images)
    texts = (text for card in cards for text in (card.word, card.example or card.word))
    spoken = [sounds[text] for text in texts if text in sounds]
    further = (one for file in spoken for one in file.further)
    name = attrgetter("name")
    return tuple(sorted(toolz.unique((*pictures, *spoken, *further), key=name), key=name))
