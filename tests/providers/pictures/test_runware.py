"""Runware's pictures over plain HTTP, at a server that behaves as documented."""

import base64
import json
import pickle
import ssl
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Answer, Journal, journaled
from stages.providers.pictures.runware import Runware
from stages.records.media import extension
from stages.testing.loopback import (
    RUNWARE,
    Fault,
    Received,
    Response,
    ServicesLoopback,
    as_bytes,
    as_json,
    dropped,
    painted,
    rate_limited,
    runware,
    server_error,
    timeout,
    truncated,
    web_page,
)
from tests.making import card

KEY = "r1ght"
HOUSE = card(prompt="A red house")
_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Service:
    """Runware, or whatever a test lets it answer in its place."""

    def __init__(self) -> None:
        self.broken: set[int] = set()
        self.usual = runware(
            key=KEY, indecent=lambda prompt: "indecent" in prompt, error=self._broken
        )
        self.says: Callable[[Received], Response] = self.usual

    def _broken(self, _: object, number: int) -> Mapping[str, str] | None:
        told = {"code": "providerError", "message": f"It\nbroke, {KEY}."}
        return told if number in self.broken else None

    def __call__(self, received: Received) -> Response:
        return self.says(received)


@pytest.fixture(autouse=True)
def _as_if_new(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("RUNWARE_API_KEY", "RUNWARE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    # The loopback has no TLS; to read all certificates for each client takes 20 ms.
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: _CERTIFICATES)
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def server(service: Service) -> Iterator[ServicesLoopback]:
    with ServicesLoopback({"/runware": service}) as loopback:
        yield loopback


def source(server: ServicesLoopback, **settings: Any) -> Runware:
    """Give a painter that asks a server."""
    usual: dict[str, Any] = {"api_key": KEY, "base_url": f"{server.url}/runware/v1", "style": "Ink"}
    return Runware(**usual | settings)


def raised(ask: Callable[[], object]) -> ProviderError:
    """Give the error; neither it nor its traceback tells the key."""
    with pytest.raises(ProviderError) as caught:
        ask()
    error = caught.value
    trace = "".join(traceback.format_exception(error))
    assert KEY not in f"{error} {error.hint} {error!r} {trace}"
    return error


# What is asked, and what comes


def test_a_picture_is_painted(server: ServicesLoopback) -> None:
    """One request, with the picture and its real price in the answer."""
    [made] = source(server).make(HOUSE, 0)
    [sent] = server.requests
    [task] = sent.body

    assert sent.endpoint == RUNWARE
    assert uuid.UUID(task.pop("taskUUID")).version == 4
    assert 1 <= task.pop("seed") <= 2**31 - 1
    assert task == {
        "taskType": "imageInference",
        "positivePrompt": "Ink. A red house",
        "model": "runware:101@1",
        "width": 1024,
        "height": 1024,
        "numberResults": 1,
        "outputType": "base64Data",
        "outputFormat": "JPG",
        "includeCost": True,
        "safety": {"checkContent": True},
    }
    assert extension(made.content) == "jpg"
    assert made.cost == Decimal("0.0038")
    assert made.details.keys() == {"imageUUID", "seed"}
    assert made.doubts == ()


def test_every_setting_decides_the_picture(server: ServicesLoopback) -> None:
    """It is sent, and told, and there is another picture where it changes."""
    settings = {"steps": 28, "guidance": 3.5, "scheduler": "Euler", "negative": "text"}
    one = source(server, width=512, **settings)
    one.make(HOUSE, 0)
    source(server).make(HOUSE, 0)
    first, other = (request.body[0] for request in server.requests)

    assert one.request(HOUSE) == {
        "model": "runware:101@1",
        "size": "512x1024",
        "steps": "28",
        "CFGScale": "3.5",
        "scheduler": "Euler",
        "negativePrompt": "text",
        "style": "Ink",
        "prompt": "Ink. A red house",
    }
    assert (first["CFGScale"], first["negativePrompt"]) == (3.5, "text")
    assert first["taskUUID"] != other["taskUUID"]
    assert one.request(card(prompt="")) is None


def test_who_asks_again_asks_for_the_same(server: ServicesLoopback) -> None:
    """Another take has another seed."""
    for take in (0, 0, 1):
        source(server).make(HOUSE, take)
    first, again, other = (request.body[0] for request in server.requests)

    assert first == again
    assert (first["seed"], first["taskUUID"]) != (other["seed"], other["taskUUID"])
    assert len({first["seed"], other["seed"]}) == 2


def test_many_threads_may_ask(server: ServicesLoopback) -> None:
    """Each gets what it asked for."""
    one = source(server)
    cards = [card(f"w{number}", prompt=f"{number}") for number in range(64)]
    with ThreadPoolExecutor(16) as pool:
        many = [made for [made] in pool.map(lambda each: one.make(each, 0), cards)]

    for number, made in enumerate(many):
        assert made.content == painted(f"Ink. {number} {made.details['seed']}", kind="jpeg")


# Part of it


def test_what_came_is_kept(server: ServicesLoopback, service: Service) -> None:
    """Though other candidates failed; that is a doubt, and only what was painted was paid for."""
    service.broken.add(1)
    made = source(server, candidates=3).make(HOUSE, 0)

    assert [one.doubts for one in made] == [("Runware answered providerError: It broke, ….",)] * 2
    assert sum(one.cost for one in made) == Decimal("0.0076")


def test_an_indecent_picture_is_refused(server: ServicesLoopback) -> None:
    """It was painted all the same."""
    error = raised(lambda: source(server, candidates=2).make(card(prompt="indecent"), 0))

    assert (type(error), error.hint) == (Refused, "say otherwise what the picture shows")


def test_a_picture_of_another_task_is_none_of_ours(
    server: ServicesLoopback, service: Service
) -> None:
    """Nobody gets the picture of another card."""
    data = [{"taskUUID": str(uuid.uuid4()), "imageBase64Data": "AAAA"}]
    service.says = lambda _: as_json({"data": data})

    assert isinstance(raised(lambda: source(server).make(HOUSE, 0)), BadAnswer)


def test_a_price_that_is_not_told_is_estimated(server: ServicesLoopback, service: Service) -> None:
    """As before."""

    def says(received: Received) -> Response:
        [task] = received.body
        about = {"taskUUID": task["taskUUID"], "cost": True}
        return as_json({"data": [{**about, "imageBase64Data": "AAAA", "cost": "much"}]})

    service.says = says
    one = source(server, candidates=2)
    [made] = one.make(HOUSE, 0)

    assert made.cost == Decimal("0.01")
    assert one.price(HOUSE, 0) == Decimal("0.02")


# What goes wrong


@pytest.mark.parametrize(
    "fault", [rate_limited(), server_error(), Fault(503), dropped(), truncated()], ids=str
)
def test_what_passes_is_asked_again(server: ServicesLoopback, fault: Fault) -> None:
    """With the same task."""
    server.fail_next(fault, on=RUNWARE)
    assert source(server).make(HOUSE, 0)
    first, again = (request.body for request in server.requests)
    assert first == again

    server.fail_next(*[fault] * 9, on=RUNWARE)
    error = raised(lambda: source(server, attempts=2).make(HOUSE, 0))
    assert type(error) is (RateLimited if fault.status == 429 else Unavailable)


def test_a_slow_answer_is_given_up(server: ServicesLoopback) -> None:
    """It may have been charged, but nobody waits for ever."""
    server.fail_next(timeout(1), on=RUNWARE)
    error = raised(lambda: source(server, timeout=0.1, attempts=1).make(HOUSE, 0))

    assert str(error) == "the connection to Runware timed out: ReadTimeout"


def test_who_asks_us_to_wait_for_long_is_not_waited_for(server: ServicesLoopback) -> None:
    """It is an error at once."""
    server.fail_next(rate_limited(3600), on=RUNWARE)

    assert isinstance(raised(lambda: source(server).make(HOUSE, 0)), RateLimited)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidApiKey", Denied),
        ("insufficientCredits", QuotaExhausted),
        ("contentModerated", Refused),
        ("timeoutProvider", Unavailable),
        ("tooManyRequests", RateLimited),
        ("invalidPositivePrompt", Rejected),
        (None, Rejected),
    ],
)
def test_an_error_is_told_by_its_code(
    server: ServicesLoopback,
    service: Service,
    tmp_path: Path,
    code: str | None,
    kind: type[ProviderError],
) -> None:
    """And is no answer that would be kept, whatever its status: it is asked for again."""
    told = {"errors": [{"code": code, "message": f"No, {KEY}."}]}
    one = journaled(source(server), Journal(tmp_path))
    for status in (200, 400):
        answer = as_json(told, status)
        service.says = lambda _, answer=answer: answer  # type: ignore[misc]
        error = raised(lambda: one.make(HOUSE, 0))
        assert (type(error), str(error)) == (kind, f"Runware answered {code}: No, ….")

    assert len(server.requests) == 2
    service.says = service.usual
    assert one.make(HOUSE, 0)


