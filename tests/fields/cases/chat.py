"""Chat: turns with their roles, a long one scrolled by key and by wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Chat
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_LONG = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "Why is <b>the sky</b> blue?"},
    {"role": "assistant", "content": "Air scatters blue light more than red. " * 60},
    {"role": "reviewer", "content": "Too long."},
]
_CANONICAL = (
    "[" + ",".join(f'{{"content":"{turn["content"]}","role":"{turn["role"]}"}}' for turn in _LONG) + "]"
)


def reads(widget: Widget) -> None:
    """See every turn with who said it, and markup as text."""
    chat = widget.root.locator(".ja-chat")
    assert chat.locator(".ja-chat-role").all_text_contents() == [turn["role"] for turn in _LONG]
    assert chat.locator(".ja-chat-content").all_text_contents() == [turn["content"] for turn in _LONG]
    assert chat.locator("b").count() == 0


def by_keys(widget: Widget) -> None:
    """Read it, and scroll it to its end."""
    reads(widget)
    chat = widget.root.locator(".ja-chat")
    chat.focus()
    widget.press("End")
    widget.page.wait_for_function("e => e.scrollTop > 0", arg=chat.element_handle())


def by_mouse(widget: Widget) -> None:
    """Read it, and turn the wheel over it."""
    reads(widget)
    chat = widget.root.locator(".ja-chat")
    chat.evaluate("e => { e.scrollTop = 0 }")
    chat.hover()
    widget.page.mouse.wheel(0, 200)
    widget.page.wait_for_function("e => e.scrollTop > 0", arg=chat.element_handle())


CASE = Case(
    field=Chat("f"),
    good=(
        (_LONG, _CANONICAL),
        ([{"role": "user", "content": "Hi"}], '[{"content":"Hi","role":"user"}]'),
        ([], "[]"),
    ),
    bad=(
        pl.Series("f", ['[{"role": "user", "content": "a"}]', "no JSON"]),
        pl.Series("f", ['[{"role": "user"}]']),
        pl.Series("f", ['[{"role": "user", "content": 1}]']),
        pl.Series("f", ['{"role": "user", "content": "a"}']),
        pl.Series("f", [[{"role": "user", "content": "a"}], None]),
        pl.Series("f", [[{"role": "user", "text": "a"}]]),
        pl.Series("f", [1]),
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
)
