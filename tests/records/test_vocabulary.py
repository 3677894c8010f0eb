"""Everything that was learnt so far."""

from hypothesis import given

from stages import Meaning, Vocabulary
from stages.testing import values_of
from tests.making import meaning

CASA, SER, BEING = meaning("casa"), meaning("ser", "be"), meaning("ser", "being")


def test_it_knows_words_with_meanings_and_skipped_ones() -> None:
    """And no others, not even those that begin alike."""
    vocabulary = Vocabulary(meanings=(CASA,), skipped=("un",))
    assert vocabulary.knows("casa")
    assert vocabulary.knows("un")
    assert not vocabulary.knows("casas")
    assert not Vocabulary().knows("")
    assert vocabulary.settled == {"casa", "un"}


def test_merging_adds_at_the_end_and_changes_nothing() -> None:
    """What is there under the same card id stays as the learner has it."""
    mine = meaning("casa", definition="mine")
    merged = Vocabulary(meanings=(mine,), skipped=("un",)).merged((SER, CASA, BEING), ("no", "un"))
    assert merged == Vocabulary(meanings=(mine, SER, BEING), skipped=("un", "no"))


@given(values_of(Vocabulary), values_of(tuple[Meaning, ...]), values_of(tuple[str, ...]))
def test_merging_twice_is_merging_once(
    vocabulary: Vocabulary, meanings: tuple[Meaning, ...], skipped: tuple[str, ...]
) -> None:
    """And afterwards every word is known."""
    merged = vocabulary.merged(meanings, skipped)
    assert merged.merged(meanings, skipped) == merged
    assert all(merged.knows(word) for word in (*skipped, *(one.word for one in meanings)))
    assert len({one.card_id for one in merged.meanings}) == len(merged.meanings)
