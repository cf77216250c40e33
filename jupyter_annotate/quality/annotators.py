"""Annotators: how skilled each one is, what they confuse and overuse, and how sure all that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, gold_codes
from jupyter_annotate.aggregation.calibration import information_of, softened
from jupyter_annotate.aggregation.difficulty import HazyItems
from jupyter_annotate.aggregation.heldout import folds_of, probabilities_without_gaps, restricted
from jupyter_annotate.aggregation.shrinkage import counts_of
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import Codes, Ratings, ratings_of

__all__ = ["AnnotatorQuality", "annotator_quality"]

Floats = NDArray[np.float64]

_WHAT = "annotator_quality()"
#: Labels' worth of knowing nothing, in each row of a confusion matrix.
_IGNORANCE = 1.0
_STEPS = 20
_FOLDS = 4
#: Numbers drawn at once.
_AT_ONCE = 4_000_000
#: Whoever surely tells less than this share of what there is to know about an item tells nothing.
_NOTHING = 0.1
_CONSTANT = 0.9
_FEW = 10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AnnotatorQuality:
    """What is known of each annotator.

    Parameters
    ----------
    annotators
        annotator_id, n_labels, n_gold (those on items with gold), skill, skill_low, skill_high (how probable
        a right label is), information, information_low, information_high (bits a label tells of the true
        one), share (of what there is to know), overused (the label given most beyond its due), verdict.
        The verdict is null where nothing is wrong, or nothing can be said yet.
    confusions
        annotator_id, true_label, label, probability, low, high.
    bias
        annotator_id, label, used, due, excess, low, high: how often the label is given, how often it would be
        if all were right, and the difference.
    level
        Level of the intervals.
    n_gold
        Items whose true label was known.
    """

    annotators: pl.DataFrame
    confusions: pl.DataFrame
    bias: pl.DataFrame
    level: float
    n_gold: int

    def __repr__(self) -> str:
        """Return how many there are, and who is suspect."""
        suspects = self.annotators.drop_nulls("verdict")
        head = f"{len(self.annotators):,} annotators, {len(suspects):,} suspect"
        known = f"{self.n_gold:,} items with gold" if self.n_gold else "no gold"
        lines = [f"{head} ({100 * self.level:g} % intervals, {known})"]
        lines += [
            f"{row['annotator_id']}: {row['verdict']}; skill {row['skill']:.2f} [{row['skill_low']:.2f}, "
            f"{row['skill_high']:.2f}], {row['information']:.2f} bits a label ({row['n_labels']:,} labels)"
            for row in suspects.head(10).iter_rows(named=True)
        ]
        return "\n".join(lines)


def annotator_quality(  # noqa: PLR0913 -- each is named
    labels: object,
    *,
    gold: object = None,
    method: Aggregator | None = None,
    categories: Iterable[object] | None = None,
    level: float = 0.95,
    draws: int = 400,
    seed: int = 0,
) -> AnnotatorQuality:
    """Estimate the skill, confusions, bias and information of each annotator, with intervals.

    What an annotator said never counts as evidence for it: the true label of an item is taken from gold, or
    else from the labels of others. Its uncertainty is kept, so nobody looks worse because it is unknown.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label.
    gold
        item_id and label of items whose true label is known.
    method
        The aggregator that finds the true labels where there is no gold; None for `HazyItems`.
    categories
        All labels that could have been given; None for those that were.
    level
        Of the intervals: quantiles of the Dirichlet posterior of each row of the confusions, whose counts are
        expected over the true labels. Few labels make them wide.
    draws, seed
        Of that posterior.

    Raises
    ------
    ColumnError
        If there is no label at all, or the labels or gold are not usable.

    Examples
    --------
    >>> labels = {
    ...     "item_id": [n for n in range(40) for _ in range(4)],
    ...     "annotator_id": ["ada", "bob", "eve", "max"] * 40,
    ...     "label": [each for n in range(40) for each in [n % 2] * 3 + [n // 2 % 2]],
    ... }
    >>> annotator_quality(labels).annotators.filter(pl.col("verdict").is_not_null())["annotator_id"].to_list()
    ['max']
    """
    ratings = ratings_of(labels, what=_WHAT, categories=categories, repeats="keep")
    if not len(ratings):
        raise ColumnError(_WHAT, expected="at least one label", found="none", column="label")
    known = gold_codes(gold, ratings, _WHAT)
    model = method or HazyItems()
    others = _unseen(model, ratings, known)
    certain = known[ratings.item]
    others[certain >= 0] = np.eye(others.shape[1])[certain[certain >= 0]]
    true = copy(model)._estimate(ratings, known).probabilities  # noqa: SLF001 -- arrays, not frames, are needed
    prior = softened(true, ratings)[ratings.sizes() > 0].mean(axis=0)
    counts = _counts(others, ratings)
    found = _summary(counts, prior, draws, level, np.random.default_rng(seed))
    n_gold = np.bincount(ratings.annotator, certain >= 0, len(ratings.annotators)).astype(np.int64)
    return AnnotatorQuality(
        annotators=_annotators(ratings, found, n_gold, prior),
        confusions=_confusions(ratings, found),
        bias=_bias(ratings, found, prior),
        level=level,
        n_gold=int(((known >= 0) & (ratings.sizes() > 0)).sum()),
    )


def _unseen(model: Aggregator, ratings: Ratings, gold: Codes) -> Floats:
    """Return, for each label, the probabilities of its item's true label without it. Shape (n, k)."""
    fold = folds_of(ratings, _FOLDS)
    found = np.empty((len(ratings), len(ratings.categories)))
    for number in np.unique(fold):
        kept, out = restricted(ratings, fold != number), fold == number
        others = softened(probabilities_without_gaps(model, kept, gold), kept)
        found[out] = others[ratings.item[out]]
    return found


def _counts(others: Floats, ratings: Ratings) -> Floats:
    """Return expected counts of each annotator: what others say of the true label, and the annotator's habit.

    Expectation maximization over the confusions, with what others say held.
    """
    _, n_annotators, n_labels = ratings.shape
    rows = np.arange(len(ratings), dtype=np.int32)
    cells = ratings.annotator.astype(np.int64) * n_labels + ratings.label
    counts = counts_of(others, rows, cells, n_annotators * n_labels)
    for _ in range(_STEPS):
        confusions = _mean(counts)
        joint = others * confusions[ratings.annotator, :, ratings.label]
        joint /= np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        counts = counts_of(joint, rows, cells, n_annotators * n_labels)
    return counts


def _mean(counts: Floats) -> Floats:
    prior = counts + _IGNORANCE / counts.shape[2]
    found: Floats = prior / prior.sum(axis=2, keepdims=True)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Estimate:
    """A value with both ends of its interval; all of one shape."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    confusions: _Estimate
    skill: _Estimate
    information: _Estimate
    used: _Estimate


def _summary(counts: Floats, prior: Floats, draws: int, level: float, rng: np.random.Generator) -> _Found:
    values = _measured(_mean(counts), prior)
    ends: list[list[Floats]] = [[], [], [], []]
    for drawn in _drawn(counts, draws, rng):
        for place, (value, sample) in enumerate(zip(values, _sampled(drawn, prior), strict=True)):
            begin = sum(each.shape[1] for each in ends[place])
            at = value[begin : begin + sample.shape[1]]
            # A draw scatters around the mean of all; information is never less than where there is no noise.
            shift = sample.mean(axis=0) - at if place == _INFORMATION else 0.0
            ends[place].append(np.quantile(sample - shift, [(1 - level) / 2, (1 + level) / 2], axis=0))
    low_high = [np.concatenate(each, axis=1) for each in ends]
    estimates = [_Estimate(value, low, high) for value, (low, high) in zip(values, low_high, strict=True)]
    confusions, skill, information, used = estimates
    return _Found(confusions, skill, _floored(information), used)


_INFORMATION = 2


def _floored(estimate: _Estimate) -> _Estimate:
    return _Estimate(estimate.value, np.maximum(estimate.low, 0), np.maximum(estimate.high, 0))


def _measured(confusions: Floats, prior: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return confusions, skill, information (bits) and use of each label of annotators."""
    skill = np.diagonal(confusions, axis1=1, axis2=2) @ prior
    used = np.einsum("k,jkl->jl", prior, confusions)
    return confusions, skill, information_of(confusions, prior) / np.log(2), used


def _sampled(drawn: Floats, prior: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    n_draws, n_annotators = drawn.shape[:2]
    _, skill, information, used = _measured(drawn.reshape(-1, *drawn.shape[2:]), prior)
    shape = (n_draws, n_annotators)
    return drawn, skill.reshape(shape), information.reshape(shape), used.reshape(*shape, -1)


def _drawn(counts: Floats, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield draws of the confusions of some annotators at a time. Shape (draws, m, true, label)."""
    n_annotators, n_labels, _ = counts.shape
    step = max(1, _AT_ONCE // (draws * n_labels * n_labels))
    for first in range(0, n_annotators, step):
        shape = counts[first : first + step] + _IGNORANCE / n_labels
        drawn = np.maximum(rng.standard_gamma(shape, size=(draws, *shape.shape)), 1e-300)
        yield drawn / drawn.sum(axis=3, keepdims=True)


def _annotators(ratings: Ratings, found: _Found, n_gold: NDArray[np.int64], prior: Floats) -> pl.DataFrame:
    n_labels = np.bincount(ratings.annotator, minlength=len(ratings.annotators))
    known = float(-(prior * np.log2(np.maximum(prior, 1e-300))).sum())
    information, skill = found.information, found.skill
    table = pl.DataFrame(
        {
            "annotator_id": ratings.annotators.cast(pl.String),
            "n_labels": n_labels,
            "n_gold": n_gold,
            "skill": skill.value,
            "skill_low": skill.low,
            "skill_high": skill.high,
            "information": information.value,
            "information_low": information.low,
            "information_high": information.high,
            "share": information.value / known if known > 0 else np.full(len(n_labels), np.nan),
            "overused": ratings.categories.gather((found.used.value - prior).argmax(axis=1)),
            "verdict": _verdicts(found, n_labels, known),
        }
    ).with_columns(pl.col("share").fill_nan(None))
    return table.with_columns(
        pl.when(pl.col("n_labels") > 0).then(pl.col(name)).alias(name) for name in table.columns[3:]
    )


def _verdicts(found: _Found, n_labels: NDArray[np.int64], known: float) -> pl.Series:
    """Say who tells nothing; only where the whole interval says so."""
    chance = 1 / found.used.value.shape[1]
    silent = (found.information.high < _NOTHING * known) & (n_labels >= _FEW)
    constant = silent & (found.used.value.max(axis=1) > _CONSTANT)
    wrong = (found.skill.high < chance) & (n_labels >= _FEW)
    named = np.select(
        [constant, silent, wrong],
        [
            "gives one label always",
            "tells nothing, like clicking at random",
            "is right less often than chance",
        ],
        "",
    )
    return pl.Series("verdict", named).replace("", None)


def _confusions(ratings: Ratings, found: _Found) -> pl.DataFrame:
    _, n_annotators, n_labels = ratings.shape
    annotator, true, label = np.indices((n_annotators, n_labels, n_labels)).reshape(3, -1)
    return pl.DataFrame(
        {
            "annotator_id": ratings.annotators.cast(pl.String).gather(annotator),
            "true_label": ratings.categories.gather(true),
            "label": ratings.categories.gather(label),
            "probability": found.confusions.value.ravel(),
            "low": found.confusions.low.ravel(),
            "high": found.confusions.high.ravel(),
        }
    )


def _bias(ratings: Ratings, found: _Found, prior: Floats) -> pl.DataFrame:
    _, n_annotators, n_labels = ratings.shape
    annotator, label = np.indices((n_annotators, n_labels)).reshape(2, -1)
    due = np.tile(prior, n_annotators)
    return pl.DataFrame(
        {
            "annotator_id": ratings.annotators.cast(pl.String).gather(annotator),
            "label": ratings.categories.gather(label),
            "used": found.used.value.ravel(),
            "due": due,
            "excess": found.used.value.ravel() - due,
            "low": found.used.low.ravel() - due,
            "high": found.used.high.ravel() - due,
        }
    )
