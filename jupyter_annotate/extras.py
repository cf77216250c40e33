"""Optional packages: imported by the function that needs one, or the extra to install is named."""

from __future__ import annotations

import importlib
from types import ModuleType

from jupyter_annotate.errors import MissingExtraError

__all__ = ["need_pillow", "need_scipy"]


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
    return _need(f"scipy.{module}", "scipy", extra="stats", purpose=purpose)


def need_pillow(module: str, *, purpose: str) -> ModuleType:
    """Import a module of Pillow.

    Parameters
    ----------
    module
        Its name below PIL, like ``"Image"``.
    purpose
        What it is needed for, as the start of a sentence.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """
    return _need(f"PIL.{module}", "pillow", extra="image", purpose=purpose)


def _need(module: str, package: str, *, extra: str, purpose: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(package, extra=extra, purpose=purpose) from error
