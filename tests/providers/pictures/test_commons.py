"""Wikimedia Commons: free pictures for who says how to be reached, with clean credit lines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from stages.providers.errors import BadAnswer, Misconfigured, NotFound, RateLimited, Unavailable
from stages.providers.journal import Journal, journaled
from stages.providers.media import Pictures
from stages.providers.pictures.commons import Commons
from stages.providers.source import Grade
from stages.testing.loopback import Fault, dropped, rate_limited, server_error, truncated
from stages.testing.loopback.libraries import Items, commons, page
from stages.testing.loopback.services import ServicesLoopback, as_bytes, as_json, files, web_page
from stages.testing.loopback.wire import Response
from tests.making import card
from tests.providers.sources import png

CAT = attrs.evolve(card("gato"), search="cat", caption="animal")
CONTACT = "ana@example.org"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@attrs.define
class Place:
    """Commons, as a test sees it."""

    server: ServicesLoopback
    pages: list[Any]
    files: dict[str, bytes | Response]

    def source(self, **settings: Any) -> Commons:
        usual = {"base_url": f"{self.server.url}/commons", "contact": CONTACT, "candidates": 4}
        return Commons(**{**usual, **settings})

    @property
    def asked(self) -> list[str]:
        return [one.path.rpartition("/")[2] for one in self.server.requests]


@pytest.fixture
def place() -> Iterator[Place]:
    """Give a Commons with six pictures."""
    pages: list[Any] = [page(f"cat{number}") for number in range(6)]
    content: dict[str, bytes | Response] = {f"cat{n}": png(str(n)) for n in range(30)}

    def find(_: str) -> Items:
        return pages

    with ServicesLoopback({"/commons": commons(find), "/files": files(content)}) as server:
        yield Place(server, pages, content)


@pytest.mark.parametrize("contact", ["", "  ", "ana", "@", "https://"])
def test_a_contact_is_needed(contact: str) -> None:
    """Wikimedia refuses who gives none, so it is found out before."""
    with pytest.raises(Misconfigured, match="how to be reached") as caught:
        Commons(contact=contact)
    assert "contact=" in caught.value.hint
    with pytest.raises(Misconfigured, match="line end"):
        Commons(contact="ana@example.org\r\nX-Evil: 1")


def test_candidates_come_with_credit(place: Place) -> None:
    """In the order of the search, which is not that of the answer; of a bearable width."""
    source = place.source()
    assert (source.grade, source.local, source.name) == (Grade.WHOLE, False, "commons")
    made = source.make(CAT, 0)
    assert [one.content for one in made] == [png(str(number)) for number in range(4)]
    credit = made[0].credit
    assert credit is not None
    assert credit.line == "cat0 · Ana & Co · CC BY-SA 4.0"
    assert credit.source == "https://commons.wikimedia.org/wiki/File:cat0.jpg"
    assert credit.licence_url == "https://creativecommons.org/licenses/by-sa/4.0"
    query = place.server.requests[0].query
    assert (query["gsrsearch"], query["iiurlwidth"]) == ("cat filetype:bitmap", "1024")
    assert {one.headers["user-agent"] for one in place.server.requests} == {
        "fluent-stages (ana@example.org)"
    }


def test_asking_anew_gives_the_next_page(place: Place) -> None:
    """Until there is none."""
    source = place.source(candidates=1)
    assert source.make(CAT, 1)[0].content == png("3")
    with pytest.raises(NotFound, match="on page 3"):
        source.make(CAT, 2)


def test_nothing_is_found(place: Place) -> None:
    """Then the answer has no pages."""
    place.pages.clear()
    with pytest.raises(NotFound, match="commons has no picture for 'cat'"):
        place.source().make(CAT, 0)


useless: list[Any] = [
    page("cat0", "CC BY-NC 4.0"),
    page("cat0", "GFDL"),
    page("cat0", "Fair use"),
    page("cat0", ""),
    page("cat0", width=100),
    page("cat0", mime="image/svg+xml"),
    page("cat0", mime="image/tiff"),
    page("cat0", mime="application/pdf"),
    page("cat0", thumburl=None),
    page("cat0", thumburl="javascript:x", url="javascript:x", size=1),
    page("cat0", extmetadata=[]),
    page("cat0", extmetadata={"LicenseShortName": "CC BY 4.0"}),
    page("cat0", extmetadata={"LicenseShortName": {"value": 7}}),
    {"title": "File:cat0.jpg"},
    {"title": "File:cat0.jpg", "imageinfo": []},
    {"title": "File:cat0.jpg", "imageinfo": ["x"]},
    7,
]


@pytest.mark.parametrize("bad", useless, ids=[str(number) for number in range(len(useless))])
def test_what_may_not_be_used_is_left_out(place: Place, bad: Any) -> None:
    """By licence, size, kind or weight; what is left is asked for."""
    place.pages[:] = [bad, page("cat1")]
    assert [one.content for one in place.source().make(CAT, 0)] == [png("1")]
    assert place.asked == ["api.php", "cat1"]


@pytest.mark.parametrize(
    ("name", "licence", "address"),
    [
        ("CC BY 2.0 de", "CC BY 2.0", "https://creativecommons.org/licenses/by-sa/4.0"),
        ("CC0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("Public domain", "Public domain", "https://creativecommons.org/publicdomain/mark/1.0/"),
        ("cc-by-sa-3.0", "CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/4.0"),
    ],
)
def test_a_licence_has_its_name_and_address(
    place: Place, name: str, licence: str, address: str
) -> None:
    """However Commons writes it."""
    place.pages[:] = [page("cat0", name)]
    credit = place.source().make(CAT, 0)[0].credit
    assert credit is not None
    assert (credit.licence, credit.licence_url) == (licence, address)
    place.pages[:] = [page("cat0", name)]
    with pytest.raises(NotFound):
        place.source(licences=["by"] if "0 de" not in name else ["cc0"]).make(CAT, 0)


def test_a_small_one_without_thumbnail_is_fetched_itself(place: Place) -> None:
    """But no original of forty megabytes."""
    place.pages[:] = [page("cat0", thumburl=None, url="/files/cat0", size=4_000_000)]
    assert len(place.source().make(CAT, 0)) == 1


@pytest.mark.parametrize(
    "bad",
    [as_bytes(b""), web_page(), as_bytes(png("x")[:2000]), as_json({}, 404), as_json({}, 500)],
    ids=["zero", "page", "half", "404", "500"],
)
def test_the_next_one_is_taken(place: Place, bad: Response) -> None:
    """Where a picture cannot be had."""
    place.files["cat0"] = bad
    made = place.source().make(CAT, 0)
    assert [one.content for one in made] == [png(str(number)) for number in (1, 2, 3, 4)]
    assert len(made[0].doubts) == 1


@pytest.mark.parametrize("fault", [rate_limited(0), server_error(), dropped(), truncated()])
def test_what_passes_is_waited_for(place: Place, fault: Fault) -> None:
    """Of the search and of a file."""
    place.server.fail_next(fault, on="/commons")
    place.server.fail_next(fault, on="/files")
    assert len(place.source().make(CAT, 0)) == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ratelimited", RateLimited),
        ("maxlag", Unavailable),
        ("internal_api_error_DBQueryError", Unavailable),
        ("badvalue", BadAnswer),
        (7, BadAnswer),
    ],
)
def test_an_error_may_come_with_a_good_status(
    tmp_path: Path, code: Any, error: type[Exception]
) -> None:
    """It is told, and not kept."""
    answer = as_json({"error": {"code": code, "info": "this is\nwhy"}})
    with ServicesLoopback({"/commons": commons(lambda _: answer)}) as server:
        made = Commons(contact=CONTACT, base_url=f"{server.url}/commons")
        source = journaled(made, Journal(tmp_path))
        for _ in range(2):
            with pytest.raises(error, match="Wikimedia Commons says: this is why"):
                source.make(CAT, 0)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"query": 7}', b'{"query": {"pages": {}}}', b'{"error": 7}'],
)
def test_a_broken_answer_is_said_to_be_one(content: bytes) -> None:
    """It never counts as nothing found."""
    with ServicesLoopback({"/commons": commons(lambda _: as_bytes(content))}) as server:
        source = Commons(contact=CONTACT, base_url=f"{server.url}/commons")
        with pytest.raises(BadAnswer, match="Wikimedia Commons"):
            source.make(CAT, 0)


def test_what_the_journal_has_is_not_asked_for(place: Place, tmp_path: Path) -> None:
    """Neither the search nor the files."""
    for _ in range(2):
        assert len(journaled(place.source(), Journal(tmp_path)).make(CAT, 0)) == 4
    assert place.asked == ["api.php", "cat0", "cat1", "cat2", "cat3"]


def test_hostile_texts_are_just_texts(place: Place, tmp_path: Path) -> None:
    """They reach no path, no tag and no link."""
    evil = (
        '<a href="javascript:x" onclick="x">A<script>bad()</script>na</a>\u202e\0' + "<b>x" * 9_999
    )
    told = {"LicenseShortName": "CC BY 4.0", "LicenseUrl": "javascript:x", "Artist": evil}
    metadata = {key: {"value": value} for key, value in told.items()}
    info: dict[str, Any] = {"extmetadata": metadata, "descriptionurl": "data:text/html,x"}
    place.pages[:] = [{**page("cat0", **info), "title": "File:../../../etc/<b>passwd</b>.jpg"}]
    file = Pictures(tmp_path / "media", place.source()).picture(CAT)
    credit = file.credit
    assert credit is not None
    assert credit.title == "../../../etc/passwd"
    assert credit.author.startswith("Ana xxx")
    assert len(credit.author) <= 120
    assert (credit.source, credit.licence) == ("", "CC BY 4.0")
    assert credit.licence_url == "https://creativecommons.org/licenses/by/4.0/"
    assert {one.parent for one in tmp_path.rglob("*.*")} == {tmp_path / "media"}


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
names = sorted(page("x")["imageinfo"][0])


@given(st.dictionaries(st.sampled_from(names), junk), junk, junk)
def test_odd_fields_break_nothing(info: dict[str, Any], title: Any, index: Any) -> None:
    """Whatever stands where, the answer is read."""
    odd = {**page("x", **{"thumburl": "https://x/x", **info}), "title": title, "index": index}
    content = json.dumps({"query": {"pages": [odd, info, title]}}).encode()
    for found in Commons(contact=CONTACT)._usable(content):
        assert found.url.startswith("http")
        assert found.credit.title
        assert found.credit.author
