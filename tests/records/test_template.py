"""Anki's template language, measured on Anki itself."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import anki.lang
import attrs
import pytest
from anki.collection import Collection
from anki.errors import CardTypeError
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.records.note import NoteType, Template
from stages.records.template import (
    Field,
    Section,
    TemplateError,
    Text,
    fields_in,
    makes_card,
    note_type_problems,
    parse_side,
)

# Anki's own types allow None in most places, where a test knows better.
Anki = Any

FIELDS = ("Key", "A", "B", "A B")

FRONTS = {
    "a field": "{{A}}",
    "a field and text": "<b>{{A}}</b> and more",
    "blanks inside braces": "{{ A }}",
    "a field name with a blank": "{{A B}}",
    "a filter": "{{text:A}}",
    "two filters": "{{type:nc:A}}",
    "a hint": "{{hint:A}}",
    "speech": "{{tts en_US voices=Apple_Otoya speed=1.2:A}}",
    "a section": "{{#A}}{{B}}{{/A}}",
    "a negated section": "{{^A}}{{B}}{{/A}}",
    "a section with a blank in its name": "{{# A B }}{{A}}{{/ A B }}",
    "nested sections": "{{#A}}{{#B}}{{A B}}{{/B}}{{^B}}{{A}}{{/B}}{{/A}}",
    "a section around text alone": "{{#A}}only text{{/A}}{{B}}",
    "a comment around a field": "<!-- {{A}} -->{{B}}",
    "tags": "{{Tags}}",
    "a section about tags": "{{#Tags}}{{A}}{{/Tags}}{{^Tags}}{{B}}{{/Tags}}",
    "the deck, in a section": "{{#A}}{{Deck}}{{/A}}",
    "a typed answer": "{{type:A}}",
    "a cloze deletion": "{{cloze:A}}",
    "the reading": "{{kana:A}}{{hint:text:B}}",
    "an add-on's filter": "{{#B}}{{foo:A}}{{/B}}",
    "the braces of the first Anki": "{{=<% %>=}}<%#A%>{{B}}<%/A%>",
    "a section about the card's number": "{{#c20}}{{A}}{{/c20}}{{^c20}}{{B}}{{/c20}}",
    "the front side": "{{FrontSide}}{{^FrontSide}}{{A B}}{{/FrontSide}}",
}

PATTERNS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "nothing": ({}, ()),
    "tags alone": ({}, ("verb",)),
    "A": ({"A": "x"}, ()),
    "A and tags": ({"A": "x"}, ("verb",)),
    "B": ({"B": "x"}, ()),
    "B and tags": ({"B": "x"}, ("verb",)),
    "A and B": ({"A": "x", "B": "y"}, ()),
    "A B": ({"A B": "x"}, ()),
    "all": ({"A": "x", "B": "y", "A B": "z"}, ("verb",)),
    "a blank and a line break": ({"A": " \n\t", "B": "<br>"}, ()),
    "empty blocks": ({"A": "<div><br /></div>", "B": "</DIV>", "A B": "x"}, ()),
    "a no-break space": ({"A": "\u00a0", "B": ""}, ()),
    "an entity and a paragraph": ({"A": "&nbsp;", "B": "<p></p>"}, ()),
    "zero, and a picture": ({"A": "0", "A B": '<img src="a.png">'}, ()),
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anki]:
    """A collection of the real Anki."""
    anki.lang.set_lang("en_US")
    opened = Collection(str(tmp_path_factory.mktemp("anki") / "collection.anki2"))
    yield opened
    opened.close()


def add_note_type(collection: Anki, name: str, *fronts: str) -> None:
    """Give the real Anki a note type; its first template always makes a card."""
    model = collection.models.new(name)
    for field in FIELDS:
        collection.models.add_field(model, collection.models.new_field(field))
    for number, front in enumerate(("{{Key}}", *fronts)):
        template = collection.models.new_template(str(number))
        template["qfmt"], template["afmt"] = front, "answer"
        collection.models.add_template(model, template)
    collection.models.add(model)


def cards_made(
    collection: Anki, name: str, fields: dict[str, str], tags: tuple[str, ...]
) -> set[int]:
    """Ask the real Anki which of the templates make a card."""
    note = collection.new_note(collection.models.by_name(name))
    note["Key"] = "key"
    for field, value in fields.items():
        note[field] = value
    note.tags = list(tags)
    collection.add_note(note, collection.decks.id("Default"))
    return {card.ord for card in note.cards()}


@pytest.fixture(scope="module")
def cards_in_anki(collection: Anki) -> set[tuple[str, str]]:
    """Which front makes a card for which pattern, as the real Anki decides."""
    add_note_type(collection, "All fronts", *FRONTS.values())
    made = set()
    for pattern, (fields, tags) in PATTERNS.items():
        for index in cards_made(collection, "All fronts", fields, tags) - {0}:
            made.add((list(FRONTS)[index - 1], pattern))
    return made


@pytest.mark.parametrize(("front", "pattern"), [*product(FRONTS, PATTERNS)])
def test_makes_cards_as_anki_does(
    cards_in_anki: set[tuple[str, str]], front: str, pattern: str
) -> None:
    """A front makes a card for a note exactly where Anki makes one."""
    fields, tags = PATTERNS[pattern]

    made = makes_card(FRONTS[front], dict.fromkeys(FIELDS, "") | fields, tags)

    assert ((front, pattern) in cards_in_anki) == made


PIECES = (
    *("{{A}}", "{{B}}", "{{A B}}", "{{#A}}", "{{/A}}", "{{^A}}", "{{#B}}", "{{^B}}", "{{/B}}"),
    *("{{#A}}{{B}}{{/A}}", "{{^B}}{{A}}{{/B}}", "{{#A B}}", "{{/A B}}", "{{Tags}}", "{{Deck}}"),
    *("x", " ", "\n", "<br>", "<!--", "-->", "{{", "}}", "{", "}", "#", "/", "^", ":", "A"),
    *("{{hint:A}}", "{{type:B}}", "{{cloze:A}}", "{{tts es:B}}", "{{kana:A}}", "{{FrontSide}}"),
    *(
        "{{=<% %>=}}",
        "<%A%>",
        "<%",
        "%>",
        "{{}}",
        "{{Nope}}",
        "{{^c1}}",
        "{{/c1}}",
        "{{text:}}",
        "{{# }}",
    ),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join))
def test_any_front_is_taken_as_anki_takes_it(collection: Anki, front: str) -> None:
    """Any front is refused where Anki refuses it, and else makes the cards that Anki makes."""
    name = f"Note type {collection.db.scalar('SELECT count() FROM notetypes')}"
    templates = (Template("0", "{{Key}}", "answer"), Template("1", front, "answer"))
    problems = note_type_problems(NoteType(name=name, fields=FIELDS, templates=templates))
    try:
        add_note_type(collection, name, front)
    except CardTypeError:
        assert problems
        return

    assert problems == ()
    for fields, tags in ({"A": "x"}, ()), ({"B": "x"}, ("verb",)), ({"A": "x", "A B": "y"}, ()):
        made = 1 in cards_made(collection, name, fields, tags)
        assert made == makes_card(front, dict.fromkeys(FIELDS, "") | fields, tags)


@pytest.mark.parametrize("name", ["Tags", "Deck", "FrontSide"])
@pytest.mark.parametrize("value", ["", "x"], ids=["empty", "filled"])
def test_a_field_hides_the_special_one_of_its_name(collection: Anki, name: str, value: str) -> None:
    """A note type's own field named as a special one counts instead of that one."""
    model = collection.models.new(f"{name} {value}")
    for field in ("Key", name):
        collection.models.add_field(model, collection.models.new_field(field))
    for front in ("{{Key}}", f"{{{{{name}}}}}"):
        template = collection.models.new_template(front)
        template["qfmt"] = front
        collection.models.add_template(model, template)
    collection.models.add(model)
    made = cards_made(collection, f"{name} {value}", {name: value}, ("verb",))

    assert (1 in made) == makes_card(f"{{{{{name}}}}}", {"Key": "key", name: value}, ("verb",))


