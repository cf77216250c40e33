"""Names found in data lead nowhere but below their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.paths import inside


@pytest.mark.parametrize("name", ["a.png", "a/b/c.png", "./a", "a/../b", "é 数.png", "...", "a b"])
def test_names_below_the_folder_are_paths(tmp_path: Path, name: str) -> None:
    """An ordinary name is the path it says."""
    assert inside(tmp_path, name) == (tmp_path / name).resolve()


def test_an_absolute_name_below_the_folder_is_taken(tmp_path: Path) -> None:
    """A file manager gives absolute names; those that stay inside are fine."""
    assert inside(tmp_path, str(tmp_path / "a.png")) == (tmp_path / "a.png").resolve()


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../a",
        "a/../../b",
        "/etc/passwd",
        "C:\\a",
        "c:a",
        "\\\\host\\share\\a",
        "//host/share/../../../etc",
        "a\x00.png",
        "a\nb",
        "\x7f",
        "CON",
        "con.txt",
        "a/NUL.png",
        "aux .txt",
        "COM1",
        "lpt9.log",
    ],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    """Climbing, absolute, empty, drives, devices and control characters: each one clear error."""
    with pytest.raises(ExchangeError, match="expected"):
        inside(tmp_path, name)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """Links are followed before the check, also those on the way."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "outside")

    with pytest.raises(ExchangeError, match="found one outside"):
        inside(tmp_path / "inside", "link/a.png")


def test_a_folder_with_the_same_beginning_is_another(tmp_path: Path) -> None:
    """`data-private` does not lie below `data`."""
    with pytest.raises(ExchangeError, match="found one outside"):
        inside(tmp_path / "data", "../data-private/a")
