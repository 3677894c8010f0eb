"""Claude: words to meanings, live and in batches, by the vendor's own SDK against a local server."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stages import (
    BATCH,
    MEANINGS,
    QUEUE,
    VOCABULARY,
    WORDS,
    Context,
    Status,
    analyze_words,
    check_batch,
    compose,
    fetch_batch,
    ingest_batch,
    load_file,
    pipe,
    prepare_batch,
    resume,
    run,
    save_file,
    submit_batch,
    threads,
)
from stages.core.json import to_json
from stages.pipelines import batched, checked_cards, sync, vocabulary
from stages.providers.chain import Chain
from stages.providers.claude import ClaudeAnalysis, ClaudeBatches
from stages.providers.files import Files
from stages.providers.journal import Journal, journaled
from stages.providers.lexicon import Lexicon
from stages.records.pronunciation import pronounced
from stages.testing.loopback import ClaudeLoopback, Reply, overloaded
from tests.e2e.real_anki import RealAnki

Providers = dict[str, Any]


def asked_word(body: Mapping[str, Any]) -> str:
    """Give the word that a request asks for."""
    word: str = json.loads(body["messages"][0]["content"])["word"]
    return word


def entry(word: str, **fields: str) -> dict[str, str]:
    """Give one meaning of a word, as a model gives it."""
    return {
        "Word": word,
        "MeaningID": "made_up",
        "MeaningContext": "inventado",
        "MonolingualDef": "lo que se dice cada día",
        "ExampleSentence": f"Digo {word} otra vez.",
        "GappedSentence": "Digo _____ otra vez.",
        "IPA": pronounced(word) or "[ˈka.sa]",
        "prompt": "a child who speaks",
        "Emoji": "",
        "Article": "",
        "UsageNote": "",
        **fields,
    }


def answer(body: Mapping[str, Any]) -> Reply | dict[str, Any]:
    """Answer as a model does: mostly well."""
    word = asked_word(body)
    match word:
        case "prohibido":
            return Reply(stop_reason="refusal", explanation="not this one")
        case "xyzzy":
            return {"meanings": [], "remark": "It is no word of the language."}
        case "dos":
            second = entry(word, MeaningID="other", ExampleSentence="Hay dos.", GappedSentence="")
            return {"meanings": [entry(word), second], "remark": ""}
        case _:
            return {"meanings": [entry(word)], "remark": ""}


Paid = tuple[ClaudeLoopback, ClaudeAnalysis, Journal]


@pytest.fixture
def paid(tmp_path: Path) -> Iterator[Paid]:
    """Claude behind its SDK on this machine, and a journal."""
    journal = Journal(tmp_path / "journal")
    with ClaudeLoopback(answer=answer) as server:
        claude = ClaudeAnalysis(api_key="any", base_url=server.url)
        yield server, journaled(claude, journal), journal


def test_what_no_lexicon_knows_is_asked_of_claude_and_becomes_a_deck(
    paid: Paid, offline: Providers, tmp_path: Path, real_anki: RealAnki
) -> None:
    """One pipeline from words to a package that Anki imports; what is free is not asked for."""
    server, claude, _ = paid
    providers = {name: one for name, one in offline.items() if name in vocabulary.providers}
    providers["analysis_provider"] = Chain(Lexicon(), claude)
    outcome = run(vocabulary, Context.of(words=["casa", "flaquear", "dos"]), **providers)
    assert [one.card_id for one in outcome.unwrap()[MEANINGS]] == [
        "casa_home",
        "flaquear_made_up",
        "dos_made_up",
        "dos_other",
    ]
    assert server.counts == {"POST /v1/messages": 2}
    counts = real_anki.import_package(tmp_path / "deck.apkg")
    assert counts == {"new": 4, "updated": 0, "duplicate": 0}


def test_what_is_wrong_with_an_answer_is_told_and_paid_for_once(paid: Paid) -> None:
    """A refusal, a word that is none, a busy server: the others go on, and nothing is asked twice."""
    server, claude, _ = paid
    server.fail_next(overloaded(0.01))
    words = ["flaquear", "prohibido", "xyzzy", "dos"]
    asking = analyze_words(analysis_provider=claude, mapper=threads(4))
    first = asking(Context.of(words=words)).unwrap()
    report = first.reports[-1]
    assert report.status is Status.PARTIAL
    errors = {(one.code, one.where) for one in report.errors}
    assert errors == {("refused", "words[prohibido]"), ("not-found", "words[xyzzy]")}
    assert all("is kept in" in one.hint for one in report.errors)
    assert report.counts["requests"] == 4
    before = server.counts["POST /v1/messages"]
    second = asking(Context.of(words=words)).unwrap()
    assert second[MEANINGS] == first[MEANINGS]
    assert "requests" not in second.reports[-1].counts
    assert server.counts["POST /v1/messages"] == before


def test_a_batch_lives_in_its_file_from_the_queue_to_the_vocabulary(
    paid: Paid, tmp_path: Path
) -> None:
    """Each step reads the file and writes it back, as programs do that run days apart."""
    server, claude, journal = paid
    files, batches = Files(tmp_path), ClaudeBatches(claude, journal)
    (tmp_path / "queue.txt").write_text("# to do\nflaquear\nxyzzy - odd\n", "utf-8")
    load, save = (
        one(key=BATCH, path="batch.json", file_provider=files) for one in (load_file, save_file)
    )
    queue = load_file(key=QUEUE, path="queue.txt", file_provider=files)(Context.of()).unwrap()
    pipe(queue.put(WORDS, queue[QUEUE].words), prepare_batch, save).unwrap()
    for step in (submit_batch, check_batch, fetch_batch):
        pipe(Context.of(), load, step(batch_provider=batches), save).unwrap()
    outcome = pipe(
        queue,
        load,
        ingest_batch,
        save_file(file_provider=files),
        save_file(key=QUEUE, path="queue.txt", file_provider=files),
    )
    assert outcome.unwrap()[VOCABULARY].settled == {"flaquear"}
    assert (tmp_path / "queue.txt").read_text("utf-8") == "# to do\nxyzzy - odd\n"
    learnt = json.loads((tmp_path / "vocabulary.json").read_text("utf-8"))
    assert learnt["metadata"]["total_cards"] == 1
    assert len(server.batches) == 1


def test_a_pipeline_that_waits_for_a_batch_goes_on_later(paid: Paid) -> None:
    """The failure keeps the job; what the batch brought is free for the live Claude, too."""
    server, claude, journal = paid
    context = Context.of(words=["flaquear", "dos"])
    failure = run(batched, context, batch_provider=ClaudeBatches(claude, journal)).failure()
    assert [one.code for one in failure.problems] == ["not-ended"]
    outcome = resume(batched, failure, batch_provider=ClaudeBatches(claude, journal))
    assert len(server.batches) == 1
    live = analyze_words(analysis_provider=claude)(context)
    assert live.unwrap()[MEANINGS] == outcome.unwrap()[MEANINGS]
    assert "POST /v1/messages" not in server.counts


def test_meanings_are_reviewed_before_anything_is_made_of_them(
    paid: Paid, offline: Providers
) -> None:
    """What a person cut makes no card, and is not asked for again."""
    server, claude, _ = paid
    context = Context.of(words=["flaquear", "dos"])
    review = pipe(context, analyze_words(analysis_provider=claude), prepare_batch(review=True))
    staged = json.loads(to_json(review.unwrap()[BATCH]))
    staged["meanings"] = staged["meanings"][1:2]
    offline["file_provider"].write("review.json", json.dumps(staged))
    going_on = compose(
        load_file(key=BATCH, path="review.json"),
        ingest_batch,
        analyze_words,
        checked_cards,
        sync,
        name="after the review",
    )
    asked = dict(server.counts)
    providers = {**offline, "analysis_provider": claude}
    wanted = {name: one for name, one in providers.items() if name in going_on.providers}
    outcome = run(going_on, context, **wanted)
    assert [one.card_id for one in outcome.unwrap()[MEANINGS]] == ["dos_made_up"]
    assert server.counts == asked
