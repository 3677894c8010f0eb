"""What all loopbacks share: they listen, remember what came, and go wrong when they are asked to."""

import hashlib
import json
import threading
from abc import ABC, abstractmethod
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import attrs

from stages.core.frozen import FrozenMap
from stages.testing.loopback.records import ApiError, Fault, Received, bug, failed
from stages.testing.loopback.wire import Response, Wire

_COUNTS = "GET /loopback/requests"
_KEYS = ("authorization", "x-api-key")


class Loopback(ABC):
    """
    A server on 127.0.0.1, while the `with` block lasts.

    Whoever is in another process learns by `GET /loopback/requests` how many requests each endpoint
    received.
    """

    def __init__(
        self,
        *,
        latency: float = 0.0,
        fault: Callable[[Received, int], Fault | None] | None = None,
        port: int = 0,
    ) -> None:
        """
        Say how it is to behave.

        Args:
            latency: Seconds that each answer takes.
            fault: Says what goes wrong with a request, of which so many with the same body came
                before; asked where `fail_next` has nothing waiting.
            port: To listen on; 0 takes a free one.
        """
        self._latency = latency
        self._fault = fault
        self._port = port
        self._lock = threading.Lock()
        self._requests: list[Received] = []
        self._seen: Counter[tuple[str, bytes]] = Counter()
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._wire: Wire | None = None

    @abstractmethod
    def _respond(self, received: Received) -> Response:
        """Give the usual answer to a request, which has its key; or raise `ApiError`."""

    @abstractmethod
    def _failed(self, fault: Fault, received: Received) -> Response:
        """Give an error as the service writes it."""

    def _let_in(self, received: Received) -> None:  # noqa: B027  # many let everyone in
        """Raise `ApiError` for a request without the right key."""

    def _headers(self, received: Received) -> Mapping[str, str]:  # noqa: ARG002
        """Give the headers that each answer has."""
        return {}

    def _names(self, received: Received) -> tuple[str, ...]:
        """Give the names by which `fail_next` may mean a request, the first before the others."""
        return (received.endpoint,)

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

    def fail_next(self, *faults: Fault, on: str) -> None:
        """
        Let the next requests for an endpoint go wrong, one a fault.

        Args:
            faults: The first comes first; `Fault()` lets one request pass.
            on: Method and path, such as "GET /v1/models".
        """
        with self._lock:
            self._waiting[on].extend(faults)

    def close(self) -> None:
        """Stop listening, and cut every connection that is still open."""
        if self._wire is not None:
            self._wire.close()

    def _take(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Response, Fault]:
        if f"{method} {target}" == _COUNTS:
            return Response.of(self.counts), Fault()
        recorded = self._record(method, target, headers, content)
        received = attrs.evolve(recorded, headers=FrozenMap(headers))
        fault = Fault()
        try:
            self._let_in(received)
            fault = self._fault_of(recorded, _of_bearable_size(content))
            response = self._work(received, fault)
        except ApiError as error:
            response = self._failed(error.fault, recorded)
        except Exception as error:
            response = self._failed(bug(error).fault, recorded)
        every = {**self._headers(recorded), **response.headers}
        fault = attrs.evolve(fault, delay=fault.delay + self._latency)
        return attrs.evolve(response, headers=every), fault

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

    def _fault_of(self, received: Received, content: bytes) -> Fault:
        signature = received.endpoint, hashlib.sha256(content).digest()
        with self._lock:
            earlier = self._seen[signature]
            self._seen[signature] += 1
            for name in self._names(received):
                if waiting := self._waiting[name]:
                    return waiting.popleft()
        told = self._fault(received, earlier) if self._fault else None
        return told or Fault()

    def _work(self, received: Received, fault: Fault) -> Response:
        if fault.breaks and not fault.done:
            raise ApiError(fault)
        response = self._respond(received)
        if fault.breaks:
            raise ApiError(fault)
        return response


def _of_bearable_size(content: bytes | None) -> bytes:
    if content is None:
        raise failed(413, "Request exceeds the maximum size")
    return content
