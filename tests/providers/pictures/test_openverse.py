"""Openverse: free pictures for what a card says is to be searched for, with their credit lines."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import attrs
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.errors import BadAnswer, NotFound, RateLimited, Unavailable
from stages.providers.journal import Journal, journaled
from stages.providers.media import Pictures
from stages.providers.pictures.library import query_of
from stages.providers.pictures.openverse import Openverse
from stages.providers.source import Grade
from stages.records.card import Card
from stages.records.media import MediaFile
from stages.records.note import note_of
from stages.records.note_types import VOCABULARY_NOTE
from stages.testing.loopback import Fault, dropped, rate_limited, server_error, timeout, truncated
from stages.testing.loopback.libraries import Items, openverse, picture
from stages.testing.loopback.services import (
    ServicesLoopback,
    as_bytes,
    as_json,
    redirect,
    web_page,
)
from stages.testing.loopback.services import files as serving
from stages.testing.loopback.wire import Response
from tests.making import card
from tests.providers.sources import Toy, png

CAT = attrs.evolve(card("gato"), search="cat", caption="animal")
JPEG_UNDER_PNG = bytes.fromhex("ffd8ffe0")


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@attrs.define
class Place:
    """Openverse, as a test sees it."""

    server: ServicesLoopback
    items: list[Any]
    files: dict[str, bytes | Response]

    def source(self, **settings: Any) -> Openverse:
        usual = {"base_url": f"{self.server.url}/openverse", "spacing": 0, "candidates": 4}
        return Openverse(**{**usual, **settings})

    @property
    def asked(self) -> list[str]:
        return [one.path.rpartition("/")[2] or "search" for one in self.server.requests]


@pytest.fixture
def place() -> Iterator[Place]:
    """Give an Openverse with six pictures."""
    items = [picture(f"cat{number}") for number in range(6)]
    files: dict[str, bytes | Response] = {f"cat{number}": png(str(number)) for number in range(30)}

    def find(_: str) -> Items | Response:
        if all(isinstance(one, dict) for one in items):
            return items
        return as_json({"results": items})  # as no Openverse would give it

    with ServicesLoopback({"/openverse": openverse(find), "/files": serving(files)}) as server:
        yield Place(server, items, files)


def test_what_is_searched_for_is_never_the_word() -> None:
    """But what the card says of its picture, or of its sense; without anything that searches obey."""
    source = Openverse()
    assert (source.grade, source.local, source.name) == (Grade.WHOLE, False, "openverse")
    assert source.price(CAT, 0) == 0
    assert source.request(CAT) == {"query": "cat", "licences": "cc0,pdm,by,by-sa"}
    blank = attrs.evolve(CAT, search=" - ")
    assert query_of(blank) == "animal"
    assert source.request(attrs.evolve(blank, caption="")) is None


@given(st.text(max_size=300))
def test_no_text_commands_a_search(text: str) -> None:
    """Nothing is left of what could be taken for an operator."""
    query = query_of(attrs.evolve(CAT, search=text, caption=""))
    assert len(query) <= 100
    assert not set(query) & set('":/*~|+()[]{}<>\n\0')
    assert not any(word.startswith("-") for word in query.split())


def test_candidates_come_with_credit(place: Place) -> None:
    """As many as are wanted, in the order of the search."""
    made = place.source().make(CAT, 0)
    assert [one.content for one in made] == [png(str(number)) for number in range(4)]
    assert place.asked == ["search", "cat0", "cat1", "cat2", "cat3"]
    credit = made[0].credit
    assert credit is not None
    assert credit.line == "The cat0 · Ana · CC BY 4.0"
    assert credit.source == "https://example.org/photos/cat0"
    assert credit.licence_url == "https://creativecommons.org/licenses/by/4.0/"
    query = place.server.requests[0].query
    assert (query["q"], query["mature"], query["page_size"]) == ("cat", "false", "12")


def test_a_person_may_choose_among_them(place: Place, tmp_path: Path) -> None:
    """The first is shown, and all are kept."""
    pictures = Pictures(tmp_path, place.source())
    file = pictures.picture(CAT)
    assert (file.provider, file.stand_in) == ("openverse", False)
    assert len(pictures.candidates(CAT)) == 4


def test_asking_anew_gives_the_next_page(place: Place) -> None:
    """Until there is none."""
    place.items[:] = [picture(f"cat{number}") for number in range(30)]
    source = place.source(candidates=2)
    assert [one.content for one in source.make(CAT, 1)] == [png("6"), png("7")]
    for take in (9, 20, 99):
        with pytest.raises(NotFound, match=f"on page {take + 1}"):
            source.make(CAT, take)
    assert len(source.make(CAT, 4)) == 2


useless: list[dict[str, Any]] = [
    {"license": "by-nc"},
    {"license": None},
    {"license": ["by"]},
    {"mature": True},
    {"mature": "yes"},
    {"width": 100},
    {"height": 10},
    {"filetype": "svg"},
    {"filetype": "SVG"},
    {"filetype": None, "url": "https://example.org/x.svg"},
    {"thumbnail": "javascript:alert(1)", "url": None},
    {"thumbnail": "file:///etc/passwd", "url": "ftp://example.org/x.jpg"},
    {"thumbnail": 7, "url": []},
]


@pytest.mark.parametrize("fields", useless, ids=map(repr, useless))
def test_what_may_not_be_used_is_left_out(place: Place, fields: dict[str, Any]) -> None:
    """By licence, size, kind or address; what is left is asked for."""
    bad = {"url": f"{place.server.url}/files/cat0", "thumbnail": None, **fields}
    good = picture("cat1", thumbnail=f"{place.server.url}/files/cat1")
    place.items[:] = [picture("cat0", **bad), None, good]
    assert [one.content for one in place.source().make(CAT, 0)] == [png("1")]
    assert place.asked == ["search", "cat1"]
    place.items.pop()
    with pytest.raises(NotFound, match="openverse has no picture for 'cat'"):
        place.source().make(CAT, 0)


def test_what_is_unsaid_is_not_held_against_it(place: Place) -> None:
    """A size that nobody knows may be a good one, and a picture without thumbnail is fetched itself."""
    place.items[:] = [
        picture("cat0", width=None, height=None, filetype=None, mature=None, url="/files/cat0"),
        picture("cat1", thumbnail=None, url="/files/cat1"),
    ]
    assert len(place.source().make(CAT, 0)) == 2


@pytest.mark.parametrize(
    ("fields", "licence", "address"),
    [
        ({"license": "cc0"}, "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ({"license": "pdm"}, "Public domain", "https://creativecommons.org/publicdomain/mark/1.0/"),
        (
            {"license": "by-sa", "license_version": "2.0", "license_url": None},
            "CC BY-SA 2.0",
            "https://creativecommons.org/licenses/by-sa/2.0/",
        ),
        ({"license_version": "<b>", "license_url": "https://evil.example/"}, "CC BY", ""),
        ({"license_version": None, "license_url": "javascript:x"}, "CC BY", ""),
    ],
    ids=["cc0", "pdm", "by-sa", "hostile", "script"],
)
def test_a_licence_has_its_name_and_address(
    place: Place, fields: dict[str, Any], licence: str, address: str
) -> None:
    """Whatever stands in the answer."""
    place.items[:] = [picture("cat0", **fields)]
    credit = place.source().make(CAT, 0)[0].credit
    assert credit is not None
    assert (credit.licence, credit.licence_url) == (licence, address)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(as_bytes(b""), id="zero bytes"),
        pytest.param(web_page(), id="a web page"),
        pytest.param(as_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), id="a drawing"),
        pytest.param(as_bytes(png("x")[:2000]), id="half a picture"),
        pytest.param(as_bytes(JPEG_UNDER_PNG, "image/png"), id="no JPEG after all"),
        pytest.param(as_json({}, 404), id="404"),
        pytest.param(as_json({}, 403), id="403"),
        pytest.param(as_json({}, 424), id="424"),
        pytest.param(as_json({}, 502), id="502"),
        pytest.param(redirect("javascript:alert(1)"), id="sent nowhere"),
    ],
)
def test_the_next_one_is_taken(place: Place, bad: Response) -> None:
    """Where a picture cannot be had; the reason is told with the first that can."""
    place.files["cat0"] = bad
    made = place.source().make(CAT, 0)
    assert [one.content for one in made] == [png(str(number)) for number in (1, 2, 3, 4)]
    assert [len(one.doubts) for one in made] == [1, 0, 0, 0]


def test_jpeg_under_png_is_jpeg(place: Place, tmp_path: Path) -> None:
    """The name follows the bytes."""
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "JPEG")
    place.files["cat0"] = as_bytes(file.getvalue(), "image/png")
    assert Pictures(tmp_path, place.source()).picture(CAT).name.endswith(".jpg")


def test_none_can_be_had(place: Place) -> None:
    """It says why, and does not try for ever; one that may be had later is told apart."""
    place.items[:] = [picture(f"cat{number}") for number in range(12)]
    place.files.update({name: web_page() for name in place.files})
    with pytest.raises(BadAnswer, match=r"no picture that openverse has for 'cat' .*web page"):
        place.source().make(CAT, 0)
    assert len(place.asked) == 6
    place.files["cat1"] = as_json({}, 503)
    with pytest.raises(Unavailable, match="503"):
        place.source().make(CAT, 0)


@pytest.mark.parametrize("fault", [rate_limited(0), server_error(), dropped(), truncated()])
def test_what_passes_is_waited_for(place: Place, fault: Fault) -> None:
    """Of the search and of a file."""
    place.server.fail_next(fault, on="/openverse")
    place.server.fail_next(fault, on="/files")
    assert len(place.source().make(CAT, 0)) == 4


def test_what_lasts_is_told(place: Place) -> None:
    """For now it has none; nothing is settled."""
    place.server.fail_next(rate_limited(999), on="/openverse")
    with pytest.raises(RateLimited, match="999"):
        place.source().make(CAT, 0)
    place.server.fail_next(timeout(40), on="/openverse")
    place.server.close()
    with pytest.raises(Unavailable):
        place.source().make(CAT, 0)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"results": {}}', b"[" * 9999, b"\xff"])
def test_a_broken_answer_is_not_kept(tmp_path: Path, content: bytes) -> None:
    """It is said to be one, and asked for again."""
    with ServicesLoopback({"/o": lambda _: as_bytes(content)}) as server:
        source = journaled(Openverse(base_url=f"{server.url}/o", spacing=0), Journal(tmp_path))
        for _ in range(2):
            with pytest.raises(BadAnswer, match="something else than a list of pictures"):
                source.make(CAT, 0)
        assert len(server.requests) == 2


def test_what_the_journal_has_is_not_asked_for(place: Place, tmp_path: Path) -> None:
    """Neither the search nor the files, but for those that were of no use."""
    place.files["cat1"] = web_page()
    for _ in range(2):
        made = journaled(place.source(candidates=2), Journal(tmp_path)).make(CAT, 0)
        assert [one.content for one in made] == [png("0"), png("2")]
    assert place.asked == ["search", "cat0", "cat1", "cat2", "cat1"]


def test_its_requests_keep_their_distance(place: Place) -> None:
    """As Openverse asks of those without an account."""
    import time

    began = time.monotonic()
    place.source(candidates=2, spacing=0.05).make(CAT, 0)
    assert time.monotonic() - began >= 0.1


def test_it_says_who_it_is(place: Place) -> None:
    """In search and file."""
    place.source(agent="deck-maker/1").make(CAT, 0)
    assert {one.headers["user-agent"] for one in place.server.requests} == {"deck-maker/1"}


@pytest.mark.parametrize(
    "settings", [{"licences": ["by-nc"]}, {"licences": []}, {"candidates": 0}, {"candidates": 21}]
)
def test_what_makes_no_sense_is_refused(settings: Any) -> None:
    """Before anything is asked."""
    with pytest.raises(ValueError, match="licence"):
        Openverse(**settings)


hostile: list[Callable[[str], str]] = [
    lambda name: f"../../../{name}",
    lambda name: f"<script>{name}</script><img src=x onerror=alert(1)>&lt;script&gt;{name}",
    lambda name: f"{name}\r\n\x1b[2J\u202e\0" + name * 99_999,
    lambda name: f"javascript:{name}",
    lambda name: f'https://example.org/"onclick="{name}',
]


class Tags(HTMLParser):
    """Finds the tags of a text, with their addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(f"{tag} {name}", (value or "")[:8]) for name, value in attrs or [("", "")]}


