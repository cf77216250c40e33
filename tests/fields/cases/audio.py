"""Audio: played, and gone through by keys and by the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Audio
from jupyter_annotate.content import Recording
from tests.fields.cases import Case
from tests.recordings import film, wav

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def is_playable(widget: Widget, seconds: str) -> None:
    """Wait until the length is known."""
    widget.root.locator(".ja-clock", has_text=f"/ 0:{seconds}").wait_for(timeout=30_000)


def position(widget: Widget) -> float:
    """Return where the playhead stands, in seconds."""
    return float(widget.root.locator(".ja-playhead").get_attribute("aria-valuenow") or "nan")


def gone_through(widget: Widget) -> None:
    """Step by keys, and play."""
    widget.press("ArrowRight", "ArrowRight", "t", "ArrowRight")
    assert abs(position(widget) - 2.05) < 0.01
    widget.press("Home", "p")
    widget.page.wait_for_timeout(400)
    widget.press("p")
    assert 0.1 < position(widget) < 1.5


def by_keys(widget: Widget) -> None:
    """Step, and play."""
    is_playable(widget, "03.0")
    gone_through(widget)


def by_mouse(widget: Widget) -> None:
    """Press into the wave, and on the button."""
    is_playable(widget, "03.0")
    pressed(widget)


def pressed(widget: Widget) -> None:
    """Press into the middle of the timeline, play and stop."""
    timeline = widget.root.locator(".ja-timeline")
    timeline.click()
    middle = float(widget.root.locator(".ja-playhead").get_attribute("aria-valuemax") or "nan") / 2
    assert abs(position(widget) - middle) < 0.1
    widget.button("Play").click()
    widget.page.wait_for_timeout(400)
    widget.button("Pause").click()
    assert position(widget) > middle + 0.1


CASE = Case(
    field=Audio("f"),
    good=((wav(3), Recording(3.0)), (wav(0.5), Recording(0.5))),
    bad=(
        pl.Series("f", [wav(1), b"no sound"]),
        pl.Series("f", [film(), b"\x89PNG\r\n\x1a\n"]),
        pl.Series("f", ["there-is-no-such-file.wav"]),
        pl.Series("f", [1, 2]),
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
)
