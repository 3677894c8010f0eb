"""Options that several commands share."""

from typing import Annotated, Literal

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from stages.claude.analysis_stage import MAX_COST
from stages.providers.claude.wire import Manner
from stages.records.brief import Brief

DEFAULT_LANGUAGE = Brief().language

FLAG = Parameter(negative="", show_default=False)
"""Is said or not."""

SEVERAL = Parameter(negative="", show_default=False, consume_multiple=False)
"""May be given again; each takes one value."""

_CLAUDE = Group("Claude", sort_key=2)

Effort = Literal["low", "medium", "high", "xhigh", "max"]
AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]


def _is_a_sum(_: object, cost: float) -> None:
    if not cost >= 0:  # also what is no number
        raise ValueError("a sum of dollars is 0 or more")


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Asked:
    """
    What is asked for.

    Attributes:
        native: The learner's language, as a BCP 47 tag: what describes a picture is written in it.
        most: The most meanings of one word.
    """

    native: str = Brief().native
    most: AtLeastOne = Brief().most

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again."""
        return _typed(self)


@Parameter(name="*", group=_CLAUDE)
@attrs.frozen(kw_only=True)
class ClaudeOptions:
    """
    How Claude is asked.

    Attributes:
        model: Which Claude.
        effort: How long it thinks.
        max_cost: In US dollars; where the estimate is above it, nothing is asked.
    """

    model: str = Manner().model
    effort: Effort = "medium"
    max_cost: Annotated[float, Parameter(validator=_is_a_sum)] = MAX_COST

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again."""
        return _typed(self)


ASKED = Asked()
CLAUDE = ClaudeOptions()


def _typed(options: Asked | ClaudeOptions) -> list[str]:
    usual = type(options)()
    return [
        text
        for one in attrs.fields(type(options))
        if (value := getattr(options, one.name)) != getattr(usual, one.name)
        for text in ("--" + one.name.replace("_", "-"), str(value))
    ]
