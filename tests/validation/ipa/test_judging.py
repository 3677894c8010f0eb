"""Is a transcription what its word sounds like?"""

import pytest

from stages.records.verdict import IpaVerdict, Reference
from stages.validation.ipa import judge


def codes(given: IpaVerdict) -> list[str]:
    """Give the codes of its reasons."""
    return [reason.code for reason in given.reasons]


RIGHT = {
    "house style": ("trabajo", "[tɾa.ˈβa.xo]"),
    "without dots": ("trabajo", "[tɾaˈβaxo]"),
    "without brackets": ("trabajo", "tɾa.ˈβa.xo"),
    "stops for soft sounds": ("trabajo", "/tɾa.ˈba.xo/"),
    "narrow signs": ("trabajo", "[t̪ɾa.ˈβ̞a.xo]"),
    "nasal vowels": ("corazón", "[ko.ɾa.ˈsõn]"),
    "n where n stands": ("banco", "[ˈban.ko]"),
    "n before b": ("enviar", "[en.ˈbjaɾ]"),
    "n before f": ("enfermo", "[eɱ.ˈfeɾ.mo]"),
    "final ŋ": ("pan", "[paŋ]"),
    "final m": ("álbum", "[ˈal.βun]"),
    "voiced s": ("mismo", "[ˈmiz.mo]"),
    "voiced k before s": ("taxi", "[ˈtaɡ.si]"),
    "a voiceless end": ("ciudad", "[sju.ˈdat]"),
    "a tie": ("chico", "[ˈt͡ʃi.ko]"),
    "a vowel for a glide": ("aire", "[ˈai̯.ɾe]"),
    "the stop of y": ("yo", "[ɟ͡ʝo]"),
    "a glide for y": ("mayo", "[ˈma.jo]"),
    "h for x": ("jefe", "[ˈhe.fe]"),
    "length": ("casa", "[ˈkaː.sa]"),
    "weak stress": ("rápidamente", "[ˌra.pi.ða.ˈmen.te]"),
    "both stresses of an adverb": ("rápidamente", "[ˈra.pi.ða.ˈmen.te]"),
    "t and l in two syllables": ("atlas", "[ˈat.las]"),
    "sub and l": ("sublunar", "[suβ.lu.ˈnaɾ]"),
    "a hiatus that many say": ("cruel", "[kɾu.ˈel]"),
    "a hiatus of a prefix": ("reunir", "[re.u.ˈniɾ]"),
    "a mark on one syllable": ("sol", "[ˈsol]"),
    "fewer sounds than letters": ("alcohol", "[al.ˈkol]"),
    "several words": ("tener que", "[te.ˈneɾ ke]"),
    "several words in one breath": ("a veces", "[aˈβeses]"),
    "a reflexive in brackets": ("lavar(se)", "[la.ˈβaɾ.se]"),
    "or without it": ("lavar(se)", "[la.ˈβaɾ]"),
    "a clitic": ("dámelo", "[ˈda.me.lo]"),
    "an ending": ("-mente", "[ˈmen.te]"),
    "both genders": ("amigo/a", "[a.ˈmi.ɣo]"),
    "the other gender": ("amigo/a", "[a.ˈmi.ɣa]"),
    "each of both genders": ("amigo/a", "[a.ˈmi.ɣo / a.ˈmi.ɣa]"),
    "without its article": ("la casa", "[ˈka.sa]"),
    "a question": ("¿qué?", "[ke]"),
    "dots for what is left out": ("ni... ni", "[ni ni]"),
    "a hyphen": ("franco-alemán", "[fɾaŋ.ko.a.le.ˈman]"),
    "the names of letters": ("ONU", "[o.e.ne.ˈu]"),
    "an acronym as a word": ("ONU", "[ˈo.nu]"),
    "a loanword": ("hockey", "[xo.ˈkej]"),
}  # fmt: skip


