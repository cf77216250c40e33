"""Hub: ask a JupyterHub whose token this kernel holds."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

__all__ = ["whoami"]

_PATIENCE = 2.0
_MOST_BYTES = 1 << 20
_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


def whoami(environment: Mapping[str, str]) -> str | None:
    """Return the user whose token this is, None if the hub does not say so within two seconds.

    A redirect is not followed and no proxy is used: the token goes to the hub or nowhere. Nothing that goes
    wrong is raised, as a message about it might show the token.

    Parameters
    ----------
    environment
        Where ``JUPYTERHUB_API_URL`` and ``JUPYTERHUB_API_TOKEN`` stand.
    """
    url, token = environment.get("JUPYTERHUB_API_URL", ""), environment.get("JUPYTERHUB_API_TOKEN", "")
    if not url or not token:
        return None
    try:
        model = _get(urlsplit(f"{url.rstrip('/')}/user"), token)
    except (OSError, ValueError, KeyError, RecursionError, http.client.HTTPException):
        return None
    # A service has a token too, and may be called like a person.
    is_person = isinstance(model, dict) and model.get("kind", "user") == "user"
    return model["name"] if is_person and isinstance(model.get("name"), str) else None


def _get(url: SplitResult, token: str) -> Any:  # noqa: ANN401 -- what the hub sends
    connection = _CONNECTIONS[url.scheme](url.hostname or "", url.port, timeout=_PATIENCE)
    try:
        connection.request("GET", url.path, headers={"Authorization": f"token {token}"})
        reply = connection.getresponse()
        return json.loads(reply.read(_MOST_BYTES)) if reply.status == http.client.OK else None
    finally:
        connection.close()
