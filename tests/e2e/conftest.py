"""What the specification is written with: real adapters, one built deck, the real Anki."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stages import Context, run
from stages.pipelines import vocabulary
from stages.providers.files import Files
from stages.providers.lexicon import Lexicon
from stages.providers.media_folder import MediaFolder
from stages.providers.package import Package
from stages.providers.pictograms import Pictograms
from stages.providers.voice import Voice
from tests.e2e.real_anki import RealAnki

WORDS = ("casa", "gato", "perro")
"""Words of the embedded lexicon with four meanings; no emoji fits one of them, a car jack."""

Providers = dict[str, Any]


def _adapters(folder: Path) -> Providers:
    """Give every adapter that needs neither key nor network, all working in one folder."""
    media = folder / "media"
    return {
        "analysis_provider": Lexicon(),
        "image_provider": Pictograms(media),
        "audio_provider": Voice(media),
        "media_provider": MediaFolder(media),
        "anki_provider": Package(folder / "deck.apkg", media),
        "file_provider": Files(folder),
    }


@pytest.fixture(scope="session")
def adapters() -> Callable[[Path], Providers]:
    """The function that gives the real adapters for a folder."""
    return _adapters


@pytest.fixture
def offline(tmp_path: Path) -> Providers:
    """The real adapters, in a folder of the test's own."""
    return _adapters(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Context]:
    """A folder with a deck of three words, made by the vocabulary pipeline, and its context."""
    folder = tmp_path_factory.mktemp("built")
    providers = {k: v for k, v in _adapters(folder).items() if k != "file_provider"}
    return folder, run(vocabulary, Context.of(words=WORDS), **providers).unwrap()


@pytest.fixture
def real_anki(tmp_path: Path) -> Iterator[RealAnki]:
    """An empty collection of the real Anki."""
    opened = RealAnki(tmp_path / "anki")
    yield opened
    opened.close()
