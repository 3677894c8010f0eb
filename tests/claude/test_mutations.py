"""
Files that no one would write, through the real road: read, ingested, saved.

Whatever lies on the disk is answered by a result or a problem, in a time that grows with the file,
and nothing is ever half written. A sample of the mutations runs always, all of them with `-m slow`.
"""

import copy
import json
import random
import re
import time
from collections.abc import Callable, Iterator
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
    FrozenMap,
    Key,
    Outcome,
    Problem,
    Severity,
    Success,
    Vocabulary,
    ingest_batch,
    load_file,
    pipe,
    prepare_batch,
    save_file,
)
from stages.core.json import to_json
from stages.core.law import law_mode
from stages.providers.files import Files
from stages.records.entry import entry_of
from stages.testing import made_up

SAMPLE, ALL = 300, 10_000


@pytest.fixture(autouse=True)
def _as_users_run_it() -> Iterator[None]:
    """Law mode copies all it is given; here the stages run as they do for everyone."""
    with law_mode(on=False):
        yield


# What is mutated: files with nothing wrong with them.

WORD_LIST = ("casa", "niño", "tener que", "¿qué?", "pingüino", "a", "l’eau", "ser")


def meanings_of(words: tuple[str, ...], of_each: int) -> list[dict[str, str]]:
    """Give filled entries."""
    return [
        {**entry_of(made_up(word)[0]), "MeaningID": f"sense_{n}", "UsageNote": "una nota"}
        for word in words
        for n in range(of_each)
    ]


def staged(words: tuple[str, ...] = WORD_LIST, of_each: int = 2) -> dict[str, Any]:
    """Give a file of `prepare_batch`, filled in."""
    batch = prepare_batch(Context.of(words=words)).unwrap()[BATCH]
    saved: dict[str, Any] = json.loads(to_json(batch))
    return {**saved, "meanings": meanings_of(words, of_each), "skipped_words": ["un"]}


def earlier() -> dict[str, Any]:
    """Give a file of the earlier system, filled in."""
    about = {"created": "2025-08-14T13:30:44", "source": "claude-staging", "instructions": "…"}
    return {
        "metadata": about,
        "words": list(WORD_LIST[:3]),
        "meanings": meanings_of(WORD_LIST[:3], 2),
    }


def learnt() -> dict[str, Any]:
    """Give the file of a vocabulary that holds more than meanings."""
    meanings = tuple(made_up(word)[0] for word in ("perro", "gato", "casa"))
    vocabulary = Vocabulary(
        meanings=meanings,
        skipped=("un", "el"),
        metadata=FrozenMap({"created": "2025-01-01"}),
        of_words=FrozenMap({"perro": FrozenMap({"processed_date": "2025-01-02"})}),
        of_cards=FrozenMap({meanings[1].card_id: FrozenMap({"ImageFile": "gato.png"})}),
    )
    saved: dict[str, Any] = json.loads(to_json(vocabulary))
    return saved


def queued() -> dict[str, Any]:
    """Give a queue that is an object."""
    return {
        "metadata": {"source": "x", "total_words": 4},
        "words": ["casa", "perro", "niño", "sol"],
    }


LIST = "# Words\n## PENDING\ncasa - a home\r\n  perro\nniño\ttab\n\n## SKIPPED WORDS\nun\n"


# What is done to them.

Change = Callable[[random.Random, Any], None]

PLAIN: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x", "casa", [], {}, [[]], [None], {"a": {}},
)  # fmt: skip

NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1E400", "9" * 10_000, "9" * 4_000, "-0.0")
NESTED = tuple(
    begin * deep + "1" + end * deep
    for begin, end in ("[]", ('{"a":', "}"))
    for deep in (3, 20, 40, 60, 200, 500, 900, 5_000)
)
RAW = (*NO_NUMBERS, *NESTED)
"""What stands in a file without quotes; the number of each stands for it in `RAW_MARK` first."""
RAW_MARK = "@@raw {}@@"

PIECES = (
    "a", "á", " ", "\u00a0", "_", "_____", "_____ ", "-", "- ", "—", "—a", "…", "?", "¿", "casa ", "Casa",
    "a b ", "\\", "\\u", '"', "'", "(", "(a", "[", "]", "{", "{{", "}}", "<b>", "</", "&lt;", "&", "#",
    "##", "## ", ",", ";", "\n", "\r\n", "\t", "\t ", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028",
    "\u202e", "\u2066", "\u200d", "\u200b", "\ufeff", "\ufffd", "\ufffe", "\u0301", "\u0316\u0301",
    "\u0f73", "\u0344", "e\u0301", "\u1100\u1161", "ﷺ", "ß", "İ", "ſ", "ﬁ", "²", "家", "א", "👩‍🚀", "🏠",
    "\U0010ffff", "\ud800", "\udc00\ud800", "../", "C:\\", "%s", "{0}", "$(x)", "`", "; DROP TABLE",
    "ñ.", "sh", "cc", "qu", "xx", "áb",
)  # fmt: skip
"""What a hostile text repeats: markup, tricks with paths, bait for each pattern that reads texts."""

