"""What was seen in the files of a folder, kept so that nothing is decoded twice."""

import json
import os
import re
import stat
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeAlias

import attrs
import cattrs

from stages.core.json import structured
from stages.providers.errors import NotFound
from stages.providers.files import refusal, write_whole
from stages.providers.looking import looked_into
from stages.records.look import Look

_Stamp: TypeAlias = tuple[int, ...]
"""Size, time of change of the content and of the entry, and number of a file on its disk."""

_COARSEST = 2_000_000_000
"""So many nanoseconds may pass between two times that a file system tells apart."""

_MOST_FORGOTTEN = 1000
"""So many lines may be out of date before the file is written anew."""

_LONGEST_NAME = 255
_ELSEWHERE = re.compile(r"[/\\\0]|^\.*$")


@attrs.frozen
class _Kept:
    """A line: what was seen in a file, and what the file was when it was surely so."""

    name: str
    look: Look
    stamp: _Stamp = ()


class Looks:
    """
    Looks at the files of a folder, and keeps in `looks.jsonl` what it saw, a line each.

    A look is a fact about bytes. A file whose size, times and number on its disk are what they were
    is taken for unchanged, as git does: it is neither read nor hashed. One that had changed in the
    two seconds before its look is not, since it may change again within one tick of the disk's
    clock. Whatever has changed is read, and compared with the hash in its name; if it is what was
    seen before, it is not decoded again.

    What a failing disk makes of a file is thereby not noticed, as no program has written it. Without
    `looks.jsonl` every file is looked at anew: whoever doubts a disk deletes it. It may be damaged or
    be gone at any time, and where it cannot be written, looks are only kept while the program runs.
    """

    def __init__(self, folder: Path) -> None:
        """Look at the files of this folder."""
        self._folder = folder
        self._log = folder / "looks.jsonl"
        self._kept: dict[str, _Kept] = {}
        self._read_from: int | None = None
        self._torn = False
        self._turn = threading.Lock()

    def of(self, name: str) -> Look:
        """
        Give what is in a file.

        Raises:
            NotFound: There is no such file.
            Denied: It may not be read.
            BadAnswer: It is no picture or sound, cannot be decoded, or is not what its name says.
        """
        if not _is_plain(name):
            raise NotFound(f"{name[:80]!r} is no name of a media file")
        self._catch_up()
        path, kept = f"{self._folder}{os.sep}{name}", self._kept.get(name)
        try:
            stamp = _stamp(path)
            if kept and kept.stamp == stamp:
                return kept.look
            now = time.time_ns()
            with open(path, "rb") as file:  # noqa: PTH123  # a Path takes thrice as long
                content = file.read()
            unchanged = stamp == _stamp(path)
        except OSError as error:
            raise refusal(error, f"media file {name}") from None
        look = looked_into(name, content, kept.look if kept else None)
        if not look.unseen:
            settled = unchanged and now - max(stamp[1:3]) > _COARSEST
            self._keep(_Kept(name, look, stamp if settled else ()))
        return look

    def _catch_up(self) -> None:
        """Read what was kept, once; again where somebody has deleted it or written it anew."""
        try:
            there = os.stat(self._log).st_ino  # noqa: PTH116  # it is asked for each file
        except (OSError, ValueError):
            there = None
        if there == self._read_from:
            return
        with self._turn:
            content = b""
            with suppress(OSError, ValueError):
                content = self._log.read_bytes()
            lines = content.splitlines()
            self._kept = {one.name: one for one in map(_kept_in, lines) if one}
            self._torn = bool(content) and not content.endswith(b"\n")
            self._read_from = there
            if len(lines) > 2 * len(self._kept) + _MOST_FORGOTTEN:
                self._write_anew()

    def _keep(self, kept: _Kept) -> None:
        with self._turn:
            if self._kept.get(kept.name) == kept:
                return
            self._kept[kept.name] = kept
            line = (b"\n" if self._torn else b"") + _line(kept)
            with suppress(OSError, ValueError), self._log.open("ab", buffering=0) as log:
                self._torn = log.write(line) < len(line)
                self._read_from = os.fstat(log.fileno()).st_ino

    def _write_anew(self) -> None:
        with suppress(Exception):
            write_whole(self._log, b"".join(map(_line, self._kept.values())), sync=False)
            self._read_from = self._log.stat().st_ino


def _is_plain(name: str) -> bool:
    """Tell whether a name leads to a file of a folder, or to none: never out of it."""
    try:
        short = 0 < len(os.fsencode(name)) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False
    return short and not _ELSEWHERE.search(name)


def _stamp(path: str) -> _Stamp:
    found = os.stat(path)  # noqa: PTH116  # a Path takes thrice as long
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(path)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _kept_in(line: bytes) -> _Kept | None:
    """Read a line; None where it is broken, or from another version: its file is looked at anew."""
    try:
        kept: _Kept = structured(json.loads(line), _Kept)
    except (ValueError, RecursionError):
        return None
    return kept


def _line(kept: _Kept) -> bytes:
    return json.dumps(_plain().unstructure(kept)).encode() + b"\n"


@cache
def _plain() -> cattrs.Converter:
    """Make records objects that leave out what is as usual."""
    return cattrs.Converter(omit_if_default=True)
