"""
The kernel against what a user would use instead; every figure is a ratio within one run.

Run it on a quiet machine: `python tests/benchmarks/bench_kernel.py`. The least CPU time of many
rounds is taken, the contenders in turn within each round.
"""

import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import attrs
import toolz
from returns.pipeline import flow
from returns.pointfree import bind
from returns.result import Result, Success

from stages import Context, Key, Outcome, Stage, compose, each, pipe, stage, threads

KEYS = tuple(Key(f"k{number}", int) for number in range(8))
CHANGED = KEYS[3]


@attrs.frozen
class Record:
    """What a user without contexts would pass along: eight fields, frozen and slotted."""

    k0: int = 0
    k1: int = 1
    k2: int = 2
    k3: int = 3
    k4: int = 4
    k5: int = 5
    k6: int = 6
    k7: int = 7


def evolved(record: Record) -> Record:
    """Do a trivial step on a record."""
    return attrs.evolve(record, k3=record.k3 + 1)


def evolved_result(record: Record) -> Result[Record, str]:
    """Do a trivial step on a record, as a Result."""
    return Success(attrs.evolve(record, k3=record.k3 + 1))


def trivial_stages(number: int) -> list[Stage[[]]]:
    """Give stages that each do a trivial step on a context of eight keys."""

    def one(index: int) -> Stage[[]]:
        def step(context: Context) -> Outcome:
            return Success(context.put(CHANGED, context[CHANGED] + 1))

        return stage(needs=[CHANGED], gives=[CHANGED], name=f"step_{index}")(step)

    return [one(index) for index in range(number)]


def least(contenders: dict[str, Callable[[], object]], rounds: int = 60) -> dict[str, float]:
    """Give the least CPU seconds of one call of each, the contenders in turn in each round."""
    best = dict.fromkeys(contenders, math.inf)
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.thread_time()
            for _ in range(200):
                call()
            best[name] = min(best[name], (time.thread_time() - start) / 200)
    return best


def overhead() -> None:
    """Compare the cost of a stage."""
    record, context = Record(), Context.of({key: number for number, key in enumerate(KEYS)})
    steps = trivial_stages(100)
    ten, hundred = compose(*steps[:10], name="ten"), compose(*steps, name="hundred")
    bound = [bind(evolved_result)] * 10
    cost = least(
        {
            "toolz.pipe + attrs.evolve": lambda: toolz.pipe(record, *[evolved] * 10),
            "returns.flow + bind": lambda: flow(Success(record), *bound),
            "stages, composed": lambda: ten(context),
            "stages, pipe": lambda: pipe(context, *steps[:10]),
            "stages, composed, 100": lambda: hundred(context),
        }
    )
    each_stage = {name: c / (100 if name.endswith("100") else 10) for name, c in cost.items()}
    base = each_stage["toolz.pipe + attrs.evolve"]
    print("a trivial stage on eight keys: µs, and ratio to toolz.pipe + attrs.evolve")
    for name, seconds in each_stage.items():
        print(f"  {name:<28}{seconds * 1e6:6.2f}{seconds / base:8.2f}")
    flat = each_stage["stages, composed, 100"] / each_stage["stages, composed"]
    print(f"  a stage of 100 to a stage of 10{flat:9.2f}")


def import_time() -> None:
    """Compare the import with that of the libraries it stands on."""

    # As after an installation: every module is compiled.
    compiling = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def seconds(statement: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", statement], check=True, env=compiling)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    seconds("import stages")
    nothing, base, ours = [], [], []
    for _ in range(25):
        nothing.append(seconds("pass"))
        base.append(seconds("import toolz, attrs, returns.result, returns.pipeline"))
        ours.append(seconds("import stages"))
    start = min(nothing)
    ratio = (min(ours) - start) / (min(base) - start)
    print("import, above that of the interpreter: CPU ms, and ratio to toolz + attrs + returns")
    print(f"  toolz + attrs + returns     {(min(base) - start) * 1e3:6.0f}")
    print(f"  stages                      {(min(ours) - start) * 1e3:6.0f}{ratio:8.2f}")


def waiting() -> None:
    """Compare mapping over work that waits with its physical limit."""
    floor = math.ceil(200 / 16) * 0.050
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        each(lambda _: time.sleep(0.050), range(200), mapper=threads(16))
        taken.append(time.perf_counter() - start)
    print("200 waits of 50 ms, 16 at once: s, and ratio to the floor")
    print(f"  floor                       {floor:6.3f}")
    print(
        f"  each, threads(16)           {statistics.median(taken):6.3f}{statistics.median(taken) / floor:8.2f}"
    )


if __name__ == "__main__":
    overhead()
    import_time()
    waiting()
