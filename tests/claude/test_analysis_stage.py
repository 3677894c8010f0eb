"""Words to meanings."""

import time
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    MEANINGS,
    WORDS,
    Analysis,
    Brief,
    Context,
    Problem,
    Severity,
    Status,
    Usage,
    Vocabulary,
    analyze_words,
    law_mode,
    prepare_batch,
    resume,
    serial,
    threads,
)
from stages.core.mapping import Mapper
from stages.providers.chain import Chain
from stages.providers.errors import BadAnswer, NotFound, QuotaExhausted
from stages.testing import MemoryAnalysis, check_stage, made_up, texts
from tests.making import after, codes, failed, last, meaning


def knowing(*words: str) -> MemoryAnalysis:
    """Give a provider that knows one meaning of each word."""
    return MemoryAnalysis(meaning(word) for word in words)


def test_it_gives_every_meaning_in_the_order_of_the_words() -> None:
    """A word's meanings stay together and in their provider's order."""
    provider = MemoryAnalysis(
        [meaning("ser", "be"), meaning("casa", "home"), meaning("ser", "being")]
    )
    outcome = analyze_words(analysis_provider=provider)(Context.of(words=["casa", "ser"]))
    assert after(outcome)[MEANINGS] == (
        meaning("casa", "home"),
        meaning("ser", "be"),
        meaning("ser", "being"),
    )
    assert last(outcome).counts == {
        "words": 2,
        "known": 0,
        "analysed": 2,
        "meanings": 3,
    }
    assert last(outcome).message == "found 3 meanings of 2 words"


def test_a_word_that_stands_twice_is_asked_for_once() -> None:
    """Asking may cost; the words themselves stay as they were given."""
    provider = knowing("casa")
    outcome = analyze_words(analysis_provider=provider)(Context.of(words=["casa", "casa"]))
    assert provider.history == ["casa"]
    assert after(outcome)[WORDS] == ("casa", "casa")
    assert after(outcome)[MEANINGS] == (meaning("casa"),)


@pytest.mark.parametrize("one", [analyze_words(analysis_provider=knowing()), prepare_batch])
def test_a_large_vocabulary_takes_no_time(one: Any) -> None:
    """Eight thousand known words are looked up at once, not each among all the others."""
    words = [f"word {number}" for number in range(8_000)]
    vocabulary = Vocabulary(meanings=tuple(map(meaning, words)), skipped=("un",))
    context = Context.of(words=words, vocabulary=vocabulary)
    with law_mode(on=False):
        start = time.thread_time()
        one(context).unwrap()
        assert time.thread_time() - start < 0.5


def test_what_the_vocabulary_knows_or_skips_is_not_asked_for() -> None:
    """Only new words are analysed; with none the outcome is a success."""
    provider = knowing("casa", "ser", "un")
    vocabulary = Vocabulary(meanings=(meaning("ser"),), skipped=("un",))
    context = Context.of(words=["ser", "un", "casa"], vocabulary=vocabulary)
    assert after(analyze_words(analysis_provider=provider)(context))[MEANINGS] == (meaning("casa"),)
    assert provider.history == ["casa"]
    known = analyze_words(analysis_provider=provider)(context.put(WORDS, ("ser", "un")))
    assert after(known)[MEANINGS] == ()
    assert last(known).status is Status.SUCCESS
    assert provider.history == ["casa"]


def test_meanings_that_are_there_stay_and_are_not_asked_for() -> None:
    """A second run asks for nothing and changes nothing."""
    provider = knowing("casa", "ser")
    one = analyze_words(analysis_provider=provider)
    context = after(one(Context.of(words=["ser", "casa"], meanings=[meaning("casa", "mine")])))
    assert context[MEANINGS] == (meaning("ser"), meaning("casa", "mine"))
    assert after(one(context))[MEANINGS] == context[MEANINGS]
    assert provider.history == ["ser"]


def test_no_words_is_a_failure() -> None:
    """`no-words`: there is nothing to analyse."""
    failure = failed(analyze_words(analysis_provider=knowing())(Context.of(words=[])))
    assert failure.message == "No words provided for analysis"
    assert failure.problems == (
        Problem("no-words", "words", "it is empty", "give at least one word"),
    )


def test_a_blank_word_is_a_problem_and_is_not_asked_for() -> None:
    """`blank-word` says where it stands; the others go on."""
    provider = knowing("casa")
    outcome = analyze_words(analysis_provider=provider)(Context.of(words=["casa", " "]))
    assert codes(outcome) == [("blank-word", "words[1]")]
    assert last(outcome).status is Status.PARTIAL
    assert provider.history == ["casa"]


