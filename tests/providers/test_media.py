"""Pictures and sounds of several sources: who is asked, what stays, what is paid."""

import os
import pickle
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import (
    IMAGES,
    MEDIA_PLAN,
    SOUNDS,
    Card,
    Context,
    MediaPlan,
    Offer,
    generate_media,
    plan_media,
    threads,
)
from stages.core.problem import ProviderError
from stages.providers.errors import (
    BadAnswer,
    Denied,
    Misconfigured,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
)
from stages.providers.media import Pictures, Sounds
from stages.providers.media_folder import MediaFolder
from stages.providers.protocols import AudioProvider, ImageProvider, MediaProvider
from stages.providers.source import Grade, Source
from stages.records.media import Credit, MediaFile, content_matches, is_media_name
from stages.records.provenance import Kind
from stages.testing import AWKWARD
from tests.making import card
from tests.providers.sources import Toy, spent

CENT = Decimal("0.01")
CASA, SER = card("casa"), card("ser", "be")
ID = CASA.id


def now() -> datetime:
    """Give a moment that never passes."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def pictures(path: Path, *sources: Toy) -> Pictures:
    """Give the provider that a new run would have."""
    return Pictures(path, *sources, now=now)


def paid(name: str = "openai", **more: Any) -> Toy:
    """Give a source that costs a cent."""
    return Toy(name, cost=CENT, **more)


def drawn(name: str = "openmoji", **more: Any) -> Toy:
    """Give a source that asks nobody."""
    return Toy(name, local=True, **more)


def stand_in(**more: Any) -> Toy:
    """Give a source whose pictures only fill a gap."""
    return Toy("placeholder", grade=Grade.STAND_IN, local=True, **more)


def shown(path: Path, *sources: Toy, of: Card = CASA) -> MediaFile | None:
    """Give what a new run finds there."""
    return pictures(path, *sources).existing([of]).get(of.id)


def backups(path: Path) -> dict[str, bytes]:
    """Give what lies in the backup of today."""
    return {file.name: file.read_bytes() for file in (path / "backup").glob("2026-03-01/*")}


def test_each_fits_its_protocol(tmp_path: Path) -> None:
    """A type checker reads this, and nobody has to run it."""
    source: Source = Toy()
    images: ImageProvider = Pictures(tmp_path, source)
    audio: AudioProvider = Sounds(tmp_path, source)
    media: MediaProvider = MediaFolder(tmp_path)
    assert all((images, audio, media))


def test_the_first_source_is_asked_and_what_it_gives_is_kept(tmp_path: Path) -> None:
    """With all that is known of it, under a name that says what it is."""
    credit = Credit(author="Ana", licence="CC0")
    first, second = paid(credit=credit), drawn()
    file = pictures(tmp_path, first, second).picture(CASA)
    assert (first.history, second.history) == ([(ID, 0)], [])
    assert content_matches(file.name, (tmp_path / file.name).read_bytes())
    assert file == MediaFile(name=file.name, size=file.size, provider="openai", credit=credit)
    assert shown(tmp_path, first, second) == file
    (made,) = MediaFolder(tmp_path).every("picture", CASA.language, ID)
    assert (made.cost, made.made_at) == (CENT, "2026-03-01T12:00:00+00:00")
    assert made.request == first.request(CASA)


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    """Whoever asks for it all the same pays nothing."""
    first = paid()
    file = pictures(tmp_path, first).picture(CASA)
    assert pictures(tmp_path, first).offer(CASA) == Offer("openai", Decimal(0))
    assert pictures(tmp_path, first).picture(CASA) == file
    assert first.paid == CENT
    assert len(MediaFolder(tmp_path).every("picture", CASA.language, ID)) == 1


@pytest.mark.parametrize("error", [NotFound, Rejected, Refused, BadAnswer])
def test_what_a_source_settles_it_is_not_asked_again(
    tmp_path: Path, error: type[ProviderError]
) -> None:
    """The next one gives it, and says why; until the card asks for something else."""
    first = paid(errors={ID: error("it will not", "think of another one")})
    file = pictures(tmp_path, first, stand_in()).picture(CASA)
    assert (file.provider, file.stand_in) == ("placeholder", True)
    assert file.reasons == ("openai: it will not (think of another one)",)
    assert shown(tmp_path, first, stand_in()) == attrs.evolve(file, reasons=())
    (made,) = MediaFolder(tmp_path).every("picture", CASA.language, ID)
    assert made.reasons == file.reasons
    (tmp_path / file.name).unlink()
    pictures(tmp_path, first, stand_in()).picture(CASA)
    assert first.history == [(ID, 0)]
    first.errors = {}
    other = attrs.evolve(CASA, prompt="something else")
    assert shown(tmp_path, first, stand_in(), of=other) is None
    assert pictures(tmp_path, first, stand_in()).picture(other).provider == "openai"


@pytest.mark.parametrize("error", [Unavailable, RateLimited, QuotaExhausted])
def test_what_may_pass_is_tried_again(tmp_path: Path, error: type[ProviderError]) -> None:
    """A stand-in fills the gap until then, and nothing is written down twice."""
    first = paid(errors={ID: error("not now")})
    file = pictures(tmp_path, first, stand_in()).picture(CASA)
    assert file.reasons == ("openai: not now",)
    for _ in range(2):
        assert shown(tmp_path, first, stand_in()) is None
        assert pictures(tmp_path, first, stand_in()).picture(CASA) == file
    assert len(MediaFolder(tmp_path).every("picture", CASA.language, ID)) == 1
    first.errors = {}
    better = pictures(tmp_path, first, stand_in()).picture(CASA)
    assert better.provider == "openai"
    assert list(backups(tmp_path)) == [file.name]
    assert shown(tmp_path, first, stand_in()) == better


@pytest.mark.parametrize("error", [Misconfigured, Denied])
def test_a_wrong_key_is_not_hidden_by_the_next_source(
    tmp_path: Path, error: type[ProviderError]
) -> None:
    """It stops the run."""
    last = stand_in()
    with pytest.raises(error):
        pictures(tmp_path, paid(errors={"*": error("no")}), last).picture(CASA)
    assert last.history == []


def test_a_spent_quota_is_asked_for_once_a_run(tmp_path: Path) -> None:
    """A run begins by looking at what is there."""
    first = paid(errors={"*": spent()})
    provider = pictures(tmp_path, first, stand_in())
    for _ in range(2):
        provider.existing([CASA, SER])
        for one in (CASA, SER):
            reason = "openai: nothing more today (come back tomorrow)"
            assert provider.picture(one).reasons == (reason,)
    assert first.history == [(ID, 0)] * 2


def test_a_spent_quota_stops_the_run_if_no_other_source_is_left(tmp_path: Path) -> None:
    """Else it is this card's own trouble: the next one may be drawn."""
    first = paid(errors={"*": spent()})
    with pytest.raises(QuotaExhausted):
        pictures(tmp_path, first).picture(CASA)
    with pytest.raises(Unavailable, match="nothing more today"):
        pictures(tmp_path, drawn(knows=frozenset()), first).picture(CASA)
    second = paid("runware", errors={"*": spent()})
    with pytest.raises(QuotaExhausted, match="openai: nothing more today; runware: nothing"):
        pictures(tmp_path, first, second).picture(CASA)


