"""
The journal against what a user would use instead; every figure is a ratio within one run.

Run it on a quiet machine: `python tests/benchmarks/bench_journal.py`. The median of many rounds is
taken, the contenders in turn within each round.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from joblib import Memory

from stages.providers.files import write_whole
from stages.providers.journal import Journal, Request

REQUEST = {
    "model": "some-model-1",
    "max_tokens": 4096,
    "system": "Give every distinct meaning of the word, with an example sentence. " * 50,
    "messages": [{"role": "user", "content": "El año pasado, la «casa» de mi niñez. " * 40}],
    "schema": {f"field_{number}": {"type": "string"} for number in range(25)},
}
ANSWER = os.urandom(3000)


def asked(request: Request) -> bytes:
    """Stand in for who is paid."""
    return ANSWER if request else b""


def medians(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Give the median seconds of one call of each, the contenders in turn in each round."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def show(title: str, cost: dict[str, float], base: str, unit: float) -> None:
    """Print a table."""
    print(title)
    for name, seconds in cost.items():
        print(f"  {name:<34}{seconds * unit:9.2f}{seconds / cost[base]:8.2f}")


def hit(folder: str) -> None:
    """Compare finding an answer that is there."""
    memory = Memory(f"{folder}/memory", verbose=0).cache(asked)
    memory(REQUEST)
    journal = Journal(f"{folder}/journal")
    path = journal.keep("claude", REQUEST, ANSWER).kept_at

    def bare() -> bytes:
        with open(path, "rb") as file:  # noqa: PTH123  # the least there is
            return file.read()

    def never(_: object) -> bytes:
        raise AssertionError

    cost = medians(
        {
            "open and read": bare,
            "Journal.found": lambda: journal.found("claude", REQUEST),
            "Journal.kept": lambda: journal.kept("claude", REQUEST, "casa", never),
            "joblib.Memory": lambda: memory(REQUEST),
        },
        rounds=2000,
    )
    size = len(json.dumps(REQUEST, ensure_ascii=False).encode())
    title = f"a request of {size} bytes, an answer of {len(ANSWER)}, a hit: µs, and ratio to open and read"
    show(title, cost, "open and read", 1e6)


def first(folder: str) -> None:
    """Compare keeping an answer that has come."""
    number = count()
    journal = Journal(f"{folder}/journal")
    memory = Memory(f"{folder}/memory", verbose=0).cache(asked)

    def synced() -> None:
        write_whole(Path(folder) / "written" / f"{next(number)}", ANSWER)

    cost = medians(
        {
            "one file, synced": synced,
            "Journal.kept": lambda: journal.kept(
                "claude", {**REQUEST, "number": next(number)}, "casa", lambda _: ANSWER
            ),
            "Journal.keep": lambda: journal.keep(
                "claude", {**REQUEST, "number": next(number)}, ANSWER
            ),
            "joblib.Memory, not synced": lambda: memory({**REQUEST, "number": next(number)}),
        },
        rounds=300,
    )
    show(
        "the same for the first time: ms, and ratio to one file, synced",
        cost,
        "one file, synced",
        1e3,
    )


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        hit(place)
        first(place)
