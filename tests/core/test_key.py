"""A key is a name that knows its type and its meaning."""

import copy
import pickle
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

import stages
from stages import WORDS, Context, Key


def test_key_is_a_str() -> None:
    """A key is the text of its name: equal to it, hashed like it, and found by it."""
    assert isinstance(WORDS, str)
    assert WORDS == "words"
    assert {"words": 1}[WORDS] == 1
    assert f"{WORDS}" == "words"


def test_key_knows_its_type_and_its_meaning() -> None:
    """A key says what it holds, and what that means."""
    assert WORDS.holds == tuple[str, ...]
    assert WORDS.doc == "the words to learn, in order"
    assert Key("n", int).doc == ""


def test_key_and_its_name_read_the_same_value() -> None:
    """`context["words"]` and `context[WORDS]` are the same value."""
    context = Context.of(words=["casa"])

    assert context["words"] is context[WORDS]
    assert WORDS in context
    assert "words" in context


def test_anyone_can_add_a_key() -> None:
    """A key of one's own is put and read without telling anybody of it."""
    mine = Key("mine", float, "the share of words known")

    assert Context.of().put(mine, 0.5)[mine] == 0.5


@given(st.text(), st.text())
def test_key_pickles_and_copies_with_all_it_knows(name: str, doc: str) -> None:
    """A key that went to another process and back knows what it knew."""
    key = Key(name, tuple[int, ...], doc)

    for same in (pickle.loads(pickle.dumps(key)), copy.copy(key), copy.deepcopy(key)):
        assert type(same) is Key
        assert (same, same.holds, same.doc) == (key, key.holds, key.doc)


def test_our_keys_hold_concrete_types_and_say_what_they_mean() -> None:
    """Every public key is no union and has a meaning."""
    ours = [key for key in map(partial(getattr, stages), stages.__all__) if isinstance(key, Key)]

    assert len(ours) == 12
    assert all(key.doc for key in ours)
    assert not any("|" in str(key.holds) for key in ours)
