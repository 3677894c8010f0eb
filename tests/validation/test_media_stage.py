"""Are the pictures and sounds there, and what they say they are?"""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import (
    CARDS,
    IMAGES,
    SOUNDS,
    Context,
    Problem,
    Severity,
    Status,
    generate_media,
    pipe,
    threads,
    validate_media,
)
from stages.providers.errors import BadAnswer, Denied
from stages.providers.media_folder import MediaFolder
from stages.providers.pictograms import Emoji
from stages.providers.pictures.commons import Commons
from stages.providers.pictures.openverse import Openverse
from stages.providers.speech.forvo import Forvo
from stages.records.look import Look, Use
from stages.records.media import ALWAYS_CREDITED, Credit, MediaFile, Recording
from stages.testing import MemoryAudio, MemoryImages, MemoryMedia, check_stage, texts
from stages.validation.media_stage import media_problems, seconds_of
from tests.making import after, card, codes, failed, last, picture, sound
from tests.providers.sources import png, wav


def whole() -> tuple[Context, MemoryMedia]:
    """Give a card with its picture and sound, and the folder that has them."""
    media = MemoryMedia()
    context = Context.of(
        cards=[card()],
        images={"casa_home": picture("casa", media)},
        sounds={"casa": sound("casa", media)},
    )
    return context, media


def test_what_is_there_and_right_passes() -> None:
    """Each file is read once, and nothing in the context changes."""
    context, media = whole()
    outcome = validate_media(media_provider=media)(context)
    assert last(outcome).problems == ()
    assert last(outcome).counts == {"errors": 0, "warnings": 0, "files": 2, "unused": 0}
    assert sorted(media.history) == sorted(media.files)
    assert {key: after(outcome)[key] for key in context.keys} == {
        key: context[key] for key in context.keys
    }


def test_no_cards_pass() -> None:
    """Nothing to check is no failure."""
    assert last(validate_media(media_provider=MemoryMedia())(Context.of(cards=[]))).problems == ()


def test_a_file_that_is_not_there_is_an_error() -> None:
    """`not-found` names the file."""
    context, media = whole()
    name = context["images"]["casa_home"].name
    del media.files[name]
    failure = failed(validate_media(media_provider=media)(context))
    assert failure.message == "Validation failed: 1 error"
    assert failure.problems == (
        Problem("not-found", f"media[{name}]", f"media file {name} is not there"),
    )


def test_a_file_that_holds_something_else_is_an_error() -> None:
    """`bad-answer`: no picture at all, half of it, or another one."""
    for content in (b"", b"<html>", b"GIF89acas", b"GIF89aother"):
        context, media = whole()
        name = context["images"]["casa_home"].name
        media.files[name] = content
        assert codes(validate_media(media_provider=media)(context)) == [
            ("bad-answer", f"media[{name}]")
        ]


def test_a_card_without_media_is_a_warning() -> None:
    """`no-picture` and `no-sound`: a word is told once, and the run goes on."""
    context = Context.of(cards=[card(), card(id="household")])
    outcome = validate_media(media_provider=MemoryMedia())(context)
    assert codes(outcome) == [
        ("no-picture", "cards[casa_home]"),
        ("no-picture", "cards[casa_household]"),
        ("no-sound", "words[casa]"),
    ]
    assert {problem.severity for problem in last(outcome).problems} == {Severity.WARNING}
    assert last(outcome).status is Status.SUCCESS


def test_media_of_no_card_are_not_read() -> None:
    """What the deck does not use is nobody's concern."""
    context, media = whole()
    stray = attrs.evolve(picture("stray"), name="gone.png")
    context = context.put("images", context["images"].put("other", stray))  # type: ignore[arg-type]
    assert last(validate_media(media_provider=media)(context)).problems == ()


def test_a_folder_that_may_not_be_read_stops_the_check() -> None:
    """Every file would give the same answer."""
    context, media = whole()
    closed = MemoryMedia(failures={name: Denied("closed") for name in media.files})
    assert [code for code, _ in codes(validate_media(media_provider=closed)(context))] == ["denied"]


def test_what_was_just_made_passes() -> None:
    """Making and checking agree."""
    media = MemoryMedia()
    made = generate_media(image_provider=MemoryImages(media), audio_provider=MemoryAudio(media))
    cards = [card(word, "sense") for word in ("casa", "niño", "", "家")]
    outcome = pipe(Context.of(cards=cards), made, validate_media(media_provider=media))
    assert last(outcome).problems == ()


