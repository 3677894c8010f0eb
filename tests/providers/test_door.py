"""The door: what is no picture or sound that a card can use does not come in."""

import io
import random
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.providers.door import check_picture, check_sound
from stages.providers.errors import BadAnswer, Misconfigured
from stages.providers.looking import look_at, looked_into
from stages.providers.pictures.openmoji import OpenMoji
from stages.providers.pictures.placeholder import placeholder
from stages.providers.speech.espeak import Espeak
from stages.providers.speech.kokoro import Kokoro
from stages.records.look import faults
from stages.records.media import extension, media_name


def scene(width: int = 64, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Give a picture of all kinds of colours."""
    colours = np.random.default_rng(1).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(colours).resize((width, height)).convert(mode)


def written(image: Image.Image, kind: str, **settings: Any) -> bytes:
    """Encode a picture."""
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def recorded(  # a sound has as many sides
    kind: str = "WAV",
    subtype: str | None = None,
    *,
    seconds: float = 0.8,
    loudness: float = 0.2,
    rate: int = 24_000,
    channels: int = 1,
) -> bytes:
    """Encode a hum."""
    wave = loudness * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 200 / rate)
    file = io.BytesIO()
    samples = np.stack([wave] * channels, axis=1).astype(np.float32)
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


PICTURES = {
    "png": written(scene(), "PNG"),
    "png of greys": written(scene(mode="L"), "PNG"),
    "png of many greys": written(scene(mode="I;16"), "PNG"),
    "png of black and white": written(scene(mode="1"), "PNG"),
    "png of a palette": written(scene(mode="P"), "PNG"),
    "png of a clear palette": written(scene(mode="P"), "PNG", transparency=bytes(3)),
    "png seen through": written(scene(mode="RGBA"), "PNG"),
    "jpg": written(scene(), "JPEG"),
    "jpg in steps": written(scene(), "JPEG", progressive=True),
    "jpg for print": written(scene(mode="CMYK"), "JPEG"),
    "webp": written(scene(), "WEBP"),
    "webp without loss": written(scene(mode="RGBA"), "WEBP", lossless=True),
    "gif": written(scene(), "GIF"),
    "gif that moves": written(
        scene(), "GIF", save_all=True, append_images=[scene().rotate(90)], duration=100
    ),
}
SOUNDS = {
    "mp3": recorded("MP3"),
    "mp3 in stereo": recorded("MP3", rate=44_100, channels=2),
    "ogg": recorded("OGG"),
    "ogg of opus": recorded("OGG", "OPUS"),
    "wav": recorded(),
    "wav of 8 bits": recorded(subtype="PCM_U8", rate=8_000),
    "wav of floats": recorded(subtype="FLOAT", rate=96_000, channels=2),
}
MADE = {
    "an emoji": OpenMoji().draw("🏠"),
    "a tiny emoji": OpenMoji().draw("🏠", 32),
    "three emoji": OpenMoji().draw("👦➡️👨‍✈️"),
    "a placeholder": placeholder("house", "building"),
    "a placeholder without a word": placeholder("house", ""),
}

Check = Callable[[bytes], None]


def refusal(check: Check, content: bytes) -> str:
    """Give the reason why something does not come in."""
    with pytest.raises(BadAnswer) as caught:
        check(content)
    return caught.value.why


@pytest.mark.parametrize("kind", PICTURES | MADE)
def test_pictures_come_in(kind: str) -> None:
    """In every form that a device shows, and so does whatever is drawn here."""
    check_picture((PICTURES | MADE)[kind])


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_come_in(kind: str) -> None:
    """In every form that a device plays."""
    check_sound(SOUNDS[kind])


def test_what_is_spoken_here_comes_in() -> None:
    """By both voices, however short."""
    kokoro, espeak = Kokoro(), Espeak()
    for ipa, word in (("[a]", "a"), ("[ˈka.sa]", "casa"), ("[s]", "ese")):
        check_sound(kokoro.speak(ipa))
        check_sound(espeak.speak(word))


PAGES = {
    b"": "nothing: zero bytes",
    b"<!DOCTYPE html><html><body>Not found</body></html>": "a web page",
    b"\xef\xbb\xbf\r\n <HTML>": "a web page",
    b"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>": "a web page",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>": "an SVG drawing",
    b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>": "an SVG drawing",
    b' {"errors": [{"message": "no such key: sk-1234"}]}': "a message in JSON",
    b'["Limit/day reached."]': "a message in JSON",
    b"404 page not found": "a text",
    b"Try again later. " * 1_000: "a text",
    b"\0\1\2": "neither a picture nor a sound: the first bytes are b'\\x00\\x01\\x02'",
    b"%PDF-1.7\n\xff": "neither a picture nor a sound",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page[:40])
@pytest.mark.parametrize("check", [check_picture, check_sound])
def test_what_came_in_place_of_a_file_is_named(check: Check, page: bytes) -> None:
    """It is not repeated: who knows which key is in it."""
    why = refusal(check, page)
    assert why.startswith(f"what came is {PAGES[page]}")
    assert "sk-1234" not in why


def test_a_picture_is_no_sound_and_a_sound_no_picture() -> None:
    """The hint says what would do."""
    assert refusal(check_sound, PICTURES["png"]) == "what came is no sound, but png"
    assert refusal(check_picture, SOUNDS["mp3"]) == "what came is no picture, but mp3"
    with pytest.raises(BadAnswer) as caught:
        check_picture(SOUNDS["mp3"])
    assert caught.value.hint == "one of gif, jpg, png, webp is shown or played on every device"


CUT_OFF = {
    "png": -30,
    "jpg": -100,
    "webp": -30,
    "gif": -300,
}


@pytest.mark.parametrize("kind", CUT_OFF)
def test_a_picture_that_was_cut_off_stays_out(kind: str) -> None:
    """The decoder's own words are kept."""
    why = refusal(check_picture, PICTURES[kind][: CUT_OFF[kind]])
    assert why.startswith(f"the {kind} picture cannot be decoded: ")


@pytest.mark.parametrize("place", [-20, -14], ids=["of the pixels", "of what holds them"])
def test_a_picture_with_a_wrong_checksum_stays_out(place: int) -> None:
    """Its colours would be anybody's guess, and a decoder that minds shows nothing."""
    content = bytearray(PICTURES["png"])
    content[place] ^= 1
    assert "cannot be decoded" in refusal(check_picture, bytes(content))


@pytest.mark.parametrize("size", [(31, 64), (64, 31), (8_193, 40), (40, 8_193)])
def test_a_picture_of_an_odd_size_stays_out(size: tuple[int, int]) -> None:
    """The size is told, and what it may be."""
    width, height = size
    told = f"the picture has {width} x {height} pixels: each side may have from 32 to 8192"
    assert refusal(check_picture, written(scene(width, height), "PNG")) == told


def test_the_smallest_and_the_widest_come_in() -> None:
    """Bounds belong to what they bound."""
    check_picture(written(scene(32, 32), "PNG"))
    check_picture(written(scene(8_192, 32), "JPEG"))


@pytest.mark.parametrize("kind", ["png", "gif"])
def test_a_picture_that_would_fill_the_memory_is_not_decoded(kind: str) -> None:
    """Its header is believed and nothing else; nothing is printed or warned of either."""
    content = bytearray(PICTURES[kind])
    if kind == "png":
        content[16:24] = (60_000).to_bytes(4) * 2
    else:
        content[6:10] = (60_000).to_bytes(2, "little") * 2
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        refusal(check_picture, bytes(content))
    assert warned == []


def test_a_heavy_file_stays_out() -> None:
    """Whatever is in it."""
    told = "the picture has 20.0 MB: it may have up to 20 MB"
    assert refusal(check_picture, PICTURES["png"] + bytes(20_000_000)) == told
    told = "the sound has 10.0 MB: it may have up to 10 MB"
    assert refusal(check_sound, SOUNDS["wav"] + bytes(10_000_000)) == told


BLANK = {
    "white": written(Image.new("RGB", (64, 64), "white"), "PNG"),
    "grey": written(Image.new("L", (64, 64), 90), "PNG"),
    "red, and not quite even": written(Image.new("RGB", (64, 64), (200, 30, 20)), "JPEG"),
    "of a palette": written(Image.new("P", (64, 64), 3), "PNG"),
    "half seen through": written(Image.new("RGBA", (64, 64), (1, 2, 3, 99)), "PNG"),
    "moving": written(Image.new("RGB", (64, 64), "blue"), "GIF"),
}


@pytest.mark.parametrize("kind", BLANK)
def test_a_picture_of_one_colour_stays_out(kind: str) -> None:
    """It shows nothing."""
    assert refusal(check_picture, BLANK[kind]) == "the picture is blank: all of it has one colour"


def test_a_picture_that_cannot_be_seen_stays_out() -> None:
    """Whatever colours it has where it is transparent."""
    clear = scene(mode="RGBA")
    clear.putalpha(0)
    for kind in ("PNG", "WEBP"):
        content = written(
            clear, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {})
        )
        told = "the picture is blank: all of it is transparent"
        assert refusal(check_picture, content) == told


