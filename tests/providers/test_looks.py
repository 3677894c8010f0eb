"""What was seen in a folder is kept: nothing is decoded twice, and nothing that changed is missed."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.providers import looking, looks
from stages.providers.errors import BadAnswer, Denied, NotFound
from stages.providers.looks import Looks
from stages.records.look import Look
from stages.records.media import media_name
from tests.providers.sources import png, wav

LONG_AGO = 1_700_000_000


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the sizes of all that is decoded."""
    sizes: list[int] = []
    look_at = looking.look_at

    def counted(content: bytes) -> Look:
        sizes.append(len(content))
        return look_at(content)

    monkeypatch.setattr(looking, "look_at", counted)
    return sizes


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be old: the disk's clock has ticked since."""
    monkeypatch.setattr(looks, "_COARSEST", -(10**18))


def put(folder: Path, content: bytes, stem: str = "casa") -> str:
    """Write a file under the name that its content has."""
    name = media_name(stem, content)
    (folder / name).write_bytes(content)
    return name


def test_a_picture_and_a_sound_are_described(tmp_path: Path) -> None:
    """By what they are, not by what they are called."""
    picture, sound = put(tmp_path, png("a")), put(tmp_path, wav("a"))
    (tmp_path / "own.mp3").write_bytes(png("a"))
    seen = Looks(tmp_path).of(picture)
    assert (seen.kind, seen.what, seen.width, seen.height, seen.blank) == (
        "png",
        "picture",
        64,
        64,
        "",
    )
    assert seen.size == len(png("a"))
    heard = Looks(tmp_path).of(sound)
    assert (heard.kind, heard.what, heard.seconds, heard.rate) == ("wav", "sound", 0.5, 16_000)
    assert 0.1 < heard.loudest < 0.3
    assert heard.clipped == 0
    assert Looks(tmp_path).of("own.mp3").kind == "png"


@pytest.mark.usefixtures("settled")
def test_what_has_not_changed_is_not_read_again(tmp_path: Path, decoded: list[int]) -> None:
    """Neither in this program nor in the next; what is seen is the same."""
    name = put(tmp_path, png("a"))
    first = Looks(tmp_path)
    seen = first.of(name)
    before = (tmp_path / name).stat().st_atime_ns
    assert first.of(name) == seen == Looks(tmp_path).of(name)
    assert len(decoded) == 1
    assert (tmp_path / name).stat().st_atime_ns == before
    assert len((tmp_path / "looks.jsonl").read_bytes().splitlines()) == 1


@pytest.mark.usefixtures("settled")
def test_a_change_is_seen(tmp_path: Path) -> None:
    """Of the same size and with its old time too: the disk knows when the entry was changed."""
    content = png("a")
    name = put(tmp_path, content)
    os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    seen = Looks(tmp_path)
    seen.of(name)
    (tmp_path / name).write_bytes(content[:-1] + b"\0")
    os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    for again in (seen, Looks(tmp_path)):
        with pytest.raises(BadAnswer, match=r"^casa-.* holds something else than its name says$"):
            again.of(name)


def test_what_changed_a_moment_ago_is_read_again(tmp_path: Path, decoded: list[int]) -> None:
    """It may change once more within one tick of the disk's clock; its hash says if it did."""
    content = png("a")
    name = put(tmp_path, content)
    first = (tmp_path / name).stat()
    Looks(tmp_path).of(name)
    assert Looks(tmp_path).of(name).width == 64
    assert len(decoded) == 1
    (tmp_path / name).write_bytes(content[:-1] + b"\0")
    os.utime(tmp_path / name, ns=(first.st_atime_ns, first.st_mtime_ns))
    with pytest.raises(BadAnswer):
        Looks(tmp_path).of(name)


