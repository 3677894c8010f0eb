"""A collection of the real Anki, as a learner has one."""

from pathlib import Path
from typing import Any

import anki.lang
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest


class RealAnki:
    """Imports packages, shows cards and studies; made by the `real_anki` fixture."""

    def __init__(self, folder: Path) -> None:
        """Open an empty collection in a new folder."""
        anki.lang.set_lang("en_US")
        folder.mkdir()
        self._collection: Any = Collection(str(folder / "collection.anki2"))

    def close(self) -> None:
        """Close the collection."""
        self._collection.close()

    def import_package(self, package: Path) -> dict[str, int]:
        """Import a package as a person does, and count what became of its notes."""
        options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True)
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        log = self._collection.import_anki_package(request).log
        self._collection.models._clear_cache()  # Anki keeps the old note types otherwise
        return {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate")}

    @property
    def notes(self) -> dict[str, dict[str, str]]:
        """The fields of every note, by card id, in the order in which new cards are shown."""
        order = "SELECT nid FROM cards GROUP BY nid ORDER BY min(due)"
        every = [dict(self._collection.get_note(nid).items()) for (nid,) in self._rows(order)]
        return {fields["Card ID"]: fields for fields in every}

    def shown(self, card_id: str) -> list[tuple[str, str, list[str]]]:
        """Give both sides of each card of a note as Anki renders them, and the sounds it plays."""
        (note,) = self._collection.find_notes(f'"Card ID:{card_id}"')
        cards = [
            self._collection.get_card(number) for number in self._collection.card_ids_of_note(note)
        ]
        return [
            (card.question(), card.answer(), [tag.filename for tag in card.answer_av_tags()])
            for card in cards
        ]

    def media(self, name: str) -> bytes:
        """Give a file of Anki's media folder."""
        return Path(self._collection.media.dir(), name).read_bytes()

    @property
    def decks(self) -> list[str]:
        """The names of the decks."""
        return [deck.name for deck in self._collection.decks.all_names_and_ids()]

    @property
    def faults(self) -> list[str]:
        """What Anki's own checks of database, media and empty cards find."""
        _, is_right = self._collection.fix_integrity()
        media = self._collection.media.check()
        empty = [
            f"empty card of note {one.note_id}" for one in self._collection.get_empty_cards().notes
        ]
        unused = [f"unused {name}" for name in media.unused]
        missing = [f"missing {name}" for name in media.missing]
        return [*([] if is_right else ["the database"]), *missing, *unused, *empty]

    def study(self, answers: int) -> None:
        """Answer cards as a learner does."""
        for deck in self._collection.decks.all_names_and_ids():
            self._collection.decks.select(deck.id)
            for _ in range(answers):
                card = self._collection.sched.getCard()
                if card:
                    card.start_timer()
                    self._collection.sched.answerCard(card, 3)

    @property
    def history(self) -> list[Any]:
        """All that a learner's work consists of: every answer, and where each card stands."""
        stand = "SELECT id, nid, ord, type, queue, ivl, factor, reps, lapses FROM cards ORDER BY id"
        return [*self._rows("SELECT * FROM revlog"), *self._rows(stand)]

    def _rows(self, query: str) -> list[Any]:
        rows: list[Any] = self._collection.db.all(query)
        return rows
