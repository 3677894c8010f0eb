"""What the API says against the parameters of a message before any model sees them."""

from collections.abc import Iterator, Mapping
from typing import Any

from stages.testing.loopback.schemas import faults_of_schema

EFFORTS = ("low", "medium", "high", "xhigh", "max")

_ROLES = ("user", "assistant", "system")
_GONE = ("temperature", "top_p", "top_k")
_KNOWN = {
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
}


def faults_of_request(params: Any, *, counting: bool = False) -> Iterator[str]:
    """
    Give the faults of a message's parameters; the API names the first.

    Args:
        params: The body of a request, or the params of one in a batch.
        counting: Whether tokens are only counted, for which nothing is generated.
    """
    if not isinstance(params, Mapping):
        yield "the request body is not a JSON object"
        return
    yield from _faults_of_fields(params)
    yield from _faults_of_model(params)
    if not counting:
        yield from _faults_of_limit(params)
    yield from _faults_of_messages(params)
    yield from _faults_of_output(params)


def _faults_of_fields(params: Mapping[str, Any]) -> Iterator[str]:
    for name in params:
        if name in _GONE:
            yield f"{name}: is not supported by this model"
        elif name not in _KNOWN:
            yield f"{name}: Extra inputs are not permitted"
    if params.get("stream"):
        yield "stream: this loopback does not stream"


def _faults_of_model(params: Mapping[str, Any]) -> Iterator[str]:
    if "model" not in params:
        yield "model: Field required"
    elif not isinstance(params["model"], str):
        yield "model: Input should be a valid string"
    elif not params["model"]:
        yield "model: String should have at least 1 character"


def _faults_of_limit(params: Mapping[str, Any]) -> Iterator[str]:
    if "max_tokens" not in params:
        yield "max_tokens: Field required"
    elif type(params["max_tokens"]) is not int:
        yield "max_tokens: Input should be a valid integer"
    elif params["max_tokens"] < 1:
        yield "max_tokens: Input should be greater than or equal to 1"


def _faults_of_messages(params: Mapping[str, Any]) -> Iterator[str]:
    if "messages" not in params:
        yield "messages: Field required"
    elif not isinstance(params["messages"], list):
        yield "messages: Input should be a valid list"
    elif not params["messages"]:
        yield "messages: at least one message is required"
    else:
        for number, message in enumerate(params["messages"]):
            if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
                yield f"messages.{number}.role: Input should be one of {_ROLES}"
            elif not isinstance(message.get("content"), str | list):
                yield f"messages.{number}.content: Field required"
            elif not message["content"]:
                yield f"messages.{number}: all messages must have non-empty content"


def _faults_of_output(params: Mapping[str, Any]) -> Iterator[str]:
    config = params.get("output_config") or {}
    effort, form = config.get("effort"), config.get("format")
    if effort is not None and effort not in EFFORTS:
        yield f"output_config.effort: Input should be one of {EFFORTS}"
    if form is not None:
        if form.get("type") != "json_schema":
            yield "output_config.format.type: Input should be 'json_schema'"
        for fault in faults_of_schema(form.get("schema")):
            yield f"output_config.format.schema: {fault}"
