"""HTTP to a service: patient with what passes, strict about what comes, silent about secrets."""

import copy
import json
import logging
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any
from urllib.parse import quote, quote_plus

import cloudpickle  # type: ignore[import-untyped]
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Unavailable,
)
from stages.providers.vendor import blotted, seconds_asked
from stages.providers.web import Web, said_in
from stages.testing.loopback import (
    Fault,
    Received,
    Response,
    ServicesLoopback,
    as_bytes,
    as_json,
    dropped,
    files,
    overloaded,
    painted,
    rate_limited,
    redirect,
    server_error,
    timeout,
    truncated,
    web_page,
)

KEY = "k3y/with+signs=="
PNG = painted("casa")
GET = "GET /api/word"
_CERTIFICATES = ssl.create_default_context()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The loopback has no TLS; to read all certificates for each client takes 20 ms.
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: _CERTIFICATES)
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


def told(received: Received) -> Response:
    """Tell what was received."""
    said = {"path": received.path, "query": dict(received.query), "body": received.body}
    return as_json({**said, "headers": dict(received.headers)})


@pytest.fixture
def content() -> dict[str, bytes | Response]:
    """Give the files of the server, which a test may change."""
    return {"a.png": PNG}


@pytest.fixture
def server(content: dict[str, bytes | Response]) -> Iterator[ServicesLoopback]:
    with ServicesLoopback({"/api": told, "/files": files(content)}) as loopback:
        yield loopback


def web(**settings: Any) -> Web:
    """Give a client with a key in its headers."""
    usual: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {KEY}", "User-Agent": "stages (me@example.org)"},
        "secrets": [KEY],
    }
    return Web("Forvo", **usual | settings)


def raised(ask: Callable[[], object]) -> ProviderError:
    """Give the error; neither it nor its traceback tells the key, in any form."""
    with pytest.raises(ProviderError) as caught:
        ask()
    error = caught.value
    trace = "".join(traceback.format_exception(error))
    assert blotted(said := f"{error} {error.hint} {error!r} {trace}", [KEY]) == said
    assert error.__suppress_context__ or not error.__context__
    return error


# What is asked, and what comes


def test_an_answer_comes_as_it_is(server: ServicesLoopback) -> None:
    """With our headers, the parameters and the body sent as they are, in UTF-8."""
    one = web()
    got = json.loads(one.get(server.url + "/api/word?a=1", {"q": "niño & co", "n": 3}))
    posted = json.loads(one.post(server.url + "/api/x", [{"prompt": "ñ"}]))
    kept = json.loads(one.get(server.url + "/api/word?a=1"))

    assert got["query"] == {"q": "niño & co", "n": "3"}
    assert kept["query"] == {"a": "1"}
    assert got["headers"]["authorization"] == f"Bearer {KEY}"
    assert got["headers"]["user-agent"] == "stages (me@example.org)"
    assert posted["body"] == [{"prompt": "ñ"}]
    assert posted["headers"]["content-type"] == "application/json"


def test_a_file_gets_no_header_of_ours(server: ServicesLoopback) -> None:
    """But the one that says who asks."""
    sent = json.loads(web().file(server.url + "/api/file"))["headers"]

    assert "authorization" not in sent
    assert sent["user-agent"] == "stages (me@example.org)"


def test_no_cookie_is_kept(server: ServicesLoopback, content: dict[str, bytes | Response]) -> None:
    """One request does not change the next."""
    content["a.png"] = Response(200, PNG, {"set-cookie": "who=you; Path=/"})
    one = web()
    one.file(server.url + "/files/a.png")
    one.file(server.url + "/files/a.png")

    assert "cookie" not in server.requests[1].headers


def test_many_threads_share_the_connections(server: ServicesLoopback) -> None:
    """Each gets its own answer, from the first request on."""
    one = web()
    with ThreadPoolExecutor(16) as pool:
        paths = pool.map(
            lambda number: json.loads(one.get(f"{server.url}/api/{number}"))["path"], range(200)
        )
        assert list(paths) == [f"/{number}" for number in range(200)]

    assert server._wire is not None
    assert len(server._wire._connections) <= 16


