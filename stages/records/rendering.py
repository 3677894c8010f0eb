"""
What a learner sees of a card: both sides as HTML, as Anki renders them.

All was measured on Anki itself, and `tests/records/test_rendering.py` does so again. Two things are
left as they stand: LaTeX, for which Anki shows pictures that another program makes, and fields to
type into, which Anki too leaves to whoever shows the card.
"""

import hashlib
import html
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html.entities import name2codepoint
from itertools import count

import attrs

from stages.records.note import Note, NoteType, Template
from stages.records.template import (
    Field,
    Node,
    Section,
    TemplateError,
    Text,
    filled_fields,
    parse_side,
    shows_field,
)


@attrs.frozen
class Speech:
    """
    What a synthetic voice says on a card.

    Attributes:
        text: Plain.
        language: As the template names it, such as "es_ES".
        voices: Names of voices to choose from, the best first.
        speed: 1 is as fast as the voice speaks by itself.
    """

    text: str
    language: str
    voices: tuple[str, ...] = ()
    speed: float = 1.0


@attrs.frozen
class Side:
    """
    One side of a card.

    Attributes:
        html: Where something is heard, it holds `[anki:play:q:0]`, counted from 0; `a` on the back.
        heard: What these play, in order: a file's name, or speech.
    """

    html: str
    heard: tuple[str | Speech, ...] = ()


def rendered(
    note: Note, note_type: NoteType, template: Template, *, card_id: int = 0, flag: int = 0
) -> tuple[Side, Side]:
    """
    Give front and back of a note's card; where a front shows no field, both say so.

    Args:
        note: Its deck and its tags can be shown, too.
        note_type: That of the note.
        template: One of the note type's.
        card_id: What `{{CardID}}` shows.
        flag: The number of the card's flag; 0 is none.

    Raises:
        TemplateError: A side cannot be read, or asks for a field that the note type does not have.

    >>> from stages.core.frozen import FrozenMap
    >>> template = Template("Read", "<b>{{Word}}</b> {{Sound}}", "{{FrontSide}}: {{text:Gloss}}")
    >>> kind = NoteType(name="N", fields=("Word", "Sound", "Gloss"), templates=(template,))
    >>> values = FrozenMap({"Word": "casa", "Sound": "[sound:casa.mp3]", "Gloss": "<i>house</i>"})
    >>> note = Note(guid="g", note_type="N", deck="Spanish", fields=values)
    >>> front, back = rendered(note, kind, template)
    >>> front.html, front.heard, back.html
    ('<b>casa</b> [anki:play:q:0]', ('casa.mp3',), '<b>casa</b> [anki:play:q:0]: house')
    """
    number = note_type.templates.index(template) + 1
    special = {
        "Tags": " ".join(note.tags),
        "Type": note_type.name,
        "Deck": note.deck,
        "Subdeck": note.deck.rpartition("::")[2],
        "Card": template.name,
        "CardFlag": f"flag{flag}",
        "CardID": str(card_id),
        f"c{number}": "1",
    }
    values = {**special, **note.fields}
    filled = filled_fields(note.fields, note.tags) | {f"c{number}"} - note.fields.keys()
    nodes = parse_side(template.front)
    front = _Showing(values, filled, number)
    question = _side(front.shown(nodes), "q")
    if not shows_field(nodes, filled):
        return Side(question.html + _BLANK, question.heard), Side(_BLANK)
    back = _Showing(values, filled, number, question.html)
    return question, _side(back.shown(parse_side(template.back)), "a")


_BLANK = (
    "<div>The front of this card is blank.<br><a href='https://docs.ankiweb.net/templates/errors"
    ".html#front-of-card-is-blank'>More information</a></div>"
)


