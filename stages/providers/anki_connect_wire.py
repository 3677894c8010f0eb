"""How AnkiConnect is asked: many actions in one request, one request a connection, small bodies."""

import http.client
import json
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Denied, Misconfigured, Rejected, Unavailable
from stages.providers.vendor import address_of, blotted, line_of

USUAL_URL = "http://127.0.0.1:8765"
"""Where AnkiConnect listens unless told otherwise."""

MOST_BYTES = 1_000_000
"""Of a body. AnkiConnect parses what it has after each kilobyte: ten times as much takes a hundredfold."""

USUAL_BYTES = 500_000
"""Of a body of several actions: reading twice as much takes four times as long, asking twice 50 ms."""

MOST_ACTIONS = 50
"""In one request that writes, so that Anki answers its learner in between."""

Action: TypeAlias = tuple[str, Mapping[str, Any]]
"""An action by its name, and its parameters."""

_VERSION = 6
_FORBIDDEN = 403
_OK = 200
_ENVELOPE = 400
"""Bytes of a body around its actions, and some to spare."""

_START = "start Anki, with a profile open"
_INSTALL = (
    "AnkiConnect is installed in Anki under Tools > Add-ons > Get Add-ons by the code 2055492159;"
    " then start Anki again"
)
_GOES_ON = "what was done stays, and the next run goes on from there"

_log = logging.getLogger(__name__)


