"""The best alignment of continua, exactly: which units of the annotators belong together.

A unitary alignment holds at most one unit of each annotator; an alignment puts each unit into exactly one.
The disorder of a unitary alignment is the mean over pairs of annotators of their units' dissimilarity, delta
where one has none; the best alignment has the least sum (Mathet, Widlöcher and Métivier 2015, section 4.4).

A unit alone has disorder delta. So an alignment is worth what its groups of two or more units save over
leaving their units alone, and only groups that save as much as any split of theirs are looked at. Where
several alignments are best, one that leaves fewest apart is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.gamma_units import Continua, Dissimilarity
from jupyter_annotate.agreement.span_matching import heaviest_packing
from jupyter_annotate.agreement.span_pairs import ranges, stretches

__all__ = ["Alignment", "best_alignment"]

_Codes = NDArray[np.int64]
_Floats = NDArray[np.float64]

#: Units aligned at once, times three to the number of annotators: groups grow like that.
_UNITS = 400_000
#: Pairs of units looked at together.
_CHUNK = 2_000_000
#: Of two alignments as good as each other the one that aligns more units is better by this, in deltas.
_TIE = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Groups of two or more aligned units; all other units stand alone.

    Parameters
    ----------
    units
        Unit of each annotator in each group, -1 for none. Shape (n_groups, n_annotators).
    saved
        How much less disorder each group has than its units alone. Shape (n_groups,).
    """

    units: _Codes
    saved: _Floats


