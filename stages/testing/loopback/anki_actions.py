"""What AnkiConnect can be asked, on a collection that is kept here."""

# Names and parameters are AnkiConnect's own, and so is what they mean.
# ruff: noqa: D102, FBT001, FBT002, N802, N803

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeAlias

from stages.records.canonical import canonical_tags, canonical_text
from stages.records.note import NoteType, Template
from stages.records.template import note_type_problems
from stages.testing.loopback.anki_collection import AnkiCollection, KeptNote, KeptType
from stages.testing.loopback.anki_packages import export_package, import_package
from stages.testing.loopback.anki_rules import media_file_name

Json: TypeAlias = Any

MEDIA_FOLDER = "/anki/collection.media"
"""Where Anki says that its media lie."""

BACKUP_FOLDER = "/anki/backups"
"""Where Anki keeps its backups."""

_CLOZE = "{{c"


class ActionError(Exception):
    """What an action says in place of an answer."""


class Actions:
    """
    The actions of AnkiConnect by their names; each takes its parameters by name.

    Attributes:
        collection: What lies in the profile.
        profile: The name of the profile that is open; None while Anki shows the list of them.
        sees: Tells whether Anki can use a path of ours.
        backups: Bytes of what was exported into the folder of its backups, by name.
        losing: How many updates of a note will be lost, by its id: its learner has just opened it.
    """

    def __init__(
        self,
        collection: AnkiCollection,
        profile: str | None = "User 1",
        sees: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Serve a collection, under the name of its profile."""
        self.collection = collection
        self.profile = profile
        self.sees = sees
        self.backups: dict[str, bytes] = {}
        self.losing: Counter[int] = Counter()

    @property
    def _open(self) -> AnkiCollection:
        if self.profile is None:
            raise ActionError("collection is not available")
        return self.collection

    # Itself

    def version(self) -> Json:
        return 6

    def getActiveProfile(self) -> Json:
        return self.profile

    def getProfiles(self) -> Json:
        return [self.profile or "User 1"]

    def requestPermission(self) -> Json:
        return {"permission": "granted", "requireApikey": False, "version": 6}

    # Decks

    def deckNames(self) -> Json:
        return sorted(self._open.decks)

    def deckNamesAndIds(self) -> Json:
        return dict(sorted(self._open.decks.items()))

    def createDeck(self, deck: str) -> Json:
        name = self._open.deck_named(deck, make=True)
        return self.collection.decks[name or ""]

    def getDecks(self, cards: list[int]) -> Json:
        decks: dict[str, list[int]] = {}
        for card in cards:
            if card not in self._open.cards:
                raise ActionError("'NoneType' object is not subscriptable")
            decks.setdefault(self._open.cards[card].deck, []).append(card)
        return decks

    # Note types

    def modelNames(self) -> Json:
        return sorted(one.name for one in self._open.note_types.values())

    def modelNamesAndIds(self) -> Json:
        return {one.name: one.id for one in self._open.note_types.values()}

    def modelFieldNames(self, modelName: str) -> Json:
        return list(self._type(modelName).fields)

    def modelTemplates(self, modelName: str) -> Json:
        sides = self._type(modelName).templates.items()
        return {name: {"Front": front, "Back": back} for name, (front, back) in sides}

    def modelStyling(self, modelName: str) -> Json:
        return {"css": self._type(modelName).css}

    def createModel(
        self,
        modelName: str,
        inOrderFields: list[str],
        cardTemplates: list[dict[str, str]],
        css: str | None = None,
        isCloze: bool = False,  # noqa: ARG002
    ) -> Json:
        if not inOrderFields:
            raise ActionError("Must provide at least one field for inOrderFields")
        if not cardTemplates:
            raise ActionError("Must provide at least one card for cardTemplates")
        if self._open.type_named(modelName):
            raise ActionError("Model name already exists")
        made = KeptType(
            id=self.collection.new_id(),
            name=modelName,
            fields=[canonical_text(name) for name in inOrderFields],
            templates={
                one.get("Name", f"Card {number}"): (one["Front"], one["Back"])
                for number, one in enumerate(cardTemplates, 1)
            },
            css=".card {}" if css is None else css,
        )
        self._demand_sound(made)
        self.collection.add_type(made)
        return {"id": made.id, "name": made.name}

    def updateModelTemplates(self, model: dict[str, Any]) -> Json:
        kept = self._type(model["name"])
        sides = dict(kept.templates)
        for name, (front, back) in kept.templates.items():
            given = model["templates"].get(name) or {}
            sides[name] = given.get("Front") or front, given.get("Back") or back
        self._demand_sound(
            KeptType(id=kept.id, name=kept.name, fields=kept.fields, templates=sides, css=kept.css)
        )
        self._put_templates(kept, sides)

    def updateModelStyling(self, model: dict[str, Any]) -> Json:
        kept = self._type(model["name"])
        kept.css, kept.mod = model["css"], self.collection.now()

    def modelTemplateAdd(self, modelName: str, template: dict[str, str]) -> Json:
        kept = self._type(modelName)
        added = {template["Name"]: (template["Front"], template["Back"])}
        self._put_templates(kept, {**kept.templates, **added})

    def modelFieldAdd(self, modelName: str, fieldName: str, index: int | None = None) -> Json:
        kept = self._type(modelName)
        if fieldName not in kept.fields:
            self.collection.add_field(kept, fieldName)
        if index is not None:
            at = kept.fields.index(fieldName)
            for values in (kept.fields, *(note.fields for note in self._notes_of(kept))):
                values.insert(index, values.pop(at))
        kept.mod = self.collection.now()

    def _put_templates(self, kept: KeptType, sides: dict[str, tuple[str, str]]) -> None:
        kept.templates, kept.mod = sides, self.collection.now()
        for note in self._notes_of(kept):
            self.collection.make_cards(note)

    def _notes_of(self, kept: KeptType) -> list[KeptNote]:
        return [note for note in self.collection.notes.values() if note.note_type is kept]

    def _type(self, name: str) -> KeptType:
        if (kept := self._open.type_named(name)) is None:
            raise ActionError(f"model was not found: {name}")
        return kept

    def _demand_sound(self, kept: KeptType) -> None:
        """Refuse what Anki refuses in the sides of a note type."""
        sides = tuple(Template(name, *two) for name, two in kept.templates.items())
        given = NoteType(name=kept.name, fields=tuple(kept.fields), templates=sides, css=kept.css)
        refused = {"faulty-template", "unknown-field", "front-without-field", "same-front"}
        faults = [str(one) for one in note_type_problems(given) if one.code in refused]
        if faults:
            raise ActionError(f"Card template in notetype \u2068{kept.name}\u2069: {faults[0]}")

    # Notes

    def findNotes(self, query: str | None = None) -> Json:
        return [] if query is None else self._open.found(query)

    def notesInfo(self, notes: list[int] | None = None, query: str | None = None) -> Json:
        if notes is None and query is None:
            raise ActionError('Must provide either "notes" or a "query"')
        return [self._told(number) for number in (self.findNotes(query) if query else notes or [])]

    def _told(self, number: int) -> dict[str, Any]:
        note = self._open.notes.get(number)
        if note is None:
            return {}
        named = zip(note.note_type.fields, note.fields, strict=True)
        return {
            "noteId": note.id,
            "profile": self.profile,
            "tags": list(note.tags),
            "fields": {
                name: {"value": value, "order": at} for at, (name, value) in enumerate(named)
            },
            "modelName": note.note_type.name,
            "mod": note.mod,
            "cards": [card.id for card in self.collection.cards_of(note.id)],
        }

    def addNote(self, note: dict[str, Any]) -> Json:
        kept = self._type(note["modelName"])
        deck = self._open.deck_named(note["deckName"])
        if deck is None:
            raise ActionError(f"deck was not found: {note['deckName']}")
        values = dict.fromkeys(kept.fields, "")
        spelt = {name.lower(): name for name in kept.fields}
        for name, value in note["fields"].items():
            if name.lower() in spelt:
                values[spelt[name.lower()]] = self._text(value)
        first = next(iter(values.values()))
        if not first.strip():
            raise ActionError("cannot create note because it is empty")
        if any(_CLOZE in value and "::" in value for value in values.values()):
            raise ActionError("cannot create note for unknown reason")
        may_double = note.get("options", {}).get("allowDuplicate", False)
        if not may_double and self.collection.duplicate_of(kept, first):
            raise ActionError("cannot create note because it is a duplicate")
        made = self.collection.new_id()
        self.collection.add(
            KeptNote(
                id=made,
                guid=f"made here {made}",
                note_type=kept,
                fields=[canonical_text(value) for value in values.values()],
                tags=canonical_tags(tuple(note.get("tags", ()))),
                mod=self.collection.now(),
            ),
            deck,
        )
        return made

    def addNotes(self, notes: list[dict[str, Any]]) -> Json:
        made, faults = [], []
        for note in notes:
            try:
                made.append(self.addNote(note))
            except ActionError as error:
                faults.append(str(error))
        if faults:
            self.collection.remove(made)
            raise ActionError(str(faults))
        return made

    def updateNoteFields(self, note: dict[str, Any]) -> Json:
        kept = self._note(note["id"])
        given = {name: self._text(value) for name, value in note["fields"].items()}
        if self.losing[kept.id] > 0:
            self.losing[kept.id] -= 1
            return
        now = zip(kept.note_type.fields, kept.fields, strict=True)
        self.collection.update(kept, [given.get(name, old) for name, old in now], kept.tags)

    def addTags(self, notes: list[int], tags: str) -> Json:
        for kept in map(self._note, notes):
            spelt = canonical_tags((*kept.tags, tags))
            self.collection.update(kept, kept.fields, spelt)

    def removeTags(self, notes: list[int], tags: str) -> Json:
        gone = {tag.casefold() for tag in canonical_tags((tags,))}
        for kept in map(self._note, notes):
            spelt = tuple(tag for tag in kept.tags if tag.casefold() not in gone)
            self.collection.update(kept, kept.fields, spelt)

    def deleteNotes(self, notes: list[int]) -> Json:
        self._open.remove(notes)

    def suspend(self, cards: list[int]) -> Json:
        left = [card for card in cards if not self.suspended(card)]
        for card in left:
            self.collection.suspend(card)
        return bool(left)

    def suspended(self, card: int) -> Json:
        if card not in self._open.cards:
            raise ActionError(f"Card was not found: {card}")
        return self.collection.suspended(card)

    def _note(self, number: int) -> KeptNote:
        if number not in self._open.notes:
            raise ActionError(f"Note was not found: {number}")
        return self.collection.notes[number]

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise ActionError("bad argument type for built-in operation")
        return value

    # Media

    def getMediaDirPath(self) -> Json:
        return MEDIA_FOLDER if self._open is self.collection else ""

    def getMediaFilesNames(self, pattern: str = "*") -> Json:
        names = sorted(self._open.media)
        hidden = not pattern.startswith(".")
        return [n for n in names if fnmatchcase(n, pattern) and not (hidden and n[0] == ".")]

    def retrieveMediaFile(self, filename: str) -> Json:
        content = self._open.media.get(media_file_name(filename.rpartition("/")[2]))
        return base64.b64encode(content).decode() if content is not None else False

    def storeMediaFile(  # noqa: PLR0917  # as AnkiConnect has them
        self,
        filename: str,
        data: str | None = None,
        path: str | None = None,
        url: str | None = None,
        skipHash: str | None = None,
        deleteExisting: bool = True,
    ) -> Json:
        if not (data or path or url):
            raise ActionError('You must provide a "data", "path", or "url" field.')
        if url and not (data or path):
            raise ActionError("nothing is fetched from the web here")
        content = _decoded(data) if data else self._bytes(path or "")
        # Nothing is kept safe by it: it is what AnkiConnect compares.
        if skipHash == hashlib.md5(content, usedforsecurity=False).hexdigest():
            return None
        name = media_file_name(filename)
        if not name:
            raise ActionError("an error of the file system: is a directory")
        if deleteExisting and self._open.media.pop(name, None) is not None:
            self.collection.trash.append(name)
        if self._open.media.get(name, content) != content:
            stem, dot, ending = name.rpartition(".")
            digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            name = f"{stem}-{digest}{dot}{ending}" if dot else f"{name}-{digest}"
        self.collection.media[name] = content
        return name

    def deleteMediaFile(self, filename: str) -> Json:
        if self._open.media.pop(filename, None) is not None:
            self.collection.trash.append(filename)

    def _bytes(self, path: str) -> bytes:
        """Read a file as Anki does: of our paths, only those that it sees."""
        folder, _, name = path.rpartition("/")
        if folder == MEDIA_FOLDER and name in self.collection.media:
            return self.collection.media[name]
        if not (self.sees(path) and Path(path).is_file()):
            raise ActionError(f"[Errno 2] No such file or directory: {path!r}")
        return Path(path).read_bytes()

    # Packages

    def importPackage(self, path: str) -> Json:
        import_package(self._open, self._bytes(path))
        return True

    def exportPackage(self, deck: str, path: str, includeSched: bool = False) -> Json:
        name = self._open.deck_named(deck)
        if name is None:
            return False
        content = export_package(self.collection, name, reviewed=includeSched)
        folder, _, file = path.rpartition("/")
        if folder == BACKUP_FOLDER:
            self.backups[file] = content
        elif self.sees(path) and Path(folder).is_dir():
            Path(path).write_bytes(content)
        else:
            raise ActionError(f"[Errno 2] No such file or directory: {path!r}")
        return True


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except binascii.Error:
        return b""


def asked(actions: object, name: str, params: Mapping[str, Any]) -> Json:
    """
    Ask by the name of an action.

    Raises:
        ActionError: There is none of this name, or it refuses.
    """
    action = getattr(actions, name, None) if name and name[0] != "_" else None
    if not callable(action) or name == "sees":
        raise ActionError("unsupported action")
    return action(**params)
