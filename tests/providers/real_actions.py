"""The actions of AnkiConnect on a collection of the real Anki, for the loopback to serve."""

# Names and parameters are AnkiConnect's own.
# ruff: noqa: FBT001, FBT002, N802, N803

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anki.lang
from anki.collection import (
    Collection,
    DeckIdLimit,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from anki.consts import QUEUE_TYPE_SUSPENDED
from anki.errors import NotFoundError

from stages.testing.loopback import Actions


class RealActions:
    """
    What the adapter asks, done by Anki itself, so that the loopback's own answers do not drift.

    What AnkiConnect does around Anki is not here: texts of errors, silent acceptances.
    """

    def __init__(self, folder: Path) -> None:
        anki.lang.set_lang("en_US")
        folder.mkdir(parents=True)
        self.col: Any = Collection(str(folder / "collection.anki2"))
        self.profile = "User 1"
        self.sees: Callable[[str], bool] = lambda _: True

    def close(self) -> None:
        self.col.close()

    def version(self) -> Any:
        return 6

    def getActiveProfile(self) -> Any:
        return self.profile

    def deckNamesAndIds(self) -> Any:
        return {one.name: one.id for one in self.col.decks.all_names_and_ids()}

    def createDeck(self, deck: str) -> Any:
        return self.col.decks.id(deck)

    def getDecks(self, cards: list[int]) -> Any:
        decks: dict[str, list[int]] = {}
        for number in cards:
            deck = self.col.db.scalar("SELECT did FROM cards WHERE id = ?", number)
            decks.setdefault(self.col.decks.get(deck)["name"], []).append(number)
        return decks

    def modelNamesAndIds(self) -> Any:
        return {one.name: one.id for one in self.col.models.all_names_and_ids()}

    def _model(self, name: str) -> Any:
        if (model := self.col.models.by_name(name)) is None:
            raise LookupError(f"model was not found: {name}")
        return model

    def modelFieldNames(self, modelName: str) -> Any:
        return [field["name"] for field in self._model(modelName)["flds"]]

    def modelTemplates(self, modelName: str) -> Any:
        sides = self._model(modelName)["tmpls"]
        return {one["name"]: {"Front": one["qfmt"], "Back": one["afmt"]} for one in sides}

    def modelStyling(self, modelName: str) -> Any:
        return {"css": self._model(modelName)["css"]}

    def createModel(
        self, modelName: str, inOrderFields: list[str], cardTemplates: list[Any], css: str
    ) -> Any:
        models = self.col.models
        model = models.new(modelName)
        for name in inOrderFields:
            models.add_field(model, models.new_field(name))
        model["css"] = css
        for one in cardTemplates:
            template = models.new_template(one["Name"])
            template["qfmt"], template["afmt"] = one["Front"], one["Back"]
            models.add_template(model, template)
        return models.add(model).id

    def updateModelTemplates(self, model: Any) -> Any:
        kept = self._model(model["name"])
        for one in kept["tmpls"]:
            given = model["templates"].get(one["name"]) or {}
            one["qfmt"] = given.get("Front") or one["qfmt"]
            one["afmt"] = given.get("Back") or one["afmt"]
        self.col.models.update_dict(kept)

    def updateModelStyling(self, model: Any) -> Any:
        kept = self._model(model["name"])
        kept["css"] = model["css"]
        self.col.models.update_dict(kept)

    def modelTemplateAdd(self, modelName: str, template: Any) -> Any:
        kept = self._model(modelName)
        added = self.col.models.new_template(template["Name"])
        added["qfmt"], added["afmt"] = template["Front"], template["Back"]
        self.col.models.add_template(kept, added)
        self.col.models.update_dict(kept)

    def modelFieldAdd(self, modelName: str, fieldName: str) -> Any:
        kept = self._model(modelName)
        self.col.models.add_field(kept, self.col.models.new_field(fieldName))
        self.col.models.update_dict(kept)

    def findNotes(self, query: str) -> Any:
        return list(self.col.find_notes(query))

    def notesInfo(self, notes: list[int] | None = None, query: str | None = None) -> Any:
        numbers = self.findNotes(query) if query is not None else notes or []
        return [self._told(number) for number in numbers]

    def _told(self, number: int) -> Any:
        try:
            note = self.col.get_note(number)
        except NotFoundError:
            return {}
        return {
            "noteId": note.id,
            "tags": note.tags,
            "fields": {name: {"value": value} for name, value in note.items()},
            "modelName": note.note_type()["name"],
            "mod": note.mod,
            "cards": list(self.col.card_ids_of_note(number)),
        }

    def addNote(self, note: Any) -> Any:
        deck = self.col.decks.by_name(note["deckName"])
        made = self.col.new_note(self._model(note["modelName"]))
        for name, value in note["fields"].items():
            made[name] = value
        made.tags = note["tags"]
        self.col.add_note(made, deck["id"])
        return made.id

    def updateNoteFields(self, note: Any) -> Any:
        kept = self.col.get_note(note["id"])
        for name, value in note["fields"].items():
            if name in kept:
                kept[name] = value
        self.col.update_note(kept, skip_undo_entry=True)

    def addTags(self, notes: list[int], tags: str) -> Any:
        self.col.tags.bulk_add(notes, tags)

    def removeTags(self, notes: list[int], tags: str) -> Any:
        self.col.tags.bulk_remove(notes, tags)

    def deleteNotes(self, notes: list[int]) -> Any:
        self.col.remove_notes(notes)

    def suspend(self, cards: list[int]) -> Any:
        self.col.sched.suspend_cards(cards)
        return True

    def suspended(self, card: int) -> Any:
        return self.col.get_card(card).queue == QUEUE_TYPE_SUSPENDED

    def getMediaDirPath(self) -> Any:
        return self.col.media.dir()

    def getMediaFilesNames(self) -> Any:
        return [one.name for one in Path(self.col.media.dir()).iterdir() if one.name[0] != "."]

    def storeMediaFile(
        self,
        filename: str,
        data: str | None = None,
        path: str | None = None,
        deleteExisting: bool = True,
    ) -> Any:
        self._demand_sight(path)
        content = base64.b64decode(data) if data else Path(path or "").read_bytes()
        if deleteExisting:
            self.deleteMediaFile(filename)
        return self.col.media.write_data(filename, content)

    def deleteMediaFile(self, filename: str) -> Any:
        self.col.media.trash_files([filename])

    def _demand_sight(self, path: str | None) -> None:
        if path and not (self.sees(path) or Path(path).parent == Path(self.col.media.dir())):
            raise FileNotFoundError(2, "No such file or directory", path)

    def importPackage(self, path: str) -> Any:
        self._demand_sight(path)
        options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True)
        request = ImportAnkiPackageRequest(package_path=path, options=options)
        self.col.import_anki_package(request)
        self.col.models._clear_cache()
        return True

    def exportPackage(self, deck: str, path: str, includeSched: bool) -> Any:
        options = ExportAnkiPackageOptions(
            with_scheduling=includeSched, with_media=True, legacy=True
        )
        limit = DeckIdLimit(self.col.decks.by_name(deck)["id"])
        self.col.export_anki_package(out_path=path, options=options, limit=limit)
        return True


