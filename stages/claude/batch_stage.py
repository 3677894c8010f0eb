"""Words that wait for meanings, put into a batch."""

from returns.result import Success

from stages.core.context import Context
from stages.core.outcome import Outcome, Status
from stages.core.stage import stage
from stages.core.wording import counted
from stages.records.batch import Batch
from stages.records.keys import BATCH, MEANINGS, VOCABULARY, WORDS
from stages.records.vocabulary import Vocabulary


@stage(needs=[WORDS], uses=[MEANINGS, VOCABULARY], gives=[BATCH])
def prepare_batch(context: Context, *, language: str = "es-419") -> Outcome:
    """
    Put the words that have no meaning yet into a batch, to be filled in by Claude or a person.

    The same words give the same batch. Words that the vocabulary knows or skips are left out.
    """
    there = context.get(MEANINGS, ())
    vocabulary = context.get(VOCABULARY) or Vocabulary()
    settled = vocabulary.settled.union(one.word for one in there)
    waiting = tuple(
        word for word in dict.fromkeys(context[WORDS]) if word.strip() and word not in settled
    )
    context = context.put(BATCH, Batch(words=waiting, language=language))
    if not waiting:
        return Success(context.report("no word waits for a meaning", status=Status.SKIPPED))
    return Success(
        context.report(
            f"{counted(len(waiting), 'word')} without a meaning", counts={"words": len(waiting)}
        )
    )
