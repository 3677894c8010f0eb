"""Media: planned before they are paid for, never paid for twice, each with where it is from."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages import (
    CARDS,
    IMAGES,
    MEDIA_PLAN,
    SOUNDS,
    Card,
    Context,
    Credit,
    Status,
    compose,
    generate_images,
    generate_media,
    plan_media,
    run,
    threads,
)
from stages.pipelines import vocabulary
from stages.providers.errors import NotFound
from stages.providers.journal import Journal, journaled
from stages.providers.media import Pictures, Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.pictograms import Emoji, Placeholder
from stages.providers.pictures.openai import OpenAIImages
from stages.providers.source import Grade, Made
from stages.providers.voice import speakers
from stages.testing.loopback import IMAGES as PAINTING
from stages.testing.loopback import ServicesLoopback, openai_images
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]
Built = tuple[Path, Context]


@pytest.fixture
def server() -> Iterator[ServicesLoopback]:
    """OpenAI's images on this machine; its moderation blocks all that has a jack in it."""
    with ServicesLoopback({"/openai": openai_images(blocked=lambda text: "jack" in text)}) as one:
        yield one


@pytest.fixture
def painter(server: ServicesLoopback, tmp_path: Path) -> OpenAIImages:
    """OpenAI behind its SDK, and a journal."""
    source = OpenAIImages(api_key="any", base_url=f"{server.url}/openai/v1")
    return journaled(source, Journal(tmp_path / "journal"))


def asked(server: ServicesLoopback) -> int:
    """Count the pictures that were asked for."""
    return server.counts.get(PAINTING, 0)


def test_a_plan_says_what_is_there_and_what_the_rest_would_cost(
    built: Built, server: ServicesLoopback, painter: OpenAIImages, tmp_path: Path
) -> None:
    """It is a value: it prints, saves, and costs nothing; once it is carried out it is empty."""
    _, context = built
    context = context.without(IMAGES, SOUNDS)
    providers: Providers = {
        "image_provider": Pictures(tmp_path / "media", painter, Placeholder()),
        "audio_provider": Sounds(tmp_path / "media", *speakers("es-419")),
    }
    plan = plan_media.bind(**providers)(context).unwrap()[MEDIA_PLAN]
    assert list(plan.pictures.new) == ["casa_home", "gato_car_jack", "gato_cat", "perro_dog"]
    assert plan.pictures.new["casa_home"].provider == "openai"
    assert list(plan.sounds.new) == ["casa", "gato", "perro"]
    assert Decimal("0.01") < plan.cost < Decimal("0.10")
    assert "make casa_home: openai, $0.00" in str(plan)
    planned = plan_media.bind(**providers)(Context.of(cards=context[CARDS])).unwrap()
    assert Context.from_json(planned.to_json(), MEDIA_PLAN, CARDS) == planned
    assert asked(server) == 0

    made = plan_media.bind(**providers)(generate_media.bind(**providers)(context)).unwrap()
    assert not made[MEDIA_PLAN]
    assert {one.name for one in made[MEDIA_PLAN].pictures.there.values()} <= {
        file.name for file in (tmp_path / "media").iterdir()
    }


def test_over_the_cap_nothing_is_spent(
    built: Built, server: ServicesLoopback, painter: OpenAIImages, tmp_path: Path
) -> None:
    """The failure says how many, for how much at most, and how to go on."""
    _, context = built
    stage = generate_images(image_provider=Pictures(tmp_path / "media", painter), max_new=2)
    failure = stage(context.without(IMAGES)).failure()
    assert failure.problems[0].code == "over-the-cap"
    assert "max_new=4" in failure.problems[0].hint
    assert asked(server) == 0


