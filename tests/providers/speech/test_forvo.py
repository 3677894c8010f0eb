"""Forvo: the best human recording of a word, within its quota, and its key nowhere to be seen."""

import json
import pickle
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    Rejected,
    Unavailable,
)
from stages.providers.journal import Journal, journaled
from stages.providers.media import Sounds
from stages.providers.own import Folder
from stages.providers.quota import Quota
from stages.providers.source import Grade
from stages.providers.speech.forvo import (
    AMERICA,
    Forvo,
    Pronunciation,
    apart,
    best,
    groups_of,
    recordings_in,
)
from stages.records.note import note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing.loopback import (
    Fault,
    dropped,
    rate_limited,
    server_error,
    timeout,
    truncated,
)
from stages.testing.loopback.libraries import ForvoService, Items, recording
from stages.testing.loopback.services import (
    ServicesLoopback,
    as_bytes,
    as_json,
    files,
    redirect,
    web_page,
)
from stages.testing.loopback.wire import Response
from tests.making import card
from tests.providers.sources import Toy, wav

KEY = "a-very/secret+key"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@attrs.define
class Clock:
    """A clock that stands still."""

    at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@attrs.define
class Place:
    """Forvo, as a test sees it."""

    service: ForvoService
    server: ServicesLoopback
    items: dict[str, Items | Response]
    sounds: dict[str, bytes | Response]
    clock: Clock

    def forvo(self, **settings: Any) -> Forvo:
        usual = {"api_key": KEY, "agreed": True, "base_url": f"{self.server.url}/forvo"}
        return Forvo(**{**usual, "now": self.clock, **settings})

    @property
    def asked(self) -> list[str]:
        """Tell searches by their word and audio by its id, in order."""
        found = (re.search(r"/word/([^/]*)|(\w+)\.mp3", one.path) for one in self.server.requests)
        return [one[1] or one[2] for one in found if one]


@pytest.fixture
def place() -> Iterator[Place]:
    """Give a Forvo that knows `casa` by three people."""
    items: dict[str, Items | Response] = {
        "casa": [
            recording(1, "Spain", num_positive_votes=9, num_votes=9),
            recording(2, "Mexico", num_positive_votes="3", num_votes=4),
            recording("3", "Colombia", num_positive_votes=3, num_votes="5"),
        ]
    }
    sounds: dict[str, bytes | Response] = {}
    service = ForvoService(
        lambda word, _: items.get(word, []), lambda number: sounds.get(number, wav(number)), key=KEY
    )
    with ServicesLoopback({"/forvo": service, "/files": files({"x.mp3": wav("x")})}) as server:
        yield Place(service, server, items, sounds, Clock())


def given_by(forvo: Forvo, word: str = "casa", take: int = 0, **fields: Any) -> list[str]:
    """Give the ids of the recordings of a word."""
    return [made.details["id"] for made in forvo.make(card(word, **fields), take)]


def test_it_is_opt_in() -> None:
    """Whoever does not agree is told what the terms are."""
    for agreed in (False, "yes", 1):
        with pytest.raises(Misconfigured) as caught:
            Forvo(api_key=KEY, agreed=agreed)  # type: ignore[arg-type]
        for said in ("Pronunciations by Forvo", "CC BY-NC-SA", "a day", "answer for"):
            assert said in caught.value.why


