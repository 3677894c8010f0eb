"""
Indexing an extract of Wiktionary, against reading the same file line by line with `json.loads`.

Run it on a quiet machine: `python tests/benchmarks/bench_kaikki.py 2` for 2 GB (1 where nothing is
said; they lie in the folder for temporary files until it ends). Every run has a process of its own,
whose processor time and peak memory count, so that the ratio holds on a busy machine as well.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stages.providers.kaikki import Kaikki
from stages.records.brief import Brief

PLAIN = """
import json, sys
with open(sys.argv[1], "rb") as file:
    for line in file:
        json.loads(line)
"""
INDEXED = """
import sys
from stages.providers.kaikki import Kaikki
Kaikki(sys.argv[1])
"""
MEASURED = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
MIXTURES = {"all Spanish, as one language's extract": 1.0, "a tenth Spanish, as a whole one": 0.1}
GB = 1_000_000_000


def lines(share: float) -> Iterator[tuple[str, bytes]]:
    """Give words and their lines without end, about as long as Wiktionary's; a share is Spanish."""
    chance = random.Random(0)
    filler = ["".join(chance.choices("abcdefghijklmnoprstuvz áé", k=60)) for _ in range(500)]
    number = 0
    while True:
        number += 1
        word = f"palabra{number}"
        code = "es" if chance.random() < share else "de"
        senses = [
            {
                "glosses": [chance.choice(filler)],
                "tags": ["feminine"],
                "examples": [{"text": f"Una {word} {chance.choice(filler)}.", "type": "example"}],
            }
            for _ in range(chance.randint(1, 4))
        ]
        translations = [
            {"lang_code": other, "lang": other.upper(), "word": chance.choice(filler)[:9]}
            for other in chance.sample(("fr", "it", "pt", "ru", "ja", "nl"), chance.randint(0, 6))
        ]
        entry = {
            "word": word,
            "lang": code,
            "lang_code": code,
            "pos": "noun",
            "sounds": [{"ipa": "[pa.ˈla.βɾa]"}],
            "senses": senses,
            "forms": [{"form": f"{word}s", "tags": ["plural"]}] * chance.randint(1, 12),
            "translations": translations,
            "etymology_text": chance.choice(filler) * chance.randint(1, 9),
        }
        yield word if code == "es" else "", json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def written(path: Path, size: int, share: float) -> list[str]:
    """Write an extract; give some of its Spanish words."""
    words: list[str] = []
    done = 0
    with path.open("wb") as file:
        for word, line in lines(share):
            done += file.write(line)
            if word and len(words) < 1000:
                words.append(word)
            if done >= size:
                return words
    return words


def measured(program: str, path: Path) -> tuple[float, float, float]:
    """Give seconds by the clock, processor seconds and peak MB of a program in a process."""
    start = time.perf_counter()
    command = [sys.executable, "-c", program + MEASURED, str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    per_mb = 1_000_000 if sys.platform == "darwin" else 1000
    return time.perf_counter() - start, float(told[0]), float(told[1]) / per_mb


def looked_up(path: Path, words: list[str]) -> float:
    """Give the median microseconds of a lookup, the extract in the memory of the system."""
    kaikki = Kaikki(path)
    taken = []
    for word in words:
        start = time.perf_counter()
        kaikki.meanings(word, Brief())
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


def compare(size: int, share: float) -> None:
    """Write, index, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "extract.jsonl")
        words = written(path, size, share)
        _, plain, _ = measured(PLAIN, path)
        clock, ours, peak = measured(INDEXED, path)
        print(f"  json.loads alone        {size / plain / 1e6:8.0f} MB/s of processor time")
        print(f"  indexing                {size / ours / 1e6:8.0f} MB/s{ours / plain:8.2f} of it")
        print(f"  by the clock            {clock:8.1f} s")
        print(f"  peak memory             {peak:8.0f} MB")
        index = Path(f"{path}.es.index").stat().st_size
        print(f"  size of the index       {index / size:8.1%} of the extract")
        print(f"  a lookup                {looked_up(path, words):8.0f} µs")


if __name__ == "__main__":
    gigabytes = float(sys.argv[1]) if sys.argv[1:] else 1.0
    for name, share in MIXTURES.items():
        print(f"an extract of {gigabytes:g} GB, {name}")
        compare(int(gigabytes * GB), share)
