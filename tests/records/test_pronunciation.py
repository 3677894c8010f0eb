"""How Spanish spelling sounds."""

import re
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stages.records.pronunciation import also_pronounced, guessed, pronounced, syllables
from stages.validation.ipa import judge

RULES = {
    "one syllable has no mark": ("sol", "[sol]"),
    "nor with an accent that tells words apart": ("más", "[mas]"),
    "a single vowel is a word": ("o", "[o]"),
    "stress last but one after a vowel": ("casa", "[ˈka.sa]"),
    "stress last but one after n": ("examen", "[ek.ˈsa.men]"),
    "stress last but one after s": ("lunes", "[ˈlu.nes]"),
    "stress last after another consonant": ("ciudad", "[sju.ˈðað]"),
    "stress last after two consonants": ("robots", "[ro.ˈβots]"),
    "stress last after a final y": ("virrey", "[bi.ˈrej]"),
    "stress where the accent is": ("música", "[ˈmu.si.ka]"),
    "stress on -mente, not on the accent": ("rápidamente", "[ra.pi.ða.ˈmen.te]"),
    "c before e": ("cena", "[ˈse.na]"),
    "c before an accented vowel": ("fácil", "[ˈfa.sil]"),
    "c elsewhere": ("cuenta", "[ˈkwen.ta]"),
    "cc": ("acción", "[ak.ˈsjon]"),
    "sc before e is one s": ("escena", "[e.ˈse.na]"),
    "xc before e is one s": ("excelente", "[ek.se.ˈlen.te]"),
    "z": ("corazón", "[ko.ɾa.ˈson]"),
    "ch": ("noche", "[ˈno.tʃe]"),
    "qu": ("queso", "[ˈke.so]"),
    "qu before o": ("quórum", "[ˈkwo.ɾum]"),
    "k": ("kilo", "[ˈki.lo]"),
    "w": ("kiwi", "[ˈki.wi]"),
    "g before i": ("mágico", "[ˈma.xi.ko]"),
    "gu before i": ("guitarra", "[ɡi.ˈta.ra]"),
    "gu before a": ("agua", "[ˈa.ɣwa]"),
    "gü": ("pingüino", "[piŋ.ˈɡwi.no]"),
    "j": ("trabajo", "[tɾa.ˈβa.xo]"),
    "final j": ("reloj", "[re.ˈlox]"),
    "ll": ("llave", "[ˈʝa.βe]"),
    "final ll": ("Sabadell", "[sa.βa.ˈðel]"),
    "y before a vowel": ("mayo", "[ˈma.ʝo]"),
    "y after a consonant": ("cónyuge", "[ˈkon.ʝu.xe]"),
    "final y": ("muy", "[muj]"),
    "y by itself": ("y", "[i]"),
    "y for a vowel": ("curry", "[ˈku.ri]"),
    "hi before a vowel": ("hielo", "[ˈʝe.lo]"),
    "hi after a consonant": ("deshielo", "[des.ˈʝe.lo]"),
    "hu before a vowel": ("huevo", "[ˈwe.βo]"),
    "hu after a consonant": ("deshuesar", "[des.we.ˈsaɾ]"),
    "hu between vowels": ("cacahuete", "[ka.ka.ˈwe.te]"),
    "h is silent": ("zanahoria", "[sa.na.ˈo.ɾja]"),
    "h parts no diphthong": ("ahijado", "[aj.ˈxa.ðo]"),
    "h after a consonant": ("inhalar", "[i.na.ˈlaɾ]"),
    "x between vowels": ("taxi", "[ˈtak.si]"),
    "x before a consonant": ("texto", "[ˈteks.to]"),
    "initial x": ("xilófono", "[si.ˈlo.fo.no]"),
    "x of old in a name": ("México", "[ˈme.xi.ko]"),
    "x of old in what comes of a name": ("oaxaqueño", "[o.a.xa.ˈke.ɲo]"),
    "rr": ("perro", "[ˈpe.ro]"),
    "single r": ("pero", "[ˈpe.ɾo]"),
    "initial r": ("rojo", "[ˈro.xo]"),
    "r after n": ("honra", "[ˈon.ra]"),
    "r after l": ("alrededor", "[al.re.ðe.ˈðoɾ]"),
    "r after s": ("israelí", "[is.ra.e.ˈli]"),
    "r after sub-": ("subrayar", "[suβ.ra.ˈʝaɾ]"),
    "ñ": ("niño", "[ˈni.ɲo]"),
    "a beginning that is not said": ("psicología", "[si.ko.lo.ˈxi.a]"),
    "a vowel before an initial s": ("status", "[es.ˈta.tus]"),
    "that vowel is never stressed": ("spa", "[es.ˈpa]"),
    "final ng": ("ranking", "[ˈraŋ.kin]"),
    "final ck": ("rock", "[rok]"),
    "a weak vowel before another": ("tiempo", "[ˈtjem.po]"),
    "a weak vowel after another": ("causa", "[ˈkaw.sa]"),
    "a weak vowel on both sides": ("buey", "[bwej]"),
    "a weak vowel between two others": ("paranoia", "[pa.ɾa.ˈno.ja]"),
    "the first of two weak vowels": ("viuda", "[ˈbju.ða]"),
    "the accent on the second": ("cuídate", "[ˈkwi.ða.te]"),
    "an accented weak vowel": ("baúl", "[ba.ˈul]"),
    "an accented weak vowel after h": ("búho", "[ˈbu.o]"),
    "strong vowels": ("leer", "[le.ˈeɾ]"),
    "two like weak vowels": ("chiita", "[tʃi.ˈi.ta]"),
    "a consonant and l": ("hablar", "[a.ˈβlaɾ]"),
    "t and l": ("atlas", "[ˈa.tlas]"),
    "not d and l": ("adlátere", "[að.ˈla.te.ɾe]"),
    "a consonant and r": ("padre", "[ˈpa.ðɾe]"),
    "two consonants before two": ("construir", "[kons.ˈtɾwiɾ]"),
    "b after m": ("cambio", "[ˈkam.bjo]"),
    "v after n": ("enviar", "[em.ˈbjaɾ]"),
    "n before m": ("inmenso", "[im.ˈmen.so]"),
    "b after l": ("alba", "[ˈal.βa]"),
    "d after n": ("grande", "[ˈɡɾan.de]"),
    "d after l": ("falda", "[ˈfal.da]"),
    "d after r": ("tarde", "[ˈtaɾ.ðe]"),
    "g after n": ("tengo", "[ˈteŋ.ɡo]"),
    "g after l": ("algo", "[ˈal.ɣo]"),
    "n before j": ("monja", "[ˈmoŋ.xa]"),
    "n before c": ("banco", "[ˈbaŋ.ko]"),
    "n before qu": ("tanque", "[ˈtaŋ.ke]"),
    "several words, each by itself": (" tener\tque ", "[te.ˈneɾ ke]"),
    "stops begin each word": ("buenos días", "[ˈbwe.nos ˈdi.as]"),
}

