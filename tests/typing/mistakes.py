"""Mistakes that type checkers report, one a line, and nothing else in this file. It is never run."""

from returns.result import Success

from stages import (
    CARDS,
    WORDS,
    Context,
    FrozenMap,
    Key,
    Outcome,
    Stage,
    compose,
    each,
    generate_images,
    generate_media,
    make_cards,
    pipe,
    plan_media,
    resume,
    run,
    run_many,
    stage,
    threads,
)
from stages.providers.protocols import AudioProvider, ImageProvider

NUMBER = Key("number", int)


@stage(needs=[NUMBER])
def plain(context: Context) -> Outcome:
    """Do without parameters."""
    return Success(context)


def contexts(context: Context) -> None:
    """Values that are not what their keys hold."""
    context.put(NUMBER, "three")  # mistake
    context.put(WORDS, 3)  # mistake
    context.put(WORDS, ["casa"])  # mistake
    context.put(CARDS, ("casa",))  # mistake
    text: str = context[NUMBER]  # mistake
    count: int = context.get(NUMBER)  # mistake
    context[CARDS][0].wrd  # mistake  # noqa: B018
    context.value  # mistake  # noqa: B018
    for _ in context:  # mistake
        pass
    del text, count


def running(context: Context, image_provider: ImageProvider, audio_provider: AudioProvider) -> None:
    """Stages that are given something else, or too little."""
    plain(3)  # mistake
    plain(context, by=3)  # mistake
    generate_images(context)  # mistake
    generate_images(image_provider=audio_provider)  # mistake
    generate_images(image_provider=3)  # unseen: a plain value might be a setting
    generate_images(context, image_provider=audio_provider)  # mistake
    generate_images(image_provider=image_provider, max_now=3)  # mistake
    generate_images(image_provider=image_provider, max_new="3")  # mistake
    generate_media(image_provider=image_provider)  # mistake
    plan_media(image_provider=image_provider)  # mistake
    plan_media(image_provider=image_provider, audio_provider=audio_provider, max_new=3)  # mistake
    make_cards(context)[CARDS]  # mistake
    make_cards(context).unwrap().put(NUMBER, "3")  # mistake


def composing(context: Context) -> None:
    """Pipes and pipelines of what is no stage, or not ready."""
    pipe(context, generate_images)  # mistake
    pipe(context, make_cards, len)  # mistake
    pipe("casa", make_cards)  # mistake
    compose(make_cards, len, name="p")  # mistake
    compose(make_cards)  # mistake
    run(make_cards, "casa")  # mistake
    run_many(make_cards, context)  # mistake
    resume(make_cards, make_cards(context))  # mistake
    one: Stage[[]] = compose(make_cards, name="p")(context)  # mistake
    threads("4")  # mistake
    each(len, [1, 2])  # mistake
    del one


@stage(needs=["number"])  # mistake
def no_key(context: Context) -> Outcome:
    """Need what no key names."""
    return Success(context)


@stage(needs=[NUMBER])
def no_outcome(context: Context) -> Outcome:
    """Give something else than an outcome."""
    return context  # mistake


@stage(needs=[NUMBER])
def no_context(context: Context) -> Outcome:
    """Succeed with something else than a context."""
    return Success(context[NUMBER])  # mistake


@stage(needs=[NUMBER])  # mistake
def no_result(context: Context) -> int:
    """Promise something else than an outcome."""
    return context[NUMBER]


TABLE: FrozenMap[str, int] = FrozenMap({"casa": "house"})  # mistake
