"""The laws that every stage keeps, tried on contexts that nobody would think of."""

import pickle
from collections.abc import Callable
from copy import deepcopy
from threading import Thread
from typing import Any, NoReturn

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Flaky
from returns.result import Failure

from stages.core.context import Context, with_reports
from stages.core.law import LawBroken, law_mode
from stages.core.outcome import Outcome, StageFailure
from stages.core.stage import Stage
from stages.providers.protocols import (
    AnalysisProvider,
    AnkiProvider,
    AudioProvider,
    BatchProvider,
    FileProvider,
    ImageProvider,
    MediaProvider,
    PronunciationProvider,
)
from stages.testing.providers import (
    MemoryAnalysis,
    MemoryAnki,
    MemoryAudio,
    MemoryBatches,
    MemoryFiles,
    MemoryImages,
    MemoryMedia,
    MemoryReferences,
    made_up,
)
from stages.testing.strategies import SAMPLE_MEDIA, contexts_for

_STRAY = "something else"


def check_stage(a_stage: "Stage[...]", *, examples: int = 100, **providers: Any) -> None:
    """
    Hold a stage to its promises on many contexts, made of what its keys hold.

    It never raises and gives a `Result`; it changes, reads and gives only what it declares; the same
    context and the same answers give the same outcome, whatever else is in the context; a failure is
    handed on as it is; stage and outcome pickle; what it gives is saved as JSON and loaded back.

    The same call tries the same contexts, so what passed once passes again.

    Args:
        a_stage: Settings may be bound, providers better not.
        examples: How many contexts are tried.
        providers: Each is a provider, which is copied for every run, or a function that makes a
            fresh one. Those of our own protocols may be left out.

    Raises:
        LawBroken: A promise is broken; the message names stage, promise and the smallest context
            on which it breaks.
        TypeError: A provider is missing, and nothing stands in for it.

    >>> from stages import make_cards
    >>> check_stage(make_cards, examples=5)
    """
    fresh = _fresh(a_stage, providers)
    _hands_failures_on(a_stage)
    _pickles(a_stage)

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(contexts_for(a_stage))
    def hold(context: Context) -> None:
        try:
            _check_on(a_stage, fresh, context)
        except LawBroken as broken:
            raise LawBroken(f"{broken}\n  on {context!r}") from None

    try:
        hold()
    except Flaky as flaky:
        raise LawBroken(
            f"{a_stage.name} does not do the same twice, and so breaks a promise only at times"
        ) from flaky


def _check_on(a_stage: "Stage[...]", fresh: Callable[[], dict[str, Any]], context: Context) -> None:
    with law_mode():
        outcome = a_stage.bind(**fresh())(context)
    _raises_nothing(a_stage, outcome)
    with law_mode(on=False):
        again = _elsewhere(a_stage.bind(**fresh()), _with_stray(context))
    _does_the_same(a_stage, outcome, again)
    if _pickled(outcome) != outcome:
        _broken(a_stage, "gave an outcome that does not come through pickle as it was")
    _lasts_in_json(a_stage, outcome)


def _hands_failures_on(a_stage: "Stage[...]") -> None:
    failure: Outcome = Failure(StageFailure("an earlier one", "it could not", (), Context.of()))
    if a_stage(failure) is not failure:
        _broken(a_stage, "did not hand a failure on as the same object")


def _pickles(a_stage: "Stage[...]") -> None:
    try:
        same = _pickled(a_stage) == a_stage
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        _broken(a_stage, f"does not pickle: {error}; define it at the top of a module")
    if not same:
        _broken(a_stage, "does not come through pickle as it was")


def _raises_nothing(a_stage: "Stage[...]", outcome: Outcome) -> None:
    failures = [outcome.failure()] if isinstance(outcome, Failure) else []
    context = failures[0].context if failures else outcome.unwrap()
    reported = (problem for report in context.reports for problem in report.problems)
    for problem in (*(p for one in failures for p in one.problems), *reported):
        if problem.code == "bug":
            trace = "".join(f"\n{one.trace}" for one in failures)
            _broken(a_stage, f"raised: {problem.why}{trace}")


