"""`stages build --lexicon`: a person's own lexicons."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from stages.cli.lexicons import _Indexing
from tests.cli.playing import Person, environment_with, fields_in

TABLE = """\
word;definition;example;ipa;context
flaquear;perder fuerza;Voy a flaquear.;[fla.ke.ˈaɾ];mine
casa;mi hogar;Mi casa.;[ˈka.sa];mine
"""
GATO = "word,definition,example,ipa,context\nGato,un apellido,El señor Gato.,[ˈɡa.to],mine\n"


def extract(folder: Path, name: str = "es.jsonl") -> Path:
    """Write an extract of Wiktionary with one word."""
    entry = {
        "word": "flaquear",
        "lang_code": "es",
        "pos": "verb",
        "senses": [
            {"glosses": ["perder fuerza"], "examples": [{"text": "No hay que flaquear ahora."}]}
        ],
    }
    file = folder / name
    file.write_text(json.dumps(entry) + "\n", "utf-8")
    return file


def ids_in(told: str) -> list[str]:
    """Give the cards that a dry run would make."""
    return [line.split()[-1] for line in told.splitlines() if "new note" in line]


def test_ones_own_lexicon_is_asked_first(person: Person, tmp_path: Path) -> None:
    """What it says of a word counts, and the embedded one knows the rest."""
    (tmp_path / "mine.csv").write_text(TABLE, "utf-8")

    told = person("build", "casa", "flaquear", "gato", "--lexicon", "mine.csv")

    fields = fields_in(tmp_path / "deck.apkg")
    assert told.code == 0
    assert list(fields) == ["casa_mine", "flaquear_mine", "gato_cat", "gato_car_jack"]
    assert fields["casa_mine"]["Definition"] == "mi hogar"


def test_without_words_it_is_the_deck_of_ones_own_lexicons(person: Person, tmp_path: Path) -> None:
    """All their words, in their order, and none of the example deck."""
    (tmp_path / "mine.csv").write_text(TABLE, "utf-8")
    (tmp_path / "more.csv").write_text(GATO, "utf-8")

    told = person("build", "--lexicon", "mine.csv", "--lexicon", "more.csv", "--dry-run")

    assert ids_in(told.out) == ["flaquear_mine", "casa_mine", "Gato_mine"]


def test_a_word_is_spelled_as_ones_own_lexicon_has_it(person: Person, tmp_path: Path) -> None:
    """Before the embedded one is asked how it spells it."""
    (tmp_path / "more.csv").write_text(GATO, "utf-8")

    told = person("build", "Gato", "--lexicon", "more.csv", "--dry-run")

    assert ids_in(told.out) == ["Gato_mine"]


def test_a_lexicon_says_its_language(person: Person, tmp_path: Path) -> None:
    """Nobody has to say it again."""
    table = (
        "word,definition,example,language,ipa,context\nHaus,ein Gebäude,Mein Haus.,de,[haʊs],mine\n"
    )
    (tmp_path / "de.csv").write_text(table, "utf-8")

    told = person("build", "Haus", "--lexicon", "de.csv")

    assert told.code == 0
    assert fields_in(tmp_path / "deck.apkg")["Haus_mine"]["Language"] == "de"


@pytest.mark.parametrize("name", ["es.jsonl", "kaikki.json"])
def test_an_extract_of_wiktionary_is_asked(person: Person, tmp_path: Path, name: str) -> None:
    """Known by its ending or by how it begins; its index lies beside it."""
    extract(tmp_path, name)

    told = person("build", "flaquear", "casa", "--lexicon", name)

    assert told.code == 0
    assert told.err == ""
    assert list(fields_in(tmp_path / "deck.apkg")) == ["flaquear_verb_1", "casa_home"]
    assert (tmp_path / f"{name}.es.index").exists()


def test_an_index_that_cannot_lie_beside_its_extract_lies_beside_the_deck(
    person: Person, tmp_path: Path
) -> None:
    """Nobody has to move gigabytes because a folder may not be written."""
    extract(tmp_path)
    (tmp_path / "es.jsonl.es.index").write_text("somebody else's")

    told = person("build", "flaquear", "--lexicon", "es.jsonl")

    assert told.code == 0
    assert (tmp_path / ".stages" / "es.jsonl.es.index").exists()
    assert (tmp_path / "es.jsonl.es.index").read_text() == "somebody else's"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.csv", "gone.csv is not there"),
        ("gone.jsonl", "gone.jsonl is not there"),
        ("bad.json", "bad.json is no lexicon"),
        ("bad.csv", "bad.csv is no lexicon"),
        ("packed.jsonl.gz", "packed.jsonl.gz is packed (unpack it first: gunzip does it)"),
        ("empty.jsonl", "empty.jsonl has no entry of the language 'es'"),
    ],
)
def test_what_is_no_lexicon_is_told_calmly(
    person: Person, tmp_path: Path, name: str, said: str
) -> None:
    """A line with what is wrong; no deck is made."""
    (tmp_path / "bad.json").write_text("[1")
    (tmp_path / "bad.csv").write_text("one,two\n1,2\n")
    (tmp_path / "packed.jsonl.gz").write_bytes(b"\x1f\x8b\x08")
    (tmp_path / "empty.jsonl").write_text("")

    told = person("build", "casa", "--lexicon", name)

    assert told.code == 1
    assert told.err.count("\n") == 1
    assert said in told.err
    assert "index=" not in told.err
    assert not (tmp_path / "deck.apkg").exists()


def test_an_extract_alone_is_no_deck(person: Person, tmp_path: Path) -> None:
    """It has more words than anybody wants."""
    extract(tmp_path)

    told = person("build", "--lexicon", "es.jsonl")

    assert told.code == 1
    assert "an extract of Wiktionary has too many for a deck (give words" in told.err


def test_the_shown_command_has_the_lexicons(person: Person, tmp_path: Path) -> None:
    """Going on asks the same ones."""
    (tmp_path / "mine.csv").write_text(TABLE, "utf-8")

    told = person("build", "flaquear", "zzz", "--lexicon", "mine.csv")

    assert " --lexicon mine.csv flaquear zzz\n" in told.out


def test_indexing_is_shown_in_a_terminal_alone() -> None:
    """It takes minutes for a large extract; a file gets nothing."""
    seen, unseen = io.StringIO(), io.StringIO()

    for file, terminal in ((seen, True), (unseen, False)):
        with _Indexing("es.jsonl", Console(file=file, force_terminal=terminal)) as told:
            told(0, 2_000_000)
            told(1_000_000, 2_000_000)

    assert "index es.jsonl" in seen.getvalue()
    assert "1.0/2.0 MB" in seen.getvalue()
    assert unseen.getvalue() == ""


@pytest.mark.parametrize(
    "typed", [("--help",), ("build", "--help"), ("build", "casa", "--review", "--dry-run")]
)
def test_what_is_not_wanted_is_not_imported(tmp_path: Path, typed: tuple[str, ...]) -> None:
    """Neither the SDK of Claude nor a database where nobody is asked: the first line comes soon."""
    program = (
        "import sys\n"
        "from stages.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('anthropic', 'httpx2', 'stages.providers.kaikki', 'filelock', 'onnxruntime')\n"
        "print('IMPORTED', [one for one in heavy if one in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *typed],
        cwd=tmp_path,
        env=environment_with(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr == ""
    assert "IMPORTED []" in ended.stdout
