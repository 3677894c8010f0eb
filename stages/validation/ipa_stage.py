"""Does every pronunciation say what its word sounds like?"""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import get_args

from stages.base.validation_stage import validation_stage
from stages.core.frozen import FrozenMap
from stages.core.problem import Problem, Severity
from stages.records.keys import MEANINGS, REFERENCES
from stages.records.meaning import Meaning
from stages.records.verdict import IpaVerdict, Reference, Verdict
from stages.validation.ipa import judge

_NOBODY: Mapping[str, tuple[Reference, ...]] = FrozenMap()


@validation_stage(MEANINGS, uses=[REFERENCES])
def validate_ipa(
    meanings: tuple[Meaning, ...], *, references: Mapping[str, tuple[Reference, ...]] | None = None
) -> Generator[Problem, None, dict[str, int]]:
    """
    Check that every IPA is well formed, and says what a reference or the rules of spelling say.

    What nobody knows is only looked at for its notation, its sounds, and whether it has a stress.
    Outside of Spanish, and for names and loanwords, whoever disagrees only warns. The report counts
    the verdicts: `ipa_ok`, `ipa_fixed` for what is right but for its notation, `ipa_warn`,
    `ipa_reject` and `ipa_unverified`.

    Problems:
        no-ipa: There is none.
        no-sound: It has no vowel or consonant in it.
        no-ipa-letter: A character that is no IPA at all.
        wrong-sound: A sound stands for another, lacks, or is too many.
        foreign-sound: It has a sound that the language does not have.
        other-word: It is far from what was expected.
        spelling: It is the spelling of the word.
        wrong-stress: Another syllable is stressed.
        no-stress: A word of more than one syllable has no stress mark (warning).
        two-stresses: A word has more than one (warning).
        wrong-dots: Its syllables are parted elsewhere (warning).
        dialect: A sound that is said elsewhere (warning).
        several: More than one transcription (warning).
        no-brackets: It does not stand in square brackets (warning, with a fix).
        look-alike: A character that is taken for an IPA letter, as the ASCII g (warning, with a fix).
        stray-sign: A sign without the letter it belongs to (warning, with a fix).
        blanks: Blanks between the sounds of a word (warning, with a fix).
    """
    known = references or _NOBODY
    verdicts: Counter[str] = Counter()
    for meaning in meanings:
        given = known.get(meaning.word, ())
        verdict = judge(meaning.word, meaning.ipa, meaning.language, given)
        verdicts[verdict.verdict] += 1
        yield from problems_of(verdict, f"meanings[{meaning.card_id}].ipa")
    return {f"ipa_{one}": verdicts[one] for one in get_args(Verdict)}


def problems_of(verdict: IpaVerdict, where: str) -> Iterator[Problem]:
    """Give what is to be said of a transcription on a card."""
    several = _has(verdict, "several")
    mended = _bracketed(verdict.normalised)
    cure = _bracketed(verdict.suggestion)
    for reason in verdict.reasons:
        if reason.severity is None:
            fix = None if several else mended
            yield Problem(reason.code, where, reason.why, mended, Severity.WARNING, fix)
        else:
            yield Problem(reason.code, where, reason.why, cure, reason.severity)
    if mended and not verdict.ipa.strip().startswith("[") and not _has(verdict, "no-brackets"):
        why = f"{verdict.ipa!r:.80} does not stand in square brackets"
        fix = None if several else mended
        yield Problem("no-brackets", where, why, mended, Severity.WARNING, fix)


def _bracketed(ipa: str) -> str:
    """Give a transcription in the brackets of a card; nothing for nothing."""
    inner = ipa.strip("[]/ ")
    return f"[{inner}]" if inner else ""


def _has(verdict: IpaVerdict, code: str) -> bool:
    return any(reason.code == code for reason in verdict.reasons)
