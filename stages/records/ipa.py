"""How a pronunciation is written."""

from stages.core.frozen import FrozenMap

LOOK_ALIKES = FrozenMap(
    {
        "g": "ɡ",
        ":": "ː",
        "'": "ˈ",
        "’": "ˈ",
        "‘": "ˈ",
        "´": "ˈ",
        ",": "ˌ",
        "ß": "β",
        "γ": "ɣ",
        "ε": "ɛ",
        "ñ": "ɲ",
    }
)
"""Characters that are taken for IPA letters, and the letters they are taken for."""

_SURE = str.maketrans({one: right for one, right in LOOK_ALIKES.items() if one != ","})


def in_ipa_letters(ipa: str) -> str:
    """
    Give a transcription with the letters that were meant; a comma may also part two of them.

    >>> in_ipa_letters("['al.go]")
    '[ˈal.ɡo]'
    """
    return ipa.translate(_SURE)
