"""The quota: never more in a day than is allowed, whoever counts and whatever the clock does."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.problem import ProviderError
from stages.providers.errors import Denied, QuotaExhausted
from stages.providers.quota import Quota

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@attrs.define
class Clock:
    """A clock that is put where it is wanted."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


def taken(quota: Quota) -> bool:
    """Tell whether one was left."""
    try:
        quota.take()
    except QuotaExhausted:
        return False
    return True


@settings(max_examples=30)
@given(
    st.integers(0, 3),
    st.lists(
        st.timedeltas(timedelta(days=-3), timedelta(days=3)) | st.just(timedelta()), max_size=15
    ),
)
def test_never_more_in_a_day(per_day: int, steps: list[timedelta]) -> None:
    """For any steps of the clock, forth and back, each day gives what it has and no more."""
    clock = Clock()
    given_out: Counter[object] = Counter()
    with TemporaryDirectory() as folder:
        for step in steps:
            clock.at += step
            day = (clock.at - timedelta(hours=22)).date()
            quota = Quota(Path(folder, "q.json"), per_day, now=clock)
            left = given_out[day] < per_day
            assert taken(quota) == left
            given_out[day] += left
    assert all(count <= per_day for count in given_out.values())


def test_it_is_renewed_at_its_hour(tmp_path: Path) -> None:
    """The error says when; wherever the clock hangs."""
    clock = Clock(datetime(2026, 11, 24, 22, 59, 59, tzinfo=timezone(timedelta(hours=1))))
    quota = Quota(tmp_path / "q.json", 1, now=clock)
    quota.take()
    with pytest.raises(QuotaExhausted, match="the next ones come 2026-11-24 22:00 UTC"):
        quota.take()
    clock.at += timedelta(seconds=1)
    quota.take()
    with pytest.raises(QuotaExhausted, match="2026-11-25 22:00 UTC"):
        quota.take()


def test_threads_share_it(tmp_path: Path) -> None:
    """All that is there is given, to whoever comes first."""
    with ThreadPoolExecutor(8) as pool:
        quotas = [Quota(tmp_path / "new" / "q.json", 20) for _ in range(30)]
        assert sum(pool.map(taken, quotas)) == 20


def test_processes_share_it(tmp_path: Path) -> None:
    """As threads do."""
    code = (
        "import sys; from stages.providers.quota import Quota; q = Quota(sys.argv[1], 15)\n"
        "for _ in range(10):\n    q.take(); print('took', flush=True)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "q.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert sum(one.communicate()[0].count(b"took") for one in started) == 15


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[]", b"7", b'{"2026-11-23": -1}', b'{"2026-11-23": "1"}', b"[" * 9999, b"\xff"],
    ids=["empty", "half", "list", "number", "negative", "text", "deep", "garbled"],
)
def test_what_was_damaged_counts_as_spent(tmp_path: Path, damaged: bytes) -> None:
    """Nobody knows how much of the day is left; the next one is whole again."""
    file = tmp_path / "q.json"
    file.write_bytes(damaged)
    clock = Clock()
    quota = Quota(file, 2, now=clock)
    with pytest.raises(QuotaExhausted) as caught:
        quota.take()
    assert "delete it" in caught.value.hint
    with pytest.raises(QuotaExhausted):
        quota.take()
    clock.at += timedelta(days=1)
    assert [taken(quota) for _ in range(3)] == [True, True, False]


def test_it_lies_in_a_small_file(tmp_path: Path) -> None:
    """Which is JSON; and whatever it cannot be written to is said."""
    file = tmp_path / "q.json"
    Quota(file, 9, now=Clock()).take()
    assert json.loads(file.read_bytes()) == {"2026-11-23": 1}
    with pytest.raises(Denied):
        Quota(file / "q.json", 9).take()
    with pytest.raises(ProviderError):
        Quota(tmp_path / "a\0b", 9).take()


@pytest.mark.parametrize("settings", [{"per_day": -1}, {"per_day": 1, "renewed": "25:00 UTC"}])
def test_what_makes_no_sense_is_refused(tmp_path: Path, settings: Any) -> None:
    """Before anything is counted."""
    with pytest.raises(ValueError, match=r"per_day|25:00"):
        Quota(tmp_path / "q.json", **settings)
