"""Intervals hold the true value as often as they say, or say that they may not (docs/coverage.md)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

STUDY = Path(__file__).parents[2] / "docs" / "studies" / "coverage.py"


@pytest.fixture(scope="module")
def study() -> ModuleType:
    """Load the simulation of docs/studies."""
    spec = importlib.util.spec_from_file_location("coverage_study", STUDY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        # Its dataclasses look their module up while they are made.
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("coefficient", "cell"),
    [
        ("krippendorff_alpha", (50, 2, 0.5, 0.75)),
        ("krippendorff_alpha", (100, 3, 0.2, 0.9)),
        ("krippendorff_alpha", (300, 5, 0.05, 0.9)),
        ("gwet_ac1", (50, 3, 0.05, 0.75)),
    ],
)
def test_intervals_hold_as_often_as_they_say(
    study: ModuleType, coefficient: str, cell: tuple[int, int, float, float]
) -> None:
    """Nominal 95 % intervals without a warning hold the true value in 93 to 97 % of 500 data sets."""
    found = study.cover(coefficient, study.Cell(*cell), data_sets=500, seed=1)
    assert found.none == 0
    assert found.warned < 0.1
    assert 0.93 <= found.covered <= 0.97


@pytest.mark.parametrize("cell", [(20, 2, 0.05, 0.9), (50, 5, 0.05, 0.9)])
def test_intervals_that_fall_short_say_so(study: ModuleType, cell: tuple[int, int, float, float]) -> None:
    """With a handful of items of the rare label no interval holds, and nearly every result warns of it."""
    found = study.cover("krippendorff_alpha", study.Cell(*cell), data_sets=200, seed=1)
    assert found.covered < 0.93
    assert found.warned > 0.95
