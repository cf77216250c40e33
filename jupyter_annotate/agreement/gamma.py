"""Gamma: agreement on where spans lie and what they are, by the best alignment of all annotators at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from numbers import Real
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.gamma_alignment import Alignment, best_alignment
from jupyter_annotate.agreement.gamma_chance import Sampling, by_chance, relative_error
from jupyter_annotate.agreement.gamma_units import Chance, Continua, Dissimilarity, found_continua
from jupyter_annotate.agreement.span_extents import Extents, extents_of
from jupyter_annotate.agreement.span_marks import SpanMarks, spans_of
from jupyter_annotate.agreement.span_sums import Draws, ItemSums, estimate_sums
from jupyter_annotate.extras import need_scipy

__all__ = ["gamma", "gamma_cat"]

_Codes: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]


def gamma(  # noqa: PLR0913 -- keyword-only choices, each with a default
    labels: object,
    *,
    alpha: float = 3.0,
    beta: float = 1.0,
    delta: float = 1.0,
    n_samples: int = 30,
    precision: float | None = None,
    chance: Chance = "shuffle",
    items: object = None,
    label: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement on where spans lie and what they are: gamma.

    Spans may overlap and nest, and annotators may be many. The spans of all annotators are aligned so that
    disorder is least, which is found exactly; gamma is 1 less this disorder over the mean disorder of random
    annotations aligned likewise (Mathet, Widlöcher and Métivier 2015, "The Unified and Holistic Method Gamma
    for Inter-Annotator Agreement Measure and Alignment", doi:10.1162/COLI_a_00227). 1 is perfect, 0 is what
    chance gives.

    Parameters
    ----------
    labels
        LABELS with start and end, in any unit, half open; null label: the annotator looked and found nothing.
        Of a span in several pieces (fragments) each piece is a unit of its own.
    alpha, beta
        Weights of place and label in how far two spans are apart:
        alpha ((|s - s'| + |e - e'|) / (length + length'))^2 + beta [label differs].
    delta
        What a span without a partner counts.
    n_samples
        How many times annotations are drawn at random.
    precision
        Relative error of the disorder by chance, at 95 %: more annotations are drawn until it is reached,
        (1.96 * std / mean / precision)^2 of them (2015, section 5.3). None for n_samples.
    chance
        ``"shuffle"``: annotations of random annotators, shifted along the item (2015, section 5.2).
        ``"statistics"``: numbers, gaps and lengths of spans from normal distributions with the moments found,
        which is the default of pygamma-agreement.
    items
        ITEMS with the column text, or with start and end: where random spans may lie. Without it an item runs
        from the first to the last position anyone marked; short items with one span each need it.
    label
        Only spans with this label; None for all. How far one label is told from others: `gamma_cat`.
    level, replicates, seed
        Of the interval, a percentile bootstrap over items. The seed also draws the random annotations.

    Returns
    -------
    agreement
        Several items count as one long one in which spans of different items never align: disorders are
        means over all spans. ``details`` holds ``observed_disorder``, ``expected_disorder``, ``samples``, and
        the ``error`` of the latter relative to it, at 95 %. nan with a reason where no item has two answers
        or nobody marked anything there.

    Raises
    ------
    ColumnError
        If a span ends before it starts, has no label, is there twice, or lies outside its item.
    MissingExtraError
        If scipy is not installed.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 4,
    ...     "annotator_id": ["ada", "ada", "bob", "bob"],
    ...     "label": ["person", "place", "person", "place"],
    ...     "start": [0, 20, 0, 22],
    ...     "end": [8, 30, 6, 30],
    ... }
    >>> found = gamma(labels, items={"item_id": ["a"], "start": [0], "end": [60]})
    >>> round(found.details["observed_disorder"], 4)
    0.0491
    >>> found.value > 0.9
    True
    """
    draws = Draws(level=level, replicates=replicates, seed=seed)
    sampling = Sampling(n_samples=n_samples, precision=precision, chance=chance, seed=seed)
    far = _dissimilarity(alpha, beta, delta)
    marks, extents = _read(labels, items, "gamma()", label)
    weight = marks.sizes_of_items() / np.maximum(marks.answers(), 1)

    def measure(continua: Continua) -> _Floats:
        return _disorders(continua, far)[None]

    observed = measure(found_continua(marks))[0] * weight
    drawn = by_chance(marks, extents, sampling, measure, lambda total: total[0], weight)
    error = relative_error(drawn.sum(axis=2)[0])
    sums = _sums(np.stack([observed, drawn[0].mean(axis=0)], axis=1))

    def one_less(total: _Floats) -> float:
        return float(1 - total[0] / total[1]) if total[1] > 0 else float("nan")

    total = sums.total()
    scale = max(weight.sum(), np.finfo(float).tiny)
    details = {
        "observed_disorder": float(total[0] / scale),
        "expected_disorder": float(total[1] / scale),
        "samples": drawn.shape[1],
        "error": error,
    }
    return estimate_sums(
        "gamma", marks, sums, one_less, draws=draws, undefined=Reason.NO_SPANS, details=details
    )


