"""The JSON schemas of structured outputs: what the API refuses, and the least that fits."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_ROOMS = ("properties", "$defs", "definitions")
_CHOICES = ("anyOf", "allOf")
_SAYS_WHAT_IT_IS = {"type", "enum", "const", "$ref", *_CHOICES}
_LEAST = {"string": "", "integer": 0, "number": 0, "boolean": True, "null": None}
_TYPES = {"object", "array", *_LEAST}
_UNSUPPORTED = {
    "contains",
    "dependentRequired",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "if",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "then",
    "uniqueItems",
}


def faults_of_schema(schema: Any) -> Iterator[str]:
    """
    Give what the API refuses in a schema, each with where it stands.

    >>> list(faults_of_schema({"type": "array", "items": {"type": "string", "maxLength": 3}}))
    ["items: 'maxLength' is not supported"]
    """
    return _faults(schema, schema, "", ())


def _faults(schema: Any, root: Any, path: str, within: tuple[str, ...]) -> Iterator[str]:
    here = path or "schema"
    if not isinstance(schema, Mapping):
        yield f"{here}: a schema has to be an object"
        return
    if not _SAYS_WHAT_IT_IS & schema.keys():
        yield f"{here}: says no type, enum, const, anyOf, allOf or $ref"
    for key in sorted(_UNSUPPORTED & schema.keys()):
        yield f"{here}: '{key}' is not supported"
    for unknown in sorted(set(_types_of(schema)) - _TYPES):
        yield f"{here}: '{unknown}' is no type"
    if "object" in _types_of(schema) and schema.get("additionalProperties") is not False:
        yield f"{here}: for 'object' type, 'additionalProperties' must be explicitly set to false"
    if schema.get("minItems", 0) not in (0, 1):
        yield f"{here}: 'minItems' must be 0 or 1"
    if any(isinstance(value, dict | list) for value in schema.get("enum", ())):
        yield f"{here}: 'enum' takes strings, numbers, booleans and null only"
    for key, child in _children(schema):
        yield from _faults(child, root, f"{path}.{key}".lstrip("."), within)
    if "$ref" in schema:
        yield from _faults_of_reference(schema["$ref"], root, here, within)


def _faults_of_reference(
    reference: str, root: Any, here: str, within: tuple[str, ...]
) -> Iterator[str]:
    target = _target(reference, root)
    if not reference.startswith("#"):
        yield f"{here}: external $ref '{reference}' is not supported"
    elif target is None:
        yield f"{here}: $ref '{reference}' leads nowhere"
    elif reference in within or reference == "#":
        yield f"{here}: recursive schemas are not supported ('{reference}')"
    else:
        yield from _faults(target, root, here, (*within, reference))


def _types_of(schema: Mapping[str, Any]) -> list[str]:
    said = schema.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for room in _ROOMS:
        for name, child in schema.get(room, {}).items():
            yield f"{room}.{name}", child
    for choice in _CHOICES:
        for number, child in enumerate(schema.get(choice, ())):
            yield f"{choice}.{number}", child
    if "items" in schema:
        yield "items", schema["items"]


def _target(reference: str, root: Any) -> Any:
    found = root
    for part in reference.split("/")[1:]:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def smallest(schema: Mapping[str, Any]) -> Any:
    """
    Give the smallest value that fits a schema which the API accepts.

    >>> smallest({"type": "object", "required": ["a"], "properties": {"a": {"enum": ["x", "y"]}}})
    {'a': 'x'}
    """
    return _smallest(schema, schema)


def _smallest(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _smallest(_target(schema["$ref"], root), root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _shortest(schema["enum"])
    if "anyOf" in schema:
        return _shortest([_smallest(choice, root) for choice in schema["anyOf"]])
    if "allOf" in schema:
        return _all_of([_smallest(part, root) for part in schema["allOf"]])
    return _shortest([_of_type(name, schema, root) for name in _types_of(schema)])


def _of_type(name: str, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if name == "object":
        fields = schema.get("properties", {})
        return {key: _smallest(fields[key], root) for key in schema.get("required", ())}
    if name == "array":
        return [_smallest(schema["items"], root) for _ in range(schema.get("minItems", 0))]
    return _LEAST[name]


def _all_of(parts: list[Any]) -> Any:
    if all(isinstance(part, dict) for part in parts):
        return {key: value for part in parts for key, value in part.items()}
    return parts[-1]


def _shortest(values: list[Any]) -> Any:
    return min(values, key=lambda value: len(json.dumps(value)))
