"""Are the cards whole and right?"""

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import (
    BATCH,
    CARDS,
    MEANINGS,
    VOCABULARY,
    Batch,
    Card,
    Context,
    FrozenMap,
    Key,
    Problem,
    Severity,
    Status,
    Success,
    Vocabulary,
    analyze_words,
    make_cards,
    pipe,
    validate_data,
)
from stages.providers.lexicon import Lexicon
from stages.records.entry import entry_of
from stages.records.schema import Rule, Schema
from stages.testing import check_stage, made_up, values_of
from tests.making import after, card, codes, failed, last, meaning
from tests.validation.unusual_cards import UNUSUAL


def changed(**fields: str) -> Card:
    """Give a whole card with some fields changed."""
    one = card()
    return attrs.evolve(one, fields=FrozenMap({**one.fields, **fields}))


@pytest.mark.parametrize("cards", [[], [card()], [card(), card("ser", "be")]])
def test_whole_cards_pass_and_stay(cards: list[Card]) -> None:
    """With nothing wrong nothing changes, and there is nothing to remark."""
    outcome = validate_data(Context.of(cards=cards))
    assert after(outcome)[CARDS] == tuple(cards)
    assert last(outcome).problems == ()


@pytest.mark.parametrize("name", ["Word", "Context", "Definition", "Example", "Gapped"])
@pytest.mark.parametrize("text", ["", " \n"], ids=["empty", "blank"])
def test_a_required_field_is_missed(name: str, text: str) -> None:
    """`missing-field` names card and field; a gap is made where the word stands in the example."""
    failure = failed(validate_data(Context.of(cards=[changed(**{name: text})])))
    assert failure.message.startswith("Validation failed: ")
    at, fix = f"cards[casa_home].{name}", "Digo _____ otra vez." if name == "Gapped" else None
    wanted = Problem("missing-field", at, "it is empty", "fill it in", fix=fix)
    assert wanted in failure.problems


def test_a_field_that_is_not_there_is_missed() -> None:
    """A card of no fields lacks them all."""
    outcome = validate_data(Context.of(cards=[attrs.evolve(card(), fields=FrozenMap())]))
    assert [code for code, _ in codes(outcome)] == ["missing-field"] * 5


@pytest.mark.parametrize(
    ("example", "gapped"),
    [
        pytest.param("Mi casa.", "Mi casa.", id="no gap"),
        pytest.param("Mi casa.", "Mi ___.", id="a short gap"),
        pytest.param("Una casa y una cosa.", "Una _____ y una _____.", id="two gaps, two forms"),
    ],
)
def test_a_sentence_without_one_gap_is_an_error(example: str, gapped: str) -> None:
    """`no-gap`: what is asked for cannot be told."""
    outcome = validate_data(Context.of(cards=[changed(Example=example, Gapped=gapped)]))
    assert codes(outcome) == [("no-gap", "cards[casa_home].Gapped")]
    assert failed(outcome).problems[0].severity is Severity.ERROR


