"""Entries of Wiktionary, as wiktextract has them, and the meanings in them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from stages.core.frozen import FrozenMap
from stages.core.problem import Problem, Severity
from stages.core.wording import counted
from stages.providers.errors import NotFound
from stages.records.entry import tidied
from stages.records.ipa import in_ipa_letters
from stages.records.meaning import GAP, Meaning, gapped_form, hiding
from stages.records.pronunciation import pronounced
from stages.records.word import is_whole, unaccented


def entry_in(line: bytes, code: str) -> dict[str, Any] | None:
    """Give the entry that a line is, an empty one for other languages; None where it is no entry."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    if entry.get("lang_code") != code:
        return {}
    word = _text(entry.get("word"))
    if not word or not isinstance(entry.get("senses", []), list):
        return None
    return {**entry, "word": word}


def senses_of(
    entries: list[dict[str, Any]], word: str, language: str
) -> Iterator[Meaning | Problem]:
    """Give for each sense that counts its meaning, or what it lacks."""
    numbers: Counter[str] = Counter()
    seen: set[str] = set()
    for entry in entries:
        part = _slug(_text(entry.get("pos"))) or "sense"
        ipa = _ipa(entry, language) or pronounced(word, language)
        for sense in entry.get("senses", []):
            numbers[part] += 1  # also of what is left out: the number is that of the dictionary
            if not isinstance(sense, dict) or _is_left_out(entry, sense):
                continue
            definition = next(reversed(_texts(sense.get("glosses"))), "")
            if not definition or definition in seen:
                continue
            seen.add(definition)
            name = f"{part}_{numbers[part]}"
            example, gapped = _example(sense, word)
            if not example:
                why = f"{definition!r:.60} has no example with a form of {word!r} to hide"
                hint = "fill it in, in a staged batch"
                yield Problem("no-example", f"senses[{name}]", why, hint, Severity.WARNING)
                continue
            yield Meaning(
                word=word,
                id=name,
                context=_context(entry, sense),
                definition=definition,
                example=example,
                gapped=gapped,
                ipa=ipa,
                article=_article(entry, sense, ipa),
                language=language,
            )


_LEFT_OUT = frozenset(("form-of", "alt-of", "obsolete", "archaic"))


def _is_left_out(entry: dict[str, Any], sense: dict[str, Any]) -> bool:
    tags = {*_texts(entry.get("tags")), *_texts(sense.get("tags"))}
    return not tags.isdisjoint(_LEFT_OUT) or bool(sense.get("form_of") or sense.get("alt_of"))


def _example(sense: dict[str, Any], word: str) -> tuple[str, str]:
    """Give the first example that can be gapped, and its gap; made-up ones go before quotations."""
    examples = sorted(
        _objects(sense.get("examples")),
        key=lambda one: bool(one.get("ref")) or one.get("type") in ("quote", "quotation"),
    )
    for one in examples:
        text = one.get("text")
        if not isinstance(text, str) or not is_whole(text):
            continue
        for gapped in (_bold_hidden(text, one.get("bold_text_offsets")), hiding(word, text)):
            example, gap = tidied(text), tidied(gapped)
            form = gapped_form(example, gap)
            short = 0 < len(form.split()) <= len(word.split()) + 1
            if short and re.search(r"\w", gap.replace(GAP, "")):
                return example, gap
    return "", ""


def _bold_hidden(text: str, offsets: Any) -> str:
    """
    Give a text with gaps for what is bold in it: where each begins and ends, in characters.

    >>> _bold_hidden("Fuimos a casa.", [[0, 6]])
    '_____ a casa.'
    """
    ends = [end for pair in offsets for end in pair] if _is_spans(offsets) else []
    if ends != sorted(ends) or any(not 0 <= end <= len(text) for end in ends):
        return ""
    for start, end in reversed(list(zip(ends[::2], ends[1::2], strict=True))):
        text = text[:start] + GAP + text[end:]
    return text


def _is_spans(offsets: Any) -> bool:
    return isinstance(offsets, list) and all(
        isinstance(pair, list) and [type(end) for end in pair] == [int, int] for pair in offsets
    )


_PARTS = FrozenMap(
    {
        "noun": "sustantivo",
        "name": "nombre",
        "verb": "verbo",
        "adj": "adjetivo",
        "adv": "adverbio",
        "pron": "pronombre",
        "prep": "preposición",
        "conj": "conjunción",
        "intj": "interjección",
        "num": "numeral",
        "det": "determinante",
        "article": "artículo",
        "phrase": "locución",
    }
)
"""Parts of speech in Spanish words."""

_FEW = 3


