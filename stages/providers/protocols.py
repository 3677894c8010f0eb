"""What a stage may ask for. Each docstring is a promise that every adapter keeps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from stages.records.analysis import Analysis
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.card import Card
from stages.records.collection import AnkiState
from stages.records.job import Job, JobResult
from stages.records.look import Look
from stages.records.media import MediaFile
from stages.records.note import Note, NoteType
from stages.records.plan import Offer
from stages.records.usage import Usage
from stages.records.verdict import Reference


class AnalysisProvider(Protocol):
    """Knows the distinct meanings of words: a lexicon, a Wiktionary extract, Claude."""

    def estimate(self, word: str, brief: Brief) -> Usage:
        """Estimate what asking for a word takes; nothing where it is free or was answered before."""
        ...

    def meanings(self, word: str, brief: Brief) -> Analysis:
        """
        Give the distinct meanings of a word, at most `brief.most`, the most common first.

        Raises `NotFound` for a word it does not know and `OtherLanguage` for a language it does not
        have. An answer that was paid for and cannot be used has no meanings, but a problem that
        says why. Asking twice gives the same; where asking costs, it costs twice, unless a journal
        keeps the answers.
        """
        ...


class BatchProvider(Protocol):
    """Gives meanings later and for less: a batch is handed in, and its answers are fetched."""

    def estimate(self, batch: Batch) -> Usage:
        """Estimate what the words of a batch that wait will take; asks nobody."""
        ...

    def submit(self, batch: Batch) -> Job:
        """
        Hand in the words of a batch that wait; the job's id lies on disk when this returns.

        Handing in the same again gives the same job, also after a run was killed or timed out half
        way, and costs nothing; only a job without any answer is handed in anew. Raises `Unavailable`
        where nobody knows whether it was handed in: the next call looks for it first.
        """
        ...

    def status(self, job: Job) -> Job:
        """Give the job as it is now; raises `NotFound` where the provider does not know it."""
        ...

    def results(self, job: Job, brief: Brief) -> Iterable[JobResult]:
        """
        Give what became of each word of a job that has ended, in any order.

        Fetching twice gives the same and costs nothing. Raises `Rejected` while it has not ended.
        """
        ...

    def cancel(self, job: Job) -> Job:
        """Stop answering; what was answered by then can be fetched once the job has ended."""
        ...


class ImageProvider(Protocol):
    """Makes or finds pictures."""

    def existing(self, cards: Sequence[Card]) -> Mapping[str, MediaFile]:
        """
        Give the pictures that were made before, by card id; costs nothing.

        A picture that a source before its own might better is not among them; one whose card says
        now what would make another is, as `outdated`.
        """
        ...

    def offer(self, card: Card) -> Offer:
        """Say who would make the picture of this card, and the most that costs; asks nobody."""
        ...

    def picture(self, card: Card) -> MediaFile:
        """
        Give the picture of a card; its bytes lie in the media folder when this returns.

        It never shows the card's word. Raises `Rejected`, `Refused`, `NotFound` or `BadAnswer` for
        this card alone, `Misconfigured`, `Denied` or `QuotaExhausted` where no card would get one.
        """
        ...


class AudioProvider(Protocol):
    """Speaks, or finds those who spoke: the `word` of a card, which may be a sentence."""

    def existing(self, cards: Sequence[Card]) -> Mapping[str, MediaFile]:
        """Give the sounds that were made before, by word; costs nothing, and goes as for pictures."""
        ...

    def offer(self, card: Card) -> Offer:
        """Say who would make the sound of this word, and the most that costs; asks nobody."""
        ...

    def sound(self, card: Card) -> MediaFile:
        """
        Give the card's word as it is spoken; its bytes lie in the media folder when this returns.

        Never a silent file. Raises `NotFound` for a word without recording, else as pictures do.
        """
        ...


class PronunciationProvider(Protocol):
    """Knows how words are spoken: a person's own list, a lexicon, a speech engine."""

    def references(
        self, words: Sequence[str], language: str
    ) -> Mapping[str, tuple[Reference, ...]]:
        """
        Give how these words are spoken, by word; one that it does not know is left out.

        Costs nothing. Raises `OtherLanguage` for a language it does not have, and `Misconfigured`
        where it cannot be asked at all.
        """
        ...


