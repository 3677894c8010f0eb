"""Execution: what happens when stages run, one by one, composed, many times, or not at all."""

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor
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
    WORDS,
    Context,
    Failure,
    Key,
    LawBroken,
    Outcome,
    Problem,
    Report,
    Status,
    Success,
    WiringError,
    analyze_words,
    compose,
    executor,
    generate_audio,
    generate_images,
    generate_media,
    law_mode,
    make_cards,
    pipe,
    prepare_batch,
    resume,
    run,
    run_many,
    serial,
    stage,
    strict,
    sync_cards,
    threads,
    validate_data,
    validate_ipa,
    validate_media,
)
from stages.pipelines import vocabulary
from stages.providers.errors import QuotaExhausted
from stages.providers.lexicon import Lexicon
from stages.testing import MemoryAnalysis, MemoryAnki, MemoryAudio, MemoryImages, MemoryMedia

KEYS = (WORDS, MEANINGS, CARDS, IMAGES, SOUNDS, SYNC, BATCH)


def in_memory(**others: Any) -> dict[str, Any]:
    """Give quick providers for the whole vocabulary pipeline; meanings are the real lexicon's."""
    media = MemoryMedia()
    return {
        "analysis_provider": Lexicon(),
        "image_provider": MemoryImages(media),
        "audio_provider": MemoryAudio(media),
        "media_provider": media,
        "anki_provider": MemoryAnki(),
        **others,
    }


def test_stages_run_in_order_and_each_reports() -> None:
    """`pipe` hands the context from stage to stage; the reports stand in the order of the stages."""
    outcome = pipe(
        Context.of(words=["casa", "gato"]),
        analyze_words(analysis_provider=Lexicon()),
        validate_ipa,
        make_cards,
        validate_data,
    )

    assert [(one.stage, one.status) for one in outcome.unwrap().reports] == [
        ("analyze_words", Status.SUCCESS),
        ("validate_ipa", Status.SUCCESS),
        ("make_cards", Status.SUCCESS),
        ("validate_data", Status.SUCCESS),
    ]


def test_what_went_in_is_left_as_it_was() -> None:
    """A stage never changes its context: the one that was given still says what it said."""
    context = Context.of(words=["casa"])

    analyze_words(analysis_provider=Lexicon())(context)

    assert context == Context.of(words=["casa"])


def test_a_run_injects_providers_and_settings_by_name() -> None:
    """`run` gives each to every part that takes it."""
    providers = in_memory()

    outcome = run(vocabulary, Context.of(words=["casa"]), **providers, deck="My deck")

    (note,) = providers["anki_provider"].state.notes.values()
    assert note.deck == "My deck"
    assert outcome.unwrap()[SYNC].created == ("casa_home",)


def test_all_missing_providers_are_named_before_the_first_stage_runs() -> None:
    """A run without providers fails at once, with one problem for each that is missing."""
    asked = MemoryAnalysis()

    failure = run(vocabulary, Context.of(words=["casa"]), analysis_provider=asked).failure()

    assert [problem.code for problem in failure.problems] == ["missing-provider"] * 4
    assert "Provider image_provider not available" in failure.message
    assert "Provider anki_provider not available" in failure.message
    assert asked.history == []


def test_in_a_plain_pipe_the_stage_that_is_reached_says_what_it_lacks() -> None:
    """Without `run` the failure comes later, in the same words, and keeps what was done."""
    outcome = pipe(
        Context.of(words=["casa"]),
        analyze_words(analysis_provider=Lexicon()),
        make_cards,
        generate_images,  # type: ignore[arg-type]  # checkers see it too
    )

    failure = outcome.failure()
    assert failure.stage == "generate_images"
    assert failure.message == "Provider image_provider not available"
    assert [card.id for card in failure.context[CARDS]] == ["casa_home"]


def test_every_wiring_fault_is_found_when_composing() -> None:
    """Wrong order and types that disagree are told together, before anything runs."""
    other_cards = Key("cards", int, "how many cards")

    @stage(needs=[other_cards])
    def count_cards(context: Context) -> Outcome:
        return Success(context)

    with pytest.raises(WiringError) as told:
        compose(validate_data, validate_ipa, analyze_words, make_cards, count_cards, name="mine")

    message = str(told.value)
    assert "validate_data needs 'cards', which only make_cards gives, and later" in message
    assert "validate_ipa needs 'meanings', which only analyze_words gives, and later" in message
    assert "count_cards disagree about 'cards'" in message


def test_a_binding_that_no_stage_takes_is_told_before_anything_runs() -> None:
    """A slip in a keyword of `run` names the nearest that a stage takes."""
    with pytest.raises(WiringError, match="'anki_provder'; did you mean 'anki_provider'"):
        run(vocabulary, Context.of(words=["casa"]), anki_provder=MemoryAnki())


