"""Words that wait for meanings, put into a batch."""

from hypothesis import given
from hypothesis import strategies as st

from stages import (
    BATCH,
    MEANINGS,
    WORDS,
    Batch,
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
from stages.testing import check_stage
from tests.making import after, last, meaning


def test_words_without_a_meaning_wait_in_their_order() -> None:
    """Each once, and the language with them."""
    outcome = prepare_batch(Context.of(words=["ser", "casa", "ser"]))
    assert after(outcome)[BATCH] == Batch(words=("ser", "casa"), language="es-419")
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


def filled_in(meaning: Meaning) -> FrozenMap[str, str]:
    """Give a meaning as Claude or a person writes it into the batch."""
    return FrozenMap(
        {
            "SpanishWord": meaning.word,
            "MeaningID": meaning.id,
            "MeaningContext": meaning.context,
            "MonolingualDef": meaning.definition,
            "ExampleSentence": meaning.example,
            "GappedSentence": meaning.gapped,
            "IPA": meaning.ipa,
            "prompt": meaning.prompt,
            "Article": meaning.article,
            "Emoji": meaning.emoji,
            "UsageNote": meaning.note,
        }
    )


WORD_LISTS = st.lists(
    st.sampled_from(["casa", "ser", "niño", "tener que", "家", "él", "con"]),
    min_size=1,
    unique=True,
)


@given(WORD_LISTS, st.integers(1, 3))
def test_preparing_filling_in_and_ingesting_gives_exactly_those_meanings(
    words: list[str], each: int
) -> None:
    """What was filled in comes out as it went in, through the file, with nothing to remark."""
    wanted = tuple(
        meaning(word, f"sense_{n}", prompt="A house", emoji="🏠", article="la", note="Uso")
        for word in words
        for n in range(each)
    )
    batch = after(prepare_batch(Context.of(words=words)))[BATCH]
    entries = [dict(filled_in(one)) for one in wanted]
    text = to_json(batch).replace('"meanings": []', f'"meanings": {to_json(entries)}')
    outcome = ingest_batch(Context.of(batch=from_json(text, Batch)))
    assert after(outcome)[MEANINGS] == wanted
    assert after(outcome)[WORDS] == tuple(words)
    assert last(outcome).problems == ()


def test_after_ingesting_nothing_waits() -> None:
    """The words that were filled in are settled."""
    batch = Batch(words=("casa",), entries=(filled_in(meaning("casa")),))
    assert after(pipe(Context.of(batch=batch), ingest_batch, prepare_batch))[BATCH].words == ()


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(prepare_batch)
