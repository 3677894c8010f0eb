"""All media services at one address, which find something for every word."""

import hashlib
import io
import math
import re
import struct
import wave
from urllib.parse import quote, unquote

from stages.testing.loopback.libraries import (
    ForvoService,
    Items,
    commons,
    openverse,
    page,
    picture,
    recording,
)
from stages.testing.loopback.painters import openai_images, painted, runware
from stages.testing.loopback.records import Received
from stages.testing.loopback.services import Service, ServicesLoopback, as_bytes
from stages.testing.loopback.wire import Response

_RATE = 16_000
_PLENTY = 1_000_000_000
_KINDS = {"png": "png", "webp": "webp"}


def media_services(*, latency: float = 0.0, port: int = 0) -> ServicesLoopback:
    """
    Give a loopback with every media service that there is.

    OpenAI's images are at `/openai/v1` and Runware is at `/runware/v1`, for any key; Forvo is at
    `/forvo`, with the key "right"; Openverse is at `/openverse` and Commons at `/commons`. What they
    find lies in `/files`, which has a picture by any name.
    """
    services: dict[str, Service] = {
        "/openai": openai_images(),
        "/runware": runware(),
        "/forvo": ForvoService(_recordings, toned, limit=_PLENTY),
        "/openverse": openverse(lambda query: [picture(quote(query, safe=""))]),
        "/commons": commons(lambda query: [page(quote(query, safe=""))]),
        "/files": _painted,
    }
    return ServicesLoopback(services, latency=latency, port=port)


def toned(about: str) -> bytes:
    """
    Give half a second of a tone that another text would have otherwise, as WAV.

    >>> toned("casa")[:4], toned("casa") == toned("perro")
    (b'RIFF', False)
    """
    digest = hashlib.sha256(about.encode("utf-8", "surrogatepass")).digest()
    period, loudness = 20 + digest[0] % 60, 4000 + int.from_bytes(digest[1:3]) % 16_000
    wave_of = (round(loudness * math.sin(2 * math.pi * at / period)) for at in range(period))
    one = struct.pack(f"<{period}h", *wave_of)
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(one * (_RATE // 2 // period))
    return written.getvalue()


def _recordings(word: str, _: str) -> Items:
    digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
    return [recording(int.from_bytes(digest[:6]), word=word)]


def _painted(received: Received) -> Response:
    name = unquote(received.path)
    kind = _KINDS.get(re.sub(r".*\.", "", name), "jpeg")
    return as_bytes(painted(name, kind=kind), f"image/{kind}")
