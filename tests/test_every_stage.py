"""What holds for each stage of the library, and for its public face."""

import importlib
import inspect
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stages
from stages import Context, Stage, get_stage, list_stages, stage_info
from stages.testing import MemoryFiles

ROOT = Path(stages.__file__).parent
NAMES = [name for name in list_stages() if stage_info(name).where.startswith("stages.")]
FILES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*_stage.py")
)
SEED = [
    "analyze_words",
    "generate_audio",
    "generate_images",
    "generate_media",
    "ingest_batch",
    "load_file",
    "prepare_batch",
    "save_file",
    "sync_cards",
    "sync_media",
    "sync_templates",
    "validate_data",
    "validate_ipa",
    "validate_media",
]
every_stage = pytest.mark.parametrize("name", NAMES)


def test_the_stages_of_the_beginning_are_there() -> None:
    """Every stage that was promised is in the registry under its name."""
    assert [name for name in [*SEED, "make_cards", "plan_media"] if name not in NAMES] == []


@every_stage
def test_a_failure_is_handed_on(name: str) -> None:
    """A stage given a failure gives the very same object, whatever is bound."""
    failure = Context.of().fail("earlier")

    assert get_stage(name)(failure) is failure


@every_stage
def test_the_summary_is_one_sentence(name: str) -> None:
    """The first line of a stage's docstring says it all, and ends with a full stop."""
    info = stage_info(name)

    assert info.summary.endswith(".")
    assert len(info.summary) <= 100
    assert info.title == name.replace("_", " ").capitalize()


@every_stage
def test_it_pickles_to_the_same_object(name: str) -> None:
    """A stage goes to another process by its name."""
    one = get_stage(name)

    assert pickle.loads(pickle.dumps(one)) is one


@every_stage
def test_it_stands_where_it_says(name: str) -> None:
    """A stage is an attribute of its module and of `stages`, by its own name."""
    module = importlib.import_module(stage_info(name).where)

    assert getattr(module, name) is get_stage(name)
    assert getattr(stages, name) is get_stage(name)
    assert name in stages.__all__


@every_stage
def test_it_says_what_it_needs_and_does_not_raise(name: str) -> None:
    """On an empty context a stage fails with what it lacks, and not with a bug."""
    one = get_stage(name)
    providers = {**dict.fromkeys(one.providers, object()), "file_provider": MemoryFiles()}
    bound = one.bind(**{name: providers[name] for name in one.providers})

    failure = bound(Context.of()).failure()

    lacks = "unmet-need" if one.needs else "not-found"  # load_file alone needs no key, but a file
    assert {problem.code for problem in failure.problems} == {lacks}


@pytest.mark.parametrize("file", FILES)
def test_every_stage_file_is_registered(file: str) -> None:
    """The stages that a `*_stage.py` defines are all in the registry."""
    module = importlib.import_module(file)
    here = {
        one.name
        for one in vars(module).values()
        if isinstance(one, Stage) and one.__module__ == file
    }
    makers = {"stages.base.api_stage", "stages.base.validation_stage"}

    assert here <= set(NAMES)
    assert here or file in makers


def test_all_is_sorted_and_complete() -> None:
    """`stages.__all__` is sorted (constants, classes, functions) and names each stage."""
    names = stages.__all__

    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert len(names) == len(set(names))
    assert set(NAMES) <= set(names)
    for name in names:
        assert getattr(stages, name) is not None


def test_star_import_gives_all() -> None:
    """`from stages import *` gives each public name."""
    namespace: dict[str, Any] = {}

    exec("from stages import *", namespace)

    assert set(stages.__all__) <= set(namespace)


def test_a_name_that_is_not_there() -> None:
    """A slip is an AttributeError."""
    with pytest.raises(AttributeError, match="generate_image"):
        stages.generate_image  # noqa: B018


def undocumented(name: str, value: Any) -> list[str]:
    ours = inspect.isclass(value) or inspect.isfunction(value) or isinstance(value, Stage)
    missing = [name] if ours and not (value.__doc__ or "").strip() else []
    if inspect.isclass(value):
        missing += [
            f"{name}.{attribute}"
            for attribute, member in vars(value).items()
            if not attribute.startswith("_")
            and (inspect.isfunction(member) or isinstance(member, (property, classmethod)))
            and not (member.__doc__ or "").strip()
        ]
    return missing


def test_all_that_is_public_is_documented() -> None:
    """Every public function, class, stage and method has a docstring."""
    missing = [
        name
        for public in stages.__all__
        if public not in {"Failure", "Result", "Success"}  # not ours
        for name in undocumented(public, getattr(stages, public))
    ]

    assert missing == []


HEAVY = {
    "anki",
    "anthropic",
    "cattrs",
    "concurrent.futures",
    "cyclopts",
    "espeakng_loader",
    "httpx",
    "importlib.metadata",
    "numpy",
    "onnxruntime",
    "openai",
    "PIL",
    "requests",
    "rich",
    "soundfile",
    "sqlite3",
    "zipfile",
}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import stages", id="the package"),
        pytest.param("import stages; stages.make_cards; stages.pipelines", id="its stages"),
        pytest.param(
            "from stages import Context, WORDS, make_cards\n"
            "make_cards(Context.of(words=['casa'], meanings=()))",
            id="a run",
        ),
    ],
)
def test_importing_is_light(code: str) -> None:
    """Importing the library imports no vendor, and nothing that only some runs need."""
    listed = "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    program = f"import sys\nbefore = set(sys.modules)\n{code}\n{listed}"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert HEAVY & set(json.loads(done.stdout)) == set()
