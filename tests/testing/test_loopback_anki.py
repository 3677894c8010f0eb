"""The loopback's Anki answers as AnkiConnect was measured, and keeps what the real Anki keeps."""

import base64
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import attrs
import pytest
from anki.errors import BackendIOError
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.package import Package
from stages.testing.loopback import ASKED, Actions, AnkiCollection, AnkiLoopback, Fault, dropped
from stages.testing.loopback.anki_rules import SearchError, media_file_name, parsed_search
from tests.providers.anki_running import WORDS, note, notes, with_fields
from tests.providers.real_actions import MadeUpLearner, RealActions, RealLearner

ROOT = Path(__file__).parents[2]
SIDES = [{"Name": "Card 1", "Front": "{{Word}}", "Back": "{{IPA}}"}]


def post(server: AnkiLoopback, body: object, **headers: str) -> Any:
    """Ask, and give what is answered."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with urlopen(Request(server.url, content, headers), timeout=10) as reply:
        return json.loads(reply.read())


def action(name: str, **params: Any) -> dict[str, Any]:
    """Give a request of the newest version."""
    return {"action": name, "version": 6, "params": params}


@pytest.fixture
def anki() -> Iterator[AnkiLoopback]:
    """A running Anki with a note type and a deck."""
    with AnkiLoopback(tick=0) as server:
        server.actions.createModel("Words", ["Word", "IPA"], SIDES, "")
        server.actions.createDeck("Español")
        yield server


def added(server: AnkiLoopback, word: str = "casa", **more: Any) -> dict[str, Any]:
    """Give what adding a note answers."""
    fields = {"Word": word, "IPA": "x", **more.pop("fields", {})}
    told = {"modelName": "Words", "deckName": "Español", "fields": fields, **more}
    answer: dict[str, Any] = post(server, action("addNote", note=told))
    return answer


# The wire


def test_a_connection_bears_one_request(anki: AnkiLoopback) -> None:
    """It is closed after the answer, and nothing in the answer says so."""
    host, port = anki.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("POST", "/", json.dumps(action("version")))
    first = connection.getresponse()
    first.read()

    assert first.version == 11
    assert first.getheader("connection") is None
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):  # noqa: PT012
        connection.request("POST", "/", json.dumps(action("version")))
        connection.getresponse()
    connection.close()


def test_one_request_a_tick() -> None:
    """However many ask at once."""
    with AnkiLoopback(tick=0.02) as server, ThreadPoolExecutor(8) as pool:
        start = time.perf_counter()
        answers = list(pool.map(lambda _: post(server, action("version")), range(16)))

    assert time.perf_counter() - start > 15 * 0.02
    assert all(one["result"] == 6 for one in answers)


def test_a_large_body_takes_its_square() -> None:
    """It is read by the kilobyte, and parsed anew each time."""
    with AnkiLoopback(tick=0.001) as server:
        start = time.perf_counter()
        post(server, action("version", fill="x" * 2 * 1024 * 1024))

        assert time.perf_counter() - start > 0.5
        assert server.largest > 2 * 1024 * 1024


def test_unknown_origins_are_shut_out(anki: AnkiLoopback) -> None:
    """With nothing in the answer."""
    with pytest.raises(HTTPError) as caught:
        post(anki, action("version"), Origin="http://localhost:3000")
    with caught.value as error:
        assert (error.code, error.read()) == (403, b"")
    assert post(anki, action("version"), Origin="http://localhost")["result"] == 6


def test_who_asks_for_nothing_is_told_who_is_there(anki: AnkiLoopback) -> None:
    """By GET as well; what is no JSON is an error."""
    with urlopen(anki.url, timeout=5) as reply:
        assert reply.read() == b"AnkiConnect v.6"
    assert post(anki, b"{")["error"]


def test_faults_meet_a_request_or_an_action(anki: AnkiLoopback) -> None:
    """The latter also within a `multi`."""
    anki.fail_next(dropped(), on="version")
    anki.fail_next(Fault(), dropped(done=True), on=ASKED)
    assert post(anki, action("deckNames"))["error"] is None
    with pytest.raises(http.client.RemoteDisconnected):
        post(anki, action("multi", actions=[action("deckNames"), action("version")]))
    with pytest.raises(http.client.RemoteDisconnected):
        post(anki, action("createDeck", deck="A"))
    assert "A" in anki.collection.decks


def test_anki_may_be_closed_in_the_midst(anki: AnkiLoopback) -> None:
    """Of a request, too: what was done is done, and nothing is answered until it runs again."""
    anki.quit_after(2)
    making = [action("createDeck", deck=name) for name in "ABC"]
    for _ in range(2):
        with pytest.raises(http.client.RemoteDisconnected):
            post(anki, action("multi", actions=making))
    anki.start_again()

    assert post(anki, action("deckNames"))["result"] == ["A", "B", "Default", "Español"]


def test_it_runs_in_a_process_of_its_own() -> None:
    """Its address is printed."""
    command = [sys.executable, "-m", "stages.testing.loopback", "--anki"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        with urlopen(url, json.dumps(action("deckNames")).encode(), timeout=5) as reply:
            assert json.loads(reply.read()) == {"result": ["Default"], "error": None}
        process.terminate()


# The envelope


def test_the_version_says_what_an_answer_looks_like(anki: AnkiLoopback) -> None:
    """Without one it is 4: a bare value; an error is an object all the same."""
    assert post(anki, {"action": "version"}) == 6
    assert post(anki, action("version")) == {"result": 6, "error": None}
    assert post(anki, {"action": "nothing"}) == {"result": None, "error": "unsupported action"}
    inner = [{"action": "version"}, action("version")]
    assert post(anki, action("multi", actions=inner))["result"] == [
        6,
        {"result": 6, "error": None},
    ]


def test_each_action_needs_the_key() -> None:
    """Those within a `multi` as well; only the permission is asked for without."""
    with AnkiLoopback(tick=0, key="right") as server:
        outer = {**action("multi", actions=[action("version")]), "key": "right"}
        answer = post(server, outer)
        assert answer["error"] is None
        assert answer["result"][0]["error"] == "valid api key must be provided"
        assert post(server, action("version"))["error"] == "valid api key must be provided"
        assert post(server, action("requestPermission"))["result"]["permission"] == "granted"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (action("toString"), "unsupported action"),
        (action("_open"), "unsupported action"),
        (action("sees", path="x"), "unsupported action"),
        (action("collection"), "unsupported action"),
        (action("version", x=1), "unexpected keyword argument 'x'"),
        (action("modelFieldNames", modelName="No"), "model was not found: No"),
        (action("findNotes", query='"open'), "Invalid search"),
        (action("notesInfo"), 'Must provide either "notes" or a "query"'),
        (action("updateNoteFields", note={"id": 7, "fields": {}}), "Note was not found: 7"),
        (action("suspend", cards=[7]), "Card was not found: 7"),
        (action("storeMediaFile", filename="a.png"), "You must provide"),
        (action("storeMediaFile", filename="a.png", data=""), "You must provide"),
        (action("storeMediaFile", filename="a.png", path="/no/such"), "[Errno 2]"),
        (action("storeMediaFile", filename="a.png", url="http://x/"), "the web"),
        (action("importPackage", path="/no/such"), "[Errno 2]"),
        (action("exportPackage", deck="Español", path="/no/such/a.apkg"), "[Errno 2]"),
        (action("createModel", modelName="A", inOrderFields=[], cardTemplates=[]), "one field"),
        (action("createModel", modelName="A", inOrderFields=["B"], cardTemplates=[]), "one card"),
        (
            action("createModel", modelName="Words", inOrderFields=["B"], cardTemplates=SIDES),
            "already exists",
        ),
        (
            action("createModel", modelName="A", inOrderFields=["B"], cardTemplates=SIDES),
            "is no field",
        ),
    ],
)
def test_what_cannot_be_done_is_said(anki: AnkiLoopback, asked: Any, said: str) -> None:
    """In the envelope, with status 200."""
    assert said in post(anki, asked)["error"]


def test_without_a_profile_nothing_can_be_done(anki: AnkiLoopback) -> None:
    """Anki shows the list of them."""
    anki.actions.profile = None

    assert post(anki, action("deckNames"))["error"] == "collection is not available"
    assert post(anki, action("getActiveProfile"))["result"] is None
    assert post(anki, action("version"))["result"] == 6


# What is accepted without a word


def test_one_bad_note_undoes_them_all(anki: AnkiLoopback) -> None:
    """The error is a list, as text, that does not say which."""
    told = {"modelName": "Words", "deckName": "Español"}
    bad = [{**told, "fields": {"Word": word}} for word in ("uno", "", "uno")]
    answer = post(anki, action("addNotes", notes=bad))

    empty, double = (
        "cannot create note because it is empty",
        "cannot create note because it is a duplicate",
    )
    assert answer["error"] == str([empty, double])
    assert post(anki, action("findNotes", query="note:Words"))["result"] == []
    assert len(post(anki, action("addNotes", notes=bad[:1]))["result"]) == 1


def test_names_of_fields_are_taken_as_they_come(anki: AnkiLoopback) -> None:
    """In any case when a note is added, in theirs alone when it is updated; unknown ones vanish."""
    number = added(anki, fields={"iPa": "y", "No": "z"})["result"]
    changed = {"id": number, "fields": {"word": "no", "IPA": "yes", "No": "z"}}
    assert post(anki, action("updateNoteFields", note=changed)) == {"result": None, "error": None}

    (told,) = post(anki, action("notesInfo", notes=[number]))["result"]
    assert {name: one["value"] for name, one in told["fields"].items()} == {
        "Word": "casa",
        "IPA": "yes",
    }


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"modelName": "No"}, "model was not found: No"),
        ({"deckName": "No"}, "deck was not found: No"),
        ({"fields": {"IPA": 7}}, "bad argument type for built-in operation"),
        ({"fields": {"IPA": "{{c1::x}}"}}, "cannot create note for unknown reason"),
        ({"fields": {"Word": " "}}, "cannot create note because it is empty"),
        ({"fields": {"Word": "<b>uno</b>"}}, "cannot create note because it is a duplicate"),
    ],
)
def test_a_note_that_cannot_be_added(anki: AnkiLoopback, more: Any, said: str) -> None:
    """Says why."""
    added(anki, "uno")
    assert added(anki, **more)["error"] == said
    assert added(anki, "uno", options={"allowDuplicate": True})["error"] is None


def test_a_change_to_the_same_is_none(anki: AnkiLoopback) -> None:
    """The time of the note does not move."""
    number = added(anki)["result"]
    before = anki.collection.notes[number].mod
    post(anki, action("updateNoteFields", note={"id": number, "fields": {"IPA": "x"}}))
    assert anki.collection.notes[number].mod == before
    post(anki, action("updateNoteFields", note={"id": number, "fields": {"IPA": "y"}}))
    assert anki.collection.notes[number].mod > before


def test_an_update_of_a_note_that_was_just_opened_is_lost(anki: AnkiLoopback) -> None:
    """The answer is as ever."""
    number = added(anki)["result"]
    anki.actions.losing[number] = 1
    changed = action("updateNoteFields", note={"id": number, "fields": {"IPA": "y"}})

    assert post(anki, changed)["error"] is None
    assert anki.collection.notes[number]["IPA"] == "x"
    post(anki, changed)
    assert anki.collection.notes[number]["IPA"] == "y"


def test_what_is_gone_is_empty(anki: AnkiLoopback) -> None:
    """Whoever asks for a note that is not there, or deletes one, is told nothing."""
    assert post(anki, action("notesInfo", notes=[7]))["result"] == [{}]
    assert post(anki, action("deleteNotes", notes=[7])) == {"result": None, "error": None}


def test_templates_take_what_they_know(anki: AnkiLoopback) -> None:
    """Unknown names and empty sides are passed over; the same look counts as a change."""
    kept = anki.collection.type_named("Words")
    assert kept
    before = kept.mod
    sides = {"Card 1": {"Front": "", "Back": "{{Word}}\r\n"}, "No": {"Front": "x"}}
    post(anki, action("updateModelTemplates", model={"name": "Words", "templates": sides}))
    assert kept.templates == {"Card 1": ("{{Word}}", "{{Word}}\r\n")}
    post(anki, action("updateModelStyling", model={"name": "Words", "css": kept.css}))
    assert kept.mod > before + 1


def test_fields_and_templates_are_added(anki: AnkiLoopback) -> None:
    """With the cards that follow; what is there already stays one, or gets other sides."""
    number = added(anki, fields={"IPA": "y"})["result"]
    for _ in range(2):
        post(anki, action("modelFieldAdd", modelName="Words", fieldName="Hint", index=1))
        new = {"Name": "Card 2", "Front": "{{IPA}}", "Back": ""}
        post(anki, action("modelTemplateAdd", modelName="Words", template=new))

    assert post(anki, action("modelFieldNames", modelName="Words"))["result"] == [
        "Word",
        "Hint",
        "IPA",
    ]
    assert anki.collection.notes[number].fields == ["casa", "", "y"]
    assert len(anki.collection.cards_of(number)) == 2


def test_media_are_kept_as_they_come(anki: AnkiLoopback, tmp_path: Path) -> None:
    """Bad base64 is an empty file; another content replaces, or gets another name."""

    def store(**params: Any) -> Any:
        return post(anki, action("storeMediaFile", **params))["result"]

    one, two = (base64.b64encode(content).decode() for content in (b"one", b"two"))
    assert store(filename="CON.mp3", data=one) == "con_.mp3"
    assert store(filename="con.mp3", data=two) == "con_.mp3"
    assert anki.collection.trash == ["con_.mp3"]
    other = store(filename="con.mp3", data=one, deleteExisting=False)
    assert other.startswith("con_-")
    assert store(filename="con.mp3", data=two, deleteExisting=False) == "con_.mp3"
    assert store(filename="bad.png", data="x") == "bad.png"
    (tmp_path / "a.png").write_bytes(b"by path")
    assert store(filename="_a.png", path=str(tmp_path / "a.png")) == "_a.png"
    assert store(filename=".hidden", data=one) == ".hidden"
    assert post(anki, action("retrieveMediaFile", filename="x/_a.png"))["result"] == (
        base64.b64encode(b"by path").decode()
    )
    assert post(anki, action("retrieveMediaFile", filename="no"))["result"] is False
    assert anki.collection.media["bad.png"] == b""
    names = post(anki, action("getMediaFilesNames"))["result"]
    assert names == ["_a.png", "bad.png", other, "con_.mp3"]
    assert post(anki, action("getMediaFilesNames", pattern="_*"))["result"] == ["_a.png"]
    digest = "f97c5d29941bfb1b2fdab0874906ab82"  # of b"one"
    assert store(filename="new.png", data=one, skipHash=digest) is None
    post(anki, action("deleteMediaFile", filename="bad.png"))
    assert "bad.png" not in anki.collection.media


def test_what_anki_does_not_see_is_not_there(anki: AnkiLoopback, tmp_path: Path) -> None:
    """It runs in a sandbox, or elsewhere."""
    (tmp_path / "a.png").write_bytes(b"x")
    anki.actions.sees = lambda _: False
    asked = action("storeMediaFile", filename="a.png", path=str(tmp_path / "a.png"))

    assert "[Errno 2]" in post(anki, asked)["error"]


@pytest.mark.parametrize("search", ["", "casa", "note:A or", '"note:A', "(note:A)", "or note:A"])
def test_other_searches_are_refused(search: str) -> None:
    """Rather than answered wrongly."""
    with pytest.raises(SearchError):
        parsed_search(search)


# As the real Anki


@pytest.fixture(scope="module")
def real_actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealActions]:
    """One collection of the real Anki for many examples."""
    actions = RealActions(tmp_path_factory.mktemp("real") / "anki")
    actions.createModel("Words", ["Word", "IPA"], SIDES, "")
    yield actions
    actions.close()


@pytest.fixture(scope="module")
def made_up_actions() -> Actions:
    """The same, made up."""
    actions = Actions(AnkiCollection())
    actions.createModel("Words", ["Word", "IPA"], SIDES, "")
    return actions


NAMES = st.one_of(
    # Letters that are newer than Anki's tables are dropped by it.
    st.text(st.characters(max_codepoint=0x24F), min_size=1, max_size=70),
    st.text(st.sampled_from('aA.ñé ~_-/\\:*?"<>|[]^\t\x7f'), min_size=1, max_size=12),
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["con", "PRN", "aux", "Nul", "com1", "lpt9", "com0", "x"]),
            st.sampled_from(["", ".", ".mp3", " .mp3", "_", "s.mp3"]),
        ),
    ),
    st.builds(lambda stem, end: stem * 60 + "." + end, st.text("aé", min_size=1), st.text("gñ")),
)


@given(name=NAMES)
def test_media_names_are_those_of_anki(real_actions: RealActions, name: str) -> None:
    """Whatever is in them."""
    try:
        kept = real_actions.col.media.write_data(name, name.encode())
    except BackendIOError:  # nothing is left of it
        kept = ""
    else:
        real_actions.deleteMediaFile(kept)
    assert media_file_name(name) == kept


TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.text(
        st.sampled_from("aeñ\u0301\u0308 \r\n\t\x00\x1f\x7f\xa0<b>&;\u200d\ufeff"), max_size=12
    ),
)
TAG = st.text(st.sampled_from("abñ: \u3000\u0303"), max_size=8)


@given(texts=st.tuples(TEXT, TEXT), tags=st.lists(TAG, max_size=4))
def test_what_is_written_is_kept_as_anki_keeps_it(
    real_actions: RealActions,
    made_up_actions: Actions,
    texts: tuple[str, str],
    tags: list[str],
) -> None:
    """Fields and tags, added and updated."""
    told = []
    first = {"Word": f"x{texts[0]}", "IPA": texts[1]}
    for actions in (real_actions, made_up_actions):
        number = actions.addNote(
            {
                "modelName": "Words",
                "deckName": "Default",
                "fields": {**first, "IPA": first["IPA"].replace("{{", "")},
                "tags": tags,
                "options": {"allowDuplicate": True},
            }
        )
        actions.updateNoteFields({"id": number, "fields": {"IPA": texts[0]}})
        (answer,) = actions.notesInfo([number])
        told.append(([one["value"] for one in answer["fields"].values()], answer["tags"]))

    assert told[0] == told[1]


@pytest.mark.parametrize("real", [True, False])
def test_a_tag_is_spelt_as_it_was_first(tmp_path: Path, *, real: bool) -> None:
    """Here or in any other note."""
    actions: Any = RealActions(tmp_path / "anki") if real else Actions(AnkiCollection())
    actions.importPackage(str(written(tmp_path, note("uno", tags=("Ours",)), note("dos"))))
    first, second = actions.findNotes('"Card ID:uno" or "Card ID:dos"')
    actions.addTags([first], "OURS mine")
    actions.addTags([second], "Mine")

    tags = [{*one["tags"]} for one in actions.notesInfo([first, second])]
    assert tags in ([{"Ours", "mine"}] * 2, [{"ours", "mine"}] * 2)
    if real:
        actions.close()


FIRST = st.lists(
    st.sampled_from(
        ["casa", "<b>", "</b>", "&amp;", "&", "&x;", "&nbsp;", " ", '<img src="a.png">', "ñ"]
    ),
    min_size=1,
    max_size=4,
).map("".join)


_DUPLICATE = 2


@given(one=FIRST, other=FIRST)
def test_duplicates_are_those_of_anki(real_actions: RealActions, one: str, other: str) -> None:
    """By the text of the first field."""
    made_up = Actions(AnkiCollection())
    made_up.createModel("Words", ["Word", "IPA"], SIDES, "")
    for number in real_actions.findNotes('"note:Words"'):
        real_actions.deleteNotes([number])
    for actions in (real_actions, made_up):
        fields = {"Word": f"x{one}", "IPA": ""}
        note = {"modelName": "Words", "deckName": "Default", "fields": fields, "tags": []}
        actions.addNote(note)
    second = real_actions.col.new_note(real_actions.col.models.by_name("Words"))
    second["Word"] = f"x{other}"
    is_double = second.fields_check() == _DUPLICATE

    kept = made_up.collection.type_named("Words")
    assert kept
    assert bool(made_up.collection.duplicate_of(kept, f"x{other}")) == is_double


@pytest.mark.parametrize(
    "search",
    [
        '"note:Words"',
        "note:words",
        r'"note:Wo\_rds"',
        '"note:W_rds"',
        "-note:Words",
        '"note:Words" OR "note:No"',
        "note:Words tag:a",
        "note:Words -tag:a*",
        "tag:ours or tag:a",
        '"Card ID:uno"',
        '"Card ID:_*"',
        '"Card ID:u\\*"',
        '"Card ID:u*"',
        '"IPA:"',
        "deck:Español",
        '"deck:Esp*"',
        "deck:Default",
    ],
)
def test_searches_find_what_anki_finds(tmp_path: Path, search: str) -> None:
    """The terms that are known here."""
    found = []
    real, made_up = RealActions(tmp_path / "anki"), Actions(AnkiCollection())
    package = written(
        tmp_path, note("uno", tags=("a",)), note("dos", IPA="", tags=()), note("tres")
    )
    for actions in (real, made_up):
        actions.importPackage(str(package))
        numbers = actions.findNotes(search)
        told = actions.notesInfo(numbers)
        found.append({one["fields"]["Card ID"]["value"] for one in told})
    real.close()

    assert found[0] == found[1]


def written(folder: Path, *wanted: Any, types: Any = (WORDS,), name: str = "deck.apkg") -> Path:
    """Write a package of ours over the one that lies there."""
    package = Package(folder / name, folder / "media")
    package.put_note_types(types)
    package.put_notes(wanted)
    return folder / name


@pytest.mark.parametrize("real", [True, False])
def test_a_package_is_taken_in_as_anki_does(tmp_path: Path, *, real: bool) -> None:
    """New, again, changed, beside an edit of the learner's, with a note type that has grown."""
    actions: Any = RealActions(tmp_path / "anki") if real else Actions(AnkiCollection())
    learner: Any = RealLearner(actions) if real else MadeUpLearner(actions)
    first = written(tmp_path, *notes("uno", "dos", "tres"))
    actions.importPackage(str(first))
    assert [*learner.notes] == ["uno", "dos", "tres"]
    learner.study()
    history, before = learner.history, learner.notes

    actions.importPackage(str(first))
    assert learner.notes == before

    learner.edit("dos", {"IPA": "[mine]"})
    changed = (with_fields(note("uno"), Word="otro"), *notes("dos", "tres", "seis"))
    actions.importPackage(str(written(tmp_path, *changed)))
    told = {
        one["fields"]["Card ID"]["value"]: one["fields"]
        for one in actions.notesInfo(query='"note:Words"')
    }
    assert told["uno"]["Word"]["value"] == "otro"
    assert told["dos"]["IPA"]["value"] == "[mine]"
    assert len(told) == 4
    assert learner.history == history

    grown = attrs.evolve(WORDS, fields=(*WORDS.fields, "Hint"), css=".card {}")
    hinted = tuple(with_fields(one, Hint="") for one in changed)
    actions.importPackage(str(written(tmp_path, *hinted, types=(grown,))))
    assert actions.modelFieldNames("Words") == [*grown.fields]
    assert learner.history == history
    assert len(learner.notes) == 4
    if real:
        actions.close()


@pytest.mark.parametrize("real", [True, False])
def test_another_number_makes_another_note_type(tmp_path: Path, *, real: bool) -> None:
    """Under a name with a plus; a note whose guid is there is left alone."""
    actions: Any = RealActions(tmp_path / "anki") if real else Actions(AnkiCollection())
    sides = [{"Name": t.name, "Front": t.front, "Back": t.back} for t in WORDS.templates]
    actions.createModel("Words", list(WORDS.fields), sides, WORDS.css)
    actions.importPackage(str(written(tmp_path, note("uno"))))

    assert sorted(actions.modelNamesAndIds())[-2:] == ["Words", "Words+"]
    if real:
        actions.close()


def test_what_is_no_package_is_refused(anki: AnkiLoopback, tmp_path: Path) -> None:
    """Nothing of it is taken in."""
    (tmp_path / "x.apkg").write_bytes(b"no zip")

    assert (
        "not valid" in post(anki, action("importPackage", path=str(tmp_path / "x.apkg")))["error"]
    )
