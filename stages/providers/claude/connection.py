"""The connection to the API: the vendor's SDK, with its errors in our words."""

import json
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import (
    Denied,
    Misconfigured,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Unavailable,
)
from stages.providers.vendor import address_of, key_of, line_of, no_page, seconds_asked

KEY = "ANTHROPIC_API_KEY"
"""The environment variable that has the key."""

_ADDRESS = "ANTHROPIC_BASE_URL"
"""The environment variable that has the address, where it is not the usual one."""

_USUAL = "https://api.anthropic.com"


@attrs.frozen(kw_only=True, slots=False)
class Connection:
    """
    Where the API is, and how patient we are with it.

    Attributes:
        api_key: The key; else that of the environment. It is never shown, and does not travel to
            other processes: there it is the environment's.
        base_url: Of the API, where it is not the usual one.
        timeout: Of one try, in seconds.
        retries: How often what failed for the moment is tried again.
        longest_wait: In seconds; who asks us to wait longer is not waited for.
    """

    api_key: str | None = attrs.field(default=None, repr=False, eq=False)
    base_url: str | None = None
    timeout: float = 300.0
    retries: int = 3
    longest_wait: float = 60.0

    def __attrs_post_init__(self) -> None:
        """
        Find what is wrong before anything is asked.

        Raises:
            Misconfigured: The library, the key or the address is missing or of no use.
        """
        _ = self.client

    @cached_property
    def client(self) -> Any:
        """The SDK's client, which many threads may use; a copy in another process makes its own."""
        try:
            import anthropic
        except ImportError as error:
            why = f"Claude needs the library anthropic ({error})"
            raise Misconfigured(why, 'pip install "fluent-stages[claude]"') from None
        client = anthropic.Anthropic(
            api_key=key_of(self.api_key, "Claude", KEY),
            base_url=address_of(self.base_url, "Claude", _ADDRESS, _USUAL),
            timeout=self.timeout,
            max_retries=self.retries,
            middleware=[_Guard(self.longest_wait)],
        )
        # It refers to itself, and would leave its sockets to the garbage collector.
        weakref.finalize(self, client.close)
        return client

    def __getstate__(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "api_key": None}

    def message(self, body: Mapping[str, Any]) -> bytes:
        """Ask live, and give the answer as it came."""
        with in_our_words():
            raw = self.client.messages.with_raw_response.create(**body)
        return no_page(bytes(raw.http_response.content), "Claude")


@attrs.frozen
class _Guard:
    """
    Stands inside the SDK's retries and ends those that lead nowhere.

    The SDK obeys any Retry-After, be it of days, and tries again where the money is at an end.
    """

    longest_wait: float

    def __call__(self, request: Any, call_next: Callable[[Any], Any]) -> Any:
        response = call_next(request)
        if response.status_code < _ERROR:
            return response
        if "spend_limit" in _error_code(response.http_response.read()):
            why = "the spend limit of the account is reached"
            raise QuotaExhausted(why, "raise it, or wait until it is renewed")
        wait = seconds_asked(response.headers) or 0.0
        if wait > self.longest_wait:
            why = (
                f"Claude asks to wait {wait:.0f} seconds, and at most {self.longest_wait:.0f} are"
                " waited"
            )
            raise RateLimited(why, "run it again then; what was answered is kept")
        return response


def _error_code(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["details"]["error_code"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


_Said: TypeAlias = tuple[type[ProviderError], str]
"""Which of our errors an answer is, and what to do about it."""

_MODEL: _Said = (Misconfigured, "look at the name of the model")
"""What a 404 is where one message is asked for."""

_BY_STATUS: Mapping[int, _Said] = FrozenMap(
    {
        401: (Denied, f"Claude does not take the key: look at {KEY}"),
        402: (QuotaExhausted, "look at the billing of the account"),
        403: (Denied, "look at what the key may do"),
        408: (Unavailable, "run it again"),
        409: (Unavailable, "run it again"),
        429: (RateLimited, "run it again later, or with fewer at once"),
    }
)
_ON_HOLD: _Said = (Denied, "ask the vendor about the account")
_SERVER: _Said = (Unavailable, "run it again later")
_OTHER: _Said = (Rejected, "")

_ERROR = 400
_SERVER_ERROR = 500


@contextmanager
def in_our_words(missing: _Said = _MODEL) -> Iterator[None]:
    """Raise the SDK's errors as those of our family, a 404 as the one given; no key is in them."""
    import anthropic

    try:
        yield
    except anthropic.APIStatusError as error:
        raise _said(error, missing) from None
    except anthropic.AnthropicError as error:  # nothing else is left but a connection that broke
        what = "timed out" if isinstance(error, anthropic.APITimeoutError) else "broke off"
        detail = f": {type(error.__cause__).__name__}" if error.__cause__ else ""
        why = f"the connection to Claude {what}{detail}"
        raise Unavailable(why, "look at the network, then run it again") from None


def _said(error: Any, missing: _Said) -> ProviderError:
    """Give our error for an answer that is an error."""
    status, message = error.status_code, line_of(_without_key(error))
    if error.error_code == "organization_on_hold":
        kind, hint = _ON_HOLD
    elif status == 400 and "credit balance" in message.lower():  # noqa: PLR2004
        kind, hint = _BY_STATUS[402]
    elif status == 404:  # noqa: PLR2004
        kind, hint = missing
    else:
        kind, hint = _BY_STATUS.get(status, _SERVER if status >= _SERVER_ERROR else _OTHER)
    number = f" [{line_of(error.request_id)}]" if error.request_id else ""
    return kind(f"Claude answered {status}: {message or 'no reason was given'}{number}", hint)


def _without_key(error: Any) -> object:
    """Give what the API says; a server between may have put the key into it."""
    message = error.api_message
    key = error.request.headers.get("authorization", "").removeprefix("Bearer ")
    return message.replace(key, "…") if isinstance(message, str) and key else message
