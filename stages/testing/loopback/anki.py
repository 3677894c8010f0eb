"""
AnkiConnect, as it was measured on Anki 26.9.3, on 127.0.0.1.

>>> import json
>>> from urllib.request import urlopen
>>> with AnkiLoopback(tick=0) as anki:
...     with urlopen(anki.url, json.dumps({"action": "version", "version": 6}).encode()) as reply:
...         json.loads(reply.read())
{'result': 6, 'error': None}

Not reproduced: the windows of Anki (the browser's loss of an update is told by `actions.losing`),
scheduling, filtered decks, cloze note types, AnkiWeb, searches without a colon, media from the web,
and what real packages have beyond schema 11. What it exports it alone can take in.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from stages.testing.loopback.anki_actions import ActionError, Actions, asked
from stages.testing.loopback.anki_collection import AnkiCollection
from stages.testing.loopback.base import Loopback
from stages.testing.loopback.records import Fault, Received
from stages.testing.loopback.wire import Response

ASKED = "POST /"
"""The one endpoint that there is."""

TICK = 0.025
"""Seconds between two looks of AnkiConnect at whether somebody asks."""

_WITH_ERRORS = 5
"""The first version of the API that tells result and error apart."""

_USUAL_VERSION = 4
_ORIGINS = ("http://localhost",)
_SECONDS_A_SQUARE_MEGABYTE = 0.14
_MEGABYTE = 1024 * 1024


class AnkiLoopback(Loopback):
    """
    Anki with AnkiConnect, while the `with` block lasts.

    Attributes:
        actions: What it does; `actions.profile` and `actions.sees` may be set while it runs.
        done: How often each action was asked for, those within a `multi` too.
        largest: How many bytes the largest body had.
    """

    def __init__(
        self,
        actions: Any = None,
        *,
        key: str | None = None,
        tick: float = TICK,
        fault: Callable[[Received, int], Fault | None] | None = None,
        port: int = 0,
    ) -> None:
        """
        Say how it is to behave.

        Args:
            actions: What can be asked; left out, all of it, on an empty collection.
            key: The only one that is let in, `apiKey` in the settings of AnkiConnect.
            tick: Seconds; 0 for tests that are in a hurry, which a large body does not hold up.
            fault: As for every loopback; it and `fail_next` also know requests by their actions.
            port: To listen on; 0 takes a free one.
        """
        super().__init__(fault=fault, port=port)
        self.actions = Actions(AnkiCollection()) if actions is None else actions
        self.done: Counter[str] = Counter()
        self.largest = 0
        self._key = key
        self._tick = tick
        self._one_at_a_time = threading.Lock()
        self._left: int | None = None

    @property
    def collection(self) -> AnkiCollection:
        """What lies in the profile."""
        collection: AnkiCollection = self.actions.collection
        return collection

    def fail_next(self, *faults: Fault, on: str = ASKED) -> None:
        """
        Let the next requests go wrong, one a fault.

        Args:
            faults: The first comes first; `Fault()` lets one request pass.
            on: The name of an action, which may stand within a `multi`, or `ASKED` for any.
        """
        super().fail_next(*faults, on=on)

    def quit_after(self, number: int) -> None:
        """Let Anki be closed in the midst of things, after so many more actions."""
        self._left = number

    def start_again(self) -> None:
        """Let Anki run again, with all that was done before it was closed."""
        self._left = None

    def _take(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[Response, Fault]:
        with self._one_at_a_time:
            if self._tick:
                now = time.monotonic()
                time.sleep(self._tick - now % self._tick)
                # It reads a kilobyte at a time, and parses what it has after each.
                size = len(content or b"") / _MEGABYTE
                time.sleep(_SECONDS_A_SQUARE_MEGABYTE * size * size)
            self.largest = max(self.largest, len(content or b""))
            if self._left == 0:
                return Response(500, b"", {}), Fault(drop=True)
            response, fault = super()._take(method, target, headers, content)
        if self._left == 0:
            fault = Fault(drop=True)
        return attrs.evolve(response, is_last=True), fault

    def _names(self, received: Received) -> tuple[str, ...]:
        body = received.body if isinstance(received.body, dict) else {}
        inner = body.get("params", {}).get("actions", ())
        return (*(one.get("action", "") for one in (body, *inner)), received.endpoint)

    def _failed(self, fault: Fault, received: Received) -> Response:  # noqa: ARG002
        return _json({"result": None, "error": fault.message}, fault.status)

    def _headers(self, received: Received) -> Mapping[str, str]:  # noqa: ARG002
        return {"access-control-allow-origin": _ORIGINS[0]}

    def _respond(self, received: Received) -> Response:
        origin = received.headers.get("origin")
        if origin is not None and origin not in _ORIGINS:
            return Response(403, b"", {})
        if received.headers.get("content-length", "0") == "0":
            return Response(200, b"AnkiConnect v.6", {"content-type": "text/plain"})
        if not isinstance(received.body, dict):
            return _json({"result": None, "error": "the body is no object"})
        return _json(self._answer(received.body))

    def _answer(self, request: Mapping[str, Any]) -> Any:
        """Answer one request, or one of those within a `multi`."""
        name, version = request.get("action", ""), request.get("version", _USUAL_VERSION)
        if request.get("key") != self._key and name != "requestPermission":
            return {"result": None, "error": "valid api key must be provided"}
        try:
            if name == "multi":
                result = [self._answer(one) for one in request["params"]["actions"]]
            else:
                result = self._done(name, request.get("params", {}))
        # Whatever goes wrong in an add-on is a text in its answer.
        except Exception as error:
            return {"result": None, "error": str(error)}
        return result if version < _WITH_ERRORS else {"result": result, "error": None}

    def _done(self, name: str, params: Mapping[str, Any]) -> Any:
        if self._left is not None:
            if self._left == 0:
                raise ActionError("Anki was closed")
            self._left -= 1
        self.done[name] += 1
        return asked(self.actions, name, params)


def _json(value: object, status: int = 200) -> Response:
    content = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Response(status, content, {"content-type": "text/json"})
