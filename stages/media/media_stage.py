"""Pictures and sounds together."""

from returns.result import Failure, Success

from stages.base.api_stage import MAX_NEW
from stages.core.context import Context, with_reports
from stages.core.mapping import Mapper, serial
from stages.core.outcome import Outcome
from stages.core.stage import stage
from stages.media.audio_stage import generate_audio
from stages.media.image_stage import generate_images
from stages.providers.protocols import AudioProvider, ImageProvider
from stages.records.keys import CARDS, IMAGES, SOUNDS


@stage(needs=[CARDS], gives=[IMAGES, SOUNDS])
def generate_media(
    context: Context,
    *,
    image_provider: ImageProvider,
    audio_provider: AudioProvider,
    mapper: Mapper = serial,
    max_new: int = MAX_NEW,
    dry_run: bool = False,
) -> Outcome:
    """
    Make the pictures and the sounds that are missing: sounds also where pictures failed.

    The outcome has both reports. It is partial when one of the two failed, and a failure only when
    both did.
    """
    branches = (
        generate_images(
            image_provider=image_provider, mapper=mapper, max_new=max_new, dry_run=dry_run
        ),
        generate_audio(
            audio_provider=audio_provider, mapper=mapper, max_new=max_new, dry_run=dry_run
        ),
    )
    reports, failures = [], []
    for branch in branches:
        outcome = branch(with_reports(context, ()))
        if isinstance(outcome, Failure):
            failure = outcome.failure()
            failures.append(failure)
            context = failure.context
            reports.append(failure.report)
        else:
            context = outcome.unwrap()
            reports.extend(context.reports)
    if len(failures) == len(branches):
        return context.fail(
            "; ".join(f"{one.stage}: {one.message}" for one in failures),
            problems=[problem for one in failures for problem in one.problems],
        )
    return Success(with_reports(context, reports))
