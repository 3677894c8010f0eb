"""Meanings from an extract of Wiktionary."""

import gzip
import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages.core.problem import Severity
from stages.providers.errors import BadAnswer, Denied, Misconfigured, NotFound, Unavailable
from stages.providers.kaikki import Kaikki
from stages.records.brief import Brief
from stages.records.meaning import Meaning, gapped_form
from stages.records.usage import Usage

CASA: dict[str, Any] = {
    "word": "casa",
    "lang": "Español",
    "lang_code": "es",
    "pos": "noun",
    "pos_title": "sustantivo femenino",
    "tags": ["feminine"],
    "sounds": [{"ipa": "[ˈka.sa]"}, {"rhymes": "-a.sa"}, {"audio": "casa.wav"}],
    "senses": [
        {
            "senseid": "1",
            "glosses": ["Edificio donde se vive."],
            "examples": [
                {"text": "¡Casa tomada!", "ref": "Julio Cortázar"},
                {"text": "Mi casa es azul."},
            ],
        },
        {"glosses": ["Conjunto de los que viven juntos."], "raw_tags": ["Familia"]},
        {"glosses": ["Escaque."], "tags": ["obsolete"], "examples": [{"text": "La casa blanca."}]},
        {
            "glosses": ["Comercio.", "Empresa con su nombre."],
            "topics": ["business-administration"],
            "examples": [{"text": "Es la casa más antigua\nde la ciudad."}],
        },
    ],
}
IR: dict[str, Any] = {
    "word": "ir",
    "lang": "Español",
    "lang_code": "es",
    "pos": "verb",
    "senses": [
        {
            "glosses": ["Moverse a otro lugar."],
            "examples": [{"text": "Fuimos a la playa.", "bold_text_offsets": [[0, 6]]}],
        }
    ],
}
HAUS: dict[str, Any] = {
    "word": "Haus",
    "lang_code": "de",
    "pos": "noun",
    "senses": [{"glosses": ["Gebäude"], "examples": [{"text": "Mein Haus."}]}],
    "translations": [{"lang_code": "es", "word": "casa"}],
}
CASAS = {
    "word": "casas",
    "lang_code": "es",
    "pos": "noun",
    "tags": ["form-of"],
    "senses": [{"glosses": ["Forma del plural de casa."], "form_of": [{"word": "casa"}]}],
}
REDIRECT = {"title": "cassa", "redirect": "casa", "pos": "hard-redirect"}
EXTRACT = (HAUS, CASA, REDIRECT, CASAS, IR)


def line(entry: object) -> bytes:
    """Give an entry as it stands in an extract."""
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def saved(folder: Path, *entries: object, name: str = "es.jsonl") -> Path:
    """Write an extract as kaikki.org has it."""
    path = folder / name
    path.write_bytes(b"".join(map(line, entries or EXTRACT)))
    return path


def names_in(folder: Path | str) -> list[str]:
    """Give the names of the files of a folder, hidden ones too."""
    return sorted(path.name for path in Path(folder).iterdir())


def of_one(folder: Path, **changed: Any) -> Meaning:
    """Give the first meaning of casa in an extract where its entry is changed."""
    kaikki = Kaikki(saved(folder, {**CASA, **changed}))
    return kaikki.meanings("casa", Brief()).meanings[0]


def test_senses_become_meanings(tmp_path: Path) -> None:
    """Those with a definition and an example, numbered as in the dictionary."""
    analysis = Kaikki(saved(tmp_path)).meanings("casa", Brief())
    assert analysis.meanings == (
        Meaning(
            word="casa",
            id="noun_1",
            context="sustantivo femenino",
            definition="Edificio donde se vive.",
            example="Mi casa es azul.",
            gapped="Mi _____ es azul.",
            ipa="[ˈka.sa]",
            article="la",
        ),
        Meaning(
            word="casa",
            id="noun_4",
            context="business administration",
            definition="Empresa con su nombre.",
            example="Es la casa más antigua de la ciudad.",
            gapped="Es la _____ más antigua de la ciudad.",
            ipa="[ˈka.sa]",
            article="la",
        ),
    )


