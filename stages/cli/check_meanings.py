"""`stages check batch` and `vocabulary`: what is wrong with meanings, and what can be mended."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from stages.claude.ingestion_stage import judge_entries
from stages.cli.check import check
from stages.cli.check_ipa import judged, rows_of
from stages.cli.checked import Checked, held, json_of, patience, text_of
from stages.cli.options import FLAG, SEVERAL
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
        mended: What was mended.
    """

    key: Key[Any]
    value: Any
    problems: tuple[Problem, ...]
    mended: tuple[Problem, ...]

    @classmethod
    def of(cls, key: Key[Any], value: Any, how: How) -> "_Found":
        """Check texts, then how they are spoken."""
        schemas = {"schemas": _schemas_in(how.schema)} if how.schema else {}
        stage = validate_data.bind(key=key, on_problem="keep", fix=how.fix, **schemas)
        context = stage(Context.of({key: value})).unwrap()
        (report,) = context.reports
        value, fixed = context[key], report.counts.get("fixed", 0)
        doubts = _spoken(value, how)
        mended = report.problems[:fixed]
        texts = {one.where: one.fix for one in doubts if how.fix and one.fix is not None}
        if texts:
            mended += tuple(_mended(one, value) for one in doubts if one.where in texts)
            value = value.mended(texts)
            doubts = _spoken(value, how)
        return cls(key, value, (*report.problems[fixed:], *doubts), mended)

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
        again = command("check", str(self.key), str(file))
        cure = f"{certain} of these can be mended for certain: {again} --fix"
        return Checked(
            file=file,
            holds=holds,
            number=self.value.size,
            more=more,
            found=found,
            mended=tuple(f"{one.where}: {one.why}" for one in self.mended),
            again=again,
            after=((cure,) if certain else ()) + (() if found.errors else after),
        ).told(as_json=how.json)


def _spoken(value: Vocabulary | Batch, how: How) -> tuple[Problem, ...]:
    """Give what is wrong with how the words are said to be spoken."""
    rows = tuple(row for row in rows_of(value) if not row.fault)  # an entry tells what it lacks
    languages = (one.language for one in rows)
    asked = Pronouncing.of(how.references, languages, espeak=not how.no_espeak)
    return tuple(
        problem
        for row, verdict in judged(rows, asked)
        for problem in problems_of(verdict, row.where)
    )


def _mended(problem: Problem, value: Any) -> Problem:
    why = f"it was {value.text_at(problem.where)!r}, and is {problem.fix!r} now"
    return attrs.evolve(problem, why=why)


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
