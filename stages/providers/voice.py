"""Speech without network or key: Kokoro from IPA, and eSpeak NG from spelling for all it cannot."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from stages.core.mapping import threads
from stages.providers.errors import Misconfigured, Rejected
from stages.providers.media import Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Free, Grade, Made, Source
from stages.providers.speech import espeak, kokoro
from stages.providers.speech.sentence import transcribed
from stages.providers.speech.sound import VoiceMissing
from stages.providers.speech.worker import Workers
from stages.records.card import Card


class _Voice(Free, ABC):
    """A voice which no person has; it speaks in processes of its own, which may crash."""

    name: ClassVar[str]
    grade = Grade.STAND_IN
    local = True

    def __init__(
        self, language: str, installed: Callable[[], None], engine: str, *arguments: Any
    ) -> None:
        self._language = language
        try:
            installed()
            self._workers = Workers(self.name, engine, *arguments)
        except (VoiceMissing, ValueError) as error:
            raise Misconfigured(str(error)) from None

    @abstractmethod
    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give the voice and what it speaks."""

    @abstractmethod
    def _text(self, card: Card) -> str:
        """Give what the engine is told to speak."""

    def make(self, card: Card, take: int) -> tuple[Made]:  # noqa: ARG002  # it speaks one way
        """Speak what the card has as its word."""
        if card.language != self._language:
            why = f"this voice speaks {self._language}, and {card.word!r} is {card.language}"
            raise Rejected(why, f"give the language: {card.language}")
        try:
            return (Made(content=self._workers.speak(self._text(card))),)
        except ValueError as error:
            raise Rejected(f"{card.word!r} cannot be spoken: {error}") from None
        except VoiceMissing as missing:
            raise Misconfigured(str(missing)) from None


class KokoroVoice(_Voice):
    """
    The source that speaks Spanish from a card's IPA.

    Where a card has none, it is that of the rules of spelling, if they know all of its words.
    """

    name = "kokoro"

    def __init__(
        self, language: str = "es-419", *, voice: str = "em_alex", speed: float = 0.9
    ) -> None:
        """
        Start the engine.

        Args:
            language: A BCP 47 tag of Spanish.
            voice: "em_alex" is a man, "ef_dora" a woman.
            speed: 1 is the pace of conversation; from .5 to 2.

        Raises:
            Misconfigured: Kokoro is not installed, or has no such voice.
        """
        if not is_spanish(language):
            raise Misconfigured(f"Kokoro has no voice for {language}")
        self._voice = {"voice": voice, "speed": str(speed)}
        engine = "stages.providers.speech.kokoro:Kokoro"
        super().__init__(language, kokoro.installed, engine, voice, speed)

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give the voice and the IPA; None where nobody knows how the card is spoken."""
        ipa = self._text(card)
        return {**self._voice, "language": card.language, "ipa": ipa} if ipa else None

    def _text(self, card: Card) -> str:
        return card.ipa or transcribed(card.word, card.language)


class EspeakVoice(_Voice):
    """The source that speaks over a hundred languages as they are spelled, like a robot."""

    name = "espeak-ng"

    def __init__(self, language: str = "es-419") -> None:
        """
        Start the engine.

        Args:
            language: A BCP 47 tag that eSpeak NG knows.

        Raises:
            Misconfigured: eSpeak NG is not installed, or does not speak this language.
        """
        engine = "stages.providers.speech.espeak:Espeak"
        super().__init__(language, espeak.installed, engine, language)

    def request(self, card: Card) -> Mapping[str, str]:
        """Give the language and the word."""
        return {"language": card.language, "word": card.word}

    def _text(self, card: Card) -> str:
        return card.word


class Voice(Sounds):
    """The `AudioProvider` that speaks; what it makes is marked as synthetic."""

    def __init__(self, folder: MediaFolder | Path | str, language: str = "es-419") -> None:
        """
        Keep sounds of a language in this folder.

        Raises:
            Misconfigured: No voice of this language is installed.
        """
        super().__init__(folder, *speakers(language))


def speakers(language: str) -> tuple[Source, ...]:
    """
    Give the voices of a language that are installed, the best first.

    Raises:
        Misconfigured: None is.
    """
    # At once: each waits for its process to be ready.
    tried = list(threads(2)(partial(_tried, language), (KokoroVoice, EspeakVoice)))
    if voices := tuple(one for one in tried if not isinstance(one, Misconfigured)):
        return voices
    missing = [one.why for one in tried if isinstance(one, Misconfigured)]
    # One way to mend it is enough: where there is a good voice, the other one is not advised.
    raise Misconfigured(missing[0] if is_spanish(language) else "; ".join(missing))


def _tried(language: str, voice: type[KokoroVoice] | type[EspeakVoice]) -> Source | Misconfigured:
    try:
        return voice(language)
    except Misconfigured as error:
        return error


def is_spanish(language: str) -> bool:
    """
    Tell whether a language is Spanish of any region.

    >>> is_spanish("es-419"), is_spanish("est")
    (True, False)
    """
    return language.casefold().split("-")[0] == "es"
