"""Rendered: whatever widget a function of the user's makes of a cell."""

from __future__ import annotations

import importlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, ExchangeError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import Blob, Field, blob_name

__all__ = ["Rendered"]

#: What travels is the name of the widget's model (jupyter widgets protocol 2.1).
_MIME = "application/vnd.jupyter.widget-view+json"
#: Widgets kept for items that are looked at again; the ones before them are closed.
_KEPT = 12


@dataclass(frozen=True)
class Rendered(Field):
    """A column of anything, shown by a function that returns a widget: a plot, a map, a viewer.

    The function runs in the kernel when an item comes into view. Keys that are pressed inside the widget are
    the widget's own; Escape gives the keys back to the labeling.

    Parameters
    ----------
    name
        The column. A column of structs gives the function several values at once, as a dict.
    title
        A heading above it; none by default.
    render
        A function of the cell that returns an ipywidget. It is no part of the stored schema: give it again
        when reopening.
    on_key
        A function of the widget and the name of a key pressed while the pointer is over it or the focus is in
        it (carried by ipyevents). No part of the stored schema either.

    Examples
    --------
    >>> Rendered("curve").to_json()
    {'kind': 'rendered', 'name': 'curve', 'title': None}
    """

    kind: ClassVar[str] = "rendered"

    render: Callable[[Any], Any] | None = field(default=None, kw_only=True, compare=False, repr=False)
    on_key: Callable[[Any, str], object] | None = field(default=None, kw_only=True, compare=False, repr=False)
    _widgets: OrderedDict[str, list[Any]] = field(
        default_factory=OrderedDict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Refuse what cannot be called."""
        super().__post_init__()
        functions: tuple[tuple[str, object], ...] = (("render", self.render), ("on_key", self.on_key))
        for name, given in functions:
            if given is not None and not callable(given):
                message = f"{self.name!r}: expected {name} to be a function, found {shorten(given)}."
                raise SchemaError(message)

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse nulls, and cells that hold objects of Python, which no log could keep."""
        if column.dtype == pl.Object:
            raise ColumnError(
                what, expected="text, numbers, bytes, lists or structs", found="Object", column=self.name
            )
        if column.is_null().any():
            row = column.is_null().arg_true()[0]
            raise ColumnError(
                what,
                expected="a cell to render",
                found="null",
                row=row,
                column=self.name,
                advice="Drop the row.",
            )

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the cell as text."""
        return _text(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the cell as text; of bytes, all of them."""
        return _text(cell)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return by what name the widget is asked for, once the item is in view."""
        return {"blob": blob_name(item_id, self.name), "lazy": True}

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401 -- a cell
        """Return the name of the widget's model.

        Raises
        ------
        ExchangeError
            If there is no function, it fails, or what it returns is no widget.
        """
        name = self.identity(cell)
        if name not in self._widgets:
            self._widgets[name] = self._made(cell)
        self._widgets.move_to_end(name)
        while len(self._widgets) > _KEPT:
            for old in self._widgets.popitem(last=False)[1]:
                old.close()
        return Blob(str(self._widgets[name][0].model_id).encode(), _MIME)

    def _made(self, cell: object) -> list[Any]:
        """Return the widget, and what listens to its keys."""
        if self.render is None:
            advice = f"Reopen the project with a schema that has Rendered({self.name!r}, render=...)."
            raise ExchangeError(self.name, f"no function says how to show it. {advice}")
        try:
            widget = self.render(cell)
        except Exception as error:
            raise ExchangeError(
                self.name, f"its function failed: {type(error).__name__}: {error}."
            ) from error
        if not getattr(widget, "model_id", None):
            found = f"{type(widget).__name__}, which is no widget"
            raise ExchangeError(
                self.name, f"its function returned {found}; ipywidgets.Output() shows anything."
            )
        return [widget] if self.on_key is None else [widget, self._listener(widget)]

    def _listener(self, widget: Any) -> Any:  # noqa: ANN401 -- an ipywidget and an ipyevents.Event
        events = importlib.import_module("ipyevents")
        listener = events.Event(source=widget, watched_events=["keydown"], prevent_default_action=True)
        listener.on_dom_event(lambda event: self.on_key and self.on_key(widget, str(event.get("key"))))
        return listener


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    return json.dumps(cell, sort_keys=True, default=_plain)


def _plain(cell: object) -> str:
    return cell.hex() if isinstance(cell, bytes) else str(cell)
