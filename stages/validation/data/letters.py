"""Characters that are not what they seem, and the plain text that was meant."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from html.entities import html5

import attrs

from stages.records.tongue import scripts_of


@attrs.frozen
class Tidied:
    """
    A text as it was meant.

    Attributes:
        text: What was meant; the text as it was where nobody can be sure.
        whys: What had to be changed to come there, by code.
        certain: Whether the text is what was meant.
    """

    text: str
    whys: dict[str, str]
    certain: bool = True


_ROUNDS = 4
"""What is under a layer of markup may be markup; what goes deeper is nobody's intention."""


def tidied(text: str, language: str) -> Tidied:
    r"""
    Give a text in plain letters that can be seen, with single blanks.

    Tidying twice changes nothing.

    >>> tidied("la <b>ca\u00adsa</b>  azul", "es").text
    'la casa azul'
    >>> tidied("Voy \u0430 casa\u200b.", "es").whys
    {'invisible': 'it holds ZERO WIDTH SPACE', 'look-alike': "CYRILLIC SMALL LETTER A only looks like 'a'"}
    """
    whys: dict[str, str] = {}
    now = text
    for _ in range(_ROUNDS):
        before = now
        for code, step, told in _STEPS:
            after = step(now, language)
            if after != now:
                whys.setdefault(code, told(now, after))
                now = after
        if now == before:
            blank = not text.strip()  # such a text is missing, and nothing else is wrong with it
            return Tidied(now, {} if blank else whys)
    return Tidied(text, whys, certain=False)


def oddities(text: str) -> Iterator[tuple[str, str]]:
    """
    Give code and reason of what is wrong with the characters of a tidy text.

    >>> list(oddities("[sound:casa.mp3]"))
    [('markup', "it holds what a deck shows as text: '[sound:casa.mp3]'")]
    """
    if _MAY_BE_MARKUP.search(text) and (found := _NO_TEXT.search(text)):
        yield "markup", f"it holds what a deck shows as text: {found[0]!r:.60}"
    for letter in dict.fromkeys(_LOST.findall(text)):
        yield "lost-letter", f"{letter!a} is no letter: one was lost, or is known to one font alone"
    for word in _WORD.findall(text) if _MIXED.search(text) else ():
        if len({_script(letter) for letter in word} & {"LATIN", "CYRILLIC"}) > 1:
            yield "look-alike", f"{word!r:.60} has both Latin and Cyrillic letters"


_MAY_BE_MARKUP = re.compile(r"<|\[sound:|\{\{")
_SIMPLE = frozenset({"b", "i", "u", "s", "em", "strong", "span", "font", "small", "big", "mark"})
_BREAKS = frozenset({"br", "div", "p"})
_OTHER_TAGS = (
    "a img sub sup ul ol li table tr td th tbody h1 h2 h3 h4 hr code pre ruby rt rb script style"
    " video audio source iframe input button form center"
)
_TAG = re.compile(
    rf"</?({'|'.join(sorted({*_SIMPLE, *_BREAKS, *_OTHER_TAGS.split()}))})(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp;)*(#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,30});", re.ASCII)
_NO_TEXT = re.compile(rf"{_TAG.pattern}|\[sound:[^\]]*\]|\{{\{{[^{{}}]*\}}\}}", re.IGNORECASE)


def _plain(text: str, _: str) -> str:
    """Give a text without formatting and entities; one with more than formatting stays as it is."""
    if "&" in text:
        text = _ENTITY.sub(_meant, text)
    if "<" not in text:
        return text
    names = {found[1].lower() if found[1] else "" for found in _TAG.finditer(text)}
    if not names <= _SIMPLE | _BREAKS:
        return text
    return _TAG.sub(lambda found: " " if found[1].lower() in _BREAKS else "", text)


def _meant(found: re.Match[str]) -> str:
    name = f"{found[1]};"
    return html.unescape(f"&{name}") if name[0] == "#" or name in html5 else found[0]


def _unescaped(text: str, _: str) -> str:
    return re.sub(r"\\(?=[!?¡¿\"'.,;:()])", "", text)


