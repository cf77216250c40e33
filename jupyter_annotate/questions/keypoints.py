"""Keypoints: named points on an image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import polars as pl

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Label, Renamed
from jupyter_annotate.questions.marks import MarkQuestion

__all__ = ["Keypoints"]

_KEYS = frozenset({"x", "y", "label"})
#: The browser rounds to two decimals, so a point at the edge may stick out by half of that.
_ROUNDING = 0.005
_PAIR = 2


@dataclass(frozen=True)
class Keypoints(MarkQuestion):
    """Named points, each at most once, in absolute pixels of the image as displayed, origin at the top left.

    A point that is hidden in the image has a place and is not visible; one that is not in it has none.

    Parameters
    ----------
    name
        An identifier.
    labels
        The names of the points, in the order they are placed.
    on
        The image field they lie on; the only one by default.
    edges
        Pairs of names that are joined by a line, a skeleton; it is only drawn.

    Examples
    --------
    >>> from jupyter_annotate.content import ImageSize
    >>> face = Keypoints("face", ["nose", "chin"], on="image", edges=[("nose", "chin")])
    >>> face.check([{"x": 3, "y": 4, "label": "nose"}], {"image": ImageSize(10, 10)})
    [{'x': 3.0, 'y': 4.0, 'visible': True, 'label': 'nose'}]
    """

    kind: ClassVar[str] = "keypoints"
    draws_on: ClassVar[tuple[str, ...]] = ("image",)
    own_keys: ClassVar[str] = "bstnv+-0"

    edges: Sequence[tuple[str, str]] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Refuse lines between what are no points."""
        super().__post_init__()
        given: Any = self.edges
        pairs = list(given) if isinstance(given, list | tuple) else [given]
        for pair in pairs:
            names: tuple[str, ...] = tuple(pair) if isinstance(pair, list | tuple) else ()
            if len(names) != _PAIR or len(set(names)) != _PAIR or not set(names) <= set(self.label_names):
                expected = f"pairs of {list(self.label_names)} as edges"
                raise SchemaError(f"{self.name!r}: expected {expected}, found {shorten(pair)}.")
        object.__setattr__(self, "edges", tuple((one, other) for one, other in pairs))

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "edges": [list(pair) for pair in self.edges]}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the points in the order of the schema, each inside the image."""
        marks = self._marks(answer, _KEYS, optional=("visible",))
        size = self._content(content, answer)
        if not isinstance(size, ImageSize):
            raise LabelError(self.name, answer, expected=f"an image in the field {self.on!r}")
        points = {mark["label"]: self._point(mark, size) for mark in marks}
        if len(points) < len(marks):
            raise LabelError(self.name, answer, expected="no point twice")
        return [points[name] for name in self.label_names if name in points]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a point: x and y in pixels, and whether it is visible."""
        return self._mark_frame(answers, {"x": pl.Float64, "y": pl.Float64, "visible": pl.Boolean})

    def migrated(self, labels: Sequence[Label], names: Renamed) -> Self:
        """Return the question with other points; the lines between them follow.

        Raises
        ------
        SchemaError
            If a point with a line is split: nobody said to which part the line goes.
        """
        ends = [[names.get(end, end) for end in pair] for pair in self.edges]
        for pair, to in zip(self.edges, ends, strict=True):
            if None in to:
                raise SchemaError(
                    f"{self.name!r}: {pair[to.index(None)]!r} is split and has the line {list(pair)}, and "
                    "it is open to which part that goes: split a point without lines, or merge it first."
                )
        edges = tuple(dict.fromkeys((str(one), str(other)) for one, other in ends if one != other))
        return replace(self, labels=tuple(labels), edges=edges)

    def _settled(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        points = {mark["label"]: mark for mark in marks}
        if len(points) < len(marks):
            return None
        place = {name: at for at, name in enumerate(self.label_names)}
        return sorted(marks, key=lambda mark: place.get(mark["label"], len(place)))

    def _point(self, mark: dict[str, Any], size: ImageSize) -> dict[str, Any]:
        x, y, visible = mark["x"], mark["y"], mark.get("visible", True)
        if not isinstance(visible, bool):
            raise LabelError(self.name, mark, expected="visible to be True or False")
        numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in (x, y))
        inside = numbers and 0 <= x <= size.width + _ROUNDING and 0 <= y <= size.height + _ROUNDING
        if not inside or math.isnan(x + y):
            expected = f"x and y inside the image of {size.width} x {size.height}"
            raise LabelError(self.name, mark, expected=expected)
        return {
            "x": float(x) + 0.0,
            "y": float(y) + 0.0,
            "visible": visible,
            "label": str(mark["label"]),
            **self._said(mark),
        }
