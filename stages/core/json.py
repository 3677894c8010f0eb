"""Values to JSON text and back, checked strictly on the way in."""

import base64
import json
import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, partial
from types import GenericAlias
from typing import Any, NoReturn, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn

from stages.core.frozen import FrozenMap, freeze
from stages.core.key import Key
from stages.core.outcome import Report


def to_json(value: object) -> str:
    """
    Give a value as indented JSON text, UTF-8 kept readable, records as objects.

    Raises:
        ValueError: JSON has nothing for what is in it, such as a date, NaN or half a character.
    """
    plain = _converter().unstructure(value)
    text = json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False, default=_refused)
    _writable(text)
    return text + "\n"


def from_json(text: str, holds: type[Any]) -> Any:
    """
    Read JSON text as a value of a type.

    Raises:
        ValueError: It is no JSON, or not what the type says; the message names every fault.
    """
    return structured(parsed(text), holds)


def parsed(text: str) -> Any:
    """
    Parse JSON text; a key that stands twice in an object is a fault, and so is what is no number.

    Raises:
        ValueError: It is no JSON; the message says where.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_doubles,
            parse_constant=_finite,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise ValueError(
            f"no JSON: {error.msg}, line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if _is_deep(value):
        raise ValueError(_TOO_DEEP)
    return value


def structured(value: object, holds: type[Any]) -> Any:
    """
    Make a value of a type from parsed JSON.

    Raises:
        ValueError: It is not what the type says; the message names every fault with its path.
    """
    try:
        return _converter().structure(value, holds)
    except Exception as error:
        raise ValueError("; ".join(_faults(error, "$"))) from None


def context_to_json(values: dict[str, object], reports: tuple[Report, ...]) -> str:
    """
    Give the values of a context and its reports as JSON text.

    Raises:
        ValueError: A value cannot be saved; every key with such a value is named.
    """
    try:
        return to_json({"values": dict(values), "reports": list(reports)})
    except ValueError as error:
        every = {**values, "reports": list(reports)}
        faults = [fault for name, value in every.items() for fault in _unsaved(name, value)]
        raise ValueError("; ".join(faults) or str(error)) from None


def _unsaved(name: str, value: object) -> Iterable[str]:
    try:
        to_json(value)
    except ValueError as error:
        yield f"{name}: {error}"


def _refused(value: object) -> NoReturn:
    raise ValueError(
        f"a {type(value).__name__} cannot be saved as JSON: keep it as a text or a number, or in a"
        " record that says how, with the methods to_saved and from_saved"
    )


def _writable(value: object) -> None:
    """Refuse what JSON can be made to say and no file should hold: half a character, no number."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a finite number was expected, and {value} found")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            half, before = value[error.start], value[max(error.start - 20, 0) : error.start]
            raise ValueError(f"half a character, {half!a}, stands after {before!r}") from None


def context_from_json(
    text: str, keys: Iterable[Key[Any]]
) -> tuple[dict[str, object], tuple[Report, ...]]:
    """
    Read the values of a context and its reports.

    Raises:
        ValueError: The text is no saved context; every fault is named.
    """
    saved = parsed(text)
    match saved:
        case {"values": dict(), "reports": list(), **others} if not others:
            known = {str(key): key.holds for key in keys}
        case _:
            raise ValueError("no saved context: it is not just an object 'values' and 'reports'")
    faults = [
        f"nobody said what {name!r} holds; give its Key too"
        for name in saved["values"]
        if name not in known
    ]

    def read(name: str, value: object, holds: Any) -> Any:
        try:
            return freeze(structured(value, holds))
        except ValueError as error:
            faults.append(f"{name}: {error}")

    values = {
        name: read(name, value, known[name])
        for name, value in saved["values"].items()
        if name in known
    }
    reports = read("reports", saved["reports"], tuple[Report, ...])
    if faults:
        raise ValueError("; ".join(faults))
    return values, reports


