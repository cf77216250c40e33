"""How alike texts are: the same, as many of the same words, or few edits apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["MEASURES", "Measure", "edit_distance", "similarities"]

Measure: TypeAlias = Literal["exact", "token_f1", "edit"]
Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.integer]

#: Words and marks.
_WORDS = r"\w+|[^\w\s]"


def similarities(texts: pl.Series, first: Places, second: Places, measure: Measure) -> Floats:
    """Return how alike pairs of texts are, from 0 to 1; the same pair is compared once.

    Parameters
    ----------
    texts
        Strings. Shape (n,).
    first, second
        Places of the texts of each pair. Shapes (n_pairs,).
    measure
        ``"exact"``: 1 for the same text. ``"token_f1"``: F1 of the words and marks two texts have in common,
        as multisets (as SQuAD does, Rajpurkar et al. 2016); 1 if neither has any. ``"edit"``: 1 - edit
        distance / length of the longer text, in code points (Levenshtein 1966).

    Examples
    --------
    >>> texts = pl.Series(["the cat sat", "the cat, the dog"])
    >>> similarities(texts, np.array([0, 0]), np.array([1, 0]), "token_f1").tolist()
    [0.5, 1.0]
    """
    low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second)
    pairs, place = np.unique(low * len(texts) + high, return_inverse=True)
    one, other = np.divmod(pairs, max(len(texts), 1))
    return MEASURES[measure](texts, one, other)[place]


def edit_distance(one: str, other: str) -> int:
    """Return the least number of inserted, deleted and replaced code points from one text to the other.

    Bit-parallel: a column of the table is two whole numbers, and all its cells are computed at once
    (Myers 1999, "A fast bit-vector algorithm for approximate string matching", in the form of Hyyrö 2003).

    Examples
    --------
    >>> edit_distance("kitten", "sitting")
    3
    """
    start = _shared_start(one, other)
    one, other = one[start:], other[start:]
    end = _shared_start(one[::-1], other[::-1])
    short, long = sorted((one[: len(one) - end], other[: len(other) - end]), key=len)
    if not short:
        return len(long)
    places: dict[str, int] = {}
    for place, letter in enumerate(short):
        places[letter] = places.get(letter, 0) | 1 << place
    every, last, distance = (1 << len(short)) - 1, 1 << (len(short) - 1), len(short)
    rising, falling = every, 0
    for letter in long:
        equal = places.get(letter, 0)
        diagonal = (((equal & rising) + rising) ^ rising) | equal | falling
        up = falling | (every & ~(diagonal | rising))
        down = rising & diagonal
        distance += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & every
        down = (down << 1) & every
        rising = down | (every & ~(diagonal | up))
        falling = up & diagonal
    return distance


def _exact(texts: pl.Series, one: Places, other: Places) -> Floats:
    return (texts.gather(one) == texts.gather(other)).cast(pl.Float64).to_numpy()


def _token_f1(texts: pl.Series, one: Places, other: Places) -> Floats:
    tokens = texts.str.extract_all(_WORDS)
    rows = tokens.to_frame("token").with_row_index("row").explode("token").drop_nulls()
    counts = rows.group_by("row", "token").len("n")
    pairs = pl.DataFrame({"one": one, "other": other}).cast(pl.UInt32).with_row_index("pair")
    shared = (
        pairs.join(counts, left_on="one", right_on="row")
        .join(counts, left_on=["other", "token"], right_on=["row", "token"], suffix="_other")
        .group_by("pair")
        .agg(pl.min_horizontal("n", "n_other").sum())
    )
    both = np.zeros(len(one))
    both[shared["pair"].to_numpy()] = shared["n"].to_numpy()
    lengths = tokens.list.len().to_numpy().astype(np.int64)
    total = lengths[one] + lengths[other]
    return np.asarray(np.divide(2 * both, total, out=np.ones(len(one)), where=total > 0))


def _edit(texts: pl.Series, one: Places, other: Places) -> Floats:
    written = texts.to_list()
    pairs = [(written[a], written[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    return np.array([1 - edit_distance(a, b) / max(len(a), len(b), 1) for a, b in pairs], dtype=np.float64)


#: What each measure makes of texts and the places of pairs of them.
MEASURES: Mapping[Measure, Callable[[pl.Series, Places, Places], Floats]] = {
    "exact": _exact,
    "token_f1": _token_f1,
    "edit": _edit,
}


def _shared_start(one: str, other: str) -> int:
    """Return how many code points two texts have in common from their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low
