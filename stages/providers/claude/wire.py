"""The one form in which Claude is asked, live and in batches, and the reading of what it answers."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import parsed
from stages.core.problem import Problem, Severity
from stages.providers.claude.prices import prices
from stages.providers.claude.schema import schema_of
from stages.providers.errors import BadAnswer, Misconfigured, NotFound, Refused
from stages.providers.lexicon import Lexicon
from stages.providers.vendor import line_of
from stages.records.brief import Brief
from stages.records.entry import tidied, word_of
from stages.records.meaning import Meaning
from stages.records.pronunciation import pronounced
from stages.records.usage import Usage

_TOLD = """\
You write the entries of a deck of flashcards after the Fluent Forever method, in which a learner \
never sees a translation: all that a card says is in the language that is learnt.

The language that is learnt is {language}; the learner speaks {native}. Both are BCP 47 tags, and a \
region says whose usage counts.

You are given one word. Give one entry for each of its distinct meanings, that is for each distinct \
mental image: what a single picture shows is one meaning, however many translations it has. The most \
common comes first; give at most {most}, and fewer where fewer are distinct. Leave out what is \
obsolete, and senses that only specialists use.

Of the fields of an entry:
- The word is looked up: a verb in its infinitive, a noun in the singular without article; the \
article of a noun stands in its own field.
- Definition and example use words that a beginner knows. The definition holds neither the word nor \
another form of it. The example holds exactly one form of it, and the gapped sentence is the example, \
letter by letter, with this form replaced by _____ (five underscores).
- The pronunciation is that of the word alone, broad, in IPA and square brackets, with dots between \
syllables and ˈ before the stressed one where there are several. ɡ is the IPA letter. If one is given \
with the word, it was made by rules of spelling: keep it unless the word is an exception.
- The picture is described in the language {native}: one clear subject and one action, nothing \
written in it, and such that whoever sees it thinks of this meaning and of no other of the word.

Give no entry for a word that does not exist in the language: leave the list empty and say why in \
the remark, in one sentence. Else the remark is empty.

