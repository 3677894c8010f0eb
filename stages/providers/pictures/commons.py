"""Pictures from Wikimedia Commons."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs

from stages.core.frozen import FrozenMap
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, Misconfigured, RateLimited, Unavailable
from stages.providers.found import address, plain
from stages.providers.journal import Request, Send
from stages.providers.pictures.library import (
    FREE,
    Asker,
    Library,
    Picture,
    bad,
    credit,
    fits,
    parsed,
    records,
)
from stages.providers.vendor import address_of, line_of
from stages.providers.web import Web

_ADDRESS = "COMMONS_BASE_URL"
_USUAL = "https://commons.wikimedia.org"
_WHOM = "Wikimedia Commons"
_WIDTH = 1024
_WITHOUT_THUMBNAIL = 5_000_000
"""A picture that has none is fetched itself, up to so many bytes."""


@attrs.frozen
class _Search(Asker):
    def search(self, request: Request) -> bytes:
        content = self.web.get(
            f"{self.base}/w/api.php",
            {
                "action": "query",
                "format": "json",
                "formatversion": "2",
                "generator": "search",
                "gsrnamespace": "6",
                "gsrsearch": f"{request['query']} filetype:bitmap",
                "gsrlimit": request["size"],
                "gsroffset": request["page"] * request["size"],
                "prop": "imageinfo",
                "iiprop": "url|size|mime|extmetadata",
                "iiurlwidth": _WIDTH,
            },
        )
        answer = parsed(content, _WHOM)
        if "error" in answer:
            raise _refusal(answer["error"])
        _pages(answer)
        return content


class Commons(Library):
    """The source that finds pictures in Wikimedia Commons, and fetches them a thousand pixels wide."""

    name = "commons"

    def __init__(
        self,
        *,
        contact: str,
        licences: Collection[str] = FREE,
        candidates: int = 1,
        base_url: str | None = None,
        spacing: float = 0.0,
    ) -> None:
        """
        Ask without an account.

        Args:
            contact: A mail or web address of whoever runs this: Wikimedia refuses who gives none.
            licences: Those under which a picture may be used: "cc0", "pdm", "by", "by-sa".
            candidates: How many pictures are fetched to choose from, 20 at most.
            base_url: Else that of the environment, in `COMMONS_BASE_URL`, else the usual one.
            spacing: The least seconds between two requests.

        Raises:
            Misconfigured: There is no contact, a library is missing, or the address is none.
            ValueError: A licence is unknown, or there are too few or too many candidates.
        """
        super().__init__(licences, candidates)
        if not re.search(r"\S@\S|https?://\S", contact):
            why = "Wikimedia Commons serves nobody who does not say how to be reached"
            raise Misconfigured(why, "give contact=… with your mail or web address")
        base = address_of(base_url, _WHOM, _ADDRESS, _USUAL).rstrip("/")
        agent = f"fluent-stages ({contact.strip()})"
        web = Web(_WHOM, headers=FrozenMap({"User-Agent": agent}), spacing=spacing)
        self.send: Send = _Search(web, base)

    def _usable(self, content: bytes) -> Sequence[Picture]:
        return [picture for page in _pages(parsed(content, _WHOM)) for picture in self._of(page)]

    def _of(self, page: Mapping[str, Any]) -> Iterator[Picture]:
        match page.get("imageinfo"):
            case [dict() as info, *_]:
                pass
            case _:
                return
        told = info.get("extmetadata")
        said = told if isinstance(told, dict) else {}
        code, version = _licence(_value(said, "LicenseShortName"))
        url = address(info.get("thumburl"))
        size = info.get("size")
        if not url and isinstance(size, int) and size <= _WITHOUT_THUMBNAIL:
            url = address(info.get("url"))
        mime = info.get("mime")
        kind = mime.removeprefix("image/") if isinstance(mime, str) else ""
        if url and code in self.licences and fits(kind, info.get("width"), info.get("height")):
            title = plain(page.get("title")).removeprefix("File:")
            yield Picture(
                url,
                credit(
                    code,
                    version,
                    author=plain(_value(said, "Artist")) or plain(_value(said, "Credit")),
                    title=re.sub(r"\.\w{2,5}$", "", title),
                    source=address(info.get("descriptionurl")),
                    licence_url=address(_value(said, "LicenseUrl")),
                ),
            )


def _pages(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the pages of an answer in the order of the search; one that found nothing has none."""
    if "query" not in answer:
        return [] if "batchcomplete" in answer else bad(_WHOM)
    query = answer["query"]
    pages = records(query.get("pages") if isinstance(query, dict) else None, _WHOM)
    return sorted(pages, key=_place)


def _place(page: Mapping[str, Any]) -> int:
    index = page.get("index")
    return index if isinstance(index, int) else 1_000


def _value(told: Mapping[str, Any], name: str) -> str:
    match told.get(name):
        case {"value": str(value)}:
            return value
        case _:
            return ""


_LICENCES = (
    (r"cc0\b.*", "cc0"),
    (r"(public domain|pd\b.*|pdm\b.*)", "pdm"),
    (r"cc[ -]by[ -]sa(?:[ -](\d\.\d))?(?:[ -][a-z]{2,3})?", "by-sa"),
    (r"cc[ -]by(?:[ -](\d\.\d))?(?:[ -][a-z]{2,3})?", "by"),
)


def _licence(name: str) -> tuple[str, str]:
    """
    Give the code and the version of a licence by its short name; nothing for one we do not know.

    >>> _licence("CC BY-SA 4.0"), _licence("CC BY 2.0 de"), _licence("CC0"), _licence("CC BY-NC 2.0")
    (('by-sa', '4.0'), ('by', '2.0'), ('cc0', ''), ('', ''))
    """
    for pattern, code in _LICENCES:
        if found := re.fullmatch(pattern, name.strip(), re.IGNORECASE):
            return code, (found[1] or "") if code.startswith("by") else ""
    return "", ""


def _refusal(error: object) -> ProviderError:
    """Say in our words what comes with status 200, and is an error."""
    told = error if isinstance(error, dict) else {}
    code, why = told.get("code"), f"{_WHOM} says: {line_of(told.get('info')) or 'no'}"
    if code == "ratelimited":
        return RateLimited(why, "run it again later")
    if code in ("maxlag", "readonly") or str(code).startswith("internal_api_error"):
        return Unavailable(why, "run it again later")
    return BadAnswer(why)
