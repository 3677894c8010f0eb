"""Several givers of meanings, asked one after the other."""

from stages.core.problem import ProviderError
from stages.providers.errors import NotFound, OtherLanguage
from stages.providers.protocols import AnalysisProvider
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.usage import Usage


class Chain:
    """The `AnalysisProvider` that asks others in turn, until one knows the word."""

    def __init__(self, *providers: AnalysisProvider) -> None:
        """Ask these in this order: those that are free first."""
        if not providers:
            raise ValueError("a chain needs at least one provider to ask")
        self._providers = providers

    def estimate(self, word: str, brief: Brief) -> Usage:
        """Estimate what the first that may know the word takes; whoever is free is asked for it."""
        *earlier, last = self._providers
        for provider in earlier:
            try:
                usage = provider.estimate(word, brief)
                if usage != Usage():
                    return usage
                provider.meanings(word, brief)
            except ProviderError as error:
                if isinstance(error, NotFound | OtherLanguage):
                    continue
            return Usage()  # this one answers, or says what is wrong
        return last.estimate(word, brief)

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """Give what the first says that knows word and language."""
        errors: list[ProviderError] = []
        for provider in self._providers:
            try:
                return provider.meanings(word, brief)
            except ProviderError as error:
                if not isinstance(error, NotFound | OtherLanguage):
                    raise
                errors.append(error)
        first, *others = [one for one in errors if isinstance(one, NotFound)] or errors
        for one in others:  # whoever comes later in a chain knows more, so that its hint helps more
            first = type(first)(f"{first.why}; {one.why}", one.hint or first.hint)
        raise first
