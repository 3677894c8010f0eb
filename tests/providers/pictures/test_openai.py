"""OpenAI's pictures over the real SDK, at a server that behaves as documented."""

import base64
import json
import pickle
import ssl
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
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
from stages.providers.journal import Answer, Journal, Request, journaled
from stages.providers.media import Pictures
from stages.providers.pictures.openai import OpenAIImages
from stages.records.media import extension
from stages.testing.loopback import (
    IMAGES,
    Fault,
    Received,
    Response,
    ServicesLoopback,
    as_bytes,
    as_json,
    dropped,
    openai_images,
    painted,
    rate_limited,
    server_error,
    timeout,
    truncated,
    web_page,
)
from tests.making import card

KEY = "sk-r1ght"
HOUSE = card(prompt="A red house")
JPEG = painted("casa", kind="jpeg")


class Service:
    """OpenAI, or whatever a test lets it answer in its place."""

    def __init__(self) -> None:
        self.usual = openai_images(key=KEY, blocked=lambda prompt: "forbidden" in prompt)
        self.says: Callable[[Received], Response] = self.usual

    def __call__(self, received: Received) -> Response:
        return self.says(received)


@pytest.fixture(autouse=True)
def _as_if_new(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The loopback has no TLS; to read all certificates for each client takes 20 ms.
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: certificates)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def server(service: Service) -> Iterator[ServicesLoopback]:
    with ServicesLoopback({"/openai": service}) as loopback:
        yield loopback


def source(server: ServicesLoopback, **settings: Any) -> OpenAIImages:
    """Give a painter that asks a server."""
    usual: dict[str, Any] = {"api_key": KEY, "base_url": f"{server.url}/openai/v1", "style": "Ink"}
    return OpenAIImages(**usual | settings)


def raised(ask: Callable[[], object]) -> ProviderError:
    """Give the error; neither it nor its traceback tells the key."""
    with pytest.raises(ProviderError) as caught:
        ask()
    error = caught.value
    trace = "".join(traceback.format_exception(error))
    assert KEY not in f"{error} {error.hint} {error!r} {trace}"
    return error


def pictures(*contents: object, **more: Any) -> Callable[[Received], Response]:
    """Answer with these, as they are or as base64."""
    data = [
        {"b64_json": base64.b64encode(one).decode() if isinstance(one, bytes) else one}
        for one in contents
    ]
    return lambda _: as_json({"created": 1, "data": data, **more})


# What is asked, and what comes


def test_a_picture_is_painted(server: ServicesLoopback) -> None:
    """Of the prompt after the style, small and cheap unless told otherwise; it costs its tokens."""
    [made] = source(server).make(HOUSE, 0)

    assert extension(made.content) == "jpg"
    assert made.cost == Decimal(4) * 5 / 1_000_000 + Decimal(272) * 30 / 1_000_000
    assert (made.doubts, made.credit, dict(made.details)) == ((), None, {})
    [sent] = server.requests
    assert sent.endpoint == IMAGES
    assert sent.body == {
        "model": "gpt-image-2.5-flare",
        "prompt": "Ink. A red house",
        "size": "1024x1024",
        "quality": "low",
        "output_format": "jpeg",
        "output_compression": 85,
        "n": 1,
    }


def test_what_decides_the_picture_is_told(server: ServicesLoopback) -> None:
    """Nothing of the key; how many there are to choose from does not change one."""
    one = source(server, candidates=3)
    request = {
        "model": "gpt-image-2.5-flare",
        "size": "1024x1024",
        "quality": "low",
        "format": "jpeg",
        "style": "Ink",
        "prompt": "Ink. A red house",
    }

    assert one.request(HOUSE) == request
    assert one.request(HOUSE) == source(server).request(HOUSE)
    assert source(server, style="").request(HOUSE) == {
        **{name: told for name, told in request.items() if name != "style"},
        "prompt": "A red house",
    }
    assert one.request(card(prompt="(later)")) is None


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_picture_is_of_the_kind_that_is_wanted(server: ServicesLoopback, kind: str) -> None:
    """What cannot be compressed is not asked to be."""
    [made] = source(server, output_format=kind, quality="high", size="1536x1024").make(HOUSE, 0)

    assert extension(made.content) == kind
    assert ("output_compression" in server.requests[0].body) == (kind == "webp")


