"""A person at the keyboard: what is typed, what is told, what lies on the disk."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages.__main__ import main
from stages.providers.package import Package
from stages.testing.loopback import Reply

ROOT = Path(__file__).parent.parent.parent

ENTRY = {
    "SpanishWord": "flaquear",
    "MeaningID": "weaken",
    "MeaningContext": "perder fuerza",
    "MonolingualDef": "perder la fuerza poco a poco",
    "ExampleSentence": "Mis piernas flaquean en la cuesta.",
    "GappedSentence": "Mis piernas _____ en la cuesta.",
    "IPA": "[fla.ke.ˈaɾ]",
    "prompt": "a hiker with shaking knees on a steep path",
}
"""A meaning as Claude or a person fills it in."""


@attrs.frozen
class Told:
    """What a person sees of a command that has ended."""

    code: int
    out: str
    err: str


Person = Callable[..., Told]


def elsewhere(folder: Path, *typed: str, **environment: str) -> Told:
    """Run the program in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "stages", *typed],
        cwd=folder,
        env=environment_with(**environment),
        capture_output=True,
        check=False,
    )
    told = Told(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
    assert "Traceback" not in told.out + told.err
    return told


def started(folder: Path, *typed: str, **others: Any) -> "subprocess.Popen[bytes]":
    """Start the program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "stages", *typed],
        cwd=folder,
        env=environment_with(),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **others},
    )


def environment_with(**others: str) -> dict[str, str]:
    """Give the environment of a person's shell."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **others}


def everything(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Give inode, time and content of all that lies in a folder."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


def fields_in(package: Path) -> dict[str, Any]:
    """Give the fields of every note of a package, by card id, in order."""
    state = Package(package, package.parent).read()
    return {note.fields["Card ID"]: note.fields for note in state.notes.values()}


def staged(folder: Path) -> Path:
    """Give the one file that was staged."""
    (file,) = folder.glob("batch-*.json")
    return file


def fill_in(file: Path, *entries: object) -> None:
    """Fill a staged file in, as Claude or a person does."""
    batch = json.loads(file.read_text("utf-8"))
    batch["meanings"] += entries
    file.write_text(json.dumps(batch, ensure_ascii=False), "utf-8")


def commands_in(text: str) -> list[list[str]]:
    """Give the commands that a person is shown, each as what is typed after `stages`."""
    shown = re.findall(r"\bstages ((?:build|batch|media) [^;)\n]*)", text)
    return [shlex.split(one) for one in shown]


def next_in(text: str) -> list[str]:
    """Give the command that is shown as the next one."""
    return commands_in(text.partition("Next: ")[2])[0]


def answer(params: Mapping[str, Any]) -> Reply | dict[str, Any]:
    """
    Say what Claude says in these tests.

    Every word has two meanings, but zzz, which does not exist, and malo, which it will not answer.
    """
    asked = json.loads(params["messages"][0]["content"])
    word = asked["word"]
    if word == "zzz":
        return {"meanings": [], "remark": "there is no such word"}
    if word == "malo":
        return Reply(stop_reason="refusal", explanation="not this one")
    schema = params["output_config"]["format"]["schema"]
    names = schema["properties"]["meanings"]["items"]["required"]
    filled = [
        {
            "Word": word,
            "MeaningID": name,
            "MeaningContext": "uso",
            "MonolingualDef": definition,
            "ExampleSentence": f"Hoy quiero {word} con calma.",
            "GappedSentence": "Hoy quiero _____ con calma.",
            "IPA": asked.get("IPA", "[fla.ke.ˈaɾ]"),
            "prompt": "someone at work in a garden",
        }
        for name, definition in (("first", "lo primero"), ("second", "otra cosa distinta"))
    ]
    return {"meanings": [{n: e.get(n, "") for n in names} for e in filled], "remark": ""}


def person_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """Give a person who types in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")

    def types(*typed: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["stages", *typed])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Told(int(left.value.code or 0), out, err)

    return types