class MediaProvider(Protocol):
    """The folder in which pictures and sounds lie under their content-hashed names."""

    def read(self, name: str) -> bytes:
        """Give a file's bytes; raises `NotFound`, or `Denied` if it may not be read."""
        ...

    def look(self, name: str) -> Look:
        """
        Decode a file and say what is in it; one whose name has its hash is compared with that.

        Raises `NotFound` or `Denied` as `read` does, `BadAnswer` for what is no picture or sound,
        cannot be decoded, or is not what its name says. Where what decodes it is not installed, the
        look says so.
        """
        ...

    def unused(self) -> Mapping[str, int]:
        """
        Give the size of each picture and sound that the folder does not need, by name.

        What the folder's own records name is needed; what cards show is for others to say.
        """
        ...


class FileProvider(Protocol):
    """Text files, UTF-8, by path."""

    def exists(self, path: str) -> bool:
        """Tell whether there is a file."""
        ...

    def read(self, path: str) -> str:
        """Give a file's text; raises `NotFound`, `Denied`, or `BadAnswer` if it is no UTF-8."""
        ...

    def write(self, path: str, text: str) -> None:
        """
        Write a file whole or not at all: a reader sees the old text or the new one.

        Writing the text that is there already touches nothing. Raises `Denied` when it may not be
        written, `Unavailable` when the disk is full; the old file then stays.
        """
        ...


Retirement: TypeAlias = Literal["tag", "suspend", "delete"]
"""What becomes of a note that no card wants any more."""


class AnkiProvider(Protocol):
    """
    A place where a deck lives: a package file, or a running Anki.

    Notes are known by our guid, `note_guid(language, note type, card id)`, everywhere. Putting the
    same thing twice changes nothing the second time. Nothing is ever deleted from a collection that
    `retire` was not asked for; a package holds exactly what was put in one run, so all of it is put
    every time. Raises `Unavailable` when it cannot be reached, `Denied` when it may not be written,
    and `BadAnswer` when what is there cannot be read.

    A sync calls these in their order here. It may be killed between any two of them, and the next
    one does what was left.
    """

    def read(self) -> AnkiState:
        """Give what is there now; an empty state where nothing is yet."""
        ...

    def backup(self) -> str:
        """
        Back up what is there, before the first change; say where, empty if nothing can be lost.

        The stages of one sync ask one after the other, before the first change of each; a backup
        that was made a moment ago will do.
        """
        ...

    def put_note_types(self, note_types: tuple[NoteType, ...]) -> None:
        """Make the note types be there as given: nothing of them is removed from a collection."""
        ...

    def put_media(self, files: tuple[MediaFile, ...]) -> None:
        """Make the files be there; their bytes lie in the media folder of the adapter."""
        ...

    def put_notes(self, notes: tuple[Note, ...]) -> None:
        """
        Make the notes be there as given, their tags too, new cards in this order.

        What the learner edited was merged into them before. Only notes that differ are touched, and
        a change never touches their review history, nor fields that are not given. A note that is
        there stays in its deck, and a collection gets the decks that it lacks. Note types and media
        were put before. A package is written here, whole or not at all.
        """
        ...

    def retire(self, guids: tuple[str, ...], how: Retirement) -> None:
        """
        Mark notes that no card wants any more with `RETIRED_TAG`; also suspend, or delete them.

        What is deleted is forgotten by `remember` as well. A package has left them out already.
        """
        ...

    def remember(self, notes: tuple[Note, ...], note_types: tuple[NoteType, ...] = ()) -> None:
        """
        Keep what was wanted of these, for `pushed` and `pushed_types` of the next `read`.

        Called when they were put and are there; of others, what was kept before stays. It is what
        was wanted, not what was merged: so an edit of the learner's that stayed stays an edit.
        """
        ...
