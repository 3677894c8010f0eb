"""Pictures without network or key: emoji where a card has some, else a quiet placeholder."""

import sys
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages import Context, generate_images, threads
from stages.providers.errors import Misconfigured
from stages.providers.media import Pictures
from stages.providers.media_folder import MediaFolder
from stages.providers.pictograms import OPENMOJI, Pictograms
from stages.providers.pictures.openmoji import OpenMoji
from stages.providers.pictures.placeholder import placeholder
from stages.records.card import Card
from stages.records.keys import IMAGES
from stages.records.media import MediaFile
from stages.records.plan import Offer
from tests.making import after
from tests.making import card as card_like


def card(word: str = "casa", name: str = "home", **fields: Any) -> Card:
    """Give a card with an emoji and a caption."""
    return attrs.evolve(card_like(word, name), **fields)


def existing(pictures: Pictures, one: Card) -> MediaFile | None:
    """Give the picture of a card that is there."""
    return pictures.existing([one]).get(one.id)


def drawn(folder: Path, one: Card) -> bytes:
    """Give the bytes of a card's picture."""
    return MediaFolder(folder).read(Pictograms(folder).picture(one).name)


def test_a_card_with_emoji_shows_them(tmp_path: Path) -> None:
    """OpenMoji is credited, and it is no stand-in."""
    made = Pictograms(tmp_path).picture(card(emoji="🏠"))
    assert (made.provider, made.credit, made.stand_in) == ("openmoji", OPENMOJI, False)
    assert made.credit is not None
    assert made.credit.line == "OpenMoji · CC BY-SA 4.0"
    assert MediaFolder(tmp_path).read(made.name) == OpenMoji().draw("🏠")


def test_whichever_card_asks_first_its_name_is_the_same(tmp_path: Path) -> None:
    """So threads, which finish in any order, make the deck that is made in turn."""
    cards = [card(name=f"home_{number}", emoji="🏠") for number in range(8)]
    for order, folder in ((cards, "a"), (cards[::-1], "b")):
        stage = generate_images(image_provider=Pictograms(tmp_path / folder), mapper=threads(8))
        assert len(set(after(stage(Context.of(cards=order)))[IMAGES].values())) == 1
    assert Pictograms(tmp_path / "a").picture(cards[0]) == Pictograms(tmp_path / "b").picture(
        cards[0]
    )


def test_cards_with_the_same_emoji_share_a_picture(tmp_path: Path) -> None:
    """It lies in the folder once."""
    pictograms = Pictograms(tmp_path)
    one = pictograms.picture(card(name="home", emoji="🏠"))
    assert pictograms.picture(card(name="building", emoji="🏠")) == one


@pytest.mark.parametrize("emoji", ["", "🇽🇽", "casa", "🏠🏠🏠🏠"])
def test_a_card_without_emoji_that_there_are_has_a_placeholder(tmp_path: Path, emoji: str) -> None:
    """It says so, and needs no credit."""
    one = card(emoji=emoji, caption="building")
    made = Pictograms(tmp_path).picture(one)
    assert (made.provider, made.credit, made.stand_in) == ("placeholder", None, True)
    assert [reason[:9] for reason in made.reasons] == (["openmoji:"] if emoji else [])
    assert MediaFolder(tmp_path).read(made.name) == placeholder(one.id, "building")


@pytest.mark.parametrize(
    ("word", "caption"),
    [
        ("casa", "casa"),
        ("casa", "La Casa grande"),
        ("Casa", "mi casa"),
        ("año", unicodedata.normalize("NFD", "el año nuevo")),
        (unicodedata.normalize("NFD", "año"), "año nuevo"),
    ],
)
def test_a_placeholder_never_shows_the_word(tmp_path: Path, word: str, caption: str) -> None:
    """A caption that holds it is left out, however it is written."""
    one = card(word, emoji="", caption=caption)
    assert drawn(tmp_path, one) == placeholder(one.id, "")


def test_two_meanings_have_two_placeholders(tmp_path: Path) -> None:
    """Also where their captions are alike."""
    pictograms = Pictograms(tmp_path)
    one, other = (card(name=name, emoji="", caption="place") for name in ("bank", "shore"))
    assert pictograms.picture(one).name != pictograms.picture(other).name


@pytest.mark.parametrize("fields", [{"emoji": "🏠"}, {"emoji": ""}, {"emoji": "🇽🇽"}])
def test_what_is_there_is_not_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str]
) -> None:
    """Nor by another run; before it is made, there is nothing."""
    one = card(**fields)
    assert existing(Pictograms(tmp_path), one) is None
    made = Pictograms(tmp_path).picture(one)

    def never(*_: object) -> bytes:
        raise AssertionError("it was drawn again")

    monkeypatch.setattr("stages.providers.pictures.placeholder.placeholder", never)
    if fields["emoji"] == "🏠":
        monkeypatch.setattr(OpenMoji, "draw", never)
    assert existing(Pictograms(tmp_path), one) == attrs.evolve(made, reasons=())
    assert attrs.evolve(Pictograms(tmp_path).picture(one), reasons=made.reasons) == made


def test_a_placeholder_gives_way_to_emoji(tmp_path: Path) -> None:
    """A card that has got an emoji since is drawn with it in the next run."""
    pictograms = Pictograms(tmp_path)
    assert pictograms.picture(card(emoji="🇽🇽")).stand_in
    assert pictograms.picture(card(emoji="")).stand_in
    assert existing(pictograms, card(emoji="🏠")) is None
    outcome = generate_images(image_provider=pictograms)(Context.of(cards=[card(emoji="🏠")]))
    (made,) = after(outcome)[IMAGES].values()
    assert made.provider == "openmoji"


def test_pictures_cost_nothing(tmp_path: Path) -> None:
    """So no cap holds them back."""
    assert Pictograms(tmp_path).offer(card(emoji="🏠")) == Offer("openmoji", Decimal(0))
    assert Pictograms(tmp_path).offer(card(emoji="")) == Offer("placeholder", Decimal(0))


@pytest.mark.parametrize("library", ["PIL.ImageFont", "stages.providers.pictures.openmoji"])
def test_without_the_libraries_it_is_said_how_to_install_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """Before the run begins, and with the loader's own words."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(Misconfigured, match=r"a library that draws cannot be loaded \(") as caught:
        Pictograms(tmp_path)
    assert library in caught.value.why
    assert caught.value.hint == 'pip install "fluent-stages[offline]"'
