"""`stages media`: planned before it is paid, made once, made anew on request, chosen by a person."""

import json
import os
import re
import shlex
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.cli import making
from stages.providers.errors import Misconfigured
from stages.providers.media_folder import MediaFolder
from stages.providers.source import Grade, Source
from stages.testing.loopback import Fault
from stages.testing.loopback.libraries import ForvoService, recording
from stages.testing.loopback.painters import IMAGES, openai_images, painted
from stages.testing.loopback.services import ServicesLoopback
from tests.cli.playing import (
    ENTRY,
    Person,
    commands_in,
    everything,
    fill_in,
    next_in,
    person_in,
    staged,
    started,
)
from tests.providers.sources import Toy, wav

DECK = ("perro", "casa", "gato")
"""Three words with four meanings."""

PAID = ("--pictures", "openai")


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let toys draw and speak, since real ones take their time; nobody else has a key."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    drawn = Toy("placeholder", grade=Grade.STAND_IN, local=True)
    spoken = Toy("kokoro", "sound", grade=Grade.STAND_IN, local=True)
    monkeypatch.setattr(making, "_drawn", lambda: (drawn,))
    monkeypatch.setattr(making, "_spoken", lambda _: (spoken,))


@pytest.fixture
def person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    """A person who types in an empty folder."""
    return person_in(tmp_path, monkeypatch, capsys)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[ServicesLoopback]:
    """OpenAI, for which the person has a key."""
    with media() as server:
        knows(monkeypatch, server)
        yield server


def media(latency: float = 0.0) -> ServicesLoopback:
    """Give OpenAI on a loopback."""
    return ServicesLoopback({"/openai": openai_images()}, latency=latency)


def knows(monkeypatch: pytest.MonkeyPatch, server: ServicesLoopback) -> None:
    """Let the person's shell know where the painters are."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/openai/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-loopback")


def asked(server: ServicesLoopback) -> int:
    """Give how many pictures were asked for."""
    return server.counts.get(IMAGES, 0)


def priced(text: str) -> str:
    """Give a text with $1 in the place of every price: those change."""
    return re.sub(r"\$[\d.]*\d", "$1", text)


def shown(folder: Path, card: str) -> str:
    """Name the picture that a card has."""
    return MediaFolder(folder / ".stages" / "media").latest("picture")["es-419", card].file.name


def test_every_shown_command_leads_to_the_next_until_the_deck_is_there(
    person: Person, services: ServicesLoopback
) -> None:
    """Plan, make, build: each is typed as it was shown, and each picture is paid for once."""
    planned = person("media", "plan", *DECK, *PAID)
    made = person(*next_in(planned.out))
    built = person(*next_in(made.out))
    again = person("media", "plan", *DECK, *PAID)

    assert [planned.code, made.code, built.code, again.code] == [0] * 4
    assert priced(planned.out).splitlines()[:5] == [
        "0 pictures there, 4 to make, at most $1",
        "  openai, 4 for at most $1: casa_home, gato_car_jack, gato_cat, perro_dog",
        "0 sounds there, 3 to make",
        "  kokoro, 3: casa, gato, perro",
        "",
    ]
    assert planned.err == ""
    assert priced(made.err).splitlines() == [
        "asking openai for 4 pictures: at most $1",
        "4 pictures came for $1",
    ]
    assert made.out.startswith("4 pictures made\n3 sounds made\n\nNext: stages build ")
    assert built.err == ""
    assert "  4 pictures, 3 sounds\n" in built.out
    assert again.out.startswith("4 pictures there, 0 to make\n3 sounds there, 0 to make\n")
    assert next_in(again.out)[0] == "build"
    assert asked(services) == 4


def test_a_plan_asks_nobody_writes_nothing_and_takes_no_key(person: Person, tmp_path: Path) -> None:
    """So does a dry run of the others."""
    told = person("media", "plan", *DECK, *PAID)
    dry = person("media", "make", *DECK, *PAID, "--dry-run")
    forced = person("media", "force", "casa_home", *PAID, "--dry-run")
    built = person("build", *DECK, *PAID, "--dry-run")

    assert [told.code, dry.code, forced.code, built.code] == [0] * 4
    assert told.out.startswith(dry.out)
    assert "generate_images: would make 4, about $1; 0 are there" in priced(built.out)
    assert list(tmp_path.iterdir()) == []


def test_a_long_plan_fits_a_screen_and_can_be_told_whole(person: Person) -> None:
    """A dozen names at most stand in it; all of them with --all, and as JSON."""
    short = person("media", "plan", *PAID)
    whole = person("media", "plan", *PAID, "--all")
    plain = person("media", "plan", *PAID, "--json")

    assert short.code == whole.code == plain.code == 0
    assert len(short.out.splitlines()) <= 16
    assert max(map(len, short.out.splitlines())) <= 80
    assert re.search(r"banco_bench, and \d+ more\n", short.out)
    assert "more" not in whole.out.partition("\n\n")[0]
    plan = json.loads(plain.out)
    assert plan["pictures"]["new"]["casa_home"]["provider"] == "openai"
    assert plan["sounds"]["new"]["casa"] == {"provider": "kokoro", "cost": "0"}
    assert all(name in whole.out for name in plan["pictures"]["new"])


@pytest.mark.parametrize("command", [("media", "make"), ("build",)])
def test_over_the_cap_nothing_is_spent_and_the_hint_goes_on(
    person: Person, services: ServicesLoopback, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Neither picture nor deck is made; with the shown number all is done."""
    dear = person(*command, *DECK, *PAID, "--max-new", "3")
    left = list(tmp_path.rglob("*"))
    option = shlex.split(dear.err.partition("allow them: ")[2].partition(";")[0])
    told = person(*command, *DECK, *PAID, *option)

    assert dear.code == 1
    assert dear.out == ""
    assert priced(dear.err) == (
        "Error: 4 pictures would cost at most $1, and --max-new is 3"
        " (allow them: --max-new 4; or see them first: --dry-run)\n"
    )
    assert left == []
    assert told.code == 0
    assert asked(services) == 4


