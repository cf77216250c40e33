"""Disagreement kept: the labels of an item as a distribution, and agreement within and between groups."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from statistics import NormalDist

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import TABLE, Agreement
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.observed import observed_agreement
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, ratio
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["group_agreement", "label_entropy", "soft_labels"]


def soft_labels(
    labels: object,
    *,
    smoothing: float = 0.0,
    categories: Iterable[object] | None = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Return which share of an item's annotators gave each label: its distribution instead of one winner.

    Parameters
    ----------
    labels
        LABELS.
    smoothing
        What is added to the count of every label before shares are taken: 0 for plain shares, 1 for
        Laplace's rule, 0.5 for Jeffreys'. Then labels that nobody gave have a probability too.
    categories
        All labels that could have been given; None for those that were.
    level
        Confidence level of the interval.

    Returns
    -------
    distribution
        item_id, label, probability, low, high, count, n_labels; sorted by item, labels in order. Only labels
        of a probability above 0; probabilities of an item sum to 1. The interval is Wilson's (1927) around
        the plain share, for the population of annotators: with three annotators it is wide, as it should be.

    Raises
    ------
    ColumnError
        If the labels are not usable.
    ValueError
        If smoothing is below 0 or no number, or level is not between 0 and 1.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 4,
    ...     "annotator_id": list("wxyz"),
    ...     "label": ["glad", "glad", "sad", "glad"],
    ... }
    >>> soft_labels(labels).select("label", "probability").rows()
    [('glad', 0.75), ('sad', 0.25)]
    """
    draws = Draws(level, 0)
    if not 0 <= smoothing < np.inf:
        message = f"Expected smoothing of 0 or more, like 0.5, found {smoothing!r}."
        raise ValueError(message)
    ratings = ratings_of(labels, what="soft_labels()", categories=categories)
    counts = ratings.counts()
    sizes = counts.sum(axis=1)
    shown = (counts > 0) | ((smoothing > 0) & (sizes[:, None] > 0))
    item, label = np.nonzero(shown)
    count, size = counts[item, label], sizes[item]
    low, high = _wilson(count.astype(np.float64), size.astype(np.float64), draws.level)
    return pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String).gather(item),
            "label": ratings.categories.gather(label),
            "probability": (count + smoothing) / (size + smoothing * counts.shape[1]),
            "low": low,
            "high": high,
            "count": count,
            "n_labels": size,
        }
    )


def label_entropy(labels: object, *, categories: Iterable[object] | None = None) -> pl.DataFrame:
    """Return how spread the labels of each item are: Shannon's entropy of their shares.

    Parameters
    ----------
    labels
        LABELS.
    categories
        All labels that could have been given; None for those that were.

    Returns
    -------
    entropy
        item_id, n_labels, entropy in bits, normalised: over the most that so many labels could have, the
        logarithm of the number of labels or categories, whichever is less; sorted by item. Null with fewer
        than two labels, which cannot differ; normalised is null where there is one category.

    Raises
    ------
    ColumnError
        If the labels are not usable.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["x", "y"] * 2, "label": [1, 2, 3, 3]}
    >>> label_entropy(labels).rows()
    [('a', 2, 1.0, 1.0), ('b', 2, 0.0, 0.0)]
    """
    ratings = ratings_of(labels, what="label_entropy()", categories=categories)
    counts = ratings.counts()
    sizes = counts.sum(axis=1)
    shares = counts / np.maximum(sizes, 1)[:, None]
    bits = -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1) + 0.0
    most = np.log2(np.maximum(np.minimum(sizes, counts.shape[1]), 1))
    normalised = np.full(len(bits), np.nan)
    np.divide(bits, most, out=normalised, where=most > 0)
    table = pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String),
            "n_labels": sizes,
            "entropy": bits,
            "normalised": normalised,
        }
    )
    alone = pl.col("n_labels") < 2  # noqa: PLR2004 -- one label has nothing to differ from
    return table.with_columns(pl.when(~alone).then(pl.col("entropy", "normalised").fill_nan(None)))


