"""The loopback behaves towards the real SDK as the API is documented to behave."""

import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import anthropic
import attrs
import pytest
from anthropic.types import Message, TextBlock, ThinkingBlock
from anthropic.types.messages.batch_create_params import Request

from stages.testing.loopback import (
    BATCHES,
    MESSAGES,
    BatchOutcome,
    ClaudeLoopback,
    Fault,
    Received,
    Reply,
    billing,
    dropped,
    faults_of_schema,
    not_found,
    overloaded,
    permission_denied,
    rate_limited,
    server_error,
    smallest,
    spend_limit,
    timeout,
    truncated,
)

ROOT = Path(__file__).parent.parent.parent
MODEL = "claude-sonnet-5-5"
SOON = 0.01
LONG = "casa " * 600
WORD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["word", "meanings"],
    "properties": {
        "word": {"type": "string"},
        "note": {"type": "string"},
        "meanings": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/meaning"}},
    },
    "$defs": {
        "meaning": {
            "type": "object",
            "additionalProperties": False,
            "required": ["pos", "count", "sure"],
            "properties": {
                "pos": {"enum": ["noun", "verb"]},
                "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "sure": {"type": "boolean"},
            },
        }
    },
}


@contextmanager
def talking(server: ClaudeLoopback, **settings: Any) -> Iterator[anthropic.Anthropic]:
    """Give the SDK's client of a server."""
    # Loading certificates takes longer than most tests, and there are none on 127.0.0.1.
    http = anthropic.DefaultHttpxClient(verify=False)
    usual: dict[str, Any] = {"base_url": server.url, "api_key": "k", "http_client": http}
    with anthropic.Anthropic(**usual | settings) as client:
        yield client


def ask(client: anthropic.Anthropic, text: str = "casa", **params: Any) -> Message:
    """Ask for one message."""
    usual: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": text}],
    }
    message: Message = client.messages.create(**usual | params)
    return message


def in_schema(schema: object) -> dict[str, Any]:
    """Give the parameter that asks for structured output."""
    return {"format": {"type": "json_schema", "schema": schema}}


def text_of(message: Message) -> str:
    """Give what stands in the blocks of text."""
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


def requests_for(*custom_ids: str, **params: Any) -> list[Request]:
    """Give the requests of a batch."""
    usual: dict[str, Any] = {"model": MODEL, "max_tokens": 1000}
    return [
        Request(
            custom_id=custom_id,
            params={**usual, "messages": [{"role": "user", "content": custom_id}], **params},  # type: ignore[typeddict-item]
        )
        for custom_id in custom_ids
    ]


def repeat(params: Any) -> str:
    """Answer with what was asked."""
    return str(params["messages"][-1]["content"])


def test_thinking_comes_before_the_text() -> None:
    """So that `content[0].text` is a bug; unless the server, the reply or the request says no."""
    with ClaudeLoopback() as server, talking(server) as client:
        message = ask(client)
        off = ask(client, thinking={"type": "disabled"})
    with ClaudeLoopback(thinking=False) as server, talking(server) as client:
        plain = ask(client)

    assert [type(block) for block in message.content] == [ThinkingBlock, TextBlock]
    assert (text_of(message), message.stop_reason, message.model) == ("Hello!", "end_turn", MODEL)
    assert [type(block) for block in (*off.content, *plain.content)] == [TextBlock, TextBlock]
    assert message.id.startswith("msg_")
    assert message._request_id


def test_the_usual_answer_is_the_smallest_that_fits_the_schema() -> None:
    """What is not required is left out."""
    with ClaudeLoopback() as server, talking(server) as client:
        message = ask(client, output_config={"effort": "low", **in_schema(WORD)})

    expected = {"word": "", "meanings": [{"pos": "noun", "count": 0, "sure": True}]}
    assert json.loads(text_of(message)) == expected


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 7}, 7),
        ({"type": ["string", "null"]}, ""),
        ({"type": "number"}, 0),
        ({"type": "array", "items": {"type": "string"}}, []),
        ({"allOf": [WORD["$defs"]["meaning"], {"const": {}}]}, smallest(WORD["$defs"]["meaning"])),  # type: ignore[index]
        ({"allOf": [{"type": "string"}, {"enum": ["b"]}]}, "b"),
    ],
    ids=["a constant", "types", "a number", "no items", "all of objects", "all of others"],
)
def test_the_smallest_value_fits(schema: dict[str, object], value: object) -> None:
    """Whatever the schema is made of."""
    assert list(faults_of_schema(schema)) == []
    assert smallest(schema) == value


