"""Gamma: known values, exact alignments, invariance, chance, and what happens where nothing can be said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import Reason
from jupyter_annotate.agreement.gamma import gamma, gamma_cat
from jupyter_annotate.agreement.gamma_alignment import best_alignment
from jupyter_annotate.agreement.gamma_units import CHANCE, Continua, Dissimilarity, found_continua
from jupyter_annotate.agreement.span_extents import Extents
from jupyter_annotate.agreement.span_marks import spans_of
from jupyter_annotate.agreement.span_matching import heaviest_packing
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.extras import need_scipy
from tests.agreement.span_frames import LENGTH, Row, frame, renamed, same, spans, texts

KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "reference" / "spans_gamma.json").read_text(encoding="utf-8")
)
NAMES = [name for name in KNOWN if name != "source"]
Unit = tuple[int, int, int, str]


def known(name: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the spans of an example, and what is known of them."""
    table = dict(KNOWN[name])
    expected = table.pop("expected")
    return pl.DataFrame(table).with_columns(item_id=pl.lit("text")), expected


# ------------------------------------------------------------------------------ known examples


@pytest.mark.parametrize("name", NAMES)
def test_known_disorders(name: str) -> None:
    """The least disorder is the known one, and so is the number of unitary alignments that have it."""
    labels, expected = known(name)
    marks = spans_of(labels, what="test", whole=False)
    (alignment,) = list(best_alignment(found_continua(marks), Dissimilarity()))

    found = gamma(labels, n_samples=2, replicates=0)

    assert found.details["observed_disorder"] == pytest.approx(expected["disorder"], abs=5e-6)
    aligned = (alignment.units >= 0).sum(axis=1)
    assert len(marks.label) - (aligned - 1).sum() == expected["alignments"]


@pytest.mark.parametrize("name", NAMES)
def test_known_gammas(name: str) -> None:
    """Gamma, gamma-cat and gamma-k lie where those of pygamma-agreement do, with its way to make chance.

    The ranges are those of its tests, for one seed; gamma-k may differ by another hundredth.
    """
    labels, expected = known(name)
    how = {"chance": expected["chance"], "n_samples": 200 if len(labels) < 100 else 15, "replicates": 0}

    low, high = expected["gamma"]
    assert low <= gamma(labels, **how).value <= high
    low, high = expected["gamma_cat"]
    assert low <= gamma_cat(labels, unaligned=True, **how).value <= high
    for label, (low, high) in expected["gamma_k"].items():
        assert low - 0.01 <= gamma_cat(labels, label=label, unaligned=True, **how).value <= high + 0.01


# ----------------------------------------------------------------------------- exact alignment


def partitions(units: Sequence[Unit]) -> Iterator[list[list[Unit]]]:
    """Yield every way to group units, with at most one of each annotator in a group."""
    if not units:
        yield []
        return
    first, *others = units
    for groups in partitions(others):
        yield [[first], *groups]
        for place, group in enumerate(groups):
            if all(first[0] != unit[0] for unit in group):
                yield [*groups[:place], [first, *group], *groups[place + 1 :]]


def disorder(group: Sequence[Unit], n: int, far: Dissimilarity) -> float:
    """Compute the disorder of a unitary alignment by its definition (Mathet et al. 2015, section 4.4)."""
    total = 0.0
    for place, (_, start, end, label) in enumerate(group):
        for _, begin, stop, other in group[:place]:
            apart = (abs(start - begin) + abs(end - stop)) / (end - start + stop - begin)
            total += far.delta * (far.alpha * apart**2 + far.beta * (label != other))
    pairs = n * (n - 1) // 2
    return (total + far.delta * (pairs - len(group) * (len(group) - 1) // 2)) / pairs


def continuum(units: Sequence[Unit], n: int) -> Continua:
    """Return units as one continuum."""
    units = sorted(units)
    return Continua(
        continuum=np.zeros(len(units), dtype=np.int64),
        annotator=np.array([u[0] for u in units], dtype=np.int64),
        label=np.array(["xyz".index(u[3]) for u in units], dtype=np.int64),
        start=np.array([u[1] for u in units], dtype=float),
        end=np.array([u[2] for u in units], dtype=float),
        annotators=np.array([n]),
    )


@st.composite
def few_units(draw: st.DrawFn) -> tuple[list[Unit], int]:
    """Draw up to seven units of two to four annotators, crowded enough to compete for each other."""
    n = draw(st.integers(2, 4))
    drawn = draw(
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, 12), st.integers(1, 12), st.sampled_from("xyz")),
            min_size=1,
            max_size=7,
            unique=True,
        )
    )
    return [(who, start, start + size, label) for who, start, size, label in drawn], n


