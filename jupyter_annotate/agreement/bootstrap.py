"""Bootstrap: how a coefficient varies when items, or clusters of them, are drawn again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles
from jupyter_annotate.agreement.quantiles import normal_probability, normal_quantile
from jupyter_annotate.agreement.sums import STEP, Statistic

__all__ = [
    "ROUNDING",
    "Spread",
    "corrected_interval",
    "draws",
    "n_units",
    "plain_interval",
    "spread",
    "spread_of",
    "two_sided_p",
]

#: What differs by less is equal but for rounding.
ROUNDING = 1e-9
#: How near the corrections may come to where they turn over.
_POLE = 0.1
#: Drawing a profile is faster than drawing its items if it has so many.
_ITEMS_A_PROFILE = 8
#: So few profiles are drawn all in one go.
_FEW_PROFILES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How a value varies over draws.

    Parameters
    ----------
    value
        The value itself.
    draws
        Its values in the draws that have one, sorted. Shape (draws,).
    undefined
        How many draws have none.
    units
        How many items, or clusters, were drawn each time.
    bias, acceleration
        The two corrections of Efron 1987: how far the draws lie off the value, and how much their spread
        changes with it.
    effective_units
        How many units of equal influence would tell as much: few, if a few items make the value what it is.
        nan if that is not known.
    """

    value: float
    draws: Floats
    undefined: int
    units: int
    bias: float = 0.0
    acceleration: float = 0.0
    effective_units: float = float("nan")

    @property
    def is_empty(self) -> bool:
        """Say whether all draws are alike, so that they tell nothing."""
        return not len(self.draws) or float(self.draws[-1] - self.draws[0]) < ROUNDING


