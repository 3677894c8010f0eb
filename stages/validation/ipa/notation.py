"""How a transcription is written down: its letters, its brackets, its marks."""

import re
import unicodedata
from collections.abc import Iterator

import attrs

from stages.core.problem import Severity
from stages.records.ipa import LOOK_ALIKES, UNSEEN, in_ipa_letters
from stages.records.verdict import Reason

LETTERS = frozenset(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕ"
    "ʙʛʜʝʟʡʢβθχᵻᵿ"
)
TIES = "\u035c\u0361"
_ABOVE_AND_BELOW = (
    "\u0303\u0306\u0308\u030a\u030b\u030d\u030f\u0311\u0318\u0319\u031a\u031c\u031d\u031e\u031f"
    "\u0320\u0321\u0322\u0323\u0324\u0325\u0329\u032a\u032b\u032c\u032f\u0330\u0334\u0339\u033a"
    "\u033b\u033c\u033d\u0348\u034a"
)
_BESIDE = "ːˑʰʱʲʷˠˤⁿˡᵊᶣ˞˔˕"
TONES = "˥˦˧˨˩ꜛꜜ↗↘\u0300\u0301\u0302\u0304\u030c"
"""What tells words apart in some languages; in others it was meant for stress."""

SIGNS = f"{_ABOVE_AND_BELOW}{_BESIDE}"
"""What changes the letter before it."""

MARKS = frozenset("ˈˌ. ‿|‖()")
"""Stress, ends of syllables and words, links and pauses, and brackets round what may be left out."""

_KNOWN = LETTERS | MARKS | frozenset(TIES) | frozenset(SIGNS)
_CLEAN = _KNOWN | frozenset("[]/ãẽĩõũ")
_PLAIN = LETTERS | (MARKS - {" "}) | {"ː"}
_AROUND = "[]/\\- \t\r\n\f\v\u00a0"
_NO_BRACKETS = str.maketrans(dict.fromkeys(_AROUND.removeprefix("[]/\\"), ""))
_SEVERAL = re.compile(r"[\[\]/~;]")
_SEVERAL_OF_A_WORD = re.compile(r"[\[\]/~;]|,")
_PAUSE = re.compile(r"[\s,]+")
_HYPHENS = re.compile(r"[.\s]*[-‐‑–][-‐‑–.\s]*")
_STRAY = re.compile(
    rf"(?:^|(?<=[^\w{SIGNS}{TIES}]))[{SIGNS}{TIES}]+|[{TIES}]+(?=[^\w{TIES}]|$)|(?<=[{TIES}])[{TIES}]+"
)
_ONE_SOUND = re.compile(rf"[ˈˌ.]*\w[{SIGNS}]*(?:[{TIES}]\w[{SIGNS}]*)?\.*")


@attrs.frozen
class Notation:
    """
    A transcription once its notation is mended.

    Attributes:
        inner: What stands between the brackets; of several transcriptions the first.
        brackets: Both of them; empty where it has none.
        text: All of it.
        reasons: What was mended, and what is no notation.
    """

    inner: str
    brackets: str
    text: str
    reasons: tuple[Reason, ...] = ()

    @property
    def spoilt(self) -> bool:
        """Whether it cannot be read."""
        return any(reason.severity is Severity.ERROR for reason in self.reasons)


def read(ipa: str, *, one_word: bool = True, one_way: bool = True, tonal: bool = False) -> Notation:
    """
    Read a transcription as it was meant; in what comes of that nothing is left to mend.

    Args:
        ipa: Any text.
        one_word: Whether it is of one word, so that blanks part its sounds, and a comma two ways to
            say it.
        one_way: Whether one transcription is expected.
        tonal: Whether the words of the language may have tones.

    >>> read("/'al.go]").text, read("k a s a").text
    ('[ˈal.ɡo]', 'kasa')
    """
    reasons: list[Reason] = []
    letters = ipa
    if not _CLEAN.issuperset(ipa) or "n\u0303" in ipa:
        letters = in_ipa_letters(ipa)
        reasons += _look_alikes(ipa, letters)
    inner = letters.strip(_AROUND)
    opening, _, closing = letters.partition(inner) if inner else (letters, "", "")
    brackets = (opening + closing).translate(_NO_BRACKETS)
    if brackets not in ("[]", "//", ""):
        why = f"{brackets!r} stands round it, and a pair of square brackets was expected"
        reasons.append(Reason(code="no-brackets", why=why, severity=None))
        brackets = "[]"
    several = _SEVERAL_OF_A_WORD if one_word else _SEVERAL
    if several.search(inner):
        parts = [_mended(part, one_word=one_word)[0] for part in several.split(inner)]
        first, *others = (*filter(None, parts), "")
        if len(others) > 1 and one_way:
            why = f"{inner!r:.80} is more than one transcription, and one was expected"
            reasons.append(Reason(code="several", why=why, severity=Severity.WARNING))
    else:
        inner, mended = _mended(inner, one_word=one_word)
        reasons += mended
        first = inner
    if not first:
        reasons.append(Reason(code="no-ipa", why="it is empty"))
    reasons += _strange(first, _KNOWN.union(TONES) if tonal else _KNOWN)
    if first and LETTERS.isdisjoint(unicodedata.normalize("NFD", first)):
        reasons.append(Reason(code="no-sound", why=f"{first!r:.60} has no sound in it"))
    text = f"{brackets[:1]}{inner}{brackets[1:]}"
    return Notation(first, brackets, text, tuple(reasons))


def _look_alikes(ipa: str, letters: str) -> Iterator[Reason]:
    for letter in dict.fromkeys(unicodedata.normalize("NFC", ipa)):
        if letter in UNSEEN:
            why = f"{_named(letter)} cannot be seen, and was taken out"
        elif letter in LOOK_ALIKES and (letter != "," or letter not in letters):
            why = f"{_named(letter)} only looks like {LOOK_ALIKES[letter]!r}"
        else:
            continue
        yield Reason(code="look-alike", why=why, severity=None)


def _mended(inner: str, *, one_word: bool) -> tuple[str, list[Reason]]:
    """Give what stands between the brackets as it was meant, and what was mended in it."""
    reasons: list[Reason] = []
    if _PLAIN.issuperset(inner):
        return inner, reasons
    dotted = _HYPHENS.sub(".", inner)
    if dotted != inner:
        why = "a hyphen stands where the end of a syllable has a dot"
        reasons.append(Reason(code="look-alike", why=why, severity=None))
    whole = _STRAY.sub("", dotted)
    if whole != dotted:
        why = "a sign stands by itself, without the letter that it belongs to"
        reasons.append(Reason(code="stray-sign", why=why, severity=None))
    pieces = _PAUSE.sub(" ", whole).strip().split(" ")
    if one_word and len(pieces) > 1 and all(map(_ONE_SOUND.fullmatch, pieces)):
        reasons.append(Reason(code="blanks", why="blanks part its sounds", severity=None))
        return "".join(pieces), reasons
    return " ".join(pieces), reasons


def _strange(inner: str, known: frozenset[str]) -> Iterator[Reason]:
    """Give the characters that are no IPA."""
    if not known.issuperset(inner):
        apart = unicodedata.normalize("NFD", inner).replace("c\u0327", "ç")
        for letter in dict.fromkeys(apart):
            if letter not in known:
                yield Reason(code="no-ipa-letter", why=f"{_named(letter)} is no IPA")


def _named(letter: str) -> str:
    name = unicodedata.name(letter, f"U+{ord(letter):04X}")
    return f"{letter.encode('utf-8', 'backslashreplace').decode()!r} ({name})"
