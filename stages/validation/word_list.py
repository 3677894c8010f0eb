"""A list of words as a person wrote it: what is doubtful about its lines."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from stages.core.problem import Problem, Severity
from stages.records.entry import fault_of
from stages.records.tongue import scripts_of
from stages.validation.data.letters import oddities, tidied

_LONGEST = 60
_MOST_WORDS = 5
"""What is longer is a sentence rather than a word."""

_ODD = re.compile(r"[0-9<>{}\[\]@=*_\\|&^~]")
"""What stands in no word."""

_ACCENTS = re.compile("[\u0300-\u0302]")

_SHORT = 3
"""So short, words that differ in an accent alone are mostly two words, such as él and el."""

_TOLD_APART = re.compile(
    "(a?donde|como|cual(es)?|cuando|cuant[ao]s?|est[ae][ns]|hacia|quien(es)?|sabia|serias?)"
)
"""Longer words of Spanish that have a twin with an accent."""


def list_problems(words: Iterable[tuple[str, str]], language: str) -> Iterator[Problem]:
    """
    Tell what is doubtful about a list of words.

    Args:
        words: Where each stands, such as "line 3", and the word.
        language: A BCP 47 tag.

    Problems:
        bad-word: It cannot be written, or has no letter.
        invisible: It has a character that nobody sees, and so is another word.
        look-alike: It has a letter that only looks right, and so is another word.
        wrong-script: It is not in the letters of the language.
        markup, escape, blanks, lost-letter: It has what belongs to no word (warning).
        same-word: It stands there already (warning).
        twin: It differs in case or accents alone from one that stands there already (warning).
        odd-word: It has a digit or what looks like markup, or is a whole sentence (warning).

    >>> for one in list_problems([("line 1", "árbol"), ("line 4", "arbol")], "es-419"):
    ...     print(one)
    line 4: 'arbol' differs from 'árbol' at line 1 by case or accents alone (keep one of them)
    """
    places: dict[str, str] = {}
    alike: dict[str, str] = {}
    for where, word in words:
        found = tuple(_faults(word, where, language))
        yield from found
        if any(one.severity is Severity.ERROR for one in found):
            continue
        first = alike.setdefault(_folded(word), word)
        if word in places:
            why = f"{word!r} stands at {places[word]} already"
            yield Problem("same-word", where, why, "the first one counts", Severity.WARNING)
        elif first != word and not _are_two(first, word, language):
            why = f"{word!r} differs from {first!r} at {places[first]} by case or accents alone"
            yield Problem("twin", where, why, "keep one of them", Severity.WARNING)
        places.setdefault(word, where)


def _faults(word: str, where: str, language: str) -> Iterator[Problem]:
    """Tell what is wrong with one word; of what makes it unusable, the first."""
    scripts = scripts_of(language)
    letters = [letter for letter in word if letter.isalpha()]
    if why := fault_of(word):
        yield Problem("bad-word", where, why, "write it again")
        return
    if not letters:
        yield Problem("bad-word", where, f"{word!r:.80} has no letter", _ONE_A_LINE)
        return
    meant = tidied(word, language)
    told = (*meant.whys.items(), *oddities(meant.text))
    for code, why in told:
        severity = Severity.ERROR if code in _DECEIVING else Severity.WARNING
        fix = meant.text if code in meant.whys and meant.certain else None
        yield Problem(code, where, f"{word!r:.80}: {why}", fix or "type it again", severity, fix)
    if told:
        return
    if scripts and not any(unicodedata.name(one, "").startswith(scripts) for one in letters):
        script = unicodedata.name(letters[0], "other").partition(" ")[0].title()
        why = f"{word!r:.80} is in {script} letters, and {language} is not"
        yield Problem("wrong-script", where, why, "check it in its own language")
    elif odd := _ODD.search(word):
        why = f"{word!r:.80} has {odd[0]!r} in it"
        yield Problem("odd-word", where, why, "look at it", Severity.WARNING)
    elif len(word) > _LONGEST or len(word.split()) > _MOST_WORDS:
        why = f"{word!r:.80} is long for a word"
        yield Problem("odd-word", where, why, _ONE_A_LINE, Severity.WARNING)


_ONE_A_LINE = "a list has a word on each line"

_DECEIVING = frozenset({"invisible", "look-alike"})
"""With these a word is another one than a person sees."""


def _folded(word: str) -> str:
    """
    Give a word without case and the accents that people leave out; ñ, ü and ç are other letters.

    >>> _folded("Árbol"), _folded("año") == _folded("ano")
    ('arbol', False)
    """
    apart = unicodedata.normalize("NFD", word.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def _are_two(first: str, word: str, language: str) -> bool:
    """
    Tell whether both may be meant: in German for their case, in Spanish for their accents.

    >>> _are_two("solo", "sólo", "es"), _are_two("hablo", "habló", "es"), _are_two("si", "sí", "es")
    (False, True, True)
    >>> _are_two("Morgen", "morgen", "DE"), _are_two("tache", "tâche", "fr")
    (True, True)
    """
    tongue = language.partition("-")[0].lower()
    if first.casefold() == word.casefold():
        return tongue == "de"
    if tongue != "es":
        return True
    plain = _folded(word)
    by_its_end = plain[-1] in "aeo" and first.casefold()[:-1] == word.casefold()[:-1]
    return len(word) <= _SHORT or bool(_TOLD_APART.fullmatch(plain)) or by_its_end
