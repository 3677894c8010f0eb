"""Two services that paint, as their documents describe them: OpenAI's images, and Runware."""

import base64
import hashlib
import io
import re
import struct
import time
import uuid
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from stages.core.frozen import FrozenMap
from stages.testing.loopback.records import ApiError, Fault, Received, failed
from stages.testing.loopback.services import Service, as_json
from stages.testing.loopback.wire import Response

IMAGES = "POST /openai/v1/images/generations"
"""The endpoint of OpenAI that paints, where it is served under `/openai`."""

RUNWARE = "POST /runware/v1"
"""The endpoint of Runware, where it is served under `/runware`."""

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_TOKENS = {"low": 272, "medium": 1056, "high": 4160, "xhigh": 8320, "max": 16640, "auto": 1056}
_SQUARE = 1024 * 1024
_KNOWN = frozenset(
    {
        "background",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "prompt",
        "quality",
        "size",
        "user",
    }
)
_MOST_CHARACTERS = 32_000
_MOST_AT_ONCE = 10
_SMALLER = 8
"""What is painted is so many times smaller than what was asked for, in each direction."""


def painted(about: str, width: int = 128, height: int = 128, kind: str = "png") -> bytes:
    r"""
    Paint stripes that another text would have otherwise; what is no PNG needs Pillow.

    >>> painted("casa")[:8] == b"\x89PNG\r\n\x1a\n", painted("casa") == painted("perro")
    (True, False)
    """
    digest = hashlib.sha256(about.encode("utf-8", "surrogatepass")).digest()
    first, stripe = digest[:3], 4 + digest[3] % 13
    second = bytes(part ^ 0x80 for part in first)
    line = (first * stripe + second * stripe) * (width // stripe // 2 + 2)
    rows = (line[3 * (y % (2 * stripe)) :][: 3 * width] for y in range(height))
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in parts
    )
    if kind == "png":
        return png
    from PIL import Image

    written = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(written, _FORMATS[kind], quality=80)
    return written.getvalue()


def _never(_: str) -> bool:
    return False


def openai_images(
    *, key: str | None = None, blocked: Callable[[str], bool] = _never, models: str = "gpt-image-"
) -> Service:
    """
    Paint as OpenAI does at `/v1/images/generations`.

    Args:
        key: The only one that is let in; None lets any in, but not none.
        blocked: Tells which prompts the moderation blocks.
        models: How the names of all models begin that there are.
    """

    def serve(received: Received) -> Response:
        sent = received.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not sent:
            raise failed(401, "You didn't provide an API key.")
        if key is not None and sent != key:
            raise _coded(401, f"Incorrect API key provided: {sent}.", "invalid_api_key")
        if (received.method, received.path) != ("POST", "/v1/images/generations"):
            raise failed(404, f"Invalid URL ({received.method} {received.path})")
        body = received.body
        if fault := _fault_of(body, models):
            return fault
        if blocked(body["prompt"]):
            told = "Your request was rejected by the safety system."
            raise _coded(400, told, "moderation_blocked", "image_generation_user_error")
        return as_json(_images(body))

    return serve


def _coded(status: int, message: str, code: str, kind: str = "") -> ApiError:
    usual = Fault(status)
    return ApiError(Fault(status, message, kind or usual.type, error_code=code))


def _fault_of(body: Any, models: str) -> Response | None:
    """Give the error for a body that the API would not take."""
    if not isinstance(body, dict):
        return _invalid("", "We could not parse the JSON body of your request.")
    if unknown := sorted(body.keys() - _KNOWN):
        told = f"Unknown parameter: '{unknown[0]}'."
        return _invalid(unknown[0], told, "unknown_parameter")
    if not str(body.get("model", "")).startswith(models):
        told = f"The model '{body.get('model')}' does not exist."
        return _invalid("model", told, "model_not_found", 404)
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= _MOST_CHARACTERS:
        return _invalid("prompt", "Invalid 'prompt': a string of 1 to 32000 characters.")
    sides = re.fullmatch(r"(\d+)x(\d+)", body.get("size", "16x16"))
    good = {
        "size": body.get("size") == "auto"
        or (sides and not any(int(s) % 16 for s in sides.groups())),
        "quality": body.get("quality", "auto") in _TOKENS,
        "output_format": body.get("output_format", "png") in _FORMATS,
        "output_compression": "output_compression" not in body
        or body.get("output_format") in ("jpeg", "webp"),
        "n": 1 <= body.get("n", 1) <= _MOST_AT_ONCE,
    }
    bad = next((param for param, fine in good.items() if not fine), "")
    return _invalid(bad, f"Invalid value: '{body[bad]}'.") if bad else None


def _invalid(param: str, message: str, code: str = "invalid_value", status: int = 400) -> Response:
    told = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return as_json({"error": told}, status)


