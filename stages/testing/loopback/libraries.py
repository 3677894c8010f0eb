"""Forvo, Openverse and Wikimedia Commons, as they are documented to behave."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote

from stages.testing.loopback.records import Received, failed
from stages.testing.loopback.services import Service, as_bytes, as_json
from stages.testing.loopback.wire import Response

Items: TypeAlias = Sequence[Mapping[str, Any]]
"""What a search finds, as the service writes it; the values of addresses may begin with a path."""

_OK = 200
_MOST_ANONYMOUS = 20
_FREE_DAYS = 500


def _whole(value: Any, base: str) -> Any:
    """Give JSON with every path in it that begins with a slash made an address of this server."""
    match value:
        case str() if value.startswith("/") and not value.startswith("//"):
            return base + value
        case dict():
            return {name: _whole(one, base) for name, one in value.items()}
        case list() | tuple():
            return [_whole(one, base) for one in value]
        case _:
            return value


def _base(received: Received) -> str:
    return f"http://{received.headers.get('host', '')}"


class ForvoService:
    """
    Forvo: searches for recordings, and serves them for a while.

    Attributes:
        spent: How many requests it answered since the quota was renewed.
        words: What was searched for, in order.
    """

    def __init__(
        self,
        find: Callable[[str, str], Items | Response],
        audio: Callable[[str], bytes | Response],
        *,
        key: str = "right",
        limit: int = _FREE_DAYS,
        prefix: str = "/forvo",
        limit_status: int = _OK,
    ) -> None:
        """
        Say how it is to behave.

        Args:
            find: Gives the recordings of a word in a language; one without `pathmp3` gets an
                address of this server.
            audio: Gives the sound of a recording by its id.
            key: The only one that is let in.
            limit: How many requests are answered a day.
            prefix: Under which it is served.
            limit_status: The HTTP status with which it says that the limit is reached.
        """
        self.spent = 0
        self.words: list[str] = []
        self.limit = limit
        self._find = find
        self._audio = audio
        self._key = key
        self._prefix = prefix
        self._limit_status = limit_status
        self._age = 0
        self._lock = threading.Lock()

    def expire(self) -> None:
        """Let all links that were given so far be dead, as they are after two hours."""
        self._age += 1

    def renew(self) -> None:
        """Begin a new day."""
        self.spent = 0

    def __call__(self, received: Received) -> Response:
        """Answer a request."""
        with self._lock:
            if self.spent >= self.limit:
                return as_json(["Limit/day reached."], self._limit_status)
            self.spent += 1
        if found := re.fullmatch(r"/audio/(\d+)/(\w+)\.mp3", received.path):
            if int(found[1]) != self._age:
                raise failed(404, "this link is no longer valid")
            sound = self._audio(found[2])
            return sound if isinstance(sound, Response) else as_bytes(sound, "audio/mpeg")
        asked = self._asked(received.path)
        if asked is None:
            return as_json(["Incorrect request."], 400)
        if asked.get("key") != self._key:
            return as_json(["Calling from incorrect domain."], 403)
        self.words.append(asked["word"])
        items = self._find(asked["word"], asked["language"])
        return items if isinstance(items, Response) else as_json(self._told(items, received))

    @staticmethod
    def _asked(path: str) -> dict[str, str] | None:
        """Read the path as pairs of names and values; None where it is none that Forvo knows."""
        names = [unquote(part) for part in path.strip("/").split("/")]
        asked = dict(zip(names[::2], names[1::2], strict=False))
        known = asked.keys() <= {"key", "format", "action", "word", "language", *_OPTIONS}
        whole = len(names) % 2 == 0 and known and {"key", "word", "language"} <= asked.keys()
        told = asked.get("format"), asked.get("action"), asked.get("order", _ORDERS[0])
        right = told[:2] == ("json", "word-pronunciations") and told[2] in _ORDERS
        return asked if whole and right else None

    def _told(self, items: Items, received: Received) -> dict[str, Any]:
        audio = f"{_base(received)}{self._prefix}/audio/{self._age}"
        told = [
            {"pathmp3": f"{audio}/{item['id']}.mp3", **item}
            if isinstance(item, Mapping) and "id" in item
            else item
            for item in items
        ]
        return {"attributes": {"total": len(told)}, "items": told}


_OPTIONS = frozenset({"country", "username", "sex", "rate", "order", "limit", "group-in-languages"})
_ORDERS = ("date-desc", "date-asc", "rate-desc", "rate-asc")


def recording(number: int | str, country: str = "Mexico", **fields: Any) -> dict[str, Any]:
    """Give a recording as Forvo writes it, numbers partly as text."""
    usual = {
        "id": number,
        "word": "casa",
        "username": f"speaker{number}",
        "sex": "f",
        "country": country,
        "code": "es",
        "langname": "Spanish",
        "rate": 0,
        "num_votes": "0",
        "num_positive_votes": 0,
    }
    return {**usual, **fields}


def openverse(find: Callable[[str], Items | Response]) -> Service:
    """Serve the pictures that `find` gives for a query, those of the licences that are asked for."""

    def serve(received: Received) -> Response:
        if received.endpoint != "GET /v1/images/":
            raise failed(404, "Not found.")
        query = received.query
        size, page = int(query.get("page_size", "20")), int(query.get("page", "1"))
        if size > _MOST_ANONYMOUS or page > _MOST_ANONYMOUS:
            return as_json({"detail": "Anonymous requests may not be so large."}, 401)
        licences = query.get("license", "").split(",")
        every = find(query.get("q", ""))
        if isinstance(every, Response):
            return every
        fits = [one for one in every if licences == [""] or one["license"] in licences]
        shown = fits[(page - 1) * size : page * size]
        told = {"result_count": len(fits), "page_size": size, "page": page}
        return as_json(_whole({**told, "results": shown}, _base(received)))

    return serve


def picture(name: str, **fields: Any) -> dict[str, Any]:
    """Give a picture as Openverse writes it; it lies under "/files"."""
    usual = {
        "id": name,
        "title": f"The {name}",
        "url": f"/files/{name}.jpg",
        "thumbnail": f"/files/{name}",
        "foreign_landing_url": f"https://example.org/photos/{name}",
        "creator": "Ana",
        "license": "by",
        "license_version": "4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "source": "flickr",
        "filetype": "jpg",
        "filesize": 100_000,
        "width": 1600,
        "height": 1200,
        "mature": False,
    }
    return {**usual, **fields}


def commons(find: Callable[[str], Items | Response]) -> Service:
    """Serve the pages that `find` gives for a query; who does not say how to be reached is refused."""

    def serve(received: Received) -> Response:
        if not re.search(r"\S@\S|https?://", received.headers.get("user-agent", "")):
            raise failed(403, "Please set a user-agent with contact information")
        query = received.query
        if received.endpoint != "GET /w/api.php" or query.get("formatversion") != "2":
            raise failed(404, "Not found")
        found = find(query.get("gsrsearch", ""))
        if isinstance(found, Response):
            return found
        start = int(query.get("gsroffset", "0"))
        shown = found[start : start + int(query.get("gsrlimit", "10"))]
        answer: dict[str, Any] = {"batchcomplete": True}
        if shown:
            # They come in the order of their numbers, and say which place they had.
            pages = [
                {"index": start + place, **one} if isinstance(one, Mapping) else one
                for place, one in enumerate(shown, 1)
            ]
            answer["query"] = {"pages": pages[::-1]}
        return as_json(_whole(answer, _base(received)))

    return serve


def page(name: str, licence: str = "CC BY-SA 4.0", **fields: Any) -> dict[str, Any]:
    """Give a page of Commons with a picture; it lies under "/files"."""
    said = {
        "LicenseShortName": licence,
        "LicenseUrl": "https://creativecommons.org/licenses/by-sa/4.0",
        "Artist": '<a href="//commons.wikimedia.org/wiki/User:Ana" title="User:Ana">Ana &amp; Co</a>',
        "Credit": '<span class="int-own-work">Own work</span>',
    }
    info = {
        "url": f"/files/{name}.jpg",
        "thumburl": f"/files/{name}",
        "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{name}.jpg",
        "width": 4000,
        "height": 3000,
        "size": 9_000_000,
        "mime": "image/jpeg",
        "extmetadata": {
            key: {"value": value, "source": "commons-desc-page"} for key, value in said.items()
        },
    }
    return {"ns": 6, "title": f"File:{name}.jpg", "imageinfo": [{**info, **fields}]}
