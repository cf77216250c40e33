"""Markdown: a column of text with marks for headings, lists, tables, code and emphasis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jupyter_annotate.fields.text import Text

__all__ = ["Markdown"]


@dataclass(frozen=True)
class Markdown(Text):
    """A column of text, shown with its headings, lists, quotes, tables, code, bold and italic.

    HTML and links in it are shown as the text they are.

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.

    Examples
    --------
    >>> Markdown("answer").to_json()
    {'kind': 'markdown', 'name': 'answer', 'title': None}
    """

    kind: ClassVar[str] = "markdown"
