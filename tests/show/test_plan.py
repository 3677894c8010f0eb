"""A plan in a terminal: calm, however large it is."""

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stages.records.plan import Offer, Plan
from stages.show.plan import named, offer_lines, plan_lines

names = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=30)
offers = st.builds(
    Offer, st.sampled_from(["openai", "openmoji", "own"]), st.sampled_from([*map(Decimal, "012")])
)


@given(st.dictionaries(names, offers, max_size=60))
def test_a_plan_of_any_size_fits_a_screen(new: dict[str, Offer]) -> None:
    """Three makers take three paragraphs of a few lines each; none is wider than a terminal."""
    lines = list(plan_lines(Plan(new=new), "picture"))

    assert len(lines) <= 1 + 3 * 8
    assert max(map(len, lines)) <= 80


@given(st.dictionaries(names, offers, max_size=60))
def test_the_whole_plan_names_every_file_once(new: dict[str, Offer]) -> None:
    """By whoever makes it."""
    lines = " ".join(offer_lines(new, every=True))
    parts = re.split(r"(?:^| )  (?=open|own)", lines)
    listed = [name for part in parts[1:] for name in part.partition(": ")[2].split(",")]

    assert sorted(name.strip() for name in listed) == sorted(new)


def test_the_dearest_come_first() -> None:
    """What is paid for is seen first, whoever comes first in the alphabet."""
    new = {"a": Offer("cheap", Decimal("0.01")), "b": Offer("free"), "c": Offer("x", Decimal(2))}

    told = list(offer_lines(new))

    assert told == [
        "  x, 1 for at most $2.00: c",
        "  cheap, 1 for at most $0.01: a",
        "  free, 1: b",
    ]


def test_a_sentence_is_told_as_one() -> None:
    """In quotes, since it has blanks and commas; a long one is cut unless all is wanted."""
    long = "Si tuviera más tiempo, leería un libro cada semana."

    (short,) = named("kokoro: ", [long])
    whole = " ".join(" ".join(named("kokoro: ", [long], every=True)).split())

    assert short == '  kokoro: "Si tuviera más tiempo, leería un libro…"'
    assert whole == f'kokoro: "{long}"'
