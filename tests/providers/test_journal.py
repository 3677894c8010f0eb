"""The journal: what was paid for is never paid for again, whatever is killed in between."""

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Answer, Intent, Journal, Kept, PaidProvider, Request, journaled

ROOT = Path(__file__).parents[2]
CASA = {"model": "m-1", "word": "casa"}
NOON = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such thing there")


def noon() -> datetime:
    return NOON


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Give a journal in a folder that is not there yet."""
    return Journal(tmp_path / "journal", now=noon)


class Asked:
    """An `ask` that counts, answers or raises, and keeps what it was told of earlier calls."""

    def __init__(self, answer: bytes | BaseException) -> None:
        self.answer = answer
        self.earlier: list[Intent | None] = []

    def __call__(self, earlier: Intent | None) -> bytes:
        self.earlier.append(earlier)
        if isinstance(self.answer, bytes):
            return self.answer
        raise self.answer


def never(_: Intent | None) -> bytes:
    raise AssertionError("asked again")


def broken_off(journal: Journal, request: Request = CASA, label: str = "casa") -> None:
    """Leave a call of which nobody knows what became of it."""
    with pytest.raises(Unavailable):
        journal.kept("claude", request, label, Asked(Unavailable("timed out")))


def files(journal: Journal) -> list[str]:
    """Give the names of all files below a journal's folder."""
    return sorted(one.name for one in Path(journal.folder).rglob("*") if one.is_file())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="a line end"),
        pytest.param(b"\xef\xbb\xbf{}\r\n", id="a byte order mark"),
        pytest.param(bytes(range(256)) * 999, id="binary"),
    ],
)
def test_an_answer_is_asked_for_once(journal: Journal, content: bytes) -> None:
    """Then it lies in the journal, byte for byte, for a new run too."""
    ask = Asked(content)

    assert journal.found("claude", CASA) is None
    first = journal.kept("claude", CASA, "casa", ask)
    again = Journal(journal.folder).kept("claude", CASA, "casa", never)

    assert ask.earlier == [None]
    assert first == Answer(content, kept_at=first.kept_at)
    assert again == attrs.evolve(first, paid=False)
    assert journal.found("claude", CASA) == again
    assert Path(first.kept_at).read_bytes() == content


def test_nothing_but_the_answer_stays(journal: Journal) -> None:
    """Neither the intent nor the lock; the name suits every file system."""
    kept_at = Path(journal.kept("claude", CASA, "casa", Asked(b"x")).kept_at)

    assert files(journal) == [kept_at.name]
    assert kept_at.parent.name == kept_at.name[:2]
    assert kept_at.name.removesuffix(".answer").isalnum()


def test_a_question_leaves_no_trace(journal: Journal) -> None:
    """Looking makes no folder."""
    assert journal.found("claude", CASA) is None
    assert journal.in_flight() == ()
    assert not Path(journal.folder).exists()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("forvo", CASA), id="of another provider"),
        pytest.param(("claude", {**CASA, "word": "Casa"}), id="another word"),
        pytest.param(("claude", {**CASA, "max": None}), id="one key more"),
        pytest.param(("claude", {**CASA, "word": ["casa"]}), id="another shape"),
    ],
)
def test_another_request_is_another_answer(journal: Journal, other: tuple[str, Request]) -> None:
    """Whatever decides the answer is in the key."""
    journal.kept("claude", CASA, "casa", Asked(b"1"))

    assert journal.found(*other) is None
    assert journal.kept(*other, "casa", Asked(b"2")).content == b"2"
    assert journal.kept("claude", CASA, "casa", never).content == b"1"


