"""Words that wait for meanings, put into a batch."""

from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome, Status
from stages.core.problem import Problem
from stages.core.stage import stage
from stages.core.wording import counted
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.entry import entry_of
from stages.records.keys import BATCH, MEANINGS, VOCABULARY, WORDS
from stages.records.vocabulary import Vocabulary


@stage(needs=[WORDS], uses=[MEANINGS, VOCABULARY], gives=[BATCH])
def prepare_batch(
    context: Context,
    *,
    language: str = "es-419",
    native: str = "en",
    most: int = 6,
    review: bool = False,
) -> Outcome:
    """
    Put the words that have no meaning yet into a batch, to be filled in by Claude or a person.

    The same words give the same batch. Words that the vocabulary knows or skips are left out. In the
    file of the batch stands how each word is spoken, where the rules of spelling say it.

    Args:
        context: Has the words, and may have meanings and a vocabulary.
        language: Of the words, a BCP 47 tag.
        native: Of the learner, a BCP 47 tag: what describes a picture is written in it.
        most: The most meanings that one word is to get.
        review: Put the meanings that were found into the batch instead, to be read, cut and edited.

    Problems:
        bad-setting: `most` is below one.
    """
    if most < 1:
        why = f"a word has at least one meaning, and most={most} was asked for"
        return context.fail(why, problems=[Problem("bad-setting", "most", why)])
    brief = Brief(language=language, native=native, most=most)
    meanings = context.get(MEANINGS, ())
    if review:
        words = tuple(dict.fromkeys(one.word for one in meanings))
        entries = tuple(FrozenMap(entry_of(one)) for one in meanings)
        batch = Batch(words=words, entries=entries, brief=brief, review=True)
        return _reported(context, batch, f"{counted(len(entries), 'meaning')} to review")
    vocabulary = context.get(VOCABULARY) or Vocabulary()
    settled = vocabulary.settled.union(one.word for one in meanings)
    waiting = tuple(
        word for word in dict.fromkeys(context[WORDS]) if word.strip() and word not in settled
    )
    batch = Batch(words=waiting, brief=brief)
    return _reported(context, batch, f"{counted(len(waiting), 'word')} without a meaning")


def _reported(context: Context, batch: Batch, message: str) -> Outcome:
    context = context.put(BATCH, batch)
    if not batch.words:
        return Success(context.report("no word waits for a meaning", status=Status.SKIPPED))
    counts = {"words": len(batch.words)}
    return Success(context.report(message, counts=counts))
