"""What came of asking for the meanings of a word."""

import attrs

from stages.core.problem import Problem
from stages.records.meaning import Meaning
from stages.records.usage import Usage


@attrs.frozen(kw_only=True)
class Analysis:
    """
    What came of asking for one word.

    Attributes:
        meanings: The distinct ones, the most common first; none only where an answer was paid for
            and nothing of it can be used, and then a problem says why.
        problems: What is wrong with others that were given, or doubtful in these; each says in
            `where` what of the answer it is about, such as "meanings[1].IPA", or nothing.
        usage: What was paid for it now; nothing where the answer was there already.
    """

    meanings: tuple[Meaning, ...]
    problems: tuple[Problem, ...] = ()
    usage: Usage = Usage()