def test_a_function_says_what_the_model_replies() -> None:
    """A text as it is, a mapping as JSON, a `Reply` with everything it tells."""
    told: dict[str, Any] = {
        "text": "niño",
        "mapping": {"word": "niño"},
        "reply": Reply("hm", thinking="first", input_tokens=7, output_tokens=9, thinking_tokens=4),
        "no thinking": Reply("hm", thinking=False),
    }
    with ClaudeLoopback(lambda body: told[repeat(body)]) as server, talking(server) as client:
        text, mapping, reply, bare = (ask(client, question) for question in told)

    assert (text_of(text), json.loads(text_of(mapping))) == ("niño", {"word": "niño"})
    assert isinstance(reply.content[0], ThinkingBlock)
    assert reply.content[0].thinking == "first"
    assert reply.usage.output_tokens_details
    assert reply.usage.output_tokens_details.thinking_tokens == 4
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (7, 9)
    assert len(bare.content) == 1


def test_an_answer_that_raises_is_an_error_of_the_server() -> None:
    """At once, with what was raised; asking again would not help."""
    with (
        ClaudeLoopback(lambda body: str(body["word"])) as server,
        talking(server) as client,
        pytest.raises(anthropic.InternalServerError, match="KeyError"),
    ):
        ask(client)

    assert len(server.requests) == 1


def test_a_refusal_has_no_text_and_says_why() -> None:
    """With status 200."""
    reply = Reply(thinking=False, stop_reason="refusal", category="bio", explanation="no")
    with ClaudeLoopback(lambda _: reply) as server, talking(server) as client:
        message = ask(client)

    assert (message.stop_reason, message.content) == ("refusal", [])
    assert message.stop_details
    assert (message.stop_details.category, message.stop_details.explanation) == ("bio", "no")


def test_an_answer_is_cut_at_max_tokens() -> None:
    """Thinking counts, and may leave nothing for the text."""
    with ClaudeLoopback(lambda _: LONG) as server, talking(server) as client:
        cut, thought = ask(client, max_tokens=10), ask(client, max_tokens=2)
    early = Reply('{"a', stop_reason="max_tokens")
    with ClaudeLoopback(lambda _: early) as server, talking(server) as client:
        told = ask(client)

    assert [cut.stop_reason, thought.stop_reason, told.stop_reason] == ["max_tokens"] * 3
    assert (cut.usage.output_tokens, thought.usage.output_tokens) == (10, 2)
    assert LONG.startswith(text_of(cut))
    assert [type(block) for block in thought.content] == [ThinkingBlock]
    assert text_of(told) == '{"a'


def test_usage_has_every_field() -> None:
    """Tokens are a quarter of the characters."""
    with ClaudeLoopback(lambda _: "x" * 40) as server, talking(server) as client:
        usage = ask(client, "y" * 80, system="z" * 20).usage

    assert (usage.input_tokens, usage.service_tier) == (25, "standard")
    assert usage.output_tokens_details
    assert usage.output_tokens == 10 + usage.output_tokens_details.thinking_tokens
    assert usage.model_fields_set == set(type(usage).model_fields)


@pytest.mark.parametrize("ttl", ["5m", "1h"])
def test_the_first_request_writes_the_cache_and_later_ones_read_it(ttl: str) -> None:
    """For the same prefix, model and schema."""
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": ttl}}]
    with ClaudeLoopback() as server, talking(server) as client:
        first, second = (ask(client, word, system=system).usage for word in ("casa", "perro"))
        other = ask(client, system=system, model="claude-opus-5-5").usage

    assert first.cache_creation
    assert getattr(first.cache_creation, f"ephemeral_{ttl}_input_tokens") == 750
    assert (first.cache_creation_input_tokens, first.cache_read_input_tokens) == (750, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, 750)
    assert (first.input_tokens, second.input_tokens) == (1, 2)
    assert other.cache_creation_input_tokens == 750


def test_cache_control_at_the_top_level_marks_the_last_block() -> None:
    """A longer conversation reads what the shorter one wrote."""
    turns = [
        {"role": "user", "content": LONG},
        {"role": "assistant", "content": [{"type": "text", "text": LONG}]},
        {"role": "user", "content": "y"},
    ]
    with ClaudeLoopback() as server, talking(server) as client:
        ask(client, messages=turns[:1], cache_control={"type": "ephemeral"})
        usage = ask(client, messages=turns, cache_control={"type": "ephemeral"}).usage

    assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (750, 751)
    assert usage.input_tokens == 0


