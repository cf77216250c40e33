"""Widgets every string of which is one payload, and where each of these strings must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anywidget
import polars as pl

import jupyter_annotate as ja
from jupyter_annotate.errors import shorten
from jupyter_annotate.events import canonical_json
from jupyter_annotate.identity import Identity
from jupyter_annotate.questions import Label
from jupyter_annotate.session import Session
from jupyter_annotate.widgets import AnnotationWidget
from jupyter_annotate.widgets.controls import Control
from tests.pictures import png
from tests.ui.payloads import PAYLOADS, as_name

__all__ = ["Step", "asking", "bulk", "control", "everything", "looking_on", "show_bulk"]

#: What is done, and by name what must be seen after it: selector, what of it, the text, loosely or not.
Step = tuple[list[list[Any]], Mapping[str, list[Any]]]

_PICTURE = png(8, 6)
#: Questions whose suggestions are given as they are; those of others as JSON.
_AS_TEXT = {"choice", "text"}
_BETWEEN = "\u2192"


@dataclass(frozen=True)
class Shown:
    """A widget and the way through it."""

    widget: anywidget.AnyWidget
    steps: list[Step]
    #: Who the hub says sits there.
    person: str | None = None
    #: What a kernel would have to say that ours never does.
    raw: dict[str, Any] = field(default_factory=dict)


def _markdown(text: str) -> str:
    line = " ".join(text.split())
    cell = line.replace("|", "")
    return (
        f"# {line}\n\n- {line}\n\n> {line}\n\n| a | *b* |\n|---|---|\n| {cell} | **{cell}** |\n\n---\n\n"
        f"1. x `y`\n\n```\n{line}\n```\n\n{text}"
    )


def _labels(name: str) -> list[str | Label]:
    return [Label(name, help=name), "other"]


def _schema(text: str, name: str) -> ja.Schema:
    two = _labels(name)
    free: dict[str, Any] = {"required": False}
    return ja.Schema(
        ja.Text(f"{name} column"),
        ja.Text("words", text),
        ja.Markdown("markdown", text),
        ja.Chat("chat", text),
        ja.Chat("formatted", text, markdown=True),
        ja.Table("pairs", text),
        ja.Table("rows", text),
        ja.Diff("diff", text),
        ja.Image("picture", text),
        ja.Image(f"{name} picture"),
        ja.Image("outlined"),
        ja.Image("pointed"),
        ja.Text("marked"),
        ja.Text("one"),
        ja.Text("two"),
        ja.Choice("choice", two, title=text, help=text, cannot_tell=True, **free),
        ja.Choice("options", labels_from="offered", **free),
        ja.MultiChoice("several", two, **free),
        ja.Rating("rating", 5, low=text, high=text, **free),
        ja.NumberAnswer("number", unit=text, **free),
        ja.TextAnswer("text", placeholder=text, **free),
        ja.TextAnswer("typed", placeholder=text, **free),
        ja.TextAnswer("rewritten", rewrite="words", **free),
        ja.Taxonomy("tree", {name: {f"leaf {name}": {}}}, separator=_BETWEEN, **free),
        ja.Preference("better", ("one", "two"), aspects=[name, "other"], **free),
        ja.Ranking("order", two, **free),
        ja.BestWorst("extremes", two, **free),
        ja.SoftLabel("shares", two, **free),
        ja.Spans("spans", two, on="marked", **free),
        ja.Boxes("boxes", two, on=f"{name} picture", **free),
        ja.Polygons("outlines", two, on="outlined", **free),
        ja.Keypoints("points", two, on="pointed", **free),
    )


def _answers(text: str, name: str) -> dict[str, Any]:
    """Return answers that are said in the history."""
    aspects = {each: {"better": "one"} for each in (name, "other")}
    return {"choice": name, "text": text, "better": aspects, "order": [[name], ["other"]]}


def _suggestions(text: str, name: str) -> dict[str, Any]:
    return {
        "choice": name,
        "text": text,
        "tree": f"{name}{_BETWEEN}leaf {name}",
        "spans": [{"start": 0, "end": len(text), "label": name}],
        "boxes": [{"x": 1, "y": 1, "width": 4, "height": 3, "label": name}],
        "outlines": [{"points": [[1, 1], [5, 1], [5, 4]], "label": name}],
        "points": [{"x": 2, "y": 2, "label": name}],
    }


def _items(text: str, name: str, count: int) -> pl.DataFrame:
    cells: dict[str, Any] = {
        f"{name} column": text,
        "words": text,
        "markdown": _markdown(text),
        "chat": [{"role": text, "content": text}],
        "formatted": [{"role": text, "content": _markdown(text)}],
        "pairs": {name: text, "n": 1},
        "rows": [{name: text, "n": 1}, {name: "x", "n": None}],
        "diff": {name: f"{text} same", "after": f"same {text}"},
        "picture": _PICTURE,
        f"{name} picture": _PICTURE,
        "outlined": _PICTURE,
        "pointed": _PICTURE,
        "marked": text,
        "one": text,
        "two": text,
        "offered": [name, "other"],
    }
    ids = [f"{name} {n}" for n in range(count)]
    columns = {column: [cell] * count for column, cell in cells.items()}
    return pl.DataFrame({"item_id": ids} | columns)


def everything(payload: str) -> Shown:
    """Return the widget with every field and every label type, suggestions, a comment and a history."""
    text, name = payload.replace("\x00", ""), as_name(payload)
    answers = _answers(text, name)
    items = _items(text, name, len(answers) + 1)
    project = ja.Project.open(":memory:", schema=_schema(text, name), items=items)
    values = _suggestions(text, name)
    project.add_prelabels(
        pl.DataFrame(
            {
                "item_id": [items["item_id"][0]] * len(values),
                "question": list(values),
                "value": [v if q in _AS_TEXT else canonical_json(v) for q, v in values.items()],
            }
        ),
        source=name,
    )
    session = Session(project, Identity.claimed(name, "explicit"))
    for item_id, (question, answer) in zip(items["item_id"][1:], answers.items(), strict=True):
        session.submit({question: answer}, item_id=item_id)
    session.note(comment=text, item_id=items["item_id"][0])
    widget = AnnotationWidget(project, session, guidelines=_markdown(text))
    return Shown(
        widget, _way(text, name, payload), raw={"notice": payload, "color": payload, "error": payload}
    )


def _panel(title: str) -> str:
    """Return the selector of the panels; all are on the screen at once."""
    return f".ja-panels {title}"


def _way(text: str, name: str, payload: str) -> list[Step]:
    """Return where everything is seen, step by step."""
    start: dict[str, list[Any]] = {
        "field name": [".ja-field-title", "text", f"{name} column"],
        "field title": [".ja-field-title", "text", text],
        "text field": [".ja-field > .ja-text", "text", text],
        "markdown field": [".ja-markdown", "text", text, True],
        "markdown heading": [".ja-markdown [role=heading]", "text", text, True],
        "markdown list": [".ja-markdown li", "text", text, True],
        "markdown quote": [".ja-markdown blockquote", "text", text, True],
        "markdown cell": [".ja-markdown td strong, .ja-markdown td", "text", text, True],
        "markdown code": [".ja-markdown pre", "text", text, True],
        "chat role": [".ja-chat-role", "text", text],
        "chat content": [".ja-chat-content:not(.ja-prose)", "text", text],
        "chat name": [".ja-chat", "aria-label", text],
        "chat markdown": [".ja-chat-content.ja-prose", "text", text, True],
        "table column, one row": [".ja-table dt", "text", name],
        "table cell, one row": [".ja-table dd", "text", text],
        "table column": [".ja-table th", "text", name],
        "table cell": [".ja-table td", "text", text],
        "table title": [".ja-table", "aria-label", text],
        "diff name": [".ja-diff-name", "text", name],
        "diff name, read aloud": [".ja-diff-side", "aria-label", name],
        "diff before": [".ja-diff-side .ja-changes", "text", f"{text} same"],
        "diff after": [".ja-diff-side .ja-changes", "text", f"same {text}"],
        "image error": [".ja-field .ja-problem", "text", payload],
        "image alt": [".ja-boxes img", "alt", f"{name} picture"],
        "text marked": [".ja-spans", "text", text],
        "span label": [".ja-spans .ja-mark-label", "text", name],
        "box label": [".ja-boxes .ja-mark-label", "text", name],
        "polygon label": [".ja-polygon-label", "text", name],
        "keypoint label": [".ja-keypoint", "text", name],
        "span listed": [".ja-marks-list button", "text", f"{name}: “{text[:70]}"],
        "question title": [_panel(".ja-question-title"), "text", text],
        "question help": [_panel(".ja-question-title .ja-quiet"), "text", text],
        "question, read aloud": [_panel(".ja-labels"), "aria-label", text],
        "cannot tell": [".ja-unsure", "aria-label", text],
        "label name": [".ja-label-name", "text", name],
        "label help": [".ja-label", "title", name],
        "label suggested": [".ja-label--suggested .ja-label-name", "text", name],
        "rating end": [".ja-rating-ends span", "text", text],
        "rating, read aloud": [".ja-rating-point", "aria-label", text],
        "number unit": [".ja-number-entry .ja-quiet", "text", text],
        "answer placeholder": [".ja-answer-entry", "placeholder", text],
        "text suggested": [".ja-answer-entry", "value", text.replace("\r", "\n")],
        "text to rewrite": [".ja-answer-entry--begun", "value", text.replace("\r", "\n")],
        "taxonomy node": [".ja-taxonomy .ja-labels .ja-label-name", "text", name],
        "taxonomy suggested": [".ja-taxonomy-chosen li", "text", f"leaf {name}"],
        "preference text": [".ja-preference-side .ja-text", "text", text],
        "preference aspect": [".ja-preference-aspect", "text", name],
        "aspect, read aloud": [".ja-preference-row", "aria-label", name],
        "ranking option": [".ja-ranking .ja-label-name", "text", name],
        "best and worst option": [".ja-best-worst-name", "text", name],
        "best and worst, read aloud": [".ja-best-worst-end", "aria-label", f"best: {name}"],
        "soft label": [".ja-soft", "text", name],
        "annotator": [".ja-who", "text", name],
        "history": [".ja-chip-text", "text", name],
        "history, of a text": [".ja-chip-text", "text", text[:20].strip(), True],
        "history, of an order": [".ja-chip-text", "text", f"{name} > other"],
        "history, of aspects": [".ja-chip-text", "text", f"{name}: one"],
        "history, on hovering": [".ja-chip", "title", name],
        "notice": [".ja-notice", "text", payload],
        "project name": [".ja-root", "aria-label", payload],
    }
    crumb = {"taxonomy crumb": [".ja-taxonomy", "text", name]}
    guide = {
        "guidelines": [".ja-guidelines", "text", text, True],
        "guidelines heading": [".ja-guidelines [role=heading]", "text", text, True],
    }
    legend = {
        "legend title": [".ja-legend-part", "aria-label", text],
        "legend label": [".ja-legend dd", "text", name],
    }
    comment = {"comment": [".ja-comment textarea", "value", text]}
    typed = {
        "draft": [".ja-answer:not(:has(.ja-changes)) .ja-answer-entry", "value", f"{text} typed"],
        "draft of a rewriting": [".ja-answer:has(.ja-changes) .ja-answer-entry", "value", f"more {text}"],
        "rewriting": [".ja-answer .ja-changes", "text", f"more {text}"],
    }
    ranked = {
        "ranked option": [".ja-ranking-name", "text", name],
        "move, read aloud": [".ja-ranking .ja-tool", "aria-label", f"Move {name} up"],
    }
    entry = ".ja-answer:has(textarea[aria-label='typed']) textarea"
    rewriting = "textarea[aria-label='rewritten']"
    return [
        ([["wait", ".ja-keypoint"]], start),
        ([["click", ".ja-taxonomy .ja-labels .ja-label"]], crumb),
        ([["click", ".ja-ranking .ja-label"], ["click", ".ja-ranking .ja-label"]], ranked),
        ([["key", "g"]], guide),
        ([["key", "?", True]], legend),
        ([["key", "c"]], comment),
        ([["type", entry, f"{text} typed"], ["type", rewriting, f"more {text}"], ["move"]], typed),
    ]


def _small(text: str, name: str, refused: str) -> ja.Project:
    """Return a project whose only question refuses every answer, and says why."""
    question = ja.Choice("choice", [name, "other"], title=text, cannot_tell=True, validate=lambda *_: refused)
    beside = ja.Rating("rating", 5, required=False)
    items = pl.DataFrame({"item_id": [name, f"{name} 2"], "words": [text, text]})
    return ja.Project.open(":memory:", schema=ja.Schema(ja.Text("words"), question, beside), items=items)


def asking(payload: str) -> Shown:
    """Return a widget that asks who labels, refuses a name, and then an answer."""
    text, name = payload.replace("\x00", ""), as_name(payload)
    widget = AnnotationWidget(_small(text, name, text), suggestion=name)
    entry = ".ja-ask input"
    bad = "\x07" + name
    said, unknown = shorten(bad), f"There is no item {shorten(f'no {name}')}"
    given = name.strip(" \ufeff")
    steps: list[Step] = [
        ([["wait", entry]], {"name suggested": [entry, "value", name]}),
        ([["type", entry, bad], ["enter", entry]], {"name refused": [".ja-ask .ja-problem", "text", said]}),
        (
            [["type", entry, name], ["enter", entry]],
            {"name given": [".ja-who", "text", given]},
        ),
        ([["key", "Enter"]], {"answer missing": [".ja-notice", "text", f"“{text}” first"]}),
        ([["key", "1"], ["key", "Enter"]], {"answer refused": [".ja-notice--urgent", "text", text]}),
        (
            [["ask", {"kind": "open", "item": f"no {name}"}]],
            {"item id": [".ja-notice", "text", unknown]},
        ),
    ]
    return Shown(widget, steps)


def looking_on(payload: str) -> Shown:
    """Return a widget that another person looks at than the one it is of."""
    text, name = payload.replace("\x00", ""), as_name(payload)
    session = Session(_small(text, name, text), Identity.claimed(name, "hub_person"))
    steps: list[Step] = [
        (
            [["wait", ".ja-notice"]],
            {
                "owner": [".ja-notice b", "text", name],
                "guest": [".ja-notice", "text", f"you are guest {name} and"],
                "text field, of a guest": [".ja-field .ja-text", "text", text],
            },
        )
    ]
    return Shown(AnnotationWidget(session._project, session), steps, person=f"guest {name}")


def control(payload: str) -> Shown:
    """Return a control that refuses what is answered."""
    text, name = payload.replace("\x00", ""), as_name(payload)
    question = ja.Choice("choice", [Label(name, help=text), "other"], title=text, validate=lambda *_: text)
    widget = Control(question, (ja.Markdown("words", text), _markdown(text)))
    steps: list[Step] = [
        (
            [["wait", ".ja-label"]],
            {
                "control": [".ja-root", "aria-label", text],
                "control label": [".ja-label-name", "text", name],
                "control text": [".ja-markdown", "text", text, True],
            },
        ),
        ([["key", "1"]], {"control refused": [".ja-notice", "text", text]}),
    ]
    return Shown(widget, steps)


#: Of the widget with all payloads at once: the selector of what shows each of them.
BULK = {
    "field name": ".ja-field-title",
    "text": ".ja-field > .ja-text",
    "question title": ".ja-question-title",
    "question help": ".ja-question-title .ja-quiet",
    "label": ".ja-panels > :nth-child(1) .ja-label-name",
    "option of an item": ".ja-panels > :nth-child(2) .ja-label-name",
    "taxonomy node": ".ja-taxonomy .ja-label-name",
    "ranking option": ".ja-ranking .ja-label-name",
    "best and worst option": ".ja-best-worst-name",
    "soft label": ".ja-soft",
    "table column, one row": ".ja-table dt",
    "table cell, one row": ".ja-table dd",
    "table column": ".ja-table th",
    "table cell": ".ja-table td",
    "chat role": ".ja-chat-role",
    "chat content": ".ja-chat-content",
}


def bulk() -> ja.Project:
    """Return a project with all payloads in each place that takes many."""
    names = list(dict.fromkeys(as_name(each).strip() for each in PAYLOADS))
    free: dict[str, Any] = {"required": False}
    schema = ja.Schema(
        *(ja.Text(each) for each in names),
        ja.Table("pairs"),
        ja.Table("rows"),
        ja.Chat("chat"),
        ja.MultiChoice("several", names, **free),
        ja.Choice("options", labels_from="offered", **free),
        ja.Taxonomy("tree", names, separator=_BETWEEN, **free),
        ja.Ranking("order", names, **free),
        ja.BestWorst("extremes", names, **free),
        ja.SoftLabel("shares", names, **free),
        *(ja.Rating(f"r{n}", 5, title=each, help=each, **free) for n, each in enumerate(names)),
    )
    cells: dict[str, Any] = {each: each for each in names} | {
        "item_id": names[0],
        "pairs": {each: each for each in names},
        "rows": [{each: each for each in names}],
        "chat": [{"role": each, "content": each} for each in names],
        "offered": names,
    }
    return ja.Project.open(
        ":memory:", schema=schema, items=pl.DataFrame({column: [cell] for column, cell in cells.items()})
    )


def show_bulk() -> AnnotationWidget:
    """Show it; what a cell of JupyterLab runs."""
    names = [as_name(each) for each in PAYLOADS]
    return ja.annotate(bulk(), annotator=names[1], guidelines="\n\n".join(names))
