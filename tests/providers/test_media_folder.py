"""The folder in which pictures and sounds are kept, with a record of where each is from."""

import copy
import json
import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import Context, FrozenMap, generate_images, pipe, validate_media
from stages.core.problem import ProviderError
from stages.providers.errors import Denied, NotFound
from stages.providers.media_folder import MediaFolder
from stages.records.media import PICTURES, SOUNDS, Credit, MediaFile, Recording, is_media_name
from stages.records.provenance import Provenance
from stages.testing import MemoryImages, texts, values_of
from tests.making import card, last
from tests.providers.sources import png, wav

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


def kept(folder: MediaFolder, of: str = "casa_home", text: str = "", **more: Any) -> Provenance:
    """Keep a picture and note where it is from."""
    content = png(text or of)
    made = Provenance(
        kind="picture",
        language="es",
        of=of,
        file=MediaFile(name=folder.keep(of, content), size=len(content), provider="draw"),
        request=FrozenMap({"prompt": of}),
        fingerprint="f",
        made_at="2026-03-01T12:00:00+00:00",
    )
    made = attrs.evolve(made, **more)
    folder.note(made)
    return made


def latest(folder: MediaFolder) -> list[Provenance]:
    """Give what pictures there are by the lines, in their order."""
    return list(folder.latest("picture").values())


def test_what_was_noted_is_known_ever_after(tmp_path: Path) -> None:
    """Also to another run: the lines lie beside the files."""
    made = kept(MediaFolder(tmp_path))
    again = MediaFolder(tmp_path)
    assert again.latest("picture") == {("es", "casa_home"): made}
    assert again.latest("sound") == {}
    assert again.every("picture", "es", "casa_home") == (made,)
    assert again.read(made.file.name) == png("casa_home")
    assert again.gone() == set()


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """And is not made by looking into it."""
    folder = MediaFolder(tmp_path / "media")
    assert folder.latest("picture") == {}
    assert folder.gone() == set()
    folder.demand_usable()
    folder.note()
    assert list(tmp_path.iterdir()) == []


@given(values_of(Provenance))
def test_all_that_is_known_of_a_file_is_kept(
    tmp_path_factory: pytest.TempPathFactory, made: Provenance
) -> None:
    """Every field, whatever it says; a line that says the usual does not say it."""
    if not all(
        is_media_name(name, PICTURES if made.kind == "picture" else SOUNDS)
        for name in made.file.names
    ):
        made = attrs.evolve(made, kind="picture", file=attrs.evolve(made.file, name=PNG, others=()))
    path = tmp_path_factory.mktemp("media")
    MediaFolder(path).note(made)
    assert MediaFolder(path).every(made.kind, made.language, made.of) == (made,)


PNG = "casa-0123456789abcdef.png"


def test_the_last_line_counts(tmp_path: Path) -> None:
    """But for spares, which are candidates only."""
    folder = MediaFolder(tmp_path)
    first, second = kept(folder, text="one"), kept(folder, text="two")
    spare = kept(folder, text="three", role="spare")
    for one in (folder, MediaFolder(tmp_path)):
        assert latest(one) == [second]
        assert one.every("picture", "es", "casa_home") == (first, second, spare)


def test_equal_bytes_are_one_file(tmp_path: Path) -> None:
    """Whoever has them."""
    folder = MediaFolder(tmp_path)
    assert folder.keep("x", png("a")) == folder.keep("x", png("a"))
    assert len(list(tmp_path.glob("*.png"))) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"RIFF1234AVI "])
def test_what_is_no_media_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    """A service's error page is no picture."""
    with pytest.raises(ValueError, match="neither a picture nor a sound"):
        MediaFolder(tmp_path).keep("x", content)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    """If something has it by its line; what is aside is gone, and what nobody has is not."""
    folder = MediaFolder(tmp_path)
    old, new = kept(folder, text="one"), kept(folder, text="two")
    assert folder.gone() == set()
    (tmp_path / old.file.name).unlink()
    assert folder.gone() == set()
    (tmp_path / new.file.name).unlink()
    assert folder.gone() == {new.file.name}
    assert not folder.has(new.file)


LINE: dict[str, Any] = {
    "kind": "picture",
    "language": "es",
    "of": "x",
    "file": {"name": PNG, "size": 3, "provider": "p"},
    "request": {"a": "b"},
    "fingerprint": "f",
    "made_at": "2026",
}


