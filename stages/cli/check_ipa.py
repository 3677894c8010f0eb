"""`stages check ipa`: whether transcriptions are what their words sound like."""

import json as writer
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from stages.cli.check import check
from stages.cli.checked import Checked, held, json_of, kind_of, patience, speak_utf_8
from stages.cli.options import DEFAULT_LANGUAGE, FLAG, SEVERAL
from stages.cli.pronouncing import Pronouncing
from stages.cli.said import command, say
from stages.cli.stored import calmly
from stages.core.problem import Problem
from stages.core.wording import counted
from stages.providers.errors import BadAnswer, Rejected
from stages.providers.files import refusal
from stages.records.batch import Batch
from stages.records.entry import fault_of, fields_of, shown
from stages.records.verdict import IpaVerdict, Reason, Reference
from stages.records.vocabulary import Vocabulary
from stages.show.findings import findings
from stages.validation.ipa import judge
from stages.validation.ipa_stage import problems_of


def _no_option(_: object, file: Path) -> None:
    if str(file).startswith("-") and str(file) != "-":
        raise ValueError("there is no such option")


_AT_ONCE = 1_000
"""So many words are asked for at once: lines come out while others are still read."""


@check.command(sort_key=5)
@calmly
def ipa(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True, validator=_no_option)],
    /,
    *,
    language: str = DEFAULT_LANGUAGE,
    references: Annotated[tuple[Path, ...], SEVERAL] = (),
    no_espeak: Annotated[bool, FLAG] = False,
    json: Annotated[bool, FLAG] = False,
) -> int:
    """
    Check whether transcriptions are what their words sound like.

    A word may be spoken as the rules of its spelling have it, as a list of your own says, or as
    eSpeak says where it is installed.

    Args:
        file: A list with a word, a tab and its IPA on each line; a staged batch; or a vocabulary. A
            dash is what is piped in.
        language: The language of a list, as a BCP 47 tag.
        references: A list of your own, with a word, a tab and its IPA on each line, which is right in
            any case; may be given again.
        no_espeak: Do not ask eSpeak.
        json: Print an object for each transcription, one on each line.

    Returns:
        0 when none is rejected, 1 when one is.
    """
    rows = _Rows.of(file, language)
    asked = Pronouncing.of(references, rows.languages, espeak=not no_espeak)
    with patience(file, quiet=json) as told:
        every = judged(rows.every, asked, told)
        if json:
            return _written(every)
        counts: Counter[str] = Counter()
        problems: list[Problem] = []
        for row, verdict in every:
            counts[verdict.verdict] += 1
            problems += _told_of(verdict, row.where, listed=rows.listed)
    if asked.absent:
        say(f"Checked without eSpeak: {asked.absent}.\n")
    told_of = ", ".join(f"{counts[one]:,} {what}" for one, what in _TOLD.items() if counts[one])
    return Checked(
        file=file,
        holds=counted(counts.total(), "transcription"),
        number=counts.total(),
        more=told_of,
        found=findings(problems),
        again=command(
            "check", "ipa", str(file), *_typed(language, references, no_espeak=no_espeak)
        ),
    ).told(as_json=False)


def _typed(language: str, references: Iterable[Path], *, no_espeak: bool) -> Iterator[str]:
    """Give the options of a check, to be typed again."""
    if language != DEFAULT_LANGUAGE:
        yield from ("--language", language)
    for path in references:
        yield from ("--references", str(path))
    if no_espeak:
        yield "--no-espeak"


_TOLD = {
    "ok": "right",
    "fixed": "right but for the notation",
    "warn": "doubtful",
    "reject": "wrong",
    "unverified": "of words that nobody knows",
}


@attrs.frozen
class Row:
    """
    A word and its transcription.

    Attributes:
        where: It stands.
        word: As it is spelled.
        ipa: As it is given.
        language: Of the word.
        fault: Why this is no word and its transcription; empty where it is.
    """

    where: str
    word: str
    ipa: str
    language: str
    fault: str = ""


@attrs.frozen
class _Rows:
    """What a file has to be judged, and in which languages."""

    every: Iterable[Row]
    languages: tuple[str, ...]
    listed: bool

    @classmethod
    def of(cls, file: Path, language: str) -> "_Rows":
        """Read a file; a list line by line, so that it may be as long as it likes."""
        lines = _lines_of(file)
        first = tuple(_until_some(lines))
        if not any(line.strip() for line in first):
            raise Rejected(f"{file} is empty", _LIST)
        if not first[-1].lstrip().startswith("{"):
            return cls(_listed(chain(first, lines), language), (language,), listed=True)
        saved = json_of("".join((*first, *lines)), file, "batch", "vocabulary")
        rows = tuple(_of_file(saved, file))
        return cls(rows, tuple(dict.fromkeys(one.language for one in rows)), listed=False)


_LIST = "a line is a word, a tab, and its IPA: casa\t[ˈka.sa]"


