"""The providers that live in memory keep what the protocols promise."""

from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from stages import Batch, FrozenMap, JobOutcome, JobState, MediaFile, Usage
from stages.core.problem import ProviderError
from stages.providers.errors import Denied, Misconfigured, NotFound, Refused, Rejected, Unavailable
from stages.providers.protocols import (
    AnalysisProvider,
    AnkiProvider,
    AudioProvider,
    BatchProvider,
    FileProvider,
    ImageProvider,
    MediaProvider,
    PronunciationProvider,
)
from stages.records.brief import Brief
from stages.records.collection import RETIRED_TAG, AnkiState
from stages.records.entry import entry_of
from stages.records.media import content_matches
from stages.records.note import Note, note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.records.plan import Offer
from stages.testing import (
    MemoryAnalysis,
    MemoryAnki,
    MemoryAudio,
    MemoryBatches,
    MemoryFiles,
    MemoryImages,
    MemoryMedia,
    MemoryReferences,
    made_up,
)
from tests.making import card, meaning, picture


def test_each_fits_its_protocol() -> None:
    """A type checker reads this, and nobody has to run it."""
    analysis: AnalysisProvider = MemoryAnalysis()
    anki: AnkiProvider = MemoryAnki()
    audio: AudioProvider = MemoryAudio()
    batches: BatchProvider = MemoryBatches()
    files: FileProvider = MemoryFiles()
    images: ImageProvider = MemoryImages()
    media: MediaProvider = MemoryMedia()
    references: PronunciationProvider = MemoryReferences()
    assert all((analysis, anki, audio, batches, files, images, media, references))


def test_analysis_gives_what_it_was_given() -> None:
    """In that order, the same each time, and every question is remembered."""
    provider = MemoryAnalysis([meaning("ser", "b"), meaning("casa"), meaning("ser", "a")])
    for _ in range(2):
        assert provider.meanings("ser", Brief()).meanings == (
            meaning("ser", "b"),
            meaning("ser", "a"),
        )
    assert provider.history == ["ser", "ser"]


def test_analysis_never_gives_nothing() -> None:
    """A word it does not know is not found, unless somebody makes it up; a language stops the run."""
    provider = MemoryAnalysis([meaning("casa")])
    with pytest.raises(NotFound):
        provider.meanings("ser", Brief())
    with pytest.raises(Misconfigured):
        provider.meanings("casa", Brief(language="de"))
    assert MemoryAnalysis(otherwise=made_up).meanings("ser", Brief()).meanings == made_up("ser")


def test_a_failure_that_was_told_is_raised_each_time() -> None:
    """For its item alone; the question is remembered all the same."""
    refused = Refused("no")
    provider = MemoryAnalysis(otherwise=made_up, failures={"ser": refused})
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            provider.meanings("ser", Brief())
        assert caught.value is refused
    assert provider.meanings("casa", Brief()).meanings
    assert provider.history == ["ser", "ser", "casa"]


def test_no_more_meanings_are_given_than_wanted_and_each_word_has_its_price() -> None:
    """The most common come first."""
    provider = MemoryAnalysis([meaning("ser", "b"), meaning("ser", "a")], price=Decimal("0.1"))
    analysis = provider.meanings("ser", Brief(most=1))
    assert analysis.meanings == (meaning("ser", "b"),)
    assert analysis.usage == provider.estimate("ser", Brief()) == Usage(requests=1, cost=TENTH)


TENTH = Decimal("0.1")


def test_a_job_is_answered_once_it_has_ended() -> None:
    """The same words are one job; results come the last one first, and twice the same."""
    provider = MemoryBatches(polls=1, outcomes={"ser": JobOutcome.ERRORED}, price=TENTH)
    batch = Batch(words=("casa", "ser", "ir"))
    assert provider.estimate(batch) == Usage(requests=3, cost=3 * TENTH)
    job = provider.submit(batch)
    assert provider.submit(batch) == job
    assert provider.status(job).state is JobState.IN_PROGRESS
    with pytest.raises(Rejected):
        list(provider.results(job, Brief()))
    ended = provider.status(job)
    assert (ended.state, ended.counts["succeeded"]) == (JobState.ENDED, 2)
    results = list(provider.results(job, Brief()))
    assert [(one.word, one.outcome) for one in results] == [
        ("ir", JobOutcome.SUCCEEDED),
        ("ser", JobOutcome.ERRORED),
        ("casa", JobOutcome.SUCCEEDED),
    ]
    assert results == list(provider.results(job, Brief()))
    assert results[-1].entries == (FrozenMap(entry_of(made_up("casa")[0])),)


