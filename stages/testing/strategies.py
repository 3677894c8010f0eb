"""Hypothesis strategies for what a stage may be given, nice or not."""

import types
import typing
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from typing import Any, get_args, get_origin

import attrs
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from stages.core.context import Context
from stages.core.frozen import FrozenMap
from stages.core.key import Key
from stages.core.stage import Stage
from stages.records.batch import Batch
from stages.records.brief import Brief
from stages.records.card import Card
from stages.records.conjugation import Conjugation, Conjugations
from stages.records.entry import told_fields
from stages.records.job import Job
from stages.records.meaning import GAP, Meaning
from stages.records.media import MediaFile, Recording, media_name
from stages.records.note_types import VOCABULARY_NOTE
from stages.records.pronunciation import pronounced
from stages.records.vocabulary import Vocabulary

AWKWARD = (
    "",
    " ",
    "casa",
    "Casa",
    "ser",
    "con",
    "tener que",
    "niño",
    "nin\u0303o",
    "él",
    "¿qué?",
    "a]b",
    "a[b].c",
    "../x",
    "<b>casa</b>",
    "a & b",
    "{{Word}}",
    "{{c1::casa}}",
    "[sound:x.mp3]",
    "בית",
    "كِتَاب",
    "家",
    "👩‍👩‍👧‍👦",
    "👍🏽",
    "\u202eabc",
    "\u200b",
    "a\nb",
    "a\x1fb",
    "\x00",
    "İ",
    "ß",
    GAP,
    "[ˈka.sa]",
    "[al.ˈgu.no]",
)
"""Texts that trip what was only tried with nice ones; few, so that places that should agree often do."""

_CONTENTS = (
    b"\x89PNG\r\n\x1a\none",
    b"\x89PNG\r\n\x1a\ntwo",
    b"GIF89a three",
    b"ID3\x04one",
    b"ID3\x04two",
)

SAMPLE_MEDIA: FrozenMap[str, bytes] = FrozenMap(
    {media_name(f"sample {n}", content): content for n, content in enumerate(_CONTENTS)}
)
"""The files that every generated `MediaFile` and `Recording` is one of: what a media provider should hold."""


def texts() -> SearchStrategy[str]:
    """Give texts of every script and kind, empty ones and markup among them."""
    return st.one_of(st.sampled_from(AWKWARD), st.text(max_size=12))


def frozen_json() -> SearchStrategy[Any]:
    """Give any JSON value, with tuples for lists and frozen maps for objects."""
    atoms = (
        st.none()
        | st.booleans()
        | st.integers()
        | texts()
        | st.floats(allow_nan=False, allow_infinity=False)
    )
    return st.recursive(
        atoms,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(texts(), inner, max_size=3).map(FrozenMap)
        ),
        max_leaves=6,
    )


def contexts_for(a_stage: "Stage[...]") -> SearchStrategy[Context]:
    """
    Give contexts that a stage has to cope with.

    Every key that it needs is there; each that it uses or gives may be.
    """
    may_be = (*a_stage.uses, *(key for key in a_stage.gives if key not in a_stage.needs))
    return st.fixed_dictionaries(
        {str(key): values_for(key) for key in a_stage.needs},
        optional={str(key): values_for(key) for key in may_be},
    ).map(Context.of)


def values_for(key: Key[Any]) -> SearchStrategy[Any]:
    """Give values that a key can hold."""
    holds: Any = key.holds
    return values_of(holds)


@cache
def values_of(kind: Any) -> SearchStrategy[Any]:
    """
    Give values of a type: a plain one, a container, a union, an enum or an attrs record of such.

    Anything else is left to `hypothesis.strategies.from_type`.
    """
    return st.deferred(lambda: _values_of(kind))


