"""Agreement against other packages on random data: whoever else computes the same thing finds the same.

Each peer is asked what it can answer; what it cannot (gaps, one category) is left out and counted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.agreement.crowds import found, unstacked

N_SETS = 200
EXACT = 1e-9

Table = NDArray[np.float64]


def table(seed: int, *, gaps: bool = True, n_annotators: int | None = None) -> Table:
    """Draw labels of a few annotators on a few items, nan where one is missing. Shape (items, annotators)."""
    rng = np.random.default_rng(seed)
    n_items, n = int(rng.integers(5, 40)), n_annotators or int(rng.integers(2, 6))
    q, skill = int(rng.integers(2, 6)), rng.random()
    truth = rng.integers(1, q + 1, size=(n_items, 1))
    label = np.where(rng.random((n_items, n)) < skill, truth, rng.integers(1, q + 1, size=(n_items, n)))
    missing = rng.random(label.shape) < (0.3 * rng.random() if gaps else 0)
    return np.where(missing, np.nan, label)


def ours(name: str, labels: Table, **options: object) -> float:
    """Return our value."""
    items = [[None if np.isnan(label) else int(label) for label in row] for row in labels]
    return found(name, unstacked(items), **options).value


def agree(theirs: Callable[[Table], float], own: Callable[[Table], float], tables: list[Table]) -> int:
    """Compare on every table that has a value on both sides; return how many had."""
    compared = 0
    for labels in tables:
        value = own(labels)
        if np.isnan(value):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = theirs(labels)
        if not np.isnan(expected):
            assert value == pytest.approx(expected, abs=EXACT)
            compared += 1
    return compared


def peer(name: str) -> ModuleType:
    """Import a peer, or skip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module: ModuleType = pytest.importorskip(name)
    return module


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff(metric: str) -> None:
    """Alpha of every metric, with gaps."""
    krippendorff = peer("krippendorff")

    def theirs(labels: Table) -> float:
        return float(krippendorff.alpha(labels.T, level_of_measurement=metric))

    tables = [table(seed) for seed in range(N_SETS)]

    assert agree(theirs, lambda labels: ours("krippendorff_alpha", labels, metric=metric), tables) > 190


@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic"])
def test_scikit_learn(weights: str) -> None:
    """Cohen's kappa of two annotators; it weighs by place, so that all labels are declared."""
    metrics = peer("sklearn.metrics")
    scheme = None if weights == "identity" else weights

    def theirs(labels: Table) -> float:
        both = labels[~np.isnan(labels).any(axis=1)].astype(int)
        return float(metrics.cohen_kappa_score(*both.T, weights=scheme, labels=[1, 2, 3, 4, 5]))

    def own(labels: Table) -> float:
        return ours("cohen_kappa", labels, weights=weights, categories=[1, 2, 3, 4, 5])

    assert agree(theirs, own, [table(seed, n_annotators=2) for seed in range(N_SETS)]) > 190


def test_statsmodels_fleiss() -> None:
    """Fleiss' and the free-marginal kappa, without gaps."""
    rater = peer("statsmodels.stats.inter_rater")

    for method, name in [("fleiss", "fleiss_kappa"), ("randolph", "brennan_prediger")]:

        def theirs(labels: Table, method: str = method) -> float:
            counts, _ = rater.aggregate_raters(labels.astype(int))
            return float(rater.fleiss_kappa(counts, method=method))

        tables = [table(seed, gaps=False) for seed in range(N_SETS)]

        assert agree(theirs, lambda labels, name=name: ours(name, labels), tables) > 190  # type: ignore[misc]  # a default


