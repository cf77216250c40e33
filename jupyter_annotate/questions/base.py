"""Question: what is asked about an item, which answers fit, and how they compare."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any, ClassVar, Self, TypeAlias

import polars as pl

from jupyter_annotate.columns import LABELS
from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, LabelError, SchemaError, list_some, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.questions.cells import read_cell
from jupyter_annotate.questions.conditions import CANNOT_TELL, Conditions, ShowWhen, conditions_of
from jupyter_annotate.questions.label import Label, check_prose, matches

__all__ = [
    "Label",
    "LabelQuestion",
    "Question",
    "Renamed",
    "check_flag",
    "check_prose",
    "decoded",
    "is_whole",
]

#: In a page ``__proto__`` is no name like others: an answer under it would be lost.
_NAME = re.compile(r"(?!__proto__\Z)[A-Za-z_][A-Za-z0-9_]*\Z")
#: Keys the widget needs itself; no label may take one.
WIDGET_KEYS = frozenset("acfgwxz,.?/ ")
#: Says "I cannot tell" where that is an answer.
KEY_OF_CANNOT_TELL = "u"
#: What became of labels: the new name, or None where it is to be chosen anew.
Renamed: TypeAlias = "Mapping[str, str | None]"
_SPARE_KEYS = "1234567890" + "qertyuiopdhjklvbnms"


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
    show_when
        What has to be answered before it is asked: the name of another question, or the answers wanted, like
        ``{"mood": ["sad", "angry"]}``; of several labels or marks one is enough, of several questions each.
        Where it is not asked no answer is taken.
    cannot_tell
        Whether "I cannot tell" is an answer. It is stored like any other, and is nobody's label.
    validate
        A function of the answer in canonical form and of what the item shows, by field, that returns None or
        what is wrong, in one sentence. It is no part of the stored schema: give it again when reopening.
    """

    kind: ClassVar[str]
    #: Kinds of field this question is answered on by drawing; none by default.
    draws_on: ClassVar[tuple[str, ...]] = ()
    #: Keys this kind of question uses beside the labels' own.
    own_keys: ClassVar[str] = ""
    #: Whether one answer can be given to several items at once: it says nothing of places in them.
    of_any_item: ClassVar[bool] = False

    name: str
    title: str | None = field(default=None, kw_only=True)
    help: str | None = field(default=None, kw_only=True)
    required: bool = field(default=True, kw_only=True)
    show_when: ShowWhen | None = field(default=None, kw_only=True)
    cannot_tell: bool = field(default=False, kw_only=True)
    validate: Callable[[Json, Mapping[str, Content]], str | None] | None = field(
        default=None, kw_only=True, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Refuse a name that could not be a column, and a title nobody could read."""
        if not matches(_NAME, self.name):
            message = (
                f"Expected an identifier like 'sentiment' as name of a question, found {shorten(self.name)}."
            )
            raise SchemaError(message)
        check_prose(self.title, what=f"{self.name!r}: expected title")
        check_prose(self.help, what=f"{self.name!r}: expected help")
        check_flag(self.required, what=f"{self.name!r}: expected required")
        check_flag(self.cannot_tell, what=f"{self.name!r}: expected cannot_tell")
        object.__setattr__(self, "show_when", conditions_of(self.show_when, what=f"{self.name!r}"))
        given: object = self.validate
        if given is not None and not callable(given):
            message = f"{self.name!r}: expected validate to be a function, found {shorten(given)}."
            raise SchemaError(message)

    @property
    def conditions(self) -> Conditions | None:
        """What has to be answered before it is asked, in canonical form."""
        return conditions_of(self.show_when, what=f"{self.name!r}")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "help": self.help,
            "required": self.required,
            # Left out where they are not used: a schema stored without them is the same schema.
            **({"show_when": dict(self.conditions)} if self.conditions else {}),
            **({"cannot_tell": True} if self.cannot_tell else {}),
        }

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields of the schema it needs, beside the one it is drawn on."""
        return ()

    def check_basis(self, before: Mapping[str, Question]) -> None:  # noqa: B027 -- most kinds stand by themselves
        """Refuse a schema in which what the question builds on does not stand before it.

        Parameters
        ----------
        before
            The questions that stand before it, by name.

        Raises
        ------
        SchemaError
            Naming what was expected.
        """

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

    def admit(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return what is stored: an answer in canonical form, or that the annotator cannot tell.

        Raises
        ------
        LabelError
            If it does not fit, or the question's own function refuses it.
        """
        if self.cannot_tell and answer == CANNOT_TELL:
            return CANNOT_TELL
        checked = self.of_item(content).check(answer, content)
        problem = self.validate(checked, content) if self.validate else None
        if problem is not None:
            raise LabelError(self.name, checked, expected=f"what its own check takes ({problem})")
        return checked

    def of_item(self, content: Mapping[str, Content]) -> Self:  # noqa: ARG002 -- the same for any item, but for labels of its own
        """Return the question as it is asked about one item."""
        return self

    def check_beside(self, answer: Json, answers: Mapping[str, Json]) -> None:  # noqa: B027 -- most kinds have nothing to refuse
        """Refuse an answer that does not fit the other answers to the item; any fits by default.

        Parameters
        ----------
        answer
            In canonical form.
        answers
            All of the item, by question, in canonical form.

        Raises
        ------
        LabelError
            Naming the question, what was expected and what was found.
        """

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:  # noqa: ARG002 -- most kinds have no labels
        """Return an answer in the words of this question; None if it is undecided, as a label was split.

        Parameters
        ----------
        answer
            In canonical form, in the words of the question before a migration.
        names
            By question, what became of its labels: the new name, or None. Other labels are as before.
        """
        return answer

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
                texts.append(canonical_json(self.of_item(content).check(read_cell(value), content)))
            except LabelError as error:
                found = str(error).rstrip(".")
                raise self._misfit(row, "answers that fit", found) from error
            except (ValueError, TypeError, RecursionError) as error:
                found = f"{shorten(value)}, which cannot be read ({error})"
                raise self._misfit(row, "an answer as JSON", found) from error
        return pl.Series(values.name, texts, dtype=pl.String)

    def _misfit(self, row: int, expected: str, found: str) -> ColumnError:
        what = f"values for {self.name!r}"
        return ColumnError(what, expected=expected, found=found, row=row, column="value")

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
    labels_from
        A column with a list of labels for each item; they stand before `labels`, which then may be none.
    """

    labels: Sequence[str | Label] = ()
    labels_from: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Complete the labels: every one a `Label`, keys handed out."""
        super().__post_init__()
        given: object = self.labels_from
        if given is not None and not isinstance(given, str):
            message = (
                f"{self.name!r}: expected labels_from to be the name of a column, found {shorten(given)}."
            )
            raise SchemaError(message)
        full = tuple(_label(each) for each in _in_order(self.labels, self.name))
        names = [label.name for label in full]
        if (not names and not self.labels_from) or len({name.strip() for name in names}) < len(names):
            message = f"{self.name!r}: expected at least one label and none twice, found {list_some(names)}."
            raise SchemaError(message)
        object.__setattr__(self, "labels", tuple(self._hand_out_keys(full)))

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in the order shown."""
        return tuple(_label(each).name for each in self.labels)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own = {"labels_from": self.labels_from} if self.labels_from else {}
        return {**super().to_json(), "labels": [_label(each).to_json() for each in self.labels], **own}

    def of_item(self, content: Mapping[str, Content]) -> Self:
        """Return the question with the labels of one item."""
        if self.labels_from is None:
            return self
        own = content.get(self.labels_from)
        if not isinstance(own, tuple):
            raise LabelError(self.name, None, expected=f"an item with labels in {self.labels_from!r}")
        fixed = {_label(each).name for each in self.labels}
        labels = (*(each for each in own if each not in fixed), *self.labels)
        return replace(self, labels=labels, labels_from=None)

    def spread(self, names: Renamed) -> Renamed:
        """Return what becomes of all labels if this becomes of some: in a tree those below follow."""
        return names

    def migrated(self, labels: Sequence[Label], names: Renamed) -> Self:  # noqa: ARG002 -- most kinds name labels nowhere else
        """Return the question with the labels that these names lead to."""
        return replace(self, labels=tuple(labels))

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the question its JSON form describes; a label may be its name alone."""
        given = _in_order(spec.get("labels", ()), spec["name"])
        labels = [Label(**each) if isinstance(each, Mapping) else each for each in given]
        return super().from_json({**spec, "labels": labels})

    def _known(self, label: object, answer: Json) -> str:
        if isinstance(label, str) and label in self.label_names:
            return str(label)
        raise LabelError(self.name, answer, expected=f"one of {list_some(self.label_names)}")

    def _hand_out_keys(self, labels: Sequence[Label]) -> Iterator[Label]:
        reserved = WIDGET_KEYS | set(self.own_keys) | ({KEY_OF_CANNOT_TELL} if self.cannot_tell else set())
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
        # The digits are for the labels of the item.
        keys = _SPARE_KEYS.lstrip("0123456789") if self.labels_from else _SPARE_KEYS
        spare = (k for k in keys if k not in reserved and k not in taken)
        for label in labels:
            yield label if label.key else replace(label, key=next(spare, None))


def is_whole(number: object) -> bool:
    """Say whether it is a whole number, of numpy or not; True is none."""
    return isinstance(number, Integral) and not isinstance(number, bool)


def _in_order(labels: object, question: str) -> Iterable[object]:
    """Refuse what has no order of its own or holds more than names."""
    why = ""
    if isinstance(labels, set | frozenset):
        why = "; a set has no order, so the keys would differ from run to run"
    if why or isinstance(labels, str | bytes | Mapping) or not isinstance(labels, Iterable):
        found = f"the {type(labels).__name__} {shorten(labels)}{why}"
        message = f"{question!r}: expected a list of labels, found {found}."
        raise SchemaError(message)
    return labels


def check_flag(flag: object, *, what: str) -> None:
    """Refuse what is neither True nor False: ``"no"`` would count as yes.

    Raises
    ------
    SchemaError
        Beginning with ``what``.
    """
    if not isinstance(flag, bool):
        message = f"{what} to be True or False, found {shorten(flag)}."
        raise SchemaError(message)


def _label(each: object) -> Label:
    match each:
        case Label():
            return each
        case str():
            return Label(str(each))
    message = f"Expected a label name or a Label, found {each!r}."
    raise SchemaError(message)


def decoded(answers: pl.DataFrame, dtype: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    """Return item, annotator and the decoded value of each answer as ``label``."""
    return answers.select(
        *(n for n in LABELS if n != "label"), pl.col("value").str.json_decode(dtype).alias("label")
    )
