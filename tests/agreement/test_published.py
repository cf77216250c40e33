"""Agreement against published tables: tests/reference/agreement.json names the source of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jupyter_annotate.agreement import Agreement, krippendorff_alpha, observed_agreement

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "reference" / "agreement.json").read_text(encoding="utf-8")
)


def labels_of(items: list[list[int | None]]) -> pl.DataFrame:
    """Return LABELS of a table with one row an item and one column an annotator."""
    rows = [(str(n), str(who), label) for n, item in enumerate(items) for who, label in enumerate(item)]
    return pl.DataFrame(rows, schema=["item_id", "annotator_id", "label"], orient="row")


def figures(kind: str) -> list[tuple[str, str]]:
    """Return which table prints which figures of a kind."""
    return [(name, printed) for name, table in PUBLISHED.items() for printed in table[kind]]


def assert_printed(found: float, printed: str) -> None:
    """Compare in all the digits that were printed."""
    digits = len(printed.partition(".")[2])

    assert found == pytest.approx(float(printed), abs=0.5 * 10**-digits)


def multi_pi(alpha: Agreement) -> float:
    """Return Scott's pi or Fleiss' kappa: alpha without its correction for the number of labels.

    It holds where every item has the same number of labels (Krippendorff 2004, section 11.4).
    """
    return 1 - (1 - alpha.value) * alpha.n_labels / (alpha.n_labels - 1)


@pytest.mark.parametrize(("name", "printed"), figures("alpha"))
def test_alpha_is_the_published_one(name: str, printed: str) -> None:
    """Nominal alpha has the digits that were printed."""
    assert_printed(krippendorff_alpha(labels_of(PUBLISHED[name]["items"])).value, printed)


@pytest.mark.parametrize(("name", "printed"), figures("observed"))
def test_observed_agreement_is_the_published_one(name: str, printed: str) -> None:
    """Observed agreement has the digits that were printed."""
    assert_printed(observed_agreement(labels_of(PUBLISHED[name]["items"])).value, printed)


@pytest.mark.parametrize(("name", "printed"), figures("kappa"))
def test_alpha_leads_to_the_published_kappa(name: str, printed: str) -> None:
    """Scott's pi and Fleiss' kappa follow from alpha where all items have as many labels."""
    assert_printed(multi_pi(krippendorff_alpha(labels_of(PUBLISHED[name]["items"]))), printed)


def test_what_counts_in_the_example_of_2011() -> None:
    """Of twelve items one has a single label; nulls are counted, not compared."""
    alpha = krippendorff_alpha(labels_of(PUBLISHED["krippendorff_2011_C"]["items"]))

    assert (alpha.n_items, alpha.n_single, alpha.n_labels, alpha.n_missing) == (11, 1, 40, 7)
    assert (alpha.n_annotators, alpha.details["categories"]) == (4, 5)