@pytest.mark.parametrize(
    ("value", "error", "why"),
    [
        (float("nan"), ValueError, "Out of range float"),
        (float("inf"), ValueError, "Out of range float"),
        (b"bytes", TypeError, "bytes is not JSON"),
        ({"a set"}, TypeError, "set is not JSON"),
        ({1: "a", "b": "c"}, TypeError, "not supported between"),
    ],
    ids=["NaN", "infinity", "bytes", "a set", "mixed keys"],
)
def test_a_request_that_is_no_json_is_a_bug(
    journal: Journal, value: object, error: type[Exception], why: str
) -> None:
    """Said before anything is asked, with the provider's name."""
    acts: list[Callable[[], object]] = [
        lambda: journal.kept("claude", {"x": value}, "casa", never),
        lambda: journal.found("claude", {"x": value}),
    ]
    for act in acts:
        with pytest.raises(error, match=f"a request to claude is no JSON: .*{why}"):
            act()
    assert not Path(journal.folder).exists()


def test_half_a_character_is_a_character(journal: Journal) -> None:
    """It may stand in a word from outside; what to say of it is the provider's matter."""
    broken_off(journal, {"word": "a\ud83d"}, "a\ud83d")

    assert journal.in_flight() == (Intent("claude", "a?", "2026-03-01T12:00:00+00:00"),)
    assert journal.kept("claude", {"word": "a\ud83d"}, "", Asked(b"x")).paid
    assert journal.found("claude", {"word": "a"}) is None


def test_the_intent_is_on_disk_while_the_call_runs(journal: Journal) -> None:
    """It says who is asked, for which word and when, and nothing else of the request."""
    seen: list[Any] = []

    def ask(_: Intent | None) -> bytes:
        [path] = Path(journal.folder).rglob("*.json")
        seen.append(json.loads(path.read_text("utf-8")))
        return b"x"

    journal.kept("claude", {"secret": "hidden"}, "año", ask)

    assert seen == [{"provider": "claude", "label": "año", "at": "2026-03-01T12:00:00+00:00"}]


@pytest.mark.parametrize(
    "error",
    [Rejected, Refused, NotFound, RateLimited, Misconfigured, Denied, QuotaExhausted],
)
def test_where_nothing_was_made_nothing_is_in_flight(
    journal: Journal, error: type[ProviderError]
) -> None:
    """The error passes through, and the next call is a first one."""
    with pytest.raises(error, match="no"):
        journal.kept("claude", CASA, "casa", Asked(error("no")))

    assert files(journal) == []
    assert journal.in_flight() == ()
    assert not journal.kept("claude", CASA, "casa", Asked(b"x")).interrupted


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("timed out"),
        BadAnswer("half of it"),
        ProviderError("who knows"),
        RuntimeError("a bug"),
        KeyboardInterrupt(),
        SystemExit(1),
    ],
    ids=repr,
)
def test_a_call_that_broke_off_is_named(journal: Journal, error: BaseException) -> None:
    """It may have been charged: the next call is told, and so is whoever gets the answer."""
    with pytest.raises(type(error)):
        journal.kept("claude", CASA, "casa", Asked(error))
    intent = Intent("claude", "casa", "2026-03-01T12:00:00+00:00")
    assert journal.in_flight() == (intent,)

    ask = Asked(b"x")
    answer = journal.kept("claude", CASA, "casa", ask)

    assert ask.earlier == [intent]
    assert answer == Answer(b"x", interrupted=True, kept_at=answer.kept_at)
    assert journal.in_flight() == ()
    assert not journal.kept("claude", CASA, "casa", never).interrupted


def test_a_refusal_does_not_settle_an_earlier_call(journal: Journal) -> None:
    """What broke off before may still have been charged."""
    broken_off(journal)
    with pytest.raises(RateLimited):
        journal.kept("claude", CASA, "casa", Asked(RateLimited("slow down")))

    assert [intent.label for intent in journal.in_flight()] == ["casa"]


def test_a_call_that_breaks_off_twice_is_named_once(journal: Journal) -> None:
    """With the time of the first: what may have been charged dates from then."""
    broken_off(journal)
    broken_off(Journal(journal.folder, now=lambda: NOON + timedelta(hours=1)))

    assert journal.in_flight() == (Intent("claude", "casa", "2026-03-01T12:00:00+00:00"),)


