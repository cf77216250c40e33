"""Linearised intervals: a standard error from what each item adds, and Student's t."""

from __future__ import annotations

import math

import numpy as np

from jupyter_annotate.agreement.profiles import Floats, Profiles
from jupyter_annotate.agreement.quantiles import t_quantile

__all__ = ["linearised_interval", "standard_error"]


def standard_error(profiles: Profiles, parts: Floats) -> float:
    """Return sqrt(sum (x - mean)^2 / (n (n - 1))) over the items that count.

    Parameters
    ----------
    profiles
        How items were labeled.
    parts
        What an item of each profile adds to the coefficient; nan for those that do not count. Shape (k,).
    """
    items = np.where(np.isnan(parts), 0, profiles.items)
    parts = np.where(np.isnan(parts), 0, parts)
    n = int(items.sum())
    if n < 2:  # noqa: PLR2004 -- one item does not vary
        return math.nan
    mean = items @ parts / n
    return math.sqrt(items @ (parts - mean) ** 2 / (n * (n - 1)))


def linearised_interval(value: float, error: float, n: int, level: float) -> tuple[float, float]:
    """Return the interval of Student's t with n - 1 degrees of freedom, at most 1 (Gwet 2014, chapter 5)."""
    reach = t_quantile((1 + level) / 2, n - 1) * error
    return value - reach, min(value + reach, 1.0)
