"""`stages sync`: a deck into a running Anki, or into a package over a learner's export."""

from pathlib import Path
from typing import Annotated, Any, Literal

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number
from returns.result import Failure
from rich.console import Console

from stages.cli.options import FLAG, SEVERAL
from stages.cli.said import failed, interrupted, mistyped, say, say_doubts, say_each, stopped
from stages.cli.sync_source import WORDS_OF, NoCards, Source, WordOptions, without_meanings
from stages.cli.sync_target import (
    ANKI,
    PACKAGE,
    Adopted,
    AnkiOptions,
    PackageOptions,
    Watched,
    anki_of,
)
from stages.core.context import Context
from stages.core.pipeline import run
from stages.core.problem import ProviderError, Severity
from stages.pipelines import sync as sync_it
from stages.providers.errors import Rejected
from stages.providers.package import Package
from stages.records.adoption import Adoption
from stages.records.keys import SYNC
from stages.show.progress import TerminalProgress
from stages.show.summary import listed
from stages.show.sync_plan import sync_changes, sync_counts

_TEXTS = Group("What stays and what goes", sort_key=0)


@Parameter(name="*", group=_TEXTS)
@attrs.frozen(kw_only=True)
class SyncOptions:
    """
    Whose text stands, and what becomes of notes that nothing here makes.

    Attributes:
        ours: Where you edited a field and we changed it as well, put ours; by default yours stays.
        protect: A field that is never changed once its note is there; may be given again.
        recreate: Put notes again that you have deleted in Anki.
        schema_changes: Allow new fields and templates in a note type that is there. Anki then
            replaces all that AnkiWeb has, so sync your devices first.
        orphans: What becomes of notes in this deck that nothing here makes.
        delete: Delete them, if there are exactly so many.
        backup: Let Anki export the decks before the first change.
    """

    ours: Annotated[bool, Parameter(negative="--theirs", show_default=False)] = False
    protect: Annotated[tuple[str, ...], SEVERAL] = ()
    recreate: Annotated[bool, FLAG] = False
    schema_changes: Annotated[bool, FLAG] = False
    orphans: Literal["leave", "tag", "suspend"] = "leave"
    delete: Annotated[int, Parameter(validator=Number(gte=0))] | None = None
    backup: Annotated[bool, Parameter(show_default=False)] = True

    @property
    def leaves_orphans(self) -> bool:
        """Whether notes that nothing here makes stay as they are."""
        return self.orphans == "leave" and self.delete is None

    @property
    def retired(self) -> str:
        """What becomes of those that do not stay, in a word."""
        return "retired" if self.delete is None else "deleted"

    @property
    def settings(self) -> dict[str, Any]:
        """Give them as the stages take them."""
        retired = {"orphans": self.orphans} if self.delete is None else {"orphans": "delete"}
        return {
            "conflicts": "ours" if self.ours else "theirs",
            "protected": self.protect,
            "recreate": self.recreate,
            "schema_changes": self.schema_changes,
            "backup": self.backup,
            "delete": self.delete or 0,
            **retired,
        }


OPTIONS = SyncOptions()


def sync(
    *what: str,
    deck: str | None = None,
    dry_run: Annotated[bool, FLAG] = False,
    every: Annotated[bool, FLAG, Parameter(name="--all")] = False,
    options: SyncOptions = OPTIONS,
    anki: AnkiOptions = ANKI,
    package: PackageOptions = PACKAGE,
    words: WordOptions = WORDS_OF,
) -> int:
    """
    Put a deck into Anki, which has to run with the add-on AnkiConnect: exactly what changed.

    What you edited in Anki stays, and so do your reviews. Nothing is made anew or paid for, and
    nothing is deleted unless you say how many notes. With --dry-run you see all of it first.

    Args:
        what: The deck that was built here, if nothing is said; or a package of ours; or words and
            files of them, as `stages build` takes them; or a vocabulary or verb forms (JSON).
        deck: The name of the deck in Anki, for new notes.
        dry_run: Show what would change, and write nothing.
        every: Show each change of it, however many there are.
        options: Whose text stands, and what becomes of notes that nothing here makes.
        anki: Which Anki, and what of it is ours.
        package: Which package.
        words: How words are looked up.

    Returns:
        0 when all is there as wanted, 1 when it is not.
    """
    slip = _slip(options, anki, package)
    if slip:
        return mistyped(slip)
    try:
        source = Source.of(what, words, deck, package.to)
        if source.doubts and not options.leaves_orphans:
            raise Rejected(
                f"{source.doubts[0]}: so nobody knows which notes nothing here makes",
                "give their meanings first, or leave --orphans and --delete out",
            )
        return _Sync.of(source, anki, package).run(options, dry_run=dry_run, every=every)
    except NoCards as error:
        cure = without_meanings(error.failure.problems)
        return failed(error.failure, Path(), cure, "Nothing was synced")
    except ProviderError as error:
        return stopped(str(error.at("")))
    except KeyboardInterrupt:
        return interrupted("What was put stays, and the same command goes on from there.")


