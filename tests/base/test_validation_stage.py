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
NOTES = Key("notes", FrozenMap[str, str], "notes, by name")


@attrs.frozen
class Pet:
    """Something with an id."""

    id: str
    legs: int = 4
    sound: str = ""
    fields: FrozenMap[str, str] = FrozenMap()


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

    @validation_stage(PETS, NOTES)
    def validate_blanks(
        value: tuple[Pet, ...] | FrozenMap[str, str],
        *,
        key: Key[Any] = PETS,
        at: str = "sound",
    ) -> Iterator[Problem]:
        """Check that no text has blanks around it; the fix takes away one blank at a time."""
        pets = [] if isinstance(value, FrozenMap) else list(value)
        texts = {f"pets[{pet.id}].{at}": getattr(pet, at, pet.fields.get(at, "")) for pet in pets}
        if isinstance(value, FrozenMap):
            texts = {f"{key}[{name}]": text for name, text in value.items()}
        for where, text in texts.items():
            if text.startswith(" "):
                yield Problem("blank", where, "a blank stands before it", fix=text[1:])


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
    assert validate_names.settings == {"longest": 5, "on_problem": "fail", "fix": False}
    assert codes(validate_names(longest=2)(Context.of(names=["Ana"]))) == [("long", "names[0]")]


def test_other_keys_come_by_their_names() -> None:
    """A key that is used is None where it has no value."""
    assert last(validate_ages(Context.of(ages={"Ana": 99}))).status is Status.SUCCESS
    outcome = validate_ages(on_problem="drop")(Context.of(ages={"Ana": 99, "Bo": 3}, limit=9))
    assert after(outcome)[AGES] == {"Bo": 3}


def test_a_fix_is_put_where_it_belongs_and_told() -> None:
    """The text of an attribute is mended until nothing is certain any more; each step is a warning."""
    pets = [Pet("a", sound="  miau"), Pet("b", sound="wuff")]
    outcome = validate_blanks(fix=True)(Context.of(pets=pets))
    assert after(outcome)[PETS] == (Pet("a", sound="miau"), Pet("b", sound="wuff"))
    assert codes(outcome) == [("blank", "pets[a].sound")] * 2
    assert last(outcome).message == "Validation passed; 2 fixed"
    assert last(outcome).counts == {"errors": 0, "warnings": 0, "fixed": 2}
    assert last(outcome).status is Status.SUCCESS
    told = last(outcome).problems[0]
    assert told.severity is Severity.WARNING
    assert told.why == "a blank stands before it; it was '  miau', and is ' miau' now"


def test_a_fix_of_a_field() -> None:
    """What a record keeps in its `fields` is mended by the name of the field."""
    pets = [Pet("a]b", fields=FrozenMap({"Call me": " Bo", "Age": "3"}))]
    outcome = validate_blanks(fix=True, at="Call me")(Context.of(pets=pets))
    assert after(outcome)[PETS][0].fields == {"Call me": "Bo", "Age": "3"}


def test_a_fix_in_a_map() -> None:
    """Another key is checked where it is chosen, and a text in a map is mended by its key."""
    fixing = validate_blanks(key=NOTES, fix=True)
    assert fixing.needs == fixing.gives == (NOTES,)
    assert after(fixing(Context.of(notes={"Ana": " hi"})))[NOTES] == {"Ana": "hi"}


def test_without_fix_nothing_changes() -> None:
    """The fix is in the problem, and the value stays."""
    failure = failed(validate_blanks(Context.of(pets=[Pet("a", sound=" x")])))
    assert failure.context[PETS] == (Pet("a", sound=" x"),)
    assert failure.problems[0].fix == "x"


def test_a_fix_that_leads_to_no_end_ends() -> None:
    """A text is mended a number of times, and what is wrong then is told."""
    outcome = validate_blanks(fix=True)(Context.of(pets=[Pet("a", sound=" " * 50)]))
    assert failed(outcome).message == "Validation failed: 1 error; 8 fixed"
    assert failed(outcome).context[PETS] == (Pet("a", sound=" " * 42),)


def test_what_has_one_name_with_another_is_not_mended() -> None:
    """Nobody can tell which of two items of one id was meant."""
    pets = [Pet("a", sound=" x"), Pet("a", sound=" x")]
    outcome = validate_blanks(fix=True, on_problem="keep")(Context.of(pets=pets))
    assert after(outcome)[PETS] == tuple(pets)
    assert last(outcome).counts == {"errors": 1, "warnings": 0, "fixed": 0}


@pytest.mark.parametrize(("at", "why"), [("id", "what an item is"), ("legs", "no text")])
def test_a_fix_never_touches_an_identity(at: str, why: str) -> None:
    """A check that would change what an item is, or what is no text, is at fault itself."""
    with restored():

        @validation_stage(PETS)
        def validate_wrongly(pets: tuple[Pet, ...]) -> list[Problem]:
            """Check nothing."""
            return [Problem("odd", f"pets[{pet.id}].{at}", "it is odd", fix="b") for pet in pets]

    failure = failed(validate_wrongly(fix=True)(Context.of(pets=[Pet("a")])))
    assert failure.problems[0].code == "bug"
    assert f"pets[a].{at}" in failure.message
    assert why in failure.message


def test_a_key_that_cannot_be_checked() -> None:
    """The message says which keys can."""
    with pytest.raises(ValueError, match=r"'names' cannot be checked here; 'pets', 'notes' can"):
        validate_blanks(key=NAMES)
    assert validate_blanks.needs == (PETS,)
    assert validate_blanks(key="notes").needs == (NOTES,)


@given(
    st.lists(st.builds(Pet, st.sampled_from(AWKWARD) | st.text(), sound=st.text(" a", max_size=5)))
)
def test_mending_twice_is_mending_once(pets: list[Pet]) -> None:
    """And no id, and nothing that is right, is touched."""
    pets = list({pet.id: pet for pet in pets}.values())
    pets = [pet for pet in pets if not pet.id.startswith("#")]
    once = after(validate_blanks(fix=True)(Context.of(pets=pets)))
    assert once[PETS] == tuple(attrs.evolve(pet, sound=pet.sound.lstrip()) for pet in pets)
    assert after(validate_blanks(fix=True)(once.without()))[PETS] == once[PETS]


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


@pytest.mark.parametrize("one", [validate_names, validate_ages, validate_pets, validate_blanks])
@pytest.mark.parametrize("on_problem", ["fail", "drop", "keep"])
@pytest.mark.parametrize("fix", [False, True], ids=["as it is", "fixed"])
def test_it_keeps_the_laws(one: Any, on_problem: str, *, fix: bool) -> None:
    """A check keeps every promise of a stage."""
    check_stage(one.bind(on_problem=on_problem, fix=fix), examples=30)
