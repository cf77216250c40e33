"""JupyterHub for a team that labels one project.

Load it from your own `jupyterhub_config.py` with `load_subconfig("path/to/this.py")`, or copy what you need.
Two variables of the hub's own environment say where things lie:

ANNOTATE_PROJECT      what notebooks open: a folder, `segments://...` or `postgresql://host/database?project=...`
ANNOTATE_CREDENTIALS  a folder with one password file a member, named as the member; only for PostgreSQL
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.spawner import Spawner

c = get_config()  # noqa: F821 -- JupyterHub defines it

PROJECT = os.environ.get("ANNOTATE_PROJECT", "/srv/annotate/reviews")
CREDENTIALS = Path(os.environ.get("ANNOTATE_CREDENTIALS", "/etc/jupyterhub/annotate"))

# A restart of the hub ends nobody's server: people label on meanwhile.
c.JupyterHub.cleanup_servers = False


def prepare(spawner: Spawner) -> None:
    """Tell a member's kernels where the project is, and give them the member's own password and no other."""
    spawner.environment = {**spawner.environment, "ANNOTATE_PROJECT": PROJECT}
    if urlsplit(PROJECT).scheme not in {"postgresql", "postgres"}:
        return
    member = spawner.user.name
    file = CREDENTIALS / member
    # A name with a slash in it would be another folder's file.
    if file.parent == CREDENTIALS and file.is_file():
        password = file.read_text(encoding="utf-8").strip()
        spawner.environment |= {"PGUSER": member, "PGPASSWORD": password}


c.Spawner.pre_spawn_hook = prepare
