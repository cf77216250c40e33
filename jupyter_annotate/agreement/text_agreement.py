"""Agreement on free text: the same, as many of the same words, or few edits apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, mean_of, ratio
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["edit_distance", "text_agreement", "token_f1"]

Measure: TypeAlias = Literal["exact", "token_f1", "edit"]

_TOKEN = re.compile(r"\w+|[^\w\s]")


def text_agreement(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    measure: Measure = "edit",
    ignore_case: bool = False,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure how alike the texts are that annotators wrote about an item: mean over pairs, then over items.

    Nothing is taken out for chance, which hardly ever writes the same sentence twice; short answers out of a
    few words are labels, for which `krippendorff_alpha` is right. Texts are compared in Unicode's composed
    form (NFC), and with white space counted as one space.

    Parameters
    ----------
    labels
        LABELS whose labels are text. Null is no answer, an empty text is one.
    measure
        ``"exact"``: 1 for the same text. ``"token_f1"``: F1 of the words and marks two texts have in common,
        as multisets (as SQuAD does, Rajpurkar et al. 2016). ``"edit"``: 1 - edit distance / length of the
        longer text, in code points (Levenshtein 1966).
    ignore_case
        Whether ``"Yes"`` and ``"yes"`` are the same.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        nan with a reason where no item has two texts.

    Raises
    ------
    ColumnError
        If a label is not text, or an annotator has two on an item.
    ValueError
        If an option is impossible.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob"] * 2,
    ...     "label": ["a red bus", "a red car", "rain", "rain"],
    ... }
    >>> [round(text_agreement(labels, measure=m).value, 3) for m in ("exact", "token_f1", "edit")]
    [0.5, 0.833, 0.833]
    """
    draws = Draws(level, replicates, seed)
    if measure not in _ALIKE:
        message = f"Expected measure to be one of {tuple(_ALIKE)}, found {measure!r}."
        raise ValueError(message)
    ratings = ratings_of(labels, what="text_agreement()")
    sizes = ratings.sizes()
    paired = sizes > 1
    texts = _texts(ratings, ignore_case=ignore_case)
    values = _by_item(ratings, texts, _ALIKE[measure])[paired]
    basis = Basis(
        n_items=int(paired.sum()),
        n_annotators=len(np.unique(ratings.annotator)),
        n_labels=int(sizes[paired].sum()),
        n_single=int((sizes == 1).sum()),
        n_missing=ratings.n_missing,
    )
    return estimated(f"text_{measure}", mean_of(values), ratio, draws, basis)


def token_f1(one: str, other: str) -> float:
    """Return F1 of the words and marks that two texts have in common; 1 if neither has any.

    Examples
    --------
    >>> token_f1("the cat sat", "the cat, the dog")
    0.5
    """
    ours, theirs = _TOKEN.findall(one), _TOKEN.findall(other)
    if not ours and not theirs:
        return 1.0
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


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


def _exact(one: str, other: str) -> float:
    return float(one == other)


def _edit(one: str, other: str) -> float:
    return 1 - edit_distance(one, other) / max(len(one), len(other), 1)


_ALIKE: Mapping[str, Callable[[str, str], float]] = {"exact": _exact, "token_f1": token_f1, "edit": _edit}


def _shared_start(one: str, other: str) -> int:
    """Return how many code points two texts have in common from their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _texts(ratings: Ratings, *, ignore_case: bool) -> list[str]:
    """Return what each category reads like."""
    dtype = ratings.categories.dtype
    if len(ratings) and not isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        raise ColumnError("text_agreement()", expected="texts", found=f"{dtype}", column="label")
    texts = [" ".join(unicodedata.normalize("NFC", text).split()) for text in ratings.categories.to_list()]
    return [text.casefold() for text in texts] if ignore_case else texts


def _by_item(ratings: Ratings, texts: list[str], alike: Callable[[str, str], float]) -> Floats:
    """Return the mean over pairs of texts of each item; nan where there is none. Shape (n_items,)."""
    pairs: Counter[tuple[int, int, int]] = Counter()
    starts = ratings.starts()
    codes = ratings.label.tolist()
    for item, (start, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        pairs.update((item, *sorted(pair)) for pair in combinations(codes[start:end], 2))
    known: dict[tuple[int, int], float] = {}
    total, count = np.zeros(len(ratings.items)), np.zeros(len(ratings.items))
    for (item, one, other), times in sorted(pairs.items()):
        if (one, other) not in known:
            known[one, other] = 1.0 if one == other else alike(texts[one], texts[other])
        total[item] += times * known[one, other]
        count[item] += times
    means = np.full(len(total), np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means
