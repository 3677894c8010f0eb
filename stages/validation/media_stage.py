"""Are the pictures and sounds there, and what they say they are, and fit to learn from?"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import attrs
from returns.result import Success

from stages.base.validation_stage import OnProblem
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.mapping import Mapper, each, serial
from stages.core.outcome import Outcome
from stages.core.problem import Problem, Severity
from stages.core.stage import stage
from stages.core.wording import counted
from stages.providers.protocols import MediaProvider
from stages.records.keys import CARDS, IMAGES, SOUNDS
from stages.records.look import CURE, Look, Use, faults, how_large, uses_of
from stages.records.media import ALWAYS_CREDITED, MediaFile, is_media_name, odd_in
from stages.records.sync import media_of


def _gives(on_problem: OnProblem) -> tuple[Key[FrozenMap[str, MediaFile]], ...]:
    return (IMAGES, SOUNDS) if on_problem == "drop" else ()


@stage(needs=[CARDS], uses=[IMAGES, SOUNDS], gives=_gives)
def validate_media(
    context: Context,
    *,
    media_provider: MediaProvider,
    on_problem: OnProblem = "fail",
    mapper: Mapper = serial,
) -> Outcome:
    """
    Check that every picture and sound of the cards is there, and is what its name says.

    Each is decoded, unless it was before and has not changed. Errors are what cannot be shown or
    played: fail, drop such files from the cards, or keep all and report. Nothing is ever deleted.

    Problems:
        not-found: The file is not in the media folder.
        bad-answer: The file is no picture or sound, is broken, or not the one that was made.
        blank: A picture of one colour, or one that cannot be seen.
        silent: A sound in which nothing is heard.
        too-large: A picture with more pixels than can be shown.
        name-clash: Two files are one where case does not matter (a warning if only one is shown).
        no-picture: A card has none (warning).
        no-sound: A word has none (warning).
        too-heavy, too-small, too-short, too-long, odd-sound: Nobody would choose it (warning).
        odd-length: A sound lasts longer or shorter than its text can be spoken (warning).
        cut-off: A sound ends before what its header says (warning).
        clipped: A sound is so loud that it is distorted (warning).
        other-type: The ending of a name is not what the file is (warning).
        odd-name: Anki would give the file another name (warning).
        no-credit: A licence asks for a credit that is not there (warning).
        unused: Files that nothing needs (warning).
        not-looked-at: What decodes files is not installed (warning).
    """
    cards = context[CARDS]
    images, sounds = context.get(IMAGES, FrozenMap()), context.get(SOUNDS, FrozenMap())
    files = media_of(cards, images, sounds)
    texts = dict.fromkeys(text for card in cards for text in (card.word, card.example))
    spoken = ((text, sounds[text]) for text in texts if text in sounds)
    checked = _check(uses_of(files, spoken), media_provider, mapper)
    problems = (
        *checked.problems,
        *_odd_names(files),
        *_gaps([card.id for card in cards], images, "cards", "no-picture"),
        *_gaps(dict.fromkeys(card.word for card in cards), sounds, "words", "no-sound"),
    )
    errors = [one for one in problems if one.severity is Severity.ERROR]
    counts = {
        "errors": len(errors),
        "warnings": len(problems) - len(errors),
        "files": len(files),
        "unused": checked.unused,
    }
    message = (
        f"Validation failed: {counted(len(errors), 'error')}" if errors else "Validation passed"
    )
    if errors and (on_problem == "fail" or (on_problem == "drop" and checked.stopped)):
        return context.fail(message, problems=problems)
    if on_problem == "drop":
        spoilt = {file.name for file in files}.intersection(map(_named, errors))
        context = context.put(IMAGES, _without(images, spoilt)).put(
            SOUNDS, _without(sounds, spoilt)
        )
        counts["dropped"] = len(spoilt)
        message += f"; {len(spoilt)} dropped" if spoilt else ""
    return Success(context.report(message, problems=problems, counts=counts))


def media_problems(
    uses: Iterable[Use], *, media_provider: MediaProvider, mapper: Mapper = serial
) -> tuple[Problem, ...]:
    """
    Check files as `validate_media` does, wherever they are shown: in a package, or in a folder.

    >>> from stages.records.media import MediaFile
    >>> from stages.testing import MemoryMedia
    >>> gone = Use(file=MediaFile(name="casa.mp3", size=1, provider="own"))
    >>> [str(one) for one in media_problems([gone], media_provider=MemoryMedia())]
    ['media[casa.mp3]: media file casa.mp3 is not there']
    """
    return _check(tuple(uses), media_provider, mapper).problems


@attrs.frozen
class _Checked:
    """What was found: the problems, how many files are unused, and whether it was broken off."""

    problems: tuple[Problem, ...]
    unused: int
    stopped: bool


def _check(uses: Collection[Use], media_provider: MediaProvider, mapper: Mapper) -> _Checked:
    looked = each(lambda use: media_provider.look(use.file.name), uses, mapper=mapper, where=_place)
    listed = each(lambda one: one.unused(), [media_provider], where=lambda _: "media")
    shown = {use.file.name for use in uses}
    folder = {name: size for there in listed.values for name, size in there.items()}
    unused = {name: size for name, size in folder.items() if name not in shown}
    problems = (
        *looked.problems,
        *(() if looked.stopped else listed.problems),
        *(
            attrs.evolve(problem, where=_place(use))
            for use, look in looked.done
            for problem in tuple(faults(look)) or _doubts(use, look)
        ),
        *_unseen(look.unseen for look in looked.values),
        *_clashes(shown, unused),
        *(problem for use in uses for problem in _lacking_credit(use.file)),
        *_left_over(unused),
    )
    return _Checked(problems, len(unused), looked.stopped)


def _place(use: Use) -> str:
    return f"media[{use.file.name}]"


def _named(problem: Problem) -> str:
    """Give the name of the file that a problem is about."""
    return problem.where.removeprefix("media[").removesuffix("]")


def _doubts(use: Use, look: Look) -> Iterator[Problem]:
    """Tell what makes one doubt that a file is the right one, and whole."""
    ending = use.file.name.rpartition(".")[2].lower()
    if _TYPES.get(ending, look.kind) != look.kind:
        why = f"it is {look.kind}, and its name ends in .{ending}: some devices go by the name"
        yield _doubt("other-type", why, "save it in the type that its name says")
    if look.what == "picture" or look.unseen or not look.is_sane:
        return
    if look.seconds < _WHOLE * look.promised:
        why = f"it lasts {look.seconds:.1f} s, and its header says {look.promised:.1f} s"
        yield _doubt("cut-off", why, "it was cut off on its way: get it again")
    if look.clipped > _DISTORTED:
        why = f"{look.clipped:.0%} of it are as loud as can be: it sounds distorted"
        yield _doubt("clipped", why, "record it with less gain, or take another recording")
    if use.texts:
        ends = [seconds_of(text) for text in use.texts]
        least, most = min(low for low, _ in ends), max(high for _, high in ends)
        if not least <= look.seconds <= most:
            text = use.texts[0] if len(use.texts[0]) <= _SHOWN else f"{use.texts[0][:_SHOWN]}…"
            why = f"it lasts {look.seconds:.1f} s, and {text!r} takes {least:.1f} to {most:.1f} s"
            yield _doubt("odd-length", why, "listen to it: it may be of another text")


def seconds_of(text: str) -> tuple[float, float]:
    """
    Give how long a text can be spoken: from faster than anybody to slow, with silence around it.

    Half the length of the fastest speech of our voices, and many times that of the slowest: a figure
    may be a long word, and so may a sign of a script without letters.

    >>> seconds_of("casa"), seconds_of("1999"), seconds_of("¿?")
    ((0.1, 6.0), (0.1, 15.0), (0.0, 5.0))
    """
    spoken = [letter for letter in text if letter.isalnum()]
    longest = sum(_PER_SIGN if letter.isdigit() or _is_sign(letter) else 1 for letter in spoken)
    return len(spoken) * _FASTEST, _AROUND + longest * _SLOWEST


def _is_sign(letter: str) -> bool:
    """Tell whether a letter may be a syllable or a word: those of scripts without capitals may."""
    return unicodedata.category(letter) == "Lo"


def _unseen(reasons: Iterable[str]) -> Iterator[Problem]:
    for why, number in Counter(filter(None, reasons)).items():
        told = f"{counted(number, 'file')} could not be looked into: {why}"
        yield attrs.evolve(_doubt("not-looked-at", told, CURE), where="media")


def _clashes(shown: Collection[str], others: Iterable[str]) -> Iterator[Problem]:
    """Tell which names are one where case does not matter, nor how an accent is written."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted({*shown, *others}):
        alike[_folded(name)].append(name)
    for names in alike.values():
        here = [name for name in names if name in shown]
        if here and len(names) > 1:
            yield Problem(
                "name-clash",
                f"media[{here[0]}]",
                f"{' and '.join(names)} are one file on Windows and macOS",
                "call them by names that differ in more than case",
                Severity.ERROR if len(here) > 1 else Severity.WARNING,
            )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _odd_names(files: Iterable[MediaFile]) -> Iterator[Problem]:
    for file in files:
        if not is_media_name(file.name) and (odd := odd_in(file.name)):
            why = f"Anki gives the file another name, since {odd}; the card then finds none"
            yield _doubt("odd-name", why, "name it with media_name", f"media[{file.name}]")


