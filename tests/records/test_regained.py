"""Cards that were notes before: composed again, they are the same notes."""

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_text
from stages.records.card import Card
from stages.records.media import Credit, MediaFile, Recording
from stages.records.note import Note, note_of
from stages.records.note_types import CONJUGATION_NOTE, VOCABULARY_NOTE
from stages.records.regained import regained
from stages.testing import texts, values_of
from tests.making import card

TYPES = {one.name: one for one in (VOCABULARY_NOTE, CONJUGATION_NOTE)}
PLAIN = texts().map(canonical_text)


def composed(
    cards: tuple[Card, ...], images: Any, sounds: Any, deck: str = "Español"
) -> tuple[Note, ...]:
    """Compose the notes of cards as a sync does."""
    return tuple(
        note_of(
            one,
            TYPES[one.note_type],
            deck,
            images.get(one.id),
            sounds.get(one.word),
            sounds.get(one.example),
        )
        for one in cards
    )


def again(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Compose the notes of the cards that notes say."""
    found = regained(notes)
    return composed(found.cards, found.images, found.sounds)


CREDITS = st.builds(
    Credit,
    author=PLAIN,
    licence=st.sampled_from(("CC BY 4.0", "A & B", "")),
    source=st.sampled_from(("", "https://e.org/?a=1&b=2", "elsewhere")),
    title=PLAIN,
    licence_url=st.sampled_from(("", "https://l.org")),
).filter(lambda one: bool(one.line.strip()))


def files(ending: str) -> st.SearchStrategy[MediaFile]:
    """Give files with their credits, sounds with further recordings."""
    others = st.builds(
        Recording, name=st.just(f"b.{ending}"), size=st.just(1), credit=st.none() | CREDITS
    )
    return st.builds(
        MediaFile,
        name=st.sampled_from((f"a.{ending}", f"c.{ending}")),
        size=st.just(1),
        provider=st.just("test"),
        credit=st.none() | CREDITS,
        others=st.lists(others, max_size=2 if ending == "mp3" else 0).map(tuple),
    )


@st.composite
def noted(draw: Any) -> tuple[Note, ...]:
    """Give the note of some card."""
    note_type = draw(st.sampled_from([*TYPES.values()]))
    own = note_type.fields[1:-4]
    fields = {name: draw(PLAIN) for name in own}
    example = draw(st.sampled_from(("", *fields.values())))
    one = Card(
        id=draw(PLAIN),
        note_type=note_type.name,
        word="casa" if example != "casa" else "perro",
        language=draw(st.sampled_from(("es-419", 'x"y'))),
        fields=FrozenMap(fields),
        example=example,
        tags=draw(st.lists(PLAIN, max_size=2).map(tuple)),
    )
    images = draw(st.dictionaries(st.just(one.id), files("png")))
    sounds = draw(st.dictionaries(st.sampled_from((one.word, example)), files("mp3")))
    return composed((one,), images, sounds)


@given(noted())
def test_a_note_that_is_read_and_composed_again_is_the_same(notes: tuple[Note, ...]) -> None:
    """Whatever stands in its texts, media and credits."""
    assert again(notes) == notes


@given(values_of(Card))
def test_any_card_stays_the_same_note(one: Card) -> None:
    """Also one that is not whole."""
    named = attrs.evolve(
        one,
        id=canonical_text(one.id),
        language=canonical_text(one.language),
        note_type=VOCABULARY_NOTE.name,
    )
    notes = composed((named,), {}, {})
    assert again(notes) == notes


def test_cards_that_share_a_sentence_keep_their_credits() -> None:
    """One has it by its picture as well, the other by the sentence alone."""
    ana, bo = (Credit(author=name, licence="CC BY 4.0") for name in ("Ana", "Bo"))
    cards = tuple(
        attrs.evolve(card(word, example="Mi casa."), word=word) for word in ("casa", "mi")
    )
    cards = tuple(attrs.evolve(one, fields=one.fields.put("Example", one.example)) for one in cards)
    picture = MediaFile(name="a.png", size=1, provider="test", credit=ana)
    sentence = MediaFile(name="b.mp3", size=1, provider="test", credit=ana)
    spoken = MediaFile(name="c.mp3", size=1, provider="test", credit=bo)
    sounds = {"Mi casa.": sentence, "casa": spoken}
    for some in (cards, cards[::-1]):
        notes = composed(some, {some[0].id: picture}, sounds)
        assert again(notes) == notes


def test_cards_are_given_in_the_order_of_their_notes() -> None:
    """New cards are shown in it."""
    notes = composed((card("b"), card("a")), {}, {})
    assert [one.fields["Word"] for one in regained(notes).cards] == ["b", "a"]


def test_an_id_may_be_a_sentence_that_is_spoken() -> None:
    """Imported cards have ids of their own: the sound of a word is never that of a sentence."""
    one = attrs.evolve(card("hola", example="hola"), id="hola", word="hola there")
    one = attrs.evolve(one, fields=one.fields.put("Example", "hola"))
    sounds = {"hola": MediaFile(name="a.mp3", size=1, provider="test")}
    notes = composed((one,), {}, sounds)
    assert again(notes) == notes
