"""Spans by a model of label sequences: a hidden Markov model seen through annotators' confusions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.chains import Chains, Posterior, chains_of, likeliest_states, posterior_of
from jupyter_annotate.aggregation.fitting import Estimator, Findings
from jupyter_annotate.aggregation.groups import grouped_sums
from jupyter_annotate.aggregation.marks import Marks, drawers, with_empty_items
from jupyter_annotate.aggregation.span_consensus import span_marks
from jupyter_annotate.columns import require
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.pairing import runs

__all__ = ["SpanSequence", "word_tokens"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_TOKENS: dict[str, pl.DataType | type[pl.DataType] | None] = {
    "item_id": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
}
_WORD = re.compile(r"\w+|[^\w\s]")
_FEW = 1e-2


class SpanSequence(Estimator):
    """Spans as a sequence of states: outside, or at the beginning of, or inside a span of some label.

    HMM-Crowd (Nguyen et al. 2017, doi:10.18653/v1/P17-1028) without words: states follow each other with
    learned probabilities, and what an annotator gave a token depends on its state through that annotator's
    confusion matrix. EM with forward and backward sums over all items at once; a span continues only one of
    its label, so the likeliest sequence is always made of whole spans.

    Columns as for `SpanVote`, without presence and votes; ``confidence`` is the exact posterior probability
    of the span: that it begins, continues and ends there. It holds as far as the model does, which takes
    annotators and words as independent, and is mostly too high. Spans do not overlap; where an annotator's
    own do, the shorter counts. The pieces of a span in several (fragments) are spans of their own.

    Parameters
    ----------
    smoothing
        Tokens of each state that each annotator's confusions are drawn with towards those of all.
    max_iterations
        Most EM steps.
    tolerance
        It stops once the log-likelihood changes by less than this a label of a token.

    Examples
    --------
    >>> spans = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["city", "city", None],
    ...     "start": [0, 0, None],
    ...     "end": [8, 8, None],
    ... }
    >>> tokens = {"item_id": ["a"] * 3, "start": [0, 4, 9], "end": [3, 8, 11]}
    >>> SpanSequence().fit(spans, tokens=tokens).consensus_.select("label", "start", "end").rows()
    [('city', 0, 8)]
    """

    name: ClassVar[str] = "span_sequence"

    def __init__(self, *, smoothing: float = 1.0, max_iterations: int = 100, tolerance: float = 1e-6) -> None:
        if not smoothing > 0 or max_iterations < 1 or not tolerance >= 0:
            message = (
                "Expected smoothing > 0, max_iterations >= 1 and tolerance >= 0, "
                f"found {smoothing}, {max_iterations} and {tolerance}."
            )
            raise ValueError(message)
        self.smoothing, self.max_iterations, self.tolerance = smoothing, max_iterations, tolerance
        self._tokens: object = None

    def fit(self, labels: object, *, tokens: object = None) -> Self:
        """Estimate the spans; the tokens are needed.

        Parameters
        ----------
        labels
            item_id, annotator_id, label, start, end.
        tokens
            item_id, start, end of the words of every item, in code points, as `word_tokens` gives them. A
            span covers the tokens that it touches.

        Raises
        ------
        ColumnError
            If spans or tokens are not usable, or an item with spans has no tokens; with row and column.
        """
        self._tokens = tokens
        try:
            return super().fit(labels)
        finally:
            self._tokens = None

    def fit_predict(self, labels: object, *, tokens: object = None) -> pl.DataFrame:
        """Fit and return the consensus, as `fit` and ``consensus_``."""
        return self.fit(labels, tokens=tokens).consensus_

    @property
    def transitions_(self) -> pl.DataFrame:
        """Return from, to, probability: how often a state (``O``, ``B-x``, ``I-x``) follows another."""
        return self._found("transitions_").tables["transitions"]

    @property
    def confusions_(self) -> pl.DataFrame:
        """Return annotator_id, state, said, probability: what each annotator says of tokens in each state."""
        return self._found("confusions_").tables["confusions"]

    def _estimate(self, labels: object, what: str) -> Findings:
        marks = span_marks(labels, what)
        tokens = _tokens_of(self._tokens, marks, what)
        seen = _seen_states(marks, tokens)
        n_states = 2 * len(marks.categories) + 1
        chains = chains_of(tokens.item, len(marks.items))
        fitted = self._climb(seen, chains, n_states, len(marks.annotators))
        path = likeliest_states(chains, fitted.emissions, fitted.transitions)
        consensus = _decoded(marks, tokens, chains, fitted, path)
        right = np.einsum("jkk->jk", np.exp(fitted.confusions))
        share = np.bincount(path, minlength=n_states) / max(len(path), 1)
        skill = pl.DataFrame({"annotator": np.arange(len(right)), "skill": right @ share})
        skill = skill.with_columns(skill=pl.when(pl.Series(seen.counts > 0)).then("skill"))
        return Findings(
            consensus,
            drawers(marks, skill),
            log_likelihood=fitted.log_likelihood,
            n_iterations=fitted.n_iterations,
            converged=fitted.converged,
            tables=_state_tables(marks, fitted),
        )

    def _climb(self, seen: _Seen, chains: Chains, n_states: int, n_annotators: int) -> _Fitted:
        allowed = _allowed(n_states)
        shares = np.zeros((chains.n_tokens, n_states))
        np.add.at(shares, (seen.token, seen.state), 1.0)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        shares[shares.sum(axis=1) == 0, 0] = 1
        follows = shares[chains.before].T @ shares[chains.after]
        begins = shares[chains.firsts].sum(axis=0)
        likelihood, settled, step = -np.inf, False, 0
        while True:
            confusions = self._confusions(seen, shares, n_annotators)
            transitions = _normalised((np.vstack([begins, follows]) + _FEW) * allowed)
            emissions = _emissions(seen, confusions, chains.n_tokens)
            if settled or step == self.max_iterations:
                break
            step += 1
            before = likelihood
            posterior = posterior_of(chains, emissions, transitions)
            shares, likelihood = posterior.marginal, posterior.log_likelihood
            follows, begins = posterior.follows(chains), shares[chains.firsts].sum(axis=0)
            settled = abs(likelihood - before) <= self.tolerance * max(len(seen.token), 1)
        return _Fitted(confusions, transitions, emissions, float(likelihood), step, settled)

    def _confusions(self, seen: _Seen, shares: _Numbers, n_annotators: int) -> _Numbers:
        """Return the log-probability of what each annotator says of each state.

        Shape (n_annotators, n_states, n_states), what is said last.
        """
        n_states = shares.shape[1]
        cell = seen.annotator * n_states + seen.state
        counts = np.stack(
            [np.bincount(cell, shares[seen.token, k], n_annotators * n_states) for k in range(n_states)],
            axis=1,
        )
        counts = counts.reshape(n_annotators, n_states, n_states).transpose(0, 2, 1)
        pooled = _normalised(counts.sum(axis=0) + _FEW * (1 + n_states * np.eye(n_states)))
        return np.log(_normalised(counts + self.smoothing * pooled))


def word_tokens(items: object, *, text: str = "text") -> pl.DataFrame:
    """Return the words and the marks between them of each item's text, in code points.

    Parameters
    ----------
    items
        ITEMS with a column of texts; null has no words.
    text
        Name of that column.

    Returns
    -------
    tokens
        item_id, start, end: runs of letters, digits and underscores; any other character that is no space.

    Raises
    ------
    ColumnError
        If the column is missing or is no text.

    Examples
    --------
    >>> word_tokens({"item_id": ["a"], "text": ["Oh, no"]}).rows()
    [('a', 0, 2), ('a', 2, 3), ('a', 4, 6)]
    """
    what = "word_tokens()"
    frame = require(items, {"item_id": pl.String, text: pl.String}, what=what)
    found = [
        (item, match.start(), match.end())
        for item, each in frame.select("item_id", text).iter_rows()
        for match in _WORD.finditer(each or "")
    ]
    return pl.DataFrame(found, schema=_TOKENS, orient="row")


@dataclass(frozen=True, slots=True, eq=False)
class _Tokens:
    """Tokens sorted by item and start."""

    item: _Places
    start: _Places
    end: _Places


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The state that each annotator gave each token of the items they answered."""

    token: _Places
    annotator: _Places
    state: _Places
    counts: _Places


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """Log-confusions, transitions (first row: at the start of an item) and log-emissions of each token."""

    confusions: _Numbers
    transitions: _Numbers
    emissions: _Numbers
    log_likelihood: float
    n_iterations: int
    converged: bool