SEEN = Look(kind="gif", what="picture", size=9, width=512, height=512)
HEARD = Look(kind="mp3", what="sound", size=9, seconds=1.0, channels=1, rate=24_000, loudest=0.1)


def found(text: str = "casa", what: str = "sound", **seen: Any) -> list[str]:
    """Give the codes that a look at the file of a card brings."""
    media = MemoryMedia()
    file = (sound if what == "sound" else picture)("x", media)
    look = attrs.evolve(HEARD if what == "sound" else SEEN, **seen)
    media = MemoryMedia(media.files, looks={file.name: look})
    use = Use(file=file, texts=(text,) if what == "sound" else ())
    problems = media_problems([use], media_provider=media)
    assert {problem.where for problem in problems} <= {f"media[{file.name}]"}
    return [f"{problem.severity} {problem.code}" for problem in problems]


def test_what_cannot_be_seen_or_heard_is_an_error() -> None:
    """A learner would look at nothing, or hear it."""
    assert found(what="picture") == found() == []
    assert found(what="picture", blank="transparent") == ["error blank"]
    assert found(what="picture", blank="one colour") == ["error blank"]
    assert found(what="picture", width=9000) == ["error too-large"]
    assert found(loudest=0.001) == ["error silent"]


def test_what_nobody_would_choose_is_a_warning() -> None:
    """It is shown or played all the same."""
    assert found(what="picture", size=21_000_000) == ["warning too-heavy"]
    assert found(what="picture", height=20) == ["warning too-small"]
    assert found(size=11_000_000) == ["warning too-heavy"]
    assert found(seconds=0.1) == ["warning too-short"]
    assert found(seconds=60.2) == ["warning too-long"]
    assert found(channels=6) == found(rate=4_000) == ["warning odd-sound"]
    assert found(promised=1.5) == ["warning cut-off"]
    assert found(clipped=0.02) == ["warning clipped"]


def test_a_sound_that_is_empty_is_told_so() -> None:
    """Nothing was played, and nothing is heard."""
    assert found(seconds=0.0, loudest=0.0) == ["warning too-short", "error silent"]


SENTENCE = "Mi abuela vive en una casa pequeña cerca del río."


def test_a_sound_lasts_about_as_long_as_its_text() -> None:
    """A word is no sentence, and a sentence no word."""
    assert found(SENTENCE, seconds=3.5) == []
    assert found(SENTENCE, seconds=0.6) == found("casa", seconds=9.0) == ["warning odd-length"]
    assert found("1999", seconds=2.4) == found("家", seconds=0.3) == found("", seconds=4.0) == []


SPOKEN = {
    "a": (0.24, 0.43),
    "kg": (0.76, 0.76),
    "EE. UU.": (1.05, 1.05),
    "1984": (2.33, 2.33),
    "dar": (0.32, 0.60),
    "derecho": (0.52, 0.71),
    "otorrinolaringólogo": (1.34, 1.90),
    "thoroughly": (0.36, 0.49),
    "eau": (0.19, 0.40),
    "nghiêng": (0.30, 0.40),
    "qu'est-ce que c'est ?": (0.60, 0.71),
    "我喜欢吃苹果。": (1.20, 1.90),
    "おはようございます": (0.90, 1.27),
    "كتاب": (0.45, 0.78),
    SENTENCE: (2.40, 4.20),
}
"""The shortest and the longest that voices and people took."""


@pytest.mark.parametrize("text", SPOKEN)
def test_no_true_recording_is_called_wrong(text: str) -> None:
    """Also where there are two seconds of silence around it, or it is said twice as slowly."""
    least, most = seconds_of(text)
    shortest, longest = SPOKEN[text]
    assert least <= shortest
    assert 2 * longest + 2 <= most


@given(texts(), texts())
def test_more_text_takes_longer(one: str, more: str) -> None:
    """And there is always some time in which it may be spoken."""
    assert 0 <= seconds_of(one)[0] < seconds_of(one)[1]
    assert seconds_of(one)[0] <= seconds_of(one + more)[0]
    assert seconds_of(one)[1] <= seconds_of(one + more)[1]


