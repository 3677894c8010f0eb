"""A running Anki, by its add-on AnkiConnect."""

import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.anki_connect_notes import Change, There, demand_keys_of
from stages.providers.anki_connect_session import Session
from stages.providers.anki_connect_state import StateFile
from stages.providers.anki_connect_wire import Action, Wire
from stages.providers.anki_connect_writing import Writer, beside
from stages.providers.errors import NotFound, Rejected, Unavailable
from stages.providers.files import refusal
from stages.providers.protocols import Retirement
from stages.records.adoption import Adoption
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType
from stages.records.note_types import NOTE_TYPES
from stages.records.template import note_type_problems


class AnkiConnect:
    """
    An `AnkiProvider` that works on the open profile of a running Anki.

    What is wanted of each note is remembered in a file of ours, by profile, so that the next sync
    tells the learner's edits from ours. Anki tells no guids: a note is known by its fields "Card ID"
    and "Language". New notes and note types come as a package, so that they are those of a package
    file too; where Anki takes none they are made by Anki, with guids and numbers of its own.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        media: str | os.PathLike[str],
        state: str | os.PathLike[str],
        key: str | None = None,
        profile: str | None = None,
        adopt: Adoption | Sequence[Adoption] = (),
        backups: str | os.PathLike[str] | None = None,
        timeout: float = 120.0,
        settles: float = 1.0,
    ) -> None:
        """
        Say whom to ask and where things lie; nobody is asked, and no file is touched yet.

        Args:
            url: Where AnkiConnect listens; else that of ANKICONNECT_URL, else the usual address.
            media: The folder in which the media files lie.
            state: The file that remembers what was put.
            key: `apiKey` of the add-on's settings; else that of ANKICONNECT_API_KEY. Most have none.
            profile: The one that has to be open; left out, the one that was synced last.
            adopt: Note types of others whose notes are read as ours.
            backups: The folder for them; left out, `backups` beside the state file.
            timeout: Seconds that are waited for an answer.
            settles: Seconds after which the browser of Anki has written what it held of a note, so
                that what was lost can be put once more.

        Raises:
            Misconfigured: The address is none.
        """
        wire, self._media = Wire(url, key, timeout), Path(media)
        adoptions = (adopt,) if isinstance(adopt, Adoption) else adopt
        self._session = Session(
            wire,
            StateFile(Path(state)),
            profile,
            {one.note_type: one for one in adoptions},
            (one.name for one in NOTE_TYPES),
        )
        self._writer = Writer(self._session, self._media, settles)
        self._backups = Path(backups) if backups else Path(state).parent / "backups"
        self._backup = ""
        self._planned: There | None = None

    def __repr__(self) -> str:
        """Name the address and the places; never the key."""
        places = f"media={str(self._media)!r}, state={str(self._session.state.path)!r}"
        return f"AnkiConnect({self._session.wire.url!r}, {places})"

    def read(self) -> AnkiState:
        """
        Give what is in the open profile.

        Raises:
            Unavailable: Anki does not run, has no AnkiConnect, has no profile open, or is busy.
            Denied: The key is wrong, or another profile is open than the one that is meant.
            BadAnswer: What answers is not AnkiConnect, a note type of ours lost the field of the
                card id, or the file that remembers is damaged.
            Misconfigured: The add-on is too old, or an adoption names a field that is not there.
        """
        there = self._planned = self._session.read()
        remembered = self._session.remembered
        types = there.types.items()
        notes = FrozenMap((guid, kept.note) for guid, kept in there.notes.items())
        return AnkiState(
            note_types=FrozenMap((k, v) for k, v in types if k not in self._session.adoptions),
            media=there.media,
            notes=notes,
            pushed=remembered.pushed(notes),
            pushed_types=remembered.note_types,
            where=f"the profile {there.profile!r} of Anki",
        )

    def backup(self) -> str:
        """
        Let Anki export the decks of our notes with their history, once; say where they lie.

        Raises:
            Unavailable, Denied: They could not be written.
        """
        kept = self._session.there.notes.values()
        if kept and not self._backup:
            decks = _topmost(self._session.decks_of(kept).values())
            self._backup = self._exported(_file_names(decks, time.strftime("%Y-%m-%d-%H%M%S")))
        return self._backup

    def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
        """
        Make the note types be there, and add and change what they lack; nothing is removed.

        Raises:
            Rejected: Anki would refuse or rename something in them, or does not take it over.
        """
        problems = [str(one) for note_type in note_types for one in note_type_problems(note_type)]
        if problems:
            raise Rejected("; ".join(problems), "mend the note type")
        for one in note_types:
            demand_keys_of(one)
        self._session.names.update(one.name for one in note_types)
        self._writer.put_types(note_types)

    def put_media(self, files: tuple[MediaFile, ...]) -> None:
        """
        Put the files that are missing by name, which tells their content.

        Raises:
            NotFound: Files are not in their folder; the message lists them.
            Rejected: One is too large for AnkiConnect, and Anki does not see the folder.
            BadAnswer: Anki keeps one under another name.
        """
        named = dict.fromkeys(file.name for file in files)
        if self._session.there.media.issuperset(named):
            return
        (names,) = self._session.asked([("getMediaFilesNames", {})])
        there = frozenset(names)
        missing = [name for name in named if name not in there]
        gone = [name for name in missing if not (self._media / name).is_file()]
        if gone:
            raise NotFound(f"{self._media} lacks {', '.join(gone)}", "make the media again")
        self._writer.put_media(missing)

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """
        Make the notes be there: those that are new, and of the others the fields that differ.

        A note that was changed or deleted in Anki since it was read is left alone. What Anki did not
        keep is put once more.

        Raises:
            Rejected: A note cannot be written; the message says which.
        """
        # What the learner has changed since it was read shows by comparing with just that.
        there = (self._planned or self._session.there).notes
        new = tuple(note for note in notes if note.guid not in there)
        every = [Change(kept=there[one.guid], wanted=one) for one in notes if one.guid in there]
        changes = [one for one in every if not one.is_none]
        own = (one.wanted for one in changes if one.kept.adoption is None)
        _demand_fields((*new, *own), self._session.there.types)
        aside = beside(every)
        if not (new or changes or aside):
            return
        before = self._session.remembered
        sent = {**before.sent, **{note.guid: note for note in new}}
        sent |= {one.wanted.guid: one.sent for one in changes}
        kept = FrozenMap({**before.beside, **aside})
        self._session.remember(attrs.evolve(before, beside=kept, sent=FrozenMap(sent)))
        if new:
            self._writer.create(new, {note.guid: place for place, note in enumerate(notes)})
        self._writer.update(changes)
        self._forget()

    def retire(self, guids: tuple[str, ...], how: Retirement) -> None:
        """
        Tag notes as retired, and suspend their cards, or delete them with all their history.

        Raises:
            NotFound: One of them is not there.
        """
        there = (self._planned or self._session.there).notes
        unknown = [guid for guid in guids if guid not in there]
        if unknown:
            raise NotFound(f"there is no note {', '.join(unknown)} in Anki", "read it again")
        kept = [there[guid] for guid in guids]
        ids, cards = [one.id for one in kept], [card for one in kept for card in one.cards]
        doings: dict[Retirement, list[Action]] = {
            "tag": [("addTags", {"notes": ids, "tags": RETIRED_TAG})],
            "suspend": [
                ("addTags", {"notes": ids, "tags": RETIRED_TAG}),
                ("suspend", {"cards": cards}),
            ],
            "delete": [("deleteNotes", {"notes": ids})],
        }
        if not kept:
            return
        self._session.asked([])
        self._session.write_all(doings[how])
        if how == "delete":
            before = self._session.remembered
            notes, sent = (
                FrozenMap((k, v) for k, v in held.items() if k not in set(guids))
                for held in (before.notes, before.sent)
            )
            self._session.remember(attrs.evolve(before, notes=notes, sent=sent))
        self._forget()

    def remember(self, notes: tuple[Note, ...], note_types: tuple[NoteType, ...] = ()) -> None:
        """
        Keep what was wanted of these; of others, what was kept before stays.

        Raises:
            Denied, Unavailable: The file may not be written, or the disk is full.
        """
        decks, before = self._session.there.decks, self._session.remembered
        still = {k: v for k, v in before.decks.items() if v in decks.values()}
        new = {note.deck: decks[note.deck] for note in notes if note.deck in decks}
        kept = {note.guid: note for note in notes}
        self._session.remember(
            attrs.evolve(
                before,
                notes=FrozenMap({**before.notes, **kept}),
                note_types=FrozenMap(
                    {**before.note_types, **{one.name: one for one in note_types}}
                ),
                decks=FrozenMap({**new, **still}),
                sent=FrozenMap((k, v) for k, v in before.sent.items() if k not in kept),
            )
        )

    def _forget(self) -> None:
        """Let the next who wants to know what is there read it: it was changed."""
        self._session.forget()
        self._planned = None

    def _exported(self, names: Mapping[str, str]) -> str:
        """Have decks exported, into our folder or, where Anki does not see it, into its own."""
        try:
            self._backups.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refusal(error, str(self._backups)) from None
        (media,) = self._session.asked([("getMediaDirPath", {})])
        its_own = re.sub(r"[/\\][^/\\]*$", "/backups", media)
        said = ""
        for folder in (str(self._backups.absolute()), its_own):
            actions: list[Action] = [
                ("exportPackage", {"deck": d, "path": f"{folder}/{name}", "includeSched": True})
                for d, name in names.items()
            ]
            answers = self._session.wire.each(actions)
            said = next((error or "no such deck" for done, error in answers if not done), "")
            if not said:
                return f"{folder}/{next(iter(names.values()))}" if len(names) == 1 else folder
        refused = self._session.wire.refusal("exportPackage", said)
        raise Unavailable(
            f"no backup could be written to {self._backups} nor to {its_own}: {refused.why}",
            "let Anki write there, or make a backup in Anki yourself and sync without one",
        )


def _topmost(decks: Iterable[str]) -> list[str]:
    """
    Leave out decks that lie in others: they are exported with them.

    >>> _topmost(["A::B", "A", "A b"])
    ['A', 'A b']
    """
    top: list[str] = []
    for deck in sorted({*decks}, key=lambda name: name.split("::")):
        if not any(deck.startswith(f"{above}::") for above in top):
            top.append(deck)
    return top


def _file_names(decks: Iterable[str], when: str) -> dict[str, str]:
    """
    Give each deck a file.

    >>> _file_names(["Español::A1", "A/B", "A?B"], "2026-11-24")
    {'Español::A1': 'español-a1-2026-11-24.apkg', 'A/B': 'a-b-2026-11-24.apkg', 'A?B': '3-a-b-2026-11-24.apkg'}
    """
    names: dict[str, str] = {}
    for number, deck in enumerate(decks, 1):
        stem = re.sub(r"[\W_]+", "-", deck.lower())[:40]
        name = f"{stem}-{when}.apkg"
        names[deck] = name if name not in names.values() else f"{number}-{name}"
    return names


def _demand_fields(notes: Iterable[Note], types: Mapping[str, NoteType]) -> None:
    """
    Refuse notes that Anki has no place for: it would ignore a field without a word.

    Raises:
        Rejected: A note type is not there, or a field was renamed or removed by hand.
    """
    lacking: dict[str, set[str]] = {}
    for note in notes:
        if note.note_type not in types:
            why = f"Anki has no note type {note.note_type!r}"
            raise Rejected(why, "run sync_templates before it")
        fields = set(types[note.note_type].fields)
        lacking.setdefault(note.note_type, set()).update(note.fields.keys() - fields)
    for name, fields in lacking.items():
        if fields:
            raise Rejected(
                f"the note type {name!r} in Anki has no field {', '.join(map(repr, sorted(fields)))}",
                "it was renamed or removed by hand, or is new: rename it back under Tools > Manage"
                f" Note Types > Fields, or consent to new fields; it has {', '.join(types[name].fields)}",
            )
