"""What checks found, as a person reads it: the worst first, what is alike told once."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, TypeAlias

import attrs
from returns.result import Failure, Result
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from stages.core.context import Context
from stages.core.outcome import Outcome, Report, StageFailure
from stages.core.problem import Problem, Severity
from stages.core.wording import counted

_MOST_NAMED = 3
"""So many places of one kind are named; the rest is counted."""

_LONGEST = 200
_LONGEST_PLACE = 60
"""A sentence, and a place, are cut at so many characters: a file may hold anything."""

_KIND, _PLACE = 18, 32
"""So wide at most are the columns of kinds and of places."""

_ROOMY = 72
"""In a terminal with fewer columns than this each kind of problem is a block of lines."""

_CLEAN = "Nothing is wrong."

Found: TypeAlias = Outcome | Context | StageFailure | Report | Problem
"""What may have problems in it."""


def findings(found: Found | Iterable[Found]) -> "Findings":
    """
    Gather the problems of an outcome, a context, a failure, reports, or problems; each once.

    >>> late = [Problem("late", f"words[{word}]", "it came late") for word in ("casa", "perro")]
    >>> odd = Problem("odd", "words[mano]", "it is odd", "look at it", severity=Severity.WARNING)
    >>> print(findings([odd, *late]))
    2 errors   words[casa]   it came late
    late       words[perro]
    <BLANKLINE>
    1 warning  words[mano]   it is odd
    odd                      → look at it
    """
    return Findings(tuple(dict.fromkeys(_problems(found))))


@attrs.frozen
class Group:
    """
    Problems that are alike.

    Attributes:
        code: What they are.
        severity: How bad they are.
        problems: In the order in which they were found.
    """

    code: str
    severity: Severity
    problems: tuple[Problem, ...]

    @property
    def number(self) -> str:
        """Say how many there are."""
        return counted(len(self.problems), str(self.severity))

    @property
    def places(self) -> tuple[str, ...]:
        """Say where the first of them are, and how many more there are."""
        every = tuple(dict.fromkeys(one.where for one in self.problems if one.where))
        shown = every if len(every) <= _MOST_NAMED + 1 else every[:_MOST_NAMED]
        more = len(every) - len(shown)
        return (
            *(_seen(one, _LONGEST_PLACE) for one in shown),
            *([f"and {more} more"] * (more > 0)),
        )

    @property
    def why(self) -> str:
        """Say why, of the first where the others have other reasons."""
        why = _seen(self.problems[0].why)
        return why if len({one.why for one in self.problems}) == 1 else f"e.g. {why}"

    @property
    def hint(self) -> str:
        """Say what to do about the first; empty where nobody knows."""
        return _seen(self.problems[0].hint)


@attrs.frozen
class Findings:
    """
    What checks found.

    It prints as a table of the terminal's width, shows itself in a notebook, and is told to programs
    by `to_json`.

    Attributes:
        problems: In the order in which they were found.
    """

    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> int:
        """How many problems spoil their item."""
        return sum(one.severity is Severity.ERROR for one in self.problems)

    @property
    def warnings(self) -> int:
        """How many problems are only worth a look."""
        return len(self.problems) - self.errors

    @property
    def groups(self) -> tuple[Group, ...]:
        """What is alike together: errors before warnings, then the most numerous first."""
        alike: dict[tuple[Severity, str], list[Problem]] = {}
        for one in self.problems:
            alike.setdefault((one.severity, one.code), []).append(one)
        groups = (Group(code, severity, tuple(some)) for (severity, code), some in alike.items())
        return tuple(
            sorted(groups, key=lambda one: (one.severity is Severity.WARNING, -len(one.problems)))
        )

    @property
    def summary(self) -> str:
        """
        Say how many there are, in a few words.

        >>> findings([]).summary, findings([Problem("odd", "", "it is odd")]).summary
        ('0 errors, 0 warnings', '1 error, 0 warnings')
        """
        return f"{counted(self.errors, 'error')}, {counted(self.warnings, 'warning')}"

    def to_saved(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "errors": self.errors,
            "warnings": self.warnings,
            "problems": [attrs.asdict(one) for one in self.problems],
        }

    def to_json(self, **about: object) -> str:
        """Give them as one JSON document, after what else is to be said of them."""
        return json.dumps({**about, **self.to_saved()}, ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        console = Console(width=80, color_system=None, legacy_windows=False)
        with console.capture() as told:
            console.print(self)
        return "\n".join(line.rstrip() for line in told.get().splitlines())

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        if not self.problems:
            yield Text(_CLEAN)
        elif options.max_width >= _ROOMY:
            yield self._table(options.max_width)
        else:
            yield from self._blocks()

    def _table(self, width: int) -> Table:
        groups = self.groups
        places = [Text("\n".join(map(_folded, one.places)), "dim") for one in groups]
        kinds = [
            Text.assemble((one.number, _STYLES[one.severity]), f"\n{one.code}") for one in groups
        ]
        left = min(max(map(_wide, kinds)), _KIND)
        middle = min(max(map(_wide, places)), _PLACE)
        table = Table.grid(padding=(0, 2, 0, 0))
        for column in (left, middle, width - left - middle - 4):
            table.add_column(overflow="fold", width=column)
        for number, (group, kind, place) in enumerate(zip(groups, kinds, places, strict=True)):
            if number:
                table.add_row()
            table.add_row(kind, place, _reason(group))
        return table

    def _blocks(self) -> Iterator[Text | Padding]:
        for number, group in enumerate(self.groups):
            if number:
                yield Text()
            yield Text.assemble((f"{group.number}, {group.code}:", _STYLES[group.severity]))
            yield Padding(Text(", ".join(group.places), "dim"), (0, 0, 0, 2))
            yield Padding(_reason(group), (0, 0, 0, 2))

    def _repr_html_(self) -> str:
        if not self.problems:
            return f"<p>{_CLEAN}</p>"
        rows = "".join(map(_row, self.groups))
        style = "border-collapse: collapse; margin: .5em 0; color: inherit"
        return f'<table style="{style}"><tbody>{rows}</tbody></table>'


_STYLES = {Severity.ERROR: Style(color="red", bold=True), Severity.WARNING: Style(color="yellow")}

_BADGES = {Severity.ERROR: "#b3261e", Severity.WARNING: "#7a5200"}
"""White stands out from these, and they stand out from a light page and a dark one."""


def _problems(found: Found | Iterable[Found]) -> Iterator[Problem]:
    match found:
        case Problem():
            yield found
        case Report():
            yield from found.problems
        case Context():
            yield from _problems(found.reports)
        case StageFailure():
            yield from _problems((*found.context.reports, found.report))
        case Result():
            yield from _problems(found.failure() if isinstance(found, Failure) else found.unwrap())
        case _:
            for one in found:
                yield from _problems(one)


def _seen(text: str, most: int = _LONGEST) -> str:
    r"""
    Give a text so that all of it is seen and none of it does anything, in so many characters.

    >>> _seen("ca\u200bsa\x1b[31m")
    'ca\\u200bsa\\x1b[31m'
    """
    if not text.isprintable():
        text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return text if len(text) <= most else f"{text[: most // 2]}…{text[1 - most // 2 :]}"


def _wide(text: Text) -> int:
    return max(map(cell_len, text.plain.split("\n")))


def _folded(place: str) -> str:
    r"""
    Give a path on two lines where it does not fit on one, the last part on the second.

    >>> _folded("words.tener que.meanings[1].ExampleSentence")
    'words.tener que.meanings[1]\n  .ExampleSentence'
    """
    head, dot, field = place.rpartition(".")
    parted = len(place) > _PLACE and head and "]" not in field  # a name in brackets is one
    return f"{head}\n  {dot}{field}" if parted else place


def _reason(group: Group) -> Text:
    cure = (f"\n→ {group.hint}", "italic") if group.hint else ""
    return Text.assemble(group.why, cure)


def _row(group: Group) -> str:
    badge = (
        f'<span style="background: {_BADGES[group.severity]}; color: #fff; border-radius: 3px;'
        f' padding: 1px 6px; white-space: nowrap">{group.number}</span>'
    )
    cure = f"<br><em>→ {escape(group.hint)}</em>" if group.hint else ""
    places = "<br>".join(map(escape, group.places))
    cells = (
        badge,
        f"<strong>{escape(group.code)}</strong>",
        f'<span style="opacity: .75">{places}</span>',
        f"{escape(group.why)}{cure}",
    )
    told = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{told}</tr>"


_CELL = (
    "text-align: left; vertical-align: top; padding: 4px 12px 4px 0; background: transparent;"
    " border-top: 1px solid rgba(128, 128, 128, .4); overflow-wrap: anywhere"
)
