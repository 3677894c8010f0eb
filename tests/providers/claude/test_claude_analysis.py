"""Claude asked live, over the real SDK, at a server that behaves as documented."""

import json
import pickle
import re
import sys
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages.claude.analysis_stage import analyze_words
from stages.core.context import Context
from stages.core.json import to_json
from stages.core.mapping import executor, serial, threads
from stages.core.problem import Problem, ProviderError, Severity
from stages.providers.claude import ClaudeAnalysis
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Answer, Journal, journaled
from stages.records.brief import Brief
from stages.records.keys import MEANINGS
from stages.records.usage import Usage
from stages.testing import made_up
from stages.testing.loopback import (
    MESSAGES,
    ClaudeLoopback,
    Fault,
    Reply,
    billing,
    dropped,
    overloaded,
    permission_denied,
    rate_limited,
    server_error,
    spend_limit,
    timeout,
    truncated,
)
from tests.making import after, failed, last
from tests.providers.claude.answers import KEY, claude, entry, message, said, usual, word_in

BRIEF = Brief()
SOON = 0.01


class Model:
    """What the model says, which a test may change at any time."""

    def __init__(self) -> None:
        self.says: Any = usual

    def __call__(self, params: Mapping[str, Any]) -> Any:
        return self.says(params) if callable(self.says) else self.says


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def server(model: Model) -> Iterator[ClaudeLoopback]:
    with ClaudeLoopback(model, key=KEY) as loopback:
        yield loopback


