"""Aggregators: estimators from LABELS to CONSENSUS, and what every one of them shows after `fit`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError, NotFittedError, shorten
from jupyter_annotate.ratings import Codes, Ratings, coded, ratings_of

__all__ = ["Aggregator", "Posterior", "Probabilities", "choose", "consensus_of", "gold_codes"]

Probabilities = NDArray[np.float64]

#: Probabilities that differ by less are a tie: the difference is rounding.
_TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What an aggregator found.

    Parameters
    ----------
    probabilities
        Of each label for each item; rows sum to 1. Rows of items without a label are ignored.
        Shape (n_items, n_categories).
    annotators
        What is known of each annotator, in the order of the ratings, without their names: ``skill`` (the
        probability of a right label) where the model has one, and what else it estimates.
    log_likelihood
        Of the labels under the model, marginal over the true ones; nan where there is no model.
    n_iterations
        Steps taken; 0 for a closed form.
    converged
        Whether it stopped because nothing changed any more.
    objective
        What each step raises: the log-likelihood, less what the priors of the model cost.
    preferred
        Which of labels that are as probable is to be preferred, the greater the more; None for the more
        frequent one. Shape (n_items, n_categories).
    """

    probabilities: Probabilities
    annotators: pl.DataFrame
    log_likelihood: float = float("nan")
    n_iterations: int = 0
    converged: bool = True
    objective: float = float("nan")
    preferred: Probabilities | None = None


class Aggregator(ABC):
    """One label an item out of the labels of several annotators.

    After `fit` its findings stand in attributes that end in an underscore.
    """

    #: Its name in tables and comparisons.
    name: ClassVar[str]

    _ratings: Ratings | None = None
    _posterior: Posterior | None = None

    def fit(self, labels: object, *, gold: object = None, categories: Iterable[object] | None = None) -> Self:
        """Estimate the true labels.

        Parameters
        ----------
        labels
            LABELS (`ja.as_labels` makes them of any frame). A second label of an annotator on an item counts
            as a further answer (Dawid and Skene 1979 have such).
        gold
            item_id and label of items whose true label is known; they are taken as certain.
        categories
            All labels that could have been given, in order; None for those that were.

        Raises
        ------
        ColumnError
            If there is no label at all, or the labels or gold are not usable; with row and column.
        """
        what = f"{type(self).__name__}.fit()"
        ratings = ratings_of(labels, what=what, categories=categories, repeats="keep")
        if not len(ratings):
            raise ColumnError(what, expected="at least one label", found="none", column="label")
        known = gold_codes(gold, ratings, what)
        posterior = self._estimate(ratings, known)
        self._ratings, self._posterior = ratings, posterior
        return self

    def fit_predict(
        self, labels: object, *, gold: object = None, categories: Iterable[object] | None = None
    ) -> pl.DataFrame:
        """Fit and return CONSENSUS, as `fit` and ``consensus_``."""
        return self.fit(labels, gold=gold, categories=categories).consensus_

    def predict(self, labels: object) -> pl.DataFrame:
        """Return CONSENSUS of other labels, with what was learnt before; nothing is learnt from these.

        Annotators that were not there when it was fitted count as the average of those who were. A model that
        learns nothing of annotators looks at the new labels alone.

        Parameters
        ----------
        labels
            LABELS with the categories it was fitted with.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ColumnError
            If the labels are not usable, or there is one that it was not fitted with.
        """
        what = f"{type(self).__name__}.predict()"
        fitted, _ = self._fitted("predict()")
        ratings = ratings_of(labels, what=what, categories=fitted.categories.to_list(), repeats="keep")
        return consensus_of(self._probabilities_for(ratings), ratings)

    def _probabilities_for(self, ratings: Ratings) -> Probabilities:
        """Return the probabilities of other labels with the same categories."""
        fitted, _ = self._fitted("predict()")
        known = fitted.annotators.cast(pl.String).to_frame("annotator").with_row_index("place")
        asked = ratings.annotators.cast(pl.String).to_frame("annotator")
        joined = asked.join(known, on="annotator", how="left", maintain_order="left")
        return self._apply(ratings, joined["place"].cast(pl.Int64).fill_null(-1).to_numpy())

    def _apply(self, ratings: Ratings, places: NDArray[np.intp]) -> Probabilities:
        """Return the probabilities of other labels; ``places``: each annotator's code at `fit`, or -1."""
        del places
        return self._estimate(ratings, np.full(len(ratings.items), -1, dtype=np.int32)).probabilities

    @abstractmethod
    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        """Return the posterior; ``gold`` holds the code of each item's known label, -1 where none is."""

    @property
    def consensus_(self) -> pl.DataFrame:
        """Return CONSENSUS: item_id, label, confidence, tie, n_labels; sorted by item.

        ``tie``: another label was as probable; it goes to the label the model prefers for another reason,
        then to the one that is more frequent over all items, then to the first in order. An item whose every
        label is null has a null label.
        """
        ratings, posterior = self._fitted("consensus_")
        return consensus_of(posterior.probabilities, ratings, posterior.preferred)

    @property
    def probabilities_(self) -> pl.DataFrame:
        """Return item_id, label, probability: every label of every item that has labels."""
        ratings, posterior = self._fitted("probabilities_")
        labeled = np.flatnonzero(ratings.sizes())
        n_labels = len(ratings.categories)
        return pl.DataFrame(
            {
                "item_id": ratings.items.cast(pl.String).gather(np.repeat(labeled, n_labels)),
                "label": ratings.categories.gather(np.tile(np.arange(n_labels), len(labeled))),
                "probability": posterior.probabilities[labeled].ravel(),
            }
        )

    @property
    def annotators_(self) -> pl.DataFrame:
        """Return annotator_id, n_labels, then what the model says of each annotator."""
        ratings, posterior = self._fitted("annotators_")
        n_annotators = len(ratings.annotators)
        named = pl.DataFrame(
            {
                "annotator_id": ratings.annotators.cast(pl.String),
                "n_labels": np.bincount(ratings.annotator, minlength=n_annotators),
            }
        )
        return pl.concat([named, posterior.annotators], how="horizontal")

    @property
    def log_likelihood_(self) -> float:
        """Return the log-likelihood of the labels under the model."""
        return self._fitted("log_likelihood_")[1].log_likelihood

    @property
    def objective_(self) -> float:
        """Return what each step raised: the log-likelihood, less what the priors of the model cost."""
        return self._fitted("objective_")[1].objective

    @property
    def n_iterations_(self) -> int:
        """Return how many steps were taken."""
        return self._fitted("n_iterations_")[1].n_iterations

    @property
    def converged_(self) -> bool:
        """Return whether it stopped because nothing changed any more."""
        return self._fitted("converged_")[1].converged

    def _fitted(self, attribute: str) -> tuple[Ratings, Posterior]:
        if self._ratings is None or self._posterior is None:
            raise NotFittedError(type(self).__name__, attribute)
        return self._ratings, self._posterior


