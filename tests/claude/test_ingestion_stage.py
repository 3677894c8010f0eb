"""A filled-in batch to meanings."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given

from stages import (
    BATCH,
    CARDS,
    MEANINGS,
    VOCABULARY,
    WORDS,
    Batch,
    Context,
    Problem,
    Severity,
    Status,
    Success,
    Vocabulary,
    ingest_batch,
    load_file,
    pipe,
    pipelines,
)
from stages.core.json import to_json
from stages.records.meaning import gapped_form
from stages.testing import MemoryFiles, check_stage, values_for
from tests.making import after, codes, failed, last, meaning

ENTRY = {
    "SpanishWord": "casa",
    "MeaningID": "home",
    "MeaningContext": "vivienda",
    "MonolingualDef": "edificio donde vive una familia",
    "ExampleSentence": "Vivo en una casa azul.",
    "GappedSentence": "Vivo en una _____ azul.",
    "IPA": "[ˈka.sa]",
    "prompt": "A blue house by the sea",
}
CASA = meaning(
    context="vivienda",
    definition="edificio donde vive una familia",
    example="Vivo en una casa azul.",
    gapped="Vivo en una _____ azul.",
    prompt="A blue house by the sea",
)


def batch(*entries: object, words: tuple[str, ...] = ("casa",), **fields: Any) -> Context:
    """Give a context with a batch that was read from a file."""
    saved = {"words": words, "meanings": entries, **fields}
    files = MemoryFiles({"batch.json": to_json(saved)})
    return after(load_file(key=BATCH, file_provider=files)(Context.of()))


def test_an_entry_becomes_a_meaning_and_is_learnt() -> None:
    """Meanings, vocabulary and words get it, and there is nothing to remark."""
    outcome = ingest_batch(batch(ENTRY))
    assert after(outcome)[MEANINGS] == (CASA,)
    assert after(outcome)[VOCABULARY] == Vocabulary(meanings=(CASA,))
    assert after(outcome)[WORDS] == ("casa",)
    assert last(outcome).message == "ingested 1 of 1 meanings"
    assert last(outcome).problems == ()


def test_meanings_that_are_there_stay() -> None:
    """A batch adds to what was found before."""
    perro = meaning("perro", "dog")
    before = batch(ENTRY).put(MEANINGS, (perro,))
    assert after(ingest_batch(before))[MEANINGS] == (perro, CASA)


def test_half_a_character_is_no_text() -> None:
    """`bad-entry`: it could not be written, and is common in what a model wrote."""
    entry = {**ENTRY, "MonolingualDef": "roto \ud83d"}
    files = MemoryFiles({"batch.json": json.dumps({"words": ["casa"], "meanings": [entry]})})
    outcome = ingest_batch(after(load_file(key=BATCH, file_provider=files)(Context.of())))
    assert ("bad-entry", "meanings[0].MonolingualDef") in codes(outcome)


def test_fields_that_may_be_left_out_may_also_be_null() -> None:
    """Null says that there is none, as people and models write it."""
    nothing = {"prompt": None, "Article": None, "Emoji": None, "UsageNote": None}
    outcome = ingest_batch(batch({**ENTRY, **nothing}))
    assert after(outcome)[MEANINGS] == (attrs.evolve(CASA, prompt=""),)
    assert last(outcome).problems == ()


def test_blanks_and_decomposed_letters_are_tidied() -> None:
    """What looks the same is the same, in words and in entries."""
    entry = {**ENTRY, "SpanishWord": " nin\u0303o ", "ExampleSentence": "El  niño\nduerme."}
    outcome = ingest_batch(
        batch({**entry, "GappedSentence": "El _____ duerme."}, words=("nin\u0303o",))
    )
    (one,) = after(outcome)[MEANINGS]
    assert (one.word, one.example) == ("niño", "El niño duerme.")
    assert last(outcome).problems == ()


def test_an_id_is_made_safe_to_stand_in_names_and_paths() -> None:
    """Blanks, slashes and brackets become underscores."""
    outcome = ingest_batch(batch({**ENTRY, "MeaningID": "home/house [main]"}))
    assert after(outcome)[MEANINGS][0].card_id == "casa_home_house_main"


@pytest.mark.parametrize(
    ("context", "words"),
    [
        pytest.param(batch(), "these words wait: casa", id="one word waiting"),
        pytest.param(batch(words=tuple("abcdef")), "these words wait: a, b, c, d, e, …", id="many"),
    ],
)
def test_an_empty_batch_says_that_it_is_empty(context: Context, words: str) -> None:
    """`empty-batch`: nothing was filled in, and the words that wait are told."""
    failure = failed(ingest_batch(context))
    assert failure.message == "the batch is empty: nothing was filled in"
    assert [problem.code for problem in failure.problems] == ["empty-batch"]
    assert words in failure.problems[0].why


def test_a_batch_of_skipped_words_alone_is_filled_in() -> None:
    """Words that need no card are learnt as such, and are no longer wanted."""
    outcome = ingest_batch(batch(words=("no",), skipped_words=["no"]).put(WORDS, ("no", "ser")))
    assert after(outcome)[VOCABULARY] == Vocabulary(skipped=("no",))
    assert after(outcome)[WORDS] == ("ser",)
    assert last(outcome).status is Status.SUCCESS


def test_a_word_without_meaning_is_told() -> None:
    """`not-filled-in`: neither a meaning nor skipped."""
    outcome = ingest_batch(batch(ENTRY, words=("casa", "ser", "no"), skipped_words=["no"]))
    assert codes(outcome) == [("not-filled-in", "words[ser]")]
    assert last(outcome).status is Status.PARTIAL


REQUIRED = [name for name in ENTRY if name not in ("GappedSentence", "IPA", "prompt")]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(None, "it is missing", id="null"),
        pytest.param("", "it is empty", id="empty"),
        pytest.param(" \n", "it is empty", id="blank"),
        pytest.param(3, "a text was expected, and 3 found", id="a number"),
        pytest.param(["x"], "a text was expected, and ('x',) found", id="a list"),
    ],
)
def test_an_entry_without_a_required_field_is_left_out(name: str, value: object, why: str) -> None:
    """`bad-entry` names entry, field and fault; the other entries stay."""
    outcome = ingest_batch(batch({**ENTRY, "MeaningID": "other"}, {**ENTRY, name: value}))
    assert [one.id for one in after(outcome)[MEANINGS]] == ["other"]
    assert codes(outcome) == [("bad-entry", f"meanings[1].{name}")]
    assert last(outcome).problems[0].why == why


def test_an_ipa_that_is_missing_is_that_of_the_rules() -> None:
    """Only where they do not know the word has it to be filled in; what is no text is a fault."""
    outcome = ingest_batch(batch({**ENTRY, "IPA": None}))
    assert after(outcome)[MEANINGS] == (CASA,)
    foreign = {**ENTRY, "SpanishWord": "pizza", "ExampleSentence": "¡Pizza!", "IPA": ""}
    outcome = ingest_batch(batch({**foreign, "GappedSentence": "¡_____!"}, words=("pizza",)))
    assert ("bad-entry", "meanings[0].IPA") in codes(outcome)
    outcome = ingest_batch(batch({**ENTRY, "IPA": 3}))
    assert ("bad-entry", "meanings[0].IPA") in codes(outcome)


@pytest.mark.parametrize("entry", ["casa", 3, None, [], ["casa"]])
def test_an_entry_that_is_no_object_is_left_out(entry: object) -> None:
    """`bad-entry` says what it is instead."""
    outcome = ingest_batch(batch(entry, ENTRY))
    assert codes(outcome) == [("bad-entry", "meanings[0]")]
    assert after(outcome)[MEANINGS] == (CASA,)


def test_where_no_entry_is_usable_the_stage_fails() -> None:
    """Every one is named, and so is the word that still waits."""
    outcome = ingest_batch(batch({}, "casa"))
    assert failed(outcome).message == "none of 2 entries is usable"
    assert ("bad-entry", "meanings[1]") in codes(outcome)
    assert ("not-filled-in", "words[casa]") in codes(outcome)


def test_skipped_words_are_learnt_where_no_entry_is_usable() -> None:
    """They are the good part of a file that is half filled in."""
    outcome = ingest_batch(batch({}, words=("casa", "un"), skipped_words=["un"]))
    assert after(outcome)[VOCABULARY] == Vocabulary(skipped=("un",))
    assert last(outcome).status is Status.PARTIAL
    assert last(outcome).message == "ingested 0 of 1 meanings"


def test_a_word_that_stands_twice_waits_once() -> None:
    """A person pasted a list into another."""
    assert codes(ingest_batch(batch(ENTRY, words=("casa", "ser", "ser")))) == [
        ("not-filled-in", "words[ser]")
    ]


def test_a_pronunciation_of_the_file_is_tidied_as_those_of_entries_are() -> None:
    """Blanks and decomposed letters, in the word as in what is said of it; look-alikes are told."""
    entry = {**ENTRY, "SpanishWord": "niño", "ExampleSentence": "Un niño.", "IPA": None}
    context = batch(
        {**entry, "GappedSentence": "Un _____."}, words=("niño",), ipa={" nin\u0303o": " ['ni.o]\n"}
    )
    outcome = ingest_batch(context)
    assert [one.ipa for one in after(outcome)[MEANINGS]] == ["[ˈni.o]"]
    assert codes(outcome) == [("look-alike", "meanings[0].IPA")]


def test_the_first_of_two_entries_with_one_id_counts() -> None:
    """`same-meaning` says which one is there already."""
    outcome = ingest_batch(batch(ENTRY, {**ENTRY, "MonolingualDef": "otra cosa"}))
    assert after(outcome)[MEANINGS] == (CASA,)
    assert last(outcome).problems == (
        Problem(
            "same-meaning",
            "meanings[1]",
            "'casa_home' is meanings[0] already",
            "give it another MeaningID",
        ),
    )


def test_two_meanings_that_would_have_one_card_are_told_apart() -> None:
    """`same-meaning`: word and id read the same when they are joined, and Anki knows the card by it."""
    one = {**ENTRY, "SpanishWord": "por", "MeaningID": "favor_please"}
    other = {**ENTRY, "SpanishWord": "por favor", "MeaningID": "please"}
    outcome = ingest_batch(batch(one, other, words=("por", "por favor")))
    assert [found.word for found in after(outcome)[MEANINGS]] == ["por"]
    assert codes(outcome)[0] == ("same-meaning", "meanings[1]")
    assert last(outcome).problems[0].why == "'por_favor_please' is meanings[0] already"


def test_a_card_that_the_vocabulary_has_is_not_given_twice() -> None:
    """`same-meaning`: the one that is there keeps its card, whatever is overwritten."""
    there = Vocabulary(meanings=(meaning("por", "favor_please"),))
    entry = {**ENTRY, "SpanishWord": "por favor", "MeaningID": "please"}
    context = batch(entry, ENTRY, words=("por favor", "casa")).put(VOCABULARY, there)
    for overwrite in (False, True):
        outcome = ingest_batch(context, overwrite=overwrite)
        assert after(outcome)[VOCABULARY].meanings == (*there.meanings, CASA)
        problem = last(outcome).problems[0]
        assert (problem.code, problem.where) == ("same-meaning", "meanings[0]")
        assert "the card of another meaning already: 'por', 'favor_please'" in problem.why


def test_a_dry_run_names_the_words_that_would_be_skipped() -> None:
    """And no others, also where the vocabulary skips a word twice."""
    context = batch(words=(), skipped_words=["no", "un"])
    there = Vocabulary(skipped=("un", "un", "el"))
    outcome = ingest_batch(context.put(VOCABULARY, there), dry_run=True)
    assert last(outcome).planned == ("skip no",)


def test_a_word_that_waits_is_named_so_that_it_can_be_printed() -> None:
    """Cut, and without signs to the terminal."""
    outcome = ingest_batch(batch(ENTRY, words=("casa", "\x1b[31m" + "x" * 99)))
    (problem,) = last(outcome).problems
    assert problem.where == f"words[\\x1b[31m{'x' * 52}]"


def test_a_field_that_nobody_reads_is_a_warning() -> None:
    """`unknown-field`: a misspelt name would else be lost in silence."""
    outcome = ingest_batch(batch({**ENTRY, "Ipa": "[x]"}))
    assert after(outcome)[MEANINGS] == (CASA,)
    assert codes(outcome) == [("unknown-field", "meanings[0].Ipa")]
    assert last(outcome).status is Status.SUCCESS


def test_a_word_that_was_not_asked_for_is_a_warning() -> None:
    """`other-word`: it is taken, and joins the words."""
    outcome = ingest_batch(batch(ENTRY, words=()))
    assert codes(outcome) == [("other-word", "meanings[0]")]
    assert after(outcome)[WORDS] == ("casa",)


@pytest.mark.parametrize(
    ("example", "gapped", "mended"),
    [
        pytest.param("Mi casa es azul.", "", "Mi _____ es azul.", id="no gapped sentence"),
        pytest.param("Mi casa es azul.", "Mi casa es azul.", "Mi _____ es azul.", id="no gap"),
        pytest.param("Mi casa es azul.", "Mi ___ es azul.", "Mi _____ es azul.", id="a short gap"),
        pytest.param(
            "Mi casa es azul.", "Mi ________ es azul.", "Mi _____ es azul.", id="a long one"
        ),
        pytest.param(
            "Mi casa es azul.", "mi _____ es azul", "Mi _____ es azul.", id="no full stop"
        ),
        pytest.param("Él compró casas.", "El compro _____.", "Él compró _____.", id="no accents"),
        pytest.param(
            "¡Qué casa, mamá!", "Que _____ mama", "¡Qué _____, mamá!", id="no punctuation"
        ),
        pytest.param(
            "«Casa» es azul.", "Una _____ es azul.", "«_____» es azul.", id="another text"
        ),
        pytest.param("Casa, mi casa.", "", "_____, mi _____.", id="twice in the example"),
    ],
)
def test_a_gap_that_does_not_fit_is_made_from_the_example(
    example: str, gapped: str, mended: str
) -> None:
    """`no-gap` (warning): the sentence is the example's, and the old one is told."""
    entry = {**ENTRY, "ExampleSentence": example, "GappedSentence": gapped}
    outcome = ingest_batch(batch(entry))
    assert after(outcome)[MEANINGS][0].gapped == mended
    assert gapped_form(example, mended)
    (problem,) = last(outcome).problems
    assert (problem.code, problem.where) == ("no-gap", "meanings[0].GappedSentence")
    assert problem.severity is Severity.WARNING
    assert repr(gapped) in problem.why


