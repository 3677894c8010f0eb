"""Who makes pictures and sounds on this machine."""

from pathlib import Path

import attrs

from stages.core.problem import ProviderError
from stages.core.stage import Stage
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.media.media_stage import generate_media
from stages.providers.pictograms import Pictograms
from stages.providers.protocols import AudioProvider, ImageProvider
from stages.providers.voice import Voice


@attrs.frozen
class Making:
    """
    What can be made here.

    Attributes:
        stages: Those that make it.
        providers: What they ask for, by name.
        absent: What cannot be made and why, a line each.
    """

    stages: tuple[Stage[...], ...]
    providers: dict[str, ImageProvider | AudioProvider]
    absent: tuple[str, ...]


def making_in(folder: Path, language: str) -> Making:
    """Find out what can be made here, into this folder."""
    providers: dict[str, ImageProvider | AudioProvider] = {}
    absent = []
    try:
        providers["image_provider"] = Pictograms(folder)
    except ProviderError as error:
        absent.append(f"no pictures: {error.at('')}")
    try:
        providers["audio_provider"] = Voice(folder, language)
    except ProviderError as error:
        absent.append(f"no audio: {error.at('')}")
    match sorted(providers):
        case ["audio_provider", "image_provider"]:
            stages: tuple[Stage[...], ...] = (generate_media,)
        case ["image_provider"]:
            stages = (generate_images,)
        case ["audio_provider"]:
            stages = (generate_audio,)
        case _:
            stages = ()
    return Making(stages, providers, tuple(absent))
