"""Pictures without network or key: OpenMoji where a card names emoji, else a quiet placeholder."""

from decimal import Decimal
from pathlib import Path

from stages.providers.errors import Misconfigured
from stages.providers.media_folder import MediaFolder
from stages.records.card import Card
from stages.records.media import Credit, MediaFile
from stages.records.word import names

OPENMOJI = Credit(author="OpenMoji", licence="CC BY-SA 4.0", source="https://openmoji.org")


class Pictograms:
    """
    The `ImageProvider` that draws.

    A placeholder never shows the card's word: it would give the answer away.
    """

    def __init__(self, folder: Path | str) -> None:
        """
        Keep pictures in this folder.

        Raises:
            Misconfigured: The libraries that draw are not installed.
        """
        self._folder = MediaFolder(folder)
        try:
            from stages.providers.pictures.openmoji import OpenMoji
            from stages.providers.pictures.placeholder import placeholder

            self._emoji = OpenMoji()
        except ImportError as error:
            why = f"a library that draws cannot be loaded ({error.__cause__ or error})"
            raise Misconfigured(why, 'pip install "fluent-stages[offline]"') from None
        self._placeholder = placeholder

    def price(self, _: Card) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def existing(self, card: Card) -> MediaFile | None:
        """Give the picture that lies in the folder."""
        drawn = self._folder.found(("openmoji", card.emoji)) if card.emoji else None
        return drawn or self._folder.found(_stand_in(card))

    def picture(self, card: Card) -> MediaFile:
        """Draw the card's emoji; where it has none, or none that there is, a placeholder."""
        if card.emoji:
            try:
                return self._folder.kept(
                    ("openmoji", card.emoji),
                    _stem(card.emoji),
                    lambda: self._emoji.draw(card.emoji),
                    credit=OPENMOJI,
                )
            except ValueError:
                pass
        *_, caption = request = _stand_in(card)
        return self._folder.kept(
            request,
            f"{card.id}-placeholder",
            lambda: self._placeholder(card.id, caption),
            stand_in=True,
        )


def _stem(emoji: str) -> str:
    """Name a picture for what it shows alone: whichever card asks first, its name is the same."""
    return "openmoji " + " ".join(f"{ord(character):x}" for character in emoji)


def _stand_in(card: Card) -> tuple[str, ...]:
    caption = "" if names(card.caption, card.word) else card.caption
    return "placeholder", card.id, card.emoji, caption