class Wire:
    """Asks one AnkiConnect; the key is in no text and no log."""

    def __init__(self, url: str | None, key: str | None, timeout: float) -> None:
        """
        Say whom to ask; nobody is asked yet.

        Args:
            url: Where it listens; else that of ANKICONNECT_URL, else the usual address.
            key: `apiKey` of its settings; else that of ANKICONNECT_API_KEY. Most have none.
            timeout: Seconds that are waited for an answer.

        Raises:
            Misconfigured: The address is none.
        """
        self.url = address_of(url, "AnkiConnect", "ANKICONNECT_URL", USUAL_URL).rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme != "http":
            raise Misconfigured(f"AnkiConnect speaks http, not {parts.scheme}", f"as {USUAL_URL}")
        self._host, self._port = parts.hostname or "", parts.port or http.client.HTTP_PORT
        self._key = (key or os.environ.get("ANKICONNECT_API_KEY") or "").strip()
        self._timeout = timeout

    def all(self, actions: Sequence[Action]) -> list[Any]:
        """
        Ask in one request, and give each result.

        Raises:
            Unavailable, Denied, Misconfigured, BadAnswer: As `each`.
            Rejected: One of the actions is refused.
        """
        results = []
        for (name, _), (result, error) in zip(actions, self.each(actions), strict=True):
            if error:
                raise self.refusal(name, error)
            results.append(result)
        return results

    def each(self, actions: Sequence[Action]) -> list[tuple[Any, str]]:
        """
        Ask in one request, and give each result with its error, which is empty where all went well.

        Raises:
            Unavailable: Nobody answers, or no collection is open.
            Denied: The key is wrong.
            Misconfigured: The add-on is too old.
            BadAnswer: What answers is not AnkiConnect.
        """
        return self.told(actions, self.ask(actions)) if actions else []

    def ask(self, actions: Sequence[Action]) -> bytes:
        """Ask in one request, and give the answer as it came; raises what `each` raises."""
        body = _written(self._request("multi", {"actions": [self._request(*a) for a in actions]}))
        started = time.perf_counter()
        content = self._sent(body)
        _log.debug("%d actions in %.3f s", len(actions), time.perf_counter() - started)
        return content

    def told(self, actions: Sequence[Action], content: bytes) -> list[tuple[Any, str]]:
        """Read an answer; raises what `each` raises."""
        answer = self._answer(content)
        if answer.get("error"):
            raise self.refusal("multi", str(answer["error"]))
        answers = answer.get("result")
        if not isinstance(answers, list) or len(answers) != len(actions):
            raise self._stranger("it does not answer each action")
        told = [self._told(one) for one in answers]
        for (name, _), (_, error) in zip(actions, told, strict=True):
            refused = self.refusal(name, error) if error else None
            if refused and not isinstance(refused, Rejected):
                raise refused
        return told

    @contextmanager
    def understood(self) -> Iterator[None]:
        """Take results that have another form than AnkiConnect gives them for somebody else's."""
        try:
            yield
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            said = f"its answers have another form ({type(error).__name__}: {line_of(str(error))})"
            raise self._stranger(said) from None

    def refusal(self, action: str, error: str) -> ProviderError:
        """Say in our words why an action was refused. Only AnkiConnect's own texts are known."""
        if "valid api key" in error:
            if not self._key:
                hint = "set ANKICONNECT_API_KEY to `apiKey` of the add-on's settings"
                return Denied("AnkiConnect wants a key, and none is given", hint)
            return Denied(
                "AnkiConnect wants another key than the one given",
                "it is `apiKey` in Anki under Tools > Add-ons > AnkiConnect > Config",
            )
        if "is not available" in error and ("collection" in error or "media" in error):
            return Unavailable(
                "no collection is open in Anki: it shows its profiles, or is busy with a sync",
                "choose a profile in Anki, or wait for it, then run it again",
            )
        if "unsupported action" in error or "unexpected keyword argument" in error:
            why = f"this AnkiConnect is too old: it does not know {action}"
            return Misconfigured(why, "update it in Anki under Tools > Add-ons > Check for Updates")
        if "[Errno 28]" in error:
            return Unavailable(
                "the disk that Anki writes to is full", f"free some space; {_GOES_ON}"
            )
        said = line_of(re.sub(r"<[^>]*>", " ", self._safe(error)))
        return Rejected(f"Anki refuses {action}: {said or 'it does not say why'}")

    def batches(
        self, actions: Iterable[Action], most: int = MOST_ACTIONS
    ) -> Iterator[list[Action]]:
        """
        Give the actions in requests of a bearable size, in order.

        Raises:
            Rejected: One alone is too large for a request.
        """
        batch: list[Action] = []
        size = _ENVELOPE
        for action in actions:
            added = len(_written(self._request(*action))) + 2
            if added + _ENVELOPE > MOST_BYTES:
                raise Rejected(
                    f"{_subject(action)} takes {added / 1e6:.1f} MB, more than AnkiConnect can bear",
                    "make it smaller, or let Anki see the folder that it lies in",
                )
            if batch and (size + added > USUAL_BYTES or len(batch) == most):
                yield batch
                batch, size = [], _ENVELOPE
            batch.append(action)
            size += added
        if batch:
            yield batch

    def _request(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        key = {"key": self._key} if self._key else {}
        return {"action": action, "version": _VERSION, **key, "params": params}

    def _sent(self, body: bytes) -> bytes:
        """Ask over a connection of its own: AnkiConnect closes each after one answer."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        except ConnectionRefusedError:
            why = f"nobody answers at {self.url}: Anki is not running, or it has no AnkiConnect"
            raise Unavailable(why, f"{_START}. {_INSTALL}") from None
        except TimeoutError:
            raise Unavailable(
                f"Anki did not answer for {self._timeout:.0f} seconds: it is busy, or shows a dialog",
                f"look at Anki, then run it again; {_GOES_ON}",
            ) from None
        except http.client.BadStatusLine as error:
            if not isinstance(error, http.client.RemoteDisconnected):
                raise self._stranger("it does not speak HTTP") from None
            raise self._broken() from None
        except (http.client.IncompleteRead, ConnectionError):
            raise self._broken() from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = f"{self.url} cannot be reached: {line_of(self._safe(str(error)))}"
            raise Unavailable(why, "look at the address") from None
        finally:
            connection.close()
        if response.status == _FORBIDDEN:
            raise Denied(f"whatever answers at {self.url} does not let us in (403)", _INSTALL)
        if response.status != _OK:
            raise self._stranger(f"it says {response.status}")
        return content

    def _answer(self, content: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            raise self._stranger("what it says is no JSON") from None
        if not isinstance(answer, dict) or not {"result", "error"} <= answer.keys():
            raise self._stranger("it says something else")
        return answer

    def _told(self, answer: Any) -> tuple[Any, str]:
        if not isinstance(answer, dict) or not {"result", "error"} <= answer.keys():
            raise self._stranger("it answers an action by something else")
        return answer["result"], str(answer["error"] or "")

    def _broken(self) -> Unavailable:
        why = "Anki broke the connection off: it was closed, or something else listens there"
        return Unavailable(why, f"start Anki, then run it again; {_GOES_ON}")

    def _stranger(self, why: str) -> BadAnswer:
        what = f"what answers at {self.url} is not AnkiConnect: {why}"
        return BadAnswer(what, f"{_START}, and look at the address. {_INSTALL}")

    def _safe(self, text: str) -> str:
        return blotted(text, (self._key,))


def _written(request: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(request, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Rejected(f"half a character cannot be sent: {error.object[error.start]!r}") from None


def _subject(action: Action) -> str:
    """Name what an action is about."""
    name, params = action
    return str(params.get("filename") or f"a note ({name})")