AT = "cards[casa_home]."
WARNINGS: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "another sentence": (
        {"Example": "Mi casa.", "Gapped": "Tu _____."}, [("gap-misfit", f"{AT}Gapped")]
    ),
    "the gap of another word": (
        {"Example": "Mi abuela tiene una casa.", "Gapped": "Mi _____ tiene una casa."},
        [("answer-shown", f"{AT}Gapped"), ("gap-misfit", f"{AT}Gapped")],
    ),
    "signs in the gap": (
        {"Example": "¿Qué casa?", "Gapped": "¿Qué _____"}, [("gap-misfit", f"{AT}Gapped")]
    ),
    "the answer beside the gap": (
        {"Example": "Mi casa es tu casa.", "Gapped": "Mi _____ es tu casa."},
        [("answer-shown", f"{AT}Gapped")],
    ),
    "another accent": (
        {"Example": "El hombre se cása.", "Gapped": "El hombre se _____."},
        [("other-accent", f"{AT}Example")],
    ),
    "an example that is the definition": (
        {"Definition": "digo casa otra vez", "Example": "Digo casa otra vez."},
        [("answer-shown", f"{AT}Definition"), ("example-is-definition", f"{AT}Example")],
    ),
    "a definition with the word": (
        {"Definition": "una casita, o sea una casa"}, [("answer-shown", f"{AT}Definition")]
    ),
    "a context with the plural": ({"Context": "tener casas"}, [("answer-shown", f"{AT}Context")]),
    "a bare noun": (
        {"Definition": "edificio donde se vive", "Example": "Una casa.", "Gapped": "Una _____."},
        [("no-article", f"{AT}Word")],
    ),
    "no opening sign": (
        {"Example": "Digo casa?", "Gapped": "Digo _____?"}, [("no-opening", f"{AT}Example")]
    ),
    "another language": (
        {"Definition": "a building in which the people of a family live",
         "Example": "This is the casa of my friend.", "Gapped": "This is the _____ of my friend."},
        [("wrong-language", f"{AT}Definition")],
    ),
    "another script": ({"Definition": "здание, в котором живут"}, [("wrong-script", f"{AT}Definition")]),
    "a long text": ({"Definition": "una cosa y " * 50 + "nada"}, [("misfit", f"{AT}Definition")]),
    "an element": ({"Definition": "<i>x</i>"}, [("markup", f"{AT}Definition")]),
    "a line break": ({"Usage": "a<br>b"}, [("markup", f"{AT}Usage")]),
    "a picture": ({"Usage": "<img src=x.jpg>"}, [("markup", f"{AT}Usage")]),
    "a sound": ({"Usage": "[sound:x.mp3]"}, [("markup", f"{AT}Usage")]),
    "an entity": ({"Usage": "más &amp; más"}, [("markup", f"{AT}Usage")]),
    "a backslash": ({"Usage": "¡Sí\\!"}, [("escape", f"{AT}Usage")]),
    "what is not seen": ({"Usage": "a\u200b b"}, [("invisible", f"{AT}Usage")]),
    "accents apart": ({"Usage": "nin\u0303o"}, [("decomposed", f"{AT}Usage")]),
    "a Cyrillic letter": ({"Usage": "c\u0430sa"}, [("look-alike", f"{AT}Usage")]),
    "two scripts": ({"Usage": "caжa"}, [("look-alike", f"{AT}Usage")]),
    "two blanks": ({"Usage": "a  b"}, [("blanks", f"{AT}Usage")]),
    "a lost letter": ({"Usage": "ni\ufffdo"}, [("lost-letter", f"{AT}Usage")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", WARNINGS)
def test_a_doubt_is_a_warning(fault: str) -> None:
    """It names card and field, and the card stays, whatever is done about errors."""
    fields, problems = WARNINGS[fault]
    for on_problem in ("fail", "drop", "keep"):
        outcome = validate_data.bind(on_problem=on_problem)(Context.of(cards=[changed(**fields)]))
        assert after(outcome)[CARDS] == (changed(**fields),)
        assert sorted(codes(outcome)) == problems
        assert last(outcome).status is Status.SUCCESS


def test_a_form_that_hides_elsewhere_in_a_longer_word_is_not_shown() -> None:
    """Only whole words give the answer away."""
    one = changed(Example="La casa del casado.", Gapped="La _____ del casado.")
    assert last(validate_data(Context.of(cards=[one]))).problems == ()


def test_a_pair_that_hides_one_form_is_whole() -> None:
    """A paired conjunction has two gaps."""
    one = changed(Example="Ni té ni pan.", Gapped="_____ té _____ pan.")
    assert last(validate_data(Context.of(cards=[one]))).problems == ()


def test_what_is_said_twice_is_a_warning() -> None:
    """Of two cards that share a meaning, a sentence or a picture the second is told, and the first."""
    both = (card(prompt="A house."), card(id="household", prompt="a house"))
    outcome = validate_data(Context.of(cards=both))
    assert codes(outcome) == [
        ("same-meaning", "cards[casa_household].Definition"),
        ("same-example", "cards[casa_household].Example"),
        ("same-prompt", "cards[casa_household].prompt"),
    ]
    assert all("casa_home" in problem.why for problem in last(outcome).problems)
    assert last(outcome).status is Status.SUCCESS


def test_two_cards_of_one_id_are_an_error() -> None:
    """`same-card`: the first one counts."""
    other = card("ser", "be")
    outcome = validate_data(on_problem="drop")(Context.of(cards=[card(), card(), other]))
    assert ("same-card", "cards[#1]") in codes(outcome)
    assert after(outcome)[CARDS] == (card(), other)


def test_an_id_from_elsewhere_is_a_warning() -> None:
    """It says no word, and stays as it is for ever."""
    outcome = validate_data(fix=True)(Context.of(cards=[attrs.evolve(card(), id="card17")]))
    assert codes(outcome) == [("other-id", "cards[card17]")]
    assert after(outcome)[CARDS][0].id == "card17"


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_right_and_odd_passes(name: str) -> None:
    """Nothing is said of a card that is right, however rare it looks."""
    assert last(validate_data(Context.of(cards=[UNUSUAL[name]]))).problems == ()


def test_all_that_is_right_and_odd_passes_together() -> None:
    """And none of them is said twice; there are at least fifty."""
    assert last(validate_data(Context.of(cards=tuple(UNUSUAL.values())))).problems == ()
    assert len(UNUSUAL) >= 50


@given(st.sampled_from(sorted(UNUSUAL)))
def test_what_our_own_stage_makes_passes(name: str) -> None:
    """Cards of the embedded lexicon, and of meanings that are made up, have nothing wrong."""
    word = UNUSUAL[name].word
    cards = pipe(Context.of(meanings=made_up(word)), make_cards)
    found = codes(validate_data(cards))
    assert [code for code, _ in found if code not in ("wrong-script", "other-accent")] == []


def test_the_embedded_lexicon_passes() -> None:
    """Every card that the example deck is made of."""
    lexicon = Lexicon()
    cards = pipe(
        Context.of(words=lexicon.words), analyze_words(analysis_provider=lexicon), make_cards
    )
    assert last(validate_data(cards)).problems == ()
    assert last(validate_data(key=MEANINGS)(cards)).problems == ()


VERBS = Schema(
    note_type="Verbs",
    fields=FrozenMap({
        "Front": Rule(required=True, pattern="[a-zñáéíóú ]+", hint="write small letters"),
        "Sentence": Rule(required=True, most=20, severity=Severity.WARNING),
        "Extra": Rule(),
    }),
    gapped="Sentence",
)  # fmt: skip


def verb(**fields: str) -> Card:
    """Give a card of a note type of one's own, whole but for these."""
    whole = {"Front": "hablo", "Sentence": "Yo _____ español.", **fields}
    return Card(id="1", note_type="Verbs", word="hablar", language="es", fields=FrozenMap(whole))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, ""),
        ({"Extra": "x" * 2_000}, ""),
        ({"Front": ""}, "missing-field"),
        ({"Front": "Hablo"}, "misfit"),
        ({"Sentence": "Yo _____ español todos los días."}, "misfit"),
        ({"Sentence": "Yo hablo."}, "no-gap"),
        ({"Extra": "a  b"}, "blanks"),
    ],
)
def test_a_schema_of_ones_own(fields: dict[str, str], code: str) -> None:
    """What a note type wants is data that anyone can give."""
    outcome = validate_data.bind(schemas=(VERBS,), on_problem="keep")(
        Context.of(cards=[verb(**fields)])
    )
    assert [one for one, _ in codes(outcome)] == ([code] if code else [])


