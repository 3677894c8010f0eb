"""Meanings from a lexicon that lies on disk."""

import json
from collections import Counter
from pathlib import Path

import pytest

from stages import Context, Meaning, analyze_words, make_cards, pipe, validate_data, validate_ipa
from stages.providers.errors import BadAnswer, Denied, Misconfigured, NotFound
from stages.providers.lexicon import Lexicon
from stages.records.meaning import gapped_form
from tests.making import last

LEXICON = Lexicon()
EVERY = tuple(one for word in LEXICON.words for one in LEXICON.meanings(word, "es-419"))
ARTICLES = {"", "el", "la", "los", "las"}


def test_it_is_large_enough_to_be_an_example() -> None:
    """At least 60 words and 100 distinct meanings of Latin American Spanish."""
    assert LEXICON.language == "es-419"
    assert len(LEXICON.words) >= 60
    assert len(EVERY) >= 100


@pytest.mark.parametrize("word", ["ser", "estar", "por", "para", "llevar"])
def test_words_with_many_senses_have_several(word: str) -> None:
    """They are what a learner stumbles over."""
    assert len(LEXICON.meanings(word, "es-419")) >= 3


def test_every_card_id_is_unique() -> None:
    """One card a meaning."""
    assert [name for name, number in Counter(m.card_id for m in EVERY).items() if number > 1] == []


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.card_id)
def test_every_meaning_is_whole(one: Meaning) -> None:
    """The gap hides one form, the definition does without the word, and nothing required is empty."""
    form = gapped_form(one.example, one.gapped)
    assert form
    assert len(form.split()) <= len(one.word.split())
    assert one.word not in one.definition.casefold().split()
    assert one.article in ARTICLES
    assert one.ipa.startswith("[")
    assert one.prompt.isascii()
    assert one.word.casefold() not in one.prompt.casefold().split() or one.word in "a capital mango"
    assert not one.emoji or not one.emoji.isascii()
    assert all((one.id, one.context, one.definition, one.ipa, one.prompt))


PARTICLES = "sobre con de en a que como si ya más pero hasta desde entre sin por para derecho"
QUALITIES = "grande nuevo rojo frío feliz listo rico café ojo mañana tarde"
NO_NOUNS = {*PARTICLES.split(), *QUALITIES.split()}
"""Words that have a meaning without article, and are no verbs."""


def test_nouns_have_their_article() -> None:
    """What has none is a verb, a particle, a quality or an exclamation."""
    bare = {one.word for one in EVERY if not one.article}
    assert {word for word in bare if not word.endswith(("ar", "er", "ir", "ír"))} <= NO_NOUNS
    nouns = {one.word for one in EVERY if one.article}
    assert {"casa", "perro", "agua", "mano", "día", "llave", "estación"} <= nouns


def test_no_check_has_anything_to_remark() -> None:
    """Neither errors nor warnings, of transcriptions or of cards."""
    context = Context.of(words=LEXICON.words)
    outcome = pipe(context, analyze_words(analysis_provider=LEXICON), validate_ipa)
    assert last(outcome).problems == ()
    assert last(pipe(outcome, make_cards, validate_data)).problems == ()


def test_the_order_of_the_file_is_kept() -> None:
    """The most common meaning comes first, and the commonest words do."""
    assert [one.word for one in EVERY] == [
        word for word in LEXICON.words for _ in LEXICON.meanings(word, "es-419")
    ]


def test_a_word_that_is_not_in_it_is_not_found() -> None:
    """Nothing is invented; a word that is near is told."""
    with pytest.raises(NotFound) as caught:
        LEXICON.meanings("Casa", "es-419")
    assert (caught.value.why, caught.value.hint) == (
        "'Casa' is not in the lexicon",
        "did you mean 'casa'?",
    )
    with pytest.raises(NotFound):
        LEXICON.meanings("", "es-419")


def test_another_language_stops_the_run() -> None:
    """It says what is missing, plainly."""
    with pytest.raises(Misconfigured, match="this lexicon is of es-419, and de was asked for"):
        LEXICON.meanings("Haus", "de")


SENSE = {
    "id": "house",
    "context": "Gebäude",
    "definition": "worin man wohnt",
    "example": "Mein Haus ist rot.",
    "gapped": "Mein _____ ist rot.",
    "ipa": "[haʊ̯s]",
    "article": "das",
}


def saved(path: Path, **lexicon: object) -> Path:
    """Write a lexicon as a user would."""
    path.write_text(json.dumps({"language": "de", "words": {"Haus": [SENSE]}} | lexicon))
    return path


def test_a_lexicon_of_ones_own(tmp_path: Path) -> None:
    """A file of the same form, in any language, with or without a byte order mark."""
    path = saved(tmp_path / "de.json")
    for text in (path.read_bytes(), b"\xef\xbb\xbf" + path.read_bytes()):
        path.write_bytes(text)
        mine = Lexicon(path)
        assert (mine.language, mine.words) == ("de", ("Haus",))
        assert mine.meanings("Haus", "de") == (Meaning(word="Haus", language="de", **SENSE),)


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """Who mends a lexicon in an editor sees the change in a notebook."""
    path = saved(tmp_path / "de.json")
    assert Lexicon(path).words == ("Haus",)
    saved(path, words={"Tür": [SENSE], "Haus": [SENSE]})
    assert Lexicon(path).words == ("Tür", "Haus")


BROKEN = {
    "no JSON": ("{", "no JSON"),
    "no object": ("[]", "no object with 'language' and 'words'"),
    "no language": ('{"words": {}}', "no object with 'language' and 'words'"),
    "a language that is no text": ('{"language": 3, "words": {}}', "no object with 'language'"),
    "words in a list": ('{"language": "de", "words": []}', "no object with 'language' and 'words'"),
    "a word without meanings": ('{"language": "de", "words": {"Haus": []}}', "Haus: its meanings"),
    "meanings that are none": ('{"language": "de", "words": {"Haus": [3]}}', "Haus: its meanings"),
    "a word twice": ('{"language": "de", "words": {"A": [], "A": []}}', "stands twice"),
    "bytes that are no text": ("ni\xf1o", "no lexicon"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_no_lexicon(tmp_path: Path, fault: str) -> None:
    """`BadAnswer` names the file and the fault."""
    text, why = BROKEN[fault]
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadAnswer) as caught:
        Lexicon(path)
    assert caught.value.why.startswith("mine.json is no lexicon: ")
    assert why in caught.value.why


def test_every_fault_of_a_lexicon_is_named(tmp_path: Path) -> None:
    """Of every word, every meaning and every field."""
    words = {
        "eins": [{**SENSE, "ipa": 3, "colour": "red"}, {"id": "x"}],
        "zwei": [SENSE, SENSE],
        "drei": [SENSE],
        "vier": "vier",
    }
    with pytest.raises(BadAnswer) as caught:
        Lexicon(saved(tmp_path / "de.json", words=words))
    why = caught.value.why
    assert all(part in why for part in ("$[0].ipa", "colour", "definition", "zwei: two of its"))
    assert "vier: its meanings are no list" in why
    assert "drei" not in why


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """That is no broken lexicon; nor is a folder."""
    with pytest.raises(NotFound, match="is not there"):
        Lexicon(tmp_path / "none.json")
    with pytest.raises(Denied):
        Lexicon(tmp_path)
