"""Agreement on preferences: which of two options is better, whichever side it was shown on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import TABLE, Agreement
from jupyter_annotate.agreement.comparisons import compared
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, ratio
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import coded

__all__ = ["preference_agreement", "preference_alpha", "preference_table"]

Chance: TypeAlias = Literal["symmetric", "sides"]


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """How often each option of a pair, or neither, was preferred.

    ``counts`` has a row a pair that two annotators or more compared: for the first option by name, for the
    second, ties; ``item`` is its item. Shapes (k, 3) and (k,).
    """

    counts: Floats
    item: NDArray[np.int64]
    basis: Basis
    n_pairs_of_options: int


def preference_agreement(
    labels: object,
    *,
    ties: Sequence[str] = ("tie",),
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure how often two annotators prefer the same option of a pair, or both neither.

    Parameters
    ----------
    labels
        LABELS whose label is ``"left"``, ``"right"`` or one of the ties. Columns ``left`` and ``right`` name
        the options that were shown there; without them an item is one pair, and a boolean column ``swapped``
        says where its sides were exchanged. A column ``aspect`` tells apart what was asked.
    ties
        Labels that say that neither is better; all are one.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        Mean over pairs of options of the share of pairs of annotators that agree; nan with a reason where no
        two annotators compared the same.

    Raises
    ------
    ColumnError
        If a label is none of these, a pair has one option twice, or an annotator compares a pair twice.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob"] * 2,
    ...     "left": ["cat", "dog", "cat", "cat"],
    ...     "right": ["dog", "cat", "dog", "dog"],
    ...     "label": ["left", "right", "left", "tie"],
    ... }
    >>> preference_agreement(labels).value
    0.5
    """
    draws = Draws(level, replicates, seed)
    found = _counts(labels, ties, "preference_agreement()")
    size = found.counts.sum(axis=1)
    shares = 1 - _disagreement(found.counts) / size
    sums = _by_item(found, [shares, np.ones_like(shares)])
    return estimated("preference_agreement", sums, ratio, draws, found.basis)


def preference_alpha(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    ties: Sequence[str] = ("tie",),
    chance: Chance = "symmetric",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement on preferences beyond chance: Krippendorff's alpha, nominal, with a fair coin.

    Which option of a pair is called the first is arbitrary, so chance must not depend on it: the symmetric
    alpha is that of the labels together with their mirror image, in which every pair stands the other way
    round. Chance then gives either option alike, and ties as often as they were given.

    Parameters
    ----------
    labels, ties
        As for `preference_agreement`.
    chance
        ``"symmetric"``; or ``"sides"`` where all pairs are of the same two options, as a new system against
        an old one: then chance knows which of them is preferred on the whole.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        nan with a reason where no two annotators compared the same, or nothing varies.

    Raises
    ------
    ColumnError
        As for `preference_agreement`.
    ValueError
        If chance is unknown, or is ``"sides"`` where there are other pairs of options.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob"] * 2,
    ...     "label": ["left", "left", "left", "left"],
    ... }
    >>> preference_alpha(labels).value
    1.0
    """
    draws = Draws(level, replicates, seed)
    if chance not in {"symmetric", "sides"}:
        message = f"Expected chance to be 'symmetric' or 'sides', found {chance!r}."
        raise ValueError(message)
    found = _counts(labels, ties, "preference_alpha()")
    if chance == "sides" and found.n_pairs_of_options > 1:
        message = f"Expected one pair of options for chance='sides', found {found.n_pairs_of_options}."
        raise ValueError(message)
    sums = _by_item(found, [_disagreement(found.counts), *found.counts.T])
    statistic = _symmetric if chance == "symmetric" else _by_side
    return estimated("preference_alpha", sums, statistic, draws, found.basis)


def preference_table(
    labels: object,
    *,
    ties: Sequence[str] = ("tie",),
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure agreement on preferences for each aspect, and over all.

    Parameters
    ----------
    labels, ties, level, replicates, seed
        As for `preference_alpha`.

    Returns
    -------
    table
        aspect (null for all of them) and the columns of `Agreement.to_frame`; a row a coefficient.

    Raises
    ------
    ColumnError
        As for `preference_agreement`.
    """
    frame = require(labels, LABELS, what="preference_table()")
    groups: list[tuple[object, pl.DataFrame]] = [(None, frame)]
    if "aspect" in frame.columns:
        groups += [(key[0], part) for key, part in frame.group_by("aspect", maintain_order=True)]
        groups[1:] = sorted(groups[1:], key=lambda group: str(group[0]))
    dtype = frame.schema.get("aspect", pl.String())
    parts = []
    for aspect, part in groups:
        for coefficient in (preference_agreement, preference_alpha):
            found = coefficient(part, ties=ties, level=level, replicates=replicates, seed=seed)
            parts.append(found.to_frame().select(pl.lit(aspect, dtype=dtype).alias("aspect"), *TABLE))
    return pl.concat(parts)


