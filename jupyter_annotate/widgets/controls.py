"""Controls: one question about one item as a widget of its own, without project, queue or log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import polars as pl
import traitlets

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json, fingerprint
from jupyter_annotate.fields import Blob, Field, Image, Markdown, Text, split_blob_name
from jupyter_annotate.questions import Boxes, Choice, Label, MultiChoice, Preference, Question, Spans
from jupyter_annotate.schema import Schema
from jupyter_annotate.widgets.protocol import parts_of
from jupyter_annotate.widgets.script import script_of

__all__ = ["Choices", "Control", "ImageBoxes", "TextPreference", "TextSpans"]

Labels = Sequence[str | Label]


class Control(anywidget.AnyWidget):
    """One question as a widget: its ``value`` is the answer.

    Parameters
    ----------
    question
        What is asked.
    *shown
        Pairs of a field and the cell it shows.
    value
        The answer to begin with.

    Attributes
    ----------
    value
        The answer in canonical form; None as long as there is none that fits. Observe it, link it, set it.
    refusal
        Why there is none.

    Raises
    ------
    SchemaError
        If the question cannot be asked about these fields.
    ColumnError
        If a cell cannot be shown.
    LabelError
        If a value set from Python does not fit; what was there stays.

    Examples
    --------
    >>> control = Control(Choice("mood", ["glad", "sad"]), (Text("text"), "It rained."))
    >>> control.value = "sad"
    >>> control.value
    'sad'
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    #: What is shown and asked, for the page.
    setup = traitlets.Dict().tag(sync=True)
    #: The answer as the page has it.
    working = traitlets.Any(None, allow_none=True).tag(sync=True)
    value = traitlets.Any(None, allow_none=True).tag(sync=True)
    refusal = traitlets.Unicode("").tag(sync=True)

    def __init__(self, question: Question, *shown: tuple[Field, Any], value: Json = None) -> None:
        self._cells = {field.name: cell for field, cell in shown}
        for field, cell in shown:
            field.check_column(pl.Series(field.name, [cell]), what=f"{type(self).__name__}()")
        self._fields = {field.name: field for field, _ in shown}
        self._question, schema = _asked(question, list(self._fields.values()))
        self._content: dict[str, Content] = {n: f.content(self._cells[n]) for n, f in self._fields.items()}
        self._hearing = False
        payloads = {n: f.payload(self._cells[n], item_id="") for n, f in self._fields.items()}
        kinds = {f"fields/{f.kind}" for f in self._fields.values()} | {f"questions/{question.kind}"}
        script = script_of(frozenset(kinds), "control")
        super().__init__(
            _esm=script.esm,
            _css=script.css,
            _anywidget_id=f"jupyter_annotate-{script.name}",
            # What is by lot is so for what is shown.
            setup={"schema": schema, "fields": payloads, "item": fingerprint(payloads)},
        )
        if value is not None:
            self.value = value
        self.on_msg(self._send_media)

    def __repr__(self) -> str:
        """Say what it is and what the answer is."""
        return f"<{type(self).__name__} {self._question.name!r}: {shorten(self.value)}>"

    @traitlets.validate("value")
    def _admitted(self, proposal: dict[str, Any]) -> Json:
        answer = proposal["value"]
        return None if answer is None else self._question.admit(answer, self._content)

    @traitlets.observe("value")
    def _show(self, change: dict[str, Any]) -> None:
        """Show in the page what Python set."""
        if not self._hearing:
            self.refusal = ""
            self.working = change["new"]

    @traitlets.observe("working")
    def _hear(self, change: dict[str, Any]) -> None:
        """Take over what was done in the page, or say why not."""
        self._hearing = True
        try:
            self.value = change["new"]
            self.refusal = ""
        except LabelError as error:
            self.value = None
            self.refusal = str(error)
        finally:
            self._hearing = False

    def _send_media(self, _widget: object, message: object, _buffers: object) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("blob"), str):
            return
        blob = self._media(message["blob"])
        for reply, part in parts_of({"kind": "blob", "blob": message["blob"]}, blob):
            self.send(reply, [part])

    def _media(self, name: str) -> Blob:
        _, field = split_blob_name(name)
        blob = self._fields[field].blob(self._cells[field]) if field in self._fields else None
        return blob or Blob(b"", "application/octet-stream")