def test_several_candidates_share_the_cost(server: ServicesLoopback) -> None:
    """They are paid for together, and each is another one."""
    one = source(server, candidates=3)
    made = one.make(HOUSE, 0)

    assert len({each.content for each in made}) == 3
    assert sum(each.cost for each in made) == Decimal("0.024500")
    assert one.price(HOUSE, 0) >= Decimal("0.024500")


def test_an_estimate_is_rather_too_much(server: ServicesLoopback) -> None:
    """For each quality and size that can be asked for."""
    for quality in ("low", "medium", "high", "xhigh", "max", "auto"):
        for size in ("1024x1024", "1536x1024", "256x256", "auto"):
            one = source(server, quality=quality, size=size)
            [made] = one.make(HOUSE, 0)
            assert one.price(HOUSE, 0) >= made.cost > 0


def test_a_revised_prompt_is_a_detail(server: ServicesLoopback, service: Service) -> None:
    """Where there is one."""
    picture = base64.b64encode(JPEG).decode()
    data = [{"b64_json": picture, "revised_prompt": "A very\nred house"}]
    service.says = lambda _: as_json({"data": data})
    [made] = source(server).make(HOUSE, 0)

    assert dict(made.details) == {"revised_prompt": "A very red house"}


def test_many_threads_may_ask(server: ServicesLoopback) -> None:
    """Each gets what it asked for."""
    one = source(server)
    cards = [card(f"w{number}", prompt=f"{number}") for number in range(64)]
    with ThreadPoolExecutor(16) as pool:
        many = [made.content for [made] in pool.map(lambda each: one.make(each, 0), cards)]

    assert many == [painted(f"Ink. {number} 0", kind="jpeg") for number in range(64)]


# What goes wrong


@pytest.mark.parametrize(
    "fault",
    [rate_limited(), server_error(), Fault(503), Fault(408), dropped(), truncated()],
    ids=str,
)
def test_what_passes_is_asked_again(server: ServicesLoopback, fault: Fault) -> None:
    """By the SDK, and by nobody else."""
    server.fail_next(fault, on=IMAGES)
    assert source(server).make(HOUSE, 0)
    assert len(server.requests) == 2

    server.fail_next(*[fault] * 9, on=IMAGES)
    error = raised(lambda: source(server, retries=2).make(HOUSE, 0))
    assert type(error) is (RateLimited if fault.status == 429 else Unavailable)
    assert len(server.requests) == 5


def test_a_slow_answer_is_given_up(server: ServicesLoopback) -> None:
    """It may have been charged, but nobody waits for ever."""
    server.fail_next(timeout(1), on=IMAGES)
    error = raised(lambda: source(server, timeout=0.1, retries=0).make(HOUSE, 0))

    assert str(error) == "the connection to OpenAI timed out: ReadTimeout"