def _normalised(counts: _Numbers) -> _Numbers:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def _allowed(n_states: int) -> _Numbers:
    """Say which state may follow which; the first row is the start of an item.

    State 0 is outside, 2 k + 1 the beginning of label k and 2 k + 2 its inside.
    """
    allowed = np.ones((n_states + 1, n_states))
    allowed[:, 2::2] = 0
    for inside in range(2, n_states, 2):
        allowed[[inside, inside + 1], inside] = 1
    return allowed


def _tokens_of(tokens: object, marks: Marks, what: str) -> _Tokens:
    """Return the tokens of the items that were labeled."""
    whose = f"{what} tokens"
    if tokens is None:
        advice = "Pass tokens=word_tokens(items) for items with a text, or use SpanPieces, which needs none."
        raise ColumnError(whose, expected=f"a frame with {list(_TOKENS)}", found="None", advice=advice)
    frame = require(tokens, _TOKENS, what=whose).with_row_index("row")
    for row in (frame["start"].is_null() | (frame["end"] <= frame["start"]).fill_null(True)).arg_true()[:1]:
        found = f"{frame['start'][row]} to {frame['end'][row]}"
        raise ColumnError(whose, expected="an end after the start", found=found, row=row, column="end")
    places = pl.DataFrame({"item_id": marks.items, "item": np.arange(len(marks.items))})
    frame = frame.join(places, on="item_id").sort("item", "start", "end")
    lacking = np.setdiff1d(marks.item, frame["item"].to_numpy())
    if len(lacking):
        name = marks.items[int(lacking[0])]
        raise ColumnError(
            whose, expected="tokens of every item", found=f"none of {shorten(name)}", column="item_id"
        )
    return _Tokens(*(frame[name].to_numpy() for name in ("item", "start", "end")))


