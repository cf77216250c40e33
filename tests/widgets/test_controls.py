"""Controls: one question by itself is an ordinary widget whose value is the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from jupyter_annotate import (
    Boxes,
    Choice,
    Choices,
    Control,
    Image,
    ImageBoxes,
    Preference,
    Spans,
    Text,
    TextPreference,
    TextSpans,
)
from jupyter_annotate.errors import ColumnError, LabelError, SchemaError
from jupyter_annotate.questions import QUESTIONS
from tests.pictures import png
from tests.questions.cases import case_of

ADA = {"start": 0, "end": 3, "label": "person"}


def page_says(control: Control, draft: Any) -> None:  # noqa: ANN401 -- any answer
    """Do what a page does when somebody edits."""
    control.set_state({"working": draft})


def state(control: Control) -> tuple[object, str]:
    """Return the answer, and why there is none."""
    return control.value, control.refusal


#: But for those about the answer to another question.
ALONE = [kind for kind in sorted(QUESTIONS) if not case_of(kind).others]


@pytest.mark.parametrize("kind", ALONE)
def test_every_label_type_is_a_control(kind: str) -> None:
    """Its value is the canonical form of what the page says, and of what Python sets."""
    case = case_of(kind)
    control = Control(case.question, *((field, case.item[field.name]) for field in case.fields))

    for given, wanted in case.good:
        page_says(control, given)
        assert (control.value, control.refusal) == (wanted, "")
        control.value = None
        control.value = given
        assert control.value == control.working == wanted


def test_what_does_not_fit_is_no_answer_and_says_why() -> None:
    """An unfinished answer in the page leaves no value; the next that fits is one."""
    control = Choices(["a", "b", "c"], several=True, minimum=2, value=["a", "b"])
    page_says(control, ["a"])

    value, problem = state(control)
    assert value is None
    assert "expected" in problem
    page_says(control, ["a", "c"])
    assert state(control) == (["a", "c"], "")


def test_python_cannot_set_what_does_not_fit() -> None:
    """The error is the question's own, and what was there stays."""
    control = Choices(["a", "b"], value="a")
    with pytest.raises(LabelError, match=r"expected one of \['a', 'b'\]"):
        control.value = "c"

    assert (control.value, control.working) == ("a", "a")
    control.value = None
    assert (control.value, control.working) == (None, None)


def test_it_is_observed_and_linked_like_any_widget() -> None:
    """Observers hear each answer once, links carry it both ways, boxes hold it."""
    one, other = Choices(["a", "b"]), Choices(["a", "b"])
    heard: list[object] = []
    one.observe(lambda change: heard.append(change["new"]), names="value")
    ipywidgets.link((one, "value"), (other, "value"))
    page_says(one, "a")
    other.value = "b"

    assert heard == ["a", "b"]
    assert (one.value, one.working, other.value) == ("b", "b", "b")
    assert ipywidgets.VBox([one, other]).children == (one, other)


def test_spans_carry_their_text_and_the_page_keeps_its_own() -> None:
    """The value has the text of each span; what the page holds is not replaced under the person's hands."""
    control = TextSpans("Ada met Grace", ["person"])
    page_says(control, [ADA])

    assert control.value == [{**ADA, "text": "Ada"}]
    assert control.working == [ADA]


def test_boxes_on_a_file_or_on_bytes(tmp_path: Path) -> None:
    """An image is bytes or a file below a folder; what is neither is refused."""
    (tmp_path / "a.png").write_bytes(png(30, 20))
    for control in (
        ImageBoxes(png(30, 20), ["cell"]),
        ImageBoxes("a.png", ["cell"], root=tmp_path),
        ImageBoxes(Path("a.png"), ["cell"], root=tmp_path),
    ):
        page_says(control, [{"x": 0, "y": 0, "width": 30, "height": 20, "label": "cell"}])
        assert control.value == [{"x": 0.0, "y": 0.0, "width": 30.0, "height": 20.0, "label": "cell"}]
        assert control.setup["fields"]["image"] == {
            "blob": "/image",
            "width": 30,
            "height": 20,
            "mime": "image/png",
        }
    with pytest.raises(ColumnError, match=r"ImageBoxes\(\).*no such file"):
        ImageBoxes("b.png", ["cell"], root=tmp_path)


def test_media_are_sent_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes travel as a message; what is no field of it has none."""
    control = ImageBoxes(png(30, 20), ["cell"])
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(control, "send", lambda content, buffers: sent.append((content, buffers)))
    for name in ("/image", "/nothing"):
        control._handle_custom_msg({"kind": "blob", "blob": name}, [])
    control._handle_custom_msg("odd", [])

    assert [content["blob"] for content, _ in sent] == ["/image"]
    assert sent[0][1] == [png(30, 20)]


def test_it_says_what_it_is() -> None:
    """The repr names the answer; a control of nothing is refused."""
    assert repr(Choices(["a"], value="a")) == "<Choices 'answer': 'a'>"
    with pytest.raises(SchemaError, match="Expected a question such as Choice"):
        Control("mood")  # type: ignore[arg-type]  # what a user could write
    with pytest.raises(SchemaError, match="draws on one image field"):
        Control(Boxes("q", ["a"]), (Text("text"), "a"))


def test_the_side_of_a_text_is_by_lot_for_what_is_shown() -> None:
    """The page draws it by what it is told of the item: the same for the same texts, else another."""
    lots = [TextPreference(first, "b").setup["item"] for first in ("a", "a", "c")]
    assert lots[0] == lots[1] != lots[2]


def test_the_named_ones_are_their_questions() -> None:
    """Each is the control of its question, with the options of that."""
    spec = TextSpans("a", ["x"], snap="character", title="Who").setup["schema"]["questions"]
    assert spec == [Spans("answer", ["x"], on="text", snap="character", title="Who").to_json()]
    assert Choices(["x"]).setup["schema"] == {
        "fields": [],
        "questions": [Choice("answer", ["x"]).to_json()],
    }
    asked = Preference("answer", between=("first", "second"), grades=2).to_json()
    assert TextPreference("a", "b", grades=2).setup["schema"]["questions"] == [asked]
    assert Image("image").to_json() in ImageBoxes(png(3, 2), ["x"]).setup["schema"]["fields"]
