"""The form in which Claude is asked, and the reading of whatever comes back."""

import json
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any, Literal

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages.core.json import to_json
from stages.core.problem import ProviderError, Severity
from stages.providers.claude import ClaudeAnalysis
from stages.providers.claude.prices import prices
from stages.providers.claude.schema import schema_of
from stages.providers.claude.wire import (
    Answered,
    Manner,
    body_of,
    custom_id,
    estimated,
    read,
    spent,
)
from stages.providers.errors import BadAnswer, NotFound, Refused
from stages.providers.journal import Answer
from stages.providers.vendor import line_of
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.entry import told_fields
from stages.records.meaning import Meaning
from stages.records.usage import Usage
from stages.testing.loopback import faults_of_schema
from stages.testing.loopback.checks import faults_of_request
from tests.providers.claude.answers import KEY, entry, message, said

BRIEF = Brief()
OURS = (BadAnswer, NotFound, Refused)
CLAUDE = ClaudeAnalysis(api_key=KEY)

briefs = st.builds(
    Brief,
    language=st.sampled_from(["es-419", "de", "ja"]) | st.text(),
    native=st.sampled_from(["en", "{most}"]),
    most=st.integers(1, 20),
)
manners = st.builds(
    Manner,
    model=st.sampled_from(["claude-sonnet-5-5", "claude-haiku-5-5", "another"]),
    effort=st.sampled_from(["low", "medium", "high", "xhigh", "max"]),
    max_tokens=st.integers(1, 64_000),
    cache=st.sampled_from(["", "5m", "1h"]),
)
words = st.text(min_size=1) | st.sampled_from(["niño", "日本", "tener que", "l’été", "{x}", '"'])

halves = st.sampled_from(["\ud83d", "a\udfff", "\x00\x1b[31m", "\u202e", "x" * 100_000])
texts = st.text() | halves
atoms = st.none() | st.booleans() | st.integers() | st.floats() | texts
names = texts | st.sampled_from([*told_fields("de"), *told_fields("es"), "meanings", "remark"])
jsons = st.recursive(
    atoms, lambda some: st.lists(some) | st.dictionaries(names, some), max_leaves=20
)
entries = st.dictionaries(names, jsons) | st.builds(
    lambda changed, gone: {k: v for k, v in entry(**changed).items() if k not in gone},
    st.dictionaries(st.sampled_from(list(entry())), jsons, max_size=3),
    st.sets(st.sampled_from(list(entry())), max_size=2),
)
answers = jsons | st.fixed_dictionaries(
    {"meanings": jsons | st.lists(entries, max_size=4)},
    optional={"remark": jsons, "more": jsons},
)
messages = st.fixed_dictionaries(
    {"type": st.just("message") | jsons},
    optional={
        "stop_reason": st.sampled_from(["end_turn", "refusal", "max_tokens"]) | jsons,
        "stop_details": st.dictionaries(st.sampled_from(["category", "explanation"]), jsons)
        | jsons,
        "content": jsons
        | st.lists(
            st.fixed_dictionaries({"type": st.just("text"), "text": answers.map(json.dumps)})
        ),
        "usage": jsons
        | st.dictionaries(
            st.sampled_from(
                ["input_tokens", "output_tokens", "cache_creation", "cache_read_input_tokens"]
            ),
            jsons,
        ),
        "model": jsons,
    },
)


# What is asked


@given(words, briefs, manners)
def test_a_request_is_one_that_the_api_takes(word: str, brief: Brief, manner: Manner) -> None:
    """Whatever the word, the languages and the manner; and always the same."""
    body = body_of(word, brief, manner)

    assert list(faults_of_request(body)) == []
    assert body == body_of(word, brief, manner) == json.loads(json.dumps(body))
    assert json.loads(body["messages"][0]["content"])["word"] == word
    assert not re.search(
        r"\{[a-z]+\}", body["system"][0]["text"].replace("{most}", "").replace(brief.language, "")
    )


@given(words, words)
def test_only_the_message_differs_from_word_to_word(one: str, other: str) -> None:
    """So that what comes before it is cached."""
    bodies = [body_of(word, BRIEF, Manner()) for word in (one, other)]

    assert (bodies[0] == bodies[1]) == (one == other)
    assert {**bodies[0], "messages": []} == {**bodies[1], "messages": []}


