"""Media services on 127.0.0.1: each is a function, and all of them go wrong in the same ways."""

import json
import mimetypes
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import unquote

import attrs

from stages.core.frozen import FrozenMap
from stages.testing.loopback.base import Loopback
from stages.testing.loopback.records import Fault, Received, failed
from stages.testing.loopback.wire import Response

Service: TypeAlias = Callable[[Received], Response]
"""
Answers a request; many threads call it. The path is as it stands in the address, without the prefix
of the service; the headers have the key. It may raise `failed(404, "…")`.
"""


class ServicesLoopback(Loopback):
    """
    Several services at one address, while the `with` block lasts.

    >>> from urllib.request import urlopen
    >>> with ServicesLoopback({"/files": files({"a.txt": b"hello"})}) as server:
    ...     with urlopen(server.url + "/files/a.txt") as reply:
    ...         reply.read(), server.counts
    (b'hello', {'GET /files/a.txt': 1})
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        *,
        latency: float = 0.0,
        fault: Callable[[Received, int], Fault | None] | None = None,
        port: int = 0,
    ) -> None:
        """
        Say who is there.

        Args:
            services: By the prefix of their paths, such as "/forvo".
            latency: Seconds that each answer takes.
            fault: Says what goes wrong with a request, of which so many with the same body came
                before; asked where `fail_next` has nothing waiting.
            port: To listen on; 0 takes a free one.
        """
        super().__init__(latency=latency, fault=fault, port=port)
        self._services = dict(sorted(services.items(), key=lambda one: -len(one[0])))

    def fail_next(self, *faults: Fault, on: str) -> None:
        """
        Let the next requests for an endpoint, or a whole service, go wrong, one a fault.

        Args:
            faults: The first comes first; `Fault()` lets one request pass.
            on: Method and path, such as "GET /files/a.png", or the prefix of a service.
        """
        super().fail_next(*faults, on=on)

    def _names(self, received: Received) -> tuple[str, ...]:
        return received.endpoint, self._prefix(received.path)

    def _prefix(self, path: str) -> str:
        served = (one for one in self._services if path == one or path.startswith(f"{one}/"))
        return next(served, "")

    def _respond(self, received: Received) -> Response:
        prefix = self._prefix(received.path)
        if not prefix:
            raise failed(404, "no service has this path")
        path = received.path.removeprefix(prefix)
        return self._services[prefix](attrs.evolve(received, path=path))

    def _failed(self, fault: Fault, received: Received) -> Response:  # noqa: ARG002
        told = {
            "message": fault.message,
            "type": fault.type,
            "param": None,
            "code": fault.error_code,
        }
        return as_json({"error": told}, fault.status, fault.headers)

    def _headers(self, received: Received) -> Mapping[str, str]:
        return {"x-request-id": f"req_{received.number:024d}"}


def as_json(value: object, status: int = 200, headers: Mapping[str, str] = FrozenMap()) -> Response:
    """Give a value as JSON."""
    content = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, content, {"content-type": "application/json", **headers})


def as_bytes(content: bytes, kind: str = "application/octet-stream") -> Response:
    """Give bytes under a content type, be it the right one or not."""
    return Response(200, content, {"content-type": kind})


def web_page(text: str = "Please log in", status: int = 200) -> Response:
    """Give a web page, as a captive portal or a broken proxy does in place of what was asked for."""
    page = f"<!DOCTYPE html>\n<html><title>{text}</title></html>"
    return Response(status, page.encode(), {"content-type": "text/html; charset=utf-8"})


def redirect(to: str, status: int = 302) -> Response:
    """Send on to another address, which may be relative."""
    return Response(status, b"", {"location": to})


def files(content: Mapping[str, bytes | Response]) -> Service:
    """
    Serve files by their names; the content type follows the name.

    Args:
        content: Bytes, or any answer: `redirect("b.png")`, `web_page()`, `as_bytes(b"")`, ...
    """

    def serve(received: Received) -> Response:
        name = unquote(received.path).lstrip("/")
        if name not in content:
            raise failed(404, "no such file")
        found = content[name]
        if isinstance(found, Response):
            return found
        return as_bytes(found, mimetypes.guess_type(name)[0] or "application/octet-stream")

    return serve
