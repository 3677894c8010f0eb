"""The stages that are known by name, ours and those of other packages."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import stages
from stages import (
    CARDS,
    IMAGES,
    MEANINGS,
    Context,
    Outcome,
    Stage,
    Success,
    WiringError,
    compose,
    get_stage,
    list_stages,
    stage,
    stage_info,
)
from stages.core.registry import givers, restored
from stages.providers.protocols import ImageProvider


def cell(name: str, module: str = "__main__", gives: int = 0) -> Any:
    """Run the cell of a notebook, or a module, that defines a stage."""
    namespace: dict[str, Any] = {"__name__": module, "stage": stage, "Success": Success}
    exec(
        f"@stage()\ndef {name}(context):\n    '''Give {gives}.'''\n    return Success(context)\n",
        namespace,
    )
    return namespace[name]


def test_a_defined_stage_is_found_by_its_name() -> None:
    """`@stage` registers, and `get_stage` gives the very same stage."""
    made = cell("brand_new")

    assert get_stage("brand_new") is made
    assert "brand_new" in list_stages()


def test_get_stage_binds() -> None:
    """Settings and providers may be bound in the same breath."""
    assert get_stage("generate_images", max_new=5) == stages.generate_images(max_new=5)


def test_get_stage_refuses_what_the_stage_does_not_take() -> None:
    """A binding that the stage does not take is a WiringError with the nearest."""
    with pytest.raises(WiringError, match="takes no 'max_now'; did you mean 'max_new'"):
        get_stage("generate_images", max_now=5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "generate_image",
            "Unknown stage: generate_image; did you mean 'generate_images'?",
            id="the nearest",
        ),
        pytest.param(
            "zzz", "Unknown stage: zzz; known are analyze_words, ", id="all, if none is near"
        ),
    ],
)
def test_unknown_name_is_a_value_error(name: str, message: str) -> None:
    """An unknown name is a ValueError that says what is known."""
    for ask in (get_stage, stage_info):
        with pytest.raises(ValueError, match="Unknown stage") as caught:
            ask(name)
        assert str(caught.value).startswith(message)


def test_names_are_sorted() -> None:
    """`list_stages` gives every name, sorted, and a list of one's own."""
    names = list_stages()

    assert names == sorted(names)
    names.clear()
    assert list_stages()


def test_stage_info_tells_all_there_is_to_know() -> None:
    """A stage can be looked at without running it."""
    info = stage_info("generate_images")

    assert info.name == "generate_images"
    assert info.title == "Generate images"
    assert info.needs == (CARDS,)
    assert info.gives == (IMAGES,)
    assert dict(info.providers) == {"image_provider": ImageProvider}
    assert info.settings["max_new"] == 10
    assert info.doc == stages.generate_images.doc
    assert info.doc.startswith(info.summary)
    assert info.summary.endswith(".")
    assert info.where == "stages.media.image_stage"


def test_a_cell_that_is_run_again_replaces_its_stage() -> None:
    """The same definition run again is the stage from then on."""
    cell("in_a_cell", gives=1)
    second = cell("in_a_cell", gives=2)

    assert get_stage("in_a_cell") is second


def test_a_taken_name_says_where_it_stands() -> None:
    """A name that another module has is refused, and the message says where."""
    first = cell("in_two_modules", module="one_module")

    with pytest.raises(ValueError, match="in_two_modules") as caught:
        cell("in_two_modules", module="other_module")

    assert str(caught.value) == (
        "a stage named 'in_two_modules' stands in one_module.in_two_modules already;"
        " give the one in other_module.in_two_modules another name"
    )
    assert get_stage("in_two_modules") is first


def test_our_names_are_taken() -> None:
    """A stage of ours is not replaced by one of the same name."""
    with pytest.raises(ValueError, match=r"stands in stages\.cards\.vocabulary_stage\.make_cards"):
        cell("make_cards")


def test_our_names_are_taken_before_our_stages_are_imported() -> None:
    """Whoever takes a name of ours is told at once, however little of us was imported."""
    code = (
        "from stages.core.stage import stage\n"
        "def make_cards(context): pass\n"
        "try: stage()(make_cards)\n"
        "except ValueError as error: print(error)"
    )

    assert "stands in stages.cards.vocabulary_stage.make_cards already" in python(code)


def test_composing_registers_nothing() -> None:
    """A composed or bound stage has a name and is not in the registry."""
    before = list_stages()

    compose(stages.make_cards, stages.validate_data, name="checked")
    stages.load_file(key=CARDS)

    assert list_stages() == before


