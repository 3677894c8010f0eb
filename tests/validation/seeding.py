"""
Right transcriptions, and wrong ones made of them, out of any list of words and their segments.

Stress and dots are put on here by means of their own, which ask neither the rules of spelling that
are judged nor the judge: from the written accent, and from the nuclei of the listed segments.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random
from typing import TypeAlias

import attrs

from stages.records.verdict import IpaVerdict

Segments: TypeAlias = tuple[str, ...]

NOT_SYLLABIC = "\u032f"
STRONG = "aeoáéóíú"
VOWELS = "aeiouyøœɶɑɒæɐəɚɜɘɵɤɯɨʉʊʏɪɛɔʌ"
LATIN_AMERICAN = tuple("aeioupbtdkɡfsxmnɲlrɾʝjw")
"""The segments of Spanish, as a broad transcription has them."""

SYMBOLS = "ж@4%&¤ŧК#ł"
"""What is no IPA, however it is read."""


@attrs.frozen
class Row:
    """A word of a list, and how it is spoken."""

    word: str
    segments: Segments


@attrs.frozen
class Form:
    """A transcription with its syllables, and the index of the stressed one."""

    syllables: tuple[Segments, ...]
    stress: int

    @property
    def segments(self) -> Segments:
        """All of them in a row."""
        return tuple(segment for syllable in self.syllables for segment in syllable)

    def __str__(self) -> str:
        return self.written()

    def written(self, *, dots: bool = True, stress: int | None = None) -> str:
        """Write it in brackets; a word of one syllable has no mark."""
        at = self.stress if stress is None else stress
        text = ""
        for number, syllable in enumerate(self.syllables):
            marked = number == at and len(self.syllables) > 1
            joint = "ˈ" if marked else "." if dots and number else ""
            joint = ".ˈ" if marked and dots and number else joint
            text += joint + "".join(syllable)
        return f"[{text}]"


def rows_of(lines: Iterable[str]) -> Iterator[Row]:
    """Read `word<TAB>segments`, the segments apart."""
    for line in lines:
        word, _, ipa = line.rstrip("\n").partition("\t")
        if segments := tuple(ipa.split()):
            yield Row(word, segments)


def rows_in(path: Path) -> tuple[Row, ...]:
    """Read a whole list."""
    return tuple(rows_of(path.read_text("utf-8").splitlines()))


@cache
def folded(segment: str) -> str:
    """Give what a segment is in the broadest transcription: without signs, and stops for soft ones."""
    glide = NOT_SYLLABIC in unicodedata.normalize("NFD", segment)
    plain = "".join(
        one
        for one in unicodedata.normalize("NFD", segment)
        if not unicodedata.combining(one) and unicodedata.category(one) != "Lm"
    )
    if glide:
        return {"i": "j", "u": "w"}.get(plain, plain)
    return {
        "β": "b",
        "ð": "d",
        "ɣ": "ɡ",
        "ɟʝ": "ʝ",
        "ŋ": "n",
        "ɱ": "n",
        "z": "s",
    }.get(plain, plain)


def broad(segments: Iterable[str]) -> Segments:
    """Fold a word."""
    return tuple(map(folded, segments))


def is_vowel(segment: str) -> bool:
    """Tell whether a segment can be a nucleus."""
    whole = unicodedata.normalize("NFD", segment)
    return whole[:1] in VOWELS and NOT_SYLLABIC not in whole


def is_glide(segment: str) -> bool:
    """Tell whether it leans on a nucleus."""
    whole = unicodedata.normalize("NFD", segment)
    return whole[:1] in "jwɥ" or NOT_SYLLABIC in whole


# Forms.


def form_of(row: Row) -> Form | None:
    """
    Put stress and dots on a Spanish word; None where its letters and segments do not agree.

    >>> [str(form_of(Row(word, tuple(ipa.split())))) for word, ipa in (
    ...     ("país", "p a i s"), ("aire", "a i ɾ e"), ("viuda", "b j u d a"), ("extra", "e k s t ɾ a"))]
    ['[pa.ˈis]', '[ˈai.ɾe]', '[ˈbju.da]', '[ˈeks.tɾa]']
    """
    letters, runs = _runs_of_letters(row.word), _runs_of_segments(row.segments)
    if not runs or [*map(len, letters)] != [*map(len, runs)]:
        return None
    vowels = [
        _Vowel(at, run[place], nucleus=_is_nucleus(run, place))
        for run, indexes in zip(letters, runs, strict=True)
        for place, at in enumerate(indexes)
    ]
    nuclei = [one.at for one in vowels if one.nucleus]
    if not all(is_vowel(row.segments[at]) for at in nuclei):
        return None
    accents = [one.at for one in vowels if one.letter in "áéíóú"]
    adverb = row.word.endswith("mente") and len(nuclei) > 2
    stressed = accents[0] if accents and not adverb else _stressed(row.word, nuclei)
    full = [one.at for one in vowels if is_vowel(row.segments[one.at]) and not one.leans_on(nuclei)]
    syllables = _syllables(row.segments, full)
    ends = accumulate(map(len, syllables))
    return Form(syllables, next(number for number, end in enumerate(ends) if stressed < end))


@attrs.frozen
class _Vowel:
    """A vowel or a glide: where it stands among the segments, and how it is spelled."""

    at: int
    letter: str
    nucleus: bool = attrs.field(kw_only=True)

    def leans_on(self, nuclei: Sequence[int]) -> bool:
        """Tell whether it is part of the syllable of a neighbour."""
        falling = self.at - 1 in nuclei and self.letter in "iuü"
        return not self.nucleus and (falling or self.at + 1 in nuclei)


def _runs_of_letters(word: str) -> list[str]:
    """Give the vowels that stand together in a word, those that are silent left out."""
    text = unicodedata.normalize("NFC", word).lower()
    text = re.sub("(?<=[gq])u(?=[eiéí])", "", text).replace("ch", "c")
    text = re.sub("(^|(?<=[aeiouáéíóú]))hi(?=[aeoáéó])", "ʝ", text)
    text = text.replace("h", "")
    text = re.sub("y(?=[aeiouáéíóú])", "ʝ", text).replace("y", "i").replace("w", "u")
    return re.findall("[aeiouáéíóúü]+", text)


def _runs_of_segments(segments: Segments) -> list[tuple[int, ...]]:
    """Give the indexes of vowels and glides that stand together."""
    runs: list[tuple[int, ...]] = []
    for at, segment in enumerate(segments):
        if is_vowel(segment) or is_glide(segment):
            if runs and runs[-1][-1] == at - 1:
                runs[-1] = (*runs[-1], at)
            else:
                runs.append((at,))
    return runs


def _is_nucleus(run: str, at: int) -> bool:
    """Tell whether a written vowel is one by itself: a weak one beside another is not."""
    if run[at] in STRONG:
        return True
    before, after = run[at - 1 : at], run[at + 1 : at + 2]
    if before and before in STRONG:
        return False
    if after:
        return not (after in STRONG or after in "iuü")
    return True


def _stressed(word: str, nuclei: Sequence[int]) -> int:
    """Give the nucleus that is stressed where no accent says it."""
    last_but_one = re.search("([aeiou]|[^aeiou]y)[ns]?$", word.lower()) and len(nuclei) > 1
    return nuclei[-2 if last_but_one else -1]


def _syllables(segments: Segments, nuclei: Sequence[int]) -> tuple[Segments, ...]:
    """Part segments before the longest onset that a syllable may have."""
    cuts = [0]
    for left, right in pairwise(nuclei):
        cuts.append(right - _onset(segments[left + 1 : right]))
    cuts.append(len(segments))
    return tuple(segments[a:b] for a, b in pairwise(cuts))


def _onset(between: Segments) -> int:
    """Give how many of the segments between two nuclei begin the second."""
    glides = 0
    while glides < len(between) and is_glide(between[len(between) - 1 - glides]):
        glides += 1
    if NOT_SYLLABIC in "".join(between[:1]):  # a glide that closes the syllable before
        glides = min(glides, len(between) - 1)
    consonants = broad(between[: len(between) - glides])
    if len(consonants) > 1 and consonants[-1] in "lɾ" and consonants[-2] in "pbfkɡtd":
        return glides + (1 if (consonants[-2], consonants[-1]) in {("t", "l"), ("d", "l")} else 2)
    return glides + min(1, len(consonants))


def whole(row: Row) -> Form:
    """Give a word of any language as one piece: without dots, and nobody says where its stress is."""
    return Form((row.segments,), 0)


# Errors.

Error: TypeAlias = Callable[["Case"], Iterator[str]]
"""Gives wrong forms of a case, in the order in which they are to be tried; none where it cannot."""


@attrs.frozen
class Case:
    """
    What an error is made of.

    Attributes:
        row: The word and its segments.
        form: The right one.
        dots: Whether it is written with them.
        random: What is drawn from.
        rows: The whole list, for another word's.
        formed: Gives the form of one of these.
        right: What is right, folded, by word.
    """

    row: Row
    form: Form
    dots: bool
    random: Random
    rows: Sequence[Row]
    formed: Callable[[Row], Form | None]
    right: Mapping[str, frozenset[Segments]]

    def changed(self, syllables: Iterable[Segments]) -> Iterator[str]:
        """Write other syllables in place of its own, if that makes another word of them."""
        form = attrs.evolve(self.form, syllables=tuple(syllables))
        if broad(form.segments) not in self.right[self.row.word]:
            yield form.written(dots=self.dots)

    def put(self, at: tuple[int, int], *segments: str, instead: int = 1) -> Iterator[str]:
        """Put segments where one stands."""
        number, place = at
        syllables = list(self.form.syllables)
        old = syllables[number]
        syllables[number] = (*old[:place], *segments, *old[place + instead :])
        return self.changed(syllables)

    def places(self, wanted: Callable[[str], bool] = bool) -> list[tuple[int, int]]:
        """Give where segments stand, as syllable and place in it, in any order."""
        found = [
            (number, place)
            for number, syllable in enumerate(self.form.syllables)
            for place, segment in enumerate(syllable)
            if wanted(segment)
        ]
        self.random.shuffle(found)
        return found

    def at(self, where: tuple[int, int]) -> str:
        """Give the segment that stands there."""
        return self.form.syllables[where[0]][where[1]]

    @property
    def written(self) -> str:
        """The right form as it is written here."""
        return self.form.written(dots=self.dots)


def swapped(of: str, by: str) -> Error:
    """Make the error that has one segment for another, once."""

    def error(case: Case) -> Iterator[str]:
        for where in case.places(lambda segment: folded(segment) in of.split()):
            yield from case.put(where, by)

    return error


def look_alike(of: str, by: str) -> Error:
    """Make the error that has one character for another."""

    def error(case: Case) -> Iterator[str]:
        if of in case.written:
            yield case.written.replace(of, by)

    return error


def colon(case: Case) -> Iterator[str]:
    """Put a colon after the stressed vowel."""
    where = next(
        (case.form.stress, place)
        for place, segment in enumerate(case.form.syllables[case.form.stress])
        if is_vowel(segment)
    )
    yield next(case.put(where, case.at(where), ":"), "")


def no_stress(case: Case) -> Iterator[str]:
    """Leave the mark out."""
    if len(case.form.syllables) > 1:
        yield case.written.replace("ˈ", "")


def stress_moved(case: Case) -> Iterator[str]:
    """Stress another syllable; an adverb has two that are."""
    others = [n for n in range(len(case.form.syllables)) if n != case.form.stress]
    if others and not case.row.word.endswith("mente"):
        yield case.form.written(dots=case.dots, stress=case.random.choice(others))


def vowel_swapped(case: Case) -> Iterator[str]:
    """Say another vowel."""
    for where in case.places(is_vowel):
        for vowel in case.random.sample("aeiou", 5):
            if vowel != folded(case.at(where)):
                yield from case.put(where, vowel)


def segment_dropped(case: Case) -> Iterator[str]:
    """Leave a segment out; a syllable that is left without any is gone."""
    for number, place in case.places():
        syllables = list(case.form.syllables)
        old = syllables[number]
        left = old[:place] + old[place + 1 :]
        if any(map(is_vowel, left)):
            syllables[number] = left
            yield from case.changed(syllables)
        elif len(syllables) > 1 and not case.dots:
            after = number + 1 if number + 1 < len(syllables) else number - 1
            syllables[after] = (
                left + syllables[after] if after > number else syllables[after] + left
            )
            del syllables[number]
            stress = min(case.form.stress - (number < case.form.stress), len(syllables) - 1)
            form = Form(tuple(syllables), stress)
            if broad(form.segments) not in case.right[case.row.word]:
                yield form.written(dots=False)


def segment_added(case: Case) -> Iterator[str]:
    """Put a segment in."""
    for where in case.places():
        for segment in case.random.sample(LATIN_AMERICAN, 3):
            yield from case.put(where, segment, instead=0)


def transposed(case: Case) -> Iterator[str]:
    """Say two neighbours in the other order."""
    for number, place in case.places():
        syllable = case.form.syllables[number]
        if place + 1 < len(syllable) and folded(syllable[place]) != folded(syllable[place + 1]):
            pair = syllable[place + 1], syllable[place]
            yield from case.put((number, place), *pair, instead=2)


def lisped(case: Case) -> Iterator[str]:
    """Say c and z as in Castile."""
    letters = re.sub(
        "[sx]|c(?=[eiéí])|z", lambda one: "S" if one[0] in "sx" else "Z", case.row.word.lower()
    )
    spelled = re.findall("[SZ]", letters)
    places = sorted(case.places(lambda segment: folded(segment) == "s"))
    if "Z" not in spelled or len(spelled) != len(places):
        return
    syllables = [list(one) for one in case.form.syllables]
    for kind, (number, place) in zip(spelled, places, strict=True):
        if kind == "Z":
            syllables[number][place] = "θ"
    yield from case.changed(map(tuple, syllables))


def not_lisped(case: Case) -> Iterator[str]:
    """Leave c and z as in America; it is wrong in Castile alone."""
    if any(lisped(case)):
        yield case.written


def other_word(case: Case) -> Iterator[str]:
    """Take the transcription of another word."""
    for row in case.random.sample(case.rows, min(5, len(case.rows))):
        form = case.formed(row)
        if form and broad(row.segments) not in case.right[case.row.word]:
            yield form.written(dots=case.dots)


def spelling_as_ipa(case: Case) -> Iterator[str]:
    """Copy the spelling; that of some words is right, a glide being written as a vowel."""
    said = ("".join(segments) for segments in case.right[case.row.word])
    if case.row.word.lower() not in {one.replace("j", "i").replace("w", "u") for one in said}:
        yield f"[{case.row.word}]"


def dots_misplaced(case: Case) -> Iterator[str]:
    """Move a dot over a consonant; where a cluster may be parted either way, it stays."""
    syllables = case.form.syllables
    joints = list(range(len(syllables) - 1))
    case.random.shuffle(joints)
    for number in joints if case.dots else ():
        left, right = syllables[number], syllables[number + 1]
        for new in ((left[:-1], (left[-1], *right)), ((*left, right[0]), right[1:])):
            moved = left[-1] if len(new[0]) < len(left) else right[0]
            between = (
                (left[-1], *right[:2]) if len(new[0]) < len(left) else (*left[-1:], *right[:2])
            )
            if is_vowel(moved) or is_glide(moved) or broad(between[:2]) in {("t", "l"), ("d", "l")}:
                continue
            if broad(right[:2]) in {("t", "l"), ("d", "l")}:
                continue
            yield from _written(
                attrs.evolve(
                    case.form, syllables=(*syllables[:number], *new, *syllables[number + 2 :])
                )
            )


def _written(form: Form) -> Iterator[str]:
    if all(any(map(is_vowel, one)) for one in form.syllables):
        yield form.written()


def unknown_symbol(case: Case) -> Iterator[str]:
    """Put a character in that is no IPA."""
    where = case.places()[0]
    number, place = where
    syllables = list(case.form.syllables)
    old = syllables[number]
    syllables[number] = (*old[:place], case.random.choice(SYMBOLS), *old[place:])
    yield attrs.evolve(case.form, syllables=tuple(syllables)).written(dots=case.dots)


ERRORS: Mapping[str, tuple[str, Error]] = {
    "ascii-g": ("es-419", look_alike("ɡ", "g")),
    "colon": ("es-419", colon),
    "apostrophe": ("es-419", look_alike("ˈ", "'")),
    "no-stress": ("es-419", no_stress),
    "stress-moved": ("es-419", stress_moved),
    "vowel-swapped": ("es-419", vowel_swapped),
    "segment-dropped": ("es-419", segment_dropped),
    "segment-added": ("es-419", segment_added),
    "transposed": ("es-419", transposed),
    "v-for-b": ("es-419", swapped("b", "v")),
    "r-for-ɾ": ("es-419", swapped("ɾ", "r")),
    "ɾ-for-r": ("es-419", swapped("r", "ɾ")),
    "θ": ("es-419", swapped("s", "θ")),
    "ʎ": ("es-419", swapped("ʝ", "ʎ")),
    "castilian-cz": ("es-419", lisped),
    "american-cz": ("es-ES", not_lisped),
    "other-word": ("es-419", other_word),
    "spelling-as-ipa": ("es-419", spelling_as_ipa),
    "dots-misplaced": ("es-419", dots_misplaced),
    "unknown-symbol": ("es-419", unknown_symbol),
}
"""Each type of error, and the language whose readers it is one for."""


# Counting.


@attrs.frozen(kw_only=True)
class Trial:
    """A transcription that is judged, and whether that is right."""

    kind: str
    word: str
    ipa: str
    language: str
    wrong: bool


FOUND = ("fixed", "warn", "reject")
NO_STRESS = "no-stress"
"""The outcome of what is warned of for its missing stress mark alone."""


@attrs.define
class Line:
    """What became of one kind of transcription: how many had each outcome, and which went wrong."""

    kind: str
    outcomes: Counter[str] = attrs.Factory(Counter)
    astray: list[Trial] = attrs.Factory(list)

    def share(self, *outcomes: str) -> float:
        """Give how many had one of these."""
        return sum(self.outcomes[one] for one in outcomes) / max(1, self.outcomes.total())

    @property
    def detected(self) -> float:
        """The share that was found, where the right forms have their stress marks."""
        return self.share(*FOUND, NO_STRESS)


def outcome_of(verdict: IpaVerdict) -> str:
    """Give the verdict; a warning for a missing stress mark alone is one by itself."""
    codes = {reason.code for reason in verdict.reasons if reason.severity}
    return NO_STRESS if verdict.verdict == "warn" and codes == {NO_STRESS} else verdict.verdict


def right_ones(rows: Iterable[Row], language: str) -> Iterator[Trial]:
    """Give every row as a list has it, in brackets, and with stress and dots where these are known."""
    for row in rows:
        as_listed, joined = " ".join(row.segments), f"[{''.join(row.segments)}]"
        given = {"raw": as_listed, "joined": joined}
        if form := form_of(row) if language.startswith("es") else None:
            given |= {"dressed": form.written(), "stressed": form.written(dots=False)}
        for kind, ipa in given.items():
            yield Trial(kind=kind, word=row.word, ipa=ipa, language=language, wrong=False)


def wrong_ones(
    rows: Sequence[Row],
    *,
    most: int,
    seed: int = 0,
    kinds: Iterable[str] = ERRORS,
    formed: Callable[[Row], Form | None] = form_of,
) -> Iterator[Trial]:
    """Give up to so many wrong forms of every type, half of them without dots, drawn at random."""
    right: dict[str, set[Segments]] = defaultdict(set)
    for row in rows:
        right[row.word].add(broad(row.segments))
    known = {word: frozenset(forms) for word, forms in right.items()}
    for kind in kinds:
        language, error = ERRORS[kind]
        random = Random(f"{seed} {kind}")
        made = 0
        for row in random.sample(rows, len(rows)):
            if made == most:
                break
            if not (form := formed(row)):
                continue
            dots = kind == "dots-misplaced" or made % 2 == 0
            case = Case(row, form, dots, random, rows, formed, known)
            if ipa := next(error(case), ""):
                made += 1
                yield Trial(kind=kind, word=row.word, ipa=ipa, language=language, wrong=True)


def counted(trials: Iterable[Trial], judge: Callable[[Trial], IpaVerdict]) -> dict[str, Line]:
    """Judge them all; what was not found of the wrong ones is kept, and what was rejected of any."""
    lines: dict[str, Line] = {}
    for trial in trials:
        line = lines.setdefault(trial.kind, Line(trial.kind))
        outcome = outcome_of(judge(trial))
        line.outcomes[outcome] += 1
        if outcome not in (*FOUND, NO_STRESS) if trial.wrong else outcome == "reject":
            line.astray.append(trial)
    return lines
