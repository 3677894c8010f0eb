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
        ("ng(?=[kst]|$)", "n"),
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


def _compiled(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), letters) for pattern, letters in rules)


# How those who speak Spanish read what is not spelled as Spanish is.
_RESPELLED = _compiled(
    ("['’ʼ`-]", ""),
    ("t?sch(?![aeiouáéíóú])|(?<!de)sh", "ʃ"),
    ("t(?:ch|x)", "ch"),
    ("ch(?=[lmn])", "k"),
    ("^wr", "r"),
    ("ph", "f"),
    ("[kg]h", "g"),
    ("(?<=[prtw])h", ""),
    ("c?k+|c?q(?!u[eiéí])|cc(?![eiéí])", "k"),
    ("ç", "z"),
    (r"([bdfgjmnpstvwxzñ])\1", r"\1"),
    ("ll(?![aeiouáéíóú])", "l"),
    (f"(?<=[^{_VOWELS}])y(?!{_VOWEL})", "i"),
    (f"w(?!{_VOWEL})", "u"),
    ("(?<!g)ü|ü(?![eiéí])", "u"),
    (f"(?<!c)h(?!{_VOWEL})", ""),
)
_ENGLISH = _compiled(
    ("ee", "i"),
    ("oo|ou", "u"),
    ("^g(?=[ei])|^j|(?<=n)j", "y"),
    (f"(?<![^{_VOWELS}])h(?={_VOWEL})", "j"),
)
_OTHERWISE = (
    (),
    _compiled((f"(?<![^{_VOWELS}])h(?={_VOWEL})", "j")),
    _compiled(("w", "b"), ("lly|lli", "li")),
    _compiled(("sh", "s"), ("^x", "ʃ")),
    _compiled(("^x", "j")),
    _ENGLISH,
)
_NAMES = dict(
    pair.split("=")
    for pair in re.findall(
        r"\S+",
        """
        b=be c=ce d=de f=efe g=ge h=hache j=jota k=ka l=ele m=eme n=ene ñ=eñe p=pe q=cu r=erre
        s=ese t=te v=uve w=uvedoble x=equis y=ye z=zeta
        """,
    )
)
"""What letters are called."""

_LONGEST = 5
_READ = re.compile("[a-zñáéíóúüʃ]+$")

_MAYBE = re.compile("^i|[aeo]h|tran|^pos|bs|s[eé]p|^abr", re.IGNORECASE)
_ALSO = _compiled(
    ("ah(?=[aá])|eh(?=[eé])|oh(?=[oó])", ""),
    (f"(?<=tra)n(?=s[^{_VOWELS}])|(?<=^pos)t(?=[^{_VOWELS}])", ""),
    (f"(?<=[ou])b(?=s[^{_VOWELS}])|(?<=s[eé])p(?=t[^{_VOWELS}]|ti[emo])", ""),
    ("(?<=^ab)r(?=o[gt])", "rr"),
)
"""What many say otherwise than it is spelled: alcohol, transporte, obscuro, septiembre, abrogar."""


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


def guessed(word: str, language: str = "es-419") -> tuple[str, ...]:
    """
    Give how one word may be said whose spelling the rules do not know: a name, a loanword, letters.

    >>> guessed("hockey"), guessed("ONU"), guessed("4x4")
    (('[o.ˈkej]', '[xo.ˈkej]'), ('[ˈo.nu]', '[o.e.ne.ˈu]'), ())
    """
    spoken, *regions = language.casefold().split("-")
    if spoken != "es":
        return ()
    composed = unicodedata.normalize("NFC", word)
    text = unicodedata.normalize("NFC", composed.casefold())
    ways = [_respelled(_respelled(text, rules), _RESPELLED) for rules in _OTHERWISE]
    found: list[str] = []
    for way in dict.fromkeys(ways):
        if _READ.match(way) and (ipa := _said(way, lisped="es" in regions, loose=True)):
            found.append(f"[{ipa}]")
            if way[0] == "s" and ipa.startswith("es."):
                found.append(f"[{_without_first_vowel(ipa)}]")
    if _READ.match(text) and (len(text) == 1 or (composed.isupper() and len(text) <= _LONGEST)):
        found.append(f"[{_letter_by_letter(text, lisped='es' in regions)}]")
    return tuple(dict.fromkeys(found))


def _without_first_vowel(ipa: str) -> str:
    """Give spam of es.ˈpam."""
    shorter = re.sub(r"^es\.(ˈ?)", r"\1s", ipa)
    return shorter if "." in shorter else shorter.replace("ˈ", "")


def _letter_by_letter(text: str, *, lisped: bool) -> str:
    """Give how letters are read out: the last one has the stress."""
    *others, last = (_said(_NAMES.get(letter, letter), lisped=lisped) for letter in text)
    stressed = last if "ˈ" in last or not others else f"ˈ{last}"
    return ".".join((*(other.replace("ˈ", "") for other in others), stressed))


def also_pronounced(word: str, language: str = "es-419") -> tuple[str, ...]:
    """
    Give how many say a word otherwise than the rules have it.

    >>> also_pronounced("transporte"), also_pronounced("casa")
    (('[tɾas.ˈpoɾ.te]',), ())
    """
    if not _MAYBE.search(word):
        return ()
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).casefold())
    shorter = _respelled(text, _ALSO)
    ways = [pronounced(shorter, language)] if shorter != text else []
    if re.match("i[oó]", text):  # a vowel of its own: ion, iónico
        ways.append(re.sub(r"^\[(ˈ?)j", r"[i.\1", pronounced(word, language)))
    return tuple(filter(None, ways))


def syllables(sounds: str) -> tuple[str, ...]:
    """
    Part IPA without marks into the syllables that Spanish makes of it; nothing where it makes none.

    >>> syllables("tɾabaxo")
    ('tɾa', 'ba', 'xo')
    """
    found = _SYLLABLE.findall(sounds)
    return tuple(found) if "".join(found) == sounds else ()


def _word_in_ipa(word: str, *, lisped: bool) -> str:
    """Give the IPA of one word without brackets, or nothing where the rules do not know."""
    return "" if _FOREIGN.search(word) else _said(word, lisped=lisped)


def _respelled(word: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, letters in rules:
        word = pattern.sub(letters, word)
    return word


def _said(word: str, *, lisped: bool, loose: bool = False) -> str:
    """
    Give the IPA of a word of Spanish letters, or nothing where Spanish has no such syllables.

    A loose answer is without syllables and stress there.
    """
    sounds = word
    for pattern, sound in _RULES:
        sounds = pattern.sub(sound, sounds)
    sounds = sounds.replace("z", "θ") if lisped else sounds.replace("sz", "s").replace("z", "s")
    sounds = sounds.translate(_SOUNDS)
    parts = list(syllables(sounds))
    if not parts:
        return sounds.translate(_IPA) if loose else ""  # more consonants in a row than Spanish says
    if len(parts) > 1:
        stressed = _stressed(word, parts)
        parts[stressed] = f"ˈ{parts[stressed]}"
    return ".".join(parts).translate(_IPA)


def _stressed(word: str, parts: Sequence[str]) -> int:
    """Give the index of the stressed syllable; of the two in rápidamente it is the one of -mente."""
    if not word.endswith("mente"):
        for index, syllable in enumerate(parts):
            if re.search("[áéíóú]", syllable):
                return index
    # The vowel in front of an s that is spelled without one is never stressed: spa.
    spelled = int(word[0] == "s" and parts[0] == "es")
    return max(spelled, len(parts) - (2 if _LAST_BUT_ONE.search(word) else 1))
