"""Disorder by chance: gamma's figures for random annotations, drawn until they are precise enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.gamma_units import CHANCE, Chance, Continua, found_continua
from jupyter_annotate.agreement.span_extents import Extents
from jupyter_annotate.agreement.span_marks import SpanMarks

__all__ = ["Sampling", "by_chance", "relative_error"]

_Floats: TypeAlias = NDArray[np.float64]
#: From continua to figures of each, shape (n_figures, n_continua).
_Measure: TypeAlias = Callable[[Continua], _Floats]
#: From the figures of continua added up, shape (n_figures, n_draws), to the disorder of each draw.
_Disorder: TypeAlias = Callable[[_Floats], _Floats]

#: Units that are aligned at once.
_BATCH = 40_000
#: Two-sided 95 % of a normal distribution.
_NORMAL = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How chance is measured.

    Parameters
    ----------
    n_samples
        How many random annotations are drawn at least.
    precision
        Relative error of the mean disorder that is enough, at 95 %; None for n_samples.
    chance
        How they are made.
    seed
        The same seed makes the same ones.
    """

    n_samples: int
    precision: float | None
    chance: Chance
    seed: int

    def __post_init__(self) -> None:
        """Refuse what makes no chance."""
        if not _is(Integral, self.n_samples) or self.n_samples < 2:  # noqa: PLR2004 -- one has no spread
            message = f"Expected n_samples to be a whole number from 2 on, found {self.n_samples!r}."
            raise ValueError(message)
        if self.precision is not None and (not _is(Real, self.precision) or not 0 < self.precision < 1):
            message = f"Expected precision between 0 and 1, like 0.02, or None, found {self.precision!r}."
            raise ValueError(message)
        if self.chance not in CHANCE:
            message = f"Expected chance to be one of {tuple(CHANCE)}, found {self.chance!r}."
            raise ValueError(message)


def by_chance(  # noqa: PLR0913, PLR0917 -- private
    marks: SpanMarks,
    extents: Extents,
    sampling: Sampling,
    measure: _Measure,
    disorder: _Disorder,
    weight: _Floats,
) -> _Floats:
    """Return the figures of random annotations. Shape (n_figures, n_samples, n_items)."""
    rng = np.random.default_rng(sampling.seed).spawn(1)[0]
    found = found_continua(marks)
    drawn = _drawn(found, extents, sampling, measure, rng, sampling.n_samples) * weight
    if sampling.precision is not None:
        error = relative_error(disorder(drawn.sum(axis=2)), n=1)
        more = int(np.ceil((error / sampling.precision) ** 2)) - sampling.n_samples
        if more > 0:
            others = _drawn(found, extents, sampling, measure, rng, more) * weight
            drawn = np.concatenate([drawn, others], axis=1)
    return drawn


def _drawn(  # noqa: PLR0913, PLR0917 -- private
    found: Continua,
    extents: Extents,
    sampling: Sampling,
    measure: _Measure,
    rng: np.random.Generator,
    n: int,
) -> _Floats:
    n_items = len(found.annotators)
    batch = max(_BATCH // max(len(found.continuum), 1), 1)
    parts = []
    for first in range(0, n, batch):
        size = min(batch, n - first)
        many = _repeated(found, size)
        wide = Extents(np.tile(extents.low, size), np.tile(extents.high, size))
        figures = measure(CHANCE[sampling.chance](many, wide, rng))
        parts.append(figures.reshape(len(figures), size, n_items))
    return np.concatenate(parts, axis=1)


def _repeated(found: Continua, times: int) -> Continua:
    """Return the continua so many times, one after the other."""
    n_continua = len(found.annotators)
    again = np.repeat(np.arange(times), len(found.continuum)) * n_continua
    columns = {
        name: np.tile(getattr(found, name), times)
        for name in ("annotator", "label", "start", "end", "annotators")
    }
    return replace(found, continuum=np.tile(found.continuum, times) + again, **columns)


def relative_error(disorders: _Floats, n: int | None = None) -> float:
    """Return the relative error of the mean of n draws, at 95 %."""
    disorders = disorders[~np.isnan(disorders)]
    mean = disorders.mean() if len(disorders) else 0.0
    return float(_NORMAL * disorders.std() / mean / np.sqrt(n or len(disorders))) if mean > 0 else 0.0


def _is(kind: type[Real | Integral], number: object) -> bool:
    return isinstance(number, kind) and not isinstance(number, bool)
