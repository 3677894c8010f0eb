"""Chaining: stages mixed and matched between pipelines, with one's own in the middle."""

import json
import os
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages import (
    BATCH,
    CARDS,
    CONJUGATIONS,
    IMAGES,
    MEANINGS,
    SOUNDS,
    SYNC,
    WORDS,
    Context,
    Outcome,
    Pipeline,
    Success,
    analyze_words,
    cancel_batch,
    check_batch,
    compose,
    fetch_batch,
    generate_audio,
    generate_images,
    generate_media,
    ingest_batch,
    list_stages,
    load_file,
    look_up_references,
    make_cards,
    make_conjugation_cards,
    pipe,
    plan_media,
    prepare_batch,
    run,
    run_many,
    save_file,
    stage,
    submit_batch,
    sync_cards,
    sync_media,
    sync_templates,
    threads,
    validate_data,
    validate_ipa,
    validate_media,
)
from stages.pipelines import checked_cards, sync, vocabulary
from stages.providers.package import Package
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]
Built = tuple[Path, Context]


def wanted_by(pipeline: Pipeline, providers: Providers) -> Providers:
    """Choose the providers that a pipeline takes."""
    return {name: one for name, one in providers.items() if name in pipeline.providers}


def changed(context: Context, card_id: str, **fields: str) -> Context:
    """Give the context with other texts on one card."""
    return context.put(
        CARDS,
        tuple(
            attrs.evolve(card, fields=type(card.fields)({**card.fields, **fields}))
            if card.id == card_id
            else card
            for card in context[CARDS]
        ),
    )


def test_words_become_a_deck(built: Built, real_anki: RealAnki) -> None:
    """The vocabulary pipeline goes from a word list to a deck that Anki imports."""
    folder, context = built

    assert vocabulary.needs == (WORDS,)
    assert context[WORDS] == ("casa", "gato", "perro")
    assert real_anki.import_package(folder / "deck.apkg")["new"] == len(context[CARDS])


def test_new_cards_come_in_the_order_of_the_words(
    offline: Providers, real_anki: RealAnki, tmp_path: Path
) -> None:
    """Whoever sorts a word list by use learns in that order."""
    words = ["perro", "ser", "agua", "casa"]
    pipeline = compose(analyze_words, checked_cards, sync, name="no media")

    context = run(pipeline, Context.of(words=words), **wanted_by(pipeline, offline)).unwrap()

    real_anki.import_package(tmp_path / "deck.apkg")
    assert list(real_anki.notes) == [card.id for card in context[CARDS]]
    assert list(dict.fromkeys(card.word for card in context[CARDS])) == words


def test_pipe_and_compose_and_run_do_the_same(built: Built, adapters: Any) -> None:
    """A chain written out with `pipe` gives the outcome of the composed pipeline that is run."""
    folder, _ = built
    got = adapters(folder)
    anki = {"anki_provider": got["anki_provider"]}
    composed = {k: v for k, v in got.items() if k != "file_provider"}

    outcome = pipe(
        Context.of(words=["casa", "gato", "perro"]),
        analyze_words(analysis_provider=got["analysis_provider"]),
        validate_ipa(on_problem="drop"),
        make_cards,
        validate_data(on_problem="drop"),
        generate_media(image_provider=got["image_provider"], audio_provider=got["audio_provider"]),
        validate_media(media_provider=got["media_provider"]),
        sync_templates.bind(**anki),
        sync_media.bind(**anki),
        sync_cards.bind(**anki),
    )

    assert outcome == run(vocabulary, Context.of(words=["casa", "gato", "perro"]), **composed)


def test_a_pipeline_does_with_the_stages_it_wants(offline: Providers, tmp_path: Path) -> None:
    """Sound without pictures, no checks, no file: a deck all the same."""
    pipeline = compose(analyze_words, make_cards, generate_audio, sync_cards, name="only sound")

    context = run(pipeline, Context.of(words=["casa"]), **wanted_by(pipeline, offline)).unwrap()

    (note,) = Package(tmp_path / "deck.apkg", tmp_path / "media").read().notes.values()
    assert IMAGES not in context
    assert note.fields["Picture"] == ""
    assert note.fields["Sound"] == f"[sound:{context[SOUNDS]['casa'].name}]"