@attrs.frozen
class _Showing:
    """
    What one side is filled with.

    Attributes:
        values: By field.
        filled: The names of those that count as filled.
        number: Of the card, from 1.
        front: The other side, when this is the back.
    """

    values: Mapping[str, str]
    filled: Collection[str]
    number: int
    front: str | None = None

    def shown(self, nodes: Iterable[Node]) -> str:
        """Fill nodes."""
        return "".join(self._parts(nodes))

    def _parts(self, nodes: Iterable[Node]) -> Iterator[str]:
        for node in nodes:
            match node:
                case Text(text):
                    yield text
                case Field(name, filters):
                    yield self._value(name, filters)
                case Section(name, inner, negated):
                    if not (name in self.values or _CLOZE_NUMBER.fullmatch(name)):
                        raise TemplateError(f"{{{{#{name}}}}} asks about a field that is not there")
                    # Faults are told wherever they are.
                    shown = self.shown(inner)
                    if (name in self.filled) != negated:
                        yield shown

    def _value(self, name: str, filters: tuple[str, ...]) -> str:
        if name == "FrontSide" and name not in self.values:
            return self.front or ""
        if filters and not name:
            return ""
        if name not in self.values:
            raise TemplateError(f"{{{{{name}}}}} asks for a field that is not there")
        value = self.values[name]
        for one in _in_use(filters):
            if one in _CLOZES:
                value = _CLOZES[one](value, self.number, self.front is None)
            elif one in _FILTERS:
                value = _FILTERS[one](value, name)
            elif one.startswith("tts "):
                value = f"[anki:tts lang={one.removeprefix('tts ')}]{value}[/anki:tts]"
            else:
                # What an add-on may know, and what comes after it, changes nothing without it.
                break
        return value


def _in_use(filters: tuple[str, ...]) -> tuple[str, ...]:
    """Give what is left of filters when the answer is typed: then the value is not shown."""
    if filters[-1:] != ("type",):
        return filters
    return (f"type:{filters[0]}",) if filters[:-1] in {("cloze",), ("nc",)} else ("type",)


def _hint(value: str, name: str) -> str:
    if not value.strip():
        return value
    # Anki's own number comes from a hash that Python does not have; any other does as well.
    number = hashlib.blake2b(f"{value}{name}".encode(), digest_size=8).hexdigest()
    return (
        f'\n<a class=hint href="#"\nonclick="this.style.display=\'none\';\n'
        f"document.getElementById('hint{number}').style.display='block';\n"
        f'return false;" draggable=false>\n{name}</a>\n'
        f'<div id="hint{number}" class=hint style="display: none">{value}</div>\n'
    )


_READING = re.compile(r" ?([^ >]+?)\[(?!sound:)(.+?)\]")


def _readings(form: str) -> Callable[[str, str], str]:
    """Give the filter that shows `漢字[かんじ]` so."""
    return lambda value, _: _READING.sub(form, value.replace("&nbsp;", " "))


_FILTERS: dict[str, Callable[[str, str], str]] = {
    "": lambda value, _: value,
    "text": lambda value, _: plain_text(value),
    "hint": _hint,
    "furigana": _readings(r"<ruby><rb>\1</rb><rt>\2</rt></ruby>"),
    "kana": _readings(r"\2"),
    "kanji": _readings(r"\1"),
    "type": lambda _, name: f"[[type:{name}]]",
    "type:cloze": lambda _, name: f"[[type:cloze:{name}]]",
    "type:nc": lambda _, name: f"[[type:nc:{name}]]",
}


_MARKUP = re.compile(
    r"<!--.*?-->|<style.*?>.*?</style>|<script.*?>.*?</script>|<.*?>", re.DOTALL | re.IGNORECASE
)
_ENTITY = re.compile(rf"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|apos|{'|'.join(name2codepoint)});")


def plain_text(value: str) -> str:
    r"""
    Give the text of a field as Anki strips it of its HTML.

    >>> plain_text("<b>caf\u00e9</b>&nbsp;&amp; <!-- not this -->t\u00e9")
    'café & té'
    """
    return _decoded(_MARKUP.sub("", value) if "<" in value else value)


def _decoded(text: str) -> str:
    # One faulty entity, and Anki decodes none.
    if "&" in text and text.count("&") == len(_ENTITY.findall(text)):
        return html.unescape(text).replace("\xa0", " ")
    return text


_CLOZE_NUMBER = re.compile(r"c[0-9]+")
_CLOZE = re.compile(r"\{\{c([0-9]+(?:,[0-9]+)*)::|\}\}")
_MATHS = re.compile(r"(\\[(\[])(.*?)(\\[\])])", re.DOTALL)


@attrs.define
class _Cloze:
    """A part of a text that is left out on the cards of its numbers."""

    numbers: tuple[int, ...]
    parts: list["str | _Cloze"] = attrs.field(factory=list)
    hint: str = "..."


