"""The JSON Schema of a record, as structured outputs take it."""

import types
import typing
from enum import Enum
from typing import Any, get_args, get_origin

import attrs


def schema_of(kind: Any) -> dict[str, Any]:
    """
    Give the schema of a type: closed objects, every field required, nothing the API refuses.

    A field of a record that has metadata is called by its "name" and explained by its "what"; where
    a record has such fields, it is asked for no others.

    >>> schema_of(tuple[str, ...])
    {'type': 'array', 'items': {'type': 'string'}}
    """
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple and args[1:] == (...,):
        return {"type": "array", "items": schema_of(args[0])}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(one) for one in args]}
    if origin is typing.Literal:
        return {"enum": list(args)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    if attrs.has(kind):
        return _closed(kind)
    raise TypeError(f"no JSON Schema is known for {kind}")


_PLAIN: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def _closed(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    every = attrs.fields(kind)
    asked = [one for one in every if one.metadata] or every
    fields = {
        one.metadata.get("name", one.name): {
            **schema_of(hints[one.name]),
            **({"description": one.metadata["what"]} if one.metadata else {}),
        }
        for one in asked
    }
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
