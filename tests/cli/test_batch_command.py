"""`stages batch`: from words to a vocabulary, with Claude or by hand."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.testing.loopback import BATCHES, BatchOutcome, ClaudeLoopback, Fault, billing
from tests.cli.conftest import knows
from tests.cli.playing import (
    ENTRY,
    Person,
    answer,
    commands_in,
    everything,
    fill_in,
    next_in,
    staged,
    started,
)

KEPT = {"Word": "mano", "MeaningID": "hand", "MonolingualDef": "my own words"}
OLD = {
    "metadata": {"created": "2025-08-10", "total_words": 99},
    "skipped_words": ["un"],
    "words": {"mano": {"word": "mano", "processed_date": "2025-08-11", "meanings": [KEPT]}},
}
"""A vocabulary of the earlier system, with a wrong count."""


def vocabulary(folder: Path) -> dict[str, list[str]]:
    """Give the ids of the meanings by word."""
    saved = json.loads((folder / "vocabulary.json").read_text("utf-8"))
    return {
        word: [meaning["MeaningID"] for meaning in found["meanings"]]
        for word, found in saved["words"].items()
    }


def at_work(claude: ClaudeLoopback) -> int:
    """Give how many batches were made."""
    return len(claude.batches)


def test_every_shown_command_leads_to_the_next_until_the_words_are_learnt(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Prepare, submit, fetch, ingest, build: each is typed as it was shown, and is paid once."""
    (tmp_path / "queue.txt").write_text("# to do\nvacilar - to waver\ntitubear\n", "utf-8")
    prepared = person("batch", "prepare", "--queue", "queue.txt")
    file = staged(tmp_path).name

    submitted = person(*commands_in(prepared.out)[1])
    looked = person(*commands_in(submitted.out)[1])
    fetched = person(*next_in(looked.out), "--every", "0.01")
    ingested = person(*next_in(fetched.out), "--queue", "queue.txt")
    built = person(*next_in(ingested.out))

    assert [prepared.code, submitted.code, looked.code, fetched.code, ingested.code] == [0] * 5
    assert f"{file} is written: 2 words" in prepared.out
    assert "handed in 2 words as msgbatch_" in submitted.out
    assert "is in progress: 2 processing" in looked.out
    assert "fetched the answers to 2 of 2 words" in fetched.out
    assert "vocabulary.json is written: 4 meanings, 4 new." in ingested.out
    assert "queue.txt has 0 words left." in ingested.out
    assert (tmp_path / "queue.txt").read_text("utf-8") == "# to do\n"
    assert vocabulary(tmp_path) == {"vacilar": ["first", "second"], "titubear": ["first", "second"]}
    assert built.code == 0
    assert "2 words, 4 meanings" in built.out
    assert at_work(claude) == 1


def test_preparing_again_leaves_the_file_alone(person: Person, tmp_path: Path) -> None:
    """The same words, the same file: whoever fills it in loses nothing, and sees how to go on."""
    person("batch", "prepare", "flaquear", "titubear")
    fill_in(staged(tmp_path), ENTRY)
    before = everything(tmp_path)

    told = person("batch", "prepare", "flaquear", "titubear")

    assert told.code == 0
    assert "is there already, and is left as it is: 1 of 2 filled in." in told.out
    assert next_in(told.out) == ["batch", "ingest", staged(tmp_path).name]
    assert everything(tmp_path) == before


def test_the_same_words_give_the_same_file(person: Person, tmp_path: Path) -> None:
    """Name and bytes depend on the words alone, typed or in a file."""
    (tmp_path / "words.txt").write_text("flaquear\ntitubear\n", "utf-8")
    person("batch", "prepare", "flaquear", "titubear")
    first = staged(tmp_path).read_bytes()
    staged(tmp_path).unlink()

    person("batch", "prepare", "words.txt")

    assert staged(tmp_path).read_bytes() == first