UNKNOWN = {
    "nothing": "",
    "blanks": " \n",
    "a letter": "b",
    "an abbreviation without a vowel": "km",
    "an abbreviation with a full stop": "etc.",
    "an abbreviation that ends as no word does": "etc",
    "digits": "4x4",
    "punctuation": "¿qué?",
    "a hyphen": "franco-alemán",
    "another script": "дом",
    "a letter of another language": "façade",
    "a dieresis without g": "Müller",
    "two accents": "máquína",
    "a double consonant": "pizza",
    "ph": "Philip",
    "th": "Elizabeth",
    "initial sh": "show",
    "ck in the middle": "hockey",
    "w before a consonant": "Newton",
    "y between consonants": "byte",
    "q without u": "Qatar",
    "more consonants than are said": "Schmidt",
    "one known and one unknown word": "música jazz",
}

LETTERS = "abcdefghijklmnñopqrstuvwxyzáéíóúü"
ONSETS = [
    *"bcdfgjlmnprstvyz",
    "ch",
    "ll",
    "ñ",
    "qu",
    "gu",
    "hu",
    "br",
    "cl",
    "dr",
    "fl",
    "gr",
    "tr",
]
PLAIN = dict(zip("áéíóú", "aeiou", strict=True))

onsets = st.sampled_from(ONSETS)
nuclei = st.sampled_from(["e", "i", "é", "ie", "ei"])
"""Those before which every onset makes a syllable."""
open_syllables = st.lists(st.tuples(onsets, nuclei).map("".join), min_size=1, max_size=5)
first = st.sampled_from([*ONSETS, "", "", "x", "h", "k", "w", "pr", "bl"])
last = st.sampled_from(["", "", "", "", "n", "s", "r", "l", "d", "z", "y", "ns"])
weak = st.sampled_from([*"aeiouaeiou", "ia", "ie", "ue", "ai", "eu", "ui", "iu", "uai"])
strong = st.sampled_from([*"áéíóú", "ié", "uá", "ói", "uí"])
before = after = st.lists(st.tuples(first, weak, last).map("".join), max_size=2).map("".join)
accented_words = st.tuples(before, first, strong, last, after).map("".join)
words = st.tuples(before, first, weak, last, after).map("".join) | accented_words


