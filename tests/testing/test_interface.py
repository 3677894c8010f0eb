"""How the kit is found, and what it needs."""

import subprocess
import sys
from pathlib import Path

from stages import testing


def test_what_is_named_can_be_had() -> None:
    """Every name once."""
    assert len(set(testing.__all__)) == len(testing.__all__)
    assert all(hasattr(testing, name) for name in testing.__all__)


def run(code: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def test_the_library_does_without_hypothesis() -> None:
    """Only the kit needs it, and says how to get it."""
    done = run(
        "import sys; sys.modules['hypothesis'] = None\n"
        "import stages; stages.generate_images\n"
        "try:\n    import stages.testing\n"
        "except ImportError as error:\n    print(error)"
    )
    assert done.stdout == (
        'stages.testing needs hypothesis: pip install "fluent-stages[test]"\n'
    ), done.stderr


def test_the_kit_imports_no_adapter() -> None:
    """Neither a vendor nor a disk."""
    done = run(
        "import sys, stages.testing\n"
        "print(*[m for m in sys.modules if m.startswith('stages.providers.')])"
    )
    found = sorted(done.stdout.split())
    assert found == ["stages.providers.errors", "stages.providers.protocols"], done.stderr