def test_a_sense_without_example_is_told_and_not_invented(tmp_path: Path) -> None:
    """As a warning, with the cure."""
    (problem,) = Kaikki(saved(tmp_path)).meanings("casa", Brief()).problems
    assert (problem.code, problem.where, problem.severity) == (
        "no-example",
        "senses[noun_2]",
        Severity.WARNING,
    )
    assert "staged batch" in problem.hint


def test_a_form_that_is_bold_is_hidden(tmp_path: Path) -> None:
    """Forms of verbs are nearly never the word itself."""
    (one,) = Kaikki(saved(tmp_path)).meanings("ir", Brief()).meanings
    assert (one.id, one.gapped, one.ipa, one.article) == ("verb_1", "_____ a la playa.", "[iɾ]", "")
    assert one.context == "verbo"


HOPELESS = {
    "none": None,
    "no list": {"text": "Mi casa."},
    "no text": [{"text": 3}, {}, "Mi casa."],
    "the word alone": [{"text": "¡Casa!"}],
    "the word in another": [{"text": "Vivo en un caserío con mis casas."}],
    "half a character": [{"text": "Mi casa \ud83d."}],
    "bold without end": [{"text": "Fuimos.", "bold_text_offsets": [[0]]}],
    "bold beyond the end": [{"text": "Fuimos.", "bold_text_offsets": [[0, 99]]}],
    "bold backwards": [{"text": "Fuimos a.", "bold_text_offsets": [[6, 0]]}],
    "bold all through": [{"text": "Fuimos todos a pie", "bold_text_offsets": [[0, 18]]}],
    "bold in two forms": [{"text": "Voy y vas ya.", "bold_text_offsets": [[0, 3], [6, 9]]}],
    "no offsets": [{"text": "Fuimos a.", "bold_text_offsets": [["a", None]]}],
}


@pytest.mark.parametrize("examples", HOPELESS.values(), ids=list(HOPELESS))
def test_an_example_that_cannot_be_gapped_is_none(tmp_path: Path, examples: object) -> None:
    """Whatever it is; that word has no usable sense then, and how many had none is told."""
    entry = {**CASA, "senses": [{"glosses": ["Edificio."], "examples": examples}]}
    path = tmp_path / "es.jsonl"
    path.write_text(json.dumps(entry))
    with pytest.raises(NotFound, match="no usable example for 'casa': 1 sense had none") as caught:
        Kaikki(path).meanings("casa", Brief())
    assert "staged batch" in caught.value.hint


def test_no_more_meanings_than_asked_for(tmp_path: Path) -> None:
    """Nor problems of the senses after them."""
    analysis = Kaikki(saved(tmp_path)).meanings("casa", Brief(most=1))
    assert [one.id for one in analysis.meanings] == ["noun_1"]
    assert analysis.problems == ()


def test_entries_of_one_word_are_numbered_together(tmp_path: Path) -> None:
    """Each part of speech by itself; the same definition counts once."""
    verb = {**CASA, "pos": "verb", "senses": [{**CASA["senses"][0], "glosses": ["Se une."]}]}
    other = {**CASA, "senses": [{**CASA["senses"][0], "glosses": ["Otra."]}]}
    kaikki = Kaikki(saved(tmp_path, CASA, verb, CASA, other))
    ids = [one.id for one in kaikki.meanings("casa", Brief(most=9)).meanings]
    assert ids == ["noun_1", "noun_4", "verb_1", "noun_9"]


SOUNDS: dict[str, tuple[list[Any], str]] = {
    "broad": (["/ˈka.sa/"], "[ˈka.sa]"),
    "narrow before broad": (["/ˈkasa/", "[ˈka.sa]"], "[ˈka.sa]"),
    "without brackets": (["ˈka.sa"], "[ˈka.sa]"),
    "with look-alikes": (["['ga.to]"], "[ˈɡa.to]"),
    "a rhyme, so by rule": (["-asa", "//", "[]"], "[ˈka.sa]"),
    "no texts": ([3, None, ["[ˈka.sa]"]], "[ˈka.sa]"),
}


