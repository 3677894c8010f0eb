"""
Loopback servers that behave as the APIs of Claude, of media services and of AnkiConnect do.

The real SDKs talk to them over 127.0.0.1, so that retries, time limits, dropped connections and
batches are tested as they are, without a key and without a cent.

>>> from urllib.request import Request, urlopen
>>> with ClaudeLoopback(key="right") as server:
...     request = Request(server.url + "/v1/models", headers={"x-api-key": "right"})
...     with urlopen(request) as reply:
...         reply.status, server.requests[0].path
(200, '/v1/models')

With the SDK: `anthropic.Anthropic(base_url=server.url, api_key="right")`. In a process of its own:
`python -m stages.testing.loopback`, with `--media` for the media services and `--anki` for
AnkiConnect. They agree with the documents, AnkiConnect with what was measured; about the live APIs
they prove nothing.
"""

from stages.testing.loopback.all_media import media_services
from stages.testing.loopback.anki import ASKED, AnkiLoopback
from stages.testing.loopback.anki_actions import Actions
from stages.testing.loopback.anki_collection import AnkiCollection
from stages.testing.loopback.base import Loopback
from stages.testing.loopback.painters import IMAGES, RUNWARE, openai_images, painted, runware
from stages.testing.loopback.records import (
    Answer,
    BatchOutcome,
    Fault,
    Received,
    Reply,
    billing,
    dropped,
    failed,
    not_found,
    overloaded,
    permission_denied,
    rate_limited,
    server_error,
    spend_limit,
    timeout,
    truncated,
)
from stages.testing.loopback.schemas import faults_of_schema, smallest
from stages.testing.loopback.server import BATCHES, MESSAGES, ClaudeLoopback
from stages.testing.loopback.services import (
    Service,
    ServicesLoopback,
    as_bytes,
    as_json,
    files,
    redirect,
    web_page,
)
from stages.testing.loopback.wire import Response

__all__ = [
    "ASKED",
    "BATCHES",
    "IMAGES",
    "MESSAGES",
    "RUNWARE",
    "Actions",
    "AnkiCollection",
    "AnkiLoopback",
    "Answer",
    "BatchOutcome",
    "ClaudeLoopback",
    "Fault",
    "Loopback",
    "Received",
    "Reply",
    "Response",
    "Service",
    "ServicesLoopback",
    "as_bytes",
    "as_json",
    "billing",
    "dropped",
    "failed",
    "faults_of_schema",
    "files",
    "media_services",
    "not_found",
    "openai_images",
    "overloaded",
    "painted",
    "permission_denied",
    "rate_limited",
    "redirect",
    "runware",
    "server_error",
    "smallest",
    "spend_limit",
    "timeout",
    "truncated",
    "web_page",
]