def _images(body: Mapping[str, Any]) -> dict[str, Any]:
    size = body.get("size", "auto")
    width, height = map(int, ("1024x1024" if size == "auto" else size).split("x"))
    kind, number = body.get("output_format", "png"), body.get("n", 1)
    pictures = [
        painted(f"{body['prompt']} {one}", width // _SMALLER, height // _SMALLER, kind)
        for one in range(number)
    ]
    quality = body.get("quality", "auto")
    output = _TOKENS[quality] * width * height // _SQUARE * number
    read = -(-len(body["prompt"]) // 4)
    return {
        "created": int(time.time()),
        "background": "opaque",
        "data": [{"b64_json": base64.b64encode(one).decode()} for one in pictures],
        "output_format": kind,
        "quality": "medium" if quality == "auto" else quality,
        "size": f"{width}x{height}",
        "usage": {
            "input_tokens": read,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": read},
            "output_tokens": output,
            "total_tokens": read + output,
        },
    }


def _whole(_: Mapping[str, Any], __: int) -> Mapping[str, Any] | None:
    return None


def runware(
    *,
    key: str | None = None,
    indecent: Callable[[str], bool] = _never,
    error: Callable[[Mapping[str, Any], int], Mapping[str, Any] | None] = _whole,
    cost: float = 0.0038,
) -> Service:
    """
    Paint as Runware does at `/v1`: several tasks at once, of which some may fail.

    Args:
        key: The only one that is let in; None lets any in, but not none.
        indecent: Tells whose pictures are marked as such, by the prompt.
        error: Gives the error, such as `{"code": "providerError", "message": "…"}`, in place of
            the n-th picture of a task.
        cost: Of a picture, in US dollars.
    """

    def serve(received: Received) -> Response:
        sent = received.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not sent or (key is not None and sent != key):
            told = {"code": "invalidApiKey", "message": f"Invalid API key: {sent}."}
            return as_json({"errors": [told]}, 401)
        if (received.method, received.path.rstrip("/")) != ("POST", "/v1"):
            raise failed(404, "Not found")
        tasks = received.body
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            told = {"code": "invalidPayload", "message": "The body is an array of tasks."}
            return as_json({"errors": [told]}, 400)
        data, errors = [], []
        for task in tasks:
            if (wrong := _wrong(task)) is not None:
                errors.append(wrong)
                continue
            about = {"taskType": task["taskType"], "taskUUID": task["taskUUID"]}
            for number in range(task.get("numberResults", 1)):
                if (fault := error(task, number)) is not None:
                    errors.append({**about, **fault})
                else:
                    marked = indecent(task["positivePrompt"])
                    data.append({**about, **_result(task, number, cost), "NSFWContent": marked})
        answer = {**({"data": data} if data else {}), **({"errors": errors} if errors else {})}
        return as_json(answer, 200 if data else 400)

    return serve


_BOUNDS: Mapping[str, tuple[int, int]] = FrozenMap(
    {"width": (128, 2048), "height": (128, 2048), "steps": (1, 100), "numberResults": (1, 20)}
)


def _wrong(task: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the error for a task that the API would not take."""

    def wrong(parameter: str, message: str) -> dict[str, Any]:
        code = f"invalid{parameter[0].upper()}{parameter[1:]}"
        about = {"taskType": task.get("taskType"), "taskUUID": task.get("taskUUID")}
        return {"code": code, "message": message, "parameter": parameter, **about}

    if task.get("taskType") != "imageInference":
        return wrong("taskType", "Only imageInference is served here.")
    try:
        named = uuid.UUID(str(task.get("taskUUID"))).version
    except ValueError:
        named = None
    if named != 4:  # noqa: PLR2004
        return wrong("taskUUID", "Expected a UUID v4.")
    if not re.fullmatch(r"[\w-]+:[\w-]+@\d+", str(task.get("model"))):
        return wrong("model", f"There is no model '{task.get('model')}'.")
    if not 1 <= len(str(task.get("positivePrompt", ""))) <= 3000:  # noqa: PLR2004
        return wrong("positivePrompt", "Expected 1 to 3000 characters.")
    for parameter, (least, most) in _BOUNDS.items():
        if not least <= task.get(parameter, least) <= most:
            return wrong(parameter, f"Expected {least} to {most}.")
    return None


def _result(task: Mapping[str, Any], number: int, cost: float) -> dict[str, Any]:
    seed = task.get("seed", 1) + number
    kind = {"JPG": "jpeg", "WEBP": "webp"}.get(task.get("outputFormat", "JPG"), "png")
    width, height = task["width"] // _SMALLER, task["height"] // _SMALLER
    content = painted(f"{task['positivePrompt']} {seed}", width, height, kind)
    told: dict[str, Any] = {
        "imageUUID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{task['taskUUID']} {number}")),
        "imageBase64Data": base64.b64encode(content).decode(),
        "seed": seed,
    }
    return {**told, **({"cost": cost} if task.get("includeCost") else {})}
