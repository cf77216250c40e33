"""Aggregation against published results: tests/reference/aggregation.json names the source of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jupyter_annotate.aggregation import DawidSkene

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "reference" / "aggregation.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def anaesthetists() -> DawidSkene:
    """Return the model of 1979 fitted to the data of 1979, to the end."""
    table = PUBLISHED["anaesthetists"]
    rows = [
        (f"{patient}", who, label)
        for patient, labels in enumerate(table["items"], start=1)
        for who, label in zip(table["annotators"], labels, strict=True)
    ]
    labels = pl.DataFrame(rows, schema=["item_id", "annotator_id", "label"], orient="row")
    return DawidSkene(smoothing=0, tolerance=0, max_iterations=1000).fit(labels)


def printed(value: float, digits: str) -> bool:
    """Tell whether a value is the printed one in all its digits."""
    return f"{value:.{len(digits.partition('.')[2])}f}" == digits


def test_the_classes_are_as_frequent_as_published(anaesthetists: DawidSkene) -> None:
    """The marginals of the classes have the digits that were printed; repeated labels are further answers."""
    found = dict(anaesthetists.class_prior_.iter_rows())

    assert [found[label] for label in PUBLISHED["anaesthetists"]["prior"]] == [
        pytest.approx(float(digits), abs=0.005) for digits in PUBLISHED["anaesthetists"]["prior"].values()
    ]
    assert anaesthetists.annotators_["n_labels"].to_list() == [135, 45, 45, 45, 45]


def test_the_likelihood_is_the_known_one(anaesthetists: DawidSkene) -> None:
    """The log-likelihood at the maximum is the one other implementations find."""
    assert printed(anaesthetists.log_likelihood_, PUBLISHED["anaesthetists"]["log_likelihood"])


def test_one_patient_is_uncertain(anaesthetists: DawidSkene) -> None:
    """Patient 35 alone has two classes of a probability above 0.03."""
    found = anaesthetists.probabilities_.filter(pl.col("probability").is_between(0.03, 0.97))

    assert found["item_id"].unique().to_list() == ["35"]
    pairs = zip(found["probability"], PUBLISHED["anaesthetists"]["uncertain"]["35"], strict=True)
    assert all(printed(value, digits) for value, digits in pairs)
