"""Span sequences: forward and backward sums by brute force, better spans, invariance, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.chains import chains_of, likeliest_states, posterior_of
from jupyter_annotate.aggregation.span_consensus import SpanPieces
from jupyter_annotate.aggregation.span_sequence import SpanSequence, word_tokens
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return spans; a row that ends after the annotator says that nothing was found."""
    schema = {
        "item_id": pl.String,
        "annotator_id": pl.String,
        "label": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
    }
    return pl.DataFrame([(*row, *[None] * (5 - len(row))) for row in rows], schema=schema, orient="row")


def words(n_items: int, n_words: int) -> pl.DataFrame:
    """Return tokens of five code points each."""
    rows = [(f"i{item:03d}", 5 * k, 5 * k + 4) for item in range(n_items) for k in range(n_words)]
    return pl.DataFrame(rows, schema=["item_id", "start", "end"], orient="row")


def simulated(n: int, *, seed: int) -> tuple[pl.DataFrame, set[tuple[str, str, int, int]]]:
    """Return spans by twelve annotators, four of them careless, four on each item, and the true spans."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    truth = set()
    for item in range(n):
        starts = rng.choice([0, 4, 8], 2, replace=False).tolist()
        real = [(str(rng.choice(["per", "org"])), s, s + int(rng.integers(1, 4))) for s in starts]
        truth |= {(f"i{item:03d}", name, 5 * a, 5 * b - 1) for name, a, b in real}
        for who in rng.choice(12, 4, replace=False).tolist():
            bad = who < 4
            drawn = []
            for name, a, b in real:
                if rng.random() < (0.5 if bad else 0.1):
                    continue
                cut = int(b - a > 1 and rng.random() < (0.4 if bad else 0.1))
                other = {"per": "org", "org": "per"}[name] if rng.random() < (0.4 if bad else 0.03) else name
                drawn.append((other, 5 * (a + cut), 5 * b - 1))
            rows += [(f"i{item:03d}", f"w{who:02d}", *span) for span in drawn] or [
                (f"i{item:03d}", f"w{who:02d}")
            ]
    return frame(rows), truth


def f1(found: pl.DataFrame, truth: set[tuple[str, str, int, int]]) -> float:
    """Return the F1 of exact spans."""
    spans = set(found.drop_nulls("label").select("item_id", "label", "start", "end").rows())
    return 2 * len(spans & truth) / (len(spans) + len(truth))


def chance(rng: np.random.Generator, n_states: int) -> np.ndarray:
    """Return transitions, some of them impossible."""
    table = rng.random((n_states + 1, n_states)) + 0.05
    table[0, 2] = table[1, 2] = 0
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def test_sums_and_best_paths_are_those_over_all_sequences() -> None:
    """Likelihood, marginals, steps and best path of short chains equal those over every sequence."""
    rng = np.random.default_rng(1)
    lengths, n_states = [3, 0, 5, 1], 3
    item = np.repeat(np.arange(4), lengths)
    emissions, transitions = rng.normal(size=(9, n_states)), chance(rng, n_states)
    chains = chains_of(item, 4)
    found = posterior_of(chains, emissions, transitions)
    path = likeliest_states(chains, emissions, transitions)

    total, follows = 0.0, np.zeros((n_states, n_states))
    for number in (0, 2, 3):
        rows = np.flatnonzero(item == number)
        weights = {}
        for states in itertools.product(range(n_states), repeat=len(rows)):
            steps = [
                transitions[a, b] for a, b in zip((0, *[s + 1 for s in states[:-1]]), states, strict=True)
            ]
            weights[states] = float(np.prod(steps) * np.exp(emissions[rows, list(states)].sum()))
        whole = sum(weights.values())
        total += np.log(whole)
        marginal = np.zeros((len(rows), n_states))
        for states, weight in weights.items():
            marginal[range(len(rows)), list(states)] += weight / whole
            for a, b in itertools.pairwise(states):
                follows[a, b] += weight / whole
        assert found.marginal[rows] == pytest.approx(marginal)
        assert tuple(path[rows]) == max(weights, key=weights.__getitem__)
    assert found.log_likelihood == pytest.approx(total)
    assert found.follows(chains) == pytest.approx(follows)


def test_confidence_is_the_probability_of_the_span() -> None:
    """It is the share of all sequences, by the fitted probabilities, that hold exactly this span."""
    rows = [("i000", "ada", "per", 0, 9), ("i000", "bob", "per", 5, 9), ("i000", "eve", "per", 0, 14)]
    rows += [("i001", who, "per", 10, 14) for who in ("ada", "bob")] + [("i001", "eve", "per", 0, 4)]
    model = SpanSequence(max_iterations=3).fit(frame(rows), tokens=words(2, 4))
    step = {(a, b): p for a, b, p in model.transitions_.iter_rows()}
    said = {key: p for *key_, p in model.confusions_.iter_rows() for key in [tuple(key_)]}

    for item, label, start, end, confidence, _ in model.consensus_.iter_rows():
        given = {
            who: ["O" if not a <= 5 * k < b else "B-per" if a == 5 * k else "I-per" for k in range(4)]
            for name, who, _, a, b in rows
            if name == item
        }
        span = [5 * k for k in range(4) if start <= 5 * k < end]
        total = exact = 0.0
        for states in itertools.product(["O", "B-per", "I-per"], repeat=4):
            weight = np.prod([step[pair] for pair in itertools.pairwise(("start", *states))])
            weight *= np.prod(
                [said[who, s, g] for who, each in given.items() for s, g in zip(states, each, strict=True)]
            )
            total += weight
            first, after = span[0] // 5, span[-1] // 5 + 1
            holds = states[first:after] == ("B-per", *["I-per"] * (len(span) - 1))
            exact += weight * (holds and states[after : after + 1] != ("I-per",))
        assert (label, confidence) == ("per", pytest.approx(exact / total))


def test_spans_are_better_than_those_of_votes() -> None:
    """Sequences get more spans exactly right than votes on pieces, and the likelihood rises to a stop."""
    labels, truth = simulated(150, seed=3)
    model = SpanSequence().fit(labels, tokens=words(150, 12))

    assert f1(model.consensus_, truth) > f1(SpanPieces().fit_predict(labels), truth) + 0.1
    assert f1(model.consensus_, truth) > 0.85
    assert model.converged_
    skill = model.annotators_.sort("annotator_id")["skill"]
    assert skill[:4].max() < skill[4:].min()  # type: ignore[operator]


def test_more_steps_are_likelier() -> None:
    """With hardly any smoothing the log-likelihood never falls from step to step."""
    labels, _ = simulated(60, seed=4)
    tokens = words(60, 12)

    heights = [
        SpanSequence(smoothing=1e-9, max_iterations=steps, tolerance=0)
        .fit(labels, tokens=tokens)
        .log_likelihood_
        for steps in range(1, 9)
    ]

    # The two hundredths of a count in each transition are outside of the likelihood.
    assert np.diff(heights).min() > -0.05
    assert heights[-1] > heights[0] + 10


def test_names_and_order_of_rows_change_nothing() -> None:
    """Shuffled rows give the same bits; renamed items, annotators and labels the same under their names."""
    labels, _ = simulated(40, seed=5)
    tokens = words(40, 12)
    plain = SpanSequence().fit(labels, tokens=tokens)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "label")}
    other = SpanSequence().fit(renamed(labels, new), tokens=renamed(tokens, {"item_id": new["item_id"]}))
    expected = renamed(plain.consensus_, {name: new[name] for name in ("item_id", "label")})

    assert plain.consensus_.equals(SpanSequence().fit_predict(shuffled(labels), tokens=shuffled(tokens)))
    assert close(expected, other.consensus_, by=["item_id", "start"], within=1e-6)
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
        within=1e-6,
    )


def test_the_same_spans_of_new_items_change_little() -> None:
    """With every item a second time the same spans are found."""
    labels, _ = simulated(60, seed=6)
    tokens = words(60, 12)
    plain = SpanSequence().fit_predict(labels, tokens=tokens)
    twice = SpanSequence().fit_predict(doubled(labels), tokens=doubled(tokens))

    kept = set(twice.filter(~pl.col("item_id").str.ends_with("again")).drop("confidence").rows())
    before = set(plain.drop("confidence").rows())
    assert len(kept & before) >= 0.97 * len(before)


def test_items_that_say_little_have_a_result() -> None:
    """One annotator is believed; items without spans keep a row, also those without tokens."""
    rows = [("i000", "ada", "per", 0, 9), ("i001", "ada"), ("i002", "ada")]

    found = SpanSequence().fit_predict(frame(rows), tokens=words(2, 3))

    assert found.select("item_id", "label", "start", "end").rows() == [
        ("i000", "per", 0, 9),
        ("i001", None, None, None),
        ("i002", None, None, None),
    ]
    assert SpanSequence().fit_predict(frame([]), tokens=words(0, 0)).is_empty()


def test_a_span_covers_the_tokens_it_touches() -> None:
    """A span from the middle of a word to the middle of another becomes both words."""
    rows = [("i000", who, "per", 7, 12) for who in ("ada", "bob", "eve")]

    found = SpanSequence().fit_predict(frame(rows), tokens=words(1, 5))

    assert found.select("start", "end").rows() == [(5, 14)]


def test_transitions_hold_only_whole_spans() -> None:
    """A span is continued only by its own label, and every state's probabilities sum to 1."""
    labels, _ = simulated(30, seed=7)
    table = SpanSequence().fit(labels, tokens=words(30, 12)).transitions_

    broken = table.filter(
        pl.col("to").str.starts_with("I-") & (pl.col("from").str.slice(2) != pl.col("to").str.slice(2))
    )
    assert broken["probability"].max() == 0
    assert table.group_by("from").agg(pl.col("probability").sum())["probability"].to_list() == pytest.approx(
        [1.0] * 6
    )


def test_words_are_found_in_code_points() -> None:
    """Words, marks and emoji have offsets in code points; null has none."""
    items = {"item_id": ["a", "b"], "text": ["\U0001f600 naïve-ly", None]}

    assert word_tokens(items).rows() == [("a", 0, 1), ("a", 2, 7), ("a", 7, 8), ("a", 8, 10)]


def test_tokens_are_needed() -> None:
    """No tokens, none of an item that has spans, and tokens that end before they start are refused."""
    labels = frame([("i000", "ada", "per", 0, 9)])

    with pytest.raises(ColumnError, match="word_tokens"):
        SpanSequence().fit(labels)
    with pytest.raises(ColumnError, match="tokens of every item"):
        SpanSequence().fit(labels, tokens=words(0, 0))
    with pytest.raises(ColumnError) as caught:
        SpanSequence().fit(labels, tokens=words(1, 2).with_columns(end=pl.col("start")))
    assert (caught.value.row, caught.value.column) == (0, "end")


def test_wrong_parameters_are_refused() -> None:
    """No smoothing is a ValueError, as an annotator without labels would have no confusions."""
    with pytest.raises(ValueError, match="smoothing"):
        SpanSequence(smoothing=0)
