"""Does every pronunciation say what its word sounds like?"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages import MEANINGS, Context, Problem, Severity, Status, validate_ipa
from stages.core.frozen import FrozenMap
from stages.records.ipa import LOOK_ALIKES
from stages.records.meaning import Meaning
from stages.records.verdict import Reference
from stages.testing import check_stage
from tests.making import after, codes, failed, last, meaning


def problems(ipa: str, word: str = "casa", **fields: str) -> list[Problem]:
    """Give what is wrong with one meaning."""
    return list(
        last(validate_ipa(Context.of(meanings=[meaning(word, ipa=ipa, **fields)]))).problems
    )


@pytest.mark.parametrize(
    ("word", "ipa"),
    [("casa", "[ˈka.sa]"), ("ser", "[seɾ]"), ("o", "[o]"), ("trabajo", "[tɾa.ˈβa.xo]"),
     ("tener que", "[te.ˈneɾ ke]"), ("chico", "[ˈt͡ʃi.ko]"), ("hacer", "[a.ˈseɾ]")],
)  # fmt: skip
def test_what_is_well_written_passes(word: str, ipa: str) -> None:
    """With dots, a tie, or of several words."""
    assert problems(ipa, word) == []


@pytest.mark.parametrize(
    ("language", "word", "ipa"),
    [("fr", "bonjour", "[bɔ̃ˈʒuʁ]"), ("pt-BR", "mão", "[ˈmãw̃]"), ("de", "Haus", "[ˈhaʊ̯s]"),
     ("tlh", "Qapla", "[qʰɑpʰlɑ]")],
)  # fmt: skip
def test_the_signs_of_other_languages_pass(language: str, word: str, ipa: str) -> None:
    """Nasal vowels, ties and the small signs; what nobody knows is no problem."""
    assert problems(ipa, word, language=language) == []


def test_no_meanings_pass() -> None:
    """Nothing to check is no failure."""
    assert last(validate_ipa(Context.of(meanings=[]))).status is Status.SUCCESS


ERRORS = {
    "nothing": ("", ["no-ipa"]),
    "blanks": ("  ", ["no-ipa"]),
    "empty brackets": ("[ ]", ["no-ipa"]),
    "only a stress mark": ("[ˈ]", ["no-sound"]),
    "a wrong sound": ("[ˈke.sa]", ["wrong-sound"]),
    "a wrong stress": ("[ka.ˈsa]", ["wrong-stress"]),
    "a capital letter": ("[ˈKa.sa]", ["no-ipa-letter"]),
    "a figure": ("[ˈka.sa1]", ["no-ipa-letter"]),
    "another script": ("[саѕк]", ["no-ipa-letter", "look-alike", "look-alike", "look-alike"]),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_what_is_wrong_is_an_error(fault: str) -> None:
    """Such a meaning can be dropped, and the failure names it."""
    ipa, expected = ERRORS[fault]
    whole, spoilt = meaning("ser", "be", ipa="[seɾ]"), meaning(ipa=ipa)
    outcome = validate_ipa(Context.of(meanings=[whole, spoilt]))
    assert codes(outcome) == [(code, "meanings[casa_home].ipa") for code in expected]
    assert failed(outcome).message == "Validation failed: 1 error"
    dropped = validate_ipa(on_problem="drop")(Context.of(meanings=[whole, spoilt]))
    assert after(dropped)[MEANINGS] == (whole,)


DOUBTS = {
    "the ASCII g": ("algo", "[ˈal.go]", "look-alike", "[ˈal.ɡo]", True),
    "an apostrophe for stress": ("casa", "['ka.sa]", "look-alike", "[ˈka.sa]", True),
    "slashes": ("casa", "/ˈka.sa/", "no-brackets", "[ˈka.sa]", True),
    "no brackets": ("casa", "ˈka.sa", "no-brackets", "[ˈka.sa]", True),
    "one bracket": ("casa", "[ˈka.sa", "no-brackets", "[ˈka.sa]", True),
    "no stress mark": ("llevar", "[ʝe.βaɾ]", "no-stress", "[ʝe.ˈβaɾ]", False),
    "dots astray": ("casa", "[ˈkas.a]", "wrong-dots", "[ˈka.sa]", False),
    "a sound of elsewhere": ("llamar", "[ʎa.ˈmaɾ]", "dialect", "[ʝa.ˈmaɾ]", False),
    "a name": ("Madrid", "[ma.ˈdɾed]", "wrong-sound", "", False),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_is_told_with_its_cure(doubt: str) -> None:
    """Where it is certain what was meant, it is a fix as well."""
    word, ipa, code, cure, certain = DOUBTS[doubt]
    (found,) = problems(ipa, word)
    assert (found.code, found.hint, found.fix) == (code, cure, cure if certain else None)
    assert found.severity is Severity.WARNING


def test_which_of_two_is_meant_is_nobodys_to_say() -> None:
    """So that no fix is offered, not for its brackets either."""
    found = problems("/muj/, /mwi/", "muy")
    assert [(one.code, one.fix) for one in found] == [("several", None), ("no-brackets", None)]


def test_doubts_are_warnings() -> None:
    """They neither fail nor drop."""
    for ipa in ("[ˈka·sa]", "/ˈka.sa/", "[ka.sa]"):
        for on_problem in ("fail", "drop", "keep"):
            one = meaning(ipa=ipa)
            outcome = validate_ipa.bind(on_problem=on_problem)(Context.of(meanings=[one]))
            assert after(outcome)[MEANINGS] == (one,)


def test_a_fix_writes_what_was_meant() -> None:
    """All slips of notation at once; what is said stays as it is."""
    one = meaning("algo", ipa="/'al-go]")
    outcome = validate_ipa(fix=True)(Context.of(meanings=[one]))
    assert [each.ipa for each in after(outcome)[MEANINGS]] == ["[ˈal.ɡo]"]


def test_the_report_counts_the_verdicts() -> None:
    """After a fix, those of what is left."""
    given = {
        "casa": "[ˈka.sa]",
        "algo": "[ˈal.go]",
        "llevar": "[ʝe.βaɾ]",
        "ser": "[saɾ]",
        "4x4": "[ˈa]",
    }
    context = Context.of(meanings=[meaning(word, ipa=ipa) for word, ipa in given.items()])
    expected = {"ipa_ok": 1, "ipa_fixed": 1, "ipa_warn": 1, "ipa_reject": 1, "ipa_unverified": 1}
    counts = last(validate_ipa(on_problem="keep")(context)).counts
    assert counts == {"errors": 1, "warnings": 2, **expected}
    counts = last(validate_ipa(on_problem="keep", fix=True)(context)).counts
    assert counts == {
        "errors": 1,
        "warnings": 1,
        **expected,
        "ipa_ok": 2,
        "ipa_fixed": 0,
        "fixed": 1,
    }


def test_who_knows_a_word_is_believed() -> None:
    """A reference of the context is as good as the rules."""
    known = FrozenMap({"jazz": (Reference("ˈdʒas", "my own"),)})
    one = meaning("jazz", "music", ipa="[ˈdʒas]")
    context = Context.of(meanings=[one])
    assert codes(validate_ipa(context)) == [("dialect", "meanings[jazz_music].ipa")]
    assert codes(validate_ipa(Context.of(meanings=[one], references=known))) == []


@given(
    st.sampled_from(["casa", "algo", "Madrid", "tener que", "4x4"]),
    st.text(alphabet=[*LOOK_ALIKES, *"aeoktsrβɾ.ˈ[]/ -,\u0301\u0303\u0361é"], max_size=12),
)
@example("casa", "[a:ε]")
@example("casa", "/a/ ,b")
def test_following_a_fix_leaves_less_wrong(word: str, ipa: str) -> None:
    """It removes every fault that has one, and adds none."""
    found = problems(ipa, word)
    fixes = {one.fix for one in found if one.fix is not None}
    assert len(fixes) <= 1
    for fix in fixes:
        left = {one.code for one in problems(fix, word)}
        assert left == {one.code for one in found if one.fix is None}


@given(st.lists(st.builds(meaning, ipa=st.text(max_size=8)), max_size=3))
def test_looking_changes_nothing(meanings: list[Meaning]) -> None:
    """Whatever is found, the meanings stay what they are."""
    outcome = validate_ipa(on_problem="keep")(Context.of(meanings=meanings))
    assert after(outcome)[MEANINGS] == tuple(meanings)


def test_it_keeps_the_laws() -> None:
    """Whatever is done about problems."""
    for on_problem in ("fail", "drop", "keep"):
        check_stage(validate_ipa.bind(on_problem=on_problem), examples=50)