def test_a_folder_that_rested_is_not_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until something in it comes or goes, or another line is written."""
    folder = MediaFolder(tmp_path)
    one, other = kept(folder, "a").file.name, kept(folder, "b").file.name
    os.utime(tmp_path, ns=(0, 0))
    listed: list[object] = []
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: [*listdir(path), *map(listed.append, [path])])
    assert [folder.gone() for _ in range(3)] == [frozenset()] * 3
    assert len(listed) == 1
    (tmp_path / one).unlink()
    assert folder.gone() == {one}
    os.utime(tmp_path, ns=(0, 0))
    (tmp_path / other).unlink()
    assert folder.gone() == {one, other}


CHANGES: list[dict[str, Any]] = [
    {"kind": "film"},
    {"role": "king"},
    {"of": 3},
    {"take": "1"},
    {"take": 1.5},
    {"take": True},
    {"cost": 0.5},
    {"cost": "dear"},
    {"request": {"a": 1}},
    {"request": []},
    {"passed": "abc"},
    {"file": None},
    {"unknown": 1},
]
FILES: list[dict[str, Any]] = [
    {"name": "../x-0123456789abcdef.png"},
    {"name": "/etc/x-0123456789abcdef.png"},
    {"name": "made.jsonl"},
    {"name": "backup"},
    {"name": "x-0123456789abcdef.mp3"},
    {"name": 3},
    {"size": "3"},
    {"stand_in": "no"},
    {"others": [{"name": "../y-0123456789abcdef.png", "size": 1}]},
    {"others": [PNG]},
]
WRONG = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"casa"',
    b"\xff\xfe",
    b"[" * 100_000,
    *(json.dumps({**LINE, **change}).encode() for change in CHANGES),
    *(json.dumps({**LINE, "file": {**LINE["file"], **file}}).encode() for file in FILES),
]


@pytest.mark.parametrize("line", WRONG, ids=range(len(WRONG)))
def test_a_broken_line_loses_itself_alone(tmp_path: Path, line: bytes) -> None:
    """What is no line of ours, by type or by name, is as if it were not there."""
    folder = MediaFolder(tmp_path)
    one = kept(folder, "a")
    with (tmp_path / "made.jsonl").open("ab") as log:
        log.write(line + b"\n")
    other = kept(folder, "b")
    for each in (folder, MediaFolder(tmp_path)):
        assert latest(each) == [one, other]


@given(st.data())
def test_any_damage_loses_only_the_lines_that_it_hits(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """All others are read, also what is noted after it."""
    path = tmp_path_factory.mktemp("media")
    folder = MediaFolder(path)
    made = {of: kept(folder, of) for of in "abc"}
    log = path / "made.jsonl"
    lines = dict(zip("abc", log.read_bytes().splitlines(keepends=True), strict=True))
    hit = data.draw(st.sampled_from("ab"))
    lines[hit] = data.draw(st.binary(max_size=30)) + b"\n"
    lines["c"] = lines["c"][: data.draw(st.integers(0, len(lines["c"]) - 2))]
    log.write_bytes(b"".join(lines.values()))
    made["d"] = kept(folder, "d")
    for each in (folder, MediaFolder(path)):
        assert latest(each) == [one for of, one in made.items() if of not in {hit, "c"}]


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """By whoever looked in the middle of it."""
    made = kept(MediaFolder(tmp_path))
    log = tmp_path / "made.jsonl"
    line = log.read_bytes()
    for cut in range(0, len(line) + 1, 7):
        folder = MediaFolder(tmp_path)
        log.write_bytes(b"")
        for part in (line[:cut], line[cut:]):
            with log.open("ab") as file:
                file.write(part)
            folder.latest("picture")
        assert latest(folder) == [made]
        assert folder.every("picture", "es", "casa_home") == (made,)


def test_a_last_line_without_an_end_counts(tmp_path: Path) -> None:
    """Editors leave it out; what comes next begins a line of its own."""
    folder = MediaFolder(tmp_path)
    one = kept(folder, "a")
    log = tmp_path / "made.jsonl"
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    assert latest(MediaFolder(tmp_path)) == [one]
    other = kept(folder, "b")
    assert latest(folder) == latest(MediaFolder(tmp_path)) == [one, other]


def edited(log: Path, text: str) -> None:
    """Write a new file in place of the old one, as editors do."""
    new = log.with_suffix(".new")
    new.write_text(text)
    new.replace(log)


def overwritten(log: Path, text: str) -> None:
    """Write into the file itself."""
    log.write_text(text)
    os.utime(log, ns=(0, 0))


@pytest.mark.parametrize("change", [edited, overwritten])
@pytest.mark.parametrize("more", [0, 1, 2])
def test_lines_that_somebody_changed_are_read_anew(
    tmp_path: Path, change: Callable[[Path, str], None], more: int
) -> None:
    """Fewer, as many, or more than there were."""
    folder = MediaFolder(tmp_path)
    one, two = kept(folder, "a"), kept(folder, "b")
    assert latest(folder) == [one, two]
    log = tmp_path / "made.jsonl"
    first, second = log.read_text().splitlines(keepends=True)
    if more == 2 and change is overwritten:
        return  # nobody can tell it from a file that only grew
    change(log, (second, second + first.replace("draw", "drew"), second + first + first)[more])
    assert latest(folder) == latest(MediaFolder(tmp_path))
    assert folder.gone() == set()


def test_lines_that_were_removed_are_forgotten(tmp_path: Path) -> None:
    """With the folder, too."""
    folder = MediaFolder(tmp_path)
    made = kept(folder)
    (tmp_path / "made.jsonl").unlink()
    assert latest(folder) == []
    assert folder.every("picture", "es", "casa_home") == ()
    folder.note(made)
    assert latest(folder) == [made]


def test_what_is_put_aside_lies_in_a_dated_backup(tmp_path: Path) -> None:
    """With its further recordings; unless something has it."""
    folder = MediaFolder(tmp_path)
    two = folder.keep("x", wav("two"))
    one = MediaFile(
        name=folder.keep("x", wav("one")),
        size=1,
        provider="p",
        others=(Recording(name=two, size=1),),
    )
    folder.note(attrs.evolve(kept(folder), kind="sound", file=attrs.evolve(one, others=())))
    folder.put_aside(one, MARCH)
    assert (tmp_path / "backup" / "2026-03-01" / two).read_bytes() == wav("two")
    assert (tmp_path / one.name).is_file()
    assert folder.has(one)
    assert not folder.has(one, aside=False)
    folder.put_aside(one, MARCH)


def test_what_is_noted_is_fetched_back(tmp_path: Path) -> None:
    """Out of the newest backup that has it, which keeps it too."""
    folder = MediaFolder(tmp_path)
    old = kept(folder, text="one")
    kept(folder, text="two")
    folder.put_aside(old.file, MARCH)
    assert not (tmp_path / old.file.name).exists()
    folder.note(attrs.evolve(old, role="chosen"))
    assert folder.read(old.file.name) == png("one")
    assert (tmp_path / "backup" / "2026-03-01" / old.file.name).is_file()
    assert folder.gone() == set()


def test_a_file_that_is_nowhere_does_not_stop_its_line(tmp_path: Path) -> None:
    """Somebody deleted it in the meantime; it is gone then."""
    folder = MediaFolder(tmp_path)
    made = kept(folder)
    (tmp_path / made.file.name).unlink()
    folder.note(made)
    assert folder.gone() == {made.file.name}


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(NotFound, match=r"media file x\.gif is not there"):
        MediaFolder(tmp_path).read("x.gif")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "backup/x.png", "/etc/passwd", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """A name from outside is no path."""
    (tmp_path.parent / "x").write_text("outside")
    with pytest.raises((NotFound, Denied)):
        MediaFolder(tmp_path).read(name)


@given(st.text())
def test_any_name_is_answered(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A file is read or refused; nothing else is raised."""
    folder = MediaFolder(tmp_path_factory.getbasetemp())
    with pytest.raises(ProviderError):
        folder.read(name)


