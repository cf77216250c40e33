"""Calibration: what the error measures, when a change is kept, and what it may never do."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.calibration import calibrated, informed_shares
from jupyter_annotate.aggregation.reliability import calibration_report, reliability
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import ratings_of


def overconfident(
    n_items: int, *, factor: float = 4.0, n_labels: int = 3, seed: int = 0
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Return probabilities whose log-odds are so many times too large, and the true labels."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.full(n_labels, 0.7), size=n_items)
    true = (honest.cumsum(axis=1) < rng.random((n_items, 1))).sum(axis=1).clip(0, n_labels - 1)
    claimed = honest**factor
    return claimed / claimed.sum(axis=1, keepdims=True), true.astype(np.int32)


def test_the_error_is_the_definition() -> None:
    """The error is the mean over items of how far their bin is from the share right in it."""
    confidence = np.array([0.95, 0.95, 0.65, 0.65])
    right = np.array([True, False, True, True])

    found = reliability(confidence, right)

    assert found.error == pytest.approx((2 * 0.45 + 2 * 0.35) / 4)
    assert found.brier == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.35**2) / 4)
    assert found.table["n"].to_list() == [2, 2]


def test_the_interval_covers_the_error_and_shrinks() -> None:
    """The interval holds the value, and four times the items make it about half as wide."""
    claimed, true = overconfident(2000)
    confidence, right = claimed.max(axis=1), claimed.argmax(axis=1) == true

    few, many = (reliability(confidence[:n], right[:n]) for n in (500, 2000))

    assert few.interval[0] < few.error < few.interval[1]
    assert np.ptp(many.interval) < 0.7 * np.ptp(few.interval)


def test_overconfidence_is_mended_on_gold_it_has_not_seen() -> None:
    """Learnt on a quarter of the items, the change brings the error of the rest under five points."""
    claimed, true = overconfident(2000)
    gold = np.where(np.arange(2000) < 500, true, -1).astype(np.int32)

    found, report = calibrated(claimed, gold, np.arange(2000))

    rest = slice(500, None)
    before = reliability(claimed[rest].max(axis=1), claimed[rest].argmax(axis=1) == true[rest]).error
    after = reliability(found[rest].max(axis=1), found[rest].argmax(axis=1) == true[rest]).error
    assert before > 0.1
    assert after < 0.05
    assert report.after.error < report.before.error
    assert report.n_gold == 500


def test_what_is_right_is_left_alone_or_made_no_worse() -> None:
    """Honest probabilities stay so on items without gold."""
    claimed, true = overconfident(2000, factor=1.0)
    gold = np.where(np.arange(2000) < 500, true, -1).astype(np.int32)

    found, report = calibrated(claimed, gold, np.arange(2000))

    rest = slice(500, None)
    assert reliability(found[rest].max(axis=1), found[rest].argmax(axis=1) == true[rest]).error < 0.05
    assert report.after.error <= report.before.error


def test_a_few_gold_items_change_nothing() -> None:
    """With fewer than ten gold items the report says how wrong it is, and the probabilities stay."""
    claimed, true = overconfident(50)
    gold = np.where(np.arange(50) < 9, true, -1).astype(np.int32)

    found, report = calibrated(claimed, gold, np.arange(50))

    assert (found == claimed).all()
    assert report.kind == "none"


@pytest.mark.parametrize("n_labels", [2, 3, 10])
def test_what_comes_out_are_probabilities(n_labels: int) -> None:
    """Whatever is learnt, each row adds up to 1 and nothing is negative."""
    claimed, true = overconfident(300, n_labels=n_labels, seed=n_labels)

    found, _ = calibrated(claimed, true, np.arange(300))

    assert found.sum(axis=1) == pytest.approx(1)
    assert found.min() >= 0


def test_who_tells_nothing_has_no_share() -> None:
    """In the informed shares the votes of one who always says the same weigh next to nothing."""
    n = 60
    labels = pl.DataFrame(
        {
            "item_id": np.repeat(np.arange(n), 3),
            "annotator_id": ["ada", "bob", "constant"] * n,
            "label": [each for item in range(n) for each in (item % 2, item % 2, 0)],
        }
    )
    ratings = ratings_of(labels, what="test")
    sure = np.eye(2)[np.arange(n) % 2]

    shares = informed_shares(sure, ratings)

    assert shares[1, 1] > 0.95


def test_reports_of_a_consensus_and_gold() -> None:
    """Items without gold and gold without items do not count, and labels are compared as they are written."""
    consensus = {"item_id": ["a", "b", "c"], "label": ["x", "y", None], "confidence": [1.0, 0.5, None]}

    found = calibration_report(consensus, {"item_id": ["a", "c", "d"], "label": ["x", "x", "x"]})

    assert (found.n_items, found.error) == (1, 0.0)
    assert np.isnan(calibration_report(consensus, {"item_id": ["d"], "label": ["x"]}).error)


def test_a_confidence_that_is_none_is_refused() -> None:
    """A confidence beyond 1 is an error that names the item, and a missing column one that names it."""
    gold = {"item_id": ["a"], "label": ["x"]}

    with pytest.raises(ColumnError, match=r"1\.5 of item 'a'"):
        calibration_report({"item_id": ["a"], "label": ["x"], "confidence": [1.5]}, gold)
    with pytest.raises(ColumnError, match="'confidence'"):
        calibration_report({"item_id": ["a"], "label": ["x"]}, gold)