def codes(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    return [(one.code, one.where, one.severity.value) for one in problems]


# What is asked, and what comes of it


def test_an_answer_is_read_behind_the_thinking(server: ClaudeLoopback, model: Model) -> None:
    """The text counts, wherever it stands; every field of it arrives."""
    model.says = said(entry(Emoji="🏠", Article="la", UsageNote="de uso común", prompt="A house"))

    found = claude(server).meanings("casa", BRIEF)

    [usually] = made_up("casa")
    more = {"emoji": "🏠", "article": "la", "note": "de uso común", "prompt": "A house"}
    assert found.meanings == (attrs.evolve(usually, **more),)
    assert found.problems == ()
    assert found.usage.requests == 1


@pytest.mark.parametrize("thinking", [True, False, "So…"])
def test_thinking_changes_nothing(
    server: ClaudeLoopback, model: Model, *, thinking: bool | str
) -> None:
    """Whether or not a block of it comes first."""
    model.says = Reply(json.dumps(said(entry())), thinking=thinking)

    assert claude(server).meanings("casa", BRIEF).meanings == made_up("casa")


def test_several_meanings_come_in_the_order_of_the_answer(
    server: ClaudeLoopback, model: Model
) -> None:
    """The most common first, as the model gave them."""
    model.says = said(entry("banco", MeaningID="bank"), entry("banco", MeaningID="bench"))

    found = claude(server).meanings("banco", BRIEF)

    assert [one.id for one in found.meanings] == ["bank", "bench"]


@pytest.mark.parametrize("word", ["niño", "日本", "tener que", "l’été", "nin\u0303o", "Año «x»"])
def test_any_word_is_asked_for_as_it_is(server: ClaudeLoopback, word: str) -> None:
    """And its meaning comes back, in composed letters."""
    found = claude(server).meanings(word, BRIEF)

    assert word_in(server.requests[0].body) == word
    assert [one.word for one in found.meanings] == [unicodedata.normalize("NFC", word)]


def test_another_case_of_the_word_is_the_word(server: ClaudeLoopback, model: Model) -> None:
    """It is written as it was asked for."""
    model.says = said(entry("Casa"))

    assert claude(server).meanings("casa", BRIEF).meanings[0].word == "casa"


@pytest.mark.parametrize(
    ("entries", "problems"),
    [
        pytest.param(
            [entry("perro", MeaningID="dog"), entry()],
            [("other-word", "meanings[0]", "error")],
            id="another word",
        ),
        pytest.param(
            [entry(Gapped=1), entry(MeaningID="b", GappedSentence="Digo casa otra vez.")],
            [
                ("unknown-field", "meanings[0].Gapped", "warning"),
                ("no-gap", "meanings[1].GappedSentence", "warning"),
            ],
            id="an invented field, and a gap that the example shows",
        ),
        pytest.param(
            [entry(), entry(MeaningID="b", ExampleSentence="Nada.", GappedSentence="Nada.")],
            [("bad-entry", "meanings[1].GappedSentence", "error")],
            id="a gap that cannot be made",
        ),
        pytest.param(
            [
                entry(),
                entry(
                    MeaningID="b",
                    MonolingualDef="a building in which the people of a family live",
                    ExampleSentence="The house that they have is big for the casa.",
                    GappedSentence="The house that they have is big for the _____.",
                ),
            ],
            [("wrong-language", "meanings[1]", "error")],
            id="English",
        ),
        pytest.param(
            [entry(), entry(ExampleSentence="Otra casa.", GappedSentence="Otra _____.")],
            [("same-meaning", "meanings[1]", "error")],
            id="the same id twice",
        ),
        pytest.param(
            [entry(), 7, None, ["casa"], {}, entry(IPA=["x"]), entry(MeaningID=None)],
            [
                *[("bad-entry", f"meanings[{number}]", "error") for number in (1, 2, 3, 5)],
                *[
                    ("bad-entry", f"meanings[4].{name}", "error")
                    for name in [*list(entry())[:5], "IPA"]
                    if name != "GappedSentence"
                ],
                ("bad-entry", "meanings[6].MeaningID", "error"),
            ],
            id="no texts",
        ),
    ],
)
def test_what_is_wrong_with_a_part_of_an_answer_is_said(
    server: ClaudeLoopback,
    model: Model,
    entries: list[Any],
    problems: list[tuple[str, str, str]],
) -> None:
    """And the rest of it counts."""
    model.says = said(*entries)

    found = claude(server).meanings("casa", BRIEF)

    assert found.meanings[0] == made_up("casa")[0]
    got = [
        (code, where.replace("SpanishWord", "Word"), how)
        for code, where, how in codes(found.problems)
    ]
    assert got == problems


def test_no_more_meanings_are_taken_than_were_asked_for(
    server: ClaudeLoopback, model: Model
) -> None:
    """The most common ones are; the others are named."""
    model.says = said(*(entry(MeaningID=name) for name in "abcd"))

    found = claude(server).meanings("casa", Brief(most=2))

    assert [one.id for one in found.meanings] == ["a", "b"]
    assert codes(found.problems) == [
        ("too-many", "meanings[2]", "warning"),
        ("too-many", "meanings[3]", "warning"),
    ]


@pytest.mark.parametrize(
    ("says", "error", "why", "hint"),
    [
        (said(), NotFound, "'casa' has no meaning to Claude: it does not say why", ""),
        (said(remark="No\nsuch word."), NotFound, "to Claude: No such word.", ""),
        (said(entry("perro")), BadAnswer, "it is of 'perro', and 'casa' was asked for", ""),
        (said(entry(IPA="")), BadAnswer, r"can be used: meanings\[0\].IPA: it is empty", ""),
        (said(7), BadAnswer, r"meanings\[0\]: an entry is an object of texts", ""),
        ("Sure! Here it is:", BadAnswer, "the answer is no JSON", ""),
        ('{"meanings": [{"Word": "ca', BadAnswer, "the answer is no JSON", ""),
        ('{"meanings": [], "meanings": []}', BadAnswer, "'meanings' stands twice", ""),
        ("[" * 50_000, BadAnswer, "nested too deeply", ""),
        ("[]", BadAnswer, "no object with a list 'meanings'", ""),
        ({"meanings": {}}, BadAnswer, "no object with a list 'meanings'", ""),
        (Reply(""), BadAnswer, "there is no text in the answer", ""),
        (
            Reply("", stop_reason="refusal", category="bio", explanation="It is\nharmful."),
            Refused,
            "Claude will not answer this: It is harmful.",
            "",
        ),
        (Reply("No.", stop_reason="refusal", category="bio"), Refused, "this: bio", ""),
        (Reply("No.", stop_reason="refusal"), Refused, "this: no reason was given", ""),
        (Reply('{"me', stop_reason="max_tokens"), BadAnswer, "cut off", "max_tokens"),
        (
            Reply('{"me', stop_reason="model_context_window_exceeded"),
            BadAnswer,
            "cut off",
            "allow more",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_said_and_kept(
    server: ClaudeLoopback,
    model: Model,
    tmp_path: Path,
    *,
    says: Any,
    error: type[ProviderError],
    why: str,
    hint: str,
) -> None:
    """For this word alone, with its cost and the file in which it can be read; again it is free."""
    model.says = says
    kept = journaled(claude(server), Journal(tmp_path))

    found = claude(server).meanings("casa", BRIEF)
    (problem,) = found.problems
    assert found.meanings == ()
    assert (problem.code, problem.where) == (error.code, "")
    assert re.search(why, problem.why)
    assert hint in problem.hint
    assert str(tmp_path) not in problem.hint
    assert found.usage.requests == 1
    for paid in (1, 0):
        again = kept.meanings("casa", BRIEF)
        [file] = tmp_path.rglob("*.answer")
        where = f"the answer is kept in {file}; delete that file to ask again"
        assert where in again.problems[0].hint
        assert again.usage.requests == paid
    assert server.counts == {MESSAGES: 2}


def test_an_answer_longer_than_max_tokens_is_cut_off(server: ClaudeLoopback) -> None:
    """Thinking counts."""
    (problem,) = claude(server, max_tokens=10).meanings("casa", BRIEF).problems
    assert "cut off" in problem.why
    assert "max_tokens=" in problem.hint


@pytest.mark.parametrize("word", ["a\ud83d", "\udfff"])
def test_half_a_character_is_not_sent(server: ClaudeLoopback, word: str) -> None:
    """The word is named, and nothing is asked."""
    with pytest.raises(Rejected, match="half a character"):
        claude(server).meanings(word, BRIEF)
    claude(server).estimate(word, BRIEF)
    assert server.requests == ()


def test_what_happened_to_an_answer_on_its_way_is_told() -> None:
    """That it may have been paid for before, and that it will be once more."""
    asked = ClaudeAnalysis(api_key=KEY)
    answer = Answer(message(json.dumps(said(entry()))), interrupted=True, not_kept="no room")
    asked.send = lambda request, label: answer  # noqa: ARG005

    found = asked.meanings("casa", BRIEF)

    assert codes(found.problems) == [("asked-twice", "", "warning"), ("not-kept", "", "warning")]
    assert found.usage.cost
    asked.send = lambda request, label: attrs.evolve(answer, paid=False)  # noqa: ARG005
    assert asked.meanings("casa", BRIEF).usage == Usage()


# What it costs


def test_the_real_cost_is_told() -> None:
    """Of input, of output, of what the cache took in and gave back."""
    with ClaudeLoopback(usual, cache_floor=100) as server:
        asked = claude(server, model="claude-opus-5-5")
        first = asked.meanings("casa", BRIEF).usage
        second = asked.meanings("perro", BRIEF).usage

    assert first.cached_tokens == 0
    assert second.cached_tokens > 0
    assert first.input_tokens >= second.input_tokens - 5
    assert first.output_tokens > 0
    fresh = second.input_tokens - second.cached_tokens
    tenth = second.cached_tokens * Decimal("0.1")
    assert second.cost == ((fresh + tenth) * 4 + second.output_tokens * 20) / 1_000_000
    assert second.cost < first.cost


def test_the_estimate_is_rather_too_much(server: ClaudeLoopback, tmp_path: Path) -> None:
    """It is made without asking; what lies in the journal is free, and told as free."""
    kept = journaled(claude(server), Journal(tmp_path))

    estimate = kept.estimate("casa", BRIEF)
    assert server.requests == ()
    paid = kept.meanings("casa", BRIEF).usage

    assert estimate.requests == paid.requests == 1
    assert estimate.input_tokens >= paid.input_tokens
    assert estimate.output_tokens >= paid.output_tokens
    assert Decimal("0.05") > estimate.cost >= paid.cost > 0
    assert kept.estimate("casa", BRIEF) == kept.meanings("casa", BRIEF).usage == Usage()
    assert kept.estimate("perro", BRIEF).requests == 1


def test_more_thought_and_more_meanings_are_estimated_higher() -> None:
    """Up to what it may write at most."""

    def cost(most: int = 6, **manner: Any) -> Decimal:
        return ClaudeAnalysis(api_key=KEY, **manner).estimate("casa", Brief(most=most)).cost

    efforts = [cost(effort=effort) for effort in ("low", "medium", "high", "xhigh", "max")]
    assert efforts == sorted(efforts)
    assert cost(1) < cost(2) < cost(6)
    assert cost(max_tokens=100) < cost()


# What goes wrong on the way


def test_asked_to_wait_it_waits(server: ClaudeLoopback) -> None:
    """Where a moment is enough, and where nothing is said of how long."""
    server.fail_next(rate_limited(SOON), rate_limited(), overloaded())

    assert claude(server).meanings("casa", BRIEF).meanings == made_up("casa")
    assert server.counts == {MESSAGES: 4}


@pytest.mark.parametrize(
    "fault",
    [
        rate_limited(3600),
        overloaded(3600),
        Fault(409, headers={"retry-after": "61"}),
        Fault(429, headers={"retry-after-ms": "61000"}),
        Fault(503, headers={"retry-after": "Fri, 31 Dec 2199 23:59:59 GMT"}),
        Fault(503, headers={"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT"}),
        Fault(429, headers={"retry-after": "inf"}),
        Fault(400, headers={"retry-after": "3600", "x-should-retry": "true"}),
    ],
)
def test_asked_to_wait_for_long_it_does_not_wait(server: ClaudeLoopback, fault: Fault) -> None:
    """The word fails at once, after one try."""
    server.fail_next(fault)

    with pytest.raises(RateLimited, match=r"asks to wait .* at most 60 are waited"):
        claude(server).meanings("casa", BRIEF)
    assert server.counts == {MESSAGES: 1}


@pytest.mark.parametrize("value", ["nan", "soon", "-5", "", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_wait_that_is_none_is_none(server: ClaudeLoopback, value: str) -> None:
    """It is tried again after the usual moment."""
    server.fail_next(Fault(429, headers={"retry-after": value}))

    assert claude(server).meanings("casa", BRIEF).meanings
    assert server.counts == {MESSAGES: 2}


@pytest.mark.parametrize(
    ("fault", "error", "why", "stops"),
    [
        (rate_limited(SOON), RateLimited, "answered 429: This request would exceed", False),
        (server_error(SOON), Unavailable, "answered 500: Internal server error", False),
        (overloaded(SOON), Unavailable, "answered 529: Overloaded", False),
        (Fault(408), Unavailable, "answered 408", False),
        (Fault(409), Unavailable, "answered 409", False),
        (dropped(), Unavailable, "broke off: RemoteProtocolError", False),
        (truncated(), Unavailable, "broke off: RemoteProtocolError", False),
    ],
)
def test_what_fails_for_the_moment_is_tried_again_and_no_more_often_than_that(
    server: ClaudeLoopback, fault: Fault, error: type[ProviderError], why: str, *, stops: bool
) -> None:
    """Once more than `retries` says; a success among them is a success."""
    server.fail_next(fault, fault)
    assert claude(server, retries=2).meanings("casa", BRIEF).meanings
    assert server.counts == {MESSAGES: 3}

    server.fail_next(*[fault] * 3)
    with pytest.raises(error, match=why) as caught:
        claude(server, retries=2).meanings("casa", BRIEF)
    assert caught.value.stops_run is stops
    assert caught.value.hint
    assert server.counts == {MESSAGES: 6}


def test_who_takes_too_long_is_not_waited_for(server: ClaudeLoopback) -> None:
    """The limit is that of one try."""
    server.fail_next(timeout(5), timeout(5))

    with pytest.raises(Unavailable, match="the connection to Claude timed out: ReadTimeout"):
        claude(server, timeout=0.1, retries=1).meanings("casa", BRIEF)
    assert server.counts == {MESSAGES: 2}


def test_where_nobody_listens_is_said() -> None:
    """With a hint to the network."""
    with ClaudeLoopback() as server:
        gone = claude(server, retries=1)

    with pytest.raises(Unavailable, match="broke off: ConnectError") as caught:
        gone.meanings("casa", BRIEF)
    assert "network" in caught.value.hint


@pytest.mark.parametrize(
    ("fault", "error", "why", "hint", "stops"),
    [
        (spend_limit(), QuotaExhausted, "spend limit", "raise it", True),
        (spend_limit(3600), QuotaExhausted, "spend limit", "raise it", True),
        (
            Fault(429, error_code="contract_spend_limit_reached"),
            QuotaExhausted,
            "spend limit",
            "raise it",
            True,
        ),
        (billing(), QuotaExhausted, "answered 402: Your credit balance", "billing", True),
        (
            Fault(400, "Your credit balance is too low to access the API"),
            QuotaExhausted,
            "answered 400: Your credit",
            "billing",
            True,
        ),
        (Fault(401, "invalid x-api-key"), Denied, "answered 401: invalid", "_API_KEY", True),
        (permission_denied(), Denied, "answered 403", "what the key may do", True),
        (
            Fault(400, error_code="organization_on_hold"),
            Denied,
            "answered 400",
            "ask the vendor",
            True,
        ),
        (Fault(400, "messages: too long"), Rejected, "answered 400: messages: too long", "", False),
        (Fault(413), Rejected, "answered 413", "", False),
        (Fault(422), Rejected, "answered 422", "", False),
        (Fault(418, ""), Rejected, "answered 418: no reason was given", "", False),
        (
            Fault(403, f"bad\x1b[31m key\n{KEY}\ud83d"),
            Denied,
            r"answered 403: bad \[31m key … \[req_\d+\]$",
            "",
            True,
        ),
    ],
)
def test_what_no_second_try_would_mend_is_not_tried_again(
    server: ClaudeLoopback,
    *,
    fault: Fault,
    error: type[ProviderError],
    why: str,
    hint: str,
    stops: bool,
) -> None:
    """It is said what to look at, and whether the other words would fail alike."""
    server.fail_next(fault)

    with pytest.raises(error, match=why) as caught:
        claude(server).meanings("casa", BRIEF)
    assert hint in caught.value.hint
    assert caught.value.stops_run is stops
    assert server.counts == {MESSAGES: 1}


def test_a_model_that_is_not_there_stops_the_run() -> None:
    """With a hint to its name."""
    with ClaudeLoopback(models=["claude-haiku-5-5"]) as server:
        with pytest.raises(Misconfigured, match="404: model: claude-sonnet-5-5") as caught:
            claude(server).meanings("casa", BRIEF)
        assert claude(server, model="claude-haiku-5-5").estimate("casa", BRIEF).cost
    assert "name of the model" in caught.value.hint


def test_another_key_is_denied(server: ClaudeLoopback) -> None:
    """By the server."""
    with pytest.raises(Denied, match="answered 401: invalid x-api-key"):
        ClaudeAnalysis(base_url=server.url, api_key="sk-other").meanings("casa", BRIEF)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_key_does_not_follow_to_another_host(server: ClaudeLoopback, status: int) -> None:
    """Whoever answers with another address gets no key there."""
    with ClaudeLoopback() as elsewhere:
        url = elsewhere.url.replace("127.0.0.1", "localhost")
        server.fail_next(Fault(status, headers={"location": f"{url}/v1/messages"}))
        with pytest.raises(ProviderError):
            claude(server, retries=0).meanings("casa", BRIEF)
        assert all("msg" not in str(one.body) for one in elsewhere.requests)


# How it is built


@pytest.mark.parametrize("key", [None, "", " \n", "sk ant", "sk\nant", "sk\0ant", "schlüssel"])
@pytest.mark.parametrize("place", ["given", "environment"])
def test_without_a_key_nothing_is_built(
    key: str | None, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said at once, with the variable that should have it, and never what it is."""
    if key is not None and place == "environment":
        key = key.replace("\0", "\1")  # no environment holds that
        monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with pytest.raises(Misconfigured, match="key for Claude") as caught:
        ClaudeAnalysis(api_key=key if place == "given" else None)
    assert "ANTHROPIC_API_KEY" in f"{caught.value} {caught.value.hint}"
    assert (
        not key or not key.strip() or key not in "".join(traceback.format_exception(caught.value))
    )


def test_the_line_end_of_a_key_is_not_part_of_it(
    server: ClaudeLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As keys that are read from files have one."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", f" {KEY}\n")

    assert ClaudeAnalysis(base_url=server.url).meanings("casa", BRIEF).meanings


@pytest.mark.parametrize("address", ["api.anthropic.com", "ftp://x", "http://", "http://[", "x y"])
@pytest.mark.parametrize("place", ["given", "environment"])
def test_what_is_no_address_is_said_at_once(
    address: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given, or in the environment."""
    if place == "environment":
        monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    with pytest.raises(Misconfigured, match="it is no address"):
        ClaudeAnalysis(api_key=KEY, base_url=address if place == "given" else None)


def test_the_address_may_stand_in_the_environment(
    server: ClaudeLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty one is none."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    assert ClaudeAnalysis(api_key=KEY).meanings("casa", BRIEF).meanings
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "")
    assert "anthropic.com" in str(ClaudeAnalysis(api_key=KEY).connection.client.base_url)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip takes it."""
    monkeypatch.setitem(sys.modules, "anthropic", None)

    with pytest.raises(Misconfigured, match="needs the library anthropic") as caught:
        ClaudeAnalysis(api_key=KEY)
    assert caught.value.hint == 'pip install "fluent-stages[claude]"'


@pytest.mark.parametrize(
    "manner",
    [{"effort": "huge"}, {"cache": "2h"}, {"model": ""}, {"max_tokens": 0}],
)
def test_what_claude_would_refuse_for_every_word_is_said_at_once(manner: dict[str, Any]) -> None:
    """Before any is asked for."""
    with pytest.raises(Misconfigured):
        ClaudeAnalysis(api_key=KEY, **manner)


# Secrets


def test_a_key_is_nowhere_to_be_seen(server: ClaudeLoopback, tmp_path: Path) -> None:
    """Not in a repr, an error and its traceback, a report, the journal or a pickle."""
    asked = journaled(claude(server, retries=0), Journal(tmp_path))
    server.fail_next(Fault(403, KEY), Fault(500, f"{KEY} {KEY}"), dropped(), Fault(429, KEY))
    context = Context.of(words=["a", "b", "c", "d", "casa"])
    seen: list[object] = [asked, asked.connection, asked.send, asked.manner, vars(asked)]
    for word in "abcd":
        with pytest.raises(ProviderError) as caught:
            asked.meanings(word, BRIEF)
        seen += [*traceback.format_exception(caught.value), pickle.dumps(caught.value)]
        seen += [caught.value, caught.value.at("x"), caught.value.__dict__]
    outcome = analyze_words(context, analysis_provider=asked)
    seen += [after(outcome), after(outcome).to_json(), last(outcome)]
    server.fail_next(Fault(401, KEY))
    failure = failed(analyze_words(Context.of(words=["z"]), analysis_provider=asked))
    seen += [failure, failure.problems, pickle.dumps(failure), pickle.dumps(asked)]
    seen += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    seen += [str(file) for file in tmp_path.rglob("*")]

    assert server.counts[MESSAGES] == 4 + 5 + 1
    assert [one for one in seen if "MARKED" in f"{one!r} {one!s}"] == []


def test_a_copy_elsewhere_takes_the_key_of_its_environment(
    server: ClaudeLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None travels; where there is none, the word says so."""
    asked = pickle.loads(pickle.dumps(claude(server, effort="low", retries=1)))

    assert repr(asked) == "<ClaudeAnalysis claude-sonnet-5-5>"
    assert asked.manner.effort == "low"
    with pytest.raises(Misconfigured, match="ANTHROPIC_API_KEY is not set"):
        asked.meanings("casa", BRIEF)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert asked.meanings("casa", BRIEF).meanings == made_up("casa")


# Wherever the work is done


def test_the_same_comes_of_it_wherever_the_work_is_done(
    server: ClaudeLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit, one after the other, in threads, and in other processes."""
    words = tuple(f"palabra{number}" for number in range(12))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    asked = claude(server)

    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        outcomes = [
            analyze_words(Context.of(words=words), analysis_provider=asked, mapper=mapper)
            for mapper in (serial, threads(8), executor(pool))
        ]

    meanings = [after(outcome)[MEANINGS] for outcome in outcomes]
    assert meanings[0] == tuple(one for word in words for one in made_up(word))
    assert meanings[1:] == [meanings[0]] * 2
    assert len({to_json(one) for one in meanings}) == 1
    assert server.counts == {MESSAGES: 36}


def test_what_a_provider_says_stands_in_the_report(server: ClaudeLoopback, model: Model) -> None:
    """Named by the word; the others go on."""

    def says(params: Mapping[str, Any]) -> Any:
        word = word_in(params)
        return said() if word == "xyzzy" else said(entry(word, Extra="x"))

    model.says = says
    outcome = analyze_words(Context.of(words=["casa", "xyzzy"]), analysis_provider=claude(server))

    report = last(outcome)
    assert [one.word for one in after(outcome)[MEANINGS]] == ["casa"]
    assert [(one.code, one.where) for one in report.problems] == [
        ("unknown-field", "words[casa].meanings[0].Extra"),
        ("not-found", "words[xyzzy]"),
    ]
    assert report.problems[0].severity is Severity.WARNING
    assert report.counts["requests"] == 2
