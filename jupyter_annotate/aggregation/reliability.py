"""Reliability: what confidences claim against what they have, on gold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError

__all__ = ["Reliability", "calibration_report", "reliability"]

Floats = NDArray[np.float64]

_BINS = 10
_DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reliability:
    """How far the confidence of labels is from the share of them that is right.

    Parameters
    ----------
    error
        Expected calibration error: mean distance of confidence and share right over ten bins of equal width,
        weighted by their items; nan without gold.
    interval
        Percentile bootstrap interval of the error over items. Few items in a bin make the error, and so the
        interval, too large, never too small.
    brier
        Mean squared distance of confidence and being right (1) or wrong (0).
    accuracy, confidence
        Share of right labels, and mean confidence.
    table
        low, high, n, confidence, accuracy: one row a bin with items.
    n_items
        Items with gold and a label.
    """

    error: float
    interval: tuple[float, float]
    brier: float
    accuracy: float
    confidence: float
    table: pl.DataFrame
    n_items: int

    def __repr__(self) -> str:
        """Return the error and its interval, in points."""
        low, high = self.interval
        return f"{100 * self.error:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def reliability(
    confidence: Floats, right: NDArray[np.bool_], *, level: float = 0.95, seed: int = 0
) -> Reliability:
    """Measure how far confidences are from the share that is right.

    Notes
    -----
    M. P. Naeini, G. F. Cooper and M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning (2015): the expected calibration error. G. W. Brier, Verification of forecasts expressed in terms
    of probability (1950).

    Examples
    --------
    >>> reliability(np.array([0.9, 0.9, 0.9, 0.9]), np.array([True, True, True, False])).error
    0.15...
    """
    if not len(confidence):
        nan = float("nan")
        return Reliability(nan, (nan, nan), nan, nan, nan, _table(confidence, right), 0)
    rng = np.random.default_rng(seed)
    bins = _bins_of(confidence)
    gap = confidence - right
    draws = rng.integers(len(gap), size=(_DRAWS, len(gap))) if len(gap) * _DRAWS <= 5_000_000 else None  # noqa: PLR2004 -- 40 MB
    if draws is None:
        errors = np.array(
            [_error(bins[d], gap[d]) for d in (rng.integers(len(gap), size=len(gap)) for _ in range(200))]
        )
    else:
        errors = _errors(bins, gap, draws)
    low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2])
    return Reliability(
        error=_error(bins, gap),
        interval=(float(low), float(high)),
        brier=float((gap**2).mean()),
        accuracy=float(right.mean()),
        confidence=float(confidence.mean()),
        table=_table(confidence, right),
        n_items=len(gap),
    )


def _bins_of(confidence: Floats) -> NDArray[np.int64]:
    # A hair less, so that 0.7, which is stored as slightly less than seven tenths or more, has one place.
    return np.clip(np.floor(confidence * _BINS + 1e-9), 0, _BINS - 1).astype(np.int64)


def _error(bins: NDArray[np.int64], gap: Floats) -> float:
    return float(np.abs(np.bincount(bins, gap, _BINS)).sum() / len(gap))


def _errors(bins: NDArray[np.int64], gap: Floats, draws: NDArray[np.int64]) -> Floats:
    place = np.arange(len(draws))[:, None] * _BINS + bins[draws]
    sums = np.bincount(place.ravel(), gap[draws].ravel(), len(draws) * _BINS).reshape(-1, _BINS)
    found: Floats = np.abs(sums).sum(axis=1) / len(gap)
    return found


def _table(confidence: Floats, right: NDArray[np.bool_]) -> pl.DataFrame:
    bins = _bins_of(confidence)
    n = np.bincount(bins, minlength=_BINS)
    kept = np.flatnonzero(n)
    return pl.DataFrame(
        {
            "low": kept / _BINS,
            "high": (kept + 1) / _BINS,
            "n": n[kept],
            "confidence": np.bincount(bins, confidence, _BINS)[kept] / n[kept],
            "accuracy": np.bincount(bins, right, _BINS)[kept] / n[kept],
        }
    )


def calibration_report(consensus: object, gold: object, *, level: float = 0.95, seed: int = 0) -> Reliability:
    """Measure on gold how far the confidence of a CONSENSUS can be believed.

    Parameters
    ----------
    consensus
        CONSENSUS: item_id, label, confidence. Rows without a label are not scored.
    gold
        item_id and label; gold of items that are not in the consensus is not scored.
    level, seed
        Of the bootstrap interval.

    Raises
    ------
    ColumnError
        If a column is missing, or a confidence is no probability.

    Examples
    --------
    >>> consensus = {"item_id": ["a", "b"], "label": ["x", "y"], "confidence": [0.9, 0.7]}
    >>> calibration_report(consensus, {"item_id": ["a", "b"], "label": ["x", "y"]}).error
    0.2...
    """
    what = "calibration_report()"
    claimed = _needed(consensus, ("item_id", "label", "confidence"), what)
    true = _needed(gold, ("item_id", "label"), what).rename({"label": "gold"}).drop_nulls("gold")
    joined = claimed.drop_nulls("label").join(true, on="item_id", how="inner", maintain_order="left")
    confidence = joined["confidence"].cast(pl.Float64)
    broken = ~confidence.is_between(0, 1 + 1e-9).fill_null(False)
    if broken.any():
        row = int(broken.arg_true()[0])
        found = f"{confidence[row]} of item {joined['item_id'][row]!r}"
        raise ColumnError(what, expected="a confidence from 0 to 1", found=found, column="confidence")
    right = (joined["label"].cast(pl.String) == joined["gold"].cast(pl.String)).to_numpy()
    return reliability(confidence.to_numpy(), right, level=level, seed=seed)


def _needed(frame: object, names: tuple[str, ...], what: str) -> pl.DataFrame:
    table = to_polars(frame, what=what)
    missing = next((name for name in names if name not in table.columns), None)
    if missing:
        expected = f"the columns {list(names)}"
        raise ColumnError(what, expected=expected, found=f"{table.columns}", column=missing)
    return table.select(pl.col("item_id").cast(pl.String), *names[1:])
