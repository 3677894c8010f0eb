"""Any sequence of what we do and what a learner does, with the real Anki: nothing is lost or doubled."""

import shutil
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stages.providers.errors import Rejected
from stages.records.merge import Kind, SyncPlan, Why
from stages.records.note import ID_FIELD
from tests.providers.test_package_base import Learner, Maker, note

KEYS = st.sampled_from(["a", "b", "c", "d"])
FIELDS = st.sampled_from(["Word", "Gloss"])
TEXTS = st.sampled_from(["one", "two", "three"])


class Deck(RuleBasedStateMachine):
    """
    A deck that we make, and a collection into which a learner imports it.

    Attributes:
        ours: What we want of each card.
        mine: What the learner wrote, by card and field, and still is there as far as we promise.
        deleted: What the learner wrote of notes that they deleted.
        written: All that we ever wrote, by card and field.
        warned: The cards that some package since the last import would write over.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.learner = Learner(self.folder / "anki")
        self.maker = Maker(self.folder)
        self.maker.clock = self.tick
        self.time = int(time.time())
        self.ours: dict[str, dict[str, str]] = {}
        self.mine: dict[tuple[str, str], str] = {}
        self.deleted: dict[tuple[str, str], str] = {}
        self.written: dict[tuple[str, str], set[str]] = {}
        self.warned: set[str] = set()
        self.numbers: dict[str, int] = {}

    @initialize()
    def starts(self) -> None:
        """Two cards are there and studied."""
        self.ours = {"a": {}, "b": {}}
        self.builds()
        self.imports()
        self.learner.studies(2)

    @rule(key=KEYS, field=FIELDS, text=TEXTS)
    def we_change(self, key: str, field: str, text: str) -> None:
        """A card is added, or one of its fields changed."""
        self.ours.setdefault(key, {})[field.lower()] = text

    @rule(key=KEYS)
    @precondition(lambda self: len(self.ours) > 1)
    def we_drop(self, key: str) -> None:
        """A card is wanted no more."""
        if len(self.ours) > 1:
            self.ours.pop(key, None)

    @rule(key=KEYS, field=FIELDS, text=st.sampled_from(["mine", "mine too"]) | TEXTS)
    def learner_edits(self, key: str, field: str, text: str) -> None:
        """The learner writes something of their own, or what we may have written once."""
        has = self.learner.has
        if key in has and has[key][field] != text:
            self.mine[key, field] = text
            self.learner.edits(key, field, text, when=self.tick())

    @rule(key=KEYS)
    def learner_deletes(self, key: str) -> None:
        """The learner deletes a note."""
        if key in self.learner.has and len(self.learner.has) > 1:
            self.learner.deletes(key)
            self.numbers.pop(key, None)
            for field in "Word", "Gloss":
                if (key, field) in self.mine:
                    self.deleted[key, field] = self.mine.pop((key, field))

    @rule(times=st.integers(1, 3))
    def learner_studies(self, times: int) -> None:
        """The learner answers cards."""
        self.learner.studies(times)

    @rule(only_changes=st.booleans())
    def builds(self, only_changes: bool = False) -> None:  # noqa: FBT001, FBT002  # drawn by name
        """A package is built without knowing what the learner did."""
        if only_changes:
            self.takes_away()
        self.planned(self.maker.syncs(*self.notes, only_changes=only_changes))

    @rule()
    def imports(self) -> None:
        """The learner imports what lies there."""
        if self.maker.path.exists():
            before = self.learner.history
            self.learner.imports(self.maker.path)
            assert before == [row for row in self.learner.history if row in before]
            self.lost(self.warned)
            self.warned = set()
            has = self.learner.has
            for (key, field), text in self.deleted.items():
                # An edit that was merged comes back with its note.
                if key in has and has[key][field] == text:
                    self.mine[key, field] = text

    @rule(legacy=st.booleans(), only_changes=st.booleans(), killed=st.booleans())
    def syncs(self, *, legacy: bool, only_changes: bool, killed: bool) -> None:
        """The learner exports, a package is built over it and imported: nothing of theirs is lost."""
        before, history = self.learner.has, self.learner.history
        base = self.learner.exports(legacy=legacy)
        if only_changes:
            self.takes_away()
        options: dict[str, Any] = {"base": base, "only_changes": only_changes}
        try:
            if killed:
                self.maker.syncs(*self.notes, **options, forgets=True)
            plan = self.maker.syncs(*self.notes, **options)
        except Rejected:
            # The learner deleted all that we want.
            assert not self.ours.keys() & before.keys()
            return
        kept = {*plan.texts(Why.KEPT), *plan.texts(Why.CONFLICT)}
        written = self.maker.path.exists() and self.maker.path.stat()
        again = self.maker.syncs(*self.notes, **options)
        assert not again.texts(Why.CONFLICT)
        assert written == (self.maker.path.exists() and self.maker.path.stat())
        if self.maker.path.exists() and not (only_changes and self.is_whole):
            self.learner.imports(self.maker.path)
        self.warned = set()
        self.lost(set())
        assert history == [row for row in self.learner.history if row in history]
        has = self.learner.has
        assert before.keys() <= has.keys()
        gone = set(plan.cards(Kind.GONE))
        assert set(self.ours) - gone <= has.keys()
        assert not gone & has.keys()
        for key in self.ours.keys() & has.keys():
            wanted = note(key, **self.ours[key]).fields
            for field in "Word", "Gloss":
                text = has[key][field]
                if (key, field) in self.mine:
                    assert text == self.mine[key, field]
                    if text == wanted[field]:
                        # Both want the same, so whoever changes it next is right.
                        del self.mine[key, field]
                elif text != wanted[field]:
                    # Edited after we wrote a package and before it was imported, if ever, a note
                    # does not tell whether our earlier text stands there of the learner's will.
                    assert f"{key}.{field}" in kept
                    assert text in self.written[key, field]

    @property
    def notes(self) -> list[Any]:
        """What we want, in order; all of it is written, so it is noted."""
        wanted = [note(key, **texts) for key, texts in sorted(self.ours.items())]
        for one in wanted:
            for field in "Word", "Gloss":
                texts = self.written.setdefault((one.fields[ID_FIELD], field), set())
                texts.add(one.fields[field])
        return wanted

    def tick(self) -> int:
        """Give a time in seconds that is later than all before."""
        self.time += 10
        return self.time

    @property
    def is_whole(self) -> bool:
        """Whether the file is an earlier one, since there was nothing to write."""
        with zipfile.ZipFile(self.maker.path) as package:
            return package.comment.startswith(b"stages package")

    def takes_away(self) -> None:
        """Take the package away, where what it knows lies beside it."""
        if self.maker.path.with_name("deck.apkg.state").exists():
            self.maker.path.unlink(missing_ok=True)

    def planned(self, plan: SyncPlan) -> None:
        """Note what a package would write over, as a sync warns of it."""
        self.warned |= {change.card for change in plan.changed}

    def lost(self, warned: set[str]) -> None:
        """Let go of edits that were lost, all of them in notes that a warning had named."""
        has = self.learner.has
        for (key, field), text in list(self.mine.items()):
            if has[key][field] != text:
                assert key in warned
                del self.mine[key, field]

    @invariant()
    def no_note_is_doubled(self) -> None:
        """Each card has one note, the same for ever."""
        rows = self.learner.anki.db.all("SELECT id, flds FROM notes")
        numbers = {flds.split("\x1f")[0]: number for number, flds in rows}
        assert len(numbers) == len(rows)
        assert self.numbers.items() <= numbers.items()
        self.numbers = numbers

    def teardown(self) -> None:
        """Let Anki check the collection."""
        faults = self.learner.faults
        self.learner.anki.close()
        shutil.rmtree(self.folder)
        assert not faults


QUIET = (HealthCheck.too_slow,)


def machine(examples: int, steps: int) -> Any:
    """Give a test of the deck."""
    made: Any = type(f"Deck{examples}", (Deck.TestCase,), {})
    made.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        suppress_health_check=QUIET,
    )
    return made


TestDeck = machine(4, 12)
TestDeckLong = pytest.mark.slow(machine(150, 25))
