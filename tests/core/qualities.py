"""Chord qualities of every kind, for tests of what must hold for any of them."""

from hypothesis import strategies as st

from psc2.core.harmony import TENSIONS, Quality

QUALITIES = st.builds(
    Quality,
    st.sampled_from([None, 2, 3, 4, 5]),
    st.sampled_from([None, 6, 7, 8]),
    st.sampled_from([None, 9, 10, 11]),
    st.frozensets(st.sampled_from(sorted(TENSIONS)), max_size=4),
)