def test_two_requests_keep_their_distance(server: ServicesLoopback) -> None:
    """Whichever threads send them; retries count."""
    one = web(spacing=0.05)
    server.fail_next(server_error(), on=GET)
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: one.get(server.url + "/api/word"), range(4)))

    assert len(server.requests) == 5
    assert 0.2 <= time.monotonic() - began < 1


# What passes


@pytest.mark.parametrize(
    "fault",
    [
        rate_limited(),
        rate_limited(2),
        server_error(),
        overloaded(1),
        Fault(408),
        Fault(425),
        Fault(503, headers={"retry-after": formatdate(time.time() + 20, usegmt=True)}),
        Fault(503, headers={"retry-after": "soon"}),
        Fault(503, headers={"retry-after": "nan"}),
        dropped(),
        truncated(),
    ],
    ids=str,
)
def test_what_passes_is_asked_again(server: ServicesLoopback, fault: Fault) -> None:
    """An answer, a file and a thing that is made."""
    one = web()
    server.fail_next(fault, fault, on="/api")
    server.fail_next(fault, on="/files")

    assert one.get(server.url + "/api/word")
    assert one.file(server.url + "/files/a.png") == PNG
    server.fail_next(fault, on="/api")
    assert one.post(server.url + "/api/word", {})
    assert len(server.requests) == 7


def test_a_slow_answer_is_given_up(server: ServicesLoopback) -> None:
    """And asked for again."""
    server.fail_next(timeout(0.5), on="/api")

    assert web(timeout=0.1).get(server.url + "/api/word")
    assert len(server.requests) == 2