def test_a_short_prompt_is_not_cached() -> None:
    """Silently, below the floor."""
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]
    with ClaudeLoopback(cache_floor=751) as server, talking(server) as client:
        usages = [ask(client, system=system).usage for _ in range(2)]

    for usage in usages:
        assert (usage.cache_creation_input_tokens, usage.cache_read_input_tokens) == (0, 0)
        assert usage.input_tokens == 751


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"model": None}, "model: Field required"),
    "a number for a model": ({"model": 7}, "model: Input should be a valid string"),
    "an empty model": ({"model": ""}, "model: String should have"),
    "no max_tokens": ({"max_tokens": None}, "max_tokens: Field required"),
    "a text for max_tokens": ({"max_tokens": "7"}, "max_tokens: Input should be a valid integer"),
    "max_tokens of nothing": ({"max_tokens": 0}, "max_tokens: Input should be greater"),
    "no messages": ({"messages": None}, "messages: Field required"),
    "a text for messages": ({"messages": "casa"}, "messages: Input should be a valid list"),
    "not one message": ({"messages": []}, "at least one message"),
    "an unknown role": ({"messages": [{"role": "me", "content": "x"}]}, r"messages\.0\.role"),
    "no content": ({"messages": [{"role": "user"}]}, r"messages\.0\.content"),
    "empty content": ({"messages": [{"role": "user", "content": ""}]}, "non-empty"),
    "temperature": ({"temperature": 1}, "temperature: is not supported"),
    "top_p": ({"top_p": 1}, "top_p: is not supported"),
    "top_k": ({"top_k": 1}, "top_k: is not supported"),
    "a stream": ({"stream": True}, "does not stream"),
    "a misspelt field": ({"maxtokens": 1}, "maxtokens: Extra inputs are not permitted"),
    "an unknown effort": ({"output_config": {"effort": "huge"}}, r"output_config\.effort"),
    "a format without type": ({"output_config": {"format": {"schema": WORD}}}, r"format\.type"),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_is_told_its_fault(change: dict[str, Any], told: str) -> None:
    """With status 400, and once: the SDK does not try again."""
    body: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "x"}],
    }
    body = {key: value for key, value in (body | change).items() if value is not None}
    with (
        ClaudeLoopback() as server,
        talking(server) as client,
        pytest.raises(anthropic.BadRequestError, match=told) as caught,
    ):
        client.post("/v1/messages", body=body, cast_to=Message)

    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id
    assert [request.body for request in server.requests] == [body]


@pytest.mark.parametrize("content", [b"", b"{", b"[]"], ids=["nothing", "no JSON", "a list"])
def test_a_body_that_is_no_object_is_wrong(content: bytes) -> None:
    """Whatever it is instead."""
    with (
        ClaudeLoopback() as server,
        talking(server) as client,
        pytest.raises(anthropic.BadRequestError, match="not a JSON object"),
    ):
        client.post("/v1/messages", content=content, cast_to=Message)


