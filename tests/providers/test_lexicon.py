"""Meanings from a lexicon that lies on disk."""

import contextlib
import csv
import json
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages import Context, Meaning, analyze_words, make_cards, pipe, validate_data, validate_ipa
from stages.pipelines import checked_cards
from stages.providers.errors import BadAnswer, Denied, Misconfigured, NotFound
from stages.providers.lexicon import Lexicon
from stages.records.brief import Brief
from stages.records.entry import tidied
from stages.records.meaning import GAP, gapped_form
from tests.making import last

LEXICON = Lexicon()
EVERY = tuple(one for word in LEXICON.words for one in LEXICON.meanings(word, Brief()).meanings)
ARTICLES = {"", "el", "la", "los", "las"}


def test_it_is_large_enough_to_be_an_example() -> None:
    """At least 60 words and 100 distinct meanings of Latin American Spanish."""
    assert LEXICON.language == "es-419"
    assert len(LEXICON.words) >= 60
    assert len(EVERY) >= 100


@pytest.mark.parametrize("word", ["ser", "estar", "por", "para", "llevar"])
def test_words_with_many_senses_have_several(word: str) -> None:
    """They are what a learner stumbles over."""
    assert len(LEXICON.meanings(word, Brief()).meanings) >= 3


def test_every_card_id_is_unique() -> None:
    """One card a meaning."""
    assert [name for name, number in Counter(m.card_id for m in EVERY).items() if number > 1] == []


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.card_id)
def test_every_meaning_is_whole(one: Meaning) -> None:
    """The gap hides one form, the definition does without the word, and nothing required is empty."""
    form = gapped_form(one.example, one.gapped)
    assert form
    assert len(form.split()) <= len(one.word.split())
    assert one.word not in one.definition.casefold().split()
    assert one.article in ARTICLES
    assert one.ipa.startswith("[")
    assert one.prompt.isascii()
    assert one.word.casefold() not in one.prompt.casefold().split() or one.word in "a capital mango"
    assert not one.emoji or not one.emoji.isascii()
    assert all((one.id, one.context, one.definition, one.ipa, one.prompt))


PARTICLES = "sobre con de en a que como si ya más pero hasta desde entre sin por para derecho"
QUALITIES = "grande nuevo rojo frío feliz listo rico café ojo mañana tarde"
NO_NOUNS = {*PARTICLES.split(), *QUALITIES.split()}
"""Words that have a meaning without article, and are no verbs."""


def test_nouns_have_their_article() -> None:
    """What has none is a verb, a particle, a quality or an exclamation."""
    bare = {one.word for one in EVERY if not one.article}
    assert {word for word in bare if not word.endswith(("ar", "er", "ir", "ír"))} <= NO_NOUNS
    nouns = {one.word for one in EVERY if one.article}
    assert {"casa", "perro", "agua", "mano", "día", "llave", "estación"} <= nouns


def test_no_check_has_anything_to_remark() -> None:
    """Neither errors nor warnings, of transcriptions or of cards."""
    context = Context.of(words=LEXICON.words)
    outcome = pipe(context, analyze_words(analysis_provider=LEXICON), validate_ipa)
    assert last(outcome).problems == ()
    assert last(pipe(outcome, make_cards, validate_data)).problems == ()


def test_the_order_of_the_file_is_kept() -> None:
    """The most common meaning comes first, and the commonest words do."""
    assert [one.word for one in EVERY] == [
        word for word in LEXICON.words for _ in LEXICON.meanings(word, Brief()).meanings
    ]


def test_a_word_that_is_not_in_it_is_not_found() -> None:
    """Nothing is invented; a word that is near is told."""
    with pytest.raises(NotFound) as caught:
        LEXICON.meanings("Casa", Brief())
    assert (caught.value.why, caught.value.hint) == (
        "'Casa' is not in the lexicon",
        "did you mean 'casa'?",
    )
    with pytest.raises(NotFound):
        LEXICON.meanings("", Brief())