def test_a_job_that_is_canceled_has_no_answers() -> None:
    """And one that nobody handed in is not found."""
    provider = MemoryBatches()
    job = provider.submit(Batch(words=("casa",)))
    assert provider.cancel(job).state is JobState.CANCELING
    assert provider.status(job).counts["canceled"] == 1
    with pytest.raises(NotFound):
        MemoryBatches().status(job)


@pytest.mark.parametrize("kind", [MemoryImages, MemoryAudio])
def test_what_was_made_lies_in_the_folder_and_exists(
    kind: type[MemoryImages] | type[MemoryAudio],
) -> None:
    """Under a name that fits its bytes; asking what exists or what it costs is no question."""
    media = MemoryMedia()
    provider = kind(media, price=Decimal("0.02"))
    one, other = card("casa"), card("ser", "be")
    assert provider.existing([one]) == {}
    assert provider.offer(one) == Offer("memory", Decimal("0.02"))
    assert provider.history == []
    file = made(provider, one)
    assert content_matches(file.name, media.read(file.name))
    assert file.size == len(media.read(file.name))
    what = one.id if kind is MemoryImages else one.word
    assert provider.existing([one, other]) == {what: file}
    assert made(provider, other) != file
    assert made(provider, one) == file


def made(provider: MemoryImages | MemoryAudio, one: object) -> MediaFile:
    """Make the picture or the sound."""
    make = provider.picture if isinstance(provider, MemoryImages) else provider.sound
    return make(one)  # type: ignore[arg-type]


def test_pictures_are_of_cards_and_sounds_of_words() -> None:
    """Two cards of a word share its sound."""
    images, audio = MemoryImages(), MemoryAudio()
    one, other = card("casa"), card("casa", "household")
    assert images.picture(one) != images.picture(other)
    assert audio.sound(one) == audio.sound(other)
    assert (images.history, audio.history) == (["casa_home", "casa_household"], ["casa", "casa"])


def test_a_refused_picture_does_not_exist() -> None:
    """Nothing half-made is left."""
    provider = MemoryImages(failures={"casa_home": Refused("no")})
    with pytest.raises(Refused):
        provider.picture(card("casa"))
    assert provider.existing([card("casa")]) == {}
    assert provider.media.files == {}


def test_files_say_what_really_changed() -> None:
    """Writing what is there already touches nothing."""
    files = MemoryFiles({"a": "1"})
    files.write("a", "1")
    files.write("b", "2")
    files.write("a", "2")
    assert files.changed == ["b", "a"]
    assert files.history == [("write", "a"), ("write", "b"), ("write", "a")]
    with pytest.raises(NotFound):
        files.read("c")


def test_a_write_that_fails_leaves_the_old_text() -> None:
    """As on a disk that is full."""
    files = MemoryFiles({"a": "old"}, failures={"a": Unavailable("full")})
    with pytest.raises(Unavailable):
        files.write("a", "new")
    assert files.files == {"a": "old"}
    assert files.changed == []


def test_media_that_are_not_there_are_not_found() -> None:
    """And what was asked is remembered."""
    media = MemoryMedia({"a": b"1"}, failures={"b": Denied("closed")})
    assert media.read("a") == b"1"
    for name, error in (("b", Denied), ("c", NotFound)):
        with pytest.raises(error):
            media.read(name)
    assert media.history == ["a", "b", "c"]


def note(word: str = "casa", **fields: str) -> Note:
    """Give the note of a word's card."""
    return note_of(card(word, **fields), VOCABULARY_NOTE, "D", None, None)


def holding(*notes: Note) -> MemoryAnki:
    """Give a collection with our note type and these notes."""
    return MemoryAnki(
        AnkiState(
            note_types=FrozenMap({VOCABULARY_NOTE.name: VOCABULARY_NOTE}),
            notes=FrozenMap({one.guid: one for one in notes}),
        )
    )


