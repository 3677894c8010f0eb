"""A plan of media in a few lines, however many files it has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from textwrap import TextWrapper

from stages.records.plan import Offer, Plan
from stages.records.usage import at_most

_WIDTH = 78
_MOST_SHOWN = 12
_LONGEST = 40


def plan_lines(plan: Plan, what: str, *, every: bool = False) -> Iterator[str]:
    """
    Tell how much there is and who would make the rest, without naming more than a dozen files.

    Args:
        plan: What is told.
        what: What its files are called.
        every: Name all of them.

    >>> new = {"casa_home": Offer("openai", Decimal("0.04")), "ojo_eye": Offer("openmoji")}
    >>> for line in plan_lines(Plan(new=new), "picture"):
    ...     print(line)
    0 pictures there, 2 to make, at most $0.04
      openai, 1 for at most $0.04: casa_home
      openmoji, 1: ojo_eye
    """
    yield plan.summary(what)
    yield from offer_lines(plan.new, every=every)
    if outdated := plan.outdated:
        why = f"outdated, {len(outdated)} made of another prompt, style or size: "
        yield from named(why, outdated, every=every)


def offer_lines(new: Mapping[str, Offer], *, every: bool = False) -> Iterator[str]:
    """Tell who would make which files for how much, the dearest first."""
    together: defaultdict[str, dict[str, Offer]] = defaultdict(dict)
    for name, offer in new.items():
        together[offer.provider][name] = offer
    costs = {who: _cost(offers.values()) for who, offers in together.items()}
    for who in sorted(together, key=lambda who: (-costs[who], who)):
        cost = f" for {at_most(costs[who])}" if costs[who] else ""
        yield from named(f"{who}, {len(together[who])}{cost}: ", together[who], every=every)


def named(what: str, names: Iterable[str], *, every: bool = False) -> Iterator[str]:
    """
    Name things after what they are, indented and broken into lines.

    >>> list(named("kokoro, 2: ", ["casa", "Mi casa es grande."]))
    ['  kokoro, 2: casa, "Mi casa es grande."']
    """
    shown = [_quoted(name, every=every) for name in names]
    if len(shown) > _MOST_SHOWN and not every:
        shown = [*shown[: _MOST_SHOWN - 1], f"and {len(shown) - _MOST_SHOWN + 1} more"]
    yield from _wrapper.wrap(what + ", ".join(shown))


def _cost(offers: Iterable[Offer]) -> Decimal:
    return sum((offer.cost for offer in offers), Decimal(0))


def _quoted(name: str, *, every: bool) -> str:
    short = name if every or len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
    return f'"{short}"' if " " in short else short


_wrapper = TextWrapper(
    _WIDTH,
    initial_indent="  ",
    subsequent_indent="    ",
    break_long_words=False,
    break_on_hyphens=False,
)
