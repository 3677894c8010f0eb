"""Word lists as people write them."""

import re
import unicodedata
from collections.abc import Container, Iterator


def words_in(text: str) -> tuple[str, ...]:
    r"""
    Give the words of a list: one a line, each once, in order.

    What follows a blank and a dash, a tab, a comma, a semicolon or a `#` is a remark. Words below a
    heading that says they are skipped or completed, such as `## SKIPPED WORDS`, are left out.

    >>> words_in("casa\n# animals\nperro - a pet\n\ncasa\n## SKIPPED WORDS\nun\n")
    ('casa', 'perro')
    >>> words_in("tener que\tobligation\n")
    ('tener que',)
    """
    words = (word for _, word in lines_of(text) if word)
    return tuple(dict.fromkeys(words))


def without_words(text: str, done: Container[str]) -> str:
    r"""
    Give a list without the lines of these words; every other line stays as it is.

    >>> without_words("# animals\ncasa - a home\r\nperro\n## COMPLETED\ncasa\n", {"casa"})
    '# animals\nperro\n## COMPLETED\ncasa\n'
    """
    return "".join(line for line, word in lines_of(text) if not word or word not in done)


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Give the lines of a list, each with the wanted word that stands on it, or with nothing."""
    wanted = True
    for line in text.splitlines(keepends=True):
        plain = unicodedata.normalize("NFC", line.lstrip("\ufeff"))
        if plain.lstrip().startswith("##"):
            wanted = not re.search(r"\b(skipped|completed)\b", plain, re.IGNORECASE)
        word = " ".join(re.split(r"\s[-–—]\s|[\t,;#]", plain, maxsplit=1)[0].split())
        yield line, word if wanted else ""


def unaccented(text: str) -> str:
    """
    Give a text without case and accents, for comparing.

    >>> unaccented("Sólo")
    'solo'
    """
    text = text.casefold()
    if text.isascii():  # nearly always
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def names(text: str, word: str) -> bool:
    """
    Tell whether a text gives a word away: has it, or a longer form of it; accents do not count.

    >>> names("las casas del pueblo", "casa"), names("encima", "en"), names("el fin", "él")
    (True, False, True)
    """
    end = "" if len(word) > _SHORT else r"(?!\w)"
    return bool(re.search(rf"(?<!\w){re.escape(unaccented(word))}{end}", unaccented(text)))


_SHORT = 3
"""Words of so few letters begin many others."""


def is_whole(text: str) -> bool:
    """
    Tell whether a text has whole characters only, so that it can be written as UTF-8.

    >>> is_whole("ñ"), is_whole(chr(0xD83D))
    (True, False)
    """
    return not re.search("[\ud800-\udfff]", text)