def test_the_oldest_call_is_named_first(tmp_path: Path) -> None:
    """Then by label."""
    for label, minute in (("b", 1), ("c", 0), ("a", 1)):
        journal = Journal(tmp_path, now=lambda minute=minute: NOON + timedelta(minutes=minute))  # type: ignore[misc]
        broken_off(journal, {"word": label}, label)

    assert [intent.label for intent in Journal(tmp_path).in_flight()] == ["c", "a", "b"]


def test_the_clock_is_in_utc(tmp_path: Path) -> None:
    """Where none is given too."""
    broken_off(Journal(tmp_path))
    [intent] = Journal(tmp_path).in_flight()

    assert datetime.now(UTC) - datetime.fromisoformat(intent.at) < timedelta(minutes=1)


def test_a_running_call_is_not_in_flight_after_a_kill(journal: Journal) -> None:
    """Neither for its own thread nor for another process."""
    seen: list[object] = []

    def ask(_: Intent | None) -> bytes:
        seen.append(journal.in_flight())
        code = "import sys; from stages.providers.journal import Journal; print(Journal(sys.argv[1]).in_flight())"
        seen.append(run(code, journal.folder).stdout)
        return b"x"

    journal.kept("claude", CASA, "casa", ask)

    assert seen == [(), "()\n"]


def test_an_intent_whose_answer_is_there_is_settled(journal: Journal) -> None:
    """A kill between the two leaves both, and perhaps the lock: they are swept away."""
    broken_off(journal)
    [intent] = Path(journal.folder).rglob("*.json")
    left = intent.read_bytes()
    journal.kept("claude", CASA, "casa", Asked(b"x"))
    intent.write_bytes(left)
    intent.with_suffix(".lock").touch()

    assert journal.in_flight() == ()
    assert files(journal) == [f"{intent.stem}.answer"]


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"provider": 1}', b"\xff"])
def test_a_damaged_intent_is_still_a_call(journal: Journal, damage: bytes) -> None:
    """Somebody wrote into it; that a call was begun remains true."""
    broken_off(journal)
    [intent] = Path(journal.folder).rglob("*.json")
    intent.write_bytes(damage)

    assert journal.in_flight() == (Intent("unknown", str(intent), ""),)
    assert journal.kept("claude", CASA, "casa", Asked(b"x")).interrupted


def test_an_answer_by_another_road_is_kept(journal: Journal) -> None:
    """The first to come stays, and it settles a call that broke off."""
    broken_off(journal)
    first = journal.keep("claude", CASA, b"1")
    second = journal.keep("claude", CASA, b"2")

    assert first == Answer(b"1", interrupted=True, kept_at=first.kept_at)
    assert second == Answer(b"1", paid=False, kept_at=first.kept_at)
    assert journal.kept("claude", CASA, "casa", never).content == b"1"
    assert journal.in_flight() == ()


def test_what_is_forgotten_is_asked_for_again(journal: Journal) -> None:
    """One request alone; forgetting it twice is no error."""
    journal.kept("claude", CASA, "casa", Asked(b"1"))
    journal.kept("claude", {"word": "perro"}, "perro", Asked(b"2"))
    journal.forget("claude", CASA)
    journal.forget("claude", CASA)

    assert journal.found("claude", CASA) is None
    assert journal.kept("claude", CASA, "casa", Asked(b"3")).content == b"3"
    assert journal.kept("claude", {"word": "perro"}, "perro", never).content == b"2"


def test_forgetting_settles_a_call_that_broke_off(journal: Journal) -> None:
    """Whoever has looked it up at the provider's can say so."""
    broken_off(journal)
    journal.forget("claude", CASA)

    assert journal.in_flight() == ()
    assert files(journal) == []


def test_deleting_the_file_forgets_it(journal: Journal) -> None:
    """That is all that is needed to ask again by hand."""
    kept_at = journal.kept("claude", CASA, "casa", Asked(b"1")).kept_at
    Path(kept_at).unlink()

    assert journal.kept("claude", CASA, "casa", Asked(b"2")) == Answer(b"2", kept_at=kept_at)


