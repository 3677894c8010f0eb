"""A stage: a decorated pure function from a context to the outcome of a new context."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, overload

import attrs
from returns.result import Failure, Success

from stages.core import law, observe, registry
from stages.core.context import Context, _made, bare, with_reports
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.outcome import Outcome, Report, StageFailure
from stages.core.problem import Problem, ProviderError
from stages.core.wording import kind_of, nearest

P = ParamSpec("P")

Setting: TypeAlias = (
    "bool | int | float | str | Callable[..., Any] | tuple[Any, ...] | FrozenMap[Any, Any] | None"
)
"""What a setting may be: a plain value, or a function such as a mapper."""

Keys: TypeAlias = "Iterable[Key[Any]] | Callable[..., Iterable[Key[Any]]]"
"""Keys, or a function that gives them from the settings which its parameters name."""


class WiringError(TypeError):
    """Stages, providers or settings do not fit together; the message names every fault."""


@attrs.frozen(eq=False)
class Declared:
    """What the decorator was told, before any setting is bound."""

    needs: Keys = ()
    uses: Keys = ()
    gives: Keys = ()
    name: str | Callable[..., str] | None = None


_NOTHING: Any = object()

# As a context is made: `Success(…)` goes through two `__init__` and takes three times the time.
_new: Any = object.__new__
_set_held: Any = Success._inner_value.__set__  # type: ignore[misc]


@attrs.frozen(slots=False, repr=False, eq=False)
class Stage(Generic[P]):
    """
    A pure function from a context to an `Outcome`, with what it needs and gives.

    Called with a context (or an outcome) it runs; called with keyword arguments alone it binds them
    and gives a stage back. It is made by `@stage` or `compose`, not by hand.

    Attributes:
        name: Unique among the registered stages.
        needs: Keys that must have a value.
        uses: Keys that are read if they have one.
        gives: Keys that have a value afterwards.
        providers: The names of the providers it takes, with their annotations.
        settings: The names of the settings it takes, with their defaults.
        bound: The providers and settings that are bound.
    """

    function: Callable[Concatenate[Context, P], Outcome]
    declared: Declared
    bound: FrozenMap[str, Any] = FrozenMap()

    name: str = attrs.field(init=False)
    needs: tuple[Key[Any], ...] = attrs.field(init=False)
    uses: tuple[Key[Any], ...] = attrs.field(init=False)
    gives: tuple[Key[Any], ...] = attrs.field(init=False)
    providers: FrozenMap[str, Any] = attrs.field(init=False)
    settings: FrozenMap[str, Any] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        function = self.function
        providers, settings = _parameters(function)
        chosen = {**settings, **self.bound}
        name = self.declared.name
        vars(self).update(
            name=_resolved(name, chosen) if callable(name) else name or function.__name__,
            needs=_keys(self.declared.needs, chosen),
            uses=_keys(self.declared.uses, chosen),
            gives=_keys(self.declared.gives, chosen),
            providers=providers,
            settings=settings,
            __doc__=function.__doc__,
            __name__=function.__name__,
            __qualname__=function.__qualname__.removesuffix(".__wrapped__"),
            __module__=function.__module__,
            __wrapped__=function,
            _call=partial(function, **self.bound) if self.bound else function,
        )
        vars(self).update(_silent=Report(self.name), _unready=bool(self.unbound))

    @property
    def doc(self) -> str:
        """The docstring, without indentation."""
        return inspect.getdoc(self) or ""

    @property
    def unbound(self) -> tuple[str, ...]:
        """The providers that are still missing."""
        return tuple(name for name in self.providers if name not in self.bound)

    @property
    def parts(self) -> "tuple[Stage[...], ...]":
        """The stages that run when this one runs, in order: itself, unless it is composed."""
        return (self,)

    # The first overload overlaps the second for a stage without parameters; a context decides.
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, given: Context | Outcome, /, *args: P.args, **kwargs: P.kwargs
    ) -> Outcome: ...
    @overload
    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> "Stage[[]]": ...
    @overload
    def __call__(self, /, **settings: Setting) -> "Stage[P]": ...
    def __call__(self, given: Any = _NOTHING, /, *more: Any, **bindings: Any) -> Any:
        """
        Run on a context or an outcome, or bind providers and settings.

        A failure is handed on as the very same object. An exception in the stage becomes a failure
        that is marked as a bug; KeyboardInterrupt and SystemExit pass through.

        Raises:
            WiringError: A name is neither a provider nor a setting of this stage, or a provider is
                bound and another is missing.
            TypeError: What was given is neither a context nor an outcome, or is more than one.
        """
        if more:
            kinds = ", ".join(map(kind_of, more))
            raise TypeError(f"{self.name} takes providers and settings by name: not {kinds}")
        if given is _NOTHING:
            return self.bound_whole(bindings)
        if bindings:
            return self.bind(**bindings)(given)
        context = given._inner_value if type(given) is Success else given
        if type(context) is Context:
            return self.run(context)
        if isinstance(given, Failure):
            return given
        raise TypeError(f"{self.name} takes a Context or an Outcome, not {kind_of(given)}")

    def run(self, context: Context) -> Outcome:
        """Run on a context; what comes out has its reports and this stage's own."""
        if observe.watching():
            return run_parts((self,), context)
        earlier = context._reports  # run_parts for one part: plain pipes live here
        outcome = self.apply(_made(context._values, ()) if earlier else context)
        if type(outcome) is not Success:
            return Failure(self.failed(outcome.failure(), earlier))
        after = outcome._inner_value
        own = self.stamped(after) if after._reports else (self._silent,)  # type: ignore[attr-defined]
        success: Outcome = _new(Success)
        _set_held(success, _made(after._values, (*earlier, *own)))
        return success

    def bound_whole(self, bindings: dict[str, Any]) -> "Stage[...]":
        """Bind settings alone, or all the providers that are still missing."""
        made = self.bind(**bindings)
        if made.unbound and any(name in self.providers for name in bindings):
            missing = ", ".join(made.unbound)
            raise WiringError(
                f"{self.name} lacks {missing}: a call binds all providers, and .bind(…) some"
            )
        return made

    def bind(self, **bindings: Any) -> "Stage[...]":
        """
        Give this stage with any of its providers and settings bound.

        Raises:
            WiringError: Every name that is neither, with the nearest that is.
        """
        self.refuse_unknown(bindings, f"{self.name} takes no")
        return attrs.evolve(self, bound=FrozenMap({**self.bound, **bindings}))

    def refuse_unknown(self, names: Iterable[str], refusal: str) -> None:
        """Raise `WiringError` for every name that is neither provider nor setting."""
        known = (*self.providers, *self.settings)
        faults = [
            "; ".join(filter(None, (f"{refusal} {name!r}", nearest(name, known))))
            for name in names
            if name not in known
        ]
        if faults:
            raise WiringError("; ".join(faults))

    def apply(self, context: Context) -> Outcome:
        """Run on a context without reports; what comes out has at most this stage's own."""
        if self._unready:  # type: ignore[attr-defined]
            return missing_providers(self.name, self.unbound, context)
        values = context._values
        for key in self.needs:
            if key not in values:
                return unmet_needs(self, context)
        if law.mode.on:
            return law.judged(self, context)
        try:
            outcome = self._call(context)  # type: ignore[attr-defined]
        except Exception as error:
            return self.raised(error, context)
        if type(outcome) is Success and type(outcome._inner_value) is Context:
            return outcome
        fault = law.misshapen(outcome)
        return _bug(self.name, fault, context, "") if fault else outcome

    def raised(self, error: Exception, context: Context) -> Outcome:
        """Give the failure that an exception is: a provider's no, or a bug in the stage."""
        if isinstance(error, ProviderError):
            return Failure(StageFailure("", error.why, (error.at(self.name),), context))
        return _bug(self.name, f"{type(error).__name__}: {error}", context, _trace(error))

    def stamped(self, context: Context) -> tuple[Report, ...]:
        """Give the reports this stage made, with its name on those that have none yet."""
        reports = context._reports
        if not reports:
            return (self._silent,)  # type: ignore[attr-defined]
        return tuple(r if r.stage else attrs.evolve(r, stage=self.name) for r in reports)

    def failed(
        self, failure: StageFailure, earlier: tuple[Report, ...], done: int = 0
    ) -> StageFailure:
        """Give the failure with this stage's name on it, and the reports of what came before."""
        context = failure.context
        own = tuple(r for r in context.reports if r.stage)
        return attrs.evolve(
            failure,
            stage=self.name,
            context=with_reports(context, (*earlier, *own)),
            done=done,
        )

    def __get__(self, instance: object, owner: object = None) -> "Stage[P]":
        # With it `help()` and pydoc take a stage for the function it is.
        return self

    def __repr__(self) -> str:
        bound = ", ".join(f"{name}={_shown(value)}" for name, value in self.bound.items())
        return f"<stage {self.name}({bound})>" if bound else f"<stage {self.name}>"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Stage):
            return NotImplemented
        return (self.function, self.bound) == (other.function, other.bound)

    def __hash__(self) -> int:
        return hash((type(self), self.function, frozenset(self.bound)))

    def __reduce__(self) -> str | tuple[Any, ...]:
        named = _found(self.__module__, self.__qualname__)  # type: ignore[attr-defined]
        if self.__module__ != "__main__" and isinstance(named, Stage):
            if named is self:
                return self.__qualname__  # type: ignore[attr-defined,no-any-return]
            if named.function is self.function:
                return _bound_again, (named, dict(self.bound))
        # What is fixed by now travels, and no lambda that fixed it.
        fixed = Declared(self.needs, self.uses, self.gives, self.name)
        return type(self), (self.function, fixed, self.bound)


