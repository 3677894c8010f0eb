"""Everything that was learnt so far: meanings by word, and the words nobody wants a card for."""

from collections.abc import Iterable

import attrs

from stages.records.meaning import Meaning


@attrs.frozen(kw_only=True)
class Vocabulary:
    """
    The meanings that are known, in the order in which they came, and the skipped words.

    Attributes:
        meanings: Each card id once.
        skipped: Words that need no card.
    """

    meanings: tuple[Meaning, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def settled(self) -> frozenset[str]:
        """The words that have a meaning here or are skipped; made anew each time."""
        return frozenset(one.word for one in self.meanings).union(self.skipped)

    def knows(self, word: str) -> bool:
        """Tell whether the word has a meaning here or is skipped; for many, take `settled` once."""
        return word in self.skipped or any(one.word == word for one in self.meanings)

    def merged(self, meanings: Iterable[Meaning], skipped: Iterable[str] = ()) -> "Vocabulary":
        """Give the vocabulary with these added; what is there under the same card id stays."""
        known = {one.card_id: one for one in self.meanings}
        for one in meanings:
            known.setdefault(one.card_id, one)
        every = dict.fromkeys((*self.skipped, *skipped))
        return Vocabulary(meanings=tuple(known.values()), skipped=tuple(every))