def test_one_sound_of_two_texts_may_last_as_long_as_either() -> None:
    """Equal bytes are one file."""
    media = MemoryMedia()
    file = sound("x", media)
    media = MemoryMedia(media.files, looks={file.name: attrs.evolve(HEARD, seconds=9.0)})
    for spoken, told in ((("casa", SENTENCE), []), (("casa", "casas"), ["odd-length"])):
        problems = media_problems([Use(file=file, texts=spoken)], media_provider=media)
        assert [problem.code for problem in problems] == told


def test_the_text_of_an_example_is_that_of_its_sound() -> None:
    """And a word's that of all of its recordings."""
    media = MemoryMedia()
    word, second, example = (sound(name, media) for name in ("casa", "second", "example"))
    others = (Recording(name=second.name, size=second.size),)
    context = Context.of(
        cards=[card(example=SENTENCE)],
        images={"casa_home": picture("casa", media)},
        sounds={"casa": attrs.evolve(word, others=others), SENTENCE: example},
    )
    looks = {name: attrs.evolve(HEARD, seconds=9.0) for name in media.files if "casa" not in name}
    slow = MemoryMedia(media.files, looks=looks)
    assert codes(validate_media(media_provider=slow)(context)) == [
        ("odd-length", f"media[{second.name}]")
    ]


def test_files_that_nothing_needs_are_listed_in_one_warning() -> None:
    """With their size, and the first of their names; nothing is deleted."""
    context, media = whole()
    for number in range(15):
        media.files[f"stray-{number:02}.png"] = bytes(100_000)
    before = dict(media.files)
    (problem,) = last(validate_media(media_provider=media)(context)).problems
    assert (problem.code, problem.where) == ("unused", "media")
    assert problem.why.startswith(
        "15 files (1.5 MB) that no card shows: stray-00.png, stray-01.png"
    )
    assert problem.why.endswith("stray-11.png and 3 more")
    assert problem.severity is Severity.WARNING
    assert last(validate_media(media_provider=media)(context)).counts["unused"] == 15
    assert media.files == before


def test_names_that_are_one_on_other_systems_clash() -> None:
    """Of two that cards show, one would be lost; of one that is only there, one may be."""
    media = MemoryMedia(dict.fromkeys(("Casa.gif", "casa.gif", "nin\u0303o.gif"), b"GIF89a"))
    uses = {name: Use(file=MediaFile(name=name, size=6, provider="own")) for name in media.files}

    def clashes(*shown: str) -> list[tuple[str, str]]:
        problems = media_problems([uses[name] for name in shown], media_provider=media)
        return [(one.where, one.severity) for one in problems if one.code == "name-clash"]

    assert clashes("Casa.gif", "casa.gif") == [("media[Casa.gif]", "error")]
    assert clashes("casa.gif") == [("media[casa.gif]", "warning")]
    assert clashes("nin\u0303o.gif") == []
    media.files["Ni\u00f1o.gif"] = b"GIF89a"
    assert clashes("nin\u0303o.gif") == [("media[nin\u0303o.gif]", "warning")]


ODD_NAMES = {
    "con.mp3": "con is reserved on Windows",
    "NUL.tar.mp3": "NUL is reserved on Windows",
    "a:b.mp3": "it has ':'",
    "a[1].mp3": "it has '[', ']'",
    "Casa.mp3": "it has capitals",
    "nin\u0303o.mp3": "its accents are written apart",
    " casa.mp3": "it begins or ends with a blank",
    f"{'ñ' * 60}.mp3": "it is longer than 100 bytes",
}


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_name_that_anki_would_change_is_told(name: str) -> None:
    """The reason is given; names from `media_name` and plain ones are never odd."""
    media = MemoryMedia({name: b"ID3", "casa-2.mp3": b"ID3"})
    spoken = {"casa": name, "ser": "casa-2.mp3"}
    files = {text: MediaFile(name=one, size=3, provider="own") for text, one in spoken.items()}
    context = Context.of(cards=[card("casa"), card("ser", "be")], sounds=files)
    problems = last(validate_media(media_provider=media)(context)).problems
    (odd,) = (problem for problem in problems if problem.code == "odd-name")
    assert odd.where == f"media[{name}]"
    assert ODD_NAMES[name] in odd.why


def test_an_ending_that_is_not_the_type_is_told() -> None:
    """Whatever is usual for the type is right."""
    media = MemoryMedia(
        {"a.jpeg": b"\xff\xd8\xff", "b.jpg": b"GIF89a", "c.opus": b"OggS", "d": b"GIF89a"}
    )
    uses = [Use(file=MediaFile(name=name, size=1, provider="own")) for name in media.files]
    problems = media_problems(uses, media_provider=media)
    assert [(one.code, one.where) for one in problems] == [("other-type", "media[b.jpg]")]


