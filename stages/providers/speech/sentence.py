"""How a Spanish sentence sounds: its words by the rules of spelling, in phrases, without a dictionary."""

import re
import unicodedata

from stages.records.pronunciation import pronounced


def transcribed(text: str, language: str) -> str:
    """
    Give the IPA of a sentence, a bar where its punctuation has a pause.

    It is empty where the rules do not know one of its words, as they know no digits and no
    abbreviations, and for any other language than Spanish.

    >>> transcribed("¡Hola, Ana! El sol sale para ti.", "es-419")
    '[ˈo.la | ˈa.na | el ˈsol ˈsa.le pa.ɾa ˈti]'
    >>> transcribed("Tengo 3 gatos.", "es-419"), transcribed("Das Haus.", "de")
    ('', '')
    """
    composed = unicodedata.normalize("NFC", text)
    phrases = [phrase for phrase in re.split(r"[^\w\s'’-]+", composed) if phrase.strip()]
    spoken = [[_stressed(word, language) for word in phrase.split()] for phrase in phrases]
    if not spoken or not all(map(all, spoken)):
        return ""
    return f"[{' | '.join(' '.join(words) for words in spoken)}]"


def _stressed(word: str, language: str) -> str:
    """Give the IPA of a word among others: those that lean on the next one have no stress."""
    if word.isupper() and len(word) > 1:  # letter by letter, perhaps: EE. UU.
        return ""
    ipa = pronounced(word, language).strip("[]")
    if word.casefold() in _LEANING:
        return ipa.replace("ˈ", "")
    return ipa if not ipa or "ˈ" in ipa else f"ˈ{ipa}"


# Articles and what stands for a noun, whose it is, where and how, and what joins two clauses.
_LEANING = frozenset(
    re.findall(
        r"\w+",
        """
        el la los las lo me te se le les nos os mi mis tu tus su sus a al ante bajo con contra cual
        cuando de del desde donde e en entre hacia hasta ni o para pero por porque pues que quien si
        sin sino sobre tras u y aunque como mas
        """,
    )
)