def test_what_the_service_says_in_earnest_is_understood(server: ServicesLoopback) -> None:
    """Its keys, its models and its bounds."""
    wrong = {"api_key": "wr0ng"}, {"model": "none"}, {"width": 64}
    kinds = [type(raised(partial(source(server, **one).make, HOUSE, 0))) for one in wrong]
    long = raised(lambda: source(server).make(card(prompt="x" * 4000), 0))

    assert kinds == [Denied, Misconfigured, Misconfigured]
    assert type(long) is Rejected


def test_a_web_page_is_not_kept(server: ServicesLoopback, service: Service, tmp_path: Path) -> None:
    """It is from somebody between."""
    service.says = lambda _: web_page()
    one = journaled(source(server), Journal(tmp_path))

    assert isinstance(raised(lambda: one.make(HOUSE, 0)), Unavailable)
    assert not list(tmp_path.rglob("*.answer"))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b"{}", b'{"data": 7}', b'{"data": [7]}', b'{"errors": []}'],
)
def test_an_odd_answer_is_told_with_where_it_lies(
    server: ServicesLoopback, service: Service, tmp_path: Path, content: bytes
) -> None:
    """It was paid for; it is asked for again when its file is gone."""
    service.says = lambda _: as_bytes(content)
    one = journaled(source(server), Journal(tmp_path))
    error = raised(lambda: one.make(HOUSE, 0))
    raised(lambda: one.make(HOUSE, 0))
    [kept] = tmp_path.rglob("*.answer")

    assert type(error) is BadAnswer
    assert str(kept) in error.hint
    assert len(server.requests) == 1


