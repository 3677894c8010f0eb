"""What is said twice: a card, a meaning, a sentence, a picture."""

from collections.abc import Iterator

import attrs

from stages.core.problem import Problem, Severity
from stages.validation.data.sheet import Sheet


@attrs.define
class Repeats:
    """What was said so far, and where it was first."""

    cards: dict[str, str] = attrs.Factory(dict)
    meanings: dict[tuple[str, str, str], str] = attrs.Factory(dict)
    examples: dict[str, str] = attrs.Factory(dict)
    prompts: dict[str, str] = attrs.Factory(dict)

    def same_card(self, sheet: Sheet) -> Iterator[Problem]:
        """Tell whether an earlier one has the id of a card."""
        first = self.cards.setdefault(sheet.card.id, sheet.where)
        if first != sheet.where:
            why = f"{first} is {sheet.card.id!r} already, and that one counts"
            yield Problem("same-card", sheet.where, why, "give it another id")

    def same_texts(
        self, sheet: Sheet, cores: tuple[str, str, str], names: tuple[str, str]
    ) -> Iterator[Problem]:
        """
        Tell which texts of a card an earlier one has as well; an empty one is none.

        Args:
            sheet: What has the texts.
            cores: The `core` of its definition, its example and its prompt.
            names: What the fields of the two are called.
        """
        card, where = sheet.card, sheet.where
        definition, example, prompt = cores
        found = []
        if definition:
            sense = (card.language, card.word, definition)
            first = self.meanings.setdefault(sense, where)
            if first != where:
                found.append((first, names[0], "meaning", f"{card.word!r:.60} is defined so by"))
        if example:
            first = self.examples.setdefault(example, where)
            if first != where:
                found.append((first, names[1], "example", "it is the example of"))
        if prompt:
            first = self.prompts.setdefault(prompt, where)
            if first != where:
                found.append((first, "prompt", "prompt", "it is what is drawn for"))
        for first, name, what, why in found:
            code, told, hint = f"same-{what}", f"{why} {first} too", _HINTS[what]
            yield Problem(code, sheet.at(name), told, hint, Severity.WARNING)


_HINTS = {
    "meaning": "cut one of the two, or say how they differ",
    "example": "write another sentence",
    "prompt": "have something else drawn",
}


def core(text: str) -> str:
    """
    Give what makes a sentence the same one.

    >>> core("¡Mi casa!")
    'mi casa'
    """
    bare = text.strip(" ¿?¡!.…,;:«»“”\"'()")
    return f"{bare[:1].lower()}{bare[1:]}"
