"""How a word is spoken by those who know it, and what that says of a transcription."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import attrs

from stages.core.problem import Severity

Verdict: TypeAlias = Literal["ok", "fixed", "warn", "reject", "unverified"]
"""
What a transcription is: right; right once its notation is; worth a look; wrong; or known to nobody.
"""


@attrs.frozen
class Reference:
    """
    How a word is spoken, as one who knows it says.

    Attributes:
        ipa: The transcription, with or without brackets, stress and dots.
        source: Who says so, such as "rules", "espeak-ng" or the name of a file.
    """

    ipa: str
    source: str


def all_told(
    known: Iterable[Mapping[str, tuple[Reference, ...]]],
) -> dict[str, tuple[Reference, ...]]:
    """
    Give all that is known of each word, in this order; what two say alike stands there once.

    >>> one, same = Reference("[ˈka.sa]", "my list"), Reference("[ˈka.sa]", "a lexicon")
    >>> all_told([{"casa": (one,)}, {"casa": (same,)}])
    {'casa': (Reference(ipa='[ˈka.sa]', source='my list'),)}
    """
    found: defaultdict[str, dict[str, Reference]] = defaultdict(dict)
    for some in known:
        for word, references in some.items():
            for one in references:
                found[word].setdefault(one.ipa, one)
    return {word: tuple(by_ipa.values()) for word, by_ipa in found.items()}


@attrs.frozen(kw_only=True)
class Edit:
    """
    One segment of a transcription that differs from a reference.

    Attributes:
        op: What was done to the reference: a segment changed, left out or put in.
        expected: The segment of the reference; empty where one was put in.
        got: The segment of the transcription; empty where one was left out.
        index: Where in the transcription, in segments from 0.
        cost: From 0, which is said either way, to 1.
    """

    op: Literal["change", "drop", "add"]
    expected: str
    got: str
    index: int
    cost: float


@attrs.frozen(kw_only=True)
class Reason:
    """
    One thing that is to be said of a transcription.

    Attributes:
        code: Stable and kebab-case, such as "wrong-stress".
        why: One sentence: what was found, and what was expected.
        severity: An error makes it a reject, a warning a warn; None for notation, which is mended.
    """

    code: str
    why: str
    severity: Severity | None = Severity.ERROR


@attrs.frozen(kw_only=True)
class IpaVerdict:
    """
    What is to be said of the transcription of a word.

    Attributes:
        word: As it is spelled.
        ipa: As it was given.
        language: A BCP 47 tag.
        verdict: In one word.
        normalised: The transcription in the notation that was meant; mending twice changes nothing.
        reasons: Why, the worst first.
        suggestion: A transcription that is right, written as the given one is; empty where nobody
            knows any.
        reference: The nearest one; None where nobody knows the word.
        edits: What differs from it.
        distance: The sum of what these cost.
    """

    word: str
    ipa: str
    language: str
    verdict: Verdict
    normalised: str
    reasons: tuple[Reason, ...] = ()
    suggestion: str = ""
    reference: Reference | None = None
    edits: tuple[Edit, ...] = ()
    distance: float = 0.0
