"""`stages check batch` and `vocabulary`: what is wrong with meanings, and what can be mended."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from stages.claude.ingestion_stage import judge_entries
from stages.cli.check import check
from stages.cli.check_ipa import Row, judged, rows_of
from stages.cli.checked import Checked, held, json_of, patience, text_of
from stages.cli.options import FLAG, SEVERAL, typed
from stages.cli.pronouncing import Pronouncing
from stages.cli.said import command
from stages.cli.stored import calmly
from stages.core.context import Context
from stages.core.frozen import thawed
from stages.core.json import parsed, structured, to_json
from stages.core.key import Key
from stages.core.problem import Problem
from stages.core.wording import counted
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.records.batch import Batch
from stages.records.keys import BATCH, VOCABULARY
from stages.records.schema import Schema
from stages.records.vocabulary import Vocabulary
from stages.show.findings import findings
from stages.validation.data_stage import validate_data
from stages.validation.ipa_stage import problems_of


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class How:
    """
    How meanings are checked.

    Attributes:
        fix: Mend what is certain, and write the file; as it was it stays beside it, as .bak.
        references: A list of how words are spoken, with a word, a tab and its IPA on each line, which
            is right in any case; may be given again.
        no_espeak: Do not ask eSpeak how words are spoken.
        schema: A file of JSON that says what the fields of a card have to hold.
        json: Print what was found as JSON.
    """

    fix: Annotated[bool, FLAG] = False
    references: Annotated[tuple[Path, ...], SEVERAL] = ()
    no_espeak: Annotated[bool, FLAG] = False
    schema: Path | None = None
    json: Annotated[bool, FLAG] = False

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again, but for what is done once."""
        return typed(attrs.evolve(self, fix=False, json=False))


HOW = How()


@check.command(sort_key=2)
@calmly
def batch(file: Path, /, *, how: How = HOW) -> int:
    """
    Check a staged batch: each entry, its sentences and gap, its IPA.

    Words that wait to be filled in are counted, and are not wrong.

    Args:
        file: The staged file.
        how: How meanings are checked.

    Returns:
        0 when nothing is wrong, 1 when something is; warnings are not counted as wrong.
    """
    with patience(file, quiet=how.json):
        saved = json_of(text_of(file, "batch"), file, "batch")
        staged: Batch = held(saved, Batch, file)
        found = _Found.of(BATCH, staged, how)
        known = {(one.severity, one.where) for one in found.problems}
        entries = judge_entries(found.value, Vocabulary())
        every = (one for _, some in entries for one in some)
        problems = tuple(one for one in every if (one.severity, one.where) not in known)
    waiting = counted(len(staged.waiting), "word")
    return found.told(
        file,
        saved,
        how,
        (*found.problems, *problems),
        holds=f"{counted(staged.size, 'entry', 'entries')} of {counted(len(staged.words), 'word')}",
        more=f"{waiting} to be filled in" if staged.waiting else "",
        after=(f"Next: {command('batch', 'ingest', str(file))}",) if staged.entries else (),
    )


@check.command(sort_key=3)
@calmly
def vocabulary(file: Path, /, *, how: How = HOW) -> int:
    """
    Check a vocabulary: its counts, each meaning, its sentences and gap, its IPA.

    Args:
        file: The vocabulary.
        how: How meanings are checked.

    Returns:
        0 when nothing is wrong, 1 when something is; warnings are not counted as wrong.
    """
    with patience(file, quiet=how.json):
        saved = json_of(text_of(file, "vocabulary"), file, "vocabulary")
        known: Vocabulary = held(saved, Vocabulary, file)
        found = _Found.of(VOCABULARY, known, how)
    words = counted(len({one.word for one in known.meanings}), "word")
    holds = f"{counted(known.size, 'meaning')} of {words}"
    return found.told(file, saved, how, found.problems, holds=holds)


