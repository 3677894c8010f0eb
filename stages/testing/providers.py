"""Providers that live in memory: small, honest, and open about what they were asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, NotFound, OtherLanguage, Rejected
from stages.providers.protocols import Retirement
from stages.records.analysis import Analysis
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.canonical import canonical_tags
from stages.records.card import Card
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.entry import entry_of
from stages.records.job import Job, JobOutcome, JobResult, JobState
from stages.records.look import Look
from stages.records.meaning import GAP, Meaning
from stages.records.media import (
    SOUNDS,
    MediaFile,
    content_matches,
    extension,
    is_media_name,
    media_name,
)
from stages.records.note import Note, NoteType, media_in
from stages.records.plan import Offer
from stages.records.pronunciation import pronounced
from stages.records.usage import Usage
from stages.records.verdict import Reference

Failures: TypeAlias = Mapping[str, ProviderError]
"""What is raised, by the item that is asked for; every time it is."""

_NONE: Failures = FrozenMap()
_FREE = Decimal(0)

_SEEN = Look(kind="png", what="picture", size=0, width=512, height=512)
_HEARD = Look(kind="mp3", what="sound", size=0, seconds=3.0, channels=1, rate=24_000, loudest=0.1)


def made_up(word: str) -> tuple[Meaning, ...]:
    """
    Give one meaning that a word might have, whole in every field.

    >>> made_up("casa")[0].gapped
    'Digo _____ otra vez.'
    """
    return (
        Meaning(
            word=word,
            id="made_up",
            context="inventado",
            definition="lo que se dice",
            example=f"Digo {word} otra vez.",
            gapped=f"Digo {GAP} otra vez.",
            ipa=pronounced(word) or "[ˈka.sa]",
        ),
    )


class MemoryAnalysis:
    """
    The `AnalysisProvider` that knows the meanings it was given.

    Attributes:
        history: The words that were asked for.
    """

    def __init__(
        self,
        meanings: Iterable[Meaning] = (),
        *,
        otherwise: Callable[[str], tuple[Meaning, ...]] | None = None,
        failures: Failures = _NONE,
        language: str = "es-419",
        price: Decimal = _FREE,
    ) -> None:
        """
        Know these meanings of one language.

        Args:
            meanings: In the order in which they are given back.
            otherwise: Gives the meanings of any other word, such as `made_up`.
            failures: What is raised, by word.
            language: The only one it knows.
            price: Of each word, in US dollars.
        """
        self.history: list[str] = []
        self._meanings = tuple(meanings)
        self._otherwise = otherwise
        self._failures = failures
        self._language = language
        self._usage = Usage(requests=1, cost=price) if price else Usage()

    def estimate(self, word: str, brief: Brief) -> Usage:  # noqa: ARG002  # every word costs alike
        """Give what each word costs."""
        return self._usage

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """Give the distinct meanings of a word, the most common first; never none."""
        self.history.append(word)
        _raise_if_told(self._failures, word)
        if brief.language != self._language:
            why = f"{brief.language} was asked for, and {self._language} is all there is"
            raise OtherLanguage(why)
        found = tuple(one for one in self._meanings if one.word == word)
        if not found and self._otherwise:
            found = self._otherwise(word)
        if not found:
            raise NotFound(f"{word!r} is not known")
        return Analysis(meanings=found[: brief.most], usage=self._usage)


class MemoryBatches:
    """
    The `BatchProvider` whose jobs are answered by the words' meanings.

    Attributes:
        jobs: What was handed in, by id, as it is now.
        history: What was asked, by the names of the methods.
    """

    def __init__(
        self,
        answer: Callable[[str], tuple[Meaning, ...]] = made_up,
        *,
        polls: int = 0,
        outcomes: Mapping[str, JobOutcome] = FrozenMap(),
        failures: Failures = _NONE,
        price: Decimal = _FREE,
    ) -> None:
        """
        Answer batches.

        Args:
            answer: Gives the meanings of a word.
            polls: How often `status` says that a job is not answered yet.
            outcomes: What becomes of a word instead of an answer.
            failures: What is raised, by the name of a method.
            price: Of each word, in US dollars.
        """
        self.jobs: dict[str, Job] = {}
        self.history: list[str] = []
        self._canceled: set[str] = set()
        self._answer = answer
        self._polls = polls
        self._outcomes = outcomes
        self._failures = failures
        self._price = price

    def estimate(self, batch: Batch) -> Usage:
        """Give what each waiting word costs."""
        words = len(batch.waiting)
        return Usage(requests=words, cost=words * self._price)

    def submit(self, batch: Batch) -> Job:
        """Hand in the words that wait; the same words are one job."""
        self._asked("submit")
        words = FrozenMap({f"w-{number}": word for number, word in enumerate(batch.waiting)})
        for job in self.jobs.values():
            if job.words == words:
                return job
        made = Job(id=f"job-{len(self.jobs) + 1}", provider="memory", words=words)
        self.jobs[made.id] = made
        return made

    def status(self, job: Job) -> Job:
        """Give the job as it is now; it ends when it was asked for often enough."""
        self._asked("status")
        known = self._known(job)
        if self._polls:
            self._polls -= 1
            return known
        outcomes = [self._outcome(known, word) for word in known.words.values()]
        counts = FrozenMap({one.value: outcomes.count(one) for one in JobOutcome})
        return self._now(attrs.evolve(known, state=JobState.ENDED, counts=counts))

    def results(self, job: Job, brief: Brief) -> Iterator[JobResult]:
        """Give what became of each word, the last one first."""
        self._asked("results")
        known = self._known(job)
        if known.state is not JobState.ENDED:
            raise Rejected(f"{job.id} has not ended yet")
        for word in reversed(tuple(known.words.values())):
            outcome = self._outcome(known, word)
            found = self._answer(word)[: brief.most] if outcome is JobOutcome.SUCCEEDED else ()
            entries = tuple(FrozenMap(entry_of(one)) for one in found)
            usage = Usage(requests=len(found[:1]), cost=self._price if found else _FREE)
            yield JobResult(word=word, outcome=outcome, entries=entries, usage=usage)

    def cancel(self, job: Job) -> Job:
        """Stop answering."""
        self._asked("cancel")
        self._canceled.add(job.id)
        return self._now(attrs.evolve(self._known(job), state=JobState.CANCELING))

    def _asked(self, method: str) -> None:
        self.history.append(method)
        _raise_if_told(self._failures, method)

    def _outcome(self, job: Job, word: str) -> JobOutcome:
        usual = JobOutcome.CANCELED if job.id in self._canceled else JobOutcome.SUCCEEDED
        return self._outcomes.get(word, usual)

    def _known(self, job: Job) -> Job:
        if job.id not in self.jobs:
            raise NotFound(f"{job.id} is not known")
        return self.jobs[job.id]

    def _now(self, job: Job) -> Job:
        self.jobs[job.id] = job
        return job


class MemoryMedia:
    """
    The `MediaProvider` whose folder is a dict.

    It decodes nothing: by what is seen in it, each file is what a card should have.

    Attributes:
        files: Bytes, by name.
        history: The names that were asked for.
    """

    def __init__(
        self,
        files: Mapping[str, bytes] = FrozenMap(),
        *,
        looks: Mapping[str, Look] = FrozenMap(),
        failures: Failures = _NONE,
    ) -> None:
        """
        Hold these files.

        Args:
            files: Bytes, by name.
            looks: What is seen in files that are not as they should be, by name.
            failures: What is raised, by name.
        """
        self.files = dict(files)
        self.history: list[str] = []
        self._looks = looks
        self._failures = failures

    def read(self, name: str) -> bytes:
        """Give a file's bytes."""
        self.history.append(name)
        _raise_if_told(self._failures, name)
        if name not in self.files:
            raise NotFound(f"media file {name} is not there")
        return self.files[name]

    def look(self, name: str) -> Look:
        """Say what is in a file; one that has another hash or another type is a bad answer."""
        content = self.read(name)
        if name in self._looks:
            return self._looks[name]
        if is_media_name(name) and not content_matches(name, content):
            raise BadAnswer(f"{name} holds something else than its name says")
        try:
            kind = extension(content)
        except ValueError as error:
            raise BadAnswer(f"it is {error}") from None
        if kind in SOUNDS:
            return attrs.evolve(_HEARD, kind=kind, size=len(content))
        return attrs.evolve(_SEEN, kind=kind, size=len(content))

    def unused(self) -> dict[str, int]:
        """Give the size of every file, by name: nothing is written down of any."""
        return {name: len(content) for name, content in self.files.items()}

    def keep(self, stem: str, content: bytes, provider: str) -> MediaFile:
        """Put a file into the folder under the name that its content has."""
        name = media_name(stem, content)
        self.files[name] = content
        return MediaFile(name=name, size=len(content), provider=provider)


