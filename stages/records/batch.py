"""A staged batch: words to be given meanings by Claude or a person, in a file both can read."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap, freeze, thawed
from stages.records.brief import Brief
from stages.records.entry import entry_of, fault_of, field_of, told_fields, word_of
from stages.records.job import Job
from stages.records.meaning import Meaning
from stages.records.pronunciation import pronounced

_FILL_IN = (
    "Give every word in 'words' one entry in 'meanings' for each distinct meaning, that is for each"
    " distinct mental image, the most common first and at most {most}, with the fields that are"
    " explained under 'fields'; 'prompt' is written in the language {native}. A word that stands"
    " under 'ipa' needs no IPA in its entries. Words that need no card go into 'skipped_words'."
)
_REVIEW = (
    "Read the entries in 'meanings', change what should be different, and delete what should not"
    " become a card: a word without an entry gets none. Nothing else of this file is needed."
)

_EXAMPLE = Meaning(
    word="casa",
    id="home",
    context="vivienda",
    definition="edificio donde vive una familia",
    example="Mi abuela vive en una casa pequeña cerca del río.",
    gapped="Mi abuela vive en una _____ pequeña cerca del río.",
    ipa="[ˈka.sa]",
    prompt="A grandmother watering flowers in front of a small house by a river",
    emoji="🏠",
    article="la",
)
"""One meaning as it is filled in."""


@attrs.frozen(kw_only=True)
class Batch:
    """
    Words that wait for meanings, and the meanings that were filled in so far.

    Attributes:
        words: In the order in which their cards will come.
        entries: As they were filled in, unchecked: `ingest_batch` makes meanings of them.
        skipped: Words that whoever filled it in wants no card for.
        brief: What whoever fills it in is asked for.
        ipa: How words are spoken, by word; where nobody said it, as the rules of spelling have it.
        review: Whether it holds meanings to be read and cut: a word without entry is cut then.
        job: Where it was handed in to be answered later, if it was.
    """

    words: tuple[str, ...] = ()
    entries: tuple[Any, ...] = ()
    skipped: tuple[str, ...] = ()
    brief: Brief = Brief()
    ipa: FrozenMap[str, str] = FrozenMap()
    review: bool = False
    job: Job | None = None

    def __attrs_post_init__(self) -> None:
        untold = () if self.review else [word for word in self.words if word not in self.ipa]
        spoken = {word: ipa for word in untold if (ipa := pronounced(word, self.language))}
        if spoken:
            object.__setattr__(self, "ipa", FrozenMap({**spoken, **self.ipa}))

    @property
    def language(self) -> str:
        """The language of its words, a BCP 47 tag."""
        return self.brief.language

    @property
    def waiting(self) -> tuple[str, ...]:
        """The words that have neither an entry nor been skipped, each once; in a review none waits."""
        return () if self.review else self._without_entry

    @property
    def cut(self) -> tuple[str, ...]:
        """The words that lost all their entries in a review."""
        return self._without_entry if self.review else ()

    @property
    def _without_entry(self) -> tuple[str, ...]:
        done = {*map(word_of, self.entries), *self.skipped}
        return tuple(word for word in dict.fromkeys(self.words) if word not in done)

    def ipa_of(self, word: str) -> str:
        """Give how a word is spoken; empty where nobody knows."""
        return self.ipa.get(word) or pronounced(word, self.language)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def without(self, wheres: Iterable[str]) -> "Batch":
        """Give the batch without the entries that these paths name; their words wait again."""
        named = {_place(where)[0] for where in wheres}
        left = tuple(entry for place, entry in enumerate(self.entries) if place not in named)
        return attrs.evolve(self, entries=left)

    def text_at(self, where: str) -> str | None:
        """
        Give the text that stands at a path of the file; None where there is none.

        >>> Batch(entries=(FrozenMap({"IPA": "[a]"}),)).text_at("meanings[0].IPA")
        '[a]'
        """
        place, name = _place(where)
        entry = self.entries[place] if 0 <= place < len(self.entries) else None
        if not isinstance(entry, Mapping) or not field_of(name):
            return None
        text = entry.get(name)
        return text if isinstance(text, str) else "" if text is None else None

    def mended(self, texts: Mapping[str, str]) -> "Batch":
        """Give the batch with these texts at these paths."""
        entries = list(self.entries)
        for where, text in texts.items():
            place, name = _place(where)
            entries[place] = entries[place].put(name, text)
        return attrs.evolve(self, entries=tuple(entries))

    def to_saved(self) -> dict[str, object]:
        """Give the staged file's form: plain JSON values."""
        brief = self.brief
        metadata: dict[str, object] = {"source": "stages", **attrs.asdict(brief)}
        if self.review:
            metadata |= {"review": True, "instructions": _REVIEW}
        else:
            told = _FILL_IN.format(most=brief.most, native=brief.native)
            example = attrs.evolve(_EXAMPLE, language=brief.language)  # it names the fields
            metadata |= {"instructions": told, "example": entry_of(example)}
        metadata["fields"] = told_fields(brief.language)
        if self.job:
            metadata["job"] = {
                **attrs.asdict(self.job),
                "words": dict(self.job.words),
                "counts": dict(self.job.counts),
                "manner": dict(self.job.manner),
            }
        return {
            "metadata": metadata,
            "words": list(self.words),
            **({"ipa": dict(self.ipa)} if self.ipa else {}),
            "meanings": [thawed(entry) for entry in self.entries],
            "skipped_words": list(self.skipped),
        }

    @classmethod
    def from_saved(cls, saved: object) -> "Batch":
        """
        Read the staged file's form; entries are taken as they are.

        Raises:
            ValueError: It is no staged batch; every fault of its frame is named.
        """
        if not isinstance(saved, Mapping):
            raise ValueError(f"a staged batch is an object, and this is a {type(saved).__name__}")  # noqa: TRY004
        metadata = saved.get("metadata")
        about = metadata if isinstance(metadata, Mapping) else {}
        ipa = saved.get("ipa", FrozenMap())
        job, job_faults = _job(about.get("job"))
        faults = [
            *_word_faults("words", saved.get("words")),
            *([] if _is_list(saved.get("meanings")) else ["'meanings' has to be a list"]),
            *_word_faults("skipped_words", saved.get("skipped_words", ())),
            *_ipa_faults(ipa),
            *_brief_faults(about),
            *job_faults,
        ]
        if faults:
            raise ValueError("no staged batch: " + "; ".join(faults))
        return cls(
            words=tuple(saved["words"]),
            entries=tuple(map(_frozen, saved["meanings"])),
            skipped=tuple(saved.get("skipped_words", ())),
            brief=Brief(**{name: about[name] for name in _BRIEF if about.get(name) is not None}),
            ipa=FrozenMap(ipa),
            review=about.get("review") is True,
            job=job,
        )


