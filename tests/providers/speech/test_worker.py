"""Engines of speech work in processes of their own, and none takes the program down."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from stages.providers.errors import Unavailable
from stages.providers.speech.sound import VoiceMissing
from stages.providers.speech.worker import Workers, _Process

ENGINE = """
import ctypes, os, sys, time
from stages.providers.speech.sound import VoiceMissing

class Engine:
    def __init__(self, mood="well"):
        if mood == "ill":
            raise VoiceMissing("no throat")
        if mood == "odd":
            raise ValueError("an odd mood")
        if mood == "dead":
            os._exit(3)
        self.said = 0

    def speak(self, text):
        verb, _, rest = text.partition(" ")
        self.said += 1
        match verb:
            case "crash":
                print("the library says goodbye", file=sys.stderr, flush=True)
                ctypes.string_at(0)
            case "exit":
                os._exit(int(rest))
            case "bug":
                raise RuntimeError("a bug of the engine")
            case "sleep":
                time.sleep(float(rest))
            case "refuse":
                raise ValueError(f"no sound for {rest!r}")
            case "miss":
                raise VoiceMissing("the voice went away")
            case "noise":
                print("x" * 1_000_000)
                os.write(1, b"y" * 1_000_000)
                os.write(2, b"z" * 1_000_000)
            case "where":
                return os.getcwd().encode()
            case "who":
                return b"%d %d" % (os.getpid(), self.said)
            case "much":
                return bytes(int(rest))
        return text.encode("utf-8", "surrogatepass")
"""

Made = Callable[..., Workers]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Give workers with the engine above; all their processes are gone in the end."""
    (tmp_path / "toy_engine.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(tmp_path)
    every: list[Workers] = []

    def make(*arguments: object, patience: float = 60) -> Workers:
        every.append(Workers("toy", "toy_engine:Engine", *arguments, patience=patience))
        return every[-1]

    yield make
    pids = [pid(workers) for workers in every]
    every.clear()
    gc.collect()  # an error that was caught holds whoever raised it
    for one in pids:
        assert not is_running(one)


def pid(workers: Workers) -> int:
    """Give the id of the process that speaks next."""
    return int(workers.speak("who").split()[0])


def is_running(process: int) -> bool:
    """Tell whether there is such a process, be it dead and not fetched."""
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


TEXTS = {
    "nothing": "",
    "a word": "casa",
    "all kinds": "niño\n\x00 日本 🏠",
    "half a character": "\ud800",
    "a book": "x" * 3_000_000,
}


@pytest.mark.parametrize("kind", TEXTS)
def test_every_text_goes_there_and_back(made: Made, kind: str) -> None:
    """As it is, however long it is and whatever is in it."""
    workers = made()
    assert workers.speak(TEXTS[kind]) == TEXTS[kind].encode("utf-8", "surrogatepass")
    assert len(workers.speak("much 3000000")) == 3_000_000


def test_one_process_speaks_one_text_after_the_other(made: Made) -> None:
    """It is started once."""
    workers = made()
    told = [workers.speak("who").split() for _ in range(5)]
    assert len({process for process, _ in told}) == 1
    assert [int(number) for _, number in told] == [1, 2, 3, 4, 5]


def test_threads_speak_at_the_same_time(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """In as many processes as there are processors, and no more than four."""
    for processors, most in ((1, 1), (3, 3), (64, 4)):
        monkeypatch.setattr("stages.providers.speech.worker._processors", lambda n=processors: n)
        workers = made()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(workers.speak, ["sleep 0.05"] * 12))
        assert len(workers._idle) == most


def test_each_thread_gets_its_own_answer(made: Made) -> None:
    """None is mixed up with another's, also where some crash."""
    workers = made()

    def told(number: int) -> str:
        try:
            return workers.speak(f"exit {number}" if number % 10 == 0 else f"{number}").decode()
        except Unavailable as error:
            return error.why

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(told, range(40)))
    for number, answer in enumerate(answers):
        assert str(number) in answer
        assert ("exit code" in answer) == (number % 10 == 0)


def test_what_an_engine_refuses_costs_no_process(made: Made) -> None:
    """Its words come through, and it speaks on."""
    workers = made()
    before = pid(workers)
    with pytest.raises(ValueError, match=r"^no sound for 'ñ'$"):
        workers.speak("refuse ñ")
    with pytest.raises(VoiceMissing, match=r"^the voice went away$"):
        workers.speak("miss")
    assert pid(workers) == before


CRASHES = {
    "crash": "was ended by SIGSEGV at 'crash': the library says goodbye",
    "exit 3": "ended with exit code 3 at 'exit 3'",
    "exit 0": "ended with exit code 0 at 'exit 0'",
    "bug": "ended with exit code 1 at 'bug': RuntimeError: a bug of the engine",
}


