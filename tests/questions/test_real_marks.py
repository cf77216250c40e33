"""Marks that people made elsewhere: they are taken, and come back exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_annotate import Boxes, Polygons, Spans
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import LabelError

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def lvis(real_data: Path) -> dict[str, Any]:
    """Return what two raters drew on 200 images of LVIS."""
    read: dict[str, Any] = json.loads((real_data / "lvis_two_raters" / "two_raters.json").read_text("utf-8"))
    return read


def test_boxes_of_lvis_come_back_exactly(lvis: dict[str, Any]) -> None:
    """All 3,521."""
    sizes = {each["id"]: ImageSize(each["width"], each["height"]) for each in lvis["images"]}
    question = Boxes("q", ["thing"], on="image", minimum_size=0.01)
    for each in lvis["annotations"]:
        sides = dict(zip(("x", "y", "width", "height"), map(float, each["bbox"]), strict=True))
        box: Any = {**sides, "label": "thing"}
        assert question.check([box], {"image": sizes[each["image_id"]]}) == [box]


def test_polygons_of_lvis_come_back_exactly(lvis: dict[str, Any]) -> None:
    """All 4,196 outlines but two, which cross themselves, and are refused with that."""
    sizes = {each["id"]: ImageSize(each["width"], each["height"]) for each in lvis["images"]}
    question = Polygons("q", ["thing"], on="image")
    taken, problems = 0, []
    for each in lvis["annotations"]:
        for corners in each["segmentation"]:
            points = [list(map(float, pair)) for pair in zip(corners[::2], corners[1::2], strict=True)]
            outline: Any = {"points": points, "label": "thing"}
            try:
                assert question.check([outline], {"image": sizes[each["image_id"]]}) == [outline]
                taken += 1
            except LabelError as error:
                problems.append(str(error))

    assert (taken, len(problems)) == (4_194, 2)
    assert all("does not cross itself" in each for each in problems)


def test_spans_of_restaurant_utterances_come_back_exactly(real_data: Path) -> None:
    """All 3,477 slots of the 3,731 utterances of Restaurants-8k, in code points."""
    read = json.loads((real_data / "restaurant_spans" / "test.json").read_text("utf-8"))
    n_spans = 0
    for utterance in read:
        text = utterance["userInput"]["text"]
        spans = {
            (label["valueSpan"].get("startIndex", 0), label["valueSpan"]["endIndex"], label["slot"])
            for label in utterance.get("labels", [])
        }
        slots = sorted({slot for *_, slot in spans}) or ["none"]
        given: Any = [{"start": start, "end": end, "label": slot} for start, end, slot in sorted(spans)]
        wanted = [{**span, "text": text[span["start"] : span["end"]]} for span in given]
        assert Spans("q", slots, on="text").check(given, {"text": text}) == wanted
        n_spans += len(given)

    assert n_spans == 3_477
