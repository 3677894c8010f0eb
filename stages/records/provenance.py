"""Where a picture or a sound is from: who made it, of what, when, for how much."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.records.media import MediaFile

Kind: TypeAlias = Literal["picture", "sound"]

Role: TypeAlias = Literal["shown", "spare", "chosen", "unwanted"]
"""
What becomes of a file: it is shown on its card; it is a further candidate; a person chose it, and no
source betters it; or it is to be made anew, and shown until then.
"""


@attrs.frozen(kw_only=True)
class Provenance:
    """
    What is known of a file that was made for a card.

    Attributes:
        kind: What it is.
        language: Of its card, a BCP 47 tag.
        of: What it is for: the id of a card, or the text that is spoken.
        file: The file; it says who made it, its licence and its credit.
        request: All that decides what comes out: model, style, size, prompt, ...
        fingerprint: Of provider and request; equal requests have equal ones.
        made_at: In UTC: "2026-03-01T12:00:00+00:00".
        cost: What it cost indeed, in US dollars.
        take: Counts from 0 how often the same was asked for anew.
        role: What becomes of it.
        passed: Fingerprints of requests to better sources that came to nothing.
        reasons: Why they did, and whatever else went wrong on the way.
        details: What else its provider said, such as the seed or the speaker.
    """

    kind: Kind
    language: str
    of: str
    file: MediaFile
    request: FrozenMap[str, str]
    fingerprint: str
    made_at: str
    cost: Decimal = Decimal(0)
    take: int = 0
    role: Role = "shown"
    passed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    details: FrozenMap[str, str] = FrozenMap()


def fingerprint_of(provider: str, request: Mapping[str, str]) -> str:
    """
    Name a request to a provider.

    >>> fingerprint_of("openmoji", {"emoji": "🏠"})
    'f749aa76fb99184fcb4353c4ac7408cd'
    """
    text = json.dumps([provider, dict(request)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
