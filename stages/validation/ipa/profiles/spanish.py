"""Spanish: of Latin America, of Spain, and of the River Plate, where ll and y are hushed."""

import attrs

from stages.core.frozen import FrozenMap
from stages.validation.ipa.profile import Profile

_VOWEL = "[aeiou]"

LATIN_AMERICAN = Profile(
    mode="strict",
    syllabic=True,
    vowels="aeiou",
    consonants="pbtdkɡfsxmnɲlrɾjwʝʧ",
    written=FrozenMap(
        {
            "tʃ": "ʧ",
            "dʒ": "ʤ",
            "i̯": "j",
            "u̯": "w",
            "aɪ": "aj",
            "eɪ": "ej",
            "oɪ": "oj",
            "aʊ": "aw",
            "eʊ": "ew",
            "oʊ": "ow",
            "jj": "ʝ",
            "ɟʝ": "ʝ",
        }
    ),
    free=FrozenMap(
        {"β": "b", "ð": "d", "ɣ": "ɡ", "ɱ": "m", "ɟ": "ʝ", "h": "x", "χ": "x", "ɸ": "f"}
    ),
    placed=(
        # A glide that begins a syllable is said with a closer tongue, or not: yo, hielo, paranoia.
        (f"(?<![^aeiou ])j(?={_VOWEL})", "ʝ"),
        ("j", "i"),
        ("w", "u"),
        # Before a voiced sound s is voiced, and f.
        ("z(?=[bdɡmnɲlrʝ])", "s"),
        ("v(?=[bdɡmnɲlrʝ])", "f"),
        # n takes the place of what comes after it.
        ("ŋ(?=[kɡxu]|$| )", "n"),
        ("[nm](?=[pbmf])", "m"),
        ("m(?=$| )", "n"),
        ("ɲ(?=[ʧʝ])", "n"),
        # At the end of a syllable nobody hears whether a stop has a voice; a trill is emphatic there.
        ("b(?![aeiouɾl])", "p"),
        ("d(?![aeiouɾl])", "t"),
        ("ɡ(?![aeiouɾl])", "k"),
        ("r(?![aeiou])", "R"),
    ),
    dialect="sθ ʝʎ ʝʃ ʝʒ ʝʤ ɾR",
)

CASTILIAN = attrs.evolve(
    LATIN_AMERICAN,
    consonants=f"{LATIN_AMERICAN.consonants}θ",
    free=FrozenMap({**LATIN_AMERICAN.free, "ʎ": "ʝ"}),
    dialect="θs ʝʃ ʝʒ ʝʤ ɾR",
)

RIOPLATENSE = attrs.evolve(
    LATIN_AMERICAN,
    free=FrozenMap({**LATIN_AMERICAN.free, "ʃ": "ʝ", "ʒ": "ʝ", "ʤ": "ʝ"}),
    dialect="sθ ʝʎ ɾR",
)
