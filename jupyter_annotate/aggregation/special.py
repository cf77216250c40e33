"""Two special functions on arrays; scipy, which has them, is no dependency of the models that need them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["digamma", "log_gamma"]

Floats = NDArray[np.float64]

#: The series are taken this far to the right, where they are exact to a dozen digits.
_STEPS = 8


def digamma(x: Floats) -> Floats:
    """Return the derivative of the logarithm of the gamma function, for x > 0.

    Notes
    -----
    Abramowitz and Stegun (1964), 6.3.5 (recurrence) and 6.3.18 (series).

    Examples
    --------
    >>> digamma(np.array([1.0])).round(8)  # minus Euler's constant
    array([-0.57721566])
    """
    far = x + _STEPS
    square = far**-2
    series = square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32760))))
    found: Floats = np.log(far) - 0.5 / far - square * (1 / 12 - square * (1 / 120) + square * series)
    for step in range(_STEPS):
        found -= 1 / (x + step)
    return found


def log_gamma(x: Floats) -> Floats:
    """Return the logarithm of the gamma function, for x > 0.

    Notes
    -----
    Abramowitz and Stegun (1964), 6.1.15 (recurrence) and 6.1.41 (series).

    Examples
    --------
    >>> np.exp(log_gamma(np.array([5.0]))).round(9)  # 4!
    array([24.])
    """
    far = x + _STEPS
    square = far**-2
    series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188))))
    found: Floats = (far - 0.5) * np.log(far) - far + 0.5 * np.log(2 * np.pi) + series / far
    product = np.ones_like(far)
    for step in range(_STEPS):
        product *= x + step
    return found - np.log(product)