@pytest.mark.parametrize(("word", "ipa"), RIGHT.values(), ids=RIGHT)
def test_what_is_right_in_any_style_makes_no_noise(word: str, ipa: str) -> None:
    """Broad or narrow, with dots or without, of one word or several."""
    verdict = judge(word, ipa)
    assert verdict.verdict == "ok", verdict.reasons


WRONG = {
    "a vowel": ("casa", "[ˈke.sa]", "reject", ["wrong-sound"]),
    "a consonant": ("casa", "[ˈka.ta]", "reject", ["wrong-sound"]),
    "a sound too few": ("trabajo", "[tɾa.ˈβa.o]", "reject", ["wrong-sound"]),
    "a sound too many": ("trabajo", "[tɾas.ˈβa.xo]", "reject", ["wrong-sound"]),
    "two in the other order": ("trabajo", "[taɾ.ˈβa.xo]", "reject", ["wrong-sound"]),
    "a trill between vowels": ("pero", "[ˈpe.ro]", "reject", ["wrong-sound"]),
    "a tap for a trill": ("perro", "[ˈpe.ɾo]", "reject", ["wrong-sound"]),
    "a glide that is stressed": ("país", "[pajs]", "warn", ["no-stress"]),
    "an English v": ("vaca", "[ˈva.ka]", "reject", ["foreign-sound"]),
    "a schwa": ("casa", "[ˈka.sə]", "reject", ["foreign-sound"]),
    "another word": ("casa", "[tɾa.ˈβa.xo]", "reject", ["other-word"]),
    "words too many": ("tener", "[te.ˈneɾ ke]", "reject", ["wrong-sound"]),
    "the spelling": ("chico", "[chico]", "reject", ["spelling"]),
    "stress on another syllable": ("haber", "[ˈa.βeɾ]", "reject", ["wrong-stress"]),
    "stress after the last vowel": ("sol", "[soˈl]", "reject", ["wrong-stress", "wrong-dots"]),
    "no stress": ("llevar", "[ʝe.βaɾ]", "warn", ["no-stress"]),
    "no stress on one of two words": ("buenos días", "[ˈbwe.nos di.as]", "warn", ["no-stress"]),
    "two stresses": ("casa", "[ˈka.ˈsa]", "warn", ["two-stresses"]),
    "a dot astray": ("casa", "[ˈkas.a]", "warn", ["wrong-dots"]),
    "a dot lacking": ("trabajo", "[tɾa.ˈβaxo]", "warn", ["wrong-dots"]),
    "a hiatus that nobody says": ("también", "[tam.ˈbi.en]", "warn", ["wrong-dots"]),
    "a mark in the middle of a syllable": ("casa", "[kˈasa]", "warn", ["wrong-dots"]),
    "Castilian z": ("zapato", "[θa.ˈpa.to]", "warn", ["dialect"]),
    "ll of old": ("llamar", "[ʎa.ˈmaɾ]", "warn", ["dialect"]),
    "a trill at the end": ("tener", "[te.ˈner]", "warn", ["dialect"]),
    "a name": ("Madrid", "[ma.ˈðɾed]", "warn", ["wrong-sound"]),
    "a loanword": ("hockey", "[ˈxa.ki]", "warn", ["wrong-sound"]),
    "two transcriptions": ("muy", "/muj/, /mwi/", "warn", ["several"]),
    "nothing": ("casa", " ", "reject", ["no-ipa"]),
    "only a mark": ("casa", "[ˈ]", "reject", ["no-sound"]),
    "a figure": ("casa", "[ˈka.sa1]", "reject", ["no-ipa-letter"]),
    "a capital": ("casa", "[ˈKa.sa]", "reject", ["no-ipa-letter"]),
    "an accent": ("casa", "[ká.sa]", "reject", ["no-ipa-letter"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_is_named(fault: str) -> None:
    """The worst reason first; names and loanwords only warn."""
    word, ipa, expected, reasons = WRONG[fault]
    verdict = judge(word, ipa)
    assert (verdict.verdict, codes(verdict)) == (expected, reasons)


MENDED = {
    "the ASCII g": ("algo", "[ˈal.go]", "[ˈal.ɡo]"),
    "a colon": ("casa", "[ˈka:.sa]", "[ˈkaː.sa]"),
    "an apostrophe": ("casa", "['ka.sa]", "[ˈka.sa]"),
    "a sharp s": ("haba", "[ˈa.ßa]", "[ˈa.βa]"),
    "a ligature": ("chico", "[ˈʧi.ko]", "[ˈtʃi.ko]"),
    "ñ, its tilde apart": ("niño", "[ˈni.n\u0303o]", "[ˈni.ɲo]"),
    "a Cyrillic a": ("casa", "[ˈkа.sa]", "[ˈka.sa]"),
    "a middle dot": ("casa", "[ˈka·sa]", "[ˈka.sa]"),
    "a hyphen": ("trabajo", "[tɾa-ˈβa-xo]", "[tɾa.ˈβa.xo]"),
    "a tie of one": ("casa", "[ˈka͡.sa]", "[ˈka.sa]"),
    "what nobody sees": ("casa", "[ˈka\u200b.sa]", "[ˈka.sa]"),
    "two kinds of bracket": ("casa", "/ˈka.sa]", "[ˈka.sa]"),
    "one bracket": ("casa", "[ˈka.sa", "[ˈka.sa]"),
    "blanks": ("sol", "s o l", "sol"),
}  # fmt: skip


@pytest.mark.parametrize("slip", MENDED)
def test_a_slip_of_notation_is_mended(slip: str) -> None:
    """It says what was meant, and it is the suggestion."""
    word, ipa, meant = MENDED[slip]
    verdict = judge(word, ipa)
    assert (verdict.verdict, verdict.normalised) == ("fixed", meant)
    assert verdict.suggestion == meant


@pytest.mark.parametrize(
    ("ipa", "suggested"),
    [("[ˈpe.ro]", "[ˈpe.ɾo]"), ("/ˈpero/", "/ˈpeɾo/"), ("pero", "ˈpeɾo"), ("", "[ˈpe.ɾo]"),
     ("pe.ro", "ˈpe.ɾo")],
)  # fmt: skip
def test_a_suggestion_is_written_like_what_was_given(ipa: str, suggested: str) -> None:
    """In the same brackets, with dots where there were some, and always with its stress."""
    assert judge("pero", ipa).suggestion == suggested


@pytest.mark.parametrize(
    ("language", "word", "reference", "ipa", "suggested"),
    [
        ("it", "lobo", "[ˈlɔ.bo]", "[ka.ˈza.te]", "[ˈlɔ.bo]"),
        ("it", "fiore", "[ˈfjo.re]", "[ˈkapitɔlo]", "[ˈfjore]"),
        ("de", "Königin", "[ˈkœ.ni.ɡɪn]", "[ˈpaː.par.ta]", "[ˈkœ.ni.ɡɪn]"),
        ("de", "Bett", "[ˈbɛt]", "[paˈpaʃa]", "[ˈbɛt]"),
        ("pt-BR", "terço", "[ˈteh.sʊ]", "[4]", "[ˈtehsʊ]"),
    ],
)  # fmt: skip
def test_what_is_suggested_elsewhere_has_the_stress_of_its_reference(
    language: str, word: str, reference: str, ipa: str, suggested: str
) -> None:
    """Open and lax vowels make a syllable as others do, and a glide makes none."""
    assert judge(word, ipa, language, [Reference(reference, "a list")]).suggestion == suggested


def test_syllables_are_counted_by_any_vowel() -> None:
    """Also by those that stand for another in the profile of a language."""
    (lacking,) = judge("Menschen", "[mɛnʃən]", "de", [Reference("[ˈmɛnʃən]", "a list")]).reasons
    assert (lacking.code, lacking.why) == ("no-stress", "it has 2 syllables and no stress mark")


def test_what_differs_is_told_sound_by_sound() -> None:
    """By what stands in the transcription, and what the reference has."""
    verdict = judge("noche", "[ˈno.te]")
    assert [(one.op, one.expected, one.got, one.index) for one in verdict.edits] == [
        ("change", "tʃ", "t", 2)
    ]
    assert verdict.distance == 0.5
    assert verdict.reference == Reference("[ˈno.tʃe]", "rules")


def test_a_character_that_is_no_ipa_is_named() -> None:
    """By itself and in words, also one without a name."""
    why = [reason.why for reason in judge("casa", "[ˈka4\ue000sa]").reasons]
    assert why == ["'4' (DIGIT FOUR) is no IPA", "'\\ue000' (U+E000) is no IPA"]


def test_any_reference_may_agree() -> None:
    """What somebody knows better than the rules is right."""
    given = "[ˈa.ki]"
    assert judge("hockey", given).verdict == "warn"
    mine = [Reference("/xo.ki/", "another"), Reference("ˈa.ki", "my own")]
    verdict = judge("hockey", given, references=mine)
    assert verdict.verdict == "ok"
    assert verdict.reference == Reference("[ˈa.ki]", "my own")


def test_the_nearest_reference_is_compared_with() -> None:
    """And what it says is suggested where the rules are not sure."""
    known = [Reference("ˈxo.ki", "one"), Reference("ˈo.pe.ɾa", "other")]
    verdict = judge("hockey", "[ˈxo.ke]", references=known)
    assert verdict.verdict == "warn"
    assert judge("4x4", "[ˈxo.ke]", references=known).suggestion == "[ˈxo.ki]"


@pytest.mark.parametrize("style", ["sˈijja", "ˈsi.ʝa", "ˈsiɟ͡ʝa"])
def test_a_reference_may_be_in_any_style(style: str) -> None:
    """Such as that of eSpeak NG, which puts the mark before the vowel."""
    assert judge("xyz", "[ˈsi.ʝa]", references=[Reference(style, "voice")]).verdict == "ok"


REGIONS = {
    "Spain tells c from s": ("es-ES", "cena", "[ˈθe.na]", "ok"),
    "and s for c is said elsewhere": ("es-ES", "cena", "[ˈse.na]", "warn"),
    "but no c for s": ("es-ES", "casa", "[ˈka.θa]", "reject"),
    "ll of old is said in Spain": ("es-ES", "llave", "[ˈʎa.βe]", "ok"),
    "and y": ("es-ES", "llave", "[ˈʝa.βe]", "ok"),
    "ll is hushed on the River Plate": ("es-AR", "llave", "[ˈʃa.βe]", "ok"),
    "and nowhere else": ("es-MX", "llave", "[ˈʃa.βe]", "warn"),
}


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_speaks_its_own(region: str) -> None:
    """What is right in one is said elsewhere in another."""
    language, word, ipa, expected = REGIONS[region]
    assert judge(word, ipa, language).verdict == expected


def test_a_word_that_nobody_knows_is_looked_at_for_its_sounds() -> None:
    """They may be foreign, and that is worth a look."""
    assert codes(judge("4x4", "[ˈvɹɛ.θa]")) == ["foreign-sound"] * 3 + ["dialect"]
    assert codes(judge("4x4", "[kwa.tɾo]")) == ["no-stress"]


def test_a_language_without_a_profile_is_judged_by_its_notation() -> None:
    """Nothing is known of its sounds, nor whether it has a stress."""
    assert judge("Qapla'", "[qʰɑpʰlɑʔ]", "tlh").verdict == "unverified"
    assert judge("你好", "[ni˨˩˦xɑʊ˨˩˦]", "zh").verdict == "unverified"
    assert judge("ọkọ̀", "[ɔ̄.kɔ̀]", "yo").verdict == "unverified"
    assert codes(judge("x", "[4]", "tlh")) == ["no-ipa-letter", "no-sound"]
