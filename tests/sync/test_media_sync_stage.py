"""Pictures and sounds to Anki."""

from stages import SYNC, Context, SyncRecord, sync_media
from stages.providers.errors import Unavailable
from stages.records.collection import AnkiState
from stages.testing import MemoryAnki, check_stage
from tests.making import after, card, codes, last, picture, sound

CONTEXT = Context.of(
    cards=[card("casa"), card("casa", "household")],
    images={"casa_home": picture("a"), "casa_household": picture("a"), "other": picture("b")},
    sounds={"casa": sound("casa"), "ser": sound("ser")},
)
NAMES = tuple(sorted((picture("a").name, sound("casa").name)))


def test_the_files_of_the_cards_are_put_each_once() -> None:
    """Files that no card refers to stay out."""
    anki = MemoryAnki()
    outcome = sync_media(anki_provider=anki)(CONTEXT)
    assert anki.state.media == set(NAMES)
    assert after(outcome)[SYNC] == SyncRecord(media=NAMES)
    assert last(outcome).message == "put 2 of 2 media files"


def test_files_that_are_there_are_not_missing() -> None:
    """A name says its content, so what is there by name is there just so."""
    anki = MemoryAnki(AnkiState(media=frozenset(NAMES[:1])))
    assert after(sync_media(anki_provider=anki)(CONTEXT))[SYNC].media == NAMES[1:]
    full = MemoryAnki(AnkiState(media=frozenset(NAMES)))
    assert after(sync_media(anki_provider=full)(CONTEXT))[SYNC].media == ()
    assert full.state.media == set(NAMES)


def test_a_backup_is_made_before_the_first_file() -> None:
    """Where one is missing, unless it is not wanted."""
    anki = MemoryAnki()
    for _ in range(2):
        sync_media(anki_provider=anki)(CONTEXT).unwrap()
    assert anki.history == ["read", "backup", "put_media", "read", "put_media"]
    bold = MemoryAnki()
    sync_media(anki_provider=bold, backup=False)(CONTEXT).unwrap()
    assert bold.history == ["read", "put_media"]


def test_without_media_nothing_is_put() -> None:
    """Cards may have neither picture nor sound."""
    anki = MemoryAnki()
    outcome = sync_media(anki_provider=anki)(Context.of(cards=[card()]))
    assert anki.history == ["read"]
    assert last(outcome).message == "put 0 of 0 media files"


def test_a_dry_run_only_reads() -> None:
    """Its plan has a line a file."""
    anki = MemoryAnki()
    outcome = sync_media(anki_provider=anki, dry_run=True)(CONTEXT)
    assert anki.history == ["read"]
    assert after(outcome)[SYNC] == SyncRecord(media=NAMES, dry_run=True)
    assert last(outcome).planned == tuple(f"file {name}" for name in NAMES)


def test_putting_leaves_nothing_to_put() -> None:
    """Plan after execution is empty."""
    anki = MemoryAnki()
    sync_media(anki_provider=anki)(CONTEXT).unwrap()
    assert last(sync_media(anki_provider=anki, dry_run=True)(CONTEXT)).planned == ()


def test_an_anki_that_cannot_be_reached_is_a_failure() -> None:
    """With the provider's code; no bug."""
    anki = MemoryAnki(failures={"put_media": Unavailable("is it open?")})
    assert codes(sync_media(anki_provider=anki)(CONTEXT)) == [("unavailable", "sync_media")]


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(sync_media)
    check_stage(sync_media(dry_run=True), examples=50)
