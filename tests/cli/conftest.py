"""A person at the keyboard, and Claude on a loopback."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from stages.cli.making import Making
from stages.testing.loopback import ClaudeLoopback
from tests.cli.playing import Person, answer, person_in


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """A person who types in an empty folder, on a machine that makes no pictures and sounds."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    build = import_module("stages.cli.build")  # the command has the name of its module
    monkeypatch.setattr(build, "making_in", lambda *_, **__: Making())
    return person_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def claude(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClaudeLoopback]:
    """Claude, for whom the person has a key."""
    with ClaudeLoopback(answer) as server:
        knows(monkeypatch, server)
        yield server


def knows(monkeypatch: pytest.MonkeyPatch, server: ClaudeLoopback) -> None:
    """Let the person's shell know where Claude is."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-loopback")