class MemoryReferences:
    """
    The `PronunciationProvider` that knows how the words are spoken that it was told.

    Attributes:
        history: What was asked, as pairs of words and language.
    """

    def __init__(
        self,
        references: Mapping[str, Iterable[Reference]] = FrozenMap(),
        *,
        language: str = "es-419",
        failures: Failures = _NONE,
    ) -> None:
        """Know these, by word; `failures` says what is raised, by language."""
        self.history: list[tuple[tuple[str, ...], str]] = []
        self._references = {word: tuple(some) for word, some in references.items()}
        self._language = language
        self._failures = failures

    def references(self, words: Sequence[str], language: str) -> dict[str, tuple[Reference, ...]]:
        """Give how these words are spoken, by word."""
        self.history.append((tuple(words), language))
        _raise_if_told(self._failures, language)
        if language != self._language:
            why = f"{language} was asked for, and {self._language} is all there is"
            raise OtherLanguage(why)
        return {word: self._references[word] for word in words if word in self._references}


class _Maker:
    """What the makers of pictures and of sounds have in common."""

    signature = b""

    def __init__(
        self,
        media: MemoryMedia | None = None,
        *,
        price: Decimal = _FREE,
        failures: Failures = _NONE,
    ) -> None:
        """
        Make files that differ from item to item, and remember them.

        Args:
            media: The folder into which the bytes go.
            price: Of each one, in US dollars.
            failures: What is raised, by item.
        """
        self.history: list[str] = []
        self.media = MemoryMedia() if media is None else media
        self._price = price
        self._failures = failures
        self._made: dict[str, MediaFile] = {}

    def offer(self, _: Card) -> Offer:
        """Give what each one costs."""
        return Offer("memory", self._price)

    def _existing(self, items: Iterable[str]) -> dict[str, MediaFile]:
        return {item: self._made[item] for item in items if item in self._made}

    def _make(self, item: str) -> MediaFile:
        self.history.append(item)
        _raise_if_told(self._failures, item)
        content = self.signature + item.encode()
        self._made[item] = self.media.keep(item, content, "memory")
        return self._made[item]


