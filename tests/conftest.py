"""What every test folder shares: steady property tests, and the public data sets when they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run: a suite that fails now and then is read by nobody.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of public data sets, or skip: they are not part of the repository."""
    folder = Path(os.environ.get("JUPYTER_ANNOTATE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real data: set JUPYTER_ANNOTATE_REAL_DATA to the folder of public data sets")
    return folder
