"""
What a locale sounds like, as data: one `Profile` a locale.

Within a profile every sound is one character, so that a transcription is a plain string, and what is
said either way is told by patterns over it. A sound that is written with several characters, such as
tʃ or ɑ̃, is given one that IPA does not use (ʧ, or a capital) in `written`, and has that in all the
other fields. Signs above, below and beside letters, length among them, are passed over unless
`written` names them together with their letter.

A new locale is one module in `profiles` and one line in its table.
"""

import re
import unicodedata
from functools import cached_property
from typing import Literal, TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.validation.ipa.notation import LETTERS, SIGNS, TIES

Written: TypeAlias = FrozenMap[str, str]

FAR, NEAR, ELSEWHERE = 1.0, 0.5, 0.2
"""What it costs to say another sound: of another kind, of the same kind, or one that some say."""


@attrs.frozen(kw_only=True, slots=False)
class Profile:
    """
    How the words of a locale may be transcribed.

    Attributes:
        mode: In a "strict" locale what no reference agrees with is wrong. In an "advisory" one it is
            worth a look, and only where a share of `far` differs.
        vowels: One character each, without blanks.
        consonants: Likewise; glides are consonants.
        written: Other ways to write a sound, or a sound of several characters, and the one character
            it has in a profile: `{"tʃ": "ʧ", "i̯": "j", "ɑ̃": "Ã"}`. Letters with their signs apart
            (NFD), without tie bars. An Italian tː may become "tt".
        free: Variants that are said for a sound wherever it stands: `{"β": "b"}`.
        placed: Variants that are said for a sound in some places: patterns over what `free` left, in
            order, each of which stands for one sound (with what is around it in lookaheads and
            lookbehinds), and that sound. Words are parted by blanks.
        dialect: Pairs of a sound and what some say for it elsewhere, which warns: "sθ ʝʎ".
        stress: Whether a word of several syllables has a mark.
        syllabic: Whether syllables are parted as in Spanish, so that their dots can be judged.
        far: The share of a word's sounds that differ where an advisory locale takes it for another
            word.
    """

    mode: Literal["strict", "advisory"] = "advisory"
    vowels: str
    consonants: str
    written: Written = FrozenMap()
    free: Written = FrozenMap()
    placed: tuple[tuple[str, str], ...] = ()
    dialect: str = ""
    stress: bool = True
    syllabic: bool = False
    far: float = 0.3

    def hear(self, inner: str) -> "Heard":
        """Give what a transcription says, without its brackets."""
        apart = _TIES.sub("", unicodedata.normalize("NFD", inner).replace("c\u0327", "ç"))
        spelled = self._writing.sub(lambda match: self.written[match[0]], apart)
        text = _PASSED_OVER.sub("", spelled)
        stresses: list[int] = []
        ends: list[int] = []
        for before, mark in enumerate(_MARKS.finditer(text)):
            place = mark.start() - before
            ends.append(place)
            if mark[0] == "ˈ":
                stresses.append(place)
        sounds = _MARKS.sub("", text)
        return Heard(sounds, tuple(stresses), tuple(ends), "." in text)

    def fold(self, sounds: str) -> str:
        """Give sounds with one for all variants that may stand for it where it stands."""
        folded = sounds.translate(self._free)
        for letters, pattern, sound in self._placed:
            if not letters or not letters.isdisjoint(folded):
                folded = pattern.sub(sound, folded)
        return folded

    def spelled(self, sound: str) -> str:
        """Give a sound as it is written: tʃ."""
        return self._spelled.get(sound, sound)

    def cost(self, expected: str, got: str) -> float:
        """Give what it costs to say one folded sound for another, from 0 to 1."""
        if expected == got:
            return 0
        if expected + got in self._elsewhere:
            return ELSEWHERE
        alike = (expected in self.vowels) == (got in self.vowels)
        return NEAR if alike and " " not in (expected, got) else FAR

    @cached_property
    def nuclei(self) -> str:
        """What makes a syllable: the vowels, and what is said for one; a glide makes none."""
        free = (sound for sound, plain in self.free.items() if plain in self.vowels)
        return self.vowels + "".join(sound for sound in free if sound not in _GLIDES)

    @cached_property
    def inventory(self) -> frozenset[str]:
        """The sounds that are said, here or elsewhere, once folded."""
        return frozenset(f"{self.vowels}{self.consonants} {self.dialect}")

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        return frozenset(self.dialect.split())

    @cached_property
    def _writing(self) -> re.Pattern[str]:
        longest_first = sorted(self.written, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    @cached_property
    def _free(self) -> dict[int, str]:
        return str.maketrans(dict(self.free))

    @cached_property
    def _placed(self) -> tuple[tuple[frozenset[str], re.Pattern[str], str], ...]:
        """Give each pattern with the sounds that it replaces, if it says them: most words have none."""
        centres = (_CENTRE.sub("", pattern).strip("[]") for pattern, _ in self.placed)
        return tuple(
            (frozenset(centre if centre.isalpha() else ""), re.compile(pattern), sound)
            for centre, (pattern, sound) in zip(centres, self.placed, strict=True)
        )

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """Give how a sound is written whose one character is no IPA letter."""
        spelled: dict[str, str] = {}
        for text, sound in self.written.items():
            if sound not in LETTERS:
                spelled.setdefault(sound, text)
        return spelled


@attrs.frozen
class Heard:
    """
    What a transcription says.

    Attributes:
        sounds: One character each, words parted by blanks.
        stresses: Before which of them a stress mark stands, counted from 0.
        ends: Before which of them a syllable or a stress begins.
        dotted: Whether dots part the syllables.
    """

    sounds: str
    stresses: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    dotted: bool = False


_GLIDES = "jwɥ"
_TIES = re.compile(f"[{TIES}]")
_PASSED_OVER = re.compile(f"[{SIGNS}‿|‖()]+")
_CENTRE = re.compile(r"\(\?<?[!=][^()]*\)")
"""What a pattern has around the sound that it replaces."""

_MARKS = re.compile("[ˈˌ.]")
