"""Runs in a process of their own, each of which may be killed at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

# It has everything imported, and forks for each run, so that a run begins at once.
_FORKS = """
import json, os, sys, traceback
for line in sys.stdin:
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
        try:
            print(json.dumps(run(**json.loads(line))), flush=True)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    sys.stdin.readline()  # until then it can be killed, be it over already
    print("over", os.waitpid(child, 0)[1], flush=True)
"""


class Runs:
    """Runs, each of which may be killed at any moment."""

    def __init__(self, code: str) -> None:
        """Make ready for what this code defines as `run`."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", code + _FORKS],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *, killed_after: float | None = None, **what: Any) -> Any:
        """Give what a run gives; None where it is killed, so many seconds after its start."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if killed_after is not None:
            time.sleep(killed_after)
            os.kill(child, signal.SIGKILL)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if said == f"over {signal.SIGKILL:d}\n":
            return None
        assert self._process.stdout.readline().startswith("over ")
        return json.loads(said)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
