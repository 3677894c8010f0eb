"""Whatever is killed, nothing is missing in the end, no file is half, and no answer is paid twice."""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stages.providers.journal import Journal
from stages.providers.media_folder import MediaFolder
from stages.records.media import content_matches, is_media_name
from tests.providers.killing import Runs
from tests.providers.sources import png, wav

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no such thing there")

AT_ONCE = 16

RUNS = f"""
import http.client, json
from decimal import Decimal
import attrs, filelock
from stages import Context, generate_media, threads
from stages.providers.door import check_picture, check_sound
from stages.providers.errors import Unavailable
from stages.providers.journal import Answer, Journal, journaled
from stages.providers.media import Pictures, Sounds
from stages.providers.source import Grade, Made
from tests.making import card
from tests.providers.sources import png, wav
check_picture(png("warm"))
check_sound(wav("warm"))

class Asked:
    grade, local = Grade.WHOLE, False

    def __init__(self, name, port):
        self.name, self.port, self.send = name, port, self.sent

    def sent(self, request, label):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/" + self.name, json.dumps(request))
            return Answer(connection.getresponse().read())
        except OSError as error:
            raise Unavailable(str(error)) from None
        finally:
            connection.close()

    def request(self, card):
        return {{"of": card.id if self.name == "painter" else card.word}}

    def price(self, card, take):
        return Decimal("0.01")

    def make(self, card, take):
        request = {{**self.request(card), "take": take}}
        answer = self.send(request, self.name + " " + request["of"])
        return (Made(content=answer.content, cost=Decimal("0.01") * answer.paid),)

def run(act, port, folder, number):
    journal = Journal(folder + "/journal")
    pictures = Pictures(folder + "/media", journaled(Asked("painter", port), journal))
    sounds = Sounds(folder + "/media", journaled(Asked("speaker", port), journal))
    cards = [card("palabra%d" % n, "sense%d" % n) for n in range(number)]
    if act == "discard":
        pictures.discard(cards)
        return 0
    outcome = generate_media(
        Context.of(cards=cards), image_provider=pictures, audio_provider=sounds,
        mapper=threads({AT_ONCE}), max_new=2 * number,
    )
    context = outcome.unwrap()
    files = [*context["images"].values(), *context["sounds"].values()]
    return [sorted(file.name for file in files), [str(p) for r in context.reports for p in r.problems]]
"""


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Give a process that is ready to run."""
    ready = Runs(RUNS)
    yield ready
    ready.close()


class Service(ThreadingHTTPServer):
    """Paints and speaks, for money, and counts what it was asked."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of those that were killed."""


class Asked(BaseHTTPRequestHandler):
    """One question."""

    server: Service
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer after a while, something else for each request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not body:
            return
        request, name = json.loads(body), self.path.strip("/")
        with self.server.lock:
            self.server.asked[f"{name} {request['of']} {request['take']}"] += 1
        time.sleep(0.02)
        content = (png if name == "painter" else wav)(f"{name} {body.decode()}")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    """Give a service that answers."""
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        yield service
        service.shutdown()
        thread.join()


class Deck:
    """A hundred cards with a hundred words, their media and their journal."""

    def __init__(self, runs: Runs, service: Service, folder: Path, cards: int = 100) -> None:
        self.media = folder / "media"
        self.journal = Journal(folder / "journal")
        self.cards = cards
        self.take = 0
        self._asked_before = Counter(service.asked)
        self._service = service
        self._what: dict[str, Any] = {
            "port": service.server_port,
            "folder": str(folder),
            "number": cards,
        }
        self._run = runs.run

    def run(self, killed_after: float | None = None) -> Any:
        return self._run(act="make", killed_after=killed_after, **self._what)

    def discard(self) -> None:
        """Let all pictures be made anew."""
        assert self._run(act="discard", **self._what) == 0
        self.take = 1
        self._asked_before = Counter(self._service.asked)

    @property
    def wanted(self) -> Counter[str]:
        """What has to be asked, each once."""
        kinds = [("painter", "palabra{0}_sense{0}")]
        kinds += [("speaker", "palabra{0}")] * (not self.take)
        return Counter(
            f"{name} {of.format(number)} {self.take}"
            for name, of in kinds
            for number in range(self.cards)
        )

    @property
    def asked(self) -> Counter[str]:
        """How often the service was asked for each."""
        return self._service.asked - self._asked_before

    @property
    def kept(self) -> set[str]:
        """What is answered, by the journal."""
        found = set()
        for one in self.wanted:
            name, of, take = one.split()
            if self.journal.found(name, {"of": of, "take": int(take)}):
                found.add(one)
        return found

    def check_files(self) -> None:
        """Demand that every file is what its name says, at any time."""
        for path in self.media.glob("[!.]*-*"):
            assert is_media_name(path.name)
            assert content_matches(path.name, path.read_bytes())
        assert MediaFolder(self.media).gone() == set()


def through(deck: Deck, moments: Iterator[float], left: int) -> Counter[str]:
    """Kill the runs of a deck until one comes through; give what was seen."""
    seen: Counter[str] = Counter()
    may_be_asked = deck.wanted
    while True:
        found = deck.run(next(moments) if seen["kills"] < left else None)
        time.sleep(0.03)  # what was sent before the kill has arrived by then
        deck.check_files()
        kept, asked = deck.kept, deck.asked
        if found is not None:
            break
        seen["kills"] += 1
        named = {f"{intent.label} {deck.take}" for intent in deck.journal.in_flight()}
        assert set(asked) - kept <= named  # whatever was asked and is not there
        assert not named & kept
        assert len(named) <= AT_ONCE
        seen["in flight"] += len(named)
        may_be_asked.update(named)
        assert asked <= may_be_asked
    names, problems = found
    assert len(set(names)) == 2 * deck.cards
    assert problems == []
    assert all((deck.media / name).is_file() for name in names)
    assert kept == set(deck.wanted)
    assert asked <= may_be_asked  # again only where a kill hit while it was in flight
    assert deck.journal.in_flight() == ()
    seen["asked"] += asked.total()
    assert deck.run() == [names, []]
    assert deck.asked == asked  # all of it is free by now
    return seen


def killed(runs: Runs, folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill runs at random moments, deck after deck; every second time with all pictures anew."""
    random_moments = random.Random(seed)
    moments = iter(lambda: random_moments.uniform(0.02, 0.6), None)
    seen: Counter[str] = Counter()
    with serving() as service:
        while seen["kills"] < kills:
            deck = Deck(runs, service, folder / str(seen["decks"]))
            seen["decks"] += 1
            seen.update(through(deck, moments, kills - seen["kills"]))
            if seen["kills"] < kills:
                deck.discard()
                seen.update(through(deck, moments, kills - seen["kills"]))
    return seen


def test_killed_at_any_moment_all_media_are_there_and_paid_for_once(
    runs: Runs, tmp_path: Path
) -> None:
    """But for those that were in flight at a kill, and these are named."""
    seen = killed(runs, tmp_path, kills=4, seed=4)

    assert seen["kills"] == 4
    assert seen["in flight"]


@pytest.mark.slow
def test_killed_fifty_times_all_media_are_there_and_paid_for_once(
    runs: Runs, tmp_path: Path
) -> None:
    """As above, at more moments."""
    seen = killed(runs, tmp_path, kills=50, seed=5)

    assert seen["kills"] == 50
    print(dict(seen))  # noqa: T201  # for whoever runs it by hand, with -s
