"""Plan: how the items are shared among the annotators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import Json

__all__ = ["Plan"]

_CAPS = ("hard", "soft")
#: Shorter leases than that would end between two looks of a browser at the kernel.
_SHORTEST = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """How the items are shared: each one goes to so many different annotators.

    Parameters
    ----------
    overlap
        How many answers an item needs, each by another annotator.
    cap
        ``"hard"``: an item somebody still holds is given to nobody else. ``"soft"``: when nothing else is
        left, it is given to one more person than it needs, so that nobody waits for a person who is away; the
        answer that comes last is kept and marked ``late``.
    quota
        How many items one annotator gets at most; None for any number.
    lease
        Seconds without a sign of life after which what an annotator holds may go to others. Every answer is
        such a sign, and so is a page that is open and visible.
    """

    overlap: int = 1
    cap: str = "hard"
    quota: int | None = None
    lease: float = 900.0

    def __post_init__(self) -> None:
        """Refuse what nobody could follow."""
        _whole("overlap", self.overlap)
        if self.quota is not None:
            _whole("quota", self.quota)
        if self.cap not in _CAPS:
            raise SchemaError(f"cap is one of {list(_CAPS)}, found {shorten(self.cap)}.")
        lease: object = self.lease
        if not isinstance(lease, int | float) or isinstance(lease, bool) or not lease >= _SHORTEST:
            raise SchemaError(f"lease is a number of seconds from {_SHORTEST} on, found {shorten(lease)}.")

    @property
    def lease_us(self) -> int:
        """The lease in microseconds."""
        return int(self.lease * 1_000_000)

    def to_json(self) -> dict[str, Json]:
        """Return it as it stands in the log."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(**value)


def _whole(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SchemaError(f"{name} is a whole number from 1 on, found {shorten(value)}.")
