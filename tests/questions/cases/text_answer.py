"""TextAnswer: typed into the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Text, TextAnswer
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_SOURCE = "Ada have met Grace in 1941."
_MENDED = "Ada met Grace in 1951."


def by_keys(widget: Widget) -> None:
    """Go into the field, type over what stands there, and leave it."""
    widget.press("e", "Control+a")
    widget.page.keyboard.type(_MENDED)
    widget.press("Escape")


def by_mouse(widget: Widget) -> None:
    """Click into the field and fill it in, and leave it by a click on the title."""
    box = widget.root.get_by_role("textbox")
    box.click()
    box.fill(_MENDED)
    widget.root.locator(".ja-question-title").click()


CASE = Case(
    question=TextAnswer("q", rewrite="text", maximum=40, title="Mend it"),
    fields=(Text("text"),),
    item={"text": _SOURCE},
    good=(
        (_MENDED, _MENDED),
        ("two\r\nlines", "two\nlines"),
        (" a ", " a "),
        ("null", "null"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
    ),
    bad=("", "  ", "x" * 41, "a\x00", "\ud800", None, 1, ["a"]),
    labels=({"label": _MENDED},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=_MENDED,
)