@pytest.mark.parametrize(("word", "ipa"), RULES.values(), ids=RULES)
def test_spelling_tells_the_sound(word: str, ipa: str) -> None:
    """Letters, glides, syllables, stress and neighbours are said as the rules have it."""
    assert pronounced(word) == ipa


@pytest.mark.parametrize("word", UNKNOWN.values(), ids=UNKNOWN)
def test_what_the_rules_do_not_know_stays_empty(word: str) -> None:
    """No pronunciation is better than a wrong one."""
    assert pronounced(word) == ""


@pytest.mark.parametrize("language", ["es", "es-419", "es-MX", "ES-ar"])
def test_spanish_is_american(language: str) -> None:
    """Every tag of Spanish but Spain's has one sound for s, c and z."""
    assert pronounced("cazos escena", language) == "[ˈka.sos e.ˈse.na]"


def test_spain_tells_c_and_z_from_s() -> None:
    """The two sounds also stand side by side; ll is said like y."""
    assert pronounced("cazos excelente calle", "es-ES") == "[ˈka.θos eks.θe.ˈlen.te ˈka.ʝe]"


@pytest.mark.parametrize("language", ["", "de", "est", "pt-BR", "en-ES", "ast"])
def test_other_languages_have_other_rules(language: str) -> None:
    """Nothing is said of another language, not of one whose tag begins alike either."""
    assert pronounced("casa", language) == ""


@given(st.text() | st.text(LETTERS + " "), st.text() | st.sampled_from(["es", "es-ES"]))
def test_any_text_is_well_formed_or_unknown(text: str, language: str) -> None:
    """Whatever is asked, an answer is either empty or good IPA."""
    ipa = pronounced(text, language)
    assert not ipa or judge(text, ipa, language).verdict == "ok"


@given(open_syllables)
def test_plain_syllables_are_known(spelled: list[str]) -> None:
    """A word of consonants and vowels in turn is Spanish, unless it has two accents."""
    word = "".join(spelled)
    assert bool(pronounced(word)) == (word.count("é") < 2)


@given(words)
def test_syllables_have_one_vowel_each_and_words_one_stress(word: str) -> None:
    """Dots part the vowels, and a mark stands where there is a choice, before a syllable."""
    assume(ipa := pronounced(word))
    spoken = ipa.strip("[]").split(".")
    assert [len(re.findall("[aeiou]", syllable)) for syllable in spoken] == [1] * len(spoken)
    stressed = [syllable for syllable in spoken if "ˈ" in syllable]
    assert len(stressed) == (len(spoken) > 1)
    assert all(syllable.startswith("ˈ") for syllable in stressed)


