"""Is the pronunciation written as it should be?"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages import MEANINGS, Context, Severity, Status, validate_ipa
from stages.records.ipa import LOOK_ALIKES
from stages.testing import check_stage
from stages.validation.ipa_stage import faults_of
from tests.making import after, codes, failed, last, meaning


@pytest.mark.parametrize(
    "ipa",
    ["[ˈka.sa]", "[seɾ]", "[o]", "[tɾa.ˈβa.xo]", "[ˈa.ɣwa]", "[te.ˈneɾ ke]", "[ˈt͡ʃi.ko]",
     "[a.ˈseɾ]", "[ˈʝa]", "[bɔ̃ˈʒuʁ]", "[ˈmãw̃]", "[ˈhaʊ̯s]", "[ˈin̪.d̪a]"],
)  # fmt: skip
def test_what_is_well_written_passes(ipa: str) -> None:
    """Also nasal vowels, ties and the small signs of other languages."""
    outcome = validate_ipa(Context.of(meanings=[meaning(ipa=ipa)]))
    assert last(outcome).problems == ()


def test_no_meanings_pass() -> None:
    """Nothing to check is no failure."""
    assert last(validate_ipa(Context.of(meanings=[]))).status is Status.SUCCESS


ERRORS = {
    "nothing": ("", ["no-ipa"]),
    "blanks": ("  ", ["no-ipa"]),
    "empty brackets": ("[ ]", ["no-ipa"]),
    "only a stress mark": ("[ˈ]", ["no-sound"]),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_without_a_sound_it_is_an_error(fault: str) -> None:
    """Such a meaning can be dropped, and the failure names it."""
    ipa, expected = ERRORS[fault]
    whole, spoilt = meaning(), meaning("ser", "be", ipa=ipa)
    outcome = validate_ipa(Context.of(meanings=[whole, spoilt]))
    assert codes(outcome) == [(code, "meanings[ser_be].ipa") for code in expected]
    assert failed(outcome).message == "Validation failed: 1 error"
    dropped = validate_ipa(on_problem="drop")(Context.of(meanings=[whole, spoilt]))
    assert after(dropped)[MEANINGS] == (whole,)


DOUBTS = {
    "the ASCII g": ("[ˈal.go]", ["look-alike"], "[ˈal.ɡo]"),
    "an apostrophe for stress": ("['ka.sa]", ["look-alike"], "[ˈka.sa]"),
    "a colon for length": ("[ˈfaː.tɐ:]", ["look-alike"], "[ˈfaː.tɐː]"),
    "a sharp s for beta": ("[ˈaß.la]", ["look-alike"], "[ˈaβ.la]"),
    "slashes": ("/ˈka.sa/", ["no-brackets"], "[ˈka.sa]"),
    "no brackets": ("ˈka.sa", ["no-brackets"], "[ˈka.sa]"),
    "no stress mark": ("[ʝe.βaɾ]", ["no-stress"], ""),
    "no stress mark and no dots": ("[ʝeβaɾ]", ["no-stress"], ""),
    "a capital letter": ("[ˈKa.sa]", ["no-ipa-letter"], ""),
    "an accent for stress": ("[ká.sa]", ["no-ipa-letter", "no-stress"], ""),
    "a figure": ("[ˈka.sa1]", ["no-ipa-letter"], ""),
    "another script": ("[каса]", ["no-ipa-letter", "no-ipa-letter", "no-ipa-letter", "no-sound"], ""),
}  # fmt: skip


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_is_told_with_its_cure(doubt: str) -> None:
    """Every strange character is named once, and where the right one is known it is written out."""
    ipa, expected, cure = DOUBTS[doubt]
    found = list(faults_of(ipa))
    assert [code for code, *_ in found] == expected
    if cure:
        assert found[0][2] == cure


def test_doubts_are_warnings() -> None:
    """They neither fail nor drop."""
    for ipa in ("[ˈal.go]", "/ˈka.sa/", "[ʝe.βaɾ]", "[ˈKa.sa]"):
        for on_problem in ("fail", "drop", "keep"):
            one = meaning(ipa=ipa)
            outcome = validate_ipa.bind(on_problem=on_problem)(Context.of(meanings=[one]))
            assert after(outcome)[MEANINGS] == (one,)
            assert {problem.severity for problem in last(outcome).problems} == {Severity.WARNING}


@given(st.text(alphabet=[*LOOK_ALIKES, *"aeoktsrβɾ.ˈ[]/ ́̃é"], max_size=12))
@example("[a:ε]")
def test_following_a_cure_leaves_less_wrong(ipa: str) -> None:
    """A cure that is written out is right: taking it removes its fault and adds none."""
    for code, _, cure in faults_of(ipa):
        if code in ("look-alike", "no-brackets") and cure.startswith("["):
            assert len(list(faults_of(cure))) < len(list(faults_of(ipa)))


def test_it_keeps_the_laws() -> None:
    """Whatever is done about problems."""
    for on_problem in ("fail", "drop", "keep"):
        check_stage(validate_ipa.bind(on_problem=on_problem), examples=50)
