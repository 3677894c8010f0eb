"""Are the pictures and sounds there, and what they say they are?"""

from collections.abc import Iterator

from returns.result import Success

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.mapping import each
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.errors import BadAnswer
from stages.providers.protocols import MediaProvider
from stages.records.keys import CARDS, IMAGES, SOUNDS
from stages.records.media import MediaFile, content_matches
from stages.records.sync import media_of


@stage(needs=[CARDS], uses=[IMAGES, SOUNDS])
def validate_media(context: Context, *, media_provider: MediaProvider) -> Outcome:
    """
    Check that every picture and sound of the cards is there, and is what its name says.

    Problems:
        not-found: The file is not in the media folder.
        bad-answer: The file is no picture or sound, or not the one that was made.
        no-picture: A card has none (warning).
        no-sound: A word has none (warning).
    """
    cards = context[CARDS]
    images, sounds = context.get(IMAGES, FrozenMap()), context.get(SOUNDS, FrozenMap())

    def check(file: MediaFile) -> None:
        if not content_matches(file.name, media_provider.read(file.name)):
            why = f"{file.name} holds something else than its name says"
            raise BadAnswer(why, "delete it from the media folder, and it is made again")

    files = media_of(cards, images, sounds)
    gathered = each(check, files, where=lambda file: f"media[{file.name}]")
    problems = (
        *gathered.problems,
        *_gaps([c.id for c in cards], images, "cards", "no-picture"),
        *_gaps(list(dict.fromkeys(c.word for c in cards)), sounds, "words", "no-sound"),
    )
    if gathered.problems:
        message = f"Validation failed: {counted(len(gathered.problems), 'error')}"
        return context.fail(message, problems=problems)
    counts = {"errors": 0, "warnings": len(problems), "files": len(files)}
    return Success(context.report("Validation passed", problems=problems, counts=counts))


def _gaps(
    names: list[str], there: FrozenMap[str, MediaFile], kind: str, code: str
) -> Iterator[Problem]:
    what = code.removeprefix("no-")
    for name in names:
        if name not in there:
            yield Problem(code, f"{kind}[{name}]", f"it has no {what}", severity=Severity.WARNING)
