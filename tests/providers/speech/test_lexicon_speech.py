"""Every word of the embedded lexicon is spoken: not silent, and as long as such a word is."""

import io
import random
import re
import statistics
import time
from collections.abc import Sequence

import numpy as np
import pytest
import soundfile

from stages.providers.door import check_sound
from stages.providers.lexicon import Lexicon
from stages.providers.source import Source
from stages.providers.voice import speakers
from stages.records.brief import Brief
from stages.records.card import Card
from tests.making import card

LEXICON = Lexicon()
CARDS = [
    card(word, language="es-419", ipa=LEXICON.meanings(word, Brief()).meanings[0].ipa)
    for word in LEXICON.words
]
SAMPLE = random.Random(4).sample(CARDS, 8)


@pytest.fixture(scope="module")
def voices() -> dict[str, Source]:
    """Both voices of Spanish, by name."""
    return {voice.name: voice for voice in speakers("es-419")}


def syllables(one: Card) -> int:
    """Count the syllables of a word by its IPA."""
    return len(re.findall("[aeiou]", one.ipa))


def heard(voice: Source, cards: Sequence[Card]) -> dict[str, tuple[int, float, float]]:
    """Give for every word its syllables, seconds and RMS."""
    found = {}
    for one in cards:
        (made,) = voice.make(one, 0)
        check_sound(made.content)
        samples, rate = soundfile.read(io.BytesIO(made.content), dtype="float32")
        loudness = float(np.sqrt(np.mean(samples**2)))
        found[one.word] = syllables(one), len(samples) / rate, loudness
    return found


def check(found: dict[str, tuple[int, float, float]]) -> None:
    """See to it that each is as long and as loud as a word is."""
    for word, (count, seconds, loudness) in found.items():
        assert 0.24 < seconds < 2.5, word
        assert seconds < 0.7 + 0.35 * count, word
        assert 0.02 < loudness < 0.15, word


@pytest.mark.parametrize("name", ["kokoro", "espeak-ng"])
def test_words_of_the_lexicon_are_spoken(voices: dict[str, Source], name: str) -> None:
    """A handful of them."""
    check(heard(voices[name], SAMPLE))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kokoro", "espeak-ng"])
def test_every_word_of_the_lexicon_is_spoken(
    voices: dict[str, Source], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them; those of more syllables take longer."""
    start = time.perf_counter()
    found = heard(voices[name], CARDS)
    pace = len(CARDS) / (time.perf_counter() - start)
    lengths = {
        count: statistics.mean(seconds for number, seconds, _ in found.values() if number == count)
        for count in sorted({count for count, _, _ in found.values()})
    }
    shortest, longest = (pick(found, key=lambda word: found[word][1]) for pick in (min, max))
    levels = [loudness for _, _, loudness in found.values()]
    with capsys.disabled():
        print(  # noqa: T201  # figures to write down
            f"\n{name}: {len(found)} words, {pace:.2f} words/s; "
            f"{shortest} {found[shortest][1]:.2f} s to {longest} {found[longest][1]:.2f} s; "
            f"RMS {min(levels):.3f} to {max(levels):.3f}; by syllables "
            + ", ".join(f"{count}: {seconds:.2f} s" for count, seconds in lengths.items())
        )
    check(found)
    assert len(found) == len(CARDS) > 100
    ordered = list(lengths.values())
    assert ordered == sorted(ordered)
