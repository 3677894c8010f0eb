"""Who makes pictures and sounds on this machine, and whom else they are asked of."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import attrs
from rich.console import Console

from stages.cli.announced import AnnouncedPictures, AnnouncedSounds
from stages.cli.asking import journal_in
from stages.cli.call import Call
from stages.cli.options import MediaOptions
from stages.cli.said import say_on
from stages.core.problem import ProviderError
from stages.core.stage import Stage
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.media_stage import generate_media
from stages.providers.errors import Misconfigured
from stages.providers.journal import PaidProvider, journaled
from stages.providers.media import Pictures, Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Source
from stages.records.card import Card
from stages.records.media import MediaFile
from stages.records.plan import Offer
from stages.records.provenance import Kind

KINDS: tuple[Kind, ...] = ("picture", "sound")

P = TypeVar("P", bound=PaidProvider)


@attrs.frozen(kw_only=True)
class Making:
    """
    What can be made here.

    Attributes:
        pictures: Gives pictures; None where nobody can.
        sounds: Gives sounds; None where nobody can.
        sources: Those who are asked for each of them, in order.
        absent: What cannot be made and why, a line each.
    """

    pictures: Pictures | None = None
    sounds: Sounds | None = None
    sources: Mapping[Kind, tuple[Source, ...]] = {"picture": (), "sound": ()}
    absent: tuple[str, ...] = ()

    @property
    def stages(self) -> tuple[Stage[...], ...]:
        """Those that make what can be made."""
        if self.pictures and self.sounds:
            return (generate_media,)
        pictures = (generate_images,) if self.pictures else ()
        return pictures or ((generate_audio,) if self.sounds else ())

    @property
    def asked(self) -> frozenset[str]:
        """Name those beyond this machine who are asked."""
        every = (one for sources in self.sources.values() for one in sources)
        return frozenset(one.name for one in every if not one.local)

    def announced(self, console: Console) -> "dict[str, AnnouncedPictures | AnnouncedSounds]":
        """Give the providers that say what costs, by name."""
        say = partial(say_on, console)
        announced: dict[str, AnnouncedPictures | AnnouncedSounds] = {}
        if self.pictures:
            announced["image_provider"] = AnnouncedPictures(self.pictures, say)
        if self.sounds:
            announced["audio_provider"] = AnnouncedSounds(self.sounds, say)
        return announced


class Nobody:
    """The provider in a plan where there is none."""

    def existing(self, _: Sequence[Card]) -> dict[str, MediaFile]:
        """Nothing."""
        return {}

    def offer(self, _: Card) -> Offer:
        """Say that nobody would make it."""
        return Offer("nobody")


def making_in(call: Call, *, asks: bool = True) -> Making:
    """
    Find out what can be made here.

    Args:
        call: What was typed.
        asks: Whether anybody is going to be asked: to plan takes no key.

    Raises:
        Misconfigured: Somebody who was named cannot be asked.
    """
    folder = MediaFolder(call.folder / "media")
    asking = _Asking(call, {} if asks else {"api_key": "no-key-is-needed"})
    pictures, no_pictures = _with(asking.pictures(), _drawn)
    sounds, no_sounds = _with(asking.sounds(), lambda: _spoken(call.language))
    lacking = (
        ("pictograms" if pictures else "pictures", no_pictures),
        ("voice" if sounds else "audio", no_sounds),
    )
    return Making(
        pictures=Pictures(folder, *pictures) if pictures else None,
        sounds=Sounds(folder, *sounds) if sounds else None,
        sources={"picture": pictures, "sound": sounds},
        absent=tuple(f"no {what}: {why}" for what, why in lacking if why),
    )


@attrs.frozen
class _Asking:
    """Those who were named, in their order; a person's own files come first."""

    call: Call
    key: Mapping[str, Any]

    def pictures(self) -> Iterator[Source]:
        options = self.call.media
        yield from _own(options, "picture")
        candidates = _said(candidates=options.candidates)
        made = _said(style=options.style, candidates=options.candidates)
        for name in dict.fromkeys(options.pictures):
            match name:
                case "openai":
                    from stages.providers.pictures.openai import OpenAIImages

                    how = {**made, **_said(size=options.size, quality=options.quality)}
                    yield self._kept(OpenAIImages(**how, **self.key))
                case "runware":
                    from stages.providers.pictures.runware import Runware

                    yield self._kept(Runware(**made, **_sides(options.size), **self.key))
                case "openverse":
                    from stages.providers.pictures.openverse import Openverse

                    yield self._kept(Openverse(**candidates))
                case "commons":
                    from stages.providers.pictures.commons import Commons

                    yield self._kept(Commons(contact=options.contact or "", **candidates))

    def sounds(self) -> Iterator[Source]:
        options = self.call.media
        yield from _own(options, "sound")
        if "forvo" in options.sounds:
            from stages.providers.quota import Quota
            from stages.providers.speech.forvo import Forvo

            yield self._kept(
                Forvo(
                    language=self.call.language,
                    agreed=options.forvo_agreed,
                    quota=Quota(self.call.folder / "forvo-quota.json", options.forvo_per_day),
                    **_said(recordings=options.recordings),
                    **self.key,
                )
            )

    def _kept(self, source: P) -> P:
        """Give the source that keeps what it was answered."""
        return journaled(source, journal_in(self.call.to.parent))


def _own(options: MediaOptions, kind: Kind) -> Iterator[Source]:
    if options.own:
        from stages.providers.own import Folder

        yield Folder(options.own, kind)


def _drawn() -> tuple[Source, ...]:
    from stages.providers.pictograms import Emoji, Placeholder

    return Emoji(), Placeholder()


def _spoken(language: str) -> tuple[Source, ...]:
    from stages.providers.voice import speakers

    return speakers(language)


def _with(
    named: Iterable[Source], offline: Callable[[], tuple[Source, ...]]
) -> tuple[tuple[Source, ...], str]:
    """Give those who were named and after them those who are there offline, or why none is."""
    asked = tuple(named)
    try:
        return (*asked, *offline()), ""
    except ProviderError as error:
        return asked, str(error.at(""))


def _sides(size: str | None) -> dict[str, Any]:
    if not size:
        return {}
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if not found:
        raise Misconfigured(
            f"{size!r} is no size of a picture for runware", "give one like 1024x1024"
        )
    return {"width": int(found[1]), "height": int(found[2])}


def _said(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
