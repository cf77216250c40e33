"""The packages we compare with are there, and compute with the same numpy as we do."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

_LIGHT = ["krippendorff", "nltk.metrics.agreement", "sklearn.metrics", "statsmodels.stats.inter_rater"]
_APART = ["crowdkit.aggregation", "irrCAC.raw", "pygamma_agreement"]


@pytest.mark.parametrize("name", _LIGHT)
def test_light_peers_are_extras_of_the_tests(name: str) -> None:
    """What is light and modest is installed wherever the tests are."""
    assert importlib.import_module(name).__name__ == name


@pytest.mark.peers
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", _APART)
def test_peers_apart_run_on_the_numpy_of_the_tests(name: str) -> None:
    """What pins old versions or brings much imports in .peers, beside our package and on its numpy."""
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert "/.peers/" in package.__file__
    assert "/.peers/" not in np.__file__
