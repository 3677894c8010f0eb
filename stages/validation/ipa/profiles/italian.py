"""Italian."""

from stages.core.frozen import FrozenMap
from stages.validation.ipa.profile import Profile

_LONG = "pbtdkɡfvszʃmnɲlʎr"

ITALIAN = Profile(
    vowels="aeiou",
    consonants="pbtdkɡfvszʃʒmnɲŋlʎr",
    # A long consonant is written twice or with a sign, and is none in the north.
    written=FrozenMap(
        {f"{one}{joint}{one}": f"{one}" for one in _LONG for joint in ("", "ː", "ː.", ".")}
    ),
    free=FrozenMap(
        {"ɛ": "e", "ɪ": "i", "j": "i", "ɔ": "o", "ʊ": "u", "w": "u", "ɱ": "m", "ɾ": "r", "z": "s"}
    ),
    placed=(("ŋ", "n"),),
)
