"""Free text: of an item's texts the one that is most like the others."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import Estimator, Findings, read, reject, with_codes
from jupyter_annotate.aggregation.groups import ratio
from jupyter_annotate.ratings import coded

__all__ = ["TextMedoid"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

#: Cells of the edit tables that are held at once.
_CELLS = 4_000_000
_DIGITS = 12


class TextMedoid(Estimator):
    """The text with the highest mean similarity to all texts of its item, each weighted by its annotator.

    An annotator's weight is the mean similarity of their texts to those of others, drawn towards the mean of
    all by one text. Nothing is rewritten: the consensus is a text that somebody gave. Its columns are
    item_id, label, confidence (the weighted mean similarity to the others' texts; null if there are none: one
    text tells nothing of itself), tie and n_labels. Null is a missing text, ``""`` an empty one. Ties go to
    the text that sorts first.

    Parameters
    ----------
    similarity
        ``"edit"``: 1 - Levenshtein distance / longer length, in code points. ``"token_f1"``: the harmonic
        mean of precision and recall over words split at white space, as often as they occur.
    weighted
        Weight annotators; otherwise all count alike.

    Examples
    --------
    >>> texts = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["a red car", "a red cat", "blue"],
    ... }
    >>> TextMedoid(similarity="token_f1").fit_predict(texts)["label"].to_list()
    ['a red car']
    """

    name: ClassVar[str] = "text_medoid"

    def __init__(self, *, similarity: Literal["edit", "token_f1"] = "edit", weighted: bool = True) -> None:
        if similarity not in {"edit", "token_f1"}:
            message = f"Expected similarity 'edit' or 'token_f1', found {similarity!r}."
            raise ValueError(message)
        self.similarity, self.weighted = similarity, weighted

    def _estimate(self, labels: object, what: str) -> Findings:
        frame, items, annotators = with_codes(read(labels, (), what))
        if frame["label"].dtype not in (pl.String, pl.Null):
            reject(frame, frame["label"].is_not_null(), "label", what, expected="text")
        given = frame.drop_nulls("label").with_columns(pl.col("label").cast(pl.String))
        given = given.sort("item", "annotator", "label")
        item, who = given["item"].to_numpy(), given["annotator"].to_numpy()
        first, second = _pairs(item)
        measure = _edit_similarity if self.similarity == "edit" else _token_f1
        near = measure(given["label"], first, second)
        weight, mean = _weights(who, first, second, near, len(annotators))
        row_weight = weight[who] if self.weighted else np.ones(len(who))
        n = len(item)
        similar = np.bincount(first, near * row_weight[second], n) + np.bincount(
            second, near * row_weight[first], n
        )
        total = np.bincount(item, row_weight, len(items))[item]
        others = total - row_weight
        score = ratio(similar + row_weight, total, 0.0).round(_DIGITS)
        sure = ratio(similar, others)
        rows = pl.DataFrame({"item": item, "label": given["label"], "score": score, "sure": sure})
        best = _best(rows, items)
        table = {"annotator_id": annotators, "n_labels": np.bincount(who, minlength=len(annotators))}
        return Findings(best, pl.DataFrame({**table, "similarity": mean, "weight": weight}).fill_nan(None))


def _best(rows: pl.DataFrame, items: pl.Series) -> pl.DataFrame:
    """Return the best text of each item; null for items without a text."""
    top = pl.col("score").max().over("item")
    best = (
        rows.with_columns(
            n_labels=pl.len().over("item"),
            tie=pl.col("label").filter(pl.col("score") == top).n_unique().over("item") > 1,
        )
        .filter(pl.col("score") == top)
        .sort("item", "label", "sure", descending=[False, False, True])
        .unique("item", keep="first", maintain_order=True)
    )
    named = best.with_columns(item_id=items.gather(best["item"]))
    every = items.to_frame("item_id").join(named, on="item_id", how="left", maintain_order="left")
    return every.select(
        "item_id",
        "label",
        pl.col("sure").alias("confidence"),
        "tie",
        pl.col("n_labels").fill_null(0).cast(pl.Int64),
    ).fill_nan(None)


def _pairs(item: _Places) -> tuple[_Places, _Places]:
    """Return each pair of rows of one item; the items are sorted."""
    ends = np.searchsorted(item, item, side="right")
    counts = ends - np.arange(len(item)) - 1
    first = np.repeat(np.arange(len(item)), counts)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)


def _weights(
    who: _Places, first: _Places, second: _Places, near: _Numbers, n_annotators: int
) -> tuple[_Numbers, _Numbers]:
    """Return each annotator's weight and mean similarity; one annotator's texts do not confirm each other."""
    apart = who[first] != who[second]
    first, second, near = first[apart], second[apart], near[apart]
    n_rows = len(who)
    met = np.bincount(first, minlength=n_rows) + np.bincount(second, minlength=n_rows)
    total = np.bincount(first, near, n_rows) + np.bincount(second, near, n_rows)
    compared = met > 0
    of_row = ratio(total, met, 0.0)
    n = np.bincount(who, compared, n_annotators)
    sums = np.bincount(who, of_row, n_annotators)
    mean = ratio(sums, n)
    overall = sums.sum() / n.sum() if n.sum() else 1.0
    # Where no text is like another, no annotator is better than another.
    weight = (sums + overall) / (n + 1) if overall > 0 else np.ones(n_annotators)
    return weight, mean


def _token_f1(texts: pl.Series, first: _Places, second: _Places) -> _Numbers:
    words = texts.str.extract_all(r"\S+")
    counts = (
        words.to_frame("word")
        .with_row_index("row")
        .explode("word")
        .drop_nulls()
        .group_by("row", "word")
        .len("n")
    )
    pairs = pl.DataFrame({"first": first, "second": second}).cast(pl.UInt32).with_row_index("pair")
    shared = (
        pairs.join(counts, left_on="first", right_on="row")
        .join(counts, left_on=["second", "word"], right_on=["row", "word"], suffix="_other")
        .group_by("pair")
        .agg(pl.min_horizontal("n", "n_other").sum().alias("shared"))
    )
    both = np.zeros(len(first))
    both[shared["pair"].to_numpy()] = shared["shared"].to_numpy()
    lengths = words.list.len().to_numpy().astype(np.float64)
    total = lengths[first] + lengths[second]
    return ratio(2 * both, total, 1.0)


def _edit_similarity(texts: pl.Series, first: _Places, second: _Places) -> _Numbers:
    """Return 1 - edit distance / longer length of each pair; the tables of many pairs are filled at once."""
    code, names = coded(texts)
    distinct = pl.DataFrame(
        {"a": np.minimum(code[first], code[second]), "b": np.maximum(code[first], code[second])}
    )
    pairs = distinct.unique(maintain_order=True).with_row_index("pair")
    place = distinct.join(pairs, on=["a", "b"], how="left", maintain_order="left")["pair"].to_numpy()
    letters = [np.array([ord(c) for c in text], dtype=np.int64) for text in names.to_list()]
    lengths = np.array([len(each) for each in letters], dtype=np.int64)
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    longest = np.maximum(lengths[a], lengths[b]) if len(a) else np.zeros(0, dtype=np.int64)
    near: _Numbers = np.ones(len(a))
    order = np.argsort(longest, kind="stable")
    start = 0
    while start < len(order):
        width = np.arange(1, len(order) - start + 1) * (longest[order[start:]] + 1)
        stop = start + max(int(np.searchsorted(width, _CELLS, side="right")), 1)
        part = order[start:stop]
        distance = _edit_distances([letters[k] for k in a[part]], [letters[k] for k in b[part]])
        near[part] = 1 - distance / np.maximum(longest[part], 1)
        start = stop
    return np.asarray(near[place])


def _edit_distances(left: list[_Places], right: list[_Places]) -> _Numbers:
    """Return the Levenshtein distance of each pair, row by row of all tables at once."""
    rows, columns = max(map(len, left)), max(map(len, right))
    a, b = _padded(left, rows, -1), _padded(right, columns, -2)
    n_left, n_right = np.array(list(map(len, left))), np.array(list(map(len, right)))
    steps = np.arange(columns + 1)
    row = np.tile(steps, (len(left), 1))
    found = n_right.copy()
    for i in range(rows):
        reached = np.empty_like(row)
        reached[:, 0] = i + 1
        reached[:, 1:] = np.minimum(row[:, 1:] + 1, row[:, :-1] + (b != a[:, i, None]))
        # Insertions run along the row: the least of what each cell to the left offers, plus the way from it.
        row = np.minimum.accumulate(reached - steps, axis=1) + steps
        ended = n_left == i + 1
        found[ended] = row[ended, n_right[ended]]
    return found.astype(np.float64)


def _padded(texts: list[_Places], width: int, filler: int) -> _Places:
    table = np.full((len(texts), width), filler, dtype=np.int64)
    for place, text in enumerate(texts):
        table[place, : len(text)] = text
    return table