def _context(entry: dict[str, Any], sense: dict[str, Any]) -> str:
    """Give what marks a sense, in the dictionary's own words if it can be; else its part of speech."""
    marks = (*_texts(sense.get("raw_tags")), *_texts(sense.get("topics")))
    part = _text(entry.get("pos"))
    own = _PARTS.get(part, part) if entry["lang_code"] == "es" else part
    ways = (*marks, _text(entry.get("pos_title")), own)
    return next((re.sub("[_-]", " ", one) for one in ways if 0 < len(one.split()) <= _FEW), "")


_ARTICLES = FrozenMap({"masculine": ("el", "los"), "feminine": ("la", "las")})


def _article(entry: dict[str, Any], sense: dict[str, Any], ipa: str) -> str:
    """Give the article of a Spanish noun whose gender is said, and is one."""
    if entry["lang_code"] != "es" or entry.get("pos") != "noun":
        return ""
    tags = {*_texts(entry.get("tags")), *_texts(sense.get("tags"))}
    one, many = _ARTICLES.get("".join(tags & set(_ARTICLES)), ("", ""))
    if tags & {"plural", "plural-only"}:
        return many
    return "el" if one == "la" and ipa.startswith("[ˈa") else one  # el agua


_AMERICAN = frozenset(("latin-america", "seseante", "yeísta"))
_SPANISH = frozenset(("spain", "españa", "no seseante"))
_LOCAL = frozenset(("no yeísta", "sheísta", "zheísta", "buenos-aires", "philippines"))


def _ipa(entry: dict[str, Any], language: str) -> str:
    """Give the pronunciation of the region that is asked for, in brackets; empty where none is."""
    wanted, others = _AMERICAN, _SPANISH
    if language.casefold() == "es-es":
        wanted, others = others, wanted
    ways: list[tuple[int, bool, int, str]] = []
    for sound in _objects(entry.get("sounds")):
        tags = {
            tag.strip().casefold()
            for name in ("tags", "raw_tags")
            for text in _texts(sound.get(name))
            for tag in text.split(",")
        }
        fit = len(tags & wanted) - 9 * len(tags & (others | _LOCAL))
        for text in _texts(sound.get("ipa")):
            inner = text.strip("[]/ ")
            if inner and not inner.startswith("-"):  # that is a rhyme
                is_broad = not text.startswith("[")
                ways.append((-fit, is_broad, len(ways), f"[{in_ipa_letters(inner)}]"))
    return min(ways)[-1] if ways else ""


_IN_ENGLISH = FrozenMap(
    {
        "ca": "Catalan",
        "cs": "Czech",
        "de": "German",
        "es": "Spanish",
        "fr": "French",
        "it": "Italian",
        "ja": "Japanese",
        "ko": "Korean",
        "nl": "Dutch",
        "pl": "Polish",
        "pt": "Portuguese",
        "ru": "Russian",
        "sv": "Swedish",
        "zh": "Chinese",
    }
)
"""What the English Wiktionary calls the languages; every other calls them by its own names."""


def foreign_definitions(entries: list[dict[str, Any]], code: str) -> Iterator[Problem]:
    """Warn where the definitions are in English, which is told by how the language is called."""
    name = _IN_ENGLISH.get(code)
    if name and any(entry.get("lang") == name for entry in entries):
        why = "the definitions are in English: the extract is of the English Wiktionary"
        hint = f"take the extract of the Wiktionary of {code!r} instead"
        yield Problem("foreign-definition", "", why, hint, Severity.WARNING)


def nothing_usable(entries: list[dict[str, Any]], word: str, gone: int, name: str) -> NotFound:
    """Say why no sense of a word can be used."""
    if gone:
        senses = counted(gone, "sense")
        why = f"{name} has no usable example for {word!r}: {senses} had none"
        return NotFound(why, "fill them in, in a staged batch")
    lemmas = (
        _text(form.get("word"))
        for entry in entries
        for sense in _objects(entry.get("senses"))
        for of in ("form_of", "alt_of")
        for form in _objects(sense.get(of))
    )
    lemma = next(filter(None, lemmas), "")
    hint = f"look up {lemma!r}" if lemma else "fill it in, in a staged batch"
    return NotFound(f"{name} has no sense of today for {word!r}", hint)


def base_of(language: str) -> str:
    """
    Give a language without its region.

    >>> base_of("es-419")
    'es'
    """
    return language.partition("-")[0].casefold()


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]+", "_", unaccented(text)).strip("_")


def _text(value: Any) -> str:
    return tidied(value) if isinstance(value, str) and is_whole(value) else ""


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in map(_text, values) if text]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