def test_asking_within_its_own_question_is_a_bug(journal: Journal) -> None:
    """It would wait for itself for ever; it is said at once."""

    def ask(_: Intent | None) -> bytes:
        return journal.kept("claude", CASA, "casa", never).content

    with pytest.raises(RuntimeError, match="Deadlock"):
        journal.kept("claude", CASA, "casa", ask)


# --- A folder that cannot be used


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda answer: answer.parent.parent, id="a file taken for the journal"),
        pytest.param(lambda answer: answer.parent, id="a file taken for a folder in it"),
        pytest.param(lambda answer: answer.parent.parent / "in_flight", id="no place for intents"),
    ],
)
def test_a_damaged_folder_is_denied(
    journal: Journal, damage: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Before anything is asked, by every method that meets it."""
    answer = Path(journal.kept("claude", CASA, "casa", Asked(b"1")).kept_at)
    moved = damage(answer)
    moved.rename(tmp_path / "elsewhere")
    moved.touch()
    request = CASA if moved.name != "in_flight" else {"word": "perro"}

    acts: list[Callable[[], object]] = [
        lambda: journal.kept("claude", request, "casa", never),
        lambda: journal.keep("claude", request, b"2"),
        lambda: journal.in_flight() if moved != answer.parent else journal.found("claude", CASA),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()


def test_a_folder_taken_for_an_answer_is_denied(journal: Journal) -> None:
    """It can be neither read nor forgotten."""
    answer = Path(journal.kept("claude", CASA, "casa", Asked(b"1")).kept_at)
    answer.unlink()
    answer.mkdir()

    acts: list[Callable[[], object]] = [
        lambda: journal.kept("claude", CASA, "casa", never),
        lambda: journal.forget("claude", CASA),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()


def test_a_folder_without_a_name_is_denied() -> None:
    """A NUL is in no path."""
    journal = Journal("a\0b")
    acts: list[Callable[[], object]] = [
        lambda: journal.kept("claude", CASA, "casa", never),
        lambda: journal.keep("claude", CASA, b"1"),
        journal.in_flight,
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()


def run(code: str, *args: str) -> "subprocess.CompletedProcess[str]":
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *args],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip


@posix
def test_an_answer_is_given_even_if_the_disk_is_full(journal: Journal) -> None:
    """It says why it is not kept; its intent stays, so that the next run knows of the call."""
    done = run(
        """
        import resource, sys
        from stages.providers.journal import Journal
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        answer = Journal(sys.argv[1]).kept("claude", {"word": "casa"}, "casa", lambda _: b"x" * 20_000)
        print(len(answer.content), answer.paid, repr(answer.kept_at), answer.not_kept)
        """,
        journal.folder,
    )
    assert done.stdout.startswith("20000 True '' "), done.stderr
    assert done.stdout.endswith(".answer cannot be written: File too large\n")
    assert [intent.label for intent in journal.in_flight()] == ["casa"]
    assert journal.kept("claude", {"word": "casa"}, "casa", Asked(b"x")).interrupted
    assert len(files(journal)) == 1


def test_an_answer_is_given_even_if_the_folder_is_spoilt_in_mid_call(journal: Journal) -> None:
    """The provider says so to the stage; the call is still named."""

    def ask(_: Intent | None) -> bytes:
        [intent] = Path(journal.folder).rglob("*.json")
        (Path(journal.folder) / intent.name[:2]).touch()
        return b"x"

    answer = journal.kept("claude", CASA, "casa", ask)

    assert answer == Answer(b"x", not_kept=answer.not_kept)
    assert "cannot be used: File exists" in answer.not_kept
    assert len([one for one in files(journal) if one.endswith(".json")]) == 1


@posix
def test_nothing_is_asked_where_no_intent_can_be_noted(journal: Journal) -> None:
    """A disk that is full already costs nothing."""
    done = run(
        """
        import resource, sys
        from stages.providers.errors import Unavailable
        from stages.providers.journal import Journal
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            Journal(sys.argv[1]).kept("claude", {"word": "casa"}, "casa", lambda _: print("asked"))
        except Unavailable as error:
            print(error.hint)
        """,
        journal.folder,
    )
    assert done.stdout == "free some space\n", done.stderr
    assert files(journal) == []


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="needs another user")
def test_who_may_only_read_reads(journal: Journal) -> None:
    """A journal on a disk that is written by others gives what it has, and asks for nothing."""
    journal.kept("claude", CASA, "casa", Asked(b"1"))
    for folder in (Path(journal.folder), *Path(journal.folder).parents[:-2]):
        folder.chmod(0o755)
    done = run(
        """
        import os, sys
        import filelock  # before it cannot be read any more
        from stages.providers.errors import Denied
        from stages.providers.journal import Journal
        os.setuid(65534)
        journal = Journal(sys.argv[1])
        print(journal.kept("claude", {"word": "casa", "model": "m-1"}, "", print).content)
        for act in (lambda: journal.kept("claude", {}, "", print), lambda: journal.keep("claude", {}, b"")):
            try:
                act()
            except Denied as error:
                print(error.why.split(": ")[-1])
        """,
        journal.folder,
    )
    assert done.stdout == "b'1'\npermission denied\npermission denied\n", done.stderr


# --- Laws

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3),
    max_leaves=8,
)  # fmt: skip
requests = st.dictionaries(st.text(), values, max_size=4)


def turned(value: Any) -> Any:
    """Give an equal value, the keys of every object in the other order."""
    match value:
        case dict():
            return {key: turned(value[key]) for key in reversed(value)}
        case list():
            return [turned(one) for one in value]
        case _:
            return value


@pytest.fixture(scope="module")
def swift() -> Iterator[None]:
    """Let the disk be late: laws are about order, not about power cuts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.mark.usefixtures("swift")
@given(request=requests, other=requests, content=st.binary(max_size=100))
def test_equal_requests_are_one_key(
    request: dict[str, Any], other: dict[str, Any], content: bytes
) -> None:
    """In whatever order the keys stand; different ones are different; the bytes are the same."""
    same = json.dumps(request, sort_keys=True) == json.dumps(other, sort_keys=True)
    with TemporaryDirectory() as folder:
        journal = Journal(folder)
        journal.keep("claude", request, content)
        there = journal.found("claude", turned(request))

        assert there == Answer(content, paid=False, kept_at=there.kept_at if there else "")
        assert (journal.found("claude", other) is not None) == same
        assert journal.found("claud", request) is None


acts = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.binary(max_size=9)
        | st.sampled_from([RateLimited, Refused, Unavailable, BadAnswer, KeyError, KeyboardInterrupt])
        | st.sampled_from(["forget", "look"])
        | st.tuples(st.binary(max_size=9)),
    ),
    max_size=12,
)  # fmt: skip


