"""Pictures that OpenAI paints."""

import json
import re
import weakref
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
from stages.providers.pictures.paid import Painted, Painter, believable, picture_in, prices
from stages.providers.pictures.prompt import STYLE, prompt_of
from stages.providers.vendor import address_of, blotted, key_of, line_of, no_page, seconds_asked
from stages.records.card import Card

KEY = "OPENAI_API_KEY"
"""The environment variable that has the key."""

_ADDRESS = "OPENAI_BASE_URL"
_USUAL = "https://api.openai.com/v1"
_FORMATS = ("jpeg", "png", "webp")
_QUALITIES = ("low", "medium", "high", "xhigh", "max", "auto")
_MOST = 10
_MILLION = 1_000_000
_SQUARE = 1024 * 1024
_CHARACTERS = 3
"""So many characters of a prompt, or more, are a token."""


class OpenAIImages(Painter):
    """
    The source that lets OpenAI paint what a card says its picture shows.

    `journaled` makes one that keeps what it paid for. It may be asked from many threads at once.
    """

    name = "openai"

    def __init__(
        self,
        *,
        model: str = "gpt-image-2.5-flare",
        size: str = "1024x1024",
        quality: str = "low",
        output_format: str = "jpeg",
        compression: int = 85,
        style: str = STYLE,
        candidates: int = 1,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 180.0,
        retries: int = 3,
        longest_wait: float = 60.0,
    ) -> None:
        """
        Ask over the vendor's SDK.

        Args:
            model: Which one paints.
            size: Width and height, such as "1536x1024", both divisible by 16; or "auto".
            quality: "low", "medium", "high", "xhigh", "max" or "auto".
            output_format: "jpeg", "png" or "webp".
            compression: How good a jpeg or webp is, up to 100.
            style: Stands before what each card says; "" for nothing.
            candidates: How many are painted of each card, to choose from; each is paid for.
            api_key: The key; else that of the environment, in `OPENAI_API_KEY`.
            base_url: Of the API, where it is not the usual one.
            timeout: Of one try, in seconds.
            retries: How often what failed for the moment is tried again.
            longest_wait: In seconds; if we are asked to wait longer, the card fails at once.

        Raises:
            Misconfigured: There is no key, a setting is wrong, or the library `openai` is missing.
        """
        self._style = style
        self._settings = _checked(
            {
                "model": model,
                "size": size,
                "quality": quality,
                "output_format": output_format,
                "output_compression": compression,
                "n": candidates,
            }
        )
        self.send: Send = _Live(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
            longest_wait=longest_wait,
        )

    def __repr__(self) -> str:
        return f"<OpenAIImages {self._settings['model']}>"

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give what is painted, and how; None for a card that does not say what it shows."""
        prompt = prompt_of(card, self._style)
        if not prompt:
            return None
        told = {
            "model": self._settings["model"],
            "size": self._settings["size"],
            "quality": self._settings["quality"],
            "format": self._settings["output_format"],
            "style": self._style,
            "prompt": prompt,
        }
        return {name: value for name, value in told.items() if value}

    def _asked(self, card: Card, take: int) -> dict[str, Any]:
        """Give the request as the journal has it; the vendor is sent its body."""
        return {"body": {**self._settings, "prompt": prompt_of(card, self._style)}, "take": take}

    def _estimated(self, body: Mapping[str, Any]) -> Decimal:
        known = prices().openai
        one = known.tokens[body["quality"] if body["quality"] in known.tokens else "high"]
        sides = [int(side) for side in body["size"].split("x")] if body["size"] != "auto" else []
        area = sides[0] * sides[1] if sides else _SQUARE * 3 // 2
        painted = -(-one * max(area, _SQUARE // 4) // _SQUARE) * body["n"]
        read = -(-len(body["prompt"]) // _CHARACTERS)
        weighed: Decimal = read * known.text + painted * known.output
        return weighed / _MILLION

    def _cost(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Decimal:
        """Reckon it by the tokens; what is not told is estimated."""
        known = prices().openai
        match told.get("usage"):
            case {"input_tokens": int() as read, "output_tokens": int() as painted, **more}:
                details = more.get("input_tokens_details")
                seen = details.get("image_tokens", 0) if isinstance(details, dict) else 0
                seen = min(seen, read) if isinstance(seen, int) else 0
                seen_cost = seen * known.image
                weighed = (read - seen) * known.text + seen_cost + painted * known.output
                return believable(weighed / _MILLION, self._estimated(body))
        return self._estimated(body)

    def _painted(self, told: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Painted]:  # noqa: ARG002  # all in it was asked for
        given = told.get("data")
        for one in given if isinstance(given, list) else ():
            about = one if isinstance(one, dict) else {}
            revised = line_of(about.get("revised_prompt"), 2000)
            try:
                content = picture_in(about.get("b64_json"))
            except BadAnswer as error:
                yield error
            else:
                yield content, ({"revised_prompt": revised} if revised else {})


def _checked(settings: dict[str, Any]) -> Mapping[str, Any]:
    """Find what the API would refuse for every card."""
    for name, known in (("quality", _QUALITIES), ("output_format", _FORMATS)):
        if settings[name] not in known:
            why = f"{name}={settings[name]!r:.60} is nothing that OpenAI paints"
            raise Misconfigured(why, f"one of {', '.join(map(repr, known))}")
    size, number = str(settings["size"]), settings["n"]
    sides = (
        [int(side) for side in size.split("x")] if re.fullmatch(r"\d{1,5}x\d{1,5}", size) else []
    )
    if size != "auto" and not (sides and all(side and side % 16 == 0 for side in sides)):
        why = f"size={size!r:.60} is no size that OpenAI paints"
        raise Misconfigured(why, 'one like "1024x1024", both divisible by 16, or "auto"')
    if not settings["model"] or not 1 <= number <= _MOST:
        why = f"OpenAI cannot be asked with model={settings['model']!r:.60}, candidates={number}"
        raise Misconfigured(why, f"name a model, and want 1 to {_MOST} candidates")
    if not 0 <= settings["output_compression"] <= 100:  # noqa: PLR2004
        why = f"compression={settings['output_compression']} is none"
        raise Misconfigured(why, "a number from 0 to 100")
    if settings["output_format"] == "png":
        settings = {name: one for name, one in settings.items() if name != "output_compression"}
    return FrozenMap(settings)


@attrs.frozen(kw_only=True, slots=False)
class _Live:
    """
    Asks over the SDK; the label is the journal's.

    The key is never shown, and does not travel to other processes: there it is the environment's.
    """

    api_key: str | None = attrs.field(default=None, repr=False, eq=False)
    base_url: str | None = None
    timeout: float
    retries: int
    longest_wait: float

    def __attrs_post_init__(self) -> None:
        """Find what is wrong before anything is asked."""
        _ = self._client

    @cached_property
    def _client(self) -> Any:
        """The SDK's client, which many threads may use; a copy in another process makes its own."""
        try:
            import openai
        except ImportError as error:
            why = f"pictures by OpenAI need the library openai ({error})"
            raise Misconfigured(why, 'pip install "fluent-stages[openai]"') from None
        key = key_of(self.api_key, "OpenAI", KEY)
        address = address_of(self.base_url, "OpenAI", _ADDRESS, _USUAL)
        client = openai.OpenAI(
            api_key=key,
            base_url=address,
            timeout=self.timeout,
            max_retries=self.retries,
            http_client=openai.DefaultHttpxClient(
                event_hooks={"response": [_Guard(self.longest_wait)]}
            ),
        )
        # It refers to itself, and would leave its sockets to the garbage collector.
        weakref.finalize(self, client.close)
        return client

    def __getstate__(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "api_key": None}

    def __call__(self, request: Request, label: str) -> Answer:  # noqa: ARG002
        """Give the raw answer to the body of a request."""
        import openai

        try:
            raw = self._client.images.with_raw_response.generate(**request["body"])
        except openai.APIStatusError as error:
            raise self._said(error) from None
        except openai.OpenAIError as error:  # nothing else is left but a connection that broke
            what = "timed out" if isinstance(error, openai.APITimeoutError) else "broke off"
            detail = f": {type(error.__cause__).__name__}" if error.__cause__ else ""
            why = f"the connection to OpenAI {what}{detail}"
            raise Unavailable(why, "look at the network, then run it again") from None
        return Answer(no_page(raw.http_response.content, "OpenAI"))

    def _said(self, error: Any) -> ProviderError:
        """Give our error for an answer that is an error."""
        status = error.status_code
        about = error.body if isinstance(error.body, dict) else {}
        key = self._client.api_key
        message = about.get("message")
        said = line_of(blotted(message, [key])) if isinstance(message, str) else ""
        kind, hint = _kind(status, str(about.get("code")), str(about.get("param")))
        wait = seconds_asked(error.response.headers) or 0.0
        asks = ""
        if wait > self.longest_wait:
            most = f"{self.longest_wait:.0f}"
            asks = f"; it asks to wait {wait:.0f} seconds, and at most {most} are waited"
        number = line_of(blotted(error.request_id, [key])) if error.request_id else ""
        why = f"OpenAI answered {status}: {said or 'no reason was given'}{asks}"
        return kind(f"{why} [{number}]" if number else why, hint)


