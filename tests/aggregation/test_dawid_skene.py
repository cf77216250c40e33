"""Dawid-Skene: its definition, its priors, and large and small numbers of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import DawidSkene, MajorityVote, OneCoin, passes
from tests.aggregation.crowds import LABELS, crowd, frame


def by_definition(labels: pl.DataFrame, smoothing: float, steps: int) -> np.ndarray[Any, Any]:
    """Take steps of expectation maximization over plain arrays of all items, annotators and labels."""
    codes = [labels[name].rank("dense").to_numpy() - 1 for name in ("item_id", "annotator_id", "label")]
    given = np.zeros((60, 8, 3))
    np.add.at(given, tuple(codes), 1)
    found: np.ndarray[Any, Any] = given.sum(axis=1) / given.sum(axis=(1, 2))[:, None]
    for _ in range(steps):
        counts = np.einsum("ik,ijl->jkl", found, given) + smoothing
        confusions = counts / counts.sum(axis=2, keepdims=True)
        joint = np.log(found.mean(axis=0)) + np.einsum("ijl,jkl->ik", given, np.log(confusions))
        found = np.exp(joint - joint.max(axis=1, keepdims=True))
        found /= found.sum(axis=1, keepdims=True)
    return found


@pytest.mark.parametrize("steps", [1, 2, 10])
@pytest.mark.parametrize("smoothing", [0.1, 1.0])
def test_a_step_is_its_definition(steps: int, smoothing: float) -> None:
    """The probabilities after some steps are those of the definition on dense arrays."""
    labels, _ = crowd()
    fitted = DawidSkene(smoothing=smoothing, max_iterations=steps, tolerance=0).fit(labels)
    found = fitted.probabilities_["probability"].to_numpy().reshape(60, 3)

    assert fitted.n_iterations_ == steps
    assert found == pytest.approx(by_definition(labels, smoothing, steps), abs=1e-10)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items in many chunks, some with more labels than are laid out by position, give the same."""
    labels, _ = crowd()
    more = [("item 000", f"annotator {n % 8}", LABELS[n % 2]) for n in range(30)]
    labels = pl.concat([labels, frame([*more])])
    whole = DawidSkene().fit(labels)
    monkeypatch.setattr(passes, "_LABELS", 20)
    monkeypatch.setattr(passes, "_POSITIONS", 5)
    parts = DawidSkene().fit(labels)

    expected = whole.probabilities_["probability"].to_numpy()
    assert parts.probabilities_["probability"].to_numpy() == pytest.approx(expected, abs=1e-10)
    assert parts.log_likelihood_ == pytest.approx(whole.log_likelihood_)


def test_a_known_prior_is_kept() -> None:
    """Probabilities of the true labels that are known are not estimated."""
    fitted = DawidSkene(class_prior=[0.2, 0.3, 0.5]).fit(crowd()[0])

    assert fitted.class_prior_["probability"].to_list() == [0.2, 0.3, 0.5]


def test_prior_confusions_outweigh_few_labels() -> None:
    """With a thousand pseudo-counts everybody's confusions are those given."""
    expected = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
    fitted = DawidSkene(smoothing=0, prior_confusion=100_000 * expected).fit(crowd()[0])
    found = fitted.confusions_["probability"].to_numpy().reshape(8, 3, 3)

    assert found == pytest.approx(np.broadcast_to(expected, (8, 3, 3)), abs=1e-3)


def test_smoothing_towards_all_helps_annotators_with_few_labels() -> None:
    """Where each annotator gave three labels, pseudo-counts like everybody's labels beat uniform ones."""
    labels, truth = crowd(n_items=400, n_annotators=400, redundancy=3, seed=5)
    right = {
        toward: np.mean(
            DawidSkene(smoothing=1, toward=toward).fit_predict(labels)["label"].to_numpy() == truth
        )
        for toward in ("uniform", "pooled")
    }

    assert right["pooled"] > right["uniform"] + 0.1


def test_an_item_with_very_many_labels() -> None:
    """Ten thousand labels of one item do not underflow."""
    rows = [("a", f"{n}", "cat" if n % 3 else "dog") for n in range(10_000)]
    found = DawidSkene().fit(frame([*rows, ("b", "0", "dog"), ("b", "1", "cat")]))

    assert found.consensus_["label"][0] == "cat"
    assert np.isfinite(found.log_likelihood_)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"smoothing": -1}, "smoothing: expected a pseudo-count of 0 or more, found -1"),
        ({"smoothing": float("nan")}, "smoothing: expected"),
        ({"toward": "gold"}, "toward: expected 'uniform' or 'pooled', found 'gold'"),
        ({"class_prior": [0.5, 0.5]}, "class_prior: expected 3 probabilities that sum to 1"),
        ({"class_prior": [0.5, 0.5, 0.5]}, "class_prior: expected 3 probabilities that sum to 1"),
        ({"prior_confusion": np.ones((2, 2))}, r"prior_confusion: .* found an array of shape \(2, 2\)"),
        ({"start": MajorityVote().fit(crowd()[0], categories=[*LABELS, "yak"])}, "start: expected"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    """What cannot be a parameter is refused with what was expected and found."""
    with pytest.raises(ValueError, match=message):
        DawidSkene(**parameters).fit(crowd()[0])


def test_the_coin_is_the_same_for_all_labels() -> None:
    """One-coin confusions have one probability of being right, and one of each wrong label."""
    found = OneCoin().fit(crowd()[0])
    confusions = found.confusions_["probability"].to_numpy().reshape(8, 3, 3)
    skill = found.annotators_["skill"].to_numpy()

    assert confusions[:, 0, 0] == pytest.approx(skill)
    assert confusions[:, 2, 2] == pytest.approx(skill)
    assert confusions[:, 1, 2] == pytest.approx((1 - skill) / 2)
