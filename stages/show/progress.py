"""Progress in a terminal: one line for the stage that runs, gone when it ends."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stages.core.outcome import Report


class TerminalProgress:
    """The observer that shows a bar where there is a terminal, and nothing elsewhere."""

    def __init__(self, console: Console) -> None:
        """Show it on this console."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None, visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def stage_started(self, stage: str) -> None:
        """Show its name."""
        title = stage.replace("_", " ")
        self._progress.remove_task(self._task)  # to reset one keeps its total
        self._task = self._progress.add_task(title, total=None)

    def item_done(self, stage: str, done: int, total: int) -> None:
        """Move the bar."""
        title = stage.replace("_", " ")
        self._progress.update(self._task, description=title, completed=done, total=total)

    def stage_ended(self, report: Report) -> None:  # noqa: ARG002  # as observers are told
        """Take the bar away."""
        self._progress.update(self._task, visible=False)
