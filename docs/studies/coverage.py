"""How often intervals of agreement hold the true value: a simulation with the functions of the package.

``python docs/studies/coverage.py`` writes docs/studies/coverage.csv and docs/figures/coverage.svg and prints
the table of docs/coverage.md; ``--data-sets 100`` is a quick look. A quarter of an hour on one core.
"""

from __future__ import annotations

import argparse
import itertools
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement import Agreement
from jupyter_annotate.agreement.estimate import measure
from jupyter_annotate.agreement.options import Settings
from jupyter_annotate.agreement.profiles import Profiles, profiles_of
from jupyter_annotate.agreement.recipes import recipe_named
from jupyter_annotate.agreement.sample import Sample
from jupyter_annotate.ratings import Ratings

DOCS = Path(__file__).parent.parent
COEFFICIENTS = ("krippendorff_alpha", "gwet_ac1")
ITEMS, ANNOTATORS = (20, 50, 100, 300, 1000), (2, 3, 5)
PREVALENCES, SKILLS = (0.5, 0.2, 0.05), (0.6, 0.75, 0.9)
LEVEL, DRAWS = 0.95, 1000


@dataclass(frozen=True)
class Cell:
    """A kind of data set: yes or no, by annotators who are right as often as each other.

    Parameters
    ----------
    items, annotators
        How many; every annotator labels every item.
    prevalence
        How many items are truly a yes.
    skill
        How often an annotator is right.
    """

    items: int
    annotators: int
    prevalence: float
    skill: float

    def shares(self) -> NDArray[np.float64]:
        """Return how probable 0, 1, ... times yes are for an item. Shape (annotators + 1,)."""
        k = self.annotators
        times = np.arange(k + 1)
        ways = np.array([math.comb(k, n) for n in times], dtype=np.float64)
        yes = ways * self.skill**times * (1 - self.skill) ** (k - times)
        return self.prevalence * yes + (1 - self.prevalence) * yes[::-1]


@dataclass(frozen=True)
class Covered:
    """What became of the intervals of a cell.

    Parameters
    ----------
    truth
        The value in endlessly many items.
    none
        Share of data sets without an interval.
    warned
        Share of the intervals that carry a warning.
    covered, covered_unwarned
        Share of the intervals, and of those without a warning, that hold the truth; nan where there are none.
    width
        Mean width of the intervals.
    """

    truth: float
    none: float
    warned: float
    covered: float
    covered_unwarned: float
    width: float


def kinds_of(annotators: int) -> Sample:
    """Return labels with one item of each kind: 0, 1, ... times yes."""
    n = annotators + 1
    item, annotator = np.indices((n, annotators), dtype=np.int32).reshape(2, -1)
    ratings = Ratings(
        items=pl.Series(range(n)),
        annotators=pl.Series(range(annotators)),
        categories=pl.Series(["no", "yes"]),
        item=item,
        annotator=annotator,
        # Sorted by item, then annotator.
        label=(annotator < item).astype(np.int32),
    )
    return Sample(ratings=ratings, said={})


def measured(coefficient: str, sample: Sample, counts: NDArray[np.int64], settings: Settings) -> Agreement:
    """Measure a data set with so many items of each kind. Shape of counts (annotators + 1,)."""
    recipe = recipe_named(coefficient)
    return measure(recipe, sample, settings, with_items(profiles_of(sample.ratings, single=True), counts))


def with_items(profiles: Profiles, counts: NDArray[np.int64]) -> Profiles:
    """Let each profile have so many items as there are of its kind."""
    items = np.zeros(len(profiles.items), dtype=np.int64)
    np.add.at(items, profiles.of_item, counts)
    return replace(profiles, items=items)


def cover(coefficient: str, cell: Cell, *, data_sets: int, seed: int) -> Covered:
    """Simulate data sets of a cell."""
    sample, shares = kinds_of(cell.annotators), cell.shares()
    endless = np.round(shares * 1e15).astype(np.int64)
    truth = measured(coefficient, sample, endless, Settings(replicates=0)).value
    drawn = np.random.default_rng(seed).multinomial(cell.items, shares, size=data_sets)
    # Small data sets often come out alike, and the same labels have the same interval.
    different, times = np.unique(drawn, axis=0, return_counts=True)
    kept = []
    for number, (counts, often) in enumerate(zip(different, times, strict=True)):
        # With one seed for all, what its draws happen to be would not average out.
        settings = Settings(level=LEVEL, replicates=DRAWS, seed=number)
        found = measured(coefficient, sample, counts, settings)
        if found.interval is not None:
            low, high = found.interval
            kept += [(low <= truth <= high, bool(found.warnings), high - low)] * int(often)
    holds, warned, width = (np.array(each, dtype=float) for each in zip(*kept, strict=True))
    unwarned = holds[warned == 0]
    return Covered(
        truth=truth,
        none=1 - len(kept) / data_sets,
        warned=float(warned.mean()),
        covered=float(holds.mean()),
        covered_unwarned=float(unwarned.mean()) if len(unwarned) else math.nan,
        width=float(width.mean()),
    )


