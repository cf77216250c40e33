"""Image: encoded bytes, at their own size or as wide as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Image
from jupyter_annotate.content import ImageSize
from tests.fields.cases import Case
from tests.pictures import png

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def is_decoded(widget: Widget) -> None:
    """Wait until the picture is there in its own size."""
    picture = widget.root.locator(".ja-image img").element_handle(timeout=30_000)
    widget.page.wait_for_function(
        "e => e.complete && e.naturalWidth === 320 && e.naturalHeight === 240", arg=picture
    )


CASE = Case(
    field=Image("f"),
    good=((png(320, 240), ImageSize(320, 240)), (png(3, 2), ImageSize(3, 2))),
    bad=(
        pl.Series("f", [png(3, 2), b"no image"]),
        pl.Series("f", ["there-is-no-such-file.png"]),
        pl.Series("f", [1, 2]),
    ),
    by_keys=is_decoded,
    by_mouse=is_decoded,
)
