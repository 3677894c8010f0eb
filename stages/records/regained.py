"""The cards of a deck that was written before: what a note says, as it was said when it was made."""

import html
import re
from collections.abc import Iterable, Iterator

import attrs

from stages.core.frozen import FrozenMap
from stages.records.card import Card
from stages.records.media import Credit, MediaFile, Recording
from stages.records.note import (
    CREDIT_FIELD,
    ID_FIELD,
    LANGUAGE_FIELD,
    PICTURE_FIELD,
    SOUND_FIELD,
    Note,
    media_in,
)

_COMPOSED = frozenset((ID_FIELD, LANGUAGE_FIELD, CREDIT_FIELD))
_OF_MEDIA = frozenset((PICTURE_FIELD, SOUND_FIELD))
_PLAYED_AFTER = re.compile(r" ((?:\[sound:[^\]]+\])+)\Z")
_LINK = r'<a href="([^"]*)">(.*?)</a>'


@attrs.frozen(kw_only=True)
class Regained:
    """
    The cards of a deck, with their pictures and sounds.

    Attributes:
        cards: In the order of their notes.
        images: By card id.
        sounds: By what is spoken.
    """

    cards: tuple[Card, ...]
    images: FrozenMap[str, MediaFile]
    sounds: FrozenMap[str, MediaFile]


def regained(notes: Iterable[Note]) -> Regained:
    """
    Give the cards of notes that `note_of` has composed: composed again, they are the same notes.

    What stands in no note, such as the prompt of a picture, is left empty. A note does not say what
    of its sound is the word, so the sound is spoken under the guid, which is no text of a card.
    """
    cards: list[Card] = []
    images: dict[str, MediaFile] = {}
    sounds: dict[str, MediaFile] = {}
    for note in notes:
        texts, example, played = _texts_of(note)
        word_id = html.unescape(note.fields[ID_FIELD])
        files = [
            [*media_in(note.fields.get(PICTURE_FIELD, ""))],
            [*media_in(note.fields.get(SOUND_FIELD, ""))],
            played,
        ]
        lines = iter(filter(None, note.fields.get(CREDIT_FIELD, "").split("<br>")))
        picture, sound, of_example = (_file(names, lines) for names in files)
        if picture:
            images[word_id] = picture
        if sound:
            sounds[note.guid] = sound
        if of_example and not (example in sounds and sounds[example].credits):
            sounds[example] = of_example
        cards.append(
            Card(
                id=word_id,
                note_type=note.note_type,
                word=note.guid,
                language=html.unescape(note.fields[LANGUAGE_FIELD]),
                fields=texts,
                example=example,
                tags=note.tags,
            )
        )
    return Regained(cards=tuple(cards), images=FrozenMap(images), sounds=FrozenMap(sounds))


def _texts_of(note: Note) -> tuple[FrozenMap[str, str], str, list[str]]:
    """Give the texts, the one of them that is spoken, and the files in which it is."""
    texts, example, played = {}, "", list[str]()
    for name, field in note.fields.items():
        if name in _COMPOSED or (name in _OF_MEDIA and [*media_in(field)]):
            continue
        # What a text says itself of sounds is escaped.
        found = _PLAYED_AFTER.search(field)
        texts[name] = html.unescape(field[: found.start()] if found else field)
        if found:
            example, played = texts[name], [*media_in(found[1])]
    return FrozenMap(texts), example, played


def _file(names: list[str], lines: Iterator[str]) -> MediaFile | None:
    """
    Give the file of these names; each takes one of the credits that are left.

    Which credit is of which file stands nowhere: a note has them in the order of its files, and only
    once.
    """
    if not names:
        return None
    first, *others = [(name, _credit(next(lines, ""))) for name in names]
    return MediaFile(
        name=first[0],
        size=0,
        provider="",
        credit=first[1],
        others=tuple(Recording(name=name, size=0, credit=credit) for name, credit in others),
    )


def _credit(line: str) -> Credit | None:
    """
    Give the credit that is shown so.

    >>> _credit('<a href="https://example.org">Casa</a> · Ana · CC BY 4.0')
    Credit(author='Ana · CC BY 4.0', licence='', source='https://example.org', title='Casa', licence_url='')
    """
    if not line:
        return None
    title = re.match(_LINK, line, re.DOTALL)
    rest = line[title.end() :] if title else line
    licence = re.search(rf"(?:\A| · ){_LINK}\Z", rest, re.DOTALL)
    middle = html.unescape(rest[: licence.start()] if licence else rest)
    address, named = map(html.unescape, licence.groups() if licence else ("", ""))
    if title:
        source, shown = map(html.unescape, title.groups())
        author = middle.removeprefix(" · ")
        return Credit(title=shown, source=source, author=author, licence=named, licence_url=address)
    if licence:
        return Credit(title=middle, author="", licence=named, licence_url=address)
    return Credit(author=middle, licence="")
