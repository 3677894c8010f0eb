"""Toy sources of pictures and sounds, open about what they were asked, and real bytes for them."""

import io
import math
import struct
import time
import wave
import zlib
from array import array
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import QuotaExhausted
from stages.providers.source import Grade, Made
from stages.records.card import Card
from stages.records.media import Credit
from stages.records.provenance import Kind


def png(text: str) -> bytes:
    """Give a picture that differs from that of any other text."""
    start, end = _painted()
    return start + _chunk(b"tEXt", b"of\0" + text.encode("utf-8", "surrogatepass")) + end


def wav(text: str) -> bytes:
    """Give a sound that differs from that of any other text."""
    told = text.encode("utf-8", "surrogatepass")
    told += bytes(len(told) % 2)
    body = _played()[8:] + b"LIST" + struct.pack("<I", len(told) + 4) + b"INFO" + told
    return b"RIFF" + struct.pack("<I", len(body)) + body


@cache
def _painted(size: int = 64) -> tuple[bytes, bytes]:
    rows = (
        b"\0" + bytes(value for x in range(size) for value in (4 * x, 4 * y, (x * y) % 256))
        for y in range(size)
    )
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
    data = _chunk(b"IDAT", zlib.compress(b"".join(rows)))
    return b"\x89PNG\r\n\x1a\n" + head, data + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def _played(rate: int = 16_000, seconds: float = 0.5) -> bytes:
    tone = (int(9_000 * math.sin(0.2 * n)) for n in range(int(rate * seconds)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(array("h", tone).tobytes())
    return file.getvalue()


NOBODY = FrozenMap[str, ProviderError]()


@attrs.define
class Toy:
    """
    A source that gives something else for each request and take.

    Attributes:
        name: What it is called.
        kind: What it makes.
        grade: How good that is.
        local: Whether it asks nobody.
        cost: Of each asking, in US dollars.
        style: Is part of its requests.
        knows: What it has something for; None for everything.
        errors: What it raises, by what is asked for.
        several: How many it gives at once.
        credit: Whose work it is.
        latency: How long it takes, in seconds.
        junk: What it gives something useless for, and is paid.
        history: What it was asked, and the how many-th time anew.
        paid: What was paid so far.
    """

    name: str = "toy"
    kind: Kind = "picture"
    grade: Grade = Grade.WHOLE
    local: bool = False
    cost: Decimal = Decimal(0)
    style: str = ""
    knows: frozenset[str] | None = None
    errors: Mapping[str, ProviderError] = NOBODY
    several: int = 1
    credit: Credit | None = None
    latency: float = 0
    junk: frozenset[str] = frozenset()
    history: list[tuple[str, int]] = attrs.field(factory=list)
    paid: Decimal = Decimal(0)

    def of(self, card: Card) -> str:
        """Give what a card asks for."""
        return card.id if self.kind == "picture" else card.word

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give what decides what comes out."""
        if self.knows is not None and self.of(card) not in self.knows:
            return None
        text = card.prompt if self.kind == "picture" else card.ipa
        return {"of": self.of(card), "text": text, "style": self.style}

    def price(self, card: Card, take: int) -> Decimal:  # noqa: ARG002  # all cost alike
        """Give what one costs."""
        return self.cost

    def make(self, card: Card, take: int) -> tuple[Made, ...]:
        """Make it, or raise what is to be raised."""
        of = self.of(card)
        self.history.append((of, take))
        time.sleep(self.latency)
        if error := self.errors.get(of) or self.errors.get("*"):
            raise error
        self.paid += self.cost
        if of in self.junk:
            return (Made(content=b"<html>sorry</html>", cost=self.cost),)
        make = png if self.kind == "picture" else wav
        seed = f"{self.name} {sorted((self.request(card) or {}).items())} {take}"
        return tuple(
            Made(
                content=make(f"{seed} {number}"),
                cost=Decimal(0) if number else self.cost,
                credit=self.credit,
            )
            for number in range(self.several)
        )


def spent() -> QuotaExhausted:
    """Give what a source says when its quota is spent."""
    return QuotaExhausted("nothing more today", "come back tomorrow")
