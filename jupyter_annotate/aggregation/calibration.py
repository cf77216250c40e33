"""Calibration: a label claimed with 80 % should be right four times in five."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Probabilities
from jupyter_annotate.aggregation.heldout import confusions_under
from jupyter_annotate.aggregation.reliability import Reliability, reliability
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["Calibration", "Kind", "calibrated", "informed_shares", "softened"]

Floats = NDArray[np.float64]
Kind = Literal["none", "temperature", "classes", "steps"]

#: How much of a probability comes from the shares of the votes, weighted by what each annotator tells.
SHARE = 0.4
#: Too few gold items to learn anything but how wrong it is.
_FEW = 10
_FOLDS = 5
_KINDS: tuple[Kind, ...] = ("none", "temperature", "classes", "steps")
#: Gold items' worth of the belief that nothing needs to be changed.
_STILL = 10.0
#: Gold items in a step, at least.
_STEP = 40
#: A change may cost at most this share of the Brier score: being right on average is not all.
_COST = 1.02
_LEAST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How a posterior was calibrated on gold, and how well, measured on gold it had not seen.

    Parameters
    ----------
    kind
        ``"none"`` (it was best as it was), ``"temperature"`` (all log-odds divided by one number),
        ``"classes"`` (that and an offset for each label) or ``"steps"`` (a rising step function).
    before, after
        Reliability of the confidence on gold; ``after`` is cross-fitted.
    n_gold
        Gold items with labels; only they count.
    n_gold_unlabeled
        Gold items nobody labeled: counted, never scored.
    """

    kind: Kind
    before: Reliability
    after: Reliability
    n_gold: int
    n_gold_unlabeled: int = 0

    def __repr__(self) -> str:
        """Return one sentence: the error before and after, and how it was changed."""
        how = {
            "none": "left as it was",
            "temperature": "by one temperature",
            "classes": "by a temperature and an offset for each label",
            "steps": "by steps",
        }[self.kind]
        aside = f"; {self.n_gold_unlabeled:,} more have no label" if self.n_gold_unlabeled else ""
        return (
            f"calibration error {100 * self.before.error:.1f} points before, {self.after} after, "
            f"{how} ({self.n_gold:,} gold items, cross-fitted{aside})"
        )


def informed_shares(probabilities: Probabilities, ratings: Ratings) -> Floats:
    """Return the share of each label among an item's votes, each weighted by what its annotator tells.

    An annotator's weight is the information, in nats, that a label of theirs has on the true one, under their
    confusions given these probabilities: a clicker has none. Shape (n_items, k).
    """
    n_items, _, n_labels = ratings.shape
    confusions = confusions_under(probabilities, ratings)
    labeled = ratings.sizes() > 0
    prior = probabilities[labeled if labeled.any() else ~labeled].mean(axis=0)
    weight = information_of(confusions, prior) + _LEAST
    cell = ratings.item.astype(np.int64) * n_labels + ratings.label
    shares = np.bincount(cell, weight[ratings.annotator], n_items * n_labels).reshape(n_items, n_labels)
    shares[~labeled] = 1
    found: Floats = shares / shares.sum(axis=1, keepdims=True)
    return found


def information_of(confusions: Floats, prior: Floats) -> Floats:
    """Return the mutual information of the true label and an annotator's, in nats. Shape (n_annotators,)."""
    joint = prior[:, None] * confusions
    marginal = joint.sum(axis=1, keepdims=True)
    outer = np.maximum(prior[:, None] * marginal, 1e-300)
    terms = joint * np.log(np.maximum(joint, 1e-300) / outer)
    found: Floats = np.maximum(terms.sum(axis=(1, 2)), 0)
    return found


def softened(probabilities: Probabilities, ratings: Ratings, *, share: float = SHARE) -> Probabilities:
    """Mix a posterior with the shares of the votes, which do not multiply evidence.

    A product over annotators counts each as independent. They are not: they share what is hard, and what is
    wrong. How much they share cannot be seen without gold, so a part of every probability is the share of
    the votes, which would be right if they were not independent at all.
    """
    found: Probabilities = (1 - share) * probabilities + share * informed_shares(probabilities, ratings)
    return found


def calibrated(  # noqa: PLR0913 -- each is named
    probabilities: Probabilities,
    gold: Codes,
    order: NDArray[np.int64],
    *,
    asked: Probabilities | None = None,
    unlabeled: int = 0,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Probabilities, Calibration]:
    """Fit on gold what makes the confidence right, keep it only if it does on gold it has not seen.

    Parameters
    ----------
    probabilities
        Of the true labels, fitted without that gold. Shape (n_items, k).
    gold
        Code of each item's known label, -1 where none is. Shape (n_items,).
    order
        A number for each item; gold items are dealt out to folds in its order.
    asked
        What to change, if not those probabilities: for example the same fitted with the gold.
    unlabeled
        Gold items without labels, for the report.
    level, seed
        Of the bootstrap interval of the calibration error.

    Returns
    -------
    probabilities
        Of all items, changed.
    report
        Cross-fitted reliability.
    """
    known = np.flatnonzero(gold >= 0)
    found, true = probabilities[known], gold[known]
    parts = _parts(order[known])
    tried = {kind: _crossfitted(kind, found, true, parts) for kind in _kinds(len(known))}
    judged = {kind: reliability(*_claims(each, true), level=level, seed=seed) for kind, each in tried.items()}
    before = judged["none"]
    fit = [kind for kind, each in judged.items() if each.brier <= _COST * before.brier]
    kind = min(fit, key=lambda each: judged[each].error)
    after = judged[kind]
    changed = _changed(kind, found, true, probabilities if asked is None else asked)
    return changed.copy(), Calibration(kind, before, after, len(known), unlabeled)


