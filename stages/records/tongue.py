"""Which language a text is written in, as far as a learner's cards need to know."""

import re
import unicodedata

from stages.core.frozen import FrozenMap

_COMMON = FrozenMap(
    {
        "de": """der die das den dem des ein eine einen einem einer eines und oder nicht kein keine mit
            ohne für auf aus bei von vom zu zum zur im in am an um über unter nach vor ist sind war wird
            werden sein haben hat sich er sie es ich du wir ihr man mein meine meinen unser dein sehr
            auch nur noch wie wenn wo was wer dass etwas jemand jeden jeder jede immer mehr als""",
        "en": """the a an of and or to in on at by for from with without is are was were be been it its
            he she they we you i his her their our my your this that these those not no very who which
            what when where how someone something every have has had do does can must will as if than so
            more there into out up about""",
        "es": """el la los las un una uno y e o u a que de en del al con sin por para es son está están
            ser se su sus lo le les me te nos os no más muy como come cuando donde este esta eso algo hay
            tiene fue era he has ha han da das dos pero si ya mi tu yo él ella qué cada todo todos toda
            otro otra entre sobre hasta desde también porque nuestro nuestra bien sur mes""",
        "fr": """le la les l un une des du de d et ou où que qu qui en dans sur sous avec sans par pour
            au aux est sont es être se s son sa ses lui leur me te ne n pas plus très comme quand ce cet
            cette ces ça il elle ils elles on nous vous je j tu mon ma mes notre votre y a ont fait faut
            chaque tout tous toute autre entre chez depuis aussi mais bien""",
        "it": """il lo la i gli le l un uno una e o a che di in del dello della dei degli delle nel nella
            al alla ai alle con senza per da dal dalla è sono sta essere si suo sua mi ti ci non più molto
            come quando dove questo questa quello qualcosa ha hanno era ma se mio mia io tu lui lei loro
            cui ogni tutto tutti altro altra tra su sul sulla fino anche perché nostro nostra bene chi""",
        "pt": """o a os as um uma uns umas e ou que de em do da dos das no na nos nas ao à com sem por
            para pelo pela é são está estão ser se seu sua seus lhe me te não mais muito como quando onde
            este esta isso algo há tem foi era mas já meu minha eu ele ela você cada todo todos toda outro
            outra entre sobre até desde também porque tudo nosso nossa bem""",
    }
)
"""Small words that hardly any sentence of a language does without; one that two languages have says nothing."""

_WORDS = FrozenMap({tongue: frozenset(words.split()) for tongue, words in _COMMON.items()})

_TELLING = FrozenMap(
    {
        tongue: tuple((own - words, words - own) for words in _WORDS.values() if words != own)
        for tongue, own in _WORDS.items()
    }
)
"""Of a language and each of the others, the words that only the one and only the other has."""

_SURE = FrozenMap(
    {
        tongue: frozenset.intersection(*(own for own, _ in pairs))
        for tongue, pairs in _TELLING.items()
    }
)
"""The words of a language that none of the others has."""

_SCRIPTS = FrozenMap(
    {
        "ar": ("ARABIC",),
        "el": ("GREEK",),
        "fa": ("ARABIC",),
        "he": ("HEBREW",),
        "hi": ("DEVANAGARI",),
        "ja": ("HIRAGANA", "KATAKANA", "CJK"),
        "ko": ("HANGUL",),
        "ru": ("CYRILLIC",),
        "th": ("THAI",),
        "uk": ("CYRILLIC",),
        "zh": ("CJK",),
    }
)
"""How the letters of a language begin their Unicode names, where it is not in Latin ones."""

_ENOUGH = 3
"""So many small words of another language are no accident where none of one's own stands among them."""

_OTHER_SCRIPT = re.compile("[\u0250-\U0010ffff]")
"""What may be a letter that is no Latin one."""


def scripts_of(language: str) -> tuple[str, ...]:
    """
    Give how the letters of a language begin their Unicode names; nothing where nobody here knows.

    >>> scripts_of("es-419"), scripts_of("ja"), scripts_of("tlh")
    (('LATIN',), ('HIRAGANA', 'KATAKANA', 'CJK'), ())
    """
    tongue = language.partition("-")[0].lower()
    return ("LATIN",) if tongue in _WORDS else _SCRIPTS.get(tongue, ())


def small_words(language: str) -> frozenset[str]:
    """
    Give words that hardly any sentence of a language does without; none where nobody here knows.

    >>> "de" in small_words("es-419"), small_words("tlh")
    (True, frozenset())
    """
    return _WORDS.get(language.partition("-")[0].lower(), frozenset())


def is_in_other_script(text: str, language: str) -> bool:
    """
    Tell whether a text is not in the letters of its language; where nobody here knows them, never.

    >>> is_in_other_script("дом", "es"), is_in_other_script("se escribe дом", "es")
    (True, False)
    """
    scripts = scripts_of(language)
    if scripts == ("LATIN",):
        return _has_other_letters(text) and _is_mostly_not_latin(text)
    return scripts != () and not any(_is_of(letter, scripts) for letter in text)


def is_foreign(text: str, language: str) -> bool:
    """
    Tell whether a text is clearly in another language; of languages that nobody here knows, never.

    >>> is_foreign("a building in which the people of a family live", "es-419")
    True
    >>> is_foreign("edificio donde vive una familia", "es-419")
    False
    """
    tongue = language.partition("-")[0].lower()
    if tongue not in _WORDS or _has_other_letters(text):
        if is_in_other_script(text, language):
            return True
        if tongue not in _WORDS:
            return False
    sure = _SURE[tongue]
    if not sure.isdisjoint(text.split()):  # nearly always
        return False
    text = text.lower()
    if not sure.isdisjoint(text.split()):
        return False
    words = re.findall(r"\w+", text)
    return any(
        own.isdisjoint(words) and sum(map(others.__contains__, words)) >= _ENOUGH
        for own, others in _TELLING[tongue]
    )


def _has_other_letters(text: str) -> bool:
    """Tell whether there may be a letter that is no Latin one."""
    try:
        text.encode("latin-1")  # far quicker than looking
    except UnicodeEncodeError:
        return _OTHER_SCRIPT.search(text) is not None
    return False


def _is_of(letter: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(letter, "").startswith(scripts)


def _is_mostly_not_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(letter.isascii() or _is_of(letter, ("LATIN",)) for letter in letters)
    return 2 * latin < len(letters)
