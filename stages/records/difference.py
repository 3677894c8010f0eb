"""What a sync would change, line by line, for a person to read."""

import difflib
from collections.abc import Iterable, Iterator

from stages.core.wording import counted
from stages.records.merge import Kind, NoteChange, TextChange, TypeChange, Why, name_of
from stages.records.note import CSS, Note

_LONGEST = 72
_AROUND = 16
_SMALL = 60

_STAYS = {
    Why.KEPT: "the learner's edit stays",
    Why.CONFLICT: "both were changed, and the learner's stays",
    Why.PROTECTED: "protected, so it stays",
}
_TOLD = {Kind.CREATE: "new note", Kind.UPDATE: "changed note", Kind.UNCHANGED: "note"}


def note_lines(changes: Iterable[NoteChange]) -> Iterator[str]:
    """Give a line for each note that is new or changed or in conflict, and for what differs in it."""
    for one in changes:
        if one.kind in (Kind.CREATE, Kind.UPDATE) or _in_conflict(one.fields):
            adopted = " (there already)" if one.adopted and one.kind is Kind.UPDATE else ""
            yield f"{_TOLD[one.kind]} {one.card}{adopted}"
            yield from (f"  {_text_line(field)}" for field in one.fields)
            tags = [f"+{tag}" for tag in one.tags_added] + [f"-{tag}" for tag in one.tags_removed]
            if tags:
                yield f"  Tags: {' '.join(tags)}"


def retired_lines(retired: Iterable[Note], how: str) -> Iterator[str]:
    """Give a line for each note that no card wants and that would be tagged or more."""
    yield from (f"{how} note {name_of(one)}" for one in retired)


def type_lines(changes: Iterable[TypeChange]) -> Iterator[str]:
    """Give a line for each note type that is new or changed, and its fields, sides and look."""
    for one in changes:
        if one.kind is Kind.UNCHANGED and not _in_conflict(one.texts):
            continue
        told = " needs consent" if one.kind is Kind.WITHHELD else ""
        yield f"note type {one.name}{told}"
        yield from (f"  new field {name}" for name in one.fields_added)
        yield from (f"  new template {name}" for name in one.templates_added)
        for text in one.texts:
            yield from (f"  {line}" for line in _side_lines(text))


def short(text: str, other: str = "") -> str:
    """
    Give a text in quotes; of a long one, what is around its difference from another.

    >>> short("casa")
    '"casa"'
    >>> short("x" * 60 + "abc" + "y" * 60, "x" * 60 + "d" + "y" * 60)
    '"…xxxxxxxxxxxxxxxxabcyyyyyyyyyyyyyyyy…"'
    """
    text, other = (" ".join(one.split()) for one in (text, other))
    if len(text) <= _SMALL:
        return f'"{text}"'
    most = min(len(text), len(other))
    start = next((n for n in range(most) if text[n] != other[n]), most)
    left = most - start
    same = next((n for n in range(left) if text[-1 - n] != other[-1 - n]), left)
    begin = max(0, start - _AROUND)
    end = min(len(text), max(len(text) - same, start) + _AROUND, begin + _LONGEST)
    return f'"{"…" if begin else ""}{text[begin:end]}{"…" if end < len(text) else ""}"'


def _in_conflict(texts: Iterable[TextChange]) -> bool:
    return any(one.why is Why.CONFLICT for one in texts)


def _text_line(text: TextChange) -> str:
    there, ours = short(text.there, text.ours), short(text.ours, text.there)
    if text.is_put:
        return f"{text.name}: {there} → {ours}"
    why = "nothing of ours, so it stays" if not text.ours else _STAYS[text.why]
    return f"{text.name}: {there} ({why}; ours: {ours})"


def _side_lines(text: TextChange) -> Iterator[str]:
    name = "look" if text.name == CSS else text.name
    if not text.is_put:
        yield f"{name}: {_STAYS[text.why]}"
        return
    there, ours = text.there.splitlines(), text.ours.splitlines()
    _, _, *changed = [*difflib.unified_diff(there, ours, n=0, lineterm="")] or ["", ""]
    lines = [line for line in changed if not line.startswith("@@")]
    yield (
        f"{name}: {counted(len(lines), 'line')} changed" if lines else f"{name}: line ends changed"
    )
    yield from (f"  {line}" for line in lines)