@pytest.mark.usefixtures("swift")
@given(acts=acts)
def test_whatever_happens_an_answer_that_arrived_is_never_asked_for_again(
    acts: list[tuple[int, Any]],
) -> None:
    """Until it is forgotten; and what broke off is in flight until an answer comes."""
    answers: dict[int, bytes] = {}
    open_calls: set[int] = set()
    with TemporaryDirectory() as folder:
        for number, act in acts:
            journal, request = Journal(folder), {"number": number}
            match act:
                case "forget":
                    journal.forget("claude", request)
                    answers.pop(number, None)
                    open_calls.discard(number)
                case "look":
                    there = journal.found("claude", request)
                    assert (there and there.content) == answers.get(number)
                case (content,):
                    kept = journal.keep("claude", request, content)
                    assert kept.content == answers.setdefault(number, content)
                    open_calls.discard(number)
                case bytes() as content:
                    ask = Asked(content)
                    kept = journal.kept("claude", request, str(number), ask)
                    assert kept.paid == (number not in answers) == bool(ask.earlier)
                    assert kept.content == answers.setdefault(number, content)
                    assert kept.interrupted == (number in open_calls)
                    open_calls.discard(number)
                case error:
                    ask = Asked(error("no"))
                    try:
                        kept = journal.kept("claude", request, str(number), ask)
                        assert kept.content == answers[number]
                    except error:
                        assert number not in answers
                        if error not in (RateLimited, Refused):
                            open_calls.add(number)
            assert {intent.label for intent in journal.in_flight()} == set(map(str, open_calls))
        assert len(files(Journal(folder))) == len(answers) + len(open_calls)