def test_a_note_type_that_nobody_knows_is_looked_at_for_letters_and_repeats() -> None:
    """It may have any fields."""
    outcome = validate_data(Context.of(cards=[verb(Front="", Extra="a  b")]))
    assert codes(outcome) == [("blanks", "cards[1].Extra")]


def test_meanings_are_named_by_their_own_fields() -> None:
    """A meaning is checked as the card that it makes."""
    one = meaning(definition="una casa  ", gapped="nada")
    outcome = validate_data.bind(key=MEANINGS, on_problem="keep")(Context.of(meanings=[one]))
    assert codes(outcome) == [
        ("blanks", "meanings[casa_home].definition"),
        ("no-gap", "meanings[casa_home].gapped"),
        ("answer-shown", "meanings[casa_home].definition"),
    ]


SAVED: dict[str, Any] = {
    "metadata": {"total_words": 7, "total_cards": 2, "source": "a person"},
    "skipped_words": [],
    "words": {
        "casa": {
            "cards_created": 3,
            "meanings": [
                entry_of(meaning()),
                {**entry_of(meaning(id="firm", example="La casa vende.", definition="negocio")),
                 "GappedSentence": "La ___ vende.", "Article": "la"},
            ],
        }
    },
}  # fmt: skip


def test_a_vocabulary_is_named_as_in_its_file() -> None:
    """Counts that are not so, and the fields as the file calls them."""
    vocabulary = Vocabulary.from_saved(SAVED)
    outcome = validate_data.bind(key=VOCABULARY)(Context.of(vocabulary=vocabulary))
    assert codes(outcome) == [
        ("wrong-count", "metadata.total_words"),
        ("wrong-count", "words.casa.cards_created"),
        ("no-gap", "words.casa.meanings[1].GappedSentence"),
    ]
    assert last(outcome).problems[0].why == "the file says 7, and there are 1"


