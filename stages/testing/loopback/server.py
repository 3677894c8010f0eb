"""The server that tests hold in their hands."""

import hashlib
import json
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import attrs

from stages.core.frozen import FrozenMap
from stages.testing.loopback.batches import Batches
from stages.testing.loopback.messages import Messages, shortest_answer
from stages.testing.loopback.models import model_named, model_page
from stages.testing.loopback.records import (
    Answer,
    ApiError,
    BatchOutcome,
    Fault,
    Received,
    bug,
    failed,
)
from stages.testing.loopback.wire import Response, Wire

MESSAGES = "POST /v1/messages"
"""The endpoint that answers one request."""

BATCHES = "POST /v1/messages/batches"
"""The endpoint that makes a batch."""

_COUNTS = "GET /loopback/requests"
_KEYS = ("authorization", "x-api-key")
_LIMITS = {
    "requests": 4_000,
    "tokens": 2_400_000,
    "input-tokens": 2_000_000,
    "output-tokens": 400_000,
}


def _all_succeed(_: str) -> BatchOutcome:
    return "succeeded"


class ClaudeLoopback:
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
        self._latency = latency
        self._fault = fault
        self._port = port
        self._lock = threading.Lock()
        self._requests: list[Received] = []
        self._seen: Counter[tuple[str, bytes]] = Counter()
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._wire: Wire | None = None

    def __enter__(self) -> Self:
        self._wire = Wire(self._port, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        if self._wire is None:
            raise RuntimeError("the loopback has no address yet: use it in a `with` block")
        return f"http://127.0.0.1:{self._wire.server_port}"

    @property
    def requests(self) -> tuple[Received, ...]:
        """Everything that was received, in order of arrival."""
        with self._lock:
            return tuple(self._requests)

    @property
    def counts(self) -> dict[str, int]:
        """How many requests each endpoint received, by names such as "POST /v1/messages"."""
        return dict(Counter(request.endpoint for request in self.requests))

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
        with self._lock:
            self._waiting[on].extend(faults)

    def finish(self, batch_id: str) -> None:
        """End a batch now."""
        self._batches.finish(batch_id)

    def close(self) -> None:
        """Stop listening, and cut every connection that is still open."""
        if self._wire is not None:
            self._wire.close()

    def _take(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Response, Fault]:
        if f"{method} {target}" == _COUNTS:
            return Response.of(self.counts), Fault()
        received = self._record(method, target, headers, content)
        request_id = f"req_{received.number:024d}"
        fault = Fault()
        try:
            self._let_in(headers)
            fault = self._fault_of(received, _of_bearable_size(content))
            response = self._work(received, fault)
        except ApiError as error:
            response = Response.failed(error.fault, request_id)
        except Exception as error:
            response = Response.failed(bug(error).fault, request_id)
        headers = {"request-id": request_id, **_rate_limits(), **response.headers}
        fault = attrs.evolve(fault, delay=fault.delay + self._latency)
        return attrs.evolve(response, headers=headers), fault

    def _record(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> Received:
        url = urlsplit(target)
        body = None
        with suppress(ValueError):
            body = json.loads(content or b"")
        kept = {name: value for name, value in headers.items() if name not in _KEYS}
        query = FrozenMap(parse_qsl(url.query))
        with self._lock:
            number = len(self._requests)
            received = Received(number, method, url.path, query, FrozenMap(kept), body)
            self._requests.append(received)
        return received

    def _let_in(self, headers: Mapping[str, str]) -> None:
        bearer = headers.get("authorization", "").removeprefix("Bearer").strip()
        sent = headers.get("x-api-key") or bearer
        if not sent:
            raise failed(401, "x-api-key header is required")
        if self._key is not None and sent != self._key:
            raise failed(401, "invalid x-api-key")

    def _fault_of(self, received: Received, content: bytes) -> Fault:
        signature = received.endpoint, hashlib.sha256(content).digest()
        with self._lock:
            earlier = self._seen[signature]
            self._seen[signature] += 1
            waiting = self._waiting[received.endpoint]
            if waiting:
                return waiting.popleft()
        told = self._fault(received, earlier) if self._fault else None
        return told or Fault()

    def _work(self, received: Received, fault: Fault) -> Response:
        if fault.breaks and not fault.done:
            raise ApiError(fault)
        response = Response.of(self._route(received))
        if fault.breaks:
            raise ApiError(fault)
        return response

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


def _of_bearable_size(content: bytes | None) -> bytes:
    if content is None:
        raise failed(413, "Request exceeds the maximum size")
    return content


def _rate_limits() -> dict[str, str]:
    """Give the headers that tell the limits, which are never used up here."""
    reset = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {}
    for name, limit in _LIMITS.items():
        headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-remaining"] = str(limit)
        headers[f"anthropic-ratelimit-{name}-reset"] = reset
    return headers
