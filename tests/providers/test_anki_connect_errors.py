"""What a person is told when AnkiConnect cannot be asked, and that nothing is lost then."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.anki_connect import AnkiConnect
from stages.providers.errors import BadAnswer, Denied, Misconfigured, Rejected, Unavailable
from stages.testing.loopback import (
    Fault,
    Received,
    Response,
    ServicesLoopback,
    as_json,
    dropped,
    timeout,
    truncated,
    web_page,
)
from tests.providers.anki_running import WORDS, Running, made_up, note, notes, with_fields


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Running]:
    """A running Anki with an empty profile."""
    with made_up(tmp_path) as running:
        yield running


def at(url: str, folder: Path, **settings: Any) -> AnkiConnect:
    """Give an adapter for whatever listens there."""
    return AnkiConnect(url, media=folder, state=folder / "state.json", timeout=5.0, **settings)


def no(kind: type[ProviderError], adapter: AnkiConnect, why: str) -> str:
    """Demand that reading says no, and give what is to be done."""
    with pytest.raises(kind, match=why) as caught:
        adapter.read()
    return caught.value.hint


# Nobody, or somebody else


def test_where_anki_does_not_run_it_is_said_how_to_start_it(tmp_path: Path) -> None:
    """And how to install the add-on: from outside both look the same."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    hint = no(Unavailable, at(f"http://127.0.0.1:{port}", tmp_path), "Anki is not running")

    assert "start Anki" in hint
    assert "2055492159" in hint


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (web_page(), BadAnswer),
        (web_page(status=404), BadAnswer),
        (Response(403, b"", {}), Denied),
        (as_json([1]), BadAnswer),
        (as_json({"result": 1, "error": None}), BadAnswer),
        (as_json({"result": [], "error": None}), BadAnswer),
        (as_json({"result": [1] * 11, "error": None}), BadAnswer),
        (as_json({"result": [{"result": 1, "error": None}] * 11, "error": None}), BadAnswer),
    ],
)
def test_somebody_else_is_told_from_anki(
    answer: Response, kind: type[ProviderError], tmp_path: Path
) -> None:
    """Whatever it says; no traceback, and the address is named."""

    def serve(_: Received) -> Response:
        return answer

    with ServicesLoopback({"/": serve}) as server:
        hint = no(kind, at(server.url, tmp_path), server.url)

    assert "AnkiConnect is installed" in hint


def test_what_speaks_no_http_is_told_from_anki(tmp_path: Path) -> None:
    """Such as a database."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"\x00\x01hello\r\n\r\n")
                connection.recv(100_000)

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        no(BadAnswer, at(url, tmp_path), "does not speak HTTP")
        thread.join()


@pytest.mark.parametrize("url", ["nowhere", "https://127.0.0.1:8765", "http://", "ftp://x"])
def test_what_is_no_address_is_refused_at_once(url: str, tmp_path: Path) -> None:
    """When the adapter is made, not when a sync is half done."""
    with pytest.raises(Misconfigured):
        at(url, tmp_path)


def test_a_name_that_leads_nowhere_is_unavailable(tmp_path: Path) -> None:
    """It is the address that is wrong."""
    no(Unavailable, at("http://nobody.invalid:8765", tmp_path), "cannot be reached")


# Keys, profiles, versions


def test_a_key_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None, a wrong one, the right one, and the right one of the environment."""
    with made_up(tmp_path, key="right") as running:
        hint = no(Denied, running.adapter(), "wants a key, and none is given")
        assert "ANKICONNECT_API_KEY" in hint
        no(Denied, running.adapter(key="wrong"), "wants another key")
        monkeypatch.setenv("ANKICONNECT_API_KEY", "right")
        assert running.adapter().read().where


def test_without_a_profile_it_is_said_to_choose_one(anki: Running) -> None:
    """Anki shows the list of them, or is in the midst of a sync."""
    anki.actions.profile = None

    assert "choose a profile" in no(Unavailable, anki.adapter(), "no collection is open")


