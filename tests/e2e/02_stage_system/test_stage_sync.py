"""Sync: what changed reaches Anki, what the learner did stays, and any note type will do."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from stages import (
    CARDS,
    CONJUGATIONS,
    SYNC,
    Conjugation,
    Conjugations,
    Context,
    FrozenMap,
    SyncRecord,
    compose,
    load_file,
    make_conjugation_cards,
    pipe,
    run,
    save_file,
)
from stages.pipelines import conjugation, sync
from stages.providers.package import Package
from stages.records.note import Note
from stages.testing import MemoryAnki
from tests.e2e.real_anki import RealAnki
from tests.providers.anki_running import Running, made_up, real

Providers = dict[str, Any]
Built = tuple[Path, Context]

FORMS = Conjugations(
    forms=(
        Conjugation(
            id="hablar_yo",
            form="hablo",
            infinitive="hablar",
            sentence="Yo _____ español todos los días.",
            hint="presente, yo",
            reverse=True,
        ),
        Conjugation(id="ser_ella", form="era", infinitive="ser", sentence="¿_____ ella?"),
    )
)


def edited(anki: MemoryAnki, card_id: str, **fields: str) -> Note:
    """Edit a note as a learner does, and give it."""
    (note,) = (one for one in anki.state.notes.values() if one.fields["Card ID"] == card_id)
    note = attrs.evolve(note, fields=FrozenMap({**note.fields, **fields}))
    anki.state = attrs.evolve(anki.state, notes=anki.state.notes.put(note.guid, note))
    return note


def test_verb_forms_become_a_deck(offline: Providers, real_anki: RealAnki, tmp_path: Path) -> None:
    """From their file to Anki, with sound; a form has its reverse card where that is wanted."""
    saved = save_file.bind(key=CONJUGATIONS, file_provider=offline["file_provider"])
    saved(Context.of({CONJUGATIONS: FORMS})).unwrap()
    pipeline = compose(load_file(key=CONJUGATIONS), conjugation, name="from a file")
    wanted = {name: one for name, one in offline.items() if name in pipeline.providers}

    context = run(pipeline, Context.of(), **wanted, deck="Verbos").unwrap()

    assert real_anki.import_package(tmp_path / "deck.apkg")["new"] == 2
    assert real_anki.faults == []
    assert "Verbos" in real_anki.decks
    produced, recognised = real_anki.shown("hablar_yo")
    assert "Yo _____ español todos los días." in produced[0]
    assert "hablo" not in produced[0]
    assert "Yo hablo español todos los días." in produced[1]
    assert len(produced[2]) == 1
    assert "hablo" in recognised[0]
    assert "hablar" not in recognised[0]
    assert len(real_anki.shown("ser_ella")) == 1
    assert "Era ella" in real_anki.shown("ser_ella")[0][1]
    assert context[SYNC].created == ("hablar_yo", "ser_ella")

    before = (tmp_path / "deck.apkg").stat()
    again = run(pipeline, Context.of(), **wanted, deck="Verbos").unwrap()
    assert (tmp_path / "deck.apkg").stat() == before
    assert again[SYNC] == SyncRecord(unchanged=2)


def test_words_and_verb_forms_share_a_deck(
    built: Built, real_anki: RealAnki, tmp_path: Path
) -> None:
    """Any note types sync together."""
    folder, context = built
    anki = Package(tmp_path / "deck.apkg", folder / "media")

    outcome = pipe(
        context.put(CONJUGATIONS, FORMS), make_conjugation_cards, sync.bind(anki_provider=anki)
    )

    assert len(outcome.unwrap()[SYNC].created) == len(context[CARDS]) + 2
    assert real_anki.import_package(tmp_path / "deck.apkg")["new"] == len(context[CARDS]) + 2
    assert real_anki.faults == []


def test_a_collection_keeps_what_the_learner_edited(built: Built) -> None:
    """What only we changed is put; of what both changed, theirs stays and it is said once."""
    _, context = built
    anki = MemoryAnki()
    every = sync.bind(anki_provider=anki)
    pipe(context, every)
    edited(anki, "casa_home", Usage="my own hint")
    ours = context.put(
        CARDS,
        tuple(
            attrs.evolve(
                one, fields=FrozenMap({**one.fields, "Usage": "ours", "Context": "sentido"})
            )
            for one in context[CARDS]
        ),
    )

    planned = pipe(ours, every.bind(dry_run=True)).unwrap()
    record = pipe(ours, every).unwrap()[SYNC]
    anki.touched.clear()
    again = pipe(ours, every).unwrap()

    assert "changed note casa_home" in planned.reports[-1].planned
    assert record.conflicts == ("casa_home.Usage",)
    assert len(record.updated) == len(context[CARDS])
    (casa,) = (it for it in anki.state.notes.values() if it.fields["Card ID"] == "casa_home")
    assert (casa.fields["Usage"], casa.fields["Context"]) == ("my own hint", "sentido")
    assert anki.touched == []
    assert again[SYNC].kept == ("casa_home.Usage",)
    assert [problem for report in again.reports for problem in report.problems] == []


def test_without_media_stages_verb_forms_sync_too(tmp_path: Path) -> None:
    """A deck of texts alone."""
    anki = Package(tmp_path / "deck.apkg", tmp_path / "media")
    context = pipe(
        Context.of({CONJUGATIONS: FORMS}), make_conjugation_cards, sync.bind(anki_provider=anki)
    ).unwrap()
    assert [one.fields["Form"] for one in anki.read().notes.values()] == ["hablo", "era"]
    assert context[SYNC].media == ()


EITHER_ANKI = pytest.mark.parametrize("anki", [made_up, real])
"""The loopback's own collection, and the real Anki's behind it."""


@EITHER_ANKI
def test_a_running_anki_gets_what_changed_and_nothing_else(
    built: Built, tmp_path: Path, anki: Any
) -> None:
    """All of it, then nothing, then one field; what the learner did stays throughout."""
    folder, context = built
    with anki(tmp_path) as running:
        first = put(context, running, folder)
        running.learner.study()
        running.learner.edit("casa_home", {"Usage": "my own hint"}, ("fluent-stages", "mine"))
        history, before = running.learner.history, running.written
        second = put(context, running, folder)
        nothing = running.written
        third = put(saying(context, "casa_home", Context="sentido"), running, folder)

        assert len(first.created) == len(context[CARDS])
        assert len(first.media) > len(context[CARDS])
        assert (second.created, second.updated, second.media) == ((), (), ())
        assert second.kept == ("casa_home.Usage",)
        assert nothing == before
        assert third.updated == ("casa_home",)
        assert running.learner.history == history
        state = running.adapter(media=folder / "media").read()
        (casa,) = (it for it in state.notes.values() if it.fields["Card ID"] == "casa_home")
        assert (casa.fields["Context"], casa.fields["Usage"]) == ("sentido", "my own hint")
        assert "mine" in casa.tags


@EITHER_ANKI
def test_a_dry_run_shows_what_would_change_and_writes_nothing(
    built: Built, tmp_path: Path, anki: Any
) -> None:
    """Of note types, media and notes; not even our own file is written."""
    folder, context = built
    with anki(tmp_path) as running:
        record = put(context, running, folder, dry_run=True)

        assert len(record.created) == len(context[CARDS])
        assert record.note_types == ("Stages Vocabulary",)
        assert running.written == 0
        assert not (tmp_path / "state.json").exists()


@EITHER_ANKI
def test_both_targets_mean_the_same_notes(built: Built, tmp_path: Path, anki: Any) -> None:
    """A package is imported, the deck is synced, and the package imported again: none is doubled."""
    folder, context = built
    package = str(folder / "deck.apkg")
    with anki(tmp_path) as running:
        running.actions.importPackage(package)
        record = put(context, running, folder)
        running.actions.importPackage(package)

        assert (record.created, record.updated, record.media) == ((), (), ())
        assert len(running.learner.notes) == len(context[CARDS])
        ours = [name for name in running.learner.types if name.startswith("Stages")]
        assert ours == ["Stages Vocabulary"]


def put(context: Context, running: Running, folder: Path, **settings: Any) -> SyncRecord:
    """Sync with a running Anki, as a new run does, and give what came of it."""
    adapter = running.adapter(media=folder / "media")
    outcome = pipe(context.without(SYNC), sync.bind(anki_provider=adapter, **settings))
    record: SyncRecord = outcome.unwrap()[SYNC]
    return record


def saying(context: Context, card_id: str, **fields: str) -> Context:
    """Give a context in which a card says something else."""
    cards = tuple(
        attrs.evolve(one, fields=FrozenMap({**one.fields, **fields})) if one.id == card_id else one
        for one in context[CARDS]
    )
    return context.put(CARDS, cards)
