"""
Count and time what `AnkiConnect` asks of a loopback that takes 25 ms a request, as Anki does.

Run: python tests/benchmarks/bench_anki_connect.py [notes] [media files]

The loopback does its work in no time, so this is what the way takes; what Anki's own work takes is
in the numbers that were measured on it. All rows are of one run.
"""

import base64
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import attrs
from toolz import pipe

from stages import Context, sync_cards, sync_media, sync_templates
from stages.core.frozen import FrozenMap
from stages.providers.anki_connect import AnkiConnect
from stages.records.card import Card
from stages.records.media import MediaFile, media_name
from stages.records.note import NoteType, Template, note_of
from stages.testing.loopback import AnkiLoopback

TYPE = NoteType(
    name="Bench",
    fields=("Card ID", "Word", "IPA", "Example", "Picture", "Credit", "Language"),
    templates=(
        Template("Read", "{{Word}}", "{{FrontSide}}<hr>{{IPA}}"),
        Template("Name", "{{#Picture}}{{Picture}}{{/Picture}}", "{{Word}}"),
    ),
)


def main(count: int = 5_000, files: int = 2_000) -> None:
    """Print requests and seconds of each way."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        media = make_media(here / "media", files)
        cards = make_cards(count)
        for line in (
            *whole_sync(here, cards, media),
            *new_notes(here, cards[:1_000]),
            *new_media(here, media[:500]),
            *which_exist(here, media),
        ):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def make_cards(count: int) -> tuple[Card, ...]:
    """Make cards of some length."""
    return tuple(
        Card(
            id=f"palabra_{number}",
            note_type=TYPE.name,
            word=f"palabra {number}",
            language="es-419",
            fields=FrozenMap(
                {
                    "Word": f"la palabra número {number}",
                    "IPA": "[paˈla.βɾa]",
                    "Example": f"Esta es la palabra número {number} del niño pequeño.",
                }
            ),
            tags=("spanish", "noun"),
        )
        for number in range(count)
    )


def make_media(folder: Path, count: int) -> tuple[MediaFile, ...]:
    """Lay files of 20 kB into a folder."""
    folder.mkdir()
    made = []
    for number in range(count):
        content = b"\xff\xd8\xff\xe0" + f"{number:08}".encode() * 2_500
        name = media_name(f"word {number}", content)
        (folder / name).write_bytes(content)
        made.append(MediaFile(name=name, size=len(content), provider="bench"))
    return tuple(made)


def adapter(server: AnkiLoopback, here: Path, name: str) -> AnkiConnect:
    """Give a new adapter with a memory of its own."""
    return AnkiConnect(server.url, media=here / "media", state=here / f"{name}.json")


def timed(server: AnkiLoopback, work: Callable[[], object]) -> tuple[int, float]:
    """Count the requests of some work, and its seconds."""
    before, start = len(server.requests), time.perf_counter()
    work()
    return len(server.requests) - before, time.perf_counter() - start


def row(what: str, measured: tuple[int, float], base: float | None = None) -> str:
    """Give a line of the table."""
    requests, seconds = measured
    ratio = f"{base / seconds:7.1f} x" if base else ""
    return f"{what:58} {requests:6} requests {seconds:8.2f} s {ratio}"


def whole_sync(here: Path, cards: tuple[Card, ...], media: tuple[MediaFile, ...]) -> list[str]:
    """Sync all by the stages, then again with nothing to do, then with one card changed."""
    images = FrozenMap((card.id, media[number % len(media)]) for number, card in enumerate(cards))
    named = f"{len(cards)} notes, {len(media)} files"

    def sync(given: tuple[Card, ...]) -> None:
        anki = adapter(server, here, "whole")
        context = Context.of(cards=given, images=images)
        settings: dict[str, Any] = {"anki_provider": anki, "note_types": (TYPE,)}
        pipe(
            context,
            sync_templates(**settings),
            sync_media(anki_provider=anki),
            sync_cards(**settings, backup=False),
        ).unwrap()

    other = attrs.evolve(cards[7], fields=cards[7].fields.put("Word", "otra palabra"))
    with AnkiLoopback() as server:
        return [
            row(f"sync, first: {named}", timed(server, lambda: sync(cards))),
            row(f"sync, nothing to do: {named}", timed(server, lambda: sync(cards))),
            row(
                "sync, one note changed",
                timed(server, lambda: sync((*cards[:7], other, *cards[8:]))),
            ),
        ]


def new_notes(here: Path, cards: tuple[Card, ...]) -> list[str]:
    """Add notes one by one, as a package, through Anki's own folder, and by many actions."""
    notes = tuple(note_of(card, TYPE, "Deck", None, None) for card in cards)

    def one_each(server: AnkiLoopback) -> None:
        ask(server, "createDeck", deck="Deck")
        sides = [{"Name": t.name, "Front": t.front, "Back": t.back} for t in TYPE.templates]
        fields = list(TYPE.fields)
        ask(server, "createModel", modelName="Bench", inOrderFields=fields, cardTemplates=sides)
        for one in notes:
            told = {
                "modelName": "Bench",
                "deckName": "Deck",
                "fields": dict(one.fields),
                "tags": list(one.tags),
            }
            ask(server, "addNote", note=told)

    def put(server: AnkiLoopback, name: str) -> None:
        anki = adapter(server, here, name)
        anki.read()
        anki.put_note_types((TYPE,))
        anki.put_notes(notes)

    named = f"{len(notes)} notes"
    with AnkiLoopback() as server:
        base = timed(server, lambda: one_each(server))
    lines = [row(f"{named}, one addNote each", base)]
    for name, sees, imports in (
        ("as a package", True, True),
        ("as a package in Anki's own folder", False, True),
        ("by many addNote a request", False, False),
    ):
        with AnkiLoopback() as server:
            server.actions.sees = always(sees)
            if not imports:
                setattr(server.actions, "importPackage", refuse)  # noqa: B010
            measured = timed(server, partial(put, server, name))
            lines.append(row(f"{named}, {name}", measured, base[1]))
    return lines


