"""Question: what is asked about an item, which answers fit, and how they compare."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import polars as pl

from jupyter_annotate.columns import LABELS
from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, LabelError, SchemaError, list_some
from jupyter_annotate.events import Json, canonical_json, check_text

__all__ = ["Label", "LabelQuestion", "Question"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
#: Keys the widget needs itself; no label may take one.
WIDGET_KEYS = frozenset("acfgwxz,.?/ ")
_SPARE_KEYS = "1234567890" + "qertyuiopdhjklvbnms"


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
        if not self.name.strip():
            message = f"A label needs a name, found {self.name!r}."
            raise SchemaError(message)
        check_text(self.name, what="The label")
        if self.key is not None and (len(self.key) != 1 or not self.key.isprintable()):
            message = f"Label {self.name!r}: expected one character as key, found {self.key!r}."
            raise SchemaError(message)
        if self.color is not None and not _COLOR.match(self.color):
            message = f"Label {self.name!r}: expected a colour like '#3366cc', found {self.color!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {"name": self.name, "key": self.key, "color": self.color, "help": self.help}


@dataclass(frozen=True)
class Question(ABC):
    """What is asked about an item.

    Parameters
    ----------
    name
        An identifier; the column answers are known by.
    title
        What the annotator reads; the name by default.
    help
        A sentence more, shown on demand.
    required
        Whether an item can be submitted without an answer to it.
    """

    kind: ClassVar[str]
    #: Kind of field this question is answered on by drawing, or None.
    draws_on: ClassVar[str | None] = None
    #: Keys this kind of question uses beside the labels' own.
    own_keys: ClassVar[str] = ""

    name: str
    title: str | None = field(default=None, kw_only=True)
    help: str | None = field(default=None, kw_only=True)
    required: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a name that could not be a column."""
        if not _NAME.match(self.name):
            message = f"Expected an identifier like 'sentiment' as name of a question, found {self.name!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "help": self.help,
            "required": self.required,
        }

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the question its JSON form describes."""
        return cls(**{k: v for k, v in spec.items() if k != "kind"})

    @abstractmethod
    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the answer in canonical form, or refuse it.

        Parameters
        ----------
        answer
            As it came from the browser, a file or a model.
        content
            What each field of the item shows.

        Raises
        ------
        LabelError
            Naming the question, what was expected and what was found.
        """

    def encode(self, values: pl.Series, contents: Iterable[Mapping[str, Content]]) -> pl.Series:
        """Check many values and return their canonical JSON.

        Parameters
        ----------
        values
            One a row: JSON text, or the value itself as polars holds it.
        contents
            What each row's item shows, in the same order; read only as far as needed.

        Raises
        ------
        ColumnError
            Naming the first row that does not fit.
        """
        texts: list[str] = []
        for row, (value, content) in enumerate(zip(values, contents, strict=True)):
            try:
                plain = json.loads(value) if isinstance(value, str) else _plain(value)
                texts.append(canonical_json(self.check(plain, content)))
            except (LabelError, json.JSONDecodeError) as error:
                raise ColumnError(
                    f"values for {self.name!r}",
                    expected="answers that fit",
                    found=str(error).rstrip("."),
                    row=row,
                    column="value",
                ) from error
        return pl.Series(values.name, texts, dtype=pl.String)

    @abstractmethod
    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Turn ANNOTATIONS of this question into LABELS, the comparable form.

        Parameters
        ----------
        answers
            ANNOTATIONS, all of this question.

        Returns
        -------
        labels
            LABELS with the columns of this kind of question.
        """


@dataclass(frozen=True)
class LabelQuestion(Question):
    """A question whose answers are made of labels from a list.

    Parameters
    ----------
    labels
        Names or `Label` objects, in the order shown.
    """

    labels: Sequence[str | Label] = ()

    def __post_init__(self) -> None:
        """Complete the labels: every one a `Label`, keys handed out."""
        super().__post_init__()
        if isinstance(self.labels, str):
            message = f"{self.name!r}: expected a list of labels, found the text {self.labels!r}."
            raise SchemaError(message)
        full = tuple(_label(each) for each in self.labels)
        names = [label.name for label in full]
        if len(names) < 1 or len(set(names)) < len(names):
            message = f"{self.name!r}: expected at least one label and none twice, found {list_some(names)}."
            raise SchemaError(message)
        object.__setattr__(self, "labels", tuple(self._hand_out_keys(full)))

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in the order shown."""
        return tuple(_label(each).name for each in self.labels)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "labels": [_label(each).to_json() for each in self.labels]}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the question its JSON form describes."""
        return super().from_json({**spec, "labels": [Label(**each) for each in spec["labels"]]})

    def _known(self, label: object, answer: Json) -> str:
        if isinstance(label, str) and label in self.label_names:
            return label
        raise LabelError(self.name, answer, expected=f"one of {list_some(self.label_names)}")

    def _hand_out_keys(self, labels: Sequence[Label]) -> Iterator[Label]:
        reserved = WIDGET_KEYS | set(self.own_keys)
        taken: set[str] = set()
        for label in labels:
            if label.key is None:
                continue
            if label.key.lower() in reserved or label.key.lower() in taken:
                why = "is used by the widget itself" if label.key.lower() in reserved else "is used twice"
                free = [k for k in _SPARE_KEYS if k not in reserved and k not in taken]
                message = f"{self.name!r}: the key {label.key!r} of label {label.name!r} {why}; free: {free}."
                raise SchemaError(message)
            taken.add(label.key.lower())
        spare = (k for k in _SPARE_KEYS if k not in reserved and k not in taken)
        for label in labels:
            yield label if label.key else replace(label, key=next(spare, None))


def _label(each: object) -> Label:
    match each:
        case Label():
            return each
        case str():
            return Label(each)
    message = f"Expected a label name or a Label, found {each!r}."
    raise SchemaError(message)


def _plain(value: Any) -> Json:  # noqa: ANN401 -- a cell of any dtype
    """Turn what polars yields for a nested cell into JSON."""
    match value:
        case pl.Series():
            return [_plain(each) for each in value]
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {k: _plain(v) for k, v in value.items() if v is not None}
    plain: Json = value
    return plain


def decoded(answers: pl.DataFrame, dtype: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    """Return item, annotator and the decoded value of each answer as ``label``."""
    return answers.select(
        *(n for n in LABELS if n != "label"), pl.col("value").str.json_decode(dtype).alias("label")
    )
