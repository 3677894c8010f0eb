"""What type checkers see of the library, and which mistakes they catch."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "typing"
ROOT = HERE.parent.parent
API, MISTAKES = HERE / "api.py", HERE / "mistakes.py"


def lines_marked(mark: str) -> set[int]:
    lines = MISTAKES.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if f"# {mark}" in line}


def checked(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command, str(API), str(MISTAKES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "MYPYPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def by_mypy() -> set[tuple[str, int]]:
    """Give file and line of each error that mypy finds, as strict as it can be."""
    found = checked("mypy", "--strict", "--output", "json")
    errors = [json.loads(line) for line in found.splitlines() if line.startswith("{")]
    return {
        (Path(error["file"]).name, error["line"])
        for error in errors
        if error["severity"] == "error"
    }


def by_pyright() -> set[tuple[str, int]]:
    """Give file and line of each error that pyright finds."""
    report = json.loads(checked("pyright", "--outputjson", "--pythonpath", sys.executable))
    return {
        (Path(error["file"]).name, error["range"]["start"]["line"] + 1)
        for error in report["generalDiagnostics"]
        if error["severity"] == "error"
    }


@pytest.mark.parametrize("check", [by_mypy, by_pyright], ids=["mypy", "pyright"])
def test_type_checkers_see_the_library_as_it_is(check: Callable[[], set[tuple[str, int]]]) -> None:
    """Good code has no error, and each planted mistake is reported where it stands."""
    found = check()

    assert {line for file, line in found if file == "api.py"} == set()
    assert {line for file, line in found if file == "mistakes.py"} == lines_marked("mistake")
    assert {file for file, _ in found} == {"mistakes.py"}


def test_what_no_checker_sees_is_named() -> None:
    """One mistake is known that neither sees; it is marked, and many are seen."""
    assert len(lines_marked("unseen")) == 1
    assert len(lines_marked("mistake")) >= 20
