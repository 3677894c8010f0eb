"""The Models API, and the pages in which lists are given."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from stages.testing.loopback.checks import EFFORTS
from stages.testing.loopback.records import failed

_USUAL = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
_MOST = 1000
_YES = {"supported": True}
_CAPABILITIES = {
    "batch": _YES,
    "citations": _YES,
    "code_execution": _YES,
    "context_management": _YES,
    "effort": _YES | dict.fromkeys(EFFORTS, _YES),
    "image_input": _YES,
    "pdf_input": _YES,
    "server_tools": _YES | {"code_execution": _YES, "web_search": _YES},
    "structured_outputs": _YES,
    "thinking": _YES
    | {"types": dict.fromkeys(("adaptive", "between_tools", "disabled", "enabled"), _YES)},
}


def model_page(models: Collection[str] | None, query: Mapping[str, str]) -> dict[str, Any]:
    """Give a page of the models; None stands for any, and shows a few."""
    return page([_shown(name) for name in (_USUAL if models is None else models)], query)


def model_named(name: str, models: Collection[str] | None) -> dict[str, Any]:
    """Give one model."""
    if models is not None and name not in models:
        raise failed(404, f"model: {name}")
    return _shown(name)


def page(items: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """
    Give the part of a list that `limit`, `after_id` and `before_id` ask for.

    >>> found = page([{"id": "c"}, {"id": "b"}, {"id": "a"}], {"after_id": "c", "limit": "1"})
    >>> found["data"], found["has_more"]
    ([{'id': 'b'}], True)
    """
    limit = query.get("limit", "20")
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST:
        raise failed(400, f"limit: Input should be from 1 to {_MOST}")
    ids = [item["id"] for item in items]
    for key in ("after_id", "before_id"):
        if key in query and query[key] not in ids:
            raise failed(400, f"{key}: there is no {query[key]}")
    if "before_id" in query:
        end = ids.index(query["before_id"])
        start = max(0, end - int(limit))
        more = start > 0
    else:
        start = ids.index(query["after_id"]) + 1 if "after_id" in query else 0
        end = start + int(limit)
        more = end < len(ids)
    return {
        "data": items[start:end],
        "has_more": more,
        "first_id": next(iter(ids[start:end]), None),
        "last_id": next(reversed(ids[start:end]), None),
    }


def _shown(name: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "2026-09-01T00:00:00Z",
        "deprecated_at": None,
        "retires_at": None,
        "lifecycle": "active",
        "line": next((line for line in ("haiku", "sonnet", "opus") if line in name), None),
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": _CAPABILITIES,
    }
