"""eSpeak NG: a robotic voice for over a hundred languages, without network or key (GPL-3)."""

import atexit
import ctypes
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from stages.providers.speech.sound import VoiceMissing, cure, encode, present, require


class Espeak:
    """
    A voice of eSpeak NG that speaks text.

    The library keeps one voice for the whole process, so all instances take turns; each speaks its
    own language.
    """

    def __init__(self, language: str = "es-419") -> None:
        """
        Load the library, once in a process.

        Args:
            language: A BCP 47 tag that eSpeak NG knows, such as "es-419", "de" or "pt-br".

        Raises:
            ValueError: eSpeak NG does not speak this language.
            VoiceMissing: The library cannot be loaded or does not find its data.
        """
        require("numpy", "espeak")
        require("soundfile", "espeak")
        self._language = language.encode()
        with _TURN:
            self._library, self._rate = _started()
            self._choose()

    def speak(self, text: str) -> bytes:
        """
        Speak a word or a sentence in ordinary spelling.

        Spoken again, a text gives the same word but not the same bytes: eSpeak NG goes on from
        where its waves stood, and offers no way back to their beginning.

        Returns:
            An mp3, mono, 22.05 kHz.

        Raises:
            ValueError: No speech came of it, as from an empty text.
        """
        import numpy as np

        sound = bytearray()

        def listen(samples: int | None, count: int, _events: int | None) -> int:
            if samples:
                sound.extend(ctypes.string_at(samples, count * 2))
            return _GO_ON

        listener = _Listener(listen)  # lives as long as the library may call it
        spelled = text.encode() + b"\0"
        with _TURN:
            self._choose()
            self._library.espeak_SetSynthCallback(listener)
            failure = self._library.espeak_Synth(
                spelled, len(spelled), 0, _BY_CHARACTER, 0, _UTF_8, None, None
            )
        if failure:
            raise ValueError(f"eSpeak NG cannot speak {text!r}: error {failure}")
        samples = np.frombuffer(bytes(sound), "<i2").astype(np.float32)
        return encode(samples / np.float32(_FULL_SCALE), self._rate)

    def _choose(self) -> None:
        if self._library.espeak_SetVoiceByName(self._language):
            raise ValueError(f"eSpeak NG does not speak {self._language.decode()!r}")
        self._library.espeak_SetParameter(_SPEED, _WORDS_PER_MINUTE, 0)


class Phonemes:
    """
    What eSpeak NG would say, in IPA, and with its habits of writing it.

    It has no sound, so that it needs the library alone. See `Espeak` for how the voice is shared.
    """

    def __init__(self, *languages: str) -> None:
        """
        Load the library, once in a process.

        Args:
            languages: BCP 47 tags; the first is taken that eSpeak NG knows.

        Raises:
            ValueError: eSpeak NG speaks none of them.
            VoiceMissing: The library cannot be loaded or does not find its data.
        """
        with _TURN:
            self._library, _ = _started()
            self._library.espeak_TextToPhonemes.argtypes = _PHONEME_ARGUMENTS
            self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
            known = (
                one
                for one in map(str.encode, languages)
                if not self._library.espeak_SetVoiceByName(one)
            )
            self._language = next(known, None)
        if self._language is None:
            raise ValueError(f"eSpeak NG does not speak {languages[0]!r}")

    def speak(self, text: str) -> bytes:
        """Give the IPA of words that stand one on each line, on as many lines."""
        with _TURN:
            self._library.espeak_SetVoiceByName(self._language)
            return b"\n".join(map(self._said, text.split("\n")))

    def _said(self, word: str) -> bytes:
        spelled = ctypes.create_string_buffer(word.encode("utf-8", "replace"))
        rest = ctypes.c_void_p(ctypes.addressof(spelled))
        clauses = []
        while rest.value:
            said = self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF_8, _IN_IPA)
            clauses.append((said or b"").replace(b"\n", b" "))
        return b" ".join(filter(None, clauses))


def installed() -> None:
    """
    Make sure that all is installed that eSpeak NG needs, without running any of it.

    Raises:
        VoiceMissing: The message names what lacks.
    """
    for library in ("numpy", "soundfile", "espeakng_loader"):
        present(library, "espeak")


@cache
def _started() -> tuple[Any, int]:
    """Give the library and its sample rate, ready to speak."""
    loader = require("espeakng_loader", "espeak")
    try:
        library = ctypes.CDLL(loader.get_library_path())
        data = _within_reach(Path(loader.get_data_path()))
    except (OSError, RuntimeError) as error:
        raise VoiceMissing(f"eSpeak NG cannot be loaded ({error}); {cure('espeak')}") from error
    library.espeak_Synth.argtypes = _SYNTH_ARGUMENTS
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data), _DO_NOT_EXIT)
    # Without the flag a failure would end the whole process; with it, it gives zero or less.
    if rate <= 0:
        raise VoiceMissing(f"eSpeak NG cannot read its data in {data}; {cure('espeak')}")
    return library, rate


def _within_reach(data: Path) -> Path:
    """
    Give a path to the data that is short enough for the library, which cuts off a longer one.

    A link or, where links are not allowed, a copy lies in a temporary folder while Python runs.
    """
    if len(os.fsencode(data)) <= _LONGEST_PATH:
        return data
    folder = tempfile.mkdtemp(prefix="espeak-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    near = Path(folder, "espeak-ng-data")
    try:
        near.symlink_to(data, target_is_directory=True)
    except OSError:
        shutil.copytree(data, near)
    return near


_TURN = Lock()
_Listener = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_SYNTH_ARGUMENTS = (
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.c_uint,
    ctypes.c_int,
    ctypes.c_uint,
    ctypes.c_uint,
    ctypes.c_void_p,
    ctypes.c_void_p,
)

_PHONEME_ARGUMENTS = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_BY_CHARACTER = 1
_UTF_8 = 1
_SPEED = 1
_IN_IPA = 2
_GO_ON = 0

_FULL_SCALE = 32_768  # of its samples
_WORDS_PER_MINUTE = 150  # slower than its usual 175: a word is spoken to be learned
_LONGEST_PATH = 150  # bytes; one of about 170 no longer fits its buffer
