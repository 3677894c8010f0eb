"""Who knows how words are spoken: a person's own lists, and eSpeak where it is installed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs

from stages.core.problem import ProviderError
from stages.providers.errors import OtherLanguage
from stages.providers.protocols import PronunciationProvider
from stages.records.verdict import Reference, all_told


@attrs.frozen
class Pronouncing:
    """
    The `PronunciationProvider` of those who can be asked here; whoever fails is passed over.

    Attributes:
        known: All of them, a person's own lists first.
        absent: Why eSpeak is not among them; empty where it is, or is not wanted.
    """

    known: tuple[PronunciationProvider, ...] = ()
    absent: str = ""

    @classmethod
    def of(
        cls, own: Iterable[Path], languages: Iterable[str], *, espeak: bool = True
    ) -> "Pronouncing":
        """
        Find out who can be asked here.

        Args:
            own: Lists with a word, a tab and its IPA on each line, which are right in any case.
            languages: Of the words that are going to be asked for, as BCP 47 tags.
            espeak: Whether eSpeak is to be asked.

        Raises:
            ProviderError: A list cannot be read.
        """
        from stages.providers.pronunciations import EspeakReferences, PronunciationFile

        known: list[PronunciationProvider] = [PronunciationFile(path) for path in own]
        absent = ""
        for language in dict.fromkeys(languages) if espeak else ():
            try:
                known.append(EspeakReferences(language))
            except OtherLanguage:
                continue
            except ProviderError as error:
                absent = str(error.at(""))
        return cls(tuple(known), absent)

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give what all of them say."""
        told = []
        for one in self.known:
            try:
                told.append(one.references(words, language))
            except ProviderError:
                continue
        return all_told(told)
