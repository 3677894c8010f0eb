"""How the words of the meanings are spoken, by those who know it."""

import pytest

from stages import REFERENCES, Context, FrozenMap, Reference, Status, look_up_references
from stages.core.problem import ProviderError
from stages.providers.errors import Denied, Misconfigured, Unavailable
from stages.providers.pronunciations import References
from stages.testing import MemoryReferences, check_stage
from tests.making import after, codes, failed, last, meaning

CASA = Reference("[ˈka.sa]", "a")
KASA = Reference("[ˈka.za]", "b")
SER = Reference("[seɾ]", "a")
KNOWN: FrozenMap[str, tuple[Reference, ...]] = FrozenMap({"casa": (KASA,), "old": (SER,)})
CONTEXT = Context.of(meanings=[meaning("casa"), meaning("ser"), meaning("casa", "household")])


def test_the_words_are_asked_for_all_at_once() -> None:
    """Each once, in their order; who knows nothing of a word leaves it out."""
    provider = MemoryReferences({"casa": (CASA,), "other": (SER,)})
    outcome = look_up_references(pronunciation_provider=provider)(CONTEXT)
    assert provider.history == [(("casa", "ser"), "es-419")]
    assert after(outcome)[REFERENCES] == {"casa": (CASA,)}
    assert last(outcome).message == "found how 1 of 2 words are spoken"
    assert last(outcome).counts == {"words": 2, "found": 1}
    assert last(outcome).status is Status.SUCCESS


def test_what_is_there_is_kept_and_comes_first() -> None:
    """Also of words that no meaning has; what two say alike stands there once."""
    before = CONTEXT.put(REFERENCES, KNOWN)
    provider = MemoryReferences({"casa": (CASA, said_by_another(KASA)), "ser": (SER,)})
    known = after(look_up_references(pronunciation_provider=provider)(before))[REFERENCES]
    assert known == {"casa": (KASA, CASA), "old": (SER,), "ser": (SER,)}


def said_by_another(reference: Reference) -> Reference:
    """Give one that says the same, and who says so is another."""
    return Reference(reference.ipa, "another")


def test_looking_up_twice_changes_nothing() -> None:
    """The references stay as they are."""
    stage = look_up_references(pronunciation_provider=MemoryReferences({"casa": (CASA,)}))
    once = after(stage(CONTEXT))
    assert after(stage(once))[REFERENCES] == once[REFERENCES]


def test_each_language_is_asked_for() -> None:
    """Several in one context; whoever has a language is asked for it."""
    spanish = MemoryReferences({"casa": (CASA,)})
    italian = MemoryReferences({"casa": (KASA,)}, language="it")
    context = Context.of(meanings=[meaning("casa"), meaning("casa", language="it")])
    outcome = look_up_references(pronunciation_provider=References(spanish, italian))(context)
    assert after(outcome)[REFERENCES] == {"casa": (CASA, KASA)}
    assert [language for _, language in spanish.history] == ["es-419", "it"]


def test_a_language_that_nobody_has_stops_no_other() -> None:
    """It is named."""
    context = Context.of(meanings=[meaning("Haus", language="de"), meaning("casa")])
    provider = MemoryReferences({"casa": (CASA,)})
    outcome = look_up_references(pronunciation_provider=provider)(context)
    assert after(outcome)[REFERENCES] == {"casa": (CASA,)}
    assert last(outcome).status is Status.PARTIAL
    assert codes(outcome) == [("misconfigured", "meanings[de]")]


def test_where_no_language_can_be_looked_up_it_fails() -> None:
    """With what is wrong."""
    context = Context.of(meanings=[meaning("Haus", language="de")])
    outcome = look_up_references(pronunciation_provider=MemoryReferences())(context)
    assert codes(outcome) == [("misconfigured", "meanings[de]")]


@pytest.mark.parametrize("error", [Misconfigured("no engine"), Denied("no"), Unavailable("dead")])
def test_a_provider_that_cannot_be_asked_is_a_failure(error: ProviderError) -> None:
    """What was known before is kept."""
    before = CONTEXT.put(REFERENCES, KNOWN)
    provider = MemoryReferences(failures={"es-419": error})
    outcome = look_up_references(pronunciation_provider=provider)(before)
    assert codes(outcome) == [(error.code, "meanings[es-419]")]
    assert failed(outcome).context[REFERENCES] == KNOWN


def test_without_meanings_nobody_is_asked() -> None:
    """It is no failure."""
    provider = MemoryReferences()
    outcome = look_up_references(pronunciation_provider=provider)(Context.of(meanings=[]))
    assert after(outcome)[REFERENCES] == {}
    assert provider.history == []


def test_it_keeps_the_laws() -> None:
    """Every promise of a stage."""
    check_stage(look_up_references)