def test_a_plan_over_the_cap_says_how_to_go_on(person: Person, services: ServicesLoopback) -> None:
    """The next command allows what it shows."""
    planned = person("media", "plan", *DECK, *PAID, "--max-new", "2")

    told = person(*next_in(planned.out))

    assert "4 of a kind cost, and one run makes 2: --max-new 4 allows them." in planned.out
    assert told.code == 0
    assert asked(services) == 4


def test_what_costs_nothing_has_no_cap(person: Person) -> None:
    """Who names nobody needs no number."""
    told = person("media", "make", *DECK, "--max-new", "0")

    assert told.code == 0
    assert told.out.startswith("4 pictures made\n3 sounds made\n")
    assert told.err == ""


def test_an_old_deck_stays_where_a_new_one_would_cost_too_much(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """It does not lose the placeholders that it has."""
    person("build", *DECK)
    before = everything(tmp_path)

    told = person("build", *DECK, *PAID, "--max-new", "0")

    assert told.code == 1
    assert everything(tmp_path) == before
    assert asked(services) == 0


def test_without_a_key_nothing_is_begun(person: Person, tmp_path: Path) -> None:
    """One line that names the variable."""
    for command in (("media", "make"), ("build",)):
        told = person(*command, *DECK, *PAID)

        assert told.code == 1
        assert told.err == (
            "Error: there is no key for OpenAI: OPENAI_API_KEY is not set (export OPENAI_API_KEY=…)\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_not_taken_stops_the_run_and_says_what_was_not_tried(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sounds are made all the same; the key stands nowhere, and the shown command goes on."""
    with ServicesLoopback({"/openai": openai_images(key="sk-good")}) as server:
        knows(monkeypatch, server)
        told = person("media", "make", *DECK, *PAID)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-good")
        rest = person(*commands_in(told.out)[0])

    assert told.code == 1
    assert re.match(r"0 pictures made, 4 not made\n3 sounds made\n", told.out)
    assert "images[" in told.out
    assert "sk-loopback" not in told.out + told.err
    assert rest.code == 0
    assert rest.out.startswith("4 pictures made\n0 sounds made, 3 there before\n")


def test_one_that_fails_for_now_gets_a_stand_in_and_its_picture_later(
    person: Person, services: ServicesLoopback
) -> None:
    """The reason is told, with the card; the next run asks again for it alone."""
    refusing = {"x-should-retry": "false"}
    services.fail_next(Fault(500, "a bad moment", headers=refusing), on=IMAGES)

    told = person("media", "make", *DECK, *PAID)
    again = person("media", "make", *DECK, *PAID)

    assert told.code == 0
    assert re.search(r"warning: images\[\w+\]: openai: .*a bad moment", told.out)
    assert again.out.startswith("1 picture made, 3 there before\n")
    assert asked(services) == 5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--pictures", "openal"), 'Choose from: "openai", "runware", "openverse", "commons"'),
        (("--sounds", "forvoo"), 'Choose from: "forvo"'),
        (("--quality", "fine", *PAID), 'Choose from: "low", "medium", "high"'),
        (("--max-new", "-1"), "Must be >= 0"),
        (("--candidates", "11", *PAID), "Must be <= 10"),
        (("--style", "pencil"), "--style pencil is for pictures that are asked for"),
        (("--recordings", "2"), "--recordings 2 is for forvo, and none is asked"),
        (("--contact", "a@b.example", *PAID), "is for commons, and none is asked"),
    ],
)
def test_a_slip_is_answered_with_what_can_be(
    person: Person, typed: tuple[str, ...], said: str
) -> None:
    """Exit code 2, for every command that takes the option."""
    for command in (("build", "casa"), ("media", "plan", "casa"), ("media", "force", "casa_home")):
        told = person(*command, *typed)

        assert told.code == 2
        assert said in " ".join(told.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--pictures", "commons"), "give --contact with one"),
        (("--sounds", "forvo"), "give --forvo-agreed if you agree"),
        (("--sounds", "forvo", "--forvo-agreed"), "export FORVO_API_KEY=…"),
        (("--pictures", "runware"), "export RUNWARE_API_KEY=…"),
        (("--pictures", "runware", "--size", "big"), "give one like 1024x1024"),
        (("--own", "gone"), "there is no folder 'gone'"),
    ],
)
def test_who_cannot_be_asked_says_what_is_missing(
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    typed: tuple[str, ...],
    said: str,
) -> None:
    """In options of the command line; nothing is made."""
    monkeypatch.delenv("FORVO_API_KEY", raising=False)
    monkeypatch.delenv("RUNWARE_API_KEY", raising=False)

    told = person("media", "make", "casa", *typed)

    assert told.code == 1
    assert said in told.err
    assert told.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_who_is_asked_is_asked_in_order(person: Person, tmp_path: Path) -> None:
    """Own files first, then those that were named as they were named, then what is offline."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "casa.png").write_bytes(painted("mine"))

    told = person(
        *(
            "media",
            "plan",
            *DECK,
            "--own",
            "mine",
            "--pictures",
            "openverse",
            "--pictures",
            "openai",
        )
    )

    assert priced(told.out).splitlines()[1:3] == [
        "  openverse or openai, 3 for at most $1: gato_car_jack, gato_cat, perro_dog",
        "  own or openai, 1 for at most $1: casa_home",
    ]
    assert shlex.join(next_in(told.out)).endswith(
        "--pictures openverse --pictures openai --own mine perro casa gato"
    )


def test_a_picture_is_made_anew_and_the_old_one_kept(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """Only it: nothing else is asked for; what it was lies in a backup."""
    person("media", "make", *DECK, *PAID)
    before = everything(tmp_path / ".stages" / "media")
    old = shown(tmp_path, "casa_home")

    told = person("media", "force", "casa_home", *PAID, "--style", "pencil")

    assert told.code == 0
    assert priced(told.out) == (
        "Making anew:\n  openai, 1 for at most $1: casa_home\n"
        "1 picture made\n\nNext: build the deck again.\n"
    )
    assert shown(tmp_path, "casa_home") != old
    (kept,) = (tmp_path / ".stages" / "media" / "backup").glob(f"*/{old}")
    after = everything(tmp_path / ".stages" / "media")
    assert {name for name in before if after.get(name) != before[name]} >= {old}
    assert all(after[name] == before[name] for name in before if name.endswith(".mp3"))
    assert kept.read_bytes() == before[old][2]
    assert asked(services) == 5


@pytest.mark.usefixtures("services")
def test_what_nobody_makes_anew_is_not_discarded(person: Person, tmp_path: Path) -> None:
    """Only placeholders are left for who names nobody: the picture that was paid for stays."""
    person("media", "make", *DECK, *PAID)
    before = everything(tmp_path)

    told = person("media", "force", "casa_home")

    assert told.code == 1
    assert told.err == (
        "Error: nobody who is asked makes casa_home anew"
        " (it is by openai: name who is to be asked)\n"
    )
    assert everything(tmp_path) == before


@pytest.mark.usefixtures("services")
def test_who_is_asked_instead_is_said(person: Person, tmp_path: Path) -> None:
    """Whoever forgot to name the painter sees it, and can have the old picture back."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "casa.png").write_bytes(painted("mine"))
    person("media", "make", *DECK, *PAID)

    told = person("media", "force", "casa_home", "--own", "mine", "--dry-run")

    assert "  own, 1: casa_home\n" in told.out
    assert "  by openai so far, which is not asked: casa_home\n" in told.out


