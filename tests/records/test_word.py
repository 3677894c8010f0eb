"""Word lists as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.records.word import unaccented, words_in

WORD = st.from_regex(r"[a-zñáé]+( [a-z]+)?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("casa\r\nperro\r\n", ("casa", "perro"), id="lines of Windows"),
        pytest.param("\ufeffcasa", ("casa",), id="a byte order mark"),
        pytest.param("# animals\n  perro  \n\n", ("perro",), id="remarks and blanks"),
        pytest.param("casa - house\nser – be\nir — go", ("casa", "ser", "ir"), id="dashes"),
        pytest.param("casa, 12\nser;be\nir\tgo", ("casa", "ser", "ir"), id="columns"),
        pytest.param("bien-estar", ("bien-estar",), id="a hyphen"),
        pytest.param("casa\ncasa", ("casa",), id="a word twice"),
        pytest.param("tener   que", ("tener que",), id="two words"),
        pytest.param("nin\u0303o", ("niño",), id="decomposed letters"),
        pytest.param("a\n## Skipped\nb\n## More\nc", ("a", "c"), id="a list of skipped words"),
    ],
)
def test_one_word_a_line(text: str, words: tuple[str, ...]) -> None:
    """However the list was written."""
    assert words_in(text) == words


@given(st.lists(WORD, unique=True))
def test_a_plain_list_is_read_as_it_is(words: list[str]) -> None:
    """In its order."""
    assert words_in("\n".join(words)) == tuple(words)


@given(st.text())
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    """Any text is a list of words, and no word of it is blank or stands twice."""
    words = words_in(text)
    assert all(word.strip() == word and word for word in words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("text", "bare"),
    [("Sólo", "solo"), ("nin\u0303o", "nino"), ("NIÑO", "nino"), ("Straße", "strasse")],
)
def test_accents_and_case_do_not_count(text: str, bare: str) -> None:
    """Composed or not."""
    assert unaccented(text) == bare
