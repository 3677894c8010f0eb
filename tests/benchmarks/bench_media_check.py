"""
A check of media: the first one decodes everything, the next only what has changed.

Run it on a quiet machine: `python tests/benchmarks/bench_media_check.py`.
"""

import io
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))

from stages import Context, threads, validate_media
from stages.core.mapping import Mapper, serial
from stages.providers.media_folder import MediaFolder
from stages.records.media import MediaFile
from tests.making import card

SETTLED = 2.1  # seconds after which no file has changed a moment ago


def painted(number: int) -> bytes:
    """Give a picture of 512 x 512 pixels that differs from that of any other number."""
    colours = np.random.default_rng(number).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize((512, 512)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def hummed(number: int) -> bytes:
    """Give a second of a tone that differs from that of any other number."""
    wave = 0.2 * np.sin(np.arange(24_000) * (100 + number / 10) * 2 * np.pi / 24_000)
    file = io.BytesIO()
    soundfile.write(file, wave, 24_000, format="MP3")
    return file.getvalue()


def deck(place: Path, number: int) -> Context:
    """Give cards with a picture and a sound each."""
    folder = MediaFolder(place)

    def kept(stem: str, content: bytes) -> MediaFile:
        return MediaFile(name=folder.keep(stem, content), size=len(content), provider="own")

    cards = [card(f"palabra{n}", f"sense{n}", example="") for n in range(number)]
    return Context.of(
        cards=cards,
        images={one.id: kept(one.id, painted(n)) for n, one in enumerate(cards)},
        sounds={one.word: kept(one.word, hummed(n)) for n, one in enumerate(cards)},
    )


def checked(context: Context, place: Path, mapper: Mapper) -> float:
    """Check a deck as a new program would, and give the seconds."""
    start = time.perf_counter()
    validate_media(media_provider=MediaFolder(place), mapper=mapper)(context).unwrap()
    return time.perf_counter() - start


def main(number: int = 1_000) -> None:
    """Print the table."""
    print(f"{number:,} cards, each with a picture of 512 pixels and an mp3: seconds, and ratio")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        context = deck(place, number)
        time.sleep(SETTLED)
        for name, mapper in (
            ("serial", serial),
            (f"{os.cpu_count()} threads", threads(os.cpu_count() or 1)),
        ):
            (place / "looks.jsonl").unlink(missing_ok=True)
            first = checked(context, place, mapper)
            again = min(checked(context, place, mapper) for _ in range(5))
            for path in place.glob("*.*3"):
                os.utime(path)
            touched = checked(context, place, mapper)
            for what, seconds in (
                ("first", first),
                ("again", again),
                ("half of them touched", touched),
            ):
                print(f"  {name:<12}{what:<24}{seconds:8.3f}{seconds / first:8.3f}")
            time.sleep(SETTLED)


if __name__ == "__main__":
    main()
