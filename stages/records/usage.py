"""What asking for money takes."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Context, Decimal

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


def at_most(cost: Decimal) -> str:
    """
    Say what is not exceeded: rounded up, to the cent, and a small sum to two digits.

    >>> at_most(Decimal("0.0241")), at_most(Decimal("0.00831"))
    ('at most $0.03', 'at most $0.0084')
    """
    place = max(min(cost.adjusted() - 1, -2), -12) if cost < Decimal("0.01") else -2
    exact = Context(prec=max(28, cost.adjusted() + 15), rounding=ROUND_CEILING)
    return f"at most {dollars(cost.quantize(Decimal(1).scaleb(place), context=exact))}"
