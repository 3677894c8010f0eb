"""Errors: what goes wrong is told with place and cure, stops no more than it must, loses nothing."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from stages import (
    BATCH,
    CARDS,
    IMAGES,
    MEANINGS,
    SOUNDS,
    SYNC,
    Context,
    Failure,
    Outcome,
    Report,
    Status,
    Success,
    analyze_words,
    compose,
    generate_audio,
    generate_images,
    generate_media,
    ingest_batch,
    law_mode,
    load_file,
    make_cards,
    pipe,
    resume,
    run,
    stage,
    strict,
    sync_cards,
    validate_data,
    validate_media,
)
from stages.pipelines import checked_cards, sync, vocabulary
from stages.providers.errors import Denied, Misconfigured, QuotaExhausted, Refused
from stages.providers.package import Package
from stages.testing import MemoryAudio, MemoryImages, MemoryMedia
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]
Built = tuple[Path, Context]


def report_of(context: Context, name: str) -> Report:
    """Give the last report of a stage."""
    return [one for one in context.reports if one.stage == name][-1]


def test_one_bad_word_does_not_stop_the_others(
    offline: Providers, real_anki: RealAnki, tmp_path: Path
) -> None:
    """The stage is PARTIAL, the word is named with the nearest, and the deck is made."""
    pipeline = compose(analyze_words, checked_cards, sync, name="no media")
    providers = {name: offline[name] for name in pipeline.providers}

    context = run(pipeline, Context.of(words=["casa", "perrro", "  "]), **providers).unwrap()

    report = report_of(context, "analyze_words")
    assert report.status is Status.PARTIAL
    assert [(one.code, one.where, one.hint) for one in report.problems] == [
        ("blank-word", "words[2]", "leave it out"),
        ("not-found", "words[perrro]", "did you mean 'perro'?"),
    ]
    assert real_anki.import_package(tmp_path / "deck.apkg")["new"] == 1


def test_when_every_word_is_bad_the_stage_fails(offline: Providers) -> None:
    """Nothing to go on with is a failure that holds every problem."""
    bound = analyze_words(analysis_provider=offline["analysis_provider"])

    failure = bound(Context.of(words=["xx", "yy"])).failure()

    assert failure.status is Status.FAILURE
    assert [one.where for one in failure.problems] == ["words[xx]", "words[yy]"]


def test_another_language_stops_at_once_and_says_what_is_missing(offline: Providers) -> None:
    """What would fail alike for every word is told once."""
    bound = analyze_words(analysis_provider=offline["analysis_provider"], language="de")

    failure = bound(Context.of(words=["Haus", "Hund"])).failure()

    (problem,) = failure.problems
    assert problem.code == "misconfigured"
    assert problem.why == "this lexicon is of es-419, and de was asked for"
    assert "staged batch" in problem.hint


def test_a_failure_is_handed_on_untouched(offline: Providers) -> None:
    """The stages after a failure do not run; what comes out is the very same object."""
    failure = analyze_words(analysis_provider=offline["analysis_provider"])(Context.of(words=[]))

    outcome = pipe(failure, make_cards, validate_data, sync_cards.bind(**_anki(offline)))

    assert outcome is failure


def test_a_failure_keeps_all_that_was_done_before(offline: Providers) -> None:
    """Meanings and cards that were made are in its context, and so are the reports."""
    pipeline = compose(analyze_words, make_cards, generate_images, name="pictures")
    refusing = MemoryImages(failures={"casa_home": Refused("not a house", "")})

    failure = run(
        pipeline,
        Context.of(words=["casa"]),
        analysis_provider=offline["analysis_provider"],
        image_provider=refusing,
    ).failure()

    assert failure.message == "none of 1 could be made"
    assert [card.id for card in failure.context[CARDS]] == ["casa_home"]
    assert [one.stage for one in failure.context.reports] == ["analyze_words", "make_cards"]


def test_a_picture_that_is_refused_leaves_one_card_without(built: Built) -> None:
    """The others have theirs; the deck is made, and the card is named."""
    _, context = built
    media = MemoryMedia()
    provider = MemoryImages(media, failures={"gato_cat": Refused("no cats", "say it otherwise")})

    after = generate_images(image_provider=provider)(context.without(IMAGES)).unwrap()

    assert list(after[IMAGES]) == ["casa_home", "gato_car_jack", "perro_dog"]
    assert str(after.reports[-1].problems[0]) == "images[gato_cat]: no cats (say it otherwise)"
    assert after.reports[-1].status is Status.PARTIAL


def test_sound_is_made_even_when_pictures_fail(built: Built) -> None:
    """`generate_media` brings both reports: the outcome is partial, not a failure."""
    _, context = built
    media = MemoryMedia()
    broken = MemoryImages(media, failures={"casa_home": Denied("the key is not valid", "renew it")})

    outcome = generate_media(image_provider=broken, audio_provider=MemoryAudio(media))(
        context.without(IMAGES, SOUNDS)
    )

    after = outcome.unwrap()
    assert report_of(after, "generate_images").status is Status.FAILURE
    assert list(after[SOUNDS]) == ["casa", "gato", "perro"]


def test_only_when_both_fail_does_generate_media_fail(built: Built) -> None:
    """The failure tells of pictures and of sounds."""
    _, context = built
    no = Misconfigured("no key", "set one")

    failure = generate_media(
        image_provider=MemoryImages(failures={"casa_home": no}),
        audio_provider=MemoryAudio(failures={"casa": no}),
    )(context.without(IMAGES, SOUNDS)).failure()

    assert "generate_images: " in failure.message
    assert "generate_audio: " in failure.message
    assert len(failure.problems) == 2


def test_a_provider_that_stops_the_run_loses_nothing(built: Built) -> None:
    """What was made is kept in the failure; `resume` asks only for the rest."""
    _, context = built
    media = MemoryMedia()
    poor = MemoryImages(media, failures={"perro_dog": QuotaExhausted("no money left", "top up")})
    rich = MemoryImages(media)
    pipeline = compose(generate_images, generate_audio, name="media")
    audio: Providers = {"audio_provider": MemoryAudio(media)}

    failure = run(pipeline, context.without(IMAGES), image_provider=poor, **audio).failure()
    outcome = resume(pipeline, failure, image_provider=rich, **audio)

    assert failure.problems[0].hint == "top up"
    assert len(failure.context[IMAGES]) == 3
    assert rich.history == ["perro_dog"]
    assert list(outcome.unwrap()[IMAGES]) == [card.id for card in context[CARDS]]


def test_a_damaged_media_file_stops_before_the_deck_is_written(
    adapters: Any, tmp_path: Path
) -> None:
    """What a file holds is checked against its name; no deck with a broken picture is made."""
    providers = adapters(tmp_path)
    pipeline = compose(analyze_words, make_cards, generate_images, name="pictures")
    made = run(
        pipeline,
        Context.of(words=["casa"]),
        **{name: providers[name] for name in pipeline.providers},
    ).unwrap()
    picture = tmp_path / "media" / made[IMAGES]["casa_home"].name
    picture.write_bytes(bytes(picture.stat().st_size))

    outcome = pipe(
        made,
        validate_media(media_provider=providers["media_provider"]),
        sync.bind(**_anki(providers)),
    )

    failure = outcome.failure()
    assert failure.stage == "validate_media"
    assert failure.problems[0].where == f"media[{picture.name}]"
    assert failure.problems[0].hint == "delete it from the media folder, and it is made again"
    assert not (tmp_path / "deck.apkg").exists()


def test_a_foreign_package_is_refused_and_left_alone(
    built: Built, adapters: Any, tmp_path: Path
) -> None:
    """A file that is not ours is never written over."""
    _, context = built
    foreign = tmp_path / "deck.apkg"
    with zipfile.ZipFile(foreign, "w") as package:
        package.writestr("collection.anki2", b"someone else's")
    before = foreign.read_bytes()

    failure = pipe(context, sync.bind(**_anki(adapters(tmp_path)))).failure()

    assert failure.stage == "sync_templates"
    assert "was not written by stages, so it is left as it is" in failure.message
    assert foreign.read_bytes() == before


def test_media_that_vanished_are_named_and_the_old_deck_stays(built: Built, tmp_path: Path) -> None:
    """A package is written whole or not at all."""
    folder, context = built
    package = tmp_path / "deck.apkg"
    package.write_bytes((folder / "deck.apkg").read_bytes())
    empty = Package(package, tmp_path / "no media here")
    fewer = context.put(CARDS, context[CARDS][:1])

    failure = pipe(fewer, sync.bind(anki_provider=empty)).failure()

    assert context[SOUNDS]["casa"].name in failure.message
    assert package.read_bytes() == (folder / "deck.apkg").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["deck.apkg"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "batch.json is not there"),
        (b'{"words": [', "no JSON"),
        (b"[]", "a staged batch is an object"),
        (b'{"words": "casa", "meanings": []}', "'words' has to be a list of words"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
    ],
)
def test_a_bad_file_is_a_problem_with_its_place(
    offline: Providers, tmp_path: Path, content: bytes | None, why: str
) -> None:
    """Missing, cut off, of another kind, binary: a failure that names the file, never a traceback."""
    if content is not None:
        (tmp_path / "batch.json").write_bytes(content)

    failure = load_file(key=BATCH, file_provider=offline["file_provider"])(Context.of()).failure()

    assert failure.stage == "load_batch"
    assert "batch.json" in failure.message
    assert why in failure.message
    assert not failure.trace


def test_an_empty_batch_says_that_nothing_was_filled_in(offline: Providers, tmp_path: Path) -> None:
    """A staged file that nobody touched is no success."""
    (tmp_path / "batch.json").write_text('{"words": ["flaquear"], "meanings": []}')
    bound = load_file(key=BATCH, file_provider=offline["file_provider"])

    failure = pipe(Context.of(), bound, ingest_batch).failure()

    assert failure.message == "the batch is empty: nothing was filled in"
    assert "flaquear" in failure.problems[0].why


def test_a_bug_is_told_from_bad_input(offline: Providers) -> None:
    """A stage that raises fails by name, with the traceback as text and what was done before."""

    @stage(needs=[CARDS], gives=[CARDS])
    def shuffle_cards(context: Context) -> Outcome:
        return Success(context.put(CARDS, context["crads"]))

    pipeline = compose(analyze_words, make_cards, shuffle_cards, validate_data, name="buggy")
    analysis = {"analysis_provider": offline["analysis_provider"]}

    with law_mode(on=False):  # it would raise at the undeclared key before the bug shows
        failure = run(pipeline, Context.of(words=["casa"]), **analysis).failure()

    assert failure.is_bug
    assert failure.message == "bug in shuffle_cards: KeyError: 'crads'"
    assert "shuffle_cards" in failure.trace
    assert failure.context[CARDS][0].id == "casa_home"
    assert not analyze_words.bind(**analysis)(Context.of(words=[])).failure().is_bug


def test_a_problem_of_one_item_that_is_a_bug_stops_no_other(built: Built) -> None:
    """A provider that raises what it should not costs one item."""
    _, context = built

    class Clumsy(MemoryAudio):
        def sound(self, card: Any) -> Any:
            return super().sound(card) if card.word != "gato" else 1 // 0

    after = generate_audio(audio_provider=Clumsy())(context.without(SOUNDS)).unwrap()

    assert list(after[SOUNDS]) == ["casa", "perro"]
    assert after.reports[-1].problems[0].code == "bug"
    assert after.reports[-1].problems[0].where == "sounds[gato]"


def test_strict_stops_where_a_warning_would_be_let_pass(offline: Providers) -> None:
    """For those who publish: any problem is a failure, and what was done is kept."""
    pipeline = compose(strict(analyze_words), make_cards, name="strict")
    analysis = {"analysis_provider": offline["analysis_provider"]}

    failure = run(pipeline, Context.of(words=["casa", "xx"]), **analysis).failure()

    assert failure.message == "1 problem, and none is let pass"
    assert [one.word for one in failure.context[MEANINGS]] == ["casa"]


def test_missing_providers_are_all_named_at_once() -> None:
    """Nothing runs before everything that is needed is there."""
    failure = run(vocabulary, Context.of(words=["casa"])).failure()

    assert [problem.code for problem in failure.problems] == ["missing-provider"] * 5
    assert all("give it to run()" in problem.hint for problem in failure.problems)


def test_no_cards_are_no_deck(offline: Providers, tmp_path: Path) -> None:
    """An empty package would import nothing: the sync says so and writes none."""
    failure = sync_cards.bind(**_anki(offline))(Context.of(cards=[])).failure()

    assert failure.problems[0].code == "no-cards"
    assert not (tmp_path / "deck.apkg").exists()


def test_what_went_wrong_can_be_acted_upon(offline: Providers) -> None:
    """Every failure above has a stage, a message on one line and at least one problem with a code."""
    bound = analyze_words(analysis_provider=offline["analysis_provider"])
    failures = [
        bound(Context.of(words=[])),
        make_cards(Context.of()),
        generate_images.bind()(Context.of(cards=[])),
        sync_cards.bind(**_anki(offline))(Context.of(cards=[])),
    ]

    for outcome in failures:
        assert isinstance(outcome, Failure)
        failure = outcome.failure()
        assert failure.stage
        assert "\n" not in failure.message
        assert all(problem.code and problem.why and problem.hint for problem in failure.problems)
        assert failure.problems
    assert SYNC not in failures[-1].failure().context


def _anki(providers: Providers) -> Providers:
    return {"anki_provider": providers["anki_provider"]}
