"""Pictures that Runware paints: many models, at low prices, over plain HTTP."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Answer, Request, Send
from stages.providers.pictures.paid import (
    Painted,
    Painter,
    answer_of,
    believable,
    picture_in,
    prices,
)
from stages.providers.pictures.prompt import STYLE, prompt_of
from stages.providers.vendor import address_of, key_of, line_of
from stages.providers.web import Web
from stages.records.card import Card

KEY = "RUNWARE_API_KEY"
"""The environment variable that has the key."""

_ADDRESS = "RUNWARE_BASE_URL"
_USUAL = "https://api.runware.ai/v1"
_MOST = 20
_SEEDS = 2**31 - 1


class Runware(Painter):
    """
    The source that lets Runware paint what a card says its picture shows.

    `journaled` makes one that keeps what it paid for. It may be asked from many threads at once.
    """

    name = "runware"

    def __init__(
        self,
        *,
        model: str = "runware:101@1",
        width: int = 1024,
        height: int = 1024,
        steps: int | None = None,
        guidance: float | None = None,
        scheduler: str = "",
        negative: str = "",
        style: str = STYLE,
        candidates: int = 1,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 120.0,
        attempts: int = 4,
        longest_wait: float = 60.0,
    ) -> None:
        """
        Ask over plain HTTP.

        Args:
            model: Which one paints.
            width: In pixels, as the model can it; most want a multiple of 64.
            height: The same.
            steps: How long it paints; None leaves it to the model, as do the next ones.
            guidance: How closely it keeps to the prompt.
            scheduler: How it goes about it.
            negative: What the picture is not to show.
            style: Stands before what each card says; "" for nothing.
            candidates: How many are painted of each card, to choose from; each is paid for.
            api_key: The key; else that of the environment, in `RUNWARE_API_KEY`.
            base_url: Of the API, where it is not the usual one or that in `RUNWARE_BASE_URL`.
            timeout: Seconds that are waited for an answer.
            attempts: How often the same is asked at most while what is wrong may pass.
            longest_wait: In seconds; if we are asked to wait longer, the card fails at once.

        Raises:
            Misconfigured: There is no key, a setting is wrong, or a library is missing.
        """
        if not model or width < 1 or height < 1 or not 1 <= candidates <= _MOST:
            why = f"Runware cannot be asked with {model=!s:.60}, {width=}, {height=}, {candidates=}"
            raise Misconfigured(why, f"name a model and a size, and want 1 to {_MOST} candidates")
        self._style = style
        settings = {
            "model": model,
            "width": width,
            "height": height,
            "steps": steps,
            "CFGScale": guidance,
            "scheduler": scheduler,
            "negativePrompt": negative,
            "numberResults": candidates,
        }
        self._settings = FrozenMap(
            {name: value for name, value in settings.items() if value not in (None, "")}
        )
        self._live = _Live(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            attempts=attempts,
            longest_wait=longest_wait,
        )
        self.send: Send = self._live

    def __repr__(self) -> str:
        return f"<Runware {self._settings['model']}>"

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give what is painted, and how; None for a card that does not say what it shows."""
        prompt = prompt_of(card, self._style)
        if not prompt:
            return None
        shared = ("numberResults", "width", "height")
        told = {name: str(one) for name, one in self._settings.items() if name not in shared}
        told["size"] = f"{self._settings['width']}x{self._settings['height']}"
        return {**told, **({"style": self._style} if self._style else {}), "prompt": prompt}

    def _asked(self, card: Card, take: int) -> dict[str, Any]:
        """Give the request as the journal has it; the vendor is sent its body."""
        task = {
            "taskType": "imageInference",
            **self._settings,
            "positivePrompt": prompt_of(card, self._style),
            "outputType": "base64Data",
            "outputFormat": "JPG",
            "includeCost": True,
            "safety": {"checkContent": True},
        }
        text = json.dumps([task, take], sort_keys=True)
        digest = hashlib.sha256(text.encode()).digest()
        # Who asks again asks for the same task, and the same picture.
        named = {
            "taskUUID": str(uuid.UUID(bytes=digest[:16], version=4)),
            "seed": 1 + int.from_bytes(digest[16:24]) % _SEEDS,
        }
        return {"body": {**task, **named}, "take": take}

    def _estimated(self, body: Mapping[str, Any]) -> Decimal:
        return prices().runware * int(body["numberResults"])

    def _cost(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Decimal:
        return sum(map(_cost_of, _answers(told, body)), Decimal(0))

    def _painted(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Painted]:
        for error in _listed(told, "errors"):
            yield self._live.safe(_error(error))
        for one in _answers(told, body):
            try:
                if one.get("NSFWContent") is True:
                    raise Refused("Runware holds what it painted to be indecent", _OTHERWISE)
                content = picture_in(one.get("imageBase64Data"))
            except ProviderError as error:
                yield error
            else:
                yield content, {name: line_of(str(one[name]), 60) for name in _KEPT if name in one}


_WRITTEN = ("positivePrompt", "negativePrompt")
_KEPT = ("imageUUID", "seed")


def _listed(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _answers(told: Mapping[str, Any], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the parts of an answer that are to this request."""
    return [one for one in _listed(told, "data") if one.get("taskUUID") == body["taskUUID"]]


def _cost_of(one: Mapping[str, Any]) -> Decimal:
    """Give what a picture cost; what is not told is estimated."""
    told = one.get("cost")
    if isinstance(told, bool) or not isinstance(told, (int, float)):
        return prices().runware
    return believable(Decimal(str(told)), prices().runware)


_OTHERWISE = "say otherwise what the picture shows"
_KINDS: tuple[tuple[str, type[ProviderError], str], ...] = (
    (r"api_?key|auth|forbidden", Denied, f"Runware does not take the key: look at {KEY}"),
    (r"credit|balance|payment|billing|quota", QuotaExhausted, "look at the billing of the account"),
    (r"rate_?limit|too_?many", RateLimited, "run it again later, or with fewer at once"),
    (r"nsfw|moderat|safety|inappropriate|blocked|polic", Refused, _OTHERWISE),
    (r"time_?out|unavailable|server|overload|busy|internal", Unavailable, "run it again later"),
)
_OF_THE_CARD = frozenset({*_WRITTEN, "None"})


def _error(about: Mapping[str, Any]) -> ProviderError:
    """Give our error for one that Runware tells: by its code, as the documents list none of them."""
    code, parameter = str(about.get("code")), str(about.get("parameter"))
    said = line_of(about.get("message")) or "no reason was given"
    why = f"Runware answered {line_of(code, 60)}: {said}"
    for pattern, kind, hint in _KINDS:
        if re.search(pattern, code, re.IGNORECASE):
            return kind(why, hint)
    if parameter not in _OF_THE_CARD:
        return Misconfigured(why, f"look at the setting {line_of(parameter, 60)}")
    return Rejected(why)


def _judge(status: int, content: bytes) -> ProviderError | None:
    """Give the error that an answer tells in place of pictures; None where it tells none."""
    try:
        told = answer_of(content)
    except BadAnswer:
        return None
    errors = _listed(told, "errors")
    passing = status == 429 or status >= 500  # noqa: PLR2004
    return None if passing or not errors or _listed(told, "data") else _error(errors[0])


@attrs.frozen(kw_only=True, slots=False)
class _Live:
    """
    Asks over HTTP; the label is the journal's.

    The key is never shown, and does not travel to other processes: there it is the environment's.
    """

    api_key: str | None = attrs.field(default=None, repr=False, eq=False)
    base_url: str | None = None
    timeout: float
    attempts: int
    longest_wait: float

    def __attrs_post_init__(self) -> None:
        """Find what is wrong before anything is asked."""
        _ = self._web, self._address

    @cached_property
    def _address(self) -> str:
        return address_of(self.base_url, "Runware", _ADDRESS, _USUAL)

    @cached_property
    def _web(self) -> Web:
        key = key_of(self.api_key, "Runware", KEY)
        return Web(
            "Runware",
            headers={"Authorization": f"Bearer {key}"},
            secrets=[key],
            timeout=self.timeout,
            attempts=self.attempts,
            longest_wait=self.longest_wait,
            judge=_judge,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "api_key": None}

    def __call__(self, request: Request, label: str) -> Answer:  # noqa: ARG002
        """Give the raw answer to the body of a request, unless it tells of errors alone."""
        content = self._web.post(self._address, [request["body"]])
        if error := _judge(200, content):
            raise self.safe(error)
        return Answer(content)

    def safe(self, error: ProviderError) -> ProviderError:
        """Give an error without the key in it."""
        return self._web.safe(error)
