"""
What is found of errors in pronunciations, and what is taken for one and is none.

Run it on a list of words and their segments, `word<TAB>s e ɡ m e n t s` a line:
`python tests/benchmarks/bench_ipa_detection.py LIST [--language es-419] [--espeak] [--dictionary FILE]`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from stages.records.verdict import IpaVerdict, Reference
from stages.validation.ipa import judge
from tests.validation.seeding import (
    ERRORS,
    FOUND,
    NO_STRESS,
    Line,
    Row,
    Trial,
    counted,
    form_of,
    right_ones,
    rows_in,
    whole,
    wrong_ones,
)

OUTCOMES = ("ok", "fixed", "no-stress", "warn", "reject", "unverified")
SHOWN = 12
"""So many misses and false alarms of a kind are printed."""


def dictionary(path: Path) -> Callable[[Trial], IpaVerdict]:
    """
    Judge as the earlier system did: right is what a dictionary has, letter by letter.

    Brackets are stripped; a word that it does not have is wrong. A line is `word<TAB>/ipa/`.
    """
    known = {}
    for line in path.read_text("utf-8").splitlines():
        word, _, ipa = line.partition("\t")
        known[word] = ipa.strip("/")

    def judged(trial: Trial) -> IpaVerdict:
        inner = trial.ipa.strip("[]/")
        verdict = "ok" if known.get(trial.word.lower()) == inner else "reject"
        return IpaVerdict(
            word=trial.word,
            ipa=trial.ipa,
            language=trial.language,
            verdict="ok" if verdict == "ok" else "reject",
            normalised=inner,
        )

    return judged


def references(words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
    """Ask eSpeak NG for all of them."""
    from stages.providers.pronunciations import EspeakReferences

    return dict(EspeakReferences(language).references(words, language))


def with_references(rows: Sequence[Row], languages: Iterable[str]) -> Callable[[Trial], IpaVerdict]:
    """Judge with what eSpeak NG says."""
    words = list(dict.fromkeys(row.word for row in rows))
    known = {language: references(words, language) for language in languages}

    def judged(trial: Trial) -> IpaVerdict:
        return judge(
            trial.word, trial.ipa, trial.language, known[trial.language].get(trial.word, ())
        )

    return judged


def alone(trial: Trial) -> IpaVerdict:
    """Judge without any reference."""
    return judge(trial.word, trial.ipa, trial.language)


def table(title: str, lines: Iterable[Line], found: Sequence[str]) -> None:
    """Print what became of each kind, in per cent; first, what counts as found."""
    print(f"\n{title:<20}{'n':>7}{'found':>9}" + "".join(f"{one:>12}" for one in OUTCOMES))
    for line in lines:
        shares = "".join(f"{100 * line.share(one):12.2f}" for one in OUTCOMES)
        print(f"{line.kind:<20}{line.outcomes.total():>7}{100 * line.share(*found):9.2f}{shares}")


def examples(title: str, lines: Iterable[Line]) -> None:
    """Print some of what went wrong."""
    for line in lines:
        if line.astray:
            shown = line.astray[:: max(1, len(line.astray) // SHOWN)][:SHOWN]
            print(f"{title} {line.kind}: " + ", ".join(f"{one.word} {one.ipa}" for one in shown))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("--language", default="es-419")
    parser.add_argument("--espeak", action="store_true")
    parser.add_argument("--dictionary", type=Path)
    parser.add_argument("--most", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rows = rows_in(given.list)
    spanish = given.language.startswith("es")
    kinds = ERRORS if spanish else ("other-word", "unknown-symbol")
    wrong = [
        Trial(
            kind=one.kind,
            word=one.word,
            ipa=one.ipa,
            wrong=True,
            language=one.language if spanish else given.language,
        )
        for one in wrong_ones(
            rows,
            most=given.most,
            seed=given.seed,
            kinds=kinds,
            formed=form_of if spanish else whole,
        )
    ]
    right = list(right_ones(rows, given.language))
    judges: dict[str, Callable[[Trial], IpaVerdict]] = {"ours": alone}
    if given.espeak:
        judges["ours with eSpeak NG"] = with_references(
            rows, {one.language for one in (*wrong, *right)}
        )
    if given.dictionary:
        judges["exact dictionary"] = dictionary(given.dictionary)
    for name, judged in judges.items():
        start = time.perf_counter()
        found, alarms = counted(wrong, judged), counted(right, judged)
        each = (time.perf_counter() - start) / (len(wrong) + len(right))
        print(f"\n== {name}: {given.list.name}, {len(rows)} rows, {each * 1e6:.0f} µs each")
        # Lists of other languages lack the stress: that mark is no find.
        finds = (*FOUND, NO_STRESS) if spanish else FOUND
        table("wrong ones", found.values(), finds)
        table("right ones", alarms.values(), finds)
        examples("not found:", found.values())
        examples("rejected:", alarms.values())


if __name__ == "__main__":
    main()
