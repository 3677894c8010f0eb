"""French."""

from stages.core.frozen import FrozenMap
from stages.validation.ipa.profile import Profile

FRENCH = Profile(
    vowels="aeioøuyÃẼÕ",
    consonants="pbtdkɡfvszʃʒmnɲŋlr",
    written=FrozenMap(
        {
            "ɑ̃": "Ã",
            "ã": "Ã",
            "ɛ̃": "Ẽ",
            "ẽ": "Ẽ",
            "æ̃": "Ẽ",
            "œ̃": "Ẽ",
            "ɔ̃": "Õ",
            "õ": "Õ",
            # What is said in careful speech, or in the north, or by some.
            "ə": "",
            "h": "",
            "nj": "ɲ",
        }
    ),
    free=FrozenMap(
        {
            "ɑ": "a",
            "ɐ": "a",
            "ɛ": "e",
            "ɪ": "i",
            "j": "i",
            "ɔ": "o",
            "œ": "ø",
            "ʊ": "u",
            "w": "u",
            "ɥ": "y",
            "ʁ": "r",
            "ʀ": "r",
            "ɾ": "r",
            "χ": "r",
        }
    ),
    stress=False,
)
