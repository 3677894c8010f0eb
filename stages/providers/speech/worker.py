"""
Engines of speech in processes of their own, so that none can take the program down.

Run as a module, this is such a process: it makes an engine, then speaks one text after another. It
ends when its input does, which is when the program has ended, in whatever way.
"""

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from threading import BoundedSemaphore, Timer
from typing import IO, Any, cast
from weakref import WeakSet, finalize

from stages.providers.errors import Unavailable
from stages.providers.speech.sound import VoiceMissing
from stages.providers.vendor import line_of


class Workers:
    """
    Processes that speak with one engine; a text goes to one that has nothing to do.

    One that dies or hangs costs the text it was given, and the next text gets a fresh one. Threads
    may speak at the same time: as many as there are processors, up to four.
    """

    def __init__(self, name: str, engine: str, *arguments: Any, patience: float = 60) -> None:
        """
        Start a process, and wait until its engine is made.

        Args:
            name: What messages call the engine.
            engine: Where it is, as "module:Class"; its `speak` gives the sound of a text.
            arguments: What it is made with; JSON has to know them.
            patience: The seconds after which a process that does not answer is ended.

        Raises:
            ValueError: The engine does not take the arguments.
            VoiceMissing: Something that the engine needs is missing, or it ends its process.
        """
        self._name = name
        self._engine = json.dumps([engine, *arguments])
        self._patience = patience
        self._idle: list[_Process] = []
        self._begin()
        finalize(self, _end, self._idle)
        _EVERY.add(self)
        try:
            self._idle.append(self._started())
        except Unavailable as error:
            raise VoiceMissing(error.why) from None

    def speak(self, text: str) -> bytes:
        """
        Give the sound of a text.

        Raises:
            ValueError: The engine cannot speak this text.
            VoiceMissing: The engine cannot speak at all.
            Unavailable: The process died or hung; the message says how.
        """
        with self._turns:
            process = self._rested() or self._started()
            try:
                return process.ask(text)
            finally:
                if process.listens:
                    self._idle.append(process)
                else:  # also after Ctrl-C: half an answer may be on its way
                    process.end()

    def forget(self) -> None:
        """Leave the processes to another program, from which this one was forked."""
        for process in self._idle:
            process.forget()
        self._idle.clear()
        self._begin()

    def _begin(self) -> None:
        self._turns = BoundedSemaphore(min(_processors(), _MOST))

    def _rested(self) -> "_Process | None":
        """Give a process that has nothing to do, and did not die of it."""
        with suppress(IndexError):
            while not (process := self._idle.pop()).alive:
                process.end()
            return process
        return None

    def _started(self) -> "_Process":
        process = _Process(self._name, self._patience)
        try:
            process.ask(self._engine, "at its start")
        except BaseException:
            process.end()
            raise
        return process


class _Process:
    """A process that speaks, seen from the program."""

    def __init__(self, name: str, patience: float) -> None:
        self.listens = True
        self._name = name
        self._patience = patience
        self._hung = False
        # A file and no pipe: nobody has to read it for the process to go on.
        self._noise: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            # -P: what lies in the working directory is not imported by chance.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "stages.providers.speech.worker"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._noise,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._noise.close()
            raise Unavailable(f"no process can be started for {name}: {error}") from None
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    @property
    def alive(self) -> bool:
        """Tell whether it can be asked."""
        return self._process.poll() is None

    def ask(self, text: str, when: str = "") -> bytes:
        """Send a text and wait for its sound; where it dies, it is told when."""
        self.listens = False
        impatience = Timer(self._patience, self._give_up)
        impatience.daemon = True
        impatience.start()
        try:
            _send(self._requests, _SAY, text.encode("utf-8", "surrogatepass"))
            answer = _received(self._answers)
        except OSError:  # nobody reads any more
            answer = None
        finally:
            impatience.cancel()
        if answer is None:
            raise self._death(when or f"at {text!r:.80}")
        self.listens = True
        kind, content = answer
        if kind == _SPOKEN:
            return content
        why = content.decode("utf-8", "surrogatepass")
        raise (ValueError if kind == _UNSPEAKABLE else VoiceMissing)(why)

    def end(self) -> None:
        """Let it end: at once where it has nothing to do, else by force."""
        self.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL if self.listens else 0)
        self._process.kill()
        self._process.wait()
        self._noise.close()

    def close(self) -> None:
        """Say that nothing more will be asked."""
        self._requests.close()
        self._answers.close()

    def forget(self) -> None:
        """Let go of it without ending it."""
        self.close()
        self._noise.close()
        self._process.returncode = 0  # it is no child of this program, which need not wait for it

    def _give_up(self) -> None:
        self._hung = True
        self._process.kill()

    def _death(self, when: str) -> Unavailable:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL)
        self._process.kill()
        how = f"took more than {self._patience:g} s" if self._hung else _told(self._process.wait())
        end = self._noise.seek(0, os.SEEK_END)
        self._noise.seek(max(0, end - _NOISE))
        lines = self._noise.read().decode("utf-8", "replace").split("\n")
        noise = next((said for line in reversed(lines) if (said := line_of(line))), "")
        return Unavailable(
            f"the process of {self._name} {how} {when}" + (noise and f": {noise}"),
            "try it again: a fresh one takes its place",
        )


def main() -> None:
    """Make the engine that the first request names, and speak all others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program decides what becomes of Ctrl-C
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is noise, and no answer
    speak = None
    while request := _received(sys.stdin.buffer):
        text = request[1].decode("utf-8", "surrogatepass")
        kind, sound = _SPOKEN, b""
        try:
            if speak:
                sound = speak(text)
            else:
                engine, *arguments = json.loads(text)
                module, _, name = engine.partition(":")
                speak = getattr(import_module(module), name)(*arguments).speak
        except (ValueError, VoiceMissing) as error:
            kind = _UNSPEAKABLE if isinstance(error, ValueError) else _MISSING
            sound = str(error).encode("utf-8", "surrogatepass")
        _send(answers, kind, sound)


def _send(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    message = memoryview(_HEADER.pack(kind, len(content)) + content)
    while message:
        message = message[pipe.write(message) :]
    pipe.flush()


def _received(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Give kind and content of what comes next; None where nothing does any more."""
    header = _read(pipe, _HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    content = _read(pipe, length)
    return (kind, content) if len(content) == length else None


def _read(pipe: IO[bytes], length: int) -> bytes:
    content = b""
    while len(content) < length and (more := pipe.read(length - len(content))):
        content += more
    return content


def _told(code: int) -> str:
    """
    Say how a process ended.

    >>> _told(-11), _told(1), _told(0xC0000005)
    ('was ended by SIGSEGV', 'ended with exit code 1', 'ended with exit code 0xc0000005')
    """
    if code >= 0:
        return f"ended with exit code {code if code < _WINDOWS else hex(code)}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end(processes: "list[_Process]") -> None:
    """End those that have nothing to do, all at a time."""
    for process in processes:
        process.close()
    while processes:
        processes.pop().end()


def _forget() -> None:
    for workers in _EVERY:
        workers.forget()


_EVERY: WeakSet[Workers] = WeakSet()
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget)

_HEADER = struct.Struct("!cI")
_SAY, _SPOKEN, _UNSPEAKABLE, _MISSING = b">", b".", b"?", b"!"

_MOST = 4  # each has a model of its own in memory
_FAREWELL = 5  # seconds
_NOISE = 4096  # bytes of what it printed last
_WINDOWS = 256  # and more: the exceptions of Windows, known by their hexadecimal names

if __name__ == "__main__":
    main()
