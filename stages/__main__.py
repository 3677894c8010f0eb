"""The command line: `stages`, and `python -m stages`."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from stages.cli import app

    sys.exit(app())


if __name__ == "__main__":
    main()