def test_where_nobody_has_anything_all_is_told(tmp_path: Path) -> None:
    """As the one error that may pass, if there is such a one."""
    no, later = Refused("never"), Unavailable("not now", "wait")
    with pytest.raises(NotFound, match=f"no source has a picture for '{ID}'"):
        pictures(tmp_path, drawn(knows=frozenset())).picture(CASA)
    with pytest.raises(Unavailable, match="one: not now; two: never") as caught:
        pictures(tmp_path, paid("one", errors={ID: later}), paid("two", errors={ID: no})).picture(
            CASA
        )
    assert caught.value.hint == "wait"
    with pytest.raises(Refused, match=r"^never$"):
        pictures(tmp_path, paid(errors={ID: no})).picture(CASA)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_has_nothing_is_passed_over(tmp_path: Path) -> None:
    """Without a word."""
    file = pictures(tmp_path, drawn(knows=frozenset()), paid()).picture(CASA)
    assert (file.provider, file.reasons) == ("openai", ())


def test_what_comes_is_looked_at(tmp_path: Path) -> None:
    """A page of HTML is no picture: the next source is asked, and nothing is left of it."""
    first = paid(junk=frozenset({ID}))
    file = pictures(tmp_path, first, drawn()).picture(CASA)
    assert file.provider == "openmoji"
    assert file.reasons[0].startswith("openai: what came is a web page")
    assert [path.name for path in tmp_path.glob("*-*")] == [file.name]
    with pytest.raises(BadAnswer):
        pictures(tmp_path / "other", first).picture(CASA)
    with pytest.raises(BadAnswer, match="openai gave nothing"):
        pictures(tmp_path / "other", paid(several=0)).picture(CASA)