@pytest.mark.skipif(os.name == "nt", reason="signals have other names")
@pytest.mark.parametrize("text", CRASHES)
def test_a_crash_costs_one_text(made: Made, capfd: pytest.CaptureFixture[str], text: str) -> None:
    """The message says how it ended and what it printed last; nothing reaches the terminal."""
    workers = made()
    before = pid(workers)
    with pytest.raises(Unavailable) as caught:
        workers.speak(text)
    assert caught.value.why == f"the process of toy {CRASHES[text]}"
    assert not caught.value.stops_run
    assert pid(workers) != before
    assert not is_running(before)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_process_that_is_killed_while_it_speaks_costs_one_text(made: Made) -> None:
    """As by a system that is out of memory."""
    workers = made()
    killer = threading.Timer(0.2, os.kill, (pid(workers), signal.SIGKILL))
    killer.start()
    with pytest.raises(Unavailable, match="toy was ended by SIGKILL at 'sleep 30'"):
        workers.speak("sleep 30")
    killer.join()
    assert workers.speak("casa") == b"casa"


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_process_that_dies_while_nobody_speaks_costs_nothing(made: Made) -> None:
    """The next text gets a fresh one."""
    workers = made()
    dead = pid(workers)
    os.kill(dead, signal.SIGKILL)
    while workers._idle[0].alive:
        time.sleep(0.01)
    assert workers.speak("casa") == b"casa"
    assert not is_running(dead)


def test_a_process_that_hangs_is_ended(made: Made) -> None:
    """After a while; the text after it is spoken."""
    workers = made(patience=1)
    start = time.perf_counter()
    with pytest.raises(Unavailable, match="the process of toy took more than 1 s at 'sleep 30'"):
        workers.speak("sleep 30")
    assert time.perf_counter() - start < 5
    assert workers.speak("casa") == b"casa"


def test_whatever_a_library_prints_is_no_answer(
    made: Made, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor does it reach the terminal, and however much it is, nobody waits for it to be read."""
    assert made().speak("noise") == b"noise"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("mood", "error", "why"),
    [
        ("ill", VoiceMissing, "^no throat$"),
        ("odd", ValueError, "^an odd mood$"),
        ("dead", VoiceMissing, "^the process of toy ended with exit code 3 at its start$"),
    ],
)
def test_an_engine_that_cannot_be_made_is_said_at_once(
    made: Made, mood: str, error: type[Exception], why: str
) -> None:
    """Before anything is to be spoken."""
    with pytest.raises(error, match=why):
        made(mood)


def test_an_engine_that_there_is_not_is_missing() -> None:
    """The process says so with its last words."""
    with pytest.raises(VoiceMissing, match="at its start: ModuleNotFoundError: No module named"):
        Workers("toy", "no_such_engine:Engine")


def test_where_no_process_can_be_started_it_is_said(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start the voice is missing; later a text is not spoken."""
    workers = made()
    workers._idle.pop().end()

    def refuse(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", refuse)
        with pytest.raises(Unavailable, match="no process can be started for toy: too many"):
            workers.speak("casa")
        with pytest.raises(VoiceMissing, match="no process can be started for toy: too many"):
            made()
    assert workers.speak("casa") == b"casa"


def test_a_text_that_was_interrupted_has_no_answer_for_the_next(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by Ctrl-C: what was being spoken is thrown away with its process."""
    workers = made()
    before = pid(workers)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("stages.providers.speech.worker._received", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workers.speak("sleep 0")
    assert workers.speak("casa") == b"casa"
    assert not is_running(before)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C goes another way")
def test_ctrl_c_is_left_to_the_program(made: Made) -> None:
    """A terminal sends it to all; the processes go on until the program ends them."""
    workers = made()
    interrupt = threading.Timer(0.1, os.kill, (pid(workers), signal.SIGINT))
    interrupt.start()
    assert workers.speak("sleep 0.4") == b"sleep 0.4"
    interrupt.join()


PROGRAM = """
import time
from stages.providers.speech.worker import Workers
workers = Workers("toy", "toy_engine:Engine")
print(workers.speak("who").split()[0].decode(), flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["", "1 / 0", "time.sleep(60)"])
def test_processes_end_with_the_program(made: Made, tmp_path: Path, end: str) -> None:
    """However it ends, and without a word; a script needs no guard for its main part."""
    made()
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(end=end))
    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        assert program.stderr
        process = int(program.stdout.readline())
        if "sleep" in end:
            program.kill()
        program.wait()
        noise = program.stderr.read()
    assert noise.count("Error") == (1 if end == "1 / 0" else 0), noise
    assert "Warning" not in noise
    patient = time.perf_counter() + 5
    while is_running(process):
        assert time.perf_counter() < patient
        time.sleep(0.01)


FORKING = """
import os
from stages.providers.speech.worker import Workers
workers = Workers("toy", "toy_engine:Engine")
before = workers.speak("who").split()[0]
child = os.fork()
if not child:
    assert workers.speak("who").split()[0] != before
    raise SystemExit
for _ in range(20):
    assert workers.speak("who").split()[0] == before
assert os.waitpid(child, 0)[1] == 0
print("well")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks")
def test_a_forked_program_has_processes_of_its_own(made: Made, tmp_path: Path) -> None:
    """Two that spoke with one process would hear each other's answers."""
    made()
    script = tmp_path / "program.py"
    script.write_text(FORKING)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("well\n", "")


def test_what_lies_in_the_working_directory_is_not_run(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file there that is named like a library is no library."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "json.py").write_text("raise SystemExit('a trap')")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    assert made().speak("where") == str(folder).encode()


def test_an_idle_process_that_does_not_end_is_ended(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it for long."""
    workers = made()
    stubborn = pid(workers)
    process = workers._idle.pop()
    with monkeypatch.context() as patch:
        patch.setattr("stages.providers.speech.worker._FAREWELL", 0.05)
        patch.setattr(_Process, "close", lambda _: None)
        process.end()
    assert not is_running(stubborn)
    process.close()
