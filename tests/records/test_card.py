"""One card's worth of knowledge."""

import attrs

from stages import FrozenMap
from tests.making import card


def test_a_text_that_stands_in_two_places_is_mended_in_both() -> None:
    """The sound of a sentence is looked up by it, so that both have to say the same."""
    one = card(example="Mi casa.", ipa="[x]")
    mended = one.mended({"Example": "Mi  casa.", "IPA": "[y]", "prompt": "a house"})
    assert (mended.example, mended.ipa, mended.prompt) == ("Mi  casa.", "[y]", "a house")
    assert (mended.fields["Example"], mended.fields["IPA"]) == ("Mi  casa.", "[y]")
    assert mended.caption == one.caption


def test_what_only_stands_in_a_field_is_mended_there() -> None:
    """A sentence of its own stays, and nothing that is empty is filled."""
    one = attrs.evolve(card(), example="Otra.", ipa="", fields=FrozenMap({"Example": "", "A": "a"}))
    mended = one.mended({"Example": "Mi casa."})
    assert mended == attrs.evolve(one, fields=FrozenMap({"Example": "Mi casa.", "A": "a"}))