@attrs.frozen
class _Found:
    """
    What was found in a batch or a vocabulary.

    Attributes:
        key: Which of them it is.
        value: As it is now.
        problems: What is wrong with it now.
        mended: What was mended, a line for each text.
    """

    key: Key[Any]
    value: Any
    problems: tuple[Problem, ...]
    mended: tuple[str, ...]

    @classmethod
    def of(cls, key: Key[Any], value: Any, how: How) -> "_Found":
        """Check texts, then how they are spoken."""
        schemas = {"schemas": _schemas_in(how.schema)} if how.schema else {}
        stage = validate_data.bind(key=key, on_problem="keep", fix=how.fix, **schemas)
        context = stage(Context.of({key: value})).unwrap()
        (report,) = context.reports
        now, fixed = context[key], report.counts.get("fixed", 0)
        asked = _asked(now, how)
        doubts = _spoken(now, asked)
        certain = [one for one in doubts if how.fix and one.fix is not None]
        if certain:
            now = now.mended({one.where: one.fix for one in certain})
            doubts = _spoken(now, asked)
        mended = _told_of((*report.problems[:fixed], *certain), value, now)
        return cls(key, now, (*report.problems[fixed:], *doubts), tuple(mended))

    def told(
        self,
        file: Path,
        saved: dict[str, object],
        how: How,
        problems: Iterable[Problem],
        *,
        holds: str,
        more: str = "",
        after: tuple[str, ...] = (),
    ) -> int:
        """Write what was mended, tell all of it, and give the exit code."""
        if self.mended:
            _written(file, self.value, saved)
        found = findings(problems)
        certain = sum(one.fix is not None for one in found.problems)
        typed_so, said = ("check", str(self.key), str(file)), how.again()
        mend = command(*typed_so, "--fix", *said)
        cure = f"{certain} of these can be mended for certain: {mend}"
        return Checked(
            file=file,
            holds=holds,
            number=self.value.size,
            more=more,
            found=found,
            mended=self.mended,
            again=command(*typed_so, *said),
            after=((cure,) if certain else ()) + (() if found.errors else after),
        ).told(as_json=how.json)


def _asked(value: Vocabulary | Batch, how: How) -> Pronouncing:
    """Find out who can be asked how the words are spoken."""
    languages = (one.language for one in _rows(value))
    return Pronouncing.of(how.references, languages, espeak=not how.no_espeak)


def _spoken(value: Vocabulary | Batch, asked: Pronouncing) -> tuple[Problem, ...]:
    """Give what is wrong with how the words are said to be spoken."""
    return tuple(
        problem
        for row, verdict in judged(_rows(value), asked)
        for problem in problems_of(verdict, row.where)
    )


def _rows(value: Vocabulary | Batch) -> tuple[Row, ...]:
    """Give what is said to be spoken; of an entry that lacks it, that is told elsewhere."""
    return tuple(row for row in rows_of(value) if not row.fault)


def _told_of(mended: Iterable[Problem], before: Any, now: Any) -> Iterator[str]:
    """Tell of each text what was mended in it, in a line."""
    alike: dict[str, list[Problem]] = {}
    for one in mended:
        alike.setdefault(one.where, []).append(one)
    for where, some in alike.items():
        was, is_now = before.text_at(where), now.text_at(where)
        codes = ", ".join(dict.fromkeys(one.code for one in some))
        told = f"it was {was!r:.200}, and is {is_now!r:.200} now ({codes})"
        # Of a count that is right no text is known any more.
        yield f"{where}: {some[0].why if is_now is None else told}"


def _written(file: Path, value: Vocabulary | Batch, saved: dict[str, object]) -> None:
    """Write what was mended; what else stands in a staged file stays, and so does its old form."""
    if isinstance(value, Batch):
        text = to_json({**saved, "meanings": [thawed(one) for one in value.entries]})
    else:
        text = to_json(value)
    files = Files()
    files.write(f"{file}.bak", files.read(str(file)))
    files.write(str(file), text)


def _schemas_in(file: Path) -> tuple[Schema, ...]:
    """
    Read what the fields of cards have to hold: one schema, or a list of them.

    Raises:
        ProviderError: It cannot be read, or is none.
    """
    try:
        saved = parsed(Files().read(str(file)))
        several = saved if isinstance(saved, list) else [saved]
        return tuple(structured(one, Schema) for one in several)
    except ValueError as error:
        raise Rejected(f"{file} is no schema: {error}", "see the guide to checking") from None