def rows(data_sets: int) -> list[dict[str, object]]:
    """Simulate all cells, on two processors."""
    cells = [Cell(*facts) for facts in itertools.product(ITEMS, ANNOTATORS, PREVALENCES, SKILLS)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        work = partial(_row, data_sets=data_sets)
        return list(pool.map(work, itertools.product(COEFFICIENTS, enumerate(cells))))


def _row(of: tuple[str, tuple[int, Cell]], *, data_sets: int) -> dict[str, object]:
    coefficient, (number, cell) = of
    found = cover(coefficient, cell, data_sets=data_sets, seed=number)
    return {"coefficient": coefficient, **asdict(cell), **asdict(found)}


def picture(table: pl.DataFrame) -> str:
    """Draw the coverage of each cell by number of items: filled where most results carry no warning."""
    width, height, left, top = 300, 260, 44, 34
    floor, ceiling = 0.6, 1.0

    def place(items: int, step: float, covered: float) -> tuple[float, float]:
        x = left + (ITEMS.index(items) + 0.5 + step) * (width - left - 10) / len(ITEMS)
        return x, top + (ceiling - max(covered, floor)) / (ceiling - floor) * (height - top - 40)

    parts = []
    for panel, coefficient in enumerate(COEFFICIENTS):
        cells = table.filter(pl.col("coefficient") == coefficient)
        _, upper = place(20, 0, 0.97)
        _, lower = place(20, 0, 0.93)
        parts.append(
            f'<g transform="translate({panel * width} 0)"><text x="{left}" y="20">{coefficient}</text>'
        )
        parts.append(
            f'<rect x="{left}" y="{upper:.1f}" width="{width - left - 10}" height="{lower - upper:.1f}" '
            'fill="#cfe3f5"/>'
        )
        for tick in (0.6, 0.7, 0.8, 0.9, 0.95, 1.0):
            _, y = place(20, 0, tick)
            parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.0%}</text>')
        for items in ITEMS:
            x, _ = place(items, 0, 1)
            parts.append(f'<text x="{x:.1f}" y="{height - 18}" text-anchor="middle">{items}</text>')
            of_items = cells.filter(pl.col("items") == items)
            for at, (covered, warned) in enumerate(of_items.select("covered", "warned").iter_rows()):
                x, y = place(items, (at / (len(of_items) - 1) - 0.5) * 0.7, covered)
                fill = "none" if warned > 0.5 else "#1b5e9e"
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{fill}" stroke="#1b5e9e"/>')
        parts.append(f'<text x="{left}" y="{height - 2}">items; band: 93 to 97 %</text></g>')
    size = f'width="{width * len(COEFFICIENTS)}" height="{height}"'
    box = f'viewBox="0 0 {width * len(COEFFICIENTS)} {height}"'
    style = 'font-family="sans-serif" font-size="11" style="background:#fff"'
    title = "<title>Share of nominal 95 % intervals that hold the true value</title>"
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {style}>{title}\n{body}\n</svg>\n'


def summary(table: pl.DataFrame, data_sets: int) -> pl.DataFrame:
    """Sum up by coefficient and number of items; a cell is outside where noise cannot be why."""
    noise = 2 * math.sqrt(LEVEL * (1 - LEVEL) / data_sets)
    outside = (pl.col("covered") < 0.93 - noise) | (pl.col("covered") > 0.97 + noise)
    warned = pl.col("warned") > 0.5
    return table.group_by("coefficient", "items", maintain_order=True).agg(
        cells=pl.len(),
        lowest=pl.col("covered").min(),
        highest=pl.col("covered").max(),
        mostly_warned=warned.sum(),
        outside=outside.sum(),
        outside_and_not_warned=(outside & ~warned).sum(),
        lowest_not_warned=pl.col("covered").filter(~warned).min(),
        highest_not_warned=pl.col("covered").filter(~warned).max(),
    )


def main() -> None:
    """Simulate, write the table and the figure, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-sets", type=int, default=1500)
    chosen = parser.parse_args()
    table = pl.DataFrame(rows(chosen.data_sets))
    table.with_columns(pl.selectors.float().round(4)).write_csv(DOCS / "studies" / "coverage.csv")
    (DOCS / "figures" / "coverage.svg").write_text(picture(table), encoding="utf-8")
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=200):
        print(summary(table, chosen.data_sets))


if __name__ == "__main__":
    main()
