"""The page on which pictures and sounds stand side by side."""

from html.parser import HTMLParser
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from stages.show.contact_sheet import Shot, contact_sheet

anything = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class _Read(HTMLParser):
    """Reads what a browser would load, and what is written."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


@given(
    anything, anything, st.lists(st.builds(Shot, path=anything, number=anything, caption=anything))
)
def test_whatever_it_shows_it_loads_that_alone(title: str, hint: str, shots: list[Shot]) -> None:
    """Names and captions stand as they are; nothing in them is taken for a tag."""
    read = _Read(contact_sheet(title, shots, hint))

    assert [unquote(source) for source in read.sources] == [shot.path for shot in shots]
    assert {"script", "link", "iframe"}.isdisjoint(read.tags)
    assert read.tags.count("figure") == len(shots)
    assert all(shot.caption in read.text for shot in shots)


def test_sounds_are_played_and_what_is_shown_is_marked() -> None:
    """A picture is looked at, a sound listened to."""
    page = contact_sheet(
        "casa",
        [
            Shot(path="a.png", number="1", caption="openai", shown=True),
            Shot(path="backup/b.mp3", number="2", caption="forvo"),
        ],
    )

    assert page.count('class="shown"') == 1
    assert '<img src="a.png"' in page
    assert 'src="backup/b.mp3"></audio>' in page
