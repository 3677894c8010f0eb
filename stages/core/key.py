"""Keys: names that know what they hold."""

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Key(str, Generic[T]):
    """
    The name of a value in a context, with its type and its meaning.

    It is a `str`, so `context["words"]` and `context[WORDS]` read the same value; with the key a type
    checker knows what comes out. Name one concrete type: checkers cannot follow a union or an
    abstract type here.

    >>> WORDS = Key("words", tuple[str, ...], "the words to learn, in order")
    >>> WORDS == "words", WORDS.holds, WORDS.doc
    (True, tuple[str, ...], 'the words to learn, in order')
    """

    __slots__ = ("doc", "holds")
    # The type's field is not called `type`: mypy would then see `Key[Any]`.
    holds: type[T]
    doc: str

    def __new__(cls, name: str, holds: type[T], doc: str = "") -> "Key[T]":
        """Name a value that is of the type `holds`; `doc` says what it means."""
        self = super().__new__(cls, name)
        self.holds = holds
        self.doc = doc
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Key, (str(self), self.holds, self.doc)
