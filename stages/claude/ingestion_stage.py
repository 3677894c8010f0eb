"""A filled-in batch to meanings."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import stage
from stages.records.batch import FIELDS, Batch
from stages.records.ipa import in_ipa_letters
from stages.records.keys import BATCH, MEANINGS, VOCABULARY, WORDS
from stages.records.meaning import GAP, Meaning, gapped_form
from stages.records.vocabulary import Vocabulary
from stages.records.word import is_whole, unaccented

REQUIRED = (
    "SpanishWord",
    "MeaningID",
    "MeaningContext",
    "MonolingualDef",
    "ExampleSentence",
    "IPA",
)
"""Without one of these an entry of a batch is no meaning."""

_MOST_SHOWN = 5


@stage(needs=[BATCH], uses=[WORDS, VOCABULARY], gives=[MEANINGS, VOCABULARY, WORDS])
def ingest_batch(context: Context) -> Outcome:
    """
    Make meanings of what was filled in, and add them to the vocabulary.

    Every entry becomes a meaning or a problem that names it. What the vocabulary knows already
    stays as it is, so ingesting the same batch twice changes nothing. Words and meanings of the
    batch join those of the context, at the end.

    Problems:
        empty-batch: Nothing was filled in.
        not-filled-in: A word of the batch has no meaning and was not skipped.
        bad-entry: An entry lacks a field, or one holds no text; it is left out.
        same-meaning: Two entries have the same word and id; the first one counts.
        unknown-field: A field that nobody reads (warning).
        other-word: The word does not stand under 'words' (warning).
        no-gap: The gap was missing or wrong, and is made from the example (warning).
        look-alike: The IPA had a character that only looks right, such as the ASCII g, and has
            the right one now (warning).
    """
    batch = _tidied(context[BATCH])
    if not batch.entries and not batch.skipped:
        return context.fail(
            "the batch is empty: nothing was filled in",
            problems=[
                Problem(
                    "empty-batch",
                    str(BATCH),
                    f"'meanings' is empty, and these words wait: {_some(batch.words)}",
                    "fill it in as its metadata says, then ingest it again",
                )
            ],
        )
    judged = tuple(judge_entries(batch))
    meanings = tuple(meaning for meaning, _ in judged if meaning)
    problems = (*(p for _, found in judged for p in found), *_waiting(batch, meanings))
    vocabulary = context.get(VOCABULARY, Vocabulary()).merged(meanings, batch.skipped)
    ours = {one.card_id for one in meanings}
    others = tuple(one for one in context.get(MEANINGS, ()) if one.card_id not in ours)
    words = (*context.get(WORDS, ()), *batch.words, *(one.word for one in meanings))
    context = (
        context.put(VOCABULARY, vocabulary)
        .put(MEANINGS, (*others, *(one for one in vocabulary.meanings if one.card_id in ours)))
        .put(WORDS, tuple(w for w in dict.fromkeys(words) if w not in vocabulary.skipped))
    )
    counts = {
        "entries": len(batch.entries),
        "meanings": len(meanings),
        "skipped words": len(batch.skipped),
    }
    message = f"ingested {len(meanings)} of {len(batch.entries)} meanings"
    if batch.entries and not meanings:
        return context.fail(f"none of {len(batch.entries)} entries is usable", problems=problems)
    return Success(context.report(message, problems=problems, counts=counts))


def judge_entries(batch: Batch) -> Iterator[tuple[Meaning | None, tuple[Problem, ...]]]:
    """Give for each entry its meaning, or None, and what is wrong with it."""
    seen: dict[str, int] = {}
    listed = frozenset(batch.words)
    for number, entry in enumerate(batch.entries):
        where = f"meanings[{number}]"
        fields, problems = _fields(entry, where)
        if any(problem.severity is Severity.ERROR for problem in problems):
            yield None, tuple(problems)
            continue
        meaning = _meaning(fields, batch.language)
        if meaning.word not in listed:
            why = f"{meaning.word!r} does not stand under 'words'"
            problems.append(Problem("other-word", where, why, severity=Severity.WARNING))
        first = seen.setdefault(meaning.card_id, number)
        if first != number:
            why = f"{meaning.card_id!r} is meanings[{first}] already"
            problems.append(Problem("same-meaning", where, why, "give it another MeaningID"))
            yield None, tuple(problems)
            continue
        if meaning.ipa != fields["IPA"]:
            why = f"it was {fields['IPA']!r}; {meaning.ipa!r} has the letters that were meant"
            problems.append(Problem("look-alike", f"{where}.IPA", why, severity=Severity.WARNING))
        mended = _with_gap(meaning)
        if mended is None:
            why = f"the example does not have one form of {meaning.word!r} to gap"
            hint = f"write the example again with {GAP} as GappedSentence"
            problems.append(Problem("bad-entry", f"{where}.GappedSentence", why, hint))
        elif mended != meaning:
            why = f"the gapped sentence was {meaning.gapped!r}; made from the example now"
            at = f"{where}.GappedSentence"
            problems.append(Problem("no-gap", at, why, severity=Severity.WARNING))
        yield mended, tuple(problems)


def _tidied(batch: Batch) -> Batch:
    words, skipped = (
        tuple(filter(None, map(_tidy, those))) for those in (batch.words, batch.skipped)
    )
    return attrs.evolve(batch, words=words, skipped=skipped)


def _tidy(text: str) -> str:
    r"""
    Give a text in composed letters, with single blanks.

    >>> _tidy(" nin\u0303o\n pequeño ")
    'niño pequeño'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _fields(entry: Any, where: str) -> tuple[dict[str, str], list[Problem]]:
    if not isinstance(entry, FrozenMap):
        why = f"an entry is an object with fields, and this is a {type(entry).__name__}"
        return {}, [Problem("bad-entry", where, why)]
    problems = []
    fields = {}
    for name, value in entry.items():
        at = f"{where}.{name}"
        if name not in FIELDS:
            why = "nobody reads this field"
            problems.append(Problem("unknown-field", at, why, severity=Severity.WARNING))
        elif isinstance(value, str) and not is_whole(value):
            problems.append(Problem("bad-entry", at, "it holds half a character", "type it again"))
        elif isinstance(value, str):
            fields[name] = _tidy(value)
        elif value is not None:  # null says that there is none, as leaving it out does
            why = f"a text was expected, and {value!r:.60} found"
            problems.append(Problem("bad-entry", at, why))
    if "MeaningID" in fields:  # it names the card for ever, and stands in paths of problems
        fields["MeaningID"] = re.sub(r"[^\w-]+", "_", fields["MeaningID"]).strip("_")
    for name in REQUIRED:
        if not fields.get(name) and not any(p.where == f"{where}.{name}" for p in problems):
            why = "it is missing" if name not in fields else "it is empty"
            problems.append(Problem("bad-entry", f"{where}.{name}", why, FIELDS[name]))
    return fields, problems


