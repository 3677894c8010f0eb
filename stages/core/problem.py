"""What went wrong with one thing, as a value and as an exception a provider may raise."""

from enum import StrEnum
from typing import ClassVar

import attrs


class Severity(StrEnum):
    """An error spoils its item; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@attrs.frozen
class Problem:
    """
    One thing that is wrong: what was found, where, and what to do.

    Attributes:
        code: Stable and kebab-case, for programs: "missing-provider".
        where: A path to it, such as "words[3]" or "cards[casa_home].gapped".
        why: One sentence: what was found, and what was expected.
        hint: The cure; empty where none is known.
        severity: An error spoils its item, a warning does not.
        fix: The text that certainly should stand at `where` instead; None where nobody can be sure.
    """

    code: str
    where: str
    why: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    fix: str | None = None

    def __str__(self) -> str:
        cure = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.why}{cure}" if self.where else f"{self.why}{cure}"


class ProviderError(Exception):
    """
    A provider could not do what it was asked.

    The message is one sentence without any secret in it. The subclasses in `stages.providers.errors`
    say how far the trouble reaches.

    Attributes:
        code: What a `Problem` made from it carries.
        stops_run: Asking for the next item would fail alike, so nothing more is asked.
        hint: What to do about it.
    """

    code: ClassVar[str] = "provider-error"
    stops_run: ClassVar[bool] = False

    def __init__(self, why: str, hint: str = "") -> None:
        """Say why it could not, and what to do about it."""
        super().__init__(why, hint)
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        return self.why

    def at(self, where: str) -> Problem:
        """Give the problem that this error is for one item."""
        return Problem(self.code, where, self.why, self.hint)
