"""Canaries: changes to your own labels whose effect is known, to see that the numbers would show it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.observed import observed_agreement
from jupyter_annotate.errors import list_some
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["canaries"]

#: So sure that a canary hardly ever dies of chance alone: once in a thousand runs.
_LEVEL = 0.999
_REPLICATES = 4_000
_ROUNDING = 1e-9
#: Annotators who share fewer labels with others are too uncertain to be ranked.
_FEWEST = 20
#: Standard errors that make a difference clear.
_SURE = 3
_CLICKER = "the planted clicker"


@dataclass(frozen=True, slots=True)
class _Canary:
    canary: str
    passed: bool | None
    found: str
    expected: str
    advice: str


def canaries(labels: object, *, aggregator: Aggregator | None = None, seed: int = 0) -> pl.DataFrame:
    """Change the labels in ways whose effect is known, and look whether the numbers show it.

    ============== ================================================ =====================================
    canary         what is done                                     what must be found
    ============== ================================================ =====================================
    shuffled       all labels are dealt out again at random         alpha near 0: its interval holds 0
    duplicated     the busiest annotator labels everything twice    alpha 1 with their own copy
    renamed        the labels swap their names                      agreement as before
    reordered      the rows come in another order                   agreement as before, to the last bit
    clicker        somebody who answers everything at random joins  the others agree more, and clearly
    ============== ================================================ =====================================

    The first four test this package on your data; the last one tests your data as well: if it dies, some of
    your annotators are no better than chance, or there is too little overlap to tell.

    Parameters
    ----------
    labels
        LABELS.
    aggregator
        Whose ``skill`` the clicker must be lowest in; without it the share of equal labels of the others.
        It is fitted anew.
    seed
        The same seed gives the same table. A canary dies of chance alone in about one of a thousand.

    Returns
    -------
    table
        One row a canary: canary, passed (null where the labels do not allow the test), found, expected,
        advice.

    Raises
    ------
    ColumnError
        If the labels are not usable.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(60)) * 3,
    ...     "annotator_id": [who for who in "abc" for _ in range(60)],
    ...     "label": [(n // 7 + (n % 13 == who)) % 3 for who in range(3) for n in range(60)],
    ... }
    >>> canaries(labels)["passed"].to_list()
    [True, True, True, True, True]
    """
    ratings = ratings_of(labels, what="canaries()")
    rngs = np.random.default_rng(seed).spawn(4)
    before = _alpha(_frame(ratings))
    found = [
        _shuffled(ratings, rngs[0], seed),
        _duplicated(ratings),
        _renamed(ratings, rngs[1], before),
        _reordered(ratings, rngs[2], before),
        _clicker(ratings, rngs[3], aggregator),
    ]
    schema = {
        "canary": pl.String,
        "passed": pl.Boolean,
        "found": pl.String,
        "expected": pl.String,
        "advice": pl.String,
    }
    return pl.DataFrame(found, schema=schema, orient="row")


def _frame(ratings: Ratings) -> pl.DataFrame:
    """Return LABELS of codes."""
    return pl.DataFrame({"item_id": ratings.item, "annotator_id": ratings.annotator, "label": ratings.label})


def _alpha(frame: pl.DataFrame, replicates: int = 0) -> Agreement:
    return krippendorff_alpha(frame, level=_LEVEL, replicates=replicates, seed=0)


def _shuffled(ratings: Ratings, rng: np.random.Generator, seed: int) -> _Canary:
    mixed = replace(ratings, label=rng.permutation(ratings.label))
    found = krippendorff_alpha(_frame(mixed), level=_LEVEL, replicates=_REPLICATES, seed=seed)
    ends = found.interval
    passed = None if ends is None else ends[0] <= 0 <= ends[1]
    return _Canary(
        "shuffled",
        passed,
        f"{found!r}",
        f"an interval of alpha that holds 0 ({100 * _LEVEL:g} %)",
        _advice(
            passed,
            "Agreement of labels dealt out at random is not 0: run it with other seeds, and if it dies "
            "again do not trust agreement on these labels and report it.",
        ),
    )


def _duplicated(ratings: Ratings) -> _Canary:
    expected = "alpha 1 of an annotator with their own copy"
    if not len(ratings):
        return _Canary("duplicated", None, "no labels", expected, _advice(None, ""))
    busiest = int(np.bincount(ratings.annotator).argmax())
    own = _frame(ratings).filter(pl.col("annotator_id") == busiest)
    both = pl.concat([own, own.with_columns(annotator_id=pl.lit(-1, dtype=pl.Int32))])
    # Somebody who gives everything one label agrees with the copy all the same; alpha cannot say so.
    coefficient = krippendorff_alpha if own["label"].n_unique() > 1 else observed_agreement
    found = coefficient(both, replicates=0)
    passed = abs(found.value - 1) < _ROUNDING
    name = ratings.annotators[busiest]
    shown = f"{found.coefficient} {found.value:.3f} of {name!r}"
    return _Canary(
        "duplicated",
        passed,
        shown,
        expected,
        _advice(passed, "Equal labels do not count as equal: do not trust agreement here and report it."),
    )


def _renamed(ratings: Ratings, rng: np.random.Generator, before: Agreement) -> _Canary:
    names = rng.permutation(len(ratings.categories)).astype(np.int32)
    after = _alpha(_frame(replace(ratings, label=names[ratings.label])))
    return _same("renamed", before, after, _ROUNDING, "The names of labels enter a nominal coefficient")


def _reordered(ratings: Ratings, rng: np.random.Generator, before: Agreement) -> _Canary:
    rows = rng.permutation(len(ratings))
    after = _alpha(_frame(ratings)[rows.tolist()])
    return _same("reordered", before, after, 0.0, "The order of rows enters a coefficient")


def _same(canary: str, before: Agreement, after: Agreement, most: float, problem: str) -> _Canary:
    passed = None if math.isnan(before.value) else abs(before.value - after.value) <= most
    return _Canary(
        canary,
        passed,
        f"alpha {after.value:.6f}",
        f"alpha {before.value:.6f}, as before",
        _advice(passed, f"{problem}: do not trust agreement here and report it."),
    )


def _clicker(ratings: Ratings, rng: np.random.Generator, aggregator: Aggregator | None) -> _Canary:
    joined = _with_clicker(ratings, rng)
    expected = "more of each of the others, and clearly more on average"
    skill, known = _skills(joined, aggregator)
    own = skill[-1]
    if len(ratings.categories) < 2 or math.isnan(own) or not known.any():  # noqa: PLR2004 -- no choice
        found = "too few shared labels or categories to tell"
        return _Canary("clicker", None, found, expected, _advice(None, ""))
    worse = np.flatnonzero(known & (skill[:-1] <= own))
    names = [str(ratings.annotators[int(n)]) for n in worse]
    measure = "skill" if aggregator is not None else "agreement with the others"
    clear = own + _SURE * _spread(ratings, own) < float(skill[:-1][known].mean())
    others = "all others have more" if clear else "the others have no more on average, but for chance"
    who = f"no more have {len(names)}: {list_some(names)}" if names else others
    passed = clear and not names
    return _Canary(
        "clicker",
        passed,
        f"{measure} {own:.3f} of {_CLICKER}; {who}",
        expected,
        _advice(
            passed,
            "They cannot be told from somebody who clicks at random: look at their labels and at the "
            "guidelines before using them.",
        ),
    )


def _spread(ratings: Ratings, share: float) -> float:
    """Return the standard error of a share of the clicker's labels, one an item."""
    return math.sqrt(max(share * (1 - share), 0) / len(np.unique(ratings.item)))


def _with_clicker(ratings: Ratings, rng: np.random.Generator) -> Ratings:
    """Return the ratings with those of somebody, the last annotator, who labels every item at random."""
    items = np.unique(ratings.item).astype(np.int32)
    code = len(ratings.annotators)
    labels = rng.integers(max(len(ratings.categories), 1), size=len(items)).astype(np.int32)
    item = np.concatenate([ratings.item, items])
    annotator = np.concatenate([ratings.annotator, np.full(len(items), code, dtype=np.int32)])
    label = np.concatenate([ratings.label, labels])
    order = np.lexsort((annotator, item))
    return replace(ratings, item=item[order], annotator=annotator[order], label=label[order])


def _skills(ratings: Ratings, aggregator: Aggregator | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the skill of each annotator, the clicker last, and who of the others can be ranked."""
    n_annotators = len(ratings.annotators) + 1
    if not len(ratings):
        return np.full(n_annotators, np.nan), np.zeros(0, dtype=bool)
    counts, sizes = ratings.counts(), ratings.sizes()
    others = sizes[ratings.item] - 1
    same = counts[ratings.item, ratings.label] - 1
    shared = np.bincount(ratings.annotator, others, minlength=n_annotators)
    known = np.asarray(shared[:-1] >= _FEWEST)
    skill = np.full(n_annotators, np.nan)
    if aggregator is None:
        equal = np.bincount(ratings.annotator, same, minlength=n_annotators)
        np.divide(equal, shared, out=skill, where=shared > 0)
        return skill, known
    table = aggregator.fit(_frame(ratings)).annotators_
    if "skill" not in table.columns:
        message = f"Expected an aggregator with a skill of each annotator, found {table.columns}."
        raise ValueError(message)
    places = table["annotator_id"].cast(pl.Int64).to_numpy()
    skill[places] = table["skill"].cast(pl.Float64).fill_null(math.nan).to_numpy()
    return skill, known & ~np.isnan(skill[:-1])


def _advice(passed: bool | None, otherwise: str) -> str:  # noqa: FBT001 -- a verdict, not a switch
    if passed is None:
        return "These labels do not allow this test: more items with two labels or more would."
    return "" if passed else otherwise