def test_a_bug_in_a_source_is_no_reason(tmp_path: Path) -> None:
    """It is not hidden behind the next one."""

    class Broken(Toy):
        def make(self, card: Card, take: int) -> Any:  # noqa: ARG002  # it is broken for all
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pictures(tmp_path, Broken("broken"), stand_in()).picture(CASA)


def test_a_changed_prompt_is_noticed_and_not_paid_for(tmp_path: Path) -> None:
    """What is there stays as `outdated`, until it is asked for anew; the old file lies in a backup."""
    first = paid()
    old = pictures(tmp_path, first).picture(CASA)
    first.style = "watercolour"
    assert shown(tmp_path, first) == attrs.evolve(old, outdated=True)
    provider = pictures(tmp_path, first)
    provider.discard([CASA])
    assert shown(tmp_path, first) is None
    assert provider.offer(CASA) == Offer("openai", CENT)
    new = provider.picture(CASA)
    assert shown(tmp_path, first) == new != old
    assert list(backups(tmp_path)) == [old.name]
    assert not (tmp_path / old.name).exists()


def test_a_prompt_that_is_changed_back_finds_its_picture(tmp_path: Path) -> None:
    """It was never gone, and if it was put aside it comes back for nothing."""
    first = paid()
    old = pictures(tmp_path, first).picture(CASA)
    first.style = "watercolour"
    shown(tmp_path, first)
    first.style = ""
    assert shown(tmp_path, first) == old


def test_what_is_drawn_here_follows_its_card(tmp_path: Path) -> None:
    """It costs nothing; back and forth, nothing is drawn twice and nothing lost."""
    one, two = attrs.evolve(CASA, prompt="one"), attrs.evolve(CASA, prompt="two")
    first = drawn()
    old = pictures(tmp_path, first).picture(one)
    assert shown(tmp_path, first, of=two) is None
    new = pictures(tmp_path, first).picture(two)
    assert new != old
    assert list(backups(tmp_path)) == [old.name]
    assert shown(tmp_path, first, of=one) is None
    assert pictures(tmp_path, first).picture(one) == old
    assert shown(tmp_path, first, of=one) == old
    assert len(first.history) == 2


def test_what_is_drawn_here_goes_when_there_is_nothing_to_draw(tmp_path: Path) -> None:
    """A card that lost its emoji has the next source's picture."""
    first = drawn()
    pictures(tmp_path, first, stand_in()).picture(CASA)
    first.knows = frozenset()
    assert shown(tmp_path, first, stand_in()) is None
    assert pictures(tmp_path, first, stand_in()).picture(CASA).stand_in


def test_another_source_of_the_same_worth_replaces_nothing(tmp_path: Path) -> None:
    """Nor does one that is not asked any more, or comes after; a paid picture stays."""
    first = paid()
    file = pictures(tmp_path, first).picture(CASA)
    for sources in ((drawn(), first), (first, drawn()), (drawn(),), (stand_in(),)):
        assert shown(tmp_path, *sources) == file


def test_ones_own_comes_before_all(tmp_path: Path) -> None:
    """As soon as it is there; and when it is gone, what was there before comes back."""
    mine = Toy("folder", grade=Grade.OWN, local=True, knows=frozenset())
    first = paid()
    file = pictures(tmp_path, mine, first).picture(CASA)
    assert shown(tmp_path, mine, first) == file
    mine.knows = frozenset({ID})
    assert shown(tmp_path, mine, first) is None
    assert pictures(tmp_path, mine, first).offer(CASA) == Offer("folder", CENT * 0)
    own = pictures(tmp_path, mine, first).picture(CASA)
    assert own.provider == "folder"
    assert shown(tmp_path, mine, first) == own
    mine.knows = frozenset()
    assert shown(tmp_path, mine, first) is None
    assert pictures(tmp_path, mine, first).picture(CASA) == file
    assert first.paid == CENT