def test_a_need_that_is_not_met_is_a_failure_that_names_who_gives_it() -> None:
    """A stage that is run too early says what it needs and which stage gives it."""
    failure = make_cards(Context.of()).failure()

    assert failure.problems[0].code == "unmet-need"
    assert failure.message.startswith("make_cards needs 'meanings', and no earlier stage gives it")
    assert "analyze_words" in failure.message


def test_resume_goes_on_where_a_run_failed() -> None:
    """What was done before the failure, item by item, is not done again."""
    words, media = ["casa", "gato", "perro"], MemoryMedia()
    poor = MemoryImages(media, failures={"gato_cat": QuotaExhausted("no money left", "top up")})
    rich = MemoryImages(media)
    pipeline = compose(analyze_words, make_cards, generate_images, generate_audio, name="media")
    others: dict[str, Any] = {"analysis_provider": Lexicon(), "audio_provider": MemoryAudio(media)}

    failure = run(pipeline, Context.of(words=words), image_provider=poor, **others).failure()
    outcome = resume(pipeline, failure, image_provider=rich, **others)

    assert (failure.stage, failure.done) == ("generate_images", 2)
    assert list(failure.context[IMAGES]) == ["casa_home"]
    assert rich.history == ["gato_cat", "gato_car_jack", "perro_dog"]
    assert list(outcome.unwrap()[IMAGES]) == ["casa_home", *rich.history]
    assert [one.stage for one in outcome.unwrap().reports] == [one.name for one in pipeline.parts]


def test_a_resumed_failure_may_have_been_to_disk_and_back() -> None:
    """A failure pickles; a run goes on from it in another process or on another day."""
    pipeline = compose(analyze_words, make_cards, name="cards")
    empty = MemoryAnalysis(failures={"casa": QuotaExhausted("no money left", "top up")})

    failure = run(pipeline, Context.of(words=["casa"]), analysis_provider=empty).failure()
    again = pickle.loads(pickle.dumps(failure))

    assert again == failure
    assert resume(pipeline, again, analysis_provider=Lexicon()).unwrap()[CARDS][0].id == "casa_home"


def test_many_contexts_run_through_one_pipeline_in_their_order() -> None:
    """`run_many` gives an outcome for each context, in order, a bad one among them."""
    decks = [Context.of(words=[word]) for word in ("casa", "no-such-word", "perro")]
    pipeline = compose(analyze_words, make_cards, name="cards")

    one, two, three = run_many(pipeline, decks, mapper=threads(3), analysis_provider=Lexicon())

    assert one.unwrap()[CARDS][0].word == "casa"
    assert two.failure().stage == "analyze_words"
    assert three.unwrap()[CARDS][0].word == "perro"


def test_the_mapper_decides_where_and_never_what() -> None:
    """In turn, in threads or in an executor: the same outcome, bit for bit."""
    context = Context.of(words=["correr", "casa", "no-such-word", "por"])

    with ThreadPoolExecutor(2) as pool:
        outcomes = [
            run(vocabulary, context, **in_memory(), mapper=mapper)
            for mapper in (serial, threads(4), executor(pool))
        ]

    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len({outcome.unwrap().to_json() for outcome in outcomes}) == 1


def test_the_same_run_twice_is_the_same() -> None:
    """Same context and same answers: same outcome."""
    context = Context.of(words=["casa", "gato"])

    assert run(vocabulary, context, **in_memory()) == run(vocabulary, context, **in_memory())


def test_a_run_works_inside_a_running_event_loop() -> None:
    """A notebook has one; nothing of ours minds."""

    async def cell() -> Outcome:
        return run(vocabulary, Context.of(words=["casa"]), **in_memory(), mapper=threads(2))

    assert isinstance(asyncio.run(cell()), Success)


def test_a_dry_run_gives_the_plan_and_touches_nothing() -> None:
    """The keys are there, holding what exists; the plan stands in the reports."""
    pipeline = compose(analyze_words, make_cards, generate_media, sync_cards, name="planned")
    providers = {k: v for k, v in in_memory().items() if k != "media_provider"}

    context = run(pipeline, Context.of(words=["gato"]), **providers, dry_run=True).unwrap()

    assert set(pipeline.gives) <= set(context.keys)
    assert context[IMAGES] == {}
    assert context[SYNC].dry_run
    assert context[SYNC].created == ("gato_cat", "gato_car_jack")
    planned = {one.stage: one.planned for one in context.reports if one.planned}
    assert planned["generate_images"] == ("gato_cat", "gato_car_jack")
    assert planned["generate_audio"] == ("gato",)
    assert providers["image_provider"].history == []
    assert providers["anki_provider"].state.notes == {}