def _counts(labels: object, ties: Sequence[str], what: str) -> _Counts:
    frame = require(labels, LABELS, what=what)
    decided = compared(frame, ties, what)
    unit = ["item_id", *(["aspect"] if "aspect" in frame.columns else []), "first", "second"]
    _refuse_twice(decided, unit, what)
    given = decided.filter(pl.col("label").is_not_null())
    side = pl.col("label").replace_strict({"left": 1, "right": -1}, default=0, return_dtype=pl.Int64)
    choice = side * pl.when(pl.col("left") == pl.col("first")).then(1).otherwise(-1)
    units = (
        given.group_by(unit)
        .agg(
            one=(choice > 0).sum().cast(pl.Float64),
            other=(choice < 0).sum().cast(pl.Float64),
            tie=(choice == 0).sum().cast(pl.Float64),
            size=pl.len(),
        )
        .sort(unit)
    )
    paired = units.filter(pl.col("size") > 1)
    item, items = coded(paired["item_id"])
    basis = Basis(
        n_items=len(items),
        n_annotators=given["annotator_id"].n_unique(),
        n_labels=int(paired["size"].sum()),
        n_single=len(units) - len(paired),
        n_missing=len(frame) - len(given),
        details={"pairs_of_options": len(paired), "ties": int(paired["tie"].sum())},
    )
    return _Counts(
        counts=paired.select("one", "other", "tie").to_numpy(),
        item=item.astype(np.int64),
        basis=basis,
        n_pairs_of_options=given.select("first", "second").n_unique() if len(given) else 0,
    )


def _refuse_twice(frame: pl.DataFrame, unit: list[str], what: str) -> None:
    key = ["annotator_id", *unit]
    twice = ~pl.struct(key).is_first_distinct()
    again = frame.filter(pl.col("label").is_not_null()).filter(twice)
    if len(again):
        row = again.row(0, named=True)
        raise ColumnError(
            what,
            expected="one comparison of a pair by an annotator",
            found=f"a second one of {shorten(row['annotator_id'])} on {shorten(row['item_id'])}",
            row=row["row"],
            advice="Keep one of them; preference_consistency() reads them all.",
        )


def _disagreement(counts: Floats) -> Floats:
    """Return the ordered pairs of unlike labels of each unit, over its labels less one. Shape (k,)."""
    size = counts.sum(axis=1)
    unlike: Floats = (size**2 - (counts**2).sum(axis=1)) / (size - 1)
    return unlike


def _by_item(found: _Counts, columns: Sequence[Floats]) -> Floats:
    n_items = found.basis.n_items
    return np.column_stack([np.bincount(found.item, column, minlength=n_items) for column in columns])


def _symmetric(totals: Floats) -> Floats:
    """Return alpha of the labels and their mirror image, from disagreement and the three counts."""
    decided, tied = totals[:, 1] + totals[:, 2], totals[:, 3]
    n = 2 * (decided + tied)
    return _alpha(2 * totals[:, 0], n, n**2 - 2 * decided**2 - 4 * tied**2)


def _by_side(totals: Floats) -> Floats:
    n = totals[:, 1:].sum(axis=1)
    return _alpha(totals[:, 0], n, n**2 - (totals[:, 1:] ** 2).sum(axis=1))


def _alpha(disagreement: Floats, n: Floats, unlike: Floats) -> Floats:
    alpha = np.full(len(n), np.nan)
    np.divide(disagreement * (n - 1), unlike, out=alpha, where=unlike > 0)
    return 1 - alpha