def _meaning(fields: dict[str, str], language: str) -> Meaning:
    return Meaning(
        word=fields["SpanishWord"],
        id=fields["MeaningID"],
        context=fields["MeaningContext"].replace("_", " "),
        definition=fields["MonolingualDef"],
        example=fields["ExampleSentence"],
        gapped=fields.get("GappedSentence", ""),
        ipa=in_ipa_letters(fields["IPA"]),
        prompt=fields.get("prompt", ""),
        emoji=fields.get("Emoji", ""),
        article=fields.get("Article", ""),
        note=fields.get("UsageNote", ""),
        language=language,
    )


def _with_gap(meaning: Meaning) -> Meaning | None:
    """Give the meaning with a gapped sentence that fits its example; None if none can be made."""
    gapped = re.sub(r"_{2,}", GAP, meaning.gapped)
    ways = (gapped, _like(gapped, meaning), _hiding(meaning.word, meaning.example))
    for way in ways:
        if gapped_form(meaning.example, way):
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


def _hiding(word: str, example: str) -> str:
    """
    Give the example with a gap wherever the word itself stands.

    >>> _hiding("tener que", "¡Tener que ir es tener que ir!")
    '¡_____ ir es _____ ir!'
    """
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GAP, example, flags=re.IGNORECASE)


def _core(word: str) -> str:
    return word.strip("¿?¡!.,;:«»“”\"'()…—-")


def _bare(word: str) -> str:
    """
    Give what a word is when case, accents and punctuation do not count.

    >>> _bare("¡Ningún!")
    'ningun'
    """
    return unaccented(_core(word))


def _waiting(batch: Batch, meanings: Iterable[Meaning]) -> Iterator[Problem]:
    there = {one.word for one in meanings} | set(batch.skipped)
    for word in batch.words:
        if word not in there:
            why = "no usable meaning was filled in"
            yield Problem("not-filled-in", f"words[{word}]", why, "fill it in, or skip the word")


def _some(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:_MOST_SHOWN])
    return f"{shown}, …" if len(words) > _MOST_SHOWN else shown
