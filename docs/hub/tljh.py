"""The Littlest JupyterHub: put this into /opt/tljh/config/jupyterhub_config.d/."""

from __future__ import annotations

import os

os.environ.setdefault("ANNOTATE_PROJECT", "/srv/annotate/reviews")

load_subconfig("/opt/tljh/annotate/jupyterhub_config.py")  # noqa: F821 -- JupyterHub defines it