def test_a_synthetic_voice_gives_way_to_a_person(tmp_path: Path) -> None:
    """When one has spoken."""
    forvo = Toy("forvo", kind="sound", knows=frozenset())
    voice = Toy("kokoro", kind="sound", grade=Grade.STAND_IN, local=True)
    file = Sounds(tmp_path, forvo, voice).sound(CASA)
    assert (file.synthetic, file.stand_in) == (True, False)
    assert Sounds(tmp_path, forvo, voice).existing([CASA]) == {"casa": file}
    forvo.knows = frozenset({"casa"})
    assert Sounds(tmp_path, forvo, voice).existing([CASA]) == {}
    spoken = Sounds(tmp_path, forvo, voice).sound(CASA)
    assert not spoken.synthetic
    assert Sounds(tmp_path, forvo, voice).existing([CASA]) == {"casa": spoken}


def test_all_recordings_are_played(tmp_path: Path) -> None:
    """One file has the others with it; if one is gone, they are fetched again."""
    forvo = Toy("forvo", kind="sound", several=3, credit=Credit(author="Ana", licence="CC BY"))
    file = Sounds(tmp_path, forvo).sound(CASA)
    assert len(set(file.names)) == 3
    assert all(content_matches(name, (tmp_path / name).read_bytes()) for name in file.names)
    assert len(file.credits) == 3
    assert Sounds(tmp_path, forvo).existing([CASA]) == {"casa": file}
    (tmp_path / file.others[1].name).unlink()
    assert Sounds(tmp_path, forvo).existing([CASA]) == {}
    assert Sounds(tmp_path, forvo).sound(CASA) == file


def test_the_words_of_two_languages_are_apart(tmp_path: Path) -> None:
    """One word, two sounds."""

    class Polyglot(Toy):
        def request(self, card: Card) -> dict[str, str]:
            return {"word": card.word, "language": card.language}

    voice = Polyglot("voice", kind="sound")
    spanish, german = CASA, attrs.evolve(CASA, language="de")
    sounds = Sounds(tmp_path, voice)
    assert sounds.sound(spanish) != sounds.sound(german)
    assert sounds.existing([spanish]) != sounds.existing([german])


def test_a_person_chooses_among_candidates(tmp_path: Path) -> None:
    """The first is shown, the others are kept; a choice holds whatever prompt and sources say."""
    search = Toy("openverse", several=3)
    first = pictures(tmp_path, search).picture(CASA)
    provider = pictures(tmp_path, search)
    names = [one.file.name for one in provider.candidates(CASA)]
    assert len(set(names)) == 3
    assert first.name in names
    other = next(name for name in names if name != first.name)
    chosen = provider.choose(CASA, other)
    mine = Toy("folder", grade=Grade.OWN, local=True)
    search.style = "other"
    for sources in ((search,), (mine, search), (mine,)):
        assert shown(tmp_path, *sources) == chosen
    assert chosen.name == other
    assert set(names) <= {path.name for path in tmp_path.iterdir()}
    with pytest.raises(NotFound, match="is no candidate"):
        provider.choose(CASA, "nonsense.png")
    with pytest.raises(NotFound, match="is no candidate"):
        provider.choose(SER, other)


def test_what_was_put_aside_can_be_chosen(tmp_path: Path) -> None:
    """It comes back out of its backup, with all its recordings."""
    forvo = Toy("forvo", kind="sound", several=2)
    sounds = Sounds(tmp_path, forvo, now=now)
    old = sounds.sound(CASA)
    sounds.discard([CASA])
    new = sounds.sound(CASA)
    assert set(backups(tmp_path)) == set(old.names)
    assert [one.file for one in sounds.candidates(CASA)] == [new, old]
    assert sounds.choose(CASA, old.name) == old
    assert Sounds(tmp_path, forvo).existing([CASA]) == {"casa": old}


def test_a_choice_can_be_discarded(tmp_path: Path) -> None:
    """Like anything else."""
    search = Toy("openverse", several=2)
    provider = pictures(tmp_path, search)
    provider.picture(CASA)
    provider.choose(CASA, provider.candidates(CASA)[0].file.name)
    provider.discard([CASA])
    assert shown(tmp_path, search) is None
    provider.picture(CASA)
    assert search.history == [(ID, 0), (ID, 1)]


