"""Both sides of a card, compared with what the real Anki shows."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import anki.lang
import pytest
from anki.collection import Collection
from anki.sound import SoundOrVideoTag
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_tags, canonical_text
from stages.records.note import Note, NoteType, Template
from stages.records.note_types import NOTE_TYPES
from stages.records.rendering import Side, Speech, rendered
from stages.records.template import TemplateError

# Anki's own types allow None in most places, where a test knows better.
Anki = Any

FIELDS = ("Key", "A", "B", "A B")


class Shower:
    """Shows any template in the real Anki and in ours, without adding note types for each."""

    def __init__(self, collection: Anki) -> None:
        """Add the one note type whose fields all templates here ask for."""
        self._collection = collection
        model = collection.models.new("T")
        for field in FIELDS:
            collection.models.add_field(model, collection.models.new_field(field))
        for name in ("One", "Two"):
            template = collection.models.new_template(name)
            template["qfmt"], template["afmt"] = f"{{{{Key}}}} {name}", "answer"
            collection.models.add_template(model, template)
        collection.models.add(model)
        self._model = collection.models.by_name("T")

    def both(
        self,
        front: str,
        back: str,
        fields: dict[str, str],
        tags: tuple[str, ...] = (),
        number: int = 0,
    ) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """Give both sides as the real Anki shows them, and as we do."""
        note = self._collection.new_note(self._model)
        for name, value in fields.items():
            note[name] = canonical_text(value)
        note.tags = list(canonical_tags(tags))
        custom = {**self._model["tmpls"][number], "qfmt": front, "afmt": back}
        card = note.ephemeral_card(number, custom_template=custom)
        output = card.render_output()
        theirs = (
            Side(output.question_text, heard(output.question_av_tags)),
            Side(output.answer_text, heard(output.answer_av_tags)),
        )
        templates = [Template(name, f"{{{{Key}}}} {name}", "answer") for name in ("One", "Two")]
        templates[number] = Template(templates[number].name, front, back)
        note_type = NoteType(name="T", fields=FIELDS, templates=tuple(templates))
        ours = Note(
            guid="g",
            note_type="T",
            deck="(Deck)",
            fields=FrozenMap(dict(note.items())),
            tags=tuple(note.tags),
        )
        try:
            return theirs, rendered(ours, note_type, templates[number])
        except TemplateError:
            assert "template has a problem" in output.question_text
            return theirs, theirs


def heard(tags: list[Any]) -> tuple[str | Speech, ...]:
    """Give what Anki plays in our words."""
    return tuple(
        tag.filename
        if isinstance(tag, SoundOrVideoTag)
        else Speech(tag.field_text, tag.lang, tuple(tag.voices), round(tag.speed, 3))
        for tag in tags
    )


def unnumbered(sides: tuple[Side, Side]) -> list[tuple[str, tuple[str | Speech, ...]]]:
    """Leave the numbers of hints out: Anki's hash of them is not Python's."""
    return [(re.sub("hint[0-9a-f]{16}", "hint", side.html), side.heard) for side in sides]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anki]:
    """A collection of the real Anki."""
    anki.lang.set_lang("en_US")
    opened = Collection(str(tmp_path_factory.mktemp("anki") / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shower(collection: Anki) -> Shower:
    """What shows a template in both."""
    return Shower(collection)


CONSTRUCTS = {
    "a field": "{{A}}",
    "a section": "{{#A}}yes {{A}}{{/A}}",
    "a negated section": "{{^A}}no {{B}}{{/A}}",
    "a field name with a blank": "{{A B}}",
    "a section with a blank in its name": "{{# A B }}yes{{/A B}}{{^A B}}no{{/A B}}",
    "text:": "{{text:A}}|{{text:B}}",
    "type:": "{{type:A}}|{{type:nc:A}}|{{type:cloze:A}}|{{type:hint:A}}|{{hint:type:A}}",
    "hint:": "{{hint:A}}|{{hint:A B}}",
    "furigana:": "{{furigana:B}}|{{kana:B}}|{{kanji:B}}|{{furigana:text:B}}",
    "nested sections": "{{#A}}{{#B}}both{{/B}}{{^B}}A alone{{/B}}{{/A}}{{^A}}none{{/A}}",
    "tags": "{{Tags}}|{{#Tags}}some{{/Tags}}{{^Tags}}none{{/Tags}}",
    "deck": "{{Deck}}|{{Subdeck}}|{{text:Deck}}|{{#Deck}}yes{{/Deck}}",
    "card": "{{Card}}|{{Type}}|{{CardFlag}}|{{#CardFlag}}flag{{/CardFlag}}",
    "the front side": "{{FrontSide}}|{{text:FrontSide}}|{{hint:FrontSide}}",
    "sound": "{{B}}|{{text:B}}[sound:of the template.mp3][sound:][sound:x/y.mp3]",
    "a comment holding a field": "<!-- {{A}} {{#B}} -->{{A}}",
    "blanks inside braces": "{{ A }}|{{ text:A }}|{{# B }}x{{/ B }}",
    "speech": "{{tts en_US:A}}|{{tts es_ES voices=Ana,Eva speed=1.5:B}}",
    "cloze deletions": "{{cloze:A}}|{{cloze-only:A}}|{{text:cloze:A}}|{{hint:cloze:B}}",
    "a section about the number of the card": "{{#c1}}one{{/c1}}{{#c2}}two{{/c2}}{{^c9}}x{{/c9}}",
    "filters of add-ons": "{{foo:A}}|{{foo:text:A}}|{{text:foo:A}}|{{::A}}|{{text:}}",
    "what an empty filter is about": "{{tts-voices:}}|{{hint:}}|{{type:}}",
}

VALUES: dict[str, dict[str, str]] = {
    "nothing": {},
    "text": {"A": "casa", "B": "perro"},
    "HTML": {
        "A": "<b>la</b> casa&nbsp;&amp; <!-- x -->más",
        "B": "<style>a</style>y<br>",
        "A B": "z",
    },
    "blanks": {"A": " \n", "B": "<br>", "A B": "<div></div>"},
    "sounds": {"A": "[sound:a&amp;b.mp3]", "B": "x[sound:c d.mp3]y[sound:e.mp3]", "A B": "z"},
    "readings": {
        "A": "z",
        "B": "漢字[かんじ]&nbsp;日[ひ]本[ほん] <b>字[じ]</b> [x] a[sound:a.mp3]",
    },
    "cloze deletions": {"A": "{{c1::uno::h}} {{c2::dos}} \\({{c1::a<b>c</b>}}\\)", "B": "{{c1::x"},
    "cloze in cloze": {"A": "{{c1::a {{c2::b::h}} {{c1,2::é\"'<-}}}} }} {{c3::}}", "B": "{{c2::}}"},
}


@pytest.mark.parametrize(("construct", "values"), [*product(CONSTRUCTS, VALUES)])
@pytest.mark.parametrize("number", [0, 1], ids=["first card", "second card"])
def test_shows_what_anki_shows(shower: Shower, construct: str, values: str, number: int) -> None:
    """Each construct shows the same HTML and plays the same, on the front and on the back."""
    side = CONSTRUCTS[construct]
    fields = {"Key": "key", **VALUES[values]}
    theirs, ours = shower.both(
        f"{{{{Key}}}}|{side}", f"{{{{FrontSide}}}}|{side}", fields, ("verb", "A1"), number
    )

    assert unnumbered(theirs) == unnumbered(ours)
    # As the whole front, it may show no field.
    theirs, ours = shower.both(side, "{{A}}", fields, (), number)
    assert unnumbered(theirs) == unnumbered(ours)


PIECES = (
    *("{{A}}", "{{B}}", "{{A B}}", "{{#A}}", "{{/A}}", "{{^A}}", "{{#B}}", "{{^B}}", "{{/B}}"),
    *("{{#A}}{{B}}{{/A}}", "{{^B}}{{A}}{{/B}}", "{{Tags}}", "{{Deck}}", "{{FrontSide}}"),
    *("x", " ", "\n", "<br>", "<!--", "-->", "{{", "}}", "{", "}", "#", ":", "[sound:t.mp3]"),
    *("{{text:A}}", "{{hint:B}}", "{{type:A}}", "{{furigana:B}}", "{{kana:A}}", "{{cloze:A}}"),
    *("{{tts es:B}}", "{{foo:A}}", "{{text:cloze:A}}", "{{cloze-only:B}}", "{{Card}}", "{{text:}}"),
    *("{{=<% %>=}}", "<%A%>", "{{#c1}}", "{{/c1}}", "[sound:", "]"),
)
PARTS = (
    *("x", " ", "&nbsp;", "&amp;", "&eacute;", "&#39;", "&", "é", "<b>", "</b>", "<br>", "<"),
    *(
        "[sound:a.mp3]",
        "日[ひ]",
        "[",
        "]",
        "::",
        "{{c1::",
        "{{c2::",
        "{{c1,3::",
        "}}",
        "\\(",
        "\\)",
    ),
    *("<!-- ", " -->", "<style>", "</style>", "<script ", "\n", '"', "'", "-", "/"),
)
OLD = ("{{=<% %>=}}", "<%A%>", "<%#B%>", "<%/B%>", "{{A}}", "{{", "<%", "%>", "x", "<%text:B%>")
SIDES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join) | st.lists(
    st.sampled_from(OLD), min_size=1, max_size=5
).map("".join).map("{{=<% %>=}}".__add__)
TEXTS = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(SIDES, SIDES, TEXTS, TEXTS, st.sampled_from([(), ("verb",)]), st.integers(0, 1))
def test_any_template_shows_what_anki_shows(  # noqa: PLR0917  # all of them are drawn
    shower: Shower, front: str, back: str, a: str, b: str, tags: tuple[str, ...], number: int
) -> None:
    """Any sides and any fields show the same, or a fault is told where Anki shows one."""
    fields = {"Key": "key", "A": a, "B": b, "A B": "z"}
    theirs, ours = shower.both(front, back, fields, tags, number)

    assert unnumbered(theirs) == unnumbered(ours)


@pytest.mark.parametrize("note_type", NOTE_TYPES, ids=[one.name for one in NOTE_TYPES])
@pytest.mark.parametrize("every", [1, 2], ids=["all fields", "every other field"])
def test_our_own_cards_look_as_they_do_in_anki(
    collection: Anki, note_type: NoteType, every: int
) -> None:
    """Every card of the note types made here shows in Anki what we say that it shows."""
    model = add(collection, note_type, f"{note_type.name} {every}")
    added = collection.new_note(model)
    for index, name in enumerate(note_type.fields[::every]):
        added[name] = f'<b>{name}</b> &amp; <img src="a.png">[sound:{index}.mp3]'
    added.tags = ["A1", "verb"]
    collection.add_note(added, collection.decks.id("Spanish::A1"))
    note = Note(
        guid=added.guid,
        note_type=note_type.name,
        deck="Spanish::A1",
        fields=FrozenMap(dict(added.items())),
        tags=tuple(added.tags),
    )
    for card in added.cards():
        output = card.render_output()
        theirs = (
            Side(output.question_text, heard(output.question_av_tags)),
            Side(output.answer_text, heard(output.answer_av_tags)),
        )
        assert theirs == rendered(note, note_type, note_type.templates[card.ord])


def add(collection: Anki, note_type: NoteType, name: str) -> Anki:
    """Give the real Anki one of our note types under another name."""
    model = collection.models.new(name)
    for field in note_type.fields:
        collection.models.add_field(model, collection.models.new_field(field))
    for one in note_type.templates:
        template = collection.models.new_template(one.name)
        template["qfmt"], template["afmt"] = one.front, one.back
        collection.models.add_template(model, template)
    collection.models.add(model)
    return collection.models.by_name(name)


def test_what_is_special_about_a_card_is_shown(collection: Anki) -> None:
    """Deck, type, template, flag and number of a card that is kept are those of Anki."""
    front = "{{Deck}}|{{Subdeck}}|{{Type}}|{{Card}}|{{CardFlag}}|{{CardID}}|{{Tags}}|{{A}}"
    template = Template("Only", front, "{{FrontSide}}")
    note_type = NoteType(name="Special", fields=("A",), templates=(template,))
    added = collection.new_note(add(collection, note_type, "Special"))
    added["A"], added.tags = "casa", ["b", "A"]
    collection.add_note(added, collection.decks.id("Spanish::A1::Food"))
    (card,) = added.cards()
    collection.set_user_flag_for_cards(3, [card.id])
    note = Note(
        guid="g",
        note_type="Special",
        deck="Spanish::A1::Food",
        fields=FrozenMap({"A": "casa"}),
        tags=("A", "b"),
    )
    front_side, back_side = rendered(note, note_type, template, card_id=card.id, flag=3)

    card.load()
    assert card.render_output().question_text == front_side.html == back_side.html


@pytest.mark.parametrize(
    ("front", "message"),
    [
        pytest.param("{{Nope}}", "{{Nope}} asks for a field that is not there", id="a field"),
        pytest.param(
            "{{A}}{{^A}}{{#Nope}}{{/Nope}}{{/A}}",
            "{{#Nope}} asks about a field that is not there",
            id="a section in one that is not shown",
        ),
        pytest.param("{{#A}}", "{{#A}} in line 1 is never closed by {{/A}}", id="no end"),
    ],
)
def test_a_fault_is_told(front: str, message: str) -> None:
    """A side that Anki would not show is refused with the reason."""
    template = Template("Only", front, "")
    note = Note(guid="g", note_type="N", deck="D", fields=FrozenMap({"A": "x"}))
    with pytest.raises(TemplateError) as raised:
        rendered(note, NoteType(name="N", fields=("A",), templates=(template,)), template)

    assert message == str(raised.value)


@given(st.text(alphabet="{}c12:,\\()<>&; ax", max_size=40), st.text(max_size=20))
def test_any_field_is_shown(a: str, b: str) -> None:
    """Whatever fields hold, a card has two sides, the same ones each time."""
    sides = "{{cloze:A}}{{text:A}}{{hint:B}}{{furigana:A}}{{tts es:B}}{{B}}"
    template = Template("Only", sides, "{{FrontSide}}" + sides)
    kind = NoteType(name="N", fields=("A", "B"), templates=(template,))
    note = Note(guid="g", note_type="N", deck="D", fields=FrozenMap({"A": a, "B": b}))

    assert rendered(note, kind, template) == rendered(note, kind, template)


@pytest.mark.parametrize(
    ("tag", "heard_there"),
    [
        pytest.param(
            "[anki:tts lang=es]hola<br>y[/anki:tts]", (Speech("hola y", "es"),), id="bare"
        ),
        pytest.param(
            '[anki:tts lang=es voices="a b",c speed=x]hola[/anki:tts]', (), id="a part after quotes"
        ),
        pytest.param(
            '[anki:tts voices="a b" lang=es speed=2]hola[/anki:tts]',
            (Speech("hola", "es", ("a b",), 2.0),),
            id="in another order",
        ),
        pytest.param(
            "[anki:tts lang=es speed=fast]hola[/anki:tts]", (Speech("hola", "es"),), id="no speed"
        ),
    ],
)
def test_speech_is_taken_from_its_tag(
    shower: Shower, tag: str, heard_there: tuple[Speech, ...]
) -> None:
    """A tag of speech in a field is heard as Anki hears it, and a faulty one is left as it is."""
    theirs, ours = shower.both("{{Key}}{{A}}", "{{A}}", {"Key": "key", "A": tag})

    assert theirs == ours
    assert ours[0].heard == heard_there


def test_speech_without_a_language_is_left(shower: Shower) -> None:
    """Anki shows an error there; here the tag stays to be seen."""
    _, ours = shower.both("{{A}}", "", {"A": "[anki:tts voices=a]hola[/anki:tts]"})

    assert ours[0] == Side("[anki:tts voices=a]hola[/anki:tts]")