@pytest.mark.parametrize("sounds", SOUNDS)
def test_a_pronunciation_stands_in_brackets(tmp_path: Path, sounds: str) -> None:
    """However the dictionary writes it."""
    given, ipa = SOUNDS[sounds]
    assert of_one(tmp_path, sounds=[{"ipa": one} for one in given]).ipa == ipa


@pytest.mark.parametrize(
    ("language", "ipa"), [("es-419", "[s]"), ("es-MX", "[s]"), ("es-ES", "[θ]")]
)
def test_the_pronunciation_is_that_of_the_region(tmp_path: Path, language: str, ipa: str) -> None:
    """As the tags of both editions say it."""
    english = [{"ipa": "[θ]", "tags": ["Spain"]}, {"ipa": "[s]", "tags": ["Latin-America"]}]
    spanish = [
        {"ipa": "[θ]", "raw_tags": ["no seseante"]},
        {"ipa": "[ʃ]", "raw_tags": ["sheísta, seseante"]},
        {"ipa": "[s]", "raw_tags": ["seseante, yeísta"]},
    ]
    for sounds in (english, spanish):
        kaikki = Kaikki(saved(tmp_path, {**CASA, "sounds": sounds}))
        assert kaikki.meanings("casa", Brief(language=language)).meanings[0].ipa == ipa


GENDERS = {
    ("feminine",): "la",
    ("masculine",): "el",
    ("masculine", "feminine"): "",
    (): "",
    ("feminine", "plural-only"): "las",
    ("masculine", "plural"): "los",
}


@pytest.mark.parametrize("tags", GENDERS)
def test_a_noun_has_the_article_of_its_gender(tmp_path: Path, tags: tuple[str, ...]) -> None:
    """Where the dictionary says which it is."""
    assert of_one(tmp_path, tags=tags).article == GENDERS[tags]


def test_agua_has_the_article_el(tmp_path: Path) -> None:
    """So has every feminine noun that begins with a stressed a."""
    assert of_one(tmp_path, sounds=[{"ipa": "[ˈa.ɣwa]"}]).article == "el"
    assert of_one(tmp_path, sounds=[{"ipa": "[a.ˈmi.ɣa]"}]).article == "la"


def test_what_is_no_noun_of_spanish_has_no_article(tmp_path: Path) -> None:
    """The genders of adjectives and of other languages are not known here."""
    assert of_one(tmp_path, pos="adj").article == ""
    kaikki = Kaikki(saved(tmp_path, {**HAUS, "tags": ["masculine"]}), "de")
    (one,) = kaikki.meanings("Haus", Brief(language="de-AT")).meanings
    assert (one.article, one.context, one.language) == ("", "noun", "de-AT")


def test_definitions_in_english_are_doubted(tmp_path: Path) -> None:
    """The extract of the English Wiktionary has no others; the cure is told."""
    english = {**IR, "lang": "Spanish"}
    analysis = Kaikki(saved(tmp_path, english)).meanings("ir", Brief())
    (problem,) = analysis.problems
    assert (problem.code, problem.severity) == ("foreign-definition", Severity.WARNING)
    assert "Wiktionary of 'es'" in problem.hint