def test_a_dripping_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if each piece of it comes in time."""
    monkeypatch.setattr("stages.providers.web._DRIPPING", 2)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
                try:
                    for _ in range(100):
                        connection.sendall(b"x")
                        time.sleep(0.03)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        error = raised(lambda: web(timeout=0.1, attempts=1).get(url))
        thread.join()

    assert isinstance(error, Unavailable)
    assert "timed out" in str(error)


@pytest.mark.parametrize(
    ("fault", "kind", "found"),
    [
        (rate_limited(), RateLimited, "Forvo answered 429: This request would exceed"),
        (server_error(), Unavailable, "Forvo answered 500: Internal server error"),
        (Fault(504), Unavailable, "Forvo answered 504"),
        (dropped(), Unavailable, "the connection to Forvo broke off: RemoteProtocolError"),
        (truncated(), Unavailable, "the connection to Forvo broke off: RemoteProtocolError"),
        (timeout(0.5), Unavailable, "the connection to Forvo timed out: ReadTimeout"),
    ],
    ids=str,
)
def test_patience_ends(
    server: ServicesLoopback, fault: Fault, kind: type[ProviderError], found: str
) -> None:
    """After so many attempts, with what was found."""
    server.fail_next(*[fault] * 9, on="/api")
    error = raised(lambda: web(attempts=3, timeout=0.1).get(server.url + "/api/word"))

    assert type(error) is kind
    assert str(error).startswith(found)
    assert len(server.requests) == 3


def test_who_cannot_be_reached_is_unavailable() -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    error = raised(lambda: web().get(f"http://127.0.0.1:{port}/"))

    assert str(error) == "the connection to Forvo broke off: ConnectError"


@pytest.mark.parametrize(
    "wait", ["3600", "1e400", formatdate(time.time() + 7200), "Fri, 31 Dec 99999 23:59:59 GMT"]
)
@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, Unavailable)])
def test_who_asks_us_to_wait_for_long_is_not_waited_for(
    server: ServicesLoopback, wait: str, status: int, kind: type[ProviderError]
) -> None:
    """It is an error at once."""
    server.fail_next(Fault(status, headers={"retry-after": wait}), on="/api")
    began = time.monotonic()
    error = raised(lambda: web().get(server.url + "/api/word"))

    assert type(error) is kind
    assert "asks to wait" in str(error)
    assert len(server.requests) == 1
    assert time.monotonic() - began < 1


def test_who_asks_us_to_wait_is_waited_for(server: ServicesLoopback) -> None:
    """So long, whatever our own patience would be."""
    server.fail_next(rate_limited(0.25), on="/api")
    with stamina.set_testing(False):
        began = time.monotonic()
        web().get(server.url + "/api/word")

    assert 0.25 <= time.monotonic() - began < 0.45


@given(st.text(), st.text())
def test_how_long_to_wait_is_read_from_anything(seconds: str, milliseconds: str) -> None:
    """And is never less than nothing."""
    wait = seconds_asked({"retry-after": seconds, "retry-after-ms": milliseconds})

    assert wait is None or wait >= 0


def test_the_state_of_the_retrying_library_stays(server: ServicesLoopback) -> None:
    """It belongs to whoever runs us."""
    before = stamina.is_active(), stamina.is_testing()
    web().get(server.url + "/api/word")

    assert (stamina.is_active(), stamina.is_testing()) == before


# What does not pass


@pytest.mark.parametrize(
    ("status", "kind", "of_a_file"),
    [
        (400, Rejected, Rejected),
        (401, Denied, Rejected),
        (402, QuotaExhausted, Rejected),
        (403, Denied, Rejected),
        (404, NotFound, NotFound),
        (410, NotFound, NotFound),
        (422, Rejected, Rejected),
    ],
)
def test_what_does_not_pass_is_asked_once(
    server: ServicesLoopback,
    status: int,
    kind: type[ProviderError],
    of_a_file: type[ProviderError],
) -> None:
    """A file that is shut off says nothing about the next one."""
    fault = Fault(status, f"no, {KEY}")
    server.fail_next(fault, on="/api")
    server.fail_next(fault, on="/files")
    error = raised(lambda: web().get(server.url + "/api/word"))
    other = raised(lambda: web().file(server.url + "/files/a.png"))

    assert (type(error), str(error)) == (kind, f"Forvo answered {status}: no, …")
    assert type(other) is of_a_file
    assert len(server.requests) == 2


def test_a_service_has_errors_of_its_own(server: ServicesLoopback) -> None:
    """Whoever knows them says which; what it does not know stays what it is."""

    def judge(status: int, content: bytes) -> ProviderError | None:
        return QuotaExhausted(f"{status}: {content!r}") if b"Limit" in content else None

    server.fail_next(Fault(400, f"Limit/day {KEY}"), Fault(400, "?"), on="/api")
    one = web(judge=judge)

    assert isinstance(raised(lambda: one.get(server.url + "/api/word")), QuotaExhausted)
    assert isinstance(raised(lambda: one.get(server.url + "/api/word")), Rejected)


def test_what_nobody_asked_for_is_no_answer() -> None:
    """Such as "not modified"."""
    with ServicesLoopback({"/api": lambda _: Response(304, b"", {})}) as server:
        error = raised(lambda: web().get(server.url + "/api"))

    assert (type(error), str(error)) == (
        BadAnswer,
        "Forvo answered 304, which nobody asked for",
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"<html>", b"[" * 9999, b"\n\n{", b'{"error": {"x": [7]}}', b"\x1b[31m"],
)
def test_any_body_of_an_error_can_be_told(body: bytes) -> None:
    """In a line, or not at all."""
    with ServicesLoopback({"/api": lambda _: Response(400, body, {})}) as server:
        error = raised(lambda: web().get(server.url + "/api"))

    assert type(error) is Rejected
    assert str(error).isprintable()
    assert len(str(error)) < 400


def test_an_error_that_goes_on_and_on_is_read_as_far_as_needed() -> None:
    """Its beginning says enough."""
    with ServicesLoopback({"/api": lambda _: Response(400, b"no\n" * 200_000, {})}) as server:
        error = raised(lambda: web().get(server.url + "/api"))

    assert (type(error), str(error)) == (Rejected, "Forvo answered 400: no")


def test_a_garbled_answer_is_asked_for_again() -> None:
    """What is packed must be unpacked."""
    garbled = Response(200, b"no gzip", {"content-encoding": "gzip"})
    with ServicesLoopback({"/api": lambda _: garbled}) as server:
        error = raised(lambda: web(attempts=2).get(server.url + "/api"))
        assert len(server.requests) == 2

    assert (type(error), str(error)) == (Unavailable, "Forvo gave a garbled answer")


@given(
    st.text()
    | st.recursive(
        st.none() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.sampled_from(["error", "message", "x"]), s),
    )
)
def test_what_is_said_in_an_error_is_text(value: object) -> None:
    """Whatever JSON or text it is in."""
    assert isinstance(said_in(json.dumps(value)), str)
    assert isinstance(said_in(str(value)), str)


# Files


def test_a_file_is_followed_to_where_it_lies(
    server: ServicesLoopback, content: dict[str, bytes | Response]
) -> None:
    """Through a few redirects, relative ones too, and to another host, without our headers."""
    with ServicesLoopback({"/files": files({"b.png": PNG})}) as other:
        for number in range(3):
            content[f"{number}"] = redirect(f"/files/{number + 1}", 301 + number)
        content["3"] = redirect("4", 307)
        content["4"] = redirect(f"{other.url}/files/b.png", 308)

        assert web().file(server.url + "/files/0") == PNG
        assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://host/a.png",
        "http://",
        "",
        "javascript:x",
        "data:,x",
        "http://a:b@c/",
    ],
)
def test_a_file_is_not_followed_out_of_the_web(
    server: ServicesLoopback, content: dict[str, bytes | Response], to: str
) -> None:
    """Nor in circles."""
    content["a.png"] = redirect(to)
    error = raised(lambda: web().file(server.url + "/files/a.png"))

    assert type(error) is BadAnswer
    assert len(server.requests) <= 6


def test_a_file_is_neither_empty_nor_too_large(
    server: ServicesLoopback, content: dict[str, bytes | Response]
) -> None:
    """As far as it is let."""
    content |= {"zero": b"", "large": b"x" * 1001}
    one = web()
    host = "Forvo: 127.0.0.1"

    assert str(raised(lambda: one.file(server.url + "/files/zero"))) == f"{host} gave an empty file"
    error = raised(lambda: one.file(server.url + "/files/large", most=1000))
    assert (type(error), str(error)) == (BadAnswer, f"{host} gave more than 1000 bytes")
    assert len(one.file(server.url + "/files/large", most=1001)) == 1001


def test_what_a_file_says_of_itself_is_not_looked_at(
    server: ServicesLoopback, content: dict[str, bytes | Response]
) -> None:
    """Its bytes are for those who look at bytes."""
    content |= {"a.png": as_bytes(PNG, "text/html"), "b.png": web_page()}

    assert web().file(server.url + "/files/a.png") == PNG
    assert web().file(server.url + "/files/b.png").startswith(b"<!DOCTYPE")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.png",
        "/files/a.png",
        "file:///etc/passwd",
        "ftp://host/a.png",
        "http://",
        "http:///a.png",
        f"http://user:{KEY}@host/a.png",
        "http://user@host/a.png",
        "http://[::1",
        "http://host:port/",
        "http://a\nb/",
        f"http://{'a' * 80}.example/",
        "http://\udc80/",
        None,
    ],
    ids=repr,
)
def test_what_is_no_address_is_not_asked(address: Any) -> None:
    """And is a bad answer, as it came with one."""
    one = web(attempts=1)

    assert type(raised(lambda: one.file(address))) is BadAnswer
    assert type(raised(lambda: one.get(address))) is BadAnswer


# Redirects of a service


def test_a_service_is_followed_on_its_own_host() -> None:
    """And nowhere else: our key is for it alone."""
    moved: dict[str, str] = {
        "/here": "/api/word",
        "/there": "http://localhost:9/",
        "/round": "/x/round",
    }
    services = {"/api": told, "/x": lambda one: redirect(moved[one.path], 307)}
    with ServicesLoopback(services) as moving:
        one = web()
        assert b"Bearer" in one.get(moving.url + "/x/here", {"q": "casa"})
        assert b'"body": [7]' in one.post(moving.url + "/x/here", [7])
        there = raised(lambda: one.get(moving.url + "/x/there"))
        round_ = raised(lambda: one.get(moving.url + "/x/round"))
    with ServicesLoopback({"/x": lambda _: redirect("/api/word")}) as moving:
        changed = raised(lambda: one.post(moving.url + "/x", [7]))

    assert (type(there), str(there)) == (Unavailable, "Forvo sends us on to localhost")
    assert (type(round_), str(round_)) == (Unavailable, "Forvo sends us on and on")
    assert type(changed) is Unavailable


# Secrets


def test_a_secret_is_shown_nowhere(
    server: ServicesLoopback, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in its form, nor in the log of the libraries, be it in the address itself."""
    caplog.set_level(logging.DEBUG)
    one = web()
    one.get(f"{server.url}/api/key/{quote(KEY, safe='')}/x")
    one.get(f"{server.url}/api/key", {"key": KEY})
    server.fail_next(server_error(), on="/api")
    one.get(f"{server.url}/api/key/{KEY}/x")
    asked = [record for record in caplog.records if record.name == "httpx2"]

    assert len(asked) == 4
    assert blotted(caplog.text, [KEY]) == caplog.text
    assert blotted(repr(one), [KEY]) == repr(one)


