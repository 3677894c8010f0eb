"""So many requests a day and no more, counted over runs, threads and processes."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import attrs

from stages.providers.errors import QuotaExhausted
from stages.providers.files import refusal, write_whole


def _file(path: Path | str) -> Path:
    return Path(path).absolute()


def _hour(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d UTC", text):
        raise ValueError(f"{text!r} is no time of day: one is '22:00 UTC'")
    return text


@attrs.frozen
class Quota:
    """
    Counts in a small JSON file what was taken of each day's quota.

    A file that cannot be understood counts as a day's quota that is spent: nobody knows how much of
    it is left. Every day is counted for itself, so a clock that is put back gives nothing twice.

    Attributes:
        file: Where it is counted; it is made when the first one is taken.
        per_day: How many may be taken.
        renewed: When a new day begins: "22:00 UTC".
        now: The clock.
    """

    file: Path = attrs.field(converter=_file)
    per_day: int = attrs.field(validator=attrs.validators.ge(0))
    renewed: str = attrs.field(default="22:00 UTC", converter=_hour)
    now: Callable[[], datetime] = attrs.field(
        default=partial(datetime.now, UTC), kw_only=True, eq=False, repr=False
    )

    def take(self) -> None:
        """
        Take one.

        Raises:
            QuotaExhausted: None is left until the quota is renewed.
            Denied, Unavailable: The file cannot be used; nothing is taken.
        """
        from filelock import FileLock

        lock = FileLock(f"{self.file}.lock", poll_interval=0.005)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except (OSError, ValueError) as error:
            raise refusal(error, str(self.file)) from None
        try:
            self._take()
        finally:
            lock.release()

    def _take(self) -> None:
        now = self.now().astimezone(UTC)
        hour, minute = int(self.renewed[:2]), int(self.renewed[3:5])
        began = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if began > now:
            began -= timedelta(days=1)
        day = began.date().isoformat()
        taken, hint = self._taken(), ""
        if taken is None:
            taken = {day: self.per_day}
            hint = f"{self.file} was damaged; delete it if you know that there is some left"
            self._write(taken)
        if taken.get(day, 0) >= self.per_day:
            again = (began + timedelta(days=1)).strftime("%Y-%m-%d %H:%M UTC")
            why = f"the {self.per_day} requests of a day are spent; the next ones come {again}"
            raise QuotaExhausted(why, hint or "run it again then")
        self._write({**taken, day: taken.get(day, 0) + 1})

    def _taken(self) -> dict[str, int] | None:
        """Give what was taken, by day; None where nobody can tell."""
        try:
            taken = json.loads(self.file.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise refusal(error, str(self.file)) from None
        except (ValueError, RecursionError):
            return None
        if not isinstance(taken, dict):
            return None
        counts = all(type(count) is int and count >= 0 for count in taken.values())
        return taken if counts else None

    def _write(self, taken: dict[str, int]) -> None:
        write_whole(self.file, json.dumps(taken).encode())