def test_the_same_stages_start_from_a_batch_as_well(offline: Providers, tmp_path: Path) -> None:
    """Meanings may come from a filled-in file and from the lexicon; what follows never knows."""
    entry = {
        "SpanishWord": "flaquear",
        "MeaningID": "weaken",
        "MeaningContext": "perder fuerza",
        "MonolingualDef": "perder la fuerza poco a poco",
        "ExampleSentence": "Mis piernas flaquean.",
        "GappedSentence": "Mis piernas _____.",
        "IPA": "[fla.ke.ˈaɾ]",
    }
    (tmp_path / "batch.json").write_text(json.dumps({"words": ["flaquear"], "meanings": [entry]}))
    pipeline = compose(
        load_file(key=BATCH), ingest_batch, analyze_words, checked_cards, sync, name="from a batch"
    )

    outcome = run(pipeline, Context.of(words=["casa"]), **wanted_by(pipeline, offline))

    assert [card.id for card in outcome.unwrap()[CARDS]] == ["casa_home", "flaquear_weaken"]


def test_a_stage_of_ones_own_stands_in_the_middle(offline: Providers) -> None:
    """Ten lines of plain Python between two stages of ours; no class, nothing to register."""

    @stage(needs=[MEANINGS], gives=[MEANINGS])
    def first_meaning_only(context: Context) -> Outcome:
        """Keep the most common meaning of every word."""
        first = {one.word: one for one in reversed(context[MEANINGS])}
        kept = tuple(one for one in context[MEANINGS] if first[one.word] is one)
        return Success(context.put(MEANINGS, kept).report(f"kept {len(kept)}"))

    pipeline = compose(analyze_words, first_meaning_only, checked_cards, name="first meanings")

    context = run(
        pipeline, Context.of(words=["gato", "correr"]), **wanted_by(pipeline, offline)
    ).unwrap()

    assert [card.id for card in context[CARDS]] == ["gato_cat", "correr_run"]
    assert "kept 2" in [one.message for one in context.reports]


def test_a_pipeline_is_a_stage_of_another(offline: Providers) -> None:
    """Pipelines nest; each single stage reports for itself."""
    inner = compose(checked_cards, validate_data, name="inner")
    outer = compose(analyze_words, inner, name="outer")

    context = run(outer, Context.of(words=["casa"]), **wanted_by(outer, offline)).unwrap()

    assert [part.name for part in outer.parts] == [one.stage for one in context.reports]
    assert outer.needs == (WORDS,)


def test_a_pipeline_is_cut_in_two_with_a_file_between(
    built: Built, offline: Providers, tmp_path: Path
) -> None:
    """Cards saved by one pipeline and loaded by another make the very same deck."""
    folder, context = built
    saved, media = {"file_provider": offline["file_provider"]}, folder / "media"
    package = {"anki_provider": Package(tmp_path / "deck.apkg", media)}

    pipe(context, *(save_file.bind(key=key, **saved) for key in (CARDS, IMAGES, SOUNDS)))
    second = pipe(
        Context.of(),
        *(load_file.bind(key=key, **saved) for key in (CARDS, IMAGES, SOUNDS)),
        sync.bind(**package),
    )

    assert second.unwrap()[SYNC] == context[SYNC]
    assert (tmp_path / "deck.apkg").read_bytes() == (folder / "deck.apkg").read_bytes()


@pytest.mark.parametrize(
    ("on_problem", "left"),
    [
        ("fail", None),
        ("drop", ["casa_home", "perro_dog"]),
        ("keep", ["casa_home", "gato_cat", "perro_dog"]),
    ],
)
def test_a_check_is_a_gate(offline: Providers, on_problem: Any, left: list[str] | None) -> None:
    """What is spoilt stops the run, is dropped by name, or is kept and reported: as one wishes."""
    pipeline = compose(analyze_words, make_cards, name="cards")
    context = run(
        pipeline, Context.of(words=["casa", "gato", "perro"]), **wanted_by(pipeline, offline)
    ).unwrap()
    cards = tuple(card for card in context[CARDS] if card.id != "gato_car_jack")
    spoilt = changed(context.put(CARDS, cards), "gato_cat", Definition=" ", Gapped="Sin hueco.")

    outcome = validate_data(on_problem=on_problem)(spoilt)

    if left is None:
        assert outcome.failure().message == "Validation failed: 2 errors"
        found = outcome.failure().problems
    else:
        assert [card.id for card in outcome.unwrap()[CARDS]] == left
        found = outcome.unwrap().reports[-1].problems
    assert [problem.where for problem in found] == [
        "cards[gato_cat].Definition",
        "cards[gato_cat].Gapped",
    ]