def test_a_key_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found out before anything is asked; the environment may have it."""
    monkeypatch.delenv("FORVO_API_KEY", raising=False)
    with pytest.raises(Misconfigured, match="FORVO_API_KEY"):
        Forvo(agreed=True)
    monkeypatch.setenv("FORVO_API_KEY", KEY)
    assert KEY not in repr(Forvo(agreed=True))
    with pytest.raises(ValueError, match="at least one"):
        Forvo(agreed=True, recordings=0)


def test_the_best_is_given_with_two_requests(place: Place) -> None:
    """A search for the word, and the sound; with whatever has to be said of it."""
    (made,) = place.forvo().make(card("casa"), 0)
    assert made.content == wav("3")
    assert place.asked == ["casa", "3"]
    assert made.details == {
        "id": "3",
        "speaker": "speaker3",
        "country": "Colombia",
        "votes": "3 of 5",
    }
    assert made.credit is not None
    assert made.credit.source == "https://forvo.com/word/casa/#es"
    assert made.credit.line == (
        "Pronunciations by Forvo · speaker3, Colombia (Forvo) · CC BY-NC-SA 3.0"
    )
    assert made.cost == place.forvo().price(card("casa"), 0) == 0


def test_what_forvo_wants_to_be_shown_is_on_the_card(place: Place, tmp_path: Path) -> None:
    """The credit stands in the note."""
    file = Sounds(tmp_path, place.forvo()).sound(card("casa"))
    assert (file.provider, file.synthetic) == ("forvo", False)
    assert file.credits[0].title == "Pronunciations by Forvo"


countries = st.sampled_from(
    ["", "Mexico", "mexico", "Colombia", "Peru", "Spain", "Chile", "Nowhere"]
)
heard = st.lists(
    st.builds(
        Pronunciation,
        id=st.integers(1, 9),
        country=countries,
        speaker=st.sampled_from("abc"),
        votes=st.integers(0, 3),
        positive=st.integers(0, 3),
        rate=st.integers(-1, 3),
    ),
    unique_by=lambda one: one.id,
)


@given(heard, st.randoms())
def test_the_order_is_one_of_its_own(found: list[Pronunciation], random: Any) -> None:
    """However they come: none is lost, a better group goes before votes, and votes before the rest."""
    ranked = best(found, AMERICA)
    random.shuffle(found)
    assert best(found, AMERICA) == ranked
    assert sorted(one.id for one in ranked) == sorted(one.id for one in found)

    def group(one: Pronunciation) -> int:
        named = [n for n, every in enumerate(AMERICA) if one.country.title() in every]
        return named[0] if named else len(AMERICA)

    told = [(group(one), -one.positive, -one.votes, -one.rate, one.id) for one in ranked]
    assert told == sorted(told)
    assert [*apart(ranked)][:1] == [*ranked][:1]
    assert sorted(one.id for one in apart(ranked)) == sorted(one.id for one in ranked)


def test_a_tag_names_the_countries() -> None:
    """The tag's own country comes first, then those of its language."""
    assert groups_of("es-AR") == (("Argentina",), *AMERICA)
    assert groups_of("fr") == ()
    found = [Pronunciation(id=1, country="Mexico"), Pronunciation(id=2, country="Spain")]
    assert [one.id for one in best(found, groups_of("es-ES"))] == [2, 1]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
whole = st.builds(lambda n: recording(n, pathmp3=f"https://x/{n}.mp3"), st.integers(1, 99))
odd = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("id", "pathmp3", "country", "username", "num_votes", "num_positive_votes", "rate"), junk
    ),
)


@given(st.lists(st.builds(lambda a, b: {**a, **b}, whole, odd) | junk, max_size=4), whole)
def test_a_broken_recording_is_left_out(items: list[Any], good: dict[str, Any]) -> None:
    """Whatever stands beside it, a whole one is found."""
    answer = json.dumps({"attributes": {"total": 0}, "items": [good, *items]}).encode()
    found = recordings_in(answer)
    assert good["id"] in {one.id for one in found}
    best(found, AMERICA)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"items": {}}',
        b'{"items": [7]}',
        b"[" * 9999,
        b"\xff",
    ],
)
def test_a_broken_answer_is_said_to_be_one(content: bytes) -> None:
    """It never counts as a word that nobody has spoken."""
    with pytest.raises(BadAnswer, match="Forvo"):
        recordings_in(content)


@pytest.mark.parametrize("total", [0, "0"], ids=["number", "text"])
def test_nobody_has_spoken_a_word(place: Place, total: Any) -> None:
    """It is told apart from a server that fails; with or without a list."""
    with pytest.raises(NotFound, match="nobody has spoken 'xyz'"):
        place.forvo().make(card("xyz"), 0)
    place.items["xyz"] = as_json({"attributes": {"total": total}})
    with pytest.raises(NotFound, match="nobody"):
        place.forvo().make(card("xyz"), 0)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(as_bytes(b""), id="zero bytes"),
        pytest.param(web_page(), id="a web page"),
        pytest.param(as_bytes(b"ID3" + bytes(50)), id="no mp3 after all"),
        pytest.param(as_bytes(wav("x")[:44] + bytes(16_000)), id="silence"),
        pytest.param(as_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50)), id="a picture"),
        pytest.param(as_json({}, 404), id="404"),
        pytest.param(as_json({}, 403), id="403"),
        pytest.param(as_json({}, 500), id="500"),
        pytest.param(redirect("ftp://nowhere"), id="sent nowhere"),
    ],
)
def test_the_next_one_is_taken(place: Place, bad: Response) -> None:
    """Where a recording cannot be had; the reason is told."""
    place.sounds["3"] = bad
    (made,) = place.forvo().make(card("casa"), 0)
    assert made.details["id"] == "2"
    assert len(made.doubts) == 1