def test_a_vocabulary_is_mended() -> None:
    """Counts and a gap that is too short are certain."""
    vocabulary = Vocabulary.from_saved(SAVED)
    outcome = validate_data.bind(key=VOCABULARY, fix=True)(Context.of(vocabulary=vocabulary))
    assert last(outcome).counts == {"errors": 0, "warnings": 0, "fixed": 3}
    mended = after(outcome)[VOCABULARY]
    assert [one.gapped for one in mended.meanings] == ["Digo _____ otra vez.", "La _____ vende."]
    assert mended.miscounted == {}


def test_a_vocabulary_drops_what_is_wrong() -> None:
    """The other meanings of a word stay."""
    vocabulary = Vocabulary.from_saved(SAVED)
    dropping = validate_data.bind(key=VOCABULARY, on_problem="drop")
    assert after(dropping(Context.of(vocabulary=vocabulary)))[VOCABULARY].meanings == (meaning(),)


ENTRIES: tuple[Any, ...] = (
    FrozenMap(entry_of(meaning())),
    FrozenMap({**entry_of(meaning(id="firm", definition="un  negocio", example="La casa vende.")),
               "GappedSentence": None}),
    FrozenMap({"SpanishWord": 7}),
    "casa",
)  # fmt: skip


def test_a_batch_is_named_by_number() -> None:
    """Entries may be anything, and a field that is not there can be fixed as well."""
    batch = Batch(words=("casa",), entries=ENTRIES)
    checking = validate_data.bind(key=BATCH, on_problem="drop", fix=True)
    outcome = checking(Context.of(batch=batch))
    assert codes(outcome) == [
        ("blanks", "meanings[1].MonolingualDef"),
        ("missing-field", "meanings[1].GappedSentence"),
        ("no-article", "meanings[1].Article"),
        ("bad-entry", "meanings[2].SpanishWord"),
        ("bad-entry", "meanings[3]"),
    ]
    mended = {**ENTRIES[1], "MonolingualDef": "un negocio", "GappedSentence": "La _____ vende."}
    assert after(outcome)[BATCH].entries == (ENTRIES[0], FrozenMap(mended))
    assert last(outcome).message == "Validation failed: 2 errors; 2 fixed; 2 dropped"


