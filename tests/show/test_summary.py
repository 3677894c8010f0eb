"""What a person is told of problems: a few lines, and nothing twice."""

from returns.result import Failure

from stages import SYNC, Context
from stages.core.problem import Problem
from stages.records.sync import SyncRecord
from stages.show.summary import MOST_SHOWN, listed, summary_of, why_failed


def problem(number: int, where: str = "meanings") -> Problem:
    """Give one of several different problems."""
    return Problem("odd", f"{where}[{number}]", f"it is odd in way {number}")


def test_a_dozen_problems_are_listed_and_the_rest_is_counted() -> None:
    """Never more lines than there is room for."""
    lines = list(listed(problem(number) for number in range(30)))

    assert len(lines) == MOST_SHOWN
    assert lines[-1] == "and 19 more like these"
    assert len(list(listed(problem(number) for number in range(MOST_SHOWN)))) == MOST_SHOWN


def test_words_with_the_same_problem_share_a_line() -> None:
    """All of them are named; a word with another problem has a line of its own."""
    same = [Problem("late", f"words[{word}]", "no answer", "ask again") for word in "abc"]
    other = Problem("late", "words[d]", "another reason", "ask again")

    assert list(listed([same[0], other, *same[1:]])) == [
        "words[a, b, c]: no answer (ask again)",
        "words[d]: another reason (ask again)",
    ]


def test_many_words_with_the_same_problem_are_counted() -> None:
    """A line has its limits too."""
    (line,) = listed(Problem("late", f"words[w{n}]", "no answer") for n in range(250))

    assert "w99 and 150 more]: no answer" in line


def test_a_failure_is_told_in_so_many_lines() -> None:
    """What its message says already is not said again, and only its hint is."""
    context = Context.of()
    one = Problem("full", "disk", "the disk is full", "free some space")
    outcome = context.fail("it stopped: the disk is full", problems=[one])
    many = context.fail("it stopped", problems=[problem(number) for number in range(9)])

    assert isinstance(outcome, Failure)
    assert list(why_failed(outcome.failure())) == ["free some space"]
    assert isinstance(many, Failure)
    assert list(why_failed(many.failure(), 3)) == [
        "meanings[0]: it is odd in way 0",
        "meanings[1]: it is odd in way 1",
        "and 7 more like these",
    ]


def test_edits_that_stay_are_told() -> None:
    """A package that was written over an export still has them when it is built again."""
    record = SyncRecord(unchanged=9, kept=tuple(f"c{number}.Usage" for number in range(5)))

    *_, counts, kept = summary_of(Context.of({SYNC: record})).made

    assert counts == "0 new, 0 changed, 9 unchanged since the deck was last written"
    assert kept == "5 edits of yours stay: c0.Usage, c1.Usage, c2.Usage, c3.Usage, …"
    assert len(summary_of(Context.of({SYNC: SyncRecord()})).made) == 3