def test_putting_twice_changes_nothing() -> None:
    """Of anything."""
    anki = MemoryAnki()
    for _ in range(2):
        anki.put_note_types((VOCABULARY_NOTE,))
        anki.put_media((picture("a"),))
        anki.put_notes((note("casa"), note("ser")))
    assert anki.touched == [note("casa").guid, note("ser").guid]
    assert anki.read().media == {picture("a").name}
    assert list(anki.read().notes.values()) == [note("casa"), note("ser")]


def test_nothing_is_deleted_and_only_what_differs_is_touched() -> None:
    """Notes that are not put stay, and new ones come last."""
    anki = holding(note("casa"), note("ser"))
    anki.put_notes((note("ir"), note("ser", definition="otra"), note("casa")))
    assert anki.touched == [note("ir").guid, note("ser").guid]
    assert list(anki.read().notes) == [note(word).guid for word in ("casa", "ser", "ir")]


def test_a_note_stays_in_its_deck_and_gets_the_tags_that_are_given() -> None:
    """And keeps fields that are not given: what is the learner's was merged into it before."""
    mine = attrs.evolve(note(), deck="Mine", tags=("mine",))
    anki = holding(attrs.evolve(mine, fields=mine.fields.put("Own", "x")))
    anki.put_notes((attrs.evolve(note(definition="otra"), tags=("ours",)),))
    (kept,) = anki.read().notes.values()
    assert (kept.deck, kept.tags) == ("Mine", ("ours",))
    assert (kept.fields["Definition"], kept.fields["Own"]) == ("otra", "x")


def test_what_was_wanted_is_remembered() -> None:
    """Of the notes and note types that are given; of the others what was remembered stays."""
    anki = holding(note("casa"))
    anki.remember((note("casa"),), (VOCABULARY_NOTE,))
    anki.remember((note("ser"),))
    state = anki.read()
    assert set(state.pushed.values()) == {note("casa"), note("ser")}
    assert state.pushed_types == {VOCABULARY_NOTE.name: VOCABULARY_NOTE}
    assert state.notes.keys() == {note("casa").guid}
    assert anki.backup() == ""


def test_notes_are_retired_as_it_is_asked_for() -> None:
    """Tagged, suspended as well, or deleted and forgotten."""
    anki = holding(note("casa"), note("ser"), note("ir"))
    anki.remember((note("ir"),))
    anki.retire((note("casa").guid,), "tag")
    anki.retire((note("ser").guid,), "suspend")
    anki.retire((note("ir").guid,), "delete")
    state = anki.read()
    assert [RETIRED_TAG in one.tags for one in state.notes.values()] == [True, True]
    assert anki.suspended == {note("ser").guid}
    assert note("ir").guid not in {*state.notes, *state.pushed}


def test_a_note_that_points_at_nothing_is_a_bug() -> None:
    """Anki would show a broken card; here it is an error at once."""
    with pytest.raises(AssertionError, match="note type"):
        MemoryAnki().put_notes((note(),))
    image = picture("a")
    with_picture = note_of(card(), VOCABULARY_NOTE, "D", image, None)
    anki = holding()
    with pytest.raises(AssertionError, match=image.name):
        anki.put_notes((with_picture,))
    anki.put_media((image,))
    anki.put_notes((with_picture,))


@pytest.mark.parametrize(
    "method",
    ["read", "backup", "put_note_types", "put_media", "put_notes", "retire", "remember"],
)
def test_anki_says_no_where_it_is_told(method: str) -> None:
    """At that method alone."""
    anki = MemoryAnki(failures={method: Unavailable("closed")})
    calls: dict[str, Callable[[], object]] = {
        "read": anki.read,
        "put_note_types": lambda: anki.put_note_types((VOCABULARY_NOTE,)),
        "put_media": lambda: anki.put_media(()),
        "put_notes": lambda: anki.put_notes(()),
        "backup": anki.backup,
        "retire": lambda: anki.retire((), "tag"),
        "remember": lambda: anki.remember(()),
    }
    for name, call in calls.items():
        if name == method:
            with pytest.raises(ProviderError):
                call()
        else:
            call()
    assert anki.history == list(calls)
