"""What went wrong with one thing, as a value and as an exception."""

import pickle

import pytest
from hypothesis import given

from stages import Problem, Severity
from tests.core.strategies import problems
from tests.core.toys import Closed, Refusal


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        pytest.param(
            Problem("c", "words[3]", "it is blank"), "words[3]: it is blank", id="where, why"
        ),
        pytest.param(Problem("c", "", "it is blank"), "it is blank", id="nowhere in particular"),
        pytest.param(
            Problem("c", "words[3]", "it is blank", "leave it out"),
            "words[3]: it is blank (leave it out)",
            id="where, why, and the cure",
        ),
    ],
)
def test_problem_reads_as_a_sentence(problem: Problem, text: str) -> None:
    """A problem says what was found, where, and what to do."""
    assert str(problem) == text


def test_problem_is_an_error_where_nothing_is_said() -> None:
    """A problem spoils its item, unless it is a warning."""
    assert Problem("c", "w", "y").severity is Severity.ERROR


@given(problems)
def test_problem_is_a_plain_value(problem: Problem) -> None:
    """A problem compares by value, hashes, and survives pickling."""
    same = pickle.loads(pickle.dumps(problem))

    assert same == problem
    assert hash(same) == hash(problem)


def test_provider_error_becomes_a_problem() -> None:
    """What a provider raises is the problem of one item, with its code and its cure."""
    error = Refusal("no picture of that", "say it differently")

    assert error.at("cards[a]") == Problem(
        "refusal", "cards[a]", "no picture of that", "say it differently"
    )
    assert str(error) == "no picture of that"


def test_provider_error_says_how_far_it_reaches() -> None:
    """An error is for its item only, unless its class says that it stops the run."""
    assert not Refusal("no").stops_run
    assert Closed("no").stops_run


def test_provider_error_survives_pickling() -> None:
    """An error raised in another process arrives with all it says."""
    same = pickle.loads(pickle.dumps(Refusal("no", "cure")))

    assert type(same) is Refusal
    assert (same.why, same.hint) == ("no", "cure")
