"""Are the cards whole and right?"""

import re
from collections.abc import Iterator

from stages.base.validation_stage import validation_stage
from stages.core.problem import Problem, Severity
from stages.records.card import Card
from stages.records.keys import CARDS
from stages.records.meaning import GAP, gapped_form
from stages.records.word import names, unaccented

REQUIRED = ("Word", "Context", "Definition", "Example", "Gapped")
"""Fields without which a vocabulary card cannot be learnt."""


@validation_stage(CARDS)
def validate_data(cards: tuple[Card, ...]) -> Iterator[Problem]:
    """
    Check that every card is whole: its fields, its gap, its id.

    Problems:
        missing-field: A required field is empty.
        no-gap: The gapped sentence has no gap, or several that do not hide one form.
        same-card: An earlier card has the same id.
        gap-misfit: The gapped sentence is not the example with one form replaced (warning).
        answer-shown: The word, or what the gap hides, can be read where it is asked for (warning).
        other-accent: The gap hides the word with another accent, so another word (warning).
        example-is-definition: The example only repeats the definition (warning).
        same-example: Two cards have one example (warning).
        markup: A field holds what looks like HTML; the deck shows it as text (warning).
    """
    for card in cards:
        yield from _faults(card)
        yield from _given_away(card)
    ids: set[str] = set()
    for index, card in enumerate(cards):
        if card.id in ids:
            why = f"an earlier card is {card.id!r} already, and that one counts"
            yield Problem("same-card", f"cards[#{index}]", why, "give it another id")
        ids.add(card.id)
    seen: dict[str, str] = {}
    for card in cards:
        example = card.fields.get("Example", "")
        first = seen.setdefault(example, card.id)
        if example and first != card.id:
            yield _warning("same-example", card, "Example", f"it is the example of {first} too")


def _faults(card: Card) -> Iterator[Problem]:
    for name in REQUIRED:
        if not card.fields.get(name, "").strip():
            yield Problem("missing-field", f"cards[{card.id}].{name}", "it is empty", "fill it in")
    for name, text in card.fields.items():
        if "</" in text or "<br" in text or "/>" in text:
            yield _warning("markup", card, name, f"it holds HTML: {text!r:.60}")
    definition, example, gapped = (
        card.fields.get(n, "") for n in ("Definition", "Example", "Gapped")
    )
    form = gapped_form(example, gapped)
    if form:
        yield from _faults_of_gap(card, form, gapped)
    elif gapped and gapped.count(GAP) != 1:
        why = f"one {GAP} was expected, and {gapped.count(GAP)} found"
        yield Problem("no-gap", f"cards[{card.id}].Gapped", why, f"put {GAP} where the word was")
    elif gapped and example:
        why = f"it is not the example with a gap: {gapped!r} against {example!r}"
        yield _warning("gap-misfit", card, "Gapped", why)
    if definition and example.casefold().strip(" .") == definition.casefold().strip(" ."):
        yield _warning("example-is-definition", card, "Example", "it only repeats the definition")


def _given_away(card: Card) -> Iterator[Problem]:
    for name in ("Definition", "Context"):
        if names(card.fields.get(name, ""), card.word):
            yield _warning("answer-shown", card, name, f"it gives {card.word!r} away")


def _faults_of_gap(card: Card, form: str, gapped: str) -> Iterator[Problem]:
    if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", gapped, re.IGNORECASE):
        why = f"{form!r} is hidden, and can still be read in {gapped!r}"
        yield _warning("answer-shown", card, "Gapped", why)
    word = card.word.casefold()
    if form.casefold() != word and unaccented(form) == unaccented(word):
        yield _warning("other-accent", card, "Example", f"it has {form!r}, and not {card.word!r}")


def _warning(code: str, card: Card, field: str, why: str) -> Problem:
    return Problem(code, f"cards[{card.id}].{field}", why, severity=Severity.WARNING)
