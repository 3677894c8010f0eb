"""The bar in a terminal: it counts the items of the stage that it names."""

import io
import re

from rich.console import Console

from stages.core.outcome import Report
from stages.show.progress import TerminalProgress


def shown(progress: TerminalProgress, file: io.StringIO) -> str:
    """Give the line that stands there now, without colours."""
    progress._progress.refresh()
    line = file.getvalue().rpartition("\r")[2]
    return re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]|[━╸╺]", "", line).strip()


def test_each_stage_counts_its_own_items() -> None:
    """What an earlier stage had to do does not stand beside the name of the next."""
    file = io.StringIO()
    with TerminalProgress(Console(file=file, force_terminal=True, width=100)) as progress:
        progress.stage_started("generate_images")
        progress.item_done("generate_images", 3, 4)
        assert re.match(r"generate images +3/4\b", shown(progress, file))

        progress.stage_ended(Report("generate_images"))
        progress.stage_started("generate_audio")
        assert re.match(r"generate audio +0/\?", shown(progress, file))

        progress.item_done("generate_audio", 1, 2)
        assert re.match(r"generate audio +1/2\b", shown(progress, file))

        progress.stage_ended(Report("generate_audio"))
        assert shown(progress, file) == ""


def test_where_there_is_no_terminal_nothing_is_shown() -> None:
    """A file or a pipe gets no bar."""
    file = io.StringIO()

    with TerminalProgress(Console(file=file)) as progress:
        progress.stage_started("generate_images")
        progress.item_done("generate_images", 1, 1)

    assert file.getvalue() == ""
