"""What Claude says in tests: whole answers for the word in a request, and worse ones."""

import json
from collections.abc import Mapping
from typing import Any

import attrs

from stages.providers.claude import ClaudeAnalysis
from stages.records.meaning import Meaning
from stages.testing import made_up
from stages.testing.loopback import ClaudeLoopback

KEY = "sk-ant-MARKED-4711"


def claude(server: ClaudeLoopback, **settings: Any) -> ClaudeAnalysis:
    """Give a Claude that asks the loopback."""
    return ClaudeAnalysis(base_url=server.url, api_key=KEY, **settings)


def word_in(params: Mapping[str, Any]) -> str:
    """Give the word that a request asks for."""
    word: str = json.loads(params["messages"][0]["content"])["word"]
    return word


def entry(word: str = "casa", **changed: Any) -> dict[str, Any]:
    """Give a meaning as the schema has it, with nothing wrong unless changed."""
    [meaning] = made_up(word)
    fields = [one for one in attrs.fields(Meaning) if one.metadata]
    return {one.metadata["name"]: getattr(meaning, one.name) for one in fields} | changed


def said(*entries: Any, remark: str = "", **others: Any) -> dict[str, Any]:
    """Give what the model writes."""
    return {"meanings": list(entries), "remark": remark, **others}


def usual(params: Mapping[str, Any]) -> dict[str, Any]:
    """Answer with one whole meaning of the word that is asked for."""
    return said(entry(word_in(params)))


def message(text: str, **others: Any) -> bytes:
    """Give a message of the API."""
    usage = {"input_tokens": 1000, "output_tokens": 100}
    content = [{"type": "thinking", "thinking": "…"}, {"type": "text", "text": text}]
    whole = {
        "type": "message",
        "model": "claude-sonnet-5-5",
        "content": content,
        "stop_reason": "end_turn",
        "usage": usage,
    }
    return json.dumps(whole | others).encode()
