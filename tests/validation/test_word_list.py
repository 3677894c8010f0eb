"""Lists of words: what is wrong is found, and what is right makes no noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Severity
from stages.records.word import words_in
from stages.validation.word_list import list_problems


def found(*words: str, language: str = "es-419") -> list[tuple[str, str]]:
    """Give the code and the place of each problem of a list."""
    placed = ((f"line {number}", word) for number, word in enumerate(words, 1))
    return [(one.code, one.where) for one in list_problems(placed, language)]


@given(st.lists(st.text(max_size=80), max_size=6), st.sampled_from(("es", "de", "ja", "tlh", "")))
def test_every_text_is_judged(words: list[str], language: str) -> None:
    """Nothing that stands in a file raises, and every problem names its line."""
    for code, where in found(*words, language=language):
        assert code
        assert where in {f"line {number}" for number in range(1, len(words) + 1)}


@given(st.text(max_size=200))
def test_only_usable_words_pass_without_an_error(text: str) -> None:
    """Whatever `words_in` takes from a text has a letter, or an error says that it has none."""
    for word in words_in(text):
        problems = list_problems([("line 1", word)], "tlh")
        errors = [one for one in problems if one.severity is Severity.ERROR]
        assert errors or any(map(str.isalpha, word))


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("ca\u00adsa", "invisible"),
        ("\u200bcasa", "invisible"),
        ("сasa", "look-alike"),
        ("casο", "look-alike"),
        ("дом", "wrong-script"),
        ("家", "wrong-script"),
        ("12", "bad-word"),
        ("¿?", "bad-word"),
        ("\ud83dcasa", "bad-word"),
        ("a" + "\u0301" * 40, "bad-word"),
        ("<b>casa</b>", "markup"),
        ("casa2", "odd-word"),
        ("me gusta mucho la casa de mi abuela", "odd-word"),
    ],
)
def test_what_is_no_usable_word_is_named(word: str, code: str) -> None:
    """Each by a code of its own, at its line."""
    assert found("perro", word) == [(code, "line 2")]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("casa", "perro", "casa"), "same-word"),
        (("árbol", "arbol", "cama"), "twin"),
        (("también", "perro", "tambien"), "twin"),
        (("Casa", "casa"), "twin"),
    ],
)
def test_a_word_that_stands_there_already_is_named(words: tuple[str, ...], code: str) -> None:
    """Also where only its case or its accents are others."""
    assert [one for one, _ in found(*words)] == [code]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es-419", "el él tu tú mi mí si sí se sé que qué como cómo donde dónde cuánto cuanto"),
        ("es-419", "esta está este esté hablo habló papa papá hacia hacía seria sería estas estás"),
        ("es-419", "año ano pena peña pingüino o u y a ¿qué? amigo/a o...o jeans kiwi México"),
        ("de", "Morgen morgen Essen essen schon schön Straße U-Bahn Öl"),
        ("fr", "ou où tache tâche l'eau aujourd'hui œuf garçon cote côté"),
        ("it", "e è un'amica perché"),
        ("pt-BR", "avó avô pão e é"),
        ("ja", "猫 ネコ ねこ Tシャツ"),
        ("ru", "дом ёлка елка"),
        ("fa", "می\u200cخواهم"),
        ("tlh", "tlhIngan дом 家"),
    ],
)
def test_right_words_make_no_noise(language: str, words: str) -> None:
    """Pairs that differ in an accent, words of any script, punctuation that belongs to a word."""
    assert found(*words.split(), language=language) == []


def test_words_of_several_words_are_right() -> None:
    """As long as they are no sentence."""
    assert found("tener que", "a pesar de que", "de vez en cuando") == []
