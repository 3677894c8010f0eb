"""
How Spanish spelling sounds: rules from letters to IPA, without a dictionary.

The accent is neutral Latin American: s, c and z sound alike, and so do ll and y. Every word is said
by itself, so that the one before it changes nothing: "la boca" keeps the [b] of "boca". A word of
one syllable has no stress mark, with or without a written accent.
"""

import re
import unicodedata
from collections.abc import Sequence

_VOWELS = "aeiouáéíóú"
_VOWEL = f"[{_VOWELS}]"
_SOFT = "(?=[eiéí])"
"""Before e and i, c and g change, and u after g and q is silent."""

_FOREIGN = re.compile(
    "|".join(
        (
            "[^a-zñáéíóúü]",
            "[áéíóú].*[áéíóú]",
            "(?<!g)ü|ü(?![eiéí])",
            "q(?!u[aeioáéíó])",
            "w(?!h?[aeioáéíó])",
            f"(?<![c{_VOWELS}])h(?!{_VOWEL})|ch(?![w{_VOWELS}]|$)|^sh|[gkpt]h",
            f"(?<=[^{_VOWELS}])y(?!{_VOWEL}|s?$)",
            r"ck(?!$)|tc(?:h|$)|cc(?![eiéí])|([bdfgjkmpqstvwxzñ])\1",
        )
    )
)
"""What no Spanish word is spelled with: whoever writes it may say it in any way."""

# Each works on what the ones above it left. Until the end, z is the sound of z and of soft c, R that
# of rr, W that of hu; c, g, q, r, v and ñ stand for what they sound like everywhere.
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        # Names that kept the x of old, then every other x: wide in the middle, s in the beginning.
        (r"(?<=m[eé])x(?=i[cq])|(?<=^oa)x|(?<=^te)x(?=a)|^x(?=alap|av|im[eé]n)", "j"),
        ("^x", "s"),
        ("x", "ks"),
        # An s before a consonant gets a vowel in front, as in all Spanish mouths: status, stand.
        ("^s(?=[cfklmnpt])(?!c[eiéí])", "es"),
        # Beginnings that are written and not said: psicología, gnomo, mnemotecnia, pterodáctilo.
        ("^p(?=[nst])|^[gm](?=n)", ""),
        ("ch", "ʧ"),
        ("ck$", "k"),
        (f"c{_SOFT}", "z"),
        (f"j|g{_SOFT}", "x"),
        (f"(?<=[gq])u{_SOFT}", ""),
        ("ng$", "n"),
        ("ll$", "l"),
        # A syllable that begins with hi or hu begins with a consonant: hielo, deshuesar.
        (f"ll|y(?={_VOWEL})|(?<!{_VOWEL})hi(?={_VOWEL})", "ʝ"),
        ("hu(?=[aeioáéíó])", "W"),
        (f"(?<={_VOWEL})y", "j"),
        ("y", "i"),
        ("h", ""),
        ("(?<=^sub)r|(?<=[lns])r|^r|rr", "R"),
        # A weak vowel is a glide beside any other; of two weak ones, the first.
        ("i(?=[aeouáéíóú])|(?<=[aeoáéíóú])i", "j"),
        ("ü|u(?=[aeioáéíóú])|(?<=[aeoáéíóú])u", "w"),
        ("n(?=[bfmpv])", "m"),
        ("n(?=[cgkqx])", "ŋ"),
        # Stops after a pause or their own nasal, and d after l; soft elsewhere.
        ("(?<=[^m])[bv]", "β"),
        ("(?<=[^ln])d", "ð"),
        ("(?<=[^ŋ])g", "ɣ"),
    )
)
_SOUNDS = str.maketrans("cgqrvñ", "kɡkɾbɲ")
_IPA = str.maketrans(dict(zip("áéíóúRWʧ", (*"aeiourw", "tʃ"), strict=True)))

_CONSONANT = f"[^jw{_VOWELS}]"
_ONSET = f"(?:[pbβfkɡɣt]l|[pbβfkɡɣtdð]ɾ|{_CONSONANT})?[jw]?"
_SYLLABLE = re.compile(f"{_ONSET}{_VOWEL}[jw]??{_CONSONANT}{{0,3}}?(?={_ONSET}{_VOWEL}|$)")
_LAST_BUT_ONE = re.compile("(?:[aeiou]|(?<![aeiou])y)(?:ng?|s)?$")
"""The endings that need no accent where the last syllable but one is stressed."""


def pronounced(word: str, language: str = "es-419") -> str:
    """
    Give the IPA of a word, or of several, as the rules of spelling have it.

    It is empty for any other language than Spanish, and where the rules do not know: for digits,
    abbreviations and foreign spellings.

    Args:
        word: In any case, composed or not.
        language: A BCP 47 tag. Spain (es-ES) tells c and z from s; all others do not.

    >>> pronounced("trabajo"), pronounced("tener que"), pronounced("jazz")
    ('[tɾa.ˈβa.xo]', '[te.ˈneɾ ke]', '')
    >>> pronounced("corazón", "es-ES"), pronounced("coração", "pt-BR")
    ('[ko.ɾa.ˈθon]', '')
    """
    spoken, *regions = language.casefold().split("-")
    if spoken != "es":
        return ""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).casefold())
    words = [_word_in_ipa(one, lisped="es" in regions) for one in text.split()]
    return f"[{' '.join(words)}]" if words and all(words) else ""


def _word_in_ipa(word: str, *, lisped: bool) -> str:
    """Give the IPA of one word without brackets, or nothing where the rules do not know."""
    if _FOREIGN.search(word):
        return ""
    sounds = word
    for pattern, sound in _RULES:
        sounds = pattern.sub(sound, sounds)
    sounds = sounds.replace("z", "θ") if lisped else sounds.replace("sz", "s").replace("z", "s")
    sounds = sounds.translate(_SOUNDS)
    syllables = _SYLLABLE.findall(sounds)
    if "".join(syllables) != sounds:
        return ""  # more consonants in a row than Spanish says
    if len(syllables) > 1:
        stressed = _stressed(word, syllables)
        syllables[stressed] = f"ˈ{syllables[stressed]}"
    return ".".join(syllables).translate(_IPA)


def _stressed(word: str, syllables: Sequence[str]) -> int:
    """Give the index of the stressed syllable; of the two in rápidamente it is the one of -mente."""
    if not word.endswith("mente"):
        for index, syllable in enumerate(syllables):
            if re.search("[áéíóú]", syllable):
                return index
    # The vowel in front of an s that is spelled without one is never stressed: spa.
    spelled = int(word[0] == "s" and syllables[0] == "es")
    return max(spelled, len(syllables) - (2 if _LAST_BUT_ONE.search(word) else 1))
