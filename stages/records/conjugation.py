"""Verb forms to learn, and the file in which they lie."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap, freeze, thawed
from stages.records.entry import fault_of, shown
from stages.records.meaning import GAP, hiding

_USUAL = "es-419"
"""The language of a form whose file does not say it."""

_NAMES = {"form": "Front", "infinitive": "Back", "sentence": "Sentence", "hint": "Extra"}
"""What the texts of a form are called in the file."""

_REQUIRED = ("form", "infinitive", "sentence")
_ID, _REVERSE, _LANGUAGE, _COUNT = "CardID", "Add Reverse", "Language", "total_cards"
_MOST_TOLD = 5


@attrs.frozen(kw_only=True)
class Conjugation:
    """
    One form of a verb: what is asked for, and the sentence in which it is missing.

    Attributes:
        id: Of its card; unique, and the same for ever.
        form: What is learnt, such as "hablo".
        infinitive: The verb as it is looked up.
        sentence: With a gap where the form belongs.
        hint: Tense and person, in words; may be empty.
        reverse: Whether a second card asks what the form is.
        language: A BCP 47 tag.
        others: What else its file says of it, by name.
    """

    id: str
    form: str
    infinitive: str
    sentence: str
    hint: str = ""
    reverse: bool = False
    language: str = _USUAL
    others: FrozenMap[str, Any] = FrozenMap()

    @property
    def gapped(self) -> str:
        """
        The sentence with one kind of gap; made where the form can be seen, empty where none can be.

        >>> Conjugation(id="a", form="hablo", infinitive="hablar", sentence="Hablo mucho.").gapped
        '_____ mucho.'
        """
        gapped = re.sub(r"_{2,}", GAP, self.sentence)
        if GAP not in gapped:
            gapped = hiding(self.form, self.sentence)
        return gapped if GAP in gapped else ""

    @property
    def example(self) -> str:
        """
        The whole sentence.

        >>> Conjugation(id="a", form="hablas", infinitive="hablar", sentence="¿__ inglés?").example
        '¿Hablas inglés?'
        """
        before, gap, _ = self.gapped.partition(GAP)
        if not gap:
            return self.sentence
        begins = not any(map(str.isalnum, before))
        first = f"{self.form[:1].upper()}{self.form[1:]}" if begins else self.form
        return self.gapped.replace(GAP, first, 1).replace(GAP, self.form)


def _each_once(forms: Iterable[Conjugation]) -> tuple[Conjugation, ...]:
    by_id: dict[str, Conjugation] = {}
    for one in forms:
        by_id.setdefault(one.id, one)
    return tuple(by_id.values())


@attrs.frozen(kw_only=True)
class Conjugations:
    """
    The verb forms of a deck; its file is that of the earlier system.

    Attributes:
        forms: Each id once, in order.
        metadata: About the whole; the count is made when it is saved.
        others: What else the file holds, by name.
    """

    forms: tuple[Conjugation, ...] = attrs.field(default=(), converter=_each_once)
    metadata: FrozenMap[str, Any] = FrozenMap()
    others: FrozenMap[str, Any] = FrozenMap()

    def to_saved(self) -> dict[str, object]:
        """Give the file's form: plain JSON values, with a count that is right."""
        return {
            **_plain(self.others),
            "conjugations": {one.id: _entry(one) for one in self.forms},
            "metadata": {**_plain(self.metadata), _COUNT: len(self.forms)},
        }

    @classmethod
    def from_saved(cls, saved: object) -> "Conjugations":
        """
        Read the file's form.

        Raises:
            ValueError: It holds no verb forms as they should be; every fault is named with its path.
        """
        entries = saved.get("conjugations") if isinstance(saved, Mapping) else None
        if not isinstance(saved, Mapping) or not isinstance(entries, Mapping):
            raise ValueError("no verb forms: it is no object with an object 'conjugations'")  # noqa: TRY004
        metadata = saved.get("metadata", FrozenMap())
        faults: list[str] = []
        forms = [_form(name, entry, faults) for name, entry in entries.items()]
        if not isinstance(metadata, Mapping):
            faults.append("'metadata' has to be an object")
        elif not _is_whole(metadata) or not _is_whole(_rest(saved, "conjugations", "metadata")):
            faults.append("a text beside 'conjugations' holds half a character")
        if faults:
            more = len(faults) - _MOST_TOLD
            told = [*faults[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
            raise ValueError(f"no verb forms: {'; '.join(told)}")
        return cls(
            forms=tuple(one for one in forms if one),
            metadata=_rest(metadata, _COUNT),
            others=_rest(saved, "conjugations", "metadata"),
        )


def _entry(one: Conjugation) -> dict[str, object]:
    texts = {name: getattr(one, field) for field, name in _NAMES.items()}
    language = {_LANGUAGE: one.language} if one.language != _USUAL else {}
    return {
        _ID: one.id,
        **texts,
        _REVERSE: "1" if one.reverse else "",
        **language,
        **_plain(one.others),
    }


def _form(name: str, entry: object, faults: list[str]) -> Conjugation | None:
    """Give the form that an entry is, or None; what is wrong with it is added to the faults."""
    where = f"conjugations.{shown(name)}"
    if not isinstance(entry, Mapping):
        faults.append(f"{where} is no object")
        return None
    known = {_ID: name, _LANGUAGE: _USUAL, "Extra": ""}
    texts = {key: entry.get(key, usual) for key, usual in known.items()}
    texts |= {_NAMES[field]: entry.get(_NAMES[field]) for field in _REQUIRED}
    wrong = [f"{where}.{key}: {why}" for key, text in texts.items() if (why := _fault(text))]
    wrong += [
        f"{where}.{_NAMES[field]}: it is empty"
        for field in _REQUIRED
        if isinstance(text := texts[_NAMES[field]], str) and not text.strip()
    ]
    if not name or _fault(name):
        wrong.append(f"{where}: its name is no id of a card")
    elif texts[_ID] != name:
        wrong.append(f"{where}.{_ID}: it is {texts[_ID]!r:.60}")
    reverse = entry.get(_REVERSE, "")
    if not isinstance(reverse, str | bool):
        wrong.append(f"{where}.{_REVERSE}: '1' or '' was expected, and {reverse!r:.60} found")
    others = _rest(entry, _ID, _REVERSE, _LANGUAGE, *_NAMES.values())
    if not _is_whole(others):
        wrong.append(f"{where}: a text of it holds half a character")
    if wrong:
        faults += wrong
        return None
    fields = {field: texts[key] for field, key in _NAMES.items()}
    marked = reverse.strip() != "" if isinstance(reverse, str) else reverse
    return Conjugation(id=name, **fields, reverse=marked, language=texts[_LANGUAGE], others=others)


def _fault(text: object) -> str:
    if text is None:
        return "it is missing"
    if not isinstance(text, str):
        return f"a text was expected, and {text!r:.60} found"
    return fault_of(text)


def _rest(found: Mapping[str, Any], *names: str) -> FrozenMap[str, Any]:
    return FrozenMap({name: freeze(one) for name, one in found.items() if name not in names})


def _plain(values: FrozenMap[str, Any]) -> dict[str, object]:
    return {name: thawed(one) for name, one in values.items()}


def _is_whole(value: object) -> bool:
    """Tell whether all texts in a value can be written."""
    match value:
        case str():
            return not fault_of(value)
        case Mapping():
            return all(map(_is_whole, (*value, *value.values())))
        case list() | tuple():
            return all(map(_is_whole, value))
        case _:
            return True