LENGTHS = (1, 1, 1, 2, 31, 200, 900, 3_900, 4_100, 20_000)


def hostile(chance: random.Random) -> str:
    """Give a text that someone made to break something."""
    text = chance.choice(PIECES) * chance.choice(LENGTHS)
    return chance.choice(
        (text, text + "!", f"casa {text}", f"{text} casa", f"á{text}á", text[:4_000])
    )


def value_of(chance: random.Random) -> Any:
    """Give a value of any kind, mostly a wrong one."""
    match chance.randrange(8):
        case 0:
            return RAW_MARK.format(chance.randrange(len(RAW)))
        case 1 | 2 | 3 | 4:
            return hostile(chance)
        case _:
            return copy.deepcopy(chance.choice(PLAIN))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place in a value: what it is in, and its name or number there."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        inside = one.items() if isinstance(one, dict) else enumerate(one)
        for at, inner in list(inside):
            found.append((one, at))
            if isinstance(inner, dict | list):
                waiting.append(inner)
    return found


def place(chance: random.Random, saved: Any) -> tuple[Any, Any]:
    """Give any place; those of the frame come as often as those of the entries."""
    every = places(saved)
    few = [one for one in every if one[0] is saved] if isinstance(saved, dict) else []
    return chance.choice(few if few and chance.random() < 0.2 else every or [({}, "x")])


def _other_value(chance: random.Random, saved: Any) -> None:
    inside, at = place(chance, saved)
    inside[at] = value_of(chance)


def _other_name(chance: random.Random, saved: Any) -> None:
    inside, at = place(chance, saved)
    if isinstance(inside, dict) and at in inside:
        inside[chance.choice((hostile(chance), "Word", "SpanishWord", "id", "CardID"))] = (
            inside.pop(at)
        )


def _left_out(chance: random.Random, saved: Any) -> None:
    inside, at = place(chance, saved)
    if not isinstance(inside, dict) or at in inside:
        del inside[at]


def _swapped(chance: random.Random, saved: Any) -> None:
    every = places(saved)
    if every:
        (one, at), (other, there) = chance.choice(every), chance.choice(every)
        one[at], other[there] = copy.deepcopy(other[there]), copy.deepcopy(one[at])


def _repeated(chance: random.Random, saved: Any) -> None:
    lists = [inner[at] for inner, at in places(saved) if isinstance(inner[at], list) and inner[at]]
    for one in lists[:1] if chance.random() < 0.5 else lists:
        one.extend(copy.deepcopy(chance.choices(one, k=chance.randint(1, 3))))


def _joined_alike(chance: random.Random, saved: Any) -> None:
    entries = saved.get("meanings") if isinstance(saved, dict) else None
    if isinstance(entries, list) and len(entries) > 1 and isinstance(saved.get("words"), list):
        sides = [("por", "favor_please"), ("por favor", "please"), ("por_favor", "please")]
        for word, name in chance.sample(sides, 2):
            like = chance.choice(entries)
            if isinstance(like, dict):
                entries.append({**like, "SpanishWord": word, "MeaningID": name})
                saved["words"].append(word)


CHANGES: tuple[Change, ...] = (
    _other_value, _other_value, _other_value, _other_name, _left_out, _left_out, _swapped, _repeated,
    _joined_alike,
)  # fmt: skip

ENCODINGS = (
    "latin-1",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-8-sig",
    "utf-7",
)
HEADS = (b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2, b"\xff\xfe", b"\x00", b"//\n")
TAILS = (b",", b"}", b"\x00", b"\n\n", b"{}")
OTHERS = (b"", b" ", b"null", b"[]", b"{}", b"0", b'"', b"[" * 3_000, b'{"a":' * 3_000)


def written(chance: random.Random, saved: Any) -> str:
    """Give the text of a file, in a form of those that programs write."""
    text = json.dumps(saved, ensure_ascii=chance.random() < 0.7, indent=chance.choice((None, 2)))
    return re.sub('"@@raw ([0-9]+)@@"', lambda mark: RAW[int(mark[1])], text)


def encoded(text: str) -> bytes:
    """Give UTF-8, with half characters as broken programs write them."""
    return text.encode(errors="surrogatepass")


