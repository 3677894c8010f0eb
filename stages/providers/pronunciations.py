"""Those who know how words are spoken: a person's own list, a lexicon, eSpeak NG."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from stages.core.frozen import FrozenMap
from stages.providers.errors import BadAnswer, Misconfigured, NotFound, OtherLanguage
from stages.providers.files import refusal
from stages.providers.protocols import AnalysisProvider, PronunciationProvider
from stages.providers.speech.sound import VoiceMissing, present
from stages.providers.speech.worker import Workers
from stages.records.brief import Brief
from stages.records.verdict import Reference, all_told


class References:
    """The `PronunciationProvider` that asks several, and gives what all of them say."""

    def __init__(self, *providers: PronunciationProvider) -> None:
        """Ask these; what the first says stands first."""
        if not providers:
            raise ValueError("references need at least one provider to ask")
        self._providers = providers

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give what each says that has the language."""
        told, refusals = [], []
        for provider in self._providers:
            try:
                told.append(provider.references(words, language))
            except OtherLanguage as error:
                refusals.append(error)
        if not told:
            raise OtherLanguage("; ".join(one.why for one in refusals), refusals[-1].hint)
        return all_told(told)


class PronunciationFile:
    """
    The `PronunciationProvider` of a person's own list, which is right whatever others say.

    A line is a word, a tab, and its IPA; several lines may have the same word, and several
    transcriptions of it may stand on one, with commas between their brackets. Lines that begin with
    # are remarks. A word is found as it is written, else in any case.
    """

    def __init__(self, path: Path | str, language: str = "") -> None:
        """
        Read a list.

        Args:
            path: The file.
            language: Of its words, a BCP 47 tag; where it is not said, it answers for any.

        Raises:
            BadAnswer: A line is none; the first of them are named.
            NotFound: There is no such file.
            Denied: It may not be read.
        """
        self.language = language
        path = Path(path)
        self._words: defaultdict[str, list[Reference]] = defaultdict(list)
        self._in_any_case: defaultdict[str, list[Reference]] = defaultdict(list)
        for word, ipa in _pairs(path):
            reference = Reference(ipa, path.name)
            self._words[word].append(reference)
            self._in_any_case[word.casefold()].append(reference)

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give what the list says."""
        if self.language and _base(language) != _base(self.language):
            raise _other(f"this list is of {self.language}", language)
        found = ((word, self._known(_composed(word))) for word in words)
        return {word: known for word, known in found if known}

    def _known(self, word: str) -> tuple[Reference, ...]:
        return tuple(self._words.get(word) or self._in_any_case.get(word.casefold()) or ())


class LexiconReferences:
    """
    The `PronunciationProvider` that takes the IPA out of a lexicon, or an extract of Wiktionary.

    Meanings that came out of the same lexicon always agree with it.
    """

    def __init__(self, analysis_provider: AnalysisProvider, source: str) -> None:
        """
        Take it from one that costs nothing.

        Args:
            analysis_provider: Gives the meanings, and their IPA with them.
            source: What it is called.
        """
        self._provider = analysis_provider
        self._source = source

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give the IPA of all meanings of each word."""
        brief = Brief(language=language)
        return all_told(self._known(word, brief) for word in words)

    def _known(self, word: str, brief: Brief) -> dict[str, tuple[Reference, ...]]:
        try:
            meanings = self._provider.meanings(word, brief).meanings
        except NotFound:
            return {}
        return {word: tuple(Reference(one.ipa, self._source) for one in meanings if one.ipa)}