def test_another_profile_is_left_alone(anki: Running) -> None:
    """That which was synced last is meant, unless another is asked for; both are named."""
    anki.put(*notes("uno"))
    anki.actions.profile = "Ana"

    hint = no(Denied, anki.adapter(), "profile 'Ana' open, and this deck belongs to 'User 1'")
    assert "Switch Profile" in hint
    no(Denied, anki.adapter(profile="Eva"), "belongs to 'Eva'")
    assert anki.adapter(profile="Ana").read().where == "the profile 'Ana' of Anki"


@pytest.mark.parametrize("done", ["types", "media", "notes", "retire"])
def test_a_profile_that_is_switched_in_the_midst_is_left_alone(anki: Running, done: str) -> None:
    """Nothing is written into the other one."""
    anki.put(*notes("uno"))
    adapter, picture = anki.adapter(), anki.picture("casa")
    adapter.read()
    anki.actions.profile = "Ana"
    written = anki.written
    doings: dict[str, Callable[[], None]] = {
        "types": lambda: adapter.put_note_types((attrs.evolve(WORDS, css="x"),)),
        "media": lambda: adapter.put_media((picture,)),
        "notes": lambda: adapter.put_notes((note("dos"), with_fields(note("uno"), IPA="x"))),
        "retire": lambda: adapter.retire((note("uno").guid,), "delete"),
    }
    with pytest.raises(Denied, match="'Ana' open"):
        doings[done]()

    assert anki.written == written


