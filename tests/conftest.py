"""What holds for every test: stages keep their promises, and the registry is put back."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from stages.core.law import law_mode
from stages.core.registry import restored

collect_ignore = ["typing"]  # for type checkers alone: test_typing.py calls them
settings.register_profile("stages", deadline=None)  # machines are slow at times
settings.load_profile("stages")


@pytest.fixture(autouse=True)
def _kept_promises() -> Iterator[None]:
    """Raise `LawBroken` for every stage that breaks a promise."""
    with law_mode():
        yield


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    """Forget the stages that a test defines."""
    with restored():
        yield
