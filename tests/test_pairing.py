"""Pairing: pairs within groups and runs of places, against loops."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.pairing import pairs_within, runs


@given(st.lists(st.integers(0, 3), max_size=12))
def test_pairs_within_are_all_pairs_of_a_group(group: list[int]) -> None:
    """Each two places of one group make a pair, the earlier place first."""
    first, second = pairs_within(np.array(group, dtype=np.int64))

    expected = [(a, b) for a, b in itertools.combinations(range(len(group)), 2) if group[a] == group[b]]
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8))
def test_runs_follow_each_other(given_runs: list[tuple[int, int]]) -> None:
    """Each run has its places in order, and runs without places none."""
    starts, counts = np.array(given_runs, dtype=np.int64).reshape(-1, 2).T
    owner, place = runs(starts, counts)

    expected = [(n, start + k) for n, (start, count) in enumerate(given_runs) for k in range(count)]
    assert list(zip(owner.tolist(), place.tolist(), strict=True)) == expected