def always(answer: bool) -> Callable[[str], bool]:  # noqa: FBT001
    """Give what answers so, whatever it is asked."""
    return lambda _: answer


def refuse(path: str) -> None:
    """Take no package."""
    raise ValueError(path)


def new_media(here: Path, media: tuple[MediaFile, ...]) -> list[str]:
    """Put files one by one, as paths, and as bytes."""

    def one_each(server: AnkiLoopback) -> None:
        for file in media:
            data = base64.b64encode((here / "media" / file.name).read_bytes()).decode()
            ask(server, "storeMediaFile", filename=file.name, data=data)

    named = f"{len(media)} files of 20 kB"
    with AnkiLoopback() as server:
        base = timed(server, lambda: one_each(server))
    lines = [row(f"{named}, one each", base)]
    for name, sees in (("as paths", True), ("as bytes", False)):
        with AnkiLoopback() as server:
            server.actions.sees = always(sees)
            measured = timed(server, partial(adapter(server, here, name).put_media, media))
            lines.append(row(f"{named}, {name}", measured, base[1]))
            lines.append(f"{'':58} largest body {server.largest} bytes")
    return lines


def which_exist(here: Path, media: tuple[MediaFile, ...]) -> list[str]:
    """Ask which files are there, where all are."""
    with AnkiLoopback() as server:
        for file in media:
            server.collection.media[file.name] = b"x"
        anki = adapter(server, here, "exist")
        measured = timed(server, lambda: anki.put_media(media))
        return [row(f"which of {len(media)} files exist", measured)]


def ask(server: AnkiLoopback, action: str, **params: Any) -> None:
    """Ask as most programs do."""
    body = json.dumps({"action": action, "version": 6, "params": params}).encode()
    with urlopen(server.url, body) as reply:
        told = json.loads(reply.read())
    if told["error"]:
        raise RuntimeError(told["error"])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
