"""The stages that are known by name, ours and those of other packages."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.wording import nearest

if TYPE_CHECKING:
    from stages.core.stage import Stage

_stages: dict[str, "Stage[...]"] = {}
_lock = threading.Lock()


def register(one: "Stage[...]") -> None:
    """
    Take a stage into the registry; the same definition run again replaces itself.

    Raises:
        ValueError: Another definition owns the name.
    """
    if not one.__module__.startswith("stages."):
        _load_own()
    with _lock:
        owner = _stages.get(one.name)
        if owner is not None and _place(owner) != _place(one):
            raise ValueError(
                f"a stage named {one.name!r} stands in {_place(owner)} already;"
                f" give the one in {_place(one)} another name"
            )
        _stages[one.name] = one


def get_stage(name: str, /, **bindings: Any) -> "Stage[...]":
    """
    Give the stage of this name, with settings or providers bound.

    Raises:
        ValueError: There is none; the message has the nearest name.
        WiringError: It does not take one of the bindings.

    >>> import stages
    >>> stages.get_stage("generate_image")
    Traceback (most recent call last):
    ValueError: Unknown stage: generate_image; did you mean 'generate_images'?
    """
    for load in (_load_own, _load_all):
        if name not in _stages:
            load()
    if name not in _stages:
        known = nearest(name, _stages) or f"known are {', '.join(sorted(_stages))}"
        raise ValueError(f"Unknown stage: {name}; {known}")
    one = _stages[name]
    return one.bind(**bindings) if bindings else one


def list_stages() -> list[str]:
    """Give the names of all registered stages, sorted; entry points of other packages included."""
    _load_all()
    return sorted(_stages)


@attrs.frozen
class StageInfo:
    """
    What there is to know about a stage without running it.

    Attributes:
        name: As `get_stage` takes it.
        title: The name for people: "Generate images".
        summary: The first line of its docstring.
        needs: Keys that must have a value.
        uses: Keys that are read if they have one.
        gives: Keys that have a value afterwards.
        providers: Names, with the protocol each must keep.
        settings: Names, with their defaults.
        doc: The whole docstring.
        where: The module it stands in.
    """

    name: str
    title: str
    summary: str
    needs: tuple[Key[Any], ...]
    uses: tuple[Key[Any], ...]
    gives: tuple[Key[Any], ...]
    providers: FrozenMap[str, Any]
    settings: FrozenMap[str, Any]
    doc: str
    where: str


def stage_info(name: str) -> StageInfo:
    """
    Tell what a stage is, needs, gives and takes.

    Raises:
        ValueError: There is no stage of this name.

    >>> import stages
    >>> stages.stage_info("make_cards").gives
    ('cards',)
    """
    one = get_stage(name)
    return StageInfo(
        name=one.name,
        title=one.name.replace("_", " ").capitalize(),
        summary=one.doc.partition("\n")[0],
        needs=one.needs,
        uses=one.uses,
        gives=one.gives,
        providers=one.providers,
        settings=one.settings,
        doc=one.doc,
        where=one.__module__,
    )


def givers(key: str) -> tuple[str, ...]:
    """Name the registered stages that give a key, and not only add to what is there."""
    _load_own()
    return tuple(
        name
        for name, one in sorted(_stages.items())
        if key in one.gives and key not in (*one.needs, *one.uses)
    )


@contextmanager
def restored() -> Iterator[None]:
    """Put the registry back as it was: for tests that define stages of their own."""
    _load_all()  # what is loaded inside would be forgotten, and not be loaded again
    before = dict(_stages)
    try:
        yield
    finally:
        _stages.clear()
        _stages.update(before)


def _place(one: "Stage[...]") -> str:
    return f"{one.__module__}.{one.__qualname__}"  # type: ignore[attr-defined]


@cache
def _load_own() -> None:
    """Import this package's stages, which `import stages` leaves until one is wanted."""
    import_module("stages.rooms")


@cache
def _load_all() -> None:
    """Import also what other packages registered under the entry-point group `stages`."""
    from importlib.metadata import entry_points

    _load_own()
    for point in entry_points(group="stages"):
        try:
            point.load()
        except Exception as error:  # a broken package of others takes nobody's stages away
            why = f"the stages of {point.value} cannot be had: {type(error).__name__}: {error}"
            warnings.warn(why, stacklevel=3)
