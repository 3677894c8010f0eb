"""What libraries of free pictures share: words to search by, licences, and the next picture."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NoReturn

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.door import check_picture
from stages.providers.errors import BadAnswer, NotFound
from stages.providers.found import address, asked, gathered
from stages.providers.journal import Answer, Request, Send
from stages.providers.source import Free, Grade, Made
from stages.providers.web import Web
from stages.records.card import Card
from stages.records.media import Credit

FREE = ("cc0", "pdm", "by", "by-sa")
"""Licences under which a picture may be changed, and be in a deck that is sold."""

_NAMES = FrozenMap({"cc0": "CC0 1.0", "pdm": "Public domain", "by": "CC BY", "by-sa": "CC BY-SA"})
_ADDRESSES = FrozenMap(
    {
        "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
        "pdm": "https://creativecommons.org/publicdomain/mark/1.0/",
    }
)

_PAGE = 20
_SMALLEST = 200
_LONGEST_QUERY = 100
_LARGEST_FILE = 10_000_000


@attrs.frozen
class Picture:
    """A picture that a search found, and that may be used."""

    url: str
    credit: Credit


@attrs.frozen
class Asker(ABC):
    """Asks a library over the web: by a search, or for a file."""

    web: Web
    base: str

    def __call__(self, request: Request, label: str) -> Answer:  # noqa: ARG002  # the journal's
        """Give what came, if it is of use; the rest is not worth keeping."""
        if request["action"] == "file":
            content = self.web.file(request["url"], _LARGEST_FILE)
            check_picture(content)
        else:
            content = self.search(request)
        return Answer(content)

    @abstractmethod
    def search(self, request: Request) -> bytes:
        """Give the answer to a search; raise `BadAnswer` if it is none."""


class Library(Free, ABC):
    """
    The source that finds pictures in a library, by what its card says is to be searched for.

    `journaled` makes one that keeps what it was answered. It may be asked from many threads at once.

    Attributes:
        licences: Those under which a picture may be used.
        candidates: How many pictures are fetched to choose from.
        send: Takes a request and what it is for, and gives the raw answer.
    """

    name: ClassVar[str]
    grade = Grade.WHOLE
    local = False
    send: Send

    def __init__(self, licences: Collection[str], candidates: int) -> None:
        """
        Take these licences.

        Raises:
            ValueError: One of them is unknown, or there is no candidate.
        """
        if unknown := set(licences).difference(FREE):
            raise ValueError(f"{unknown.pop()!r} is no licence we know: {', '.join(FREE)}")
        if not licences or not 1 <= candidates <= _PAGE:
            raise ValueError(f"at least one licence is needed, and 1 to {_PAGE} candidates")
        self.licences = tuple(one for one in FREE if one in licences)
        self.candidates = candidates

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self.licences)}>"

    def request(self, card: Card) -> Mapping[str, str] | None:
        """Give what is searched for; None for a card that says nothing of it."""
        query = query_of(card)
        return {"query": query, "licences": ",".join(self.licences)} if query else None

    def make(self, card: Card, take: int) -> tuple[Made, ...]:
        """Find pictures and fetch some; asking anew gives those of the next page."""
        query = query_of(card)
        search = {
            "action": "search",
            "query": query,
            "licences": ",".join(self.licences),
            "page": take,
            # Some of them cannot be used, or are gone.
            "size": min(_PAGE, 3 * self.candidates),
        }
        found = self._usable(asked(self.send, search, card.id).content)
        if not found:
            why = f"{self.name} has no picture for {query!r} that may be used"
            raise NotFound(
                f"{why} on page {take + 1}" if take else why, "search for something else"
            )
        return gathered(
            found,
            partial(self._fetch, card),
            wanted=self.candidates,
            nothing=f"no picture that {self.name} has for {query!r} can be had",
        )

    @abstractmethod
    def _usable(self, content: bytes) -> Sequence[Picture]:
        """Give the pictures of an answer that may be used, the best first."""

    def _fetch(self, card: Card, picture: Picture) -> Made:
        content = asked(self.send, {"action": "file", "url": picture.url}, card.id).content
        return Made(
            content=content,
            credit=picture.credit,
            details=FrozenMap({"page": picture.credit.source, "file": picture.url}),
        )


def query_of(card: Card) -> str:
    """
    Give the words by which a picture of a card is found, without anything that searches obey.

    >>> from stages.core.frozen import FrozenMap
    >>> card = Card(id="a", note_type="", word="gato", language="es", fields=FrozenMap())
    >>> query_of(attrs.evolve(card, search='cat -dog "insource:/x/"')), query_of(card)
    ('cat dog insource x', '')
    """
    words = re.findall(r"\w[\w'’-]*", card.search) or re.findall(r"\w[\w'’-]*", card.caption)
    return " ".join(words)[:_LONGEST_QUERY].strip()


def parsed(content: bytes, whom: str) -> Mapping[str, Any]:
    """
    Give the JSON object that an answer is.

    Raises:
        BadAnswer: It is none.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        bad(whom)
    return value


def bad(whom: str) -> NoReturn:
    """Raise that an answer is none."""
    raise BadAnswer(f"{whom} answered a search with something else than a list of pictures")


def fits(kind: str, *sides: object) -> bool:
    """
    Tell whether a picture of this kind and size suits a card; nothing is held against the unsaid.

    >>> fits("jpg", 800, 600), fits("svg", 800, 600), fits("png", 16, 16), fits("png", None, None)
    (True, False, False, True)
    """
    told = (side for side in sides if isinstance(side, int | float))
    return kind in _KINDS and all(side >= _SMALLEST for side in told)


_KINDS = frozenset({"", "jpg", "jpeg", "png", "gif", "webp"})


def credit(
    code: str, version: str, *, author: str, title: str, source: str, licence_url: str
) -> Credit:
    """Give the credit line of a picture, of texts that were made harmless."""
    versioned = code in ("by", "by-sa") and re.fullmatch(r"\d\.\d", version)
    usual = f"https://creativecommons.org/licenses/{code}/{version}/" if versioned else ""
    theirs = address(licence_url)
    return Credit(
        author=author or "unknown",
        licence=f"{_NAMES[code]} {version}" if versioned else _NAMES[code],
        source=address(source),
        title=title or "Untitled",
        licence_url=_ADDRESSES.get(code) or (theirs if _is_deed(theirs) else usual),
    )


def _is_deed(url: str) -> bool:
    return bool(re.match(r"https?://creativecommons\.org/", url))


def records(values: object, whom: str) -> Iterable[Mapping[str, Any]]:
    """
    Give the objects of a JSON list; whatever else is in it is left out.

    Raises:
        BadAnswer: It is no list.
    """
    if not isinstance(values, list):
        bad(whom)
    return [one for one in values if isinstance(one, dict)]