def test_a_word_that_nobody_knows_does_not_stop_the_others() -> None:
    """`not-found` names the word, and no meaning is invented for it."""
    provider = knowing("casa", "ser")
    outcome = analyze_words(analysis_provider=provider)(Context.of(words=["casa", "xyz", "ser"]))
    assert after(outcome)[MEANINGS] == (meaning("casa"), meaning("ser"))
    assert last(outcome).problems == (Problem("not-found", "words[xyz]", "'xyz' is not known"),)
    assert last(outcome).status is Status.PARTIAL


def test_where_no_word_is_known_the_stage_fails() -> None:
    """Every wanted word failed: that is a failure, with all of them named."""
    outcome = analyze_words(analysis_provider=knowing())(Context.of(words=["a", "b"]))
    assert failed(outcome).message == "none of 2 words could be analysed"
    assert codes(outcome) == [("not-found", "words[a]"), ("not-found", "words[b]")]


@pytest.mark.parametrize("stop_at", ["a", "b", "c"])
def test_a_provider_that_stops_the_run_keeps_what_is_done(stop_at: str) -> None:
    """What came before is in the failure, and `resume` asks only for the rest."""
    words = ["a", "b", "c"]
    provider = MemoryAnalysis(
        map(meaning, words), failures={stop_at: QuotaExhausted("no more today")}
    )
    failure = failed(analyze_words(analysis_provider=provider)(Context.of(words=words)))
    done = words[: words.index(stop_at)]
    assert failure.context[MEANINGS] == tuple(map(meaning, done))
    assert failure.problems == (Problem("quota-exhausted", f"words[{stop_at}]", "no more today"),)
    assert failure.message == f"stopped after {len(done)} of 3 words"
    again = knowing(*words)
    outcome = resume(analyze_words(analysis_provider=again), failure)
    assert again.history == words[len(done) :]
    assert after(outcome)[MEANINGS] == tuple(map(meaning, words))


def test_a_language_that_the_provider_lacks_stops_the_run() -> None:
    """Every word would get the same answer, so only one is asked for."""
    provider = knowing("a", "b")
    one = analyze_words(analysis_provider=provider, language="de")
    assert codes(one(Context.of(words=["a", "b"]))) == [("misconfigured", "words[a]")]
    assert provider.history == ["a"]


@pytest.mark.parametrize("mapper", [serial, threads(4)], ids=["one by one", "in threads"])
def test_the_order_does_not_depend_on_who_answers_first(mapper: Mapper) -> None:
    """Meanings and problems come in the order of the words, on any mapper."""
    words = [f"w{number}" for number in range(20)]
    provider = MemoryAnalysis(
        otherwise=made_up, failures={"w4": BadAnswer("mumbled"), "w9": NotFound("unheard of")}
    )
    outcome = analyze_words(analysis_provider=provider, mapper=mapper)(Context.of(words=words))
    assert [m.word for m in after(outcome)[MEANINGS]] == [w for w in words if w not in ("w4", "w9")]
    assert codes(outcome) == [("bad-answer", "words[w4]"), ("not-found", "words[w9]")]


@given(st.lists(texts(), min_size=1), st.sets(texts()), st.sets(texts()))
def test_every_word_has_a_meaning_or_is_settled_or_is_a_problem(
    words: list[str], unknown: set[str], known: set[str]
) -> None:
    """No word is lost, and none is asked for in vain."""
    provider = MemoryAnalysis(
        otherwise=made_up, failures={word: NotFound("unheard of") for word in unknown}
    )
    vocabulary = Vocabulary(skipped=tuple(sorted(known)))
    one = analyze_words(analysis_provider=provider)
    outcome = one(Context.of(words=words, vocabulary=vocabulary))
    context = outcome.map(lambda done: done).value_or(None) or failed(outcome).context
    analysed = {m.word for m in context[MEANINGS]}
    blank = {word for word in words if not word.strip()}
    assert analysed == set(words) - unknown - known - blank
    told = {where.removeprefix("words[").removesuffix("]") for _, where in codes(outcome)}
    assert {word for word in words if word in unknown - known - blank} <= told
    assert provider.history == list(
        dict.fromkeys(word for word in words if word not in known | blank)
    )


@attrs.frozen
class Answering:
    """A provider that gives one answer, whatever it is asked."""

    answer: Analysis

    def estimate(self, word: str, brief: Brief) -> Usage:  # noqa: ARG002  # as providers are asked
        return Usage()

    def meanings(self, word: str, brief: Brief) -> Analysis:  # noqa: ARG002  # as providers are asked
        return self.answer


USELESS = Answering(
    Analysis(
        meanings=(),
        problems=(Problem("bad-answer", "", "it was cut off", "allow more"),),
        usage=Usage(requests=1, output_tokens=9, cost=Decimal("0.5")),
    )
)