def spoilt(chance: random.Random, text: str) -> bytes:
    """Give the bytes of a text, or of what a broken program or disk made of it."""
    content = encoded(text)
    at = chance.randrange(len(content) + 1)
    match chance.randrange(12):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + chance.randbytes(chance.choice((1, 1, 4, 200))) + content[at:]
        case 2:
            return content[:at] + content[at + chance.randint(1, 50) :]
        case 3:
            return text.encode(chance.choice(ENCODINGS), errors="replace")
        case 4:
            return chance.choice(HEADS) + content
        case 5:
            return content + chance.choice((*TAILS, content))
        case 6:
            return encoded(_doubled(text, chance.randrange(len(text) + 1)))
        case 7:
            return encoded(text.replace('"', chance.choice("'“ "), chance.randint(1, 9)))
        case 8:
            return chance.choice((*OTHERS, content[at:]))
        case _:
            return content


def _doubled(text: str, at: int) -> str:
    """Give the text with the key that comes next standing twice in its object."""
    end = text.find('": ', at)
    start = text.rfind('"', 0, max(end, 0))
    return text if start < 0 else f'{text[:start]}{text[start:end]}": 1, {text[start:]}'


def mutated(seed: int, files: tuple[Callable[[], Any], ...]) -> bytes:
    """Give a mutated file; the same seed gives the same one."""
    chance = random.Random(seed)
    saved = chance.choice(files)()
    if isinstance(saved, str):
        at = chance.randrange(len(saved) + 1)
        return spoilt(chance, saved[:at] + hostile(chance) + saved[at:])
    changes = chance.choice((0, 1, 1, 1, 2, 5))
    for _ in range(changes):
        chance.choice(CHANGES)(chance, saved)
    text = written(chance, saved)
    return encoded(text) if changes and chance.random() < 0.6 else spoilt(chance, text)


# What has to hold.

CLEAR = 600
"""A problem that is longer is none that anyone reads."""

BASE, EACH_MB = 0.5, 3.0
"""Seconds of processor time that a file may take, and what each megabyte may add."""


def assert_clear(problems: tuple[Problem, ...]) -> None:
    """Every problem says what, where and why, in a line that can be printed anywhere."""
    for one in problems:
        assert one.code != "bug", one
        assert one.code == one.code.lower()
        assert one.code
        assert one.where
        assert one.why
        assert len(str(one)) <= CLEAR, one.code
        str(one).encode()


def assert_all_told(context: Context, outcome: Outcome) -> None:
    """Every entry is a meaning, or an error names it."""
    report = outcome.map(lambda after: after.reports[-1]).lash(lambda f: Success(f.report)).unwrap()
    told = {
        one.where.split(".")[0]
        for one in report.problems
        if one.severity is Severity.ERROR and one.where.startswith("meanings[")
    }
    assert report.counts.get("meanings", 0) + len(told) == len(context[BATCH].entries) or (
        outcome.alt(lambda failure: failure.message.startswith("the batch is empty")).failure()
    )


def assert_it_lasts(files: Files, context: Context, key: Key[Any], path: str) -> None:
    """What was saved is loaded back equal."""
    back = load_file(key=key, path=path, file_provider=files)(Context.of()).unwrap()
    assert back[key] == context[key]


def travelled(folder: Path, batch: bytes, vocabulary: bytes, queue: bytes) -> Outcome:
    """Send three files down the road and hold it to its promises; give how it ended."""
    files = Files(folder)
    before = {"batch.json": batch, "vocabulary.json": vocabulary, "queue": queue}
    for name, content in before.items():
        (folder / name).write_bytes(content)
    start = time.process_time()
    loaded: Outcome = pipe(
        Context.of(),
        load_file(key=BATCH, file_provider=files),
        load_file(file_provider=files),
        load_file(key=QUEUE, path="queue", file_provider=files),
    )
    outcome = ingest_batch(loaded)
    saves = (
        save_file(file_provider=files),
        save_file(key=QUEUE, path="queue", file_provider=files),
        save_file(key=BATCH, file_provider=files),
    )
    ended = pipe(outcome, *saves)
    seconds = time.process_time() - start
    size = sum(map(len, before.values())) / 1e6
    assert seconds < BASE + EACH_MB * size, f"{seconds:.1f} s for {size:.1f} MB"
    failure = None if isinstance(ended, Success) else ended.failure()
    if failure:
        assert not failure.is_bug, failure.trace
        assert len(failure.message) <= CLEAR
        assert failure.problems
        assert_clear(failure.problems)
        failure.message.encode()
    if isinstance(loaded, Success):
        assert_all_told(loaded.unwrap(), outcome)
    done = failure.context if failure else ended.unwrap()
    assert_clear(tuple(problem for report in done.reports for problem in report.problems))
    assert sorted(path.name for path in folder.iterdir()) == sorted(before)
    saved = {
        report.message.removeprefix("saved ")
        for report in done.reports
        if report.message.startswith("saved ")
    }
    for name, key in (("batch.json", BATCH), ("vocabulary.json", VOCABULARY), ("queue", QUEUE)):
        if name in saved:
            assert_it_lasts(files, done, key, name)
        else:
            assert (folder / name).read_bytes() == before[name]
    if isinstance(outcome, Success):
        context = outcome.unwrap().without(BATCH)
        again = Context.from_json(context.to_json(), WORDS, MEANINGS, VOCABULARY, QUEUE)
        assert again == context
    return ended


