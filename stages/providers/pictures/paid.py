"""What all painters that are paid share: answers are kept before they are read, and costs are real."""

import base64
import binascii
from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import from_json, parsed
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer
from stages.providers.journal import Answer
from stages.providers.vendor import line_of


@attrs.frozen(kw_only=True)
class TokenPrices:
    """
    What pictures cost where they are counted in tokens.

    Attributes:
        unit: What the numbers are.
        text: Of a prompt.
        image: Of a picture that is part of a prompt.
        output: Of what is painted.
        tokens: Of a picture of 1024 by 1024, by quality.
    """

    unit: str
    text: Decimal
    image: Decimal
    output: Decimal
    tokens: FrozenMap[str, int]


@attrs.frozen(kw_only=True)
class Prices:
    """
    What painters cost: dated data.

    Attributes:
        as_of: When this was so: a year and a month.
        openai: Of OpenAI.
        runware: Of a picture by Runware, rather too much than too little, in US dollars.
    """

    as_of: str
    openai: TokenPrices
    runware: Decimal


@cache
def prices() -> Prices:
    """Give the prices that the library knows."""
    text = Path(__file__).with_name("prices.json").read_text("utf-8")
    known: Prices = from_json(text, Prices)
    return known


def shared_out(cost: Decimal, number: int) -> Iterator[Decimal]:
    """
    Split a cost among pictures; their sum is the cost.

    >>> [str(part) for part in shared_out(Decimal("0.01"), 3)]
    ['0.003333334', '0.003333333', '0.003333333']
    """
    part = (cost / number).quantize(Decimal("1e-9"), ROUND_DOWN) if number > 1 else cost
    yield cost - part * (number - 1)
    yield from [part] * (number - 1)


def believable(cost: Decimal, estimated: Decimal) -> Decimal:
    """
    Give what an answer says that it cost, if that can be; else what was estimated.

    >>> believable(Decimal("0.02"), Decimal("0.01")), believable(Decimal(-1), Decimal("0.01"))
    (Decimal('0.02'), Decimal('0.01'))
    """
    return cost if 0 <= cost < _UNHEARD_OF else estimated


_UNHEARD_OF = 1000
"""US dollars for one answer."""


def answer_of(content: bytes) -> dict[str, Any]:
    """
    Give the object that an answer is.

    Raises:
        BadAnswer: It is none.
    """
    try:
        answer = parsed(content.decode())
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"the answer is {line_of(str(error))}") from None
    if not isinstance(answer, dict):
        raise BadAnswer(f"the answer is no JSON object, but {type(answer).__name__}")
    return answer


def picture_in(text: object) -> bytes:
    """
    Give the bytes of a picture that is written in base64.

    Raises:
        BadAnswer: It is none, or empty.
    """
    try:
        content = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError) as error:
        raise BadAnswer(f"a picture of the answer is no base64: {line_of(str(error))}") from None
    if not content:
        raise BadAnswer("a picture of the answer is empty")
    return content


def told_where_kept(error: ProviderError, answer: Answer) -> ProviderError:
    """Give an error about an answer; it says where that can be read."""
    if not answer.kept_at:
        return error
    where = f"the answer is kept in {answer.kept_at}; delete that file to ask again"
    return type(error)(error.why, "; ".join(filter(None, (error.hint, where))))


def doubts(answer: Answer) -> Iterator[str]:
    """Say what happened to the answer on its way."""
    if answer.interrupted:
        yield "an earlier run was stopped while this was asked, and may have been charged for it"
    if answer.not_kept:
        yield f"the answer could not be kept and would be paid for again: {answer.not_kept}"