_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LINES = frozenset("\r\x0b\x0c\x85\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def _visible(text: str, _: str) -> str:
    """Give a text without what cannot be seen and does nothing where it stands."""
    if not _UNSEEN.search(text):
        return text
    text = text.replace("\r\n", "\n")
    leftwards = _TO_THE_LEFT.search(text) is not None
    kept: list[str] = []
    for place, letter in enumerate(text):
        before, after = (kept[-1] if kept else ""), text[place + 1 : place + 2]
        if letter in _LINES:
            kept.append("\n")
        elif not _UNSEEN.match(letter) or _works(letter, before, after, leftwards=leftwards):
            kept.append(letter)
    return "".join(kept)


def _works(letter: str, before: str, after: str, *, leftwards: bool) -> bool:
    """Tell whether a character that is not seen does something between these two."""
    if _DIRECTIONS.match(letter):
        return leftwards
    if letter in _JOINERS and before and "\u0590" <= before < "\u1e00":
        return True  # Arabic and Indic letters change their shapes by it
    if letter == "\u200b":
        return (
            "\u0e00" <= before < "\u1100" or "\u1780" <= before < "\u1800"
        )  # breaks of Thai lines
    if letter == "\u200d":
        return _is_picture(before) and _is_picture(after)
    if "\ufe00" <= letter <= "\ufe0f" or letter >= "\U000e0000":
        return _is_picture(before) or before in "0123456789#*" or before >= "\u2e80"
    if "\u180b" <= letter <= "\u180f":
        return "\u1800" <= before < "\u18b0"
    return letter in "\u115f\u1160\u3164\uffa0" and "\u1100" <= before < "\u11ff"


def _is_picture(letter: str) -> bool:
    if not letter:
        return False
    return (
        unicodedata.category(letter) in ("So", "Sk", "Sm", "Po", "Ps")
        or letter == "\ufe0f"
        or letter >= "\U000e0000"
    )


def _composed(text: str, _: str) -> str:
    return unicodedata.normalize("NFC", text)


_CYRILLIC = dict(
    zip("аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅё", "aeopcyxijshdqwABEKMHOPCTYXIJSë", strict=True)
)
_GREEK = dict(zip("ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovABEZHIKMNOPTYX", strict=True))
_LATIN = {
    "CYRILLIC": {latin: own for own, latin in _CYRILLIC.items() if latin != "h"},
    "GREEK": {latin: own for own, latin in _GREEK.items()},
    "LATIN": {**_CYRILLIC, **_GREEK},
}
"""What only looks like a letter of a script, with that letter."""

_WORD = re.compile(r"[^\W\d_]+")
_ASCII = re.compile("[A-Za-z]")
_MIXED = re.compile("[\u0370-\u052f\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff]")
_WIDE = re.compile("[\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff]")


def _alike(text: str, language: str) -> str:
    """Give a text with the letters of its own script in the place of those that look like them."""
    if text.isascii() or not _MIXED.search(text):
        return text
    scripts = scripts_of(language)
    if scripts == ("LATIN",):
        text = _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    home = scripts[0] if scripts and scripts[0] in _LATIN else _most(text)
    doubles = _LATIN[home]
    if home != "LATIN" and not _ASCII.search(text):
        return text

    def word(found: re.Match[str]) -> str:
        letters = found[0]
        foreign = [letter for letter in letters if _script(letter) not in (home, "")]
        if not foreign or not all(map(doubles.__contains__, foreign)):
            return letters
        whole = len(foreign) == len(letters)
        # A word of other letters is quoted, unless it stands in the midst of a text of known ones.
        if whole and (home != "LATIN" or not scripts or not _is_slip(letters, text)):
            return letters
        return "".join(doubles.get(letter, letter) for letter in letters)

    return _WORD.sub(word, text)


def _is_slip(word: str, text: str) -> bool:
    others = sum(_script(letter) == "LATIN" for letter in text)
    return others > len(word) and all(map(_CYRILLIC.__contains__, word))


def _most(text: str) -> str:
    found = [_script(letter) for letter in text]
    return max(("LATIN", "CYRILLIC", "GREEK"), key=found.count)


def _script(letter: str) -> str:
    """Give the script of a letter, of those that look alike."""
    if letter < "\u0250" or "\u1e00" <= letter <= "\u1eff":
        return "LATIN" if letter.isalpha() else ""
    if "\u0370" <= letter <= "\u03ff":
        return "GREEK" if letter != "µ" else ""
    return "CYRILLIC" if "\u0400" <= letter <= "\u052f" else ""


_BLANKS = re.compile("[\t\u1680\u2000-\u200a\u205f]")
_STIFF = re.compile(
    "(?<=[^\\W\\d_]{3})[\u00a0\u202f](?=[^\\W\\d_])|[\u00a0\u202f](?=\\s)|(?<=\\s)[\u00a0\u202f]"
)


def _spaced(text: str, language: str) -> str:
    """Give a text with plain, single blanks; where one must not break a line it stays."""
    text = _STIFF.sub(" ", _BLANKS.sub(" ", text))
    if scripts_of(language)[:1] == ("LATIN",):
        text = text.replace("\u3000", " ")
    return re.sub(r" {2,}", " ", re.sub(r" *\n *", "\n", text)).strip()


def _named(letter: str) -> str:
    return unicodedata.name(letter, f"U+{ord(letter):04X}")


def _gone(before: str, after: str) -> list[str]:
    return [one for one in dict.fromkeys(before) if before.count(one) > after.count(one)]


def _told_markup(before: str, _: str) -> str:
    found = _TAG.search(before) or _ENTITY.search(before)
    return f"it holds HTML, which a deck shows as text: {found[0] if found else before!r:.60}"


def _told_unseen(before: str, after: str) -> str:
    return f"it holds {', '.join(map(_named, _gone(before, after)[:3]))}"


def _told_alike(before: str, after: str) -> str:
    pairs = dict.fromkeys(
        (one, other) for one, other in zip(before, after, strict=False) if one != other
    )
    one, other = next(iter(pairs), ("", ""))
    return f"{_named(one)} only looks like {other!r}" if one else "it holds look-alikes"


def _told_blanks(before: str, after: str) -> str:
    if before.strip() != before:
        return "a blank stands before or after it"
    odd = [_named(one) for one in _gone(before, after) if one != " "]
    return f"it holds {odd[0]} for a blank" if odd else "it holds two blanks in a row"


_STEPS: tuple[tuple[str, Callable[[str, str], str], Callable[[str, str], str]], ...] = (
    ("markup", _plain, _told_markup),
    ("escape", _unescaped, lambda *_: "a backslash stands before a sign, where it means nothing"),
    ("invisible", _visible, _told_unseen),
    ("decomposed", _composed, lambda *_: "accents stand beside their letters, and not on them"),
    ("look-alike", _alike, _told_alike),
    ("blanks", _spaced, _told_blanks),
)

_LOST = re.compile("[\ufffd\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]")