@pytest.mark.parametrize(
    ("word", "example", "gapped"),
    [
        pytest.param("ser", "Soy médico.", "_____ médico.", id="a form of an irregular verb"),
        pytest.param("tener que", "Tengo que ir.", "_____ ir.", id="two words"),
        pytest.param("ni", "No quiero ni té ni pan.", "No quiero _____ té _____ pan.", id="a pair"),
        pytest.param("bueno", "Bueno, ¡vamos!", "_____, ¡vamos!", id="before a comma"),
        pytest.param("poder", "¿Puedo ir?", "¿_____ ir?", id="in question marks"),
        pytest.param("más", "Es más alta.", "Es _____ alta.", id="an accent"),
        pytest.param("dar", "Dámelo.", "_____melo.", id="a part of a word"),
    ],
)
def test_a_gap_that_fits_is_left_alone(word: str, example: str, gapped: str) -> None:
    """Any form may be hidden, wherever it stands."""
    entry = {**ENTRY, "SpanishWord": word, "ExampleSentence": example, "GappedSentence": gapped}
    outcome = ingest_batch(batch(entry, words=(word,)))
    assert after(outcome)[MEANINGS][0].gapped == gapped
    assert last(outcome).problems == ()


def test_letters_that_only_look_right_are_made_right() -> None:
    """`look-alike` (warning): else the word could not be spoken; what it was is told."""
    outcome = ingest_batch(batch({**ENTRY, "IPA": "['al.go:]"}))
    assert after(outcome)[MEANINGS][0].ipa == "[ˈal.ɡoː]"
    assert codes(outcome) == [("look-alike", "meanings[0].IPA")]
    assert repr("['al.go:]") in last(outcome).problems[0].why