def closed(**properties: object) -> dict[str, Any]:
    """Give the schema of an object."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


REFUSED: dict[str, tuple[object, str]] = {
    "an open object": (closed(a={"type": "object"}), "additionalProperties"),
    "minimum": (closed(a={"type": "integer", "minimum": 1}), r"properties\.a: 'minimum'"),
    "maximum": (closed(a={"type": "number", "maximum": 1}), "'maximum' is not supported"),
    "minLength": (closed(a={"type": "string", "minLength": 1}), "'minLength' is not supported"),
    "maxLength": (closed(a={"type": "string", "maxLength": 1}), "'maxLength' is not supported"),
    "minItems of two": ({"type": "array", "items": {"const": 1}, "minItems": 2}, "'minItems'"),
    "an external reference": (closed(a={"$ref": "https://x.org/s"}), "external"),
    "a reference to nothing": (closed(a={"$ref": "#/$defs/a"}), "leads nowhere"),
    "recursion": (
        {"$ref": "#/$defs/a", "$defs": {"a": closed(a={"anyOf": [{"$ref": "#/$defs/a"}]})}},
        "recursive",
    ),
    "recursion from the root": (closed(a={"$ref": "#"}), "recursive"),
    "an enum of objects": ({"enum": [{}]}, "'enum'"),
    "an unknown type": ({"type": "text"}, "'text' is no type"),
    "nothing said": ({}, "says no type"),
    "no schema": (None, "has to be an object"),
}


@pytest.mark.parametrize(("schema", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_schema_that_structured_outputs_do_not_support_is_refused(
    schema: object, told: str
) -> None:
    """With status 400, naming where and what."""
    with (
        ClaudeLoopback() as server,
        talking(server) as client,
        pytest.raises(anthropic.BadRequestError, match=f"output_config.format.schema.*{told}"),
    ):
        ask(client, output_config=in_schema(schema))
    assert re.search(told, "; ".join(faults_of_schema(schema)))


def test_what_the_sdk_makes_of_a_schema_is_accepted() -> None:
    """It closes objects, and moves what is not supported into descriptions."""
    schema = closed(
        a={"type": "string", "maxLength": 3}, b={"type": "array", "items": {"enum": [1]}}
    )

    assert list(faults_of_schema(anthropic.transform_schema(schema))) == []


def test_a_wrong_key_is_not_let_in() -> None:
    """Nor is none, even where any would do."""
    with ClaudeLoopback(key="right") as server, talking(server, api_key="right") as client:
        assert ask(client)
        with pytest.raises(anthropic.AuthenticationError, match="invalid"):
            ask(client.with_options(api_key="wrong"))
    with ClaudeLoopback() as server, talking(server) as client:
        assert ask(client)
        with pytest.raises(anthropic.AuthenticationError, match="required"):
            ask(client, extra_headers={"Authorization": anthropic.omit})

    assert {request.path for request in server.requests} == {"/v1/messages"}


def test_a_key_is_kept_nowhere() -> None:
    """Headers have lower-case names; those with keys are left out, however the key was sent."""
    with ClaudeLoopback(key="secret") as server, talking(server, api_key="secret") as client:
        ask(client)
        ask(client.with_options(default_headers={"Authorization": "", "X-Api-Key": "secret"}))

    first, second = server.requests
    assert (first.number, second.number) == (0, 1)
    assert (first.method, first.path, first.endpoint) == ("POST", "/v1/messages", MESSAGES)
    assert first.headers["content-type"] == "application/json"
    assert first.body["model"] == MODEL
    assert "secret" not in repr(server.requests)


def test_only_the_models_that_there_are_answer() -> None:
    """Others are not found, when asked and when looked up; None takes every name."""
    with ClaudeLoopback(models=["mine"]) as server, talking(server) as client:
        assert ask(client, model="mine")
        for call in (ask, lambda client: client.models.retrieve(MODEL)):
            with pytest.raises(anthropic.NotFoundError, match=MODEL):
                call(client)
        assert [model.id for model in client.models.list()] == ["mine"]
    with ClaudeLoopback() as server, talking(server) as client:
        model = client.models.retrieve("claude-haiku-5-5")
        assert model in list(client.models.list(limit=1))

    assert (model.lifecycle, model.line, model.max_tokens) == ("active", "haiku", 128_000)
    assert model.capabilities
    assert model.capabilities.structured_outputs.supported
    assert model.capabilities.effort.max.supported


def test_tokens_are_counted_without_asking() -> None:
    """The schema of a request and its messages are checked all the same."""
    messages: list[Any] = [{"role": "user", "content": "y" * 80}]
    with ClaudeLoopback() as server, talking(server) as client:
        counted = client.messages.count_tokens(model=MODEL, messages=messages, system="z" * 20)
        with pytest.raises(anthropic.BadRequestError):
            client.messages.count_tokens(model=MODEL, messages=[])

    assert counted.input_tokens == 25


def test_what_is_not_there_is_not_found() -> None:
    """Whatever else the API may have."""
    with ClaudeLoopback() as server, talking(server) as client:
        for path in ("/v1/files", "/v1/messages/batches/a/b/c"):
            with pytest.raises(anthropic.NotFoundError):
                client.get(path, cast_to=object)


def test_a_body_may_have_32_megabytes() -> None:
    """One more byte is too much, and is told without a retry."""
    with (
        ClaudeLoopback() as server,
        talking(server) as client,
        pytest.raises(anthropic.ContentTooLargeError),
    ):
        ask(client, "x" * (32 * 1024 * 1024))

    assert [request.body for request in server.requests] == [None]


def test_the_limits_are_told_in_headers() -> None:
    """With every answer."""
    with ClaudeLoopback() as server, talking(server) as client:
        headers = client.models.with_raw_response.list().headers

    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        for what in ("limit", "remaining", "reset"):
            assert headers[f"anthropic-ratelimit-{kind}-{what}"]
    assert headers["request-id"].startswith("req_")


@pytest.mark.parametrize("fault", [rate_limited, overloaded, server_error])
def test_what_passes_is_tried_again(fault: Callable[[float], Fault]) -> None:
    """After the time that the server asks for."""
    with ClaudeLoopback() as server, talking(server) as client:
        server.fail_next(fault(0.05), fault(0.05))
        started = time.perf_counter()
        message = ask(client)
        took = time.perf_counter() - started

    assert text_of(message) == "Hello!"
    assert 0.1 <= took < 1
    retries = [request.headers["x-stainless-retry-count"] for request in server.requests]
    assert retries == ["0", "1", "2"]


def test_retry_after_is_whole_seconds_and_fractions_are_milliseconds() -> None:
    """As far as the API goes; without a time no header comes."""
    assert rate_limited(3600).headers == {"retry-after": "3600"}
    assert rate_limited(0.05).headers == {"retry-after": "1", "retry-after-ms": "50"}
    assert rate_limited().headers == {}


FAULTS: dict[str, tuple[Fault, type[anthropic.APIStatusError], str]] = {
    "rate limit": (rate_limited(), anthropic.RateLimitError, "rate_limit_error"),
    "overloaded": (overloaded(), anthropic.OverloadedError, "overloaded_error"),
    "server error": (server_error(), anthropic.InternalServerError, "api_error"),
    "spend limit": (spend_limit(), anthropic.EnforcedSpendLimitReachedError, "rate_limit_error"),
    "billing": (billing(), anthropic.PaymentRequiredError, "billing_error"),
    "permission": (permission_denied(), anthropic.PermissionDeniedError, "permission_error"),
    "not found": (not_found(), anthropic.NotFoundError, "not_found_error"),
    "conflict": (Fault(409, "no"), anthropic.ConflictError, "conflict_error"),
    "own type": (Fault(400, "no", type="mine"), anthropic.BadRequestError, "mine"),
}


@pytest.mark.parametrize(("fault", "error", "kind"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_is_the_error_that_the_sdk_has_for_it(
    fault: Fault, error: type[anthropic.APIStatusError], kind: str
) -> None:
    """With its type, its message and its code."""
    with ClaudeLoopback() as server, talking(server, max_retries=0) as client:
        server.fail_next(fault)
        with pytest.raises(error, match=fault.message) as caught:
            ask(client)
        assert ask(client)

    assert (type(caught.value), caught.value.type) == (error, kind)
    assert caught.value.error_code == fault.error_code


def test_should_retry_overrides_the_status() -> None:
    """Both ways."""
    never = attrs.evolve(server_error(), headers={"x-should-retry": "false"})
    always = Fault(400, "again", headers={"x-should-retry": "true", "retry-after-ms": "1"})
    with ClaudeLoopback() as server, talking(server) as client:
        server.fail_next(never, always)
        with pytest.raises(anthropic.InternalServerError):
            ask(client)
        assert ask(client)

    assert len(server.requests) == 3


def test_the_spend_limit_is_tried_again_in_vain() -> None:
    """By the SDK, which takes it for any other 429."""
    with (
        ClaudeLoopback(fault=lambda *_: spend_limit(SOON)) as server,
        talking(server) as client,
        pytest.raises(anthropic.EnforcedSpendLimitReachedError),
    ):
        ask(client)

    assert len(server.requests) == 3


def test_a_function_decides_on_faults_by_request_and_earlier_attempts() -> None:
    """What waits in `fail_next` comes first; a fault of nothing lets a request pass."""
    asked: list[tuple[str, int]] = []

    def fault(received: Received, earlier: int) -> Fault | None:
        asked.append((repeat(received.body), earlier))
        return overloaded(SOON) if repeat(received.body) == "ser" and not earlier else None

    with ClaudeLoopback(repeat, fault=fault) as server, talking(server) as client:
        for word in ("casa", "ser", "ser"):
            assert text_of(ask(client, word)) == word
        server.fail_next(Fault())
        assert text_of(ask(client, "ser")) == "ser"

    assert asked == [("casa", 0), ("ser", 0), ("ser", 1), ("ser", 2)]


def test_a_fault_function_that_raises_is_an_error_of_the_server() -> None:
    """With what was raised."""

    def fault(*_: object) -> Fault:
        raise LookupError("oh")

    with (
        ClaudeLoopback(fault=fault) as server,
        talking(server) as client,
        pytest.raises(anthropic.InternalServerError, match="LookupError"),
    ):
        ask(client)


def test_faults_wait_for_their_endpoint() -> None:
    """Any of them, by method and path."""
    with ClaudeLoopback() as server, talking(server, max_retries=0) as client:
        server.fail_next(overloaded(), on="GET /v1/models")
        assert ask(client)
        with pytest.raises(anthropic.OverloadedError):
            client.models.list()
        assert client.models.list()


def test_a_client_without_patience_times_out() -> None:
    """And the work was done."""
    done: list[str] = []

    def answer(body: Any) -> str:
        done.append(repeat(body))
        return "late"

    with ClaudeLoopback(answer) as server, talking(server, max_retries=0, timeout=0.15) as client:
        server.fail_next(timeout(5))
        with pytest.raises(anthropic.APITimeoutError):
            ask(client)

    assert done == ["casa"]


@pytest.mark.parametrize(
    ("fault", "done"),
    [(dropped(), 1), (dropped(done=True), 2), (truncated(), 2)],
    ids=["dropped before", "dropped after", "truncated"],
)
def test_a_broken_connection_is_tried_again(fault: Fault, done: int) -> None:
    """Whether the work was done or not; without retries it is a connection error."""
    answered: list[str] = []

    def answer(body: Any) -> str:
        answered.append(repeat(body))
        return "x"

    with ClaudeLoopback(answer) as server, talking(server) as client:
        server.fail_next(fault)
        assert text_of(ask(client)) == "x"
        assert len(answered) == done
        server.fail_next(fault)
        with pytest.raises(anthropic.APIConnectionError):
            ask(client.with_options(max_retries=0))

    assert len(server.requests) == 3


def test_many_threads_each_get_their_own_answer() -> None:
    """At once: sixteen take no longer than five, one after the other."""
    words = [f"word {number}" for number in range(80)]
    with (
        ClaudeLoopback(repeat, latency=0.05) as server,
        talking(server) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        started = time.perf_counter()
        answers = list(pool.map(lambda word: text_of(ask(client, word)), words))
        took = time.perf_counter() - started

    assert answers == words
    assert server.counts == {MESSAGES: 80}
    assert [request.number for request in server.requests] == list(range(80))
    assert 0.25 <= took < 3


def test_a_kept_connection_answers_at_once() -> None:
    """Forty milliseconds an answer would be Nagle's."""
    with ClaudeLoopback() as server, talking(server) as client:
        ask(client)
        started = time.perf_counter()
        for _ in range(20):
            ask(client)
        took = time.perf_counter() - started

    assert took < 0.8


