"""How a pronunciation is written."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from stages.records.ipa import LOOK_ALIKES, UNSEEN, in_ipa_letters

LETTERS = [*LOOK_ALIKES, *LOOK_ALIKES.values(), *UNSEEN, *"aeiounɡ.[], ", "\u0303", "\u0301"]


def test_only_what_is_sure_is_changed() -> None:
    """A comma may stand for a stress mark or between two transcriptions."""
    assert in_ipa_letters("['aɡ.wa], [a:]") == "[ˈaɡ.wa], [aː]"
    assert in_ipa_letters("[,su.peɾ],[a,b]") == "[ˌsu.peɾ],[a,b]"


@given(st.lists(st.sampled_from(LETTERS)).map("".join) | st.text())
@example("n\u200b\u0303")
@example(",,a")
def test_what_is_right_stays(ipa: str) -> None:
    """Once is enough, and what comes of it is composed."""
    once = in_ipa_letters(ipa)
    assert in_ipa_letters(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text("abcdefhijklmnopqrstuvwxyzɡʃʝɲɾβðɣθŋ[]/ˈˌ.ː "))
def test_ipa_is_left_alone(ipa: str) -> None:
    """No letter of IPA looks like another."""
    assert in_ipa_letters(ipa) == ipa


def test_no_look_alike_is_what_is_meant() -> None:
    """Nor does what is meant look like something else."""
    assert not set("".join(LOOK_ALIKES.values())) & set(LOOK_ALIKES)