@settings(max_examples=50)
@given(
    drawn=few_units(),
    far=st.builds(
        Dissimilarity,
        alpha=st.sampled_from([0.5, 1.0, 3.0]),
        beta=st.sampled_from([0.0, 1.0, 2.5]),
        delta=st.sampled_from([0.5, 1.0]),
    ),
)
def test_no_alignment_is_better(drawn: tuple[list[Unit], int], far: Dissimilarity) -> None:
    """The disorder found is the least of all alignments there are, whatever the weights."""
    units, n = drawn
    best = min(sum(disorder(group, n, far) for group in groups) for groups in partitions(units))

    saved = sum(found.saved.sum() for found in best_alignment(continuum(units, n), far))

    assert len(units) * far.delta - saved == pytest.approx(best, abs=1e-6)


def test_knots_go_to_a_solver() -> None:
    """Groups of which none is certain are packed as well as trying all of them does."""
    rng = np.random.default_rng(7)
    for columns in (2, 3):
        for _ in range(8):
            members = np.unique(rng.integers(0, 4, (11, columns)), axis=0) + 4 * np.arange(columns)
            gain = rng.random(len(members)) * 0.2 + 1
            best, n = 0.0, len(members)
            for chosen in range(2**n):
                rows = [row for row in range(n) if chosen >> row & 1]
                used = members[rows].ravel()
                if len(np.unique(used)) == len(used):
                    best = max(best, gain[rows].sum())

            found = heaviest_packing(members, gain, purpose="This test")

            assert len(np.unique(members[found])) == members[found].size
            assert gain[found].sum() == pytest.approx(best, abs=1e-9)


def test_many_knots_at_once() -> None:
    """Thousands of pairs that all compete are matched as one dense assignment matches them."""
    rng = np.random.default_rng(11)
    start = rng.uniform(0, 900, 600)
    length = rng.uniform(5, 40, 600)
    who = np.repeat([0, 1], 300)
    units = Continua(who * 0, who, rng.integers(0, 2, 600), start, start + length, np.array([2]))
    far = Dissimilarity()
    left, right = (each.ravel() for each in np.meshgrid(np.arange(300), np.arange(300, 600), indexing="ij"))
    gain = np.maximum(2 - far.between(units, left, right), 0).reshape(300, 300)

    saved = sum(found.saved.sum() for found in best_alignment(units, far))

    assert saved == pytest.approx(
        gain[need_scipy("optimize", purpose="This test").linear_sum_assignment(-gain)].sum(), abs=1e-6
    )


# ---------------------------------------------------------------------------------- invariance


