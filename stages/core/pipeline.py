"""Composing stages, and running what was composed."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import attrs
import toolz
from returns.result import Failure, Result

from stages.core import observe
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.mapping import Mapper, serial
from stages.core.outcome import Outcome, StageFailure
from stages.core.problem import Problem
from stages.core.stage import (
    Declared,
    Stage,
    WiringError,
    missing_providers,
    run_parts,
    unmet_needs,
)
from stages.core.wording import counted

Step: TypeAlias = Callable[[Outcome], Outcome]


def pipe(given: Context | Outcome, first: Step, /, *rest: Step) -> Outcome:
    """
    Run stages in turn on a context: toolz's `pipe`, with a type that checkers can follow.

    >>> from stages import Context, Key, Outcome, Success, pipe, stage
    >>> NUMBER = Key("number", int)
    >>> @stage(needs=[NUMBER], gives=[NUMBER])
    ... def double(context: Context) -> Outcome:
    ...     return Success(context.put(NUMBER, context[NUMBER] * 2))
    >>> pipe(Context.of(number=3), double, double)
    <Success: Context(number=12)>
    """
    outcome: Outcome = toolz.pipe(given, first, *rest)
    return outcome


@attrs.frozen(slots=False, repr=False, eq=False)
class Pipeline(Stage[...]):
    """Stages composed into one; its parts run in turn and each reports for itself."""

    @property
    def parts(self) -> tuple[Stage[...], ...]:
        """The single stages that run, in order; pipelines inside it are laid open."""
        return self.function.parts  # type: ignore[attr-defined,no-any-return]

    def bind(self, **bindings: Any) -> "Pipeline":
        """
        Give this pipeline with providers and settings bound in every part that takes them.

        A part that has one bound already keeps it.

        Raises:
            WiringError: Every name that no part takes, with the nearest that one does; or what no
                longer fits together, where a setting decides on keys.
        """
        self.refuse_unknown(bindings, f"no stage of {self.name} takes")
        return _pipeline(tuple(_bound(part, bindings) for part in self.parts), self.name, self.doc)

    @property
    def unbound(self) -> tuple[str, ...]:
        """The providers that are still missing, each once."""
        return tuple(toolz.unique(name for part in self.parts for name in part.unbound))

    def run(self, context: Context) -> Outcome:
        """Run the parts in turn; what comes out has the reports of all of them."""
        for key in self.needs:
            if key not in context._values:
                return unmet_needs(self, context)
        return run_parts(self.parts, context)

    def __repr__(self) -> str:
        return f"<pipeline {self.name}: {' → '.join(part.name for part in self.parts)}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pipeline):
            return NotImplemented
        return (self.name, self.parts) == (other.name, other.parts)

    def __hash__(self) -> int:
        return hash((self.name, self.parts))

    def __reduce__(self) -> tuple[Any, ...]:
        return _pipeline, (self.parts, self.name, self.doc)


def compose(*parts: Stage[...], name: str, doc: str = "") -> Pipeline:
    """
    Make one stage of several that run in turn.

    It needs what its parts need and no earlier part gives; what it gives, its providers and its
    settings are theirs together. It may be composed again, bound, piped and run like any stage.

    Args:
        parts: In the order in which they run.
        name: For reports and graphs; nothing is registered.
        doc: What it is for.

    Raises:
        WiringError: All that does not fit, in one message: a need that only a later part gives, two
            parts that disagree about what a key holds.

    >>> from stages import compose, make_cards, validate_data
    >>> both = compose(make_cards, validate_data, name="checked cards")
    >>> both.needs, both.gives
    (('meanings',), ('cards',))
    """
    return _pipeline(tuple(leaf for part in parts for leaf in part.parts), name, doc)


def run(
    pipeline: Stage[...],
    given: Context | Outcome,
    /,
    *,
    observers: Sequence[observe.Observer] = (),
    **bindings: Any,
) -> Outcome:
    """
    Run a stage or a pipeline with providers and settings given by name.

    If any provider is missing, all that are missing are named before the first stage runs.

    Args:
        pipeline: What to run.
        given: A context, or the outcome of an earlier run.
        observers: Told of every stage and item.
        bindings: Providers and settings, for every part that takes them.

    Raises:
        WiringError: A binding that no part takes.
    """
    bound = pipeline.bind(**bindings) if bindings else pipeline
    if isinstance(given, Failure):
        return given
    context = given.unwrap() if isinstance(given, Result) else given
    if bound.unbound:
        return missing_providers(bound.name, bound.unbound, context)
    with observe.observed_by(observers):
        return bound(context)


def resume(
    pipeline: Stage[...],
    failure: StageFailure,
    /,
    *,
    observers: Sequence[observe.Observer] = (),
    **bindings: Any,
) -> Outcome:
    """
    Go on where a run of the same pipeline failed, with what was done by then.

    Raises:
        ValueError: The failure stands at a stage that is not there in this pipeline.
        WiringError: A binding that no part takes.
    """
    bound = pipeline.bind(**bindings) if bindings else pipeline
    parts = bound.parts
    at = parts[failure.done].name if failure.done < len(parts) else "its end"
    if failure.stage not in (at, bound.name):
        raise ValueError(
            f"the failure is of {failure.stage!r}, and {bound.name} has {at!r} in that place"
        )
    if bound.unbound:
        missing = missing_providers(bound.name, bound.unbound, failure.context)
        return missing.alt(lambda one: attrs.evolve(one, done=failure.done))
    with observe.observed_by(observers):
        return run_parts(parts, failure.context, done=failure.done)


def run_many(
    pipeline: Stage[...],
    contexts: Iterable[Context],
    /,
    *,
    mapper: Mapper = serial,
    **bindings: Any,
) -> Iterator[Outcome]:
    """
    Run a pipeline over many contexts, lazily; outcomes come in the order of the contexts.

    A mapper that is bound here says where the contexts are worked on; one that the stages take is
    bound with the pipeline. A context whose worker died gives a failure, and the others go on.

    Raises:
        WiringError: A binding that no part takes.
    """
    return _run_each(pipeline.bind(**bindings) if bindings else pipeline, contexts, mapper)


def _run_each(bound: Stage[...], contexts: Iterable[Context], mapper: Mapper) -> Iterator[Outcome]:
    kept: list[Context] = []

    def noted() -> Iterator[Context]:
        for context in contexts:
            kept.append(context)
            yield context

    for outcome in mapper(partial(run, bound), noted()):
        context = kept.pop(0)
        if isinstance(outcome, Failure) and isinstance(outcome.failure(), Problem):
            problem = outcome.failure()
            yield Failure(StageFailure(bound.name, problem.why, (problem,), context))
        else:
            yield outcome


def strict(a_stage: Stage[...]) -> Stage[...]:
    """
    Give a stage that fails where the given one would report a problem, a warning included.

    What was done is kept in the failure, so `resume` goes on from there. A pipeline is strict in
    each of its parts.
    """
    if isinstance(a_stage, Pipeline):
        return _pipeline(tuple(map(strict, a_stage.parts)), a_stage.name, a_stage.doc)
    return Stage(_Strict(a_stage), a_stage.declared, a_stage.bound)


@attrs.frozen(slots=False)
class _Strict:
    """The function of a strict stage."""

    one: Stage[...]

    def __attrs_post_init__(self) -> None:
        vars(self).update(
            __name__=self.one.name,
            __qualname__=f"strict({self.one.name})",
            __module__=__name__,
            __doc__=self.one.doc,
            __signature__=inspect.signature(self.one),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _Strict, (self.one,)  # and not the signature, which does not pickle

    def __call__(self, context: Context, **bindings: Any) -> Outcome:
        one = self.one.bind(**bindings) if bindings else self.one
        outcome = one.apply(context)
        if isinstance(outcome, Failure):
            return outcome
        after = outcome.unwrap()
        problems = tuple(problem for report in after.reports for problem in report.problems)
        if not problems:
            return outcome
        return after.fail(
            f"{counted(len(problems), 'problem')}, and none is let pass", problems=problems
        )


@attrs.frozen(slots=False)
class _Composed:
    """The function of a pipeline: what its parts do in turn, under their joint signature."""

    parts: tuple[Stage[...], ...]
    name: str
    doc: str

    def __attrs_post_init__(self) -> None:
        vars(self).update(
            __name__=self.name,
            __qualname__=self.name,
            __module__=__name__,
            __doc__=self.doc or " → ".join(part.name for part in self.parts),
            __signature__=_joint_signature(self.parts),
        )

    def __call__(self, context: Context, **_: Any) -> Outcome:
        return run_parts(self.parts, context)


def _pipeline(parts: tuple[Stage[...], ...], name: str, doc: str) -> Pipeline:
    faults = [*_given_too_late(parts), *_held_differently(parts)]
    if not parts:
        faults.append("it has no stages")
    if faults:
        raise WiringError(f"{name} does not fit together: " + "; ".join(toolz.unique(faults)))
    uses = toolz.unique(key for part in parts for key in part.uses)
    gives = toolz.unique(key for part in parts for key in part.gives)
    needs = _outer_needs(parts)
    declared = Declared(needs, tuple(k for k in uses if k not in needs), tuple(gives), name)
    bound = toolz.merge(part.bound for part in reversed(parts))
    everywhere = {
        key: value
        for key, value in bound.items()
        if all(key in part.bound for part in parts if key in (*part.providers, *part.settings))
    }
    return Pipeline(_Composed(parts, name, doc), declared, FrozenMap(everywhere))


def _outer_needs(parts: tuple[Stage[...], ...]) -> tuple[Key[Any], ...]:
    given: set[str] = set()
    needs: dict[str, Key[Any]] = {}
    for part in parts:
        for key in part.needs:
            if key not in given:
                needs.setdefault(key, key)
        given.update(part.gives)
    return tuple(needs.values())


def _bound(part: Stage[...], bindings: dict[str, Any]) -> Stage[...]:
    takes = {
        name: value
        for name, value in bindings.items()
        if name in (*part.providers, *part.settings) and name not in part.bound
    }
    return part.bind(**takes) if takes else part


def _joint_signature(parts: tuple[Stage[...], ...]) -> inspect.Signature:
    """Providers first, then settings; a setting's default is that of the first part taking it."""
    context, *_ = inspect.signature(parts[0]).parameters.values()
    every = (one for part in parts for one in [*inspect.signature(part).parameters.values()][1:])
    named = toolz.unique(every, key=lambda one: one.name)
    others = sorted(named, key=lambda one: one.default is not one.empty)
    return inspect.Signature([context, *others], return_annotation=Outcome)


def _given_too_late(parts: tuple[Stage[...], ...]) -> Iterator[str]:
    given: set[str] = set()
    for index, part in enumerate(parts):
        for key in part.needs:
            if key in given:
                continue
            # What reads a key before it gives it only adds to what was there.
            later = [
                giver.name
                for giver in parts[index + 1 :]
                if key in giver.gives and key not in (*giver.needs, *giver.uses)
            ]
            if later:
                yield (
                    f"{part.name} needs {str(key)!r}, which only {later[0]} gives, and later:"
                    f" put {later[0]} before it"
                )
        given.update(part.gives)


def _held_differently(parts: tuple[Stage[...], ...]) -> Iterator[str]:
    seen: dict[str, tuple[str, Key[Any]]] = {}
    for part in parts:
        for key in (*part.needs, *part.uses, *part.gives):
            owner, first = seen.setdefault(str(key), (part.name, key))
            if first.holds != key.holds:
                yield (
                    f"{owner} and {part.name} disagree about {str(key)!r}:"
                    f" {first.holds} and {key.holds}"
                )
