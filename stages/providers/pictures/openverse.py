"""Pictures from Openverse, the search engine for openly licensed works."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import attrs

from stages.core.frozen import FrozenMap
from stages.providers.found import address, plain
from stages.providers.journal import Request, Send
from stages.providers.pictures.library import (
    FREE,
    Asker,
    Library,
    Picture,
    credit,
    fits,
    parsed,
    records,
)
from stages.providers.vendor import address_of
from stages.providers.web import Web

_ADDRESS = "OPENVERSE_BASE_URL"
_USUAL = "https://api.openverse.org"
_MOST_PAGES = 20
_WHOM = "Openverse"


@attrs.frozen
class _Search(Asker):
    def search(self, request: Request) -> bytes:
        if request["page"] >= _MOST_PAGES:  # so far, and no further, without an account
            return b'{"results": []}'
        content = self.web.get(
            f"{self.base}/v1/images/",
            {
                "q": request["query"],
                "license": request["licences"],
                "mature": "false",
                "page": request["page"] + 1,
                "page_size": request["size"],
            },
        )
        records(parsed(content, _WHOM).get("results"), _WHOM)
        return content


class Openverse(Library):
    """
    The source that finds pictures by Openverse: no key, a request a second.

    What comes is Openverse's own thumbnail, which is as large as a card needs it.
    """

    name = "openverse"

    def __init__(
        self,
        *,
        licences: Collection[str] = FREE,
        candidates: int = 1,
        base_url: str | None = None,
        agent: str = "fluent-stages",
        spacing: float = 1.0,
    ) -> None:
        """
        Ask without an account.

        Args:
            licences: Those under which a picture may be used: "cc0", "pdm", "by", "by-sa".
            candidates: How many pictures are fetched to choose from, 20 at most.
            base_url: Else that of the environment, in `OPENVERSE_BASE_URL`, else the usual one.
            agent: What we say that we are.
            spacing: The least seconds between two requests.

        Raises:
            Misconfigured: A library is missing, or the address is none.
            ValueError: A licence is unknown, or there are too few or too many candidates.
        """
        super().__init__(licences, candidates)
        base = address_of(base_url, _WHOM, _ADDRESS, _USUAL).rstrip("/")
        web = Web(_WHOM, headers=FrozenMap({"User-Agent": agent}), spacing=spacing)
        self.send: Send = _Search(web, base)

    def _usable(self, content: bytes) -> Sequence[Picture]:
        found = records(parsed(content, _WHOM).get("results"), _WHOM)
        return [picture for one in found for picture in self._of(one)]

    def _of(self, found: Mapping[str, Any]) -> Iterator[Picture]:
        code, original = found.get("license"), address(found.get("url"))
        kind = found.get("filetype") or PurePosixPath(urlsplit(original).path).suffix[1:]
        url = address(found.get("thumbnail")) or original
        allowed = isinstance(code, str) and code in self.licences
        shown = found.get("mature") in (None, False)
        if not (url and allowed and shown and isinstance(code, str)):
            return
        if fits(_kind(kind), found.get("width"), found.get("height")):
            yield Picture(
                url,
                credit(
                    code,
                    str(found.get("license_version")),
                    author=plain(found.get("creator")) or plain(found.get("source")),
                    title=plain(found.get("title")),
                    source=address(found.get("foreign_landing_url")),
                    licence_url=address(found.get("license_url")),
                ),
            )


def _kind(told: object) -> str:
    """Give a file type as it ends a name; what is none is left unsaid."""
    return told.lower() if isinstance(told, str) and re.fullmatch(r"\w{2,5}", told) else ""
