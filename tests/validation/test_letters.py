"""Characters that are not what they seem, and the plain text that was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.testing import AWKWARD
from stages.validation.data.letters import oddities, tidied

LANGUAGES = st.sampled_from(("es-419", "de", "ru", "el", "ja", "he", "tlh", ""))
PIECES = st.sampled_from(
    (*AWKWARD, "<b>", "<", "b>", "&amp;", "&", "amp;", "lt;", "&nbsp;", "\u00ad", "\ufeff", "\u0430",
     "o", "\u0301", " ", "\u00a0", "\t", "\n", "\\!", "ﬁ", "ｃ", "ο", "Α", "\ufe0f", "❤")
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join)


@given(TEXTS, LANGUAGES)
def test_tidying_twice_changes_nothing(text: str, language: str) -> None:
    """What was made certain is tidy, and there is nothing more to say of it."""
    once = tidied(text, language)
    assert once.text == text or once.whys or not text.strip()
    if once.certain:
        again = tidied(once.text, language)
        assert (again.text, again.whys, again.certain) == (once.text, {}, True)
    else:
        assert once.text == text


MENDED = [
    ("es", "ca\u00adsa", "casa", "invisible"),
    ("es", "\ufeffcasa", "casa", "invisible"),
    ("es", "ca\u200dsa", "casa", "invisible"),
    ("es", "\u202ecasa\u202c", "casa", "invisible"),
    ("es", "casa\ufe0f", "casa", "invisible"),
    ("es", "una\r\ncasa", "una\ncasa", "invisible"),
    ("es", "nin\u0303o", "niño", "decomposed"),
    ("es", "c\u0430sa", "casa", "look-alike"),
    ("es", "Voy \u0430 casa", "Voy a casa", "look-alike"),
    ("es", "Μadrid", "Madrid", "look-alike"),
    ("es", "ｃａｓａ", "casa", "look-alike"),
    ("es", "ﬁn", "fin", "look-alike"),
    ("ru", "мaма", "мама", "look-alike"),
    ("es", "una  casa", "una casa", "blanks"),
    ("es", " casa\n", "casa", "blanks"),
    ("es", "una\tcasa", "una casa", "blanks"),
    ("es", "casa\u00a0azul", "casa azul", "blanks"),
    ("es", "<b>una</b> casa", "una casa", "markup"),
    ("es", '<span style="color: red">casa</span>', "casa", "markup"),
    ("es", "una<br/>casa", "una casa", "markup"),
    ("es", "pan &amp; sal", "pan & sal", "markup"),
    ("es", "una&nbsp;casa", "una casa", "markup"),
    ("es", "ni&ntilde;o", "niño", "markup"),
    ("es", "&lt;b&gt;casa&lt;/b&gt;", "casa", "markup"),
    ("es", "¡casa\\!", "¡casa!", "escape"),
]


@pytest.mark.parametrize(("language", "text", "meant", "code"), MENDED)
def test_what_is_certain_is_mended(language: str, text: str, meant: str, code: str) -> None:
    """Each with its code, and a reason."""
    tidy = tidied(text, language)
    assert (tidy.text, tidy.certain) == (meant, True)
    assert code in tidy.whys
    assert all(tidy.whys.values())


RIGHT = [
    ("es", "una familia 👩\u200d👩\u200d👧\u200d👦, un corazón ❤\ufe0f y un 👍🏽"),
    (
        "es",
        "la bandera 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f, 1\ufe0f\u20e3",
    ),
    ("es", "10\u00a0km, EE.\u00a0UU., 1.ª y 2.º"),
    ("es", "β-caroteno, 5 μm, α y Ω"),
    ("es", "del ruso «космонавт», del griego «οἶκος»"),
    ("es", "a < b, 3 > 2, I <3 you, R&D, AT&T; usa <nombre>"),
    ("es", "C:\\datos"),
    ("fr", "«\u00a0Où vas-tu\u202f?\u00a0»"),
    ("fa", "می\u200cخواهم"),
    ("he", "שלום \u200eabc\u200f"),
    ("hi", "क्\u200dष"),
    ("ja", "Ｔシャツ\u3000１２３"),
    ("ja", "葛\U000e0100城"),
    ("ru", "слово\u00a0— IT, iPhone, «casa»"),
    ("th", "ภาษา\u200bไทย"),
    ("de", "die Straße – „groß“ …"),
    ("tlh", "tlhIngan Hol"),
]


@pytest.mark.parametrize(("language", "text"), RIGHT)
def test_what_is_right_stays(language: str, text: str) -> None:
    """Emoji, abbreviations, quotations and what other writings need are not touched."""
    tidy = tidied(text, language)
    assert (tidy.text, tidy.whys) == (text, {})
    assert list(oddities(text)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<img src=x.jpg>", "markup"),
        ("H<sub>2</sub>O", "markup"),
        ("[sound:x.mp3]", "markup"),
        ("{{c1::casa}}", "markup"),
        ("ni\ufffdo", "lost-letter"),
        ("\ue000", "lost-letter"),
        ("caжa", "look-alike"),
    ],
)
def test_what_is_not_certain_is_only_told(text: str, code: str) -> None:
    """Nobody knows what was meant, so it stays."""
    assert tidied(text, "es").text == text
    assert [one for one, _ in oddities(text)] == [code]
