"""Checks: a plain function from a value to its problems, made a stage."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Context, FrozenMap, Key, Problem, Severity, Status, validation_stage
from stages.core.registry import restored
from stages.testing import AWKWARD, check_stage
from tests.making import after, codes, failed, last

NAMES = Key("names", tuple[str, ...], "some names")
AGES = Key("ages", FrozenMap[str, int], "ages, by name")
LIMIT = Key("limit", int, "the highest age")


@attrs.frozen
class Pet:
    """Something with an id."""

    id: str
    legs: int = 4


PETS = Key("pets", tuple[Pet, ...], "pets")

with restored():

    @validation_stage(NAMES)
    def validate_names(names: tuple[str, ...], *, longest: int = 5) -> Iterator[Problem]:
        """Check that names are neither blank nor long."""
        for number, name in enumerate(names):
            if not name.strip():
                yield Problem("blank", f"names[{number}]", "it is blank")
            elif len(name) > longest:
                yield Problem("long", f"names[{number}]", "it is long", severity=Severity.WARNING)

    @validation_stage(AGES, uses=[LIMIT])
    def validate_ages(ages: FrozenMap[str, int], *, limit: int | None = None) -> Iterable[Problem]:
        """Check that ages are not above a limit, where there is one."""
        return [
            Problem("old", f"ages[{name}]", f"{age} is too much")
            for name, age in ages.items()
            if limit is not None and age > limit
        ]

    @validation_stage(PETS)
    def validate_pets(pets: tuple[Pet, ...]) -> Iterable[Problem]:
        """Check that pets have legs."""
        return [Problem("legless", f"pets[{p.id}].legs", "none") for p in pets if not p.legs]


def test_nothing_wrong_passes_and_changes_nothing() -> None:
    """A value without problems stays as it is, and the report says that it passed."""
    outcome = validate_names(Context.of(names=["Ana"]))
    assert after(outcome)[NAMES] == ("Ana",)
    assert last(outcome).message == "Validation passed"
    assert last(outcome).counts == {"errors": 0, "warnings": 0}


@pytest.mark.parametrize("on_problem", ["fail", "drop", "keep"])
def test_nothing_to_check_passes(on_problem: Literal["fail", "drop", "keep"]) -> None:
    """An empty value has no problems."""
    assert (
        last(validate_names(on_problem=on_problem)(Context.of(names=[]))).status is Status.SUCCESS
    )


def test_errors_fail_by_default_and_all_are_told() -> None:
    """Every error and warning is in the failure, and the value too."""
    failure = failed(validate_names(Context.of(names=["", "Anastasia", " "])))
    assert failure.message == "Validation failed: 2 errors"
    assert [p.where for p in failure.problems] == ["names[0]", "names[1]", "names[2]"]
    assert failure.context[NAMES] == ("", "Anastasia", " ")


def test_one_error_is_one_error() -> None:
    """The message counts in English."""
    assert failed(validate_names(Context.of(names=[""]))).message == "Validation failed: 1 error"


def test_warnings_neither_fail_nor_drop() -> None:
    """What is only worth a look stays, whatever is done about errors."""
    for on_problem in ("fail", "drop", "keep"):
        outcome = validate_names.bind(on_problem=on_problem)(Context.of(names=["Anastasia"]))
        assert after(outcome)[NAMES] == ("Anastasia",)
        assert last(outcome).status is Status.SUCCESS
        assert codes(outcome) == [("long", "names[0]")]


def test_keep_reports_and_goes_on() -> None:
    """With `keep` nothing is lost, and the outcome is partial."""
    outcome = validate_names(on_problem="keep")(Context.of(names=["Ana", ""]))
    assert after(outcome)[NAMES] == ("Ana", "")
    assert last(outcome).status is Status.PARTIAL


def test_drop_takes_the_spoilt_out_and_says_how_many() -> None:
    """With `drop` the others stay, in their order."""
    outcome = validate_names(on_problem="drop")(Context.of(names=["Ana", "", "Bo", " "]))
    assert after(outcome)[NAMES] == ("Ana", "Bo")
    assert last(outcome).message == "Validation failed: 2 errors; 2 dropped"
    assert last(outcome).counts == {"errors": 2, "warnings": 0, "dropped": 2}


def test_dropping_all_is_a_failure_that_keeps_them() -> None:
    """Where every wanted item is spoilt there is nothing to go on with."""
    failure = failed(validate_names(on_problem="drop")(Context.of(names=["", " "])))
    assert failure.message == "Validation failed: 2 errors, and nothing is left"
    assert failure.context[NAMES] == ("", " ")


def test_it_gives_its_key_only_where_it_drops() -> None:
    """A check that only looks gives nothing."""
    assert validate_names.gives == ()
    assert validate_names(on_problem="drop").gives == (NAMES,)


def test_the_check_keeps_settings_of_its_own() -> None:
    """They are bound like those of any stage."""
    assert validate_names.settings == {"longest": 5, "on_problem": "fail"}
    assert codes(validate_names(longest=2)(Context.of(names=["Ana"]))) == [("long", "names[0]")]


def test_other_keys_come_by_their_names() -> None:
    """A key that is used is None where it has no value."""
    assert last(validate_ages(Context.of(ages={"Ana": 99}))).status is Status.SUCCESS
    outcome = validate_ages(on_problem="drop")(Context.of(ages={"Ana": 99, "Bo": 3}, limit=9))
    assert after(outcome)[AGES] == {"Bo": 3}


@given(st.lists(st.builds(Pet, st.sampled_from(AWKWARD) | st.text(), st.integers(0, 2))))
def test_drop_takes_exactly_the_spoilt(pets: list[Pet]) -> None:
    """What is left is what has no error, whatever the ids look like."""
    pets = list({pet.id: pet for pet in pets}.values())
    whole = tuple(pet for pet in pets if pet.legs)
    outcome = validate_pets(on_problem="drop")(Context.of(pets=pets))
    if pets and not whole:
        assert failed(outcome).context[PETS] == tuple(pets)
    else:
        assert after(outcome)[PETS] == whole


@pytest.mark.parametrize("one", [validate_names, validate_ages, validate_pets])
@pytest.mark.parametrize("on_problem", ["fail", "drop", "keep"])
def test_it_keeps_the_laws(one: Any, on_problem: str) -> None:
    """A check keeps every promise of a stage."""
    check_stage(one.bind(on_problem=on_problem), examples=30)
