"""Strengths of options from comparisons of pairs: the likelihood, its ascent and its curvature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.aggregation.groups import grouped_sums

__all__ = ["Comparisons", "Strengths", "fit_strengths", "outcome_probabilities"]

_Numbers = NDArray[np.float64]

#: More options than this have no dense curvature, so neither Newton steps nor intervals.
_DENSE = 1500
_SWEEPS = 20
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """How often each ordered pair of options had each outcome; the number may be a sum of weights.

    Parameters
    ----------
    left, right
        Options shown first and second. Shape (n_pairs,).
    outcomes
        Times the left one won, the right one won, and neither. Shape (n_pairs, 3).
    n_options
        How many options there are.
    position
        Whether being shown first may be an advantage.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    outcomes: _Numbers
    n_options: int
    position: bool = False

    @property
    def has_ties(self) -> bool:
        """Say whether there is a tie, without which ties have no parameter."""
        return bool(self.outcomes[:, 2].any())

    @property
    def n_parameters(self) -> int:
        """Count the log-strengths, then the parameter of ties and that of position where there are such."""
        return self.n_options + self.has_ties + self.position


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """Where the likelihood is highest.

    Parameters
    ----------
    parameters
        Log-strengths, then log nu if there are ties, then log gamma if position counts.
    covariance
        Inverse curvature of the penalised log-likelihood; None with too many options. Shape (p, p).
    n_iterations
        Steps taken.
    converged
        Whether the gradient vanished.
    """

    parameters: _Numbers
    covariance: _Numbers | None
    n_iterations: int
    converged: bool


