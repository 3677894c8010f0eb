"""Are the pictures and sounds there, and what they say they are?"""

import attrs

from stages import Context, Problem, Severity, Status, generate_media, pipe, validate_media
from stages.providers.errors import Denied
from stages.testing import MemoryAudio, MemoryImages, MemoryMedia, check_stage
from tests.making import after, card, codes, failed, last, picture, sound


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
    assert last(outcome).counts == {"errors": 0, "warnings": 0, "files": 2}
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


def test_it_keeps_the_laws() -> None:
    """With files and without."""
    check_stage(validate_media)
    check_stage(validate_media, examples=50, media_provider=MemoryMedia())