def test_none_can_be_had(place: Place) -> None:
    """Then it says why; and if one may be had later, that it is for now."""
    place.sounds.update(dict.fromkeys("123", web_page()))
    with pytest.raises(BadAnswer, match=r"none of the 3 recordings .*web page"):
        place.forvo().make(card("casa"), 0)
    place.sounds["1"] = as_json({}, 503)
    with pytest.raises(Unavailable, match="503"):
        place.forvo().make(card("casa"), 0)


def test_a_redirect_is_followed_to_the_sound(place: Place) -> None:
    """Sounds lie where they lie."""
    place.sounds["3"] = redirect("/files/x.mp3")
    assert place.forvo().make(card("casa"), 0)[0].content == wav("x")


@pytest.mark.parametrize("fault", [rate_limited(0), server_error(), dropped(), truncated()])
def test_what_passes_is_waited_for(place: Place, fault: Fault) -> None:
    """One fault of the search and one of the sound change nothing."""
    place.server.fail_next(fault, Fault(), fault, on="/forvo")
    assert given_by(place.forvo()) == ["3"]


def test_a_slow_answer_is_not_waited_for(place: Place) -> None:
    """Then it is not there for now, and neither is it where a web page comes."""
    place.server.fail_next(timeout(2), timeout(2), on="/forvo")
    with pytest.raises(Unavailable):
        place.forvo(timeout=0.1).make(card("casa"), 0)
    place.items["casa"] = web_page()
    with pytest.raises(Unavailable, match="a web page came"):
        place.forvo().make(card("casa"), 0)


def test_several_are_of_different_people(place: Place) -> None:
    """Different speakers and countries come first; as many as there are."""
    place.items["casa"] = [
        recording(1, "Mexico", num_positive_votes=9, username="ana"),
        recording(2, "Mexico", num_positive_votes=8, username="ana"),
        recording(3, "Mexico", num_positive_votes=7),
        recording(4, "Peru"),
        recording(5, "Spain"),
    ]
    assert given_by(place.forvo(recordings=3)) == ["1", "4", "5"]
    assert given_by(place.forvo(recordings=9)) == ["1", "4", "5", "3", "2"]
    assert given_by(place.forvo(), take=1) == ["2"]
    assert given_by(place.forvo(), take=5) == ["1"]


def test_the_same_sound_is_not_played_twice(place: Place) -> None:
    """Equal bytes count once."""
    place.sounds.update(dict.fromkeys("123", wav("same")))
    assert given_by(place.forvo(recordings=3)) == ["3"]


@pytest.mark.parametrize("status", [200, 400, 403, 429, 503])
def test_a_spent_quota_stops(place: Place, status: int) -> None:
    """Whatever the status; it says when it is renewed, and the word is not settled."""
    place.items["casa"] = as_json(["Limit/day reached."], status)
    with pytest.raises(QuotaExhausted, match=r"Limit/day reached") as caught:
        place.forvo().make(card("casa"), 0)
    assert "22:00 UTC" in caught.value.hint
    assert len(place.asked) == 1


def test_a_quota_that_ends_at_the_sound_stops_too(place: Place) -> None:
    """Fetching counts, so that the next one is not tried."""
    place.service.limit = 1
    with pytest.raises(QuotaExhausted):
        place.forvo().make(card("casa"), 0)
    assert len(place.asked) == 2


def test_what_is_there_by_then_is_given(place: Place) -> None:
    """Two recordings of three are better than none."""
    place.service.limit = 3
    assert given_by(place.forvo(recordings=3)) == ["3", "2"]


