"""What Claude costs: dated data, and the reckoning."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import from_json
from stages.records.usage import Usage

_MILLION = 1_000_000


@attrs.frozen(kw_only=True)
class Price:
    """What a million tokens cost, in US dollars."""

    input: Decimal
    output: Decimal


@attrs.frozen(kw_only=True)
class Prices:
    """
    What models cost.

    Attributes:
        as_of: When this was so: a year and a month.
        unit: What the numbers of the models are.
        cache_write: How many times the price of input it costs to put input into the cache.
        cache_write_1h: The same where it is to stay there for an hour.
        cache_read: How many times it costs to read it from there.
        batch: How many times the price of a live call a batch costs.
        models: By the name of the model.
    """

    as_of: str
    unit: str
    cache_write: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    batch: Decimal
    models: FrozenMap[str, Price]

    def of(self, model: str) -> Price:
        """
        Give the price of a model, be it dated; one that is not known counts as the dearest.

        >>> prices().of("claude-haiku-5-5").output, prices().of("claude-haiku-5-5-20261001").output
        (Decimal('0.50'), Decimal('0.50'))
        """
        dearest = max(self.models.values(), key=lambda price: price.output)
        return self.models.get(re.sub(r"-\d{8}$", "", model), dearest)

    def reckoned(self, model: str, tokens: Mapping[str, int], *, batch: bool = False) -> Usage:
        """
        Give the usage of one request.

        Args:
            model: Who answered.
            tokens: As the API counts them: input_tokens (those that the cache had no part in),
                cache_creation_input_tokens (for an hour: ephemeral_1h_input_tokens of them),
                cache_read_input_tokens, output_tokens.
            batch: Whether it was part of a batch.
        """
        price = self.of(model)
        plain, written, hourly, read, output = (
            tokens.get(name, 0)
            for name in (
                "input_tokens",
                "cache_creation_input_tokens",
                "ephemeral_1h_input_tokens",
                "cache_read_input_tokens",
                "output_tokens",
            )
        )
        put = (written - hourly) * self.cache_write + hourly * self.cache_write_1h
        weighed = plain + put + read * self.cache_read
        cost = (weighed * price.input + output * price.output) / _MILLION
        return Usage(
            requests=1,
            input_tokens=plain + written + read,
            output_tokens=output,
            cached_tokens=read,
            cost=cost * self.batch if batch else cost,
        )


@cache
def prices() -> Prices:
    """Give the prices that the library knows."""
    text = Path(__file__).with_name("prices.json").read_text("utf-8")
    known: Prices = from_json(text, Prices)
    return known