def test_a_paid_picture_is_checked_kept_and_comes_to_anki_once(
    offline: Providers,
    server: ServicesLoopback,
    painter: OpenAIImages,
    tmp_path: Path,
    real_anki: RealAnki,
) -> None:
    """A refusal is a drawing with its reason; a second run, or one without the folder, is free."""
    media = tmp_path / "media"
    providers = {name: one for name, one in offline.items() if name in vocabulary.providers}
    providers["image_provider"] = Pictures(media, painter, Emoji(), Placeholder())
    words = Context.of(words=["gato", "perro"])
    outcome = run(vocabulary, words, **providers, mapper=threads(4))
    images = outcome.unwrap()[IMAGES]
    assert {name: one.provider for name, one in images.items()} == {
        "gato_cat": "openai",
        "gato_car_jack": "placeholder",
        "perro_dog": "openai",
    }
    assert images["gato_cat"].name.endswith(".jpg")
    reasons = [one for report in outcome.unwrap().reports for one in report.warnings]
    assert [(one.code, one.where) for one in reasons if one.code == "second-choice"] == [
        ("second-choice", "images[gato_car_jack]")
    ]
    assert real_anki.import_package(tmp_path / "deck.apkg")["new"] == 3
    assert real_anki.faults == []

    before = asked(server)
    run(vocabulary, words, **providers).unwrap()
    assert asked(server) == before
    for file in media.iterdir():
        if file.is_file():
            file.unlink()
    run(vocabulary, words, **providers).unwrap()
    assert asked(server) == before + 1  # the refusal, which no journal keeps


def test_where_a_file_is_from_is_known_beside_it(
    built: Built, painter: OpenAIImages, tmp_path: Path
) -> None:
    """Provider, model, size, style, prompt, fingerprint, the real cost, when; and no key."""
    _, context = built
    pictures = Pictures(tmp_path / "media", painter, Placeholder())
    generate_images(image_provider=pictures)(context.without(IMAGES)).unwrap()
    made = MediaFolder(tmp_path / "media").latest("picture")["es-419", "perro_dog"]
    assert made.file.provider == "openai"
    assert {"model", "size", "quality", "style", "prompt"} <= set(made.request)
    assert 0 < made.cost < 1
    assert made.made_at.endswith("+00:00")
    assert len(made.fingerprint) == 32


def test_a_changed_prompt_is_told_and_remade_only_when_it_is_asked_for(
    built: Built, server: ServicesLoopback, painter: OpenAIImages, tmp_path: Path
) -> None:
    """The old file shows until the new one is there, and then lies in a dated backup."""
    _, context = built
    (card,) = [one for one in context[CARDS] if one.id == "perro_dog"]
    media, pictures = tmp_path / "media", Pictures(tmp_path / "media", painter)
    before = generate_images(image_provider=pictures)(Context.of(cards=[card])).unwrap()

    changed = Context.of(cards=[attrs.evolve(card, prompt="a small dog asleep on a rug")])
    same = generate_images(image_provider=pictures)(changed).unwrap()
    assert [one.code for one in same.reports[-1].warnings] == ["outdated"]
    assert same[IMAGES]["perro_dog"].name == before[IMAGES]["perro_dog"].name
    assert asked(server) == 1

    pictures.discard(changed[CARDS])
    after = generate_images(image_provider=pictures)(changed).unwrap()
    old, new = before[IMAGES]["perro_dog"].name, after[IMAGES]["perro_dog"].name
    assert asked(server) == 2
    assert new != old
    assert [file.name for file in media.glob("backup/*/*")] == [old]
    assert not (media / old).exists()


def test_a_choice_is_remembered(built: Built, server: ServicesLoopback, tmp_path: Path) -> None:
    """Of several candidates a person takes one, and no later run changes it."""
    _, context = built
    (card,) = [one for one in context[CARDS] if one.id == "perro_dog"]
    several = OpenAIImages(api_key="any", base_url=f"{server.url}/openai/v1", candidates=3)
    pictures = Pictures(tmp_path / "media", several)
    first = pictures.picture(card)
    candidates = {one.file.name for one in pictures.candidates(card)}
    assert len(candidates) == 3
    chosen = (candidates - {first.name}).pop()
    pictures.choose(card, chosen)
    again = Pictures(tmp_path / "media", several, Placeholder())
    assert again.existing([attrs.evolve(card, prompt="another")])["perro_dog"].name == chosen


