"""The folder in which pictures and sounds are kept, with a record of where each is from."""

import json
import os
import sys
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from decimal import Decimal
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any, TypeAlias, get_origin

import cattrs

from stages.core.frozen import FrozenMap
from stages.core.json import structured
from stages.core.problem import ProviderError
from stages.providers.errors import Denied, NotFound, Unavailable
from stages.providers.files import refusal, write_whole
from stages.providers.looks import Looks
from stages.records.look import Look, Use, uses_of
from stages.records.media import PICTURES, SOUNDS, MediaFile, is_media_name, media_name
from stages.records.provenance import Kind, Provenance

_For = tuple[str, str]
"""Language, and what it is for."""

Shown: TypeAlias = tuple[tuple[str, bool], Mapping[str, str], MediaFile]
"""Provider, and whether it is a lesser file; its request; and the file."""

_COARSEST = 2_000_000_000
"""So many nanoseconds may pass between two times that a file system tells apart."""

_ENDINGS = {"picture": PICTURES, "sound": SOUNDS}
_SHOWN = PICTURES | SOUNDS


class MediaFolder:
    """
    Keeps files under content-hashed names, and in `made.jsonl` where each is from, a line each.

    The last line about a thing that is no spare says which file it has. A file is written whole
    before its line is, so what a line names is there; whatever is killed between leaves a file that
    nobody asks for. Many threads and processes may write at once. A disk that is full stops the run
    here: what comes next would be paid for and lost.
    """

    def __init__(self, path: Path | str) -> None:
        """Keep files in this folder; it is made when the first one comes."""
        self.path = Path(path)
        self._log = self.path / "made.jsonl"
        self._backup = self.path / "backup"
        self._looks = Looks(self.path)
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._open: FileIO | None = None
        self._node = 0
        self._shut: Callable[[], object] = _nothing_open
        self._seen = (0, 0, 0)
        self._read_to = 0
        self._whole = True
        self._gone: frozenset[str] = frozenset()
        self._gone_at: tuple[object, ...] | None = None
        self._forget()

    def __reduce__(self) -> tuple[Any, ...]:
        return MediaFolder, (self.path,)

    def read(self, name: str) -> bytes:
        """Give a file's bytes."""
        if Path(name).name != name or name in {"", ".", ".."}:
            raise NotFound(f"{name!r} is no name of a media file")
        try:
            return (self.path / name).read_bytes()
        except (OSError, ValueError) as error:
            raise refusal(error, f"media file {name}") from None

    def look(self, name: str) -> Look:
        """
        Decode a file and say what is in it; one that has not changed since is not read again.

        See `Looks` for how that is known, and for `looks.jsonl`, where it is kept.
        """
        return self._looks.of(name)

    def unused(self) -> dict[str, int]:
        """
        Give the size of each picture and sound in the folder that no line needs, by name.

        A line needs what is shown, what was chosen or can be, and what was shown before.
        """
        found: dict[str, int] = {}
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    ending = entry.name.rpartition(".")[2].lower()
                    if ending in _SHOWN and entry.name[0] != "." and entry.is_file():
                        found[entry.name] = entry.stat().st_size
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise refusal(error, str(self.path)) from None
        with self._reading:
            self._catch_up()  # a file lies there before its line does
            for every in self._every.values():
                for made in every:
                    for name in made.file.names:
                        found.pop(name, None)
        return found

    def uses(self) -> tuple[Use, ...]:
        """Give what things have by their lines, each file once, with all the texts spoken in it."""
        with self._reading:
            self._catch_up()
            pictures = [made.file for made in self._latest["picture"].values()]
            sounds = [(made.of, made.file) for made in self._latest["sound"].values()]
        played = (one for _, file in sounds for one in (file, *file.further))
        files = {file.name: file for file in (*pictures, *played)}
        return uses_of(map(files.__getitem__, sorted(files)), sounds)

    def gone(self) -> frozenset[str]:
        """
        Name the files that things have by their lines, and that do not lie in the folder.

        A folder that has not changed is not listed again; whatever changed in the last moments may
        not show in its time, so that it is listed then.
        """
        try:
            found = self.path.stat()
            settled = time.time_ns() - found.st_mtime_ns > _COARSEST
            with self._reading:
                self._catch_up()
                state = (found.st_ino, found.st_mtime_ns, self._seen)
                if state != self._gone_at:
                    self._gone = frozenset(self._uses.keys() - os.listdir(self.path))  # noqa: PTH208
                    self._gone_at = state if settled else None
                return self._gone
        except FileNotFoundError:
            return frozenset(self._uses)
        except (OSError, ValueError) as error:
            raise refusal(error, str(self.path)) from None

    def has(self, file: MediaFile, *, aside: bool = True) -> bool:
        """Tell whether a file and its further recordings are there, be it `aside` in a backup."""
        found = [self._at(name) for name in file.names]
        return all(one and (aside or one.parent == self.path) for one in found)

    def latest(self, kind: Kind) -> Mapping[_For, Provenance]:
        """Give what each thing has now, by language and what it is for; a file may be gone."""
        with self._reading:
            self._catch_up()
            return self._latest[kind]

    def shown(self, kind: Kind, language: str) -> Mapping[str, Shown]:
        """Give what is shown of a language, by what it is for; for whoever looks at thousands."""
        with self._reading:
            self._catch_up()
            return self._shown[kind].get(language, {})

    def every(self, kind: Kind, language: str, of: str) -> tuple[Provenance, ...]:
        """Give all that was ever written down about a thing, the oldest first."""
        with self._reading:
            self._catch_up()
            return tuple(self._every.get((kind, language, of), ()))

    def demand_usable(self) -> None:
        """
        See that files can be written, before anybody is paid for one.

        Raises:
            Denied: They cannot.
        """
        place = self.path
        try:
            if os.access(f"{place}/.", os.W_OK | os.X_OK):  # the point wants a folder before it
                return
            while not place.exists() and place != place.parent:
                place = place.parent
            usable = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        except (OSError, ValueError) as error:
            raise _stopping(error, self.path) from None
        if not usable:
            raise Denied(f"{place} is no folder that can be written to", "choose another place")

    def keep(self, stem: str, content: bytes) -> str:
        """
        Write a file under the name that its content has, and give the name.

        Raises:
            ValueError: The bytes are no picture or sound.
            Denied: It cannot be written.
        """
        name = media_name(stem, content)
        with self._written():
            write_whole(self.path / name, content)
        return name

    def note(self, *made: Provenance) -> None:
        """
        Write down where files are from; the last one about a thing counts.

        A file that was put aside, be it this very moment, is fetched back.

        Raises:
            Denied: It cannot be written.
        """
        if not made:
            return
        content = "".join(f"{_line(one)}\n" for one in made).encode("utf-8", "surrogatepass")
        with self._written():
            with self._writing, self._alone():
                self._append(*self._opened(), content, made)
            for name in {name for one in made if one.role != "unwanted" for name in one.file.names}:
                self._fetch_back(name)

    def put_aside(self, file: MediaFile, at: datetime) -> None:
        """
        Move a file and its further recordings into the backups of a day, unless something has them.

        Whoever notes one of them meanwhile, in whichever thread or process, finds it gone and
        fetches it back, or else is seen here.

        Raises:
            Denied: It cannot be moved.
        """
        backup = self._backup / at.strftime("%Y-%m-%d")
        with self._written():
            for name in self._unused(file):
                if (self.path / name).is_file():
                    backup.mkdir(parents=True, exist_ok=True)
                    with suppress(FileNotFoundError):  # another was quicker
                        (self.path / name).replace(backup / name)
            for name in {*file.names}.difference(self._unused(file)):
                self._fetch_back(name)

    def _unused(self, file: MediaFile) -> list[str]:
        with self._reading:
            self._catch_up()
            return [name for name in file.names if name not in self._uses]

    def _append(
        self, log: FileIO, before: os.stat_result, content: bytes, made: Sequence[Provenance]
    ) -> None:
        with self._reading:
            known = self._seen == _seen(before) and self._read_to == before.st_size
        if not (known and self._whole) and _is_torn(self._log):
            content = b"\n" + content
        if log.write(content) < len(content):
            raise Unavailable(f"{self._log} cannot be written: no space", "free some space")
        after = os.fstat(log.fileno())
        with self._reading:
            # Where nobody else wrote, what there would be to read is at hand.
            if (
                known
                and self._seen == _seen(before)
                and after.st_size == before.st_size + len(content)
            ):
                for one in made:
                    self._take_in(one)
                self._read_to, self._whole = after.st_size, True
                self._seen = _seen(after)

    def _opened(self) -> tuple[FileIO, os.stat_result]:
        """Give the log as it is; it stays open, since opening it takes as long as writing a line."""
        if self._open:
            with suppress(FileNotFoundError):
                there = self._log.stat()
                if there.st_ino == self._node:
                    return self._open, there
        self._shut()
        self.path.mkdir(parents=True, exist_ok=True)
        self._open = FileIO(self._log, "ab")
        self._shut = weakref.finalize(self, self._open.close)
        there = os.fstat(self._open.fileno())
        self._node = there.st_ino
        return self._open, there

    def _alone(self) -> AbstractContextManager[Any]:
        """Keep other processes from appending meanwhile; elsewhere the system sees to that."""
        if os.name != "nt":
            return nullcontext()
        from filelock import FileLock

        return FileLock(self.path / "made.lock")

    def _fetch_back(self, name: str) -> None:
        """See to it that a file lies in the folder, if it is in a backup."""
        found = self._at(name)
        if found and found.parent != self.path:
            write_whole(self.path / name, found.read_bytes())

    def _at(self, name: str) -> Path | None:
        """Give where a file lies: in the folder, or in the newest backup that has it."""
        if (self.path / name).is_file():
            return self.path / name
        backups = sorted(self._backup.glob("*"), reverse=True)
        return next((path for day in backups if (path := day / name).is_file()), None)

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except (ProviderError, OSError, ValueError) as error:
            raise _stopping(error, self.path) from None

    def _forget(self) -> None:
        self._seen = (0, 0, 0)
        self._read_to = 0
        self._whole = True
        self._latest: dict[Kind, dict[_For, Provenance]] = {"picture": {}, "sound": {}}
        self._every: defaultdict[tuple[Kind, str, str], list[Provenance]] = defaultdict(list)
        self._shown: dict[Kind, defaultdict[str, dict[str, Shown]]] = {
            "picture": defaultdict(dict),
            "sound": defaultdict(dict),
        }
        self._by: dict[tuple[str, bool], tuple[str, bool]] = {}
        self._uses: dict[str, int] = {}

    def _catch_up(self) -> None:
        """Read what was written since we looked last; all of it where it was changed otherwise."""
        try:
            found = self._log.stat()
            if _seen(found) == self._seen:
                return
            node, _, size = self._seen
            if found.st_ino != node or found.st_size <= max(size, self._read_to - 1):
                self._forget()
            with self._log.open("rb") as log:
                log.seek(self._read_to)
                new = log.read()
        except FileNotFoundError:
            self._forget()
            return
        except (OSError, ValueError) as error:
            raise refusal(error, str(self._log)) from None
        *lines, rest = new.split(b"\n")
        # One after the other: what is looked at together then lies together, and is found sooner.
        for made in [*map(_provenance, lines)]:
            self._take_in(made)
        self._seen = _seen(found)
        # What is behind the last line end is still being written, or else it is whole.
        last = _provenance(rest)
        self._take_in(last)
        self._read_to += len(new) if last else len(new) - len(rest)
        self._whole = not rest

    def _take_in(self, made: Provenance | None) -> None:
        if not made:
            return
        self._every[made.kind, made.language, made.of].append(made)
        if made.role == "spare":
            return
        latest, thing = self._latest[made.kind], (made.language, made.of)
        if before := latest.get(thing):
            for name in before.file.names:
                self._uses[name] -= 1
                if not self._uses[name]:
                    del self._uses[name]
        for name in made.file.names:
            self._uses[name] = self._uses.get(name, 0) + 1
        latest[thing] = made
        shown, file = self._shown[made.kind][made.language], made.file
        if made.role == "shown":
            # What is one object in all entries is compared without being looked at.
            by = (file.provider, file.lesser)
            texts = made.request.items()
            request = {sys.intern(name): sys.intern(text) for name, text in texts}
            shown[made.of] = (self._by.setdefault(by, by), request, file)
        else:
            shown.pop(made.of, None)