# --- Threads and processes


def test_threads_that_want_the_same_ask_once(journal: Journal) -> None:
    """Sixteen that want the same twenty at the same time ask twenty times in all."""
    asked: list[int] = []
    together = threading.Barrier(16)

    def want(_: int) -> list[bytes]:
        def one(number: int) -> bytes:
            def ask(_: Intent | None) -> bytes:
                asked.append(number)
                time.sleep(0.005)
                return b"%d" % number

            return journal.kept("claude", {"number": number}, str(number), ask).content

        together.wait()
        return [one(number) for number in range(20)]

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(want, range(16)))

    assert sorted(asked) == list(range(20))
    assert got == [[b"%d" % number for number in range(20)]] * 16
    assert len(files(journal)) == 20


WORKER = """
import os, random, sys, time
from concurrent.futures import ThreadPoolExecutor
from stages.providers.journal import Journal

folder, log, first, last, times, seconds, seed = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
journal = Journal(folder)
log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
wait = random.Random(seed)

def want(number):
    def ask(_):
        os.write(log, b"%d\\n" % number)
        time.sleep(wait.uniform(0, seconds))
        return b"%d" % number * 2000
    assert journal.kept("claude", {"number": number}, str(number), ask).content == b"%d" % number * 2000

numbers = [*range(int(first), int(last))] * int(times)
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(want, numbers))
"""


def worker(folder: Path, *args: float) -> "subprocess.Popen[str]":
    """Start a process of eight threads; it waits for a line before it begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder / "journal"), str(folder / "log"), *map(str, args)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout
    return process


def go(process: "subprocess.Popen[str]") -> None:
    """Let it begin."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def log(folder: Path) -> Counter[int]:
    """Count how often each number was asked for."""
    path = folder / "log"
    return Counter(map(int, path.read_text().split())) if path.exists() else Counter()