@settings(max_examples=20)
@given(rows=spans(), shuffle=st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(rows: list[Row], shuffle: Random) -> None:
    """Other names of items, annotators and labels, and rows in another order, give the same gamma."""
    again = list(rows)
    shuffle.shuffle(again)
    other, _ = renamed(rows, shuffle)

    before, after, elsewhere = (
        gamma(frame(r), n_samples=4, level=0.9, replicates=40, seed=3) for r in (rows, again, other)
    )

    assert same(before, after)
    assert elsewhere.details["observed_disorder"] == pytest.approx(before.details["observed_disorder"])
    assert elsewhere.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(rows=spans(), shift=st.integers(-500, 500), scale=st.sampled_from([0.001, 0.5, 60]))
def test_moving_and_scaling_change_no_disorder(rows: list[Row], shift: int, scale: float) -> None:
    """Spans moved along the line or measured in another unit are as far apart as before."""
    labels = frame(rows)
    moved = labels.with_columns((pl.col("start", "end") + shift) * scale)

    before, after = (gamma(each, n_samples=2, replicates=0) for each in (labels, moved))

    assert after.details["observed_disorder"] == pytest.approx(before.details["observed_disorder"], abs=1e-6)


def test_delta_is_a_scale() -> None:
    """Delta multiplies both disorders, so that gamma stays; alpha and beta weigh place against label."""
    labels, _ = known("AlexPaulSuzan")
    one, two, label_only = (
        gamma(labels, alpha=alpha, delta=delta, seed=5, replicates=0)
        for alpha, delta in ((3, 1), (3, 2), (0.01, 1))
    )

    assert two.details["observed_disorder"] == pytest.approx(2 * one.details["observed_disorder"])
    assert two.value == pytest.approx(one.value)
    assert label_only.details["observed_disorder"] < one.details["observed_disorder"]


# -------------------------------------------------------------------------------------- chance


def random_spans(n_items: int, seed: int, *, copy: bool = False) -> list[Row]:
    """Return spans that two annotators place anywhere in a hundred positions, or copy from each other."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for item in range(n_items):
        for who in "ab":
            starts = rng.choice(92, 3, replace=False).tolist()
            rows += [(str(item), who, "xyz"[rng.integers(3)], start, start + 8) for start in starts]
    if copy:
        rows = [row for row in rows if row[1] == "a"]
        rows += [(item, "b", label, start, end) for item, _, label, start, end in rows]
    return rows


def test_a_copy_agrees_perfectly_and_chance_does_not() -> None:
    """A copied annotator has gamma 1; spans at random have about 0, and the interval over items holds it."""
    items = texts([str(n) for n in range(60)], 100)

    copies = gamma(frame(random_spans(60, 1, copy=True)), items=items)
    chance = gamma(frame(random_spans(60, 1)), items=items)
    labels_by_chance = gamma_cat(frame(random_spans(60, 1)), items=items)

    assert (copies.value, copies.details["observed_disorder"]) == (1, 0)
    assert copies.reason is Reason.ALIKE
    assert abs(chance.value) < 0.1
    assert chance.interval is not None
    assert chance.interval[0] < 0.05 < chance.interval[1] + 0.1
    assert labels_by_chance.interval is not None
    assert labels_by_chance.interval[0] < 0 < labels_by_chance.interval[1]


def test_items_count_by_their_spans() -> None:
    """Of several items the disorder is that of all spans, as if texts stood apart on one line."""
    labels, _ = known("AlexPaulSuzan")
    twice = pl.concat([labels, labels.with_columns(item_id=pl.lit("again"))])

    one, two = (gamma(each, n_samples=100, replicates=0) for each in (labels, twice))

    assert two.details["observed_disorder"] == pytest.approx(one.details["observed_disorder"])
    assert two.value == pytest.approx(one.value, abs=0.03)
    assert (two.n_items, two.n_labels) == (2, 32)


def test_more_are_drawn_until_chance_is_known_well_enough() -> None:
    """With a precision, the number of random annotations is what their spread asks for, and no less."""
    labels, _ = known("AlexPaulSuzan")

    plain, precise = (gamma(labels, precision=p, n_samples=10, replicates=0) for p in (None, 0.01))

    assert plain.details["samples"] == 10
    assert precise.details["samples"] > 40
    assert precise.details["error"] < 0.015 < plain.details["error"]


def test_chance_repeats_with_its_seed() -> None:
    """The same seed gives the same gamma to the last bit, another one another, and they differ little."""
    labels, _ = known("AlexPaulSuzan")
    one, again, other = (gamma(labels, seed=seed, n_samples=100, replicates=0).value for seed in (1, 1, 2))

    assert one == again != other
    assert other == pytest.approx(one, abs=0.05)


@pytest.mark.parametrize("chance", CHANCE)
def test_random_annotations_are_like_those_found(chance: str) -> None:
    """Shuffled annotations keep lengths and labels and start within the item; drawn ones are like them."""
    labels, _ = known("3by100")
    found = found_continua(spans_of(labels, what="test", whole=False))
    extents = Extents(np.array([0.0]), np.array([found.end.max()]))
    rng = np.random.default_rng(4)

    drawn = [CHANCE[chance](found, extents, rng) for _ in range(40)]

    lengths = np.concatenate([each.end - each.start for each in drawn])
    assert lengths.mean() == pytest.approx((found.end - found.start).mean(), rel=0.1)
    assert np.mean([len(each.label) for each in drawn]) == pytest.approx(len(found.label), rel=0.05)
    assert {label for each in drawn for label in each.label} == set(found.label)
    if chance == "shuffle":
        starts = np.concatenate([each.start for each in drawn])
        assert 0 <= starts.min() < starts.max() < found.end.max()
        assert all(
            np.isin(np.round(each.end - each.start, 6), np.round(found.end - found.start, 6)).all()
            for each in drawn
        )


def test_shuffled_annotations_keep_their_distance() -> None:
    """Copies of one annotation are shifted apart by half a unit at least wherever the item has room."""
    rows = frame([("1", who, "x", 40, 60) for who in "abc"])
    found = found_continua(spans_of(rows, what="test"))
    rng = np.random.default_rng(4)

    for _ in range(200):
        start = np.sort(CHANCE["shuffle"](found, Extents(np.array([0]), np.array([100])), rng).start)
        assert np.diff(np.append(start, start[0] + 100)).min() >= 10 - 1e-9


# --------------------------------------------------------------- what was not found, and misuse


def test_nothing_found_is_disorder_and_not_seen_is_not() -> None:
    """An annotator who found nothing leaves the others' spans alone; one without a row is not asked."""
    rows: list[Row] = [("1", "a", "x", 0, 5), ("1", "b", "x", 0, 5)]
    items = texts(["1"], 50)

    both = gamma(frame(rows), items=items)
    empty = gamma(frame([*rows, ("1", "c", None, None, None)]), items=items)

    assert both.details["observed_disorder"] == 0
    assert empty.details["observed_disorder"] == pytest.approx(1)  # (0 + 1 + 1) / 3 over 2/3 of a span each
    assert both.value == 1 > empty.value


def test_items_without_a_span_say_nothing() -> None:
    """An item that all left empty has no disorder, found or by chance, and is counted."""
    rows = random_spans(5, 2)
    items = texts([*"01234", "empty"], 100)
    empty: list[Row] = [("empty", who, None, None, None) for who in "ab"]

    before, after = (
        gamma(frame(r), items=items, n_samples=200, replicates=0) for r in (rows, [*rows, *empty])
    )

    assert after.details["observed_disorder"] == before.details["observed_disorder"]
    assert after.details["expected_disorder"] == pytest.approx(before.details["expected_disorder"], rel=0.05)
    assert (after.details["empty_items"], before.details["empty_items"]) == (1, 0)


def test_gamma_cat_asks_only_what_is_aligned() -> None:
    """Spans without a partner do not lower gamma-cat unless asked to; without aligned it is undefined."""
    rows: list[Row] = [("1", who, label, at, at + 10) for who in "ab" for label, at in (("x", 0), ("y", 40))]
    alone: list[Row] = [*rows, ("1", "a", "x", 80, 90)]
    apart: list[Row] = [("1", "a", "x", 0, 2), ("1", "b", "y", 90, 92)]
    items = texts(["1"], 100)

    assert gamma_cat(frame(alone), items=items).value == 1
    assert gamma_cat(frame(alone), items=items, unaligned=True).value < 1
    assert gamma_cat(frame(apart), items=items).reason is Reason.NO_MATCHES


def test_one_label_leaves_gamma_cat_undefined() -> None:
    """If all spans have one label, chance would agree on it as well; gamma sees their places all the same."""
    rows = [(i, a, "x", start, end) for i, a, _, start, end in random_spans(3, 5)]
    items = texts(list("012"), 100)

    found = gamma_cat(frame(rows), items=items)

    assert math.isnan(found.value)
    assert found.reason is Reason.NO_VARIATION
    assert not math.isnan(gamma(frame(rows), items=items).value)


def test_a_label_nobody_used_is_refused() -> None:
    """Gamma-k of an unknown label names those there are."""
    with pytest.raises(ColumnError, match=r"expected one of the labels \['x'\], found label='w'"):
        gamma_cat(frame([("1", "a", "x", 0, 3), ("1", "b", "x", 0, 2)]), label="w")


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 0}, {"beta": -1}, {"delta": math.nan}, {"n_samples": 1}, {"precision": 2}, {"chance": "luck"}],
    ids=str,
)
def test_wrong_choices_are_refused(wrong: dict[str, Any]) -> None:
    """Weights below 0, too few random annotations and unknown ways to draw them are ValueErrors."""
    with pytest.raises(ValueError, match=f"Expected {next(iter(wrong))}"):
        gamma(frame([("1", "a", "x", 0, LENGTH), ("1", "b", "x", 0, 2)]), **wrong)


def test_many_items_are_aligned_in_parts() -> None:
    """Thousands of texts whose units do not fit at once give the sum of what each gives alone."""
    rng = np.random.default_rng(3)
    units, n = 12, 4
    one = [
        (who, 10 * place, 10 * place + int(rng.integers(4, 9)), "x") for who in range(n) for place in range(3)
    ]
    single = continuum(one, n)
    many = Continua(
        continuum=np.repeat(np.arange(900), units),
        annotator=np.tile(single.annotator, 900),
        label=np.tile(single.label, 900),
        start=np.tile(single.start, 900),
        end=np.tile(single.end, 900),
        annotators=np.full(900, n),
    )

    alone = sum(found.saved.sum() for found in best_alignment(single, Dissimilarity()))
    parts = list(best_alignment(many, Dissimilarity()))

    assert len(parts) > 1
    assert sum(found.saved.sum() for found in parts) == pytest.approx(900 * alone)
