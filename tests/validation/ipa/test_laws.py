"""What holds of every judgement, whatever the words and transcriptions."""

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stages import Severity
from stages.records.ipa import LOOK_ALIKES, UNSEEN
from stages.records.pronunciation import pronounced
from stages.records.verdict import IpaVerdict, Reference
from stages.validation.ipa import judge
from stages.validation.ipa.notation import SIGNS, TIES

ALPHABET = [*"aeioumnptkbdɡfslrɾxɲʝβðɣθʎŋjwʃv", *"ˈˌ. []/,~-()ː:gK1'", "tʃ", "t͡ʃ", *LOOK_ALIKES, *SIGNS,
            *TIES, *UNSEEN]  # fmt: skip
LETTERS = "abcdefghijklmnñopqrstuvwxyzáéíóúü"

near_ipa = st.lists(st.sampled_from(ALPHABET), max_size=14).map("".join)
any_ipa = near_ipa | st.text(max_size=30) | st.text(st.characters(), max_size=10)
syllables = st.tuples(
    st.sampled_from([*"bcdfgjlmnñprstvyz", "ch", "ll", "qu", "gu", "tr", "bl", "hu", ""]),
    st.sampled_from([*"aeiou", "ié", "ue", "ái", "í"]),
    st.sampled_from(["", "", "", *"nslrdz"]),
).map("".join)
spelled = st.lists(syllables, min_size=1, max_size=4).map("".join)
words = spelled | st.text(LETTERS, min_size=1, max_size=10)
any_word = words | st.text(f"{LETTERS}ABCñ -/()¿?¡!….'4", max_size=20) | st.text(st.characters())
languages = st.sampled_from(["es-419", "es-ES", "es-AR", "de", "fr", "it", "pt-BR", "tlh", ""])
references = st.lists(near_ipa.map(lambda ipa: Reference(ipa, "somebody")), max_size=2)


def letters(given: IpaVerdict) -> set[str]:
    """Give the codes of what is certainly mended."""
    return {reason.code for reason in given.reasons if reason.severity is None}


@given(any_word, any_ipa, languages, references)
@example("\ud800", "\udfff", "es", [])
@example("casa", "͡", "es", [])
@example("casa", "n\u200b\u0303a", "es", [])
@example("/", "//", "es", [])
@example("", "", "", [])
def test_any_text_is_judged(word: str, ipa: str, language: str, given: list[Reference]) -> None:
    """Nothing raises, and the verdict is what its reasons weigh."""
    verdict = judge(word, ipa, language, given)
    severities = {reason.severity for reason in verdict.reasons}
    if Severity.ERROR in severities:
        assert verdict.verdict == "reject"
    elif Severity.WARNING in severities:
        assert verdict.verdict == "warn"
    elif severities:
        assert verdict.verdict == "fixed"
    else:
        assert verdict.verdict in ("ok", "unverified")


@given(any_word, any_ipa, languages)
@example("casa", "[a", "es")
@example("casa", "/a-͡t]", "es")
@example("a b", "a -, b", "es")
def test_mending_twice_changes_nothing(word: str, ipa: str, language: str) -> None:
    """What was mended has nothing left to mend, and says the same of the word."""
    verdict = judge(word, ipa, language)
    again = judge(word, verdict.normalised, language)
    assert again.normalised == verdict.normalised
    assert not letters(again)
    assert again.edits == verdict.edits
    assert {one.code for one in verdict.reasons if one.severity} == {
        one.code for one in again.reasons
    }


@given(st.lists(spelled, min_size=1, max_size=3).map(" ".join), st.sampled_from(["es", "es-ES"]))
@example("rápidamente", "es")
def test_what_the_rules_say_is_right(word: str, language: str) -> None:
    """Whatever they know, with brackets and dots or without."""
    assume(ipa := pronounced(word, language))
    for form in (ipa, ipa.strip("[]"), f"/{ipa.strip('[]')}/", ipa.replace(".", "")):
        assert judge(word, form, language).verdict == "ok"
    apart = judge(word, unicodedata.normalize("NFD", ipa), language)
    assert apart.verdict == "ok"


@given(any_word, any_ipa, languages, references)
@example("hiato", "[ˈi.a.to]", "es-419", [])
def test_what_is_suggested_is_right(
    word: str, ipa: str, language: str, given: list[Reference]
) -> None:
    """A caller can paste it."""
    verdict = judge(word, ipa, language, given)
    assume(verdict.suggestion)
    assert judge(word, verdict.suggestion, language, given).verdict in ("ok", "unverified")


@given(spelled, languages, references, near_ipa)
@example("casa", "es-419", [Reference("ˈki.ki", "nobody")], "")
def test_who_knows_more_rejects_no_more(
    word: str, language: str, given: list[Reference], heard: str
) -> None:
    """One more reference never makes wrong what was right."""
    for ipa in (pronounced(word, language), heard):
        known = [Reference(ipa, "who is right"), *given]
        for number in range(len(known)):
            if judge(word, ipa, language, known[:number]).verdict == "ok":
                assert judge(word, ipa, language, known).verdict == "ok"


@given(words, near_ipa, st.sampled_from(["de", "fr", "it", "pt-BR", "tlh"]), references)
def test_no_other_language_is_rejected_for_its_sounds(
    word: str, ipa: str, language: str, given: list[Reference]
) -> None:
    """There the references are not good enough to be sure: only notation is."""
    verdict = judge(word, ipa, language, given)
    wrong = {reason.code for reason in verdict.reasons if reason.severity is Severity.ERROR}
    assert wrong <= {"no-ipa", "no-sound", "no-ipa-letter"}


@pytest.mark.parametrize("language", ["es-419", "es-ES", "de", "tlh"])
def test_nothing_is_known_without_a_reference(language: str) -> None:
    """A word that nobody knows is neither right nor wrong."""
    assert judge("4x4", "[ka]", language).verdict == "unverified"
