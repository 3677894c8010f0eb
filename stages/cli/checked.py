"""What `stages check` reads, and how it tells what it found."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import attrs
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from stages.cli.said import command, say, say_each
from stages.core.json import parsed, structured
from stages.core.wording import counted
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.show.findings import Findings

T = TypeVar("T")

_WHAT = {
    "words": "a list of words",
    "batch": "a staged batch",
    "vocabulary": "a vocabulary",
    "media": "a deck",
}
"""What each command takes, by its name."""

_MOST_SHOWN = 20
"""So much of what was mended is told; the rest is counted."""

_PACKAGE = b"PK\x03\x04"


@attrs.frozen(kw_only=True)
class Checked:
    """
    What came of a check.

    Attributes:
        file: What was checked.
        holds: What is in it, such as "12 meanings of 5 words".
        number: How many of them there are.
        more: What else is to be said of them; may be empty.
        found: What is wrong with them.
        mended: What was mended, a line each.
        again: The command that checks it again.
        after: How to go on, a line each.
    """

    file: Path
    holds: str
    number: int
    more: str = ""
    found: Findings
    again: str
    mended: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def told(self, *, as_json: bool) -> int:
        """Tell it, and give the exit code."""
        code = 1 if self.found.errors else 0
        if as_json:
            speak_utf_8()
            mended = {"mended": self.mended} if self.mended else {}
            say(self.found.to_json(file=str(self.file), checked=self.number, **mended))
            return code
        if self.mended:
            backup = f"{self.file}.bak is the file as it was"
            say(f"{counted(len(self.mended), 'text')} mended in {self.file}; {backup}:")
            say_each(self.mended[:_MOST_SHOWN])
            if len(self.mended) > _MOST_SHOWN:
                say(f"  and {len(self.mended) - _MOST_SHOWN} more")
            say("")
        more = f": {self.more}" if self.more else ""
        say(f"{self.file}: {self.holds}{more}.")
        say("")
        Console().print(self.found)
        if self.found.problems:
            say(f"\n{self.found.summary} in {self.holds}.")
        mend = f"Next: mend {self.file}, then check it again: {self.again}"
        after = (*self.after, *([mend] if self.found.errors else []))
        if after:
            say("\n" + "\n".join(after))
        return code


def speak_utf_8() -> None:
    """Let what a program reads be UTF-8, whatever the terminal speaks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def text_of(file: Path, wanted: str) -> str:
    """
    Give the text of a file that is to be checked.

    Args:
        file: Where it lies.
        wanted: The command that was typed.

    Raises:
        ProviderError: It cannot be read, is empty, or is a package.
    """
    if is_package(file) and wanted != "media":
        raise _other(file, "media")
    text = Files().read(str(file))
    if not text.strip():
        raise Rejected(f"{file} is empty", f"{_WHAT.get(wanted, 'something')} was expected")
    return text


def is_package(file: Path) -> bool:
    """Tell whether a file is a zip archive, as packages are, by how it begins."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_PACKAGE)) == _PACKAGE
    except (OSError, ValueError):
        return False  # whoever reads it says why


def json_of(text: str, file: Path, *wanted: str) -> Any:
    """
    Give what a file of JSON holds.

    Raises:
        Rejected: It is no JSON, or what another command checks.
    """
    try:
        saved = parsed(text)
    except ValueError as error:
        plain = not text.lstrip().startswith(("{", "["))
        cure = "a list of words is checked by: " + command("check", "words", str(file))
        raise Rejected(
            f"{file} cannot be read: {error}", cure if plain else "mend it there"
        ) from None
    kind = kind_of(saved)
    if kind and kind not in wanted:
        raise _other(file, kind)
    return saved


def kind_of(saved: object) -> str:
    """
    Tell what parsed JSON is, as the command that checks it is called; empty where nobody knows.

    >>> kind_of({"words": {}}), kind_of({"words": [], "meanings": []}), kind_of(["casa"]), kind_of(3)
    ('vocabulary', 'batch', 'words', '')
    """
    match saved:
        case {"words": dict()}:
            return "vocabulary"
        case {"meanings": _}:
            return "batch"
        case list() | {"words": list()}:
            return "words"
        case _:
            return ""


def _other(file: Path, kind: str) -> Rejected:
    return Rejected(
        f"{file} is {_WHAT[kind]}", f"check it with: {command('check', kind, str(file))}"
    )


def held(saved: object, holds: type[T], file: Path) -> T:
    """
    Make a record of parsed JSON.

    Raises:
        Rejected: It is not what the record holds; every fault is named.
    """
    try:
        record: T = structured(saved, holds)
    except ValueError as error:
        why = str(error).removeprefix("$: ")
        raise Rejected(f"{file} cannot be read: {why}", "mend it there") from None
    return record


@contextmanager
def patience(file: Path, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """
    Show that a file is being checked, where that takes a while and there is a terminal.

    Args:
        file: What is checked.
        quiet: Show nothing.

    Yields:
        What is told how much more was checked.
    """
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), _Number())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(f"checking {file}", total=None)
    soon = Timer(_SOON, bar.start)
    soon.daemon = True
    soon.start()
    try:
        yield partial(bar.advance, task)
    finally:
        soon.cancel()
        soon.join()
        bar.stop()


class _Number(ProgressColumn):
    """How much was checked, once that is told."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}" if task.completed else "")


_SOON = 2.0
"""So many seconds nobody minds."""
