"""
Ingesting a filled staged file against parsing it and making records of it, and nothing more.

Run it on a quiet machine: `python tests/benchmarks/bench_ingest.py`. The least CPU time of many
rounds is taken, the contenders in turn within each round. The floor checks nothing and derives
nothing: it is `json.loads` and a plain cattrs converter, into the same record under the same names.
"""

import json
import math
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, override

from stages import (
    BATCH,
    MEANINGS,
    VOCABULARY,
    Batch,
    Context,
    FrozenMap,
    ingest_batch,
    load_file,
    pipe,
    prepare_batch,
    save_file,
)
from stages.core.json import to_json
from stages.providers.files import Files
from stages.records.entry import entry_of
from stages.records.meaning import GAP, Meaning

WORDS, MEANINGS_IN_ALL = 1_500, 5_000

CONTENT = [
    "abuela",
    "agua",
    "amigo",
    "árbol",
    "barco",
    "cabeza",
    "café",
    "calle",
    "camino",
    "canción",
    "ciudad",
    "cocina",
    "corazón",
    "cuaderno",
    "día",
    "escuela",
    "estación",
    "familia",
    "flor",
    "fruta",
    "gato",
    "gente",
    "habitación",
    "hermano",
    "historia",
    "jardín",
    "lápiz",
    "leche",
    "libro",
    "luz",
    "mañana",
    "mesa",
    "mundo",
    "música",
    "niño",
    "noche",
    "nube",
    "país",
    "pájaro",
    "papel",
    "parque",
    "película",
    "perro",
    "pescado",
    "piedra",
    "playa",
    "plaza",
    "pregunta",
    "pueblo",
    "puerta",
    "reloj",
    "río",
    "ropa",
    "semana",
    "silla",
    "sol",
    "sombrero",
    "tarde",
    "tienda",
    "verano",
]
SMALL = [
    "el",
    "la",
    "los",
    "un",
    "una",
    "y",
    "que",
    "de",
    "en",
    "con",
    "por",
    "para",
    "no",
    "se",
    "su",
    "al",
    "más",
    "como",
    "está",
    "cuando",
    "donde",
]


def words_of(number: int, chance: random.Random) -> list[str]:
    """Give words that Spanish spelling could have, each once."""
    starts, vowels, ends = (
        [
            "b",
            "c",
            "d",
            "f",
            "g",
            "j",
            "l",
            "m",
            "n",
            "p",
            "r",
            "s",
            "t",
            "v",
            "ch",
            "ll",
            "br",
            "tr",
            "pl",
        ],
        "aeiou",
        "nsrlaoe",
    )
    made: dict[str, None] = {}
    while len(made) < number:
        syllables = (chance.choice(starts) + chance.choice(vowels) for _ in range(3))
        made["".join(syllables) + chance.choice(ends)] = None
    return list(made)


def meaning_of(word: str, number: int, chance: random.Random) -> Meaning:
    """Give a well-filled meaning, as long as those that are in real files."""

    def text(length: int) -> list[str]:
        return [chance.choice(SMALL if n % 2 else CONTENT) for n in range(length)]

    before, after = text(5), text(4)
    return Meaning(
        word=word,
        id=f"sense_{number}",
        context=chance.choice(CONTENT),
        definition=" ".join(text(11)),
        example=f"{' '.join((*before, word, *after)).capitalize()}.",
        gapped=f"{' '.join((*before, GAP, *after)).capitalize()}.",
        ipa="[ˈka.sa]",
        prompt="A grandmother watering flowers in front of a small house by a river, morning light",
        emoji="🏠",
        article="la",
        note=" ".join(text(6)),
    )


def filled(words: int = WORDS, meanings: int = MEANINGS_IN_ALL, seed: int = 5) -> str:
    """Give the text of a staged file in which every word has its meanings."""
    chance = random.Random(seed)
    listed = words_of(words, chance)
    prepared: Batch = prepare_batch(Context.of(words=listed)).unwrap()[BATCH]
    entries = [
        FrozenMap(entry_of(meaning_of(listed[n * words // meanings], n, chance)))
        for n in range(meanings)
    ]
    return to_json(attrs.evolve(prepared, entries=tuple(entries)))


def plain_converter() -> cattrs.Converter:
    """Give a converter that knows our names for the fields, and nothing else."""
    converter = cattrs.Converter()
    names: dict[str, Any] = {
        one.name: override(rename="SpanishWord" if one.name == "word" else one.metadata["name"])
        for one in attrs.fields(Meaning)
        if one.metadata
    }
    hook = make_dict_structure_fn(Meaning, converter, **names)
    converter.register_structure_hook(Meaning, hook)
    return converter


def least(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Give the least CPU seconds of each, the contenders in turn in each round."""
    best = dict.fromkeys(contenders, math.inf)
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def main(rounds: int = 15) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batch.json"
        path.write_text(filled(), encoding="utf-8")
        files, converter = Files(folder), plain_converter()

        def floor() -> tuple[Meaning, ...]:
            saved = json.loads(path.read_text(encoding="utf-8"))
            return converter.structure(saved["meanings"], tuple[Meaning, ...])

        def loaded() -> Context:
            return load_file(key=BATCH, file_provider=files)(Context.of()).unwrap()

        def ingested() -> Context:
            return ingest_batch(loaded()).unwrap()

        def saved() -> Context:
            keep = save_file(key=VOCABULARY, file_provider=files, path=f"{time.time_ns()}.json")
            return pipe(done, keep).unwrap()

        def again() -> Context:
            return ingest_batch(done).unwrap()

        done = ingested()
        problems = [problem for report in done.reports for problem in report.problems]
        if done[MEANINGS] != floor() or problems:
            raise SystemExit(f"they do not read the same: {problems[:5]}")
        cost = least(
            {
                "json.loads + cattrs.structure": floor,
                "load_batch": loaded,
                "load_batch, ingest_batch": ingested,
                "ingest_batch again, all known": again,
                "save_file of the vocabulary": saved,
            },
            rounds,
        )
        size = path.stat().st_size
    base = cost["json.loads + cattrs.structure"]
    print(f"{MEANINGS_IN_ALL} meanings of {WORDS} words, {size / 1e6:.1f} MB: CPU ms, and ratio")
    for name, seconds in cost.items():
        print(f"  {name:<32}{seconds * 1e3:8.1f}{seconds / base:8.2f}")


if __name__ == "__main__":
    main()