def test_closing_never_hangs() -> None:
    """Neither for kept connections nor for answers that are long in coming; twice is once."""
    with (
        ClaudeLoopback() as server,
        talking(server, max_retries=0) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        ask(client)
        server.fail_next(timeout(60))
        waiting = pool.submit(ask, client)
        while len(server.requests) < 2:
            time.sleep(0.005)
        started = time.perf_counter()
        server.close()
        with pytest.raises(anthropic.APIConnectionError):
            waiting.result()
        with pytest.raises(anthropic.APIConnectionError):
            ask(client)

    assert time.perf_counter() - started < 1


def test_there_is_no_address_before_the_block() -> None:
    """It says so; closing what was never opened does nothing."""
    server = ClaudeLoopback()
    server.close()

    with pytest.raises(RuntimeError, match="with"):
        _ = server.url


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither requests nor clients that went away."""
    with ClaudeLoopback() as server, talking(server) as client:
        rude = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
        rude.sendall(b"POST /v1/messages HTTP/1.1\r\ncontent-length: 9\r\n\r\n")
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.close()
        assert ask(client)
        time.sleep(0.05)

    assert capfd.readouterr() == ("", "")


def test_a_bug_in_the_server_is_not_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    """What is no broken connection is printed."""
    no_json: Any = b""
    with (
        ClaudeLoopback(lambda _: Reply(stop_reason=no_json)) as server,
        talking(server, max_retries=0) as client,
    ):
        with pytest.raises(anthropic.InternalServerError, match="bytes"):
            ask(client)
        assert server._wire
        try:
            int("oh")
        except ValueError:
            server._wire.handle_error(None, ("127.0.0.1", 1))

    assert "ValueError: invalid literal" in capfd.readouterr().err


ENDS: dict[str, BatchOutcome] = {
    "a": "succeeded",
    "b": "errored",
    "c": "canceled",
    "d": "expired",
    "e": "succeeded",
}


def test_a_batch_lives_its_whole_life() -> None:
    """In progress, ended with all four outcomes in no order, deleted."""
    with ClaudeLoopback(repeat, outcome=ENDS.__getitem__) as server, talking(server) as client:
        batches = client.messages.batches
        made = batches.create(requests=requests_for(*ENDS))
        first = batches.retrieve(made.id)
        second = batches.retrieve(made.id)
        results = list(batches.results(made.id))
        again = list(batches.results(made.id))
        deleted = batches.delete(made.id)
        with pytest.raises(anthropic.NotFoundError):
            batches.retrieve(made.id)

    assert server.batches == (made.id,)
    for batch in (made, first):
        assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 5)
        assert (batch.results_url, batch.ended_at) == (None, None)
    assert made.expires_at - made.created_at == timedelta(hours=24)
    assert (second.processing_status, second.request_counts.processing) == ("ended", 0)
    counts = second.request_counts
    assert (counts.succeeded, counts.errored, counts.canceled, counts.expired) == (2, 1, 1, 1)
    assert second.results_url == f"{server.url}/v1/messages/batches/{made.id}/results"
    assert second.ended_at
    assert {line.custom_id: line.result.type for line in results} == ENDS
    assert [line.custom_id for line in results] != list(ENDS)
    assert results == again
    assert deleted.type == "message_batch_deleted"


def test_results_hold_messages_and_errors() -> None:
    """Messages of the batch tier, errors as the API writes them."""
    with ClaudeLoopback(repeat, outcome=ENDS.__getitem__) as server, talking(server) as client:
        batch = client.messages.batches.create(requests=requests_for(*ENDS))
        server.finish(batch.id)
        server.finish(batch.id)
        lines = {line.custom_id: line for line in client.messages.batches.results(batch.id)}

    good, bad = lines["e"].result, lines["b"].result
    assert good.type == "succeeded"
    assert (text_of(good.message), good.message.usage.service_tier) == ("e", "batch")
    assert bad.type == "errored"
    assert bad.error.error.type == "invalid_request_error"
    assert bad.error.request_id


def test_params_are_checked_after_the_batch_was_accepted() -> None:
    """A request that a live call would refuse is errored; so is one whose answer raises."""
    wrong = requests_for("wrong", temperature=1) + requests_for("unknown", model="x")
    with (
        ClaudeLoopback(
            lambda body: {"right": "x"}[repeat(body)], models=[MODEL], finish_after=0
        ) as server,
        talking(server) as client,
    ):
        batches = client.messages.batches
        batch = batches.create(requests=[*requests_for("right", "raises"), *wrong])
        lines = {line.custom_id: line.result for line in batches.results(batch.id)}

    assert batch.processing_status == "ended"
    assert lines.pop("right").type == "succeeded"
    errors = {
        custom_id: result.error.error.type
        for custom_id, result in lines.items()
        if result.type == "errored"
    }
    assert errors == {
        "wrong": "invalid_request_error",
        "unknown": "not_found_error",
        "raises": "api_error",
    }


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_results_never_stand_in_the_order_of_the_requests(count: int) -> None:
    """Where there are two of them or more."""
    ids = [f"w-{number}" for number in range(count)]
    with ClaudeLoopback(finish_after=0) as server, talking(server) as client:
        batch = client.messages.batches.create(requests=requests_for(*ids))
        found = [line.custom_id for line in client.messages.batches.results(batch.id)]

    assert sorted(found) == sorted(ids)
    assert (found == ids) is (count == 1)


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        (requests_for("niño_child"), r"requests\.0\.custom_id"),
        (requests_for("x" * 65), r"requests\.0\.custom_id"),
        (requests_for("ok", ""), r"requests\.1\.custom_id"),
        (requests_for("line\n"), r"requests\.0\.custom_id"),
        (requests_for("a", "a"), "a is not unique"),
        ([{"params": {}}], r"requests\.0\.custom_id"),
        ([{"custom_id": "a"}], r"requests\.0\.params"),
        (["a"], r"requests\.0\.custom_id"),
        ([], "from 1 to 100000"),
        ([{}] * 100_001, "from 1 to 100000"),
    ],
    ids=[
        "not ASCII",
        "too long",
        "empty",
        "a line break",
        "twice",
        "no id",
        "no params",
        "no object",
        "none",
        "too many",
    ],
)
def test_a_batch_of_wrong_requests_is_not_made(requests: Any, told: str) -> None:
    """Ids match ^[a-zA-Z0-9_-]{1,64}$ and are unique."""
    with (
        ClaudeLoopback() as server,
        talking(server) as client,
        pytest.raises(anthropic.BadRequestError, match=told),
    ):
        client.post("/v1/messages/batches", body={"requests": requests}, cast_to=object)

    assert server.batches == ()


def test_a_batch_without_requests_is_not_made() -> None:
    """The field is required, and so is a body."""
    with ClaudeLoopback() as server, talking(server) as client:
        for content in (b"{}", b""):
            with pytest.raises(anthropic.BadRequestError, match="requests: Field required"):
                client.post("/v1/messages/batches", content=content, cast_to=object)


def test_a_create_that_times_out_makes_a_batch_each_time() -> None:
    """It is not idempotent: default retries make three, and none makes one."""
    with ClaudeLoopback() as server, talking(server, timeout=0.15) as client:
        for retries, batches in ((0, 1), (2, 4)):
            server.fail_next(*[timeout(5)] * (1 + retries), on=BATCHES)
            with pytest.raises(anthropic.APITimeoutError):
                client.with_options(max_retries=retries).messages.batches.create(
                    requests=requests_for("a")
                )
            assert len(server.batches) == batches
        assert [batch.id for batch in client.messages.batches.list()] == [*reversed(server.batches)]


def test_an_error_may_come_after_the_batch_was_made() -> None:
    """Where it is told so; otherwise it comes before."""
    with ClaudeLoopback() as server, talking(server, max_retries=0) as client:
        server.fail_next(server_error(), attrs.evolve(server_error(), done=True), on=BATCHES)
        for made in (0, 1):
            with pytest.raises(anthropic.InternalServerError):
                client.messages.batches.create(requests=requests_for("a"))
            assert len(server.batches) == made


def test_there_are_no_results_before_the_end() -> None:
    """The SDK sees that there is no address, and the address that will be is not found yet."""
    with ClaudeLoopback(finish_after=None) as server, talking(server) as client:
        batch = client.messages.batches.create(requests=requests_for("a"))
        for _ in range(3):
            with pytest.raises(anthropic.AnthropicError, match="results"):
                client.messages.batches.results(batch.id)
        with pytest.raises(anthropic.NotFoundError):
            client.get(f"/v1/messages/batches/{batch.id}/results", cast_to=object)
        server.finish(batch.id)
        assert len(list(client.messages.batches.results(batch.id))) == 1


def test_a_canceled_batch_ends_with_what_was_not_done() -> None:
    """After a time in which it is canceling; canceling twice is canceling once."""
    with ClaudeLoopback() as server, talking(server) as client:
        batches = client.messages.batches
        made = batches.create(requests=requests_for("a", "b"))
        with pytest.raises(anthropic.BadRequestError, match="cancel it first"):
            batches.delete(made.id)
        canceling = [batches.cancel(made.id), batches.cancel(made.id), batches.retrieve(made.id)]
        ended = batches.retrieve(made.id)
        results = [line.result.type for line in batches.results(made.id)]
        with pytest.raises(anthropic.BadRequestError, match="has ended"):
            batches.cancel(made.id)

    assert {batch.processing_status for batch in canceling} == {"canceling"}
    assert len({batch.cancel_initiated_at for batch in canceling}) == 1
    assert all(batch.request_counts.processing == 2 for batch in canceling)
    assert (ended.processing_status, ended.request_counts.canceled) == ("ended", 2)
    assert results == ["canceled", "canceled"]


def test_batches_are_listed_newest_first_and_in_pages() -> None:
    """Forwards and backwards; the SDK turns the pages."""
    with ClaudeLoopback() as server, talking(server) as client:
        batches = client.messages.batches
        for _ in range(5):
            batches.create(requests=requests_for("a"))
        newest = [*reversed(server.batches)]
        page = batches.list(limit=2)
        turned = [batch.id for batch in page]
        back = batches.list(limit=2, before_id=newest[3])
        backwards = [batch.id for batch in back]
        for wrong in ({"limit": 0}, {"limit": 1001}, {"after_id": "x"}):
            with pytest.raises(anthropic.BadRequestError):
                batches.list(**wrong)

    assert turned == newest
    assert (page.has_more, page.first_id, page.last_id) == (True, newest[0], newest[1])
    assert [batch.id for batch in back.data] == newest[1:3]
    assert sorted(backwards) == sorted(newest[:3])


def test_faults_may_hit_any_step_of_a_batch() -> None:
    """A batch that was just made may not be found yet; results may break off."""
    with ClaudeLoopback(finish_after=0) as server, talking(server, max_retries=0) as client:
        batch = client.messages.batches.create(requests=requests_for("a", "b"))
        path = f"GET /v1/messages/batches/{batch.id}"
        server.fail_next(not_found(), on=path)
        server.fail_next(truncated(), on=f"{path}/results")
        with pytest.raises(anthropic.NotFoundError):
            client.messages.batches.retrieve(batch.id)
        with pytest.raises(Exception, match=r"closed|incomplete|peer|Expecting|Unterminated"):
            list(client.messages.batches.results(batch.id))
        assert len(list(client.messages.batches.results(batch.id))) == 2


def test_it_runs_in_a_process_of_its_own() -> None:
    """Its address is the first line, and it tells how much it was asked."""
    command = [sys.executable, "-m", "stages.testing.loopback", "--latency", "0.01"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            with anthropic.Anthropic(base_url=url, api_key="k") as client:
                for _ in range(2):
                    ask(client)
                client.messages.batches.create(requests=requests_for("a"))
            with urlopen(f"{url}/loopback/requests") as told:
                counts = Counter(json.load(told))
        finally:
            process.terminate()

    assert counts == {MESSAGES: 2, BATCHES: 1}
