"""
A loopback server that behaves as the Anthropic API is documented to behave.

The real SDK talks to it over 127.0.0.1, so that retries, time limits, dropped connections and
batches are tested as they are, without a key and without a cent.

>>> from urllib.request import Request, urlopen
>>> with ClaudeLoopback(key="right") as server:
...     request = Request(server.url + "/v1/models", headers={"x-api-key": "right"})
...     with urlopen(request) as reply:
...         reply.status, server.requests[0].path
(200, '/v1/models')

With the SDK: `anthropic.Anthropic(base_url=server.url, api_key="right")`. In a process of its own:
`python -m stages.testing.loopback`. It agrees with the documents; about the live API it proves
nothing.
"""

from stages.testing.loopback.records import (
    Answer,
    BatchOutcome,
    Fault,
    Received,
    Reply,
    billing,
    dropped,
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

__all__ = [
    "BATCHES",
    "MESSAGES",
    "Answer",
    "BatchOutcome",
    "ClaudeLoopback",
    "Fault",
    "Received",
    "Reply",
    "billing",
    "dropped",
    "faults_of_schema",
    "not_found",
    "overloaded",
    "permission_denied",
    "rate_limited",
    "server_error",
    "smallest",
    "spend_limit",
    "timeout",
    "truncated",
]
