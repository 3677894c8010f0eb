"""Portuguese of Brazil."""

import math

from stages.core.frozen import FrozenMap
from stages.validation.ipa.profile import Profile

BRAZILIAN = Profile(
    vowels="aeiou",
    consonants="pbtdkɡfvszʃʒmnɲlʎr",
    # A vowel before a nasal is one itself, and r before a consonant is said with a vowel by some.
    written=FrozenMap({"ɪŋ": "", "ŋ": "", "ɾə": "r"}),
    free=FrozenMap(
        {
            "ɐ": "a",
            "ɛ": "e",
            "ɪ": "i",
            "j": "i",
            "ɔ": "o",
            "ʊ": "u",
            "w": "u",
            "ɾ": "r",
            "ɹ": "r",
            "ɻ": "r",
            "ʁ": "r",
            "χ": "r",
            "h": "r",
            "ɦ": "r",
            "x": "r",
        }
    ),
    far=math.inf,  # whoever knows how words are spoken differs from others in half of them
)
"""Nothing is said of a word that is in its inventory: how it is spoken differs too much."""
