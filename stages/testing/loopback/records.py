"""What came in, what the model says, and what goes wrong."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from stages.core.frozen import FrozenMap

BatchOutcome: TypeAlias = Literal["succeeded", "errored", "canceled", "expired"]
"""How one request of a batch ends."""

_NONE: Mapping[str, str] = FrozenMap()

_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def _type_of(status: int) -> str:
    return _TYPES.get(status, "invalid_request_error")


@attrs.frozen
class Received:
    """
    One request that came in; its key is left out.

    Attributes:
        number: Counts from 0 in the order of arrival.
        path: Without the query.
        headers: By lower-case names.
        body: The parsed JSON; None where there is none.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def endpoint(self) -> str:
        """Method and path, such as "POST /v1/messages"."""
        return f"{self.method} {self.path}"


@attrs.frozen
class Reply:
    """
    What the model says.

    Attributes:
        text: Empty where no text block comes.
        thinking: The text of a block that comes before, or whether one comes; None leaves it to
            the server.
        stop_reason: "end_turn", "max_tokens", "refusal", ...; a text that is longer than the
            request's `max_tokens` ends early whatever this says.
        category: Of a refusal, such as "bio".
        explanation: Of a refusal.
        input_tokens: None counts the real text, as for the other two.
        output_tokens: With those of thinking.
        thinking_tokens: None counts the block that comes before.
    """

    text: str = ""
    thinking: bool | str | None = None
    stop_reason: str = "end_turn"
    category: str | None = None
    explanation: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None


Answer: TypeAlias = Callable[[Mapping[str, Any]], Reply | str | Mapping[str, Any]]
"""Says what the model replies to a request's body; a mapping becomes JSON text."""


@attrs.frozen
class Fault:
    """
    What goes wrong with one request.

    Attributes:
        status: Of the error that is answered; 0 where the usual answer comes.
        message: Of the error.
        type: Of the error; the one that fits the status unless given.
        headers: Such as retry-after, retry-after-ms, x-should-retry.
        error_code: The stable code in the error's details.
        delay: Seconds before the answer; the work is done before them.
        drop: The connection is closed without an answer.
        truncate: The connection is closed in the middle of the body.
        done: Whether the work is done in spite of an error or a drop.
    """

    status: int = 0
    message: str = "a fault that was asked for"
    type: str = attrs.Factory(lambda self: _type_of(self.status), takes_self=True)
    headers: Mapping[str, str] = _NONE
    error_code: str | None = None
    delay: float = 0.0
    drop: bool = False
    truncate: bool = False
    done: bool = False

    @property
    def breaks(self) -> bool:
        """Whether the usual answer never comes."""
        return bool(self.status) or self.drop

    def body(self, request_id: str) -> dict[str, Any]:
        """Give the error as the API writes it."""
        error: dict[str, Any] = {"type": self.type, "message": self.message}
        if self.error_code:
            error["details"] = {"error_code": self.error_code}
        return {"type": "error", "error": error, "request_id": request_id}


class ApiError(Exception):
    """A request is answered with this fault."""

    def __init__(self, fault: Fault) -> None:
        """Take what is answered."""
        super().__init__(fault.message)
        self.fault = fault


def failed(status: int, message: str) -> ApiError:
    """Give the error of a status."""
    return ApiError(Fault(status, message))


def bug(error: Exception) -> ApiError:
    """Give the error for a function of the test that raised; there is no use in asking again."""
    headers = FrozenMap({"x-should-retry": "false"})
    return ApiError(Fault(500, f"the loopback failed: {error!r}", headers=headers))


def rate_limited(retry_after: float | None = None) -> Fault:
    """Give a 429; `retry_after` is in seconds, and fractions are told in milliseconds too."""
    return Fault(429, "This request would exceed your rate limit", headers=_waits(retry_after))


def overloaded(retry_after: float | None = None) -> Fault:
    """Give a 529."""
    return Fault(529, "Overloaded", headers=_waits(retry_after))


def server_error(retry_after: float | None = None) -> Fault:
    """Give a 500."""
    return Fault(500, "Internal server error", headers=_waits(retry_after))


def spend_limit(retry_after: float | None = None) -> Fault:
    """Give the 429 of an organization that has spent its month's money."""
    code = "enforced_spend_limit_reached"
    told = "You have reached your specified API usage limits"
    return Fault(429, told, headers=_waits(retry_after), error_code=code)


def billing() -> Fault:
    """Give the 402 of an account without money."""
    return Fault(402, "Your credit balance is too low to access the Anthropic API")


def permission_denied() -> Fault:
    """Give a 403."""
    return Fault(403, "Your API key does not have permission to use the specified resource")


def not_found() -> Fault:
    """Give a 404, as live batches do for some seconds after they were made (SDK issue 1432)."""
    return Fault(404, "Not found")


def timeout(seconds: float) -> Fault:
    """Give the usual answer so late that a client with less patience has left; the work is done."""
    return Fault(delay=seconds)


def dropped(*, done: bool = False) -> Fault:
    """Give no answer but a closed connection, before or after the work is done."""
    return Fault(drop=True, done=done)


def truncated() -> Fault:
    """Give half of the usual answer."""
    return Fault(truncate=True)


def _waits(seconds: float | None) -> Mapping[str, str]:
    if seconds is None:
        return _NONE
    headers = {"retry-after": str(math.ceil(seconds))}
    if not float(seconds).is_integer():
        headers["retry-after-ms"] = f"{seconds * 1000:g}"
    return FrozenMap(headers)
