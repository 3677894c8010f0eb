"""A sync with a running Anki: whatever comes between, nothing is lost, doubled or said to be done."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from toolz import pipe

from stages import SYNC, Context, sync_cards, sync_media, sync_templates
from stages.core.frozen import FrozenMap
from stages.core.outcome import Outcome
from stages.providers.anki_connect import AnkiConnect
from stages.records.card import Card
from stages.records.media import MediaFile
from tests.making import card
from tests.providers.anki_running import Running, made_up, real

KEYS = ("casa", "perro", "lo", "con")
TEXTS = ("Usage", "Context")
KEY = st.sampled_from(KEYS)
TEXT = st.sampled_from(TEXTS)


def synced(cards: list[Card], images: dict[str, MediaFile], adapter: AnkiConnect) -> Outcome:
    """Sync as the pipeline does."""
    context = Context.of(cards=tuple(cards), images=FrozenMap(images))
    outcome: Outcome = pipe(
        context,
        sync_templates(anki_provider=adapter),
        sync_media(anki_provider=adapter),
        sync_cards(anki_provider=adapter),
    )
    return outcome


def said(one: Card, field: str, text: str) -> Card:
    """Give a card that says something else in a field."""
    return attrs.evolve(one, fields=FrozenMap({**one.fields, field: text}))


@pytest.mark.parametrize("running", [made_up, real])
def test_a_sync_puts_all_and_then_nothing(running: Any, tmp_path: Path) -> None:
    """And says so; the second needs three requests, one look a stage."""
    with running(tmp_path) as anki:
        cards = [card(key) for key in KEYS]
        images = {one.id: anki.picture(one.word) for one in cards}
        first = synced(cards, images, anki.adapter()).unwrap()[SYNC]
        written, before = anki.written, len(anki.server.requests)
        second = synced(cards, images, anki.adapter()).unwrap()[SYNC]

        assert len(first.created) == len(first.media) == 4
        assert (second.created, second.updated, second.media) == ((), (), ())
        assert second.unchanged == 4
        assert anki.written == written
        assert len(anki.server.requests) - before <= 3


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """Neither into Anki nor into our folder."""
    with made_up(tmp_path) as anki:
        outcome = pipe(
            Context.of(cards=tuple(map(card, KEYS))),
            sync_templates(anki_provider=anki.adapter(), dry_run=True),
            sync_media(anki_provider=anki.adapter(), dry_run=True),
            sync_cards(anki_provider=anki.adapter(), dry_run=True),
        )

        assert len(outcome.unwrap()[SYNC].created) == 4
        assert anki.written == 0
        assert [*tmp_path.iterdir()] == []


class Life(RuleBasedStateMachine):
    """Our edits, the learner's, syncs, and syncs that are killed, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.anki: Running = self.stack.enter_context(made_up(folder))
        self.cards: dict[str, Card] = {}
        self.theirs: dict[tuple[str, str], str] = {}
        self.deleted: set[str] = set()
        self.history: list[Any] = []
        self.number = 0

    def teardown(self) -> None:
        """Sync at last; then there is nothing to do, and all is as it has to be."""
        with self.stack:
            if self.cards:
                self.sync()
                written = self.anki.written
                record = self.sync()
                assert self.anki.written == written
                assert (record.created, record.updated) == ((), ())
                self.all_is_there()

    def token(self) -> str:
        """Give a text that nobody has written before."""
        self.number += 1
        return f"text {self.number}"

    def adapter(self) -> AnkiConnect:
        return self.anki.adapter(backups=self.anki.folder / "backups")

    @initialize()
    def begin(self) -> None:
        self.cards = {"casa": card("casa"), "perro": card("perro")}

    @rule(key=KEY, field=TEXT)
    def we_edit(self, key: str, field: str) -> None:
        self.cards[key] = said(self.cards.get(key, card(key)), field, self.token())

    @rule(key=KEY)
    def we_drop(self, key: str) -> None:
        if len(self.cards) > 1:
            self.cards.pop(key, None)

    @rule(key=KEY, field=TEXT)
    def the_learner_edits(self, key: str, field: str) -> None:
        if key in self.there:
            text = self.token()
            self.anki.learner.edit(card(key).id, {field: text})
            self.theirs[key, field] = text

    @rule(key=KEY)
    def the_learner_tags(self, key: str) -> None:
        if key in self.there:
            self.anki.learner.edit(card(key).id, {}, ("fluent-stages", "mine"))
            self.theirs[key, "tags"] = "mine"

    @rule()
    def the_learner_studies(self) -> None:
        self.anki.learner.study()
        self.history = self.anki.learner.history

    @rule(sees=st.booleans())
    def anki_is_moved(self, *, sees: bool) -> None:
        self.anki.actions.sees = lambda _: sees

    @rule()
    def sync_is_run(self) -> None:
        self.sync()

    def sync(self) -> Any:
        return synced([*self.cards.values()], {}, self.adapter()).unwrap()[SYNC]

    @rule(after=st.integers(0, 90))
    def sync_is_killed(self, after: int) -> None:
        self.anki.server.quit_after(after)
        synced([*self.cards.values()], {}, self.adapter())
        self.anki.server.start_again()

    @precondition(lambda self: self.there)
    @rule(key=KEY)
    def the_browser_loses_an_update(self, key: str) -> None:
        if key in self.there:
            self.anki.actions.losing[self.anki.learner.number(card(key).id)] = 1

    @property
    def there(self) -> set[str]:
        notes = self.anki.server.collection.notes.values()
        return {one["Card ID"].partition("_")[0] for one in notes if "Word" in one.note_type.fields}

    @invariant()
    def nothing_is_doubled(self) -> None:
        notes = self.anki.server.collection.notes.values()
        names = [(one.note_type.name, one["Card ID"]) for one in notes]
        assert len(set(names)) == len(names)
        types = [one.name for one in self.anki.server.collection.note_types.values()]
        assert not [name for name in types if name.endswith("+")]

    @invariant()
    def the_history_stays(self) -> None:
        assert self.anki.learner.history == self.history

    @invariant()
    def what_the_learner_wrote_stays(self) -> None:
        for (key, field), text in self.theirs.items():
            note = self.anki.server.collection.by_key(card(key).id)
            assert text in (note.tags if field == "tags" else note[field])

    def all_is_there(self) -> None:
        """What is wanted stands there, unless the learner's does."""
        for key, one in self.cards.items():
            note = self.anki.server.collection.by_key(one.id)
            for field in TEXTS:
                assert note[field] == self.theirs.get((key, field), one.fields[field])


Life.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, derandomize=True
)
TestLife = Life.TestCase
