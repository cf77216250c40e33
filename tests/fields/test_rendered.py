"""Rendered: widgets that a function of the user's makes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from jupyter_annotate import Choice, Project, Rendered, Schema
from jupyter_annotate.errors import ExchangeError, SchemaError


class FakeWidget:
    """Has a name, and knows whether it was closed."""

    def __init__(self, name: object) -> None:
        self.model_id = f"model-{name}"
        self.closed = False

    def close(self) -> None:
        """Close it."""
        self.closed = True


def test_a_cell_is_rendered_once_and_kept_while_it_is_near() -> None:
    """Looking again shows the same widget; those of long ago are closed."""
    made: list[FakeWidget] = []

    def render(cell: object) -> FakeWidget:
        made.append(FakeWidget(cell))
        return made[-1]

    field = Rendered("f", render=render)
    for cell in [*range(20), 19]:
        blob = field.blob(cell)
        assert blob is not None
        assert blob.data == f"model-{cell}".encode()

    assert len(made) == 20
    assert [widget.closed for widget in made] == [True] * 8 + [False] * 12


def test_nothing_is_rendered_before_it_is_looked_at() -> None:
    """Items are added, and travel, without a call of the function."""

    def render(cell: object) -> Any:  # noqa: ANN401 -- never returns
        raise AssertionError(cell)

    field = Rendered("f", render=render)
    schema = Schema(field, Choice("q", ["yes", "no"]))
    items = pl.DataFrame({"item_id": ["1"], "f": [{"x": [1.0, 2.0], "name": "a"}]})
    with Project.open(":memory:", schema=schema, items=items) as project:
        assert len(project.table) == 1
    assert field.payload("a", item_id="1") == {"blob": "1/f", "lazy": True}


@pytest.mark.parametrize(
    ("render", "problem"),
    [
        (None, "no function says how to show it"),
        (lambda _: "text", "returned str, which is no widget"),
        (lambda _: 1 / 0, "its function failed: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_rendered_is_said(render: Any, problem: str) -> None:  # noqa: ANN401 -- what users give
    """In one sentence, to the person at the screen."""
    with pytest.raises(ExchangeError, match=problem):
        Rendered("f", render=render).blob("a")


@pytest.mark.parametrize("name", ["render", "on_key"])
def test_functions_are_functions(name: str) -> None:
    """What cannot be called is refused when the field is made."""
    given: Any = {name: "plot"}
    with pytest.raises(SchemaError, match=f"expected {name} to be a function"):
        Rendered("f", **given)


def test_keys_inside_reach_the_function() -> None:
    """Carried by ipyevents, with the widget they were pressed in."""
    import ipywidgets

    heard: list[tuple[str, str]] = []
    field = Rendered(
        "f",
        render=ipywidgets.Label,
        on_key=lambda widget, key: heard.append((widget.value, key)),
    )
    field.blob("a")
    ((_, listener),) = field._widgets.values()

    listener._handle_mouse_msg(listener, {"type": "keydown", "key": "q"}, [])

    assert heard == [("a", "q")]
