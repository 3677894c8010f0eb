"""A meaning as files and models write it, and the door at which it is checked."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import Problem, Severity
from stages.records.ipa import in_ipa_letters
from stages.records.meaning import GAP, Meaning, gapped_form, hiding
from stages.records.tongue import is_foreign
from stages.records.word import is_whole, unaccented

_WORD, _SPANISH_WORD = "Word", "SpanishWord"
"""What the field of the word is called, and what it is called in Spanish files."""

_TOLD = FrozenMap({one.name: one.metadata for one in attrs.fields(Meaning) if one.metadata})
"""The fields of a meaning that an entry fills, with what is said of each."""

# Plain dicts: they are asked for every field of every entry.
_NAMES: dict[str, str] = {field: told["name"] for field, told in _TOLD.items()}
_SPANISH_NAMES = {**_NAMES, "word": _SPANISH_WORD}
_FIELDS = {name: field for names in (_NAMES, _SPANISH_NAMES) for field, name in names.items()}

_REQUIRED = tuple(
    one.name
    for one in attrs.fields(Meaning)
    if one.metadata and one.default is attrs.NOTHING and one.name != "gapped"
)
"""Without one of these an entry is no meaning; a gap can be made of the example."""

_LONGEST = 4_000
"""So many characters has no text of a card, and what looks into one may take the square of it."""

_PILED = 30
"""So many accents has no letter of any script; putting more in order takes the square of them."""


def told_fields(language: str) -> dict[str, str]:
    """
    Give the fields of an entry in files of a language, with what stands in each.

    >>> next(iter(told_fields("es-419"))), next(iter(told_fields("de")))
    ('SpanishWord', 'Word')
    """
    return {name: _TOLD[field]["what"] for field, name in names_of(language).items()}


def entry_of(meaning: Meaning) -> dict[str, str]:
    """Give a meaning as it stands in a file; what it does not have is left out."""
    return {
        name: value
        for field, name in names_of(meaning.language).items()
        if (value := getattr(meaning, field))
    }


def names_of(language: str) -> dict[str, str]:
    """
    Give what the fields of a meaning are called in files of a language.

    >>> names_of("de")["gapped"]
    'GappedSentence'
    """
    return _SPANISH_NAMES if language.partition("-")[0] == "es" else _NAMES


def field_of(name: str) -> str:
    """
    Give the field of a meaning that is called so in files; empty where none is.

    >>> field_of("GappedSentence"), field_of("ImageFile")
    ('gapped', '')
    """
    return _FIELDS.get(name, "")


def word_of(entry: Any) -> str:
    """Give the word that an unchecked entry says it is of; empty where it says none."""
    given = (entry.get(_WORD) or entry.get(_SPANISH_WORD)) if isinstance(entry, Mapping) else None
    return tidied(given) if isinstance(given, str) and not fault_of(given) else ""


def fields_of(entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Give the values of an unchecked entry by the fields of the meaning, and all else that it holds.

    Null says that there is no value, as leaving the field out does.

    >>> fields_of({"Word": "casa", "Emoji": None, "CardID": "casa_home"})
    ({'word': 'casa'}, {'CardID': 'casa_home'})
    """
    fields: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in entry.items():
        field = _FIELDS.get(name)
        if field is None:
            rest[name] = value
        elif value is not None:
            fields[field] = value
    return fields, rest


def judged(
    entry: Any, where: str, *, language: str, ipa_of: Callable[[str], str] = lambda _: ""
) -> tuple[Meaning | None, tuple[Problem, ...]]:
    """
    Give the meaning that an entry is, or None, and all that is wrong with it.

    What is certain is mended: a gap that the example shows, a look-alike in the IPA.

    Args:
        entry: Anything that was read as JSON.
        where: Names it in problems.
        language: Of word, definition and example.
        ipa_of: Says how a word is spoken, or nothing; asked for an entry that does not say it.
    """
    if not isinstance(entry, Mapping):
        why = f"an entry is an object with fields, and this is {_KINDS.get(type(entry), 'a list')}"
        return None, (Problem("bad-entry", where, why, "write it as 'example' shows, or cut it"),)
    fields, rest = fields_of(entry)
    problems = _made_texts(fields, where, language)
    problems += _unread(rest, where)
    if fields.get("ipa", "") == "" and (ipa := ipa_of(fields.get("word") or "")):
        fields["ipa"] = ipa
    given = fields.get("ipa") or ""
    letters = in_ipa_letters(given)
    if letters != given:
        fields["ipa"] = letters = tidied(letters)
    if not all(map(fields.get, _REQUIRED)):
        problems += _missing(fields, where, language)
    if problems and any(problem.severity is Severity.ERROR for problem in problems):
        return None, tuple(problems)
    fields.setdefault("gapped", "")
    meaning = Meaning(**fields, language=language)
    if is_foreign(f"{meaning.definition} {meaning.example}", language):
        why = (
            f"definition and example are not in the language {language}: {meaning.definition!r:.60}"
        )
        return None, (*problems, Problem("wrong-language", where, why, "have it written again"))
    if letters not in ("", given):
        why = f"it was {given!r:.60}; {letters!r:.60} has the letters that were meant"
        problems.append(Problem("look-alike", f"{where}.IPA", why, severity=Severity.WARNING))
    mended = _with_gap(meaning)
    at = f"{where}.GappedSentence"
    if mended is None:
        why = f"the example does not have one form of {meaning.word!r:.60} to gap"
        hint = f"write the example again with {GAP} as GappedSentence"
        problems.append(Problem("bad-entry", at, why, hint))
    elif mended is not meaning:
        why = f"the gapped sentence was {meaning.gapped!r:.200}; made from the example now"
        problems.append(Problem("no-gap", at, why, severity=Severity.WARNING))
    return mended, tuple(problems)


