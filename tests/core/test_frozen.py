"""Built-in containers are frozen, all the way down; what is frozen stays as it is."""

import copy
import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap, freeze
from tests.core.strategies import values


class Place(NamedTuple):
    """A named tuple that may hold anything."""

    name: str
    holds: Any


@attrs.frozen
class Record:
    """A frozen record that may hold anything."""

    holds: Any


def is_deeply_frozen(value: Any) -> bool:
    match value:
        case list() | dict() | set() | bytearray():
            return False
        case tuple() | frozenset():
            return all(map(is_deeply_frozen, value))
        case FrozenMap():
            return all(map(is_deeply_frozen, value.values()))
        case _:
            return True


@given(values)
def test_freezing_goes_all_the_way_down(value: Any) -> None:
    """No container that could change is left in what was frozen."""
    assert is_deeply_frozen(freeze(value))


@given(values)
def test_freezing_twice_is_freezing_once(value: Any) -> None:
    """What is frozen is equal to what it freezes to."""
    once = freeze(value)

    assert freeze(once) == once
    assert type(freeze(once)) is type(once)


@given(values)
def test_what_is_frozen_hashes_and_pickles(value: Any) -> None:
    """A frozen value hashes, and comes back equal from pickle and copy."""
    frozen = freeze(value)

    assert hash(frozen) == hash(freeze(value))
    assert pickle.loads(pickle.dumps(frozen)) == frozen
    assert copy.deepcopy(frozen) == frozen


@given(values)
def test_freezing_changes_nothing_it_was_given(value: Any) -> None:
    """The value itself is what it was before."""
    before = copy.deepcopy(value)

    freeze(value)

    assert value == before


@pytest.mark.parametrize(
    ("value", "frozen"),
    [
        pytest.param([1, [2]], (1, (2,)), id="a list becomes a tuple"),
        pytest.param({"a": [1]}, FrozenMap({"a": (1,)}), id="a dict becomes a frozen map"),
        pytest.param({1, 2}, frozenset({1, 2}), id="a set becomes a frozenset"),
        pytest.param(bytearray(b"x"), b"x", id="a bytearray becomes bytes"),
        pytest.param(
            FrozenMap({"a": [1]}), FrozenMap({"a": (1,)}), id="a frozen map is looked into"
        ),
        pytest.param(Place("a", [1]), Place("a", (1,)), id="a named tuple keeps its type"),
    ],
)
def test_containers_become_their_immutable_equals(value: Any, frozen: Any) -> None:
    """Each built-in container has one immutable equal."""
    assert freeze(value) == frozen
    assert type(freeze(value)) is type(frozen)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Record([1]), id="a record is taken at its word"),
        pytest.param((1, "a", Record([])), id="a tuple without containers"),
        pytest.param(FrozenMap({"a": 1}), id="a frozen map without containers"),
        pytest.param("text", id="a text"),
        pytest.param(print, id="a function"),
    ],
)
def test_what_needs_no_freezing_is_given_back_itself(value: Any) -> None:
    """What is frozen already is the same object afterwards."""
    assert freeze(value) is value


@given(st.dictionaries(st.text(), st.integers()))
def test_frozen_map_is_a_mapping_like_its_dict(items: dict[str, int]) -> None:
    """A frozen map has the items of its dict, in their order, and equals it."""
    frozen = FrozenMap(items)

    assert isinstance(frozen, Mapping)
    assert list(frozen.items()) == list(items.items())
    assert frozen == items
    assert items == frozen
    assert frozen == MappingProxyType(items)
    assert frozen != {**items, "another": 0}
    assert frozen != list(items)
    assert frozen == FrozenMap(reversed(items.items()))
    assert hash(frozen) == hash(FrozenMap(reversed(items.items())))
    assert eval(repr(frozen), {"FrozenMap": FrozenMap}) == frozen


@given(st.dictionaries(st.text(), st.integers()), st.text(), st.integers())
def test_put_gives_a_new_map(items: dict[str, int], key: str, value: int) -> None:
    """What is put is there in the new map, all else stays, and the old map is as it was."""
    before = FrozenMap(items)

    after = before.put(key, value)

    assert after == {**items, key: value}
    assert before == items


def test_frozen_map_cannot_be_changed() -> None:
    """Neither an item nor an attribute of a frozen map can be set."""
    frozen: Any = FrozenMap({"a": 1})

    with pytest.raises(TypeError):
        frozen["a"] = 2
    with pytest.raises(AttributeError, match="a FrozenMap never changes: '_items' cannot be set"):
        frozen._items = {}
    assert frozen == {"a": 1}


def test_frozen_map_is_no_dict_that_was_given() -> None:
    """A change to the dict that a frozen map was made of does not reach it."""
    items = {"a": 1}
    frozen = FrozenMap(items)

    items["a"] = 2

    assert frozen["a"] == 1