def stage(
    *,
    needs: Keys = (),
    uses: Keys = (),
    gives: Keys = (),
    name: str | Callable[..., str] | None = None,
) -> Callable[[Callable[Concatenate[Context, P], Outcome]], Stage[P]]:
    """
    Make a registered stage of a function from a context to an outcome.

    After the context the function takes keyword-only parameters: **providers**, whose names end in
    `_provider` and which have no default, and **settings**, which have one. `needs`, `uses`, `gives`
    and `name` may be functions of settings; they are fixed when those are bound.

    Args:
        needs: Keys that must have a value before.
        uses: Keys that are read if they have a value.
        gives: Keys that have a value after a success.
        name: The stage's name, where it is not the function's.

    Raises:
        TypeError: A parameter is neither provider nor setting, or a key is no `Key`.
        ValueError: Another module has a stage of this name; the message says where.

    >>> from stages import Context, Key, Outcome, Success, stage
    >>> NUMBER = Key("number", int)
    >>> @stage(needs=[NUMBER], gives=[NUMBER])
    ... def add(context: Context, *, by: int = 1) -> Outcome:
    ...     return Success(context.put(NUMBER, context[NUMBER] + by))
    >>> add(by=2)(Context.of(number=40))
    <Success: Context(number=42)>
    """
    declared = Declared(needs, uses, gives, name)

    def decorate(function: Callable[Concatenate[Context, P], Outcome]) -> Stage[P]:
        made = Stage(function, declared)
        registry.register(made)
        if not function.__qualname__.endswith(".__wrapped__"):
            # The stage takes the function's name; by this one pickle finds the function itself.
            function.__qualname__ += ".__wrapped__"
        return made

    return decorate


