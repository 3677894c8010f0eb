"""What all who find pictures and sounds share: how they ask, harmless texts, the next one where one fails."""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from typing import TypeVar
from urllib.parse import urlsplit

import attrs

from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, RateLimited, Unavailable
from stages.providers.journal import Answer, Kept, Request, Send
from stages.providers.source import Made
from stages.providers.vendor import line_of

T = TypeVar("T")

_MOST_FAILURES = 5
"""After so many in a row that cannot be had, the next ones cannot either."""

_LONGEST_ADDRESS = 2_000
_LONGEST_HTML = 20_000


def gathered(
    found: Iterable[T],
    fetch: Callable[[T], Made],
    *,
    wanted: int,
    nothing: str,
    error: type[ProviderError] = BadAnswer,
) -> tuple[Made, ...]:
    """
    Fetch what was found, the best first, until there are so many; equal bytes count once.

    Args:
        found: The best first.
        fetch: Gives one, or raises one of our family.
        wanted: How many.
        nothing: What is said where none of them can be had.
        error: What is raised then, unless one of them may be had later.

    Raises:
        RateLimited, Unavailable: None can be had for now.
    """
    made: list[Made] = []
    failures: list[ProviderError] = []
    better: tuple[str, ...] = ()
    for one in found:
        try:
            fetched = fetch(one)
        except ProviderError as failure:
            if failure.stops_run and not made:
                raise
            failures.append(failure)
            if failure.stops_run or len(failures) == _MOST_FAILURES:
                break
            continue
        if not made:
            better = tuple(map(str, failures))
        if all(fetched.content != earlier.content for earlier in made):
            made.append(fetched)
        if len(made) == wanted:
            break
    if not made:
        passing = (type(one) for one in failures if isinstance(one, RateLimited | Unavailable))
        raise next(passing, error)("; ".join((nothing, *map(str, failures))))
    first, *others = made
    return (attrs.evolve(first, doubts=(*first.doubts, *better)), *others)


def asked(send: Send, request: Request, label: str) -> Answer:
    """
    Ask somebody who charges nothing: what failed leaves no note in the journal of a call that broke off.

    Raises:
        ProviderError: Whatever `send` raises.
    """
    try:
        return send(request, label)
    except ProviderError:
        forget(send, request)
        raise


def forget(send: Send, request: Request) -> None:
    """Let something be asked for again, if there is a journal that keeps it."""
    if isinstance(send, Kept):
        send.journal.forget(send.name, request)


def plain(text: object, most: int = 120) -> str:
    r"""
    Give a text from outside without tags and control characters, in one line and not too long.

    >>> plain('<a href="//x">Ana &amp; Co</a>\n'), plain("I <3 cats<script>alert(1)</script>")
    ('Ana & Co', 'I <3 cats')
    >>> plain(None)
    ''
    """
    if not isinstance(text, str):
        return ""
    reader = _Reader()
    reader.feed(text[:_LONGEST_HTML])
    reader.close()
    return line_of("".join(reader.said), most)


class _Reader(HTMLParser):
    """Takes the text out of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begin what is not shown."""
        self._unsaid += tag in _UNSAID

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._unsaid -= tag in _UNSAID and self._unsaid > 0

    def handle_data(self, data: str) -> None:
        """Take what is shown."""
        if not self._unsaid:
            self.said.append(data)


_UNSAID = frozenset({"script", "style"})


def address(url: object) -> str:
    """
    Give an address from outside if it is one of the web, else nothing.

    >>> address("https://example.org/a?b=1"), address("javascript:alert(1)"), address(None)
    ('https://example.org/a?b=1', '', '')
    """
    if not isinstance(url, str) or not re.fullmatch(r"[^\x00-\x20\x7f\"'<>\\^`{|}]+", url):
        return ""
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return ""
    return url if good and url.isprintable() and len(url) <= _LONGEST_ADDRESS else ""
