"""Options that several commands share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from stages.base.api_stage import MAX_NEW
from stages.claude.analysis_stage import MAX_COST
from stages.providers.claude.wire import Manner
from stages.records.brief import Brief

DEFAULT_LANGUAGE = Brief().language

FLAG = Parameter(negative="", show_default=False)
"""Is said or not."""

SEVERAL = Parameter(negative="", show_default=False, consume_multiple=False)
"""May be given again; each takes one value."""

_CLAUDE = Group("Claude", sort_key=2)
_MEDIA = Group("Pictures and sounds", sort_key=3)

Effort = Literal["low", "medium", "high", "xhigh", "max"]
PictureSource = Literal["openai", "runware", "openverse", "commons"]
SoundSource = Literal["forvo"]
Quality = Literal["low", "medium", "high"]
AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]


def _is_a_sum(_: object, cost: float) -> None:
    if not cost >= 0:  # also what is no number
        raise ValueError("a sum of dollars is 0 or more")


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Asked:
    """
    What is asked for.

    Attributes:
        native: The learner's language, as a BCP 47 tag: what describes a picture is written in it.
        most: The most meanings of one word.
    """

    native: str = Brief().native
    most: AtLeastOne = Brief().most

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again."""
        return typed(self)


@Parameter(name="*", group=_CLAUDE)
@attrs.frozen(kw_only=True)
class ClaudeOptions:
    """
    How Claude is asked.

    Attributes:
        model: Which Claude.
        effort: How long it thinks.
        max_cost: In US dollars; where the estimate is above it, nothing is asked.
    """

    model: str = Manner().model
    effort: Effort = "medium"
    max_cost: Annotated[float, Parameter(validator=_is_a_sum)] = MAX_COST

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again."""
        return typed(self)


ASKED = Asked()
CLAUDE = ClaudeOptions()


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class CardOptions:
    """
    Which cards, and of which deck.

    Attributes:
        to: The package of the deck; .stages beside it has its media.
        from_batch: A staged file that Claude or a person filled in, or a review; may be given again.
        lexicon: A lexicon of your own (JSON, CSV, TSV) or a Wiktionary extract of kaikki.org (JSONL),
            asked before the embedded one; may be given again. With no words, all of it is taken.
        ipa: A list of your own, with a word, a tab and its IPA on each line, which is right whatever
            the rules of spelling say; may be given again.
        language: The language of the words, as a BCP 47 tag; that of the files, else es-419, where
            nothing is said.
        asked: What is asked for.
    """

    to: Annotated[Path, Parameter(name="--to")] = Path("deck.apkg")
    from_batch: Annotated[tuple[Path, ...], SEVERAL] = ()
    lexicon: Annotated[tuple[Path, ...], SEVERAL] = ()
    ipa: Annotated[tuple[Path, ...], SEVERAL] = ()
    language: str | None = None
    asked: Asked = ASKED


@Parameter(name="*", group=_MEDIA)
@attrs.frozen(kw_only=True)
class MediaOptions:
    """
    Who makes or finds pictures and sounds, and how.

    Attributes:
        pictures: Ask for pictures here before emoji are drawn; may be given again, and is asked in
            this order. openai and runware cost.
        sounds: Ask for recordings here before a voice speaks; may be given again.
        own: A folder of your own pictures and recordings, which come before all others.
        style: How pictures look, in a few words.
        size: How large they are made, such as 1024x1024.
        quality: How well they are made; the better, the dearer.
        candidates: How many pictures of each card are made or found, to choose from.
        recordings: The most recordings of each word.
        examples: Speak the example sentences as well.
        max_new: The most pictures, and the most sounds, that cost and are made in one run.
        contact: An address or a page of yours, which Wikimedia Commons asks for.
        forvo_agreed: You have read Forvo's terms, and keep to them.
        forvo_per_day: How many requests a day your plan with Forvo has.
    """

    pictures: Annotated[tuple[PictureSource, ...], SEVERAL] = ()
    sounds: Annotated[tuple[SoundSource, ...], SEVERAL] = ()
    own: Path | None = None
    style: str | None = None
    size: str | None = None
    quality: Quality | None = None
    candidates: Annotated[int, Parameter(validator=Number(gte=1, lte=10))] | None = None
    recordings: AtLeastOne | None = None
    examples: Annotated[bool, FLAG] = False
    max_new: Annotated[int, Parameter(validator=Number(gte=0))] = MAX_NEW
    contact: str | None = None
    forvo_agreed: Annotated[bool, FLAG] = False
    forvo_per_day: AtLeastOne = 500

    @property
    def slip(self) -> str:
        """What is said of a source that is not asked, and how to ask it; empty where nothing is."""
        for_pictures = attrs.evolve(
            MEDIA,
            style=self.style,
            size=self.size,
            quality=self.quality,
            candidates=self.candidates,
        )
        for_forvo = attrs.evolve(
            MEDIA,
            recordings=self.recordings,
            forvo_agreed=self.forvo_agreed,
            forvo_per_day=self.forvo_per_day,
        )
        for_commons = attrs.evolve(MEDIA, contact=self.contact)
        for said, whom, cure, asked in (
            (for_pictures, "pictures that are asked for", "--pictures NAME", bool(self.pictures)),
            (for_commons, "commons", "--pictures commons", "commons" in self.pictures),
            (for_forvo, "forvo", "--sounds forvo", "forvo" in self.sounds),
        ):
            if said != MEDIA and not asked:
                return f"{' '.join(said.again())} is for {whom}, and none is asked (add {cure})"
        return ""

    def again(self) -> list[str]:
        """Give what was typed of it, to be typed again."""
        return typed(self)


MEDIA = MediaOptions()
CARDS_OF = CardOptions()


def typed(options: attrs.AttrsInstance) -> list[str]:
    """Give what was typed of options, to be typed again: all that is not as usual."""
    usual = type(options)()
    return [
        text
        for one in attrs.fields(type(options))
        if (value := getattr(options, one.name)) != getattr(usual, one.name)
        for text in _said("--" + one.name.replace("_", "-"), value)
    ]


def _said(option: str, value: Any) -> Iterator[str]:
    if value is True:
        yield option
        return
    for one in value if isinstance(value, tuple) else (value,):
        yield from (option, str(one))
