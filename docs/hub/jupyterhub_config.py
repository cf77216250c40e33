"""JupyterHub for a team that labels one project.

Load it from your own `jupyterhub_config.py` with `load_subconfig("path/to/this.py")`, or copy what you need.
Two variables of the hub's own environment say where things lie:

ANNOTATE_PROJECT      what notebooks open: a folder, `segments://...` or `postgresql://...?project=...`
ANNOTATE_CREDENTIALS  a folder with NAME.pgpass for each member; only for PostgreSQL
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.spawner import Spawner

c = get_config()  # noqa: F821 -- JupyterHub defines it

PROJECT = os.environ.get("ANNOTATE_PROJECT", "/srv/annotate/reviews")
CREDENTIALS = Path(os.environ.get("ANNOTATE_CREDENTIALS", "/etc/jupyterhub/annotate"))
_SECRETS = ("PGUSER", "PGPASSWORD")

# A restart of the hub ends nobody's server: people label on meanwhile.
c.JupyterHub.cleanup_servers = False


def login_of(file: Path) -> dict[str, str]:
    """Return the login and the password in a line of libpq: host, port, database, login, password."""
    *_, login, password = re.split(r"(?<!\\):", file.read_text(encoding="utf-8").strip())
    return {"PGUSER": re.sub(r"\\(.)", r"\1", login), "PGPASSWORD": re.sub(r"\\(.)", r"\1", password)}


def prepare(spawner: Spawner) -> None:
    """Tell a member's kernels where the project is, and give them the member's own password and no other."""
    # The spawner may hold what it was given the last time.
    environment = {name: value for name, value in spawner.environment.items() if name not in _SECRETS}
    environment["ANNOTATE_PROJECT"] = PROJECT
    file = CREDENTIALS / f"{spawner.user.name}.pgpass"
    in_database = urlsplit(PROJECT).scheme in {"postgresql", "postgres"}
    # A name with a slash in it would be a file of another folder.
    if in_database and file.parent == CREDENTIALS and file.is_file():
        environment |= login_of(file)
    spawner.environment = environment


c.Spawner.pre_spawn_hook = prepare
