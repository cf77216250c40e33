"""Polygons: labeled outlines on an image, or lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import LabelError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import check_flag
from jupyter_annotate.questions.marks import MarkQuestion

__all__ = ["Polygons"]

_KEYS = frozenset({"points", "label"})
#: The browser rounds to two decimals, so a corner at the edge may stick out by half of that.
_ROUNDING = 0.005
_MOST_POINTS = 2_000
_LEAST_AREA = 1.0


@dataclass(frozen=True)
class Polygons(MarkQuestion):
    """Labeled outlines, or open lines, in absolute pixels of the image as displayed, origin at the top left.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    on
        The image field they lie on; the only one by default.
    closed
        Whether the last corner is joined to the first. An outline does not cross itself.

    Examples
    --------
    >>> from jupyter_annotate.content import ImageSize
    >>> lakes = Polygons("lakes", ["lake"], on="image")
    >>> lakes.check([{"points": [[0, 0], [9, 0], [9, 9]], "label": "lake"}], {"image": ImageSize(10, 10)})
    [{'points': [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]], 'label': 'lake'}]
    """

    kind: ClassVar[str] = "polygons"
    draws_on: ClassVar[tuple[str, ...]] = ("image",)
    own_keys: ClassVar[str] = "bstn+-0[]i"

    closed: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what is neither True nor False."""
        super().__post_init__()
        check_flag(self.closed, what=f"{self.name!r}: expected closed")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "closed": self.closed}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the outlines with numbers as floats, each inside the image."""
        marks = self._marks(answer, _KEYS)
        size = self._content(content, answer)
        if not isinstance(size, ImageSize):
            raise LabelError(self.name, answer, expected=f"an image in the field {self.on!r}")
        return [self._outline(mark, size) for mark in marks]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an outline: its corners as ``points``, in pixels."""
        return self._mark_frame(answers, {"points": pl.List(pl.List(pl.Float64))})

    def _outline(self, mark: dict[str, Any], size: ImageSize) -> dict[str, Any]:
        points = _points(mark["points"])
        least = 3 if self.closed else 2
        if points is None or not least <= len(points) <= _MOST_POINTS:
            raise LabelError(self.name, mark, expected=f"{least} to {_MOST_POINTS} points [x, y]")
        if not _are_inside(points, size):
            raise LabelError(
                self.name, mark, expected=f"points inside the image of {size.width} x {size.height}"
            )
        if self.closed and abs(_area(points)) < _LEAST_AREA:
            raise LabelError(self.name, mark, expected="an outline around one square pixel or more")
        if self.closed and _crosses_itself(points):
            raise LabelError(self.name, mark, expected="an outline that does not cross itself")
        return {"points": points.tolist(), "label": str(mark["label"]), **self._said(mark)}


def _points(given: object) -> NDArray[np.float64] | None:
    """Return corners as an array of shape (n, 2); None if they are none."""
    if not isinstance(given, list) or not all(_is_point(each) for each in given) or not given:
        return None
    # No corner is at -0.0.
    return np.array(given, dtype=np.float64) + 0.0


def _is_point(point: object) -> bool:
    if not isinstance(point, list | tuple) or len(point) != 2:  # noqa: PLR2004 -- x and y
        return False
    return all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < math.inf for n in point)


def _are_inside(points: NDArray[np.float64], size: ImageSize) -> bool:
    most = np.array([size.width, size.height]) + _ROUNDING
    return bool((points >= 0).all() and (points <= most).all())


def _area(points: NDArray[np.float64]) -> float:
    x, y = points.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _crosses_itself(points: NDArray[np.float64]) -> bool:
    """Say whether two sides that are no neighbours meet."""
    ends = np.roll(points, -1, axis=0)
    n = len(points)
    first, second = np.triu_indices(n, k=2)
    apart = ~((first == 0) & (second == n - 1))
    a, b, c, d = points[first], ends[first], points[second], ends[second]

    def turn(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
        cross = (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])
        return np.sign(cross)

    met = (turn(a, b, c) * turn(a, b, d) < 0) & (turn(c, d, a) * turn(c, d, b) < 0)
    return bool((met & apart).any())
