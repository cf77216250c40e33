"""Agreement on rankings: Kendall's tau-b between annotators and W among them, with ties and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, mean_of, ratio
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.extras import need_scipy
from jupyter_annotate.ratings import coded

__all__ = ["kendall_tau", "kendall_w", "rank_concordance"]

#: Cells of tables of ranks compared at once.
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Rankings:
    """Ranks of options, one row an option ranked, sorted by item, annotator and option.

    ``line`` and ``place`` say which row and column of its item's table it is in: annotators and options of
    the item in order.
    """

    items: pl.Series
    item: NDArray[np.int64]
    line: NDArray[np.int64]
    place: NDArray[np.int64]
    rank: Floats
    lines: NDArray[np.int64]
    places: NDArray[np.int64]
    n_annotators: int
    n_missing: int

    def tables(self) -> Iterator[tuple[NDArray[np.intp], Floats]]:
        """Yield items of like size and their tables of ranks, nan where unranked. Shape (b, m, p)."""
        order = np.lexsort((self.places, self.lines))
        starts = np.searchsorted(self.item, np.arange(len(self.items) + 1))
        begin = 0
        while begin < len(order):
            end = begin + 1
            while end < len(order) and _fits(
                self.lines[order[end]], self.places[order[end]], end + 1 - begin
            ):
                end += 1
            some = order[begin:end]
            shape = len(some), int(self.lines[some].max()), int(self.places[some].max())
            table = np.full(shape, np.nan)
            counts = starts[some + 1] - starts[some]
            rows = np.repeat(starts[some] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            table[np.repeat(np.arange(len(some)), counts), self.line[rows], self.place[rows]] = self.rank[
                rows
            ]
            yield some, table
            begin = end


def kendall_tau(labels: object, *, level: float = 0.95, replicates: int = 1000, seed: int = 0) -> Agreement:
    """Measure agreement on rankings: Kendall's tau-b, mean over pairs of annotators, then over items.

    1: the same order; 0: as good as independent; -1: the reverse. Ties are corrected for as in tau-b
    (Kendall 1945, "The Treatment of Ties in Ranking Problems"); options that one of two annotators did not
    rank are left out for that pair.

    Parameters
    ----------
    labels
        LABELS in one of two forms. ``label`` a list of options, best first, a list among them being a tie:
        ``[["b"], ["a", "c"]]``. Or one row an option: ``label`` names it and ``rank`` is a number, the lowest
        for the best, equal for a tie. Options are told apart within an item.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        nan with a reason where no two annotators ranked two options of an item unlike ties. Pairs without a
        value, as one of them tied everything, are left out.

    Raises
    ------
    ColumnError
        If the labels are no rankings, or an annotator ranks an option twice.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob"] * 2,
    ...     "label": [["x", "y", "z"], ["x", "z", "y"], ["x", "y", "z"], ["x", "y", "z"]],
    ... }
    >>> round(kendall_tau(labels).value, 3)
    0.667
    """
    return _mean("kendall_tau", labels, Draws(level, replicates, seed))


def kendall_w(labels: object, *, level: float = 0.95, replicates: int = 1000, seed: int = 0) -> Agreement:
    """Measure agreement on rankings: Kendall's coefficient of concordance W, mean over items.

    1: all the same order; 0: all orders cancel out. With m annotators, W = 1/m is what independent orders
    give on average. Corrected for ties (Kendall and Babington Smith 1939; Kendall 1948, chapter 6); options
    that not all annotators of an item ranked are left out. `rank_concordance` tells the items and p values.

    Parameters
    ----------
    labels
        As for `kendall_tau`.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        nan with a reason where no item has two annotators and two options that they do not all tie.

    Raises
    ------
    ColumnError
        As for `kendall_tau`.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "cyd"],
    ...     "label": [["x", "y", "z"], ["x", "z", "y"], ["y", "x", "z"]],
    ... }
    >>> round(kendall_w(labels).value, 3)
    0.444
    """
    return _mean("kendall_w", labels, Draws(level, replicates, seed))


def rank_concordance(labels: object) -> pl.DataFrame:
    """Test whether the rankings of each item agree more than independent ones would.

    Chi-square m (p - 1) W with p - 1 degrees of freedom (Kendall and Babington Smith 1939): good for more
    than about seven options, and too cautious for fewer (Legendre 2005).

    Parameters
    ----------
    labels
        As for `kendall_tau`.

    Returns
    -------
    table
        One row an item: item_id, n_annotators, n_options (ranked by all of them), n_left_out (options that
        some did not rank), tau, w, chi_square, freedom, p. What is undefined is null.

    Raises
    ------
    ColumnError
        As for `kendall_tau`.
    MissingExtraError
        If scipy is not installed.
    """
    tail = need_scipy("special", purpose="The p value of a concordance").chdtrc
    found = _rankings(labels, "rank_concordance()")
    tau, w, n_options = _coefficients(found)
    freedom = np.maximum(n_options - 1, 0)
    chi_square = found.lines * freedom * w
    return pl.DataFrame(
        {
            "item_id": found.items.cast(pl.String),
            "n_annotators": found.lines,
            "n_options": n_options,
            "n_left_out": found.places - n_options,
            "tau": tau,
            "w": w,
            "chi_square": chi_square,
            "freedom": freedom,
            "p": tail(freedom, chi_square),
        }
    ).with_columns(pl.col("tau", "w", "chi_square", "p").fill_nan(None))


def _mean(name: str, labels: object, draws: Draws) -> Agreement:
    found = _rankings(labels, f"{name}()")
    tau, w, n_options = _coefficients(found)
    values = tau if name == "kendall_tau" else w
    compared = found.lines > 1
    given = np.bincount(found.item, minlength=len(found.items))
    basis = Basis(
        n_items=int((~np.isnan(values)).sum()) or int(compared.sum()),
        n_annotators=found.n_annotators,
        n_labels=int(found.lines[compared].sum()),
        n_single=int((found.lines == 1).sum()),
        n_missing=found.n_missing,
        details={
            "options": int(given[compared].sum()),
            "options_left_out": int((found.places - n_options)[compared].sum()),
            "items_without_value": int((compared & np.isnan(values)).sum()),
        },
    )
    kept = values[~np.isnan(values)] if (~np.isnan(values)).any() else values[compared]
    return estimated(name, mean_of(kept), ratio, draws, basis)


def _coefficients(found: _Rankings) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return tau, W and the number of options that all ranked, of each item; nan where undefined."""
    n_items = len(found.items)
    tau, w, n_options = np.full(n_items, np.nan), np.full(n_items, np.nan), np.zeros(n_items, dtype=np.int64)
    for some, table in found.tables():
        tau[some] = _tau(table)
        w[some], n_options[some] = _w(table, found.lines[some])
    return tau, w, n_options


