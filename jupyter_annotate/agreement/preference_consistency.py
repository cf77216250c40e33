"""Consistency of preferences: circular triads, and a leaning to one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from jupyter_annotate.agreement.comparisons import SIDES, compared
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.ratings import coded

__all__ = ["preference_consistency"]

_TRIAD = 3


def preference_consistency(
    labels: object, *, by: Sequence[str] = (), ties: Sequence[str] = ("tie",)
) -> pl.DataFrame:
    """Measure whether each annotator prefers consistently: circular triads, and a leaning to one side.

    Three options are a circular triad if the first is preferred to the second, that to the third, and the
    third to the first. zeta is 1 without any and 0 with as many as there can be (Kendall and Babington Smith
    1940, "On the Method of Paired Comparisons"); it needs every two options to be compared and decided. By
    chance one triad in four is circular.

    Parameters
    ----------
    labels, ties
        As for `preference_agreement`, with the columns ``left`` and ``right``.
    by
        Columns that keep options apart: those of one value are never compared with those of another, like
        ``["item_id"]`` where options are answers to the item, or ``["aspect"]``. Without it, an option of
        one name is the same wherever it appears, and of several comparisons of two the majority counts.

    Returns
    -------
    table
        One row an annotator, sorted: annotator_id, n_labels, n_ties, left_share (of the decided, where the
        left one was preferred), n_triads (with all three decided), n_circular, circular_share, zeta, n_open
        (groups of three options or more that zeta leaves out as not every two are decided). What is
        undefined is null.

    Raises
    ------
    ColumnError
        As for `preference_agreement`, or if ``left``, ``right`` or a column of ``by`` is missing.

    Examples
    --------
    >>> labels = {
    ...     "item_id": [1, 2, 3],
    ...     "annotator_id": ["ada"] * 3,
    ...     "left": ["x", "y", "z"],
    ...     "right": ["y", "z", "x"],
    ...     "label": ["left"] * 3,
    ... }
    >>> preference_consistency(labels).select("n_triads", "n_circular", "zeta").row(0)
    (1, 1, 0.0)
    """
    what = "preference_consistency()"
    names = {**LABELS, **dict.fromkeys((*SIDES, *by))}
    frame = compared(require(labels, names, what=what), ties, what)
    rows = frame.filter(pl.col("label").is_not_null())
    score = pl.col("label").replace_strict({"left": 1, "right": -1}, default=0, return_dtype=pl.Int64)
    people = rows.group_by("annotator_id").agg(
        n_labels=pl.len().cast(pl.Int64),
        n_ties=(score == 0).sum().cast(pl.Int64),
        left_share=(score > 0).sum() / (score != 0).sum(),
    )
    net = rows.group_by("annotator_id", *by, "first", "second").agg(
        win=(score * pl.when(pl.col("left") == pl.col("first")).then(1).otherwise(-1)).sum().sign()
    )
    groups = net.partition_by(["annotator_id", *by], maintain_order=False)
    counted = pl.DataFrame(
        [(group["annotator_id"][0], *_triads(group)) for group in groups],
        schema={"annotator_id": pl.String, "n_triads": pl.Int64, "n_circular": pl.Int64}
        | {"closed": pl.Int64, "most": pl.Float64, "n_open": pl.Int64},
        orient="row",
    )
    sums = counted.group_by("annotator_id").agg(pl.all().sum())
    return (
        people.join(sums, on="annotator_id", how="left")
        .sort("annotator_id")
        .select(
            *people.columns,
            "n_triads",
            "n_circular",
            circular_share=pl.col("n_circular") / pl.col("n_triads"),
            zeta=1 - pl.col("closed") / pl.col("most"),
            n_open="n_open",
        )
        .fill_nan(None)
    )


def _triads(net: pl.DataFrame) -> tuple[int, int, int, float, int]:
    """Count the triads of a group, its circular ones, those that zeta counts, the most it could, if open."""
    codes, options = coded(pl.concat([net["first"], net["second"]]))
    n, half = len(options), len(net)
    win = net["win"].to_numpy()
    beats = np.zeros((n, n))
    first, second = codes[:half], codes[half:]
    beats[first[win > 0], second[win > 0]] = 1
    beats[second[win < 0], first[win < 0]] = 1
    decided = beats + beats.T
    triads = round(float(np.trace(decided @ decided @ decided)) / 6)
    circular = round(float(np.trace(beats @ beats @ beats)) / 3)
    if n < _TRIAD:
        return triads, circular, 0, 0.0, 0
    if decided.sum() < n * (n - 1):
        return triads, circular, 0, 0.0, 1
    return triads, circular, circular, (n**3 - (n if n % 2 else 4 * n)) / 24, 0
