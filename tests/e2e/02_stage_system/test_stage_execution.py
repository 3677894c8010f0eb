"""The stage library: what each stage does, with the real adapters and the real Anki."""

import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stages import (
    BATCH,
    CARDS,
    IMAGES,
    MEANINGS,
    SOUNDS,
    SYNC,
    VOCABULARY,
    WORDS,
    Batch,
    Context,
    Status,
    analyze_words,
    generate_audio,
    generate_images,
    ingest_batch,
    load_file,
    make_cards,
    pipe,
    prepare_batch,
    save_file,
    sync_cards,
    sync_media,
    sync_templates,
    validate_data,
    validate_ipa,
    validate_media,
)
from stages.testing import MemoryImages
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]
Built = tuple[Path, Context]

ENTRY = {
    "SpanishWord": "flaquear",
    "MeaningID": "weaken",
    "MeaningContext": "perder fuerza",
    "MonolingualDef": "perder la fuerza poco a poco",
    "ExampleSentence": "Mis piernas flaquean en la cuesta.",
    "GappedSentence": "Mis piernas _____ en la cuesta.",
    "IPA": "[fla.ke.ˈaɾ]",
    "prompt": "a hiker with shaking knees on a steep path",
}
"""A meaning as Claude or a person fills it in."""


def test_analyze_words_gives_every_meaning_in_the_order_of_the_words(offline: Providers) -> None:
    """The lexicon's meanings come word by word, the most common first."""
    context = Context.of(words=["gato", "casa"])

    outcome = analyze_words(analysis_provider=offline["analysis_provider"])(context)

    assert [one.card_id for one in outcome.unwrap()[MEANINGS]] == [
        "gato_cat",
        "gato_car_jack",
        "casa_home",
    ]


def test_analyze_words_needs_a_word(offline: Providers) -> None:
    """An empty list is a failure that says what to do."""
    failure = analyze_words(analysis_provider=offline["analysis_provider"])(Context.of(words=[]))

    assert failure.failure().message == "No words provided for analysis"
    assert failure.failure().problems[0].hint == "give at least one word"


def test_make_cards_makes_one_card_of_each_meaning(built: Built) -> None:
    """A card has its word with the article, definition, example, gap and IPA as fields."""
    _, context = built
    card = context[CARDS][0]

    assert [one.id for one in context[CARDS]] == [one.card_id for one in context[MEANINGS]]
    assert (card.id, card.word) == ("casa_home", "casa")
    assert card.fields["Word"] == "la casa"
    assert "_____" in card.fields["Gapped"]
    assert card.fields["IPA"] == "[ˈka.sa]"


def test_generate_images_draws_an_emoji_or_a_quiet_placeholder(built: Built) -> None:
    """Each card has a PNG; a placeholder is marked, and a drawing has its credit."""
    folder, context = built
    images = context[IMAGES]

    assert set(images) == {card.id for card in context[CARDS]}
    for file in images.values():
        assert (folder / "media" / file.name).read_bytes().startswith(b"\x89PNG")
    assert [name for name, file in images.items() if file.stand_in] == ["gato_car_jack"]
    assert images["casa_home"].credit
    assert images["casa_home"].credit.line == "OpenMoji · CC BY-SA 4.0"


def test_generate_audio_speaks_each_word_once(built: Built) -> None:
    """Cards of one word share its sound; a voice that no person spoke is marked."""
    folder, context = built
    sounds = context[SOUNDS]

    assert list(sounds) == ["casa", "gato", "perro"]
    for file in sounds.values():
        content = (folder / "media" / file.name).read_bytes()
        assert file.synthetic
        assert file.name.endswith(".mp3")
        assert len(content) == file.size > 2_000