def test_what_is_learnt_and_what_is_too_much_is_left_out(person: Person, tmp_path: Path) -> None:
    """Words of the vocabulary, skipped ones, and those over the limit; each group is counted."""
    (tmp_path / "vocabulary.json").write_text(json.dumps(OLD), "utf-8")
    (tmp_path / "queue.json").write_text('{"words": ["mano", "un", "ojo", "tipo"]}', "utf-8")

    told = person("batch", "prepare", "--queue", "queue.json", "--limit", "1", "--to", "b.json")
    batch = json.loads((tmp_path / "b.json").read_text("utf-8"))

    assert "Left out: 2 words that vocabulary.json has, 1 word over the limit." in told.out
    assert batch["words"] == ["ojo"]
    assert batch["ipa"] == {"ojo": "[ˈo.xo]"}
    assert "1 word, 1 with IPA" in told.out


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (("prepare",), (1, "no words were given (give words, or a queue: --queue FILE)")),
        (("prepare", "q.json"), (1, "a queue as JSON is given with --queue")),
        (("prepare", "--queue", "other.json"), (1, "other.json cannot be read: no word queue")),
        (("prepare", "casa", "--vocabulary", "gone.json"), (1, "gone.json is not there")),
        (("prepare", "casa", "--to", "other.json"), (1, "other.json cannot be read")),
        (("prepare", "casa", "--to", "batch.json"), (1, "batch.json is there already, with other")),
        (("prepare", "casa", "--limit", "0"), (2, "Must be >= 1")),
        (("ingest", "gone.json"), (1, "gone.json is not there")),
        (("ingest", "other.json"), (1, "other.json cannot be read: no staged batch")),
        (("ingest", "batch.json"), (1, "the batch is empty: nothing was filled in")),
        (("submit", "gone.json"), (1, "gone.json is not there")),
        (("status", "batch.json"), (1, "was not handed in yet (hand it in: stages batch submit")),
        (("fetch", "batch.json"), (1, "was not handed in yet (hand it in: stages batch submit")),
        (("fetch", "batch.json", "--wait"), (1, "was not handed in yet (hand it in: stages")),
        (("cancel", "batch.json"), (1, "was not handed in yet (hand it in: stages batch submit")),
        (("fetch", "batch.json", "--every", "0"), (2, "Must be > 0")),
    ],
)
def test_what_cannot_be_done_is_told_calmly(
    person: Person,
    claude: ClaudeLoopback,
    tmp_path: Path,
    typed: tuple[str, ...],
    error: tuple[int, str],
) -> None:
    """At most five lines with what was found and what to do; no file changes, nothing is paid."""
    (tmp_path / "other.json").write_text('{"notes": 1}')
    (tmp_path / "q.json").write_text('["casa"]')
    person("batch", "prepare", "flaquear", "--to", "batch.json")
    before = everything(tmp_path)

    told = person("batch", *typed)

    assert told.code == error[0]
    assert told.out == ""
    assert error[1] in told.err
    assert len(told.err.splitlines()) <= 5
    assert everything(tmp_path) == before
    assert at_work(claude) == 0


@pytest.mark.parametrize("act", ["submit", "status", "fetch", "cancel"])
def test_without_a_key_nothing_is_begun(person: Person, tmp_path: Path, act: str) -> None:
    """The variable that has to be set is named, in a line."""
    person("batch", "prepare", "flaquear")
    before = everything(tmp_path)

    told = person("batch", act, staged(tmp_path).name)

    assert told.code == 1
    assert told.err == (
        "Error: there is no key for Claude: ANTHROPIC_API_KEY is not set"
        " (export ANTHROPIC_API_KEY=…)\n"
    )
    assert everything(tmp_path) == before


