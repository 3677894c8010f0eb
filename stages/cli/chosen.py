"""`stages media choose`: which of its candidates a card has."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter

from stages.cli.call import Call
from stages.cli.making import KINDS, Making, making_in
from stages.cli.media import media
from stages.cli.options import CARDS_OF, CardOptions
from stages.cli.said import command, say
from stages.cli.stored import calmly
from stages.core.frozen import FrozenMap
from stages.core.wording import counted, nearest
from stages.providers.errors import Misconfigured, Rejected
from stages.providers.files import Files
from stages.providers.media import Pictures, Sounds
from stages.providers.media_folder import MediaFolder
from stages.records.card import Card
from stages.records.provenance import Kind, Provenance
from stages.show.contact_sheet import Shot, contact_sheet


@media.command(sort_key=4)
@calmly
def choose(
    name: Annotated[str, Parameter(name="CARD")],
    which: Annotated[str | None, Parameter(name="NUMBER")] = None,
    /,
    *,
    to: Annotated[Path, Parameter(name="--to")] = CARDS_OF.to,
    language: str | None = None,
) -> int:
    """
    Choose which picture a card has, of all that were ever made or found for it.

    Without a number it lists them, and writes a page on which they are side by side. What was chosen
    stays until another is chosen or it is forced.

    Args:
        name: The id of a card, such as casa_home; or a word, for its sound.
        which: The number of one, or its file name.
        to: The package of the deck; .stages beside it has its media.
        language: Of the card, as a BCP 47 tag, where cards of two languages have this id.
    """
    call = Call.of((), CardOptions(to=to, language=language))
    folder = MediaFolder(call.folder / "media")
    kind, card = _called(name, folder, language)
    choice = _Choice(name, kind, folder, tuple(_maker(making_in(call), kind).candidates(card)), to)
    if which is None:
        choice.show(card)
        return 0
    chosen = choice.called(which)
    _maker(making_in(call), kind).choose(card, chosen.file.name)
    say(f"{name} has {chosen.file.name} from now on, by {chosen.file.provider}.")
    say("\nNext: build the deck again.")
    return 0


@attrs.frozen
class _Choice:
    """What there is to choose from for one card."""

    name: str
    kind: Kind
    folder: MediaFolder
    every: tuple[Provenance, ...]
    to: Path

    def show(self, card: Card) -> None:
        """List the candidates, and write the page that shows them."""
        latest = self.folder.latest(self.kind)[card.language, _of(self.kind, card)]
        shots = []
        say(f"{self.name} has {counted(len(self.every), self.kind)} to choose from:")
        for number, one in enumerate(self.every, 1):
            path = _path(self.folder, one.file.name)
            shown = one.file.name == latest.file.name
            facts = f"{one.file.provider}, {one.made_at[:10]} {one.made_at[11:16]}, {_size(one)}"
            say(f"  {number:>2}  {facts}{', shown now' if shown else ''}\n      {path}")
            where = path.relative_to(self.folder.path).as_posix()
            shots.append(Shot(path=where, number=str(number), caption=facts, shown=shown))
        page = self.folder.path / f"choose-{_slug(self.name)}.html"
        again = command("media", "choose", *_beside(self.to), self.name)
        hint = f"To choose one: {again} NUMBER"
        Files().write(str(page), contact_sheet(self.name, shots, hint))
        say(f"\nLook at them side by side: {page}\nThen choose one: {again} NUMBER")

    def called(self, which: str) -> Provenance:
        """
        Give the candidate of a number or a file name.

        Raises:
            Rejected: There is none.
        """
        names = {one.file.name: one for one in self.every}
        numbers = {str(number): one for number, one in enumerate(self.every, 1)}
        found = names.get(Path(which).name) or numbers.get(which)
        if not found:
            many = f"1 to {len(self.every)}" if len(self.every) > 1 else "1 alone"
            raise Rejected(
                f"there is no {which} to choose from for {self.name}", f"there is {many}"
            )
        return found


def _called(name: str, folder: MediaFolder, language: str | None) -> tuple[Kind, Card]:
    """
    Find what is called so among all that was ever made.

    Raises:
        Rejected: There is nothing, or in two languages.
    """
    for kind in KINDS:
        languages = {tag for tag, of in folder.latest(kind) if of == name}
        if language:
            languages &= {language}
        if len(languages) > 1:
            tags = ", ".join(sorted(languages))
            raise Rejected(f"{name} is in several languages: {tags}", "say which: --language TAG")
        for tag in languages:
            word = name if kind == "sound" else ""
            return kind, Card(id=name, note_type="", word=word, language=tag, fields=FrozenMap())
    near = nearest(name, {of for kind in KINDS for _, of in folder.latest(kind)})
    raise Rejected(f"{folder.path} has nothing for {name!r}", near or "see stages media plan")


def _maker(making: Making, kind: Kind) -> Pictures | Sounds:
    maker = making.pictures if kind == "picture" else making.sounds
    if not maker:
        raise Misconfigured("; ".join(making.absent))
    return maker


def _of(kind: Kind, card: Card) -> str:
    return card.id if kind == "picture" else card.word


def _path(folder: MediaFolder, name: str) -> Path:
    """Give where a file lies: in the folder, else in its latest backup."""
    backups: Sequence[Path] = sorted((folder.path / "backup").glob(f"*/{name}"))
    here = folder.path / name
    return backups[-1] if backups and not here.exists() else here


def _size(one: Provenance) -> str:
    return f"{one.file.size / 1000:,.0f} kB"


def _slug(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name)[:80]


def _beside(to: Path) -> list[str]:
    return ["--to", os.fspath(to)] if to != CARDS_OF.to else []