def test_another_language_stops_the_run() -> None:
    """It says what is missing, plainly."""
    with pytest.raises(Misconfigured, match="this lexicon is of es-419, and de was asked for"):
        LEXICON.meanings("Haus", Brief(language="de"))


SENSE = {
    "id": "house",
    "context": "Gebäude",
    "definition": "worin man wohnt",
    "example": "Mein Haus ist rot.",
    "gapped": "Mein _____ ist rot.",
    "ipa": "[haʊ̯s]",
    "article": "das",
}


def saved(path: Path, **lexicon: object) -> Path:
    """Write a lexicon as a user would."""
    path.write_text(json.dumps({"language": "de", "words": {"Haus": [SENSE]}} | lexicon))
    return path


def test_a_lexicon_of_ones_own(tmp_path: Path) -> None:
    """A file of the same form, in any language, with or without a byte order mark."""
    path = saved(tmp_path / "de.json")
    for text in (path.read_bytes(), b"\xef\xbb\xbf" + path.read_bytes()):
        path.write_bytes(text)
        mine = Lexicon(path)
        assert (mine.language, mine.words) == ("de", ("Haus",))
        assert mine.meanings("Haus", Brief(language="de")).meanings == (
            Meaning(word="Haus", language="de", **SENSE),
        )


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """Who mends a lexicon in an editor sees the change in a notebook."""
    path = saved(tmp_path / "de.json")
    assert Lexicon(path).words == ("Haus",)
    saved(path, words={"Tür": [SENSE], "Haus": [SENSE]})
    assert Lexicon(path).words == ("Tür", "Haus")