def test_a_black_figure_on_nothing_comes_in() -> None:
    """It is seen by what it covers."""
    figure = Image.new("RGBA", (64, 64))
    figure.paste((0, 0, 0, 255), (10, 10, 40, 40))
    check_picture(written(figure, "PNG"))


ODD_SOUNDS = {
    "short": (recorded(seconds=0.1), "the sound lasts 0.100 s: speech lasts 0.15 s or more"),
    "empty": (recorded(seconds=0), "the sound lasts 0.000 s: speech lasts 0.15 s or more"),
    "long": (recorded(seconds=61, rate=8_000), "the sound is longer than 60 s"),
    "silent": (
        recorded(loudness=0),
        "the sound is silent: its loudest moment has an RMS of 0.0000, where speech has over 0.005",
    ),
    "hardly heard": (recorded("MP3", loudness=0.003), "the sound is silent: its loudest moment"),
    "of no numbers": (
        recorded(subtype="FLOAT", loudness=float("nan")),
        "the sound is silent: its loudest moment has an RMS of 0.0000",
    ),
    "of four channels": (
        recorded(channels=4),
        "the sound has 4 channels: it may have one or two",
    ),
    "slow": (recorded(rate=4_000), "the sound has 4000 samples a second: from 8000 to 96000 are"),
    "fast": (recorded(rate=192_000), "the sound has 192000 samples a second"),
    "of its first bytes": (SOUNDS["ogg"][:40], "the ogg sound cannot be decoded: "),
}


