"""TextAnswer: free text, or a text of the item rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.questions.base import Question, check_prose, decoded, is_whole

__all__ = ["TextAnswer"]

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_MOST_LINES = 40


@dataclass(frozen=True)
class TextAnswer(Question):
    r"""Free text: an answer, a translation, a correction.

    Parameters
    ----------
    name
        An identifier.
    lines
        How many lines the field shows; with 1 Enter submits.
    minimum
        Least number of characters (code points), blanks around it aside; 0: an empty text is an answer.
    maximum
        Greatest number of characters.
    placeholder
        Shown as long as nothing is typed.
    rewrite
        A text field to begin with; its changes are shown while they are made.

    Examples
    --------
    >>> TextAnswer("why", maximum=200).check("Too slow.\r\nToo dear.", {})
    'Too slow.\nToo dear.'
    """

    kind: ClassVar[str] = "text_answer"

    lines: int = field(default=3, kw_only=True)
    minimum: int = field(default=1, kw_only=True)
    maximum: int | None = field(default=None, kw_only=True)
    placeholder: str | None = field(default=None, kw_only=True)
    rewrite: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse bounds that leave no answer."""
        super().__post_init__()
        whose = f"{self.name!r}: expected"
        if not is_whole(self.lines) or not 1 <= self.lines <= _MOST_LINES:
            raise SchemaError(f"{whose} 1 to {_MOST_LINES} lines, found {shorten(self.lines)}.")
        if not is_whole(self.minimum) or self.minimum < 0:
            raise SchemaError(f"{whose} minimum of 0 or more characters, found {shorten(self.minimum)}.")
        most = self.maximum
        if most is not None and (not is_whole(most) or most < max(self.minimum, 1)):
            raise SchemaError(f"{whose} maximum of at least minimum, and 1, found {shorten(most)}.")
        check_prose(self.placeholder, what=f"{whose} placeholder")
        check_prose(self.rewrite, what=f"{whose} rewrite")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own = ("lines", "minimum", "maximum", "placeholder", "rewrite")
        return {**super().to_json(), **{name: getattr(self, name) for name in own}}

    @property
    def reads(self) -> tuple[str, ...]:
        """The field that is rewritten."""
        return () if self.rewrite is None else (self.rewrite,)

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the text as it was typed, with line feeds as ends of lines."""
        if not isinstance(answer, str) or _UNSTORABLE.search(answer):
            raise LabelError(self.name, answer, expected="text without NUL characters and lone surrogates")
        text = answer.replace("\r\n", "\n").replace("\r", "\n")
        if len(text.strip()) < self.minimum:
            raise LabelError(self.name, answer, expected=f"text of at least {self.minimum} characters")
        if self.maximum is not None and len(text) > self.maximum:
            found = f"text of at most {self.maximum} characters, not {len(text)}"
            raise LabelError(self.name, shorten(answer), expected=found)
        return text

    def encode(self, values: pl.Series, contents: Iterable[Mapping[str, Content]]) -> pl.Series:
        """Check many texts, given as they are."""
        if values.dtype != pl.String:
            return super().encode(values, contents)
        texts = [canonical_json(each) for each in values]
        return super().encode(pl.Series(values.name, texts, dtype=pl.String), contents)

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer, ``label`` as text."""
        return decoded(answers, pl.String)