def gamma_cat(  # noqa: PLR0913 -- as for gamma
    labels: object,
    *,
    label: object = None,
    unaligned: bool = False,
    alpha: float = 3.0,
    beta: float = 1.0,
    delta: float = 1.0,
    n_samples: int = 30,
    precision: float | None = None,
    chance: Chance = "shuffle",
    items: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement on the labels of spans that belong together: gamma-cat, or gamma-k of one label.

    Of the best alignment that `gamma` finds, each two aligned spans count, the more the closer they lie;
    spans without a partner do not (Mathet 2017, "The Agreement Measure Gamma-Cat: a Complement to Gamma
    Focused on Categorization of a Continuum", doi:10.1162/COLI_a_00296). Where several alignments are best,
    one that aligns most is taken, always the same.

    Parameters
    ----------
    labels
        As for `gamma`.
    label
        Gamma-k: only pairs of which one span or both have this label; None for all.
    unaligned
        Whether a span without a partner counts as one that disagrees in full, which is not in the paper but
        in pygamma-agreement since 0.5.
    alpha, beta, delta, n_samples, precision, chance, items, level, replicates, seed
        As for `gamma`.

    Returns
    -------
    agreement
        Pairs of all items are pooled. nan with a reason where no spans are aligned, or chance could not
        disagree, as with one label.

    Raises
    ------
    ColumnError
        As for `gamma`, or if nobody used the label.
    MissingExtraError
        If scipy is not installed.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 4,
    ...     "annotator_id": ["ada", "ada", "bob", "bob"],
    ...     "label": ["person", "place", "person", "place"],
    ...     "start": [0, 20, 0, 22],
    ...     "end": [8, 30, 6, 30],
    ... }
    >>> gamma_cat(labels, items={"item_id": ["a"], "start": [0], "end": [60]}).value
    1.0
    """
    draws = Draws(level=level, replicates=replicates, seed=seed)
    sampling = Sampling(n_samples=n_samples, precision=precision, chance=chance, seed=seed)
    far = _dissimilarity(alpha, beta, delta)
    marks, extents = _read(labels, items, "gamma_cat()", None)
    of = None if label is None else _code_of(marks, labels, label)

    def measure(continua: Continua) -> _Floats:
        return _label_disorders(continua, far, of, unaligned=unaligned)

    observed = measure(found_continua(marks))
    one = np.ones(len(marks.items))
    drawn = by_chance(marks, extents, sampling, measure, _share, one)
    n = drawn.shape[1]
    sums = _sums(np.concatenate([observed, drawn.reshape(2 * n, -1)]).T)

    def one_less(total: _Floats) -> float:
        found = _share(total[:2])
        expected = np.nanmean(_share(total[2:].reshape(2, n))) if total[2 + n :].any() else np.nan
        return float(1 - found / expected) if expected > 0 else float("nan")

    aligned = observed[1].sum() > 0
    name = "gamma_cat" if label is None else f"gamma_k {label}"
    details = {"observed_disorder": float(_share(observed.sum(axis=1))), "samples": n}
    reason = Reason.NO_VARIATION if aligned else Reason.NO_MATCHES if len(marks.answer) else Reason.NO_SPANS
    return estimate_sums(name, marks, sums, one_less, draws=draws, undefined=reason, details=details)


def _read(labels: object, items: object, what: str, label: object) -> tuple[SpanMarks, Extents]:
    need_scipy("optimize", purpose="Gamma")
    marks = spans_of(labels, what=what, label=label, whole=False)
    return marks, extents_of(marks, items, what=what)


def _code_of(marks: SpanMarks, labels: object, label: object) -> int:
    """Return the code of a label, or say that nobody used it."""
    known = marks.categories.to_list()
    if label not in known:
        spans_of(labels, what="gamma_cat()", label=label, whole=False)
    return known.index(label)


def _dissimilarity(alpha: float, beta: float, delta: float) -> Dissimilarity:
    for name, weight in (("alpha", alpha), ("beta", beta), ("delta", delta)):
        if not _is_weight(weight, least=0 if name == "beta" else np.finfo(float).tiny):
            expected = "from 0 on" if name == "beta" else "above 0"
            message = f"Expected {name} to be a number {expected}, found {weight!r}."
            raise ValueError(message)
    return Dissimilarity(alpha=float(alpha), beta=float(beta), delta=float(delta))


def _is_weight(weight: object, *, least: float) -> bool:
    number = isinstance(weight, Real) and not isinstance(weight, bool)
    return number and least <= float(weight) < np.inf  # type: ignore[arg-type]  # a number


# ------------------------------------------------------------------------------------ disorders


def _disorders(continua: Continua, far: Dissimilarity) -> _Floats:
    """Return the disorder of the best alignment of each continuum, per unit of the mean annotator."""
    units = continua.units()
    saved = np.zeros(len(units), dtype=np.float64)
    for alignment in best_alignment(continua, far):
        of = continua.continuum[alignment.units.max(axis=1)]
        saved += np.bincount(of, weights=alignment.saved, minlength=len(units))
    return (units * far.delta - saved) * continua.annotators / np.maximum(units, 1)


def _label_disorders(continua: Continua, far: Dissimilarity, of: int | None, *, unaligned: bool) -> _Floats:
    """Return weights of aligned pairs of units whose labels differ, and of all. Shape (2, n_continua)."""
    n_continua = len(continua.annotators)
    total = np.zeros((2, n_continua))
    without = continua.annotators[continua.continuum] - 1
    for alignment in best_alignment(continua, far):
        for left, right, size in _aligned_pairs(alignment):
            # Each unit of a group counts once, however many partners it has there.
            weight = np.maximum(0, 1 - far.place(continua, left, right) / far.delta) / (size - 1)
            differ = continua.label[left] != continua.label[right]
            if of is not None:
                weight *= (continua.label[left] == of) | (continua.label[right] == of)
            for row, value in enumerate((weight * differ, weight)):
                total[row] += np.bincount(continua.continuum[left], weights=value, minlength=n_continua)
            np.subtract.at(without, left, 1)
            np.subtract.at(without, right, 1)
    if unaligned:
        lone = without * (np.ones(len(without)) if of is None else continua.label == of)
        total += np.bincount(continua.continuum, weights=lone, minlength=n_continua)
    return total


def _aligned_pairs(alignment: Alignment) -> Iterator[tuple[_Codes, _Codes, _Codes]]:
    """Yield the units of each two annotators that are in one group, and how many units that has."""
    size = (alignment.units >= 0).sum(axis=1)
    for one, other in combinations(range(alignment.units.shape[1]), 2):
        both = (alignment.units[:, one] >= 0) & (alignment.units[:, other] >= 0)
        yield alignment.units[both, one], alignment.units[both, other], size[both]


def _share(total: _Floats) -> _Floats:
    """Return the first figure over the second, nan where that is 0."""
    share: _Floats = np.divide(total[0], total[1], out=np.full_like(total[1], np.nan), where=total[1] > 0)
    return share


def _sums(table: _Floats) -> ItemSums:
    """Take a table of shape (n_items, n_slots)."""
    item, slot = np.indices(table.shape)
    return ItemSums(item.ravel(), slot.ravel(), table.ravel(), (table.shape[0], table.shape[1]))
