"""Those who know how words are spoken: a person's own list, a lexicon, eSpeak NG."""

import os
import signal
import sys
import threading
import unicodedata
from pathlib import Path

import pytest

from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Misconfigured, NotFound, OtherLanguage, Unavailable
from stages.providers.lexicon import Lexicon
from stages.providers.pronunciations import (
    EspeakReferences,
    LexiconReferences,
    PronunciationFile,
    References,
)
from stages.providers.protocols import PronunciationProvider
from stages.records.verdict import Reference
from stages.testing import MemoryReferences


def listed(folder: Path, text: str | bytes, language: str = "") -> PronunciationFile:
    """Write a list and read it."""
    path = folder / "own.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return PronunciationFile(path, language)


def ipas(
    provider: PronunciationProvider, *words: str, language: str = "es-419"
) -> dict[str, list[str]]:
    """Ask for words, and give what is said of each."""
    known = provider.references(words, language)
    return {word: [one.ipa for one in some] for word, some in known.items()}


def test_a_list_gives_what_it_says(tmp_path: Path) -> None:
    """By word, every line of it, under the name of the file; nothing of any other word."""
    own = listed(tmp_path, "casa\t[ˈka.sa]\nmuy\t/muj/\nmuy\t/mwi/\nWeg\tveːk\n")
    assert own.references(["casa", "no"], "es-419") == {"casa": (Reference("[ˈka.sa]", "own.tsv"),)}
    assert ipas(own, "muy") == {"muy": ["/muj/", "/mwi/"]}
    assert own.references([], "de") == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"\xef\xbb\xbfni\xc3\xb1o\t[n]\r\n", id="mark and line ends of Windows"),
        pytest.param("# remark\n\n  \nniño\t[n]", id="remarks and blank lines"),
        pytest.param("nin\u0303o\t[n]\n", id="decomposed"),
        pytest.param(" niño \t [n] \n", id="blanks around"),
        pytest.param("Niño\t[n]\n", id="another case"),
    ],
)
def test_a_list_is_read_however_it_was_saved(tmp_path: Path, text: str | bytes) -> None:
    """And a word is found however it is composed."""
    own = listed(tmp_path, text)
    for word in ("niño", unicodedata.normalize("NFD", "niño")):
        assert ipas(own, word) == {word: ["[n]"]}


def test_case_matters_where_a_list_says_so(tmp_path: Path) -> None:
    """German Weg and weg are two words."""
    own = listed(tmp_path, "Weg\t[veːk]\nweg\t[vɛk]\nHaus\t[haʊ̯s]\n")
    assert ipas(own, "Weg", "weg") == {"Weg": ["[veːk]"], "weg": ["[vɛk]"]}
    assert ipas(own, "haus", "WEG") == {"haus": ["[haʊ̯s]"], "WEG": ["[veːk]", "[vɛk]"]}


def test_several_transcriptions_may_stand_on_a_line(tmp_path: Path) -> None:
    """As in the dictionaries that are about; a comma inside one parts nothing."""
    own = listed(tmp_path, "muy\t/muj/, /mwi/\nabc\t[a,b]\n")
    assert ipas(own, "muy", "abc") == {"muy": ["/muj/", "/mwi/"], "abc": ["[a,b]"]}


def test_a_list_may_be_of_one_language(tmp_path: Path) -> None:
    """Of any region; where nothing is said, it answers for all."""
    own = listed(tmp_path, "casa\t[ˈka.sa]\n", "es-419")
    assert ipas(own, "casa", language="es-ES") == {"casa": ["[ˈka.sa]"]}
    with pytest.raises(OtherLanguage, match=r"this list is of es-419, and it was asked for"):
        own.references(["casa"], "it")


def test_faults_of_a_list_are_named_by_their_lines(tmp_path: Path) -> None:
    """With what a line should be; the first five, and how many more."""
    with pytest.raises(BadAnswer) as caught:
        listed(tmp_path, "# fine\ncasa [ˈka.sa]\n\t[a]\nser\t \nser\t[seɾ]\n" + "x\n" * 4)
    assert caught.value.why == (
        "own.tsv is no list of pronunciations: line 2 has no tab between word and IPA; "
        "line 3 has no word; line 4 has no IPA; line 6 has no tab between word and IPA; "
        "line 7 has no tab between word and IPA, and 2 more"
    )
    assert caught.value.hint == "a line is a word, a tab, and its IPA: casa\t[ˈka.sa]"


