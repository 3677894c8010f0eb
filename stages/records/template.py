"""
Anki's template language: the one parser for checks, card generation and previews.

A field is `{{Name}}`, with filters `{{text:hint:Name}}`; a section is `{{#Name}}...{{/Name}}`,
shown when the field is filled, or `{{^Name}}...{{/Name}}`, shown when it is empty; nothing inside a
comment counts. All was measured on Anki itself, and `tests/records/test_template.py` does so again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache

import attrs

from stages.core.problem import Problem
from stages.records.note import NoteType


@attrs.frozen
class Text:
    """What is shown as it stands, comments among it."""

    text: str


@attrs.frozen
class Field:
    """
    The value of a field.

    Attributes:
        name: Empty where a filter stands alone, as in `{{tts-voices:}}`.
        filters: In the order in which they are applied: the one nearest to the name first.
    """

    name: str
    filters: tuple[str, ...] = ()


@attrs.frozen
class Section:
    """
    What is shown only when a field is filled.

    Attributes:
        name: The field's.
        nodes: What is shown.
        negated: Shown only when the field is empty instead.
    """

    name: str
    nodes: tuple["Node", ...]
    negated: bool = False


Node = Text | Field | Section


class TemplateError(ValueError):
    """A side of a template that Anki would not accept; the message says what is wrong and where."""


ALWAYS_FILLED = frozenset({"Type", "Deck", "Subdeck", "Card", "CardFlag", "CardID"})
"""What Anki itself fills on every card; these count as filled even where they show nothing."""

SPECIAL = ALWAYS_FILLED | {"Tags", "FrontSide"}
"""The names that a template may use though they are no fields of the note type."""

_TOKEN = re.compile(r"<!--.*?-->|\{\{(.*?)\}\}", re.DOTALL)
_OLD_BRACES = "{{=<% %>=}}"
_OLD_TOKEN = re.compile(r"<!--.*?-->|<%(.*?)%>", re.DOTALL)
_CLOZE_NUMBER = re.compile(r"c[0-9]+")
# Control characters are not kept by Anki; a no-break space is, and it counts.
_MAYBE_NOTHING = frozenset(map(chr, (*range(0x21), 0x7F, ord("<"))))
_NOTHING = re.compile(r"(?:[\x00-\x20\x7f]|</?(?:br|div) ?/?>)*", re.IGNORECASE)


@lru_cache(maxsize=1024)
def parse_side(side: str) -> tuple[Node, ...]:
    """
    Read one side of a template.

    Raises:
        TemplateError: A section is not closed, or closed where it is not open.

    >>> parse_side("{{#IPA}}[{{text:IPA}}]{{/IPA}}")[0].nodes
    (Text(text='['), Field(name='IPA', filters=('text',)), Text(text=']'))
    """
    # Braces of the very first Anki, which it still reads where a side begins by asking for them.
    text, old = side.lstrip(), False
    while text.startswith(_OLD_BRACES):
        text, old = text.removeprefix(_OLD_BRACES), True
    text = text if old else side
    open_sections: list[_Open] = []
    nodes: list[Node] = []
    done = 0
    for token in (_OLD_TOKEN if old else _TOKEN).finditer(text):
        if token[1] is None:
            continue
        nodes += _text(text[done : token.start()])
        done = token.end()
        mark, name = _mark_and_name(token[1])
        line = text.count("\n", 0, token.start()) + 1
        place = f"{token[0]} in line {line}"
        if mark in {"#", "^"}:
            open_sections.append(_Open(mark, name, place, nodes))
            nodes = []
        elif mark == "/":
            section = _closed(open_sections, name, place)
            section.before.append(Section(name, tuple(nodes), negated=section.mark == "^"))
            nodes = section.before
        else:
            *filters, field = name.split(":")
            nodes.append(Field(field, tuple(reversed(filters))))
    if open_sections:
        unclosed = open_sections[-1]
        raise TemplateError(f"{unclosed.place} is never closed by {{{{/{unclosed.name}}}}}")
    return (*nodes, *_text(text[done:]))


def fields_in(side: str) -> frozenset[str]:
    """
    Name the fields that one side shows or asks about; special ones such as Tags are left out.

    Raises:
        TemplateError: As `parse_side`.

    >>> sorted(fields_in("{{#IPA}}{{type:Word}}{{/IPA}}{{Tags}}<!-- {{Old}} -->"))
    ['IPA', 'Word']
    """
    return frozenset(_names(parse_side(side)))


def is_blank(value: str) -> bool:
    """
    Tell whether a field counts as empty: blanks, line breaks and empty blocks are nothing.

    A no-break space is something, as in Anki.

    >>> is_blank("<br> <div></div>"), is_blank("\u00a0"), is_blank("<p></p>")
    (True, False, False)
    """
    # Most fields begin with a letter, and need no closer look.
    return not value or (value[0] in _MAYBE_NOTHING and _NOTHING.fullmatch(value) is not None)


def filled_fields(fields: Mapping[str, str], tags: Collection[str] = ()) -> frozenset[str]:
    """
    Name what counts as filled on the cards of a note, special fields among it.

    >>> sorted(filled_fields({"Word": "casa", "IPA": "<br> <div></div>"}) - ALWAYS_FILLED)
    ['Word']
    """
    special = ALWAYS_FILLED | {"Tags"} if tags else ALWAYS_FILLED
    # A field of the note hides the special one of the same name.
    return special.difference(fields).union(
        [name for name, value in fields.items() if not is_blank(value)]
    )


def makes_card(front: str, fields: Mapping[str, str], tags: Collection[str] = ()) -> bool:
    """
    Tell whether Anki makes a card of this front for a note: whether any field shows on it.

    Raises:
        TemplateError: As `parse_side`.

    >>> makes_card("{{#Picture}}{{Word}}{{/Picture}}", {"Word": "casa", "Picture": "<br>"})
    False
    """
    return shows_field(parse_side(front), filled_fields(fields, tags))


def shows_field(nodes: Iterable[Node], filled: Collection[str]) -> bool:
    """Tell whether any field shows, given the names that count as filled."""
    for node in nodes:
        match node:
            case Field(name) if name in filled:
                return True
            case Section(name, inner, negated) if (name in filled) != negated:
                if shows_field(inner, filled):
                    return True
    return False


def note_type_problems(note_type: NoteType) -> tuple[Problem, ...]:
    """
    Find what Anki would refuse in a note type, silently rename, or show an error for.

    Problems:
        field-name: Empty, twice, or with a character that Anki removes.
        no-template: No template or no field at all.
        template-name: Two templates of one name.
        faulty-template: A section that is not closed, or not open.
        unknown-field: A side asks for a field that the note type does not have.
        front-side-asked: A section about FrontSide, which only can be shown.
        front-without-field: Such a card would be the same for all notes.
        same-front: Two templates that ask the same.
    """
    where = f"note_types[{note_type.name}]"
    names = Counter(template.name.casefold() for template in note_type.templates)
    fronts = Counter(template.front for template in note_type.templates)
    problems = [*_field_name_problems(note_type.fields, where)]
    if not (note_type.templates and note_type.fields):
        problems.append(Problem("no-template", where, "it needs a field and a template at least"))
    for template in note_type.templates:
        place = f"{where}.templates[{template.name}]"
        if names[template.name.casefold()] > 1:
            problems.append(Problem("template-name", place, "another template has this name"))
        if fronts[template.front] > 1:
            problems.append(Problem("same-front", place, "another template has the same front"))
        problems += _side_problems(template.front, note_type.fields, f"{place}.front", front=True)
        problems += _side_problems(template.back, note_type.fields, f"{place}.back", front=False)
    return tuple(problems)


@attrs.frozen
class _Open:
    mark: str
    name: str
    place: str
    before: list[Node]


def _text(text: str) -> list[Node]:
    return [Text(text)] if text else []


def _mark_and_name(inside: str) -> tuple[str, str]:
    name = inside.lstrip("{").strip()
    if len(name) > 1 and name[0] in "#^/":
        return name[0], name[1:].strip()
    return "", name


def _closed(open_sections: list[_Open], name: str, place: str) -> _Open:
    if not open_sections:
        raise TemplateError(f"{place} closes a section that is not open")
    section = open_sections.pop()
    if section.name != name:
        wanted = f"{{{{/{section.name}}}}}"
        raise TemplateError(f"{place} comes before {section.place} is closed by {wanted}")
    return section


def _names(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        match node:
            case Field(name):
                yield from {name} - SPECIAL - {""}
            case Section(name, inner):
                # A section named c1 is about cloze deletions, in every note type.
                if not _CLOZE_NUMBER.fullmatch(name):
                    yield from {name} - SPECIAL
                yield from _names(inner)


def _asks_about(name: str, nodes: Iterable[Node]) -> bool:
    sections = (node for node in nodes if isinstance(node, Section))
    return any(node.name == name or _asks_about(name, node.nodes) for node in sections)


def _field_name_problems(names: tuple[str, ...], where: str) -> Iterator[Problem]:
    seen = Counter(name.casefold() for name in names)
    for index, name in enumerate(names):
        place = f"{where}.fields[{index}]"
        if seen[name.casefold()] > 1:
            yield Problem("field-name", place, f"another field is also named {name!r}")
        if name != unicodedata.normalize("NFC", re.sub(r'[:"{}\x00-\x1f\x7f]', "", name)) or (
            name != name.lstrip("#^/ ").rstrip() or not name
        ):
            yield Problem("field-name", place, f"Anki would rename a field named {name!r}")


def _side_problems(
    side: str, fields: tuple[str, ...], where: str, *, front: bool
) -> Iterator[Problem]:
    try:
        nodes = parse_side(side)
    except TemplateError as error:
        yield Problem("faulty-template", where, str(error))
        return
    for name in sorted(set(_names(nodes)) - set(fields)):
        near = "".join(get_close_matches(name, fields, n=1))
        hint = f"did you mean {near!r}?" if near else f"its fields are {', '.join(fields)}"
        yield Problem("unknown-field", where, f"{name!r} is no field of the note type", hint)
    if "FrontSide" not in fields and _asks_about("FrontSide", nodes):
        why = "it asks whether FrontSide is filled, for which Anki shows an error on every card"
        yield Problem("front-side-asked", where, why, "show {{FrontSide}} outside such a section")
    if front and all(isinstance(node, Text) for node in nodes):
        yield Problem("front-without-field", where, "no field is shown on the front")
