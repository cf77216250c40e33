"""The default: one label an item with a confidence to believe, the majority beside it, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Probabilities, choose, gold_codes
from jupyter_annotate.aggregation.calibration import Calibration, calibrated, softened
from jupyter_annotate.aggregation.collapse import signs_of_collapse
from jupyter_annotate.aggregation.heldout import signatures
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.aggregation.mixture import Blend, default_models, fitted, mixed, weighed_by_gold
from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError, UnknownNameError
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["Aggregated", "aggregate"]

_WHAT = "aggregate()"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Aggregated:
    """One label an item, how sure it is, and what speaks against it.

    Parameters
    ----------
    consensus
        CONSENSUS: item_id, label, confidence (calibrated), tie, n_labels, then majority and majority_share:
        the label most annotators gave, and the share of those who did. Sorted by item.
    probabilities
        item_id, label, probability: every label of every item that has labels.
    method
        What was chosen, and why, in a sentence.
    models
        model, weight, heldout: what the labels were drawn from, with the mean log-probability of a held-out
        label, in nats (null where none were held out).
    warnings
        Signs of collapse and other things to know, a sentence each.
    calibration
        How the confidence was calibrated on gold; None without gold.
    """

    consensus: pl.DataFrame
    probabilities: pl.DataFrame
    method: str
    models: pl.DataFrame
    warnings: tuple[str, ...] = ()
    calibration: Calibration | None = None

    @property
    def differing(self) -> pl.DataFrame:
        """Return the rows where the label is not the majority's, the surest first: look at these."""
        differs = pl.col("label") != pl.col("majority")
        return self.consensus.filter(differs).sort("confidence", "item_id", descending=[True, False])

    def __repr__(self) -> str:
        """Return what was found, in a few lines."""
        n_items = len(self.consensus.drop_nulls("label"))
        mean = self.consensus.select(pl.col("confidence").mean().fill_null(0.0)).item()
        found = f"{n_items:,} items with a label, mean confidence {mean:.3f}"
        lines = [f"{found}; {len(self.differing):,} differ from the majority", self.method]
        if self.calibration is not None:
            lines.append(repr(self.calibration))
        lines += [f"Warning: {each}" for each in self.warnings]
        return "\n".join(lines)