SPOILS = (
    "\u200b", "\u00ad", "\ufeff", "\u00a0", "  ", " ", "<b>", "</b>", "<br>", "&amp;", "&lt;b&gt;",
    "&nbsp;", "&amp;lt;", "\\!", "а", "о", "е\u0301", "n\u0303", "_____", "___", "\ufffd", "{{c1::x}}",
    "<img>", "ﬁ", "ｃ", "\u202e", "\n", "\t", "?", "casa", "👩\u200d👧",
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> Card:
    """Give a card that is right but for what was put somewhere into some of its texts."""
    one = UNUSUAL[draw(st.sampled_from(sorted(UNUSUAL)))]
    fields = dict(one.fields)
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=3)):
        text = fields[name]
        for _ in range(draw(st.integers(1, 2))):
            place = draw(st.integers(0, len(text)))
            text = text[:place] + draw(st.sampled_from(SPOILS)) + text[place:]
        fields[name] = text
    return attrs.evolve(one, fields=FrozenMap(fields), example=fields["Example"])


CARDS_OF_ALL_KINDS = st.lists(
    spoilt() | values_of(Card), max_size=4, unique_by=lambda one: one.id
).map(tuple)


@settings(max_examples=300)
@given(CARDS_OF_ALL_KINDS)
def test_a_fix_makes_nothing_wrong(cards: tuple[Card, ...]) -> None:
    """What is wrong after it was wrong before, there; nothing certain is left, and no id changes."""
    keep = validate_data.bind(on_problem="keep")
    before = set(codes(keep(Context.of(cards=cards))))
    fixed = after(keep(fix=True)(Context.of(cards=cards)))[CARDS]
    left = last(keep(Context.of(cards=fixed))).problems
    assert {(one.code, one.where) for one in left} <= before
    assert [one for one in left if one.fix is not None] == []
    assert after(keep(fix=True)(Context.of(cards=fixed)))[CARDS] == fixed
    told = attrs.asdict
    same = ("id", "note_type", "word", "language", "emoji", "search", "tags")
    for one, other in zip(cards, fixed, strict=True):
        assert [told(one)[name] for name in same] == [told(other)[name] for name in same]
        assert one.fields.get("Word") == other.fields.get("Word")
        assert set(one.fields) == set(other.fields)


@pytest.mark.parametrize("word", ["", "<b>", "\u200b"])
def test_a_card_without_a_word_is_looked_into(word: str) -> None:
    """Also where it is one only for whoever does not look; what a gap hides cannot be judged then."""
    entry = FrozenMap({**entry_of(meaning()), "SpanishWord": word})
    outcome = validate_data(key=BATCH, on_problem="keep")(Context.of(batch=Batch(entries=(entry,))))
    assert ("missing-field", "meanings[0].SpanishWord") in codes(outcome)


@given(CARDS_OF_ALL_KINDS)
def test_looking_changes_nothing(cards: tuple[Card, ...]) -> None:
    """Only `fix` and `drop` give other cards, and every problem names one of those that are there."""
    outcome = validate_data(on_problem="keep")(Context.of(cards=cards))
    assert after(outcome)[CARDS] == cards
    ids = [f"cards[{one.id}]" for one in cards] + [f"cards[#{n}]" for n in range(len(cards))]
    for problem in last(outcome).problems:
        assert problem.where.startswith(tuple(ids))


@given(st.lists(spoilt() | values_of(Card), max_size=4).map(tuple))
def test_what_is_left_after_dropping_passes(cards: tuple[Card, ...]) -> None:
    """Dropping takes out every error at once, and what is left has none."""
    dropped = validate_data(on_problem="drop")(Context.of(cards=cards))
    left = after(dropped)[CARDS] if isinstance(dropped, Success) else ()
    assert isinstance(validate_data(Context.of(cards=left)), Success)
    kept = iter(cards)
    assert all(one in kept for one in left)


@pytest.mark.parametrize("key", [CARDS, MEANINGS, VOCABULARY, BATCH])
@pytest.mark.parametrize(("on_problem", "fix"), [("fail", True), ("drop", False), ("keep", True)])
def test_it_keeps_the_laws(key: Key[Any], on_problem: str, *, fix: bool) -> None:
    """Whatever is checked, and whatever is done about problems."""
    check_stage(validate_data.bind(key=key, on_problem=on_problem, fix=fix), examples=50)