def _asked(question: Question, fields: Sequence[Field]) -> tuple[Question, dict[str, Json]]:
    """Return the question as placed on its field, and the JSON form of all."""
    given: object = question
    if not isinstance(given, Question):
        message = f"Expected a question such as Choice('mood', ['glad', 'sad']), found {shorten(given)}."
        raise SchemaError(message)
    if not fields:
        return question, {"fields": [], "questions": [question.to_json()]}
    schema = Schema(*fields, question)
    return schema.questions[question.name], schema.to_json()


class Choices(Control):
    """Buttons with keys for one label, or with ``several`` for any number.

    Parameters
    ----------
    labels
        Names or `Label` objects.
    text
        Shown above.
    several
        Whether any number of labels may be chosen.
    value
        The answer to begin with.
    **options
        Of `Choice` or `MultiChoice`.

    Examples
    --------
    >>> Choices(["food", "price"], several=True, value=["price"]).value
    ['price']
    """

    def __init__(
        self,
        labels: Labels,
        text: str | None = None,
        *,
        several: bool = False,
        value: Json = None,
        **options: Any,  # noqa: ANN401 -- of the question
    ) -> None:
        made = MultiChoice if several else Choice
        shown = [] if text is None else [(Text("text"), text)]
        super().__init__(made("answer", labels, **options), *shown, value=value)


class TextSpans(Control):
    """A text whose pieces are labeled.

    Parameters
    ----------
    text
        The text.
    labels
        Names or `Label` objects.
    value
        The spans to begin with.
    **options
        Of `Spans`.

    Examples
    --------
    >>> TextSpans("Ada met Grace", ["person"], value=[{"start": 0, "end": 3, "label": "person"}]).value
    [{'start': 0, 'end': 3, 'label': 'person', 'text': 'Ada'}]
    """

    def __init__(self, text: str, labels: Labels, *, value: Json = None, **options: Any) -> None:  # noqa: ANN401 -- of the question
        super().__init__(Spans("answer", labels, **options), (Text("text"), text), value=value)


class ImageBoxes(Control):
    """An image on which boxes are drawn.

    Parameters
    ----------
    image
        Encoded bytes, or the name of a file below `root`.
    labels
        Names or `Label` objects.
    root
        The folder of the file.
    value
        The boxes to begin with.
    **options
        Of `Boxes`.
    """

    def __init__(
        self,
        image: bytes | str | Path,
        labels: Labels,
        *,
        root: str | Path = ".",
        value: Json = None,
        **options: Any,  # noqa: ANN401 -- of the question
    ) -> None:
        cell = str(image) if isinstance(image, Path) else image
        question = Boxes("answer", labels, **options)
        super().__init__(question, (Image("image", root=root), cell), value=value)


class TextPreference(Control):
    """Two texts side by side, of which one is better.

    Parameters
    ----------
    first, second
        The texts, as Markdown of the safe subset. Which stands on which side is by lot, the same whenever
        these two are shown; the value names them as they were given.
    prompt
        What they answer, shown above.
    value
        The preference to begin with.
    **options
        Of `Preference`: ties, grades, aspects, title, help.

    Examples
    --------
    >>> TextPreference("Four.", "5", prompt="What is 2 + 2?", value={"better": "first"}).value
    {'better': 'first'}
    """

    def __init__(
        self,
        first: str,
        second: str,
        *,
        prompt: str | None = None,
        value: Json = None,
        **options: Any,  # noqa: ANN401 -- of the question
    ) -> None:
        above = [] if prompt is None else [(Text("prompt"), prompt)]
        question = Preference("answer", between=("first", "second"), **options)
        pair = ((Markdown("first"), first), (Markdown("second"), second))
        super().__init__(question, *above, *pair, value=value)
