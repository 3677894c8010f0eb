"""Values and contexts that a stage has to cope with."""

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Optional

import attrs
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from stages import Batch, Card, Context, FrozenMap, Key, Meaning, MediaFile, get_stage, list_stages
from stages.core.frozen import freeze
from stages.records.media import content_matches
from stages.testing import SAMPLE_MEDIA, contexts_for, frozen_json, texts, values_for, values_of


class Colour(Enum):
    """Some colours."""

    RED = 1
    BLUE = 2


def even(_: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    """Refuse odd numbers."""
    if value % 2:
        raise ValueError(f"{attribute.name} is odd")


@attrs.frozen
class Tree:
    """A record with everything in it, itself too."""

    size: int = attrs.field(validator=even)
    colour: Colour = attrs.field(validator=attrs.validators.instance_of(Colour))
    _hidden: Decimal = Decimal(0)
    left: "Tree | None" = None
    made: str = attrs.field(default="here", init=False)


KINDS: dict[str, tuple[Any, Any]] = {
    "a text": (str, str),
    "a number": (int, int),
    "a fraction": (Decimal, Decimal),
    "a truth": (bool, bool),
    "bytes": (bytes, bytes),
    "an enum": (Colour, Colour),
    "nothing or a text": (Optional[str], (str, type(None))),  # noqa: UP045
    "a text or a number": (str | int, (str, int)),
    "one of some": (Literal["a", "b"], str),
    "a tuple of any length": (tuple[int, ...], tuple),
    "a pair": (tuple[int, str], tuple),
    "a set": (frozenset[str], frozenset),
    "a map": (FrozenMap[str, int], FrozenMap),
    "a map of records": (FrozenMap[str, Tree], FrozenMap),
    "a record with validators": (Tree, Tree),
    "a meaning": (Meaning, Meaning),
    "cards": (tuple[Card, ...], tuple),
    "a batch": (Batch, Batch),
}


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_of_their_type_and_frozen(kind: str) -> None:
    """What a context holds is immutable all the way down, and hashes."""
    holds, expected = KINDS[kind]

    @settings(max_examples=50, suppress_health_check=list(HealthCheck))
    @given(values_of(holds))
    def right(value: Any) -> None:
        assert isinstance(value, expected)
        assert freeze(value) == value
        hash(value)

    right()


@pytest.mark.parametrize(
    "sought",
    [
        pytest.param(lambda text: text == "", id="nothing"),
        pytest.param(lambda text: "\u0303" in text, id="a combining mark"),
        pytest.param(lambda text: "ב" in text, id="right to left"),
        pytest.param(lambda text: "家" in text, id="Chinese"),
        pytest.param(lambda text: "\u200d" in text, id="an emoji of several"),
        pytest.param(lambda text: "<b>" in text, id="markup"),
        pytest.param(lambda text: "\x1f" in text, id="what parts fields"),
    ],
)
def test_texts_are_of_every_kind(sought: Callable[[str], bool]) -> None:
    """What trips programs comes often enough to be found."""
    assert found(texts(), sought)


def found(strategy: st.SearchStrategy[Any], sought: Callable[[Any], bool]) -> bool:
    """Tell whether a strategy ever gives such a value."""
    seek = settings(max_examples=3_000, database=None, derandomize=True, phases=[Phase.generate])
    return sought(find(strategy, sought, settings=seek))


@pytest.mark.parametrize("name", list_stages())
def test_contexts_have_what_a_stage_needs(name: str) -> None:
    """And nothing that it neither needs nor uses nor gives."""
    one = get_stage(name)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(contexts_for(one))
    def fitting(context: Context) -> None:
        assert set(one.needs) <= set(context.keys) <= {*one.needs, *one.uses, *one.gives}

    fitting()


def test_places_that_should_agree_sometimes_do() -> None:
    """Words that are known already, pictures of cards that are there: both roads are walked."""
    assert found(
        contexts_for(get_stage("analyze_words")),
        lambda c: "vocabulary" in c and any(c["vocabulary"].knows(w) for w in c["words"]),
    )
    assert found(
        contexts_for(get_stage("generate_images")),
        lambda c: "images" in c and any(card.id in c["images"] for card in c["cards"]),
    )
    assert found(values_of(Batch), lambda b: any(e for e in b.entries if isinstance(e, FrozenMap)))


@given(values_of(MediaFile))
def test_media_files_are_those_of_the_sample(file: MediaFile) -> None:
    """So a provider that holds the sample has them all."""
    assert content_matches(file.name, SAMPLE_MEDIA[file.name])
    assert file.size == len(SAMPLE_MEDIA[file.name])


@given(frozen_json())
def test_json_is_frozen(value: Any) -> None:
    """Tuples for lists and frozen maps for objects, all the way down."""
    assert freeze(value) == value
    hash(value)


def test_a_type_that_nobody_knows_is_left_to_hypothesis() -> None:
    """Whoever has registered a strategy for it finds it used."""

    class Stone:
        weight = 3

    st.register_type_strategy(Stone, st.builds(Stone))
    key: Key[Any] = Key("stone", Stone)
    assert found(values_for(key), lambda stone: stone.weight == 3)