@pytest.mark.parametrize("kind", ODD_SOUNDS)
def test_an_odd_sound_stays_out(kind: str) -> None:
    """It is told what it is, and what it should be."""
    content, told = ODD_SOUNDS[kind]
    assert refusal(check_sound, content).startswith(told)


def test_a_reason_is_the_same_each_time() -> None:
    """No address of an object is in it."""
    assert refusal(check_sound, b"OggS" + bytes(50)) == refusal(check_sound, b"OggS" + bytes(50))


def test_a_quiet_word_in_a_long_silence_comes_in() -> None:
    """It counts how loud its loudest moment is."""
    samples = np.zeros(240_000, np.float32)
    samples[100_000:110_000] = 0.02 * np.sin(np.arange(10_000) / 20)
    file = io.BytesIO()
    soundfile.write(file, samples, 24_000, format="WAV")
    check_sound(file.getvalue())


@pytest.mark.parametrize(
    ("check", "content", "module", "name"),
    [
        (check_picture, PICTURES["png"], "PIL.PngImagePlugin", "Pillow"),
        (check_sound, SOUNDS["wav"], "soundfile", "soundfile"),
    ],
)
def test_without_a_library_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, check: Check, content: bytes, module: str, name: str
) -> None:
    """That stops the run: nothing else would be looked at either."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Misconfigured, match=f"^{name} looks at what came, and cannot be") as caught:
        check(content)
    assert caught.value.hint == 'pip install "fluent-stages[offline]"'


def test_threads_may_check_at_the_same_time() -> None:
    """Each its own file."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check_picture, [*PICTURES.values()] * 3))
        list(pool.map(check_sound, [*SOUNDS.values()] * 3))


