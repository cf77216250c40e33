"""BestWorst: two keys, or two clicks; the order on the screen is by lot, so the page is asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import BestWorst, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Press the key of the best, then that of the worst."""
    for option in ("vast", "tidy"):
        row = widget.root.locator(".ja-best-worst-row").filter(has_text=option)
        widget.press(row.locator("kbd").inner_text())


def by_mouse(widget: Widget) -> None:
    """Click the worst, then the best."""
    widget.button("worst: tidy").click()
    widget.button("best: vast").click()


_ANSWER = {"best": "vast", "worst": "tidy", "among": ["big", "tidy", "vast", "wide"]}

CASE = Case(
    question=BestWorst("q", ["big", "tidy", "vast", "wide"]),
    fields=(Text("text"),),
    item={"text": "Which word says most of size?"},
    good=(({"worst": "tidy", "best": "vast"}, _ANSWER), (_ANSWER, _ANSWER)),
    bad=(
        None,
        "vast",
        {"best": "vast"},
        {"best": "vast", "worst": "vast"},
        {"best": "vast", "worst": "small"},
        {**_ANSWER, "among": ["vast", "tidy"]},
        {**_ANSWER, "more": 1},
    ),
    labels=tuple(
        {"label": "left", "left": left, "right": right}
        for left, right in (
            ("vast", "big"),
            ("vast", "tidy"),
            ("vast", "wide"),
            ("big", "tidy"),
            ("wide", "tidy"),
        )
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=_ANSWER,
)