def _lacking_credit(file: MediaFile) -> Iterator[Problem]:
    if file.credit is None and file.provider in ALWAYS_CREDITED:
        why = f"what {file.provider} gives is shown with its credit, and this has none"
    elif file.credit and file.credit.lacks_author:
        why = f"{file.credit.licence} wants its author to be named, and nobody is"
    else:
        return
    yield _doubt("no-credit", why, "make it anew, or name the author", f"media[{file.name}]")


def _left_over(unused: Mapping[str, int]) -> Iterator[Problem]:
    if unused:
        names = sorted(unused)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        why = (
            f"{counted(len(names), 'file')} ({how_large(sum(unused.values()))}) that no card shows: "
            f"{', '.join(names[:_NAMED])}{more}"
        )
        yield _doubt("unused", why, "delete what no other deck needs", "media")


def _gaps(
    names: Iterable[str], there: FrozenMap[str, MediaFile], kind: str, code: str
) -> Iterator[Problem]:
    what = code.removeprefix("no-")
    for name in names:
        if name not in there:
            yield _doubt(code, f"it has no {what}", where=f"{kind}[{name}]")


def _doubt(code: str, why: str, hint: str = "", where: str = "") -> Problem:
    return Problem(code, where, why, hint, Severity.WARNING)


def _without(
    files: FrozenMap[str, MediaFile], spoilt: Collection[str]
) -> FrozenMap[str, MediaFile]:
    """Give the files less what is spoilt: a sound keeps those of its recordings that are not."""
    left = {of: _spared(file, spoilt) for of, file in files.items()}
    return FrozenMap({of: file for of, file in left.items() if file})


def _spared(file: MediaFile, spoilt: Collection[str]) -> MediaFile | None:
    others = tuple(one for one in file.others if one.name not in spoilt)
    if file.name not in spoilt:
        return attrs.evolve(file, others=others)
    if not others:
        return None
    first, *rest = others
    return attrs.evolve(
        file, name=first.name, size=first.size, credit=first.credit, others=tuple(rest)
    )


_TYPES = FrozenMap(
    {
        **{kind: kind for kind in ("png", "jpg", "gif", "webp", "mp3", "ogg", "wav")},
        "jpeg": "jpg",
        "oga": "ogg",
        "opus": "ogg",
    }
)
"""What a file is by its ending."""

_NAMED = 12  # unused files; the rest is counted
_SHOWN = 40  # letters of a text
_WHOLE = 0.9  # of what a header says: encoders add a little silence
_DISTORTED = 0.01  # a voice that is four times too loud; twice is heard by nobody
_FASTEST = 0.025  # seconds a letter; of speech at its fastest, 0.04
_SLOWEST = 0.25  # seconds a letter
_AROUND = 5.0  # seconds of silence
_PER_SIGN = 10  # letters that a figure may be spoken as
