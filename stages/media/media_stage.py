"""Pictures and sounds together."""

import attrs
from returns.result import Failure, Success

from stages.base.api_stage import MAX_NEW
from stages.core.context import Context, with_reports
from stages.core.mapping import Mapper, serial
from stages.core.outcome import Outcome, Report, StageFailure, Status
from stages.core.stage import stage
from stages.core.wording import counted
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
    examples: bool = False,
    mapper: Mapper = serial,
    max_new: int = MAX_NEW,
    dry_run: bool = False,
) -> Outcome:
    """
    Make the pictures and the sounds that are missing: sounds also where pictures failed.

    The outcome has the reports of both and one of its own. It is partial when one of the two failed
    or left something out, and a failure only when both failed.
    """
    branches = (
        generate_images(
            image_provider=image_provider, mapper=mapper, max_new=max_new, dry_run=dry_run
        ),
        generate_audio(
            audio_provider=audio_provider,
            examples=examples,
            mapper=mapper,
            max_new=max_new,
            dry_run=dry_run,
        ),
    )
    reports: list[Report] = []
    failures: list[StageFailure] = []
    for branch in branches:
        outcome = branch(with_reports(context, ()))
        if isinstance(outcome, Failure):
            failures.append(outcome.failure())
            context = failures[-1].context
            reports.append(failures[-1].report)
        else:
            context = outcome.unwrap()
            reports.extend(context.reports)
    context = with_reports(context, reports)
    for failure in failures:
        if failure.is_bug:  # a fault of the code is never partial
            return Failure(attrs.evolve(failure, context=context))
    if len(failures) == len(branches):
        why = "; ".join(f"{one.stage}: {one.message}" for one in failures)
        problems = (problem for one in failures for problem in one.problems)
        return context.fail(why, problems=problems)
    there = (counted(len(context[IMAGES]), "picture"), counted(len(context[SOUNDS]), "sound"))
    status = _joint([one.status for one in reports])
    return Success(context.report(f"{' and '.join(there)} there", status=status))


def _joint(statuses: list[Status]) -> Status:
    if set(statuses) <= {Status.SKIPPED}:
        return Status.SKIPPED
    whole = set(statuses) <= {Status.SUCCESS, Status.SKIPPED}
    return Status.SUCCESS if whole else Status.PARTIAL
