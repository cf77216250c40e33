"""Video: played, and gone through by keys and by the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Video
from jupyter_annotate.content import Recording
from tests.fields.cases import Case
from tests.fields.cases.audio import gone_through, is_playable, pressed
from tests.recordings import film, wav

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def is_shown(widget: Widget) -> None:
    """Wait until there is a picture of the right size."""
    is_playable(widget, "05.0")
    element = widget.root.locator("video").element_handle()
    widget.page.wait_for_function("e => e.videoWidth === 320 && e.videoHeight === 240", arg=element)


def by_keys(widget: Widget) -> None:
    """Step, and play."""
    is_shown(widget)
    gone_through(widget)


def by_mouse(widget: Widget) -> None:
    """Press into the timeline, and on the button."""
    is_shown(widget)
    pressed(widget)


CASE = Case(
    field=Video("f"),
    good=((film(), Recording(5.0)), (film(1), Recording(5.0))),
    bad=(
        pl.Series("f", [film(), wav(1)]),
        pl.Series("f", [film(), b"no film"]),
        pl.Series("f", ["there-is-no-such-file.webm"]),
        pl.Series("f", [1, 2]),
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
)
