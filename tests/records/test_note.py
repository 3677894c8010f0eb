"""What Anki holds: notes in their canonical form."""

import html
import re
import time
import unicodedata
from pathlib import Path
from typing import Any

import anki.lang
import attrs
import pytest
from anki.collection import Collection
from hypothesis import given
from hypothesis import strategies as st

from stages import Card, FrozenMap
from stages.records.media import Credit, MediaFile, Recording
from stages.records.note import (
    Note,
    NoteType,
    Template,
    laid_over,
    media_in,
    note_guid,
    note_of,
)
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing import AWKWARD, texts, values_of
from tests.making import card, picture, sound

TINY = NoteType(
    name="Tiny",
    fields=("Card ID", "Word", "Picture", "Sound", "Credit", "Language"),
    templates=(Template("One", "{{Word}}", "{{Picture}}"),),
)


def tiny(**fields: str) -> Card:
    """Give a card of the tiny note type."""
    return Card(
        id="casa_home", note_type="Tiny", word="casa", language="es", fields=FrozenMap(fields)
    )


def test_a_note_says_what_its_card_says() -> None:
    """All fields of the note type, in their order, empty where the card has none."""
    assert note_of(tiny(Word="la casa"), TINY, "Español", None, None) == Note(
        guid=note_guid("es", "Tiny", "casa_home"),
        note_type="Tiny",
        deck="Español",
        fields=FrozenMap(
            {
                "Card ID": "casa_home",
                "Word": "la casa",
                "Picture": "",
                "Sound": "",
                "Credit": "",
                "Language": "es",
            }
        ),
    )


def test_media_are_whole_tags() -> None:
    """Anki finds no file by a bare name."""
    image, spoken = picture("a"), sound("b")
    fields = note_of(tiny(), TINY, "D", image, spoken).fields
    assert fields["Picture"] == f'<img src="{image.name}">'
    assert fields["Sound"] == f"[sound:{spoken.name}]"


def test_each_credit_stands_once_on_a_line_of_its_own() -> None:
    """Also where picture and sound have the same one; markup in it stays text."""

    def by(author: str) -> MediaFile:
        return attrs.evolve(picture("a"), credit=Credit(author=author, licence="CC BY 4.0"))

    both = note_of(tiny(), TINY, "D", by("Ana & Co"), by("Bo")).fields["Credit"]
    assert both == "Ana &amp; Co · CC BY 4.0<br>Bo · CC BY 4.0"
    assert note_of(tiny(), TINY, "D", by("Bo"), by("Bo")).fields["Credit"] == "Bo · CC BY 4.0"


def test_a_credit_leads_to_the_work_and_to_its_licence() -> None:
    """Where it has a title; one without is plain text."""
    work = Credit(
        title="La casa",
        author="Ana",
        licence="CC BY 4.0",
        source="https://e.org/?a=1&b=2",
        licence_url="https://l.org",
    )
    links = '<a href="https://l.org">CC BY 4.0</a>'
    assert credited(work) == (f'<a href="https://e.org/?a=1&amp;b=2">La casa</a> · Ana · {links}')
    assert credited(attrs.evolve(work, title="")) == "Ana · CC BY 4.0"


def credited(credit: Credit) -> str:
    """Give what the note of a picture with this credit says of it."""
    note = note_of(tiny(), TINY, "D", attrs.evolve(picture("a"), credit=credit), None)
    return note.fields["Credit"]


