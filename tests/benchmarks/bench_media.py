"""
Media against the least that their work can take; every figure is a ratio within one run.

Run it on a quiet machine: `python tests/benchmarks/bench_media.py`.
"""

import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[2]))

from stages import Card, Context, FrozenMap, generate_media, plan_media, threads
from stages.providers.journal import Answer, Journal, Request, journaled
from stages.providers.media import Pictures, Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Grade, Made
from stages.records.media import MediaFile, media_name
from stages.records.provenance import Kind, Provenance, fingerprint_of
from stages.testing import MemoryAudio, MemoryImages
from tests.making import card
from tests.providers.sources import Toy, png, wav

AT_ONCE = 16


@attrs.define
class Paid:
    """A source that a journal can keep, and that takes its time."""

    latency: float
    name = "paid"
    grade = Grade.WHOLE
    local = False
    send: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.send = self._sent

    def _sent(self, request: Request, label: str) -> Answer:
        time.sleep(self.latency)
        return Answer(png(label + str(request)))

    def request(self, card: Card) -> dict[str, str]:
        return {"of": card.id}

    def price(self, card: Card, take: int) -> Decimal:  # noqa: ARG002
        return Decimal(0)

    def make(self, card: Card, take: int) -> tuple[Made]:
        return (Made(content=self.send({"of": card.id, "take": take}, card.id).content),)


@attrs.frozen
class Asked:
    """A source of the usual kind, that is only asked what it would ask."""

    kind: Kind
    name = "asked"
    grade = Grade.WHOLE
    local = False

    def request(self, card: Card) -> dict[str, str]:
        text = card.prompt if self.kind == "picture" else card.word
        return {"model": "some-model-2", "prompt": text, "size": "1024x1024"}

    def price(self, *_: object) -> Decimal:
        raise AssertionError

    def make(self, *_: object) -> tuple[Made]:
        raise AssertionError


def deck(number: int) -> tuple[Card, ...]:
    """Give cards, each with a word and a prompt of its own."""
    return tuple(
        card(
            f"palabra{n}",
            f"sense{n}",
            prompt=f"the thing number {n}, as in a children's book, without any letters in it",
            example="",
        )
        for n in range(number)
    )


