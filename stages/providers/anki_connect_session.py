"""One profile of a running Anki: what is there, and whether it is still the one that is meant."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import toolz

from stages.providers.anki_connect_notes import (
    Kept,
    There,
    has_keys,
    kept_note,
    kept_notes,
    note_type_of,
    search_of,
    stand_ins_in,
    type_actions,
)
from stages.providers.anki_connect_state import Remembered, StateFile
from stages.providers.anki_connect_wire import Action, Wire
from stages.providers.errors import Denied
from stages.records.adoption import Adoption
from stages.records.note import NoteType


@attrs.frozen(kw_only=True)
class _Last:
    """
    What was understood last: each stage of a sync reads, and mostly it is told the same.

    Attributes:
        mark: What was told, and of what.
        there: What that means.
        remembered: What was remembered then.
    """

    mark: tuple[bytes, tuple[str, ...]]
    there: There
    remembered: Remembered


class Session:
    """
    Asks for what is there, and sends nothing to another profile.

    Attributes:
        wire: Asks.
        state: Remembers.
        adoptions: By the name of the note type.
        names: Of the note types that are asked for.
    """

    def __init__(
        self,
        wire: Wire,
        state: StateFile,
        profile: str | None,
        adoptions: Mapping[str, Adoption],
        names: Iterable[str],
    ) -> None:
        """Ask nobody yet; without a profile, it is the one that anything is remembered of."""
        self.wire = wire
        self.state = state
        self.adoptions = adoptions
        self.names = set(names)
        self._profile = profile
        self._there: There | None = None
        self._last: _Last | None = None

    @property
    def there(self) -> There:
        """What was there when it was read last."""
        return self._there or self.read()

    @property
    def remembered(self) -> Remembered:
        """What is remembered of this profile."""
        return self.state.of(self.there.profile)

    def remember(self, remembered: Remembered) -> None:
        """Remember something else of this profile."""
        self.state.keep(self.there.profile, remembered)

    def forget(self) -> None:
        """Let the next who wants to know what is there read it: it was changed."""
        self._there = None

    def read(self) -> There:
        """Read all in one request; more are needed where notes are met for the first time."""
        known = [self.state.of(profile).note_types for profile in self.state.profiles]
        names = sorted({*self.names, *self.adoptions, *(name for one in known for name in one)})
        firsts: list[Action] = [
            ("getActiveProfile", {}),
            ("deckNamesAndIds", {}),
            ("modelNamesAndIds", {}),
            ("getMediaFilesNames", {}),
            ("notesInfo", {"query": search_of(names)}),
        ]
        actions = [*firsts, *(action for name in names for action in type_actions(name))]
        content = self.wire.ask(actions)
        mark = hashlib.sha256(content).digest(), tuple(names)
        if self._last and self._last.mark == mark:
            there = self._last.there
            if self.state.of(there.profile) is self._last.remembered:
                self._there = there
                return there
        answers = self.wire.told(actions, content)
        for (action, _), (_, error) in zip(firsts, answers, strict=False):
            if error:
                raise self.wire.refusal(action, error)
        with self.wire.understood():
            self._there = self._understood(names, [result for result, _ in answers])
        remembered = self.state.of(self._there.profile)
        self._last = _Last(mark=mark, there=self._there, remembered=remembered)
        return self._there

    def _understood(self, names: Sequence[str], results: Sequence[Any]) -> There:
        profile, decks, ids, media, told, *of_types = results
        self._demand(profile)
        self._profile = profile
        each_type = zip(names, toolz.partition(3, of_types), strict=True)
        types = {name: note_type_of(name, three) for name, three in each_type if name in ids}
        types |= self._further({one["modelName"] for one in told if one} - types.keys())
        known = [one for one in told if one and one["modelName"] in types]
        notes = kept_notes(known, types, self.adoptions, self.state.of(profile))
        return There(
            profile=profile,
            types=types,
            type_ids=ids,
            decks=decks,
            media=frozenset(media),
            notes=self._with_decks(notes),
            left_behind=stand_ins_in(known),
        )

    def _further(self, names: Iterable[str]) -> dict[str, NoteType]:
        """Read note types that have notes with our fields, though nobody has named them yet."""
        found = self.read_types(sorted(names))
        ours = {name: one for name, one in found.items() if has_keys(one)}
        self.names.update(ours)
        return ours

    def read_types(self, names: Sequence[str]) -> dict[str, NoteType]:
        """Read note types again, those that are there."""
        answers = self.wire.each([action for name in names for action in type_actions(name)])
        each_type = zip(names, toolz.partition(3, answers), strict=True)
        with self.wire.understood():
            return {
                name: note_type_of(name, (result for result, _ in three))
                for name, three in each_type
                if not any(error for _, error in three)
            }

    def read_notes(self, kept: Iterable[Kept]) -> dict[int, Kept]:
        """Read notes again, by Anki's numbers; those that are gone are left out."""
        numbers = [one.id for one in kept]
        (told,) = self.asked([("notesInfo", {"notes": numbers})])
        remembered = self.remembered
        with self.wire.understood():
            every = (kept_note(answer, self.adoptions, remembered) for answer in told)
            return {one.id: one for one in every if one}

    def asked(self, actions: Sequence[Action]) -> list[Any]:
        """Ask in one request, once the open profile is known to be the right one."""
        profile, *results = self.wire.all([("getActiveProfile", {}), *actions])
        self._demand(profile)
        return results

    def write_all(self, actions: Iterable[Action]) -> None:
        """Have everything done, in requests of a bearable size."""
        for batch in self.wire.batches(actions):
            self.wire.all(batch)

    def decks_of(self, kept: Iterable[Kept]) -> dict[int, str]:
        """Give the deck in which the first card of each note lies, by the note's number."""
        notes = {one.cards[0]: one.id for one in kept if one.cards}
        if not notes:
            return {}
        (decks,) = self.wire.all([("getDecks", {"cards": [*notes]})])
        return {notes[card]: name for name, cards in decks.items() for card in cards}

    def _with_decks(self, notes: dict[str, Kept]) -> dict[str, Kept]:
        """Ask for the decks of notes that nothing is remembered of."""
        unknown = [one for one in notes.values() if not one.note.deck]
        decks = self.decks_of(unknown)
        found = {
            one.note.guid: attrs.evolve(
                one, note=attrs.evolve(one.note, deck=decks.get(one.id, ""))
            )
            for one in unknown
        }
        return {**notes, **found}

    def _demand(self, profile: str | None) -> None:
        """Refuse another profile than the one that is meant: its notes are not those we know."""
        if not profile:
            raise self.wire.refusal("getActiveProfile", "collection is not available")
        known = (self._profile,) if self._profile else self.state.profiles
        if known and profile not in known:
            names = " or ".join(map(repr, known))
            raise Denied(
                f"Anki has the profile {profile!r} open, and this deck belongs to {names}",
                f"open {names} in Anki under File > Switch Profile, or ask for {profile!r}",
            )
