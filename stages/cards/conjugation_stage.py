"""Verb forms to cards."""

from collections.abc import Iterable, Iterator

from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import stage
from stages.records.card import Card
from stages.records.conjugation import Conjugation
from stages.records.keys import CARDS, CONJUGATIONS
from stages.records.note_types import CONJUGATION_NOTE


@stage(needs=[CONJUGATIONS], uses=[CARDS], gives=[CARDS])
def make_conjugation_cards(context: Context) -> Outcome:
    """
    Make one card of every verb form, in their order; cards of other kinds stay before them.

    Problems:
        no-gap: The sentence does not show where the form belongs, so the card asks without it
            (warning).
    """
    forms = context[CONJUGATIONS].forms
    others = (one for one in context.get(CARDS, ()) if one.note_type != CONJUGATION_NOTE.name)
    cards = tuple(map(conjugation_card_of, forms))
    message = f"made {len(cards)} cards"
    context = context.put(CARDS, (*others, *cards))
    return Success(context.report(message, problems=_doubts(forms)))


def conjugation_card_of(one: Conjugation) -> Card:
    """
    Say what the card of a verb form says.

    >>> card = conjugation_card_of(Conjugation(id="hablar_yo", form="hablo", infinitive="hablar",
    ...     sentence="Yo _____ español.", hint="presente, yo"))
    >>> card.fields["Sentence"], card.fields["Example"]
    ('Yo _____ español.', 'Yo hablo español.')
    """
    return Card(
        id=one.id,
        note_type=CONJUGATION_NOTE.name,
        word=one.form,
        language=one.language,
        caption=one.infinitive,
        example=one.example,
        fields=FrozenMap(
            {
                "Form": one.form,
                "Infinitive": one.infinitive,
                "Sentence": one.gapped,
                "Example": one.example,
                "Extra": one.hint,
                "Add Reverse": "1" if one.reverse else "",
            }
        ),
        tags=("fluent-stages", "conjugation"),
    )


def _doubts(forms: Iterable[Conjugation]) -> Iterator[Problem]:
    for one in forms:
        if not one.gapped:
            where = f"conjugations[{one.id}].Sentence"
            why = f"neither a gap nor {one.form!r:.60} stands in it: {one.sentence!r:.60}"
            cure = "write _____ where the form belongs"
            yield Problem("no-gap", where, why, cure, Severity.WARNING)
