"""The README runs: its Python, and the output it shows."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from stages import list_stages, stage_info

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)


def test_python_in_the_readme_prints_what_the_readme_shows() -> None:
    """Each Python block, run after those before it, prints the text block that follows it."""
    scope: dict[str, object] = {"__name__": "readme"}
    shown, printed = [], []
    for code, text in BLOCKS:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), scope)  # noqa: S102
        shown.append(text)
        printed.append(out.getvalue())

    assert BLOCKS
    assert shown == printed


@pytest.mark.parametrize("name", list_stages())
def test_the_readme_lists_every_stage_with_its_summary(name: str) -> None:
    """The table of stages has a row for each, with the first line of its docstring."""
    row = f"| `{name}` | {stage_info(name).summary} |"

    assert row in README.read_text("utf-8")
