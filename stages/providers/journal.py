"""
The journal: an answer that was paid for is kept on disk, and never asked for again.

It lies as raw bytes in `<folder>/<two digits>/<key>.answer`, where the key is the SHA-256 of who was
asked and what, written the moment it arrived, before anybody looked into it. While a call runs,
`<folder>/in_flight/<key>.json` says which one; after a kill it still does.
"""

import contextlib
import copy
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import attrs

from stages.core.json import from_json
from stages.core.problem import ProviderError
from stages.providers.errors import (
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
)
from stages.providers.files import refusal, write_whole

Request: TypeAlias = Mapping[str, Any]
"""What is asked, as JSON would have it: all that decides the answer, and no key or secret."""

NOTHING_MADE = (Rejected, Refused, NotFound, RateLimited, Misconfigured, Denied, QuotaExhausted)
"""Errors after which nothing can have been charged; after any other one nobody knows."""


@attrs.frozen
class Answer:
    """
    A raw answer, and how it was come by.

    Attributes:
        content: As it came.
        paid: It was asked for now; otherwise it lay in the journal.
        interrupted: An earlier call for the same broke off, and may have been charged as well.
        kept_at: The file that keeps it, for reading; empty without a journal.
        not_kept: Why the journal could not keep it; empty if it could. It would be paid for again.
    """

    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    paid: bool = True
    interrupted: bool = False
    kept_at: str = ""
    not_kept: str = ""


@attrs.frozen
class Intent:
    """
    A call that was begun.

    Attributes:
        provider: Who was asked.
        label: For what, in a word for people.
        at: When, in UTC: "2026-03-01T12:00:00+00:00".
    """

    provider: str
    label: str
    at: str


def _absolute(folder: Path | str) -> str:
    return str(Path(folder).absolute())


@attrs.frozen
class Journal:
    """
    Keeps the answers of all who are paid for them, for all threads and processes of a machine.

    Who wants an answer that another is just asking for waits for it. If the folder cannot be used,
    every method says so with an error of our family, before anything is asked.

    Attributes:
        folder: Where they are kept; it is made when the first one is asked for.
        now: The clock, for the time of an intent.
    """

    folder: str = attrs.field(converter=_absolute)
    now: Callable[[], datetime] = attrs.field(
        default=partial(datetime.now, UTC), kw_only=True, eq=False, repr=False
    )

    def found(self, provider: str, request: Request) -> Answer | None:
        """Give the answer that is kept; None where there is none."""
        return self._found(_key(provider, request))

    def kept(
        self, provider: str, request: Request, label: str, ask: Callable[[Intent | None], bytes]
    ) -> Answer:
        """
        Give the answer that is kept; only where there is none, ask and keep what comes.

        Args:
            provider: Who is asked.
            request: What; equal JSON is the same request.
            label: What people read if the call breaks off.
            ask: Gives the answer. It is told of an earlier call that broke off, if there was one.
                Whatever it raises passes through; the call has broken off unless `NOTHING_MADE`.

        Raises:
            TypeError, ValueError: The request is no JSON.
        """
        key = _key(provider, request)
        if there := self._found(key):
            return there
        with self._alone(key):
            if there := self._found(key):
                return there
            earlier = self._noted(key)
            if not earlier:
                at = self.now().astimezone(UTC).isoformat(timespec="seconds")
                note = json.dumps(attrs.asdict(Intent(provider, label, at)), ensure_ascii=False)
                # Not synced: that would cost as much as keeping the answer does.
                write_whole(Path(self._intent(key)), note.encode("utf-8", "replace"), sync=False)
            try:
                content = ask(earlier)
            except NOTHING_MADE:
                if not earlier:
                    _remove(self._intent(key))
                raise
            return self._keep(key, content, earlier)

    def keep(self, provider: str, request: Request, content: bytes) -> Answer:
        """Keep an answer that came by another road, such as a batch; the first to come stays."""
        key = _key(provider, request)
        with self._alone(key):
            return self._found(key) or self._keep(key, content, self._noted(key))

    def forget(self, provider: str, request: Request) -> None:
        """Remove the answer, and the note of a call that broke off: it will be asked for again."""
        key = _key(provider, request)
        with self._alone(key):
            _remove(self._intent(key))
            try:
                Path(self._answer(key)).unlink(missing_ok=True)
            except OSError as error:
                raise refusal(error, self._answer(key)) from None

    def in_flight(self) -> tuple[Intent, ...]:
        """Give the calls that broke off without an answer, the oldest first; no running ones."""
        from filelock import Timeout

        try:
            files = list(Path(self.folder, "in_flight").iterdir())
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise refusal(error, self.folder) from None
        broken_off = []
        for key in {file.stem for file in files if file.suffix in {".json", ".lock"}}:
            with contextlib.suppress(Timeout), self._alone(key, wait=False):
                if self._found(key):  # killed after it was kept
                    _remove(self._intent(key))
                elif intent := self._noted(key):
                    broken_off.append(intent)
        return tuple(sorted(broken_off, key=lambda intent: (intent.at, intent.label)))

    def _answer(self, key: str) -> str:
        return f"{self.folder}{os.sep}{key[:2]}{os.sep}{key}.answer"

    def _intent(self, key: str) -> str:
        return f"{self.folder}{os.sep}in_flight{os.sep}{key}.json"

    def _found(self, key: str) -> Answer | None:
        path = self._answer(key)
        content = _content(path)
        return None if content is None else Answer(content, paid=False, kept_at=path)

    def _keep(self, key: str, content: bytes, earlier: Intent | None) -> Answer:
        """Keep what came; it is given even if it cannot be kept, and its intent stays then."""
        path = self._answer(key)
        try:
            write_whole(Path(path), content)
        except ProviderError as error:
            return Answer(content, interrupted=bool(earlier), not_kept=str(error))
        _remove(self._intent(key))
        return Answer(content, interrupted=bool(earlier), kept_at=path)

    def _noted(self, key: str) -> Intent | None:
        path = self._intent(key)
        content = _content(path)
        try:
            return None if content is None else cast("Intent", from_json(content.decode(), Intent))
        except ValueError:  # somebody has been at it, but a call was begun
            return Intent("unknown", path, "")

    @contextmanager
    def _alone(self, key: str, *, wait: bool = True) -> Iterator[None]:
        """
        Hold the lock of a key, which dies with its process.

        Its file is removed as the last thing that is done under it: who has it open by then sees
        that it has no name any more, and begins anew.
        """
        from filelock import FileLock, Timeout

        path = f"{self.folder}{os.sep}in_flight{os.sep}{key}.lock"
        lock = FileLock(path, blocking=wait)
        try:
            lock.acquire()
        except Timeout:
            raise
        except (OSError, ValueError) as error:
            raise refusal(error, path) from None
        try:
            yield
        finally:
            try:
                _remove(path)
            finally:
                lock.release()