def test_an_example_without_the_word_and_without_gap_cannot_be_learnt() -> None:
    """`bad-entry`: no gap is there, and none can be made."""
    entry = {**ENTRY, "ExampleSentence": "Vivo aquí.", "GappedSentence": "Vivo aquí."}
    outcome = ingest_batch(batch(entry))
    assert codes(outcome) == [
        ("bad-entry", "meanings[0].GappedSentence"),
        ("not-filled-in", "words[casa]"),
    ]


def test_a_gap_that_fits_nothing_is_left_to_the_checks() -> None:
    """It still makes a card, and `validate_data` warns."""
    entry = {
        **ENTRY,
        "ExampleSentence": "Las casas son azules.",
        "GappedSentence": "Esto es _____ totalmente distinto.",
    }
    outcome = pipe(batch(entry), ingest_batch, pipelines.checked_cards)
    assert len(after(outcome)[CARDS]) == 1
    assert codes(outcome) == [("gap-misfit", "cards[casa_home].Gapped")]


def test_ingesting_twice_changes_nothing() -> None:
    """What the vocabulary has stays as it is, even where a file says it otherwise."""
    once = after(ingest_batch(batch(ENTRY)))
    again = after(ingest_batch(once))
    assert {key: again[key] for key in again.keys} == {key: once[key] for key in once.keys}
    other = batch({**ENTRY, "MonolingualDef": "otra cosa"}).put(VOCABULARY, once[VOCABULARY])
    assert after(ingest_batch(other))[MEANINGS] == (CASA,)