def noted(file: MediaFile, asked: Card) -> str:
    """Give all that a card shows."""
    return "\n".join(note_of(asked, VOCABULARY_NOTE, "Spanish", file, None).fields.values())


@pytest.mark.parametrize("spoil", hostile, ids=["path", "tags", "long", "script", "attribute"])
def test_hostile_texts_are_just_texts(
    place: Place, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    """They reach no path, no tag, and no link."""
    told = ("id", "title", "creator", "foreign_landing_url", "license_version", "license_url")
    place.items[:] = [picture("cat0", **{name: spoil("a") for name in told})]
    file = Pictures(tmp_path / "media", place.source()).picture(CAT)
    shown = noted(file, CAT)
    assert Tags(shown).found <= {("img src", file.name[:8]), ("a href", "https://"), ("br ", "")}
    assert not set(shown) & set("\x1b\u202e\0")
    assert len(shown) < 2000
    assert {one.parent for one in tmp_path.rglob("*.*")} == {tmp_path / "media"}
    assert len(file.name) < 70


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.sampled_from(sorted(picture("x"))), junk))
def test_odd_fields_break_nothing(fields: dict[str, Any]) -> None:
    """Whatever stands where, the answer is read."""
    import json

    item = {**picture("x", url="https://x/x.jpg", thumbnail="https://x/x"), **fields}
    content = json.dumps({"results": [item, fields, 7]}).encode()
    for found in Openverse()._usable(content):
        assert found.url.startswith("https://x/")
        assert found.credit.title
        assert found.credit.author


def test_a_stand_in_is_replaced(place: Place, tmp_path: Path) -> None:
    """As soon as there is a library to ask."""
    stand_in = Toy("placeholder", grade=Grade.STAND_IN, local=True)
    assert Pictures(tmp_path, stand_in).picture(CAT).stand_in
    pictures = Pictures(tmp_path, place.source(), stand_in)
    assert pictures.existing([CAT]) == {}
    assert pictures.picture(CAT).provider == "openverse"
