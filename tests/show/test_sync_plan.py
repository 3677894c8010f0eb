"""What a sync would do, in a terminal: calm, however many notes there are."""

from hypothesis import given
from hypothesis import strategies as st

from stages import SYNC, Context, sync_cards
from stages.core.outcome import Report
from stages.records.sync import SyncRecord
from stages.show.sync_plan import sync_changes, sync_counts
from stages.testing import MemoryAnki
from tests.making import card

NAMES = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=20)
MANY = st.lists(NAMES, max_size=60).map(tuple)


@st.composite
def planned(draw: st.DrawFn) -> tuple[str, ...]:
    """Give the lines of some plan."""
    lines = [f"new note {name}" for name in draw(MANY)]
    for name in draw(MANY):
        texts = draw(st.lists(st.text(st.characters(codec="ascii", categories=["L"])), max_size=40))
        lines += [f"changed note {name}", *(f"  Definition: {text}" for text in texts)]
    return tuple(lines)


@given(planned())
def test_a_plan_of_any_size_fits_a_few_screens(lines: tuple[str, ...]) -> None:
    """Nothing is wider than a terminal, and what is not shown is counted."""
    told = list(sync_changes([Report("sync_cards", planned=lines)]))
    changed = sum(line.startswith("changed") for line in lines)

    assert len(told) <= 20 * 16 + 12
    assert max(map(len, told), default=0) <= 80
    assert sum(line.startswith("changed") for line in told) == min(changed, 20)
    assert (f"and {changed - 20} more that change" in "\n".join(told)) is (changed > 20)


def test_a_long_text_is_broken_and_a_long_side_is_cut() -> None:
    """Of a field one has to see what comes of it; a side is code, and its line tells where it is."""
    field = f'  Definition: "{"una casa " * 8}" (both were changed, and yours stays; ours: "casa")'
    side = f"    +{'<div> ' * 20}"

    told = sync_changes([Report("s", planned=("changed note a", field, side))])
    first, *broken, cut = told

    assert first == "changed note a"
    assert " ".join(line.strip() for line in broken) == " ".join(field.split())
    assert max(map(len, broken)) <= 78
    assert cut == f"{side[:77]}…"


@given(planned())
def test_all_of_a_plan_is_shown_on_request(lines: tuple[str, ...]) -> None:
    """Each line of what changes, and each name."""
    told = list(sync_changes([Report("sync_cards", planned=lines)], every=True))
    changes = [line for line in lines if line.startswith("  ")]
    words = " ".join(told).replace(",", " ").split()

    assert [line for line in told if line.startswith("  Definition")] == changes
    assert {line.split()[-1] for line in lines if not line.startswith("  ")} <= set(words)


@given(MANY, MANY, st.integers(0, 9))
def test_counts_are_those_of_the_record(
    kept: tuple[str, ...], orphans: tuple[str, ...], unchanged: int
) -> None:
    """A fact a line; nothing is said of what there is none of."""
    lines = list(sync_counts(SyncRecord(kept=kept, orphans=orphans, unchanged=unchanged)))

    assert lines[0] == f"0 notes new, 0 changed, {unchanged} unchanged"
    assert any("of yours stay" in line for line in lines) is bool(kept)
    assert any("in this deck stay" in line for line in lines) is bool(orphans)
    assert max(map(len, lines)) <= 78


def test_what_is_retired_is_not_said_to_stay() -> None:
    """Each note is told of once."""
    record = SyncRecord(orphans=("a", "b"), retired=("b",), media=("a.png",), note_types=("N",))

    assert list(sync_counts(record)) == [
        "0 notes new, 0 changed, 0 unchanged",
        "1 note type and 1 picture or sound put",
        "1 other note in this deck stays: a",
        "1 other note retired: b",
    ]


def test_the_plan_of_a_stage_is_told() -> None:
    """New notes in a paragraph, those that change one by one."""
    anki = MemoryAnki()
    sync_cards(Context.of(cards=(card("casa", definition="vieja"),)), anki_provider=anki)
    cards = (card("casa", definition="nueva"), card("ojo"), card("pie"))
    wanted = Context.of(cards=cards)

    context = sync_cards(wanted, anki_provider=anki, dry_run=True).unwrap()

    assert list(sync_changes(context.reports)) == [
        "changed note casa_home",
        '  Definition: "vieja" → "nueva"',
        "2 new notes: ojo_home, pie_home",
    ]
    assert list(sync_counts(context[SYNC])) == ["2 notes new, 1 changed, 0 unchanged"]