def test_another_language_may_have_the_same_word_and_id() -> None:
    """A card is unique in its language alone."""
    italian = Vocabulary(meanings=(attrs.evolve(CASA, language="it"),))
    outcome = ingest_batch(batch(ENTRY).put(VOCABULARY, italian))
    assert after(outcome)[VOCABULARY].meanings == (*italian.meanings, CASA)
    assert last(outcome).problems == ()


def test_words_keep_their_order_and_those_of_the_batch_come_last() -> None:
    """Cards come in the order of the words."""
    context = batch(ENTRY, words=("ser", "casa")).put(WORDS, ("perro", "casa"))
    assert after(ingest_batch(context))[WORDS] == ("perro", "casa", "ser")


@given(values_for(BATCH))
def test_every_entry_becomes_a_meaning_or_a_problem(one: Batch) -> None:
    """No entry is lost in silence, whatever it is, and every meaning can be told from the others."""
    outcome = ingest_batch(Context.of(batch=one))
    meanings = after(outcome)[MEANINGS] if isinstance(outcome, Success) else ()
    left_out = {
        problem.where.split(".")[0]
        for problem in last(outcome).problems
        if problem.severity is Severity.ERROR and problem.where.startswith("meanings[")
    }
    assert len(meanings) + len(left_out) == len(one.entries)
    assert len({meaning.card_id for meaning in meanings}) == len(meanings)