@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic"])
def test_statsmodels_cohen(weights: str) -> None:
    """Cohen's kappa and its standard error, which divides by n where ours divides by n - 1."""
    rater = peer("statsmodels.stats.inter_rater")
    scheme = {"identity": None, "linear": "linear", "quadratic": "quadratic"}[weights]

    def result(labels: Table) -> Any:  # noqa: ANN401 -- the peer's own type
        both = labels.astype(int) - 1
        counts = np.zeros((5, 5))
        np.add.at(counts, tuple(both.T), 1)
        return rater.cohens_kappa(counts, wt=scheme)

    def error(labels: Table) -> float:
        items = labels.astype(int).tolist()
        options: dict[str, object] = {"weights": weights, "categories": [1, 2, 3, 4, 5]}
        analytic = found("cohen_kappa", unstacked(items), interval="analytic", **options)
        n = len(labels)
        return float(analytic.details.get("standard_error", np.nan) * np.sqrt((n - 1) / n))

    tables = [table(seed, gaps=False, n_annotators=2) for seed in range(N_SETS)]

    def own(labels: Table) -> float:
        return ours("cohen_kappa", labels, weights=weights, categories=[1, 2, 3, 4, 5])

    assert agree(lambda labels: float(result(labels).kappa), own, tables) > 190
    assert agree(lambda labels: float(result(labels).std_kappa), error, tables) > 190


@pytest.mark.parametrize(
    ("method", "name"),
    [("alpha", "krippendorff_alpha"), ("pi", "fleiss_kappa")],
)
def test_nltk(method: str, name: str) -> None:
    """Alpha and pi, without gaps."""
    agreement = peer("nltk.metrics.agreement")

    def theirs(labels: Table) -> float:
        triples = [(f"a{a}", f"i{i}", int(x)) for i, row in enumerate(labels) for a, x in enumerate(row)]
        return float(getattr(agreement.AnnotationTask(data=triples), method)())

    tables = [table(seed, gaps=False) for seed in range(N_SETS)]

    assert agree(theirs, lambda labels: ours(name, labels), tables) > 190


@pytest.mark.parametrize("metric", ["jaccard", "masi"])
def test_nltk_sets(metric: str) -> None:
    """Alpha of sets; its MASI rounds two thirds to 0.67."""
    agreement, distance = peer("nltk.metrics.agreement"), peer("nltk.metrics.distance")
    own_distance = getattr(distance, f"{metric}_distance")
    compared = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        sets = [[[m for m in "abc" if rng.random() < 0.5] or ["a"] for _ in range(3)] for _ in range(12)]
        triples = [(f"a{a}", f"i{i}", frozenset(x)) for i, row in enumerate(sets) for a, x in enumerate(row)]
        expected = agreement.AnnotationTask(data=triples, distance=own_distance).alpha()
        value = found("krippendorff_alpha", unstacked(sets), metric=metric).value
        assert value == pytest.approx(expected, abs=EXACT if metric == "jaccard" else 0.01)
        compared += 1

    assert compared == 60


@pytest.mark.long
@pytest.mark.peers
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("gwet", "gwet_ac2"),
        ("fleiss", "fleiss_kappa"),
        ("bp", "brennan_prediger"),
        ("conger", "conger_kappa"),
        ("krippendorff", "krippendorff_alpha"),
    ],
)
@pytest.mark.parametrize(
    "weights", ["identity", "linear", "quadratic", "ordinal", "radical", "ratio", "bipolar"]
)
def test_irrcac(method: str, name: str, weights: str) -> None:
    """Gwet's own coefficients, weighted, with gaps, to the five digits it rounds to."""
    raw, pandas = peer("irrCAC.raw"), peer("pandas")
    # Our alpha has metrics in place of weights; these two are the same.
    weights = "quadratic" if method == "krippendorff" else weights
    options: dict[str, object] = {"metric": "interval"} if method == "krippendorff" else {"weights": weights}
    compared = 0
    for seed in range(40):
        labels = table(seed)
        labels = labels[~np.isnan(labels).all(axis=1)]
        value = ours(name, labels, **options)
        if np.isnan(value):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                # It takes nan for a category unless they are named.
                named = np.unique(labels[~np.isnan(labels)]).tolist()
                cac = raw.CAC(pandas.DataFrame(labels), weights=weights, categories=named)
                result = getattr(cac, method)()
            except ZeroDivisionError:
                continue
        assert value == pytest.approx(result["est"]["coefficient_value"], abs=1.01e-5)
        compared += 1

    assert compared > 30