def test_half_a_character_is_never_sent(server: ServicesLoopback) -> None:
    """Be it in the prompt, or in what is not to be shown."""
    odd = card(prompt="\ud83d")

    assert source(server).price(odd, 0) > 0
    assert isinstance(raised(lambda: source(server).make(odd, 0)), Rejected)
    assert isinstance(raised(lambda: source(server, negative="\ud83d").make(HOUSE, 0)), Rejected)
    assert not server.requests


@cache
def _painter() -> Runware:
    return Runware(api_key=KEY)


_FIELDS = ["taskUUID", "imageBase64Data", "cost", "NSFWContent", "seed", "code", "message"]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(_FIELDS),
            st.none() | st.booleans() | st.integers() | st.text() | st.just("AAAA") | st.floats(),
        )
        | st.text()
    ),
    st.lists(st.dictionaries(st.sampled_from(_FIELDS), st.none() | st.text())) | st.text(),
)
def test_any_answer_is_pictures_or_an_error_of_ours(data: list[Any], errors: object) -> None:
    """And never costs less than nothing."""
    one = _painter()

    def send(request: Mapping[str, Any], _: str) -> Answer:
        ours = {"taskUUID": request["body"]["taskUUID"]}
        given = [{**each, **ours} if isinstance(each, dict) else each for each in data]
        return Answer(json.dumps({"data": given, "errors": errors}).encode())

    one.send = send
    try:
        made = one.make(HOUSE, 0)
    except ProviderError:
        return
    assert all(each.cost >= 0 and each.content for each in made)


# The journal, and the key


def test_nothing_is_paid_for_twice(server: ServicesLoopback, tmp_path: Path) -> None:
    """The second time it is there, costs nothing, and looks the same."""
    first = journaled(source(server, candidates=2), Journal(tmp_path)).make(HOUSE, 0)
    one = journaled(source(server, candidates=2), Journal(tmp_path))
    second = one.make(HOUSE, 0)

    assert len(server.requests) == 1
    assert [each.content for each in first] == [each.content for each in second]
    assert sum(each.cost for each in second) == one.price(HOUSE, 0) == 0
    assert one.price(HOUSE, 1) > 0
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(KEY.encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"api_key": ""}, "there is no key for Runware: RUNWARE_API_KEY is not set"),
        ({"api_key": "a b"}, "the key for Runware has a blank"),
        ({"base_url": "x"}, "there is no Runware at 'x'"),
        ({"model": ""}, "Runware cannot be asked with model="),
        ({"width": 0}, "width=0"),
        ({"candidates": 21}, "candidates=21"),
    ],
    ids=str,
)
def test_what_cannot_work_is_told_at_once(settings: dict[str, Any], found: str) -> None:
    """Before anything is asked."""
    with pytest.raises(Misconfigured) as caught:
        Runware(**{"api_key": KEY, **settings})

    assert found in str(caught.value)
    assert caught.value.hint


def test_the_environment_has_what_is_not_given(
    server: ServicesLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in another process, to which no key travels."""
    one = source(server)
    one.make(HOUSE, 0)
    monkeypatch.setenv("RUNWARE_API_KEY", KEY)
    monkeypatch.setenv("RUNWARE_BASE_URL", f"{server.url}/runware/v1")

    assert Runware().make(HOUSE, 0)
    assert KEY.encode() not in pickle.dumps(one)
    assert pickle.loads(pickle.dumps(one)).make(HOUSE, 0)
    assert KEY not in f"{one!r} {one.send!r} {vars(one)}"


def test_a_picture_may_be_of_another_type_than_it_should(
    server: ServicesLoopback, service: Service
) -> None:
    """Its bytes are given as they are; its name will follow them."""
    png = painted("casa")

    def says(received: Received) -> Response:
        told = {"imageBase64Data": base64.b64encode(png).decode(), "cost": 0.1}
        return as_json({"data": [{"taskUUID": received.body[0]["taskUUID"], **told}]})

    service.says = says
    [made] = source(server).make(HOUSE, 0)

    assert (made.content, made.cost) == (png, Decimal("0.1"))