REAL = PICTURES | SOUNDS


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Give a real file with bytes changed, cut out or put in, and cut off anywhere."""
    content = bytearray(draw(st.sampled_from(sorted(REAL)).map(REAL.__getitem__)))
    for _ in range(draw(st.integers(0, 12))):
        # Most of what may go wrong lies in the headers.
        at = draw(st.integers(0, min(len(content), draw(st.sampled_from([40, 400, 100_000])))))
        match draw(st.integers(0, 2)):
            case 0:
                content[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del content[at : at + draw(st.integers(1, 60))]
            case _:
                content[at:at] = draw(st.binary(max_size=60))
    return bytes(content[: draw(st.integers(0, len(content)) | st.none())])


def told(check: Check, content: bytes) -> str:
    """Give the reason why something does not come in; nothing where it does."""
    try:
        check(content)
    except BadAnswer as error:
        return error.why
    return ""


@given(damaged() | st.binary())
@settings(max_examples=300)
@example(b"RIFF\0\0\0\0WEBP")
@example(b"RIFF\0\0\0\0WAVEfmt ")
@example(b"ID3" + b"\xff" * 40)
def test_nothing_whatsoever_breaks_the_door(content: bytes) -> None:
    """It comes in or is a bad answer, and what comes in has the type it was checked for."""
    picture, sound = told(check_picture, content), told(check_sound, content)
    assert (picture + sound).isprintable()
    assert picture or extension(content) in {"png", "jpg", "gif", "webp"}
    assert sound or extension(content) in {"mp3", "ogg", "wav"}


@given(damaged() | st.binary())
@settings(max_examples=200)
def test_whatever_is_looked_at_is_seen_or_a_bad_answer(content: bytes) -> None:
    """What is let in has no fault; what is looked at has faults that can be told."""
    with suppress(BadAnswer):
        seen = look_at(content)
        check = check_picture if seen.what == "picture" else check_sound
        kept_out = [problem.why for problem in faults(seen)]
        assert told(check, content) == (kept_out[0] if kept_out else "")


@given(damaged())
@settings(max_examples=200)
def test_a_name_with_a_hash_finds_every_damage(content: bytes) -> None:
    """One bit will do; nothing is decoded for it."""
    for whole in REAL.values():
        if content != whole:
            with pytest.raises(BadAnswer, match="holds something else than its name says"):
                looked_into(media_name("casa", whole), content)


@pytest.mark.parametrize("kind", sorted(REAL))
def test_what_was_cut_off_anywhere_is_seen_or_a_bad_answer(kind: str) -> None:
    """At every twentieth of it."""
    content = REAL[kind]
    for part in range(20):
        cut = content[: len(content) * part // 20]
        with suppress(BadAnswer):
            assert look_at(cut).size == len(cut)


@pytest.mark.parametrize("kind", ["mp3", "mp3 in stereo"])
def test_an_mp3_that_was_cut_off_says_how_long_it_was(kind: str) -> None:
    """Its header counts its frames."""
    content = SOUNDS[kind]
    assert look_at(content).promised == pytest.approx(look_at(content).seconds, abs=0.1)
    cut = look_at(content[: len(content) // 2])
    assert cut.promised == pytest.approx(look_at(content).seconds, abs=0.1)
    assert cut.seconds < 0.7 * cut.promised


def test_a_sound_that_was_recorded_too_loud_is_clipped() -> None:
    """What is loud and whole is not."""
    for kind in ("WAV", "MP3", "OGG"):
        assert look_at(recorded(kind, loudness=0.95)).clipped == 0
        assert look_at(recorded(kind, "FLOAT" if kind == "WAV" else None)).clipped == 0
    loud = np.clip(4 * np.sin(np.arange(24_000) / 20), -1, 1).astype(np.float32)
    for kind in ("WAV", "MP3", "OGG"):
        file = io.BytesIO()
        soundfile.write(file, loud, 24_000, format=kind)
        assert look_at(file.getvalue()).clipped > 0.02


@pytest.mark.slow
@given(damaged())
@settings(max_examples=20_000)
def test_nothing_at_all_breaks_the_door(content: bytes) -> None:
    """The same, for a long time."""
    assert told(check_picture, content) or told(check_sound, content)


@pytest.mark.parametrize("kind", sorted(REAL))
def test_a_file_may_be_cut_off_anywhere(kind: str) -> None:
    """At fifty places of each."""
    content, places = REAL[kind], random.Random(7)
    for _ in range(50):
        cut = content[: places.randrange(len(content))]
        assert told(check_picture, cut) or told(check_sound, cut)
