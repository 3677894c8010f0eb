"""Are the cards whole and right?"""

from collections.abc import Iterator
from typing import Any

from stages.base.validation_stage import validation_stage
from stages.core.key import Key
from stages.core.problem import Problem, Severity
from stages.records.batch import Batch
from stages.records.card import Card
from stages.records.keys import BATCH, CARDS, MEANINGS, VOCABULARY
from stages.records.meaning import Meaning
from stages.records.schema import VOCABULARY_SCHEMA, Schema
from stages.records.vocabulary import Vocabulary
from stages.validation.data.faults import faults_of
from stages.validation.data.repeats import Repeats
from stages.validation.data.sheet import sheets_of


@validation_stage(CARDS, MEANINGS, VOCABULARY, BATCH)
def validate_data(
    value: tuple[Card, ...] | tuple[Meaning, ...] | Vocabulary | Batch,
    *,
    key: Key[Any] = CARDS,  # noqa: ARG001  # the value says itself what it is
    schemas: tuple[Schema, ...] = (),
) -> Iterator[Problem]:
    """
    Check that every card is whole and right: its fields, its gap, its letters.

    Args:
        value: What is checked.
        key: Where it stands: cards, or already meanings, a vocabulary or a batch.
        schemas: What the fields of a note type have to hold, where it is not the vocabulary's; the
            last one of a note type counts. Without one only letters and repeats are looked at.

    Problems:
        missing-field: A required field is empty.
        misfit: A field does not fit its rule in the schema (as severe as that says).
        no-gap: The gapped sentence has no gap, or gaps that hide different words.
        same-card: An earlier card has the same id.
        bad-entry: A staged entry is no object of texts.
        bad-text: A text has half a character, thousands of them, or accents in a pile.
        gap-misfit: The gapped sentence is not the example with the word hidden (warning).
        answer-shown: The word, or what the gap hides, can be read where it is asked for (warning).
        other-accent: The gap hides the word with another accent, so another word (warning).
        example-is-definition: The example only repeats the definition (warning).
        same-meaning: Two cards of a word have one definition (warning).
        same-example: Two cards have one example (warning).
        same-prompt: Two cards are to have one picture (warning).
        no-article: A Spanish or German noun stands without its article (warning).
        no-opening: A Spanish question or call lacks its ¿ or ¡ (warning).
        other-id: An id does not begin with its word, as one that came from elsewhere (warning).
        wrong-script: A text is not in the letters of its language (warning).
        wrong-language: Definition and example are in another language (warning).
        wrong-count: The file of a vocabulary says another number than it holds (warning).
        markup: A field holds HTML or the like; the deck shows it as text (warning).
        escape: A field holds a backslash before a sign (warning).
        invisible: A field holds what nobody sees, such as a soft hyphen (warning).
        decomposed: Accents stand beside their letters (warning).
        look-alike: A letter of another script stands in a word (warning).
        blanks: A field has blanks around it, two in a row, or odd ones (warning).
        lost-letter: A letter was lost, or is known to one font alone (warning).
    """
    known = {one.note_type: one for one in (VOCABULARY_SCHEMA, *schemas)}
    repeats = Repeats()
    if isinstance(value, Vocabulary):
        yield from _miscounts(value)
    for sheet in sheets_of(value):
        yield from faults_of(sheet, known.get(sheet.card.note_type), repeats)


def _miscounts(vocabulary: Vocabulary) -> Iterator[Problem]:
    for where, (said, found) in vocabulary.miscounted.items():
        why = f"the file says {said!r:.60}, and there are {found}"
        hint = "saving the vocabulary writes it right"
        yield Problem("wrong-count", where, why, hint, Severity.WARNING, f"{found}")
