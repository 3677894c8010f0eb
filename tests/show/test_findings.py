"""What checks found, as a person sees it in a terminal, in a notebook, and as a program reads it."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from stages import Context, Problem, Report, Severity
from stages.show.findings import Findings, findings

SEVERITIES = st.sampled_from(Severity)
PROBLEMS = st.lists(
    st.builds(
        Problem,
        code=st.sampled_from(("late", "odd", "gone")),
        where=st.text(max_size=90),
        why=st.text(max_size=300),
        hint=st.text(max_size=20),
        severity=SEVERITIES,
    ),
    max_size=12,
)


def many(code: str, number: int, severity: Severity = Severity.ERROR) -> list[Problem]:
    """Give so many problems of a kind."""
    return [
        Problem(code, f"words[{n}]", f"it is {code} in way {n}", "", severity)
        for n in range(number)
    ]


def told(found: Findings, width: int) -> list[str]:
    """Give the lines in a terminal of so many columns."""
    console = Console(width=width, color_system=None)
    with console.capture() as shown:
        console.print(found)
    return shown.get().splitlines()


@given(PROBLEMS, st.sampled_from((20, 40, 72, 80, 120)))
def test_no_line_is_wider_than_the_terminal(problems: list[Problem], width: int) -> None:
    """Whatever stands in a file, and however narrow the window is."""
    lines = told(findings(problems), width)

    assert max(map(cell_len, lines)) <= width


@given(PROBLEMS)
def test_every_problem_is_in_one_group(problems: list[Problem]) -> None:
    """Nothing is lost or told twice; errors come before warnings, and many before few."""
    found = findings(problems)

    grouped = [problem for group in found.groups for problem in group.problems]
    order = [(one.severity is Severity.WARNING, -len(one.problems)) for one in found.groups]
    assert set(grouped) == set(problems)
    assert len(grouped) == len(set(problems)) == found.errors + found.warnings
    assert order == sorted(order)


@given(PROBLEMS)
def test_what_a_program_reads_is_all_of_it(problems: list[Problem]) -> None:
    """The JSON has every problem as it is, in its order."""
    saved = json.loads(findings(problems).to_json(file="a.json"))

    assert saved["file"] == "a.json"
    assert [Problem(**one) for one in saved["problems"]] == list(dict.fromkeys(problems))
    assert saved["errors"] + saved["warnings"] == len(saved["problems"])


@given(PROBLEMS)
def test_nothing_in_a_file_does_anything(problems: list[Problem]) -> None:
    """No control character reaches the terminal, and no tag of a file the notebook."""
    found = findings(problems)
    html = found._repr_html_()

    assert all(line.isprintable() for line in told(found, 80))
    assert set(re.findall(r"</?(\w+)", html)) <= {
        "table", "tbody", "tr", "td", "span", "strong", "em", "br", "p",
    }  # fmt: skip


def test_thousands_of_problems_stay_calm() -> None:
    """A few places are named, and the rest is counted."""
    found = findings([*many("late", 5000, Severity.WARNING), *many("odd", 4), *many("gone", 5)])

    assert [group.number for group in found.groups] == ["5 errors", "4 errors", "5000 warnings"]
    assert found.groups[0].places == ("words[0]", "words[1]", "words[2]", "and 2 more")
    assert found.groups[1].places == ("words[0]", "words[1]", "words[2]", "words[3]")
    assert found.groups[2].places[-1] == "and 4997 more"
    assert len(told(found, 80)) < 20


def test_the_reason_of_one_is_told_as_an_example() -> None:
    """Where all have the same, it is told as it is."""
    same = [Problem("late", f"words[{n}]", "it came late") for n in range(3)]

    assert findings(same).groups[0].why == "it came late"
    assert findings(many("odd", 3)).groups[0].why == "e.g. it is odd in way 0"


def test_a_clean_result_says_so_in_a_line() -> None:
    """In the terminal, as text, and in a notebook."""
    assert str(findings([])) == "Nothing is wrong."
    assert findings([])._repr_html_() == "<p>Nothing is wrong.</p>"
    assert findings([]).summary == "0 errors, 0 warnings"


def test_problems_come_from_outcomes_and_reports() -> None:
    """A success, a failure with the reports before it, a context, reports: each problem once."""
    odd, late = many("odd", 1, Severity.WARNING)[0], many("late", 1)[0]
    context = Context.of().report("looked", problems=[odd])
    failure = context.fail("it stopped", problems=[late, odd])

    assert findings(context) == findings(context.reports) == findings([odd])
    assert findings(failure) == findings(failure.failure()) == Findings((odd, late))
    assert findings([Report("look", problems=(late,)), odd]) == Findings((late, odd))


def test_a_narrow_terminal_has_blocks_of_lines() -> None:
    """Where three columns do not fit, each kind of problem is told below the other."""
    problem = Problem("odd", "words[casa]", "it is odd", "look at it", Severity.WARNING)
    late = Problem("late", "words[perro]", "it came late")

    assert [line.rstrip() for line in told(findings([problem]), 40)] == [
        "1 warning, odd:",
        "  words[casa]",
        "  it is odd",
        "  → look at it",
    ]
    assert [line.rstrip() for line in told(findings([problem, late]), 40)] == [
        "1 error, late:",
        "  words[perro]",
        "  it came late",
        "",
        "1 warning, odd:",
        "  words[casa]",
        "  it is odd",
        "  → look at it",
    ]


def test_the_name_of_a_file_is_not_parted_at_its_ending() -> None:
    """What stands in brackets is one name, however long it is."""
    name = "gato-car-jack-placeholder-43722bf5d7f04af2.png"
    problem = Problem("not-found", f"media[{name}]", "it is not there")

    assert "43722bf5d7f04af2.png]" in str(findings([problem]))
