"""Media services on 127.0.0.1 answer as their documents say, and go wrong when they are asked to."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import openai
import pytest

from stages.providers.door import check_picture, check_sound
from stages.records.media import extension
from stages.testing.loopback import (
    IMAGES,
    RUNWARE,
    Fault,
    Received,
    Response,
    ServicesLoopback,
    as_bytes,
    as_json,
    dropped,
    failed,
    files,
    media_services,
    openai_images,
    painted,
    rate_limited,
    redirect,
    runware,
    timeout,
    truncated,
    web_page,
)
from stages.testing.loopback.all_media import toned

ROOT = Path(__file__).parents[2]
TASK = {
    "taskType": "imageInference",
    "taskUUID": "3f2b8c1e-6a4d-4e8f-9b0a-1c2d3e4f5a6b",
    "positivePrompt": "A red house",
    "model": "runware:101@1",
    "width": 512,
    "height": 512,
}


def ask(url: str, body: object = None, **headers: str) -> tuple[int, bytes]:
    """Give status and body of an answer."""
    content = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, content, headers), timeout=5) as reply:
            return reply.status, reply.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def told(received: Received) -> Response:
    """Tell what was received."""
    return as_json([received.path, dict(received.query), dict(received.headers), received.body])


# Any service


def test_a_service_is_told_all_of_a_request() -> None:
    """Its path from the prefix on; what is remembered has no key."""
    with ServicesLoopback({"/api": told, "/api/deep": told}) as server:
        _, shallow = ask(f"{server.url}/api/a%2Fb?q=ni%C3%B1o", {"n": 1}, authorization="Bearer k")
        _, deep = ask(f"{server.url}/api/deep/c")

    path, query, headers, body = json.loads(shallow)
    assert (path, query, body) == ("/a%2Fb", {"q": "niño"}, {"n": 1})
    assert headers["authorization"] == "Bearer k"
    assert json.loads(deep)[0] == "/c"
    assert server.requests[0].path == "/api/a%2Fb"
    assert "authorization" not in server.requests[0].headers
    assert server.counts == {"POST /api/a%2Fb": 1, "GET /api/deep/c": 1}


def test_what_is_not_there_is_an_error() -> None:
    """As JSON, with what the service says."""

    def refuse(_: Received) -> Response:
        raise failed(403, "no")

    with ServicesLoopback({"/api": refuse, "/bug": lambda one: as_json(one.body["x"])}) as server:
        answers = [ask(f"{server.url}/{name}") for name in ("api", "bug", "apiary", "")]

    assert [status for status, _ in answers] == [403, 500, 404, 404]
    assert json.loads(answers[0][1])["error"]["message"] == "no"
    assert b"TypeError" in answers[1][1]


def test_faults_meet_an_endpoint_or_a_whole_service() -> None:
    """Each once, those of the endpoint first."""
    with ServicesLoopback({"/api": told}) as server:
        server.fail_next(Fault(500), Fault(), Fault(502), on="/api")
        server.fail_next(rate_limited(3), on="GET /api/b")
        statuses = [ask(f"{server.url}/api/{name}")[0] for name in "abaaa"]

    assert statuses == [500, 429, 200, 502, 200]


def test_faults_may_be_told_by_a_function() -> None:
    """Which knows how often the same was asked before."""
    with ServicesLoopback({"/api": told}, fault=lambda _, n: None if n else Fault(503)) as server:
        statuses = [ask(f"{server.url}/api/{name}")[0] for name in "aab"]

    assert statuses == [503, 200, 503]


@pytest.mark.parametrize("fault", [dropped(), truncated()], ids=["dropped", "truncated"])
def test_a_connection_breaks(fault: Fault) -> None:
    """Before the answer, or in the middle of it."""
    with ServicesLoopback({"/api": told}) as server:
        server.fail_next(fault, on="/api")
        with pytest.raises((URLError, HTTPException, ConnectionError)):
            ask(f"{server.url}/api")


def test_an_answer_takes_its_time() -> None:
    """That of all answers, and that of a fault."""
    with ServicesLoopback({"/api": told}, latency=0.05) as server:
        server.fail_next(timeout(0.1), on="/api")
        began = time.monotonic()
        ask(f"{server.url}/api")

    assert time.monotonic() - began >= 0.15


def test_files_are_served_by_name() -> None:
    """As they are, under the type of their name, or as any other answer."""
    content: dict[str, bytes | Response] = {
        "niño.png": painted("niño"),
        "old.png": redirect("ni%C3%B1o.png"),
        "page.png": web_page(),
        "zero.png": as_bytes(b"", "image/png"),
    }
    with ServicesLoopback({"/files": files(content)}) as server:
        with urlopen(f"{server.url}/files/ni%C3%B1o.png") as reply:
            assert (reply.headers["content-type"], reply.read()) == ("image/png", painted("niño"))
        names = ("old.png", "page.png", "zero.png", "none.png")
        old, page, zero, none = (ask(f"{server.url}/files/{name}") for name in names)

    assert old == (200, painted("niño"))
    assert page[1].startswith(b"<!DOCTYPE html>")
    assert zero == (200, b"")
    assert none[0] == 404


# What is painted and said


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_what_is_painted_is_a_picture(kind: str) -> None:
    """Of the kind that is wanted, and another one for another text."""
    pictures = [painted(f"{number}", 64, 48, kind) for number in range(50)]

    assert len(set(pictures)) == 50
    assert extension(pictures[0]) == {"jpeg": "jpg"}.get(kind, kind)
    for content in pictures:
        check_picture(content)


def test_a_tone_is_a_sound() -> None:
    """And another one for another text."""
    sounds = [toned(f"{number}") for number in range(50)]

    assert len(set(sounds)) == 50
    for content in sounds:
        check_sound(content)


# OpenAI


@contextmanager
def talking(server: ServicesLoopback, key: str = "right") -> Iterator[openai.OpenAI]:
    """Give the SDK's client of a server."""
    http = openai.DefaultHttpxClient(verify=False)
    url = f"{server.url}/openai/v1"
    with openai.OpenAI(base_url=url, api_key=key, http_client=http, max_retries=0) as client:
        yield client


