"""Files on disk, written whole or not at all."""

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Denied, NotFound, Rejected, Unavailable


class Files:
    """The `FileProvider` that reads and writes below a folder; absolute paths stay as they are."""

    def __init__(self, folder: Path | str = ".") -> None:
        """Take paths relative to this folder."""
        self._folder = Path(folder)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        return os.path.isfile(self._folder / path)  # noqa: PTH113  # a path may be no path at all

    def read(self, path: str) -> str:
        """Give a file's text; a byte order mark is left out."""
        try:
            return (self._folder / path).read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            why = f"{path} is no UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
            raise BadAnswer(why, "save it as UTF-8") from None
        except (OSError, ValueError) as error:
            raise refusal(error, path) from None

    def write(self, path: str, text: str) -> None:
        """Write a file whole or not at all; one that says the same is left alone."""
        try:
            content = text.encode()
        except UnicodeEncodeError as error:
            why = f"{path} cannot hold half a character: {error.object[error.start]!r}"
            raise Rejected(why, f"it stands at character {error.start}") from None
        write_whole(self._folder / path, content)


def write_whole(target: Path, content: bytes, *, sync: bool = True) -> None:
    """
    Write a file so that a reader sees the old bytes or the new ones; the same bytes touch nothing.

    Args:
        target: Where.
        content: What.
        sync: Whether it is to outlast a power cut, too; a kill it outlasts anyhow.

    Raises:
        Denied: It may not be written.
        Unavailable: The disk is full or broken. The old file stays.
    """
    try:
        if target.is_file() and target.read_bytes() == content:
            return
    except OSError as error:
        raise refusal(error, str(target)) from None
    with replacing(target, sync=sync) as file:
        file.write(content)


@contextmanager
def replacing(target: Path, *, sync: bool = True) -> Iterator[BinaryIO]:
    """
    Give a file to write to; when all went well it takes the target's place, else nothing is left.

    A link stays, and what it points at is replaced. The first time that a process writes into a
    folder, it sweeps away what killed ones left there.

    Raises:
        Denied: It may not be written.
        Unavailable: The disk is full or broken. The old file stays.
    """
    temporary, placed = None, False
    try:
        old = _found(target)
        if old and stat.S_ISLNK(old.st_mode):
            target = Path(os.path.realpath(target))
            old = _found(target)
        if old and not stat.S_ISREG(old.st_mode):
            raise Denied(f"{target} is no file", "choose another place")
        if not old and not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        temporary = target.with_name(
            f".{target.name[:_STEM]}.{secrets.token_hex(4)}.{os.getpid()}.part"
        )
        _written_now.add(temporary.name)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        if old:
            temporary.chmod(old.st_mode & 0o777)
        temporary.replace(target)
        placed = True
    except (OSError, ValueError) as error:
        raise refusal(error, str(target)) from None
    finally:
        if temporary:
            if not placed:
                with contextlib.suppress(OSError, ValueError):
                    temporary.unlink()
            _written_now.discard(temporary.name)


def _found(target: Path) -> os.stat_result | None:
    """Look at a path, not at what it links to; None where nothing is."""
    try:
        return target.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


_STEM = 40
"""How much of a name its part file has: file systems count bytes, and a letter may take four."""

_PART = re.compile(rf"\..{{1,{_STEM}}}\.[0-9a-f]{{8}}\.([0-9]+)\.part", re.DOTALL)


_written_now: set[str] = set()
"""The part files that this process is writing."""

_swept: set[str] = set()
"""The folders in which this process has looked for those of others: that takes a while in large ones."""


def _sweep(folder: Path) -> None:
    """Remove the part files that nobody writes any more, once in a process."""
    place = os.path.abspath(folder)  # noqa: PTH100  # as text: it is looked up at each write
    if place in _swept:
        return
    _swept.add(place)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            part = _PART.fullmatch(entry.name)
            if part and entry.name not in _written_now and not _alive(int(part[1])):
                with contextlib.suppress(OSError):
                    os.unlink(entry)  # noqa: PTH108


def _alive(process: int) -> bool:
    """Tell whether another process of this number runs; on Windows it might."""
    if process == os.getpid():
        return False
    if os.name == "nt":  # os.kill would end it there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def refusal(error: Exception, path: str) -> ProviderError:
    """Say in our words why a file could not be read or written."""
    match error:
        case FileNotFoundError():
            return NotFound(f"{path} is not there")
        case PermissionError():
            return Denied(f"{path} may not be used: permission denied", "choose another place")
        case IsADirectoryError() | NotADirectoryError() | FileExistsError():
            return Denied(f"{path} cannot be used: {error.strerror}", "choose another place")
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            return Unavailable(f"{path} cannot be written: {error.strerror}", "free some space")
        case OSError(errno=errno.ENAMETOOLONG | errno.ELOOP):
            return Denied(f"{path:.60} cannot be used: {error.strerror}", "choose another place")
        case OSError():
            return Unavailable(f"{path} cannot be used: {error.strerror or error}")
        case _:
            return Denied(f"{path!r} is no usable path: {error}")