@pytest.mark.parametrize(
    ("fault", "kind", "found"),
    [
        (Fault(400, "No.", error_code="moderation_blocked"), Refused, "OpenAI answered 400: No."),
        (Fault(429, "Spent.", error_code="insufficient_quota"), QuotaExhausted, "429: Spent."),
        (Fault(400, "B.", error_code="billing_hard_limit_reached"), QuotaExhausted, "400: B."),
        (Fault(402, "Pay."), QuotaExhausted, "402: Pay."),
        (Fault(401, f"Wrong key {KEY}."), Denied, "401: Wrong key …."),
        (Fault(403, "Not you."), Denied, "403: Not you."),
        (Fault(404, "No model."), Misconfigured, "404: No model."),
        (Fault(400, "x", error_code="model_not_found"), Misconfigured, "400: x"),
        (Fault(400, "Odd."), Rejected, "400: Odd."),
        (Fault(413, ""), Rejected, "413: no reason was given"),
        (rate_limited(3600), RateLimited, "asks to wait 3600 seconds, and at most 60 are waited"),
        (rate_limited(90), RateLimited, "asks to wait 90 seconds"),
    ],
    ids=str,
)
def test_what_does_not_pass_is_asked_once(
    server: ServicesLoopback, fault: Fault, kind: type[ProviderError], found: str
) -> None:
    """Each error in our words, with the number of the request."""
    server.fail_next(fault, on=IMAGES)
    began = time.monotonic()
    error = raised(lambda: source(server).make(HOUSE, 0))

    assert type(error) is kind
    assert found in str(error)
    assert str(error).endswith("[req_000000000000000000000000]")
    assert len(server.requests) == 1
    assert time.monotonic() - began < 2


def test_what_the_service_says_in_earnest_is_understood(server: ServicesLoopback) -> None:
    """Its moderation, its keys, its models, and its settings."""
    forbidden = card(prompt="forbidden")

    assert isinstance(raised(lambda: source(server).make(forbidden, 0)), Refused)
    assert isinstance(raised(lambda: source(server, api_key="sk-w").make(HOUSE, 0)), Denied)
    assert isinstance(
        raised(lambda: source(server, model="dall-e-3").make(HOUSE, 0)), Misconfigured
    )
    long = card(prompt="x" * 40_000)
    assert isinstance(raised(lambda: source(server).make(long, 0)), Rejected)


def test_a_wrong_key_is_told_by_nobody(server: ServicesLoopback) -> None:
    """Even though the service says which one it was."""
    with pytest.raises(Denied) as caught:
        source(server, api_key="sk-wr0ng").make(HOUSE, 0)

    assert str(caught.value).startswith("OpenAI answered 401: Incorrect API key provided: ….")


def test_a_setting_that_is_refused_stops_the_run(
    server: ServicesLoopback, service: Service
) -> None:
    """It would be for every card."""
    told = {"message": "Too large.", "param": "size", "code": "invalid_value"}
    service.says = lambda _: as_json({"error": told}, 400)
    error = raised(lambda: source(server).make(HOUSE, 0))

    assert (type(error), error.hint) == (Misconfigured, "look at the setting size")


def test_an_error_without_form_is_told(server: ServicesLoopback, service: Service) -> None:
    """As something between us and the vendor may answer."""
    service.says = lambda _: web_page(status=502)
    error = raised(lambda: source(server, retries=1).make(HOUSE, 0))

    assert type(error) is Unavailable
    assert str(error).startswith("OpenAI answered 502: no reason was given")
    assert len(server.requests) == 2


def test_half_a_character_is_never_sent(server: ServicesLoopback) -> None:
    """It is this card's fault alone."""
    odd = card(prompt="\ud83d")
    one = source(server)

    assert one.request(odd)
    assert one.price(odd, 0) > 0
    assert isinstance(raised(lambda: one.make(odd, 0)), Rejected)
    assert not server.requests


