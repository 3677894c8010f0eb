"""What whoever gives meanings is asked for."""

import attrs


@attrs.frozen(kw_only=True)
class Brief:
    """
    What whoever gives meanings is asked for, beside the word.

    Attributes:
        language: Of the words, their definitions and their examples: a BCP 47 tag, whose region says
            whose usage counts, such as "es-419", "es-MX" or "de".
        native: Of the learner: a BCP 47 tag. What describes a picture is written in it.
        most: The most meanings of one word.
    """

    language: str = "es-419"
    native: str = "en"
    most: int = 6
