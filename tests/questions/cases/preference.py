"""Preference: keys from left to right, or buttons; the sides are by lot, so the page is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Preference, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_ITEM = {"one": "Yes.", "other": "Yes, since 1998."}


def side_of_other(widget: Widget) -> int:
    """Return where the better answer stands: 0 left, 1 right."""
    sides = widget.root.locator(".ja-preference-side .ja-text").all_text_contents()
    assert sorted(sides) == sorted(_ITEM.values())
    return sides.index(_ITEM["other"])


def by_keys(widget: Widget) -> None:
    """For the first aspect press the digit of the strongest grade, for the second a tie."""
    widget.press(("1", "4")[side_of_other(widget)], "t")


def by_mouse(widget: Widget) -> None:
    """Click the same."""
    name = ("Left much better", "Right much better")[side_of_other(widget)]
    rows = widget.root.locator(".ja-preference-row")
    rows.nth(0).get_by_role("button", name=name).click()
    rows.nth(1).get_by_role("button", name="Tie").click()


_ANSWER = {"helpful": {"better": "other", "grade": 2}, "true": {"better": "tie"}}

CASE = Case(
    question=Preference("q", ("one", "other"), aspects=["helpful", "true"], grades=2),
    fields=(Text("one"), Text("other")),
    item=_ITEM,
    good=(
        ({"true": {"better": "tie"}, "helpful": {"better": "other", "grade": 2}}, _ANSWER),
        (
            {"helpful": {"better": "one", "grade": 1}, "true": {"better": "one", "grade": 2}},
            {"helpful": {"better": "one", "grade": 1}, "true": {"better": "one", "grade": 2}},
        ),
    ),
    bad=(
        "other",
        {"better": "other", "grade": 1},
        {"helpful": {"better": "other", "grade": 1}},
        {**_ANSWER, "true": {"better": "left", "grade": 1}},
        {**_ANSWER, "true": {"better": "one"}},
        {**_ANSWER, "true": {"better": "one", "grade": 3}},
        {**_ANSWER, "true": {"better": "tie", "grade": 1}},
        {**_ANSWER, "true": None},
        None,
    ),
    labels=(
        {"label": "right", "left": "one", "right": "other", "aspect": "helpful", "grade": 2},
        {"label": "tie", "left": "one", "right": "other", "aspect": "true", "grade": None},
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=_ANSWER,
)