def test_a_side_is_read_into_nodes() -> None:
    """Text, fields with filters, sections of both kinds, and comments as plain text."""
    side = "a{{ hint:text:A B }}<!-- {{C}} -->{{#A}}{{^B}}b{{/B}}{{/A}}{{{C}}}"

    assert parse_side(side) == (
        Text("a"),
        Field("A B", ("text", "hint")),
        Text("<!-- {{C}} -->"),
        Section("A", (Section("B", (Text("b"),), negated=True),)),
        Field("C"),
        Text("}"),
    )


@given(st.text(alphabet="{}#/^<>!-=%: aA\n", max_size=60))
def test_any_text_is_read_or_refused(side: str) -> None:
    """Reading a side gives nodes or a TemplateError, and never anything else."""
    try:
        nodes = parse_side(side)
    except TemplateError:
        return

    assert all(isinstance(node, Text | Field | Section) for node in nodes)


def test_fields_are_named_without_special_ones() -> None:
    """Fields shown and asked about are named; special ones, cloze numbers, comments are not."""
    side = "{{Tags}}{{FrontSide}}{{#A}}{{text:B}}{{/A}}{{#c1}}{{/c1}}{{tts-voices:}}<!--{{C}}-->"

    assert fields_in(side) == {"A", "B"}


