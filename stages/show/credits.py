"""Whose work a deck shows, in lines that can be copied into its description."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from stages.core.wording import counted
from stages.records.media import Credit
from stages.records.provenance import Kind


def credit_lines(files: Mapping[Kind, Iterable[tuple[Credit, ...]]]) -> Iterator[str]:
    """
    Tell the credits by licence and author, sorted, with how many files each is for.

    Args:
        files: The credits of each picture and of each sound.

    >>> ana = Credit(author="Ana", licence="CC BY 4.0", title="Red house", source="https://a.example")
    >>> ben = Credit(author="Ben", licence="CC0", source="https://b.example")
    >>> for line in credit_lines({"picture": [(ana,), (ben,)], "sound": [(ben,)]}):
    ...     print(line)
    CC BY 4.0
      Ana (1 picture)
        Red house: https://a.example
    CC0
      Ben (1 picture, 1 sound)
        https://b.example
    """
    counts: defaultdict[tuple[str, str], Counter[Kind]] = defaultdict(Counter)
    works: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    addresses: dict[str, str] = {}
    for kind, every in files.items():
        for credits_ in every:
            for one in credits_:
                by = (one.licence, one.author)
                works[by].add(": ".join(filter(None, (one.title, one.source))))
                addresses[one.licence] = addresses.get(one.licence) or one.licence_url
            for by in {(one.licence, one.author) for one in credits_}:
                counts[by][kind] += 1
    before = None
    for licence, author in sorted(counts, key=lambda by: (by[0].casefold(), by[1].casefold(), by)):
        if licence != before:
            yield f"{licence}: {addresses[licence]}" if addresses[licence] else licence
        before = licence
        number = ", ".join(counted(n, kind) for kind, n in sorted(counts[licence, author].items()))
        yield f"  {author} ({number})"
        yield from (f"    {work}" for work in sorted(works[licence, author]) if work)