def test_what_is_discarded_is_made_anew_once(tmp_path: Path) -> None:
    """The same prompt gives another picture; the old one shows until then."""
    first = paid()
    provider = pictures(tmp_path, first)
    old = {one.id: provider.picture(one) for one in (CASA, SER)}
    provider.discard([CASA, SER, CASA])
    provider.discard([CASA])
    assert (tmp_path / old[ID].name).is_file()
    new = pictures(tmp_path, first).picture(CASA)  # and then the run is killed
    assert new != old[ID]
    after = pictures(tmp_path, first)
    assert after.existing([CASA, SER]) == {ID: new}
    after.picture(SER)
    assert first.history == [(ID, 0), (SER.id, 0), (ID, 1), (SER.id, 1)]
    assert set(backups(tmp_path)) == {file.name for file in old.values()}
    assert len(pictures(tmp_path, first).existing([CASA, SER])) == 2


def test_to_discard_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    """No line, no folder."""
    pictures(tmp_path / "media", paid()).discard([CASA])
    assert not (tmp_path / "media").exists()


def test_a_file_that_was_made_anew_and_deleted_is_the_same_again(tmp_path: Path) -> None:
    """What is asked for is the latest take, which a journal has; not the one that was unwanted."""
    first = paid()
    provider = pictures(tmp_path, first)
    provider.picture(CASA)
    provider.discard([CASA])
    new = provider.picture(CASA)
    (tmp_path / new.name).unlink()
    assert provider.picture(CASA) == new
    assert first.history == [(ID, 0), (ID, 1), (ID, 1)]


def test_nothing_worse_replaces_what_was_discarded(tmp_path: Path) -> None:
    """If the source refuses, the old picture stays for good; if it is away, until it is back."""
    first, last = paid(), stand_in()
    provider = pictures(tmp_path, first, last)
    old = provider.picture(CASA)
    provider.discard([CASA])
    first.errors = {ID: Unavailable("not now")}
    left = provider.picture(CASA)
    assert left == attrs.evolve(old, reasons=("openai: not now",))
    assert shown(tmp_path, first, last) is None
    first.errors = {ID: Refused("no more of this")}
    assert provider.picture(CASA).reasons == ("openai: no more of this",)
    assert shown(tmp_path, first, last) == old
    assert last.history == []


def test_a_discarded_file_that_is_gone_is_replaced_by_anything(tmp_path: Path) -> None:
    """A stand-in is better than nothing."""
    first, last = paid(), stand_in()
    provider = pictures(tmp_path, first, last)
    old = provider.picture(CASA)
    provider.discard([CASA])
    (tmp_path / old.name).unlink()
    first.errors = {ID: Refused("no")}
    assert provider.picture(CASA).stand_in


def test_a_picture_that_another_card_has_is_not_put_aside(tmp_path: Path) -> None:
    """Two cards may have one emoji."""

    class Emoji(Toy):
        def request(self, card: Card) -> dict[str, str]:
            return {"emoji": card.emoji}

    emoji = Emoji("openmoji", local=True)
    one, other = attrs.evolve(CASA, emoji="🏠"), attrs.evolve(SER, emoji="🏠")
    provider = pictures(tmp_path, emoji)
    contents = {one.id: provider.picture(one), other.id: provider.picture(other)}
    shared = provider.folder.read(contents[ID].name)
    assert shared == provider.folder.read(contents[SER.id].name)
    provider.picture(attrs.evolve(one, emoji="🏡"))
    assert shown(tmp_path, emoji, of=other) == contents[SER.id]


def test_an_offer_names_whoever_may_cost_and_costs_what_all_may_cost(tmp_path: Path) -> None:
    """For a useless answer is paid too, and then the next source is asked."""
    first, second = paid("one", junk=frozenset({ID})), paid("two")
    provider = pictures(tmp_path, first, second, stand_in())
    assert provider.offer(CASA) == Offer("one or two", 2 * CENT)
    provider.picture(CASA)
    assert first.paid + second.paid == 2 * CENT
    assert pictures(tmp_path, drawn(knows=frozenset())).offer(CASA) == Offer("nobody")
    free_first = pictures(tmp_path / "b", Toy("openverse"), paid(), stand_in())
    assert free_first.offer(CASA) == Offer("openverse or openai", CENT)


