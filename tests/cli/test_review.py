"""`stages build --review`: meanings are read, cut and edited before a picture is made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages.testing.loopback import MESSAGES, ClaudeLoopback
from tests.cli.playing import (
    ENTRY,
    Person,
    commands_in,
    everything,
    fields_in,
    fill_in,
    next_in,
    staged,
)

Entries = list[dict[str, Any]]


def edit(folder: Path, change: Callable[[Entries], Entries]) -> None:
    """Edit a review, as a person does."""
    file = folder / "deck-review.json"
    batch = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**batch, "meanings": change(batch["meanings"])}), "utf-8")


def without(*ids: str) -> Callable[[Entries], Entries]:
    """Give the cutting of these meanings."""
    return lambda entries: [one for one in entries if one["MeaningID"] not in ids]


def test_it_stops_at_a_file_before_any_picture(person: Person, tmp_path: Path) -> None:
    """The meanings of all words, in their order; no deck, no media, and the way on."""
    told = person("build", "gato", "casa", "--review")

    batch = json.loads((tmp_path / "deck-review.json").read_text("utf-8"))
    assert told.code == 0
    assert told.out == (
        "deck-review.json has 3 meanings of 2 words.\n"
        "\n"
        "Next: read deck-review.json, and cut and edit what you like; then:"
        " stages build --from-batch deck-review.json --to deck.apkg\n"
    )
    assert [one["MeaningID"] for one in batch["meanings"]] == ["cat", "car_jack", "home"]
    assert [path.name for path in tmp_path.iterdir()] == ["deck-review.json"]


def test_what_was_cut_never_comes_back(person: Person, tmp_path: Path) -> None:
    """Neither one of two meanings nor a whole word, though the embedded lexicon knows both."""
    review = person("build", "gato", "casa", "perro", "--review", "--deck", "Mi mazo")
    edit(tmp_path, without("car_jack", "home"))

    told = person(*next_in(review.out))
    again = person(*next_in(review.out), "gato", "casa", "perro")

    assert told.code == again.code == 0
    assert list(fields_in(tmp_path / "deck.apkg")) == ["gato_cat", "perro_dog"]
    assert "Missing or doubtful" not in told.out
    assert "deck.apkg is up to date" in again.out


def test_what_was_edited_stays(person: Person, tmp_path: Path) -> None:
    """The card says what the person wrote."""
    review = person("build", "casa", "--review")
    edit(tmp_path, lambda entries: [{**one, "MonolingualDef": "mi hogar"} for one in entries])

    person(*next_in(review.out))

    assert fields_in(tmp_path / "deck.apkg")["casa_home"]["Definition"] == "mi hogar"


def test_a_review_is_never_written_over(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """The same command again asks nothing, changes nothing, and says how to go on."""
    person("build", "casa", "--review")
    before = everything(tmp_path)

    told = person("build", "casa", "flaquear", "--review", "--claude")

    assert told.code == 1
    assert "deck-review.json is there already (go on with it: stages build --from-batch" in told.err
    assert told.err.count("\n") == 1
    assert everything(tmp_path) == before
    assert MESSAGES not in claude.counts


def test_words_that_nobody_knows_are_staged_beside_it(person: Person, tmp_path: Path) -> None:
    """Both shown commands work: with the review alone, and with the words that were filled in."""
    review = person("build", "casa", "flaquear", "gato", "--review")
    edit(tmp_path, without("car_jack"))
    both, alone = commands_in(review.out)

    first = person(*alone)
    without_it = list(fields_in(tmp_path / "deck.apkg"))
    fill_in(staged(tmp_path), ENTRY)
    second = person(*both)

    assert "no meanings known of 1: flaquear" in review.out
    assert first.code == second.code == 0
    assert without_it == ["casa_home", "gato_cat"]
    assert list(fields_in(tmp_path / "deck.apkg")) == ["casa_home", "flaquear_weaken", "gato_cat"]


def test_an_empty_staged_file_beside_a_review_is_named_once(person: Person, tmp_path: Path) -> None:
    """The command for both, typed too early, says what waits, and can be typed again as shown."""
    review = person("build", "casa", "flaquear", "--review")

    told = person(*commands_in(review.out)[0])

    assert told.code == 1
    assert "these words wait: flaquear" in told.err
    assert len(told.err.splitlines()) <= 5
    assert all(one.count(staged(tmp_path).name) == 1 for one in commands_in(told.err))


def test_a_review_of_what_was_paid_for_takes_no_claude_to_go_on(
    person: Person, claude: ClaudeLoopback, tmp_path: Path
) -> None:
    """All that was answered stands in it."""
    review = person("build", "flaquear", "casa", "--claude", "--review")
    edit(tmp_path, without("second"))
    command = next_in(review.out)

    told = person(*command)

    assert "--claude" not in command
    assert told.code == 0
    assert list(fields_in(tmp_path / "deck.apkg")) == ["flaquear_first", "casa_home"]
    assert claude.counts[MESSAGES] == 1


def test_a_batch_is_reviewed_as_well(person: Person, tmp_path: Path) -> None:
    """What was filled in and is cut then does not come back from the batch."""
    person("batch", "prepare", "flaquear")
    file = staged(tmp_path).name
    fill_in(staged(tmp_path), ENTRY, {**ENTRY, "MeaningID": "other"})
    review = person("build", "flaquear", "casa", "--from-batch", file, "--review")
    edit(tmp_path, without("other"))

    person(*next_in(review.out))

    assert list(fields_in(tmp_path / "deck.apkg")) == ["flaquear_weaken", "casa_home"]


def test_a_dry_run_of_a_review_writes_nothing(person: Person, tmp_path: Path) -> None:
    """It says what the file would have."""
    told = person("build", "casa", "gato", "--review", "--dry-run")

    assert told.code == 0
    assert "deck-review.json would have 3 meanings of 2 words." in told.out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("zzz",), ("zzz", "yyy")])
def test_nothing_to_review_makes_no_review(
    person: Person, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Unknown words are staged, and the shown command makes the deck of them."""
    told = person("build", *words, "--review")

    assert told.code == 1
    assert told.err.startswith("There is nothing to review: ")
    assert not (tmp_path / "deck-review.json").exists()
    fill_in(staged(tmp_path), *({**ENTRY, "SpanishWord": word} for word in words))
    assert person(*commands_in(told.err)[0]).code == 0