def test_a_sentence_is_spoken_anew(person: Person) -> None:
    """It is named as it is."""
    planned = json.loads(person("media", "plan", "casa", "--examples", "--json").out)
    (sentence,) = planned["sounds"]["new"].keys() - {"casa"}
    person("media", "make", "casa", "--examples")

    told = person("media", "force", sentence, "--examples")

    assert told.code == 0
    assert "1 sound made\n" in told.out


def test_a_word_stands_for_its_sound(person: Person, tmp_path: Path) -> None:
    """An id for a picture, a word for a sound: no more is made anew than what was named."""
    person("media", "make", *DECK)
    pictures = {card: shown(tmp_path, card) for card in ("gato_cat", "gato_car_jack")}

    told = person("media", "force", "gato", "casa_home")

    assert told.code == 0
    assert "  kokoro, 1: gato\n" in told.out
    assert "1 picture made\n1 sound made\n" in told.out
    assert pictures == {card: shown(tmp_path, card) for card in pictures}


def test_over_the_cap_nothing_is_discarded(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """The estimate is that of new pictures, not of those that were answered before."""
    person("media", "make", *DECK, *PAID)
    before = everything(tmp_path)

    told = person("media", "force", "casa_home", "perro_dog", *PAID, "--max-new", "1")

    assert told.code == 1
    assert "2 pictures would cost at most $1, and --max-new is 1" in priced(told.err)
    assert everything(tmp_path) == before
    assert asked(services) == 4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("casa_hom", "no card or word is called 'casa_hom' (did you mean 'casa_home'?)"),
        ("cassa", "no card or word is called 'cassa' (did you mean 'casa'?)"),
        ("zzz_nothing", "no card or word is called 'zzz_nothing' (see stages media plan)"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    person: Person, tmp_path: Path, name: str, said: str
) -> None:
    """Nothing is discarded, also of what is known."""
    person("media", "make", *DECK)
    before = everything(tmp_path)

    told = person("media", "force", "perro_dog", name)

    assert told.code == 1
    assert told.err == f"Error: {said}\n"
    assert everything(tmp_path) == before


def test_a_card_of_a_batch_is_found_in_it(person: Person, tmp_path: Path) -> None:
    """Without the batch it is said what is missing."""
    person("build", "flaquear")
    batch = staged(tmp_path)
    fill_in(batch, ENTRY)
    person("media", "make", "--from-batch", batch.name)

    without = person("media", "force", "flaquear_weaken")
    told = person("media", "force", "flaquear_weaken", "--from-batch", batch.name)

    assert without.code == 1
    assert "flaquear_weaken has media, but nothing that was given has its card" in without.err
    assert told.code == 0
    assert "1 picture made\n" in told.out


def test_nothing_named_is_nothing_made_anew(person: Person) -> None:
    """Who names nothing does not want everything."""
    told = person("media", "force")

    assert told.code == 1
    assert "nothing was named" in told.err


def test_another_style_is_noticed_and_remade_as_shown(
    person: Person, services: ServicesLoopback
) -> None:
    """What is outdated stays through plan, make and build, until the shown command."""
    person("media", "make", *DECK, *PAID)
    pencil = (*PAID, "--style", "a pencil drawing")
    planned = person("media", "plan", *DECK, *pencil)
    built = person("build", *DECK, *pencil)
    paid = asked(services)

    told = person(*commands_in(planned.out)[0])
    later = person("media", "plan", *DECK, *pencil)

    assert "outdated, 4 made of another prompt, style or size: casa_home" in planned.out
    assert "4 made of another prompt, style or size, which stay: perro_dog" in built.out
    assert paid == 4
    assert told.code == 0
    assert asked(services) == 8
    assert "outdated" not in later.out


def test_all_that_is_outdated_is_made_anew_at_once(
    person: Person, services: ServicesLoopback
) -> None:
    """With make, for which a deck of any size is one line; the cap is respected first."""
    person("media", "make", *DECK, *PAID)
    pencil = (*PAID, "--style", "a pencil drawing", "--outdated")

    dear = person("media", "make", *DECK, *pencil, "--max-new", "3")
    told = person("media", "make", *DECK, *pencil)
    again = person("media", "make", *DECK, *pencil)

    assert "4 pictures would cost at most $1, and --max-new is 3" in priced(dear.err)
    assert told.out.startswith("4 pictures made\n0 sounds made, 3 there before\n")
    assert again.out.startswith("0 pictures made, 4 there before\n")
    assert asked(services) == 8


def test_what_is_outdated_by_the_dozen_takes_one_short_command(
    person: Person, services: ServicesLoopback
) -> None:
    """It allows as many as it makes anew, and names the words and not the cards."""
    words = ("banco", "cabo", "gato", "casa", "perro", "agua", "correr", "mano")
    person("media", "make", *words, *PAID, "--max-new", "40")
    paid = asked(services)
    planned = person("media", "plan", *words, *PAID, "--style", "pencil")

    told = person(*commands_in(planned.out)[0])

    assert paid > 12
    assert commands_in(planned.out)[0][1] == "make"
    assert told.code == 0
    assert asked(services) == 2 * paid


def test_what_cannot_be_made_anew_stays_and_the_shown_command_tries_again(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """Exit code 1, and the reason; no worse picture takes its place."""
    person("media", "make", *DECK, *PAID)
    old = shown(tmp_path, "casa_home")
    services.fail_next(Fault(500, "a bad moment", headers={"x-should-retry": "false"}), on=IMAGES)

    told = person("media", "force", "casa_home", *PAID, "--style", "pencil")
    still = shown(tmp_path, "casa_home")
    rest = person(*commands_in(told.out)[0])

    assert told.code == 1
    assert "0 pictures made, 1 not made" in told.out
    assert "a bad moment" in told.out
    assert still == old
    assert rest.code == 0
    assert shown(tmp_path, "casa_home") != old


def test_candidates_are_listed_and_a_choice_outlasts_later_runs(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """Numbers, makers, files and a page; the choice stays through make and build, in any style."""
    person("media", "make", *DECK, *PAID, "--candidates", "3")
    before = shown(tmp_path, "casa_home")
    listed = person("media", "choose", "casa_home")
    page = (tmp_path / ".stages/media/choose-casa_home.html").read_text("utf-8")
    files = re.findall(r"^      (.*)$", listed.out, re.MULTILINE)

    told = person("media", "choose", "casa_home", "3")
    person("media", "make", *DECK, *PAID)
    built = person("build", *DECK, *PAID, "--style", "pencil")

    assert listed.code == told.code == built.code == 0
    assert "casa_home has 3 pictures to choose from:\n" in listed.out
    assert listed.out.count("shown now") == 1
    assert all((tmp_path / file).is_file() and Path(file).name in page for file in files)
    assert Path(files[2]).name != before
    assert shown(tmp_path, "casa_home") == Path(files[2]).name
    assert max(map(len, listed.out.splitlines())) <= 80
    assert asked(services) == 4


def test_a_choice_brings_back_what_was_made_anew(
    person: Person, services: ServicesLoopback, tmp_path: Path
) -> None:
    """Out of the backup, by number or by file name; nobody is asked for it."""
    person("media", "make", "casa", *PAID)
    old = shown(tmp_path, "casa_home")
    person("media", "force", "casa_home", *PAID, "--style", "pencil")
    listed = person("media", "choose", "casa_home")

    told = person("media", "choose", "casa_home", old)

    assert ".stages/media/backup/" in listed.out
    assert told.code == 0
    assert shown(tmp_path, "casa_home") == old
    assert (tmp_path / ".stages" / "media" / old).is_file()
    assert asked(services) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("casa_home", "7"), "there is no 7 to choose from for casa_home (there is 1 alone)"),
        (("casa_home", "0"), "there is no 0 to choose from"),
        (("casa_hom",), "has nothing for 'casa_hom' (did you mean 'casa_home'?)"),
        (("zzz",), "has nothing for 'zzz' (see stages media plan)"),
    ],
)
def test_what_is_no_candidate_is_told(
    person: Person, tmp_path: Path, typed: tuple[str, ...], said: str
) -> None:
    """And nothing changes."""
    person("media", "make", "casa")
    before = everything(tmp_path)

    told = person("media", "choose", *typed)

    assert told.code == 1
    assert said in told.err
    assert everything(tmp_path) == before


