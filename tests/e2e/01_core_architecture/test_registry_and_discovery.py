"""The registry: every stage is found by its name, and so are those of other packages."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stages
from stages import (
    CARDS,
    MEANINGS,
    WORDS,
    Context,
    Outcome,
    Success,
    WiringError,
    compose,
    get_stage,
    list_stages,
    make_cards,
    run,
    stage,
    stage_info,
)

SEED = {
    "load_file": "stages.base.file_stage",
    "save_file": "stages.base.file_stage",
    "analyze_words": "stages.claude.analysis_stage",
    "prepare_batch": "stages.claude.batch_stage",
    "ingest_batch": "stages.claude.ingestion_stage",
    "make_cards": "stages.cards.vocabulary_stage",
    "generate_images": "stages.media.image_stage",
    "generate_audio": "stages.media.audio_stage",
    "generate_media": "stages.media.media_stage",
    "sync_templates": "stages.sync.template_stage",
    "sync_media": "stages.sync.media_sync_stage",
    "sync_cards": "stages.sync.card_stage",
    "validate_data": "stages.validation.data_stage",
    "validate_ipa": "stages.validation.ipa_stage",
    "validate_media": "stages.validation.media_stage",
}
"""Every stage of the design, and the module it stands in."""


def test_the_registry_lists_every_stage_of_the_design() -> None:
    """`list_stages()` gives all names, sorted."""
    assert set(SEED) <= set(list_stages())
    assert list_stages() == sorted(list_stages())


@pytest.mark.parametrize(("name", "module"), SEED.items())
def test_a_stage_stands_where_the_design_puts_it(name: str, module: str) -> None:
    """`stage_info` names the module; `get_stage` and `stages.<name>` are one and the same stage."""
    assert stage_info(name).where == module
    assert get_stage(name) is getattr(stages, name)


@pytest.mark.parametrize("name", SEED)
def test_a_stage_says_what_it_is_for(name: str) -> None:
    """Every stage has a title, a summary of one sentence, keys with a meaning and typed providers."""
    about = stage_info(name)

    assert about.title == name.replace("_", " ").capitalize()
    assert about.summary.endswith(".")
    assert all(key.doc for key in (*about.needs, *about.uses, *about.gives))
    assert all(getattr(kind, "_is_protocol", False) for kind in about.providers.values())


def test_a_stage_is_told_about_without_being_run() -> None:
    """`stage_info` tells needs, gives, providers and settings with their defaults."""
    about = stage_info("generate_images")

    assert about.needs == (CARDS,)
    assert about.gives == ("images",)
    assert list(about.providers) == ["image_provider"]
    assert about.settings["max_new"] == 10
    assert about.settings["dry_run"] is False


def test_a_stage_is_got_with_settings_bound() -> None:
    """`get_stage(name, setting=…)` gives the stage with the setting bound."""
    assert get_stage("generate_images", max_new=5) == stages.generate_images(max_new=5)


def test_an_unknown_stage_is_a_value_error_with_the_nearest_name() -> None:
    """A slip in a name says what was meant."""
    with pytest.raises(
        ValueError, match="Unknown stage: analyse_words; did you mean 'analyze_words'"
    ):
        get_stage("analyse_words")


def test_an_unknown_stage_that_is_near_nothing_lists_what_there_is() -> None:
    """A name like no other is answered with all names."""
    with pytest.raises(ValueError, match=r"Unknown stage: xyzzy; known are .*analyze_words.*sync"):
        get_stage("xyzzy")


def test_a_setting_the_stage_does_not_take_is_a_wiring_error() -> None:
    """`get_stage` checks what is bound at once, and names the nearest."""
    with pytest.raises(WiringError, match="takes no 'max_news'; did you mean 'max_new'"):
        get_stage("generate_images", max_news=5)


def test_a_stage_of_ones_own_is_found_by_name() -> None:
    """Defining a stage registers it; nothing else is needed."""

    @stage(needs=[WORDS], gives=[WORDS])
    def shout(context: Context) -> Outcome:
        """Write every word in capitals."""
        return Success(context.put(WORDS, tuple(word.upper() for word in context[WORDS])))

    assert get_stage("shout") is shout
    assert "shout" in list_stages()
    assert stage_info("shout").summary == "Write every word in capitals."


def test_running_a_notebook_cell_again_replaces_its_own_stage() -> None:
    """The same definition run twice is no conflict; the later one counts."""

    def cell() -> Any:
        @stage(gives=[WORDS])
        def cell_stage(context: Context) -> Outcome:
            return Success(context.put(WORDS, ()))

        return cell_stage

    cell()
    second = cell()

    assert get_stage("cell_stage") is second


def test_a_name_that_another_module_owns_is_not_taken_over() -> None:
    """The error says where the other stage stands."""
    with pytest.raises(ValueError, match=r"'make_cards' stands in stages\.cards\.vocabulary_stage"):

        @stage(needs=[MEANINGS], gives=[CARDS], name="make_cards")
        def my_cards(context: Context) -> Outcome:
            return Success(context.put(CARDS, ()))

    assert get_stage("make_cards") is make_cards


def test_a_pipeline_is_composed_from_names() -> None:
    """What a file or a form names can be composed, bound and run."""
    names = ["analyze_words", "make_cards", "validate_data"]
    pipeline = compose(*map(get_stage, names), name="from names")

    outcome = run(pipeline, Context.of(words=["casa"]), analysis_provider=_lexicon())

    assert [card.id for card in outcome.unwrap()[CARDS]] == ["casa_home"]


def test_composing_registers_nothing() -> None:
    """A pipeline is a value; the registry holds single stages only."""
    before = list_stages()

    compose(make_cards, stages.validate_data, name="a pipeline")

    assert list_stages() == before


def test_stages_of_other_packages_are_found_through_the_entry_point_group(tmp_path: Path) -> None:
    """An installed package that names a stage under `stages` offers it to everyone."""
    (tmp_path / "greeting.py").write_text(
        "from stages import WORDS, Success, stage\n"
        "@stage(gives=[WORDS])\n"
        "def greet(context):\n"
        '    """Give one word to learn."""\n'
        "    return Success(context.put(WORDS, ('hola',)))\n"
    )
    about = tmp_path / "greeting-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[stages]\ngreet = greeting:greet\n")
    code = (
        "from stages import Context, get_stage, list_stages\n"
        "assert 'greet' in list_stages()\n"
        "print(get_stage('greet')(Context.of()).unwrap())"
    )

    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.stdout == "Context(words=('hola',))\n", told.stderr


def _lexicon() -> Any:
    from stages.providers.lexicon import Lexicon

    return Lexicon()
