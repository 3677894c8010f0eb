"""Everything that was learnt so far."""

import json

import pytest
from hypothesis import given

from stages import FrozenMap, Meaning, Vocabulary
from stages.core.json import from_json, to_json
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
    """What is there of the same meaning stays as the learner has it."""
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
    assert len({one.identity for one in merged.meanings}) == len(merged.meanings)


def test_what_is_asked_for_is_overwritten_and_keeps_its_card() -> None:
    """The id that a card was given once is the one that Anki knows it by."""
    old = Vocabulary(meanings=(meaning("casa", card="casa_home_005"),))
    new = old.merged((meaning("casa", definition="otra"),), overwrite=True)
    assert new.meanings == (meaning("casa", card="casa_home_005", definition="otra"),)


@given(values_of(Vocabulary))
def test_a_vocabulary_is_loaded_as_it_was_saved(vocabulary: Vocabulary) -> None:
    """With all that its file holds beside meanings."""
    assert from_json(to_json(vocabulary), Vocabulary) == vocabulary


@given(values_of(Vocabulary))
def test_the_counts_of_a_file_are_right(vocabulary: Vocabulary) -> None:
    """Of words, cards and skipped words, and of the cards of each word."""
    saved = json.loads(to_json(vocabulary))
    words = {one.word for one in vocabulary.meanings}
    assert [saved["metadata"][f"total_{name}"] for name in ("words", "cards", "skipped")] == [
        len(words),
        len(vocabulary.meanings),
        len(vocabulary.skipped),
    ]
    assert sum(one["cards_created"] for one in saved["words"].values()) == len(vocabulary.meanings)


EARLIER = {
    "metadata": {"created": "2025-01-01", "total_words": 99, "source": "a list"},
    "skipped_words": ["un"],
    "words": {
        "ser": {
            "word": "ser",
            "processed_date": "2025-01-02",
            "meanings": [
                {
                    "CardID": "ser_identity_001",
                    "SpanishWord": "ser",
                    "IPA": "[seɾ]",
                    "MeaningContext": "identidad",
                    "MonolingualDef": "tener una identidad",
                    "ExampleSentence": "Soy médico.",
                    "GappedSentence": "_____ médico.",
                    "ImageFile": "mine.png",
                    "WordAudio": "[sound:ser.mp3]",
                    "UsageNote": None,
                    "MeaningID": "identity",
                    "prompt": "",
                }
            ],
            "cards_created": 4,
        }
    },
}


def test_the_file_of_the_earlier_system_is_read_and_keeps_what_it_holds() -> None:
    """Card ids, dates, media and remarks that are no part of a meaning; only counts are made anew."""
    vocabulary = from_json(json.dumps(EARLIER), Vocabulary)
    (ser,) = vocabulary.meanings
    assert (ser.word, ser.id, ser.card_id) == ("ser", "identity", "ser_identity_001")
    saved = json.loads(to_json(vocabulary.merged((meaning("casa"),), ("no",))))
    assert saved["metadata"] == {
        "created": "2025-01-01",
        "source": "a list",
        "total_words": 2,
        "total_cards": 2,
        "total_skipped": 2,
    }
    before, after = EARLIER["words"]["ser"], saved["words"]["ser"]  # type: ignore[index]
    kept = {name: value for name, value in before["meanings"][0].items() if value}
    assert after["meanings"] == [kept]
    assert (after["processed_date"], after["cards_created"]) == ("2025-01-02", 1)


def test_a_date_stands_on_what_is_new() -> None:
    """And on the whole, if anything is."""
    old = Vocabulary(meanings=(SER,), metadata=FrozenMap({"created": "2025-01-01"}))
    assert old.merged((SER,)).dated("2025-02-02", old) == old
    new = old.merged((CASA,)).dated("2025-02-02", old)
    assert new.metadata == FrozenMap({"created": "2025-01-01", "last_updated": "2025-02-02"})
    assert new.of_words == FrozenMap({"casa": FrozenMap({"processed_date": "2025-02-02"})})


