"""Speech without network or key: Kokoro from a card's IPA, eSpeak NG where that is not there."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from stages.providers.errors import Misconfigured, Rejected
from stages.providers.media_folder import MediaFolder
from stages.providers.speech.sound import VoiceMissing
from stages.records.card import Card
from stages.records.media import MediaFile


class Voice:
    """The `AudioProvider` that speaks; what it makes is marked as synthetic."""

    def __init__(self, folder: Path | str, language: str = "es-419") -> None:
        """
        Keep sounds of a language in this folder.

        Raises:
            Misconfigured: No voice of this language is installed.
        """
        self._folder = MediaFolder(folder)
        self._language = language
        self._name, self._say = _speaker(language)

    def price(self, _: Card) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def existing(self, card: Card) -> MediaFile | None:
        """Give the sound that lies in the folder."""
        return self._folder.found(self._request(card))

    def sound(self, card: Card) -> MediaFile:
        """Speak the card's word, from its IPA where the voice can."""
        if card.language != self._language:
            why = f"this voice speaks {self._language}, and {card.word!r} is {card.language}"
            raise Rejected(why, f"give the language: {card.language}")
        try:
            return self._folder.kept(
                self._request(card), card.word, lambda: self._say(card), synthetic=True
            )
        except ValueError as error:
            raise Rejected(f"{card.word!r} cannot be spoken: {error}") from None
        except VoiceMissing as missing:
            raise Misconfigured(str(missing)) from None

    def _request(self, card: Card) -> tuple[str, ...]:
        return self._name, card.language, card.word, card.ipa


def _speaker(language: str) -> tuple[str, Callable[[Card], bytes]]:
    """Give the best voice there is, by name."""
    from stages.providers.speech.espeak import Espeak
    from stages.providers.speech.kokoro import Kokoro

    why = ""
    if language.casefold().split("-")[0] == "es":
        try:
            kokoro = Kokoro()
        except VoiceMissing as missing:
            why = str(missing)
        else:
            # Voice and pace are part of what is asked for.
            return "kokoro em_alex .9", lambda card: kokoro.speak(card.ipa)
    try:
        espeak = Espeak(language)
    except (VoiceMissing, ValueError) as missing:
        raise Misconfigured(why or f"Kokoro has no voice for {language}; {missing}") from None
    return "espeak-ng", lambda card: espeak.speak(card.word)