def _seen_states(marks: Marks, tokens: _Tokens) -> _Seen:
    """Give each token of each item that an annotator answered the state their spans put it in."""
    n_items = len(marks.items)
    starts = np.searchsorted(tokens.item, np.arange(n_items + 1))
    sizes = np.diff(starts)[marks.seen_item]
    offsets = np.cumsum(sizes) - sizes
    token = np.repeat(starts[marks.seen_item] - offsets, sizes) + np.arange(sizes.sum())
    state = np.zeros(len(token), dtype=np.int64)
    key = marks.seen_item * len(marks.annotators) + marks.seen_annotator
    seen = np.searchsorted(key, marks.item * len(marks.annotators) + marks.annotator)
    start, end = marks.numbers.astype(np.int64).T
    base = int(max(tokens.end.max(initial=0), end.max(initial=0))) + 1
    first = np.searchsorted(tokens.item * base + tokens.end, marks.item * base + start, side="right")
    last = np.searchsorted(tokens.item * base + tokens.start, marks.item * base + end, side="left")
    # Longest first, so that what is written last is the shortest span's.
    order = np.argsort(start - end, kind="stable")
    shift = offsets[seen] - starts[marks.item]
    run, place = runs((first + shift)[order], np.maximum(last - first, 0)[order])
    span = order[run]
    state[place] = 2 * marks.label[span] + 1 + (place > (first + shift)[span])
    annotator = np.repeat(marks.seen_annotator, sizes)
    return _Seen(token, annotator, state, np.bincount(annotator, minlength=len(marks.annotators)))