def test_no_log_is_changed_for_longer_than_needed(server: ServicesLoopback) -> None:
    """When the last who asks has gone, its filter has gone."""
    log = logging.getLogger("httpx2")
    before = list(log.filters)
    one = web()
    one.get(server.url + "/api/word")
    assert log.filters != before
    del one

    assert log.filters == before


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4), st.text())
def test_no_form_of_a_secret_is_left(secret: str, around: str) -> None:
    """As it is, or as it stands in an address."""
    text = blotted(f"{around} {secret} {quote(secret)} {quote_plus(secret)} {around}", [secret])

    assert secret not in text


@pytest.mark.parametrize("pickler", [pickle, cloudpickle])
def test_a_copy_elsewhere_has_no_secret(server: ServicesLoopback, pickler: Any) -> None:
    """But asks all the same."""
    one = web()
    one.get(server.url + "/api/word")
    there = pickler.loads(pickler.dumps(one))

    assert KEY.encode() not in pickler.dumps(one)
    assert b"Bearer" not in there.get(server.url + "/api/word")
    assert there.headers == {"User-Agent": "stages (me@example.org)"}


def test_a_copy_here_is_the_same() -> None:
    """It never changes, and its connections are shared anyway."""
    one = web()

    assert copy.deepcopy(one) is copy.copy(one) is one