def test_an_answer_that_cannot_be_used_is_a_problem_of_its_word_and_has_its_cost() -> None:
    """It counts as not analysed; where no word was, the stage fails and tells the cost all the same."""
    outcome = analyze_words(analysis_provider=USELESS)(Context.of(words=["a", "b"]))
    assert failed(outcome).message == "none of 2 words could be analysed for $1.00"
    assert codes(outcome) == [("bad-answer", "words[a]"), ("bad-answer", "words[b]")]
    chain = Chain(knowing("casa"), USELESS)
    outcome = analyze_words(analysis_provider=chain)(Context.of(words=["casa", "b"]))
    assert last(outcome).message == "found 1 meaning of 1 word for $0.50"
    assert last(outcome).status is Status.PARTIAL
    assert last(outcome).counts["analysed"] == 1


def test_what_is_known_or_skipped_is_told() -> None:
    """How many words were not asked for, and why."""
    vocabulary = Vocabulary(meanings=(meaning("ser"),), skipped=("un", "la"))
    context = Context.of(words=["ser", "un", "casa", "la"], vocabulary=vocabulary)
    outcome = analyze_words(analysis_provider=knowing("casa"))(context)
    assert last(outcome).message == "found 1 meaning of 1 word; 1 known already; 2 skipped"
    assert (last(outcome).counts["known"], last(outcome).counts["skipped"]) == (1, 2)


def test_what_it_costs_is_said_before_and_after() -> None:
    """A dry run asks only what is free; a run over the cap asks nothing; else the cost is told."""
    paid = MemoryAnalysis(otherwise=made_up, price=Decimal("0.4"))
    context = Context.of(words=["a", "b", "c"])
    planned = analyze_words(analysis_provider=paid, dry_run=True)(context)
    assert last(planned).message == "found 0 meanings of 0 words; would ask for 3 words, $1.20"
    assert last(planned).planned == ("a", "b", "c")
    refused = analyze_words(analysis_provider=paid)(context)
    assert codes(refused) == [("over-the-cap", "words")]
    assert failed(refused).message == "3 words to ask for, $1.20, and max_cost is $1"
    assert failed(refused).problems[0].hint.startswith("allow it: max_cost=1.20;")
    assert paid.history == []
    done = analyze_words(analysis_provider=paid, max_cost=1.2)(context)
    assert last(done).message == "found 3 meanings of 3 words for $1.20"
    assert last(done).counts["requests"] == 3


def test_what_costs_is_planned_and_what_is_free_is_asked() -> None:
    """Of a chain of both: a dry run finds what the free one knows."""
    chain = Chain(knowing("casa"), MemoryAnalysis(otherwise=made_up, price=Decimal("0.4")))
    context = Context.of(words=["casa", "ser"])
    planned = analyze_words(analysis_provider=chain, dry_run=True)(context)
    assert after(planned)[MEANINGS] == (meaning("casa"),)
    assert last(planned).planned == ("ser",)
    done = analyze_words(analysis_provider=chain)(context)
    assert last(done).message == "found 2 meanings of 2 words for $0.40"


def test_no_more_meanings_than_wanted_are_asked_for() -> None:
    """The most common come first; none at all cannot be wanted."""
    provider = MemoryAnalysis([meaning("ser", name) for name in "abc"])
    one = analyze_words(analysis_provider=provider, most=2)
    assert [m.id for m in after(one(Context.of(words=["ser"])))[MEANINGS]] == ["a", "b"]
    none = analyze_words(analysis_provider=provider, most=0)(Context.of(words=["ser"]))
    assert codes(none) == [("bad-setting", "most")]


def test_what_is_wrong_with_an_answer_is_told_at_its_word() -> None:
    """The meanings that can be used are used."""
    doubt = Problem("look-alike", "meanings[0].IPA", "it is odd", severity=Severity.WARNING)
    problems = (doubt, Problem("odd", "", "it is"))
    doubting = Answering(Analysis(meanings=made_up("a"), problems=problems))
    outcome = analyze_words(analysis_provider=doubting)(Context.of(words=["a"]))
    assert after(outcome)[MEANINGS] == made_up("a")
    assert codes(outcome) == [("look-alike", "words[a].meanings[0].IPA"), ("odd", "words[a]")]
    assert last(outcome).status is Status.PARTIAL


def test_it_keeps_the_laws() -> None:
    """With a provider that knows everything, nothing, or only stops."""
    check_stage(analyze_words)
    check_stage(analyze_words, examples=50, analysis_provider=MemoryAnalysis())
    stopping = MemoryAnalysis(otherwise=made_up, failures={"casa": QuotaExhausted("no")})
    check_stage(analyze_words, examples=50, analysis_provider=stopping)
