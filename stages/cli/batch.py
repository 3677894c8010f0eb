"""`stages batch prepare` and `ingest`: words into a staged file, and into the vocabulary."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from returns.result import Failure

from stages.claude.batch_stage import prepare_batch
from stages.claude.ingestion_stage import ingest_batch
from stages.cli.call import name_of
from stages.cli.given import words_of
from stages.cli.options import ASKED, DEFAULT_LANGUAGE, FLAG, Asked, AtLeastOne
from stages.cli.said import command, failed, say, say_doubts, say_each
from stages.cli.stored import calmly, load, next_after, save
from stages.core.context import Context
from stages.core.pipeline import pipe
from stages.core.wording import counted
from stages.providers.claude.wire import Manner, body_of, estimated
from stages.providers.errors import Rejected
from stages.records.batch import Batch
from stages.records.job import JobState
from stages.records.keys import BATCH, QUEUE, VOCABULARY, WORDS
from stages.records.usage import Usage, total
from stages.records.vocabulary import Vocabulary
from stages.show.summary import listed

_VOCABULARY = Path("vocabulary.json")

batch = App(
    name="batch",
    help="Words into a staged file, to Claude and back, and into the vocabulary.",
    result_action="return_value",
)


@batch.command(sort_key=1)
@calmly
def prepare(
    *words: str,
    queue: Path | None = None,
    vocabulary: Path | None = None,
    limit: AtLeastOne | None = None,
    to: Annotated[Path | None, Parameter(name="--to")] = None,
    language: str = DEFAULT_LANGUAGE,
    asked: Asked = ASKED,
) -> int:
    """
    Stage words in a file that Claude or a person fills in.

    The same words give the same file, and one that is there already is left as it is.

    Args:
        words: Words, or files with a word on each line.
        queue: A file of the words that are still to do, as a list or as JSON.
        vocabulary: What was learnt so far, by default vocabulary.json; words that it has are left
            out.
        limit: The most words to stage.
        to: The file; by default one that is named for its words.
        language: The language of the words, as a BCP 47 tag.
        asked: What is asked for.
    """
    context = load(QUEUE, queue) if queue else Context.of()
    known = vocabulary or _VOCABULARY
    context = load(VOCABULARY, known, context, required=vocabulary is not None)
    queued = context[QUEUE].words if queue else ()
    typed = words_of(words, "a queue as JSON is given with --queue")
    every = tuple(dict.fromkeys((*typed, *queued)))
    if not every and queue:
        say(f"{queue} has no word that is still to do.")
        return 0
    if not every:
        raise Rejected("no words were given", "give words, or a queue: --queue FILE")
    settled = context[VOCABULARY].settled
    new = tuple(word for word in every if word not in settled)
    _say_left_out(len(every) - len(new), known, len(new[limit:]) if limit else 0)
    stage = prepare_batch(language=language, native=asked.native, most=asked.most)
    made = pipe(context.put(WORDS, new[:limit]), stage)
    if isinstance(made, Failure):
        return failed(made.failure(), Path())
    staged = made.unwrap()[BATCH]
    if not staged.words:
        say("No word waits for a meaning.")
        return 0
    file = to or Path(name_of(staged))
    if file.exists():
        return _there_already(file, staged)
    save(BATCH, file, made.unwrap())
    say(f"{file} is written: {counted(len(staged.words), 'word')}, {_spoken(staged)}.")
    _say_next(file, staged)
    return 0


@batch.command(sort_key=6)
@calmly
def ingest(
    file: Path,
    /,
    *,
    vocabulary: Path = _VOCABULARY,
    queue: Path | None = None,
    overwrite: Annotated[bool, FLAG] = False,
    dry_run: Annotated[bool, FLAG] = False,
) -> int:
    """
    Add what was filled in to the vocabulary, and take its words off the queue.

    What the vocabulary has stays as it is. A file that changes is kept as it was beside it, as .bak;
    ingesting the same file again changes nothing.

    Args:
        file: The staged file.
        vocabulary: What was learnt so far; it is made if it is not there.
        queue: A file of the words that are still to do, as a list or as JSON.
        overwrite: Replace what the vocabulary has of the same meanings.
        dry_run: Show what would change, and change nothing.
    """
    before = load(VOCABULARY, vocabulary, required=False)
    before = load(QUEUE, queue, before) if queue else before
    before = load(BATCH, file, before)
    today = datetime.now(UTC).astimezone().date().isoformat()
    outcome = ingest_batch(overwrite=overwrite, today=today, dry_run=dry_run)(before)
    if isinstance(outcome, Failure):
        return failed(outcome.failure(), file.parent, _to_be_fetched(file, before[BATCH]))
    after = outcome.unwrap()
    report = after.reports[-1]
    kept = [] if dry_run else [_kept(vocabulary, before, after)]
    if queue and not dry_run:
        left = counted(len(after[QUEUE].words), "word")
        changed = save(QUEUE, queue, after, before)
        kept.append(f"{queue} {'has' if changed else 'is as it was:'} {left} left.")
    say(f"{file}: {report.message}{':' if report.planned else '.'}")
    say_each(report.planned)
    say_each(kept, indent="")
    say_doubts(listed(report.problems))
    if not dry_run:
        say(f"\nNext: {command('build', '--from-batch', str(file))}")
    return 0


def _say_left_out(known: int, vocabulary: Path, over: int) -> None:
    parts = [
        f"{counted(known, 'word')} that {vocabulary} has" if known else "",
        f"{counted(over, 'word')} over the limit" if over else "",
    ]
    if any(parts):
        say(f"Left out: {', '.join(filter(None, parts))}.")


def _spoken(staged: Batch) -> str:
    return f"{len(staged.ipa)} with IPA" if staged.ipa else "none with IPA"


def _there_already(file: Path, staged: Batch) -> int:
    """Leave a file alone, and say how to go on with it if it is of the same words."""
    there: Batch = load(BATCH, file)[BATCH]
    if (there.words, there.brief) != (staged.words, staged.brief):
        why = f"{file} is there already, with other words or settings"
        raise Rejected(why, "choose another file: --to FILE")
    done = len(there.words) - len(there.waiting)
    say(f"{file} is there already, and is left as it is: {done} of {len(there.words)} filled in.")
    _say_next(file, there)
    return 0


def _say_next(file: Path, staged: Batch) -> None:
    following = next_after(file, staged)
    if not staged.waiting or staged.job:
        say(f"\nNext: {following}")
        return
    say(f"\nNext: fill it in, then: {command('batch', 'ingest', str(file))}")
    say(f"Or have {Manner().model} do it, {_estimated(staged)}:\n  {following}")


def _estimated(staged: Batch) -> Usage:
    """Estimate what Claude would take for it, with neither key nor library."""
    brief = staged.brief
    bodies = (body_of(word, brief, Manner()) for word in staged.waiting)
    return total(estimated(body, brief.most, batch=True) for body in bodies)


def _to_be_fetched(file: Path, staged: Batch) -> list[str]:
    """Say that answers are still to be fetched, if they are."""
    out = staged.job and staged.job.state is not JobState.FETCHED
    return [f"it was handed in to Claude: {next_after(file, staged)}"] if out else []


def _kept(file: Path, before: Context, after: Context) -> str:
    """Save the vocabulary, and say what became of it."""
    changed = save(VOCABULARY, file, after, before)
    learnt: Vocabulary = after[VOCABULARY]
    has = counted(len(learnt.meanings), "meaning")
    if not changed:
        return f"{file} is up to date: {has}."
    known = {one.identity: one for one in before[VOCABULARY].meanings}
    new = sum(one.identity not in known for one in learnt.meanings)
    other = sum(one != known.get(one.identity, one) for one in learnt.meanings)
    replaced = f", {other} replaced" if other else ""
    return f"{file} is written: {has}, {new} new{replaced}."
