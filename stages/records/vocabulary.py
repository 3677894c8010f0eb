"""Everything that was learnt so far: meanings by word, and the words nobody wants a card for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from stages.core.frozen import FrozenMap, freeze, thawed
from stages.records.entry import entry_of, fault_of, field_of, fields_of, shown
from stages.records.meaning import Meaning
from stages.records.word import is_whole

_COUNTS = ("total_words", "total_cards", "total_skipped")

_MOST_TOLD = 5
"""So many faults of a file are told at once."""


def _by_word(meanings: Iterable[Meaning]) -> tuple[Meaning, ...]:
    """Give each meaning once, those of a word side by side, in the order in which the words came."""
    grouped: dict[str, dict[tuple[str, str, str], Meaning]] = {}
    for one in meanings:
        grouped.setdefault(one.word, {}).setdefault(one.identity, one)
    return tuple(one for of_word in grouped.values() for one in of_word.values())


@attrs.frozen(kw_only=True)
class Vocabulary:
    """
    The meanings that are known, word by word, and the skipped words.

    Its file is that of the earlier system; what it holds beside meanings stays in it as it is.

    Attributes:
        meanings: Each once; those of a word stand side by side.
        skipped: Words that need no card.
        metadata: About the whole; counts are made when it is saved.
        others: What else the file holds, by name.
        of_words: What the file holds of a word beside its meanings, by word.
        of_cards: What the file holds of a meaning that no card shows, by card id.
        miscounted: The counts of its file that were not so, with what was said and what was found,
            by path. They are made anew when it is saved, and make no vocabulary another one.

    >>> casa = Meaning(word="casa", id="home", context="", definition="", example="", gapped="",
    ...                ipa="")
    >>> list(Vocabulary(meanings=(casa,)).places)
    ['words.casa.meanings[0]']
    """

    meanings: tuple[Meaning, ...] = attrs.field(default=(), converter=_by_word)
    skipped: tuple[str, ...] = ()
    metadata: FrozenMap[str, Any] = FrozenMap()
    others: FrozenMap[str, Any] = FrozenMap()
    of_words: FrozenMap[str, FrozenMap[str, Any]] = FrozenMap()
    of_cards: FrozenMap[str, FrozenMap[str, Any]] = FrozenMap()
    miscounted: FrozenMap[str, tuple[Any, int]] = attrs.field(
        default=FrozenMap(), eq=False, repr=False
    )

    @cached_property
    def places(self) -> FrozenMap[str, Meaning]:
        """Where each meaning stands in the file."""
        numbers: Counter[str] = Counter()
        places = {}
        for one in self.meanings:
            places[f"words.{in_path(one.word)}.meanings[{numbers[one.word]}]"] = one
            numbers[one.word] += 1
        return FrozenMap(places)

    @property
    def size(self) -> int:
        """How many meanings there are."""
        return len(self.meanings)

    def without(self, wheres: Iterable[str]) -> "Vocabulary":
        """Give the vocabulary without the meanings that these paths name, or something in them."""
        named = {place for where in wheres for place in (where, where.rpartition(".")[0])}
        left = tuple(one for place, one in self.places.items() if place not in named)
        ids = {one.card_id for one in left}
        kept = {card: more for card, more in self.of_cards.items() if card in ids}
        return attrs.evolve(self, meanings=left, of_cards=FrozenMap(kept))

    def text_at(self, where: str) -> str | None:
        """Give the text that stands at a path of the file; None where none is that may change."""
        if where in self.miscounted:
            return f"{self.miscounted[where][0]}"
        place, _, name = where.rpartition(".")
        one, field = self.places.get(place), field_of(name)
        return getattr(one, field) if one and field else None

    def mended(self, texts: Mapping[str, str]) -> "Vocabulary":
        """Give the vocabulary with these texts at these paths; a count is right once it is named."""
        changes: dict[str, dict[str, str]] = {}
        for where, text in texts.items():
            place, _, name = where.rpartition(".")
            changes.setdefault(place, {})[field_of(name)] = text
        meanings = tuple(
            attrs.evolve(one, **changes.get(place, {})) for place, one in self.places.items()
        )
        left = {where: told for where, told in self.miscounted.items() if where not in texts}
        return attrs.evolve(self, meanings=meanings, miscounted=FrozenMap(left))

    @property
    def settled(self) -> frozenset[str]:
        """The words that have a meaning here or are skipped; made anew each time."""
        return frozenset(one.word for one in self.meanings).union(self.skipped)

    def knows(self, word: str) -> bool:
        """Tell whether the word has a meaning here or is skipped; for many, take `settled` once."""
        return word in self.skipped or any(one.word == word for one in self.meanings)

    def merged(
        self,
        meanings: Iterable[Meaning],
        skipped: Iterable[str] = (),
        *,
        overwrite: bool = False,
    ) -> "Vocabulary":
        """
        Give the vocabulary with these added.

        What is there of the same word and id stays as it is, and its card keeps its id; with
        `overwrite` the rest of it is replaced.
        """
        known = {one.identity: one for one in self.meanings}
        for one in meanings:
            there = known.setdefault(one.identity, one)
            if overwrite:
                known[one.identity] = attrs.evolve(one, card=there.card)
        every = dict.fromkeys((*self.skipped, *skipped))
        return attrs.evolve(self, meanings=tuple(known.values()), skipped=tuple(every))

    def dated(self, today: str, before: "Vocabulary") -> "Vocabulary":
        """Give the vocabulary with a date on what is new since an earlier one, if anything is."""
        if self == before:
            return self
        new = {one.word for one in self.meanings} - {one.word for one in before.meanings}
        stamps = {
            word: self.of_words.get(word, FrozenMap[str, Any]()).put("processed_date", today)
            for word in new
        }
        return attrs.evolve(
            self,
            metadata=self.metadata.put("last_updated", today),
            of_words=FrozenMap({**self.of_words, **stamps}),
        )

    def to_saved(self) -> dict[str, object]:
        """Give the file's form: plain JSON values, with counts that are right."""
        words: dict[str, list[object]] = {}
        for one in self.meanings:
            words.setdefault(one.word, []).append(self._entry(one))
        counts = (len(words), len(self.meanings), len(self.skipped))
        for word in self.of_words:  # one may have no meaning any more
            words.setdefault(word, [])
        return {
            "metadata": {
                **_thawed(self.metadata),
                **dict(zip(_COUNTS, counts, strict=True)),
            },
            **_thawed(self.others),
            "skipped_words": list(self.skipped),
            "words": {
                word: {
                    "word": word,
                    **_thawed(self.of_words.get(word, FrozenMap())),
                    "meanings": entries,
                    "cards_created": len(entries),
                }
                for word, entries in words.items()
            },
        }

    def _entry(self, one: Meaning) -> dict[str, object]:
        language = {"Language": one.language} if one.language != _USUAL else {}
        kept = _thawed(self.of_cards.get(one.card_id, FrozenMap()))
        return {"CardID": one.card_id, **entry_of(one), **language, **kept}

    @classmethod
    def from_saved(cls, saved: object) -> "Vocabulary":
        """
        Read the file's form.

        Raises:
            ValueError: It is no vocabulary; every fault is named with its path.
        """
        words = saved.get("words") if isinstance(saved, Mapping) else None
        if not isinstance(saved, Mapping) or not isinstance(words, Mapping):
            raise ValueError("no vocabulary: it is no object with an object 'words'")  # noqa: TRY004
        reading = _Reading()
        for word, found in words.items():
            reading.word(word, found)
        others = _rest(saved, ("metadata", "skipped_words", "words"))
        skipped, metadata = saved.get("skipped_words", ()), saved.get("metadata", FrozenMap())
        if not isinstance(skipped, list | tuple) or any(map(_text_fault, skipped)):
            reading.faults.append("'skipped_words' has to be a list of words")
        if not isinstance(metadata, Mapping):
            reading.faults.append("'metadata' has to be an object")
        elif _is_broken(freeze(metadata)) or _is_broken(others):
            reading.faults.append("a text beside 'words' holds half a character")
        if reading.faults:
            more = len(reading.faults) - _MOST_TOLD
            told = [*reading.faults[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
            raise ValueError(f"no vocabulary: {'; '.join(told)}")
        return cls(
            meanings=tuple(reading.meanings),
            skipped=tuple(skipped),
            metadata=_rest(metadata, _COUNTS),
            others=others,
            of_words=FrozenMap(reading.of_words),
            of_cards=FrozenMap({card: kept for card, kept in reading.of_cards.items() if kept}),
            miscounted=FrozenMap(dict(_miscounted(saved))),
        )


def in_path(word: str) -> str:
    r"""
    Give a word as it stands in a path: what is not seen is written out, so that no two are alike.

    >>> in_path("tener que"), in_path("a\nb")
    ('tener que', 'a\\nb')
    """
    return word if word.isprintable() and "\\" not in word else repr(word)[1:-1]


def _miscounted(saved: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, int]]]:
    """Give the counts of a file that are not so, each with its path and what was found."""
    words = saved["words"]
    number = {word: len(found["meanings"]) for word, found in words.items()}
    skipped = len(saved.get("skipped_words", ()))
    filled = sum(map(bool, number.values()))
    # A word without a meaning may count as one or not.
    right = ((filled, len(words)), (sum(number.values()),), (skipped,))
    metadata = saved.get("metadata", FrozenMap())
    for name, found in zip(_COUNTS, right, strict=True):
        if metadata.get(name, found[0]) not in found:
            yield f"metadata.{name}", (freeze(metadata[name]), found[0])
    for word, found_of in words.items():
        said = found_of.get("cards_created", number[word])
        if said != number[word]:
            yield f"words.{in_path(word)}.cards_created", (freeze(said), number[word])


