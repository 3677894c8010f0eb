"""Errors that are put into right pronunciations are found, and right ones are let be."""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.pronunciations import EspeakReferences
from stages.records.verdict import IpaVerdict, Reference
from stages.validation.ipa import judge
from tests.validation.seeding import (
    ERRORS,
    Form,
    Line,
    Row,
    Trial,
    broad,
    counted,
    form_of,
    is_vowel,
    right_ones,
    rows_in,
    whole,
    wrong_ones,
)

HERE = Path(__file__).parent
SPANISH = rows_in(HERE / "pronunciations_es.tsv")
SEEDS = range(4)
AT_LEAST = 60
"""So many of the rarest type have to be tried for a share to say something."""


def alone(trial: Trial) -> IpaVerdict:
    """Judge without asking anybody."""
    return judge(trial.word, trial.ipa, trial.language)


def told(line: Line) -> str:
    """Say what went wrong."""
    return ", ".join(f"{one.word} {one.ipa}" for one in line.astray)


@pytest.fixture(scope="module")
def found() -> dict[str, Line]:
    """What became of wrong ones, by type."""
    trials = [one for seed in SEEDS for one in wrong_ones(SPANISH, most=300, seed=seed)]
    return counted(trials, alone)


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_of_each_type_are_found(found: dict[str, Line], kind: str) -> None:
    """Mended, warned of, or rejected: at least 995 of a thousand."""
    line = found[kind]
    assert line.outcomes.total() >= AT_LEAST
    assert line.detected >= 0.995, told(line)


@pytest.mark.parametrize("kind", ["raw", "joined", "dressed", "stressed"])
def test_right_ones_are_not_rejected(kind: str) -> None:
    """As a list has them, in brackets, with stress, with dots: at most 7 of a thousand."""
    line = counted(right_ones(SPANISH, "es-419"), alone)[kind]
    assert line.outcomes.total() > 450
    assert line.share("reject") <= 0.007, told(line)
    assert line.share("warn") <= 0.02
    assert line.share("unverified") <= 0.02


def test_what_is_only_mended_was_right() -> None:
    """A look-alike in a right transcription never makes it wrong."""
    for kind in ("ascii-g", "apostrophe"):
        line = counted(wrong_ones(SPANISH, most=300, kinds=[kind]), alone)[kind]
        assert line.share("fixed") >= 0.99


@pytest.fixture(scope="module", params=["de", "fr", "it", "pt-BR"])
def other(request: pytest.FixtureRequest) -> tuple[str, tuple[Row, ...], EspeakReferences]:
    """A language, words of it, and who knows how they are spoken."""
    tag = request.param
    rows = rows_in(HERE / f"pronunciations_{tag[:2]}.tsv")
    return tag, rows, EspeakReferences(tag)


def test_other_languages_are_advised_and_never_rejected(
    other: tuple[str, tuple[Row, ...], EspeakReferences],
) -> None:
    """Another word's transcription is told where references can; a right one hardly ever warns."""
    language, rows, espeak = other
    known = espeak.references([row.word for row in rows], language)

    def judged(trial: Trial) -> IpaVerdict:
        return judge(trial.word, trial.ipa, language, known.get(trial.word, ()))

    for line in counted(right_ones(rows, language), judged).values():
        assert line.outcomes["reject"] == 0, told(line)
        assert line.share("warn") <= 0.03, told(line)
    wrong = [
        one
        for seed in SEEDS
        for one in wrong_ones(rows, most=60, seed=seed, kinds=["other-word"], formed=whole)
    ]
    line = counted(wrong, judged)["other-word"]
    assert line.outcomes["reject"] == 0
    # A list of short words has many that are near each other.
    assert line.share("warn") >= 0.95 or language == "pt-BR", told(line)


def test_a_reference_of_another_makes_no_right_one_wrong() -> None:
    """Whoever agrees is enough."""
    for trial in right_ones(SPANISH[:100], "es-419"):
        other = Reference("[ˈxun.to]", "someone")
        before = alone(trial).verdict
        after = judge(trial.word, trial.ipa, trial.language, [other]).verdict
        assert after != "reject" or before == "reject"


def test_errors_are_drawn_alike_each_time() -> None:
    """A seed is enough to have them again; another one gives others."""
    once, again, other = (list(wrong_ones(SPANISH, most=20, seed=seed)) for seed in (1, 1, 2))
    assert once == again != other


def test_an_error_is_none_that_is_right() -> None:
    """What was put in differs from what every row of the word has, as it is written here."""
    right = defaultdict(set)
    for trial in right_ones(SPANISH, "es-419"):
        right[trial.word].add(trial.ipa)
    for trial in wrong_ones(SPANISH, most=100):
        if trial.kind not in ("no-stress", "american-cz"):
            assert trial.ipa not in right[trial.word], trial


@given(st.sampled_from(SPANISH))
def test_stress_and_dots_change_no_sound(row: Row) -> None:
    """A form has the segments of its row, and one vowel at least in each syllable."""
    if form := form_of(row):
        assert form.segments == row.segments
        assert all(any(map(is_vowel, syllable)) for syllable in form.syllables)
        assert form.written().replace(".", "") == form.written(dots=False)


@pytest.mark.parametrize(
    ("word", "segments", "written"),
    [
        ("país", "p a i s", "[pa.ˈis]"),
        ("aire", "a i ɾ e", "[ˈai.ɾe]"),
        ("viuda", "b j u d a", "[ˈbju.da]"),
        ("extra", "e k s t ɾ a", "[ˈeks.tɾa]"),
        ("bueyes", "b w e ʝ e s", "[ˈbwe.ʝes]"),
        ("hielo", "ʝ e l o", "[ˈʝe.lo]"),
        ("reloj", "r e l o x", "[re.ˈlox]"),
        ("lápiz", "l a p i s", "[ˈla.pis]"),
        ("rápidamente", "r a p i d a m e n t e", "[ra.pi.da.ˈmen.te]"),
        ("Uruguay", "u ɾ u ɡ w a i", "[u.ɾu.ˈɡwai]"),
        ("causa", "k a u̯ s a", "[ˈkau̯.sa]"),
        ("tres", "t ɾ e s", "[tɾes]"),
    ],
)
def test_stress_and_dots_stand_where_spelling_says(word: str, segments: str, written: str) -> None:
    """By the written accent, else by the ending."""
    assert str(form_of(Row(word, tuple(segments.split())))) == written


@pytest.mark.parametrize(
    ("word", "segments"), [("alcohol", "a l k o l"), ("t", "t"), ("rave", "r e i b")]
)
def test_a_word_that_is_not_said_as_it_is_spelled_has_no_form(word: str, segments: str) -> None:
    """Nobody could say here where its stress is."""
    assert form_of(Row(word, tuple(segments.split()))) is None


def test_the_broadest_transcription_is_one_for_all() -> None:
    """Signs, soft stops and ties say nothing more; a glide stays one."""
    told = " ".join(broad(["d̪", "ð̞", "ẽ", "i̯", "t͡ʃ", "ɟ͡ʝ", "ŋ", "aː"]))
    assert told == "d d e j tʃ ʝ n a"
    assert whole(Row("a", ("a", "b"))) == Form((("a", "b"),), 0)
