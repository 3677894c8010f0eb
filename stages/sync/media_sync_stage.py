"""Pictures and sounds to Anki."""

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.providers.protocols import AnkiProvider
from stages.records.keys import CARDS, IMAGES, SOUNDS, SYNC
from stages.records.sync import SyncRecord, media_of


@stage(needs=[CARDS], uses=[IMAGES, SOUNDS], gives=[SYNC])
def sync_media(
    context: Context, *, anki_provider: AnkiProvider, backup: bool = True, dry_run: bool = False
) -> Outcome:
    """
    Put the pictures and sounds of the cards where they are missing.

    A file's name tells its content, so what is there by name is there just so.
    """
    images, sounds = context.get(IMAGES, FrozenMap()), context.get(SOUNDS, FrozenMap())
    files = media_of(context[CARDS], images, sounds)
    there = anki_provider.read().media
    missing = tuple(file.name for file in files if file.name not in there)
    record = context.get(SYNC, SyncRecord())
    if files and not dry_run:
        if missing and backup:
            record = attrs.evolve(record, backup=anki_provider.backup() or record.backup)
        anki_provider.put_media(files)
    record = attrs.evolve(record, media=missing, dry_run=dry_run)
    message = f"{'would put' if dry_run else 'put'} {len(missing)} of {len(files)} media files"
    planned = tuple(f"file {name}" for name in missing) if dry_run else ()
    return Success(context.put(SYNC, record).report(message, planned=planned))
