"""What importing costs, and who may import whom."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("module", ["stages", "stages.core.stage", "stages.core.pipeline"])
def test_importing_the_library_imports_nothing_slow(module: str) -> None:
    """No terminal, drawing, speech, JSON or Anki library comes with the kernel, nor any room."""
    slow = ("rich", "cyclopts", "PIL", "numpy", "onnxruntime", "soundfile", "cattrs", "anki")
    rooms = (
        "stages.rooms",
        "stages.cli",
        "stages.claude",
        "stages.media",
        "stages.providers.lexicon",
    )
    code = f"import sys, {module}; print([m for m in {slow + rooms!r} if m in sys.modules])"

    assert _python(code) == "[]"


def test_importing_the_rooms_imports_no_adapter() -> None:
    """All stages are there without one vendor's library."""
    code = (
        "import sys, stages.rooms;"
        "print(sorted(m for m in sys.modules if m in {'PIL', 'numpy', 'onnxruntime', 'rich', 'anki'}"
        " or m.startswith('stages.providers.') and m.split('.')[2] not in {'protocols', 'errors'}))"
    )

    assert _python(code) == "[]"


def test_each_room_imports_only_what_stands_below_it() -> None:
    """The contracts of the architecture hold."""
    lint = Path(sys.executable).with_name("lint-imports")

    told = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout
    assert "0 broken" in told.stdout


def _python(code: str) -> str:
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()
