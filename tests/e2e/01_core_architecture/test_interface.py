"""The interface: what a person who composes stages sees, types and is told."""

import inspect
import pickle
from typing import Any

import pytest
import returns.pipeline
import returns.pointfree
import toolz

import stages
from stages import (
    CARDS,
    MEANINGS,
    WORDS,
    Context,
    Failure,
    FrozenMap,
    Key,
    Outcome,
    Problem,
    Report,
    Severity,
    Status,
    Success,
    WiringError,
    analyze_words,
    compose,
    generate_images,
    load_file,
    make_cards,
    pipe,
    stage,
    stage_info,
    validate_data,
)
from stages.providers.lexicon import Lexicon


def test_all_that_is_offered_is_there() -> None:
    """`stages.__all__` is sorted, each name once, and every name in it can be imported."""
    assert [name for name in stages.__all__ if not hasattr(stages, name)] == []
    constants_first = sorted(set(stages.__all__), key=lambda name: (not name.isupper(), name))
    assert constants_first == list(stages.__all__)


def test_a_stage_is_a_plain_function_from_context_to_outcome() -> None:
    """Called with a context it runs and gives a `Success` of a new context."""
    outcome = make_cards(Context.of(meanings=[]))

    assert isinstance(outcome, Success)
    assert outcome.unwrap()[CARDS] == ()


def test_a_stage_stays_a_good_python_function() -> None:
    """Its name, docstring, signature and undecorated function are what `help` shows."""
    signature = inspect.signature(generate_images)

    assert generate_images.__name__ == "generate_images"  # type: ignore[attr-defined]
    assert inspect.getdoc(generate_images).startswith("Make a picture for every card")  # type: ignore[union-attr]
    assert list(signature.parameters) == [
        "context",
        "image_provider",
        "mapper",
        "max_new",
        "dry_run",
    ]
    assert callable(inspect.unwrap(generate_images))


def test_keywords_alone_bind_and_give_a_stage_back() -> None:
    """Providers and settings are bound by calling; the stage itself is left as it was."""
    bound = generate_images(max_new=3)

    assert bound.bound == {"max_new": 3}
    assert generate_images.bound == {}
    assert bound == generate_images.bind(max_new=3)


def test_a_slip_in_a_keyword_is_told_with_the_nearest() -> None:
    """Binding is checked at once, not when the stage runs."""
    with pytest.raises(
        WiringError, match="takes no 'image_providr'; did you mean 'image_provider'"
    ):
        generate_images.bind(image_providr=object())


def test_what_is_no_context_is_refused_by_name() -> None:
    """A list given to a stage is a `TypeError` that names the stage."""
    with pytest.raises(TypeError, match="make_cards takes a Context or an Outcome"):
        make_cards(["casa"])  # type: ignore[call-overload]


def test_a_provider_is_not_shown_by_value() -> None:
    """The repr of a bound stage names the type of a provider: it may hold a secret."""

    class Painter:
        key = "secret"

        def __repr__(self) -> str:
            return f"Painter({self.key})"

    bound = generate_images.bind(image_provider=Painter(), max_new=2)

    assert repr(bound) == "<stage generate_images(image_provider=<Painter>, max_new=2)>"


def test_a_stage_needs_a_star_before_its_providers() -> None:
    """A definition that is not of the one shape is refused where it stands."""
    with pytest.raises(TypeError, match=r"takes providers.*and settings"):

        @stage(needs=[WORDS])
        def wrong(context: Context, limit: int) -> Outcome:
            return Success(context.put(WORDS, context[WORDS][:limit]))


def test_a_key_is_a_name_that_knows_its_type() -> None:
    """Reading by key and by plain text gives the same; the key knows what it holds."""
    context = Context.of(words=["casa"])

    assert context[WORDS] == context["words"] == ("casa",)
    assert WORDS.holds == tuple[str, ...]
    assert WORDS.doc == "the words to learn, in order"


def test_anyone_adds_a_key_and_nobody_edits_the_context() -> None:
    """A key of one's own is as good as ours."""
    level = Key("level", str, "a CEFR level")

    assert Context.of(words=["casa"]).put(level, "A1")[level] == "A1"


