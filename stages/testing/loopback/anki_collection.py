"""A small collection as Anki keeps one: note types, notes, cards, review history, media."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.records.canonical import canonical_deck, canonical_tags, canonical_text
from stages.records.note import note_guid
from stages.records.template import filled_fields, parse_side, shows_field
from stages.testing.loopback.anki_rules import compared, fits, parsed_search

DEFAULT_DECK = "Default"
_SUSPENDED = -1


@attrs.define
class KeptType:
    """A note type as it is kept: its templates by name, in order, each a front and a back."""

    id: int
    name: str
    fields: list[str]
    templates: dict[str, tuple[str, str]]
    css: str
    mod: int = 0

    @property
    def schema(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What two note types have to share so that notes of one can be notes of the other."""
        return tuple(self.fields), tuple(self.templates)


@attrs.define
class KeptNote:
    """A note as it is kept."""

    id: int
    guid: str
    note_type: KeptType
    fields: list[str]
    tags: tuple[str, ...]
    mod: int

    def __getitem__(self, name: str) -> str:
        return self.fields[self.note_type.fields.index(name)]


@attrs.define
class KeptCard:
    """A card, and where it stands in its learner's memory."""

    id: int
    note: int
    template: int
    deck: str
    due: int
    queue: int = 0
    reps: int = 0
    interval: int = 0


