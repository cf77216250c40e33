"""Rows as lines: how blocks, packs and segments spell events, and how a position is found among them.

One row a line, JSON with the names of `Row`, in the order of the log. Any reader of JSON lines can read it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import BinaryIO

from jupyter_annotate.errors import IntegrityError
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.segment_file import SUFFIX

__all__ = [
    "decode_line",
    "decode_rows",
    "encode_id",
    "encode_line",
    "encode_rows",
    "id_of",
    "is_bare",
    "last_row",
    "lines_from",
    "name_of",
    "span_of",
]

_NAMES = tuple(each.name for each in fields(Row))
_POSITION = re.compile(rb'\{"position":(\d{1,18}),')
_NAME = re.compile(rf"(\d{{12}})(?:-(\d{{12}})-(\d{{1,18}}))?{re.escape(SUFFIX)}")
#: Bytes that are searched by reading them; in more, the middle is looked at first.
_SHORT = 1 << 16
#: Bytes read at once at most.
_LONG = 1 << 22


def name_of(first: int, last: int | None = None, latest: int = 0) -> str:
    """Return the name of the block that begins at a position, or of the pack that ends at another.

    The name of a pack says the greatest time of all events up to its end as well: it need not be the last
    one's, because events of other logs keep theirs.
    """
    return f"{first:012d}{'' if last is None else f'-{last:012d}-{latest}'}{SUFFIX}"


def span_of(name: str) -> tuple[int, int, int] | None:
    """Return first and last position and the greatest time by a name, None for other names.

    The name of a block says the first only; the others are 0.
    """
    match = _NAME.fullmatch(name)
    return (int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else None


def encode_rows(rows: Sequence[Row]) -> bytes:
    """Return one line for each row."""
    return b"".join(_dumps(_plain(row)) + b"\n" for row in rows)


def encode_line(rows: Sequence[Row]) -> bytes:
    """Return one line for all rows, without its end: what is appended together is there together."""
    return _dumps([_plain(row) for row in rows])


def decode_line(line: bytes) -> list[Row]:
    """Return the rows of one line of a segment.

    Raises
    ------
    ValueError
        If it is none.
    """
    found = json.loads(line)
    if not isinstance(found, list) or not found:
        raise ValueError("no rows")
    return [_row(each) for each in found]


def decode_rows(lines: Sequence[bytes], position: int) -> list[Row]:
    """Return the rows of a block or pack, the first of which has this position.

    Raises
    ------
    IntegrityError
        If a line is damaged, with its position.
    """
    rows: list[Row] = []
    for at, line in enumerate(lines, start=position):
        try:
            row = _row(json.loads(line))
        except (ValueError, TypeError) as error:
            raise IntegrityError("its line cannot be read", position=at) from error
        if row.position != at:
            raise IntegrityError(f"found position {row.position}", position=at)
        rows.append(row)
    return rows


def encode_id(event_id: str) -> bytes:
    """Return an event id as it is spelled in a line."""
    return _dumps(event_id)


def id_of(line: bytes) -> bytes:
    """Return the event id in a line, as it is spelled there."""
    return line.partition(b',"at":')[0].partition(b',"event_id":')[2]


def is_bare(line: bytes) -> bool:
    """Tell whether a line has no payload; within a text its quotes would be escaped."""
    return b',"value":null,' in line


def lines_from(path: Path, position: int, first: int) -> Iterator[list[bytes]]:
    """Yield the lines of a block or pack from a position on, some megabytes at a time.

    Parameters
    ----------
    path
        The file.
    position
        Where to begin.
    first
        Its first position.

    Raises
    ------
    IntegrityError
        If it breaks off in the middle of a line, or the position cannot be found.
    OSError
        If it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        start = 0 if position <= first else _seek(file, position)
        file.seek(start)
        rest, skipped, length = b"", position <= first, _SHORT
        while chunk := file.read(length):
            length = min(2 * length, _LONG)
            whole, end, rest = (rest + chunk).rpartition(b"\n")
            lines = whole.split(b"\n") if end else []
            if not skipped:
                lines, skipped = _skip(lines, position)
            if lines:
                position += len(lines)
                yield lines
        if rest:
            raise IntegrityError("its line breaks off", position=position)


def last_row(path: Path, position: int) -> Row:
    """Return the row at the end of a file, which has this position.

    Raises
    ------
    IntegrityError
        If it has not.
    OSError
        If it cannot be read.
    """
    size, length = path.stat().st_size, _SHORT
    with path.open("rb") as file:
        while True:
            file.seek(max(0, size - length))
            content = file.read()
            body, _, _ = content.rpartition(b"\n")
            if b"\n" in body or length >= size:
                break
            length *= 2
    if not content.endswith(b"\n"):
        raise IntegrityError("its line breaks off", position=position)
    return decode_rows([body.rpartition(b"\n")[2]], position)[0]


def _plain(row: Row) -> dict[str, object]:
    found = dict(zip(_NAMES, astuple(row), strict=True))
    return found | {"salt": None if row.salt is None else row.salt.hex()}


def _row(found: object) -> Row:
    if not isinstance(found, dict) or set(found) != set(_NAMES):
        raise ValueError("no row")
    salt = found["salt"]
    return Row(**found | {"salt": None if salt is None else bytes.fromhex(salt)})


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _seek(file: BinaryIO, position: int) -> int:
    """Return where a line begins that is at or shortly before the one of a position."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while high - low > _SHORT:
        middle = (low + high) // 2
        begin = _next_line(file, middle)
        found = _position_at(file, begin) if begin < high else None
        if found is None or found > position:
            high = middle
        else:
            low = begin
    return low


def _next_line(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    while chunk := file.read(_SHORT):
        found = chunk.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(chunk)
    return offset


def _position_at(file: BinaryIO, offset: int) -> int | None:
    file.seek(offset)
    match = _POSITION.match(file.read(40))
    return int(match[1]) if match else None


def _skip(lines: list[bytes], position: int) -> tuple[list[bytes], bool]:
    """Return the lines from a position on, and whether it was among them."""
    for n, line in enumerate(lines):
        match = _POSITION.match(line)
        if match and int(match[1]) >= position:
            return lines[n:], True
    return [], False