def test_a_list_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Where it is no text, and where it is not there."""
    with pytest.raises(BadAnswer, match="line 2 is no UTF-8 text"):
        listed(tmp_path, b"casa\t[a]\nni\xf1o\t[a]\n")
    with pytest.raises(NotFound):
        PronunciationFile(tmp_path / "none.tsv")


def test_several_are_asked_in_their_order() -> None:
    """What two say alike stands there once; one without the language is passed over."""
    first = MemoryReferences({"casa": [Reference("[ˈka.sa]", "first")]})
    german = MemoryReferences({"casa": [Reference("[x]", "german")]}, language="de")
    last = MemoryReferences(
        {"casa": [Reference("[ˈka.sa]", "last"), Reference("[ˈka.za]", "last")], "ser": []}
    )
    assert References(first, german, last).references(["casa", "ser"], "es-419") == {
        "casa": (Reference("[ˈka.sa]", "first"), Reference("[ˈka.za]", "last"))
    }


def test_a_language_that_none_has_is_said() -> None:
    """As one alone says it; nobody to ask is a slip."""
    with pytest.raises(OtherLanguage, match="it was asked for"):
        References(MemoryReferences(), MemoryReferences(language="de")).references(["a"], "it")
    with pytest.raises(ValueError, match="at least one"):
        References()


def test_any_other_trouble_is_handed_on() -> None:
    """It is no matter of languages."""
    broken = MemoryReferences(failures={"es-419": Unavailable("dead")})
    with pytest.raises(Unavailable):
        References(MemoryReferences(), broken).references(["a"], "es-419")


def test_a_lexicon_gives_the_ipa_of_its_words() -> None:
    """That of all meanings, once; a word that it does not have is left out."""
    known = LexiconReferences(Lexicon(), "the lexicon").references(["casa", "xyz"], "es-419")
    assert known == {"casa": (Reference("[ˈka.sa]", "the lexicon"),)}
    with pytest.raises(OtherLanguage):
        LexiconReferences(Lexicon(), "the lexicon").references(["casa"], "de")


@pytest.fixture(scope="module")
def espeak() -> EspeakReferences:
    """The engine of Latin American Spanish, which has many tests to speak for."""
    return EspeakReferences()


@pytest.mark.parametrize(
    ("word", "ipa"),
    [
        ("casa", "kˈasa"),
        ("silla", "sˈiʝa"),
        ("hielo", "ʝˈelo"),
        ("llamar", "ʝamˈaɾ"),
        ("aire", "ˈaiɾe"),
        ("Europa", "euɾˈopa"),
        ("rápidamente", "rapiðamˈente"),
        ("tener que", "tenˈeɾ kˈe"),
        ("¿qué?", "kˈe"),
    ],
)
def test_espeak_writes_spanish_as_others_do(espeak: EspeakReferences, word: str, ipa: str) -> None:
    """Its habits are mended: jj, diphthongs in other letters, two stresses in a word."""
    assert espeak.references([word], "es-419") == {word: (Reference(ipa, "espeak-ng"),)}


@pytest.mark.parametrize("word", ["", " ", "...", "ADN", "K2", "23", "\x00", "\ud800"])
def test_espeak_leaves_out_what_is_not_read_as_it_is_spelled(
    espeak: EspeakReferences, word: str
) -> None:
    """And what has no letter in it."""
    assert espeak.references([word], "es-419") == {}


def test_espeak_reads_ten_thousand_words_each_as_its_own(espeak: EspeakReferences) -> None:
    """In their order, whatever lines and blanks are in them."""
    words = [
        f"{'aeiou'[n % 5]}{'bdfgklmn'[n % 8]}a{'x' * (n % 3)}{' ' * (n % 2)}o" for n in range(40)
    ]
    words += ["ca\nsa", "a\tb", "casa\u2028perro"]
    alone = {word: ipas(espeak, word).get(word) for word in words}
    assert all(alone.values())
    assert ipas(espeak, *words * 240) == alone


@pytest.mark.parametrize(
    ("language", "word", "ipa"),
    [
        ("es-ES", "corazón", "koɾaθˈon"),
        ("es-MX", "corazón", "koɾasˈon"),
        ("de", "Baby", "bˈeɪbi"),
        ("de-AT", "Vater", "fˈaːtɐ"),
        ("fr", "maison", "mɛzˈɔ̃"),
        ("it", "pizza", "pˈitsːa"),
        ("pt-BR", "leite", "lˈeɪtʃi"),
    ],
)
def test_espeak_reads_other_languages(language: str, word: str, ipa: str) -> None:
    """Where it does not have the region, it reads that of the language; Mexico is no Castile."""
    assert ipas(EspeakReferences(language), word, language=language) == {word: [ipa]}


def test_a_language_that_espeak_does_not_have_is_said(espeak: EspeakReferences) -> None:
    """When it is started, and when it is asked."""
    with pytest.raises(OtherLanguage, match="eSpeak NG does not speak 'xx'"):
        EspeakReferences("xx")
    with pytest.raises(OtherLanguage, match="eSpeak NG reads es-419 here, and de was asked for"):
        espeak.references(["Haus"], "de")


def test_without_espeak_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once; neither sound nor numbers are needed."""
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert EspeakReferences()
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(Misconfigured, match=r'pip install "fluent-stages\[espeak\]"'):
        EspeakReferences()


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_crash_of_espeak_does_not_take_the_program_down() -> None:
    """It is a trouble of now; the next asking gets a fresh process."""
    espeak = EspeakReferences()
    process = espeak._workers._idle[-1]._process.pid
    os.kill(process, signal.SIGSTOP)
    killer = threading.Timer(0.2, os.kill, (process, signal.SIGKILL))
    killer.start()
    with pytest.raises(ProviderError, match="was ended by SIGKILL"):
        espeak.references(["casa"], "es-419")
    killer.join()
    assert ipas(espeak, "casa") == {"casa": ["kˈasa"]}