def test_our_own_quota_is_kept(place: Place, tmp_path: Path) -> None:
    """Searches and sounds count; over runs."""
    for _ in range(2):
        quota = Quota(tmp_path / "forvo.json", 3, now=place.clock)
        forvo = place.forvo(quota=quota)
        with pytest.raises(QuotaExhausted, match="2026-11-24 22:00 UTC"):
            [forvo.make(card("casa"), 0) for _ in range(2)]
    assert len(place.asked) == 3


def test_what_the_journal_has_costs_nothing(place: Place, tmp_path: Path) -> None:
    """Neither requests nor quota."""
    quota = Quota(tmp_path / "quota.json", 2, now=place.clock)
    for _ in range(3):
        forvo = journaled(place.forvo(quota=quota), Journal(tmp_path / "journal"))
        assert given_by(forvo) == ["3"]
    assert len(place.asked) == 2


@pytest.mark.parametrize("word", ["casa", "¿qué?", "a/b", "tener que", "50%", "日本", "a?b#c"])
def test_any_word_reaches_forvo(place: Place, word: str) -> None:
    """As it is written."""
    place.items[word] = place.items["casa"]
    assert given_by(place.forvo(), word) == ["3"]
    assert place.service.words == [word]


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("Esta es mi casa", "es-419"),
        ("casa", "pt-BR"),
        ("..", "es-419"),
        ("", "es-419"),
        ("\ud83d a", "es-419"),
    ],
)
def test_what_forvo_has_not_is_not_asked_for(place: Place, word: str, language: str) -> None:
    """Sentences, other languages, and what is no word."""
    asked = attrs.evolve(card("casa"), word=word, language=language)
    assert place.forvo().request(asked) is None
    with pytest.raises(Rejected):
        place.forvo().make(asked, 0)
    assert place.asked == []


def test_spanish_is_spanish(place: Place) -> None:
    """Wherever it is spoken."""
    asked = attrs.evolve(card("casa"), language="es-MX")
    assert place.forvo(language="ES").request(asked) is not None


