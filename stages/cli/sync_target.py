"""Where a deck is put: a running Anki, or a package over a learner's export."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import attrs
from cyclopts import Group, Parameter

from stages.cli.options import SEVERAL
from stages.core.frozen import FrozenMap
from stages.core.json import from_json, to_json
from stages.core.wording import nearest
from stages.providers.errors import Misconfigured, Rejected
from stages.providers.files import Files
from stages.providers.package import Package
from stages.providers.protocols import AnkiProvider, Retirement
from stages.records.adoption import FLUENT_FOREVER, Adoption
from stages.records.collection import AnkiState
from stages.records.media import MediaFile
from stages.records.note import PICTURE_FIELD, Note, NoteType
from stages.records.note_types import NOTE_TYPES

T = TypeVar("T")

_ANKI = Group("A running Anki", sort_key=1)
_PACKAGE = Group("A package instead", sort_key=2)


@Parameter(name="*", group=_ANKI)
@attrs.frozen(kw_only=True)
class AnkiOptions:
    """
    Which Anki, and what of it is ours.

    Attributes:
        url: Where AnkiConnect listens, by default http://127.0.0.1:8765; its key is read from
            ANKICONNECT_API_KEY.
        profile: The profile that has to be open; by default the one that was synced last.
        adopt: A note type of another deck, whose notes are updated where they are and keep their
            history; remembered from then on. May be given again.
        adopt_key: The field of theirs that has the id of a card, such as casa_home.
        adopt_field: Which field of theirs holds one of ours, such as Word=Front; may be given again.
            By default those of the earlier system, such as Word=SpanishWord.
    """

    url: str | None = None
    profile: str | None = None
    adopt: Annotated[tuple[str, ...], SEVERAL] = ()
    adopt_key: str | None = None
    adopt_field: Annotated[tuple[str, ...], SEVERAL] = ()


@Parameter(name="*", group=_PACKAGE)
@attrs.frozen(kw_only=True)
class PackageOptions:
    """
    Which package.

    Attributes:
        to: Write this package and ask no Anki.
        base: The deck as the learner exported it from Anki (.apkg, .colpkg): their edits stay.
    """

    to: Annotated[Path | None, Parameter(name="--to")] = None
    base: Path | None = None


ANKI = AnkiOptions()
PACKAGE = PackageOptions()


@attrs.define
class Watched:
    """
    The `AnkiProvider` that says where its backup lies before anything is changed.

    Attributes:
        anki: The one that is asked.
        say: Says something to a person.
        package: What may have been imported by hand before: what it knows to be ours is ours.
        where: What was read last, for people; empty before anything was.
    """

    anki: AnkiProvider
    say: Callable[[str], None]
    package: Package | None = None
    where: str = ""
    _backed_up: str = ""
    _notes: dict[str, Note] = attrs.Factory(dict)
    _types: dict[str, NoteType] = attrs.Factory(dict)

    def read(self) -> AnkiState:
        """Give what is there, and whose it is."""
        state = self.anki.read()
        self.where = state.where
        if not self.package or state.notes.keys() <= state.pushed.keys():
            return state
        known = self.package.within(state)
        self._notes = _only_in(known.pushed, state.pushed)
        self._types = _only_in(known.pushed_types, state.pushed_types)
        return known

    def backup(self) -> str:
        """Back up what is there, and say where it lies."""
        backup = self.anki.backup()
        if backup and backup != self._backed_up:
            self.say(f"Backed up before the first change: {backup}")
            self._backed_up = backup
        return backup

    def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
        """Put note types."""
        self.anki.put_note_types(note_types)

    def put_media(self, files: tuple[MediaFile, ...]) -> None:
        """Put files."""
        self.anki.put_media(files)

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """Put notes."""
        self.anki.put_notes(notes)

    def retire(self, guids: tuple[str, ...], how: Retirement) -> None:
        """Retire notes."""
        self.anki.retire(guids, how)

    def remember(self, notes: tuple[Note, ...], note_types: tuple[NoteType, ...] = ()) -> None:
        """Remember what was wanted, and what only the package knew of the others."""
        every = {**self._notes, **{note.guid: note for note in notes}}
        types = {**self._types, **{one.name: one for one in note_types}}
        self._notes, self._types = {}, {}
        self.anki.remember(tuple(every.values()), tuple(types.values()))

    def settle(self) -> None:
        """Remember what only the package knew, if nothing else was to be remembered."""
        if self._notes or self._types:
            self.remember(())


def _only_in(known: Mapping[str, T], before: Mapping[str, T]) -> dict[str, T]:
    return {name: one for name, one in known.items() if name not in before}


def anki_of(
    options: AnkiOptions, adopted: tuple[Adoption, ...], folder: Path, media: Path
) -> AnkiProvider:
    """
    Give the running Anki.

    Raises:
        Misconfigured: Its address is none.
    """
    from stages.providers.anki_connect import AnkiConnect

    return AnkiConnect(
        options.url,
        media=media,
        state=folder / "anki.json",
        profile=options.profile,
        adopt=adopted,
        backups=folder / "backups",
    )


class Adopted:
    """The note types of other decks that were adopted here, kept in a file."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet."""
        self._path = folder / "anki-adopted.json"

    def with_new(self, options: AnkiOptions, language: str) -> tuple[Adoption, ...]:
        """
        Give those that are known and those that are adopted now.

        Raises:
            ProviderError: The file cannot be read.
            Misconfigured: The fields do not fit together.
        """
        known = {one.note_type: one for one in self._known()}
        new = {name: adoption_of(name, options, language) for name in options.adopt}
        return tuple({**known, **new}.values())

    def keep(self, adopted: tuple[Adoption, ...]) -> None:
        """Remember them, if there are any."""
        if adopted:
            Files().write(str(self._path), to_json(adopted))

    def _known(self) -> tuple[Adoption, ...]:
        if not self._path.exists():
            return ()
        try:
            known: tuple[Adoption, ...] = from_json(
                Files().read(str(self._path)), tuple[Adoption, ...]
            )
        except ValueError as error:
            raise Rejected(
                f"{self._path} is damaged: {error}", "move it away, and give --adopt again"
            ) from None
        return known


