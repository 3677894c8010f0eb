"""Immutable values: a frozen map, and the freezing of built-in containers."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """
    A mapping that never changes, keeps its order, hashes and pickles.

    Two frozen maps with the same items are equal whatever their order, as with `dict`.

    >>> ages = FrozenMap({"casa": 1})
    >>> ages.put("perro", 2)
    FrozenMap({'casa': 1, 'perro': 2})
    >>> ages["casa"], len(ages), hash(ages) == hash(FrozenMap({"casa": 1}))
    (1, 1, True)
    """

    __slots__ = ("_items",)
    _items: dict[K, V]

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        """Take these items, in their order."""
        object.__setattr__(self, "_items", dict(items))

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # Mapping's own go through `__getitem__`, one call an item.
    def keys(self) -> KeysView[K]:
        """Give a view of the keys, in order."""
        return self._items.keys()

    def values(self) -> ValuesView[V]:
        """Give a view of the values, in order."""
        return self._items.values()

    def items(self) -> ItemsView[K, V]:
        """Give a view of keys and values, in order."""
        return self._items.items()

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a FrozenMap never changes: {name!r} cannot be set")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return self._items == other._items
        return self._items == other if isinstance(other, dict) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (self._items,)

    def put(self, key: K, value: V) -> "FrozenMap[K, V]":
        """Give a new map in which `key` stands for `value`."""
        return FrozenMap({**self._items, key: value})


def freeze(value: object) -> object:
    """
    Give the immutable equal of a built-in container, all the way down; anything else as it is.

    A tuple that holds no container is given back itself, so freezing ten thousand records costs one
    look at their types.

    >>> freeze([1, {"a": [2]}])
    (1, FrozenMap({'a': (2,)}))
    """
    if type(value) in _ATOMS:
        return value
    match value:
        case list() | tuple():
            return _frozen_sequence(value)
        case dict():
            return FrozenMap({key: freeze(one) for key, one in value.items()})
        case FrozenMap() if _holds_container(value.values()):
            return FrozenMap({key: freeze(one) for key, one in value.items()})
        case set() | frozenset():
            return frozenset(map(freeze, value))
        case bytearray():
            return bytes(value)
        case _:
            return value


def thawed(value: object) -> object:
    """
    Give the plain equal of frozen containers, all the way down: what JSON is made of.

    >>> thawed((1, FrozenMap({"a": (2,)})))
    [1, {'a': [2]}]
    """
    match value:
        case FrozenMap():
            return {key: thawed(one) for key, one in value.items()}
        case tuple():
            return [thawed(one) for one in value]
        case _:
            return value


def _frozen_sequence(value: list[object] | tuple[object, ...]) -> object:
    if isinstance(value, tuple) and not _holds_container(value):
        return value
    frozen = tuple(map(freeze, value))
    make: Any = getattr(value, "_make", tuple)  # a named tuple keeps its type
    return make(frozen)


_ATOMS = frozenset({bool, int, float, str, bytes, type(None)})
_CONTAINERS = (list, tuple, dict, set, frozenset, bytearray, FrozenMap)


def _holds_container(values: Iterable[object]) -> bool:
    return any(issubclass(kind, _CONTAINERS) for kind in set(map(type, values)))
