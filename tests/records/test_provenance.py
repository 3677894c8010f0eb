"""Where a picture or a sound is from."""

from hypothesis import given
from hypothesis import strategies as st

from stages.records.provenance import fingerprint_of

REQUESTS = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3)


@given(st.text(max_size=3), REQUESTS, st.text(max_size=3), REQUESTS)
def test_equal_requests_have_equal_fingerprints(
    name: str, one: dict[str, str], other_name: str, two: dict[str, str]
) -> None:
    """And no others have: provider, names and values count, their order does not."""
    same = (name, one) == (other_name, two)
    assert (fingerprint_of(name, one) == fingerprint_of(other_name, two)) is same
    turned = dict(reversed(one.items()))
    assert fingerprint_of(name, one) == fingerprint_of(name, turned)


def test_half_a_character_has_a_fingerprint() -> None:
    """Whoever can ask for it can name it."""
    assert len(fingerprint_of("x", {"word": "\ud800"})) == 32
