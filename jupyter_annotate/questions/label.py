"""Label: one of the answers on offer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import Json, check_text

__all__ = ["Label", "check_prose", "matches"]

_NOT_BLANK = re.compile(r"\s*\S")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True, slots=True)
class Label:
    """One of the answers on offer.

    Parameters
    ----------
    name
        What is stored and shown.
    key
        The key that gives it; digits are handed out in order where none is set.
    color
        ``"#rrggbb"``; from a colour-blind-safe palette by default.
    help
        One sentence on when it applies.

    Examples
    --------
    >>> Label("positive", key="p").to_json()
    {'name': 'positive', 'key': 'p', 'color': None, 'help': None}
    """

    name: str
    key: str | None = None
    color: str | None = None
    help: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be shown or typed."""
        if not matches(_NOT_BLANK, self.name):
            message = f"A label needs a name, found {shorten(self.name)}."
            raise SchemaError(message)
        check_text(self.name, what="The label")
        whose = f"Label {self.name!r}"
        if self.key is not None and not _is_key(self.key):
            message = f"{whose}: expected one character as key, found {shorten(self.key)}."
            raise SchemaError(message)
        if self.color is not None and not matches(_COLOR, self.color):
            message = f"{whose}: expected a colour like '#3366cc', found {shorten(self.color)}."
            raise SchemaError(message)
        check_prose(self.help, what=f"{whose}: expected help")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {"name": self.name, "key": self.key, "color": self.color, "help": self.help}


def matches(pattern: re.Pattern[str], text: object) -> bool:
    """Say whether it is text of this form from its beginning."""
    return isinstance(text, str) and pattern.match(text) is not None


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) == 1 and key.isprintable()


def check_prose(text: object, *, what: str) -> None:
    """Refuse a title or help that is neither None nor text that is valid Unicode.

    Raises
    ------
    SchemaError
        Beginning with ``what``.
    """
    if text is None or (isinstance(text, str) and not _SURROGATE.search(text)):
        return
    message = f"{what} to be text without lone surrogates, or None, found {shorten(text)}."
    raise SchemaError(message)