# What is missing


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked, with what to install."""
    monkeypatch.setitem(sys.modules, "stamina", None)
    with pytest.raises(Misconfigured, match="Forvo needs a library") as caught:
        web()

    assert caught.value.hint == 'pip install "fluent-stages[web]"'


@pytest.mark.parametrize("value", ["José", "a\r\nX-Evil: 1", "\0"])
def test_a_header_that_cannot_be_sent_is_told(value: str) -> None:
    """Before anything is asked."""
    with pytest.raises(Misconfigured, match="the header User-Agent for Forvo"):
        web(headers={"User-Agent": value})


def test_a_web_page_in_place_of_an_answer_is_from_somebody_between() -> None:
    """It is no answer of the service, and may be otherwise later."""
    why = "a web page came in place of an answer of Somebody"
    with (
        ServicesLoopback({"/api": lambda _: web_page()}) as server,
        pytest.raises(Unavailable, match=why),
    ):
        Web("Somebody").get(f"{server.url}/api")


def test_a_retry_says_nothing_at_a_terminal() -> None:
    """Where nobody has set up logging, stderr stays empty."""
    code = (
        "from stages.providers.web import Web\n"
        "from stages.testing.loopback import ServicesLoopback, files, server_error\n"
        "with ServicesLoopback({'/f': files({'a': b'1'})}) as server:\n"
        "    server.fail_next(server_error(0.01), on='GET /f/a')\n"
        "    print(Web('Somebody').get(server.url + '/f/a'))\n"
    )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert (told.stdout, told.stderr) == ("b'1'\n", "")
