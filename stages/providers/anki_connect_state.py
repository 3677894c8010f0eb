"""What a sync remembers of a collection: what it wanted of each note when it was last put."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from stages.core.frozen import FrozenMap
from stages.core.json import from_json, to_json
from stages.providers.errors import BadAnswer, Denied, Rejected
from stages.providers.files import refusal, write_whole
from stages.records.canonical import canonical_tags
from stages.records.note import Note, NoteType

_FORMAT = 1


@attrs.frozen(kw_only=True)
class Remembered:
    """
    What is remembered of one profile.

    Attributes:
        notes: What was wanted, by guid.
        note_types: What was wanted, by name.
        decks: The number of each deck that notes were put into, by our name: its learner may have
            renamed it.
        beside: Of adopted notes, by guid: what no field of theirs holds.
        sent: By guid, what was about to be put when a sync was killed: fields and added tags.
    """

    notes: FrozenMap[str, Note] = FrozenMap()
    note_types: FrozenMap[str, NoteType] = FrozenMap()
    decks: FrozenMap[str, int] = FrozenMap()
    beside: FrozenMap[str, FrozenMap[str, str]] = FrozenMap()
    sent: FrozenMap[str, Note] = FrozenMap()

    def pushed(self, there: Mapping[str, Note]) -> FrozenMap[str, Note]:
        """
        Give what was wanted of each note when it was last put, be it remembered or only sent.

        Of what was only sent, that counts which is there: else what we put before a sync was killed
        would be taken for the learner's.
        """
        found = {guid: one for guid, one in self.sent.items() if guid in there}
        if not found:
            return self.notes
        arrived = {
            guid: _with_sent(self.notes[guid], sent, there[guid]) if guid in self.notes else sent
            for guid, sent in found.items()
        }
        return FrozenMap({**self.notes, **arrived})


def _with_sent(before: Note, sent: Note, there: Note) -> Note:
    put = {k: text for k, text in sent.fields.items() if there.fields.get(k) == text}
    return attrs.evolve(
        before,
        fields=FrozenMap({**before.fields, **put}),
        tags=canonical_tags((*before.tags, *sent.tags)),
    )


@attrs.frozen(kw_only=True)
class _Content:
    format: int = _FORMAT
    profiles: FrozenMap[str, Remembered] = FrozenMap()


class StateFile:
    """A JSON file with what is remembered of each profile."""

    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self.path = path
        self._known: tuple[tuple[int, int], _Content] | None = None

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of the profiles that anything is remembered of."""
        return tuple(self._content().profiles)

    def of(self, profile: str) -> Remembered:
        """
        Give what is remembered of a profile; nothing where there is no file.

        Raises:
            BadAnswer: The file is damaged.
            Denied, Unavailable: It may not, or cannot be read.
        """
        return self._content().profiles.get(profile, Remembered())

    def keep(self, profile: str, remembered: Remembered) -> None:
        """
        Remember this of a profile; the file is written whole or not at all.

        Raises:
            Denied, Unavailable: It may not be written, or the disk is full.
            Rejected: There is half a character in it.
        """
        content = self._content()
        if content.profiles.get(profile) == remembered:
            return
        kept = attrs.evolve(content, profiles=content.profiles.put(profile, remembered))
        try:
            text = to_json(kept)
        except ValueError as error:
            raise Rejected(f"{self.path} cannot hold what is to be put: {error}") from None
        write_whole(self.path, text.encode())
        self._known = self._stamp(), kept

    def _stamp(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size

    def _content(self) -> _Content:
        try:
            stamp = self._stamp()
            if self._known is None or self._known[0] != stamp:
                text = self.path.read_bytes().decode()
                self._known = stamp, self._read(text)
        except FileNotFoundError:
            return _Content()
        except OSError as error:
            raise refusal(error, str(self.path)) from None
        except ValueError as error:
            raise BadAnswer(
                f"{self.path} is damaged: {error}",
                "put an intact copy back. Without it nobody knows what was edited in Anki: if you"
                " move it away, ours replaces whatever differs there",
            ) from None
        return self._known[1]

    def _read(self, text: str) -> _Content:
        content: _Content = from_json(text, _Content)
        if content.format != _FORMAT:
            raise Denied(
                f"{self.path} is of format {content.format}, which a newer stages has written",
                "update stages",
            )
        return content