def run_parts(parts: "tuple[Stage[...], ...]", context: Context, *, done: int = 0) -> Outcome:
    """Run the parts in turn from the one numbered `done`; reports are joined once, at the end."""
    earlier = context._reports
    reports: list[Report] = []
    context = bare(context)
    watched = observe.watching()
    for index, part in enumerate(parts[done:], done):
        outcome = observe.watched(part, context) if watched else part.apply(context)
        if type(outcome) is not Success:
            before = (*earlier, *reports)
            return Failure(part.failed(outcome.failure(), before, index))
        context = outcome._inner_value
        if context._reports:
            reports.extend(part.stamped(context))
            context = bare(context)
        else:
            reports.append(part._silent)  # type: ignore[attr-defined]
    return Success(with_reports(context, (*earlier, *reports)))


def missing_providers(name: str, providers: Iterable[str], context: Context) -> Outcome:
    """Give the failure of a stage whose providers are not all bound."""
    problems = tuple(
        Problem(
            "missing-provider",
            name,
            f"Provider {provider} not available",
            f"bind it: {name}({provider}=…), or give it to run()",
        )
        for provider in providers
    )
    message = "; ".join(problem.why for problem in problems)
    return Failure(StageFailure(name, message, problems, context))


def unmet_needs(one: "Stage[...]", context: Context) -> Outcome:
    """Give the failure of a stage that needs keys the context does not have."""
    problems = tuple(
        Problem(
            "unmet-need",
            one.name,
            f"{_needing(one, key)} needs {str(key)!r}, and no earlier stage gives it"
            f"{_giver_of(key, (*context.keys, *_given_before(one, key)))}",
            f"{key.doc or 'put it into the context before'}",
        )
        for key in one.needs
        if key not in context
    )
    message = "; ".join(problem.why for problem in problems)
    return Failure(StageFailure(one.name, message, problems, context))


