"""Quantiles of the normal and of Student's t distribution, without scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = ["normal_probability", "normal_quantile", "t_probability", "t_quantile"]

_NORMAL = NormalDist()
#: From this number of degrees of freedom on the expansion below is exact to nine digits.
_MANY = 200


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    return _NORMAL.inv_cdf(probability)


def normal_probability(z: float) -> float:
    """Return the probability of the standard normal distribution below a value."""
    return _NORMAL.cdf(z)


def t_quantile(probability: float, degrees: int) -> float:
    """Return the quantile of Student's t.

    Parameters
    ----------
    probability
        Above 0 and below 1.
    degrees
        Degrees of freedom, a whole number from 1 on.

    Examples
    --------
    >>> round(t_quantile(0.975, 11), 4)
    2.201
    """
    z = _expanded(_NORMAL.inv_cdf(probability), degrees)
    if degrees >= _MANY:
        return z
    low, high = -1.0, 1.0
    while t_probability(low, degrees) > probability:
        low *= 2
    while t_probability(high, degrees) < probability:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_probability(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def t_probability(t: float, degrees: int) -> float:
    """Return the probability of Student's t below a value.

    By the finite series for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).

    Examples
    --------
    >>> round(t_probability(2.201, 11), 4)
    0.975
    """
    if degrees >= _MANY:
        return _NORMAL.cdf(_normalised(t, degrees))
    angle = math.atan(t / math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    term = total = math.cos(angle) if degrees % 2 else 1.0
    for k in range(degrees % 2 + 2, degrees - 1, 2):
        term *= square * (k - 1) / k
        total += term
    if degrees == 1:
        return 0.5 + angle / math.pi
    if degrees % 2:
        return 0.5 + (angle + sine * total) / math.pi
    return 0.5 + sine * total / 2


def _expanded(z: float, degrees: int) -> float:
    """Return t for z: Cornish and Fisher's expansion (Abramowitz and Stegun 1964, 26.7.5)."""
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / degrees**power for power, term in enumerate(terms, start=1))


def _normalised(t: float, degrees: int) -> float:
    """Return z for t, by Wallace's approximation."""
    size = math.sqrt(degrees * math.log1p(t * t / degrees)) * (8 * degrees + 1) / (8 * degrees + 3)
    return math.copysign(size, t)
