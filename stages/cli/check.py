"""`stages check words`, `batch`, `vocabulary` and `media`: what is wrong with a file, and why."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App

from stages.cli.checked import Checked, json_of, patience, text_of
from stages.cli.options import DEFAULT_LANGUAGE, FLAG
from stages.cli.said import command
from stages.cli.stored import calmly
from stages.core.mapping import threads
from stages.core.problem import Problem
from stages.core.wording import counted
from stages.providers.errors import Rejected
from stages.providers.media_folder import MediaFolder
from stages.records.queue import Queue
from stages.show.findings import findings
from stages.validation.media_stage import media_problems
from stages.validation.word_list import list_problems

check = App(
    name="check",
    help="What is wrong with words, meanings, IPA and media, why, and how to mend it.",
    result_action="return_value",
)


@check.command(sort_key=1)
@calmly
def words(
    file: Path,
    /,
    *,
    language: str = DEFAULT_LANGUAGE,
    json: Annotated[bool, FLAG] = False,
) -> int:
    """
    Check a list of words: doubles, twins, letters that only look right, what is no word.

    Args:
        file: A file with a word on each line, or a word queue as JSON.
        language: The language of the words, as a BCP 47 tag.
        json: Print what was found as JSON.

    Returns:
        0 when nothing is wrong, 1 when something is; warnings are not counted as wrong.
    """
    text = text_of(file, "words")
    is_json = text.lstrip().startswith(("{", "["))
    if is_json:
        json_of(text, file, "words")
    try:
        placed = tuple(Queue(text).placed)
    except ValueError as error:
        raise Rejected(f"{file} cannot be read: {error}") from None
    with patience(file, quiet=json):
        found = findings(list_problems(placed, language))
    spoken = ("--language", language) if language != DEFAULT_LANGUAGE else ()
    then = ("batch", "prepare", "--queue") if is_json else ("build",)
    after = f"Next: {command(*then, str(file), *spoken)}"
    return Checked(
        file=file,
        holds=counted(len({word for _, word in placed}), "word"),
        number=len(placed),
        found=found,
        again=command("check", "words", str(file), *spoken),
        after=(after,) if placed and not found.errors else (),
    ).told(as_json=json)


@check.command(sort_key=4)
@calmly
def media(file: Path, /, *, json: Annotated[bool, FLAG] = False) -> int:
    """
    Check the pictures and sounds of a deck: that they are there, whole, seen, heard and credited.

    No picture or sound is changed or deleted.

    Args:
        file: A package (.apkg), or the folder of a deck, with its pictures and sounds in
            .stages/media.
        json: Print what was found as JSON.

    Returns:
        0 when nothing is wrong, 1 when something is; warnings are not counted as wrong.
    """
    from stages.providers.package_media import PackageMedia

    lacking: tuple[Problem, ...] = ()
    with patience(file, quiet=json):
        if file.is_dir():
            looked: MediaFolder | PackageMedia = MediaFolder(_media_in(file))
        else:
            looked = PackageMedia(file)
            lacking = looked.lacking()
        uses = looked.uses()
        mapper = threads(os.cpu_count() or 1)
        problems = media_problems(uses, media_provider=looked, mapper=mapper)
    return Checked(
        file=file,
        holds=counted(len(uses), "picture or sound", "pictures and sounds"),
        number=len(uses),
        found=findings((*problems, *lacking)),
        again=command("check", "media", str(file)),
    ).told(as_json=json)


def _media_in(folder: Path) -> Path:
    """
    Give where the pictures and sounds of a deck lie: in its folder, or just here.

    Raises:
        Rejected: There is no deck here, so nobody knows what is shown.
    """
    inside = folder / ".stages" / "media"
    if inside.is_dir():
        return inside
    if (folder / "made.jsonl").is_file():
        return folder
    why = f"{folder} is no folder of a deck: there is no .stages/media in it"
    raise Rejected(why, "give the package, or the folder that it was built in")
