"""A package over the learner's own export, and packages of changes, with the real Anki."""

import json
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anki.lang
import attrs
import pytest
from anki.collection import (
    Collection,
    DeckIdLimit,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.core.frozen import FrozenMap
from stages.providers import package_export
from stages.providers.errors import BadAnswer, Denied, Misconfigured, NotFound, Rejected
from stages.providers.package import Package
from stages.providers.package_export import read_export
from stages.records.media import MediaFile
from stages.records.merge import Kind, SyncPlan, Why, planned
from stages.records.note import ID_FIELD, LANGUAGE_FIELD, Note, NoteType, Template, note_guid

# Anki's own types allow None in most places, where a test knows better.
Anki = Any

FIXTURES = (HealthCheck.function_scoped_fixture,)
"""One export does for all examples."""

WORDS = NoteType(
    name="Words",
    fields=(ID_FIELD, "Word", "Gloss", "Picture", LANGUAGE_FIELD),
    templates=(
        Template("Read", "{{Word}}", "{{FrontSide}}<hr>{{Gloss}}"),
        Template("Name", "{{#Picture}}{{Picture}}{{/Picture}}", "{{Word}}"),
    ),
    css=".card { font-size: 24px; }",
)


def note(key: str, **changes: Any) -> Note:
    """Make a note of one card."""
    texts = {name: changes.pop(name.lower(), name.lower()) for name in ("Word", "Gloss")}
    fields = {ID_FIELD: key, **texts, "Picture": "", LANGUAGE_FIELD: "es-419"}
    made = Note(
        guid=note_guid("es-419", "Words", key),
        note_type="Words",
        deck="Spanish",
        fields=FrozenMap({**fields, **changes.pop("fields", {})}),
        tags=("noun",),
    )
    return attrs.evolve(made, **changes)


class Learner:
    """A collection of the real Anki, and who learns with it."""

    def __init__(self, folder: Path) -> None:
        """Open an empty collection in a new folder."""
        anki.lang.set_lang("en_US")
        folder.mkdir()
        self.folder = folder
        self.anki: Anki = Collection(str(folder / "collection.anki2"))

    def imports(self, path: Path) -> dict[str, int]:
        """Import a package as a person does, and count what became of its notes."""
        options = ImportAnkiPackageOptions(merge_notetypes=True, with_scheduling=True)
        request = ImportAnkiPackageRequest(package_path=str(path), options=options)
        log = self.anki.import_anki_package(request).log
        # Anki keeps the old note types otherwise.
        self.anki.models._clear_cache()
        assert not log.conflicting
        assert not log.missing_notetype
        return {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate")}

    def exports(self, *, legacy: bool = True, history: bool = True) -> Path:
        """Export all decks as a person does."""
        path = self.folder / "export.apkg"
        options = ExportAnkiPackageOptions(
            with_media=True, legacy=legacy, with_scheduling=history, with_deck_configs=False
        )
        self.anki.export_anki_package(out_path=str(path), options=options, limit=None)
        return path

    def note(self, key: str) -> Anki:
        """Give a note of the collection."""
        (number,) = self.anki.find_notes(f'"{ID_FIELD}:{key}"')
        return self.anki.get_note(number)

    def edits(self, key: str, field: str, text: str, when: int | None = None) -> None:
        """Edit a field, now or at a time in seconds."""
        changed = self.note(key)
        changed[field] = text
        self.anki.update_note(changed)
        if when is not None:
            self.anki.db.execute("UPDATE notes SET mod = ? WHERE id = ?", when, changed.id)

    def deletes(self, key: str) -> None:
        """Delete a note."""
        self.anki.remove_notes([self.note(key).id])

    def studies(self, times: int) -> None:
        """Answer cards."""
        for deck in self.anki.decks.all_names_and_ids():
            self.anki.decks.select(deck.id)
            for _ in range(times):
                card = self.anki.sched.getCard()
                if card:
                    card.start_timer()
                    self.anki.sched.answerCard(card, 3)

    @property
    def has(self) -> dict[str, dict[str, str]]:
        """Give the fields of every note, by card id."""
        notes = (self.anki.get_note(number) for number in self.anki.find_notes(""))
        return {one[ID_FIELD]: dict(one.items()) for one in notes}

    @property
    def history(self) -> list[Any]:
        """Give all that a learner's work consists of."""
        cards = "SELECT id, nid, ord, type, queue, ivl, factor, reps, lapses FROM cards ORDER BY id"
        return [*self.anki.db.all("SELECT * FROM revlog"), *self.anki.db.all(cards)]

    @property
    def faults(self) -> list[str]:
        """Give what Anki's checks of the database, of the media and for empty cards find."""
        told, _ = self.anki.fix_integrity()
        # What Anki always says, and what it makes of cards that are answered within a second.
        usual = ("Database rebuilt", "Added last review time")
        database = [line for line in told.splitlines() if not line.startswith(usual)]
        media = self.anki.media.check()
        empty = [f"empty card of {one.note_id}" for one in self.anki.get_empty_cards().notes]
        return [*database, *media.missing, *empty]


class Maker:
    """Writes packages as runs of a sync do: read, plan, put, remember."""

    def __init__(self, folder: Path) -> None:
        """Write nothing yet."""
        self.clock: Callable[[], float] = lambda: int(time.time()) + 2
        self.path = folder / "deck.apkg"
        self.media = folder / "media"
        self.media.mkdir()

    def package(self, base: Path | None = None, *, only_changes: bool = False) -> Package:
        """Give the package of a new run, a while after what a learner did."""
        now = self.clock()
        return Package(self.path, self.media, lambda: now, base=base, only_changes=only_changes)

    def syncs(
        self,
        *notes: Note,
        base: Path | None = None,
        only_changes: bool = False,
        note_type: NoteType = WORDS,
        media: tuple[str, ...] = (),
        forgets: bool = False,
    ) -> SyncPlan:
        """Sync, and give the plan; a run that forgets was killed before it could remember."""
        package = self.package(base, only_changes=only_changes)
        there = package.read()
        wanted = {one.fields[ID_FIELD]: one for one in notes}
        plan = planned(wanted, there, note_types=(note_type,))
        if not forgets:
            package.remember((), (note_type,))
        package.put_note_types(tuple(one.note_type for one in plan.note_types))
        files = (MediaFile(name=name, size=1, provider="test") for name in media)
        package.put_media(tuple(files))
        package.put_notes(plan.to_put)
        if not forgets:
            package.remember(tuple(one.wanted for one in plan.notes if one.kind is not Kind.GONE))
        return plan

    def held(self) -> set[str]:
        """Give the ids of the cards in the file."""
        with zipfile.ZipFile(self.path) as package:
            database = sqlite3.connect(":memory:")
            database.deserialize(package.read("collection.anki2"))
            rows = database.execute("SELECT flds FROM notes").fetchall()
            database.close()
        return {flds.split("\x1f")[0] for (flds,) in rows}


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    """A learner with an empty collection."""
    one = Learner(tmp_path / "anki")
    yield one
    one.anki.close()


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """Who writes packages."""
    return Maker(tmp_path)


@pytest.mark.parametrize("legacy", [True, False], ids=["older format", "newest format"])
@pytest.mark.parametrize("history", [True, False], ids=["with history", "without history"])
def test_edits_are_merged_over_an_export(
    learner: Learner, maker: Maker, *, legacy: bool, history: bool
) -> None:
    """What only the learner changed stays, what only we changed arrives, and history is untouched."""
    maker.syncs(note("a"), note("b"), note("c"))
    learner.imports(maker.path)
    learner.studies(4)
    learner.edits("a", "Gloss", "mine")
    learner.edits("b", "Gloss", "mine too")
    before = learner.history
    base = learner.exports(legacy=legacy, history=history)
    plan = maker.syncs(note("a", word="ours"), note("b"), note("c"), note("d"), base=base)

    assert learner.imports(maker.path) == {"new": 1, "updated": 1, "duplicate": 2}
    assert (learner.has["a"]["Word"], learner.has["a"]["Gloss"]) == ("ours", "mine")
    assert learner.has["b"]["Gloss"] == "mine too"
    assert before == [row for row in learner.history if row in before]
    assert set(learner.has) == {"a", "b", "c", "d"}
    assert plan.texts(Why.KEPT) == ("a.Gloss", "b.Gloss")
    assert not learner.faults


def test_a_merged_edit_stays_an_edit(learner: Learner, maker: Maker) -> None:
    """Runs later, with and without a base, an edit that was merged is still the learner's."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    base = learner.exports()
    for word in "one", "two":
        maker.syncs(note("a", word=word), base=base)
        learner.imports(maker.path)
        base = learner.exports()
        assert (learner.has["a"]["Word"], learner.has["a"]["Gloss"]) == (word, "mine")
    maker.syncs(note("a", word="three"))
    learner.imports(maker.path)

    assert (learner.has["a"]["Word"], learner.has["a"]["Gloss"]) == ("three", "mine")


def test_both_sides_changed(learner: Learner, maker: Maker) -> None:
    """A field that both changed keeps the learner's text, is told once, and then it is an edit."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    base = learner.exports()
    first = maker.syncs(note("a", gloss="ours"), base=base)
    second = maker.syncs(note("a", gloss="ours"), base=base)

    assert (first.texts(Why.CONFLICT), first.texts(Why.KEPT)) == (("a.Gloss",), ())
    assert (second.texts(Why.CONFLICT), second.texts(Why.KEPT)) == ((), ("a.Gloss",))
    assert learner.imports(maker.path) == {"new": 0, "updated": 0, "duplicate": 1}
    assert learner.has["a"]["Gloss"] == "mine"


def test_a_killed_run_takes_no_edit_for_ours(learner: Learner, maker: Maker) -> None:
    """If a run ends before it remembers, an edit that it merged is still known as one."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    base = learner.exports()
    maker.syncs(note("a", word="ours"), base=base, forgets=True)
    learner.imports(maker.path)
    plan = maker.syncs(note("a", word="ours", gloss="other"), base=learner.exports())
    learner.imports(maker.path)

    assert plan.texts(Why.CONFLICT) == ("a.Gloss",)
    assert learner.has["a"]["Gloss"] == "mine"


def test_a_killed_run_takes_no_tag_for_ours(learner: Learner, maker: Maker) -> None:
    """The same of tags: one that the learner gave is not taken away as one of ours."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    tagged = learner.note("a")
    tagged.tags.append("mine")
    learner.anki.update_note(tagged)
    maker.syncs(note("a", word="ours"), base=learner.exports(), forgets=True)
    learner.imports(maker.path)
    maker.syncs(note("a", word="other"), base=learner.exports())
    learner.imports(maker.path)

    assert (learner.has["a"]["Word"], learner.note("a").tags) == ("other", ["mine", "noun"])


def test_an_export_that_is_behind_is_no_edit(learner: Learner, maker: Maker) -> None:
    """What was ours in a package that nobody imported yet is not taken for the learner's."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    base = learner.exports()
    maker.syncs(note("a", gloss="second"), note("b"), note("c"))
    maker.syncs(note("a", gloss="third"), note("b"), note("c"))
    plan = maker.syncs(note("a", gloss="third"), note("b"), note("c"), base=base)

    assert plan.texts(Why.UPDATE) == ("a.Gloss",)
    assert learner.imports(maker.path) == {"new": 1, "updated": 1, "duplicate": 1}
    assert learner.has["a"]["Gloss"] == "third"


def test_ours_stays_ours_over_an_old_export(learner: Learner, maker: Maker) -> None:
    """What ours replaced is not the learner's again when the same export is given once more."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    base = learner.exports()
    maker.syncs(note("b"))
    for _ in range(3):
        plan = maker.syncs(note("a", word="ours"), note("b"), base=base)
        assert plan.texts(Why.UPDATE) == ("a.Word",)

    assert learner.imports(maker.path)["updated"] == 1
    assert learner.has["a"]["Word"] == "ours"


def test_whoever_goes_back_to_an_earlier_text_means_it(learner: Learner, maker: Maker) -> None:
    """A learner who undoes a change of ours by hand has made an edit, which stays."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    maker.syncs(note("a", gloss="ours"))
    learner.imports(maker.path)
    assert learner.has["a"]["Gloss"] == "ours"
    # Whoever studies takes longer than a package is newer here.
    time.sleep(2.5)
    learner.edits("a", "Gloss", note("a").fields["Gloss"])
    base = learner.exports()
    for _ in range(2):
        plan = maker.syncs(note("a", gloss="ours", word="other"), base=base)
        assert plan.texts(Why.KEPT) == ("a.Gloss",)
    learner.imports(maker.path)

    assert learner.has["a"]["Word"] == "other"
    assert learner.has["a"]["Gloss"] == note("a").fields["Gloss"]


def test_a_picture_of_the_learners_own_stays(learner: Learner, maker: Maker) -> None:
    """What a learner pasted into a field is in the collection, and need not be in the package."""
    (maker.media / "a.png").write_bytes(b"picture")
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    learner.anki.media.write_data("paste-1.jpg", b"mine")
    learner.edits("a", "Gloss", '<img src="paste-1.jpg">')
    maker.syncs(note("a", word="one"), note("b"), base=learner.exports())
    learner.imports(maker.path)
    maker.syncs(note("a", word="two"), note("b"))
    learner.imports(maker.path)

    assert learner.has["a"]["Gloss"] == '<img src="paste-1.jpg">'
    assert learner.has["a"]["Word"] == "two"
    assert not learner.faults
    with pytest.raises(Rejected, match=r"other\.png"):
        maker.syncs(note("a", word='<img src="other.png">'), base=learner.exports())


def test_a_deck_that_was_not_exported_was_not_deleted(learner: Learner, maker: Maker) -> None:
    """An export of another deck alone says nothing of this one."""
    both = [note("a"), note("b", deck="Other")]
    maker.syncs(*both)
    learner.imports(maker.path)
    maker.syncs(*both, base=learner.exports())
    path = learner.folder / "other.apkg"
    options = ExportAnkiPackageOptions(with_media=True, legacy=True)
    limit = DeckIdLimit(learner.anki.decks.id("Other"))
    learner.anki.export_anki_package(out_path=str(path), options=options, limit=limit)
    plan = maker.syncs(note("a", word="ours"), both[1], base=path)

    assert not plan.cards(Kind.GONE)
    assert learner.imports(maker.path)["updated"] == 1


def test_a_tag_of_ours_is_taken_away_over_an_export(learner: Learner, maker: Maker) -> None:
    """With a base it is known which tags are the learner's, so that ours can go."""
    maker.syncs(note("a", tags=("noun", "food")))
    learner.imports(maker.path)
    tagged = learner.note("a")
    tagged.tags.append("mine")
    learner.anki.update_note(tagged)
    maker.syncs(note("a", tags=("noun",)), base=learner.exports())
    learner.imports(maker.path)

    assert learner.note("a").tags == ["mine", "noun"]


def test_a_note_that_the_learner_deleted_stays_deleted(learner: Learner, maker: Maker) -> None:
    """A note that an export had once, and a later one has not, is not put again."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    maker.syncs(note("a"), note("b"), base=learner.exports())
    learner.deletes("b")
    plan = maker.syncs(note("a"), note("b"), note("c"), base=learner.exports())

    assert plan.cards(Kind.GONE) == ("b",)
    for _ in range(2):
        plan = maker.syncs(note("a"), note("b"), note("c"), base=learner.exports())
        assert plan.cards(Kind.GONE) == ("b",)
    assert learner.imports(maker.path) == {"new": 1, "updated": 0, "duplicate": 1}
    assert set(learner.has) == {"a", "c"}


def test_a_learners_own_field_and_template_stay(learner: Learner, maker: Maker) -> None:
    """Updating a note leaves what the learner wrote into a field of their own, and their cards."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    models = learner.anki.models
    model = models.by_name("Words")
    models.add_field(model, models.new_field("Mine"))
    template = models.new_template("My card")
    template["qfmt"], template["afmt"] = "{{Mine}}", "{{Word}}"
    models.add_template(model, template)
    models.update_dict(model)
    learner.edits("a", "Mine", "my own")
    learner.studies(4)
    before = learner.history
    looks = attrs.evolve(WORDS, css=".card { color: navy; }")
    for word in "one", "two":
        maker.syncs(note("a", word=word), note("b"), base=learner.exports(), note_type=looks)
        assert learner.imports(maker.path)["updated"] == 1
        assert (learner.has["a"]["Word"], learner.has["a"]["Mine"]) == (word, "my own")
    # Later runs know of the field without a base.
    maker.syncs(note("a", word="three"), note("b"), note_type=looks)
    learner.imports(maker.path)

    assert (learner.has["a"]["Word"], learner.has["a"]["Mine"]) == ("three", "my own")
    model = learner.anki.models.by_name("Words")
    assert [one["name"] for one in model["tmpls"]] == ["Read", "Name", "My card"]
    assert model["css"] == looks.css
    assert before == [row for row in learner.history if row in before]
    assert not learner.faults


def test_a_side_that_the_learner_changed_stays(learner: Learner, maker: Maker) -> None:
    """Of a note type only what we changed is put, and the learner's look stays in later runs."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    model = learner.anki.models.by_name("Words")
    model["css"] = ".card { color: pink; }"
    learner.anki.models.update_dict(model)
    for back in "{{Word}}!", "{{Word}}?":
        other = Template("Name", WORDS.templates[1].front, back)
        changed = attrs.evolve(WORDS, templates=(WORDS.templates[0], other))
        maker.syncs(note("a"), base=learner.exports(), note_type=changed)
        learner.imports(maker.path)
        model = learner.anki.models.by_name("Words")
        assert (model["css"], model["tmpls"][1]["afmt"]) == (".card { color: pink; }", back)


def test_notes_that_anki_made_are_not_doubled(learner: Learner, maker: Maker) -> None:
    """Notes and a note type with Anki's own guids and ids are known by their card id."""
    models = learner.anki.models
    model = models.new("Words")
    for name in WORDS.fields:
        models.add_field(model, models.new_field(name))
    for one in WORDS.templates:
        template = models.new_template(one.name)
        template["qfmt"], template["afmt"] = one.front, one.back
        models.add_template(model, template)
    model["css"] = WORDS.css
    models.add(model)
    added = learner.anki.new_note(models.by_name("Words"))
    for name, text in note("a").fields.items():
        added[name] = text
    learner.anki.add_note(added, learner.anki.decks.id("Spanish"))
    learner.studies(2)
    before = learner.history
    for word in "one", "two":
        maker.syncs(note("a", word=word), base=learner.exports())
        assert learner.imports(maker.path) == {"new": 0, "updated": 1, "duplicate": 0}
    assert list(maker.package().read().notes) == [note("a").guid]
    maker.syncs(note("a", word="three"), note("b"))

    assert learner.imports(maker.path) == {"new": 1, "updated": 1, "duplicate": 0}
    assert learner.has["a"]["Word"] == "three"
    assert [one.name for one in models.all_names_and_ids()].count("Words") == 1
    assert before == [row for row in learner.history if row in before]
    assert not learner.faults


def test_the_same_export_gives_the_same_bytes(learner: Learner, maker: Maker) -> None:
    """A second run over the same export rewrites nothing."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    base = learner.exports()
    maker.syncs(note("a", word="ours"), note("b"), base=base)
    before = maker.path.stat(), maker.path.with_name("deck.apkg.edits.json").stat()
    maker.syncs(note("a", word="ours"), note("b"), base=base)

    assert before == (maker.path.stat(), maker.path.with_name("deck.apkg.edits.json").stat())


def test_a_lost_package_is_made_anew_over_an_export(learner: Learner, maker: Maker) -> None:
    """Without the earlier file the export still tells what there is, so changes arrive."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    maker.path.unlink()
    maker.syncs(note("a", word="ours"), note("b"), base=learner.exports())

    assert learner.imports(maker.path) == {"new": 0, "updated": 1, "duplicate": 1}
    assert learner.has["a"]["Word"] == "ours"


def test_only_changes_are_written(learner: Learner, maker: Maker) -> None:
    """Once the first file was taken away, the next one has what is new or changed, and no more."""
    maker.syncs(note("a"), note("b"), only_changes=True)
    assert maker.held() == {"a", "b"}
    learner.imports(maker.path)
    learner.studies(2)
    before = learner.history
    maker.path.unlink()
    maker.syncs(note("c"), note("a", word="ours"), note("b"), only_changes=True)

    assert maker.held() == {"a", "c"}
    assert learner.imports(maker.path) == {"new": 1, "updated": 1, "duplicate": 0}
    assert learner.has["a"]["Word"] == "ours"
    assert before == [row for row in learner.history if row in before]
    assert not learner.faults


def test_changes_that_still_lie_there_are_not_lost(learner: Learner, maker: Maker) -> None:
    """What nobody took away may not have been imported, so it stays in the next file."""
    maker.syncs(note("a"), only_changes=True)
    maker.syncs(note("a"), note("b"), only_changes=True)
    maker.syncs(note("a", word="ours"), note("b"), note("c"), only_changes=True)

    assert maker.held() == {"a", "b", "c"}
    assert learner.imports(maker.path)["new"] == 3


def test_changes_over_an_export_are_what_it_lacks(learner: Learner, maker: Maker) -> None:
    """With a base the file holds what the collection lacks or has older, whatever lies there."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    maker.syncs(note("a"), note("b", word="ours"), note("c"))
    maker.syncs(
        note("a"),
        note("b", word="ours"),
        note("c"),
        note("d"),
        base=learner.exports(),
        only_changes=True,
    )

    assert maker.held() == {"b", "c", "d"}
    assert learner.imports(maker.path) == {"new": 2, "updated": 1, "duplicate": 0}


def test_a_new_look_alone_is_a_change(learner: Learner, maker: Maker) -> None:
    """A note type that changed is brought by one of its notes, which stays as it is."""
    maker.syncs(note("a"), note("b"), only_changes=True)
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    maker.path.unlink()
    looks = attrs.evolve(WORDS, css=".card { color: navy; }")
    maker.syncs(note("a"), note("b"), only_changes=True, note_type=looks)

    assert learner.imports(maker.path) == {"new": 0, "updated": 0, "duplicate": 1}
    assert learner.anki.models.by_name("Words")["css"] == looks.css
    assert learner.has["a"]["Gloss"] == "mine"


def test_nothing_new_is_no_file(maker: Maker) -> None:
    """Where nothing is new or changed, no file of changes is written."""
    maker.syncs(note("a"), note("b"), only_changes=True)
    maker.path.unlink()
    maker.syncs(note("a"), note("b"), only_changes=True)
    maker.syncs(note("b"), only_changes=True)

    assert not maker.path.exists()
    assert list(maker.package(only_changes=True).read().notes) == [note("b").guid]


def test_all_and_only_changes_take_turns(learner: Learner, maker: Maker) -> None:
    """Whole packages and packages of changes know what the other kind has written."""
    maker.syncs(note("a"), note("b"))
    learner.imports(maker.path)
    maker.syncs(note("a", word="one"), note("b"), only_changes=True)
    assert maker.held() == {"a"}
    learner.imports(maker.path)
    maker.syncs(note("a", word="one"), note("b"))
    assert maker.held() == {"a", "b"}
    assert learner.imports(maker.path) == {"new": 0, "updated": 0, "duplicate": 2}
    maker.syncs(note("a", word="one"), note("b", word="two"), only_changes=True)

    assert maker.held() == {"b"}
    assert learner.imports(maker.path)["updated"] == 1


def test_a_whole_package_is_not_left_behind(maker: Maker) -> None:
    """What a run of changes left out is in no whole package after it, and comes back when put."""
    maker.syncs(note("a"), note("b"))
    maker.syncs(note("b"), only_changes=True)
    maker.syncs(note("b"))
    assert maker.held() == {"b"}
    maker.syncs(note("b"), only_changes=True)
    maker.syncs(note("a"), note("b"))

    assert maker.held() == {"a", "b"}


def test_a_note_that_was_left_out_is_known_again(learner: Learner, maker: Maker) -> None:
    """When it comes back, what was ours is updated, and what the learner wrote meanwhile stays."""
    maker.syncs(note("a"), note("b"), note("c"))
    learner.imports(maker.path)
    maker.syncs(note("c"))
    learner.edits("b", "Gloss", "mine")
    plan = maker.syncs(
        note("a", word="ours"), note("b", gloss="ours"), note("c"), base=learner.exports()
    )
    learner.imports(maker.path)

    assert (plan.texts(Why.UPDATE), plan.texts(Why.CONFLICT)) == (("a.Word",), ("b.Gloss",))
    assert (learner.has["a"]["Word"], learner.has["b"]["Gloss"]) == ("ours", "mine")


def test_the_order_of_new_cards_is_that_of_the_deck(maker: Maker) -> None:
    """A card in a package of changes has the place that it has among all."""
    maker.syncs(note("a"), note("b"), only_changes=True)
    maker.path.unlink()
    maker.syncs(note("a"), note("b"), note("c"), only_changes=True)
    with zipfile.ZipFile(maker.path) as package:
        database = sqlite3.connect(":memory:")
        database.deserialize(package.read("collection.anki2"))
        assert database.execute("SELECT due FROM cards").fetchall() == [(3,)]
        database.close()


def test_changes_bring_their_files_alone(maker: Maker) -> None:
    """Files of notes that are not in the package are not in it either."""
    for name in "a.png", "b.png":
        (maker.media / name).write_bytes(name.encode())
    pictures = [note(name, fields={"Picture": f'<img src="{name}.png">'}) for name in ("a", "b")]
    maker.syncs(pictures[0], only_changes=True, media=("a.png",))
    maker.path.unlink()
    maker.syncs(*pictures, only_changes=True, media=("a.png", "b.png"))
    with zipfile.ZipFile(maker.path) as package:
        assert json.loads(package.read("media")) == {"0": "b.png"}

    assert maker.package(only_changes=True).read().media == {"a.png", "b.png"}


def test_changes_without_what_they_changed_are_refused(maker: Maker) -> None:
    """A package of changes whose state is gone is not taken for the whole deck."""
    maker.syncs(note("a"), only_changes=True)
    maker.path.with_name("deck.apkg.state").unlink()
    for act in maker.package().read, maker.package(only_changes=True).read:
        with pytest.raises(BadAnswer, match="holds only what changed"):
            act()


def test_damaged_edits_are_told(learner: Learner, maker: Maker) -> None:
    """A damaged file beside the package is told with what is at stake, and stays as it is."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    learner.edits("a", "Gloss", "mine")
    maker.syncs(note("a"), base=learner.exports())
    kept = maker.path.with_name("deck.apkg.edits.json")
    for content, error in (b"{", BadAnswer), (b'{"format": 7}', Denied):
        kept.write_bytes(content)
        with pytest.raises(error):
            maker.package().read()
        assert kept.read_bytes() == content


def zipped(path: Path, **entries: bytes) -> Path:
    """Make an archive; in a name, two underlines stand for a dot."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def in_export(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write an export anew with other entries."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return path


def in_older(*statements: str) -> Callable[[dict[str, bytes]], None]:
    """Run statements in the database of an export of the older format."""

    def change(entries: dict[str, bytes]) -> None:
        database = sqlite3.connect(":memory:")
        database.deserialize(entries["collection.anki21"])
        for statement in statements:
            database.execute(statement)
        database.commit()
        entries["collection.anki21"] = database.serialize()
        database.close()

    return change


@pytest.fixture
def export(learner: Learner, maker: Maker, request: pytest.FixtureRequest) -> Path:
    """An export of two notes with a picture, in the older format unless it is asked otherwise."""
    (maker.media / "a.png").write_bytes(b"picture")
    maker.syncs(note("a", fields={"Picture": '<img src="a.png">'}), note("b"), media=("a.png",))
    learner.imports(maker.path)
    return learner.exports(legacy=getattr(request, "param", True))


@pytest.mark.parametrize("export", [True, False], indirect=True, ids=["older", "newest"])
def test_an_export_is_read(export: Path) -> None:
    """Notes, note types, decks and files are those of the collection, in both of Anki's formats."""
    read = read_export(export)
    one = read.notes[note("a").guid]

    assert one.guid == one.note.guid
    assert one.note == note("a", fields={"Picture": '<img src="a.png">'})
    assert read.note_types["Words"].note_type == WORDS
    assert read.media == {"a.png"}


def test_the_deck_of_a_note_is_that_of_its_first_card(learner: Learner, maker: Maker) -> None:
    """Where other cards were moved to does not matter, nor a filtered deck that has it for now."""
    (maker.media / "a.png").write_bytes(b"picture")
    maker.syncs(note("a", fields={"Picture": '<img src="a.png">'}), media=("a.png",))
    learner.imports(maker.path)
    second = learner.note("a").cards()[1]
    learner.anki.set_deck([second.id], learner.anki.decks.id("Other"))
    filtered = learner.anki.decks.new_filtered("Cram")
    deck = learner.anki.decks.get(filtered)
    deck["terms"] = [["deck:Spanish", 100, 0]]
    learner.anki.decks.save(deck)
    learner.anki.sched.rebuild_filtered_deck(filtered)
    assert learner.note("a").cards()[0].did == filtered
    path = learner.exports().with_suffix(".colpkg")
    learner.anki.export_collection_package(str(path), include_media=False, legacy=True)
    learner.anki = Collection(str(learner.folder / "collection.anki2"))

    assert read_export(path).notes[note("a").guid].note.deck == "Spanish"


def test_a_copy_made_in_anki_is_left_alone(learner: Learner, maker: Maker) -> None:
    """Of two notes with one card id the older is the one: it has the history, and is updated."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    original = learner.note("a")
    copy = learner.anki.new_note(original.note_type())
    copy.fields = [*original.fields]
    copy["Gloss"] = "of the copy"
    learner.anki.add_note(copy, learner.anki.decks.id("Spanish"))
    plan = maker.syncs(note("a", word="ours"), base=learner.exports())
    learner.imports(maker.path)
    original.load()
    copy.load()

    assert plan.texts(Why.KEPT) == ()
    assert (original["Word"], original["Gloss"]) == ("ours", note("a").fields["Gloss"])
    assert (copy["Word"], copy["Gloss"]) == (note("a").fields["Word"], "of the copy")


@pytest.mark.parametrize("legacy", [True, False], ids=["older", "newest"])
def test_a_whole_collection_is_read(learner: Learner, export: Path, *, legacy: bool) -> None:
    """A `.colpkg` file will do, whatever else is in it."""
    path = export.with_suffix(".colpkg")
    learner.anki.export_collection_package(str(path), include_media=True, legacy=legacy)
    learner.anki = Collection(str(learner.folder / "collection.anki2"))
    read = read_export(path)

    assert note("b").guid in read.notes
    assert {"Words", "Cloze"} <= read.note_types.keys()


def test_other_decks_of_the_learner_are_none_of_ours(learner: Learner, maker: Maker) -> None:
    """Notes of other note types are not part of what there is."""
    maker.syncs(note("a"))
    learner.imports(maker.path)
    added = learner.anki.new_note(learner.anki.models.by_name("Basic"))
    added.fields = ["front", "back"]
    learner.anki.add_note(added, learner.anki.decks.id("Mine"))
    state = maker.package(learner.exports()).read()

    assert (list(state.notes), list(state.note_types)) == ([note("a").guid], ["Words"])
    assert (state.is_package, state.sees_edits) == (True, True)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda entries: entries.update({"collection.anki21": b"x"}), id="no SQLite"),
        pytest.param(lambda entries: entries.update(media=b"[" * 99_999), id="deep JSON"),
        pytest.param(in_older("UPDATE notes SET mid = 5"), id="an unknown note type"),
        pytest.param(in_older("UPDATE notes SET flds = 'one'"), id="too few fields"),
        pytest.param(in_older("UPDATE notes SET mod = 'x'"), id="a text for a time"),
        pytest.param(in_older("UPDATE col SET models = '[]'"), id="a list of note types"),
        pytest.param(
            in_older("UPDATE col SET models = '{\"1\": {}}'"), id="a note type of nothing"
        ),
        pytest.param(in_older("DELETE FROM col"), id="no collection"),
        pytest.param(
            in_older(
                "ALTER TABLE notes RENAME TO hidden", "CREATE VIEW notes AS SELECT * FROM hidden"
            ),
            id="a view",
        ),
        pytest.param(
            in_older("CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END"), id="a trigger"
        ),
    ],
)
def test_a_damaged_export_is_told(
    maker: Maker, export: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    """What is no export is refused with a way out; the package stays as it is."""
    in_export(export, change)
    before = maker.path.read_bytes()
    package = maker.package(export)
    for act in package.read, lambda: maker.syncs(note("a"), base=export):
        with pytest.raises(BadAnswer, match=r"export\.apkg is no export of Anki's") as raised:
            act()
        assert "Export" in raised.value.hint
    assert before == maker.path.read_bytes()


def test_what_would_unpack_too_large_is_refused(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that unpacks to more than any collection has is not unpacked, in any format."""
    monkeypatch.setattr(package_export, "_LARGEST", 100_000)
    in_export(export, lambda entries: entries.update({"collection.anki21": bytes(100_001)}))
    with pytest.raises(BadAnswer, match="would have 100001 bytes"):
        read_export(export)
    zstd = pytest.importorskip("backports.zstd")
    content = zstd.compress(bytes(100_001))
    in_export(export, lambda entries: entries.update({"collection.anki21b": content}))

    with pytest.raises(BadAnswer, match="too large"):
        read_export(export)


@settings(max_examples=150, deadline=None, suppress_health_check=FIXTURES)
@given(data=st.data())
@pytest.mark.parametrize("export", [True, False], indirect=True, ids=["older", "newest"])
def test_damage_of_an_export_is_told(export: Path, data: st.DataObject) -> None:
    """Bytes changed or missing anywhere give an export or a BadAnswer, never anything else."""
    content = bytearray(export.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([0, 0, 1, 100]))
    damaged = export.with_name("damaged.apkg")
    damaged.write_bytes(content[: len(content) - cut])
    try:
        read_export(damaged)
    except BadAnswer:
        return


@settings(max_examples=300, deadline=None, suppress_health_check=FIXTURES)
@given(data=st.data())
@pytest.mark.parametrize("export", [False], indirect=True, ids=["newest"])
def test_damage_inside_an_export_is_told(export: Path, data: st.DataObject) -> None:
    """The same where the checksums of the archive are right: the database, the list of files."""
    zstd = pytest.importorskip("backports.zstd")
    name = data.draw(st.sampled_from(["collection.anki21b", "media"]))

    def change(entries: dict[str, bytes]) -> None:
        content = bytearray(zstd.decompress(entries[name]))
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        entries[name] = zstd.compress(bytes(content))

    damaged = export.with_name("damaged.apkg")
    damaged.write_bytes(export.read_bytes())
    in_export(damaged, change)
    try:
        read_export(damaged)
    except BadAnswer:
        return


@pytest.mark.parametrize("export", [False], indirect=True, ids=["newest"])
def test_the_newest_format_needs_a_library(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, it is said how to get it, and how to do without."""
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(Misconfigured, match="newest format") as raised:
        read_export(export)

    assert "Support older Anki versions" in raised.value.hint


def test_an_export_that_is_not_there_is_told(maker: Maker, tmp_path: Path) -> None:
    """A base that is missing, or a folder, is named."""
    with pytest.raises(NotFound, match=r"none\.apkg"):
        maker.package(tmp_path / "none.apkg").read()
    with pytest.raises(Denied):
        maker.package(tmp_path).read()


def test_any_archive_is_read_or_refused(tmp_path: Path) -> None:
    """An archive with nothing of Anki's in it is no export."""
    for entries in ({}, {"media": b"{}"}, {"collection__anki2": b""}):
        with pytest.raises(BadAnswer, match="no export"):
            read_export(zipped(tmp_path / "other.apkg", **entries))
