"""Heaviest packing: of all groups of spans, those that share no span and gain most together, exactly.

What is certain is settled first: a group that gains at least as much as the best others of all its members
together belongs to some best packing. That leaves small knots, and only those go to a solver.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.span_pairs import stretches
from jupyter_annotate.extras import need_scipy

__all__ = ["heaviest_packing"]

_Codes = NDArray[np.int64]
_Floats = NDArray[np.float64]

#: Groups that go to the solver at once.
_BATCH = 2_000
#: A solver stops this close to the optimum, relative to it; or 1e-6 close, which larger numbers make less.
_GAP, _SCALE = 1e-12, 1e4


def heaviest_packing(members: _Codes, gain: _Floats, *, purpose: str) -> _Codes:
    """Return the groups of the heaviest packing.

    Parameters
    ----------
    members
        Members of each group, -1 for none; members of different columns are different. Shape (n, k).
    gain
        What each group gains, above 0. Shape (n,).
    purpose
        What it is for, if scipy is missing.

    Returns
    -------
    chosen
        Indices of the groups, ascending.
    """
    chosen, rest = _settled(members, gain)
    if len(rest):
        solve = _matched if members.shape[1] == 2 else _packed  # noqa: PLR2004 -- pairs
        for batch in _batches(members[rest], purpose):
            part = rest[batch]
            chosen.append(part[solve(members[part], gain[part], purpose)])
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)


def _settled(members: _Codes, gain: _Floats) -> tuple[list[_Codes], _Codes]:
    """Return the groups that are certain, and those that are left open."""
    chosen: list[_Codes] = []
    rest = np.arange(len(gain))
    while len(rest):
        sure = _sure(members[rest], gain[rest])
        if not len(sure):
            break
        chosen.append(rest[sure])
        taken = np.zeros(members.max(initial=0) + 2, dtype=bool)
        taken[members[chosen[-1]]] = True
        taken[-1] = False
        rest = rest[~taken[members[rest]].any(axis=1)]
    return chosen, rest


def _sure(members: _Codes, gain: _Floats) -> _Codes:
    """Return groups that gain as much as the best others of their members do together, none sharing one."""
    group, column = np.nonzero(members >= 0)
    member = members[group, column]
    order = np.lexsort((group, -gain[group], member))
    starts = stretches(member[order])
    first = order[starts[:-1]]
    second = np.where(np.diff(starts) > 1, order[np.minimum(starts[:-1] + 1, len(order) - 1)], -1)
    of = np.repeat(np.arange(len(first)), np.diff(starts))
    best, runner_up = group[first][of], np.where(second >= 0, gain[group[second]], 0.0)[of]
    other = np.zeros(len(order))
    other[order] = np.where(best == group[order], runner_up, gain[best])
    able = np.flatnonzero(gain >= np.bincount(group, weights=other, minlength=len(gain)))
    # Of able groups that share a member, the first goes first; the others are looked at again.
    earliest = np.full(members.max(initial=0) + 2, len(gain))
    np.minimum.at(earliest, members[able].ravel(), np.repeat(able, members.shape[1]))
    earliest[-1] = len(gain)
    return able[(earliest[members[able]] >= able[:, None]).all(axis=1)]


def _batches(members: _Codes, purpose: str) -> list[_Codes]:
    """Split groups into sets that share no member, each as large as a solver likes it."""
    sparse, graph = need_scipy("sparse", purpose=purpose), need_scipy("sparse.csgraph", purpose=purpose)
    group, column = np.nonzero(members >= 0)
    _, member = np.unique(members[group, column], return_inverse=True)
    n = len(members) + int(member.max()) + 1
    links = sparse.coo_array((np.ones(len(group)), (group, len(members) + member)), shape=(n, n))
    _, component = graph.connected_components(links, directed=False)
    component = component[: len(members)]
    order = np.argsort(component, kind="stable")
    starts = stretches(component[order])
    cuts = [0]
    for end in starts[1:].tolist():
        if end - cuts[-1] >= _BATCH:
            cuts.append(end)
    cuts.append(len(order))
    return [order[low:high] for low, high in pairwise(cuts) if high > low]


def _matched(members: _Codes, gain: _Floats, purpose: str) -> _Codes:
    """Solve pairs: an assignment in which each left member may stay alone."""
    sparse, graph = need_scipy("sparse", purpose=purpose), need_scipy("sparse.csgraph", purpose=purpose)
    _, left = np.unique(members[:, 0], return_inverse=True)
    _, right = np.unique(members[:, 1], return_inverse=True)
    n_left, n_right = int(left.max()) + 1, int(right.max()) + 1
    alone = np.arange(n_left)
    # Costs have to be above 0; staying alone gains nothing.
    most = 2 * gain.max()
    rows, columns = np.concatenate([left, alone]), np.concatenate([right, n_right + alone])
    cost = np.concatenate([most - gain, np.full(n_left, most)])
    table = sparse.csr_array((cost, (rows, columns)), shape=(n_left, n_right + n_left))
    row, column = graph.min_weight_full_bipartite_matching(table)
    keys = left * n_right + right
    order = np.argsort(keys)
    paired = column < n_right
    chosen: _Codes = order[np.searchsorted(keys[order], row[paired] * n_right + column[paired])]
    return chosen


def _packed(members: _Codes, gain: _Floats, purpose: str) -> _Codes:
    """Solve groups of three or more: each member at most once, by branch and bound."""
    optimize, sparse = need_scipy("optimize", purpose=purpose), need_scipy("sparse", purpose=purpose)
    group, column = np.nonzero(members >= 0)
    _, member = np.unique(members[group, column], return_inverse=True)
    once = sparse.csr_array((np.ones(len(group)), (member, group)))
    found = optimize.milp(
        -_SCALE * gain,
        constraints=optimize.LinearConstraint(once, ub=1),
        integrality=np.ones(len(gain)),
        bounds=optimize.Bounds(0, 1),
        options={"mip_rel_gap": _GAP},
    )
    if found.x is None:  # pragma: no cover -- choosing nothing is always allowed
        message = f"{purpose} found no alignment: {found.message}"
        raise RuntimeError(message)
    return np.flatnonzero(found.x > 0.5)  # noqa: PLR2004 -- a choice is 0 or 1 but for rounding