def _tau(table: Floats) -> Floats:
    """Return the mean of tau-b over pairs of annotators. Shape (b, m, p) to (b,)."""
    first, second = np.triu_indices(table.shape[2], k=1)
    order = np.sign(table[:, :, first] - table[:, :, second])
    both = ~np.isnan(order)
    sign = np.where(both, order, 0)
    known = both.astype(np.float64)
    agree = sign @ sign.transpose(0, 2, 1)
    untied = (sign**2) @ known.transpose(0, 2, 1)
    scale = np.sqrt(untied * untied.transpose(0, 2, 1))
    pairs = np.full(scale.shape, np.nan)
    np.divide(agree, scale, out=pairs, where=scale > 0)
    one, other = np.triu_indices(table.shape[1], k=1)
    each = pairs[:, one, other]
    defined = ~np.isnan(each)
    count = defined.sum(axis=1)
    mean = np.full(len(table), np.nan)
    np.divide(np.where(defined, each, 0).sum(axis=1), count, out=mean, where=count > 0)
    return mean


def _w(table: Floats, lines: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Return W and the number of options ranked by all. Shape (b, m, p) to (b,) and (b,)."""
    present = np.arange(table.shape[1]) < lines[:, None]
    full = np.asarray((~np.isnan(table) | ~present[:, :, None]).all(axis=1))
    valid = present[:, :, None] & full[:, None, :]
    kept = np.where(valid, table, np.nan)
    below = (kept[:, :, :, None] > kept[:, :, None, :]).sum(axis=3)
    same = (kept[:, :, :, None] == kept[:, :, None, :]).sum(axis=3)
    rank = np.where(valid, below + (same + 1) / 2, 0)
    n, m = full.sum(axis=1), lines
    spread = np.where(full, rank.sum(axis=1) - (m * (n + 1) / 2)[:, None], 0)
    # An option tied with t - 1 others adds t^2 - 1, so that t of them add t^3 - t.
    ties = np.where(valid, same**2 - 1, 0).sum(axis=(1, 2))
    most = m**2 * (n**3 - n) - m * ties
    w = np.full(len(table), np.nan)
    np.divide(12 * (spread**2).sum(axis=1), most, out=w, where=(most > 0) & (m > 1))
    return w, n


def _fits(lines: int, places: int, items: int) -> bool:
    return items * lines * places * places <= _CELLS


def _rankings(labels: object, what: str) -> _Rankings:
    frame = require(labels, LABELS, what=what).with_row_index("row")
    given = frame.filter(pl.col("label").is_not_null())
    rows = _by_rank(given, what) if "rank" in frame.columns else _by_list(given, what)
    twice = rows.select("item_id", "annotator_id", "option").is_duplicated()
    if twice.any():
        row = rows.filter(~pl.struct("item_id", "annotator_id", "option").is_first_distinct()).row(
            0, named=True
        )
        found = f"{shorten(row['option'])} a second time of {shorten(row['annotator_id'])}"
        raise ColumnError(what, expected="each option once", found=found, row=row["row"], column="label")
    rows = rows.sort("item_id", "annotator_id", "option").with_columns(
        line=pl.col("annotator_id").rank("dense").over("item_id") - 1,
        place=pl.col("option").rank("dense").over("item_id") - 1,
    )
    item, items = coded(rows["item_id"])
    n_items = len(items)
    lines, places = np.zeros(n_items, dtype=np.int64), np.zeros(n_items, dtype=np.int64)
    line, place = (rows[name].cast(pl.Int64).to_numpy() for name in ("line", "place"))
    np.maximum.at(lines, item, line + 1)
    np.maximum.at(places, item, place + 1)
    return _Rankings(
        items=items,
        item=item.astype(np.int64),
        line=line,
        place=place,
        rank=rows["rank"].to_numpy(),
        lines=lines,
        places=places,
        n_annotators=rows["annotator_id"].n_unique(),
        n_missing=len(frame) - len(given),
    )


def _by_rank(given: pl.DataFrame, what: str) -> pl.DataFrame:
    rank = given["rank"]
    if not rank.dtype.is_numeric():
        raise ColumnError(what, expected="ranks that are numbers", found=f"{rank.dtype}", column="rank")
    broken = rank.is_null() | ~rank.cast(pl.Float64).is_finite()
    if broken.any():
        place = broken.arg_true()[0]
        found, row = f"{rank[place]}", given["row"][place]
        raise ColumnError(what, expected="a rank of each option", found=found, row=row, column="rank")
    return given.select("row", "item_id", "annotator_id", option="label", rank=rank.cast(pl.Float64))


def _by_list(given: pl.DataFrame, what: str) -> pl.DataFrame:
    dtype = given.schema["label"]
    if not isinstance(dtype, pl.List | pl.Array):
        if not len(given):
            return _EMPTY
        raise ColumnError(
            what,
            expected="a list of options, best first",
            found=f"{dtype}",
            column="label",
            advice="Or one row an option, with its number in a column named rank.",
        )
    rows = given.select("row", "item_id", "annotator_id", option=pl.col("label").cast(pl.List(dtype.inner)))
    rows = rows.filter(pl.col("option").list.len() > 0).explode("option")
    rows = rows.with_columns(rank=pl.int_range(pl.len()).over("row").cast(pl.Float64))
    if isinstance(dtype.inner, pl.List | pl.Array):
        rows = rows.with_columns(pl.col("option").cast(pl.List(dtype.inner.inner)))
        rows = rows.filter(pl.col("option").list.len() > 0).explode("option")
    if rows["option"].null_count():
        row = rows.filter(pl.col("option").is_null())["row"][0]
        raise ColumnError(what, expected="options", found="null among them", row=row, column="label")
    return rows


_EMPTY = pl.DataFrame(
    schema={
        "row": pl.UInt32,
        "item_id": pl.String,
        "annotator_id": pl.String,
        "option": pl.String,
        "rank": pl.Float64,
    }
)
