"""Estimate: the value of a statistic of profiles and its interval, by drawing items again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.profiles import Profiles

__all__ = ["Statistic", "estimate"]

#: From the number of items of each profile, shape (k,), to the value; nan where it is undefined.
Statistic: TypeAlias = Callable[[NDArray[np.int64]], float]

#: What differs by less is equal but for rounding.
_ROUNDING = 1e-9
#: With fewer items a profile, drawing items is faster than drawing profiles.
_ITEMS_A_PROFILE = 4

_Interval: TypeAlias = tuple[tuple[float, float] | None, Reason | None, int]


def estimate(  # noqa: PLR0913 -- what every coefficient passes on
    coefficient: str,
    profiles: Profiles,
    statistic: Statistic,
    *,
    level: float,
    replicates: int,
    seed: int,
) -> Agreement:
    """Return a coefficient with a percentile bootstrap interval over items.

    Items are the unit that is drawn, as labels on one item depend on each other (Zapf et al. 2016,
    doi:10.1186/s12874-016-0200-9: nominal coverage, which the asymptotic interval of Fleiss' kappa misses).

    Parameters
    ----------
    coefficient
        Its name.
    profiles
        What was labeled how.
    statistic
        The coefficient as a function of the number of items of each profile.
    level
        Confidence level, between 0 and 1.
    replicates
        How many draws; 0 for no interval, else at least one for each tail.
    seed
        The same seed gives the same interval.
    """
    _check(level, replicates, seed)
    n_items = int(profiles.items.sum())
    value = statistic(profiles.items) if n_items else float("nan")
    interval, reason, undefined = None, _undefined(profiles, value), 0
    if reason is None:
        interval, reason, undefined = _interval(profiles, statistic, level, replicates, seed)
    return Agreement(
        coefficient=coefficient,
        value=value,
        interval=interval,
        level=level,
        n_items=n_items,
        n_annotators=profiles.n_annotators,
        n_labels=int(profiles.items @ profiles.sizes),
        n_single=profiles.n_single,
        n_missing=profiles.n_missing,
        reason=reason,
        details={
            "categories": profiles.n_categories,
            "replicates": replicates,
            "undefined_draws": undefined,
        },
    )


def _check(level: float, replicates: int, seed: int) -> None:
    if not _is(Real, level) or not 0 < level < 1:
        message = f"Expected a level between 0 and 1, like 0.95, found {level!r}."
        raise ValueError(message)
    least = math.ceil(2 / (1 - level) - _ROUNDING)
    if not _is(Integral, replicates) or (replicates != 0 and replicates < least):
        message = (
            f"Expected replicates=0 or at least {least}, one for each tail of an interval of "
            f"{100 * level:g} %, found {replicates!r}."
        )
        raise ValueError(message)
    if not _is(Integral, seed) or seed < 0:
        message = f"Expected a whole number from 0 on as seed, found {seed!r}."
        raise ValueError(message)


def _is(kind: type[Real | Integral], number: object) -> bool:
    return isinstance(number, kind) and not isinstance(number, bool)


def _undefined(profiles: Profiles, value: float) -> Reason | None:
    if not profiles.n_categories:
        return Reason.NO_LABELS
    if not len(profiles.items):
        return Reason.NO_PAIRS
    return Reason.NO_VARIATION if np.isnan(value) else None


def _interval(
    profiles: Profiles, statistic: Statistic, level: float, replicates: int, seed: int
) -> _Interval:
    """Return the interval or why there is none, and how many draws have no value.

    The interval is over the draws with a value, as the coefficient is a number only where there is one.
    """
    if not replicates:
        return None, Reason.NOT_ASKED, 0
    if profiles.items.sum() == 1:
        return None, Reason.ONE_ITEM, 0
    rng = np.random.default_rng(seed)
    values = np.fromiter(map(statistic, _draws(profiles.items, replicates, rng)), float, replicates)
    defined = values[~np.isnan(values)]
    undefined = replicates - len(defined)
    if not len(defined) or np.ptp(defined) < _ROUNDING:
        return None, Reason.ALIKE, undefined
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high)), None, undefined


def _draws(
    items: NDArray[np.int64], replicates: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Draw as many items as there are, with replacement, and count them by profile."""
    total = int(items.sum())
    if total >= _ITEMS_A_PROFILE * len(items):
        shares = items / total
        for _ in range(replicates):
            yield rng.multinomial(total, shares)
    else:
        profile = np.repeat(np.arange(len(items)), items)
        for _ in range(replicates):
            yield np.bincount(profile[rng.integers(total, size=total)], minlength=len(items))
