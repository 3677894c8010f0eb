"""`stages build --claude`: what it costs is said before, and is never paid twice."""

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from stages.testing.loopback import MESSAGES, ClaudeLoopback, Fault
from tests.cli.conftest import knows
from tests.cli.playing import (
    ENTRY,
    Person,
    answer,
    commands_in,
    everything,
    fields_in,
    fill_in,
    staged,
    started,
)


def asked(claude: ClaudeLoopback) -> int:
    """Give how many words were asked for."""
    return claude.counts.get(MESSAGES, 0)


def test_the_estimate_comes_before_and_the_cost_after(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Only words that no lexicon knows are asked for; the second run asks and pays nothing."""
    first = person("build", "casa", "flaquear", "vacilar", "--claude")
    before = everything(tmp_path)
    second = person("build", "casa", "flaquear", "vacilar", "--claude")

    assert first.code == second.code == 0
    said = first.err.splitlines()
    assert said[0].startswith("asking claude-sonnet-5-5 for 2 words: about 4,")
    assert said[1].startswith("claude-sonnet-5-5 has answered for 2 words: ")
    assert re.fullmatch(r".*: [\d,]+ tokens in and [\d,]+ out, \$0\.00\d+", said[1])
    assert len(said) == 2
    assert "3 words, 5 meanings, 10 cards" in first.out
    assert second.err == ""
    assert everything(tmp_path) == before
    assert asked(claude) == 2


def test_nothing_is_sent_before_the_estimate_is_said(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Also where the key turns out to be no good: one calm error, and nothing is staged."""
    claude.fail_next(*[Fault(401, "invalid x-api-key")] * 16)

    told = person("build", "flaquear", "vacilar", "--claude")

    said = told.err.splitlines()
    assert told.code == 1
    assert said[0].startswith("asking claude-sonnet-5-5 for 2 words: about")
    assert said[1].startswith("No deck was made: stopped after 0 of 2 words.")
    assert "Claude does not take the key" in told.err
    assert len(said) <= 5
    assert not list(tmp_path.glob("*.json"))


def test_what_is_too_dear_is_not_asked(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """The hint names options of the command line, and with the shown sum it is done."""
    dear = person("build", "flaquear", "zzz", "--claude", "--max-cost", "0.001")
    sum_ = dear.err.partition("allow it: --max-cost ")[2].partition(";")[0]
    left = list(tmp_path.iterdir())

    told = person("build", "flaquear", "--claude", "--max-cost", sum_)

    assert dear.code == 1
    assert dear.err.startswith("No deck was made: 2 words to ask for, about 4,")
    assert "and --max-cost is $0.001" in dear.err
    assert "or see it first: --dry-run" in dear.err
    assert len(dear.err.splitlines()) == 2
    assert left == []
    assert told.code == 0
    assert asked(claude) == 1


@pytest.mark.parametrize("more", [(), ("--review",)])
def test_a_dry_run_says_which_words_would_cost_what(
    person: Person, claude: ClaudeLoopback, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """It asks nothing and writes nothing, and takes no key; also where no word is known yet."""
    os.environ.pop("ANTHROPIC_API_KEY")  # the fixture puts it back

    told = person("build", "casa", "flaquear", "--claude", "--dry-run", *more)
    none = person("build", "flaquear", "--claude", "--dry-run", *more)

    assert told.code == none.code == 0
    assert "would ask for 1 word, about 2,4" in told.out
    assert "\n  flaquear\n" in told.out
    assert "would ask for 1 word, about 2,4" in none.out
    assert "staged" not in told.out
    assert not list(tmp_path.iterdir())
    assert asked(claude) == 0


def test_a_plan_may_have_no_card_yet(person: Person, claude: ClaudeLoopback) -> None:
    """Where every word would be asked for, a dry run is no failure."""
    told = person("build", "flaquear", "--claude", "--dry-run")

    assert told.code == 0
    assert told.err == ""
    assert asked(claude) == 0


def test_without_a_key_no_work_is_begun(person: Person, tmp_path: Path) -> None:
    """One line that names the variable; no lexicon is read, no folder made."""
    told = person("build", "casa", "flaquear", "--claude", "--lexicon", "gone.csv")

    assert told.code == 1
    assert told.err.count("\n") == 1
    assert "ANTHROPIC_API_KEY is not set" in told.err
    assert not list(tmp_path.iterdir())


def test_without_the_library_the_command_that_installs_it_is_said(
    person: Person, claude: ClaudeLoopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named as pip wants it."""
    monkeypatch.setitem(sys.modules, "anthropic", None)

    told = person("build", "flaquear", "--claude")

    assert told.code == 1
    assert told.err.count("\n") == 1
    assert 'pip install "fluent-stages[claude]"' in told.err
    assert asked(claude) == 0


def test_options_of_claude_alone_are_a_slip(person: Person) -> None:
    """Who names a model wants it asked."""
    told = person("build", "casa", "--model", "claude-haiku-5-5", "--effort", "low")

    assert told.code == 2
    assert "--model claude-haiku-5-5 --effort low is for Claude, which is not asked" in told.err
    assert "(add --claude)" in told.err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--effort", "huge"), 'Choose from: "low", "medium", "high", "xhigh", "max"'),
        (("--max-cost", "nan"), "a sum of dollars is 0 or more"),
        (("--max-cost", "-1"), "a sum of dollars is 0 or more"),
        (("--most", "0"), "Must be >= 1"),
    ],
)
def test_a_value_that_cannot_be_is_a_slip(
    person: Person, typed: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and what can be."""
    told = person("build", "flaquear", "--claude", *typed)

    assert told.code == 2
    assert said in told.err


def test_words_that_claude_does_not_know_are_staged_and_the_shown_command_goes_on(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """It asks the same Claude in the same manner: whatever was answered is there, and is free."""
    manner = ("--model", "claude-haiku-5-5", "--effort", "low", "--native", "de", "--most", "3")
    first = person("build", "flaquear", "zzz", "malo", "--claude", *manner)
    malo = {**ENTRY, "SpanishWord": "malo", "IPA": "[ˈma.lo]"}
    fill_in(staged(tmp_path), {**ENTRY, "SpanishWord": "zzz"}, malo)
    paid = asked(claude)

    second = person(*commands_in(first.out)[0])

    assert first.code == second.code == 0
    assert "no meanings known of 2: zzz, malo" in first.out
    assert "words[malo]: Claude will not answer this: not this one" in first.out
    assert "claude-haiku-5-5 has answered for 3 words" in first.err
    assert second.err == ""
    assert asked(claude) == paid == 3
    assert list(fields_in(tmp_path / "deck.apkg")) == [
        "flaquear_first",
        "flaquear_second",
        "zzz_weaken",
        "malo_weaken",
    ]


def test_a_word_that_broke_off_is_asked_again_and_not_staged(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """What fails for the moment is no unknown word: the same command asks again."""
    claude.fail_next(Fault(500, "a bad moment", headers={"x-should-retry": "false"}))

    first = person("build", "casa", "flaquear", "--claude")
    second = person("build", "casa", "flaquear", "--claude")

    assert first.code == second.code == 0
    assert "words[flaquear]: Claude answered 500: a bad moment" in first.out
    assert "no meanings known" not in first.out
    assert not list(tmp_path.glob("batch-*"))
    assert "2 words, 3 meanings" in second.out


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_a_killed_run_names_what_was_under_way(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was answered is not asked again; of the rest it is said that it may be charged as well."""
    with ClaudeLoopback(answer, latency=0.5) as claude:
        knows(monkeypatch, claude)
        person("build", "vacilar", "--claude", "--review")
        (tmp_path / "deck-review.json").unlink()
        words = ("vacilar", "flaquear", "titubear")
        process = started(tmp_path, "build", *words, "--claude", "--review")
        _wait_for(claude, 3)
        process.kill()
        process.communicate()

        told = person("build", *words, "--claude", "--review")
        again = person("build", *words, "--claude", "--dry-run")

    assert told.code == 0
    assert told.err.splitlines()[0] == (
        "an earlier run was stopped while it asked for flaquear, titubear:"
        " that may be charged for as well"
    )
    assert told.err.splitlines()[1].startswith("asking claude-sonnet-5-5 for 2 words")
    assert "earlier run" not in told.out
    assert again.err == ""
    assert asked(claude) == 5


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_ctrl_c_waits_for_the_answers_that_are_under_way(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are paid for, so they are kept; nothing more is asked, and the program says so."""
    with ClaudeLoopback(answer, latency=0.5) as claude:
        knows(monkeypatch, claude)
        words = ("flaquear", "titubear")
        process = started(tmp_path, "build", *words, "--claude", "--review")
        _wait_for(claude, 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        told = person("build", *words, "--claude", "--review")

    assert process.returncode == 130
    assert err.decode().splitlines()[1:] == [
        "Stopped. What was made is kept, and the same command goes on from there.",
        "Answers that are under way are waited for; Ctrl-C again leaves them.",
    ]
    assert told.code == 0
    assert told.err == ""
    assert asked(claude) == 2


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_a_second_ctrl_c_ends_at_once(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a traceback; the next run names what was left."""
    del person  # it only sees to the environment
    with ClaudeLoopback(answer, latency=30) as claude:
        knows(monkeypatch, claude)
        process = started(tmp_path, "build", "flaquear", "--claude", "--review")
        _wait_for(claude, 1)
        process.send_signal(signal.SIGINT)
        while process.stderr and b"Ctrl-C again" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert process.returncode == -signal.SIGINT
    assert err == b""


def _wait_for(claude: ClaudeLoopback, requests: int) -> None:
    deadline = time.monotonic() + 30
    while asked(claude) < requests:
        assert time.monotonic() < deadline
        time.sleep(0.01)
