"""A loopback in a process of its own: `python -m stages.testing.loopback --latency 0.05`."""

import argparse
import signal
import sys
import threading

from stages.testing.loopback.all_media import media_services
from stages.testing.loopback.anki import AnkiLoopback
from stages.testing.loopback.base import Loopback
from stages.testing.loopback.server import ClaudeLoopback


def main() -> None:
    """Print the address, and serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="stages.testing.loopback", description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--finish-after", type=int, default=1, help="polls before a batch ends")
    parser.add_argument("--media", action="store_true", help="the media services, not Claude")
    parser.add_argument("--anki", action="store_true", help="Anki with AnkiConnect, not Claude")
    told = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback
    server: Loopback
    if told.anki:
        server = AnkiLoopback(port=told.port)
    elif told.media:
        server = media_services(latency=told.latency, port=told.port)
    else:
        server = ClaudeLoopback(
            latency=told.latency, port=told.port, finish_after=told.finish_after
        )
    with server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