def group_agreement(
    labels: object, group: str, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> pl.DataFrame:
    """Measure agreement within each group of annotators and between every two groups.

    Within a group: observed agreement and Krippendorff's alpha. Between two: how often labels of the one
    equal those of the other on the same item, and that beyond chance: 1 minus observed over expected
    disagreement between the groups, the idea of cross-replication reliability (Wong, Paritosh and Aroyo
    2021); every item counts the same, and chance mixes what each group says overall. Groups that agree well
    within and badly between see the items in different ways, and pooling them would hide it.

    Parameters
    ----------
    labels
        LABELS with the column of the groups.
    group
        That column, for example where an annotator comes from.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    table
        group, other, and the columns of `Agreement.to_frame`; within groups first, sorted.

    Raises
    ------
    ColumnError
        If the column is missing, is null in a row or is named like one of the table, or the labels are not
        usable.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 4 + ["b"] * 4,
    ...     "annotator_id": ["n1", "n2", "s1", "s2"] * 2,
    ...     "label": ["x", "x", "y", "y", "y", "y", "x", "x"],
    ...     "region": ["north", "north", "south", "south"] * 2,
    ... }
    >>> group_agreement(labels, "region", replicates=0).select(
    ...     "group", "other", "coefficient", "value"
    ... ).rows()[-2:]
    [('north', 'south', 'between_groups', 0.0), ('north', 'south', 'between_groups_kappa', -1.0)]
    """
    what = "group_agreement()"
    draws = Draws(level, replicates, seed)
    frame = require(labels, {**LABELS, group: pl.String}, what=what)
    if group in (*LABELS, *TABLE):
        raise ColumnError(what, expected="another column for the groups", found=group, column=group)
    if frame[group].null_count():
        row = frame[group].is_null().arg_true()[0]
        raise ColumnError(what, expected="a group in every row", found="null", row=row, column=group)
    names = frame[group].unique().sort().to_list()
    rows = [pl.DataFrame(schema={"group": pl.String, "other": pl.String, **TABLE})]
    for name in names:
        own = frame.filter(pl.col(group) == name).select(*LABELS)
        rows += [
            _row(name, name, coefficient(own, level=level, replicates=replicates, seed=seed))
            for coefficient in (observed_agreement, krippendorff_alpha)
        ]
    ratings = ratings_of(frame.select(*LABELS), what=what)
    people = frame.select(pl.col("annotator_id"), group).unique()
    if people["annotator_id"].n_unique() < len(people):
        twice = people.filter(pl.col("annotator_id").is_duplicated())["annotator_id"].sort()[0]
        several = f"{twice!r} in several groups"
        raise ColumnError(what, expected="each annotator in one group", found=several, column=group)
    owner = dict(people.iter_rows())
    member = np.array([names.index(owner[who]) for who in ratings.annotators.to_list()], dtype=np.int64)
    shares = [_shares(ratings, member[ratings.annotator] == n) for n in range(len(names))]
    for one, other in combinations(range(len(names)), 2):
        present = (member == one) | (member == other)
        between = _between(ratings, shares[one], shares[other], present, draws)
        rows += [_row(names[one], names[other], found) for found in between]
    return pl.concat(rows)


def _row(group: str, other: str, found: Agreement) -> pl.DataFrame:
    return found.to_frame().select(pl.lit(group).alias("group"), pl.lit(other).alias("other"), *TABLE)


def _wilson(count: Floats, size: Floats, level: float) -> tuple[Floats, Floats]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / size
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _shares(ratings: Ratings, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Return the shares of each label among some of the labels of each item; 0 without any."""
    n_items, _, n_labels = ratings.shape
    cell = ratings.item[rows].astype(np.int64) * n_labels + ratings.label[rows]
    counts = np.bincount(cell, minlength=n_items * n_labels).reshape(n_items, n_labels)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _between(
    ratings: Ratings,
    one: Floats,
    other: Floats,
    present: np.ndarray[tuple[int], np.dtype[np.bool_]],
    draws: Draws,
) -> list[Agreement]:
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    n_labels = one.shape[1]
    same = (one * other).sum(axis=1)
    sums = np.column_stack([same, np.ones(len(same)), one, other])[both]
    given = present[ratings.annotator]
    basis = Basis(
        n_items=int(both.sum()),
        n_annotators=int(present.sum()),
        n_labels=int((given & both[ratings.item]).sum()),
        n_single=int(((one.sum(axis=1) > 0) ^ (other.sum(axis=1) > 0)).sum()),
    )

    def kappa(totals: Floats) -> Floats:
        observed = 1 - totals[:, 0] / totals[:, 1]
        means = totals[:, 2:] / totals[:, 1:2]
        expected = 1 - (means[:, :n_labels] * means[:, n_labels:]).sum(axis=1)
        value = np.full(len(totals), np.nan)
        # Shares of one are sums of floats: what is left of their difference is rounding.
        np.divide(observed, expected, out=value, where=expected > 1e-12)  # noqa: PLR2004 -- as above
        return 1 - value

    return [
        estimated("between_groups", sums[:, :2], ratio, draws, basis),
        estimated("between_groups_kappa", sums, kappa, draws, basis),
    ]
