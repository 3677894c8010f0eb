"""What a sync would do, and what it did."""

import attrs

from stages.records.media import Credit, Recording
from stages.records.sync import media_of
from tests.making import card, picture, sound


def test_files_stand_once_and_by_name() -> None:
    """Whichever cards share them; media of no card are left out."""
    cards = (card("casa"), card("casa", "household"), card("ser"))
    images = {"casa_home": picture("z"), "casa_household": picture("z"), "other": picture("y")}
    sounds = {"casa": sound("casa"), "ir": sound("ir")}
    assert media_of(cards, images, sounds) == (sound("casa"), picture("z"))
    assert media_of((), images, sounds) == ()


def test_all_that_is_played_is_there() -> None:
    """Further recordings and examples too, each with its credit."""
    second = sound("second")
    by = Credit(author="Bo", licence="CC0")
    other = Recording(name=second.name, size=second.size, credit=by)
    first = attrs.evolve(sound("casa"), others=(other,))
    cards = (card("casa", example="Mi casa."), card("ser", example=""))
    sounds = {"casa": first, "Mi casa.": sound("mi"), "": sound("nothing")}
    files = {file.name: file for file in media_of(cards, {}, sounds)}
    assert set(files) == {first.name, second.name, sound("mi").name}
    assert files[second.name].credit == by


def test_one_name_is_one_file_whatever_is_said_of_it() -> None:
    """Two records of one file, told apart by their credit alone, are the first one."""
    other = attrs.evolve(picture("a"), credit=Credit(author="Ana", licence="CC0"))
    cards = (card("casa"), card("ser", "be"))
    for first, second in ((picture("a"), other), (other, picture("a"))):
        assert media_of(cards, {"casa_home": first, "ser_be": second}, {}) == (first,)
