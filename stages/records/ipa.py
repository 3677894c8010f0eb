"""How a pronunciation is written."""

import re
import unicodedata

from stages.core.frozen import FrozenMap

LOOK_ALIKES = FrozenMap(
    {
        "g": "ɡ",
        ":": "ː",
        **dict.fromkeys("'’‘‛´ʹ′ʼ`ꞌ＇", "ˈ"),
        ",": "ˌ",
        **dict.fromkeys("·•∙․。", "."),
        "ß": "β",
        "γ": "ɣ",
        "ε": "ɛ",
        "є": "ɛ",
        "α": "ɑ",
        "ι": "ɪ",
        "ı": "ɪ",
        "∫": "ʃ",
        "ƒ": "f",
        **dict.fromkeys("ǝә", "ə"),
        "φ": "ɸ",
        "ϐ": "β",
        "ꞵ": "β",
        "ϑ": "θ",
        "ꭓ": "χ",
        "ñ": "ɲ",
        **dict(zip("аеоісјѕрху", "aeoicjspxy", strict=True)),  # Cyrillic
        "з": "ɜ",
        "ο": "o",
        "ʧ": "tʃ",
        "ʤ": "dʒ",
        "ʦ": "ts",
        "ʣ": "dz",
    }
)
"""Characters that are taken for IPA letters, and the letters they are taken for."""

UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters that nobody sees, and that no transcription needs."""

_GONE = dict.fromkeys(map(ord, UNSEEN))
_SURE = str.maketrans({one: right for one, right in LOOK_ALIKES.items() if one != ","})
_WEAK_STRESS = re.compile(r"(?<![\w,]),(?=\w)")


def in_ipa_letters(ipa: str) -> str:
    """
    Give a transcription with the letters that were meant, composed (NFC).

    A comma that begins a syllable was meant for the mark of weak stress; any other may part two
    transcriptions.

    >>> in_ipa_letters("['al.go]"), in_ipa_letters("[,su.per.mer.'ka.do], [a]")
    ('[ˈal.ɡo]', '[ˌsu.per.mer.ˈka.do], [a]')
    """
    composed = unicodedata.normalize("NFC", ipa.translate(_GONE))
    meant = _WEAK_STRESS.sub("ˌ", composed.translate(_SURE))
    return unicodedata.normalize("NFC", meant)