def adoption_of(note_type: str, options: AnkiOptions, language: str) -> Adoption:
    """
    Say how notes of a note type are ours.

    Raises:
        Misconfigured: A field of ours is none, or the fields do not fit together.
    """
    fields = dict(FLUENT_FOREVER.fields)
    if options.adopt_field:
        fields = dict(map(_pair, options.adopt_field))
    ours = _type_with(fields)
    named = fields.get(PICTURE_FIELD) == FLUENT_FOREVER.fields[PICTURE_FIELD]
    try:
        return Adoption(
            note_type=note_type,
            key=options.adopt_key or FLUENT_FOREVER.key,
            language=language or FLUENT_FOREVER.language,
            fields=FrozenMap(fields),
            ours=ours.name,
            bare=FLUENT_FOREVER.bare if named else frozenset(),
        )
    except ValueError as error:
        raise Misconfigured(str(error), "see --adopt-key and --adopt-field") from None


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = (part.strip() for part in text.partition("="))
    if not (ours and sign and theirs):
        raise Misconfigured(f"{text!r} names no two fields", "as in --adopt-field Word=Front")
    return ours, theirs


def _type_with(fields: Mapping[str, str]) -> NoteType:
    """Give the note type of ours that has all these fields."""
    for one in NOTE_TYPES:
        if set(fields) <= set(one.fields):
            return one
    every = _names(NOTE_TYPES)
    unknown = next((name for name in fields if name not in every), None)
    if unknown is None:
        raise Misconfigured("no note type of ours has all these fields", ", ".join(fields))
    near = nearest(unknown, every)
    raise Misconfigured(
        f"no note type of ours has a field {unknown!r}", near or f"there are {', '.join(every)}"
    )


def _names(note_types: Iterable[NoteType]) -> list[str]:
    return list(dict.fromkeys(name for one in note_types for name in one.fields))