def test_an_old_add_on_is_named_as_such(anki: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lacks an action, or a parameter of one."""
    monkeypatch.setattr(anki.actions, "getActiveProfile", None)
    assert "Check for Updates" in no(Misconfigured, anki.adapter(), "too old")

    monkeypatch.undo()

    def notes_info(notes: list[int]) -> list[Any]:
        return notes

    monkeypatch.setattr(anki.actions, "notesInfo", notes_info)
    no(Misconfigured, anki.adapter(), "does not know notesInfo")


# What breaks in the midst


@pytest.mark.parametrize("fault", [dropped(), truncated()])
def test_a_connection_that_breaks_is_said(anki: Running, fault: Fault) -> None:
    """Anki was closed, most likely."""
    anki.server.fail_next(fault)

    assert "goes on from there" in no(Unavailable, anki.adapter(), "broke the connection off")


def test_who_is_busy_is_not_waited_for_for_ever(anki: Running) -> None:
    """It may show a dialog."""
    anki.server.fail_next(timeout(0.5))

    hint = no(Unavailable, anki.adapter(timeout=0.1), "did not answer")
    assert "look at Anki" in hint


@pytest.mark.parametrize("number", range(0, 40, 3))
def test_anki_may_be_closed_anywhere(anki: Running, number: int) -> None:
    """The next run does what was left; nothing is doubled, and nothing of the learner's is lost."""
    anki.put(*notes("uno", "dos", "tres"))
    anki.learner.study()
    history = anki.learner.history
    wanted = (with_fields(note("uno"), IPA="[x]"), note("dos", tags=("b",)), *notes("tres", "seis"))
    picture = anki.picture("casa")

    def sync() -> None:
        adapter = anki.adapter()
        adapter.put_media((picture,))
        anki.put(*wanted, adapter=adapter)

    anki.server.quit_after(number)
    with suppress(Unavailable):
        sync()
    anki.server.start_again()
    sync()

    state = anki.adapter().read()
    assert state.notes == {one.guid: one for one in wanted}
    assert state.pushed == state.notes
    assert state.media == {picture.name}
    assert len(anki.learner.notes) == 4
    assert anki.learner.history == history


@pytest.mark.parametrize("number", range(36))
def test_nothing_stays_of_how_a_note_type_was_brought(anki: Running, number: int) -> None:
    """It comes by a note; where Anki was closed before that was deleted, the next run deletes it."""
    anki.server.quit_after(number)
    with suppress(Unavailable):
        anki.put(*notes("uno", "dos"))
    anki.server.start_again()
    anki.put(*notes("uno", "dos"))

    assert [*anki.learner.notes] == ["uno", "dos"]


def test_a_creation_is_not_tried_again_blindly(
    anki: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anki may have made the notes though its answer never came: the next run looks first."""

    def refuse(path: str) -> Any:
        raise ValueError(f"nothing is imported: {path}")

    monkeypatch.setattr(anki.actions, "importPackage", refuse)
    wanted = tuple(note(f"palabra {number}") for number in range(80))
    anki.server.fail_next(dropped(done=True), on="addNote")
    with pytest.raises(Unavailable):
        anki.put(*wanted)
    assert len(anki.learner.notes) == 50

    anki.put(*wanted)
    assert len(anki.learner.notes) == 80
    assert anki.server.done["addNote"] == 80


def test_a_package_that_came_though_nobody_said_so_is_not_doubled(anki: Running) -> None:
    """Its notes have their guids."""
    anki.adapter().put_note_types((WORDS,))
    anki.server.fail_next(dropped(done=True), on="importPackage")
    with pytest.raises(Unavailable):
        anki.put(*notes("uno", "dos"))
    anki.put(*notes("uno", "dos"))

    assert len(anki.learner.notes) == 2


@pytest.mark.parametrize(
    ("said", "kind", "why"),
    [
        ("[Errno 28] No space left on device", Unavailable, "the disk that Anki writes to is full"),
        (
            "a \u2068bad\u2069 <b>thing</b>\nhappened",
            Rejected,
            "refuses storeMediaFile: a bad thing",
        ),
        ("", Rejected, "Anki keeps"),
    ],
)
def test_what_anki_says_is_told_in_one_line(
    anki: Running, monkeypatch: pytest.MonkeyPatch, said: str, kind: type[Exception], why: str
) -> None:
    """Its own errors are in its learner's language, with markup in them."""

    def fail(**_: Any) -> Any:
        if said:
            raise ValueError(said)
        return "another name"

    monkeypatch.setattr(anki.actions, "storeMediaFile", fail)
    with pytest.raises((kind, BadAnswer), match=why):
        anki.adapter().put_media((anki.picture("casa"),))


def test_half_a_character_is_refused(anki: Running) -> None:
    """It cannot be sent."""
    anki.put(*notes("uno"))
    with pytest.raises(Rejected, match="half a character"):
        anki.put(with_fields(note("uno"), IPA="\ud83d"))


# What is remembered


def test_a_damaged_memory_is_an_error(anki: Running) -> None:
    """Taken for none it would cost the learner's edits; it is left as it is."""
    anki.put(*notes("uno"))
    path = anki.folder / "state.json"
    for text in ("", "{", '{"format": 1, "profiles": {"User 1": {"notes": 7}}}', "\ud83d"):
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        hint = no(BadAnswer, anki.adapter(), "state.json is damaged")
        assert "intact copy" in hint
        assert path.read_bytes() == text.encode("utf-8", "surrogatepass")


def test_a_memory_of_a_newer_kind_is_not_written_over(anki: Running) -> None:
    """Nor read."""
    path = anki.folder / "state.json"
    path.write_text(json.dumps({"format": 2, "profiles": {}}))

    assert no(Denied, anki.adapter(), "of format 2") == "update stages"


def test_a_memory_that_another_run_has_written_is_read_again(anki: Running) -> None:
    """Two adapters of one file see the same."""
    first, second = anki.adapter(), anki.adapter()
    first.read()
    second.read()
    anki.put(*notes("uno"), adapter=first)

    assert second.read().pushed.keys() == {note("uno").guid}


def test_a_memory_that_cannot_be_written_is_an_error(anki: Running) -> None:
    """A folder lies in its place."""
    adapter = anki.adapter(state=anki.folder / "taken")
    adapter.read()
    (anki.folder / "taken").mkdir()
    with pytest.raises(Denied, match="taken"):
        adapter.remember(notes("uno"))


def test_without_a_memory_everything_is_met_for_the_first_time(anki: Running) -> None:
    """The notes are known by their card ids, and nothing is doubled."""
    anki.put(*notes("uno", "dos"))
    (anki.folder / "state.json").unlink()
    state = anki.adapter().read()

    assert state.pushed == FrozenMap()
    assert {one.deck for one in state.notes.values()} == {"Español"}
    anki.put(*notes("uno", "dos", "tres"))
    assert len(anki.learner.notes) == 3