@given(texts())
def test_any_stem_is_kept(tmp_path_factory: pytest.TempPathFactory, stem: str) -> None:
    """Under a name that is ours."""
    folder = MediaFolder(tmp_path_factory.getbasetemp() / "stems")
    name = folder.keep(stem, png("x"))
    assert is_media_name(name)
    assert folder.read(name) == png("x")


def test_a_folder_travels(tmp_path: Path) -> None:
    """To other processes, and as a copy; what it knows it reads there."""
    folder = MediaFolder(tmp_path)
    made = kept(folder)
    for other in (pickle.loads(pickle.dumps(folder)), copy.deepcopy(folder)):
        assert latest(other) == [made]


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    """Of two folders that are one; each sees what the other noted."""
    one, other = MediaFolder(tmp_path), MediaFolder(tmp_path)

    def work(number: int) -> Provenance:
        return kept((one, other)[number % 2], f"m{number}")

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(work, range(60)))
    for folder in (one, other, MediaFolder(tmp_path)):
        assert set(latest(folder)) == made
        assert folder.gone() == set()


def test_many_processes_lose_nothing(tmp_path: Path) -> None:
    """Their lines do not mix."""
    code = """
        import sys
        from pathlib import Path
        from stages.providers.media_folder import MediaFolder
        from tests.providers.test_media_folder import kept
        folder = MediaFolder(sys.argv[1])
        for number in range(20):
            kept(folder, f"{sys.argv[2]}-{number}" + "x" * 5000)
    """
    running = [started(code, str(tmp_path), str(number)) for number in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len(latest(MediaFolder(tmp_path))) == 60
    assert MediaFolder(tmp_path).gone() == set()


def started(code: str, *args: str, **more: Any) -> "subprocess.Popen[str]":
    """Begin a process."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *args],
        cwd=Path(__file__).parents[2],
        text=True,
        **more,
    )


def test_what_one_takes_over_is_not_put_aside_by_another(tmp_path: Path) -> None:
    """Two cards whose pictures are one file change places, again and again, in two threads."""
    one, other = MediaFolder(tmp_path), MediaFolder(tmp_path)

    def work(folder: MediaFolder, of: str, turn: int) -> None:
        old = folder.latest("picture").get(("es", of))
        kept(folder, of, text=f"{turn % 2}")
        if old:
            folder.put_aside(old.file, MARCH)

    with ThreadPoolExecutor(2) as pool:
        for turn in range(40):
            futures = [
                pool.submit(work, folder, of, turn + (of == "b"))
                for folder, of in ((one, "a"), (other, "b"))
            ]
            for future in futures:
                future.result()
            assert one.gone() == set()


def test_what_many_put_aside_at_once_is_put_aside(tmp_path: Path) -> None:
    """Nobody minds that another was quicker."""
    folder = MediaFolder(tmp_path)
    olds = [kept(folder, text=f"{number}").file for number in range(30)]
    kept(folder, text="new")
    with ThreadPoolExecutor(8) as pool:
        for old in olds:
            for future in [pool.submit(folder.put_aside, old, MARCH) for _ in range(4)]:
                future.result()
    assert not any((tmp_path / old.name).exists() for old in olds)
    assert all(folder.has(old) for old in olds)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
@pytest.mark.parametrize("size", [10, 100, 700])
def test_a_full_disk_stops_the_run_and_leaves_nothing_half(tmp_path: Path, size: int) -> None:
    """Be it full in the middle of a line or of a file; what was there is there still."""
    folder = MediaFolder(tmp_path)
    made = kept(folder)
    code = """
        import resource, sys
        from stages.providers.errors import Denied
        from stages.providers.media_folder import MediaFolder
        from tests.providers.test_media_folder import kept
        folder = MediaFolder(sys.argv[1])
        name = folder.keep("x", b"GIF89a")
        size = (folder.path / "made.jsonl").stat().st_size + int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        for act in (
            lambda: folder.keep("y", b"GIF89a" + bytes(100_000)),
            lambda: kept(folder, "y" * 1000),
            lambda: folder.note(*folder.latest("picture").values(), *folder.latest("picture").values()),
        ):
            try:
                act()
            except Denied as error:
                print(error.why, "|", error.hint)
    """
    done = started(code, str(tmp_path), str(size), stdout=subprocess.PIPE)
    said, _ = done.communicate()
    assert len(said.splitlines()) >= 2, said
    assert "free some space" in said
    assert latest(MediaFolder(tmp_path)) == [made]
    names = sorted(path.name for path in tmp_path.iterdir() if path.suffix in {".png", ".gif"})
    assert all(MediaFolder(tmp_path).read(name) for name in names)
    assert not list(tmp_path.glob("*.part"))
    other = kept(folder, "b")
    assert set(latest(MediaFolder(tmp_path))) == {made, other}


def test_a_folder_that_is_a_file_is_denied(tmp_path: Path) -> None:
    """Before anybody is paid, and whatever is done with it."""
    (tmp_path / "x").write_bytes(b"")
    for path in (tmp_path / "x", tmp_path / "x" / "y"):
        folder = MediaFolder(path)
        with pytest.raises(Denied):
            folder.demand_usable()
        with pytest.raises(Denied):
            folder.keep("x", png("x"))
        with pytest.raises(Denied):
            folder.note(kept(MediaFolder(tmp_path / "other")))
    with pytest.raises(Denied):
        MediaFolder("a\0b").keep("x", png("x"))


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="needs another user")
def test_a_folder_that_may_not_be_written_is_denied(tmp_path: Path) -> None:
    """What lies in it can be read all the same."""
    media = tmp_path / "media"
    made = kept(MediaFolder(media))
    for folder in (media, *media.parents[:-2]):
        folder.chmod(0o755)
    for file in media.iterdir():
        file.chmod(0o644)
    code = """
        import os, sys
        from filelock import FileLock
        from stages.providers.errors import Denied
        from stages.providers.media_folder import MediaFolder
        from tests.providers.test_media_folder import kept, latest, png
        os.setuid(65534)
        folder = MediaFolder(sys.argv[1])
        (made,) = latest(folder)
        assert folder.read(made.file.name)
        for act in (folder.demand_usable, lambda: folder.keep("x", png("x")), lambda: folder.note(made)):
            try:
                act()
            except Denied as error:
                print(error.why)
    """
    done = started(code, str(media), stdout=subprocess.PIPE)
    said, _ = done.communicate()
    assert len(said.splitlines()) == 3, said
    assert latest(MediaFolder(media)) == [made]


def test_credit_and_cost_stand_in_the_line(tmp_path: Path) -> None:
    """A person can read them, in any language."""
    credit = Credit(author="Ana Ñúñez", licence="CC BY 4.0", source="https://example.org")
    folder = MediaFolder(tmp_path)
    file = attrs.evolve(kept(folder).file, credit=credit)
    kept(folder, file=file, cost=Decimal("0.040"))
    line = (tmp_path / "made.jsonl").read_text("utf-8").splitlines()[1]
    assert '"cost": "0.040"' in line
    assert '"author": "Ana Ñúñez"' in line


def test_the_stages_check_what_it_holds(tmp_path: Path) -> None:
    """What was damaged after it was made is found by `validate_media`."""
    folder = MediaFolder(tmp_path)
    images = MemoryImages()
    images.signature = png("")
    made = generate_images(image_provider=images)(Context.of(cards=[card()]))
    (name,) = images.media.files
    (tmp_path / name).write_bytes(images.media.files[name])
    assert [p.code for p in last(pipe(made, validate_media(media_provider=folder))).problems] == [
        "no-sound"
    ]
    (tmp_path / name).write_bytes(b"GIF89a")
    assert "bad-answer" in [
        problem.code for problem in last(pipe(made, validate_media(media_provider=folder))).problems
    ]


def test_what_its_lines_name_is_not_unused(tmp_path: Path) -> None:
    """Shown, spare, chosen or shown once: all of it may be wanted again; the rest is told by size."""
    folder = MediaFolder(tmp_path)
    assert folder.unused() == {}
    for number, role in enumerate(("shown", "spare", "chosen", "unwanted", "shown")):
        kept(folder, f"line{number}", role=role)
    (tmp_path / "stray.PNG").write_bytes(b"123")
    (tmp_path / "stray.mp3").write_bytes(b"1234")
    (tmp_path / "backup" / "2026-01-01").mkdir(parents=True)
    (tmp_path / "folder.png").mkdir()
    others = ("looks.jsonl", "made.lock", ".made.0a1b2c3d.12.part", ".hidden.png", "notes.txt")
    for name in (*others, "backup/2026-01-01/old.png"):
        (tmp_path / name).write_bytes(b"1")
    assert folder.unused() == {"stray.PNG": 3, "stray.mp3": 4}


def test_it_says_what_is_shown_and_spoken(tmp_path: Path) -> None:
    """By the last lines: each file once, with the texts of all that play it."""
    folder = MediaFolder(tmp_path)
    second = attrs.evolve(kept(folder, "second").file, provider="test")
    by_line = {use.file.name: use for use in folder.uses()}
    assert by_line[second.name].texts == ()
    spoken = attrs.evolve(second, name=folder.keep("casa", wav("casa")))
    for of in ("casa", "Casa"):
        kept(folder, of, kind="sound", file=spoken)
    (use,) = (use for use in folder.uses() if use.file.name == spoken.name)
    assert use.texts == ("casa", "Casa")
