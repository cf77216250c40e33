"""Statistics: coefficients as functions of weights of profiles, for all draws of a bootstrap at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import numpy as np

from jupyter_annotate.agreement.profiles import Floats, Integers

__all__ = ["STEP", "Statistic", "Sums", "no_entries", "over", "ratio"]

#: With more cells than this, counts are kept as a list of those that are not 0.
_CELLS = 4_000_000
#: How many numbers one step of a computation may hold.
STEP = 4_000_000
#: Leaving out each profile in turn is given up where it would take more numbers than this.
_MOST = 400_000_000


class Statistic(Protocol):
    """A coefficient as a function of how often each profile occurs."""

    def values(self, weights: Floats) -> Floats:
        """Return a value for each draw, nan where it is undefined.

        Parameters
        ----------
        weights
            How often each profile occurs in each draw, times what it counts. Shape (draws, k).
        """

    def without(self, weights: Floats, one: Floats) -> Floats | None:
        """Return the value without one item of each profile in turn, or None if that is too much work.

        Parameters
        ----------
        weights
            How often each profile occurs, times what it counts. Shape (k,).
        one
            What one item of each profile counts. Shape (k,).
        """


class Sums:
    """A coefficient that is a function of sums over items.

    Parameters
    ----------
    dense
        Figures of an item of each profile. Shape (k, e).
    owner, column, amount
        Further figures, of which most are 0: of which profile, which of them, what; sorted by column.
    n_columns
        How many further figures there are.
    function
        From the sums of the figures, shapes (draws, e) and (draws, n_columns), to values, shape (draws,).
    work
        How many numbers it takes for one draw, if that is more than there are further figures.
    """

    def __init__(
        self,
        dense: Floats,
        entries: tuple[Integers, Integers, Floats],
        n_columns: int,
        function: Callable[[Floats, Floats], Floats],
        work: int = 1,
    ) -> None:
        self._dense, self._function = dense, function
        self._owner, self._column, self._amount = entries
        self._n_columns = n_columns
        self._work = max(n_columns, work)

    def values(self, weights: Floats) -> Floats:
        """Return a value for each draw, as `Statistic.values`."""
        return self._function(weights @ self._dense, self._totals(weights))

    def without(self, weights: Floats, one: Floats) -> Floats | None:
        """Return the value without one item of each profile in turn, as `Statistic.without`."""
        n_profiles = len(weights)
        if n_profiles * self._work > _MOST:
            return None
        sums = weights @ self._dense
        totals = self._totals(weights[None])
        rows = max(STEP // max(self._n_columns, 1), 1)
        parts = [np.empty(0)]
        for start in range(0, n_profiles, rows):
            part = slice(start, start + rows)
            left = one[part, None]
            parts.append(
                self._function(sums - left * self._dense[part], totals - left * self._rows(part, n_profiles))
            )
        return np.concatenate(parts)

    @cached_property
    def _matrix(self) -> Floats | None:
        """The further figures with all their zeros, if they are few."""
        if len(self._dense) * self._n_columns > _CELLS:
            return None
        matrix = np.zeros((len(self._dense), self._n_columns))
        matrix[self._owner, self._column] = self._amount
        return matrix

    def _totals(self, weights: Floats) -> Floats:
        if self._matrix is not None:
            found: Floats = weights @ self._matrix
            return found
        totals = np.zeros((len(weights), self._n_columns))
        starts = np.flatnonzero(np.diff(self._column, prepend=-1))
        columns = self._column[starts]
        # Entries are sorted by column: sums over stretches are several times faster than counting.
        for total, weight in zip(totals, weights, strict=True):
            total[columns] = np.add.reduceat(weight[self._owner] * self._amount, starts)
        return totals

    def _rows(self, part: slice, n_profiles: int) -> Floats:
        if self._matrix is not None:
            return self._matrix[part]
        start, stop, _ = part.indices(n_profiles)
        inside = (self._owner >= start) & (self._owner < stop)
        rows = np.zeros((stop - start, self._n_columns))
        rows[self._owner[inside] - start, self._column[inside]] = self._amount[inside]
        return rows


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide; nan where the divisor is 0 or nothing but rounding."""
    tiny = np.abs(below) <= 1e-12  # noqa: PLR2004 -- all divisors here are of the order of 1
    nothing: Floats = np.full(np.shape(below), np.nan)
    return np.divide(above, below, out=nothing, where=~tiny)


def over(above: Floats, below: Floats) -> Floats:
    """Divide; 0 where the divisor is 0."""
    return np.divide(above, below, out=np.zeros(np.shape(below)), where=below != 0)


def no_entries() -> tuple[Integers, Integers, Floats]:
    """Return what a coefficient without further figures has."""
    none = np.empty(0, dtype=np.int64)
    return none, none, np.empty(0)