def test_sources_are_told_apart_by_name(tmp_path: Path) -> None:
    """And there is at least one."""
    with pytest.raises(ValueError, match="at least one source"):
        Pictures(tmp_path)
    with pytest.raises(ValueError, match="more than one source is called 'openai'"):
        Pictures(tmp_path, paid(), drawn("openai"))


def test_a_folder_that_cannot_be_used_costs_nothing(tmp_path: Path) -> None:
    """It stops the run before anybody is asked."""
    (tmp_path / "x").write_bytes(b"")
    first = paid()
    with pytest.raises(Denied):
        pictures(tmp_path / "x" / "media", first, stand_in()).picture(CASA)
    assert first.history == []


def test_a_folder_that_may_not_be_written_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be read, and still nobody is asked; what lies there is shown."""
    first = paid()
    file = pictures(tmp_path, first).picture(CASA)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert shown(tmp_path, first) == file
    with pytest.raises(Denied, match="no folder that can be written to"):
        pictures(tmp_path, first).picture(SER)
    assert first.history == [(ID, 0)]


def test_a_full_disk_is_no_reason_to_ask_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops the run: what comes next would be paid for and lost."""

    def full(*_: object) -> None:
        raise Unavailable("no space left", "free some space")

    monkeypatch.setattr("stages.providers.media_folder.write_whole", full)
    first, second = paid("one"), paid("two")
    with pytest.raises(Denied, match="no space left"):
        pictures(tmp_path, first, second).picture(CASA)
    assert second.history == []


def test_a_provider_travels(tmp_path: Path) -> None:
    """To the processes of a pool, if its sources do."""
    provider = Pictures(tmp_path, paid())
    file = provider.picture(CASA)
    assert pickle.loads(pickle.dumps(provider)).existing([CASA]) == {ID: file}


WORDS = st.sampled_from(
    (
        *AWKWARD,
        *("CON", "nul", "aux", "Aux", "com1", "café", "cafe\u0301", "CAFÉ", "🏠", "a" * 300),
        *("x.", "x ", "..", "x/y", "x\\y", "C:x", "made.jsonl", "backup"),
    )
) | st.text(max_size=8)
SENSES = st.sampled_from(("home", "be", "con", "a" * 300, "🏠", "Home"))


@st.composite
def decks(draw: st.DrawFn) -> tuple[Card, ...]:
    """Give cards of any words, some of which share one, each with an id of its own."""
    spoken = st.sampled_from(("[ˈka.sa]", "[ˈko.sa]"))
    prompts = st.sampled_from(("", "p", "q"))
    words = st.sampled_from(draw(st.lists(WORDS, min_size=1, max_size=3)))
    made = draw(st.lists(st.tuples(words, SENSES, prompts, spoken), max_size=6))
    cards = (
        card(word, sense, prompt=prompt, ipa=ipa, example="") for word, sense, prompt, ipa in made
    )
    return tuple({one.id: one for one in cards}.values())


SOURCES: dict[str, Callable[[Kind], Toy]] = {
    "mine": lambda kind: Toy(
        "mine", kind=kind, grade=Grade.OWN, local=True, knows=frozenset({"casa_home", "casa"})
    ),
    "drawn": lambda kind: Toy(
        "drawn", kind=kind, local=True, knows=frozenset({"con_home", "con", "ser_be"})
    ),
    "paid": lambda kind: Toy(
        "paid",
        kind=kind,
        cost=CENT,
        several=2,
        junk=frozenset({"con", "con_con", "niño", "niño_home"}),
        errors={"casa_be": Refused("no"), "ser": NotFound("no"), "": Rejected("no")},
    ),
    "other style": lambda kind: Toy("paid", kind=kind, cost=2 * CENT, style="other"),
    "dear": lambda kind: Toy("dear", kind=kind, cost=3 * CENT),
    "stand-in": lambda kind: Toy("stand-in", kind=kind, grade=Grade.STAND_IN, local=True),
}
CHAINS = st.lists(st.sampled_from(sorted(SOURCES)), max_size=4, unique=True).map(
    lambda names: [
        *(
            name
            for name in names
            if name != "stand-in" and not (name == "paid" and "other style" in names)
        ),
        "stand-in",
    ]
)