def test_the_part_that_all_share_is_cached_as_long_as_wanted() -> None:
    """Or not at all."""

    def mark(cache: str) -> object:
        [block] = body_of("casa", BRIEF, Manner(cache=cache))["system"]
        return block.get("cache_control")

    assert mark("5m") == {"type": "ephemeral", "ttl": "5m"}
    assert mark("1h") == {"type": "ephemeral", "ttl": "1h"}
    assert mark("") is None


def test_what_the_rules_know_of_the_pronunciation_is_given_along() -> None:
    """With the word; nothing where they know nothing."""

    def asked(word: str, language: str) -> object:
        return json.loads(
            body_of(word, Brief(language=language), Manner())["messages"][0]["content"]
        )

    assert asked("trabajo", "es-419") == {"word": "trabajo", "IPA": "[tɾa.ˈβa.xo]"}
    assert asked("Haus", "de") == {"word": "Haus"}


def test_the_schema_asks_for_every_field_that_can_be_filled_in() -> None:
    """By the names of the staged file, each explained, each required, and nothing else."""
    schema = schema_of(Answered)
    asked = schema["properties"]["meanings"]["items"]

    assert list(faults_of_schema(schema)) == []
    told = {name: field["description"] for name, field in asked["properties"].items()}
    assert told == told_fields("de")
    assert asked["required"] == list(told)
    assert schema["required"] == ["meanings", "remark"]


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (Severity, {"enum": ["error", "warning"]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
    ],
)
def test_a_type_is_said_as_the_api_takes_it(kind: Any, schema: object) -> None:
    """Alternatives, enums, lists."""
    assert schema_of(kind) == schema
    assert list(faults_of_schema(schema)) == []


def test_a_type_of_which_no_schema_is_known_is_a_bug() -> None:
    """And is named."""
    with pytest.raises(TypeError, match=r"no JSON Schema is known for .*bytes"):
        schema_of(dict[str, bytes])


@given(words, words, manners)
def test_a_request_has_a_name_that_batches_take(one: str, other: str, manner: Manner) -> None:
    """Another one for another request."""
    bodies = {word: body_of(word, BRIEF, manner) for word in (one, other)}
    ids = {custom_id(word, body) for word, body in bodies.items()}

    assert len(ids) == len(bodies)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)
    another = body_of(one, Brief(most=19), manner)
    assert custom_id(one, another) not in ids


# What is read


def result_of(read_it: Callable[[], object]) -> object:
    """Give what comes of reading, or an error of our family that can be shown and saved."""
    try:
        return read_it()
    except OURS as error:
        problem = error.at("words[casa]")
        assert to_json(problem)
        assert len(str(problem)) < 2_000
        assert str(problem).isprintable()
        return error


def whole(content: bytes) -> Analysis:
    """Read an answer through the whole adapter."""
    send = lambda request, label: Answer(content, kept_at="/journal/x.answer")  # noqa: E731, ARG005
    CLAUDE.send = send
    found = CLAUDE.meanings("casa", BRIEF)
    errors = [one for one in found.problems if one.severity is Severity.ERROR]
    assert found.meanings or errors
    assert all("/journal/x.answer" in one.hint for one in errors)
    assert to_json(found)
    assert all(one.word == "casa" for one in found.meanings)
    return found


@given(st.binary() | st.text().map(str.encode) | jsons.map(lambda one: json.dumps(one).encode()))
@example(b"")
@example(b"\xff\xfe")
@example(b"[" * 100_000)
@example(b'{"type": "message", "content": ' + b"[" * 900 + b"]" * 900 + b"}")
@example(b"9" * 5_000)
@example(b'{"type": "message"}')
@example("{}".encode("utf-16"))
def test_whatever_comes_over_the_wire_is_read_or_refused_in_words(content: bytes) -> None:
    """Never an exception of another family."""
    assert isinstance(result_of(lambda: read(content, "casa")), ProviderError)
    assert not whole(content).meanings
    assert isinstance(spent(content), Usage)


@given(messages)
@example({"type": "message", "usage": {"input_tokens": 10**4000}, "model": "x" * 10**6})
@example({"type": "message", "stop_reason": "refusal", "stop_details": {"explanation": "\ud83d"}})
def test_whatever_a_message_holds_is_read_or_refused_in_words(given: dict[str, Any]) -> None:
    """Wrong types in any place of it."""
    content = json.dumps(given).encode()

    result_of(lambda: read(content, "casa"))
    whole(content)
    assert spent(content).cost >= 0
    assert str(spent(content))


