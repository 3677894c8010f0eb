"""Validation: what a learner would learn wrongly is found, told, mended or left out."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages import (
    BATCH,
    CARDS,
    IMAGES,
    MEANINGS,
    REFERENCES,
    SOUNDS,
    VOCABULARY,
    Context,
    FrozenMap,
    IpaVerdict,
    Meaning,
    Reference,
    Vocabulary,
    analyze_words,
    compose,
    generate_media,
    look_up_references,
    make_cards,
    pipe,
    run,
    validate_data,
    validate_ipa,
    validate_media,
)
from stages.core.json import to_json
from stages.pipelines import checked_cards, sync
from stages.providers.media_folder import MediaFolder
from stages.providers.pronunciations import EspeakReferences, PronunciationFile, References
from stages.records.batch import Batch
from stages.records.schema import VOCABULARY_SCHEMA, Rule, Schema
from stages.show.findings import findings
from stages.validation.ipa import judge
from tests.cli.playing import elsewhere
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]
Built = tuple[Path, Context]


@pytest.fixture
def meanings(offline: Providers) -> tuple[Meaning, ...]:
    """Four meanings of three words, as the embedded lexicon has them."""
    words = Context.of(words=["casa", "gato", "perro"])
    found = pipe(words, analyze_words(analysis_provider=offline["analysis_provider"]))
    return found.unwrap()[MEANINGS]


def with_fields(meanings: tuple[Meaning, ...], card_id: str, **fields: str) -> Context:
    """Give a context with these meanings, one of them with other texts."""
    return Context.of(
        meanings=tuple(
            attrs.evolve(one, **fields) if one.card_id == card_id else one for one in meanings
        )
    )


def codes(outcome: Any) -> list[tuple[str, str]]:
    """Give code and place of what was found, each once."""
    return [(one.code, one.where) for one in findings(outcome).problems]


def test_words_become_a_deck_in_which_nothing_is_wrong(
    offline: Providers, real_anki: RealAnki, tmp_path: Path
) -> None:
    """References, IPA, data and media in one pipeline, with no problem on the way."""
    pipeline = compose(
        analyze_words,
        look_up_references,
        checked_cards,
        generate_media,
        validate_media,
        sync,
        name="checked",
    )
    known = References(EspeakReferences())
    providers = {name: one for name, one in offline.items() if name in pipeline.providers}

    words = Context.of(words=["casa", "perro"])
    context = run(pipeline, words, **providers, pronunciation_provider=known).unwrap()

    assert set(context[REFERENCES]) == {"casa", "perro"}
    assert str(findings(context)) == "Nothing is wrong."
    assert real_anki.import_package(tmp_path / "deck.apkg")["new"] == len(context[CARDS])


def test_all_that_is_wrong_is_told_at_once(meanings: tuple[Meaning, ...]) -> None:
    """Every problem has a code, a place, a reason; one table has all of them."""
    spoilt = with_fields(meanings, "gato_cat", ipa="[ˈpe.ro]", definition="", gapped="Sin hueco.")

    outcome = pipe(spoilt, validate_ipa(on_problem="keep"), make_cards, validate_data)

    found = {where for _, where in codes(outcome)}
    assert found >= {
        "meanings[gato_cat].ipa",
        "cards[gato_cat].Definition",
        "cards[gato_cat].Gapped",
    }
    assert all(one.why for one in findings(outcome).problems)
    assert "cards[gato_cat].Gapped" in str(findings(outcome))
    assert "cards[gato_cat].Gapped" in findings(outcome)._repr_html_()
    assert json.loads(findings(outcome).to_json())["errors"] == findings(outcome).errors >= 3


def test_what_is_certain_is_mended_and_told(meanings: tuple[Meaning, ...]) -> None:
    """With `fix=True`, never what says which card it is; mending again changes nothing."""
    spoilt = with_fields(
        meanings, "gato_cat", ipa="['ga.to]", definition="<b>animal</b>  que maú\u200blla"
    )

    stages = validate_ipa(fix=True), validate_data(key=MEANINGS, fix=True)
    context = pipe(spoilt, *stages).unwrap()
    again = pipe(context, *stages).unwrap()

    mended = next(one for one in context[MEANINGS] if one.card_id == "gato_cat")
    assert mended.ipa == "[ˈɡa.to]"
    assert mended.definition == "animal que maúlla"
    assert [one.identity for one in context[MEANINGS]] == [one.identity for one in meanings]
    assert ("look-alike", "meanings[gato_cat].ipa") in codes(context)
    assert again[MEANINGS] == context[MEANINGS]


def test_what_is_spoilt_is_dropped_by_name(meanings: tuple[Meaning, ...]) -> None:
    """The others go on."""
    spoilt = with_fields(meanings, "gato_cat", ipa="[ˈpe.ro]")

    outcome = pipe(spoilt, validate_ipa(on_problem="drop"), make_cards)

    assert [one.id for one in outcome.unwrap()[CARDS]] == [
        "casa_home",
        "gato_car_jack",
        "perro_dog",
    ]


def test_a_check_changes_nothing_that_it_only_looks_at(meanings: tuple[Meaning, ...]) -> None:
    """Whatever it finds."""
    spoilt = with_fields(meanings, "gato_cat", ipa="['pe.ro]", definition="<b>gato</b>")

    looked = pipe(
        spoilt, validate_ipa(on_problem="keep"), validate_data(key=MEANINGS, on_problem="keep")
    ).unwrap()

    assert looked[MEANINGS] == spoilt[MEANINGS]
    assert findings(looked).problems


def test_a_list_of_ones_own_is_right(meanings: tuple[Meaning, ...], tmp_path: Path) -> None:
    """Whatever the rules of spelling say of the word."""
    (tmp_path / "mine.tsv").write_text("# mine\ngato\t[ˈɡa.θo]\n", "utf-8")
    mine = References(PronunciationFile(tmp_path / "mine.tsv"), EspeakReferences())
    own = with_fields(meanings, "gato_cat", ipa="[ˈɡa.θo]")

    without = validate_ipa(on_problem="keep")(own)
    agreed = pipe(own, look_up_references(pronunciation_provider=mine), validate_ipa)

    assert "meanings[gato_cat].ipa" in {where for _, where in codes(without)}
    assert agreed.unwrap()[REFERENCES]["gato"][0] == Reference("[ˈɡa.θo]", "mine.tsv")
    assert codes(agreed) == []


@pytest.mark.parametrize(
    ("ipa", "verdict"),
    [
        ("[tɾa.ˈβa.xo]", "ok"),
        ("/tɾaˈbaxo/", "ok"),
        ("[tɾa.'βa.xo]", "fixed"),
        ("[tɾa.βa.xo]", "warn"),
        ("[tra.ˈβa.xo]", "warn reject"),
        ("[ˈtɾa.βa.xo]", "reject"),
        ("[tɾa.ˈβa.xa]", "reject"),
        ("[ˈka.sa]", "reject"),
        ("trabajo", "reject"),
        ("", "reject"),
    ],
)
def test_a_transcription_has_a_verdict(ipa: str, verdict: str) -> None:
    """Right, right but for the notation, doubtful, wrong; what should stand there is said."""
    judged = judge("trabajo", ipa)

    assert isinstance(judged, IpaVerdict)
    assert judged.verdict in verdict.split()
    assert judged.verdict == "ok" or judge("trabajo", judged.suggestion).verdict == "ok"


def test_a_word_that_nobody_knows_is_not_called_wrong() -> None:
    """Its notation alone is looked at."""
    assert judge("tlhIngan", "[ˈtɬɪ.ŋɑn]", "tlh").verdict == "unverified"


def test_the_fields_of_ones_own_are_checked(meanings: tuple[Meaning, ...]) -> None:
    """What a note type has to hold is data."""
    short = Schema(
        note_type=VOCABULARY_SCHEMA.note_type, fields=FrozenMap({"Definition": Rule(most=5)})
    )

    cards = pipe(Context.of(meanings=meanings), make_cards).unwrap()
    outcome = validate_data(schemas=(short,))(cards)

    assert validate_data(cards).unwrap()
    assert {code for code, _ in codes(outcome)} == {"misfit"}


@pytest.mark.parametrize("key", [VOCABULARY, BATCH])
def test_files_are_checked_with_their_own_places(meanings: tuple[Meaning, ...], key: Any) -> None:
    """A vocabulary and a staged batch, without a card being made of them."""
    spoilt = with_fields(meanings, "casa_home", definition="la  casa")[MEANINGS]
    entries = tuple(
        FrozenMap(
            {
                "SpanishWord": one.word,
                "MeaningID": one.id,
                "MeaningContext": one.context,
                "MonolingualDef": one.definition,
                "ExampleSentence": one.example,
                "GappedSentence": one.gapped,
                "IPA": one.ipa,
            }
        )
        for one in spoilt
    )
    value = Vocabulary(meanings=spoilt) if key == VOCABULARY else Batch(entries=entries)
    place = "words.casa.meanings[0]" if key == VOCABULARY else "meanings[0]"

    looked = validate_data(key=key, on_problem="keep")(Context.of({key: value}))
    mended = validate_data(key=key, on_problem="keep", fix=True)(Context.of({key: value}))

    assert ("blanks", f"{place}.MonolingualDef") in codes(looked)
    assert looked.unwrap()[key] == value
    assert mended.unwrap()[key].text_at(f"{place}.MonolingualDef") == "la casa"


def test_a_picture_that_broke_is_found_and_left_out(built: Built, tmp_path: Path) -> None:
    """By its name; the deck goes on without it, and the file stays where it is."""
    folder, context = built
    media = tmp_path / "media"
    media.mkdir()
    for file in (folder / "media").iterdir():
        (media / file.name).write_bytes(file.read_bytes())
    broken = context[IMAGES]["casa_home"].name
    (media / broken).write_bytes(b"no picture")

    failed = validate_media(media_provider=MediaFolder(media))(context)
    dropped = validate_media(media_provider=MediaFolder(media), on_problem="drop")(context)

    assert f"media[{broken}]" in {where for _, where in codes(failed.failure().problems)}
    assert "casa_home" not in dropped.unwrap()[IMAGES]
    assert dropped.unwrap()[SOUNDS] == context[SOUNDS]
    assert (media / broken).exists()


def test_files_are_checked_at_the_keyboard(meanings: tuple[Meaning, ...], tmp_path: Path) -> None:
    """Each command in a process of its own: the exit code says whether something is wrong."""
    wrong = with_fields(meanings, "gato_cat", ipa="[ˈpe.ro]")[MEANINGS]
    (tmp_path / "words.txt").write_text("casa\nperro\n", "utf-8")
    (tmp_path / "right.json").write_text(to_json(Vocabulary(meanings=meanings)), "utf-8")
    (tmp_path / "wrong.json").write_text(to_json(Vocabulary(meanings=wrong)), "utf-8")
    (tmp_path / "ipa.tsv").write_text("casa\t[ˈka.sa]\nhaber\t[ˈa.βeɾ]\n", "utf-8")

    def check(*typed: str) -> tuple[int, str]:
        told = elsewhere(tmp_path, "check", *typed)
        return told.code, told.out

    assert check("words", "words.txt")[0] == 0
    assert check("vocabulary", "right.json")[0] == 0
    code, told = check("vocabulary", "wrong.json")
    assert code == 1
    assert "words.gato.meanings[0].IPA" in told
    code, told = check("ipa", "ipa.tsv", "--json")
    assert code == 1
    assert [json.loads(line)["verdict"] for line in told.splitlines()] == ["ok", "reject"]
    assert check("ipa")[0] == 2
