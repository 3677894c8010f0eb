"""Is the pronunciation written as it should be?"""

import re
import unicodedata
from collections.abc import Iterator

from stages.base.validation_stage import validation_stage
from stages.core.problem import Problem, Severity
from stages.records.ipa import LOOK_ALIKES, in_ipa_letters
from stages.records.keys import MEANINGS
from stages.records.meaning import Meaning

LETTERS = frozenset(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʝβθχãẽĩõũ"
)
MARKS = frozenset(
    "ˈˌ.ːˑ|‿ ʰʲʷˠˤⁿˡ"
    "\u0303\u0308\u030a\u0318\u0319\u031a\u031d\u031e\u031f\u0320\u0324\u0325\u0329\u032a\u032c\u032f"
    "\u0330\u0339\u033a\u033b\u033c\u033d\u035c\u0361"
)
"""Stress, length, joints, and the signs above and below letters."""

VOWELS = frozenset("aeiouyøœæɐɑɒɔəɛɜɨɪɯɵɶʉʊʌʏɤɘɞãẽĩõũ")


@validation_stage(MEANINGS)
def validate_ipa(meanings: tuple[Meaning, ...]) -> Iterator[Problem]:
    """
    Check that every IPA is well formed: its brackets, its letters, its stress.

    Problems:
        no-ipa: There is none.
        no-sound: It has no vowel or consonant in it.
        no-brackets: It does not stand in square brackets (warning).
        look-alike: A character that is taken for an IPA letter, such as the ASCII g (warning).
        no-ipa-letter: A character that is no IPA at all (warning).
        no-stress: More than one syllable and no stress mark (warning).
    """
    for meaning in meanings:
        where = f"meanings[{meaning.card_id}].ipa"
        for code, why, hint in faults_of(meaning.ipa):
            severity = Severity.ERROR if code in ("no-ipa", "no-sound") else Severity.WARNING
            yield Problem(code, where, why, hint, severity)


def faults_of(ipa: str) -> Iterator[tuple[str, str, str]]:
    """
    Give code, reason and cure of everything that is wrong with a transcription.

    >>> [code for code, *_ in faults_of("[ˈal.go]")]
    ['look-alike']
    >>> [code for code, *_ in faults_of("trabajo")]
    ['no-brackets', 'no-stress']
    """
    text = unicodedata.normalize("NFC", ipa).strip()
    inner = text.strip("[]/").strip()
    if not inner:
        yield "no-ipa", "it is empty", "write it as [tɾa.ˈβa.xo]"
        return
    if not (text.startswith("[") and text.endswith("]")):
        yield "no-brackets", f"{text!r} does not stand in square brackets", f"[{inner}]"
    strange = [letter for letter in dict.fromkeys(inner) if letter not in LETTERS | MARKS]
    for letter in strange:
        name = f"{letter!r} ({unicodedata.name(letter, 'unnamed')})"
        if letter in LOOK_ALIKES:
            right = LOOK_ALIKES[letter]
            cure = f"[{inner.replace(letter, right)}]"
            yield "look-alike", f"{name} only looks like {right!r}", cure
        else:
            yield "no-ipa-letter", f"{name} is no IPA", "look the word up"
    meant = in_ipa_letters(inner)
    if not any(letter in LETTERS for letter in meant):
        yield "no-sound", f"{text!r} has no sound in it", "write it as [tɾa.ˈβa.xo]"
    syllables = max(map(_syllables, meant.split()), default=0)
    if syllables > 1 and "ˈ" not in meant:
        yield (
            "no-stress",
            f"{text!r} has {syllables} syllables and no stress mark",
            "put ˈ before the stressed one",
        )


def _syllables(word: str) -> int:
    """Count syllables by their dots, else the groups of vowels."""
    if "." in word:
        return word.count(".") + 1
    return len(re.findall(f"[{''.join(sorted(VOWELS))}]+", word))
