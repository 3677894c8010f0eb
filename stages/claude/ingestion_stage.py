"""A filled-in batch to meanings, and into the vocabulary."""

from collections.abc import Iterable, Iterator

import attrs
from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import stage
from stages.core.wording import counted
from stages.records.batch import Batch
from stages.records.entry import judged, shown, tidied
from stages.records.keys import BATCH, MEANINGS, QUEUE, VOCABULARY, WORDS
from stages.records.meaning import Meaning
from stages.records.queue import Queue
from stages.records.vocabulary import Vocabulary

_MOST_SHOWN = 5


@stage(needs=[BATCH], uses=[WORDS, VOCABULARY, QUEUE], gives=[MEANINGS, VOCABULARY, WORDS, QUEUE])
def ingest_batch(
    context: Context, *, overwrite: bool = False, today: str = "", dry_run: bool = False
) -> Outcome:
    """
    Make meanings of what was filled in, add them to the vocabulary, and take them off the queue.

    Every entry becomes a meaning or a problem that names it. What the vocabulary knows already
    stays as it is unless it is to be overwritten, so ingesting the same batch twice changes nothing.
    Words and meanings of the batch join those of the context, at the end.

    Args:
        context: Has the batch, and may have words, a vocabulary and a queue.
        overwrite: Whether what was filled in replaces what the vocabulary has of the same meaning.
        today: An ISO date that new words and a changed vocabulary are to carry; none by default.
        dry_run: End with what would change, a line each.

    Problems:
        empty-batch: Nothing was filled in.
        not-filled-in: A word of the batch has no meaning and was not skipped.
        bad-entry: An entry lacks a field, or one holds no text; it is left out.
        wrong-language: An entry is written in another language; it is left out.
        same-meaning: Another entry, or another meaning that is known, has the same card: word and
            id are the same, or read the same when they are joined. The first one counts.
        kept: The vocabulary has the meaning in other words, and these stay (warning).
        unknown-field: A field that nobody reads (warning).
        other-word: The word does not stand under 'words' (warning).
        no-gap: The gap was missing or wrong, and is made from the example (warning).
        look-alike: The IPA had a character that only looks right, such as the ASCII g, and has
            the right one now (warning).
    """
    batch = _tidied(context[BATCH])
    if not batch.entries and not batch.skipped:
        return _empty(context, batch)
    before = context.get(VOCABULARY) or Vocabulary()
    found = tuple(judge_entries(batch, before))
    meanings = tuple(meaning for meaning, _ in found if meaning)
    problems = [problem for _, several in found for problem in several]
    problems += _waiting(batch, meanings)
    if not overwrite:
        problems += _kept(meanings, before)
    if not meanings and not batch.skipped:
        return context.fail(
            f"none of {counted(len(batch.entries), 'entry', 'entries')} is usable",
            problems=problems,
        )
    after = before.merged(meanings, batch.skipped, overwrite=overwrite)
    after = after.dated(today, before) if today else after
    queue = context.get(QUEUE) or Queue()
    left = queue.without({*batch.skipped, *(one.word for one in meanings)})
    counts = {
        "entries": len(batch.entries),
        "meanings": len(meanings),
        "new": len(after.meanings) - len(before.meanings),
        "skipped words": len(batch.skipped),
    }
    if dry_run:
        plan = tuple(_changes(before, after, queue, left))
        message = f"would make {counted(len(plan), 'change')}"
        context = _with_values(context, context.get(MEANINGS, ()), before, (), queue)
        report = context.report(message, problems=problems, counts=counts, planned=plan)
        return Success(report)
    ours = {one.identity for one in meanings}
    others = tuple(one for one in context.get(MEANINGS, ()) if one.identity not in ours)
    merged = (*others, *(one for one in after.meanings if one.identity in ours))
    unwanted = {*after.skipped, *batch.cut}
    words = (w for w in (*batch.words, *(one.word for one in meanings)) if w not in unwanted)
    given = tuple(word for word in context.get(WORDS, ()) if word not in unwanted)
    context = _with_values(context.put(WORDS, given), merged, after, words, left)
    message = f"ingested {len(meanings)} of {len(batch.entries)} meanings"
    return Success(context.report(message, problems=problems, counts=counts))


