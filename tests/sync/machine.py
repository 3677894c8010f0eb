"""
What every place for a deck has to stand: our edits, the learner's, syncs, and kills in between.

A `Target` says what a learner does there; `machine_of` makes the test that tries it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stages import CARDS, SYNC, Card, Context
from stages.pipelines import sync
from stages.providers.protocols import AnkiProvider
from stages.records.collection import RETIRED_TAG
from stages.records.note import ID_FIELD, Note, note_guid
from stages.records.note_types import VOCABULARY_NOTE
from tests.making import card

WORDS = ("casa", "ser", "ir")
FIELDS = ("Definition", "Usage")
OUR_TAGS = ("verb", "food")
DECK = "Español"


class Target(Protocol):
    """A place for a deck, and what a learner does there."""

    def provider(self) -> AnkiProvider:
        """Give the adapter as a new run makes it."""
        ...

    def notes(self) -> Iterable[Note]:
        """Give every note that is there, as the learner sees it."""
        ...

    def edit(self, guid: str, field: str, text: str) -> None:
        """Type a text into a field."""
        ...

    def tag(self, guid: str, tags: tuple[str, ...]) -> None:
        """Give a note these tags and no others."""
        ...

    def move(self, guid: str, deck: str) -> None:
        """Move the cards of a note."""
        ...

    def study(self, guid: str) -> None:
        """Answer the cards of a note."""
        ...

    def delete(self, guid: str) -> None:
        """Delete a note."""
        ...

    def forget(self) -> None:
        """Lose what was remembered of the syncs so far."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...

    def history(self) -> Mapping[str, Any]:
        """Give all that a learner's work consists of, by guid."""
        ...


class Killed(BaseException):
    """The run is over, at once."""


class Mortal:
    """An adapter whose run is killed before its next call, once so many were made."""

    def __init__(self, inner: AnkiProvider, calls: int) -> None:
        self.inner = inner
        self.left = calls

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self.inner, name)

        def called(*args: Any) -> Any:
            if self.left == 0:
                raise Killed
            self.left -= 1
            return method(*args)

        return called


def guid_of(word: str) -> str:
    """Give the guid of the note of a word."""
    one = card(word)
    return note_guid(one.language, one.note_type, one.id)


