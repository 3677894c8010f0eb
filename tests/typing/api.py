"""The library as type checkers see it: this file is only checked, and never run."""

from typing import Any, assert_type

from returns.result import Result, Success

from stages import (
    CARDS,
    IMAGES,
    MEDIA_PLAN,
    VOCABULARY,
    WORDS,
    Card,
    Context,
    FrozenMap,
    Gathered,
    Key,
    MediaFile,
    MediaPlan,
    Offer,
    Outcome,
    Pipeline,
    Stage,
    StageFailure,
    Vocabulary,
    Work,
    api_stage,
    compose,
    each,
    executor,
    generate_audio,
    generate_images,
    generate_media,
    get_stage,
    load_file,
    make_cards,
    pipe,
    pipelines,
    plan_media,
    resume,
    run,
    run_many,
    serial,
    stage,
    strict,
    threads,
    validate_data,
    validation_stage,
)
from stages.core.problem import Problem
from stages.providers.protocols import AudioProvider, ImageProvider

NUMBER = Key("number", int, "a number")


def contexts(context: Context) -> None:
    """With a key, the checker knows what comes out."""
    assert_type(context[WORDS], tuple[str, ...])
    assert_type(context[CARDS], tuple[Card, ...])
    assert_type(context[IMAGES], FrozenMap[str, MediaFile])
    assert_type(context[NUMBER], int)
    assert_type(context["words"], Any)
    assert_type(context.get(VOCABULARY), Vocabulary | None)
    assert_type(context.get(NUMBER, 0), int)
    assert_type(context.get(NUMBER, "none"), int | str)
    assert_type(context.put(NUMBER, 3), Context)
    assert_type(context.put(WORDS, ("casa",)), Context)
    assert_type(Context.of(words=["casa"]), Context)
    assert_type(Context.from_json("", WORDS, CARDS), Context)
    assert_type(context.without(WORDS, "cards"), Context)
    assert_type(context.report("done"), Context)
    outcome: Outcome = context.fail("why")
    assert_type(outcome, Result[Context, StageFailure])


@stage(needs=[NUMBER], gives=[NUMBER])
def plain(context: Context) -> Outcome:
    """Do without parameters."""
    return Success(context)


@stage(needs=[CARDS])
def both(
    context: Context, *, image_provider: ImageProvider, max_new: int = 10, loud: bool = False
) -> Outcome:
    """Take a provider and settings."""
    return context.fail(f"{image_provider} {max_new} {loud}")


def running(context: Context, outcome: Outcome, image_provider: ImageProvider) -> None:
    """A stage that is given a context or an outcome gives an outcome."""
    assert_type(plain(context), Outcome)
    assert_type(plain(outcome), Outcome)
    assert_type(both(context, image_provider=image_provider), Outcome)
    assert_type(both(outcome, image_provider=image_provider, max_new=3, loud=True), Outcome)
    assert_type(make_cards(context).unwrap()[CARDS], tuple[Card, ...])


def binding(context: Context, image_provider: ImageProvider, audio_provider: AudioProvider) -> None:
    """A stage whose providers are bound takes nothing more."""
    assert_type(both(image_provider=image_provider), Stage[[]])
    assert_type(both(image_provider=image_provider, max_new=3)(context), Outcome)
    assert_type(both(max_new=3)(image_provider=image_provider), Stage[[]])
    assert_type(both(max_new=3)(context, image_provider=image_provider), Outcome)
    bound: Stage[...] = both.bind(image_provider=image_provider)
    assert_type(bound(context), Outcome)
    media = generate_media(
        image_provider=image_provider, audio_provider=audio_provider, mapper=threads(4)
    )
    assert_type(media(context), Outcome)
    plan = plan_media(image_provider=image_provider, audio_provider=audio_provider, examples=True)
    assert_type(plan(context), Outcome)
    assert_type(context[MEDIA_PLAN], MediaPlan)
    assert_type(context[MEDIA_PLAN].pictures.new, FrozenMap[str, Offer])
    load_file(key=CARDS, path="cards.json")


def piping(context: Context, image_provider: ImageProvider, audio_provider: AudioProvider) -> None:
    """A pipe of stages gives an outcome."""
    assert_type(pipe(context, plain), Outcome)
    assert_type(
        pipe(
            context,
            plain,
            make_cards,
            generate_images(image_provider=image_provider),
            generate_audio(audio_provider=audio_provider, mapper=serial),
            validate_data(on_problem="drop"),
            pipelines.checked_cards,
        ),
        Outcome,
    )
    assert_type(pipe(plain(context), plain), Outcome)


def composing(context: Context, image_provider: ImageProvider) -> None:
    """What is composed is a pipeline, which is a stage."""
    composed = compose(plain, both, make_cards, name="composed")
    assert_type(composed, Pipeline)
    assert_type(composed(context), Outcome)
    assert_type(run(composed, context, image_provider=image_provider), Outcome)
    assert_type(compose(composed, composed, name="twice"), Pipeline)
    assert_type(composed.bind(image_provider=image_provider), Pipeline)
    assert_type(strict(plain)(context), Outcome)
    failure = composed(context).failure()
    assert_type(failure, StageFailure)
    assert_type(resume(composed, failure, image_provider=image_provider), Outcome)
    for outcome in run_many(composed, [context], mapper=threads(2)):
        assert_type(outcome, Outcome)
    assert_type(get_stage("make_cards", max_new=3)(context), Outcome)


def mapping(pool: Any) -> None:
    """What is gathered knows items and values."""
    gathered = each(len, ["casa", "perro"], mapper=executor(pool))
    assert_type(gathered, Gathered[str, int])
    assert_type(gathered.values, tuple[int, ...])
    assert_type(gathered.problems, tuple[Problem, ...])


@validation_stage(WORDS)
def check_words(words: tuple[str, ...], *, longest: int = 9) -> list[Problem]:
    """Find words that are too long."""
    return [Problem("long", word, "it is long") for word in words if len(word) > longest]


@api_stage(needs=[CARDS], gives=IMAGES)
def draw(
    context: Context, *, image_provider: ImageProvider, dry_run: bool = False
) -> Work[Card, MediaFile]:
    """Draw every card."""
    wanted = {card.id: card for card in context[CARDS]}
    return Work(wanted=wanted, make=image_provider.picture, dry_run=dry_run)


def making(context: Context, image_provider: ImageProvider) -> None:
    """The makers give stages."""
    assert_type(check_words(context), Outcome)
    assert_type(check_words(longest=3)(context), Outcome)
    assert_type(draw(image_provider=image_provider)(context), Outcome)
    assert_type(draw(context, image_provider=image_provider, dry_run=True), Outcome)
