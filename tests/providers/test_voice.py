"""Speech without network or key: Kokoro from a card's IPA, eSpeak NG where that is not there."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from stages import Context, generate_audio
from stages.providers.errors import Misconfigured, Rejected
from stages.providers.media_folder import MediaFolder
from stages.providers.speech.espeak import Espeak
from stages.providers.voice import Voice
from stages.records.card import Card
from tests.making import card, failed


def spanish(word: str = "casa", ipa: str = "[ˈka.sa]") -> Card:
    """Give a card of Latin American Spanish."""
    return card(word, language="es-419", ipa=ipa)


def german(word: str = "Haus", ipa: str = "[haʊ̯s]") -> Card:
    """Give a card of German."""
    return card(word, language="de", ipa=ipa)


@pytest.fixture
def no_kokoro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the model away."""
    monkeypatch.setattr("stages.providers.speech.kokoro.find_spec", lambda _: None)


@pytest.fixture
def no_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the library away."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(
        "stages.providers.speech.espeak._started",
        sys.modules["stages.providers.speech.espeak"]._started.__wrapped__,
    )


def test_spanish_is_spoken_by_kokoro(tmp_path: Path) -> None:
    """From the IPA; the sound is synthetic, and spoken once for all runs."""
    voice = Voice(tmp_path)
    assert voice.existing(spanish()) is None
    made = voice.sound(spanish())
    assert (made.provider.split()[0], made.synthetic, made.stand_in) == ("kokoro", True, False)
    assert made.name.startswith("casa-")
    assert made.name.endswith(".mp3")
    assert MediaFolder(tmp_path).read(made.name)
    assert voice.existing(spanish()) == made
    assert voice.existing(spanish(ipa="[ˈka.θa]")) is None


def test_german_is_spoken_by_espeak(tmp_path: Path) -> None:
    """From the spelling; Kokoro does not speak it."""
    made = Voice(tmp_path, "de").sound(german())
    assert (made.provider, made.synthetic) == ("espeak-ng", True)
    assert made.name.startswith("haus-")
    assert MediaFolder(tmp_path).read(made.name)


@pytest.mark.usefixtures("no_kokoro")
def test_spanish_is_spoken_by_espeak_where_kokoro_is_missing(tmp_path: Path) -> None:
    """Any voice is better than none."""
    assert Voice(tmp_path).sound(spanish()).provider == "espeak-ng"


@pytest.mark.usefixtures("no_kokoro", "no_espeak")
def test_without_any_voice_it_is_said_what_is_missing(tmp_path: Path) -> None:
    """For Spanish the better voice is advised."""
    with pytest.raises(Misconfigured) as caught:
        Voice(tmp_path)
    told = 'part 1 of the Kokoro model is missing; pip install "fluent-stages[offline]"'
    assert caught.value.why == told


@pytest.mark.usefixtures("no_espeak")
def test_a_language_that_kokoro_does_not_speak_needs_espeak(tmp_path: Path) -> None:
    """It is said how to install it."""
    with pytest.raises(Misconfigured) as caught:
        Voice(tmp_path, "de")
    assert caught.value.why.startswith("Kokoro has no voice for de; espeakng_loader cannot be")
    assert 'pip install "fluent-stages[espeak]"' in caught.value.why


@pytest.mark.parametrize("language", ["xx", "esu", "est"])
def test_a_language_that_nobody_speaks_is_said(tmp_path: Path, language: str) -> None:
    """Yup'ik (esu) and Estonian (est) are no Spanish, whatever they begin with."""
    why = f"^Kokoro has no voice for {language}; eSpeak NG does not speak '{language}'$"
    with pytest.raises(Misconfigured, match=why):
        Voice(tmp_path, language)


def test_a_card_of_another_language_is_refused(tmp_path: Path) -> None:
    """A Spanish word in a German mouth would be learned wrong; the cure is told."""
    with pytest.raises(Rejected) as caught:
        Voice(tmp_path, "de").sound(spanish())
    assert caught.value.why == "this voice speaks de, and 'casa' is es-419"
    assert caught.value.hint == "give the language: es-419"
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_spoken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor by another run; before it is made, there is nothing."""
    assert Voice(tmp_path, "de").existing(german()) is None
    made = Voice(tmp_path, "de").sound(german())

    def never(*_: object) -> bytes:
        raise AssertionError("it was spoken again")

    monkeypatch.setattr(Espeak, "speak", never)
    voice = Voice(tmp_path, "de")
    assert voice.existing(german()) == made
    assert voice.sound(german()) == made
    with pytest.raises(AssertionError):
        voice.sound(german("Tür"))


@pytest.mark.parametrize("ipa", ["", "[ˈga.sa]"])
def test_a_word_that_cannot_be_spoken_stops_no_other(tmp_path: Path, ipa: str) -> None:
    """It is rejected by name, and nothing is kept."""
    voice = Voice(tmp_path)
    with pytest.raises(Rejected, match=r"^'casa' cannot be spoken: ") as caught:
        voice.sound(spanish(ipa=ipa))
    assert not caught.value.stops_run
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_loaded_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other word would fare better."""
    monkeypatch.setattr("stages.providers.speech.kokoro._packaged_model", lambda: b"no model")
    cards = [spanish(), spanish("gato", "[ˈɡa.to]")]
    failure = failed(generate_audio(audio_provider=Voice(tmp_path))(Context.of(cards=cards)))
    (problem,) = failure.report.problems
    assert (problem.code, problem.where) == ("misconfigured", "sounds[casa]")
    assert problem.why.startswith("the Kokoro model cannot be loaded: ")


def test_speech_costs_nothing(tmp_path: Path) -> None:
    """So no cap holds it back."""
    assert Voice(tmp_path, "de").price(german()) == Decimal(0)