def test_nothing_wanted_is_skipped_not_failed() -> None:
    """A stage that finds nothing to do says SKIPPED."""
    context = prepare_batch(Context.of(words=[])).unwrap()

    assert context.reports[0].status is Status.SKIPPED


def test_trouble_with_one_item_is_partial() -> None:
    """The problem is kept, and the others go on."""
    context = analyze_words(analysis_provider=Lexicon())(
        Context.of(words=["casa", "caasa"])
    ).unwrap()

    (report,) = context.reports
    assert report.status is Status.PARTIAL
    assert (
        str(report.errors[0])
        == "words[caasa]: 'caasa' is not in the lexicon (did you mean 'casa'?)"
    )


def test_strict_makes_any_problem_a_failure() -> None:
    """`strict(stage)` lets nothing pass, and keeps what was done."""
    checked = strict(analyze_words(analysis_provider=Lexicon()))

    failure = checked(Context.of(words=["casa", "no-such-word"])).failure()

    assert failure.stage == "analyze_words"
    assert len(failure.problems) == 1
    assert [one.word for one in failure.context[MEANINGS]] == ["casa"]


def test_an_exception_in_a_stage_is_a_failure_marked_as_a_bug() -> None:
    """A stage never raises: the failure names the stage and carries the traceback as text."""

    @stage(needs=[WORDS])
    def divide(context: Context) -> Outcome:
        return Success(context.put(WORDS, (str(1 // len(context[WORDS][0])),)))

    failure = divide(Context.of(words=[""])).failure()

    assert failure.is_bug
    assert failure.message == "bug in divide: ZeroDivisionError: integer division or modulo by zero"
    assert "in divide\n" in failure.trace
    assert failure.context == Context.of(words=[""])


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_passes_through(interruption: type[BaseException]) -> None:
    """Ctrl-C and exit are nobody's failure."""

    @stage(needs=[WORDS])
    def interrupted(_: Context) -> Outcome:
        raise interruption

    with pytest.raises(interruption):
        interrupted(Context.of(words=[]))


def test_observers_hear_of_stages_and_items_and_break_nothing() -> None:
    """Stages start and end, items finish; an observer that raises changes nothing."""

    class Heard:
        def __init__(self) -> None:
            self.events: list[str] = []

        def stage_started(self, stage: str) -> None:
            self.events.append(f"{stage} started")

        def item_done(self, stage: str, done: int, total: int) -> None:
            self.events.append(f"{stage} {done}/{total}")
            raise RuntimeError("a broken progress bar")

        def stage_ended(self, report: Report) -> None:
            self.events.append(f"{report.stage} {report.status}")

    heard = Heard()
    pipeline = compose(analyze_words, make_cards, name="cards")

    outcome = run(
        pipeline, Context.of(words=["casa", "x-"]), observers=[heard], analysis_provider=Lexicon()
    )

    assert isinstance(outcome, Success)
    assert heard.events == [
        "analyze_words started",
        "analyze_words 1/2",
        "analyze_words 2/2",
        "analyze_words partial",
        "make_cards started",
        "make_cards success",
    ]


def test_law_mode_names_the_stage_that_breaks_a_promise() -> None:
    """A stage that reads what it did not declare is told off by name."""

    @stage(needs=[WORDS])
    def peek(context: Context) -> Outcome:
        return Success(context.report(str(context.get(CARDS))))

    with law_mode(), pytest.raises(LawBroken, match="peek read 'cards', which it does not declare"):
        peek(Context.of(words=[], cards=[]))


def test_a_failure_runs_through_untouched() -> None:
    """After a failure no stage runs: the very same object comes out at the end."""
    asked = MemoryAnalysis()
    failure = Context.of(words=["casa"]).fail("no", problems=[Problem("no", "", "no")])

    outcome = pipe(failure, analyze_words(analysis_provider=asked), make_cards, validate_data)

    assert outcome is failure
    assert isinstance(outcome, Failure)
    assert asked.history == []


def test_a_finished_run_is_saved_and_loaded_back_equal(built: tuple[Path, Context]) -> None:
    """The context of a whole deck goes to JSON and back, reports included."""
    _, context = built

    assert Context.from_json(context.to_json(), *KEYS) == context
    assert pickle.loads(pickle.dumps(context)) == context


def test_media_are_checked_before_they_are_synced(built: tuple[Path, Context]) -> None:
    """The real pipeline reports for every one of its stages, in order, and all went well."""
    _, context = built

    assert [one.stage for one in context.reports] == [
        "analyze_words",
        "validate_ipa",
        "make_cards",
        "validate_data",
        "generate_images",
        "generate_audio",
        "generate_media",
        "validate_media",
        "sync_templates",
        "sync_media",
        "sync_cards",
    ]
    assert {one.status for one in context.reports} == {Status.SUCCESS}
    assert validate_media.gives == ()