def test_a_changed_card_keeps_its_review_history(
    built: Built, real_anki: RealAnki, tmp_path: Path
) -> None:
    """
    A deck that is built again and imported again changes just the notes that differ.

    What the learner did stays: every answer, every interval, also of the changed note.
    """
    folder, context = built
    package = tmp_path / "deck.apkg"
    package.write_bytes((folder / "deck.apkg").read_bytes())
    real_anki.import_package(package)
    real_anki.study(answers=5)
    before = real_anki.history

    anki = {"anki_provider": Package(package, folder / "media")}
    outcome = pipe(changed(context, "casa_home", Usage="También: hogar."), sync.bind(**anki))
    counts = real_anki.import_package(package)

    assert outcome.unwrap()[SYNC].updated == ("casa_home",)
    assert counts == {"new": 0, "updated": 1, "duplicate": 3}
    assert real_anki.notes["casa_home"]["Usage"] == "También: hogar."
    assert len(before) > 8
    assert real_anki.history == before
    assert real_anki.faults == []


def test_a_deck_that_grows_adds_only_what_is_new(
    built: Built, real_anki: RealAnki, tmp_path: Path
) -> None:
    """More words in the same file: the old notes are duplicates to Anki, the new ones are new."""
    folder, context = built
    package = tmp_path / "deck.apkg"
    anki = {"anki_provider": Package(package, folder / "media")}
    pipe(context.put(CARDS, context[CARDS][:2]), sync.bind(**anki))
    real_anki.import_package(package)

    anki = {"anki_provider": Package(package, folder / "media")}
    pipe(context, sync.bind(**anki))

    assert real_anki.import_package(package) == {"new": 2, "updated": 0, "duplicate": 2}
    assert real_anki.faults == []


def test_many_decks_are_built_side_by_side(adapters: Any, tmp_path: Path) -> None:
    """One pipeline, many word lists, in threads: each deck is what it is when built alone."""
    pipeline = compose(analyze_words, checked_cards, generate_images, name="drawn")
    providers = wanted_by(pipeline, adapters(tmp_path))
    lists = [Context.of(words=[word]) for word in ("casa", "gato", "perro", "gato")]

    together = list(run_many(pipeline, lists, mapper=threads(4), **providers))

    alone = [run(pipeline, one, **providers) for one in lists]
    assert [one.unwrap()[IMAGES] for one in together] == [one.unwrap()[IMAGES] for one in alone]
    assert len({outcome.unwrap()[IMAGES]["gato_cat"].name for outcome in together[1::2]}) == 1


def test_threads_make_the_deck_that_is_made_in_turn(
    built: Built, adapters: Any, tmp_path: Path
) -> None:
    """With `mapper=threads(4)` the package is the same, byte for byte."""
    folder, context = built
    providers = {k: v for k, v in adapters(tmp_path).items() if k != "file_provider"}

    run(vocabulary, Context.of(words=context[WORDS]), **providers, mapper=threads(4)).unwrap()

    assert (tmp_path / "deck.apkg").read_bytes() == (folder / "deck.apkg").read_bytes()


def test_a_dry_run_of_everything_leaves_the_disk_alone(offline: Providers, tmp_path: Path) -> None:
    """No folder, no file: only the plan."""
    pipeline = compose(analyze_words, checked_cards, generate_media, sync, name="all but checks")

    run(pipeline, Context.of(words=["casa"]), **wanted_by(pipeline, offline), dry_run=True).unwrap()

    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_all_stages_of_the_library_chain() -> None:
    """Every one of them has a place in one pipeline that needs nothing but words and providers."""
    every = compose(
        prepare_batch,
        submit_batch,
        check_batch,
        cancel_batch,
        fetch_batch,
        save_file(key=BATCH, path="batch.json"),
        load_file(key=BATCH, path="batch.json"),
        ingest_batch,
        load_file(key=CONJUGATIONS),
        make_conjugation_cards,
        vocabulary,
        look_up_references,
        plan_media,
        generate_images,
        generate_audio,
        save_file,
        load_file,
        name="everything",
    )

    assert every.needs == (WORDS,)
    assert {"load_file", "save_file"} | {part.name for part in every.parts} >= set(list_stages())