So words of Latin American Spanish are answered for a learner who speaks English:
{examples}"""

_EXAMPLES = ("banco", "perder", "ya")
"""A noun, a verb, and a word that is hard to draw. They also make the shared part long enough for
the caches of the API, which leave out short ones."""


@attrs.frozen(kw_only=True)
class Manner:
    """
    How Claude is asked.

    Attributes:
        model: Which one.
        effort: How long it thinks: "low", "medium", "high", "xhigh" or "max".
        max_tokens: The most that it may write, its thinking among it.
        cache: How long the part that all requests share is cached, "5m" or "1h"; "" for not at all.
    """

    model: str = "claude-sonnet-5-5"
    effort: str = "medium"
    max_tokens: int = 16_000
    cache: str = "5m"

    def __attrs_post_init__(self) -> None:
        """
        Find what the API would refuse for every word.

        Raises:
            Misconfigured: One of them is nothing that Claude knows.
        """
        for name, given, known in (
            ("effort", self.effort, tuple(_THOUGHT)),
            ("cache", self.cache, _CACHES),
        ):
            if given not in known:
                why = f"{name}={given!r:.60} is nothing that Claude knows"
                raise Misconfigured(why, f"one of {', '.join(map(repr, known))}")
        if not self.model or self.max_tokens < 1:
            why = f"Claude cannot be asked with model={self.model!r}, max_tokens={self.max_tokens}"
            raise Misconfigured(why, "name a model, and let it write at least one token")


_CACHES = ("5m", "1h", "")


@attrs.frozen(kw_only=True)
class Answered:
    """What the model is asked to give of a word."""

    meanings: tuple[Meaning, ...]
    remark: str


@attrs.frozen(kw_only=True)
class Reading:
    """
    What stands in an answer.

    Attributes:
        entries: The meanings of the word, unchecked, as they would be filled in, each with its
            number in the answer.
        problems: What is wrong with others; `where` is inside of the answer.
    """

    entries: tuple[tuple[int, Any], ...]
    problems: tuple[Problem, ...]


def body_of(word: str, brief: Brief, manner: Manner) -> dict[str, Any]:
    """Give the body of the request for a word: of a live call, and as `params` in a batch."""
    told = _TOLD.format(
        language=brief.language, native=brief.native, most=brief.most, examples=_examples()
    )
    shared: dict[str, Any] = {"type": "text", "text": told}
    if manner.cache:
        shared["cache_control"] = {"type": "ephemeral", "ttl": manner.cache}
    return {
        "model": manner.model,
        "max_tokens": manner.max_tokens,
        "system": [shared],
        "messages": [{"role": "user", "content": _asked(word, brief.language)}],
        "output_config": {
            "effort": manner.effort,
            "format": {"type": "json_schema", "schema": _schema()},
        },
    }


def _asked(word: str, language: str) -> str:
    known = pronounced(word, language)
    return json.dumps({"word": word, **({"IPA": known} if known else {})}, ensure_ascii=False)


@cache
def _examples() -> str:
    """Give words of the embedded lexicon, each as it is asked for and as it is answered."""
    brief, lexicon = Brief(), Lexicon()
    named = [(one.metadata["name"], one.name) for one in attrs.fields(Meaning) if one.metadata]

    def answered(word: str) -> str:
        meanings = lexicon.meanings(word, brief).meanings
        entries = [{name: getattr(one, field) for name, field in named} for one in meanings]
        answer = json.dumps({"meanings": entries, "remark": ""}, ensure_ascii=False)
        return f"{_asked(word, brief.language)}\n{answer}"

    return "\n".join(map(answered, _EXAMPLES))


@cache
def _schema() -> dict[str, Any]:
    return schema_of(Answered)


def custom_id(word: str, body: Mapping[str, Any]) -> str:
    """
    Name a request in a batch: by its word, as far as the API allows, and by its content.

    >>> custom_id("niño pequeño", {"model": "m"}), custom_id("家", {"model": "m"})
    ('nino-pequeno-deea0f7771b9f0a5', 'w-deea0f7771b9f0a5')
    """
    plain = unicodedata.normalize("NFKD", word.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "w"
    content = json.dumps(body, sort_keys=True, ensure_ascii=True)
    return f"{slug}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def estimated(body: Mapping[str, Any], most: int, *, batch: bool = False) -> Usage:
    """Estimate what a request takes: rather too much than too little."""
    size = len(body["system"][0]["text"]) + len(body["messages"][0]["content"]) + _schema_size()
    thought = _THOUGHT[body["output_config"]["effort"]]
    written = thought + _ENTRY * min(most, _USUAL_MEANINGS)
    tokens = {
        "input_tokens": size // _CHARACTERS,
        "output_tokens": min(written, body["max_tokens"]),
    }
    return prices().reckoned(body["model"], tokens, batch=batch)


_CHARACTERS = 3
"""So many characters, or more, are a token."""

_ENTRY = 300
"""Tokens of one entry."""

_USUAL_MEANINGS = 4
"""Most words have no more meanings than this."""

_THOUGHT = FrozenMap({"low": 500, "medium": 1_500, "high": 4_000, "xhigh": 10_000, "max": 10_000})
"""Tokens of thinking, by effort."""


@cache
def _schema_size() -> int:
    return len(json.dumps(_schema()))


def read(content: bytes, word: str) -> Reading:
    """
    Read an answer: of a live call, or the message of a line of a batch's results.

    Raises:
        Refused: The model would not answer.
        BadAnswer: It is no message, was cut off, or is not what was asked for.
        NotFound: There is no such word.
    """
    message = _message(content)
    if message is None:
        raise BadAnswer("what came is no message of the API")
    try:
        answer = parsed(_text(message))
    except ValueError as error:
        raise BadAnswer(f"the answer is {line_of(str(error))}") from None
    entries = answer.get("meanings") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise BadAnswer("the answer is no object with a list 'meanings'")
    if not entries:
        why = line_of(answer["remark"]) if "remark" in answer else ""
        raise NotFound(f"{word!r:.60} has no meaning to Claude: {why or 'it does not say why'}")
    problems = [
        Problem("unknown-field", line_of(name, 60), "nobody asked for this", "", Severity.WARNING)
        for name in answer
        if name not in ("meanings", "remark")
    ]
    good = []
    for number, entry in enumerate(entries):
        given = word_of(entry)
        where = f"meanings[{number}]"
        if not _is_flat(entry):
            why = "an entry is an object of texts, and this is something else"
            problems.append(Problem("bad-entry", where, why))
        elif given and given.casefold() != tidied(word).casefold():
            why = f"it is of {given!r:.60}, and {word!r:.60} was asked for"
            problems.append(Problem("other-word", where, why))
        else:
            good.append((number, FrozenMap({**entry, "Word": word} if given else entry)))
    if not good:
        raise BadAnswer(f"no meaning of the answer can be used: {problems[-1]}")
    return Reading(entries=tuple(good), problems=tuple(problems))


def spent(content: bytes, *, batch: bool = False) -> Usage:
    """Give what an answer took and cost; nothing where that cannot be read."""
    message = _message(content)
    if message is None:
        return Usage()
    usage, model = message.get("usage"), message.get("model")
    by_time = usage.get("cache_creation") if isinstance(usage, dict) else None
    tokens = {**_counts(by_time), **_counts(usage)}
    return prices().reckoned(model if isinstance(model, str) else "", tokens, batch=batch)


def _message(content: bytes) -> Mapping[str, Any] | None:
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("type") == "message" else None


def _text(message: Mapping[str, Any]) -> str:
    """Give what the model wrote; thinking may come before it."""
    match message.get("stop_reason"):
        case "refusal":
            details = message.get("stop_details")
            about = details if isinstance(details, dict) else {}
            why = line_of(about.get("explanation")) or line_of(about.get("category"))
            raise Refused(f"Claude will not answer this: {why or 'no reason was given'}")
        case "max_tokens" | "model_context_window_exceeded" as reason:
            raise BadAnswer(f"the answer was cut off ({reason})", "allow more: max_tokens=…")
        case _:
            blocks = message.get("content")
    written = [
        block["text"]
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict)
        and block.get("type") == "text"
        and isinstance(block.get("text"), str)
    ]
    if not written:
        raise BadAnswer("there is no text in the answer")
    return "".join(written)


def _is_flat(entry: object) -> bool:
    """Tell whether an entry is an object that holds no other."""
    return isinstance(entry, dict) and not any(
        isinstance(value, dict | list) for value in entry.values()
    )


def _counts(tokens: object) -> dict[str, int]:
    """Give the numbers of tokens that there are, whatever else stands between them."""
    every = tokens.items() if isinstance(tokens, dict) else ()
    return {name: number for name, number in every if type(number) is int and number >= 0}