class EspeakReferences:
    """
    The `PronunciationProvider` that asks eSpeak NG, which reads what is spelled by rules.

    It works in a process of its own, which may crash. Digits and words in capitals it leaves out:
    whether these are spelled out or read, nobody can see.
    """

    def __init__(self, language: str = "es-419") -> None:
        """
        Start the engine.

        Args:
            language: A BCP 47 tag; where eSpeak NG does not have its region, that of the language.

        Raises:
            OtherLanguage: eSpeak NG does not speak this language.
            Misconfigured: It is not installed.
        """
        self.language = language
        habits = (*_HABITS[""], *_HABITS.get(_base(language), ()))
        self._habits = [(re.compile(pattern), usual) for pattern, usual in habits]
        engine = "stages.providers.speech.espeak:Phonemes"
        try:
            present("espeakng_loader", "espeak")
            self._workers = Workers(_ESPEAK, engine, *_voices(language))
        except VoiceMissing as missing:
            raise Misconfigured(str(missing)) from None
        except ValueError as error:
            raise OtherLanguage(str(error)) from None

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give how eSpeak NG reads these words; raises `Unavailable` where its process dies of it."""
        if language.casefold() != self.language.casefold():
            raise _other(f"eSpeak NG reads {self.language} here", language)
        wanted = {word: " ".join(word.split()) for word in words if _is_read(word)}
        said = zip(wanted, self._said(wanted.values()), strict=True)
        return {word: (Reference(ipa, _ESPEAK),) for word, ipa in said if ipa}

    def _said(self, texts: Iterable[str]) -> Iterator[str]:
        remaining = iter(texts)
        try:
            while some := list(islice(remaining, _AT_ONCE)):
                lines = self._workers.speak("\n".join(some)).decode().split("\n")
                yield from map(self._written, lines)
        except VoiceMissing as missing:
            raise Misconfigured(str(missing)) from None

    def _written(self, ipa: str) -> str:
        """Write it as others do."""
        for pattern, usual in self._habits:
            ipa = pattern.sub(usual, ipa)
        return ipa.strip()


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Read the words of a list and their IPA; see `PronunciationFile` for what is raised."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        why = f"{path.name} is no list of pronunciations: line {number} is no UTF-8 text"
        raise BadAnswer(why, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise refusal(error, str(path)) from None
    pairs, faults = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        tab = "\t" in line
        word, _, ipa = (_composed(part) for part in line.partition("\t"))
        if not (word and ipa):
            missing = "word" if tab and not word else "IPA" if tab else "tab between word and IPA"
            faults.append(f"line {number} has no {missing}")
        pairs += [(word, one) for one in _PARTED.split(ipa)]
    if faults:
        more = f", and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        why = f"{path.name} is no list of pronunciations: {'; '.join(faults[:_SHOWN])}{more}"
        raise BadAnswer(why, "a line is a word, a tab, and its IPA: casa\t[ˈka.sa]")
    yield from pairs


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _base(language: str) -> str:
    return language.casefold().partition("-")[0]


def _other(what: str, language: str) -> OtherLanguage:
    return OtherLanguage(f"{what}, and {language} was asked for")


def _voices(language: str) -> tuple[str, ...]:
    """
    Give the names under which eSpeak NG may have a language, the nearest first.

    >>> _voices("es-MX"), _voices("es-ES"), _voices("de-AT")
    (('es-MX', 'es-419', 'es'), ('es-ES', 'es'), ('de-AT', 'de'))
    """
    base = _base(language)
    american = base == "es" and language.casefold() not in ("es", "es-es")
    return tuple(dict.fromkeys((language, *(("es-419",) if american else ()), base)))


def _is_read(word: str) -> bool:
    """
    Tell whether a word is read as it is spelled.

    >>> [word for word in ("casa", "Ana", "y", "Y", "ADN", "K2", "¿?") if _is_read(word)]
    ['casa', 'Ana', 'y', 'Y']
    """
    letters = [letter for letter in word if letter.isalpha()]
    capitals = len(letters) > 1 and word.isupper()
    return bool(letters) and not capitals and not any(map(str.isdigit, word))


_PARTED = re.compile(r"(?<=[\]/])\s*,\s*(?=[\[/])")
_SHOWN = 5
"""So many faults of a list are named."""

_ESPEAK = "espeak-ng"
_AT_ONCE = 2_000
"""So many words go to the process at a time."""

_HABITS = FrozenMap(
    {
        "": (
            (r"\([a-z-]+\)|-", ""),
        ),  # where it takes a word for one of another language, or joins two
        "de": (("ɜ", "ɐ"), ("ɑ", "a")),
        "es": (
            ("jj", "ʝ"),
            (r"\bj(?=ˈ?[aeou])", "ʝ"),
            ("ɪ", "i"),
            ("ʊ", "u"),
            (r"ˌ|ˈ(?=\S*ˈ)", ""),  # every word has but one stress, and that is the last one
        ),
        "pt": (("æ", "ɐ"), ("y", "i")),
    }
)
"""What eSpeak NG writes otherwise than others do, in any language and in some, and how they do."""