def consensus_of(
    probabilities: Probabilities,
    ratings: Ratings,
    preferred: Probabilities | None = None,
    totals: NDArray[np.int64] | None = None,
) -> pl.DataFrame:
    """Return CONSENSUS.

    Parameters
    ----------
    probabilities
        Of the labels of each item. Shape (n_items, n_categories).
    ratings
        The labels.
    preferred
        As of a `Posterior`.
    totals
        How often each label was given, where these are not all the ratings. Shape (n_categories,).
    """
    chosen, tie = choose(probabilities, ratings, preferred, totals)
    sizes = ratings.sizes()
    return pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String),
            "label": ratings.categories.gather(chosen),
            "confidence": probabilities[np.arange(len(chosen)), chosen],
            "tie": tie,
            "n_labels": sizes,
        }
    ).with_columns(_null_where(sizes == 0, ["label", "confidence", "tie"]))


def choose(
    probabilities: Probabilities,
    ratings: Ratings,
    preferred: Probabilities | None = None,
    totals: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the code of the most probable label of each item, and where there is another as probable.

    Parameters
    ----------
    probabilities, ratings, preferred, totals
        As of `consensus_of`.
    """
    if totals is None:
        totals = np.bincount(ratings.label, minlength=len(ratings.categories))
    candidates = _greatest(probabilities)
    tie = candidates.sum(axis=1) > 1
    if preferred is not None:
        candidates &= _greatest(np.where(candidates, preferred, -np.inf))
    # The more frequent first; among those as frequent, the first in order.
    rank = np.empty(len(totals), dtype=np.int64)
    rank[np.lexsort((-np.arange(len(totals)), totals))] = np.arange(1, len(totals) + 1)
    return (candidates * rank).argmax(axis=1), tie


def _greatest(values: Probabilities) -> NDArray[np.bool_]:
    """Return which values of each row are the greatest, but for rounding."""
    found: NDArray[np.bool_] = values >= values.max(axis=1, keepdims=True) - _TIE
    return found


def _null_where(rows: NDArray[np.bool_], names: list[str]) -> list[pl.Expr]:
    empty = pl.Series(rows)
    return [pl.when(~empty).then(pl.col(name)).alias(name) for name in names]


def gold_codes(gold: object, ratings: Ratings, what: str) -> Codes:
    """Return the code of each item's true label, -1 where it is not known."""
    known = np.full(len(ratings.items), -1, dtype=np.int32)
    if gold is None:
        return known
    frame = to_polars(gold, what=what)
    missing = next((name for name in ("item_id", "label") if name not in frame.columns), None)
    if missing:
        expected = "gold with the columns ['item_id', 'label']"
        raise ColumnError(what, expected=expected, found=f"{frame.columns}", column=missing)
    frame = frame.select(pl.col("item_id").cast(pl.String), "label").with_row_index("row").drop_nulls("label")
    places = {name: code for code, name in enumerate(ratings.categories.to_list())}
    codes, names = coded(frame["label"])
    table = np.array([places.get(name, -1) for name in names.to_list()] or [-1], dtype=np.int32)
    unknown = np.flatnonzero(table[codes] < 0) if len(frame) else np.empty(0, dtype=np.int64)
    if len(unknown):
        row = int(unknown[0])
        expected = f"a gold label among {shorten(ratings.categories.to_list())}"
        advice = "If nobody gave that label, name all that could have been given: categories=[...]."
        found = shorten(frame["label"][row])
        raise ColumnError(
            what, expected=expected, found=found, row=frame["row"][row], column="label", advice=advice
        )
    items = pl.DataFrame({"item_id": ratings.items.cast(pl.String)}).with_row_index("item")
    joined = frame.with_columns(code=pl.Series(table[codes])).join(items, on="item_id", how="inner")
    known[joined["item"].to_numpy()] = joined["code"].to_numpy()
    return known