def draws(profiles: Profiles, replicates: int, seed: int, width: int | None = None) -> Iterator[Floats]:
    """Draw as many units as there are, with replacement.

    Parameters
    ----------
    profiles
        What is drawn: items, or the clusters they are in.
    replicates
        How often.
    seed
        The same seed gives the same draws.
    width
        How many numbers a draw leads to, if that is more than there are profiles.

    Yields
    ------
    weights
        How often each profile occurs in each draw, times what it counts. Shape (some draws, k).
    """
    rng = np.random.default_rng(seed)
    rows = max(STEP // max(len(profiles.items), width or 0, 1), 1)
    for start in range(0, replicates, rows):
        n = min(rows, replicates - start)
        drawn = (
            _drawn_items(profiles.items, n, rng) if profiles.units is None else _drawn_units(profiles, n, rng)
        )
        yield drawn * profiles.weights


def _drawn_items(items: Integers, n: int, rng: np.random.Generator) -> Floats:
    """Draw frequent profiles by their frequency, and the items of the others one by one."""
    if len(items) <= _FEW_PROFILES:
        return rng.multinomial(int(items.sum()), items / items.sum(), size=n).astype(np.float64)
    often = items >= _ITEMS_A_PROFILE
    total, among = int(items.sum()), int(items[often].sum())
    drawn = np.zeros((n, len(items)))
    n_often = rng.binomial(total, among / total, size=n)
    if among:
        drawn[:, often] = rng.multinomial(n_often, items[often] / among)
    if among < total:
        rare = np.flatnonzero(~often)
        profile = np.repeat(np.arange(len(rare), dtype=np.int32), items[rare])
        for row, size in zip(drawn, total - n_often, strict=True):
            some = profile[rng.integers(len(profile), size=size, dtype=np.int32)]
            row[rare] = np.bincount(some, minlength=len(rare))
    return drawn


def _drawn_units(profiles: Profiles, n: int, rng: np.random.Generator) -> Floats:
    units = n_units(profiles)
    drawn = rng.multinomial(units, np.full(units, 1 / units), size=n).astype(np.float64)
    weights: Floats = drawn[:, profiles.units] * profiles.items
    return weights


def n_units(profiles: Profiles) -> int:
    """Count the items or clusters that are drawn."""
    if profiles.units is None:
        return int(profiles.items.sum())
    return int(profiles.units.max(initial=-1)) + 1


def spread_of(
    profiles: Profiles, statistic: Statistic, value: float, *, replicates: int, seed: int
) -> Spread:
    """Draw, and see how the value varies and what a single unit does to it."""
    values = [statistic.values(weights) for weights in draws(profiles, replicates, seed)]
    left, repeats = _left_out(profiles, statistic)
    return spread(np.concatenate(values), value, left, repeats)


def spread(values: Floats, value: float, left: Floats | None, repeats: Integers) -> Spread:
    """Describe draws.

    Parameters
    ----------
    values
        Of the draws; nan without a value.
    value
        Of what was drawn from.
    left
        The value without one unit of each kind in turn, or None. Shape (k,).
    repeats
        How many units of each kind there are. Shape (k,).
    """
    defined = np.sort(values[~np.isnan(values)])
    acceleration, effective = (0.0, math.nan) if left is None else _influence(left, repeats, value)
    return Spread(
        value=value,
        draws=defined,
        undefined=len(values) - len(defined),
        units=int(repeats.sum()),
        bias=normal_quantile(_share_below(defined, value)),
        acceleration=acceleration,
        effective_units=effective,
    )


def _left_out(profiles: Profiles, statistic: Statistic) -> tuple[Floats | None, Integers]:
    weights = profiles.items * profiles.weights
    if profiles.units is None:
        return statistic.without(weights, profiles.weights), profiles.items
    units = n_units(profiles)
    rows = max(STEP // len(weights), 1)
    parts = []
    for start in range(0, units, rows):
        kept = profiles.units != np.arange(start, min(start + rows, units))[:, None]
        parts.append(statistic.values(kept * weights))
    return np.concatenate(parts), np.ones(units, dtype=np.int64)


def _influence(left: Floats, repeats: Integers, value: float) -> tuple[float, float]:
    """Return the acceleration (Efron 1987, equation 6.6, by the jackknife) and the effective units."""
    left = np.where(np.isnan(left), value, left)
    away = (repeats @ left) / repeats.sum() - left
    square = float(repeats @ away**2)
    if square <= ROUNDING**2:
        return 0.0, math.nan
    return float(repeats @ away**3) / (6 * square**1.5), square**2 / float(repeats @ away**4)


def corrected_interval(spread: Spread, level: float) -> tuple[float, float]:
    """Return the bias-corrected and accelerated interval.

    Efron 1987 (doi:10.1080/01621459.1987.10478410), equation 6.8. The plain percentile interval holds the
    true value too rarely where items are few or a label is rare (docs/coverage.md).
    """
    reach = normal_quantile((1 + level) / 2)
    low, high = np.quantile(spread.draws, [_share(spread, -reach), _share(spread, reach)])
    return float(low), float(high)


def plain_interval(spread: Spread, level: float) -> tuple[float, float]:
    """Return the interval between two quantiles of the draws."""
    low, high = np.quantile(spread.draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _share(spread: Spread, z: float) -> float:
    shifted = spread.bias + z
    # Beyond the pole of the correction all draws lie on one side.
    scale = max(1 - spread.acceleration * shifted, _POLE)
    return normal_probability(spread.bias + shifted / scale)


def two_sided_p(spread: Spread) -> float:
    """Return the p value of a difference of 0: one less the level of the interval that ends there."""
    share = _share_below(spread.draws, 0.0)
    away = normal_quantile(share) - spread.bias
    z = away / max(1 + spread.acceleration * away, _POLE) - spread.bias
    return 2 * normal_probability(-abs(z))


def _share_below(values: Floats, value: float) -> float:
    """Return which share of values lies below one, ties by half; never none and never all."""
    below = np.count_nonzero(values < value - ROUNDING)
    equal = np.count_nonzero(np.abs(values - value) <= ROUNDING)
    edge = 0.5 / max(len(values), 1)
    return min(max((below + equal / 2) / max(len(values), 1), edge), 1 - edge)
