"""What is checked, brought to one form: cards, meanings, a vocabulary, or a batch."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import Problem
from stages.records.batch import Batch
from stages.records.card import Card
from stages.records.entry import fault_of, fields_of, names_of, shown
from stages.records.meaning import Meaning
from stages.records.vocabulary import Vocabulary
from stages.records.vocabulary_card import card_of


@attrs.frozen
class Sheet:
    """
    One card, and what its texts are called where they stand.

    Attributes:
        where: The path of the item.
        card: What it says.
        names: What the fields of the card are called there, where not as the card has them.
        problems: What was found wrong in reading it.
        is_read: Whether it could be read as a whole, and so be looked into.
    """

    where: str
    card: Card
    names: Mapping[str, str] = FrozenMap()
    problems: tuple[Problem, ...] = ()
    is_read: bool = True

    def at(self, field: str) -> str:
        """Give the path of a field."""
        return f"{self.where}.{self.names.get(field, field)}"


def sheets_of(value: Any) -> Iterator[Sheet]:
    """
    Give the sheets of cards, meanings, a vocabulary or a batch, in their order.

    An item is named by its id, and by its place where that is not its own alone.
    """
    if isinstance(value, Vocabulary):
        for where, one in value.places.items():
            yield Sheet(where, card_of(one), _file_names(one.language))
    elif isinstance(value, Batch):
        for place, entry in enumerate(value.entries):
            yield _of_entry(entry, f"meanings[{place}]", value.language)
    elif value and isinstance(value[0], Meaning):
        named = _named("meanings", [one.card_id for one in value])
        for where, one in zip(named, value, strict=True):
            yield Sheet(where, card_of(one), _FIELDS)
    else:
        named = _named("cards", [one.id for one in value])
        yield from map(Sheet, named, value)


_FIELDS = FrozenMap(
    {
        "Word": "word",
        "Article": "article",
        "IPA": "ipa",
        "Context": "context",
        "Definition": "definition",
        "Example": "example",
        "Gapped": "gapped",
        "Usage": "note",
    }
)
"""The fields of a meaning, by those of its card."""

_FILES = {
    language: {
        **{field: names_of(language)[one] for field, one in _FIELDS.items()},
        "emoji": names_of(language)["emoji"],
    }
    for language in ("es", "")
}


def _file_names(language: str) -> Mapping[str, str]:
    return _FILES["es" if language.partition("-")[0] == "es" else ""]


def _named(key: str, ids: Iterable[str]) -> Iterator[str]:
    every = tuple(ids)
    several = {name for name, number in Counter(every).items() if number > 1}
    for place, name in enumerate(every):
        alone = name not in several and not name.startswith("#")
        yield f"{key}[{name if alone else f'#{place}'}]"


def _of_entry(entry: Any, where: str, language: str) -> Sheet:
    """Give the sheet of an unchecked entry; what cannot be read in it is a problem."""
    names = _file_names(language)
    if not isinstance(entry, Mapping):
        why = f"an entry is an object with fields, and this is {entry!r:.60}"
        problem = Problem("bad-entry", where, why, "write it as 'example' shows, or cut it")
        return Sheet(where, card_of(_meaning({}, language)), names, (problem,), is_read=False)
    problems, texts = [], {}
    for field, text in fields_of(entry)[0].items():
        why = (
            fault_of(text)
            if isinstance(text, str)
            else f"a text was expected, and {text!r:.60} found"
        )
        if why:
            at = f"{where}.{shown(names_of(language)[field])}"
            problems.append(Problem("bad-entry", at, why, "write it again"))
        else:
            texts[field] = text
    is_read = not problems
    if is_read and not texts.get("id"):
        at = f"{where}.{names_of(language)['id']}"
        problems.append(Problem("missing-field", at, "it is empty", "name the meaning in English"))
    card = card_of(_meaning(texts, language))
    return Sheet(where, card, names, tuple(problems), is_read)


def _meaning(texts: Mapping[str, str], language: str) -> Meaning:
    return Meaning(**{**_EMPTY, **texts}, language=language)


_EMPTY = {one.name: "" for one in attrs.fields(Meaning) if one.default is attrs.NOTHING}
