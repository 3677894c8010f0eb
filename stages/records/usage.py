"""What asking for money takes."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

import attrs


@attrs.frozen(kw_only=True)
class Usage:
    """
    What asking takes; all zero where it is free.

    Attributes:
        requests: How many requests are answered for money.
        input_tokens: Read by the model, the cached ones among them.
        output_tokens: Written by the model, its thinking among them.
        cached_tokens: Those of the input that were read from the cache.
        cost: In US dollars.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: Decimal = Decimal(0)

    def __str__(self) -> str:
        """
        Tell tokens and cost.

        >>> str(Usage(requests=1, input_tokens=1200, output_tokens=900, cost=Decimal("0.0123")))
        'about 1,200 tokens in and 900 out, $0.01'
        """
        tokens = f"about {self.input_tokens:,} tokens in and {self.output_tokens:,} out, "
        return (tokens if self.input_tokens else "") + dollars(self.cost)

    @property
    def enough(self) -> Decimal:
        """The least whole number of cents that pays for it, in US dollars."""
        return self.cost.quantize(Decimal("0.01"), ROUND_CEILING)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers as a report counts them; none where nothing was paid."""
        tokens = {
            "requests": self.requests,
            "input tokens": self.input_tokens,
            "output tokens": self.output_tokens,
            "cached tokens": self.cached_tokens,
        }
        return {name: number for name, number in tokens.items() if number}


def total(usages: Iterable[Usage]) -> Usage:
    """Give the sum."""
    every = tuple(usages)
    return Usage(
        requests=sum(one.requests for one in every),
        input_tokens=sum(one.input_tokens for one in every),
        output_tokens=sum(one.output_tokens for one in every),
        cached_tokens=sum(one.cached_tokens for one in every),
        cost=sum((one.cost for one in every), Decimal(0)),
    )


def dollars(cost: Decimal | int) -> str:
    """
    Give a cost to the cent, and a small one to two digits.

    >>> dollars(Decimal("12.3")), dollars(Decimal("0.003")), dollars(0)
    ('$12.30', '$0.0030', '$0.00')
    """
    small = 0 < cost < Decimal("0.01")
    return f"${cost:.{1 - Decimal(cost).adjusted()}f}" if small else f"${cost:.2f}"
