"""
Checking 10,000 different cards against making them of parsed JSON, and nothing more.

Run it on a quiet machine: `python tests/benchmarks/bench_validation.py`. The least CPU time of many
rounds is taken, the contenders in turn within each round. The floor is a plain cattrs converter on
the same records; it checks nothing but that the fields are there.
"""

import math
import random
import time
from collections.abc import Callable
from typing import Any

import attrs
import cattrs

from stages import CARDS, Card, Context, Meaning, validate_data
from stages.core.json import parsed, structured, to_json
from stages.records.meaning import GAP
from stages.records.vocabulary_card import card_of

NUMBER = 10_000

_TEXTS = (
    """abuela agua amigo árbol barco cabeza café calle camino canción ciudad cocina corazón cuaderno
    día escuela estación familia flor fruta gato gente habitación hermano historia jardín lápiz leche
    libro luz mañana mesa mundo música niño noche nube país pájaro papel parque película perro pescado
    piedra playa plaza pregunta pueblo puerta reloj río ropa semana silla sol sombrero tarde tienda
    verano pequeño azul grande viejo alegre canta corre duerme mira espera compra cerca lejos""",
    "el la los un una y que de en con por para no se su al más como está cuando donde",
    "b c d f g j l m n p r s t v ch ll br tr pl",
)
_CONTENT, _SMALL, _STARTS = map(str.split, _TEXTS)


def words_of(number: int, chance: random.Random) -> list[str]:
    """Give words that Spanish spelling could have, each once."""
    made: dict[str, None] = {}
    while len(made) < number:
        syllables = (chance.choice(_STARTS) + chance.choice("aeiou") for _ in range(3))
        made["".join(syllables) + chance.choice("nslaoe")] = None
    return list(made)


def card(word: str, number: int, chance: random.Random) -> Card:
    """Give the card of a well-filled meaning, as long as those that are in real files."""

    def text(length: int) -> list[str]:
        return [chance.choice(_SMALL if n % 2 else _CONTENT) for n in range(length)]

    before, after = text(5), text(5)
    return card_of(
        Meaning(
            word=word,
            id=f"sense_{number}",
            context=chance.choice(_CONTENT),
            definition=" ".join(text(11)),
            example=f"{' '.join((*before, word, *after)).capitalize()}.",
            gapped=f"{' '.join((*before, GAP, *after)).capitalize()}.",
            ipa="[ˈka.sa]",
            prompt=f"A grandmother watering flowers in front of a small house, {number} roses",
            emoji="🏠",
            article="la" if number % 3 else "",
            note=" ".join(text(6)) if number % 2 else "",
        )
    )


def least(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Give the least CPU seconds of each, the contenders in turn in each round."""
    best = dict.fromkeys(contenders, math.inf)
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def main(rounds: int = 7) -> None:
    """Print the table."""
    chance = random.Random(5)
    cards = tuple(
        card(word, number, chance) for number, word in enumerate(words_of(NUMBER, chance))
    )
    raw: Any = parsed(to_json(cards))
    converter, context = cattrs.Converter(), Context.of(cards=cards)
    spoilt = tuple(attrs.evolve(one, prompt=f"{one.prompt}\u200b") for one in cards)
    if converter.structure(raw, tuple[Card, ...]) != cards:
        raise SystemExit("they do not read the same")
    problems = validate_data(context).unwrap().reports[-1].problems
    cost = least(
        {
            "cattrs.structure": lambda: converter.structure(raw, tuple[Card, ...]),
            "our own, which is strict": lambda: structured(raw, tuple[Card, ...]),
            "validate_data": lambda: validate_data(context),
            "validate_data, each looked at": lambda: validate_data(Context.of(cards=spoilt)),
            "validate_data, each fixed": lambda: validate_data(fix=True)(Context.of(cards=spoilt)),
        },
        rounds,
    )
    base = cost["cattrs.structure"]
    print(f"{NUMBER} cards, {len(problems)} problems in {str(CARDS)!r}: CPU ms, and ratio")
    for name, seconds in cost.items():
        print(f"  {name:<32}{seconds * 1e3:8.1f}{seconds / base:8.2f}")


if __name__ == "__main__":
    main()
