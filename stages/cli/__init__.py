"""The command line: it parses, calls the library and prints."""

from importlib.metadata import PackageNotFoundError, version

from cyclopts import App

from stages.cli import check_ipa, check_meanings, chosen, handed_in  # noqa: F401  # they add their commands
from stages.cli.batch import batch
from stages.cli.build import build
from stages.cli.check import check
from stages.cli.credits import credits_of
from stages.cli.media import media
from stages.cli.said import say, stopped
from stages.cli.sync import sync
from stages.core.registry import list_stages, stage_info


def _version() -> str:
    try:
        return version("fluent-stages")
    except PackageNotFoundError:
        return "fluent-stages is not installed; this is its source"


app = App(
    name="stages",
    help="Turn words into an Anki deck worth studying: one note for each distinct meaning.",
    help_epilogue="Exit codes: 0 done as wanted, 1 not, 2 mistyped, 130 stopped with Ctrl-C.",
    result_action="return_value",
    version=_version,
)
app.command(build)
app.command(sync)
app.command(batch)
app.command(media)
app.command(check)
app.command(credits_of)


@app.command(name="list")
def list_them() -> int:
    """List the stages, each with the first line of what it does."""
    names = list_stages()
    width = max(map(len, names)) + 2
    for name in names:
        say(f"{name:<{width}}{stage_info(name).summary}")
    return 0


@app.command
def info(stage: str, /) -> int:
    """
    Tell what a stage needs, gives and takes.

    Args:
        stage: Its name.
    """
    try:
        found = stage_info(stage)
    except ValueError as error:
        return stopped(str(error))
    say(f"{found.title}  ({found.where})\n\n{found.doc}\n")
    for what, names in (
        ("needs", found.needs),
        ("uses", found.uses),
        ("gives", found.gives),
        ("providers", found.providers),
        ("settings", [f"{name}={_shown(value)}" for name, value in found.settings.items()]),
    ):
        say(f"{what + ':':<11}{', '.join(names) or 'none'}")
    return 0


def _shown(value: object) -> str:
    return getattr(value, "__name__", None) or repr(value)