def test_the_cost_is_said_before_anything_is_handed_in(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Also where the handing in fails then; a dry run says it without a key, and hands in nothing."""
    person("batch", "prepare", "flaquear", "titubear")
    file = staged(tmp_path).name

    dry = person("batch", "submit", file, "--dry-run")
    dear = person("batch", "submit", file, "--max-cost", "0.001")
    claude.fail_next(billing(), on=BATCHES)
    refused = person("batch", "submit", file)

    assert dry.code == 0
    assert "would hand in 2 words, about 4," in dry.out
    assert dear.code == 1
    assert "and --max-cost is $0.001" in dear.err
    assert "asking" not in dear.err
    assert refused.code == 1
    assert refused.err.startswith("asking claude-sonnet-5-5 in a batch for 2 words: about 4,")
    assert "Your credit balance is too low" in refused.err
    assert at_work(claude) == 0


def test_the_shown_limit_is_enough(person: Person, claude: ClaudeLoopback, tmp_path: Path) -> None:
    """The hint names the option with a sum that lets it pass."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    dear = person("batch", "submit", file, "--max-cost", "0.001")
    sum_ = dear.err.partition("allow it: --max-cost ")[2].partition(";")[0]

    told = person("batch", "submit", file, "--max-cost", sum_)

    assert told.code == 0
    assert at_work(claude) == 1


def test_a_file_is_handed_in_once(person: Person, claude: ClaudeLoopback, tmp_path: Path) -> None:
    """Again, and after a kill that came before the id was in the file: it is the same batch."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path)
    unsent = file.read_text("utf-8")
    person("batch", "submit", file.name)

    again = person("batch", "submit", file.name)
    sent = file.read_text("utf-8")
    file.write_text(unsent, "utf-8")
    killed = person("batch", "submit", file.name)

    assert again.code == killed.code == 0
    assert f"handed in already as {claude.batches[0]}" in again.out
    assert f"handed in 1 word as {claude.batches[0]}" in killed.out
    assert json.loads(sent)["metadata"]["job"]["id"] == claude.batches[0]
    assert at_work(claude) == 1


def test_fetching_too_early_says_how_to_wait(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Exit code 1, and the command that waits; it needs no more than the file."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    person("batch", "submit", file)

    early = person("batch", "fetch", file)
    waited = person(*commands_in(early.err)[0], "--every", "0.01")
    again = person("batch", "fetch", file)

    assert early.code == 1
    assert "not answered yet: msgbatch_" in early.err
    assert len(early.err.splitlines()) <= 5
    assert waited.code == again.code == 0
    assert "fetched the answers to 1 of 1 word" in waited.out
    assert "its answers were fetched already" in again.out
    assert at_work(claude) == 1


def test_waiting_goes_on_when_claude_is_out_of_reach_for_a_moment(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """A day is long; what passes is said once and asked again."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    person("batch", "submit", file)
    broken = Fault(500, "a bad moment", headers={"x-should-retry": "false"})
    claude.fail_next(broken, on=f"GET /v1/messages/batches/{claude.batches[0]}")

    told = person("batch", "fetch", file, "--wait", "--every", "0.01")

    assert told.code == 0
    assert "a bad moment" in told.err
    assert "fetched the answers to 1 of 1 word" in told.out


def outcomes(word_to: dict[str, BatchOutcome]) -> Callable[[str], BatchOutcome]:
    """Give how requests end, by the beginning of their ids."""
    return lambda custom_id: word_to.get(custom_id.partition("-")[0], "succeeded")


def test_words_without_an_answer_are_named_and_wait_again(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The answers that came are in the file, in the order of the words; the file before is kept."""
    ends = outcomes({"titubear": "expired", "vacilar": "expired", "flaquear": "errored"})
    with ClaudeLoopback(answer, outcome=ends, finish_after=0) as claude:
        knows(monkeypatch, claude)
        person("batch", "prepare", "zafar", "titubear", "vacilar", "flaquear", "atar", "zzz")
        file = staged(tmp_path)
        person("batch", "submit", file.name)
        before = file.read_bytes()

        told = person("batch", "fetch", file.name)
        again = person("batch", "submit", file.name, "--dry-run")

    batch = json.loads(file.read_text("utf-8"))
    assert told.code == 0
    assert "fetched the answers to 2 of 6 words" in told.out
    assert "words[titubear, vacilar]: it was not answered: expired (hand it in again)" in told.out
    assert "words[flaquear]: Claude could not answer" in told.out
    assert "words[zzz]: 'zzz' has no meaning to Claude: there is no such word" in told.out
    assert [entry["Word"] for entry in batch["meanings"]] == ["zafar"] * 2 + ["atar"] * 2
    assert file.with_name(file.name + ".bak").read_bytes() == before
    assert "would hand in 4 words" in again.out


def test_a_batch_without_any_answer_is_an_error(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 1, in a few lines however many words there were."""
    with ClaudeLoopback(answer, outcome=lambda _: "expired", finish_after=0) as claude:
        knows(monkeypatch, claude)
        words = [f"palabra{number}" for number in range(30)]
        person("batch", "prepare", *words)
        file = staged(tmp_path).name
        person("batch", "submit", file)

        told = person("batch", "fetch", file)

    assert told.code == 1
    assert "none of 30 words was answered" in told.err
    assert all(word in told.err for word in words)
    assert len(told.err.splitlines()) <= 5


def test_a_canceled_batch_can_be_fetched(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Canceling says how to go on; what was not answered is named."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    person("batch", "submit", file)

    canceled = person("batch", "cancel", file)
    fetched = person(*next_in(canceled.out), "--every", "0.01")

    assert canceled.code == 0
    assert "is canceling" in canceled.out
    assert fetched.code == 1
    assert "canceled" in fetched.err
    assert at_work(claude) == 1


def test_what_a_batch_answered_is_never_asked_for_live(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """The answers are kept for a build with the same Claude; nobody repeats the model to fetch."""
    model = ("--model", "claude-haiku-5-5")
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    person("batch", "submit", file, *model)
    person("batch", "fetch", file, "--wait", "--every", "0.01")

    told = person("build", "flaquear", "--claude", *model, "--review")

    assert told.code == 0
    assert "deck-review.json has 2 meanings of 1 word." in told.out
    assert "POST /v1/messages" not in claude.counts


def learnt(tmp_path: Path) -> Path:
    """Make a vocabulary, two queues, and a filled-in batch of the earlier system's form."""
    (tmp_path / "vocabulary.json").write_text(json.dumps(OLD, indent=1), "utf-8")
    (tmp_path / "queue.txt").write_text("# mine\nflaquear - ?\nojo\n", "utf-8")
    (tmp_path / "queue.json").write_text('{\n "words": ["flaquear", "ojo"], "by": "me"\n}\n')
    file = tmp_path / "claude_batch_20250905_1418.json"
    entries = [ENTRY, {**ENTRY, "SpanishWord": "mano", "MeaningID": "hand"}]
    saved = {
        "metadata": {"created": "2025-09-05T14:18:00"},
        "words": ["flaquear", "mano", "eh"],
        "meanings": entries,
        "skipped_words": ["eh"],
    }
    file.write_text(json.dumps(saved, ensure_ascii=False), "utf-8")
    return file


@pytest.mark.parametrize("queue", ["queue.txt", "queue.json"])
def test_a_dry_run_shows_exactly_what_ingesting_changes(
    person: Person, tmp_path: Path, queue: str
) -> None:
    """Each change a line, and no file is touched."""
    file = learnt(tmp_path)
    before = everything(tmp_path)

    told = person("batch", "ingest", file.name, "--queue", queue, "--dry-run")

    assert told.code == 0
    assert told.out.partition("\n\n")[0].splitlines() == [
        f"{file.name}: would make 3 changes:",
        "  add flaquear_weaken: perder la fuerza poco a poco",
        "  skip eh",
        "  take flaquear off the queue",
    ]
    assert "vocabulary[mano_hand]: it is there with another" in told.out
    assert "(take the new one: --overwrite)" in told.out
    assert everything(tmp_path) == before


def test_ingesting_keeps_what_was_there_and_twice_changes_nothing(
    person: Person, tmp_path: Path
) -> None:
    """The vocabulary before is kept, the queues lose what is done, the second time no file moves."""
    file = learnt(tmp_path)
    old = (tmp_path / "vocabulary.json").read_bytes()

    first = person("batch", "ingest", file.name, "--queue", "queue.txt")
    person("batch", "ingest", file.name, "--queue", "queue.json")
    before = everything(tmp_path)
    again = person("batch", "ingest", file.name, "--queue", "queue.txt")

    saved = json.loads((tmp_path / "vocabulary.json").read_text("utf-8"))
    assert first.code == again.code == 0
    assert "vocabulary.json is written: 2 meanings, 1 new." in first.out
    assert "queue.txt has 1 word left." in first.out
    assert (tmp_path / "vocabulary.json.bak").read_bytes() == old
    assert (tmp_path / "queue.txt").read_text("utf-8") == "# mine\nojo\n"
    assert json.loads((tmp_path / "queue.json").read_text()) == {"words": ["ojo"], "by": "me"}
    assert saved["skipped_words"] == ["un", "eh"]
    assert saved["words"]["mano"]["meanings"][0]["MonolingualDef"] == "my own words"
    assert "vocabulary.json is up to date: 2 meanings." in again.out
    assert "queue.txt is as it was: 1 word left." in again.out
    assert everything(tmp_path) == before


def test_a_vocabulary_that_gains_nothing_is_not_even_written_anew(
    person: Person, tmp_path: Path
) -> None:
    """A file that a person or another program has laid out otherwise stays as it is, byte by byte."""
    file = learnt(tmp_path)
    fields = {**ENTRY, "SpanishWord": "mano", "MeaningID": "hand"}
    saved = {"words": ["mano"], "meanings": [fields]}
    file.write_text(json.dumps(saved, ensure_ascii=False), "utf-8")
    before = everything(tmp_path)

    told = person("batch", "ingest", file.name)

    assert told.code == 0
    assert everything(tmp_path) == before


def test_overwriting_replaces_and_counts(person: Person, tmp_path: Path) -> None:
    """What the batch says of a meaning that is there counts then."""
    file = learnt(tmp_path)

    told = person("batch", "ingest", file.name, "--overwrite")

    saved = json.loads((tmp_path / "vocabulary.json").read_text("utf-8"))
    assert "vocabulary.json is written: 2 meanings, 1 new, 1 replaced." in told.out
    assert saved["words"]["mano"]["meanings"][0]["MonolingualDef"] == ENTRY["MonolingualDef"]


def test_a_batch_that_is_out_says_that_its_answers_are_to_be_fetched(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """Ingesting too early names the command that comes before it."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    person("batch", "submit", file)

    told = person("batch", "ingest", file)

    assert told.code == 1
    assert ["batch", "fetch", file, "--wait"] in commands_in(told.err)
    assert at_work(claude) == 1


def test_a_full_disk_leaves_the_files_whole(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A line says it; vocabulary and queue are as they were, and the same command does it later."""
    file = learnt(tmp_path)
    before = everything(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        told = person("batch", "ingest", file.name, "--queue", "queue.txt")
    after = everything(tmp_path)
    later = person("batch", "ingest", file.name, "--queue", "queue.txt")

    assert told.code == 1
    assert "No space left on device (free some space)" in told.err
    assert after == before
    assert later.code == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_ctrl_c_while_waiting_does_no_harm(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 130 and one line; the same command goes on."""
    with ClaudeLoopback(answer, finish_after=None) as claude:
        knows(monkeypatch, claude)
        person("batch", "prepare", "flaquear")
        file = staged(tmp_path)
        person("batch", "submit", file.name)
        before = file.read_bytes()
        process = started(tmp_path, "batch", "fetch", file.name, "--wait")
        while not process.stderr or b"asked again" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        claude.finish(claude.batches[0])

        assert process.returncode == 130
        assert err.decode() == "Stopped. The same command goes on from there.\n"
        assert file.read_bytes() == before
        assert person("batch", "fetch", file.name).code == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are told otherwise there")
def test_a_kill_while_handing_in_makes_no_second_batch(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever the moment: the next run finds the batch that arrived."""
    with ClaudeLoopback(answer, latency=0.3) as claude:
        knows(monkeypatch, claude)
        person("batch", "prepare", "flaquear")
        file = staged(tmp_path)
        process = started(tmp_path, "batch", "submit", file.name)
        deadline = time.monotonic() + 30
        while not claude.batches:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.communicate()

        told = person("batch", "submit", file.name)

        assert told.code == 0
        assert f"as {claude.batches[0]}" in told.out
        assert at_work(claude) == 1


def test_a_fault_of_the_program_is_written_down(
    person: Person,
    claude: ClaudeLoopback,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """No traceback at the keyboard: it lies in a file, for whoever mends it."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    person("batch", "prepare", "flaquear")
    monkeypatch.setattr("stages.providers.claude.batches.ClaudeBatches.estimate", broken)

    told = person("batch", "submit", staged(tmp_path).name)

    assert told.code == 1
    assert told.err.splitlines()[1:] == [
        "  this is a fault of the program: please report it, with .stages/fault.txt"
    ]
    assert "RuntimeError: a bug" in (tmp_path / ".stages" / "fault.txt").read_text()
    assert at_work(claude) == 0
