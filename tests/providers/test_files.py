"""Files on disk, written whole or not at all."""

import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Denied, NotFound, Rejected, Unavailable
from stages.providers.files import Files, replacing, write_whole
from stages.providers.protocols import FileProvider
from stages.testing import MemoryFiles


def names(folder: Path) -> list[str]:
    """Give the names of all that lies in a folder."""
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture(params=["on disk", "in memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileProvider:
    """Give the real adapter and the one of the kit: both keep the same promises."""
    return Files(tmp_path) if request.param == "on disk" else MemoryFiles()


@pytest.mark.parametrize(
    "text", ["", "casa\n", "a\r\nb\rc\n", "niño 家 👩‍👩‍👧 \u202e\x00", "x" * 1_000_000]
)
def test_what_is_written_is_read(files: FileProvider, text: str) -> None:
    """Every character, line ends too."""
    assert not files.exists("a/b.json")
    files.write("a/b.json", text)
    assert files.exists("a/b.json")
    assert files.read("a/b.json") == text


def test_what_is_not_there_is_not_found(files: FileProvider) -> None:
    """The message names the file as it was asked for."""
    with pytest.raises(NotFound, match=r"a/b\.json is not there"):
        files.read("a/b.json")


@given(first=st.text(), second=st.text())
def test_the_last_text_written_counts(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str
) -> None:
    """Whatever stood there before."""
    folder = tmp_path_factory.mktemp("files")
    files = Files(folder)
    files.write("x", first)
    files.write("x", second)
    assert files.read("x") == second
    assert names(folder) == ["x"]


def test_the_same_text_touches_nothing(tmp_path: Path) -> None:
    """Not even the time of the last change; another text does."""
    files = Files(tmp_path)
    files.write("x", "casa")
    os.utime(tmp_path / "x", ns=(1, 1))
    files.write("x", "casa")
    assert (tmp_path / "x").stat().st_mtime_ns == 1
    files.write("x", "perro")
    assert (tmp_path / "x").stat().st_mtime_ns > 1


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfcasa")
    assert Files(tmp_path).read("x") == "casa"


def test_bytes_that_are_no_text_are_a_bad_answer(tmp_path: Path) -> None:
    """The message says which byte, where, and the hint what to do."""
    (tmp_path / "x").write_bytes(b"ni\xf1o")
    with pytest.raises(BadAnswer) as caught:
        Files(tmp_path).read("x")
    assert caught.value.why == "x is no UTF-8 text: byte 2 is 0xf1"
    assert caught.value.hint == "save it as UTF-8"


def test_half_a_character_cannot_be_written(tmp_path: Path) -> None:
    """JSON may smuggle one in; nothing is written then."""
    with pytest.raises(Rejected, match="half a character"):
        Files(tmp_path).write("x", "a\ud83d")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("folder", id="a folder"),
        pytest.param("", id="no name"),
        pytest.param("file/x", id="a file taken for a folder"),
        pytest.param("a\0b", id="a NUL"),
        pytest.param("x" * 300, id="too long a name"),
        pytest.param("loop", id="a link to itself"),
    ],
)
def test_a_path_that_cannot_be_used_is_refused(tmp_path: Path, path: str) -> None:
    """Reading and writing say so in one line, and leave nothing behind."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    before = names(tmp_path)
    files = Files(tmp_path)
    with pytest.raises(ProviderError) as caught:
        files.read(path)
    assert "\n" not in str(caught.value)
    if path != "loop":
        with pytest.raises(Denied):
            files.write(path, "text")
    assert names(tmp_path) == before
    assert names(tmp_path / "folder") == []


@pytest.mark.parametrize("name", ["niño.json", "家" * 80, "é" * 120, ".hidden", "[a]*?.json", "x."])
def test_any_name_that_the_disk_takes_is_taken(tmp_path: Path, name: str) -> None:
    """Long ones and odd ones, and writing leaves nothing else behind."""
    files = Files(tmp_path)
    files.write(name, "one")
    files.write(name, "two")
    assert files.read(name) == "two"
    assert names(tmp_path) == [name]


def test_a_device_is_never_replaced() -> None:
    """Whoever may write to /dev must not lose it."""
    before = Path("/dev/null").stat().st_mode
    with pytest.raises(Denied, match="is no file"):
        Files().write("/dev/null", "text")
    assert Path("/dev/null").stat().st_mode == before
    assert stat.S_ISCHR(before)


@pytest.mark.parametrize("there", [True, False], ids=["that is there", "that is not there yet"])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:  # noqa: FBT001
    """Who links a file into another folder finds the new text there, and the link still a link."""
    (tmp_path / "synced").mkdir()
    (tmp_path / "here").mkdir()
    real, link = tmp_path / "synced" / "x", tmp_path / "here" / "x"
    if there:
        real.write_text("old")
    link.symlink_to("../synced/x")
    Files(tmp_path).write("here/x", "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert names(tmp_path / "here") == names(tmp_path / "synced") == ["x"]


def test_permissions_stay_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    """A temporary file is private; what takes its name is not."""
    files = Files(tmp_path)
    files.write("new", "x")
    (tmp_path / "usual").touch()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode
    (tmp_path / "new").chmod(0o640)
    files.write("new", "y")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_an_error_in_between_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """Whatever is raised while writing passes through."""
    target = tmp_path / "x"
    write_whole(target, b"old")

    def interrupted() -> None:
        with replacing(target) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


def run(code: str, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *args],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """`Unavailable`: half a file is never seen, and no temporary one stays."""
    Files(tmp_path).write("x", "old")
    done = run(
        """
        import resource, sys
        from stages.providers.errors import Unavailable
        from stages.providers.files import Files
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            Files(sys.argv[1]).write("x", "new" * 100_000)
        except Unavailable as error:
            print(error)
        """,
        str(tmp_path),
    )
    assert "File too large" in done.stdout, done.stderr
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["x"]


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="needs another user")
def test_what_may_not_be_read_or_written_is_denied(tmp_path: Path) -> None:
    """For a user who is not the one that owns the file."""
    (tmp_path / "x").write_text("secret")
    (tmp_path / "x").chmod(0o600)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    done = run(
        """
        import glob, os, sys
        from stages.providers.errors import Denied
        from stages.providers.files import Files
        os.setuid(65534)
        files = Files(sys.argv[1])
        for act in (lambda: files.read("x"), lambda: files.write("x", "y"),
                    lambda: files.write("new", "y")):
            try:
                act()
            except Denied as error:
                print(error.why)
        """,
        str(tmp_path),
    )
    assert done.stdout.count("permission denied") == 3, done
    assert names(tmp_path) == ["x"]


WRITER = """
import sys
from stages.providers.files import Files
files = Files(sys.argv[1])
print("ready", flush=True)
while True:
    for letter in "ab":
        files.write("x", letter * 3_000_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_at_any_moment_a_whole_file_is_there(tmp_path: Path) -> None:
    """A reader sees one text or the other, and the next write sweeps what was left."""
    moments = random.Random(20)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        ) as writer:  # fmt: skip
            assert writer.stdout
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, 0.05))
            writer.send_signal(signal.SIGKILL)
        if (tmp_path / "x").exists():
            text = Files(tmp_path).read("x")
            assert text in ("a" * 3_000_000, "b" * 3_000_000)
    Files(tmp_path).write("x", "end")
    assert names(tmp_path) == ["x"]


