"""Expectation maximization over labels that need not fit into memory: its sums add up over parts."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Posterior, consensus_of, gold_codes
from jupyter_annotate.aggregation.climbing import Climb, climb
from jupyter_annotate.aggregation.expectation import (
    ExpectationMaximization,
    State,
    first_guess,
    nothing_shared,
)
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.aggregation.passes import Chunk, Sums, chunks_of, counted, guessed, total
from jupyter_annotate.aggregation.responses import Responses, expected, probabilities_of
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.partitions import LabelParts
from jupyter_annotate.placement import Client, Placement, placement
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["PartsFit", "fit_parts"]

#: Labels that are kept in memory, laid out for the next pass: about four gigabytes.
_KEPT = 100_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PartsFit:
    """What was learnt from labels in parts.

    Parameters
    ----------
    annotators
        annotator_id, n_labels, skill, as ``annotators_`` of an aggregator.
    confusions
        annotator_id, true_label, label, probability, as ``confusions_``.
    class_prior
        label, probability, as ``class_prior_``.
    log_likelihood
        Of the labels under the model.
    objective
        What each step raised.
    n_iterations
        Steps taken.
    converged
        Whether it stopped because nothing changed any more.
    consensus
        CONSENSUS as a lazy frame over the files that were written, by item in each part.
    """

    annotators: pl.DataFrame
    confusions: pl.DataFrame
    class_prior: pl.DataFrame
    log_likelihood: float
    objective: float
    n_iterations: int
    converged: bool
    consensus: pl.LazyFrame


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A part, laid out for passes over it."""

    part: int
    ratings: Ratings
    gold: Codes
    chunks: list[Chunk]


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """How many labels each annotator gave and how often each was given; whether annotators share an item."""

    annotators: NDArray[np.int64]
    labels: NDArray[np.int64]
    shared: bool


def fit_parts(
    model: Aggregator,
    parts: LabelParts,
    folder: str | Path,
    *,
    gold: object = None,
    client: Client | None = None,
) -> PartsFit:
    """Estimate the true labels of labels in parts; the same as ``model.fit`` of all of them.

    Parameters
    ----------
    model
        ``DawidSkene()`` or ``BayesianConfusion()``; it stays as it is.
    parts
        Of `split_labels`.
    folder
        Where the consensus is written, a Parquet file a part; empty, or it does not exist. With ``client``,
        all workers must see it.
    gold
        item_id and label of items whose true label is known.
    client
        A ``dask.distributed.Client``, to work on all parts at once; None for one after the other, here.

    Returns
    -------
    fit
        What was learnt, and the consensus.

    Raises
    ------
    ColumnError
        If there is no label at all, or gold is not usable.
    TypeError
        If the model is another one.
    FileExistsError
        If the folder is not empty.

    Notes
    -----
    A pass over the labels adds up expected counts (A. P. Dawid and A. M. Skene 1979, equations 2.3 to 2.5);
    sums over parts add up to those over all, but for rounding. Up to a hundred million labels are kept in
    memory between passes, more are read again for each.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_annotate.aggregation import DawidSkene
    >>> from jupyter_annotate.partitions import split_labels
    >>> labels = {
    ...     "item_id": ["a", "a", "a", "b", "b", "b"],
    ...     "annotator_id": ["ada", "bob", "eve"] * 2,
    ...     "label": ["x", "x", "y", "y", "y", "y"],
    ... }
    >>> parts = split_labels(labels, tempfile.mkdtemp(), n_parts=2)
    >>> fit = fit_parts(DawidSkene(), parts, tempfile.mkdtemp())
    >>> fit.consensus.sort("item_id").select("item_id", "label").collect().rows()
    [('a', 'x'), ('b', 'y')]
    """
    if not isinstance(model, ExpectationMaximization):
        message = f"Expected DawidSkene or BayesianConfusion, found {type(model).__name__}."
        raise TypeError(message)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        message = f"Expected an empty folder for the consensus, found files in {target}."
        raise FileExistsError(message)
    what = f"fit_parts({type(model).__name__}())"
    where = placement(client, keep=parts.n_rows <= _KEPT)
    loaded = where.load(partial(_load, parts=parts, gold=gold, what=what), range(parts.n_parts))
    counts = _summed(where.each(_counts, loaded))
    if not counts.labels.sum():
        raise ColumnError(what, expected="at least one label", found="none", column="label")
    found, plain = _learn(model, where, loaded, counts)
    written = where.each(partial(_write, folder=target, counts=counts), loaded, plain)
    posterior = Posterior(
        np.empty((0, len(parts.categories))),
        pl.DataFrame({"skill": plain.skill()}),
        sum(written),
        found.n_steps,
        found.converged,
        found.objective,
    )
    fitted = _fitted(model, parts, plain, posterior)
    return PartsFit(
        annotators=fitted.annotators_.with_columns(n_labels=pl.Series(counts.annotators)),
        confusions=fitted.confusions_,
        class_prior=fitted.class_prior_,
        log_likelihood=posterior.log_likelihood,
        objective=found.objective,
        n_iterations=found.n_steps,
        converged=found.converged,
        consensus=pl.scan_parquet(target / "*.parquet"),
    )