class RealLearner:
    """What a learner does and has in the real Anki; notes by their card ids."""

    def __init__(self, actions: RealActions) -> None:
        self._col = actions.col

    def number(self, key: str, field: str = "Card ID") -> int:
        (number,) = self._col.find_notes(f'"{field}:{key}"')
        return int(number)

    def edit(self, key: str, fields: dict[str, str], tags: tuple[str, ...] | None = None) -> None:
        note = self._col.get_note(self.number(key))
        for name, text in fields.items():
            note[name] = text
        note.tags = note.tags if tags is None else list(tags)
        self._col.update_note(note)

    def study(self) -> None:
        for deck in self._col.decks.all_names_and_ids():
            self._col.decks.select(deck.id)
            for _ in range(3):
                if card := self._col.sched.getCard():
                    card.start_timer()
                    self._col.sched.answerCard(card, 3)

    @property
    def history(self) -> list[Any]:
        stand = "SELECT id, nid, ord, ivl, reps FROM cards WHERE reps > 0 ORDER BY id"
        return [*self._col.db.all("SELECT id, cid, ease FROM revlog"), *self._col.db.all(stand)]

    @property
    def notes(self) -> dict[str, tuple[str, int]]:
        """The guid and the time of every note, by its first field, in the order of new cards."""
        order = "SELECT nid FROM cards GROUP BY nid ORDER BY min(due), nid"
        notes = [self._col.get_note(number) for (number,) in self._col.db.all(order)]
        return {note.fields[0]: (note.guid, note.mod) for note in notes}

    @property
    def types(self) -> dict[str, int]:
        return {one.name: one.id for one in self._col.models.all_names_and_ids()}

    def rename_deck(self, old: str, new: str) -> None:
        self._col.decks.rename(self._col.decks.by_name(old), new)

    def deck_of(self, key: str) -> str:
        card = self._col.get_card(self._col.card_ids_of_note(self.number(key))[0])
        return str(self._col.decks.name(card.did))

    def add_field(self, note_type: str, name: str) -> None:
        model = self._col.models.by_name(note_type)
        self._col.models.add_field(model, self._col.models.new_field(name))
        self._col.models.update_dict(model)

    def media(self, name: str) -> bytes:
        return Path(self._col.media.dir(), name).read_bytes()


class MadeUpLearner:
    """The same in the collection of the loopback."""

    def __init__(self, actions: Actions) -> None:
        self._col = actions.collection

    def number(self, key: str, field: str = "Card ID") -> int:
        return self._col.by_key(key, field).id

    def edit(self, key: str, fields: dict[str, str], tags: tuple[str, ...] | None = None) -> None:
        self._col.edit(self.number(key), fields, tags)

    def study(self) -> None:
        for number in [*self._col.notes][:3]:
            self._col.study(number)

    @property
    def history(self) -> list[Any]:
        return self._col.history

    @property
    def notes(self) -> dict[str, tuple[str, int]]:
        notes = sorted(self._col.notes.values(), key=lambda n: self._col.cards_of(n.id)[0].due)
        return {note.fields[0]: (note.guid, note.mod) for note in notes}

    @property
    def types(self) -> dict[str, int]:
        return {one.name: one.id for one in self._col.note_types.values()}

    def rename_deck(self, old: str, new: str) -> None:
        self._col.rename_deck(old, new)

    def deck_of(self, key: str) -> str:
        return self._col.cards_of(self.number(key))[0].deck

    def add_field(self, note_type: str, name: str) -> None:
        kept = self._col.type_named(note_type)
        assert kept
        self._col.add_field(kept, name)

    def media(self, name: str) -> bytes:
        return self._col.media[name]