def test_the_real_sdk_reads_the_pictures() -> None:
    """Every field of them."""
    with ServicesLoopback({"/openai": openai_images()}) as server, talking(server) as client:
        answer = client.images.generate(model="gpt-image-2", prompt="A house", n=2, quality="low")

    assert answer.data
    assert len({one.b64_json for one in answer.data}) == 2
    assert answer.usage
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 544)
    assert (answer.size, answer.quality, answer.output_format) == ("1024x1024", "low", "png")
    assert server.counts == {IMAGES: 1}


@pytest.mark.parametrize(
    ("settings", "status", "code"),
    [
        ({"model": "dall-e-3"}, 404, "model_not_found"),
        ({"prompt": ""}, 400, "invalid_value"),
        ({"prompt": "x" * 32_001}, 400, "invalid_value"),
        ({"prompt": "forbidden"}, 400, "moderation_blocked"),
        ({"size": "100x100"}, 400, "invalid_value"),
        ({"size": "large"}, 400, "invalid_value"),
        ({"quality": "hd"}, 400, "invalid_value"),
        ({"output_format": "bmp"}, 400, "invalid_value"),
        ({"n": 11}, 400, "invalid_value"),
        ({"output_compression": 50}, 400, "invalid_value"),
        ({"response_format": "url"}, 400, "unknown_parameter"),
    ],
    ids=lambda given: f"{given}"[:40],
)
def test_a_wrong_request_is_refused(settings: dict[str, Any], status: int, code: str) -> None:
    """With the status and the code that are documented."""
    service = openai_images(blocked=lambda prompt: prompt == "forbidden")
    asked: dict[str, Any] = {"model": "gpt-image-2", "prompt": "A house", **settings}
    with (
        ServicesLoopback({"/openai": service}) as server,
        talking(server) as client,
        pytest.raises(openai.APIStatusError) as caught,
    ):
        client.images.generate(**asked)

    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.request_id


