"""Alpha for unitizing: the published examples, the definitions, and properties of the family."""

from __future__ import annotations

import json
import math
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import Agreement, Reason
from jupyter_annotate.agreement.unitizing import UnitizingKind, krippendorff_alpha_u
from jupyter_annotate.errors import ColumnError
from tests.agreement.span_frames import LENGTH, Row, Span, answers_of, frame, renamed, same, spans, texts

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "reference" / "spans_unitizing.json").read_text(encoding="utf-8")
)
FAMILY: list[UnitizingKind] = ["u", "|u", "cu"]
KINDS: list[UnitizingKind] = ["lengths", *FAMILY]
ITEMS = texts([f"item {n}" for n in "1234"])


def published(name: str, kind: UnitizingKind = "lengths", label: str | None = None) -> Agreement:
    """Return alpha of a published example."""
    example = PUBLISHED[name]
    rows = frame([("text", who, category, start, end) for who, category, start, end in example["units"]])
    low, high = example["extent"]
    items = {"item_id": ["text"], "start": [low], "end": [high]}
    return krippendorff_alpha_u(rows, kind, items=items, label=label, replicates=0)


def test_the_example_of_2004() -> None:
    """Krippendorff 2004, p. 254: .8591 in all, .7286 and 1 by label, rounded on the way as printed."""
    expected = PUBLISHED["krippendorff_2004_p254"]["expected"]

    assert published("krippendorff_2004_p254").value == pytest.approx(expected["total"], abs=0.0005)
    for label in "ck":
        assert published("krippendorff_2004_p254", label=label).value == pytest.approx(
            expected[label], abs=5e-5
        )


def test_the_example_of_2019() -> None:
    """Krippendorff 2019, figure 12.11, p. 340: all of it, units alone, labels alone, label by label."""
    name = "krippendorff_2019_p340"
    expected = PUBLISHED[name]["expected"]

    assert published(name, "u").value == pytest.approx(expected["u"], abs=5e-4)
    assert published(name, "|u").value == pytest.approx(expected["|u"], abs=1e-3)
    assert published(name, "cu").value == pytest.approx(expected["cu"], abs=5e-4)
    for label, value in expected["(k)u"].items():
        found = published(name, "(k)u", label).value
        assert found == pytest.approx(math.nan if value is None else value, abs=1e-9, nan_ok=True)


# --------------------------------------------------------------------------------- definitions


def tiles(units: list[Span]) -> list[tuple[int, int, int]]:
    """Return what lies on the line: begin, length, and 1 for a unit or 0 for a gap."""
    found, at = [], 0
    for _, start, end in sorted(units, key=lambda unit: unit[1]):
        found += [(at, start - at, 0)] if start > at else []
        found.append((start, end - start, 1))
        at = end
    return [*found, (at, LENGTH - at, 0)] if at < LENGTH else found


def distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """Square the distance of two tiles (Krippendorff 2004, p. 253)."""
    (b, length, v), (begin, size, w) = one, other
    if v and w and b < begin + size and begin < b + length:
        return (b - begin) ** 2 + (b + length - begin - size) ** 2
    if v and not w and begin <= b and b + length <= begin + size:
        return length**2
    if w and not v and b <= begin and begin + size <= b + length:
        return size**2
    return 0


def by_definition(rows: list[Row]) -> float:
    """Compute alpha tile by tile, items weighted by their length, which is the same here."""
    found = chance = 0.0
    for of in answers_of(rows).values():
        m = len(of)
        for label in {label for units in of.values() for label, _, _ in units}:
            lines = [tiles([unit for unit in units if unit[0] == label]) for units in of.values()]
            found += sum(
                distance(s, t) for one, other in permutations(lines, 2) for s in one for t in other
            ) / (m * (m - 1) * LENGTH**2)
            units = [length for line in lines for _, length, v in line if v]
            gaps = [length for line in lines for _, length, v in line if not v]
            total = sum(
                (len(units) - 1) / 3 * (2 * u**3 - 3 * u**2 + u)
                + u**2 * sum(g - u + 1 for g in gaps if g >= u)
                for u in units
            )
            places = m * LENGTH * (m * LENGTH - 1) - sum(u * (u - 1) for u in units)
            chance += 2 / LENGTH * total / places
    return 1 - found / chance if chance else math.nan


