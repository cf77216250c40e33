"""Forks: a log is used on both sides of one, because a fork waits until nobody is using it."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["Forkable", "survive_forks"]


class Forkable(Protocol):
    """What a log offers."""

    def before_fork(self) -> None:
        """Wait until nobody uses it, keep others from it and let go of what must not be shared."""

    def after_fork(self) -> None:
        """Let others use it, in the parent and in the child."""


_OPEN: weakref.WeakSet[Forkable] = weakref.WeakSet()
_FORKING = threading.Lock()
_HELD: list[Forkable] = []


def survive_forks(log: Forkable) -> None:
    """Hold this log whenever the process forks."""
    _OPEN.add(log)


def _before_fork() -> None:
    _FORKING.acquire()
    _HELD.extend(sorted(_OPEN, key=id))
    for log in _HELD:
        log.before_fork()


def _after_fork() -> None:
    while _HELD:
        _HELD.pop().after_fork()
    _FORKING.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