def test_only_the_right_key_is_let_in() -> None:
    """And none is none."""
    services = {"/openai": openai_images(key="right"), "/runware": runware(key="right")}
    with ServicesLoopback(services) as server:
        with talking(server, "wrong") as client, pytest.raises(openai.AuthenticationError):
            client.images.generate(model="gpt-image-2", prompt="A house")
        for path in ("/openai/v1/images/generations", "/runware/v1"):
            assert ask(server.url + path, [TASK])[0] == 401
            assert ask(server.url + path, [TASK], authorization="Bearer wrong")[0] == 401
        assert ask(f"{server.url}/runware/v1", [TASK], authorization="Bearer right")[0] == 200
        assert ask(f"{server.url}/openai/v1/x", {}, authorization="Bearer right")[0] == 404
        assert ask(f"{server.url}/runware/x", {}, authorization="Bearer right")[0] == 404


# Runware


def tasks(*several: object, **settings: Any) -> tuple[int, dict[str, Any]]:
    """Give status and answer for tasks."""
    with ServicesLoopback({"/runware": runware(**settings)}) as server:
        status, content = ask(f"{server.url}/runware/v1", several, authorization="Bearer k")
        assert server.counts == {RUNWARE: 1}
    return status, json.loads(content)


def test_part_of_the_tasks_may_fail() -> None:
    """What was painted comes, beside the errors; the price only where it is wanted."""
    odd = {**TASK, "width": 64}
    status, answer = tasks({**TASK, "includeCost": True}, odd, {**TASK, "numberResults": 2})

    assert status == 200
    assert [one.get("cost") for one in answer["data"]] == [0.0038, None, None]
    assert len({one["imageUUID"] for one in answer["data"]}) == 2
    assert not any(one["NSFWContent"] for one in answer["data"])
    [error] = answer["errors"]
    assert (error["code"], error["parameter"]) == ("invalidWidth", "width")


def test_what_a_test_says_goes_wrong() -> None:
    """Single pictures, and indecent ones."""
    status, answer = tasks(
        {**TASK, "numberResults": 2},
        indecent=lambda _: True,
        error=lambda _, number: {"code": "providerError", "message": "no"} if number else None,
    )

    assert status == 200
    assert [one["NSFWContent"] for one in answer["data"]] == [True]
    assert [one["code"] for one in answer["errors"]] == ["providerError"]


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"taskType": "x"}, "taskType"),
        ({"taskUUID": "x"}, "taskUUID"),
        ({"taskUUID": "3f2b8c1e-6a4d-1e8f-9b0a-1c2d3e4f5a6b"}, "taskUUID"),
        ({"model": "x"}, "model"),
        ({"positivePrompt": ""}, "positivePrompt"),
        ({"steps": 0}, "steps"),
        ({"numberResults": 21}, "numberResults"),
    ],
    ids=str,
)
def test_a_wrong_task_is_refused(change: dict[str, Any], parameter: str) -> None:
    """With what is wrong in it."""
    status, answer = tasks({**TASK, **change})

    assert (status, answer["errors"][0]["parameter"]) == (400, parameter)
    assert "data" not in answer


def test_a_body_is_an_array_of_tasks() -> None:
    """Nothing else."""
    with ServicesLoopback({"/runware": runware()}) as server:
        for body in (TASK, [7]):
            assert ask(f"{server.url}/runware/v1", body, authorization="Bearer k")[0] == 400


# All of them


def test_every_media_service_is_there() -> None:
    """And finds something for every word."""
    with media_services() as server:
        word = "action/word-pronunciations/word/ni%C3%B1o/language/es"
        _, found = ask(f"{server.url}/forvo/key/right/format/json/{word}")
        [recording] = json.loads(found)["items"]
        check_sound(ask(recording["pathmp3"])[1])
        _, found = ask(f"{server.url}/openverse/v1/images/?q=a%20house")
        [picture] = json.loads(found)["results"]
        check_picture(ask(picture["url"])[1])
        check_picture(ask(f"{server.url}/files/any.png")[1])


def test_it_runs_in_a_process_of_its_own() -> None:
    """Which prints its address, and counts what it received."""
    command = [sys.executable, "-m", "stages.testing.loopback", "--media", "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        ask(f"{url}/files/a.png")
        _, counts = ask(f"{url}/loopback/requests")
        process.terminate()

    assert json.loads(counts) == {"GET /files/a.png": 1}
