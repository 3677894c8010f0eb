"""What every offline voice shares: its parts are there, and its sound becomes an even mp3."""

import io
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from stages.providers.speech.sound import VoiceMissing, encode, joined, present, require

Samples = NDArray[np.float32]
RATE = 24_000


def tone(seconds: float, loudness: float = 0.2, rate: int = RATE) -> Samples:
    """Give a hum of two tones, of a loudness between 0 and 1."""
    at = np.arange(round(seconds * rate)) / rate
    wave = np.sin(2 * np.pi * 220 * at) + 0.5 * np.sin(2 * np.pi * 1_700 * at)
    hum: Samples = (loudness * wave / 1.5).astype(np.float32)
    return hum


def silence(seconds: float) -> Samples:
    """Give nothing to hear."""
    return np.zeros(round(seconds * RATE), np.float32)


def heard(mp3: bytes, rate: int = RATE) -> Samples:
    """Decode an mp3 of one channel."""
    with soundfile.SoundFile(io.BytesIO(mp3)) as file:
        assert (file.format, file.channels, file.samplerate) == ("MP3", 1, rate)
        samples: Samples = file.read(dtype="float32")
        return samples


def rms(samples: Samples) -> float:
    """Give the loudness of a whole sound."""
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize("rate", [22_050, 24_000])
def test_a_sound_becomes_an_mp3_of_one_channel(rate: int) -> None:
    """As long as it was, within a frame of mp3."""
    samples = heard(encode(tone(0.5, rate=rate), rate), rate)
    assert len(samples) / rate == pytest.approx(0.5, abs=0.06)
    assert 0.05 < rms(samples) < 0.12


def test_the_same_samples_give_the_same_bytes() -> None:
    """Nothing of the clock is in it; and the samples are left as they are."""
    samples = tone(0.4)
    before = samples.copy()
    assert encode(samples, RATE) == encode(samples, RATE)
    assert (samples == before).all()


def test_silence_at_both_ends_is_cut() -> None:
    """A little is left, and a pause in the middle stays."""
    word = np.concatenate([silence(1), tone(0.3), silence(0.2), tone(0.3), silence(2)])
    assert len(heard(encode(word, RATE))) / RATE == pytest.approx(0.88, abs=0.06)


def test_a_weak_end_is_kept() -> None:
    """A last [s] is far weaker than a vowel."""
    word = np.concatenate([silence(0.5), tone(0.3, 0.5), tone(0.2, 0.02), silence(0.5)])
    assert len(heard(encode(word, RATE))) / RATE == pytest.approx(0.58, abs=0.06)


def test_a_cut_does_not_click() -> None:
    """What begins in the middle of a wave is faded in and out."""
    samples = heard(encode(tone(0.4, 0.9)[37:], RATE))
    assert max(abs(samples[0]), abs(samples[-1])) < 0.02


@pytest.mark.parametrize("loudness", [0.02, 0.1, 0.9])
def test_every_word_is_as_loud_as_the_others(loudness: float) -> None:
    """However loud it was spoken."""
    level = rms(heard(encode(tone(0.5, loudness), RATE)))
    assert level == pytest.approx(rms(heard(encode(tone(0.5, 0.3), RATE))), rel=0.02)


def test_a_peak_is_never_cut_off() -> None:
    """A word with one loud clap stays within full scale."""
    word = tone(0.5, 0.02)
    word[6_000:6_010] = 1
    assert np.abs(heard(encode(word, RATE))).max() <= 1


@pytest.mark.parametrize(
    "samples",
    [silence(0), silence(1), tone(1, 0.004), np.full(RATE, np.nan, np.float32), tone(0.005)],
    ids=["nothing", "silence", "a whisper", "no numbers", "less than a frame"],
)
def test_a_silent_sound_is_refused(samples: Samples) -> None:
    """Never a silent file."""
    with pytest.raises(ValueError, match="no sound: an RMS of"):
        encode(samples, RATE)


def test_a_sound_too_short_is_refused() -> None:
    """A click is no word, however much silence is around it."""
    with pytest.raises(ValueError, match=r"too short: 0\.10 s"):
        encode(np.concatenate([silence(1), tone(0.1), silence(1)]), RATE)


def test_phrases_are_joined_with_a_pause() -> None:
    """Whatever silence was around each; a single one stays as it is."""
    phrase = np.concatenate([silence(1), tone(0.3), silence(1)])
    assert len(joined([phrase] * 3, RATE, 0.5)) / RATE == pytest.approx(3 * 0.38 + 2 * 0.5, abs=0.1)
    assert joined([phrase], RATE) is phrase
    with pytest.raises(ValueError, match="no sound"):
        joined([phrase, silence(1)], RATE)


@pytest.mark.parametrize("place", [None, ModuleType("nothing")])
def test_what_is_not_installed_is_said_without_running_it(
    monkeypatch: pytest.MonkeyPatch, place: ModuleType | None
) -> None:
    """Also where something else has its name."""
    monkeypatch.setitem(sys.modules, "soundfile", place)
    told = r'^soundfile cannot be loaded \(it is not installed\); pip install "fluent-stages\[x\]"$'
    with pytest.raises(VoiceMissing, match=told):
        present("soundfile", "x")


@pytest.mark.parametrize("failure", [ImportError("no module"), OSError("wrong processor")])
def test_a_library_that_cannot_be_loaded_is_missing(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """The loader's own words are kept, and how to install it is told."""

    def refuse(_: str) -> Any:
        raise failure

    monkeypatch.setattr("stages.providers.speech.sound.import_module", refuse)
    with pytest.raises(VoiceMissing) as caught:
        require("soundfile", "offline")
    told = f'soundfile cannot be loaded ({failure}); pip install "fluent-stages[offline]"'
    assert str(caught.value) == told


def test_without_soundfile_no_mp3_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that it is missing."""
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(VoiceMissing, match="soundfile cannot be loaded"):
        encode(tone(0.5), RATE)
