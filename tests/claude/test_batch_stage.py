"""Words that wait for meanings, put into a batch."""

import json

import attrs
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    BATCH,
    MEANINGS,
    WORDS,
    Batch,
    Brief,
    Context,
    FrozenMap,
    Meaning,
    Status,
    Vocabulary,
    ingest_batch,
    pipe,
    prepare_batch,
)
from stages.core.json import from_json, to_json
from stages.records.entry import entry_of, tidied
from stages.records.meaning import GAP
from stages.testing import check_stage, texts
from stages.validation.ipa import judge
from tests.making import after, codes, last, meaning


def test_words_without_a_meaning_wait_in_their_order() -> None:
    """Each once, and the language with them."""
    outcome = prepare_batch(Context.of(words=["ser", "casa", "ser"]))
    assert after(outcome)[BATCH] == Batch(words=("ser", "casa"), brief=Brief())
    assert last(outcome).message == "2 words without a meaning"
    assert after(prepare_batch(language="de")(Context.of(words=["Haus"])))[BATCH].language == "de"


def test_what_is_settled_is_left_out() -> None:
    """Words that have a meaning, are known, are skipped or are blank do not wait."""
    context = Context.of(
        words=["casa", "ser", "un", " ", "perro"],
        meanings=[meaning("casa")],
        vocabulary=Vocabulary(meanings=(meaning("ser"),), skipped=("un",)),
    )
    assert after(prepare_batch(context))[BATCH].words == ("perro",)


def test_with_nothing_waiting_it_is_skipped() -> None:
    """The batch is there, empty."""
    outcome = prepare_batch(Context.of(words=[]))
    assert after(outcome)[BATCH] == Batch(words=())
    assert last(outcome).status is Status.SKIPPED


# Words and sentences in every script that a learner may meet, as files and people write them.
LETTERS = st.sampled_from("aeiouáéíóúüñçßàøłşабвгдεηلأבגあ家국ไห'’-·")
WORD = st.text(LETTERS, min_size=1, max_size=8).filter(lambda word: word.strip("-'’·"))
WORD_LISTS = st.lists(
    st.lists(WORD, min_size=1, max_size=2).map(" ".join).map(tidied), min_size=1, unique=True
)
SIDES = st.lists(WORD, max_size=3).map(" ".join).map(tidied)


@st.composite
def meanings_of(draw: st.DrawFn, word: str, number: int) -> Meaning:
    """Give a meaning of a word with a gap that hides one form of it."""
    before, after, form = draw(SIDES), draw(SIDES), draw(st.sampled_from([word, f"{word}s"]))
    example, gapped = (" ".join(filter(None, (before, one, after))) for one in (form, GAP))
    return Meaning(
        word=word,
        id=f"sense_{number}",
        context=draw(WORD),
        definition=draw(WORD),
        example=example,
        gapped=gapped,
        ipa=draw(st.sampled_from(["[ˈka.sa]", "[ˈʔa.ba]", "[ni˥]"])),
        prompt=draw(SIDES),
        emoji=draw(st.sampled_from(["", "🏠", "👩‍🚀"])),
        article=draw(st.sampled_from(["", "la", "l’"])),
        note=draw(SIDES),
        language=TONGUE,
    )


TONGUE = "x-any"
"""A language in which any script is at home."""


@given(st.data(), WORD_LISTS)
def test_preparing_filling_in_and_ingesting_gives_exactly_those_meanings(
    data: st.DataObject, words: list[str]
) -> None:
    """What was filled in comes out as it went in, through the file, with nothing to remark."""
    wanted = tuple(
        data.draw(meanings_of(word, number))
        for word in words
        for number in range(data.draw(st.integers(1, 3)))
    )
    prepared = prepare_batch(language=TONGUE)(Context.of(words=words))
    saved = json.loads(to_json(after(prepared)[BATCH]))
    saved["meanings"] = [entry_of(one) for one in wanted]
    text = json.dumps(saved, ensure_ascii=data.draw(st.booleans()))
    outcome = ingest_batch(Context.of(batch=from_json(text, Batch)))
    assert after(outcome)[MEANINGS] == wanted
    assert after(outcome)[WORDS] == tuple(words)
    assert last(outcome).problems == ()


def test_the_ipa_that_the_rules_know_need_not_be_filled_in() -> None:
    """It stands in the file, by word, and an entry without one takes it."""
    batch = after(prepare_batch(Context.of(words=["casa"])))[BATCH]
    assert json.loads(to_json(batch))["ipa"] == {"casa": "[ˈka.sa]"}
    entry = FrozenMap(entry_of(meaning("casa"))).put("IPA", "")
    outcome = ingest_batch(Context.of(batch=attrs.evolve(batch, entries=(entry,))))
    assert [one.ipa for one in after(outcome)[MEANINGS]] == ["[ˈka.sa]"]
    assert last(outcome).problems == ()


@given(st.lists(texts(), min_size=1))
def test_what_is_filled_in_beforehand_is_well_formed(words: list[str]) -> None:
    """Whatever the words are: what the rules do not know is left to whoever fills it in."""
    batch = after(prepare_batch(Context.of(words=words)))[BATCH]
    filled = json.loads(to_json(batch)).get("ipa", {})
    assert set(filled) <= set(batch.words)
    assert {judge(word, ipa).verdict for word, ipa in filled.items()} <= {"ok"}
    again = after(prepare_batch(Context.of(words=words)))[BATCH]
    assert to_json(batch) == to_json(again)


def test_no_meaning_at_all_cannot_be_asked_for() -> None:
    """`bad-setting`."""
    assert codes(prepare_batch(most=0)(Context.of(words=["casa"]))) == [("bad-setting", "most")]


def test_meanings_that_were_found_can_be_reviewed() -> None:
    """They stand as entries, read back as they are; a word whose entries were cut is not wanted."""
    found = (meaning("casa"), meaning("casa", "firm"), meaning("ser", "be"))
    context = Context.of(words=["casa", "ser", "xyz"], meanings=found)
    batch = after(prepare_batch(review=True)(context))[BATCH]
    assert batch.words == ("casa", "ser")
    whole = ingest_batch(Context.of(batch=batch, words=["casa", "ser", "xyz"]))
    assert after(whole)[MEANINGS] == found
    cut = attrs.evolve(batch, entries=batch.entries[:1])
    rest = ingest_batch(Context.of(batch=cut, words=["casa", "ser", "xyz"]))
    assert after(rest)[MEANINGS] == found[:1]
    assert after(rest)[WORDS] == ("casa", "xyz")
    assert last(rest).problems == ()


def test_after_ingesting_nothing_waits() -> None:
    """The words that were filled in are settled."""
    batch = Batch(words=("casa",), entries=(FrozenMap(entry_of(meaning("casa"))),))
    assert after(pipe(Context.of(batch=batch), ingest_batch, prepare_batch))[BATCH].words == ()


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(prepare_batch)
