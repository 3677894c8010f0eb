"""The server that tests hold in their hands."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stages.testing.loopback.base import Loopback
from stages.testing.loopback.batches import Batches
from stages.testing.loopback.messages import Messages, shortest_answer
from stages.testing.loopback.models import model_named, model_page
from stages.testing.loopback.records import Answer, BatchOutcome, Fault, Received, failed
from stages.testing.loopback.wire import Response

MESSAGES = "POST /v1/messages"
"""The endpoint that answers one request."""

BATCHES = "POST /v1/messages/batches"
"""The endpoint that makes a batch."""

_LIMITS = {
    "requests": 4_000,
    "tokens": 2_400_000,
    "input-tokens": 2_000_000,
    "output-tokens": 400_000,
}


def _all_succeed(_: str) -> BatchOutcome:
    return "succeeded"


class ClaudeLoopback(Loopback):
    """
    The Anthropic API, on 127.0.0.1, while the `with` block lasts.

    Attributes:
        url: What the SDK takes as its base URL.
    """

    def __init__(
        self,
        answer: Answer = shortest_answer,
        *,
        key: str | None = None,
        models: Collection[str] | None = None,
        thinking: bool = True,
        latency: float = 0.0,
        cache_floor: int = 512,
        fault: Callable[[Received, int], Fault | None] | None = None,
        finish_after: int | None = 1,
        outcome: Callable[[str], BatchOutcome] = _all_succeed,
        port: int = 0,
    ) -> None:
        """
        Say how it is to behave.

        Args:
            answer: Says what the model replies to a request's body; many threads call it. Left
                out, it is the smallest JSON that fits the request's schema.
            key: The only one that is let in; None lets any in, but not none.
            models: All there are; None takes every name.
            thinking: Whether a block of thinking comes before the text.
            latency: Seconds that each answer takes.
            cache_floor: Tokens below which a prompt is not cached.
            fault: Says what goes wrong with a request, of which so many with the same body came
                before; asked where `fail_next` has nothing waiting.
            finish_after: How many times a batch says that it is in progress; None leaves it to
                `finish`.
            outcome: Says how each request of a batch ends, by custom_id.
            port: To listen on; 0 takes a free one.
        """
        self._messages = Messages(answer, thinking=thinking, models=models, cache_floor=cache_floor)
        self._batches = Batches(
            self._messages, finish_after=finish_after, outcome=outcome, url=lambda: self.url
        )
        self._key = key
        self._models = models
        super().__init__(latency=latency, fault=fault, port=port)

    @property
    def batches(self) -> tuple[str, ...]:
        """The ids of all batches that were made, in order; deleted ones too."""
        return tuple(self._batches.ids)

    def fail_next(self, *faults: Fault, on: str = MESSAGES) -> None:
        """
        Let the next requests for an endpoint go wrong, one a fault.

        Args:
            faults: The first comes first; `Fault()` lets one request pass.
            on: Method and path: `MESSAGES`, `BATCHES`, "GET /v1/models", ...
        """
        super().fail_next(*faults, on=on)

    def finish(self, batch_id: str) -> None:
        """End a batch now."""
        self._batches.finish(batch_id)

    def _let_in(self, received: Received) -> None:
        bearer = received.headers.get("authorization", "").removeprefix("Bearer").strip()
        sent = received.headers.get("x-api-key") or bearer
        if not sent:
            raise failed(401, "x-api-key header is required")
        if self._key is not None and sent != self._key:
            raise failed(401, "invalid x-api-key")

    def _headers(self, received: Received) -> Mapping[str, str]:
        return {"request-id": _request_id(received), **_rate_limits()}

    def _failed(self, fault: Fault, received: Received) -> Response:
        return Response.failed(fault, _request_id(received))

    def _respond(self, received: Received) -> Response:
        return Response.of(self._route(received))

    def _route(self, received: Received) -> Any:
        match [received.method, *received.path.strip("/").split("/")]:
            case ["POST", "v1", "messages"]:
                return self._messages.create(received.body)
            case ["POST", "v1", "messages", "count_tokens"]:
                return self._messages.count(received.body)
            case [method, "v1", "messages", "batches", *rest]:
                return self._batches.serve(method, rest, received.query, received.body)
            case ["GET", "v1", "models"]:
                return model_page(self._models, received.query)
            case ["GET", "v1", "models", name]:
                return model_named(name, self._models)
        raise failed(404, "Not found")


def _request_id(received: Received) -> str:
    return f"req_{received.number:024d}"


def _rate_limits() -> dict[str, str]:
    """Give the headers that tell the limits, which are never used up here."""
    reset = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {}
    for name, limit in _LIMITS.items():
        headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-remaining"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-reset"] = reset
    return headers
