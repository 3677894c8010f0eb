"""Whatever is killed, nothing that was answered is asked for again, and no batch is made twice."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.providers.claude.wire import Manner, body_of
from stages.providers.journal import Journal
from stages.records.brief import Brief
from stages.testing.loopback import ClaudeLoopback
from tests.providers.claude.answers import KEY, usual, word_in
from tests.providers.killing import Runs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no such thing there")

AT_ONCE = 16

RUNS = f"""
import anthropic.resources.messages.batches
from stages import Context, threads
from stages.claude.analysis_stage import analyze_words
from stages.claude.batch_stage import prepare_batch
from stages.claude.submission_stage import submit_batch
from stages.providers.claude import ClaudeAnalysis, ClaudeBatches
from stages.providers.journal import Journal, journaled
ClaudeAnalysis(api_key="warm").connection.client.messages.with_raw_response

def run(act, url, folder, words):
    claude = ClaudeAnalysis(api_key={KEY!r}, base_url=url, retries=0)
    journal = Journal(folder)
    context = Context.of(words=words)
    if act == "analyse":
        kept = journaled(claude, journal)
        outcome = analyze_words(context, analysis_provider=kept, mapper=threads({AT_ONCE}), max_cost=9)
        return len(outcome.unwrap()["meanings"])
    context = prepare_batch(context).unwrap()
    outcome = submit_batch(context, batch_provider=ClaudeBatches(claude, journal))
    return outcome.unwrap()["batch"].job.id
"""


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Give a process that is ready to run."""
    ready = Runs(RUNS)
    yield ready
    ready.close()


class Analysis:
    """Words that are analysed live, in a journal of their own."""

    def __init__(self, runs: Runs, server: ClaudeLoopback, folder: Path, words: list[str]) -> None:
        self.words = words
        self.journal = Journal(folder)
        self._server = server
        self._first = len(server.requests)
        self._what = {"act": "analyse", "url": server.url, "folder": str(folder), "words": words}
        self._run = runs.run

    def run(self, killed_after: float | None = None) -> Any:
        return self._run(**self._what, killed_after=killed_after)

    @property
    def asked(self) -> Counter[str]:
        """How often the server was asked for each word; half a request asks for none."""
        received = self._server.requests[self._first :]
        return Counter(word_in(one.body) for one in received if one.body)

    @property
    def kept(self) -> set[str]:
        """The words whose answer lies in the journal."""
        return {
            word
            for word in self.words
            if self.journal.found("claude", body_of(word, Brief(), Manner()))
        }


def killed(runs: Runs, folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill runs of 100 words at random moments, as many as it takes; give what was seen."""
    moments = random.Random(seed)
    seen: Counter[str] = Counter()
    with ClaudeLoopback(usual, key=KEY, latency=0.02) as server:
        while seen["kills"] < kills:
            words = [f"palabra{seen['words'] + number}" for number in range(100)]
            seen["words"] += len(words)
            analysis = Analysis(runs, server, folder / str(seen["words"]), words)
            may_be_asked = Counter(words)
            while True:
                last = seen["kills"] == kills
                found = analysis.run(None if last else moments.uniform(0.02, 0.3))
                kept, asked = analysis.kept, analysis.asked
                if found is not None:
                    break
                seen["kills"] += 1
                named = {intent.label for intent in analysis.journal.in_flight()}
                assert set(asked) - kept <= named  # whatever was asked and is not there
                assert not named & kept
                assert len(named) <= AT_ONCE
                seen["in flight"] += len(named)
                may_be_asked.update(named)
                assert asked <= may_be_asked
            assert found == 100
            assert kept == set(words)
            assert asked <= may_be_asked  # again only where a kill hit while it was in flight
            assert analysis.journal.in_flight() == ()
            seen["asked"] += asked.total()
            assert analysis.run() == 100
            assert analysis.asked == asked  # all of it is free by now
    return seen


def test_killed_at_any_moment_every_word_is_analysed_and_paid_for_once(
    runs: Runs, tmp_path: Path
) -> None:
    """But for those that were in flight at a kill, and these are named."""
    seen = killed(runs, tmp_path, kills=6, seed=4)

    assert seen["kills"] == 6
    assert seen["in flight"]


@pytest.mark.slow
def test_killed_fifty_times_every_word_is_analysed_and_paid_for_once(
    runs: Runs, tmp_path: Path
) -> None:
    """As above, at more moments."""
    seen = killed(runs, tmp_path, kills=50, seed=5)

    assert seen["kills"] == 50
    print(dict(seen))  # noqa: T201  # for whoever runs it by hand, with -s


def submitted(runs: Runs, folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill runs that hand in a batch, each until one comes through; give what was seen."""
    moments = random.Random(seed)
    seen: Counter[str] = Counter()
    with ClaudeLoopback(usual, key=KEY, latency=0.02) as server:
        number = 0
        while seen["kills"] < kills:
            number += 1
            words = [f"palabra{number}", f"otra{number}"]
            what: dict[str, Any] = {
                "act": "submit",
                "url": server.url,
                "folder": str(folder),
                "words": words,
            }
            before = len(server.batches)
            found = None
            while found is None:
                last = seen["kills"] >= kills
                found = runs.run(**what, killed_after=None if last else moments.uniform(0, 0.15))
                seen["kills"] += found is None
                time.sleep(0.03)  # what was sent before the kill has arrived by then
            assert server.batches[before:] == (found,)
            assert runs.run(**what) == found
            assert Journal(folder).in_flight() == ()
            seen["batches"] += 1
    return seen


def test_killed_while_it_is_handed_in_a_batch_is_made_once(runs: Runs, tmp_path: Path) -> None:
    """And its id is found; among others of the same size."""
    assert submitted(runs, tmp_path, kills=8, seed=6)["kills"] >= 8


@pytest.mark.slow
def test_killed_a_hundred_times_a_batch_is_made_once(runs: Runs, tmp_path: Path) -> None:
    """As above, at more moments."""
    seen = submitted(runs, tmp_path, kills=100, seed=7)

    assert seen["kills"] >= 100
    print(dict(seen))  # noqa: T201  # for whoever runs it by hand, with -s