def good(saved: Any) -> bytes:
    """Give the bytes of a file with nothing wrong with it."""
    return saved.encode() if isinstance(saved, str) else json.dumps(saved).encode()


GOOD = {"batch": good(staged()), "vocabulary": good(learnt()), "queue": good(LIST)}
SEEDS_OF = {"batch": (staged, earlier), "vocabulary": (learnt,), "queue": (queued, lambda: LIST)}


def test_the_files_that_are_mutated_are_good(tmp_path: Path) -> None:
    """Else their mutations would say nothing."""
    for batch in (staged(), earlier()):
        ended = travelled(tmp_path, good(batch), GOOD["vocabulary"], GOOD["queue"]).unwrap()
        problems = [p for report in ended.reports for p in report.problems]
        assert {problem.code for problem in problems} <= {"kept", "other-word"}
        assert len(ended[MEANINGS]) == len(batch["meanings"])


def tried(folder: Path, which: str, seeds: range) -> dict[str, int]:
    """Send mutations of one of the files down the road; give how many ended how."""
    ends = {"went through": 0, "with problems": 0, "refused": 0}
    for seed in seeds:
        content = mutated(seed, SEEDS_OF[which])
        try:
            ended = travelled(folder, **{**GOOD, which: content})
        except Exception as error:
            error.add_note(f"mutation {seed} of the {which}: {content[:300]!r}")
            raise
        end = "refused"
        if isinstance(ended, Success):
            errors = any(report.errors for report in ended.unwrap().reports)
            end = "with problems" if errors else "went through"
        ends[end] += 1
    return ends


@pytest.mark.parametrize(("which", "share"), [("batch", 0.6), ("vocabulary", 0.2), ("queue", 0.2)])
def test_any_file_is_answered(which: str, share: float, tmp_path: Path) -> None:
    """By a result that lasts or a problem that is clear, and no file is left half written."""
    ends = tried(tmp_path, which, range(int(SAMPLE * share)))
    assert ends["went through"], ends
    assert ends["refused"], ends


@pytest.mark.slow
@pytest.mark.parametrize(("which", "share"), [("batch", 1), ("vocabulary", 0.2), ("queue", 0.2)])
def test_ten_thousand_files_are_answered(which: str, share: float, tmp_path: Path) -> None:
    """As the sample is."""
    ends = tried(tmp_path, which, range(10**6, 10**6 + int(ALL * share)))
    print(which, ends)  # noqa: T201  # for whoever runs it
    assert ends["went through"], ends
    assert ends["refused"], ends


def entry(word: str = "casa", **fields: Any) -> dict[str, Any]:
    """Give an entry with nothing wrong with it but what is said."""
    return {**entry_of(made_up(word)[0]), **fields}


def frame(*entries: Any, words: tuple[str, ...] = ("casa",), **rest: Any) -> dict[str, Any]:
    """Give a staged file."""
    return {"words": list(words), "meanings": list(entries), **rest}


MARKS = "a" + "\u0301\u0316" * 500_000
"""Put in order one by one, as Python does it, these would take hours."""

