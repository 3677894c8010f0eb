"""Which words are nouns, as far as their sentences show it."""

import re


def is_bare_noun(word: str, form: str, before: str, definition: str, language: str) -> bool:
    """
    Tell whether a word that stands without article is clearly a noun.

    An article may stand before an adjective, and what looks like one may be a pronoun; so the
    sentence and the definition both have to say it. Languages without such a rule are not judged.

    Args:
        word: As the card has it.
        form: As the example has it.
        before: What stands before the form in the example.
        definition: Of the word.
        language: A BCP 47 tag.

    >>> is_bare_noun("casa", "casa", "Vivo en una ", "edificio donde se vive", "es-419")
    True
    >>> is_bare_noun("rojo", "rojo", "Compré un ", "que tiene el color de la sangre", "es-419")
    False
    """
    tongue = language.partition("-")[0].lower()
    if tongue == "de":
        is_noun = word[:1].isupper() and form[:1].isupper() and " " not in word
        return is_noun and _GERMAN.search(before) is not None
    if tongue != "es" or " " in word or not word.isalpha():
        return False
    if definition.startswith("sustantivo "):
        return True
    opener = definition.partition(" ")[0].casefold().strip(",.:;()")
    return (
        word[-2:] not in _VERBAL
        and word.casefold() not in _BEFORE_NOUNS
        and opener not in _NO_NOUN
        and not opener.endswith(_OPENERS)
        and _ARTICLE.search(before) is not None
    )


_GERMAN = re.compile(r"\b(?:der|die|das|den|dem|des|eine?[mnrs]?|keine?[mnrs]?) $", re.IGNORECASE)
_ARTICLE = re.compile(
    r"\b(?:el|la|los|las|del|al|una?|unos|unas|mis?|tus?|sus?|cada|otr[oa]|es[ea]|est[ea]) $",
    re.IGNORECASE,
)
"""What stands before a noun; before a verb some are pronouns, and verbs are told by their ends."""

_VERBAL = ("ar", "er", "ir", "ír")

_BEFORE_NOUNS_TEXT = """\
    bueno malo gran grande pequeño nuevo viejo mejor peor mayor menor primero primer segundo
    tercero último único próximo siguiente anterior mismo propio otro cierto solo mucho poco
    demasiado tanto cuánto varios ambos todo medio uno dos tres cuatro cinco seis siete ocho
    nueve diez cien mil más menos que cual cuyo no casi muy tan ya"""
_BEFORE_NOUNS = frozenset(_BEFORE_NOUNS_TEXT.split())
"""What stands between an article and its noun."""

_OPENERS = (
    *_VERBAL,
    "arse",
    "erse",
    "irse",
    "ado",
    "ido",
    "ada",
    "ida",
    "al",
    "ico",
    "ica",
    "oso",
    "osa",
)
_NO_NOUN_TEXT = """\
    que de del con sin muy más menos lo se cuando como en por para a algo alguien hace hacia
    no poco bastante mejor peor grande pequeño nuevo igual mismo diferente distinto primero
    segundo último otro dicho tan contento recién adjetivo adverbio verbo preposición
    conjunción pronombre artículo interjección numeral número indica expresa describe usado
    sobre entre ni tiene está es ser estar forma palabra"""
_NO_NOUN = frozenset(_NO_NOUN_TEXT.split())
"""How the definitions of what is no noun begin, or may."""