HOSTILE = st.one_of(
    texts(),
    st.sampled_from(
        (
            "javascript:alert(1)",
            'https://e.org/"onclick="alert(1)',
            "https://e.org/'><script>alert(1)</script>",
            "https://e.org/[sound:x.mp3]",
            "https://e.org/[latex]x[/latex]",
            "HTTPS://e.org",
            "data:text/html,<b>",
            "https://e.org/\n<img src=x.png>",
            "<img src=x.png onerror=alert(1)>",
            "[sound:x.mp3]",
        )
    ),
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_a_credit_becomes_markup(
    title: str, author: str, licence: str, source: str, licence_url: str
) -> None:
    """There are links in it and nothing else, they lead to the web, and Anki finds no file."""
    shown = credited(
        Credit(title=title, author=author, licence=licence, source=source, licence_url=licence_url)
    )
    rest = re.sub(r'<a href="https?://[^"<>]*">([^<>]*)</a>', r"\1", shown)
    assert not re.search(r"[<>]", rest)
    assert list(media_in(shown)) == []
    assert not re.search(r"\[(sound|latex|anki)", shown, re.IGNORECASE)


def test_further_recordings_are_played_and_credited() -> None:
    """One after the other, in the order of the file."""
    first, second = sound("a"), sound("b")
    by = Credit(author="Bo", licence="CC0")
    other = Recording(name=second.name, size=second.size, credit=by)
    note = note_of(tiny(), TINY, "D", None, attrs.evolve(first, others=(other,)))
    assert note.fields["Sound"] == f"[sound:{first.name}][sound:{second.name}]"
    assert note.fields["Credit"] == "Bo · CC0"


def test_the_example_is_played_where_it_stands() -> None:
    """After its text, and nowhere else; its voice is credited."""
    one = attrs.evolve(tiny(Word="casa", Credit="", Sound=""), example="Mi casa.")
    one = attrs.evolve(one, fields=one.fields.put("Word", "Mi casa."))
    spoken = attrs.evolve(sound("b"), credit=Credit(author="Bo", licence="CC0"))
    note = note_of(one, TINY, "D", None, None, spoken)
    assert note.fields["Word"] == f"Mi casa. [sound:{spoken.name}]"
    assert note.fields["Credit"] == "Bo · CC0"
    assert note.fields["Sound"] == ""


def test_a_card_without_example_plays_none() -> None:
    """Though there be a sound of the empty text, and empty fields."""
    note = note_of(tiny(Word=""), TINY, "D", None, None, sound("b"))
    assert "[sound:" not in "".join(note.fields.values())


@pytest.mark.parametrize(
    ("text", "field"),
    [
        pytest.param("a < b & c", "a &lt; b &amp; c", id="markup"),
        pytest.param("[sound:x.mp3]", "&#91;sound:x.mp3]", id="a sound"),
        pytest.param("[anki:play:q:0]", "&#91;anki:play:q:0]", id="what Anki plays"),
        pytest.param("[latex]x[/latex]", "&#91;latex]x&#91;/latex]", id="what Anki typesets"),
        pytest.param("[$]x[/$] [$$]", "&#91;$]x&#91;/$] &#91;$$]", id="mathematics"),
        pytest.param("[ˈka.sa]", "[ˈka.sa]", id="a transcription"),
        pytest.param("nin\u0303o", "niño", id="decomposed letters"),
        pytest.param("a\x1fb\x00c", "abc", id="what parts fields"),
    ],
)
def test_a_text_is_shown_as_it_is(text: str, field: str) -> None:
    """Nothing in it is played, typeset, taken for markup or for the end of a field."""
    assert note_of(tiny(Word=text), TINY, "D", None, None).fields["Word"] == field


@given(values_of(Card), texts())
def test_no_text_of_a_card_becomes_markup(one: Card, text: str) -> None:
    """Reading a field as HTML gives the text back, but for what Anki itself drops."""
    one = attrs.evolve(one, fields=one.fields.put("Word", text))
    note = note_of(one, VOCABULARY_NOTE, "D", None, None)
    for name, value in note.fields.items():
        assert not re.search(r"[<>\x00-\x08\x1f]|\[sound:", value), name
        assert unicodedata.is_normalized("NFC", value)
    shown = html.unescape(note.fields["Word"])
    visible = [c for c in unicodedata.normalize("NFC", text) if c.isprintable()]
    assert [c for c in unicodedata.normalize("NFC", shown) if c.isprintable()] == visible


def test_what_a_card_says_in_its_media_fields_is_not_lost_to_media() -> None:
    """A picture replaces a text that stood in its place."""
    one = tiny(Picture="a text")
    assert note_of(one, TINY, "D", None, None).fields["Picture"] == "a text"
    assert "<img" in note_of(one, TINY, "D", picture("a"), None).fields["Picture"]


def test_a_field_that_the_note_type_lacks_is_left_out() -> None:
    """A note has exactly the fields of its type."""
    assert tuple(note_of(tiny(Other="x"), TINY, "D", None, None).fields) == TINY.fields


TRIPLES = st.tuples(*[st.sampled_from(AWKWARD).filter(lambda t: "\x1f" not in t)] * 3)


@given(TRIPLES, TRIPLES)
def test_a_guid_is_of_one_card(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Language, note type and card id decide it, and nothing else does."""
    assert (note_guid(*one) == note_guid(*other)) is (one == other)


def test_what_a_card_says_does_not_change_its_guid() -> None:
    """So a mended card keeps its review history."""
    guids = {
        note_of(one, VOCABULARY_NOTE, deck, None, None).guid
        for one in (card(), card(definition="otra"), card(example="x", gapped="y"))
        for deck in ("A", "B")
    }
    assert len(guids) == 1


def test_tags_are_sorted_and_stand_once() -> None:
    """As Anki keeps them."""
    one = attrs.evolve(tiny(), tags=("b", "a", "b"))
    assert note_of(one, TINY, "D", None, None).tags == ("a", "b")


def test_what_is_the_learners_stays_under_a_note() -> None:
    """Deck and tags; the fields are ours, and so are the tags that it lacks."""
    ours = note_of(tiny(Word="new"), TINY, "D", None, None)
    there = attrs.evolve(
        note_of(tiny(Word="old"), TINY, "D", None, None), deck="Mine", tags=("Food", "mine")
    )
    over = laid_over(there, attrs.evolve(ours, tags=("food", "noun")))
    assert over == attrs.evolve(ours, deck="Mine", tags=("Food", "mine", "noun"))
    assert laid_over(over, ours) == over


HTML = {
    "a tag": ('<img src="a.png">', ("a.png",)),
    "a tag in capitals, with more in it": ("<IMG alt='x' SRC=a.png id=i>", ("a.png",)),
    "a sound": ("[sound:a b.mp3][SOUND:c.mp3]", ("a b.mp3",)),
    "a percent sign and an entity": (
        '<img src="a%20b.png"><audio src="a&amp;b.mp3"></audio>[sound:a&amp;b%20c.mp3]',
        ("a%20b.png", "a&b.mp3", "a&b%20c.mp3"),
    ),
    "an object": ('<object data="a.svg"></object>', ("a.svg",)),
    "a larger-than sign before it": ('<img alt="a > b" src="c.png">', ("c.png",)),
    "two lines": ('<video\n src="a.webm">', ("a.webm",)),
    "elsewhere": ('<img src="https://e.org/a.png"><img src="HTTP://e.org/b.png">', ()),
    "no tag": ('&lt;img src="a.png"&gt; [sound:] src="a.png" <imga src="a.png">', ()),
    "blanks about the sign": ('<img src = "a.png">', ()),
}


@pytest.mark.parametrize(("html_text", "names"), HTML.values(), ids=HTML)
def test_media_are_what_anki_takes_for_media(
    html_text: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    """Of the files that are named, the real Anki needs every one, and it needs no other."""
    anki.lang.set_lang("en_US")
    collection: Any = Collection(str(tmp_path / "collection.anki2"))
    added = collection.new_note(collection.models.by_name("Basic"))
    added.fields = ["x", html_text]
    collection.add_note(added, 1)
    for name in names:
        Path(collection.media.dir(), name).write_bytes(b"x")
    checked = collection.media.check()
    collection.close()

    assert tuple(media_in(html_text)) == names
    assert ([*checked.missing], [*checked.unused]) == ([], [])


@pytest.mark.parametrize("part", ["<img src=", "<img ", '<img "', "<img src='"])
def test_a_field_of_broken_tags_is_read_in_time(part: str) -> None:
    """A tag that never ends costs no more than its length squared."""
    start = time.perf_counter()
    list(media_in(part * 2_000))
    assert time.perf_counter() - start < 5