def _kinds(n_gold: int) -> tuple[Kind, ...]:
    return _KINDS if n_gold >= _FEW else ("none",)


def _parts(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deal items out to folds in this order."""
    part = np.empty(len(order), dtype=np.int64)
    part[np.argsort(order, kind="stable")] = np.arange(len(order)) % _FOLDS
    return part


def _claims(found: Floats, true: Codes) -> tuple[Floats, NDArray[np.bool_]]:
    return found.max(axis=1), found.argmax(axis=1) == true


def _crossfitted(kind: Kind, found: Floats, true: Codes, parts: NDArray[np.int64]) -> Floats:
    changed = found.copy()
    for part in range(_FOLDS) if kind != "none" else ():
        out = parts == part
        if out.any() and not out.all():
            changed[out] = _changed(kind, found[~out], true[~out], found[out])
    return changed


def _changed(kind: Kind, found: Floats, true: Codes, asked: Floats) -> Floats:
    if kind == "none":
        return asked
    if kind == "steps":
        return _stepped(found, true, asked)
    slope, offsets = _tempered(_logs(found), true, with_offsets=kind == "classes")
    return _softmax(slope * _logs(asked) + offsets)


def _logs(found: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(found, _LEAST))
    return logs


def _softmax(scores: Floats) -> Floats:
    found: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    return found


def _tempered(logs: Floats, true: Codes, *, with_offsets: bool) -> tuple[float, Floats]:
    """Fit softmax(slope * log p + offset) by Newton steps on the penalized log-loss, which is convex."""
    n_labels = logs.shape[1]
    size = 1 + (n_labels if with_offsets else 0)
    start = np.zeros(size)
    start[0] = 1
    at = start.copy()
    right = np.eye(n_labels)[true]
    for _ in range(50):
        found = _softmax(at[0] * logs + (at[1:] if with_offsets else 0))
        step = _newton_step(logs, found, right, _STILL * (at - start))
        at -= step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 -- far below any visible change
            break
    return max(float(at[0]), 1e-3), at[1:] if with_offsets else np.zeros(n_labels)


def _newton_step(logs: Floats, found: Floats, right: Floats, pull: Floats) -> Floats:
    size, miss = len(pull), found - right
    mean = (found * logs).sum(axis=1)
    gradient, curve = pull.copy(), _STILL * np.eye(size)
    gradient[0] += (miss * logs).sum()
    curve[0, 0] += (found * logs**2).sum() - (mean**2).sum()
    if size > 1:
        gradient[1:] += miss.sum(axis=0)
        curve[1:, 1:] += np.diag(found.sum(axis=0)) - found.T @ found
        curve[0, 1:] += (found * (logs - mean[:, None])).sum(axis=0)
        curve[1:, 0] = curve[0, 1:]
    step: Floats = np.linalg.solve(curve, gradient).astype(np.float64)
    # Far from the optimum a full step may overshoot.
    return step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))


def _stepped(found: Floats, true: Codes, asked: Floats) -> Floats:
    """Replace the confidence by the share of right labels among gold of like confidence; it never falls."""
    confidence, right = _claims(found, true)
    edges, shares = _steps(confidence, right)
    best = asked.argmax(axis=1)
    rows = np.arange(len(asked))
    claimed = asked[rows, best]
    wanted = np.clip(np.interp(claimed, edges, shares), 1 / asked.shape[1], 1 - _LEAST)
    rest = np.maximum(1 - claimed, _LEAST)
    changed: Floats = asked * ((1 - wanted) / rest)[:, None]
    changed[rows, best] = wanted
    changed /= changed.sum(axis=1, keepdims=True)
    return changed


def _steps(confidence: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return mean confidences and shares of right labels of steps that rise (pool adjacent violators)."""
    order = np.argsort(confidence, kind="stable")
    n_steps = max(1, len(order) // _STEP)
    pooled: list[tuple[float, float, float]] = []
    for step in np.array_split(order, n_steps):
        weight = float(len(step))
        mean = float(confidence[step].mean())
        share = float((right[step].sum() + _STILL * mean) / (weight + _STILL))
        pooled.append((mean, share, weight))
        while len(pooled) > 1 and pooled[-2][1] >= pooled[-1][1]:
            last, first = pooled.pop(), pooled.pop()
            total = first[2] + last[2]
            joined = ((a * first[2] + b * last[2]) / total for a, b in zip(first[:2], last[:2], strict=True))
            pooled.append((*joined, total))  # type: ignore[arg-type]  # two numbers and a weight
    means, shares, _ = (np.array(column) for column in zip(*pooled, strict=True))
    return means, shares