_USUAL = "es-419"
"""The language of a meaning whose file does not say it: that of the earlier system."""


@attrs.define
class _Reading:
    """What was read of a file so far."""

    meanings: list[Meaning] = attrs.Factory(list)
    of_words: dict[str, FrozenMap[str, Any]] = attrs.Factory(dict)
    of_cards: dict[str, FrozenMap[str, Any]] = attrs.Factory(dict)
    faults: list[str] = attrs.Factory(list)
    seen: dict[tuple[str, str, str], str] = attrs.Factory(dict)

    def word(self, word: str, found: object) -> None:
        at = f"words.{shown(word)}"
        entries = found.get("meanings") if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping) or not isinstance(entries, list | tuple):
            self.faults.append(f"{at} is no object with a list 'meanings'")
            return
        rest = _rest(found, ("word", "meanings", "cards_created"))
        why = _text_fault(word)
        if why or _is_broken(rest):
            self.faults.append(f"{at}: {why or 'a text of it holds half a character'}")
            return
        if (found.get("word") or word) != word:
            self.faults.append(f"{at}.word: it is {found['word']!r:.60}")
        if rest:
            self.of_words[word] = rest
        for number, entry in enumerate(entries):
            self.entry(word, entry, f"{at}.meanings[{number}]")

    def entry(self, word: str, entry: object, where: str) -> None:
        if not isinstance(entry, Mapping):
            self.faults.append(f"{where} is no object")
            return
        fields, rest = fields_of(entry)
        about = {"language": rest.pop("Language", _USUAL), "card": rest.pop("CardID", "")}
        every = {**_EMPTY, "word": word, **fields, **about}
        wrong = [f"{name} {why}" for name, one in every.items() if (why := _text_fault(one))]
        if every["word"] != word:
            wrong.append(f"it is of {every['word']!r:.60}")
        kept = _rest(rest, ())
        if _is_broken(kept):
            wrong.append("a text of it holds half a character")
        if not wrong:
            one = Meaning(**every)
            derived = attrs.evolve(one, card="")
            one = derived if derived.card_id == one.card else one
            self.meanings.append(one)
            if self.seen.setdefault(one.identity, where) != where:
                wrong.append(f"it is {self.seen[one.identity]} again; give it another MeaningID")
            if self.of_cards.setdefault(one.card_id, kept) != kept:
                wrong.append(f"another one has its CardID, {one.card_id!r:.60}, and not its fields")
        if wrong:
            self.faults.append(f"{where}: {wrong[0]}")


_EMPTY = FrozenMap({one.name: "" for one in attrs.fields(Meaning) if one.default is attrs.NOTHING})


def _text_fault(value: object) -> str:
    """Say why a value is no text; a person's own may be as long as it likes."""
    return fault_of(value, most=len(value)) if isinstance(value, str) else "is no text"


def _is_broken(value: object) -> bool:
    """Tell whether half a character is in a frozen value."""
    match value:
        case str():
            return not is_whole(value)
        case tuple():
            return any(map(_is_broken, value))
        case FrozenMap():
            return any(map(_is_broken, value.items()))
        case _:
            return False


def _rest(found: Mapping[str, Any], known: tuple[str, ...]) -> FrozenMap[str, Any]:
    return FrozenMap({name: freeze(one) for name, one in found.items() if name not in known})


def _thawed(values: FrozenMap[str, Any]) -> dict[str, Any]:
    return {name: thawed(one) for name, one in values.items()}
