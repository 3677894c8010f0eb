"""Values that a context may be given, for property tests."""

from typing import Any

from hypothesis import strategies as st

from stages import FrozenMap, Problem, Report, Severity, Status

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.binary(max_size=5)
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=3).map(FrozenMap),
        st.sets(scalars, max_size=3),
        st.binary(max_size=3).map(bytearray),
    ),
    max_leaves=8,
)
names: st.SearchStrategy[str] = st.text("abcdef", min_size=1, max_size=2)
valued: st.SearchStrategy[dict[str, Any]] = st.dictionaries(names, values, max_size=5)
texts: st.SearchStrategy[str] = st.text(max_size=8)
problems: st.SearchStrategy[Problem] = st.builds(
    Problem, texts, texts, texts, texts, st.sampled_from(Severity)
)
reports: st.SearchStrategy[Report] = st.builds(
    Report,
    texts,
    st.sampled_from(Status),
    texts,
    st.lists(problems, max_size=2).map(tuple),
    st.dictionaries(texts, st.integers(), max_size=2).map(FrozenMap),
    st.lists(texts, max_size=2).map(tuple),
)
