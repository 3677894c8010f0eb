"""Which sounds differ between two words."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Literal, TypeAlias

Step: TypeAlias = tuple[Literal["change", "drop", "add"], int, int]
"""What was done to the first word, and where in it and in the second."""

WHOLE = 1.0
"""What it costs to leave a sound out or to put one in."""

_LONGEST = 200


def steps(expected: str, got: str, cost: Callable[[str, str], float]) -> list[Step]:
    """
    Give the cheapest way from one word to another, in order; nothing where they are alike.

    >>> steps("pero", "perro", lambda one, other: one != other)
    [('add', 3, 3)]
    """
    start, end = 0, 0
    least = min(len(expected), len(got))
    while start < least and expected[start] == got[start]:
        start += 1
    while end < least - start and expected[-1 - end] == got[-1 - end]:
        end += 1
    one, other = expected[start : len(expected) - end], got[start : len(got) - end]
    if max(len(one), len(other)) > _LONGEST:
        found = _side_by_side(one, other)
    else:
        found = _back(_table(one, other, cost), one, other, cost)
    return [(op, start + here, start + there) for op, here, there in found]


def _table(one: str, other: str, cost: Callable[[str, str], float]) -> list[list[float]]:
    """Give what it costs to come from each beginning of one word to each of the other."""
    table = [[float(column) for column in range(len(other) + 1)]]
    for row, expected in enumerate(one, 1):
        above, line = table[-1], [float(row)]
        for column, got in enumerate(other):
            change = above[column] + cost(expected, got)
            line.append(min(change, above[column + 1] + WHOLE, line[column] + WHOLE))
        table.append(line)
    return table


def _back(
    table: list[list[float]], one: str, other: str, cost: Callable[[str, str], float]
) -> list[Step]:
    """Give the cheapest way, found from its end."""
    found: list[Step] = []
    row, column = len(one), len(other)
    while row or column:
        here = table[row][column]
        change = cost(one[row - 1], other[column - 1]) if row and column else WHOLE
        if row and column and here == table[row - 1][column - 1] + change:
            row, column = row - 1, column - 1
            if change:
                found.append(("change", row, column))
        elif row and here == table[row - 1][column] + WHOLE:
            row -= 1
            found.append(("drop", row, column))
        else:
            column -= 1
            found.append(("add", row, column))
    return found[::-1]


def _side_by_side(one: str, other: str) -> list[Step]:
    """Give a way, not the cheapest, for what is too long to be a word."""
    found: list[Step] = []
    for place, (expected, got) in enumerate(zip_longest(one, other)):
        if got is None:
            found.append(("drop", place, len(other)))
        elif expected is None:
            found.append(("add", len(one), place))
        elif expected != got:
            found.append(("change", place, place))
    return found