@given(answers)
@example(said(entry(**{"\ud83d": "x", "\x1b[31m": "x", "n" * 10**6: "x"})))
@example(said(entry(), remark="\ud83d", **{"\ud83d": "x"}))
def test_whatever_the_model_says_is_read_or_refused_in_words(answer: Any) -> None:
    """Wrong types, half characters, hostile names: a meaning or a problem each."""
    whole(message(json.dumps(answer)))


@given(st.text())
@example('{"meanings": [{"Word": "casa"}], "meanings": []}')
@example('{"meanings": [{"Word": "casa", "Word": "perro"}]}')
@example('{"meanings": NaN}')
@example('{"meanings": [NaN, -Infinity, 1e999]}')
@example('{"meanings": [{"IPA": 1' + "0" * 5_000 + "}]}")
@example("\ud83d")
@example('{"meanings": [{"Word": "casa", "\\ud83d": "x", "IPA": "\\udfff"}], "\\ud83d\\n": 1}')
@example('{"meanings": [{"Word": "\\ud83d"}], "remark": ""}')
@example('{"meanings": [], "remark": "\\ud83d\\u001b[31m"}')
def test_whatever_text_the_model_writes_is_read_or_refused_in_words(text: str) -> None:
    """JSON or not."""
    whole(message(text))


@given(st.integers(1, 400).map(lambda number: number * 5), st.sampled_from(["[", '{"a":']))
def test_however_deep_an_answer_is_nested(depth: int, opening: str) -> None:
    """It is refused in words, wherever the nesting is."""
    close = {"[": "]", '{"a":': "}"}[opening]
    deep = f"{opening * depth}1{close * depth}"
    for text in (deep, f'{{"meanings": {deep}}}', f'{{"meanings": [{{"IPA": {deep}}}]}}'):
        assert [one.code for one in whole(message(text)).problems] == ["bad-answer"]
    found = whole(message(json.dumps(said(entry()))[:-1] + f', "more": {deep}}}'))
    assert isinstance(found, Analysis | BadAnswer)


@given(st.integers(0, 2_000))
def test_half_an_answer_is_refused(cut: int) -> None:
    """Wherever it breaks off, be it over the wire or in the text."""
    text = json.dumps(said(entry("niño")), ensure_ascii=False)
    content = message(text)

    for half in (message(text[: cut % len(text)]), content[: cut % len(content)]):
        assert [one.code for one in whole(half).problems] == ["bad-answer"]


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    7,
    1e999,
    [],
    {},
    "",
    " ",
    "\ud83d",
    "\x1b[31m",
    "<b>x</b>",
    "../x",
    "x" * 5_000,
)


def mutated(random: Random) -> bytes:
    """Give a good answer of two meanings with one to three things done to it."""
    good = [entry(), entry(MeaningID="other")]
    more: list[Any] = []
    remark: Any = ""
    for _ in range(random.randint(1, 3)):
        one = random.choice(good)
        match random.randrange(6):
            case 0:
                one[random.choice(list(entry()))] = random.choice(HOSTILE)
            case 1:
                one.pop(random.choice(list(entry())), None)
            case 2:
                one[random.choice(("Note", "word", "\ud83d", "n" * 300))] = random.choice(HOSTILE)
            case 3:
                more.append(random.choice((*HOSTILE, one)))
            case 4:
                first, second = random.sample(list(entry()), 2)
                one[first], one[second] = one.get(second), one.get(first)
            case _:
                remark = random.choice(HOSTILE)
    answer: Any = {
        "meanings": random.sample([*good, *more], len(good) + len(more)),
        "remark": remark,
    }
    text = json.dumps(answer, ensure_ascii=random.random() < 0.5)
    match random.randrange(5):
        case 0:
            text = text[: random.randrange(len(text))]
        case 1:
            at = random.randrange(len(text))
            text = text[:at] + random.choice('{}[]",:\\\x00é') + text[at + 1 :]
        case 2:
            text = text.replace('"IPA"', '"Word"', 1)
        case _:
            pass
    content = message(text)
    return content[: random.randrange(len(content))] if random.random() < 0.1 else content