def test_a_wrong_key_is_denied(place: Place) -> None:
    """And is not repeated, quoted or not."""
    with pytest.raises(Denied, match="incorrect domain") as caught:
        place.forvo(api_key="wrong").make(card("casa"), 0)
    assert "FORVO_API_KEY" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        as_json([f"{KEY} is over its limit"]),
        as_json([f"key {KEY} is wrong"], 403),
        as_json([f"no: {KEY}"]),
        as_json({"error": f"no: {KEY}"}, 400),
        as_json({"error": f"/key/{KEY}/"}, 500),
        redirect(f"http://{KEY.replace('/', '.')}.example/"),
    ],
)
def test_the_key_is_nowhere(
    place: Place, tmp_path: Path, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in messages, logs, reprs, nor in the journal's files and provenance."""
    caplog.set_level("DEBUG")
    place.items["xyz"] = answer
    forvo = journaled(place.forvo(), Journal(tmp_path / "journal"))
    with pytest.raises(ProviderError) as caught:
        forvo.make(card("xyz"), 0)
    sounds = Sounds(tmp_path / "media", forvo)
    sounds.sound(card("casa"))
    told = [str(caught.value), repr(caught.value), caught.value.hint, repr(forvo), repr(forvo.send)]
    told += [caplog.text, *(one.read_bytes().decode("latin-1") for one in tmp_path.rglob("*.*"))]
    for secret in (KEY, "a-very%2Fsecret%2Bkey", "a-very/secret%2Bkey"):
        assert not any(secret in one for one in told)


def test_the_key_does_not_travel(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another process it is the environment's."""
    packed = pickle.dumps(place.forvo().send)
    assert KEY.encode() not in packed
    monkeypatch.setenv("FORVO_API_KEY", KEY)
    clock = place.forvo(now=datetime.now)
    assert given_by(pickle.loads(pickle.dumps(clock))) == ["3"]


def test_links_that_are_dead_are_searched_for_anew(place: Place, tmp_path: Path) -> None:
    """An answer of the journal may be older than its links live: it is asked for once more."""
    journal = Journal(tmp_path)
    place.sounds["3"] = place.sounds["2"] = place.sounds["1"] = web_page()
    with pytest.raises(BadAnswer):
        journaled(place.forvo(), journal).make(card("casa"), 0)
    place.sounds.clear()
    place.service.expire()
    assert given_by(journaled(place.forvo(), journal)) == ["3"]
    assert place.service.words == ["casa", "casa"]
    place.service.expire()
    assert given_by(journaled(place.forvo(), journal)) == ["3"]
    assert place.service.words == ["casa", "casa"]


def test_what_failed_is_not_in_flight(place: Place, tmp_path: Path) -> None:
    """Only what was killed is: nothing is charged for what failed."""
    journal = Journal(tmp_path)
    forvo = journaled(place.forvo(), journal)
    place.sounds.update(dict.fromkeys("123", web_page()))
    place.items["sol"] = as_bytes(b"[")
    for word in ("casa", "sol"):
        with pytest.raises(BadAnswer):
            forvo.make(card(word), 0)
    assert journal.in_flight() == ()


def test_threads_get_each_their_own(place: Place, tmp_path: Path) -> None:
    """All at once, through one journal."""
    words = [f"w{number}" for number in range(40)]
    place.items.update({word: [recording(n + 10)] for n, word in enumerate(words)})
    forvo = journaled(place.forvo(), Journal(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        made = [*pool.map(lambda word: given_by(forvo, word), words)]
    assert made == [[str(n + 10)] for n in range(40)]
    assert len(place.asked) == 80


def test_what_is_dead_indeed_is_asked_for_anew_but_once(place: Place, tmp_path: Path) -> None:
    """Then it is the next one's turn."""
    journal = Journal(tmp_path)
    place.sounds.update(dict.fromkeys("123", as_json({}, 404)))
    with pytest.raises(BadAnswer, match="404"):
        journaled(place.forvo(), journal).make(card("casa"), 0)
    del place.sounds["2"]
    assert given_by(journaled(place.forvo(), journal)) == ["2"]
    assert place.service.words == ["casa", "casa"]


def test_a_human_voice_replaces_the_synthetic_one(place: Place, tmp_path: Path) -> None:
    """Nothing is asked twice within a month; in the next one, whoever has spoken by then is heard."""
    voice = Toy("voice", "sound", Grade.STAND_IN, local=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    word = card("sol")

    def run() -> Any:
        forvo = journaled(place.forvo(), Journal(tmp_path / "journal"))
        sounds = Sounds(tmp_path / "media", Folder(mine, "sound"), forvo, voice, now=place.clock)
        return sounds.existing([word]).get("sol") or sounds.sound(word)

    first = run()
    assert (first.synthetic, first.provider) == (True, "voice")
    assert any("nobody has spoken 'sol'" in reason for reason in first.reasons)
    place.items["sol"] = [recording(7, "Peru")]
    assert run().name == first.name
    assert place.service.words == ["sol"]

    place.clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    human = run()
    assert (human.synthetic, human.provider) == (False, "forvo")
    assert run().name == human.name
    assert place.service.words == ["sol", "sol"]

    (mine / "sol.wav").write_bytes(wav("mine"))
    assert run().provider == "own"
    assert place.service.words == ["sol", "sol"]


hostile: list[Callable[[str], str]] = [
    lambda name: f"../../{name}",
    lambda name: f"<script>{name}</script><b onclick=x>",
    lambda name: f"[sound:{name}.mp3]\n\x1b[31m\u202e{name}" * 99,
]


@pytest.mark.parametrize("spoil", hostile, ids=["path", "tags", "lines"])
def test_a_hostile_name_is_just_a_name(
    place: Place, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    """It reaches no path, no tag and no line of its own."""
    place.items["casa"] = [recording(1, spoil("Mexico"), username=spoil("ana"))]
    file = Sounds(tmp_path / "media", place.forvo()).sound(card("casa"))
    assert file.name.startswith("casa-")
    note = note_of(card("casa"), VOCABULARY_NOTE, "Spanish", None, file)
    shown = "".join(note.fields.values())
    assert "<script" not in shown
    assert "<b " not in shown
    assert "\n" not in file.credits[0].line
    assert len(file.credits[0].line) < 300
    assert {one.parent for one in tmp_path.rglob("*.*")} == {tmp_path / "media"}
