"""Bradley-Terry: how strong options are, from comparisons of two at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.comparisons import (
    Comparisons,
    Strengths,
    fit_strengths,
    outcome_probabilities,
)
from jupyter_annotate.aggregation.fitting import Estimator, Findings, read, reject
from jupyter_annotate.aggregation.groups import grouped_sums, ratio
from jupyter_annotate.ratings import coded

__all__ = ["BradleyTerry"]

_Numbers = NDArray[np.float64]

_OUTCOMES = ("left", "right", "tie")
_TIE = 2
_MOST_ROUNDS = 500
_STILL = 1e-5
#: A pair of options whose log-strengths differ by less is a tie; the difference is rounding.
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    """Votes that are alike counted together: ``number`` times an annotator gave a pair an outcome."""

    options: pl.Series
    annotators: pl.Series
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    pair: NDArray[np.int64]
    annotator: NDArray[np.int64]
    outcome: NDArray[np.int64]
    number: NDArray[np.int64]


class BradleyTerry(Estimator):
    """The strength of each option, from preferences between two.

    An option of strength pi_i is preferred to one of pi_j with probability pi_i / (pi_i + pi_j) (Bradley and
    Terry 1952, doi:10.2307/2334029). Ties follow Davidson (1970), the advantage of being shown first Davidson
    and Beaver (1977). The labels have the columns item_id (the comparison), annotator_id, left and right (the
    options in the order shown) and label: ``"left"``, ``"right"`` or ``"tie"``; null is a skipped comparison.

    The consensus has one row an option, the strongest first: option, rank, score (log-strength around the
    mean of all), low, high, confidence (the lower of the probabilities that it is stronger than the next and
    weaker than the one before; null if it is alone) and n_comparisons. Intervals and confidence come from the
    curvature of the likelihood and take reliabilities as known; with more than 1500 options they are null.

    Parameters
    ----------
    reliability
        Estimate for each annotator how often a preference is stated the right way round (eta of Crowd-BT,
        Chen et al. 2013, doi:10.1145/2433396.2433420); an annotator who reverses them then counts in reverse.
        Ties tell nothing about it.
    honest, reversing
        Beta prior of that probability, as 1 + pseudo-counts; the values of Crowd-BT.
    position
        Estimate the advantage of the option shown first.
    prior
        Comparisons each option is given with a phantom of average strength, half won and half lost, so that
        an option that always wins, or that was never compared with the others, has a finite strength. 0 gives
        the maximum likelihood, which needs a chain of wins from each option to each other.
    level
        Confidence level of the intervals.

    Examples
    --------
    >>> votes = {
    ...     "item_id": ["1", "2", "3", "4"],
    ...     "annotator_id": ["ada", "bob", "ada", "bob"],
    ...     "left": ["x", "y", "x", "x"],
    ...     "right": ["y", "x", "z", "y"],
    ...     "label": ["left", "left", "left", "left"],
    ... }
    >>> BradleyTerry().fit_predict(votes)["option"].to_list()
    ['x', 'y', 'z']
    """

    name: ClassVar[str] = "bradley_terry"

    def __init__(  # noqa: PLR0913 -- each is one choice of the model
        self,
        *,
        reliability: bool = False,
        honest: float = 10.0,
        reversing: float = 1.0,
        position: bool = False,
        prior: float = 0.1,
        level: float = 0.95,
    ) -> None:
        if not prior >= 0 or not 0 < level < 1 or honest < 1 or reversing < 1:
            message = (
                "Expected prior >= 0, 0 < level < 1, honest >= 1 and reversing >= 1, "
                f"found {prior}, {level}, {honest} and {reversing}."
            )
            raise ValueError(message)
        self.reliability, self.honest, self.reversing = reliability, honest, reversing
        self.position, self.prior, self.level = position, prior, level

    @property
    def preferences_(self) -> pl.DataFrame:
        """Return item_id, first, second, label, confidence: which option of each comparison is the stronger.

        ``confidence`` is the probability that it is preferred where neither is shown first, ties left out;
        the label is null where both are as strong.
        """
        return self._found("preferences_").tables["preferences"]

    @property
    def effects_(self) -> pl.DataFrame:
        """Return effect, value: nu of ties and gamma of the first place; only those that are in the model."""
        return self._found("effects_").tables["effects"]

    def _estimate(self, labels: object, what: str) -> Findings:
        frame = _checked(labels, what)
        votes = _counted(frame)
        data = _comparisons(votes, np.ones(len(votes.number)), position=self.position)
        if self.prior == 0 and not _connected(data):
            message = (
                f"{what}: prior=0 needs a chain of wins from each option to each other, found options "
                "without one: their strengths would be infinite. Use prior > 0."
            )
            raise ValueError(message)
        strengths, eta, rounds, converged = self._climb(votes, data)
        effects = [("tie", data.n_options)] * data.has_ties + [("position", -1)] * self.position
        values = [(name, float(np.exp(strengths.parameters[place]))) for name, place in effects]
        theta = strengths.parameters[: data.n_options]
        return Findings(
            _ranked(votes, strengths, self.level),
            self._annotators(votes, theta, eta),
            log_likelihood=_log_likelihood(votes, data, strengths.parameters, eta),
            n_iterations=rounds,
            converged=converged,
            tables={
                "preferences": _preferences(frame, votes, theta),
                "effects": pl.DataFrame(
                    values, schema={"effect": pl.String, "value": pl.Float64}, orient="row"
                ),
            },
        )

    def _climb(self, votes: _Votes, data: Comparisons) -> tuple[Strengths, _Numbers, int, bool]:
        """Return strengths, honesty, rounds and whether they settled; one round if all are honest."""
        honest = np.ones(len(votes.annotators))
        strengths = fit_strengths(data, prior=self.prior)
        if not self.reliability:
            return strengths, honest, strengths.n_iterations, strengths.converged
        eta = honest * (self.honest / (self.honest + self.reversing))
        for count in range(1, _MOST_ROUNDS + 1):
            right_way = _right_way(votes, data, strengths.parameters, eta)
            before, known = np.append(strengths.parameters, eta), votes.outcome != _TIE
            weight = np.where(known, votes.number, 0)
            n = len(eta)
            kept = np.bincount(votes.annotator, weight * right_way, n) + self.honest - 1
            all_ = np.bincount(votes.annotator, weight, n) + self.honest + self.reversing - 2
            # With a flat prior, an annotator who never preferred one keeps the value before.
            eta = np.where(all_ > 0, kept / np.maximum(all_, 1e-300), eta)
            data = _comparisons(votes, right_way, position=self.position)
            strengths = fit_strengths(data, prior=self.prior, start=strengths.parameters, most_steps=50)
            if np.abs(np.append(strengths.parameters, eta) - before).max() < _STILL:
                return strengths, eta, count, True
        return strengths, eta, _MOST_ROUNDS, False

    def _annotators(self, votes: _Votes, theta: _Numbers, eta: _Numbers) -> pl.DataFrame:
        """Return n_labels, how often the stronger option was preferred, and reliability if estimated."""
        n = len(votes.annotators)
        ahead = theta[votes.left[votes.pair]] - theta[votes.right[votes.pair]]
        decided = (votes.outcome != _TIE) & (np.abs(ahead) > _EQUAL)
        agrees = decided & ((ahead > 0) == (votes.outcome == 0))
        number = np.bincount(votes.annotator, votes.number * decided, n)
        agreeing = np.bincount(votes.annotator, votes.number * agrees, n)
        share = ratio(agreeing, number)
        table = pl.DataFrame(
            {
                "annotator_id": votes.annotators,
                "n_labels": np.bincount(votes.annotator, votes.number, n).astype(np.int64),
                "agreement": share,
            }
        )
        return (table.with_columns(reliability=eta) if self.reliability else table).fill_nan(None)


def _checked(labels: object, what: str) -> pl.DataFrame:
    """Return the comparisons that have a label."""
    frame = read(labels, ("left", "right"), what).with_columns(pl.col("left", "right").cast(pl.String))
    for side in ("left", "right"):
        reject(frame, frame[side].is_null(), side, what, expected="an option")
    frame = frame.with_columns(pl.col("label").cast(pl.String))
    known = frame["label"].is_in(_OUTCOMES) | frame["label"].is_null()
    reject(frame, ~known, "label", what, expected=f"one of {list(_OUTCOMES)}, or null")
    same = frame["left"] == frame["right"]
    reject(frame, same, "right", what, expected="another option than the left one")
    return frame


def _counted(frame: pl.DataFrame) -> _Votes:
    """Count votes that are alike; options and annotators without a vote are known all the same."""
    _, options = coded(pl.concat([frame["left"], frame["right"].alias("left")]))
    _, annotators = coded(frame["annotator_id"])
    place = pl.Series(range(len(options)), dtype=pl.Int64)
    who = pl.Series(range(len(annotators)), dtype=pl.Int64)
    what = pl.Series(range(len(_OUTCOMES)), dtype=pl.Int64)
    votes = (
        frame.drop_nulls("label")
        .select(
            pl.col("left", "right").replace_strict(options, place, return_dtype=pl.Int64),
            pl.col("annotator_id").replace_strict(annotators, who, return_dtype=pl.Int64),
            pl.col("label").replace_strict(pl.Series(_OUTCOMES), what, return_dtype=pl.Int64),
        )
        .group_by("left", "right", "annotator_id", "label")
        .len("number")
        .cast(pl.Int64)
        .sort("left", "right", "annotator_id", "label")
    )
    first = ~votes.select(pl.struct("left", "right").is_first_distinct()).to_series().to_numpy()
    return _Votes(
        options=options.alias("option"),
        annotators=annotators,
        left=votes["left"].to_numpy()[~first],
        right=votes["right"].to_numpy()[~first],
        pair=np.cumsum(~first) - 1,
        annotator=votes["annotator_id"].to_numpy(),
        outcome=votes["label"].to_numpy(),
        number=votes["number"].to_numpy(),
    )


def _comparisons(votes: _Votes, right_way: _Numbers, *, position: bool) -> Comparisons:
    """Return the votes as comparisons; what is stated the wrong way round counts for the other option."""
    n = len(votes.left) * 3
    other = np.array([1, 0, 2])[votes.outcome]
    kept = grouped_sums(votes.pair * 3 + votes.outcome, votes.number * right_way, n)
    turned = grouped_sums(votes.pair * 3 + other, votes.number * (1 - right_way), n)
    return Comparisons(
        votes.left, votes.right, (kept + turned).reshape(-1, 3), len(votes.options), position=position
    )


def _mixed(
    votes: _Votes, data: Comparisons, parameters: _Numbers, eta: _Numbers
) -> tuple[_Numbers, _Numbers]:
    """Return the probability of each vote, stated the right way and the wrong way round."""
    probabilities = outcome_probabilities(data, parameters)
    other = np.array([1, 0, 2])[votes.outcome]
    honest = eta[votes.annotator] * probabilities[votes.pair, votes.outcome]
    return honest, (1 - eta[votes.annotator]) * probabilities[votes.pair, other]


def _right_way(votes: _Votes, data: Comparisons, parameters: _Numbers, eta: _Numbers) -> _Numbers:
    honest, reversed_ = _mixed(votes, data, parameters, eta)
    return np.asarray(honest / (honest + reversed_))


def _log_likelihood(votes: _Votes, data: Comparisons, parameters: _Numbers, eta: _Numbers) -> float:
    return float((votes.number * np.log(sum(_mixed(votes, data, parameters, eta)))).sum())


def _connected(data: Comparisons) -> bool:
    """Say whether a chain of wins or ties leads from each option to each other."""
    n = data.n_options
    reach = np.eye(n, dtype=bool)
    wins, losses = data.outcomes[:, [0, 2]].any(axis=1), data.outcomes[:, [1, 2]].any(axis=1)
    reach[data.left[wins], data.right[wins]] = True
    reach[data.right[losses], data.left[losses]] = True
    for _ in range(max(n - 1, 1).bit_length()):
        reach = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
    return bool(reach.all())


def _ranked(votes: _Votes, strengths: Strengths, level: float) -> pl.DataFrame:
    """Return the options from the strongest, log-strengths around their mean."""
    n = len(votes.options)
    theta = strengths.parameters[:n]
    score = theta - theta.mean() if n else theta
    order = np.lexsort((np.arange(n), -score.round(12)))
    deviation, sure = np.full(n, np.nan), np.full(n, np.nan)
    if strengths.covariance is not None and n > 1:
        centre = np.eye(n) - 1 / n
        covariance = centre @ strengths.covariance[:n, :n] @ centre
        deviation = np.sqrt(np.diag(covariance))
        sure = _order_is_right(score[order], covariance[np.ix_(order, order)])
    half = NormalDist().inv_cdf((1 + level) / 2) * deviation
    met = votes.number.astype(np.float64)
    n_met = np.bincount(votes.left[votes.pair], met, n) + np.bincount(votes.right[votes.pair], met, n)
    return pl.DataFrame(
        {
            "option": votes.options.gather(order),
            "rank": np.arange(1, n + 1),
            "score": score[order],
            "low": (score - half)[order],
            "high": (score + half)[order],
            "confidence": sure,
            "n_comparisons": n_met[order].astype(np.int64),
        }
    ).fill_nan(None)


def _order_is_right(score: _Numbers, covariance: _Numbers) -> _Numbers:
    """Return for each option the lower of the probabilities that it is in order with its neighbours."""
    ahead = score[:-1] - score[1:]
    spread = np.diag(covariance)[:-1] + np.diag(covariance)[1:] - 2 * np.diag(covariance, 1)
    z = ahead / np.sqrt(np.maximum(spread, 1e-300))
    right = np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in z.tolist()])
    return np.asarray(np.minimum(np.append(right, 1.0), np.insert(right, 0, 1.0)))


def _preferences(frame: pl.DataFrame, votes: _Votes, theta: _Numbers) -> pl.DataFrame:
    pairs = (
        frame.select(
            "item_id", first=pl.min_horizontal("left", "right"), second=pl.max_horizontal("left", "right")
        )
        .unique()
        .sort("item_id", "first", "second")
    )
    scores = pl.DataFrame({"option": votes.options, "theta": theta}, schema_overrides={"theta": pl.Float64})
    ahead = pairs.join(scores, left_on="first", right_on="option", how="left", maintain_order="left")["theta"]
    ahead -= pairs.join(scores, left_on="second", right_on="option", how="left", maintain_order="left")[
        "theta"
    ]
    even = ahead.abs() <= _EQUAL
    stronger = pl.when(even).then(None).when(ahead > 0).then("first").otherwise("second")
    return pairs.with_columns(label=stronger, confidence=1 / (1 + (-ahead.abs()).exp()))
