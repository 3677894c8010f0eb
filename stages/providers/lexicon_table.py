"""Lexicons as tables: CSV and its like, from a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator

import attrs

from stages.core.frozen import FrozenMap
from stages.core.wording import nearest
from stages.records.entry import tidied
from stages.records.meaning import GAP, Meaning, gapped_form, hiding
from stages.records.pronunciation import pronounced
from stages.records.word import unaccented

TABLES = (".csv", ".tsv", ".tab", ".txt")
"""How the names of such files end."""

_COLUMNS = FrozenMap(
    {
        **{one.name: one.name for one in attrs.fields(Meaning) if one.name != "card"},
        "spanishword": "word",
        "meaningid": "id",
        "meaningcontext": "context",
        "monolingualdef": "definition",
        "examplesentence": "example",
        "gappedsentence": "gapped",
        "usagenote": "note",
    }
)
"""The columns of a table in small letters, ours and the earlier system's, with what they hold."""

_REQUIRED = ("word", "definition", "example")


def senses_in(text: str, language: str) -> tuple[str, dict[str, tuple[Meaning, ...]]]:
    """
    Give the language of a table, and the meanings in it by word.

    Args:
        text: The table; its first row names the columns.
        language: Where the table does not say it.

    Raises:
        ValueError: It is no such table; every fault is named with its line.
    """
    faults: list[str] = []
    rows = list(_rows(text, faults))
    own = {one: line for line, row in reversed(rows) if (one := row.pop("language", ""))}
    if len(own) > 1:
        told = ", ".join(f"{one!r} in line {line}" for one, line in own.items())
        faults.append(f"it has two languages: {told}")
    language = next(iter(own), language)
    given: dict[str, set[str]] = {}
    for _, row in rows:
        row["id"] = _slug(row.get("id", ""))
        given.setdefault(row["word"], set()).add(row["id"])
    known: dict[str, dict[str, Meaning]] = {}
    for line, row in rows:
        word, gapped = row["word"], _gapped(row)
        senses = known.setdefault(word, {})
        name = row["id"] or _name(row.get("context", ""), len(senses) + 1, {*given[word], *senses})
        if name in senses:
            faults.append(f"line {line}: {word!r} has a meaning {name!r} already")
        if not gapped:
            why = "gapped does not fit the example" if "gapped" in row else "gapped is missing"
            cure = f"write the example with {GAP} for the form of {word!r}"
            faults.append(f"line {line}: {why}: {cure}")
        by_rule = {"context": _opening(row["definition"]), "ipa": pronounced(word, language)}
        filled = {**by_rule, **row, "id": name, "gapped": gapped}
        senses[name] = Meaning(**filled, language=language)
    if faults or not known:
        raise ValueError("; ".join(faults) or "no meaning is in it")
    return language, {word: tuple(senses.values()) for word, senses in known.items()}


def _rows(text: str, faults: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row that has all it needs: the number of its first line, its cells by column."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in table:
            start, line = line, table.line_num + 1
            row = [tidied(cell) for cell in cells]
            if not any(row):
                continue
            if not columns:
                columns = _columns(row, start, faults)
                continue
            if any(row[len(columns) :]):
                faults.append(f"line {start}: it has more cells than the first row has names")
            named = {name: cell for name, cell in zip(columns, row, strict=False) if name and cell}
            missing = [name for name in _REQUIRED if name not in named]
            faults += [f"line {start}: {name} is missing" for name in missing if name in columns]
            if not missing:
                yield start, named
    except csv.Error as error:
        faults.append(f"line {line}: {error}")


def _columns(names: list[str], line: int, faults: list[str]) -> list[str]:
    """Give what each column holds, nothing for one that has no name."""
    columns = [_COLUMNS.get(name.casefold(), "") for name in names]
    for name, column in zip(names, columns, strict=True):
        if name and not column:
            near = nearest(name.casefold(), _COLUMNS)
            faults.append(f"line {line}: nobody reads a column {name!r}{near and ', ' + near}")
    twice = sorted({one for one in columns if one and columns.count(one) > 1})
    faults += [f"line {line}: two columns hold {one}" for one in twice]
    faults += [f"line {line}: no column {one!r}" for one in _REQUIRED if one not in columns]
    return columns


def _delimiter(text: str) -> str:
    """
    Give what parts the cells: a comma, a semicolon (Excel in most of Europe) or a tab.

    >>> _delimiter('"SpanishWord";"MonolingualDef"')
    ';'
    """
    head = next(filter(str.strip, text.splitlines()), "")

    def known(mark: str) -> int:
        return sum(cell.strip(' "').casefold() in _COLUMNS for cell in head.split(mark))

    return max(",;\t", key=known)


def _opening(definition: str) -> str:
    """Give the first words of a definition: what tells a sense from others where nobody says it."""
    return " ".join(definition.split()[:_FEW])


_FEW = 3


def _name(context: str, number: int, taken: set[str]) -> str:
    """
    Name a meaning that has no id of its own: for its context, else by its number.

    >>> _name("lugar, público", 1, set()), _name("", 2, set()), _name("lugar", 2, {"lugar"})
    ('lugar_publico', 'sense_2', 'lugar_2')
    """
    stem = _slug(unaccented(context))
    name = stem or f"sense_{number}"
    while name in taken:
        number, name = number + 1, f"{stem or 'sense'}_{number}"
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^\w-]+", "_", text).strip("_")


def _gapped(row: dict[str, str]) -> str:
    """Give the gapped sentence that a row gives or its example has; empty where that fits not."""
    given = re.sub(r"_{2,}", GAP, row.get("gapped", ""))
    gapped = given or hiding(row["word"], row["example"])
    return gapped if gapped_form(row["example"], gapped) else ""
