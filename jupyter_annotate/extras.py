"""Optional packages: imported by the function that needs one, or the extra to install is named."""

from __future__ import annotations

import importlib
from types import ModuleType

from jupyter_annotate.errors import MissingExtraError

__all__ = ["need_scipy"]


def need_scipy(module: str, *, purpose: str) -> ModuleType:
    """Import a module of scipy.

    Parameters
    ----------
    module
        Its name below scipy, like ``"optimize"``.
    purpose
        What it is needed for, as the start of a sentence.

    Raises
    ------
    MissingExtraError
        If scipy is not installed.
    """
    try:
        return importlib.import_module(f"scipy.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtraError("scipy", extra="stats", purpose=purpose) from error
