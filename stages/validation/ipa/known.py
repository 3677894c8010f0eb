"""How a word is spoken by those who know it, made ready to be compared with."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice, product

import attrs

from stages.records.pronunciation import also_pronounced, guessed, pronounced, syllables
from stages.records.verdict import Reference
from stages.validation.ipa.notation import read
from stages.validation.ipa.profile import Heard, Profile
from stages.validation.ipa.profiles import profile_of

RULES = "rules"


@attrs.frozen(eq=False, slots=False)
class Known:
    """
    A reference, ready to be compared with.

    Attributes:
        inner: Its transcription without brackets.
        source: Who says so.
        profile: Of the locale.
        sure: Whether nobody who speaks the language would say it otherwise.
        also: The vowels that may have a stress mark besides: that of rápida in rápidamente.
    """

    inner: str
    source: str
    profile: Profile
    sure: bool = False
    also: frozenset[int] = frozenset()

    @property
    def reference(self) -> Reference:
        """The reference that this was made of."""
        return Reference(f"[{self.inner}]", self.source)

    @cached_property
    def heard(self) -> Heard:
        """What it says."""
        return self.profile.hear(self.inner)

    @cached_property
    def folded(self) -> str:
        """What it says, with one sound for all its variants."""
        return self.profile.fold(self.heard.sounds)

    @cached_property
    def words(self) -> tuple[tuple[int, ...], ...]:
        """Where the vowels of each word are; each vowel makes a syllable."""
        words: list[list[int]] = [[]]
        for place, sound in enumerate(self.heard.sounds):
            if sound in self.profile.nuclei:
                words[-1].append(place)
            elif sound == " ":
                words.append([])
        return tuple(map(tuple, words))

    def under(self, stresses: Sequence[int]) -> frozenset[int]:
        """Give the vowels that stress marks stand before; -1 for a mark with none after it."""
        if not stresses:
            return frozenset()
        nuclei = [nucleus for word in self.words for nucleus in word]
        return frozenset(
            next((nucleus for nucleus in nuclei if nucleus >= place), -1) for place in stresses
        )

    @cached_property
    def stressed(self) -> frozenset[int]:
        """Which of its vowels have a stress mark."""
        return self.under(self.heard.stresses)

    @cached_property
    def ends(self) -> frozenset[int] | None:
        """Where its syllables begin after the first of each word; None where nobody knows."""
        sounds = self.heard.sounds
        if self.heard.dotted:
            return frozenset(end for end in self.heard.ends if inside(sounds, end))
        if not self.profile.syllabic:
            return None
        ends: list[int] = []
        place = 0
        for word in sounds.split(" "):
            parts = syllables(word)
            if word and not parts:
                return None
            ends += [place + end for end in accumulate(map(len, parts[:-1]))]
            place += len(word) + 1
        return frozenset(ends)

    @cached_property
    def in_one_breath(self) -> "Known":
        """The same without its blanks, for a transcription that parts the words elsewhere."""
        return attrs.evolve(self, inner=self.inner.replace(" ", "."), also=frozenset())

    def written(self, *, dotted: bool) -> str:
        """
        Give it in house style, with or without dots.

        It is empty where its stress is not known, or what is written would be read otherwise.
        """
        if self.source == RULES:
            return self.inner if dotted else self.inner.replace(".", "")
        several = [word for word in self.words if len(word) > 1]
        stressless = self.profile.stress and any(map(self.stressed.isdisjoint, several))
        if stressless or -1 in self.stressed:
            return ""
        if self.ends is None:
            return self.inner
        sounds = self.heard.sounds
        starts = {0, *self.ends, *(place + 1 for place, one in enumerate(sounds) if one == " ")}
        marked = {max(one for one in starts if one <= vowel) for vowel in self.stressed}
        written = []
        for place, sound in enumerate(sounds):
            written.append("." if dotted and place in self.ends else "")
            written.append("ˈ" if place in marked else "")
            written.append(self.profile.spelled(sound))
        text = "".join(written)
        return text if self.profile.hear(text).sounds == sounds else ""


@lru_cache(maxsize=1 << 13)
def by_spelling(word: str, language: str) -> tuple[Known, ...]:
    """Give how the rules of spelling have a word, or words; the likeliest first."""
    profile = profile_of(language)
    if profile is None or language.casefold().partition("-")[0] != "es":
        return ()
    found: dict[str, Known] = {}
    for spelling in (word,) if word.isalpha() else _spellings(word):
        for ipa, sure in _ways(spelling, language):
            also = _of_root(spelling, language, profile)
            found.setdefault(ipa, Known(ipa, RULES, profile, sure, also))
    return tuple(found.values())


@lru_cache(maxsize=1 << 13)
def by_reference(reference: Reference, language: str, *, one_word: bool) -> Known | None:
    """Give what somebody else says, ready to be compared with; nothing if it cannot be read."""
    profile = profile_of(language)
    notation = read(reference.ipa, one_word=one_word)
    if profile is None or notation.spoilt:
        return None
    return Known(notation.inner, reference.source, profile)


def inside(sounds: str, place: int) -> bool:
    """Tell whether a place is between two sounds of one word."""
    return 0 < place < len(sounds) and " " not in sounds[place - 1 : place + 1]


def as_well(sounds: str, end: int) -> frozenset[int]:
    """Give where a syllable may begin, and where as well: a.tlas and at.las, su.βlu.naɾ."""
    either = sounds.startswith("tl", end) or (end == _SUB and sounds.startswith("suβl"))
    return frozenset((end, end + 1) if either else (end,))


_SUB = 2


_HIATUS = re.compile(
    r"(?<=[^aeou ])(?:[jw](?=a)|(?<![sθ])j(?=o)|w(?=[oi])|j(?=u))|(?<=[lɾ ])[jw](?=[eiou])"
    r"|(?<= [^aeou ])[jw](?=[eiou])"
)
_PREFIX = re.compile("(?:re|pɾe|pɾo|ko|sobɾe|anti)[jw]")


def parted(sounds: str) -> Iterator[tuple[int, int]]:
    """Give where a syllable begins if a glide is said as a vowel, and that glide: cru.el, re.u.nir."""
    for match in _HIATUS.finditer(f" {sounds}"):
        yield match.end() - 1, match.start() - 1
    for match in _PREFIX.finditer(sounds):
        yield match.end() - 1, match.end() - 1


_PUNCTUATION = re.compile(r"[¿?¡!«»\"“”„,;:…*]|\.+(?=\s|$)|\.{2,}|(?<!\w)[-‐‑–]|[-‐‑–](?!\w)")
_OPTIONAL = re.compile(r"\([^)]*\)")
_ARTICLE = re.compile(r"(?:el|la|los|las|un|una|unos|unas) (?=.)", re.IGNORECASE)
_MOST_WAYS = 6


def _spellings(word: str) -> Iterator[str]:
    """Give what may be said of an entry: irse or ir of ir(se), amigo or amiga of amigo/a."""
    plain = _PUNCTUATION.sub(" ", word)
    for text in dict.fromkeys((plain.replace("(", "").replace(")", ""), _OPTIONAL.sub(" ", plain))):
        for way in _sides(text):
            spelling = " ".join(way.replace("-", " ").split())
            yield spelling
            if article := _ARTICLE.match(spelling):
                yield spelling[article.end() :]


def _sides(text: str) -> Iterator[str]:
    first, *others = (side.strip() for side in text.split("/"))
    yield first
    for other in others:
        ending = len(other) < len(first) and " " not in other
        stem = first if first[-1:] not in "aeo" else first[:-1]
        yield f"{stem}{other}" if ending else other


def _ways(spelling: str, language: str) -> Iterator[tuple[str, bool]]:
    """Give how a spelling may be said, and whether that is sure."""
    if " " not in spelling:
        yield from _ways_of_word(spelling, language) if spelling else ()
    else:
        words = [_ways_of_word(word, language) for word in spelling.split()]
        for combined in islice(product(*words), _MOST_WAYS):
            yield " ".join(ipa for ipa, _ in combined), all(sure for _, sure in combined)


def _ways_of_word(word: str, language: str) -> list[tuple[str, bool]]:
    foreign = _FOREIGN.search(word) is not None
    sure = not foreign and word[0].islower()
    ruled = (pronounced(word, language), *also_pronounced(word, language))
    ways = [(ipa.strip("[]"), sure) for ipa in ruled if ipa]
    if foreign or not ways or word.isupper():
        ways += [(ipa.strip("[]"), False) for ipa in guessed(word, language)]
    return ways


_FOREIGN = re.compile(
    "[kw]|(?:[bcfgjkmpqtvw]|[^aeiouáéíóú]{2})$|^s[^aeiouáéíóúh]|(?<!^estad)ou|(?<!de)sh"
    "|^[gm]n|^x|tx|lle?y|(?<=[^aeiouáéíóú])y(?![aeiouáéíóú])|(?<=[^ieo])nn",
    re.IGNORECASE,
)
"""What loanwords look like: they may be said in another way than the rules have it."""


def _of_root(spelling: str, language: str, profile: Profile) -> frozenset[int]:
    """Give the vowel that has a stress of its own in an adverb: that of rápida in rápidamente."""
    if not spelling.endswith("mente") or " " in spelling:
        return frozenset()
    root = pronounced(spelling.removesuffix("mente"), language).strip("[]")
    return Known(root, RULES, profile).stressed