@pytest.mark.parametrize(
    ("side", "message"),
    [
        pytest.param(
            "one\n{{#A}}x", "{{#A}} in line 2 is never closed by {{/A}}", id="never closed"
        ),
        pytest.param("{{/A}}", "{{/A}} in line 1 closes a section that is not open", id="not open"),
        pytest.param(
            "{{#A}}{{#B}}\n{{/A}}{{/B}}",
            "{{/A}} in line 2 comes before {{#B}} in line 1 is closed by {{/B}}",
            id="crossed",
        ),
    ],
)
def test_a_faulty_section_is_named_with_its_line(side: str, message: str) -> None:
    """The message of a TemplateError says what is wrong and in which line."""
    with pytest.raises(TemplateError) as raised:
        parse_side(side)

    assert message == str(raised.value)


def note_type(*fronts: str, fields: tuple[str, ...] = FIELDS, back: str = "{{A}}") -> NoteType:
    """Make a note type with a template for every front."""
    templates = tuple(Template(f"Card {i}", front, back) for i, front in enumerate(fronts))
    return NoteType(name="T", fields=fields, templates=templates)


@pytest.mark.parametrize(
    ("faulty", "code", "where"),
    [
        pytest.param(
            note_type("{{Aa}}"),
            "unknown-field",
            "note_types[T].templates[Card 0].front",
            id="front",
        ),
        pytest.param(
            note_type("{{A}}", back="{{Z}}"),
            "unknown-field",
            "note_types[T].templates[Card 0].back",
            id="back",
        ),
        pytest.param(
            note_type("{{#A}}"),
            "faulty-template",
            "note_types[T].templates[Card 0].front",
            id="not closed",
        ),
        pytest.param(
            note_type("no field"),
            "front-without-field",
            "note_types[T].templates[Card 0].front",
            id="no field on the front",
        ),
        pytest.param(
            note_type("{{A}}", "{{A}}"),
            "same-front",
            "note_types[T].templates[Card 0]",
            id="same fronts",
        ),
        pytest.param(
            NoteType(name="T", fields=("A",), templates=(Template("1", "{{A}}", ""),) * 2),
            "template-name",
            "note_types[T].templates[1]",
            id="same template names",
        ),
        pytest.param(note_type(), "no-template", "note_types[T]", id="no template"),
        pytest.param(
            note_type("{{A}}", fields=("A", "a")),
            "field-name",
            "note_types[T].fields[0]",
            id="same field names",
        ),
        pytest.param(
            note_type("{{A}}", fields=("A", "#B")),
            "field-name",
            "note_types[T].fields[1]",
            id="a field name that Anki changes",
        ),
        pytest.param(
            note_type("{{A}}", fields=("A", "e\u0301")),
            "field-name",
            "note_types[T].fields[1]",
            id="a field name that is not composed",
        ),
    ],
)
def test_what_anki_would_refuse_is_a_problem(faulty: NoteType, code: str, where: str) -> None:
    """Every fault of a note type is found under its code, with its place."""
    found = note_type_problems(faulty)

    assert (code, where) in [(problem.code, problem.where) for problem in found]


@pytest.mark.parametrize("mark", ["#", "^"])
@pytest.mark.parametrize("inside", ["{}", "{{{{#A}}}}{}{{{{/A}}}}"], ids=["outside", "inside"])
@pytest.mark.parametrize("side", ["front", "back"])
def test_no_side_may_ask_about_the_front_side(
    collection: Anki, mark: str, inside: str, side: str
) -> None:
    """Anki takes such a section and then shows an error on every card, so it is found before."""
    section = inside.format(f"{{{{{mark}FrontSide}}}}x{{{{/FrontSide}}}}")
    sides = {"front": "{{A}}", "back": "{{FrontSide}}"}
    sides[side] += section
    name = f"{side} {section}"
    model = collection.models.new(name)
    collection.models.add_field(model, collection.models.new_field("A"))
    template = collection.models.new_template("1")
    template["qfmt"], template["afmt"] = sides["front"], sides["back"]
    collection.models.add_template(model, template)
    collection.models.add(model)
    added = collection.new_note(collection.models.by_name(name))
    added["A"] = "x"
    collection.add_note(added, collection.decks.id("Default"))
    shown = added.cards()[0].render_output().answer_text
    kind = NoteType(name="T", fields=("A",), templates=(Template("1", **sides),))
    (problem,) = note_type_problems(kind)

    assert "template has a problem" in shown
    place = f"note_types[T].templates[1].{side}"
    assert (problem.code, problem.where) == ("front-side-asked", place)
    # A field of that name may be asked about, as any other.
    named = attrs.evolve(kind, fields=("A", "FrontSide"))
    assert note_type_problems(named) == ()


def test_an_unknown_field_suggests_the_nearest() -> None:
    """A misspelt field name gets the nearest one as its hint."""
    (problem,) = note_type_problems(note_type("{{Pcture}}", fields=("A", "Picture")))

    assert problem.hint == "did you mean 'Picture'?"