class MemoryImages(_Maker):
    """
    The `ImageProvider` that paints nothing: each card id has a picture of its own.

    Attributes:
        history: The ids of the cards for which a picture was to be made.
        media: The folder into which the bytes go.
    """

    signature = b"\x89PNG\r\n\x1a\n"

    def existing(self, cards: Sequence[Card]) -> dict[str, MediaFile]:
        """Give the pictures that were made before, by card id."""
        return self._existing(card.id for card in cards)

    def picture(self, card: Card) -> MediaFile:
        """Give the picture of a card; its bytes lie in the media folder when this returns."""
        return self._make(card.id)


class MemoryAudio(_Maker):
    """
    The `AudioProvider` that says nothing: each word has a sound of its own.

    Attributes:
        history: The words for which a sound was to be made.
        media: The folder into which the bytes go.
    """

    signature = b"ID3\x04"

    def existing(self, cards: Sequence[Card]) -> dict[str, MediaFile]:
        """Give the sounds that were made before, by word."""
        return self._existing(card.word for card in cards)

    def sound(self, card: Card) -> MediaFile:
        """Give the card's word as it is spoken; its bytes lie in the media folder then."""
        return self._make(card.word)


class MemoryFiles:
    """
    The `FileProvider` whose disk is a dict.

    Attributes:
        files: Texts, by path.
        history: What was asked, as pairs such as ("read", "words.json").
        changed: The paths whose text really changed, in order.
    """

    def __init__(
        self, files: Mapping[str, str] = FrozenMap(), *, failures: Failures = _NONE
    ) -> None:
        """Hold these files, by path; `failures` says what reading or writing one raises."""
        self.files = dict(files)
        self.history: list[tuple[str, str]] = []
        self.changed: list[str] = []
        self._failures = failures

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        self.history.append(("exists", path))
        return path in self.files

    def read(self, path: str) -> str:
        """Give a file's text."""
        self.history.append(("read", path))
        _raise_if_told(self._failures, path)
        if path not in self.files:
            raise NotFound(f"{path} is not there")
        return self.files[path]

    def write(self, path: str, text: str) -> None:
        """Write a file; the text that is there already touches nothing."""
        self.history.append(("write", path))
        _raise_if_told(self._failures, path)
        if self.files.get(path) != text:
            self.files[path] = text
            self.changed.append(path)