def _clozes(value: str) -> list[str | _Cloze]:
    """Find the parts of a text; what is opened and never closed is lost, as in Anki."""
    whole = _Cloze(())
    opened = [whole]
    done = 0
    for mark in _CLOZE.finditer(value):
        _add(opened[-1], value[done : mark.start()], outside=len(opened) == 1)
        done = mark.end()
        if mark[1]:
            opened.append(_Cloze(tuple(map(int, mark[1].split(",")))))
        elif len(opened) > 1:
            closed = opened.pop()
            opened[-1].parts.append(closed)
        else:
            whole.parts.append(mark[0])
    _add(opened[-1], value[done:], outside=len(opened) == 1)
    return whole.parts


def _add(cloze: _Cloze, text: str, *, outside: bool) -> None:
    if not outside and "::" in text:
        text, _, cloze.hint = text.partition("::")
    if text:
        cloze.parts.append(text)


def _cloze(value: str, number: int, is_front: bool) -> str:  # noqa: FBT001  # as all filters
    """Leave out what has the number of the card; a text without that number shows nothing."""
    parts = _clozes(value)
    if not any(number in one.numbers for one in _every(parts)):
        return ""
    shown = "".join(_revealed(part, number, is_front=is_front) for part in parts)
    return _MATHS.sub(lambda maths: maths[1] + plain_text(maths[2]) + maths[3], shown)


def _cloze_only(value: str, number: int, is_front: bool) -> str:  # noqa: FBT001  # as all filters
    """Give nothing but what has the number of the card."""
    here = [one for one in _every(_clozes(value)) if number in one.numbers]
    return ", ".join(one.hint if is_front else _bare(one) for one in here)


_CLOZES: dict[str, Callable[[str, int, bool], str]] = {"cloze": _cloze, "cloze-only": _cloze_only}


def _every(parts: Iterable[str | _Cloze]) -> Iterator[_Cloze]:
    for part in parts:
        if isinstance(part, _Cloze):
            yield part
            yield from _every(part.parts)


def _bare(part: str | _Cloze) -> str:
    return part if isinstance(part, str) else "".join(map(_bare, part.parts))


def _revealed(part: str | _Cloze, number: int, *, is_front: bool) -> str:
    if isinstance(part, str):
        return part
    inner = "".join(_revealed(one, number, is_front=is_front) for one in part.parts)
    numbers = ",".join(map(str, part.numbers))
    if number not in part.numbers:
        return f'<span class="cloze-inactive" data-ordinal="{numbers}">{inner}</span>'
    if not is_front:
        return f'<span class="cloze" data-ordinal="{numbers}">{inner}</span>'
    hidden = _NO_LETTER.sub(_as_reference, inner)
    return (
        f'<span class="cloze" data-cloze="{hidden}" data-ordinal="{numbers}">[{part.hint}]</span>'
    )


_NO_LETTER = re.compile(r"[\x00-/:-@\[-`{-\xff]")
_NAMED = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _as_reference(found: re.Match[str]) -> str:
    return _NAMED.get(found[0]) or f"&#x{ord(found[0]):02X};"


_HEARD = re.compile(
    r"""\[sound:(?P<file>[^\]]+)\]"""
    r"""|\[anki:tts(?P<options>(?:\ [^\s=\]]+=(?:"[^"]*"|[^\s"\]]*))*)\](?P<text>.*?)\[/anki:tts\]""",
    re.DOTALL,
)
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|canvas|d[dlt]|div|fieldset|figcaption|figure"
    r"|footer|form|h[1-6r]|header|li|main|nav|noscript|ol|output|p|pre|section|table|tfoot|ul"
    r"|video)>",
    re.IGNORECASE,
)
"""What parts words when they are spoken."""

_OPTION = re.compile(r'([^\s=]+)=(?:"([^"]*)"|(\S*))')


def _side(text: str, side: str) -> Side:
    """Take out of a text what is heard, and number it."""
    heard: list[str | Speech] = []
    numbers = count()

    def numbered(found: re.Match[str]) -> str:
        file = found["file"]
        one = posixpath.basename(_decoded(file)) if file else _speech(found)
        if one is None:
            return found[0]
        heard.append(one)
        return f"[anki:play:{side}:{next(numbers)}]"

    return Side(_HEARD.sub(numbered, text), tuple(heard))


def _speech(found: re.Match[str]) -> Speech | None:
    options = {name: quoted or bare for name, quoted, bare in _OPTION.findall(found["options"])}
    if "lang" not in options:
        return None
    voices = options.get("voices")
    try:
        speed = float(options.get("speed", 1))
    except ValueError:
        speed = 1.0
    spoken = plain_text(_BLOCK.sub(" ", found["text"]))
    return Speech(spoken, options["lang"], () if voices is None else (*voices.split(","),), speed)
