"""Bayesian confusions: few labels of each annotator, rare labels, and what all annotators have in common."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import BayesianConfusion, DawidSkene, MajorityVote
from jupyter_annotate.aggregation.special import digamma, log_gamma
from tests.aggregation.crowds import crowd, frame


def test_annotators_with_few_labels_do_no_harm() -> None:
    """Where each annotator gave three labels it is as right as the majority, unlike Dawid-Skene."""
    labels, truth = crowd(n_items=400, n_annotators=400, redundancy=3, seed=5)
    right = {
        model.name: np.mean(model.fit_predict(labels)["label"].to_numpy() == truth)
        for model in (BayesianConfusion(), MajorityVote(), DawidSkene())
    }

    assert right["bayesian"] >= right["majority"] - 0.01
    assert right["bayesian"] > right["dawid_skene"]


def test_the_strength_is_that_of_the_crowd() -> None:
    """Annotators who are all alike are shrunk more strongly than those who differ."""

    def strength(spread: float) -> float:
        rng = np.random.default_rng(1)
        rows = []
        for who in range(30):
            skill = 0.75 + spread * (who % 2 - 0.5)
            right = rng.random(100) < skill
            rows += [(f"{n:03}", f"{who}", "yes" if (n % 2 == 0) == right[n] else "no") for n in range(100)]
        return float(BayesianConfusion().fit(frame([*rows])).pooled_["strength"].mean())  # type: ignore[arg-type]  # a number

    assert strength(0.0) > 2 * strength(0.4)


def test_an_annotator_with_one_label_is_like_all() -> None:
    """One label moves an annotator little from the confusions of all."""
    labels, _ = crowd(n_items=150, redundancy=6)
    fitted = BayesianConfusion().fit(pl.concat([labels, frame([("item 000", "new", "owl")])]))
    new = fitted.confusions_.filter(annotator_id="new")["probability"].to_numpy()
    pooled = fitted.pooled_["probability"].to_numpy()

    assert fitted.pooled_.columns == ["true_label", "label", "probability", "strength"]
    assert np.abs(new - pooled).max() < 0.3
    assert np.abs(new - pooled).min() < 0.01


def test_special_functions() -> None:
    """Digamma and log-gamma have their known values, and fulfil their recurrences everywhere."""
    x = np.logspace(-6, 6, 200)

    assert digamma(np.array([0.5, 1.0])) == pytest.approx(
        [-1.9635100260214235, -0.5772156649015329], abs=1e-12
    )
    assert log_gamma(np.array([0.5, 1, 2, 11])) == pytest.approx(
        [0.5723649429247001, 0, 0, 15.104412573075516], abs=1e-12
    )
    assert digamma(x + 1) - 1 / (x + 1) == pytest.approx(digamma(x + 2) - 2 / (x + 1), abs=1e-11)
    assert log_gamma(x + 1) - log_gamma(x) == pytest.approx(np.log(x), abs=1e-7)