def test_a_word_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Nor is one of another language; one with capitals is told."""
    kaikki = Kaikki(saved(tmp_path))
    with pytest.raises(NotFound, match=r"'Casa' is not in es\.jsonl") as caught:
        kaikki.meanings("Casa", Brief())
    assert caught.value.hint == "did you mean 'casa'?"
    for word in ("Haus", "", "half \ud83d", "a\x00b", "%", "cassa"):
        with pytest.raises(NotFound):
            kaikki.meanings(word, Brief())


def test_a_form_names_its_word(tmp_path: Path) -> None:
    """The plural is no word of its own."""
    with pytest.raises(NotFound, match="no sense of today") as caught:
        Kaikki(saved(tmp_path)).meanings("casas", Brief())
    assert caught.value.hint == "look up 'casa'"


def test_an_old_sense_alone_is_none(tmp_path: Path) -> None:
    """Nobody learns a word of olden times."""
    old = {**CASA, "senses": [{"glosses": ["Escaque."], "tags": ["archaic"]}]}
    with pytest.raises(NotFound, match="no sense of today"):
        Kaikki(saved(tmp_path, old)).meanings("casa", Brief())


def test_another_language_stops_the_run(tmp_path: Path) -> None:
    """The region does not matter."""
    kaikki = Kaikki(saved(tmp_path))
    with pytest.raises(Misconfigured, match="read for es-419, and de was asked for"):
        kaikki.meanings("Haus", Brief(language="de"))
    assert kaikki.meanings("casa", Brief(language="es-CO")).meanings[0].language == "es-CO"
    for wrong in ("", "../../etc", "a b", "espanol"):
        with pytest.raises(Misconfigured, match="no language tag"):
            Kaikki(tmp_path / "es.jsonl", wrong)


def test_asking_is_free(tmp_path: Path) -> None:
    """Whatever is asked for."""
    assert Kaikki(saved(tmp_path)).estimate("casa", Brief()) == Usage()


GARBAGE = (
    b"",
    b"garbage",
    b"[]",
    b'[{"word": "casa", "lang_code": "es"}]',
    b"3",
    b'{"word": "casa", "lang_code": "es"',
    b'{"word": 3, "lang_code": "es"}',
    b'{"word": "casa", "lang_code": "es", "senses": {}}',
    b'{"word": " ", "lang_code": "es"}',
    b'{"word": "\\ud83d", "lang_code": "es"}',
    b'{"lang_code": "es"}',
    b'{"word": "ni\xf1o", "lang_code": "es"}',
    b'{"word": "casa", "lang_code": ["es"]}',
    b"[" * 100_000 + b'"lang_code": "es"',
    b"\x00\xff\xfe",
)
LINES = st.one_of(
    st.sampled_from(GARBAGE),
    st.binary(max_size=30).map(lambda one: one.replace(b"\n", b"").replace(b"\r", b"")),
)


@settings(max_examples=40)
@given(st.lists(LINES, min_size=4, max_size=4))
@example([b'{"word": "ir"}', b"\t", b"\x0b", b'"lang_code": "es"'])
def test_garbage_between_changes_nothing(garbage: list[bytes]) -> None:
    """Broken lines are skipped, and the same words have the same meanings."""
    lines = [one for pair in zip(garbage, map(line, EXTRACT), strict=False) for one in pair]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "es.jsonl")
        path.write_bytes(b"\n".join([*lines, line(IR)]))
        broken = Kaikki(path)
        whole = Kaikki(saved(Path(folder), name="whole.jsonl"))
        for word in ("casa", "ir"):
            assert broken.meanings(word, Brief()) == whole.meanings(word, Brief())


def test_broken_lines_are_counted(tmp_path: Path) -> None:
    """Blank ones and those of other languages are none."""
    path = saved(tmp_path)
    assert Kaikki(path).skipped == 0
    path.write_bytes(path.read_bytes() + b"\n".join(GARBAGE))
    assert Kaikki(path).skipped == len(GARBAGE) - 2


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("casa"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FIELDS = ("pos", "pos_title", "tags", "sounds", "lang")
SENSE_FIELDS = ("glosses", "examples", "tags", "raw_tags", "topics", "form_of", "alt_of")
JUNK_SENSES = st.fixed_dictionaries({}, optional=dict.fromkeys(SENSE_FIELDS, JUNK)).map(
    lambda junk: {**CASA["senses"][0], **junk}
)
JUNK_ENTRIES = st.fixed_dictionaries(
    {"senses": st.lists(JUNK_SENSES | JUNK, max_size=3)}, optional=dict.fromkeys(FIELDS, JUNK)
).map(lambda junk: {**CASA, **junk})


@settings(max_examples=60)
@given(JUNK_ENTRIES)
def test_whatever_an_entry_holds_every_meaning_is_whole(entry: dict[str, Any]) -> None:
    """A definition, an example whose gap fits, an id that is a slug; else it is not found."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "es.jsonl")
        path.write_text(json.dumps(entry))
        kaikki = Kaikki(path)
        try:
            meanings = kaikki.meanings("casa", Brief()).meanings
        except NotFound:
            return
    assert meanings
    for one in meanings:
        assert one.definition
        assert gapped_form(one.example, one.gapped)
        assert one.id.replace("_", "").isascii()
        assert one.card_id.encode()
        assert not one.ipa or one.ipa.startswith("[")
    assert len({one.id for one in meanings}) == len(meanings)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes_raise_one_of_the_family(content: bytes) -> None:
    """Never a bare exception, and nothing is left beside the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "es.jsonl")
        path.write_bytes(content)
        with pytest.raises(BadAnswer):
            Kaikki(path)
        assert names_in(folder) == ["es.jsonl"]


UNUSABLE = {
    "no line": (b"", "has no entry of the language 'es'"),
    "garbage": (b"a\nb\n", "has no entry of the language 'es': 2 lines of it are none"),
    "another language": (line(HAUS), "has no entry of the language 'es'"),
    "packed": (gzip.compress(line(CASA)), "is packed"),
    "UTF-16": (line(CASA).decode().encode("utf-16"), "has no entry of the language"),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_a_file_without_a_usable_line_is_a_bad_answer(tmp_path: Path, fault: str) -> None:
    """It is said what to do."""
    content, why = UNUSABLE[fault]
    path = tmp_path / "es.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadAnswer) as caught:
        Kaikki(path)
    assert caught.value.why.startswith(f"es.jsonl {why}")
    assert "unpack" in caught.value.hint


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    path = tmp_path / "es.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line(CASA) + b"\r\n" + line(IR).rstrip())
    kaikki = Kaikki(path)
    assert kaikki.skipped == 0
    assert kaikki.meanings("casa", Brief()).meanings[0].id == "noun_1"
    assert kaikki.meanings("ir", Brief()).meanings[0].id == "verb_1"


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """A folder and what is no path are none either."""
    with pytest.raises(NotFound, match="is not there"):
        Kaikki(tmp_path / "none.jsonl")
    for path in (tmp_path, "a\x00b"):
        with pytest.raises(Denied):
            Kaikki(path)
    path = saved(tmp_path)
    kaikki = Kaikki(path)
    path.unlink()
    with pytest.raises(NotFound, match="is not there"):
        kaikki.meanings("casa", Brief())


def test_the_index_lies_beside_the_extract(tmp_path: Path) -> None:
    """One for each language, or where it is said."""
    path = saved(tmp_path)
    Kaikki(path)
    Kaikki(path, "de-AT")
    Kaikki(path, index=tmp_path / "other" / "mine.index")
    assert sorted(one.name for one in tmp_path.rglob("*.index")) == [
        "es.jsonl.de.index",
        "es.jsonl.es.index",
        "mine.index",
    ]


def test_an_index_that_cannot_be_written_is_denied(tmp_path: Path) -> None:
    """With the cure; no file of the user's is ever written over."""
    path = saved(tmp_path)
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    for index in (notes, path, tmp_path, notes / "es.index", "a\x00b"):
        with pytest.raises(Denied) as caught:
            Kaikki(path, index=index)
        assert "index=" in caught.value.hint
    assert notes.read_text() == "mine"
    assert path.read_bytes().startswith(line(HAUS))