def test_a_sound_is_chosen_by_its_word(person: Person, tmp_path: Path) -> None:
    """The page plays it."""
    person("media", "make", "casa")

    told = person("media", "choose", "casa")

    assert told.code == 0
    assert "casa has 1 sound to choose from:\n" in told.out
    assert "<audio" in (tmp_path / ".stages/media/choose-casa.html").read_text("utf-8")


def test_examples_are_spoken_on_request(person: Person) -> None:
    """Each is a sound of its own; a sentence is shown as one."""
    told = person("media", "plan", "casa", "--examples")

    assert "0 sounds there, 2 to make\n" in told.out
    assert re.search(r'  kokoro, 2: ("[^"]+", casa|casa, "[^"]+")\n', told.out)
    assert "--examples" in next_in(told.out)


def test_words_that_no_lexicon_knows_are_named(person: Person, tmp_path: Path) -> None:
    """They are no failure where there are others; nothing is staged for them."""
    some = person("media", "plan", "casa", "flaquear")
    none = person("media", "plan", "flaquear")

    assert some.code == 0
    assert "no meanings known of 1: flaquear\n" in some.out
    assert none.code == 1
    assert none.err.startswith("Nothing was planned: ")
    assert "no meanings known of 1: flaquear\n" in none.err
    assert list(tmp_path.iterdir()) == []


