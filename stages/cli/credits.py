"""`stages credits`: whose work a deck shows."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from stages.cli.making import KINDS
from stages.cli.said import say, say_each
from stages.cli.stored import calmly
from stages.providers.media_folder import MediaFolder
from stages.records.media import Credit
from stages.records.provenance import Kind
from stages.show.credits import credit_lines

credits_of = App(name="credits", result_action="return_value")


@credits_of.default
@calmly
def show(*, to: Annotated[Path, Parameter(name="--to")] = Path("deck.apkg")) -> int:
    """
    List whose pictures and sounds a deck has, by licence: for its description, if it is shared.

    Args:
        to: The package of the deck; .stages beside it has its media.
    """
    path = to.parent / ".stages" / "media"
    folder = MediaFolder(path)
    gone = folder.gone()
    credited: dict[Kind, list[tuple[Credit, ...]]] = {
        kind: [
            one.file.credits
            for one in {one.file.name: one for one in folder.latest(kind).values()}.values()
            if gone.isdisjoint(one.file.names)
        ]
        for kind in KINDS
    }
    lines = list(credit_lines(credited))
    if lines:
        say_each(lines, indent="")
    else:
        say(f"No licence of what is in {path} asks for a credit.")
    return 0