class AnkiCollection:
    """
    What lies in a profile of Anki, with the doings of a learner at hand.

    Attributes:
        note_types: By id.
        notes: By id.
        cards: By id.
        decks: Ids, by name.
        reviews: Every answer: its time, the card, and the button.
        media: Bytes, by name.
        trash: The names of media files that were deleted or replaced, in order.
    """

    def __init__(self) -> None:
        """Start empty, as a new profile does."""
        self.note_types: dict[int, KeptType] = {}
        self.notes: dict[int, KeptNote] = {}
        self.cards: dict[int, KeptCard] = {}
        self.decks: dict[str, int] = {DEFAULT_DECK: 1}
        self.reviews: list[tuple[int, int, int]] = []
        self.media: dict[str, bytes] = {}
        self.trash: list[str] = []
        self._cards_of: defaultdict[int, list[KeptCard]] = defaultdict(list)
        self._due = 0
        self._spellings: dict[str, str] = {}
        self._last_id = int(time.time() * 1000)
        self._last_mod = int(time.time())

    # What a learner does

    def edit(self, note: int, fields: Mapping[str, str], tags: Iterable[str] | None = None) -> None:
        """Change fields of a note, and its tags where they are given, as in the browser."""
        kept = self.notes[note]
        values = dict(zip(kept.note_type.fields, kept.fields, strict=True))
        if unknown := fields.keys() - values.keys():
            raise KeyError(*unknown)
        spelt = kept.tags if tags is None else canonical_tags(tuple(tags))
        self.update(kept, [*{**values, **fields}.values()], spelt)

    def study(self, note: int, button: int = 3) -> None:
        """Answer every card of a note."""
        for card in self.cards_of(note):
            card.reps += 1
            card.interval += card.reps
            card.queue = 2
            self.reviews.append((self.new_id(), card.id, button))

    def rename_deck(self, old: str, new: str) -> None:
        """Rename a deck and those below it."""
        for name in [one for one in self.decks if one == old or one.startswith(f"{old}::")]:
            self.decks[new + name.removeprefix(old)] = self.decks.pop(name)
        for card in self.cards.values():
            if card.deck == old or card.deck.startswith(f"{old}::"):
                card.deck = new + card.deck.removeprefix(old)

    @property
    def history(self) -> list[tuple[int, ...]]:
        """All that a learner's work consists of: every answer, and where each such card stands."""
        seen = (card for card in self.cards.values() if card.reps)
        stand = ((c.id, c.note, c.template, c.reps, c.interval) for c in seen)
        return [*self.reviews, *sorted(stand)]

    # What tests ask

    def by_key(self, key: str, field: str = "Card ID") -> KeptNote:
        """Give the only note whose field says this."""
        (note,) = (
            n for n in self.notes.values() if field in n.note_type.fields and n[field] == key
        )
        return note

    def guid_of(self, note: int) -> str:
        """Give the guid that our decks would give a note."""
        kept = self.notes[note]
        return note_guid(kept["Language"], kept.note_type.name, kept["Card ID"])

    # What Anki does

    def now(self) -> int:
        """Give a time of modification, in seconds; each is later than the one before."""
        self._last_mod = max(int(time.time()), self._last_mod + 1)
        return self._last_mod

    def new_id(self, wanted: int | None = None, taken: Mapping[int, Any] = FrozenMap()) -> int:
        """Give an id that nothing has yet, the wanted one if it is free."""
        if wanted is not None:
            while wanted in taken:
                wanted += 1
            return wanted
        self._last_id += 1
        return self._last_id

    def type_named(self, name: str) -> KeptType | None:
        """Find a note type."""
        return next((one for one in self.note_types.values() if one.name == name), None)

    def deck_named(self, name: str, *, make: bool = False) -> str | None:
        """Find a deck as it is spelt here, or make it and those above it."""
        name = canonical_deck(name)
        for known in self.decks:
            if known.casefold() == name.casefold():
                return known
        if not make:
            return None
        above, _, last = name.rpartition("::")
        if above:
            name = f"{self.deck_named(above, make=True)}::{last}"
        self.decks[name] = self.new_id()
        return name

    def add_type(self, kept: KeptType) -> None:
        """Keep a new note type, under a name that is free."""
        while self.type_named(kept.name):
            kept.name += "+"
        kept.mod = kept.mod or self.now()
        self.note_types[kept.id] = kept

    def add_field(self, kept: KeptType, name: str) -> None:
        """Add a field, empty in every note."""
        kept.fields.append(name)
        kept.mod = self.now()
        for note in self.notes.values():
            if note.note_type is kept:
                note.fields.append("")

    def add(self, note: KeptNote, deck: str) -> None:
        """Keep a new note, and make its cards, the last among the new ones."""
        note.tags = self.spelt(note.tags)
        self.notes[note.id] = note
        self.make_cards(note, deck)

    def make_cards(self, note: KeptNote, deck: str | None = None) -> None:
        """Make the cards that a note has by its fields and does not have yet; the first always."""
        there = {card.template: card for card in self.cards_of(note.id)}
        fields = dict(zip(note.note_type.fields, note.fields, strict=True))
        filled = filled_fields(fields, note.tags)
        fronts = [front for front, _ in note.note_type.templates.values()]
        shown = [n for n, front in enumerate(fronts) if shows_field(parse_side(front), filled)]
        place = deck or (there[min(there)].deck if there else DEFAULT_DECK)
        self._due += 1
        for number in shown or ([] if there else [0]):
            if number not in there:
                self.keep(KeptCard(self.new_id(), note.id, number, place, self._due))

    def keep(self, card: KeptCard) -> None:
        """Keep a new card."""
        self._due = max(self._due, card.due)
        self.cards[card.id] = card
        self._cards_of[card.note].append(card)

    def spelt(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Give tags as they are spelt here already."""
        return tuple(self._spellings.setdefault(tag.casefold(), tag) for tag in tags)

    def update(self, note: KeptNote, fields: list[str], tags: tuple[str, ...]) -> None:
        """Put other fields and tags; what is there just so keeps its time."""
        values = [canonical_text(value) for value in fields]
        spelt = self.spelt(tags)
        if (values, spelt) != (note.fields, note.tags):
            note.fields, note.tags, note.mod = values, spelt, self.now()
            self.make_cards(note)

    def remove(self, notes: Iterable[int]) -> None:
        """Remove notes and their cards; what was answered stays."""
        gone = set(notes)
        for number in gone:
            self.notes.pop(number, None)
            for card in self._cards_of.pop(number, ()):
                del self.cards[card.id]

    def cards_of(self, note: int) -> list[KeptCard]:
        """Give the cards of a note, in the order of their templates."""
        return sorted(self._cards_of[note], key=attrgetter("template"))

    def suspend(self, card: int) -> None:
        """Show a card no more."""
        self.cards[card].queue = _SUSPENDED

    def suspended(self, card: int) -> bool:
        """Tell whether a card is shown no more."""
        return self.cards[card].queue == _SUSPENDED

    def duplicate_of(self, note_type: KeptType, first: str) -> KeptNote | None:
        """Find a note of the type whose first field says the same."""
        wanted = compared(canonical_text(first))
        same = (n for n in self.notes.values() if n.note_type is note_type)
        return next((n for n in same if compared(n.fields[0]) == wanted), None)

    def found(self, search: str) -> list[int]:
        """
        Give the ids of the notes that a search means.

        Known are terms such as `note:`, `deck:`, `tag:`, `nid:` and `Field:`, alternatives, "-".

        Raises:
            SearchError: It is another kind of search.
        """
        alternatives = parsed_search(search)
        return [
            note.id
            for note in sorted(self.notes.values(), key=lambda one: one.id)
            if any(
                all(self._is(note, key, pattern) != negated for negated, key, pattern in terms)
                for terms in alternatives
            )
        ]

    def _is(self, note: KeptNote, key: str, pattern: str) -> bool:
        match key:
            case "note":
                return fits(pattern, note.note_type.name)
            case "nid":
                return str(note.id) in pattern.split(",")
            case "tag":
                return any(fits(pattern, tag) for tag in note.tags)
            case "deck":
                return any(_in_deck(pattern, card.deck) for card in self.cards_of(note.id))
            case _:
                named = {name.casefold(): name for name in note.note_type.fields}
                return key in named and fits(pattern, note[named[key]])


def _in_deck(pattern: str, deck: str) -> bool:
    """Tell whether a deck is the one meant, or one below it."""
    return fits(pattern, deck) or fits(f"{pattern}::*", deck)
