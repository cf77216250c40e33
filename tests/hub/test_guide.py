"""The examples of the guide: the hub's configuration as JupyterHub loads it, and the chart's values."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tests.hub.hub import GUIDE, ROOT

FOLDER = GUIDE.parent
PAGE = ROOT / "docs" / "jupyterhub.md"
DATABASE = "postgresql://db.example.org/labels?project=reviews"


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], dict[str, str]]:
    """Return what the hook of the guide puts into the environment of a member's server."""
    credentials = tmp_path / "members"
    credentials.mkdir()
    for member in ("alice", "bob"):
        line = f"*:*:labels:{member}:a\\:password\\\\of {member}\n"
        (credentials / f"{member}.pgpass").write_text(line, encoding="utf-8")
    (tmp_path / "root.pgpass").write_text("*:*:*:root:not for members", encoding="utf-8")

    def prepare(project: str, member: str) -> dict[str, str]:
        monkeypatch.setenv("ANNOTATE_PROJECT", project)
        monkeypatch.setenv("ANNOTATE_CREDENTIALS", str(credentials))
        config = PyFileConfigLoader(GUIDE.name, path=str(FOLDER)).load_config()
        spawner = SimpleNamespace(
            user=SimpleNamespace(name=member), environment={"LANG": "C", "PGPASSWORD": "of another day"}
        )
        config.Spawner.pre_spawn_hook(spawner)
        found: dict[str, str] = spawner.environment
        return found

    return prepare


def values(name: str) -> dict[str, Any]:
    """Return the values of one example."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def test_a_restart_of_the_hub_ends_no_server() -> None:
    """The configuration lets the servers of users go on when the hub stops."""
    config: Config = PyFileConfigLoader(GUIDE.name, path=str(FOLDER)).load_config()
    assert config.JupyterHub.cleanup_servers is False


def test_a_folder_needs_no_password(prepared: Callable[[str, str], dict[str, str]]) -> None:
    """Where the project is a folder, a server is told where it is and given no secret."""
    assert prepared("/srv/annotate/reviews", "alice") == {
        "LANG": "C",
        "ANNOTATE_PROJECT": "/srv/annotate/reviews",
    }


def test_each_member_gets_the_own_password(prepared: Callable[[str, str], dict[str, str]]) -> None:
    """Where the project is in PostgreSQL, a server is given its owner's login and password and no other."""
    for member in ("alice", "bob"):
        found = prepared(DATABASE, member)
        assert (found["PGUSER"], found["PGPASSWORD"]) == (member, f"a:password\\of {member}")


@pytest.mark.parametrize("member", ["carol", "../root", ".", ""])
def test_nobody_else_gets_a_password(prepared: Callable[[str, str], dict[str, str]], member: str) -> None:
    """Whoever has no file of the own name, or a name that leads elsewhere, gets no password."""
    assert "PGPASSWORD" not in prepared(DATABASE, member)


@pytest.mark.parametrize("name", ["values-shared-volume.yaml", "values-postgresql.yaml"])
def test_values_fit_together(name: str) -> None:
    """Every volume that is mounted is there, and the hub loads the configuration from a place it reads."""
    found = values(name)
    for part in (found["hub"], found["singleuser"].get("storage", {})):
        volumes = {each["name"] for each in part.get("extraVolumes", [])}
        assert {each["name"] for each in part.get("extraVolumeMounts", [])} == volumes
    file = found["hub"]["extraFiles"]["annotate"]["mountPath"]
    assert Path(file).parent == Path("/usr/local/etc/jupyterhub/jupyterhub_config.d")
    read = set(re.findall(r'environ\.get\("(\w+)"', GUIDE.read_text(encoding="utf-8")))
    assert set(found["hub"]["extraEnv"]) <= read


def test_the_shared_volume_holds_the_project() -> None:
    """The project of the example lies on the volume that is mounted, and that volume is one for many pods."""
    found, claim = values("values-shared-volume.yaml"), values("shared-volume.yaml")
    storage = found["singleuser"]["storage"]
    assert storage["extraVolumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    project = Path(found["hub"]["extraEnv"]["ANNOTATE_PROJECT"])
    assert project.is_relative_to(storage["extraVolumeMounts"][0]["mountPath"])
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def test_only_the_hub_sees_all_passwords() -> None:
    """The passwords are mounted where the hub's configuration looks, read-only, and nowhere else."""
    found = values("values-postgresql.yaml")
    (mount,) = found["hub"]["extraVolumeMounts"]
    assert mount["mountPath"] == found["hub"]["extraEnv"]["ANNOTATE_CREDENTIALS"]
    assert mount["readOnly"] is True
    assert "secret" not in str(found["singleuser"]).lower()
    assert "@" not in found["hub"]["extraEnv"]["ANNOTATE_PROJECT"]


def test_the_littlest_hub_loads_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file for The Littlest JupyterHub says where the project is and loads the one of the guide."""
    monkeypatch.setenv("ANNOTATE_PROJECT", "of the test")
    loaded: list[str] = []
    source = (FOLDER / "tljh.py").read_text(encoding="utf-8")
    exec(compile(source, "tljh.py", "exec"), {"load_subconfig": loaded.append})  # noqa: S102 -- our own file
    assert [Path(each).name for each in loaded] == [GUIDE.name]


def test_every_example_is_in_the_guide() -> None:
    """The page names every file of examples."""
    page = PAGE.read_text(encoding="utf-8")
    assert [each.name for each in FOLDER.iterdir() if each.suffix and f"hub/{each.name}" not in page] == []