@attrs.define
class Deck:
    """A folder with the sources of one run."""

    path: Path
    chain: list[str]
    history: list[Toy] = attrs.field(factory=list)

    def bound(self) -> dict[str, Any]:
        """Give fresh providers, as a new run has them."""
        pictured = [SOURCES[name]("picture") for name in self.chain]
        spoken = [SOURCES[name]("sound") for name in self.chain]
        self.history += pictured + spoken
        return {
            "image_provider": Pictures(self.path, *pictured, now=now),
            "audio_provider": Sounds(self.path, *spoken, now=now),
        }

    def plan(self, cards: tuple[Card, ...]) -> MediaPlan:
        """Plan, which asks nobody."""
        asked = self.asked
        plan = plan_media(**self.bound())(Context.of(cards=cards)).unwrap()[MEDIA_PLAN]
        assert self.asked == asked
        return plan

    def make(self, cards: tuple[Card, ...], **settings: Any) -> Context:
        """Make all that is missing."""
        stage = generate_media(**self.bound(), max_new=1000, **settings)
        return stage(Context.of(cards=cards)).unwrap()

    @property
    def asked(self) -> int:
        """How often any source was asked."""
        return sum(len(source.history) for source in self.history)

    @property
    def paid(self) -> Decimal:
        """What all of them were paid."""
        return sum((source.paid for source in self.history), Decimal(0))


def files_of(context: Context) -> dict[str, MediaFile]:
    """Give all files by what they are for."""
    return {
        **{f"picture {of}": file for of, file in context[IMAGES].items()},
        **{f"sound {of}": file for of, file in context[SOUNDS].items()},
    }


@settings(max_examples=60)
@given(st.data())
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """
    Whatever earlier runs with whatever sources left there, and whatever was deleted, torn or wanted
    anew since: after it no source is asked; it costs no more than was planned; names are safe, and
    equal ones are equal bytes.
    """
    path = tmp_path_factory.mktemp("media")
    for _ in range(data.draw(st.integers(0, 2))):
        earlier = Deck(path, data.draw(CHAINS))
        cards = data.draw(decks())
        earlier.make(cards)
        hurt(path, earlier, cards, data)
    deck, cards = Deck(path, data.draw(CHAINS)), data.draw(decks())
    plan = deck.plan(cards)
    made = deck.make(cards)
    assert deck.paid <= plan.cost
    files = files_of(made)
    assert set(made[IMAGES]) == {one.id for one in cards}
    assert set(made[SOUNDS]) == {one.word for one in cards}

    after = deck.plan(cards)
    assert not after
    asked = deck.asked
    again = files_of(deck.make(cards))
    assert deck.asked == asked
    assert {of: attrs.evolve(file, outdated=False) for of, file in again.items()} == {
        of: attrs.evolve(file, reasons=(), outdated=False) for of, file in files.items()
    }
    names = [name for file in files.values() for name in file.names]
    for name in names:
        assert is_media_name(name)
        assert content_matches(name, (path / name).read_bytes())
        assert name.partition(".")[0].isascii()
    assert len({name.casefold() for name in names}) == len(set(names))


def hurt(path: Path, deck: Deck, cards: tuple[Card, ...], data: st.DataObject) -> None:
    """Do what people do to a folder."""
    maybe = st.booleans()
    providers = deck.bound()
    if bool(cards) and data.draw(maybe):
        for provider in providers.values():
            provider.discard(cards[:2])
    if bool(cards) and data.draw(maybe):
        provider = providers["image_provider"]
        found = provider.candidates(cards[0])
        if found:
            provider.choose(cards[0], found[-1].file.name)
    for file in sorted(path.glob("*-*"))[: data.draw(st.integers(0, 2))]:
        file.unlink()
    if data.draw(maybe):
        shutil.rmtree(path / "backup", ignore_errors=True)
    log = path / "made.jsonl"
    if log.exists() and data.draw(maybe):
        lines = log.read_bytes().splitlines(keepends=True)
        del lines[0]
        log.write_bytes(b"".join(lines)[: data.draw(st.integers(-40, -1))] or b"{")