def _seen(found: os.stat_result) -> tuple[int, int, int]:
    """Give what tells a file from what it was before."""
    return found.st_ino, found.st_mtime_ns, found.st_size


def _stopping(error: Exception, path: Path) -> ProviderError:
    """Give what stops the run: nothing can be kept, so nothing more may be paid for."""
    found = error if isinstance(error, ProviderError) else refusal(error, str(path))
    return found if found.stops_run else Denied(found.why, found.hint)


def _nothing_open() -> None:
    """Close nothing."""


def _is_torn(log: Path) -> bool:
    """Tell whether the last line has no end, as one that was cut off by a full disk."""
    with log.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _line(made: Provenance) -> str:
    return json.dumps(_plain().unstructure(made), ensure_ascii=False)


@cache
def _plain() -> cattrs.Converter:
    """Make records objects that leave out what is as usual."""
    plain = cattrs.Converter(omit_if_default=True)
    plain.register_unstructure_hook(Decimal, str)
    plain.register_unstructure_hook_func(_is_map, dict)
    return plain


def _is_map(kind: object) -> bool:
    return get_origin(kind) is FrozenMap


def _provenance(line: bytes) -> Provenance | None:
    """Read a line; None where somebody has broken it: what it names is made again."""
    try:
        made: Provenance = structured(json.loads(line), Provenance)
    except (ValueError, RecursionError):
        return None
    return (
        made if all(is_media_name(name, _ENDINGS[made.kind]) for name in made.file.names) else None
    )
