"""HTTP over 127.0.0.1: what is taken off the wire, what is put on it, and where it breaks."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import attrs

from stages.core.frozen import FrozenMap
from stages.testing.loopback.records import Fault

_MEGABYTE = 1024 * 1024
_JSON = FrozenMap({"content-type": "application/json"})
_JSON_LINES = FrozenMap({"content-type": "application/x-jsonl"})


@attrs.frozen
class Response:
    """What is put on the wire; the connection is closed after the last."""

    status: int
    content: bytes
    headers: Mapping[str, str]
    is_last: bool = False

    @classmethod
    def of(cls, value: Any) -> Self:
        """Give a value as JSON, and a list as JSON lines."""
        if isinstance(value, list):
            lines = "".join(json.dumps(line) + "\n" for line in value)
            return cls(200, lines.encode(), _JSON_LINES)
        return cls(200, json.dumps(value).encode(), _JSON)

    @classmethod
    def failed(cls, fault: Fault, request_id: str) -> Self:
        """Give the error of a fault."""
        content = json.dumps(fault.body(request_id)).encode()
        return cls(fault.status, content, {**_JSON, **fault.headers})


Take = Callable[[str, str, Mapping[str, str], bytes | None], tuple[Response, Fault]]
"""Does what a request asks for, by method, target, headers and content; None is too much of it."""


class Wire(ThreadingHTTPServer):
    """Listens, with a thread for each connection, until it is closed."""

    request_queue_size = 256

    def __init__(self, port: int, take: Take) -> None:
        """Listen on a port, and hand on what comes in."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.take = take
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and cut every connection that is still open."""
        self.closing.set()
        # A last connection wakes the thread that waits for one; polling would take its time.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.server_port), timeout=1).close()
        self._thread.join(1)
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection, and start its thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection, and close it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print a bug; clients that went away in the middle are what this server is for."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Wire
    protocol_version = "HTTP/1.1"
    # Without these two, each answer on a kept connection waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        response, fault = self.server.take(self.command, self.path, headers, self._content())
        closed = self.server.closing.wait(fault.delay) if fault.delay else False
        if fault.drop or fault.truncate or closed or response.is_last:
            self.close_connection = True
        if not (fault.drop or closed):
            self._send(response, half=fault.truncate)

    do_DELETE = do_GET = do_POST = _serve  # noqa: N815

    def _content(self) -> bytes | None:
        """Give the body; one that is too large is read too, as its sender does not listen yet."""
        left = int(self.headers.get("content-length") or 0)
        most = (256 if self.path.startswith("/v1/messages/batches") else 32) * _MEGABYTE
        too_large = left > most
        parts = []
        while part := self.rfile.read(min(left, _MEGABYTE)):
            left -= len(part)
            if not too_large:
                parts.append(part)
        return None if too_large else b"".join(parts)

    def _send(self, response: Response, *, half: bool) -> None:
        content = response.content
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: a log of requests could hold what was asked."""
