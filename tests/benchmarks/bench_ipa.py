"""
How long it takes to judge a transcription, beside how long the rules of spelling take alone.

Run it on a quiet machine: `python tests/benchmarks/bench_ipa.py LIST.tsv`, with a list of words and
their segments, a blank between them; words of our own lexicon where none is given. "First" is a word
that was never judged before, with all that is asked of it; "again" is what is left of that when only
the transcription is new.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from stages.providers.lexicon import Lexicon
from stages.records.brief import Brief
from stages.records.pronunciation import pronounced
from stages.validation.ipa import judge
from stages.validation.ipa.known import by_spelling

MOST = 8_000
RUNS = 5


def listed(path: Path) -> list[tuple[str, str]]:
    """Give words and transcriptions as they are listed, the sounds joined."""
    lines = path.read_text("utf-8").splitlines()
    step = max(1, -(-len(lines) // MOST))
    pairs = (line.split("\t")[:2] for line in lines[::step])
    return [(word, f"[{ipa.replace(' ', '')}]") for word, ipa in pairs]


def own() -> list[tuple[str, str]]:
    """Give the words of the embedded lexicon."""
    lexicon, brief = Lexicon(), Brief()
    meanings = (one for word in lexicon.words for one in lexicon.meanings(word, brief).meanings)
    return [(one.word, one.ipa) for one in meanings]


def timed(run: Callable[[], object]) -> float:
    """Give the seconds that it takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def each(pairs: Iterable[tuple[str, str]]) -> None:
    """Judge them all."""
    for word, ipa in pairs:
        judge(word, ipa)


def main() -> None:
    """Print the µs of a word, the median of several runs."""
    given = listed(Path(sys.argv[1])) if len(sys.argv) > 1 else own()
    house = [(word, ipa) for word, _ in given if (ipa := pronounced(word))]
    wrong = [(word, ipa.replace("a", "e", 1)) for word, ipa in house]
    print(f"{len(given)} words")
    for kind, pairs in {"as given": given, "house style": house, "a vowel swapped": wrong}.items():
        first, again = [], []
        for _ in range(RUNS):
            by_spelling.cache_clear()
            first.append(timed(partial(each, pairs)))
            again.append(timed(partial(each, pairs)))
        spent = [statistics.median(one) / len(pairs) * 1e6 for one in (first, again)]
        print(f"{kind:16} first {spent[0]:5.0f} µs  again {spent[1]:5.0f} µs")
    rules = statistics.median(
        timed(lambda: [pronounced(word) for word, _ in given]) for _ in range(RUNS)
    )
    print(f"{'rules alone':16} {rules / len(given) * 1e6:11.0f} µs")


if __name__ == "__main__":
    main()