class MemoryAnki:
    """
    The `AnkiProvider` whose collection is a record.

    It is strict where Anki only shows a broken card: a note whose note type or media were not put
    before is an `AssertionError`.

    Attributes:
        state: What the collection holds now.
        history: What was asked, by the names of the methods.
        touched: The guids of the notes that were made or changed, in order.
        suspended: The guids of the notes whose cards are suspended.
    """

    def __init__(self, state: AnkiState | None = None, *, failures: Failures = _NONE) -> None:
        """Start from a state, or from nothing; `failures` is by the name of a method."""
        self.state = state or AnkiState()
        self.history: list[str] = []
        self.touched: list[str] = []
        self.suspended: set[str] = set()
        self._failures = failures

    def read(self) -> AnkiState:
        """Give what is there now."""
        self._asked("read")
        return self.state

    def backup(self) -> str:
        """Say nothing: who has the state has it still."""
        self._asked("backup")
        return ""

    def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
        """Make the note types be there as given."""
        self._asked("put_note_types")
        there = {**self.state.note_types, **{one.name: one for one in note_types}}
        self.state = attrs.evolve(self.state, note_types=FrozenMap(there))

    def put_media(self, files: tuple[MediaFile, ...]) -> None:
        """Make the files be there."""
        self._asked("put_media")
        names = self.state.media | {file.name for file in files}
        self.state = attrs.evolve(self.state, media=names)

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """Make the notes be there; a note that was moved to another deck stays there."""
        self._asked("put_notes")
        there = dict(self.state.notes)
        for note in notes:
            self._demand_what_it_points_at(note)
            old = there.get(note.guid)
            new = _put_over(old, note) if old else note
            if new != old:
                there[note.guid] = new
                self.touched.append(note.guid)
        self.state = attrs.evolve(self.state, notes=FrozenMap(there))

    def retire(self, guids: tuple[str, ...], how: Retirement) -> None:
        """Tag the notes, suspend them, or delete them."""
        self._asked("retire")
        there, pushed = dict(self.state.notes), dict(self.state.pushed)
        for guid in guids:
            note = there.pop(guid)
            if how == "delete":
                pushed.pop(guid, None)
                continue
            there[guid] = attrs.evolve(note, tags=canonical_tags((*note.tags, RETIRED_TAG)))
            if how == "suspend":
                self.suspended.add(guid)
        notes = FrozenMap(there)
        self.state = attrs.evolve(self.state, notes=notes, pushed=FrozenMap(pushed))

    def remember(self, notes: tuple[Note, ...], note_types: tuple[NoteType, ...] = ()) -> None:
        """Keep what was wanted of these."""
        self._asked("remember")
        pushed = {**self.state.pushed, **{note.guid: note for note in notes}}
        types = {**self.state.pushed_types, **{one.name: one for one in note_types}}
        self.state = attrs.evolve(
            self.state, pushed=FrozenMap(pushed), pushed_types=FrozenMap(types)
        )

    def _asked(self, method: str) -> None:
        self.history.append(method)
        _raise_if_told(self._failures, method)

    def _demand_what_it_points_at(self, note: Note) -> None:
        if note.note_type not in self.state.note_types:
            raise AssertionError(f"note type {note.note_type!r} was not put before its note")
        for text in note.fields.values():
            for name in media_in(text):
                if name not in self.state.media:
                    raise AssertionError(f"{name} was not put before its note")


def _put_over(there: Note, note: Note) -> Note:
    fields = FrozenMap({**there.fields, **note.fields})
    return attrs.evolve(there, fields=fields, tags=note.tags)


def _raise_if_told(failures: Failures, item: str) -> None:
    if item in failures:
        raise failures[item]
