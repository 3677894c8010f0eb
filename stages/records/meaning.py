"""One distinct meaning of a word: one mental image, and so one card."""

import re

import attrs


def _told(name: str, what: str) -> dict[str, str]:
    """Give what a field is called in files, and what whoever fills it in is told."""
    return {"name": name, "what": what}


@attrs.frozen(kw_only=True)
class Meaning:
    """
    One distinct meaning of a word, as a lexicon, a person or Claude gives it.

    Attributes:
        word: The word as it is looked up, without article.
        id: Names the meaning among those of its word, such as "home".
        context: The sense in a word or two of the language itself.
        definition: In the language itself, without the word.
        example: A sentence with one form of the word.
        gapped: The example with that form replaced by `GAP`.
        ipa: The pronunciation of the word alone, in square brackets.
        prompt: What a picture of it shows; empty where nobody said.
        emoji: One to three emoji that show it; empty where none does.
        article: Of a noun, such as "la"; empty for all else.
        note: A word on use; may be empty.
        language: A BCP 47 tag.
        card: The id that its card was given elsewhere; empty where it is made of word and id.
    """

    word: str = attrs.field(
        metadata=_told("Word", "the word, exactly as it was given, without article")
    )
    id: str = attrs.field(
        metadata=_told(
            "MeaningID",
            "names this meaning among those of the word: a short lower-case English name, such as"
            " home",
        )
    )
    context: str = attrs.field(
        metadata=_told("MeaningContext", "the sense in one to three words of the language")
    )
    definition: str = attrs.field(
        metadata=_told(
            "MonolingualDef",
            "a simple definition in the language, without the word itself or a form of it",
        )
    )
    example: str = attrs.field(
        metadata=_told(
            "ExampleSentence",
            "a natural sentence in the language with exactly one form of the word",
        )
    )
    gapped: str = attrs.field(
        metadata=_told("GappedSentence", "the example with that form replaced by _____")
    )
    ipa: str = attrs.field(
        metadata=_told(
            "IPA",
            "of the word alone, such as [tɾa.ˈβa.xo]: square brackets, dots between syllables, ˈ"
            " before the stressed one of several",
        )
    )
    prompt: str = attrs.field(
        default="",
        metadata=_told(
            "prompt",
            "what a picture of this meaning shows: one clear subject and one action, and no writing",
        ),
    )
    emoji: str = attrs.field(
        default="",
        metadata=_told("Emoji", "one to three emoji that show this meaning; empty where none does"),
    )
    article: str = attrs.field(
        default="",
        metadata=_told("Article", "if the word is a noun, its article, such as la; else empty"),
    )
    note: str = attrs.field(
        default="", metadata=_told("UsageNote", "a word on use, if one is needed; else empty")
    )
    language: str = "es-419"
    card: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from every other: word, id and language."""
        return self.word, self.id, self.language

    @property
    def card_id(self) -> str:
        """
        Names the card of this meaning: the word and the meaning's id, unless it has one already.

        >>> Meaning(word="tener que", id="must", context="", definition="", example="",
        ...         gapped="", ipa="").card_id
        'tener_que_must'
        """
        return self.card or f"{self.word.replace(' ', '_')}_{self.id}"


GAP = "_____"
"""What stands in a gapped sentence where the word was."""


def gapped_form(example: str, gapped: str) -> str:
    """
    Give the word form that the gap hides; empty where the gapped sentence does not fit the example.

    Several gaps fit if they all hide one form, as the two of a paired conjunction do.

    >>> gapped_form("Vivo en una casa azul.", "Vivo en una _____ azul.")
    'casa'
    >>> gapped_form("No quiero ni té ni pan.", "No quiero _____ té _____ pan.")
    'ni'
    >>> gapped_form("Vivo en una casa azul.", "Vivo en una casa azul.")
    ''
    """
    *parts, end = gapped.split(GAP)
    if not parts:
        return ""
    size, odd = divmod(len(example) - len("".join(parts)) - len(end), len(parts))
    forms, at = [], 0
    for part in parts:
        forms.append(example[at + len(part) : at + len(part) + size])
        at += len(part) + size
    form = forms[0]
    again = "".join(f"{part}{one}" for part, one in zip(parts, forms, strict=True)) + end
    alike = {one.casefold() for one in forms} == {form.casefold()}
    fits = size > 0 and not odd and form.strip() == form and alike and again == example
    return form if fits else ""


def hiding(word: str, example: str) -> str:
    """
    Give an example with a gap wherever the word itself stands.

    >>> hiding("tener que", "¡Tener que ir es tener que ir!")
    '¡_____ ir es _____ ir!'
    """
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GAP, example, flags=re.IGNORECASE)