def _emissions(seen: _Seen, confusions: _Numbers, n_tokens: int) -> _Numbers:
    """Return the log-probability of what all said of each token in each state. Shape (n_tokens, n_states)."""
    sums = [
        grouped_sums(seen.token, confusions[seen.annotator, state, seen.state], n_tokens)
        for state in range(confusions.shape[1])
    ]
    return np.stack(sums, axis=1)


def _decoded(marks: Marks, tokens: _Tokens, chains: Chains, fitted: _Fitted, path: _Places) -> pl.DataFrame:
    """Return the spans of the likeliest sequences, each with its posterior probability."""
    begins = np.flatnonzero(path % 2 == 1)
    inside = (path > 0) & (path % 2 == 0)
    stops = np.flatnonzero(np.append(~inside, True))
    last = stops[np.searchsorted(stops, begins, side="right")] - 1
    posterior = posterior_of(chains, fitted.emissions, fitted.transitions)
    sure = _span_probabilities(posterior, tokens, path, begins, last)
    item = tokens.item[begins]
    n_seen = np.bincount(marks.seen_item, minlength=len(marks.items))
    spans = pl.DataFrame(
        {
            "item_id": marks.items.gather(item),
            "label": marks.categories.gather((path[begins] - 1) // 2),
            "start": tokens.start[begins],
            "end": tokens.end[last],
            "confidence": sure,
            "n_seen": n_seen[item],
        }
    )
    none = _outside_probabilities(posterior, chains)
    return with_empty_items(spans, marks, none).sort("item_id", "start", "end")


def _span_probabilities(
    posterior: Posterior, tokens: _Tokens, path: _Places, begins: _Places, last: _Places
) -> _Numbers:
    """Return the probability that a span begins, continues and ends where the path has it."""
    inside = np.flatnonzero((path > 0) & (path % 2 == 0))
    logs = np.zeros(len(path))
    with np.errstate(divide="ignore"):
        logs[inside] = np.log(posterior.step(inside, path[inside - 1], path[inside]))
    through = np.cumsum(logs)
    sure = posterior.marginal[begins, path[begins]] * np.exp(through[last] - through[begins])
    following = np.flatnonzero(np.append(tokens.item[1:] == tokens.item[:-1], False)[last])
    token, state = last[following] + 1, path[last[following]]
    sure[following] *= 1 - posterior.step(token, state, (path[begins[following]] + 1).astype(np.int64))
    return np.asarray(sure)


def _outside_probabilities(posterior: Posterior, chains: Chains) -> _Numbers:
    """Return the probability that an item has no span at all; 1 if it has no token. Shape (n_items,)."""
    source = np.zeros(chains.n_tokens, dtype=np.int64)
    source[chains.firsts] = -1
    step = posterior.step(np.arange(chains.n_tokens), source, np.zeros_like(source))
    with np.errstate(divide="ignore"):
        return np.exp(np.bincount(chains.item, np.log(step), chains.n_items))


def _state_tables(marks: Marks, fitted: _Fitted) -> dict[str, pl.DataFrame]:
    names = ["O"]
    for label in marks.categories.cast(pl.String).to_list():
        names += [f"B-{label}", f"I-{label}"]
    n, n_annotators = len(names), len(marks.annotators)
    transitions = pl.DataFrame(
        {
            "from": np.repeat(["start", *names], n),
            "to": np.tile(names, n + 1),
            "probability": fitted.transitions.ravel(),
        }
    )
    confusions = pl.DataFrame(
        {
            "annotator_id": marks.annotators.gather(np.repeat(np.arange(n_annotators), n * n)),
            "state": np.tile(np.repeat(names, n), n_annotators),
            "said": np.tile(names, n * n_annotators),
            "probability": np.exp(fitted.confusions).ravel(),
        }
    )
    return {"transitions": transitions, "confusions": confusions}