def _does_the_same(a_stage: "Stage[...]", outcome: Outcome, again: Outcome) -> None:
    if type(again) is not type(outcome):
        _broken(a_stage, f"did not do the same twice: {outcome!r}, then {again!r}")
    left = again.map(_without_stray).alt(_failed_without_stray)
    if left != outcome:
        _broken(a_stage, f"did not do the same twice: {outcome!r}, then {left!r}")


def _lasts_in_json(a_stage: "Stage[...]", outcome: Outcome) -> None:
    context = outcome.failure().context if isinstance(outcome, Failure) else outcome.unwrap()
    keys = {str(key): key for key in (*a_stage.needs, *a_stage.uses, *a_stage.gives)}
    try:
        back = Context.from_json(context.to_json(), *keys.values())
    except (TypeError, ValueError) as error:
        _broken(a_stage, f"gave what cannot be saved as JSON and loaded back: {error}")
    if back != context:
        _broken(a_stage, "gave what is not the same when it is loaded back from JSON")


def _with_stray(context: Context) -> Context:
    """Give an equal context, its keys in another order and one more among them."""
    values = {key: deepcopy(context[key]) for key in reversed(context.keys)}
    return Context.of({_STRAY: 1, **values})


def _without_stray(context: Context) -> Context:
    return with_reports(context.without(_STRAY), context.reports)


def _failed_without_stray(failure: StageFailure) -> StageFailure:
    return attrs.evolve(failure, context=_without_stray(failure.context))


def _elsewhere(a_stage: "Stage[...]", context: Context) -> Outcome:
    """Run in another thread, where nothing that the first run left behind in this one is seen."""
    outcomes: list[Outcome] = []
    thread = Thread(target=lambda: outcomes.append(a_stage(context)))
    thread.start()
    thread.join()
    return outcomes[0] if outcomes else _broken(a_stage, "raised in another thread")


def _pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes, just made


def _broken(a_stage: "Stage[...]", what: str) -> NoReturn:
    raise LawBroken(f"{a_stage.name} {what}")


def _fresh(a_stage: "Stage[...]", given: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Give a function that makes every provider of a stage as it was in the beginning."""
    chosen = {
        name: one for name, one in {**a_stage.bound, **given}.items() if name in a_stage.providers
    }
    unknown = [name for name in given if name not in a_stage.providers]
    homeless = [
        name
        for name in a_stage.unbound
        if name not in chosen and a_stage.providers[name] not in _stand_ins()
    ]
    if unknown or homeless:
        faults = (f"it takes no {name!r}" for name in unknown)
        missing = (f"give it a {name}, or a function that makes one" for name in homeless)
        raise TypeError(f"{a_stage.name} cannot be checked: {'; '.join((*faults, *missing))}")

    def fresh() -> dict[str, Any]:
        stand_ins = _stand_ins()
        wanted = (*a_stage.unbound, *(name for name in chosen if name not in a_stage.unbound))
        return {
            name: _copied(chosen[name]) if name in chosen else stand_ins[a_stage.providers[name]]
            for name in wanted
        }

    return fresh


def _copied(provider: Any) -> Any:
    return provider() if callable(provider) else deepcopy(provider)


def _stand_ins() -> dict[Any, Any]:
    media = MemoryMedia(SAMPLE_MEDIA)
    return {
        AnalysisProvider: MemoryAnalysis(otherwise=made_up),
        AnkiProvider: MemoryAnki(),
        AudioProvider: MemoryAudio(media),
        BatchProvider: MemoryBatches(),
        FileProvider: MemoryFiles(),
        ImageProvider: MemoryImages(media),
        MediaProvider: media,
        PronunciationProvider: MemoryReferences(),
    }