def test_what_was_made_is_not_made_again(
    built: Built, adapters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later runs, in new processes too, find pictures and sounds in the folder."""
    folder, context = built
    again = adapters(folder)
    monkeypatch.setattr(again["image_provider"], "picture", None)
    monkeypatch.setattr(again["audio_provider"], "sound", None)

    outcome = pipe(
        context.without(IMAGES, SOUNDS),
        generate_images(image_provider=again["image_provider"]),
        generate_audio(audio_provider=again["audio_provider"]),
    )

    assert outcome.unwrap()[IMAGES] == context[IMAGES]
    assert outcome.unwrap()[SOUNDS] == context[SOUNDS]
    assert outcome.unwrap().reports[-1].message == "made 0 of 0; 3 were there"


def test_what_costs_is_capped(built: Built) -> None:
    """More than `max_new` that cost: nothing is made, and the estimate and the way on are told."""
    _, context = built
    paid = MemoryImages(price=Decimal("0.04"))

    failure = generate_images(image_provider=paid, max_new=3)(context.without(IMAGES)).failure()

    assert failure.message == "images would take 4 new that cost, about $0.16, and max_new is 3"
    assert failure.problems[0].hint == "allow them: max_new=4; or see them first: dry_run=True"
    assert paid.history == []


def test_the_checks_pass_a_good_deck(built: Built, adapters: Any) -> None:
    """Data, IPA and media of the embedded words have nothing wrong with them."""
    folder, context = built

    outcome = pipe(
        context,
        validate_ipa,
        validate_data,
        validate_media(media_provider=adapters(folder)["media_provider"]),
    )

    assert [one.message for one in outcome.unwrap().reports[-3:]] == ["Validation passed"] * 3
    assert not any(one.problems for one in outcome.unwrap().reports[-3:])


def test_save_file_and_load_file_bring_a_key_back(built: Built, offline: Providers) -> None:
    """Any key is saved as readable JSON and loaded back equal."""
    _, context = built
    files = {"file_provider": offline["file_provider"]}

    pipe(context, save_file.bind(key=CARDS, **files))
    outcome = load_file.bind(key=CARDS, **files)(Context.of())

    assert outcome.unwrap()[CARDS] == context[CARDS]
    assert outcome.unwrap().reports[0].message == "loaded cards.json"


def test_save_file_leaves_a_file_that_says_the_same(
    built: Built, offline: Providers, tmp_path: Path
) -> None:
    """Saving twice writes once: inode and time stay."""
    _, context = built
    save = save_file(key=MEANINGS, file_provider=offline["file_provider"])

    save(context)
    before = (tmp_path / "meanings.json").stat()
    save(context)

    after = (tmp_path / "meanings.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in tmp_path.iterdir()] == ["meanings.json"]


def test_prepare_batch_stages_the_words_nobody_knows(offline: Providers, tmp_path: Path) -> None:
    """They go into a file that says to whoever fills it in what is wanted."""
    outcome = pipe(
        Context.of(words=["casa", "flaquear"]),
        analyze_words(analysis_provider=offline["analysis_provider"]),
        prepare_batch,
        save_file(key=BATCH, file_provider=offline["file_provider"]),
    )

    staged = json.loads((tmp_path / "batch.json").read_text("utf-8"))
    assert outcome.unwrap()[BATCH] == Batch(words=("flaquear",))
    assert staged["words"] == ["flaquear"]
    assert staged["meanings"] == []
    assert set(ENTRY) <= set(staged["metadata"]["fields"])


def test_ingest_batch_makes_meanings_of_what_was_filled_in(
    offline: Providers, tmp_path: Path
) -> None:
    """A filled-in file becomes meanings, words and vocabulary; twice gives the same."""
    filled = {"words": ["flaquear"], "meanings": [ENTRY], "skipped_words": ["un"]}
    (tmp_path / "batch.json").write_text(json.dumps(filled), "utf-8")

    outcome = pipe(
        Context.of(), load_file(key=BATCH, file_provider=offline["file_provider"]), ingest_batch
    )

    context = outcome.unwrap()
    assert [one.card_id for one in context[MEANINGS]] == ["flaquear_weaken"]
    assert context[WORDS] == ("flaquear",)
    assert context[VOCABULARY].skipped == ("un",)
    assert ingest_batch(outcome).unwrap()[VOCABULARY] == context[VOCABULARY]


def test_a_sync_says_what_it_did(built: Built) -> None:
    """Note types, media and notes that were put stand in the sync record, by name."""
    _, context = built
    record = context[SYNC]

    assert record.note_types == ("Stages Vocabulary",)
    assert len(record.media) == 7  # three drawings, a placeholder, three sounds
    assert record.created == ("casa_home", "gato_cat", "gato_car_jack", "perro_dog")
    assert (record.updated, record.unchanged, record.dry_run) == ((), 0, False)


def test_a_second_sync_changes_nothing(built: Built, adapters: Any) -> None:
    """The same deck put again leaves the file as it is: bytes, inode and time."""
    folder, context = built
    package = folder / "deck.apkg"
    before, content = package.stat(), package.read_bytes()
    bound = {"anki_provider": adapters(folder)["anki_provider"]}

    outcome = pipe(
        context, sync_templates.bind(**bound), sync_media.bind(**bound), sync_cards.bind(**bound)
    )

    after = package.stat()
    assert outcome.unwrap()[SYNC].unchanged == 4
    assert outcome.unwrap()[SYNC].media == ()
    assert package.read_bytes() == content
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_real_anki_imports_the_deck(built: Built, real_anki: RealAnki) -> None:
    """Every note with two cards in its deck; Anki's checks of database and media find nothing."""
    folder, context = built

    counts = real_anki.import_package(folder / "deck.apkg")

    assert counts == {"new": 4, "updated": 0, "duplicate": 0}
    assert list(real_anki.notes) == [card.id for card in context[CARDS]]
    assert "Español" in real_anki.decks
    assert real_anki.faults == []


def test_the_cards_show_what_there_is_to_learn(built: Built, real_anki: RealAnki) -> None:
    """
    Comprehension asks with sound, picture and gap; recall with picture and definition.

    Neither question gives the word away, and each answer shows it.
    """
    folder, context = built
    real_anki.import_package(folder / "deck.apkg")

    for card in context[CARDS]:
        comprehension, recall = real_anki.shown(card.id)
        picture = f'<img src="{context[IMAGES][card.id].name}">'
        sound = context[SOUNDS][card.word].name

        assert card.fields["Gapped"] in comprehension[0]
        assert card.fields["Definition"] in recall[0]
        assert card.fields["Example"] not in comprehension[0] + recall[0]
        for question, answer, sounds in (comprehension, recall):
            assert card.fields["Word"] in answer
            assert card.fields["IPA"] in answer
            assert card.fields["Example"] in answer
            assert f">{card.fields['Word']}<" not in question
            assert picture in question
            assert sound in sounds
            assert 'lang="es-419"' in question
        for file in (context[IMAGES][card.id].name, sound):
            assert real_anki.media(file) == (folder / "media" / file).read_bytes()


def test_the_credit_of_a_drawing_stands_on_its_card(built: Built, real_anki: RealAnki) -> None:
    """OpenMoji asks for it; a placeholder of our own does not."""
    folder, _ = built
    real_anki.import_package(folder / "deck.apkg")

    assert real_anki.notes["casa_home"]["Credit"] == "OpenMoji · CC BY-SA 4.0"
    assert real_anki.notes["gato_car_jack"]["Credit"] == ""


def test_the_same_words_give_the_same_bytes_anywhere(
    built: Built, adapters: Any, tmp_path: Path
) -> None:
    """A deck made of the same cards and media in another folder is the same file."""
    folder, context = built
    bound = {
        "anki_provider": type(adapters(folder)["anki_provider"])(
            tmp_path / "other.apkg", folder / "media"
        )
    }

    pipe(context, sync_templates.bind(**bound), sync_media.bind(**bound), sync_cards.bind(**bound))

    assert (tmp_path / "other.apkg").read_bytes() == (folder / "deck.apkg").read_bytes()
    assert zipfile.ZipFile(tmp_path / "other.apkg").testzip() is None


@pytest.mark.parametrize(
    ("stage", "context"),
    [
        (prepare_batch, Context.of(words=["casa"], meanings=[], vocabulary=None)),
        (make_cards, Context.of(meanings=[])),
        (validate_data, Context.of(cards=[])),
        (validate_ipa, Context.of(meanings=[])),
    ],
)
def test_a_stage_without_providers_runs_on_the_context_alone(stage: Any, context: Context) -> None:
    """Pure stages need nothing but their keys; an empty list is no trouble."""
    assert stage(context).unwrap().reports[0].status in {Status.SUCCESS, Status.SKIPPED}
