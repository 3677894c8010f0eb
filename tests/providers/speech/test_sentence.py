"""How a Spanish sentence sounds, by the rules of spelling alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.lexicon import Lexicon
from stages.providers.speech.kokoro import to_symbols
from stages.providers.speech.sentence import transcribed
from stages.records.brief import Brief

LEXICON = Lexicon()
SENTENCES = [
    one.example for word in LEXICON.words for one in LEXICON.meanings(word, Brief()).meanings
]


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("trabajo", "[tɾa.ˈβa.xo]"),
        ("El sol sale.", "[el ˈsol ˈsa.le]"),
        ("¿Dónde está la casa?", "[ˈdon.de es.ˈta la ˈka.sa]"),
        ("Sí, el té es para ti; para mí, no.", "[ˈsi | el ˈte ˈes pa.ɾa ˈti | pa.ɾa ˈmi | ˈno]"),
        ("«¡Ay!» — dijo él…", "[ˈaj | ˈdi.xo ˈel]"),
        (unicodedata.normalize("NFD", "El niño."), "[el ˈni.ɲo]"),
    ],
)
def test_a_sentence_is_its_words_in_phrases(text: str, ipa: str) -> None:
    """Words that lean on the next one have no stress, all others have one."""
    assert transcribed(text, "es-419") == ipa


def test_spain_lisps() -> None:
    """Its words are those of its region."""
    assert transcribed("Cinco zapatos.", "es-ES") == "[ˈθiŋ.ko θa.ˈpa.tos]"


@pytest.mark.parametrize("text", ["", "¿…?", "Tengo 3 gatos.", "El jazz suena.", "EE. UU. gana."])
def test_what_the_rules_do_not_know_is_not_guessed(text: str) -> None:
    """Digits, foreign words and abbreviations are left to a voice that reads."""
    assert transcribed(text, "es-419") == ""


@pytest.mark.parametrize("language", ["de", "pt-BR", "est", ""])
def test_another_language_has_other_rules(language: str) -> None:
    """They are not known here."""
    assert transcribed("casa", language) == ""


def test_every_example_of_the_embedded_lexicon_can_be_spoken() -> None:
    """Each phrase is within what the voice speaks at once."""
    for sentence in SENTENCES:
        ipa = transcribed(sentence, "es-419")
        assert ipa, sentence
        for phrase in ipa.strip("[]").split("|"):
            assert len(to_symbols(phrase)) < 64


@given(st.text())
def test_any_text_is_transcribed_or_not(text: str) -> None:
    """It never fails, and what it gives has no empty phrase."""
    ipa = transcribed(text, "es-419")
    assert not ipa or all(phrase.strip() for phrase in ipa.strip("[]").split("|"))