BROKEN = {
    "no JSON": ("{", "no JSON"),
    "no object": ("[]", "no object with 'language' and 'words'"),
    "no language": ('{"words": {}}', "no object with 'language' and 'words'"),
    "a language that is no text": ('{"language": 3, "words": {}}', "no object with 'language'"),
    "words in a list": ('{"language": "de", "words": []}', "no object with 'language' and 'words'"),
    "a word without meanings": ('{"language": "de", "words": {"Haus": []}}', "Haus: its meanings"),
    "meanings that are none": ('{"language": "de", "words": {"Haus": [3]}}', "Haus: its meanings"),
    "a word twice": ('{"language": "de", "words": {"A": [], "A": []}}', "stands twice"),
    "bytes that are no text": ("ni\xf1o", "no lexicon"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_no_lexicon(tmp_path: Path, fault: str) -> None:
    """`BadAnswer` names the file and the fault."""
    text, why = BROKEN[fault]
    path = tmp_path / "mine.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadAnswer) as caught:
        Lexicon(path)
    assert caught.value.why.startswith("mine.json is no lexicon: ")
    assert why in caught.value.why


def test_every_fault_of_a_lexicon_is_named(tmp_path: Path) -> None:
    """Of every word, every meaning and every field."""
    words = {
        "eins": [{**SENSE, "ipa": 3, "colour": "red"}, {"id": "x"}],
        "zwei": [SENSE, SENSE],
        "drei": [SENSE],
        "vier": "vier",
    }
    with pytest.raises(BadAnswer) as caught:
        Lexicon(saved(tmp_path / "de.json", words=words))
    why = caught.value.why
    assert all(part in why for part in ("$[0].ipa", "colour", "definition", "zwei: two of its"))
    assert "vier: its meanings are no list" in why
    assert "drei" not in why


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """That is no broken lexicon; nor is a folder."""
    with pytest.raises(NotFound, match="is not there"):
        Lexicon(tmp_path / "none.json")
    with pytest.raises(Denied):
        Lexicon(tmp_path)


TABLE = (
    "word,id,context,definition,example,gapped,ipa,prompt,emoji,article,note\n"
    "casa,home,vivienda,edificio donde se vive,Vivo en una casa azul.,Vivo en una _____ azul.,"
    "[ˈka.sa],A blue house,🏠,la,\n"
)
CASA = Meaning(
    word="casa",
    id="home",
    context="vivienda",
    definition="edificio donde se vive",
    example="Vivo en una casa azul.",
    gapped="Vivo en una _____ azul.",
    ipa="[ˈka.sa]",
    prompt="A blue house",
    emoji="🏠",
    article="la",
)
EARLIER = (
    "SpanishWord;MeaningID;MeaningContext;MonolingualDef;ExampleSentence;GappedSentence;IPA;prompt;"
    "Emoji;Article;UsageNote\n"
)


def table(folder: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    """Write a table as a user would."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def words_of(path: Path, language: str = "es-419") -> dict[str, tuple[Meaning, ...]]:
    """Give everything that a lexicon knows."""
    mine = Lexicon(path, language)
    brief = Brief(language=mine.language, most=99)
    return {word: mine.meanings(word, brief).meanings for word in mine.words}


def faults_of(path: Path) -> str:
    """Give what is wrong with a lexicon."""
    with pytest.raises(BadAnswer) as caught:
        Lexicon(path)
    assert caught.value.why.startswith(f"{path.name} is no lexicon: ")
    return caught.value.why.removeprefix(f"{path.name} is no lexicon: ")


WRITTEN = {
    "with our names": TABLE,
    "with the names of the earlier system": EARLIER + TABLE.split("\n")[1].replace(",", ";") + "\n",
    "with a byte order mark": "\ufeff" + TABLE,
    "with tabs": TABLE.replace(",", "\t"),
    "with semicolons, as Excel in Spanish does": TABLE.replace(",", ";"),
    "with lines of Windows": TABLE.replace("\n", "\r\n"),
    "with lines of old Macs": TABLE.replace("\n", "\r"),
    "with names in capitals": TABLE.replace("word,", "WORD,").replace("ipa", "IPA"),
    "with blanks and blank lines": "\n ,\n" + TABLE.replace(",", " , ") + "\n,,,\n",
    "with quotes": TABLE.replace("vivienda", '"vivienda"'),
    "with a line break in quotes": TABLE.replace("una casa azul.", '"una\ncasa azul."').replace(
        'Vivo en "una', '"Vivo en una'
    ),
    "with a column that has no name": TABLE.replace("\n", ",\n"),
    "with its language": TABLE.replace("\n", ",language\n", 1).replace(",\n", ",,es-419\n"),
    "with letters in parts": unicodedata.normalize("NFD", TABLE),
    "with short gaps": TABLE.replace("_____", "__"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_a_table_is_a_lexicon(tmp_path: Path, way: str) -> None:
    """However a spreadsheet writes it."""
    assert words_of(table(tmp_path, WRITTEN[way])) == {"casa": (CASA,)}


@pytest.mark.parametrize("name", ["mine.csv", "mine.TSV", "mine.tab", "mine.txt"])
def test_a_table_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    """Anything else is JSON."""
    assert words_of(table(tmp_path, TABLE, name)) == {"casa": (CASA,)}
    assert "no JSON" in faults_of(table(tmp_path, TABLE, "mine.json"))


def test_a_table_is_of_the_language_that_is_said(tmp_path: Path) -> None:
    """By its own column before anything else."""
    text = "word,definition,example,language\nHaus,worin man wohnt,Mein Haus ist rot.,"
    path = table(tmp_path, text)
    assert Lexicon(path, "de").language == "de"
    assert Lexicon(table(tmp_path, f"{text}de-AT")).language == "de-AT"
    twice = f"{text}de\nTür,Öffnung,Die Tür ist zu.,de-AT\n"
    assert faults_of(table(tmp_path, twice)) == (
        "it has two languages: 'de-AT' in line 3, 'de' in line 2"
    )


def test_three_columns_are_enough(tmp_path: Path) -> None:
    """Ids and gaps are made, and what the rules of spelling and the definition say is taken."""
    text = (
        "word,definition,example\n"
        "tener que,estar obligado,¡Tener que ir!\n"
        "ir,moverse a un lugar,Quiero ir.\n"
        "ir,marcharse,Debo ir ya.\n"
    )
    found = words_of(table(tmp_path, text))
    assert [one.gapped for one in found["tener que"]] == ["¡_____ ir!"]
    assert [one.id for one in found["ir"]] == ["sense_1", "sense_2"]
    assert [(one.ipa, one.context, one.article) for one in found["ir"]] == [
        ("[iɾ]", "moverse a un", ""),
        ("[iɾ]", "marcharse", ""),
    ]


def test_what_three_columns_say_makes_a_card(tmp_path: Path) -> None:
    """Nothing that a learner needs is missing."""
    mine = Lexicon(table(tmp_path, "word,definition,example\nir,moverse,Quiero ir.\n"))
    outcome = pipe(Context.of(words=["ir"]), analyze_words(analysis_provider=mine), checked_cards)
    assert [card.id for card in outcome.unwrap()["cards"]] == ["ir_sense_1"]


def test_an_id_that_is_missing_is_made_of_the_context(tmp_path: Path) -> None:
    """It never takes one that is given, before it or after it."""
    contexts = (("", "Lugar público"), ("", "lugar público"), ("x y", ""), ("lugar_publico_3", ""))
    rows = "".join(
        f"banco,{name},{context},d,El banco {number}.\n"
        for number, (name, context) in enumerate(contexts)
    )
    found = words_of(table(tmp_path, f"word,id,context,definition,example\n{rows}"))
    assert [one.id for one in found["banco"]] == [
        "lugar_publico",
        "lugar_publico_2",
        "x_y",
        "lugar_publico_3",
    ]


def test_every_fault_of_a_table_is_named_with_its_line(tmp_path: Path) -> None:
    """At once, and the good rows are not spoken of."""
    text = (
        "word,id,definition,example,gapped\n"
        "casa,a,d,La casa.,La _____.\n"
        "casa,a,d,La casa.,\n"
        ",b,d,La casa.,\n"
        "casa,c,,\n"
        '"casa",d,"two\nlines",Fuimos.,\n'
        "casa,e,d,La casa.,El _____.\n"
        "casa,f,d,La casa.,La _____.,more\n"
    )
    cure = "write the example with _____ for the form of 'casa'"
    assert faults_of(table(tmp_path, text)).split("; ") == [
        "line 4: word is missing",
        "line 5: definition is missing",
        "line 5: example is missing",
        "line 9: it has more cells than the first row has names",
        "line 3: 'casa' has a meaning 'a' already",
        f"line 6: gapped is missing: {cure}",
        f"line 8: gapped does not fit the example: {cure}",
    ]


HEADS = {
    "a column that nobody reads": (
        "word,definicion,definition,example\nx,x,x,x x",
        "line 1: nobody reads a column 'definicion', did you mean 'definition'?",
    ),
    "a column like no other": (
        "word,definition,example,colour\nx,x,x x,x",
        "line 1: nobody reads a column 'colour'",
    ),
    "one column twice": (
        "word,SpanishWord,definition,example\nx,x,x,a x",
        "line 1: two columns hold word",
    ),
    "missing columns": (
        "\nword,id\nx,x",
        "line 2: no column 'definition'; line 2: no column 'example'",
    ),
    "nothing": ("", "no meaning is in it"),
    "a head alone": ("word,definition,example\n", "no meaning is in it"),
    "a quote without end": (
        'word,definition,example\nx,d,a x\nx,"d,a x',
        "line 3: unexpected end of data",
    ),
}


@pytest.mark.parametrize("fault", HEADS)
def test_a_table_whose_columns_are_wrong_is_no_lexicon(tmp_path: Path, fault: str) -> None:
    """The nearest name is told."""
    text, why = HEADS[fault]
    assert faults_of(table(tmp_path, text)) == why


@pytest.mark.parametrize("name", ["mine.csv", "mine.json"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_than_utf_8_is_refused(tmp_path: Path, name: str, encoding: str) -> None:
    """With the line and the cure: Excel saves as it likes."""
    text = "word,definition,example\nx,y,z x\naño,doce meses,Un año.\n"
    path = table(tmp_path, text.encode(encoding), name)
    with pytest.raises(
        BadAnswer, match=rf"line {3 if encoding == 'latin-1' else 1} is no UTF-8"
    ) as caught:
        Lexicon(path)
    assert caught.value.hint == "save it as UTF-8"


def test_words_of_a_table_are_spelled_as_in_it(tmp_path: Path) -> None:
    """Articles and capitals do not matter."""
    assert Lexicon(table(tmp_path, TABLE)).spelling("La Casa") == "casa"


TEXTS = st.text(max_size=12).map(tidied)
FULL = TEXTS.filter(bool)
SLUGS = st.from_regex(r"[a-zñ0-9-]([\w-]{0,6}[a-z])?", fullmatch=True)


@st.composite
def written_meanings(draw: st.DrawFn) -> Meaning:
    """Give a meaning with nothing missing, and texts that a spreadsheet may hold."""
    form = draw(st.from_regex(r"[a-zñ]{1,5}", fullmatch=True))
    example, gapped = (f'¿A «{one}», "b"; c\'s?' for one in (form, GAP))
    full = {name: draw(FULL) for name in ("context", "ipa")}
    given = {name: draw(TEXTS) for name in ("prompt", "emoji", "article", "note")}
    return Meaning(
        word=draw(FULL),
        id=unicodedata.normalize("NFC", draw(SLUGS)),
        definition=draw(FULL),
        example=example,
        gapped=gapped,
        **full,
        **given,
    )


COLUMNS = [one.name for one in attrs.fields(Meaning) if one.name not in ("card", "language")]
MEANINGS = st.lists(
    written_meanings(), min_size=1, max_size=5, unique_by=lambda one: (one.word, one.id)
).map(
    lambda found: [one for word in {m.word: 0 for m in found} for one in found if one.word == word]
)


@settings(max_examples=60)
@given(MEANINGS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_to_a_table_is_read_again(
    meanings: list[Meaning], mark: str, end: str
) -> None:
    """Whatever the texts hold."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mine.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter=mark, lineterminator=end)
            writer.writeheader()
            writer.writerows({name: getattr(one, name) for name in COLUMNS} for one in meanings)
        found = words_of(path)
    assert [one for senses in found.values() for one in senses] == meanings


@settings(max_examples=60)
@given(MEANINGS)
def test_what_is_written_to_json_is_read_again(meanings: list[Meaning]) -> None:
    """Whatever the texts hold."""
    words: dict[str, list[dict[str, str]]] = {}
    for one in meanings:
        fields = {name: getattr(one, name) for name in COLUMNS if name != "word"}
        words.setdefault(one.word, []).append(fields)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mine.json")
        path.write_text(json.dumps({"language": "es-419", "words": words}))
        found = words_of(path)
    assert [one for senses in found.values() for one in senses] == meanings


@settings(max_examples=150)
@given(
    st.one_of(st.binary(max_size=80), st.text('word,id"\n\r;\t_ex', max_size=80).map(str.encode)),
    st.sampled_from(["mine.csv", "mine.json"]),
)
@example(b"word,definition,example\n" + b"x" * 200_000, "mine.csv")
@example(b"word,definition,example\nx\0,x,x\0", "mine.csv")
@example(b"[" * 100_000, "mine.json")
def test_any_bytes_are_a_lexicon_or_a_bad_answer(content: bytes, name: str) -> None:
    """Never a bare exception."""
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder), content, name)
        with contextlib.suppress(BadAnswer):
            assert Lexicon(path).language == "es-419"
