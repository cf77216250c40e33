"""What users get: the wheel, and what installing it does to an environment that is already there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Environments people have: the newest of everything, and the oldest our lower bounds promise to work with.
ENVIRONMENTS = {
    "newest": ("jupyterlab", "notebook", "ipywidgets", "pandas"),
    "oldest": (
        "jupyterlab==4.4.0",
        "notebook==7.4.0",
        "anywidget==0.9.18",
        "ipyevents==2.0.2",
        "ipywidgets==8.0.0",
        "numpy==1.26.4",
        "pandas==2.2.0",
        "polars==2.0.0",
        "traitlets==5.9.0",
    ),
}


def pip(python: Path | str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pip of an interpreter."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | environment
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel on a path that holds no Node."""
    folder = tmp_path_factory.mktemp("wheel")
    built = pip(
        sys.executable, "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(folder), PATH=str(folder)
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_source_and_the_bundle(wheel: Path) -> None:
    """The wheel, built without Node, holds each committed file of the package and nothing else."""
    package = ROOT / "jupyter_annotate"
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert "jupyter_annotate/static/widget.json" in held
    assert held == wanted


def test_the_wheel_says_what_it_needs(wheel: Path) -> None:
    """The metadata name the licence, Python 3.11 and dependencies without an upper bound."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]

    assert metadata["Name"] == "jupyter-annotate-kit"
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Requires-Python"] == ">=3.11"
    assert [line for line in needed if re.search(r"<|==|~=", line)] == []


def test_the_wheel_works_alone(wheel: Path, tmp_path: Path) -> None:
    """The package in the wheel imports away from the checkout and finds its bundle and its samples."""
    installed = pip(
        sys.executable, "install", "--quiet", "--no-deps", "--target", str(tmp_path / "site"), str(wheel)
    )
    assert installed.returncode == 0, installed.stderr
    program = (
        "import jupyter_annotate, jupyter_annotate.samples\n"
        "from importlib import resources\n"
        "root = resources.files(jupyter_annotate)\n"
        "print(root, (root / 'static' / 'widget.json').is_file())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}

    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.split() == [str(tmp_path / "site" / "jupyter_annotate"), "True"]


def installed_versions(python: Path) -> dict[str, str]:
    """Return the packages of an environment by their normalized name."""
    listed = json.loads(pip(python, "list", "--format=json").stdout)
    return {re.sub(r"[-_.]+", "-", entry["name"]).lower(): entry["version"] for entry in listed}


@pytest.mark.long
@pytest.mark.parametrize("age", ENVIRONMENTS)
def test_installing_changes_nothing_that_is_there(age: str, wheel: Path, tmp_path: Path) -> None:
    """Installing beside JupyterLab only adds packages: no version that is there goes up or down."""
    python = tmp_path / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "environment")], check=True)
    prepared = pip(python, "install", "--quiet", *ENVIRONMENTS[age])
    if prepared.returncode:
        pytest.skip(f"no package index in reach, nothing to install into: {prepared.stderr[-200:]}")
    before = installed_versions(python)

    planned = pip(python, "install", "--dry-run", "--quiet", "--report", "-", str(wheel))

    assert planned.returncode == 0, planned.stderr
    added = {entry["metadata"]["name"].lower() for entry in json.loads(planned.stdout)["install"]}
    assert "jupyter-annotate-kit" in added
    assert {re.sub(r"[-_.]+", "-", name) for name in added} & set(before) == set()
