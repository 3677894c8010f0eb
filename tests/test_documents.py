"""The README and the documents: their Python runs, their links lead somewhere, their tables hold."""

import contextlib
import io
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

import stages.testing
from stages import list_stages, stage_info

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CONTEXT = ROOT / "context"
DOCUMENTS = (README, *sorted(CONTEXT.rglob("*.md")))
LIBRARY = CONTEXT / "refactor" / "completed_handoffs" / "03_stage_system_handoff.md"

BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
NAME = re.compile(r"`(stages(?:\.\w+)+)`")
PATH = re.compile(r"`((?:stages|tests|context)/[\w./]*)`")

one_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT))
)
one_stage = pytest.mark.parametrize("name", list_stages())


@one_document
def test_python_prints_what_the_document_shows(document: Path) -> None:
    """Each block runs after those before it; it prints the text block below it, or nothing."""
    scope: dict[str, object] = {"__name__": document.stem}
    shown, printed = [], []
    for code, text in BLOCK.findall(document.read_text("utf-8")):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, document.name, "exec"), scope)
        shown.append(text)
        printed.append(out.getvalue())

    assert shown == printed


@one_document
def test_what_a_document_points_at_is_there(document: Path) -> None:
    """Every relative link leads to a file, and so does every path in code spans."""
    text = document.read_text("utf-8")
    wanted = [document.parent / link for link in LINK.findall(text)]
    wanted += [ROOT / path for path in PATH.findall(text)]
    missing = [str(path) for path in wanted if not path.exists()]

    assert missing == []


@one_document
def test_names_that_a_document_uses_exist(document: Path) -> None:
    """Every dotted name of the library in code spans is there."""
    for name in NAME.findall(document.read_text("utf-8")):
        resolve_name(name)


def test_the_map_names_every_document() -> None:
    """No document is missing from the map."""
    links = LINK.findall((CONTEXT / "README.md").read_text("utf-8"))
    documents = {str(one.relative_to(CONTEXT)) for one in CONTEXT.rglob("*.md")}

    assert documents - {"README.md"} <= set(links)


@one_stage
def test_the_readme_lists_every_stage_with_its_summary(name: str) -> None:
    """The table of stages has a row for each, with the first line of its docstring."""
    row = f"| `{name}` | {stage_info(name).summary} |"

    assert row in README.read_text("utf-8")


@one_stage
def test_the_library_lists_every_stage_with_all_it_takes(name: str) -> None:
    """The table of stages has a row for each: keys, providers, settings and summary."""
    info = stage_info(name)
    names = (info.needs, info.uses, info.gives, info.providers, info.settings)
    cells = (", ".join(f"`{name}`" for name in some) or "–" for some in names)
    row = f"| `{name}` | {' | '.join(cells)} | {info.summary} |"

    assert row in LIBRARY.read_text("utf-8")


def test_the_library_lists_no_stage_that_is_not_there() -> None:
    """Every row of that table is of a registered stage."""
    listed = re.findall(r"^\| `(\w+)` \|(?:[^|]*\|){6}$", LIBRARY.read_text("utf-8"), re.MULTILINE)

    assert sorted(listed) == list_stages()


def test_the_library_names_everything_to_test_with() -> None:
    """Every name of `stages.testing` is explained, and every stand-in that is named exists."""
    text = LIBRARY.read_text("utf-8")
    ours = set(stages.testing.__all__)

    assert {name for name in ours if not re.search(rf"\b{name}\b", text)} == set()
    assert set(re.findall(r"\bMemory\w+", text)) <= ours
