"""eSpeak NG: a robotic voice for over a hundred languages."""

import io
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from stages.providers.speech import espeak
from stages.providers.speech.espeak import Espeak
from stages.providers.speech.sound import VoiceMissing, require

INSTALL = 'pip install "fluent-stages[espeak]"'


def heard(mp3: bytes) -> NDArray[np.float32]:
    """Decode an mp3 of one channel."""
    with soundfile.SoundFile(io.BytesIO(mp3)) as file:
        assert (file.format, file.channels, file.samplerate) == ("MP3", 1, 22_050)
        samples: NDArray[np.float32] = file.read(dtype="float32")
        return samples


def length(mp3: bytes) -> int:
    """Give how many samples were spoken."""
    return len(heard(mp3))


@pytest.mark.parametrize(
    ("language", "word"),
    [("es-419", "estación"), ("es", "niño"), ("de", "Häuser"), ("pt-BR", "não"), ("fr", "été")],
)
def test_a_word_is_spoken_in_its_language(language: str, word: str) -> None:
    """As long and as loud as a word is."""
    samples = heard(Espeak(language).speak(word))
    assert 0.15 < len(samples) / 22_050 < 2
    assert 0.03 < float(np.sqrt(np.mean(samples**2))) < 0.12


def test_each_voice_keeps_its_own_language() -> None:
    """They share one library and take turns, threads among them."""
    spanish, german = Espeak("es-419"), Espeak("de")
    alone = [length(voice.speak("sieben Jahre")) for voice in (spanish, german)]
    assert alone[0] != alone[1]
    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(lambda n: (spanish, german)[n % 2].speak("sieben Jahre"), range(8)))
    for n, mp3 in enumerate(said):
        assert length(mp3) == pytest.approx(alone[n % 2], rel=0.02)


@pytest.mark.parametrize("text", ["", "  ", "."])
def test_a_text_without_sound_is_refused(text: str) -> None:
    """Never a silent file."""
    with pytest.raises(ValueError, match="no sound"):
        Espeak().speak(text)


@pytest.mark.parametrize("language", ["xx", "", "no-such-language", "../../de"])
def test_an_unknown_language_is_refused(language: str) -> None:
    """It is named, and no other one speaks in its place."""
    with pytest.raises(ValueError, match=f"eSpeak NG does not speak {language!r}"):
        Espeak(language)


@pytest.mark.parametrize("library", ["numpy", "soundfile"])
def test_without_a_library_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """At once, and not at the first word."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(VoiceMissing) as caught:
        Espeak()
    assert f"{library} cannot be loaded" in str(caught.value)
    assert INSTALL in str(caught.value)


@pytest.mark.parametrize("library", ["numpy", "soundfile", "espeakng_loader"])
def test_it_is_known_what_lacks_before_anything_is_run(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """The program itself loads none of it."""
    espeak.installed()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(VoiceMissing, match=f"{library} cannot be loaded") as caught:
        espeak.installed()
    assert INSTALL in str(caught.value)


def started_with(monkeypatch: pytest.MonkeyPatch, loader: ModuleType | None) -> str:
    """Start the library anew with another loader; give the reason why it does not."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", loader)
    with pytest.raises(VoiceMissing) as caught:
        espeak._started.__wrapped__()
    assert INSTALL in str(caught.value)
    return str(caught.value)


def loader_of(library: Path, data: Path) -> Any:
    """Give a loader that finds a library and its data at these places."""
    loader = ModuleType("espeakng_loader")
    vars(loader).update(get_library_path=lambda: str(library), get_data_path=lambda: str(data))
    return loader


def test_without_the_loader_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """How to install it is told."""
    assert "espeakng_loader cannot be loaded" in started_with(monkeypatch, None)


def test_a_library_that_is_none_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one for another processor: the loader's own words are kept."""
    library = tmp_path / "libespeak.so"
    library.write_bytes(b"no library")
    why = started_with(monkeypatch, loader_of(library, tmp_path))
    assert why.startswith("eSpeak NG cannot be loaded (")
    assert "libespeak" in why


def test_data_that_cannot_be_read_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library says so with a rate of zero."""
    library = SimpleNamespace(espeak_Synth=SimpleNamespace(), espeak_Initialize=lambda *_: 0)
    monkeypatch.setattr("ctypes.CDLL", lambda _: library)
    why = started_with(monkeypatch, loader_of(tmp_path / "x", tmp_path))
    assert f"eSpeak NG cannot read its data in {tmp_path}" in why


def test_an_error_of_the_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its number, for the text it was given."""
    voice = Espeak("de")
    library = SimpleNamespace(
        espeak_SetVoiceByName=lambda _: 0,
        espeak_SetParameter=lambda *_: 0,
        espeak_SetSynthCallback=lambda _: None,
        espeak_Synth=lambda *_: 2,
    )
    monkeypatch.setattr(voice, "_library", library)
    with pytest.raises(ValueError, match="eSpeak NG cannot speak 'Haus': error 2"):
        voice.speak("Haus")


IN_ANOTHER_PROCESS = """
import shutil, sys
import espeakng_loader
from stages.providers.speech.espeak import Espeak
from stages.providers.speech.sound import VoiceMissing
espeakng_loader.get_data_path = lambda: sys.argv[1]
try:
    print("spoken", len(Espeak("es-419").speak("casa")) > 1000)
except VoiceMissing as missing:
    print("missing", missing)
"""


def in_another_process(data: Path, temporary: Path) -> str:
    """Speak with the data in a folder; give what is told."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(data)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def far(path: Path) -> Path:
    """Give a path that is too long for the library."""
    return path / ("deep" * 25) / ("down" * 25) / "espeak-ng-data"


def test_a_very_long_path_to_the_data_is_shortened(tmp_path: Path) -> None:
    """It speaks, and what shortens the path is gone when the process is."""
    loader = require("espeakng_loader", "espeak")
    data = far(tmp_path)
    data.parent.mkdir(parents=True)
    data.symlink_to(loader.get_data_path(), target_is_directory=True)
    with tempfile.TemporaryDirectory(prefix="t") as temporary:
        assert in_another_process(data, Path(temporary)) == "spoken True"
        assert list(Path(temporary).iterdir()) == []


def test_data_that_is_not_there_does_not_take_the_process_down(tmp_path: Path) -> None:
    """It is said, and Python goes on."""
    assert in_another_process(tmp_path / "none", tmp_path).startswith("missing eSpeak NG cannot")


@pytest.mark.parametrize("links", [True, False])
def test_the_data_come_within_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """By a link, or by a copy where no links are allowed."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if not links:
        monkeypatch.setattr(Path, "symlink_to", refuse)
    data = far(tmp_path)
    data.mkdir(parents=True)
    (data / "phontab").write_text("sounds")
    near = espeak._within_reach(data)
    assert (near / "phontab").read_text() == "sounds"
    assert len(str(near)) < len(str(data))
    assert near.is_symlink() == links


def test_a_short_path_stays_as_it_is() -> None:
    """Nothing is linked or copied."""
    assert espeak._within_reach(Path("/short")) == Path("/short")
