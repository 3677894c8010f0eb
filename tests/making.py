"""Small records for tests, whole in every field that is not said."""

from typing import Any

import attrs

from stages.core.context import Context
from stages.core.outcome import Outcome, Report, StageFailure
from stages.records.card import Card
from stages.records.meaning import Meaning
from stages.records.media import MediaFile
from stages.records.vocabulary_card import card_of
from stages.testing import MemoryMedia, made_up


def meaning(word: str = "casa", id: str = "home", **fields: Any) -> Meaning:  # noqa: A002
    """Give a meaning with nothing wrong with it."""
    return attrs.evolve(made_up(word)[0], id=id, **fields)


def card(word: str = "casa", id: str = "home", **fields: Any) -> Card:  # noqa: A002
    """Give the card of a meaning."""
    return card_of(meaning(word, id, **fields))


def picture(name: str, media: MemoryMedia | None = None) -> MediaFile:
    """Give a picture, its bytes put into the folder."""
    return (media or MemoryMedia()).keep(name, b"GIF89a" + name.encode(), "test")


def sound(name: str, media: MemoryMedia | None = None) -> MediaFile:
    """Give a sound, its bytes put into the folder."""
    return (media or MemoryMedia()).keep(name, b"ID3" + name.encode(), "test")


def after(outcome: Outcome) -> Context:
    """Give the context of a success."""
    return outcome.unwrap()


def failed(outcome: Outcome) -> StageFailure:
    """Give the failure."""
    return outcome.failure()


def last(outcome: Outcome) -> Report:
    """Give the report of the stage that ran last, well or not."""
    return outcome.map(lambda context: context.reports[-1]).lash(_failed_report).unwrap()


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    """Give code and place of every problem that the last stage has."""
    return [(problem.code, problem.where) for problem in last(outcome).problems]


def _failed_report(failure: StageFailure) -> Any:
    from returns.result import Success

    return Success(failure.report)