@settings(max_examples=40)
@given(decks(), CHAINS, st.randoms())
def test_the_order_of_cards_and_the_mapper_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, cards: tuple[Card, ...], chain: list[str], random: Any
) -> None:
    """Nor do they change what is paid."""
    shuffled = list(cards)
    random.shuffle(shuffled)
    outcomes = []
    for order, more in ((cards, {}), (tuple(shuffled), {"mapper": threads(4)})):
        deck = Deck(tmp_path_factory.mktemp("media"), chain)
        outcomes.append((files_of(deck.make(order, **more)), deck.paid))
    assert outcomes[0] == outcomes[1]


def test_two_words_share_a_file_only_if_they_share_its_content(tmp_path: Path) -> None:
    """Words that a careless system takes for one are two: composed and decomposed, small and large."""
    words = ("niño", "nin\u0303o", "Niño", "con", "CON", "con.", "con ", "🏠")
    sounds = Sounds(tmp_path, Toy(kind="sound"))
    names = {sounds.sound(card(word)).name for word in words}
    assert len({name.casefold() for name in names}) == len(words)


def test_names_in_the_record_lead_nowhere(tmp_path: Path) -> None:
    """Whoever can write into it moves no file outside, and overwrites none."""
    media, outside = tmp_path / "media", tmp_path / "x-0123456789abcdef.png"
    outside.write_bytes(b"mine")
    first = paid()
    pictures(media, first).picture(CASA)
    log = media / "made.jsonl"
    name = shown(media, first).name  # type: ignore[union-attr]
    for evil in (f"../{outside.name}", str(outside), "made.jsonl", "..", "backup"):
        log.write_text(log.read_text().replace(f'"{name}"', f'"{evil}"'))
        provider = pictures(media, first)
        assert provider.existing([CASA]) == {}
        assert provider.candidates(CASA) == ()
        provider.discard([CASA])
        with pytest.raises(NotFound):
            provider.choose(CASA, evil)
        name = provider.picture(CASA).name
        assert outside.read_bytes() == b"mine"


@attrs.define
class Monthly(Toy):
    """A source that is asked again each month."""

    month: str = "2026-03"

    def request(self, card: Card) -> dict[str, str]:
        """Give what decides what comes out, and when it is asked."""
        return {"of": self.of(card), "asked": self.month}


def test_what_was_found_is_as_good_another_month(tmp_path: Path) -> None:
    """When somebody was asked does not make it outdated."""
    file = pictures(tmp_path, Monthly()).picture(CASA)
    assert shown(tmp_path, Monthly(month="2026-04")) == file


def test_what_was_not_found_is_asked_for_another_month(tmp_path: Path) -> None:
    """And not within the same one."""
    nothing = Monthly(errors={"*": NotFound("nobody has it")})
    pictures(tmp_path, nothing, stand_in()).picture(CASA)
    assert shown(tmp_path, Monthly(), stand_in())
    assert not shown(tmp_path, Monthly(month="2026-04"), stand_in())


def test_of_two_who_ask_nobody_the_first_takes_over_when_it_can(tmp_path: Path) -> None:
    """A word that the better voice could not speak is its own once its IPA was mended."""
    hoarse = stand_in(errors={ID: Rejected("it cannot")})
    robot = attrs.evolve(stand_in(), name="robot")
    assert pictures(tmp_path, hoarse, robot).picture(CASA).provider == "robot"
    assert shown(tmp_path, stand_in(), robot)
    assert not shown(tmp_path, stand_in(), robot, of=attrs.evolve(CASA, prompt="mended"))
    assert shown(tmp_path, robot, of=CASA)


def test_what_making_anew_would_cost_is_known_before_anything_is_discarded(tmp_path: Path) -> None:
    """Nothing is written down for it."""
    pictures(tmp_path, paid()).picture(CASA)
    assert pictures(tmp_path, paid()).offer(CASA, anew=True) == Offer("openai", CENT)
    assert pictures(tmp_path, paid()).offer(SER, anew=True) == Offer("openai", CENT)
    assert shown(tmp_path, paid())


@pytest.mark.parametrize(("kind", "module"), [("picture", "PIL.Image"), ("sound", "soundfile")])
def test_nobody_is_paid_for_what_cannot_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, module: str
) -> None:
    """A library that is missing is noticed first."""
    source = paid(kind=kind)
    provider = (Pictures if kind == "picture" else Sounds)(tmp_path, source)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Misconfigured, match="cannot be loaded"):
        provider._make(CASA)
    assert source.paid == 0