def _values_of(kind: Any) -> SearchStrategy[Any]:
    if kind in _OWN:
        return _OWN[kind]()
    if kind is Any or kind is object:
        return frozen_json()
    origin, args = get_origin(kind), get_args(kind)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(values_of, args))
    if origin is not None and args:
        return _container(origin, args)
    if attrs.has(kind):
        return _record(kind)
    return st.from_type(kind)


def _container(origin: Any, args: tuple[Any, ...]) -> SearchStrategy[Any]:
    match args:
        case (one, end) if origin is tuple and end is ...:
            return st.lists(values_of(one), max_size=4).map(tuple)
        case _ if origin is tuple:
            return st.tuples(*map(values_of, args))
        case (one,) if origin is frozenset:
            return st.frozensets(values_of(one), max_size=4)
        case (name, one) if origin is FrozenMap:
            return st.dictionaries(values_of(name), values_of(one), max_size=4).map(FrozenMap)
        case _:
            rest: SearchStrategy[Any] = st.from_type(origin[args])
            return rest


def _record(kind: Any, **own: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Give records of an attrs class; what its validators refuse is not asked for again."""

    def made(**values: Any) -> Any:
        try:
            return kind(**values)
        except (TypeError, ValueError):
            reject()

    hints = typing.get_type_hints(kind)
    fields = {
        one.alias or one.name: own[one.name]
        if one.name in own
        else values_of(hints.get(one.name, Any))
        for one in attrs.fields(kind)
        if one.init
    }
    return st.builds(made, **fields)


_LANGUAGES = ("es-419", "es-419", "de", "he", "zh-Hans", "")


def _meanings() -> SearchStrategy[Meaning]:
    """Give meanings of any kind, and about as many that have nothing wrong with them."""

    def whole(word: str, name: str, before: str, after: str) -> Meaning:
        return Meaning(
            word=word,
            id=name,
            context="sentido",
            definition="una cosa",
            example=f"{before} {word} {after}",
            gapped=f"{before} {GAP} {after}",
            ipa=pronounced(word) or "[ˈka.sa]",
        )

    names = st.sampled_from(("home", "dog", "to_go"))
    words = st.sampled_from(("casa", "niño", "tener que", "家"))
    sides = st.sampled_from(("", "La", "es mía.", "¿Y"))
    anything = _record(
        Meaning,
        language=st.sampled_from(_LANGUAGES),
        card=st.sampled_from(("", "", "casa_home_005")),
    )
    return anything | st.builds(whole, words, names, sides, sides)


def _briefs() -> SearchStrategy[Brief]:
    return st.builds(
        Brief,
        language=st.sampled_from(_LANGUAGES),
        native=st.sampled_from(("en", "de")),
        most=st.integers(1, 8),
    )


def _vocabularies() -> SearchStrategy[Vocabulary]:
    """Give vocabularies that hold more than meanings, as files do."""
    more = st.dictionaries(
        st.sampled_from(("processed_date", "ImageFile", "WordAudioAlt", "ñ")),
        frozen_json(),
        min_size=1,
        max_size=2,
    ).map(FrozenMap)

    @st.composite
    def made(draw: st.DrawFn) -> Vocabulary:
        several = st.lists(_meanings(), max_size=4, unique_by=lambda one: one.identity)
        meanings = tuple(draw(several))
        words = sorted({one.word for one in meanings})
        cards = sorted({one.card_id for one in meanings})
        return Vocabulary(
            meanings=meanings,
            skipped=draw(st.lists(texts(), max_size=3, unique=True).map(tuple)),
            metadata=draw(more | st.just(FrozenMap[str, Any]())),
            others=draw(more | st.just(FrozenMap[str, Any]())),
            of_words=FrozenMap({word: draw(more) for word in words if draw(st.booleans())}),
            of_cards=FrozenMap({card: draw(more) for card in cards if draw(st.booleans())}),
        )

    return made()


def _conjugations() -> SearchStrategy[Conjugations]:
    """Give verb forms as files hold them, with gaps and without."""
    form = _record(
        Conjugation,
        id=st.sampled_from(("hablar_yo", "ser_ella", "ñ")),
        form=st.sampled_from(("hablo", "era", "él")),
        infinitive=st.sampled_from(("hablar", "ser")),
        sentence=st.sampled_from((f"Yo {GAP} mucho.", "__ mucho.", "Hablo.", "Nada.")),
        language=st.sampled_from(("es-419", "es-ES", "de")),
        others=st.just(FrozenMap[str, Any]()) | st.just(FrozenMap({"Picture": "a.png"})),
    )
    more = st.dictionaries(
        st.sampled_from(("created", "ñ")), frozen_json(), min_size=1, max_size=2
    ).map(FrozenMap)
    empty = st.just(FrozenMap[str, Any]())
    return st.builds(
        Conjugations,
        forms=st.lists(form, max_size=4).map(tuple),
        metadata=empty | more,
        others=empty | more,
    )


def _cards() -> SearchStrategy[Card]:
    """Give cards that are mostly of a note type that is there."""
    return _record(
        Card,
        note_type=st.sampled_from((*[VOCABULARY_NOTE.name] * 4, "Another")),
        language=st.sampled_from(_LANGUAGES),
        fields=st.dictionaries(
            st.sampled_from(VOCABULARY_NOTE.fields) | texts(), texts(), max_size=6
        ).map(FrozenMap),
        tags=st.lists(st.sampled_from(("a", "b", "ñ")), max_size=3).map(tuple),
    )


def _files(kind: type[Any]) -> SearchStrategy[Any]:
    """Give records of a kind that name one of the sample files."""
    return st.builds(
        lambda file, record: attrs.evolve(record, name=file[0], size=len(file[1])),
        st.sampled_from(tuple(SAMPLE_MEDIA.items())),
        _record(kind, name=st.just(""), size=st.just(0)),
    )


def _batches() -> SearchStrategy[Batch]:
    """Give batches whose entries are right, nearly right, or anything at all."""
    right = {
        "SpanishWord": st.sampled_from(("casa", "tener que")),
        "MeaningID": st.sampled_from(("home", "to_do")),
        "MeaningContext": st.just("sentido"),
        "MonolingualDef": st.just("una cosa"),
        "ExampleSentence": st.sampled_from(("Mi casa es azul.", "¡Casa!", "Tengo que ir.")),
        "GappedSentence": st.sampled_from(("Mi _____ es azul.", "¡_____!", "_____ ir.", "")),
        "IPA": st.just("[ˈka.sa]"),
    }
    near = {name: st.one_of(one, one, one, frozen_json()) for name, one in right.items()}
    others = {name: frozen_json() for name in (*told_fields("es"), "CardID") if name not in right}
    entries = (
        st.fixed_dictionaries(right).map(FrozenMap)
        | st.fixed_dictionaries(near, optional=others).map(FrozenMap)
        | st.fixed_dictionaries({}, optional={**near, **others}).map(FrozenMap)
        | frozen_json()
    )
    words = st.lists(st.sampled_from(("casa", "tener que")) | texts(), max_size=3).map(tuple)
    return st.builds(
        Batch,
        words=words,
        entries=st.lists(entries, max_size=4).map(tuple),
        skipped=words,
        brief=_briefs(),
        ipa=st.dictionaries(texts(), texts(), max_size=2).map(FrozenMap),
        review=st.booleans(),
        job=st.none() | values_of(Job),
    )


_OWN: dict[Any, Callable[[], SearchStrategy[Any]]] = {
    str: texts,
    bytes: lambda: st.binary(max_size=12),
    float: lambda: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: lambda: st.decimals(allow_nan=False, allow_infinity=False, places=2),
    Meaning: _meanings,
    Card: _cards,
    MediaFile: partial(_files, MediaFile),
    Recording: partial(_files, Recording),
    Batch: _batches,
    Brief: _briefs,
    Vocabulary: _vocabularies,
    Conjugations: _conjugations,
}