def test_the_parts_of_others_that_live_are_left_alone(tmp_path: Path) -> None:
    """Only what nobody will finish is swept, and only what bears a name as we give it."""
    gone = [".x.0123abcd.999999999.part", ".another.json.0123abcd.999999999.part"]
    alive = f".x.0123abcd.{os.getppid()}.part"
    foreign = [
        ".x.mine.part",
        ".x.abc.999999999.part",
        ".x.0123ABCD.999999999.part",
        ".x.0123abcd.99999999999999999999.part",
        ".0123abcd.999999999.part",
        "x.0123abcd.999999999.part",
        f".{'x' * 41}.0123abcd.999999999.part",
    ]
    for one in (*gone, alive, *foreign):
        (tmp_path / one).touch()
    Files(tmp_path).write("x", "text")
    assert names(tmp_path) == sorted([alive, *foreign, "x"])


def test_a_folder_is_swept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking through a large folder for each of its files would take longer than writing them."""
    looked = []
    list_folder = os.scandir

    def counted(path: str) -> object:
        looked.append(path)
        return list_folder(path)

    monkeypatch.setattr("os.scandir", counted)
    files = Files(tmp_path)
    for number in range(10):
        files.write(f"{number}", "text")
        files.write(f"below/{number}", "text")
    assert len(looked) == 2


def test_unavailable_is_for_later_and_denied_for_now() -> None:
    """A stage that goes on after one file would only fail alike."""
    assert Denied.stops_run
    assert not Unavailable.stops_run
