"""German."""

from stages.core.frozen import FrozenMap
from stages.validation.ipa.profile import Profile

GERMAN = Profile(
    vowels="aeioøuy",
    consonants="pbtdkɡfvszʃʒxhmnŋljr",
    written=FrozenMap(
        {
            # An r that is said as a vowel, and a schwa that is not said.
            "ɐ̯": "r",
            "ɐ": "ər",
            "n̩": "ən",
            "m̩": "əm",
            "ŋ̩": "əŋ",
            "ŋ̍": "əŋ",
            "l̩": "əl",
            # The second part of a diphthong is written in many ways.
            "aʊ": "au",
            "aɔ": "au",
            "ao": "au",
            "aɪ": "ai",
            "aɛ": "ai",
            "ae": "ai",
            "ɔʏ": "oi",
            "ɔy": "oi",
            "ɔø": "oi",
            "ɔɪ": "oi",
            "ʔ": "",
        }
    ),
    free=FrozenMap(
        {
            "ɑ": "a",
            "æ": "e",
            "ɛ": "e",
            "ə": "e",
            "ɘ": "e",
            "ɪ": "i",
            "ɔ": "o",
            "ʊ": "u",
            "ʏ": "y",
            "œ": "ø",
            "ç": "x",
            "χ": "x",
            "ʁ": "r",
            "ʀ": "r",
            "ɾ": "r",
            "ɹ": "r",
            "ɱ": "m",
            "w": "v",
            "z": "s",
        }
    ),
    placed=(("n(?=[kɡ])", "ŋ"), ("i(?=[aeioøuy])", "j")),
)