def told(path: Path) -> list[tuple[int, int]]:
    """Give what progress is told when an extract is opened: nothing where nothing is indexed."""
    heard: list[tuple[int, int]] = []
    Kaikki(path, progress=lambda done, of: heard.append((done, of)))
    return heard


def test_an_index_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far it is is told from nothing to all."""
    monkeypatch.setattr("stages.providers.kaikki._STEP", 100)
    path = saved(tmp_path)
    size = path.stat().st_size
    heard = told(path)
    assert heard[0] == (0, size)
    assert heard[-1] == (size, size)
    assert len(heard) > 4
    assert heard == sorted(heard)
    assert told(path) == []


def test_a_changed_extract_is_indexed_again(tmp_path: Path) -> None:
    """At the next start, and under an object that is in use."""
    path = saved(tmp_path)
    kaikki = Kaikki(path)
    before = kaikki.meanings("casa", Brief())
    saved(tmp_path, IR, HAUS, CASA)
    assert kaikki.meanings("casa", Brief()) == before
    os.utime(path, ns=(0, 0))
    assert told(path) != []
    assert kaikki.meanings("casa", Brief()) == before


@pytest.mark.parametrize("keep", [100, 5000])
def test_a_broken_index_is_made_again(tmp_path: Path, keep: int) -> None:
    """A file of ours that was cut short is no loss."""
    path = saved(tmp_path)
    Kaikki(path)
    index = tmp_path / "es.jsonl.es.index"
    index.write_bytes(index.read_bytes()[:keep])
    assert Kaikki(path).meanings("casa", Brief()).meanings


def test_an_index_that_two_languages_share_serves_both(tmp_path: Path) -> None:
    """Slowly, since each makes it again, but rightly."""
    path = saved(tmp_path)
    spanish, german = (Kaikki(path, one, index=tmp_path / "x.index") for one in ("es", "de"))
    for _ in range(2):
        assert spanish.meanings("casa", Brief()).meanings
        assert german.meanings("Haus", Brief(language="de")).meanings


KILLED = """
import os, signal, sys
from stages.providers.kaikki import Kaikki
def progress(done, of):
    if done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