def _needing(one: "Stage[...]", key: Key[Any]) -> str:
    return next((part.name for part in one.parts if key in part.needs), one.name)


def _given_before(one: "Stage[...]", key: Key[Any]) -> Iterator[Key[Any]]:
    for part in takewhile(lambda part: key not in part.needs, one.parts):
        yield from part.gives


def _giver_of(key: str, present: Iterable[str]) -> str:
    givers = registry.givers(key)
    found = f"{' or '.join(givers)} does" if givers else nearest(key, present)
    return f"; {found}" if found else ""


def _bug(name: str, found: str, context: Context, trace: str) -> Outcome:
    hint = "a fault in the code of the stage or of a provider; the trace says where"
    problem = Problem("bug", name, found, hint)
    return Failure(StageFailure(name, f"bug in {name}: {found}", (problem,), context, 0, trace))


def _trace(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _parameters(function: Callable[..., Any]) -> tuple[FrozenMap[str, Any], FrozenMap[str, Any]]:
    """Tell providers from settings."""
    _, *others = _signature(function).parameters.values()
    providers, settings = {}, {}
    for one in others:
        is_provider = one.name.endswith("_provider")
        if one.kind is not one.KEYWORD_ONLY or is_provider is not (one.default is one.empty):
            raise TypeError(
                f"{function.__name__}({one.name}): after the context and a '*', a stage takes providers"
                " (name ends in '_provider', no default) and settings (with a default)"
            )
        if is_provider:
            providers[one.name] = one.annotation
        else:
            settings[one.name] = one.default
    return FrozenMap(providers), FrozenMap(settings)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Give the signature, its annotations as types also where the module postpones them."""
    try:
        return inspect.signature(function, eval_str=True)
    except NameError:  # a name that is imported for type checkers alone
        return inspect.signature(function)


def _keys(declared: Keys, chosen: Mapping[str, Any]) -> tuple[Key[Any], ...]:
    if isinstance(declared, str):
        raise TypeError(f"needs, uses and gives are lists of Keys: write [{declared}]")
    keys = tuple(_resolved(declared, chosen) if callable(declared) else declared)
    for key in keys:
        if not isinstance(key, Key):
            found = repr(key) if isinstance(key, str) else kind_of(key)
            raise TypeError(f"needs, uses and gives name Keys: Key('name', its type), not {found}")
    return keys


def _resolved(function: Callable[..., Any], chosen: Mapping[str, Any]) -> Any:
    return function(**{name: chosen[name] for name in inspect.signature(function).parameters})


def _shown(value: object) -> str:
    """Show a plain setting by value and anything else by its type: a provider may hold a secret."""
    plain = isinstance(value, bool | int | float | str | None)
    return repr(value) if plain else f"<{type(value).__name__}>"


def _found(module: str, qualname: str) -> object:
    found: object = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found


def _bound_again(one: "Stage[...]", bound: dict[str, Any]) -> "Stage[...]":
    return one.bind(**bound)