def median(call: Callable[[], object], rounds: int) -> float:
    """Give the median seconds of a call."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def line(name: str, seconds: float, base: float) -> None:
    """Print a line of a table: milliseconds, and the ratio to the base."""
    print(f"  {name:<58}{seconds * 1e3:10.1f}{seconds / base:8.3f}")


def making(place: Path, number: int = 200, latency: float = 0.05) -> None:
    """Make pictures that take their time, many at once."""
    cards, floor = deck(number), math.ceil(number / AT_ONCE) * latency

    def made(name: str, source: Any) -> float:
        taken = []
        for turn in range(5):
            folder = place / name.replace(" ", "-") / str(turn)
            provider = Pictures(
                folder, journaled(source, Journal(folder / "j")) if "journal" in name else source
            )
            mapped = threads(AT_ONCE)(provider.picture, cards)
            start = time.perf_counter()
            assert len({file.name for file in mapped}) == number
            taken.append(time.perf_counter() - start)
        return statistics.median(taken)

    print(
        f"{number} pictures of {latency * 1e3:.0f} ms, {AT_ONCE} at once: ms, and ratio to the floor"
    )
    line("floor", floor, floor)
    sleeping = Toy(latency=latency)
    bare = median(lambda: list(threads(AT_ONCE)(lambda c: sleeping.make(c, 0), cards)), 5)
    line("source alone", bare, floor)
    line("Pictures and MediaFolder", made("source", Toy(latency=latency)), floor)
    line("the same, journaled", made("journaled source", Paid(latency)), floor)


def filled(folder: MediaFolder, kind: Kind, cards: tuple[Card, ...]) -> None:
    """Put a file of each card into a folder, and its line."""
    folder.path.mkdir(parents=True, exist_ok=True)
    source, made = Asked(kind), []
    for one in cards:
        of = one.id if kind == "picture" else one.word
        name = media_name(of, (png if kind == "picture" else wav)(of)[:200] + of.encode())
        (folder.path / name).write_bytes(b"")
        request = source.request(one)
        made.append(
            Provenance(
                kind=kind,
                language=one.language,
                of=of,
                file=MediaFile(name=name, size=200_000, provider=source.name),
                request=FrozenMap(request),
                fingerprint=fingerprint_of(source.name, request),
                made_at="2026-03-01T12:00:00+00:00",
                cost=Decimal("0.01"),
            )
        )
    folder.note(*made)


def planning(place: Path, number: int = 10_000) -> None:
    """Plan a deck of which everything is there."""
    cards = deck(number)
    context = Context.of(cards=cards)

    def table(title: str, kinds: tuple[Kind, ...], folder: Path) -> None:
        for kind in kinds:
            filled(MediaFolder(folder), kind, cards)
        minutes_ago = time.time() - 120
        os.utime(folder, (minutes_ago, minutes_ago))
        wanted = {name for name in os.listdir(folder) if "-" in name}  # noqa: PTH208

        def least() -> set[str]:
            with os.scandir(folder) as entries:
                return wanted - {entry.name for entry in entries}

        def providers() -> tuple[MediaFolder, Pictures, Sounds]:
            media = MediaFolder(folder)
            return media, Pictures(media, Asked("picture")), Sounds(media, Asked("sound"))

        def planned(pictures: Any, sounds: Any) -> None:
            plan = plan_media(context, image_provider=pictures, audio_provider=sounds).unwrap()
            assert not plan["media_plan"].pictures.new
            assert len(plan["media_plan"].pictures.there) == number

        def cold() -> None:
            _, pictures, sounds = providers()
            planned(pictures, sounds if "sound" in kinds else there)

        there = MemoryAudio()
        for one in cards:
            there.sound(one)
        _, pictures, sounds = providers()
        spoken = sounds if "sound" in kinds else there
        pictures.existing(cards)
        base = median(least, 41)
        print(f"{title}: ms, and ratio to scandir and a set difference")
        line("scandir and a set difference", base, base)
        if kinds == ("picture",):
            asked = Asked("picture")
            line("the requests alone", median(lambda: [asked.request(c) for c in cards], 21), base)
            line("Pictures.existing, warm", median(lambda: pictures.existing(cards), 41), base)
        else:
            line("plan_media, warm", median(lambda: planned(pictures, spoken), 21), base)
            line("plan_media, cold: all lines are read", median(cold, 3), base)
            images = MemoryImages()
            for one in cards:
                images.picture(one)
            line(
                "plan_media of providers in memory",
                median(lambda: planned(images, there), 21),
                base,
            )

    table(f"{number} cards, as many pictures", ("picture",), place / "one")
    table(f"{number} cards, as many pictures and sounds", ("picture", "sound"), place / "two")


def again(place: Path, number: int = 1000, latency: float = 0.02) -> None:
    """Make a deck twice."""
    context = Context.of(cards=deck(number))

    def run() -> tuple[float, int]:
        painter = Toy("painter", latency=latency)
        speaker = Toy("speaker", kind="sound", latency=latency)
        start = time.perf_counter()
        folder = MediaFolder(place / "again")
        outcome = generate_media(
            context,
            image_provider=Pictures(folder, painter),
            audio_provider=Sounds(folder, speaker),
            mapper=threads(AT_ONCE),
        )
        taken = time.perf_counter() - start
        assert len(outcome.unwrap()["sounds"]) == number
        return taken, len(painter.history) + len(speaker.history)

    first, asked = run()
    runs = [run() for _ in range(5)]
    print(
        f"{number} cards, picture and sound, {latency * 1e3:.0f} ms each: ms, and ratio to the first run"
    )
    line(f"first run, {asked} asked", first, first)
    second = statistics.median(taken for taken, _ in runs)
    line(f"second run, {max(count for _, count in runs)} asked", second, first)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        making(Path(folder))
        planning(Path(folder))
        again(Path(folder))