Kaikki(sys.argv[1], progress=progress)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_kill_in_mid_index_leaves_the_next_start_right(tmp_path: Path) -> None:
    """Nothing half-made takes the index's place, and what was left is swept away."""
    path = saved(tmp_path)
    for at in ("0", str(path.stat().st_size)):
        ran = subprocess.run([sys.executable, "-c", KILLED, str(path), at], check=False)
        assert ran.returncode == -signal.SIGKILL
        assert not (tmp_path / "es.jsonl.es.index").exists()
    assert list(tmp_path.glob("*.part")) or list(tmp_path.glob(".*.part"))
    assert Kaikki(path).meanings("casa", Brief()).meanings[0].id == "noun_1"
    assert names_in(tmp_path) == ["es.jsonl", "es.jsonl.es.index"]


def test_sixteen_threads_share_one(tmp_path: Path) -> None:
    """Each gets what one alone gets, also while the index is made again under them."""
    path = saved(tmp_path)
    kaikki = Kaikki(path)
    alone = {word: kaikki.meanings(word, Brief()) for word in ("casa", "ir")}
    words = ["casa", "ir"] * 100
    with ThreadPoolExecutor(16) as pool:
        os.utime(path, ns=(1, 1))
        found = list(pool.map(lambda word: kaikki.meanings(word, Brief()), words))
    assert found == [alone[word] for word in words]


def test_a_line_without_end_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never read whole, so that memory stays small."""
    monkeypatch.setattr("stages.providers.kaikki._LONGEST", 2000)
    path = tmp_path / "es.jsonl"
    path.write_bytes(b'{"lang_code": "es", "word": "' + b"x" * 9000 + b'"}\n' + line(CASA))
    kaikki = Kaikki(path)
    assert kaikki.meanings("casa", Brief()).meanings
    assert kaikki.skipped == 5


def test_it_can_be_handed_to_another_process(tmp_path: Path) -> None:
    """Some mappers do."""
    kaikki = pickle.loads(pickle.dumps(Kaikki(saved(tmp_path))))
    assert kaikki.meanings("casa", Brief()).meanings


def test_a_full_disk_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the index's library says is said in the family's words."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("stages.providers.kaikki._places", full)
    with pytest.raises(Unavailable, match="database or disk is full"):
        Kaikki(saved(tmp_path))
    assert names_in(tmp_path) == ["es.jsonl"]


def test_an_extract_that_vanishes_in_between_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was never there."""
    path = saved(tmp_path)
    kaikki = Kaikki(path)
    monkeypatch.setattr(kaikki, "_placed", lambda _: (0, [(0, 9)]))
    path.unlink()
    with pytest.raises(NotFound, match="is not there"):
        kaikki.meanings("casa", Brief())


def test_an_index_that_can_be_written_and_not_read_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the cure."""
    monkeypatch.setattr("stages.providers.kaikki._looked_up", lambda *_: None)
    with pytest.raises(Unavailable, match="cannot be read") as caught:
        Kaikki(saved(tmp_path))
    assert "index=" in caught.value.hint