class SyncMachine(RuleBasedStateMachine):
    """What we want, what the learner did, and what must be there after a sync."""

    target_type: Callable[[], Target]

    def __init__(self) -> None:
        super().__init__()
        self.target: Target = self.target_type()
        self.wanted: dict[str, Card] = {word: card(word) for word in WORDS[:2]}
        self.edits: dict[tuple[str, str], str] = {}
        self.own_tags: dict[str, set[str]] = {}
        self.untagged: dict[str, set[str]] = {}
        self.deleted: set[str] = set()
        self.moved: dict[str, str] = {}
        self.known: dict[str, tuple[str, ...]] = {}
        """The tags of the words whose notes are remembered."""
        self.half: set[str] = set()
        """Words whose notes a killed run may have put without remembering it."""
        self.settled = False
        self.number = 0

    def teardown(self) -> None:
        self.target.close()

    def there(self) -> dict[str, Note]:
        """Give the notes by guid."""
        return {one.guid: one for one in self.target.notes()}

    def here(self, word: str) -> bool:
        """Tell whether a word has a note that the learner can work on."""
        return guid_of(word) in self.there()

    # What we do.

    @rule(word=st.sampled_from(WORDS), field=st.sampled_from(FIELDS), text=st.sampled_from("abc"))
    def we_write(self, word: str, field: str, text: str) -> None:
        one = self.wanted.get(word, card(word))
        self.wanted[word] = attrs.evolve(one, fields=one.fields.put(field, text))

    @rule(word=st.sampled_from(WORDS), tags=st.sets(st.sampled_from(OUR_TAGS)))
    def we_tag(self, word: str, tags: set[str]) -> None:
        one = self.wanted.get(word, card(word))
        self.wanted[word] = attrs.evolve(one, tags=tuple(sorted(tags)))

    @rule(word=st.sampled_from(WORDS))
    def we_drop(self, word: str) -> None:
        if len(self.wanted) > 1:
            self.wanted.pop(word, None)

    # What the learner does.

    @rule(word=st.sampled_from(WORDS), field=st.sampled_from(FIELDS))
    def the_learner_writes(self, word: str, field: str) -> None:
        if self.here(word):
            self.number += 1
            self.edits[word, field] = f"mine {self.number}"
            self.target.edit(guid_of(word), field, self.edits[word, field])

    @rule(word=st.sampled_from(WORDS))
    def the_learner_tags(self, word: str) -> None:
        if self.here(word):
            guid = guid_of(word)
            self.own_tags.setdefault(word, set()).add("mine")
            self.target.tag(guid, (*self.there()[guid].tags, "mine"))

    @precondition(lambda self: self.settled)
    @rule(word=st.sampled_from(WORDS), tag=st.sampled_from(OUR_TAGS))
    def the_learner_takes_a_tag_away(self, word: str, tag: str) -> None:
        guid = guid_of(word)
        if self.here(word) and tag in self.there()[guid].tags and word in self.known:
            if tag in self.known[word]:
                self.untagged.setdefault(word, set()).add(tag)
            self.own_tags.setdefault(word, set()).discard(tag)
            kept = (one for one in self.there()[guid].tags if one != tag)
            self.target.tag(guid, tuple(kept))

    @rule(word=st.sampled_from(WORDS))
    def the_learner_moves(self, word: str) -> None:
        if self.here(word):
            self.moved[word] = "Mine"
            self.target.move(guid_of(word), "Mine")

    @rule(word=st.sampled_from(WORDS))
    def the_learner_studies(self, word: str) -> None:
        if self.here(word):
            self.target.study(guid_of(word))

    @precondition(lambda self: self.settled)
    @rule(word=st.sampled_from(WORDS))
    def the_learner_deletes(self, word: str) -> None:
        if self.here(word) and word in self.known:
            self.target.delete(guid_of(word))
            self.deleted.add(word)
            self.forget_about(word)

    def forget_about(self, word: str) -> None:
        """Expect no edit of a word any more."""
        self.edits = {at: text for at, text in self.edits.items() if at[0] != word}
        for of_word in (self.own_tags, self.untagged, self.moved):
            of_word.pop(word, None)

    # What happens.

    def run(self, anki: AnkiProvider | Mortal, **settings: Any) -> Context:
        """Sync everything that is wanted."""
        pipeline = sync.bind(anki_provider=anki, deck=DECK, **settings)
        return pipeline(Context.of({CARDS: tuple(self.wanted.values())})).unwrap()

    @rule(calls=st.integers(0, 12))
    def a_run_is_killed(self, calls: int) -> None:
        before, strange = self.there(), self.strange()
        history = self.target.history()
        try:
            context = self.run(Mortal(self.target.provider(), calls))
        except Killed:
            self.settled = False
            self.half |= self.wanted.keys()
            # Whoever is killed says nothing; of these the backup has what was replaced.
            for word in strange:
                self.edits = {at: text for at, text in self.edits.items() if at[0] != word}
        else:
            self.told_of(context, strange)
            self.remember()
        self.nothing_is_lost(before, history)

    @rule(orphans=st.sampled_from(("leave", "tag")))
    def all_is_synced(self, orphans: str) -> None:
        before, strange = self.there(), self.strange()
        history = self.target.history()
        context = self.run(self.target.provider(), orphans=orphans)
        self.told_of(context, strange)
        self.nothing_is_lost(before, history)
        assert context[SYNC].not_kept == ()
        self.remember()
        self.all_is_there()
        if orphans == "tag":
            self.orphans_are_tagged()
        self.a_second_sync_does_nothing(orphans)

    @precondition(lambda self: all(map(self.wanted.__contains__, filter(self.here, WORDS))))
    @rule()
    def what_was_remembered_is_lost(self) -> None:
        self.target.forget()
        self.untagged.clear()
        self.deleted.clear()
        self.known.clear()
        self.all_is_synced("leave")

    def strange(self) -> dict[str, set[str]]:
        """Give the words whose notes are there and not remembered, with the tags they have."""
        there = self.there()
        return {
            word: set(there[guid_of(word)].tags)
            for word in self.wanted
            if guid_of(word) in there and word not in self.known
        }

    def told_of(self, context: Context, strange: Mapping[str, set[str]]) -> None:
        """Of strange notes ours stands in the end; each in which a text is replaced is named."""
        problems = [problem for report in context.reports for problem in report.problems]
        told = {problem.where for problem in problems if problem.code == "replaced"}
        for (word, field), text in list(self.edits.items()):
            if word in strange and self.there()[guid_of(word)].fields[field] != text:
                assert f"cards[{self.wanted[word].id}]" in told
                del self.edits[word, field]
        for name in context[SYNC].conflicts:  # what a killed run put passes for the learner's
            card_id, _, field = name.rpartition(".")
            word = card_id.partition("_")[0]
            if word in self.half:
                text = self.there()[guid_of(word)].fields[field]
                self.edits.setdefault((word, field), text)
        for word in self.half & self.wanted.keys() & self.known.keys():
            note = self.there().get(guid_of(word))
            ours = {*self.wanted[word].tags, *self.known[word], RETIRED_TAG}
            self.own_tags.setdefault(word, set()).update(set(note.tags) - ours if note else ())
            lacking = {*self.wanted[word].tags}.difference(note.tags if note else ())
            self.untagged.setdefault(word, set()).update(lacking)
        for word, tags in strange.items():  # nobody knows which of them were ours
            more = tags - {*self.wanted[word].tags, RETIRED_TAG}
            self.own_tags.setdefault(word, set()).update(more)
            for field in FIELDS:  # nothing of ours empties what may be theirs
                text = self.there()[guid_of(word)].fields[field]
                if text and not self.wanted[word].fields[field]:
                    self.edits[word, field] = text

    def remember(self) -> None:
        """Note what was synced: now it is known whose every text is."""
        self.settled = True
        self.half.clear()
        self.known |= {word: one.tags for word, one in self.wanted.items()}
        for word, one in self.wanted.items():  # what both have is ours from then on
            self.own_tags.setdefault(word, set()).difference_update(one.tags)
        for word, gone in self.untagged.items():
            if word in self.wanted:  # what we stop to want, and want again, is wanted anew
                gone &= set(self.wanted[word].tags)

    # What must hold.

    def nothing_is_lost(self, before: Mapping[str, Note], history: Mapping[str, Any]) -> None:
        """Every note that was there is, with its history and its edits."""
        after = self.there()
        assert before.keys() <= after.keys()
        now = self.target.history()
        assert {guid: now[guid] for guid in history} == history
        for (word, field), text in self.edits.items():
            assert after[guid_of(word)].fields[field] == text
        for word, deck in self.moved.items():
            assert after[guid_of(word)].deck == deck

    def all_is_there(self) -> None:
        """Each wanted note says what we want, but for the learner's edits."""
        after = self.there()
        for word, one in self.wanted.items():
            guid = guid_of(word)
            if word in self.deleted:
                assert guid not in after
                continue
            for field in FIELDS:
                assert after[guid].fields[field] == self.edits.get((word, field), one.fields[field])
            expected = set(one.tags) - self.untagged.get(word, set())
            assert set(after[guid].tags) == expected | self.own_tags.get(word, set())

    def orphans_are_tagged(self) -> None:
        """And nothing else of them is changed."""
        for word in self.known.keys() - self.wanted.keys():
            note = self.there().get(guid_of(word))
            assert note is None or RETIRED_TAG in note.tags

    def a_second_sync_does_nothing(self, orphans: str) -> None:
        """It finds nothing to do and changes nothing."""
        before = self.there()
        again = self.run(self.target.provider(), orphans=orphans)
        record = again[SYNC]
        assert (record.created, record.updated, record.retired, record.note_types) == ((),) * 4
        assert [problem for report in again.reports for problem in report.problems] == []
        assert self.there() == before
        dry = self.run(self.target.provider(), orphans=orphans, dry_run=True)
        assert [line for report in dry.reports for line in report.planned] == []

    @invariant()
    def no_note_is_doubled(self) -> None:
        names = [one.fields[ID_FIELD] for one in self.target.notes()]
        assert len(names) == len(set(names))
        assert all(one.note_type == VOCABULARY_NOTE.name for one in self.target.notes())


def machine_of(
    target: Callable[[], Target], examples: int, steps: int, *, seeded: bool = False
) -> Any:
    """Give the test that tries a target; a seeded one tries the same each time."""

    class Machine(SyncMachine):
        target_type = staticmethod(target)

    case = Machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=seeded,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return case
