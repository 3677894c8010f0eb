"""A person's own pictures and recordings, by the word or the id of a card."""

import os
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.door import check_picture, check_sound
from stages.providers.errors import BadAnswer, Misconfigured, NotFound, Rejected
from stages.providers.files import refusal
from stages.providers.found import gathered
from stages.providers.source import Free, Grade, Made
from stages.records.card import Card
from stages.records.provenance import Kind

_LARGEST = 20_000_000

_ENDINGS: Mapping[str, tuple[str, ...]] = FrozenMap(
    {
        "picture": (
            "avif",
            "bmp",
            "gif",
            "heic",
            "jpeg",
            "jpg",
            "png",
            "svg",
            "tif",
            "tiff",
            "webp",
        ),
        "sound": ("aac", "aiff", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav", "wma"),
    }
)
"""By which a person's files are told apart; those that Anki does not play are refused by name."""

_Names: TypeAlias = dict[str, tuple[str, ...]]
"""Names of files, by what they are for."""

_TICK = 20_000_000
"""Nanoseconds in which a folder may change twice, and its time but once."""


@attrs.frozen
class _Listing:
    names: _Names
    changed: int
    settled: bool


class Folder(Free):
    """
    The source of a person's own pictures, or recordings: better than whatever else there is.

    A file is for the card whose id it is called by, else for the one whose word it is; case does not
    matter, nor do blanks, hyphens and underscores. "casa-2.jpg" is a further candidate for what
    "casa.jpg" is for; of recordings, all are played. Folders in it are not looked into. It does not
    know languages: where decks have words in common, each needs a folder of its own.
    """

    name = "own"
    grade = Grade.OWN
    local = True

    def __init__(self, path: Path | str, kind: Kind) -> None:
        """
        Look into this folder.

        Args:
            path: Where the files lie.
            kind: Which of them are meant, "picture" or "sound".

        Raises:
            Misconfigured: There is no such folder.
        """
        self.path = Path(path)
        self.kind = kind
        self._check = check_picture if kind == "picture" else check_sound
        try:
            self._listing = _listed(self.path, kind)
        except (OSError, ValueError):
            why = f"there is no folder {str(path)!r} with a {kind} in it"
            raise Misconfigured(why, "make it, or look at its name") from None

    def __repr__(self) -> str:
        return f"<Folder {self.path} of {self.kind}s>"

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give the files for a card, how large they are and of when; None where there are none."""
        found = [(name, there) for name in self._for(card) if (there := self._there(name))]
        if not found:
            return None
        return {
            "file": "/".join(name for name, _ in found),
            "size": "/".join(str(there.st_size) for _, there in found),
            "mtime": "/".join(str(there.st_mtime_ns) for _, there in found),
        }

    def make(self, card: Card, take: int) -> tuple[Made, ...]:  # noqa: ARG002  # it stays the same
        """Read the files; one that is of no use is left out if there is another."""
        names = self._for(card)
        if not names:
            raise NotFound(f"{self.path} has no {self.kind} for {card.id} or {card.word!r:.60}")
        return gathered(
            names,
            self._made,
            wanted=len(names),
            nothing=f"no {self.kind} of your own can be used",
            error=Rejected,
        )

    def _for(self, card: Card) -> tuple[str, ...]:
        names = self._names()
        # A sentence that is spoken has the id of its card, whose recording is that of its word.
        sentence = self.kind == "sound" and card.word == card.example
        by_id = () if sentence else names.get(_plain(card.id), ())
        return by_id or names.get(_plain(card.word), ())

    def _names(self) -> _Names:
        """Name the files; the folder is listed again only when it has changed."""
        listing = self._listing
        try:
            if not listing.settled or os.stat(self.path).st_mtime_ns != listing.changed:  # noqa: PTH116  # as below
                self._listing = listing = _listed(self.path, self.kind)
        except OSError:
            return {}
        return listing.names

    def _there(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(f"{self.path}{os.sep}{name}")  # noqa: PTH116  # a Path takes thrice as long
        except OSError:
            return None

    def _made(self, name: str) -> Made:
        try:
            with (self.path / name).open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise Rejected(f"{name} cannot be read: {refusal(error, name).why}") from None
        if len(content) > _LARGEST:
            raise Rejected(f"{name} is larger than {_LARGEST // 1_000_000} MB", "make it smaller")
        try:
            self._check(content)
        except BadAnswer as error:
            raise Rejected(f"{name} cannot be used: {error}", "save it in another format") from None
        return Made(content=content, details=FrozenMap({"file": name}))


def _listed(path: Path, kind: Kind) -> _Listing:
    """Name the files in a folder by what they are for, the further ones after the first."""
    changed = path.stat().st_mtime_ns
    settled = time.time_ns() - changed > _TICK
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in os.listdir(path):  # noqa: PTH208  # ten thousand paths take their time
        stem, _, ending = name.rpartition(".")
        if not stem or name.startswith(".") or ending.lower() not in _ENDINGS[kind]:
            continue
        whole = _plain(stem)
        found[whole].append((0, name))
        base, _, number = whole.rpartition(" ")
        if base and re.fullmatch(r"\d{1,3}", number, re.ASCII):
            found[base].append((int(number), name))
    names = {key: tuple(name for _, name in sorted(every)) for key, every in found.items()}
    return _Listing(names, changed, settled)


@lru_cache(maxsize=65_536)
def _plain(text: str) -> str:
    """
    Give what a name says, however it is written.

    >>> _plain("Child_female "), _plain("NIN\u0303O-pequen\u0303o")
    ('child female', 'niño pequeño')
    """
    whole = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", re.sub(r"[\s_-]+", " ", whole).strip())
