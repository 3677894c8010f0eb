"""The folder in which pictures and sounds are kept, and never made twice."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from stages.core.json import from_json, to_json
from stages.core.problem import ProviderError
from stages.providers.errors import BadAnswer, NotFound
from stages.providers.files import refusal, write_whole
from stages.records.media import Credit, MediaFile, content_matches, media_name


class MediaFolder:
    """
    Keeps files under content-hashed names, each with a record of what it was made for.

    A file is written whole before its record is, so what the record names is there; whatever is
    killed between is made again and leaves no trace.
    """

    def __init__(self, path: Path | str) -> None:
        """Keep files in this folder; it is made when the first one comes."""
        self.path = Path(path)

    def read(self, name: str) -> bytes:
        """Give a file's bytes."""
        if Path(name).name != name or name in {"", ".", ".."}:
            raise NotFound(f"{name!r} is no name of a media file")
        try:
            return (self.path / name).read_bytes()
        except (OSError, ValueError) as error:
            raise refusal(error, f"media file {name}") from None

    def found(self, request: tuple[str, ...]) -> MediaFile | None:
        """Give the file that was made for a request; None where there is none or it is damaged."""
        try:
            made: MediaFile = from_json(self._record(request).read_text("utf-8"), MediaFile)
            return made if content_matches(made.name, self.read(made.name)) else None
        except (OSError, ValueError, ProviderError):
            return None

    def kept(
        self,
        request: tuple[str, ...],
        stem: str,
        make: Callable[[], bytes],
        *,
        credit: Credit | None = None,
        stand_in: bool = False,
        synthetic: bool = False,
    ) -> MediaFile:
        """
        Give the file that answers a request; only where there is none is it made and kept.

        Args:
            request: All that decides what comes out: who makes it, with which settings, of what.
            stem: What people see in the name.
            make: Gives the bytes.
            credit: Whose work it is, where a licence asks.
            stand_in: Whether it only fills a gap.
            synthetic: Whether no person spoke it.

        Raises:
            BadAnswer: What was made is neither picture nor sound.
        """
        there = self.found(request)
        if there:
            return there
        content = make()
        try:
            name = media_name(stem, content)
        except ValueError as error:
            raise BadAnswer(f"{request[0]} made {error}") from None
        write_whole(self.path / name, content)
        made = MediaFile(
            name=name,
            size=len(content),
            provider=request[0],
            credit=credit,
            stand_in=stand_in,
            synthetic=synthetic,
        )
        write_whole(self._record(request), to_json(made).encode())
        return made

    def _record(self, request: tuple[str, ...]) -> Path:
        fingerprint = hashlib.sha256("\x1f".join(request).encode()).hexdigest()[:32]
        return self.path / "made" / f"{fingerprint}.json"
