"""The door: what comes from outside as a picture or a sound is looked at before it is kept."""

from stages.providers.errors import BadAnswer
from stages.providers.looking import kind_of, look_at
from stages.records.look import faults
from stages.records.media import PICTURES, SOUNDS
from stages.records.provenance import Kind


def check_picture(content: bytes) -> None:
    """
    Let a picture in that a card can show.

    Of one that moves, the first frame is looked at.

    Raises:
        BadAnswer: It is no picture, cannot be decoded, is of no sane size, or blank.
        Misconfigured: Pillow, which decodes pictures, is not installed.
    """
    _let_in(content, PICTURES, "picture")


def check_sound(content: bytes) -> None:
    """
    Let a sound in that a card can play.

    Raises:
        BadAnswer: It is no sound, cannot be decoded, is of no sane length, or silent.
        Misconfigured: soundfile, which decodes sounds, is not installed.
    """
    _let_in(content, SOUNDS, "sound")


def _let_in(content: bytes, kinds: frozenset[str], what: Kind) -> None:
    offered = f"one of {', '.join(sorted(kinds))} is shown or played on every device"
    try:
        kind = kind_of(content)
    except ValueError as error:
        raise BadAnswer(f"what came is {error}", offered) from None
    if kind not in kinds:
        raise BadAnswer(f"what came is no {what}, but {kind}", offered)
    for fault in faults(look_at(content)):
        raise BadAnswer(fault.why, fault.hint)
