"""Markdown: marks become headings, lists and tables; what looks like HTML stays text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Markdown
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_SOURCE = """# A title

Some **bold** words, `code` and <b>no markup</b>.

- one
- two

| name | size |
|------|------|
| ant  | 3    |

```
let x = 1;
```

> said somebody
"""


def is_formatted(widget: Widget) -> None:
    """See each kind of block, and the markup as the text it is."""
    field = widget.root.locator(".ja-markdown")
    assert field.get_by_role("heading", name="A title").count() == 1
    assert field.locator("li").all_text_contents() == ["one", "two"]
    assert field.locator("th, td").all_text_contents() == ["name", "size", "ant", "3"]
    assert [field.locator(tag).count() for tag in ("strong", "code", "pre", "blockquote", "b")] == [
        1,
        1,
        1,
        1,
        0,
    ]


CASE = Case(
    field=Markdown("f"),
    good=((_SOURCE, _SOURCE), ("plain", "plain"), ("", "")),
    bad=(pl.Series("f", ["a", None]), pl.Series("f", ["a", "b\x00"]), pl.Series("f", [1])),
    by_keys=is_formatted,
    by_mouse=is_formatted,
)