def data(*texts: object) -> bytes:
    """Give an answer with these in place of pictures."""
    return json.dumps({"data": [{"b64_json": text} for text in texts]}).encode()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the answer is"),
        (b"{", "the answer is"),
        (b"\xff", "the answer is"),
        (b"[" * 5000, "the answer is"),
        (b"[]", "the answer is no JSON object, but list"),
        (b"{}", "the answer has no pictures"),
        (b'{"data": {}}', "the answer has no pictures"),
        (b'{"data": []}', "the answer has no pictures"),
        (b'{"data": ["x"]}', "a picture of the answer is empty"),
        (data(None), "a picture of the answer is empty"),
        (data(7), "a picture of the answer is empty"),
        (data(""), "a picture of the answer is empty"),
        (data("!!!!"), "a picture of the answer is no base64"),
        (data("ñ"), "a picture of the answer is no base64"),
        (data("abc"), "a picture of the answer is no base64"),
    ],
    ids=lambda given: repr(given[:40]),
)
def test_an_odd_answer_is_told_with_where_it_lies(
    server: ServicesLoopback,
    service: Service,
    content: bytes,
    found: str,
    tmp_path: Path,
) -> None:
    """It was paid for; it is asked for again when its file is gone."""
    service.says = lambda _: as_bytes(content)
    one = journaled(source(server), Journal(tmp_path))
    error = raised(lambda: one.make(HOUSE, 0))
    again = raised(lambda: one.make(HOUSE, 0))

    assert type(error) is BadAnswer
    assert str(error).startswith(found)
    assert str(again) == str(error)
    assert len(server.requests) == 1
    [kept] = tmp_path.rglob("*.answer")
    assert str(kept) in error.hint
    kept.unlink()
    service.says = service.usual
    assert one.make(HOUSE, 0)


def test_a_web_page_is_not_kept(server: ServicesLoopback, service: Service, tmp_path: Path) -> None:
    """It is from somebody between."""
    service.says = lambda _: web_page()
    one = journaled(source(server), Journal(tmp_path))

    assert isinstance(raised(lambda: one.make(HOUSE, 0)), Unavailable)
    service.says = service.usual
    [made] = one.make(HOUSE, 0)
    assert made.doubts == (
        "an earlier run was stopped while this was asked, and may have been charged for it",
    )


def test_one_good_picture_is_enough(server: ServicesLoopback, service: Service) -> None:
    """The others are doubts, and it costs all of it."""
    service.says = pictures("!", JPEG, usage={"input_tokens": 0, "output_tokens": 1_000_000})
    [made] = source(server, candidates=2).make(HOUSE, 0)

    assert (made.content, made.cost) == (JPEG, Decimal(30))
    assert len(made.doubts) == 1


@cache
def _painter() -> OpenAIImages:
    return OpenAIImages(api_key=KEY)


@given(
    st.recursive(
        st.none() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["data", "b64_json", "usage", "input_tokens"]), inner)
        ),
    ),
    st.none()
    | st.integers()
    | st.text()
    | st.dictionaries(
        st.sampled_from(["input_tokens", "output_tokens", "input_tokens_details"]),
        st.integers() | st.booleans() | st.text(),
    ),
)
def test_any_answer_is_pictures_or_an_error_of_ours(data: object, usage: object) -> None:
    """And never costs less than nothing."""
    one = _painter()
    for value in (
        data,
        {"data": data, "usage": usage},
        {"data": [{"b64_json": "AAAA"}], "usage": usage},
    ):
        content = json.dumps(value).encode()
        one.send = lambda *_, content=content: Answer(content)
        try:
            made = one.make(HOUSE, 0)
        except ProviderError:
            continue
        assert all(each.cost >= 0 and each.content for each in made)


# The journal


def test_nothing_is_paid_for_twice(server: ServicesLoopback, tmp_path: Path) -> None:
    """The second time it is there, costs nothing, and looks the same; another take is another one."""
    one = journaled(source(server, candidates=2), Journal(tmp_path))
    first = one.make(HOUSE, 0)
    again = journaled(source(server, candidates=2), Journal(tmp_path))
    second = again.make(HOUSE, 0)

    assert len(server.requests) == 1
    assert [one.content for one in first] == [one.content for one in second]
    assert sum(one.cost for one in second) == 0
    assert (again.price(HOUSE, 0), again.price(HOUSE, 1) > 0) == (Decimal(0), True)
    again.make(HOUSE, 1)
    assert len(server.requests) == 2
    assert server.requests[0].body == server.requests[1].body