def fault_of(text: str, most: int = _LONGEST) -> str:
    """
    Say what keeps a text from being written, compared and searched; empty where nothing does.

    >>> fault_of("niño"), fault_of(chr(0xD83D)), fault_of("a" * 5000)
    ('', 'it holds half a character', 'it has 5000 characters, and at most 4000 are read')
    """
    if len(text) > most:
        return f"it has {len(text)} characters, and at most {most} are read"
    if text.isascii():
        return ""
    if not is_whole(text):
        return "it holds half a character"
    if not unicodedata.is_normalized("NFC", text) and _is_piled(text):
        return f"more than {_PILED} accents stand on one letter"
    return ""


def tidied(text: str) -> str:
    r"""
    Give a text in composed letters, with single blanks.

    >>> tidied(" nin\u0303o\n pequeño ")
    'niño pequeño'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def shown(name: str) -> str:
    r"""
    Give a name as it may stand in a path of problems: cut, and without what is not seen.

    >>> shown("IPA"), shown("a\nb")
    ('IPA', 'a\\nb')
    """
    return f"{name if name.isprintable() else repr(name)[1:-1]:.60}"


_KINDS: FrozenMap[type, str] = FrozenMap(
    {type(None): "null", str: "a text", bool: "true or false", int: "a number", float: "a number"}
)
"""What JSON calls a value of a type, of those that are no objects and no lists."""


def _unread(rest: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for name in rest:
        at = f"{where}.{shown(name)}"
        yield Problem("unknown-field", at, "nobody reads this field", severity=Severity.WARNING)


def _made_texts(fields: dict[str, Any], where: str, language: str) -> list[Problem]:
    """Make tidy texts of these values, or None of one that is no text, which is told."""
    problems = []
    if not _are_tidy(fields.values()):
        for field, value in fields.items():
            why = fault_of(value) if isinstance(value, str) else _NO_TEXT.format(value)
            fields[field] = None if why else tidied(value)
            if why:
                at = f"{where}.{names_of(language)[field]}"
                problems.append(Problem("bad-entry", at, why, "write it again"))
    if fields.get("id"):  # it names the card for ever, and stands in paths of problems
        fields["id"] = _NO_NAME.sub("_", fields["id"]).strip("_")
    if "_" in (fields.get("context") or ""):
        fields["context"] = tidied(fields["context"].replace("_", " "))
    return problems


_NO_TEXT = "a text was expected, and {!r:.60} found"
_NO_NAME = re.compile(r"[^\w-]+")


def _are_tidy(values: Collection[Any]) -> bool:
    """Tell whether these are texts that `tidied` gives back; of most entries they are."""
    try:
        text = " ".join([value for value in values if value != ""])
    except TypeError:
        return False
    return (
        len(text) <= _LONGEST
        and text.isprintable()
        and "  " not in text
        and text == text.strip()
        and unicodedata.is_normalized("NFC", text)
    )


def _is_piled(text: str) -> bool:
    """Tell whether more accents stand on one letter than on any letter of any script."""
    height = 0
    for letter in text:
        height = height + 1 if unicodedata.category(letter).startswith("M") else 0
        if height > _PILED:
            return True
    return False


def _missing(fields: Mapping[str, str | None], where: str, language: str) -> Iterator[Problem]:
    for field in _REQUIRED:
        if fields.get(field, "") == "":
            why = "it is empty" if field in fields else "it is missing"
            at = f"{where}.{names_of(language)[field]}"
            yield Problem("bad-entry", at, why, _TOLD[field]["what"])


def _with_gap(meaning: Meaning) -> Meaning | None:
    """Give the meaning with a gapped sentence that fits its example; None if none can be made."""
    if gapped_form(meaning.example, meaning.gapped):
        return meaning
    gapped = re.sub(r"_{2,}", GAP, meaning.gapped)
    ways = (gapped, _like(gapped, meaning), hiding(meaning.word, meaning.example))
    for way in ways:
        if len(way) <= _LONGEST and gapped_form(meaning.example, way):
            return attrs.evolve(meaning, gapped=way)
    # A gap that does not fit the example still makes a card; the checks after this one say so.
    return meaning if GAP in meaning.gapped else None


def _like(gapped: str, meaning: Meaning) -> str:
    """Give the example with the gap of a sentence that differs in case, accents or punctuation."""
    words, others = meaning.example.split(), gapped.split()
    start = next((n for n, other in enumerate(others) if GAP in other), len(words))
    end = start + len(words) - len(others) + 1
    hidden = " ".join(words[start:end])
    longest = len(meaning.word.split()) + 1
    around = [*words[:start], *words[end:]] if hidden and start < end <= start + longest else []
    if [_bare(word) for word in around] != [_bare(o) for o in others if GAP not in o]:
        return ""
    return " ".join((*words[:start], hidden.replace(_core(hidden), GAP), *words[end:]))


def _core(word: str) -> str:
    return word.strip("¿?¡!.,;:«»“”\"'()…—-")


def _bare(word: str) -> str:
    """
    Give what a word is when case, accents and punctuation do not count.

    >>> _bare("¡Ningún!")
    'ningun'
    """
    return unaccented(_core(word))