def _learn(
    model: ExpectationMaximization, where: Placement, loaded: Sequence[object], counts: _Counts
) -> tuple[Climb[State], Responses]:
    """Take passes over all parts until nothing changes."""
    shape = len(counts.annotators), len(counts.labels)

    def step(state: State) -> tuple[State, float]:
        learnt = model._maximize(*state)  # noqa: SLF001 -- the same model, fitted in another way
        sums = total(where.each(_expected, loaded, learnt), *shape)
        return (sums, learnt), sums.log_likelihood + model._penalty(learnt)  # noqa: SLF001 -- same

    first: State = (total(where.each(_first, loaded, model.start), *shape), None)
    enough = model.tolerance * counts.labels.sum()
    found = climb(first, step, most=model.max_iterations, enough=enough)
    learnt = found.state[1]
    assert learnt is not None  # noqa: S101 -- every step returns them
    return found, learnt.plain()


def _load(part: int, *, parts: LabelParts, gold: object, what: str) -> _Loaded:
    ratings = parts.ratings(part, what=what, repeats="keep")
    known = gold_codes(gold, ratings, what)
    return _Loaded(part, ratings, known, chunks_of(ratings, known))


def _counts(loaded: _Loaded) -> _Counts:
    _, n_annotators, n_labels = loaded.ratings.shape
    return _Counts(
        np.bincount(loaded.ratings.annotator, minlength=n_annotators),
        np.bincount(loaded.ratings.label, minlength=n_labels),
        not nothing_shared(loaded.ratings, loaded.gold),
    )


def _summed(counts: Iterable[_Counts]) -> _Counts:
    listed = list(counts)
    annotators = np.sum([each.annotators for each in listed], axis=0)
    labels = np.sum([each.labels for each in listed], axis=0)
    return _Counts(annotators, labels, any(each.shared for each in listed))


def _first(loaded: _Loaded, start: Aggregator | None) -> Sums:
    _, n_annotators, n_labels = loaded.ratings.shape
    guess = first_guess(start, loaded.ratings)
    sums = (counted(chunk, guessed(chunk, guess), n_annotators) for chunk in loaded.chunks)
    return total(sums, n_annotators, n_labels)


def _expected(loaded: _Loaded, learnt: Responses) -> Sums:
    return expected(loaded.chunks, learnt)


def _write(loaded: _Loaded, learnt: Responses, *, folder: Path, counts: _Counts) -> float:
    """Write the consensus of a part; return the log-likelihood of its labels."""
    ratings = loaded.ratings
    probabilities, log_likelihood = probabilities_of(loaded.chunks, learnt, len(ratings.items))
    if not counts.shared:
        probabilities = vote_shares(ratings)
    consensus = consensus_of(probabilities, ratings, totals=counts.labels)
    consensus.write_parquet(folder / f"part-{loaded.part:05}.parquet")
    return log_likelihood


def _fitted(
    model: ExpectationMaximization, parts: LabelParts, learnt: Responses, posterior: Posterior
) -> ExpectationMaximization:
    """Return a fitted copy, for the frames it makes of what was learnt; it holds no labels."""
    nothing = np.empty(0, dtype=np.int32)
    fitted = copy.copy(model)
    fitted._responses, fitted._posterior = learnt, posterior  # noqa: SLF001 -- the same model
    fitted._ratings = Ratings(  # noqa: SLF001 -- same
        items=pl.Series("item_id", [], dtype=pl.String),
        annotators=parts.annotators,
        categories=parts.categories,
        item=nothing,
        annotator=nothing,
        label=nothing,
    )
    return fitted