def test_where_nobody_can_make_a_kind_that_is_said(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not installed is no part of the plan, but of what is missing."""
    monkeypatch.setattr(making, "_drawn", _no_pillow)
    monkeypatch.setattr(making, "_spoken", _no_pillow)

    told = person("media", "plan", "casa")

    assert told.code == 0
    assert told.out.startswith("\nMissing or doubtful:\n  no pictures: Pillow is missing (pip")
    assert "  no audio: Pillow is missing" in told.out


def test_the_cost_is_said_before_anything_is_asked(
    person: Person, services: ServicesLoopback
) -> None:
    """Also in build, and also where the first request fails."""
    services.fail_next(*[Fault(401, "no")] * 4, on=IMAGES)

    told = person("build", *DECK, *PAID)

    assert priced(told.err).splitlines()[0] == "asking openai for 4 pictures: at most $1"
    assert "came for" not in told.err


def test_after_a_review_the_shown_command_still_asks_for_pictures(
    person: Person, services: ServicesLoopback
) -> None:
    """Whoever reads the meanings first need not type the painters again."""
    reviewed = person("build", *DECK, *PAID, "--review")

    built = person(*next_in(reviewed.out.replace("then:", "Next:", 1).partition("Next:")[2]))

    assert built.code == 0
    assert asked(services) == 4


def test_a_quota_is_kept_across_runs_and_what_waits_for_it_is_spoken_by_a_voice(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is told; recordings have their credits, and are not fetched again."""
    forvo = ForvoService(
        lambda word, _: [recording(len(word), word=word)], audio=wav, key="f", prefix="/forvo"
    )
    asking = ("--sounds", "forvo", "--forvo-agreed", "--forvo-per-day", "3")
    with ServicesLoopback({"/forvo": forvo}) as server:
        monkeypatch.setenv("FORVO_BASE_URL", f"{server.url}/forvo")
        monkeypatch.setenv("FORVO_API_KEY", "f")
        first = person("media", "make", "casa", *asking)
        second = person("media", "make", "casa", "perro", *asking)
        credits_ = person("credits")

    assert first.code == second.code == 0
    assert "warning" not in first.out
    assert re.search(r"warning: sounds\[perro\]: forvo: the 3 requests of a day are", second.out)
    assert forvo.spent == 3
    assert "(1 sound)\n" in credits_.out
    assert "speaker4" in credits_.out


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_a_killed_run_names_what_was_under_way(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By make and by build; what was answered before the kill is not asked for again."""
    with media(latency=1.0) as server:
        knows(monkeypatch, server)
        process = started(tmp_path, "media", "make", "casa", "perro", *PAID)
        _wait_for(server, 2)
        process.kill()
        process.communicate()
        told = person("build", "casa", "perro", *PAID)
        again = person("build", "casa", "perro", *PAID)

    assert told.code == 0
    assert re.match(
        "an earlier run was stopped while it asked for (casa_home, perro_dog|perro_dog, casa_home):"
        " that may be charged for as well\nasking openai for 2 pictures",
        told.err,
    )
    assert again.err == ""
    assert asked(server) == 4


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_after_ctrl_c_what_was_made_anew_is_not_paid_for_again(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command that is shown makes the rest, and no more."""
    with media() as server:
        knows(monkeypatch, server)
        person("media", "make", "casa", "perro", *PAID)
    with media(latency=1.0) as server:
        knows(monkeypatch, server)
        process = started(tmp_path, "media", "force", "casa_home", "perro_dog", *PAID)
        _wait_for(server, 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        rest = commands_in(err.decode())[0]
        told = person(*rest)

    assert process.returncode == 130
    assert "What was made is kept; to make the rest: " in err.decode()
    assert told.code == 0
    assert asked(server) == 2
    folder = MediaFolder(tmp_path / ".stages" / "media")
    assert {one.take for one in folder.latest("picture").values()} == {1}


def _no_pillow(*_: object) -> tuple[Source, ...]:
    raise Misconfigured("Pillow is missing", "pip install it")


def _wait_for(server: ServicesLoopback, requests: int) -> None:
    deadline = time.monotonic() + 60
    while asked(server) < requests:
        assert time.monotonic() < deadline
        time.sleep(0.01)