def test_givers_give_without_needing() -> None:
    """A stage that only changes what it needs is not named as the one that gives it."""
    assert "make_cards" in givers(CARDS)
    assert "analyze_words" in givers(MEANINGS)
    assert not any(MEANINGS in get_stage(name).needs for name in givers(MEANINGS))


def test_sixteen_threads_race_for_a_name() -> None:
    """Of many that take one name at once, from as many modules, one has it and each other is told."""
    barrier = threading.Barrier(16)
    won: list[Stage[...]] = []
    lost: list[str] = []

    def take(number: int) -> None:
        barrier.wait(10)
        try:
            won.append(cell("wanted_by_all", module=f"module_{number}"))
        except ValueError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=take, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert get_stage("wanted_by_all") is won[0]
    assert (len(won), len(lost)) == (1, 15)
    place = won[0].__module__
    assert all(f"stands in {place}.wanted_by_all already" in message for message in lost)


def test_many_threads_define_many_stages() -> None:
    """Stages that are defined in threads at the same time are all there, while others look."""
    barrier = threading.Barrier(16)

    def define(number: int) -> None:
        barrier.wait(10)
        for index in range(50):
            cell(f"stage_{number}_{index}")
            list_stages()

    threads = [threading.Thread(target=define, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(name.startswith("stage_") for name in list_stages()) == 16 * 50


def test_restored_puts_the_registry_back() -> None:
    """What was defined inside is gone, and what was replaced is back."""
    before = cell("kept_as_it_was")
    names = list_stages()

    with restored():
        cell("kept_as_it_was")
        cell("only_inside")

    assert list_stages() == names
    assert get_stage("kept_as_it_was") is before


PLUGIN = """
from stages import Context, Success, stage

@stage(name="{name}")
def from_elsewhere(context: Context):
    "Do it elsewhere."
    return Success(context)
"""


def python(code: str, *folders: Path) -> str:
    path = os.pathsep.join([*map(str, folders), *sys.path])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def install(tmp_path: Path) -> Callable[[str], Path]:
    """Lay out another package, as pip would, with a stage of the name given."""

    def laid_out(name: str) -> Path:
        (tmp_path / "elsewhere.py").write_text(PLUGIN.format(name=name))
        metadata = tmp_path / "elsewhere-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[stages]\nelsewhere = elsewhere\n")
        return tmp_path

    return laid_out


def test_stages_of_other_packages_are_found(install: Callable[[str], Path]) -> None:
    """A module that stands under the entry-point group `stages` is imported when stages are asked for."""
    folder = install("do_elsewhere")
    code = (
        "import sys, stages\n"
        "assert 'elsewhere' not in sys.modules\n"
        "stages.get_stage('make_cards')\n"
        "print(stages.get_stage('do_elsewhere').__module__, 'do_elsewhere' in stages.list_stages())"
    )

    assert python(code, folder).split() == ["elsewhere", "True"]


ASKED = """
import stages, warnings
with warnings.catch_warnings(record=True, action="always") as warned:
    print(len(stages.list_stages()))
print(*(one.message for one in warned))
"""


def test_another_package_cannot_take_our_names(install: Callable[[str], Path]) -> None:
    """A package whose stage has a name of ours is left out, with a warning that names both."""
    number, warned = python(ASKED, install("make_cards")).splitlines()

    assert int(number) == len(list_stages())
    assert warned == (
        "the stages of elsewhere cannot be had: ValueError: a stage named 'make_cards' stands in"
        " stages.cards.vocabulary_stage.make_cards already;"
        " give the one in elsewhere.from_elsewhere another name"
    )


def test_a_broken_package_takes_nobodys_stages_away(install: Callable[[str], Path]) -> None:
    """A package that cannot be imported is left out, with a warning that names it and says why."""
    folder = install("do_elsewhere")
    (folder / "elsewhere.py").write_text("import no_such_module\n")
    number, warned = python(ASKED, folder).splitlines()

    assert int(number) == len(list_stages())
    assert warned == (
        "the stages of elsewhere cannot be had:"
        " ModuleNotFoundError: No module named 'no_such_module'"
    )


def test_stage_stays_in_its_module() -> None:
    """A stage is an attribute of its module, under the name of its function."""
    module = ModuleType("mine")

    @stage(name="under_another_name")
    def mine(context: Context) -> Outcome:
        return Success(context)

    module.mine = mine  # type: ignore[attr-defined]

    assert get_stage("under_another_name") is mine
    assert mine.__name__ == "mine"  # type: ignore[attr-defined]