@given(accented_words)
@example("órgano")
@example("amárais")
def test_a_written_accent_is_heard(word: str) -> None:
    """The accented vowel is stressed, with as many syllables after it as are written."""
    assume("." in (ipa := pronounced(word)) and not word.endswith("mente"))
    _, accent, rest = re.split("([áéíóú])", word)
    stressed, *others = ipa.strip("[]").partition("ˈ")[2].split(".")
    assert re.findall("[aeiou]", stressed) == [PLAIN[accent]]
    assert len(others) == pronounced(f"pá{rest}").count(".")


@given(words | st.text(LETTERS))
def test_neither_case_nor_composition_matters(word: str) -> None:
    """A word may be in capitals, and its accents apart from their letters."""
    assert pronounced(unicodedata.normalize("NFD", word.upper())) == pronounced(word)


GUESSES = {
    "h may be said": ("hockey", ["[o.ˈkej]", "[xo.ˈkej]"]),
    "sh": ("show", ["[ʃow]"]),
    "j as in English": ("jazz", ["[xas]", "[ʝas]"]),
    "w for b": ("wagneriano", ["[waɣ.ne.ˈɾja.no]", "[baɣ.ne.ˈɾja.no]"]),
    "with or without a vowel before s": ("spam", ["[es.ˈpam]", "[spam]"]),
    "ph and th": ("Philip", ["[fi.ˈlip]"]),
    "letters of other languages": ("Barça", ["[ˈbaɾ.sa]"]),
    "letter by letter": ("FM", ["[fm]", "[e.fe.ˈe.me]"]),
    "a letter": ("b", ["[b]", "[be]"]),
    "what is no syllable has no stress": ("kvas", ["[kβas]"]),
    "figures are read in any way": ("4x4", []),
}


@pytest.mark.parametrize(("word", "ways"), GUESSES.values(), ids=GUESSES)
def test_a_foreign_spelling_is_read_in_several_ways(word: str, ways: list[str]) -> None:
    """None of them is sure, and the likeliest is first."""
    assert set(ways) <= set(guessed(word))
    assert guessed(word)[:1] == tuple(ways[:1])


def test_no_other_language_is_guessed() -> None:
    """Nor is Spain's read as America's."""
    assert guessed("hockey", "de") == ()
    assert "[ˈpi.θa]" in guessed("pizza", "es-ES")
    assert "[ˈpi.sa]" in guessed("pizza")


OTHERWISE = {
    "two like vowels with h": ("alcohol", "[al.ˈkol]"),
    "trans-": ("transporte", "[tɾas.ˈpoɾ.te]"),
    "post-": ("postponer", "[pos.po.ˈneɾ]"),
    "bs before a consonant": ("obscuro", "[os.ˈku.ɾo]"),
    "pt after s": ("septiembre", "[se.ˈtjem.bɾe]"),
    "abr- of two parts": ("abrogar", "[aβ.ro.ˈɣaɾ]"),
    "io- in two syllables": ("iónico", "[i.ˈo.ni.ko]"),
}


@pytest.mark.parametrize(("word", "ipa"), OTHERWISE.values(), ids=OTHERWISE)
def test_some_words_are_said_in_two_ways(word: str, ipa: str) -> None:
    """As the rules have them, and as many say."""
    assert also_pronounced(word) == (ipa,)
    assert pronounced(word) not in ("", ipa)


@given(words | st.text(LETTERS))
def test_most_words_are_said_in_one_way(word: str) -> None:
    """What many say is well formed, and never the same again."""
    for ipa in also_pronounced(word):
        assert ipa != pronounced(word)
        assert judge(word, ipa).verdict == "ok"


@given(words)
def test_syllables_are_those_of_the_rules(word: str) -> None:
    """Sounds without marks are parted as the rules part them; but for hu, which begins one."""
    assume("hu" not in word and (ipa := pronounced(word)))
    spoken = ipa.strip("[]").replace("ˈ", "").replace("tʃ", "ʧ")
    assert syllables(spoken.replace(".", "")) == tuple(spoken.split("."))


def test_what_is_no_syllable_is_not_parted() -> None:
    """Too many consonants in a row, or none but them."""
    assert syllables("kɾstɾa") == syllables("s") == ()