def best_alignment(continua: Continua, far: Dissimilarity) -> Iterator[Alignment]:
    """Find the best alignments; a result is of some continua that have one number of annotators."""
    for n in np.unique(continua.annotators):
        chosen = np.flatnonzero((continua.annotators == n)[continua.continuum])
        for part in _whole_continua(continua.continuum[chosen], max(_UNITS // 3 ** int(n), 1)):
            yield _aligned(continua, chosen[part], int(n), far)


def _whole_continua(continuum: _Codes, size: int) -> Iterator[slice]:
    """Split units so that each part has whole continua, and about so many units."""
    starts = stretches(continuum)
    batch = starts[:-1] // size
    cuts = np.append(starts[:-1][np.flatnonzero(np.diff(batch, prepend=-1))], len(continuum))
    return (slice(low, high) for low, high in pairwise(cuts.tolist()))


def _aligned(continua: Continua, chosen: _Codes, n: int, far: Dissimilarity) -> Alignment:
    """Align the chosen units, whose continua have n annotators."""
    pairs = n * (n - 1) // 2
    # A group of k is better off without a unit whose k - 1 dissimilarities sum to more than this.
    reach = (pairs + n - 1 + _TIE) * far.delta
    left, right = _neighbours(continua, chosen, reach, far)
    groups = _grown(continua, chosen, (left, right), n, far) if n > 2 else np.stack([left, right], axis=1)  # noqa: PLR2004
    saved = _saved(continua, groups, n, far)
    worth = saved + _TIE * far.delta * ((groups >= 0).sum(axis=1) - 1)
    groups, saved, worth = groups[worth > 0], saved[worth > 0], worth[worth > 0]
    best = heaviest_packing(groups, worth, purpose="Gamma")
    return Alignment(groups[best], saved[best])


def _neighbours(
    continua: Continua, chosen: _Codes, reach: float, far: Dissimilarity
) -> tuple[_Codes, _Codes]:
    """List the pairs of units of different annotators that are closer than reach, the first annotator first.

    The distance of both ends is the larger of twice the distance of the middles and the difference of the
    lengths. So units closer than reach have middles closer than a share of their lengths, and sorted middles
    find them, one class of lengths at a time.
    """
    share = np.sqrt(reach / (far.alpha * far.delta))
    start, end = continua.start[chosen], continua.end[chosen]
    length = end - start
    size = np.floor(np.log2(length)).astype(np.int64)
    widest = share * 2.0 ** (size.max(initial=0) + 1)
    width = (end.max(initial=0) - start.min(initial=0)) + 2 * widest + 1
    key = continua.continuum[chosen] * width + (start + end) / 2
    slack = 4 * np.finfo(float).eps * (1 + np.abs(key).max(initial=0))
    found = [(chosen[:0], chosen[:0])]
    for each in np.unique(size):
        longer = np.flatnonzero(size == each)
        longer = longer[np.argsort(key[longer], kind="stable")]
        shorter = np.flatnonzero(size <= each)
        around = share * 2.0 ** (each + 1) + slack
        first = np.searchsorted(key[longer], key[shorter] - around)
        last = np.searchsorted(key[longer], key[shorter] + around, side="right")
        for part in _parts(last - first):
            one, place = ranges(first[part], (last - first)[part])
            one, other = shorter[part][one], longer[place]
            # Of two units of one class both look for the other.
            once = (size[one] < each) | (one < other)
            found.append(_close(continua, chosen[one[once]], chosen[other[once]], reach, far))
    left, right = (np.concatenate(side) for side in zip(*found, strict=True))
    order = np.lexsort((right, left))
    return left[order], right[order]


def _parts(counts: _Codes) -> Iterator[slice]:
    """Split rows so that the counts of each part sum to a chunk or little more."""
    batch = np.cumsum(counts) // _CHUNK
    cuts = np.append(np.flatnonzero(np.diff(batch, prepend=-1)), len(counts))
    return (slice(low, high) for low, high in pairwise(cuts.tolist()))


def _close(
    continua: Continua, one: _Codes, other: _Codes, reach: float, far: Dissimilarity
) -> tuple[_Codes, _Codes]:
    """Keep the pairs of one continuum and two annotators that are closer than reach."""
    able = (continua.continuum[one] == continua.continuum[other]) & (
        continua.annotator[one] != continua.annotator[other]
    )
    one, other = one[able], other[able]
    able = far.between(continua, one, other) < reach
    one, other = one[able], other[able]
    ahead = continua.annotator[one] < continua.annotator[other]
    return np.where(ahead, one, other), np.where(ahead, other, one)


def _grown(
    continua: Continua, chosen: _Codes, near: tuple[_Codes, _Codes], n: int, far: Dissimilarity
) -> _Codes:
    """List the groups that no split of theirs is as good as, annotator by annotator. Shape (n_groups, n)."""
    left, right = near
    key = left * n + continua.annotator[right]
    order = np.argsort(key, kind="stable")
    key, right = key[order], right[order]
    pairs = n * (n - 1) // 2
    groups, anchor = np.zeros((0, n), dtype=np.int64), np.zeros(0, dtype=np.int64)
    apart = np.zeros((0, n))
    for annotator in range(n):
        first, last = (np.searchsorted(key, anchor * n + annotator, side=side) for side in ("left", "right"))
        of, place = ranges(first, last - first)
        grown, unit, sums = groups[of], right[place], apart[of]
        for other in range(annotator):
            given = np.flatnonzero(grown[:, other] >= 0)
            added = far.between(continua, grown[given, other], unit[given])
            sums[given, other] += added
            sums[given, annotator] += added
        grown[:, annotator] = unit
        most = (pairs + (grown >= 0).sum(axis=1) + n - annotator - 2 + _TIE) * far.delta
        kept = (sums < most[:, None]).all(axis=1)
        alone = chosen[continua.annotator[chosen] == annotator]
        single = np.full((len(alone), n), -1)
        single[:, annotator] = alone
        groups = np.concatenate([groups, grown[kept], single])
        apart = np.concatenate([apart, sums[kept], np.zeros((len(alone), n))])
        anchor = np.concatenate([anchor, anchor[of][kept], alone])
    groups = groups[(groups >= 0).sum(axis=1) > 1]
    whole: _Codes = groups[_whole(continua, groups, n, far)]
    return whole


def _whole(continua: Continua, groups: _Codes, n: int, far: Dissimilarity) -> NDArray[np.bool_]:
    """Say which groups save as much as any two parts of theirs."""
    pairs = list(combinations(range(n), 2))
    apart = np.stack([_apart(continua, groups, pair, far) for pair in pairs], axis=1)
    given = groups >= 0
    kept = np.ones(len(groups), dtype=bool)
    for side in range(1, 2 ** (n - 1)):
        inside = np.array([side >> annotator & 1 for annotator in range(n)], dtype=bool)
        across = [inside[one] != inside[other] for one, other in pairs]
        n_inside, n_outside = given[:, inside].sum(axis=1), given[:, ~inside].sum(axis=1)
        cheap = apart[:, across].sum(axis=1) < (len(pairs) + n_inside * n_outside + _TIE) * far.delta
        kept &= cheap | (n_inside == 0) | (n_outside == 0)
    return kept


def _apart(continua: Continua, groups: _Codes, pair: tuple[int, int], far: Dissimilarity) -> _Floats:
    """Return the dissimilarity of two annotators' units in each group, 0 where one has none."""
    both = np.flatnonzero((groups[:, pair[0]] >= 0) & (groups[:, pair[1]] >= 0))
    apart = np.zeros(len(groups))
    apart[both] = far.between(continua, groups[both, pair[0]], groups[both, pair[1]])
    return apart


def _saved(continua: Continua, groups: _Codes, n: int, far: Dissimilarity) -> _Floats:
    """Return how much less disorder groups have than their units alone. Shape (n_groups,)."""
    columns = range(groups.shape[1])
    apart = sum(
        (_apart(continua, groups, pair, far) for pair in combinations(columns, 2)), np.zeros(len(groups))
    )
    k = (groups >= 0).sum(axis=1)
    pairs = n * (n - 1) // 2
    return np.asarray(((k - 1) * pairs + k * (k - 1) / 2) * far.delta - apart) / pairs