def test_an_answer_is_kept_before_it_is_read(server: ServicesLoopback, tmp_path: Path) -> None:
    """As it came, and without the key."""
    asked: list[Request] = []
    one = source(server)
    send = one.send

    def heard(request: Request, label: str) -> Answer:
        asked.append(request)
        return send(request, label)

    one.send = heard
    journaled(one, Journal(tmp_path)).make(HOUSE, 0)
    [kept] = tmp_path.rglob("*.answer")

    assert json.loads(kept.read_bytes())["data"]
    [request] = asked
    assert request.keys() == {"body", "take"}
    assert KEY not in json.dumps(request)
    assert not any(
        KEY.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    )


def test_what_happened_on_the_way_is_told(server: ServicesLoopback) -> None:
    """A call that broke off, and an answer that could not be kept."""
    one = source(server)
    answer = one.send({"body": {"model": "gpt-image-2", "prompt": "x"}}, "x")
    one.send = lambda *_: attrs.evolve(answer, interrupted=True, not_kept="the disk is full")
    [made] = one.make(HOUSE, 0)

    assert made.doubts == (
        "an earlier run was stopped while this was asked, and may have been charged for it",
        "the answer could not be kept and would be paid for again: the disk is full",
    )


def test_a_folder_of_pictures_is_filled(server: ServicesLoopback, tmp_path: Path) -> None:
    """With the true type in their names, and what they cost; a second run asks for nothing."""
    one = Pictures(tmp_path / "media", journaled(source(server), Journal(tmp_path / "journal")))
    made = one.picture(HOUSE)
    [about] = one.candidates(HOUSE)

    assert made.name.endswith(".jpg")
    assert about.cost == Decimal("0.00818")
    assert one.existing([HOUSE]) == {HOUSE.id: attrs.evolve(made, reasons=())}
    assert KEY not in (tmp_path / "media" / "made.jsonl").read_text("utf-8")


# Settings


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"api_key": ""}, "there is no key for OpenAI: OPENAI_API_KEY is not set"),
        ({"api_key": "sk-\n1"}, "the key for OpenAI has a blank"),
        ({"base_url": "ftp://x"}, "there is no OpenAI at 'ftp://x'"),
        ({"quality": "hd"}, "quality='hd' is nothing that OpenAI paints"),
        ({"output_format": "svg"}, "output_format='svg' is nothing that OpenAI paints"),
        ({"size": "100x100"}, "size='100x100' is no size"),
        ({"size": "0x16"}, "size='0x16' is no size"),
        ({"size": "large"}, "size='large' is no size"),
        ({"candidates": 0}, "candidates=0"),
        ({"candidates": 11}, "candidates=11"),
        ({"model": ""}, "model=''"),
        ({"compression": 101}, "compression=101"),
    ],
    ids=str,
)
def test_what_cannot_work_is_told_at_once(settings: dict[str, Any], found: str) -> None:
    """Before anything is asked."""
    with pytest.raises(Misconfigured) as caught:
        OpenAIImages(**{"api_key": KEY, **settings})

    assert found in str(caught.value)
    assert caught.value.hint
    assert KEY not in f"{caught.value} {caught.value.hint}"


def test_the_environment_has_what_is_not_given(
    server: ServicesLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in another process, to which no key travels."""
    one = source(server)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/openai/v1")

    assert OpenAIImages().make(HOUSE, 0)
    assert KEY.encode() not in pickle.dumps(one)
    assert pickle.loads(pickle.dumps(one)).make(HOUSE, 0)
    assert KEY not in f"{one!r} {one.send!r} {vars(one)}"


def test_the_library_is_imported_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """And said to be missing where it is."""
    code = (
        "import sys, stages.providers.pictures.openai, stages.providers.pictures.runware;"
        "print([m for m in ('openai', 'httpx2', 'stamina', 'PIL', 'numpy') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(Misconfigured) as caught:
        OpenAIImages(api_key=KEY)
    assert caught.value.hint == 'pip install "fluent-stages[openai]"'
