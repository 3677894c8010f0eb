"""The command line: `stages`, and `python -m stages`."""

import io
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # IPA on a terminal that cannot show it
    try:
        from stages.cli import app

        sys.exit(app(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:  # every other one has become a problem: this is the output itself
        sys.stdout = None  # so that it is not flushed once more at the end
        sys.exit(f"Error: the output cannot be written: {error.strerror}")


if __name__ == "__main__":
    main()