def test_a_context_never_changes() -> None:
    """`put` gives a new one; built-in containers are frozen as they come in."""
    before = Context.of(words=["casa"], options={"a": [1]})
    after = before.put(WORDS, ("gato",)).without("options")

    assert before[WORDS] == ("casa",)
    assert before["options"] == FrozenMap({"a": (1,)})
    assert after == Context.of(words=["gato"])
    with pytest.raises(TypeError):
        iter(before)  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        before._values = {}  # type: ignore[misc]


def test_a_context_shows_what_matters() -> None:
    """The repr is short however much there is."""
    assert repr(Context.of(words=["casa"])) == "Context(words=('casa',))"
    assert repr(Context.of(words=["x"] * 5000)) == "Context(words=<5000 in a tuple>)"


def test_a_stage_reports_what_it_did() -> None:
    """Each stage adds one report with its name, status, message and counts."""
    outcome = analyze_words(analysis_provider=Lexicon())(Context.of(words=["casa", "gato"]))

    assert outcome.unwrap().reports == (
        Report(
            "analyze_words",
            Status.SUCCESS,
            "found 3 meanings of 2 words",
            counts=FrozenMap({"words": 2, "known": 0, "analysed": 2, "meanings": 3}),
        ),
    )


def test_a_problem_says_what_where_why_and_what_to_do() -> None:
    """Its text is one line for a person; its code is for programs."""
    problem = Problem("blank-word", "words[3]", "it is blank", "leave it out")

    assert str(problem) == "words[3]: it is blank (leave it out)"
    assert problem.severity is Severity.ERROR


def test_the_plain_pipes_of_toolz_and_returns_compose_stages() -> None:
    """No pipe of our own is needed: toolz's and returns' give the same outcome as ours."""
    context, first = Context.of(words=["casa"]), analyze_words(analysis_provider=Lexicon())
    wanted = pipe(context, first, make_cards, validate_data)

    assert toolz.pipe(context, first, make_cards, validate_data) == wanted
    assert toolz.compose_left(first, make_cards, validate_data)(context) == wanted
    assert returns.pipeline.flow(context, first, make_cards, validate_data) == wanted
    bind: Any = returns.pointfree.bind
    assert returns.pipeline.flow(context, first, bind(make_cards), bind(validate_data)) == wanted


def test_a_stage_takes_an_outcome_for_a_context() -> None:
    """A `Success` is unwrapped; a `Failure` is handed on as the very same object."""
    failure = Context.of(words=[]).fail("nothing to do")

    assert make_cards(Success(Context.of(meanings=[]))).unwrap()[CARDS] == ()
    assert make_cards(failure) is failure


def test_a_pipeline_looks_like_a_stage() -> None:
    """Its needs, gives, providers and settings are those of its parts together."""
    pipeline = compose(analyze_words, make_cards, generate_images, name="pictures", doc="Draw.")

    assert pipeline.needs == (WORDS,)
    assert pipeline.gives == (MEANINGS, CARDS, "images")
    assert set(pipeline.providers) == {"analysis_provider", "image_provider"}
    assert {"language", "max_new", "dry_run", "mapper"} <= set(pipeline.settings)
    assert pipeline.doc == "Draw."
    assert repr(pipeline) == "<pipeline pictures: analyze_words → make_cards → generate_images>"


def test_a_stage_that_loads_another_key_has_another_name() -> None:
    """`load_file(key=CARDS)` is `load_cards`: needs, gives and name follow the settings."""
    one = load_file(key=CARDS)

    assert (one.name, one.gives) == ("load_cards", (CARDS,))
    assert stage_info("load_file").gives == ("vocabulary",)


@pytest.mark.parametrize("name", stages.list_stages())
def test_everything_travels_to_another_process(name: str) -> None:
    """Stages, contexts and failures come through pickle as they were."""
    one = stages.get_stage(name)
    failure = one(Context.of())

    assert pickle.loads(pickle.dumps(one)) is one
    assert isinstance(failure, Failure)
    assert pickle.loads(pickle.dumps(failure)) == failure