def outcome_probabilities(data: Comparisons, parameters: _Numbers) -> _Numbers:
    """Return the probabilities of left, right and tie of each pair.

    Davidson (1970, doi:10.1080/01621459.1970.10481082) for ties, with the order effect of Davidson and Beaver
    (1977, doi:10.2307/2529467): weights gamma pi_l, pi_r and nu sqrt(pi_l pi_r).

    Returns
    -------
    probabilities
        Shape (n_pairs, 3); 0 for ties if there are none.
    """
    strength = parameters[: data.n_options]
    left, right = strength[data.left], strength[data.right]
    weights = np.stack([left, right, np.full(len(left), -np.inf)], axis=1)
    if data.position:
        weights[:, 0] += parameters[-1]
    if data.has_ties:
        weights[:, 2] = (left + right) / 2 + parameters[data.n_options]
    weights = np.exp(weights - weights.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def fit_strengths(
    data: Comparisons, *, prior: float, start: _Numbers | None = None, most_steps: int = 500
) -> Strengths:
    """Climb the penalised likelihood: MM sweeps (Hunter 2004, doi:10.1214/aos/1079120141), then Newton steps.

    Parameters
    ----------
    data
        The comparisons.
    prior
        Comparisons that each parameter is given against a phantom of strength 1, half won and half lost, so
        that options without a win, without a loss or without a link to the others have finite strengths.
    start
        Parameters to begin with.
    most_steps
        Most steps of each kind.
    """
    parameters = np.zeros(data.n_parameters) if start is None else start
    dense = data.n_options <= _DENSE
    # Newton steps need no sweeps before them where they start near the top.
    most_sweeps = most_steps if not dense else _SWEEPS if start is None else 0
    sweeps = 0
    while sweeps < most_sweeps:
        parameters = _sweep(data, parameters, prior)
        sweeps += 1
        if np.abs(_gradient(data, parameters, prior)).max(initial=0) < _TOLERANCE:
            break
    steps = 0
    if dense:
        parameters, steps = _newton(data, parameters, prior, most_steps)
    flat = bool(np.abs(_gradient(data, parameters, prior)).max(initial=0) < max(1e-6, _TOLERANCE))
    covariance = np.asarray(np.linalg.inv(_curvature(data, parameters, prior)), float) if dense else None
    return Strengths(parameters, covariance, sweeps + steps, flat)


def _observed(data: Comparisons, outcomes: _Numbers) -> _Numbers:
    """Return the sums that belong to each parameter: wins plus half of the ties, ties, first places won."""
    half = outcomes[:, 2] / 2
    n = data.n_options
    sums = [
        np.bincount(data.left, outcomes[:, 0] + half, n) + np.bincount(data.right, outcomes[:, 1] + half, n)
    ]
    if data.has_ties:
        sums.append(outcomes[:, 2].sum(keepdims=True))
    if data.position:
        sums.append(outcomes[:, 0].sum(keepdims=True))
    return np.concatenate(sums)


def _gradient(data: Comparisons, parameters: _Numbers, prior: float) -> _Numbers:
    expected = data.outcomes.sum(axis=1, keepdims=True) * outcome_probabilities(data, parameters)
    return _observed(data, data.outcomes) - _observed(data, expected) + prior * (0.5 - _logistic(parameters))


def _sweep(data: Comparisons, parameters: _Numbers, prior: float) -> _Numbers:
    """Raise every strength to the maximum of a function below the likelihood that is separate in each.

    A sum of weights is bounded by its tangent, the root in the weight of a tie by the arithmetic mean. Then
    every parameter's exponential is its observed sum over the sum its tangent has for a unit of it, which is
    the expected sum over what it is now. Parameters are moved by turns, as the bound needs.
    """
    n = data.n_options
    blocks = [slice(0, n), *(slice(k, k + 1) for k in range(n, data.n_parameters))]
    observed = _observed(data, data.outcomes) + prior / 2
    for block in blocks:
        expected = data.outcomes.sum(axis=1, keepdims=True) * outcome_probabilities(data, parameters)
        target = _observed(data, expected) + prior * _logistic(parameters)
        moved = parameters.copy()
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.log(observed[block] / target[block])
        moved[block] += np.where(np.isfinite(step), step, 0.0)
        parameters = moved
    return parameters


def _newton(data: Comparisons, parameters: _Numbers, prior: float, most_steps: int) -> tuple[_Numbers, int]:
    """Take Newton steps, each halved until the likelihood does not fall: it is concave."""
    height = _height(data, parameters, prior)
    for step in range(most_steps):
        gradient = _gradient(data, parameters, prior)
        if np.abs(gradient).max(initial=0) < _TOLERANCE:
            return parameters, step
        direction = np.linalg.solve(_curvature(data, parameters, prior), gradient)
        while True:
            moved = parameters + direction
            reached = _height(data, moved, prior)
            if reached >= height:
                break
            direction /= 2
            if np.abs(direction).max() < _TOLERANCE:
                return parameters, step
        parameters, height = moved, reached
    return parameters, most_steps


def _height(data: Comparisons, parameters: _Numbers, prior: float) -> float:
    probabilities = outcome_probabilities(data, parameters)
    seen = data.outcomes > 0
    of_labels = (data.outcomes[seen] * np.log(np.maximum(probabilities[seen], 1e-300))).sum()
    phantom = parameters / 2 - np.logaddexp(0, parameters)
    return float(of_labels + prior * phantom.sum())


def _curvature(data: Comparisons, parameters: _Numbers, prior: float) -> _Numbers:
    """Return minus the second derivative: the covariance of what each pair's outcomes add to the sums."""
    n, n_pairs = data.n_options, len(data.left)
    adds = np.array([[1.0, 0, 0, 1], [0, 1, 0, 0], [0.5, 0.5, 1, 0]])
    probabilities = outcome_probabilities(data, parameters)
    mean = probabilities @ adds
    second = np.einsum("po,oa,ob->pab", probabilities, adds, adds)
    blocks = data.outcomes.sum(axis=1)[:, None, None] * (second - mean[:, :, None] * mean[:, None, :])
    # Parameters that a model lacks go to a last row and column, which is cut off.
    spare = data.n_parameters
    tie = n if data.has_ties else spare
    place = spare - 1 if data.position else spare
    rows = np.stack([data.left, data.right, np.full(n_pairs, tie), np.full(n_pairs, place)], axis=1)
    cell = rows[:, :, None] * (spare + 1) + rows[:, None, :]
    table = grouped_sums(cell.ravel(), blocks.ravel(), (spare + 1) ** 2).reshape(spare + 1, spare + 1)
    bend = _logistic(parameters)
    # Without any prior only differences are known; the sum of all strengths is then held.
    ridge = 0.0 if prior else 1.0 / n
    table[:n, :n] += ridge
    return np.asarray(table[:spare, :spare] + np.diag(prior * bend * (1 - bend)))


def _logistic(x: _Numbers) -> _Numbers:
    return np.asarray(np.exp(-np.logaddexp(0, -x)))
