"""Tokens, counted roughly, and the prompt cache."""

import hashlib
import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import attrs


def tokens_in(text: str) -> int:
    """
    Give about the number of tokens: a quarter of the characters.

    >>> tokens_in("trabajar")
    2
    """
    return -(-len(text) // 4)


def input_tokens(params: Mapping[str, Any]) -> int:
    """Give the tokens of everything that a request makes the model read."""
    return sum(tokens_in(block.text) for block in _blocks(params))


class PromptCache:
    """Remembers what was marked with `cache_control`, and never forgets it."""

    def __init__(self, floor: int) -> None:
        """Cache no prefix of fewer tokens than `floor`."""
        self._floor = floor
        self._known: set[bytes] = set()
        self._lock = threading.Lock()

    def usage(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Give a request's tokens, split into new, written and read ones; remember its prefixes."""
        blocks = list(_blocks(params))
        totals = list(itertools.accumulate(tokens_in(block.text) for block in blocks))
        keys = list(_keys(params, blocks))
        marks = [
            number
            for number, block in enumerate(blocks)
            if block.cache_control and totals[number] >= self._floor
        ]
        read = written = 0
        ttl = "5m"
        if marks:
            last = marks[-1]
            ttl = (blocks[last].cache_control or {}).get("ttl", ttl)
            with self._lock:
                known = [totals[n] for n in range(last + 1) if keys[n] in self._known]
                self._known.update(keys[n] for n in marks)
            read = max(known, default=0)
            written = totals[last] - read
        return {
            "input_tokens": totals[-1] - read - written,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written if ttl == "5m" else 0,
                "ephemeral_1h_input_tokens": written if ttl == "1h" else 0,
            },
        }


@attrs.frozen
class _Block:
    text: str
    cache_control: Mapping[str, str] | None


def _blocks(params: Mapping[str, Any]) -> Iterator[_Block]:
    """Give what the model reads, in the order in which it does: tools, system, messages."""
    contents = [params.get("tools") or [], params.get("system") or []]
    contents += [message["content"] for message in params["messages"]]
    parts: list[Mapping[str, Any]] = [
        part
        for content in contents
        for part in ([{"text": content}] if isinstance(content, str) else content)
    ]
    if params.get("cache_control"):
        # At the top level it marks the last block.
        parts[-1] = {"cache_control": params["cache_control"], **parts[-1]}
    for part in parts:
        shown = {key: value for key, value in part.items() if key != "cache_control"}
        yield _Block(part.get("text") or json.dumps(shown), part.get("cache_control"))


def _keys(params: Mapping[str, Any], blocks: list[_Block]) -> Iterator[bytes]:
    """Give what names each prefix: another model or another schema has a cache of its own."""
    form = (params.get("output_config") or {}).get("format")
    digest = hashlib.sha256(json.dumps([params["model"], form]).encode())
    for block in blocks:
        digest.update(b"\0" + block.text.encode())
        yield digest.digest()