def aggregate(  # noqa: PLR0913 -- each is named
    labels: object,
    *,
    method: str | Aggregator = "auto",
    gold: object = None,
    categories: Iterable[object] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Aggregated:
    """Find the true label of each item, and say how sure that is.

    No model of annotators is best everywhere: on nineteen public data sets each loses ten points somewhere.
    So ``"auto"`` mixes several, each as far as it foretells labels that were held out from it, without those
    that show signs of collapse. Their probabilities multiply what annotators say as if each were independent,
    so a share of every probability comes from the votes; with gold the rest is learnt from it, cross-fitted,
    and kept only if it helps.

    Parameters
    ----------
    labels
        LABELS (`as_labels` makes them of any frame): item_id, annotator_id, label. A second label of an
        annotator on an item counts as a further answer.
    method
        ``"auto"``, the name of an aggregator (see `AGGREGATORS`), or an aggregator. An aggregator's labels
        are left as they are; its confidence is calibrated.
    gold
        item_id and label of items whose true label is known: taken as certain, and what the confidence of
        the others is calibrated on. Gold of items without labels is counted, never scored.
    categories
        All labels that could have been given, in order; None for those that were.
    level, seed
        Of the bootstrap interval of the calibration error.

    Raises
    ------
    ColumnError
        If there is no label at all, or the labels or gold are not usable; with row and column.
    UnknownNameError
        If there is no such aggregator.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "a", "b", "b", "b", "c", "c", "c"],
    ...     "annotator_id": ["ada", "bob", "eve"] * 3,
    ...     "label": ["x", "x", "y", "y", "y", "y", "x", "x", "x"],
    ... }
    >>> aggregate(labels).consensus["label"].to_list()
    ['x', 'y', 'x']
    """
    ratings = ratings_of(labels, what=_WHAT, categories=categories, repeats="keep")
    if not len(ratings):
        raise ColumnError(_WHAT, expected="at least one label", found="none", column="label")
    known = gold_codes(gold, ratings, _WHAT)
    known[ratings.sizes() == 0] = -1
    members = _members(method)
    blend = mixed(members, ratings)
    found, calibration = softened(blend.probabilities, ratings), None
    if (known >= 0).any():
        order = signatures(ratings)[1].argsort(kind="stable").argsort()
        weights = weighed_by_gold(blend, known)
        blend = blend.again(blend.posteriors, weights)
        blind = softened(blend.probabilities, ratings)
        sighted = softened(blend.again(fitted(members, ratings, known), weights).probabilities, ratings)
        unlabeled = _unlabeled(gold, ratings)
        found, calibration = calibrated(
            blind, known, order, asked=sighted, unlabeled=unlabeled, level=level, seed=seed
        )
        found[known >= 0] = np.eye(found.shape[1])[known[known >= 0]]
    own = None if method == "auto" else blend.probabilities
    return _result(ratings, found, own, blend, calibration)


def _members(method: str | Aggregator) -> dict[str, Aggregator]:
    if isinstance(method, Aggregator):
        return {method.name: method}
    if method == "auto":
        return default_models()
    # The registry lies above the models, and so above this.
    from jupyter_annotate.aggregation import AGGREGATORS, Mixture

    known: dict[str, type[Aggregator]] = {**AGGREGATORS, Mixture.name: Mixture}
    if method not in known:
        raise UnknownNameError("aggregator", method, ["auto", *known])
    return {method: known[method]()}


def _unlabeled(gold: object, ratings: Ratings) -> int:
    """Count gold of items that have no labels."""
    given = to_polars(gold, what=_WHAT).select(pl.col("item_id").cast(pl.String), "label").drop_nulls()
    labeled = ratings.items.cast(pl.String).filter(pl.Series(ratings.sizes() > 0))
    return len(given.unique("item_id").filter(~pl.col("item_id").is_in(labeled.implode())))


def _result(
    ratings: Ratings,
    found: Probabilities,
    own: Probabilities | None,
    blend: Blend,
    calibration: Calibration | None,
) -> Aggregated:
    labeled = ratings.sizes() > 0
    chosen, tie = choose(found if own is None else own, ratings)
    rows = np.arange(len(chosen))
    shares = vote_shares(ratings)
    voted = choose(shares, ratings)[0]
    consensus = pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String),
            "label": ratings.categories.gather(chosen),
            "confidence": found[rows, chosen],
            "tie": tie,
            "n_labels": ratings.sizes(),
            "majority": ratings.categories.gather(voted),
            "majority_share": shares[rows, voted],
        }
    )
    seen = pl.Series(labeled)
    kept = [name for name in consensus.columns if name not in {"item_id", "n_labels"}]
    return Aggregated(
        consensus=consensus.with_columns(pl.when(seen).then(pl.col(name)).alias(name) for name in kept),
        probabilities=_long(ratings, found, labeled),
        method=_why(blend),
        models=pl.DataFrame(
            {
                "model": list(blend.weights),
                "weight": list(blend.weights.values()),
                "heldout": list(blend.scores.values()),
            }
        ),
        warnings=_warnings(blend, ratings),
        calibration=calibration,
    )


def _long(ratings: Ratings, found: Probabilities, labeled: NDArray[np.bool_]) -> pl.DataFrame:
    items = np.flatnonzero(labeled)
    n_labels = len(ratings.categories)
    return pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String).gather(np.repeat(items, n_labels)),
            "label": ratings.categories.gather(np.tile(np.arange(n_labels), len(items))),
            "probability": found[items].ravel(),
        }
    )


def _warnings(blend: Blend, ratings: Ratings) -> tuple[str, ...]:
    """Say why models were left out, and what is wrong with what remains."""
    if len(blend.weights) == 1:
        return tuple(sign.sentence for signs in blend.signs.values() for sign in signs)
    gone = [sign for name, signs in blend.signs.items() for sign in signs if not blend.weights[name]]
    found = signs_of_collapse(blend.probabilities, ratings, name="mixture")
    return tuple(sign.sentence for sign in [*(each for each in gone if each.is_collapse), *found])


def _why(blend: Blend) -> str:
    if len(blend.weights) == 1:
        return f"{next(iter(blend.weights))}, as asked for."
    by_weight = sorted(blend.weights.items(), key=lambda pair: -pair[1])
    kept = ", ".join(f"{name} {weight:.0%}" for name, weight in by_weight if weight)
    gone = [name for name, weight in by_weight if not weight]
    left = f"; left out as collapsed: {', '.join(gone)}" if gone else ""
    return f"A mixture by held-out labels: {kept}{left}."
