"""
Live analysis against the bare SDK and the floor; every figure is a ratio within one run.

Run it on a quiet machine: `python tests/benchmarks/bench_claude.py`. 200 words are asked for, 16 at
once, of a loopback in a process of its own that takes 50 ms for each. The median of several rounds
is taken, the contenders in turn within each round. A journal is new in each round.
"""

import itertools
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stages import Context, analyze_words, threads
from stages.providers.claude import ClaudeAnalysis
from stages.providers.claude.wire import Manner, body_of
from stages.providers.journal import Journal, journaled
from stages.records.brief import Brief

WORDS = tuple(f"palabra{number}" for number in range(200))
AT_ONCE = 16
LATENCY = 0.050
FLOOR = math.ceil(len(WORDS) / AT_ONCE) * LATENCY
ROUNDS = 9

SERVER = f"""
import sys
from stages.testing.loopback import ClaudeLoopback
from tests.providers.claude.answers import usual

with ClaudeLoopback(usual, latency={LATENCY}) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def loopback() -> Iterator[str]:
    """Give the address of a server that answers each word with one whole meaning."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate()


def analysed(claude: ClaudeAnalysis, words: tuple[str, ...]) -> None:
    """Do what is measured."""
    context = Context.of(words=words)
    outcome = analyze_words(
        context, analysis_provider=claude, mapper=threads(AT_ONCE), max_cost=math.inf
    )
    assert len(outcome.unwrap()["meanings"]) == len(words)


def compare(url: str, folder: str) -> None:
    """Compare and print."""
    claude = ClaudeAnalysis(base_url=url, api_key="none")
    create = claude.connection.client.messages.create
    journals = (f"{folder}/{number}" for number in itertools.count())

    def bare() -> None:
        def ask(word: str) -> object:
            return create(**body_of(word, Brief(), Manner()))

        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert len(list(pool.map(ask, WORDS))) == len(WORDS)

    ready = journaled(claude, Journal(next(journals)))
    analysed(ready, WORDS)
    contenders: dict[str, Callable[[], None]] = {
        "the bare SDK in a thread pool": bare,
        "analyze_words": lambda: analysed(claude, WORDS),
        "analyze_words, journaled": lambda: analysed(
            journaled(claude, Journal(next(journals))), WORDS
        ),
        "analyze_words, all journaled before": lambda: analysed(ready, WORDS),
    }
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    used: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            start, cpu = time.perf_counter(), time.process_time()
            call()
            taken[name].append(time.perf_counter() - start)
            used[name].append(time.process_time() - cpu)
    base = statistics.median(taken["the bare SDK in a thread pool"])
    print("200 words of 50 ms, 16 at once: s, ratio to the floor, ratio to the SDK, s of processor")
    print(f"  {'floor':<36}{FLOOR:8.3f}{1:8.2f}{FLOOR / base:8.2f}")
    for name, times in taken.items():
        seconds, cpu = statistics.median(times), statistics.median(used[name])
        print(f"  {name:<36}{seconds:8.3f}{seconds / FLOOR:8.2f}{seconds / base:8.2f}{cpu:8.2f}")


if __name__ == "__main__":
    with loopback() as address, TemporaryDirectory() as place:
        compare(address, place)
