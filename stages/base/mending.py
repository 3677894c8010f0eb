"""What a problem names: the items of a value, and the texts in them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.records.note import ID_FIELD, LANGUAGE_FIELD

IDENTITIES = frozenset(
    {"id", "word", "card", "card_id", "note_type", "language"}
    | {"Word", "SpanishWord", "MeaningID", "CardID", ID_FIELD, LANGUAGE_FIELD}
)
"""What fields are called that say what an item is: no fix may touch one."""


def size(value: Any) -> int:
    """Give how many items may be named in a value."""
    return int(value.size if hasattr(value, "without") else len(value))


def without(value: Any, wheres: Iterable[str]) -> Any:
    """
    Give a value without the items that these paths name.

    A record that holds several kinds of items brings a method of its own, `without(wheres)`, and
    says its `size`.
    """
    if hasattr(value, "without"):
        return value.without(wheres)
    places = _places(value)
    spoilt = {place for where in wheres for place in places.get(_split(where, places)[0], ())}
    if isinstance(value, FrozenMap):
        return FrozenMap({key: one for key, one in value.items() if key not in spoilt})
    return tuple(one for place, one in enumerate(value) if place not in spoilt)


def texts_at(value: Any, wheres: Iterable[str]) -> dict[str, str]:
    """
    Give the texts that stand at these paths; where several items have one name, none.

    A record that holds several kinds of items brings a method of its own, `text_at(where)`.

    Raises:
        ValueError: No text stands there, or it says what its item is.

    >>> texts_at(FrozenMap({"casa": "home"}), ["homes[casa]"])
    {'homes[casa]': 'home'}
    """
    own = getattr(value, "text_at", None)
    places = {} if own else _places(value)
    texts: dict[str, str] = {}
    for where in wheres:
        name, field = _split(where, places)
        if where.rpartition(".")[2] in IDENTITIES or field in IDENTITIES:
            raise ValueError(f"a fix was given at {where}, and nothing may change what an item is")
        named = places.get(name, ())
        text = own(where) if own else _text(value[named[0]], field) if named else None
        if not isinstance(text, str) or (not field and isinstance(value, tuple)):
            raise ValueError(f"a fix was given at {where}, and no text that may change is there")
        if len(named) < _SEVERAL:
            texts[where] = text
    return texts


def mended(value: Any, texts: Mapping[str, str]) -> Any:
    """
    Give a value with these texts at these paths, all of which `texts_at` knows.

    A record that holds several kinds of items, or texts that hang together, brings a method of its
    own, `mended(texts)`.

    >>> mended(FrozenMap({"casa": "hom"}), {"homes[casa]": "home"})
    FrozenMap({'casa': 'home'})
    """
    if hasattr(value, "mended"):
        return value.mended(texts)
    places = _places(value)
    changes: dict[Any, dict[str, str]] = {}
    for where, text in texts.items():
        name, field = _split(where, places)
        changes.setdefault(places[name][0], {})[field] = text
    if isinstance(value, FrozenMap):
        return FrozenMap({key: _with(one, changes.get(key, {})) for key, one in value.items()})
    return tuple(_with(one, changes.get(place, {})) for place, one in enumerate(value))


_SEVERAL = 2


def _places(value: Any) -> dict[str, tuple[Any, ...]]:
    """Give where the items of a map or a tuple are: by key, or by their ids and as `#3`."""
    if isinstance(value, FrozenMap):
        return {str(key): (key,) for key in value}
    places: dict[str, tuple[int, ...]] = {}
    for place, one in enumerate(value):
        name = str(getattr(one, "card_id", getattr(one, "id", place)))
        for called in {name, f"#{place}"}:
            places[called] = (*places.get(called, ()), place)
    return places


def _split(where: str, names: Mapping[str, Any]) -> tuple[str, str]:
    """
    Give the one of these names that stands in brackets in a path, and the field that follows it.

    A name may hold a bracket itself.

    >>> names = {"a": 0, "a]b": 1, "c": 2}
    >>> _split("cards[a]b].Gapped", names), _split("cards[c].fields[Add Reverse]", names)
    (('a]b', 'Gapped'), ('c', 'Add Reverse'))
    """
    for name, rest in _in_brackets(where):
        if name in names:
            found = _FIELD.fullmatch(rest)
            return name, next(filter(None, found.groups()), "") if found else rest
    return "", where


_FIELD = re.compile(r"\.fields\[(.*)\]|\.fields\.(.*)|\.(.*)", re.DOTALL)


def _in_brackets(where: str) -> Iterator[tuple[str, str]]:
    """Give what may be the name in a path with what follows it, the longest first."""
    start, end = where.find("[") + 1, where.rfind("]")
    while 0 < start <= end:
        yield where[start:end], where[end + 1 :]
        end = where.rfind("]", start, end)


def _text(item: Any, field: str) -> object:
    if not field:
        return item
    fields = getattr(item, "fields", None)
    inside = isinstance(fields, Mapping) and field in fields
    return fields[field] if inside else getattr(item, field, None)  # type: ignore[index]


def _with(item: Any, texts: Mapping[str, str]) -> Any:
    """Give an item with these texts in its fields."""
    if not texts or "" in texts:
        return texts.get("", item)
    if hasattr(item, "mended"):
        return item.mended(texts)
    fields = getattr(item, "fields", None)
    held = fields if isinstance(fields, Mapping) else FrozenMap[str, str]()
    inside = {name: text for name, text in texts.items() if name in held}
    others = {name: text for name, text in texts.items() if name not in held}
    return attrs.evolve(
        item, **others, **({"fields": FrozenMap({**held, **inside})} if inside else {})
    )
