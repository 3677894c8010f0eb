"""The door at which an entry becomes a meaning, or is told why not."""

import unicodedata
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stages import FrozenMap, Meaning, Severity
from stages.records.entry import entry_of, fault_of, fields_of, judged, shown, told_fields, word_of
from stages.records.ipa import in_ipa_letters
from stages.records.meaning import GAP, gapped_form
from stages.records.word import is_whole
from stages.testing import frozen_json, texts
from tests.making import meaning

ENTRY: FrozenMap[str, Any] = FrozenMap(entry_of(meaning("casa")))
LANGUAGES = st.sampled_from(("es-419", "de", "x-any", ""))

HALF = st.sampled_from(("\ud800", "roto \udc00", "a\ud83d b"))
ODD = st.one_of(
    st.sampled_from((" casa ", "ni\u0301n\u0303o", "a_b", "_", "__ x", "a\nb", "\u200b", "\u00a0")),
    st.sampled_from((GAP, f"{GAP} {GAP}", "______", f"Digo {GAP} otra vez.", "Digo casa")),
    st.text(st.sampled_from("aá_ -.'´ñ\u0301\u0316\u0f73\n"), max_size=80),
    st.builds(lambda mark, number: "a" + mark * number, st.sampled_from("\u0301\u0316"), st.integers(0, 99)),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = texts() | ODD | HALF | frozen_json()
NAMES = st.sampled_from((*told_fields("es"), *told_fields("de")))
ENTRIES: st.SearchStrategy[Any] = st.one_of(
    st.dictionaries(NAMES | texts() | HALF, VALUES, max_size=5).map(
        lambda changed: FrozenMap({**ENTRY, **changed})
    ),
    st.dictionaries(NAMES | texts(), VALUES, max_size=9).map(FrozenMap),
    frozen_json(),
)


@given(ENTRIES, LANGUAGES)
def test_whatever_an_entry_is_it_becomes_a_meaning_or_an_error(entry: Any, language: str) -> None:
    """Never both, never neither, and every problem can be printed and names its entry."""
    found, problems = judged(entry, "meanings[7]", language=language)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert (found is None) == bool(errors)
    for problem in problems:
        assert problem.where.startswith("meanings[7]")
        assert len(str(problem)) < 600
        assert is_whole(str(problem))


@given(ENTRIES, LANGUAGES)
@example({**ENTRY, "IPA": "\u200b"}, "es-419")
@example({**ENTRY, "IPA": "[a] \u200b"}, "es-419")
def test_what_comes_out_is_tidy(entry: Any, language: str) -> None:
    """Whole composed texts without blanks at their ends, IPA letters, and a gap that fits or is left."""
    found, _ = judged(entry, "", language=language)
    if found is None:
        return
    for text in attrs.astuple(found):
        assert is_whole(text)
        assert unicodedata.is_normalized("NFC", text)
        assert text == " ".join(text.split())
    assert all((found.word, found.id, found.context, found.definition, found.example, found.ipa))
    assert found.ipa == in_ipa_letters(found.ipa)
    assert gapped_form(found.example, found.gapped) or GAP in found.gapped
    assert found.language == language


@given(ENTRIES, LANGUAGES)
@example({**ENTRY, "IPA": "\u200b"}, "es-419")
def test_what_came_out_goes_in_again_unchanged(entry: Any, language: str) -> None:
    """A meaning that was written into a file is read back, with nothing to remark."""
    found, _ = judged(entry, "", language=language)
    if found:
        assert judged(entry_of(found), "", language=language) == (found, ())


LETTERS = st.characters(categories=("Lu", "Ll", "Lo", "Nd"))
WORD = st.text(LETTERS, min_size=1, max_size=8).map(lambda text: unicodedata.normalize("NFC", text))
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)


@given(st.data())
def test_a_well_formed_meaning_of_any_script_is_read_as_it_is(data: st.DataObject) -> None:
    """Written as an entry and judged it is the same, whatever the fields hold."""
    before, after, form = data.draw(LINE), data.draw(LINE), data.draw(WORD)
    one = Meaning(
        word=data.draw(LINE),
        id=data.draw(
            st.text("abcxyz_-09", min_size=1).filter(lambda name: name == name.strip("_"))
        ),
        context=data.draw(LINE),
        definition=data.draw(LINE),
        example=f"{before} {form}, {after}",
        gapped=f"{before} {GAP}, {after}",
        ipa="[ˈka.sa]",
        prompt=data.draw(st.just("") | LINE),
        emoji=data.draw(st.sampled_from(("", "🏠", "👩‍🚀"))),
        article=data.draw(st.just("") | WORD),
        note=data.draw(st.just("") | LINE),
        language="x-any",
    )
    assert judged(entry_of(one), "", language="x-any") == (one, ())


