"""What is to be in Anki: the deck that was built, words, a vocabulary, verb forms."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Group, Parameter
from returns.result import Failure

from stages.cards.conjugation_stage import make_conjugation_cards
from stages.cards.vocabulary_stage import make_cards
from stages.cli.asking import Asking
from stages.cli.build import deck_name
from stages.cli.call import Call
from stages.cli.checked import is_package
from stages.cli.media_job import unknown_words
from stages.cli.options import ASKED, CARDS_OF, SEVERAL, Asked, CardOptions
from stages.cli.running import checked, looked_up
from stages.cli.said import command
from stages.cli.stored import load
from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.json import parsed
from stages.core.outcome import StageFailure
from stages.core.pipeline import pipe
from stages.core.problem import Problem, ProviderError
from stages.core.stage import Stage
from stages.providers.errors import Rejected
from stages.providers.files import Files
from stages.providers.media_folder import MediaFolder
from stages.providers.package import Package
from stages.records.card import Card
from stages.records.keys import CARDS, CONJUGATIONS, IMAGES, MEANINGS, SOUNDS, VOCABULARY
from stages.records.media import MediaFile
from stages.records.provenance import Kind
from stages.records.regained import regained

_WORDS = Group("Words, as in stages build", sort_key=3)


@Parameter(name="*", group=_WORDS)
@attrs.frozen(kw_only=True)
class WordOptions:
    """
    How words are looked up.

    Attributes:
        from_batch: A staged file that Claude or a person filled in; may be given again.
        lexicon: A lexicon of your own, asked before the embedded one; may be given again.
        ipa: A list of your own of how words are spoken; may be given again.
        language: The language of the words, as a BCP 47 tag.
        asked: What is asked for.
    """

    from_batch: Annotated[tuple[Path, ...], SEVERAL] = ()
    lexicon: Annotated[tuple[Path, ...], SEVERAL] = ()
    ipa: Annotated[tuple[Path, ...], SEVERAL] = ()
    language: str | None = None
    asked: Asked = ASKED


WORDS_OF = WordOptions()


class NoCards(Exception):
    """The words have no cards."""

    def __init__(self, failure: StageFailure) -> None:
        """Keep why."""
        super().__init__(failure.message)
        self.failure = failure


@attrs.frozen(kw_only=True)
class Source:
    """
    What is to be in Anki.

    Attributes:
        context: Its cards, their pictures and their sounds.
        deck: What its deck is called.
        folder: Where its media lie, and what is remembered of it.
        doubts: Which words have no meanings here, and the cure, a line each.
        package: The one that lies there, which may have been imported by hand; None where none is.
    """

    context: Context
    deck: str
    folder: Path
    doubts: tuple[str, ...] = ()
    package: Package | None = None

    @property
    def language(self) -> str:
        """That of the first card, or none."""
        return next((card.language for card in self.context[CARDS]), "")

    @classmethod
    def of(
        cls, given: tuple[str, ...], words: WordOptions, deck: str | None, to: Path | None
    ) -> "Source":
        """
        Read what was given; with nothing, the deck that was built here.

        Raises:
            NoCards: No word has a card.
            ProviderError: A file cannot be read, or there is nothing.
        """
        packages = tuple(Path(one) for one in given if _is_package(one))
        if not given and words == WORDS_OF:
            packages = (CARDS_OF.to,)
            if not packages[0].exists():
                build = command("build", "words.txt")
                raise Rejected(f"there is no {packages[0]} here", f"make it: {build}; or say what")
        if len(packages) > 1 or (packages and (given[1:] or words != WORDS_OF)):
            raise Rejected("a package is synced alone", "sync the rest in a call of its own")
        if packages:
            return _of_package(packages[0], deck)
        home = to.parent if to else CARDS_OF.to.parent
        return _of_files(given, words, deck, home / ".stages")


def without_meanings(problems: Iterable[Problem]) -> list[str]:
    """Say which words have no meanings here, and how they get them."""
    told = unknown_words(problems)
    return [*told, f"or sync the deck as it was built: {command('sync')}"] if told else []


def _is_package(given: str) -> bool:
    return given.endswith(".apkg") or (os.sep in given and is_package(Path(given)))


def _of_package(path: Path, deck: str | None) -> Source:
    """Take the notes of a package as they were wanted, whatever a learner made of them since."""
    if not path.exists():
        raise Rejected(f"{path} is not there", "look at its name")
    package = Package(path, path.parent)
    notes = package.read().pushed.values()
    decks = tuple(dict.fromkeys(note.deck for note in notes))
    if len(decks) > 1 and not deck:
        some = ", ".join(map(repr, decks[:5]))
        raise Rejected(f"{path} has notes of several decks: {some}", "say which: --deck NAME")
    found = regained(notes)
    context = Context.of({CARDS: found.cards, IMAGES: found.images, SOUNDS: found.sounds})
    return Source(
        context=context,
        deck=deck or next(iter(decks), deck_name("")),
        folder=path.parent / ".stages",
        package=package,
    )


def _of_files(given: Iterable[str], options: WordOptions, deck: str | None, folder: Path) -> Source:
    """Make the cards of words and of files; they have the media that are in the folder."""
    every = tuple(given)
    files = tuple(one for one in every if one.endswith(".json"))
    words = tuple(one for one in every if one not in files)
    cards: list[Card] = []
    doubts: list[str] = []
    if words or not files:
        looked = _cards_of_words(words, options, folder)
        cards += looked[CARDS]
        doubts += without_meanings(one for report in looked.reports for one in report.problems)
    for file in files:
        cards += _cards_in(Path(file))
    images, sounds = _media_of(cards, MediaFolder(folder / "media"))
    language = options.language or next((card.language for card in cards), "es")
    return Source(
        context=Context.of({CARDS: tuple(cards), IMAGES: images, SOUNDS: sounds}),
        deck=deck or deck_name(language),
        folder=folder,
        doubts=tuple(doubts),
        package=_built_in(folder.parent),
    )


def _built_in(folder: Path) -> Package | None:
    """Give the package that was built in a folder; what else may lie there is no matter."""
    package = Package(folder / CARDS_OF.to, folder)
    try:
        return package if package.read().notes else None
    except ProviderError:
        return None


def _cards_of_words(words: tuple[str, ...], options: WordOptions, folder: Path) -> Context:
    """Look words up as a build does; nobody is asked who costs."""
    cards = CardOptions(
        to=folder.parent / CARDS_OF.to,
        from_batch=options.from_batch,
        lexicon=options.lexicon,
        ipa=options.ipa,
        language=options.language,
        asked=options.asked,
    )
    call = Call.of(words, cards, dry_run=True)
    found = looked_up(call, Asking.of(call, None), checked(call))
    if isinstance(found, Failure):
        raise NoCards(found.failure())
    context: Context = found.unwrap()
    return context


def _cards_in(file: Path) -> tuple[Card, ...]:
    """Make the cards of a file of the earlier system: its vocabulary, or its verb forms."""
    text = Files().read(str(file))
    try:
        saved = parsed(text)
    except ValueError as error:
        raise Rejected(f"{file} cannot be read: {error}", "mend it there") from None
    match saved:
        case {"conjugations": _}:
            return _made(load(CONJUGATIONS, file), make_conjugation_cards)
        case {"words": dict()}:
            loaded = load(VOCABULARY, file)
            return _made(loaded.put(MEANINGS, loaded[VOCABULARY].meanings), make_cards)
        case {"meanings": _}:
            raise Rejected(f"{file} is a staged batch", f"give it with --from-batch {file}")
    raise Rejected(f"{file} has neither meanings nor verb forms", "look at its name")


def _made(context: Context, stage: Stage[...]) -> tuple[Card, ...]:
    made: tuple[Card, ...] = pipe(context, stage).unwrap()[CARDS]
    return made


def _media_of(
    cards: Iterable[Card], folder: MediaFolder
) -> tuple[FrozenMap[str, MediaFile], FrozenMap[str, MediaFile]]:
    """Give the pictures and sounds that are there, by card id and by what is spoken."""
    every, gone = tuple(cards), folder.gone()

    def there(kind: Kind, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, MediaFile]]:
        latest = folder.latest(kind)
        for key in wanted:
            found = latest.get(key)
            if found and gone.isdisjoint(found.file.names):
                yield key[1], found.file

    spoken = ((card.language, text) for card in every for text in (card.word, card.example))
    return (
        FrozenMap(there("picture", ((card.language, card.id) for card in every))),
        FrozenMap(there("sound", spoken)),
    )
