"""How a pronunciation is written."""

from hypothesis import given
from hypothesis import strategies as st

from stages.records.ipa import LOOK_ALIKES, in_ipa_letters


def test_only_what_is_sure_is_changed() -> None:
    """A comma may stand for a stress mark or between two transcriptions."""
    assert in_ipa_letters("['aɡ.wa], [a:]") == "[ˈaɡ.wa], [aː]"


@given(st.text(alphabet=[*LOOK_ALIKES, *LOOK_ALIKES.values(), *"aeiou.[]"]))
def test_what_is_right_stays(ipa: str) -> None:
    """Once is enough, and no letter is lost."""
    once = in_ipa_letters(ipa)
    assert in_ipa_letters(once) == once
    assert len(once) == len(ipa)