def test_a_missing_pronunciation_is_asked_for() -> None:
    """Of the word alone, and only where the entry does not say it."""
    asked: list[str] = []

    def ipa_of(word: str) -> str:
        asked.append(word)
        return "[x]"

    told, _ = judged(ENTRY, "", language="es", ipa_of=ipa_of)
    assert told
    assert (told.ipa, asked) == ("[ˈka.sa]", [])
    for value in ("", "  ", None):
        found, problems = judged(ENTRY.put("IPA", value), "", language="es", ipa_of=ipa_of)
        assert found
        assert (found.ipa, problems) == ("[x]", ())
    assert asked == ["casa"] * 3


def test_an_entry_has_to_be_an_object() -> None:
    """What it is instead is told in the words of JSON."""
    kinds = {
        None: "null", "casa": "a text", True: "true or false", 3: "a number", 1.5: "a number",
        ("casa",): "a list",
    }  # fmt: skip
    for value, kind in kinds.items():
        _, (problem,) = judged(value, "meanings[0]", language="es")
        assert (problem.code, problem.where) == ("bad-entry", "meanings[0]")
        assert problem.why == f"an entry is an object with fields, and this is {kind}"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(0, "a text was expected, and 0 found", id="zero"),
        pytest.param(False, "a text was expected, and False found", id="false"),
        pytest.param((), "a text was expected, and () found", id="an empty list"),
        pytest.param("a\ud800", "it holds half a character", id="half a character"),
        pytest.param("x" * 4_001, "it has 4001 characters, and at most 4000 are read", id="a book"),
        pytest.param("a" + "\u0316\u0301" * 16, "more than 30 accents stand on one letter", id="piled"),
    ],
)  # fmt: skip
def test_what_is_no_text_of_a_card_is_told(value: object, why: str) -> None:
    """In a field that may be left out as well, and once."""
    for name in ("Emoji", "MonolingualDef"):
        found, (problem,) = judged(ENTRY.put(name, value), "meanings[0]", language="es")
        assert found is None
        assert (problem.code, problem.where, problem.why) == (
            "bad-entry",
            f"meanings[0].{name}",
            why,
        )


def test_underscores_of_a_context_are_blanks_and_leave_none_at_its_ends() -> None:
    """As models write it: comparative_degree."""
    found, _ = judged(ENTRY.put("MeaningContext", "_más_alto__que_"), "", language="es")
    assert found
    assert found.context == "más alto que"


def test_a_gap_is_not_made_where_the_sentence_would_be_too_long() -> None:
    """`bad-entry`: it could not be read back."""
    entry = ENTRY.put("ExampleSentence", "casa " * 799 + "casa").put("GappedSentence", "")
    found, (problem,) = judged(entry, "meanings[0]", language="es")
    assert found is None
    assert problem.where == "meanings[0].GappedSentence"


def test_a_field_that_nobody_reads_is_named_so_that_it_can_be_printed() -> None:
    """Cut, and without half characters and signs to the terminal."""
    entry = ENTRY.put("\ud800", 1).put("\x1b[31m", 1).put("x" * 99, 1)
    _, problems = judged(entry, "m", language="es")
    assert [problem.where for problem in problems] == ["m.\\ud800", "m.\\x1b[31m", f"m.{'x' * 60}"]
    assert shown("Größe") == "Größe"


def test_the_word_of_an_entry_is_told_whatever_it_is() -> None:
    """Tidied; nothing where it says none, or nothing that is a word."""
    assert word_of({"SpanishWord": " nin\u0303o"}) == "niño"
    assert word_of({"Word": "a", "SpanishWord": "b"}) == "a"
    for nothing in ({}, {"Word": 3}, {"Word": None}, {"Word": "\ud800"}, None, "casa", ("casa",)):
        assert word_of(nothing) == ""


def test_a_value_of_null_is_none() -> None:
    """As where the field was left out."""
    assert fields_of({"Word": None, "IPA": "x", "other": None}) == ({"ipa": "x"}, {"other": None})


def test_thirty_accents_are_borne() -> None:
    """More than any script needs, and few enough to be put in order."""
    assert fault_of("e" + "\u0316\u0301" * 15) == ""
    assert fault_of("कर्त्तव्य हृद्य ที่นั่น שָׁלוֹם مُحَمَّدٌ") == ""