@pytest.mark.parametrize(
    ("saved", "why"),
    [
        ([], "it is no object with an object 'words'"),
        ({"words": []}, "it is no object with an object 'words'"),
        ({"words": {"a": 1, "b": {}}}, "words.a is no object with a list 'meanings'; words.b is"),
        ({"words": {"a": {"meanings": [3]}}}, "words.a.meanings[0] is no object"),
        ({"words": {"a": {"meanings": [{"IPA": 3}]}}}, "words.a.meanings[0]: ipa is no text"),
        (
            {"words": {"a": {"meanings": [{"SpanishWord": "b"}]}}},
            "words.a.meanings[0]: it is of 'b'",
        ),
        (
            {"words": {"a": {"meanings": [{"MeaningID": "x"}, {"MeaningID": "x"}]}}},
            "words.a.meanings[1]: it is words.a.meanings[0] again; give it another MeaningID",
        ),
        (
            {
                "words": {
                    "a": {"meanings": [{"MeaningID": "x", "CardID": "c"}]},
                    "b": {"meanings": [{"CardID": "c", "ImageFile": "b.png"}]},
                }
            },
            "words.b.meanings[0]: another one has its CardID, 'c', and not its fields",
        ),
        ({"words": {"a": {"word": "b", "meanings": []}}}, "words.a.word: it is 'b'"),
        ({"words": {"\ud800": {"meanings": []}}}, "words.\\ud800: it holds half a character"),
        ({"words": {"a": {"meanings": [], "x": ["\ud800"]}}}, "words.a: a text of it holds half a"),
        (
            {"words": {"a": {"meanings": [{"ImageFile": {"\ud800": 1}}]}}},
            "words.a.meanings[0]: a text of it holds half a character",
        ),
        ({"words": {}, "metadata": {"x": "\ud800"}}, "beside 'words' holds half a character"),
        ({"words": {}, "other": [{"x": "\ud800"}]}, "beside 'words' holds half a character"),
        (
            {"words": {"a": {"meanings": [{"UsageNote": "a" + "\u0316\u0301" * 99}]}}},
            "words.a.meanings[0]: note more than 30 accents stand on one letter",
        ),
        ({"words": {f"w{n}": 1 for n in range(9)}}, "; and 4 more"),
        ({"words": {}, "skipped_words": [1]}, "'skipped_words' has to be a list of words"),
        ({"words": {}, "metadata": 1}, "'metadata' has to be an object"),
    ],
)
def test_what_is_no_vocabulary_says_so(saved: object, why: str) -> None:
    """Every fault with its path."""
    with pytest.raises(ValueError, match="no vocabulary") as caught:
        from_json(json.dumps(saved), Vocabulary)
    assert why in str(caught.value)


def test_what_a_file_holds_of_a_word_without_meanings_stays() -> None:
    """A person may have deleted them all, and the word's own remarks are still there."""
    word = {"word": "a", "note": "mine", "meanings": [], "cards_created": 0}
    vocabulary = from_json(json.dumps({"words": {"a": word}}), Vocabulary)
    saved = to_json(vocabulary)
    assert json.loads(saved)["words"] == {"a": word}
    assert json.loads(saved)["metadata"]["total_words"] == 0
    assert not vocabulary.knows("a")
    assert from_json(saved, Vocabulary) == vocabulary


def test_a_meaning_is_there_once() -> None:
    """The first of two with one identity counts."""
    assert Vocabulary(meanings=(CASA, SER, meaning("casa", definition="otra"))).meanings == (
        CASA,
        SER,
    )


def test_a_persons_own_text_may_be_long() -> None:
    """What is already learnt is never refused for its length."""
    vocabulary = Vocabulary(meanings=(meaning("casa", note="x" * 9_999),))
    assert from_json(to_json(vocabulary), Vocabulary) == vocabulary


def test_where_its_meanings_stand_is_found_out_once() -> None:
    """Whoever mends many of them asks for each."""
    vocabulary = Vocabulary(meanings=(meaning(), meaning("ser", "be")))
    assert vocabulary.places is vocabulary.places