@attrs.frozen
class _Guard:
    """
    Looks at each response inside the SDK's retries, and ends those that lead nowhere.

    The SDK waits as long as it is asked to, up to two minutes, and asks again where the money is at
    an end.
    """

    longest_wait: float

    def __call__(self, response: Any) -> None:
        if response.status_code < _ERROR:
            return
        wait = seconds_asked(response.headers) or 0.0
        if wait > self.longest_wait or _code(response.read()) in _SPENT:
            response.headers["x-should-retry"] = "false"


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["code"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


_ERROR = 400
_SERVER_ERROR = 500
_SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_MODERATED = frozenset({"moderation_blocked", "content_policy_violation"})
_SETTINGS = frozenset({"model", "size", "quality", "output_format", "output_compression", "n"})
_BY_STATUS: Mapping[int, tuple[type[ProviderError], str]] = FrozenMap(
    {
        401: (Denied, f"OpenAI does not take the key: look at {KEY}"),
        402: (QuotaExhausted, "look at the billing of the account"),
        403: (Denied, "look at what the key may do"),
        404: (Misconfigured, "look at the name of the model"),
        408: (Unavailable, "run it again"),
        409: (Unavailable, "run it again"),
        429: (RateLimited, "run it again later, or with fewer at once"),
    }
)


def _kind(status: int, code: str, param: str) -> tuple[type[ProviderError], str]:
    """Tell which of our errors an answer is, and what to do about it."""
    if code in _MODERATED:
        return Refused, "say otherwise what the picture shows"
    if code in _SPENT:
        return QuotaExhausted, "look at the billing of the account"
    if code == "model_not_found":
        return _BY_STATUS[404]
    if status == 400 and param in _SETTINGS:  # noqa: PLR2004
        return Misconfigured, f"look at the setting {param}"
    otherwise = (Unavailable, "run it again later") if status >= _SERVER_ERROR else (Rejected, "")
    return _BY_STATUS.get(status, otherwise)
