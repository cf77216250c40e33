"""Fixtures of the hub tests: they need Node for the proxy, and a browser."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.hub.hub import requires_proxy
from tests.ui.conftest import chromium

__all__ = ["chromium"]

_HERE = Path(__file__).parent
_TAIL = 3_000


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder: it needs a JupyterHub."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.hub)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what hub, servers and kernels said last."""
    report = yield
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if report.failed and call.when == "call" and isinstance(folder, Path):
        for log in sorted(folder.rglob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            if text:
                report.sections.append((f"{log.relative_to(folder)}", text[-_TAIL:]))
    return report


@pytest.fixture(autouse=True)
def _proxy_is_there() -> None:
    requires_proxy()
