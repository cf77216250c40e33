"""Agreement on free text: the same, as many of the same words, or few edits apart."""

from __future__ import annotations

import unicodedata

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, mean_of, ratio
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.pairing import pairs_within
from jupyter_annotate.ratings import Ratings, ratings_of
from jupyter_annotate.text_similarity import MEASURES, Measure, similarities

__all__ = ["text_agreement"]


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
    if measure not in MEASURES:
        message = f"Expected measure to be one of {tuple(MEASURES)}, found {measure!r}."
        raise ValueError(message)
    ratings = ratings_of(labels, what="text_agreement()")
    sizes = ratings.sizes()
    paired = sizes > 1
    texts = _texts(ratings, ignore_case=ignore_case)
    values = _by_item(ratings, texts, measure)[paired]
    basis = Basis(
        n_items=int(paired.sum()),
        n_annotators=len(np.unique(ratings.annotator)),
        n_labels=int(sizes[paired].sum()),
        n_single=int((sizes == 1).sum()),
        n_missing=ratings.n_missing,
    )
    return estimated(f"text_{measure}", mean_of(values), ratio, draws, basis)


def _texts(ratings: Ratings, *, ignore_case: bool) -> pl.Series:
    """Return what each category reads like."""
    dtype = ratings.categories.dtype
    if len(ratings) and not isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        raise ColumnError("text_agreement()", expected="texts", found=f"{dtype}", column="label")
    texts = [" ".join(unicodedata.normalize("NFC", text).split()) for text in ratings.categories.to_list()]
    return pl.Series([text.casefold() for text in texts] if ignore_case else texts, dtype=pl.String)


def _by_item(ratings: Ratings, texts: pl.Series, measure: Measure) -> Floats:
    """Return the mean over pairs of texts of each item; nan where there is none. Shape (n_items,)."""
    first, second = pairs_within(ratings.item)
    near = similarities(texts, ratings.label[first], ratings.label[second], measure)
    # Sums must not hang on the order of the annotators.
    order = np.lexsort((near, ratings.item[first]))
    item, n = ratings.item[first][order], len(ratings.items)
    count = np.bincount(item, minlength=n)
    means = np.full(n, np.nan)
    np.divide(np.bincount(item, near[order], n), count, out=means, where=count > 0)
    return means
