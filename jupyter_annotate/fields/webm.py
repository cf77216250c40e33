"""Length of a WebM film: the one element of its header that matters here (RFC 8794, RFC 9559)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["webm_seconds"]

_SEGMENT, _INFO, _SCALE, _DURATION = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489
#: Nanoseconds of a tick where the file does not say (RFC 9559, 5.1.2.9).
_MILLISECOND = 1_000_000
#: Bytes of a number.
_WIDEST = 8
#: Bytes of a number.
_WIDEST = 8
_FLOATS = {4: ">f", 8: ">d"}


def webm_seconds(data: bytes) -> float | None:
    """Return the length in seconds; None where the file does not hold it, as in what a browser recorded.

    Examples
    --------
    >>> webm_seconds(b"no film") is None
    True
    """
    segment = _first(data, _SEGMENT)
    info = _first(segment, _INFO) if segment is not None else None
    duration = _first(info, _DURATION) if info is not None else None
    if info is None or duration is None or len(duration) not in _FLOATS:
        return None
    scale = _first(info, _SCALE)
    tick = int.from_bytes(scale, "big") if scale else _MILLISECOND
    (ticks,) = struct.unpack(_FLOATS[len(duration)], duration)
    return float(ticks * tick / 1e9)


def _first(data: bytes, wanted: int) -> bytes | None:
    return next((body for identity, body in _elements(data) if identity == wanted), None)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the elements of a body with their contents; one of unknown size reaches to the end."""
    at = 0
    while at < len(data):
        identity, at = _number(data, at, keep_mark=True)
        size, body = _number(data, at, keep_mark=False)
        if identity is None or size is None:
            return
        yield identity, data[body : body + size]
        at = body + size


def _number(data: bytes, at: int, *, keep_mark: bool) -> tuple[int | None, int]:
    """Read a number whose first bits say how long it is, and where it ends; None if it is cut off."""
    width = 9 - data[at].bit_length() if at < len(data) else 0
    raw = data[at : at + width]
    if not 0 < width <= _WIDEST or len(raw) < width:
        return None, at
    mark = 1 << 7 * width
    number = int.from_bytes(raw, "big")
    unknown = number == 2 * mark - 1
    if keep_mark:
        return number, at + width
    return len(data) if unknown else number - mark, at + width