_canonical = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def _key(provider: str, request: Request) -> str:
    """Give the name of an answer; half a character counts as any other."""
    try:
        text = _canonical.encode({"provider": provider, "request": dict(request)})
    except (TypeError, ValueError) as error:
        raise type(error)(f"a request to {provider} is no JSON: {error}") from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _content(path: str) -> bytes | None:
    """Give what a file holds; None where there is none."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a Path takes thrice as long
            return file.readall()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise refusal(error, path) from None


def _remove(path: str) -> None:
    """Remove a file if that can be done; one that stays does no harm."""
    with contextlib.suppress(OSError):
        Path(path).unlink()


Send: TypeAlias = Callable[[Request, str], Answer]
"""Takes a request and its label and gives the raw answer, or raises one of our family."""


class PaidProvider(Protocol):
    """What can be journaled: an object that asks by its attribute `send`."""

    @property
    def name(self) -> str:
        """Who is asked, and whatever else decides the answer and is not in the requests."""
        ...

    @property
    def send(self) -> Send:
        """What asks."""
        ...


P = TypeVar("P", bound=PaidProvider)


def journaled(provider: P, journal: Journal) -> P:
    """Give the provider with every answer that it pays for kept; the given one stays as it was."""
    made = copy.copy(provider)
    object.__setattr__(made, "send", Kept(provider.name, provider.send, journal))
    return made


@attrs.frozen
class Kept:
    """A `send` that looks into the journal first."""

    name: str
    send: Send
    journal: Journal

    def __call__(self, request: Request, label: str) -> Answer:
        """Give the answer that is kept, else the one that is paid for now."""
        return self.journal.kept(
            self.name, request, label, lambda _: self.send(request, label).content
        )

    def found(self, request: Request) -> Answer | None:
        """Give the answer that is kept; None where it would be paid for."""
        return self.journal.found(self.name, request)