@settings(max_examples=50)
@given(rows=spans(apart=True))
def test_alpha_is_its_definition(rows: list[Row]) -> None:
    """It equals what all pairs of tiles and all lengths say, for many items and annotators."""
    found = krippendorff_alpha_u(frame(rows), items=ITEMS, replicates=0)

    assert found.value == pytest.approx(by_definition(rows), abs=1e-9, nan_ok=True)


def u_by_definition(rows: list[Row], *, merge: bool) -> float:
    """Compute the coefficient of 2016 character by character, gaps being a label."""
    equal = n = 0.0
    given_by: dict[str, int] = {}
    own: dict[str, int] = {}
    for of in answers_of(rows).values():
        lines = []
        for units in of.values():
            line = [""] * LENGTH
            for label, start, end in units:
                name = "unit" if merge else label
                line[start:end] = [name] * (end - start)
                own[name] = own.get(name, 0) + (end - start) ** 2
            own[""] = own.get("", 0) + line.count("")
            lines.append(line)
            for label in line:
                given_by[label] = given_by.get(label, 0) + 1
        n += len(lines) * LENGTH
        equal += sum(
            a == b for one, other in permutations(lines, 2) for a, b in zip(one, other, strict=True)
        ) / (len(lines) - 1)
    possible = n * n - sum(own.values())
    if possible <= 0:
        return math.nan
    expected = 1 - sum(given_by[c] ** 2 - own.get(c, 0) for c in given_by) / possible
    return float(1 - (1 - equal / n) / expected) if expected > 1e-12 else math.nan


@settings(max_examples=40)
@given(rows=spans(apart=True))
def test_the_family_is_its_definition(rows: list[Row]) -> None:
    """What all characters say is u and |u, with units staying apart in what chance may pair."""
    for kind in ("u", "|u"):
        found = krippendorff_alpha_u(frame(rows), kind, items=ITEMS, replicates=0)
        expected = u_by_definition(rows, merge=kind == "|u")
        assert found.value == pytest.approx(expected, abs=1e-9, nan_ok=True)


# ---------------------------------------------------------------------------------- invariance


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(rows=spans(apart=True), shuffle=st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(kind: UnitizingKind, rows: list[Row], shuffle: Random) -> None:
    """Other names give the same value and interval to rounding, another order to the last bit."""
    again = list(rows)
    shuffle.shuffle(again)
    other, name = renamed(rows, shuffle)
    elsewhere = texts([name(item) for item in sorted({row[0] for row in rows})])

    before, after, there = (
        krippendorff_alpha_u(frame(r), kind, items=items, level=0.9, replicates=40, seed=3)
        for r, items in ((rows, ITEMS), (again, ITEMS), (other, elsewhere))
    )

    assert same(before, after)
    assert there.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)
    assert there.interval == pytest.approx(before.interval, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(rows=spans(apart=True), shift=st.integers(1, 1000))
def test_moving_everything_changes_nothing(kind: UnitizingKind, rows: list[Row], shift: int) -> None:
    """Units and text moved along the line together agree as before."""
    labels = frame(rows)
    names = [str(item) for item in ITEMS["item_id"]]
    here = {"item_id": names, "start": [0] * 4, "end": [LENGTH] * 4}
    there = {"item_id": names, "start": [shift] * 4, "end": [LENGTH + shift] * 4}
    moved = labels.with_columns(pl.col("start", "end") + shift)

    before = krippendorff_alpha_u(labels, kind, items=here, replicates=0)
    after = krippendorff_alpha_u(moved, kind, items=there, replicates=0)

    assert after.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)


