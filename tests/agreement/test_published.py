"""Agreement against published tables: tests/reference/agreement.json names the source of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jupyter_annotate.agreement import fleiss_by_category, krippendorff_alpha
from tests.agreement.crowds import found, unstacked

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "reference" / "agreement.json").read_text(encoding="utf-8")
)
FIGURES = [
    (table, what, printed)
    for table, entry in PUBLISHED.items()
    for what, several in entry["printed"].items()
    for printed in several
]


def labels_of(table: str) -> pl.DataFrame:
    """Return the LABELS of a published table."""
    return unstacked(PUBLISHED[table]["items"], pl.Int64)


def assert_printed(value: float, printed: str) -> None:
    """Compare in all the digits that were printed."""
    digits = len(printed.partition(".")[2])

    assert value == pytest.approx(float(printed), abs=0.5 * 10**-digits)


def computed(labels: pl.DataFrame, what: str) -> float:
    """Compute a figure by its name: a coefficient, then its scheme or what of it was printed."""
    name, _, kind = what.partition(" ")
    if kind in ("error", "low"):
        analytic = found(name, labels, interval="analytic")
        assert analytic.interval is not None
        return float(analytic.details["standard_error"]) if kind == "error" else analytic.interval[0]
    if not kind:
        return found(name, labels).value
    option = "metric" if name == "krippendorff_alpha" else "weights"
    return found(name, labels, **{option: kind}).value


@pytest.mark.parametrize(("table", "what", "printed"), FIGURES)
def test_the_figure_is_the_published_one(table: str, what: str, printed: str) -> None:
    """Value, standard error or end of an interval has the digits that were printed."""
    assert_printed(computed(labels_of(table), what), printed)


def test_kappa_of_one_category_is_the_published_one() -> None:
    """Fleiss' five categories; his own rounding on the way leaves the third digit open."""
    table = fleiss_by_category(labels_of("fleiss_1971"), replicates=0)

    assert table["label"].to_list() == [1, 2, 3, 4, 5]
    assert table["value"].to_list() == pytest.approx(PUBLISHED["fleiss_1971"]["by_category"], abs=0.006)
    assert table["value"].round(3).to_list() == [0.245, 0.245, 0.520, 0.471, 0.566]


def test_what_counts_in_the_example_of_2011() -> None:
    """Of twelve items one has a single label; nulls are counted, not compared."""
    alpha = krippendorff_alpha(labels_of("krippendorff_2011_C"))

    assert (alpha.n_items, alpha.n_single, alpha.n_labels, alpha.n_missing) == (11, 1, 40, 7)
    assert (alpha.n_annotators, alpha.n_pairs, alpha.details["categories"]) == (4, 55, 5)