def test_processes_that_want_the_same_ask_once(tmp_path: Path) -> None:
    """Four of eight threads each that want the same forty, twice, ask forty times in all."""
    processes = [worker(tmp_path, 0, 40, 2, 0.01, seed) for seed in range(4)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        go(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0

    assert log(tmp_path) == Counter(range(40))
    assert len(files(Journal(tmp_path / "journal"))) == 40


def answers(journal: Journal, last: int) -> set[int]:
    """Give the numbers whose answer is kept, each of which is whole."""
    there = {number: journal.found("claude", {"number": number}) for number in range(last)}
    whole = {number for number, answer in there.items() if answer}
    assert all(
        answer.content == b"%d" % number * 2000 for number, answer in there.items() if answer
    )
    return whole


@posix
def test_the_calls_in_flight_at_a_kill_are_named(tmp_path: Path) -> None:
    """Exactly those that had been asked, and the next run is told which."""
    process = worker(tmp_path, 0, 8, 1, 1000, 0)
    go(process)
    while log(tmp_path).total() < 8:
        time.sleep(0.005)
    assert Journal(tmp_path / "journal").in_flight() == ()
    process.kill()
    process.communicate()

    journal = Journal(tmp_path / "journal")
    assert {intent.label for intent in journal.in_flight()} == set("01234567")
    assert journal.kept("claude", {"number": 3}, "3", Asked(b"x")).interrupted
    assert {intent.label for intent in journal.in_flight()} == set("0124567")


@posix
def test_who_waits_for_a_process_that_is_killed_asks_instead(tmp_path: Path) -> None:
    """At once, and knowing that it may be charged a second time."""
    process = worker(tmp_path, 0, 1, 1, 1000, 0)
    go(process)
    while not log(tmp_path):
        time.sleep(0.005)
    ask = Asked(b"x")
    with ThreadPoolExecutor(1) as pool:
        journal = Journal(tmp_path / "journal")
        waiting = pool.submit(journal.kept, "claude", {"number": 0}, "0", ask)
        time.sleep(0.05)
        assert not waiting.done()
        process.kill()
        process.communicate()
        answer = waiting.result(timeout=5)

    assert answer.interrupted
    assert [intent.label for intent in ask.earlier if intent] == ["0"]


def killed(folder: Path, kills: int, seed: int, last: int) -> None:
    """Kill run after run at random moments, and look after each what is there."""
    moments = random.Random(seed)
    journal = Journal(folder / "journal")
    may_be_asked_again: Counter[int] = Counter(range(last))
    for number in range(kills):
        process = worker(folder, 0, last, 1, 0.02, number)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        go(process)
        time.sleep(moments.uniform(0.02, 0.12))
        process.send_signal(signal.SIGKILL)
        process.communicate()

        there = answers(journal, last)
        named = {int(intent.label) for intent in journal.in_flight()}
        assert set(log(folder)) - there <= named  # each that was asked without an answer
        assert not named & there
        assert len(named) <= 8  # and hardly another: a thread is in one call at a time
        may_be_asked_again.update(named)
        assert log(folder) <= may_be_asked_again

    def finish(number: int) -> Answer:
        ask = Asked(b"%d" % number * 2000)
        return journal.kept("claude", {"number": number}, str(number), ask)

    there = answers(journal, last)
    named = {int(intent.label) for intent in journal.in_flight()}
    finished = [finish(number) for number in range(last)]

    assert {number for number in range(last) if not finished[number].paid} == there
    assert {number for number in range(last) if finished[number].interrupted} == named
    assert answers(journal, last) == set(range(last))
    assert journal.in_flight() == ()


@posix
def test_killed_at_any_moment_nothing_is_lost_or_asked_for_again(tmp_path: Path) -> None:
    """No answer is torn, what was in flight is named, and the next run goes on from there."""
    killed(tmp_path, kills=8, seed=20, last=800)


@posix
@pytest.mark.slow
def test_killed_fifty_times_nothing_is_lost_or_asked_for_again(tmp_path: Path) -> None:
    """As above, at more moments."""
    killed(tmp_path, kills=50, seed=21, last=5000)


def test_a_lock_that_was_left_behind_holds_nobody_up(journal: Journal) -> None:
    """A kill leaves its file; the lock itself died with the process."""
    broken_off(journal)
    [intent] = Path(journal.folder).rglob("*.json")
    intent.with_suffix(".lock").touch()

    assert len(journal.in_flight()) == 1
    assert journal.kept("claude", CASA, "casa", Asked(b"x")).content == b"x"
    assert len(files(journal)) == 1


def test_removing_the_lock_file_lets_nobody_in(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that opened it before it was removed begins anew, however slowly it is let go."""
    release = FileLock.release

    def slowly(lock: FileLock) -> None:
        release(lock)
        time.sleep(0.002)

    monkeypatch.setattr(FileLock, "release", slowly)
    broken_off(journal)
    [intent] = Path(journal.folder).rglob("*.json")
    asked: list[str] = []

    def ask(_: Intent | None) -> bytes:
        asked.append("once more")
        raise RateLimited("slow down")

    def want(_: int) -> None:
        for _ in range(10):
            with pytest.raises(RateLimited):
                journal.kept("claude", CASA, "casa", ask)

    def asked_meanwhile(_: int) -> int:
        meanwhile = 0
        for _ in range(10):
            with journal._alone(intent.stem):
                before = len(asked)
                time.sleep(0.001)
                meanwhile += len(asked) - before
        return meanwhile

    with ThreadPoolExecutor(8) as pool:
        wanting = pool.map(want, range(4))
        assert list(pool.map(asked_meanwhile, range(4))) == [0] * 4
        assert list(wanting) == [None] * 4
    assert len(asked) == 40


# --- Providers


def sent(request: Request, label: str) -> Answer:
    """Send for real: where a test counts, it stands in a list."""
    SENT.append((request, label))
    return Answer(label.encode())


SENT: list[tuple[Request, str]] = []


@attrs.frozen
class Paid:
    """A provider as it must look to be journaled."""

    name: str
    send: Callable[[Request, str], Answer] = sent

    def say(self, word: str) -> Answer:
        return self.send({"word": word}, word)


def test_a_journaled_provider_asks_once(journal: Journal) -> None:
    """The given one stays as it was, and what it is stays too."""
    SENT.clear()
    plain: PaidProvider = Paid("claude")
    paid = journaled(Paid("claude"), journal)

    assert isinstance(paid, Paid)
    assert plain == Paid("claude")
    assert [paid.say("casa").paid for _ in range(3)] == [True, False, False]
    assert len(SENT) == 1
    assert journal.kept("claude", {"word": "casa"}, "", never).content == b"casa"
    assert [Paid("claude").say("casa").kept_at for _ in range(2)] == ["", ""]
    assert journaled(Paid("other"), journal).say("casa").paid


def test_a_journaled_provider_says_what_broke_off(journal: Journal) -> None:
    """Errors pass through, and the answer after one is marked."""

    def fail(_: Request, label: str) -> Answer:
        raise Unavailable(label)

    with pytest.raises(Unavailable, match="casa"):
        journaled(Paid("claude", fail), journal).say("casa")

    assert journaled(Paid("claude"), journal).say("casa").interrupted


class Plain:
    """A provider of an everyday class."""

    name = "plain"

    def __init__(self) -> None:
        self.send = sent


def test_a_plain_class_is_journaled_too(journal: Journal) -> None:
    """Whatever it is made of; what is kept can be looked up for nothing."""
    plain = Plain()
    paid = journaled(plain, journal)
    assert isinstance(paid.send, Kept)
    assert paid.send.found(CASA) is None
    assert [paid.send(CASA, "casa").paid for _ in range(2)] == [True, False]
    assert paid.send.found(CASA)
    assert plain.send is sent


def test_all_of_it_travels_to_other_processes(tmp_path: Path) -> None:
    """A journal, an answer, an intent, and a provider with its journal."""
    journal = Journal(tmp_path)
    answer = journal.kept("claude", CASA, "casa", Asked(b"1"))
    for one in (journal, answer, Intent("claude", "casa", "")):
        assert pickle.loads(pickle.dumps(one)) == one
    provider = pickle.loads(pickle.dumps(journaled(Paid("claude"), journal)))
    assert provider == journaled(Paid("claude"), journal)
    assert [provider.say("perro").paid for _ in range(2)] == [True, False]


def test_a_relative_folder_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes the working folder later does not pay again."""
    monkeypatch.chdir(tmp_path)
    journal = Journal("journal")
    monkeypatch.chdir("/")

    assert journal.folder == str(tmp_path / "journal")


def test_no_answer_is_shown(journal: Journal) -> None:
    """Neither in a traceback nor in a log: only its length."""
    answer = journal.kept("claude", CASA, "casa", Asked(b"what the vendor said"))

    assert repr(answer).startswith("Answer(content=<20 bytes>, paid=True")
    assert repr(journal) == f"Journal(folder={journal.folder!r})"


def test_the_lock_is_the_one_of_the_library(journal: Journal) -> None:
    """Whoever holds it holds every process up: here the call is made after it was let go."""
    broken_off(journal)
    [intent] = Path(journal.folder).rglob("*.json")
    with ThreadPoolExecutor(1) as pool, FileLock(intent.with_suffix(".lock")):
        waiting = pool.submit(journal.kept, "claude", CASA, "casa", Asked(b"x"))
        assert journal.in_flight() == ()
        time.sleep(0.05)
        assert not waiting.done()
    assert waiting.result().content == b"x"