FAULTY: dict[str, tuple[dict[str, object], list[tuple[str, str]]]] = {
    "the ASCII g": (
        {"SpanishWord": "agua", "ExampleSentence": "Bebe agua.", "GappedSentence": "Bebe _____.",
         "IPA": "[ˈa.gwa]"},
        [("look-alike", "meanings[0].IPA")],
    ),
    "no stress mark": (
        {"SpanishWord": "cantar", "ExampleSentence": "Canta bien.",
         "GappedSentence": "_____ bien.", "IPA": "[kan.taɾ]"},
        [("no-stress", "meanings[cantar_home].ipa")],
    ),
    "slashes for brackets": (
        {"Article": "la", "IPA": "/ˈka.sa/"}, [("no-brackets", "meanings[casa_home].ipa")]
    ),
    "a word with another accent": (
        {"SpanishWord": "cómo", "ExampleSentence": "Canta como un pájaro.",
         "GappedSentence": "Canta _____ un pájaro.", "IPA": "[ˈko.mo]"},
        [("other-accent", "cards[cómo_home].Example")],
    ),
    "a gap that shows its answer": (
        {"SpanishWord": "ni", "ExampleSentence": "Ni té ni pan.", "GappedSentence": "_____ té ni pan.",
         "IPA": "[ni]"},
        [("answer-shown", "cards[ni_home].Gapped")],
    ),
    "markup": (
        {"Article": "la", "MonolingualDef": "un <b>edificio</b>"},
        [("markup", "cards[casa_home].Definition")],
    ),
    "a name that Windows keeps for itself": (
        {"SpanishWord": "con", "ExampleSentence": "Café con leche.",
         "GappedSentence": "Café _____ leche.", "IPA": "[kon]"},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTY)
def test_a_doubtful_entry_becomes_a_card_with_a_warning(fault: str) -> None:
    """What can be learnt is learnt, and the doubt is told where it stands."""
    changes, warnings = FAULTY[fault]
    entry = {**ENTRY, **changes}
    outcome = pipe(
        batch(entry, words=(str(entry["SpanishWord"]),)), ingest_batch, pipelines.checked_cards
    )
    (card,) = after(outcome)[CARDS]
    assert card.word == entry["SpanishWord"]
    problems = [problem for report in after(outcome).reports for problem in report.problems]
    assert [(problem.code, problem.where) for problem in problems] == warnings
    assert {problem.severity for problem in problems} <= {Severity.WARNING}


def test_an_impossible_entry_is_dropped_by_name_and_the_others_go_on() -> None:
    """A transcription without a sound, and gaps that hide two forms."""
    silent = {**ENTRY, "MeaningID": "silent", "IPA": "[ˈ.]"}
    torn = {
        **ENTRY,
        "MeaningID": "torn",
        "ExampleSentence": "Unas casas y otras cosas.",
        "GappedSentence": "Unas _____ y _____ cosas.",
    }
    outcome = pipe(batch(ENTRY, silent, torn), ingest_batch, pipelines.checked_cards)
    assert [card.id for card in after(outcome)[CARDS]] == ["casa_home"]
    problems = [problem for report in after(outcome).reports for problem in report.problems]
    assert {(problem.code, problem.where) for problem in problems} >= {
        ("no-sound", "meanings[casa_silent].ipa"),
        ("no-gap", "cards[casa_torn].Gapped"),
    }


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage, for whatever stands in a batch."""
    check_stage(ingest_batch, examples=150)
