"""Fixtures of the hub tests: they need Node for the proxy, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.hub import requires_proxy
from tests.ui.conftest import chromium

__all__ = ["chromium"]

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder: it needs a JupyterHub."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.hub)


@pytest.fixture(autouse=True)
def proxy_is_there() -> None:
    """Leave the test out without configurable-http-proxy."""
    requires_proxy()


@pytest.fixture
def hub_folder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a folder for logs; when the test fails their last lines are part of its report."""
    yield tmp_path
    report = getattr(request.node, "call_failed", False)
    if report:
        for log in sorted(tmp_path.rglob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            print(f"--- {log.relative_to(tmp_path)}\n{text[-3000:]}")  # noqa: T201 -- shown when it fails


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the fixtures whether the test failed."""
    report = yield
    return report
