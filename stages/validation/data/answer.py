"""Where the answer can be read, and which forms can be of a word."""

import re
import unicodedata

from stages.records.tongue import small_words
from stages.records.word import unaccented


def given_away(text: str, word: str, form: str, language: str) -> str:
    """
    Give what in a text shows the word that is asked for, or a form of it; empty where nothing does.

    A small word, such as a preposition, is in half of all sentences and gives nothing away.

    Args:
        text: A definition, or a word or two on the sense.
        word: As it is looked up.
        form: As the example has it.
        language: A BCP 47 tag.

    >>> given_away("una casa o varias casas", "casa", "casa", "es"), given_away("persona que se casará",
    ...     "casa", "casa", "es"), given_away("lugar de la sala", "de", "de", "es")
    ('casa', '', '')
    """
    if not may_show(text, word, form):
        return ""
    plain = unaccented(text)
    shapes, small = _shapes(word, form, language), small_words(language)
    for shape in sorted(shapes):
        ends = ("", "") if shape[0] >= _UNSPACED else (r"(?<!\w)", r"(?!\w)")
        if not shape.isalpha() or ends[0] == "":
            found = re.search(re.escape(shape).join(ends), plain)
            if found:
                return shape
    tokens: list[str] = re.findall(r"\w+", text.casefold())
    for token in tokens:
        if unaccented(token) in shapes and token not in small:
            return token
    return ""


def may_show(text: str, word: str, form: str) -> bool:
    """Tell at a glance whether a text may show a word; most show nothing like it."""
    plain = _in_ascii(text)
    return _stem(word) in plain or (form != word and _stem(form) in plain)


def _in_ascii(text: str) -> bytes:
    """Give the ASCII letters of a text without case and accents, and nothing else of it."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").lower()


def _stem(word: str) -> bytes:
    """Give with what every shape of a word begins, as far as it is in ASCII letters."""
    plain = _in_ascii(word)
    return plain[:-2] if len(plain) > _LONG else plain[:2]


def _shapes(word: str, form: str, language: str) -> set[str]:
    """Give in which shapes the word may stand in a text; none of a small one."""
    small, shapes = small_words(language), set()
    for one in {word, form}:
        plain = unaccented(one)
        is_small = one.casefold() in small or (not small and len(plain) <= _SHORT)
        unspaced = plain[:1] >= _UNSPACED
        if not plain or plain in small or (len(plain) == 1 if unspaced else is_small):
            continue
        shapes |= {plain, *_inflected(plain, language)}
    return shapes


_SHORT = 3
"""Where nobody here knows the small words of a language, words of so few letters may be such."""

_UNSPACED = "\u2e80"
"""From here on letters are of scripts that put no blanks between words."""

_VERB = re.compile("(.{2,})(ar|er|ir)(?:se)?")
_CLITICS = ("se", "lo", "la", "le", "me", "te", "nos", "los", "las", "les")


def _inflected(word: str, language: str) -> set[str]:
    """
    Give forms that are clearly of a word; it is folded, and so are they.

    >>> sorted(_inflected("luz", "es"))
    ['luces']
    """
    tongue = language.partition("-")[0].lower()
    if " " in word or not word.isalpha():
        return set()
    forms = {f"{word}{end}" for ends, end in _PLURALS.get(tongue, ()) if word.endswith(ends)}
    if word[-1] == "z" and tongue == "es":
        forms = {f"{word[:-1]}ces"}
    if word[-1] == "y" and tongue == "en":
        forms.add(f"{word[:-1]}ies")
    if tongue == "es" and (found := _VERB.fullmatch(word)):
        stem, kind = found[1], found[2]
        bare = f"{stem}{kind}"
        stems = ("ando", "aron", "aba", "aban") if kind == "ar" else ("iendo", "ieron", "ian")
        forms |= {f"{stem}{end}" for end in stems}
        forms |= {bare, *(f"{bare}{clitic}" for clitic in _CLITICS)}
        forms.add(f"{stem}{'an' if kind == 'ar' else 'en'}")
    return forms


_VOWELS = tuple("aeiou")
_PLURALS = {
    "de": (("", "e"), ("", "n"), ("", "en"), ("", "s"), ("", "es")),
    "en": (("", "s"), (("s", "x", "z", "ch", "sh", "o"), "es")),
    "es": ((_VOWELS, "s"), (tuple("lrndjyiu"), "es")),
    "fr": (("", "s"), ("", "x")),
    "pt": ((_VOWELS, "s"), (tuple("rz"), "es")),
}
"""How words of a language end in the plural and its like, by how they end before."""


def is_akin(form: str, word: str) -> bool:
    """
    Tell whether a form may be of a word; only what has nothing to do with it is not.

    Of a hundred thousand forms in the dictionaries of six languages it says no to fewer than thirty,
    nearly all of verbs whose forms come from other stems; the usual of these are known here.

    >>> is_akin("soy", "ser"), is_akin("huelen", "oler"), is_akin("abuela", "casa")
    (True, True, False)
    """
    if form[:1].casefold() == word[:1].casefold():  # nearly always
        return True
    one, other = unaccented(form), unaccented(word)
    if min(len(one), len(other)) < _LONG or one[0] == other[0] or one[0] >= _UNSPACED:
        return True
    if any(stem in _OF_OTHER_STEMS for stem in other.split()):
        return True
    one = one.removeprefix("ge")
    return one[:1] == other[0] or any(
        one[at : at + _SHARED] in other for at in range(len(one) - _SHARED + 1)
    )


_LONG = 4
_SHARED = 3

_OF_OTHER_STEMS = frozenset(
    [
        "oler",
        "erguir",
        "caber",
        "malo",
        "bueno",
        "irse",
        "esqui",
        "sein",
        "essen",
        "mogen",
        "etre",
        "avoir",
        "aller",
        "essere",
        "avere",
        "andare",
        "uscire",
        "udire",
        "good",
        "well",
        "have",
        "person",
    ]
)
"""Words whose forms share no letters with them; folded."""


def is_other_accent(form: str, word: str, language: str) -> bool:
    """
    Tell whether a form is the word with another accent, and so another word.

    Only languages are judged whose forms never differ by an accent alone, as German plurals do; a
    capital may lack its accent.

    >>> is_other_accent("solo", "sólo", "es"), is_other_accent("Väter", "Vater", "de")
    (True, False)
    """
    if language.partition("-")[0].lower() not in _ACCENTED or form == word:
        return False
    one, other = form.casefold(), word.casefold()
    if one == other or unaccented(one) != unaccented(other):
        return False
    return one[1:] != other[1:] or form[0].islower() or language.startswith("es")


_ACCENTED = frozenset({"es", "fr", "it", "pt"})