HUGE: dict[str, Callable[[], Any]] = {
    "a text of 5 MB": lambda: frame(entry(UsageNote="x" * 5_000_000), entry("sol")),
    "a word of 5 MB": lambda: frame(entry(), words=("casa", "á" + "b" * 5_000_000)),
    "a name of 5 MB": lambda: frame({**entry(), "x" * 5_000_000: 1}),
    "a language of 5 MB": lambda: frame(entry(), metadata={"language": "x" * 5_000_000}),
    "100,000 words": lambda: frame(entry(), words=tuple(f"casa{n}" for n in range(100_000))),
    "100,000 skipped words": lambda: frame(entry(), skipped_words=[f"x{n}" for n in range(100_000)]),
    "20,000 entries": lambda: frame(*(entry(f"w{n}") for n in range(20_000))),
    "20,000 entries of one card": lambda: frame(*[entry()] * 20_000),
    "20,000 entries that are none": lambda: frame(*[None] * 20_000),
    "20,000 unknown fields": lambda: frame({**entry(), **{f"x{n}": n for n in range(20_000)}}),
    "a million accents in an entry": lambda: frame(entry(UsageNote=MARKS), entry(SpanishWord=MARKS)),
    "a million accents on a word": lambda: frame(entry(), words=(MARKS,)),
    "a million accents in a pronunciation": lambda: frame(entry(), ipa={"casa": MARKS, MARKS: "x"}),
    "a long list in a field": lambda: frame(entry(Emoji=list(range(500_000)))),
}  # fmt: skip


SLOW = ("100,000 words", "20,000 entries", "20,000 entries of one card")


@pytest.mark.parametrize(
    "huge", [pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW)) for one in HUGE]
)
def test_a_huge_file_is_answered_in_the_time_that_its_size_takes(huge: str, tmp_path: Path) -> None:
    """Whatever it is that is huge, and with problems that are no longer than others."""
    text = json.dumps(HUGE[huge](), ensure_ascii=False)
    travelled(tmp_path, text.encode(), GOOD["vocabulary"], GOOD["queue"])


@pytest.mark.parametrize(
    "line", [MARKS, "casa " * 200_000, "#" * 10**6, "- " * 500_000, "casa\n" * 200_000, "[" * 10**6]
)
def test_a_huge_queue_is_answered_too(line: str, tmp_path: Path) -> None:
    """A list with a line that never ends, or with lines without end."""
    travelled(tmp_path, GOOD["batch"], GOOD["vocabulary"], line.encode())


def test_a_huge_vocabulary_is_answered_too(tmp_path: Path) -> None:
    """A person's own texts may be as long as they like; accents may not be piled up."""
    for text in ("x" * 2_000_000, MARKS):
        saved = learnt()
        saved["words"]["casa"]["meanings"][0]["UsageNote"] = text
        content = json.dumps(saved).encode()
        travelled(tmp_path, GOOD["batch"], content, GOOD["queue"])


FIELDS = ("SpanishWord", "MeaningID", "ExampleSentence", "GappedSentence", "MonolingualDef", "IPA")


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_makes_a_pattern_run_away(field: str, tmp_path: Path) -> None:
    """Every piece in every field, repeated as often as a text may be long."""
    every = [
        entry(**{field: piece * (3_900 // len(piece)) + end, other: another})
        for piece in PIECES
        for end in ("", "!")
        for other, another in (("GappedSentence", ""), ("GappedSentence", "_____ " * 600))
    ]
    text = json.dumps(frame(*every))
    travelled(tmp_path, text.encode(), GOOD["vocabulary"], GOOD["queue"])


GROWING: dict[str, Callable[[int], Any]] = {
    "words": lambda n: frame(entry(), words=tuple(f"casa{i}" for i in range(5 * n))),
    "entries": lambda n: frame(*(entry(f"w{i}") for i in range(n))),
    "entries without a gap": lambda n: frame(
        *(entry(f"w{i}", GappedSentence="") for i in range(n))
    ),
    "entries of one word": lambda n: frame(*(entry(MeaningID=f"m{i}") for i in range(n))),
    "entries of one card": lambda n: frame(*[entry()] * n),
    "fields": lambda n: frame({**entry(), **{f"x{i}": 1 for i in range(5 * n)}}),
    "skipped words": lambda n: frame(entry(), skipped_words=[f"w{i}" for i in range(5 * n)]),
    "pronunciations": lambda n: frame(entry(), ipa={f"casa{i}": "[x]" for i in range(5 * n)}),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", GROWING)
def test_the_time_grows_as_the_file_does(what: str, tmp_path: Path) -> None:
    """Four times the file takes about four times as long, and not sixteen times."""

    def seconds(number: int) -> float:
        content = json.dumps(GROWING[what](number)).encode()
        queue = "\n".join(f"w{n}" for n in range(number)).encode()
        taken = []
        for _ in range(3):
            start = time.process_time()
            travelled(tmp_path, content, GOOD["vocabulary"], queue)
            taken.append(time.process_time() - start)
        return min(taken)

    small, large = seconds(2_000), seconds(8_000)
    print(f"{what}: {small * 1e3:.0f} ms, then {large * 1e3:.0f} ms, {large / small:.1f} times")  # noqa: T201
    assert large < 8 * small
