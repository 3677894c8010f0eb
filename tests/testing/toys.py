"""Stages that break one promise each; other processes find them here by name."""

import random
from typing import Any

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.mapping import each
from stages.core.outcome import Outcome
from stages.core.registry import restored
from stages.core.stage import stage

NAMES = Key("names", tuple[str, ...], "some names")
OTHERS = Key("others", tuple[str, ...], "other names")
COUNT = Key("count", int, "how many there are")


@attrs.frozen(eq=False)
class Lump:
    """A record that is equal to nothing but itself."""

    size: int = 0


LUMP = Key("lump", Lump, "something lumpy")

_seen: list[int] = []
_mutable: list[str] = []

with restored():

    @stage(needs=[NAMES], gives=[COUNT])
    def counts(context: Context) -> Outcome:
        """Keep every promise."""
        return Success(context.put(COUNT, len(context[NAMES])))

    @stage(needs=[NAMES], gives=[COUNT])
    def raises(context: Context) -> Outcome:
        """Raise for a name that is empty."""
        return Success(context.put(COUNT, sum(len(name) // len(name) for name in context[NAMES])))

    @stage(needs=[NAMES], gives=[COUNT])
    def raises_in_an_item(context: Context) -> Outcome:
        """Raise for a name that is empty, item by item."""
        gathered = each(lambda name: name[0], context[NAMES])
        return Success(
            context.put(COUNT, len(gathered.done)).report("done", problems=gathered.problems)
        )

    @stage(needs=[NAMES], gives=[COUNT])
    def returns_nothing(context: Context) -> Outcome:  # noqa: ARG001
        """Give no outcome."""
        return None  # type: ignore[return-value]

    @stage(needs=[NAMES])
    def gives_more(context: Context) -> Outcome:
        """Give a key that it does not declare."""
        return Success(context.put(COUNT, 1))

    @stage(needs=[NAMES], gives=[COUNT])
    def gives_nothing(context: Context) -> Outcome:
        """Not give what it declares, where there are no names."""
        return Success(context.put(COUNT, 1) if context[NAMES] else context)

    @stage(needs=[NAMES])
    def takes_away(context: Context) -> Outcome:
        """Take away what it needs."""
        return Success(context.without(NAMES))

    @stage(needs=[NAMES], gives=[COUNT])
    def reads_more(context: Context) -> Outcome:
        """Read a key that it does not declare."""
        return Success(context.put(COUNT, len(context.get(OTHERS, ()))))

    @stage(needs=[NAMES], gives=[COUNT])
    def minds_the_rest(context: Context) -> Outcome:
        """Count every key of the context."""
        return Success(context.put(COUNT, len(context.keys)))

    @stage(needs=[NAMES], gives=[COUNT])
    def remembers(context: Context) -> Outcome:
        """Give something else each time."""
        _seen.append(1)
        return Success(context.put(COUNT, len(_seen)))

    @stage(needs=[NAMES], gives=[COUNT])
    def gambles(context: Context) -> Outcome:
        """Give what chance gives."""
        return Success(context.put(COUNT, random.SystemRandom().getrandbits(60)))

    @stage(needs=[NAMES], gives=[NAMES])
    def gives_a_map_of_numbers(context: Context) -> Outcome:
        """Give what its key does not hold, and JSON cannot."""
        wrong: Any = FrozenMap({1: "one"})
        return Success(context.put(NAMES, wrong))

    @stage(needs=[NAMES], gives=[LUMP])
    def gives_a_lump(context: Context) -> Outcome:
        """Give what is never equal."""
        return Success(context.put(LUMP, Lump()))

    @stage(needs=[NAMES], gives=[COUNT])
    def asks_twice(context: Context, *, name_provider: Any) -> Outcome:
        """Give what its provider says."""
        return Success(context.put(COUNT, name_provider()))