def _slip(options: SyncOptions, anki: AnkiOptions, package: PackageOptions) -> str:
    """Say what is said of a target that is not meant; empty where nothing is."""
    if package.base and not package.to:
        return "--base is for a package, and none is written (add --to deck.apkg)"
    if package.to and anki != ANKI:
        return "--url, --profile and --adopt are for a running Anki, and --to asks none"
    if package.to and (options.schema_changes or not options.leaves_orphans):
        return (
            "--orphans, --delete and --schema-changes are for a running Anki, and --to asks none:"
            " a package has what is wanted, and takes nothing away where it is imported"
        )
    if (anki.adopt_key or anki.adopt_field) and not anki.adopt:
        return "--adopt-key and --adopt-field say more of --adopt, which is missing"
    if options.delete is not None and options.orphans != "leave":
        return "--orphans and --delete say different things of the same notes: give one"
    return ""


@attrs.frozen(kw_only=True)
class _Sync:
    """One call of `stages sync`, once all that it needs is there."""

    source: Source
    target: Watched
    package: PackageOptions
    adopting: Adopted
    adopted: tuple[Adoption, ...] = ()

    @classmethod
    def of(cls, source: Source, anki: AnkiOptions, package: PackageOptions) -> "_Sync":
        """Refuse what cannot work before there is any work."""
        adopting, media = Adopted(source.folder), source.folder / "media"
        if package.to:
            if package.to.suffix != ".apkg":
                raise Rejected(f"{package.to} is no name of a package", "let it end in .apkg")
            target = Watched(Package(package.to, media, base=package.base), say)
            return cls(source=source, target=target, package=package, adopting=adopting)
        adopted = adopting.with_new(anki, source.language)
        # The notes of another deck were never imported from a package of ours.
        imported = None if adopted else source.package
        target = Watched(anki_of(anki, adopted, source.folder, media), say, imported)
        return cls(
            source=source, target=target, package=package, adopting=adopting, adopted=adopted
        )

    def run(self, options: SyncOptions, *, dry_run: bool, every: bool) -> int:
        """Sync, say what came of it, and give the exit code."""
        console = Console(stderr=True)
        try:
            with TerminalProgress(console) as progress:
                outcome = run(
                    sync_it.bind(**options.settings, deck=self.source.deck, dry_run=dry_run),
                    self.source.context,
                    observers=[progress],
                    anki_provider=self.target,
                )
        finally:
            if self.target.where and not dry_run:
                self.adopting.keep(self.adopted)
        if isinstance(outcome, Failure):
            return failed(outcome.failure(), self.source.folder.parent, what="Not synced")
        if not dry_run:
            self.target.settle()
        return self._told(outcome.unwrap(), options.retired, dry_run=dry_run, every=every)

    def _told(self, context: Context, retired: str, *, dry_run: bool, every: bool) -> int:
        record = context[SYNC]
        if dry_run:
            changes = list(sync_changes(context.reports, every=every))
            say_each(changes, indent="")
            say(("\n" if changes else "") + f"{self._place} would have:")
        else:
            say(f"{self._place}:")
        say_each(sync_counts(record, retired))
        problems = [one for report in context.reports for one in report.problems]
        errors = [one for one in problems if one.severity is Severity.ERROR]
        warnings = [one for one in problems if one.severity is Severity.WARNING]
        doubts = [*self.source.doubts, *listed(errors), *listed(warnings, "warning: ")]
        say_doubts(doubts)
        if self.package.to and not dry_run:
            say(f"\nNext: import {self.package.to} into Anki (File > Import).")
        return 1 if errors else 0

    @property
    def _place(self) -> str:
        where = self.target.where
        if self.package.to:
            return f"{where}, deck {self.source.deck}"
        return f"{where[:1].upper()}{where[1:]}, deck {self.source.deck}"
