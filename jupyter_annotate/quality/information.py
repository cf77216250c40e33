"""The next best label: how much the answer of an annotator on an item would tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation import Aggregator
from jupyter_annotate.aggregation.heldout import confusions_under
from jupyter_annotate.aggregation.mixture import Mixture
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import Ratings

__all__ = ["expected_information"]

Floats = NDArray[np.float64]

_WHAT = "expected_information()"
#: Numbers held at once: pairs times labels.
_AT_ONCE = 4_000_000
_LEAST = 1e-300


def expected_information(
    labels: object,
    *,
    items: Iterable[object] | None = None,
    annotators: Iterable[object] | None = None,
    top: int | None = 1000,
) -> pl.DataFrame:
    """Say which annotator's answer on which item is expected to tell most about its true label.

    The mutual information of the true label of an item and the answer an annotator would give: how uncertain
    the answer is, less how uncertain it would be if the true label were known. An item that is certain gains
    nothing, and neither does a label of somebody who clicks at random (MacKay, Information-based objective
    functions for active data selection, 1992).

    It depends on nothing but its arguments, so a workflow can use it as it likes: as the priority by which
    items are handed out (the largest value of each item, ``group_by("item_id")``), or to choose who is asked.

    Parameters
    ----------
    labels
        LABELS, or an aggregator that was fitted: its probabilities and the confusions under them.
    items, annotators
        Those to consider, by id; None for all that have labels.
    top
        How many pairs to return; None for all.

    Returns
    -------
    pairs
        item_id, annotator_id, information (in bits), the most first. Pairs that have a label are left out.

    Raises
    ------
    ColumnError
        If the labels are not usable, or an item or annotator is not among them.
    ValueError
        If ``top`` is less than 1.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b", "c"],
    ...     "annotator_id": ["ada", "bob", "ada", "bob", "ada"],
    ...     "label": ["x", "x", "y", "y", "x"],
    ... }
    >>> expected_information(labels).select("item_id", "annotator_id").row(0)
    ('c', 'bob')
    """
    if top is not None and top < 1:
        message = f"top: expected a whole number of at least 1, or None, found {top!r}."
        raise ValueError(message)
    model = labels if isinstance(labels, Aggregator) else Mixture().fit(labels)
    ratings, posterior = model._fitted("consensus_")  # noqa: SLF001 -- estimators show frames; arrays are needed
    rows = _places(ratings.items, items, "item_id", ratings.sizes() > 0)
    columns = _places(ratings.annotators, annotators, "annotator_id", _counts(ratings) > 0)
    confusions = confusions_under(posterior.probabilities, ratings)[columns]
    best = [np.empty(0), np.empty(0, dtype=np.int64)]
    for pair, gain in _gains(posterior.probabilities, confusions, ratings, rows, columns):
        # What gains less than the least of the best need not be sorted.
        least = best[0][-1] if len(best[0]) == top else -1.0
        gains, pairs = np.append(best[0], gain[gain >= least]), np.append(best[1], pair[gain >= least])
        # By gain, then in the order of items and annotators.
        order = np.lexsort((pairs, -gains))[:top]
        best = [gains[order], pairs[order]]
    place = best[1]
    n_columns = max(len(columns), 1)
    return pl.DataFrame(
        {
            "item_id": ratings.items.cast(pl.String).gather(rows[place // n_columns]),
            "annotator_id": ratings.annotators.cast(pl.String).gather(columns[place % n_columns]),
            "information": best[0],
        }
    )


def _gains(
    probabilities: Floats,
    confusions: Floats,
    ratings: Ratings,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Yield pairs without a label, as place of the item * annotators + place of the annotator, and gains."""
    n_columns, n_labels = len(columns), probabilities.shape[1]
    # One column for each annotator and label; and how uncertain an answer is if the true label is known.
    table = confusions.transpose(1, 0, 2).reshape(n_labels, -1)
    noise = _entropy(confusions).T
    step = max(1, _AT_ONCE // max(n_columns * n_labels, 1))
    given = _given(ratings, rows, columns)
    for first in range(0, len(rows) if n_columns else 0, step):
        known = probabilities[rows[first : first + step]]
        answers = (known @ table).reshape(len(known), n_columns, n_labels)
        gain = np.maximum(_entropy(answers) - known @ noise, 0).ravel()
        pair = np.arange(len(gain)) + first * n_columns
        free = ~np.isin(pair, given, assume_unique=True)
        yield pair[free], gain[free]


def _entropy(shares: Floats) -> Floats:
    """Return the entropy over the last axis, in bits."""
    found: Floats = -(shares * np.log2(np.maximum(shares, _LEAST))).sum(axis=-1)
    return found


def _given(ratings: Ratings, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs that have a label."""
    row, column = np.full(len(ratings.items), -1), np.full(len(ratings.annotators), -1)
    row[rows], column[columns] = np.arange(len(rows)), np.arange(len(columns))
    item, annotator = row[ratings.item], column[ratings.annotator]
    asked = (item >= 0) & (annotator >= 0)
    return np.unique(item[asked] * len(columns) + annotator[asked])


def _counts(ratings: Ratings) -> NDArray[np.int64]:
    return np.bincount(ratings.annotator, minlength=len(ratings.annotators))


def _places(
    known: pl.Series, asked: Iterable[object] | None, column: str, labeled: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the codes of the ids, in the order of the codes."""
    if asked is None:
        return np.flatnonzero(labeled)
    place = {name: code for code, name in enumerate(known.cast(pl.String).to_list())}
    codes = []
    for name in asked:
        if str(name) not in place:
            raise ColumnError(_WHAT, expected="an id with labels", found=shorten(name), column=column)
        codes.append(place[str(name)])
    return np.unique(np.array(codes, dtype=np.int64))