def _place(where: str) -> tuple[int, str]:
    """
    Give the number of the entry that a path names, and the field; -1 where it names none.

    >>> _place("meanings[3].IPA"), _place("meanings[0]"), _place("words[0]")
    ((3, 'IPA'), (0, ''), (-1, ''))
    """
    found = re.fullmatch(r"meanings\[(\d+)\](?:\.(.*))?", where, re.DOTALL)
    return (int(found[1]), found[2] or "") if found else (-1, "")


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _word_faults(name: str, value: Any) -> list[str]:
    why = _text_fault(value) if _is_list(value) else ""
    return [] if _is_list(value) and not why else [f"{name!r} has to be a list of words{why}"]


def _ipa_faults(value: Any) -> list[str]:
    is_map = isinstance(value, Mapping)
    why = (_text_fault(value.keys()) or _text_fault(value.values())) if is_map else ""
    return [] if is_map and not why else [f"'ipa' has to be an object of texts by word{why}"]


def _text_fault(values: Iterable[object]) -> str:
    """Say which is the first of these that is no text, and why."""
    for number, value in enumerate(values):
        why = fault_of(value) if isinstance(value, str) else "it is no text"
        if why:
            return f": {value!r:.60} is number {number + 1} of them, and {why}"
    return ""


_BRIEF = FrozenMap(attrs.asdict(Brief()))
"""What is asked for where a file does not say it, as the earlier ones do not."""


def _brief_faults(about: Mapping[str, Any]) -> list[str]:
    faults = []
    for name, usual in _BRIEF.items():
        value = about.get(name)
        if value is not None and (type(value) is not type(usual) or _text_fault([str(value)])):
            what = "a text" if isinstance(usual, str) else "a number"
            faults.append(f"'metadata.{name}' has to be {what}, and is {value!r:.60}")
    return faults


def _job(value: Any) -> tuple[Job | None, list[str]]:
    from stages.core.json import structured

    try:
        return (None if value is None else structured(value, Job)), []
    except ValueError as error:
        return None, [f"'metadata.job' is no job: {error}"]


def _frozen(entry: object) -> object:
    """Freeze an entry; nearly all hold texts alone, and there is nothing to freeze in those."""
    if isinstance(entry, dict) and _TEXTS.issuperset(map(type, entry.values())):
        return FrozenMap(entry)
    return freeze(entry)


_TEXTS = frozenset({str})
