"""A transcription against what is known of its word."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

import attrs

from stages.core.problem import Severity
from stages.records.verdict import Edit, IpaVerdict, Reason, Reference, Verdict
from stages.validation.ipa.alignment import WHOLE, steps
from stages.validation.ipa.known import (
    RULES,
    Known,
    as_well,
    by_reference,
    by_spelling,
    inside,
    parted,
)
from stages.validation.ipa.notation import Notation, read
from stages.validation.ipa.profile import ELSEWHERE, NEAR, Heard, Profile
from stages.validation.ipa.profiles import profile_of


def judge(
    word: str, ipa: str, language: str = "es-419", references: Sequence[Reference] = ()
) -> IpaVerdict:
    """
    Judge the transcription of a word; any text is judged, and none raises.

    What any reference agrees with is right. The rules of Spanish spelling are asked here; without a
    reference only notation and sounds are looked at.

    Args:
        word: As it is spelled; also several words.
        ipa: The transcription, with or without brackets, stress and dots.
        language: A BCP 47 tag.
        references: How others say that it is spoken.

    >>> judge("trabajo", "[tɾa.ˈβa.xo]").verdict, judge("algo", "[ˈal.go]").normalised
    ('ok', '[ˈal.ɡo]')
    >>> judge("pero", "[ˈpe.ro]").suggestion
    '[ˈpe.ɾo]'
    """
    one_word = " " not in word.strip()
    profile = profile_of(language)
    notation = read(ipa, one_word=one_word, one_way="/" not in word, tonal=profile is None)
    others = (by_reference(one, language, one_word=one_word) for one in references)
    known = [*by_spelling(word, language), *filter(None, others)]
    finding = _Finding()
    if profile and not notation.spoilt:
        judging = _Judging(word, notation.inner, profile)
        finding = judging.against(known) if known else judging.by_itself()
    reasons = (*finding.reasons, *notation.reasons)
    verdict = _verdict(reasons, agrees=finding.agrees)
    return IpaVerdict(
        word=word,
        ipa=ipa,
        language=language,
        verdict=verdict,
        normalised=notation.text,
        reasons=tuple(sorted(reasons, key=_weight, reverse=True)),
        suggestion=notation.text
        if verdict in ("ok", "fixed")
        else _suggested(notation, finding, known),
        reference=finding.known.reference if finding.known else None,
        edits=finding.edits,
        distance=sum(edit.cost for edit in finding.edits),
    )


@attrs.frozen
class _Finding:
    """What a comparison gave."""

    reasons: tuple[Reason, ...] = ()
    edits: tuple[Edit, ...] = ()
    known: Known | None = None
    agrees: bool = False

    @property
    def rank(self) -> tuple[int, float, int]:
        """What the best of several has least of."""
        worst = max(map(_weight, self.reasons), default=0)
        return worst, sum(edit.cost for edit in self.edits), len(self.reasons)


def _weight(reason: Reason) -> int:
    return {None: 0, Severity.WARNING: 1, Severity.ERROR: 2}[reason.severity]


def _verdict(reasons: Sequence[Reason], *, agrees: bool) -> Verdict:
    if not reasons:
        return "ok" if agrees else "unverified"
    by_weight: tuple[Verdict, ...] = ("fixed", "warn", "reject")
    return by_weight[max(map(_weight, reasons))]


def _suggested(notation: Notation, finding: _Finding, known: Sequence[Known]) -> str:
    """Give what is surely right, nearest first, written as the transcription is."""
    nearest = [finding.known] if finding.known else []
    others = [one for one in (*nearest, *known) if one.source != RULES]
    sure = [one for one in (*nearest, *known) if one.sure]
    dotted = "." in notation.inner or not notation.inner
    inner = next(filter(None, (one.written(dotted=dotted) for one in (*sure, *others))), "")
    brackets = notation.brackets if notation.inner else "[]"
    return f"{brackets[:1]}{inner}{brackets[1:]}" if inner else ""


@attrs.frozen(slots=False)
class _Judging:
    """One transcription under judgement."""

    word: str
    inner: str
    profile: Profile

    @cached_property
    def heard(self) -> Heard:
        return self.profile.hear(self.inner)

    @cached_property
    def folded(self) -> str:
        return self.profile.fold(self.heard.sounds)

    @cached_property
    def in_one_breath(self) -> "_Judging":
        """The same without its blanks."""
        return _Judging(self.word, self.inner.replace(" ", "‿"), self.profile)

    def against(self, known: Sequence[Known]) -> _Finding:
        """Compare it with every reference, and give what the nearest one says."""
        for one in known:
            if self.inner == one.inner:
                reasons = () if "ˈ" in self.inner else tuple(self._stress(one))
                return _Finding(reasons, (), one, agrees=True)
        strict = self.profile.mode == "strict" and any(one.sure for one in known)
        findings = []
        for one in known:
            finding = self._against(one, strict=strict)
            if finding.agrees and not finding.reasons:
                return finding
            findings.append(finding)
        return min(findings, key=lambda finding: finding.rank)

    def by_itself(self) -> _Finding:
        """Judge what can be judged of a word that nobody knows."""
        return _Finding((*self._inventory(), *self._stress_by_itself()))

    def _against(self, known: Known, *, strict: bool) -> _Finding:
        if known.inner.count(" ") == self.inner.count(" "):
            return self._compared(known, strict=strict)
        finding = self.in_one_breath._compared(known.in_one_breath, strict=strict)
        return attrs.evolve(finding, known=known)

    def _compared(self, known: Known, *, strict: bool) -> _Finding:
        edits = self._edits(known)
        reasons = [*self._sounds(known, edits)] if edits else []
        by_index = all(edit.op == "change" for edit in edits)
        if self.profile.mode == "advisory":
            reasons += self._stress_by_itself()
        elif by_index:
            reasons += self._stress(known)
            if self.profile.syllabic:
                reasons += self._dots(known)
        if not strict:
            reasons = [_doubted(reason) for reason in reasons]
        return _Finding(tuple(reasons), edits, known, agrees=not edits)

    def _edits(self, known: Known) -> tuple[Edit, ...]:
        if self.heard.sounds == known.heard.sounds or self.folded == known.folded:
            return ()
        edits: list[Edit] = []
        for op, here, there in steps(known.folded, self.folded, self.profile.cost):
            change = op == "change"
            edits.append(
                Edit(
                    op=op,
                    expected="" if op == "add" else self.profile.spelled(known.heard.sounds[here]),
                    got="" if op == "drop" else self.profile.spelled(self.heard.sounds[there]),
                    index=there,
                    cost=self.profile.cost(known.folded[here], self.folded[there])
                    if change
                    else WHOLE,
                )
            )
        return tuple(edits)

    def _sounds(self, known: Known, edits: Sequence[Edit]) -> Iterator[Reason]:
        distance = sum(edit.cost for edit in edits)
        said = f"[{known.inner}] was expected"
        if self.profile.mode == "advisory":
            longest = max(len(known.folded), len(self.folded))
            if distance >= max(_FAR, self.profile.far * longest):
                yield Reason(code="other-word", why=f"it is far from {self.word!r:.60}: {said}")
            return
        elsewhere = [edit for edit in edits if edit.cost == ELSEWHERE]
        wrong = [edit for edit in edits if edit.cost != ELSEWHERE]
        if (
            distance > NEAR
            and wrong
            and self.inner.replace("ˈ", "").replace(".", "") == self.word.casefold()
        ):
            yield Reason(code="spelling", why=f"it is how the word is spelled, not said: {said}")
            return
        if distance >= max(_FAR, len(known.folded) / 2):
            yield Reason(code="other-word", why=f"it is far from {self.word!r:.60}: {said}")
            return
        if wrong:
            what = ", ".join(map(_told, wrong))
            foreign = any(
                edit.got and not self.profile.inventory.issuperset(self.folded[edit.index])
                for edit in wrong
            )
            code = "foreign-sound" if foreign else "wrong-sound"
            yield Reason(code=code, why=f"{what}: {said}")
        if elsewhere:
            what = ", ".join(map(_told, elsewhere))
            why = f"{what}, as some say elsewhere: {said}"
            yield Reason(code="dialect", why=why, severity=Severity.WARNING)

    def _stress(self, known: Known) -> Iterator[Reason]:
        if not self.profile.stress:
            return
        marked = known.under(self.heard.stresses)
        said = f"[{known.inner}] was expected"
        missing = wrong = several = False
        for word in known.words:
            if not word[1:]:
                continue  # one syllable has no choice
            mine = marked.intersection(word)
            right = known.stressed.intersection(word) if mine else mine
            if not mine:
                missing = True
            elif right and max(right) not in mine:
                wrong = True
            elif right and not mine <= right | known.also:
                several = True
        if wrong or -1 in marked:
            yield Reason(code="wrong-stress", why=f"another syllable is stressed: {said}")
        elif missing:
            why = f"it has several syllables and no stress mark: {said}"
            yield Reason(code="no-stress", why=why, severity=Severity.WARNING)
        elif several:
            why = f"a word has more than one stress mark: {said}"
            yield Reason(code="two-stresses", why=why, severity=Severity.WARNING)

    def _dots(self, known: Known) -> Iterator[Reason]:
        sounds = self.heard.sounds
        ends = frozenset(end for end in self.heard.ends if inside(sounds, end))
        if known.ends is None or ends == known.ends or not (ends or self.heard.dotted):
            return
        places = [as_well(known.heard.sounds, end) for end in known.ends]
        allowed = frozenset(chain(*places)) | {
            end for end, glide in parted(known.heard.sounds) if sounds[glide] in self.profile.vowels
        }
        astray = not ends <= allowed
        lacking = self.heard.dotted and any(map(ends.isdisjoint, places))
        if astray or lacking:
            why = f"its syllables are parted elsewhere: [{known.inner}] was expected"
            yield Reason(code="wrong-dots", why=why, severity=Severity.WARNING)

    def _inventory(self) -> Iterator[Reason]:
        """Name the sounds that the locale does not have; a word that nobody knows may have them."""
        if self.profile.mode == "advisory":
            return
        for place, sound in enumerate(self.folded):
            if sound not in self.profile.consonants + self.profile.vowels + " ":
                said = self.profile.spelled(self.heard.sounds[place])
                code = "dialect" if sound in self.profile.dialect else "foreign-sound"
                why = f"{said!r} is no sound of this language"
                why = f"{said!r} is said elsewhere" if code == "dialect" else why
                yield Reason(code=code, why=why, severity=Severity.WARNING)

    def _stress_by_itself(self) -> Iterator[Reason]:
        if not self.profile.stress or self.heard.stresses:
            return
        vowels = re.findall(f"[{self.profile.nuclei}]+", self.heard.sounds)
        if len(vowels) > 1:
            why = f"it has {len(vowels)} syllables and no stress mark"
            yield Reason(code="no-stress", why=why, severity=Severity.WARNING)


_FAR = 1.5
"""The distance from which it is another word that was meant."""


def _doubted(reason: Reason) -> Reason:
    if reason.severity is Severity.ERROR:
        return attrs.evolve(reason, severity=Severity.WARNING)
    return reason


def _told(edit: Edit) -> str:
    if edit.op == "change":
        return f"{edit.got!r} for {edit.expected!r}"
    return f"no {edit.expected!r}" if edit.op == "drop" else f"{edit.got!r} too many"
