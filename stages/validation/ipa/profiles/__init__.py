"""The locales that are known, by language tag."""

from stages.validation.ipa.profile import Profile
from stages.validation.ipa.profiles.french import FRENCH
from stages.validation.ipa.profiles.german import GERMAN
from stages.validation.ipa.profiles.italian import ITALIAN
from stages.validation.ipa.profiles.portuguese import BRAZILIAN
from stages.validation.ipa.profiles.spanish import CASTILIAN, LATIN_AMERICAN, RIOPLATENSE

_PROFILES = {
    "de": GERMAN,
    "es": LATIN_AMERICAN,
    "es-es": CASTILIAN,
    "es-ar": RIOPLATENSE,
    "es-uy": RIOPLATENSE,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": BRAZILIAN,
}


def profile_of(language: str) -> Profile | None:
    """
    Give the profile of a BCP 47 tag, else that of its language; None where there is none.

    >>> profile_of("es-MX") is profile_of("es"), profile_of("tlh")
    (True, None)
    """
    tag = language.casefold()
    return _PROFILES.get(tag) or _PROFILES.get(tag.partition("-")[0])
