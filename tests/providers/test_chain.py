"""Several givers of meanings, asked one after the other."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.chain import Chain
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    OtherLanguage,
    Refused,
)
from stages.providers.lexicon import Lexicon
from stages.providers.protocols import AnalysisProvider
from stages.records.analysis import Analysis
from stages.records.brief import Brief
from stages.records.meaning import Meaning
from stages.records.usage import Usage

PRICE = Usage(requests=1, cost=Decimal("0.01"))
FREE = Usage()
NO_GERMAN = OtherLanguage("only es-419 is here, and de was asked for", "fill it in")
NO_KEY = Misconfigured("no key is set", "set the variable CLAUDE_KEY")
UNKNOWN = NotFound("it is not known")


def analysis(name: str) -> Analysis:
    """Give the answer of whoever has this name."""
    texts = dict.fromkeys(("context", "definition", "example", "gapped", "ipa"), "")
    return Analysis(meanings=(Meaning(word="casa", id=name, **texts),))


@attrs.define
class Giver:
    """Answers every word alike, and counts how often it was asked."""

    answer: Analysis | ProviderError
    usage: Usage | ProviderError = FREE
    asked: int = 0

    def estimate(self, word: str, brief: Brief) -> Usage:  # noqa: ARG002  # it never matters
        """Give what it takes."""
        if isinstance(self.usage, ProviderError):
            raise self.usage
        return self.usage

    def meanings(self, word: str, brief: Brief) -> Analysis:  # noqa: ARG002  # it never matters
        """Give the answer."""
        self.asked += 1
        if isinstance(self.answer, ProviderError):
            raise self.answer
        return self.answer


def outcome(provider: AnalysisProvider, brief: Brief) -> object:
    """Give what a provider answers, be it an error."""
    try:
        return provider.meanings("casa", brief)
    except ProviderError as error:
        return error


def estimated(provider: AnalysisProvider, brief: Brief) -> object:
    """Give what a provider estimates, be it an error."""
    try:
        return provider.estimate("casa", brief)
    except ProviderError as error:
        return error


ERRORS = (UNKNOWN, NO_GERMAN, NO_KEY, Refused("no"), BadAnswer("what?"), Denied("go away"))
ANSWERS = st.sampled_from((analysis("a"), analysis("b"), *ERRORS))
GIVERS = st.builds(Giver, ANSWERS, st.sampled_from((FREE, PRICE, NO_KEY, NO_GERMAN)))
BRIEFS = st.sampled_from((Brief(), Brief(language="de")))


@given(GIVERS, BRIEFS)
def test_a_chain_of_one_is_that_one(giver: Giver, brief: Brief) -> None:
    """Its answers, its errors, what it takes."""
    assert outcome(Chain(giver), brief) is outcome(giver, brief)
    assert estimated(Chain(giver), brief) == estimated(giver, brief)


@given(st.lists(GIVERS, min_size=1, max_size=4), st.integers(0, 4), BRIEFS)
def test_chains_may_be_chained(givers: list[Giver], at: int, brief: Brief) -> None:
    """Where the brackets stand makes no difference."""
    head, tail = givers[:at], givers[at:]
    nested = Chain(*([Chain(*head)] if head else []), *([Chain(*tail)] if tail else []))
    flat = outcome(Chain(*givers), brief)
    again = outcome(nested, brief)
    assert again is flat or (type(again), str(again)) == (type(flat), str(flat))


@given(st.lists(GIVERS, min_size=1, max_size=4), BRIEFS)
def test_nobody_is_asked_after_the_one_who_answers(givers: list[Giver], brief: Brief) -> None:
    """Asking may cost."""
    first = next((n for n, one in enumerate(givers) if isinstance(one.answer, Analysis)), 9)
    outcome(Chain(*givers), brief)
    assert all(one.asked == 0 for one in givers[first + 1 :])


@pytest.mark.parametrize("error", [UNKNOWN, NO_GERMAN])
def test_who_does_not_know_is_passed_by(error: ProviderError) -> None:
    """Neither the word nor the language."""
    chain = Chain(Giver(error), Giver(analysis("b")), Giver(analysis("c")))
    assert chain.meanings("Haus", Brief(language="de")) == analysis("b")


@pytest.mark.parametrize("error", [NO_KEY, Refused("no"), BadAnswer("what?"), Denied("no")])
def test_any_other_error_is_the_answer(error: ProviderError) -> None:
    """A missing key must not look like an unknown word, and cost somebody else's money."""
    after = Giver(analysis("b"), PRICE)
    chain = Chain(Giver(error), after)
    assert outcome(chain, Brief()) is error
    assert chain.estimate("casa", Brief()) == FREE
    assert after.asked == 0


def test_where_nobody_knows_the_last_hint_is_kept() -> None:
    """Whoever comes later knows more."""
    chain = Chain(
        Giver(NotFound("not in a", "did you mean 'cosa'?")),
        Giver(NotFound("no example in b", "fill it in")),
        Giver(NotFound("not in c")),
    )
    with pytest.raises(NotFound) as caught:
        chain.meanings("casa", Brief())
    assert caught.value.why == "not in a; no example in b; not in c"
    assert caught.value.hint == "fill it in"


def test_a_word_nobody_knows_does_not_stop_the_run_where_one_has_the_language() -> None:
    """That another has not does not matter then; where none has it, it does."""
    brief = Brief(language="de")
    for givers in ((UNKNOWN, NO_GERMAN), (NO_GERMAN, UNKNOWN)):
        assert outcome(Chain(*map(Giver, givers)), brief) is UNKNOWN
    with pytest.raises(Misconfigured, match="de was asked for"):
        Chain(Giver(NO_GERMAN), Giver(NO_GERMAN)).meanings("Haus", brief)


def test_a_word_that_is_free_earlier_costs_nothing() -> None:
    """It is asked for to know; who costs is never asked for an estimate."""
    paid = Giver(analysis("b"), PRICE)
    assert Chain(Giver(analysis("a")), paid).estimate("casa", Brief()) == FREE
    assert Chain(Giver(UNKNOWN), paid).estimate("casa", Brief()) == PRICE
    assert Chain(Giver(UNKNOWN), paid, Giver(analysis("a"))).estimate("casa", Brief()) == PRICE
    assert Chain(Giver(UNKNOWN), Giver(UNKNOWN)).estimate("casa", Brief()) == FREE
    assert Chain(Giver(UNKNOWN, NO_GERMAN), paid).estimate("x", Brief(language="de")) == PRICE
    assert paid.asked == 0


def test_a_chain_of_none_is_misuse() -> None:
    """There would be nobody to ask."""
    with pytest.raises(ValueError, match="at least one provider"):
        Chain()


def test_the_embedded_lexicon_is_passed_by_for_other_languages() -> None:
    """Its words for a language that it does not have are those that are looked for."""
    chain = Chain(Lexicon(), Giver(analysis("b")))
    assert chain.meanings("Haus", Brief(language="de")) == analysis("b")
    assert chain.meanings("casa", Brief()).meanings[0].id == "home"
