"""Continua: units of several annotators on a line, found or drawn at random, as gamma aligns them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.span_extents import Extents
from jupyter_annotate.agreement.span_marks import SpanMarks
from jupyter_annotate.agreement.span_pairs import ranges

__all__ = ["CHANCE", "Chance", "Continua", "Dissimilarity", "found_continua"]

_Codes: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]
#: How random continua are made.
Chance: TypeAlias = Literal["shuffle", "statistics"]

#: No unit is shorter when lengths are drawn.
_SHORTEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Continua:
    """Units of several continua, sorted by continuum, then annotator.

    Parameters
    ----------
    continuum, annotator, label, start, end
        Shape (n,). Annotators are numbered within their continuum.
    annotators
        How many annotators each continuum has, also those without a unit. Shape (n_continua,).
    """

    continuum: _Codes
    annotator: _Codes
    label: _Codes
    start: _Floats
    end: _Floats
    annotators: _Codes

    def units(self) -> _Codes:
        """Count the units of each continuum. Shape (n_continua,)."""
        return np.bincount(self.continuum, minlength=len(self.annotators))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissimilarity:
    """How far two units are apart (Mathet, Widlöcher and Métivier 2015, section 4.3).

    Parameters
    ----------
    alpha, beta
        Weights of place and label.
    delta
        What a unit without a partner counts, and the scale of the others.
    """

    alpha: float = 3.0
    beta: float = 1.0
    delta: float = 1.0

    def place(self, units: Continua, left: _Codes, right: _Codes) -> _Floats:
        """Return alpha times the squared distance of both ends over both lengths, times delta."""
        apart = np.abs(units.start[left] - units.start[right]) + np.abs(units.end[left] - units.end[right])
        lengths = units.end[left] - units.start[left] + units.end[right] - units.start[right]
        return self.alpha * self.delta * (apart / lengths) ** 2

    def between(self, units: Continua, left: _Codes, right: _Codes) -> _Floats:
        """Return the dissimilarity of units, pair by pair."""
        other = units.label[left] != units.label[right]
        return np.asarray(self.place(units, left, right) + self.beta * self.delta * other)


def found_continua(marks: SpanMarks) -> Continua:
    """Return each item as a continuum."""
    answers = marks.answers()
    first = np.cumsum(answers) - answers
    return Continua(
        continuum=marks.item,
        annotator=marks.answer - first[marks.item],
        label=marks.label,
        start=marks.start.astype(np.float64),
        end=marks.end.astype(np.float64),
        annotators=answers,
    )


def _shuffled(found: Continua, extents: Extents, rng: np.random.Generator) -> Continua:
    """Draw continua from annotations of the annotators, shifted along a circle (2015, section 5.2).

    Each annotator gets the units of one drawn at random, moved by a random shift; what leaves at the end
    comes in at the start. Shifts differ by half the mean length of a unit at least, so that copies of one
    annotation do not lie over each other by construction.
    """
    first_annotator = np.cumsum(found.annotators) - found.annotators
    n_units = np.bincount(
        first_annotator[found.continuum] + found.annotator, minlength=found.annotators.sum()
    )
    first_unit = np.cumsum(n_units) - n_units
    of = np.repeat(np.arange(len(found.annotators)), found.annotators)
    chosen = first_annotator[of] + rng.integers(found.annotators[of])
    filled = found.units() > 0
    while True:
        drawn = np.bincount(of, weights=n_units[chosen], minlength=len(found.annotators))
        empty = (filled & (drawn == 0))[of]
        if not empty.any():
            break
        chosen[empty] = (first_annotator[of] + rng.integers(found.annotators[of]))[empty]
    owner, unit = ranges(first_unit[chosen], n_units[chosen])
    length = extents.lengths().astype(np.float64)
    shift = _shifts(found, length, of, rng)[owner]
    item = of[owner]
    low = extents.low[item]
    start = low + np.mod(found.start[unit] - low + shift, np.maximum(length[item], _SHORTEST))
    return Continua(
        continuum=item,
        annotator=owner - first_annotator[item],
        label=found.label[unit],
        start=start,
        end=start + found.end[unit] - found.start[unit],
        annotators=found.annotators,
    )


def _shifts(found: Continua, length: _Floats, of: _Codes, rng: np.random.Generator) -> _Floats:
    """Draw one shift an annotator, evenly among all whose distances on the circle are large enough."""
    n_continua = len(found.annotators)
    total = np.bincount(found.continuum, weights=found.end - found.start, minlength=n_continua)
    apart = total / np.maximum(found.units(), 1) / 2
    apart = np.where(apart * found.annotators < length, apart, 0.0)
    slack = length - apart * found.annotators
    place = rng.random(len(of))
    order = np.lexsort((place, of))
    rank = np.arange(len(of)) - (np.cumsum(found.annotators) - found.annotators)[of]
    shift = place[order] * slack[of] + rank * apart[of] + rng.random(n_continua)[of] * length[of]
    # Sorted places say who stands next to whom; who is who is drawn apart.
    shuffled = np.lexsort((rng.random(len(of)), of))
    return np.asarray(shift[shuffled] % np.maximum(length[of], _SHORTEST))


def _from_statistics(found: Continua, extents: Extents, rng: np.random.Generator) -> Continua:  # noqa: ARG001 -- one signature
    """Draw continua from normal distributions of counts, gaps and lengths, and labels as often as found.

    The default of pygamma-agreement (Titeux and Riad 2021, doi:10.21105/joss.02989), kept for comparison.
    """
    n_continua = len(found.annotators)
    first_annotator = np.cumsum(found.annotators) - found.annotators
    of = np.repeat(np.arange(n_continua), found.annotators)
    sizes = np.bincount(first_annotator[found.continuum] + found.annotator, minlength=len(of))
    count = np.abs(_normal(rng, of, *_moments(of, sizes, n_continua))).astype(np.int64)
    heads = first_annotator[found.units() > 0]
    count[heads] = np.maximum(count[heads], 1)
    count[(found.units() == 0)[of]] = 0
    owner, rank = ranges(np.zeros_like(count), count)
    item = of[owner]
    gap = _normal(rng, item, *_moments(*_gaps(found), n_continua))
    length = _normal(rng, item, *_moments(found.continuum, found.end - found.start, n_continua))
    length = np.maximum(np.abs(length), _SHORTEST)
    # Each unit follows the one before it: running sums, less what ran before the annotator's first unit.
    running = np.cumsum(gap + length)
    base = np.append(0.0, running)[np.arange(len(owner)) - rank]
    end = running - base
    units = found.units()
    first_unit = np.cumsum(units) - units
    label = found.label[first_unit[item] + rng.integers(np.maximum(units[item], 1))]
    annotator = owner - first_annotator[item]
    return Continua(item, annotator, label, end - length, end, found.annotators)


def _gaps(found: Continua) -> tuple[_Codes, _Floats]:
    """Return the gaps between neighbouring units, before the first ones, and a zero, as the peer does."""
    n_continua = len(found.annotators)
    same = (found.continuum[1:] == found.continuum[:-1]) & (found.annotator[1:] == found.annotator[:-1])
    ahead = ~np.append(False, same) & (found.start > 0)
    gap = np.concatenate([np.zeros(n_continua), (found.start[1:] - found.end[:-1])[same], found.start[ahead]])
    item = np.concatenate([np.arange(n_continua), found.continuum[1:][same], found.continuum[ahead]])
    return item, gap


def _moments(of: _Codes, values: NDArray[np.int64] | _Floats, n: int) -> tuple[_Floats, _Floats]:
    """Return mean and standard deviation by group."""
    size = np.maximum(np.bincount(of, minlength=n), 1)
    mean = np.bincount(of, weights=values, minlength=n) / size
    return mean, np.sqrt(np.bincount(of, weights=(values - mean[of]) ** 2, minlength=n) / size)


def _normal(rng: np.random.Generator, of: _Codes, mean: _Floats, deviation: _Floats) -> _Floats:
    return rng.normal(size=len(of)) * deviation[of] + mean[of]


#: From the continua found, where they lie, and a generator, to as many random ones.
CHANCE: dict[str, Callable[[Continua, Extents, np.random.Generator], Continua]] = {
    "shuffle": _shuffled,
    "statistics": _from_statistics,
}
