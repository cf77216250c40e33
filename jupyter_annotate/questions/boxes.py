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
from jupyter_annotate.questions.base import check_flag
from jupyter_annotate.questions.marks import MarkQuestion

__all__ = ["Boxes"]

_SIDES = ("x", "y", "width", "height")
_KEYS = frozenset({*_SIDES, "label"})
#: The browser rounds to two decimals, so a box at the edge may stick out by half of that.
_ROUNDING = 0.005
_ON = "a side, none longer than the diagonal, with its centre on"


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
    rotated
        Whether boxes can be turned. A box then has ``rotation`` too: degrees clockwise about its centre, from
        0 to below 360, and the other numbers are of the box before it is turned. Its corners may reach over
        the edge of the image, its centre may not.

    Examples
    --------
    >>> from jupyter_annotate.content import ImageSize
    >>> cells = Boxes("cells", ["red"], on="image")
    >>> box = {"x": 1, "y": 2, "width": 30, "height": 20.5, "label": "red"}
    >>> cells.check([box], {"image": ImageSize(640, 480)})
    [{'x': 1.0, 'y': 2.0, 'width': 30.0, 'height': 20.5, 'label': 'red'}]
    >>> ships = Boxes("ships", ["ferry"], on="image", rotated=True)
    >>> ferry = {**box, "label": "ferry", "rotation": -90}
    >>> ships.check([ferry], {"image": ImageSize(640, 480)})[0]["rotation"]
    270.0
    """

    kind: ClassVar[str] = "boxes"
    draws_on: ClassVar[tuple[str, ...]] = ("image",)
    own_keys: ClassVar[str] = "bstn+-0"

    minimum_size: float = field(default=1.0, kw_only=True)
    rotated: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a size no box could have."""
        check_flag(self.rotated, what=f"{self.name!r}: expected rotated")
        self._use_keys("[]" if self.rotated else "")
        super().__post_init__()
        if not _is_number(self.minimum_size) or not 0 < self.minimum_size < math.inf:
            message = f"{self.name!r}: expected minimum_size above 0 pixels, found {self.minimum_size!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        # Left out where it is off: a schema stored without it is the same schema.
        turned: dict[str, Json] = {"rotated": True} if self.rotated else {}
        return {**super().to_json(), "minimum_size": self.minimum_size, **turned}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the boxes with numbers as floats, each inside the image."""
        marks = self._marks(answer, _KEYS, optional=("rotation",) if self.rotated else ())
        size = self._content(content, answer)
        if not isinstance(size, ImageSize):
            raise LabelError(self.name, answer, expected=f"an image in the field {self.on!r}")
        return [self._box(mark, size) for mark in marks]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a box: x, y, width and height in pixels, and rotation where boxes can be turned."""
        if not self.rotated:
            return self._mark_frame(answers, dict.fromkeys(_SIDES, pl.Float64))
        frame = self._mark_frame(answers, dict.fromkeys((*_SIDES, "rotation"), pl.Float64))
        # Answers given before boxes could be turned say nothing of it.
        upright = pl.col("rotation").is_null() & pl.col("label").is_not_null()
        return frame.with_columns(rotation=pl.when(upright).then(0.0).otherwise(pl.col("rotation")))

    def _box(self, mark: dict[str, Any], size: ImageSize) -> dict[str, Any]:
        sides = [mark[s] for s in _SIDES]
        if not all(map(_is_number, sides)):
            raise LabelError(self.name, mark, expected="numbers of pixels")
        place = dict(zip(_SIDES, map(_as_float, sides), strict=True))
        large = all(map(math.isfinite, place.values())) and min(sides[2:]) >= self.minimum_size
        lies, where = (_lies_on, _ON) if self.rotated else (_lies_inside, "inside")
        if not large or not lies(size, **place):
            least = f"a box of at least {self.minimum_size} pixels"
            expected = f"{least} {where} the image of {size.width} x {size.height}"
            raise LabelError(self.name, mark, expected=expected)
        turned = {"rotation": self._rotation(mark)} if self.rotated else {}
        return {**place, **turned, "label": str(mark["label"]), **self._said(mark)}

    def _rotation(self, mark: dict[str, Any]) -> float:
        given = mark.get("rotation", 0)
        degrees = _as_float(given) if _is_number(given) else math.nan
        if not math.isfinite(degrees):
            raise LabelError(self.name, mark, expected="a rotation in degrees")
        # What is a hair below 0 would be 360 after rounding.
        return degrees % 360 % 360


def _lies_inside(size: ImageSize, x: float, y: float, width: float, height: float) -> bool:
    right, bottom = size.width + _ROUNDING, size.height + _ROUNDING
    return min(x, y) >= 0 and x + width <= right and y + height <= bottom


def _lies_on(size: ImageSize, x: float, y: float, width: float, height: float) -> bool:
    """Say whether the centre is on the image, and no side so long that the image would hide most of it."""
    across, down = x + width / 2, y + height / 2
    # Half of an odd hundredth is rounded once more.
    off = 2 * _ROUNDING
    centred = -off <= across <= size.width + off and -off <= down <= size.height + off
    return centred and max(width, height) <= math.hypot(size.width, size.height) + off


def _is_number(side: object) -> bool:
    """Say whether it is a number, of numpy or not; True is none."""
    return isinstance(side, Real) and not isinstance(side, bool)


def _as_float(side: Any) -> float:  # noqa: ANN401 -- any number
    """Return a float, infinite where it is too large for one, and 0.0 for -0.0."""
    try:
        return float(side) + 0.0
    except OverflowError:
        return math.inf
