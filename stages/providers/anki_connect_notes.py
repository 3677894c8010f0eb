"""What AnkiConnect tells of notes and note types, in our words, and ours in its."""

import html
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect_package import STAND_IN
from stages.providers.anki_connect_state import Remembered
from stages.providers.anki_connect_wire import Action
from stages.providers.errors import BadAnswer, Misconfigured, Rejected
from stages.records.adoption import Adoption
from stages.records.canonical import canonical_text
from stages.records.note import ID_FIELD, LANGUAGE_FIELD, Note, NoteType, Template, note_guid

_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Kept:
    """
    A note in Anki, read as ours.

    Attributes:
        id: Anki's number of it.
        cards: The numbers of its cards.
        note: As ours; its deck is empty where nobody has asked for it.
        adoption: How it is ours where its note type is another.
    """

    id: int
    cards: tuple[int, ...]
    note: Note
    adoption: Adoption | None = None


@attrs.frozen(kw_only=True)
class There:
    """
    What is in the open profile.

    Attributes:
        profile: Its name.
        types: Our note types and those that are adopted, by name.
        type_ids: The numbers of all note types, by name.
        decks: The numbers of all decks, by name.
        media: The names of all files.
        notes: Ours, by guid.
        left_behind: The numbers of notes that brought a note type, where Anki was closed before
            they were deleted.
    """

    profile: str
    types: Mapping[str, NoteType]
    type_ids: Mapping[str, int]
    decks: Mapping[str, int]
    media: frozenset[str]
    notes: Mapping[str, Kept]
    left_behind: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Change:
    """
    What is to be changed in a note that is there.

    Attributes:
        kept: The note as it was read.
        wanted: The note as it shall be.
    """

    kept: Kept
    wanted: Note

    @property
    def fields(self) -> dict[str, str]:
        """What is put into the fields of Anki that differ, by their names there."""
        differing, adoption = self.sent.fields, self.kept.adoption
        if adoption is None:
            return dict(differing)
        return {
            adoption.fields[name]: adoption.written(name, text)
            for name, text in differing.items()
            if name in adoption.fields
        }

    @property
    def beside(self) -> dict[str, str]:
        """What no field of an adopted note holds, by our names."""
        if self.kept.adoption is None:
            return {}
        held = {*self.kept.adoption.fields, ID_FIELD, LANGUAGE_FIELD}
        return {name: text for name, text in self.wanted.fields.items() if name not in held}

    @property
    def tags(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tags to add, and those to remove."""
        now = {tag.casefold() for tag in self.kept.note.tags}
        then = {tag.casefold() for tag in self.wanted.tags}
        added = tuple(tag for tag in self.wanted.tags if tag.casefold() not in now)
        return added, tuple(tag for tag in self.kept.note.tags if tag.casefold() not in then)

    @property
    def sent(self) -> Note:
        """What is put: those fields of ours that differ, and the tags that are added."""
        now = self.kept.note.fields
        fields = {k: text for k, text in self.wanted.fields.items() if now.get(k) != text}
        return attrs.evolve(self.wanted, fields=FrozenMap(fields), tags=self.tags[0])

    @property
    def is_none(self) -> bool:
        """Whether nothing is to be done in Anki."""
        return not (self.fields or any(self.tags))

    def missed(self, now: Kept) -> bool:
        """Tell whether a field or a tag that was put is not there."""
        left = attrs.evolve(self, kept=now)
        put, added, removed = self.fields.keys(), *self.tags
        return bool(
            put & left.fields.keys()
            or set(added) & set(left.tags[0])
            or set(removed) & set(left.tags[1])
        )


def search_of(note_types: Iterable[str]) -> str:
    r"""
    Give the search that finds the notes of these note types, and all others with a card id.

    >>> search_of(["Stages Vocabulary", "my_type"])
    '"note:Stages Vocabulary" OR "note:my\\_type" OR "Card ID:_*"'
    """
    escaped = (re.sub(r'([\\"*_:])', r"\\\1", name) for name in note_types)
    return " OR ".join((*(f'"note:{name}"' for name in escaped), f'"{ID_FIELD}:_*"'))


def type_actions(name: str) -> tuple[Action, ...]:
    """Ask for all that makes a note type."""
    params = {"modelName": name}
    return ("modelFieldNames", params), ("modelTemplates", params), ("modelStyling", params)


def note_type_of(name: str, answers: Iterable[Any]) -> NoteType:
    """Give a note type, as `type_actions` were answered."""
    fields, templates, styling = answers
    return NoteType(
        name=name,
        fields=tuple(fields),
        templates=tuple(
            Template(one, sides["Front"], sides["Back"]) for one, sides in templates.items()
        ),
        css=styling["css"],
    )


def kept_notes(
    told: Iterable[Mapping[str, Any]],
    types: Mapping[str, NoteType],
    adoptions: Mapping[str, Adoption],
    remembered: Remembered,
) -> dict[str, Kept]:
    """
    Read notes as ours, by guid; of two that have one card id, the older is the one.

    Raises:
        BadAnswer: A note type of ours has lost the field by which its notes are known.
        Misconfigured: An adopted note type is not there, or lacks a field that was named.
    """
    _demand_keys(types, adoptions)
    every = (one for answer in told if (one := kept_note(answer, adoptions, remembered)))
    # Ours come before adopted ones.
    ordered = sorted(every, key=lambda one: (one.adoption is not None, one.id))
    kept: dict[str, Kept] = {}
    for one in ordered:
        if kept.setdefault(one.note.guid, one) is not one:
            name = one.note.fields[ID_FIELD]
            _log.warning("another note in Anki has the card id %s too; it is left alone", name)
    return dict(sorted(kept.items(), key=lambda item: item[1].id))


def kept_note(
    told: Mapping[str, Any], adoptions: Mapping[str, Adoption], remembered: Remembered
) -> Kept | None:
    """Read a note as ours; None for one that is gone, or that has no card id."""
    if not told:
        return None
    theirs = {name: field["value"] for name, field in told["fields"].items()}
    adoption = adoptions.get(told["modelName"])
    fields = adoption.read(theirs) if adoption else theirs
    key = html.unescape(fields.get(ID_FIELD, "")).strip()
    language = html.unescape(fields.get(LANGUAGE_FIELD, "")).strip()
    if not (key and language):
        return None
    note_type = adoption.ours if adoption else told["modelName"]
    guid = note_guid(language, note_type, key)
    if adoption:
        fields = {**remembered.beside.get(guid, {}), **fields}
    before = remembered.notes.get(guid)
    return Kept(
        id=told["noteId"],
        cards=tuple(told["cards"]),
        note=Note(
            guid=guid,
            note_type=note_type,
            deck=before.deck if before else "",
            fields=FrozenMap(fields),
            tags=tuple(told["tags"]),
        ),
        adoption=adoption,
    )


def stand_ins_in(told: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """Give the numbers of notes that only bring a note type: nothing else stands in them."""
    named = (one for one in told if one["fields"].get(ID_FIELD, {}).get("value") == STAND_IN)
    return tuple(
        one["noteId"]
        for one in named
        if {field["value"] for field in one["fields"].values()} <= {STAND_IN, ""}
    )


def _demand_keys(types: Mapping[str, NoteType], adoptions: Mapping[str, Adoption]) -> None:
    for name in adoptions.keys() - types.keys():
        why = f"Anki has no note type {name!r}, which is to be adopted"
        raise Misconfigured(why, "look for its name under Tools > Manage Note Types")
    for note_type in types.values():
        adoption = adoptions.get(note_type.name)
        wanted = [adoption.key, *adoption.fields.values()] if adoption else _KEYS
        missing = [name for name in wanted if name not in note_type.fields]
        if not missing:
            continue
        has = f"it has {', '.join(note_type.fields)}"
        why = (
            f"the note type {note_type.name!r} in Anki has no field {', '.join(map(repr, missing))}"
        )
        if adoption:
            raise Misconfigured(f"{why}, which the adoption names", has)
        raise BadAnswer(
            f"{why}, by which its notes are known again: it was renamed or removed by hand",
            f"rename it back in Anki under Tools > Manage Note Types > Fields; {has}",
        )


_KEYS = (ID_FIELD, LANGUAGE_FIELD)


def has_keys(note_type: NoteType) -> bool:
    """Tell whether the notes of a note type can be known again."""
    return set(_KEYS) <= set(note_type.fields)


def demand_keys_of(note_type: NoteType) -> None:
    """
    Refuse a note type that, or whose notes, could not be known again.

    Raises:
        Rejected: It lacks a field for it, or Anki would give it another name.
    """
    if not re.fullmatch(r'[^"\x00-\x1f\x7f]+', canonical_text(note_type.name)):
        raise Rejected(f"Anki would rename a note type named {note_type.name!r}")
    missing = [name for name in _KEYS if name not in note_type.fields]
    if missing:
        raise Rejected(
            f"the note type {note_type.name!r} has no field {', '.join(map(repr, missing))}",
            "a running Anki tells no guids, so its notes are known again by these fields",
        )


def type_changes(now: NoteType, wanted: NoteType) -> Iterator[Action]:
    """Give what is to be done to a note type so that it has all that is wanted; nothing goes."""
    name = now.name
    for field in wanted.fields:
        if field not in now.fields:
            yield "modelFieldAdd", {"modelName": name, "fieldName": field}
    there = {one.name: one for one in now.templates}
    changed = {}
    for one in wanted.templates:
        sides = {"Front": one.front, "Back": one.back}
        if one.name not in there:
            yield "modelTemplateAdd", {"modelName": name, "template": {"Name": one.name, **sides}}
        elif there[one.name] != one:
            changed[one.name] = sides
    if changed:
        yield "updateModelTemplates", {"model": {"name": name, "templates": changed}}
    # The same look again would count as a change of the note type.
    if now.css != wanted.css:
        yield "updateModelStyling", {"model": {"name": name, "css": wanted.css}}