@attrs.frozen
class Speakers:
    """A source of recordings by people, for the words that somebody has recorded."""

    recorded: dict[str, bytes] = attrs.Factory(dict)
    month: str = "2026-03"
    name = "people"
    grade = Grade.WHOLE
    local = False

    def request(self, card: Card) -> dict[str, str]:
        """Ask anew each month."""
        return {"word": card.word, "month": self.month}

    def price(self, card: Card, take: int) -> Decimal:  # noqa: ARG002  # all are free
        """Nothing."""
        return Decimal(0)

    def make(self, card: Card, take: int) -> list[Made]:  # noqa: ARG002  # there is one
        """Give the recording."""
        if card.word not in self.recorded:
            raise NotFound(f"nobody has recorded {card.word!r}")
        credit = Credit(author="Ana", licence="CC BY 4.0", title="perro", source="https://x.org/7")
        return [Made(content=self.recorded[card.word], credit=credit)]


def test_a_synthetic_voice_gives_way_to_a_person(
    built: Built, offline: Providers, tmp_path: Path, real_anki: RealAnki
) -> None:
    """It is asked for again when that may help, and the credit reaches the card."""
    folder, context = built
    spoken = (folder / "media" / context[SOUNDS]["casa"].name).read_bytes()
    media, voices = tmp_path / "media", speakers("es-419")
    providers = {name: one for name, one in offline.items() if name in vocabulary.providers}
    words = Context.of(words=["perro"])

    providers["audio_provider"] = Sounds(media, Speakers(), *voices)
    first = run(vocabulary, words, **providers).unwrap()
    assert first[SOUNDS]["perro"].synthetic

    providers["audio_provider"] = Sounds(media, Speakers({"perro": spoken}), *voices)
    same_month = run(vocabulary, words, **providers).unwrap()
    assert same_month[SOUNDS]["perro"].synthetic

    providers["audio_provider"] = Sounds(media, Speakers({"perro": spoken}, "2026-04"), *voices)
    later = run(vocabulary, words, **providers).unwrap()
    assert later[SOUNDS]["perro"].provider == "people"
    real_anki.import_package(tmp_path / "deck.apkg")
    assert (
        '<a href="https://x.org/7">perro</a> · Ana · CC BY 4.0'
        in (real_anki.notes["perro_dog"]["Credit"])
    )


def test_examples_are_spoken_when_they_are_wanted(
    offline: Providers, tmp_path: Path, real_anki: RealAnki
) -> None:
    """The sound stands behind the example, and Anki plays it after the word."""
    providers = {name: one for name, one in offline.items() if name in vocabulary.providers}
    after = run(vocabulary, Context.of(words=["perro"]), **providers, examples=True).unwrap()
    (card,) = after[CARDS]
    assert list(after[SOUNDS]) == ["perro", card.example]
    real_anki.import_package(tmp_path / "deck.apkg")
    for _, _, played in real_anki.shown("perro_dog"):
        assert after[SOUNDS][card.example].name in played
    assert real_anki.faults == []


def test_plan_and_media_compose_like_any_stages(built: Built, tmp_path: Path) -> None:
    """A dry run of both makes nothing, and is a success."""
    _, context = built
    pipeline = compose(plan_media, generate_media, name="media")
    outcome = run(
        pipeline,
        context.without(IMAGES, SOUNDS),
        image_provider=Pictures(tmp_path / "media", Emoji(), Placeholder()),
        audio_provider=Sounds(tmp_path / "media", *speakers("es-419")),
        dry_run=True,
    )
    assert {report.status for report in outcome.unwrap().reports} == {Status.SUCCESS}
    assert list(tmp_path.iterdir()) == []
