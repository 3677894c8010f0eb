"""A painter that is paid: answers are kept before they are read, and costs are real."""

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import from_json, parsed
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Rejected
from stages.providers.journal import Answer, Kept, Send
from stages.providers.source import Grade, Made
from stages.providers.vendor import line_of
from stages.records.card import Card
from stages.records.word import is_whole

Painted: TypeAlias = "tuple[bytes, Mapping[str, str]] | ProviderError"
"""The bytes of a picture and what is worth knowing of it, or why there is none."""


class Painter(ABC):
    """
    What sources share that paint what a card says its picture shows, and are paid for it.

    Attributes:
        name: What plans, provenance and the journal call it.
        send: Takes a request and the card it is for, and gives the raw answer.
    """

    name: ClassVar[str]
    grade = Grade.WHOLE
    local = False
    send: Send

    def price(self, card: Card, take: int) -> Decimal:
        """Estimate what the picture costs; nothing where the journal has the answer."""
        asked = self._asked(card, take)
        if isinstance(self.send, Kept) and self.send.found(asked):
            return Decimal(0)
        return self._estimated(asked["body"])

    def make(self, card: Card, take: int) -> tuple[Made, ...]:
        """Paint it, as often as there are to be candidates."""
        asked = self._asked(card, take)
        texts = (value for value in asked["body"].values() if isinstance(value, str))
        if not all(map(is_whole, texts)):
            raise Rejected(f"the prompt of {card.id} holds half a character", "type it again")
        answer = self.send(asked, card.id)
        try:
            return tuple(self._made(answer, asked["body"]))
        except ProviderError as error:
            raise told_where_kept(error, answer) from None

    def _made(self, answer: Answer, body: Mapping[str, Any]) -> Iterator[Made]:
        """Read an answer; as long as one of its pictures is whole, the others are doubts."""
        told = answer_of(answer.content)
        painted = list(self._painted(told, body))
        good = [one for one in painted if not isinstance(one, ProviderError)]
        faults = [one for one in painted if isinstance(one, ProviderError)]
        if not good:
            raise faults[0] if faults else BadAnswer("the answer has no pictures")
        cost = self._cost(told, body) if answer.paid else Decimal(0)
        doubtful = (*doubts(answer), *map(str, faults))
        for (content, details), part in zip(good, shared_out(cost, len(good)), strict=True):
            yield Made(content=content, cost=part, details=FrozenMap(details), doubts=doubtful)

    @abstractmethod
    def _asked(self, card: Card, take: int) -> dict[str, Any]:
        """Give the request as the journal has it; the vendor is sent its body."""

    @abstractmethod
    def _estimated(self, body: Mapping[str, Any]) -> Decimal:
        """Estimate what a body costs, in US dollars: rather too much than too little."""

    @abstractmethod
    def _cost(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Decimal:
        """Reckon what an answer cost."""

    @abstractmethod
    def _painted(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Painted]:
        """Give the pictures of an answer."""


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
