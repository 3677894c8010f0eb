"""What is said to a person at a terminal."""

import re
import shlex
import shutil
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from rich.console import Console

from stages.core.outcome import StageFailure
from stages.core.problem import ProviderError
from stages.providers.files import Files
from stages.show.summary import why_failed

_MOST_LINES = 5
"""An error is at most so long."""

_LONGEST = 600
"""A line of an error is at most so long: a file may have a thousand faults."""


def say(text: str, file: TextIO | None = None) -> None:
    """Say it as it is, without colours."""
    say_on(Console(file=file), text)


def say_on(console: Console, text: str) -> None:
    """Say it as it is, above the progress that this console shows."""
    console.print(text, style=None, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say_each(lines: Iterable[str], indent: str = "  ", file: TextIO | None = None) -> None:
    """Say it line by line."""
    for line in lines:
        say(f"{indent}{in_options(line)}", file)


def say_doubts(lines: Iterable[str]) -> None:
    """Say what is missing or doubtful, if anything is."""
    every = list(lines)
    if every:
        say("\nMissing or doubtful:")
        say_each(every)


def stopped(why: str) -> int:
    """Say why nothing was done, and give the exit code."""
    say(f"Error: {_shortened(in_options(why))}", sys.stderr)
    return 1


def mistyped(why: str) -> int:
    """Say what cannot be meant, and give the exit code."""
    stopped(why)
    return 2


def failed(failure: StageFailure, folder: Path, more: Iterable[str] = (), what: str = "") -> int:
    """
    Say why a stage failed and what more there is to it, and give the exit code.

    Args:
        failure: Says why.
        folder: Where to write down what whoever mends a fault of the program has to know.
        more: How to go on.
        what: What was not done.
    """
    told = list(more)
    if failure.trace:
        kept = folder / ".stages" / "fault.txt"
        told = [_kept(failure.trace, kept), *told]
    room = max(_MOST_LINES - 1 - len(told), 1)
    why = in_options(failure.message.rstrip("."))
    say(_shortened(f"{what or 'Error'}: {why}."), sys.stderr)
    lines = () if failure.trace else why_failed(failure, room)
    say_each(map(_shortened, (*lines, *told)), file=sys.stderr)
    return 1


def interrupted(after: str) -> int:
    """Say what Ctrl-C leaves, and give the exit code; a second one ends the program at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    say(f"Stopped. {after}", sys.stderr)
    return 130


def command(*words: str) -> str:
    """Give a command of this program as it can be typed, whatever it was called as."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        program = "python -m stages"
    else:
        program = "stages" if shutil.which("stages") else shlex.quote(sys.argv[0])
    return f"{program} {shlex.join(words)}"


def in_options(text: str) -> str:
    """
    Give a message of the library with the options of the command line in the place of settings.

    >>> in_options("allow it: max_cost=0.064; or see it first: dry_run=True")
    'allow it: --max-cost 0.064; or see it first: --dry-run'
    >>> in_options("$0.06, and max_cost is $0.001")
    '$0.06, and --max-cost is $0.001'
    """
    for python, ours in _PHRASES:
        text = text.replace(python, ours)
    return _SETTING.sub(_option, _KEY.sub(r"export \1=…", text))


_SETTING = re.compile(
    r"(?<![\w.-])(max_cost|max_new|dry_run|overwrite|schema_changes|recreate)\b(?:=([\w.+-]*\w))?"
)

_PHRASES = (
    ("; without api_key=… it is that of", " into"),
    ("; without base_url=… it is that of", ", in"),
    ("allow more: max_tokens=…", "ask for less: --most, or a lower --effort"),
    ("give contact=… with your mail or web address", "give --contact with one"),
    ("give agreed=True if you agree", "give --forvo-agreed if you agree"),
    ("it stays until it is forced", "it stays: see stages media plan"),
    ("conflicts='ours'", "--ours"),
    ("delete=", "--delete "),
    ("give it the deck as exported from Anki", "give --base the deck as exported from Anki"),
    ("or let sync_templates add it", "or add it: --schema-changes"),
    ("or ask for '", "or give --profile '"),
    ("and sync without one", "and give --no-backup"),
)

_KEY = re.compile(r"set (\w+_API_KEY), or give api_key=…")


def _option(found: re.Match[str]) -> str:
    name = "--" + found[1].replace("_", "-")
    return name if found[2] in (None, "True") else f"{name} {found[2]}"


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _kept(trace: str, file: Path) -> str:
    try:
        Files().write(str(file), trace)
    except ProviderError as error:
        return f"this is a fault of the program; {error}"
    return f"this is a fault of the program: please report it, with {file}"