def test_it_counts_when_a_file_was_read_not_when_it_was_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that takes, it may have changed at once after it was read."""
    look_at = looking.look_at

    def slowly(content: bytes) -> Look:
        time.sleep(0.3)
        return look_at(content)

    monkeypatch.setattr(looks, "_COARSEST", 200_000_000)
    monkeypatch.setattr(looking, "look_at", slowly)
    Looks(tmp_path).of(put(tmp_path, png("a")))
    (line,) = (tmp_path / "looks.jsonl").read_text("utf-8").splitlines()
    assert "stamp" not in json.loads(line)


@pytest.mark.usefixtures("settled")
def test_a_file_that_was_touched_or_copied_is_not_decoded_again(
    tmp_path: Path, decoded: list[int]
) -> None:
    """It is read, and its hash says that it is the same."""
    content = png("a")
    name = put(tmp_path, content)
    seen = Looks(tmp_path).of(name)
    os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    assert Looks(tmp_path).of(name) == seen
    (tmp_path / name).unlink()
    put(tmp_path, content)
    assert Looks(tmp_path).of(name) == seen
    assert len(decoded) == 1


@pytest.mark.usefixtures("settled")
def test_a_name_without_a_hash_promises_nothing(tmp_path: Path, decoded: list[int]) -> None:
    """What was changed under it is decoded again."""
    (tmp_path / "own.png").write_bytes(png("a"))
    assert Looks(tmp_path).of("own.png").kind == "png"
    (tmp_path / "own.png").write_bytes(wav("a"))
    assert Looks(tmp_path).of("own.png").kind == "wav"
    assert Looks(tmp_path).of("own.png").kind == "wav"
    assert len(decoded) == 2


DAMAGE = (
    b"",
    b"\n\n",
    b"{",
    b"[]\n",
    b'{"name": 5}\n',
    b'{"name": "x", "look": {}, "stamp": []}\n',
    b"\xff\xfe\n",
    b"[" * 100_000,
)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: repr(damage[:14]))
def test_a_damaged_file_of_looks_costs_another_look(tmp_path: Path, damage: bytes) -> None:
    """And what is whole in it counts, before the damage and after it."""
    names = [put(tmp_path, png(text)) for text in "ab"]
    Looks(tmp_path).of(names[0])
    log = tmp_path / "looks.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + damage)
    seen = [Looks(tmp_path).of(name) for name in names]
    log.write_bytes(damage + log.read_bytes())
    assert [Looks(tmp_path).of(name) for name in names] == seen
    log.unlink()
    assert [Looks(tmp_path).of(name) for name in names] == seen


@pytest.mark.usefixtures("settled")
def test_whoever_deletes_it_has_all_looked_at_anew(tmp_path: Path, decoded: list[int]) -> None:
    """At once, also where the program runs on."""
    name = put(tmp_path, png("a"))
    seen = Looks(tmp_path)
    for _ in range(2):
        seen.of(name)
        (tmp_path / "looks.jsonl").unlink()
    assert len(decoded) == 2


@pytest.mark.usefixtures("settled")
def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are out of date go."""
    monkeypatch.setattr(looks, "_MOST_FORGOTTEN", 3)
    name = put(tmp_path, png("a"))
    for turn in range(10):
        os.utime(tmp_path / name, (LONG_AGO + turn, LONG_AGO + turn))
        Looks(tmp_path).of(name)
    lines = (tmp_path / "looks.jsonl").read_bytes().splitlines()
    assert len(lines) <= 6
    assert {json.loads(line)["name"] for line in lines} == {name}


def test_where_nothing_can_be_written_it_looks_all_the_same(tmp_path: Path) -> None:
    """What is kept is a convenience."""
    name = put(tmp_path, png("a"))
    (tmp_path / "looks.jsonl").mkdir()
    seen = Looks(tmp_path)
    assert seen.of(name).kind == "png"
    assert seen.of(name).kind == "png"


NO_NAMES = ("", ".", "..", "../x.png", "a/b.png", "a\\b.png", "a\0.png", "x" * 300, "\ud800.png")


@pytest.mark.parametrize("name", NO_NAMES, ids=repr)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """There is nothing by such a name, whatever the system would make of it."""
    with pytest.raises(NotFound):
        Looks(tmp_path).of(name)


def test_what_is_no_file_is_not_there(tmp_path: Path) -> None:
    """A folder, a link that leads nowhere, a pipe: nobody waits at it."""
    (tmp_path / "folder.png").mkdir()
    names = ["folder.png", "gone.png"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        (tmp_path / "link.png").symlink_to("gone.png")
        names += ["pipe.png", "link.png"]
    for name in names:
        with pytest.raises(NotFound, match=f"^media file {name} is not there$"):
            Looks(tmp_path).of(name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to it")
def test_what_may_not_be_read_is_denied(tmp_path: Path) -> None:
    """That stops a check: others may not either."""
    name = put(tmp_path, png("a"))
    (tmp_path / name).chmod(0)
    with pytest.raises(Denied):
        Looks(tmp_path).of(name)


@pytest.mark.usefixtures("settled")
def test_many_threads_may_look_at_once(tmp_path: Path) -> None:
    """Each line is whole."""
    names = [put(tmp_path, png(str(number))) for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(Looks(tmp_path).of, names * 3))
    assert len(seen) == 180
    lines = (tmp_path / "looks.jsonl").read_bytes().splitlines()
    assert sorted({json.loads(line)["name"] for line in lines}) == sorted(names)


@pytest.mark.usefixtures("settled")
def test_many_programs_may_look_at_once(tmp_path: Path, decoded: list[int]) -> None:
    """What each of them wrote is read by the next."""
    names = [put(tmp_path, png(str(number)), f"word {number}") for number in range(20)]
    program = (
        "import sys; from pathlib import Path; from stages.providers import looks;"
        "looks._COARSEST = -10**18; seen = looks.Looks(Path(sys.argv[1]));"
        "[seen.of(name) for name in sys.argv[2:]]"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), *part])
        for part in (names[:12], names[8:])
    ]
    assert [one.wait(60) for one in running] == [0, 0]
    seen = Looks(tmp_path)
    assert all(seen.of(name).kind == "png" for name in names)
    assert decoded == []


@given(st.lists(st.sampled_from(("touch", "change", "mend", "forget", "look")), max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_look_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """Whatever happens to a file and to what was kept of it."""
    folder = tmp_path_factory.mktemp("looks")
    content = png("a")
    name = put(folder, content)
    seen, whole = Looks(folder), True
    for step in (*steps, "look"):
        match step:
            case "touch":
                os.utime(folder / name, (LONG_AGO, LONG_AGO))
            case "change":
                (folder / name).write_bytes(content[:-1] + b"\0")
                whole = False
            case "mend":
                (folder / name).write_bytes(content)
                whole = True
            case "forget":
                (folder / "looks.jsonl").unlink(missing_ok=True)
            case _ if whole:
                assert seen.of(name).width == 64
            case _:
                with pytest.raises(BadAnswer):
                    seen.of(name)
