"""Explaining disagreement: which properties of items go with annotators disagreeing on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.resampling import Draws, Floats, replicated
from jupyter_annotate.columns import ITEMS, require
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import ratings_of

__all__ = ["explain_disagreement"]

#: Values that fewer items have are counted together.
_FEWEST = 5
#: Most values of a category that stand alone.
_MOST = 20
#: Text longer than this on average is told by its length.
_PROSE = 40
_REST = "(others)"
_MISSING = "(missing)"
_ROUNDING = 1e-12

_SCHEMA = {
    "column": pl.String,
    "kind": pl.String,
    "explains": pl.Boolean,
    "effect": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "p_adjusted": pl.Float64,
    "lowest": pl.String,
    "lowest_disagreement": pl.Float64,
    "highest": pl.String,
    "highest_disagreement": pl.Float64,
    "n_items": pl.Int64,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """The groups a column makes of items: code of each item, names of the codes, and why not used."""

    column: str
    kind: str
    code: NDArray[np.int64]
    names: list[str]
    reason: str | None = None


def explain_disagreement(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    items: object,
    *,
    columns: Sequence[str] | None = None,
    bins: int = 4,
    level: float = 0.95,
    replicates: int = 1000,
    permutations: int = 1999,
    seed: int = 0,
) -> pl.DataFrame:
    """Find out which properties of items go with disagreement; says so where none does.

    The disagreement of an item is the share of its pairs of annotators with different labels. The effect of
    a column is the share of the variance of disagreement that lies between its groups, corrected for their
    number: Kelley's epsilon squared (1935), 0 on average where there is nothing and possibly below. p comes
    from permuting disagreement over items, adjusted over all columns by Holm's method (1979), so of twenty
    columns without meaning one in twenty *tables* shows one as meaningful. Going with disagreement is not
    causing it.

    Parameters
    ----------
    labels
        LABELS.
    items
        ITEMS: item_id and the properties. Numbers and times are cut at quantiles; text of few values is a
        category, other text and lists count by their length; values of fewer than five items are counted
        together; null is a group.
    columns
        Which properties; all by default.
    bins
        How many groups numbers are cut into.
    level
        Of the interval; a column explains disagreement if its adjusted p is below 1 - level.
    replicates
        Draws of items for the interval, which is shifted by its own bias, as drawing adds variance between
        groups; 0 for none.
    permutations
        How often disagreement is permuted.
    seed
        The same seed gives the same table.

    Returns
    -------
    table
        One row a column, the likeliest first: column, kind, explains, effect, low, high, p, p_adjusted, the
        group with the lowest and the highest mean disagreement and these means, n_items, reason (why a
        column was not used).

    Raises
    ------
    ColumnError
        If a column is missing, an item stands twice in ITEMS, or the labels are not usable.
    ValueError
        If an option is impossible.

    Examples
    --------
    >>> labels = {
    ...     "item_id": [n for n in range(40) for _ in "ab"],
    ...     "annotator_id": ["ada", "bob"] * 40,
    ...     "label": [who if n < 20 else "same" for n in range(40) for who in ("x", "y")],
    ... }
    >>> items = {"item_id": range(40), "source": ["forum"] * 20 + ["news"] * 20}
    >>> explain_disagreement(labels, items).select("column", "explains", "highest", "effect").row(0)
    ('source', True, 'forum', 1.0)
    """
    what = "explain_disagreement()"
    draws = Draws(level, replicates, seed)
    _check(bins, permutations, level)
    disagreement, frame = _measured(labels, items, columns, what)
    groups = [_groups(frame[name], bins) for name in frame.columns if name != "item_id"]
    used = [each for each in groups if each.reason is None]
    p = _permuted(disagreement, used, permutations, seed)
    adjusted = _holm(p)
    rows = [_explained(group, disagreement, p[n], adjusted[n], draws) for n, group in enumerate(used)] + [
        _unused(group, len(disagreement)) for group in groups if group.reason is not None
    ]
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return table.sort("p_adjusted", "p", -pl.col("effect"), "column", nulls_last=True)


def _check(bins: int, permutations: int, level: float) -> None:
    if bins < 2:  # noqa: PLR2004 -- one group explains nothing
        message = f"Expected at least 2 bins, found {bins!r}."
        raise ValueError(message)
    if permutations < 1 / (1 - level) - 1:
        message = f"Expected at least {1 / (1 - level) - 1:.0f} permutations, found {permutations!r}."
        raise ValueError(message)


def _measured(
    labels: object, items: object, columns: Sequence[str] | None, what: str
) -> tuple[Floats, pl.DataFrame]:
    """Return the disagreement of each item with two labels that is in ITEMS, and its properties."""
    ratings = ratings_of(labels, what=what)
    counts, sizes = ratings.counts(), ratings.sizes()
    pairs = sizes * (sizes - 1)
    same = (counts * (counts - 1)).sum(axis=1)
    measured = pl.DataFrame({"item_id": ratings.items.cast(pl.String), "same": same, "pairs": pairs})
    chosen = {**ITEMS, **dict.fromkeys(columns or ())}
    frame = require(items, chosen, what=f"{what}: items")
    frame = frame if columns is None else frame.select("item_id", *dict.fromkeys(columns))
    if frame["item_id"].is_duplicated().any():
        row = (~frame["item_id"].is_first_distinct()).arg_true()[0]
        found = f"{frame['item_id'][row]!r} again"
        raise ColumnError(f"{what}: items", expected="each item once", found=found, row=row, column="item_id")
    compared = measured.filter(pl.col("pairs") > 0).select(
        "item_id", disagreement=1 - pl.col("same") / pl.col("pairs")
    )
    joined = compared.join(frame, on="item_id", how="inner", suffix="_of_item").sort("item_id")
    name = "disagreement_of_item" if "disagreement" in frame.columns else None
    value = joined["disagreement"].to_numpy()
    rest = joined.drop("disagreement")
    return value, rest.rename({name: "disagreement"}) if name else rest


def _groups(column: pl.Series, bins: int) -> _Groups:
    """Return the groups a column makes."""
    kind, values = _readable(column)
    if values is None:
        return _Groups(column.name, kind, np.empty(0, np.int64), [], f"{column.dtype} is no property")
    names = (values if kind == "category" else _cut(values, bins)).alias("group").fill_null(_MISSING)
    counted = names.value_counts().sort("count", "group", descending=[True, False])
    alone = counted.filter(pl.col("count") >= _FEWEST).head(_MOST)["group"].to_list()
    names = names.replace_strict(alone, alone, default=_REST, return_dtype=pl.String) if alone else names
    ordered = sorted(set(names.to_list()))
    code = names.replace_strict(ordered, range(len(ordered)), return_dtype=pl.Int64).to_numpy()
    reason = None if len(ordered) > 1 else "one group only"
    if reason is None and len(code) <= len(ordered):
        reason = "too few items"
    return _Groups(column.name, kind, code, ordered, reason)


def _readable(column: pl.Series) -> tuple[str, pl.Series | None]:
    """Return what kind of property a column is, and its values as numbers or names."""
    dtype = column.dtype
    if isinstance(dtype, pl.Boolean | pl.Categorical | pl.Enum):
        return "category", column.cast(pl.String)
    if isinstance(dtype, pl.String):
        lengths = column.str.len_chars()
        average = lengths.mean()
        few = column.n_unique() <= max(_MOST, len(column) // _FEWEST)
        if few and isinstance(average, float) and average <= _PROSE:
            return "category", column
        return "length", lengths.cast(pl.Float64)
    if isinstance(dtype, pl.List | pl.Array):
        return "length", column.cast(pl.List(dtype.inner)).list.len().cast(pl.Float64)
    if dtype.is_temporal() or dtype.is_numeric():
        kind = "time" if dtype.is_temporal() else "number"
        return kind, column.to_physical().cast(pl.Float64).fill_nan(None)
    return "unused", None


def _cut(values: pl.Series, bins: int) -> pl.Series:
    """Return the interval between quantiles that each number is in; few different ones stand alone."""
    different = values.drop_nulls().unique().sort()
    if len(different) <= bins:
        return values.cast(pl.String)
    numbers = values.to_numpy()
    known = numbers[~np.isnan(numbers)]
    edges = np.unique(np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf"))
    place = np.searchsorted(edges, numbers, side="left")
    ends = [known.min(), *edges, known.max()]
    names = [f"{low:g} to {high:g}" for low, high in pairwise(ends)]
    text = [None if np.isnan(number) else names[n] for number, n in zip(numbers, place, strict=True)]
    return pl.Series(text, dtype=pl.String)


def _between(values: Floats, code: NDArray[np.int64], k: int) -> float:
    """Return the sum of squares between groups, of values around their mean."""
    size = np.bincount(code, minlength=k)
    total = np.bincount(code, values, minlength=k)
    return float((total**2 / np.maximum(size, 1)).sum())


def _permuted(values: Floats, groups: list[_Groups], permutations: int, seed: int) -> Floats:
    """Return how often permuted values lie as far between the groups as these do. Shape (n_groups,)."""
    if not groups:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    around = values - values.mean()
    found = [_between(around, each.code, len(each.names)) for each in groups]
    slack = _ROUNDING * max(float((around**2).sum()), _ROUNDING)
    reached = np.zeros(len(groups))
    for _ in range(permutations):
        shuffled = rng.permutation(around)
        between = [_between(shuffled, each.code, len(each.names)) for each in groups]
        reached += np.array(between) >= np.array(found) - slack
    return (1 + reached) / (1 + permutations)


def _holm(p: Floats) -> Floats:
    """Adjust p values so that one wrong find among all is as rare as each p says (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted


def _sums(values: Floats, group: _Groups) -> Floats:
    """Return what each item adds: group, value there, value, squared value. Shape (n, 2k + 2)."""
    member = np.eye(len(group.names))[group.code]
    return np.column_stack([member, member * values[:, None], values, values**2])


def _effects(totals: Floats) -> Floats:
    """Return epsilon squared from what items add. Shape (r, 2k + 2) to (r,)."""
    k = (totals.shape[1] - 2) // 2
    size, total, whole, squares = totals[:, :k], totals[:, k : 2 * k], totals[:, -2], totals[:, -1]
    n = size.sum(axis=1)
    groups = (size > 0).sum(axis=1)
    between = (total**2 / np.maximum(size, 1)).sum(axis=1)
    everything = squares - whole**2 / n
    effect = np.full(len(totals), np.nan)
    valid = (everything > _ROUNDING * n) & (n > groups)
    within = np.maximum(squares - between, 0) / np.maximum(n - groups, 1)
    np.divide(within * (n - 1), everything, out=effect, where=valid)
    return 1 - effect


def _explained(group: _Groups, values: Floats, p: float, adjusted: float, draws: Draws) -> tuple[object, ...]:
    around = values - values.mean()
    sums = _sums(around, group)
    effect = float(_effects(sums.sum(axis=0, keepdims=True))[0])
    means = np.bincount(group.code, values) / np.bincount(group.code)
    least, most = int(means.argmin()), int(means.argmax())
    if np.isnan(effect):
        return (*_unused(group, len(values))[:-1], "all items disagree alike")
    low, high = _interval(sums, effect, draws)
    return (
        *(group.column, group.kind, bool(adjusted < 1 - draws.level), effect, low, high, p, adjusted),
        *(group.names[least], float(means[least]), group.names[most], float(means[most])),
        *(len(values), None),
    )


def _interval(sums: Floats, effect: float, draws: Draws) -> tuple[float | None, float | None]:
    drawn = replicated(sums, _effects, draws)
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return None, None
    low, high = np.quantile(drawn, draws.ends()) + effect - drawn.mean()
    return float(low), float(min(high, 1))


def _unused(group: _Groups, n_items: int) -> tuple[object, ...]:
    return (group.column, group.kind, False, *[None] * 5, *[None] * 4, n_items, group.reason)