def _lines_of(file: Path) -> Iterator[str]:
    """Give the lines of a file as they come; one that is no UTF-8 has � in it, but not the first."""
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            for number, line in enumerate(opened):
                try:
                    yield line.decode("utf-8" if number else "utf-8-sig")
                except UnicodeDecodeError:
                    if not number:
                        raise BadAnswer(f"{file} is no UTF-8 text", "save it as UTF-8") from None
                    yield line.decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        raise refusal(error, str(file)) from None


def _until_some(lines: Iterator[str]) -> Iterator[str]:
    """Give lines up to the first that has something on it."""
    for line in lines:
        yield line
        if line.strip():
            return


def _listed(lines: Iterable[str], language: str) -> Iterator[Row]:
    """Give what the lines of a list say; blank ones and remarks are none."""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, tab, ipa = line.strip("\r\n").partition("\t")
        word, ipa = word.strip(), ipa.strip()
        lacks = "word" if not word else "IPA" if tab else "tab between a word and its IPA"
        fault = fault_of(line) or ("" if word and ipa else f"the line has no {lacks}")
        fault = "the line is no UTF-8 text" if "\ufffd" in line else fault
        most = _SHOWN if fault else None
        at = f"line {number} ({shown(word[:_SHOWN])})"
        yield Row(at, word[:most], ipa[:most], language, fault)


_SHOWN = 80
"""So much of a line that is none is shown."""


def _of_file(saved: Any, file: Path) -> Iterable[Row]:
    """Give the words and transcriptions of a staged batch or a vocabulary."""
    if kind_of(saved) == "vocabulary":
        return rows_of(held(saved, Vocabulary, file))
    return rows_of(held(saved, Batch, file))


def rows_of(value: Vocabulary | Batch) -> Iterator[Row]:
    """Give the words and transcriptions of a vocabulary or a batch, with their places in the file."""
    if isinstance(value, Vocabulary):
        for where, one in value.places.items():
            yield Row(f"{where}.IPA", one.word, one.ipa, one.language)
        return
    for number, entry in enumerate(value.entries):
        fields = fields_of(entry)[0] if isinstance(entry, Mapping) else {}
        word, given = (str(fields.get(name) or "") for name in ("word", "ipa"))
        spoken = given or value.ipa_of(word)
        fault = "" if word and spoken else f"the entry has no {'IPA' if word else 'word'}"
        yield Row(f"meanings[{number}].IPA", word, spoken, value.language, fault)


def judged(
    rows: Iterable[Row], asked: Pronouncing, told: Callable[[int], object] = lambda _: None
) -> Iterator[tuple[Row, IpaVerdict]]:
    """Judge transcriptions in their order; while some are judged, the next are asked for."""
    remaining = iter(rows)
    ask = partial(_asked, asked)
    with ThreadPoolExecutor(1) as apart:
        some = tuple(islice(remaining, _AT_ONCE))
        answer = apart.submit(ask, some)
        while some:
            known = answer.result()
            following = tuple(islice(remaining, _AT_ONCE))
            answer = apart.submit(ask, following)
            for row in some:
                yield row, _verdict(row, known[row.language].get(row.word, ()))
            told(len(some))
            some = following


def _asked(asked: Pronouncing, rows: Iterable[Row]) -> dict[str, dict[str, tuple[Reference, ...]]]:
    """Give what is known of the words of each language."""
    words: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for one in rows:
        words[one.language][one.word] = None
    return {language: asked.references(tuple(some), language) for language, some in words.items()}


def _verdict(row: Row, references: tuple[Reference, ...]) -> IpaVerdict:
    if not row.fault:
        return judge(row.word, row.ipa, row.language, references)
    return IpaVerdict(
        word=row.word,
        ipa=row.ipa,
        language=row.language,
        verdict="reject",
        normalised=row.ipa,
        reasons=(Reason(code="bad-line", why=row.fault),),
    )


def _told_of(verdict: IpaVerdict, where: str, *, listed: bool) -> Iterator[Problem]:
    """Give what is to be said of a transcription; a list may do without brackets, a card may not."""
    wrong = {one.code for one in verdict.reasons}
    for one in problems_of(verdict, where):
        if not listed or one.code in wrong:
            yield one


def _written(judged: Iterable[tuple[Row, IpaVerdict]]) -> int:
    """Write a line for each, and give the exit code."""
    code = 0
    speak_utf_8()
    for _, verdict in judged:
        sys.stdout.write(line_of(verdict) + "\n")
        code = 1 if verdict.verdict == "reject" else code
    sys.stdout.flush()
    return code


def line_of(verdict: IpaVerdict) -> str:
    """Give a verdict as a line of JSON."""
    reference = verdict.reference
    return writer.dumps(
        {
            "word": verdict.word,
            "ipa": verdict.ipa,
            "verdict": verdict.verdict,
            "reasons": [one.code for one in verdict.reasons],
            "why": [one.why for one in verdict.reasons],
            "suggestion": verdict.suggestion,
            "normalised": verdict.normalised,
            "distance": round(float(verdict.distance), 3),
            "edits": [
                {"op": one.op, "expected": one.expected, "got": one.got, "index": one.index}
                for one in verdict.edits
            ],
            "reference": reference.ipa if reference else "",
            "source": reference.source if reference else "",
        },
        ensure_ascii=False,
    )