def credited(provider: str, credit: Credit | None) -> list[str]:
    """Give the codes that the credit of a picture brings."""
    media = MemoryMedia()
    file = attrs.evolve(picture("x", media), provider=provider, credit=credit)
    return [problem.code for problem in media_problems([Use(file=file)], media_provider=media)]


def test_a_credit_that_a_licence_wants_is_there() -> None:
    """Who gives works of others always says whose; the public domain asks nothing."""
    by = Credit(author="Ana", licence="CC BY 4.0")
    assert credited("openmoji", None) == credited("forvo", None) == ["no-credit"]
    assert credited("openmoji", by) == credited("own", None) == credited("kokoro", None) == []
    for licence in ("CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC-SA 3.0"):
        assert credited("commons", attrs.evolve(by, licence=licence, author=" ")) == ["no-credit"]
    for licence in ("CC0 1.0", "Public domain"):
        assert credited("commons", attrs.evolve(by, licence=licence, author="")) == []


def test_those_who_always_credit_are_the_sources_that_do() -> None:
    """By the names that they have."""
    assert {one.name for one in (Emoji, Openverse, Commons, Forvo)} == ALWAYS_CREDITED


def test_what_nobody_can_look_into_is_said_once() -> None:
    """All else is checked: files that are gone or of another hash are found."""
    media = MemoryMedia()
    images = {f"casa_{n}": picture(f"casa {n}", media) for n in range(4)}
    cards = [card(id=str(n)) for n in range(4)]
    context = Context.of(cards=cards, images=images, sounds={"casa": sound("casa", media)})
    unseen = attrs.evolve(SEEN, width=0, height=0, unseen="Pillow cannot be loaded")
    looks = {images[f"casa_{n}"].name: unseen for n in range(3)}
    del media.files[images["casa_3"].name]
    blind = MemoryMedia(media.files, looks=looks)
    problems = last(validate_media(media_provider=blind)(context)).problems
    assert [problem.code for problem in problems] == ["not-found", "not-looked-at"]
    assert problems[1].where == "media"
    assert problems[1].why == "3 files could not be looked into: Pillow cannot be loaded"
    assert problems[1].hint == 'pip install "fluent-stages[offline]"'


def spoilt() -> tuple[Context, MemoryMedia, dict[str, str]]:
    """Give two cards: one picture is broken, and so are one of two recordings, and a whole word."""
    media = MemoryMedia()
    names = ("home", "be", "first", "second", "ser")
    files = {name: (picture if name in ("home", "be") else sound)(name, media) for name in names}
    second = Recording(name=files["second"].name, size=files["second"].size)
    context = Context.of(
        cards=[card(), card("ser", "be")],
        images={"casa_home": files["home"], "ser_be": files["be"]},
        sounds={"casa": attrs.evolve(files["first"], others=(second,)), "ser": files["ser"]},
    )
    for name in ("home", "first", "ser"):
        media.files[files[name].name] = b"<html>"
    return context, media, {name: file.name for name, file in files.items()}


def test_all_faults_are_told_at_once() -> None:
    """One bad file stops no other, wherever they are looked at."""
    context, media, names = spoilt()
    failure = failed(validate_media(media_provider=media)(context))
    assert failure.message == "Validation failed: 3 errors"
    bad = sorted(f"media[{names[name]}]" for name in ("home", "first", "ser"))
    assert [problem.where for problem in failure.problems] == bad
    assert validate_media(media_provider=media, mapper=threads(4))(context).failure() == failure


def test_keep_goes_on_with_all_of_it() -> None:
    """The report says what is wrong."""
    context, media, _ = spoilt()
    outcome = validate_media(media_provider=media, on_problem="keep")(context)
    assert last(outcome).message == "Validation failed: 3 errors"
    assert after(outcome)[IMAGES] == context[IMAGES]
    assert validate_media(on_problem="keep").gives == ()


