"""What a sync would do or has done, calm and cut to a terminal, however many notes it has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from textwrap import TextWrapper

from stages.core.outcome import Report
from stages.core.wording import counted
from stages.records.sync import SyncRecord
from stages.show.plan import named

_WIDTH = 78
_MOST_CHANGED = 20
_MOST_LINES = 16
_MOST_NAMED = 5

_ALIKE = {
    "new": ("new note", "new notes"),
    "tag": ("note to tag", "notes to tag"),
    "suspend": ("note to suspend", "notes to suspend"),
    "delete": ("note to delete", "notes to delete"),
    "file": ("new picture or sound", "new pictures and sounds"),
}
"""What is told by its name alone, one and several of it."""


def sync_counts(record: SyncRecord, retired: str = "retired") -> Iterator[str]:
    """
    Tell what of notes, note types and media is new, changed or left, a fact a line.

    Args:
        record: What a sync found to do.
        retired: What became of the notes that it retired, such as "deleted".

    >>> for line in sync_counts(SyncRecord(created=("casa_home",), unchanged=2, orphans=("ojo_eye",))):
    ...     print(line)
    1 note new, 0 changed, 2 unchanged
    1 other note in this deck stays: ojo_eye
    """
    new, changed = len(record.created), len(record.updated)
    yield f"{counted(new, 'note')} new, {changed} changed, {record.unchanged} unchanged"
    put = [
        counted(len(names), one, several)
        for names, one, several in (
            (record.note_types, "note type", ""),
            (record.media, "picture or sound", "pictures and sounds"),
        )
        if names
    ]
    if put:
        yield f"{' and '.join(put)} {'to put' if record.dry_run else 'put'}"
    yield from _told(
        record.adopted, "note that was there is adopted", "notes that were there are adopted"
    )
    yield from _told(record.kept, "edit of yours stays", "edits of yours stay")
    yield from _told(
        record.conflicts, "field changed on both sides", "fields changed on both sides"
    )
    yield from _told(
        record.deleted, "note that you deleted stays so", "notes that you deleted stay so"
    )
    others = tuple(name for name in record.orphans if name not in set(record.retired))
    yield from _told(others, "other note in this deck stays", "other notes in this deck stay")
    retired = f"to be {retired}" if record.dry_run else retired
    yield from _told(record.retired, f"other note {retired}", f"other notes {retired}")


def sync_changes(reports: Iterable[Report], *, every: bool = False) -> Iterator[str]:
    """
    Tell what a dry run would change: what differs in each note and note type, and what is new.

    Args:
        reports: Of the sync stages.
        every: Tell all of it; else the first of what changes, and how much more there is.
    """
    lines = (line for report in reports for line in report.planned)
    together: defaultdict[str, list[str]] = defaultdict(list)
    changed: list[list[str]] = []
    for block in _blocks(lines):
        kind, _, name = block[0].partition(" note ")
        if kind in _ALIKE and name:
            together[kind].append(name)
        elif len(block) == 1 and block[0].startswith("file "):
            together["file"].append(block[0].removeprefix("file "))
        else:
            changed.append(block)
    shown = changed if every else changed[:_MOST_CHANGED]
    for block in shown:
        yield from _cut(block, every=every)
    if len(changed) > len(shown):
        yield f"and {counted(len(changed) - len(shown), 'more that changes', 'more that change')}"
    for what, names in together.items():
        several = f"{counted(len(names), *_ALIKE[what])}: "
        yield from (line.removeprefix("  ") for line in named(several, names, every=every))


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Give each line with those below it that are indented."""
    block: list[str] = []
    for line in lines:
        if block and not line.startswith(" "):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _cut(block: Sequence[str], *, every: bool) -> Iterator[str]:
    lines = block if every else [fitted for line in block for fitted in _fitted(line)]
    shown = lines if every or len(lines) <= _MOST_LINES else lines[: _MOST_LINES - 1]
    yield from shown
    if len(shown) < len(lines):
        yield f"  and {counted(len(lines) - len(shown), 'more line')}"


def _fitted(line: str) -> list[str]:
    """Break a line that says what comes of a text, and cut one of a side, which is code."""
    if len(line) <= _WIDTH:
        return [line]
    return [f"{line[: _WIDTH - 1]}…"] if line.startswith("    ") else _breaking.wrap(line)


def _told(names: Sequence[str], one: str, several: str) -> Iterator[str]:
    if names:
        more = f", … and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        some = f"{', '.join(names[:_MOST_NAMED])}{more}"
        yield from _wrapper.wrap(f"{counted(len(names), one, several)}: {some}")


_breaking = TextWrapper(_WIDTH, subsequent_indent="    ", break_on_hyphens=False)
_wrapper = TextWrapper(
    _WIDTH - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
)
