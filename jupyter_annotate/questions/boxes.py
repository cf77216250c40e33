"""Boxes: labeled rectangles on an image."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.marks import MarkQuestion

__all__ = ["Boxes"]

_SIDES = ("x", "y", "width", "height")
_KEYS = frozenset({*_SIDES, "label"})
#: The browser rounds to two decimals, so a box at the edge may stick out by half of that.
_ROUNDING = 0.005


@dataclass(frozen=True)
class Boxes(MarkQuestion):
    """Labeled rectangles, in absolute pixels of the image as displayed, origin at the top left.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    on
        The image field they lie on; the only one by default.
    minimum_size
        Shortest side a box may have, in pixels.

    Examples
    --------
    >>> from jupyter_annotate.content import ImageSize
    >>> cells = Boxes("cells", ["red"], on="image")
    >>> box = {"x": 1, "y": 2, "width": 30, "height": 20.5, "label": "red"}
    >>> cells.check([box], {"image": ImageSize(640, 480)})
    [{'x': 1.0, 'y': 2.0, 'width': 30.0, 'height': 20.5, 'label': 'red'}]
    """

    kind: ClassVar[str] = "boxes"
    draws_on: ClassVar[tuple[str, ...]] = ("image",)
    own_keys: ClassVar[str] = "bstn+-0"

    minimum_size: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a size no box could have."""
        super().__post_init__()
        if not _is_number(self.minimum_size) or not 0 < self.minimum_size < math.inf:
            message = f"{self.name!r}: expected minimum_size above 0 pixels, found {self.minimum_size!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "minimum_size": self.minimum_size}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the boxes with numbers as floats, each inside the image."""
        marks = self._marks(answer, _KEYS)
        size = self._content(content, answer)
        if not isinstance(size, ImageSize):
            raise LabelError(self.name, answer, expected=f"an image in the field {self.on!r}")
        return [self._box(mark, size) for mark in marks]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a box: x, y, width and height in pixels."""
        return self._mark_frame(answers, dict.fromkeys(_SIDES, pl.Float64))

    def _box(self, mark: dict[str, Any], size: ImageSize) -> dict[str, Any]:
        sides = [mark[s] for s in _SIDES]
        if not all(map(_is_number, sides)):
            raise LabelError(self.name, mark, expected="numbers of pixels")
        x, y, width, height = map(_as_float, sides)
        inside = (
            all(math.isfinite(n) for n in (x, y, width, height))
            and min(width, height) >= self.minimum_size
            and min(x, y) >= 0
            and x + width <= size.width + _ROUNDING
            and y + height <= size.height + _ROUNDING
        )
        if not inside:
            expected = (
                f"a box of at least {self.minimum_size} pixels inside the image of "
                f"{size.width} x {size.height}"
            )
            raise LabelError(self.name, mark, expected=expected)
        found = {"x": x, "y": y, "width": width, "height": height}
        return {**found, "label": str(mark["label"]), **self._said(mark)}


def _is_number(side: object) -> bool:
    """Say whether it is a number, of numpy or not; True is none."""
    return isinstance(side, Real) and not isinstance(side, bool)


def _as_float(side: Any) -> float:  # noqa: ANN401 -- any number
    """Return a float, infinite where it is too large for one, and 0.0 for -0.0."""
    try:
        return float(side) + 0.0
    except OverflowError:
        return math.inf
