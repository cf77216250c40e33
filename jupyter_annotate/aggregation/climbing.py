"""Climbing: steps that each raise an objective, until one gains next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

__all__ = ["Climb", "check_climb", "climb"]

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Climb(Generic[State]):
    """Where a climb ended.

    Parameters
    ----------
    state
        What the last step returned.
    objective
        What it was worth.
    n_steps
        Steps taken.
    converged
        Whether the last step gained next to nothing.
    """

    state: State
    objective: float
    n_steps: int
    converged: bool


def check_climb(max_iterations: int, tolerance: float) -> None:
    """Refuse parameters with which no climb is possible."""
    if max_iterations < 1:
        message = f"max_iterations: expected a whole number of at least 1, found {max_iterations}."
        raise ValueError(message)
    if not tolerance >= 0:
        message = f"tolerance: expected a number of at least 0, found {tolerance}."
        raise ValueError(message)


def climb(
    first: State, step: Callable[[State], tuple[State, float]], *, most: int, enough: float
) -> Climb[State]:
    """Take steps until one gains less than ``enough``, ``most`` steps at most.

    Parameters
    ----------
    first
        Where to begin.
    step
        From a state to the next and its objective.
    """
    state, before = first, -np.inf
    for n_steps in range(1, most + 1):
        state, objective = step(state)
        if not objective - before > enough:
            return Climb(state, objective, n_steps, converged=True)
        before = objective
    return Climb(state, before, most, converged=False)
