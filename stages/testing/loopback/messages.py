"""The Messages API: one request, one message."""

import itertools
import json
from collections.abc import Collection, Mapping
from typing import Any

from stages.testing.loopback.checks import faults_of_request
from stages.testing.loopback.records import Answer, Reply, bug, failed
from stages.testing.loopback.schemas import smallest
from stages.testing.loopback.usage import PromptCache, input_tokens, tokens_in

_THOUGHT = "Let me think."


def shortest_answer(params: Mapping[str, Any]) -> str:
    """Say the smallest JSON that fits the request's schema, or hello."""
    form = (params.get("output_config") or {}).get("format")
    return json.dumps(smallest(form["schema"])) if form else "Hello!"


class Messages:
    """Checks requests, and has them answered."""

    def __init__(
        self, answer: Answer, *, thinking: bool, models: Collection[str] | None, cache_floor: int
    ) -> None:
        """Take the settings of `ClaudeLoopback`."""
        self._answer = answer
        self._thinking = thinking
        self._models = models
        self._cache = PromptCache(cache_floor)
        self._numbers = itertools.count()

    def count(self, params: Any) -> dict[str, Any]:
        """Give the tokens of a request that is not sent."""
        self._demand(params, counting=True)
        return {"input_tokens": input_tokens(params)}

    def create(self, params: Any, tier: str = "standard") -> dict[str, Any]:
        """Give the message that answers a request."""
        self._demand(params)
        reply = self._reply(params)
        thought, text = self._thought(reply, params), reply.text
        stop_reason = reply.stop_reason
        room = params["max_tokens"] - tokens_in(thought)
        if tokens_in(text) > room:
            text, stop_reason = text[: 4 * max(room, 0)], "max_tokens"
        content: list[dict[str, Any]] = []
        if thought:
            content.append({"type": "thinking", "thinking": thought, "signature": "bG9vcGJhY2s="})
        if text:
            content.append({"type": "text", "text": text, "citations": None})
        details = {
            "type": "refusal",
            "category": reply.category,
            "explanation": reply.explanation,
        }
        return {
            "id": f"msg_{next(self._numbers):024d}",
            "type": "message",
            "role": "assistant",
            "model": params["model"],
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "stop_details": details if stop_reason == "refusal" else None,
            "container": None,
            "usage": self._usage(params, reply, thought, text) | {"service_tier": tier},
        }

    def _demand(self, params: Any, *, counting: bool = False) -> None:
        for fault in faults_of_request(params, counting=counting):
            raise failed(400, fault)
        if self._models is not None and params["model"] not in self._models:
            raise failed(404, f"model: {params['model']}")

    def _reply(self, params: Mapping[str, Any]) -> Reply:
        try:
            said = self._answer(params)
        except Exception as error:
            raise bug(error) from error
        if isinstance(said, Reply):
            return said
        return Reply(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))

    def _thought(self, reply: Reply, params: Mapping[str, Any]) -> str:
        switched_off = (params.get("thinking") or {}).get("type") in ("disabled", "between_tools")
        wanted = self._thinking and not switched_off if reply.thinking is None else reply.thinking
        thought = wanted if isinstance(wanted, str) else _THOUGHT * wanted
        return thought[: 4 * params["max_tokens"]]

    def _usage(
        self, params: Mapping[str, Any], reply: Reply, thought: str, text: str
    ) -> dict[str, Any]:
        thinking_tokens = _first(reply.thinking_tokens, tokens_in(thought))
        usage = self._cache.usage(params)
        return usage | {
            "input_tokens": _first(reply.input_tokens, usage["input_tokens"]),
            "output_tokens": _first(reply.output_tokens, thinking_tokens + tokens_in(text)),
            "output_tokens_details": {"thinking_tokens": thinking_tokens},
            "server_tool_use": None,
            "inference_geo": "global",
            "speed": "standard",
        }


def _first(given: int | None, counted: int) -> int:
    return counted if given is None else given