def judge_entries(
    batch: Batch, before: Vocabulary
) -> Iterator[tuple[Meaning | None, tuple[Problem, ...]]]:
    """Give for each entry its meaning, or None, and what is wrong with it."""
    there = {one.card_id: one for one in before.meanings if one.language == batch.language}
    seen: dict[str, int] = {}
    listed = frozenset(batch.words)
    for number, entry in enumerate(batch.entries):
        where = f"meanings[{number}]"
        meaning, problems = judged(entry, where, language=batch.language, ipa_of=batch.ipa_of)
        if meaning is None:
            yield None, problems
            continue
        if meaning.word not in listed:
            why = f"{meaning.word!r:.60} does not stand under 'words'"
            other = Problem("other-word", where, why, severity=Severity.WARNING)
            problems = (*problems, other)
        card = meaning.card_id
        first = seen.setdefault(card, number)
        known = there.get(card)
        if first != number:
            why = f"{card!r:.60} is meanings[{first}] already"
        elif known and known.identity != meaning.identity:
            of = f"{known.word!r:.60}, {known.id!r:.60}"
            why = f"{card!r:.60} is the card of another meaning already: {of}"
        else:
            yield meaning, problems
            continue
        yield None, (*problems, Problem("same-meaning", where, why, "give it another MeaningID"))


def _tidied(batch: Batch) -> Batch:
    words, skipped = (
        tuple(filter(None, map(tidied, those))) for those in (batch.words, batch.skipped)
    )
    ipa = FrozenMap({tidied(word): tidied(ipa) for word, ipa in batch.ipa.items()})
    return attrs.evolve(batch, words=words, skipped=skipped, ipa=ipa)


def _empty(context: Context, batch: Batch) -> Outcome:
    why = f"'meanings' is empty, and these words wait: {_some(batch.words)}"
    cure = "fill it in as its metadata says, then ingest it again"
    problem = Problem("empty-batch", str(BATCH), why, cure)
    return context.fail("the batch is empty: nothing was filled in", problems=[problem])


def _with_values(
    context: Context,
    meanings: tuple[Meaning, ...],
    vocabulary: Vocabulary,
    words: Iterable[str],
    queue: Queue,
) -> Context:
    every = tuple(dict.fromkeys((*context.get(WORDS, ()), *words)))
    context = context.put(VOCABULARY, vocabulary).put(MEANINGS, meanings)
    return context.put(WORDS, every).put(QUEUE, queue)


def _waiting(batch: Batch, meanings: Iterable[Meaning]) -> Iterator[Problem]:
    there = {one.word for one in meanings} | {*batch.skipped, *batch.cut}
    for word in dict.fromkeys(batch.words):
        if word not in there:
            why = "no usable meaning was filled in"
            at = f"{WORDS}[{shown(word)}]"
            yield Problem("not-filled-in", at, why, "fill it in, or skip the word")


def _kept(meanings: Iterable[Meaning], before: Vocabulary) -> Iterator[Problem]:
    known = {one.identity: one for one in before.meanings}
    names = [one.name for one in attrs.fields(Meaning) if one.name != "card"]
    for one in meanings:
        there = known.get(one.identity, one)
        differ = [n for n in names if getattr(there, n) != getattr(one, n)] if there != one else []
        if differ:
            yield Problem(
                "kept",
                f"{VOCABULARY}[{shown(there.card_id)}]",
                f"it is there with another {', '.join(differ)}, and stays as it is",
                "take the new one: overwrite=True",
                Severity.WARNING,
            )


def _changes(before: Vocabulary, after: Vocabulary, queue: Queue, left: Queue) -> Iterator[str]:
    """Say what would change, a line each."""
    known = {one.identity: one for one in before.meanings}
    for one in after.meanings:
        there = known.get(one.identity)
        if there != one:
            yield f"{'change' if there else 'add'} {one.card_id}: {one.definition}"
    skipped = frozenset(before.skipped)
    for word in after.skipped:
        if word not in skipped:
            yield f"skip {word}"
    remaining = frozenset(left.words)
    for word in queue.words:
        if word not in remaining:
            yield f"take {word} off the queue"


def _some(words: tuple[str, ...]) -> str:
    some = ", ".join(map(shown, words[:_MOST_SHOWN]))
    return f"{some}, …" if len(words) > _MOST_SHOWN else some