def random_units(n_items: int, seed: int) -> list[Row]:
    """Return units that two annotators place anywhere, one each in a hundred positions."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for item in range(n_items):
        for who in "ab":
            start = int(rng.integers(0, 90))
            rows.append((str(item), who, "xyz"[rng.integers(3)], start, start + 10))
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_agrees_perfectly_and_chance_does_not(kind: UnitizingKind) -> None:
    """A copied annotator has 1; units placed and labeled at random have about 0, within the interval."""
    rows = random_units(300, 1)
    copied = [row for row in rows if row[1] == "a"]
    copied += [(item, "b", label, start, end) for item, _, label, start, end in copied]
    items = texts([str(n) for n in range(300)], 100)

    copies = krippendorff_alpha_u(frame(copied), kind, items=items)
    chance = krippendorff_alpha_u(frame(rows), kind, items=items)

    assert copies.value == pytest.approx(1)
    assert copies.reason is Reason.ALIKE
    assert abs(chance.value) < 0.25
    assert chance.interval is not None


def test_labels_alone_do_not_see_boundaries() -> None:
    """Where units differ in place but not in label, cu is 1, and |u is what u is without labels."""
    rows: list[Row] = [
        ("1", "a", "x", 0, 5),
        ("1", "a", "y", 8, 12),
        ("1", "b", "x", 1, 6),
        ("1", "b", "y", 7, 12),
    ]
    one_label: list[Row] = [(i, a, "x", start, end) for i, a, _, start, end in rows]
    items = texts(["1"])

    cu, boundaries = (krippendorff_alpha_u(frame(rows), kind, items=items).value for kind in FAMILY[:0:-1])
    merged = krippendorff_alpha_u(frame(one_label), "u", items=items).value

    assert cu == pytest.approx(1)
    assert boundaries < 1
    assert boundaries == pytest.approx(merged)


def test_a_longer_text_makes_the_same_difference_smaller() -> None:
    """The same units in a longer text are harder to hit by chance, so that they agree better."""
    rows = frame([("1", "a", "x", 2, 6), ("1", "b", "x", 3, 7)])

    values = [krippendorff_alpha_u(rows, items=texts(["1"], length)).value for length in (8, 20, 200)]

    assert values == sorted(values)
    assert values[0] < values[2] < 1


# --------------------------------------------------------------------------------------- misuse


def test_overlapping_units_are_refused() -> None:
    """Units of one annotator and label may touch but not overlap; with other labels they may for lengths."""
    touching = frame([("1", "a", "x", 0, 3), ("1", "a", "x", 3, 6), ("1", "b", "x", 0, 6)])
    across = frame([("1", "a", "x", 0, 3), ("1", "a", "y", 2, 6), ("1", "b", "x", 0, 6)])
    within = frame([("1", "a", "x", 2, 6), ("1", "a", "x", 0, 3), ("1", "b", "x", 0, 6)])

    assert krippendorff_alpha_u(touching).n_labels == krippendorff_alpha_u(across).n_labels == 3
    with pytest.raises(
        ColumnError, match=r"row 0, column 'start': expected units of one annotator and label"
    ):
        krippendorff_alpha_u(within)
    with pytest.raises(ColumnError, match=r"row 1, column 'start': expected units of one annotator that"):
        krippendorff_alpha_u(across, "u")


def test_wrong_choices_are_refused() -> None:
    """A kind nobody knows, and one label without a label, are ValueErrors."""
    with pytest.raises(ValueError, match="Expected kind"):
        krippendorff_alpha_u(frame([]), "v")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Expected a label"):
        krippendorff_alpha_u(frame([]), "(k)u")
    with pytest.raises(ColumnError, match=r"expected one of the labels \['x'\], found label='w'"):
        krippendorff_alpha_u(frame([("1", "a", "x", 0, 1), ("1", "b", "x", 0, 1)]), "(k)u", label="w")
    assert krippendorff_alpha_u(frame([]), "(k)u", label="w").reason is Reason.NO_LABELS
