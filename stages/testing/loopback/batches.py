"""The Message Batches API, from creation to deletion."""

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import attrs

from stages.testing.loopback.messages import Messages
from stages.testing.loopback.models import page
from stages.testing.loopback.records import ApiError, BatchOutcome, failed

_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST = 100_000


@attrs.define
class _Batch:
    id: str
    requests: list[Mapping[str, Any]]
    created: datetime
    polls: int = 0
    canceled: datetime | None = None
    ended: datetime | None = None
    results: list[dict[str, Any]] = attrs.Factory(list)


class Batches:
    """
    Keeps the batches that were made.

    Attributes:
        ids: Of every batch that was made, deleted ones too, in order.
    """

    def __init__(
        self,
        messages: Messages,
        *,
        finish_after: int | None,
        outcome: Callable[[str], BatchOutcome],
        url: Callable[[], str],
    ) -> None:
        """Take the settings of `ClaudeLoopback`, and what gives its address."""
        self.ids: list[str] = []
        self._messages = messages
        self._finish_after = finish_after
        self._outcome = outcome
        self._url = url
        self._kept: dict[str, _Batch] = {}
        # A lock that its owner may take again: `answer` and `outcome` may look at the server.
        self._lock = threading.RLock()

    def serve(
        self, method: str, rest: list[str], query: Mapping[str, str], body: Any
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """Answer a request for what lies below /v1/messages/batches; lists are JSON lines."""
        with self._lock:
            match method, rest:
                case "POST", []:
                    return self._create(body)
                case "GET", []:
                    return page([self._shown(one) for one in reversed(self._kept.values())], query)
                case "GET", [batch_id]:
                    return self._poll(self._find(batch_id))
                case "DELETE", [batch_id]:
                    return self._delete(self._find(batch_id))
                case "POST", [batch_id, "cancel"]:
                    return self._cancel(self._find(batch_id))
                case "GET", [batch_id, "results"]:
                    return self._results(self._find(batch_id))
        raise failed(404, "Not found")

    def finish(self, batch_id: str) -> None:
        """End a batch; one that has ended stays as it is."""
        with self._lock:
            batch = self._kept[batch_id]
            if batch.ended is None:
                results = [self._result(request, batch) for request in batch.requests]
                batch.results = _shuffled(results)
                batch.ended = datetime.now(UTC)

    def _create(self, body: Any) -> dict[str, Any]:
        requests = _requests_of(body)
        batch = _Batch(f"msgbatch_{len(self.ids):024d}", requests, datetime.now(UTC))
        self.ids.append(batch.id)
        self._kept[batch.id] = batch
        if self._finish_after == 0:
            self.finish(batch.id)
        return self._shown(batch)

    def _poll(self, batch: _Batch) -> dict[str, Any]:
        batch.polls += 1
        if self._finish_after is not None and batch.polls > self._finish_after:
            self.finish(batch.id)
        return self._shown(batch)

    def _cancel(self, batch: _Batch) -> dict[str, Any]:
        if batch.ended:
            raise failed(400, f"{batch.id} has ended and cannot be canceled")
        if not batch.canceled:
            batch.canceled, batch.polls = datetime.now(UTC), 0
        return self._shown(batch)

    def _delete(self, batch: _Batch) -> dict[str, Any]:
        if not batch.ended:
            raise failed(400, f"{batch.id} is still being processed; cancel it first")
        del self._kept[batch.id]
        return {"id": batch.id, "type": "message_batch_deleted"}

    def _results(self, batch: _Batch) -> list[dict[str, Any]]:
        if not batch.ended:
            raise failed(404, f"{batch.id} has not ended; it has no results yet")
        return batch.results

    def _find(self, batch_id: str) -> _Batch:
        if batch_id not in self._kept:
            raise failed(404, f"there is no batch {batch_id}")
        return self._kept[batch_id]

    def _result(self, request: Mapping[str, Any], batch: _Batch) -> dict[str, Any]:
        custom_id = request["custom_id"]
        outcome = "canceled" if batch.canceled else self._outcome(custom_id)
        result: dict[str, Any] = {"type": outcome}
        try:
            if outcome == "succeeded":
                result["message"] = self._messages.create(request["params"], tier="batch")
            elif outcome == "errored":
                raise failed(400, f"{custom_id} was told to fail")
        except ApiError as error:
            # The API looks at the params of a request only after the batch was accepted.
            result = {"type": "errored", "error": error.fault.body(f"req_{batch.id}_{custom_id}")}
        return {"custom_id": custom_id, "result": result}

    def _shown(self, batch: _Batch) -> dict[str, Any]:
        counts = Counter(result["result"]["type"] for result in batch.results)
        status = "ended" if batch.ended else "canceling" if batch.canceled else "in_progress"
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": {
                "processing": 0 if batch.ended else len(batch.requests),
                **{outcome: counts[outcome] for outcome in get_args(BatchOutcome)},
            },
            "created_at": batch.created.isoformat(),
            "expires_at": (batch.created + timedelta(hours=24)).isoformat(),
            "cancel_initiated_at": batch.canceled and batch.canceled.isoformat(),
            "ended_at": batch.ended and batch.ended.isoformat(),
            "archived_at": None,
            "results_url": batch.ended and f"{self._url()}/v1/messages/batches/{batch.id}/results",
        }


def _requests_of(body: Any) -> list[Mapping[str, Any]]:
    requests = body.get("requests") if isinstance(body, Mapping) else None
    if not isinstance(requests, list):
        raise failed(400, "requests: Field required")
    if not 1 <= len(requests) <= _MOST:
        raise failed(400, f"requests: there have to be from 1 to {_MOST} requests")
    seen: set[str] = set()
    for number, request in enumerate(requests):
        custom_id = request.get("custom_id") if isinstance(request, Mapping) else None
        if not isinstance(custom_id, str) or not _CUSTOM_ID.fullmatch(custom_id):
            told = f"String should match pattern '^{_CUSTOM_ID.pattern}$'"
            raise failed(400, f"requests.{number}.custom_id: {told}")
        if custom_id in seen:
            raise failed(400, f"requests.{number}.custom_id: {custom_id} is not unique")
        if not isinstance(request.get("params"), Mapping):
            raise failed(400, f"requests.{number}.params: Field required")
        seen.add(custom_id)
    return requests


def _shuffled(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the results in an order that is always the same, and never that of the requests."""

    def key(result: dict[str, Any]) -> bytes:
        return hashlib.sha256(json.dumps(result["custom_id"]).encode()).digest()

    mixed = sorted(results, key=key)
    return mixed if mixed != results else mixed[::-1]
