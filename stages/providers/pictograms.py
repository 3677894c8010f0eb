"""Pictures without network or key: OpenMoji where a card names emoji, else a quiet placeholder."""

from collections.abc import Mapping
from pathlib import Path

from stages.providers.errors import Misconfigured, NotFound
from stages.providers.media import Pictures
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Free, Grade, Made
from stages.records.card import Card
from stages.records.media import Credit
from stages.records.word import names

OPENMOJI = Credit(
    author="OpenMoji",
    licence="CC BY-SA 4.0",
    source="https://openmoji.org",
    licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
)


class Emoji(Free):
    """The source that draws the emoji of a card, in OpenMoji's hand."""

    name = "openmoji"
    grade = Grade.WHOLE
    local = True

    def __init__(self) -> None:
        """
        Load what draws.

        Raises:
            Misconfigured: The libraries that draw are not installed.
        """
        try:
            from stages.providers.pictures.openmoji import OpenMoji

            self._drawn = OpenMoji()
        except ImportError as error:
            raise _absent(error) from None

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give the emoji; None for a card without."""
        return {"emoji": card.emoji} if card.emoji else None

    def make(self, card: Card, take: int) -> tuple[Made]:  # noqa: ARG002  # it draws one way
        """Draw the emoji; which card it is for does not show in the name."""
        try:
            drawn = self._drawn.draw(card.emoji)
        except ValueError as error:
            raise NotFound(str(error), "give it one to three emoji of OpenMoji") from None
        codes = " ".join(f"{ord(character):x}" for character in card.emoji)
        return (Made(content=drawn, credit=OPENMOJI, stem=f"openmoji {codes}"),)


class Placeholder(Free):
    """
    The source that draws a quiet picture for any card, until there is a better one.

    It never shows the card's word: that would give the answer away.
    """

    name = "placeholder"
    grade = Grade.STAND_IN
    local = True

    def __init__(self) -> None:
        """
        Load what draws.

        Raises:
            Misconfigured: The library that draws is not installed.
        """
        try:
            from stages.providers.pictures.placeholder import placeholder
        except ImportError as error:
            raise _absent(error) from None
        self._draw = placeholder

    def request(self, card: Card) -> Mapping[str, str]:
        """Give what its colours and its caption are made of."""
        return {"id": card.id, "caption": "" if names(card.caption, card.word) else card.caption}

    def make(self, card: Card, take: int) -> tuple[Made]:  # noqa: ARG002  # it draws one way
        """Draw it."""
        drawn = self._draw(card.id, self.request(card)["caption"])
        return (Made(content=drawn, stem=f"{card.id}-placeholder"),)


class Pictograms(Pictures):
    """The `ImageProvider` that draws: emoji where a card has some, else a placeholder."""

    def __init__(self, folder: MediaFolder | Path | str) -> None:
        """
        Keep pictures in this folder.

        Raises:
            Misconfigured: The libraries that draw are not installed.
        """
        super().__init__(folder, Emoji(), Placeholder())


def _absent(error: ImportError) -> Misconfigured:
    why = f"a library that draws cannot be loaded ({error.__cause__ or error})"
    return Misconfigured(why, 'pip install "fluent-stages[offline]"')