def test_drop_goes_on_without_what_is_broken() -> None:
    """A recording that is whole is played in place of the one that is not."""
    context, media, names = spoilt()
    outcome = validate_media(media_provider=media, on_problem="drop")(context)
    assert last(outcome).message == "Validation failed: 3 errors; 3 dropped"
    assert last(outcome).counts["dropped"] == 3
    assert {of: file.names for of, file in after(outcome)[IMAGES].items()} == {
        "ser_be": (names["be"],)
    }
    assert {of: file.names for of, file in after(outcome)[SOUNDS].items()} == {
        "casa": (names["second"],)
    }
    assert after(outcome)[CARDS] == context[CARDS]
    assert last(validate_media(media_provider=media)(after(outcome))).counts["errors"] == 0
    assert validate_media(on_problem="drop").gives == (IMAGES, SOUNDS)


def test_drop_leaves_what_is_whole() -> None:
    """Nothing is dropped for a warning."""
    context, media = whole()
    outcome = validate_media(media_provider=media, on_problem="drop")(context)
    assert last(outcome).message == "Validation passed"
    assert after(outcome)[IMAGES] == context[IMAGES]
    assert after(outcome)[SOUNDS] == context[SOUNDS]


def test_a_check_that_was_broken_off_drops_nothing() -> None:
    """Nobody knows what the rest is like."""
    context, media = whole()
    closed = MemoryMedia(media.files, failures={name: Denied("closed") for name in media.files})
    failure = failed(validate_media(media_provider=closed, on_problem="drop")(context))
    assert [problem.code for problem in failure.problems] == ["denied"]


def test_a_folder_that_cannot_be_listed_is_a_problem() -> None:
    """The files are checked all the same."""

    class Unlisted(MemoryMedia):
        def unused(self) -> dict[str, int]:
            raise BadAnswer("it cannot be listed")

    context, media = whole()
    outcome = validate_media(media_provider=Unlisted(media.files))(context)
    assert codes(outcome) == [("bad-answer", "media")]


def made_in(folder: Path, number: int) -> Context:
    """Give cards with real pictures and sounds in a folder."""
    media = MediaFolder(folder)
    cards = [card(f"palabra{n}", f"sense{n}", example="") for n in range(number)]

    def kept(of: str, content: bytes) -> MediaFile:
        return MediaFile(name=media.keep(of, content), size=len(content), provider="own")

    return Context.of(
        cards=cards,
        images={one.id: kept(one.id, png(one.id)) for one in cards},
        sounds={one.word: kept(one.word, wav(one.word)) for one in cards},
    )


def test_real_files_pass_and_what_was_seen_is_kept(tmp_path: Path) -> None:
    """On threads too; what is kept is no file of the deck."""
    context = made_in(tmp_path, 12)
    for mapper in (threads(3), threads(1)):
        report = last(validate_media(media_provider=MediaFolder(tmp_path), mapper=mapper)(context))
        assert report.problems == ()
        assert report.counts == {"errors": 0, "warnings": 0, "files": 24, "unused": 0}
    lines = (tmp_path / "looks.jsonl").read_text("utf-8").splitlines()
    assert len({json.loads(line)["name"] for line in lines}) == 24


@given(st.data())
def test_any_damage_is_found_and_stops_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut off, with other bits, with more, or another file: each is one error, and the others pass."""
    folder = tmp_path_factory.mktemp("media")
    context = made_in(folder, 3)
    names = sorted(path.name for path in folder.iterdir())
    bad = data.draw(st.sets(st.sampled_from(names)))
    for name in bad:
        content = bytearray((folder / name).read_bytes())
        match data.draw(st.sampled_from(("cut", "bit", "more", "other"))):
            case "cut":
                del content[data.draw(st.integers(0, len(content) - 1)) :]
            case "bit":
                content[data.draw(st.integers(0, len(content) - 1))] ^= 1
            case "more":
                content += b"x"
            case _:
                content[:] = data.draw(st.sampled_from((b"", b"<svg/>", b"GIF89a", png("z"))))
        (folder / name).write_bytes(content)
    outcome = validate_media(media_provider=MediaFolder(folder), on_problem="keep")(context)
    errors = [one for one in last(outcome).problems if one.severity is Severity.ERROR]
    assert {one.code for one in errors} <= {"bad-answer"}
    assert [one.where for one in errors] == [f"media[{name}]" for name in sorted(bad)]


def test_it_keeps_the_laws() -> None:
    """With files and without, whatever is done about errors."""
    check_stage(validate_media)
    check_stage(validate_media, examples=50, media_provider=MemoryMedia())
    check_stage(validate_media.bind(on_problem="drop"), media_provider=MemoryMedia())
    check_stage(validate_media.bind(on_problem="keep"), examples=50)
