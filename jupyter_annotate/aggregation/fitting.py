"""Estimators of a consensus that is not a class: what every one of them shows after `fit`.

For classes there is `jupyter_annotate.aggregation.base.Aggregator`, of the same shape.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, NotFittedError, shorten
from jupyter_annotate.ratings import coded

__all__ = ["Estimator", "Findings", "finite", "read", "reject", "with_codes"]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What an estimator found.

    Parameters
    ----------
    consensus
        What `Estimator.consensus_` returns.
    annotators
        What `Estimator.annotators_` returns.
    log_likelihood
        Of the labels under the model; nan where there is no model.
    n_iterations
        Steps taken; 0 for a closed form.
    converged
        Whether it stopped because nothing changed any more.
    tables
        What else the estimator shows.
    """

    consensus: pl.DataFrame
    annotators: pl.DataFrame
    log_likelihood: float = float("nan")
    n_iterations: int = 0
    converged: bool = True
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


class Estimator(ABC):
    """A consensus out of the labels of several annotators; its findings stand in attributes like ``a_``."""

    #: Its name in tables and comparisons.
    name: ClassVar[str]

    _findings: Findings | None = None

    def fit(self, labels: object) -> Self:
        """Estimate the consensus.

        Parameters
        ----------
        labels
            The frame that the class describes. No rows give a consensus without rows.

        Raises
        ------
        ColumnError
            If the labels are not usable; with row and column.
        """
        self._findings = self._estimate(labels, f"{type(self).__name__}.fit()")
        return self

    def fit_predict(self, labels: object) -> pl.DataFrame:
        """Fit and return the consensus, as `fit` and ``consensus_``."""
        return self.fit(labels).consensus_

    @abstractmethod
    def _estimate(self, labels: object, what: str) -> Findings:
        """Return what is found; ``what`` names the caller for errors."""

    @property
    def consensus_(self) -> pl.DataFrame:
        """Return the consensus and how sure it is."""
        return self._found("consensus_").consensus

    @property
    def annotators_(self) -> pl.DataFrame:
        """Return annotator_id, then what is known of each annotator."""
        return self._found("annotators_").annotators

    @property
    def log_likelihood_(self) -> float:
        """Return the log-likelihood of the labels under the model; nan where there is no model."""
        return self._found("log_likelihood_").log_likelihood

    @property
    def n_iterations_(self) -> int:
        """Return how many steps were taken."""
        return self._found("n_iterations_").n_iterations

    @property
    def converged_(self) -> bool:
        """Return whether it stopped because nothing changed any more."""
        return self._found("converged_").converged

    def _found(self, attribute: str) -> Findings:
        if self._findings is None:
            raise NotFittedError(type(self).__name__, attribute)
        return self._findings


def read(labels: object, columns: Iterable[str], what: str) -> pl.DataFrame:
    """Return LABELS with these further columns, and ``row``: where each stood in the frame that was given.

    Raises
    ------
    ColumnError
        If a column is missing or an id is null.
    """
    frame = require(labels, LABELS, what=what)
    missing = next((name for name in columns if name not in frame.columns), None)
    if missing:
        expected = f"the columns {[*LABELS, *columns]}"
        raise ColumnError(what, expected=expected, found=f"{frame.columns}", column=missing)
    return frame.select(*LABELS, *columns).with_row_index("row")


def finite(frame: pl.DataFrame, column: str, what: str) -> NDArray[np.float64]:
    """Return a column of a frame of `read` as numbers.

    Raises
    ------
    ColumnError
        If a cell is no number, null, nan or infinite.
    """
    cells = frame[column]
    if not cells.dtype.is_numeric() and not isinstance(cells.dtype, pl.Null):
        found = f"{shorten(cells[0])} ({cells.dtype})" if len(cells) else f"{cells.dtype}"
        row = frame["row"][0] if len(cells) else None
        raise ColumnError(what, expected="numbers", found=found, row=row, column=column)
    numbers = cells.cast(pl.Float64)
    reject(frame, (~numbers.is_finite()).fill_null(True), column, what, expected="a finite number")
    # The sum turns -0.0 into 0.0.
    return numbers.to_numpy() + 0.0


def reject(frame: pl.DataFrame, wrong: pl.Series, column: str, what: str, *, expected: str) -> None:
    """Raise a ColumnError that names the first wrong row of a frame of `read`, if there is one."""
    places = wrong.arg_true()
    if len(places):
        cell, row = frame[column][places[0]], frame["row"][places[0]]
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column=column)


def with_codes(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    """Add the columns ``item`` and ``annotator``: whole numbers for the ids, in their order.

    Returns
    -------
    frame, items, annotators
        What each number stands for, also where every label is null.
    """
    item, items = coded(frame["item_id"])
    annotator, annotators = coded(frame["annotator_id"])
    codes = pl.DataFrame({"item": item, "annotator": annotator}).cast(pl.Int64)
    return frame.hstack(codes), items, annotators
