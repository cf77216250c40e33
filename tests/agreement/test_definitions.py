"""Every coefficient against its definition, with gaps, single labels and every kind of weight."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import krippendorff_alpha
from jupyter_annotate.agreement.krippendorff import AnyMetric
from tests.agreement import definitions
from tests.agreement.crowds import NAMES, SOME, Row, crowd, found, frame, tables

DEFINITIONS: dict[str, Callable[..., float]] = {
    "brennan_prediger": definitions.brennan,
    "cohen_kappa": definitions.cohen,
    "conger_kappa": definitions.conger,
    "fleiss_kappa": definitions.fleiss,
    "gwet_ac1": definitions.gwet,
    "gwet_ac2": definitions.gwet,
    "krippendorff_alpha": lambda rows: definitions.alpha(rows, lambda a, b: float(a != b)),
    "observed_agreement": definitions.observed,
    "scott_pi": definitions.fleiss,
}
WEIGHTED = ["brennan_prediger", "cohen_kappa", "conger_kappa", "fleiss_kappa", "gwet_ac2", "scott_pi"]
KNOWN = [label for label in SOME if label is not None]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50)
@given(data=st.data())
def test_a_coefficient_is_its_definition(name: str, data: st.DataObject) -> None:
    """The sums over profiles equal the definition label by label, and so do the counts."""
    rows = data.draw(crowd(name))
    options: dict[str, Any] = {"weights": "identity"} if name == "gwet_ac2" else {}

    agreement = found(name, frame(rows), **options)
    items = definitions.paired(rows)

    assert agreement.value == pytest.approx(DEFINITIONS[name](rows), abs=1e-11, nan_ok=True)
    assert agreement.n_items == len(items)
    assert agreement.n_labels == sum(map(len, items))
    assert agreement.n_pairs == sum(len(item) * (len(item) - 1) // 2 for item in items)
    assert agreement.n_single == len(definitions.answers(rows)) - len(items)
    assert agreement.n_missing == sum(label is None for _, _, label in rows)


def scheme(name: str, labels: list[float]) -> definitions.Weight:
    """Return a weight by its formula."""
    low, high = min(labels), max(labels)
    ranks = {label: n for n, label in enumerate(sorted(labels))}

    def steps(a: float, b: float) -> float:
        away = abs(ranks[a] - ranks[b])
        return away * (away + 1) / 2

    formulas: dict[str, definitions.Weight] = {
        "identity": definitions.same,
        "linear": lambda a, b: 1 - abs(a - b) / (high - low),
        "quadratic": lambda a, b: 1 - ((a - b) / (high - low)) ** 2,
        "radical": lambda a, b: 1 - (abs(a - b) / (high - low)) ** 0.5,
        "ordinal": lambda a, b: 1 - steps(a, b) / steps(low, high),
        "ratio": lambda a, b: 1 - ((a - b) / (a + b)) ** 2 / ((high - low) / (high + low)) ** 2,
        "bipolar": lambda a, b: (
            1.0 if a == b else 1 - (a - b) ** 2 / ((a + b - 2 * low) * (2 * high - a - b))
        ),
    }
    return formulas[name]


@pytest.mark.parametrize("kind", ["linear", "quadratic", "radical", "ordinal", "ratio", "bipolar"])
@pytest.mark.parametrize("name", WEIGHTED)
@settings(max_examples=12)
@given(data=st.data())
def test_weights_are_their_formulas(name: str, kind: str, data: st.DataObject) -> None:
    """Credit for near misses goes by the values of the labels."""
    rows = data.draw(crowd(name))
    rows += [(f"one {label}", "annotator 0", label) for label in KNOWN]
    rows += [(f"one {label}", "annotator 1", label) for label in KNOWN]

    expected = DEFINITIONS[name](rows, scheme(kind, [float(label) for label in KNOWN]))

    assert found(name, frame(rows), weights=kind).value == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_matrix_goes_in_the_order_of_the_categories(name: str) -> None:
    """A matrix of one's own is the scheme it spells out, whichever order the categories are named in."""
    categories = [5, 1, 3, 2]
    weight = scheme("linear", [float(c) for c in categories])
    matrix = [[weight(a, b) for b in categories] for a in categories]
    rows: list[Row] = [
        (str(n), f"annotator {who}", pair[who])
        for n, pair in enumerate(itertools.product(KNOWN, KNOWN[:3]))
        for who in (0, 1)
    ]
    labels = frame(rows)

    own = found(name, labels, weights=np.array(matrix), categories=categories)

    assert own.value == pytest.approx(found(name, labels, weights="linear").value, abs=1e-12)


METRICS: dict[str, definitions.Weight] = {
    "interval": lambda a, b: (a - b) ** 2,
    "ratio": lambda a, b: ((a - b) / (a + b)) ** 2,
}


@pytest.mark.parametrize("metric", ["ordinal", "interval", "ratio"])
@settings(max_examples=60)
@given(rows=tables())
def test_alpha_of_numbers_is_its_definition(metric: AnyMetric, rows: list[Row]) -> None:
    """Closed forms equal the sum over all pairs of labels."""
    distance = METRICS.get(str(metric)) or definitions.ordinal_distance(rows)
    expected = definitions.alpha(rows, distance)

    assert krippendorff_alpha(frame(rows), metric=metric, replicates=0).value == pytest.approx(
        expected, abs=1e-11, nan_ok=True
    )


@settings(max_examples=60)
@given(rows=tables())
def test_a_metric_of_ones_own_is_its_definition(rows: list[Row]) -> None:
    """A function of two labels is asked about labels as they are."""

    def distance(one: object, other: object) -> float:
        return float(abs(float(str(one)) - float(str(other))) ** 0.5)

    expected = definitions.alpha(rows, distance)

    assert krippendorff_alpha(frame(rows), metric=distance, replicates=0).value == pytest.approx(
        expected, abs=1e-11, nan_ok=True
    )