@cache
def _converter() -> cattrs.Converter:
    """Unlike cattrs' own, it never makes a string of a number or a number of a string."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for plain in (str, int, bool, float, type(None)):
        converter.register_structure_hook(plain, _just(plain))
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(
        bytes, lambda value, _: base64.b64decode(value, validate=True)
    )
    converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook_func(
        _is_frozenset,
        lambda value: sorted(
            map(converter.unstructure, value), key=partial(json.dumps, default=_refused)
        ),
    )
    converter.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, FrozenMap),
        lambda value: {
            _name(converter.unstructure(key)): converter.unstructure(one)
            for key, one in value.items()
        },
    )
    converter.register_structure_hook_factory(_is_listed, _listed)
    converter.register_structure_hook_factory(_is_placed, _placed)
    converter.register_structure_hook_factory(attrs.has, _record)
    converter.register_structure_hook_func(
        lambda kind: getattr(kind, "__origin__", kind) is FrozenMap,
        lambda value, kind: FrozenMap(
            converter.structure(
                _expected("an object", dict, value),
                cast(Any, GenericAlias(dict, get_args(kind) or (str, Any))),
            )
        ),
    )
    # A record that lies in files in a form of its own says how, with these two methods.
    converter.register_unstructure_hook_func(
        lambda kind: hasattr(kind, "to_saved"), lambda value: value.to_saved()
    )
    converter.register_structure_hook_func(
        lambda kind: hasattr(kind, "from_saved"), lambda value, kind: kind.from_saved(value)
    )
    return converter


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError(f"a map that is saved has strings as keys, not {key!r}")  # noqa: TRY004
    return key


def _just(kind: type[Any]) -> Any:
    allowed = (int, float) if kind is float else (kind,)

    def structure(value: object, holds: Any) -> Any:
        if type(value) not in allowed:
            raise TypeError(f"a {kind.__name__} was expected, and {value!r:.60} found")
        _writable(value)
        return value if type(value) is holds else holds(value)  # a StrEnum is a str too

    return structure


def _decimal(value: object, _: object) -> Decimal:
    try:
        return Decimal(_expected("a number as text", str, value))
    except ArithmeticError:
        raise ValueError(f"a number was expected, and {value!r:.60} found") from None


def _is_frozenset(kind: Any) -> bool:
    return (get_origin(kind) or kind) is frozenset


def _is_listed(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return origin in (list, set, frozenset) or (
        origin is tuple and get_args(kind)[1:] in ((), (...,))
    )


def _listed(kind: Any, converter: cattrs.BaseConverter) -> Any:
    """Unlike cattrs' own, it takes no text for a list of its letters."""
    make: Any = get_origin(kind) or kind
    structure = list_structure_factory(kind, converter)
    return lambda value, _: make(structure(_expected("a list", list | tuple, value), kind))


def _is_placed(kind: Any) -> bool:
    return get_origin(kind) is tuple and not _is_listed(kind)


def _placed(kind: Any, converter: cattrs.BaseConverter) -> Any:
    return lambda value, _: converter._structure_tuple(
        _expected("a list", list | tuple, value), kind
    )


def _record(kind: Any, converter: cattrs.BaseConverter) -> Any:
    structure = make_dict_structure_fn(kind, cast(Any, converter), _cattrs_forbid_extra_keys=True)
    return lambda value, _: structure(_expected("an object", dict, value), kind)


def _expected(what: str, kinds: Any, value: Any) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(f"{what} was expected, and {value!r:.60} found")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        double = ", ".join(sorted(repr(name) for name, count in counts.items() if count > 1))
        raise ValueError(
            f"no clear JSON: {double:.60} stands twice in an object, the one that begins"
            f" {str(given)[:-1]:.120}"
        )
    return given


def _finite(number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise ValueError(f"no JSON: a finite number was expected, and {number:.60} found")
    return found


def _whole(number: str) -> int:
    try:
        return int(number)
    except ValueError:  # Python makes none of so many digits, since it takes the square of them
        digits = len(number.lstrip("-"))
        raise ValueError(f"no JSON that can be read: a number has {digits} digits") from None


_DEEPEST = 50
_TOO_DEEP = f"no JSON that can be read: it is nested too deeply, and {_DEEPEST} levels are read"


def _is_deep(value: object) -> bool:
    """Tell whether a value is nested so deeply that what walks through it may not come back."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        inside = [
            one.values() if type(one) is dict else one for one in level if type(one) in _NESTS
        ]
        level = [one for several in inside for one in several if type(one) in _NESTS]
        if not level:
            return False
    return True


_NESTS = frozenset({dict, list})


def _faults(error: BaseException, path: str) -> list[str]:
    """Lay open what cattrs found, as a path and a sentence each."""
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return [f"{path}: unknown {', '.join(map(repr, sorted(error.extra_fields)))}"]
    if isinstance(error, ExceptionGroup):
        found = []
        for one in error.exceptions:
            found += _faults(one, path + "".join(map(_step, getattr(one, "__notes__", []))))
        return found
    if isinstance(error, KeyError):
        return [f"{path}: {error} is missing"]
    return [f"{path}: {error}"]


def _step(note: object) -> str:
    match note:
        case cattrs.AttributeValidationNote():
            return f".{note.name}"
        case cattrs.IterableValidationNote():
            index = f"{note.index}"  # or a key, which may be anything
            return f"[{index if index.isprintable() else repr(index):.60}]"
        case _:
            return ""