@pytest.mark.parametrize(
    "number", [pytest.param(300, id="some"), pytest.param(10_000, id="all", marks=pytest.mark.slow)]
)
def test_every_mutated_answer_is_read_or_refused_in_words(number: int) -> None:
    """Its good meanings land, and each of the others has a problem of its own."""
    landed = 0
    for seed in range(number):
        landed += bool(whole(mutated(Random(seed))).meanings)
    assert number / 10 < landed < number


def test_a_huge_answer_is_read() -> None:
    """A thousand meanings of three thousand letters each."""
    many = [entry(MeaningID=f"m{number}", UsageNote="x" * 3_000) for number in range(1_000)]

    found = whole(message(json.dumps(said(*many))))

    assert isinstance(found, Analysis)
    assert len(found.meanings) == BRIEF.most


plain = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(plain, plain, plain, plain, plain), min_size=1, max_size=6))
def test_what_the_model_says_well_arrives_whole(fields: list[tuple[str, ...]]) -> None:
    """Every field of every meaning, in any script."""

    def composed(text: str) -> str:
        return unicodedata.normalize("NFC", text)

    given = [
        Meaning(
            word="casa",
            id=f"m{number}",
            context=composed(context).replace("_", "-"),
            definition=f"lo que es {composed(definition)}",
            example=f"La casa es de {composed(rest)}.",
            gapped=f"La _____ es de {composed(rest)}.",
            ipa="[ˈka.sa]",
            prompt=composed(prompt),
            note=composed(note),
        )
        for number, (context, definition, rest, prompt, note) in enumerate(fields)
    ]
    asked = [one for one in attrs.fields(Meaning) if one.metadata]
    written = [{f.metadata["name"]: getattr(one, f.name) for f in asked} for one in given]

    found = whole(message(json.dumps(said(*written))))

    assert isinstance(found, Analysis), found
    assert found == Analysis(meanings=tuple(given), usage=found.usage)


# What it costs


@pytest.mark.parametrize(
    ("model", "tokens", "batch", "cost"),
    [
        ("claude-sonnet-5-5", {"input_tokens": 10**6}, False, "2"),
        ("claude-sonnet-5-5", {"output_tokens": 10**6}, False, "10"),
        ("claude-sonnet-5-5", {"output_tokens": 10**6}, True, "5"),
        ("claude-haiku-5-5-20261001", {"output_tokens": 10**6}, False, "0.5"),
        ("claude-opus-5-5", {"cache_creation_input_tokens": 10**6}, False, "5"),
        (
            "claude-opus-5-5",
            {
                "cache_creation_input_tokens": 10**6,
                "cache_creation": {"ephemeral_1h_input_tokens": 10**6},
            },
            False,
            "8",
        ),
        ("claude-opus-5-5", {"cache_read_input_tokens": 10**6}, True, "0.2"),
        ("unheard-of", {"input_tokens": 10**6, "output_tokens": 10**6}, False, "24"),
        (None, {"input_tokens": 10**6}, False, "4"),
        ("claude-opus-5-5", {"input_tokens": -5, "output_tokens": True}, False, "0"),
        ("claude-opus-5-5", [], False, "0"),
    ],
)
def test_an_answer_costs_what_the_price_list_says(
    model: str | None, tokens: object, *, batch: bool, cost: str
) -> None:
    """Half in a batch; an unknown model counts as the dearest."""
    content = message("", model=model, usage=tokens)

    assert spent(content, batch=batch).cost == Decimal(cost)
    assert spent(content, batch=batch).requests == 1


def test_the_price_list_says_of_when_it_is() -> None:
    """And in what it reckons."""
    assert re.fullmatch(r"20\d\d-\d\d", prices().as_of)
    assert prices().unit == "US dollars per million tokens"
    assert "claude-sonnet-5-5" in prices().models


@given(words, briefs, manners)
def test_a_batch_is_estimated_at_half(word: str, brief: Brief, manner: Manner) -> None:
    """Of the live call; both are more than nothing."""
    body = body_of(word, brief, manner)
    live, batch = (estimated(body, brief.most, batch=batch) for batch in (False, True))

    assert batch.cost * 2 == live.cost > 0
    assert attrs.evolve(batch, cost=live.cost) == live
    assert live.output_tokens <= manner.max_tokens


@given(texts | jsons)
def test_a_text_from_outside_fits_into_a_line(text: object) -> None:
    """Whole, printable and short, whatever it is."""
    line = line_of(text, 60)

    assert line.isprintable()
    assert len(line) <= 60
